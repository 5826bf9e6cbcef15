//! False evidence (BZ23): against others and against nobody, by votes that are one, forged, of another
//! chain, under another's name, or that go together. No node may take it for evidence.

use quorate_types::{
    Evidence, Justification, Message, SignedStatement, Statement, StatementBody, ValidatorIndex,
    View,
};

use super::Behaviour;
use super::hand::{Content, Hand, Letter};

/// Lies told with each tick.
const LIES: u64 = 2;

/// Accuses whom it likes.
#[derive(Debug, Default)]
pub(super) struct FalseAccusation {
    /// The last vote that it heard of another.
    heard: Option<SignedStatement>,
    /// The last proposal of a view 0, where there is nothing to justify.
    proposed: Option<SignedStatement>,
}

impl Behaviour for FalseAccusation {
    /// What it hears may be another's misdeed, or its own; the lies are to be lies.
    fn on_receive(&mut self, hand: &mut Hand<'_>, message: &Message) {
        match message {
            Message::Prepare(signed) | Message::Commit(signed)
                if signed.signer != hand.identity.index =>
            {
                self.heard = Some(*signed);
            }
            Message::PrePrepare(proposal)
                if proposal.signed.statement.view == View::ZERO
                    && proposal.justification.is_empty() =>
            {
                self.proposed = Some(proposal.signed);
            }
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Certificate(_)
            | Message::Rejoin(_)
            | Message::Evidence(_) => {}
        }
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        for _ in 0..LIES {
            let Some(lie) = self.lie(hand) else { continue };
            let message = Message::Evidence(Box::new(lie));
            let to = hand.some_peers();
            hand.forge_refusable(&to, Content::Bytes(Letter::bytes_of(&message)));
        }
    }
}

impl FalseAccusation {
    fn lie(&self, hand: &mut Hand<'_>) -> Option<Evidence> {
        let heard = self.heard?;
        Some(match hand.random.below(7) {
            // The same vote twice.
            0 => Evidence::Conflict { first: heard, second: heard },
            // Another vote of the same place under the same signature.
            1 => Evidence::conflict(heard, of_another_block(hand, heard)),
            // And under the own one, in the other's name.
            2 => {
                let other = of_another_block(hand, heard);
                let own = signed_by_me(hand, other.statement);
                Evidence::conflict(heard, SignedStatement { signer: heard.signer, ..own })
            }
            // A vote of another and an own one.
            3 => {
                let other = of_another_block(hand, heard);
                let own = signed_by_me(hand, other.statement);
                Evidence::conflict(heard, own)
            }
            4 => of_another_chain(hand, heard),
            // Votes that go together, of one who does not exist.
            5 => {
                let signer = ValidatorIndex(u16::MAX);
                let other = of_another_block(hand, heard);
                Evidence::conflict(
                    SignedStatement { signer, ..heard },
                    SignedStatement { signer, ..other },
                )
            }
            // A proposal with its justification, or with another.
            _ => {
                let pre_prepare = self.proposed?;
                let mut justification = Justification::default();
                if hand.random.chance(500) {
                    justification.view_changes.push(heard);
                }
                Evidence::Unjustified { pre_prepare, justification }
            }
        })
    }
}

/// The vote with another digest.
fn of_another_block(hand: &mut Hand<'_>, signed: SignedStatement) -> SignedStatement {
    let digest = hand.random_digest();
    let body = match signed.statement.body {
        StatementBody::Prepare { .. } => StatementBody::Prepare { digest },
        StatementBody::ViewChange { .. }
        | StatementBody::PrePrepare { .. }
        | StatementBody::Commit { .. } => StatementBody::Commit { digest },
    };
    SignedStatement { statement: Statement { body, ..signed.statement }, ..signed }
}

fn signed_by_me(hand: &Hand<'_>, statement: Statement) -> SignedStatement {
    hand.sign(statement.height, statement.view, statement.body)
}

/// Two own votes that contradict each other, as the same key would sign them on another chain.
fn of_another_chain(hand: &mut Hand<'_>, heard: SignedStatement) -> Evidence {
    let mut context = hand.identity.context.clone();
    context.genesis_hash = quorate_crypto::Hash::from_bytes(hand.random.bytes());
    let (one, other) = (of_another_block(hand, heard), of_another_block(hand, heard));
    let sign = |signed: SignedStatement| {
        signed.statement.sign_unguarded(&context, hand.identity.index, &hand.identity.key)
    };
    Evidence::conflict(sign(one), sign(other))
}
