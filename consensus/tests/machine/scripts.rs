//! The golden scripts of `consensus/tests/scripts`. A trace that differs from the code's is a change
//! of behaviour; only `QUORATE_UPDATE_SCRIPTS=1` writes them anew.
#![allow(clippy::disallowed_methods, reason = "the scripts are files")]

use std::path::{Path, PathBuf};

use crate::script::play;

/// What asks for the traces to be written anew.
const UPDATE: &str = "QUORATE_UPDATE_SCRIPTS";
/// The rules that this crate implements: each is the intent of a script.
const RULES: [&str; 22] = [
    "R-0",
    "R-1",
    "R-2",
    "R-3",
    "R-4",
    "R-5",
    "R-6",
    "R-7",
    "R-8",
    "R-9",
    "R-10",
    "R-11",
    "R-12",
    "S-1",
    "S-2",
    "S-4",
    "T-1",
    "T-2",
    "T-3",
    "T-4",
    "section 6",
    "Section 8",
];

/// Every script with its text, in order of name.
fn scripts() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort_unstable();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// The first line in which two texts differ.
fn difference(golden: &str, now: &str) -> Option<String> {
    if golden == now {
        return None;
    }
    let (mut golden, mut now) = (golden.lines(), now.lines());
    for line in 1.. {
        let (was, is) = (golden.next(), now.next());
        if was != is || was.is_none() {
            return Some(format!("line {line}:\n  was {was:?}\n  is  {is:?}"));
        }
    }
    None
}

#[test]
fn the_code_yields_the_golden_traces() {
    let mut differences = Vec::new();
    for (path, text) in scripts() {
        let now = play(&text);
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, &now).unwrap();
        } else if let Some(difference) = difference(&text, &now) {
            differences.push(format!("{}, {difference}", path.display()));
        }
    }
    assert!(differences.is_empty(), "{UPDATE}=1 writes them anew\n{}", differences.join("\n"));
}

#[test]
fn every_rule_is_the_intent_of_a_script() {
    let intents: Vec<String> = scripts().into_iter().map(|(_, text)| intent(&text)).collect();
    for rule in RULES {
        let named = intents.iter().any(|intent| names(intent, rule));
        assert!(named, "no script names {rule}");
    }
    assert!(intents.iter().all(|intent| !intent.is_empty()), "a script without intent");
}

/// The lines at the head of a script.
fn intent(text: &str) -> String {
    let head = text.lines().map_while(|line| line.strip_prefix('#'));
    head.collect::<Vec<_>>().join(" ")
}

/// Whether a text names a rule, not one whose number only begins with the same digits.
fn names(intent: &str, rule: &str) -> bool {
    intent.match_indices(rule).any(|(at, _)| {
        let next = intent[at + rule.len()..].chars().next();
        !next.is_some_and(|next| next.is_ascii_digit())
    })
}
