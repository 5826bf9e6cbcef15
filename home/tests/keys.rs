//! Key files: what is written reads back, belongs to its owner alone, and is never overwritten.

#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use quorate_home::{KeyError, KeyFile, KeyKind, Seed, check_plain_key};

fn key(kind: KeyKind, byte: u8) -> KeyFile {
    KeyFile::new(kind, Seed::new([byte; 32]))
}

#[test]
fn a_key_reads_back_and_only_as_its_own_kind() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind, other) in [
        ("account", KeyKind::Account, KeyKind::Validator),
        ("validator", KeyKind::Validator, KeyKind::Node),
        ("node", KeyKind::Node, KeyKind::Account),
    ] {
        let path = folder.path().join(name);
        let made = KeyFile::random(kind).unwrap();
        made.create(&path).unwrap();
        let read = KeyFile::read(&path, kind).unwrap();
        assert_eq!(read.seed().as_bytes(), made.seed().as_bytes());
        assert_eq!(read.public_bytes(), made.validator_key().public().as_bytes());
        assert_eq!(read.public_bytes(), made.account_key().public().as_bytes());
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
        let error = KeyFile::read(&path, other).unwrap_err().to_string();
        assert!(error.contains(&format!("of kind {kind}, not {other}")), "{error}");
    }
}

#[test]
fn two_fresh_keys_differ() {
    let [one, two] = [(); 2].map(|()| Seed::random().unwrap());
    assert_ne!(one.as_bytes(), two.as_bytes());
    assert_eq!(format!("{one:?}"), "Seed(redacted)");
}

#[test]
fn an_existing_key_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    assert!(key(KeyKind::Account, 1).ensure(&path).unwrap());
    assert!(!key(KeyKind::Account, 1).ensure(&path).unwrap());
    key(KeyKind::Account, 1).create(&path).unwrap_err();
    key(KeyKind::Account, 2).ensure(&path).unwrap_err();
    key(KeyKind::Validator, 1).ensure(&path).unwrap_err();
    let kept = KeyFile::read(&path, KeyKind::Account).unwrap();
    assert_eq!(kept.seed().as_bytes(), &[1; 32]);
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    key(KeyKind::Account, 1).create(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o610] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = KeyFile::read(&path, KeyKind::Account).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("mode {mode:04o}")) && text.contains("chmod 600"), "{text}");
        key(KeyKind::Account, 1).ensure(&path).unwrap_err();
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    KeyFile::read(&path, KeyKind::Account).unwrap();
}

#[test]
fn a_damaged_key_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = key(KeyKind::Account, 1).to_text().to_string();
    let other = key(KeyKind::Account, 2).to_text().to_string();
    let field = |text: &str, name: &str| {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        json[name].as_str().unwrap().to_owned()
    };
    let swap = |name: &str| good.replace(&field(&good, name), &field(&other, name));
    let damaged = [
        String::new(),
        String::from("{}"),
        good.replace("\"version\":1", "\"version\":2"),
        good.replace("account", "node"),
        good.replace("\"seed\":\"0x01", "\"seed\":\"0x"),
        good.replace("\"seed\":\"0x01", "\"seed\":\"0xAB"),
        good.replace("{\"version\"", "{\"extra\":1,\"version\""),
        format!("{good}{good}"),
        "x".repeat(10_000),
        swap("seed"),
        swap("public_key"),
        swap("address"),
    ];
    for (number, text) in damaged.iter().enumerate() {
        assert_ne!(text, &good, "number {number} is damaged");
        let path = folder.path().join(number.to_string());
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let error = KeyFile::read_any(&path).unwrap_err();
        assert!(matches!(error, KeyError::Malformed { .. }), "{text}: {error}");
        assert!(!error.to_string().contains("0101"), "an error must not show the seed: {error}");
    }
}

#[test]
fn plain_keys_are_for_local_networks_alone() {
    let path = "validator_key".as_ref();
    check_plain_key(path, &"local-1".parse().unwrap()).unwrap();
    for chain in ["quorate-1", "local", "localnet-1"] {
        let error = check_plain_key(path, &chain.parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains(chain) && error.contains("local-"), "{error}");
    }
}
