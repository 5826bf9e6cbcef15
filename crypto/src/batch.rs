//! Many transaction signatures in one equation, with a verdict for each (B-4).
//!
//! The verdicts are those of [`AccountPublicKey::verify`], whatever the batch is made of: both
//! multiply by the cofactor, and a batch that fails as a whole is judged one by one. The equation
//! accepts a batch with a bad signature with probability 2^-128, over coefficients that come from
//! a hash of the whole batch, so no signature can be chosen after its coefficient is known. Which
//! key draws first may differ between runs (the library keeps keys in a hash map); for the verdict
//! that matters as little as which coefficients are drawn.

use std::convert::Infallible;

use ed25519_zebra::{VerificationKeyBytes, batch};
use rand_core::{TryCryptoRng, TryRng};
use thiserror::Error;

use crate::account_key::AccountPublicKey;
use crate::hash::{Domain, Xof};
use crate::signature::Signature;

/// The most signatures in one equation; larger batches are cut. More gain nothing, and one bad
/// signature spoils at most this many.
pub const BATCH_LIMIT: usize = 256;

const ITEM: Domain = Domain::new("quorate v1 signature batch item");
const COEFFICIENTS: Domain = Domain::new("quorate v1 signature batch coefficients");

/// One claim: `signature` is `key`'s signature of `message`.
#[derive(Clone, Copy, Debug)]
pub struct BatchItem<'a> {
    /// The signer.
    pub key: AccountPublicKey,
    /// The bytes that were signed.
    pub message: &'a [u8],
    /// The claimed signature.
    pub signature: Signature,
}

/// A batch of nothing is a caller's mistake, not a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a batch of signatures must not be empty")]
pub struct EmptyBatch;

/// The verdict on each item, in order. Where all are valid this costs about half of verifying them
/// one by one. A bad one costs the single verification of its whole part of [`BATCH_LIMIT`] in
/// addition, about 1.5 times one by one; bisecting would cost as much for one and more for many.
///
/// # Errors
/// There is no item.
pub fn verify_batch(items: &[BatchItem<'_>]) -> Result<Vec<bool>, EmptyBatch> {
    if items.is_empty() {
        return Err(EmptyBatch);
    }
    Ok(items.chunks(BATCH_LIMIT).flat_map(judge).collect())
}

fn judge(items: &[BatchItem<'_>]) -> Vec<bool> {
    let judged = if museum!(BatchByItsFirst) { items.get(..1).unwrap_or(items) } else { items };
    if items.len() > 1 && all_valid(judged) {
        return vec![true; items.len()];
    }
    items.iter().map(|item| item.key.verify(item.message, &item.signature).is_ok()).collect()
}

fn all_valid(items: &[BatchItem<'_>]) -> bool {
    let mut verifier = batch::Verifier::new();
    for item in items {
        let key = VerificationKeyBytes::from(*item.key.as_bytes());
        let signature = ed25519_zebra::Signature::from_bytes(item.signature.as_bytes());
        verifier.queue((key, signature, item.message));
    }
    verifier.verify(Coefficients::of(items)).is_ok()
}

/// The equation's coefficients: a stream that every byte of the batch determines.
struct Coefficients(Xof);

impl Coefficients {
    fn of(items: &[BatchItem<'_>]) -> Self {
        let seed: Vec<u8> = items
            .iter()
            .map(|item| [item.key.as_bytes(), item.signature.as_bytes().as_slice(), item.message])
            .flat_map(|parts| *ITEM.hash_parts(&parts).as_bytes())
            .collect();
        Self(COEFFICIENTS.xof(&seed))
    }
}

impl TryRng for Coefficients {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Coefficients {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account_key::AccountSecretKey;

    fn first(items: &[BatchItem<'_>]) -> u64 {
        Coefficients::of(items).0.next_u64()
    }

    #[test]
    fn the_equation_alone_accepts_a_valid_batch_and_no_other() {
        let keys: Vec<_> = (0..5).map(|seed| AccountSecretKey::from_seed([seed; 32])).collect();
        let mut items: Vec<_> = keys
            .iter()
            .map(|key| BatchItem { key: key.public(), message: b"m", signature: key.sign(b"m") })
            .collect();
        assert!(all_valid(&items));
        items[3].message = b"n";
        assert!(!all_valid(&items));
    }

    #[test]
    fn every_part_of_a_batch_changes_its_coefficients() {
        let (a, b) = (AccountSecretKey::from_seed([1; 32]), AccountSecretKey::from_seed([2; 32]));
        let one = BatchItem { key: a.public(), message: b"m", signature: a.sign(b"m") };
        let two = BatchItem { key: b.public(), message: b"n", signature: b.sign(b"n") };
        let batches = [
            vec![one, two],
            vec![two, one],
            vec![one],
            vec![one, one],
            vec![one, BatchItem { key: a.public(), ..two }],
            vec![one, BatchItem { message: b"mn", ..two }],
            vec![one, BatchItem { signature: a.sign(b"n"), ..two }],
        ];
        let mut starts: Vec<u64> = batches.iter().map(|batch| first(batch)).collect();
        assert_eq!(starts[0], first(&batches[0]), "the same batch has the same coefficients");
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), batches.len());
    }
}
