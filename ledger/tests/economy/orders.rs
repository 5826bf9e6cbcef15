//! Every order of bond, unbond, redelegate and slash, in one block and across blocks and epochs, and
//! every action with amounts at the ends of their range; ledger and model agree after each block.

use quorate_types::{Action, Address, Amount, ChainParams, StakeMove, StakingParams};

use crate::drive::Drive;
use crate::model::Transaction;
use crate::plan::{CasePlan, Scale};

fn chain(scale: Scale, slash_double_sign_bps: u16) -> Drive {
    let staking = StakingParams {
        keep_four: false,
        unbonding_epochs: 2,
        evidence_epochs: 2,
        presence_window: 1,
        slash_double_sign_bps,
        issuance_per_epoch: Amount(1_001),
        ..StakingParams::default()
    };
    let free = Amount(0);
    let params = ChainParams {
        epoch_length: 4,
        flat_fee: free,
        fee_per_byte: free,
        action_fee: free,
        staking,
        ..ChainParams::default()
    };
    let founders = vec![(3, 0), (5, 1_000), (7, 3_333), (9, 10_000)];
    Drive::new(&CasePlan { params, scale, founders, blocks: Vec::new() })
}

fn stake(validator: Address, units: u128) -> StakeMove {
    StakeMove { validator, amount: Amount(u64::try_from(units).unwrap()) }
}

fn one(sender: Address, action: Action) -> Vec<Transaction> {
    vec![Transaction { sender, fee: 0, actions: vec![action] }]
}

/// What is put in order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Bond,
    Unbond,
    Redelegate,
    Slash,
}

/// All orders of some steps.
fn orders(steps: &[Step]) -> Vec<Vec<Step>> {
    let Some((first, rest)) = steps.split_first() else {
        return vec![Vec::new()];
    };
    let mut all = Vec::new();
    for order in orders(rest) {
        for place in 0..=order.len() {
            let mut order = order.clone();
            order.insert(place, *first);
            all.push(order);
        }
    }
    all
}

struct Stage {
    drive: Drive,
    delegator: Address,
    validators: [Address; 2],
}

impl Stage {
    /// Somebody has 30 with the first validator, half of which leaves and half of which goes on.
    fn new(bps: u16) -> Stage {
        let mut drive = chain(Scale::Small, bps);
        let person = |place: usize| drive.cast.people[place].1;
        let (delegator, validators) = (person(10), [person(0), person(1)]);
        let first = Action::Delegate(stake(validators[0], 30));
        assert_eq!(drive.exact(one(delegator, first), &[]), [true]);
        Stage { drive, delegator, validators }
    }

    fn act(&self, step: Step) -> Option<Transaction> {
        let [from, to] = self.validators;
        let action = match step {
            Step::Bond => Action::Delegate(stake(from, 10)),
            Step::Unbond => Action::Unbond(stake(from, 11)),
            Step::Redelegate => Action::Redelegate { from, to, amount: Amount(13) },
            Step::Slash => return None,
        };
        Some(Transaction { sender: self.delegator, fee: 0, actions: vec![action] })
    }

    /// One block of these steps: its evidence comes before its transactions.
    fn block(&mut self, steps: &[Step]) -> Vec<bool> {
        let acts = steps.iter().filter_map(|step| self.act(*step)).collect();
        let offences = [(1, self.validators[0])];
        let offences = if steps.contains(&Step::Slash) { &offences[..] } else { &[] };
        self.drive.exact(acts, offences)
    }

    fn rest(&mut self, blocks: u64) {
        for _ in 0..blocks {
            self.drive.exact(Vec::new(), &[]);
        }
    }

    fn burnt(&self) -> u128 {
        self.drive.model.burnt
    }
}

const STEPS: [Step; 4] = [Step::Bond, Step::Unbond, Step::Redelegate, Step::Slash];

#[test]
fn every_order_in_one_block_and_across_blocks_and_epochs() {
    let orders = orders(&STEPS);
    assert_eq!(orders.len(), 24);
    for bps in [0, 1_000, 5_000, 10_000] {
        for order in &orders {
            let mut stage = Stage::new(bps);
            let together = stage.block(order);
            assert_eq!(together.len(), 3);
            stage.rest(16);
            for pause in 0..3 {
                let mut stage = Stage::new(bps);
                let power = stage.drive.model.sets[0][&stage.validators[0]].0;
                for step in order {
                    let done = stage.block(&[*step]);
                    let after = order.iter().position(|one| *one == Step::Slash).unwrap()
                        < order.iter().position(|one| one == step).unwrap();
                    // Nobody bonds with the tombstoned; with nothing slashed, all else succeeds.
                    let is_refused = *step == Step::Bond && after;
                    let is_told = bps != 0 && after || done.iter().all(|done| *done != is_refused);
                    assert!(is_told, "{order:?}: {step:?}");
                    stage.rest(pause);
                }
                stage.rest(16);
                let most = power * u128::from(bps) / 10_000;
                assert!(stage.burnt() <= most, "{order:?}: {} of {most}", stage.burnt());
                if bps == 1_000 {
                    assert_eq!(stage.burnt(), most, "{order:?}");
                }
            }
        }
    }
}

/// The ends of the range of an amount, and what lies about `all`.
fn ends(all: u128) -> Vec<u128> {
    let max = u128::from(u64::MAX);
    let most = max / 2;
    vec![0, 1, 2, all.saturating_sub(1), all, all + 1, most - 1, most, most + 1, max - 1, max]
}

#[test]
fn every_amount_at_the_ends_of_its_range() {
    for (scale, bps) in [(Scale::Small, 0), (Scale::Whole, 10_000), (Scale::Whole, 9_999)] {
        let mut drive = chain(scale, bps);
        let person = |place: usize| drive.cast.people[place].1;
        let (me, from, to) = (person(10), person(0), person(1));
        let balance = drive.model.balance(me);
        assert_eq!(drive.exact(one(me, Action::Delegate(stake(from, balance / 2))), &[]), [true]);
        for round in 0..4 {
            // Worth: all, half, and after a slash that leaves one base unit next to nothing.
            let (worth, balance) = (drive.model.worth(me, from), drive.model.balance(me));
            let mut acts = Vec::new();
            for units in ends(worth).into_iter().chain(ends(balance)) {
                let amount = Amount(u64::try_from(units).unwrap());
                acts.push(Action::Unbond(stake(from, units)));
                acts.push(Action::Redelegate { from, to, amount });
                acts.push(Action::Delegate(stake(from, units)));
                acts.push(Action::Delegate(stake(to, units)));
                acts.push(Action::Transfer(quorate_types::Transfer { to: from, amount }));
            }
            for act in acts {
                let mut apart = Transaction { sender: me, fee: 0, actions: vec![act] };
                drive.exact(vec![apart.clone()], &[]);
                apart.sender = to;
                drive.exact(vec![apart], &[]);
            }
            if round == 1 {
                let height = drive.model.height;
                let accused = [from, to].into_iter();
                let set = &drive.model.sets[usize::try_from(drive.model.epoch_of(height)).unwrap()];
                let offences: Vec<_> =
                    accused.filter(|one| set.contains_key(one)).map(|one| (height, one)).collect();
                drive.exact(Vec::new(), &offences);
            }
        }
    }
}
