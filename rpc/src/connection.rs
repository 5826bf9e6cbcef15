//! What one connection may do: a budget of calls by cost, a bound on calls in flight, and a place
//! where a panic ends as an answer. It stands in front of every call, single or in a batch.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonrpsee::core::middleware::{Batch, BatchEntry, Notification, RpcServiceT};
use jsonrpsee::server::middleware::rpc::RpcService;
use jsonrpsee::server::{BatchResponseBuilder, MethodResponse};
use jsonrpsee::types::error::INVALID_REQUEST_CODE;
use jsonrpsee::types::{ErrorObjectOwned, Id, Request};
use serde_json::value::to_raw_value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tower::Layer;

use crate::error::{CallError, ErrorKind, internal_error};
use crate::limits::{BUDGET_PER_SECOND, CALL_TIME, MAX_CALLS_IN_FLIGHT, MAX_RESPONSE_BYTES};
use crate::methods::{Charge, Charges, Unsubscribe, Usage, parse};

/// What a request without a usable id is told: silence would hide that nothing was run.
const NO_ID: &str = "nothing was run: a call needs an id, a string or a whole number from 0";

/// One connection; every request of it carries the same.
pub(crate) struct Connection {
    budget: DefaultDirectRateLimiter,
    in_flight: Semaphore,
    /// Its place among the connections, given back when the last request is gone.
    _place: OwnedSemaphorePermit,
}

impl Connection {
    pub(crate) fn new(place: OwnedSemaphorePermit) -> Connection {
        let rate = NonZeroU32::new(BUDGET_PER_SECOND).expect("a constant above 0");
        Connection {
            budget: RateLimiter::direct(Quota::per_second(rate)),
            in_flight: Semaphore::new(MAX_CALLS_IN_FLIGHT),
            _place: place,
        }
    }

    /// Spends the cost of a call, or says that the budget is empty.
    fn spend(&self, cost: u32) -> Result<(), CallError> {
        let Some(cost) = NonZeroU32::new(cost) else {
            return Ok(());
        };
        match self.budget.check_n(cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(CallError::new(
                ErrorKind::RateLimited,
                format!("this call costs {cost}; a connection has {BUDGET_PER_SECOND} a second"),
            )),
        }
    }
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// One POST.
    Http,
    /// A message of a WebSocket.
    WebSocket,
}

/// Puts the guard in front of the methods.
#[derive(Clone)]
pub(crate) struct GuardLayer(pub(crate) Arc<Charges>);

impl Layer<RpcService> for GuardLayer {
    type Service = CallGuard;

    fn layer(&self, inner: RpcService) -> CallGuard {
        CallGuard { inner, charges: Arc::clone(&self.0) }
    }
}

/// The guard in front of the methods.
#[derive(Clone)]
pub(crate) struct CallGuard {
    inner: RpcService,
    charges: Arc<Charges>,
}

impl CallGuard {
    /// Runs one call within its limits.
    async fn run(self, mut request: Request<'_>) -> MethodResponse {
        let id = request.id.clone().into_owned();
        let connection = request.extensions().get::<Arc<Connection>>().cloned();
        let connection = connection.expect("the server gives every request its connection");
        let _place = match self.admit(&mut request, &connection) {
            Ok(place) => place,
            Err(error) => return refused(id, error),
        };
        let method = request.method.clone().into_owned();
        let call = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        let what = match tokio::time::timeout(CALL_TIME, call).await {
            Ok(Ok(response)) => return response,
            Ok(Err(_)) => "panicked",
            Err(_) => "took too long",
        };
        tracing::error!(method, "a call {what}");
        MethodResponse::error(id, internal_error())
    }

    /// Charges a call and gives it a place, or refuses it.
    fn admit<'c>(
        &self,
        request: &mut Request<'_>,
        connection: &'c Connection,
    ) -> Result<SemaphorePermit<'c>, CallError> {
        // A name that nobody serves costs like the cheapest method.
        let unknown = Charge { cost: 1, usage: Usage::Call };
        let charge = self.charges.get(&*request.method).copied().unwrap_or(unknown);
        let is_http = request.extensions().get() == Some(&Transport::Http);
        if is_http && charge.usage != Usage::Call {
            return Err(CallError::new(ErrorKind::Disabled, "subscriptions need a WebSocket"));
        }
        connection.spend(charge.cost)?;
        if charge.usage == Usage::Unsubscribe {
            by_position(request)?;
        }
        connection.in_flight.try_acquire().map_err(|_| {
            let message = format!("{MAX_CALLS_IN_FLIGHT} calls of this connection are running");
            CallError::new(ErrorKind::RateLimited, message)
        })
    }
}

/// jsonrpsee reads the parameters of these methods itself: by position only, and it logs what it
/// does not understand.
fn by_position(request: &mut Request<'_>) -> Result<(), CallError> {
    let Unsubscribe { subscription } = parse(&request.params())?;
    let params = to_raw_value(&[subscription]).expect("a list of a number");
    request.params = Some(Cow::Owned(params));
    Ok(())
}

fn refused(id: Id<'_>, error: CallError) -> MethodResponse {
    MethodResponse::error(id, ErrorObjectOwned::from(error))
}

fn without_id() -> MethodResponse {
    let error = ErrorObjectOwned::owned::<()>(INVALID_REQUEST_CODE, NO_ID, None);
    MethodResponse::error(Id::Null, error)
}

impl RpcServiceT for CallGuard {
    type MethodResponse = MethodResponse;
    type NotificationResponse = MethodResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        self.clone().run(request)
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let guard = self.clone();
        async move {
            let limit = usize::try_from(MAX_RESPONSE_BYTES).unwrap_or(usize::MAX);
            let mut responses = BatchResponseBuilder::new_with_limit(limit);
            for entry in batch {
                let response = match entry {
                    Ok(BatchEntry::Call(request)) => guard.clone().run(request).await,
                    Ok(BatchEntry::Notification(_)) => without_id(),
                    Err(error) => {
                        let (error, id) = error.into_parts();
                        MethodResponse::error(id, error)
                    }
                };
                if let Err(too_large) = responses.append(response) {
                    return too_large;
                }
            }
            MethodResponse::from_batch(responses.finish())
        }
    }

    /// A request whose id is absent, negative or a fraction comes here.
    fn notification<'a>(
        &self,
        _: Notification<'a>,
    ) -> impl Future<Output = MethodResponse> + Send + 'a {
        std::future::ready(without_id())
    }
}
