//! How pages leave: a template, a status, and the headers that a page of health data carries.
//!
//! A page runs no inline script or style, loads nothing from elsewhere and is framed by nobody. The frame that shows
//! a document is stricter: `sandbox` gives it an origin of its own, without scripts, forms or navigation, so that
//! whatever a document would smuggle through the allow-list of its HTML finds nothing to act on (security.md row 26;
//! one port allows no second origin, the sandbox makes one).

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types dmp-worker";
const READING_POLICY: &str = "sandbox; default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'";
const FILE_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

fn base(headers: &mut HeaderMap, policy: &'static str, frames: &'static str) {
    let value = HeaderValue::from_static;
    headers.insert(header::CONTENT_SECURITY_POLICY, value(policy));
    headers.insert(header::X_FRAME_OPTIONS, value(frames));
    headers.insert(header::CACHE_CONTROL, value("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, value("nosniff"));
    headers.insert(header::REFERRER_POLICY, value("no-referrer"));
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        value("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    // A page depends on who asks for it.
    headers.insert(header::VARY, value("Cookie"));
}

fn html(
    status: StatusCode,
    template: &impl Template,
    policy: &'static str,
    frames: &'static str,
) -> Response<Body> {
    let (status, body) = match template.render() {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "a template does not render");
            (StatusCode::INTERNAL_SERVER_ERROR, "Cette page ne peut pas être affichée.".to_owned())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    base(response.headers_mut(), policy, frames);
    response
}

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response<Body> {
    html(status, template, PAGE_POLICY, "DENY")
}

/// The document of a reading frame.
pub(crate) fn reading(template: &impl Template) -> Response<Body> {
    html(StatusCode::OK, template, READING_POLICY, "SAMEORIGIN")
}

/// A file to keep; never shown in our origin.
pub(crate) fn file(bytes: impl Into<Body>, content_type: &'static str, name: &str) -> Response<Body> {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    base(headers, FILE_POLICY, "DENY");
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Goes on elsewhere, after a form or for want of one's own page.
pub(crate) fn see_other(address: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    base(response.headers_mut(), PAGE_POLICY, "DENY");
    response
}
