//! Who has the validator key: a file of this home, or a signer in a process of its own.

use std::path::{Path, PathBuf};

use quorate_crypto::ValidatorPublicKey;
use quorate_genesis::Genesis;
use quorate_home::{Config, Home, KeyFile, KeyKind, check_plain_key};
use quorate_network::{PeerRecord, SignedPeerRecord};
use quorate_replica::{KeySigner, Signer, SignerGuard};

use super::error::HostError;
use crate::signer::{CallError, RemoteSigner};

/// The holder of a validator's key.
pub(crate) enum Holder {
    File(KeyFile),
    Remote(Box<RemoteSigner>, PathBuf),
}

impl Holder {
    /// The holder, if there is a key that the chain has a place for: of a validator of genesis, or one
    /// that may register. While it has no place in the set, the node follows and signs nothing.
    pub(crate) fn find(
        home: &Home,
        config: &Config,
        genesis: &Genesis,
    ) -> Result<Option<Holder>, HostError> {
        let (file, socket) = (home.validator_key(), Path::new(&config.validator.signer));
        let holder = match (file.exists(), socket != Path::new("")) {
            (false, false) => return Ok(None),
            (true, true) => return Err(both(&file)),
            (true, false) => Holder::File(KeyFile::read(&file, KeyKind::Validator)?),
            (false, true) => {
                let signer = RemoteSigner::connect(socket, &genesis.context());
                let signer = signer.map_err(|error| signer_error(socket, error))?;
                Holder::Remote(Box::new(signer), socket.to_owned())
            }
        };
        // A signer is named on purpose, and answers for its key itself.
        if matches!(holder, Holder::File(_)) {
            let chain = &genesis.context().chain_id;
            let is_of_genesis = genesis.validator_set().index_of_key(&holder.key()).is_some();
            // Elsewhere a plain key may stay no validator's: it must not keep a full node from
            // starting.
            if !is_of_genesis && !chain.is_local() {
                return Ok(None);
            }
            check_plain_key(&file, chain)?;
        }
        Ok(Some(holder))
    }

    pub(crate) fn key(&self) -> ValidatorPublicKey {
        match self {
            Holder::File(key) => key.validator_key().public(),
            Holder::Remote(signer, _) => signer.key(),
        }
    }

    /// Where the guard is; a signer is asked for what it signed last (S-4).
    pub(crate) fn guard(&mut self) -> Result<SignerGuard, HostError> {
        match self {
            Holder::File(_) => Ok(SignerGuard::Record),
            Holder::Remote(signer, path) => {
                signer.last().map(SignerGuard::Own).map_err(|error| signer_error(path, error))
            }
        }
    }

    /// Has a record signed that says which peer acts for the key.
    pub(crate) fn sign_peer_record(
        &mut self,
        record: PeerRecord,
    ) -> Result<SignedPeerRecord, HostError> {
        match self {
            Holder::File(key) => {
                let signature = key.validator_key().sign(record.signing_hash().as_bytes());
                Ok(SignedPeerRecord { record, signature })
            }
            Holder::Remote(signer, path) => {
                signer.sign_peer_record(record).map_err(|error| signer_error(path, error))
            }
        }
    }

    pub(crate) fn into_signer(self) -> Box<dyn Signer> {
        match self {
            Holder::File(key) => Box::new(KeySigner::new(key.validator_key())),
            Holder::Remote(signer, _) => signer,
        }
    }
}

/// A key in two places has two guards that know nothing of each other.
fn both(file: &Path) -> HostError {
    HostError::Home {
        problem: format!("{} is here although validator.signer names a signer", file.display()),
        remedy: String::from("move the key to the signer's home, or leave validator.signer empty"),
    }
}

fn signer_error(path: &Path, error: CallError) -> HostError {
    HostError::Signer { path: path.to_owned(), error }
}
