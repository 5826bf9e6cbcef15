//! V(h) and the parameters of a height by its epoch (EP-1). A height starts when its epoch is known:
//! the set of the next epoch is known once the last height but one is executed, which a node that
//! catches up may do later than decide.

use quorate_consensus::{HeightStart, Input as ConsensusInput};
use quorate_types::{Epochs, Height};

use crate::replica::Replica;
use crate::step::Action;

impl Replica {
    /// what starts the height above the tip; none while its epoch is not known.
    pub(crate) fn next_start(&mut self) -> Option<ConsensusInput> {
        let height = self.chain.tip.height.next();
        let entered = self.epochs.enter(height);
        self.awaits_epoch = entered.is_none();
        if entered? {
            self.enter_epoch();
        }
        Some(ConsensusInput::Start(Box::new(self.height_start(height))))
    }

    /// What executing a decided height tells of the epochs.
    pub(crate) fn learn_epochs(&mut self, epochs: &Epochs) {
        let is_new = self.epochs.learn(epochs);
        if is_new {
            self.publish_epochs();
        }
        if self.awaits_epoch
            && let Some(start) = self.next_start()
        {
            self.inbox.push_front(start);
            self.sync_above(self.chain.tip.height);
        }
        if is_new {
            self.judge_early(); // S-5: before that start
        }
    }

    /// The current epoch is another one: who this node is in it, and its seed (T-5).
    pub(crate) fn enter_epoch(&mut self) {
        let entry = self.epochs.current();
        let set = &entry.validators;
        let index = self.config.key.and_then(|key| set.index_of_key(&key));
        self.operator = index.and_then(|index| set.get(index)).map(|own| own.address);
        let genesis_hash = &self.config.context.genesis_hash;
        self.seed = quorate_consensus::epoch_seed(genesis_hash, entry.number);
        let params = entry.params;
        let dropped = self.mempool.set_params(&params);
        self.report_dropped(dropped);
        self.publish_epochs();
        self.forget_evidence();
    }

    fn publish_epochs(&mut self) {
        self.out.now.push(Action::Epochs(self.epochs.clone()));
    }

    /// Whether a height is the last of its epoch.
    pub(crate) fn ends_epoch(&self, height: Height) -> bool {
        self.epochs.of(height).is_some_and(|entry| entry.last() == height)
    }

    /// What consensus needs to start a height of the current epoch.
    fn height_start(&self, height: Height) -> HeightStart {
        let (tip, set) = (&self.chain.tip, self.validators());
        HeightStart {
            height,
            context: self.config.context.clone(),
            set: set.clone(),
            primaries: quorate_consensus::primaries(&self.seed, set, height).into(),
            parent: tip.digest,
            parent_time: tip.time,
            parent_has_content: tip.has_content,
            min_interval_ms: self.pace.interval_ms(self.params().min_block_interval_ms.into()),
            idle_interval_ms: u64::from(self.params().idle_block_interval_ms),
            work_waiting: self.mempool.has_ready(),
        }
    }
}
