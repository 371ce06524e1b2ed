//! The edge: what every request meets before a face, and every answer after it.
//!
//! In this order: method, host, address, headers ([`hygiene`]); a correlation identifier; the body's pace and length
//! ([`pace`]); who acts ([`identify`]), or for the DMP interface by which certificate ([`soap`]); the faces; then security
//! headers, figures and one line of log, which carries the template of the route and never the address that was asked, a
//! query, or anything of a patient.

mod answer;
mod figures;
mod forwarded;
mod hygiene;
mod identify;
mod listen;
mod pace;
mod soap;
mod tls;

#[cfg(test)]
mod tests;

pub use answer::{Face, Fault, login, problem};
pub use figures::Figures;
pub use forwarded::Forwarded;
pub use hygiene::Hosts;
pub use listen::{Arrival, Door, Limits, ServerHandle};
pub(crate) use listen::{Doors, Taken, serve};
pub use soap::Entry;
pub use tls::Tls;

use crate::identity::Identities;
use crate::sessions::Sessions;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::response::IntoResponse as _;
use axum::{Extension, Router, middleware};
use dmp_store::Store;
use futures_util::FutureExt as _;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response, Uri};
use hyper::body::Incoming;
use soap::Origin;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tokio_rustls::TlsAcceptor;
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
    /// Clients come over TLS, which ends here or at a proxy in front.
    pub behind_tls: bool,
    /// TLS that ends here.
    pub tls: Option<Arc<Tls>>,
    /// Longest body of the FHIR face.
    pub fhir_body_bytes_max: usize,
    /// The way into the DMP interface, when it is served.
    pub services: Option<Entry>,
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
    /// What takes the connections of a port; `None` when it speaks plain HTTP.
    fn acceptor(&self, door: Door) -> Option<TlsAcceptor> {
        self.tls.as_ref().and_then(|tls| tls.acceptor(door))
    }

    /// Answers one request.
    pub async fn answer(&self, mut request: Request<Incoming>, arrival: &Arrival) -> Response<Body> {
        let started = Instant::now();
        let id = Uuid::new_v4();
        let face = Face::of(request.uri().path());
        let method = request.method().clone();
        let mut response = match hygiene::check(&request, &self.hosts) {
            Ok(()) => match self.refusal(&mut request, face, arrival, id) {
                Some(refusal) => refusal,
                None => self.pass(request, face, id).await,
            },
            Err(fault) => fault.to(face, id),
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

    /// Says of a request where it comes from and who acts; its answer, when no face is to see it.
    fn refusal(
        &self,
        request: &mut Request<Incoming>,
        face: Face,
        arrival: &Arrival,
        id: Uuid,
    ) -> Option<Response<Body>> {
        let entry = self.services.as_ref();
        let presented = entry.map(|entry| entry.presented(request.headers(), arrival));
        let header = entry.and_then(|entry| entry.forwarded.as_ref()).map(|forwarded| &forwarded.header);
        let peer = arrival.address.ip().to_canonical();
        // TLS that ended before us ended at the proxy of the deployment.
        let client = hygiene::client(request.headers(), peer, self.behind_tls && !arrival.encrypted);
        let proxied = hygiene::strip_untrusted(request.headers_mut(), header);
        request.extensions_mut().insert(dmp_fhir::RequestId(id));
        request.extensions_mut().insert(dmp_xds::RequestId(id));
        request.extensions_mut().insert(Peer { address: arrival.address, client, proxied });
        match (face, entry.zip(presented)) {
            (Face::Soap, Some((entry, presented))) => {
                let origin = Origin {
                    itself: arrival.address.ip().to_canonical().is_loopback() && !proxied,
                    encrypted: self.behind_tls || arrival.encrypted,
                };
                let admitted = entry.admit(request, presented, &arrival.between, self.tls.as_deref(), origin);
                admitted.err().map(|fault| dmp_xds::refuse(&fault, id, None))
            }
            (Face::Soap, None) => Some(Fault::NOT_FOUND.to(face, id)),
            _ if arrival.door == Door::Services => Some(Fault::NOT_FOUND.to(face, id)),
            _ => identify::identify(self, face, request)
                .err()
                .map(|unidentified| unidentified.answer(face, &self.sessions)),
        }
    }

    /// Hands a request over to the faces; a body that came too slowly is said so, whatever the face made of it.
    async fn pass(&self, request: Request<Incoming>, face: Face, id: Uuid) -> Response<Body> {
        let max = match face {
            // The face itself says what is too long; this only bounds what it may be given.
            Face::Fhir => self.fhir_body_bytes_max.saturating_add(1),
            Face::Soap => self.services.as_ref().map_or(0, |entry| entry.body_bytes_max.saturating_add(1)),
            // A form that carries a file; the page says what is too long for it.
            Face::Pages if carries_a_file(&request) => pace::UPLOAD_BYTES_MAX,
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
                Fault::PANIC.to(face, id)
            }
        };
        match state.fault() {
            Some(fault) => fault.to(face, id),
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

/// True for a form that carries a file: deposits, photographs.
fn carries_a_file<B>(request: &Request<B>) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Other end of the connection.
    pub address: SocketAddr,
    /// Who is counted for what this address tries; `None` where everybody comes by one.
    pub client: Option<IpAddr>,
    /// A proxy says that it carries the request for somebody else.
    pub proxied: bool,
}

async fn unknown(Extension(id): Extension<dmp_xds::RequestId>, uri: Uri) -> Response<Body> {
    Fault::NOT_FOUND.to(Face::of(uri.path()), id.0)
}

async fn keep_route(request: axum::extract::Request, next: middleware::Next) -> axum::response::Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}
