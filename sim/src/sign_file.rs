//! The sign-state file of a simulated node, in the bytes of the real one: an append is torn by the
//! sector, what a crash left is read by the real reader, and whatever that refuses is lost (S-5).

use quorate_types::sign_log::{LogEnd, LogHeader, Owner, SECTOR, replay};
use quorate_types::{Canonical, SignRecord};

use crate::random::Random;

/// The length of a log, in bytes: shorter than a node's, so that runs replace full ones too.
const CAPACITY: usize = 256 * 1024;

/// What a sign-state file holds, and how it holds it.
#[derive(Clone, Debug)]
pub(crate) struct SignFile {
    owner: Owner,
    /// None when the file is missing.
    log: Option<Log>,
    /// Whether its disk acknowledges what it has not synced.
    lies: bool,
    /// Whether a bit of it was flipped since it was read.
    is_damaged: bool,
}

#[derive(Clone, Debug)]
struct Log {
    /// What was written. Zeros follow, up to the log's length.
    bytes: Vec<u8>,
    end: LogEnd,
    /// Where the sectors begin that a crash may take.
    synced: usize,
}

impl Log {
    /// A log whose first record this is.
    fn starting_with(owner: &Owner, first_sequence: u64, payload: &[u8]) -> Log {
        let capacity = u64::try_from(CAPACITY).unwrap_or(u64::MAX);
        let header = LogHeader { owner: owner.clone(), capacity, first_sequence };
        let (mut bytes, start) = header.to_sector();
        let (sectors, end) = start.append(payload);
        bytes.extend_from_slice(&sectors);
        Log { bytes, end, synced: 0 }
    }

    /// Adds a record, unless the log is full.
    fn append(&mut self, payload: &[u8]) -> bool {
        let (sectors, end) = self.end.append(payload);
        if end.offset > CAPACITY {
            return false;
        }
        self.bytes.resize(self.end.offset, 0);
        self.bytes.extend_from_slice(&sectors);
        self.end = end;
        true
    }

    /// Turns sectors that were not synced to zeros: all from a random one on, or any. Of those from
    /// `torn` on one is lost for certain. Says whether one below was lost.
    fn lose_some(&mut self, torn: usize, random: &mut Random) -> bool {
        let count = |from: usize| self.bytes.len().saturating_sub(from) / SECTOR;
        let (all, of_last) = (count(self.synced), count(torn));
        let first_torn = all.saturating_sub(of_last);
        let victim = (of_last > 0).then(|| first_torn.saturating_add(random.position(of_last)));
        let cut = random.chance(500).then(|| random.position(all.saturating_add(1)));
        let mut broke_its_word = false;
        let unsynced = self.bytes.get_mut(self.synced..).unwrap_or_default();
        for (number, sector) in unsynced.chunks_mut(SECTOR).enumerate() {
            let falls = cut.map_or_else(|| random.chance(500), |cut| number >= cut);
            if falls || victim == Some(number) {
                sector.fill(0);
                broke_its_word |= number < first_torn;
            }
        }
        self.synced = self.bytes.len();
        broke_its_word
    }
}

/// What was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) record: SignRecord,
    /// Whether the rest of an append was dropped.
    pub(crate) was_torn: bool,
}

impl SignFile {
    /// The file of a key that has never signed.
    pub(crate) fn new(owner: Owner) -> SignFile {
        let mut file = SignFile { owner, log: None, lies: false, is_damaged: false };
        file.write(&SignRecord::default());
        file
    }

    /// Writes a record; it is durable, unless the disk lies.
    pub(crate) fn write(&mut self, record: &SignRecord) {
        let payload = record.to_bytes();
        let is_added = self.log.as_mut().is_some_and(|log| log.append(&payload));
        if !is_added {
            // A full log is replaced, and a missing one made: under another name, then renamed.
            let sequence = self.log.as_ref().map_or(0, |log| log.end.sequence);
            self.log = Some(Log::starting_with(&self.owner, sequence, &payload));
            self.is_damaged = false;
        }
        if let (Some(log), false) = (&mut self.log, self.lies) {
            log.synced = log.bytes.len();
        }
    }

    /// Whether the next record asks for room on the disk: the log has its full length from the
    /// start, and only another one needs more.
    pub(crate) fn needs_room(&self, record: &SignRecord) -> bool {
        let fits = |log: &Log| log.end.append(&record.to_bytes()).1.offset <= CAPACITY;
        !self.log.as_ref().is_some_and(fits)
    }

    /// A crash, with a record under way that comes to nothing: any sectors of its append are left,
    /// but never all. Says whether acknowledged ones are gone, too.
    pub(crate) fn crash(&mut self, under_way: Option<&SignRecord>, random: &mut Random) -> bool {
        let Some(log) = &mut self.log else { return false };
        let torn = log.bytes.len();
        if let Some(record) = under_way {
            // Where the log is full, the next one is not renamed yet.
            log.append(&record.to_bytes());
        }
        log.lose_some(torn, random)
    }

    /// Reads the latest record, as a node does that starts.
    ///
    /// # Errors
    /// Why the file proves nothing.
    pub(crate) fn open(&mut self) -> Result<Opened, String> {
        let log = self.log.as_ref().ok_or("missing")?;
        let mut bytes = log.bytes.clone();
        bytes.resize(CAPACITY, 0);
        let last = replay(&bytes).map_err(|damage| damage.to_string())?;
        let record = SignRecord::from_bytes(&last.payload).map_err(|error| error.to_string())?;
        self.is_damaged = false;
        if last.torn {
            self.log = None;
            self.write(&record);
        } else if let Some(log) = &mut self.log {
            log.bytes.truncate(last.end.offset);
            log.synced = log.synced.min(log.bytes.len());
            log.end = last.end;
        }
        Ok(Opened { record, was_torn: last.torn })
    }

    /// The file is gone.
    pub(crate) fn remove(&mut self) {
        self.log = None;
        self.is_damaged = false;
    }

    /// From now on the disk acknowledges what it has not synced.
    pub(crate) fn lie(&mut self) {
        self.lies = true;
    }

    /// Flips a bit. Says whether there was one.
    pub(crate) fn rot(&mut self, random: &mut Random) -> bool {
        let Some(log) = &mut self.log else { return false };
        let (at, bit) = (random.position(log.bytes.len()), random.below(8));
        if let Some(byte) = log.bytes.get_mut(at) {
            *byte ^= 1 << bit;
            self.is_damaged = true;
        }
        self.is_damaged
    }

    /// Whether a bit of it was flipped since it was read, and is still there.
    pub(crate) fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::{Hash, Signature};
    use quorate_types::{Certificate, CertificateKind, Digest, Height, SignerSet, View};

    use super::*;

    fn file() -> SignFile {
        let owner = Owner {
            chain_id: "local-test".parse().unwrap(),
            genesis_hash: Hash::from_bytes([1; 32]),
            key: Hash::from_bytes([2; 32]),
        };
        SignFile::new(owner)
    }

    fn record(height: u64) -> SignRecord {
        SignRecord { height: Height(height), ..SignRecord::default() }
    }

    /// A record of several sectors.
    fn long_record(height: u64) -> SignRecord {
        let certificate = Certificate {
            kind: CertificateKind::Commit,
            height: Height(height),
            view: View(0),
            digest: Digest::default(),
            signers: SignerSet::none_of(31),
            signatures: vec![Signature::from_bytes([7; 64]); 31],
        };
        SignRecord { parent_certificate: Some(certificate), ..record(height) }
    }

    #[test]
    fn the_latest_record_is_read_back_over_many_logs() {
        let mut file = file();
        assert_eq!(file.open().unwrap().record, SignRecord::default());
        let mut replaced = 0;
        for height in 1..2_000 {
            replaced += u64::from(file.needs_room(&record(height)));
            file.write(&record(height));
            if height % 97 == 0 {
                let opened = file.open().unwrap();
                assert_eq!(opened, Opened { record: record(height), was_torn: false });
            }
        }
        assert!(replaced >= 2, "{replaced}");
    }

    #[test]
    fn a_torn_append_leaves_the_record_before() {
        let mut random = Random::of_seed(1);
        let mut torn = 0;
        for height in 2..200 {
            let mut file = file();
            file.write(&record(1));
            assert!(!file.crash(Some(&long_record(height)), &mut random));
            let opened = file.open().unwrap();
            assert_eq!(opened.record, record(1));
            torn += u64::from(opened.was_torn);
            file.write(&record(height));
            assert_eq!(file.open().unwrap().record, record(height));
        }
        assert!(torn >= 100, "{torn}");
    }

    #[test]
    fn a_flipped_bit_is_refused_or_changes_nothing() {
        let mut random = Random::of_seed(1);
        let mut refused = 0;
        for _ in 0..500 {
            let mut file = file();
            (1..4).for_each(|height| file.write(&record(height)));
            assert!(file.rot(&mut random) && file.is_damaged());
            match file.open() {
                Ok(opened) => assert_eq!(opened.record, record(3)),
                Err(_) => refused += 1,
            }
        }
        assert_eq!(refused, 500);
    }

    #[test]
    fn a_disk_that_lies_loses_what_it_acknowledged() {
        let mut random = Random::of_seed(1);
        let (mut older, mut refused) = (0, 0);
        for _ in 0..200 {
            let mut file = file();
            file.lie();
            (1..9).for_each(|height| file.write(&record(height)));
            let broke_its_word = file.crash(None, &mut random);
            match file.open() {
                Ok(opened) => {
                    older += u64::from(opened.record != record(8));
                    assert_eq!(opened.record != record(8), broke_its_word);
                }
                Err(_) => refused += 1,
            }
        }
        assert!(older >= 20 && refused >= 20, "{older} older, {refused} refused");
    }
}
