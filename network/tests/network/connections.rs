//! Who is connected to whom: persistent peers, wrong networks, limits, taken ports.

use prometheus_client::registry::Registry;
use quorate_network::{Channel, Config, Multiaddr, StartError, start};

use crate::node::{Node, config, pair, until, within};

const DENIED: &str = "refused_total{cause=\"denied\"}";

#[tokio::test]
async fn a_killed_peer_is_dialled_again_when_it_is_back() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let first_life = runtime();
    let mut there = first_life.spawn(async { Node::start(&config(1, &[])).await }).await.unwrap();
    let mut here = Node::start(&config(2, &[&there.named_address()])).await;
    assert_eq!(here.connected().await, there.peer);
    there.connected().await;
    // Everything that the node was, sockets included, is gone at once.
    first_life.shutdown_background();
    assert_eq!(here.disconnected().await, there.peer);
    assert!(here.handle.peers().is_empty());

    let second_life = runtime();
    let again = Config { listen: vec![there.address.clone()], ..config(1, &[]) };
    let mut there = second_life
        .spawn(async move { within(Box::pin(start_when_free(again))).await })
        .await
        .unwrap();
    assert_eq!(here.connected().await, there.peer);
    there.connected().await;
    here.handle.send(&there.peer, Channel::Status, b"again".to_vec()).unwrap();
    assert_eq!(there.consensus().await.bytes, b"again");
    second_life.shutdown_background();
}

/// Starts a node at the address of one that was killed a moment ago.
async fn start_when_free(config: Config) -> Node {
    loop {
        match Node::try_start(&config).await {
            Ok(node) => return node,
            Err(StartError::AddressInUse(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_peer_that_did_not_answer_is_dialled_again() {
    // In the peer's place: something that takes one call and hangs up.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    let mut here = Node::start(&config(2, &[&address])).await;
    drop(within(listener.accept()).await.unwrap());
    drop(listener);
    let later = Config { listen: vec![address], ..config(1, &[]) };
    let there = within(Box::pin(start_when_free(later))).await;
    assert_eq!(here.connected().await, there.peer);
}

#[tokio::test]
async fn a_disconnected_persistent_peer_comes_back() {
    let (mut first, mut second) = pair().await;
    first.handle.disconnect(second.peer).unwrap();
    assert_eq!(first.disconnected().await, second.peer);
    assert_eq!(second.disconnected().await, first.peer);
    assert_eq!(second.connected().await, first.peer);
    assert_eq!(first.connected().await, second.peer);
}

#[tokio::test]
async fn peers_are_found_by_name_and_by_identity() {
    let mut first = Node::start(&config(1, &[])).await;
    let named = first.named_address().to_string().replace("/ip4/127.0.0.1/", "/dns4/localhost/");
    let mut second = Node::start(&config(2, &[&named.parse().unwrap()])).await;
    assert_eq!(second.connected().await, first.peer);
    first.connected().await;
    let [info] = &second.handle.peers()[..] else { panic!("one peer") };
    assert_eq!((info.peer, info.dialled, info.validator), (first.peer, true, None));
    assert_eq!(second.handle.listen_addresses(), [second.address.clone()]);
}

#[tokio::test]
async fn another_network_is_not_talked_to() {
    let mut first = Node::start(&config(1, &[])).await;
    let other = Config { chain: "local-test.ffff".to_owned(), ..config(2, &[&first.address]) };
    let mut second = Node::start(&other).await;
    // Whoever finds out first ends the connection.
    let found = |node: &Node| node.counter("refused_total{cause=\"wrong_network\"}") > 0;
    until(|| found(&first) || found(&second)).await;
    assert!(first.events.peers.try_recv().is_err());
    assert!(second.events.peers.try_recv().is_err());
    assert!(first.handle.peers().is_empty() && second.handle.peers().is_empty());
    // A node of the right network still gets in.
    let third = Node::start(&config(3, &[&first.address])).await;
    assert_eq!(first.connected().await, third.peer);
}

#[tokio::test]
async fn a_full_node_takes_the_next_peer_when_one_leaves() {
    let mut full = Node::start(&Config { max_peers: 1, ..config(1, &[]) }).await;
    let second = Node::start(&config(2, &[&full.address])).await;
    assert_eq!(full.connected().await, second.peer);
    let third = Node::start(&config(3, &[&full.address])).await;
    full.counted(DENIED).await;
    let gone = second.peer;
    drop(second);
    assert_eq!(full.disconnected().await, gone);
    assert_eq!(full.connected().await, third.peer);
}

#[tokio::test]
async fn a_node_that_lists_itself_and_a_dead_address_is_not_disturbed() {
    let dead: Multiaddr = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
    let mut first = Node::start(&config(1, &[])).await;
    let own = first.named_address();
    let again = config(2, &[&dead, &own, &first.address]);
    let mut second = Node::start(&again).await;
    assert_eq!(second.connected().await, first.peer);
    first.connected().await;
}

#[tokio::test]
async fn a_taken_port_and_a_bad_tag_are_said_at_the_start() {
    let first = Node::start(&config(1, &[])).await;
    let begin = |config: &Config| {
        let runtime = tokio::runtime::Handle::current();
        start(config, &mut Registry::default(), &runtime).map(drop)
    };
    let taken = Config { listen: vec![first.address.clone()], ..config(2, &[]) };
    assert!(matches!(begin(&taken), Err(StartError::AddressInUse(at)) if at == first.address));
    for chain in ["", "a/b", "a b", "ä", &"x".repeat(101)] {
        let bad = Config { chain: chain.to_owned(), ..config(2, &[]) };
        assert!(matches!(begin(&bad), Err(StartError::Chain(_))), "{chain:?}");
    }
}

#[tokio::test]
async fn a_banned_peer_stays_out() {
    let (mut first, second) = pair().await;
    first.handle.ban(second.peer).unwrap();
    assert_eq!(first.disconnected().await, second.peer);
    first.counted(DENIED).await;
    let third = Node::start(&config(3, &[&first.address])).await;
    assert_eq!(first.connected().await, third.peer);
}
