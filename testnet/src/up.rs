//! `testnet up`: a network in the foreground, from its files to its orderly end.
//!
//! Invariant: a temporary folder is removed only after an orderly end, and only if nobody uses it.

use std::convert::Infallible;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use quorate_home::{Home, HomeLock};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use crate::error::TestnetError;
use crate::generate::{Hooks, generate};
use crate::layout::Layout;
use crate::processes::Processes;
use crate::screen;
use crate::spec::{Hosts, Spec};
use crate::watch::Watch;

/// Between two looks at the network.
const LOOK: Duration = Duration::from_secs(1);
/// Looks between two lines where the line cannot be refreshed.
const LOOKS_PER_LINE: u32 = 10;

/// A network to run in the foreground.
#[derive(Clone, Debug)]
pub struct Up {
    /// The network. Where it is ephemeral, its folder and ports do not matter.
    pub spec: Spec,
    /// Free ports, and a temporary folder that is removed in the end.
    pub ephemeral: bool,
    /// One JSON object once every node serves, instead of a screen and a status line.
    pub json: bool,
    /// The program that has `start --home`.
    pub binary: PathBuf,
}

/// Who ended the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM, or the terminal has gone.
    Terminated,
}

/// Runs a network until Ctrl-C or SIGTERM. A node that dies meanwhile is reported on stderr.
///
/// # Errors
/// When the files cannot be made, or not every node comes to serve.
pub async fn up(up: &Up, hooks: &Hooks) -> Result<Stopped, TestnetError> {
    let mut signals = Signals::listen().map_err(TestnetError::Signals)?;
    let spec = place(up)?;
    let layout = generate(&spec, hooks)?;
    let mut processes = Processes::start(&up.binary, &layout)?;
    let layout = processes.layout(&layout);
    let result = tokio::select! {
        stopped = signals.next() => Ok(stopped),
        Err(error) = run(up, &spec, &layout, &mut processes) => Err(error),
    };
    for name in processes.stop().await {
        eprintln!("{name} did not end in time and was killed");
    }
    if up.ephemeral {
        clear(&spec.folder, &layout, result.is_ok());
    }
    result
}

/// Never returns but with an error: signals end a network.
async fn run(
    up: &Up,
    spec: &Spec,
    layout: &Layout,
    processes: &mut Processes,
) -> Result<Infallible, TestnetError> {
    processes.wait_ready().await?;
    if up.json {
        print(&format!("{}\n", layout.to_json()));
    } else {
        print(&screen::first_screen(spec, layout));
    }
    let mut watch = (!up.json).then(|| Watch::new(layout));
    let mut line = Line::default();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            () = follow(&mut watch) => {}
        }
        for ended in processes.newly_ended() {
            line.interrupt();
            eprintln!("{}", screen::ended(&ended));
        }
        if let Some(watch) = &mut watch {
            line.show(
                &watch
                    .look()
                    .await
                    .map_or_else(|| String::from("no node answers"), |look| look.to_string()),
            );
        }
    }
}

async fn follow(watch: &mut Option<Watch>) {
    match watch {
        Some(watch) => watch.follow().await,
        None => std::future::pending().await,
    }
}

/// The network with its folder and ports.
fn place(up: &Up) -> Result<Spec, TestnetError> {
    if !up.ephemeral {
        return Ok(up.spec.clone());
    }
    let folder = tempfile::Builder::new().prefix("quorate-testnet-").tempdir();
    let folder = folder.map_err(TestnetError::NoFolder)?;
    // Kept whatever happens, until the orderly end: a dead node's home is worth looking at.
    Ok(Spec { hosts: Hosts::FreePorts, folder: folder.keep(), ..up.spec.clone() })
}

fn clear(folder: &Path, layout: &Layout, is_orderly: bool) {
    // A node that was brought back by hand is not ours to stop, and its home not ours to remove.
    let is_free = |home: &Path| HomeLock::take(&Home::new(home)).is_ok();
    if !is_orderly || !layout.nodes.iter().all(|node| is_free(&node.home)) {
        eprintln!("the network's files stay in {}", folder.display());
        return;
    }
    if let Err(error) = fs::remove_dir_all(folder) {
        eprintln!("{} cannot be removed: {error}", folder.display());
    }
}

/// The signals that end a network.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Stopped {
        tokio::select! {
            _ = self.interrupt.recv() => Stopped::Interrupted,
            _ = self.terminate.recv() => Stopped::Terminated,
            _ = self.hangup.recv() => Stopped::Terminated,
        }
    }
}

/// The status line: refreshed in place on a terminal, written now and then elsewhere.
#[derive(Default)]
struct Line {
    looks: u32,
    is_open: bool,
}

impl Line {
    fn show(&mut self, text: &str) {
        if io::stdout().is_terminal() {
            print(&format!("\r\x1b[K{text}"));
            self.is_open = true;
        } else if self.looks.is_multiple_of(LOOKS_PER_LINE) {
            print(&format!("{text}\n"));
        }
        self.looks = self.looks.wrapping_add(1);
    }

    /// Leaves the line, so that something else can be said.
    fn interrupt(&mut self) {
        if std::mem::take(&mut self.is_open) {
            print("\n");
        }
    }
}

/// Whoever read the output may have gone; the network goes on.
fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
