//! `quorate init`, `quorate start` and `quorate signer`.

use quorate_genesis::Genesis;
use quorate_home::{
    Audience, Config, Flag, Home, KeyFile, KeyKind, LogFormat, Settings, ensure_folder,
    program_environment, to_commented_toml, write_new,
};
use quorate_storage::SignStateFile;
use tracing_subscriber::EnvFilter;

use crate::cli::{Init, Signer, Start};
use crate::commands::genesis;
use crate::failure::{Code, Failure, configuration};
use crate::host;
use crate::signer;

/// Makes a home with keys of its own. What exists is never overwritten.
pub fn init(home: &Home, init: &Init) -> Result<(), Failure> {
    if home.config_folder().exists() {
        let error = format!("{} exists already", home.config_folder().display());
        return Err(Failure::new(Code::Configuration, error)
            .hint("start it with `quorate start`, or name another --home"));
    }
    let genesis = genesis::read(&init.genesis)?;
    ensure_folder(&home.config_folder()).map_err(configuration)?;
    write_home(home, &genesis, init)?;
    println!("made {}", home.root().display());
    println!("start it with: quorate start --home {}", home.root().display());
    Ok(())
}

/// The sign-state comes before its key, so that a key is never there without it (S-3).
fn write_home(home: &Home, genesis: &Genesis, init: &Init) -> Result<(), Failure> {
    let mut config = Config::default();
    config.p2p.persistent_peers.clone_from(&init.peer);
    let document = genesis.to_json_pretty() + "\n";
    let files = [(home.genesis_file(), document), (home.config_file(), to_commented_toml(&config))];
    for (path, text) in files {
        write_new(&path, text.as_bytes(), Audience::Everyone).map_err(configuration)?;
    }
    let node_key = KeyFile::random(KeyKind::Node).map_err(configuration)?;
    node_key.create(&home.node_key()).map_err(configuration)?;
    let validator_key = KeyFile::random(KeyKind::Validator).map_err(configuration)?;
    let public = validator_key.validator_key().public();
    SignStateFile::create(&home.sign_state(), &genesis.context(), &public)
        .map_err(configuration)?;
    validator_key.create(&home.validator_key()).map_err(configuration)
}

/// Runs the node until it is told to stop.
pub fn start(home: &Home, flags: Start) -> Result<(), Failure> {
    let settings = Settings::load(&home.config_file(), &program_environment(), &given(flags))
        .map_err(configuration)?;
    log(settings.config())?;
    host::run(home, &settings)?;
    Ok(())
}

/// Runs the signer until it is told to stop. Its home needs no configuration.
pub fn signer(home: &Home, flags: Signer) -> Result<(), Failure> {
    let mut config = Config::default();
    config.log.level = flags.log_level;
    log(&config)?;
    signer::run(home, &flags.socket)?;
    Ok(())
}

fn given(flags: Start) -> Vec<Flag> {
    let all = [
        ("--p2p-listen", "p2p.listen", flags.p2p_listen),
        ("--rpc-listen", "rpc.listen", flags.rpc_listen),
        ("--metrics-listen", "metrics.listen", flags.metrics_listen),
        ("--peers", "p2p.persistent_peers", flags.peers),
        ("--log-level", "log.level", flags.log_level),
        ("--log-format", "log.format", flags.log_format),
    ];
    all.into_iter()
        .filter_map(|(name, key, value)| value.map(|value| Flag { name, key, value }))
        .collect()
}

fn log(config: &Config) -> Result<(), Failure> {
    // Gossip warns of every message that came back to it, which is its normal way.
    let levels = format!("libp2p_gossipsub=error,{}", config.log.level);
    let filter =
        EnvFilter::try_new(levels).map_err(|error| configuration(format!("log.level: {error}")))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}
