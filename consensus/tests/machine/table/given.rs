//! The inputs of the table, and the row of each.

/// What is fed. Height 1 and the first other validator unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The pre-prepare of view 0.
    PrePrepare0,
    /// A justified pre-prepare of view 1.
    PrePrepare1,
    /// A justified pre-prepare of view 2.
    PrePrepare2,
    /// Another block by the primary of view 0.
    PrePrepareSecond,
    /// A pre-prepare of view 1 without view changes.
    PrePrepareUnjustified,
    /// A pre-prepare of view 0 by another than its primary.
    PrePrepareByAnother,
    /// A pre-prepare of height 2.
    PrePrepareAbove,
    /// One prepare of view 0 for the block.
    PrepareOf0,
    /// One prepare of view 1 for the block that is proposed there.
    PrepareOf1,
    /// One prepare of view 2.
    PrepareOf2,
    /// One prepare of view 0 for another block.
    PrepareOther,
    /// One prepare of view 9.
    PrepareFar,
    /// One prepare of height 2.
    PrepareAbove,
    /// One prepare of height 0.
    PrepareBelow,
    /// The echo of an own prepare.
    PrepareOwn,
    /// A prepare under another validator set.
    PrepareOtherSet,
    /// One commit of view 0 for the block.
    CommitOf0,
    /// One commit of view 1.
    CommitOf1,
    /// One commit of view 2.
    CommitOf2,
    /// One commit of view 9.
    CommitFar,
    /// One commit of height 2.
    CommitAbove,
    /// One commit of height 0.
    CommitBelow,
    /// The echo of an own commit.
    CommitOwn,
    /// One view change to view 1.
    ViewChangeTo1,
    /// One view change to view 2.
    ViewChangeTo2,
    /// One view change to view 1 that claims the block of view 0.
    ViewChangeProven,
    /// One view change of height 2.
    ViewChangeAbove,
    /// One view change of height 0.
    ViewChangeBelow,
    /// The echo of an own view change.
    ViewChangeOwn,
    /// The commit certificate of the block.
    CertificateHere,
    /// A commit certificate of height 2.
    CertificateAbove,
    /// A commit certificate of height 0.
    CertificateBelow,
    /// The own prepare of view 0 comes back, after all.
    SignedAsked,
    /// A statement by another key, as if it were the own.
    SignedForeign,
    /// The signer did not sign.
    NotSigned,
    /// The record is durable; the signer is a key file, which waits for none.
    RecordWritten,
    /// The timer of view 0.
    TimerView0,
    /// The timer of view 1.
    TimerView1,
    /// The timer of view 2.
    TimerView2,
    /// The interval timer.
    TimerInterval,
    /// The idle timer.
    TimerIdle,
    /// The resend timer.
    TimerResend,
    /// The hold timer of view 0.
    TimerHold,
    /// The view timer of height 2.
    TimerAbove,
    /// The view timer of height 0.
    TimerBelow,
    /// A transaction waits.
    WorkWaiting,
    /// A built block for view 0, of this node's own.
    Built0,
    /// A built block for view 1.
    Built1,
    /// A built block for height 2.
    BuiltAbove,
    /// The block is valid.
    Valid,
    /// The block is invalid.
    Invalid,
    /// A block that nobody asked about is valid.
    ValidUnknown,
    /// The block was fetched.
    Fetched,
    /// Another block was fetched.
    FetchedUnknown,
    /// The block is durable.
    BlockStored,
    /// Another block is durable.
    BlockStoredUnknown,
    /// The certificate of this height is durable.
    CertificateStored,
    /// Another validator's unjustified proposal, as evidence.
    Evidence,
    /// An own statement that this node never made.
    Met,
    /// The own value is in a decided block of height 0.
    Rejoined,
    /// Another validator's rejoin entry.
    Rejoin,
    /// Evidence that another node has found.
    EvidenceHeard,
    /// The start of this height, again.
    StartSame,
    /// The start of the next height.
    StartNext,
    /// The start of height 0.
    StartBelow,
}

impl Given {
    pub const ALL: [Given; 65] = [
        Given::PrePrepare0,
        Given::PrePrepare1,
        Given::PrePrepare2,
        Given::PrePrepareSecond,
        Given::PrePrepareUnjustified,
        Given::PrePrepareByAnother,
        Given::PrePrepareAbove,
        Given::PrepareOf0,
        Given::PrepareOf1,
        Given::PrepareOf2,
        Given::PrepareOther,
        Given::PrepareFar,
        Given::PrepareAbove,
        Given::PrepareBelow,
        Given::PrepareOwn,
        Given::PrepareOtherSet,
        Given::CommitOf0,
        Given::CommitOf1,
        Given::CommitOf2,
        Given::CommitFar,
        Given::CommitAbove,
        Given::CommitBelow,
        Given::CommitOwn,
        Given::ViewChangeTo1,
        Given::ViewChangeTo2,
        Given::ViewChangeProven,
        Given::ViewChangeAbove,
        Given::ViewChangeBelow,
        Given::ViewChangeOwn,
        Given::CertificateHere,
        Given::CertificateAbove,
        Given::CertificateBelow,
        Given::SignedAsked,
        Given::SignedForeign,
        Given::NotSigned,
        Given::RecordWritten,
        Given::TimerView0,
        Given::TimerView1,
        Given::TimerView2,
        Given::TimerInterval,
        Given::TimerIdle,
        Given::TimerResend,
        Given::TimerHold,
        Given::TimerAbove,
        Given::TimerBelow,
        Given::WorkWaiting,
        Given::Built0,
        Given::Built1,
        Given::BuiltAbove,
        Given::Valid,
        Given::Invalid,
        Given::ValidUnknown,
        Given::Fetched,
        Given::FetchedUnknown,
        Given::BlockStored,
        Given::BlockStoredUnknown,
        Given::CertificateStored,
        Given::Evidence,
        Given::Met,
        Given::Rejoined,
        Given::Rejoin,
        Given::EvidenceHeard,
        Given::StartSame,
        Given::StartNext,
        Given::StartBelow,
    ];
}

/// The outcomes by phase, in the order of `RESTING`.
#[rustfmt::skip]
pub fn at_rest(given: Given) -> &'static str {
    match given {
        //                               Off Idl Tim Acc Prp Sht Opn Ac1 Bld NoB Don Obs Abv Out
        Given::PrePrepare0           => "-   JT  J   -   -   .   .   .   Ow  J   -   -   JT  JT",
        Given::PrePrepare1           => "-   J   J   J   J   J   J   -   J   EEEJ EEEJ J   J   J",
        Given::PrePrepare2           => "-   J   J   J   J   J   J   J   J   EEEJ EEEJ J   J   J",
        Given::PrePrepareSecond      => "-   JT  J   E   E   .   .   .   Ow  J   E   E   JT  JT",
        Given::PrePrepareUnjustified => "-   E   E   E   E   E   E   E   E   E   E   E   E   E",
        Given::PrePrepareByAnother   => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrePrepareAbove       => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrepareOf0            => "-   .   .   .   -   .   .   .   .   .   .   .   .   .",
        Given::PrepareOf1            => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrepareOf2            => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrepareOther          => "-   .   .   .   E   .   .   .   .   .   .   .   .   .",
        Given::PrepareFar            => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrepareAbove          => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::PrepareBelow          => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::PrepareOwn            => "-   Ow  Ow  -   -   -   -   -   Ow  Ow  -   .   Ow  Ow",
        Given::PrepareOtherSet       => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::CommitOf0             => "-   .   .   .   .   .   E   E   .   .   -   .   .   .",
        Given::CommitOf1             => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::CommitOf2             => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::CommitFar             => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::CommitAbove           => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::CommitBelow           => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::CommitOwn             => "-   Ow  Ow  Ow  -   -   -   -   Ow  Ow  Ow  .   Ow  Ow",
        Given::ViewChangeTo1         => "-   .   .   .   .   .   -   .   .   E   E   .   .   .",
        Given::ViewChangeTo2         => "-   .   .   .   .   .   .   .   .   E   E   .   .   .",
        Given::ViewChangeProven      => "-   .   .   .   .   .   E   E   .   .   .   .   .   .",
        Given::ViewChangeAbove       => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::ViewChangeBelow       => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::ViewChangeOwn         => "-   Ow  Ow  Ow  Ow  -   -   -   Ow  Ow  Ow  .   Ow  Ow",
        Given::CertificateHere       => ".   F   F   D   D   F   EEF EEEF F   -   -   D   F   F",
        Given::CertificateAbove      => ".   U   U   U   U   U   U   U   U   U   U   U   U   .",
        Given::CertificateBelow      => ".   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::SignedAsked           => "-   .   .   -   -   -   -   -   .   .   -   .   .   .",
        Given::SignedForeign         => "-   .   .   -   -   -   -   -   .   .   -   .   .   .",
        Given::NotSigned             => "-   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::RecordWritten         => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::TimerView0            => "-   -   v   v   v   -   -   -   v   -   -   .   -   -",
        Given::TimerView1            => "-   -   -   -   -   -   v   v   -   -   -   -   -   -",
        Given::TimerView2            => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::TimerInterval         => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::TimerIdle             => "-   T   -   -   -   -   -   .   -   .   -   -   T   T",
        Given::TimerResend           => "-   T   T   RT  RT  RT  RT  RT  T   TF  -   T   T   TU",
        Given::TimerHold             => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::TimerAbove            => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::TimerBelow            => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::WorkWaiting           => "-   T   -   -   -   -   -   .   -   .   -   -   T   T",
        Given::Built0                => "-   -   -   -   -   -   -   -   Sop -   -   -   -   -",
        Given::Built1                => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::BuiltAbove            => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::Valid                 => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::Invalid               => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::ValidUnknown          => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::Fetched               => "-   -   -   -   -   -   -   -   -   D   -   -   -   -",
        Given::FetchedUnknown        => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::BlockStored           => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::BlockStoredUnknown    => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::CertificateStored     => ".   .   .   .   .   .   .   .   .   .   .   .   .   .",
        Given::Evidence              => "-   E   E   E   E   E   E   E   E   E   E   E   E   E",
        Given::Met                   => ".   Ow  Ow  Ow  Ow  Ow  Ow  Ow  Ow  Ow  Ow  -   Ow  Ow",
        Given::Rejoined              => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::Rejoin                => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::EvidenceHeard         => "-   -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::StartSame             => "TT  -   -   -   -   -   -   -   -   -   -   -   -   -",
        Given::StartNext             => "TT  TT  TT  TT  TT  TT  TT  TT  TT  TT  TT  TT  TTv TT",
        Given::StartBelow            => "TT  -   -   -   -   -   -   -   -   -   -   -   -   -",
    }
}

/// The outcomes by phase, in the order of `BRINK`.
#[rustfmt::skip]
pub fn on_the_brink(given: Given) -> &'static str {
    match given {
        //                               Jdg Sto Hld P-1 C-1 J-1 G-1 V-1
        Given::PrePrepare0           => "-   -   E   -   -   J   .   .",
        Given::PrePrepare1           => "J   J   J   J   EJ  J   J   Ow",
        Given::PrePrepare2           => "J   J   J   J   EJ  Jv  JT  JT",
        Given::PrePrepareSecond      => "E   E   E   E   E   J   .   .",
        Given::PrePrepareUnjustified => "E   E   E   E   E   E   E   Ow",
        Given::PrePrepareByAnother   => ".   .   .   .   .   .   .   -",
        Given::PrePrepareAbove       => ".   .   .   .   .   .   .   Ow",
        Given::PrepareOf0            => ".   -   .   c   -   .   .   .",
        Given::PrepareOf1            => ".   .   .   .   .   v   T   T",
        Given::PrepareOf2            => ".   .   .   .   .   v   T   T",
        Given::PrepareOther          => ".   E   .   .   E   .   .   .",
        Given::PrepareFar            => ".   .   .   .   .   v   T   T",
        Given::PrepareAbove          => ".   .   .   .   .   .   .   .",
        Given::PrepareBelow          => "-   -   -   -   -   -   -   -",
        Given::PrepareOwn            => "Ow  -   Ow  -   -   Ow  -   -",
        Given::PrepareOtherSet       => "-   -   -   -   -   -   -   -",
        Given::CommitOf0             => ".   .   .   .   PD  .   .   .",
        Given::CommitOf1             => ".   .   .   .   .   v   T   T",
        Given::CommitOf2             => ".   .   .   .   .   v   T   T",
        Given::CommitFar             => ".   .   .   .   .   v   T   T",
        Given::CommitAbove           => ".   .   .   .   .   .   .   .",
        Given::CommitBelow           => "-   -   -   -   -   -   -   -",
        Given::CommitOwn             => "Ow  Ow  Ow  Ow  -   Ow  -   -",
        Given::ViewChangeTo1         => ".   .   .   .   .   v   T   TB",
        Given::ViewChangeTo2         => ".   .   .   .   .   v   T   T",
        Given::ViewChangeProven      => ".   .   .   .   .   v   T   TF",
        Given::ViewChangeAbove       => ".   .   .   .   .   .   .   .",
        Given::ViewChangeBelow       => "-   -   -   -   -   -   -   -",
        Given::ViewChangeOwn         => "Ow  Ow  Ow  Ow  Ow  Ow  -   -",
        Given::CertificateHere       => "F   D   F   D   D   EF  EF  EF",
        Given::CertificateAbove      => "U   U   U   U   U   U   U   U",
        Given::CertificateBelow      => ".   .   .   .   .   .   .   .",
        Given::SignedAsked           => ".   -   .   -   -   .   -   -",
        Given::SignedForeign         => ".   -   .   -   -   .   -   -",
        Given::NotSigned             => ".   .   .   .   .   .   .   .",
        Given::RecordWritten         => "-   -   -   -   -   -   -   -",
        Given::TimerView0            => "v   v   v   v   v   v   -   -",
        Given::TimerView1            => "-   -   -   -   -   -   -   -",
        Given::TimerView2            => "-   -   -   -   -   -   -   -",
        Given::TimerInterval         => "-   -   -   -   -   -   -   -",
        Given::TimerIdle             => "-   -   -   -   -   -   -   -",
        Given::TimerResend           => "T   RT  T   RT  RT  T   RT  RT",
        Given::TimerHold             => "-   -   T   -   -   -   -   -",
        Given::TimerAbove            => "-   -   -   -   -   -   -   -",
        Given::TimerBelow            => "-   -   -   -   -   -   -   -",
        Given::WorkWaiting           => "-   -   -   -   -   -   -   -",
        Given::Built0                => "-   -   -   -   -   -   -   -",
        Given::Built1                => "-   -   -   -   -   -   -   -",
        Given::BuiltAbove            => "-   -   -   -   -   -   -   -",
        Given::Valid                 => "Sp  -   -   -   -   -   -   -",
        Given::Invalid               => ".   -   -   -   -   -   -   -",
        Given::ValidUnknown          => "-   -   -   -   -   -   -   -",
        Given::Fetched               => "-   -   -   -   -   -   -   -",
        Given::FetchedUnknown        => "-   -   -   -   -   -   -   -",
        Given::BlockStored           => "-   c   -   -   -   -   -   -",
        Given::BlockStoredUnknown    => "-   -   -   -   -   -   -   -",
        Given::CertificateStored     => ".   .   .   .   .   .   .   .",
        Given::Evidence              => "E   E   E   E   E   E   E   E",
        Given::Met                   => "Ow  Ow  Ow  Ow  Ow  Ow  Ow  Ow",
        Given::Rejoined              => "-   -   -   -   -   -   -   -",
        Given::Rejoin                => "-   -   -   -   -   -   -   -",
        Given::EvidenceHeard         => "-   -   -   -   -   -   -   -",
        Given::StartSame             => "-   -   -   -   -   -   -   -",
        Given::StartNext             => "TT  TT  TT  TT  TT  TT  TT  TT",
        Given::StartBelow            => "-   -   -   -   -   -   -   -",
    }
}
