//! The client: every method of it, and the three ways in which a call can fail.

use std::time::Duration;

use quorate_rpc::backend::{Refusal, Verdict};
use quorate_rpc::model::{KeyKind, KeyParts, ReceiptStatus, Role, SyncState, TransactionStatus};
use quorate_rpc::{Client, ClientError, ErrorKind};
use quorate_types::Height;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::common::chain::{alice_address, bob, transfer};
use crate::common::start;

#[tokio::test]
async fn every_method_reads_its_answer() {
    let node = start();
    let client = node.client();
    let status = client.status().await.unwrap();
    assert_eq!((status.value.sync, status.value.role), (SyncState::InSync, Role::Validator));
    assert!(client.health().await.unwrap().value.healthy);
    assert_eq!(client.peers().await.unwrap().value.peers.len(), 1);
    assert_eq!(client.version().await.unwrap().value.protocol_version, 1);
    let block = client.block(Some(Height(2)), true).await.unwrap().value;
    assert_eq!(block.transactions.unwrap().len(), 2);
    assert_eq!(client.block(None, false).await.unwrap().value.transactions, None);
    assert_eq!(client.header(Some(Height(1))).await.unwrap().value.header.height, 1);
    let certificate = client.commit_certificate(Some(Height(2))).await.unwrap().value;
    assert_eq!((certificate.height, certificate.validators), (2, 1));
    assert_eq!(client.validators(None).await.unwrap().value.height, 4);
    assert_eq!(client.epoch(None).await.unwrap().value.number, 1);
    let validator = client.validator(alice_address(), Some(Height(2))).await.unwrap();
    assert_eq!((validator.at_height, validator.value.bonded.0), (2, 900));
    assert_eq!(client.evidence().await.unwrap().value.evidence.len(), 2);
    assert_eq!(client.genesis().await.unwrap().value.genesis["chain_id"], "local-rpc");
    assert_eq!(client.params().await.unwrap().value.params.flat_fee.0, 1_000);
}

#[tokio::test]
async fn submitting_and_finding_again() {
    let node = start();
    let client = node.client();
    assert!(!client.submit(&transfer(2)).await.unwrap().value.known);
    let batch = client.submit_batch(&[transfer(2), transfer(3)]).await.unwrap().value;
    assert_eq!(batch.verdicts.len(), 2);
    let waited = client.submit_and_wait(&transfer(4), Duration::from_millis(10)).await.unwrap();
    assert_eq!(waited.value.status, TransactionStatus::Pending);
    let found = client.transaction(transfer(1).id()).await.unwrap().value;
    assert_eq!(found.receipt.unwrap().status, ReceiptStatus::Failed);
    let page = client.search(bob(), None, None).await.unwrap().value;
    assert_eq!(page.transactions.len(), 20);
    assert_eq!(client.mempool().await.unwrap().value.transactions, 2);
    let account = client.account(alice_address(), None).await.unwrap();
    assert_eq!((account.at_height, account.value.next_nonce), (3, 4));
    let parts = KeyParts { address: Some(alice_address()), ..KeyParts::default() };
    assert!(client.proof(KeyKind::Account, parts).await.is_ok());
    let mut heads = client.subscribe_heads().await.unwrap();
    let block = (*node.fake.chain.blocks[1]).clone();
    let event = quorate_rpc::backend::ChainEvent::final_block(block, Vec::new());
    node.fake.events.send(std::sync::Arc::new(event)).unwrap();
    assert_eq!(heads.next().await.unwrap().unwrap().value.transaction_hashes.len(), 2);
}

#[tokio::test]
async fn a_refusal_tells_code_kind_message_and_hash() {
    let node = start();
    let refusal = Refusal { kind: ErrorKind::NonceTooLow, message: String::from("next is 2") };
    node.fake.verdicts.lock().unwrap().push_back(Verdict::Refused(refusal));
    let error = node.client().submit(&transfer(0)).await.unwrap_err();
    let expected = ClientError::Refused {
        code: 1102,
        kind: Some(ErrorKind::NonceTooLow),
        message: String::from("next is 2"),
        hash: Some(transfer(0).id().into()),
    };
    assert_eq!(error, expected);
    let error = node.client().proof(KeyKind::Account, KeyParts::default()).await.unwrap_err();
    assert!(matches!(error, ClientError::Refused { code: -32602, kind: None, .. }), "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(&url).unwrap();
    let errors = [
        client.status().await.unwrap_err(),
        client.subscribe_heads().await.map(|_| ()).unwrap_err(),
    ];
    for error in errors {
        assert!(
            matches!(&error, ClientError::Unreachable { url: at, .. } if *at == url),
            "{error:?}"
        );
        assert!(error.to_string().contains("refused"), "{error}");
    }
}

/// Answers one connection with these bytes.
async fn impostor(answer: &'static str) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    Client::new(&url).unwrap()
}

#[tokio::test]
async fn something_else_is_a_bad_answer() {
    let page = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\n<html>";
    let missing = "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let other = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 36\r\n\r\n\
         {\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}";
    for answer in [page, missing, other] {
        let error = impostor(answer).await.status().await.unwrap_err();
        assert!(matches!(error, ClientError::BadAnswer { .. }), "{answer}: {error:?}");
    }
    let error = impostor("").await.status().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
}

#[test]
fn a_url_is_checked_at_once() {
    for url in ["", "localhost:27657", "ftp://localhost", "http://"] {
        let error = Client::new(url).unwrap_err();
        assert!(matches!(&error, ClientError::BadUrl { url: at, .. } if at == url), "{error:?}");
    }
}
