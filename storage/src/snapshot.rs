//! Reading the chain database at one moment. Everything read is decoded and checked against the
//! key that it stands under; a block also against its digest.

use std::sync::Arc;

use quorate_types::{
    AccountEntry, Address, Block, Canonical, Certificate, CertificateKind, ChainReader,
    DecodeError, Digest, Epoch, EpochEntry, Evidence, ExecutedTip, Height, HeightArchive,
    ReadError, Reader, Receipt, StateKey, StateReader, TransactionId, TransactionLocation, limits,
};
use rocksdb::{Direction, IteratorMode, PrefixRange, ReadOptions, SnapshotWithThreadMode};

use crate::columns::{Column, Database};
use crate::keys::{
    EXECUTED, account_key, epoch_key, height_key, read_account_key, read_height, read_location,
    read_tip,
};

/// Key and value.
type Entry = (Box<[u8]>, Box<[u8]>);

/// The chain database as it stood when the snapshot was taken; sees every earlier write.
pub struct ChainSnapshot<'a> {
    database: &'a Database,
    snapshot: SnapshotWithThreadMode<'a, Database>,
}

impl<'a> ChainSnapshot<'a> {
    pub(crate) fn of(database: &'a Database) -> ChainSnapshot<'a> {
        ChainSnapshot { database, snapshot: database.snapshot() }
    }

    pub(crate) fn value(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        self.snapshot.get_cf(&column.of(self.database), key).map_err(failed)
    }

    /// Every key of a column family, ascending.
    pub(crate) fn keys(
        &self,
        column: Column,
    ) -> impl Iterator<Item = Result<Box<[u8]>, ReadError>> + '_ {
        self.entries(column, IteratorMode::Start, ReadOptions::default())
            .map(|entry| entry.map(|(key, _)| key))
    }

    fn entries(
        &self,
        column: Column,
        mode: IteratorMode<'_>,
        options: ReadOptions,
    ) -> impl Iterator<Item = Result<Entry, ReadError>> + '_ {
        self.snapshot
            .iterator_cf_opt(&column.of(self.database), options, mode)
            .map(|entry| entry.map_err(failed))
    }
}

impl StateReader for ChainSnapshot<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.value(Column::State, &key.to_bytes())
    }
}

impl ChainReader for ChainSnapshot<'_> {
    fn decided(&self) -> Result<Height, ReadError> {
        match self.entries(Column::Heights, IteratorMode::End, ReadOptions::default()).next() {
            None => Ok(Height::GENESIS),
            Some(entry) => read_height(&entry?.0).map_err(|error| corrupt("heights", &error)),
        }
    }

    fn executed(&self) -> Result<Option<ExecutedTip>, ReadError> {
        let value = self.value(Column::Meta, EXECUTED)?;
        value
            .map(|bytes| read_tip(&bytes).map_err(|error| corrupt("executed tip", &error)))
            .transpose()
    }

    fn digest_at(&self, height: Height) -> Result<Option<Digest>, ReadError> {
        let value = self.value(Column::Heights, &height_key(height))?;
        value.map(|bytes| decoded(&format!("digest of height {height}"), &bytes)).transpose()
    }

    fn block(&self, digest: &Digest) -> Result<Option<Arc<Block>>, ReadError> {
        let Some(bytes) = self.value(Column::Blocks, digest.0.as_bytes())? else {
            return Ok(None);
        };
        let what = format!("block {digest}");
        let block: Block = decoded(&what, &bytes)?;
        if block.digest() != *digest {
            return Err(ReadError(format!("{what}: its header has digest {}", block.digest())));
        }
        block.validate_shape().map_err(|error| corrupt(&what, &error))?;
        Ok(Some(Arc::new(block)))
    }

    fn certificate(&self, height: Height) -> Result<Option<Certificate>, ReadError> {
        let Some(bytes) = self.value(Column::Certificates, &height_key(height))? else {
            return Ok(None);
        };
        let what = format!("certificate of height {height}");
        let certificate: Certificate = decoded(&what, &bytes)?;
        let fits = certificate.kind == CertificateKind::Commit
            && certificate.height == height
            && Some(certificate.digest) == self.digest_at(height)?;
        if fits { Ok(Some(certificate)) } else { Err(ReadError(format!("{what}: is of another"))) }
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        let Some(bytes) = self.value(Column::Receipts, &height_key(height))? else {
            return Ok(None);
        };
        let mut reader = Reader::new(&bytes);
        let receipts = reader
            .list("receipts", limits::MAX_BLOCK_TRANSACTIONS)
            .and_then(|receipts| reader.finish().map(|()| receipts))
            .map_err(|error| corrupt(&format!("receipts of height {height}"), &error))?;
        Ok(Some(receipts))
    }

    fn epoch_entry(&self, number: Epoch) -> Result<Option<EpochEntry>, ReadError> {
        let Some(bytes) = self.value(Column::Epochs, &epoch_key(number))? else {
            return Ok(None);
        };
        let what = format!("epoch {number}");
        let entry: EpochEntry = decoded(&what, &bytes)?;
        let fits = entry.number == number;
        if fits { Ok(Some(entry)) } else { Err(ReadError(format!("{what}: is another"))) }
    }

    fn evidence(&self) -> Result<Vec<Evidence>, ReadError> {
        self.entries(Column::Evidence, IteratorMode::Start, ReadOptions::default())
            .map(|entry| decoded("evidence", &entry?.1))
            .collect()
    }

    fn archive(&self, height: Height) -> Result<Option<HeightArchive>, ReadError> {
        let value = self.value(Column::Archives, &height_key(height))?;
        value.map(|bytes| decoded(&format!("archive of height {height}"), &bytes)).transpose()
    }

    fn transaction(&self, id: &TransactionId) -> Result<Option<TransactionLocation>, ReadError> {
        let value = self.value(Column::Transactions, id.0.as_bytes())?;
        value
            .map(|bytes| {
                read_location(&bytes).map_err(|error| corrupt(&format!("transaction {id}"), &error))
            })
            .transpose()
    }

    fn account_history(
        &self,
        address: &Address,
        before: Option<TransactionLocation>,
        limit: usize,
    ) -> Result<Vec<AccountEntry>, ReadError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(PrefixRange(address.0.to_vec()));
        let start = before.map_or(address.0.to_vec(), |place| account_key(address, place));
        let mode = IteratorMode::From(&start, Direction::Forward);
        self.entries(Column::Accounts, mode, options)
            .map(|entry| account_entry(address, &entry?))
            .skip_while(|entry| matches!(entry, Ok(entry) if Some(entry.location) == before))
            .take(limit)
            .collect()
    }

    fn scan_state(&self, visit: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), ReadError> {
        let mut options = ReadOptions::default();
        // A scan of everything would only push out what is read often.
        options.fill_cache(false);
        for entry in self.entries(Column::State, IteratorMode::Start, options) {
            let (key, value) = entry?;
            visit(&key, &value);
        }
        Ok(())
    }
}

fn account_entry(address: &Address, (key, value): &Entry) -> Result<AccountEntry, ReadError> {
    let what = format!("history of {address}");
    let location = read_account_key(address, key).map_err(|error| corrupt(&what, &error))?;
    Ok(AccountEntry { location, transaction: decoded(&what, value)? })
}

fn decoded<T: Canonical>(what: &str, bytes: &[u8]) -> Result<T, ReadError> {
    T::from_bytes(bytes).map_err(|error| corrupt(what, &error))
}

fn corrupt(what: &str, error: &DecodeError) -> ReadError {
    ReadError(format!("{what}: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn failed(error: rocksdb::Error) -> ReadError {
    ReadError(error.to_string())
}
