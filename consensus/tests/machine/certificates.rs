//! Certificates made of verified votes prove what verification would accept, and nothing else
//! (M-3, M-5).

use quorate_types::{SignedStatement, StatementBody, Verified, verify};

use crate::world::{World, no_block};

const COMMIT: StatementBody = StatementBody::Commit { digest: quorate_types::Digest(NONE) };
const NONE: quorate_crypto::Hash = quorate_crypto::Hash::ZERO;

fn votes(world: &World, signers: &[usize], body: StatementBody) -> Vec<Verified<SignedStatement>> {
    let vote = |i: &usize| {
        let signed = world.sign(*i, 1, 0, body);
        verify::statement(signed, &world.context, &world.set).unwrap()
    };
    signers.iter().map(vote).collect()
}

#[test]
fn a_quorum_in_any_order_is_a_valid_certificate() {
    let world = World::with_powers(&[1, 2, 3, 4]); // quorum: 7
    let made = |signers: &[usize]| {
        let votes = votes(&world, signers, COMMIT);
        verify::assemble(&votes[0].value().statement, &votes, &world.set)
    };
    for signers in [&[2, 3][..], &[3, 2], &[3, 1, 0], &[0, 1, 2, 3]] {
        let certificate = made(signers).unwrap();
        let again = certificate.value().clone();
        assert_eq!(verify::certificate(again, &world.context, &world.set), Ok(certificate));
    }
    for signers in [&[3][..], &[0, 1, 2], &[1, 3]] {
        assert_eq!(made(signers), Err(verify::VerifyError::NoQuorum), "{signers:?}");
    }
    assert!(made(&[3, 3]).is_err(), "two votes of one signer");
}

#[test]
fn votes_of_another_set_or_statement_do_not_count() {
    let world = World::equal(4);
    let statement = world.sign(0, 1, 0, COMMIT).statement;
    let mixed = |other: Vec<Verified<SignedStatement>>| {
        let mut all = votes(&world, &[0, 1], COMMIT);
        all.extend(other);
        verify::assemble(&statement, &all, &world.set).is_ok()
    };
    assert!(mixed(votes(&world, &[2], COMMIT)));
    assert!(!mixed(votes(&World::equal(5), &[2], COMMIT)));
    assert!(!mixed(votes(&world, &[2], StatementBody::Commit { digest: no_block(1) })));
    let prepare = StatementBody::Prepare { digest: quorate_types::Digest(NONE) };
    assert!(!mixed(votes(&world, &[2], prepare)));
}

#[test]
fn no_certificate_is_made_of_view_changes() {
    let world = World::equal(4);
    let votes = votes(&world, &[0, 1, 2], StatementBody::ViewChange { prepared: None });
    assert!(verify::assemble(&votes[0].value().statement, &votes, &world.set).is_err());
}
