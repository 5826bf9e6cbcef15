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
        &["tx", "register", "--from", "key", "--bond", "1"],
        &["tx", "register", "--from", "key", "--bond", "1", "--commission", "10"],
        &["tx", "register", "--from", "key", "--bond", "1", "--commission", "100.01%"],
        &["tx", "edit-validator", "--from", "key"],
        &["tx", "rotate-key", "--from", "key"],
        &["tx", "bond", "--from", "key"],
        &["tx", "bond", "-5", "--from", "key"],
        &["tx", "delegate", "5", "--from", "key"],
        &["tx", "delegate", "quo1nonsense", "5", "--from", "key"],
        &["tx", "unbond", ADDRESS, "--from", "key"],
        &["tx", "unbond", "quo1nonsense", "5", "--from", "key"],
        &["tx", "redelegate", ADDRESS, "5", "--from", "key"],
        &["tx", "withdraw", "quo1nonsense", "--from", "key"],
        &["tx", "unjail"],
        &["epoch", "first"],
        &["prove", "account", ADDRESS],
        &["prove", "account", "quo1nonsense", "--out", "x"],
        &["prove", "tx", "0x12", "--out", "x"],
        &["prove", "record", ADDRESS, "", "--out", "x"],
        &["prove", "delegation", ADDRESS, "--out", "x"],
        &["prove", "account", ADDRESS, "--out", "x", "--checkpoint", "no such file"],
        &["verify", "x"],
        &["verify", "x", "--genesis", "g", "--checkpoint", "c"],
        &["verify", "x", "--genesis", "g", "--trust-period", "5"],
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
    for command in [
        "status",
        "block",
        "validators",
        "epoch",
        "evidence",
        "peers",
        "mempool",
        "healthcheck",
        "openrpc",
    ] {
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
        "epoch",
        "evidence",
        "peers",
        "mempool",
        "tx",
        "account",
        "prove",
        "verify",
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

/// What is typed is read before any node is asked: a key that is not there is the next thing missed.
#[test]
fn commands_about_stake_are_read() {
    for arguments in [
        &["register", "--bond", "5", "--commission", "2.5%", "--moniker", "Alice & co"][..],
        &["edit-validator", "--commission", "0%"],
        &["edit-validator", "--moniker", ""],
        &["rotate-key", "--key", "new.key", "--from-epoch", "7"],
        &["bond", "5"],
        &["delegate", ADDRESS, "5"],
        &["unbond", "5"],
        &["unbond", ADDRESS, "5"],
        &["redelegate", ADDRESS, ADDRESS, "5"],
        &["withdraw"],
        &["withdraw", ADDRESS],
        &["unjail"],
    ] {
        let sending = ["--from", "no-such-key", "--fee", "9", "--wait", "none"];
        let error = fail(4, &[&["tx"], arguments, &sending[..]].concat());
        assert!(error.contains("no-such-key"), "{arguments:?}: {error}");
    }
}
