//! What a node and a signer say to each other: frames of a length (u32, big-endian) and canonical
//! bytes. Each request has one answer, and one is under way at a time. The first is a hello, so
//! that a node and a signer of different chains or keys part with a reason (B-3).

use std::io::{self, Read, Write};

use quorate_crypto::{Hash, Signature, ValidatorPublicKey};
use quorate_network::PEER_RECORD_MAX_BYTES;
use quorate_types::{
    Canonical, ChainContext, ChainId, DecodeError, Reader, RejoinBody, SignedStatement, Statement,
    Writer,
};

/// Bytes of one frame, without its length.
pub(crate) const MAX_FRAME_BYTES: usize = 64 * 1024;
/// Bytes of a refusal's reason.
const MAX_REASON_BYTES: usize = 1_024;
/// What a hello begins with.
const MAGIC: [u8; 8] = *b"quosign\x01";

/// Who speaks: for which chain and with which key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// The chain.
    pub(crate) context: ChainContext,
    /// The key; none for a node that has yet to learn it.
    pub(crate) key: Option<ValidatorPublicKey>,
}

/// What a node asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The first request.
    Hello(Hello),
    /// The signature of a statement.
    Sign(Statement),
    /// What was signed last.
    Last,
    /// The signature of a peer record; its bytes as they travel, with a signature of zeros.
    SignPeerRecord(Vec<u8>),
    /// The signature of a rejoin entry (S-5).
    SignRejoin(RejoinBody),
}

/// What a signer answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// To a hello.
    Hello(Hello),
    /// To any request that is not granted: why.
    Refused(String),
    /// What was asked for.
    Signature(Signature),
    /// What was signed last; none when nothing was, or nobody knows the signature any more.
    Last(Option<SignedStatement>),
}

impl Canonical for Hello {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&MAGIC);
        writer.u32(self.context.protocol_version);
        self.context.chain_id.encode(writer);
        self.context.genesis_hash.encode(writer);
        let key = self.key.map(|key| Hash::from_bytes(*key.as_bytes()));
        writer.option(key.as_ref());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.array()? != MAGIC {
            return Err(DecodeError::Invalid("hello: not of this program or version"));
        }
        let protocol_version = reader.u32()?;
        let chain_id = ChainId::decode(reader)?;
        let genesis_hash = Hash::decode(reader)?;
        let context = ChainContext { chain_id, genesis_hash, protocol_version };
        let key = match reader.option::<Hash>("key")? {
            None => None,
            Some(bytes) => Some(
                ValidatorPublicKey::from_bytes(*bytes.as_bytes())
                    .map_err(|_| DecodeError::Invalid("key"))?,
            ),
        };
        Ok(Hello { context, key })
    }
}

impl Canonical for Request {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Request::Hello(hello) => {
                writer.u8(0);
                hello.encode(writer);
            }
            Request::Sign(statement) => {
                writer.u8(1);
                statement.encode(writer);
            }
            Request::Last => writer.u8(2),
            Request::SignPeerRecord(record) => {
                writer.u8(3);
                writer.bytes_u16(record);
            }
            Request::SignRejoin(body) => {
                writer.u8(4);
                body.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Hello::decode(reader).map(Request::Hello),
            1 => Statement::decode(reader).map(Request::Sign),
            2 => Ok(Request::Last),
            3 => {
                let record = reader.bytes_u16("peer record", PEER_RECORD_MAX_BYTES)?;
                Ok(Request::SignPeerRecord(record.to_vec()))
            }
            4 => RejoinBody::decode(reader).map(Request::SignRejoin),
            other => Err(DecodeError::Unknown { what: "request", found: u64::from(other) }),
        }
    }
}

impl Canonical for Answer {
    fn encode(&self, writer: &mut Writer) {
        match self {
            Answer::Hello(hello) => {
                writer.u8(0);
                hello.encode(writer);
            }
            Answer::Refused(reason) => {
                writer.u8(1);
                let end = reason.floor_char_boundary(MAX_REASON_BYTES);
                writer.bytes_u16(reason.get(..end).unwrap_or_default().as_bytes());
            }
            Answer::Signature(signature) => {
                writer.u8(2);
                signature.encode(writer);
            }
            Answer::Last(last) => {
                writer.u8(3);
                writer.option(last.as_ref());
            }
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match reader.u8()? {
            0 => Hello::decode(reader).map(Answer::Hello),
            1 => {
                let reason = reader.bytes_u16("reason", MAX_REASON_BYTES)?;
                let text = std::str::from_utf8(reason);
                let text = text.map_err(|_| DecodeError::Invalid("reason"))?;
                Ok(Answer::Refused(text.to_owned()))
            }
            2 => Signature::decode(reader).map(Answer::Signature),
            3 => reader.option("last statement").map(Answer::Last),
            other => Err(DecodeError::Unknown { what: "answer", found: u64::from(other) }),
        }
    }
}

/// Writes a frame.
pub(crate) fn write_frame(to: &mut impl Write, value: &impl Canonical) -> io::Result<()> {
    let bytes = value.to_bytes();
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&[&length.to_be_bytes(), bytes.as_slice()].concat())
}

/// Reads a frame's bytes; none at the end of the stream.
pub(crate) fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES {
        let problem = format!("a frame of {length} bytes exceeds {MAX_FRAME_BYTES}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
