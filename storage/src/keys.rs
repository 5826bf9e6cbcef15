//! The bytes of keys and small values. Heights are big-endian, so keys ascend with them; in the
//! account index they are inverted, so the newest comes first.

use quorate_crypto::Hash;
use quorate_types::{
    Address, Canonical, ChainId, DecodeError, Digest, Epoch, ExecutedTip, Height, Reader,
    TransactionLocation, ValidatorIndex, Writer,
};

/// The layout that this program reads and writes.
pub(crate) const SCHEMA: u32 = 1;
/// Meta key of the [`Binding`].
pub(crate) const BINDING: &[u8] = b"binding";
/// Meta key of the executed tip.
pub(crate) const EXECUTED: &[u8] = b"executed";

/// Which layout and chain a database is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The layout; must be read before anything else is believed.
    pub(crate) schema: u32,
    /// The chain's name.
    pub(crate) chain_id: ChainId,
    /// The hash of its genesis.
    pub(crate) genesis_hash: Hash,
}

impl Canonical for Binding {
    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.schema);
        self.chain_id.encode(writer);
        self.genesis_hash.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Binding {
            schema: reader.u32()?,
            chain_id: ChainId::decode(reader)?,
            genesis_hash: Hash::decode(reader)?,
        })
    }
}

pub(crate) fn height_key(height: Height) -> [u8; 8] {
    height.0.to_be_bytes()
}

/// As the state names the entry (wire-format section 8).
pub(crate) fn epoch_key(number: Epoch) -> [u8; 8] {
    number.0.to_be_bytes()
}

pub(crate) fn read_height(bytes: &[u8]) -> Result<Height, DecodeError> {
    Height::from_bytes(bytes)
}

pub(crate) fn undecided_key(height: Height, digest: &Digest) -> Vec<u8> {
    [&height_key(height)[..], digest.0.as_bytes()].concat()
}

pub(crate) fn read_undecided(bytes: &[u8]) -> Result<(Height, Digest), DecodeError> {
    let mut reader = Reader::new(bytes);
    let entry = (Height::decode(&mut reader)?, Digest::decode(&mut reader)?);
    reader.finish()?;
    Ok(entry)
}

/// Height and index of the accused.
pub(crate) type EvidenceKey = [u8; 10];

pub(crate) fn evidence_key(height: Height, accused: ValidatorIndex) -> EvidenceKey {
    let mut key = [0; 10];
    let (front, back) = key.split_at_mut(8);
    front.copy_from_slice(&height_key(height));
    back.copy_from_slice(&accused.0.to_be_bytes());
    key
}

pub(crate) fn location_value(location: TransactionLocation) -> Vec<u8> {
    [&height_key(location.height)[..], &location.index.to_be_bytes()].concat()
}

pub(crate) fn read_location(bytes: &[u8]) -> Result<TransactionLocation, DecodeError> {
    let mut reader = Reader::new(bytes);
    let location = TransactionLocation { height: Height(reader.u64()?), index: reader.u32()? };
    reader.finish()?;
    Ok(location)
}

pub(crate) fn account_key(address: &Address, location: TransactionLocation) -> Vec<u8> {
    let height = (!location.height.0).to_be_bytes();
    let index = (!location.index).to_be_bytes();
    [&address.0[..], &height, &index].concat()
}

pub(crate) fn read_account_key(
    address: &Address,
    key: &[u8],
) -> Result<TransactionLocation, DecodeError> {
    let place = key.strip_prefix(&address.0[..]).ok_or(DecodeError::Invalid("address"))?;
    let inverted = read_location(place)?;
    Ok(TransactionLocation { height: Height(!inverted.height.0), index: !inverted.index })
}

pub(crate) fn tip_value(tip: &ExecutedTip) -> Vec<u8> {
    let mut writer = Writer::default();
    tip.height.encode(&mut writer);
    tip.digest.encode(&mut writer);
    tip.state_root.encode(&mut writer);
    tip.receipts_root.encode(&mut writer);
    writer.finish()
}

pub(crate) fn read_tip(bytes: &[u8]) -> Result<ExecutedTip, DecodeError> {
    let mut reader = Reader::new(bytes);
    let tip = ExecutedTip {
        height: Height::decode(&mut reader)?,
        digest: Digest::decode(&mut reader)?,
        state_root: Hash::decode(&mut reader)?,
        receipts_root: Hash::decode(&mut reader)?,
    };
    reader.finish()?;
    Ok(tip)
}
