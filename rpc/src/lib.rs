//! JSON-RPC, WebSocket and HTTP in front of a small backend trait, and the typed client.
//!
//! Invariant: the node is seen through [`Backend`] alone, each JSON shape is defined once, in
//! [`model`], and what `rpc.discover` lists is what is served. docs/rpc.md is the reference.

pub mod backend;
mod chain_event;
mod client;
mod connection;
mod error;
mod guard;
mod health;
pub mod limits;
mod methods;
pub mod model;
mod openrpc;
mod paced;
mod server;

pub use backend::{Backend, BackendError};
pub use client::{Called, Client, ClientError, Notes};
pub use error::{ErrorData, ErrorKind};
pub use limits::Limits;
pub use server::{BindError, Config, ServerHandle, bind, serve};
