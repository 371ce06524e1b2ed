//! Connections of mutual TLS: whose certificates are taken, where they are asked, how files that change are read again.

use super::super::Tls;
use super::pki::Authority;
use super::world::{MUTUAL, SERVICE, World, asked, base64, connected, in_clear, message, over_tls};
use crate::config::{Config, Tls as Files};
use crate::files::Refresh as _;
use crate::open::{Deployment, SystemAmbient};
use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, SignatureScheme};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn a_message_comes_with_a_certificate_of_the_authorities() {
    let world = World::new();
    world.write("crl.pem", world.authority.revoke(&[13], 2100).pem().unwrap());
    let server = world.serve(MUTUAL).await;
    let rogue = Authority::new("Autorité inventée");
    let structure = world.authority.issue("structure", 12, ClientAuth);
    let revoked = world.authority.issue("structure", 13, ClientAuth);
    let over = world.authority.issue_until("structure", 14, ClientAuth, 2025);
    let of_a_server = world.authority.issue("structure", 15, ServerAuth);
    let of_a_rogue = rogue.issue("structure", 12, ClientAuth);
    let post = message(SERVICE, "", 5);
    let get = format!("GET {SERVICE}?wsdl HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let pretending = message(SERVICE, &format!("X-SSL-Client-Cert: {}\r\n", base64(&structure)), 5);
    let taken = "certificate=CN=structure bytes=5 header=false coding=false id=true";
    for (row, leaf, versions, request, expected) in [
        ("TLS 1.3", Some(&structure), &TLS13, &post, Some((200, taken))),
        ("TLS 1.2", Some(&structure), &TLS12, &post, Some((200, taken))),
        ("none", None, &TLS13, &post, Some((403, "FailedAuthentication"))),
        ("none, TLS 1.2", None, &TLS12, &post, Some((403, "FailedAuthentication"))),
        ("none, one of somebody in a header", None, &TLS13, &pretending, Some((403, "FailedAuthentication"))),
        ("none, to read a WSDL", None, &TLS13, &get, Some((200, "certificate=none"))),
        ("revoked", Some(&revoked), &TLS13, &post, None),
        ("revoked, TLS 1.2", Some(&revoked), &TLS12, &post, None),
        ("revoked, to read a WSDL", Some(&revoked), &TLS13, &get, None),
        ("of an authority of the same name", Some(&of_a_rogue), &TLS13, &post, None),
        ("expired", Some(&over), &TLS13, &post, None),
        ("of a server", Some(&of_a_server), &TLS13, &post, None),
    ] {
        let client = Arc::new(world.client(leaf, &[versions]));
        let answer = over_tls(server.services, &client, request).await;
        match expected {
            None => assert!(answer.is_none(), "{row}: {}", answer.unwrap().text),
            Some((status, says)) => {
                let answer = answer.unwrap_or_else(|| panic!("{row}: no answer"));
                assert_eq!(answer.status, status, "{row}: {}", answer.text);
                assert!(answer.text.contains(says), "{row}: {}", answer.text);
            }
        }
    }
    let plain = in_clear(server.services, &post).await;
    assert_eq!(plain.status, 0, "plain HTTP on a TLS port: {}", plain.text);
    server.handle.stop().await;
}

/// Says that it has no certificate, and remembers that it was asked for one.
#[derive(Debug, Default)]
struct Asked(AtomicBool);

impl ResolvesClientCert for Asked {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn pages_ask_no_certificate_and_the_port_of_the_services_serves_nothing_else() {
    let world = World::new();
    let server = world.serve(MUTUAL).await;
    let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let post = message(SERVICE, "", 5);
    for (row, address, request, status, asked) in [
        ("a page", server.handle.address, health, 200, false),
        ("a message on the port of the pages", server.handle.address, &*post, 403, false),
        ("a page on the port of the services", server.services, health, 404, true),
        (
            "FHIR on the port of the services",
            server.services,
            "GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n",
            404,
            true,
        ),
    ] {
        let resolver = Arc::new(Asked::default());
        let mut client = world.client(None, &[&TLS13]);
        client.client_auth_cert_resolver = Arc::clone(&resolver) as Arc<dyn ResolvesClientCert>;
        let answer = over_tls(address, &Arc::new(client), request).await.unwrap();
        assert_eq!(answer.status, status, "{row}: {}", answer.text);
        assert_eq!(resolver.0.load(Ordering::Relaxed), asked, "{row}");
        assert!(answer.header("strict-transport-security").is_some(), "{row}");
    }
    assert!(server.handle.url.starts_with("https://127.0.0.1:"), "{}", server.handle.url);
    server.handle.stop().await;
}

#[tokio::test]
async fn files_that_change_are_read_again() {
    let world = World::new();
    let structure = world.authority.issue("structure", 12, ClientAuth);
    let tls = Tls::open(world.files()).unwrap();
    let certificate = structure.certificate.der();
    assert!(tls.takes(certificate, &[]));
    assert_eq!(tls.refresh(), Ok(false));
    for (row, list, taken) in [
        ("revoked, in DER", world.authority.revoke(&[12, 99], 2100).der().to_vec(), false),
        ("no more", world.authority.revoke(&[], 2100).pem().unwrap().into_bytes(), true),
        ("a list that is over", world.authority.revoke(&[], 2025).pem().unwrap().into_bytes(), false),
        (
            "a list of somebody else",
            Authority::new("Autre").revoke(&[1], 2100).pem().unwrap().into_bytes(),
            false,
        ),
    ] {
        world.write("crl.pem", list);
        assert_eq!(tls.refresh(), Ok(true), "{row}");
        assert_eq!(tls.takes(certificate, &[]), taken, "{row}");
    }
    world.write("crl.pem", world.authority.revoke(&[7, 8, 9], 2100).pem().unwrap());
    assert_eq!(tls.refresh(), Ok(true));
    world.write("crl.pem", "nothing");
    assert!(tls.refresh().is_err() && tls.refresh().is_err(), "until it is put right");
    assert!(tls.takes(certificate, &[]), "what was in force still is");
}

/// A client that keeps its session, or its connection, does not outlive the revocation of its certificate.
#[tokio::test]
async fn a_revoked_certificate_resumes_no_session_and_keeps_no_connection() {
    let world = World::new();
    let structure = world.authority.issue("structure", 12, ClientAuth);
    let post = message(SERVICE, "", 5);
    for version in [&TLS12, &TLS13] {
        world.write("crl.pem", world.authority.revoke(&[], 2100).pem().unwrap());
        let tls = Arc::new(Tls::open(world.files()).unwrap());
        let server = world.serve_with(MUTUAL, Some(Arc::clone(&tls))).await;
        let client = Arc::new(world.client(Some(&structure), &[version]));
        let mut kept = Vec::new();
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut stream = connected(server.services, &client).await.unwrap();
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind));
            let answer = asked(&mut stream, &post).await.unwrap();
            assert!(answer.text.contains("CN=structure"), "{kind:?}: {}", answer.text);
            kept.push(stream);
        }
        world.write("crl.pem", world.authority.revoke(&[12], 2100).pem().unwrap());
        assert_eq!(tls.refresh(), Ok(true));
        assert!(over_tls(server.services, &client, &post).await.is_none());
        for mut stream in kept {
            let answer = asked(&mut stream, &post).await.unwrap();
            assert_eq!(answer.status, 403, "a connection of before: {}", answer.text);
        }
        server.handle.stop().await;
    }
}

#[test]
fn wrong_files_are_said_in_one_line() {
    let world = World::new();
    let other = world.authority.issue("localhost", 2, ServerAuth);
    let over = world.authority.issue_until("localhost", 3, ServerAuth, 2025);
    world.write("other.key", other.key_pem());
    world.write("over.pem", over.certificate.pem());
    world.write("over.key", over.key_pem());
    let files = world.files();
    let path = |name: &str| world.directory.join(name);
    for (row, files, says) in [
        ("absent", Files { certificate: Some(path("absent")), ..files.clone() }, "`http.tls_certificate`: `"),
        ("a key", Files { certificate: Some(path("server.key")), ..files.clone() }, "no certificate in PEM"),
        ("a certificate", Files { key: Some(path("server.pem")), ..files.clone() }, "no private key"),
        ("of another", Files { key: Some(path("other.key")), ..files.clone() }, "`http.tls_certificate`: `"),
        (
            "expired",
            Files { certificate: Some(path("over.pem")), key: Some(path("over.key")), ..files.clone() },
            "has expired",
        ),
        (
            "no anchor",
            Files { client_anchors: Some(path("server.key")), ..files.clone() },
            "`http.tls_client_anchors`",
        ),
        ("no list", Files { client_crls: vec![path("server.pem")], ..files.clone() }, "no revocation list"),
    ] {
        let line = Tls::open(files).err().unwrap_or_else(|| panic!("{row}")).0;
        assert!(line.contains(says) && !line.contains('\n'), "{row}: {line}");
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_holds_no_stop_back() {
    let world = World::new();
    let server = world.serve(MUTUAL).await;
    let mut silent = TcpStream::connect(server.services).await.unwrap();
    let client = Arc::new(world.client(None, &[&TLS13]));
    let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(over_tls(server.handle.address, &client, health).await.is_some());
    timeout(Duration::from_secs(5), server.handle.stop()).await.expect("a handshake that never comes");
    let mut byte = [0];
    assert!(matches!(silent.read(&mut byte).await, Ok(0) | Err(_)), "its connection is closed");
}

/// From a configuration to the real face, whose first words are about the message.
#[tokio::test]
async fn a_deployment_serves_its_services_in_mutual_tls() {
    let world = World::new();
    let text = "[http]\nlisten = \"127.0.0.1:0\"\ntls_certificate = \"server.pem\"\ntls_key = \"server.key\"\n\
                tls_client_anchors = \"anchors.pem\"\ntls_client_crls = [\"crl.pem\"]\n\
                [xds]\nenabled = true\nlisten = \"127.0.0.1:0\"\nanchors = \"anchors.pem\"\ncrls = [\"crl.pem\"]\n";
    let config = Config::read(text, [], &world.directory).unwrap();
    let deployment = Deployment::open(config).unwrap();
    let store = deployment.store(Arc::new(SystemAmbient)).await.unwrap();
    let handle = deployment.serve(store, None).await.unwrap();
    let url = handle.services.clone().unwrap();
    let authority = url.strip_prefix("https://").unwrap().split('/').next().unwrap();
    let services: SocketAddr = authority.parse().unwrap();
    let structure = world.authority.issue("structure", 12, ClientAuth);
    let (with, without) = (world.client(Some(&structure), &[&TLS13]), world.client(None, &[&TLS13]));
    let (with, without) = (Arc::new(with), Arc::new(without));
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let location = format!("location=\"{url}/patient\"");
    for (row, address, client, request, status, says) in [
        ("a message that is none", services, &with, message(SERVICE, "", 5), 400, "not-xml"),
        (
            "a message to nobody",
            services,
            &with,
            message("/si-dmp-server/v2/services/autre", "", 5),
            404,
            "Fault",
        ),
        ("a message without a certificate", services, &without, message(SERVICE, "", 5), 403, "Fault"),
        ("a WSDL", services, &without, get(&format!("{SERVICE}?wsdl")), 200, &location),
        ("the parameter file", services, &without, get(dmp_xds::PARAMETERS), 200, "TEST"),
        ("a page there", services, &with, get("/health"), 404, "not-found"),
        ("a page", handle.address, &without, get("/health"), 200, "pass"),
    ] {
        let answer = over_tls(address, client, &request).await.unwrap();
        assert_eq!(answer.status, status, "{row}: {}", answer.text);
        assert!(answer.text.contains(says), "{row}: {}", answer.text);
    }
    handle.stop().await;
}
