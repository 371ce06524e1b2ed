//! A server whose DMP interface is played by a route that tells what it was given, and its clients.

use super::super::forwarded::Forwarded;
use super::super::{Door, Doors, Edge, Entry, Hosts, Limits, ServerHandle, Taken, Tls, layered, serve};
use super::pki::{Authority, Leaf};
use super::{Answer, read_answer};
use crate::config::{Config, KEYS_FILE, Tls as Files};
use crate::identity::Identities;
use crate::open::{Deployment, SystemAmbient};
use crate::sessions::Sessions;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::routing::{any, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_keys::FileCustody;
use dmp_xds::{ClientCertificate, RequestId};
use rcgen::ExtendedKeyUsagePurpose::ServerAuth;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_cert::der::Decode as _;

pub(super) const SERVICE: &str = "/si-dmp-server/v2/services/patient";
pub(super) const BODY_BYTES_MAX: usize = 1 << 20;

/// What the route was given: by whose certificate, how many bytes, which header of a proxy.
async fn given(request: Request) -> String {
    let certificate = request.extensions().get::<ClientCertificate>().map(|ClientCertificate(der)| {
        x509_cert::Certificate::from_der(der).unwrap().tbs_certificate.subject.to_string()
    });
    let identified = request.extensions().get::<RequestId>().is_some();
    let header = request.headers().keys().any(|name| name.as_str().contains("client-cert"));
    let coding = request.headers().contains_key("accept-encoding");
    let length = to_bytes(request.into_body(), usize::MAX).await.map_or(0, |body| body.len());
    let certificate = certificate.as_deref().unwrap_or("none");
    format!("certificate={certificate} bytes={length} header={header} coding={coding} id={identified}")
}

async fn panics() -> String {
    panic!("as a fault of ours would")
}

pub(super) struct World {
    pub(super) directory: PathBuf,
    pub(super) authority: Authority,
    pub(super) server: Leaf,
}

#[derive(Clone, Copy)]
pub(super) struct Choices {
    pub(super) certificate_required: bool,
    pub(super) plain_on_loopback: bool,
    /// Whose header is read; nobody's without.
    pub(super) proxy: Option<[u8; 4]>,
    pub(super) tls: bool,
}

pub(super) const MUTUAL: Choices =
    Choices { certificate_required: true, plain_on_loopback: false, proxy: None, tls: true };

pub(super) struct Server {
    pub(super) handle: ServerHandle,
    pub(super) services: SocketAddr,
}

impl World {
    pub(super) fn new() -> Self {
        let directory = std::env::temp_dir().join(format!("dmp-tls-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        FileCustody::create(&directory.join(KEYS_FILE)).unwrap();
        let authority = Authority::new("Autorité inventée");
        let server = authority.issue("localhost", 1, ServerAuth);
        let world = World { directory, authority, server };
        world.write("server.pem", world.server.certificate.pem());
        world.write("server.key", world.server.key_pem());
        world.write("anchors.pem", world.authority.pem());
        world.write("crl.pem", world.authority.revoke(&[], 2100).pem().unwrap());
        world
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.directory.join(name), bytes).unwrap();
    }

    pub(super) fn files(&self) -> Files {
        let path = |name| self.directory.join(name);
        Files {
            certificate: Some(path("server.pem")),
            key: Some(path("server.key")),
            client_anchors: Some(path("anchors.pem")),
            client_crls: vec![path("crl.pem")],
        }
    }

    pub(super) async fn serve(&self, choices: Choices) -> Server {
        self.serve_with(choices, choices.tls.then(|| Arc::new(Tls::open(self.files()).unwrap()))).await
    }

    pub(super) async fn serve_with(&self, choices: Choices, tls: Option<Arc<Tls>>) -> Server {
        let config = Config::read("", [], &self.directory).unwrap();
        let store = Deployment::open(config.clone()).unwrap().store(Arc::new(SystemAmbient)).await.unwrap();
        let routes = Router::new()
            .route(SERVICE, any(given))
            .route("/si-dmp-server/v2/services/panics", post(panics))
            .route("/health", get(given));
        let header = http::HeaderName::from_static("x-ssl-client-cert");
        let edge = Edge {
            hosts: Hosts::new(["localhost"]),
            identities: Identities::new(Vec::new(), config.realm()),
            sessions: Arc::new(Sessions::new(choices.tls)),
            store,
            behind_tls: choices.tls,
            tls,
            fhir_body_bytes_max: 1000,
            services: Some(Entry {
                body_bytes_max: BODY_BYTES_MAX,
                certificate_required: choices.certificate_required,
                plain_on_loopback: choices.plain_on_loopback,
                forwarded: choices.proxy.map(|proxy| Forwarded { header, proxies: vec![proxy.into()] }),
            }),
            router: layered(routes),
        };
        let (main, apart) = (taken(Door::Main).await, taken(Door::Services).await);
        let services = apart.address;
        let limits = Limits { connections: 100, per_address: 100 };
        let services_door = choices.tls.then_some(apart);
        let doors = Doors { main, services: services_door, services_url: None, refreshed: Vec::new() };
        let handle = serve(doors, edge, limits);
        Server { handle, services }
    }

    /// A client that trusts the authority.
    pub(super) fn client(
        &self,
        leaf: Option<&Leaf>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        match leaf {
            Some(leaf) => builder.with_client_auth_cert(leaf.chain(), leaf.key()).unwrap(),
            None => builder.with_no_client_auth(),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub(super) async fn taken(door: Door) -> Taken {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    Taken { listener, address, door }
}

pub(super) fn message(path: &str, headers: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml; charset=utf-8\r\n\
         Content-Length: {length}\r\n{headers}\r\n{}",
        "x".repeat(length)
    )
}

/// A connection; `None` when the server refuses it.
pub(super) async fn connected(
    address: SocketAddr,
    client: &Arc<ClientConfig>,
) -> Option<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::clone(client)).connect(name, stream).await.ok()
}

/// One request; `None` when the server ends the connection without an answer.
pub(super) async fn asked(stream: &mut TlsStream<TcpStream>, request: &str) -> Option<Answer> {
    stream.write_all(request.as_bytes()).await.ok()?;
    Some(read_answer(stream).await).filter(|answer| answer.status != 0)
}

pub(super) async fn over_tls(
    address: SocketAddr,
    client: &Arc<ClientConfig>,
    request: &str,
) -> Option<Answer> {
    asked(&mut connected(address, client).await?, request).await
}

pub(super) async fn in_clear(address: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(request.as_bytes()).await;
    read_answer(&mut stream).await
}

pub(super) fn base64(leaf: &Leaf) -> String {
    STANDARD.encode(leaf.certificate.der())
}
