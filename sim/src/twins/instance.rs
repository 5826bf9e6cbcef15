//! One instance: the state machine of a node, and what survives a power cut.

use std::collections::BTreeMap;

use quorate_replica::{Consensus, Timeouts};
use quorate_types::{BlockPayload, Certificate, Digest, Height, SignRecord};

/// A running state machine with its disk. Twins are two of them with one key, that know nothing of
/// each other.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) consensus: Consensus,
    /// Whose key it has.
    pub(super) validator: usize,
    pub(super) is_up: bool,
    /// Counts power cycles: what was meant for an earlier life is void.
    pub(super) life: u64,
    /// Durable: the sign-state.
    pub(super) record: SignRecord,
    /// Durable: blocks.
    pub(super) stored: BTreeMap<Digest, BlockPayload>,
    /// Durable: decided heights.
    pub(super) chain: BTreeMap<Height, Certificate>,
    /// Blocks in memory.
    pub(super) bodies: BTreeMap<Digest, BlockPayload>,
    /// Heights decided in this life.
    pub(super) decided: BTreeMap<Height, Certificate>,
    /// The height that others have reached.
    pub(super) behind: Height,
    /// Votes so far.
    pub(super) votes: u64,
}

impl Instance {
    pub(super) fn new(validator: usize) -> Instance {
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
    pub(super) fn body(&self, digest: Digest) -> Option<&BlockPayload> {
        self.bodies.get(&digest).or_else(|| self.stored.get(&digest))
    }

    /// The highest height decided in this life, the stored ones included.
    pub(super) fn tip(&self) -> Height {
        self.decided.keys().next_back().copied().unwrap_or(Height::GENESIS)
    }

    /// Height and view.
    pub(super) fn place(&self) -> Option<(Height, u64)> {
        let progress = self.consensus.progress().filter(|_| self.is_up)?;
        Some((progress.height, progress.view.0))
    }

    /// Loses what is not durable.
    pub(super) fn lose_power(&mut self) {
        self.is_up = false;
        self.life = self.life.saturating_add(1);
        self.bodies.clear();
        self.decided.clear();
    }
}
