//! Proof that whoever registers a consensus key has it: else a key could be registered by
//! somebody else first, or be one that is made from others' keys.

use quorate_crypto::{Hash, Signature, ValidatorPublicKey, ValidatorSecretKey};

use crate::address::Address;
use crate::canonical::{Canonical, Writer};
use crate::chain::ChainContext;
use crate::domains;

/// What the consensus key signs: the chain, the operator and the key itself, under a domain of its
/// own, so that no guard of statements is concerned.
fn signing_hash(context: &ChainContext, operator: &Address, key: &[u8; 32]) -> Hash {
    let mut writer = Writer::default();
    context.encode_prefix(&mut writer);
    operator.encode(&mut writer);
    writer.raw(key);
    domains::POSSESSION.hash(&writer.finish())
}

/// The proof that `operator` may register this key.
#[must_use]
pub fn prove_possession(
    context: &ChainContext,
    operator: &Address,
    key: &ValidatorSecretKey,
) -> Signature {
    key.sign(signing_hash(context, operator, key.public().as_bytes()).as_bytes())
}

/// Whether a proof holds for this chain, operator and key.
#[must_use]
pub fn verify_possession(
    context: &ChainContext,
    operator: &Address,
    key: &ValidatorPublicKey,
    proof: &Signature,
) -> bool {
    key.verify(signing_hash(context, operator, key.as_bytes()).as_bytes(), proof).is_ok()
}
