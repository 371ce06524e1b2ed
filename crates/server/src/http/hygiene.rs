//! Which requests are well enough made to be read at all.
//!
//! Decides from the head of a request alone, before any body is read and any actor known. Nothing is repaired: an
//! address that two readers could understand differently is refused (rows URL-01 to URL-51 of the bad-input list).

use super::answer::Fault;
use http::header::{self, HeaderMap, HeaderName};
use http::{Method, Request, Version};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Longest address (path and query), in bytes.
const ADDRESS_BYTES_MAX: usize = 8 * 1024;
/// Most parameters of a query.
const PARAMETERS_MAX: usize = 1000;
/// Most header lines, and their bytes (security.md row 2).
const HEADERS_MAX: usize = 64;
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Most cookies; we set one.
const COOKIES_MAX: usize = 50;
/// Most ranges asked at once.
const RANGES_MAX: usize = 16;

/// Names that may stand in `Host`.
#[derive(Debug, Clone, Default)]
pub struct Hosts(BTreeSet<String>);

impl Hosts {
    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// These names, ports left out.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Hosts(names.into_iter().map(|name| without_port(name).to_ascii_lowercase()).collect())
    }

    fn has(&self, authority: &str) -> bool {
        self.0.contains(&without_port(authority).to_ascii_lowercase())
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => authority,
    }
}

/// Checks the head of a request.
///
/// # Errors
/// The first [`Fault`]: method, host, address, headers.
pub fn check<B>(request: &Request<B>, hosts: &Hosts) -> Result<(), Fault> {
    let headers = request.headers();
    check_method(request.method())?;
    check_host(request, hosts)?;
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    if path.len() + query.len() > ADDRESS_BYTES_MAX {
        return Err(Fault::ADDRESS_TOO_LONG);
    }
    check_path(path)?;
    check_query(query)?;
    check_sizes(headers)?;
    check_transfer(headers)?;
    check_accept(headers)?;
    check_content_type(headers)?;
    check_range(headers)?;
    if request.method() == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return Err(Fault::CORS);
    }
    Ok(())
}

/// Takes away what only a proxy may say, and no face reads; with it the header of a client certificate, which the edge
/// has read when a listed proxy wrote it. True when a proxy said something.
pub fn strip_untrusted(headers: &mut HeaderMap, of_certificates: Option<&HeaderName>) -> bool {
    const NAMES: [&str; 18] = [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-real-ip",
        "x-original-url",
        "x-rewrite-url",
        "x-http-method-override",
        "x-client-cert",
        "client-cert",
        "client-cert-chain",
        "ssl-client-cert",
        "x-ssl-cert",
        "x-ssl-client-cert",
        "x-ssl-client-verify",
        "x-client-certificate",
        "x-forwarded-client-cert",
    ];
    let mut proxied = of_certificates.is_some_and(|name| headers.remove(name).is_some());
    for name in NAMES {
        proxied |= headers.remove(HeaderName::from_static(name)).is_some();
    }
    proxied
}

/// Whose tries are counted together. Behind the proxy of the deployment: the address that it adds last, since what comes
/// before is the client's own word. Otherwise the other end of the connection, whatever headers it sends; a proxy on this
/// machine that nothing was said of carries everybody, and nobody is counted by it.
pub fn client(headers: &HeaderMap, peer: IpAddr, behind_proxy: bool) -> Option<IpAddr> {
    let said = headers.get_all("x-forwarded-for").iter().next_back();
    if behind_proxy {
        let last = said?.to_str().ok()?.rsplit(',').next()?.trim();
        return last.parse().ok().map(|address: IpAddr| address.to_canonical());
    }
    let carried = said.is_some() || headers.contains_key("forwarded") || headers.contains_key("x-real-ip");
    (!carried || !peer.is_loopback()).then_some(peer)
}

fn check_method(method: &Method) -> Result<(), Fault> {
    match method.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => Ok(()),
        other if other.bytes().any(|b| b.is_ascii_lowercase()) => Err(Fault::SYNTAX),
        _ => Err(Fault::METHOD),
    }
}

/// One name, known: that of `Host`, and that of the address when it carries one.
fn check_host<B>(request: &Request<B>, hosts: &Hosts) -> Result<(), Fault> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (Some(host), None) => Some(host.to_str().map_err(|_| Fault::SYNTAX)?),
        (None, _) if request.version() >= Version::HTTP_2 => None,
        _ => return Err(Fault::SYNTAX),
    };
    let authority = request.uri().authority().map(|authority| authority.as_str());
    match (host, authority) {
        (None, None) => Err(Fault::SYNTAX),
        (host, authority) if host.into_iter().chain(authority).all(|name| hosts.has(name)) => Ok(()),
        _ => Err(Fault::HOST),
    }
}

fn check_path(path: &str) -> Result<(), Fault> {
    let decoded = decode(path)?;
    // What an address of ours never has: another spelling of a separator, a second encoding, parameters, dots.
    let strange = |segment: &str| {
        matches!(segment, "." | "..") || segment.contains(['\\', '%', ';']) || segment.ends_with(['.', ' '])
    };
    if decoded.split('/').any(strange) || encodes_slash(path) {
        return Err(Fault::NOT_FOUND);
    }
    Ok(())
}

fn encodes_slash(path: &str) -> bool {
    path.as_bytes().windows(3).any(|w| w.eq_ignore_ascii_case(b"%2f"))
}

fn check_query(query: &str) -> Result<(), Fault> {
    decode(query)?;
    if query.split('&').count() > PARAMETERS_MAX {
        return Err(Fault::TOO_MANY_PARAMETERS);
    }
    // RFC 6750 2.3 is not offered: an address ends in logs.
    let of_a_token = |pair: &str| pair.split('=').next() == Some("access_token");
    if query.split('&').any(of_a_token) {
        return Err(Fault::TOKEN_IN_QUERY);
    }
    Ok(())
}

/// Percent-decoded once: two digits each, valid UTF-8, no control character.
fn decode(text: &str) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err(Fault::SYNTAX);
        };
        bytes.push((high * 16 + low) as u8);
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::SYNTAX)?;
    // A line feed may stand in a search value; NUL and the other controls have no business there.
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Fault::SYNTAX);
    }
    Ok(text)
}

fn check_sizes(headers: &HeaderMap) -> Result<(), Fault> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let cookies: usize =
        headers.get_all(header::COOKIE).iter().map(|c| c.as_bytes().split(|b| *b == b';').count()).sum();
    if headers.len() > HEADERS_MAX || bytes > HEADER_BYTES_MAX || cookies > COOKIES_MAX {
        return Err(Fault::HEADERS);
    }
    Ok(())
}

/// One coding, `chunked`: anything else is a way to make two readers disagree on where the request ends.
fn check_transfer(headers: &HeaderMap) -> Result<(), Fault> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(only), None)
            if only.as_bytes().eq_ignore_ascii_case(b"chunked")
                && !headers.contains_key(header::CONTENT_LENGTH) =>
        {
            Ok(())
        }
        _ => Err(Fault::SYNTAX),
    }
}

/// Weights of `Accept` are numbers from 0 to 1 (RFC 9110 12.4.2).
fn check_accept(headers: &HeaderMap) -> Result<(), Fault> {
    for value in headers.get_all(header::ACCEPT) {
        let text = value.to_str().map_err(|_| Fault::SYNTAX)?;
        let weights = text.split([',', ';']).filter_map(|part| {
            let (name, weight) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| weight.trim())
        });
        for weight in weights {
            let number = weight.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if !number || !weight.parse::<f32>().is_ok_and(|w| w <= 1.0) {
                return Err(Fault::SYNTAX);
            }
        }
    }
    Ok(())
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (first, second) = (types.next(), types.next());
    let Some(first) = first else { return Ok(()) };
    let text = first.to_str().map_err(|_| Fault::MEDIA_TYPE)?.to_ascii_lowercase();
    // A multipart carries the type of its first part, with a charset of its own, as a parameter.
    let multipart = text.starts_with("multipart/");
    let charsets = text.split(';').filter(|part| part.trim_start().starts_with("charset=")).count();
    if second.is_some() || (charsets > 1 && !multipart) {
        return Err(Fault::MEDIA_TYPE);
    }
    Ok(())
}

/// No face serves a part of anything: an ordinary range is ignored (RFC 9110 14.2), an absurd one refused.
fn check_range(headers: &HeaderMap) -> Result<(), Fault> {
    let Some(range) = headers.get(header::RANGE) else { return Ok(()) };
    let text = range.to_str().map_err(|_| Fault::RANGE)?;
    let digits_max = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    if text.split(',').count() > RANGES_MAX || digits_max > 18 {
        return Err(Fault::RANGE);
    }
    Ok(())
}
