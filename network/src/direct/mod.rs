//! Direct streams: what `send` rides on.
//!
//! Each connection has one stream per channel and direction, opened at once and reopened after a
//! failure; on it travel frames, a length (u32, big-endian) and the payload. A connection handler
//! of our own does this because it is smaller than the alternatives are around their edges:
//! request-response opens a stream per message and pairs it with an answer that most of ours do
//! not have, and libp2p-stream drops inbound streams without a word while its acceptor is busy.
//! Here an accepted stream is read from the moment that it exists.
//!
//! The stream of the peer records is opened like the others. Its negotiation is what shows that
//! the other end is of this network: all protocol names carry the chain tag.

mod behaviour;
mod frame;
mod handler;
mod outbox;
mod upgrade;

pub(crate) use behaviour::{Behaviour, DirectEvent, Settings};
pub(crate) use outbox::Outbox;
