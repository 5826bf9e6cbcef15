//! `/livez` and `/readyz`, for those who run nodes: may it be restarted, may it be sent clients.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;

use crate::backend::Backend;
use crate::model::NodeHealth;

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Fit to serve: within one height of the highest certificate heard of, and with peers. A chain
/// without quorum is no fault of this node, so it does not make it unready.
pub(crate) async fn ready(
    State(backend): State<Arc<dyn Backend>>,
    RawQuery(query): RawQuery,
) -> (StatusCode, String) {
    let Ok(facts) = backend.status().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, String::from("not ready: no status\n"));
    };
    let health = NodeHealth::from(&facts.value);
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let is_verbose = query.is_some_and(|query| query.split('&').any(|part| part == "verbose"));
    let mut text = String::from(if health.ready { "ready\n" } else { "not ready\n" });
    if is_verbose {
        let NodeHealth { sync, height, highest_height, peers, final_age_ms, .. } = health;
        let sync = serde_json::to_value(sync).unwrap_or_default();
        let sync = sync.as_str().unwrap_or_default();
        write!(
            text,
            "sync: {sync}\nheight: {height} of {highest_height}\npeers: {peers}\n\
             last final block: {final_age_ms} ms ago\n"
        )
        .expect("writing to a string cannot fail");
    }
    (status, text)
}
