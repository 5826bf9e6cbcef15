//! Which transactions the next block takes, in which order.

use std::collections::BTreeMap;

use quorate_crypto::museum;
use quorate_types::{Nonce, Transaction};

use crate::chain::Chain;
use crate::limits::MAX_SKIPPED_CANDIDATES;
use crate::pool::Mempool;
use crate::rank::Rank;

impl Mempool {
    /// Whether a transaction waits that the next block could include. Costs nothing.
    #[must_use]
    pub fn has_ready(&self) -> bool {
        !self.heads.is_empty() || (museum!(GapIsWork) && !self.is_empty())
    }

    /// At most `max_count` candidates of at most `max_bytes` together: by fee per byte among the
    /// senders' next transactions, then by arrival; each sender's nonces ascend without a gap from
    /// its account's. A sender whose next one does not fit is passed over. Costs O(k log n) for k
    /// candidates.
    #[must_use]
    pub fn ready(&self, max_bytes: usize, max_count: usize) -> Vec<Transaction> {
        let mut heads = self.heads.iter().filter_map(|(rank, sender)| {
            let chain = self.chains.get(sender)?;
            Some((*rank, (chain, chain.account().nonce)))
        });
        // Holds the best sender that was not looked at yet, and the next nonces of those that were.
        let mut queue: BTreeMap<Rank, (&Chain, Nonce)> = heads.next().into_iter().collect();
        let mut taken = Vec::new();
        let (mut room, mut skipped) = (max_bytes, 0);
        while taken.len() < max_count
            && skipped <= MAX_SKIPPED_CANDIDATES
            && let Some((_, (chain, nonce))) = queue.pop_first()
        {
            if nonce == chain.account().nonce {
                queue.extend(heads.next());
            }
            let Some(waiting) = chain.ready_at(nonce) else {
                continue;
            };
            let Some(left) = room.checked_sub(waiting.bytes()) else {
                skipped += 1;
                continue;
            };
            room = left;
            taken.push(waiting.transaction.clone());
            let next =
                nonce.next().and_then(|next| Some((chain.ready_at(next)?.rank, (chain, next))));
            queue.extend(next);
        }
        taken
    }
}
