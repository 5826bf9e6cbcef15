//! How scripted views are laid over the protocol's heights and views.
//!
//! The turn of (h, v) counts the views that a chain goes through: turn 0 is (1, 0), a view that is
//! given up leads to the next turn, and so does a decision: (h + 1, 0) has the turn after that of
//! the view in which h was first decided. Scripted view t is turn t: it names the primary of every
//! (h, v) with that turn, and what an instance with that turn sends reaches its own group alone.
//! Instances may be in different turns; it is always the sender's that counts.
//!
//! The cut may let fresh Prepares and Commits travel in the division of a later turn. What is sent
//! again travels in the division of its sender's turn, but for one thing: a view change that
//! is sent again reaches everybody, as the gate of T-3 would hold for ever where no group has a
//! quorum. The first one reaches the group alone, so that the primary justifies from its group if
//! it can.
//!
//! Beyond the last scripted view messages wait. When no honest instance is within the script any
//! more, or the time for it is over, all links work for ever and what waited arrives.

use std::collections::BTreeMap;

use quorate_types::{Certificate, Height, Message, ValidatorIndex};

use super::scenario::{Cut, Scenario, ScriptedView};

/// What becomes of a message on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives.
    Arrives,
    /// It is lost for good.
    Lost,
    /// It arrives when the attack is over.
    Waits,
}

/// The script of a case, and how far the chain has come in it.
#[derive(Debug)]
pub(super) struct Script<'a> {
    scenario: &'a Scenario,
    /// The turn of view 0 by height.
    bases: BTreeMap<Height, u64>,
    healed: bool,
}

impl<'a> Script<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Script<'a> {
        Script { scenario, bases: BTreeMap::from([(Height(1), 0)]), healed: false }
    }

    /// How many turns are scripted.
    pub(super) fn length(&self) -> u64 {
        u64::try_from(self.scenario.views.len()).unwrap_or(u64::MAX)
    }

    /// From now on all links work.
    pub(super) fn heal(&mut self) {
        self.healed = true;
    }

    /// The turn of a view of a height whose parent somebody has decided.
    pub(super) fn turn(&self, height: Height, view: u64) -> u64 {
        self.bases.get(&height).map_or(u64::MAX, |base| base.saturating_add(view))
    }

    /// A height is decided: the first certificate places the next one.
    pub(super) fn on_decided(&mut self, certificate: &Certificate) {
        let next = self.turn(certificate.height, certificate.view.0).saturating_add(1);
        self.bases.entry(certificate.height.next()).or_insert(next);
    }

    /// The order of primaries of a height: what is scripted from its first turn on, then everybody
    /// in turn. It ends with whole rounds of everybody, as the machine repeats it from the start.
    pub(super) fn primaries(&self, height: Height) -> Vec<ValidatorIndex> {
        let base = usize::try_from(self.turn(height, 0)).unwrap_or(usize::MAX);
        let scripted = self.scenario.views.iter().skip(base).map(|view| view.primary);
        let n = self.scenario.powers.len();
        let first = usize::try_from(height.0).unwrap_or(0);
        let rounds = (first..).take(4 * n).map(|turn| turn.checked_rem(n).unwrap_or(0));
        let index = |validator| u16::try_from(validator).map(ValidatorIndex).ok();
        scripted.chain(rounds).filter_map(index).collect()
    }

    /// What becomes of a message that `from` sends to `to` in a turn; `again` if not for the first
    /// time.
    pub(super) fn fate(&self, (from, to): (usize, usize), turn: u64, fresh: Freshness<'_>) -> Fate {
        if self.healed {
            return Fate::Arrives;
        }
        let turn = turn.saturating_add(self.delay(turn, fresh));
        if turn >= self.length() {
            return Fate::Waits;
        }
        if matches!(fresh, Freshness::Again(Message::ViewChange(_))) {
            return Fate::Arrives;
        }
        let view = self.view(turn);
        let group = |instance: usize| view.and_then(|view| view.groups.get(instance));
        if group(from) == group(to) { Fate::Arrives } else { Fate::Lost }
    }

    /// How many turns later a fresh message travels.
    fn delay(&self, turn: u64, fresh: Freshness<'_>) -> u64 {
        let Freshness::New(message) = fresh else { return 0 };
        let (is_prepare, signer) = match message {
            Message::Prepare(signed) => (true, signed.signer.position()),
            Message::Commit(signed) => (false, signed.signer.position()),
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Certificate(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => return 0,
        };
        match self.scenario.cut {
            Cut::None => 0,
            Cut::Commits => u64::from(!is_prepare),
            Cut::Phases => 2 - u64::from(is_prepare),
            Cut::Followers => u64::from(self.view(turn).map(|view| view.primary) != Some(signer)),
        }
    }

    fn view(&self, turn: u64) -> Option<&ScriptedView> {
        usize::try_from(turn).ok().and_then(|turn| self.scenario.views.get(turn))
    }
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Freshness<'a> {
    /// A message for the first time.
    New(&'a Message),
    /// A message once more.
    Again(&'a Message),
    /// A block or certificate that was asked for.
    Answer,
}

#[cfg(test)]
mod tests {
    use quorate_crypto::{Hash, Signature};
    use quorate_types::{
        CertificateKind, Digest, SignedStatement, SignerSet, Statement, StatementBody, View,
        ViewChange,
    };

    use super::*;

    const DIGEST: Digest = Digest(Hash::ZERO);

    /// Two views: instance 1 is alone in the first, instance 2 in the second, which it leads.
    fn scenario(cut: Cut) -> Scenario {
        let view = |groups: [u8; 5], primary| ScriptedView { groups: groups.to_vec(), primary };
        Scenario {
            powers: vec![1; 4],
            twins: 1,
            views: vec![view([0, 1, 0, 0, 0], 0), view([0, 0, 1, 0, 0], 2)],
            cut,
            twins_stay: false,
            crash: None,
            mutations: None,
        }
    }

    fn signed(signer: u16, body: StatementBody) -> SignedStatement {
        let statement = Statement { height: Height(1), view: View(0), body };
        let signature = Signature::from_bytes([0; 64]);
        SignedStatement { statement, signer: ValidatorIndex(signer), signature }
    }

    fn decided(height: u64, view: u64) -> Certificate {
        Certificate {
            kind: CertificateKind::Commit,
            height: Height(height),
            view: View(view),
            digest: DIGEST,
            signers: SignerSet::none_of(4),
            signatures: Vec::new(),
        }
    }

    #[test]
    fn a_decision_and_a_view_that_is_given_up_are_turns() {
        let scenario = scenario(Cut::None);
        let mut script = Script::new(&scenario);
        assert_eq!([script.turn(Height(1), 0), script.turn(Height(1), 1)], [0, 1]);
        script.on_decided(&decided(1, 0));
        script.on_decided(&decided(1, 3));
        assert_eq!(script.turn(Height(2), 0), 1, "the first certificate counts");
        script.on_decided(&decided(2, 4));
        assert_eq!(script.turn(Height(3), 0), 6);
        let first = |height: u64| script.primaries(Height(height)).into_iter().take(3);
        assert!(first(1).eq([0, 2, 1].map(ValidatorIndex)));
        assert!(first(2).eq([2, 2, 3].map(ValidatorIndex)));
        assert!(first(3).eq([3, 0, 1].map(ValidatorIndex)));
    }

    #[test]
    fn the_cut_says_in_whose_division_a_message_travels() {
        let view_change = Message::ViewChange(ViewChange {
            signed: signed(3, StatementBody::ViewChange { prepared: None }),
            certificate: None,
        });
        let prepare = |by| Message::Prepare(signed(by, StatementBody::Prepare { digest: DIGEST }));
        let commit = |by| Message::Commit(signed(by, StatementBody::Commit { digest: DIGEST }));
        // From instance 3 in turn 0 to 1, who is alone, and to 2, who is alone one turn later.
        let fates = |cut, message: &Message| {
            let scenario = scenario(cut);
            let script = Script::new(&scenario);
            [1, 2].map(|to| script.fate((3, to), 0, Freshness::New(message)))
        };
        let (now, next) = ([Fate::Lost, Fate::Arrives], [Fate::Arrives, Fate::Lost]);
        for (cut, of_prepare, of_commit) in [
            (Cut::None, now, now),
            (Cut::Commits, now, next),
            (Cut::Phases, next, [Fate::Waits; 2]),
            (Cut::Followers, next, next),
        ] {
            assert_eq!(fates(cut, &view_change), now, "{cut:?}");
            assert_eq!(fates(cut, &prepare(3)), of_prepare, "{cut:?}");
            assert_eq!(fates(cut, &commit(3)), of_commit, "{cut:?}");
        }
        assert_eq!(fates(Cut::Followers, &prepare(0)), now, "the primary's own");
    }

    #[test]
    fn what_is_sent_again_goes_by_its_senders_turn_and_view_changes_to_everybody() {
        let scenario = scenario(Cut::Phases);
        let mut script = Script::new(&scenario);
        let commit = Message::Commit(signed(3, StatementBody::Commit { digest: DIGEST }));
        let view_change = Message::ViewChange(ViewChange {
            signed: signed(3, StatementBody::ViewChange { prepared: None }),
            certificate: None,
        });
        let again = |script: &Script<'_>, message, turn| {
            [1, 2].map(|to| script.fate((3, to), turn, Freshness::Again(message)))
        };
        assert_eq!(again(&script, &commit, 1), [Fate::Arrives, Fate::Lost]);
        assert_eq!(again(&script, &view_change, 1), [Fate::Arrives; 2]);
        assert_eq!(again(&script, &view_change, 2), [Fate::Waits; 2], "beyond the script");
        script.heal();
        assert_eq!(again(&script, &commit, 0), [Fate::Arrives; 2]);
    }
}
