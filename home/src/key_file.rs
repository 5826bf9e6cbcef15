//! Key files: one line of JSON, mode 0600, with the seed in plain hex. A version and a kind stand in
//! it, so that no key is taken for one of another kind, and the public part, so that people can tell
//! files apart and damage shows.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use quorate_crypto::{AccountPublicKey, AccountSecretKey, ValidatorSecretKey, hex};
use quorate_types::{Address, ChainId};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::files::{Audience, FileError, ensure_file, write_new};

/// The layout's version.
const VERSION: u32 = 1;
/// Bytes of a key file.
const MAX_KEY_FILE_BYTES: u64 = 4_096;
/// The permissions of group and others.
const OTHERS: u32 = 0o077;

/// The 32 secret bytes of a key. Erased from memory when dropped; never shown.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// The seed with these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Seed {
        Seed(Zeroizing::new(bytes))
    }

    /// A fresh one from the system's random generator.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn random() -> Result<Seed, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|error| KeyError::Random(error.to_string()))?;
        Ok(Seed(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seed(redacted)")
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Signs transactions of an account.
    Account,
    /// Signs votes.
    Validator,
    /// Is a node's identity towards its peers.
    Node,
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            KeyKind::Account => "account",
            KeyKind::Validator => "validator",
            KeyKind::Node => "node",
        })
    }
}

/// A key with what it is for, as a file holds it.
#[derive(Clone, Debug)]
pub struct KeyFile {
    kind: KeyKind,
    seed: Seed,
    public: AccountPublicKey,
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be made or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Group or others have a permission on it.
    #[error(
        "{} has mode {mode:04o}: others may read this secret key; run `chmod 600 {}` after making \
         sure that nobody did", path.display(), path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key file, or damaged.
    #[error("{} is no key file: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A key for something else.
    #[error("{} holds a key of kind {found}, not {expected}", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// Its kind.
        found: KeyKind,
        /// The kind that is needed.
        expected: KeyKind,
    },
    /// A key in plain text, where only local networks have those.
    #[error(
        "{} holds a plain key, and the chain {chain} is not a local one (`local-…`): encrypted key \
         files are not supported yet", path.display()
    )]
    PlainKey {
        /// The file.
        path: PathBuf,
        /// The chain.
        chain: ChainId,
    },
    /// The system has no random bytes to give.
    #[error("no random bytes: {0}")]
    Random(String),
}

/// The text of a key file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    kind: KeyKind,
    public_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    seed: String,
}

impl Drop for Text {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl KeyFile {
    /// The key with this seed.
    #[must_use]
    pub fn new(kind: KeyKind, seed: Seed) -> KeyFile {
        // Every kind is Ed25519, so that every public part comes from the seed in the same way.
        let public = AccountSecretKey::from_seed(*seed.as_bytes()).public();
        KeyFile { kind, seed, public }
    }

    /// A fresh key.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub fn random(kind: KeyKind) -> Result<KeyFile, KeyError> {
        Seed::random().map(|seed| KeyFile::new(kind, seed))
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The secret bytes.
    #[must_use]
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The bytes of the public key.
    #[must_use]
    pub fn public_bytes(&self) -> &[u8; 32] {
        self.public.as_bytes()
    }

    /// The address of the account that the key signs for.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::of(&self.public)
    }

    /// The key as one that signs transactions.
    #[must_use]
    pub fn account_key(&self) -> AccountSecretKey {
        AccountSecretKey::from_seed(*self.seed.as_bytes())
    }

    /// The key as one that signs votes.
    #[must_use]
    pub fn validator_key(&self) -> ValidatorSecretKey {
        ValidatorSecretKey::from_seed(*self.seed.as_bytes())
    }

    /// Writes it to a file of its own that does not exist yet, readable by its owner alone.
    ///
    /// # Errors
    /// When there is such a file, or the system refuses.
    pub fn create(&self, path: &Path) -> Result<(), KeyError> {
        Ok(write_new(path, self.to_text().as_bytes(), Audience::Owner)?)
    }

    /// Writes it to a file, or finds exactly this key there. Says whether it wrote.
    ///
    /// # Errors
    /// When another key is there, others may read it, or the system refuses.
    pub fn ensure(&self, path: &Path) -> Result<bool, KeyError> {
        let made = ensure_file(path, self.to_text().as_bytes(), Audience::Owner)?;
        if !made {
            KeyFile::read(path, self.kind)?;
        }
        Ok(made)
    }

    /// Reads the key of a kind.
    ///
    /// # Errors
    /// When others may read the file, it is no key file, or holds a key of another kind.
    pub fn read(path: &Path, kind: KeyKind) -> Result<KeyFile, KeyError> {
        let key = KeyFile::read_any(path)?;
        if key.kind == kind {
            return Ok(key);
        }
        Err(KeyError::WrongKind { path: path.to_owned(), found: key.kind, expected: kind })
    }

    /// Reads a key of any kind.
    ///
    /// # Errors
    /// When others may read the file, or it is no key file.
    pub fn read_any(path: &Path) -> Result<KeyFile, KeyError> {
        let text = read_secret(path)?;
        KeyFile::of_text(&text)
            .map_err(|reason| KeyError::Malformed { path: path.to_owned(), reason })
    }

    /// The text of its file; secret.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let text = Text {
            version: VERSION,
            kind: self.kind,
            public_key: hex::encode(self.public_bytes()),
            address: self.shown_address(),
            seed: hex::encode(self.seed.as_bytes()),
        };
        let mut line = serde_json::to_string(&text).expect("strings and numbers only");
        line.push('\n');
        Zeroizing::new(line)
    }

    fn shown_address(&self) -> Option<String> {
        (self.kind == KeyKind::Account).then(|| self.address().to_string())
    }

    fn of_text(text: &str) -> Result<KeyFile, String> {
        let text: Text = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if text.version != VERSION {
            return Err(format!("version {}, this program reads {VERSION}", text.version));
        }
        let seed = hex::decode_array(&text.seed).map_err(|error| format!("seed: {error}"))?;
        let key = KeyFile::new(text.kind, Seed::new(seed));
        if text.public_key != hex::encode(key.public_bytes()) || text.address != key.shown_address()
        {
            return Err(String::from("seed and public part do not belong together"));
        }
        Ok(key)
    }
}

/// Refuses a key whose file is not encrypted on a chain that is not local.
///
/// # Errors
/// [`KeyError::PlainKey`] unless the chain's name begins with `local-`.
pub fn check_plain_key(path: &Path, chain: &ChainId) -> Result<(), KeyError> {
    if chain.is_local() {
        return Ok(());
    }
    Err(KeyError::PlainKey { path: path.to_owned(), chain: chain.clone() })
}

/// Reads a small text, but only if nobody else can.
fn read_secret(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let io_error = |source: io::Error| FileError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io_error)?;
    // Of the open file, so that nobody can exchange it in between.
    let mode = file.metadata().map_err(io_error)?.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_KEY_FILE_BYTES).read_to_string(&mut text).map_err(io_error)?;
    Ok(text)
}
