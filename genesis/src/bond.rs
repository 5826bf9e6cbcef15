//! What the state keeps of a genesis validator, under its operator's address.

use quorate_types::limits::MAX_MONIKER_BYTES;
use quorate_types::{Amount, Canonical, DecodeError, Reader, Writer};

/// A genesis validator's stake and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bond {
    /// The bonded amount in base units: its power, and part of the supply.
    pub amount: Amount,
    /// The name that it shows.
    pub moniker: String,
}

impl Canonical for Bond {
    fn encode(&self, writer: &mut Writer) {
        self.amount.encode(writer);
        writer.bytes_u8(self.moniker.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let amount = Amount::decode(reader)?;
        let moniker = reader.bytes_u8("moniker", MAX_MONIKER_BYTES)?;
        let moniker = std::str::from_utf8(moniker).map_err(|_| DecodeError::Invalid("moniker"))?;
        Ok(Bond { amount, moniker: moniker.to_owned() })
    }
}
