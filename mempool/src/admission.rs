//! Whether a transaction may wait: every check first, then every effect, so a refusal changes
//! nothing.

use quorate_crypto::museum;
use std::cmp::Reverse;

use quorate_types::{
    Account, Address, Height, Nonce, Transaction, TransactionId, VerifiedTransaction,
};

use crate::chain::{Chain, Waiting};
use crate::eviction::Shortage;
use crate::limits::REPLACEMENT_PERCENT;
use crate::pool::Mempool;
use crate::rank::Worth;
use crate::verdict::{DropReason, Dropped, Refusal, Verdict};

/// Who yields to a newcomer that passed every check.
#[derive(Default)]
struct Admission {
    replaced: Option<TransactionId>,
    victims: Vec<TransactionId>,
}

impl Mempool {
    /// Takes in transactions, one verdict each, in order. `accounts` gives the state after the
    /// last executed height, `next_height` is the height above it. What had to go for them, and
    /// what went because its time was over, is in [`Mempool::dropped`] afterwards.
    pub fn insert(
        &mut self,
        transactions: Vec<VerifiedTransaction>,
        accounts: &dyn Fn(&Address) -> Account,
        next_height: Height,
        now_ms: u64,
    ) -> Vec<Verdict> {
        let mut dropped = Vec::new();
        self.sweep(next_height, now_ms, &mut dropped);
        let mut verdicts = Vec::with_capacity(transactions.len());
        for transaction in transactions {
            let transaction = transaction.into_inner();
            if self.contains(&transaction.id()) {
                verdicts.push(Verdict::Known);
                continue;
            }
            let sender = transaction.sender();
            let account = accounts(&sender);
            self.settle(&sender, || account, &mut dropped);
            let admission = check_expiry(&transaction, next_height)
                .and_then(|()| self.check(&transaction, &sender, account));
            verdicts.push(match admission {
                Err(refusal) => Verdict::Refused(refusal),
                Ok(admission) => {
                    let rank = self.next_rank(&transaction);
                    self.admit(admission, transaction.id(), &mut dropped);
                    self.add(sender, account, Waiting { transaction, rank, arrived_ms: now_ms });
                    self.settle(&sender, || account, &mut dropped);
                    Verdict::Accepted
                }
            });
        }
        self.dropped = dropped;
        verdicts
    }

    /// What the last [`Mempool::insert`] dropped, each with its reason.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    fn admit(&mut self, admission: Admission, by: TransactionId, dropped: &mut Vec<Dropped>) {
        if let Some(replaced) = admission.replaced {
            self.give_up(replaced, DropReason::Replaced { by }, dropped);
        }
        for victim in admission.victims {
            self.give_up(victim, DropReason::Evicted, dropped);
        }
    }

    fn check(
        &self,
        transaction: &Transaction,
        sender: &Address,
        account: Account,
    ) -> Result<Admission, Refusal> {
        let nonce = transaction.body().nonce;
        // What was verified for an epoch may come in the next one.
        if let Some(required) = self.missed_fee(transaction) {
            return Err(Refusal::FeeTooLow { found: transaction.body().fee, required });
        }
        self.check_nonce(nonce, account.nonce)?;
        let empty = Chain::of(account);
        let chain = self.chains.get(sender).unwrap_or(&empty);
        let replaced = chain.get(nonce);
        if let Some(waiting) = replaced {
            check_replacement(transaction, waiting)?;
        }
        let required = chain.fees_below(nonce) + u128::from(transaction.body().fee.0);
        if required > u128::from(account.balance.0) && !museum!(MempoolUnpayable) {
            return Err(Refusal::InsufficientFunds { required, balance: account.balance });
        }
        let yields = match replaced {
            Some(waiting) => Some(waiting),
            None => self.own_tail_to_yield(chain, nonce)?,
        };
        let shortage = self.shortage(transaction, yields);
        let ready = nonce <= chain.gap();
        let newcomer = Worth { ready, rank: Reverse(self.next_rank(transaction)) };
        let mut victims = self.victims(newcomer, sender, shortage).ok_or(Refusal::Full)?;
        if replaced.is_none() {
            victims.extend(yields.map(Waiting::id));
        }
        Ok(Admission { replaced: replaced.map(Waiting::id), victims })
    }

    fn check_nonce(&self, nonce: Nonce, expected: Nonce) -> Result<(), Refusal> {
        let limit = self.limits.max_nonce_gap;
        match nonce.0.checked_sub(expected.0) {
            None => Err(Refusal::NonceTooLow { expected }),
            Some(ahead) if ahead > limit => Err(Refusal::NonceGap { expected, limit }),
            Some(_) => Ok(()),
        }
    }

    /// A full chain takes a lower nonce at the price of its tail: or transactions that overtook
    /// the one they wait for would keep it out, and themselves waiting.
    fn own_tail_to_yield<'a>(
        &self,
        chain: &'a Chain,
        nonce: Nonce,
    ) -> Result<Option<&'a Waiting>, Refusal> {
        let limit = self.limits.max_per_sender;
        if chain.len() < limit {
            return Ok(None);
        }
        match chain.tail() {
            Some((tail, waiting)) if tail > nonce => Ok(Some(waiting)),
            Some(_) | None => Err(Refusal::SenderLimit(limit)),
        }
    }

    fn shortage(&self, transaction: &Transaction, yields: Option<&Waiting>) -> Shortage {
        let (freed, freed_bytes) = yields.map_or((0, 0), |waiting| (1, waiting.bytes()));
        let transactions = self.len() - freed + 1;
        let bytes = self.bytes() - freed_bytes + transaction.bytes().len();
        Shortage {
            transactions: transactions.saturating_sub(self.limits.max_transactions),
            bytes: bytes.saturating_sub(self.limits.max_bytes),
        }
    }
}

fn check_expiry(transaction: &Transaction, next: Height) -> Result<(), Refusal> {
    let expiry = transaction.body().expiry;
    transaction.validate_expiry(next).map_err(|_| Refusal::Expired { expiry, next })
}

/// A replacement pays at least a tenth more, so that changing one's mind is not a way to make
/// every node forward transactions for nothing.
fn check_replacement(transaction: &Transaction, waiting: &Waiting) -> Result<(), Refusal> {
    let old = u128::from(waiting.transaction.body().fee.0);
    let percent = u128::from(REPLACEMENT_PERCENT);
    let required = (old * percent).div_ceil(100).max(old + 1);
    if u128::from(transaction.body().fee.0) < required {
        return Err(Refusal::NonceTaken { waiting: waiting.id(), required });
    }
    Ok(())
}
