//! From a decision to finality: store block and certificate, execute, store the result, report
//! . Nothing is reported before it is stored.

use quorate_crypto::museum;
use std::sync::Arc;

use quorate_consensus::{Input as ConsensusInput, Now};
use quorate_types::{Certificate, ExecutedBlock, Persist};

use crate::blocks::Stored;
use crate::chain::{StoreMark, Tip};
use crate::input::StoreToken;
use crate::job::Job;
use crate::replica::Replica;
use crate::step::{Action, StoreRequest};

impl Replica {
    /// Consensus decides only blocks that it was told are at hand.
    pub(crate) fn on_decided(&mut self, now: Now, certificate: Certificate) {
        let digest = certificate.digest;
        let Some(block) = self.blocks.get(&digest).cloned() else {
            self.out.now.push(Action::Halt(format!("decided block {digest} is not at hand")));
            return;
        };
        let mut items = Vec::new();
        if self.blocks.stored(&digest) == Stored::No {
            self.blocks.set_stored(&digest, Stored::Writing);
            items.push(Persist::Block(Arc::clone(&block)));
        }
        items.push(Persist::Decided(certificate.clone()));
        let marks = vec![StoreMark::Block(digest), StoreMark::Certificate(certificate.height)];
        let token = self.chain.token(marks);
        self.out.store.push(StoreRequest { token, items });

        let height = certificate.height;
        let tip = Tip {
            height,
            digest,
            time: block.header.time,
            has_content: block.header.transaction_count > 0
                || !block.evidence.is_empty()
                || self.ends_epoch(height)
                || museum!(EmptyParentCounts),
            certificate: Some(certificate.clone()),
        };
        self.chain.decide(tip, certificate, now.monotonic_ms);
        self.build = None;
        self.blocks.forget_below(height);
        let decided = Arc::clone(&block);
        self.execute(now, digest, block);
        self.finalize(now);
        if let Some(start) = self.next_start() {
            self.inbox.push_front(start);
        }
        self.look_into_decided(&decided);
        self.say_evidence_again();
        self.tell_status(now);
    }

    pub(crate) fn on_executed(&mut self, now: Now, executed: Arc<ExecutedBlock>) {
        if executed.digest == self.chain.executing.1 {
            self.pace.end(now.monotonic_ms);
        }
        self.chain.add_result(executed);
        self.finalize(now);
    }

    /// Takes over the results of decided blocks, in order.
    fn finalize(&mut self, now: Now) {
        while let Some((executed, certificate)) = self.chain.next_executed() {
            self.forget_included(now, &executed);
            self.settle_convicted(&executed);
            self.learn_epochs(&executed.epochs);
            if museum!(FinalBeforeStored) {
                let (executed, certificate) = (Arc::clone(&executed), certificate.clone());
                self.out.now.push(Action::Final { executed, certificate });
            }
            let items = vec![Persist::Executed(Arc::clone(&executed))];
            let token = self.chain.token(vec![StoreMark::Executed { executed, certificate }]);
            let request = StoreRequest { token, items };
            if museum!(StateBeforeBlock) {
                self.out.store.insert(0, request);
                continue;
            }
            self.out.store.push(request);
        }
        self.try_build(now);
    }

    pub(crate) fn on_stored(&mut self, token: StoreToken) {
        for mark in self.chain.stored(token) {
            match mark {
                StoreMark::Block(digest) => {
                    self.blocks.set_stored(&digest, Stored::Yes);
                    self.inbox.push_back(ConsensusInput::BlockStored(digest));
                }
                StoreMark::Certificate(height) => {
                    self.inbox.push_back(ConsensusInput::CertificateStored(height));
                }
                StoreMark::Executed { executed, certificate } => {
                    self.chain.report_final(&executed);
                    self.out.now.push(Action::Run(Job::Stored(executed.height())));
                    self.out.now.push(Action::Final { executed, certificate });
                }
            }
        }
    }
}
