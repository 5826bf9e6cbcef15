//! The kinds of inputs, by name: a new kind does not compile here.

use quorate_consensus::{Input, TimerKind};
use quorate_types::Message;

/// The kinds of inputs, messages and timers.
pub const KINDS: [&str; 25] = [
    "start",
    "signed",
    "not signed",
    "record written",
    "work waiting",
    "built",
    "validated",
    "fetched",
    "evidence",
    "met",
    "rejoined",
    "rejoin",
    "block stored",
    "certificate stored",
    "view timer",
    "interval timer",
    "idle timer",
    "resend timer",
    "hold timer",
    "view change",
    "pre-prepare",
    "prepare",
    "commit",
    "certificate",
    "evidence heard",
];

pub fn kind(input: &Input) -> &'static str {
    match input {
        Input::Start(_) => "start",
        Input::Message(message) => message_kind(message.value()),
        Input::Evidence(_) => "evidence",
        Input::Met(_) => "met",
        Input::Rejoined(_) => "rejoined",
        Input::Signed(_) => "signed",
        Input::NotSigned(_) => "not signed",
        Input::RecordWritten { .. } => "record written",
        Input::Timer(timer) => match timer.kind {
            TimerKind::View => "view timer",
            TimerKind::Interval => "interval timer",
            TimerKind::Idle => "idle timer",
            TimerKind::Resend => "resend timer",
            TimerKind::Hold => "hold timer",
        },
        Input::WorkWaiting => "work waiting",
        Input::Built { .. } => "built",
        Input::Validated { .. } => "validated",
        Input::Fetched(_) => "fetched",
        Input::BlockStored(_) => "block stored",
        Input::CertificateStored(_) => "certificate stored",
    }
}

fn message_kind(message: &Message) -> &'static str {
    match message {
        Message::ViewChange(_) => "view change",
        Message::PrePrepare(_) => "pre-prepare",
        Message::Prepare(_) => "prepare",
        Message::Commit(_) => "commit",
        Message::Certificate(_) => "certificate",
        Message::Rejoin(_) => "rejoin",
        Message::Evidence(_) => "evidence heard",
    }
}
