//! The state that height 1 stands on holds all that the document says (B-9).
#![allow(clippy::unwrap_used)]

use quorate_crypto::Hash;
use quorate_crypto::state_tree::{hash_value, leaf, node};
use quorate_genesis::Genesis;
use quorate_ledger::StateView;
use quorate_types::{
    Account, Address, AddressList, Amount, Canonical, Delegation, Digest, Epoch, EpochClock,
    EpochEntry, Height, Nonce, Participation, PaymentCursor, ReadError, StateChanges, StateKey,
    StateKind, StateReader, receipts_root,
};

const DOCUMENT: &str = include_str!("local-1.json");
/// The state root of the document; changing it changes every chain.
const ROOT: &str = "0x6c240129ec43dad4b02337164240af706cd61d8e56eb5a548cc87b3d89d8cce2";

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

fn value<T: Canonical>(state: &StateView<'_>, key: &StateKey) -> T {
    T::from_bytes(&state.get(key).unwrap().unwrap()).unwrap()
}

#[test]
fn the_first_state_holds_accounts_validators_epoch_0_and_sums() {
    let genesis = genesis();
    let initial = genesis.initial();
    let state = StateView::new([&initial.changes], &Nothing);
    let document = genesis.document();
    for account in &document.accounts {
        let expected = Account { nonce: Nonce(0), balance: account.balance };
        assert_eq!(state.account(&account.address), Ok(Some(expected)));
    }
    assert_eq!(state.fee_pool(), Ok(Amount(0)));
    assert_eq!(state.supply(), Ok(Amount(6_000_050_000)));
    assert_eq!(state.epoch_clock(), Ok(EpochClock::default()));
    let validators = genesis.validator_set().clone();
    let count = validators.len();
    let (number, first, params) = (Epoch(0), Height(1), document.params);
    let entry = EpochEntry { number, first, params, validators };
    assert_eq!(state.epoch(number), Ok(Some(entry)));
    let single = StateKey::single;
    assert_eq!(
        value::<Participation>(&state, &single(StateKind::Participation)),
        Participation::new(count)
    );
    let cursor: PaymentCursor = value(&state, &single(StateKind::PaymentCursor));
    assert_eq!(cursor, PaymentCursor::default());
    let entries = document.accounts.len() + 4 * document.validators.len() + 7;
    assert_eq!(initial.changes.len(), entries);
}

#[test]
fn the_first_validators_are_bonded_by_their_operators() {
    let mut draft = genesis().document().clone();
    draft.validators[2].commission_bps = 77;
    let genesis = draft.finish().unwrap();
    let initial = genesis.initial();
    let state = StateView::new([&initial.changes], &Nothing);
    let candidates: AddressList = value(&state, &StateKey::single(StateKind::Candidates));
    assert_eq!(candidates.as_slice().len(), genesis.document().validators.len());
    for validator in &genesis.document().validators {
        let (operator, shares) = (validator.operator, validator.bonded.0);
        let key = *validator.consensus_key.as_bytes();
        let entry = state.validator(&operator).unwrap().unwrap();
        assert_eq!((entry.key, entry.moniker.as_str()), (key, validator.moniker.as_str()));
        assert_eq!((entry.bonded.0, entry.shares, entry.self_shares), (shares, shares, shares));
        let commissions = (entry.commission_bps, entry.next_commission_bps);
        assert_eq!(commissions, (validator.commission_bps, validator.commission_bps));
        let delegation: Delegation = value(&state, &StateKey::delegation(&operator, &operator));
        assert_eq!(delegation, Delegation { shares, ..Delegation::default() });
        let list: AddressList = value(&state, &StateKey::delegator(&operator));
        assert_eq!(list.as_slice(), [operator]);
        assert_eq!(value::<Address>(&state, &StateKey::consensus_key(&key)), operator);
        assert!(candidates.contains(&operator));
    }
}

#[test]
fn the_first_set_is_chosen_like_any_other() {
    let mut draft = genesis().document().clone();
    draft.validators[0].bonded = Amount(1_000_000);
    let genesis = draft.finish().unwrap();
    let powers: Vec<u64> =
        genesis.validator_set().validators().iter().map(|validator| validator.power.0).collect();
    // 3 333 * 37 000 / 6 667
    assert_eq!(powers, [18_497, 14_000, 11_000, 12_000]);
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
