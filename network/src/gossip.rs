//! Gossipsub for a handful of validators: what `publish` rides on.
//!
//! Messages carry no author and no signature of their own: what they say is signed inside. Behind
//! the bytes stands their [`Edition`]. A message's id is the hash of topic, bytes and edition: the
//! same bytes are one message however many publish them, unless somebody publishes them *again*.
//! The topic is in the hash, or anybody could have a message of one topic taken for a duplicate by
//! sending its bytes on another first. Nothing is forwarded before the host has judged it.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libp2p::StreamProtocol;
use libp2p::gossipsub::{
    Behaviour, ConfigBuilder, ConfigBuilderError, IdentTopic, IdentityTransform, Message,
    MessageAuthenticity, MessageId, TopicHash, ValidationMode, Version,
    WhitelistSubscriptionFilter,
};
use quorate_crypto::{Domain, Hash};

use crate::channel::{CONSENSUS_MAX_BYTES, Channel};

/// The behaviour: no compression, and no topics but ours.
pub(crate) type Gossip = Behaviour<IdentityTransform, WhitelistSubscriptionFilter>;

const MESSAGE_ID: Domain = Domain::new("quorate v1 gossip message id");

/// Room for the topic's name and the encoding around a message, in bytes.
const ENVELOPE_BYTES: usize = 1024;
/// Room in one frame for control messages and the start of the next frame, in bytes.
const FRAME_SLACK_BYTES: usize = 64 * 1024;
/// Messages that may wait for one peer in gossipsub's one queue for all topics.
const QUEUE_MESSAGES: usize = 1024;

const DUPLICATE_CACHE_TIME: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The published channels' topics.
pub(crate) struct Topics {
    consensus: IdentTopic,
    transactions: IdentTopic,
}

impl Topics {
    pub(crate) fn new(chain: &str) -> Self {
        let topic =
            |channel: Channel| IdentTopic::new(format!("quorate/{chain}/{}", channel.name()));
        Self { consensus: topic(Channel::Consensus), transactions: topic(Channel::Transactions) }
    }

    /// The topic of a published channel.
    pub(crate) fn of(&self, channel: Channel) -> Option<&IdentTopic> {
        match channel {
            Channel::Consensus => Some(&self.consensus),
            Channel::Transactions => Some(&self.transactions),
            Channel::Status
            | Channel::FetchRequest
            | Channel::FetchAnswer
            | Channel::PeerRecord => None,
        }
    }

    /// The channel of a topic, if it is ours.
    pub(crate) fn channel(&self, topic: &TopicHash) -> Option<Channel> {
        self.all().find(|(_, known)| known.hash() == *topic).map(|(channel, _)| channel)
    }

    fn all(&self) -> impl Iterator<Item = (Channel, &IdentTopic)> {
        Channel::ALL.into_iter().filter_map(|channel| Some((channel, self.of(channel)?)))
    }
}

/// Which of the times this is that the same bytes are published; eight bytes, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edition(u64);

impl Edition {
    /// The one edition of what nobody needs to hear twice.
    pub(crate) const FIRST: Self = Self(0);
    /// What it takes behind the bytes.
    const LENGTH: usize = size_of::<u64>();

    /// Another than any before: the time in nanoseconds. Should a clock ever show one twice, the
    /// bytes pass for seen once more, and are published again in two seconds.
    pub(crate) fn next() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX).max(1))
    }

    /// The bytes with the edition behind them.
    pub(crate) fn append(self, mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.extend_from_slice(&self.0.to_be_bytes());
        bytes
    }

    /// The bytes, and what [`Edition::append`] put behind them; none if that is not there.
    pub(crate) fn split(mut bytes: Vec<u8>) -> Option<(Vec<u8>, Self)> {
        let (front, edition) = bytes.split_last_chunk::<{ Self::LENGTH }>()?;
        let (length, edition) = (front.len(), u64::from_be_bytes(*edition));
        bytes.truncate(length);
        Some((bytes, Self(edition)))
    }
}

/// Why gossipsub cannot be set up: a fault in the constants of this file.
#[derive(Debug, thiserror::Error)]
#[error("gossipsub: {0}")]
pub struct GossipError(String);

impl From<ConfigBuilderError> for GossipError {
    fn from(error: ConfigBuilderError) -> Self {
        Self(error.to_string())
    }
}

/// The behaviour, subscribed to every topic.
pub(crate) fn behaviour(topics: &Topics, protocol: &StreamProtocol) -> Result<Gossip, GossipError> {
    let mut config = ConfigBuilder::default();
    config
        .protocol_id(protocol.to_string(), Version::V1_1)
        .mesh_n_low(2)
        .mesh_n(4)
        .mesh_n_high(8)
        .mesh_outbound_min(1)
        .flood_publish(true)
        .validate_messages()
        .validation_mode(ValidationMode::Anonymous)
        .message_id_fn(message_id)
        .max_transmit_size(CONSENSUS_MAX_BYTES + FRAME_SLACK_BYTES)
        .duplicate_cache_time(DUPLICATE_CACHE_TIME)
        .heartbeat_initial_delay(HEARTBEAT)
        .heartbeat_interval(HEARTBEAT)
        .connection_handler_queue_len(QUEUE_MESSAGES);
    for (channel, topic) in topics.all() {
        config.max_transmit_size_for_topic(channel.max_bytes() + ENVELOPE_BYTES, topic.hash());
    }
    let ours: HashSet<TopicHash> = topics.all().map(|(_, topic)| topic.hash()).collect();
    let mut gossip = Gossip::new_with_subscription_filter(
        MessageAuthenticity::Anonymous,
        config.build()?,
        WhitelistSubscriptionFilter(ours),
    )
    .map_err(|error| GossipError(error.to_owned()))?;
    for (_, topic) in topics.all() {
        gossip.subscribe(topic).map_err(|error| GossipError(error.to_string()))?;
    }
    Ok(gossip)
}

fn message_id(message: &Message) -> MessageId {
    MessageId::new(hash(&message.topic, &message.data).as_bytes())
}

/// The hash of bytes on a topic.
pub(crate) fn hash(topic: &TopicHash, bytes: &[u8]) -> Hash {
    let topic = topic.as_str().as_bytes();
    let length = u64::try_from(topic.len()).unwrap_or(u64::MAX).to_be_bytes();
    MESSAGE_ID.hash_parts(&[&length, topic, bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_on_two_topics_are_two_messages() {
        let message = |topic: &str, data: &[u8]| Message {
            source: None,
            data: data.to_vec(),
            sequence_number: None,
            topic: TopicHash::from_raw(topic),
        };
        assert_eq!(message_id(&message("a", b"x")), message_id(&message("a", b"x")));
        assert_ne!(message_id(&message("a", b"x")), message_id(&message("b", b"x")));
        assert_ne!(message_id(&message("a", b"bx")), message_id(&message("ab", b"x")));
    }

    #[test]
    fn an_edition_stands_behind_the_bytes() {
        for edition in [Edition::FIRST, Edition::next(), Edition(u64::MAX)] {
            let framed = edition.append(b"vote".to_vec());
            assert_eq!(Edition::split(framed), Some((b"vote".to_vec(), edition)));
        }
        assert_ne!(Edition::next(), Edition::FIRST);
        assert_eq!(Edition::split(vec![0; 8]), Some((Vec::new(), Edition::FIRST)));
        assert_eq!(Edition::split(vec![0; 7]), None);
    }

    #[test]
    fn the_settings_are_accepted_and_topics_name_their_chain() {
        let topics = Topics::new("test-1");
        let protocol = StreamProtocol::new("/quorate/test-1/gossip");
        assert!(behaviour(&topics, &protocol).is_ok());
        let topic = topics.of(Channel::Consensus).unwrap();
        assert_eq!(topics.channel(&topic.hash()), Some(Channel::Consensus));
        let other = Topics::new("test-2");
        assert_eq!(other.channel(&topic.hash()), None);
        assert!(topics.of(Channel::Status).is_none());
    }
}
