//! A chain of test keys: everything is derived from fixed seeds, so every run has the same bytes.
#![allow(dead_code, reason = "each suite uses its own part")]
#![allow(clippy::unwrap_used)]

pub mod every;
pub mod samples;
pub mod stake_samples;
pub mod wire_samples;

use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey};
use quorate_types::{
    Action, Address, Amount, Certificate, CertificateKind, ChainContext, Digest, Height, Nonce,
    Power, SignedStatement, SignerSet, Statement, StatementBody, Transaction, TransactionBody,
    Transfer, Validator, ValidatorIndex, ValidatorSet, View,
};

/// The chain of the tests: genesis hash 00 01 02 .. 1f.
pub fn context() -> ChainContext {
    let genesis_hash = Hash::from_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap()));
    let chain_id = "local-vectors".parse().unwrap();
    ChainContext { chain_id, genesis_hash, protocol_version: 1 }
}

/// A hash of one repeated byte, for fields whose content does not matter.
pub fn hash(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

pub fn digest(byte: u8) -> Digest {
    Digest(hash(byte))
}

pub fn account_key(seed: u8) -> AccountSecretKey {
    AccountSecretKey::from_seed([seed; 32])
}

pub fn address(seed: u8) -> Address {
    Address::of(&account_key(seed).public())
}

/// The unsigned transfer of account 1 to account 2 that the other transactions vary.
pub fn body() -> TransactionBody {
    TransactionBody {
        chain_tag: context().tag(),
        signers: vec![account_key(1).public()],
        nonce: Nonce(0),
        expiry: Height(0),
        fee: Amount(2_890),
        memo: Vec::new(),
        actions: vec![transfer(2, 1_000_000_000)],
    }
}

pub fn transfer(to: u8, amount: u64) -> Action {
    Action::Transfer(Transfer { to: address(to), amount: Amount(amount) })
}

/// Signs with the account keys of these seeds, which become the signers.
pub fn sign(mut body: TransactionBody, seeds: &[u8]) -> Transaction {
    let keys: Vec<AccountSecretKey> = seeds.iter().map(|seed| account_key(*seed)).collect();
    body.signers = keys.iter().map(AccountSecretKey::public).collect();
    let hash = body.signing_hash(&context());
    let signatures = keys.iter().map(|key| key.sign(hash.as_bytes())).collect();
    Transaction::new(body, signatures)
}

/// A validator set with its secret keys by index.
pub struct Validators {
    pub set: ValidatorSet,
    pub seeds: Vec<u8>,
}

impl Validators {
    /// Validators of these powers: operator of seed 1.., consensus key of seed 101...
    pub fn of(powers: &[u64]) -> Validators {
        let list = powers.iter().zip(1_u8..).map(|(power, seed)| Validator {
            address: address(seed),
            key: ValidatorSecretKey::from_seed([100 + seed; 32]).public(),
            power: Power(*power),
        });
        let set = ValidatorSet::new(list.collect()).unwrap();
        let seed_of = |validator: &Validator| {
            let key = |seed: &u8| ValidatorSecretKey::from_seed([*seed; 32]).public();
            (101..=200).find(|seed| key(seed) == validator.key).unwrap()
        };
        let seeds = set.validators().iter().map(seed_of).collect();
        Validators { set, seeds }
    }

    /// The four of the vectors: powers 10, 20, 30 and 40.
    pub fn four() -> Validators {
        Validators::of(&[10, 20, 30, 40])
    }

    pub fn key(&self, index: u16) -> ValidatorSecretKey {
        ValidatorSecretKey::from_seed([self.seeds[usize::from(index)]; 32])
    }

    pub fn sign(&self, index: u16, statement: Statement) -> SignedStatement {
        statement.sign_unguarded(&context(), ValidatorIndex(index), &self.key(index))
    }

    /// The certificate of these signers, in ascending order.
    pub fn certify(
        &self,
        kind: CertificateKind,
        at: (u64, u64),
        digest: Digest,
        signers: &[u16],
    ) -> Certificate {
        let mut set = SignerSet::none_of(self.set.len());
        for signer in signers {
            assert!(set.insert(ValidatorIndex(*signer)));
        }
        let (height, view) = (Height(at.0), View(at.1));
        let signatures = Vec::new();
        let mut certificate = Certificate { kind, height, view, digest, signers: set, signatures };
        let statement = certificate.statement();
        let sign = |signer: &u16| self.sign(*signer, statement).signature;
        certificate.signatures = signers.iter().map(sign).collect();
        certificate
    }
}

pub fn statement(height: u64, view: u64, body: StatementBody) -> Statement {
    Statement { height: Height(height), view: View(view), body }
}

pub fn prepare(height: u64, view: u64, digest: Digest) -> Statement {
    statement(height, view, StatementBody::Prepare { digest })
}

pub fn commit(height: u64, view: u64, digest: Digest) -> Statement {
    statement(height, view, StatementBody::Commit { digest })
}
