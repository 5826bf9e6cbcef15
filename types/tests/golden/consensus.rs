//! Vectors of what validators sign, collect and send.

use quorate_types::{Canonical, View, domains};

use super::{Entry, Vectors, signed_bytes};
use crate::common::{Validators, context, samples, wire_samples};

pub fn statements() -> Vectors {
    let (context, validators) = (context(), Validators::four());
    let entries = samples::statements().into_iter().map(|(name, signed)| {
        let key = validators.key(signed.signer.0);
        let bytes = signed_bytes(&context, &signed.statement.to_bytes());
        let hash = signed.statement.signing_hash(&context);
        assert_eq!(domains::STATEMENT.hash(&bytes), hash);
        Entry::of(name)
            .text("chain_id", &context.chain_id)
            .bytes("seed", key.seed())
            .bytes("public_key", key.public().as_bytes())
            .text("signer", signed.signer)
            .canonical("statement", &signed.statement)
            .bytes("signed_bytes", &bytes)
            .canonical("signing_hash", &hash)
            .canonical("signature", &signed.signature)
            .canonical("signed_statement", &signed)
    });
    Vectors {
        file: "statements.json",
        about: "Signed consensus statements of all four steps.",
        entries: entries.collect(),
    }
}

pub fn certificates() -> Vectors {
    let entries = samples::certificates().into_iter().map(|(name, certificate)| {
        Entry::of(name)
            .canonical("signers", &certificate.signers)
            .canonical("certificate", &certificate)
            .canonical("hash", &certificate.hash())
    });
    Vectors {
        file: "certificates.json",
        about: "Certificates and the hash that the next header carries.",
        entries: entries.collect(),
    }
}

pub fn justifications() -> Vectors {
    let entries = samples::justifications().into_iter().map(|(name, justification)| {
        Entry::of(name)
            .canonical("justification", &justification)
            .canonical("hash", &justification.hash())
    });
    Vectors {
        file: "justifications.json",
        about: "Justifications and the hash that a pre-prepare signs; zero for the empty one.",
        entries: entries.collect(),
    }
}

pub fn blocks() -> Vectors {
    let payloads = samples::payloads().into_iter().map(|(name, payload)| {
        Entry::of(name)
            .canonical("header", payload.header())
            .canonical("digest", &payload.header().digest())
            .canonical("payload", &payload)
    });
    let blocks = ["first block", "second block"].into_iter().zip(samples::blocks());
    let blocks = blocks.map(|(name, block)| {
        let compact = block.compact();
        Entry::of(name).canonical("block", &block).canonical("compact_block", &compact)
    });
    Vectors {
        file: "blocks.json",
        about: "Headers with their digests, blocks, and the payloads of pre-prepares.",
        entries: blocks.chain(payloads).collect(),
    }
}

pub fn accountability() -> Vectors {
    let evidence = samples::evidence().into_iter().map(|(name, evidence)| {
        Entry::of(name).canonical("evidence", &evidence).canonical("hash", &evidence.hash())
    });
    let archives = samples::archives();
    let archives = archives.iter().map(|(name, value)| Entry::of(name).canonical("archive", value));
    Vectors {
        file: "evidence.json",
        about: "Evidence with its hash, and what a node keeps of a height that took several views.",
        entries: evidence.chain(archives).collect(),
    }
}

pub fn rejoins() -> Vectors {
    let (context, validators) = (context(), Validators::four());
    let entries = samples::rejoins().into_iter().map(|(name, rejoin)| {
        let body = rejoin.body;
        let index = validators.set.index_of_address(&body.validator).unwrap();
        let view = View::ZERO.to_bytes();
        let rest = [body.height.to_bytes(), view, body.validator.to_bytes(), body.value.to_bytes()];
        let bytes = signed_bytes(&context, &rest.concat());
        let hash = body.signing_hash(&context);
        assert_eq!(domains::REJOIN.hash(&bytes), hash);
        Entry::of(name)
            .text("chain_id", &context.chain_id)
            .bytes("seed", validators.key(index.0).seed())
            .canonical("validator", &body.validator)
            .text("height", body.height)
            .canonical("value", &body.value)
            .bytes("signed_bytes", &bytes)
            .canonical("signing_hash", &hash)
            .canonical("rejoin", &rejoin)
    });
    Vectors {
        file: "rejoins.json",
        about: "Rejoin entries of validators that lost their records.",
        entries: entries.collect(),
    }
}

pub fn validator_sets() -> Vectors {
    let sets = [("one", Validators::of(&[1])), ("four", Validators::four())];
    let entries = sets.into_iter().map(|(name, validators)| {
        let set = validators.set;
        Entry::of(name).canonical("validator_set", &set).canonical("hash", &set.id())
    });
    Vectors {
        file: "validator_sets.json",
        about: "Validator sets and the hash that headers carry.",
        entries: entries.collect(),
    }
}

pub fn sign_records() -> Vectors {
    let records = samples::sign_records().into_iter();
    let entries = records.map(|(name, record)| Entry::of(name).canonical("record", &record));
    Vectors { file: "sign_records.json", about: "Sign-state records.", entries: entries.collect() }
}

pub fn messages() -> Vectors {
    let entries = wire_samples::all()
        .into_iter()
        .map(|sample| Entry::of(&sample.name).bytes("message", &sample.bytes));
    Vectors {
        file: "messages.json",
        about: "Every message on the wire.",
        entries: entries.collect(),
    }
}
