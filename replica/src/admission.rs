//! Transactions on their way into the mempool, and out of it when they are included or given up.
//! What a client submitted here is sent again until it is included: gossip may lose.

use std::collections::BTreeMap;

use quorate_consensus::{Input as ConsensusInput, Now};
use quorate_mempool::{Dropped, Verdict};
use quorate_types::{Account, Address, ExecutedBlock, Height, Transaction, VerifiedTransaction};

use crate::input::Ticket;
use crate::job::Job;
use crate::replica::Replica;
use crate::step::Action;

/// Milliseconds after which a submitted transaction that still waits is sent again.
const RESEND_OWN_MS: u64 = 2_000;
/// Transactions sent again at once.
const RESEND_OWN: usize = 256;
/// Submitted transactions that are remembered for sending again.
const MAX_OWN: usize = 16_384;

impl Replica {
    /// Asks for the senders' accounts; the mempool judges when they are known.
    pub(crate) fn on_transactions(
        &mut self,
        ticket: Option<Ticket>,
        transactions: Vec<VerifiedTransaction>,
    ) {
        let at = self.chain.executed.height;
        self.out.now.push(Action::Run(Job::Admit { ticket, transactions, at }));
    }

    pub(crate) fn on_admitted(
        &mut self,
        now: Now,
        ticket: Option<Ticket>,
        transactions: Vec<VerifiedTransaction>,
        (at, accounts): (Height, BTreeMap<Address, Account>),
    ) {
        if !self.chain.remembers_above(at) {
            // The accounts are older than what is remembered of their changes: look again.
            self.on_transactions(ticket, transactions);
            return;
        }
        let plain: Vec<Transaction> =
            transactions.iter().map(|transaction| transaction.transaction().clone()).collect();
        let chain = &self.chain;
        let account = |address: &Address| {
            let known = chain.changed_above(at, address);
            known.or_else(|| accounts.get(address).copied()).unwrap_or_default()
        };
        let next = chain.executed.height.next();
        let verdicts = self.mempool.insert(transactions, &account, next, now.monotonic_ms);
        let dropped = self.mempool.dropped().to_vec();
        self.report_dropped(dropped);
        if self.mempool.has_ready() {
            self.inbox.push_back(ConsensusInput::WorkWaiting);
        }
        if let Some(ticket) = ticket {
            self.publish_accepted(now, plain, &verdicts);
            self.out.now.push(Action::Verdicts { ticket, verdicts });
        }
    }

    fn publish_accepted(&mut self, now: Now, transactions: Vec<Transaction>, verdicts: &[Verdict]) {
        let accepted: Vec<Transaction> = transactions
            .into_iter()
            .zip(verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Accepted)
            .map(|(transaction, _)| transaction)
            .collect();
        for transaction in &accepted {
            if self.own.len() < MAX_OWN {
                self.own.insert(transaction.id(), now.monotonic_ms);
            }
        }
        if !accepted.is_empty() {
            self.out.now.push(Action::PublishTransactions(accepted));
        }
    }

    /// Takes the block's transactions out of the mempool, with what they made impossible.
    pub(crate) fn forget_included(&mut self, now: Now, executed: &ExecutedBlock) {
        let included = &executed.block.transactions;
        let chain = &self.chain;
        let below = executed.height().previous().unwrap_or(Height::GENESIS);
        let account = |address: &Address| chain.changed_above(below, address).unwrap_or_default();
        let dropped =
            self.mempool.executed(executed.height(), included, &account, now.monotonic_ms);
        for transaction in included {
            self.own.remove(&transaction.id());
        }
        self.report_dropped(dropped);
    }

    pub(crate) fn report_dropped(&mut self, dropped: Vec<Dropped>) {
        for dropped in &dropped {
            self.own.remove(&dropped.id);
        }
        if !dropped.is_empty() {
            self.out.now.push(Action::Dropped(dropped));
        }
    }

    /// Sends what was submitted here and still waits directly to every peer.
    pub(crate) fn resend_own(&mut self, now: Now) {
        let due = now.monotonic_ms.saturating_sub(RESEND_OWN_MS);
        let mut transactions = Vec::new();
        for (id, sent_ms) in &mut self.own {
            if *sent_ms <= due
                && transactions.len() < RESEND_OWN
                && let Some(transaction) = self.mempool.get(id)
            {
                *sent_ms = now.monotonic_ms;
                transactions.push(transaction.clone());
            }
        }
        if !transactions.is_empty() {
            self.out.now.push(Action::ResendTransactions(transactions));
        }
    }
}
