//! The node host: everything around the pure core that touches the world. It opens the home,
//! starts the threads, and stops them in order.
//!
//! Threads: the core with its sign-state and the vote network at normal priority, execution behind
//! them, and verification of transactions, RPC and storage behind that.

mod backend;
mod clock;
mod core;
mod error;
mod fork;
mod holder;
mod inbox;
mod intake;
mod metrics;
mod open;
mod peers;
mod perform;
mod port_holder;
mod priority;
mod shared;
mod timers;
mod waiting;
mod workers;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::registry::Registry;
use quorate_home::{Home, Settings};
use quorate_network as network;
use quorate_rpc as rpc;
use quorate_types::KnownEpochs;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use self::backend::NodeBackend;
use self::clock::Clock;
use self::core::Core;
pub use self::error::HostError;
pub(crate) use self::open::read_genesis;
use self::open::{Opened, open};
use self::perform::Performer;
use self::priority::{BACKGROUND, be_nice};
use self::shared::{CoreView, InForce, Parts, Shared};
use self::workers::Workers;

/// How long each runtime may take to end.
const STOP_TIME: Duration = Duration::from_secs(2);

/// Runs a node until it is told to stop, or cannot go on.
///
/// # Errors
/// When the node cannot start, or finds that it is broken.
pub fn run(home: &Home, settings: &Settings) -> Result<(), HostError> {
    let clock = Clock::start();
    let opened = open(home, settings, clock.now())?;
    let vote_runtime = runtime("vote-network", None)?;
    let rpc_runtime = runtime("rpc", Some(BACKGROUND))?;
    // Ports first: a taken one is found before anything runs.
    let config = settings.config();
    let rpc_listener = rpc::bind(config.rpc.listen)?;
    let metrics_listener =
        config.metrics.enabled.then(|| rpc::bind(config.metrics.listen)).transpose()?;
    let mut registry = Registry::default();
    let started = network::start(&opened.network, &mut registry, vote_runtime.handle());
    let (handle, events) = started.map_err(|error| {
        let is_taken = matches!(error, network::StartError::AddressInUse(_));
        if is_taken { HostError::port_taken(config.p2p.listen) } else { error.into() }
    })?;
    let Opened {
        replica, application, first_step, database, signing, genesis, limits, lock, ..
    } = opened;
    let shared = Arc::new(Shared::new(Parts {
        clock,
        network: handle,
        database,
        metrics: metrics::NodeMetrics::register(&mut registry),
        view: CoreView { status: replica.status(), primary: None, operator: replica.operator() },
        in_force: InForce::new(&genesis.context(), KnownEpochs::new(application.epochs())),
    }));
    let workers = Workers::start(&shared, application)?;
    let intake = intake::start(&shared, events)?;
    let server = {
        let _entered = rpc_runtime.enter();
        if let Some(listener) = metrics_listener {
            metrics::serve(listener, registry)?;
        }
        stop_on_signal(Arc::clone(&shared))?;
        let backend = NodeBackend::new(Arc::clone(&shared), &genesis, limits);
        serve_rpc(backend, settings, rpc_listener, &rpc_runtime)?
    };
    tracing::info!(rpc = %server.local_addr, "node started");
    let performer = Performer::new(Arc::clone(&shared), home.clone(), &workers);
    let core = Core::new(Arc::clone(&shared), replica, signing, performer);
    let ended = core.run(first_step);
    shared.inbox.close();
    tracing::info!("stopping");
    rpc_runtime.block_on(server.stop());
    workers.finish();
    // The network's lanes close with its runtime, and their readers end with them.
    vote_runtime.shutdown_timeout(STOP_TIME);
    intake.into_iter().for_each(|thread| drop(thread.join()));
    rpc_runtime.shutdown_timeout(STOP_TIME);
    drop(lock);
    ended
}

fn runtime(name: &str, niceness: Option<i32>) -> Result<Runtime, HostError> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).thread_name(name).enable_all();
    if let Some(niceness) = niceness {
        builder.on_thread_start(move || be_nice(niceness));
    }
    builder.build().map_err(|source| HostError::System { what: "cannot start a runtime", source })
}

/// Closes the core's inbox when the process is told to stop.
fn stop_on_signal(shared: Arc<Shared>) -> Result<(), HostError> {
    let system = |source| HostError::System { what: "cannot wait for signals", source };
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shared.inbox.close();
    });
    Ok(())
}

fn serve_rpc(
    backend: NodeBackend,
    settings: &Settings,
    listener: TcpListener,
    runtime: &Runtime,
) -> Result<rpc::ServerHandle, HostError> {
    let config = &settings.config().rpc;
    let config = rpc::Config {
        allow_hosts: config.allow_hosts.clone(),
        allow_origins: config.allow_origins.clone(),
        limits: rpc::Limits::default(),
    };
    rpc::serve(config, Arc::new(backend), listener, runtime.handle())
        .map_err(|source| HostError::System { what: "cannot serve RPC", source })
}
