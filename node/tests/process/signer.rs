//! A validator whose key is with a signer in a process of its own (S-4): each of the two is killed
//! and comes back, and the chain goes on.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::joining::brisk;
use crate::network::{Network, quorate, run, wait_free};
use crate::newcomer::{Newcomer, Operator};

/// A running signer; dropping it kills it.
struct Signer {
    child: Child,
}

impl Signer {
    fn start(home: &Path, socket: &Path) -> Signer {
        let (home, path) = (home.to_str().unwrap(), socket.to_str().unwrap());
        let child = quorate(&["signer", "--home", home, "--socket", path])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Signer { child }
    }

    /// The exit code after SIGTERM.
    fn stop(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Moves the key of a node that does not run to a signer's home, with what it has signed.
fn move_key(node: &Path, signer: &Path, socket: &Path) {
    for folder in ["config", "sign-state"] {
        fs::create_dir_all(signer.join(folder)).unwrap();
    }
    for file in ["config/genesis.json", "sign-state/log"] {
        fs::copy(node.join(file), signer.join(file)).unwrap();
    }
    // The mode goes with the copy, whatever file systems the two are on.
    fs::copy(node.join("config/validator_key"), signer.join("config/validator_key")).unwrap();
    fs::remove_file(node.join("config/validator_key")).unwrap();
    let config = node.join("config/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let told = format!("signer = \"{}\"", socket.display());
    assert!(text.contains("signer = \"\""), "{text}");
    fs::write(&config, text.replace("signer = \"\"", &told)).unwrap();
}

#[test]
fn a_validator_signs_through_its_signer_whichever_of_the_two_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (home, socket) = (folder.path().join("home"), folder.path().join("run/socket"));
    let mut network = Network::up(&["-n", "4"]);
    let height = network.transfer(1, (0, 1), 5)["height"].as_u64().unwrap();
    network.kill(&[0]);
    wait_free(Path::new(network.home(0)));
    move_key(Path::new(network.home(0)), &home, &socket);

    let signer = Signer::start(&home, &socket);
    network.restart(0);
    let height = network.wait_above(0, height);
    network.wait_vote(0, height);

    // Without its signer the node follows, and the others do not miss its votes.
    drop(signer);
    let height = network.height(1).unwrap();
    let height = network.wait_above(1, height + 4);
    let height = network.wait_above(0, height);
    let signer = Signer::start(&home, &socket);
    network.wait_vote(0, height);

    network.kill(&[0]);
    let height = network.height(1).unwrap();
    network.restart(0);
    let height = network.wait_above(0, height);
    network.wait_vote(0, height);
    assert_eq!(signer.stop(), Some(0));
    assert!(!socket.exists());
}

/// A key that genesis does not list: the signer's guard is bound to chain and key alone.
#[test]
fn a_validator_that_registers_later_signs_through_its_signer() {
    let folder = tempfile::tempdir().unwrap();
    let (home, socket) = (folder.path().join("home"), folder.path().join("run/socket"));
    let network = Network::up(&brisk());
    let mut fifth = Newcomer::init(&network, folder.path().join("fifth"));
    let operator = Operator::funded(&network, fifth.home(), 950_000_000_000_000);
    move_key(fifth.home(), &home, &socket);
    let signer = Signer::start(&home, &socket);
    fifth.start();
    operator.register(&network, &home, 900_000_000_000_000);
    operator.wait_chosen(&network);
    network.wait_signature(&operator.address, network.height(0).unwrap());
    drop(signer);
    let height = network.wait_above(0, network.height(0).unwrap() + 4);
    let _signer = Signer::start(&home, &socket);
    network.wait_signature(&operator.address, height);
}

#[test]
fn a_key_in_two_places_and_a_signer_that_is_away_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("net");
    let made = run(&["testnet", "generate", "-n", "4", "--out", out.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (node, home) = (out.join("val0"), folder.path().join("home"));
    let socket = folder.path().join("run/socket");
    let start = || {
        let output = run(&["start", "--home", node.to_str().unwrap()]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    move_key(&node, &home, &socket);
    let (code, error) = start();
    assert_eq!(code, Some(75), "{error}");
    assert!(error.contains("out of reach"), "{error}");
    fs::copy(home.join("config/validator_key"), node.join("config/validator_key")).unwrap();
    let (code, error) = start();
    assert_eq!(code, Some(78), "{error}");
    assert!(error.contains("although validator.signer names a signer"), "{error}");
}
