//! I-8: one decided digest per height over all nodes, for ever.

use std::collections::BTreeMap;

use quorate_types::{Digest, Height};

use super::Verdict;

/// What has been decided anywhere.
#[derive(Debug, Default)]
pub(crate) struct Agreement(BTreeMap<Height, Digest>);

impl Agreement {
    /// A node takes a block for decided.
    pub(crate) fn decide(&mut self, height: Height, digest: Digest) -> Verdict {
        let first = *self.0.entry(height).or_insert(digest);
        if first == digest {
            return Ok(());
        }
        Err(format!("height {height} is {first} and {digest} (I-8)"))
    }

    pub(crate) fn at(&self, height: Height) -> Option<Digest> {
        self.0.get(&height).copied()
    }

    pub(crate) fn highest(&self) -> Height {
        self.0.last_key_value().map_or(Height::GENESIS, |(height, _)| *height)
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Hash;

    use super::*;

    #[test]
    fn two_digests_of_one_height_are_noticed() {
        let mut agreement = Agreement::default();
        let digest = |byte| Digest(Hash::from_bytes([byte; 32]));
        assert_eq!(agreement.decide(Height(1), digest(1)), Ok(()));
        assert_eq!(agreement.decide(Height(2), digest(2)), Ok(()));
        assert_eq!(agreement.decide(Height(1), digest(1)), Ok(()));
        assert!(agreement.decide(Height(1), digest(3)).is_err());
    }
}
