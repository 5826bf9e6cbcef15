//! The museum of seeded bugs: mistakes that other implementations made, or might, each of which a
//! test must notice. Compiled only with the feature `museum`; without it every site is the literal
//! `false`. One bug is seeded per thread, so that tests may run side by side.

use std::cell::Cell;

thread_local! {
    static SEEDED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Seeds a bug in this thread, in the place of an earlier one; none takes it out again.
pub fn seed(bug: Option<Bug>) {
    SEEDED.set(bug);
}

/// Whether a bug is seeded in this thread.
#[must_use]
pub fn is_seeded(bug: Bug) -> bool {
    SEEDED.get() == Some(bug)
}

macro_rules! bugs {
    ($($(#[doc = $what:literal])+ $bug:ident,)+) => {
        /// One seeded bug: what goes wrong, and the rule that it breaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Bug {
            $($(#[doc = $what])+ $bug,)+
        }

        impl Bug {
            /// Every one.
            pub const ALL: &'static [Bug] = &[$(Bug::$bug,)+];

            /// What goes wrong, in a sentence.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self {
                    $(Bug::$bug => concat!($($what),+).trim_ascii(),)+
                }
            }
        }
    };
}

bugs! {
    /// Two thirds of the power are a quorum (M-3).
    QuorumAtTwoThirds,
    /// Exactly one third of the power is no weak set (M-3).
    WeakAboveOneThird,
    /// A signer that is named twice counts twice (M-3).
    DuplicateSignerCounted,
    /// Each validator counts as much as an average one (M-3).
    HeadsNotStake,
    /// The sum of all power wraps around (M-1).
    PowerOverflow,
    /// A statement of an index outside the validator set is taken for verified (B-3).
    SignerOutsideSet,
    /// The signature of a statement is not verified (B-3).
    SignatureUnchecked,
    /// A certificate of any signers is taken for verified (M-5).
    CertificateWithoutQuorum,
    /// A certificate may have fewer signatures than signers (M-5).
    CertificateLengths,
    /// The signatures of a certificate are not verified (M-5).
    CertificateSignatures,
    /// A view change claims something prepared that its certificate does not prove.
    ClaimUnproven,
    /// The signatures in a justification are not verified (section 6).
    JustificationSignatures,
    /// A pre-prepare travels with another justification than the signed one.
    JustificationHash,
    /// A pre-prepare travels with another block than the signed one.
    DigestUnchecked,
    /// Any votes make a certificate: a Commit without a prepared quorum.
    AssembledWithoutQuorum,
    /// The view is not in the signed bytes (B-3).
    ViewNotSigned,
    /// The step is not in the signed bytes (B-3).
    StepNotSigned,
    /// The chain is not in the signed bytes (B-3).
    ChainNotSigned,
    /// Bytes after the end of a value are ignored (B-2).
    TrailingBytes,
    /// Lengths and counts have no limit (B-6).
    LimitUnchecked,
    /// A signer set decodes with bits beyond its size (B-2).
    SignerBitBeyondSize,
    /// A transaction of another chain passes the static rules (B-8).
    OtherChainsTransaction,
    /// A transaction pays less than its length costs.
    FeeTooLow,
    /// A transaction is included after its expiry height.
    ExpiryIgnored,
    /// The last node of an odd level is doubled (B-5).
    MerkleDoubledLeaf,
    /// The root does not commit to the number of leaves (B-5).
    MerkleCountFree,
    /// A proof may have more siblings than its shape calls for (B-5).
    MerkleExtraSiblings,
    /// A validator key may have a torsion part (B-4).
    TorsionKey,
    /// The first signature of a batch decides about all of it (B-4).
    BatchByItsFirst,
    /// Another body is signed for the height, view and step of the last signature (S-1).
    GuardOffByOne,
    /// A lower step of the last signed view is signed (S-1).
    GuardIgnoresStep,
    /// A view change that forgets a Commit is signed (S-1).
    AmnesiaAllowed,
    /// A Commit leaves no mark in the record (S-1).
    CommitMarkLost,
    /// A statement is signed and sent, and the record does not say so (S-2).
    SignedNotRecorded,
    /// A restart forgets what the key has signed (S-4).
    RecordForgotten,
    /// A signer with its own guard signs a Commit whose certificate is not durable (S-2).
    CertificateNotAwaited,
    /// What only the signer remembers is not taken over at a start (S-4).
    LastSignedIgnored,
    /// A view change forgets what is prepared.
    PreparedDropped,
    /// A weak set ahead moves nobody.
    NoJump,
    /// One validator ahead moves everybody.
    JumpOnOne,
    /// Any view changes justify a pre-prepare (section 6).
    NewViewWithoutQuorum,
    /// A justification may name a validator twice (section 6).
    ViewChangesOutOfOrder,
    /// View changes for other views justify a pre-prepare (section 6).
    ViewChangesOfOtherViews,
    /// The lowest prepared view decides, not the highest (section 6).
    LowestPrepared,
    /// Any block may be carried over where something is prepared (section 6).
    AnyPrepared,
    /// The value is free though something is prepared (section 6).
    PreparedIgnored,
    /// Whoever proposes is taken for the primary.
    AnyPrimary,
    /// A pre-prepare is accepted whatever justifies it.
    AnyJustification,
    /// A fresh block is accepted whatever its time (T-1).
    NoTimeWindow,
    /// A block that is carried over is judged like a fresh one.
    CarriedOverRechecked,
    /// A block is accepted whatever the application says.
    BodyUnchecked,
    /// A Commit is asked for before its block is durable (I-6).
    NotDurable,
    /// The timer of a view starts before a quorum is present (T-3).
    GateOpen,
    /// The timer of a view waits for the acceptance of a pre-prepare (T-3).
    GateShut,
    /// Timeouts double without end (T-2).
    NoCap,
    /// Timeouts do not double (T-2).
    NoBackOff,
    /// Own messages are sent once.
    NoResend,
    /// The same statement twice is a contradiction (E-1 to E-4).
    SameVoteConvicts,
    /// A view change that forgets a Commit is no offence (E-5).
    AmnesiaUnnoticed,
    /// Preparing again in a later view counts as forgetting (E-5).
    PreparedLaterConvicts,
    /// Evidence convicts without a valid signature (section 8).
    EvidenceUnverified,
    /// Two certificates of one height go by unnoticed (section 8).
    ForkUnnoticed,
    /// Nobody compares what a validator says.
    ConflictsUnnoticed,
    /// A second vote of a view takes the place of the first.
    LastVoteCounts,
    /// Messages of any height above are kept.
    BufferUnbounded,
    /// The order of primaries is drawn from another seed (T-5).
    OtherSeed,
    /// Primaries take turns whatever their power (T-4).
    PrimariesByIndex,
    /// A transaction of any nonce executes.
    NonceNotChecked,
    /// A transaction leaves its sender the nonce.
    NonceNotAdvanced,
    /// The fee stays with its payer, and the pool gets it.
    FeeNotTaken,
    /// The fee pool gets nothing.
    FeeLost,
    /// A transaction that fails keeps what its first actions did.
    FailureKeepsEffect,
    /// A transfer to oneself creates money.
    SelfTransferPays,
    /// A transaction that fails stops every node.
    PoisonTransaction,
    /// A transaction that fails is reported as a success.
    FailureWithoutReceipt,
    /// The receipts root leaves out the last receipt.
    ReceiptsRootWrong,
    /// The state tree misses the first change of a block.
    StateRootMisses,
    /// The execution of a block that was not decided stays.
    DiscardForgotten,
    /// A full block counts as too full (B-6).
    BlockLimitLess,
    /// A block may hold one transaction too many (B-6).
    BlockLimitMore,
    /// A block may carry any roots of its parent.
    RootsUnchecked,
    /// A block may carry any last commit.
    LastCommitUnchecked,
    /// A block may announce any next validators.
    ValidatorsHashUnchecked,
    /// The signatures of transactions in a block are not verified.
    TransactionsUnverified,
    /// A block without transactions asks for another one.
    EmptyParentCounts,
    /// A height is reported final before it is stored.
    FinalBeforeStored,
    /// The state after a block is stored before the block and its certificate.
    StateBeforeBlock,
    /// An answer to a request may be another block.
    AnswerForOtherBlock,
    /// A synced block may come with the certificate of another.
    CertificateForOtherBlock,
    /// A node that is behind does not ask for blocks.
    NoSync,
    /// What peers say about where they stand starts no catching up.
    StatusIgnored,
    /// A transaction that no block could include asks for a block.
    GapIsWork,
    /// The mempool counts the bytes of what has left it (I-13).
    MempoolLeak,
    /// Transactions whose nonce is used go on waiting (I-13).
    MempoolKeepsUsed,
    /// Expired transactions go on waiting.
    MempoolKeepsExpired,
    /// A transaction waits that its sender cannot pay for.
    MempoolUnpayable,
}
