//! A signer over a pair of sockets, and over its own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use quorate_crypto::{Domain, Hash, ValidatorSecretKey};
use quorate_genesis::{Draft, Genesis, GenesisValidator};
use quorate_home::{Audience, Home, KeyFile, KeyKind, Seed, write_new};
use quorate_network::PeerRecord;
use quorate_replica::{OwnKey, Signer};
use quorate_storage::{SignStateError, SignStateFile};
use quorate_types::{
    Address, Amount, Canonical, ChainContext, Digest, Height, RejoinBody, Statement, StatementBody,
    Timestamp, ValidatorIndex, View,
};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::client::{CallError, RemoteSigner, exchange};
use super::frame::{Answer, Hello, MAX_FRAME_BYTES, Request, read_frame, write_frame};
use super::guard::{GuardedKey, chain_tag};
use super::server::serve;
use super::socket::Socket;
use super::{accept, open, spawn};
use crate::host::HostError;

fn context() -> ChainContext {
    ChainContext {
        chain_id: "local-test".parse().unwrap(),
        genesis_hash: Domain::new("quorate v1 test genesis").hash(b""),
        protocol_version: 1,
    }
}

fn secret() -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([7; 32])
}

fn hello() -> Hello {
    Hello { context: context(), key: Some(secret().public()) }
}

fn prepare(height: u64, salt: u8) -> Statement {
    let digest = Digest(Hash::from_bytes([salt; 32]));
    Statement { height: Height(height), view: View(0), body: StatementBody::Prepare { digest } }
}

/// An entry on a tip.
fn rejoin(tip: u64) -> RejoinBody {
    let validator = Address([3; 20]);
    RejoinBody { validator, height: Height(tip), value: Hash::from_bytes([5; 32]) }
}

/// The key of this folder as it comes up after a start.
fn opened(folder: &Path) -> Arc<Mutex<GuardedKey>> {
    let (path, public) = (folder.join("sign-state"), secret().public());
    if !path.exists() {
        SignStateFile::create(&path, &context(), &public).unwrap();
    }
    let (file, record) = SignStateFile::open(&path, &context(), &public).unwrap();
    let key = OwnKey { secret: secret(), context: context() };
    Arc::new(Mutex::new(GuardedKey { key, file, record }))
}

/// The node's end of a new connection.
fn connection(key: &Arc<Mutex<GuardedKey>>) -> UnixStream {
    let (near, far) = UnixStream::pair().unwrap();
    let key = Arc::clone(key);
    spawn("serve", move || serve(far, &key).unwrap()).unwrap();
    near
}

fn ask(stream: &mut UnixStream, request: &Request) -> Answer {
    exchange(stream, request, Instant::now() + Duration::from_secs(10)).unwrap()
}

/// A connection that has been admitted.
fn admitted(key: &Arc<Mutex<GuardedKey>>) -> UnixStream {
    let mut stream = connection(key);
    assert_eq!(ask(&mut stream, &Request::Hello(hello())), Answer::Hello(hello()));
    stream
}

/// Ends the last connection, and waits until nobody else has the key.
fn leave(stream: UnixStream, key: &Arc<Mutex<GuardedKey>>) {
    drop(stream);
    while Arc::strong_count(key) > 1 {
        std::thread::yield_now();
    }
}

fn is_refused(answer: &Answer, reason: &str) -> bool {
    matches!(answer, Answer::Refused(found) if found.contains(reason))
}

/// S-1, also after the signer was killed: what it signed was durable before it left.
#[test]
fn one_signature_for_one_place_whatever_happens() {
    let folder = tempfile::tempdir().unwrap();
    let key = opened(folder.path());
    let mut stream = admitted(&key);
    assert_eq!(ask(&mut stream, &Request::Last), Answer::Last(None));
    let first = ask(&mut stream, &Request::Sign(prepare(5, 1)));
    let Answer::Signature(signature) = first else { panic!("{first:?}") };
    let hash = prepare(5, 1).signing_hash(&context());
    secret().public().verify(hash.as_bytes(), &signature).unwrap();
    leave(stream, &key);
    drop(key);

    let key = opened(folder.path());
    let mut stream = admitted(&key);
    let last = ask(&mut stream, &Request::Last);
    let Answer::Last(Some(last)) = last else { panic!("{last:?}") };
    assert_eq!((last.statement, last.signature), (prepare(5, 1), signature));
    assert_eq!(ask(&mut stream, &Request::Sign(prepare(5, 1))), Answer::Signature(signature));
    let other = ask(&mut stream, &Request::Sign(prepare(5, 2)));
    assert!(is_refused(&other, "another body was signed"), "{other:?}");
    let below = ask(&mut stream, &Request::Sign(prepare(4, 1)));
    assert!(is_refused(&below, "below the last signed"), "{below:?}");
    assert!(matches!(ask(&mut stream, &Request::Sign(prepare(6, 2))), Answer::Signature(_)));
}

#[test]
fn a_view_change_that_forgets_a_commit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = admitted(&opened(folder.path()));
    let digest = Digest(Hash::from_bytes([1; 32]));
    let at = |view, body| Statement { height: Height(1), view: View(view), body };
    let commit = at(0, StatementBody::Commit { digest });
    assert!(matches!(ask(&mut stream, &Request::Sign(commit)), Answer::Signature(_)));
    let forgetful = at(1, StatementBody::ViewChange { prepared: None });
    let refused = ask(&mut stream, &Request::Sign(forgetful));
    assert!(is_refused(&refused, "forgets a Commit"), "{refused:?}");
    let faithful = at(1, StatementBody::ViewChange { prepared: Some((View(0), digest)) });
    assert!(matches!(ask(&mut stream, &Request::Sign(faithful)), Answer::Signature(_)));
}

/// S-5: entries on a tip that its node may have had when it signed last.
#[test]
fn only_rejoin_entries_of_a_node_that_has_caught_up_are_signed() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = admitted(&opened(folder.path()));
    assert!(matches!(ask(&mut stream, &Request::Sign(prepare(5, 1))), Answer::Signature(_)));
    for tip in [4, 5, 5_000] {
        let body = rejoin(tip);
        let answer = ask(&mut stream, &Request::SignRejoin(body));
        let Answer::Signature(signature) = answer else { panic!("{answer:?}") };
        let hash = body.signing_hash(&context());
        secret().public().verify(hash.as_bytes(), &signature).unwrap();
    }
    let behind = ask(&mut stream, &Request::SignRejoin(rejoin(3)));
    assert!(is_refused(&behind, "below what this key has signed at height 5"), "{behind:?}");
    // No guard has moved.
    assert!(matches!(ask(&mut stream, &Request::Sign(prepare(6, 2))), Answer::Signature(_)));
}

#[test]
fn one_node_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let key = opened(folder.path());
    let first = admitted(&key);
    let mut second = connection(&key);
    let refused = ask(&mut second, &Request::Hello(hello()));
    assert!(is_refused(&refused, "another node is connected"), "{refused:?}");
    assert_eq!(read_frame(&mut second).unwrap(), None, "and the connection ends");
    leave(first, &key);
    admitted(&key);
}

#[test]
fn strangers_learn_why_and_get_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let key = opened(folder.path());
    let chain = ChainContext { chain_id: "local-other".parse().unwrap(), ..context() };
    let other_key = ValidatorSecretKey::from_seed([8; 32]).public();
    for stranger in [Hello { context: chain, ..hello() }, Hello { key: Some(other_key), ..hello() }]
    {
        let mut stream = connection(&key);
        assert_eq!(ask(&mut stream, &Request::Hello(stranger)), Answer::Hello(hello()));
        assert_eq!(read_frame(&mut stream).unwrap(), None);
    }
    let mut stream = connection(&key);
    write_frame(&mut stream, &Request::Sign(prepare(1, 1))).unwrap();
    assert_eq!(read_frame(&mut stream).unwrap(), None, "nothing before a hello");
    let mut newcomer = connection(&key);
    let unknown = Hello { key: None, ..hello() };
    assert_eq!(ask(&mut newcomer, &Request::Hello(unknown)), Answer::Hello(hello()));
}

#[test]
fn what_is_no_request_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = admitted(&opened(folder.path()));
    let refused = ask(&mut stream, &Request::Hello(hello()));
    assert!(is_refused(&refused, "a second hello"), "{refused:?}");
    let refused = ask(&mut stream, &Request::SignPeerRecord(vec![1, 2, 3]));
    assert!(is_refused(&refused, "malformed peer record"), "{refused:?}");
    stream.write_all(&[0, 0, 0, 1, 9]).unwrap();
    let frame = read_frame(&mut stream).unwrap().unwrap();
    let refused = Answer::from_bytes(&frame).unwrap();
    assert!(is_refused(&refused, "request: unknown value 9"), "{refused:?}");
    let too_long = u32::try_from(MAX_FRAME_BYTES + 1).unwrap();
    stream.write_all(&too_long.to_be_bytes()).unwrap();
    assert_eq!(read_frame(&mut stream).unwrap(), None, "a frame too long ends the connection");
}

#[test]
fn what_is_said_has_one_reading() {
    let signed = prepare(3, 1).sign_unguarded(&context(), ValidatorIndex(1), &secret());
    let requests = [
        Request::Hello(hello()),
        Request::Hello(Hello { key: None, ..hello() }),
        Request::Sign(prepare(1, 2)),
        Request::Last,
        Request::SignPeerRecord(vec![4, 5]),
        Request::SignRejoin(rejoin(6)),
    ];
    for request in requests {
        assert_eq!(Request::from_bytes(&request.to_bytes()).unwrap(), request);
    }
    let answers = [
        Answer::Hello(hello()),
        Answer::Refused(String::from("no")),
        Answer::Signature(signed.signature),
        Answer::Last(None),
        Answer::Last(Some(signed)),
    ];
    for answer in answers {
        assert_eq!(Answer::from_bytes(&answer.to_bytes()).unwrap(), answer);
    }
    let long = Answer::Refused("é".repeat(2_000)).to_bytes();
    assert!(is_refused(&Answer::from_bytes(&long).unwrap(), "é"));
    let mut other = Request::Hello(hello()).to_bytes();
    other[8] ^= 1;
    Request::from_bytes(&other).unwrap_err();
}

/// A socket in a folder that is made for it, so that only its owner may enter.
fn socket() -> (TempDir, Socket) {
    let folder = tempfile::tempdir().unwrap();
    let socket = Socket::bind(&folder.path().join("run/socket")).unwrap();
    (folder, socket)
}

#[test]
fn a_node_signs_through_the_socket_and_finds_the_signer_again() {
    let (folder, socket) = socket();
    let path = socket.path().to_owned();
    let key = opened(folder.path());
    let (ended, _failure) = mpsc::channel(1);
    accept(socket.listener().unwrap(), &key, ended).unwrap();
    let mut signer = RemoteSigner::connect(&path, &context()).unwrap();
    assert_eq!(signer.key(), secret().public());
    assert_eq!(signer.last().unwrap(), None);
    let signature = signer.sign(&prepare(1, 1), &context()).unwrap();
    assert_eq!(signer.last().unwrap().unwrap().signature, signature);
    let refused = signer.sign(&prepare(1, 2), &context()).unwrap_err();
    assert!(refused.to_string().contains("another body was signed"), "{refused}");
    let other = ChainContext { protocol_version: 2, ..context() };
    signer.sign(&prepare(2, 2), &other).unwrap_err();
    let record = PeerRecord {
        chain: chain_tag(&context()),
        peer: quorate_network::peer_id(&[1; 32]),
        validator: secret().public(),
        sequence: 1,
    };
    let peer = record.peer;
    let signed = signer.sign_peer_record(record.clone()).unwrap();
    signed.verify(&chain_tag(&context()), &peer).unwrap();
    let foreign = PeerRecord { chain: String::from("another"), ..record };
    assert!(matches!(signer.sign_peer_record(foreign), Err(CallError::Refused(_))));
    let entry = signer.sign_rejoin(rejoin(1), &context()).unwrap();
    let hash = entry.body.signing_hash(&context());
    secret().public().verify(hash.as_bytes(), &entry.signature).unwrap();
    // A refusal has not ended the connection; another node finds it taken.
    signer.sign(&prepare(3, 1), &context()).unwrap();
    drop(signer);
    let mut again = RemoteSigner::connect(&path, &context()).unwrap();
    assert_eq!(again.last().unwrap().unwrap().statement, prepare(3, 1));
}

/// A signer that takes connections and says nothing: a call ends, and the next ones end at once.
#[test]
fn a_signer_that_stands_still_holds_nobody() {
    let (_folder, socket) = socket();
    let (stream, _peer) = UnixStream::pair().unwrap();
    let mut signer = RemoteSigner::new(socket.path(), &context(), secret().public(), stream);
    for _ in 0..20 {
        signer.sign(&prepare(1, 1), &context()).unwrap_err();
    }
    let listener = socket.listener().unwrap();
    listener.set_nonblocking(true).unwrap();
    let tried = std::iter::from_fn(|| listener.accept().ok()).count();
    assert!(tried < 10, "{tried} calls have waited each for a connection of its own");
}

#[test]
fn a_signer_of_another_chain_is_named() {
    let (folder, socket) = socket();
    let key = opened(folder.path());
    let (ended, _failure) = mpsc::channel(1);
    accept(socket.listener().unwrap(), &key, ended).unwrap();
    let chain = ChainContext { chain_id: "local-other".parse().unwrap(), ..context() };
    let error = RemoteSigner::connect(socket.path(), &chain).err().unwrap();
    assert!(matches!(error, CallError::Stranger(_)), "{error}");
    assert!(error.to_string().contains("chain local-test"), "{error}");
}

#[test]
fn the_socket_is_for_one_user_and_one_signer() {
    let (folder, socket) = socket();
    let path = socket.path().to_owned();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(matches!(Socket::bind(&path), Err(HostError::SocketTaken(_))));
    drop(socket);
    assert!(!path.exists());
    // A killed signer leaves its socket behind.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    drop(Socket::bind(&path).unwrap());
    fs::write(&path, "").unwrap();
    assert!(matches!(Socket::bind(&path), Err(HostError::Home { .. })));
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let error = Socket::bind(&open.join("socket")).err().unwrap();
    assert!(error.to_string().contains("mode 0755"), "{error}");
}

/// A genesis document whose one validator has the key of this seed.
fn genesis(chain: &str, seed: u8) -> Genesis {
    let mut draft = Draft::new(chain.parse().unwrap(), Timestamp(1));
    draft.add_validator(GenesisValidator {
        operator: Address([9; 20]),
        consensus_key: ValidatorSecretKey::from_seed([seed; 32]).public(),
        bonded: Amount(1_000_000_000_000_000),
        commission_bps: 0,
        moniker: String::new(),
    });
    draft.finish().unwrap()
}

/// A signer's home with the key of [`secret`] and a sign-state of some chain and key.
fn home(folder: &Path, genesis: &Genesis, sign_state: (&ChainContext, u8)) -> Home {
    let home = Home::new(folder);
    fs::create_dir(home.config_folder()).unwrap();
    let document = genesis.to_json_pretty();
    write_new(&home.genesis_file(), document.as_bytes(), Audience::Everyone).unwrap();
    let (context, seed) = sign_state;
    let public = ValidatorSecretKey::from_seed([seed; 32]).public();
    SignStateFile::create(&home.sign_state(), context, &public).unwrap();
    let key = KeyFile::new(KeyKind::Validator, Seed::new([7; 32]));
    key.create(&home.validator_key()).unwrap();
    home
}

/// A validator may register after the start of the chain, or take another key.
#[test]
fn a_key_is_served_whether_or_not_genesis_lists_it() {
    for listed in [7, 8] {
        let genesis = genesis("local-test", listed);
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path(), &genesis, (&genesis.context(), 7));
        let mut key = open(&home).unwrap();
        assert_eq!(key.hello(), Hello { context: genesis.context(), ..hello() });
        let signature = key.sign(&prepare(4, 1)).unwrap();
        let hash = prepare(4, 1).signing_hash(&genesis.context());
        secret().public().verify(hash.as_bytes(), &signature).unwrap();
        key.sign(&prepare(4, 2)).unwrap_err();
    }
}

/// S-3: the guard is that of this key on this chain, or there is no signer.
#[test]
fn a_guard_of_another_chain_or_key_is_refused_and_none_is_made() {
    let genesis = genesis("local-test", 8);
    let other = self::genesis("local-other", 8).context();
    for (context, seed, what) in [(&other, 7, "chain"), (&genesis.context(), 8, "key")] {
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path(), &genesis, (context, seed));
        let error = open(&home).err().unwrap().to_string();
        assert!(error.contains("sign-state") && error.contains(what), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path(), &genesis, (&genesis.context(), 7));
    fs::remove_dir_all(home.sign_state()).unwrap();
    let error = open(&home).err().unwrap();
    assert!(matches!(error, HostError::SignState(SignStateError::Missing(_))), "{error}");
    assert!(!home.sign_state().join("log").exists());
}
