//! The words of a script: nodes are letters, blocks are named after their proposer, a place is
//! `height/view`. Reading and writing them is one vocabulary.

use std::collections::BTreeMap;

use quorate_consensus::{TimerId, TimerKind};
use quorate_types::{
    Certificate, CertificateKind, Digest, Height, Message, OwnMessage, SignRecord, SignedStatement,
    Statement, StatementBody, View,
};

/// The letter of a node.
pub fn letter(i: usize) -> char {
    char::from(b'A' + u8::try_from(i).unwrap())
}

/// The node of a letter.
pub fn node(word: &str) -> usize {
    let letter = word.bytes().next().filter(u8::is_ascii_uppercase);
    let letter = letter.unwrap_or_else(|| panic!("no node: {word}"));
    usize::from(letter - b'A')
}

/// A list of letters with commas.
pub fn nodes(word: &str) -> Vec<usize> {
    word.split(',').map(node).collect()
}

pub fn number(word: &str) -> u64 {
    word.parse().unwrap_or_else(|_| panic!("no number: {word}"))
}

/// `height/view`.
pub fn place(word: &str) -> (u64, u64) {
    let (height, view) = word.split_once('/').unwrap_or_else(|| panic!("no place: {word}"));
    (number(height), number(view))
}

pub fn timer_kind(word: &str) -> TimerKind {
    match word {
        "view" => TimerKind::View,
        "interval" => TimerKind::Interval,
        "idle" => TimerKind::Idle,
        "resend" => TimerKind::Resend,
        "hold" => TimerKind::Hold,
        other => panic!("no timer: {other}"),
    }
}

pub fn timer(id: TimerId) -> String {
    let TimerId { height: Height(height), view: View(view), kind } = id;
    match kind {
        TimerKind::View => format!("timer of view {height}/{view}"),
        TimerKind::Interval => format!("interval timer of height {height}"),
        TimerKind::Idle => format!("idle timer of height {height}"),
        TimerKind::Resend => format!("resend timer of height {height}"),
        TimerKind::Hold => format!("hold timer of view {height}/{view}"),
    }
}

/// The kind of a message, as commands select it.
pub fn kind(message: &Message) -> &'static str {
    match message {
        Message::ViewChange(_) => "view-change",
        Message::PrePrepare(_) => "pre-prepare",
        Message::Prepare(_) => "prepare",
        Message::Commit(_) => "commit",
        Message::Certificate(_) => "certificate",
        Message::Rejoin(_) => "rejoin",
        Message::Evidence(_) => "evidence",
    }
}

/// Names of blocks: the proposer's letter and a number.
#[derive(Default)]
pub struct Names(BTreeMap<Digest, String>);

impl Names {
    pub fn name(&mut self, digest: Digest, name: String) {
        self.0.insert(digest, name);
    }

    /// The next free name of a proposer's block.
    pub fn next(&self, proposer: usize) -> String {
        let letter = letter(proposer).to_ascii_lowercase();
        let mut numbers = 1..;
        numbers
            .find_map(|number| {
                let name = format!("{letter}{number}");
                (!self.0.values().any(|taken| *taken == name)).then_some(name)
            })
            .unwrap()
    }

    pub fn of(&self, digest: Digest) -> String {
        self.0.get(&digest).cloned().unwrap_or_else(|| "a block without a name".to_owned())
    }

    pub fn digest(&self, name: &str) -> Digest {
        let named = self.0.iter().find(|(_, known)| *known == name);
        *named.unwrap_or_else(|| panic!("no block: {name}")).0
    }

    pub fn statement(&self, statement: &Statement) -> String {
        let Statement { height: Height(height), view: View(view), body } = *statement;
        match body {
            StatementBody::PrePrepare { digest, .. } => {
                format!("pre-prepare {height}/{view} {}", self.of(digest))
            }
            StatementBody::Prepare { digest } => {
                format!("prepare {height}/{view} {}", self.of(digest))
            }
            StatementBody::Commit { digest } => {
                format!("commit {height}/{view} {}", self.of(digest))
            }
            StatementBody::ViewChange { prepared: None } => format!("view-change {height}/{view}"),
            StatementBody::ViewChange { prepared: Some((at, digest)) } => {
                format!("view-change {height}/{view} (prepared {} in {})", self.of(digest), at.0)
            }
        }
    }

    pub fn certificate(&self, certificate: &Certificate) -> String {
        let Certificate { kind, height, view, digest, .. } = certificate;
        let kind = match kind {
            CertificateKind::Prepared => "prepared",
            CertificateKind::Commit => "commit",
        };
        let signers: Vec<String> =
            certificate.signers.iter().map(|i| letter(i.position()).to_string()).collect();
        let (place, block) = (format!("{}/{}", height.0, view.0), self.of(*digest));
        format!("{kind} certificate {place} {block} of {}", signers.join(","))
    }

    /// A message, with what justifies it.
    pub fn message(&self, message: &Message) -> String {
        match message {
            Message::Certificate(certificate) => self.certificate(certificate),
            Message::Rejoin(rejoin) => format!("rejoin entry at {}", rejoin.body.height),
            Message::Evidence(evidence) => format!("evidence of height {}", evidence.height()),
            Message::PrePrepare(proposal) => {
                let statement = self.statement(&proposal.signed.statement);
                let signers: Vec<String> =
                    proposal.justification.view_changes.iter().map(of_signer).collect();
                let proof = proposal.justification.certificate.as_ref();
                let proof = proof.map(|proof| format!(" and a {}", self.certificate(proof)));
                match signers.as_slice() {
                    [] => statement,
                    some => format!(
                        "{statement} (view changes of {}{})",
                        some.join(","),
                        proof.unwrap_or_default()
                    ),
                }
            }
            Message::ViewChange(_) | Message::Prepare(_) | Message::Commit(_) => {
                message.signed().map(|signed| self.statement(&signed.statement)).unwrap_or_default()
            }
        }
    }

    /// What a record says beyond the one before it.
    pub fn record_change(&self, before: &SignRecord, after: &SignRecord) -> String {
        let mut changes = Vec::new();
        if (before.height, before.view) != (after.height, after.view) {
            changes.push(format!("place {}/{}", after.height.0, after.view.0));
        }
        if before.accepted != after.accepted {
            let accepted = after.accepted.map_or("none".to_owned(), |digest| self.of(digest));
            changes.push(format!("accepted {accepted}"));
        }
        if before.prepared != after.prepared
            && let Some(prepared) = &after.prepared
        {
            changes.push(self.certificate(&prepared.certificate));
        }
        if before.parent_certificate != after.parent_certificate {
            let below = after.parent_certificate.as_ref();
            let below = below.map_or("none".to_owned(), |below| self.certificate(below));
            changes.push(format!("below {below}"));
        }
        if changes.is_empty() { "nothing new".to_owned() } else { changes.join(", ") }
    }

    /// A record as a whole.
    pub fn record(&self, record: &SignRecord) -> String {
        let change = self.record_change(&SignRecord::default(), record);
        let guard = record.guard.map_or("never signed".to_owned(), |guard| {
            format!("guard {}/{}/{:?}", guard.height.0, guard.view.0, guard.step)
        });
        let own: Vec<String> = record.messages.iter().map(|own| self.own(own)).collect();
        format!("{change}; {guard}; own: {}", own.join(", "))
    }

    pub fn own(&self, message: &OwnMessage) -> String {
        self.statement(&message.signed().statement)
    }
}

fn of_signer(signed: &SignedStatement) -> String {
    letter(signed.signer.position()).to_string()
}
