//! The commands of README.md and docs/, as a reader types them, against one running network.
//!
//! The convention of every page: commands stand in fences marked `sh` and nowhere else, one on a
//! line, continued after a backslash, with `#` for remarks. Each runs in a shell of its own, in
//! order, and must exit 0. So that a page needs no placeholders, the test gives the shell what a
//! reader has: the binary on its path, and a home whose `.quorate/testnet` is the network's folder.
//! It changes two things in a command: the usual ports become those of this network, and a load of
//! a minute becomes one of a second. What it does not run stands in `COVERED`, with the reason.
//!
//! A page of docs/guides begins with `quorate testnet up` and has that network to itself; nodes that
//! it starts beside run on until the page is over, or stops them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::network::{Network, height_at, quorate, wait_for};
use crate::newcomer::free_port;

/// Commands that are not run here, and why not.
const COVERED: [(&str, &str); 3] = [
    ("make test", "it runs this test"),
    ("make testnet", "it builds, and runs `testnet up`, which every test here starts"),
    ("make testnet-compose", "it needs a container engine"),
];
/// These run in the foreground until they are stopped, so the harness runs them. The flags of a
/// network follow; the number of one of its validators; the home of a node beside it.
const UP: &str = "quorate testnet up ";
const RESTART: &str = "quorate start --home ~/.quorate/testnet/val";
const START: &str = "quorate start --home ";
/// What a command begins with, where one must not stand.
const COMMANDS: [&str; 6] = ["$ ", "cargo ", "curl ", "docker", "make ", "quorate "];
const VALIDATORS: usize = 4;
/// Nodes that a page may start beside a network, on the ports that follow.
const NODES_BESIDE: usize = 2;
/// The ports of the first node of a network on the usual ports: for peers, clients and metrics.
const USUAL_PORTS: [usize; 3] = [27_656, 27_657, 27_660];
/// From one node to the next.
const PORT_STEP: usize = 10;
/// Seconds that one command may take.
const LIMIT: &str = "120";

#[test]
fn every_command_of_the_documents_works() {
    let mut reader = Reader::new(&["-n", &VALIDATORS.to_string()]);
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
fn every_command_of_the_guides_works() {
    for (page, text) in guides() {
        let commands = commands(&text);
        let (up, rest) = commands.split_first().unwrap();
        let flags = up.strip_prefix(UP).unwrap_or_else(|| panic!("{page} begins with {up}"));
        let mut reader = Reader::new(&flags.split(' ').collect::<Vec<_>>());
        rest.iter().for_each(|command| reader.follow(&page, command));
    }
}

#[test]
fn commands_stand_in_sh_fences_and_nowhere_else() {
    for (page, text) in pages().into_iter().chain(guides()) {
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
    /// The usual ports, as pages write them, and those that stand in for them.
    ports: Vec<(String, String)>,
    /// The nodes beside the network.
    beside: Vec<Child>,
}

impl Reader {
    fn new(flags: &[&str]) -> Reader {
        let network = Network::up(flags);
        let home = tempfile::tempdir().unwrap();
        let usual = home.path().join(".quorate");
        std::fs::create_dir(&usual).unwrap();
        let folder = Path::new(network.home(0)).parent().unwrap();
        std::os::unix::fs::symlink(folder, usual.join("testnet")).unwrap();
        let ports = ports(&network);
        Reader { network, home, ports, beside: Vec::new() }
    }

    fn follow(&mut self, page: &str, command: &str) {
        if let Some(node) = command.strip_prefix(RESTART) {
            self.restart(node.parse().unwrap());
            return;
        }
        if command.starts_with(START) {
            self.start_beside(command);
            return;
        }
        let mut shell = self.reader_of("timeout");
        let output = shell.args([LIMIT, "sh", "-c", &self.here(command)]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{page}: {command}\n{}\n{said}{errors}", output.status);
    }

    /// A program with what a reader has.
    fn reader_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(root())
            .env("HOME", self.home.path())
            .env("PATH", path_with_binary())
            .env("QUORATE_NODE", self.network.rpc(0))
            .env_remove("QUORATE_HOME");
        command
    }

    /// The command with what differs in this network.
    fn here(&self, command: &str) -> String {
        let ports = self.ports.iter();
        let moved =
            ports.fold(command.to_owned(), |command, (usual, own)| command.replace(usual, own));
        moved.replace("--duration 60", "--duration 1")
    }

    /// Starts a node that is none of the network's, and waits until it serves.
    fn start_beside(&mut self, command: &str) {
        let command = self.here(command);
        let (_, rpc) = command.split_once("--rpc-listen ").expect("a node has a port of its own");
        let rpc = format!("http://{}", rpc.split(' ').next().unwrap());
        let mut shell = self.reader_of("sh");
        shell.args(["-c", &format!("exec {command}")]).stderr(Stdio::null());
        self.beside.push(shell.spawn().unwrap());
        wait_for(&command, || height_at(&rpc));
    }

    /// Starts a validator that an earlier command killed, and waits until it has caught up.
    fn restart(&mut self, node: usize) {
        let network = &mut self.network;
        network.restart(node);
        let height = network.height(0).unwrap();
        network.wait_above(node, height);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        for child in &mut self.beside {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Where each usual port is: a validator's at its node, those above at ports that nobody has.
fn ports(network: &Network) -> Vec<(String, String)> {
    let port_of =
        |url: &str| url.trim_end_matches("/metrics").rsplit(':').next().unwrap().to_owned();
    let of_validator = |index: usize| {
        let node = network.node(index);
        let p2p = node["p2p"].as_str().unwrap().split('/').nth(4).unwrap().to_owned();
        let [rpc, metrics] = ["rpc", "metrics"].map(|name| port_of(node[name].as_str().unwrap()));
        [p2p, rpc, metrics]
    };
    let nodes = (0..VALIDATORS + NODES_BESIDE).flat_map(|node| {
        let own = if node < VALIDATORS {
            of_validator(node)
        } else {
            [(); 3].map(|()| free_port().to_string())
        };
        USUAL_PORTS.map(|port| (port + node * PORT_STEP).to_string()).into_iter().zip(own)
    });
    nodes.collect()
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
    let mut pages = pages_of("docs");
    pages.insert(0, page(root().join("README.md")));
    pages
}

/// The pages of docs/guides.
fn guides() -> Vec<(String, String)> {
    pages_of("docs/guides")
}

fn pages_of(folder: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths.into_iter().map(page).collect()
}

fn page(path: PathBuf) -> (String, String) {
    (path.display().to_string(), std::fs::read_to_string(path).unwrap())
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
