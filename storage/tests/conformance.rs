//! The suite of `types` on RocksDB.

use quorate_crypto::Hash;
use quorate_storage::ChainDb;
use quorate_types::conformance::{TestStore, run};
use quorate_types::{ChainContext, ExecutedTip, Persist, StateChanges, Store};
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
    fn reader(&self) -> &dyn Store {
        self.database()
    }

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

#[test]
fn the_chain_database_keeps_every_promise() {
    run(&mut || Box::new(OnDisk::open()));
}
