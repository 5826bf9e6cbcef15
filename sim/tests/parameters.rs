//! Every parameter of a chain at its least and its most, and one beyond: a genesis with the former
//! makes a chain that runs, with an epoch's change where it is short enough; the others are refused
//! by name (VS11).

mod common;

use common::stakes::{UNIT, params};
use common::{HOUR, hold, lowest};
use quorate_genesis::Draft;
use quorate_sim::{Options, Terms, World};
use quorate_types::{Amount, ChainParams, Height, Timestamp};

/// Heights that a chain with epochs of four has to decide: two changes of sets.
const HEIGHTS: u64 = 10;

type Set = fn(&mut ChainParams, u64);

/// Path, least, most, and how it is set. Values that it would contradict move along.
const PARAMETERS: [(&str, u64, u64, Set); 20] = [
    ("epoch_length", 2, 1_000_000, |p, v| p.epoch_length = v),
    ("max_block_bytes", 65_536, 1_048_576, |p, v| p.max_block_bytes = small(v)),
    ("max_block_transactions", 1, 5_000, |p, v| p.max_block_transactions = small(v)),
    ("min_block_interval_ms", 0, 60_000, |p, v| {
        p.min_block_interval_ms = small(v);
        p.idle_block_interval_ms = p.idle_block_interval_ms.max(small(v).min(600_000));
    }),
    ("idle_block_interval_ms", 5, 600_000, |p, v| p.idle_block_interval_ms = small(v)),
    ("flat_fee", 0, 1_000_000_000_000_000, |p, v| p.flat_fee = Amount(v)),
    ("fee_per_byte", 0, 1_000_000_000_000_000, |p, v| p.fee_per_byte = Amount(v)),
    ("action_fee", 0, 1_000_000_000_000_000, |p, v| p.action_fee = Amount(v)),
    ("staking.max_validators", 1, 200, |p, v| p.staking.max_validators = tiny(v)),
    ("staking.min_self_bond", 1, MOST, |p, v| p.staking.min_self_bond = Amount(v)),
    ("staking.min_delegation", 1, MOST, |p, v| p.staking.min_delegation = Amount(v)),
    ("staking.max_power_bps", 1, 10_000, |p, v| p.staking.max_power_bps = tiny(v)),
    ("staking.unbonding_epochs", 1, 2_000, |p, v| {
        p.staking.unbonding_epochs = v;
        p.staking.evidence_epochs = 1;
    }),
    ("staking.evidence_epochs", 1, 3, |p, v| p.staking.evidence_epochs = v),
    ("staking.presence_window", 1, 4, |p, v| p.staking.presence_window = v),
    ("staking.max_missed_bps", 0, 10_000, |p, v| p.staking.max_missed_bps = tiny(v)),
    ("staking.jail_epochs", 1, 2_000, |p, v| p.staking.jail_epochs = v),
    ("staking.slash_double_sign_bps", 0, 10_000, |p, v| p.staking.slash_double_sign_bps = tiny(v)),
    ("staking.slash_downtime_bps", 0, 10_000, |p, v| p.staking.slash_downtime_bps = tiny(v)),
    ("staking.issuance_per_epoch", 0, MOST, |p, v| p.staking.issuance_per_epoch = Amount(v)),
];

/// The largest supply, in base units.
const MOST: u64 = Amount::MAX_SUPPLY.0;

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn tiny(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn with(set: Set, value: u64) -> ChainParams {
    let mut changed = params();
    set(&mut changed, value);
    changed
}

/// A chain of four, if so many may be, with these parameters runs for two epochs, or some heights of a long one.
fn runs(name: &str, params: ChainParams) {
    if params.staking.min_self_bond.0 > UNIT {
        return; // Nobody can have bonded all there is four times.
    }
    let validators = params.staking.max_validators.min(4);
    let options = Options { validators: Some(validators), workload: false, ..common::four() };
    let terms = Terms { bonds: vec![UNIT; 4], params: Some(params) };
    let mut world = World::with(&options, &terms, 1);
    let reached = world.run_until(2 * HOUR, |world| lowest(world) >= Height(HEIGHTS));
    hold(&world);
    assert!(reached, "{name}: {}", lowest(&world));
}

/// What is out of its range is refused with its name, by the parameters and by a genesis.
fn refused(name: &str, params: ChainParams) {
    let error = params.validate().expect_err(name);
    assert_eq!(error.field, name);
    let chain_id = "local-sim".parse().expect("a valid chain id");
    let mut draft = Draft::new(chain_id, Timestamp(1));
    draft.params = params;
    let error = draft.finish().expect_err(name);
    assert_eq!(error.path, format!("params.{name}"));
}

#[test]
fn every_parameter_runs_at_its_ends_and_is_refused_beyond() {
    for (name, least, most, set) in PARAMETERS {
        for value in [least, most] {
            let params = with(set, value);
            assert_eq!(params.validate(), Ok(()), "{name} = {value}");
            runs(name, params);
        }
        for value in [least.checked_sub(1), Some(most + 1), Some(u64::MAX)].into_iter().flatten() {
            refused(name, with(set, value));
        }
    }
    let other_version = ChainParams { protocol_version: 2, ..params() };
    refused("protocol_version", other_version);
    refused("protocol_version", ChainParams { protocol_version: 0, ..params() });
}
