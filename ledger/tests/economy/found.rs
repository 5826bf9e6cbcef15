//! How a chain begins, for both sides; a block in which everybody leaves at once; names for counting.

use quorate_ledger::Founder;
use quorate_types::{Action, Address, Amount, Moniker, StakeMove};

use crate::model::{Account, MOST, Model, Stake, Transaction, Validator};
use crate::plan::{CasePlan, Scale};
use crate::resolve::{Cast, NO_KEY, PEOPLE};

/// Validators that everybody bonds with in a rush: with everybody, more payments than a block has.
const RUSH: usize = 5;
/// What a founder's weight and a person's wealth are at most, in units, and how many founders.
const LARGEST: (u64, u64, u64) = (40, 5, 6);

/// Founders with their bonds, and accounts with nonce and balance by name: together no more than the
/// supply may be.
pub fn shares(cast: &mut Cast, plan: &CasePlan) -> (Vec<Founder>, Vec<(u8, u64, u64)>) {
    let least = plan.params.staking.min_self_bond.0;
    let (weight, wealth, count) = LARGEST;
    let unit = match plan.scale {
        Scale::Small => 29,
        Scale::Middle => 1_000_000_007,
        Scale::Whole => {
            u64::try_from(MOST).unwrap() / (count * weight + u64::from(PEOPLE) * wealth) - least
        }
    };
    let people: Vec<Address> = cast.people.iter().map(|(_, address)| *address).collect();
    let founder = |(operator, (weight, commission_bps)): (&Address, &(u8, u16))| Founder {
        operator: *operator,
        key: cast.fresh_key().public(),
        moniker: Moniker::default(),
        commission_bps: *commission_bps,
        bond: Amount(least + unit * u64::from(*weight)),
    };
    let founders = people.iter().zip(&plan.founders).map(founder).collect();
    let account = |name: u8| (name, 0, unit * (u64::from(name) % wealth + 1));
    (founders, (1..=PEOPLE).map(account).collect())
}

/// The model of the same.
pub fn model(
    plan: &CasePlan,
    cast: &Cast,
    founders: &[Founder],
    accounts: &[(u8, u64, u64)],
) -> Model {
    let mut model = Model { params: plan.params, ..Model::default() };
    for ((_, address), (_, nonce, balance)) in cast.people.iter().zip(accounts) {
        let account = Account { nonce: *nonce, balance: u128::from(*balance) };
        model.accounts.insert(*address, account);
    }
    for founder in founders {
        let (operator, units) = (founder.operator, u128::from(founder.bond.0));
        let key = *founder.key.as_bytes();
        let fresh = Validator::new(key, founder.moniker.clone(), founder.commission_bps);
        model.validators.insert(operator, Validator { bonded: units, ..fresh });
        model.stakes.insert((operator, operator), Stake { shares: units, accrued: 0 });
        model.keys.insert(key);
        model.candidates.insert(operator);
    }
    model.no_keys.insert(NO_KEY);
    model.genesis = model.held();
    model.choose(0);
    model
}

/// Everybody bonds with some validators and leaves them.
pub fn rush(cast: &Cast, model: &Model) -> Vec<Transaction> {
    let staking = &model.params.staking;
    let (bond, leave) = (Amount(staking.min_delegation.0 + 1), staking.min_delegation);
    let mut transactions = Vec::new();
    for validator in model.validators.keys().copied().take(RUSH) {
        for (_, sender) in &cast.people {
            let actions = vec![
                Action::Delegate(StakeMove { validator, amount: bond }),
                Action::Unbond(StakeMove { validator, amount: leave }),
            ];
            transactions.push(Transaction { sender: *sender, fee: 0, actions });
        }
    }
    transactions
}

/// What is counted when an action succeeds, and when it fails.
pub fn names(action: &Action) -> (&'static str, &'static str) {
    match action {
        Action::Transfer(_) => ("transfer", "transfer fails"),
        Action::PutRecord { .. } => ("put", "put fails"),
        Action::UpdateRecord { .. } => ("update", "update fails"),
        Action::DeleteRecord { .. } => ("delete", "delete fails"),
        Action::RegisterValidator(_) => ("register", "register fails"),
        Action::EditValidator { .. } => ("edit", "edit fails"),
        Action::RotateKey { .. } => ("rotate", "rotate fails"),
        Action::Delegate(_) => ("delegate", "delegate fails"),
        Action::Unbond(_) => ("unbond", "unbond fails"),
        Action::Redelegate { .. } => ("redelegate", "redelegate fails"),
        Action::WithdrawRewards { .. } => ("withdraw", "withdraw fails"),
        Action::Unjail => ("unjail", "unjail fails"),
        Action::SetParams(_) => ("vote", "vote fails"),
    }
}
