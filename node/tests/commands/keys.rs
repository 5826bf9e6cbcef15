//! `quorate keys`: account keys that belong to their owner alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::run::{below, fail, json, succeed};

#[test]
fn a_key_is_made_shown_listed_exported_and_imported() {
    let folder = tempfile::tempdir().unwrap();
    let home = below(&folder, "home");
    let made = json(&["keys", "new", "alice", "--home", &home]);
    let file = below(&folder, "home/keys/alice.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(json(&["keys", "show", "alice", "--home", &home])["address"], made["address"]);
    assert_eq!(json(&["keys", "show", &file, "--home", &home])["address"], made["address"]);
    assert_eq!(json(&["keys", "list", "--home", &home])["keys"][0], made);
    let exported = succeed(&["keys", "export", "alice", "--home", &home]);
    assert_eq!(exported, fs::read_to_string(&file).unwrap());
    let imported = json(&["keys", "import", "bob", &file, "--home", &home]);
    assert_eq!(imported["address"], made["address"]);
    assert_eq!(json(&["keys", "list", "--home", &home])["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn a_key_is_never_overwritten_and_its_name_stays_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let home = below(&folder, "home");
    succeed(&["keys", "new", "alice", "--home", &home]);
    let file = below(&folder, "home/keys/alice.key");
    let made = fs::read(&file).unwrap();
    let error = fail(78, &["keys", "new", "alice", "--home", &home]);
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), made);
    for name in ["../mallory", "a/b", "", "."] {
        fail(2, &["keys", "new", name, "--home", &home]);
    }
    fail(4, &["keys", "show", "bob", "--home", &home]);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = below(&folder, "home");
    succeed(&["keys", "new", "alice", "--home", &home]);
    let file = below(&folder, "home/keys/alice.key");
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let error = fail(78, &["keys", "show", "alice", "--home", &home]);
    assert!(error.contains("chmod 600"), "{error}");
}
