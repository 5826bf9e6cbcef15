//! The part of the house style that a machine can judge and the compiler's lints do not.

use crate::sources::{Source, rust_files};

/// A file that is longer does more than one job.
const MAX_LINES: usize = 400;
/// Split, so that this file does not find itself.
const BANNED: [(&str, &str); 3] = [
    (concat!("TO", "DO"), "finish it, or open an issue"),
    (concat!("FIX", "ME"), "finish it, or open an issue"),
    (concat!("debug_", "assert"), "invariants hold in release too: use assert"),
];

#[test]
fn every_file_keeps_the_house_style() {
    let problems: Vec<_> = rust_files().iter().flat_map(check).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn check(source: &Source) -> Vec<String> {
    let Source { path, text } = source;
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > MAX_LINES {
        problems.push(format!("{path}: {lines} lines, at most {MAX_LINES}"));
    }
    if !text.starts_with("//!") {
        problems
            .push(format!("{path}: opens without `//!`: what it is, its invariant, its source"));
    }
    for (number, line) in (1..).zip(text.lines()) {
        for (word, remedy) in BANNED.iter().filter(|(word, _)| line.contains(word)) {
            problems.push(format!("{path}:{number}: {word}: {remedy}"));
        }
    }
    problems
}

fn problems_of(text: &str) -> usize {
    check(&Source { path: String::from("x.rs"), text: String::from(text) }).len()
}

#[test]
fn a_clean_file_passes() {
    assert_eq!(problems_of("//! A file.\n\nfn f() {}\n"), 0);
    assert_eq!(problems_of(&"//! At the limit.\n".repeat(MAX_LINES)), 0);
}

#[test]
fn each_fault_is_found() {
    assert_eq!(problems_of("fn f() {}\n"), 1);
    assert_eq!(problems_of(&"//! One too many.\n".repeat(MAX_LINES + 1)), 1);
    for (word, _) in BANNED {
        assert_eq!(problems_of(&format!("//! A file.\n// {word}: later\n")), 1, "{word}");
    }
}
