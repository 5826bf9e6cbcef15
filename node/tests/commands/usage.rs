//! What the command line itself accepts.

use crate::run::{ADDRESS, fail, quorate, succeed};

#[test]
fn wrong_usage_is_2() {
    for arguments in [
        &["no-such-command"][..],
        &[],
        &["status", "--no-such-flag"],
        &["-o", "yaml", "status"],
        &["tx", "transfer", "--from", "key", "--to", ADDRESS],
        &["tx", "get", "0x12"],
        &["account", "quo1nonsense"],
        &["status", "--node", "ftp://127.0.0.1"],
        &["testnet", "up", "--ephemeral", "--dir", "x"],
        &["testnet", "generate", "-n", "0", "--out", "/nonexistent"],
        &["testnet", "generate", "--name", "Bad Name", "--out", "/nonexistent"],
    ] {
        let status = quorate(arguments).output().unwrap().status;
        assert_eq!(status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_node_that_is_not_there_is_5_with_a_hint() {
    for command in ["status", "block", "validators", "peers", "mempool", "healthcheck", "openrpc"] {
        let error = fail(5, &[command, "--node", "http://127.0.0.1:1"]);
        assert!(error.contains("127.0.0.1:1") && error.contains("hint: "), "{error}");
    }
    let error = fail(5, &["account", ADDRESS, "--node", "http://127.0.0.1:1"]);
    assert!(error.contains("127.0.0.1:1"), "{error}");
}

#[test]
fn help_names_every_command() {
    let help = succeed(&["--help"]);
    for command in [
        "testnet",
        "init",
        "start",
        "status",
        "block",
        "validators",
        "peers",
        "mempool",
        "tx",
        "account",
        "keys",
        "genesis",
        "config",
        "sim",
        "bench",
        "healthcheck",
        "completions",
        "openrpc",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
    }
}

#[test]
fn completions_are_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let script = succeed(&["completions", shell]);
        assert!(script.contains("quorate") && script.contains("healthcheck"), "{shell}");
    }
}
