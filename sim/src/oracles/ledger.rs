//! An own ledger, executed beside the nodes: fees, nonces, actions, receipts, roots.
//! Every node's result of a height must be the same; each transaction is in one block, once; the
//! supply is conserved.

use std::collections::BTreeMap;

use quorate_crypto::{Domain, Hash, merkle};
use quorate_types::{
    Address, Block, Canonical, ExecutedBlock, Height, Receipt, Rejoin, RejoinBody, StakingParams,
    StateKey, StateKind, Transaction, TransactionId,
};

use super::certificates::Certificates;
use super::header::digest_of;
use super::holdings::{Holder, Holdings};
use super::sets::Sets;
use super::stakes::Stakes;
use super::{Verdict, economy, state_root};
use crate::setup::Setup;

const RECEIPT: Domain = Domain::new("quorate v1 receipt");
const TRANSACTION_ID: Domain = Domain::new("quorate v1 transaction id");
/// The kinds of keys in the flat state that execution changes.
const ACCOUNT: u8 = 1;
const FEE_POOL: u8 = 4;
const RECORD: u8 = 7;

/// Heights whose accounts are kept: more than any node keeps.
const HISTORY: usize = 64;

/// What is known of an executed height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    digest: Hash,
    time_ms: u64,
    state_root: Hash,
    receipts_root: Hash,
}

/// The chain as an independent ledger sees it.
#[derive(Debug)]
pub(crate) struct LedgerOracle {
    known: BTreeMap<Height, Known>,
    /// The flat state by key bytes, as the nodes' changes make it.
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    has: Holdings,
    /// The accounts after the newest heights.
    history: BTreeMap<Height, BTreeMap<[u8; 20], Holder>>,
    pool: u64,
    /// V(h) as this ledger has it.
    pub(crate) sets: Sets,
    /// The epoch whose set was chosen last, and its first height.
    chosen: (u64, Height),
    epoch_length: u64,
    staking: StakingParams,
    included: BTreeMap<TransactionId, Height>,
}

impl LedgerOracle {
    pub(crate) fn new(setup: &Setup) -> LedgerOracle {
        let document = setup.genesis.document();
        let holder = |balance| Holder { nonce: 0, balance };
        let accounts = document.accounts.iter();
        let holders: BTreeMap<[u8; 20], Holder> =
            accounts.map(|account| (account.address.0, holder(account.balance.0))).collect();
        let tip = setup.initial.tip;
        let genesis = Known {
            digest: tip.digest.0,
            time_ms: document.time.0,
            state_root: tip.state_root,
            receipts_root: tip.receipts_root,
        };
        let state = setup.initial.changes.iter();
        LedgerOracle {
            known: BTreeMap::from([(Height::GENESIS, genesis)]),
            state: state
                .filter_map(|(key, value)| Some((key.to_bytes(), value.clone()?)))
                .collect(),
            history: BTreeMap::from([(Height::GENESIS, holders.clone())]),
            has: Holdings { holders, records: BTreeMap::new() },
            pool: 0,
            sets: Sets::new(economy::at_genesis(&setup.initial.changes, &document.params.staking)),
            chosen: (0, Height(1)),
            epoch_length: document.params.epoch_length,
            staking: document.params.staking,
            included: BTreeMap::new(),
        }
    }

    /// How many transactions are in blocks.
    pub(crate) fn transactions(&self) -> u64 {
        u64::try_from(self.included.len()).unwrap_or(u64::MAX)
    }

    /// The flat state after the newest height.
    pub(crate) fn state(&self) -> &economy::State {
        &self.state
    }

    /// The root after a height.
    pub(crate) fn state_root(&self, height: Height) -> Option<Hash> {
        self.known.get(&height).map(|known| known.state_root)
    }

    /// Whether accounts after a height can be told: it is one of the last that anybody executed.
    pub(crate) fn remembers(&self, height: Height) -> bool {
        self.history.contains_key(&height)
    }

    /// Nonce and balance after a height, none where the account does not exist.
    pub(crate) fn account_at(&self, height: Height, address: &Address) -> Option<(u64, u64)> {
        let holder = self.history.get(&height)?.get(&address.0)?;
        Some((holder.nonce, holder.balance))
    }

    /// A node has executed a decided block.
    pub(crate) fn execute(
        &mut self,
        executed: &ExecutedBlock,
        certificates: &mut Certificates,
    ) -> Verdict {
        let height = executed.height();
        let result = Known {
            digest: executed.digest.0,
            time_ms: executed.block.header.time.0,
            state_root: executed.state_root,
            receipts_root: executed.receipts_root,
        };
        if let Some(known) = self.known.get(&height) {
            let same = *known == result;
            return if same { Ok(()) } else { Err(format!("height {height}: another result")) };
        }
        let parent = height.previous().and_then(|below| self.known.get(&below)).copied();
        let Some(parent) = parent else {
            return Err(format!("height {height} is executed before the one below"));
        };
        let wrong = |what: String| format!("block of height {height}: {what}");
        check_block(executed, &parent, &self.sets).map_err(wrong)?;
        if let Some(certificate) = &executed.block.last_commit {
            certificates.check(certificate, self.sets.at(certificate.height))?;
        }
        self.take(&executed.block).map_err(wrong)?;
        self.check_result(executed).map_err(wrong)?;
        self.follow_epochs(height).map_err(wrong)?;
        self.known.insert(height, result);
        self.history.insert(height, self.has.holders.clone());
        if self.history.len() > HISTORY {
            self.history.pop_first();
        }
        Ok(())
    }

    /// Fees and nonces of the whole block first, then the actions, each transaction once.
    fn take(&mut self, block: &Block) -> Verdict {
        for transaction in &block.transactions {
            if let Some(first) = self.included.insert(transaction.id(), block.height()) {
                return Err(format!("{} was in block {first} already", transaction.id()));
            }
            self.charge(transaction, block.height())?;
        }
        Ok(())
    }

    fn charge(&mut self, transaction: &Transaction, height: Height) -> Verdict {
        let body = transaction.body();
        let sender = self.has.holders.entry(transaction.sender().0).or_default();
        if body.nonce.0 != sender.nonce {
            return Err(format!("nonce {} where {} is next", body.nonce, sender.nonce));
        }
        if body.expiry.0 != 0 && body.expiry < height {
            return Err(format!("a transaction that expired at {}", body.expiry));
        }
        let rest = sender.balance.checked_sub(body.fee.0);
        sender.balance = rest.ok_or_else(|| "a fee that is not covered".to_owned())?;
        sender.nonce = sender.nonce.saturating_add(1);
        self.pool = self.pool.saturating_add(body.fee.0);
        Ok(())
    }

    fn check_result(&mut self, executed: &ExecutedBlock) -> Verdict {
        let transactions = &executed.block.transactions;
        if transactions.len() != executed.receipts.len() {
            return Err("not one receipt per transaction".to_owned());
        }
        for (transaction, receipt) in transactions.iter().zip(&executed.receipts) {
            let outcome = self.has.act(transaction, receipt);
            let expected = (transaction.id(), outcome, transaction.body().fee);
            if (receipt.transaction, receipt.outcome, receipt.fee) != expected {
                return Err(format!("receipt {receipt:?}, expected {expected:?}"));
            }
        }
        let hashes: Vec<Hash> = executed.receipts.iter().map(hash_of_receipt).collect();
        if merkle::root(&hashes) != executed.receipts_root {
            return Err("another receipts root".to_owned());
        }
        self.check_state(executed)
    }

    /// EP-1: the last height but one of an epoch fixes the set of the next one.
    fn follow_epochs(&mut self, height: Height) -> Verdict {
        let (number, first) = self.chosen;
        let next = first.plus(self.epoch_length);
        if height.plus(2) != next {
            return Ok(());
        }
        let chosen = economy::choose(&self.state, number.saturating_add(1), &self.staking)?;
        let stakes = chosen.unwrap_or_else(|| self.sets.newest().clone());
        let entry = economy::entry(&self.state, number.saturating_add(1));
        let fits = entry
            .is_some_and(|entry| (entry.first, entry.validators.id().0) == (next, stakes.hash()));
        if !fits {
            return Err(format!("another set for the epoch from height {next} (EP-1)"));
        }
        self.chosen = (number.saturating_add(1), next);
        self.sets.learn(next, stakes);
        Ok(())
    }

    /// The nodes' flat state holds what this ledger holds, has the root that they say, and all
    /// money together is the supply, of which only a new epoch makes more.
    fn check_state(&mut self, executed: &ExecutedBlock) -> Verdict {
        let (height, supply) = (executed.height(), economy::supply(&self.state));
        for (key, value) in &executed.changes {
            match value {
                Some(value) => self.state.insert(key.to_bytes(), value.clone()),
                None => self.state.remove(&key.to_bytes()),
            };
        }
        if state_root::of(&self.state) != executed.state_root {
            return Err("another state root".to_owned());
        }
        let closes = height > Height(1) && height == self.chosen.1;
        if closes {
            // The pot is shared out before the block's own fees.
            self.pool = economy::fee_pool(&self.state);
        }
        self.take_payments(executed, closes);
        for (address, holder) in &self.has.holders {
            let key = [&[ACCOUNT][..], address].concat();
            let held = [holder.nonce.to_be_bytes(), holder.balance.to_be_bytes()].concat();
            let exists = *holder != Holder::default() || self.state.contains_key(&key);
            if exists && self.state.get(&key) != Some(&held) {
                return Err(format!("an account has not {holder:?}"));
            }
        }
        if self.state.get(&vec![FEE_POOL]).is_none_or(|pool| *pool != self.pool.to_be_bytes()) {
            return Err(format!("the fee pool has not {}", self.pool));
        }
        let records =
            self.has.records.iter().map(|(key, value)| ([&[RECORD][..], key].concat(), value));
        let held = self.state.iter().filter(|(key, _)| key.first() == Some(&RECORD));
        if !held.map(|(key, value)| (key.clone(), value)).eq(records) {
            return Err("other records".to_owned());
        }
        let (now, money) = (economy::supply(&self.state), economy::money(&self.state)?);
        let issued = if closes { u128::from(self.staking.issuance_per_epoch.0) } else { 0 };
        if now != money || now > supply.saturating_add(issued) {
            return Err(format!("the supply was {supply}, is {now}, and there are {money}"));
        }
        Ok(())
    }

    /// What the block paid out unasked, unbonded stake and, where it slashed what was redelegated,
    /// the rewards of that: who was paid has what the state says.
    fn take_payments(&mut self, executed: &ExecutedBlock, closes: bool) {
        let paid = |key: &StateKey| key.kind() == StateKind::PaymentCursor;
        let slashed = closes || !executed.block.evidence.is_empty();
        if !slashed && !executed.changes.keys().any(paid) {
            return;
        }
        for (address, holder) in &mut self.has.holders {
            let held = self.state.get(&[&[ACCOUNT][..], address].concat());
            if let Some(balance) = held.and_then(|held| held.last_chunk().copied()) {
                holder.balance = holder.balance.max(u64::from_be_bytes(balance));
            }
        }
    }
}

fn hash_of_receipt(receipt: &Receipt) -> Hash {
    RECEIPT.hash(&receipt.to_bytes())
}

/// S-5, restated: of a validator, and of a tip one to a thousand heights below.
fn may_carry(height: Height, rejoin: &Rejoin, stakes: &Stakes) -> bool {
    let RejoinBody { validator, height: tip, .. } = rejoin.body;
    stakes.is_operator(&validator) && tip < height && height.0 - tip.0 <= 1_000
}

/// The header against the result below and against the body.
fn check_block(executed: &ExecutedBlock, parent: &Known, sets: &Sets) -> Verdict {
    let height = executed.height();
    let (stakes, next) = (sets.at(height), sets.at(height.next()));
    let Block { header, last_commit, rejoins, transactions, evidence: _ } = &*executed.block;
    let of_parent = match last_commit {
        None => header.height.0 == 1,
        Some(certificate) => {
            certificate.height.next() == header.height && certificate.digest.0 == parent.digest
        }
    };
    let ids: Vec<Hash> =
        transactions.iter().map(|each| TRANSACTION_ID.hash(each.bytes())).collect();
    let checks = [
        ("digest", digest_of(header) == executed.digest),
        ("parent", header.parent.0 == parent.digest),
        ("time", header.time.0 > parent.time_ms),
        ("state root below", header.parent_state_root == parent.state_root),
        ("receipts root below", header.parent_receipts_root == parent.receipts_root),
        ("validators hash", header.validators_hash.0 == stakes.hash()),
        ("next validators hash", header.next_validators_hash.0 == next.hash()),
        ("proposer", stakes.is_operator(&header.proposer)),
        ("last commit", of_parent),
        ("rejoin entry", rejoins.iter().all(|rejoin| may_carry(header.height, rejoin, stakes))),
        ("transactions root", header.transactions_root == merkle::root(&ids)),
    ];
    match checks.iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((what, _)) => Err(format!("its {what} is wrong")),
    }
}
