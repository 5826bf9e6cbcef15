//! Answers for clients: what only the core or the state tree knows.

use quorate_types::{Account, Address, Height, Nonce, StateKey};

use crate::input::{Query, QueryId};
use crate::job::Job;
use crate::replica::Replica;
use crate::step::{Action, ProvedValue, Reply, Simulated};

impl Replica {
    pub(crate) fn on_query(&mut self, id: QueryId, query: Query) {
        match query {
            Query::Account { address, height } => {
                let height = height.unwrap_or(self.chain.last_final.0);
                self.out.now.push(Action::Run(Job::Account { id, address, height }));
            }
            Query::Value { key, height } => {
                let height = height.unwrap_or(self.chain.last_final.0);
                self.out.now.push(Action::Run(Job::Prove { id, key, height }));
            }
            Query::Proof(key) => self.prove(id, key),
            Query::Pending(transaction) => {
                let waiting = self.mempool.get(&transaction).cloned();
                let pending = waiting.or_else(|| self.chain.not_yet_final(&transaction));
                self.reply(id, Reply::Pending(pending));
            }
            Query::Mempool => self.reply(id, Reply::Mempool(self.mempool.status())),
            Query::Simulate(transaction) => {
                let (transaction, height) = (transaction.into_inner(), self.chain.last_final.0);
                self.out.now.push(Action::Run(Job::Simulate { id, transaction, height }));
            }
        }
    }

    /// The roots of a height stand in the header above it, which has to be final for a proof.
    fn prove(&mut self, id: QueryId, key: StateKey) {
        match self.chain.last_final.0.previous() {
            Some(height) => self.out.now.push(Action::Run(Job::Prove { id, key, height })),
            None => self.reply(id, Reply::Proof(None)),
        }
    }

    pub(crate) fn on_account(
        &mut self,
        id: QueryId,
        address: Address,
        height: Height,
        account: Option<Option<Account>>,
    ) {
        let nonce = account.flatten().map_or(Nonce(0), |account| account.nonce);
        let next_nonce = self.mempool.next_nonce(&address, nonce);
        let height = account.map(|_| height);
        self.reply(id, Reply::Account { height, account: account.flatten(), next_nonce });
    }

    pub(crate) fn on_proved(&mut self, id: QueryId, proved: Option<ProvedValue>) {
        self.reply(id, Reply::Proof(proved));
    }

    pub(crate) fn on_simulated(&mut self, id: QueryId, simulated: Option<Simulated>) {
        self.reply(id, Reply::Simulated(simulated));
    }

    fn reply(&mut self, id: QueryId, reply: Reply) {
        self.out.now.push(Action::Reply { id, reply });
    }
}
