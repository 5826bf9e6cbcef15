//! The nodes of a network as processes of their own: start, wait until they serve, watch, stop.
//!
//! Invariant: a node that ends is reported and never started again, and every process that was
//! started here has ended when [`Processes::stop`] returns.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use quorate_home::{Home, ensure_folder};
use quorate_rpc::Client;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::TestnetError;
use crate::layout::{Layout, Node};
use crate::tail::last_lines;

/// How long all nodes together may take until they serve.
pub const READY_LIMIT: Duration = Duration::from_secs(60);
/// Between two questions to nodes that do not serve yet.
const READY_INTERVAL: Duration = Duration::from_millis(100);
/// How long all nodes together may take to flush and end.
pub const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The running nodes of a network.
#[derive(Debug)]
pub struct Processes {
    nodes: Vec<Process>,
}

#[derive(Debug)]
struct Process {
    node: Node,
    child: Child,
    /// Bytes of its log that are of earlier runs.
    log_start: u64,
    /// Known once it has ended.
    ended: Option<ExitStatus>,
}

/// A node that ended although nobody stopped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The node.
    pub node: Node,
    /// How it ended.
    pub status: ExitStatus,
    log_start: u64,
}

impl Processes {
    /// Starts `binary start --home …` for every node of a layout, each with its log in its home.
    ///
    /// # Errors
    /// When a process cannot be started; those that were are killed.
    pub fn start(binary: &Path, layout: &Layout) -> Result<Processes, TestnetError> {
        let nodes = layout.nodes.iter().map(|node| Process::start(binary, node));
        Ok(Processes { nodes: nodes.collect::<Result<_, _>>()? })
    }

    /// The layout with the nodes' process ids.
    #[must_use]
    pub fn layout(&self, layout: &Layout) -> Layout {
        let nodes = self.nodes.iter().map(|process| process.node.clone());
        Layout { nodes: nodes.collect(), ..layout.clone() }
    }

    /// Returns once every node serves.
    ///
    /// # Errors
    /// When a node ends, or some do not serve in time.
    pub async fn wait_ready(&mut self) -> Result<(), TestnetError> {
        let deadline = Instant::now() + READY_LIMIT;
        loop {
            if let Some(ended) = self.newly_ended().into_iter().next() {
                return Err(ended.before_ready());
            }
            let waiting = self.not_ready().await;
            if waiting.is_empty() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let nodes = waiting.join(", ");
                return Err(TestnetError::NotReady { nodes, limit: READY_LIMIT });
            }
            sleep(READY_INTERVAL).await;
        }
    }

    async fn not_ready(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for process in &self.nodes {
            if !is_ready(&process.node.rpc).await {
                waiting.push(process.node.name.clone());
            }
        }
        waiting
    }

    /// The nodes that have ended since the last call.
    pub fn newly_ended(&mut self) -> Vec<Ended> {
        self.nodes.iter_mut().filter_map(Process::newly_ended).collect()
    }

    /// Asks every node to flush and end, waits, and kills those that do not. Names the killed.
    pub async fn stop(mut self) -> Vec<String> {
        for process in &self.nodes {
            process.ask_to_end();
        }
        let deadline = Instant::now() + STOP_LIMIT;
        let mut killed = Vec::new();
        for process in &mut self.nodes {
            if timeout_at(deadline, process.child.wait()).await.is_err() {
                killed.push(process.node.name.clone());
                // It may end just now, which is what is wanted.
                let _ = process.child.kill().await;
            }
        }
        killed
    }
}

impl Process {
    fn start(binary: &Path, node: &Node) -> Result<Process, TestnetError> {
        let home = Home::new(&node.home);
        let start_error = |source| TestnetError::Start { name: node.name.clone(), source };
        if let Some(folder) = home.log_file().parent() {
            ensure_folder(folder)?;
        }
        let log = open_log(&home).map_err(start_error)?;
        let log_start = log.metadata().map_err(start_error)?.len();
        let errors = log.try_clone().map_err(start_error)?;
        let child = Command::new(binary)
            .arg("start")
            .arg("--home")
            .arg(&node.home)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // Ctrl-C in the terminal is for the parent, which then stops the nodes in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(start_error)?;
        let node = Node { pid: child.id(), ..node.clone() };
        Ok(Process { node, child, log_start, ended: None })
    }

    fn newly_ended(&mut self) -> Option<Ended> {
        if self.ended.is_some() {
            return None;
        }
        // An error means that the system cannot say; it is asked again.
        let status = self.child.try_wait().ok().flatten()?;
        self.ended = Some(status);
        Some(Ended { node: self.node.clone(), status, log_start: self.log_start })
    }

    fn ask_to_end(&self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            // It fails only if the process is gone, which is what is wanted.
            let _ = kill_process(id, Signal::TERM);
        }
    }
}

impl Ended {
    fn before_ready(self) -> TestnetError {
        let path = Home::new(&self.node.home).log_file();
        let log = format!("{}\n{}", path.display(), last_lines(&path, self.log_start));
        TestnetError::Ended { name: self.node.name, status: self.status, log }
    }
}

/// Whether a node is fit to serve, as its `/readyz` says.
pub async fn is_ready(rpc: &str) -> bool {
    let Ok(client) = Client::new(rpc) else {
        return false;
    };
    client.health().await.is_ok_and(|health| health.value.ready)
}

fn open_log(home: &Home) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(home.log_file())
}
