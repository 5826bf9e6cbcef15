//! What the way from one node to another takes: the delay of that direction, and before it a place in
//! the queue of a link that passes so many bits a second. In some runs all directions are alike; in
//! others each has a delay of its own, or one is slow, or nodes stand in five regions of the world, or
//! links are narrow, so that what is large keeps what comes behind it waiting.

use std::collections::BTreeSet;
use std::fmt;

use crate::event::NodeId;
use crate::faults::Fault;
use crate::plan::{MS, Plan, SECOND, Span};
use crate::random::Random;

/// From whom, and to whom.
pub(crate) type Ends = (NodeId, NodeId);

/// Keeps the draws for links apart from the others.
pub(crate) const LINKS: u64 = 0x6c69_6e6b_735f_6f66;

/// Round trips in milliseconds between Washington, Frankfurt, Tokyo, Sydney and São Paulo: the
/// averages that IBM Cloud published for its regions there, 27 July to 25 August 2024, and those
/// between two zones of one region.
const ROUND_TRIP_MS: [[u64; 5]; 5] = [
    [2, 91, 164, 214, 118],
    [91, 2, 233, 250, 198],
    [164, 233, 2, 115, 284],
    [214, 250, 115, 2, 328],
    [118, 198, 284, 328, 2],
];
/// A delay of its own takes up to this more, in percent.
const JITTER_PERCENT: u64 = 25;
/// What the slow direction takes while faults strike, in microseconds.
const SLOW: Span = Span::new(200 * MS, 2 * SECOND);
/// What a link passes, in bits per microsecond, which is Mbit/s.
const WIDTH: Span = Span::new(1, 100);
/// What finds this much before it in the queue of a link is lost, in microseconds.
const LONGEST_QUEUE_US: u64 = 5 * SECOND;
/// Section 10 holds for messages that take a tenth of the cap of views at most, in microseconds.
const LONGEST_DELTA_US: u64 = SECOND;

/// How delays of directions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Not at all.
    Alike,
    /// Each has its own, and little jitter: what one sends overtakes what another sends.
    Each,
    /// One is slow.
    OneSlow(Ends),
}

/// One direction.
#[derive(Clone, Copy, Debug)]
struct Way {
    delay: Span,
    /// In bits per microsecond; none where there is no queue.
    width: Option<u64>,
    /// When what is in the queue has left.
    free_at_us: u64,
}

/// Every direction.
#[derive(Debug)]
pub(crate) struct Links {
    nodes: u16,
    shape: Shape,
    /// The region of each node; none where distance does not matter.
    regions: Vec<usize>,
    are_narrow: bool,
    random: Random,
    /// By sender and receiver; none where all are alike.
    ways: Vec<Way>,
}

impl Links {
    /// The links of a run, while faults strike.
    pub(crate) fn draw(plan: &Plan, mut random: Random) -> Links {
        let nodes = plan.validators.saturating_add(plan.full_nodes);
        let shape = match plan.faults.contains(Fault::UnequalLinks) {
            false => Shape::Alike,
            true if random.chance(500) => Shape::Each,
            true => draw_slow(nodes, &mut random),
        };
        let regions = if plan.faults.contains(Fault::Wan) {
            (0..nodes).map(|_| random.position(ROUND_TRIP_MS.len())).collect()
        } else {
            Vec::new()
        };
        let are_narrow = plan.faults.contains(Fault::Bandwidth);
        let mut links = Links { nodes, shape, regions, are_narrow, random, ways: Vec::new() };
        links.draw_ways(plan.links.delay, SLOW, WIDTH.low);
        links
    }

    /// The network heals: over so many links a message of any node takes no more than section 10
    /// allows. Half of that is for the way, and half for what the links' queues hold: every block
    /// that somebody may lack, `bytes` in all.
    pub(crate) fn heal(&mut self, delay: Span, hops: u64, bytes: u64) {
        let share_us = (LONGEST_DELTA_US / 2).checked_div(hops).unwrap_or(1).max(1);
        let width = bytes.saturating_mul(8).div_ceil(share_us);
        let slow = Span::new(delay.high.min(share_us), share_us);
        self.draw_ways(delay, slow, width);
        for way in &mut self.ways {
            way.delay = Span::new(way.delay.low.min(share_us), way.delay.high.min(share_us));
        }
    }

    /// From now on every way to and from a node passes so many Mbit/s.
    pub(crate) fn narrow(&mut self, node: NodeId, width: u64, alike: Span) {
        self.change(node, alike, |way| way.width = Some(width));
    }

    /// From now on every way to and from a node takes so long.
    pub(crate) fn stretch(&mut self, node: NodeId, delay_us: u64, alike: Span) {
        self.change(node, alike, |way| way.delay = Span::new(delay_us, delay_us));
    }

    fn change(&mut self, node: NodeId, alike: Span, change: impl Fn(&mut Way)) {
        let all = || (0..self.nodes).map(NodeId);
        if self.ways.is_empty() {
            let way = Way { delay: alike, width: None, free_at_us: 0 };
            self.ways = all().flat_map(|_| all()).map(|_| way).collect();
        }
        let ends = all().flat_map(|other| [(node, other), (other, node)]);
        let places: Vec<usize> = ends.map(|ends| self.place(ends)).collect();
        for place in places {
            if let Some(way) = self.ways.get_mut(place) {
                change(way);
            }
        }
    }

    fn draw_ways(&mut self, alike: Span, slow: Span, width: u64) {
        if self.shape == Shape::Alike && self.regions.is_empty() && !self.are_narrow {
            return;
        }
        self.ways.clear();
        for from in (0..self.nodes).map(NodeId) {
            for to in (0..self.nodes).map(NodeId) {
                let own = match self.shape {
                    Shape::Each => self.draw_own(alike),
                    Shape::OneSlow(ends) if ends == (from, to) => self.draw_own(slow),
                    Shape::Alike | Shape::OneSlow(_) => alike,
                };
                let apart_us = self.apart_us(from, to);
                let delay =
                    Span::new(own.low.saturating_add(apart_us), own.high.saturating_add(apart_us));
                let width = self.are_narrow.then(|| WIDTH.draw(&mut self.random).max(width));
                self.ways.push(Way { delay, width, free_at_us: 0 });
            }
        }
    }

    /// A delay within a span, and a little jitter.
    fn draw_own(&mut self, within: Span) -> Span {
        let low = within.draw(&mut self.random);
        let jitter = low.saturating_mul(JITTER_PERCENT) / 100;
        Span::new(low, low.saturating_add(jitter).min(within.high.max(low)))
    }

    /// What the distance between two nodes takes, one way.
    fn apart_us(&self, from: NodeId, to: NodeId) -> u64 {
        let region = |node: NodeId| self.regions.get(node.position());
        let (Some(a), Some(b)) = (region(from), region(to)) else { return 0 };
        let round_trip = ROUND_TRIP_MS.get(*a).and_then(|row| row.get(*b));
        round_trip.map_or(0, |ms| ms.saturating_mul(MS) / 2)
    }

    fn place(&self, (from, to): Ends) -> usize {
        from.position().saturating_mul(usize::from(self.nodes)).saturating_add(to.position())
    }

    /// What a parcel of so many bytes takes that is sent now, `alike` where all directions are; none
    /// if the queue has no room for it.
    pub(crate) fn takes_us(
        &mut self,
        ends: Ends,
        bytes: usize,
        now_us: u64,
        (alike, random): (Span, &mut Random),
    ) -> Option<u64> {
        let place = self.place(ends);
        let Some(way) = self.ways.get_mut(place) else { return Some(alike.draw(random)) };
        let delay_us = way.delay.draw(random);
        let Some(width) = way.width else { return Some(delay_us) };
        let waits_us = way.free_at_us.saturating_sub(now_us);
        if waits_us > LONGEST_QUEUE_US {
            return None;
        }
        let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(8);
        let sent_us = waits_us.saturating_add(bits.checked_div(width).unwrap_or(0));
        way.free_at_us = now_us.saturating_add(sent_us);
        Some(sent_us.saturating_add(delay_us))
    }

    /// The longest delay between any two of these nodes, without what queues add.
    pub(crate) fn longest_us(&self, nodes: &BTreeSet<NodeId>) -> u64 {
        let all = nodes.iter().flat_map(|a| nodes.iter().map(move |b| (*a, *b)));
        let delays = all.filter(|(a, b)| a != b).filter_map(|ends| self.ways.get(self.place(ends)));
        delays.map(|way| way.delay.high).max().unwrap_or(0)
    }
}

/// One direction between two of the nodes; all are alike where there is none.
fn draw_slow(nodes: u16, random: &mut Random) -> Shape {
    let mut all: Vec<NodeId> = (0..nodes).map(NodeId).collect();
    random.shuffle(&mut all);
    match all.as_slice() {
        [from, to, ..] => Shape::OneSlow((*from, *to)),
        [] | [_] => Shape::Alike,
    }
}

impl fmt::Display for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            Shape::Alike => {}
            Shape::Each => write!(formatter, "; each direction has its own delay")?,
            Shape::OneSlow((from, to)) => write!(formatter, "; slow from {from} to {to}")?,
        }
        if !self.regions.is_empty() {
            write!(formatter, "; in regions {:?}", self.regions)?;
        }
        if self.are_narrow {
            let widths = || self.ways.iter().filter_map(|way| way.width);
            let (low, high) = (widths().min().unwrap_or(0), widths().max().unwrap_or(0));
            write!(formatter, "; {low} to {high} Mbit/s")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    const HERE: Ends = (NodeId(0), NodeId(1));
    const BACK: Ends = (NodeId(1), NodeId(0));

    /// The links of a run whose faults are these, all of them, and its plan.
    fn links(faults: &str, seed: u64) -> (Links, Plan) {
        let options = Options { faults: faults.parse().unwrap(), ..Options::default() };
        let draw = |seed| {
            let mut dice = [0, 1, 2].map(|salt| Random::apart(seed, salt << 32));
            let [run, disks, links] = &mut dice;
            Plan::draw(&options, run, disks, links)
        };
        let has_all = |plan: &Plan| plan.faults == options.faults && plan.validators >= 4;
        let (seed, plan) = (seed * 1_000..)
            .map(|seed| (seed, draw(seed)))
            .find(|(_, plan)| has_all(plan))
            .unwrap();
        (Links::draw(&plan, Random::of_seed(seed)), plan)
    }

    fn takes(links: &mut Links, ends: Ends, bytes: usize, now_us: u64) -> Option<u64> {
        links.takes_us(ends, bytes, now_us, (Span::new(MS, MS), &mut Random::of_seed(1)))
    }

    fn all_ends(links: &Links) -> Vec<Ends> {
        let nodes = || (0..links.nodes).map(NodeId);
        nodes().flat_map(|a| nodes().filter(move |b| *b != a).map(move |b| (a, b))).collect()
    }

    #[test]
    fn what_is_large_keeps_waiting_what_comes_behind_it_in_its_direction_alone() {
        let (mut links, _) = links("bandwidth", 0);
        for way in &mut links.ways {
            *way = Way { delay: Span::new(MS, MS), width: Some(1), free_at_us: 0 };
        }
        assert_eq!(takes(&mut links, HERE, 125_000, 0), Some(SECOND + MS), "a Mbit in a second");
        assert_eq!(takes(&mut links, HERE, 125, 0), Some(SECOND + 2 * MS), "behind it");
        assert_eq!(takes(&mut links, BACK, 125, 0), Some(2 * MS), "not against it");
        assert_eq!(takes(&mut links, HERE, 125, 2 * SECOND), Some(2 * MS), "it has left");
    }

    #[test]
    fn a_queue_has_an_end() {
        let (mut links, _) = links("bandwidth", 0);
        for way in &mut links.ways {
            way.width = Some(1);
        }
        let lost = (0..10).filter(|_| takes(&mut links, HERE, 125_000, 0).is_none()).count();
        assert_eq!(lost, 4, "five seconds wait, and one more is on its way");
        assert!(takes(&mut links, HERE, 1, 10 * SECOND).is_some(), "it has room again");
    }

    #[test]
    fn runs_have_directions_of_their_own_delays_and_others_one_slow_one() {
        let (mut each, mut one_slow) = (0, 0);
        for seed in 0..20 {
            let (links, plan) = links("unequal-links", seed);
            let lows: BTreeSet<u64> = all_ends(&links)
                .into_iter()
                .map(|ends| links.ways[links.place(ends)].delay.low)
                .collect();
            match links.shape {
                Shape::Alike => unreachable!("seed {seed}: {plan}"),
                Shape::Each => {
                    each += 1;
                    assert!(lows.len() > 5, "{lows:?}");
                    assert!(lows.last().unwrap() <= &plan.links.delay.high);
                }
                Shape::OneSlow(ends) => {
                    one_slow += 1;
                    let slow = links.ways[links.place(ends)].delay;
                    assert!(slow.low >= SLOW.low && slow.high <= SLOW.high);
                    assert_eq!(lows, BTreeSet::from([plan.links.delay.low, slow.low]));
                }
            }
        }
        assert!(each >= 4 && one_slow >= 4, "{each} {one_slow}");
    }

    #[test]
    fn regions_are_as_far_apart_as_the_table_says_in_both_directions() {
        for (a, row) in ROUND_TRIP_MS.iter().enumerate() {
            for (b, ms) in row.iter().enumerate() {
                assert_eq!(ROUND_TRIP_MS[b][a], *ms);
            }
        }
        let (mut links, plan) = links("wan", 3);
        links.regions = vec![2, 4, 2];
        links.draw_ways(plan.links.delay, SLOW, 1);
        let delay = |ends| links.ways[links.place(ends)].delay;
        let far = Span::new(plan.links.delay.low + 142 * MS, plan.links.delay.high + 142 * MS);
        assert_eq!((delay(HERE), delay(BACK)), (far, far), "Tokyo and São Paulo");
        assert_eq!(delay((NodeId(0), NodeId(2))).low, plan.links.delay.low + MS, "Tokyo twice");
    }

    #[test]
    fn healed_links_keep_section_10_over_every_number_of_hops() {
        for (seed, hops) in [(0, 1), (1, 2), (2, 5), (3, 12)] {
            let (mut links, _) = links("unequal-links,wan,bandwidth", seed);
            let bytes = 200_000;
            links.heal(Span::new(MS / 2, 60 * MS), hops, bytes);
            for ends in all_ends(&links) {
                let bytes = usize::try_from(bytes).unwrap();
                let took_us = takes(&mut links, ends, bytes, 0).unwrap();
                assert!(took_us * hops <= LONGEST_DELTA_US, "{took_us} us over {hops}");
            }
        }
    }

    #[test]
    fn where_all_are_alike_nothing_is_kept() {
        let (mut links, plan) = links("none", 0);
        links.heal(plan.links.delay, 1, 1_000_000);
        assert!(links.ways.is_empty() && links.to_string().is_empty());
        assert_eq!(takes(&mut links, HERE, 1_000_000, 0), Some(MS));
    }
}
