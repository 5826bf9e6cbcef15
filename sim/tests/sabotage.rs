//! Something is broken on purpose, and the oracle that guards it must say so: an oracle that never
//! fires proves nothing.

use quorate_sim::{Fault, Faults, Options, Sabotage, World};

/// The oracles that find the sabotage, over some seeds.
fn found(sabotage: Sabotage, faults: &[Fault]) -> Vec<&'static str> {
    let faults: Faults = faults.iter().copied().collect();
    let options = Options { validators: Some(4), faults, ..Options::default() };
    let of_seed = |seed| {
        let mut world = World::new(&options, seed);
        world.sabotage(sabotage);
        world.run().violation.map(|violation| violation.oracle)
    };
    (0..20).filter_map(of_seed).collect()
}

#[test]
fn a_second_signature_is_noticed() {
    let found = found(Sabotage::SignTwice, &[]);
    assert_eq!(found, ["double signature"; 20]);
}

#[test]
fn a_disk_that_loses_what_it_synced_is_noticed() {
    let found = found(Sabotage::LoseStore, &[Fault::PowerLoss]);
    assert!(found.contains(&"durability"), "{found:?}");
}

#[test]
fn who_sends_after_a_failed_sync_is_noticed() {
    for fault in [Fault::FailedSync, Fault::FullDisk] {
        let found = found(Sabotage::SendUnsynced, &[fault]);
        assert!(found.len() >= 5, "{fault:?}: {found:?}");
    }
}

#[test]
fn a_damaged_sign_state_that_is_taken_for_a_fresh_one_is_noticed() {
    let found = found(Sabotage::StartFresh, &[Fault::BitRot]);
    assert!(found.contains(&"sign-state"), "{found:?}");
}

#[test]
fn a_record_that_is_not_written_is_noticed() {
    let found = found(Sabotage::LoseRecord, &[Fault::Crash]);
    assert_eq!(found.len(), 20, "{found:?}");
}
