//! What the Byzantine key of the arena signs: anything, for any place near the present, for blocks
//! that exist or not, with proofs put together from all that was ever sent.

use quorate_replica::ConsensusInput as Input;
use quorate_types::verify::{self, VerifyError};
use quorate_types::{
    Certificate, Digest, Height, Justification, Message, PrePrepare, SignedStatement, Statement,
    StatementBody, Step, ValidatorIndex, View, ViewChange,
};

use super::arena::{Arena, BYZANTINE, Event, MACHINES};
use super::bytes::Bytes;
use crate::twins::Instance;

/// Views above the present that are lied about.
const VIEWS: usize = 4;
/// Blocks of a height that the villain makes.
const BLOCKS: usize = 3;

impl Arena<'_> {
    /// Forges one message as the bytes say, and sends it to some. What does not verify reaches
    /// nobody, but for the proof that it may be against its signer (E-6).
    pub(super) fn forge(&mut self, bytes: &mut Bytes<'_>) {
        let highest = self.machines.iter().filter_map(Instance::place).max();
        let Some((height, _)) = highest else { return };
        let height = if bytes.u8() & 7 == 7 { height.next() } else { height };
        let views = self.machines.iter().filter_map(Instance::place);
        let low = views.filter(|place| place.0 == height).map(|place| place.1).min().unwrap_or(0);
        let ahead = u64::try_from(bytes.position(VIEWS)).unwrap_or(0);
        let view = View(low.saturating_sub(1).saturating_add(ahead));
        let Some(message) = self.lie((height, view), bytes) else { return };
        let input = match verify::message(message.clone(), &self.lab.context, &self.lab.set) {
            Ok(verified) => Input::Message(verified),
            Err(VerifyError::ForgedJustification(evidence)) => Input::Evidence(evidence),
            Err(_) => return,
        };
        self.judge.on_signed(self.lab, (self.now_ms, BYZANTINE), &message);
        self.heard.push(message);
        let to = bytes.u8();
        for i in (1..MACHINES).filter(|i| to.wrapping_shr(u32::try_from(*i).unwrap_or(0)) & 1 == 0)
        {
            self.wait(i, Event::Deliver(input.clone()));
        }
    }

    fn lie(&mut self, place: (Height, View), bytes: &mut Bytes<'_>) -> Option<Message> {
        let (height, view) = place;
        Some(match bytes.u8() % 6 {
            0 => {
                let digest = self.any_block(height, bytes);
                Message::Prepare(self.sign(place, StatementBody::Prepare { digest })?)
            }
            1 => {
                let digest = self.any_block(height, bytes);
                Message::Commit(self.sign(place, StatementBody::Commit { digest })?)
            }
            2 => {
                let signed = self.sign(place, StatementBody::ViewChange { prepared: None })?;
                Message::ViewChange(ViewChange { signed, certificate: None })
            }
            3 => {
                let digest = self.any_block(height, bytes);
                let below = View(view.0.checked_sub(1 + u64::from(bytes.u8() % 3))?);
                let certificate =
                    self.gather((height, below), StatementBody::Prepare { digest })?;
                let prepared = Some((below, digest));
                let signed = self.sign(place, StatementBody::ViewChange { prepared })?;
                Message::ViewChange(ViewChange { signed, certificate: Some(certificate) })
            }
            4 => self.propose(place, bytes)?,
            _ => {
                let digest = self.any_block(height, bytes);
                Message::Certificate(self.gather(place, StatementBody::Commit { digest })?)
            }
        })
    }

    /// A proposal: a block of its own or one that is there, justified by some of what was said.
    fn propose(
        &mut self,
        (height, view): (Height, View),
        bytes: &mut Bytes<'_>,
    ) -> Option<Message> {
        let choice = bytes.u8();
        let payload = if choice & 1 == 0 {
            let salt = u64::try_from(bytes.position(BLOCKS)).unwrap_or(0);
            self.block(BYZANTINE, height, salt)?
        } else {
            let digest = self.any_block(height, bytes);
            self.machines.iter().find_map(|machine| machine.body(digest)).cloned()?
        };
        let digest = payload.header().digest();
        self.hold(BYZANTINE, &payload);
        let mut justification = Justification::default();
        if view > View::ZERO {
            justification.view_changes = self.view_changes((height, view), bytes.u8());
            if choice & 2 == 0 {
                justification.certificate = self.best_certificate(&justification.view_changes);
            }
        }
        let hash = justification.hash();
        let body = StatementBody::PrePrepare { digest, justification: hash };
        let signed = self.sign((height, view), body)?;
        Some(Message::PrePrepare(Box::new(PrePrepare { signed, payload, justification })))
    }

    /// Signs past every guard.
    fn sign(&self, (height, view): (Height, View), body: StatementBody) -> Option<SignedStatement> {
        let signer = ValidatorIndex(u16::try_from(BYZANTINE).ok()?);
        let statement = Statement { height, view, body };
        Some(statement.sign_unguarded(&self.lab.context, signer, self.lab.key(BYZANTINE)?))
    }

    /// A block of the height that some machine holds, or one that nobody does.
    fn any_block(&self, height: Height, bytes: &mut Bytes<'_>) -> Digest {
        let held = self.machines.iter().flat_map(|machine| machine.bodies.values());
        let headers = held.map(quorate_types::BlockPayload::header);
        let mut digests: Vec<Digest> = headers
            .filter(|header| header.height == height)
            .map(|header| header.digest())
            .collect();
        digests.sort_unstable();
        digests.dedup();
        digests.push(Digest::default());
        bytes.pick(&digests).unwrap_or_default()
    }

    /// View changes for exactly this view that were sent, one of each signer that the bits leave.
    fn view_changes(&self, (height, view): (Height, View), bits: u8) -> Vec<SignedStatement> {
        let said = self.heard.iter().filter_map(Message::signed).filter(|signed| {
            let Statement { height: of, view: at, .. } = signed.statement;
            (of, at, signed.statement.step()) == (height, view, Step::ViewChange)
        });
        let mut chosen: Vec<SignedStatement> = said.copied().collect();
        if bits & 0x80 == 0 {
            // The latest that a signer said instead of the first.
            chosen.reverse();
        }
        chosen.sort_by_key(|signed| signed.signer);
        chosen.dedup_by_key(|signed| signed.signer);
        chosen.retain(|signed| bits.wrapping_shr(u32::from(signed.signer.0)) & 1 == 0);
        chosen
    }

    /// The certificate that the highest claim among view changes asks for, if it was ever sent.
    fn best_certificate(&self, view_changes: &[SignedStatement]) -> Option<Certificate> {
        let claims = view_changes.iter().filter_map(|signed| match signed.statement.body {
            StatementBody::ViewChange { prepared } => prepared,
            StatementBody::PrePrepare { .. }
            | StatementBody::Prepare { .. }
            | StatementBody::Commit { .. } => None,
        });
        let (view, digest) = claims.max_by_key(|claim| claim.0)?;
        let height = view_changes.first()?.statement.height;
        self.gather((height, view), StatementBody::Prepare { digest })
    }

    /// A certificate of votes that were sent, and the own one.
    fn gather(&self, (height, view): (Height, View), body: StatementBody) -> Option<Certificate> {
        let statement = Statement { height, view, body };
        let said = self.heard.iter().filter_map(Message::signed).copied();
        let own = self.sign((height, view), body);
        let mut votes: Vec<SignedStatement> =
            said.filter(|signed| signed.statement == statement).chain(own).collect();
        votes.sort_by_key(|signed| signed.signer);
        votes.dedup_by_key(|signed| signed.signer);
        // Before anything is verified: most of what is asked for has no quorum.
        if !self.lab.set.is_quorum(votes.iter().map(|signed| signed.signer)) {
            return None;
        }
        let verified = |signed| verify::statement(signed, &self.lab.context, &self.lab.set).ok();
        let votes: Vec<_> = votes.into_iter().filter_map(verified).collect();
        let certificate = verify::assemble(&statement, &votes, &self.lab.set).ok()?;
        Some(certificate.into_inner())
    }
}
