//! What comes from outside the rules: over-long frames, garbage, silence.

use quorate_network::Channel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::node::{Node, config, pair, within};
use crate::stranger::{Manners, Stranger, frame};

#[tokio::test]
async fn an_over_long_frame_ends_the_connection_by_its_length_alone() {
    for channel in Channel::ALL.into_iter().filter(|channel| channel.is_sent()) {
        let mut node = Node::start(&config(1, &[])).await;
        let mut stranger = Stranger::connect(&node.address, Manners::Reads).await;
        assert_eq!(node.connected().await, stranger.peer);
        let length = u32::try_from(channel.max_bytes() + 1).unwrap();
        let _stream = stranger.write(node.peer, channel, &length.to_be_bytes()).await;
        assert_eq!(node.disconnected().await, stranger.peer);
        assert_eq!(node.counter("refused_total{cause=\"frame_too_long\"}"), 1);
    }
}

#[tokio::test]
async fn frames_of_a_peer_arrive_however_it_cuts_them_up() {
    let mut node = Node::start(&config(1, &[])).await;
    let mut stranger = Stranger::connect(&node.address, Manners::Reads).await;
    node.connected().await;
    let bytes = [frame(b"one"), frame(b""), frame(b"three")].concat();
    let (start, rest) = bytes.split_at(5);
    let mut stream = stranger.write(node.peer, Channel::Status, start).await;
    for byte in rest {
        futures::AsyncWriteExt::write_all(&mut stream, &[*byte]).await.unwrap();
        futures::AsyncWriteExt::flush(&mut stream).await.unwrap();
    }
    for expected in [&b"one"[..], b"", b"three"] {
        assert_eq!(node.consensus().await.bytes, expected);
    }
}

/// One that says too little is cut off; meanwhile the others are served.
#[tokio::test]
async fn garbage_on_the_port_disturbs_nobody() {
    let (mut first, mut second) = pair().await;
    let port = first.address.to_string().rsplit('/').next().unwrap().to_owned();
    let address = format!("127.0.0.1:{port}");
    let garbage: [&[u8]; 4] =
        [b"GET / HTTP/1.1\r\n\r\n", &[0xff; 4096], b"\x13/multistream/1.0.0\n\xff\xff\xff", b""];
    let mut clients = Vec::new();
    for bytes in garbage {
        let mut client = TcpStream::connect(&address).await.unwrap();
        client.write_all(bytes).await.unwrap();
        clients.push(client);
    }
    first.handle.send(&second.peer, Channel::Consensus, b"vote".to_vec()).unwrap();
    assert_eq!(second.consensus().await.bytes, b"vote");
    for client in &mut clients {
        let mut answer = Vec::new();
        // Closed in order or reset: either way it ends.
        let _ended = within(client.read_to_end(&mut answer)).await;
    }
    let mut third = Node::start(&config(3, &[&first.address])).await;
    assert_eq!(third.connected().await, first.peer);
    assert_eq!(first.connected().await, third.peer);
    assert_eq!(first.handle.peers().len(), 2);
}
