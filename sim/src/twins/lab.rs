//! What cases share: keys, validator set, and the memory of signatures that were made or verified.
//! Signing and verifying are functions of the bytes, so remembering changes nothing but the time.

use std::collections::BTreeMap;

use quorate_crypto::{Hash, Signature, ValidatorSecretKey};
use quorate_genesis::{Draft, GenesisValidator};
use quorate_replica::{Signer, SignerError};
use quorate_types::WHOLE_BPS;
use quorate_types::{
    Address, Amount, ChainContext, Message, Statement, Timestamp, ValidatorSet, Verified, verify,
};

use crate::oracles::certificates::Certificates;
use crate::oracles::economy;
use crate::oracles::stakes::Stakes;

/// Unix time of the block below height 1, in milliseconds.
pub(crate) const GENESIS_MS: u64 = 1_750_000_000_000;
/// Entries of each memory before it starts anew.
const REMEMBERED: usize = 60_000;

/// Keys and memory for cases with the same powers.
#[derive(Debug)]
pub struct Lab {
    pub(crate) powers: Vec<u64>,
    pub(crate) context: ChainContext,
    pub(crate) set: ValidatorSet,
    pub(crate) stakes: Stakes,
    /// Judges certificates by arithmetic and hashing of its own.
    pub(crate) certificates: Certificates,
    keys: Vec<ValidatorSecretKey>,
    signatures: BTreeMap<(usize, Hash), Signature>,
    verified: BTreeMap<[u8; 64], Verified<Message>>,
}

impl Lab {
    /// Validators of these powers, in order of index.
    ///
    /// # Panics
    /// When the powers make no validator set, or are more than 255.
    #[must_use]
    pub fn new(powers: &[u64]) -> Lab {
        quorate_crypto::remember_verdicts();
        let mut draft =
            Draft::new("local-twins".parse().expect("a valid chain id"), Timestamp(GENESIS_MS));
        draft.params.staking.max_power_bps = WHOLE_BPS;
        let mut keys = Vec::new();
        for (number, power) in (1_u8..).zip(powers) {
            let key = ValidatorSecretKey::from_seed([number; 32]);
            draft.add_validator(GenesisValidator {
                operator: Address([number; 20]),
                consensus_key: key.public(),
                bonded: Amount(*power),
                moniker: format!("v{number}"),
                commission_bps: 0,
            });
            keys.push(key);
        }
        let genesis = draft.finish().expect("powers make a validator set");
        let context = genesis.context();
        Lab {
            powers: powers.to_vec(),
            set: genesis.validator_set().clone(),
            stakes: economy::at_genesis(
                &genesis.initial().changes,
                &genesis.document().params.staking,
            ),
            certificates: Certificates::new(&context),
            context,
            keys,
            signatures: BTreeMap::new(),
            verified: BTreeMap::new(),
        }
    }

    /// The secret key of a validator.
    pub(crate) fn key(&self, validator: usize) -> Option<&ValidatorSecretKey> {
        self.keys.get(validator)
    }

    /// A signer with the key of a validator, for `complete`, which is the guard.
    pub(crate) fn signer(&mut self, validator: usize) -> RememberingSigner<'_> {
        RememberingSigner { lab: self, validator }
    }

    /// A message as the node's verifier lets it in; none if it does not.
    pub(crate) fn verified(&mut self, message: &Message) -> Option<Verified<Message>> {
        let Some(signed) = message.signed() else { return self.of_known_votes(message) };
        let place = *signed.signature.as_bytes();
        if let Some(known) = self.verified.get(&place)
            && known.value() == message
        {
            return Some(known.clone());
        }
        let verified = verify::message(message.clone(), &self.context, &self.set).ok()?;
        if self.verified.len() >= REMEMBERED {
            self.verified.clear();
        }
        self.verified.insert(place, verified.clone());
        Some(verified)
    }

    /// A certificate out of votes that were verified when they were sent; else from its bytes.
    fn of_known_votes(&self, message: &Message) -> Option<Verified<Message>> {
        let Message::Certificate(certificate) = message else { return None };
        let known = |signature: &Signature| self.verified.get(signature.as_bytes())?.signed();
        let votes: Option<Vec<_>> = certificate.signatures.iter().map(known).collect();
        let statement = certificate.statement();
        let assembled =
            votes.and_then(|votes| verify::assemble(&statement, &votes, &self.set).ok());
        match assembled.filter(|assembled| assembled.value() == certificate) {
            Some(assembled) => Some(assembled.into()),
            None => verify::message(message.clone(), &self.context, &self.set).ok(),
        }
    }
}

/// Signs with a key in memory, and remembers what it signed: signatures are deterministic.
#[derive(Debug)]
pub(crate) struct RememberingSigner<'a> {
    lab: &'a mut Lab,
    validator: usize,
}

impl Signer for RememberingSigner<'_> {
    fn sign(
        &mut self,
        statement: &Statement,
        context: &ChainContext,
    ) -> Result<Signature, SignerError> {
        let place = (self.validator, statement.signing_hash(context));
        if let Some(known) = self.lab.signatures.get(&place) {
            return Ok(*known);
        }
        let key = self.lab.keys.get(self.validator);
        let key = key.ok_or_else(|| SignerError("no such validator".to_owned()))?;
        let signature = key.sign(place.1.as_bytes());
        if self.lab.signatures.len() >= REMEMBERED {
            self.lab.signatures.clear();
        }
        self.lab.signatures.insert(place, signature);
        Ok(signature)
    }
}
