//! Rejoin entries: how a validator whose records are lost says from which height on it may be
//! believed again (S-5). The value is drawn at random after the loss and never leaves memory but in
//! here, so a decided block that carries it was made after the loss.

use quorate_crypto::{Hash, Signature, ValidatorSecretKey};

use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer};
use crate::chain::ChainContext;
use crate::domains;
use crate::limits::REJOIN_WINDOW_HEIGHTS;
use crate::numbers::{Height, View};
use crate::reader::Reader;

/// What a validator that lost its records asks for, before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RejoinBody {
    /// The operator's address of the validator.
    pub validator: Address,
    /// The height of the sender's decided tip, a: blocks a + 1 to a + 1000 may carry the entry.
    pub height: Height,
    /// 32 bytes drawn at random after the loss, anew at each start.
    pub value: Hash,
}

impl RejoinBody {
    /// Whether a block of this height may carry it (S-5).
    #[must_use]
    pub fn is_for(&self, height: Height) -> bool {
        (1..=REJOIN_WINDOW_HEIGHTS).contains(&height.above(self.height))
    }

    /// What is signed: the chain, height a, view 0, the address and the value, under a domain of
    /// its own, so that no guard of statements is concerned.
    #[must_use]
    pub fn signing_hash(&self, context: &ChainContext) -> Hash {
        let mut writer = Writer::default();
        context.encode_prefix(&mut writer);
        self.height.encode(&mut writer);
        View::ZERO.encode(&mut writer);
        self.validator.encode(&mut writer);
        self.value.encode(&mut writer);
        domains::REJOIN.hash(&writer.finish())
    }

    /// Signs it with the validator's consensus key. No guard is asked: it is no vote.
    #[must_use]
    pub fn sign(self, context: &ChainContext, key: &ValidatorSecretKey) -> Rejoin {
        let signature = key.sign(self.signing_hash(context).as_bytes());
        Rejoin { body: self, signature }
    }
}

/// A signed rejoin entry. Says nothing until verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejoin {
    /// What is asked for.
    pub body: RejoinBody,
    /// Ed25519 by the consensus key over [`RejoinBody::signing_hash`].
    pub signature: Signature,
}

impl Canonical for RejoinBody {
    fn encode(&self, writer: &mut Writer) {
        self.validator.encode(writer);
        self.height.encode(writer);
        self.value.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(RejoinBody {
            validator: Address::decode(reader)?,
            height: Height::decode(reader)?,
            value: Hash::decode(reader)?,
        })
    }
}

impl Canonical for Rejoin {
    fn encode(&self, writer: &mut Writer) {
        self.body.encode(writer);
        self.signature.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Rejoin { body: RejoinBody::decode(reader)?, signature: Signature::decode(reader)? })
    }
}
