//! A keep-alive HTTP/1.1 client: one connection per simulated client, as little work as possible of its own.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One connection.
pub struct Client {
    authority: String,
    base: String,
    token: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub content_type: String,
    pub body: Bytes,
}

impl Client {
    /// `url` is `http://host:port[/base]`.
    pub fn new(url: &str, token: &str) -> Result<Self> {
        let rest =
            url.strip_prefix("http://").context("the load generator speaks plain http: give http://…")?;
        let (authority, base) = rest.split_once('/').unwrap_or((rest, ""));
        let base = if base.is_empty() { String::new() } else { format!("/{}", base.trim_end_matches('/')) };
        Ok(Client { authority: authority.to_owned(), base, token: token.to_owned(), sender: None })
    }

    async fn connected(&mut self) -> Result<&mut SendRequest<Full<Bytes>>> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(&self.authority).await.with_context(|| self.authority.clone())?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        self.sender.as_mut().context("connected just above")
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        accept: &str,
        body: Bytes,
    ) -> Result<Reply> {
        let mut builder = hyper::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(HOST, &self.authority)
            .header("accept", accept);
        if !self.token.is_empty() {
            builder = builder.header(AUTHORIZATION, format!("Bearer {}", self.token));
        }
        if !body.is_empty() {
            builder = builder.header(CONTENT_TYPE, kind);
        }
        let request = builder.body(Full::new(body))?;
        let sender = self.connected().await?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = kind.unwrap_or_default().to_owned();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Reply { status, content_type, body })
    }

    /// The same, for FHIR, refusing any other status than those expected.
    pub async fn fhir(&mut self, method: &str, path: &str, body: Bytes, expected: &[u16]) -> Result<Reply> {
        let reply = self.send(method, path, "application/fhir+json", "application/fhir+json", body).await?;
        if !expected.contains(&reply.status) {
            let text = String::from_utf8_lossy(&reply.body);
            let start: String = text.chars().take(600).collect();
            bail!("{method} {path}: answered {} where {expected:?} was expected: {start}", reply.status);
        }
        Ok(reply)
    }
}
