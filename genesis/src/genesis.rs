//! A complete genesis document and its hash. Invariant: it passed every check, and accounts and
//! validators ascend by address, so that one content has one hash (B-9).

use quorate_crypto::Hash;
use quorate_ledger::{Founder, Founding};
use quorate_types::{Amount, Canonical, ChainContext, Moniker, ValidatorSet, Writer, domains};

use crate::check::check;
use crate::draft::{Draft, GenesisAccount, GenesisValidator};
use crate::error::GenesisError;
use crate::initial::Initial;
use crate::warning::{self, Warning};

/// A checked genesis document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    draft: Draft,
    founding: Founding,
    hash: Hash,
}

impl Genesis {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// Names the first fault with its path, line and remedy.
    pub fn parse(json: &[u8]) -> Result<Genesis, GenesisError> {
        let draft = Draft::parse(json)?;
        check(&draft).map_err(|fault| fault.in_text(Some(json)))?;
        Ok(Genesis::of_checked(draft))
    }

    /// Of a draft that passed [`check`].
    pub(crate) fn of_checked(mut draft: Draft) -> Genesis {
        draft.sort();
        let founders: Vec<Founder> = draft.validators.iter().map(founder).collect();
        let founding = Founding::new(&founders, &draft.params)
            .expect("the check leaves 1 to 200 distinct validators with a sufficient bond");
        let hash = domains::GENESIS.hash(&canonical_bytes(&draft));
        Genesis { draft, founding, hash }
    }

    /// What the document says; accounts and validators ascend by address.
    #[must_use]
    pub fn document(&self) -> &Draft {
        &self.draft
    }

    /// V(1).
    #[must_use]
    pub fn validator_set(&self) -> &ValidatorSet {
        &self.founding.epoch.validators
    }

    /// The stake that the chain begins with.
    pub(crate) fn founding(&self) -> &Founding {
        &self.founding
    }

    /// The bytes that the hash is over; the JSON's order and spacing do not matter to them.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical_bytes(&self.draft)
    }

    /// The genesis hash: the parent digest of height 1.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// What every signature on this chain covers.
    #[must_use]
    pub fn context(&self) -> ChainContext {
        ChainContext {
            chain_id: self.draft.chain_id.clone(),
            genesis_hash: self.hash,
            protocol_version: self.draft.params.protocol_version,
        }
    }

    /// All base units: every balance and bond.
    #[must_use]
    pub fn supply(&self) -> Amount {
        let balances = self.draft.accounts.iter().map(|account| account.balance.0);
        let bonds = self.draft.validators.iter().map(|validator| validator.bonded.0);
        Amount(balances.chain(bonds).sum())
    }

    /// The first state.
    #[must_use]
    pub fn initial(&self) -> Initial {
        Initial::of(self)
    }

    /// What an operator should know before starting this chain.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        warning::warnings(self.validator_set())
    }

    /// The document as JSON, accounts and validators ascending by address.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        self.draft.to_json_pretty()
    }
}

fn founder(validator: &GenesisValidator) -> Founder {
    let moniker = Moniker::new(validator.moniker.clone());
    Founder {
        operator: validator.operator,
        key: validator.consensus_key,
        moniker: moniker.expect("the check leaves monikers only"),
        commission_bps: validator.commission_bps,
        bond: validator.bonded,
    }
}

fn canonical_bytes(draft: &Draft) -> Vec<u8> {
    let mut writer = Writer::default();
    draft.chain_id.encode(&mut writer);
    draft.time.encode(&mut writer);
    writer.bytes_u8(draft.symbol.as_bytes());
    writer.u8(draft.decimals);
    draft.params.encode(&mut writer);
    writer.u32(count(draft.accounts.len()));
    for GenesisAccount { address, balance } in &draft.accounts {
        address.encode(&mut writer);
        balance.encode(&mut writer);
    }
    writer.u32(count(draft.validators.len()));
    for validator in &draft.validators {
        validator.operator.encode(&mut writer);
        writer.raw(validator.consensus_key.as_bytes());
        validator.bonded.encode(&mut writer);
        writer.u16(validator.commission_bps);
        writer.bytes_u8(validator.moniker.as_bytes());
    }
    writer.finish()
}

fn count(entries: usize) -> u32 {
    u32::try_from(entries).expect("the check bounds both lists far below 2^32")
}
