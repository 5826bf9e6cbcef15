//! Records: what applications keep on the chain. Each account owns a namespace of its own, so two
//! accounts never meet on a key.

use std::fmt;

use quorate_crypto::hex;

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::limits::{MAX_RECORD_KEY_BYTES, MAX_RECORD_VALUE_BYTES};
use crate::reader::Reader;

/// Where a record stands in its owner's namespace: 1 to [`MAX_RECORD_KEY_BYTES`] bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(Vec<u8>);

/// What a record holds: up to [`MAX_RECORD_VALUE_BYTES`] bytes; none at all is a value too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RecordValue(Vec<u8>);

/// Why bytes are no record's key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A key of no bytes.
    #[error("a record's key has at least one byte")]
    EmptyKey,
    /// A key that is too long.
    #[error("a record's key of {0} bytes, more than {MAX_RECORD_KEY_BYTES}")]
    KeyTooLong(usize),
    /// A value that is too long.
    #[error("a record's value of {0} bytes, more than {MAX_RECORD_VALUE_BYTES}")]
    ValueTooLong(usize),
}

impl RecordKey {
    /// Takes bytes as a key.
    ///
    /// # Errors
    /// When there are none, or too many.
    pub fn new(bytes: Vec<u8>) -> Result<RecordKey, RecordError> {
        match bytes.len() {
            0 => Err(RecordError::EmptyKey),
            1..=MAX_RECORD_KEY_BYTES => Ok(RecordKey(bytes)),
            length => Err(RecordError::KeyTooLong(length)),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl RecordValue {
    /// Takes bytes as a value.
    ///
    /// # Errors
    /// When there are too many.
    pub fn new(bytes: Vec<u8>) -> Result<RecordValue, RecordError> {
        if bytes.len() > MAX_RECORD_VALUE_BYTES {
            return Err(RecordError::ValueTooLong(bytes.len()));
        }
        Ok(RecordValue(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecordKey({})", hex::encode(&self.0))
    }
}

impl fmt::Debug for RecordValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecordValue({} bytes)", self.0.len())
    }
}

impl Canonical for RecordKey {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u16(&self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.bytes_u16("record key", MAX_RECORD_KEY_BYTES)?;
        RecordKey::new(bytes.to_vec()).map_err(|_| DecodeError::Invalid("record key: empty"))
    }
}

impl Canonical for RecordValue {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u32(&self.0);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.bytes_u32("record value", MAX_RECORD_VALUE_BYTES)?;
        Ok(RecordValue(bytes.to_vec()))
    }
}
