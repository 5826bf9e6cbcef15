//! The memory store passes the suite that every store must pass.

use quorate_sim::MemoryStore;
use quorate_types::conformance::{self, TestStore};
use quorate_types::{
    AccountEntry, Address, Block, Certificate, ChainReader, Digest, Evidence, ExecutedTip, Height,
    HeightArchive, Persist, ReadError, Receipt, StateChanges, StateKey, StateReader, Store,
    TransactionId, TransactionLocation,
};
use std::sync::Arc;

#[derive(Default)]
struct Tested(MemoryStore);

impl TestStore for Tested {
    fn init_genesis(&mut self, state: &StateChanges, tip: &ExecutedTip) {
        self.0.init_genesis(state, tip);
    }

    fn write(&mut self, list: &[Persist]) {
        for item in list {
            self.0.apply(item).expect("the suite writes in order");
        }
    }

    fn write_beside_snapshot(&mut self, list: &[Persist], look: &mut dyn FnMut(&dyn Store)) {
        let snapshot = self.0.clone();
        self.write(list);
        look(&snapshot);
    }

    fn reopen(&mut self) {}
}

impl StateReader for Tested {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.0.get(key)
    }
}

impl ChainReader for Tested {
    fn decided(&self) -> Result<Height, ReadError> {
        self.0.decided()
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        self.0.executed()
    }

    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError> {
        self.0.digest_at(height)
    }

    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        self.0.block(digest)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.0.certificate(height)
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        self.0.receipts(height)
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        self.0.evidence()
    }

    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError> {
        self.0.archive(height)
    }

    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        self.0.transaction(id)
    }

    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        self.0.account_history(address, before, limit)
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        self.0.scan_state(visit)
    }
}

#[test]
fn the_memory_store_conforms() {
    conformance::run(&mut || Box::new(Tested::default()));
}
