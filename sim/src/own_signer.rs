//! A signer in a process of its own, and the calls of its node. It answers by the rule of the real
//! one and keeps a sign-state of its own. A call takes half a second at most, and fails at once for a
//! while after one that failed, like the node's side of the real one.

use quorate_crypto::Signature;
use quorate_replica::{Granted, OwnKey, Signer, SignerError};
use quorate_types::{
    ChainContext, Rejoin, RejoinBody, SignRecord, SignedStatement, Statement, Step,
};

use crate::losses::Image;
use crate::plan::{MS, SECOND, Span};
use crate::random::Random;
use crate::sign_file::SignFile;

/// How long a node waits for an answer, in microseconds.
const CALL_LIMIT: u64 = 500 * MS;
/// What a call takes that nothing disturbs, in microseconds.
const FAST: Span = Span::new(50, 2 * MS);
/// What one takes that is slow and still in time, in microseconds.
const SLOW: Span = Span::new(20 * MS, CALL_LIMIT - MS);
/// The pause after a failure, in microseconds; it doubles up to the longest.
const FIRST_PAUSE: u64 = 50 * MS;
const LONGEST_PAUSE: u64 = 2 * SECOND;

/// What becomes of a call. A reply that comes late, or out of turn, is one that is lost: a connection
/// that has failed is not read from again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// It is answered.
    Answered,
    /// It is answered just in time.
    Slow,
    /// The request arrives twice.
    AskedTwice,
    /// The request gets lost.
    RequestLost,
    /// The signer signs, and its answer gets lost.
    AnswerLost,
    /// The signer dies before what it signs is durable.
    SignerDiesWriting,
    /// The signer dies once it is, before it answers.
    SignerDiesAnswering,
    /// The node dies with the answer, before its own record is written.
    NodeDies,
}

impl Call {
    const DISTURBED: [Call; 7] = [
        Call::Slow,
        Call::AskedTwice,
        Call::RequestLost,
        Call::AnswerLost,
        Call::SignerDiesWriting,
        Call::SignerDiesAnswering,
        Call::NodeDies,
    ];
}

/// How a signer's process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerState {
    /// It answers.
    Up,
    /// There is no process: calls fail at once.
    Down,
    /// It stands still: calls time out, and the first one is answered when nobody waits any more.
    Hangs,
    /// Its node cannot reach it: calls time out.
    CutOff,
}

/// A signer's process and sign-state, and its node's side of the line.
#[derive(Debug)]
pub(crate) struct OwnSigner {
    key: OwnKey,
    file: SignFile,
    /// What the file has.
    record: SignRecord,
    pub(crate) state: SignerState,
    /// What a hanging signer was asked for.
    late: Option<Statement>,
    /// What becomes of the next call for this step, where a test says so.
    pub(crate) scripted: Option<(Step, Call)>,
    line: Line,
    /// An earlier image of the node.
    pub(crate) image: Option<Image>,
    /// Whether its node has been set back to one.
    pub(crate) was_restored: bool,
}

/// The node's side: when it may call again after a failure.
#[derive(Clone, Copy, Debug)]
struct Line {
    has_failed: bool,
    pause_us: u64,
    try_at_us: u64,
}

const FRESH: Line = Line { has_failed: false, pause_us: FIRST_PAUSE, try_at_us: 0 };

impl OwnSigner {
    pub(crate) fn new(key: OwnKey, file: SignFile) -> OwnSigner {
        OwnSigner {
            key,
            file,
            record: SignRecord::default(),
            state: SignerState::Up,
            late: None,
            scripted: None,
            line: FRESH,
            image: None,
            was_restored: false,
        }
    }

    /// The node has a connection that it has not tried yet.
    pub(crate) fn reconnect(&mut self) {
        self.line = FRESH;
    }

    /// What it signed last, if it answers.
    pub(crate) fn last(&self) -> Option<Option<SignedStatement>> {
        (self.state == SignerState::Up).then(|| self.key.last(&self.record))
    }

    /// A rejoin entry, if it answers and does not refuse.
    pub(crate) fn sign_rejoin(&self, body: RejoinBody) -> Option<Rejoin> {
        let is_up = self.state == SignerState::Up;
        is_up.then(|| self.key.sign_rejoin(&self.record, body).ok()).flatten()
    }

    /// Signs what its record permits; durable first.
    fn sign(&mut self, statement: Statement) -> Result<SignedStatement, SignerError> {
        let granted = self.key.grant(&self.record, statement);
        let Granted { signed, record } = granted.map_err(|no| SignerError(no.to_string()))?;
        if let Some(record) = record {
            self.file.write(&record);
            self.record = *record;
        }
        Ok(signed)
    }

    /// The process ends, with a record under way that comes to nothing.
    pub(crate) fn die(&mut self, under_way: Option<&SignRecord>, random: &mut Random) {
        self.file.crash(under_way, random);
        self.state = SignerState::Down;
        self.late = None;
    }

    /// It answers again. Gives what it signs for nobody, if it was asked while it hung.
    ///
    /// # Errors
    /// When its sign-state is not what was acknowledged last.
    pub(crate) fn come_back(&mut self) -> Result<Option<Statement>, String> {
        let was = std::mem::replace(&mut self.state, SignerState::Up);
        if was == SignerState::Down {
            let opened = self.file.open().map_err(|why| format!("the signer's file: {why}"))?;
            if opened.record != self.record {
                return Err("the signer reads another record than it wrote last".to_owned());
            }
        }
        let late = self.late.take();
        Ok(late.filter(|statement| self.sign(*statement).is_ok()))
    }
}

/// The calls of one vote.
pub(crate) struct Calls<'a> {
    pub(crate) signer: &'a mut OwnSigner,
    pub(crate) random: &'a mut Random,
    /// Calls that are disturbed, of a thousand.
    pub(crate) trouble: u64,
    /// Virtual time, which calls take.
    pub(crate) now_us: u64,
    /// What the signer has signed.
    pub(crate) signed: Vec<Statement>,
    /// Signatures that did not reach the node.
    pub(crate) lost: u64,
    /// Requests that were refused.
    pub(crate) refused: u64,
    /// The node is no more.
    pub(crate) node_dies: bool,
}

impl Signer for Calls<'_> {
    fn sign(&mut self, statement: &Statement, _: &ChainContext) -> Result<Signature, SignerError> {
        let line = self.signer.line;
        if self.node_dies || (line.has_failed && self.now_us < line.try_at_us) {
            return Err(failed());
        }
        match self.call(*statement) {
            Some(answer) => {
                self.signer.line = FRESH;
                self.refused += u64::from(answer.is_err());
                answer
            }
            None => {
                let pause_us = line.pause_us.saturating_mul(2).min(LONGEST_PAUSE);
                let try_at_us = self.now_us.saturating_add(line.pause_us);
                self.signer.line = Line { has_failed: true, pause_us, try_at_us };
                Err(failed())
            }
        }
    }
}

impl Calls<'_> {
    /// One call; none when no answer comes.
    fn call(&mut self, statement: Statement) -> Option<Result<Signature, SignerError>> {
        match self.signer.state {
            SignerState::Up => {}
            SignerState::Down => return None,
            SignerState::Hangs => {
                // It takes no new connection, so that only the call on the old one is waiting.
                if !self.signer.line.has_failed {
                    self.signer.late = Some(statement);
                }
                return self.time_out();
            }
            SignerState::CutOff => return self.time_out(),
        }
        match self.fate(statement.step()) {
            Call::Answered => self.answer(statement, FAST),
            Call::Slow => self.answer(statement, SLOW),
            Call::AskedTwice => {
                let first = self.answer(statement, FAST);
                let second = self.answer(statement, FAST);
                assert_eq!(first, second, "one request, one answer (S-1)");
                second
            }
            Call::RequestLost => self.time_out(),
            Call::AnswerLost => {
                self.answer_nobody(statement);
                self.time_out()
            }
            Call::SignerDiesWriting => {
                let granted = self.signer.key.grant(&self.signer.record, statement).ok();
                let under_way = granted.and_then(|granted| granted.record);
                self.signer.die(under_way.as_deref(), self.random);
                None
            }
            Call::SignerDiesAnswering => {
                self.answer_nobody(statement);
                self.signer.die(None, self.random);
                None
            }
            Call::NodeDies => {
                self.answer_nobody(statement);
                self.node_dies = true;
                None
            }
        }
    }

    fn fate(&mut self, step: Step) -> Call {
        if let Some((_, call)) = self.signer.scripted.take_if(|(of, _)| *of == step) {
            return call;
        }
        let is_disturbed = self.random.chance(self.trouble);
        let drawn = is_disturbed.then(|| self.random.pick(&Call::DISTURBED));
        drawn.flatten().unwrap_or(Call::Answered)
    }

    fn answer(
        &mut self,
        statement: Statement,
        takes: Span,
    ) -> Option<Result<Signature, SignerError>> {
        self.now_us = self.now_us.saturating_add(takes.draw(self.random));
        Some(self.sign_for_node(statement))
    }

    /// It signs, if it may, and its answer comes to nothing.
    fn answer_nobody(&mut self, statement: Statement) {
        self.lost += u64::from(self.sign_for_node(statement).is_ok());
    }

    fn sign_for_node(&mut self, statement: Statement) -> Result<Signature, SignerError> {
        let signed = self.signer.sign(statement)?;
        self.signed.push(statement);
        Ok(signed.signature)
    }

    /// The node gives up half a second after it began to call.
    fn time_out<T>(&mut self) -> Option<T> {
        self.now_us = self.now_us.saturating_add(CALL_LIMIT);
        None
    }
}

fn failed() -> SignerError {
    SignerError("out of reach".to_owned())
}
