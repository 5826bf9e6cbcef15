//! Rejoin entries (S-5): of their validator, chain and height alone, in one order, once per block.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Validators, context, hash, samples};
use quorate_types::limits::{MAX_BLOCK_REJOINS, REJOIN_WINDOW_HEIGHTS};
use quorate_types::verify::{self, VerifyError};
use quorate_types::{
    Address, Block, ChainContext, DecodeError, Height, Message, Rejoin, RejoinBody, Statement,
    StatementBody, View, evidence_root,
};

fn verdict(rejoin: Rejoin) -> Result<(), VerifyError> {
    verify::rejoin(rejoin, &context(), &Validators::four().set).map(|_| ())
}

#[test]
fn an_entry_is_of_its_validator_and_of_nothing_else() {
    let rejoin = samples::rejoins().remove(1).1;
    assert_eq!(verdict(rejoin), Ok(()));
    let (body, set) = (rejoin.body, Validators::four().set);
    let other = set.validators()[3].address;
    let changed = [
        RejoinBody { validator: other, ..body },
        RejoinBody { height: Height(2), ..body },
        RejoinBody { value: hash(1), ..body },
    ];
    for body in changed {
        let error = VerifyError::BadRejoin(body.validator);
        assert_eq!(verdict(Rejoin { body, ..rejoin }), Err(error), "{body:?}");
    }
    let stranger = Address([9; 20]);
    let body = RejoinBody { validator: stranger, ..body };
    let error = VerifyError::UnknownValidator(stranger);
    assert_eq!(verdict(Rejoin { body, ..rejoin }), Err(error));
    let context = ChainContext { genesis_hash: hash(9), ..context() };
    assert!(verify::rejoin(rejoin, &context, &set).is_err(), "of another chain");
}

/// No guard is asked before it is signed, so it can be nothing that a guard would have refused.
#[test]
fn an_entry_is_no_statement() {
    let rejoin = samples::rejoins().remove(1).1;
    let body = StatementBody::ViewChange { prepared: None };
    let statement = Statement { height: rejoin.body.height, view: View(0), body };
    assert_ne!(statement.signing_hash(&context()), rejoin.body.signing_hash(&context()));
    let message = Message::Rejoin(rejoin);
    assert_eq!((message.signed(), message.statements()), (None, Vec::new()));
    assert_eq!(message.height(), rejoin.body.height);
    assert!(verify::message(message, &context(), &Validators::four().set).is_ok());
    let other = Rejoin { body: RejoinBody { value: hash(1), ..rejoin.body }, ..rejoin };
    let forged = verify::message(Message::Rejoin(other), &context(), &Validators::four().set);
    assert_eq!(forged, Err(VerifyError::BadRejoin(rejoin.body.validator)));
}

#[test]
fn the_window_is_exact() {
    let body = RejoinBody { height: Height(5), ..samples::rejoins().remove(0).1.body };
    let valid = |height| body.is_for(Height(height));
    assert_eq!(REJOIN_WINDOW_HEIGHTS, 1_000);
    assert!(!valid(0) && !valid(4) && !valid(5));
    assert!(valid(6) && valid(1_005));
    assert!(!valid(1_006) && !valid(u64::MAX));
}

fn with_rejoins(rejoins: Vec<Rejoin>) -> Block {
    let [_, mut block] = samples::blocks();
    block.header.evidence_root = evidence_root(&block.evidence, &rejoins);
    block.rejoins = rejoins;
    block
}

#[test]
fn a_block_s_header_commits_to_its_entries() {
    let [_, block] = samples::blocks();
    assert_eq!(block.validate_shape(), Ok(()));
    let root = Err(DecodeError::Invalid("evidence root"));
    let without = Block { rejoins: Vec::new(), ..block.clone() };
    assert_eq!(without.validate_shape(), root);
    let without = Block { evidence: Vec::new(), ..block.clone() };
    assert_eq!(without.validate_shape(), root);
    let mut compact = block.compact();
    assert_eq!(compact.validate_shape(), Ok(()));
    compact.rejoins.pop();
    assert_eq!(compact.validate_shape(), root);
}

#[test]
fn a_block_has_one_entry_of_each_validator_in_order() {
    let rejoins: Vec<Rejoin> = samples::rejoins().into_iter().map(|(_, rejoin)| rejoin).collect();
    assert_eq!(with_rejoins(rejoins.clone()).validate_shape(), Ok(()));
    let order = Err(DecodeError::Invalid("rejoins: order"));
    let reversed = rejoins.iter().rev().copied().collect();
    assert_eq!(with_rejoins(reversed).validate_shape(), order);
    let twice = vec![rejoins[0], rejoins[0]];
    assert_eq!(with_rejoins(twice).validate_shape(), order);
    let past = MAX_BLOCK_REJOINS + 1;
    let error = DecodeError::TooLong { what: "rejoins", found: past, limit: MAX_BLOCK_REJOINS };
    assert_eq!(with_rejoins(vec![rejoins[0]; past]).validate_shape(), Err(error));
}
