//! Stake that scenarios move: transactions of the clients' accounts that are named by the scenario,
//! not drawn, and what comes of them.

use quorate_types::{
    Action, Address, Amount, Height, Nonce, StakeMove, Transaction, TransactionBody,
};

use crate::event::NodeId;
use crate::world::World;

/// A fee that covers the actions of one scenario's transaction, in base units.
const FEE: u64 = 40_000;

impl World {
    /// The validators of genesis, by their operators, ascending.
    #[must_use]
    pub fn operators(&self) -> Vec<Address> {
        let validators = self.setup.genesis.document().validators.iter();
        validators.map(|validator| validator.operator).collect()
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
        let body = TransactionBody {
            chain_tag: self.setup.context.tag(),
            signers: vec![sender.key.public()],
            nonce: Nonce(self.clients.next_nonce(&sender.address)),
            expiry: Height::GENESIS,
            fee: Amount(FEE),
            memo: Vec::new(),
            actions,
        };
        let signed: Transaction = body.sign(&self.setup.context, &sender.key);
        self.submit_to(node, &[signed]);
    }

    /// The validators of the height that a running node decides, with their power.
    #[must_use]
    pub fn powers(&self, node: NodeId) -> Vec<(Address, u64)> {
        let process = self.nodes.get(node.position()).and_then(|node| node.process.as_ref());
        let set = process.map(|process| process.replica.validators());
        let validators = set.into_iter().flat_map(|set| set.validators());
        validators.map(|validator| (validator.address, validator.power.0)).collect()
    }
}
