//! One instance: the state machine of a node, and what survives a power cut.

use std::collections::BTreeMap;

use quorate_crypto::ValidatorPublicKey;
use quorate_replica::{Consensus, Past, Timeouts};
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

    /// Starts from what is durable, and from a past that the record makes (S-4).
    pub(crate) fn power_on(&mut self, me: Option<ValidatorPublicKey>, past: Past) {
        self.is_up = true;
        self.decided = self.chain.clone();
        self.consensus = Consensus::recover(me, Timeouts::default(), past);
    }

    /// Holds a block in memory.
    pub(crate) fn hold(&mut self, payload: &BlockPayload) {
        self.bodies.insert(payload.header().digest(), payload.clone());
    }

    /// A block is durable from now on, if it is held.
    pub(crate) fn store_block(&mut self, digest: Digest) {
        let body = self.body(digest).cloned();
        self.stored.extend(body.map(|body| (digest, body)));
    }

    /// Certificate and block of a height are durable from now on; false if it is not decided.
    pub(crate) fn store_height(&mut self, height: Height) -> bool {
        let Some(certificate) = self.decided.get(&height).cloned() else { return false };
        self.store_block(certificate.digest);
        self.chain.insert(height, certificate);
        true
    }

    /// The certificate for a block of this height to carry: with every Commit that came, if any did.
    pub(super) fn certificate_below(&self, height: Height) -> Option<Certificate> {
        let fullest = self.consensus.last_commit().map(|of| of.value().clone());
        let below = height.previous().and_then(|below| self.decided.get(&below));
        fullest.or_else(|| below.cloned())
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
