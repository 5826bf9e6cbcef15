//! Every refusal of the interface: its number, its stable name, and the error object that carries
//! it. Our own codes are positive; -32768 to -32000 belong to JSON-RPC and its server.

use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::error::{INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE};
use quorate_types::{TransactionError, TransactionId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::backend::{BackendError, Refusal};
use crate::model::HexHash;

/// Characters of a message; what a client sent may be quoted in it.
const MAX_MESSAGE_CHARS: usize = 300;

/// What went wrong, for programs. Numbers and names never change their meaning.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum ErrorKind {
    /// There is no such thing, as far as this node knows.
    #[serde(rename = "not_found")]
    NotFound,
    /// It existed, but this node keeps it no longer.
    #[serde(rename = "pruned")]
    Pruned,
    /// The node has not caught up far enough to say.
    #[serde(rename = "syncing")]
    Syncing,
    /// The connection's budget of calls is spent for now.
    #[serde(rename = "rate_limited")]
    RateLimited,
    /// The height is above the highest final one.
    #[serde(rename = "height_in_future")]
    HeightInFuture,
    /// Not offered here.
    #[serde(rename = "disabled")]
    Disabled,
    /// A proof leads over more epochs than an answer, or a bundle, holds.
    #[serde(rename = "proof_too_long")]
    ProofTooLong,
    /// The header that would prove it is not final yet.
    #[serde(rename = "not_certified")]
    NotCertified,
    /// A signature does not verify.
    #[serde(rename = "tx.bad_signature")]
    BadSignature,
    /// The account has used this nonce.
    #[serde(rename = "tx.nonce_too_low")]
    NonceTooLow,
    /// The nonce lies too far ahead.
    #[serde(rename = "tx.nonce_gap")]
    NonceGap,
    /// The balance does not cover the fees.
    #[serde(rename = "tx.insufficient_funds")]
    InsufficientFunds,
    /// The fee is below what the parameters ask for.
    #[serde(rename = "tx.fee_too_low")]
    FeeTooLow,
    /// More bytes than a transaction may have.
    #[serde(rename = "tx.too_large")]
    TooLarge,
    /// Too much waits that pays as well.
    #[serde(rename = "tx.mempool_full")]
    MempoolFull,
    /// A transaction of another chain.
    #[serde(rename = "tx.wrong_chain")]
    WrongChain,
    /// Another transaction with this nonce waits and pays as well.
    #[serde(rename = "tx.nonce_taken")]
    NonceTaken,
    /// The bytes are no transaction.
    #[serde(rename = "tx.malformed")]
    Malformed,
    /// Its expiry height has passed.
    #[serde(rename = "tx.expired")]
    Expired,
    /// Too many transactions of the sender wait.
    #[serde(rename = "tx.sender_limit")]
    SenderLimit,
    /// A version, scheme or kind that this chain does not know yet.
    #[serde(rename = "tx.unsupported")]
    Unsupported,
    /// A change of the parameters to what no chain may have.
    #[serde(rename = "tx.bad_params")]
    BadParams,
}

impl ErrorKind {
    /// Every kind, in order of code.
    pub const ALL: [ErrorKind; 22] = [
        ErrorKind::NotFound,
        ErrorKind::Pruned,
        ErrorKind::Syncing,
        ErrorKind::RateLimited,
        ErrorKind::HeightInFuture,
        ErrorKind::Disabled,
        ErrorKind::ProofTooLong,
        ErrorKind::NotCertified,
        ErrorKind::BadSignature,
        ErrorKind::NonceTooLow,
        ErrorKind::NonceGap,
        ErrorKind::InsufficientFunds,
        ErrorKind::FeeTooLow,
        ErrorKind::TooLarge,
        ErrorKind::MempoolFull,
        ErrorKind::WrongChain,
        ErrorKind::NonceTaken,
        ErrorKind::Malformed,
        ErrorKind::Expired,
        ErrorKind::SenderLimit,
        ErrorKind::Unsupported,
        ErrorKind::BadParams,
    ];

    /// The number.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            ErrorKind::NotFound => 1001,
            ErrorKind::Pruned => 1002,
            ErrorKind::Syncing => 1003,
            ErrorKind::RateLimited => 1004,
            ErrorKind::HeightInFuture => 1005,
            ErrorKind::Disabled => 1006,
            ErrorKind::ProofTooLong => 1007,
            ErrorKind::NotCertified => 1008,
            ErrorKind::BadSignature => 1101,
            ErrorKind::NonceTooLow => 1102,
            ErrorKind::NonceGap => 1103,
            ErrorKind::InsufficientFunds => 1104,
            ErrorKind::FeeTooLow => 1105,
            ErrorKind::TooLarge => 1106,
            ErrorKind::MempoolFull => 1107,
            ErrorKind::WrongChain => 1108,
            ErrorKind::NonceTaken => 1109,
            ErrorKind::Malformed => 1110,
            ErrorKind::Expired => 1111,
            ErrorKind::SenderLimit => 1112,
            ErrorKind::Unsupported => 1113,
            ErrorKind::BadParams => 1114,
        }
    }

    /// The kind of a number.
    #[must_use]
    pub fn of_code(code: i32) -> Option<ErrorKind> {
        ErrorKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether a transaction was refused, as against a call that could not be answered.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.code() >= ErrorKind::BadSignature.code()
    }
}

impl From<TransactionError> for Refusal {
    fn from(error: TransactionError) -> Self {
        let kind = match &error {
            TransactionError::Malformed(_) => ErrorKind::Malformed,
            TransactionError::Unsupported(_)
            | TransactionError::SeveralSigners(_)
            | TransactionError::RepeatedSigner(_)
            | TransactionError::ParamsNotAlone(_) => ErrorKind::Unsupported,
            TransactionError::Params(_) => ErrorKind::BadParams,
            TransactionError::TooLarge { .. } => ErrorKind::TooLarge,
            TransactionError::WrongChain => ErrorKind::WrongChain,
            TransactionError::BadSignature => ErrorKind::BadSignature,
            TransactionError::Expired { .. } => ErrorKind::Expired,
            TransactionError::FeeTooLow { .. } => ErrorKind::FeeTooLow,
        };
        Refusal { kind, message: error.to_string() }
    }
}

/// `data` of an error object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorData {
    /// The stable name.
    pub kind: ErrorKind,
    /// The transaction that it is about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<HexHash>,
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// One of ours.
    Kind(ErrorKind, String, Option<TransactionId>),
    /// The parameters do not fit the method.
    InvalidParams(String),
    /// The node is at fault. The client learns nothing; the log has it.
    Internal(String),
}

impl CallError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> CallError {
        CallError::Kind(kind, message.into(), None)
    }

    pub(crate) fn refused(refusal: Refusal, hash: Option<TransactionId>) -> CallError {
        CallError::Kind(refusal.kind, refusal.message, hash)
    }
}

impl From<BackendError> for CallError {
    fn from(error: BackendError) -> Self {
        let message = error.to_string();
        match error {
            BackendError::NotFound => CallError::new(ErrorKind::NotFound, message),
            BackendError::Pruned { .. } => CallError::new(ErrorKind::Pruned, message),
            BackendError::Syncing => CallError::new(ErrorKind::Syncing, message),
            BackendError::HeightInFuture { .. } => {
                CallError::new(ErrorKind::HeightInFuture, message)
            }
            BackendError::Internal(_) => CallError::Internal(message),
        }
    }
}

impl From<CallError> for ErrorObjectOwned {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Kind(kind, message, hash) => {
                let data = ErrorData { kind, hash: hash.map(HexHash::from) };
                ErrorObjectOwned::owned(kind.code(), shortened(&message), Some(data))
            }
            CallError::InvalidParams(message) => {
                let message = shortened(&format!("invalid params: {message}"));
                ErrorObjectOwned::owned::<()>(INVALID_PARAMS_CODE, message, None)
            }
            CallError::Internal(message) => {
                tracing::error!(%message, "a call failed");
                internal_error()
            }
        }
    }
}

/// What a client learns of our own faults.
pub(crate) fn internal_error() -> ErrorObjectOwned {
    ErrorObjectOwned::owned::<()>(INTERNAL_ERROR_CODE, "internal error", None)
}

fn shortened(message: &str) -> String {
    message.chars().take(MAX_MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quorate_types::{Address, Amount, DecodeError, Height, ParamsError};

    #[test]
    fn codes_and_names_are_the_published_ones() {
        let table: Vec<String> = ErrorKind::ALL
            .iter()
            .map(|kind| format!("{} {}", kind.code(), serde_json::to_value(kind).unwrap()))
            .collect();
        let expected = "1001 not_found, 1002 pruned, 1003 syncing, 1004 rate_limited, \
             1005 height_in_future, 1006 disabled, 1007 proof_too_long, 1008 not_certified, \
             1101 tx.bad_signature, 1102 tx.nonce_too_low, 1103 tx.nonce_gap, 1104 tx.insufficient_funds, 1105 tx.fee_too_low, \
             1106 tx.too_large, 1107 tx.mempool_full, 1108 tx.wrong_chain, 1109 tx.nonce_taken, \
             1110 tx.malformed, 1111 tx.expired, 1112 tx.sender_limit, 1113 tx.unsupported, \
             1114 tx.bad_params";
        assert_eq!(table.join(", ").replace('"', ""), expected);
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::of_code(kind.code()), Some(kind));
            assert_eq!(kind.is_refusal(), kind.code() >= 1100);
        }
        assert_eq!(ErrorKind::of_code(-32602), None);
    }

    #[test]
    fn each_fault_of_a_transaction_has_its_kind() {
        let params = ParamsError { field: "epoch_length", found: 1, min: 2, max: 9 };
        let faults = [
            (TransactionError::Malformed(DecodeError::Trailing(1)), ErrorKind::Malformed),
            (TransactionError::Unsupported(String::new()), ErrorKind::Unsupported),
            (TransactionError::TooLarge { found: 2, limit: 1 }, ErrorKind::TooLarge),
            (TransactionError::SeveralSigners(2), ErrorKind::Unsupported),
            (TransactionError::RepeatedSigner(Address([1; 20])), ErrorKind::Unsupported),
            (TransactionError::ParamsNotAlone(2), ErrorKind::Unsupported),
            (TransactionError::Params(params), ErrorKind::BadParams),
            (TransactionError::WrongChain, ErrorKind::WrongChain),
            (TransactionError::BadSignature, ErrorKind::BadSignature),
            (TransactionError::Expired { expiry: Height(1), next: Height(2) }, ErrorKind::Expired),
            (
                TransactionError::FeeTooLow { found: Amount(1), required: Amount(2) },
                ErrorKind::FeeTooLow,
            ),
        ];
        for (error, kind) in faults {
            let message = error.to_string();
            assert_eq!(Refusal::from(error), Refusal { kind, message });
        }
    }

    #[test]
    fn an_internal_fault_tells_nothing_and_a_message_is_bounded() {
        let object = ErrorObjectOwned::from(CallError::Internal(String::from("secret path")));
        assert_eq!((object.code(), object.message()), (-32603, "internal error"));
        let long = CallError::InvalidParams("\u{e9}".repeat(10_000));
        assert_eq!(ErrorObjectOwned::from(long).message().chars().count(), MAX_MESSAGE_CHARS);
    }

    #[test]
    fn an_error_object_carries_kind_and_hash() {
        let refusal = Refusal { kind: ErrorKind::MempoolFull, message: String::from("full") };
        let error = CallError::refused(refusal, Some(TransactionId::default()));
        let object = serde_json::to_value(ErrorObjectOwned::from(error)).unwrap();
        let hash = format!("0x{}", "00".repeat(32));
        let data = serde_json::json!({ "kind": "tx.mempool_full", "hash": hash });
        let expected = serde_json::json!({ "code": 1107, "message": "full", "data": data });
        assert_eq!(object, expected);
    }
}
