//! Transactions: one canonical byte string that is signed, hashed, stored, gossiped and submitted
//! alike (B-8). Decoding checks the layout; `transaction_check` checks the rules.

use std::sync::Arc;

use quorate_crypto::{AccountPublicKey, AccountSecretKey, Hash, Signature};

use crate::action::Action;
use crate::address::Address;
use crate::canonical::{Canonical, DecodeError, Writer, hash_newtype};
use crate::chain::{ChainContext, ChainTag};
use crate::domains;
use crate::limits::{MAX_ACTIONS, MAX_MEMO_BYTES, MAX_SIGNERS, MAX_TRANSACTION_BYTES};
use crate::numbers::{Amount, Height, Nonce};
use crate::reader::{Reader, check_limit};

/// The layout's version.
const VERSION: u8 = 1;

/// The hash of a transaction's canonical bytes, signatures included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub Hash);

hash_newtype!(TransactionId);

/// How a signer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureScheme {
    /// Ed25519 with the verification rules of ZIP-215.
    Ed25519,
}

impl SignatureScheme {
    /// The number in the transaction's bytes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            SignatureScheme::Ed25519 => 0,
        }
    }
}

/// All of a transaction but its signatures.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransactionBody {
    /// Names the chain it is for.
    pub chain_tag: ChainTag,
    /// The signers' keys; the first is sender and payer.
    pub signers: Vec<AccountPublicKey>,
    /// The sender's nonce.
    pub nonce: Nonce,
    /// The last height that may include it; height 0: none.
    pub expiry: Height,
    /// What the sender pays, in base units.
    pub fee: Amount,
    /// Free bytes, up to 256.
    pub memo: Vec<u8>,
    /// What it does, in order.
    pub actions: Vec<Action>,
}

impl TransactionBody {
    /// What the signers sign.
    #[must_use]
    pub fn signing_hash(&self, context: &ChainContext) -> Hash {
        signing_hash(context, &self.to_bytes())
    }

    /// Signs with one key, which must be the only signer's.
    #[must_use]
    pub fn sign(self, context: &ChainContext, key: &AccountSecretKey) -> Transaction {
        let signature = key.sign(self.signing_hash(context).as_bytes());
        Transaction::new(self, vec![signature])
    }
}

fn signing_hash(context: &ChainContext, body: &[u8]) -> Hash {
    let mut prefix = Writer::default();
    context.encode_prefix(&mut prefix);
    domains::TRANSACTION_SIGNING.hash_parts(&[&prefix.finish(), body])
}

/// A signed transaction with its bytes and id; cheap to clone. Its signatures are not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transaction(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Parts {
    body: TransactionBody,
    signatures: Vec<Signature>,
    bytes: Vec<u8>,
    id: TransactionId,
}

impl Transaction {
    /// Joins a body and one signature per signer.
    ///
    /// # Panics
    /// When there are more or fewer signatures: no bytes stand for that.
    #[must_use]
    pub fn new(body: TransactionBody, signatures: Vec<Signature>) -> Transaction {
        assert_eq!(body.signers.len(), signatures.len(), "one signature per signer");
        let mut writer = Writer::default();
        body.encode(&mut writer);
        for signature in &signatures {
            signature.encode(&mut writer);
        }
        Transaction::from_parts(body, signatures, writer.finish())
    }

    /// Reads a transaction that fills `bytes` exactly.
    ///
    /// # Errors
    /// When the bytes are longer than a transaction may be, or not its canonical layout.
    pub fn from_slice(bytes: &[u8]) -> Result<Transaction, DecodeError> {
        check_limit("transaction", bytes.len(), MAX_TRANSACTION_BYTES)?;
        let mut reader = Reader::new(bytes);
        let body = TransactionBody::decode(&mut reader)?;
        let mut signatures = Vec::with_capacity(body.signers.len());
        for _ in &body.signers {
            signatures.push(Signature::decode(&mut reader)?);
        }
        reader.finish()?;
        Ok(Transaction::from_parts(body, signatures, bytes.to_vec()))
    }

    fn from_parts(body: TransactionBody, signatures: Vec<Signature>, bytes: Vec<u8>) -> Self {
        let id = TransactionId(domains::TRANSACTION_ID.hash(&bytes));
        Transaction(Arc::new(Parts { body, signatures, bytes, id }))
    }

    /// The signed part.
    #[must_use]
    pub fn body(&self) -> &TransactionBody {
        &self.0.body
    }

    /// One signature per signer, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.0.signatures
    }

    /// The canonical bytes, signatures included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The hash of [`Transaction::bytes`].
    #[must_use]
    pub fn id(&self) -> TransactionId {
        self.0.id
    }

    /// The account that sends and pays.
    #[must_use]
    pub fn sender(&self) -> Address {
        let sender = self.0.body.signers.first().expect("the layout has at least one signer");
        Address::of(sender)
    }

    /// The accounts that sign, in their order: the sender first.
    #[must_use]
    pub fn signers(&self) -> Vec<Address> {
        self.0.body.signers.iter().map(Address::of).collect()
    }

    /// What the signers signed.
    #[must_use]
    pub fn signing_hash(&self, context: &ChainContext) -> Hash {
        let signatures = self.0.signatures.len().saturating_mul(Signature::BYTES);
        let body = self.0.bytes.len().saturating_sub(signatures);
        let (body, _) = self.0.bytes.split_at_checked(body).expect("signatures end the bytes");
        signing_hash(context, body)
    }

    /// The accounts whose history it belongs to: the signers first, each once.
    #[must_use]
    pub fn accounts(&self) -> Vec<Address> {
        let others = self.0.body.actions.iter().filter_map(Action::other_account);
        let mut accounts = Vec::new();
        for account in self.signers().into_iter().chain(others) {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        accounts
    }
}

impl Canonical for Transaction {
    fn encode(&self, writer: &mut Writer) {
        writer.bytes_u32(&self.0.bytes);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Transaction::from_slice(reader.bytes_u32("transaction", MAX_TRANSACTION_BYTES)?)
    }
}

impl Canonical for TransactionBody {
    fn encode(&self, writer: &mut Writer) {
        writer.u8(VERSION);
        writer.raw(&self.chain_tag.0);
        writer.u8(u8::try_from(self.signers.len()).expect("at most MAX_SIGNERS"));
        for signer in &self.signers {
            writer.u8(SignatureScheme::Ed25519.code());
            writer.raw(signer.as_bytes());
        }
        self.nonce.encode(writer);
        self.expiry.encode(writer);
        self.fee.encode(writer);
        writer.bytes_u16(&self.memo);
        writer.u16(u16::try_from(self.actions.len()).expect("at most MAX_ACTIONS"));
        for action in &self.actions {
            action.encode(writer);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = reader.u8()?;
        if version != VERSION {
            return Err(unknown("transaction version", version.into()));
        }
        let chain_tag = ChainTag(reader.array()?);
        let signers = decode_signers(reader)?;
        let nonce = Nonce::decode(reader)?;
        let expiry = Height::decode(reader)?;
        let fee = Amount::decode(reader)?;
        let memo = reader.bytes_u16("memo", MAX_MEMO_BYTES)?.to_vec();
        let count = usize::from(reader.u16()?);
        check_limit("actions", count, MAX_ACTIONS)?;
        let mut actions = Vec::with_capacity(count);
        for _ in 0..count {
            actions.push(Action::decode(reader)?);
        }
        Ok(TransactionBody { chain_tag, signers, nonce, expiry, fee, memo, actions })
    }
}

fn decode_signers(reader: &mut Reader<'_>) -> Result<Vec<AccountPublicKey>, DecodeError> {
    let count = usize::from(reader.u8()?);
    check_limit("signers", count, MAX_SIGNERS)?;
    if count == 0 {
        return Err(DecodeError::Invalid("transaction: no signer"));
    }
    let mut signers = Vec::with_capacity(count);
    for _ in 0..count {
        let scheme = reader.u8()?;
        if scheme != SignatureScheme::Ed25519.code() {
            return Err(unknown("signature scheme", scheme.into()));
        }
        let key = AccountPublicKey::from_bytes(reader.array()?)
            .map_err(|_| DecodeError::Invalid("account key"))?;
        signers.push(key);
    }
    Ok(signers)
}

fn unknown(what: &'static str, found: u64) -> DecodeError {
    DecodeError::Unknown { what, found }
}
