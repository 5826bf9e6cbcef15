//! One content has one hash, whatever its JSON looks like, and every field is in it (B-9).
#![allow(clippy::unwrap_used)]

use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey};
use quorate_genesis::{Draft, Genesis, GenesisValidator, Warning};
use quorate_types::{Address, Amount, ChainParams, Timestamp, domains};

const DOCUMENT: &str = include_str!("local-1.json");
/// The hash of the document above; changing it changes every chain.
const HASH: &str = "0x76c18792d75007104dd2e0edd86003a3e9fa08763884826320cbc0fa671ce596";

fn draft() -> Draft {
    Draft::parse(DOCUMENT.as_bytes()).unwrap()
}

fn hash(draft: &Draft) -> Hash {
    draft.clone().finish().unwrap().hash()
}

fn address(seed: u8) -> Address {
    Address::of(&AccountSecretKey::from_seed([seed; 32]).public())
}

fn validator(seed: u8, bonded: u64) -> GenesisValidator {
    GenesisValidator {
        operator: address(seed),
        consensus_key: ValidatorSecretKey::from_seed([seed; 32]).public(),
        bonded: Amount(bonded),
        commission_bps: 0,
        moniker: String::new(),
    }
}

fn small() -> Draft {
    Draft::new("local-1".parse().unwrap(), Timestamp(5))
}

#[test]
fn the_hash_and_the_text_are_pinned() {
    let genesis = Genesis::parse(DOCUMENT.as_bytes()).unwrap();
    assert_eq!(genesis.hash().to_string(), HASH);
    assert_eq!(genesis.to_json_pretty(), DOCUMENT);
    assert_eq!(genesis.warnings(), []);
}

#[test]
fn the_bytes_are_laid_out_field_by_field() {
    let mut draft = small();
    draft.add_account(address(1), Amount(258));
    let (moniker, commission_bps) = ("v".to_owned(), 259);
    draft.add_validator(GenesisValidator { moniker, commission_bps, ..validator(2, 3) });
    let genesis = draft.finish().unwrap();
    let mut bytes = Vec::new();
    bytes.extend(*b"\x07local-1");
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 5]);
    bytes.extend(*b"\x03QUO");
    bytes.push(9);
    bytes.extend(1_u32.to_be_bytes());
    bytes.extend(43_200_u64.to_be_bytes());
    bytes.extend([1_048_576_u32, 5_000, 5, 2_000].map(u32::to_be_bytes).concat());
    bytes.extend([1_000_u64, 10, 100].map(u64::to_be_bytes).concat());
    bytes.extend(100_u16.to_be_bytes());
    bytes.extend([1_u64, 1].map(u64::to_be_bytes).concat());
    bytes.extend(3_333_u16.to_be_bytes());
    bytes.push(1);
    bytes.extend([21_u64, 21, 10].map(u64::to_be_bytes).concat());
    bytes.extend(5_000_u16.to_be_bytes());
    bytes.extend(1_u64.to_be_bytes());
    bytes.extend([500_u16, 1].map(u16::to_be_bytes).concat());
    bytes.extend(0_u64.to_be_bytes());
    bytes.extend([0, 0, 0, 1]);
    bytes.extend(address(1).0);
    bytes.extend([0, 0, 0, 0, 0, 0, 1, 2]);
    bytes.extend([0, 0, 0, 1]);
    bytes.extend(address(2).0);
    bytes.extend(validator(2, 3).consensus_key.as_bytes());
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 3]);
    bytes.extend([1, 3]);
    bytes.extend(*b"\x01v");
    assert_eq!(genesis.canonical_bytes(), bytes);
    assert_eq!(genesis.hash(), domains::GENESIS.hash(&bytes));
}

#[test]
fn order_and_spacing_of_the_json_do_not_matter() {
    let mut value: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
    for list in ["accounts", "validators"] {
        value[list].as_array_mut().unwrap().reverse();
    }
    let compact = serde_json::to_vec(&value).unwrap();
    assert_ne!(compact, DOCUMENT.as_bytes());
    let genesis = Genesis::parse(&compact).unwrap();
    assert_eq!(genesis.hash().to_string(), HASH);
    assert_eq!(genesis.to_json_pretty(), DOCUMENT);
}

#[test]
fn what_is_left_out_is_the_default() {
    let mut value: serde_json::Value = serde_json::from_str(DOCUMENT).unwrap();
    let object = value.as_object_mut().unwrap();
    for field in ["symbol", "decimals", "params"] {
        object.remove(field);
    }
    let genesis = Genesis::parse(&serde_json::to_vec(&value).unwrap()).unwrap();
    assert_eq!(genesis.hash().to_string(), HASH);
    assert_eq!(genesis.document().params, ChainParams::default());
}

#[test]
fn every_field_changes_the_hash() {
    let edits: [fn(&mut Draft); 37] = [
        |d| d.chain_id = "local-2".parse().unwrap(),
        |d| d.time = Timestamp(1),
        |d| d.symbol = "QUX".to_owned(),
        |d| d.decimals = 8,
        |d| d.params.epoch_length += 1,
        |d| d.params.max_block_bytes -= 1,
        |d| d.params.max_block_transactions -= 1,
        |d| d.params.min_block_interval_ms += 1,
        |d| d.params.idle_block_interval_ms += 1,
        |d| d.params.flat_fee.0 += 1,
        |d| d.params.fee_per_byte.0 += 1,
        |d| d.params.action_fee.0 += 1,
        |d| d.params.staking.max_validators -= 1,
        |d| d.params.staking.min_self_bond.0 += 1,
        |d| d.params.staking.min_delegation.0 += 1,
        |d| d.params.staking.max_power_bps -= 1,
        |d| d.params.staking.keep_four = false,
        |d| d.params.staking.unbonding_epochs += 1,
        |d| d.params.staking.evidence_epochs -= 1,
        |d| d.params.staking.presence_window += 1,
        |d| d.params.staking.max_missed_bps += 1,
        |d| d.params.staking.jail_epochs += 1,
        |d| d.params.staking.slash_double_sign_bps += 1,
        |d| d.params.staking.slash_downtime_bps += 1,
        |d| d.params.staking.issuance_per_epoch.0 += 1,
        |d| d.accounts[1].address = address(99),
        |d| d.accounts[1].balance.0 += 1,
        |d| d.accounts.truncate(2),
        |d| d.accounts.clear(),
        |d| d.validators[1].operator = address(99),
        |d| d.validators[1].consensus_key = validator(99, 1).consensus_key,
        |d| d.validators[1].bonded.0 += 1,
        |d| d.validators[1].commission_bps += 1,
        |d| d.validators[1].moniker.push('x'),
        |d| d.validators.truncate(3),
        |d| {
            let last = d.validators.remove(3);
            d.add_account(last.operator, last.bonded);
        },
        |_| {},
    ];
    let mut hashes: Vec<Hash> = edits
        .iter()
        .map(|edit| {
            let mut draft = draft();
            edit(&mut draft);
            hash(&draft)
        })
        .collect();
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), edits.len());
}

#[test]
fn a_draft_may_be_incomplete_and_survives_its_text() {
    let empty = small();
    assert_eq!(Draft::parse(empty.to_json_pretty().as_bytes()), Ok(empty.clone()));
    assert!(empty.finish().is_err());
    let mut draft = small();
    draft.add_account(address(1), Amount(0));
    draft.add_validator(validator(2, 1));
    let genesis = draft.finish().unwrap();
    assert_eq!(Genesis::parse(genesis.to_json_pretty().as_bytes()), Ok(genesis));
}

#[test]
fn an_operator_is_warned_of_sets_that_bear_no_fault() {
    let warnings = |bonds: &[u64]| {
        let mut draft = small();
        for (seed, bonded) in (1..).zip(bonds) {
            draft.add_validator(validator(seed, *bonded));
        }
        draft.finish().unwrap().warnings()
    };
    assert_eq!(warnings(&[1, 1, 1, 1]), []);
    assert_eq!(warnings(&[9, 9, 9, 10]), []);
    // 3 333 * 9 / 10 000 = 2, and 3 333 * 6 / 6 667 = 2: the cap keeps everybody below a third.
    assert_eq!(warnings(&[2, 2, 2, 3]), []);
    assert_eq!(warnings(&[1, 1, 1, 100]), []);
    let three = warnings(&[1, 1, 1]);
    assert_eq!((three.len(), &three[0]), (4, &Warning::FewValidators(3)));
}
