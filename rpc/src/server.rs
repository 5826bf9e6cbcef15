//! One port for everything: POST and WebSocket at `/`, `/livez`, `/readyz`, `/openrpc.json`. Runs
//! on a runtime that the caller gives, so that it shares none with the vote network.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::http::response::too_large;
use jsonrpsee::server::ws::is_upgrade_request;
use jsonrpsee::server::{
    BatchRequestConfig, PingConfig, Server, ServerConfig, ServerHandle as SessionsHandle,
    StopHandle, TowerServiceBuilder, stop_channel,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tower::layer::util::{Identity, Stack};
use tower::{Service, ServiceExt};

use crate::backend::Backend;
use crate::connection::{Connection, GuardLayer, Transport};
use crate::guard::{self, Guard};
use crate::health;
use crate::limits::{
    Limits, MAX_BATCH, MAX_BODY_BYTES, MAX_RESPONSE_BYTES, MAX_SUBSCRIPTIONS, MAX_TURNED_AWAY,
};
use crate::methods::{self, Charges};

/// What the operator decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Host names, beside loopback names and addresses, that requests may be for.
    pub allow_hosts: Vec<String>,
    /// Origins whose pages may ask: `https://wallet.example`, `http://localhost:*`.
    pub allow_origins: Vec<String>,
    /// The limits that a test makes small.
    pub limits: Limits,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else has the port.
    #[error("{0} is taken by another process")]
    Taken(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}: {source}")]
    Other {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// Takes a port; 0 takes a free one.
///
/// # Errors
/// When the port is taken, or the system refuses for another reason.
pub fn bind(address: SocketAddr) -> Result<StdListener, BindError> {
    StdListener::bind(address).map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            BindError::Taken(address)
        } else {
            BindError::Other { address, source }
        }
    })
}

/// A running server.
#[derive(Debug)]
pub struct ServerHandle {
    /// Where it listens.
    pub local_addr: SocketAddr,
    stop: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl ServerHandle {
    /// Takes no more connections, lets calls in progress end within their time, and returns.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.accepting.await {
            tracing::error!(%error, "the RPC server ended badly");
        }
    }
}

/// Serves a node on a listener until it is stopped. The tasks run on `runtime`.
///
/// # Errors
/// When the system refuses to use the listener.
pub fn serve(
    config: Config,
    backend: Arc<dyn Backend>,
    listener: StdListener,
    runtime: &Handle,
) -> io::Result<ServerHandle> {
    let _entered = runtime.enter();
    let local_addr = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let (stop, stopped) = watch::channel(());
    let (stop_sessions, sessions) = stop_channel();
    let acceptor = Acceptor::new(&config, backend, stop_sessions);
    let accepting = runtime.spawn(acceptor.run(listener, stopped, sessions));
    Ok(ServerHandle { local_addr, stop, accepting })
}

/// Takes connections and gives each its place.
struct Acceptor {
    limits: Limits,
    /// For those that have a place.
    full: Router,
    /// For those above the limit: health, and the reason.
    turned_away: Router,
    places: Arc<Semaphore>,
    away_places: Arc<Semaphore>,
}

impl Acceptor {
    fn new(config: &Config, backend: Arc<dyn Backend>, stop: StopHandle) -> Acceptor {
        let limits = config.limits;
        let guard = Guard::new(config.allow_hosts.clone(), config.allow_origins.clone());
        let guard = middleware::from_fn_with_state(Arc::new(guard), guard::check);
        let health = Router::new()
            .route("/livez", get(health::live))
            .route("/readyz", get(health::ready))
            .with_state(Arc::clone(&backend));
        let methods = methods::build(backend);
        let document = methods.document;
        let rpc = Arc::new(Rpc {
            services: services(limits, methods.charges),
            methods: methods.module.into(),
            stop,
            limits,
        });
        let full = health
            .clone()
            .route("/openrpc.json", get(|| async move { openrpc(document) }))
            .route("/", any(answer).with_state(rpc))
            .layer(guard.clone());
        Acceptor {
            limits,
            full,
            turned_away: health.fallback(too_many).layer(guard),
            places: Arc::new(Semaphore::new(limits.connections)),
            away_places: Arc::new(Semaphore::new(MAX_TURNED_AWAY)),
        }
    }

    async fn run(
        self,
        listener: TcpListener,
        mut stopped: watch::Receiver<()>,
        sessions: SessionsHandle,
    ) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = accept(&listener) => {
                    if let Some(socket) = accepted {
                        self.take(socket, &mut connections, &stopped);
                    }
                }
                Some(_) = connections.join_next() => {}
                _ = stopped.changed() => break,
            }
        }
        // An error means that all sessions have ended already.
        sessions.stop().ok();
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.limits.stop_time, all).await.is_err() {
            tracing::warn!("calls were cut off at the stop");
        }
    }

    fn take(
        &self,
        socket: TcpStream,
        connections: &mut JoinSet<()>,
        stopped: &watch::Receiver<()>,
    ) {
        let place = |places: &Arc<Semaphore>| Arc::clone(places).try_acquire_owned().ok();
        let (router, place) = match place(&self.places) {
            Some(place) => (self.full.clone(), place),
            None => match place(&self.away_places) {
                Some(place) => (self.turned_away.clone(), place),
                None => return,
            },
        };
        connections.spawn(connection(socket, router, place, self.limits, stopped.clone()));
    }
}

/// How long to wait after a connection could not be accepted.
const ACCEPT_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// The next connection; none when one could not be accepted.
async fn accept(listener: &TcpListener) -> Option<TcpStream> {
    match listener.accept().await {
        Ok((socket, _)) => Some(socket),
        Err(error) => {
            // Out of file descriptors, most likely: others must end first.
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// Serves one connection until it ends, or becomes a WebSocket.
async fn connection(
    socket: TcpStream,
    router: Router,
    place: OwnedSemaphorePermit,
    limits: Limits,
    mut stopped: watch::Receiver<()>,
) {
    // Answers are small and wanted at once. A socket that refuses is about to fail anyway.
    socket.set_nodelay(true).ok();
    let connection = Arc::new(Connection::new(place));
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Arc::clone(&connection));
        request
    });
    let io = TokioIo::new(crate::paced::Paced::new(socket, limits.write_time));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .serve_connection(io, TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(serving);
    let served = tokio::select! {
        served = &mut serving => served,
        _ = stopped.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The JSON-RPC side of the port.
struct Rpc {
    services: Services,
    methods: jsonrpsee::Methods,
    stop: StopHandle,
    limits: Limits,
}

/// jsonrpsee with our guard in front of every call.
type Services = TowerServiceBuilder<Stack<GuardLayer, Identity>, Identity>;

fn services(limits: Limits, charges: Charges) -> Services {
    let config = ServerConfig::builder()
        .max_request_body_size(MAX_BODY_BYTES)
        .max_response_body_size(MAX_RESPONSE_BYTES)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .max_subscriptions_per_connection(MAX_SUBSCRIPTIONS)
        .set_message_buffer_capacity(limits.queue)
        // Connections are counted where they are accepted.
        .max_connections(u32::MAX)
        .enable_ws_ping(PingConfig::new())
        .build();
    let guard = RpcServiceBuilder::new().layer(GuardLayer(Arc::new(charges)));
    Server::builder().set_config(config).set_rpc_middleware(guard).to_service_builder()
}

async fn answer(State(rpc): State<Arc<Rpc>>, mut request: Request) -> Response {
    if is_upgrade_request(&request) {
        request.extensions_mut().insert(Transport::WebSocket);
    } else {
        request.extensions_mut().insert(Transport::Http);
        request = match whole(request, rpc.limits).await {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
    }
    let mut service = rpc.services.clone().build(rpc.methods.clone(), rpc.stop.clone());
    match service.call(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(%error, "jsonrpsee failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The request with its whole body, read within the limits.
async fn whole(request: Request, limits: Limits) -> Result<Request, Response> {
    if request.method() != Method::POST {
        // jsonrpsee says what is wrong with it; the body is of no interest.
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let most = usize::try_from(MAX_BODY_BYTES).unwrap_or(usize::MAX);
    match tokio::time::timeout(limits.body_time, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        // A broken connection ends here too, but nobody reads this answer then.
        Ok(Err(_)) => Err(too_large(MAX_BODY_BYTES).map(Body::new)),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}

fn openrpc(document: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], document)
}

async fn too_many() -> (StatusCode, &'static str) {
    (StatusCode::SERVICE_UNAVAILABLE, "too many connections\n")
}
