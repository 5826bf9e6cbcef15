//! Rules of the lowest layers: quorums, decoding, Merkle proofs, keys, the order of primaries.

use quorate_consensus::{epoch_seed, primaries};
use quorate_crypto::{BatchItem, Domain, Hash, KeyError, ValidatorPublicKey, merkle, verify_batch};
use quorate_types::{
    Canonical, DecodeError, Epoch, Height, SignerSet, Transaction, ValidatorIndex, ValidatorSet,
};

use crate::chain::{account, validators};

fn indices(list: &[u16]) -> Vec<ValidatorIndex> {
    list.iter().copied().map(ValidatorIndex).collect()
}

/// M-1, M-3.
pub fn quorums() {
    let three = validators(&[1, 1, 1]).expect("a valid set");
    assert!(!three.is_quorum(indices(&[0, 1])), "two thirds are no quorum");
    assert!(three.is_weak(indices(&[0])), "a third is a weak set");
    assert!(!three.is_quorum(indices(&[0, 0, 0])), "a validator counts once");
    assert!(!three.is_weak(indices(&[9])), "who is not in the set counts nothing");
    let whale = validators(&[1, 1, 1, 10]).expect("a valid set");
    assert!(!whale.is_quorum(indices(&[0, 1, 2])), "power counts, not heads");
    assert!(validators(&[u64::MAX, 1]).is_err(), "the total fits 64 bits");
}

/// B-2, B-6.
pub fn decoding() {
    let mut bytes = Height(7).to_bytes();
    bytes.push(0);
    assert_eq!(Height::from_bytes(&bytes), Err(DecodeError::Trailing(1)));
    let many = [vec![0, 0, 1, 0], vec![0; 256 * 60]].concat();
    let too_long = matches!(ValidatorSet::from_bytes(&many), Err(DecodeError::TooLong { .. }));
    assert!(too_long, "a list of 256 validators is refused before it is read");
    assert!(matches!(Transaction::from_slice(&[0; 1 << 20]), Err(DecodeError::TooLong { .. })));
    assert!(SignerSet::from_bytes(&[0, 4, 0b0001_0000]).is_err(), "a fifth bit of four");
}

/// B-5.
pub fn merkle() {
    const ITEM: Domain = Domain::new("quorate v1 museum item");
    let leaves: Vec<Hash> = (0..8_u8).map(|number| ITEM.hash(&[number])).collect();
    for length in 1..=leaves.len() {
        let list = &leaves[..length];
        let root = merkle::root(list);
        for (index, leaf) in (0..).zip(list) {
            let proof = merkle::prove(list, index).expect("within the list");
            assert_eq!(proof.verify(&root, leaf), Ok(()), "leaf {index} of {length}");
            let mut longer = proof.clone();
            longer.siblings.push(Hash::ZERO);
            assert!(longer.verify(&root, leaf).is_err(), "a proof with a sibling too many");
            let mut other = proof;
            other.count += 1;
            assert!(other.verify(&root, leaf).is_err(), "a proof for another length");
        }
    }
}

/// B-4.
pub fn keys() {
    let judged = |lowest: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (lowest, 0x7f);
        ValidatorPublicKey::from_bytes(bytes)
    };
    let torsion = (0..0xeb).filter(|lowest| judged(*lowest) == Err(KeyError::Torsion)).count();
    assert!(torsion > 0, "points with a torsion part are no keys");
    let (honest, forger) = (account(1), account(2));
    let item = |key: quorate_crypto::AccountPublicKey| BatchItem {
        key,
        message: b"message",
        signature: honest.sign(b"message"),
    };
    let verdicts = verify_batch(&[item(honest.public()), item(forger.public())]);
    assert_eq!(verdicts, Ok(vec![true, false]), "each signature has its own verdict");
}

/// T-4, T-5: the vectors of section 7.1.
pub fn primaries_in_order() {
    let seed = epoch_seed(&Hash::ZERO, Epoch(0));
    let cases: [(&[u64], u64, &[u16]); 3] = [
        (&[1, 1, 1, 1], 1, &[2, 1, 0, 3]),
        (&[1, 2, 3, 4, 5, 6, 7], 2, &[5, 4, 1, 6, 2, 3, 0]),
        (&[(1 << 63) - 1, 1 << 62, 1], 10, &[1, 0, 2]),
    ];
    for (powers, height, order) in cases {
        let set = validators(powers).expect("a valid set");
        assert_eq!(primaries(&seed, &set, Height(height)), indices(order));
    }
}
