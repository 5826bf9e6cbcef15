//! One case from its first event to the tenth height after the attack.

use quorate_types::Height;

use super::application::IDLE_MS;
use super::lab::Lab;
use super::scenario::Scenario;
use super::stage::{DELAY_MS, Stage};
use crate::oracles::Violation;

/// Heights that have to be decided after the attack.
const HEIGHTS_AFTER: u64 = 10;
/// Milliseconds that the first scripted view may take; each further one twice as long (T-2).
const FIRST_VIEW_MS: u64 = 1_000;
/// Milliseconds that a view may wait for others beside, as it starts when they are heard (T-3).
const GATE_MS: u64 = 2_500;
/// More events than any case has: a machine that spins in virtual time ends here.
const MAX_EVENTS: u64 = 1_000_000;

/// What a case came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Heights decided during the attack.
    pub decided_under_attack: u64,
    /// The highest view that an honest instance signed in.
    pub highest_view: u64,
    /// Proposals of honest instances that carried a block over.
    pub carried_over: u64,
    /// Honest instances that could convict a twin.
    pub convicting: u64,
    /// The longest that a height took after the attack, in milliseconds.
    pub slowest_ms: u64,
    /// Events.
    pub events: u64,
}

/// Plays a case.
///
/// # Errors
/// What an oracle found.
///
/// # Panics
/// When the lab has other powers than the scenario, or the machine's own assertions fail.
pub fn play(lab: &mut Lab, scenario: &Scenario) -> Result<Outcome, Violation> {
    assert_eq!(lab.powers, scenario.powers, "a lab is made for its powers");
    let mut stage = Stage::new(lab, scenario);
    attack(&mut stage)?;
    let before = stage.judge.highest().0;
    if !scenario.twins_stay {
        (scenario.powers.len()..scenario.instances()).for_each(|half| stage.power_off(half));
    }
    stage.heal();
    let view = places(&stage).map(|(_, view)| view).max().unwrap_or(0);
    stage.judge.on_healed(stage.now_ms, view, (DELAY_MS, IDLE_MS));
    let target = before.saturating_add(HEIGHTS_AFTER);
    while places(&stage).map(|(height, _)| height).min() <= Some(target) {
        if !advance(&mut stage, u64::MAX)? {
            stage.judge.fail(stage.now_ms, 0, "liveness", "nothing happens any more");
        }
    }
    Ok(Outcome {
        decided_under_attack: before,
        highest_view: stage.judge.highest_view(),
        carried_over: stage.judge.carried_over,
        convicting: stage.judge.convicting().try_into().unwrap_or(u64::MAX),
        slowest_ms: stage.judge.slowest_ms(),
        events: stage.events,
    })
}

/// The scripted views: until no honest instance is in one any more, or their time is over.
fn attack(stage: &mut Stage<'_>) -> Result<(), Violation> {
    let length = stage.script.length();
    let until_ms = (0..length).fold(0_u64, |sum, view| {
        let doublings = u32::try_from(view).unwrap_or(u32::MAX);
        let view_ms = FIRST_VIEW_MS.saturating_mul(2_u64.saturating_pow(doublings));
        sum.saturating_add(view_ms).saturating_add(GATE_MS)
    });
    let within = |stage: &Stage<'_>| {
        places(stage).any(|(height, view)| stage.script.turn(Height(height), view) < length)
    };
    while within(stage) {
        if !advance(stage, until_ms)? {
            break;
        }
    }
    Ok(())
}

/// One event; false when none comes before `until_ms`.
fn advance(stage: &mut Stage<'_>, until_ms: u64) -> Result<bool, Violation> {
    let more = stage.turn(until_ms);
    stage.judge.on_time(stage.now_ms);
    if stage.events > MAX_EVENTS {
        stage.judge.fail(stage.now_ms, 0, "liveness", "events without end");
    }
    stage.judge.violation().map_or(Ok(more), |violation| Err(violation.clone()))
}

/// Height and view of every honest instance; (0, 0) without power.
fn places(stage: &Stage<'_>) -> impl Iterator<Item = (u64, u64)> {
    let honest = (0..).zip(&stage.instances).filter(|(i, _)| !stage.scenario.is_twin(*i));
    honest.map(|(_, instance)| instance.place().map_or((0, 0), |(height, view)| (height.0, view)))
}
