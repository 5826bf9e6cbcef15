//! The state machine is total: whatever comes in, in whatever order, also answers to questions that
//! were never asked and votes answered late, it does not panic and signs nothing twice.

use quorate_consensus::{
    Completed, Consensus, Input, KeySigner, Now, Timeouts, TimerId, TimerKind,
};
use quorate_consensus::{Vote, complete};
use quorate_crypto::{Domain, Xof};
use quorate_types::{
    BlockPayload, Certificate, Digest, Height, Justification, Message, SignRecord, Timestamp, View,
};

use crate::oracle::Oracle;
use crate::world::{BlockSpec, EPOCH_MS, World, key};

const SEEDS: u64 = 60;
const INPUTS: u64 = 250;
const KINDS: [TimerKind; 5] =
    [TimerKind::View, TimerKind::Interval, TimerKind::Idle, TimerKind::Resend, TimerKind::Hold];

/// One node, a few blocks of three heights, and dice.
struct Storm {
    world: World,
    dice: Xof,
    consensus: Consensus,
    record: SignRecord,
    oracle: Oracle,
    now_ms: u64,
    /// Blocks of heights 1 to 3, each on the first of the height below.
    blocks: Vec<Vec<BlockPayload>>,
    votes: Vec<Vote>,
    answers: Vec<Input>,
    /// Messages signed so far.
    signed: usize,
}

impl Storm {
    fn new(seed: u64) -> Storm {
        let world = World::equal(4);
        let mut blocks: Vec<Vec<BlockPayload>> = Vec::new();
        for height in 1..=3_u64 {
            let parent = blocks.last().map(|below: &Vec<BlockPayload>| below[0].header().digest());
            let time = Timestamp(EPOCH_MS + height);
            let parent = parent.unwrap_or_else(|| world.genesis());
            let start = world.start(Height(height), parent, Timestamp(EPOCH_MS + height - 1));
            let block = |proposer| world.block(&start, BlockSpec { proposer, time, salt: 0 }, None);
            blocks.push((0..4).map(block).collect());
        }
        let dice = Domain::new("quorate v1 test storm").xof(&seed.to_be_bytes());
        let consensus = Consensus::new(Some(key(0).public()), Timeouts::default());
        let (record, oracle, now_ms) = (SignRecord::default(), Oracle::default(), 0);
        let (votes, answers) = (Vec::new(), Vec::new());
        Storm { world, dice, consensus, record, oracle, now_ms, blocks, votes, answers, signed: 0 }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.dice.next_u64() % limit
    }

    fn pick(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(u64::try_from(limit).unwrap())).unwrap()
    }

    fn block(&mut self, height: u64) -> BlockPayload {
        let of = &self.blocks[usize::try_from(height - 1).unwrap()];
        let turn = self.dice.next_u64() % 4;
        of[usize::try_from(turn).unwrap()].clone()
    }

    fn digest(&mut self, height: u64) -> Digest {
        self.block(height).header().digest()
    }

    fn certificate(&mut self, height: u64) -> Certificate {
        let digest = self.blocks[usize::try_from(height - 1).unwrap()][0].header().digest();
        let view = self.below(4);
        self.world.committed(&[1, 2, 3], height, view, digest)
    }

    fn message(&mut self) -> Message {
        let (height, view, i) = (1 + self.below(3), self.below(5), 1 + self.pick(3));
        let digest = self.digest(height);
        match self.below(6) {
            0 => self.world.prepare(i, height, view, digest),
            // Commits name one block per height, so that nothing forks.
            1 => {
                let decided =
                    self.blocks[usize::try_from(height - 1).unwrap()][0].header().digest();
                self.world.commit(i, height, view, decided)
            }
            2 => Message::ViewChange(self.world.view_change(i, height, view + 1, None)),
            3 => {
                let proof = self.world.prepared(&[1, 2, 3], height, view, digest);
                Message::ViewChange(self.world.view_change(i, height, view + 1, Some(&proof)))
            }
            4 => self.pre_prepare(height, view),
            _ => Message::Certificate(self.certificate(height)),
        }
    }

    fn pre_prepare(&mut self, height: u64, view: u64) -> Message {
        let block = self.block(height);
        let signed = |i| self.world.view_change(i, height, view, None).signed;
        let view_changes = (1..4).map(signed).filter(|_| view > 0).collect();
        let justification = Justification { view_changes, certificate: None };
        let primary = self.world.primary(height, view).max(1);
        self.world.pre_prepare(primary, view, &block, justification)
    }

    fn input(&mut self) -> Input {
        let height = 1 + self.below(3);
        let view = View(self.below(4));
        match self.below(12) {
            0 => Input::Timer(TimerId { height: Height(height), view, kind: KINDS[self.pick(5)] }),
            1 => Input::Built { height: Height(height), view, payload: self.block(height) },
            2 => Input::Validated { digest: self.digest(height), valid: self.below(8) > 0 },
            3 => Input::Fetched(self.block(height)),
            4 => Input::BlockStored(self.digest(height)),
            5 => Input::WorkWaiting,
            6 => Input::CertificateStored(Height(height)),
            7 if self.below(4) == 0 => self.start(height),
            _ => {
                let message = self.message();
                Input::Message(self.world.verified(message))
            }
        }
    }

    fn start(&mut self, height: u64) -> Input {
        let block = self.blocks[usize::try_from(height - 1).unwrap()][0].header().clone();
        let time = block.time.minus(1);
        Input::Start(Box::new(self.world.start(block.height, block.parent, time)))
    }

    fn feed(&mut self, input: Input) {
        self.now_ms += 7;
        let wall = Timestamp(EPOCH_MS + self.now_ms);
        let step = self.consensus.step(Now { monotonic_ms: self.now_ms, wall }, input);
        self.votes.extend(step.vote);
        assert!(self.votes.len() <= 1 || self.votes[0].statements.is_empty(), "one at a time");
    }

    /// Votes are completed, and answered, some time later.
    fn complete_some(&mut self) {
        if !self.votes.is_empty() && self.below(3) == 0 {
            let vote = self.votes.remove(0);
            let Completed { record, messages, answers } =
                complete(vote, &mut KeySigner::new(key(0)));
            self.record = record;
            self.signed += messages.len();
            messages.iter().for_each(|message| self.oracle.on_sent(message.signed().unwrap()));
            self.answers.extend(answers);
        }
        if !self.answers.is_empty() && self.below(3) == 0 {
            let answer = self.answers.remove(0);
            self.feed(answer);
        }
        if self.below(40) == 0 {
            let me = Some(key(0).public());
            self.consensus =
                Consensus::recover(me, Timeouts::default(), self.record.clone().into());
            self.votes.clear();
            self.answers.clear();
            let height = self.record.height.0.max(1);
            let start = self.start(height);
            self.feed(start);
        }
    }
}

#[test]
fn anything_in_any_order() {
    let mut signed = 0;
    for seed in 0..SEEDS {
        let mut storm = Storm::new(seed);
        let first = storm.start(1);
        storm.feed(first);
        for _ in 0..INPUTS {
            let input = storm.input();
            storm.feed(input);
            storm.complete_some();
        }
        signed += storm.signed;
    }
    assert!(signed > 100, "{signed} messages signed: the storm must reach the rules");
}
