//! What a network does, seen from outside: for the status line of `testnet up`.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;

use quorate_rpc::model::{Head, NodeStatus};
use quorate_rpc::{Client, Notes};
use quorate_types::Address;

use crate::development::DevelopmentKey;
use crate::layout::Layout;

/// Blocks that the block time is the mean of.
const WINDOW: usize = 20;

/// Watches a network through whichever node answers.
pub struct Watch {
    clients: Vec<Client>,
    /// Which of them answered last.
    current: usize,
    heads: Option<Notes<Head>>,
    /// Times of the newest final blocks, Unix milliseconds.
    times: VecDeque<u64>,
    transactions: u64,
    operators: Vec<(Address, String)>,
}

/// One look at a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The highest final height.
    pub height: u64,
    /// The view of the height in progress.
    pub view: u64,
    /// The primary of that view: its node's name.
    pub primary: String,
    /// The mean time between the newest blocks, in milliseconds.
    pub block_ms: Option<u64>,
    /// Transactions that have become final since the watch began.
    pub transactions: u64,
    /// Peers of the node that was asked.
    pub peers: u32,
}

impl fmt::Display for Look {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "height {}  view {}  primary {}", self.height, self.view, self.primary)?;
        match self.block_ms {
            Some(milliseconds) => write!(formatter, "  block time {milliseconds} ms")?,
            None => formatter.write_str("  block time -")?,
        }
        write!(formatter, "  transactions {}  peers {}", self.transactions, self.peers)
    }
}

impl Watch {
    /// A watch on the nodes of a layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Watch {
        let clients = layout.nodes.iter().filter_map(|node| Client::new(&node.rpc).ok());
        let operators = layout.nodes.iter().zip(0..).map(|(node, index)| {
            (DevelopmentKey::Operator(index).key().address(), node.name.clone())
        });
        Watch {
            clients: clients.collect(),
            current: 0,
            heads: None,
            times: VecDeque::new(),
            transactions: 0,
            operators: operators.collect(),
        }
    }

    /// Takes in final blocks until it is dropped, which loses none.
    pub async fn follow(&mut self) {
        loop {
            let Some(heads) = &mut self.heads else {
                return pending().await;
            };
            match heads.next().await {
                Some(Ok(head)) => self.on_head(&head.value),
                // The node is gone or too slow: the next look finds another.
                Some(Err(_)) | None => self.heads = None,
            }
        }
    }

    fn on_head(&mut self, head: &Head) {
        let header = &head.info.header;
        self.transactions = self.transactions.saturating_add(header.transaction_count.into());
        self.times.push_back(header.time);
        if self.times.len() > WINDOW {
            self.times.pop_front();
        }
    }

    /// Asks a node how things stand; none when no node answers.
    pub async fn look(&mut self) -> Option<Look> {
        let status = self.status().await?;
        if self.heads.is_none() {
            let client = self.clients.get(self.current)?;
            self.heads = client.subscribe_heads().await.ok();
        }
        Some(Look {
            height: status.height,
            view: status.view,
            primary: self.name_of(&status),
            block_ms: self.block_ms(),
            transactions: self.transactions,
            peers: status.peers,
        })
    }

    /// Of the node that answered last, or else of the first that does.
    async fn status(&mut self) -> Option<NodeStatus> {
        for _ in 0..self.clients.len() {
            let client = self.clients.get(self.current)?;
            if let Ok(status) = client.status().await {
                return Some(status.value);
            }
            self.heads = None;
            self.current = (self.current + 1) % self.clients.len();
        }
        None
    }

    fn name_of(&self, status: &NodeStatus) -> String {
        let Some(primary) = status.primary else {
            return String::from("-");
        };
        let operator = self.operators.iter().find(|(address, _)| *address == primary.0);
        operator.map_or_else(|| primary.to_string(), |(_, name)| name.clone())
    }

    fn block_ms(&self) -> Option<u64> {
        let (first, last) = (self.times.front()?, self.times.back()?);
        let gaps = u64::try_from(self.times.len()).ok()?.checked_sub(1)?;
        last.saturating_sub(*first).checked_div(gaps)
    }
}
