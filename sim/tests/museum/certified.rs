//! Rules of certificates: who may sign one, and what two of them prove.

use quorate_consensus::{
    Action, Consensus, HeightStart, Input, Now, Timeouts, TimerId, TimerKind, primaries,
};
use quorate_types::{
    Certificate, Height, Message, OwnMessage, SignRecord, Timestamp, View, verify,
};

use crate::chain::{block, certificate, commit, context, four, key, signed};

fn holds(certificate: Certificate) -> bool {
    verify::certificate(certificate, &context(), &four()).is_ok()
}

/// M-5.
pub fn certificates() {
    assert!(holds(certificate(0, 1, &[0, 1, 2])));
    assert!(!holds(certificate(0, 1, &[0, 1])), "two of four");
    let mut short = certificate(0, 1, &[0, 1, 2]);
    short.signatures.pop();
    assert!(!holds(short), "a signature too few");
    let mut forged = certificate(0, 1, &[0, 1, 2]);
    forged.signatures.swap(0, 1);
    assert!(!holds(forged), "each signature is its signer's");
    let votes: Vec<_> = [0, 1]
        .map(|signer| verify::statement(signed(commit(0, 1), signer), &context(), &four()))
        .into_iter()
        .flatten()
        .collect();
    assert!(verify::assemble(&commit(0, 1), &votes, &four()).is_err(), "no quorum of votes");
}

/// A full node at height 1.
pub fn node() -> Consensus {
    let mut node = Consensus::new(None, Timeouts::default());
    let _ = node.step(NOW, Input::Start(Box::new(first())));
    node
}

fn first() -> HeightStart {
    let set = four();
    HeightStart {
        height: Height(1),
        context: context(),
        primaries: primaries(&context().genesis_hash, &set, Height(1)).into(),
        set,
        parent: block(0),
        parent_time: Timestamp(1),
        parent_has_content: false,
        min_interval_ms: 5,
        idle_interval_ms: 2_000,
        work_waiting: false,
    }
}

/// When everything happens.
pub const NOW: Now = Now { monotonic_ms: 1_000, wall: Timestamp(1_000) };

/// What a node does about a message.
pub fn hear(node: &mut Consensus, message: Message) -> Vec<Action> {
    let message = verify::message(message, &context(), &four()).expect("a valid message");
    node.step(NOW, Input::Message(message)).now
}

/// Section 8: two certificates of one height stop a node.
pub fn forks() {
    let mut node = node();
    let _ = hear(&mut node, Message::Certificate(certificate(0, 1, &[0, 1, 2])));
    let actions = hear(&mut node, Message::Certificate(certificate(1, 2, &[1, 2, 3])));
    assert!(matches!(actions.as_slice(), [Action::Fork(_)]), "a fork is noticed");
}

/// two votes of one view are kept as evidence, and the first one goes on counting.
pub fn contradictions() {
    let mut node = node();
    let _ = hear(&mut node, Message::Commit(signed(commit(0, 1), 0)));
    let actions = hear(&mut node, Message::Commit(signed(commit(0, 2), 0)));
    let convicts = actions.iter().any(|action| matches!(action, Action::Evidence(_)));
    assert!(convicts, "a contradiction is noticed");
    let mut asked = Vec::new();
    for signer in [1, 2] {
        asked.extend(hear(&mut node, Message::Commit(signed(commit(0, 1), signer))));
    }
    let fetches =
        |action: &Action| matches!(action, Action::Fetch { digest, .. } if *digest == block(1));
    assert!(asked.iter().any(fetches), "the first vote goes on counting");
}

/// a validator sends its own messages again with each tick.
pub fn resends() {
    let own = signed(commit(0, 1), 0);
    let record = SignRecord {
        height: Height(1),
        messages: vec![OwnMessage::Commit(own)],
        ..SignRecord::default()
    };
    let mut node = Consensus::recover(Some(key(0).public()), Timeouts::default(), record.into());
    let _ = node.step(NOW, Input::Start(Box::new(first())));
    let timer = TimerId { height: Height(1), view: View(0), kind: TimerKind::Resend };
    let actions = node.step(NOW, Input::Timer(timer)).now;
    assert!(actions.contains(&Action::Resend(vec![Message::Commit(own)])), "sent again");
}
