//! Cases about evidence and the archives of heights.

use quorate_crypto::Signature;

use super::TestStore;
use super::chain::store_genesis;
use crate::limits::EVIDENCE_WINDOW_HEIGHTS;
use crate::{
    Digest, Evidence, Height, HeightArchive, Justification, Persist, SignedStatement, Statement,
    StatementBody, ValidatorIndex, View,
};

const READS: &str = "an intact store reads";

fn commit(signer: u16, height: u64, view: u64) -> SignedStatement {
    let body = StatementBody::Commit { digest: Digest::default() };
    let statement = Statement { height: Height(height), view: View(view), body };
    let signature = Signature::from_bytes([7; 64]);
    SignedStatement { statement, signer: ValidatorIndex(signer), signature }
}

fn evidence(signer: u16, height: u64, view: u64) -> Evidence {
    Evidence::Unjustified {
        pre_prepare: commit(signer, height, view),
        justification: Justification::default(),
    }
}

fn archive(height: u64) -> HeightArchive {
    let statements = vec![commit(1, height, 0), commit(2, height, 1)];
    HeightArchive { height: Height(height), proposals: Vec::new(), statements }
}

pub(super) fn evidence_is_kept_once_per_validator_and_height(store: &mut dyn TestStore) {
    store_genesis(store);
    assert_eq!(store.reader().evidence().expect(READS), []);
    let given = [(1, 300, 0), (1, 300, 1), (2, 300, 0), (1, 5, 0)];
    store.write(
        &given.map(|(signer, height, view)| {
            Persist::Evidence(Box::new(evidence(signer, height, view)))
        }),
    );
    store.reopen();
    let kept = [evidence(1, 5, 0), evidence(1, 300, 0), evidence(2, 300, 0)];
    assert_eq!(store.reader().evidence().expect(READS), kept);
}

pub(super) fn an_archive_is_kept_by_height(store: &mut dyn TestStore) {
    store_genesis(store);
    store.write(&[3, 300].map(|height| Persist::Archive(archive(height))));
    store.reopen();
    assert_eq!(store.reader().archive(Height(3)).expect(READS), Some(archive(3)));
    assert_eq!(store.reader().archive(Height(300)).expect(READS), Some(archive(300)));
    assert_eq!(store.reader().archive(Height(4)).expect(READS), None);
}

pub(super) fn what_is_older_than_the_window_is_forgotten(store: &mut dyn TestStore) {
    store_genesis(store);
    let edge = 10 + EVIDENCE_WINDOW_HEIGHTS;
    for height in [9, 10, edge] {
        let evidence = Box::new(evidence(1, height, 0));
        store.write(&[Persist::Evidence(evidence), Persist::Archive(archive(height))]);
    }
    assert_eq!(store.reader().archive(Height(9)).expect(READS), None);
    assert_eq!(store.reader().archive(Height(10)).expect(READS), Some(archive(10)));
    assert_eq!(store.reader().evidence().expect(READS), [evidence(1, 10, 0), evidence(1, edge, 0)]);
}
