//! Well-formed blocks, certificates and results, for the cases and for tests of one store alone;
//! signatures are dummies.

use std::sync::Arc;

use quorate_crypto::{AccountSecretKey, Hash, Signature, ValidatorSecretKey};

use super::TestStore;
use crate::{
    Action, Address, Amount, Block, Certificate, CertificateKind, ChainParams, ChainTag, Digest,
    Epoch, EpochEntry, Epochs, Event, ExecutedBlock, ExecutedTip, FailureCode, Header, Height,
    Nonce, Outcome, Persist, Power, Receipt, SignerSet, StateChanges, StateKey, StateKind,
    Timestamp, Transaction, TransactionBody, Transfer, Validator, ValidatorIndex, ValidatorSet,
    View, last_commit_hash, receipts_root, transactions_root,
};

/// Validators that the certificates speak of.
const VALIDATORS: u8 = 4;

/// The digest that stands for the block of genesis.
#[must_use]
pub fn genesis_digest() -> Digest {
    Digest(Hash::from_bytes([0xaa; 32]))
}

/// Stores a genesis with a parameter value and a fee pool.
pub fn store_genesis(store: &mut dyn TestStore) {
    store.init_genesis(&genesis_state(), &genesis_tip());
}

/// The flat state of genesis.
#[must_use]
pub fn genesis_state() -> StateChanges {
    StateChanges::from([
        (StateKey::single(StateKind::EpochClock), Some(b"parameters".to_vec())),
        (StateKey::single(StateKind::FeePool), Some(b"0".to_vec())),
    ])
}

/// The executed tip at genesis.
#[must_use]
pub fn genesis_tip() -> ExecutedTip {
    ExecutedTip {
        height: Height::GENESIS,
        digest: genesis_digest(),
        state_root: Hash::from_bytes([1; 32]),
        receipts_root: receipts_root(&[]),
    }
}

/// A block on `parent`, or on genesis. Two blocks that differ in `salt` alone are two blocks.
#[must_use]
pub fn block(parent: Option<&Block>, transactions: &[Transaction], salt: u64) -> Arc<Block> {
    let height = parent.map_or(Height(1), |parent| parent.height().next());
    let last_commit = parent.map(commit);
    let body_bytes: usize = transactions.iter().map(|each| each.bytes().len()).sum();
    let header = Header {
        version: 1,
        height,
        parent: parent.map_or(genesis_digest(), Block::digest),
        time: Timestamp(height.0).plus(salt),
        proposer: Address([7; 20]),
        transactions_root: transactions_root(transactions),
        transaction_count: u32::try_from(transactions.len()).expect("a few"),
        body_bytes: u32::try_from(body_bytes).expect("a few transactions"),
        parent_state_root: Hash::from_bytes([2; 32]),
        parent_receipts_root: receipts_root(&[]),
        validators_hash: validators().id(),
        next_validators_hash: validators().id(),
        last_commit_hash: last_commit_hash(last_commit.as_ref()),
        evidence_root: Header::empty_evidence_root(),
    };
    let block = Block {
        header,
        last_commit,
        evidence: Vec::new(),
        rejoins: Vec::new(),
        transactions: transactions.to_vec(),
    };
    block.validate_shape().expect("the header was made from the body");
    Arc::new(block)
}

/// A commit certificate of a block, signed by all validators but the first.
#[must_use]
pub fn commit(block: &Block) -> Certificate {
    let mut signers = SignerSet::none_of(usize::from(VALIDATORS));
    let mut signatures = Vec::new();
    for index in 1..VALIDATORS {
        signers.insert(ValidatorIndex(u16::from(index)));
        signatures.push(Signature::from_bytes([index; 64]));
    }
    Certificate {
        kind: CertificateKind::Commit,
        height: block.height(),
        view: View(3),
        digest: block.digest(),
        signers,
        signatures,
    }
}

/// A result of executing a block: a receipt per transaction, every second one failed.
#[must_use]
pub fn executed(block: &Arc<Block>, changes: StateChanges) -> Arc<ExecutedBlock> {
    let receipts: Vec<Receipt> =
        (0_u64..).zip(&block.transactions).map(|(index, each)| receipt(index, each)).collect();
    Arc::new(ExecutedBlock {
        block: Arc::clone(block),
        digest: block.digest(),
        // Any root that differs from block to block.
        state_root: block.digest().0,
        receipts_root: receipts_root(&receipts),
        receipts,
        changes,
        epochs: Epochs::single(Arc::new(epoch(Epoch::FIRST))),
        notices: Vec::new(),
    })
}

/// An epoch's entry, with the usual parameters.
#[must_use]
pub fn epoch(number: Epoch) -> EpochEntry {
    let params = ChainParams::default();
    let first = Height(1).plus(number.0 * params.epoch_length);
    EpochEntry { number, first, params, validators: validators() }
}

fn receipt(index: u64, transaction: &Transaction) -> Receipt {
    let failed = index % 2 == 1;
    let to = transaction.accounts().last().copied().expect("the sender at least");
    let event = Event::Transfer { from: transaction.sender(), to, amount: Amount(1) };
    Receipt {
        transaction: transaction.id(),
        outcome: if failed {
            Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 }
        } else {
            Outcome::Success
        },
        fee: transaction.body().fee,
        events: if failed { Vec::new() } else { vec![event] },
    }
}

/// What a height brings: its block, its certificate, its result.
#[must_use]
pub fn height_of(block: &Arc<Block>, changes: StateChanges) -> [Persist; 3] {
    [
        Persist::Block(Arc::clone(block)),
        Persist::Decided(commit(block)),
        Persist::Executed(executed(block, changes)),
    ]
}

/// A transfer from account `from` to account `to`.
#[must_use]
pub fn transfer(from: u8, to: u8, nonce: u64) -> Transaction {
    let body = TransactionBody {
        chain_tag: ChainTag([9; 8]),
        signers: vec![account_key(from).public()],
        nonce: Nonce(nonce),
        expiry: Height::GENESIS,
        fee: Amount(5),
        memo: Vec::new(),
        actions: vec![Action::Transfer(Transfer { to: account(to), amount: Amount(1) })],
    };
    Transaction::new(body, vec![Signature::from_bytes([from; 64])])
}

/// The address of an account of the cases.
#[must_use]
pub fn account(number: u8) -> Address {
    Address::of(&account_key(number).public())
}

fn account_key(number: u8) -> AccountSecretKey {
    AccountSecretKey::from_seed([number; 32])
}

fn validators() -> ValidatorSet {
    let validator = |index: u8| Validator {
        address: Address([index; 20]),
        key: ValidatorSecretKey::from_seed([index; 32]).public(),
        power: Power(1),
    };
    ValidatorSet::new((0..VALIDATORS).map(validator).collect()).expect("four distinct validators")
}
