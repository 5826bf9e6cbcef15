//! What a signer in a process of its own answers by its own record (S-1, S-4), and which rejoin
//! entries it signs (S-5).

use quorate_consensus::{OwnKey, Refusal, RejoinRefusal};
use quorate_crypto::Hash;
use quorate_types::{
    Address, Height, PreparedMark, RejoinBody, SignRecord, Statement, StatementBody, View,
};

use crate::world::{World, key, no_block};

fn own(world: &World) -> OwnKey {
    OwnKey { secret: key(0), context: world.context.clone() }
}

fn at(height: u64, view: u64, body: StatementBody) -> Statement {
    Statement { height: Height(height), view: View(view), body }
}

#[test]
fn what_was_signed_is_remembered_and_signed_again() {
    let world = World::equal(4);
    let own = own(&world);
    let prepare = at(5, 0, StatementBody::Prepare { digest: no_block(1) });
    let other = at(5, 0, StatementBody::Prepare { digest: no_block(2) });
    let fresh = SignRecord::default();
    assert_eq!(own.last(&fresh), None);
    let first = own.grant(&fresh, prepare).unwrap();
    let record = *first.record.unwrap();
    assert_eq!(own.last(&record), Some(first.signed));
    let again = own.grant(&record, prepare).unwrap();
    assert_eq!((again.signed, again.record), (first.signed, None));
    assert_eq!(own.grant(&record, other), Err(Refusal::OtherBody));
    let commit = at(5, 0, StatementBody::Commit { digest: no_block(1) });
    let record = *own.grant(&record, commit).unwrap().record.unwrap();
    assert_eq!(own.grant(&record, prepare), Err(Refusal::BelowGuard));
    let forgetful = at(5, 1, StatementBody::ViewChange { prepared: None });
    assert_eq!(own.grant(&record, forgetful), Err(Refusal::ForgetsCommit));
}

/// A record that came from a node: guard and mark count, the rest is the node's.
#[test]
fn the_record_of_a_node_binds_the_signer() {
    let world = World::equal(4);
    let own = own(&world);
    let digest = no_block(1);
    let certificate = world.prepared(&[0, 1, 2], 5, 0, digest);
    let prepared = Some(PreparedMark { view: View(0), digest, certificate });
    let mut of_node = SignRecord { height: Height(5), prepared, ..SignRecord::default() };
    let prepare = at(5, 0, StatementBody::Prepare { digest });
    quorate_consensus::remember(&mut of_node, &prepare, &world.context);
    assert_eq!(own.last(&of_node), None, "its signature is not kept");
    assert_eq!(own.grant(&of_node, prepare).unwrap().record, None);
    let next = at(6, 0, StatementBody::Prepare { digest: no_block(2) });
    let record = *own.grant(&of_node, next).unwrap().record.unwrap();
    assert_eq!((record.prepared, record.messages.len()), (None, 1));
    assert_eq!(own.grant(&of_node, at(4, 0, next.body)), Err(Refusal::BelowGuard));
}

#[test]
fn only_rejoin_entries_of_a_node_that_has_caught_up_are_signed() {
    let world = World::equal(4);
    let own = own(&world);
    let validator = Address([3; 20]);
    let entry = |tip| RejoinBody { validator, height: Height(tip), value: Hash::ZERO };
    let fresh = SignRecord::default();
    assert!(own.sign_rejoin(&fresh, entry(0)).is_ok());
    let prepare = at(5, 0, StatementBody::Prepare { digest: no_block(1) });
    let record = *own.grant(&fresh, prepare).unwrap().record.unwrap();
    for tip in [4, 5, 5_000] {
        let signed = own.sign_rejoin(&record, entry(tip)).unwrap();
        let hash = signed.body.signing_hash(&world.context);
        assert!(own.secret.public().verify(hash.as_bytes(), &signed.signature).is_ok());
    }
    let behind = RejoinRefusal::Behind { tip: Height(3), signed: Height(5) };
    assert_eq!(own.sign_rejoin(&record, entry(3)), Err(behind));
}
