//! The state that height 1 stands on (B-9).

use quorate_crypto::Hash;
use quorate_crypto::state_tree::hash_value;
use quorate_ledger::StateTree;
use quorate_types::{
    Account, Amount, Canonical, Digest, ExecutedTip, Height, Nonce, StateChanges, StateKey,
    StateKind, ValidatorSet, receipts_root,
};

use crate::bond::Bond;
use crate::draft::{GenesisAccount, GenesisValidator};
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
    let document = genesis.document();
    let single = |kind, value| (StateKey::single(kind), Some(value));
    let mut changes = StateChanges::from([
        single(StateKind::Params, document.params.to_bytes()),
        single(StateKind::Validators, genesis.validator_set().to_bytes()),
        single(StateKind::FeePool, Amount::ZERO.to_bytes()),
        single(StateKind::Supply, genesis.supply().to_bytes()),
    ]);
    for GenesisAccount { address, balance } in &document.accounts {
        let account = Account { nonce: Nonce(0), balance: *balance };
        changes.insert(StateKey::account(address), Some(account.to_bytes()));
    }
    for GenesisValidator { operator, bonded, moniker, .. } in &document.validators {
        let bond = Bond { amount: *bonded, moniker: moniker.clone() };
        changes.insert(StateKey::bond(operator), Some(bond.to_bytes()));
    }
    changes
}

fn root(changes: &StateChanges) -> Hash {
    let present = changes.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let pairs = present.map(|(key, value)| (key.hash(), hash_value(value)));
    StateTree::from_pairs(Height::GENESIS, pairs).root()
}
