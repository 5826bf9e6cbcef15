//! The state that height 1 stands on (B-9).

use quorate_crypto::Hash;
use quorate_crypto::state_tree::hash_value;
use quorate_ledger::StateTree;
use quorate_types::{
    Account, Canonical, Digest, ExecutedTip, Height, Nonce, StateChanges, StateKey, StateKind,
    ValidatorSet, receipts_root,
};

use crate::draft::GenesisAccount;
use crate::genesis::Genesis;

/// The first state: what a store is created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initial {
    /// The whole flat state.
    pub changes: StateChanges,
    /// V(1).
    pub validators: ValidatorSet,
    /// Height 0: the genesis hash as digest, the state root, the empty receipts root.
    pub tip: ExecutedTip,
}

impl Initial {
    pub(crate) fn of(genesis: &Genesis) -> Initial {
        let changes = state(genesis);
        let tip = ExecutedTip {
            height: Height::GENESIS,
            digest: Digest(genesis.hash()),
            state_root: root(&changes),
            receipts_root: receipts_root(&[]),
        };
        Initial { changes, validators: genesis.validator_set().clone(), tip }
    }
}

fn state(genesis: &Genesis) -> StateChanges {
    let mut changes = genesis.founding().changes.clone();
    changes.insert(StateKey::single(StateKind::Supply), Some(genesis.supply().to_bytes()));
    for GenesisAccount { address, balance } in &genesis.document().accounts {
        let account = Account { nonce: Nonce(0), balance: *balance };
        changes.insert(StateKey::account(address), Some(account.to_bytes()));
    }
    changes
}

fn root(changes: &StateChanges) -> Hash {
    let present = changes.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let pairs = present.map(|(key, value)| (key.hash(), hash_value(value)));
    StateTree::from_pairs(Height::GENESIS, pairs).root()
}
