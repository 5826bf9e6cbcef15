//! An account as the state keeps it under `StateKind::Account` and its address.

use crate::canonical::{Canonical, DecodeError, Writer};
use crate::numbers::{Amount, Nonce};
use crate::reader::Reader;

/// Balance and nonce. An account with a nonce above 0 is never deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Account {
    /// The nonce that its next transaction must carry.
    pub nonce: Nonce,
    /// What it owns, in base units.
    pub balance: Amount,
}

impl Canonical for Account {
    fn encode(&self, writer: &mut Writer) {
        self.nonce.encode(writer);
        self.balance.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Account { nonce: Nonce::decode(reader)?, balance: Amount::decode(reader)? })
    }
}
