//! What a node says is provable to somebody who trusts none (L-1 to L-6): proofs of every kind are
//! fetched from a network that has changed epochs, and judged offline. No changed byte passes.

use std::path::Path;

use quorate_genesis::Genesis;
use quorate_light::{Anchor, Claim, LightError, ProofBundle, Trust, verify_bytes};
use quorate_types::{Canonical, Height, Timestamp};
use serde_json::{Value, json};

use crate::network::{Network, json, run};

/// An address that no local network has.
const NOBODY: &str = "quo1gygtgz7t026h0equ9xsk6p899uw5mjm0jemypm";
/// Heights in an epoch of these networks.
const EPOCH: u64 = 10;

/// A network with a history, and a folder for what is proved of it.
struct Scene {
    network: Network,
    folder: tempfile::TempDir,
    operator: String,
    transfer: Value,
}

impl Scene {
    /// A transfer, a record and a delegation are final, and two epochs over.
    fn new() -> Scene {
        let length = format!("epoch_length={EPOCH}");
        let network = Network::up(&["-n", "4", "--param", &length]);
        let operator = network.ask(0, &["status"])["validator"].as_str().unwrap().to_owned();
        // All through one node: another one may not have executed it yet.
        let transfer = network.transfer(2, (0, 1), 1_000);
        let from = ["--from", network.account(0, "key_file"), "--wait", "final"];
        for what in [&["put", "report/2026", "draft"][..], &["delegate", &operator, "5000"]] {
            let done = network.ask(2, &[&["tx"], what, &from[..]].concat());
            assert_eq!(done["receipt"]["status"], "success", "{done}");
        }
        // Work makes blocks at once, where idling would take its time.
        while network.height(2).unwrap() < 2 * EPOCH + 2 {
            network.transfer(2, (2, 3), 1);
        }
        network.wait_above(3, 2 * EPOCH + 1);
        Scene { network, folder: tempfile::tempdir().unwrap(), operator, transfer }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn genesis(&self) -> String {
        format!("{}/config/genesis.json", self.network.home(0))
    }

    /// Asks a node for a proof; what it says of it, and the file.
    fn prove(&self, name: &str, what: &[&str]) -> (Value, String) {
        let file = self.file(name);
        let told = self.network.ask(3, &[&["prove"], what, &["--out", &file]].concat());
        (told, file)
    }

    fn trust(&self) -> Trust {
        let genesis = Genesis::parse(&std::fs::read(self.genesis()).unwrap()).unwrap();
        let anchor = Anchor::Genesis { validators: genesis.validator_set().clone() };
        Trust { context: genesis.context(), epoch_length: EPOCH, anchor }
    }

    /// Each kind of proof, with what it has to come to.
    fn questions(&self) -> Vec<(Vec<&str>, Value)> {
        let address = |index| self.network.account(index, "address");
        let (alice, bob, operator) = (address(0), address(1), self.operator.as_str());
        let hash = self.transfer["hash"].as_str().unwrap();
        let record = json!({ "kind": "record", "exists": true, "value": "0x6472616674" });
        let none = |kind: &str| json!({ "kind": kind, "exists": false });
        let transaction = json!({ "kind": "transaction", "index": self.transfer["index"] });
        let receipt = &self.transfer["receipt"];
        let receipt = json!({ "kind": "receipt", "hash": hash, "receipt": receipt });
        let delegated = json!({ "kind": "delegation", "exists": true, "shares": "5000" });
        let balance = json!({ "kind": "account", "exists": true, "balance": "1000000000001000" });
        vec![
            (vec!["account", bob], balance),
            (vec!["account", NOBODY], none("account")),
            (vec!["record", alice, "report/2026"], record),
            (vec!["record", alice, "report/2027"], none("record")),
            (vec!["validator", operator], json!({ "kind": "validator", "exists": true })),
            (vec!["validator", NOBODY], none("validator")),
            (vec!["delegation", alice, operator], delegated),
            (vec!["delegation", bob, operator], none("delegation")),
            (vec!["tx", hash], transaction),
            (vec!["receipt", hash], receipt),
        ]
    }
}

/// Judges a file where no node can be asked.
fn verify(arguments: &[&str]) -> Value {
    json(&[&["verify"], arguments, &["-o", "json", "--node", "http://127.0.0.1:1"]].concat())
}

/// What is wrong with a file that proves nothing.
fn refusal(arguments: &[&str]) -> String {
    let output = run(&[&["verify"], arguments].concat());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    error
}

/// That a fact has these fields at least.
fn check_fact(fact: &Value, expected: &Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&fact[name], value, "{name}: {fact}");
    }
}

fn number(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn every_kind_of_claim_is_proved_offline_from_the_genesis_on() {
    let scene = Scene::new();
    let genesis = scene.genesis();
    for (place, (what, expected)) in scene.questions().iter().enumerate() {
        let (told, file) = scene.prove(&format!("{place}.proof"), what);
        let proved = verify(&[&file, "--genesis", &genesis]);
        check_fact(&proved["fact"], expected);
        assert_eq!(proved["height"], told["at_height"], "{what:?}");
        assert_eq!(proved["chain_id"], "local-testnet");
        assert_eq!(proved["checkpoint"], Value::Null);
        let (signed, total) = (number(&proved["signed_power"]), number(&proved["total_power"]));
        assert!(u128::from(signed) * 3 > u128::from(total) * 2, "{proved}");
        // The header is the one that another node has.
        let header = &proved["header"];
        let height = header["height"].as_u64().unwrap();
        scene.network.wait_above(0, height - 1);
        let block = scene.network.ask(0, &["block", &height.to_string()]);
        assert_eq!(
            (&block["digest"], &block["header"]["time"]),
            (&header["digest"], &header["time"])
        );
        // Every epoch from the genesis to the header's was walked.
        assert_eq!(proved["epochs"], (height - 1) / EPOCH, "{what:?}");
        assert_eq!(proved["epochs"], header["epoch"]);
        if !["tx", "receipt"].contains(&what[0]) {
            assert!(height > 2 * EPOCH, "{what:?}");
        }
    }
    let text = run(&["verify", &scene.file("0.proof"), "--genesis", &genesis]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("1000000000001000") && text.contains("signed_power:"), "{text}");
}

#[test]
fn a_checkpoint_makes_the_way_short_and_is_refused_when_it_is_old() {
    let scene = Scene::new();
    let (genesis, checkpoint) = (scene.genesis(), scene.file("checkpoint.json"));
    let account = scene.network.account(1, "address");
    let (_, first) = scene.prove("first.proof", &["account", account]);
    let write = ["--write-checkpoint", &checkpoint];
    let trusted = verify(
        &[&[&first, "--genesis", &genesis], &write[..], &["--trust-period", "3600"]].concat(),
    );
    let what = ["account", account, "--checkpoint", &checkpoint];
    let (_, later) = scene.prove("later.proof", &what);
    let proved = verify(&[&later, "--checkpoint", &checkpoint, "--max-age", "3600"]);
    assert_eq!(proved["checkpoint"], trusted["header"]["height"]);
    assert!(proved["epochs"].as_u64() < trusted["epochs"].as_u64(), "{proved}");
    check_fact(&proved["fact"], &json!({ "balance": "1000000000001000" }));

    // Each asks for its own start.
    let error = refusal(&[&later, "--genesis", &genesis]);
    assert!(error.contains("starts at height"), "{error}");
    let error = refusal(&[&first, "--checkpoint", &checkpoint]);
    assert!(error.contains("starts at genesis, not at the checkpoint"), "{error}");

    // A checkpoint takes the place of an older one, and can be too old at once.
    let anew = [&later, "--checkpoint", &checkpoint, "--trust-period", "0"];
    verify(&[&anew[..], &write[..]].concat());
    let (_, last) = scene.prove("last.proof", &what);
    let error = refusal(&[&last, "--checkpoint", &checkpoint]);
    assert!(error.contains("ms old, and trusted for less than 0 ms"), "{error}");
}

/// Flips each byte of a proof, as it is and sealed anew: nothing passes.
#[test]
fn no_changed_byte_passes() {
    let scene = Scene::new();
    let (genesis, owner) = (scene.genesis(), scene.network.account(0, "address"));
    let (_, file) = scene.prove("record.proof", &["record", owner, "report/2026"]);
    let (sealed, trust) = (std::fs::read(&file).unwrap(), scene.trust());
    let proves = |bytes: &[u8]| verify_bytes(&trust, bytes, Timestamp(0)).is_ok();
    assert!(proves(&sealed));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x41;
        assert!(!proves(&changed), "byte {at}");
    }
    for at in 0..sealed.len() - 32 {
        let mut changed = sealed[..sealed.len() - 32].to_vec();
        changed[at] ^= 0x41;
        let bundle = ProofBundle::from_bytes(&changed);
        let passes = bundle.is_ok_and(|bundle| proves(&bundle.seal()));
        assert!(!passes, "byte {at}, sealed anew");
    }
    let other = scene.file("changed.proof");
    for at in [0, 40, sealed.len() / 2, sealed.len() - 33, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        std::fs::write(&other, changed).unwrap();
        let error = refusal(&[&other, "--genesis", &genesis]);
        assert!(error.contains("its seal"), "byte {at}: {error}");
    }
}

#[test]
fn a_lie_a_stump_another_chains_and_an_old_proof_are_refused_with_their_reasons() {
    let scene = Scene::new();
    let (genesis, owner) = (scene.genesis(), scene.network.account(0, "address"));
    let (_, file) = scene.prove("record.proof", &["record", owner, "report/2026"]);
    let sealed = std::fs::read(&file).unwrap();

    let mut lie = ProofBundle::open(&sealed).unwrap();
    let Claim::State(claim) = &mut lie.claim else { panic!("a claim about the state") };
    claim.value = Some(b"final".to_vec());
    let error = verify_bytes(&scene.trust(), &lie.seal(), Timestamp(0)).unwrap_err();
    assert!(matches!(error, LightError::State { .. }), "{error}");
    let lies = scene.file("lie.proof");
    std::fs::write(&lies, lie.seal()).unwrap();
    let error = refusal(&[&lies, "--genesis", &genesis]);
    assert!(error.contains("the state after height"), "{error}");

    let mut gap = ProofBundle::open(&sealed).unwrap();
    gap.steps.remove(0);
    std::fs::write(&lies, gap.seal()).unwrap();
    let error = refusal(&[&lies, "--genesis", &genesis]);
    assert!(error.contains("the validators known are those of"), "{error}");

    let stump = scene.file("stump.proof");
    for length in [0, 1, 31, 32, sealed.len() / 2, sealed.len() - 33, sealed.len() - 1] {
        std::fs::write(&stump, &sealed[..length]).unwrap();
        let error = refusal(&[&stump, "--genesis", &genesis]);
        assert!(error.contains("no proof bundle"), "{length}: {error}");
    }
    std::fs::write(&stump, &sealed[..sealed.len() / 2]).unwrap();
    let error = refusal(&[&stump, "--genesis", &genesis]);
    assert!(error.contains("the file ends early"), "{error}");

    let elsewhere = scene.file("elsewhere");
    let made = run(&["testnet", "generate", "--name", "elsewhere", "--out", &elsewhere]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let foreign = Path::new(&elsewhere).join("val0/config/genesis.json");
    let error = refusal(&[&file, "--genesis", foreign.to_str().unwrap()]);
    assert!(error.contains("the bundle is of the chain with genesis"), "{error}");

    let above = Height(ProofBundle::open(&sealed).unwrap().header.height.0).to_string();
    let error = refusal(&[&file, "--genesis", &genesis, "--min-height", &above]);
    assert!(error.contains("the proof is too old"), "{error}");
    let again = ["prove", "account", owner, "--out", &file, "--node", scene.network.rpc(0)];
    let taken = run(&again);
    let error = String::from_utf8_lossy(&taken.stderr);
    assert_eq!(taken.status.code(), Some(78), "{error}");
    assert!(error.contains("exists already"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), sealed);
}
