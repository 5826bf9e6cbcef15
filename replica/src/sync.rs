//! Block sync: a node that lacks blocks asks for them, in the same state machine that votes. Each
//! decided block is handed to consensus as its commit certificate, in order.

use quorate_crypto::museum;
use std::sync::Arc;

use quorate_consensus::Input as ConsensusInput;
use quorate_types::limits::MAX_FETCH_BLOCKS;
use quorate_types::wire::{FetchAnswer, FetchRequest};
use quorate_types::{Block, Digest, Height, Message, Status};

use crate::blocks::Stored;
use crate::drive::payload_of;
use crate::input::{DecidedBlock, PeerId, RequestId, Timer, VerifiedAnswer};
use crate::job::ReadJob;
use crate::replica::Replica;
use crate::step::Action;

/// Decided heights that may wait for execution before more are asked for.
const MAX_BACKLOG: usize = 512;

impl Replica {
    /// own messages and status at once.
    pub(crate) fn on_peer_connected(&mut self, peer: PeerId) {
        self.peers.connect(peer);
        let messages = self.consensus.own_messages();
        if !messages.is_empty() {
            self.out.now.push(Action::SendTo { peer, messages });
        }
        self.send_status(Some(peer));
        self.ask_for_own_statements(peer);
    }

    pub(crate) fn on_peer_disconnected(&mut self, peer: PeerId) {
        if !self.peers.disconnect(peer).is_empty() {
            self.ask_for_missing();
            self.sync_above(self.chain.tip.height);
        }
    }

    /// A hint: it may start a request to that peer, and never touches a vote.
    pub(crate) fn on_status(&mut self, peer: PeerId, status: Status) {
        self.peers.set_status(peer, status);
        let decided = self.chain.tip.height;
        if status.height == decided {
            // the certificate that it lacks; it asks for the block itself.
            let certificate = self.chain.tip.certificate.clone();
            let messages = certificate.map(Message::Certificate).into_iter().collect();
            self.out.now.push(Action::SendTo { peer, messages });
        }
        // One height ahead is what every decision looks like for a moment: housekeeping sees
        // whether it lasts.
        self.sync_above(decided.next());
    }

    pub(crate) fn on_request(&mut self, peer: PeerId, id: RequestId, request: FetchRequest) {
        if let FetchRequest::Statements(address) = &request {
            return self.serve_statements(peer, id, address);
        }
        if let FetchRequest::Block(digest) = &request
            && let Some(block) = self.blocks.get(digest)
        {
            let answer = FetchAnswer::Block(Some(Arc::clone(block)));
            self.out.now.push(Action::Answer { peer, id, answer });
            return;
        }
        self.out.now.push(Action::Read(ReadJob::Serve { peer, id, request }));
    }

    /// Asks for decided blocks when somebody has, or is proved to have, more than `height`.
    pub(crate) fn sync_above(&mut self, height: Height) {
        let claim = if museum!(StatusIgnored) { None } else { Some(self.peers.highest_claim()) };
        let target = claim.unwrap_or_default().max(self.chain.heard);
        let is_busy =
            self.peers.is_syncing() || self.awaits_epoch || self.chain.backlog() > MAX_BACKLOG;
        if museum!(NoSync) || target <= height || is_busy {
            return;
        }
        let count = u32::try_from(MAX_FETCH_BLOCKS).unwrap_or(1);
        self.ask(FetchRequest::Range { from: self.chain.tip.height.next(), count });
    }

    /// Asks peers for the blocks that consensus waits for and nobody was asked for.
    pub(crate) fn ask_for_missing(&mut self) {
        for digest in self.blocks.missing() {
            let request = FetchRequest::Block(digest);
            if !self.peers.is_asked(|asked| *asked == request) {
                self.ask(request);
            }
        }
    }

    fn ask(&mut self, request: FetchRequest) {
        if let Some((peer, id, request)) = self.peers.ask(request) {
            self.send_request(peer, id, request);
        }
    }

    /// Asks one peer, if it is idle.
    pub(crate) fn ask_peer(&mut self, peer: PeerId, request: FetchRequest) {
        if let Some(id) = self.peers.ask_one(peer, request) {
            self.send_request(peer, id, request);
        }
    }

    fn send_request(&mut self, peer: PeerId, id: RequestId, request: FetchRequest) {
        self.out.now.push(Action::Request { peer, id, request });
        let timer = Timer::Request(id);
        let after_ms = self.peers.patience_ms(peer);
        self.out.now.push(Action::SetTimer { timer, after_ms });
    }

    /// An answer, or none: the peer failed, was too late, or sent what does not verify.
    pub(crate) fn on_answer(&mut self, id: RequestId, answer: Option<VerifiedAnswer>) {
        let Some((peer, request)) = self.peers.answered(id) else {
            return self.take_late(answer);
        };
        self.peers.rank(peer, &request, answer.is_none());
        match (request, answer) {
            (FetchRequest::Range { .. }, Some(VerifiedAnswer::Range(blocks)))
                if !blocks.is_empty() =>
            {
                self.take_range(blocks);
            }
            (FetchRequest::Block(digest), Some(VerifiedAnswer::Block(Some(block)))) => {
                self.arrived(digest, block, Stored::No);
            }
            (FetchRequest::Range { .. }, _) => {
                self.peers.discredit(peer);
                self.sync_above(self.chain.tip.height);
            }
            (FetchRequest::Statements(_), Some(VerifiedAnswer::Statements { verified, early })) => {
                self.on_statements(peer, verified, early);
            }
            // Another peer is asked for a block at the next housekeeping.
            (FetchRequest::Block(_) | FetchRequest::Statements(_), _) => {}
        }
    }

    /// Blocks that come after their request counted as failed are the same blocks: where links are
    /// narrow, none may come sooner.
    fn take_late(&mut self, answer: Option<VerifiedAnswer>) {
        match answer {
            Some(VerifiedAnswer::Range(blocks)) => self.take_range(blocks),
            Some(VerifiedAnswer::Block(Some(block))) => {
                self.arrived(block.digest(), block, Stored::No);
            }
            Some(VerifiedAnswer::Block(None) | VerifiedAnswer::Statements { .. }) | None => {}
        }
    }

    /// Hands decided blocks to consensus, each as its certificate with the block at hand.
    fn take_range(&mut self, blocks: Vec<DecidedBlock>) {
        for (block, certificate) in blocks {
            if block.height() > self.chain.tip.height {
                self.chain.heard = self.chain.heard.max(block.height());
                let digest = certificate.value().digest;
                self.blocks.insert(digest, Arc::clone(&block), Stored::No);
                // Consensus may wait for this very block, which it asked for by digest.
                self.arrived(digest, block, Stored::No);
                self.inbox.push_back(ConsensusInput::Message(certificate.into()));
            }
        }
    }

    pub(crate) fn on_loaded(&mut self, digest: Digest, block: Option<Arc<Block>>) {
        match block {
            Some(block) => self.arrived(digest, block, Stored::Yes),
            None => self.ask_for_missing(),
        }
    }

    /// A whole block that somebody waited for.
    fn arrived(&mut self, digest: Digest, block: Arc<Block>, stored: Stored) {
        let wanted = self.blocks.wanted.remove(&digest);
        let awaited = self.blocks.awaited.remove(&digest);
        if !wanted && !awaited {
            return;
        }
        self.blocks.insert(digest, Arc::clone(&block), stored);
        if wanted {
            self.inbox.push_back(ConsensusInput::Fetched(payload_of(&block)));
        }
        if awaited {
            self.run_validation(digest, block);
        }
    }
}
