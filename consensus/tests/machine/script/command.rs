//! The commands of scripts. What a command does is told by the trace.
//!
//! | command | what it does |
//! |---|---|
//! | `network <n> [powers 1,2] [order B,A] [full <n>] [interval <ms>] [idle] [content]` | nodes, off |
//! | `up <nodes>`, `down <nodes>` | power, on from what is durable |
//! | `deliver [kind] [from <nodes>] [to <nodes>]` | until no such message is on its way |
//! | `drop [kind] [from <nodes>] [to <nodes>]` | such messages are lost |
//! | `partition <nodes> <nodes> …`, `heal` | messages between sides are lost |
//! | `tick <ms>` | time passes, timers fire, nothing is delivered |
//! | `run <ms>` | time passes, timers fire, everything is delivered at once |
//! | `fire <node> <timer> [place]` | a timer fires at its time, or an unset one now |
//! | `hold <node> <question>`, `release <node> <question>` | answers come later |
//! | `signer <nodes> fails` or `works` | the key's holder |
//! | `crash <nodes> write`, `send` or `answer` | power goes in the next vote |
//! | `refuse <nodes> <block>` | the application finds a block invalid |
//! | `work <nodes>` | a transaction waits |
//! | `skew <node> <ms>` | the wall clock is ahead |
//! | `block <name> by <node> [at <ms>] [on <block>]` | a block for forged messages; `nobody` has none |
//! | `forge <signers> <kind> <place> …` | see `byzantine.rs` |
//! | `permit <node> <kind> <place> <block>` | what S-1 says on a statement |
//! | `order <height>` | the drawn order of primaries |
//! | `state <nodes>`, `record <nodes>` | where nodes stand, what they have written |
//! | `quiet <command>` | tells decisions only |

use quorate_consensus::{Input, TimerId, TimerKind, permit};
use quorate_types::{Digest, Height, Statement, StatementBody, Timestamp, View};

use super::stage::{Envelope, Question, Stage};
use super::words::{self, letter, node, nodes, number, place, timer_kind};
use crate::node::CrashPoint;
use crate::world::{EPOCH_MS, no_block};

/// Messages after which one delivery is taken for endless.
const MAX_DELIVERIES: u64 = 10_000;

/// Runs one command and returns its trace.
pub fn run(stage: &mut Option<Stage>, words: &[&str]) -> Vec<String> {
    if let ["network", size, options @ ..] = words {
        *stage = Some(network(number(size), options));
        return Vec::new();
    }
    let stage = stage.as_mut().expect("a script begins with its network");
    match words {
        ["quiet", rest @ ..] => {
            apply(stage, rest);
            let trace = stage.take_trace();
            trace.into_iter().filter(|line| line.starts_with("  decides")).collect()
        }
        words => {
            apply(stage, words);
            stage.take_trace()
        }
    }
}

fn network(size: u64, options: &[&str]) -> Stage {
    let mut powers = vec![1; usize::try_from(size).unwrap()];
    let mut full = 0;
    let mut rest = options;
    if let ["powers", list, more @ ..] = rest {
        powers = list.split(',').map(number).collect();
        rest = more;
    }
    if let ["full", count, more @ ..] = rest {
        full = usize::try_from(number(count)).unwrap();
        rest = more;
    }
    let mut stage = Stage::new(&powers, full);
    while let Some((option, more)) = rest.split_first() {
        rest = more;
        match *option {
            "idle" => stage.has_work = false,
            "content" => stage.has_content = true,
            "order" | "interval" => {
                let (value, more) = rest.split_first().expect("an option's value");
                rest = more;
                if *option == "order" {
                    stage.order = nodes(value).into_iter().map(crate::world::index).collect();
                } else {
                    stage.interval_ms = Some(number(value));
                }
            }
            other => panic!("no option: {other}"),
        }
    }
    stage.names.name(no_block(1), "nobody".to_owned());
    stage
}

fn apply(stage: &mut Stage, words: &[&str]) {
    match words {
        ["up", who] => for_each(stage, who, "is switched on", Stage::power_on),
        ["down", who] => for_each(stage, who, "is switched off", |s, i| s.lose_power(i, "")),
        ["work", who] => for_each(stage, who, "has work", |s, i| s.feed(i, Input::WorkWaiting)),
        ["deliver", filter @ ..] => deliver(stage, filter),
        ["drop", filter @ ..] => {
            let before = stage.on_way.len();
            stage.on_way.retain(|envelope| !matches(envelope, filter));
            stage.note(format!("{} messages are lost", before - stage.on_way.len()));
        }
        ["partition", sides @ ..] => {
            let sides = sides.iter().enumerate();
            stage.side =
                sides.flat_map(|(s, who)| nodes(who).into_iter().map(move |i| (i, s))).collect();
        }
        ["heal"] => stage.side.clear(),
        ["tick", ms] => pass(stage, number(ms), false),
        ["run", ms] => pass(stage, number(ms), true),
        ["fire", who, timer] => fire_set(stage, node(who), timer_kind(timer)),
        ["fire", who, timer, at] => fire_any(stage, node(who), timer_kind(timer), place(at)),
        ["hold", who, what] => {
            stage.held.insert((node(who), question(what)));
        }
        ["release", who, what] => release(stage, node(who), question(what)),
        ["signer", who, how] => {
            nodes(who).into_iter().for_each(|i| stage.nodes[i].signer.fails = *how == "fails");
        }
        ["crash", who, point] => {
            let point = crash_point(point);
            nodes(who).into_iter().for_each(|i| stage.nodes[i].crash_in = Some((0, point)));
        }
        ["refuse", who, block] => {
            let digest = stage.names.digest(block);
            for i in nodes(who) {
                stage.nodes[i].refuses.insert(digest);
            }
        }
        ["skew", who, ms] => {
            stage.skew_ms.insert(node(who), ms.parse().unwrap());
        }
        ["block", name, "by", who, rest @ ..] => block(stage, name, node(who), rest),
        ["forge", rest @ ..] => stage.forge(rest),
        ["permit", who, kind, at, block] => ask_guard(stage, node(who), kind, place(at), block),
        ["order", height] => order(stage, number(height)),
        ["state", who] => nodes(who).into_iter().for_each(|i| stage.note(stage.describe(i))),
        ["record", who] => nodes(who).into_iter().for_each(|i| {
            stage.note(format!("{}: {}", letter(i), stage.names.record(&stage.nodes[i].record)));
        }),
        other => panic!("no command: {other:?}"),
    }
}

fn for_each(stage: &mut Stage, who: &str, what: &str, act: impl Fn(&mut Stage, usize)) {
    for i in nodes(who) {
        stage.because(format!("{} {what}", letter(i)));
        act(stage, i);
        stage.say_if_nothing();
    }
}

fn matches(envelope: &Envelope, filter: &[&str]) -> bool {
    match filter {
        [] => true,
        ["from", who, rest @ ..] => nodes(who).contains(&envelope.from) && matches(envelope, rest),
        ["to", who, rest @ ..] => nodes(who).contains(&envelope.to) && matches(envelope, rest),
        [kind, rest @ ..] => {
            words::kind(envelope.message.value()) == *kind && matches(envelope, rest)
        }
    }
}

fn deliver(stage: &mut Stage, filter: &[&str]) {
    let mut delivered = 0;
    while let Some(next) = stage.on_way.iter().position(|envelope| matches(envelope, filter)) {
        let Envelope { from, to, message } = stage.on_way.remove(next);
        let text = stage.names.message(message.value());
        stage.because(format!("{} hears {}'s {text}", letter(to), letter(from)));
        stage.feed(to, Input::Message(message));
        delivered += 1;
        assert!(delivered < MAX_DELIVERIES, "messages without end");
    }
}

/// Timers fire in order of their time, then of their node.
fn pass(stage: &mut Stage, ms: u64, delivers: bool) {
    let until = stage.now_ms + ms;
    loop {
        if delivers {
            deliver(stage, &[]);
        }
        let due = stage.timers.iter().map(|(id, due)| (*due, *id)).min();
        let Some((due, (i, timer))) = due.filter(|(due, _)| *due <= until) else {
            break;
        };
        stage.now_ms = due;
        fire(stage, i, timer);
    }
    stage.now_ms = until;
}

fn fire(stage: &mut Stage, i: usize, timer: TimerId) {
    stage.timers.remove(&(i, timer));
    stage.because(format!("{}'s {} fires at {} ms", letter(i), words::timer(timer), stage.now_ms));
    stage.feed(i, Input::Timer(timer));
}

fn fire_set(stage: &mut Stage, i: usize, kind: TimerKind) {
    let set = stage.timers.iter().filter(|((owner, id), _)| *owner == i && id.kind == kind);
    let Some((due, timer)) = set.map(|((_, id), due)| (*due, *id)).max_by_key(|(_, id)| *id) else {
        return stage.note(format!("{} has set no such timer", letter(i)));
    };
    stage.now_ms = stage.now_ms.max(due);
    fire(stage, i, timer);
    stage.say_if_nothing();
}

fn fire_any(stage: &mut Stage, i: usize, kind: TimerKind, (height, view): (u64, u64)) {
    fire(stage, i, TimerId { height: Height(height), view: View(view), kind });
    stage.say_if_nothing();
}

fn question(word: &str) -> Question {
    match word {
        "build" => Question::Build,
        "validate" => Question::Validate,
        "store" => Question::Store,
        "fetch" => Question::Fetch,
        "chain" => Question::Chain,
        other => panic!("no question: {other}"),
    }
}

fn crash_point(word: &str) -> CrashPoint {
    match word {
        "write" => CrashPoint::Write,
        "send" => CrashPoint::Send,
        "answer" => CrashPoint::Answer,
        other => panic!("no point: {other}"),
    }
}

fn release(stage: &mut Stage, i: usize, question: Question) {
    stage.held.remove(&(i, question));
    while let Some(next) =
        stage.unanswered.iter().position(|(owner, asked, _)| (*owner, *asked) == (i, question))
    {
        let (_, _, input) = stage.unanswered.remove(next);
        stage.because(format!("{} is answered: {question:?}", letter(i)));
        stage.give(i, input);
        stage.say_if_nothing();
    }
}

/// Timed now, or so many milliseconds after the beginning; on the genesis block, or another.
fn block(stage: &mut Stage, name: &str, proposer: usize, rest: &[&str]) {
    let (at_ms, rest) = match rest {
        ["at", ms, rest @ ..] => (number(ms), rest),
        rest => (stage.now_ms.max(1), rest),
    };
    let (height, parent, time) = match rest {
        [] => (Height(1), stage.world.genesis(), Timestamp(EPOCH_MS)),
        ["on", below] => {
            let digest = stage.names.digest(below);
            let header = stage.find(digest).header().clone();
            (header.height.next(), digest, header.time)
        }
        other => panic!("no block: {other:?}"),
    };
    let start = stage.start_on(height, parent, time);
    let payload = stage.block(&start, proposer, Timestamp(EPOCH_MS + at_ms), None);
    stage.names.name(payload.header().digest(), name.to_owned());
}

fn ask_guard(stage: &mut Stage, i: usize, kind: &str, at: (u64, u64), block: &str) {
    let digest = if block == "none" { Digest::default() } else { stage.names.digest(block) };
    let body = match kind {
        "prepare" => StatementBody::Prepare { digest },
        "commit" => StatementBody::Commit { digest },
        "pre-prepare" => StatementBody::PrePrepare { digest, justification: digest.0 },
        "view-change" => StatementBody::ViewChange { prepared: None },
        other => panic!("no statement: {other}"),
    };
    let statement = Statement { height: Height(at.0), view: View(at.1), body };
    let verdict = match permit(&stage.nodes[i].record, &statement, &stage.world.context) {
        Ok(permit) => format!("permitted: {permit:?}"),
        Err(refusal) => format!("refused: {refusal}"),
    };
    stage.note(format!("{} {}: {verdict}", letter(i), stage.names.statement(&statement)));
}

fn order(stage: &mut Stage, height: u64) {
    let drawn = stage.world.primaries(Height(height));
    let drawn: Vec<String> = drawn.iter().map(|i| letter(i.position()).to_string()).collect();
    stage.note(format!("height {height}: {}", drawn.join(",")));
}
