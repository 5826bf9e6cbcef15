//! The subscriptions. A note is sent only if the connection's queue has room: a consumer that is
//! too slow is dropped with a notice instead of growing a queue or slowing down others.

use std::sync::Arc;

use jsonrpsee::Extensions;
use jsonrpsee::core::SubscriptionError;
use jsonrpsee::server::{
    PendingSubscriptionSink, SubscriptionCloseResponse, SubscriptionSink, TrySendError,
};
use jsonrpsee::types::Params;
use quorate_types::TransactionId;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::parameters::{MaybeHash, None, Unsubscribe};
use super::transactions::{next_result, settled};
use super::{Charge, Context, Registry, Spec, Usage, parse};
use crate::backend::ChainEvent;
use crate::model::{At, Head, TransactionResults};
use crate::openrpc::Shape;

/// Units of a connection's budget for a subscription.
const COST: u32 = 20;
/// The notice to a consumer that is dropped.
const TOO_SLOW: &str = "too slow: notes were lost; subscribe again";
/// The notice when the node stops.
const STOPPED: &str = "the node stops";

/// The names of a subscription.
struct Names {
    subscribe: &'static str,
    notes: &'static str,
    unsubscribe: &'static str,
}

pub(super) fn register(registry: &mut Registry) {
    let heads = Names {
        subscribe: "chain_subscribeHeads",
        notes: "chain_heads",
        unsubscribe: "chain_unsubscribeHeads",
    };
    let summary = "Notes of each block that becomes final.";
    registry.subscription::<None, At<Head>, _>(heads, summary, &[], |_, _, feed| feed.heads());
    let results =
        Names { subscribe: "tx_subscribe", notes: "tx_results", unsubscribe: "tx_unsubscribe" };
    let summary = "Notes of transactions that become final or are dropped: one, or all.";
    registry.subscription::<MaybeHash, At<TransactionResults>, _>(
        results,
        summary,
        &["hash"],
        |context, which, feed| async move {
            match which.hash {
                Some(hash) => feed.result_of(&context, TransactionId(hash.0)).await,
                Option::None => feed.results().await,
            }
        },
    );
}

impl Registry {
    /// Adds a subscription: what it takes (`P`), what its notes are (`N`), and what feeds it.
    fn subscription<P, N, Ended>(
        &mut self,
        names: Names,
        summary: &'static str,
        params: &'static [&'static str],
        feed: fn(Arc<Context>, P, Feed) -> Ended,
    ) where
        P: DeserializeOwned + JsonSchema + Send + 'static,
        N: JsonSchema,
        Ended: Future<Output = SubscriptionCloseResponse> + Send + 'static,
    {
        let subscribe = Spec { name: names.subscribe, summary, params, cost: COST };
        self.document.add::<P, N>(&subscribe, Shape::Subscribe { notes: names.notes });
        self.charges.insert(names.subscribe, Charge { cost: COST, usage: Usage::Subscribe });
        let unsubscribe = Spec {
            name: names.unsubscribe,
            summary: "Ends a subscription; answers whether there was one.",
            params: &["subscription"],
            cost: 1,
        };
        self.document.add::<Unsubscribe, bool>(&unsubscribe, Shape::Call);
        self.charges.insert(names.unsubscribe, Charge { cost: 1, usage: Usage::Unsubscribe });
        let callback = move |params: Params<'static>,
                             pending: PendingSubscriptionSink,
                             context: Arc<Context>,
                             _: Extensions| async move {
            let params = match parse(&params) {
                Ok(params) => params,
                Err(error) => {
                    pending.reject(error).await;
                    return SubscriptionCloseResponse::None;
                }
            };
            // From before the answer, so that a client misses nothing after it.
            let events = context.backend.events();
            match pending.accept().await {
                Ok(sink) => feed(context, params, Feed { sink, events }).await,
                Err(_) => SubscriptionCloseResponse::None,
            }
        };
        self.module
            .register_subscription(names.subscribe, names.notes, names.unsubscribe, callback)
            .expect("each name once");
    }
}

/// One subscriber and what it is fed from.
struct Feed {
    sink: SubscriptionSink,
    events: Receiver<Arc<ChainEvent>>,
}

impl Feed {
    async fn heads(self) -> SubscriptionCloseResponse {
        self.each(ChainEvent::head).await
    }

    async fn results(self) -> SubscriptionCloseResponse {
        self.each(ChainEvent::results).await
    }

    /// Sends what `note` makes of each event until the subscriber goes or is too slow.
    async fn each(
        mut self,
        note: fn(&ChainEvent) -> Option<&RawValue>,
    ) -> SubscriptionCloseResponse {
        loop {
            let event = tokio::select! {
                event = self.events.recv() => event,
                () = self.sink.closed() => return SubscriptionCloseResponse::None,
            };
            let sent = match event {
                Ok(event) => note(&event).map_or(Ok(()), |note| self.send(note.to_owned())),
                Err(RecvError::Lagged(_)) => Err(notice(TOO_SLOW)),
                Err(RecvError::Closed) => Err(notice(STOPPED)),
            };
            if let Err(ended) = sent {
                return ended;
            }
        }
    }

    /// Sends the one note of a transaction once it is settled, and ends.
    async fn result_of(
        mut self,
        context: &Context,
        id: TransactionId,
    ) -> SubscriptionCloseResponse {
        let result = async {
            match settled(context, id).await {
                Some(info) => Some(info),
                Option::None => next_result(context, id, &mut self.events).await,
            }
        };
        let result = tokio::select! {
            result = result => result,
            () = self.sink.closed() => return SubscriptionCloseResponse::None,
        };
        let Some(info) = result else {
            return notice(STOPPED);
        };
        let note = info.map(|info| TransactionResults { transactions: vec![info] });
        let note = serde_json::value::to_raw_value(&note).expect("the model has string keys only");
        self.send(note).err().unwrap_or(SubscriptionCloseResponse::None)
    }

    fn send(&mut self, note: Box<RawValue>) -> Result<(), SubscriptionCloseResponse> {
        self.sink.try_send(note).map_err(|error| match error {
            TrySendError::Closed(_) => SubscriptionCloseResponse::None,
            TrySendError::Full(_) => notice(TOO_SLOW),
        })
    }
}

fn notice(text: &str) -> SubscriptionCloseResponse {
    SubscriptionCloseResponse::NotifErr(SubscriptionError::from(text.to_owned()))
}
