//! The ways in which a call fails: the node was not reached, it refused, or it is no node.

use jsonrpsee::core::client::Error;
use jsonrpsee::core::http_helpers::HttpError;
use jsonrpsee::http_client::transport::Error as TransportError;
use jsonrpsee::types::ErrorObjectOwned;

use crate::error::{ErrorData, ErrorKind};
use crate::model::HexHash;

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The text is no address of a node.
    #[error("{url:?} is no http:// address of a node: {reason}")]
    BadUrl {
        /// The text.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No answer: no connection, a broken one, or none in time. A transaction may have arrived.
    #[error("{url} is not reachable: {reason}")]
    Unreachable {
        /// The node.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The node answered with an error.
    #[error("{message} ({code})")]
    Refused {
        /// The error's code.
        code: i32,
        /// Its kind, when it is one of ours.
        kind: Option<ErrorKind>,
        /// What is wrong, for people.
        message: String,
        /// The transaction that it is about, where there is one.
        hash: Option<HexHash>,
    },
    /// The answer is none of this interface: another program, or another version.
    #[error("{url} answered something else than a node: {reason}")]
    BadAnswer {
        /// Where.
        url: String,
        /// What is wrong.
        reason: String,
    },
}

pub(super) fn bad_url(url: &str, error: &Error) -> ClientError {
    ClientError::BadUrl { url: url.to_owned(), reason: error.to_string() }
}

pub(super) fn failed(url: &str, error: Error) -> ClientError {
    let url = url.to_owned();
    let reason = with_causes(&error);
    match error {
        Error::Call(object) => refused(&object),
        Error::Transport(source) => match source.downcast_ref() {
            Some(TransportError::Rejected { status_code: 400..500 })
            | Some(TransportError::Http(HttpError::Malformed | HttpError::TooLarge)) => {
                ClientError::BadAnswer { url, reason }
            }
            Some(_) | None => ClientError::Unreachable { url, reason },
        },
        Error::RestartNeeded(_) | Error::RequestTimeout | Error::ServiceDisconnect => {
            ClientError::Unreachable { url, reason }
        }
        Error::ParseError(_)
        | Error::InvalidSubscriptionId
        | Error::InvalidRequestId(_)
        | Error::Custom(_)
        | Error::HttpNotImplemented
        | Error::EmptyBatchRequest(_)
        | Error::RegisterMethod(_) => ClientError::BadAnswer { url, reason },
    }
}

fn refused(object: &ErrorObjectOwned) -> ClientError {
    let data: Option<ErrorData> =
        object.data().and_then(|data| serde_json::from_str(data.get()).ok());
    ClientError::Refused {
        code: object.code(),
        kind: ErrorKind::of_code(object.code()),
        message: object.message().to_owned(),
        hash: data.and_then(|data| data.hash),
    }
}

/// An error with what it stems from: the outermost text alone rarely says what happened.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}
