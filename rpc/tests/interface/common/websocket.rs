//! A WebSocket by hand: it sends what it is told, and reads only when it is told.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::Node;

pub struct WebSocket {
    stream: TcpStream,
    next_id: u64,
}

impl Node {
    pub async fn websocket(&self) -> WebSocket {
        websocket_on(self.connect().await).await
    }

    /// One whose system takes little that the test has not read.
    pub async fn narrow_websocket(&self) -> WebSocket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        websocket_on(socket.connect(self.handle.local_addr).await.unwrap()).await
    }
}

async fn websocket_on(mut stream: TcpStream) -> WebSocket {
    let request = "GET / HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\n\
             connection: upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    WebSocket { stream, next_id: 1 }
}

impl WebSocket {
    /// One text frame. The mask of a client may be zero.
    pub async fn send(&mut self, text: &[u8]) {
        self.stream.write_all(&frame(text)).await.unwrap();
    }

    /// The next text frame as JSON; pings are passed over.
    pub async fn receive(&mut self) -> Value {
        loop {
            let (opcode, payload) = self.receive_frame().await;
            if opcode == 1 {
                return serde_json::from_slice(&payload).unwrap();
            }
        }
    }

    async fn receive_frame(&mut self) -> (u8, Vec<u8>) {
        let opcode = self.stream.read_u8().await.unwrap() & 0x0f;
        let length = match self.stream.read_u8().await.unwrap() {
            126 => u64::from(self.stream.read_u16().await.unwrap()),
            127 => self.stream.read_u64().await.unwrap(),
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await.unwrap();
        (opcode, payload)
    }

    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(call.to_string().as_bytes()).await;
        let answer = self.receive().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Whether the server has closed the connection; waits for it.
    pub async fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.is_ok()
    }
}

pub fn frame(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    if let Ok(length @ 0..=125) = u8::try_from(text.len()) {
        frame.push(0x80 | length);
    } else if let Ok(length) = u16::try_from(text.len()) {
        frame.push(0x80 | 126);
        frame.extend(length.to_be_bytes());
    } else {
        frame.push(0x80 | 127);
        frame.extend(u64::try_from(text.len()).unwrap().to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(text);
    frame
}

impl WebSocket {
    /// Sends bytes as they are; false once the server has closed the connection.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }
}
