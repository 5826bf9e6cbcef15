//! A state in memory, accounts named by small numbers, and transfers between them.
#![allow(dead_code, reason = "each suite uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_crypto::state_tree::hash_value;
use quorate_crypto::{AccountPublicKey, AccountSecretKey, Hash, Signature, ValidatorSecretKey};
use quorate_ledger::{StateTree, StateView};
use quorate_types::{
    Account, AccountEntry, Action, Address, Amount, Block, Canonical, Certificate, ChainContext,
    ChainParams, ChainReader, Digest, Evidence, ExecutedTip, Height, HeightArchive, Nonce, Power,
    ReadError, Receipt, StateChanges, StateKey, StateKind, StateReader, Transaction,
    TransactionBody, TransactionId, TransactionLocation, Transfer, Validator, ValidatorSet,
    receipts_root,
};

pub fn context() -> ChainContext {
    ChainContext {
        chain_id: "local-test".parse().unwrap(),
        genesis_hash: Hash::from_bytes([7; 32]),
        protocol_version: 1,
    }
}

/// No fee is too low, so that any can be tried.
pub fn free_params() -> ChainParams {
    let free = Amount(0);
    ChainParams { flat_fee: free, fee_per_byte: free, action_fee: free, ..ChainParams::default() }
}

pub fn key(name: u8) -> AccountPublicKey {
    AccountSecretKey::from_seed([name; 32]).public()
}

pub fn address(name: u8) -> Address {
    Address::of(&key(name))
}

/// A transfer's free fields.
#[derive(Clone, Copy, Debug)]
pub struct Pay {
    pub from: u8,
    pub nonce: u64,
    pub to: u8,
    pub amount: u64,
    pub fee: u64,
}

pub fn pay(from: u8, nonce: u64, to: u8, amount: u64, fee: u64) -> Pay {
    Pay { from, nonce, to, amount, fee }
}

impl Pay {
    pub fn body(&self) -> TransactionBody {
        let transfer = Transfer { to: address(self.to), amount: Amount(self.amount) };
        TransactionBody {
            chain_tag: context().tag(),
            signers: vec![key(self.from)],
            nonce: Nonce(self.nonce),
            expiry: Height(0),
            fee: Amount(self.fee),
            memo: Vec::new(),
            actions: vec![Action::Transfer(transfer)],
        }
    }

    pub fn signed(&self) -> Transaction {
        unsigned(self.body())
    }
}

/// The ledger never looks at signatures: zeros will do.
pub fn unsigned(body: TransactionBody) -> Transaction {
    Transaction::new(body, vec![Signature::from_bytes([0; 64])])
}

/// A store that holds a flat state and its tip, and nothing else.
#[derive(Clone, Debug)]
pub struct State {
    pub values: BTreeMap<StateKey, Vec<u8>>,
    pub tip: ExecutedTip,
}

impl State {
    /// Accounts as (name, nonce, balance), and what genesis writes beside them.
    pub fn new(params: ChainParams, accounts: &[(u8, u64, u64)]) -> State {
        let validators = ValidatorSet::new(vec![Validator {
            address: address(0),
            key: ValidatorSecretKey::from_seed([1; 32]).public(),
            power: Power(1),
        }]);
        let mut values = BTreeMap::from([
            (StateKey::single(StateKind::Params), params.to_bytes()),
            (StateKey::single(StateKind::Validators), validators.unwrap().to_bytes()),
            (StateKey::single(StateKind::FeePool), Amount(0).to_bytes()),
            (StateKey::single(StateKind::Supply), Amount::MAX_SUPPLY.to_bytes()),
        ]);
        for (name, nonce, balance) in accounts {
            let account = Account { nonce: Nonce(*nonce), balance: Amount(*balance) };
            values.insert(StateKey::account(&address(*name)), account.to_bytes());
        }
        let mut state = State { values, tip: tip(Height(0), Hash::ZERO) };
        state.tip.state_root = state.root();
        state
    }

    pub fn view(&self) -> StateView<'_> {
        StateView::new([], self)
    }

    /// (nonce, balance), if the account exists.
    pub fn account(&self, name: u8) -> Option<(u64, u64)> {
        let account = self.view().account(&address(name)).unwrap()?;
        Some((account.nonce.0, account.balance.0))
    }

    pub fn apply(&mut self, changes: &StateChanges) {
        for (key, value) in changes {
            match value {
                Some(value) => self.values.insert(key.clone(), value.clone()),
                None => self.values.remove(key),
            };
        }
    }

    /// The root, from nothing but the values.
    pub fn root(&self) -> Hash {
        let pairs = self.values.iter().map(|(key, value)| (key.hash(), hash_value(value)));
        StateTree::from_pairs(Height(0), pairs).root()
    }
}

pub fn tip(height: Height, state_root: Hash) -> ExecutedTip {
    let digest = Digest(Hash::from_bytes([9; 32]));
    ExecutedTip { height, digest, state_root, receipts_root: receipts_root(&[]) }
}

impl StateReader for State {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.values.get(key).cloned())
    }
}

impl ChainReader for State {
    fn decided(&self) -> Result<Height, ReadError> {
        Ok(self.tip.height)
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        Ok(Some(self.tip))
    }

    fn digest_at(&self, _: Height) -> Result<Option<Digest>, ReadError> {
        Ok(None)
    }

    fn block(&self, _: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        Ok(None)
    }

    fn certificate(&self, _: Height) -> Result<Option<Certificate>, ReadError> {
        Ok(None)
    }

    fn receipts(&self, _: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        Ok(None)
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        Ok(Vec::new())
    }

    fn archive(&self, _: Height) -> Result<Option<HeightArchive>, ReadError> {
        Ok(None)
    }

    fn transaction(&self, _: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        Ok(None)
    }

    fn account_history(
        &self,
        _: &Address,
        _: Option<TransactionLocation>,
        _: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        Ok(Vec::new())
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        for (key, value) in &self.values {
            visit(&key.to_bytes(), value);
        }
        Ok(())
    }
}
