//! Rejoining after a loss of records (S-5): what this node looks for to notice that its key has
//! signed more than it knows, the entries of others that wait for a block, and its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_consensus::{Input as ConsensusInput, Now, is_beyond};
use quorate_crypto::Hash;
use quorate_types::limits::MAX_FETCH_STATEMENTS;
use quorate_types::wire::{FetchAnswer, FetchRequest};
use quorate_types::{
    Address, Block, Certificate, ChainContext, EpochEntry, Height, KnownEpochs, Message, Rejoin,
    RejoinBody, SignRecord, SignedStatement, Store, ValidatorSet, Verified, verify,
};

use crate::application::{Application, OpenError};
use crate::input::{PeerId, RequestId};
use crate::replica::Replica;
use crate::step::Action;

/// Milliseconds after which a node that observes sends its entry again, renewed.
const RENEW_MS: u64 = 2_000;
/// Peers whose statements wait for their epoch at most; each answers with a bounded number.
const MAX_EARLY_PEERS: usize = 128;
/// Heights of the chain database that are searched for signatures of the own key at a start.
const SEARCHED_HEIGHTS: u64 = 1_024;

/// Entries that wait for a block, at most one per validator, and the own one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rejoins {
    /// The value of this start.
    value: Hash,
    /// Of each validator the entry with the highest tip.
    waiting: BTreeMap<Address, Rejoin>,
    /// The tip of the entry of each validator that a block has carried last.
    included: BTreeMap<Address, Height>,
    /// When the own entry was renewed last, on the monotonic clock in milliseconds.
    renewed_ms: Option<u64>,
    /// The tip of the own entry that was gossiped last.
    published: Option<Height>,
    /// What each peer says that the own key has signed, of epochs that are not known yet.
    early: BTreeMap<PeerId, Vec<SignedStatement>>,
}

impl Rejoins {
    /// Nothing waits; `value` was drawn at this start.
    pub(crate) fn new(value: Hash) -> Rejoins {
        let (waiting, included) = (BTreeMap::new(), BTreeMap::new());
        let early = BTreeMap::new();
        Rejoins { value, waiting, included, renewed_ms: None, published: None, early }
    }

    /// Keeps what a peer says that cannot be judged yet. No peer takes another's place.
    fn keep_early(&mut self, peer: PeerId, said: Vec<SignedStatement>) {
        if !said.is_empty() && self.early.len() < MAX_EARLY_PEERS {
            self.early.insert(peer, said);
        }
    }

    /// Takes out what peers said of epochs that are known by now, as far as it verifies: what does not
    /// says nothing.
    fn take_judgeable(
        &mut self,
        epochs: &KnownEpochs,
        context: &ChainContext,
    ) -> Vec<Verified<SignedStatement>> {
        let mut judgeable = Vec::new();
        for said in self.early.values_mut() {
            said.retain(|signed| {
                let Some(set) = epochs.set_of(signed.statement.height) else {
                    return true;
                };
                judgeable.extend(verify::statement(*signed, context, set).ok());
                false
            });
        }
        self.early.retain(|_, said| !said.is_empty());
        judgeable
    }

    /// Keeps a verified entry of a validator if none of as high a tip waits or was included: an
    /// entry of an earlier loss, which may be sent for ever, keeps no newer one out.
    pub(crate) fn insert(&mut self, rejoin: Rejoin) {
        let RejoinBody { validator, height, .. } = rejoin.body;
        let waiting = self.waiting.get(&validator).map(|rejoin| rejoin.body.height);
        let highest = waiting.max(self.included.get(&validator).copied());
        if highest.is_none_or(|highest| highest < height) {
            self.waiting.insert(validator, rejoin);
        }
    }

    /// A decided block carries these.
    pub(crate) fn include(&mut self, rejoins: &[Rejoin]) {
        for RejoinBody { validator, height, .. } in rejoins.iter().map(|rejoin| rejoin.body) {
            let highest = self.included.entry(validator).or_insert(height);
            *highest = height.max(*highest);
            self.waiting.retain(|of, waiting| *of != validator || waiting.body.height > height);
        }
    }

    /// What a block of this height may carry, ascending by address.
    pub(crate) fn for_block(&self, height: Height) -> Vec<Rejoin> {
        self.waiting.values().filter(|rejoin| rejoin.body.is_for(height)).copied().collect()
    }
}

impl Replica {
    /// S-5: each connected peer is asked once what this validator has said.
    pub(crate) fn ask_for_own_statements(&mut self, peer: PeerId) {
        let Some(address) = self.operator.filter(|_| !self.consensus.is_observing()) else {
            return;
        };
        self.ask_peer(peer, FetchRequest::Statements(address));
    }

    /// A peer has lost or doubts its records: what is kept here of what it said.
    pub(crate) fn serve_statements(&mut self, peer: PeerId, id: RequestId, address: &Address) {
        let said = self.consensus.said_by(address, MAX_FETCH_STATEMENTS);
        self.out.now.push(Action::Answer { peer, id, answer: FetchAnswer::Statements(said) });
    }

    /// Consensus judges whether any of it is news.
    pub(crate) fn on_statements(
        &mut self,
        peer: PeerId,
        verified: Vec<Verified<SignedStatement>>,
        early: Vec<SignedStatement>,
    ) {
        self.inbox.extend(verified.into_iter().map(ConsensusInput::Met));
        self.rejoins.keep_early(peer, early);
    }

    /// Another epoch is known: what waited for it is judged before any of its heights starts.
    pub(crate) fn judge_early(&mut self) {
        let Replica { rejoins, epochs, config, inbox, .. } = self;
        for met in rejoins.take_judgeable(epochs, &config.context) {
            inbox.push_front(ConsensusInput::Met(met));
        }
    }

    /// S-5: what a decided block says of this node, before consensus signs anything above it: a
    /// Commit of the own key that the record does not know, and the own value, which ends observing.
    pub(crate) fn look_into_decided(&mut self, block: &Block) {
        let beyond = block.last_commit.as_ref().and_then(|certificate| {
            self.own_vote(certificate, self.epochs.set_of(certificate.height)?)
        });
        if let Some(signed) = beyond.filter(|signed| self.consensus.is_beyond(&signed.statement)) {
            let set = self.epochs.set_of(signed.statement.height);
            let verified = set.map(|set| verify::statement(signed, &self.config.context, set));
            if let Some(Ok(met)) = verified {
                self.inbox.push_front(ConsensusInput::Met(met));
            }
        }
        let own = |rejoin: &Rejoin| {
            Some(rejoin.body.validator) == self.operator && rejoin.body.value == self.rejoins.value
        };
        if block.rejoins.iter().any(own) {
            self.inbox.push_front(ConsensusInput::Rejoined(block.height()));
        }
        self.rejoins.include(&block.rejoins);
    }

    /// The own signature in a certificate; `set` is V of its height.
    fn own_vote(&self, certificate: &Certificate, set: &ValidatorSet) -> Option<SignedStatement> {
        let own = self.config.key.and_then(|key| set.index_of_key(&key))?;
        certificate.signed_statements().into_iter().find(|signed| signed.signer == own)
    }

    /// S-5: a signature of the own key in the newest part of the chain database that its record
    /// does not know.
    pub(crate) fn find_own_beyond(
        &self,
        record: &SignRecord,
        application: &Application,
        store: &dyn Store,
    ) -> Result<Option<(SignedStatement, Arc<EpochEntry>)>, OpenError> {
        let lowest = record.guard.map_or(Height(1), |guard| guard.height);
        let mut height = self.chain.tip.height;
        let mut epoch = None;
        for _ in 0..SEARCHED_HEIGHTS {
            if height < lowest || height == Height::GENESIS {
                break;
            }
            if !epoch.as_ref().is_some_and(|epoch: &Arc<EpochEntry>| epoch.contains(height)) {
                epoch = application.epoch_of(height, store)?;
            }
            let Some(epoch) = &epoch else {
                break;
            };
            let above = store.block_at(height.next())?;
            let carried = above.and_then(|block| block.last_commit.clone());
            let own = store.certificate(height)?.into_iter().chain(carried);
            let vote = |certificate| self.own_vote(&certificate, &epoch.validators);
            let own: Vec<_> = own.filter_map(vote).collect();
            let beyond = |signed: &&SignedStatement| {
                is_beyond(record, &signed.statement, &self.config.context)
            };
            if let Some(signed) = own.iter().find(beyond) {
                return Ok(Some((*signed, Arc::clone(epoch))));
            }
            height = height.previous().unwrap_or(Height::GENESIS);
        }
        Ok(None)
    }

    /// While observing and in sync: renews the own entry, on the tip of now.
    pub(crate) fn renew_rejoin(&mut self, now: Now) {
        let Some(validator) = self.operator.filter(|_| self.consensus.is_observing()) else {
            return;
        };
        let height = self.chain.tip.height;
        let waited = |since: u64| now.monotonic_ms.saturating_sub(since) >= RENEW_MS;
        if self.chain.heard > height.next() || !self.rejoins.renewed_ms.is_none_or(waited) {
            return;
        }
        self.rejoins.renewed_ms = Some(now.monotonic_ms);
        let value = self.rejoins.value;
        self.out.now.push(Action::SignRejoin(RejoinBody { validator, height, value }));
    }

    /// The own entry is signed: gossiped when it is new, else sent directly, since gossip drops what
    /// it has seen.
    pub(crate) fn on_rejoin_signed(&mut self, rejoin: Rejoin) {
        let is_own = Some(rejoin.body.validator) == self.operator;
        if !is_own || rejoin.body.value != self.rejoins.value || !self.consensus.is_observing() {
            return;
        }
        let message = Message::Rejoin(rejoin);
        let is_new = self.rejoins.published < Some(rejoin.body.height);
        self.rejoins.published = Some(rejoin.body.height);
        self.out.now.push(if is_new {
            Action::Publish(message)
        } else {
            Action::Resend(vec![message])
        });
    }
}

#[cfg(test)]
mod tests {
    use quorate_crypto::Signature;
    use quorate_types::Epochs;

    use super::*;
    use crate::chain_of_one::{context, epoch, prepare};

    fn entry(validator: u8, height: u64, value: u8) -> Rejoin {
        let body = RejoinBody {
            validator: Address([validator; 20]),
            height: Height(height),
            value: Hash::from_bytes([value; 32]),
        };
        Rejoin { body, signature: Signature::from_bytes([0; 64]) }
    }

    /// Schedule 25: an entry of an earlier loss is sent for ever.
    #[test]
    fn the_highest_tip_of_a_validator_goes_first_and_none_twice() {
        let mut rejoins = Rejoins::new(Hash::ZERO);
        rejoins.insert(entry(1, 10, 1));
        rejoins.insert(entry(1, 20, 2));
        rejoins.insert(entry(1, 10, 1));
        assert_eq!(rejoins.for_block(Height(21)), [entry(1, 20, 2)]);
        rejoins.include(&[entry(1, 20, 2)]);
        assert_eq!(rejoins.for_block(Height(22)), []);
        for old in [entry(1, 10, 1), entry(1, 20, 2), entry(1, 20, 3)] {
            rejoins.insert(old);
        }
        assert_eq!(rejoins.for_block(Height(22)), [], "included, or older than that");
        rejoins.insert(entry(1, 21, 4));
        rejoins.include(&[entry(1, 20, 2)]);
        assert_eq!(rejoins.for_block(Height(22)), [entry(1, 21, 4)], "an old one again");
    }

    /// S-5: what a peer says of an epoch that is not known yet waits for it, and for no other.
    #[test]
    fn what_comes_early_is_judged_when_its_epoch_is_known() {
        let context = context();
        let say = |height| prepare(height, 1, &context);
        let forged = SignedStatement { signature: Signature::from_bytes([0; 64]), ..say(12) };
        let mut rejoins = Rejoins::new(Hash::ZERO);
        rejoins.keep_early(PeerId(1), vec![say(25), say(12), forged]);
        rejoins.keep_early(PeerId(2), vec![say(13)]);
        let mut epochs = KnownEpochs::new(&Epochs::single(epoch(0)));
        let mut judgeable = |epochs: &KnownEpochs| -> Vec<SignedStatement> {
            let judgeable = rejoins.take_judgeable(epochs, &context);
            judgeable.into_iter().map(Verified::into_inner).collect()
        };
        assert_eq!(judgeable(&epochs), [], "not yet");
        let after = Epochs { executed: epoch(0), next: epoch(0), after: epoch(1) };
        assert!(epochs.learn(&after));
        assert_eq!(judgeable(&epochs), [say(12), say(13)]);
        assert_eq!(judgeable(&epochs), [], "once");
        let after = Epochs { executed: epoch(1), next: epoch(1), after: epoch(2) };
        assert!(epochs.learn(&after));
        assert_eq!(judgeable(&epochs), [say(25)]);
        assert_eq!(rejoins.early.len(), 0, "nobody takes another's place for ever");
    }

    #[test]
    fn a_block_gets_what_its_height_allows_in_order_of_address() {
        let mut rejoins = Rejoins::new(Hash::ZERO);
        for rejoin in [entry(3, 5, 0), entry(1, 6, 0), entry(2, 1_006, 0)] {
            rejoins.insert(rejoin);
        }
        assert_eq!(rejoins.for_block(Height(6)), [entry(3, 5, 0)]);
        assert_eq!(rejoins.for_block(Height(7)), [entry(1, 6, 0), entry(3, 5, 0)]);
        assert_eq!(rejoins.for_block(Height(1_006)), [entry(1, 6, 0)], "one window is over");
    }
}
