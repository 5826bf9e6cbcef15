//! Worlds whose validator sets change as a scenario wants: short epochs, operators with money, and
//! nodes beside the first validators that hold keys and wait to step in.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::collections::BTreeSet;

use quorate_sim::{Churn, NodeId, Options, Terms, World};
use quorate_types::{Action, Address, Amount, ChainParams, Height, StakingParams, WHOLE_BPS};

use super::{MINUTE, highest, hold, lowest};

/// Base units of one unit of power.
pub const UNIT: u64 = 1_000_000;
/// Heights of an epoch: the first, one in which stake moves, the last but one that chooses, the last.
pub const LENGTH: u64 = 4;

/// Short epochs, no cap, nobody jailed; stake leaves within three epochs.
pub fn params() -> ChainParams {
    let staking = StakingParams {
        max_power_bps: WHOLE_BPS,
        max_missed_bps: WHOLE_BPS,
        presence_window: 1,
        unbonding_epochs: 3,
        evidence_epochs: 3,
        min_self_bond: Amount(UNIT / 2),
        issuance_per_epoch: Amount(1_000),
        ..StakingParams::default()
    };
    ChainParams { epoch_length: LENGTH, staking, ..ChainParams::default() }
}

/// The same with other rules of stake.
pub fn with(staking: StakingParams) -> ChainParams {
    ChainParams { staking, ..params() }
}

/// Validators with these bonds in units of power, and so many nodes that hold other keys.
pub fn world(bonds: &[u64], spares: u16, params: ChainParams, seed: u64) -> World {
    let options = Options {
        validators: Some(u16::try_from(bonds.len()).expect("a handful")),
        full_nodes: Some(spares),
        churn: Some(Churn::Sets),
        workload: false,
        ..super::four()
    };
    let bonds = bonds.iter().map(|bond| bond * UNIT).collect();
    World::with(&options, &Terms { bonds, params: Some(params) }, seed)
}

/// Every node, all of which have to decide each height in time.
pub fn expect_all(world: &mut World) -> BTreeSet<NodeId> {
    let nodes: BTreeSet<NodeId> = world.nodes().into_iter().collect();
    world.expect_progress(nodes.clone(), 0);
    nodes
}

/// The first height of an epoch, from 0.
pub fn first_of(epoch: u64) -> Height {
    Height(epoch * LENGTH + 1)
}

/// All running nodes decide a height before long.
pub fn decide(world: &mut World, height: Height) {
    let limit = world.now_us() + 10 * MINUTE;
    let reached = world.run_until(limit, |world| lowest(world) >= height);
    hold(world);
    assert!(reached, "{height}: {} to {}", lowest(world), highest(world));
}

/// All running nodes decide the first height of an epoch that none has reached; says which epoch.
pub fn next_epoch(world: &mut World) -> u64 {
    let epoch = highest(world).0.saturating_sub(1) / LENGTH + 1;
    decide(world, first_of(epoch));
    epoch
}

/// So many epochs go by.
pub fn pass(world: &mut World, epochs: u64) {
    (0..epochs).for_each(|_| _ = next_epoch(world));
}

/// Who is in the set that a running node decides with.
pub fn members(world: &World, node: NodeId) -> BTreeSet<Address> {
    world.powers(node).into_iter().map(|(address, _)| address).collect()
}

/// The operator that belongs to a node.
pub fn operator(world: &World, node: NodeId) -> Address {
    world.operator(node).expect("nodes of these worlds have operators")
}

/// The operator that belongs to a node takes all of its own stake back.
pub fn leave(world: &mut World, via: NodeId, of: NodeId) {
    let stake = World::stake(operator(world, of), world.own_stake(of));
    world.operate(via, of, vec![Action::Unbond(stake)]);
}

/// The operator that belongs to a node bonds with its validator, which exists.
pub fn come_back(world: &mut World, via: NodeId, of: NodeId, units: u64) {
    let stake = World::stake(operator(world, of), units * UNIT);
    world.operate(via, of, vec![Action::Delegate(stake)]);
}

/// The operator that belongs to a node becomes a validator with the key of a node.
pub fn join(world: &mut World, of: NodeId, with: NodeId, units: u64) {
    let registration = world.registration(of, with, units * UNIT).expect("it has a key");
    world.operate(with, of, vec![registration]);
}

/// The validator of the operator that belongs to one node gets the key of another.
pub fn rotate(world: &mut World, of: NodeId, to: NodeId) {
    let rotation = world.rotation(of, to).expect("it has a key");
    world.operate(to, of, vec![rotation]);
}
