//! What a node tells its subscribers. Invariant: the JSON form of an event is made once, by the first
//! subscriber that needs it, and shared by all.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use quorate_types::{Height, Receipt, TransactionId, TransactionLocation};
use serde_json::value::RawValue;

use crate::backend::FinalBlock;
use crate::model::{At, DropReason, Head, TransactionInfo, TransactionResults};

/// Something that happened.
#[derive(Debug)]
pub struct ChainEvent {
    what: Happened,
    height: Height,
    index: OnceLock<BTreeMap<TransactionId, usize>>,
    head: OnceLock<Box<RawValue>>,
    results: OnceLock<Box<RawValue>>,
}

#[derive(Debug)]
enum Happened {
    Final { block: FinalBlock, receipts: Vec<Receipt> },
    Dropped(Vec<(TransactionId, DropReason)>),
}

impl ChainEvent {
    /// A block and its receipts, in block order, are final.
    #[must_use]
    pub fn final_block(block: FinalBlock, receipts: Vec<Receipt>) -> ChainEvent {
        let height = block.block.height();
        ChainEvent::new(Happened::Final { block, receipts }, height)
    }

    /// Transactions were dropped while `height` was the highest final one.
    #[must_use]
    pub fn dropped(height: Height, transactions: Vec<(TransactionId, DropReason)>) -> ChainEvent {
        ChainEvent::new(Happened::Dropped(transactions), height)
    }

    fn new(what: Happened, height: Height) -> ChainEvent {
        ChainEvent {
            what,
            height,
            index: OnceLock::new(),
            head: OnceLock::new(),
            results: OnceLock::new(),
        }
    }

    /// The note of `chain_subscribeHeads`, if a block became final.
    pub(crate) fn head(&self) -> Option<&RawValue> {
        let Happened::Final { block, .. } = &self.what else {
            return None;
        };
        Some(self.head.get_or_init(|| raw(&At::new(self.height, Head::from(block)))))
    }

    /// The note of `tx_subscribe` for all transactions, if there are any.
    pub(crate) fn results(&self) -> Option<&RawValue> {
        let count = self.len();
        (count > 0).then(|| {
            let all = || self.note((0..count).filter_map(|place| self.info(place)).collect());
            &**self.results.get_or_init(all)
        })
    }

    /// A note of `tx_subscribe`.
    fn note(&self, transactions: Vec<TransactionInfo>) -> Box<RawValue> {
        raw(&At::new(self.height, TransactionResults { transactions }))
    }

    /// What the event says of one transaction, if anything.
    pub(crate) fn result_of(&self, id: &TransactionId) -> Option<At<TransactionInfo>> {
        let index = self.index.get_or_init(|| match &self.what {
            Happened::Final { receipts, .. } => {
                receipts.iter().map(|receipt| receipt.transaction).zip(0..).collect()
            }
            Happened::Dropped(dropped) => dropped.iter().map(|(id, _)| *id).zip(0..).collect(),
        });
        let info = self.info(*index.get(id)?)?;
        Some(At::new(self.height, info))
    }

    fn len(&self) -> usize {
        match &self.what {
            Happened::Final { receipts, .. } => receipts.len(),
            Happened::Dropped(dropped) => dropped.len(),
        }
    }

    fn info(&self, place: usize) -> Option<TransactionInfo> {
        match &self.what {
            Happened::Final { receipts, .. } => {
                let index = u32::try_from(place).expect("blocks have fewer transactions");
                let location = TransactionLocation { height: self.height, index };
                Some(TransactionInfo::included(location, receipts.get(place)?))
            }
            Happened::Dropped(dropped) => {
                let (id, reason) = dropped.get(place)?;
                Some(TransactionInfo::dropped(*id, *reason))
            }
        }
    }
}

fn raw(note: &impl serde::Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(note).expect("the model has string keys only")
}
