//! Reads choices out of the fuzzer's bytes. Where they end it reads zeros, so that any bytes are a
//! complete script.

use quorate_crypto::Hash;

/// A place in the bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn u8(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.u8(), self.u8()])
    }

    pub(super) fn hash(&mut self) -> Hash {
        let mut bytes = [0; 32];
        bytes.fill_with(|| self.u8());
        Hash::from_bytes(bytes)
    }

    /// A position below `length`; 0 where there is none.
    pub(super) fn position(&mut self, length: usize) -> usize {
        // One byte where that is enough: a mutation of it moves nothing else.
        let drawn = if length > 256 { usize::from(self.u16()) } else { usize::from(self.u8()) };
        drawn.checked_rem(length).unwrap_or(0)
    }

    /// One of the items.
    pub(super) fn pick<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        items.get(self.position(items.len())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_from_the_bytes_and_then_are_zero() {
        let mut bytes = Bytes::new(&[7, 1, 2]);
        assert_eq!(bytes.position(4), 3);
        assert_eq!(bytes.u16(), 0x0102);
        assert!(bytes.is_empty());
        assert_eq!((bytes.u8(), bytes.position(9), bytes.hash()), (0, 0, Hash::ZERO));
        assert_eq!(bytes.pick::<u8>(&[]), None);
    }
}
