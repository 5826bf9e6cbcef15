//! The golden vectors of `types/vectors`: every signed, hashed and wire type, byte for byte. A file
//! that differs from the code is a change of a format; only `QUORATE_UPDATE_VECTORS=1` writes them.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]

mod common;
mod golden;

use std::path::{Path, PathBuf};

use golden::{files, page};
use quorate_crypto::Domain;

/// What asks for the files to be written anew.
const UPDATE: &str = "QUORATE_UPDATE_VECTORS";

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file)
}

fn page_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wire-format.md")
}

/// Compares a file with what the code yields, or writes it.
fn check(path: &Path, text: &str) -> Result<(), String> {
    if std::env::var_os(UPDATE).is_some() {
        return std::fs::write(path, text).map_err(|error| error.to_string());
    }
    let golden = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut lines = golden.lines().zip(text.lines()).zip(1..);
    match lines.find(|((golden, now), _)| golden != now) {
        Some(((golden, now), line)) => Err(format!("line {line}:\n  was {golden}\n  is  {now}")),
        None if golden == text => Ok(()),
        None => Err("another number of lines".to_owned()),
    }
}

#[test]
fn the_code_yields_the_golden_vectors() {
    let mut differences = Vec::new();
    for vectors in files() {
        if let Err(difference) = check(&path(vectors.file), &vectors.to_json()) {
            differences.push(format!("{}: {difference}", vectors.file));
        }
    }
    assert!(differences.is_empty(), "{UPDATE}=1 writes them anew\n{}", differences.join("\n"));
}

#[test]
fn every_file_is_json_with_named_vectors() {
    for vectors in files() {
        let json: serde_json::Value = serde_json::from_str(&vectors.to_json()).unwrap();
        let entries = json["vectors"].as_array().unwrap();
        assert!(!entries.is_empty(), "{}", vectors.file);
        let mut names: Vec<&str> = entries.iter().map(|e| e["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), entries.len(), "{}: names differ", vectors.file);
    }
}

#[test]
fn no_file_is_left_over() {
    let known: Vec<&str> = files().iter().map(|vectors| vectors.file).collect();
    for entry in std::fs::read_dir(path("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_page_has_the_code_s_vectors() {
    let page = std::fs::read_to_string(page_path()).unwrap();
    let rendered = page::render(&page).unwrap();
    assert!(rendered.matches("<!-- vector: ").count() >= 20, "the page shows vectors");
    check(&page_path(), &rendered).unwrap();
}

#[test]
fn the_page_lists_every_context() {
    let page = std::fs::read_to_string(page_path()).unwrap();
    let listed: Vec<_> = page::contexts(&page)
        .into_iter()
        .map(|context| Domain::new(String::leak(context.to_owned())).hash(&[]))
        .collect();
    let mut distinct = listed.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), listed.len(), "no context twice");
    for domain in page::domains() {
        assert!(listed.contains(&domain.hash(&[])), "{domain:?}");
    }
}

#[test]
fn the_page_states_the_limits() {
    let page = std::fs::read_to_string(page_path()).unwrap();
    for (name, limit) in page::limits() {
        assert!(page.contains(&format!("| {limit} | `{name}` |")), "{name} is {limit}");
    }
}
