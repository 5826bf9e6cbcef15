//! When safety is broken, by a third of the power or more: what honest nodes hold convicts a third
//! of the power and no honest validator (protocol section 8).

use std::collections::BTreeSet;

use quorate_consensus::{OffenceKind, accuse, judge};
use quorate_crypto::{Domain, Xof};
use quorate_types::{
    ArchivedProposal, Certificate, Digest, Height, HeightArchive, Justification, SignedStatement,
};

use crate::net::Net;
use crate::node::Node;
use crate::solo::Solo;
use crate::world::{World, no_block};

/// Runs with more Byzantine power than the model allows.
const SEEDS: u64 = 40;
/// Of these, so many have to fork for the test to say anything.
const FORKS: usize = 10;

/// Who is convicted by two certificates and an archive, and of what.
fn convicted(
    world: &World,
    fork: [&Certificate; 2],
    archive: HeightArchive,
) -> Vec<(u16, OffenceKind)> {
    let evidence = accuse(fork, &[archive], &world.context, &world.set);
    let judged = evidence.iter().map(|e| judge(e, &world.context, &world.set).unwrap());
    judged.map(|offence| (offence.offender().0, offence.kind())).collect()
}

fn archive(proposals: Vec<ArchivedProposal>) -> HeightArchive {
    HeightArchive { height: Height(1), proposals, statements: Vec::new() }
}

/// The proposal of a view by `primary` with the justification that follows from view changes.
fn proposal(
    world: &World,
    (primary, view, digest): (usize, u64, Digest),
    view_changes: Vec<SignedStatement>,
    certificate: Option<Certificate>,
) -> ArchivedProposal {
    let justification = Justification { view_changes, certificate };
    let body =
        quorate_types::StatementBody::PrePrepare { digest, justification: justification.hash() };
    ArchivedProposal { signed: world.sign(primary, 1, view, body), justification }
}

#[test]
fn a_fork_in_one_view_convicts_by_its_certificates_alone() {
    let world = World::equal(4);
    let one = world.committed(&[0, 1, 2], 1, 0, no_block(1));
    let other = world.committed(&[1, 2, 3], 1, 0, no_block(2));
    let found = convicted(&world, [&one, &other], archive(Vec::new()));
    assert_eq!(found, [(1, OffenceKind::TwoCommits), (2, OffenceKind::TwoCommits)]);
}

#[test]
fn a_fork_over_two_views_convicts_those_who_forgot() {
    let world = World::equal(4);
    let one = world.committed(&[0, 1, 2], 1, 0, no_block(1));
    let other = world.committed(&[1, 2, 3], 1, 1, no_block(2));
    let forgot = [1, 2, 3].map(|i| world.view_change(i, 1, 1, None).signed).to_vec();
    let kept = archive(vec![proposal(&world, (3, 1, no_block(2)), forgot, None)]);
    let found = convicted(&world, [&one, &other], kept);
    assert_eq!(found, [(1, OffenceKind::Amnesia), (2, OffenceKind::Amnesia)]);
}

#[test]
fn a_fork_over_a_forged_carry_over_convicts_who_prepared_twice() {
    let world = World::equal(4);
    let one = world.committed(&[0, 1, 2], 1, 1, no_block(1));
    let other = world.committed(&[1, 2, 3], 1, 2, no_block(2));
    // In view 1 both blocks are prepared, and view 2 carries over the other one.
    let prepared = world.prepared(&[1, 2, 3], 1, 1, no_block(2));
    let claims = [1, 2, 3].map(|i| world.view_change(i, 1, 2, Some(&prepared)).signed).to_vec();
    let kept = archive(vec![proposal(&world, (3, 2, no_block(2)), claims, Some(prepared))]);
    let found = convicted(&world, [&one, &other], kept);
    assert_eq!(found, [(1, OffenceKind::Amnesia), (2, OffenceKind::Amnesia)]);
}

#[test]
fn an_unjustified_proposal_in_the_archive_convicts_its_primary() {
    let solo = Solo::new(World::equal(4), 0);
    let one = solo.world.committed(&[0, 1, 2], 1, 0, no_block(1));
    let unjustified = proposal(&solo.world, (3, 1, no_block(2)), Vec::new(), None);
    let found = convicted(&solo.world, [&one, &one], archive(vec![unjustified]));
    assert_eq!(found, [(3, OffenceKind::Unjustified)]);
}

#[test]
fn every_fork_of_random_runs_convicts_a_third_and_nobody_honest() {
    let forks = (0..SEEDS).filter(|seed| has_forked(*seed)).count();
    assert!(forks >= FORKS, "only {forks} of {SEEDS} runs forked");
}

/// Two of four validators run twice, each half with one honest node, with views between.
fn has_forked(seed: u64) -> bool {
    let mut dice = Domain::new("quorate v1 test fork").xof(&seed.to_be_bytes());
    let mut net = Net::off(World::equal(4), 4);
    net.may_fork = true;
    net.interval_ms = 50;
    for key in [2, 3] {
        net.byzantine.extend([usize::from(key), net.nodes.len()]);
        net.nodes.push(Node::twin(key));
    }
    (0..net.nodes.len()).for_each(|i| net.power_on(i));
    for _ in 0..12 {
        let side = cut(&mut dice);
        let mut loss = Domain::new("quorate v1 test loss").xof(&dice.next_u64().to_be_bytes());
        net.filter = Box::new(move |from, to, _| {
            side[from] == side[to] && !loss.next_u64().is_multiple_of(8)
        });
        net.run_for(200 + dice.next_u64() % 1_500);
        if let Some((one, other)) = net.forks.first().cloned() {
            judge_fork(&net, [&one, &other]);
            return true;
        }
    }
    false
}

/// The honest nodes apart, and one instance of each twin on either side, or all mixed.
fn cut(dice: &mut Xof) -> [bool; 6] {
    let mut one_in = |of: u64| dice.next_u64().is_multiple_of(of);
    let (two, three) = (one_in(2), one_in(2));
    let mixed = one_in(4);
    [true, mixed, two, three, !two, !three]
}

fn judge_fork(net: &Net, fork: [&Certificate; 2]) {
    let height = fork[0].height;
    let honest = net.nodes[..2].iter();
    let kept: Vec<HeightArchive> = honest
        .flat_map(|node| node.archives.iter().filter(|archive| archive.height == height).cloned())
        .collect();
    let (context, set) = (&net.world.context, &net.world.set);
    let evidence = accuse(fork, &kept, context, set);
    let convicted: BTreeSet<u16> =
        evidence.iter().map(|e| judge(e, context, set).unwrap().offender().0).collect();
    assert!(convicted.iter().all(|i| *i >= 2), "an honest validator is convicted: {convicted:?}");
    assert!(3 * convicted.len() >= set.len(), "convicted: {convicted:?} by {kept:?}, {fork:?}");
}
