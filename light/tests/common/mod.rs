//! A chain made by hand: real keys, epochs whose validators change, blocks with transactions and
//! receipts, a state in the ledger's tree.
#![allow(dead_code, reason = "each suite uses its own part")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use quorate_crypto::state_tree::hash_value;
use quorate_crypto::{AccountSecretKey, Hash, ValidatorSecretKey, merkle};
use quorate_ledger::StateTree;
use quorate_light::{Anchor, Claim, EpochStep, ProofBundle, Start, StateClaim, Trust};
use quorate_types::{
    Account, Action, Address, Amount, Canonical, Certificate, CertificateKind, ChainContext,
    Digest, Epoch, Header, Height, Nonce, Outcome, Power, Receipt, SignerSet, StateKey, Statement,
    StatementBody, Timestamp, Transaction, TransactionBody, Transfer, Validator, ValidatorIndex,
    ValidatorSet, View, receipts_root, transactions_root,
};

/// The time of the block at height 0, and between blocks.
pub const START_MS: u64 = 1_750_000_000_000;
pub const BLOCK_MS: u64 = 1_000;
/// The unbonding period of the tests.
pub const PERIOD_MS: u64 = 100_000;
/// Transactions in a block: an odd number, so that one moves up unhashed.
pub const TRANSACTIONS: u32 = 3;

pub fn context(name: &str) -> ChainContext {
    let genesis_hash = Hash::from_bytes([u8::try_from(name.len()).unwrap(); 32]);
    ChainContext { chain_id: name.parse().unwrap(), genesis_hash, protocol_version: 1 }
}

pub fn account_key(seed: u8) -> AccountSecretKey {
    AccountSecretKey::from_seed([seed; 32])
}

pub fn address(seed: u8) -> Address {
    Address::of(&account_key(seed).public())
}

fn validator_key(seed: u8) -> ValidatorSecretKey {
    ValidatorSecretKey::from_seed([seed; 32])
}

/// A validator set with the seeds of its keys by index.
#[derive(Clone)]
pub struct Validators {
    pub set: ValidatorSet,
    seeds: Vec<u8>,
}

impl Validators {
    /// Validators of these seeds and powers.
    pub fn of(members: &[(u8, u64)]) -> Validators {
        let list = members.iter().map(|(seed, power)| Validator {
            address: address(*seed),
            key: validator_key(*seed).public(),
            power: Power(*power),
        });
        let set = ValidatorSet::new(list.collect()).unwrap();
        let of = |validator: &Validator| {
            let mut seeds = members.iter().map(|(seed, _)| *seed);
            seeds.find(|seed| address(*seed) == validator.address).unwrap()
        };
        let seeds = set.validators().iter().map(of).collect();
        Validators { set, seeds }
    }

    pub fn everybody(&self) -> Vec<u16> {
        (0..u16::try_from(self.set.len()).unwrap()).collect()
    }

    /// What these signers, ascending, sign: Prepares or Commits of one block.
    pub fn certify(
        &self,
        context: &ChainContext,
        kind: CertificateKind,
        (height, view, digest): (Height, View, Digest),
        signers: &[u16],
    ) -> Certificate {
        let mut set = SignerSet::none_of(self.set.len());
        let body = match kind {
            CertificateKind::Prepared => StatementBody::Prepare { digest },
            CertificateKind::Commit => StatementBody::Commit { digest },
        };
        let statement = Statement { height, view, body };
        let sign = |index: &u16| {
            assert!(set.insert(ValidatorIndex(*index)));
            let key = validator_key(self.seeds[usize::from(*index)]);
            statement.sign_unguarded(context, ValidatorIndex(*index), &key).signature
        };
        let signatures = signers.iter().map(sign).collect();
        Certificate { kind, height, view, digest, signers: set, signatures }
    }
}

/// The flat state: values by key, both in bytes.
type Values = BTreeMap<Vec<u8>, Vec<u8>>;

/// One height: its block, and what executing it gave.
pub struct Block {
    pub header: Header,
    pub transactions: Vec<Transaction>,
    pub receipts: Vec<Receipt>,
}

pub struct Chain {
    pub context: ChainContext,
    pub epoch_length: u64,
    /// The validators of each epoch.
    pub sets: Vec<Validators>,
    /// Heights 1 to the last but one of the last epoch.
    pub blocks: Vec<Block>,
    /// The state after each height, genesis first.
    states: Vec<(Values, StateTree)>,
}

impl Chain {
    /// Three epochs of three heights; one validator leaves, one comes, and power moves.
    pub fn three_epochs() -> Chain {
        let sets = [
            vec![(1, 10), (2, 10), (3, 10), (4, 10)],
            vec![(1, 10), (2, 40), (3, 10), (5, 7)],
            vec![(5, 7), (6, 8), (7, 9)],
        ];
        let sets = sets.iter().map(|members| Validators::of(members)).collect();
        Chain::new(context("local-light"), 3, sets)
    }

    pub fn new(context: ChainContext, epoch_length: u64, sets: Vec<Validators>) -> Chain {
        let mut chain =
            Chain { context, epoch_length, sets, blocks: Vec::new(), states: vec![state(0)] };
        let last = epoch_length * u64::try_from(chain.sets.len()).unwrap() - 1;
        for height in 1..=last {
            let block = chain.next_block(height);
            chain.blocks.push(block);
            chain.states.push(state(height));
        }
        chain
    }

    fn next_block(&self, height: u64) -> Block {
        let below = self.blocks.last();
        let transactions: Vec<Transaction> =
            (0..TRANSACTIONS).map(|number| self.transaction(height, number)).collect();
        let of = |transaction: &Transaction| Receipt {
            transaction: transaction.id(),
            outcome: Outcome::Success,
            fee: transaction.body().fee,
            events: Vec::new(),
        };
        let receipts: Vec<Receipt> = transactions.iter().map(of).collect();
        let bytes: usize = transactions.iter().map(|t| t.bytes().len()).sum();
        let validators = &self.validators(height).set;
        let genesis = Digest(self.context.genesis_hash);
        let header = Header {
            version: 1,
            height: Height(height),
            parent: below.map_or(genesis, |block| block.header.digest()),
            time: time(height),
            proposer: validators.validators()[0].address,
            transactions_root: transactions_root(&transactions),
            transaction_count: TRANSACTIONS,
            body_bytes: u32::try_from(bytes).unwrap(),
            parent_state_root: self.states.last().unwrap().1.root(),
            parent_receipts_root: receipts_root(below.map_or(&[], |block| &block.receipts)),
            validators_hash: validators.id(),
            next_validators_hash: self.validators(height + 1).set.id(),
            last_commit_hash: Hash::ZERO,
            evidence_root: Header::empty_evidence_root(),
        };
        Block { header, transactions, receipts }
    }

    fn transaction(&self, height: u64, number: u32) -> Transaction {
        let key = account_key(1);
        let amount = Amount(height);
        let body = TransactionBody {
            chain_tag: self.context.tag(),
            signers: vec![key.public()],
            nonce: Nonce(height * 10 + u64::from(number)),
            expiry: Height(0),
            fee: Amount(2_690),
            memo: Vec::new(),
            actions: vec![Action::Transfer(Transfer { to: address(2), amount })],
        };
        body.sign(&self.context, &key)
    }

    /// The validators of a height.
    pub fn validators(&self, height: u64) -> &Validators {
        let epoch = Epoch::of(Height(height), self.epoch_length);
        &self.sets[usize::try_from(epoch.0).unwrap()]
    }

    pub fn block(&self, height: u64) -> &Block {
        &self.blocks[usize::try_from(height - 1).unwrap()]
    }

    pub fn header(&self, height: u64) -> Header {
        self.block(height).header.clone()
    }

    /// The commits of everybody for a header, which need not be the chain's.
    pub fn commits(&self, header: &Header) -> Certificate {
        let validators = self.validators(header.height.0);
        self.commits_of(header, &validators.everybody())
    }

    pub fn commits_of(&self, header: &Header, signers: &[u16]) -> Certificate {
        let at = (header.height, View(header.height.0 % 2), header.digest());
        let validators = self.validators(header.height.0);
        validators.certify(&self.context, CertificateKind::Commit, at, signers)
    }

    /// What leads from an epoch to the next.
    pub fn step(&self, epoch: u64) -> EpochStep {
        let header = self.header((epoch + 1) * self.epoch_length);
        let certificate = self.commits(&header);
        let next = self.sets[usize::try_from(epoch + 1).unwrap()].set.clone();
        EpochStep { header, certificate, next }
    }

    pub fn start(&self, height: u64) -> Start {
        let validators = self.validators(height).set.clone();
        Start { header: self.header(height), validators }
    }

    /// Trust in the genesis, at height 0, or in the header of a height.
    pub fn trust(&self, height: u64) -> Trust {
        let anchor = if height == 0 {
            Anchor::Genesis { validators: self.sets[0].set.clone() }
        } else {
            Anchor::Checkpoint {
                height: Height(height),
                digest: self.header(height).digest(),
                unbonding_ms: PERIOD_MS,
            }
        };
        Trust { context: self.context.clone(), epoch_length: self.epoch_length, anchor }
    }

    /// The honest bundle from `trusted`, 0 for genesis, to a claim under the header of `height`.
    pub fn bundle(&self, trusted: u64, height: u64, claim: Claim) -> ProofBundle {
        let epoch = |height| Epoch::of(Height(height), self.epoch_length).0;
        let header = self.header(height);
        ProofBundle {
            genesis_hash: self.context.genesis_hash,
            start: (trusted > 0).then(|| self.start(trusted)),
            steps: (epoch(trusted)..epoch(height)).map(|epoch| self.step(epoch)).collect(),
            certificate: self.commits(&header),
            header,
            claim,
        }
    }

    /// What the state holds after a height.
    pub fn value(&self, height: u64, key: &[u8]) -> Option<Vec<u8>> {
        self.states[usize::try_from(height).unwrap()].0.get(key).cloned()
    }

    /// The honest claim about a key after a height.
    pub fn state(&self, height: u64, key: &StateKey) -> Claim {
        let tree = &self.states[usize::try_from(height).unwrap()].1;
        let proof = tree.prove(Height(height), &key.hash()).unwrap();
        Claim::State(StateClaim::of(key, self.value(height, &key.to_bytes()), proof))
    }

    pub fn transaction_claim(&self, height: u64, index: u32) -> Claim {
        let transactions = &self.block(height).transactions;
        let ids: Vec<Hash> = transactions.iter().map(|transaction| transaction.id().0).collect();
        let transaction = transactions[usize::try_from(index).unwrap()].clone();
        Claim::Transaction { transaction, proof: merkle::prove(&ids, index).unwrap() }
    }

    pub fn receipt_claim(&self, height: u64, index: u32) -> Claim {
        let receipts = &self.block(height).receipts;
        let hashes: Vec<Hash> = receipts.iter().map(Receipt::hash).collect();
        let receipt = receipts[usize::try_from(index).unwrap()].clone();
        Claim::Receipt { receipt, proof: merkle::prove(&hashes, index).unwrap() }
    }

    /// Every kind of claim that the header of a height proves.
    pub fn claims(&self, height: u64) -> Vec<Claim> {
        let mut claims = vec![
            self.state(height - 1, &present()),
            self.state(height - 1, &absent_beside_a_leaf(self, height - 1)),
            self.state(height - 1, &absent_in_an_empty_subtree(self, height - 1)),
            self.transaction_claim(height, 2),
        ];
        if height > 1 {
            claims.push(self.receipt_claim(height - 1, 1));
        }
        claims
    }
}

pub fn time(height: u64) -> Timestamp {
    Timestamp(START_MS).plus(height * BLOCK_MS)
}

/// A moment at which every checkpoint of the short chains is good.
pub fn now() -> Timestamp {
    time(20)
}

/// Accounts 1 to 8, whose balances are the height's.
fn state(height: u64) -> (Values, StateTree) {
    let values: Values = (1..=8_u8)
        .map(|seed| {
            let account = Account { nonce: Nonce(height), balance: Amount(u64::from(seed)) };
            (StateKey::account(&address(seed)).to_bytes(), account.to_bytes())
        })
        .collect();
    let pairs = values
        .iter()
        .map(|(key, value)| (StateKey::hash_of_bytes(key).unwrap(), hash_value(value)));
    let tree = StateTree::from_pairs(Height(height), pairs.collect::<Vec<_>>());
    (values, tree)
}

pub fn present() -> StateKey {
    StateKey::account(&address(1))
}

fn absent(chain: &Chain, height: u64, beside_a_leaf: bool) -> StateKey {
    use quorate_crypto::state_tree::Terminal;
    let keys = (9..=u8::MAX).map(|seed| StateKey::account(&address(seed)));
    let fits = |key: &StateKey| {
        let Claim::State(claim) = chain.state(height, key) else {
            panic!("a claim about the state");
        };
        (claim.proof.terminal != Terminal::Empty) == beside_a_leaf
    };
    keys.into_iter().find(fits).expect("among 247 keys in a tree of eight")
}

pub fn absent_beside_a_leaf(chain: &Chain, height: u64) -> StateKey {
    absent(chain, height, true)
}

pub fn absent_in_an_empty_subtree(chain: &Chain, height: u64) -> StateKey {
    absent(chain, height, false)
}
