//! `quorate init` and `quorate config show`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::run::{below, fail, json, quorate, succeed};

/// A genesis document of a generated network.
fn genesis(folder: &tempfile::TempDir) -> String {
    succeed(&["testnet", "generate", "-n", "1", "--out", &below(folder, "net")]);
    below(folder, "net/val0/config/genesis.json")
}

#[test]
fn init_makes_a_home_with_keys_of_its_own_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let genesis = genesis(&folder);
    let home = below(&folder, "home");
    let peer = "/ip4/192.0.2.1/tcp/27656";
    succeed(&["init", "--home", &home, "--genesis", &genesis, "--peer", peer]);
    for name in ["config/node_key", "config/validator_key"] {
        let path = below(&folder, &format!("home/{name}"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(
            fs::read(&path).unwrap(),
            fs::read(below(&folder, &format!("net/val0/{name}"))).unwrap()
        );
    }
    assert!(fs::metadata(below(&folder, "home/sign-state/log")).is_ok());
    let config = fs::read_to_string(below(&folder, "home/config/config.toml")).unwrap();
    assert!(config.contains(peer), "{config}");
    let error = fail(78, &["init", "--home", &home, "--genesis", &genesis]);
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(fs::read_to_string(below(&folder, "home/config/config.toml")).unwrap(), config);
}

#[test]
fn init_without_a_genesis_that_holds_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bad = below(&folder, "bad.json");
    fs::write(&bad, "{}").unwrap();
    let home = below(&folder, "home");
    fail(78, &["init", "--home", &home, "--genesis", &bad]);
    fail(78, &["init", "--home", &home, "--genesis", &below(&folder, "none.json")]);
    assert!(fs::metadata(&home).is_err());
}

#[test]
fn config_show_says_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let home = below(&folder, "home");
    fs::create_dir_all(below(&folder, "home/config")).unwrap();
    fs::write(below(&folder, "home/config/config.toml"), "[log]\nlevel = \"warn\"\n").unwrap();
    let shown = quorate(&["config", "show", "--origin", "-o", "json", "--home", &home])
        .env("QUORATE__NODE__MONIKER", "anna")
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let setting = |key: &str| {
        let settings = shown["settings"].as_array().unwrap().iter();
        settings.clone().find(|setting| setting["key"] == key).unwrap().clone()
    };
    assert_eq!(setting("node.moniker")["value"], "anna");
    assert_eq!(setting("node.moniker")["origin"], "environment QUORATE__NODE__MONIKER");
    assert_eq!(setting("rpc.public")["origin"], "default");
    let origin = setting("log.level")["origin"].as_str().unwrap().to_owned();
    assert!(origin.ends_with("config.toml line 2"), "{origin}");
}

#[test]
fn a_wrong_value_is_78_whoever_set_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = below(&folder, "home");
    for (variable, value, words) in [
        ("QUORATE__RPC__LISSEN", "127.0.0.1:1", "QUORATE__RPC__LISSEN"),
        ("QUORATE__RPC__LISTEN", "0.0.0.0:27657", "rpc.public = true"),
        ("QUORATE__P2P__MAX_PEERS", "many", "p2p.max_peers"),
    ] {
        let output =
            quorate(&["config", "show", "--home", &home]).env(variable, value).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{error}");
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(json(&["config", "show", "--home", &home])["settings"][0]["origin"], "default");
}
