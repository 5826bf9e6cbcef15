//! The ledger of a node: the state tree, and what executed blocks changed until it is stored.
//!
//! Invariant: the overlay holds exactly the heights above `base`, without a gap, and the flat
//! state that a reader shows stands at a height from `base` to the tip's. So the overlay, newest
//! first, over the reader is the state after any of these heights.

use quorate_crypto::museum;
use std::collections::VecDeque;
use std::sync::Arc;

use quorate_crypto::state_tree::{StateProof, hash_value};
use quorate_crypto::{Hash, state_tree};
use quorate_types::{
    Block, ChainContext, Digest, EpochEntry, Epochs, Evidence, ExecutedBlock, ExecutedTip, Height,
    StateChanges, StateKey, StateReader, Store, Transaction, receipts_root,
};

use crate::check::{self, Place};
use crate::convict;
use crate::epochs::read_epochs;
use crate::error::LedgerError;
use crate::execute::execute;
use crate::state::StateView;
use crate::state_tree::{StateTree, VERSIONS};
use crate::surroundings::Surroundings;

/// The state after the newest executed blocks.
#[derive(Clone, Debug)]
pub struct Ledger {
    context: ChainContext,
    tree: StateTree,
    /// The newest height known to be stored.
    base: ExecutedTip,
    /// The epochs of it and of the two heights above.
    base_epochs: Epochs,
    /// Executed above `base`, oldest first.
    overlay: VecDeque<Arc<ExecutedBlock>>,
    /// What the last executed heights changed had before them, oldest first: as far back as the
    /// tree can prove.
    before: VecDeque<(Height, StateChanges)>,
}

impl Ledger {
    /// Rebuilds the tree from the stored flat state. About half a second per million keys.
    ///
    /// # Errors
    /// When the store fails, has no genesis state, or its state is not the one of its root.
    pub fn open(store: &dyn Store, context: ChainContext) -> Result<Ledger, LedgerError> {
        let base = store.executed()?.ok_or(LedgerError::Missing("executed tip"))?;
        let mut pairs: Vec<(Hash, Hash)> = Vec::new();
        store.scan_state(&mut |key, value| {
            // A key without a kind is none of ours; the root then tells.
            let key = StateKey::hash_of_bytes(key).unwrap_or(state_tree::EMPTY);
            pairs.push((key, hash_value(value)));
        })?;
        let tree = StateTree::from_pairs(base.height, pairs);
        let (height, expected, found) = (base.height, base.state_root, tree.root());
        if found != expected {
            return Err(LedgerError::DamagedState { height, expected, found });
        }
        let base_epochs = read_epochs(&StateView::new([], store), height)?;
        let (overlay, before) = (VecDeque::new(), VecDeque::new());
        Ok(Ledger { context, tree, base, base_epochs, overlay, before })
    }

    /// The newest executed height and its roots.
    #[must_use]
    pub fn tip(&self) -> ExecutedTip {
        self.overlay.back().map_or(self.base, |newest| newest.tip())
    }

    /// The roots of executing a height that is not yet stored, or was stored last.
    #[must_use]
    pub fn executed(&self, height: Height) -> Option<ExecutedTip> {
        if height == self.base.height {
            return Some(self.base);
        }
        self.layers(height).ok()?.next_back().map(|executed| executed.tip())
    }

    /// The epochs of a height that is not yet stored, or was stored last, and of the two above.
    #[must_use]
    pub fn epochs(&self, height: Height) -> Option<&Epochs> {
        if height == self.base.height {
            return Some(&self.base_epochs);
        }
        self.layers(height).ok()?.next_back().map(|executed| &executed.epochs)
    }

    /// The state after a height that is not yet stored, or was stored last. The reader may already
    /// stand above it: what later heights changed is read as it was before them.
    ///
    /// # Errors
    /// When the height is another.
    pub fn state<'a>(
        &'a self,
        height: Height,
        reader: &'a dyn StateReader,
    ) -> Result<StateView<'a>, LedgerError> {
        let layers = self.layers(height)?.rev().map(|executed| &executed.changes);
        let later = self.before.iter().filter(|(changed, _)| *changed > height);
        Ok(StateView::new(layers.chain(later.map(|(_, before)| before)), reader))
    }

    /// [`check::check_block`] over the state after `height` - 1.
    ///
    /// # Errors
    /// As there, or when that state is not at hand.
    pub fn check_block(
        &self,
        transactions: &[Transaction],
        height: Height,
        reader: &dyn StateReader,
    ) -> Result<(), LedgerError> {
        let (state, epoch) = self.below(height, reader)?;
        let place = Place { height, params: &epoch.params, context: &self.context };
        check::check_block(transactions, &state, place)
    }

    /// The epoch of an offence that a block at `height` may punish, by the state after `height` - 1:
    /// whose validators judge it. None when it is too old, or not yet.
    ///
    /// # Errors
    /// When the store fails, or that state is not at hand.
    pub fn epoch_of_offence(
        &self,
        offence: Height,
        height: Height,
        reader: &dyn StateReader,
    ) -> Result<Option<Arc<EpochEntry>>, LedgerError> {
        let (state, epoch) = self.below(height, reader)?;
        convict::epoch_of(offence, &state, epoch)
    }

    /// [`convict::check_evidence`] over the state after `height` - 1.
    ///
    /// # Errors
    /// As there, or when that state is not at hand.
    pub fn check_evidence(
        &self,
        evidence: &[Evidence],
        height: Height,
        reader: &dyn StateReader,
    ) -> Result<(), LedgerError> {
        let (state, epoch) = self.below(height, reader)?;
        convict::check_evidence(evidence, &state, epoch)
    }

    /// [`check::select`] over the state after `height` - 1.
    ///
    /// # Errors
    /// As there, or when that state is not at hand.
    pub fn select(
        &self,
        candidates: impl IntoIterator<Item = Transaction>,
        height: Height,
        reader: &dyn StateReader,
    ) -> Result<Vec<Transaction>, LedgerError> {
        let (state, epoch) = self.below(height, reader)?;
        let place = Place { height, params: &epoch.params, context: &self.context };
        check::select(candidates, &state, place)
    }

    /// Executes a block on the tip and makes it the tip. It may be undecided: see
    /// [`Ledger::discard`]. `digest` is the block's.
    ///
    /// # Errors
    /// When the block does not stand on the tip, carries other roots, or is invalid; nothing has
    /// changed then.
    pub fn execute(
        &mut self,
        block: Arc<Block>,
        digest: Digest,
        reader: &dyn StateReader,
    ) -> Result<Arc<ExecutedBlock>, LedgerError> {
        let tip = self.tip();
        check_parent(&block, &tip)?;
        let epochs = self.epochs(tip.height).ok_or(LedgerError::NotAtHand(tip.height))?;
        let surroundings = Surroundings { context: &self.context, epochs };
        let execution = execute(&block, &self.state(tip.height, reader)?, surroundings)?;
        let state_root = self.tree.update(block.height(), &tree_changes(&execution.changes));
        let executed = Arc::new(ExecutedBlock {
            block,
            digest,
            state_root,
            receipts_root: receipts_root(match execution.receipts.split_last() {
                Some((_, front)) if museum!(ReceiptsRootWrong) => front,
                Some(_) | None => &execution.receipts,
            }),
            receipts: execution.receipts,
            changes: execution.changes,
            epochs: execution.epochs,
            notices: execution.notices,
        });
        self.overlay.push_back(Arc::clone(&executed));
        self.before.push_back((executed.height(), execution.before));
        if self.before.len() >= VERSIONS {
            self.before.pop_front();
        }
        Ok(executed)
    }

    /// Forgets the execution of `height` and of all above: another block was decided there.
    /// Nothing that was reported stored can be discarded.
    pub fn discard(&mut self, height: Height) {
        while !museum!(DiscardForgotten)
            && self.overlay.back().is_some_and(|newest| newest.height() >= height)
        {
            assert!(self.tree.rewind(), "the tree keeps a version for what can be discarded");
            self.overlay.pop_back();
            self.before.pop_back();
        }
    }

    /// The flat state of every later reader stands at `height` or above.
    pub fn stored(&mut self, height: Height) {
        while self.overlay.front().is_some_and(|oldest| oldest.height() <= height) {
            if let Some(stored) = self.overlay.pop_front() {
                self.base = stored.tip();
                self.base_epochs = stored.epochs.clone();
            }
        }
    }

    /// What a key had after one of the last [`VERSIONS`] heights; the outer option is none for
    /// another height.
    ///
    /// # Errors
    /// When the store fails.
    pub fn value_at(
        &self,
        height: Height,
        key: &StateKey,
        reader: &dyn StateReader,
    ) -> Result<Option<Option<Vec<u8>>>, LedgerError> {
        if self.tree.root_at(height).is_none() {
            return Ok(None);
        }
        let later = self.before.iter().filter(|(changed, _)| *changed > height);
        if let Some(value) = later.filter_map(|(_, before)| before.get(key)).next() {
            return Ok(Some(value.clone()));
        }
        Ok(Some(self.state(self.tip().height, reader)?.get(key)?))
    }

    /// The root and the proof of what a key has after one of the last [`VERSIONS`] heights.
    #[must_use]
    pub fn prove(&self, height: Height, key: &StateKey) -> Option<StateProof> {
        self.tree.prove(height, &key.hash())
    }

    /// The state that a height is judged by, and its epoch.
    fn below<'a>(
        &'a self,
        height: Height,
        reader: &'a dyn StateReader,
    ) -> Result<(StateView<'a>, &'a Arc<EpochEntry>), LedgerError> {
        let below = height.previous().ok_or(LedgerError::NotAtHand(height))?;
        let epochs = self.epochs(below).ok_or(LedgerError::NotAtHand(below))?;
        Ok((self.state(below, reader)?, &epochs.next))
    }

    /// The overlay up to a height.
    fn layers(
        &self,
        height: Height,
    ) -> Result<impl DoubleEndedIterator<Item = &Arc<ExecutedBlock>>, LedgerError> {
        let missing = LedgerError::NotAtHand(height);
        let Some(count) = height.0.checked_sub(self.base.height.0) else {
            return Err(missing);
        };
        match usize::try_from(count) {
            Ok(count) if count <= self.overlay.len() => Ok(self.overlay.iter().take(count)),
            Ok(_) | Err(_) => Err(missing),
        }
    }
}

/// The block extends the tip, and this node computed what the block's proposer computed.
fn check_parent(block: &Block, tip: &ExecutedTip) -> Result<(), LedgerError> {
    let header = &block.header;
    if header.height != tip.height.next() || header.parent != tip.digest {
        return Err(LedgerError::NotNext {
            height: header.height,
            parent: header.parent,
            tip: tip.digest,
            tip_height: tip.height,
        });
    }
    let roots = (header.parent_state_root, header.parent_receipts_root);
    if roots != (tip.state_root, tip.receipts_root) {
        return Err(LedgerError::OtherRoots(header.height));
    }
    Ok(())
}

fn tree_changes(changes: &StateChanges) -> Vec<(Hash, Option<Hash>)> {
    let mut hashed: Vec<_> =
        changes.iter().map(|(key, value)| (key.hash(), value.as_deref().map(hash_value))).collect();
    hashed.sort_unstable();
    if museum!(StateRootMisses) {
        hashed.pop();
    }
    hashed
}
