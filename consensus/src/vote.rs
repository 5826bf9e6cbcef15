//! Messages before they are signed, and how a signer completes them (S-2).

use quorate_types::{BlockPayload, Certificate, Justification, Statement};

/// A statement with what will travel beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UnsignedMessage {
    /// A view change; the certificate proves its prepared claim.
    ViewChange {
        /// What to sign.
        statement: Statement,
        /// Present exactly when something is prepared.
        certificate: Option<Certificate>,
    },
    /// A pre-prepare with its block.
    PrePrepare {
        /// What to sign.
        statement: Statement,
        /// The block as it is to be sent.
        payload: BlockPayload,
        /// Empty at view 0.
        justification: Justification,
    },
    /// A prepare.
    Prepare(Statement),
    /// A commit.
    Commit(Statement),
}

impl UnsignedMessage {
    /// What to sign.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        match self {
            UnsignedMessage::ViewChange { statement, .. }
            | UnsignedMessage::PrePrepare { statement, .. }
            | UnsignedMessage::Prepare(statement)
            | UnsignedMessage::Commit(statement) => statement,
        }
    }
}
