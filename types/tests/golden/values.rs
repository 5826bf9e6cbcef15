//! Vectors of keys, transactions, receipts and the flat state.

use quorate_crypto::state_tree;
use quorate_types::{Amount, Canonical, Epoch, RecordKey, StateKey, StateKind, domains};

use super::{Entry, Vectors, signed_bytes};
use crate::common::{account_key, address, context, samples, stake_samples};

pub fn keys() -> Vectors {
    let entry = |seed: u8| {
        let key = account_key(seed);
        Entry::of(&format!("account {seed}"))
            .bytes("seed", key.seed())
            .bytes("public_key", key.public().as_bytes())
            .canonical("address_bytes", &address(seed))
            .text("address", address(seed))
    };
    Vectors {
        file: "keys.json",
        about: "Account keys and their addresses.",
        entries: (1..4).map(entry).collect(),
    }
}

pub fn transactions() -> Vectors {
    let context = context();
    let entries = samples::transactions().into_iter().map(|(name, seeds, transaction)| {
        let seeds: Vec<u8> = seeds.iter().flat_map(|seed| [*seed; 32]).collect();
        let signatures = transaction.signatures().iter().flat_map(|s| s.as_bytes().to_vec());
        let signed = signed_bytes(&context, &transaction.body().to_bytes());
        let hash = transaction.signing_hash(&context);
        assert_eq!(domains::TRANSACTION_SIGNING.hash(&signed), hash);
        Entry::of(name)
            .text("protocol_version", context.protocol_version)
            .text("chain_id", &context.chain_id)
            .canonical("genesis_hash", &context.genesis_hash)
            .bytes("seeds", &seeds)
            .canonical("body", transaction.body())
            .bytes("signed_bytes", &signed)
            .canonical("signing_hash", &hash)
            .bytes("signatures", &signatures.collect::<Vec<u8>>())
            .bytes("transaction", transaction.bytes())
            .canonical("id", &transaction.id())
    });
    Vectors {
        file: "transactions.json",
        about: "Transactions: the signed body, what is signed, the whole, its id.",
        entries: entries.collect(),
    }
}

pub fn receipts() -> Vectors {
    let entries = samples::receipts().into_iter().map(|(name, receipt)| {
        Entry::of(name).canonical("receipt", &receipt).canonical("hash", &receipt.hash())
    });
    Vectors {
        file: "receipts.json",
        about: "Receipts and their hashes, the leaves under the receipts root.",
        entries: entries.collect(),
    }
}

pub fn state() -> Vectors {
    let single = StateKey::single;
    let mut values: Vec<(String, StateKey, Vec<u8>)> = [
        ("account", StateKey::account(&address(1)), samples::account().to_bytes()),
        ("fee pool", single(StateKind::FeePool), Amount(2_690).to_bytes()),
        ("supply", single(StateKind::Supply), Amount::MAX_SUPPLY.to_bytes()),
        (
            "record",
            StateKey::record(&address(1), &RecordKey::new(b"report/2026".to_vec()).unwrap()),
            b"draft".to_vec(),
        ),
        ("payments (key only; the empty value)", StateKey::payments(Epoch(3)), Vec::new()),
    ]
    .map(|(name, key, value)| (name.to_owned(), key, value))
    .to_vec();
    let stake = stake_samples::state().into_iter();
    values.extend(stake.map(|(key, sample)| (sample.name, key, sample.bytes)));
    let entries = values.into_iter().map(|(name, key, value)| {
        let value_hash = state_tree::hash_value(&value);
        Entry::of(&name)
            .bytes("key", &key.to_bytes())
            .bytes("value", &value)
            .canonical("key_hash", &key.hash())
            .canonical("value_hash", &value_hash)
            .canonical("leaf", &state_tree::leaf(&key.hash(), &value_hash))
    });
    Vectors {
        file: "state.json",
        about: "Keys and values of the flat state and their hashes in the state tree.",
        entries: entries.collect(),
    }
}
