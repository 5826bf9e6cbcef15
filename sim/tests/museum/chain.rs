//! A chain of test keys for the rules that are asked directly.

use quorate_crypto::{AccountSecretKey, Hash, Signature, ValidatorSecretKey};
use quorate_types::{
    Address, Certificate, CertificateKind, ChainContext, Digest, Height, Power, SignedStatement,
    SignerSet, Statement, StatementBody, Validator, ValidatorIndex, ValidatorSet,
    ValidatorSetError, View,
};

pub fn context() -> ChainContext {
    let chain_id = "local-museum".parse().expect("a valid chain id");
    ChainContext { chain_id, genesis_hash: Hash::from_bytes([7; 32]), protocol_version: 1 }
}

/// A block's digest of one repeated byte.
pub fn block(byte: u8) -> Digest {
    Digest(Hash::from_bytes([byte; 32]))
}

/// Validators with these powers by index.
pub fn validators(powers: &[u64]) -> Result<ValidatorSet, ValidatorSetError> {
    let of = |(seed, power): (u8, &u64)| Validator {
        address: Address([seed; 20]),
        key: key(seed.into()).public(),
        power: Power(*power),
    };
    ValidatorSet::new((0..).zip(powers).map(of).collect())
}

/// Four validators of equal power.
pub fn four() -> ValidatorSet {
    validators(&[1; 4]).expect("a valid set")
}

/// The key of an index.
pub fn key(index: u16) -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([u8::try_from(index).expect("few") + 1; 32])
}

/// The key of an account.
pub fn account(seed: u8) -> AccountSecretKey {
    AccountSecretKey::from_seed([seed; 32])
}

pub fn statement(view: u64, body: StatementBody) -> Statement {
    Statement { height: Height(1), view: View(view), body }
}

pub fn prepare(view: u64, byte: u8) -> Statement {
    statement(view, StatementBody::Prepare { digest: block(byte) })
}

pub fn commit(view: u64, byte: u8) -> Statement {
    statement(view, StatementBody::Commit { digest: block(byte) })
}

pub fn view_change(view: u64, prepared: Option<(u64, u8)>) -> Statement {
    let prepared = prepared.map(|(view, byte)| (View(view), block(byte)));
    statement(view, StatementBody::ViewChange { prepared })
}

pub fn signed(statement: Statement, signer: u16) -> SignedStatement {
    statement.sign_unguarded(&context(), ValidatorIndex(signer), &key(signer))
}

/// A commit certificate of these signers among four.
pub fn certificate(view: u64, byte: u8, signers: &[u16]) -> Certificate {
    certified(CertificateKind::Commit, commit(view, byte), signers)
}

/// A prepared certificate of these signers among four.
pub fn prepared(view: u64, byte: u8, signers: &[u16]) -> Certificate {
    certified(CertificateKind::Prepared, prepare(view, byte), signers)
}

fn certified(kind: CertificateKind, vote: Statement, signers: &[u16]) -> Certificate {
    let mut set = SignerSet::none_of(4);
    assert!(signers.iter().all(|signer| set.insert(ValidatorIndex(*signer))));
    let of = |signer: &u16| signed(vote, *signer).signature;
    let signatures: Vec<Signature> = signers.iter().map(of).collect();
    Certificate {
        kind,
        height: vote.height,
        view: vote.view,
        digest: vote.digest().expect("a vote names a block"),
        signers: set,
        signatures,
    }
}
