//! A chain with one validator, for tests of single parts: what it signs, and its epochs.

use std::sync::Arc;

use quorate_crypto::{Hash, ValidatorSecretKey};
use quorate_types::{
    Address, ChainContext, ChainParams, Digest, Epoch, EpochEntry, Epochs, Height, KnownEpochs,
    Power, SignedStatement, StakingParams, Statement, StatementBody, Validator, ValidatorIndex,
    ValidatorSet, View,
};

/// Heights in an epoch.
pub(crate) const LENGTH: u64 = 10;
/// Epochs after that of an offence in which evidence may come.
pub(crate) const EVIDENCE_EPOCHS: u64 = 2;
/// The operator.
pub(crate) const OPERATOR: Address = Address([1; 20]);

pub(crate) fn context() -> ChainContext {
    ChainContext {
        protocol_version: 1,
        chain_id: "local-one".parse().unwrap(),
        genesis_hash: Hash::ZERO,
    }
}

fn key() -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([7; 32])
}

pub(crate) fn epoch(number: u64) -> Arc<EpochEntry> {
    let own = Validator { address: OPERATOR, key: key().public(), power: Power(1) };
    let staking = StakingParams { evidence_epochs: EVIDENCE_EPOCHS, ..StakingParams::default() };
    Arc::new(EpochEntry {
        number: Epoch(number),
        first: Height(number * LENGTH + 1),
        params: ChainParams { epoch_length: LENGTH, staking, ..ChainParams::default() },
        validators: ValidatorSet::new(vec![own]).unwrap(),
    })
}

/// The epochs that are known while this one is decided: the one before, and the next.
pub(crate) fn known_in(number: u64) -> KnownEpochs {
    let of = |executed, next, after| Epochs {
        executed: epoch(executed),
        next: epoch(next),
        after: epoch(after),
    };
    let mut known = KnownEpochs::new(&of(number - 1, number - 1, number));
    assert_eq!(known.enter(epoch(number).first), Some(true));
    assert!(known.learn(&of(number, number, number + 1)));
    known
}

/// The validator's Prepare at view 0 for a block, signed for a chain.
pub(crate) fn prepare(height: u64, block: u8, context: &ChainContext) -> SignedStatement {
    let body = StatementBody::Prepare { digest: Digest(Hash::from_bytes([block; 32])) };
    sign(height, body, context)
}

pub(crate) fn sign(height: u64, body: StatementBody, context: &ChainContext) -> SignedStatement {
    let statement = Statement { height: Height(height), view: View(0), body };
    statement.sign_unguarded(context, ValidatorIndex(0), &key())
}
