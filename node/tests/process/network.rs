//! A local network for a test: `testnet up --ephemeral --json`, and what a client sees of it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long any one event may take.
const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// The binary, with nothing of the user's environment that it would read.
pub fn quorate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).env_remove("QUORATE_HOME").env_remove("QUORATE_NODE");
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    quorate(arguments).output().unwrap()
}

/// Runs a command that must succeed and print one JSON value.
pub fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}{errors}");
    serde_json::from_str(&text).unwrap()
}

/// Looks until there is something to see.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        std::thread::sleep(LOOK);
    }
}

/// Runs a command against the node at an address and reads its JSON.
pub fn ask_at(rpc: &str, arguments: &[&str]) -> Value {
    json(&[arguments, &["-o", "json", "--node", rpc]].concat())
}

/// The final height of the node at an address; none while it does not answer.
pub fn height_at(rpc: &str) -> Option<u64> {
    let output = run(&["status", "-o", "json", "--node", rpc]);
    let status: Value = serde_json::from_slice(&output.stdout).ok()?;
    status["height"].as_u64()
}

/// Waits until the final height of the node at an address is above.
pub fn wait_above_at(rpc: &str, height: u64) -> u64 {
    wait_for(&format!("{rpc} above height {height}"), || {
        height_at(rpc).filter(|found| *found > height)
    })
}

/// `kill -9` of a process.
pub fn kill_hard(pids: &[String]) {
    assert!(Command::new("kill").arg("-9").args(pids).status().unwrap().success());
}

/// Waits until a dying process has let go of a home's locks: it stops answering a moment earlier.
pub fn wait_free(home: &Path) {
    for lock in [home.join("lock"), home.join("sign-state").join("lock")] {
        let is_free = || File::open(&lock).map_or(Some(()), |file| file.try_lock().ok());
        wait_for("the killed node to let go of its home", is_free);
    }
}

/// A running network. Dropping it ends it in order.
pub struct Network {
    up: Child,
    pub layout: Value,
    /// Nodes that were started again, by index.
    restarted: Vec<(usize, Child)>,
}

impl Network {
    /// Starts one and waits until it serves.
    pub fn up(arguments: &[&str]) -> Network {
        let mut up = quorate(&["testnet", "up", "--ephemeral", "--json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(up.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let layout = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no layout: {line:?}"));
        Network { up, layout, restarted: Vec::new() }
    }

    pub fn node(&self, index: usize) -> &Value {
        &self.layout["nodes"][index]
    }

    pub fn rpc(&self, index: usize) -> &str {
        self.node(index)["rpc"].as_str().unwrap()
    }

    pub fn home(&self, index: usize) -> &str {
        self.node(index)["home"].as_str().unwrap()
    }

    pub fn account(&self, index: usize, field: &str) -> &str {
        self.layout["accounts"][index][field].as_str().unwrap()
    }

    /// Runs a command against a node and reads its JSON.
    pub fn ask(&self, index: usize, arguments: &[&str]) -> Value {
        ask_at(self.rpc(index), arguments)
    }

    /// The final height of a node; none while it does not answer.
    pub fn height(&self, index: usize) -> Option<u64> {
        height_at(self.rpc(index))
    }

    /// Waits until a node's final height is above.
    pub fn wait_above(&self, index: usize, height: u64) -> u64 {
        wait_above_at(self.rpc(index), height)
    }

    /// Transfers between the funded accounts through a node, until it is final.
    pub fn transfer(&self, through: usize, (from, to): (usize, usize), amount: u64) -> Value {
        let amount = amount.to_string();
        let key = self.account(from, "key_file");
        let address = self.account(to, "address");
        let flags = ["tx", "transfer", "--from", key, "--to", address, "--amount", &amount];
        self.ask(through, &[&flags[..], &["--wait", "final"]].concat())
    }

    /// `kill -9` of some nodes at once.
    pub fn kill(&mut self, nodes: &[usize]) {
        let pids: Vec<String> = nodes.iter().map(|node| self.pid(*node).to_string()).collect();
        kill_hard(&pids);
        for node in nodes {
            if let Some(place) = self.restarted.iter().position(|(index, _)| index == node) {
                self.restarted.remove(place).1.wait().unwrap();
            }
        }
    }

    fn pid(&self, index: usize) -> u64 {
        let restarted = self.restarted.iter().find(|(node, _)| *node == index);
        restarted.map_or_else(
            || self.node(index)["pid"].as_u64().unwrap(),
            |(_, child)| u64::from(child.id()),
        )
    }

    /// Starts a killed node again beside the running `up`.
    pub fn restart(&mut self, index: usize) {
        wait_free(Path::new(self.home(index)));
        let child =
            quorate(&["start", "--home", self.home(index)]).stderr(Stdio::null()).spawn().unwrap();
        self.restarted.push((index, child));
    }

    /// A validator as the chain has it now, by the operator's address; null if it is neither in the
    /// set nor may be chosen.
    pub fn validator(&self, operator: &str) -> Value {
        let validators = self.ask(0, &["validators"]);
        let mut listed = validators["validators"].as_array().unwrap().iter();
        listed.find(|one| one["address"] == operator).cloned().unwrap_or_default()
    }

    /// Waits until a block above `height` is proposed on a certificate with the signature of this
    /// operator's validator, whose place differs between epochs.
    pub fn wait_signature(&self, operator: &str, height: u64) {
        let mut next = height + 1;
        wait_for(&format!("a vote of {operator} above {height}"), || {
            if self.height(0)? < next {
                return None;
            }
            let block = self.ask(0, &["block", &next.to_string()]);
            let set = self.ask(0, &["validators", &(next - 1).to_string()]);
            next += 1;
            let mut members = set["validators"].as_array()?.iter();
            let place = &members.find(|one| one["address"] == operator)?["index"];
            block["last_commit"]["signers"].as_array()?.contains(place).then_some(())
        });
    }

    /// A validator's index in the set.
    fn place(&self, index: usize) -> Value {
        let status = self.ask(index, &["status"]);
        let validators = self.ask(index, &["validators"]);
        let listed = validators["validators"].as_array().unwrap();
        let own = listed.iter().find(|one| one["address"] == status["validator"]).unwrap();
        own["index"].clone()
    }

    /// Waits until a block above `height` is proposed on a certificate that a validator signed.
    pub fn wait_vote(&self, index: usize, height: u64) {
        let place = self.place(index);
        let mut next = height + 1;
        wait_for(&format!("a vote of node {index} above {height}"), || {
            if self.height(index)? < next {
                return None;
            }
            let block = self.ask(index, &["block", &next.to_string()]);
            next += 1;
            let signers = block["last_commit"]["signers"].as_array()?.clone();
            signers.contains(&place).then_some(())
        });
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for (_, child) in &mut self.restarted {
            drop(child.kill());
            drop(child.wait());
        }
        let pid = self.up.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        drop(self.up.wait());
    }
}
