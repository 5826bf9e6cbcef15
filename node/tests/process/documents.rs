//! The commands of README.md and docs/, as a reader types them, against one running network.
//!
//! The convention of every page: commands stand in fences marked `sh` and nowhere else, one on a
//! line, continued after a backslash, with `#` for remarks. Each runs in a shell of its own, in
//! order, and must exit 0. So that a page needs no placeholders, the test gives the shell what a
//! reader has: the binary on its path, and a home whose `.quorate/testnet` is the network's folder.
//! It changes two things in a command: the usual ports become those of this network, and a load of
//! a minute becomes one of a second. What it does not run stands in `COVERED`, with the reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::network::{Network, quorate};

/// Commands that are not run here, and why not.
const COVERED: [(&str, &str); 3] = [
    ("make test", "it runs this test"),
    ("make testnet", "it builds, and runs `testnet up`, which every test here starts"),
    ("make testnet-compose", "it needs a container engine"),
];
/// Runs in the foreground until it is stopped, so the harness runs it; the node's number follows.
const START: &str = "quorate start --home ~/.quorate/testnet/val";
/// What a command begins with, where one must not stand.
const COMMANDS: [&str; 6] = ["$ ", "cargo ", "curl ", "docker", "make ", "quorate "];
const VALIDATORS: usize = 4;
/// The RPC port of the first node of a network on the usual ports, and from one to the next.
const RPC_PORT: usize = 27_657;
const PORT_STEP: usize = 10;
/// Seconds that one command may take.
const LIMIT: &str = "120";

#[test]
fn every_command_of_the_documents_works() {
    let mut reader = Reader::new();
    let mut covered = BTreeSet::from(COVERED.map(|(command, _)| command));
    for (page, text) in pages() {
        for command in commands(&text) {
            if COVERED.iter().any(|(known, _)| *known == command) {
                covered.remove(command.as_str());
            } else {
                reader.follow(&page, &command);
            }
        }
    }
    assert!(covered.is_empty(), "no page has these any more: {covered:?}");
}

#[test]
fn commands_stand_in_sh_fences_and_nowhere_else() {
    for (page, text) in pages() {
        for (label, body) in fences(&text).into_iter().filter(|(label, _)| label != "sh") {
            let stray = body.lines().find(|line| COMMANDS.iter().any(|one| line.starts_with(one)));
            assert_eq!(stray, None, "{page}, in a fence marked {label:?}");
        }
    }
}

#[test]
fn fences_remarks_and_continued_lines_are_read() {
    let page = "make a\n```sh\n# why\nmake b\n\nmake c \\\n    --d\n```\n```json\n{}\n```\n";
    assert_eq!(commands(page), ["make b", "make c --d"]);
    let labels: Vec<_> = fences(page).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["sh", "json"]);
}

/// Somebody who reads the documents beside a running network.
struct Reader {
    network: Network,
    home: tempfile::TempDir,
}

impl Reader {
    fn new() -> Reader {
        let network = Network::up(&["-n", &VALIDATORS.to_string()]);
        let home = tempfile::tempdir().unwrap();
        let usual = home.path().join(".quorate");
        std::fs::create_dir(&usual).unwrap();
        let folder = Path::new(network.home(0)).parent().unwrap();
        std::os::unix::fs::symlink(folder, usual.join("testnet")).unwrap();
        Reader { network, home }
    }

    fn follow(&mut self, page: &str, command: &str) {
        if let Some(node) = command.strip_prefix(START) {
            self.restart(node.parse().unwrap());
            return;
        }
        let output = Command::new("timeout")
            .args([LIMIT, "sh", "-c", &self.here(command)])
            .current_dir(root())
            .env("HOME", self.home.path())
            .env("PATH", path_with_binary())
            .env("QUORATE_NODE", self.network.rpc(0))
            .env_remove("QUORATE_HOME")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{page}: {command}\n{}\n{said}{errors}", output.status);
    }

    /// The command with what differs in this network.
    fn here(&self, command: &str) -> String {
        let usual = |node: usize| format!("http://127.0.0.1:{}", RPC_PORT + node * PORT_STEP);
        let moved = (0..VALIDATORS).fold(command.to_owned(), |command, node| {
            command.replace(&usual(node), self.network.rpc(node))
        });
        moved.replace("--duration 60", "--duration 1")
    }

    /// Starts a validator that an earlier command killed, and waits until it has caught up.
    fn restart(&mut self, node: usize) {
        let network = &mut self.network;
        network.restart(node);
        let height = network.height(0).unwrap();
        network.wait_above(node, height);
    }
}

fn path_with_binary() -> std::ffi::OsString {
    let binary = PathBuf::from(quorate(&[]).get_program());
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let folder = binary.parent().unwrap().to_owned();
    let folders = [folder].into_iter().chain(std::env::split_paths(&usual));
    std::env::join_paths(folders).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// README.md and the pages of docs/, by name, with their text.
fn pages() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root().join("docs")).unwrap();
    let mut docs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    docs.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    docs.sort();
    docs.insert(0, root().join("README.md"));
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    docs.into_iter().map(read).collect()
}

/// The fenced blocks of a page: what each is marked as, and its lines.
fn fences(text: &str) -> Vec<(String, String)> {
    let mut fences: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(label) => {
                is_open = true;
                fences.push((label.trim().to_owned(), String::new()));
            }
            None if is_open => {
                let (_, body) = fences.last_mut().unwrap();
                body.push_str(line);
                body.push('\n');
            }
            None => {}
        }
    }
    assert!(!is_open, "a fence stays open");
    fences
}

/// The commands of a page, in order.
fn commands(text: &str) -> Vec<String> {
    let shell = fences(text).into_iter().filter(|(label, _)| label == "sh");
    let joined = shell.map(|(_, body)| body.replace("\\\n", " "));
    joined.flat_map(|body| lines_of(&body)).collect()
}

/// The lines of a fence that hold a command, with single spaces.
fn lines_of(body: &str) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    body.lines().map(words).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}
