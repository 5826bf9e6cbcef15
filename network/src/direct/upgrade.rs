//! Negotiation of inbound streams: any channel's protocol is accepted, and remembered.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;

use libp2p::core::UpgradeInfo;
use libp2p::core::upgrade::InboundUpgrade;
use libp2p::{Stream, StreamProtocol};

use crate::channel::Channel;

/// Accepts a stream of any channel and says of which.
#[derive(Clone)]
pub(crate) struct Accept(pub(super) Arc<[(Channel, StreamProtocol)]>);

/// A protocol name that remembers its channel.
#[derive(Clone)]
pub(crate) struct Named(Channel, StreamProtocol);

impl AsRef<str> for Named {
    fn as_ref(&self) -> &str {
        self.1.as_ref()
    }
}

impl UpgradeInfo for Accept {
    type Info = Named;
    type InfoIter = Vec<Named>;

    fn protocol_info(&self) -> Vec<Named> {
        self.0.iter().map(|(channel, name)| Named(*channel, name.clone())).collect()
    }
}

impl InboundUpgrade<Stream> for Accept {
    type Output = (Stream, Channel);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Self::Error>>;

    fn upgrade_inbound(self, stream: Stream, named: Named) -> Self::Future {
        ready(Ok((stream, named.0)))
    }
}
