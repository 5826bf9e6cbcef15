//! The exhibits: each bug with what notices it.

use quorate_crypto::museum::Bug;
use quorate_sim::Fault;

use crate::Detector::{
    self, Bounded, Byzantine, Calm, Convicted, Faulty, Rule, Seeds, Twins, World,
};
use crate::{certified, common, executed, is_caught, proposed, rules, signed};

const QUORUMS: Detector = Rule("quorums", rules::quorums);
const STATEMENTS: Detector = Rule("signed statements", signed::statements);
const CERTIFICATES: Detector = Rule("certificates", certified::certificates);
const DECODING: Detector = Rule("decoding", rules::decoding);
const MERKLE: Detector = Rule("Merkle proofs", rules::merkle);
const KEYS: Detector = Rule("keys and batches", rules::keys);
const GUARD: Detector = Rule("the guard", signed::guard);
const EVIDENCE: Detector = Rule("evidence", signed::evidence);
const FORKS: Detector = Rule("forks", certified::forks);
const CONTRADICTIONS: Detector = Rule("contradictions", certified::contradictions);
const PRIMARIES: Detector = Rule("vectors of primaries", rules::primaries_in_order);
const PROPOSALS: Detector = Rule("proposals", proposed::proposals);
const JUSTIFICATIONS: Detector = Rule("justifications", proposed::justifications);
const ANSWERS: Detector = Rule("answers", proposed::answers);
const BOUNDS: Detector = Rule("bounds", proposed::bounds);
const RECORDS: Detector = Rule("records", proposed::records);
const VIEWS: Detector = Rule("views and timers", proposed::views);
const CARRIED_OVER: Detector = Rule("carried over", proposed::carried_over);
const RESENDS: Detector = Rule("sent again", certified::resends);
const BLOCKS: Detector = Rule("blocks", executed::blocks);
const STATIC: Detector = Rule("static rules", executed::static_rules);
const LIMITS: Detector = Rule("block limits", executed::block_limits);
const EMPTY: Detector = World("an idle chain", || common::idles(false));
const GAP: Detector = World("an idle chain behind a gap", || common::idles(true));
const COMMIT_OUTLIVES: Detector =
    World("a signer's Commit outlives its node", common::signers::a_commit_outlives_its_node);
const VIEW_CHANGE_OUTLIVES: Detector = World(
    "a signer's view change outlives its node",
    common::signers::a_view_change_outlives_its_node,
);
const EPOCHS_BEHIND: Detector =
    World("epochs behind", common::away::comes_back_after_half_of_unbonding);
const WAITING: Detector = Rule("the mempool", executed::mempool);

macro_rules! exhibits {
    ($($test:ident: $bug:ident = [$($detector:expr),+],)+) => {
        $(#[test]
        fn $test() {
            is_caught(Bug::$bug, &[$($detector),+]);
        })+

        #[test]
        fn every_bug_is_exhibited() {
            assert_eq!([$(Bug::$bug),+].as_slice(), Bug::ALL);
        }
    };
}

exhibits! {
    quorum_at_two_thirds: QuorumAtTwoThirds = [Calm(10), QUORUMS],
    weak_above_one_third: WeakAboveOneThird = [QUORUMS],
    duplicate_signer_counted: DuplicateSignerCounted = [QUORUMS],
    heads_not_stake: HeadsNotStake = [Calm(10), QUORUMS],
    power_overflow: PowerOverflow = [QUORUMS],
    signer_outside_set: SignerOutsideSet = [Byzantine("invalid-signatures", 5), STATEMENTS],
    signature_unchecked: SignatureUnchecked = [Byzantine("invalid-signatures", 5), STATEMENTS],
    certificate_without_quorum: CertificateWithoutQuorum = [Byzantine("forged-certificates", 10), CERTIFICATES],
    certificate_lengths: CertificateLengths = [CERTIFICATES],
    certificate_signatures: CertificateSignatures = [Byzantine("forged-certificates", 10), CERTIFICATES],
    claim_unproven: ClaimUnproven = [Byzantine("lying-view-change", 20)],
    justification_signatures: JustificationSignatures = [Byzantine("lying-new-view", 20), JUSTIFICATIONS],
    justification_hash: JustificationHash = [Byzantine("lying-new-view", 20), JUSTIFICATIONS],
    digest_unchecked: DigestUnchecked = [Byzantine("mutator", 20), Byzantine("invalid-block", 20)],
    assembled_without_quorum: AssembledWithoutQuorum = [Seeds(10)],
    view_not_signed: ViewNotSigned = [Byzantine("replay", 10), STATEMENTS],
    step_not_signed: StepNotSigned = [Byzantine("replay", 10), STATEMENTS],
    chain_not_signed: ChainNotSigned = [Byzantine("replay", 10), STATEMENTS],
    trailing_bytes: TrailingBytes = [Byzantine("malformed", 20), DECODING],
    limit_unchecked: LimitUnchecked = [DECODING],
    signer_bit_beyond_size: SignerBitBeyondSize = [Byzantine("malformed", 20), DECODING],
    other_chains_transaction: OtherChainsTransaction = [Byzantine("bad-transactions", 10), STATIC],
    fee_too_low: FeeTooLow = [Calm(10), STATIC],
    expiry_ignored: ExpiryIgnored = [Calm(10), STATIC],
    merkle_doubled_leaf: MerkleDoubledLeaf = [MERKLE],
    merkle_count_free: MerkleCountFree = [MERKLE],
    merkle_extra_siblings: MerkleExtraSiblings = [MERKLE],
    torsion_key: TorsionKey = [KEYS],
    batch_by_its_first: BatchByItsFirst = [Calm(10), KEYS],
    guard_off_by_one: GuardOffByOne = [GUARD],
    guard_ignores_step: GuardIgnoresStep = [GUARD],
    amnesia_allowed: AmnesiaAllowed = [GUARD],
    commit_mark_lost: CommitMarkLost = [RECORDS],
    signed_not_recorded: SignedNotRecorded = [Calm(5)],
    record_forgotten: RecordForgotten = [Seeds(20)],
    certificate_not_awaited: CertificateNotAwaited = [COMMIT_OUTLIVES],
    last_signed_ignored: LastSignedIgnored = [VIEW_CHANGE_OUTLIVES],
    prepared_dropped: PreparedDropped = [Seeds(30), Twins(1000)],
    no_jump: NoJump = [VIEWS],
    jump_on_one: JumpOnOne = [Byzantine("view-change-spam", 10), Byzantine("far-future", 10)],
    new_view_without_quorum: NewViewWithoutQuorum = [Seeds(20), Byzantine("lying-new-view", 20), Twins(6000)],
    view_changes_out_of_order: ViewChangesOutOfOrder = [Byzantine("lying-new-view", 20), Twins(2000)],
    view_changes_of_other_views: ViewChangesOfOtherViews = [Byzantine("lying-new-view", 40), CARRIED_OVER],
    lowest_prepared: LowestPrepared = [Seeds(40), Twins(6000), Byzantine("drawn", 40)],
    any_prepared: AnyPrepared = [Byzantine("lying-new-view", 40), CARRIED_OVER],
    prepared_ignored: PreparedIgnored = [Byzantine("lying-new-view", 20), Twins(2000)],
    any_primary: AnyPrimary = [Byzantine("invalid-block", 20), PROPOSALS],
    any_justification: AnyJustification = [Byzantine("lying-new-view", 40), Twins(6000)],
    no_time_window: NoTimeWindow = [Byzantine("invalid-block", 20), Seeds(20), PROPOSALS],
    carried_over_rechecked: CarriedOverRechecked = [Seeds(60), Twins(3000)],
    body_unchecked: BodyUnchecked = [Byzantine("invalid-block", 10), PROPOSALS],
    not_durable: NotDurable = [Seeds(20)],
    gate_open: GateOpen = [Seeds(60)],
    gate_shut: GateShut = [Seeds(60)],
    no_cap: NoCap = [VIEWS],
    no_back_off: NoBackOff = [VIEWS],
    no_resend: NoResend = [Faulty(Fault::Loss, 30), RESENDS],
    same_vote_convicts: SameVoteConvicts = [Calm(5), EVIDENCE],
    amnesia_unnoticed: AmnesiaUnnoticed = [Convicted("amnesia"), EVIDENCE],
    prepared_later_convicts: PreparedLaterConvicts = [Byzantine("delayed-phase", 20), EVIDENCE],
    evidence_unverified: EvidenceUnverified = [EVIDENCE],
    fork_unnoticed: ForkUnnoticed = [FORKS],
    conflicts_unnoticed: ConflictsUnnoticed = [Convicted("equivocating-commit"), CONTRADICTIONS],
    last_vote_counts: LastVoteCounts = [CONTRADICTIONS, Byzantine("equivocating-prepare,equivocating-commit", 20), Twins(6000)],
    buffer_unbounded: BufferUnbounded = [Bounded("far-future", 3), BOUNDS],
    other_seed: OtherSeed = [Calm(5), PRIMARIES],
    primaries_by_index: PrimariesByIndex = [Calm(5), PRIMARIES],
    nonce_not_checked: NonceNotChecked = [Byzantine("invalid-block", 40), LIMITS],
    nonce_not_advanced: NonceNotAdvanced = [Calm(10)],
    fee_not_taken: FeeNotTaken = [Calm(10)],
    fee_lost: FeeLost = [Calm(10)],
    failure_keeps_effect: FailureKeepsEffect = [Calm(10)],
    self_transfer_pays: SelfTransferPays = [Calm(10)],
    poison_transaction: PoisonTransaction = [Calm(10)],
    failure_without_receipt: FailureWithoutReceipt = [Calm(10)],
    receipts_root_wrong: ReceiptsRootWrong = [Calm(10)],
    state_root_misses: StateRootMisses = [Calm(10)],
    discard_forgotten: DiscardForgotten = [Seeds(40), Byzantine("equivocating-proposer", 20)],
    block_limit_less: BlockLimitLess = [Calm(30), LIMITS],
    block_limit_more: BlockLimitMore = [LIMITS],
    roots_unchecked: RootsUnchecked = [Byzantine("wrong-roots", 5)],
    last_commit_unchecked: LastCommitUnchecked = [Byzantine("invalid-block", 10)],
    validators_hash_unchecked: ValidatorsHashUnchecked = [Byzantine("invalid-block", 20), BLOCKS],
    transactions_unverified: TransactionsUnverified = [Byzantine("invalid-block", 20), BLOCKS],
    empty_parent_counts: EmptyParentCounts = [EMPTY],
    final_before_stored: FinalBeforeStored = [Seeds(20)],
    state_before_block: StateBeforeBlock = [Seeds(20)],
    answer_for_other_block: AnswerForOtherBlock = [Byzantine("lying-peer", 60), ANSWERS],
    certificate_for_other_block: CertificateForOtherBlock = [Byzantine("lying-peer", 60), ANSWERS],
    no_sync: NoSync = [Seeds(80)],
    status_ignored: StatusIgnored = [EPOCHS_BEHIND],
    gap_is_work: GapIsWork = [GAP],
    mempool_leak: MempoolLeak = [WAITING],
    mempool_keeps_used: MempoolKeepsUsed = [WAITING],
    mempool_keeps_expired: MempoolKeepsExpired = [WAITING],
    mempool_unpayable: MempoolUnpayable = [WAITING],
}
