//! The account of a run.

use std::collections::BTreeMap;
use std::fmt;

use quorate_crypto::Hash;

use crate::options::Options;
use crate::oracles::Violation;
use crate::plan::MS;
use crate::world::World;

/// What happened how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Parcels that arrived.
    pub delivered: u64,
    /// Parcels that were lost or cut off.
    pub lost: u64,
    /// Gossip that was published again and came again within a second: not passed on.
    pub early_repeats: u64,
    /// Messages of heights below the final one, which nodes do not pass on.
    pub late_gossip: u64,
    /// Processes that were killed.
    pub crashes: u64,
    /// Partitions.
    pub partitions: u64,
    /// Transactions that clients submitted.
    pub submitted: u64,
    /// Of them, accepted by a mempool.
    pub accepted: u64,
    /// Refused, by verification or by a mempool.
    pub refused: u64,
    /// Given up by a mempool.
    pub dropped: u64,
    /// Questions of clients that were answered.
    pub answers: u64,
    /// Proposals of a block that was prepared in an earlier view.
    pub carried_over: u64,
    /// Proposals that name their transactions by id.
    pub compact: u64,
    /// Blocks that peers gave by digest.
    pub fetched: u64,
    /// Decided blocks that peers gave by height.
    pub synced: u64,
    /// Writes that a crash lost.
    pub lost_writes: u64,
    /// Crashes that left a written record whose messages had not left.
    pub unsent_votes: u64,
    /// Parcels of Byzantine validators that honest nodes refused.
    pub refused_parcels: u64,
    /// Blocks that honest nodes judged invalid.
    pub invalid_blocks: u64,
    /// Sign-states that were lost.
    pub lost_records: u64,
    /// Validators that signed again after that.
    pub rejoined: u64,
    /// Signatures of signers in processes of their own that did not reach their nodes.
    pub unheard_signatures: u64,
    /// Requests that such signers refused.
    pub signer_refusals: u64,
    /// Nodes that were set back to an earlier image while such a signer went on.
    pub restored: u64,
    /// Sign-states that a crash left with part of a record, which counts as never written.
    pub torn_records: u64,
    /// Writes that failed, or whose sync did.
    pub failed_syncs: u64,
    /// Writes that found no room.
    pub full_disks: u64,
    /// Nodes that stopped, or did not start, because of damage in their stores.
    pub refused_damage: u64,
    /// Sign-states that were damaged when they were read.
    pub damaged_records: u64,
    /// Crashes that took acknowledged records.
    pub broken_words: u64,
    /// Times that a validator whose disk lies found its key to have signed more than it knows.
    pub noticed_lies: u64,
    /// Actions on stake that took effect.
    pub moves: u64,
    /// Epochs with other validators than the ones before.
    pub other_members: u64,
    /// Validators that were jailed.
    pub jailed: u64,
}

/// The account of a run. Two runs of one seed and the same options have equal reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What the run was told.
    pub options: Options,
    /// What the seed made of it, in words.
    pub plan: String,
    /// The hash over every event.
    pub trace: Hash,
    /// How many events there were.
    pub events: u64,
    /// Virtual time, in milliseconds.
    pub virtual_ms: u64,
    /// The highest decided height.
    pub height: u64,
    /// The highest view that anybody signed in.
    pub highest_view: u64,
    /// Transactions in final blocks.
    pub transactions: u64,
    /// The longest that a height took after the network healed, and its limit, in milliseconds.
    pub slowest_ms: Option<(u64, u64)>,
    /// What happened how often.
    pub counts: Counts,
    /// How often each misbehaviour did something, by its name.
    pub deeds: BTreeMap<&'static str, u64>,
    /// Validators that honest nodes hold evidence against.
    pub accused: usize,
    /// Validators that blocks with evidence have put out for ever.
    pub tombstoned: usize,
    /// What an oracle found; none when all held.
    pub violation: Option<Violation>,
}

impl Report {
    /// Whether every oracle held.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.violation.is_none()
    }

    /// What disks lost, and what moved the sets.
    fn fmt_losses(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            formatter,
            "  {} torn records, {} failed writes, {} full disks, {} damaged stores and {} \
             sign-states; {} crashes took what was acknowledged, {} times noticed",
            counts.torn_records,
            counts.failed_syncs,
            counts.full_disks,
            counts.refused_damage,
            counts.damaged_records,
            counts.broken_words,
            counts.noticed_lies
        )?;
        if counts.moves > 0 {
            writeln!(
                formatter,
                "  {} actions on stake, {} epochs with other validators, {} jailed",
                counts.moves, counts.other_members, counts.jailed
            )?;
        }
        Ok(())
    }

    /// The command that replays the run.
    #[must_use]
    pub fn replay(&self) -> String {
        format!("quorate sim --seed {} {}", self.seed, self.options)
    }
}

impl World {
    /// The account so far.
    pub fn report(&mut self) -> Report {
        let slowest = self.oracles.slowest();
        Report {
            seed: self.seed,
            options: self.options.clone(),
            plan: self.account.clone(),
            events: self.trace.events(),
            trace: self.trace.finish(),
            virtual_ms: self.now_us / MS,
            height: self.oracles.highest().0,
            highest_view: self.oracles.highest_view(),
            transactions: self.oracles.transactions(),
            slowest_ms: slowest.map(|(took_us, limit_us)| (took_us / MS, limit_us / MS)),
            counts: self.counts,
            accused: self.oracles.accused(),
            tombstoned: self.oracles.tombstoned(),
            deeds: self.adversary.deeds(),
            violation: self.violation().cloned(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(formatter, "seed {}: {}", self.seed, self.plan)?;
        writeln!(
            formatter,
            "  {} heights in {} ms of virtual time, views up to {}, {} events, \
             {} parcels delivered and {} lost, {} crashes, {} partitions",
            self.height,
            self.virtual_ms,
            self.highest_view,
            self.events,
            counts.delivered,
            counts.lost,
            counts.crashes,
            counts.partitions
        )?;
        writeln!(
            formatter,
            "  {} transactions submitted, {} accepted, {} refused, {} given up, {} final; \
             {} questions answered",
            counts.submitted,
            counts.accepted,
            counts.refused,
            counts.dropped,
            self.transactions,
            counts.answers
        )?;
        writeln!(
            formatter,
            "  {} proposals carried over, {} compact; {} blocks fetched, {} synced; {} writes lost, \
             {} votes written and not sent",
            counts.carried_over,
            counts.compact,
            counts.fetched,
            counts.synced,
            counts.lost_writes,
            counts.unsent_votes
        )?;
        self.fmt_losses(formatter)?;
        if let Some((took_ms, limit_ms)) = self.slowest_ms {
            writeln!(
                formatter,
                "  after healing the slowest height took {took_ms} ms; the limit was {limit_ms} ms"
            )?;
        }
        if !self.deeds.is_empty() {
            writeln!(
                formatter,
                "  Byzantine deeds {:?}; {} parcels refused, {} blocks judged invalid, \
                 evidence against {}",
                self.deeds, counts.refused_parcels, counts.invalid_blocks, self.accused
            )?;
        }
        writeln!(formatter, "  trace {}", self.trace)?;
        match &self.violation {
            None => write!(formatter, "  every oracle held"),
            Some(violation) => {
                write!(formatter, "  VIOLATION: {violation}\n  replay: {}", self.replay())
            }
        }
    }
}
