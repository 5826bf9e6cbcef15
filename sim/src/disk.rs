//! A chain database with a log that a crash cuts: what was synced stays, of what came after it any
//! prefix does. Blocks and certificates are synced when they are answered, results of executing are
//! not (so an answered one may be lost, and every later write with it).
//!
//! A node writes whole requests at once, several together or, beyond 8 MiB, one in parts: any prefix
//! of what was asked for covers all of these cuts.

use std::collections::VecDeque;

use quorate_replica::{StoreRequest, StoreToken};
use quorate_types::{Digest, Persist};

use crate::random::Random;
use crate::store::{MemoryStore, StoreError};

/// A store with what of it would survive a crash.
#[derive(Debug)]
pub(crate) struct Disk {
    /// What readers see.
    visible: MemoryStore,
    /// What every crash leaves.
    synced: MemoryStore,
    /// Visible and not synced, in order.
    unsynced: VecDeque<Persist>,
    /// Asked for and not answered, in order.
    in_flight: VecDeque<StoreRequest>,
    /// Whether it acknowledges what it has not synced.
    lies: bool,
}

impl Disk {
    pub(crate) fn new(genesis: MemoryStore) -> Disk {
        Disk {
            visible: genesis.clone(),
            synced: genesis,
            unsynced: VecDeque::new(),
            in_flight: VecDeque::new(),
            lies: false,
        }
    }

    pub(crate) fn visible(&self) -> &MemoryStore {
        &self.visible
    }

    /// Whether a block is durable.
    pub(crate) fn is_durable(&self, block: &Digest) -> bool {
        self.synced.holds(block)
    }

    pub(crate) fn submit(&mut self, request: StoreRequest) {
        self.in_flight.push_back(request);
    }

    /// The oldest request is written, and synced where its kind asks for it. None when there is
    /// none.
    ///
    /// # Errors
    /// When what it stores does not follow what is stored.
    pub(crate) fn finish(&mut self) -> Result<Option<StoreToken>, StoreError> {
        let Some(StoreRequest { token, items }) = self.in_flight.pop_front() else {
            return Ok(None);
        };
        let sync = items.iter().any(Persist::wants_sync);
        for item in items {
            self.visible.apply(&item)?;
            self.unsynced.push_back(item);
        }
        if sync && !self.lies {
            for item in self.unsynced.drain(..) {
                self.synced.apply(&item)?;
            }
        }
        Ok(Some(token))
    }

    /// The process is gone, and with it everything from a random point after the last sync on. Says
    /// how many writes that are.
    ///
    /// # Errors
    /// When what was written does not follow what is stored.
    pub(crate) fn crash(&mut self, random: &mut Random) -> Result<usize, StoreError> {
        let in_flight = self.in_flight.drain(..).flat_map(|request| request.items);
        let log: Vec<Persist> = self.unsynced.drain(..).chain(in_flight).collect();
        let kept = random.position(log.len().saturating_add(1));
        for item in log.iter().take(kept) {
            self.synced.apply(item)?;
        }
        self.visible = self.synced.clone();
        Ok(log.len().saturating_sub(kept))
    }

    /// From now on it acknowledges what it has not synced.
    pub(crate) fn lie(&mut self) {
        self.lies = true;
    }

    /// Something that is synced is damaged. Says whether there was anything.
    pub(crate) fn rot(&mut self, random: &mut Random) -> bool {
        let Some(place) = self.synced.some_place(random) else { return false };
        self.visible.damage(place.clone());
        self.synced.damage(place);
        true
    }

    /// Whether reading everything would fail, now or after a crash.
    pub(crate) fn is_damaged(&self) -> bool {
        self.visible.is_damaged() || self.synced.is_damaged()
    }

    /// What every crash leaves.
    pub(crate) fn image(&self) -> Disk {
        Disk::new(self.synced.clone())
    }

    /// Loses even what was synced.
    pub(crate) fn lose_all(&mut self, genesis: &MemoryStore) {
        *self = Disk::new(genesis.clone());
    }
}
