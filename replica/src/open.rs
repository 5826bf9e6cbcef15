//! How a replica comes to life: from what is stored and from its key's record (S-4).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use quorate_consensus::{Consensus, Input as ConsensusInput, Now, Past};
use quorate_crypto::Hash;
use quorate_mempool::Mempool;
use quorate_types::{
    Certificate, Digest, ExecutedBlock, Height, KnownEpochs, Message, Persist, SignRecord, Store,
    verify,
};

use crate::application::{Application, OpenError};
use crate::blocks::Blocks;
use crate::chain::{Chain, StoreMark, Tip};
use crate::config::{Config, SignerGuard};
use crate::pace::Pace;
use crate::peers::Peers;
use crate::rejoin::Rejoins;
use crate::replica::Replica;
use crate::step::{Step, StoreRequest};

impl Replica {
    /// Loads what is stored. `past` is the sign-state of the configured key; of no use for a full
    /// node. What the chain database shows of that key's signatures is looked at before anything is
    /// signed (S-5). The returned step is the first for the host to perform.
    ///
    /// # Errors
    /// When the store fails or holds what no node wrote.
    pub fn open(
        now: Now,
        config: Config,
        past: Past,
        store: &dyn Store,
    ) -> Result<(Replica, Application, Step), OpenError> {
        let (application, replayed) = Application::open(store, &config.context)?;
        let tip = stored_tip(&config, store)?;
        let record = match &past {
            Past::Record(record) | Past::Heedless(record) => Some(record.as_ref().clone()),
            Past::Lost => None,
        };
        let consensus = Consensus::recover(config.key, config.timeouts, past);
        let consensus = match config.guard {
            SignerGuard::Record => consensus,
            SignerGuard::Own(last) => consensus.guarded_by_signer(last),
        };
        let mut chain = Chain::new(tip, application.tip());
        chain.decided_at_ms = now.monotonic_ms;
        let mut replica = Replica {
            mempool: Mempool::new(config.mempool),
            epochs: KnownEpochs::new(application.epochs()),
            awaits_epoch: false,
            operator: None,
            seed: Hash::ZERO,
            consensus,
            inbox: VecDeque::new(),
            last_seen: chain.tip.height,
            chain,
            blocks: Blocks::default(),
            peers: Peers::default(),
            own: BTreeMap::new(),
            build: None,
            last_status_ms: now.monotonic_ms,
            pace: Pace::default(),
            rejoins: Rejoins::new(config.rejoin_value),
            evidence: application.open_evidence(store)?,
            out: Step::default(),
            config,
        };
        replica.enter_epoch();
        replica.chain.tip.has_content |= replica.ends_epoch(replica.chain.tip.height);
        replica.store_replayed(replayed, store)?;
        if let Some(record) = &record {
            replica.look_for_own(record, &application, store)?; // S-5
        }
        replica.begin(now, record.and_then(|record| record.parent_certificate))?;
        let step = std::mem::take(&mut replica.out);
        Ok((replica, application, step))
    }

    /// Stores the results that were lost and have been computed again.
    fn store_replayed(
        &mut self,
        replayed: Vec<Arc<ExecutedBlock>>,
        store: &dyn Store,
    ) -> Result<(), OpenError> {
        for executed in replayed {
            let height = executed.height();
            let certificate = store.certificate(height)?.ok_or(OpenError::MissingBlock(height))?;
            let items = vec![Persist::Executed(Arc::clone(&executed))];
            let token = self.chain.token(vec![StoreMark::Executed { executed, certificate }]);
            self.out.store.push(StoreRequest { token, items });
        }
        Ok(())
    }

    /// S-5: consensus is told of own signatures that its record does not know before it starts.
    fn look_for_own(
        &mut self,
        record: &SignRecord,
        application: &Application,
        store: &dyn Store,
    ) -> Result<(), OpenError> {
        if let Some((signed, epoch)) = self.find_own_beyond(record, application, store)? {
            let height = signed.statement.height;
            let met = verify::statement(signed, &self.config.context, &epoch.validators)
                .map_err(|_| OpenError::BadCertificate(height))?;
            self.inbox.push_back(ConsensusInput::Met(met));
        }
        Ok(())
    }

    fn begin(&mut self, now: Now, carried: Option<Certificate>) -> Result<(), OpenError> {
        let start = self.next_start();
        self.inbox.extend(start);
        if let Some(certificate) = carried
            && certificate.height > self.chain.tip.height
        {
            // S-2: the record alone holds the certificate that the chain database lost.
            let height = certificate.height;
            let message = Message::Certificate(certificate);
            let set = self.epochs.set_of(height).ok_or(OpenError::BadCertificate(height))?;
            let verified = verify::message(message, &self.config.context, set)
                .map_err(|_| OpenError::BadCertificate(height))?;
            self.inbox.push_back(ConsensusInput::Message(verified));
        }
        self.on_housekeeping(now);
        self.drive(now);
        Ok(())
    }
}

/// The highest decided block in the store; genesis when there is none (B-9).
fn stored_tip(config: &Config, store: &dyn Store) -> Result<Tip, OpenError> {
    let height = store.decided()?;
    if height == Height::GENESIS {
        return Ok(Tip {
            height,
            digest: Digest(config.context.genesis_hash),
            time: config.genesis_time,
            has_content: false,
            certificate: None,
        });
    }
    let block = store.block_at(height)?.ok_or(OpenError::MissingBlock(height))?;
    let certificate = store.certificate(height)?.ok_or(OpenError::MissingBlock(height))?;
    Ok(Tip {
        height,
        digest: certificate.digest,
        time: block.header.time,
        has_content: block.header.transaction_count > 0 || !block.evidence.is_empty(),
        certificate: Some(certificate),
    })
}
