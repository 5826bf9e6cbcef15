//! What a Byzantine validator has in its hands: its own key without any guard, what its honest code
//! knows, a die, and letters. It cannot forge the signature of another (M-2).

use std::collections::BTreeMap;

use quorate_crypto::{Hash, ValidatorSecretKey};
use quorate_replica::RequestId;
use quorate_types::wire::{self, FetchAnswer};
use quorate_types::{
    Address, BlockPayload, Certificate, ChainContext, Digest, Height, Justification, Message,
    PrePrepare, SignedStatement, Statement, StatementBody, Status, Transaction, ValidatorIndex,
    View, ViewChange,
};

use crate::event::NodeId;
use crate::parcel::Parcel;
use crate::random::Random;

/// What travels in a letter.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Message(Box<Message>),
    /// Bytes in the place of a consensus message.
    Bytes(Vec<u8>),
    Status(Status),
    /// The answer to a request, under the asking node's number.
    Answer(RequestId, FetchAnswer),
    Transactions(Vec<Transaction>),
    /// Something that gossip carries, under an id.
    Gossip(Hash, Parcel),
}

/// Something on its way out, to whom and when.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: Vec<NodeId>,
    /// How long it is held back, in microseconds.
    pub(crate) after_us: u64,
    pub(crate) content: Content,
    /// Not what the honest code would send.
    pub(crate) forged: bool,
    /// No node may take it for a message.
    pub(crate) refusable: bool,
}

/// Where the honest code of the validator stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) height: Height,
    pub(crate) view: View,
    /// Whose turn it is there.
    pub(crate) primary: Option<ValidatorIndex>,
}

/// Who the validator is.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) node: NodeId,
    pub(crate) index: ValidatorIndex,
    /// Its operator address, which blocks name as their proposer.
    pub(crate) address: Address,
    pub(crate) key: ValidatorSecretKey,
    pub(crate) context: ChainContext,
    /// The node of every validator.
    pub(crate) nodes: BTreeMap<ValidatorIndex, NodeId>,
}

/// What came out of a hand.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) letters: Vec<Letter>,
    /// Blocks that no honest validator may vote for.
    pub(crate) forbidden: Vec<Digest>,
    /// Nodes to be cut off, and for how long, in microseconds.
    pub(crate) cuts: Vec<(NodeId, u64)>,
    /// How often it deviated.
    pub(crate) count: u64,
}

/// The hand of one validator at one moment.
#[derive(Debug)]
pub(crate) struct Hand<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) standing: Standing,
    /// Every node that it is connected to.
    pub(crate) peers: &'a [NodeId],
    pub(crate) random: &'a mut Random,
    pub(crate) deeds: Deeds,
}

impl Hand<'_> {
    /// Lets a letter go.
    pub(crate) fn pass(&mut self, letter: Letter) {
        self.deeds.letters.push(letter);
    }

    /// Takes note of one deviation.
    pub(crate) fn deviate(&mut self) {
        self.deeds.count = self.deeds.count.saturating_add(1);
    }

    /// Sends something of its own making.
    pub(crate) fn forge(&mut self, to: &[NodeId], content: Content) {
        self.post(to, content, false);
    }

    /// The same for what no node may take for a message.
    pub(crate) fn forge_refusable(&mut self, to: &[NodeId], content: Content) {
        self.post(to, content, true);
    }

    fn post(&mut self, to: &[NodeId], content: Content, refusable: bool) {
        if to.is_empty() {
            return;
        }
        self.deviate();
        self.pass(Letter { to: to.to_vec(), after_us: 0, content, forged: true, refusable });
    }

    /// Sends a message of its own making.
    pub(crate) fn say(&mut self, to: &[NodeId], message: Message) {
        self.forge(to, Content::Message(Box::new(message)));
    }

    /// No honest validator may vote for a block.
    pub(crate) fn forbid(&mut self, block: Digest) {
        self.deeds.forbidden.push(block);
    }

    /// Signs whatever it likes.
    pub(crate) fn sign(&self, height: Height, view: View, body: StatementBody) -> SignedStatement {
        let Identity { index, key, context, .. } = self.identity;
        Statement { height, view, body }.sign_unguarded(context, *index, key)
    }

    pub(crate) fn prepare(&self, height: Height, view: View, digest: Digest) -> Message {
        Message::Prepare(self.sign(height, view, StatementBody::Prepare { digest }))
    }

    pub(crate) fn commit(&self, height: Height, view: View, digest: Digest) -> Message {
        Message::Commit(self.sign(height, view, StatementBody::Commit { digest }))
    }

    pub(crate) fn view_change(
        &self,
        height: Height,
        view: View,
        prepared: Option<(View, Digest)>,
        certificate: Option<Certificate>,
    ) -> Message {
        let signed = self.sign(height, view, StatementBody::ViewChange { prepared });
        Message::ViewChange(ViewChange { signed, certificate })
    }

    /// A proposal at a view, at the height of its block.
    pub(crate) fn pre_prepare(
        &self,
        view: View,
        payload: BlockPayload,
        justification: Justification,
    ) -> Message {
        let header = payload.header();
        let (height, digest) = (header.height, header.digest());
        let body = StatementBody::PrePrepare { digest, justification: justification.hash() };
        let signed = self.sign(height, view, body);
        Message::PrePrepare(Box::new(PrePrepare { signed, payload, justification }))
    }

    /// A digest of no block.
    pub(crate) fn random_digest(&mut self) -> Digest {
        Digest(quorate_crypto::Hash::from_bytes(self.random.bytes()))
    }

    /// Some of the peers, each with even chances.
    pub(crate) fn some_peers(&mut self) -> Vec<NodeId> {
        let Hand { peers, random, .. } = self;
        peers.iter().copied().filter(|_| random.chance(500)).collect()
    }

    /// One peer, as a list.
    pub(crate) fn one_peer(&mut self) -> Vec<NodeId> {
        self.random.pick(self.peers).into_iter().collect()
    }
}

impl Letter {
    /// The message in it.
    pub(crate) fn message(&self) -> Option<&Message> {
        match &self.content {
            Content::Message(message) => Some(message),
            Content::Bytes(_)
            | Content::Status(_)
            | Content::Answer(..)
            | Content::Gossip(..)
            | Content::Transactions(_) => None,
        }
    }

    /// The same content to others.
    pub(crate) fn to(&self, to: Vec<NodeId>) -> Letter {
        Letter { to, ..self.clone() }
    }

    /// The bytes of a message on the wire.
    pub(crate) fn bytes_of(message: &Message) -> Vec<u8> {
        wire::encode_message(message)
    }
}
