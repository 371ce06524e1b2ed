//! The connection of `dmp lps`: HTTP/1.1 over plain TCP on this machine, or TLS with the client's certificate.

use super::Usage;
use super::trace::Trace;
use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use dmp_lps::identity::Authentication;
use dmp_lps::{Answer, LpsError, Request};
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A server and how to reach it.
pub struct Server {
    /// Its address without a final `/`.
    pub root: String,
    /// Where what is said is kept.
    pub trace: Option<Trace>,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
}

/// What came back.
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    content_type: String,
    body: Bytes,
}

impl Server {
    /// A server by its address; `https` needs its authority, and presents the certificate when there is one.
    pub fn new(url: &str, client: Option<&Authentication>, authority: Option<&str>) -> Result<Server> {
        let root = url.trim_end_matches('/').to_owned();
        let no_address = || Usage(format!("`{url}` is no address"));
        let uri: Uri = root.parse().map_err(|_| no_address())?;
        let host = uri.host().ok_or_else(no_address)?;
        if !matches!(uri.path(), "" | "/") {
            let alone = "the address of the server alone, the paths of the services are known";
            return Err(Usage(format!("`{url}`: {alone}")).into());
        }
        let (tls, port) = match uri.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => {
                let missing =
                    || Usage("--ca is needed: the authority of the server's certificate".to_owned());
                let authority = authority.ok_or_else(missing)?;
                (Some(TlsConnector::from(Arc::new(tls(client, authority)?))), 443)
            }
            _ => return Err(Usage(format!("`{url}` is neither an http:// nor an https:// address")).into()),
        };
        Ok(Server { host: host.to_owned(), port: uri.port_u16().unwrap_or(port), root, tls, trace: None })
    }

    /// Sends a request, and keeps what was said.
    pub async fn post(&self, request: &Request) -> Result<Reply> {
        let traced = self.trace.as_ref().map(|trace| trace.request(&self.root, request)).transpose()?;
        let reply = self.send(request).await?;
        if let Some(traced) = traced {
            traced.answer(&reply.body)?;
        }
        Ok(reply)
    }

    async fn send(&self, request: &Request) -> Result<Reply> {
        let unreachable = || format!("`{}` does not answer", self.root);
        let host = self.host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.port)).await.with_context(unreachable)?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.exchange(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(host.to_owned())?;
                let stream = tls.connect(name, stream).await.with_context(unreachable)?;
                self.exchange(stream, request).await
            }
        }
    }

    async fn exchange(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        request: &Request,
    ) -> Result<Reply> {
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = http::Request::builder()
            .method(Method::POST)
            .uri(&request.path)
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(CONTENT_TYPE, &request.content_type)
            .body(Full::new(request.body.clone()))?;
        let answer = sender.send_request(request).await;
        // A server that refuses the client's certificate closes: what it said is in the connection's own error.
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => match connection.await {
                Ok(Err(told)) => return Err(told).context(format!("`{}` closed the connection", self.root)),
                _ => return Err(error).context(format!("`{}` closed the connection", self.root)),
            },
        };
        let status = answer.status();
        let header = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = header.unwrap_or_default().to_owned();
        let body = answer.into_body().collect().await.context("the answer was cut short")?.to_bytes();
        Ok(Reply { status, content_type, body })
    }
}

impl Reply {
    /// What a transaction reads in it.
    pub fn read<T>(
        self,
        read: impl FnOnce(&Answer) -> Result<T, LpsError>,
    ) -> Result<Result<T, dmp_lps::Refusal>> {
        let status = self.status;
        let answer = Answer::read(&self.content_type, self.body).and_then(|answer| read(&answer));
        match answer {
            Ok(read) => Ok(Ok(read)),
            Err(LpsError::Refused(refusal)) => Ok(Err(refusal)),
            Err(error) => Err(error).with_context(|| format!("the server answered {status}")),
        }
    }
}

fn tls(client: Option<&Authentication>, authority: &str) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.context("the authority of the server is no PEM certificate")?)?;
    }
    if roots.is_empty() {
        bail!("the authority of the server is no PEM certificate");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(match client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let certificates = CertificateDer::pem_slice_iter(client.certificates.as_bytes());
            let certificates =
                certificates.collect::<Result<Vec<_>, _>>().context("the client's certificate")?;
            let key = PrivateKeyDer::from_pem_slice(client.key.as_bytes()).context("the client's key")?;
            builder.with_client_auth_cert(certificates, key)?
        }
    })
}
