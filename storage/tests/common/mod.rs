//! A chain database in a temporary folder.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use quorate_crypto::Hash;
use quorate_storage::ChainDb;
use quorate_types::ChainContext;
use quorate_types::conformance::chain::{genesis_state, genesis_tip};
use rocksdb::{DB, Options};
use tempfile::TempDir;

/// The chain of all tests.
pub fn chain() -> ChainContext {
    ChainContext {
        chain_id: "local-test".parse().unwrap(),
        genesis_hash: Hash::from_bytes([0xaa; 32]),
        protocol_version: 1,
    }
}

/// A folder for a chain database.
pub struct TempChain(TempDir);

impl TempChain {
    /// Nothing in it.
    pub fn fresh() -> TempChain {
        TempChain(tempfile::tempdir().unwrap())
    }

    /// With genesis stored.
    pub fn with_genesis() -> TempChain {
        let temp = TempChain::fresh();
        temp.open().init_genesis(&genesis_state(), &genesis_tip()).unwrap();
        temp
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn open(&self) -> ChainDb {
        ChainDb::open(self.path(), &chain()).unwrap()
    }

    /// Puts a value behind the database's back, which must be closed.
    pub fn put(&self, column: &str, key: &[u8], value: &[u8]) {
        let names = DB::list_cf(&Options::default(), self.path()).unwrap();
        let raw = DB::open_cf(&Options::default(), self.path(), names).unwrap();
        raw.put_cf(&raw.cf_handle(column).unwrap(), key, value).unwrap();
    }

    pub fn open_after_put(&self, column: &str, key: &[u8], value: &[u8]) -> ChainDb {
        self.put(column, key, value);
        self.open()
    }
}
