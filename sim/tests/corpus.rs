//! Every file that the fuzzer has kept, through the check that it was kept for. What once crashed
//! a check stays fixed, and the corpus stays as small as is promised.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "the corpus is files")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use quorate_sim::fuzzing::{TARGETS, drive};

/// Files in the corpus at most.
const MOST_FILES: usize = 200;
/// Bytes of the corpus at most.
const MOST_BYTES: usize = 2_000_000;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The names in a folder of `fuzz/`, without extensions.
fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

/// The files of a target, by name.
fn files(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(fuzz().join("corpus").join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

#[test]
fn every_file_passes_and_every_target_accepts_some() {
    let mut problems = Vec::new();
    for target in TARGETS {
        let mut accepted = 0;
        for (path, bytes) in files(target.name) {
            match catch_unwind(|| (target.check)(&bytes)) {
                Ok(came_to_something) => accepted += usize::from(came_to_something),
                Err(_) => problems.push(format!("{} fails its check", path.display())),
            }
        }
        if accepted == 0 {
            problems.push(format!("{}: nothing gets past the first check", target.name));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn targets_their_binaries_and_their_folders_are_the_same() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len());
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz_targets"), targets);
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name} in Cargo.toml");
        let text = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("check(\"{name}\", bytes)")), "{name} checks another");
    }
}

#[test]
fn the_corpus_is_small() {
    let sizes: Vec<usize> = TARGETS
        .iter()
        .flat_map(|target| files(target.name))
        .map(|(_, bytes)| bytes.len())
        .collect();
    assert!(sizes.len() <= MOST_FILES, "{} files", sizes.len());
    assert!(sizes.iter().sum::<usize>() <= MOST_BYTES, "{} bytes", sizes.iter().sum::<usize>());
}

#[test]
fn the_scripts_of_machines_reach_the_rules() {
    let all: Vec<_> = files("machines").iter().map(|(_, bytes)| drive(bytes)).collect();
    let most = |of: fn(&quorate_sim::fuzzing::Summary) -> u64| all.iter().map(of).max().unwrap();
    assert!(most(|of| of.height) >= 3, "heights are decided: {all:#?}");
    assert!(most(|of| of.view) >= 2, "views change: {all:#?}");
    assert!(most(|of| of.power_cuts) >= 2, "machines restart: {all:#?}");
    assert!(all.iter().any(|of| of.convicting > 0), "lies are told: {all:#?}");
    assert!(most(|of| of.carried_over) >= 1, "prepared blocks are carried over: {all:#?}");
}

#[test]
fn a_script_comes_out_the_same_again() {
    for (path, bytes) in files("machines") {
        assert_eq!(drive(&bytes), drive(&bytes), "{}", path.display());
    }
}
