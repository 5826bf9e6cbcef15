//! JSON-RPC itself: ids, batches, garbage, and what HTTP says.

use serde_json::{Value, json};

use crate::common::{JSON, Node, start};

fn call(id: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"node_version"}}"#)
}

fn is_answered(answer: &Value) -> bool {
    answer["result"]["version"] == "0.1.0"
}

fn is_refused_for_its_id(answer: &Value) -> bool {
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    answer["id"].is_null() && answer["error"]["code"] == -32600 && message.contains("nothing was")
}

#[tokio::test]
async fn ids_come_back_as_they_were() {
    let node = start();
    for id in ["0", "1", "18446744073709551615", r#""""#, r#""a b""#, "null"] {
        let answer = node.post(call(id)).await.json();
        assert!(is_answered(&answer), "{id}: {answer}");
        assert_eq!(answer["id"], serde_json::from_str::<Value>(id).unwrap());
    }
}

#[tokio::test]
async fn a_call_without_a_usable_id_is_told_so() {
    let node = start();
    let mut socket = node.websocket().await;
    let calls = ["-1", "1.5", "1e3", "18446744073709551616", "true", "[1]", "{}"].map(call);
    let without = String::from(r#"{"jsonrpc":"2.0","method":"node_version"}"#);
    for call in calls.into_iter().chain([without]) {
        let answer = node.post(&call).await.json();
        assert!(is_refused_for_its_id(&answer), "{call}: {answer}");
        socket.send(call.as_bytes()).await;
        let answer = socket.receive().await;
        assert!(is_refused_for_its_id(&answer), "WebSocket {call}: {answer}");
        let answers = node.post(format!("[{call},{}]", self::call("7"))).await.json();
        assert!(is_refused_for_its_id(&answers[0]), "batch {call}: {answers}");
        assert!(is_answered(&answers[1]), "{answers}");
    }
}

#[tokio::test]
async fn a_submission_without_an_id_is_not_run() {
    let node = start();
    let bytes = crate::common::hex(crate::common::chain::transfer(2).bytes());
    for id in [r#""id":-1,"#, ""] {
        node.post(format!(r#"{{"jsonrpc":"2.0",{id}"method":"tx_submit","params":["{bytes}"]}}"#))
            .await;
    }
    assert!(node.fake.submitted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_has_at_most_20_calls() {
    let node = start();
    let batch = |count: usize| format!("[{}]", vec![call("1"); count].join(","));
    let answers = node.post(batch(20)).await.json();
    assert_eq!(answers.as_array().unwrap().len(), 20);
    assert!(answers.as_array().unwrap().iter().all(is_answered));
    let refused = node.post(batch(21)).await.json();
    assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(-32010), &Value::Null));
    let mut socket = node.websocket().await;
    socket.send(batch(20).as_bytes()).await;
    assert_eq!(socket.receive().await.as_array().unwrap().len(), 20);
    socket.send(batch(21).as_bytes()).await;
    assert_eq!(socket.receive().await["error"]["code"], -32010);
}

#[tokio::test]
async fn a_batch_answers_each_call_and_names_what_is_none() {
    let node = start();
    let batch = format!(r#"[{},1,{{"id":5}},{}]"#, call("1"), call("2"));
    let answers = node.post(batch).await.json();
    assert!(is_answered(&answers[0]) && is_answered(&answers[3]), "{answers}");
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!((&answers[2]["error"]["code"], &answers[2]["id"]), (&json!(-32600), &json!(5)));
    assert_eq!(node.post("[]").await.json()["error"]["code"], -32600);
}

/// What is no request, and the code for it.
const GARBAGE: [(&[u8], i32); 9] = [
    (b"{", -32700),
    (b"[", -32700),
    (b"[1,", -32700),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node_version\"} x", -32700),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node\xff\"}", -32600),
    (b"{}", -32700),
    (b"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"node_version\"}", -32600),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", -32600),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"node_version\",\"params\":5}", -32602),
];

#[tokio::test]
async fn garbage_is_told_apart() {
    let node = start();
    let mut socket = node.websocket().await;
    for (bytes, code) in GARBAGE {
        let text = String::from_utf8_lossy(bytes);
        let answer = node.post(bytes).await.json();
        assert_eq!(answer["error"]["code"], code, "{text}: {answer}");
        if std::str::from_utf8(bytes).is_ok() {
            socket.send(bytes).await;
            let answer = socket.receive().await;
            assert_eq!(answer["error"]["code"], code, "WebSocket {text}: {answer}");
        }
    }
    let nested = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(node.post(&nested).await.json()[0]["error"]["code"], -32600);
    let start = r#"{"jsonrpc":"2.0","id":1,"method":"tx_submit","params":"#;
    let answer = node.post(format!("{start}{nested}}}")).await.json();
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    for bytes in [&b""[..], b"\0\xff\xfe", b"hello"] {
        assert_eq!(node.post(bytes).await.status, 400, "{bytes:?}");
    }
    assert!(is_answered(&node.post(call("1")).await.json()), "the server goes on");
}

#[tokio::test]
async fn only_json_is_taken() {
    let node = start();
    let call = call("1");
    for header in ["", "content-type: text/plain\r\n", "content-type: text/json\r\n"] {
        let answer = node.http("POST", "/", header, call.as_bytes()).await;
        assert_eq!(answer.status, 415, "{header:?} {answer:?}");
    }
    let utf8 = "content-type: application/json; charset=utf-8\r\n";
    assert!(is_answered(&node.http("POST", "/", utf8, call.as_bytes()).await.json()));
    assert_eq!(node.http("PUT", "/", JSON, call.as_bytes()).await.status, 405);
    assert_eq!(node.get("/").await.status, 405);
    assert_eq!(node.get("/nothing").await.status, 404);
    assert_eq!(node.raw("hello\r\n\r\n").await.status, 400);
}

async fn with_headers(node: &Node, headers: &str) -> crate::common::Answer {
    let headers = format!("{JSON}{headers}");
    node.http("POST", "/", &headers, call("1").as_bytes()).await
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let node = crate::common::start_with(quorate_rpc::Config {
        allow_hosts: vec![String::from("full0")],
        ..quorate_rpc::Config::default()
    });
    for host in ["localhost:27657", "127.0.0.1", "[::1]:1", "full0:27657"] {
        let answer = with_headers(&node, &format!("host: {host}\r\n")).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for path in ["/", "/livez", "/readyz", "/openrpc.json"] {
        let answer = node.http("GET", path, "host: evil.example\r\n", b"").await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.body.contains("rpc.allow_hosts"), "{answer:?}");
    }
    let answer = node.raw("GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert_eq!(answer.status, 403, "no Host at all");
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let node = crate::common::start_with(quorate_rpc::Config {
        allow_origins: vec![String::from("http://localhost:*")],
        ..quorate_rpc::Config::default()
    });
    let allowed = with_headers(&node, "origin: http://localhost:3000\r\n").await;
    assert!(is_answered(&allowed.json()));
    assert!(allowed.head.contains("access-control-allow-origin: http://localhost:3000"));
    let refused = with_headers(&node, "origin: https://evil.example\r\n").await;
    assert_eq!(refused.status, 403);
    assert!(!refused.head.contains("access-control"), "{refused:?}");
    let asked = node.http("OPTIONS", "/", "origin: http://localhost:1\r\n", b"").await;
    assert_eq!(asked.status, 204);
    assert!(asked.head.contains("access-control-allow-headers: content-type"), "{asked:?}");
    let upgrade = "origin: https://evil.example\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    assert_eq!(node.http("GET", "/", upgrade, b"").await.status, 403);
}
