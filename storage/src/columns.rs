//! The column families of the chain database, and what stands in each.

use std::sync::Arc;

use rocksdb::BoundColumnFamily;

/// RocksDB as this crate uses it.
pub(crate) type Database = rocksdb::DBWithThreadMode<rocksdb::MultiThreaded>;

/// One column family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// The binding to a chain and the executed tip, by name.
    Meta,
    /// Blocks by digest, decided or not.
    Blocks,
    /// The decided digest by height.
    Heights,
    /// Height and digest of each stored block that is not decided; no values.
    Undecided,
    /// Commit certificates by height.
    Certificates,
    /// The flat state of the executed tip.
    State,
    /// Every epoch that the state has had, by number.
    Epochs,
    /// The receipts of a block, one value by height.
    Receipts,
    /// Where a transaction was included, by id.
    Transactions,
    /// Transaction ids by address, newest first.
    Accounts,
    /// What convicts a validator, by height and index.
    Evidence,
    /// What is kept of heights that took more than one view.
    Archives,
}

impl Column {
    /// All of them.
    pub(crate) const ALL: [Column; 12] = [
        Column::Meta,
        Column::Blocks,
        Column::Heights,
        Column::Undecided,
        Column::Certificates,
        Column::State,
        Column::Epochs,
        Column::Receipts,
        Column::Transactions,
        Column::Accounts,
        Column::Evidence,
        Column::Archives,
    ];

    /// Its name on disk. RocksDB always has `default`, so that one is used for [`Column::Meta`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            Column::Meta => "default",
            Column::Blocks => "blocks",
            Column::Heights => "heights",
            Column::Undecided => "undecided",
            Column::Certificates => "certificates",
            Column::State => "state",
            Column::Epochs => "epochs",
            Column::Receipts => "receipts",
            Column::Transactions => "transactions",
            Column::Accounts => "accounts",
            Column::Evidence => "evidence",
            Column::Archives => "archives",
        }
    }

    /// RocksDB's handle of it.
    pub(crate) fn of(self, database: &Database) -> Arc<BoundColumnFamily<'_>> {
        database.cf_handle(self.name()).expect("opening creates every column family")
    }
}
