//! Random blocks against a model of a few lines, written from alone.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use quorate_ledger::{LedgerError, Place, check_block, select};
use quorate_types::{Height, Outcome, Transaction};
use support::{Pay, State, context, free_params};

const ACCOUNTS: u8 = 6;

/// (nonce, balance) by name, the fee pool, and which transfers succeeded.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    accounts: Vec<Option<(u64, u64)>>,
    pool: u64,
}

impl Model {
    fn take(&mut self, block: &[Pay]) -> Option<Vec<bool>> {
        let before = self.clone();
        for pay in block {
            let (nonce, balance) = self.accounts[usize::from(pay.from)].unwrap_or_default();
            if nonce != pay.nonce || balance < pay.fee {
                *self = before;
                return None;
            }
            self.accounts[usize::from(pay.from)] = Some((nonce + 1, balance - pay.fee));
            self.pool += pay.fee;
        }
        Some(block.iter().map(|pay| self.pay(pay)).collect())
    }

    fn pay(&mut self, pay: &Pay) -> bool {
        let (nonce, balance) = self.accounts[usize::from(pay.from)].unwrap();
        if balance < pay.amount {
            return false;
        }
        self.accounts[usize::from(pay.from)] = Some((nonce, balance - pay.amount));
        let (nonce, balance) = self.accounts[usize::from(pay.to)].unwrap_or_default();
        self.accounts[usize::from(pay.to)] = Some((nonce, balance + pay.amount));
        true
    }

    fn of(state: &State) -> Model {
        let accounts = (0..ACCOUNTS).map(|name| state.account(name)).collect();
        Model { accounts, pool: state.view().fee_pool().unwrap().0 }
    }

    fn total(&self) -> u64 {
        self.accounts.iter().flatten().map(|(_, balance)| balance).sum::<u64>() + self.pool
    }
}

fn check(block: &[Transaction], state: &State, height: Height) -> Result<(), LedgerError> {
    let (params, context) = (free_params(), context());
    check_block(block, &state.view(), Place { height, params: &params, context: &context })
}

fn pay() -> impl Strategy<Value = (u8, u8, u64, u64, bool)> {
    (0..ACCOUNTS, 0..ACCOUNTS, 0_u64..300, 0_u64..40, proptest::bool::weighted(0.03))
}

/// Gives each transfer the nonce that it needs, or now and then another.
fn with_nonces(model: &Model, drafts: &[(u8, u8, u64, u64, bool)]) -> Vec<Pay> {
    let nonce_of = |account: &Option<(u64, u64)>| account.unwrap_or_default().0;
    let mut nonces: Vec<u64> = model.accounts.iter().map(nonce_of).collect();
    let mut block = Vec::new();
    for (from, to, amount, fee, wrong) in drafts {
        let next = &mut nonces[usize::from(*from)];
        let nonce = if *wrong { *next + 1 } else { *next };
        *next += 1;
        block.push(Pay { from: *from, nonce, to: *to, amount: *amount, fee: *fee });
    }
    block
}

proptest! {
    #[test]
    fn blocks_do_what_the_model_does_and_conserve_the_supply(
        balances in vec(0_u64..1_000, 3),
        blocks in vec(vec(pay(), 0..12), 1..10),
    ) {
        let accounts: Vec<_> = (0_u8..).zip(&balances).map(|(name, b)| (name, 0, *b)).collect();
        let mut state = State::new(free_params(), &accounts);
        let mut model = Model::of(&state);
        let total = model.total();
        for (height, drafts) in (1..).map(Height).zip(&blocks) {
            let block = with_nonces(&model, drafts);
            let signed: Vec<Transaction> = block.iter().map(Pay::signed).collect();
            let checked = check(&signed, &state, height);
            let executed = state.execute(&signed);
            let Some(successes) = model.take(&block) else {
                prop_assert_eq!(checked.unwrap_err(), executed.unwrap_err());
                continue;
            };
            prop_assert_eq!(checked, Ok(()));
            let executed = executed.unwrap();
            let outcomes: Vec<bool> =
                executed.receipts.iter().map(|r| r.outcome == Outcome::Success).collect();
            prop_assert_eq!(outcomes, successes);
            state.apply(&executed.changes);
            prop_assert_eq!(&Model::of(&state), &model);
            prop_assert_eq!(model.total(), total);
        }
    }

    #[test]
    fn what_is_selected_is_a_valid_block_and_a_valid_block_is_selected_whole(
        balances in vec(0_u64..300, 4),
        drafts in vec(pay(), 0..30),
    ) {
        let accounts: Vec<_> = (0_u8..).zip(&balances).map(|(name, b)| (name, 0, *b)).collect();
        let state = State::new(free_params(), &accounts);
        let block = with_nonces(&Model::of(&state), &drafts);
        let candidates: Vec<Transaction> = block.iter().map(Pay::signed).collect();
        let (params, context) = (free_params(), context());
        let place = Place { height: Height(1), params: &params, context: &context };
        let choose = |from: &[Transaction]| {
            select(from.iter().cloned(), &state.view(), place).unwrap()
        };
        let chosen = choose(&candidates);
        prop_assert_eq!(check(&chosen, &state, Height(1)), Ok(()));
        prop_assert_eq!(&choose(&chosen), &chosen);
        if check(&candidates, &state, Height(1)).is_ok() {
            prop_assert_eq!(chosen, candidates);
        }
    }
}
