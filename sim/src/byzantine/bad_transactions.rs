//! Transactions that are none: without a signature, of another chain, of a sender without money,
//! the same one twice. They reach no block.

use quorate_crypto::{AccountSecretKey, Signature};
use quorate_types::{
    Action, Address, Amount, ChainTag, Height, Nonce, Transaction, TransactionBody, Transfer,
};

use super::Behaviour;
use super::hand::{Content, Hand};

/// Passes on bad transactions.
#[derive(Debug)]
pub(super) struct BadTransactions;

impl Behaviour for BadTransactions {
    fn on_tick(&mut self, hand: &mut Hand<'_>) {
        let key = AccountSecretKey::from_seed(hand.random.bytes());
        let context = &hand.identity.context;
        let kind = hand.random.below(3);
        let body = TransactionBody {
            chain_tag: if kind == 0 { ChainTag([0; 8]) } else { context.tag() },
            signers: vec![key.public()],
            nonce: Nonce(hand.random.below(2)),
            expiry: Height::GENESIS,
            fee: Amount(20_000),
            memo: Vec::new(),
            actions: vec![Action::Transfer(Transfer { to: Address([1; 20]), amount: Amount(1) })],
        };
        let transaction = if kind == 1 {
            Transaction::new(body, vec![Signature::from_bytes([1; 64])])
        } else {
            body.sign(context, &key)
        };
        let to = hand.some_peers();
        hand.forge(&to, Content::Transactions(vec![transaction.clone(), transaction]));
    }
}
