//! Bytes as text: `0x` and lower-case hex digits, and nothing else, so that every byte string has
//! exactly one text form (B-2).

use thiserror::Error;

/// Why a text is not the hex form of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// The text does not begin with `0x`.
    #[error("hex must begin with 0x")]
    MissingPrefix,
    /// The text has half a byte too many.
    #[error("hex must have an even number of digits")]
    OddLength,
    /// A character is not one of `0-9a-f`.
    #[error("hex must consist of the digits 0-9 and a-f")]
    NotAHexDigit,
    /// The bytes are valid, but there are too few or too many.
    #[error("hex must be of {expected} bytes, not {found}")]
    WrongLength {
        /// How many bytes the value has.
        expected: usize,
        /// How many bytes the text stands for.
        found: usize,
    },
}

/// The text form of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    "0x".chars().chain(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16))).collect()
}

/// The first bytes of a key, enough to tell keys apart in a log.
pub(crate) fn abbreviate([a, b, c, d, ..]: &[u8; 32]) -> String {
    encode(&[*a, *b, *c, *d])
}

/// The bytes of a text form. Allocates half the text's length: bound the text first.
///
/// # Errors
/// The text has no prefix, an odd number of digits, or something else than lower-case digits.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let digits = text.strip_prefix("0x").ok_or(HexError::MissingPrefix)?;
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(HexError::OddLength);
    }
    pairs.iter().map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// The `N` bytes of a text form.
///
/// # Errors
/// As [`decode`], or the number of bytes is not `N`.
pub fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let bytes = decode(text)?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| HexError::WrongLength { expected: N, found })
}

fn digit(character: u8) -> Result<u8, HexError> {
    match character {
        b'0'..=b'9' => Ok(character - b'0'),
        b'a'..=b'f' => Ok(character - b'a' + 10),
        _ => Err(HexError::NotAHexDigit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_round_trips() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Ok(all));
        assert_eq!(encode(&[]), "0x");
        assert_eq!(encode(&[0x00, 0x9a, 0xff]), "0x009aff");
        assert_eq!(decode("0x"), Ok(vec![]));
    }

    #[test]
    fn only_the_one_text_form_is_accepted() {
        for (text, error) in [
            ("", HexError::MissingPrefix),
            ("ab", HexError::MissingPrefix),
            ("0Xab", HexError::MissingPrefix),
            (" 0xab", HexError::MissingPrefix),
            ("0xa", HexError::OddLength),
            ("0xAb", HexError::NotAHexDigit),
            ("0xag", HexError::NotAHexDigit),
            ("0xab ?", HexError::NotAHexDigit),
            ("0x0xab", HexError::NotAHexDigit),
            ("0x\u{e9}", HexError::NotAHexDigit),
        ] {
            assert_eq!(decode(text), Err(error), "{text}");
        }
    }

    #[test]
    fn an_array_has_its_exact_length() {
        assert_eq!(decode_array("0xab01"), Ok([0xab, 1]));
        let error = HexError::WrongLength { expected: 2, found: 3 };
        assert_eq!(decode_array::<2>("0xab0102"), Err(error));
        let error = HexError::WrongLength { expected: 2, found: 1 };
        assert_eq!(decode_array::<2>("0xab"), Err(error));
    }
}
