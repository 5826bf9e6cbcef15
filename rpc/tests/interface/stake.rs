//! Validators, delegations, what unbonds, epochs and evidence, out of a state that has them.

use quorate_rpc::model::{KeyKind, KeyParts};
use quorate_types::{
    AddressList, Delegation, Epoch, EpochClock, Height, StateKey, StateKind, StateReader, Unbonding,
};
use serde_json::{Value, json};

use crate::common::chain::{alice_address, bob};
use crate::common::{Node, hex, start};

fn alice() -> String {
    alice_address().to_string()
}

#[tokio::test]
async fn a_validator_has_its_entry_its_power_and_its_presence() {
    let node = start();
    let expected = json!({
        "at_height": 3, "address": alice(), "moniker": "Alice & co", "key": hex(&[9; 32]),
        "rotation": { "from_epoch": 3, "key": hex(&[8; 32]) }, "index": 0, "power": "1000",
        "standing": "jailed", "jailed_until": 4, "commission_bps": 1000,
        "next_commission_bps": 500, "bonded": "900", "shares": "1000", "self_bond": "364",
        "rewards": "1600", "commission": "70",
        "presence": { "epoch": 0, "windows": 2, "present": 1 },
    });
    assert_eq!(node.result("state_getValidator", json!([alice()])).await, expected);
    let bobs = node.result("state_getValidator", json!({ "operator": bob().to_string() })).await;
    let absent = (&Value::Null, &json!("0"), &Value::Null, &json!("tombstoned"));
    assert_eq!((&bobs["index"], &bobs["power"], &bobs["presence"], &bobs["standing"]), absent);
}

/// A height has the state of that height, whatever the newest one is.
#[tokio::test]
async fn a_validator_is_asked_for_at_a_height() {
    let node = start();
    let at = node.result("state_getValidator", json!([alice(), 2])).await;
    assert_eq!((&at["at_height"], &at["bonded"]), (&json!(2), &json!("900")));
    let set = node.fake.chain.set.clone();
    let mut values = node.fake.values.lock().unwrap().clone();
    let clock = EpochClock { current: Epoch(0), oldest: Epoch(0) };
    values.put(StateKey::single(StateKind::EpochClock), &clock);
    values.put(StateKey::epoch(Epoch(0)), &crate::common::state::epoch(0, &set));
    *node.fake.values.lock().unwrap() = values;
    let first = node.result("state_getValidator", json!([alice(), 0])).await;
    assert_eq!(first["presence"]["epoch"], 0, "genesis belongs to the first epoch");
}

#[tokio::test]
async fn who_operates_no_validator_is_not_found() {
    let node = start();
    *node.fake.values.lock().unwrap() = crate::common::state::Values::default();
    for params in [json!([alice()]), json!([alice(), 2])] {
        let error = node.error("state_getValidator", params).await;
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(1001), &json!("not_found")));
        assert!(error["message"].as_str().unwrap().contains(&alice()), "{error}");
    }
}

#[tokio::test]
async fn all_validators_are_those_of_the_set_and_the_candidates() {
    let node = start();
    let all = node.client().all_validators().await.unwrap().value;
    assert_eq!((all.epoch, all.total_power.0), (1, 1_000));
    let listed: Vec<_> = all.validators.iter().map(|one| (one.address.0, one.power.0)).collect();
    let mut expected = vec![(alice_address(), 1_000), (bob(), 0)];
    expected.sort_unstable();
    assert_eq!(listed, expected);
    let key = StateKey::single(StateKind::Candidates);
    node.fake.values.lock().unwrap().put(key, &AddressList::default());
    let chosen = node.client().all_validators().await.unwrap().value;
    assert_eq!(chosen.validators.len(), 1, "who was chosen is listed without a bond, too");
}

#[tokio::test]
async fn a_delegation_is_told_with_what_it_is_worth() {
    let node = start();
    let expected = json!({
        "at_height": 3, "account": bob().to_string(), "delegations": [{
            "validator": alice(), "amount": "364", "shares": "405", "rewards": "405",
            "locked": "120",
        }],
    });
    assert_eq!(node.result("state_getDelegations", json!([bob().to_string()])).await, expected);
    let none = node.result("state_getDelegations", json!([alice()])).await;
    assert_eq!(none["delegations"], json!([]));
}

/// Locks hold until the unbonding period after their epoch is over, and never more than there is.
#[tokio::test]
async fn only_what_is_still_liable_is_locked() {
    let node = start();
    let locked_in = async |epoch: u64, amount: u64| {
        let mut values = node.fake.values.lock().unwrap().clone();
        let clock = EpochClock { current: Epoch(epoch), oldest: Epoch(0) };
        values.put(StateKey::single(StateKind::EpochClock), &clock);
        let entry = crate::common::state::epoch(epoch, &node.fake.chain.set);
        values.put(StateKey::epoch(Epoch(epoch)), &entry);
        let key = StateKey::delegation(&bob(), &alice_address());
        let mut stake = delegation(&values, &key);
        stake.locks[1].amount.0 = amount;
        values.put(key, &stake);
        *node.fake.values.lock().unwrap() = values;
        node.client().delegations(bob()).await.unwrap().value.delegations[0].locked.0
    };
    assert_eq!(locked_in(21, 20).await, 120, "21 epochs after epoch 0");
    assert_eq!(locked_in(22, 20).await, 20);
    assert_eq!(locked_in(23, 20).await, 0);
    assert_eq!(locked_in(22, 10_000).await, 364, "a slash has made it less");
}

fn delegation(values: &impl StateReader, key: &StateKey) -> Delegation {
    use quorate_types::Canonical;
    Delegation::from_bytes(&values.get(key).unwrap().unwrap()).unwrap()
}

#[tokio::test]
async fn what_unbonds_is_told_with_when_it_is_paid() {
    let node = start();
    let expected = json!({
        "at_height": 3, "account": bob().to_string(), "total": 2, "unbonding": [
            { "validator": alice(), "amount": "49", "last_epoch": 0, "payable_epoch": 22,
              "payable_height": null },
            { "validator": alice(), "amount": "10", "last_epoch": 1, "payable_epoch": 23,
              "payable_height": null },
        ],
    });
    assert_eq!(node.result("state_getUnbonding", json!([bob().to_string()])).await, expected);
    let entry = crate::common::state::epoch(22, &node.fake.chain.set);
    node.fake.values.lock().unwrap().put(StateKey::epoch(Epoch(22)), &entry);
    let known = node.client().unbonding(bob()).await.unwrap().value;
    let heights: Vec<_> = known.unbonding.iter().map(|part| part.payable_height).collect();
    assert_eq!(heights, [Some(67), None]);
}

#[tokio::test]
async fn an_answer_has_the_thousand_entries_that_are_paid_first() {
    let node = start();
    let key = StateKey::delegation(&bob(), &alice_address());
    let mut values = node.fake.values.lock().unwrap().clone();
    let mut stake = delegation(&values, &key);
    stake.unbonding = (0..1_002).map(|last| Unbonding { last: Epoch(last), shares: 1 }).collect();
    values.put(key, &stake);
    for last in 0..1_002 {
        let pool = quorate_types::UnbondingPool { amount: quorate_types::Amount(1), shares: 1 };
        values.put(StateKey::unbonding_pool(&alice_address(), Epoch(last)), &pool);
    }
    *node.fake.values.lock().unwrap() = values;
    let answer = node.client().unbonding(bob()).await.unwrap().value;
    assert_eq!((answer.total, answer.unbonding.len()), (1_002, 1_000));
    assert_eq!(answer.unbonding[999].last_epoch, 999);
}

#[tokio::test]
async fn an_epoch_is_named_by_number_or_height_or_not_at_all() {
    let node = start();
    let work = node.result("chain_getEpoch", json!({})).await;
    assert_eq!((&work["number"], &work["first"], &work["last"]), (&json!(1), &json!(4), &json!(6)));
    assert_eq!(work["params"]["staking"]["unbonding_epochs"], 21);
    assert_eq!(work["validators"][0]["power"], "1000");
    assert_eq!(work, node.result("chain_getEpoch", json!({ "height": 4 })).await);
    assert_eq!(work, node.result("chain_getEpoch", json!([1])).await);
    let first = node.client().epoch(Some(Epoch(0))).await.unwrap().value;
    assert_eq!((first.number, first.first), (0, 1));
    assert_eq!(node.error("chain_getEpoch", json!([2])).await["code"], 1001);
    assert_eq!(node.error("chain_getEpoch", json!([1, 4])).await["code"], -32602);
}

#[tokio::test]
async fn evidence_names_who_is_accused_and_whether_that_was_judged() {
    let node = start();
    let expected = json!([
        { "height": 1, "accused": null, "rule": "E-5", "judged": false },
        { "height": 2, "accused": bob().to_string(), "rule": "E-1", "judged": true },
    ]);
    assert_eq!(node.result("evidence_list", json!([])).await["evidence"], expected);
}

#[tokio::test]
async fn parameters_that_do_not_fit() {
    let node: Node = start();
    for method in ["state_getValidator", "state_getDelegations", "state_getUnbonding"] {
        for params in [json!([]), json!([7]), json!(["quo1"]), json!({ "address": alice() })] {
            let error = node.error(method, params.clone()).await;
            assert_eq!(error["code"], -32602, "{method} {params}: {error}");
        }
    }
}

#[test]
fn every_kind_of_key_is_named_by_its_parts_and_by_no_others() {
    let (address, validator) = (alice_address(), bob());
    let all = KeyParts {
        address: Some(address),
        key: Some(quorate_rpc::model::HexBytes(vec![5; 32])),
        validator: Some(validator),
        epoch: Some(Epoch(7)),
    };
    let key = quorate_types::RecordKey::new(vec![5; 32]).unwrap();
    let single = StateKey::single;
    // Which of address, key, validator and epoch.
    for (kind, parts, expected) in [
        (KeyKind::Account, [true, false, false, false], StateKey::account(&address)),
        (KeyKind::Epoch, [false, false, false, true], StateKey::epoch(Epoch(7))),
        (KeyKind::EpochClock, [false; 4], single(StateKind::EpochClock)),
        (KeyKind::FeePool, [false; 4], single(StateKind::FeePool)),
        (KeyKind::Supply, [false; 4], single(StateKind::Supply)),
        (KeyKind::Validator, [false, false, true, false], StateKey::validator(&validator)),
        (KeyKind::Record, [true, true, false, false], StateKey::record(&address, &key)),
        (
            KeyKind::Delegation,
            [true, false, true, false],
            StateKey::delegation(&address, &validator),
        ),
        (KeyKind::Delegator, [true, false, false, false], StateKey::delegator(&address)),
        (
            KeyKind::UnbondingPool,
            [false, false, true, true],
            StateKey::unbonding_pool(&validator, Epoch(7)),
        ),
        (KeyKind::ConsensusKey, [false, true, false, false], StateKey::consensus_key(&[5; 32])),
        (KeyKind::Candidates, [false; 4], single(StateKind::Candidates)),
        (KeyKind::Participation, [false; 4], single(StateKind::Participation)),
        (KeyKind::ParamsChange, [false; 4], single(StateKind::ParamsChange)),
    ] {
        for mask in 0_u8..16 {
            let given = [0, 1, 2, 3].map(|bit| mask & (1 << bit) != 0);
            let [address, key, validator, epoch] = given;
            let named = KeyParts {
                address: all.address.filter(|_| address),
                key: all.key.clone().filter(|_| key),
                validator: all.validator.filter(|_| validator),
                epoch: all.epoch.filter(|_| epoch),
            };
            let key = kind.key(named);
            assert_eq!(key.ok(), (given == parts).then(|| expected.clone()), "{kind:?} {given:?}");
        }
    }
    let short =
        KeyParts { key: Some(quorate_rpc::model::HexBytes(vec![5])), ..KeyParts::default() };
    let error = KeyKind::ConsensusKey.key(short).unwrap_err().to_string();
    assert_eq!(error, "a consensus key has 32 bytes, not 1");
}

#[tokio::test]
async fn a_height_above_the_newest_is_refused() {
    let node = start();
    *node.fake.error.lock().unwrap() =
        Some(quorate_rpc::BackendError::HeightInFuture { height: Height(9), latest: Height(3) });
    let error = node.error("state_getValidator", json!([alice(), 9])).await;
    assert_eq!(error["code"], 1005);
}
