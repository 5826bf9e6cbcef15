//! The chain database of a simulated node, in memory: blocks, certificates, receipts, flat state.
//! Refuses what does not follow what is stored, like the database of the real node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quorate_types::limits::EVIDENCE_WINDOW_HEIGHTS;
use quorate_types::{
    AccountEntry, Address, Block, Canonical, Certificate, CertificateKind, ChainReader, Digest,
    Epoch, EpochEntry, Evidence, ExecutedBlock, ExecutedTip, Height, HeightArchive, Persist,
    ReadError, Receipt, StateChanges, StateKey, StateKind, StateReader, TransactionId,
    TransactionLocation, ValidatorIndex,
};

use crate::random::Random;

/// What a store was given does not follow what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A certificate that is not of commits.
    #[error("the certificate of height {0} is no commit certificate")]
    NotACommit(Height),
    /// Another height's turn has come.
    #[error("{what} of height {found} does not follow height {last}")]
    NotNext {
        /// What was given.
        what: &'static str,
        /// Its height.
        found: Height,
        /// The height that stands.
        last: Height,
    },
    /// The decided block is not stored.
    #[error("the block of height {0} is not stored")]
    MissingBlock(Height),
    /// Another block is decided at this height.
    #[error("another block is decided at height {0}")]
    OtherDigest(Height),
}

/// Everything that was stored, as a reader sees it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    blocks: BTreeMap<Digest, Arc<Block>>,
    undecided: BTreeSet<(Height, Digest)>,
    certificates: BTreeMap<Height, Certificate>,
    receipts: BTreeMap<Height, Vec<Receipt>>,
    transactions: BTreeMap<TransactionId, TransactionLocation>,
    history: BTreeMap<Address, BTreeMap<TransactionLocation, TransactionId>>,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Every epoch that the state has had, by key.
    epochs: BTreeMap<StateKey, Vec<u8>>,
    tip: Option<ExecutedTip>,
    evidence: BTreeMap<(Height, ValidatorIndex), Evidence>,
    archives: BTreeMap<Height, HeightArchive>,
    /// Reading one of these fails.
    damaged: BTreeSet<StoredPlace>,
}

/// Something in a store that can be damaged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StoredPlace {
    Block(Digest),
    Certificate(Height),
    /// The flat state, under its key's bytes.
    State(Vec<u8>),
}

/// Why damage is refused: every checksum of the real store says something like it.
pub(crate) const BAD_CHECKSUM: &str = "the checksum does not match";

/// The lowest height whose evidence is kept beside that of a height.
fn first_kept(height: Height) -> Height {
    Height(height.0.saturating_sub(EVIDENCE_WINDOW_HEIGHTS))
}

impl MemoryStore {
    /// Stores the state of genesis.
    pub fn init_genesis(&mut self, state: &StateChanges, tip: &ExecutedTip) {
        self.apply_changes(state);
        self.tip = Some(*tip);
    }

    /// Stores one thing.
    ///
    /// # Errors
    /// When it does not follow what is stored; then nothing has changed.
    pub fn apply(&mut self, item: &Persist) -> Result<(), StoreError> {
        match item {
            Persist::Block(block) => self.add_block(block),
            Persist::Decided(certificate) => self.add_decided(certificate)?,
            Persist::Executed(executed) => self.add_executed(executed)?,
            Persist::Evidence(evidence) => {
                let (height, accused) = (evidence.height(), evidence.accused());
                self.evidence.entry((height, accused)).or_insert_with(|| Evidence::clone(evidence));
                let first = (first_kept(height), ValidatorIndex(0));
                self.evidence = self.evidence.split_off(&first);
            }
            Persist::Archive(archive) => {
                self.archives.insert(archive.height, archive.clone());
                self.archives = self.archives.split_off(&first_kept(archive.height));
            }
        }
        Ok(())
    }

    fn add_block(&mut self, block: &Arc<Block>) {
        let (height, digest) = (block.height(), block.digest());
        self.blocks.insert(digest, Arc::clone(block));
        self.damaged.remove(&StoredPlace::Block(digest));
        let decided = self.certificates.get(&height).is_some_and(|c| c.digest == digest);
        if !decided {
            self.undecided.insert((height, digest));
        }
    }

    fn add_decided(&mut self, certificate: &Certificate) -> Result<(), StoreError> {
        let (height, digest) = (certificate.height, certificate.digest);
        if certificate.kind != CertificateKind::Commit {
            return Err(StoreError::NotACommit(height));
        }
        if let Some(stored) = self.certificates.get(&height) {
            let same = stored.digest == digest;
            return if same { Ok(()) } else { Err(StoreError::OtherDigest(height)) };
        }
        let last = self.highest();
        if height != last.next() {
            return Err(StoreError::NotNext { what: "the certificate", found: height, last });
        }
        if !self.undecided.remove(&(height, digest)) {
            return Err(StoreError::MissingBlock(height));
        }
        let above = self.undecided.split_off(&(height, Digest::default()));
        for (_, dropped) in std::mem::replace(&mut self.undecided, above) {
            self.blocks.remove(&dropped);
        }
        self.certificates.insert(height, certificate.clone());
        Ok(())
    }

    fn add_executed(&mut self, executed: &ExecutedBlock) -> Result<(), StoreError> {
        let height = executed.height();
        let last = self.tip.as_ref().map_or(Height::GENESIS, |tip| tip.height);
        if height != last.next() {
            return Err(StoreError::NotNext { what: "the result", found: height, last });
        }
        match self.certificates.get(&height) {
            None => return Err(StoreError::MissingBlock(height)),
            Some(stored) if stored.digest != executed.digest => {
                return Err(StoreError::OtherDigest(height));
            }
            Some(_) => {}
        }
        for (index, transaction) in (0_u32..).zip(&executed.block.transactions) {
            let location = TransactionLocation { height, index };
            self.transactions.insert(transaction.id(), location);
            for account in transaction.accounts() {
                self.history.entry(account).or_default().insert(location, transaction.id());
            }
        }
        self.receipts.insert(height, executed.receipts.clone());
        self.apply_changes(&executed.changes);
        self.tip = Some(executed.tip());
        Ok(())
    }

    fn apply_changes(&mut self, changes: &StateChanges) {
        for (key, value) in changes {
            if let (StateKind::Epoch, Some(entry)) = (key.kind(), value) {
                self.epochs.insert(key.clone(), entry.clone());
            }
            let key = key.to_bytes();
            if self.is_damaged() {
                self.damaged.remove(&StoredPlace::State(key.clone()));
            }
            match value {
                Some(value) => self.state.insert(key, value.clone()),
                None => self.state.remove(&key),
            };
        }
    }

    /// The highest decided height.
    pub(crate) fn highest(&self) -> Height {
        self.certificates.last_key_value().map_or(Height::GENESIS, |(height, _)| *height)
    }

    /// Something of a decided height, of the newest one in half of the draws, or of the state.
    pub(crate) fn some_place(&self, random: &mut Random) -> Option<StoredPlace> {
        if random.chance(250) {
            let keys: Vec<&Vec<u8>> = self.state.keys().collect();
            return random.pick(&keys).map(|key| StoredPlace::State(key.clone()));
        }
        let highest = self.highest();
        let any = Height(random.between(1, highest.0));
        let height = if random.chance(500) { highest } else { any };
        let certificate = self.certificates.get(&height)?;
        let is_block = random.chance(500);
        Some(if is_block {
            StoredPlace::Block(certificate.digest)
        } else {
            StoredPlace::Certificate(height)
        })
    }

    /// Damages something that is stored.
    pub(crate) fn damage(&mut self, place: StoredPlace) {
        self.damaged.insert(place);
    }

    /// Whether anything is damaged.
    pub(crate) fn is_damaged(&self) -> bool {
        !self.damaged.is_empty()
    }

    fn check(&self, place: &StoredPlace) -> Result<(), ReadError> {
        let is_damaged = self.damaged.contains(place);
        if is_damaged { Err(ReadError(format!("{place:?}: {BAD_CHECKSUM}"))) } else { Ok(()) }
    }

    /// Whether a block is stored.
    pub(crate) fn holds(&self, digest: &Digest) -> bool {
        self.blocks.contains_key(digest)
    }
}

impl StateReader for MemoryStore {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        let key = key.to_bytes();
        if self.is_damaged() {
            self.check(&StoredPlace::State(key.clone()))?;
        }
        Ok(self.state.get(&key).cloned())
    }
}

impl ChainReader for MemoryStore {
    fn decided(&self) -> Result<Height, ReadError> {
        Ok(self.highest())
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        Ok(self.tip)
    }

    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError> {
        Ok(self.certificates.get(&height).map(|certificate| certificate.digest))
    }

    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        self.check(&StoredPlace::Block(*digest))?;
        Ok(self.blocks.get(digest).cloned())
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.check(&StoredPlace::Certificate(height))?;
        Ok(self.certificates.get(&height).cloned())
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        Ok(self.receipts.get(&height).cloned())
    }

    fn epoch_entry(&self, number: Epoch) -> Result<Option<EpochEntry>, ReadError> {
        let bytes = self.epochs.get(&StateKey::epoch(number));
        let entry = bytes.map(|bytes| EpochEntry::from_bytes(bytes)).transpose();
        entry.map_err(|error| ReadError(format!("epoch {number}: {error}")))
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        Ok(self.evidence.values().cloned().collect())
    }

    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError> {
        Ok(self.archives.get(&height).cloned())
    }

    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        Ok(self.transactions.get(id).copied())
    }

    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        let Some(entries) = self.history.get(address) else { return Ok(Vec::new()) };
        let newest_first = entries.iter().rev();
        let below = newest_first.filter(|(location, _)| before.is_none_or(|b| **location < b));
        let entry = |(location, transaction): (&TransactionLocation, &TransactionId)| {
            AccountEntry { location: *location, transaction: *transaction }
        };
        Ok(below.take(limit).map(entry).collect())
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        for (key, value) in &self.state {
            if self.is_damaged() {
                self.check(&StoredPlace::State(key.clone()))?;
            }
            visit(key, value);
        }
        Ok(())
    }
}
