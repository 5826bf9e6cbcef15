//! The bytes of a sign-state log, without any file: how records are laid out and what a log that
//! a crash or a failing disk has touched still proves.
//!
//! A log has a fixed length and is zero where nothing was written yet. It consists of sectors of
//! 512 bytes, the unit that a disk writes as a whole: 511 bytes of content and a last byte that is
//! never zero. Sector 0 is the header: whose log it is, the log's length and the first sequence
//! number. Each record takes whole sectors: a head (mark, length, sequence number, check), the
//! payload, a checksum that covers the checksum before it, and zeros.
//!
//! A crash leaves any part of the one append that was not yet synced: such a record lacks at least
//! one sector's last byte, and it counts as never written. Every other deviation is damage: a
//! flipped bit in any record, the last one too, is an error, never an older record. What cannot be
//! told from a crash is a whole sector of the last record turned into zeros, or the last byte of
//! one: a disk that loses what it acknowledged can lose the whole record just as well.

use quorate_crypto::Hash;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::chain::ChainId;
use crate::domains;
use crate::reader::Reader;

/// What a disk writes as a whole, in bytes.
pub const SECTOR: usize = 512;
/// Content bytes of a sector.
const CONTENT: usize = SECTOR - 1;
/// The last byte of a written sector: no single flipped bit makes it zero.
const WRITTEN: u8 = 0xff;
/// The longest payload, in bytes: with 200 validators a record takes about 100 KiB.
pub const MAX_PAYLOAD: usize = 512 * 1024;

const MAGIC: [u8; 8] = *b"quorsign";
const VERSION: u32 = 1;
const MARK: [u8; 4] = *b"QREC";
/// Mark 4, length 4, sequence number 8, check 8.
const HEAD: usize = 24;
const CHECKSUM: usize = 32;

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The chain's name.
    pub chain_id: ChainId,
    /// The hash of its genesis.
    pub genesis_hash: Hash,
    /// The public key that signs.
    pub key: Hash,
}

/// The first sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHeader {
    /// Whose log it is.
    pub owner: Owner,
    /// The log's length in bytes.
    pub capacity: u64,
    /// The sequence number of its first record.
    pub first_sequence: u64,
}

/// Where the next record goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The next record's first byte.
    pub offset: usize,
    /// The next record's sequence number.
    pub sequence: u64,
    /// The checksum of the header, which every record's head is bound to.
    pub header: Hash,
    /// The checksum before: of the last record, or of the header.
    pub previous: Hash,
}

/// What a log proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The last complete record.
    pub payload: Vec<u8>,
    /// Where the next one goes.
    pub end: LogEnd,
    /// Whether a torn append follows it, which must be cleared before the next one.
    pub torn: bool,
}

/// A log that proves nothing: at which byte, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {reason}")]
pub struct Damage {
    offset: usize,
    reason: &'static str,
}

impl Canonical for LogHeader {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&MAGIC);
        writer.u32(VERSION);
        writer.u64(self.capacity);
        writer.u64(self.first_sequence);
        self.owner.chain_id.encode(writer);
        self.owner.genesis_hash.encode(writer);
        self.owner.key.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.array()? != MAGIC {
            return Err(DecodeError::Invalid("mark of a sign-state log"));
        }
        let version = reader.u32()?;
        if version != VERSION {
            return Err(DecodeError::Unknown { what: "version", found: version.into() });
        }
        let (capacity, first_sequence) = (reader.u64()?, reader.u64()?);
        let chain_id = ChainId::decode(reader)?;
        let (genesis_hash, key) = (Hash::decode(reader)?, Hash::decode(reader)?);
        Ok(LogHeader { owner: Owner { chain_id, genesis_hash, key }, capacity, first_sequence })
    }
}

impl LogHeader {
    /// The first sector, and where the first record goes.
    #[must_use]
    pub fn to_sector(&self) -> (Vec<u8>, LogEnd) {
        let mut content = self.to_bytes();
        let checksum = checksum(&[b"header", &content]);
        content.extend_from_slice(checksum.as_bytes());
        let end = LogEnd {
            offset: SECTOR,
            sequence: self.first_sequence,
            header: checksum,
            previous: checksum,
        };
        (to_sectors(&content), end)
    }

    /// Reads the first sector of a log.
    ///
    /// # Errors
    /// When it is no undamaged header, or of a log of another length.
    pub fn of(log: &[u8]) -> Result<LogHeader, Damage> {
        let damage = |reason| Damage { offset: 0, reason };
        let sector = log.get(..SECTOR).ok_or(damage("shorter than a header"))?;
        let header = LogHeader::decode(&mut Reader::new(sector))
            .map_err(|_| damage("not the header of a sign-state log"))?;
        if header.to_sector().0 != sector {
            return Err(damage("damaged header"));
        }
        if usize::try_from(header.capacity) != Ok(log.len()) {
            return Err(damage("the file has not the length that it was made with"));
        }
        Ok(header)
    }
}

impl LogEnd {
    /// The sectors of the next record, of at most [`MAX_PAYLOAD`] bytes, and where the one after it
    /// goes.
    #[must_use]
    pub fn append(&self, payload: &[u8]) -> (Vec<u8>, LogEnd) {
        let mut writer = Writer::default();
        writer.raw(&MARK);
        writer.u32(u32::try_from(payload.len()).expect("callers keep MAX_PAYLOAD"));
        writer.u64(self.sequence);
        let mut content = writer.finish();
        content.extend_from_slice(&head_check(&self.header, &content));
        content.extend_from_slice(payload);
        let checksum = record_checksum(&self.previous, &content);
        content.extend_from_slice(checksum.as_bytes());
        let sectors = to_sectors(&content);
        let end = LogEnd {
            offset: self.offset + sectors.len(),
            sequence: self.sequence + 1,
            header: self.header,
            previous: checksum,
        };
        (sectors, end)
    }
}

/// Reads a whole log.
///
/// # Errors
/// When anything in it deviates from what appends and one crash can leave.
pub fn replay(log: &[u8]) -> Result<Replay, Damage> {
    let (_, mut end) = LogHeader::of(log)?.to_sector();
    let mut last = None;
    loop {
        let tail = log.get(end.offset..).unwrap_or_default();
        match next_record(tail, &end)? {
            Some((payload, next)) => {
                last = Some(payload);
                end = next;
            }
            None => {
                let payload = last.ok_or(end.damage("no complete record"))?;
                let torn = tail.iter().any(|byte| *byte != 0);
                return Ok(Replay { payload, end, torn });
            }
        }
    }
}

/// The record at the front of `tail`, or none if the log ends there.
fn next_record(tail: &[u8], end: &LogEnd) -> Result<Option<(Vec<u8>, LogEnd)>, Damage> {
    let Some(first) = tail.get(..SECTOR) else {
        return Ok(None);
    };
    if !is_written(first, end)? {
        check_nothing_newer(tail, end)?;
        return Ok(None);
    }
    let Some((length, sequence)) = read_head(first, &end.header) else {
        return Err(end.damage("damaged head of a record"));
    };
    if sequence != end.sequence {
        return Err(end.damage("record out of sequence"));
    }
    let size = (HEAD + length + CHECKSUM).div_ceil(CONTENT) * SECTOR;
    let Some((sectors, rest)) = tail.split_at_checked(size) else {
        return Err(end.damage("record beyond the end of the log"));
    };
    for sector in sectors.chunks(SECTOR) {
        if !is_written(sector, end)? {
            let newer = rest.iter().any(|byte| *byte != 0);
            return if newer {
                Err(end.damage("incomplete before a newer record"))
            } else {
                Ok(None)
            };
        }
    }
    let content = from_sectors(sectors);
    let payload = content.get(HEAD..HEAD + length).unwrap_or_default();
    let (expected, next) = end.append(payload);
    if expected != sectors {
        return Err(end.damage("damaged record"));
    }
    Ok(Some((payload.to_vec(), next)))
}

/// Whether a sector was written; damage is neither yes nor no.
fn is_written(sector: &[u8], end: &LogEnd) -> Result<bool, Damage> {
    match sector.last() {
        Some(&WRITTEN) => Ok(true),
        Some(0) => Ok(false),
        Some(_) | None => Err(end.damage("damaged sector")),
    }
}

/// The tail starts with a sector that was not written: it may hold the rest of one append that was
/// not synced, and no record that could only have been written after that one was.
fn check_nothing_newer(tail: &[u8], end: &LogEnd) -> Result<(), Damage> {
    let longest = (HEAD + MAX_PAYLOAD + CHECKSUM).div_ceil(CONTENT) * SECTOR;
    let (append, beyond) = tail.split_at(longest.min(tail.len()));
    if beyond.iter().any(|byte| *byte != 0) {
        return Err(end.damage("a gap before newer bytes"));
    }
    for sector in append.chunks(SECTOR) {
        if is_written(sector, end)? && read_head(sector, &end.header).is_some() {
            return Err(end.damage("a gap before a newer record"));
        }
    }
    Ok(())
}

/// Length and sequence number, if the head is intact and of this log.
fn read_head(sector: &[u8], header: &Hash) -> Option<(usize, u64)> {
    let (fields, check) = sector.get(..HEAD)?.split_at_checked(HEAD - 8)?;
    if check != head_check(header, fields) {
        return None;
    }
    let mut reader = Reader::new(fields.strip_prefix(&MARK)?);
    let length = reader.count("record", MAX_PAYLOAD).ok()?;
    Some((length, reader.u64().ok()?))
}

fn head_check(header: &Hash, fields: &[u8]) -> [u8; 8] {
    let hash = checksum(&[b"head", header.as_bytes(), fields]);
    *hash.as_bytes().first_chunk().expect("a hash has 32 bytes")
}

fn record_checksum(previous: &Hash, content: &[u8]) -> Hash {
    checksum(&[b"record", previous.as_bytes(), content])
}

fn checksum(parts: &[&[u8]]) -> Hash {
    domains::SIGN_RECORD.hash_parts(parts)
}

fn to_sectors(content: &[u8]) -> Vec<u8> {
    let mut sectors = Vec::with_capacity(content.len().div_ceil(CONTENT) * SECTOR);
    for chunk in content.chunks(CONTENT) {
        sectors.extend_from_slice(chunk);
        sectors.resize(sectors.len() + CONTENT - chunk.len(), 0);
        sectors.push(WRITTEN);
    }
    sectors
}

fn from_sectors(sectors: &[u8]) -> Vec<u8> {
    sectors.chunks(SECTOR).flat_map(|sector| sector.iter().take(CONTENT)).copied().collect()
}

impl LogEnd {
    fn damage(&self, reason: &'static str) -> Damage {
        Damage { offset: self.offset, reason }
    }
}

#[cfg(test)]
mod tests;
