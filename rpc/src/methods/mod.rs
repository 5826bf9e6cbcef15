//! The methods by namespace, and the one table that they are registered, described and charged by:
//! what `rpc.discover` lists is what is served.

mod chain;
mod node;
mod parameters;
mod proofs;
mod questions;
mod stake;
mod state;
mod subscriptions;
mod transactions;
mod values;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};

use jsonrpsee::types::{ErrorObjectOwned, Params};
use jsonrpsee::{Extensions, RpcModule};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

pub(crate) use parameters::Unsubscribe;

use crate::backend::Backend;
use crate::error::CallError;
use crate::limits::MAX_WAITING;
use crate::openrpc::{Document, Shape};

/// What every method has at hand.
pub(crate) struct Context {
    pub(crate) backend: Arc<dyn Backend>,
    /// Calls that may still start to wait for a transaction.
    pub(crate) waiting: Semaphore,
    /// The OpenRPC document, set once everything is registered.
    document: OnceLock<serde_json::Value>,
}

/// How a method is called, told and charged.
pub(crate) struct Spec {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// Parameter names in positional order.
    pub(crate) params: &'static [&'static str],
    /// Units of a connection's budget.
    pub(crate) cost: u32,
}

/// The methods while they are put together.
pub(crate) struct Registry {
    module: RpcModule<Context>,
    document: Document,
    charges: Charges,
}

/// What the guard must know of each method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) cost: u32,
    pub(crate) usage: Usage,
}

/// How a method is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    /// It is called and answers.
    Call,
    /// It starts a subscription, over WebSocket only.
    Subscribe,
    /// It ends one.
    Unsubscribe,
}

/// The charge of each method by its name.
pub(crate) type Charges = BTreeMap<&'static str, Charge>;

/// All that is served.
pub(crate) struct Methods {
    pub(crate) module: RpcModule<Context>,
    pub(crate) charges: Charges,
    pub(crate) document: String,
}

/// Registers everything.
pub(crate) fn build(backend: Arc<dyn Backend>) -> Methods {
    let waiting = Semaphore::new(MAX_WAITING);
    let context = Arc::new(Context { backend, waiting, document: OnceLock::new() });
    let mut registry = Registry {
        module: RpcModule::from_arc(Arc::clone(&context)),
        document: Document::default(),
        charges: Charges::new(),
    };
    node::register(&mut registry);
    chain::register(&mut registry);
    transactions::register(&mut registry);
    state::register(&mut registry);
    stake::register(&mut registry);
    proofs::register(&mut registry);
    subscriptions::register(&mut registry);
    let discover = Spec {
        name: "rpc.discover",
        summary: "This interface as an OpenRPC document.",
        params: &[],
        cost: 20,
    };
    registry.call(discover, discover_call);
    let document = registry.document.finish();
    let text = document.to_string();
    context.document.set(document).expect("set nowhere else");
    Methods { module: registry.module, charges: registry.charges, document: text }
}

/// Any object: the document describes itself by its own standard.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(transparent)]
struct AnyObject(serde_json::Map<String, serde_json::Value>);

async fn discover_call(context: Arc<Context>, _: parameters::None) -> Result<AnyObject, CallError> {
    let document = context.document.get().and_then(|document| document.as_object());
    document.cloned().map(AnyObject).ok_or_else(|| CallError::Internal("no document".into()))
}

impl Registry {
    /// Adds a method that is called and answers.
    fn call<P, R, Answer>(&mut self, spec: Spec, method: fn(Arc<Context>, P) -> Answer)
    where
        P: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + Clone + 'static,
        Answer: Future<Output = Result<R, CallError>> + Send + 'static,
    {
        self.document.add::<P, R>(&spec, Shape::Call);
        self.charges.insert(spec.name, Charge { cost: spec.cost, usage: Usage::Call });
        let callback = move |params: Params<'static>, context: Arc<Context>, _: Extensions| async move {
            let params = parse(&params)?;
            method(context, params).await.map_err(ErrorObjectOwned::from)
        };
        self.module.register_async_method(spec.name, callback).expect("each name once");
    }
}

/// Reads parameters by name or by position; both refuse what the method does not know.
pub(crate) fn parse<P: DeserializeOwned>(params: &Params<'_>) -> Result<P, CallError> {
    let text = params.as_str().unwrap_or("{}");
    serde_json::from_str(text).map_err(|error| CallError::InvalidParams(error.to_string()))
}
