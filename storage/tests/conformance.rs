//! The suite of `types` on RocksDB.

use quorate_crypto::Hash;
use quorate_storage::ChainDb;
use quorate_types::conformance::{TestStore, run};
use quorate_types::{
    AccountEntry, Address, Block, Certificate, ChainContext, ChainReader, Digest, Evidence,
    ExecutedTip, Height, HeightArchive, Persist, ReadError, Receipt, StateChanges, StateKey,
    StateReader, Store, TransactionId, TransactionLocation,
};
use std::sync::Arc;
use tempfile::TempDir;

struct OnDisk {
    database: Option<ChainDb>,
    folder: TempDir,
}

fn chain() -> ChainContext {
    ChainContext {
        chain_id: "local-conformance".parse().expect("a chain id"),
        genesis_hash: Hash::from_bytes([0xaa; 32]),
        protocol_version: 1,
    }
}

impl OnDisk {
    fn open() -> OnDisk {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = Some(ChainDb::open(folder.path(), &chain()).expect("a fresh database"));
        OnDisk { database, folder }
    }

    fn database(&self) -> &ChainDb {
        self.database.as_ref().expect("open between two calls")
    }
}

impl TestStore for OnDisk {
    fn init_genesis(&mut self, state: &StateChanges, tip: &ExecutedTip) {
        self.database().init_genesis(state, tip).expect("a fresh database");
    }

    fn write(&mut self, list: &[Persist]) {
        self.database().write(list, false).expect("a list in order");
    }

    fn write_beside_snapshot(&mut self, list: &[Persist], look: &mut dyn FnMut(&dyn Store)) {
        let snapshot = self.database().snapshot();
        self.database().write(list, false).expect("a list in order");
        look(&snapshot);
    }

    fn reopen(&mut self) {
        self.database = None;
        self.database = Some(ChainDb::open(self.folder.path(), &chain()).expect("opens again"));
    }
}

impl StateReader for OnDisk {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.database().get(key)
    }
}

impl ChainReader for OnDisk {
    fn decided(&self) -> Result<Height, ReadError> {
        self.database().decided()
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        self.database().executed()
    }

    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError> {
        self.database().digest_at(height)
    }

    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        self.database().block(digest)
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        self.database().certificate(height)
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        self.database().receipts(height)
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        self.database().evidence()
    }

    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError> {
        self.database().archive(height)
    }

    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        self.database().transaction(id)
    }

    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        self.database().account_history(address, before, limit)
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        self.database().scan_state(visit)
    }
}

#[test]
fn the_chain_database_keeps_every_promise() {
    run(&mut || Box::new(OnDisk::open()));
}
