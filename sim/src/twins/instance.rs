//! One instance: the state machine of a node, and what survives a power cut.

use std::collections::BTreeMap;

use quorate_replica::{Consensus, Timeouts};
use quorate_types::{BlockPayload, Certificate, Digest, Height, SignRecord};

/// A running state machine with its disk. Twins are two of them with one key, that know nothing of
/// each other.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) consensus: Consensus,
    /// Whose key it has.
    pub(crate) validator: usize,
    pub(crate) is_up: bool,
    /// Counts power cycles: what was meant for an earlier life is void.
    pub(crate) life: u64,
    /// Durable: the sign-state.
    pub(crate) record: SignRecord,
    /// Durable: blocks.
    pub(crate) stored: BTreeMap<Digest, BlockPayload>,
    /// Durable: decided heights.
    pub(crate) chain: BTreeMap<Height, Certificate>,
    /// Blocks in memory.
    pub(crate) bodies: BTreeMap<Digest, BlockPayload>,
    /// Heights decided in this life.
    pub(crate) decided: BTreeMap<Height, Certificate>,
    /// The height that others have reached.
    pub(crate) behind: Height,
    /// Votes so far.
    pub(crate) votes: u64,
}

impl Instance {
    pub(crate) fn new(validator: usize) -> Instance {
        Instance {
            consensus: Consensus::new(None, Timeouts::default()),
            validator,
            is_up: false,
            life: 0,
            record: SignRecord::default(),
            stored: BTreeMap::new(),
            chain: BTreeMap::new(),
            bodies: BTreeMap::new(),
            decided: BTreeMap::new(),
            behind: Height::GENESIS,
            votes: 0,
        }
    }

    /// A block, from memory or the disk.
    pub(crate) fn body(&self, digest: Digest) -> Option<&BlockPayload> {
        self.bodies.get(&digest).or_else(|| self.stored.get(&digest))
    }

    /// The highest height decided in this life, the stored ones included.
    pub(crate) fn tip(&self) -> Height {
        self.decided.keys().next_back().copied().unwrap_or(Height::GENESIS)
    }

    /// Height and view.
    pub(crate) fn place(&self) -> Option<(Height, u64)> {
        let progress = self.consensus.progress().filter(|_| self.is_up)?;
        Some((progress.height, progress.view.0))
    }

    /// Loses what is not durable.
    pub(crate) fn lose_power(&mut self) {
        self.is_up = false;
        self.life = self.life.saturating_add(1);
        self.bodies.clear();
        self.decided.clear();
    }
}
