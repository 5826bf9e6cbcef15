//! Answers out of the chain database: final blocks, certificates, transactions with receipts.

use std::sync::Arc;

use quorate_rpc::backend::{BackendError, FinalBlock, Roots, TransactionState};
use quorate_rpc::model::At;
use quorate_types::{Certificate, ChainReader, Height, Receipt, TransactionId};

use super::{NodeBackend, failed, internal};

impl NodeBackend {
    pub(super) fn read_block(
        &self,
        height: Option<Height>,
    ) -> Result<At<Arc<FinalBlock>>, BackendError> {
        let height = self.final_or_latest(height)?;
        let block = self.shared.database.block_at(height).map_err(failed)?;
        let block = block.ok_or(BackendError::NotFound)?;
        let digest = block.digest();
        let roots = self.roots(height)?;
        Ok(self.now(Arc::new(FinalBlock { block, digest, roots })))
    }

    /// The roots of executing a height: in the header above, or with the executed tip.
    fn roots(&self, height: Height) -> Result<Option<Roots>, BackendError> {
        let database = &self.shared.database;
        if let Some(above) = database.block_at(height.next()).map_err(failed)? {
            let header = &above.header;
            let (state, receipts) = (header.parent_state_root, header.parent_receipts_root);
            return Ok(Some(Roots { state, receipts }));
        }
        let tip = database.executed().map_err(failed)?.filter(|tip| tip.height == height);
        Ok(tip.map(|tip| Roots { state: tip.state_root, receipts: tip.receipts_root }))
    }

    pub(super) fn read_certificate(
        &self,
        height: Option<Height>,
    ) -> Result<At<Certificate>, BackendError> {
        let height = self.final_or_latest(height)?;
        let certificate = self.shared.database.certificate(height).map_err(failed)?;
        Ok(self.now(certificate.ok_or(BackendError::NotFound)?))
    }

    pub(super) fn read_receipts(&self, height: Height) -> Result<At<Vec<Receipt>>, BackendError> {
        let height = self.final_or_latest(Some(height))?;
        let receipts = self.shared.database.receipts(height).map_err(failed)?;
        Ok(self.now(receipts.ok_or(BackendError::NotFound)?))
    }

    /// A transaction of a stored block with its receipt.
    pub(super) fn read_transaction(
        &self,
        id: &TransactionId,
    ) -> Result<Option<TransactionState>, BackendError> {
        let database = &self.shared.database;
        let Some(location) = database.transaction(id).map_err(failed)? else {
            return Ok(None);
        };
        let place = usize::try_from(location.index).unwrap_or(usize::MAX);
        let block = database.block_at(location.height).map_err(failed)?;
        let receipts = database.receipts(location.height).map_err(failed)?;
        let transaction = block.and_then(|block| block.transactions.get(place).cloned());
        let receipt = receipts.and_then(|receipts| receipts.get(place).cloned());
        match transaction.zip(receipt) {
            Some((transaction, receipt)) => {
                Ok(Some(TransactionState::Final { transaction, location, receipt }))
            }
            None => Err(internal("an indexed transaction is not in its block")),
        }
    }
}
