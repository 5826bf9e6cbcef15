//! `tx_*`: submitting transactions and finding out what became of them.

use std::sync::Arc;
use std::time::Duration;

use quorate_types::{Transaction, TransactionError, TransactionId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::parameters::{ByHash, Cursor, Search, Submit, SubmitAndWait, SubmitBatch};
use super::{Context, Registry, Spec};
use crate::backend::{ChainEvent, Refusal, TransactionState, Verdict};
use crate::error::{CallError, ErrorKind};
use crate::limits::{DEFAULT_PAGE, DEFAULT_WAIT_MS, MAX_PAGE, MAX_SUBMIT_BATCH, MAX_WAIT_MS};
use crate::model::{
    self, At, HexBytes, HistoryEntry, HistoryPage, Simulated, Submitted, SubmittedBatch,
    TransactionInfo, TransactionStatus,
};

pub(super) fn register(registry: &mut Registry) {
    let spec = |name, summary, params, cost| Spec { name, summary, params, cost };
    registry.call(spec("tx_submit", "Submits a transaction.", &["transaction"], 1), submit);
    registry.call(
        spec("tx_submitBatch", "Submits up to 256 transactions.", &["transactions"], 20),
        submit_batch,
    );
    registry.call(
        spec(
            "tx_submitAndWait",
            "Submits a transaction and waits until it is final or dropped.",
            &["transaction", "timeout_ms"],
            2,
        ),
        submit_and_wait,
    );
    registry.call(
        spec(
            "tx_simulate",
            "What a signed transaction would come to; nothing is submitted.",
            &["transaction"],
            40,
        ),
        simulate,
    );
    registry.call(spec("tx_get", "What became of a transaction.", &["hash"], 2), get);
    registry.call(
        spec(
            "tx_search",
            "An account's final transactions, newest first.",
            &["address", "cursor", "limit"],
            20,
        ),
        search,
    );
}

async fn submit(context: Arc<Context>, params: Submit) -> Result<At<Submitted>, CallError> {
    let transaction = decode(&params.transaction).map_err(|e| CallError::refused(e, None))?;
    submit_one(&context, transaction).await
}

async fn submit_one(
    context: &Context,
    transaction: Transaction,
) -> Result<At<Submitted>, CallError> {
    let id = transaction.id();
    let answer = context.backend.submit(vec![transaction]).await?;
    let known = match answer.value.first() {
        Some(Verdict::Accepted) => false,
        Some(Verdict::Known) => true,
        Some(Verdict::Refused(refusal)) => {
            return Err(CallError::refused(refusal.clone(), Some(id)));
        }
        None => return Err(CallError::Internal("no verdict for a transaction".into())),
    };
    Ok(answer.map(|_| Submitted { hash: id.into(), known }))
}

async fn submit_batch(
    context: Arc<Context>,
    params: SubmitBatch,
) -> Result<At<SubmittedBatch>, CallError> {
    let count = params.transactions.len();
    if count == 0 || count > MAX_SUBMIT_BATCH {
        let message = format!("{count} transactions; 1 to {MAX_SUBMIT_BATCH} are taken");
        return Err(CallError::InvalidParams(message));
    }
    let decoded: Vec<_> = params.transactions.iter().map(decode).collect();
    let whole = decoded.iter().filter_map(|decoded| decoded.as_ref().ok().cloned()).collect();
    let answer = context.backend.submit(whole).await?;
    let at = answer.at_height;
    let mut verdicts = answer.value.into_iter();
    let verdicts: Option<Vec<model::Verdict>> = decoded
        .into_iter()
        .map(|decoded| match decoded {
            Ok(transaction) => verdicts.next().map(|v| verdict(Some(transaction.id()), v)),
            Err(refusal) => Some(verdict(None, Verdict::Refused(refusal))),
        })
        .collect();
    let verdicts = verdicts.ok_or_else(|| CallError::Internal("a verdict is missing".into()))?;
    Ok(At { at_height: at, value: SubmittedBatch { verdicts } })
}

fn verdict(id: Option<TransactionId>, verdict: Verdict) -> model::Verdict {
    let known = verdict == Verdict::Known;
    let error = match verdict {
        Verdict::Accepted | Verdict::Known => None,
        Verdict::Refused(refusal) => Some(refusal.into()),
    };
    model::Verdict { hash: id.map(Into::into), known, error }
}

fn decode(bytes: &HexBytes) -> Result<Transaction, Refusal> {
    Transaction::from_slice(&bytes.0).map_err(|error| TransactionError::from(error).into())
}

/// Whatever happens once the transaction is taken, the answer is no error: who is told that a call
/// has failed pays a second time.
async fn submit_and_wait(
    context: Arc<Context>,
    params: SubmitAndWait,
) -> Result<At<TransactionInfo>, CallError> {
    let wait_ms = params.timeout_ms.unwrap_or(DEFAULT_WAIT_MS);
    if wait_ms > MAX_WAIT_MS {
        let message = format!("timeout_ms is {wait_ms}; at most {MAX_WAIT_MS} are waited");
        return Err(CallError::InvalidParams(message));
    }
    let deadline = Instant::now() + Duration::from_millis(wait_ms);
    let transaction = decode(&params.transaction).map_err(|e| CallError::refused(e, None))?;
    let id = transaction.id();
    let _waiting = context.waiting.try_acquire().map_err(|_| {
        CallError::new(ErrorKind::RateLimited, "too many calls wait; nothing was submitted")
    })?;
    // From before the submission, so that nothing is missed between the two.
    let mut events = context.backend.events();
    let submitted = submit_one(&context, transaction).await?;
    let settled = async {
        if submitted.value.known
            && let Some(info) = settled(&context, id).await
        {
            return Some(info);
        }
        next_result(&context, id, &mut events).await
    };
    let pending = At { at_height: submitted.at_height, value: TransactionInfo::pending(id) };
    Ok(timeout_at(deadline, settled).await.ok().flatten().unwrap_or(pending))
}

/// What became of a transaction, if that is settled already.
pub(super) async fn settled(context: &Context, id: TransactionId) -> Option<At<TransactionInfo>> {
    let state = context.backend.transaction(id).await.ok()?;
    let info =
        state.map(|state| TransactionInfo { transaction: None, ..TransactionInfo::of(id, &state) });
    (info.value.status != TransactionStatus::Pending).then_some(info)
}

/// Waits for the event that settles a transaction; none when the node stops.
pub(super) async fn next_result(
    context: &Context,
    id: TransactionId,
    events: &mut Receiver<Arc<ChainEvent>>,
) -> Option<At<TransactionInfo>> {
    loop {
        let found = match events.recv().await {
            Ok(event) => event.result_of(&id),
            // Events were missed, so the node is asked.
            Err(RecvError::Lagged(_)) => settled(context, id).await,
            Err(RecvError::Closed) => return None,
        };
        if found.is_some() {
            return found;
        }
    }
}

async fn simulate(context: Arc<Context>, params: Submit) -> Result<At<Simulated>, CallError> {
    let transaction = decode(&params.transaction).map_err(|e| CallError::refused(e, None))?;
    let id = transaction.id();
    let At { at_height, value } = context.backend.simulate(transaction).await?;
    let receipt = value.map_err(|refusal| CallError::refused(refusal, Some(id)))?;
    Ok(At { at_height, value: Simulated { hash: id.into(), receipt: (&receipt).into() } })
}

async fn get(context: Arc<Context>, params: ByHash) -> Result<At<TransactionInfo>, CallError> {
    let id = TransactionId(params.hash.0);
    let state: At<TransactionState> = context.backend.transaction(id).await?;
    Ok(state.map(|state| TransactionInfo::of(id, &state)))
}

async fn search(context: Arc<Context>, params: Search) -> Result<At<HistoryPage>, CallError> {
    let limit = params.limit.unwrap_or(DEFAULT_PAGE);
    if limit == 0 || limit > MAX_PAGE {
        return Err(CallError::InvalidParams(format!("limit is {limit}, not 1 to {MAX_PAGE}")));
    }
    let limit = usize::try_from(limit).expect("at most MAX_PAGE");
    let before = params.cursor.map(|cursor| cursor.0);
    // One more than asked for tells whether there is another page.
    let entries = context.backend.history(params.address.0, before, limit + 1).await?;
    Ok(entries.map(|mut entries| {
        let is_last = entries.len() <= limit;
        entries.truncate(limit);
        let last = entries.last().filter(|_| !is_last);
        HistoryPage {
            transactions: entries.iter().map(HistoryEntry::from).collect(),
            next_cursor: last.map(|entry| Cursor(entry.location).to_string()),
        }
    }))
}
