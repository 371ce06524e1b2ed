//! A small HTTP client of the interface: plain HTTP, connections kept, one bearer token.
//!
//! No TLS here: what leaves the machine goes through a local proxy that adds it. `https://` is refused, never
//! downgraded.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use clap::Args;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::path::PathBuf;

/// Which server, and as whom.
#[derive(Args)]
pub struct Target {
    /// Address of the server, such as http://127.0.0.1:8080
    #[arg(long, env = "DMP_URL")]
    url: String,
    /// Bearer token (`dmp token` prints one)
    #[arg(long, env = "DMP_TOKEN", hide_env_values = true, conflicts_with = "token_file")]
    token: Option<String>,
    /// File that holds the bearer token
    #[arg(long, value_name = "FILE", required_unless_present = "token")]
    token_file: Option<PathBuf>,
}

/// The client.
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    root: String,
    bearer: HeaderValue,
}

/// What came back.
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Body, whole.
    pub body: Bytes,
}

impl Target {
    /// A client of that server.
    pub fn client(&self) -> Result<Client> {
        let token = match (&self.token, &self.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(file)) => {
                std::fs::read_to_string(file).with_context(|| format!("token file `{}`", file.display()))?
            }
            (None, None) => bail!("a token is needed: --token or --token-file"),
        };
        let url = self.url.trim_end_matches('/');
        if url.starts_with("https://") {
            bail!("`{url}`: this client speaks plain HTTP; go through a local proxy that adds TLS");
        }
        if !url.starts_with("http://") {
            bail!("`{url}` is not an http:// address");
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .context("the token has a character that no token has")?;
        bearer.set_sensitive(true);
        Ok(Client {
            pool: Pool::builder(TokioExecutor::new()).build_http(),
            root: url.trim_end_matches("/fhir").to_owned(),
            bearer,
        })
    }
}

impl Client {
    /// Asks; the path starts with `/`, or is a whole address of the same server (a link of an answer).
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        accept: &'static str,
        body: Option<(&str, Bytes)>,
    ) -> Result<Answer> {
        let address = if path.starts_with('/') { format!("{}{path}", self.root) } else { path.to_owned() };
        if !address.starts_with(&self.root) {
            bail!("the server sends to another server");
        }
        let mut request = Request::builder()
            .method(method)
            .uri(&address)
            .header(AUTHORIZATION, self.bearer.clone())
            .header(ACCEPT, HeaderValue::from_static(accept));
        let body = match body {
            Some((kind, body)) => {
                request = request.header(CONTENT_TYPE, kind);
                body
            }
            None => Bytes::new(),
        };
        let request = request.body(Full::new(body)).context("this request cannot be written")?;
        let answer =
            self.pool.request(request).await.with_context(|| format!("`{}` does not answer", self.root))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.context("the answer was cut short")?.to_bytes();
        Ok(Answer { status, body })
    }

    /// `GET` of a FHIR resource.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(Method::GET, path, "application/fhir+json", None).await
    }

    /// `POST` of a FHIR resource.
    pub async fn post(&self, path: &str, resource: &Value) -> Result<Answer> {
        let body = Bytes::from(resource.to_string());
        self.ask(Method::POST, path, "application/fhir+json", Some(("application/fhir+json", body))).await
    }

    /// `POST` of a question to the server's own interface.
    pub async fn question(&self, path: &str, question: &Value) -> Result<Answer> {
        let body = Bytes::from(question.to_string());
        self.ask(Method::POST, path, "application/json", Some(("application/json", body))).await
    }
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Why it is no success: a stable code, and a sentence. From an OperationOutcome or a problem.
    pub fn refusal(&self) -> Refusal {
        let json = self.json();
        let text =
            |value: &Value| value.as_str().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let issue = &json["issue"][0];
        let code =
            text(&issue["details"]["text"]).or_else(|| text(&issue["code"])).or_else(|| text(&json["code"]));
        let reason = text(&issue["diagnostics"]).or_else(|| text(&json["detail"]));
        Refusal {
            code: code.unwrap_or_else(|| self.status.as_u16().to_string()),
            reason: reason.unwrap_or_else(|| self.status.to_string()),
        }
    }
}

/// Why a server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, such as `XDSPatientIdDoesNotMatch` or `login`.
    pub code: String,
    /// A sentence.
    pub reason: String,
}

/// A value in a query.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
