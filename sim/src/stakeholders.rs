//! Stake that scenarios move: transactions of the clients' accounts and of operators that are named
//! by the scenario, not drawn; nodes that are given keys; and what comes of it.

use std::sync::Arc;

use quorate_crypto::ValidatorSecretKey;
use quorate_types::{
    Action, Address, Amount, Block, ChainReader, Epoch, Height, Moniker, Notice, Receipt,
    Registration, SignRecord, StakeMove, prove_possession,
};

use crate::event::NodeId;
use crate::setup::Sender;
use crate::sign_file::SignFile;
use crate::world::World;

impl World {
    /// The validators of genesis, by their operators, ascending.
    #[must_use]
    pub fn operators(&self) -> Vec<Address> {
        let validators = self.setup.genesis.document().validators.iter();
        validators.map(|validator| validator.operator).collect()
    }

    /// The operator that belongs to a node with a key: of its validator of genesis, or of one that it
    /// may become. None for a full node.
    #[must_use]
    pub fn operator(&self, node: NodeId) -> Option<Address> {
        self.setup.operators.get(node.position()).map(|operator| operator.address)
    }

    /// Base units of one account with one validator.
    #[must_use]
    pub fn stake(validator: Address, amount: u64) -> StakeMove {
        StakeMove { validator, amount: Amount(amount) }
    }

    /// An account of the clients, by its number, has a running node take a transaction. Its nonce is
    /// the next one as far as blocks tell, so only one transaction of an account is under way.
    pub fn transact(&mut self, node: NodeId, account: usize, actions: Vec<Action>) {
        let place = account.checked_rem(self.setup.accounts.len()).unwrap_or(0);
        let Some(sender) = self.setup.accounts.get(place).cloned() else { return };
        self.send_signed(node, &sender, actions);
    }

    /// The operator that belongs to the node `of` has the running node `via` take a transaction.
    pub fn operate(&mut self, via: NodeId, of: NodeId, actions: Vec<Action>) {
        let Some(sender) = self.setup.operators.get(of.position()).cloned() else { return };
        self.send_signed(via, &sender, actions);
    }

    /// As [`World::operate`], for several operators at once.
    pub fn operate_together(&mut self, via: NodeId, moves: &[(NodeId, Action)]) {
        let senders = &self.setup.operators;
        let moves: Vec<(Sender, Action)> = moves
            .iter()
            .filter_map(|(of, action)| Some((senders.get(of.position())?.clone(), action.clone())))
            .collect();
        let mut signed = Vec::with_capacity(moves.len());
        for (sender, action) in moves {
            signed.push(self.signed(&sender, vec![action], Height::GENESIS));
        }
        self.submit_to(via, &signed);
    }

    fn send_signed(&mut self, node: NodeId, sender: &Sender, actions: Vec<Action>) {
        let signed = self.signed(sender, actions, Height::GENESIS);
        self.submit_to(node, &[signed]);
    }

    /// How many validators blocks with evidence have put out for ever.
    #[must_use]
    pub fn tombstoned(&self) -> usize {
        self.oracles.tombstoned()
    }

    /// How many pieces of evidence wait at a running node for a block; none when it is down.
    #[must_use]
    pub fn evidence_waiting(&self, node: NodeId) -> Option<usize> {
        let process = self.nodes.get(node.position())?.process.as_ref()?;
        Some(process.replica.evidence_waiting())
    }

    /// What makes the operator of a node a validator with the key of a node: its own or another.
    #[must_use]
    pub fn registration(&self, of: NodeId, with: NodeId, bond: u64) -> Option<Action> {
        let (operator, key) = (self.operator(of)?, self.key_of(with)?);
        Some(Action::RegisterValidator(Box::new(Registration {
            key: *key.public().as_bytes(),
            proof: prove_possession(&self.setup.context, &operator, &key),
            moniker: Moniker::default(),
            commission_bps: 0,
            bond: Amount(bond),
        })))
    }

    /// What gives the validator of a node's operator the key of another node, as soon as can be.
    #[must_use]
    pub fn rotation(&self, of: NodeId, to: NodeId) -> Option<Action> {
        let (operator, key) = (self.operator(of)?, self.key_of(to)?);
        let proof = prove_possession(&self.setup.context, &operator, &key);
        Some(Action::RotateKey { key: *key.public().as_bytes(), proof, from: Epoch(0) })
    }

    fn key_of(&self, node: NodeId) -> Option<ValidatorSecretKey> {
        let seed = self.nodes.get(node.position())?.key_seed?;
        Some(ValidatorSecretKey::from_seed(seed))
    }

    /// Kills a node and starts it again with a key that nobody had, and with a sign-state for it.
    pub fn give_new_key(&mut self, id: NodeId) {
        self.kill(id);
        let seed = self.random.bytes();
        if let Some(place) = self.setup.validator_seeds.get_mut(id.position()) {
            *place = seed;
        }
        self.oracles.learn_key(id, &ValidatorSecretKey::from_seed(seed).public());
        let file = self.setup.log_owner(id).map(SignFile::new);
        let node = self.node_mut(id);
        (node.key_seed, node.record, node.sign_file) = (Some(seed), SignRecord::default(), file);
        node.has_lost_record = false;
        self.start(id);
    }

    /// Whether the key of a running node is in the set of the height that it decides next.
    #[must_use]
    pub fn is_in_set(&self, id: NodeId) -> bool {
        let process = self.nodes.get(id.position()).and_then(|node| node.process.as_ref());
        let key = self.key_of(id).map(|key| key.public());
        let index =
            process.zip(key).map(|(process, key)| process.replica.validators().index_of_key(&key));
        index.flatten().is_some()
    }

    /// Base units of the operator of a node with its own validator, after the highest height.
    #[must_use]
    pub fn own_stake(&self, node: NodeId) -> u64 {
        self.operator(node).map_or(0, |operator| self.oracles.own_stake(&operator))
    }

    /// Whose turn it is in view 0 of a height whose set is known.
    #[must_use]
    pub fn turn(&mut self, height: Height) -> Option<Address> {
        self.oracles.turn(height)
    }

    /// The validators of the height that a running node decides, with their power.
    #[must_use]
    pub fn powers(&self, node: NodeId) -> Vec<(Address, u64)> {
        let process = self.nodes.get(node.position()).and_then(|node| node.process.as_ref());
        let set = process.map(|process| process.replica.validators());
        let validators = set.into_iter().flat_map(|set| set.validators());
        validators.map(|validator| (validator.address, validator.power.0)).collect()
    }

    /// A decided block as a node has it stored, with the receipts of its transactions.
    #[must_use]
    pub fn stored(&self, node: NodeId, height: Height) -> Option<(Arc<Block>, Vec<Receipt>)> {
        let store = self.nodes.get(node.position())?.disk.visible();
        let digest = store.digest_at(height).ok()??;
        Some((store.block(&digest).ok()??, store.receipts(height).ok()??))
    }

    /// Transactions of accounts and operators in final blocks, as clients know them.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.clients.transactions()
    }

    /// What a height told those who run the chain, if it is one of the newest.
    #[must_use]
    pub fn notices(&self, height: Height) -> &[Notice] {
        self.clients.notices(height)
    }
}
