//! Replays (BZ13): messages of anybody, byte for byte, long after their time. And signatures of
//! another place, which no node may take (B-3): own statements as the same key would sign them on
//! another chain, and those of anybody as of another view or step.

use std::collections::VecDeque;

use quorate_crypto::Hash;
use quorate_types::{ChainContext, Message, Statement, StatementBody};

use super::Behaviour;
use super::floods::with_signed;
use super::hand::{Content, Hand, Letter};

/// Messages remembered.
const REMEMBERED: usize = 256;

/// Sends again what was sent.
#[derive(Debug, Default)]
pub(super) struct Replay {
    heard: VecDeque<Message>,
}

impl Behaviour for Replay {
    fn on_receive(&mut self, _: &mut Hand<'_>, message: &Message) {
        if self.heard.len() >= REMEMBERED {
            self.heard.pop_front();
        }
        self.heard.push_back(message.clone());
    }

    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        for _ in 0..3 {
            let place = hand.random.position(self.heard.len());
            if let Some(message) = self.heard.get(place).cloned() {
                let to = hand.some_peers();
                hand.say(&to, message);
            }
        }
        let heard = hand.random.position(self.heard.len());
        let elsewhere = self.heard.get(heard).and_then(|heard| elsewhere(hand, heard));
        for message in [Some(of_another_chain(hand)), elsewhere].into_iter().flatten() {
            let to = hand.one_peer();
            hand.forge_refusable(&to, Content::Bytes(Letter::bytes_of(&message)));
        }
    }
}

/// A message of anybody under its signature, as of the view above or of another step.
fn elsewhere(hand: &mut Hand<'_>, heard: &Message) -> Option<Message> {
    let mut signed = *heard.signed()?;
    let digest = signed.statement.digest().unwrap_or_default();
    match heard {
        Message::Prepare(_) if hand.random.chance(500) => {
            signed.statement.body = StatementBody::Commit { digest };
            Some(Message::Commit(signed))
        }
        Message::Commit(_) if hand.random.chance(500) => {
            signed.statement.body = StatementBody::Prepare { digest };
            Some(Message::Prepare(signed))
        }
        Message::ViewChange(_)
        | Message::PrePrepare(_)
        | Message::Prepare(_)
        | Message::Commit(_)
        | Message::Certificate(_)
        | Message::Rejoin(_)
        | Message::Evidence(_) => {
            let above = signed.statement.view.next();
            Some(with_signed(heard.clone(), |signed| signed.statement.view = above))
        }
    }
}

fn of_another_chain(hand: &mut Hand<'_>) -> Message {
    let (standing, digest) = (hand.standing, hand.random_digest());
    let mut context: ChainContext = hand.identity.context.clone();
    match hand.random.below(3) {
        0 => context.genesis_hash = Hash::from_bytes(hand.random.bytes()),
        1 => context.protocol_version = context.protocol_version.saturating_add(1),
        _ => context.chain_id = "local-other".parse().expect("a valid chain id"),
    }
    let (height, view) = (standing.height, standing.view);
    let statement = Statement { height, view, body: StatementBody::Prepare { digest } };
    Message::Prepare(statement.sign_unguarded(&context, hand.identity.index, &hand.identity.key))
}
