//! The core: one `step` per input, total and without I/O. Each kind of input has its file; what
//! consensus asks for is carried out in `drive`.

use std::collections::{BTreeMap, VecDeque};

use quorate_consensus::{Consensus, Input as ConsensusInput, Now, Progress};
use quorate_crypto::Hash;
use quorate_mempool::Mempool;
use quorate_types::{
    Address, ChainParams, Height, KnownEpochs, Message, Status, TransactionId, ValidatorIndex,
    ValidatorSet, Verified, View,
};

use crate::blocks::Blocks;
use crate::chain::Chain;
use crate::config::Config;
use crate::evidence_pool::EvidencePool;
use crate::input::{Input, PeerId, Timer};
use crate::job::JobDone;
use crate::pace::Pace;
use crate::peers::Peers;
use crate::rejoin::Rejoins;
use crate::status::{NodeStatus, SyncState};
use crate::step::{Action, Step};

/// Milliseconds between two looks after peers, missing blocks and own transactions.
pub(crate) const HOUSEKEEPING_MS: u64 = 500;
/// Milliseconds between two statuses to everybody because of decisions; more often tells nothing.
const STATUS_MS: u64 = 100;

/// The whole node minus I/O.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    pub(crate) config: Config,
    /// The epochs whose validators and parameters are known.
    pub(crate) epochs: KnownEpochs,
    /// Whether the height above the tip waits for its set (EP-1).
    pub(crate) awaits_epoch: bool,
    /// The operator's address of the validator that this node is.
    pub(crate) operator: Option<Address>,
    /// The seed of the current epoch (T-5).
    pub(crate) seed: Hash,
    pub(crate) consensus: Consensus,
    /// What consensus is still to be told. Not empty only while a signer's answers are awaited.
    pub(crate) inbox: VecDeque<ConsensusInput>,
    pub(crate) chain: Chain,
    pub(crate) blocks: Blocks,
    pub(crate) peers: Peers,
    pub(crate) mempool: Mempool,
    /// Transactions submitted here, with the time of their last sending.
    pub(crate) own: BTreeMap<TransactionId, u64>,
    /// A block that consensus wants built as soon as the parent is executed.
    pub(crate) build: Option<(Height, View)>,
    /// The decided height at the last housekeeping, to notice standing still.
    pub(crate) last_seen: Height,
    pub(crate) last_status_ms: u64,
    pub(crate) pace: Pace,
    pub(crate) rejoins: Rejoins,
    pub(crate) evidence: EvidencePool,
    pub(crate) out: Step,
}

impl Replica {
    /// Consumes one input. Total: no input, whoever sent it, makes it panic.
    pub fn step(&mut self, now: Now, input: Input) -> Step {
        let was_answer = matches!(input, Input::Answer { .. });
        match input {
            Input::PeerConnected(peer) => self.on_peer_connected(peer),
            Input::PeerDisconnected(peer) => self.on_peer_disconnected(peer),
            Input::Message(message) => {
                self.on_message(message);
            }
            Input::Evidence(evidence) => {
                self.inbox.push_back(ConsensusInput::Evidence(evidence));
            }
            Input::Status { peer, status } => self.on_status(peer, status),
            Input::Request { peer, id, request } => self.on_request(peer, id, request),
            Input::Answer { id, answer } => self.on_answer(id, answer),
            Input::Transactions { ticket, transactions } => {
                self.on_transactions(ticket, transactions);
            }
            Input::RejoinSigned(rejoin) => self.on_rejoin_signed(rejoin),
            Input::Signer(answer) => self.inbox.push_front(*answer),
            Input::Timer(timer) => self.on_timer(now, timer),
            Input::Done(done) => self.on_done(now, done),
            Input::Stored(token) => self.on_stored(token),
            Input::Query { id, query } => self.on_query(id, query),
        }
        self.drive(now);
        if was_answer && self.inbox.is_empty() {
            self.sync_above(self.chain.tip.height);
        }
        std::mem::take(&mut self.out)
    }

    fn on_message(&mut self, message: Verified<Message>) {
        match message.value() {
            Message::Rejoin(rejoin) => return self.rejoins.insert(*rejoin), // S-5
            // Consensus looks into it for statements of the own key (S-5).
            Message::Evidence(evidence) => self.on_evidence_heard(evidence),
            Message::Certificate(certificate) => {
                self.chain.heard = self.chain.heard.max(certificate.height);
            }
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_) => {}
        }
        self.inbox.push_back(ConsensusInput::Message(message));
    }

    fn on_timer(&mut self, now: Now, timer: Timer) {
        match timer {
            Timer::Consensus(timer) => self.inbox.push_back(ConsensusInput::Timer(timer)),
            Timer::Request(id) => self.on_answer(id, None),
            Timer::Housekeeping => self.on_housekeeping(now),
        }
    }

    fn on_done(&mut self, now: Now, done: JobDone) {
        match done {
            JobDone::Built { view, block } => self.on_built(view, block),
            JobDone::Validated { digest, verdict } => self.on_validated(digest, verdict),
            JobDone::Executed(executed) => self.on_executed(now, executed),
            JobDone::Admitted { ticket, transactions, at, accounts } => {
                self.on_admitted(now, ticket, transactions, (at, accounts));
            }
            JobDone::Account { id, address, height, account } => {
                self.on_account(id, address, height, account);
            }
            JobDone::Proved { id, proved } => self.on_proved(id, proved),
            JobDone::Simulated { id, simulated } => self.on_simulated(id, simulated),
            JobDone::Served { peer, id, answer } => {
                self.out.now.push(Action::Answer { peer, id, answer });
            }
            JobDone::Loaded { digest, block } => self.on_loaded(digest, block),
            JobDone::Failed(reason) => self.out.now.push(Action::Halt(reason)),
        }
    }

    pub(crate) fn on_housekeeping(&mut self, now: Now) {
        self.ask_for_missing();
        if self.last_seen == self.chain.tip.height {
            self.sync_above(self.chain.tip.height);
        }
        self.last_seen = self.chain.tip.height;
        self.resend_own(now);
        self.renew_rejoin(now);
        self.out
            .now
            .push(Action::SetTimer { timer: Timer::Housekeeping, after_ms: HOUSEKEEPING_MS });
    }

    /// Where this node stands, as it tells peers.
    pub(crate) fn peer_status(&self) -> Status {
        let Progress { height, view, prepared } = self.progress();
        Status {
            height,
            view,
            prepared,
            decided: self.chain.tip.height,
            first_stored: Height::GENESIS.next(),
        }
    }

    fn progress(&self) -> Progress {
        let height = self.chain.tip.height.next();
        let before_start = Progress { height, view: View::ZERO, prepared: None };
        self.consensus.progress().unwrap_or(before_start)
    }

    /// Tells everybody, but not more often than it helps.
    pub(crate) fn tell_status(&mut self, now: Now) {
        if now.monotonic_ms.saturating_sub(self.last_status_ms) >= STATUS_MS {
            self.last_status_ms = now.monotonic_ms;
            self.send_status(None);
        }
    }

    pub(crate) fn send_status(&mut self, peer: Option<PeerId>) {
        let status = self.peer_status();
        self.out.now.push(Action::SendStatus { peer, status });
    }

    /// A snapshot for those who ask from outside.
    #[must_use]
    pub fn status(&self) -> NodeStatus {
        let Progress { height, view, .. } = self.progress();
        let (final_height, final_digest, final_time) = self.chain.last_final;
        let decided = self.chain.tip.height;
        NodeStatus {
            final_height,
            final_digest,
            final_time,
            decided,
            heard: self.chain.heard,
            height,
            view,
            sync: self.sync_state(),
            peers: self.peers.count(),
            is_validator: self.operator.is_some(),
            is_observing: self.consensus.is_observing(),
            decided_at_ms: self.chain.decided_at_ms,
        }
    }

    pub(crate) fn sync_state(&self) -> SyncState {
        let in_sync = self.chain.heard <= self.chain.tip.height.next();
        if in_sync { SyncState::InSync } else { SyncState::Syncing }
    }

    /// The validator set in force.
    #[must_use]
    pub fn validators(&self) -> &ValidatorSet {
        &self.epochs.current().validators
    }

    /// The parameters in force.
    pub(crate) fn params(&self) -> &ChainParams {
        &self.epochs.current().params
    }

    /// The operator's address of the validator that this node is; none for a full node.
    #[must_use]
    pub fn operator(&self) -> Option<Address> {
        self.operator
    }

    /// Whose turn it is at the height and view that consensus works on.
    #[must_use]
    pub fn primary(&self) -> Option<ValidatorIndex> {
        let Progress { height, view, .. } = self.progress();
        let order = quorate_consensus::primaries(&self.seed, self.validators(), height);
        let count = u64::try_from(order.len()).ok()?;
        let turn = usize::try_from(view.0.checked_rem(count)?).ok()?;
        order.get(turn).copied()
    }
}
