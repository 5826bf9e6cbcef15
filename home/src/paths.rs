//! Where the files of a node stand. Pure names: nothing here touches the disk.

use std::path::{Path, PathBuf};

/// A node's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home in this folder, which need not exist.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Home {
        Home { root: root.into() }
    }

    /// Where a home is when nobody says where: `~/.quorate`. None without a user's folder.
    #[must_use]
    pub fn default_root() -> Option<PathBuf> {
        std::env::home_dir().map(|user| user.join(".quorate"))
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of configuration, genesis and keys.
    #[must_use]
    pub fn config_folder(&self) -> PathBuf {
        self.root.join("config")
    }

    /// The configuration.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config_folder().join("config.toml")
    }

    /// The genesis document.
    #[must_use]
    pub fn genesis_file(&self) -> PathBuf {
        self.config_folder().join("genesis.json")
    }

    /// The key of the network identity.
    #[must_use]
    pub fn node_key(&self) -> PathBuf {
        self.config_folder().join("node_key")
    }

    /// The key that signs votes. A full node has one too; nobody lists it.
    #[must_use]
    pub fn validator_key(&self) -> PathBuf {
        self.config_folder().join("validator_key")
    }

    /// The folder of the chain database.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The folder of the validator key's sign-state (S-3).
    #[must_use]
    pub fn sign_state(&self) -> PathBuf {
        self.root.join("sign-state")
    }

    /// The log of a node that was started in the background.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.root.join("logs").join("node.log")
    }

    /// The proof that two blocks were decided at one height; there only if that happened.
    #[must_use]
    pub fn fork_proof(&self) -> PathBuf {
        self.root.join("fork-proof.json")
    }

    /// The lock that a running node holds.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }
}
