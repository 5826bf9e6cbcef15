//! What a node refuses to start on, and with which exit code: what is taken is 75, what has to be
//! mended is 78.

use std::fs;
use std::path::Path;

use crate::network::{Network, run};

/// The exit code and what stands on stderr.
fn start(home: &Path) -> (Option<i32>, String) {
    let output = run(&["start", "--home", home.to_str().unwrap()]);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn generated(folder: &Path) {
    let output = run(&["testnet", "generate", "-n", "4", "--out", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_home_without_genesis_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, error) = start(folder.path());
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("genesis.json"), "{error}");
    assert!(error.contains("hint: make a home with `quorate init"), "{error}");
}

/// S-3: a sign-state of another key is the operator's to mend, and never written to.
#[test]
fn a_sign_state_of_another_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path());
    let log = |name: &str| folder.path().join(name).join("sign-state").join("log");
    fs::copy(log("val1"), log("val0")).unwrap();
    let before = fs::read(log("val0")).unwrap();
    let (code, error) = start(&folder.path().join("val0"));
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("sign-state"), "{error}");
    assert_eq!(fs::read(log("val0")).unwrap(), before);
}

#[test]
fn a_wrong_configuration_names_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path());
    let home = folder.path().join("val0");
    let file = home.join("config").join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}\n[no_such_section]\n")).unwrap();
    let (code, error) = start(&home);
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("config.toml line "), "{error}");
    assert!(error.contains("no_such_section"), "{error}");
}

#[test]
fn a_wrong_genesis_names_its_path() {
    let folder = tempfile::tempdir().unwrap();
    generated(folder.path());
    let home = folder.path().join("val0");
    let file = home.join("config").join("genesis.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"bonded\": \"", "\"bonded\": \"x")).unwrap();
    let (code, error) = start(&home);
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("genesis.json"), "{error}");
    assert!(error.contains("validators[0].bonded"), "{error}");
}

#[test]
fn a_taken_home_and_a_taken_port_say_so() {
    let network = Network::up(&["-n", "1"]);
    let (code, error) = start(Path::new(network.home(0)));
    assert_eq!(code, Some(75), "{error}");
    let pid = network.node(0)["pid"].to_string();
    assert!(error.contains(&pid), "names the process: {error}");

    let folder = tempfile::tempdir().unwrap();
    generated(folder.path());
    let home = folder.path().join("val0");
    let taken = network.rpc(0).trim_start_matches("http://");
    let flags = ["start", "--home", home.to_str().unwrap(), "--rpc-listen", taken];
    let output = run(&flags);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{error}");
    assert!(error.contains(taken), "{error}");
    assert!(error.contains(&pid), "names the process: {error}");
}

#[test]
fn an_unreachable_node_is_5_and_an_unknown_transaction_4() {
    let output = run(&["status", "--node", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(5));
    let network = Network::up(&["-n", "1"]);
    let hash = format!("0x{}", "00".repeat(32));
    let output = run(&["tx", "get", &hash, "--node", network.rpc(0)]);
    assert_eq!(output.status.code(), Some(4));
}
