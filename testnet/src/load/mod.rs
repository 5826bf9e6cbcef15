//! The load generator: transfers of funded accounts, signed beforehand, submitted at a given
//! rate in batches of what is due, and followed until they are final.
//!
//! It measures from the moment a transfer is handed to the node until the note of its final block
//! arrives. Everything is bounded: how many transfers, how many reports wait, how long it lasts.

mod accounts;
mod follow;
mod report;
mod sign;
mod submit;

use std::time::Duration;

use quorate_home::{KeyError, KeyFile};
use quorate_rpc::{Client, ClientError};
use tokio::sync::mpsc;
use tokio::time::Instant;

pub use accounts::read_accounts;
pub use report::LoadReport;

use self::follow::Follower;
use self::sign::{Funds, sign_all, sink_balance};
use self::submit::submit_all;

/// Transfers of one run.
pub const MAX_TRANSFERS: u64 = 300_000;
/// Transfers a second.
pub const MAX_RATE: u32 = 50_000;
/// How long a run may submit.
pub const MAX_DURATION: Duration = Duration::from_secs(600);
/// How long the last transfers have to become final.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);
/// Batches that the submitters may be ahead of the follower.
const QUEUE: usize = 1_024;

/// A load that is wanted.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// The nodes to submit to; finality is watched at the first.
    pub nodes: Vec<Client>,
    /// Transfers a second, over all nodes.
    pub rate: u32,
    /// How long to submit.
    pub duration: Duration,
    /// The keys of the accounts that send, in turn.
    pub accounts: Vec<KeyFile>,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The load that was asked for is none, or too much.
    #[error("{0}")]
    Spec(String),
    /// A node does not answer, or not as it should.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A key cannot be read, or is plain where the chain is not a local one.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An account cannot pay for its part.
    #[error("{account} owns {found} base units, but its part of the load costs {needed}")]
    Funds {
        /// The account's address.
        account: String,
        /// Its balance.
        found: u64,
        /// What its transfers and fees sum up to.
        needed: u64,
    },
}

impl LoadSpec {
    /// How many transfers it makes.
    ///
    /// # Errors
    /// When a number is out of range.
    pub fn transfers(&self) -> Result<u64, LoadError> {
        let problem = |text: String| Err(LoadError::Spec(text));
        if self.nodes.is_empty() || self.accounts.is_empty() {
            return problem(String::from("a load needs a node and an account"));
        }
        if !(1..=MAX_RATE).contains(&self.rate) {
            return problem(format!("{} transfers a second, not 1 to {MAX_RATE}", self.rate));
        }
        if self.duration > MAX_DURATION {
            return problem(format!("{:?}, more than {MAX_DURATION:?}", self.duration));
        }
        let milliseconds = u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX);
        let transfers = u64::from(self.rate).saturating_mul(milliseconds) / 1_000;
        if !(1..=MAX_TRANSFERS).contains(&transfers) {
            return problem(format!("{transfers} transfers, not 1 to {MAX_TRANSFERS}"));
        }
        Ok(transfers)
    }
}

/// Runs a load from signing to the last final block.
///
/// # Errors
/// When the load is out of range or not affordable, or a node fails before it begins.
pub async fn run_load(spec: &LoadSpec) -> Result<LoadReport, LoadError> {
    let transfers = spec.transfers()?;
    let first = spec.nodes.first().expect("a load without a node is refused above");
    let funds = Funds::read(first, &spec.accounts).await?;
    let sink_before = sink_balance(first).await?;
    let queues = sign_all(&funds, transfers, spec.nodes.len())?;
    let mut follower = Follower::begin(first.clone()).await?;
    let (tell, told) = mpsc::channel(QUEUE);
    let began = Instant::now();
    let deadline = began + spec.duration + DRAIN_LIMIT;
    let pace = submit::Pace { began, rate: spec.rate, deadline };
    let submitting = submit_all(&spec.nodes, queues, tell, pace);
    tokio::join!(submitting, follower.run(told, deadline));
    let credited = sink_balance(first).await?.saturating_sub(sink_before);
    Ok(follower.report(spec, began, credited))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::development::DevelopmentKey;

    fn spec(rate: u32, milliseconds: u64) -> LoadSpec {
        let nodes = vec![Client::new("http://127.0.0.1:1").unwrap()];
        let accounts = vec![DevelopmentKey::Account(0).key()];
        LoadSpec { nodes, rate, duration: Duration::from_millis(milliseconds), accounts }
    }

    #[test]
    fn a_load_is_bounded() {
        assert_eq!(spec(500, 30_000).transfers().unwrap(), 15_000);
        assert_eq!(spec(3, 500).transfers().unwrap(), 1);
        assert_eq!(spec(MAX_RATE, 6_000).transfers().unwrap(), MAX_TRANSFERS);
        for (rate, milliseconds) in
            [(0, 1_000), (MAX_RATE + 1, 1), (1, 0), (1, 999), (1, 600_001), (MAX_RATE, 6_001)]
        {
            assert!(spec(rate, milliseconds).transfers().is_err(), "{rate} {milliseconds}");
        }
        assert!(LoadSpec { accounts: Vec::new(), ..spec(1, 1_000) }.transfers().is_err());
        assert!(LoadSpec { nodes: Vec::new(), ..spec(1, 1_000) }.transfers().is_err());
    }
}
