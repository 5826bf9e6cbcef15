//! What a node answers its clients: an account at a height is what the own ledger has there, and a
//! proof leads to the state root of its height.

use quorate_crypto::state_tree;
use quorate_replica::Reply;
use quorate_types::{Account, Address, Canonical};

use super::Verdict;
use super::ledger::LedgerOracle;

/// The kind of an account's key in the state.
const ACCOUNT: u8 = 1;

/// Whether an answer about an account is true.
pub(crate) fn check(address: &Address, reply: &Reply, ledger: &LedgerOracle) -> Verdict {
    match reply {
        Reply::Account { height: Some(height), account, next_nonce } => {
            let expected = ledger.account_at(*height, address);
            let account = account.map(|account| (account.nonce.0, account.balance.0));
            // A node that was away answers truly about heights that the oracle has left behind.
            if ledger.remembers(*height) && account != expected {
                return Err(format!("{address} at {height} is {expected:?}, not {account:?}"));
            }
            let nonce = account.map_or(0, |(nonce, _)| nonce);
            if next_nonce.0 < nonce {
                return Err(format!("next nonce {next_nonce} of {address}, which is at {nonce}"));
            }
            Ok(())
        }
        Reply::Proof(Some(proved)) => {
            let height = proved.height;
            let root = ledger.state_root(height).ok_or_else(|| format!("no height {height}"))?;
            let key = state_tree::hash_key(ACCOUNT, &address.0);
            let verdict = match &proved.value {
                Some(value) => {
                    let value_hash = state_tree::hash_value(value);
                    proved.proof.verify_inclusion(&root, &key, &value_hash)
                }
                None => proved.proof.verify_exclusion(&root, &key),
            };
            verdict.map_err(|error| format!("a proof at {height}: {error}"))?;
            let account = proved.value.as_ref().map(|value| Account::from_bytes(value));
            let account = account.transpose().map_err(|error| error.to_string())?;
            let account = account.map(|account| (account.nonce.0, account.balance.0));
            let expected = ledger.account_at(height, address);
            if account == expected || !ledger.remembers(height) {
                Ok(())
            } else {
                Err(format!("proved {account:?}"))
            }
        }
        // Nothing is certified yet, or the height is not kept any more.
        Reply::Account { height: None, .. } | Reply::Proof(None) => Ok(()),
        Reply::Pending(_) | Reply::Mempool(_) | Reply::Simulated(_) => {
            Err("an answer to another question".to_owned())
        }
    }
}
