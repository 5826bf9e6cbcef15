//! Blocks out of other blocks: another time makes another block that is as good.

use std::sync::Arc;

use quorate_types::{Block, BlockPayload, Header, PrePrepare};

/// The same block some milliseconds later.
pub(super) fn later(payload: &BlockPayload, milliseconds: u64) -> BlockPayload {
    with_header(payload, |header| header.time = header.time.plus(milliseconds))
}

/// The same body under another header.
pub(super) fn with_header(
    payload: &BlockPayload,
    change: impl FnOnce(&mut Header),
) -> BlockPayload {
    match payload {
        BlockPayload::Whole(block) => {
            let mut block = Block::clone(block);
            change(&mut block.header);
            BlockPayload::Whole(Arc::new(block))
        }
        BlockPayload::Compact(block) => {
            let mut block = quorate_types::CompactBlock::clone(block);
            change(&mut block.header);
            BlockPayload::Compact(Arc::new(block))
        }
    }
}

/// Whether the proposer was free to choose the block: nothing is carried over.
pub(super) fn is_free(proposal: &PrePrepare) -> bool {
    proposal.justification.certificate.is_none()
}
