//! Reads canonical bytes from the front. Invariant: nothing is allocated for more than what is left
//! to read, and every length is checked against its limit first (B-2, B-6).

use crate::canonical::{Canonical, DecodeError};
use quorate_crypto::museum;

/// What is left of some canonical bytes.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the front of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Takes `count` bytes.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let left = self.rest.len();
        let (head, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(DecodeError::Truncated { wanted: count, left })?;
        self.rest = rest;
        Ok(head)
    }

    /// Takes a fixed number of bytes.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let left = self.rest.len();
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(DecodeError::Truncated { wanted: N, left })?;
        self.rest = rest;
        Ok(*head)
    }

    /// Takes one byte.
    ///
    /// # Errors
    /// When none is left.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    /// Takes a big-endian u16.
    ///
    /// # Errors
    /// When fewer than two bytes are left.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Takes a big-endian u32.
    ///
    /// # Errors
    /// When fewer than four bytes are left.
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Takes a big-endian u64.
    ///
    /// # Errors
    /// When fewer than eight bytes are left.
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// Takes a big-endian u128.
    ///
    /// # Errors
    /// When fewer than sixteen bytes are left.
    pub fn u128(&mut self) -> Result<u128, DecodeError> {
        self.array().map(u128::from_be_bytes)
    }

    /// Takes a u8 length and that many bytes, at most `limit`.
    ///
    /// # Errors
    /// When the length is above the limit or the bytes end.
    pub fn bytes_u8(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], DecodeError> {
        let length = usize::from(self.u8()?);
        check_limit(what, length, limit)?;
        self.raw(length)
    }

    /// Takes a u16 length and that many bytes, at most `limit`.
    ///
    /// # Errors
    /// When the length is above the limit or the bytes end.
    pub fn bytes_u16(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], DecodeError> {
        let length = usize::from(self.u16()?);
        check_limit(what, length, limit)?;
        self.raw(length)
    }

    /// Takes a u32 length and that many bytes, at most `limit`.
    ///
    /// # Errors
    /// When the length is above the limit or the bytes end.
    pub fn bytes_u32(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], DecodeError> {
        let length = self.count(what, limit)?;
        self.raw(length)
    }

    /// Takes a u32 count, at most `limit`.
    ///
    /// # Errors
    /// When the count is above the limit or the bytes end.
    pub fn count(&mut self, what: &'static str, limit: usize) -> Result<usize, DecodeError> {
        let count = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        check_limit(what, count, limit)?;
        Ok(count)
    }

    /// Takes a u32 count, at most `limit`, and that many items.
    ///
    /// # Errors
    /// When the count is above the limit or an item does not decode.
    pub fn list<T: Canonical>(
        &mut self,
        what: &'static str,
        limit: usize,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.count(what, limit)?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(T::decode(self)?);
        }
        Ok(items)
    }

    /// Takes a tag and, after tag 1, a value.
    ///
    /// # Errors
    /// When the tag is neither 0 nor 1, or the value does not decode.
    pub fn option<T: Canonical>(&mut self, what: &'static str) -> Result<Option<T>, DecodeError> {
        match self.u8()? {
            0 => Ok(None),
            1 => T::decode(self).map(Some),
            other => Err(DecodeError::Unknown { what, found: u64::from(other) }),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When bytes are left (B-2).
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            _ if museum!(TrailingBytes) => Ok(()),
            left => Err(DecodeError::Trailing(left)),
        }
    }
}

/// Refuses a length before anything is allocated for it (B-6).
pub(crate) fn check_limit(
    what: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), DecodeError> {
    if found > limit && !museum!(LimitUnchecked) {
        return Err(DecodeError::TooLong { what, found, limit });
    }
    Ok(())
}
