//! A small chain of one validator, signed for real, so that clients can check what they are told.

use std::sync::Arc;

use quorate_crypto::state_tree::{StateProof, Terminal, hash_value, leaf};
use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey};
use quorate_rpc::backend::{FinalBlock, ProvedValue, Roots};
use quorate_types::{
    Account, Action, Address, Amount, Block, Canonical, Certificate, CertificateKind, ChainContext,
    Digest, Epoch, Event, FailureCode, Header, Height, Nonce, Outcome, Power, Receipt, SignerSet,
    StateKey, Timestamp, Transaction, TransactionBody, Transfer, Validator, ValidatorIndex,
    ValidatorSet, View, last_commit_hash, receipts_root, transactions_root,
};

pub struct Chain {
    pub context: ChainContext,
    /// The set of the first epoch.
    pub set: ValidatorSet,
    pub epoch_length: u64,
    pub blocks: Vec<Arc<FinalBlock>>,
    pub certificates: Vec<Certificate>,
    /// The receipts of block 2, which alone has transactions.
    pub receipts: Vec<Receipt>,
    pub proved: ProvedValue,
}

pub const TOP: Height = Height(3);

pub fn alice() -> AccountSecretKey {
    AccountSecretKey::from_seed([1; 32])
}

pub fn bob() -> Address {
    Address::of(&AccountSecretKey::from_seed([2; 32]).public())
}

pub fn alice_address() -> Address {
    Address::of(&alice().public())
}

pub fn context() -> ChainContext {
    ChainContext {
        chain_id: "local-rpc".parse().unwrap(),
        genesis_hash: Hash::from_bytes([7; 32]),
        protocol_version: 1,
    }
}

/// Alice's transfer of 5 base units to Bob.
pub fn transfer(nonce: u64) -> Transaction {
    transfer_with_memo(nonce, Vec::new())
}

pub fn transfer_with_memo(nonce: u64, memo: Vec<u8>) -> Transaction {
    let context = context();
    let body = TransactionBody {
        chain_tag: context.tag(),
        signers: vec![alice().public()],
        nonce: Nonce(nonce),
        expiry: Height(if nonce == 0 { 0 } else { 1_000 }),
        fee: Amount(3_000),
        memo,
        actions: vec![Action::Transfer(Transfer { to: bob(), amount: Amount(5) })],
    };
    body.sign(&context, &alice())
}

/// The validator of an epoch: one key for as long as nobody looks, then two in turn.
fn key(epoch: u64) -> ValidatorSecretKey {
    let seed = if epoch > 1 && epoch.is_multiple_of(2) { 8 } else { 9 };
    ValidatorSecretKey::from_seed([seed; 32])
}

pub fn set_of(epoch: u64) -> ValidatorSet {
    let key = key(epoch).public();
    let validator = Validator { address: alice_address(), key, power: Power(1_000) };
    ValidatorSet::new(vec![validator]).unwrap()
}

impl Chain {
    /// Three blocks: one epoch, to its end.
    pub fn new() -> Chain {
        Chain::of(TOP)
    }

    pub fn of(top: Height) -> Chain {
        let value = Account { nonce: Nonce(2), balance: Amount(990) }.to_bytes();
        let key_hash = StateKey::account(&alice_address()).hash();
        let terminal = Terminal::Leaf { key_hash, value_hash: hash_value(&value) };
        let state = leaf(&key_hash, &hash_value(&value));
        let transactions = vec![transfer(0), transfer(1)];
        let receipts = receipts(&transactions);
        let roots = Roots { state, receipts: receipts_root(&receipts) };
        let mut chain = Chain {
            context: context(),
            set: set_of(0),
            epoch_length: TOP.0,
            blocks: Vec::new(),
            certificates: Vec::new(),
            receipts,
            proved: ProvedValue {
                value: Some(value),
                proof: StateProof { siblings: Vec::new(), terminal },
                header: header(),
                certificate: unsigned(),
            },
        };
        let none = Roots { state, receipts: receipts_root(&[]) };
        chain.push(Vec::new(), Some(none));
        chain.push(transactions, Some(roots));
        for height in 3..=top.0 {
            chain.push(Vec::new(), Some(none).filter(|_| height < top.0));
        }
        chain.proved.header = chain.blocks.last().unwrap().block.header.clone();
        chain.proved.certificate = chain.certificates.last().unwrap().clone();
        chain
    }

    pub fn top(&self) -> Height {
        Height(u64::try_from(self.blocks.len()).unwrap())
    }

    pub fn epoch_of(&self, height: Height) -> u64 {
        Epoch::of(height, self.epoch_length).0
    }

    fn push(&mut self, transactions: Vec<Transaction>, roots: Option<Roots>) {
        let below = self.blocks.last().cloned();
        let last_commit = self.certificates.last().cloned();
        let parent_roots = below.as_ref().and_then(|block| block.roots);
        let height = Height(u64::from(count(self.blocks.len())) + 1);
        let block = Block {
            header: Header {
                height,
                parent: below.map_or(Digest(self.context.genesis_hash), |block| block.digest),
                time: Timestamp(1_700_000_000_000 + height.0),
                transactions_root: transactions_root(&transactions),
                transaction_count: count(transactions.len()),
                body_bytes: transactions.iter().map(|t| count(t.bytes().len())).sum(),
                parent_state_root: parent_roots.map_or(Hash::ZERO, |roots| roots.state),
                parent_receipts_root: parent_roots
                    .map_or(receipts_root(&[]), |roots| roots.receipts),
                validators_hash: set_of(self.epoch_of(height)).id(),
                next_validators_hash: set_of(self.epoch_of(height.next())).id(),
                last_commit_hash: last_commit_hash(last_commit.as_ref()),
                ..header()
            },
            last_commit,
            evidence: Vec::new(),
            rejoins: Vec::new(),
            transactions,
        };
        let digest = block.digest();
        let mut certificate = Certificate { height, digest, ..unsigned() };
        certificate.signers.insert(ValidatorIndex(0));
        let hash = certificate.statement().signing_hash(&self.context);
        certificate.signatures = vec![key(self.epoch_of(height)).sign(hash.as_bytes())];
        self.certificates.push(certificate);
        self.blocks.push(Arc::new(FinalBlock { block: Arc::new(block), digest, roots }));
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap()
}

/// The first transfer succeeds, the second fails.
fn receipts(transactions: &[Transaction]) -> Vec<Receipt> {
    let event = Event::Transfer { from: alice_address(), to: bob(), amount: Amount(5) };
    let failed = Outcome::Failed { code: FailureCode::InsufficientFunds, action: 0 };
    let outcomes = [(Outcome::Success, vec![event]), (failed, vec![])];
    let receipt = |(transaction, (outcome, events)): (&Transaction, _)| Receipt {
        transaction: transaction.id(),
        outcome,
        fee: Amount(3_000),
        events,
    };
    transactions.iter().zip(outcomes).map(receipt).collect()
}

fn header() -> Header {
    Header {
        version: 1,
        height: Height(0),
        parent: Digest::default(),
        time: Timestamp(0),
        proposer: alice_address(),
        transactions_root: Hash::ZERO,
        transaction_count: 0,
        body_bytes: 0,
        parent_state_root: Hash::ZERO,
        parent_receipts_root: Hash::ZERO,
        validators_hash: quorate_types::ValidatorSetId(Hash::ZERO),
        next_validators_hash: quorate_types::ValidatorSetId(Hash::ZERO),
        last_commit_hash: Hash::ZERO,
        evidence_root: Header::empty_evidence_root(),
    }
}

fn unsigned() -> Certificate {
    Certificate {
        kind: CertificateKind::Commit,
        height: Height(0),
        view: View(0),
        digest: Digest::default(),
        signers: SignerSet::none_of(1),
        signatures: Vec::new(),
    }
}
