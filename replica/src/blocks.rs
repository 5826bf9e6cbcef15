//! The blocks in the core's hands: proposed, built, fetched. Bounded by forgetting what lies below
//! the decided height, and by a count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quorate_mempool::Mempool;
use quorate_types::{Block, BlockPayload, CompactBlock, Digest, Height};

/// Blocks held at once: more than consensus can ask about, plus four answers of block sync.
const MAX_BLOCKS: usize = 1_024;

/// How far a block is on its way into the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Stored {
    /// Not handed to the store.
    No,
    /// Handed to the store, which has not answered.
    Writing,
    /// Durable.
    Yes,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    block: Arc<Block>,
    stored: Stored,
}

/// Whole blocks by digest, and who waits for which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Blocks {
    held: BTreeMap<Digest, Held>,
    /// Asked for by consensus: answered with `Fetched`.
    pub(crate) wanted: BTreeSet<Digest>,
    /// To be validated when the whole block is here.
    pub(crate) awaited: BTreeSet<Digest>,
}

impl Blocks {
    pub(crate) fn get(&self, digest: &Digest) -> Option<&Arc<Block>> {
        self.held.get(digest).map(|held| &held.block)
    }

    /// Keeps a block; one that is held stays as it is. Beyond the bound, the lowest goes.
    pub(crate) fn insert(&mut self, digest: Digest, block: Arc<Block>, stored: Stored) {
        if self.held.len() >= MAX_BLOCKS {
            let lowest = self.held.iter().min_by_key(|(_, held)| held.block.height());
            if let Some(lowest) = lowest.map(|(digest, _)| *digest) {
                self.held.remove(&lowest);
            }
        }
        self.held.entry(digest).or_insert(Held { block, stored });
    }

    /// How far a held block is; no for one that is not held.
    pub(crate) fn stored(&self, digest: &Digest) -> Stored {
        self.held.get(digest).map_or(Stored::No, |held| held.stored)
    }

    pub(crate) fn set_stored(&mut self, digest: &Digest, stored: Stored) {
        if let Some(held) = self.held.get_mut(digest) {
            held.stored = stored;
        }
    }

    /// The digests that only peers can give now.
    pub(crate) fn missing(&self) -> Vec<Digest> {
        let asked = self.wanted.union(&self.awaited);
        asked.filter(|digest| !self.held.contains_key(digest)).copied().collect()
    }

    /// Forgets what lies below a decided height, and who waited for it.
    pub(crate) fn forget_below(&mut self, height: Height) {
        self.held.retain(|_, held| held.block.height() >= height);
        self.wanted.clear();
        self.awaited.clear();
    }
}

/// The whole block of a payload, with transactions out of the mempool where it is compact.
pub(crate) fn resolve(payload: &BlockPayload, mempool: &Mempool) -> Option<Arc<Block>> {
    match payload {
        BlockPayload::Whole(block) => Some(Arc::clone(block)),
        BlockPayload::Compact(compact) => expand(compact, mempool).map(Arc::new),
    }
}

fn expand(compact: &CompactBlock, mempool: &Mempool) -> Option<Block> {
    let transactions = mempool.resolve(&compact.transactions).into_iter().collect::<Option<_>>()?;
    Some(Block {
        header: compact.header.clone(),
        last_commit: compact.last_commit.clone(),
        evidence: compact.evidence.clone(),
        rejoins: compact.rejoins.clone(),
        transactions,
    })
}
