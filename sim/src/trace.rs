//! The trace of a run: one hash over every event in order, so that two runs of a seed can be
//! compared by one value.

use quorate_crypto::{Domain, Hash};

use crate::event::NodeId;

const TRACE: Domain = Domain::new("quorate v1 simulator trace");
/// Bytes gathered before they are hashed.
const CHUNK: usize = 16 * 1024;

/// A running hash over events.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: Hash,
    chunk: Vec<u8>,
    events: u64,
}

impl Default for Trace {
    fn default() -> Self {
        Trace { hash: Hash::ZERO, chunk: Vec::new(), events: 0 }
    }
}

impl Trace {
    /// Adds an event: when, where, what, and a digest or the bytes of its content.
    pub(crate) fn add(&mut self, now_us: u64, node: NodeId, what: &str, content: &[u8]) {
        self.events = self.events.saturating_add(1);
        self.chunk.extend_from_slice(&now_us.to_be_bytes());
        self.chunk.extend_from_slice(&node.0.to_be_bytes());
        for part in [what.as_bytes(), content] {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            self.chunk.extend_from_slice(&length.to_be_bytes());
            self.chunk.extend_from_slice(part);
        }
        if self.chunk.len() >= CHUNK {
            self.fold();
        }
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// The hash over all of them.
    pub(crate) fn finish(&mut self) -> Hash {
        self.fold();
        self.hash
    }

    fn fold(&mut self) {
        self.hash = TRACE.hash_parts(&[self.hash.as_bytes(), &self.chunk]);
        self.chunk.clear();
    }
}
