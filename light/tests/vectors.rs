//! The golden bundles of `light/vectors`: each kind of claim, byte for byte, with what it is checked
//! against (L-6). Only `QUORATE_UPDATE_VECTORS=1` writes the file.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "the vectors are a file")]

mod common;

use common::{Chain, Validators, context, now};
use quorate_crypto::hex;
use quorate_light::{
    Anchor, Claim, MAX_BUNDLE_BYTES, MAX_EPOCH_STEPS, MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES,
    ProofBundle, Trust, verify_bytes,
};
use quorate_types::Canonical;

/// What asks for the file to be written anew.
const UPDATE: &str = "QUORATE_UPDATE_VECTORS";
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/bundles.json");

/// Two epochs of two heights; from the genesis, or from height 1, to a claim under height 3.
fn bundles() -> Vec<(&'static str, Trust, ProofBundle)> {
    let sets = [vec![(1, 10), (2, 20)], vec![(2, 20), (3, 30)]];
    let sets = sets.iter().map(|members| Validators::of(members)).collect();
    let chain = Chain::new(context("local-vectors"), 2, sets);
    let names = ["value", "absent, a leaf", "absent, empty", "transaction", "receipt"];
    let of = |(name, (trusted, claim)): (&'static str, (u64, Claim))| {
        (name, chain.trust(trusted), chain.bundle(trusted, 3, claim))
    };
    let trusted = [0, 1, 0, 1, 0];
    names.into_iter().zip(trusted.into_iter().zip(chain.claims(3))).map(of).collect()
}

fn anchor(trust: &Trust) -> String {
    match &trust.anchor {
        Anchor::Genesis { validators } => {
            format!("\"validators\": \"{}\"", hex::encode(&validators.to_bytes()))
        }
        Anchor::Checkpoint { height, digest, unbonding_ms } => format!(
            "\"checkpoint_height\": {height},\n      \"checkpoint_digest\": \"{digest}\",\n      \
             \"unbonding_ms\": {unbonding_ms}"
        ),
    }
}

fn entry((name, trust, bundle): &(&str, Trust, ProofBundle)) -> String {
    let Trust { context, epoch_length, .. } = trust;
    let fields = [
        format!("\"name\": \"{name}\""),
        format!("\"chain_id\": \"{}\"", context.chain_id),
        format!("\"genesis_hash\": \"{}\"", context.genesis_hash),
        format!("\"epoch_length\": {epoch_length}"),
        anchor(trust),
        format!("\"now_ms\": {}", now()),
        format!("\"sealed\": \"{}\"", hex::encode(&bundle.seal())),
    ];
    format!("    {{\n      {}\n    }}", fields.join(",\n      "))
}

#[test]
fn the_code_yields_the_golden_bundles() {
    let entries: Vec<String> = bundles().iter().map(entry).collect();
    let about = "Sealed proof bundles of every kind of claim, and what proves them.";
    let entries = entries.join(",\n");
    let text = format!("{{\n  \"about\": \"{about}\",\n  \"vectors\": [\n{entries}\n  ]\n}}\n");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(PATH, &text).unwrap();
    }
    let golden = std::fs::read_to_string(PATH).unwrap();
    assert!(golden == text, "the format has changed; {UPDATE}=1 writes {PATH} anew");
}

#[test]
fn every_golden_bundle_is_proved() {
    for (name, trust, bundle) in bundles() {
        assert!(verify_bytes(&trust, &bundle.seal(), now()).is_ok(), "{name}");
    }
}

#[test]
fn the_page_states_the_limits_and_the_seal() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/wire-format.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (key, value) = (MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES);
    for stated in [
        format!("| {MAX_BUNDLE_BYTES} | `MAX_BUNDLE_BYTES` |"),
        format!("| {MAX_EPOCH_STEPS} | `MAX_EPOCH_STEPS` |"),
        format!("| {key}, {value} | `MAX_STATE_KEY_BYTES`, `MAX_STATE_VALUE_BYTES` |"),
        String::from("| `quorate v1 proof bundle` |"),
    ] {
        assert!(page.contains(&stated), "{stated}");
    }
}
