//! Requests to a provider: 64 KiB, five seconds, no redirection, and JSON whose names are unique.

use crate::fault::Fault;
use crate::json::object;
use http::header::CONTENT_TYPE;
use openidconnect::url::{Host, Url};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Longest answer of a provider, in bytes (OIDC-20).
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Longest wait for one (OIDC-21).
const PATIENCE: Duration = Duration::from_secs(5);

/// A client for one provider.
#[derive(Clone)]
pub(crate) struct Fetch {
    client: reqwest::Client,
}

impl Fetch {
    /// A client that follows no redirection, and takes no proxy towards the machine itself.
    pub(crate) fn new(issuer: &Url) -> Result<Fetch, String> {
        // The process has one provider of cryptography; whoever comes first installs it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        let builder = if is_loopback(issuer) { builder.no_proxy() } else { builder };
        builder.build().map(|client| Fetch { client }).map_err(|error| error.to_string())
    }

    /// Sends, and reads an answer that is not a redirection.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let address = request.uri().to_string();
        if !Url::parse(&address).is_ok_and(|url| is_safe(&url)) {
            return Err(Fault::Provider("an address that is neither https nor on loopback"));
        }
        let (head, body) = request.into_parts();
        let sending = self.client.request(head.method, address).headers(head.headers).body(body);
        let mut answer = sending.send().await.map_err(|error| failed(&error))?;
        if answer.status().is_redirection() {
            return Err(Fault::Provider("a redirection"));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Fault::Provider("an answer longer than 64 KiB"));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let is_jwt = media_type(&response).is_some_and(|media| media.ends_with("/jwt"));
        if answer.status().is_success() && !is_jwt && object(response.body()).is_none() {
            return Err(Fault::Provider("an answer that is no JSON object"));
        }
        Ok(response)
    }
}

type Answering<'c> = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = Fault;
    type Future = Answering<'c>;

    fn call(&'c self, request: HttpRequest) -> Answering<'c> {
        Box::pin(self.send(request))
    }
}

/// A request whose answer is looked at as it came, before `openidconnect` makes something of it, and kept.
pub(crate) struct Recorded {
    fetch: Fetch,
    look: Look,
    kept: Mutex<Option<HttpResponse>>,
}

type Look = Box<dyn Fn(&HttpResponse) -> Result<(), Fault> + Send + Sync>;

impl Recorded {
    /// A request whose answer is looked at so.
    pub(crate) fn new(
        fetch: &Fetch,
        look: impl Fn(&HttpResponse) -> Result<(), Fault> + Send + Sync + 'static,
    ) -> Self {
        Recorded { fetch: fetch.clone(), look: Box::new(look), kept: Mutex::new(None) }
    }

    /// The answer, once.
    pub(crate) fn take(&self) -> Option<HttpResponse> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<'c> AsyncHttpClient<'c> for Recorded {
    type Error = Fault;
    type Future = Answering<'c>;

    fn call(&'c self, request: HttpRequest) -> Answering<'c> {
        Box::pin(async move {
            let response = self.fetch.send(request).await?;
            (self.look)(&response)?;
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(response.clone());
            Ok(response)
        })
    }
}

/// The media type of an answer, without parameters.
pub(crate) fn media_type(response: &HttpResponse) -> Option<String> {
    let value = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

fn failed(error: &reqwest::Error) -> Fault {
    if error.is_timeout() { Fault::Slow } else { Fault::Provider("no answer") }
}

/// True for the machine itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// True for an address that a provider may have: https, or the machine itself.
pub(crate) fn is_safe(url: &Url) -> bool {
    let plain = url.scheme() == "http" && is_loopback(url);
    (url.scheme() == "https" || plain) && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_the_machine_itself() {
        for (url, safe) in [
            ("https://fc.example/api", true),
            ("http://127.0.0.1:8080/demo/openid", true),
            ("http://localhost/", true),
            ("http://[::1]:1/", true),
            ("http://fc.example/", false),
            ("http://127.0.0.1.attacker.example/", false),
            ("https://user@fc.example/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_safe(&Url::parse(url).unwrap()), safe, "{url}");
        }
    }
}
