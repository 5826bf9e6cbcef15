//! A thread's memory of verdicts on signatures, for a simulator that runs many nodes in one thread:
//! each of them judges the same few signatures, and the verdict is a function of key, message and
//! signature. Off unless it is asked for; a node never does.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::hash::{Domain, Hash};

/// Binds a verdict to everything that it depends on.
const QUESTION: Domain = Domain::new("quorate v1 signature question");
/// Verdicts that are remembered; then all are forgotten.
const REMEMBERED: usize = 16_384;

thread_local! {
    static VERDICTS: RefCell<Option<BTreeMap<Hash, bool>>> = const { RefCell::new(None) };
}

/// From now on this thread verifies each distinct signature of a validator once.
pub fn remember_verdicts() {
    VERDICTS.with_borrow_mut(|verdicts| {
        verdicts.get_or_insert_default();
    });
}

/// The verdict, remembered or computed.
pub(crate) fn remembered(
    key: &[u8; 32],
    message: &[u8],
    signature: &[u8; 64],
    verify: impl FnOnce() -> bool,
) -> bool {
    VERDICTS.with_borrow_mut(|verdicts| {
        let Some(verdicts) = verdicts else {
            return verify();
        };
        if verdicts.len() >= REMEMBERED {
            verdicts.clear();
        }
        // Only the message has a variable length, so the parts cannot be divided otherwise.
        let question = QUESTION.hash_parts(&[key, message, signature]);
        *verdicts.entry(question).or_insert_with(verify)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_remembered_unless_asked_for() {
        let ask =
            |message: &[u8], verdict: bool| remembered(&[1; 32], message, &[2; 64], || verdict);
        assert!(ask(b"message", true));
        assert!(!ask(b"message", false), "computed anew");
        remember_verdicts();
        assert!(ask(b"message", true));
        assert!(ask(b"message", false), "remembered");
        assert!(!ask(b"another", false));
        assert!(!remembered(&[3; 32], b"message", &[2; 64], || false), "another key");
        assert!(!remembered(&[1; 32], b"message", &[3; 64], || false), "another signature");
    }
}
