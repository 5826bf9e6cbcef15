//! The state of the fake: epoch 0 ends with the newest height, so that its participation is still
//! counted while epoch 1 is at work.

use std::collections::BTreeMap;

use quorate_types::{
    Address, AddressList, Amount, Canonical, ChainParams, Delegation, Epoch, EpochClock,
    EpochEntry, Height, KeyRotation, Lock, Moniker, Participation, ReadError, RecordKey, Standing,
    StateKey, StateKind, StateReader, Unbonding, UnbondingPool, ValidatorEntry, ValidatorSet,
};

use super::chain::{TOP, alice_address, bob};

/// Values by key.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<StateKey, Vec<u8>>);

impl StateReader for Values {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.0.get(key).cloned())
    }
}

impl Values {
    pub fn put(&mut self, key: StateKey, value: &impl Canonical) {
        self.0.insert(key, value.to_bytes());
    }
}

/// Epochs of three heights.
pub fn epoch(number: u64, set: &ValidatorSet) -> EpochEntry {
    let params = ChainParams { epoch_length: TOP.0, ..ChainParams::default() };
    let first = Height(number * TOP.0 + 1);
    EpochEntry { number: Epoch(number), first, params, validators: set.clone() }
}

/// Alice's validator, which was slashed by a tenth; Bob's, which has nothing but a past.
fn validators() -> [(Address, ValidatorEntry); 2] {
    let alices = ValidatorEntry {
        key: [9; 32],
        rotation: Some(KeyRotation { from: Epoch(3), key: [8; 32] }),
        moniker: Moniker::new(String::from("Alice & co")).unwrap(),
        commission_bps: 1_000,
        next_commission_bps: 500,
        standing: Standing::Jailed { until: Epoch(4) },
        bonded: Amount(900),
        shares: 1_000,
        self_shares: 405,
        index: 3 << 63,
        rewards: Amount(1_600),
        commission: Amount(70),
        first_redelegation: 0,
        next_redelegation: 0,
    };
    let bobs = ValidatorEntry {
        rotation: None,
        moniker: Moniker::default(),
        standing: Standing::Tombstoned,
        ..alices.clone()
    };
    [(alice_address(), alices), (bob(), bobs)]
}

/// Bob's stake with Alice: bonded, partly locked, partly on its way out.
fn bobs_stake() -> Delegation {
    Delegation {
        shares: 405,
        index: 1 << 63,
        locks: vec![
            Lock { last: Epoch(0), amount: Amount(100) },
            Lock { last: Epoch(1), amount: Amount(20) },
        ],
        unbonding: vec![
            Unbonding { last: Epoch(0), shares: 50 },
            Unbonding { last: Epoch(1), shares: 10 },
        ],
    }
}

fn list(addresses: &[Address]) -> AddressList {
    let mut list = AddressList::default();
    addresses.iter().for_each(|address| list.insert(*address));
    list
}

pub fn of(set: &ValidatorSet) -> Values {
    let (alice, mut values) = (alice_address(), Values::default());
    let key = RecordKey::new(b"key".to_vec()).unwrap();
    values.0.insert(StateKey::record(&alice, &key), b"v".to_vec());
    let clock = EpochClock { current: Epoch(1), oldest: Epoch(0) };
    values.put(StateKey::single(StateKind::EpochClock), &clock);
    for number in 0..2 {
        values.put(StateKey::epoch(Epoch(number)), &epoch(number, set));
    }
    let counts = Participation { heights: 2, windows: 2, seen: vec![true], present: vec![1] };
    values.put(StateKey::single(StateKind::Participation), &counts);
    values.put(StateKey::single(StateKind::Candidates), &list(&[alice, bob()]));
    for (operator, entry) in validators() {
        values.put(StateKey::validator(&operator), &entry);
    }
    values.put(StateKey::delegator(&bob()), &list(&[alice]));
    values.put(StateKey::delegation(&bob(), &alice), &bobs_stake());
    for (last, amount, shares) in [(0, 99, 100), (1, 10, 10)] {
        let pool = UnbondingPool { amount: Amount(amount), shares };
        values.put(StateKey::unbonding_pool(&alice, Epoch(last)), &pool);
    }
    values
}
