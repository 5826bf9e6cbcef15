//! The files of a network: complete, the same every time, and never overwritten.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use quorate_crypto::{ValidatorPublicKey, hex};
use quorate_genesis::Genesis;
use quorate_home::{Home, KeyFile, KeyKind, Settings, check_plain_key};
use quorate_testnet::{DevelopmentKey, Hooks, Hosts, Spec, TestnetError, generate, local_params};
use quorate_types::{ChainContext, ChainParams};

/// Does something to a file or folder of a network.
type Change = fn(&Path);

const HOOKS: Hooks = Hooks { peer_id, sign_state };

fn peer_id(seed: &[u8; 32]) -> String {
    format!("peer{}", hex::encode(&seed[..2]))
}

fn sign_state(folder: &Path, chain: &ChainContext, _: &ValidatorPublicKey) -> Result<(), String> {
    fs::create_dir(folder).map_err(|error| error.to_string())?;
    fs::write(folder.join("log"), chain.genesis_hash.to_string()).map_err(|e| e.to_string())
}

fn spec(folder: &Path) -> Spec {
    Spec {
        chain_id: "local-test".parse().unwrap(),
        validators: 4,
        full_nodes: 1,
        accounts: 3,
        params: local_params(),
        hosts: Hosts::Loopback,
        folder: folder.to_owned(),
    }
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, u32)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            found.insert(path.clone(), (fs::read(&path).unwrap(), mode));
        }
    }
    found
}

#[test]
fn twice_changes_nothing_and_prints_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let first = generate(&spec(folder.path()), &HOOKS).unwrap();
    let made = contents(folder.path());
    let second = generate(&spec(folder.path()), &HOOKS).unwrap();
    assert_eq!(first.to_json(), second.to_json());
    assert_eq!(made, contents(folder.path()));
}

#[test]
fn homes_hold_what_a_node_needs() {
    let folder = tempfile::tempdir().unwrap();
    let layout = generate(&spec(folder.path()), &HOOKS).unwrap();
    let names: Vec<_> = layout.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, ["val0", "val1", "val2", "val3", "full0"]);
    for (node, port) in layout.nodes.iter().zip([27_656, 27_666, 27_676, 27_686, 27_696]) {
        let home = Home::new(&node.home);
        let genesis = Genesis::parse(&fs::read(home.genesis_file()).unwrap()).unwrap();
        assert_eq!(genesis.hash().to_string(), layout.genesis_hash);
        let key = KeyFile::read(&home.validator_key(), KeyKind::Validator).unwrap();
        check_plain_key(&home.validator_key(), &genesis.document().chain_id).unwrap();
        let key = key.validator_key().public();
        let is_listed = genesis.validator_set().iter().any(|(_, listed)| listed.key == key);
        assert_eq!(is_listed, node.name.starts_with("val"));
        KeyFile::read(&home.node_key(), KeyKind::Node).unwrap();
        assert!(home.sign_state().join("log").exists());
        let settings = Settings::load(&home.config_file(), &[], &[]).unwrap();
        let p2p = &settings.config().p2p;
        assert_eq!(p2p.listen.to_string(), format!("127.0.0.1:{port}"));
        assert!(node.p2p.starts_with(&format!("/ip4/127.0.0.1/tcp/{port}/p2p/peer0x")));
        let others = layout.nodes.iter().filter(|other| other.name.starts_with("val"));
        let others: Vec<_> =
            others.filter(|other| other.name != node.name).map(|other| &other.p2p).collect();
        assert_eq!(p2p.persistent_peers.iter().collect::<Vec<_>>(), others);
    }
}

#[test]
fn containers_find_each_other_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let spec = Spec { hosts: Hosts::Service, ..spec(folder.path()) };
    let layout = generate(&spec, &HOOKS).unwrap();
    let full = layout.nodes.last().unwrap();
    assert!(full.p2p.starts_with("/dns4/full0/tcp/27656/p2p/"));
    assert_eq!(full.rpc, "http://full0:27657");
    let file = Home::new(&full.home).config_file();
    let settings = Settings::load(&file, &[], &[]).unwrap();
    let rpc = &settings.config().rpc;
    assert_eq!((rpc.listen.to_string().as_str(), rpc.public), ("0.0.0.0:27657", true));
    assert_eq!(rpc.allow_hosts, ["full0"]);
    assert!(settings.config().p2p.persistent_peers[0].starts_with("/dns4/val0/tcp/27656/p2p/"));
}

#[test]
fn the_accounts_are_the_published_ones_and_the_genesis_is_of_now() {
    let folder = tempfile::tempdir().unwrap();
    let before = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let layout = generate(&spec(folder.path()), &HOOKS).unwrap();
    for (account, index) in layout.accounts.iter().zip(0..) {
        let key = KeyFile::read(&account.key_file, KeyKind::Account).unwrap();
        assert_eq!(key.address().to_string(), account.address);
        assert_eq!(key.address(), DevelopmentKey::Account(index).key().address());
        assert_eq!(account.balance, "1000000000000000");
    }
    let genesis = fs::read(folder.path().join("val0/config/genesis.json")).unwrap();
    let time = Genesis::parse(&genesis).unwrap().document().time;
    assert!(u128::from(time.0) >= before, "so two networks have two genesis hashes");
}

#[test]
fn another_network_in_the_same_folder_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    generate(&spec(folder.path()), &HOOKS).unwrap();
    let made = contents(folder.path());
    for other in [
        Spec { validators: 5, ..spec(folder.path()) },
        Spec { full_nodes: 0, ..spec(folder.path()) },
        Spec { accounts: 4, ..spec(folder.path()) },
        Spec { hosts: Hosts::Service, ..spec(folder.path()) },
        Spec { params: ChainParams::default(), ..spec(folder.path()) },
        Spec { chain_id: "local-other".parse().unwrap(), ..spec(folder.path()) },
    ] {
        let error = generate(&other, &HOOKS).unwrap_err();
        assert!(matches!(error, TestnetError::Differs(_)), "{error}");
        assert_eq!(made, contents(folder.path()));
    }
}

#[test]
fn what_is_changed_or_gone_is_an_error_and_is_never_made_anew() {
    let changes: [(&str, Change); 6] = [
        ("val1/config/validator_key", |path| fs::remove_file(path).unwrap()),
        ("val1/sign-state", |path| fs::remove_dir_all(path).unwrap()),
        ("val2/config/genesis.json", |path| fs::remove_file(path).unwrap()),
        ("full0/config/config.toml", |path| {
            fs::write(path, "[rpc]\nlisten = \"127.0.0.1:1\"\n").unwrap();
        }),
        ("val3", |path| fs::remove_dir_all(path).unwrap()),
        ("val0/config/node_key", |path| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        }),
    ];
    for (name, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        generate(&spec(folder.path()), &HOOKS).unwrap();
        change(&folder.path().join(name));
        let changed = contents(folder.path());
        let error = generate(&spec(folder.path()), &HOOKS).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
        assert_eq!(changed, contents(folder.path()));
    }
}

#[test]
fn an_interrupted_run_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let first = generate(&spec(folder.path()), &HOOKS).unwrap();
    fs::remove_file(folder.path().join("accounts/testnet.json")).unwrap();
    fs::remove_dir_all(folder.path().join("full0")).unwrap();
    fs::remove_file(folder.path().join("accounts/acc1.key")).unwrap();
    assert_eq!(generate(&spec(folder.path()), &HOOKS).unwrap(), first);
    let lost = folder.path().join("val1/sign-state");
    fs::remove_file(folder.path().join("accounts/testnet.json")).unwrap();
    fs::remove_dir_all(&lost).unwrap();
    let error = generate(&spec(folder.path()), &HOOKS).unwrap_err();
    assert!(matches!(error, TestnetError::Missing(path) if path == lost));
}
