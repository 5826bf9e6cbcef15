//! The known answers of `vectors.txt`: hashes, streams, signatures and the two trees (B-3 to B-7).

#![allow(clippy::unwrap_used)]

use quorate_crypto::hex::{decode, decode_array, encode};
use quorate_crypto::{
    AccountSecretKey, Domain, Hash, Signature, ValidatorSecretKey, merkle, state_tree,
};

/// The lines of one kind, without it, cut into their fields.
fn lines(kind: &str) -> Vec<Vec<&'static str>> {
    let fields = include_str!("vectors.txt").lines().map(|line| line.split(" | "));
    let lines: Vec<Vec<_>> = fields
        .filter_map(|mut fields| (fields.next() == Some(kind)).then(|| fields.collect()))
        .collect();
    assert!(!lines.is_empty(), "no line of kind {kind}");
    lines
}

fn hash(text: &str) -> Hash {
    text.parse().unwrap()
}

#[test]
fn every_line_has_a_known_kind() {
    let kinds = ["hash", "xof", "sign", "merkle", "state key", "state value", "state leaf"];
    let known: usize = kinds.iter().chain(&["state node"]).map(|kind| lines(kind).len()).sum();
    let all = include_str!("vectors.txt").lines();
    assert_eq!(known, all.filter(|line| !line.is_empty() && !line.starts_with('#')).count());
}

#[test]
fn hashes_and_streams() {
    for line in lines("hash") {
        let [context, input, digest] = line[..] else { panic!("{line:?}") };
        assert_eq!(Domain::new(context).hash(&decode(input).unwrap()), hash(digest));
    }
    for line in lines("xof") {
        let [context, seed, stream] = line[..] else { panic!("{line:?}") };
        let mut bytes = [0; 80];
        Domain::new(context).xof(&decode(seed).unwrap()).fill(&mut bytes);
        assert_eq!(encode(&bytes), stream);
    }
}

#[test]
fn keys_and_signatures() {
    for line in lines("sign") {
        let [seed, message, key, signature] = line[..] else { panic!("{line:?}") };
        let (seed, message) = (decode_array(seed).unwrap(), decode(message).unwrap());
        let expected = Signature::from_bytes(decode_array(signature).unwrap());

        let validator = ValidatorSecretKey::from_seed(seed);
        assert_eq!(encode(validator.public().as_bytes()), key);
        assert_eq!(validator.sign(&message), expected);
        assert_eq!(validator.public().verify(&message, &expected), Ok(()));

        let account = AccountSecretKey::from_seed(seed);
        assert_eq!(encode(account.public().as_bytes()), key);
        assert_eq!(account.sign(&message), expected);
        assert_eq!(account.public().verify(&message, &expected), Ok(()));
        assert_eq!(expected.to_string(), signature);
    }
}

#[test]
fn merkle_roots() {
    for line in lines("merkle") {
        let [items, root] = line[..] else { panic!("{line:?}") };
        let bytes = decode(items).unwrap();
        let items: Vec<Hash> =
            bytes.as_chunks().0.iter().map(|item| Hash::from_bytes(*item)).collect();
        assert_eq!(merkle::root(&items), hash(root));
    }
}

#[test]
fn state_hashes() {
    for line in lines("state key") {
        let [input, digest] = line[..] else { panic!("{line:?}") };
        let bytes = decode(input).unwrap();
        let (kind, key) = bytes.split_first().unwrap();
        assert_eq!(state_tree::hash_key(*kind, key), hash(digest));
    }
    for line in lines("state value") {
        let [input, digest] = line[..] else { panic!("{line:?}") };
        assert_eq!(state_tree::hash_value(&decode(input).unwrap()), hash(digest));
    }
    for line in lines("state leaf") {
        let [key, value, digest] = line[..] else { panic!("{line:?}") };
        assert_eq!(state_tree::leaf(&hash(key), &hash(value)), hash(digest));
    }
    for line in lines("state node") {
        let [left, right, digest] = line[..] else { panic!("{line:?}") };
        assert_eq!(state_tree::node(&hash(left), &hash(right)), hash(digest));
    }
}
