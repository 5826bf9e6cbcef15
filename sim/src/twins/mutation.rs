//! What a second half says beside its honest code: statements past every guard, signed with the
//! real key, and bytes that do not verify, which nobody may let in.

use quorate_crypto::Signature;
use quorate_types::{
    Digest, Message, PrePrepare, SignedStatement, Statement, StatementBody, View, ViewChange,
};

use super::script::Freshness;
use super::stage::Stage;

impl Stage<'_> {
    /// With every other message of a second half goes a mutation of it.
    pub(super) fn mutate(&mut self, i: usize, message: &Message) {
        let Some(random) = &mut self.random else { return };
        if !random.chance(500) {
            return;
        }
        let is_corrupt = random.chance(200);
        let mutation = if is_corrupt { corrupted(message) } else { self.lie(i, message) };
        let Some(mutation) = mutation else { return };
        match self.lab.verified(&mutation) {
            Some(_) if is_corrupt => {
                self.judge.fail(self.now_ms, i, "validity", "a corrupted signature verifies");
            }
            Some(verified) => self.spread(i, Freshness::New(&mutation), &verified),
            None => {}
        }
    }

    /// Another statement of the same key for the same place.
    fn lie(&mut self, i: usize, message: &Message) -> Option<Message> {
        let other = self.other_block(i);
        match message {
            Message::ViewChange(view_change) => {
                let body = StatementBody::ViewChange { prepared: None };
                let signed = self.sign(view_change.signed, body)?;
                Some(Message::ViewChange(ViewChange { signed, certificate: None }))
            }
            Message::PrePrepare(pre_prepare) => {
                let PrePrepare { signed, payload, justification } = pre_prepare.as_ref();
                let mut justification = justification.clone();
                justification.view_changes.pop();
                let digest = payload.header().digest();
                let body =
                    StatementBody::PrePrepare { digest, justification: justification.hash() };
                let signed = self.sign(*signed, body)?;
                let payload = payload.clone();
                let lie = PrePrepare { signed, payload, justification };
                Some(Message::PrePrepare(Box::new(lie)))
            }
            Message::Prepare(signed) => {
                let body = StatementBody::Prepare { digest: other };
                Some(Message::Prepare(self.sign(*signed, body)?))
            }
            Message::Commit(signed) => {
                let body = StatementBody::Commit { digest: other };
                Some(Message::Commit(self.sign(*signed, body)?))
            }
            Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => None,
        }
    }

    fn sign(&self, signed: SignedStatement, body: StatementBody) -> Option<SignedStatement> {
        let key = self.lab.key(signed.signer.position())?;
        let skip =
            matches!(body, StatementBody::ViewChange { .. }) && signed.statement.view == View::ZERO;
        let statement = Statement { body, ..signed.statement };
        (!skip).then(|| statement.sign_unguarded(&self.lab.context, signed.signer, key))
    }

    /// A block that some instance holds, or one that nobody does.
    fn other_block(&mut self, i: usize) -> Digest {
        let height = self.instances.get(i).map(|instance| instance.tip().next());
        let held = self.instances.iter().flat_map(|instance| &instance.bodies);
        let rivals = held.filter(|(_, body)| Some(body.header().height) == height);
        let rivals: Vec<Digest> = rivals.map(|(digest, _)| *digest).collect();
        let drawn = self.random.as_mut().and_then(|random| random.pick(&rivals));
        drawn.unwrap_or_default()
    }
}

/// The message with one bit of its signature turned.
fn corrupted(message: &Message) -> Option<Message> {
    let turned = |signed: &SignedStatement| {
        let mut bytes = *signed.signature.as_bytes();
        *bytes.last_mut()? ^= 1;
        Some(SignedStatement { signature: Signature::from_bytes(bytes), ..*signed })
    };
    Some(match message {
        Message::Prepare(signed) => Message::Prepare(turned(signed)?),
        Message::Commit(signed) => Message::Commit(turned(signed)?),
        Message::ViewChange(message) => {
            Message::ViewChange(ViewChange { signed: turned(&message.signed)?, ..message.clone() })
        }
        Message::PrePrepare(message) => {
            let signed = turned(&message.signed)?;
            Message::PrePrepare(Box::new(PrePrepare { signed, ..(**message).clone() }))
        }
        Message::Certificate(_) | Message::Rejoin(_) | Message::Evidence(_) => return None,
    })
}
