//! What a torn, flipped, cut or mixed log may be read as.

use super::*;

const CAPACITY: usize = 40 * SECTOR;

fn header() -> LogHeader {
    let owner = Owner {
        chain_id: "local-test".parse().unwrap(),
        genesis_hash: Hash::from_bytes([1; 32]),
        key: Hash::from_bytes([2; 32]),
    };
    LogHeader { owner, capacity: u64::try_from(CAPACITY).unwrap(), first_sequence: 7 }
}

/// A log with these records, and where each of them starts.
fn log_of(payloads: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let (mut log, mut end) = header().to_sector();
    let mut starts = Vec::new();
    for payload in payloads {
        starts.push(end.offset);
        let (sectors, next) = end.append(payload);
        log.extend_from_slice(&sectors);
        end = next;
    }
    assert_eq!(log.len(), end.offset);
    log.resize(CAPACITY, 0);
    (log, starts)
}

/// Three records of different sizes; the last takes three sectors.
fn payloads() -> Vec<Vec<u8>> {
    vec![
        vec![0x11; 10],
        vec![0x22; 700],
        (0..1_400_u32).map(|byte| byte.to_be_bytes()[3]).collect(),
    ]
}

#[test]
fn the_last_record_is_read_back() {
    let (log, starts) = log_of(&payloads());
    let replay = replay(&log).unwrap();
    assert_eq!(replay.payload, payloads()[2]);
    assert_eq!((replay.end.sequence, replay.end.offset), (10, starts[2] + 3 * SECTOR));
    assert!(!replay.torn);
}

#[test]
fn a_record_fills_its_sectors_exactly_or_spills_into_one_more() {
    for (length, sectors) in [(0, 1), (455, 1), (456, 2), (966, 2), (967, 3)] {
        let (log, starts) = log_of(&[vec![9; length], vec![8; 1]]);
        assert_eq!(starts[1] - starts[0], sectors * SECTOR, "{length}");
        assert_eq!(replay(&log).unwrap().payload, vec![8; 1]);
    }
}

/// A kill while the bytes are copied leaves a prefix.
#[test]
fn an_append_cut_at_any_byte_leaves_the_record_before() {
    let (log, starts) = log_of(&payloads());
    for cut in starts[2]..starts[2] + 3 * SECTOR {
        let mut torn = log.clone();
        torn[cut..].fill(0);
        let replay = replay(&torn).unwrap();
        assert_eq!(replay.payload, payloads()[1], "cut at {cut}");
        assert_eq!(replay.end.offset, starts[2]);
        assert_eq!(replay.torn, cut > starts[2]);
    }
}

/// A power cut leaves any subset of the sectors.
#[test]
fn an_append_with_any_sectors_missing_leaves_the_record_before() {
    let (log, starts) = log_of(&payloads());
    for missing in 1..8_usize {
        let mut torn = log.clone();
        for sector in (0..3).filter(|sector| missing & (1 << sector) != 0) {
            let start = starts[2] + sector * SECTOR;
            torn[start..start + SECTOR].fill(0);
        }
        assert_eq!(replay(&torn).unwrap().payload, payloads()[1], "missing {missing:03b}");
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    let (log, starts) = log_of(&payloads());
    let written = starts[2] + 3 * SECTOR;
    for byte in 0..written + 2 * SECTOR {
        for bit in 0..8 {
            let mut flipped = log.clone();
            flipped[byte] ^= 1 << bit;
            match replay(&flipped) {
                Err(_) => {}
                Ok(replay) => {
                    assert_eq!(replay.payload, payloads()[2], "byte {byte} bit {bit}");
                    assert!(byte >= written, "byte {byte} bit {bit} is not covered");
                }
            }
        }
    }
}

#[test]
fn a_damaged_sector_before_the_last_record_is_an_error() {
    let (log, starts) = log_of(&payloads());
    for start in (0..starts[2]).step_by(SECTOR) {
        for filling in [0, 0x55, WRITTEN] {
            let mut damaged = log.clone();
            damaged[start..start + SECTOR].fill(filling);
            assert!(replay(&damaged).is_err(), "sector at {start} filled with {filling}");
        }
    }
}

#[test]
fn a_shortened_log_is_an_error_since_no_crash_shortens_it() {
    let (log, _) = log_of(&payloads());
    for length in [0, 1, SECTOR, CAPACITY - SECTOR, CAPACITY - 1] {
        assert!(replay(&log[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn a_log_without_a_complete_record_is_an_error() {
    let (log, starts) = log_of(&payloads()[..1]);
    let mut torn = log.clone();
    torn[starts[0] + 100..].fill(0);
    assert!(replay(&torn).is_err());
    assert!(replay(&log_of(&[]).0).is_err());
}

#[test]
fn a_record_of_another_place_or_log_is_an_error() {
    let (log, starts) = log_of(&[vec![1; 10], vec![2; 10], vec![3; 10]]);
    let mut swapped = log.clone();
    swapped[starts[1]..starts[1] + SECTOR].copy_from_slice(&log[starts[0]..starts[0] + SECTOR]);
    assert!(replay(&swapped).is_err());

    let mut other = header();
    other.owner.key = Hash::from_bytes([3; 32]);
    let mut foreign = log.clone();
    foreign[..SECTOR].copy_from_slice(&other.to_sector().0);
    assert!(replay(&foreign).is_err());
}

#[test]
fn a_full_log_ends_with_its_last_record() {
    let payloads = vec![vec![5; 10]; 39];
    let (log, _) = log_of(&payloads);
    let replay = replay(&log).unwrap();
    assert_eq!((replay.end.offset, replay.torn), (CAPACITY, false));
}
