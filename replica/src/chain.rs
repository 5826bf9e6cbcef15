//! What is decided, executed and stored, and what is on its way. Heights become final in order:
//! decided, executed, stored.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use quorate_types::{
    Account, Address, Canonical, Certificate, Digest, ExecutedBlock, ExecutedTip, Height, StateKey,
    Timestamp, Transaction, TransactionId,
};

use crate::input::StoreToken;

/// Executed heights whose changes are remembered, to bring older account reads up to date.
pub(crate) const RECENT_HEIGHTS: usize = 64;

/// The highest decided block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tip {
    pub(crate) height: Height,
    pub(crate) digest: Digest,
    pub(crate) time: Timestamp,
    /// Whether its roots want certifying: it has transactions or ends an epoch.
    pub(crate) has_content: bool,
    /// Its commit certificate; none at genesis.
    pub(crate) certificate: Option<Certificate>,
}

/// What a finished store request means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum StoreMark {
    Block(Digest),
    Certificate(Height),
    Executed { executed: Arc<ExecutedBlock>, certificate: Certificate },
}

/// The chain above what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Chain {
    pub(crate) tip: Tip,
    /// When the tip was decided, on the monotonic clock in milliseconds.
    pub(crate) decided_at_ms: u64,
    /// The highest height that is decided and executed.
    pub(crate) executed: ExecutedTip,
    /// The highest height that is final, its block's digest and time.
    pub(crate) last_final: (Height, Digest, Timestamp),
    /// The highest height that verified messages prove others to have decided.
    pub(crate) heard: Height,
    /// The block that was handed to execution last, decided or not.
    pub(crate) executing: (Height, Digest),
    /// The executions that were asked for and have no answer, oldest first, and whether each still
    /// stands: the height of one that was discarded since is none.
    executions: VecDeque<Option<Height>>,
    /// Results whose block is not yet decided, or whose turn has not come.
    results: BTreeMap<Digest, Arc<ExecutedBlock>>,
    /// Decided and not yet executed, oldest first.
    waiting: VecDeque<Certificate>,
    /// The newest executed heights, newest first.
    recent: VecDeque<Arc<ExecutedBlock>>,
    stores: BTreeMap<StoreToken, Vec<StoreMark>>,
    next_token: u64,
}

impl Chain {
    pub(crate) fn new(tip: Tip, executed: ExecutedTip) -> Chain {
        Chain {
            decided_at_ms: 0,
            executed,
            last_final: (tip.height, tip.digest, tip.time),
            heard: tip.height,
            executing: (tip.height, tip.digest),
            executions: VecDeque::new(),
            results: BTreeMap::new(),
            waiting: VecDeque::new(),
            recent: VecDeque::new(),
            stores: BTreeMap::new(),
            next_token: 0,
            tip,
        }
    }

    /// Takes note of a decided block, whose result is now due.
    pub(crate) fn decide(&mut self, tip: Tip, certificate: Certificate, now_ms: u64) {
        self.heard = self.heard.max(tip.height);
        self.tip = tip;
        self.decided_at_ms = now_ms;
        self.waiting.push_back(certificate);
    }

    /// Takes note of a stored result. One that was computed again after a restart lies below what
    /// is final already.
    pub(crate) fn report_final(&mut self, executed: &ExecutedBlock) {
        if executed.height() > self.last_final.0 {
            let time = executed.block.header.time;
            self.last_final = (executed.height(), executed.digest, time);
        }
    }

    /// How many heights are decided and not yet executed.
    pub(crate) fn backlog(&self) -> usize {
        self.waiting.len()
    }

    /// A block is handed to execution.
    pub(crate) fn start_execution(&mut self, height: Height, digest: Digest) {
        self.executing = (height, digest);
        self.executions.push_back(Some(height));
    }

    /// The execution of a height and above is discarded: neither results that are here nor those
    /// that are on their way stand for what the ledger will hold.
    pub(crate) fn discard_executions(&mut self, height: Height) {
        self.results.retain(|_, result| result.height() < height);
        for execution in &mut self.executions {
            execution.take_if(|of| *of >= height);
        }
    }

    /// Keeps a result until its block is decided, unless it was discarded meanwhile. Results come
    /// in the order in which they were asked for.
    pub(crate) fn add_result(&mut self, executed: Arc<ExecutedBlock>) {
        if self.executions.pop_front().flatten().is_some() {
            self.results.insert(executed.digest, executed);
        }
    }

    /// The next decided block whose result is here; it counts as executed from now on.
    pub(crate) fn next_executed(&mut self) -> Option<(Arc<ExecutedBlock>, Certificate)> {
        let digest = self.waiting.front()?.digest;
        let executed = self.results.remove(&digest)?;
        let certificate = self.waiting.pop_front()?;
        self.executed = executed.tip();
        self.results.retain(|_, result| result.height() > certificate.height);
        self.recent.push_front(Arc::clone(&executed));
        self.recent.truncate(RECENT_HEIGHTS);
        Some((executed, certificate))
    }

    /// An account that changed above a height, as it is now.
    pub(crate) fn changed_above(&self, at: Height, address: &Address) -> Option<Account> {
        let key = StateKey::account(address);
        let newer = self.recent.iter().take_while(|executed| executed.height() > at);
        let value = newer.filter_map(|executed| executed.changes.get(&key)).next()?;
        value.as_ref().and_then(|bytes| Account::from_bytes(bytes).ok())
    }

    /// Whether every change above a height is remembered.
    pub(crate) fn remembers_above(&self, at: Height) -> bool {
        let remembered = u64::try_from(self.recent.len()).unwrap_or(u64::MAX);
        self.executed.height.above(at) <= remembered
    }

    /// A transaction of an executed block whose result is on its way into the store.
    pub(crate) fn not_yet_final(&self, id: &TransactionId) -> Option<Transaction> {
        let executed = self.stores.values().flatten().filter_map(|mark| match mark {
            StoreMark::Executed { executed, .. } => Some(executed),
            StoreMark::Block(_) | StoreMark::Certificate(_) => None,
        });
        let mut transactions = executed.flat_map(|executed| &executed.block.transactions);
        transactions.find(|transaction| transaction.id() == *id).cloned()
    }

    /// A token for a request to the store.
    pub(crate) fn token(&mut self, marks: Vec<StoreMark>) -> StoreToken {
        self.next_token = self.next_token.saturating_add(1);
        let token = StoreToken(self.next_token);
        self.stores.insert(token, marks);
        token
    }

    /// What the requests up to a token mean, in order.
    pub(crate) fn stored(&mut self, token: StoreToken) -> Vec<StoreMark> {
        let later = self.stores.split_off(&StoreToken(token.0.saturating_add(1)));
        std::mem::replace(&mut self.stores, later).into_values().flatten().collect()
    }
}
