//! Lost and outdated sign-states (S-5): who has lost its records, images that are restored, and the
//! rejoin entries of those who come back. What observes stays below a third of the power where
//! blocks have to go on; above it only safety is judged.

use quorate_crypto::{Domain, Hash, ValidatorSecretKey};
use quorate_replica::{Input, Past};
use quorate_types::{Height, RejoinBody, SignRecord};

use crate::disk::Disk;
use crate::event::NodeId;
use crate::sign_file::SignFile;
use crate::world::World;

/// What rejoin values are drawn from: no other draw of the run depends on them.
const VALUES: Domain = Domain::new("quorate v1 simulated rejoin value");

/// What a node has durably at one moment.
#[derive(Debug)]
pub struct Image {
    record: SignRecord,
    sign_file: Option<SignFile>,
    disk: Disk,
}

impl World {
    /// What a node knows of its key's past as it starts.
    pub(crate) fn past(&self, id: NodeId) -> Past {
        let node = self.node(id);
        if self.is_byzantine(id) {
            // Its honest half must not stop at what the other signs.
            return Past::Heedless(Box::new(node.record.clone()));
        }
        if node.has_lost_record { Past::Lost } else { node.record.clone().into() }
    }

    /// The value that a node draws at this start.
    pub(crate) fn rejoin_value(&self, id: NodeId) -> Hash {
        let start = [self.seed, u64::from(id.0), self.node(id).boot].map(u64::to_be_bytes);
        VALUES.hash(&start.concat())
    }

    /// Kills a node and loses its sign-state.
    pub fn lose_record(&mut self, id: NodeId) {
        self.kill(id);
        self.counts.lost_records += 1;
        self.forget_record(id);
    }

    pub(crate) fn forget_record(&mut self, id: NodeId) {
        let node = self.node_mut(id);
        node.record = SignRecord::default();
        if let Some(file) = &mut node.sign_file {
            file.remove();
            node.has_lost_record = true;
        }
    }

    /// What a node has durably now.
    pub fn image(&self, id: NodeId) -> Image {
        let node = self.node(id);
        let (record, sign_file) = (node.record.clone(), node.sign_file.clone());
        Image { record, sign_file, disk: node.disk.image() }
    }

    /// Kills a node and puts an earlier sign-state in the place of its own, with the disk of that
    /// time or without.
    pub fn restore(&mut self, id: NodeId, image: Image, with_disk: bool) {
        self.kill(id);
        let node = self.node_mut(id);
        node.record = image.record;
        node.sign_file = image.sign_file;
        if with_disk {
            node.disk = image.disk;
            self.oracles.on_restored(id);
        }
    }

    /// The height that a running node works on; none when it is down.
    #[must_use]
    pub fn works_on(&self, id: NodeId) -> Option<Height> {
        let process = self.node(id).process.as_ref()?;
        Some(process.replica.status().height)
    }

    /// Whether a running node signs nothing until it has rejoined.
    #[must_use]
    pub fn is_observing(&self, id: NodeId) -> bool {
        let process = self.nodes.get(id.position()).and_then(|node| node.process.as_ref());
        process.is_some_and(|process| process.replica.status().is_observing)
    }

    /// Whether a running node is the primary of the height and view that it works on.
    #[must_use]
    pub fn is_primary(&self, id: NodeId) -> bool {
        let process = self.nodes.get(id.position()).and_then(|node| node.process.as_ref());
        process.is_some_and(|process| {
            let (replica, set) = (&process.replica, process.replica.validators());
            let primary = replica.primary().and_then(|index| set.get(index));
            primary.is_some_and(|primary| Some(primary.address) == replica.operator())
        })
    }

    /// One honest validator loses its process and its sign-state for a while, if the others that
    /// are honest and have theirs stay a quorum.
    pub(crate) fn lose_some_record(&mut self) {
        let mut running = self.running();
        running.retain(|id| self.node(*id).key_seed.is_some() && !self.is_byzantine(*id));
        let Some(id) = self.random.pick(&running) else { return };
        let others = self.nodes().into_iter().filter(|other| *other != id && self.is_sound(*other));
        if self.oracles.is_quorum(&self.keys_of(others)) {
            self.lose_record(id);
            self.start_later(id);
        }
    }

    /// Signs a rejoin entry; no guard is asked.
    pub(crate) fn sign_rejoin(&mut self, id: NodeId, body: RejoinBody) {
        let signed = if self.has_own_signer(id) {
            self.call_signer_to_rejoin(id, body)
        } else {
            let seed = self.node(id).key_seed;
            seed.map(|seed| body.sign(&self.setup.context, &ValidatorSecretKey::from_seed(seed)))
        };
        if let (Some(rejoin), Some(process)) = (signed, &mut self.node_mut(id).process) {
            process.push(Input::RejoinSigned(rejoin));
        }
    }
}
