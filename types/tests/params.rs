//! Parameters and votes on them: every range at its ends and one past each, and the static rules of a
//! transaction that several sign.
#![allow(clippy::unwrap_used)]

mod common;

use common::{account_key, address, body, context, sign, transfer};
use quorate_types::limits::{MAX_SIGNERS, MAX_TRANSACTION_BYTES};
use quorate_types::verify;
use quorate_types::{
    Action, Amount, ChainParams, Epoch, ParamsChange, ParamsError, Transaction, TransactionBody,
    TransactionError,
};

const SUPPLY: u64 = i64::MAX.unsigned_abs();
const FEE: u64 = 1_000_000_000_000_000;

/// A parameter by name, with its least and its most, and how it is set.
type Range = (&'static str, u64, u64, fn(&mut ChainParams, u64));

/// With room for those that depend on each other.
fn wide() -> ChainParams {
    let mut params = ChainParams { epoch_length: 1_000_000, ..ChainParams::default() };
    params.idle_block_interval_ms = 600_000;
    params.staking.unbonding_epochs = 2_000;
    params
}

fn narrow<T: TryFrom<u64>>(value: u64) -> T {
    T::try_from(value).unwrap_or_else(|_| panic!("{value} does not fit"))
}

fn ranges() -> [Range; 21] {
    [
        ("protocol_version", 1, 1, |p, v| p.protocol_version = narrow(v)),
        ("epoch_length", 2, 1_000_000, |p, v| {
            p.epoch_length = v;
            p.staking.presence_window = 1;
        }),
        ("max_block_bytes", 65_536, 1_048_576, |p, v| p.max_block_bytes = narrow(v)),
        ("max_block_transactions", 1, 5_000, |p, v| p.max_block_transactions = narrow(v)),
        ("min_block_interval_ms", 0, 60_000, |p, v| p.min_block_interval_ms = narrow(v)),
        ("idle_block_interval_ms", 5, 600_000, |p, v| p.idle_block_interval_ms = narrow(v)),
        ("flat_fee", 0, FEE, |p, v| p.flat_fee = Amount(v)),
        ("fee_per_byte", 0, FEE, |p, v| p.fee_per_byte = Amount(v)),
        ("action_fee", 0, FEE, |p, v| p.action_fee = Amount(v)),
        ("staking.max_validators", 1, 200, |p, v| p.staking.max_validators = narrow(v)),
        ("staking.min_self_bond", 1, SUPPLY, |p, v| p.staking.min_self_bond = Amount(v)),
        ("staking.min_delegation", 1, SUPPLY, |p, v| p.staking.min_delegation = Amount(v)),
        ("staking.max_power_bps", 1, 10_000, |p, v| p.staking.max_power_bps = narrow(v)),
        ("staking.unbonding_epochs", 1, 2_000, |p, v| {
            p.staking.unbonding_epochs = v;
            p.staking.evidence_epochs = 1;
        }),
        ("staking.evidence_epochs", 1, 2_000, |p, v| p.staking.evidence_epochs = v),
        ("staking.presence_window", 1, 1_000_000, |p, v| p.staking.presence_window = v),
        ("staking.max_missed_bps", 0, 10_000, |p, v| p.staking.max_missed_bps = narrow(v)),
        ("staking.jail_epochs", 1, 2_000, |p, v| p.staking.jail_epochs = v),
        ("staking.slash_double_sign_bps", 0, 10_000, |p, v| {
            p.staking.slash_double_sign_bps = narrow(v);
        }),
        ("staking.slash_downtime_bps", 0, 10_000, |p, v| {
            p.staking.slash_downtime_bps = narrow(v);
        }),
        ("staking.issuance_per_epoch", 0, SUPPLY, |p, v| {
            p.staking.issuance_per_epoch = Amount(v);
        }),
    ]
}

#[test]
fn every_parameter_may_be_at_its_ends_and_not_one_past() {
    for (field, min, max, set) in ranges() {
        let verdict = |value| {
            let mut params = wide();
            set(&mut params, value);
            params.validate()
        };
        assert_eq!((verdict(min), verdict(max)), (Ok(()), Ok(())), "{field}");
        let outside = |found| Err(ParamsError { field, found, min, max });
        assert_eq!(verdict(max + 1), outside(max + 1), "{field}");
        if let Some(below) = min.checked_sub(1) {
            assert_eq!(verdict(below), outside(below), "{field}");
        }
    }
}

/// A vote for what is out of range is refused with the field's name, on every node alike.
#[test]
fn a_vote_is_for_what_a_genesis_may_have() {
    for (field, min, max, set) in ranges() {
        let verdict = |value| {
            let mut params = wide();
            set(&mut params, value);
            check(&vote(params, &[1]))
        };
        assert_eq!((verdict(min), verdict(max)), (Ok(()), Ok(())), "{field}");
        let error = ParamsError { field, found: max + 1, min, max };
        assert_eq!(verdict(max + 1), Err(TransactionError::Params(error)));
    }
}

fn change(params: ChainParams) -> Action {
    Action::SetParams(Box::new(ParamsChange { epoch: Epoch(7), params }))
}

fn vote(params: ChainParams, signers: &[u8]) -> Transaction {
    let actions = vec![change(params)];
    sign(TransactionBody { fee: Amount(1 << 40), actions, ..body() }, signers)
}

fn check(transaction: &Transaction) -> Result<(), TransactionError> {
    transaction.validate_static(&context(), &ChainParams::default())
}

#[test]
fn as_many_operators_as_a_set_has_may_sign_a_change() {
    let everybody: Vec<u8> = (0..=u8::MAX).take(MAX_SIGNERS).collect();
    let transaction = vote(ChainParams::default(), &everybody);
    assert!(transaction.bytes().len() <= MAX_TRANSACTION_BYTES);
    assert_eq!(check(&transaction), Ok(()));
    assert_eq!(Transaction::from_slice(transaction.bytes()), Ok(transaction.clone()));
    let verdicts = verify::transactions(&[transaction], &context());
    assert!(verdicts[0].is_some());
}

#[test]
fn each_signature_of_a_change_must_hold() {
    let good = vote(ChainParams::default(), &[1, 2, 3]);
    for place in 0..3 {
        let mut signatures = good.signatures().to_vec();
        signatures[place] = signatures[(place + 1) % 3];
        let forged = Transaction::new(good.body().clone(), signatures);
        let verdicts = verify::transactions(&[forged, good.clone()], &context());
        assert_eq!((verdicts[0].is_some(), verdicts[1].is_some()), (false, true), "{place}");
    }
}

#[test]
fn an_account_signs_once() {
    let twice = vote(ChainParams::default(), &[1, 2, 1]);
    assert_eq!(check(&twice), Err(TransactionError::RepeatedSigner(address(1))));
}

#[test]
fn several_sign_a_change_of_the_parameters_only() {
    let rich = TransactionBody { fee: Amount(1 << 40), ..body() };
    let two = sign(rich.clone(), &[1, 2]);
    assert_eq!(check(&two), Err(TransactionError::SeveralSigners(2)));
    for actions in [
        vec![change(ChainParams::default()), transfer(2, 1)],
        vec![transfer(2, 1), change(ChainParams::default())],
        vec![change(ChainParams::default()); 2],
    ] {
        let batch = sign(TransactionBody { actions, ..rich.clone() }, &[1]);
        assert_eq!(check(&batch), Err(TransactionError::ParamsNotAlone(2)));
    }
}

#[test]
fn a_change_pays_for_its_signatures_by_its_length() {
    let params = ChainParams::default();
    let fee = |signers: &[u8]| {
        let transaction = vote(params, signers);
        params.min_fee(transaction.bytes().len(), &transaction.body().actions)
    };
    // A key with its scheme, and a signature.
    assert_eq!(fee(&[1, 2]).0 - fee(&[1]).0, params.fee_per_byte.0 * (33 + 64));
    let mut cheap = vote(params, &[1, 2]).body().clone();
    let required = fee(&[1, 2]);
    cheap.fee = Amount(required.0 - 1);
    let error = TransactionError::FeeTooLow { found: cheap.fee, required };
    assert_eq!(check(&sign(cheap, &[1, 2])), Err(error));
}

#[test]
fn a_change_belongs_to_everybody_who_signs() {
    let transaction = vote(ChainParams::default(), &[3, 1, 2]);
    assert_eq!(transaction.accounts(), [3, 1, 2].map(address));
    assert_eq!(transaction.signers(), [3, 1, 2].map(address));
    assert_eq!(transaction.sender(), address(3));
    assert_eq!(transaction.body().signers[0], account_key(3).public());
}
