//! The layers of configuration: which one counts, where a value came from, and what a mistake in
//! each of them says.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use quorate_home::{Config, ConfigError, Flag, LogFormat, Origin, Settings, to_commented_toml};

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(text: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, text).unwrap();
    File { _folder: folder, path }
}

fn load(text: &str, environment: &[(&str, &str)], flags: &[Flag]) -> Result<Settings, ConfigError> {
    let environment: Vec<_> =
        environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Settings::load(&file(text).path, &environment, flags)
}

fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    load(text, environment, &[]).unwrap_err().to_string()
}

#[test]
fn nothing_set_is_the_defaults() {
    let settings = Settings::load("/nonexistent/config.toml".as_ref(), &[], &[]).unwrap();
    assert_eq!(settings.config(), &Config::default());
    assert!(settings.list().iter().all(|setting| setting.origin == Origin::Default));
    let written = load(&to_commented_toml(&Config::default()), &[], &[]).unwrap();
    assert_eq!(written.config(), &Config::default());
    let is_file = |origin: &Origin| matches!(origin, Origin::File { line: Some(_), .. });
    assert!(written.list().iter().all(|setting| is_file(&setting.origin)));
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let text =
        "[node]\nmoniker = \"file\"\n[rpc]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n";
    let environment =
        [("QUORATE__NODE__MONIKER", "environment"), ("QUORATE__RPC__LISTEN", "127.0.0.1:2")];
    let flag = Flag { name: "--rpc-listen", key: "rpc.listen", value: "127.0.0.1:3".to_owned() };
    let settings = load(text, &environment, &[flag]).unwrap();
    let config = settings.config();
    assert_eq!(config.rpc.listen.port(), 3);
    assert_eq!(config.node.moniker, "environment");
    assert_eq!(config.log.level, "warn");
    assert_eq!(settings.origin("rpc.listen"), Origin::Flag("--rpc-listen"));
    let variable = String::from("QUORATE__NODE__MONIKER");
    assert_eq!(settings.origin("node.moniker"), Origin::Environment(variable));
    assert!(matches!(settings.origin("log.level"), Origin::File { line: Some(6), .. }));
    assert_eq!(settings.origin("p2p.listen"), Origin::Default);
}

#[test]
fn the_environment_reads_every_type() {
    let environment = [
        ("QUORATE__P2P__PERSISTENT_PEERS", "/dns4/a/tcp/1/p2p/x, /ip4/10.0.0.1/tcp/2"),
        ("QUORATE__P2P__MAX_PEERS", "9"),
        ("QUORATE__METRICS__ENABLED", "false"),
        ("QUORATE__LOG__FORMAT", "json"),
        ("QUORATE__MEMPOOL__MAX_BYTES", "1048576"),
    ];
    let settings = load("", &environment, &[]).unwrap();
    let config = settings.config();
    assert_eq!(config.p2p.persistent_peers, ["/dns4/a/tcp/1/p2p/x", "/ip4/10.0.0.1/tcp/2"]);
    assert_eq!(config.p2p.max_peers, 9);
    assert!(!config.metrics.enabled);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.mempool.max_bytes, 1_048_576);
}

#[test]
fn a_mistake_in_the_file_names_its_line() {
    for (text, line, words) in [
        ("[rpc]\nlisten = \"127.0.0.1:1\"\nlissen = 1\n", 3, "unknown field `lissen`"),
        ("\n[rcp]\nlisten = \"127.0.0.1:1\"\n", 2, "unknown field `rcp`"),
        ("[p2p]\nmax_peers = \"many\"\n", 2, "invalid type"),
        ("[rpc]\n\nlisten = \"here\"\n", 3, "invalid socket address"),
        ("[node]\nmoniker = 'a'\nmoniker = 'b'\n", 3, "duplicate key"),
        ("[rpc\n", 1, ""),
    ] {
        let error = refusal(text, &[]);
        let place = format!("config.toml line {line}: ");
        assert!(error.contains(&place) && error.contains(words), "{text:?}: {error}");
    }
}

#[test]
fn a_value_that_is_not_allowed_names_who_set_it_and_the_remedy() {
    let open = refusal("[rpc]\nlisten = \"0.0.0.0:27657\"\n", &[]);
    assert!(open.contains("rpc.listen (") && open.contains("config.toml line 2"), "{open}");
    assert!(open.contains("set rpc.public = true"), "{open}");
    let variable = refusal("", &[("QUORATE__RPC__LISTEN", "[::]:27657")]);
    assert!(variable.contains("environment QUORATE__RPC__LISTEN"), "{variable}");
    load("[rpc]\nlisten = \"0.0.0.0:27657\"\npublic = true\n", &[], &[]).unwrap();
    for (name, value) in [
        ("QUORATE__P2P__PERSISTENT_PEERS", "localhost:27656"),
        ("QUORATE__RPC__ALLOW_ORIGINS", "wallet.example"),
        ("QUORATE__P2P__MAX_PEERS", "0"),
        ("QUORATE__MEMPOOL__MAX_BYTES", "1000"),
        ("QUORATE__CONSENSUS__TIMEOUT_MIN_MS", "5000"),
        ("QUORATE__CONSENSUS__TIMEOUT_CAP_MS", "700000"),
        ("QUORATE__LOG__LEVEL", " "),
        ("QUORATE__METRICS__ENABLED", "yes"),
        ("QUORATE__P2P__MAX_PEERS", "-1"),
        ("QUORATE__P2P__MAX_PEERS", "4294967296"),
        ("QUORATE__LOG__FORMAT", "xml"),
    ] {
        refusal("", &[(name, value)]);
    }
}

#[test]
fn a_variable_that_names_no_key_is_refused() {
    for variable in [
        "QUORATE__RPC__LISSEN",
        "QUORATE__RPC",
        "QUORATE__",
        "QUORATE__RPC__LISTEN__PORT",
        "QUORATE__MEMPOOL",
    ] {
        let error = refusal("", &[(variable, "1")]);
        assert!(error.contains(variable) && error.contains("names no key"), "{error}");
    }
}
