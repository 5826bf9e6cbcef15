//! Whole networks in which a validator observes (S-5): restored images, lost records, and records
//! that are taken for fresh.

use quorate_consensus::{Input, ObserverReason};
use quorate_types::{Height, SignRecord, verify};

use crate::net::Net;
use crate::world::World;

/// Schedule 3: a whole disk image is restored, records and chain alike, so nothing shows at first;
/// what peers send on connecting does.
#[test]
fn a_restored_image_is_noticed_by_what_others_have_of_it() {
    let mut net = Net::new(World::equal(4));
    net.run_to(2, 10_000);
    let image = net.nodes[0].record.clone();
    let (stored, chain) = (net.nodes[0].stored.clone(), net.nodes[0].chain.clone());
    net.run_to(6, 10_000);
    net.power_off(0);
    let node = &mut net.nodes[0];
    (node.record, node.stored, node.chain) = (image, stored, chain);
    // What others keep of its key, as a peer would answer.
    let address = net.world.set.validators()[0].address;
    let said = net.nodes[1].consensus.said_by(&address, 64);
    assert!(!said.is_empty() && said.iter().all(|signed| signed.signer.0 == 0));
    assert!(said.is_sorted_by_key(|s| std::cmp::Reverse(s.statement.height)));
    assert_eq!(net.nodes[1].consensus.said_by(&address, 1), said[..1]);
    net.power_on(0);
    for signed in said {
        let met = verify::statement(signed, &net.world.context, &net.world.set).unwrap();
        net.feed(0, Input::Met(met));
    }
    assert!(net.nodes[0].consensus.is_observing());
    assert!(net.nodes[0].record.observing);
    let height = net.heights().iter().flatten().map(|(height, _)| *height).max().unwrap();
    net.run_to(height + 3, 60_000);
}

/// One of four lost everything; the others decide without it, and it follows.
#[test]
fn the_chain_goes_on_beside_an_observer() {
    let mut net = Net::new(World::equal(4));
    net.run_to(2, 10_000);
    net.power_off(2);
    net.nodes[2].record = SignRecord::default();
    net.nodes[2].has_lost_records = true;
    net.power_on(2);
    net.run_to(8, 60_000);
    assert_eq!(net.nodes[2].observing, [ObserverReason::Lost]);
    assert_eq!(net.nodes[2].record, SignRecord::default());
    let height = net.nodes[2].decided.keys().next_back().copied().unwrap();
    net.feed(2, Input::Rejoined(height));
    net.run_to(height.0 + 6, 60_000);
    assert!(net.nodes[2].record.guard.unwrap().height > height, "it signs again");
}

/// Schedule 1. Heights 1 to 10 are decided by X, Y and B; L was cut off all the time. X has lost
/// records and chain, Y is cut off, L and B say that X never said anything to them, and B proposes
/// other blocks. Says whether the heights were decided anew.
fn decides_anew(past_is_lost: bool) -> bool {
    let [x, y, b, l] = [0, 1, 2, 3];
    let mut net = Net::off(World::equal(4), 4);
    [x, y, b].into_iter().for_each(|i| net.power_on(i));
    net.run_to(10, 60_000);
    [x, y, b].into_iter().for_each(|i| net.power_off(i));
    net.byzantine.push(b);
    for i in [x, b] {
        let node = &mut net.nodes[i];
        (node.record, node.has_lost_records) = (SignRecord::default(), i == x && past_is_lost);
        node.stored.clear();
        node.chain.clear();
    }
    net.byzantine.extend(if past_is_lost { None } else { Some(x) });
    net.run_for(1_000);
    net.salt += 1_000;
    net.filter = Box::new(move |from, to, _| from != y && to != y);
    [x, b, l].into_iter().for_each(|i| net.power_on(i));
    net.run_for(30_000);
    net.nodes[l].decided.contains_key(&Height(1))
}

#[test]
fn missing_records_are_not_fresh_even_if_nobody_knows_better() {
    assert!(!decides_anew(true));
    // As if they were fresh: the oracle sees two digests of height 1 (I-8).
    assert!(std::panic::catch_unwind(|| decides_anew(false)).is_err());
}
