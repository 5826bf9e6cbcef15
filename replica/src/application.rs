//! The application half: the ledger with its state tree, and the jobs that need it. Runs on one
//! worker, in order, so that each job sees the execution of the blocks before it.

use quorate_crypto::museum;
use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_ledger::{Ledger, LedgerError, Surroundings, simulate};
use quorate_types::{
    Account, Address, Block, Canonical, CertificateKind, ChainContext, EpochEntry, Epochs,
    ExecutedBlock, ExecutedTip, Header, Height, ReadError, StateKey, StateReader, Store,
    Transaction, ValidatorSet, VerifiedTransaction, evidence_root, last_commit_hash,
    transactions_root, verify,
};

use crate::job::{BuildRequest, Job, JobDone};
use crate::step::{ProvedValue, Simulated};

/// Why a node cannot start on what it has stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The store failed, or its state is damaged.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A decided block is missing.
    #[error("the decided block of height {0} is missing")]
    MissingBlock(Height),
    /// A certificate in the store or in the sign-state does not verify.
    #[error("the stored commit certificate of height {0} does not verify")]
    BadCertificate(Height),
}

/// The ledger and the chain it belongs to.
#[derive(Clone, Debug)]
pub struct Application {
    context: ChainContext,
    ledger: Ledger,
}

impl Application {
    /// Rebuilds the state tree and executes again what was decided but whose result was lost.
    /// Returns those results too, for storing.
    ///
    /// # Errors
    /// When the store fails or holds what no execution wrote.
    pub fn open(
        store: &dyn Store,
        context: &ChainContext,
    ) -> Result<(Application, Vec<Arc<ExecutedBlock>>), OpenError> {
        let mut ledger = Ledger::open(store, context.clone())?;
        let decided = store.decided()?;
        let mut replayed = Vec::new();
        let mut height = ledger.tip().height;
        while height < decided {
            height = height.next();
            let block = store.block_at(height)?.ok_or(OpenError::MissingBlock(height))?;
            let digest = block.digest();
            replayed.push(ledger.execute(block, digest, store)?);
        }
        Ok((Application { context: context.clone(), ledger }, replayed))
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn context(&self) -> &ChainContext {
        &self.context
    }

    /// The newest executed height.
    #[must_use]
    pub fn tip(&self) -> ExecutedTip {
        self.ledger.tip()
    }

    /// The epochs of the newest executed height and of the two above it.
    #[must_use]
    pub fn epochs(&self) -> &Epochs {
        let tip = self.ledger.tip().height;
        self.ledger.epochs(tip).expect("the ledger knows the epochs of its tip")
    }

    /// The epoch of a height that is executed, while its entry is kept.
    ///
    /// # Errors
    /// When the store fails or holds what no execution wrote.
    pub(crate) fn epoch_of(
        &self,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Option<Arc<EpochEntry>>, LedgerError> {
        let state = self.ledger.state(self.ledger.tip().height, store)?;
        Ok(EpochEntry::find(&state, &self.epochs().executed, height)?)
    }

    /// Runs a job over what is stored now. None when there is nothing to answer.
    #[must_use]
    pub fn run(&mut self, job: Job, store: &dyn StateReader) -> Option<JobDone> {
        let done = match job {
            Job::Build(request) => self.build(*request, store),
            Job::Validate { block, digest, unverified } => {
                let verdict = self.validate(&block, &unverified, store);
                verdict.map(|verdict| Some(JobDone::Validated { digest, verdict }))
            }
            Job::Execute { block, digest } => self
                .ledger
                .execute(block, digest, store)
                .map(|executed| Some(JobDone::Executed(executed))),
            Job::Discard(height) => {
                self.ledger.discard(height);
                Ok(None)
            }
            Job::Stored(height) => {
                self.ledger.stored(height);
                Ok(None)
            }
            Job::Admit { ticket, transactions, at } => self
                .accounts(&transactions, at, store)
                .map(|accounts| Some(JobDone::Admitted { ticket, transactions, at, accounts })),
            Job::Account { id, address, height } => self
                .account(&address, height, store)
                .map(|account| Some(JobDone::Account { id, address, height, account })),
            Job::Prove { id, key, height } => {
                self.prove(&key, height, store).map(|proved| Some(JobDone::Proved { id, proved }))
            }
            Job::Simulate { id, transaction, height } => self
                .simulate(&transaction, height, store)
                .map(|simulated| Some(JobDone::Simulated { id, simulated })),
        };
        done.unwrap_or_else(|error| Some(JobDone::Failed(error.to_string())))
    }

    /// a block on the executed height below, of what the candidates allow. None when
    /// that height has been left behind meanwhile.
    fn build(
        &self,
        request: BuildRequest,
        store: &dyn StateReader,
    ) -> Result<Option<JobDone>, LedgerError> {
        let BuildRequest { height, view, time, proposer, last_commit, .. } = request;
        let Some((parent, epochs)) = self.parent(height) else {
            return Ok(None);
        };
        let set = &epochs.next.validators;
        let mut rejoins = request.rejoins;
        rejoins.retain(|rejoin| set.index_of_address(&rejoin.body.validator).is_some());
        let evidence = self.select_evidence(request.evidence, height, store)?;
        let transactions = self.ledger.select(request.candidates, height, store)?;
        let mut block = Block {
            header: Header {
                version: epochs.next.params.protocol_version,
                height,
                parent: parent.digest,
                time,
                proposer,
                transactions_root: transactions_root(&transactions),
                transaction_count: u32::try_from(transactions.len()).unwrap_or(u32::MAX),
                body_bytes: 0,
                parent_state_root: parent.state_root,
                parent_receipts_root: parent.receipts_root,
                validators_hash: set.id(),
                next_validators_hash: epochs.after.validators.id(),
                last_commit_hash: last_commit_hash(last_commit.as_ref()),
                evidence_root: evidence_root(&evidence, &rejoins),
            },
            last_commit,
            evidence,
            rejoins,
            transactions,
        };
        block.header.body_bytes = u32::try_from(block.body_bytes()).unwrap_or(u32::MAX);
        Ok(Some(JobDone::Built { view, block: Arc::new(block) }))
    }

    /// R-2, all of it that consensus leaves to the application. The outer error is this node's.
    fn validate(
        &self,
        block: &Block,
        unverified: &[usize],
        store: &dyn StateReader,
    ) -> Result<Result<(), String>, LedgerError> {
        let Some((parent, epochs)) = self.parent(block.height()) else {
            return Ok(Err("its parent is not the last executed block here".to_owned()));
        };
        if let Err(reason) = self.validate_header(block, &parent, epochs) {
            return Ok(Err(reason));
        }
        if let Err(reason) = self.validate_entries(block, &epochs.next.validators, store)? {
            return Ok(Err(reason));
        }
        if !self.signatures_hold(block, unverified) {
            return Ok(Err("a transaction's signature does not verify".to_owned()));
        }
        match self.ledger.check_block(&block.transactions, block.height(), store) {
            Ok(()) => Ok(Ok(())),
            Err(LedgerError::Block(error)) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// `epochs` are those of the parent's height and of the two above: the second is the block's.
    fn validate_header(
        &self,
        block: &Block,
        parent: &ExecutedTip,
        epochs: &Epochs,
    ) -> Result<(), String> {
        block.validate_shape().map_err(|error| error.to_string())?;
        let (set, after) = (&epochs.next.validators, &epochs.after.validators);
        let header = &block.header;
        let roots = (header.parent_state_root, header.parent_receipts_root);
        let checks = [
            ("protocol version", header.version == epochs.next.params.protocol_version),
            ("parent", header.parent == parent.digest),
            (
                "state or receipts root",
                roots == (parent.state_root, parent.receipts_root) || museum!(RootsUnchecked),
            ),
            ("validators hash", header.validators_hash == set.id()),
            (
                "next validators hash",
                header.next_validators_hash == after.id() || museum!(ValidatorsHashUnchecked),
            ),
            ("proposer", set.index_of_address(&header.proposer).is_some()),
            (
                "last commit",
                self.last_commit_holds(block, parent, &epochs.executed.validators)
                    || museum!(LastCommitUnchecked),
            ),
        ];
        match checks.iter().find(|(_, holds)| !holds) {
            None => Ok(()),
            Some((field, _)) => Err(format!("the header's {field} is wrong")),
        }
    }

    /// A verified commit certificate of exactly the parent, and none at height 1 (R-2, M-5).
    /// `set` is V of the parent's height.
    fn last_commit_holds(&self, block: &Block, parent: &ExecutedTip, set: &ValidatorSet) -> bool {
        match &block.last_commit {
            None => parent.height == Height::GENESIS,
            Some(certificate) => {
                parent.height != Height::GENESIS
                    && certificate.kind == CertificateKind::Commit
                    && certificate.height == parent.height
                    && certificate.digest == parent.digest
                    && verify::certificate(certificate.clone(), &self.context, set).is_ok()
            }
        }
    }

    fn signatures_hold(&self, block: &Block, unverified: &[usize]) -> bool {
        let transactions: Vec<_> =
            unverified.iter().filter_map(|place| block.transactions.get(*place).cloned()).collect();
        museum!(TransactionsUnverified)
            || transactions.is_empty()
            || verify::transactions(&transactions, &self.context).iter().all(Option::is_some)
    }

    /// The parent of a block of this height, with its epoch and those of the two heights above.
    fn parent(&self, height: Height) -> Option<(ExecutedTip, &Epochs)> {
        let below = height.previous()?;
        Some((self.ledger.executed(below)?, self.ledger.epochs(below)?))
    }

    fn accounts(
        &self,
        transactions: &[VerifiedTransaction],
        at: Height,
        store: &dyn StateReader,
    ) -> Result<BTreeMap<Address, Account>, LedgerError> {
        let state = self.ledger.state(at, store)?;
        let mut accounts = BTreeMap::new();
        for transaction in transactions {
            let sender = transaction.transaction().sender();
            if !accounts.contains_key(&sender)
                && let Some(account) = state.account(&sender)?
            {
                accounts.insert(sender, account);
            }
        }
        Ok(accounts)
    }

    fn account(
        &self,
        address: &Address,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Option<Option<Account>>, LedgerError> {
        let key = StateKey::account(address);
        let Some(value) = self.ledger.value_at(height, &key, store)? else {
            return Ok(None);
        };
        let account = value.map(|bytes| Account::from_bytes(&bytes)).transpose();
        let account = account.map_err(|error| LedgerError::Corrupt { what: "account", error })?;
        Ok(Some(account))
    }

    fn prove(
        &self,
        key: &StateKey,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Option<ProvedValue>, LedgerError> {
        let value = self.ledger.value_at(height, key, store)?;
        let proof = self.ledger.prove(height, key);
        let proved = value.zip(proof);
        Ok(proved.map(|(value, proof)| ProvedValue { height, value, proof }))
    }

    /// A client's transaction over the state after a final height; none when that was left behind.
    fn simulate(
        &self,
        transaction: &Transaction,
        height: Height,
        store: &dyn StateReader,
    ) -> Result<Option<Simulated>, LedgerError> {
        let (Ok(state), Some(epochs)) =
            (self.ledger.state(height, store), self.ledger.epochs(height))
        else {
            return Ok(None);
        };
        let surroundings = Surroundings { context: &self.context, epochs };
        let outcome = simulate(transaction, height.next(), &state, surroundings)?;
        Ok(Some(Simulated { height, outcome }))
    }
}
