//! Actions, events and parameters as JSON: each kind to and fro, and what is none.

use quorate_crypto::Signature;
use quorate_rpc::model;
use quorate_types::{
    Action, Address, Amount, ChainParams, Epoch, Event, Moniker, ParamsChange, RecordKey,
    RecordValue, Registration, StakeMove, StakingParams, Transfer,
};
use serde_json::{Value, json};

use crate::common::chain::{alice_address, bob};
use crate::common::hex;

pub fn actions() -> Vec<(Action, Value)> {
    let (alice, bob): (Address, Address) = (alice_address(), bob());
    let proof = Signature::from_bytes([6; 64]);
    let key = || RecordKey::new(vec![1]).unwrap();
    let value = || RecordValue::new(vec![2]).unwrap();
    let stake = StakeMove { validator: bob, amount: Amount(5) };
    let moniker = || Moniker::new(String::from("Alice & co")).unwrap();
    let registration = Registration {
        key: [7; 32],
        proof,
        moniker: moniker(),
        commission_bps: 1_000,
        bond: Amount(9),
    };
    let moved = json!({ "validator": bob.to_string(), "amount": "5" });
    let with = |kind: &str, mut fields: Value| {
        fields["type"] = json!(kind);
        fields
    };
    vec![
        (
            Action::Transfer(Transfer { to: bob, amount: Amount(5) }),
            with("transfer", json!({ "to": bob.to_string(), "amount": "5" })),
        ),
        (
            Action::PutRecord { key: key(), value: value() },
            with("put_record", json!({ "key": "0x01", "value": "0x02" })),
        ),
        (
            Action::UpdateRecord { key: key(), value: value() },
            with("update_record", json!({ "key": "0x01", "value": "0x02" })),
        ),
        (Action::DeleteRecord { key: key() }, with("delete_record", json!({ "key": "0x01" }))),
        (
            Action::RegisterValidator(Box::new(registration)),
            with(
                "register_validator",
                json!({
                    "key": hex(&[7; 32]), "proof": hex(&[6; 64]), "moniker": "Alice & co",
                    "commission_bps": 1000, "bond": "9",
                }),
            ),
        ),
        (
            Action::EditValidator { moniker: moniker(), commission_bps: 0 },
            with("edit_validator", json!({ "moniker": "Alice & co", "commission_bps": 0 })),
        ),
        (
            Action::RotateKey { key: [7; 32], proof, from: Epoch(3) },
            with(
                "rotate_key",
                json!({ "key": hex(&[7; 32]), "proof": hex(&[6; 64]), "from_epoch": 3 }),
            ),
        ),
        (Action::Delegate(stake), with("delegate", moved.clone())),
        (Action::Unbond(stake), with("unbond", moved)),
        (
            Action::Redelegate { from: alice, to: bob, amount: Amount(5) },
            with(
                "redelegate",
                json!({ "from": alice.to_string(), "to": bob.to_string(), "amount": "5" }),
            ),
        ),
        (
            Action::WithdrawRewards { validator: bob },
            with("withdraw_rewards", json!({ "validator": bob.to_string() })),
        ),
        (Action::Unjail, with("unjail", json!({}))),
        vote(),
    ]
}

fn vote() -> (Action, Value) {
    let change = ParamsChange { epoch: Epoch(3), params: params() };
    let params = model::Params::from(&params());
    let text = json!({ "type": "set_params", "epoch": 3, "params": params });
    (Action::SetParams(Box::new(change)), text)
}

#[test]
fn every_action_has_one_form() {
    let mut kinds: Vec<u16> = Vec::new();
    for (action, form) in actions() {
        kinds.push(action.kind());
        let told = model::Action::from(&action);
        assert_eq!(serde_json::to_value(&told).unwrap(), form);
        let read: model::Action = serde_json::from_value(form.clone()).unwrap();
        assert_eq!(Action::try_from(read), Ok(action), "{form}");
    }
    assert_eq!(kinds, (1..=13).collect::<Vec<u16>>(), "every kind once");
}

#[test]
fn what_is_no_action_is_told_why() {
    let wrong = |form: Value| {
        let read: model::Action = serde_json::from_value(form).unwrap();
        Action::try_from(read).unwrap_err().to_string()
    };
    let registration = |name: &str, value: Value| {
        let mut form = actions()[4].1.clone();
        form[name] = value;
        wrong(form)
    };
    assert_eq!(registration("key", json!("0x07")), "a consensus key has 32 bytes, not 1");
    assert_eq!(registration("proof", json!("0x")), "a proof of possession has 64 bytes, not 0");
    assert!(registration("moniker", json!("a\nb")).contains("control characters"));
    assert!(wrong(json!({ "type": "delete_record", "key": "0x" })).contains("key"));
}

#[test]
fn events_have_the_names_of_their_fields() {
    let (alice, bob) = (alice_address(), bob());
    let event = Event::Unbonded {
        delegator: alice,
        validator: bob,
        amount: Amount(5),
        rewards: Amount(6),
        last: Epoch(7),
    };
    let expected = json!({
        "type": "unbonded", "delegator": alice.to_string(), "validator": bob.to_string(),
        "amount": "5", "rewards": "6", "last": 7,
    });
    assert_eq!(serde_json::to_value(model::Event::from(&event)).unwrap(), expected);
    let event = Event::KeyRotated { operator: alice, key: [7; 32], from: Epoch(2) };
    let expected = json!({
        "type": "key_rotated", "operator": alice.to_string(), "key": hex(&[7; 32]), "from": 2,
    });
    assert_eq!(serde_json::to_value(model::Event::from(&event)).unwrap(), expected);
}

/// Each field has a value of its own, so that none can stand for another.
fn params() -> ChainParams {
    let staking = StakingParams {
        max_validators: 1,
        min_self_bond: Amount(2),
        min_delegation: Amount(3),
        max_power_bps: 4,
        keep_four: false,
        unbonding_epochs: 5,
        evidence_epochs: 6,
        presence_window: 7,
        max_missed_bps: 8,
        jail_epochs: 9,
        slash_double_sign_bps: 10,
        slash_downtime_bps: 11,
        issuance_per_epoch: Amount(12),
    };
    ChainParams { epoch_length: 13, staking, ..ChainParams::default() }
}

#[test]
fn parameters_go_to_and_fro() {
    let params = params();
    let told = model::Params::from(&params);
    let form = serde_json::to_value(&told).unwrap();
    assert_eq!(form["staking"]["issuance_per_epoch"], "12");
    assert_eq!(form["staking"]["slash_downtime_bps"], 11);
    assert_eq!((&form["epoch_length"], &form["staking"]["keep_four"]), (&json!(13), &json!(false)));
    let read: model::Params = serde_json::from_value(form).unwrap();
    assert_eq!(ChainParams::from(&read), params);
}
