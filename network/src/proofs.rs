//! Which peer acts for which validator: the newest statement of each key.
//!
//! Remembered past the end of the connection, so that a peer whose key a validator has replaced
//! cannot come back with its older record.

use std::collections::BTreeMap;

use libp2p::PeerId;
use quorate_crypto::ValidatorPublicKey;

use crate::peer_record::PeerRecord;

/// Most keys that are remembered. Anybody can make keys: when it is full, those of peers that are
/// no longer connected are forgotten.
const MAX_PROOFS: usize = 1024;

struct Proof {
    peer: PeerId,
    sequence: u64,
}

/// The newest verified record of each validator key.
#[derive(Default)]
pub(crate) struct Proofs {
    by_validator: BTreeMap<ValidatorPublicKey, Proof>,
}

impl Proofs {
    /// Takes a verified record, and says whether it stands: the key's newest is this one.
    pub(crate) fn take(
        &mut self,
        record: &PeerRecord,
        is_connected: impl Fn(&PeerId) -> bool,
    ) -> bool {
        let stands = match self.by_validator.get(&record.validator) {
            Some(known) => {
                let same = record.sequence == known.sequence && record.peer == known.peer;
                same || record.sequence > known.sequence
            }
            None => self.has_room(is_connected),
        };
        if stands {
            let proof = Proof { peer: record.peer, sequence: record.sequence };
            self.by_validator.insert(record.validator, proof);
        }
        stands
    }

    /// Makes room for one more key, if it can.
    fn has_room(&mut self, is_connected: impl Fn(&PeerId) -> bool) -> bool {
        if self.by_validator.len() >= MAX_PROOFS {
            self.by_validator.retain(|_, proof| is_connected(&proof.peer));
        }
        self.by_validator.len() < MAX_PROOFS
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::ValidatorSecretKey;

    use super::*;

    fn record(validator: u8, peer: u8, sequence: u64) -> PeerRecord {
        PeerRecord {
            chain: "test".to_owned(),
            peer: crate::peer_id(&[peer; 32]),
            validator: ValidatorSecretKey::from_seed([validator; 32]).public(),
            sequence,
        }
    }

    #[test]
    fn the_highest_sequence_number_of_a_key_wins() {
        let mut proofs = Proofs::default();
        let connected = |_: &PeerId| true;
        assert!(proofs.take(&record(1, 1, 5), connected));
        assert!(proofs.take(&record(1, 1, 5), connected), "the same record after a reconnection");
        assert!(!proofs.take(&record(1, 2, 5), connected), "as old, from another peer");
        assert!(!proofs.take(&record(1, 1, 4), connected));
        assert!(proofs.take(&record(1, 2, 6), connected));
        assert!(!proofs.take(&record(1, 1, 5), connected));
        assert!(proofs.take(&record(2, 1, 0), connected), "another key is another matter");
    }
}
