//! A chain and its model, side by side, block by block: each block is refused or executed by both
//! alike, and then both have the same books.

use std::collections::{BTreeMap, BTreeSet};

use quorate_ledger::{Execution, LedgerError, Place, Surroundings, check_block, execute};
use quorate_types::{
    Address, Amount, Block, Certificate, CertificateKind, ChainContext, Digest, Epochs, Evidence,
    Height, Nonce, Notice, Outcome, Receipt, SignerSet, Transaction, TransactionBody,
    ValidatorIndex, View,
};

use crate::books::{Books, set_of};
use crate::found;
use crate::model::{self, Model};
use crate::plan::{BlockPlan, CasePlan, TransactionPlan};
use crate::resolve::{self, Cast};
use crate::support::chain::accusation;
use crate::support::{State, block_on, context, unsigned};

pub struct Drive {
    pub cast: Cast,
    pub model: Model,
    pub state: State,
    pub epochs: Epochs,
    context: ChainContext,
    /// Who is absent until further notice, as bits.
    asleep: u16,
}

/// A block's transactions for both sides, and who can still pay how much.
#[derive(Default)]
pub struct Draft {
    pub signed: Vec<Transaction>,
    plain: Vec<model::Transaction>,
    /// Balance for fees and next nonce, as they are before the block and its fees so far.
    left: BTreeMap<Address, (u128, u64)>,
}

impl Drive {
    pub fn new(plan: &CasePlan) -> Drive {
        let mut cast = Cast::new();
        let (founders, accounts) = found::shares(&mut cast, plan);
        let state = State::founded(plan.params, &founders, &accounts);
        let epochs = state.first_epochs();
        let model = found::model(plan, &cast, &founders, &accounts);
        let drive = Drive { cast, model, state, epochs, context: context(), asleep: 0 };
        drive.compare();
        drive
    }

    /// One block of both, and everything compared.
    pub fn play(&mut self, plan: &BlockPlan) {
        let mut plain = model::Block {
            signers: self.signers(plan),
            proposer: self.proposer(plan),
            ..model::Block::default()
        };
        let evidence = self.evidence(plan, &mut plain);
        let mut scratch = self.model.clone();
        scratch.begin(&plain);
        let draft = self.draft(plan, scratch);
        self.run(plain, draft, evidence);
    }

    /// One block in which everybody signs and exactly this stands: whether each transaction
    /// succeeded.
    pub fn exact(
        &mut self,
        transactions: Vec<model::Transaction>,
        offences: &[(u64, Address)],
    ) -> Vec<bool> {
        let signers = self.epochs.executed.validators.validators().iter().map(|v| v.address);
        let evidence = offences.to_vec();
        let plain = model::Block { signers: signers.collect(), evidence, ..Default::default() };
        let pieces = offences.iter().map(|(height, accused)| {
            let set = &self.model.sets[usize::try_from(self.model.epoch_of(*height)).unwrap()];
            let place = set.keys().position(|one| one == accused).expect("it is in the set");
            accusation(ValidatorIndex(u16::try_from(place).unwrap()), *height)
        });
        let pieces = pieces.collect();
        let (mut draft, mut scratch) = (Draft::default(), self.model.clone());
        scratch.begin(&plain);
        for transaction in transactions {
            self.include(&mut draft, transaction, &mut scratch, &[]);
        }
        self.run(plain, draft, pieces)
    }

    fn run(&mut self, mut plain: model::Block, draft: Draft, evidence: Vec<Evidence>) -> Vec<bool> {
        plain.transactions = draft.plain;
        let mut block = block_on(&self.state.tip, draft.signed);
        block.header.proposer = plain.proposer.unwrap_or(Address([0; 20]));
        block.last_commit = (self.state.tip.height.0 > 0).then(|| self.certificate(&plain.signers));
        block.evidence = evidence;
        let execution = self.accepted(&block);
        let results = self.model.execute(&plain);
        self.compare_receipts(&execution.receipts, &plain.transactions, &results);
        self.compare_notices(&execution.notices);
        self.state.apply(&execution.changes);
        self.state.tip.height = self.state.tip.height.next();
        self.epochs = execution.epochs;
        self.compare();
        results.iter().map(std::result::Result::is_ok).collect()
    }

    fn signers(&mut self, plan: &BlockPlan) -> BTreeSet<Address> {
        self.asleep = plan.asleep.unwrap_or(self.asleep);
        let absent = self.asleep | plan.absent;
        let signs =
            |index: ValidatorIndex| absent.checked_shr(index.0.into()).unwrap_or(0) & 1 == 0;
        let set = &self.epochs.executed.validators;
        set.iter().filter(|(index, _)| signs(*index)).map(|(_, v)| v.address).collect()
    }

    /// Somebody who is awake, or nobody.
    fn proposer(&self, plan: &BlockPlan) -> Option<Address> {
        let set = self.epochs.next.validators.validators();
        let place = usize::from(plan.proposer) % (set.len() + 1);
        let is_awake = place < 16 && (self.asleep >> place) & 1 == 0;
        set.get(place).filter(|_| is_awake).map(|validator| validator.address)
    }

    fn certificate(&self, signing: &BTreeSet<Address>) -> Certificate {
        let set = &self.epochs.executed.validators;
        let mut signers = SignerSet::none_of(set.len());
        for (index, _) in set.iter().filter(|(_, v)| signing.contains(&v.address)) {
            assert!(signers.insert(index));
        }
        let (kind, height, view) = (CertificateKind::Commit, self.state.tip.height, View(0));
        let digest = Digest(quorate_crypto::Hash::ZERO);
        Certificate { kind, height, view, digest, signers, signatures: Vec::new() }
    }

    fn draft(&mut self, plan: &BlockPlan, mut scratch: Model) -> Draft {
        let mut draft = Draft::default();
        if plan.is_rush {
            for transaction in found::rush(&self.cast, &scratch) {
                self.include(&mut draft, transaction, &mut scratch, &[]);
            }
        }
        for plan in &plan.transactions {
            let sender = resolve::sender(&self.cast, &scratch, plan);
            let mut actions = Vec::new();
            let mut ahead = scratch.clone();
            for act in &plan.acts {
                let action = resolve::action(&mut self.cast, &ahead, sender, *act);
                scratch.proofs.clone_from(&self.cast.proofs);
                ahead.proofs.clone_from(&self.cast.proofs);
                if ahead.act(sender, &action).is_err() {
                    ahead = scratch.clone();
                }
                actions.push(action);
            }
            let transaction = model::Transaction { sender, fee: 0, actions };
            self.include(&mut draft, transaction, &mut scratch, std::slice::from_ref(plan));
        }
        self.model.proofs.clone_from(&self.cast.proofs);
        draft
    }

    /// Gives a transaction its fee and nonce; what is spoiled is refused, and not included.
    fn include(
        &mut self,
        draft: &mut Draft,
        mut plain: model::Transaction,
        scratch: &mut Model,
        plan: &[TransactionPlan],
    ) {
        let account = self.model.accounts.get(&plain.sender).copied().unwrap_or_default();
        let (balance, nonce) =
            *draft.left.entry(plain.sender).or_insert((account.balance, account.nonce));
        let mut body = self.body(&plain, nonce);
        let required = self.required(&body);
        let more =
            plan.first().map_or(0, |plan| [0, 0, 0, 0, 1, 7, 50, 999][usize::from(plan.fee)]);
        body.fee = Amount(required.0 + more);
        if let Some(plan) = plan.first() {
            self.refuse(draft, &body, (balance, required), plan.spoil);
        }
        if u128::from(body.fee.0) > balance {
            self.model.count("not included: too poor");
            return;
        }
        plain.fee = body.fee.0;
        draft.left.insert(plain.sender, (balance - u128::from(plain.fee), nonce + 1));
        draft.signed.push(unsigned(body));
        // Fees come first in the block; here they may meet what earlier actions left.
        let account = scratch.accounts.entry(plain.sender).or_default();
        account.balance = account.balance.saturating_sub(plain.fee.into());
        if scratch.transact(&plain).is_err() {
            scratch.count("foreseen to fail");
        }
        draft.plain.push(plain);
    }

    fn body(&self, plain: &model::Transaction, nonce: u64) -> TransactionBody {
        TransactionBody {
            chain_tag: self.context.tag(),
            signers: vec![self.cast.signer(&plain.sender)],
            nonce: Nonce(nonce),
            expiry: Height(0),
            fee: Amount(0),
            memo: Vec::new(),
            actions: plain.actions.clone(),
        }
    }

    fn required(&self, body: &TransactionBody) -> Amount {
        let length = unsigned(body.clone()).bytes().len();
        self.model.params.min_fee(length, &body.actions)
    }

    pub fn check(&self, transactions: &[Transaction]) -> Result<(), LedgerError> {
        let (params, context) = (&self.epochs.next.params, &self.context);
        let place = Place { height: Height(self.model.height + 1), params, context };
        check_block(transactions, &self.state.view(), place)
    }

    fn accepted(&self, block: &Block) -> Execution {
        assert_eq!(self.check(&block.transactions), Ok(()));
        let surroundings = Surroundings { context: &self.context, epochs: &self.epochs };
        execute(block, &self.state.view(), surroundings).expect("a valid block")
    }

    fn compare_receipts(
        &mut self,
        receipts: &[Receipt],
        transactions: &[model::Transaction],
        results: &[model::Result],
    ) {
        assert_eq!(receipts.len(), results.len());
        for ((receipt, plain), result) in receipts.iter().zip(transactions).zip(results) {
            assert_eq!(receipt.fee.0, plain.fee);
            match (receipt.outcome, result) {
                (Outcome::Success, Ok(events)) => {
                    assert_eq!(&receipt.events, events, "{plain:?}");
                    plain.actions.iter().for_each(|one| self.model.count(found::names(one).0));
                }
                (Outcome::Failed { code, action }, Err((number, reasons))) => {
                    assert_eq!(action, *number, "{plain:?}: {code:?}, {reasons:?}");
                    assert!(reasons.contains(&code), "{plain:?}: {code:?}, not {reasons:?}");
                    assert!(receipt.events.is_empty());
                    self.model.count(found::names(&plain.actions[usize::from(action)]).1);
                    self.model.count(code.name());
                    if reasons.len() == 1 {
                        self.model.count("one reason alone");
                    }
                }
                (outcome, result) => panic!("{plain:?}: {outcome:?}, but {result:?}"),
            }
        }
    }

    /// All but who has a third: that is of the set, which is compared.
    fn compare_notices(&self, notices: &[Notice]) {
        let of_set = |notice: &&Notice| !matches!(notice, Notice::LargePower { .. });
        let mut found: Vec<Notice> = notices.iter().filter(of_set).copied().collect();
        let mut expected = self.model.notices.clone();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }

    /// The books of both sides, sets and sums.
    fn compare(&self) {
        let model = &self.model;
        let (height, staking) = (model.height, &model.params.staking);
        let epoch = if height == 0 { 0 } else { model.epoch() };
        assert_eq!(model.held(), model.supply(), "the model's own equation");
        let found = Books::of_state(&self.state, epoch, staking.unbonding_epochs);
        let mut expected = Books::of_model(model);
        let next = model.epoch_of(height + 1);
        let needed = next.saturating_sub(staking.evidence_epochs);
        assert!(expected.sets.range(needed..).all(|(number, _)| found.sets.contains_key(number)));
        expected.sets.retain(|number, _| found.sets.contains_key(number));
        found.assert_equal(&expected, height);
        let epoch_of =
            |above: u64| usize::try_from(model.epoch_of((height + above).max(1))).unwrap();
        let entries = [&self.epochs.executed, &self.epochs.next, &self.epochs.after];
        for (entry, above) in entries.into_iter().zip(0..) {
            assert_eq!(set_of(&entry.validators), model.sets[epoch_of(above)]);
        }
        assert_eq!(self.state.held(), model.supply());
    }
}
