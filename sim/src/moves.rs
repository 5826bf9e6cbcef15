//! What clients do with stake in a run, where its plan has churn: delegators of all validators, and
//! operators, who come and go. What they ask for before the faults end has to be in a block soon, or
//! never, so that sets come to rest.

use std::collections::BTreeSet;

use quorate_types::{
    Action, Address, Amount, EpochEntry, Event, ExecutedBlock, Height, Moniker, Nonce, Notice,
    Transaction, TransactionBody,
};

use crate::churn::Churn;
use crate::event::NodeId;
use crate::host::count;
use crate::setup::Sender;
use crate::world::World;

/// Batches of the clients that move stake, of a thousand.
const MOVING: u64 = 300;
/// Such batches that an operator sends, of a thousand.
const BY_OPERATOR: u64 = 500;
/// Heights for which a transaction that moves stake may stand in a block.
const LASTING: u64 = 5;
/// The part of a unit of power that a run moves at most where sets stay: 3*b < W and quorums stay.
const MOST_MOVED: u64 = 8;
/// Base units that are moved at once there.
const SMALL: u64 = 1_000;
/// A fee that covers two actions of any kind, in base units.
const FEE: u64 = 60_000;

/// What was moved so far.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// Base units, of what was asked for.
    moved: u64,
    /// The last height in which any of it can be in a block.
    pub(crate) until: Height,
}

impl World {
    /// A transaction that moves stake, where that is due.
    pub(crate) fn draw_moves(&mut self) -> Option<Vec<Transaction>> {
        if self.plan.churn == Churn::None || !self.faulty || !self.random.chance(MOVING) {
            return None;
        }
        let count = self.random.between(1, 2);
        let by_operator = self.plan.churn == Churn::Sets && self.random.chance(BY_OPERATOR);
        let (sender, actions): (Sender, Vec<Action>) = if by_operator {
            let place = self.random.position(self.setup.operators.len());
            let sender = self.setup.operators.get(place).cloned()?;
            let node = NodeId(u16::try_from(place).ok()?);
            (sender, (0..count).filter_map(|_| self.draw_operation(node)).collect())
        } else {
            let sender = self.random.pick(&self.setup.accounts)?;
            (sender, (0..count).filter_map(|_| self.draw_move()).collect())
        };
        let expiry = self.clients.seen().plus(LASTING);
        self.clients.moves.until = expiry;
        (!actions.is_empty()).then(|| vec![self.signed(&sender, actions, expiry)])
    }

    /// A transaction with the nonce that its sender's next one takes, as far as blocks tell.
    pub(crate) fn signed(
        &self,
        sender: &Sender,
        actions: Vec<Action>,
        expiry: Height,
    ) -> Transaction {
        let body = TransactionBody {
            chain_tag: self.setup.context.tag(),
            signers: vec![sender.key.public()],
            nonce: Nonce(self.clients.next_nonce(&sender.address)),
            expiry,
            fee: Amount(FEE),
            memo: Vec::new(),
            actions,
        };
        body.sign(&self.setup.context, &sender.key)
    }

    /// Counts what a block that is new did with stake.
    pub(crate) fn count_moves(&mut self, executed: &ExecutedBlock) {
        if executed.height() <= self.clients.seen() {
            return;
        }
        let events = executed.receipts.iter().flat_map(|receipt| &receipt.events);
        self.counts.moves += count(events.filter(|event| is_of_stake(event)).count());
        let is_jail = |notice: &&Notice| matches!(notice, Notice::Jailed { .. });
        self.counts.jailed += count(executed.notices.iter().filter(is_jail).count());
        let (next, after) = (&executed.epochs.next, &executed.epochs.after);
        let is_chosen = next.number != after.number;
        self.counts.other_members += u64::from(is_chosen && members(next) != members(after));
    }

    fn draw_operator(&mut self) -> Option<Address> {
        let place = self.random.position(self.setup.operators.len());
        self.setup.operators.get(place).map(|operator| operator.address)
    }

    /// What is moved at once; none where a run has moved enough.
    fn draw_amount(&mut self) -> Option<u64> {
        let unit = self.plan.unit();
        if self.plan.churn == Churn::Sets {
            return Some(self.random.between(1, unit.saturating_mul(2)));
        }
        let amount = self.random.between(1, SMALL);
        let moved = self.clients.moves.moved.saturating_add(amount);
        self.clients.moves.moved = moved;
        (moved < unit / MOST_MOVED || unit == 1).then_some(amount)
    }

    /// What a delegator does.
    fn draw_move(&mut self) -> Option<Action> {
        let (one, other) = (self.draw_operator()?, self.draw_operator()?);
        let amount = self.draw_amount()?;
        Some(match self.random.below(6) {
            0..3 => Action::Delegate(World::stake(one, amount)),
            3 => Action::Unbond(World::stake(one, amount)),
            4 => Action::Redelegate { from: one, to: other, amount: Amount(amount) },
            _ => Action::WithdrawRewards { validator: one },
        })
    }

    /// What the operator of a node's first validator does with it.
    fn draw_operation(&mut self, node: NodeId) -> Option<Action> {
        let operator = self.operator(node)?;
        let amount = self.draw_amount()?;
        Some(match self.random.below(10) {
            0 | 1 => self.registration(node, node, amount)?,
            2 | 3 => Action::Unjail,
            4 | 5 => Action::Delegate(World::stake(operator, amount)),
            6 => Action::Unbond(World::stake(operator, amount)),
            7 => Action::Unbond(World::stake(operator, self.own_stake(node))),
            8 => {
                let commission_bps = u16::try_from(self.random.below(10_001)).ok()?;
                Action::EditValidator { moniker: Moniker::default(), commission_bps }
            }
            _ => {
                let count = self.plan.validators.saturating_add(self.plan.full_nodes);
                let spare = self.random.between(self.plan.validators.into(), count.into());
                self.rotation(node, NodeId(u16::try_from(spare).ok()?))?
            }
        })
    }
}

fn members(epoch: &EpochEntry) -> BTreeSet<Address> {
    epoch.validators.validators().iter().map(|validator| validator.address).collect()
}

fn is_of_stake(event: &Event) -> bool {
    match event {
        Event::Transfer { .. }
        | Event::RecordPut { .. }
        | Event::RecordDeleted { .. }
        | Event::ParamsSet { .. } => false,
        Event::ValidatorRegistered { .. }
        | Event::ValidatorEdited { .. }
        | Event::KeyRotated { .. }
        | Event::Delegated { .. }
        | Event::Unbonded { .. }
        | Event::Redelegated { .. }
        | Event::RewardsWithdrawn { .. }
        | Event::Unjailed { .. } => true,
    }
}
