//! What is known of the blocks of one height: the payload that came with a pre-prepare, whether the
//! whole block is in the replica's hands, whether it is valid, whether it is durable. Bodies are
//! opaque here.

use quorate_crypto::museum;
use std::collections::{BTreeMap, BTreeSet};

use quorate_types::{BlockPayload, Digest};

/// Blocks that stay known though nothing of the height's state names them any more.
const MAX_BLOCKS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Verdict {
    Unasked,
    Asked,
    Valid,
    Invalid,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Known {
    payload: BlockPayload,
    /// The replica holds the whole block.
    whole: bool,
    verdict: Verdict,
}

/// The blocks of one height.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Blocks {
    known: BTreeMap<Digest, Known>,
    /// Blocks whose write was asked for, and whether it is done.
    storing: BTreeMap<Digest, bool>,
    fetching: BTreeSet<Digest>,
}

impl Blocks {
    /// A block that came with a pre-prepare. The whole one replaces one of ids only, and is judged
    /// anew while that one still waits for its transactions.
    pub(crate) fn learn(&mut self, digest: Digest, payload: &BlockPayload) {
        let known = self.known.entry(digest).or_insert_with(|| Known {
            payload: payload.clone(),
            whole: false,
            verdict: Verdict::Unasked,
        });
        let is_more = matches!(payload, BlockPayload::Whole(_));
        if is_more && matches!(known.payload, BlockPayload::Compact(_)) {
            known.payload = payload.clone();
            if known.verdict == Verdict::Asked {
                known.verdict = Verdict::Unasked;
            }
        }
    }

    /// A block that this node built: whole and valid.
    pub(crate) fn built(&mut self, digest: Digest, payload: BlockPayload) {
        let known = Known { payload, whole: true, verdict: Verdict::Valid };
        self.known.insert(digest, known);
    }

    /// A block that was fetched, if it was asked for. One that this node accepted or prepared
    /// before a restart was judged valid then.
    pub(crate) fn fetched(&mut self, digest: Digest, payload: &BlockPayload, judged: bool) {
        if !self.fetching.remove(&digest) {
            return;
        }
        self.learn(digest, payload);
        let Some(known) = self.known.get_mut(&digest) else {
            return;
        };
        known.whole = true;
        if judged {
            known.verdict = Verdict::Valid;
        }
    }

    /// The payload to validate, if nobody was asked yet.
    pub(crate) fn ask_verdict(&mut self, digest: Digest) -> Option<BlockPayload> {
        let known = self.known.get_mut(&digest)?;
        if known.verdict != Verdict::Unasked {
            return None;
        }
        known.verdict = Verdict::Asked;
        Some(known.payload.clone())
    }

    /// The application's verdict.
    pub(crate) fn judge(&mut self, digest: Digest, valid: bool) {
        let valid = valid || museum!(BodyUnchecked);
        let Some(known) = self.known.get_mut(&digest) else {
            return;
        };
        if known.verdict == Verdict::Asked {
            known.verdict = if valid { Verdict::Valid } else { Verdict::Invalid };
            known.whole |= valid;
        }
    }

    /// The block as it was sent or fetched.
    pub(crate) fn payload(&self, digest: Digest) -> Option<&BlockPayload> {
        self.known.get(&digest).map(|known| &known.payload)
    }

    /// Whether the whole block is in the replica's hands.
    pub(crate) fn is_whole(&self, digest: Digest) -> bool {
        self.known.get(&digest).is_some_and(|known| known.whole)
    }

    /// Whether the whole block is there and judged valid.
    pub(crate) fn is_valid(&self, digest: Digest) -> bool {
        self.known.get(&digest).is_some_and(|known| known.verdict == Verdict::Valid && known.whole)
    }

    /// Whether the block was judged invalid.
    pub(crate) fn is_invalid(&self, digest: Digest) -> bool {
        self.known.get(&digest).is_some_and(|known| known.verdict == Verdict::Invalid)
    }

    /// Whether the write is to be asked for: once per block (S-2).
    pub(crate) fn ask_store(&mut self, digest: Digest) -> bool {
        let first = !self.storing.contains_key(&digest);
        self.storing.entry(digest).or_insert(false);
        first
    }

    /// The write is done, if it was asked for.
    pub(crate) fn stored(&mut self, digest: Digest) {
        if let Some(done) = self.storing.get_mut(&digest) {
            *done = true;
        }
    }

    /// Whether the whole validated block is durable.
    pub(crate) fn is_durable(&self, digest: Digest) -> bool {
        self.storing.get(&digest).is_some_and(|done| *done || museum!(NotDurable))
    }

    /// Whether a block is to be fetched: not there, and not asked for since the last tick.
    pub(crate) fn ask_fetch(&mut self, digest: Digest) -> bool {
        !self.is_whole(digest) && self.fetching.insert(digest)
    }

    /// Lets every fetch that is still without an answer be asked for again.
    pub(crate) fn retry_fetches(&mut self) {
        self.fetching.clear();
    }

    /// Forgets blocks that nothing names any more, beyond a few.
    pub(crate) fn forget_all_but(&mut self, named: &[Digest]) {
        while self.known.len() > MAX_BLOCKS {
            let surplus = self.known.keys().find(|digest| !named.contains(digest)).copied();
            let Some(digest) = surplus else { break };
            self.known.remove(&digest);
            self.storing.remove(&digest);
        }
    }
}
