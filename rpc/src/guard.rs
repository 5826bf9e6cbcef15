//! Who may talk to the node from a browser: the Host header must name this node, so that a foreign
//! name that points here is refused, and an Origin must be on the list. Other programs send none.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, HOST,
    ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The lists that requests are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Guard {
    pub(crate) fn new(hosts: Vec<String>, origins: Vec<String>) -> Guard {
        Guard { hosts, origins }
    }

    /// Loopback names and addresses of any kind are allowed: only a name can be made to point here.
    fn is_host_allowed(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            Some(_) | None => host,
        };
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let is_address = address.unwrap_or(name).parse::<IpAddr>().is_ok();
        let is_listed = self.hosts.iter().any(|listed| listed.eq_ignore_ascii_case(name));
        is_address || name.eq_ignore_ascii_case("localhost") || is_listed
    }

    /// An entry is an origin, or one with any port: `http://localhost:*`.
    fn is_origin_allowed(&self, origin: &str) -> bool {
        self.origins.iter().any(|listed| match listed.strip_suffix(":*") {
            None => listed == origin,
            Some(start) => origin.strip_prefix(start).is_some_and(|rest| {
                let port = rest.strip_prefix(':');
                rest.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_ok())
            }),
        })
    }
}

/// Refuses what the lists do not allow, and answers the question that browsers ask first.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let host = text(request.headers(), &HOST).unwrap_or_default();
    if !guard.is_host_allowed(host) {
        let message = "this Host is not allowed; see rpc.allow_hosts\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    if !text(request.headers(), &ORIGIN).is_some_and(|origin| guard.is_origin_allowed(origin)) {
        let message = "this Origin is not allowed; see rpc.allow_origins\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    allow(response.headers_mut(), origin);
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let origins = vec!["http://localhost:*".into(), "https://wallet.example".into()];
        Guard::new(vec!["full0".into()], origins)
    }

    #[test]
    fn hosts() {
        for host in [
            "localhost",
            "LOCALHOST:27657",
            "127.0.0.1:1",
            "[::1]:27657",
            "[::1]",
            "10.1.2.3",
            "full0",
            "Full0:27657",
        ] {
            assert!(guard().is_host_allowed(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "full0.evil", "full0:x", ":80"] {
            assert!(!guard().is_host_allowed(host), "{host}");
        }
    }

    #[test]
    fn origins() {
        for origin in ["http://localhost", "http://localhost:3000", "https://wallet.example"] {
            assert!(guard().is_origin_allowed(origin), "{origin}");
        }
        for origin in [
            "",
            "null",
            "https://localhost",
            "http://localhost.evil",
            "http://localhost:",
            "http://localhost:80.evil",
            "http://localhost:99999",
            "https://wallet.example:444",
        ] {
            assert!(!guard().is_origin_allowed(origin), "{origin}");
        }
        assert!(!Guard::default().is_origin_allowed("http://localhost"));
    }
}
