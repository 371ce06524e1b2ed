//! The way into the DMP interface: certificates that proxies forward, and what is refused before the face.

use super::pki::Authority;
use super::world::{BODY_BYTES_MAX, Choices, MUTUAL, SERVICE, World, base64, in_clear, message, over_tls};
use rcgen::ExtendedKeyUsagePurpose::ClientAuth;
use rustls::version::TLS13;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn a_header_says_who_somebody_is_when_a_listed_proxy_writes_it() {
    let world = World::new();
    let structure = world.authority.issue("structure", 12, ClientAuth);
    let rogue = Authority::new("Autorité inventée").issue("structure", 12, ClientAuth);
    let header = |leaf| format!("X-SSL-Client-Cert: {}\r\n", base64(leaf));
    let (own, of_a_rogue) = (header(&structure), header(&rogue));
    let other = own.replace("X-SSL-", "X-Forwarded-");
    let twice = own.repeat(2);
    let listed = Choices { proxy: Some([127, 0, 0, 1]), ..MUTUAL };
    let elsewhere = Choices { proxy: Some([192, 0, 2, 1]), ..MUTUAL };
    let lenient = Choices { certificate_required: false, ..elsewhere };
    let plain = Choices { plain_on_loopback: true, tls: false, ..MUTUAL };
    let (by, none) =
        ("certificate=CN=structure bytes=5 header=false", "certificate=none bytes=5 header=false");
    let refused = "FailedAuthentication";
    for (row, choices, headers, status, says) in [
        ("by a listed proxy", listed, &*own, 200, by),
        ("by a listed proxy, none", listed, "", 403, refused),
        ("by a listed proxy, of an authority we do not know", listed, &of_a_rogue, 403, refused),
        ("by a listed proxy, unreadable", listed, "X-SSL-Client-Cert: marie\r\n", 403, refused),
        ("by a listed proxy, two", listed, &twice, 403, refused),
        ("by a listed proxy, in another header", listed, &other, 403, refused),
        ("by anybody", elsewhere, &own, 403, refused),
        ("by anybody, where none is configured", MUTUAL, &own, 403, refused),
        ("by anybody, where none is needed", lenient, &own, 200, none),
        ("by anybody on the machine, where none is needed there", plain, &own, 403, refused),
        ("none on the machine, where none is needed there", plain, "", 200, none),
        ("none on the machine, for somebody else", plain, "X-Forwarded-For: 192.0.2.7\r\n", 403, refused),
        ("none in clear, where TLS would do", Choices { tls: false, ..lenient }, "", 403, refused),
    ] {
        let server = world.serve(choices).await;
        let request = message(SERVICE, headers, 5);
        let answer = if choices.tls {
            let client = Arc::new(world.client(None, &[&TLS13]));
            over_tls(server.handle.address, &client, &request).await.unwrap()
        } else {
            in_clear(server.handle.address, &request).await
        };
        assert_eq!(answer.status, status, "{row}: {}", answer.text);
        assert!(answer.text.contains(says), "{row}: {}", answer.text);
        server.handle.stop().await;
    }
}

/// Rows SOAP-40 and SOAP-41, and what else is refused before the face: always a SOAP fault.
#[tokio::test]
async fn what_is_no_message_is_refused_as_a_fault() {
    let world = World::new();
    let server = world.serve(Choices { plain_on_loopback: true, tls: false, ..MUTUAL }).await;
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 18, "x".repeat(1 << 18));
    let head = "Host: localhost\r\nContent-Type: application/soap+xml; charset=utf-8\r\n";
    let chunked = format!("POST {SERVICE} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n");
    // No more than is read: what a server leaves unread makes its system reset the connection, answer and all.
    let endless = chunked + &chunk.repeat(4) + "2\r\nxx\r\n";
    let mtom = "Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=b; start=\"<r>\"; \
                start-info=\"application/soap+xml; charset=utf-8\"; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";
    let mtom = format!("POST {SERVICE} HTTP/1.1\r\nHost: localhost\r\n{mtom}");
    for (row, request, status, says) in [
        ("a message", message(SERVICE, "", BODY_BYTES_MAX), 200, "bytes=1048576"),
        (
            "of a browser of another site, which has no say",
            message(SERVICE, "Origin: https://x\r\n", 5),
            200,
            "bytes=5",
        ),
        (
            "with a cookie, which is nobody's",
            message(SERVICE, "Cookie: dmp_session=x\r\n", 5),
            200,
            "bytes=5",
        ),
        (
            "with a token, which is not read",
            message(SERVICE, "Authorization: Bearer x\r\n", 5),
            200,
            "bytes=5",
        ),
        ("in several parts", mtom, 200, "bytes=5"),
        ("answered as it is", message(SERVICE, "Accept-Encoding: gzip\r\n", 5), 200, "coding=false"),
        ("SOAP-40", endless, 413, "Fault"),
        ("another host", message(SERVICE, "", 5).replace("localhost", "attacker.example"), 421, "Fault"),
        ("an unknown service", message("/si-dmp-server/v2/services/autre", "", 5), 404, "Fault"),
        ("an unknown path", message("/si-dmp-server/", "", 5), 404, "Fault"),
        ("dots", message("/si-dmp-server/%2e%2e/health", "", 5), 404, "Fault"),
        ("another method", message(SERVICE, "", 5).replace("POST", "TRACE"), 405, "Fault"),
        ("a fault of ours", message("/si-dmp-server/v2/services/panics", "", 5), 500, "Receiver"),
    ] {
        let answer = in_clear(server.handle.address, &request).await;
        assert_eq!(answer.status, status, "{row}: {}", answer.text);
        assert!(answer.text.contains(says), "{row}: {}", answer.text);
        assert_eq!(answer.header("x-request-id").map(str::len), Some(36), "{row}");
        if status != 200 {
            let id = answer.header("x-request-id").unwrap();
            assert!(answer.text.contains(&format!("urn:uuid:{id}</MessageID>")), "{row}: {}", answer.text);
            let kind = answer.header("content-type").unwrap_or_default();
            assert!(kind.starts_with("application/soap+xml"), "{row}: {kind}");
        }
        if status == 413 {
            assert!(answer.closed, "{row}");
        }
    }
    // SOAP-41: what follows the announced length is not part of the message, and no second one either.
    let longer = message(SERVICE, "", 5) + "<rest of it>\r\n\r\n";
    let mut stream = TcpStream::connect(server.handle.address).await.unwrap();
    stream.write_all(longer.as_bytes()).await.unwrap();
    let mut answers = String::new();
    let read = timeout(Duration::from_secs(5), stream.read_to_string(&mut answers)).await;
    assert!(read.is_ok_and(|read| read.is_ok()), "the connection is closed");
    assert!(answers.contains("bytes=5") && answers.contains("HTTP/1.1 400"), "{answers}");
    server.handle.stop().await;
}
