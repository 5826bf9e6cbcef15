//! Starting, watching and stopping processes, with shell scripts in the place of nodes.

#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use quorate_testnet::{Layout, Node, Processes, TestnetError};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// A program that gets `start --home HOME`.
fn program(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn layout(folder: &Path, nodes: usize) -> Layout {
    let node = |index: usize| Node {
        name: format!("val{index}"),
        pid: None,
        home: folder.join(format!("val{index}")),
        rpc: String::from("http://127.0.0.1:1"),
        p2p: String::new(),
        metrics: String::new(),
    };
    Layout {
        chain_id: String::from("local-test"),
        genesis_hash: String::new(),
        nodes: (0..nodes).map(node).collect(),
        accounts: Vec::new(),
    }
}

fn pids(processes: &Processes, layout: &Layout) -> Vec<Pid> {
    let nodes = processes.layout(layout).nodes;
    let id = |node: &Node| Pid::from_raw(node.pid.unwrap().try_into().unwrap()).unwrap();
    nodes.iter().map(id).collect()
}

#[tokio::test]
async fn a_node_that_ends_before_it_serves_is_an_error_with_its_log_and_code() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "echo the port is taken by 7 >&2; exit 75");
    fs::create_dir_all(folder.path().join("val0/logs")).unwrap();
    fs::write(folder.path().join("val0/logs/node.log"), "an earlier run\n").unwrap();
    let mut processes = Processes::start(&program, &layout(folder.path(), 1)).unwrap();
    let error = processes.wait_ready().await.unwrap_err();
    assert_eq!(error.exit_code(), 75);
    assert!(error.remedy().unwrap().contains("--ephemeral"));
    let text = error.to_string();
    assert!(text.contains("val0/logs/node.log\nthe port is taken by 7"), "{text}");
    assert_eq!(processes.stop().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_node_gets_its_home_and_stops_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "echo $@; exec sleep 60");
    let layout = layout(folder.path(), 3);
    let processes = Processes::start(&program, &layout).unwrap();
    let pids = pids(&processes, &layout);
    for node in &layout.nodes {
        let log = node.home.join("logs/node.log");
        let line = format!("start --home {}\n", node.home.display());
        while fs::read_to_string(&log).unwrap() != line {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(processes.stop().await, Vec::<String>::new());
    assert!(pids.iter().all(|pid| test_kill_process(*pid).is_err()));
}

#[tokio::test]
async fn a_dead_node_is_reported_once_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let program = program(folder.path(), "exec sleep 60");
    let layout = layout(folder.path(), 3);
    let mut processes = Processes::start(&program, &layout).unwrap();
    let pids = pids(&processes, &layout);
    assert!(processes.newly_ended().is_empty());
    kill_process(pids[1], Signal::KILL).unwrap();
    let ended = loop {
        if let Some(ended) = processes.newly_ended().pop() {
            break ended;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(ended.node.name, "val1");
    assert!(processes.newly_ended().is_empty());
    assert!([pids[0], pids[2]].iter().all(|pid| test_kill_process(*pid).is_ok()));
    processes.stop().await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named_with_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let error = Processes::start(&folder.path().join("none"), &layout(folder.path(), 1));
    let error = error.map(|_| ()).unwrap_err();
    assert!(matches!(error, TestnetError::Start { .. }), "{error}");
}
