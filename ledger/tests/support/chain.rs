//! A chain of blocks in memory: executed one after the other, each with the certificate of the one
//! below. After each, what holds money is summed up anew.
#![allow(dead_code, reason = "each suite uses its part")]

use std::collections::BTreeMap;

use quorate_crypto::{Hash, Signature};
use quorate_ledger::{Execution, Founder, LedgerError, Surroundings, execute};
use quorate_types::{
    Account, Action, Address, Amount, Canonical, Certificate, CertificateKind, ChainParams,
    Delegation, Digest, Epoch, EpochEntry, Epochs, Event, Evidence, FailureCode, Height, Moniker,
    Nonce, Notice, Outcome, ParamsChange, Receipt, Redelegation, Registration, SignedStatement,
    SignerSet, StakeMove, StakingParams, StateKey, StateReader, Statement, StatementBody,
    TransactionBody, UnbondingPool, ValidatorEntry, ValidatorIndex, View, prove_possession,
};

use super::{
    State, address, block_on, context, founder, free_params, key, unsigned, validator_key,
};

/// Heights in an epoch of these chains.
pub const LENGTH: u64 = 4;

/// What a block carries.
#[derive(Default)]
pub struct Plan<'a> {
    pub acts: &'a [(u8, Action)],
    /// What several do together, behind these; the first pays.
    pub together: Option<(&'a [u8], Action)>,
    /// Who did not sign the block below.
    pub absent: &'a [u8],
    pub proposer: Option<u8>,
    pub evidence: Vec<Evidence>,
    /// What each transaction pays.
    pub fee: u64,
}

#[derive(Clone)]
pub struct Chain {
    pub state: State,
    pub epochs: Epochs,
    nonces: BTreeMap<u8, u64>,
    /// All that was noticed.
    pub notices: Vec<Notice>,
}

/// Epochs of four heights, windows of one, no fees.
pub fn params(staking: StakingParams) -> ChainParams {
    ChainParams { epoch_length: LENGTH, staking, ..free_params() }
}

/// Parameters that leave nothing to defaults which a test would not see.
pub fn staking() -> StakingParams {
    StakingParams {
        max_power_bps: 10_000,
        unbonding_epochs: 2,
        evidence_epochs: 2,
        presence_window: 1,
        slash_double_sign_bps: 1_000,
        slash_downtime_bps: 100,
        ..StakingParams::default()
    }
}

impl Chain {
    /// Validators by (name, bond), and money for accounts 1 to 60.
    pub fn new(staking: StakingParams, bonds: &[(u8, u64)]) -> Chain {
        let founders: Vec<Founder> =
            bonds.iter().map(|(name, bond)| founder(*name, *bond)).collect();
        Chain::founded(params(staking), &founders)
    }

    pub fn founded(params: ChainParams, founders: &[Founder]) -> Chain {
        let accounts: Vec<_> = (1..=60).map(|name| (name, 0, 1_000_000)).collect();
        let state = State::founded(params, founders, &accounts);
        let epochs = state.first_epochs();
        Chain { state, epochs, nonces: BTreeMap::new(), notices: Vec::new() }
    }

    pub fn height(&self) -> u64 {
        self.state.tip.height.0
    }

    /// The epoch of the next block.
    pub fn epoch(&self) -> &EpochEntry {
        &self.epochs.next
    }

    /// Executes one block, in which everybody signed and these acts stand.
    pub fn block(&mut self, acts: &[(u8, Action)]) -> Vec<Receipt> {
        self.execute(Plan { acts, ..Plan::default() }).unwrap().receipts
    }

    /// Executes one block with one act that succeeds.
    pub fn does(&mut self, name: u8, action: Action) -> Event {
        let receipts = self.block(&[(name, action)]);
        assert_eq!(receipts[0].outcome, Outcome::Success);
        receipts[0].events[0].clone()
    }

    /// Executes one block with one act that fails, and changes nothing but a nonce: all else is as
    /// after an empty block.
    pub fn fails(&mut self, name: u8, action: Action, code: FailureCode) {
        let mut idle = self.clone();
        idle.block(&[]);
        let receipts = self.block(&[(name, action)]);
        assert_eq!(receipts[0].outcome, Outcome::Failed { code, action: 0 }, "{code:?}");
        let key = StateKey::account(&address(name));
        let mut account = idle.get::<Account>(&key).unwrap_or_default();
        account.nonce = account.nonce.next().unwrap();
        idle.state.values.insert(key, account.to_bytes());
        assert_eq!(self.state.values, idle.state.values, "{code:?} left something behind");
        assert_eq!(self.epochs, idle.epochs);
    }

    /// Executes empty blocks, in which some are absent, until a height is reached.
    pub fn run_to(&mut self, height: u64, absent: &[u8]) {
        while self.height() < height {
            self.execute(Plan { absent, ..Plan::default() }).unwrap();
        }
    }

    /// Executes empty blocks until the next one is the `place`th of an epoch, counted from 1.
    pub fn run_before(&mut self, epoch: u64, place: u64) {
        let height = epoch * LENGTH + place - 1;
        assert!(self.height() <= height, "past it");
        self.run_to(height, &[]);
    }

    pub fn execute(&mut self, plan: Plan<'_>) -> Result<Execution, LedgerError> {
        let mut nonces = self.nonces.clone();
        let mut transactions = Vec::new();
        for (name, action) in plan.acts {
            let nonce = nonces.entry(*name).or_default();
            transactions.push(unsigned(body(&[*name], *nonce, action.clone(), plan.fee)));
            *nonce += 1;
        }
        if let Some((signers, action)) = plan.together {
            let nonce = nonces.entry(signers[0]).or_default();
            transactions.push(unsigned(body(signers, *nonce, action, plan.fee)));
            *nonce += 1;
        }
        let mut block = block_on(&self.state.tip, transactions);
        block.header.proposer = plan.proposer.map_or(Address([0; 20]), address);
        block.evidence = plan.evidence;
        block.last_commit = (self.height() > 0).then(|| self.certificate(plan.absent));
        let context = context();
        let surroundings = Surroundings { context: &context, epochs: &self.epochs };
        let execution = execute(&block, &self.state.view(), surroundings)?;
        self.nonces = nonces;
        self.state.apply(&execution.changes);
        self.state.tip.height = self.state.tip.height.next();
        self.epochs = execution.epochs.clone();
        self.notices.extend(&execution.notices);
        assert_eq!(self.state.held(), u128::from(self.state.view().supply().unwrap().0));
        Ok(execution)
    }

    fn certificate(&self, absent: &[u8]) -> Certificate {
        let set = &self.epochs.executed.validators;
        let absent: Vec<Address> = absent.iter().map(|name| address(*name)).collect();
        let mut signers = SignerSet::none_of(set.len());
        for (index, validator) in set.iter().filter(|(_, v)| !absent.contains(&v.address)) {
            assert!(signers.insert(index), "{}", validator.address);
        }
        let (kind, height) = (CertificateKind::Commit, self.state.tip.height);
        let digest = Digest(Hash::ZERO);
        Certificate { kind, height, view: View(0), digest, signers, signatures: Vec::new() }
    }
}

/// Votes on parameters.
impl Chain {
    /// One block with a vote of these operators for an epoch, the first of whom pays.
    pub fn vote(&mut self, signers: &[u8], epoch: u64, params: ChainParams, fee: u64) -> Receipt {
        let change = ParamsChange { epoch: Epoch(epoch), params };
        let together = Some((signers, Action::SetParams(Box::new(change))));
        let execution = self.execute(Plan { together, fee, ..Plan::default() }).unwrap();
        execution.receipts[0].clone()
    }

    /// One block with a vote of the whole set in force.
    pub fn passes(&mut self, epoch: u64, params: ChainParams) {
        let set = self.epochs.next.validators.clone();
        let names = (1..=60).filter(|name| set.index_of_address(&address(*name)).is_some());
        let signers: Vec<u8> = names.collect();
        assert_eq!(self.vote(&signers, epoch, params, 0).outcome, Outcome::Success);
    }
}

/// What stands in the state.
impl Chain {
    pub fn get<T: Canonical>(&self, key: &StateKey) -> Option<T> {
        let bytes = self.state.get(key).unwrap()?;
        Some(T::from_bytes(&bytes).unwrap())
    }

    pub fn balance(&self, name: u8) -> u64 {
        self.get::<Account>(&StateKey::account(&address(name)))
            .map_or(0, |account| account.balance.0)
    }

    pub fn validator(&self, name: u8) -> ValidatorEntry {
        self.get(&StateKey::validator(&address(name))).unwrap()
    }

    /// (bonded base units, shares) of a validator.
    pub fn pool(&self, name: u8) -> (u64, u64) {
        let entry = self.validator(name);
        (entry.bonded.0, entry.shares)
    }

    pub fn delegation(&self, delegator: u8, validator: u8) -> Option<Delegation> {
        self.get(&StateKey::delegation(&address(delegator), &address(validator)))
    }

    /// The shares that an account has with a validator.
    pub fn shares(&self, delegator: u8, validator: u8) -> u64 {
        self.delegation(delegator, validator).map_or(0, |delegation| delegation.shares)
    }

    /// (base units, shares) of an unbonding pool.
    pub fn unbonding(&self, validator: u8, last: u64) -> (u64, u64) {
        let key = StateKey::unbonding_pool(&address(validator), Epoch(last));
        let pool: UnbondingPool = self.get(&key).unwrap_or_default();
        (pool.amount.0, pool.shares)
    }

    pub fn redelegation(&self, from: u8, number: u64) -> Option<Redelegation> {
        self.get(&StateKey::redelegation(&address(from), number))
    }

    pub fn fee_pool(&self) -> u64 {
        self.state.view().fee_pool().unwrap().0
    }

    pub fn supply(&self) -> u64 {
        self.state.view().supply().unwrap().0
    }

    /// (name, power) of the set of an epoch, in order of name.
    pub fn set(entry: &EpochEntry) -> Vec<(u8, u64)> {
        let power = |name| {
            let index = entry.validators.index_of_address(&address(name))?;
            Some((name, entry.validators.get(index)?.power.0))
        };
        (0..=60).filter_map(power).collect()
    }
}

fn body(signers: &[u8], nonce: u64, action: Action, fee: u64) -> TransactionBody {
    TransactionBody {
        chain_tag: context().tag(),
        signers: signers.iter().map(|name| key(*name)).collect(),
        nonce: Nonce(nonce),
        expiry: Height(0),
        fee: Amount(fee),
        memo: Vec::new(),
        actions: vec![action],
    }
}

fn stake(validator: u8, amount: u64) -> StakeMove {
    StakeMove { validator: address(validator), amount: Amount(amount) }
}

pub fn delegate(validator: u8, amount: u64) -> Action {
    Action::Delegate(stake(validator, amount))
}

pub fn unbond(validator: u8, amount: u64) -> Action {
    Action::Unbond(stake(validator, amount))
}

pub fn redelegate(from: u8, to: u8, amount: u64) -> Action {
    Action::Redelegate { from: address(from), to: address(to), amount: Amount(amount) }
}

pub fn withdraw(validator: u8) -> Action {
    Action::WithdrawRewards { validator: address(validator) }
}

/// The registration of a validator, whose key has the same name.
pub fn registration(name: u8, bond: u64) -> Registration {
    let secret = validator_key(name);
    Registration {
        key: *secret.public().as_bytes(),
        proof: prove_possession(&context(), &address(name), &secret),
        moniker: Moniker::new("new".to_owned()).unwrap(),
        commission_bps: 0,
        bond: Amount(bond),
    }
}

pub fn register(name: u8, bond: u64) -> Action {
    Action::RegisterValidator(Box::new(registration(name, bond)))
}

/// An operator's rotation to the key of another name.
pub fn rotate(operator: u8, to: u8, from: u64) -> Action {
    let secret = validator_key(to);
    Action::RotateKey {
        key: *secret.public().as_bytes(),
        proof: prove_possession(&context(), &address(operator), &secret),
        from: Epoch(from),
    }
}

/// Evidence against a validator of the set of a height; nobody looks at what it proves.
pub fn evidence(entry: &EpochEntry, name: u8, height: u64) -> Evidence {
    let index = entry.validators.index_of_address(&address(name));
    accusation(index.unwrap_or(ValidatorIndex(u16::MAX)), height)
}

pub fn accusation(signer: ValidatorIndex, height: u64) -> Evidence {
    let statement = |first| {
        let digest = Digest(Hash::from_bytes([first; 32]));
        let (height, view) = (Height(height), View(0));
        let statement = Statement { height, view, body: StatementBody::Commit { digest } };
        SignedStatement { statement, signer, signature: Signature::from_bytes([0; 64]) }
    };
    Evidence::conflict(statement(1), statement(2))
}
