//! Canonical bytes: fixed-width big-endian integers, length-prefixed byte strings, tagged options.
//! Invariant: `decode` accepts a byte string only if `encode` of the result yields it again, so
//! there is one encoding per value (B-1, B-2).

use quorate_crypto::{Hash, Signature};

use crate::reader::Reader;

/// Why bytes are not the canonical encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end inside a field.
    #[error("truncated: {wanted} bytes wanted, {left} left")]
    Truncated {
        /// Bytes that the field needs.
        wanted: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// Bytes follow the end of the value.
    #[error("{0} trailing bytes")]
    Trailing(usize),
    /// A length or count is above its limit.
    #[error("{what}: {found} exceeds the limit of {limit}")]
    TooLong {
        /// The field.
        what: &'static str,
        /// What the bytes say.
        found: usize,
        /// The constant that bounds it.
        limit: usize,
    },
    /// A tag, version or kind that this version does not know.
    #[error("{what}: unknown value {found}")]
    Unknown {
        /// The field.
        what: &'static str,
        /// What the bytes say.
        found: u64,
    },
    /// The value breaks a rule of its type.
    #[error("invalid {0}")]
    Invalid(&'static str),
    /// Transport bytes that are no protobuf message, or not its canonical form.
    #[error("not a canonical protobuf message: {0}")]
    Protobuf(String),
}

/// A value with exactly one byte representation (B-1).
pub trait Canonical: Sized {
    /// Appends the value's bytes.
    fn encode(&self, writer: &mut Writer);

    /// Reads one value from the front.
    ///
    /// # Errors
    /// When the bytes are not what `encode` writes.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The value's bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.encode(&mut writer);
        writer.finish()
    }

    /// Reads a value that fills `bytes` exactly.
    ///
    /// # Errors
    /// When the bytes are not the value's encoding, or more follow (B-2).
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let value = Self::decode(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// Collects canonical bytes.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Appends two bytes, big-endian.
    pub fn u16(&mut self, value: u16) {
        self.raw(&value.to_be_bytes());
    }

    /// Appends four bytes, big-endian.
    pub fn u32(&mut self, value: u32) {
        self.raw(&value.to_be_bytes());
    }

    /// Appends eight bytes, big-endian.
    pub fn u64(&mut self, value: u64) {
        self.raw(&value.to_be_bytes());
    }

    /// Appends sixteen bytes, big-endian.
    pub fn u128(&mut self, value: u128) {
        self.raw(&value.to_be_bytes());
    }

    /// Appends bytes of a length that the type fixes.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a u8 length and the bytes. The caller's type bounds the length.
    pub fn bytes_u8(&mut self, bytes: &[u8]) {
        self.u8(u8::try_from(bytes.len()).expect("the type bounds it below 256 bytes"));
        self.raw(bytes);
    }

    /// Appends a u16 length and the bytes. The caller's type bounds the length.
    pub fn bytes_u16(&mut self, bytes: &[u8]) {
        self.u16(u16::try_from(bytes.len()).expect("the type bounds it below 64 KiB"));
        self.raw(bytes);
    }

    /// Appends a u32 length and the bytes. The caller's type bounds the length.
    pub fn bytes_u32(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.raw(bytes);
    }

    /// Appends a u32 count and each item.
    pub fn list<T: Canonical>(&mut self, items: &[T]) {
        self.length(items.len());
        for item in items {
            item.encode(self);
        }
    }

    /// Appends tag 0, or tag 1 and the value.
    pub fn option<T: Canonical>(&mut self, value: Option<&T>) {
        match value {
            None => self.u8(0),
            Some(value) => {
                self.u8(1);
                value.encode(self);
            }
        }
    }

    /// The bytes written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).expect("limits keep every length below 4 GiB"));
    }
}

impl Canonical for Hash {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(self.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(Hash::from_bytes)
    }
}

/// A validator's key as bytes; whether they are a key is for [`quorate_crypto::ValidatorPublicKey`]
/// to say, which is expensive.
impl Canonical for [u8; 32] {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(self);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array()
    }
}

/// Integers have their width, big-endian.
macro_rules! canonical_integers {
    ($($type:ident)*) => {
        $(impl Canonical for $type {
            fn encode(&self, writer: &mut Writer) {
                writer.$type(*self);
            }

            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                reader.$type()
            }
        })*
    };
}
canonical_integers!(u16 u32 u64 u128);

/// 0 or 1.
impl Canonical for bool {
    fn encode(&self, writer: &mut Writer) {
        writer.u8((*self).into());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(DecodeError::Unknown { what: "yes or no", found: other.into() }),
        }
    }
}

impl Canonical for Signature {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(self.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array().map(Signature::from_bytes)
    }
}

/// Gives a newtype over a hash its text form and its canonical bytes.
macro_rules! hash_newtype {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl $crate::canonical::Canonical for $name {
            fn encode(&self, writer: &mut $crate::canonical::Writer) {
                self.0.encode(writer);
            }

            fn decode(
                reader: &mut $crate::reader::Reader<'_>,
            ) -> Result<Self, $crate::canonical::DecodeError> {
                Hash::decode(reader).map($name)
            }
        }
    };
}
pub(crate) use hash_newtype;

/// Gives a struct the bytes of its fields, in the order that is written here.
macro_rules! canonical_struct {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::canonical::Canonical for $name {
            fn encode(&self, writer: &mut $crate::canonical::Writer) {
                $($crate::canonical::Canonical::encode(&self.$field, writer);)+
            }

            fn decode(
                reader: &mut $crate::reader::Reader<'_>,
            ) -> Result<Self, $crate::canonical::DecodeError> {
                $(let $field = $crate::canonical::Canonical::decode(reader)?;)+
                Ok($name { $($field),+ })
            }
        }
    };
}
pub(crate) use canonical_struct;
