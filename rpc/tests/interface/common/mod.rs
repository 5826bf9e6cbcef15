//! A server in front of the fake backend, and plain ways to talk to it.

pub mod chain;
pub mod fake;
pub mod state;
pub mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;

use quorate_rpc::{Client, Config, ServerHandle, bind, serve};
use quorate_types::Height;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use chain::Chain;
use fake::Fake;

/// The header that every POST needs.
pub const JSON: &str = "content-type: application/json\r\n";

pub struct Node {
    pub fake: Arc<Fake>,
    pub handle: ServerHandle,
}

/// An answer to a plain HTTP request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub fn start() -> Node {
    start_with(Config::default())
}

pub fn start_with(config: Config) -> Node {
    serving(config, Fake::new())
}

/// In front of a chain of this many heights, three to an epoch.
pub fn start_at(top: Height) -> Node {
    serving(Config::default(), Fake::of(Chain::of(top)))
}

fn serving(config: Config, fake: Arc<Fake>) -> Node {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let handle = serve(config, fake.clone(), listener, &Handle::current()).unwrap();
    Node { fake, handle }
}

impl Node {
    pub fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.handle.local_addr)).unwrap()
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.handle.local_addr).await.unwrap()
    }

    /// Sends a request as it is and reads until the server closes.
    pub async fn raw(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_ref()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        parse(&bytes)
    }

    pub async fn http(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let host =
            if format!("\n{headers}").contains("\nhost:") { "" } else { "host: localhost\r\n" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}connection: close\r\n\
             content-length: {length}\r\n{headers}\r\n"
        );
        self.raw([head.as_bytes(), body].concat()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.http("GET", path, "", b"").await
    }

    pub async fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.http("POST", "/", JSON, body.as_ref()).await
    }

    /// The answer to one call: the whole JSON-RPC object.
    pub async fn ask(&self, method: &str, params: Value) -> Value {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(call.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub async fn result(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The error object of a call that must have one.
    pub async fn error(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params.clone()).await;
        assert!(answer["error"].is_object(), "{method} {params}: {answer}");
        answer["error"].clone()
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

pub fn hex(bytes: &[u8]) -> String {
    quorate_crypto::hex::encode(bytes)
}
