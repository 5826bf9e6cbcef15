//! What a node counts, in one registry with the network, and the port that shows it.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use quorate_replica::{NodeStatus, SyncState};
use quorate_types::{Certificate, ExecutedBlock, Outcome};

use super::error::HostError;

/// Transactions per block, as bounds of the histogram's buckets.
const TRANSACTION_BUCKETS: [f64; 8] = [0.0, 1.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 5_000.0];

/// The node's own numbers; the network has its own.
pub(crate) struct NodeMetrics {
    final_height: Gauge<u64, AtomicU64>,
    decided_height: Gauge<u64, AtomicU64>,
    highest_heard: Gauge<u64, AtomicU64>,
    view: Gauge<u64, AtomicU64>,
    in_sync: Gauge<u64, AtomicU64>,
    blocks_above_view_0: Counter,
    transactions_final: Counter,
    transactions_failed: Counter,
    block_transactions: Histogram,
    pub(crate) invalid_blocks: Counter,
    pub(crate) evidence: Counter,
    pub(crate) refused_messages: Counter,
    pub(crate) batches_dropped: Counter,
}

impl NodeMetrics {
    pub(crate) fn register(registry: &mut Registry) -> NodeMetrics {
        let metrics = NodeMetrics {
            final_height: Gauge::default(),
            decided_height: Gauge::default(),
            highest_heard: Gauge::default(),
            view: Gauge::default(),
            in_sync: Gauge::default(),
            blocks_above_view_0: Counter::default(),
            transactions_final: Counter::default(),
            transactions_failed: Counter::default(),
            block_transactions: Histogram::new(TRANSACTION_BUCKETS),
            invalid_blocks: Counter::default(),
            evidence: Counter::default(),
            refused_messages: Counter::default(),
            batches_dropped: Counter::default(),
        };
        metrics.register_all(registry.sub_registry_with_prefix("quorate"));
        metrics
    }

    fn register_all(&self, registry: &mut Registry) {
        let gauges = [
            ("final_height", "Highest final height", &self.final_height),
            ("decided_height", "Highest decided height", &self.decided_height),
            ("heard_height", "Highest height that others are proved to have", &self.highest_heard),
            ("view", "View of the height in progress", &self.view),
            ("in_sync", "1 within one height of the highest heard of, else 0", &self.in_sync),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        let counters = [
            (
                "blocks_above_view_0",
                "Final blocks decided after a view change",
                &self.blocks_above_view_0,
            ),
            ("transactions_final", "Transactions in final blocks", &self.transactions_final),
            ("transactions_failed", "Final transactions that failed", &self.transactions_failed),
            ("invalid_blocks", "Proposed blocks that break a rule", &self.invalid_blocks),
            ("evidence", "Validators found to have broken the protocol", &self.evidence),
            ("refused_messages", "Messages of peers that were refused", &self.refused_messages),
            (
                "batches_dropped",
                "Transaction batches dropped for want of room",
                &self.batches_dropped,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        let help = "Transactions of a final block";
        registry.register("block_transactions", help, self.block_transactions.clone());
    }

    /// Shows where the node stands.
    pub(crate) fn show(&self, status: &NodeStatus) {
        self.final_height.set(status.final_height.0);
        self.decided_height.set(status.decided.0);
        self.highest_heard.set(status.heard.0);
        self.view.set(status.view.0);
        self.in_sync.set(u64::from(status.sync == SyncState::InSync));
    }

    /// Counts a final block.
    pub(crate) fn count_final(&self, executed: &ExecutedBlock, certificate: &Certificate) {
        let receipts = &executed.receipts;
        let failed = receipts.iter().filter(|receipt| receipt.outcome != Outcome::Success).count();
        self.transactions_final.inc_by(u64::try_from(receipts.len()).unwrap_or(u64::MAX));
        self.transactions_failed.inc_by(u64::try_from(failed).unwrap_or(u64::MAX));
        self.block_transactions.observe(f64::from(executed.block.header.transaction_count));
        if certificate.view.0 > 0 {
            self.blocks_above_view_0.inc();
        }
    }
}

/// Serves `/metrics` on a listener, on the current runtime, until the runtime ends.
pub(crate) fn serve(listener: TcpListener, registry: Registry) -> Result<(), HostError> {
    let system = |source| HostError::System { what: "cannot serve metrics", source };
    listener.set_nonblocking(true).map_err(system)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(system)?;
    let registry = Arc::new(registry);
    let show = move || {
        let registry = Arc::clone(&registry);
        async move {
            let mut text = String::new();
            encode(&mut text, &registry).map(|()| text).map_err(|error| error.to_string())
        }
    };
    let router = Router::new().route("/metrics", get(show));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the metrics server ended");
        }
    });
    Ok(())
}
