//! docs/protocol.md says for each rule in force which tests would notice its absence: a row
//! `| R-1 | \`path\`, … |`. Every rule in force has one, and every file that is named is there.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::root;

const HEADING: &str = "## 11. What would notice";

#[test]
fn every_rule_in_force_names_the_tests_that_would_notice() {
    let text = fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    let problems = check(&text, |path| root().join(path).is_file());
    assert!(problems.is_empty(), "docs/protocol.md:\n{}", problems.join("\n"));
}

fn check(text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let Some((rules, table)) = text.split_once(HEADING) else {
        return vec![format!("no section {HEADING:?}")];
    };
    let in_force: BTreeSet<&str> = rules.lines().filter_map(rule_in_force).collect();
    let rows: Vec<(&str, &str)> = table.lines().filter_map(row).collect();
    let noticed: BTreeSet<&str> = rows.iter().map(|(rule, _)| *rule).collect();
    let missing = in_force.difference(&noticed).map(|rule| format!("{rule} has no row"));
    let surplus = noticed.difference(&in_force).map(|rule| format!("{rule} is not in force"));
    let files = rows.iter().flat_map(|(rule, cell)| {
        let paths: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        let none = paths.is_empty().then(|| format!("{rule} names no test"));
        let gone = paths.into_iter().filter(|path| !exists(path));
        gone.map(|path| format!("{rule}: {path} is not there")).chain(none).collect::<Vec<_>>()
    });
    missing.chain(surplus).chain(files).collect()
}

/// The identifier of a list item `- **R-1** …` that is not marked `(later)`.
fn rule_in_force(line: &str) -> Option<&str> {
    let (rule, rest) = line.strip_prefix("- **")?.split_once("**")?;
    let is_rule = rule.split_once('-').is_some_and(|(_, number)| number.parse::<u32>().is_ok());
    (is_rule && !rest.trim_start().starts_with("(later)")).then_some(rule)
}

fn row(line: &str) -> Option<(&str, &str)> {
    let (rule, cell) = line.strip_prefix("| ")?.split_once(" | ")?;
    (rule != "rule").then_some((rule, cell))
}

#[test]
fn missing_rows_surplus_rows_and_lost_files_are_found() {
    let text = |rows: &str| {
        format!(
            "- **R-1** One.\n- **R-2** (later) Two.\n{HEADING}\n\n| rule | by |\n|---|---|\n{rows}"
        )
    };
    let exists = |path: &str| path == "a.rs";
    assert_eq!(check(&text("| R-1 | `a.rs` |\n"), exists), Vec::<String>::new());
    assert_eq!(check(&text(""), exists), ["R-1 has no row"]);
    let surplus = text("| R-1 | `a.rs` |\n| R-2 | `a.rs` |\n");
    assert_eq!(check(&surplus, exists), ["R-2 is not in force"]);
    assert_eq!(check(&text("| R-1 | `a.rs`, `b.rs` |\n"), exists), ["R-1: b.rs is not there"]);
    assert_eq!(check(&text("| R-1 | nothing |\n"), exists), ["R-1 names no test"]);
}
