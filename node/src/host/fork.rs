//! The proof of a fork, where the operator finds it: two commit certificates of one height for
//! different blocks, and the evidence against those who made them (protocol section 8). While it is
//! there, the node does not start: which side goes on is not for a machine to pick.

use quorate_crypto::hex;
use quorate_home::{Audience, FileError, Home, write_new};
use quorate_replica::{Fork, accuse, judge};
use quorate_types::{Canonical, Certificate, ChainReader, Evidence};
use serde_json::{Value, json};

use super::error::HostError;
use super::shared::Shared;

/// Writes the proof; one that is there already stays. Gives the error that ends the node.
pub(crate) fn stop_with_proof(home: &Home, shared: &Shared, fork: &Fork) -> HostError {
    let proof = proof_of(shared, fork);
    let path = home.fork_proof();
    let written = write_new(&path, format!("{proof:#}\n").as_bytes(), Audience::Everyone);
    let problem = match written {
        Ok(()) | Err(FileError::Exists(_)) => format!("the proof is in {}", path.display()),
        Err(error) => format!("the proof could not be written: {error}; it is {proof}"),
    };
    let height = fork.first.height;
    HostError::Halted(format!("two blocks were decided at height {height}: {problem}"))
}

/// Refuses to start on a home with the proof of a fork.
pub(crate) fn check_none(home: &Home) -> Result<(), HostError> {
    let path = home.fork_proof();
    if !path.exists() {
        return Ok(());
    }
    Err(HostError::Home {
        problem: format!("{} proves that two blocks were decided at one height", path.display()),
        remedy:
            "agree with the other operators which chain goes on; a node of the other one needs \
                 a new home; then move the proof away"
                .to_owned(),
    })
}

fn proof_of(shared: &Shared, fork: &Fork) -> Value {
    let in_force = shared.in_force();
    let context = in_force.verifier.context();
    let height = fork.first.height;
    let archive = shared.database.archive(height).ok().flatten();
    let archives: Vec<_> = archive.into_iter().collect();
    let set = in_force.verifier.epochs().set_of(height).unwrap_or(in_force.set());
    let evidence = accuse([&fork.first, &fork.second], &archives, context, set);
    let accused = |evidence: &Evidence| {
        let offence = judge(evidence, context, set).ok()?;
        let address = set.get(offence.offender())?.address;
        Some(json!({
            "validator": address.to_string(),
            "rule": offence.kind().rule(),
            "evidence": hex::encode(&evidence.to_bytes()),
        }))
    };
    json!({
        "chain_id": context.chain_id.to_string(),
        "genesis_hash": context.genesis_hash.to_string(),
        "height": height.0,
        "certificates": [certificate_in_words(&fork.first), certificate_in_words(&fork.second)],
        "accused": evidence.iter().filter_map(accused).collect::<Vec<_>>(),
    })
}

fn certificate_in_words(certificate: &Certificate) -> Value {
    json!({
        "view": certificate.view.0,
        "digest": certificate.digest.to_string(),
        "certificate": hex::encode(&certificate.to_bytes()),
    })
}
