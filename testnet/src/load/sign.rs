//! The transfers of a load, signed before it begins: signing must not slow down what is measured.

use std::collections::VecDeque;

use quorate_crypto::AccountSecretKey;
use quorate_home::{KeyFile, check_plain_key};
use quorate_rpc::{Client, ClientError};
use quorate_types::{
    Action, Address, Amount, ChainContext, ChainId, ChainIdError, ChainParams, Height, Nonce,
    Transaction, TransactionBody, Transfer,
};

use super::LoadError;
use crate::development::DevelopmentKey;

/// What each transfer moves, in base units.
const AMOUNT: Amount = Amount(1);

/// What the senders have, and what a transfer costs them.
pub(super) struct Funds {
    context: ChainContext,
    params: ChainParams,
    senders: Vec<Sender>,
}

struct Sender {
    key: AccountSecretKey,
    address: Address,
    balance: u64,
    next_nonce: u64,
}

/// A transfer and when it is due: the how-manieth of all it is, from 0.
pub(super) struct Due {
    pub(super) number: u64,
    pub(super) transaction: Transaction,
}

impl Funds {
    /// Asks a node for the chain, its fees, and the accounts.
    pub(super) async fn read(client: &Client, keys: &[KeyFile]) -> Result<Funds, LoadError> {
        let status = client.status().await?.value;
        let bad_chain = |error: ChainIdError| LoadError::Spec(error.to_string());
        let chain_id: ChainId = status.chain_id.parse().map_err(bad_chain)?;
        check_plain_key("the load's key".as_ref(), &chain_id)?;
        let params = ChainParams::from(&client.params().await?.value);
        let mut senders = Vec::new();
        for key in keys {
            let address = key.address();
            let account = client.account(address, None).await?.value;
            senders.push(Sender {
                key: key.account_key(),
                address,
                balance: account.balance.0,
                next_nonce: account.next_nonce,
            });
        }
        Ok(Funds {
            context: ChainContext {
                chain_id,
                genesis_hash: status.genesis_hash.0,
                protocol_version: params.protocol_version,
            },
            params,
            senders,
        })
    }

    fn transfer(&self, sender: &Sender, nonce: u64, fee: u64) -> Transaction {
        let to = DevelopmentKey::LoadSink.key().address();
        let body = TransactionBody {
            chain_tag: self.context.tag(),
            signers: vec![sender.key.public()],
            nonce: Nonce(nonce),
            expiry: Height::GENESIS,
            fee: Amount(fee),
            memo: Vec::new(),
            actions: vec![Action::Transfer(Transfer { to, amount: AMOUNT })],
        };
        body.sign(&self.context, &sender.key)
    }

    /// The lowest fee. Every transfer here has the same length: all of its fields are fixed.
    fn fee(&self) -> u64 {
        let Some(sender) = self.senders.first() else {
            return 0;
        };
        let transfer = self.transfer(sender, 0, 0);
        self.params.min_fee(transfer.bytes().len(), &transfer.body().actions).0
    }

    fn check(&self, transfers: u64, fee: u64) -> Result<(), LoadError> {
        let senders = u64::try_from(self.senders.len()).unwrap_or(u64::MAX);
        let needed = transfers.div_ceil(senders).saturating_mul(fee.saturating_add(AMOUNT.0));
        let poor = self.senders.iter().find(|sender| sender.balance < needed);
        poor.map_or(Ok(()), |sender| {
            let account = sender.address.to_string();
            Err(LoadError::Funds { account, found: sender.balance, needed })
        })
    }
}

/// What the account has that every transfer pays.
pub(super) async fn sink_balance(client: &Client) -> Result<u64, ClientError> {
    let sink = DevelopmentKey::LoadSink.key().address();
    Ok(client.account(sink, None).await?.value.balance.0)
}

/// Signs all transfers: one queue for each node, in order. A sender stays with one node, so that
/// its nonces arrive in order.
pub(super) fn sign_all(
    funds: &Funds,
    transfers: u64,
    nodes: usize,
) -> Result<Vec<VecDeque<Due>>, LoadError> {
    let fee = funds.fee();
    funds.check(transfers, fee)?;
    let mut queues: Vec<VecDeque<Due>> = (0..nodes).map(|_| VecDeque::new()).collect();
    let mut nonces: Vec<u64> = funds.senders.iter().map(|sender| sender.next_nonce).collect();
    for number in 0..transfers {
        let place = usize::try_from(number).unwrap_or(0) % nonces.len();
        let transaction = funds.transfer(&funds.senders[place], nonces[place], fee);
        nonces[place] = nonces[place].saturating_add(1);
        queues[place % nodes].push_back(Due { number, transaction });
    }
    Ok(queues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quorate_crypto::Hash;

    fn funds(senders: u16, balance: u64) -> Funds {
        let params = ChainParams::default();
        let senders = (0..senders).map(|index| {
            let key = DevelopmentKey::Account(index).key();
            let address = key.address();
            Sender { key: key.account_key(), address, balance, next_nonce: 7 }
        });
        Funds {
            context: ChainContext {
                chain_id: "local-test".parse().unwrap(),
                genesis_hash: Hash::ZERO,
                protocol_version: 1,
            },
            params,
            senders: senders.collect(),
        }
    }

    #[test]
    fn transfers_are_valid_and_each_sender_stays_with_one_node_in_order() {
        let funds = funds(3, 1_000_000);
        let queues = sign_all(&funds, 20, 2).unwrap();
        assert_eq!(queues.iter().map(VecDeque::len).sum::<usize>(), 20);
        let mut seen: Vec<(Address, usize, u64)> = Vec::new();
        for (node, queue) in queues.iter().enumerate() {
            assert!(queue.iter().is_sorted_by_key(|due| due.number));
            for due in queue {
                let transaction = &due.transaction;
                transaction.validate_static(&funds.context, &ChainParams::default()).unwrap();
                let nonce = transaction.body().nonce.0;
                let earlier =
                    seen.iter().rev().find(|(sender, ..)| *sender == transaction.sender());
                let expected = earlier.map_or((node, 7), |(_, node, nonce)| (*node, nonce + 1));
                assert_eq!((node, nonce), expected);
                seen.push((transaction.sender(), node, nonce));
            }
        }
    }

    #[test]
    fn a_load_that_an_account_cannot_pay_is_refused() {
        let fee = funds(1, 0).fee();
        assert!(sign_all(&funds(2, 5 * (fee + 1)), 10, 1).is_ok());
        let error = sign_all(&funds(2, 5 * (fee + 1) - 1), 10, 1).err().unwrap();
        assert!(matches!(error, LoadError::Funds { .. }), "{error}");
    }
}
