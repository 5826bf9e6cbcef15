//! The economy of docs/economics.md in maps and loops, written from that text alone: where the
//! ledger keeps a sum, an index or a counter, this adds up anew over everybody. It shares data types
//! with the ledger (actions, addresses, parameters, events) and no arithmetic.
//!
//! A figure is a u128, which no product here exceeds.

mod act;
mod epoch;
mod punish;
mod stake;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quorate_types::{Action, Address, ChainParams, Event, FailureCode, Moniker, Notice};

/// The most base units that there may be.
pub const MOST: u128 = (1 << 63) - 1;
/// What basis points are parts of.
const WHOLE: u128 = 10_000;

/// A validator's consensus key.
pub type Key = [u8; 32];
/// Everybody in the set of an epoch, with power and key.
pub type Set = BTreeMap<Address, (u128, Key)>;
/// Events of each action, or the action that failed and every reason that it has to.
pub type Result = std::result::Result<Vec<Event>, (u16, Vec<FailureCode>)>;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Account {
    pub nonce: u64,
    pub balance: u128,
}

#[derive(Clone, Debug)]
pub struct Validator {
    pub key: Key,
    pub rotation: Option<(u64, Key)>,
    pub moniker: Moniker,
    /// Each commission with the first epoch in which it is in force, ascending.
    pub commissions: Vec<(u64, u16)>,
    pub jailed_until: Option<u64>,
    pub is_tombstoned: bool,
    pub bonded: u128,
    /// Owed to delegators, with what rounding kept back.
    pub rewards: u128,
    pub commission_owed: u128,
}

impl Validator {
    pub fn new(key: Key, moniker: Moniker, commission_bps: u16) -> Validator {
        Validator {
            key,
            rotation: None,
            moniker,
            commissions: vec![(0, commission_bps)],
            jailed_until: None,
            is_tombstoned: false,
            bonded: 0,
            rewards: 0,
            commission_owed: 0,
        }
    }
}

/// What one account has bonded with one validator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stake {
    pub shares: u128,
    /// Rewards since the last settlement, in 2^-64 base units.
    pub accrued: u128,
}

/// What left a validator in an epoch.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    pub amount: u128,
    pub shares: BTreeMap<Address, u128>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Redelegation {
    pub from: Address,
    pub delegator: Address,
    pub to: Address,
    pub amount: u128,
    pub last: u64,
}

/// A payment to come: the last epoch, the delegator, the validator.
pub type Payment = (u64, Address, Address);

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub params: ChainParams,
    /// The height that is or was executed last.
    pub height: u64,
    pub accounts: BTreeMap<Address, Account>,
    pub records: BTreeMap<(Address, Vec<u8>), Vec<u8>>,
    pub validators: BTreeMap<Address, Validator>,
    /// By delegator and validator.
    pub stakes: BTreeMap<(Address, Address), Stake>,
    /// By validator and last epoch.
    pub pools: BTreeMap<(Address, u64), Pool>,
    pub queue: VecDeque<Payment>,
    pub redelegations: Vec<Redelegation>,
    /// Keys that a validator has or had.
    pub keys: BTreeSet<Key>,
    pub candidates: BTreeSet<Address>,
    /// The set of each epoch from 0 on.
    pub sets: Vec<Set>,
    /// Who signed or proposed each height.
    pub present: BTreeMap<u64, BTreeSet<Address>>,
    pub fee_pool: u128,
    pub genesis: u128,
    pub issued: u128,
    pub burnt: u128,
    /// Proofs of possession that hold, by operator, key and proof.
    pub proofs: BTreeSet<(Address, Key, [u8; 64])>,
    /// Bytes that are no consensus key.
    pub no_keys: BTreeSet<Key>,
    pub notices: Vec<Notice>,
    /// How often what happened.
    pub counts: BTreeMap<&'static str, u64>,
}

/// A block as far as the economy goes.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Who signed the block below.
    pub signers: BTreeSet<Address>,
    pub proposer: Option<Address>,
    /// Offences by height.
    pub evidence: Vec<(u64, Address)>,
    pub transactions: Vec<Transaction>,
}

#[derive(Clone, Debug)]
pub struct Transaction {
    pub sender: Address,
    pub fee: u64,
    pub actions: Vec<Action>,
}

impl Model {
    /// Executes a valid block: what became of each transaction.
    pub fn execute(&mut self, block: &Block) -> Vec<Result> {
        self.begin(block);
        block.transactions.iter().for_each(|transaction| self.charge(transaction));
        let results = block.transactions.iter().map(|transaction| self.transact(transaction));
        let results = results.collect();
        self.end();
        results
    }

    /// Participation, the closing of an epoch, evidence: what comes before the transactions.
    pub fn begin(&mut self, block: &Block) {
        self.present.entry(self.height).or_default().extend(&block.signers);
        self.height += 1;
        self.notices.clear();
        self.present.entry(self.height).or_default().extend(block.proposer);
        let epoch = self.epoch();
        if self.height > 1 && self.epoch_of(self.height - 1) < epoch {
            self.close(epoch - 1);
            self.rotate_due();
        }
        for (height, offender) in &block.evidence {
            self.convict(*height, *offender);
        }
    }

    /// A fee, and a nonce, of the whole block before its first action.
    pub fn charge(&mut self, transaction: &Transaction) {
        let account = self.accounts.entry(transaction.sender).or_default();
        account.nonce += 1;
        account.balance -= u128::from(transaction.fee);
        self.fee_pool += u128::from(transaction.fee);
    }

    /// All actions of a transaction, or none of them.
    pub fn transact(&mut self, transaction: &Transaction) -> Result {
        let before = self.clone();
        let mut events = Vec::new();
        for (action, number) in transaction.actions.iter().zip(0..) {
            match self.act(transaction.sender, action) {
                Ok(event) => events.push(event),
                Err(reasons) => {
                    *self = before;
                    return Err((number, reasons));
                }
            }
        }
        Ok(events)
    }

    /// Payments, and the next set: what comes after the transactions.
    pub fn end(&mut self) {
        self.pay_out();
        if self.epoch_of(self.height + 1) == self.epoch()
            && self.epoch_of(self.height + 2) > self.epoch()
        {
            self.choose(self.epoch() + 1);
        }
    }

    pub fn epoch_of(&self, height: u64) -> u64 {
        (height - 1) / self.params.epoch_length
    }

    /// The epoch of the block that is executed.
    pub fn epoch(&self) -> u64 {
        self.epoch_of(self.height)
    }

    /// The last epoch in which stake that leaves now can be in the set.
    pub fn last(&self) -> u64 {
        self.epoch_of(self.height + 1)
    }

    pub fn balance(&self, address: Address) -> u128 {
        self.accounts.get(&address).map_or(0, |account| account.balance)
    }

    pub fn supply(&self) -> u128 {
        self.genesis + self.issued - self.burnt
    }

    /// The other side of the equation.
    pub fn held(&self) -> u128 {
        let balances: u128 = self.accounts.values().map(|account| account.balance).sum();
        let pools: u128 = self.pools.values().map(|pool| pool.amount).sum();
        let validator = |v: &Validator| v.bonded + v.rewards + v.commission_owed;
        balances + pools + self.fee_pool + self.validators.values().map(validator).sum::<u128>()
    }

    pub fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn validator(&mut self, operator: Address) -> &mut Validator {
        self.validators.get_mut(&operator).expect("a validator")
    }
}
