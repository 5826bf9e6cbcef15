//! `send`: whole messages, both ways, within the limits.

use quorate_network::{Channel, SendError};

use crate::node::{Node, config, pair, within};
use crate::stranger::{Manners, Stranger};

#[tokio::test]
async fn messages_arrive_whole_and_in_order_both_ways() {
    let (mut first, mut second) = pair().await;
    let block = vec![1; 1024 * 1024];
    let sent = [b"vote".to_vec(), block, Vec::new(), b"last".to_vec()];
    for bytes in &sent {
        first.handle.send(&second.peer, Channel::Consensus, bytes.clone()).unwrap();
        second.handle.send(&first.peer, Channel::Consensus, bytes.clone()).unwrap();
    }
    for bytes in &sent {
        let (to_first, to_second) = (first.consensus().await, second.consensus().await);
        assert!(to_first.bytes == *bytes && to_second.bytes == *bytes);
        assert_eq!((to_first.peer, to_second.peer), (second.peer, first.peer));
        assert!(to_first.gossip.is_none());
    }
}

#[tokio::test]
async fn each_channel_carries_its_longest_message_on_its_lane() {
    let (mut first, mut second) = pair().await;
    for channel in Channel::ALL.into_iter().filter(|channel| channel.is_sent()) {
        let longest = vec![5; channel.max_bytes()];
        first.handle.send(&second.peer, channel, longest).unwrap();
        let lane = match channel {
            Channel::Consensus | Channel::Status => &mut second.events.consensus,
            Channel::FetchRequest | Channel::FetchAnswer => &mut second.events.fetch,
            Channel::Transactions | Channel::PeerRecord => panic!("not sent"),
        };
        let message = within(lane.recv()).await.unwrap();
        assert_eq!((message.channel, message.bytes.len()), (channel, channel.max_bytes()));
        let name = format!("bytes_total{{channel=\"{}\",direction=\"in\"}}", channel.name());
        assert!(second.counter(&name) >= u64::try_from(channel.max_bytes()).unwrap());
    }
    assert!(first.events.fetch.try_recv().is_err());
    first.handle.send(&second.peer, Channel::Status, b"done".to_vec()).unwrap();
    assert_eq!(second.consensus().await.bytes, b"done");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_reason() {
    let (first, second) = pair().await;
    let send = |channel: Channel, bytes| first.handle.send(&second.peer, channel, bytes);
    let publish = |channel: Channel, bytes| first.handle.publish(channel, bytes);
    for channel in Channel::ALL {
        let too_long = vec![0; channel.max_bytes() + 1];
        let long = Err(SendError::TooLong(channel));
        let wrong = Err(SendError::WrongVerb(channel));
        assert_eq!(send(channel, too_long.clone()), if channel.is_sent() { long } else { wrong });
        assert_eq!(publish(channel, too_long), if channel.is_published() { long } else { wrong });
    }
    let nobody = quorate_network::peer_id(&[77; 32]);
    let refused = first.handle.send(&nobody, Channel::Status, Vec::new());
    assert_eq!(refused, Err(SendError::NotConnected));
}

#[tokio::test]
async fn a_peer_that_does_not_read_fills_its_own_queue_of_that_channel_only() {
    let mut node = Node::start(&config(1, &[])).await;
    let stranger = Stranger::connect(&node.address, Manners::Ignores).await;
    assert_eq!(node.connected().await, stranger.peer);
    let answer = vec![0; Channel::FetchAnswer.max_bytes()];
    // One or two are being written, two wait within the budget.
    let outcomes: Vec<_> = (0..8)
        .map(|_| node.handle.send(&stranger.peer, Channel::FetchAnswer, answer.clone()))
        .collect();
    assert_eq!(outcomes[0], Ok(()));
    assert_eq!(outcomes[7], Err(SendError::QueueFull(Channel::FetchAnswer)));
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let counted = node.counter("dropped_total{channel=\"fetch-answer\",cause=\"outbound_full\"}");
    assert_eq!(counted, u64::try_from(refused).unwrap());
    let vote = node.handle.send(&stranger.peer, Channel::Consensus, b"vote".to_vec());
    assert_eq!(vote, Ok(()));
    // What waited is lost with the connection, and counted.
    drop(stranger);
    node.disconnected().await;
    node.counted("dropped_total{channel=\"fetch-answer\",cause=\"disconnected\"}").await;
}
