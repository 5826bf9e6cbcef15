//! What is drawn: a chain's parameters and what happens in each of its blocks, in numbers that mean
//! something only against the state that they meet (see `resolve`). So they shrink well.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use quorate_types::{Amount, ChainParams, StakingParams};

/// Blocks of a chain.
const BLOCKS: std::ops::Range<usize> = 30..60;

/// Which base units a chain begins with.
#[derive(Clone, Copy, Debug)]
pub enum Scale {
    /// Hundreds: rounding is everywhere.
    Small,
    /// Billions.
    Middle,
    /// All that there may be.
    Whole,
}

#[derive(Clone, Debug)]
pub struct CasePlan {
    pub params: ChainParams,
    pub scale: Scale,
    /// A weight for each founder, and its commission.
    pub founders: Vec<(u8, u16)>,
    pub blocks: Vec<BlockPlan>,
}

#[derive(Clone, Debug)]
pub struct BlockPlan {
    pub transactions: Vec<TransactionPlan>,
    /// Who of the set is absent from now on, as bits.
    pub asleep: Option<u16>,
    /// Who is absent once, as bits.
    pub absent: u16,
    pub proposer: u8,
    /// Whom evidence accuses, and how many heights ago.
    pub evidence: Vec<(u8, u8)>,
    /// Whether everybody bonds with everybody and leaves at once.
    pub is_rush: bool,
}

#[derive(Clone, Debug)]
pub struct TransactionPlan {
    pub sender: u8,
    pub acts: Vec<ActPlan>,
    pub fee: u8,
    pub spoil: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Transfer,
    Put,
    Update,
    Delete,
    Register,
    Edit,
    Rotate,
    Delegate,
    Unbond,
    Redelegate,
    Withdraw,
    Unjail,
}

/// An amount, of what there is to take it from.
#[derive(Clone, Copy, Debug)]
pub enum Size {
    Zero,
    One,
    /// One less than the least that is allowed.
    Under,
    /// The least and some.
    Few(u8),
    /// So many 256ths of all.
    Part(u8),
    /// What is not locked.
    Free,
    All,
    More,
    Max,
}

#[derive(Clone, Copy, Debug)]
pub struct ActPlan {
    pub kind: Kind,
    pub target: u8,
    pub other: u8,
    pub size: Size,
    /// What is wrong with it, if anything.
    pub twist: u8,
}

pub fn case() -> impl Strategy<Value = CasePlan> {
    let scale = prop_oneof![
        4 => Just(Scale::Small),
        2 => Just(Scale::Middle),
        2 => Just(Scale::Whole),
    ];
    let commission = prop_oneof![Just(0), Just(1_000), Just(10_000), 0_u16..=10_000];
    let founders = vec((1_u8..=40, commission), 1..=6);
    (params(), scale, founders, vec(block(), BLOCKS))
        .prop_map(|(params, scale, founders, blocks)| CasePlan { params, scale, founders, blocks })
}

fn bps() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0), Just(1), Just(100), Just(1_000), Just(3_333), Just(5_000), Just(10_000)]
}

fn params() -> impl Strategy<Value = ChainParams> {
    let fees = prop_oneof![Just((0, 0, 0)), Just((3, 0, 1)), Just((1, 1, 1))];
    (prop_oneof![1 => 2_u64..4, 8 => 4_u64..=8], fees).prop_flat_map(|(epoch_length, fees)| {
        staking(epoch_length).prop_map(move |staking| ChainParams {
            epoch_length,
            flat_fee: Amount(fees.0),
            fee_per_byte: Amount(fees.1),
            action_fee: Amount(fees.2),
            staking,
            ..ChainParams::default()
        })
    })
}

fn staking(epoch_length: u64) -> impl Strategy<Value = StakingParams> {
    let sizes = (
        prop_oneof![Just(1_u16), Just(3), Just(4), Just(5), Just(100)],
        prop_oneof![Just(1_u64), Just(7), Just(50)],
        prop_oneof![Just(1_u64), Just(5)],
        prop_oneof![
            3 => prop::sample::select(vec![1_u16, 100, 2_500, 5_000, 10_000]),
            2 => Just(3_333),
        ],
        prop::bool::weighted(0.6),
    );
    let periods = (1_u64..=3, 1_u64..=3, 1..=epoch_length.min(3), 1_u64..=2);
    let rates = (
        prop_oneof![Just(0_u16), Just(2_500), Just(5_000), Just(10_000)],
        bps(),
        bps(),
        prop_oneof![Just(0_u64), Just(1), Just(1_000), Just(1 << 40), Just((1 << 63) - 1)],
    );
    (sizes, periods, rates).prop_map(|(sizes, periods, rates)| StakingParams {
        max_validators: sizes.0,
        min_self_bond: Amount(sizes.1),
        min_delegation: Amount(sizes.2),
        max_power_bps: sizes.3,
        keep_four: sizes.4,
        unbonding_epochs: periods.0,
        evidence_epochs: periods.1.min(periods.0),
        presence_window: periods.2,
        jail_epochs: periods.3,
        max_missed_bps: rates.0,
        slash_double_sign_bps: rates.1,
        slash_downtime_bps: rates.2,
        issuance_per_epoch: Amount(rates.3),
    })
}

fn block() -> impl Strategy<Value = BlockPlan> {
    let mask = (any::<u16>(), any::<u16>()).prop_map(|(one, other)| one & other);
    let asleep = option::weighted(0.15, mask);
    let absent = prop_oneof![6 => Just(0_u16), 1 => any::<u16>()];
    let evidence = prop_oneof![20 => Just(Vec::new()), 1 => vec((any::<u8>(), 0_u8..24), 1..3)];
    let rush = prop::bool::weighted(0.03);
    (vec(transaction(), 0..6), asleep, absent, any::<u8>(), evidence, rush).prop_map(
        |(transactions, asleep, absent, proposer, evidence, is_rush)| BlockPlan {
            transactions,
            asleep,
            absent,
            proposer,
            evidence,
            is_rush,
        },
    )
}

fn transaction() -> impl Strategy<Value = TransactionPlan> {
    let acts = prop_oneof![3 => vec(act(), 1..2), 1 => vec(act(), 2..5)];
    (any::<u8>(), acts, 0_u8..8, any::<u8>())
        .prop_map(|(sender, acts, fee, spoil)| TransactionPlan { sender, acts, fee, spoil })
}

fn act() -> impl Strategy<Value = ActPlan> {
    (kind(), any::<u8>(), any::<u8>(), size(), any::<u8>())
        .prop_map(|(kind, target, other, size, twist)| ActPlan { kind, target, other, size, twist })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        2 => Just(Kind::Transfer),
        2 => Just(Kind::Put),
        1 => Just(Kind::Update),
        1 => Just(Kind::Delete),
        2 => Just(Kind::Register),
        1 => Just(Kind::Edit),
        2 => Just(Kind::Rotate),
        8 => Just(Kind::Delegate),
        6 => Just(Kind::Unbond),
        6 => Just(Kind::Redelegate),
        2 => Just(Kind::Withdraw),
        3 => Just(Kind::Unjail),
    ]
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![
        1 => Just(Size::Zero),
        1 => Just(Size::One),
        1 => Just(Size::Under),
        5 => any::<u8>().prop_map(Size::Few),
        5 => any::<u8>().prop_map(Size::Part),
        2 => Just(Size::Free),
        2 => Just(Size::All),
        1 => Just(Size::More),
        1 => Just(Size::Max),
    ]
}
