//! Disks that fail (section 4 of the protocol): a failed write or a full disk ends the process, and
//! nothing leaves on the strength of it; what is damaged is refused where it is read, so that the node
//! stops or observes; a disk that acknowledges what it has not synced makes its validator count as
//! Byzantine. Damage stays below a third of the power: blocks have to go on.

use quorate_crypto::ValidatorPublicKey;
use quorate_replica::{Input, JobDone};
use quorate_types::SignRecord;

use crate::event::NodeId;
use crate::sign_file::SignFile;
use crate::store::BAD_CHECKSUM;
use crate::world::{Sabotage, World};

/// Writes of one kind that still succeed before one fails, at most.
const WRITES_LEFT: u64 = 20;

/// What a node writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A record of its sign-state.
    Record,
    /// A request to its chain database.
    Request,
}

/// What is wrong with a node's disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    /// After so many more writes the next of these fails.
    fails_after: Option<(Written, u64)>,
    is_full: bool,
    /// A write has failed: the process is about to end.
    has_failed: bool,
    /// Something was damaged in this run.
    was_damaged: bool,
}

impl Trouble {
    /// Why the write that is due fails, if it does.
    fn strikes(&mut self, what: Written, needs_room: bool) -> Option<&'static str> {
        if self.is_full && needs_room {
            self.has_failed = true;
            return Some("no space left on the device");
        }
        let (_, left) = self.fails_after.as_mut().filter(|(of, _)| *of == what)?;
        if let Some(fewer) = left.checked_sub(1) {
            *left = fewer;
            return None;
        }
        self.has_failed = true;
        Some("input/output error")
    }

    /// The disk works and has room; what was damaged is not forgotten.
    fn renew(&mut self) {
        *self = Trouble { was_damaged: self.was_damaged, ..Trouble::default() };
    }
}

impl World {
    /// A write of some node is going to fail, before long.
    pub(crate) fn fail_a_sync(&mut self) {
        let Some(id) = self.some_running() else { return };
        let of_record = self.disk_random.chance(500);
        let what = if of_record { Written::Record } else { Written::Request };
        let left = self.disk_random.below(WRITES_LEFT);
        self.fail_write(id, what, left);
    }

    /// After `left` more writes of a kind the next one of a running node fails.
    pub fn fail_write(&mut self, id: NodeId, what: Written, left: u64) {
        self.node_mut(id).trouble.fails_after = Some((what, left));
    }

    /// The disk of some node has no room left.
    pub(crate) fn fill_a_disk(&mut self) {
        let Some(id) = self.some_running() else { return };
        self.fill_disk(id);
    }

    /// The disk of a running node has no room left until its process has ended.
    pub fn fill_disk(&mut self, id: NodeId) {
        self.node_mut(id).trouble.is_full = true;
    }

    /// Something on the disk of some node is damaged, while it is up or down.
    pub(crate) fn let_rot(&mut self) {
        let Some(id) = self.some_running() else { return };
        let is_spare = self.node(id).key_seed.is_none() || self.can_spare(id);
        if self.is_byzantine(id) || !is_spare {
            return;
        }
        let is_down = self.disk_random.chance(500);
        let of_record = self.disk_random.chance(300) && self.node(id).sign_file.is_some();
        self.damage(id, if of_record { Written::Record } else { Written::Request });
        if is_down {
            self.crash_for_a_while(id);
        }
    }

    /// Damages something that a node has written, if there is anything.
    pub fn damage(&mut self, id: NodeId, what: Written) {
        let World { nodes, disk_random, .. } = self;
        let Some(node) = nodes.get_mut(id.position()) else { return };
        let is_damaged = match what {
            Written::Record => node.sign_file.as_mut().is_some_and(|file| file.rot(disk_random)),
            Written::Request => node.disk.rot(disk_random),
        };
        node.trouble.was_damaged |= is_damaged;
    }

    /// The disk of a validator begins to lie, or one that does loses power.
    pub(crate) fn lie_or_lose_power(&mut self) {
        let liars: Vec<NodeId> =
            self.running().into_iter().filter(|id| self.liars.contains(id)).collect();
        if self.disk_random.chance(700)
            && let Some(id) = self.disk_random.pick(&liars)
        {
            return self.crash_for_a_while(id);
        }
        let Some(id) = self.some_running() else { return };
        if !self.can_spare(id) || !self.may_lie(id) {
            return;
        }
        self.lie(id);
    }

    /// From now on the disk of a validator acknowledges what it has not synced.
    pub fn lie(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        node.disk.lie();
        if let Some(file) = &mut node.sign_file {
            file.lie();
        }
        self.liars.insert(id);
        self.oracles.distrust(std::iter::once(id));
    }

    fn some_running(&mut self) -> Option<NodeId> {
        let running = self.running();
        self.disk_random.pick(&running)
    }

    /// Whether a validator takes full part: neither Byzantine nor without its records nor set back,
    /// and its disk has never been damaged and does not lie.
    pub(crate) fn is_sound(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let has_all =
            !node.has_lost_record && !node.trouble.was_damaged && !self.signers.was_restored(id);
        has_all && !self.is_byzantine(id) && !self.liars.contains(&id)
    }

    /// Whether this is a sound validator, and the others are a quorum without it.
    pub(crate) fn can_spare(&self, id: NodeId) -> bool {
        let others = self.nodes().into_iter().filter(|other| *other != id && self.is_sound(*other));
        let is_sound_validator = self.node(id).key_seed.is_some() && self.is_sound(id);
        is_sound_validator && self.oracles.is_quorum(&self.keys_of(others))
    }

    /// Whether this validator, those that lie already and the Byzantine are below a third together.
    fn may_lie(&self, id: NodeId) -> bool {
        let is_dishonest = |other: &NodeId| {
            *other == id || self.is_byzantine(*other) || self.liars.contains(other)
        };
        let dishonest: Vec<ValidatorPublicKey> =
            self.keys_of(self.nodes().into_iter().filter(is_dishonest));
        self.oracles.may_be_byzantine(&dishonest)
    }

    /// Whether the write of a record fails.
    pub(crate) fn record_fails(&mut self, id: NodeId, record: &SignRecord) -> bool {
        let node = self.node_mut(id);
        // A log has its whole length from the start: only another one asks a full disk for room.
        let needs_room = |file: &SignFile| file.needs_room(record);
        let lacks_room = node.trouble.is_full && node.sign_file.as_ref().is_some_and(needs_room);
        let reason = node.trouble.strikes(Written::Record, lacks_room);
        self.count_failure(id, reason).is_some()
    }

    /// Whether the oldest request to the store fails. The store's thread says so, and ends.
    pub(crate) fn store_fails(&mut self, id: NodeId) -> bool {
        let trouble = &mut self.node_mut(id).trouble;
        if trouble.has_failed {
            return true;
        }
        let reason = trouble.strikes(Written::Request, true);
        let Some(reason) = self.count_failure(id, reason) else { return false };
        if self.sabotage == Some(Sabotage::SendUnsynced) {
            let node = self.node_mut(id);
            node.trouble = Trouble::default();
            node.disk.lie();
            return false;
        }
        self.feed(id, Input::Done(JobDone::Failed(reason.to_owned())));
        true
    }

    fn count_failure(&mut self, id: NodeId, reason: Option<&'static str>) -> Option<&'static str> {
        let reason = reason?;
        self.note(id, reason, &[]);
        let was_full = self.node(id).trouble.is_full;
        let counted =
            if was_full { &mut self.counts.full_disks } else { &mut self.counts.failed_syncs };
        *counted += 1;
        Some(reason)
    }

    /// A core says that its node is broken: with a disk that failed it has to.
    pub(crate) fn halt(&mut self, id: NodeId, reason: String) {
        if self.node(id).trouble.has_failed || self.liars.contains(&id) {
            self.crash_for_a_while(id);
        } else {
            self.refuse_damage(id, "halt", reason);
        }
    }

    /// A node stops, or does not start, for a reason. For damage the operator gives it an empty
    /// home.
    pub(crate) fn refuse_damage(&mut self, id: NodeId, oracle: &'static str, reason: String) {
        if !self.node(id).trouble.was_damaged || !reason.contains(BAD_CHECKSUM) {
            return self.violated(id, oracle, reason);
        }
        self.note(id, "refuses damage", &[]);
        self.counts.refused_damage += 1;
        self.empty_home(id);
        self.start_later(id);
    }

    /// Nothing is left of chain database and sign-state. The sign-state must not outlive the other:
    /// it may speak of a prepared block that is nowhere else (S-3).
    fn empty_home(&mut self, id: NodeId) {
        self.kill(id);
        self.forget_record(id);
        let genesis = self.genesis_store.clone();
        self.node_mut(id).disk.lose_all(&genesis);
        self.oracles.on_restored(id);
    }

    /// A process that starts reads its sign-state. Who does not observe after that has the record
    /// that was acknowledged last, whatever happened to the file.
    pub(crate) fn open_sign_file(&mut self, id: NodeId) {
        let takes_damage_for_fresh = self.sabotage == Some(Sabotage::StartFresh);
        let node = self.node_mut(id);
        node.trouble.renew();
        let Some(file) = &mut node.sign_file else { return };
        let (record, was_torn) = match file.open() {
            Ok(opened) => (Some(opened.record), opened.was_torn),
            Err(_) => (takes_damage_for_fresh.then(SignRecord::default), false),
        };
        let was_lost = std::mem::replace(&mut node.has_lost_record, record.is_none());
        let before = std::mem::replace(&mut node.record, record.unwrap_or_default());
        let is_another = !node.has_lost_record && node.record != before;
        self.counts.torn_records += u64::from(was_torn);
        self.counts.damaged_records += u64::from(self.node(id).has_lost_record && !was_lost);
        if is_another {
            let detail = "another record is read than was acknowledged last".to_owned();
            self.violated(id, "sign-state", detail);
        }
    }

    /// Faults end: a disk that failed works again, damaged stores are replaced, and whose sign-state
    /// is damaged notices that at a start.
    pub(crate) fn mend_disk(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        let has_failed = node.trouble.has_failed;
        let has_damaged_file = node.sign_file.as_ref().is_some_and(SignFile::is_damaged);
        node.trouble.renew();
        if node.disk.is_damaged() {
            self.empty_home(id);
        } else if has_failed || has_damaged_file {
            self.kill(id);
        }
    }
}
