//! Sets that change with every epoch, for a thousand epochs: validators join, leave, come back, rotate
//! their keys to other nodes, and stake moves, while each height has to be decided in time by the set
//! that the state calls for (EP-1, EP-2; VS1).
#![allow(clippy::unwrap_used, reason = "helpers outside of test functions")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::stakes::{
    UNIT, come_back, expect_all, join, leave, members, next_epoch, operator, params, rotate, world,
};
use quorate_sim::{NodeId, World};
use quorate_types::{Action, Address, Amount};

const FIRST: u16 = 4;
const SPARES: u16 = 4;
/// Operators that come and go: fewer than nodes, so that there are fresh keys to rotate to.
const OPERATORS: u16 = 6;
/// Epochs after which a key that was rotated away is surely in no set.
const RETIRED: u64 = 3;
/// Clients' accounts that move stake in turn.
const ACCOUNTS: u64 = 8;

/// Who holds what.
struct Cast {
    world: World,
    /// The node that holds the key of an operator's validator, by the operator's own node.
    holders: BTreeMap<NodeId, NodeId>,
    /// Nodes whose key nobody has registered.
    free: Vec<NodeId>,
    /// Nodes whose key was rotated away, and the epoch in which that was asked for.
    spent: Vec<(NodeId, u64)>,
    /// What accounts have bonded, and with whom.
    bonded: BTreeMap<usize, (Address, u64)>,
    joins: u64,
    leaves: u64,
    rotations: u64,
}

impl Cast {
    fn new(seed: u64) -> Cast {
        let mut world = world(&[2, 3, 4, 5], SPARES, params(), seed);
        expect_all(&mut world);
        Cast {
            world,
            holders: (0..FIRST).map(|number| (NodeId(number), NodeId(number))).collect(),
            free: (FIRST..FIRST + SPARES).map(NodeId).collect(),
            spent: Vec::new(),
            bonded: BTreeMap::new(),
            joins: 0,
            leaves: 0,
            rotations: 0,
        }
    }

    /// Operators whose validators are in the set, by their nodes, in a turn of this epoch.
    fn inside(&self, epoch: u64) -> Vec<NodeId> {
        self.sorted(epoch, true)
    }

    fn sorted(&self, epoch: u64, is_inside: bool) -> Vec<NodeId> {
        let members = members(&self.world, NodeId(0));
        let nodes = (0..OPERATORS).map(NodeId);
        let fits = |of: &NodeId| {
            let (address, stakes) = (operator(&self.world, *of), self.world.own_stake(*of) > 0);
            if is_inside { members.contains(&address) && stakes } else { !stakes }
        };
        let mut found: Vec<NodeId> = nodes.filter(fits).collect();
        let turn = usize::try_from(epoch).unwrap() % found.len().max(1);
        found.rotate_left(turn);
        found
    }

    /// What the operators do in an epoch.
    fn play(&mut self, epoch: u64) {
        match epoch % 4 {
            0 | 2 => self.enter(epoch),
            1 => self.depart(epoch),
            _ => self.hand_over(epoch),
        }
        self.renew(epoch);
        self.shift(epoch);
    }

    /// Somebody outside registers or comes back.
    fn enter(&mut self, epoch: u64) {
        let Some(of) = self.sorted(epoch, false).first().copied() else { return };
        let units = 2 + epoch % 5;
        if self.holders.contains_key(&of) {
            come_back(&mut self.world, NodeId(0), of, units);
        } else if let Some(with) = self.free.pop() {
            join(&mut self.world, of, with, units);
            self.holders.insert(of, with);
        } else {
            return;
        }
        self.joins += 1;
    }

    /// Somebody inside takes everything back, while five are left at least.
    fn depart(&mut self, epoch: u64) {
        let inside = self.inside(epoch);
        if inside.len() > usize::from(FIRST) {
            leave(&mut self.world, NodeId(0), inside[0]);
            self.leaves += 1;
        }
    }

    /// A validator goes over to a node with a fresh key.
    fn hand_over(&mut self, epoch: u64) {
        let of = self.inside(epoch)[0];
        let Some(to) = self.free.pop() else { return };
        rotate(&mut self.world, of, to);
        let former = self.holders.insert(of, to).unwrap();
        self.spent.push((former, epoch));
        self.rotations += 1;
    }

    /// Nodes whose keys are of no use any more get others.
    fn renew(&mut self, epoch: u64) {
        while let Some((node, since)) = self.spent.first().copied()
            && since + RETIRED <= epoch
        {
            assert!(!self.world.is_in_set(node), "{node} was rotated away");
            self.world.give_new_key(node);
            self.spent.remove(0);
            self.free.push(node);
        }
    }

    /// A delegator bonds, moves what it has bonded, or takes it back.
    fn shift(&mut self, epoch: u64) {
        let inside = self.inside(epoch / 3);
        let account = usize::try_from(epoch % ACCOUNTS).unwrap();
        let to = operator(&self.world, inside[0]);
        let amount = UNIT / 4 + epoch;
        let action = match (self.bonded.remove(&account), epoch / ACCOUNTS % 3) {
            (Some((one, amount)), 1) if one != to => {
                self.bonded.insert(account, (to, amount));
                Action::Redelegate { from: one, to, amount: Amount(amount) }
            }
            (Some((one, amount)), _) => Action::Unbond(World::stake(one, amount)),
            (None, _) => {
                self.bonded.insert(account, (to, amount));
                Action::Delegate(World::stake(to, amount))
            }
        };
        self.world.transact(NodeId(1), account, vec![action]);
    }
}

/// Each operator's validator is in the set by the key of the node that holds it.
fn check_holders(cast: &Cast, members: &BTreeSet<Address>) -> usize {
    let by_key = cast.world.nodes().into_iter().filter(|node| cast.world.is_in_set(*node)).count();
    assert_eq!(by_key, members.len(), "each key in the set is some node's");
    assert!(members.len() >= usize::from(FIRST), "{} validators", members.len());
    by_key
}

#[test]
fn sets_change_with_every_epoch_for_a_thousand_epochs() {
    let mut cast = Cast::new(1);
    let (mut former, mut changed, mut sizes) = (Default::default(), 0, BTreeSet::new());
    for _ in 0..1_000 {
        let epoch = next_epoch(&mut cast.world);
        let holders = cast.world.nodes().into_iter().filter(|node| cast.world.is_in_set(*node));
        let set = (cast.world.powers(NodeId(0)), holders.collect::<Vec<NodeId>>());
        changed += u64::from(set != former);
        let members = members(&cast.world, NodeId(0));
        sizes.insert(check_holders(&cast, &members));
        former = set;
        cast.play(epoch);
    }
    let Cast { joins, leaves, rotations, .. } = cast;
    println!("{changed} sets; {joins} joins, {leaves} leaves, {rotations} rotations, {sizes:?}");
    assert!(changed >= 950, "{changed} epochs with another set");
    assert!(joins >= 100 && leaves >= 100 && rotations >= 100, "{joins}, {leaves}, {rotations}");
    assert!(sizes.len() >= 3, "{sizes:?}");
}
