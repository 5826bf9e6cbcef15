//! The state machine across heights: one match on the input, what lies above and below the height
//! being decided, and the start of the next one.

use quorate_crypto::ValidatorPublicKey;
use quorate_crypto::museum;
use quorate_types::{
    Address, Evidence, Height, Message, OwnMessage, SignRecord, SignedStatement, Statement,
    StatementBody, ValidatorIndex, Verified, VerifiedCertificate, View, verify,
};

use crate::buffer::Buffer;
use crate::conflicts::Conflicts;
use crate::evidence::judge;
use crate::fork::Decided;
use crate::input::{HeightStart, Input, Now, TimerId, TimerKind};
use crate::observer::{Observer, Past};
use crate::presence::HeightPresence;
use crate::state::State;
use crate::step::{Action, Step};
use crate::timers::Timeouts;

/// The height below: its certificate grows with late Commits (M-5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parent {
    pub(crate) start: HeightStart,
    pub(crate) certificate: VerifiedCertificate,
    pub(crate) conflicts: Conflicts,
}

/// Where the state machine stands at its height; a hint for peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Progress {
    /// The height being decided.
    pub height: Height,
    /// The view there.
    pub view: View,
    /// The highest prepared view there.
    pub prepared: Option<View>,
}

/// PBFT for one node. Total: no input makes it panic, and one that names another height, view or
/// block than the current is harmless.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consensus {
    pub(crate) me: Option<ValidatorPublicKey>,
    /// The state of the height; none before the first start.
    pub(crate) state: Option<State>,
    /// The record before the first start; one of a higher height stays until that one starts.
    pub(crate) resume: Option<SignRecord>,
    pub(crate) timeouts: Timeouts,
    pub(crate) buffer: Buffer,
    pub(crate) parent: Option<Parent>,
    /// Messages of heights above, by signer.
    pub(crate) above: HeightPresence,
    /// The highest commit certificate known of a height above.
    pub(crate) certificate_above: Option<VerifiedCertificate>,
    /// The highest height that `Behind` named.
    reported: Height,
    /// Commit certificates are durable in the chain database up to here.
    pub(crate) stored: Height,
    /// The certificates of the latest heights, for comparison.
    pub(crate) decided: Decided,
    /// Whether the signer keeps a guard of its own (S-2).
    pub(crate) signer_keeps_guard: bool,
    /// What that signer signed last, until its height starts (S-4).
    pub(crate) last_signed: Option<SignedStatement>,
    /// Whether it signs nothing until it has rejoined (S-5).
    pub(crate) observer: Observer,
}

impl Consensus {
    /// A node whose key never signed. Without a key, or outside the validator set, it follows and
    /// signs nothing.
    #[must_use]
    pub fn new(me: Option<ValidatorPublicKey>, timeouts: Timeouts) -> Consensus {
        Consensus::recover(me, timeouts, SignRecord::default().into())
    }

    /// A node whose key has the past that its record tells (S-4). The first start re-enters the
    /// record's height if it is that height's. Without a record it observes (S-5).
    #[must_use]
    pub fn recover(me: Option<ValidatorPublicKey>, timeouts: Timeouts, past: Past) -> Consensus {
        let past = if me.is_some() { past } else { SignRecord::default().into() };
        let (observer, resume) = Observer::of(past);
        Consensus {
            me,
            state: None,
            resume: if museum!(RecordForgotten) { Some(SignRecord::default()) } else { resume },
            timeouts,
            buffer: Buffer::default(),
            parent: None,
            above: HeightPresence::default(),
            certificate_above: None,
            reported: Height::GENESIS,
            stored: Height::GENESIS,
            decided: Decided::default(),
            signer_keeps_guard: false,
            last_signed: None,
            observer,
        }
    }

    /// The same with a signer that keeps a guard of its own, which has signed `last` last: a
    /// certificate is durable before its Commit is asked for (S-2), and what the record lacks of
    /// the signer's past is taken over (S-4).
    #[must_use]
    pub fn guarded_by_signer(self, last: Option<SignedStatement>) -> Consensus {
        Consensus { signer_keeps_guard: true, last_signed: last, ..self }
    }

    /// Where it stands; none before the first start.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        let state = self.state.as_ref()?;
        let prepared = state.record.prepared.as_ref().map(|prepared| prepared.view);
        Some(Progress { height: state.height(), view: state.view(), prepared })
    }

    /// The own messages of the height, for a peer that (re)connects.
    #[must_use]
    pub fn own_messages(&self) -> Vec<Message> {
        self.state.as_ref().map(State::own_messages).unwrap_or_default()
    }

    /// The certificate of the height below with every Commit seen since it was decided: what a
    /// block built now is to carry (M-5). None when this node did not see that decision, as after a
    /// restart; then the stored one is to be carried.
    #[must_use]
    pub fn last_commit(&self) -> Option<&VerifiedCertificate> {
        self.parent.as_ref().map(|parent| &parent.certificate)
    }

    /// What a validator has said lately, as far as it is kept: of the height, the one below and
    /// the ten above, the highest first, at most `limit` statements.
    #[must_use]
    pub fn said_by(&self, validator: &Address, limit: usize) -> Vec<SignedStatement> {
        let state = self.state.as_ref();
        let current = state.map(|state| (&state.conflicts, &state.start.set));
        let parent = self.parent.as_ref().map(|parent| (&parent.conflicts, &parent.start.set));
        // What is kept of heights above is of this height's set.
        let above = state.into_iter().flat_map(|state| {
            self.buffer.all_conflicts().map(|conflicts| (conflicts, &state.start.set))
        });
        let mut said: Vec<SignedStatement> = Vec::new();
        for (conflicts, set) in current.into_iter().chain(parent).chain(above) {
            let signer = set.index_of_address(validator);
            said.extend(signer.into_iter().flat_map(|signer| conflicts.said_by(signer)));
        }
        said.sort_by_key(|signed| {
            let statement = &signed.statement;
            std::cmp::Reverse((statement.height, statement.view, statement.step()))
        });
        said.truncate(limit);
        said
    }

    /// Own index in the validator set of the height; none for a full node.
    #[must_use]
    pub fn index(&self) -> Option<ValidatorIndex> {
        self.state.as_ref().and_then(|state| state.index)
    }

    /// Consumes one input and says what follows from it.
    pub fn step(&mut self, now: Now, input: Input) -> Step {
        let mut out = Step::default();
        if self.decided.has_forked() {
            return out;
        }
        match input {
            Input::Start(start) => self.on_start(now, *start, &mut out), // R-0, S-4
            Input::Message(message) => self.on_message(now, message, &mut out), // R-2..R-8, R-11
            Input::Evidence(evidence) => self.on_evidence(evidence, &mut out), // E-6
            Input::Signed(message) => self.on_signed(message),           // S-2
            Input::NotSigned(statement) => self.on_not_signed(&statement), // S-4
            Input::RecordWritten { height, prepared } => {
                self.with_state(|state| state.on_record_written(height, prepared, &mut out)); // S-2
            }
            Input::Timer(timer) => self.on_timer(timer, &mut out), // T-1
            Input::CertificateStored(height) => self.on_certificate_stored(height), // S-2
            Input::WorkWaiting => self.with_state(|state| state.clock.due = true),
            Input::Built { height, view, payload } => self.with_state(|state| {
                if height == state.height() {
                    state.on_built(now, view, payload, &mut out);
                }
            }),
            Input::Validated { digest, valid } => {
                self.with_state(|state| state.blocks.judge(digest, valid));
            }
            Input::Fetched(payload) => self.with_state(|state| state.on_fetched(payload, &mut out)),
            Input::BlockStored(digest) => self.with_state(|state| state.blocks.stored(digest)),
            Input::Met(met) => self.on_met(met), // S-5
            Input::Rejoined(height) => self.on_rejoined(height), // S-5
        }
        self.mute(); // S-5
        self.with_state(|state| state.settle(now, &mut out));
        self.report_behind(&mut out);
        self.report_observing(&mut out);
        self.look_for_fork(&mut out);
        out
    }

    fn with_state(&mut self, apply: impl FnOnce(&mut State)) {
        if let Some(state) = &mut self.state {
            apply(state);
        }
    }

    /// Sorts a message by its height; one of an unknown set says nothing.
    fn on_message(&mut self, now: Now, message: Verified<Message>, out: &mut Step) {
        if matches!(message.value(), Message::Rejoin(_)) {
            return; // the replica's
        }
        self.look_for_own(&message); // S-5
        if matches!(message.value(), Message::Evidence(_)) {
            return; // the replica's too
        }
        self.note_conflicts(&message, out);
        if let Some(certificate) = message.certificate() {
            self.decided.note(&certificate);
        }
        let Some(state) = &mut self.state else { return };
        let height = message.value().height();
        let of_set = message.set() == state.start.set.id();
        match height.cmp(&state.height()) {
            std::cmp::Ordering::Equal if of_set => state.on_message(now.wall, &message, out),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Less => self.on_late_commit(message.signed()),
            std::cmp::Ordering::Greater => self.on_message_above(now, message),
        }
    }

    /// keeps what contradicts itself. An echo of an own message says nothing new.
    fn note_conflicts(&mut self, message: &Verified<Message>, out: &mut Step) {
        let signer = message.value().signed().map(|signed| signed.signer);
        if signer.is_some() && signer == self.index() {
            return;
        }
        let Some((conflicts, view, start)) = self.conflicts_at(message.value().height()) else {
            return;
        };
        if message.set() == start.set.id() {
            let evidence = conflicts.note(message.value(), view, &start.set);
            out.now.extend(evidence.into_iter().map(|found| Action::Evidence(Box::new(found))));
        }
    }

    /// E-6: what a message that did not verify proves against its signer.
    fn on_evidence(&mut self, evidence: Box<Evidence>, out: &mut Step) {
        let Some((conflicts, _, start)) = self.conflicts_at(evidence.height()) else {
            return;
        };
        if conflicts.is_news(&evidence) && judge(&evidence, &start.context, &start.set).is_ok() {
            conflicts.convict(&evidence);
            out.now.push(Action::Evidence(evidence));
        }
    }

    /// Where the statements of a height are kept, with its view and set: those of the height, the
    /// one below and the buffered ones.
    fn conflicts_at(&mut self, height: Height) -> Option<(&mut Conflicts, View, &HeightStart)> {
        let state = self.state.as_mut()?;
        let current = state.height();
        match height.cmp(&current) {
            std::cmp::Ordering::Equal => {
                let view = state.view();
                Some((&mut state.conflicts, view, &state.start))
            }
            std::cmp::Ordering::Greater => {
                let conflicts = self.buffer.conflicts(current, height)?;
                Some((conflicts, View::ZERO, &state.start))
            }
            std::cmp::Ordering::Less => {
                let parent = self.parent.as_mut().filter(|parent| parent.start.height == height)?;
                let view = parent.certificate.value().view;
                Some((&mut parent.conflicts, view, &parent.start))
            }
        }
    }

    /// presence, the buffer, and the highest certificate.
    fn on_message_above(&mut self, now: Now, message: Verified<Message>) {
        let Some(state) = &mut self.state else { return };
        let height = message.value().height();
        if let Some(certificate) = message.certificate() {
            let known = self.certificate_above.as_ref().map(|known| known.value().height);
            if known.is_none_or(|known| known < height) {
                self.certificate_above = Some(certificate);
                state.outrun = true;
            }
            return;
        }
        let signer = message.value().signed().map(|signed| signed.signer);
        if let Some(signer) = signer.filter(|_| message.set() == state.start.set.id()) {
            self.above.note(signer, height);
        }
        self.buffer.insert(state.height(), message, now.wall);
    }

    /// M-5: a Commit for the block below, though the height is decided.
    fn on_late_commit(&mut self, vote: Option<Verified<SignedStatement>>) {
        let (Some(parent), Some(vote)) = (&mut self.parent, vote) else {
            return;
        };
        if let Some(fuller) = parent.certificate.with(&vote) {
            parent.certificate = fuller;
        }
    }

    fn on_signed(&mut self, message: OwnMessage) {
        let signed = *message.signed();
        self.with_state(|state| state.on_signed(message));
        if let Some(parent) = &self.parent
            && matches!(signed.statement.body, StatementBody::Commit { .. })
            && signed.statement.height == parent.start.height
        {
            let vote = verify::statement(signed, &parent.start.context, &parent.start.set).ok();
            self.on_late_commit(vote);
        }
    }

    fn on_not_signed(&mut self, statement: &Statement) {
        self.with_state(|state| state.asking.answered(statement, false));
    }

    fn on_timer(&mut self, timer: TimerId, out: &mut Step) {
        let Some(state) = &mut self.state else { return };
        if timer.height != state.height() {
            return;
        }
        state.on_timer(timer, out);
        if timer.kind == TimerKind::Resend {
            self.reported = Height::GENESIS;
        }
    }

    fn on_certificate_stored(&mut self, height: Height) {
        self.stored = self.stored.max(height);
        let stored = self.stored;
        self.with_state(|state| {
            let carried = &mut state.record.parent_certificate;
            carried.take_if(|certificate| certificate.height <= stored);
        });
    }

    /// says which height others have reached, once, and again with each tick.
    fn report_behind(&mut self, out: &mut Step) {
        let Some(state) = &self.state else { return };
        let reached = self.above.largest_weak_above(state.height(), &state.start.set);
        let certified = self.certificate_above.as_ref().map(|known| known.value().height.next());
        let Some(height) = reached.max(certified) else {
            return;
        };
        if height > state.height() && height > self.reported {
            self.reported = height;
            out.now.push(Action::Behind(height));
        }
    }
}
