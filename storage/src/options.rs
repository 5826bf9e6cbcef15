//! How RocksDB is set up. What matters is that nothing in the background makes a vote's fsync wait
//! (flushes are throttled and spread, its threads run at nice 19) and that a crash loses a suffix
//! of the unsynced writes, nothing else.

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, DBRecoveryMode, Env,
    LogLevel, Options,
};

use crate::columns::Column;

const MIB: usize = 1024 * 1024;
/// Flushes and compactions together write at most this many bytes a second.
const BACKGROUND_BYTES_PER_SECOND: i64 = 32 * 1024 * 1024;
/// How often the limit is refilled, in microseconds.
const REFILL_MICROSECONDS: i64 = 100_000;
/// One in so many grants goes to compactions even while flushes wait.
const FAIRNESS: i32 = 10;
/// Dirty bytes of one file before they are handed to the disk.
const BYTES_PER_SYNC: u64 = 1024 * 1024;
/// Unflushed writes of all column families together, in bytes.
const WRITE_BUFFERS: usize = 32 * MIB;
/// Unflushed writes of one column family, in bytes.
const WRITE_BUFFER: usize = 16 * MIB;
/// Memory is taken in steps of this many bytes, so that a small column family stays small.
const ARENA_STEP: usize = 256 * 1024;
/// Log that may have to be replayed at start, in bytes.
const LOG_BYTES: u64 = 64 * 1024 * 1024;
/// Cached table blocks of all column families together, in bytes.
const CACHE: usize = 16 * MIB;
/// Bits per key of the filters: about one false positive in a hundred.
const FILTER_BITS: f64 = 10.0;
/// Table and blob files held open.
const OPEN_FILES: i32 = 256;
/// RocksDB's own information files kept, and the size of each in bytes.
const INFO_FILES: usize = 2;
const INFO_FILE: usize = 2 * MIB;

/// The options of the whole database.
pub(crate) fn database_options() -> Result<Options, rocksdb::Error> {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_env(&background_threads()?);
    options.set_max_background_jobs(2);
    options.set_ratelimiter(BACKGROUND_BYTES_PER_SECOND, REFILL_MICROSECONDS, FAIRNESS);
    options.set_bytes_per_sync(BYTES_PER_SYNC);
    options.set_wal_bytes_per_sync(BYTES_PER_SYNC);
    options.set_db_write_buffer_size(WRITE_BUFFERS);
    options.set_max_total_wal_size(LOG_BYTES);
    options.set_max_open_files(OPEN_FILES);
    options.set_paranoid_checks(true);
    // Whatever follows the first unreadable log record is dropped. The stricter modes refuse to
    // open after a power cut that tore an unsynced tail, on all nodes of a site at once.
    options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
    // A log file that was complete and is missing or short is an error all the same.
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(INFO_FILES);
    options.set_max_log_file_size(INFO_FILE);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);
    Ok(options)
}

fn background_threads() -> Result<Env, rocksdb::Error> {
    let mut threads = Env::new()?;
    threads.set_high_priority_background_threads(1);
    threads.set_low_priority_background_threads(1);
    threads.lower_high_priority_thread_pool_cpu_priority();
    threads.lower_thread_pool_cpu_priority();
    Ok(threads)
}

/// The options of each column family.
pub(crate) fn column_families() -> Vec<ColumnFamilyDescriptor> {
    let cache = Cache::new_lru_cache(CACHE);
    let describe =
        |column: Column| ColumnFamilyDescriptor::new(column.name(), column_options(column, &cache));
    Column::ALL.into_iter().map(describe).collect()
}

fn column_options(column: Column, cache: &Cache) -> Options {
    let mut tables = BlockBasedOptions::default();
    tables.set_block_cache(cache);
    let mut options = Options::default();
    options.set_write_buffer_size(WRITE_BUFFER);
    options.set_arena_block_size(ARENA_STEP);
    options.set_compression_type(DBCompressionType::Lz4);
    match column {
        // Blocks are never rewritten; their bytes are signatures and hashes, which do not shrink.
        Column::Blocks => {
            options.set_enable_blob_files(true);
            options.set_min_blob_size(0);
            options.set_blob_compression_type(DBCompressionType::None);
        }
        // Looked up by keys that are often absent.
        Column::State | Column::Transactions => tables.set_bloom_filter(FILTER_BITS, false),
        Column::Meta
        | Column::Heights
        | Column::Undecided
        | Column::Certificates
        | Column::Epochs
        | Column::Receipts
        | Column::Accounts
        | Column::Evidence
        | Column::Archives => {}
    }
    options.set_block_based_table_factory(&tables);
    options
}
