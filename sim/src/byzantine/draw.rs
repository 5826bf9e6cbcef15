//! Who is Byzantine in a run, and what each does: drawn from the seed, never a third of the power.

use std::collections::{BTreeMap, BTreeSet};

use quorate_crypto::{ValidatorPublicKey, ValidatorSecretKey};
use quorate_types::{Address, ValidatorIndex};

use super::hand::Identity;
use super::names::join;
use super::{Adversary, Byzantine, Member, Misbehaviour, behaviour};
use crate::event::NodeId;
use crate::options::Options;
use crate::oracles::Oracles;
use crate::random::Random;
use crate::setup::Setup;
use crate::world::World;

/// What sets this die apart from the run's own.
const SALT: u64 = 0xb12a_0717_5eed_0001;
/// Misbehaviours of one validator at most, where they are drawn.
const MOST_DRAWN: u64 = 3;

impl Adversary {
    /// Draws who is Byzantine; nobody is, and nothing is drawn, unless the options ask for it.
    pub(crate) fn draw(options: &Options, setup: &Setup, oracles: &Oracles, seed: u64) -> Self {
        let random = Random::of_seed(seed ^ SALT);
        let mut adversary = Adversary { members: BTreeMap::new(), random, deeds: BTreeMap::new() };
        if options.byzantine == Byzantine::None {
            return adversary;
        }
        let identities = identities(setup);
        for (node, identity) in adversary.draw_nodes(options, identities, oracles) {
            let kinds = adversary.draw_kinds(options);
            let random = &mut adversary.random;
            let behaviours =
                kinds.into_iter().map(|kind| (kind, behaviour(kind, random))).collect();
            adversary.members.insert(node, Member { identity, behaviours });
        }
        adversary
    }

    /// Validators in random order, each that leaves 3*b < W (M-2); fewer where that is drawn too.
    fn draw_nodes(
        &mut self,
        options: &Options,
        mut identities: Vec<Identity>,
        oracles: &Oracles,
    ) -> BTreeMap<NodeId, Identity> {
        self.random.shuffle(&mut identities);
        let most = match options.byzantine {
            Byzantine::None => 0,
            Byzantine::Drawn => self.random.position(identities.len()).saturating_add(1),
            Byzantine::Named(_) => identities.len(),
        };
        let mut keys: Vec<ValidatorPublicKey> = Vec::new();
        let mut drawn = BTreeMap::new();
        for identity in identities {
            let key = identity.key.public();
            let with: Vec<_> = keys.iter().copied().chain([key]).collect();
            if drawn.len() < most && oracles.may_be_byzantine(&with) {
                keys = with;
                drawn.insert(identity.node, identity);
            }
        }
        drawn
    }

    fn draw_kinds(&mut self, options: &Options) -> Vec<Misbehaviour> {
        match &options.byzantine {
            Byzantine::None => Vec::new(),
            Byzantine::Drawn => {
                let mut kinds = Misbehaviour::ALL.to_vec();
                self.random.shuffle(&mut kinds);
                let count = self.random.between(1, MOST_DRAWN);
                kinds.truncate(usize::try_from(count).unwrap_or(1));
                kinds
            }
            Byzantine::Named(kinds) => {
                let kinds: Vec<Misbehaviour> = kinds.iter().copied().collect();
                let one = self.random.pick(&kinds).filter(|_| self.random.chance(300));
                one.map_or(kinds, |one| vec![one])
            }
        }
    }

    /// Who they are, in words; none where everybody is honest.
    pub(crate) fn account(&self) -> Option<String> {
        let of_member = |(node, member): (&NodeId, &Member)| {
            format!("{node} {}", join(member.behaviours.iter().map(|(kind, _)| kind)))
        };
        let members: Vec<String> = self.members.iter().map(of_member).collect();
        (!members.is_empty()).then(|| members.join("; "))
    }
}

impl World {
    /// From now on a node is Byzantine, and does all this. A full node is a sybil: it has a key, and
    /// signs what it likes, but in the name of no validator. Below a third of the power (M-2) is the
    /// caller's to keep.
    pub fn corrupt(&mut self, node: NodeId, kinds: &BTreeSet<Misbehaviour>) {
        let known = identities(&self.setup).into_iter().find(|identity| identity.node == node);
        let Adversary { members, random, .. } = &mut self.adversary;
        let identity = known.unwrap_or_else(|| stranger(&self.setup, node, random));
        let behaviours = kinds.iter().map(|kind| (*kind, behaviour(*kind, random))).collect();
        members.insert(node, Member { identity, behaviours });
        self.oracles.distrust(std::iter::once(node));
        self.next_tick(node);
    }
}

/// Who a full node is: the index behind the validators', under a key of no validator.
fn stranger(setup: &Setup, node: NodeId, random: &mut Random) -> Identity {
    let key = ValidatorSecretKey::from_seed(random.bytes());
    let nodes = identities(setup).into_iter().map(|identity| (identity.index, identity.node));
    let address = Address([0; 20]);
    let (index, context) = (ValidatorIndex(node.0), setup.context.clone());
    Identity { node, index, address, key, context, nodes: nodes.collect() }
}

/// Who each validator is. Its index is its place by operator address (M-1).
fn identities(setup: &Setup) -> Vec<Identity> {
    let set = &setup.initial.validators;
    let index_of = |key: &ValidatorSecretKey| set.index_of_key(&key.public());
    let keys = || setup.validator_seeds.iter().map(|seed| ValidatorSecretKey::from_seed(*seed));
    let numbered = || (0..).map(NodeId).zip(keys());
    let nodes: BTreeMap<ValidatorIndex, NodeId> =
        numbered().filter_map(|(node, key)| Some((index_of(&key)?, node))).collect();
    let identity = |(node, key): (NodeId, ValidatorSecretKey)| {
        let (index, context) = (index_of(&key)?, setup.context.clone());
        let address = set.get(index)?.address;
        Some(Identity { node, index, address, key, context, nodes: nodes.clone() })
    };
    numbered().filter_map(identity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::setup::Terms;

    /// Each validator's power, by node.
    fn powers(setup: &Setup) -> Vec<u64> {
        let validators = &setup.genesis.document().validators;
        let keys = setup.validator_seeds.iter().map(|seed| ValidatorSecretKey::from_seed(*seed));
        let power = |key: ValidatorSecretKey| {
            validators.iter().find(|of| of.consensus_key == key.public()).unwrap().bonded.0
        };
        keys.map(power).collect()
    }

    /// The power of the Byzantine, and each honest validator's.
    fn draw(byzantine: &str, seed: u64) -> (u64, Vec<u64>) {
        let options = Options { byzantine: byzantine.parse().unwrap(), ..Options::default() };
        let mut random = Random::of_seed(seed);
        let plan = Plan::draw(
            &options,
            &mut random,
            &mut Random::of_seed(seed),
            &mut Random::of_seed(seed),
        );
        let setup = Setup::draw(&plan, &Terms::default(), &mut random);
        let adversary = Adversary::draw(&options, &setup, &Oracles::new(&setup), seed);
        let numbered = || (0..).map(NodeId).zip(powers(&setup));
        let (byzantine, honest): (Vec<_>, Vec<_>) =
            numbered().partition(|(node, _)| adversary.is_member(*node));
        let byzantine = byzantine.iter().map(|(_, power)| power).sum();
        (byzantine, honest.iter().map(|(_, power)| *power).collect())
    }

    #[test]
    fn the_byzantine_have_less_than_a_third_and_where_named_as_much_as_can_be() {
        let mut with_some = 0;
        for seed in 0..200 {
            for byzantine in ["silent", "drawn"] {
                let (theirs, honest) = draw(byzantine, seed);
                let all = theirs + honest.iter().sum::<u64>();
                assert!(3 * theirs < all, "seed {seed}: {theirs} of {all}");
                with_some += u64::from(theirs > 0);
                let another = honest.iter().min().unwrap() + theirs;
                assert!(byzantine == "drawn" || 3 * another >= all, "seed {seed}: room for one");
            }
        }
        assert!(with_some > 300, "{with_some} of 400");
        assert_eq!(draw("none", 7).0, 0);
    }
}
