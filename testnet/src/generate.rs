//! Writing a network's files. Running it again finds everything as it is and changes nothing.
//!
//! Invariant (S-3): a sign-state is made before the key that it belongs to is written, and a
//! network that was complete is never completed again: what is missing then is an error.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use quorate_crypto::ValidatorPublicKey;
use quorate_genesis::{Genesis, MAX_DOCUMENT_BYTES};
use quorate_home::{
    Audience, Config, Home, KeyFile, Settings, ensure_file, ensure_folder, read_file,
    to_commented_toml, write_new,
};
use quorate_types::{ChainContext, Timestamp};

use crate::error::TestnetError;
use crate::layout::Layout;
use crate::plan::{NodePlan, PeerIdOf, Plan, accounts_folder, homes};
use crate::spec::Spec;

/// Written last, with what the command prints: the network is complete.
const COMPLETE_FILE: &str = "testnet.json";
/// Bytes of it.
const MAX_LAYOUT_BYTES: usize = 1024 * 1024;

/// What only the binary can do, which knows the network and the storage.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// The network identity of a node key's seed.
    pub peer_id: PeerIdOf,
    /// Makes the sign-state of a key that never signed, or finds one that is just that.
    pub sign_state: fn(&Path, &ChainContext, &ValidatorPublicKey) -> Result<(), String>,
}

/// Makes the files of a network, or finds exactly these there.
///
/// # Errors
/// When the spec is out of range, something else is there, a part of a complete network is gone,
/// or a file cannot be made.
pub fn generate(spec: &Spec, hooks: &Hooks) -> Result<Layout, TestnetError> {
    // What is printed is used from other folders too.
    let folder = std::path::absolute(&spec.folder).map_err(TestnetError::NoFolder)?;
    let spec = &Spec { folder, ..spec.clone() };
    spec.check()?;
    let complete = accounts_folder(spec).join(COMPLETE_FILE);
    let plan = Plan::new(spec, &spec.ports()?, genesis_time(spec)?, hooks.peer_id)?;
    let layout = plan.layout();
    let text = format!("{}\n", layout.to_json());
    match read_file(&complete, MAX_LAYOUT_BYTES) {
        Ok(found) if found == text.as_bytes() => check(&plan)?,
        Ok(_) => return Err(TestnetError::Differs(complete)),
        Err(error) if error.is_missing() => {
            make(&plan, hooks)?;
            write_new(&complete, text.as_bytes(), Audience::Everyone)?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(layout)
}

/// The time of the genesis that is there, or now. So each network has a genesis hash of its own,
/// although all have the same keys, and nothing of one is valid on another.
fn genesis_time(spec: &Spec) -> Result<Timestamp, TestnetError> {
    for home in homes(spec) {
        match read_genesis(&home.genesis_file()) {
            Ok(genesis) => return Ok(genesis.document().time),
            Err(TestnetError::File(error)) if error.is_missing() => {}
            Err(error) => return Err(error),
        }
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp(u64::try_from(now.as_millis()).unwrap_or(u64::MAX)))
}

fn make(plan: &Plan, hooks: &Hooks) -> Result<(), TestnetError> {
    for node in &plan.nodes {
        make_home(plan, node, hooks)?;
    }
    for account in &plan.accounts {
        if let Some(folder) = account.path.parent() {
            ensure_folder(folder)?;
        }
        account.key.ensure(&account.path)?;
    }
    Ok(())
}

fn make_home(plan: &Plan, node: &NodePlan, hooks: &Hooks) -> Result<(), TestnetError> {
    let home = &node.home;
    ensure_folder(&home.config_folder())?;
    let genesis = plan.genesis.to_json_pretty() + "\n";
    ensure_file(&home.genesis_file(), genesis.as_bytes(), Audience::Everyone)?;
    let config = to_commented_toml(&plan.config(node));
    ensure_file(&home.config_file(), config.as_bytes(), Audience::Everyone)?;
    node.node_key.ensure(&home.node_key())?;
    let key_file = home.validator_key();
    if key_file.exists() {
        // The key is written after its sign-state: what is missing was removed, and is not fresh.
        require(&home.sign_state())?;
    } else {
        let key = node.validator_key.validator_key().public();
        (hooks.sign_state)(&home.sign_state(), &plan.genesis.context(), &key)
            .map_err(|reason| TestnetError::SignState { home: home.root().to_owned(), reason })?;
    }
    node.validator_key.ensure(&key_file)?;
    Ok(())
}

/// Everything that was made is still there, and as it was. A configuration may look different as
/// long as it means the same.
fn check(plan: &Plan) -> Result<(), TestnetError> {
    for node in &plan.nodes {
        check_home(&node.home, &plan.genesis, &plan.config(node))?;
        check_key(&node.node_key, &node.home.node_key())?;
        check_key(&node.validator_key, &node.home.validator_key())?;
        require(&node.home.sign_state())?;
    }
    plan.accounts.iter().try_for_each(|account| check_key(&account.key, &account.path))
}

fn check_home(home: &Home, genesis: &Genesis, config: &Config) -> Result<(), TestnetError> {
    let path = home.genesis_file();
    require(&path)?;
    if read_genesis(&path)?.hash() != genesis.hash() {
        return Err(TestnetError::Differs(path));
    }
    let path = home.config_file();
    require(&path)?;
    if Settings::load(&path, &[], &[])?.config() != config {
        return Err(TestnetError::Differs(path));
    }
    Ok(())
}

fn check_key(key: &KeyFile, path: &Path) -> Result<(), TestnetError> {
    require(path)?;
    let found = KeyFile::read(path, key.kind())?;
    if found.public_bytes() != key.public_bytes() {
        return Err(TestnetError::Differs(path.to_owned()));
    }
    Ok(())
}

fn require(path: &Path) -> Result<(), TestnetError> {
    if path.exists() {
        return Ok(());
    }
    Err(TestnetError::Missing(path.to_owned()))
}

fn read_genesis(path: &Path) -> Result<Genesis, TestnetError> {
    let bytes = read_file(path, MAX_DOCUMENT_BYTES)?;
    let path: PathBuf = path.to_owned();
    Genesis::parse(&bytes).map_err(|source| TestnetError::Genesis { path, source })
}
