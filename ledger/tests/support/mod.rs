//! A state in memory, accounts and validators named by small numbers, and transfers.
#![allow(dead_code, reason = "each suite uses its part")]

pub mod chain;

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_crypto::state_tree::hash_value;
use quorate_crypto::{AccountPublicKey, AccountSecretKey, Hash, Signature, ValidatorSecretKey};
use quorate_ledger::{
    Execution, Founder, Founding, LedgerError, StateTree, StateView, Surroundings, execute,
};
use quorate_types::{
    Account, AccountEntry, Action, Address, Amount, Block, Canonical, Certificate, ChainContext,
    ChainParams, ChainReader, Digest, Epoch, EpochEntry, Epochs, Evidence, ExecutedTip, Header,
    Height, HeightArchive, Moniker, Nonce, ReadError, Receipt, StateChanges, StateKey, StateKind,
    StateReader, Timestamp, Transaction, TransactionBody, TransactionId, TransactionLocation,
    Transfer, UnbondingPool, ValidatorEntry, ValidatorSetId, receipts_root, transactions_root,
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

/// The consensus key of a validator.
pub fn validator_key(name: u8) -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([name; 32])
}

/// The operator of this name, with a bond of its own and no commission.
pub fn founder(name: u8, bond: u64) -> Founder {
    Founder {
        operator: address(name),
        key: validator_key(name).public(),
        moniker: Moniker::default(),
        commission_bps: 0,
        bond: Amount(bond),
    }
}

/// A block on `tip` whose fields are right as far as the ledger looks.
pub fn block_on(tip: &ExecutedTip, transactions: Vec<Transaction>) -> Block {
    let header = Header {
        version: 1,
        height: tip.height.next(),
        parent: tip.digest,
        time: Timestamp(tip.height.0 + 1),
        proposer: Address([0; 20]),
        transactions_root: transactions_root(&transactions),
        transaction_count: u32::try_from(transactions.len()).unwrap(),
        body_bytes: 0,
        parent_state_root: tip.state_root,
        parent_receipts_root: tip.receipts_root,
        validators_hash: ValidatorSetId(Hash::ZERO),
        next_validators_hash: ValidatorSetId(Hash::ZERO),
        last_commit_hash: Hash::ZERO,
        evidence_root: Header::empty_evidence_root(),
    };
    let (evidence, rejoins) = (Vec::new(), Vec::new());
    Block { header, last_commit: None, evidence, rejoins, transactions }
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
    let signatures = vec![Signature::from_bytes([0; 64]); body.signers.len()];
    Transaction::new(body, signatures)
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
        State::founded(params, &[founder(0, 1)], accounts)
    }

    /// With these validators.
    pub fn founded(
        params: ChainParams,
        founders: &[Founder],
        accounts: &[(u8, u64, u64)],
    ) -> State {
        let founding = Founding::new(founders, &params).unwrap();
        let mut state = State { values: BTreeMap::new(), tip: tip(Height(0), Hash::ZERO) };
        state.apply(&founding.changes);
        for (name, nonce, balance) in accounts {
            let account = Account { nonce: Nonce(*nonce), balance: Amount(*balance) };
            state.values.insert(StateKey::account(&address(*name)), account.to_bytes());
        }
        // Extreme balances have no sum.
        let supply = Amount(u64::try_from(state.held()).unwrap_or(u64::MAX));
        state.values.insert(StateKey::single(StateKind::Supply), supply.to_bytes());
        state.tip.state_root = state.root();
        state
    }

    /// Epoch 0, which the first heights belong to.
    pub fn first_epochs(&self) -> Epochs {
        Epochs::single(Arc::new(self.view().epoch(Epoch(0)).unwrap().unwrap()))
    }

    /// Executes a block of these transactions at height 1.
    pub fn execute(&self, transactions: &[Transaction]) -> Result<Execution, LedgerError> {
        let (epochs, context) = (self.first_epochs(), context());
        let block = block_on(&self.tip, transactions.to_vec());
        execute(&block, &self.view(), Surroundings { context: &context, epochs: &epochs })
    }

    /// All base units that anything holds.
    pub fn held(&self) -> u128 {
        let held = |(key, bytes): (&StateKey, &Vec<u8>)| match key.kind() {
            StateKind::Account => u128::from(Account::from_bytes(bytes).unwrap().balance.0),
            StateKind::FeePool => u128::from(Amount::from_bytes(bytes).unwrap().0),
            StateKind::UnbondingPool => {
                u128::from(UnbondingPool::from_bytes(bytes).unwrap().amount.0)
            }
            StateKind::Validator => {
                let entry = ValidatorEntry::from_bytes(bytes).unwrap();
                let parts = [entry.bonded, entry.rewards, entry.commission];
                parts.iter().map(|part| u128::from(part.0)).sum()
            }
            StateKind::Epoch
            | StateKind::EpochClock
            | StateKind::Supply
            | StateKind::Record
            | StateKind::Delegation
            | StateKind::Delegator
            | StateKind::Payment
            | StateKind::Payments
            | StateKind::PaymentCursor
            | StateKind::Redelegation
            | StateKind::ConsensusKey
            | StateKind::Candidates
            | StateKind::Participation
            | StateKind::ParamsChange => 0,
        };
        self.values.iter().map(held).sum()
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

    fn epoch_entry(&self, _: Epoch) -> Result<Option<EpochEntry>, ReadError> {
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
