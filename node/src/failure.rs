//! Why a command failed, for people on stderr and for scripts by exit code.

use std::process::ExitCode;

use quorate_rpc::{ClientError, ErrorKind};

use crate::host::HostError;

/// The exit codes of the interface, beside 0 and clap's 2 for wrong usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Something failed.
    Failure,
    /// A flag or argument makes no sense.
    Usage,
    /// The transaction was refused or dropped, or has a failed receipt.
    Refused,
    /// There is no such thing.
    NotFound,
    /// The node does not answer.
    Unreachable,
    /// The transaction still waits.
    Pending,
    /// A fault of this program.
    Internal,
    /// A lock or port is taken.
    Taken,
    /// Configuration, genesis or keys do not hold.
    Configuration,
    /// Stopped by Ctrl-C.
    Interrupted,
}

impl Code {
    /// The number that the process exits with.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Code::Failure => 1,
            Code::Usage => 2,
            Code::Refused => 3,
            Code::NotFound => 4,
            Code::Unreachable => 5,
            Code::Pending => 6,
            Code::Internal => 70,
            Code::Taken => 75,
            Code::Configuration => 78,
            Code::Interrupted => 130,
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> ExitCode {
        ExitCode::from(code.number())
    }
}

/// A failed command: what, why, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    error: String,
    cause: Option<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure with its exit code.
    #[must_use]
    pub fn new(code: Code, error: impl Into<String>) -> Failure {
        Failure::exiting(code.number(), error)
    }

    /// A failure of a part that knows its own exit code.
    #[must_use]
    pub fn exiting(code: u8, error: impl Into<String>) -> Failure {
        Failure { code, error: error.into(), cause: None, hint: None }
    }

    /// Says what lies behind it.
    #[must_use]
    pub fn because(mut self, cause: impl std::fmt::Display) -> Failure {
        self.cause = Some(cause.to_string());
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Prints it and gives the exit code.
    #[must_use]
    pub fn report(&self) -> ExitCode {
        eprintln!("error: {}", self.error);
        if let Some(cause) = &self.cause {
            eprintln!("cause: {cause}");
        }
        if let Some(hint) = &self.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }
}

/// A failure of configuration, keys or files of a home.
pub fn configuration(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Configuration, error.to_string())
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Failure {
        let hint = error.remedy().map(str::to_owned);
        Failure { code: error.exit_code(), error: error.to_string(), cause: None, hint }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        let code = match &error {
            ClientError::BadUrl { .. } => Code::Usage,
            ClientError::Unreachable { .. } => Code::Unreachable,
            ClientError::Refused { kind: Some(kind), .. } => code_of(*kind),
            ClientError::Refused { .. } | ClientError::BadAnswer { .. } => Code::Failure,
        };
        let failure = Failure::new(code, error.to_string());
        match code {
            Code::Unreachable => failure.hint("is the node running? --node URL names another one"),
            Code::Failure
            | Code::Usage
            | Code::Refused
            | Code::NotFound
            | Code::Pending
            | Code::Internal
            | Code::Taken
            | Code::Configuration
            | Code::Interrupted => failure,
        }
    }
}

fn code_of(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::NotFound | ErrorKind::Pruned | ErrorKind::HeightInFuture => Code::NotFound,
        ErrorKind::Syncing
        | ErrorKind::RateLimited
        | ErrorKind::Disabled
        | ErrorKind::ProofTooLong
        | ErrorKind::NotCertified => Code::Failure,
        ErrorKind::BadSignature
        | ErrorKind::NonceTooLow
        | ErrorKind::NonceGap
        | ErrorKind::InsufficientFunds
        | ErrorKind::FeeTooLow
        | ErrorKind::TooLarge
        | ErrorKind::MempoolFull
        | ErrorKind::WrongChain
        | ErrorKind::NonceTaken
        | ErrorKind::Malformed
        | ErrorKind::Expired
        | ErrorKind::SenderLimit
        | ErrorKind::Unsupported
        | ErrorKind::BadParams => Code::Refused,
    }
}
