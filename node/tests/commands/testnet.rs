//! `quorate testnet generate`: files that a container's setup may make again and again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{below, fail, json, succeed};

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn generating_twice_changes_nothing_and_prints_the_same_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = below(&folder, "net");
    // What stands in testnet/docker-compose.yml.
    let command = ["testnet", "generate", "-n", "4", "--full", "1", "--hosts", "service", "--out"];
    let command = [&command[..], &[&out]].concat();
    let first = json(&command);
    let made = contents(&folder.path().join("net"));
    assert_eq!(json(&command), first);
    assert_eq!(contents(&folder.path().join("net")), made);
    assert_eq!(first["accounts"][0]["key_file"], below(&folder, "net/accounts/acc0.key"));
    assert_eq!(first["nodes"][4]["name"], "full0");
    assert_eq!(first["nodes"][4]["rpc"], "http://full0:27657");
    let hash = succeed(&["genesis", "hash", &below(&folder, "net/full0/config/genesis.json")]);
    assert_eq!(first["genesis_hash"], hash.trim());
}

#[test]
fn another_network_or_a_lost_sign_state_is_78() {
    let folder = tempfile::tempdir().unwrap();
    let out = below(&folder, "net");
    succeed(&["testnet", "generate", "-n", "2", "--out", &out]);
    for other in [&["-n", "3"][..], &["-n", "2", "--param", "epoch_length=20"]] {
        let error = fail(78, &[&["testnet", "generate", "--out", &out][..], other].concat());
        assert!(error.contains("not of the network asked for"), "{error}");
    }
    let sign_state = below(&folder, "net/val1/sign-state");
    fs::remove_dir_all(&sign_state).unwrap();
    let error = fail(78, &["testnet", "generate", "-n", "2", "--out", &out]);
    assert!(error.contains(&sign_state), "{error}");
    assert!(fs::metadata(&sign_state).is_err(), "a sign-state is never made anew");
}
