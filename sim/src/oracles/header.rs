//! The digest of a header, restated: the hash of its bytes in the domain of headers (B-3).

use quorate_crypto::Domain;
use quorate_types::{Canonical, Digest, Header};

const HEADER: Domain = Domain::new("quorate v1 header");

/// What a header's digest has to be.
pub(super) fn digest_of(header: &Header) -> Digest {
    Digest(HEADER.hash(&header.to_bytes()))
}
