//! The figures of a load.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::LoadSpec;

/// What happened to the transfers of one load.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) submitted: u64,
    pub(super) refused: u64,
    /// From submit to final, one for each final transfer.
    pub(super) latencies: Vec<Duration>,
    pub(super) last_final: Option<Instant>,
    pub(super) first_error: Option<String>,
}

/// The result of one load.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadReport {
    /// Transfers a second that were asked for.
    pub rate: u32,
    /// For how many seconds.
    pub duration_s: f64,
    /// Transfers that were handed to a node.
    pub submitted: u64,
    /// Those that became final, whatever their receipt says.
    #[serde(rename = "final")]
    pub finalised: u64,
    /// Those that a node refused, and those with a failed receipt.
    pub failed: u64,
    /// Those that were neither final nor refused when time was over.
    pub pending: u64,
    /// Final transfers a second, from the first submit to the last final block.
    pub tx_per_s: f64,
    /// Submit to final, in milliseconds: of half of the transfers at most this.
    pub p50_ms: f64,
    /// Of nine in ten at most this.
    pub p90_ms: f64,
    /// Of 99 in a hundred at most this.
    pub p99_ms: f64,
    /// The first refusal or failed call.
    pub first_error: Option<String>,
}

impl Outcome {
    pub(super) fn report(&self, spec: &LoadSpec, began: Instant, credited: u64) -> LoadReport {
        let finalised = u64::try_from(self.latencies.len()).unwrap_or(u64::MAX);
        let failed_receipts = finalised.saturating_sub(credited);
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let settled = finalised.saturating_add(self.refused);
        LoadReport {
            rate: spec.rate,
            duration_s: spec.duration.as_secs_f64(),
            submitted: self.submitted,
            finalised,
            failed: self.refused.saturating_add(failed_receipts),
            pending: self.submitted.saturating_sub(settled),
            tx_per_s: self.throughput(began),
            p50_ms: percentile(&sorted, 50),
            p90_ms: percentile(&sorted, 90),
            p99_ms: percentile(&sorted, 99),
            first_error: self.first_error.clone(),
        }
    }

    fn throughput(&self, began: Instant) -> f64 {
        let Some(last) = self.last_final else {
            return 0.0;
        };
        let count = u32::try_from(self.latencies.len()).unwrap_or(u32::MAX);
        let seconds = last.saturating_duration_since(began).as_secs_f64().max(0.001);
        rounded(f64::from(count) / seconds)
    }
}

/// The smallest value that `percent` of all are at or below, in milliseconds; 0 of none.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    let value = sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default();
    rounded(value.as_secs_f64() * 1_000.0)
}

/// To a hundredth: more digits would only pretend.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

impl fmt::Display for LoadReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} transfers/s for {} s", self.rate, self.duration_s)?;
        writeln!(formatter, "submitted  {}", self.submitted)?;
        writeln!(formatter, "final      {}", self.finalised)?;
        writeln!(formatter, "failed     {}", self.failed)?;
        writeln!(formatter, "pending    {}", self.pending)?;
        writeln!(formatter, "tx/s       {}", self.tx_per_s)?;
        write!(
            formatter,
            "submit to final  p50 {} ms  p90 {} ms  p99 {} ms",
            self.p50_ms, self.p90_ms, self.p99_ms
        )?;
        let error = self.first_error.as_ref();
        error.map_or(Ok(()), |error| write!(formatter, "\nfirst error: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let all: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!([50, 90, 99].map(|p| percentile(&all, p)), [100.0, 180.0, 198.0]);
        assert_eq!(percentile(&all[..1], 99), 1.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }

    #[test]
    fn every_transfer_is_counted_once() {
        let began = Instant::now();
        let outcome = Outcome {
            submitted: 10,
            refused: 2,
            latencies: vec![Duration::from_millis(4); 5],
            last_final: Some(began + Duration::from_secs(2)),
            first_error: None,
        };
        let spec = LoadSpec {
            nodes: Vec::new(),
            rate: 5,
            duration: Duration::from_secs(2),
            accounts: Vec::new(),
        };
        let report = outcome.report(&spec, began, 4);
        assert_eq!((report.submitted, report.finalised), (10, 5));
        assert_eq!((report.failed, report.pending), (3, 3));
        assert_eq!((report.tx_per_s, report.p50_ms), (2.5, 4.0));
    }
}
