//! The edge: what every request meets before a face, and every answer after it.
//!
//! In this order: method, host, address, headers ([`hygiene`]); a correlation identifier; the body's pace and length
//! ([`pace`]); who acts ([`identify`]); the faces; then security headers, figures and one line of log, which carries
//! the template of the route and never the address that was asked, a query, or anything of a patient.

mod answer;
mod figures;
mod hygiene;
mod identify;
mod listen;
mod pace;

#[cfg(test)]
mod tests;

pub use answer::{Face, Fault, login, problem};
pub use figures::Figures;
pub use hygiene::Hosts;
pub use listen::{Limits, ServerHandle, serve};

use crate::identity::Identities;
use crate::sessions::Sessions;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::response::IntoResponse as _;
use axum::{Router, middleware};
use dmp_fhir::RequestId;
use dmp_store::Store;
use futures_util::FutureExt as _;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response, Uri};
use hyper::body::Incoming;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceExt as _;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use uuid::Uuid;

/// Answers of fewer bytes are not worth compressing.
const COMPRESSED_BYTES_MIN: u64 = 1024;

/// What the edge stands on.
pub struct Edge {
    /// Names the server answers to.
    pub hosts: Hosts,
    /// Bearer tokens.
    pub identities: Identities,
    /// Sessions of the pages.
    pub sessions: Arc<Sessions>,
    /// Clock and parameters.
    pub store: Store,
    /// A proxy in front terminates TLS.
    pub behind_tls: bool,
    /// Longest body of the FHIR face.
    pub fhir_body_bytes_max: usize,
    /// The faces, [`layered`].
    pub router: Router,
}

/// Route that answered, for the log and the figures.
#[derive(Clone)]
struct Route(MatchedPath);

/// The faces' routes with what all of them share: an answer to unknown addresses, compression of text.
pub fn layered(routes: Router) -> Router {
    let compressed = SizeAbove::new(COMPRESSED_BYTES_MIN)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/octet-stream"));
    routes
        .fallback(unknown)
        .layer(middleware::from_fn(keep_route))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(compressed))
}

impl Edge {
    /// Answers one request.
    pub async fn answer(&self, mut request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let started = Instant::now();
        let id = Uuid::new_v4();
        let face = Face::of(request.uri().path());
        let method = request.method().clone();
        let mut response = match hygiene::check(&request, &self.hosts) {
            Ok(()) => {
                let proxied = hygiene::strip_untrusted(request.headers_mut());
                request.extensions_mut().insert(RequestId(id));
                request.extensions_mut().insert(Peer { address: peer, proxied });
                match identify::identify(self, face, &mut request) {
                    Ok(()) => self.pass(request, face).await,
                    Err(refused) => refused.answer(face, &self.sessions),
                }
            }
            Err(fault) => fault.for_face(face),
        };
        let route = response.extensions_mut().remove::<Route>();
        let route = route.as_ref().map_or("-", |Route(path)| path.as_str());
        self.finish(response.headers_mut(), id);
        let elapsed = started.elapsed();
        let status = response.status().as_u16();
        figures::request(&method, route, status, elapsed);
        tracing::info!(
            target: "dmp::access",
            request = %id,
            method = method.as_str(),
            route,
            status,
            ms = elapsed.as_secs_f64() * 1000.0,
        );
        response
    }

    /// Hands a request over to the faces; a body that came too slowly is said so, whatever the face made of it.
    async fn pass(&self, request: Request<Incoming>, face: Face) -> Response<Body> {
        let max = match face {
            // The face itself says what is too long; this only bounds what it may be given.
            Face::Fhir => self.fhir_body_bytes_max.saturating_add(1),
            Face::Api | Face::Pages => pace::SMALL_BODY_BYTES_MAX,
        };
        let (parts, body) = request.into_parts();
        let (body, state) = pace::paced(body, max);
        let request = Request::from_parts(parts, Body::new(body));
        let answered = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await;
        let response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            // The hook of the process has logged where; the request ends, the server does not.
            Err(_) => {
                metrics::counter!("dmp_panics_total").increment(1);
                Fault::PANIC.for_face(face)
            }
        };
        match state.fault() {
            Some(fault) => fault.for_face(face),
            None => response.into_response(),
        }
    }

    /// Headers that every answer carries; those a face chose stay.
    fn finish(&self, headers: &mut HeaderMap, id: Uuid) {
        const DEFAULTS: [(HeaderName, &str); 6] = [
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ];
        // For readers that do not know `frame-ancestors`, where the face did not choose who may frame it.
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
        }
        for (name, value) in DEFAULTS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.behind_tls {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            );
        }
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Other end of the connection.
    pub address: SocketAddr,
    /// A proxy says that it carries the request for somebody else.
    pub proxied: bool,
}

async fn unknown(uri: Uri) -> Response<Body> {
    Fault::NOT_FOUND.for_face(Face::of(uri.path()))
}

async fn keep_route(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}
