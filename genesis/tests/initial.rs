//! The state that height 1 stands on holds all that the document says (B-9).
#![allow(clippy::unwrap_used)]

use quorate_crypto::Hash;
use quorate_crypto::state_tree::{hash_value, leaf, node};
use quorate_genesis::{Bond, Genesis};
use quorate_ledger::StateView;
use quorate_types::{
    Account, Amount, Canonical, Digest, Height, Nonce, ReadError, StateChanges, StateKey,
    StateReader, receipts_root,
};

const DOCUMENT: &str = include_str!("local-1.json");
/// The state root of the document; changing it changes every chain.
const ROOT: &str = "0xdf691603663f5474f72f7a712b03ed0c53ca5c6dfb43e882650f645bce187004";

struct Nothing;

impl StateReader for Nothing {
    fn get(&self, _: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }
}

fn genesis() -> Genesis {
    Genesis::parse(DOCUMENT.as_bytes()).unwrap()
}

/// The root by the rule of B-7, without the tree.
fn naive_root(pairs: &[(Hash, Hash)], depth: usize) -> Hash {
    match pairs {
        [] => Hash::ZERO,
        [(key, value)] => leaf(key, value),
        _ => {
            let right = |(key, _): &(Hash, Hash)| key.as_bytes()[depth / 8] << (depth % 8) >= 0x80;
            let (rights, lefts): (Vec<_>, Vec<_>) = pairs.iter().copied().partition(right);
            node(&naive_root(&lefts, depth + 1), &naive_root(&rights, depth + 1))
        }
    }
}

fn root_of(changes: &StateChanges) -> Hash {
    let value = |value: &Option<Vec<u8>>| hash_value(value.as_ref().unwrap());
    let pairs: Vec<_> = changes.iter().map(|(key, bytes)| (key.hash(), value(bytes))).collect();
    naive_root(&pairs, 0)
}

#[test]
fn the_first_state_holds_accounts_bonds_parameters_validators_and_sums() {
    let genesis = genesis();
    let initial = genesis.initial();
    let state = StateView::new([&initial.changes], &Nothing);
    let document = genesis.document();
    for account in &document.accounts {
        let expected = Account { nonce: Nonce(0), balance: account.balance };
        assert_eq!(state.account(&account.address), Ok(Some(expected)));
    }
    for validator in &document.validators {
        let bytes = state.get(&StateKey::bond(&validator.operator)).unwrap().unwrap();
        let bond = Bond { amount: validator.bonded, moniker: validator.moniker.clone() };
        assert_eq!(Bond::from_bytes(&bytes), Ok(bond));
    }
    assert_eq!(state.params(), Ok(document.params));
    assert_eq!(state.validators().as_ref(), Ok(&initial.validators));
    assert_eq!(state.fee_pool(), Ok(Amount(0)));
    assert_eq!(state.supply(), Ok(Amount(6_000_050_000)));
    let entries = document.accounts.len() + document.validators.len() + 4;
    assert_eq!(initial.changes.len(), entries);
}

#[test]
fn the_tip_is_height_0_with_the_genesis_hash_and_its_roots() {
    let genesis = genesis();
    let tip = genesis.initial().tip;
    assert_eq!((tip.height, tip.digest), (Height(0), Digest(genesis.hash())));
    assert_eq!(tip.receipts_root, receipts_root(&[]));
    assert_eq!(tip.state_root.to_string(), ROOT);
    assert_eq!(tip.state_root, root_of(&genesis.initial().changes));
}

#[test]
fn the_validators_power_is_their_bond_and_ascends_by_address() {
    let genesis = genesis();
    let set = genesis.validator_set();
    assert_eq!(set.total_power().0, 50_000);
    let powers: Vec<u64> = set.validators().iter().map(|validator| validator.power.0).collect();
    assert_eq!(powers, [13_000, 14_000, 11_000, 12_000]);
}

#[test]
fn the_context_names_chain_genesis_and_version() {
    let genesis = genesis();
    let context = genesis.context();
    assert_eq!(context.chain_id.as_str(), "local-1");
    assert_eq!((context.genesis_hash, context.protocol_version), (genesis.hash(), 1));
}
