//! The keys of local networks. They come from a published seed and are the same in every network
//! and on every machine: whoever reads this has them. They are worth nothing, and must stay so.

use quorate_crypto::Domain;
use quorate_home::{KeyFile, KeyKind, Seed};
use quorate_types::Amount;

const DEVELOPMENT_KEY: Domain = Domain::new("quorate v1 development key");
/// The published seed.
const SEED: &[u8] = b"quorate development seed";

/// What each funded account owns at the start, in base units: a million.
pub const BALANCE: Amount = Amount(1_000_000_000_000_000);
/// What each validator has bonded, in base units: a million.
pub const BOND: Amount = Amount(1_000_000_000_000_000);

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevelopmentKey {
    /// Of a funded account.
    Account(u16),
    /// Of the operator of a validator.
    Operator(u16),
    /// Of a node's votes.
    Validator(u16),
    /// Of a node's network identity.
    Node(u16),
    /// Of the account that the load generator pays.
    LoadSink,
}

impl DevelopmentKey {
    /// The key.
    #[must_use]
    pub fn key(self) -> KeyFile {
        let (tag, index, kind) = match self {
            DevelopmentKey::Account(index) => (0, index, KeyKind::Account),
            DevelopmentKey::Operator(index) => (1, index, KeyKind::Account),
            DevelopmentKey::Validator(index) => (2, index, KeyKind::Validator),
            DevelopmentKey::Node(index) => (3, index, KeyKind::Node),
            DevelopmentKey::LoadSink => (4, 0, KeyKind::Account),
        };
        let hash = DEVELOPMENT_KEY.hash_parts(&[&[tag], &index.to_le_bytes(), SEED]);
        KeyFile::new(kind, Seed::new(*hash.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_addresses_stay_the_same() {
        let address = |index| DevelopmentKey::Account(index).key().address().to_string();
        assert_eq!(address(0), "quo18xxewr6ax3msddfs8n3prps8gd9e87rq38cypz");
        assert_eq!(address(1), "quo1zt7hf5694sf73tmsf4sdwfajwfww7mxqqcyrcl");
    }

    #[test]
    fn every_key_is_another() {
        let keys = [
            DevelopmentKey::Account(0),
            DevelopmentKey::Account(1),
            DevelopmentKey::Account(256),
            DevelopmentKey::Operator(0),
            DevelopmentKey::Validator(0),
            DevelopmentKey::Node(0),
            DevelopmentKey::LoadSink,
        ];
        let mut publics: Vec<_> = keys.iter().map(|key| *key.key().public_bytes()).collect();
        publics.sort_unstable();
        publics.dedup();
        assert_eq!(publics.len(), keys.len());
    }
}
