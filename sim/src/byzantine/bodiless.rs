//! Proposals whose transactions nobody has, and that nobody is given (BZ11). No honest validator may
//! vote for a block that it does not hold whole (I-6).

use std::sync::Arc;

use quorate_crypto::merkle;
use quorate_types::wire::FetchAnswer;
use quorate_types::{BlockPayload, CompactBlock, Message, TransactionId};

use super::Behaviour;
use super::blocks;
use super::hand::{Content, Hand, Letter};

/// Proposes ids of nothing.
#[derive(Debug)]
pub(super) struct Bodiless;

impl Behaviour for Bodiless {
    fn on_send(&mut self, hand: &mut Hand<'_>, letter: Letter) {
        // Blocks that others ask for are kept back as well.
        if let Content::Answer(_, FetchAnswer::Block(_)) = letter.content {
            return hand.deviate();
        }
        let Some(Message::PrePrepare(proposal)) = letter.message() else {
            return hand.pass(letter);
        };
        if !blocks::is_free(proposal) {
            return hand.pass(letter);
        }
        let mut compact = match &proposal.payload {
            BlockPayload::Whole(block) => block.compact(),
            BlockPayload::Compact(compact) => CompactBlock::clone(compact),
        };
        let noise = hand.random_digest();
        compact.transactions.push(TransactionId(noise.0));
        let ids: Vec<_> = compact.transactions.iter().map(|id| id.0).collect();
        compact.header.transaction_count = u32::try_from(ids.len()).unwrap_or(1);
        compact.header.transactions_root = merkle::root(&ids);
        compact.header.body_bytes = compact.header.body_bytes.saturating_add(200);
        let payload = BlockPayload::Compact(Arc::new(compact));
        hand.forbid(payload.header().digest());
        let view = proposal.signed.statement.view;
        let message = hand.pre_prepare(view, payload, proposal.justification.clone());
        hand.say(&letter.to, message);
    }
}
