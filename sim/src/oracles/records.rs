//! What the durable record must be at each moment. I-1: (height, view) never decreases. I-4: the
//! prepared view never decreases within a height and is at most the view. I-5: a Commit leaves only
//! with its durable certificate. I-6: a Prepare only for a whole valid block, a Commit only for a
//! durable one. I-11: every send follows its durable write.

use quorate_types::{CertificateKind, Message, SignRecord, StatementBody};

use super::{Sent, Verdict};

/// Whether a record may replace another.
pub(crate) fn follows(before: &SignRecord, after: &SignRecord) -> Verdict {
    let (old, new) = ((before.height, before.view), (after.height, after.view));
    if new < old {
        return Err(format!("the record goes from {old:?} back to {new:?} (I-1)"));
    }
    let Some(prepared) = &after.prepared else {
        let lost = before.height == after.height && before.prepared.is_some();
        return if lost { Err("the prepared block is forgotten (I-4)".to_owned()) } else { Ok(()) };
    };
    if prepared.view > after.view {
        return Err(format!("prepared in view {}, above {} (I-4)", prepared.view, after.view));
    }
    let earlier = before.prepared.as_ref().filter(|_| before.height == after.height);
    if earlier.is_some_and(|earlier| earlier.view > prepared.view) {
        return Err(format!("the prepared view falls to {} (I-4)", prepared.view));
    }
    let certificate = &prepared.certificate;
    let proves = certificate.kind == CertificateKind::Prepared
        && certificate.height == after.height
        && (certificate.view, certificate.digest) == (prepared.view, prepared.digest);
    if proves { Ok(()) } else { Err("prepared without its certificate (I-5)".to_owned()) }
}

/// Whether a message may leave with what is durable.
pub(crate) fn may_leave(sent: &Sent<'_>) -> Verdict {
    let Some(signed) = sent.message.signed() else { return Ok(()) };
    let statement = &signed.statement;
    let (height, view) = (statement.height, statement.view);
    let reached = sent.record.guard.map(|guard| (guard.height, guard.view, guard.step));
    if reached.is_none_or(|reached| reached < (height, view, statement.step())) {
        return Err(format!("({height}, {view}) leaves before its record is durable (I-11)"));
    }
    match (sent.message, &statement.body) {
        (Message::Prepare(_), StatementBody::Prepare { digest }) if sent.is_new => {
            if !(sent.held_valid)(digest) {
                return Err(format!("Prepare of ({height}, {view}) without a valid block (I-6)"));
            }
        }
        (Message::Commit(_), StatementBody::Commit { digest }) if sent.is_new => {
            let prepared = sent.record.prepared.as_ref();
            if prepared.map(|prepared| (prepared.view, prepared.digest)) != Some((view, *digest)) {
                return Err(format!("Commit of ({height}, {view}) without certificate (I-5)"));
            }
            if !(sent.durable)(digest) {
                return Err(format!("Commit of ({height}, {view}) for a block in memory (I-6)"));
            }
        }
        (
            Message::ViewChange(_)
            | Message::PrePrepare(_)
            | Message::Prepare(_)
            | Message::Commit(_)
            | Message::Certificate(_)
            | Message::Rejoin(_)
            | Message::Evidence(_),
            StatementBody::ViewChange { .. }
            | StatementBody::PrePrepare { .. }
            | StatementBody::Prepare { .. }
            | StatementBody::Commit { .. },
        ) => {}
    }
    Ok(())
}
