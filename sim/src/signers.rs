//! Validators whose signer is a process of its own, with a guard of its own: who has one, what happens
//! to it, and what its node does about that (S-2, S-4). Drawn apart from all else, in runs whose
//! signers fail at all.

use std::collections::BTreeMap;

use quorate_crypto::ValidatorSecretKey;
use quorate_replica::{Completed, OwnKey, SignerGuard, Vote, complete};
use quorate_types::{Rejoin, RejoinBody, Step};

use crate::event::{Event, NodeId};
use crate::faults::Fault;
use crate::own_signer::{Call, Calls, OwnSigner, SignerState};
use crate::plan::{MS, SECOND, Span};
use crate::random::Random;
use crate::sign_file::SignFile;
use crate::world::World;

/// Keeps the draws for signers apart from the others.
const SALT: u64 = 0x7369_676e_6572_5f66;
/// How long a signer is away, in microseconds.
const AWAY: Span = Span::new(10 * MS, 5 * SECOND);
/// How long a node that finds no signer waits before it starts again, in microseconds.
const RETRY: u64 = 250 * MS;
/// Calls that are disturbed, of a thousand, at most.
const MOST_TROUBLE: u64 = 60;

/// The signers of a run that are processes of their own.
#[derive(Debug)]
pub(crate) struct Signers {
    random: Random,
    /// Calls that are disturbed, of a thousand.
    trouble: u64,
    of: BTreeMap<NodeId, OwnSigner>,
}

impl Signers {
    /// None yet.
    pub(crate) fn new(seed: u64) -> Signers {
        Signers { random: Random::apart(seed, SALT), trouble: 0, of: BTreeMap::new() }
    }

    /// Whether a node has been set back to an earlier image.
    pub(crate) fn was_restored(&self, id: NodeId) -> bool {
        self.of.get(&id).is_some_and(|signer| signer.was_restored)
    }

    /// Calls are disturbed no longer.
    pub(crate) fn heal(&mut self) {
        self.trouble = 0;
    }
}

impl World {
    /// Half of the runs whose signers fail have some that are processes of their own.
    pub(crate) fn draw_signers(&mut self) {
        let World { plan, signers: Signers { random, .. }, .. } = self;
        if !plan.faults.contains(Fault::Signer) || random.chance(500) {
            return;
        }
        let share = random.between(100, 1_000);
        let trouble = random.below(MOST_TROUBLE);
        let chosen = (0..plan.validators).map(NodeId).filter(|_| random.chance(share));
        let chosen: Vec<NodeId> = chosen.collect();
        self.signers.trouble = trouble;
        for id in chosen {
            if !self.is_byzantine(id) {
                self.give_signer(id);
            }
        }
    }

    /// A validator that has not started yet gets a signer in a process of its own.
    pub fn give_signer(&mut self, id: NodeId) {
        let (Some(seed), Some(owner)) = (self.node(id).key_seed, self.setup.log_owner(id)) else {
            return;
        };
        let secret = ValidatorSecretKey::from_seed(seed);
        let key = OwnKey { secret, context: self.setup.context.clone() };
        self.signers.of.insert(id, OwnSigner::new(key, SignFile::new(owner)));
    }

    /// What becomes of the next call for this step to a signer in a process of its own.
    pub fn script_call(&mut self, id: NodeId, step: Step, call: Call) {
        if let Some(signer) = self.signers.of.get_mut(&id) {
            signer.scripted = Some((step, call));
        }
    }

    /// Whether no call is left that [`World::script_call`] disturbs.
    #[must_use]
    pub fn script_is_over(&self, id: NodeId) -> bool {
        self.signers.of.get(&id).is_none_or(|signer| signer.scripted.is_none())
    }

    /// A signer in a process of its own answers no more, or again.
    pub fn set_signer(&mut self, id: NodeId, state: SignerState) {
        let Signers { random, of, .. } = &mut self.signers;
        let Some(signer) = of.get_mut(&id) else { return };
        match state {
            SignerState::Up => self.signer_back(id),
            SignerState::Down => signer.die(None, random),
            SignerState::Hangs | SignerState::CutOff if signer.state == SignerState::Up => {
                signer.state = state;
            }
            SignerState::Hangs | SignerState::CutOff => {}
        }
    }

    /// What a node knows of its signer's guard as it starts; none while the signer does not answer.
    pub(crate) fn signer_guard(&mut self, id: NodeId) -> Option<SignerGuard> {
        let Some(signer) = self.signers.of.get_mut(&id) else {
            return Some(SignerGuard::Record);
        };
        signer.reconnect();
        signer.last().map(SignerGuard::Own)
    }

    /// A node that starts and finds no signer is started again.
    pub(crate) fn wait_for_signer(&mut self, id: NodeId) {
        self.after(RETRY, Event::Start { node: id });
    }

    /// Has a vote signed by a signer in a process of its own, and says how long that took; none if
    /// the node has died over it.
    pub(crate) fn call_signer(&mut self, id: NodeId, vote: Vote) -> Option<(Completed, u64)> {
        let (now_us, statements) = (self.now_us, vote.statements.len());
        let Signers { random, trouble, of } = &mut self.signers;
        let (signer, trouble) = (of.get_mut(&id)?, *trouble);
        let was_up = signer.state != SignerState::Down;
        let (signed, lost, refused, node_dies) = (Vec::new(), 0, 0, false);
        let mut calls = Calls { signer, random, trouble, now_us, signed, lost, refused, node_dies };
        let completed = complete(vote, &mut calls);
        let Calls { signer, now_us: until_us, signed, lost, refused, node_dies, .. } = calls;
        let has_died = was_up && signer.state == SignerState::Down;
        self.counts.unheard_signatures += lost;
        self.counts.signer_refusals += refused;
        for statement in &signed {
            let place = self.place(id);
            self.oracles.on_signed(place, statement);
        }
        if has_died {
            self.signer_back_later(id);
        }
        if node_dies {
            self.crash_for_a_while(id);
            return None;
        }
        let took_us = until_us.saturating_sub(now_us);
        self.judge_call(id, took_us, statements);
        Some((completed, took_us))
    }

    /// A node waits for its signer half a second for each statement at most.
    fn judge_call(&mut self, id: NodeId, took_us: u64, statements: usize) {
        let limit_us = SECOND / 2 * crate::host::count(statements);
        if took_us > limit_us {
            self.violated(id, "signer", format!("a vote waited {took_us} us for its signer"));
        }
    }

    pub(crate) fn has_own_signer(&self, id: NodeId) -> bool {
        self.signers.of.contains_key(&id)
    }

    /// A signer works again: it answers, and whoever asked long ago has gone.
    pub(crate) fn signer_back(&mut self, id: NodeId) {
        self.node_mut(id).signer_fails = false;
        let Some(signer) = self.signers.of.get_mut(&id) else { return };
        match signer.come_back() {
            Ok(None) => {}
            Ok(Some(statement)) => {
                self.counts.unheard_signatures += 1;
                let place = self.place(id);
                self.oracles.on_signed(place, &statement);
            }
            Err(detail) => self.violated(id, "sign-state", detail),
        }
    }

    /// Faults end: its node calls at once.
    pub(crate) fn mend_signer(&mut self, id: NodeId) {
        self.signer_back(id);
        if let Some(signer) = self.signers.of.get_mut(&id) {
            signer.reconnect();
        }
    }

    fn signer_back_later(&mut self, id: NodeId) {
        let away_us = AWAY.draw(&mut self.signers.random);
        self.after(away_us, Event::SignerBack { node: id });
    }

    /// Something happens to a signer in a process of its own, or to its node while it goes on.
    pub(crate) fn trouble_signer(&mut self, id: NodeId) {
        match self.signers.random.below(4) {
            0 => self.set_signer(id, SignerState::Down),
            1 => self.set_signer(id, SignerState::Hangs),
            2 => self.set_signer(id, SignerState::CutOff),
            _ => return self.set_back(id),
        }
        self.signer_back_later(id);
    }

    /// Power goes for the signers too, or for some.
    pub(crate) fn kill_some_signers(&mut self) {
        let ids: Vec<NodeId> = self.signers.of.keys().copied().collect();
        for id in ids {
            if self.signers.random.chance(500) {
                self.set_signer(id, SignerState::Down);
                self.signer_back_later(id);
            }
        }
    }

    /// Takes an image of a node, or sets it back to the one that was taken, if it can be spared: it
    /// will find that its key has signed more, and observe.
    fn set_back(&mut self, id: NodeId) {
        if !self.is_running(id) || !self.can_spare(id) {
            return;
        }
        let Some(signer) = self.signers.of.get_mut(&id) else { return };
        let Some(image) = signer.image.take() else {
            let image = self.image(id);
            if let Some(signer) = self.signers.of.get_mut(&id) {
                signer.image = Some(image);
            }
            return;
        };
        signer.was_restored = true;
        self.counts.restored += 1;
        self.restore(id, image, true);
        self.start_later(id);
    }

    /// A rejoin entry, signed by a signer in a process of its own, unless that cannot or refuses.
    pub(crate) fn call_signer_to_rejoin(&self, id: NodeId, body: RejoinBody) -> Option<Rejoin> {
        self.signers.of.get(&id)?.sign_rejoin(body)
    }
}
