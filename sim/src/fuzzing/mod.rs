//! What has to hold for any bytes whatsoever, one function for each place where bytes of strangers
//! come in, and one that lets bytes drive four state machines. The fuzzer (`fuzz/`) searches for
//! bytes that break one; the tests replay those that it has kept in `fuzz/corpus/<target>`.
//!
//! A check fails by panicking, which is how a fuzzer is told.

mod arena;
mod bytes;
mod decoders;
mod genesis;
mod machines;
mod peers;
mod proofs;
mod villain;

pub use machines::Summary;

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: a binary and a folder of the corpus.
    pub name: &'static str,
    /// Whether the bytes came to something: were accepted, or had a height decided.
    ///
    /// # Panics
    /// When something that has to hold of all bytes does not.
    pub check: fn(&[u8]) -> bool,
}

/// All targets.
pub const TARGETS: [Target; 17] = [
    target("answer", decoders::answer),
    target("archive", decoders::archive),
    target("block", decoders::block),
    target("evidence", decoders::evidence),
    target("genesis", genesis::document),
    target("machines", machines::check),
    target("merkle_proof", proofs::merkle),
    target("message", decoders::message),
    target("payload", decoders::payload),
    target("receipt", decoders::receipt),
    target("request", decoders::request),
    target("sign_record", decoders::sign_record),
    target("state_proof", proofs::state),
    target("status", decoders::status),
    target("transaction", decoders::transaction),
    target("transactions", decoders::transactions),
    target("validator_set", decoders::validator_set),
];

const fn target(name: &'static str, check: fn(&[u8]) -> bool) -> Target {
    Target { name, check }
}

/// Runs the check of a target, by name; says whether the bytes came to something.
///
/// # Panics
/// When the check fails, or no target has this name.
pub fn check(name: &str, bytes: &[u8]) -> bool {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").check)(bytes)
}

/// Lets bytes drive four state machines, as the target `machines`, and tells what came of it.
///
/// # Panics
/// When an oracle finds a violation.
#[must_use]
pub fn drive(bytes: &[u8]) -> Summary {
    machines::drive(bytes)
}
