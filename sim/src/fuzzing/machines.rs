//! Bytes drive four real state machines: each says what happens next. Whatever they say, one block
//! is decided per height (I-8), no key but the Byzantine one signs twice or could be convicted
//! (I-2, I-3, I-9), proposals are justified (I-7), the gate holds (I-10), and nothing panics.

use std::cell::RefCell;

use super::arena::{Arena, CrashPoint, MACHINES};
use super::bytes::Bytes;
use crate::oracles::Violation;
use crate::twins::Lab;

/// Turns of one script; bytes beyond say nothing.
const MOST_TURNS: usize = 600;
/// Things that one turn lets happen at most.
const MOST_AT_ONCE: u8 = 24;

/// What came of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The highest height that an honest machine has decided.
    pub height: u64,
    /// The highest view that an honest machine has signed in.
    pub view: u64,
    /// How often a machine lost power.
    pub power_cuts: u64,
    /// How many machines could convict the Byzantine one.
    pub convicting: usize,
    /// Proposals of honest machines that carry a block over.
    pub carried_over: u64,
}

thread_local! {
    /// Keys, and the memory of signatures, which changes nothing but the time.
    static LAB: RefCell<Lab> = RefCell::new(Lab::new(&[1; MACHINES]));
}

/// Any bytes as a script; whether a height was decided.
pub(super) fn check(bytes: &[u8]) -> bool {
    drive(bytes).height > 0
}

/// Runs a script and tells what came of it.
pub(super) fn drive(bytes: &[u8]) -> Summary {
    LAB.with_borrow_mut(|lab| {
        let mut arena = Arena::new(lab);
        let mut bytes = Bytes::new(bytes);
        for _ in 0..MOST_TURNS {
            if bytes.is_empty() {
                break;
            }
            arena.turn(&mut bytes);
            let violation = arena.judge.violation().map(Violation::to_string);
            assert_eq!(violation, None);
        }
        arena.summary()
    })
}

impl Arena<'_> {
    /// One turn: the high bits of a byte say what, the low ones how much or whom.
    fn turn(&mut self, bytes: &mut Bytes<'_>) {
        let byte = bytes.u8();
        let low = byte & 0x0f;
        let machine = usize::from(low) % MACHINES;
        match byte >> 4 {
            // In the order of sending, as a calm network would; these make a height in few bytes.
            0..=3 => self.run(byte & 0x3f),
            4..=5 => self.happen(bytes.position(self.waiting.len())),
            6 => self.lose(bytes.position(self.waiting.len())),
            7 => self.double(bytes.position(self.waiting.len())),
            8 => self.fire(bytes.position(self.timers.len())),
            9 => self.fire_next(),
            10 => self.now_ms = self.now_ms.saturating_add(u64::from(low) * 100),
            11 => match low / 4 {
                0 => self.power_off(machine),
                1 => self.crash = Some((machine, CrashPoint::Write)),
                2 => self.crash = Some((machine, CrashPoint::Send)),
                _ => self.crash = Some((machine, CrashPoint::Answer)),
            },
            12 => self.power_on(machine),
            13 => self.cut_off = (low < 8).then_some(machine),
            _ => self.forge(bytes),
        }
    }

    /// Lets what waits happen, oldest first.
    fn run(&mut self, at_most: u8) {
        for _ in 0..=at_most.min(MOST_AT_ONCE) {
            self.happen(0);
        }
    }

    /// The timer that is due first.
    fn fire_next(&mut self) {
        let due = self.timers.iter().enumerate().min_by_key(|(_, (_, _, due_ms))| *due_ms);
        if let Some((at, _)) = due {
            self.fire(at);
        }
    }

    fn lose(&mut self, at: usize) {
        if at < self.waiting.len() {
            self.waiting.remove(at);
        }
    }

    fn double(&mut self, at: usize) {
        if let Some(again) = self.waiting.get(at).cloned() {
            self.happen(at);
            self.waiting.push(again);
        }
    }

    fn summary(&self) -> Summary {
        Summary {
            height: self.judge.highest().0,
            view: self.judge.highest_view(),
            power_cuts: self.power_cuts,
            convicting: self.judge.convicting(),
            carried_over: self.judge.carried_over,
        }
    }
}
