//! Proof bundles (L-6): what the interface puts together, a light client proves, from the genesis or
//! from a checkpoint, over many epochs; and what cannot be put together is told why.

use quorate_crypto::hex;
use quorate_light::{
    Anchor, EpochStep, Fact, MAX_EPOCH_STEPS, ProofBundle, ProvedBundle, Trust, prove_bundle,
};
use quorate_rpc::backend::{BackendError, TransactionState};
use quorate_rpc::limits::{MAX_PROOF_STEPS, MAX_RESPONSE_BYTES};
use quorate_rpc::model::{
    AddressText, Decimal, DropReason, HexBytes, KeyKind, KeyParts, Proved, ProvedFact, Question,
};
use quorate_types::{Address, Canonical, Epoch, Height, StateKey, Timestamp};
use serde_json::{Value, json};

use crate::common::chain::{alice_address, bob, context, set_of, transfer};
use crate::common::{Node, start, start_at};

fn from_genesis() -> Trust {
    let anchor = Anchor::Genesis { validators: set_of(0) };
    Trust { context: context(), epoch_length: 3, anchor }
}

fn from_height(node: &Node, height: u64) -> Trust {
    let block = &node.fake.chain.blocks[usize::try_from(height - 1).unwrap()];
    let (height, digest) = (Height(height), block.digest);
    let anchor = Anchor::Checkpoint { height, digest, unbonding_ms: 1_000_000 };
    Trust { anchor, ..from_genesis() }
}

fn prove(trust: &Trust, bundle: &ProofBundle) -> ProvedBundle {
    prove_bundle(trust, bundle, Timestamp(1_700_000_000_000)).unwrap()
}

fn opened(answer: &Value) -> ProofBundle {
    ProofBundle::open(&hex::decode(answer["bundle"].as_str().unwrap()).unwrap()).unwrap()
}

async fn bundle(node: &Node, params: Value) -> ProofBundle {
    opened(&node.result("proof_getBundle", params).await)
}

async fn refusal(node: &Node, params: Value) -> (i64, String) {
    let error = node.error("proof_getBundle", params).await;
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

fn account(address: Address) -> Question {
    let parts = KeyParts { address: Some(address), ..KeyParts::default() };
    Question::State(KeyKind::Account, parts)
}

fn told(trust: &Trust, bundle: &ProofBundle) -> ProvedFact {
    Proved::of(trust, bundle, &prove(trust, bundle)).fact
}

#[tokio::test]
async fn presence_and_absence_in_the_state_are_proved() {
    let node = start();
    let alices = json!({ "kind": "account", "address": alice_address().to_string() });
    let answer = node.result("proof_getBundle", alices).await;
    assert_eq!(answer["at_height"], 2);
    assert_eq!((&answer["header_height"], &answer["epoch"]), (&json!(3), &json!(0)));
    let bundle = opened(&answer);
    assert_eq!(prove(&from_genesis(), &bundle).claim.height, Height(2));
    let expected = ProvedFact::Account {
        address: alice_address().into(),
        exists: true,
        balance: Decimal(990),
        nonce: 2,
    };
    assert_eq!(told(&from_genesis(), &bundle), expected);
    let (owner, operator) = (AddressText(bob()), bob().to_string());
    let absent = [
        json!({ "kind": "account", "address": operator }),
        json!({ "kind": "record", "address": operator, "key": "0x01" }),
        json!({ "kind": "validator", "validator": operator }),
        json!({ "kind": "delegation", "address": operator, "validator": operator }),
        json!({ "kind": "epoch_clock" }),
    ];
    let expected = [
        ProvedFact::Account { address: owner, exists: false, balance: Decimal(0), nonce: 0 },
        ProvedFact::Record { owner, key: HexBytes(vec![1]), exists: false, value: None },
        ProvedFact::Validator { operator: owner, exists: false, validator: None },
        ProvedFact::Delegation {
            delegator: owner,
            validator: owner,
            exists: false,
            shares: Decimal(0),
        },
        ProvedFact::State { key: HexBytes(vec![3]), exists: false, value: None },
    ];
    for (params, expected) in absent.into_iter().zip(expected) {
        let bundle = self::bundle(&node, params).await;
        assert_eq!(told(&from_genesis(), &bundle), expected);
    }
}

#[tokio::test]
async fn transactions_and_receipts_are_proved() {
    let node = start();
    for (nonce, index) in [(0, 0), (1, 1)] {
        let hash = transfer(nonce).id();
        let text = hash.to_string();
        let answer = node.result("proof_getBundle", json!({ "transaction": text })).await;
        assert_eq!((&answer["at_height"], &answer["header_height"]), (&json!(2), &json!(2)));
        let proved = prove(&from_genesis(), &opened(&answer)).claim;
        let expected = Fact::Transaction { transaction: transfer(nonce), index };
        assert_eq!((proved.fact, proved.height), (expected, Height(2)));
        let answer = node.result("proof_getBundle", json!({ "receipt": text })).await;
        assert_eq!((&answer["at_height"], &answer["header_height"]), (&json!(2), &json!(3)));
        let proved = prove(&from_genesis(), &opened(&answer)).claim;
        let receipt = node.fake.chain.receipts[usize::try_from(index).unwrap()].clone();
        assert_eq!(receipt.transaction, hash);
        assert_eq!((proved.fact, proved.height), (Fact::Receipt { receipt, index }, Height(2)));
    }
}

/// L-3: heights 1 to 3 are epoch 0; a validator has another key in every second epoch.
#[tokio::test]
async fn every_epoch_is_walked_from_the_genesis_or_a_checkpoint() {
    let node = start_at(Height(20));
    let params = |checkpoint: Option<u64>| {
        let address = alice_address().to_string();
        json!({ "kind": "account", "address": address, "checkpoint": checkpoint })
    };
    let whole = bundle(&node, params(None)).await;
    let proved = prove(&from_genesis(), &whole);
    assert_eq!((whole.steps.len(), proved.epoch, proved.claim.height), (6, Epoch(6), Height(19)));
    for checkpoint in 1..=20 {
        let bundle = bundle(&node, params(Some(checkpoint))).await;
        let trust = from_height(&node, checkpoint);
        assert_eq!(prove(&trust, &bundle).claim, proved.claim, "{checkpoint}");
        let skipped = usize::try_from((checkpoint - 1) / 3).unwrap();
        assert_eq!(bundle.steps, whole.steps[skipped..]);
        assert_eq!(
            Proved::of(&trust, &bundle, &prove(&trust, &bundle)).checkpoint,
            Some(checkpoint)
        );
    }
    let old = bundle(&node, json!({ "receipt": transfer(0).id().to_string() })).await;
    assert_eq!(prove(&from_genesis(), &old).claim.header.height, Height(3));
}

#[tokio::test]
async fn a_long_way_is_fetched_in_pages() {
    let epochs = u64::try_from(2 * MAX_PROOF_STEPS + 1).unwrap();
    let node = start_at(Height(epochs * 3 + 1));
    // Each a connection of its own, with a budget of its own.
    let client = || node.client();
    let proved = client().prove(&account(alice_address()), None).await.unwrap();
    assert_eq!(proved.at_height, epochs * 3);
    assert_eq!(prove(&from_genesis(), &proved.value).epoch, Epoch(epochs));
    let later = client().prove(&account(bob()), Some(Height(4))).await.unwrap().value;
    assert_eq!(later.steps, proved.value.steps[1..]);
    prove(&from_height(&node, 4), &later);

    let page = client().proof_steps(Epoch(1), Epoch(epochs)).await.unwrap().value;
    assert_eq!(page.steps.len(), MAX_PROOF_STEPS);
    assert_eq!(page.next, 1 + u64::try_from(MAX_PROOF_STEPS).unwrap());
    let step = EpochStep::from_bytes(&page.steps[0].0).unwrap();
    assert_eq!(step, proved.value.steps[1]);
    let page = client().proof_steps(Epoch(1), Epoch(3)).await.unwrap().value;
    assert_eq!((page.steps.len(), page.next), (2, 3));

    let (code, message) = refusal(&node, json!({ "kind": "supply" })).await;
    let nearest = (epochs - u64::try_from(MAX_PROOF_STEPS).unwrap()) * 3 + 1;
    assert_eq!(code, 1007, "{message}");
    assert!(message.contains(&format!("a checkpoint of height {nearest} or above")), "{message}");
    assert!(message.contains("proof_getSteps"), "{message}");
    let named = bundle(&node, json!({ "kind": "supply", "checkpoint": nearest })).await;
    assert_eq!(named.steps.len(), MAX_PROOF_STEPS);
    prove(&from_height(&node, nearest), &named);
    let below = json!({ "kind": "supply", "checkpoint": nearest - 1 });
    assert_eq!(refusal(&node, below).await.0, 1007, "an epoch more");
}

/// The limits fit each other: sets and certificates of 200 validators, hex, the largest claim.
#[test]
fn the_largest_answer_fits() {
    let validators = quorate_types::limits::MAX_VALIDATORS;
    let step = 512 + (64 + validators / 8 + validators * 64) + (4 + validators * 60);
    let claim = 4 * quorate_light::MAX_STATE_VALUE_BYTES;
    let most = 2 * ((MAX_PROOF_STEPS + 2) * step + claim) + 1_024;
    assert!(most < usize::try_from(MAX_RESPONSE_BYTES).unwrap(), "{most}");
    const { assert!(MAX_PROOF_STEPS < MAX_EPOCH_STEPS) };
}

#[tokio::test]
async fn what_is_not_certified_yet_is_told() {
    let node = start_at(Height(2));
    let hash = transfer(0).id().to_string();
    prove(&from_genesis(), &bundle(&node, json!({ "transaction": hash })).await);
    let (code, message) = refusal(&node, json!({ "receipt": hash })).await;
    assert_eq!(code, 1008, "{message}");
    assert!(message.contains("certified by height 3, which is not final yet"), "{message}");
    let waiting = transfer(5);
    let (id, pending) = (waiting.id(), TransactionState::Pending(waiting));
    node.fake.states.lock().unwrap().insert(id, pending);
    for what in ["transaction", "receipt"] {
        let (code, message) = refusal(&node, json!({ what: id.to_string() })).await;
        assert_eq!(code, 1008, "{message}");
    }
    *node.fake.error.lock().unwrap() = Some(BackendError::Syncing);
    let error = node.error("proof_getSteps", json!([0, 1])).await;
    assert_eq!(error["code"], 1003);
}

#[tokio::test]
async fn what_is_nowhere_is_told() {
    let node = start();
    let (unknown, dropped) = (transfer(8).id(), transfer(9).id());
    let state = TransactionState::Dropped(DropReason::Expired);
    node.fake.states.lock().unwrap().insert(dropped, state);
    for id in [unknown, dropped] {
        let (code, message) = refusal(&node, json!({ "transaction": id.to_string() })).await;
        assert_eq!(code, 1001, "{message}");
        assert!(message.contains("nothing proves that"), "{message}");
    }
    let supply = |checkpoint: u64| json!({ "kind": "supply", "checkpoint": checkpoint });
    assert_eq!(refusal(&node, supply(4)).await.0, 1005);
    let (code, message) = refusal(&node, supply(0)).await;
    assert_eq!(code, -32602);
    assert!(message.contains("genesis has no header"), "{message}");
    let error = node.error("proof_getSteps", json!([0, 9])).await;
    assert_eq!(error["code"], 1005, "epoch 1 is at work");
    for wrong in [json!([1, 1]), json!([2, 1]), json!([1]), json!([-1, 1])] {
        assert_eq!(node.error("proof_getSteps", wrong).await["code"], -32602);
    }
}

#[tokio::test]
async fn a_checkpoint_above_the_proof_and_one_below_what_is_kept_are_told() {
    let node = start_at(Height(20));
    let hash = transfer(0).id().to_string();
    let (code, message) = refusal(&node, json!({ "transaction": hash, "checkpoint": 10 })).await;
    assert_eq!(code, -32602);
    assert!(message.contains("height 2 of epoch 0, before the checkpoint's epoch 3"), "{message}");
    *node.fake.oldest.lock().unwrap() = 4;
    let (code, message) = refusal(&node, json!({ "kind": "supply" })).await;
    assert_eq!(code, 1002);
    assert!(message.contains("name a checkpoint of height 13 or above"), "{message}");
    let named = bundle(&node, json!({ "kind": "supply", "checkpoint": 13 })).await;
    assert_eq!(prove(&from_height(&node, 13), &named).epoch, Epoch(6));
}

#[tokio::test]
async fn a_question_names_one_thing() {
    let node = start();
    let alice = alice_address().to_string();
    let hash = transfer(0).id().to_string();
    for params in [
        json!({}),
        json!({ "address": alice }),
        json!({ "kind": "account" }),
        json!({ "kind": "account", "address": alice, "key": "0x01" }),
        json!({ "kind": "money" }),
        json!({ "kind": "supply", "transaction": hash }),
        json!({ "transaction": hash, "receipt": hash }),
        json!({ "transaction": hash, "address": alice }),
        json!({ "receipt": hash, "epoch": 1 }),
        json!({ "transaction": "0x12" }),
        json!({ "kind": "supply", "height": 1 }),
    ] {
        let (code, message) = refusal(&node, params.clone()).await;
        assert_eq!(code, -32602, "{params}: {message}");
    }
}

#[tokio::test]
async fn a_bundle_without_its_steps_proves_nothing() {
    let node = start_at(Height(8));
    let params = json!({ "kind": "supply", "without_steps": true });
    let answer = node.result("proof_getBundle", params).await;
    assert_eq!((&answer["first_epoch"], &answer["epoch"]), (&json!(0), &json!(2)));
    let bare = opened(&answer);
    let error = prove_bundle(&from_genesis(), &bare, Timestamp(0)).unwrap_err();
    assert!(error.to_string().contains("the validators known are those of 0"), "{error}");
    let key = StateKey::single(quorate_types::StateKind::Supply).to_bytes();
    let supply = Question::State(KeyKind::Supply, KeyParts::default());
    let whole = node.client().prove(&supply, None).await.unwrap().value;
    let expected = Fact::State { key, value: None };
    assert_eq!(prove(&from_genesis(), &whole).claim.fact, expected);
}

#[tokio::test]
async fn proofs_cost_what_they_take() {
    let node = start();
    let mut socket = node.websocket().await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"proof_getBundle","params":{"kind":"supply"}}"#;
    socket.send(format!("[{}]", [call; 20].join(",")).as_bytes()).await;
    let answers = socket.receive().await;
    let refused = |answer: &&Value| answer["error"]["data"]["kind"] == "rate_limited";
    let count = answers.as_array().unwrap().iter().filter(refused).count();
    assert!(count > 0, "4000 units a second are no twenty proofs at once");
}
