//! The typed client that the command line, the load generator and the tests use. Its errors say
//! whether the node was reached, whether it refused, or whether it answered nonsense.

mod calls;
mod error;
mod proofs;

use std::time::Duration;

use jsonrpsee::core::client::{ClientT, Subscription, SubscriptionClientT};
use jsonrpsee::core::params::ObjectParams;
use jsonrpsee::http_client::{HttpClient, HttpClientBuilder};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use quorate_types::Height;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::ClientError;

use crate::limits::{MAX_BODY_BYTES, MAX_RESPONSE_BYTES};
use crate::model::At;
use error::{bad_url, failed};

/// How long an answer may take, beside the time that a call asks the node to wait.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// Longer than any call: each is timed here, by what it asks for.
const NEVER: Duration = Duration::from_secs(3_600);

/// Calls one node; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    http: HttpClient,
}

/// What a call results in.
pub type Called<T> = Result<At<T>, ClientError>;

impl Client {
    /// A client of the node at an `http://` address. Connects with the first call.
    ///
    /// # Errors
    /// When the text is no such address.
    pub fn new(url: &str) -> Result<Client, ClientError> {
        let http = HttpClientBuilder::default()
            .request_timeout(NEVER)
            .max_request_size(MAX_BODY_BYTES)
            .max_response_size(MAX_RESPONSE_BYTES)
            .build(url)
            .map_err(|error| bad_url(url, &error))?;
        Ok(Client { url: url.to_owned(), http })
    }

    /// The node's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn call<T: DeserializeOwned>(&self, method: &str, params: Named) -> Called<T> {
        self.call_within(ANSWER_TIME, method, params).await
    }

    async fn call_within<A: DeserializeOwned>(
        &self,
        time: Duration,
        method: &str,
        params: Named,
    ) -> Result<A, ClientError> {
        let call = self.http.request::<A, _>(method, params.0);
        match tokio::time::timeout(time, call).await {
            Ok(answer) => answer.map_err(|error| failed(&self.url, error)),
            Err(_) => Err(ClientError::Unreachable {
                url: self.url.clone(),
                reason: format!("no answer within {} s", time.as_secs()),
            }),
        }
    }
}

impl Client {
    /// A subscription on a connection of its own, so that a slow one holds up nothing else.
    async fn subscribe<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Named,
        unsubscribe: &str,
    ) -> Result<Notes<T>, ClientError> {
        let url = self.url.replacen("http", "ws", 1);
        let subscribing = async {
            let connection = WsClientBuilder::default()
                .max_response_size(MAX_RESPONSE_BYTES)
                .build(&url)
                .await?;
            let notes = connection.subscribe(method, params.0, unsubscribe).await?;
            Ok((connection, notes))
        };
        match tokio::time::timeout(ANSWER_TIME, subscribing).await {
            Ok(Ok((connection, notes))) => {
                Ok(Notes { url: self.url.clone(), notes, _connection: connection })
            }
            Ok(Err(error)) => Err(failed(&self.url, error)),
            Err(_) => Err(ClientError::Unreachable {
                url: self.url.clone(),
                reason: format!("no answer within {} s", ANSWER_TIME.as_secs()),
            }),
        }
    }
}

/// A subscription: ends when it is dropped.
#[derive(Debug)]
pub struct Notes<T> {
    url: String,
    notes: Subscription<At<T>>,
    _connection: WsClient,
}

impl<T: DeserializeOwned> Notes<T> {
    /// The next note; none once the node has ended the subscription or is gone.
    ///
    /// # Errors
    /// When a note cannot be read.
    pub async fn next(&mut self) -> Option<Called<T>> {
        let note = self.notes.next().await?;
        let url = &self.url;
        Some(note.map_err(|error| ClientError::BadAnswer {
            url: url.clone(),
            reason: error.to_string(),
        }))
    }
}

/// Parameters by name.
struct Named(ObjectParams);

impl Named {
    fn new() -> Named {
        Named(ObjectParams::new())
    }

    fn with(mut self, name: &str, value: impl Serialize) -> Named {
        self.0.insert(name, value).expect("the model has string keys only");
        self
    }

    fn height(self, height: Option<Height>) -> Named {
        self.with("height", height.map(|height| height.0))
    }
}
