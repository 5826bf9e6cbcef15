//! The arrows between the crates, as `cargo metadata` reports them, against the table that
//! docs/ARCHITECTURE.md draws; and the promise that whatever decides is pure.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::sources::root;

const PREFIX: &str = "quorate-";
const MAX_CRATES: usize = 15;
/// Crates on the longest way down.
const MAX_CHAIN: usize = 6;

/// Each crate and the crates that it may depend on.
const ARROWS: [(&str, &[&str]); 15] = [
    ("crypto", &[]),
    ("types", &["crypto"]),
    ("consensus", &["crypto", "types"]),
    ("ledger", &["crypto", "types"]),
    ("mempool", &["crypto", "types"]),
    ("light", &["crypto", "types"]),
    ("storage", &["crypto", "types"]),
    ("rpc", &["crypto", "light", "types"]),
    ("home", &["crypto", "types"]),
    ("network", &["crypto"]),
    ("replica", &["consensus", "crypto", "ledger", "mempool", "types"]),
    ("genesis", &["crypto", "ledger", "types"]),
    ("testnet", &["crypto", "genesis", "home", "rpc", "types"]),
    ("sim", &["crypto", "genesis", "replica", "types"]),
    (
        "node",
        &[
            "crypto", "genesis", "home", "light", "network", "replica", "rpc", "sim", "storage",
            "testnet", "types",
        ],
    ),
];

/// The crates that decide. They see no clock, thread, file, socket or random generator.
const PURE: [&str; 9] =
    ["consensus", "crypto", "genesis", "ledger", "light", "mempool", "replica", "sim", "types"];
/// What would break that promise, if a pure crate reached it over any number of arrows.
const IMPURE: [&str; 7] =
    ["getrandom", "libp2p", "librocksdb-sys", "mio", "rand", "rocksdb", "tokio"];

/// Crates of the repository by folder, each with those that it depends on.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn arrows_between_crates_are_the_allowed_ones() {
    let arrows = arrows(&metadata(), &[DependencyKind::Normal, DependencyKind::Build]);
    let problems = check(&arrows);
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn tests_of_pure_crates_stay_pure() {
    let arrows = arrows(&metadata(), &[DependencyKind::Development]);
    for (from, to) in arrows.iter().filter(|(from, _)| PURE.contains(&from.as_str())) {
        let impure: Vec<_> = to.iter().filter(|name| !PURE.contains(&name.as_str())).collect();
        assert!(impure.is_empty(), "the tests of {from} depend on {impure:?}");
    }
}

#[test]
fn folders_are_named_after_their_crates() {
    for package in metadata().workspace_packages() {
        let folder = package.manifest_path.parent().and_then(|path| path.file_name());
        assert_eq!(folder, Some(short(&package.name)), "{}", package.name);
    }
}

#[test]
fn pure_crates_reach_nothing_impure() {
    for name in PURE {
        let reached = reached_from(name);
        let impure: Vec<_> = IMPURE.iter().filter(|name| reached.contains(**name)).collect();
        assert!(impure.is_empty(), "{name} reaches {impure:?}; see `cargo tree -i`");
    }
}

#[test]
fn an_impure_graph_is_recognised() {
    let reached = reached_from("network");
    assert!(IMPURE.iter().any(|name| reached.contains(*name)), "{reached:?}");
}

#[test]
fn the_table_itself_has_no_way_up_or_too_long() {
    let table =
        ARROWS.map(|(from, to)| (from.into(), to.iter().map(|name| (*name).into()).collect()));
    assert_eq!(check(&table.into()), Vec::<String>::new());
}

#[test]
fn a_forbidden_arrow_an_unknown_crate_and_a_long_chain_are_found() {
    let arrows = |pairs: &[(&str, &str)]| -> Arrows {
        pairs.iter().map(|(from, to)| ((*from).into(), [(*to).into()].into())).collect()
    };
    assert_eq!(check(&arrows(&[("ledger", "consensus")])).len(), 1);
    assert_eq!(check(&arrows(&[("scratch", "types")])).len(), 1);
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let pairs: Vec<_> = names.windows(2).map(|pair| (pair[0], pair[1])).collect();
    assert_eq!(chain_below("a", &arrows(&pairs)), names.len());
    let many: Vec<_> = (0..=MAX_CRATES).map(|number| format!("crate{number}")).collect();
    let many = many.into_iter().map(|name| (name, BTreeSet::new())).collect();
    assert!(check(&many).iter().any(|problem| problem.contains("16 crates")));
}

fn check(arrows: &Arrows) -> Vec<String> {
    let allowed: BTreeMap<_, _> = ARROWS.into();
    let mut problems = Vec::new();
    if arrows.len() > MAX_CRATES {
        problems.push(format!("{} crates, at most {MAX_CRATES}", arrows.len()));
    }
    for (from, to) in arrows {
        let Some(allowed) = allowed.get(from.as_str()) else {
            problems.push(format!("{from} is not in the table of arrows"));
            continue;
        };
        for name in to.iter().filter(|name| !allowed.contains(&name.as_str())) {
            problems.push(format!("{from} -> {name} is not an allowed arrow"));
        }
        let chain = chain_below(from, arrows);
        if chain > MAX_CHAIN {
            problems.push(format!("{from} stands on a chain of {chain}, at most {MAX_CHAIN}"));
        }
    }
    problems
}

/// Crates on the longest way down from one, itself included. Cargo admits no cycle.
fn chain_below(from: &str, arrows: &Arrows) -> usize {
    let below = arrows.get(from).into_iter().flatten().map(|name| chain_below(name, arrows));
    1 + below.max().unwrap_or(0)
}

fn arrows(metadata: &Metadata, kinds: &[DependencyKind]) -> Arrows {
    let crate_arrows = |package: &&Package| {
        let wanted = package.dependencies.iter().filter(|to| kinds.contains(&to.kind));
        let own = wanted.filter(|to| to.name.starts_with(PREFIX));
        (String::from(short(&package.name)), own.map(|to| short(&to.name).into()).collect())
    };
    metadata.workspace_packages().iter().map(crate_arrows).collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata works")
}

/// The packages in the normal graph of one crate. `cargo tree` and not `cargo metadata`, which
/// unites features over the whole workspace: there libp2p gives a random generator to everybody.
fn reached_from(name: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").expect("cargo sets it for tests");
    let output = Command::new(cargo)
        .current_dir(root())
        .args(["tree", "--locked", "--prefix", "none", "--edges", "normal,no-proc-macro"])
        .args(["--package", &format!("{PREFIX}{name}")])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(String::from).collect()
}
