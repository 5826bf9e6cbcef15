//! The genesis document, the one text that is read: what is accepted has a canonical text, which
//! reads as the same document with the same hash (B-9), and makes a first state.

use quorate_genesis::Genesis;

/// Any bytes as a genesis document.
pub(super) fn document(bytes: &[u8]) -> bool {
    let Ok(genesis) = Genesis::parse(bytes) else { return false };
    let text = genesis.to_json_pretty();
    let again = Genesis::parse(text.as_bytes());
    assert_eq!(again.as_ref(), Ok(&genesis), "its own text reads as another document (B-9)");
    let again = again.expect("compared above");
    assert_eq!(again.hash(), genesis.hash(), "one content has one hash (B-9)");
    assert_eq!(again.to_json_pretty(), text, "its text is not stable");
    assert_eq!(again.initial().validators, genesis.initial().validators);
    assert_eq!(genesis.initial().validators.id(), genesis.validator_set().id());
    true
}
