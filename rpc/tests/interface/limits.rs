//! Each limit at its value and one past it, slow clients, and the health endpoints.

use std::net::SocketAddr;
use std::time::Duration;

use quorate_rpc::{BackendError, BindError, Config, Limits, bind};
use quorate_types::Height;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{JSON, Node, start, start_with};

const BODY: usize = 512 * 1024;

/// A call of exactly this many bytes.
fn call_of(length: usize) -> String {
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"node_version"}"#;
    format!("{call}{}", " ".repeat(length - call.len()))
}

#[tokio::test]
async fn a_body_has_at_most_512_kib() {
    let node = start();
    let answer = node.post(call_of(BODY)).await;
    assert_eq!((answer.status, &answer.json()["result"]["version"]), (200, &json!("0.1.0")));
    let answer = node.post(call_of(BODY + 1)).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (413, &json!(-32007)));
    let chunked = format!("{JSON}transfer-encoding: chunked\r\n");
    let mut stream = node.connect().await;
    let head = format!("POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{chunked}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(format!("{:x}\r\n", BODY + 1).as_bytes()).await.unwrap();
    stream.write_all(call_of(BODY + 1).as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413", "told before the end of the body");
}

#[tokio::test]
async fn a_websocket_message_has_at_most_512_kib() {
    let node = start();
    let mut socket = node.websocket().await;
    socket.send(call_of(BODY).as_bytes()).await;
    assert_eq!(socket.receive().await["result"]["version"], "0.1.0");
    socket.send(call_of(BODY + 1).as_bytes()).await;
    assert_eq!(socket.receive().await["error"]["code"], -32007);
}

fn with_limits(limits: Limits) -> Node {
    start_with(Config { limits, ..Config::default() })
}

#[tokio::test]
async fn the_connection_past_the_limit_is_told_so_but_health_answers() {
    let node = start();
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let mut socket = node.websocket().await;
        assert!(socket.ask("node_version", json!([])).await["result"].is_object());
        sockets.push(socket);
    }
    let answer = node.post(call_of(100)).await;
    assert_eq!((answer.status, answer.body.trim()), (503, "too many connections"));
    assert_eq!(node.get("/livez").await.status, 200);
    assert_eq!(node.get("/readyz").await.status, 200);
    drop(sockets.pop());
    while node.post(call_of(100)).await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_in_flight_are_bounded() {
    let node = start();
    node.fake.peers_gate.forget_permits(usize::MAX);
    let mut socket = node.websocket().await;
    let call = |id: usize| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"node_peers"}}"#);
    for id in 0..65 {
        socket.send(call(id).as_bytes()).await;
    }
    let refused = socket.receive().await;
    assert_eq!(refused["error"]["data"]["kind"], "rate_limited", "{refused}");
    node.fake.peers_gate.add_permits(64);
    for _ in 0..64 {
        assert!(socket.receive().await["result"].is_object());
    }
}

#[tokio::test]
async fn a_connection_has_a_budget_and_others_have_theirs() {
    let node = start();
    let mut socket = node.websocket().await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"chain_getBlock"}"#;
    let batch = format!("[{}]", [call; 20].join(","));
    let mut answered = 0;
    let refused = loop {
        socket.send(batch.as_bytes()).await;
        let answers = socket.receive().await;
        let answers = answers.as_array().unwrap();
        answered += answers.iter().filter(|answer| answer["result"].is_object()).count();
        if let Some(refused) = answers.iter().find(|answer| answer["error"].is_object()) {
            break refused["error"].clone();
        }
        assert!(answered < 10_000, "no budget");
    };
    assert!(answered >= 100, "a burst of 4000 units is 100 calls of 40: {answered}");
    assert_eq!(
        (&refused["code"], &refused["data"]["kind"]),
        (&json!(1004), &json!("rate_limited"))
    );
    assert!(node.websocket().await.ask("chain_getBlock", json!([])).await["result"].is_object());
}

#[tokio::test]
async fn slow_heads_and_bodies_are_cut_off() {
    let short = Duration::from_millis(100);
    let limits = Limits { head_time: short, body_time: short, ..Limits::default() };
    let node = with_limits(limits);
    let mut idle = node.connect().await;
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "nothing was asked");
    let mut slow = node.connect().await;
    slow.write_all(b"POST / HTTP/1.1\r\nhost: loc").await.unwrap();
    slow.read_to_end(&mut rest).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nhost: localhost\r\n{JSON}content-length: 50\r\n\r\n{{");
    assert_eq!(node.raw(head).await.status, 408);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let limits = Limits { write_time: Duration::from_millis(100), ..Limits::default() };
    let node = with_limits(limits);
    let mut socket = node.narrow_websocket().await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}"#;
    let frame = crate::common::websocket::frame(format!("[{}]", [call; 20].join(",")).as_bytes());
    // The answers do not fit into the sockets' buffers, so the server cannot write for too long.
    while socket.try_send(&frame).await {}
}

#[tokio::test]
async fn live_and_ready() {
    let node = start();
    let status = async |path| node.get(path).await.status;
    assert_eq!((status("/livez").await, status("/readyz").await), (200, 200));
    let set = |height, peers, age| {
        let mut facts = node.fake.facts.lock().unwrap();
        (facts.highest, facts.peers, facts.final_age_ms) = (Height(height), peers, age);
    };
    set(4, 1, 0);
    assert_eq!(status("/readyz").await, 200, "one height behind");
    set(5, 1, 0);
    assert_eq!((status("/readyz").await, status("/livez").await), (503, 200), "two behind");
    let text = node.get("/readyz?verbose").await.body;
    let expected = "not ready\nsync: syncing\nheight: 3 of 5\npeers: 1\n\
         last final block: 0 ms ago\n";
    assert_eq!(text, expected);
    set(3, 0, 0);
    assert_eq!(status("/readyz").await, 503, "no peers");
    set(3, 1, 99_999);
    assert_eq!(status("/readyz").await, 200, "a chain without quorum");
    assert!(node.get("/readyz?verbose").await.body.contains("sync: stalled"));
    node.fake.facts.lock().unwrap().validators = 1;
    set(3, 0, 0);
    assert_eq!(status("/readyz").await, 200, "a network of one");
    *node.fake.error.lock().unwrap() = Some(BackendError::Internal("gone".into()));
    assert_eq!((status("/readyz").await, status("/livez").await), (503, 200));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let node = start();
    let address = node.handle.local_addr;
    assert!(matches!(bind(address), Err(BindError::Taken(taken)) if taken == address));
    let foreign = SocketAddr::from(([192, 0, 2, 1], 1));
    assert!(matches!(bind(foreign), Err(BindError::Other { address, .. }) if address == foreign));
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_sessions() {
    let node = start();
    let address = node.handle.local_addr;
    let mut socket = node.websocket().await;
    assert!(socket.ask("chain_subscribeHeads", json!([])).await["result"].is_number());
    node.handle.stop().await;
    assert!(socket.is_closed().await);
    bind(address).unwrap();
}
