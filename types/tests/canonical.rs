//! B-2: one encoding per value. What is cut, lengthened or changed is refused, or is the encoding
//! of another value.

mod common;

use std::sync::LazyLock;

use common::every::{self, Sample};
use common::wire_samples;
use proptest::prelude::*;
use quorate_types::{Canonical, DecodeError, SignerSet};

/// Made once: signing them is dear.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut samples = every::all();
    samples.extend(wire_samples::all());
    samples
});

#[test]
fn every_sample_round_trips() {
    for Sample { name, bytes, again } in SAMPLES.iter() {
        assert_eq!(again(bytes).as_ref(), Ok(bytes), "{name}");
    }
}

#[test]
fn a_cut_anywhere_is_refused() {
    for Sample { name, bytes, again } in &every::all() {
        for length in 0..bytes.len() {
            assert!(again(&bytes[..length]).is_err(), "{name} cut to {length}");
        }
    }
}

/// A message cut between two fields may be another message, but never the same one.
#[test]
fn a_message_that_is_cut_is_refused_or_another() {
    for Sample { name, bytes, again } in &wire_samples::all() {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(again(cut).is_err() || again(cut).unwrap() == cut, "{name} cut to {length}");
        }
    }
}

#[test]
fn a_trailing_byte_is_refused() {
    for Sample { name, bytes, again } in SAMPLES.iter() {
        for extra in [0, 1, 0xff] {
            let longer = [bytes.as_slice(), &[extra]].concat();
            assert!(again(&longer).is_err(), "{name} with {extra}");
        }
    }
}

#[test]
fn a_changed_byte_is_refused_or_another_value() {
    for Sample { name, bytes, again } in SAMPLES.iter() {
        for position in 0..bytes.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[position] ^= change;
                let verdict = again(&changed);
                assert!(verdict.is_err() || verdict == Ok(changed), "{name} at {position}");
            }
        }
    }
}

#[test]
fn a_signer_set_has_no_bit_beyond_its_size() {
    for (size, last) in [(4_u8, 0x10_u8), (7, 0x80), (9, 0x02)] {
        let mut bytes = vec![0, size];
        bytes.extend(vec![0; usize::from(size).div_ceil(8)]);
        assert!(SignerSet::from_bytes(&bytes).is_ok());
        *bytes.last_mut().unwrap() = last;
        let padded = DecodeError::Invalid("signer set: bit beyond its size");
        assert_eq!(SignerSet::from_bytes(&bytes), Err(padded));
        *bytes.last_mut().unwrap() = last >> 1;
        assert!(SignerSet::from_bytes(&bytes).is_ok());
    }
    assert!(SignerSet::from_bytes(&[0, 8, 0xff]).is_ok(), "a full byte has no padding");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..Default::default() })]

    #[test]
    fn bytes_that_decode_encode_to_themselves(
        pick in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let Sample { name, mut bytes, again } = pick.get(&SAMPLES).clone();
        prop_assume!(!bytes.is_empty());
        for (position, value) in edits {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(encoded) = again(&bytes) {
            prop_assert_eq!(encoded, bytes, "{}", name);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        pick in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let Sample { again, .. } = pick.get(&SAMPLES);
        if let Ok(encoded) = again(&bytes) {
            prop_assert_eq!(encoded, bytes);
        }
    }
}
