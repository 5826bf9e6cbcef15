//! Making room: which transactions yield to a newcomer.

use std::collections::BTreeMap;

use quorate_types::{Address, Nonce, TransactionId};

use crate::chain::Chain;
use crate::pool::Mempool;
use crate::rank::Worth;

/// What is missing for a newcomer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortage {
    pub(crate) transactions: usize,
    pub(crate) bytes: usize,
}

impl Mempool {
    /// The transactions that make up for a shortage: the least worth first, always the tail of
    /// a chain, so that no gap arises, and none of the newcomer's own sender. None if that would
    /// take one that is worth as much as the newcomer or more.
    pub(crate) fn victims(
        &self,
        newcomer: Worth,
        sender: &Address,
        mut shortage: Shortage,
    ) -> Option<Vec<TransactionId>> {
        let mut tails = self.tails.iter().filter_map(|(worth, other)| {
            let chain = self.chains.get(other)?;
            let (nonce, _) = chain.tail()?;
            (other != sender).then_some((*worth, (chain, nonce)))
        });
        // Holds the least tail that was not looked at yet, and those that earlier victims expose.
        let mut queue: BTreeMap<Worth, (&Chain, Nonce)> = BTreeMap::new();
        let mut victims = Vec::new();
        queue.extend(tails.next());
        while shortage.transactions > 0 || shortage.bytes > 0 {
            let (_, (chain, nonce)) = queue.pop_first().filter(|(worth, _)| *worth < newcomer)?;
            let victim = chain.get(nonce)?;
            victims.push(victim.id());
            shortage.transactions = shortage.transactions.saturating_sub(1);
            shortage.bytes = shortage.bytes.saturating_sub(victim.bytes());
            if chain.tail().is_some_and(|(tail, _)| tail == nonce) {
                queue.extend(tails.next());
            }
            let exposed = chain.tail_below(nonce);
            queue.extend(exposed.map(|(nonce, w)| (chain.worth(nonce, w.rank), (chain, nonce))));
        }
        Some(victims)
    }
}
