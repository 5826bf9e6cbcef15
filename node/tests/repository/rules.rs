//! docs/protocol.md lists the rules; code cites them. A rule in force that no source file cites, a
//! rule marked `(later)` that one does, and a citation of no rule each fail.
//!
//! A rule is a list item `- **R-1** …`, or `- **R-10** (later) …`. A citation is the identifier in a
//! comment. Sources are the files below a crate's `src`, without their test modules; tests may cite
//! what they like, as long as it exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::sources::{Source, root, rust_files};

const FAMILIES: [&str; 10] = ["M", "B", "S", "R", "T", "E", "EP", "X", "L", "I"];
const LATER: &str = "(later)";
/// These files quote rules as examples.
const OWN_FOLDER: &str = "node/tests/repository/";

/// Whether each rule is in force or comes later.
type Rules = BTreeMap<String, Status>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    InForce,
    Later,
}

#[test]
fn every_rule_in_force_is_cited_and_every_citation_names_a_rule() {
    let path = root().join("docs/protocol.md");
    let text = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}: the rules are listed there", path.display()));
    let rules = parse(&text).unwrap_or_else(|error| panic!("docs/protocol.md: {error}"));
    let mut files = rust_files();
    files.retain(|file| !file.path.starts_with(OWN_FOLDER));
    let problems = check(&rules, &files);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

fn parse(text: &str) -> Result<Rules, String> {
    let mut rules = Rules::new();
    for line in text.lines() {
        let Some((id, rest)) = line.strip_prefix("- **").and_then(|item| item.split_once("**"))
        else {
            continue;
        };
        if !is_rule_id(id) {
            continue;
        }
        let later = rest.trim_start().starts_with(LATER);
        let status = if later { Status::Later } else { Status::InForce };
        if rules.insert(String::from(id), status).is_some() {
            return Err(format!("{id} is listed twice"));
        }
    }
    let missing = FAMILIES.iter().find(|family| !rules.keys().any(|id| family_of(id) == **family));
    missing.map_or(Ok(rules), |family| Err(format!("no rule {family}-… is listed")))
}

fn check(rules: &Rules, files: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut cited = BTreeSet::new();
    for file in files {
        for id in citations(&file.text) {
            if !rules.contains_key(&id) {
                problems.push(format!("{}: cites {id}, which is no rule", file.path));
            }
        }
        if is_source(&file.path) {
            let found = citations(without_tests(&file.text));
            for id in found.iter().filter(|id| rules.get(*id) == Some(&Status::Later)) {
                problems.push(format!("{}: cites {id}, which is marked {LATER}", file.path));
            }
            cited.extend(found);
        }
    }
    for (id, status) in rules {
        if *status == Status::InForce && !cited.contains(id) {
            problems.push(format!("docs/protocol.md: {id} is in force, but no source cites it"));
        }
    }
    problems
}

/// A file that the crate is built from: below `src`, and not a test module of its own.
fn is_source(path: &str) -> bool {
    path.contains("/src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
}

/// The text up to its test module, which by convention is the last thing in a file.
fn without_tests(text: &str) -> &str {
    text.split_once("\n#[cfg(test)]\nmod tests").map_or(text, |(source, _)| source)
}

/// The identifiers in the comments of a file.
fn citations(text: &str) -> BTreeSet<String> {
    let comments =
        text.lines().filter_map(|line| line.split_once("//")).map(|(_, comment)| comment);
    comments.flat_map(words).filter(|word| is_rule_id(word)).map(String::from).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
}

fn is_rule_id(word: &str) -> bool {
    let Some((family, number)) = word.split_once('-') else {
        return false;
    };
    let numeric = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numeric && FAMILIES.contains(&family)
}

fn family_of(id: &str) -> &str {
    id.split_once('-').map_or(id, |(family, _)| family)
}

fn example_rules() -> Rules {
    let in_force = ["R-1", "R-2"].map(|id| (String::from(id), Status::InForce));
    let later = [(String::from("R-10"), Status::Later)];
    in_force.into_iter().chain(later).collect()
}

fn problems_of(files: &[(&str, &str)]) -> Vec<String> {
    let source =
        |(path, text): &(&str, &str)| Source { path: (*path).into(), text: (*text).into() };
    check(&example_rules(), &files.iter().map(source).collect::<Vec<_>>())
}

const ALL_CITED: (&str, &str) = ("a/src/lib.rs", "//! Rules R-1, R-2.\n");

#[test]
fn cited_rules_pass() {
    assert_eq!(problems_of(&[ALL_CITED]), Vec::<String>::new());
    let test_cites_later = ("a/tests/x.rs", "// R-10 is not there yet\n");
    assert_eq!(problems_of(&[ALL_CITED, test_cites_later]), Vec::<String>::new());
}

#[test]
fn an_uncited_rule_is_found() {
    let code_only = "// R-1\nlet text = \"R-2\";\n#[cfg(test)]\nmod tests {\n    // R-2\n}\n";
    for text in ["// R-1\n", code_only] {
        let expected = vec!["docs/protocol.md: R-2 is in force, but no source cites it"];
        assert_eq!(problems_of(&[("a/src/lib.rs", text)]), expected);
    }
    let only_a_test = ("a/tests/x.rs", "// R-2\n");
    assert_eq!(problems_of(&[("a/src/lib.rs", "// R-1\n"), only_a_test]).len(), 1);
}

#[test]
fn a_cited_rule_that_comes_later_is_found() {
    let problems = problems_of(&[ALL_CITED, ("a/src/b.rs", "/// As R-10 says.\n")]);
    assert_eq!(problems, vec!["a/src/b.rs: cites R-10, which is marked (later)"]);
}

#[test]
fn a_citation_of_no_rule_is_found() {
    for path in ["a/src/b.rs", "a/tests/b.rs"] {
        let problems = problems_of(&[ALL_CITED, (path, "// R-99's case\n")]);
        assert_eq!(problems, vec![format!("{path}: cites R-99, which is no rule")]);
    }
}

#[test]
fn other_words_are_no_citations() {
    let text = "// SLIP-10, UTF-8, SHA-256, ZIP-215, R-x, PR-1, R-1-style\n";
    assert_eq!(citations(text), BTreeSet::new());
    let text = "// (S-1/S-2): B-7's, R-0..R-9, `EP-1`.\n";
    assert_eq!(citations(text).len(), 6);
}

#[test]
fn a_list_is_parsed_with_its_marks() {
    let one_each = FAMILIES.map(|family| format!("- **{family}-1** Text.\n")).concat();
    let rules = parse(&format!("{one_each}- **R-10** (later) Text.\n- **Bold** text.\n")).unwrap();
    assert_eq!(rules.len(), FAMILIES.len() + 1);
    assert_eq!(rules.get("R-10"), Some(&Status::Later));
    assert_eq!(rules.get("R-1"), Some(&Status::InForce));
    parse(&format!("{one_each}- **R-1** Again.\n")).unwrap_err();
    parse("- **R-1** The other families are lost.\n").unwrap_err();
}
