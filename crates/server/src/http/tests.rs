//! Rows URL-01 to URL-60 of the bad-input list, spoken raw over TCP to a listening server; identity at the edge;
//! start and stop.

mod mutual_tls;
mod pki;
mod services;
mod world;

use super::{Face, Fault};
use crate::config::{AUTHORITY, Config, ISSUER_FILE, KEYS_FILE};
use crate::demo::authority::Authority;
use crate::open::{Deployment, SystemAmbient};
use crate::people::People;
use crate::tokens::TestIssuer;
use dmp_dossier::{Actor, Ins, InsOid, Time};
use dmp_keys::FileCustody;
use dmp_portal::{Demo, ListedPatient, Persona, Viewer};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One person, `marie`.
struct OnePerson;

fn marie() -> Actor {
    Actor::Patient { ins: Ins::parse("284073523811416", InsOid::Test).unwrap() }
}

impl Demo for OnePerson {
    fn personas(&self) -> Vec<Persona> {
        Vec::new()
    }

    fn patients(&self, _: &Viewer) -> Vec<ListedPatient> {
        Vec::new()
    }
}

impl People for OnePerson {
    fn actor(&self, key: &str) -> Option<Actor> {
        (key == "marie").then(marie)
    }

    fn viewer(&self, key: &str, csrf: String) -> Option<Viewer> {
        let actor = self.actor(key)?;
        Some(Viewer::new(actor, "Marie", "Patiente", csrf, Time::from_millis(0)))
    }

    fn listing(&self) -> Value {
        json!([{ "name": "marie" }])
    }
}

struct Running {
    handle: super::ServerHandle,
    directory: PathBuf,
    issuer: TestIssuer,
}

impl Running {
    async fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("dmp-http-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        FileCustody::create(&directory.join(KEYS_FILE)).unwrap();
        let issuer = TestIssuer::create(&directory.join(ISSUER_FILE)).unwrap();
        Authority::open_or_create(&directory.join(AUTHORITY)).unwrap();
        let config = Config::demo(&directory, "127.0.0.1:0".parse().unwrap(), false).unwrap();
        let deployment = Deployment::open(config).unwrap();
        let store = deployment.store(Arc::new(SystemAmbient)).await.unwrap();
        let handle = deployment.serve(store, Some(Arc::new(OnePerson))).await.unwrap();
        Running { handle, directory, issuer }
    }

    fn address(&self) -> SocketAddr {
        self.handle.address
    }

    fn token(&self) -> String {
        let now = Time::from_millis(jiff::Timestamp::now().as_millisecond());
        self.issuer.mint(&marie(), now, 5).unwrap()
    }

    async fn stop(self) {
        self.handle.stop().await;
        std::fs::remove_dir_all(self.directory).unwrap();
    }

    /// Sends bytes and reads one answer: status, head and body as text, and whether the server then closed.
    async fn raw(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        // A server that has already answered may have stopped reading.
        let _ = stream.write_all(request.as_ref()).await;
        read_answer(&mut stream).await
    }

    async fn ask(&self, line: &str, headers: &str) -> Answer {
        self.raw(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")).await
    }

    /// Signs in as Marie through the demonstration's provider, with these cookies already; the `Set-Cookie` of the session.
    async fn sign_in(&self, cookies: &str) -> String {
        let mut cookies = cookies.to_owned();
        let mut path = "/connexion/depart/demo?qui=marie".to_owned();
        for _ in 0..5 {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}\r\n\r\n", self.address());
            let answer = self.raw(request).await;
            let to =
                answer.header("location").unwrap_or_else(|| panic!("{path}: {}", answer.text)).to_owned();
            if let Some(cookie) = answer.header("set-cookie") {
                if cookie.starts_with("dmp_session=") {
                    assert_eq!(to, "/");
                    return cookie.to_owned();
                }
                cookies = format!("{cookies}; {}", cookie.split(';').next().unwrap());
            }
            path = to.trim_start_matches(&format!("http://{}", self.address())).to_owned();
        }
        panic!("no session: {path}")
    }

    async fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n");
        self.raw(head + body).await
    }
}

/// One answer, as far as it comes.
async fn read_answer(stream: &mut (impl AsyncRead + Unpin)) -> Answer {
    let mut answer = Answer { status: 0, text: String::new(), closed: false };
    loop {
        // Nothing more is expected once an answer is whole, unless it says that the connection ends.
        let patience = if answer.is_whole() { 30 } else { 5_000 };
        let mut chunk = [0; 16 * 1024];
        match timeout(Duration::from_millis(patience), stream.read(&mut chunk)).await {
            Ok(Ok(0) | Err(_)) => {
                answer.closed = true;
                break;
            }
            Ok(Ok(read)) => answer.text.push_str(&String::from_utf8_lossy(&chunk[..read])),
            Err(_) if answer.is_whole() => break,
            Err(_) => panic!("no answer: {}", answer.text),
        }
    }
    answer.status = answer.text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
    answer
}

struct Answer {
    status: u16,
    text: String,
    closed: bool,
}

impl Answer {
    fn is_whole(&self) -> bool {
        let Some((_, body)) = self.text.split_once("\r\n\r\n") else { return false };
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        body.len() >= length.unwrap_or(usize::MAX) && self.header("connection") != Some("close")
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

#[tokio::test]
async fn addresses_and_heads_that_are_badly_made_are_refused() {
    let server = Running::start().await;
    let long = "a".repeat(20 * 1024);
    let query = "a".repeat(66 * 1024);
    let parameters = vec!["a=1"; 1001].join("&");
    let forwarded = vec!["192.0.2.1"; 1000].join(",");
    let headers: String = (0..101).map(|n| format!("X-A{n}: 1\r\n")).collect();
    let header = format!("X-A: {}\r\n", "a".repeat(64 * 1024));
    let cookies = vec!["a=1"; 5000].join("; ");
    let ranges = (0..1000).map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(",");
    let language = format!("Accept-Language: {}\r\n", "fr,".repeat(3000));
    let absurd = "Range: bytes=-99999999999999999999\r\n";
    for (row, line, headers, expected) in [
        ("URL-01", "GET /%2e%2e/%2e%2e/etc/passwd", "", 404),
        ("URL-01", "GET /../../etc/passwd", "", 404),
        ("URL-02", "GET /static/..%5c..%5cx", "", 404),
        ("URL-03", "GET /a%00.html", "", 400),
        ("URL-04", "GET /%c0%ae%c0%ae/", "", 400),
        ("URL-05", &format!("GET /{long}"), "", 414),
        ("URL-06", &format!("GET /health?{query}"), "", 414),
        ("URL-07", &format!("GET /health?{parameters}"), "", 400),
        ("URL-09", "GET /health?a=%", "", 400),
        ("URL-09", "GET /a%4", "", 400),
        ("URL-09", "GET /a%zz", "", 400),
        ("URL-10", "GET /%ff", "", 400),
        ("URL-11", "GET /%252e%252e/", "", 404),
        ("URL-12", "GET /health;jsessionid=1", "", 404),
        ("URL-13", "GET /health.", "", 404),
        ("URL-13", "GET /health%20", "", 404),
        ("URL-14", "GET /FHIR/patient", "", 404),
        ("URL-15", "GET http://attacker.example/health", "", 421),
        ("URL-17", "GET /health", "Host: localhost\r\n", 400),
        ("URL-19", "GET /health", "X-Forwarded-Host: attacker\r\n", 200),
        ("URL-20", "GET /health", &format!("X-Forwarded-For: {forwarded}\r\n"), 200),
        ("URL-21", "GET /health", "X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics\r\n", 200),
        ("URL-22", "GET /health", "X-HTTP-Method-Override: DELETE\r\n", 200),
        ("URL-23", "TRACE /health", "", 405),
        ("URL-24", "CONNECT localhost:80", "", 405),
        ("URL-25", "get /health", "", 400),
        ("URL-25", "GET\0 /health", "", 400),
        ("URL-25", "PROPFIND /health", "", 405),
        ("URL-36", "GET /health", &headers, 431),
        ("URL-37", "GET /health", &header, 431),
        ("URL-38", "GET /health", &format!("Cookie: {cookies}\r\n"), 431),
        ("URL-42", "GET /health", &format!("Range: bytes={ranges}\r\n"), 416),
        ("URL-43", "GET /health", absurd, 416),
        ("an ordinary range", "GET /health", "Range: bytes=0-3\r\n", 200),
        ("URL-44", "GET /health", "If-Modified-Since: yesterday\r\n", 200),
        ("URL-45", "GET /health", &language, 200),
        ("URL-46", "GET /health", "Accept: */*;q=nan\r\n", 400),
        ("URL-46", "GET /health", "Accept: text/html, */*;q=0.8\r\n", 200),
        ("URL-47", "POST /fhir", "Content-Type: application/json; charset=utf-8; charset=latin1\r\n", 415),
        (
            "URL-51",
            "OPTIONS /fhir/Patient",
            "Origin: https://x\r\nAccess-Control-Request-Method: GET\r\n",
            403,
        ),
        ("URL-52", "GET /health?callback=f", "", 200),
        ("URL-53", "GET /admin", "", 404),
        ("URL-54", "GET /patient/7b2d/doc/1f4e", "", 404),
        ("OIDC-58", "GET /fhir/metadata?access_token=secret", "", 400),
        ("a method the route has not", "DELETE /health", "", 405),
    ] {
        let answer = server.ask(line, headers).await;
        assert_eq!(answer.status, expected, "{row}: {}", answer.text);
        assert!(!answer.text.contains("secret"), "{row}: the sender's value is not repeated");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{row}");
    }
    server.stop().await;
}

#[tokio::test]
async fn messages_that_could_be_read_in_two_ways_are_refused() {
    let server = Running::start().await;
    let post = |headers: &str, body: &str| {
        format!("POST /fhir HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}")
    };
    let extension = format!("5;{}\r\nhello\r\n0\r\n\r\n", "a".repeat(1 << 20));
    for (row, request, expected, closed) in [
        ("URL-16", "GET /health HTTP/1.1\r\n\r\n".to_owned(), 400, true),
        ("URL-18", "GET /health HTTP/1.1\r\nHost: attacker.example\r\n\r\n".to_owned(), 421, false),
        (
            "a listed name, any port",
            "GET /health HTTP/1.1\r\nHost: LOCALHOST:99\r\n\r\n".to_owned(),
            200,
            false,
        ),
        ("URL-26 HTTP/0.9", "GET /health\r\n\r\n".to_owned(), 400, true),
        // hyper knows no 505: a version it cannot read is a request it cannot read.
        ("URL-26 HTTP/3.7", "GET /health HTTP/3.7\r\nHost: localhost\r\n\r\n".to_owned(), 400, true),
        ("URL-28", post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"), 400, true),
        // hyper answers 400 where the list says 501: to a coding nobody knows, the end of the request is unknown too.
        ("URL-29", post("Transfer-Encoding: xchunked", "0\r\n\r\n"), 400, true),
        ("URL-30 +5", post("Content-Length: +5", "hello"), 400, true),
        ("URL-30 5,5", post("Content-Length: 5,5", "hello"), 400, true),
        ("URL-30 -1", post("Content-Length: -1", ""), 400, true),
        ("URL-30 two lengths", post("Content-Length: 5\r\nContent-Length: 6", "hello!"), 400, true),
        ("URL-33", "GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\rb\r\n\r\n".to_owned(), 400, true),
        ("URL-34", "GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n".to_owned(), 400, true),
        ("URL-35", "GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\n\r\n".to_owned(), 400, true),
    ] {
        let answer = server.raw(request).await;
        assert_eq!(answer.status, expected, "{row}: {}", answer.text);
        assert_eq!(answer.closed, closed, "{row}: {}", answer.text);
    }
    // A body whose chunks are absurd is cut where it is read; nothing of it is an answer of success.
    let token = server.token();
    let headers = format!(
        "Authorization: Bearer {token}\r\nContent-Type: application/fhir+json\r\n\
                           Transfer-Encoding: chunked"
    );
    for (row, body) in [("URL-31", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"), ("URL-32", &extension)] {
        let answer = server.raw(post(&headers, body)).await;
        assert!(matches!(answer.status, 400 | 413), "{row}: {}", answer.text);
        assert!(answer.closed, "{row}");
    }
    // URL-27 is answered otherwise: hyper follows RFC 9112 6.3, reads the chunks, and drops Content-Length before
    // anybody could see it. There is one hop, and what it reads is what the request is.
    server.stop().await;
}

#[tokio::test]
async fn a_session_is_one_cookie_of_ours() {
    let server = Running::start().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let ours = "Origin: http://localhost\r\n";
    for (row, headers, body, expected) in [
        ("URL-48 no sign of the page it comes from", form.to_owned(), "persona=marie", 403),
        ("URL-49 Origin null", format!("{form}Origin: null\r\n"), "persona=marie", 403),
        ("URL-49 another site", format!("{form}Origin: https://attacker.example\r\n"), "persona=marie", 403),
        (
            "a form of ours, sent by a page without referrer",
            format!("{form}Origin: null\r\nSec-Fetch-Site: same-origin\r\n"),
            "persona=marie",
            303,
        ),
        (
            "a form of another site without referrer",
            format!("{form}Origin: null\r\nSec-Fetch-Site: cross-site\r\n"),
            "persona=marie",
            403,
        ),
        (
            "URL-49 another site, fetched",
            format!("{form}Sec-Fetch-Site: cross-site\r\n"),
            "persona=marie",
            403,
        ),
        ("URL-50", format!("Content-Type: application/json\r\n{ours}"), "{\"persona\":\"marie\"}", 415),
        ("nobody of that name", format!("{form}{ours}"), "persona=x", 404),
        ("URL-56", format!("{form}{ours}"), "persona=marie&next=https%3A%2F%2Fx", 303),
    ] {
        let answer = server.post("/demo/persona", &headers, body).await;
        assert_eq!(answer.status, expected, "{row}: {}", answer.text);
        assert!(answer.header("set-cookie").is_none(), "{row}");
        let to = answer.header("location");
        assert!(to.is_none_or(|to| to == "/connexion/depart/demo?qui=marie"), "{row}: {to:?}");
    }
    let sign_in = |cookie: &str| format!("{form}{ours}Cookie: {cookie}\r\n");
    let cookie = server.sign_in("").await;
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(server.ask("GET /demo/personas.json", &format!("Cookie: {cookie}\r\n")).await.status, 200);
    // URL-41: an identifier chosen before signing in is never the session's.
    let chosen = "dmp_session=0123456789abcdef0123456789abcdef";
    assert_eq!(server.ask("GET /demo/personas.json", &format!("Cookie: {chosen}\r\n")).await.status, 401);
    let other = server.sign_in(&cookie).await.split(';').next().unwrap().to_owned();
    assert_ne!(other, cookie);
    // URL-40, URL-55: the former session is over.
    for (row, cookies) in [
        ("URL-40", cookie.clone()),
        ("URL-39", format!("{other}; {other}")),
        ("URL-39", format!("{cookie}; {other}")),
    ] {
        let answer = server.ask("GET /demo/personas.json", &format!("Cookie: {cookies}\r\n")).await;
        assert_eq!(answer.status, 401, "{row}");
        assert!(
            answer.header("set-cookie").unwrap().contains("Max-Age=0"),
            "{row}: the cookie is taken away"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{row}");
    }
    let wrong = server.post("/deconnexion", &sign_in(&other), "csrf=x").await;
    assert_eq!(wrong.status, 403);
    // A session gives no right on the FHIR face.
    let fhir = server.ask("GET /fhir/DocumentReference", &format!("Cookie: {other}\r\n")).await;
    assert_eq!(fhir.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_bearer_token_is_read_at_the_edge() {
    let server = Running::start().await;
    let token = server.token();
    let past = Time::from_millis(1_600_000_000_000);
    let expired = server.issuer.mint(&marie(), past, 5).unwrap();
    for (row, headers, challenge) in [
        ("OIDC-56", format!("Authorization: Bearer {expired}\r\n"), "Bearer error=\"invalid_token\""),
        ("no scheme", format!("Authorization: {token}\r\n"), "Bearer error=\"invalid_token\""),
        ("another scheme", format!("Authorization: Basic {token}\r\n"), "Bearer error=\"invalid_token\""),
        (
            "two tokens",
            format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n"),
            "Bearer error=\"invalid_token\"",
        ),
        ("none", String::new(), "Bearer"),
    ] {
        let answer = server.ask("GET /fhir/DocumentReference", &headers).await;
        assert_eq!(answer.status, 401, "{row}: {}", answer.text);
        assert_eq!(answer.header("www-authenticate"), Some(challenge), "{row}");
        assert!(answer.text.contains("OperationOutcome"), "{row}: {}", answer.text);
        assert!(!answer.text.contains(&token[..40]) && !answer.text.contains(&expired[..40]), "{row}");
    }
    let answer = server.ask("GET /fhir/metadata", &format!("Authorization: Bearer {token}\r\n")).await;
    assert_eq!(answer.status, 200);
    let question = r#"{"ins":"284073523811417","as":"marie"}"#;
    let json = "Content-Type: application/json\r\n";
    let asker = format!("{json}Authorization: Bearer {token}\r\n");
    for (row, headers, body, expected) in [
        ("nobody asks", json.to_owned(), question, 401),
        ("a number that is no INS", asker.clone(), question, 422),
        ("not JSON", asker.clone(), "{", 400),
        ("no number", asker.clone(), r#"{"as":"marie"}"#, 422),
        ("an unknown person", asker.clone(), r#"{"ins":"284073523811416","as":"x"}"#, 422),
        ("another type", format!("Authorization: Bearer {token}\r\n"), question, 415),
    ] {
        let answer = server.post("/api/explain", &headers, body).await;
        assert_eq!(answer.status, expected, "{row}: {}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{row}");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_edge() {
    let server = Running::start().await;
    for line in ["GET /health", "GET /fhir/metadata", "GET /nothing", "GET /api/nothing", "TRACE /health"] {
        let answer = server.ask(line, "").await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{line}");
        }
        assert!(answer.header("cache-control").is_some(), "{line}");
        assert!(
            answer.header("content-security-policy").is_some_and(|p| p.contains("frame-ancestors 'none'"))
        );
        assert_eq!(answer.header("x-request-id").map(str::len), Some(36), "{line}");
        assert_eq!(answer.header("strict-transport-security"), None, "plain HTTP on loopback");
    }
    server.stop().await;
}

#[tokio::test]
async fn figures_are_for_the_machine_itself() {
    let server = Running::start().await;
    server.ask("GET /health?ins=284073523811416", "").await;
    let figures = server.ask("GET /metrics", "").await;
    assert_eq!(figures.status, 200);
    let counted = "dmp_http_requests_total{route=\"/health\",method=\"GET\",status=\"200\"}";
    assert!(figures.text.contains(counted), "{}", figures.text);
    assert!(figures.text.contains("dmp_store_bytes{file=\"dossiers.sqlite\"}"), "{}", figures.text);
    assert!(!figures.text.contains("284073523811416"));
    assert_eq!(server.ask("GET /metrics", "X-Forwarded-For: 192.0.2.1\r\n").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_server_stops_once_requests_in_flight_are_answered() {
    let server = Running::start().await;
    let address = server.address();
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut chunk = [0; 4096];
    assert!(kept.read(&mut chunk).await.unwrap() > 0);
    timeout(Duration::from_secs(5), server.stop()).await.expect("a connection kept alive holds nothing back");
    assert!(TcpStream::connect(address).await.is_err());
}

/// URL-60: what one connection of HTTP/2 may do to the others. The limits are those of h2, at the values it was given.
#[tokio::test]
async fn a_flood_of_frames_ends_its_connection() {
    let server = Running::start().await;
    let frame = |length: usize, kind: u8, flags: u8, stream: u32| {
        let length = (length as u32).to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes()[..]].concat()
    };
    // GET http localhost /health, in HPACK: three indexed fields, two literals.
    let mut get = vec![0x82, 0x86, 0x44, 7];
    get.extend_from_slice(b"/health");
    get.extend_from_slice(&[0x41, 9]);
    get.extend_from_slice(b"localhost");
    let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(0, 4, 0, 0)].concat();
    let resets = |count: u32| {
        let pairs = (0..count).flat_map(|n| {
            let stream = 2 * n + 1;
            [frame(get.len(), 1, 5, stream), get.clone(), frame(4, 3, 0, stream), vec![0, 0, 0, 8]].concat()
        });
        preface.iter().copied().chain(pairs).collect::<Vec<u8>>()
    };
    let mut chain = [preface.clone(), frame(get.len(), 1, 1, 1), get.clone()].concat();
    for _ in 0..64 {
        // A literal without indexing, name and value of one byte, over and over.
        let fields = [0x00, 1, b'x', 1, b'y'].repeat(3000);
        chain.extend(frame(fields.len(), 9, 0, 1));
        chain.extend(fields);
    }
    for (row, bytes, ends) in [
        ("a few resets", resets(3), false),
        ("URL-60 resets", resets(2000), true),
        ("URL-60 CONTINUATION", chain, true),
    ] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let _ = stream.write_all(&bytes).await;
        let mut answer = Vec::new();
        let patience = Duration::from_secs(if ends { 5 } else { 1 });
        let read = timeout(patience, stream.read_to_end(&mut answer)).await;
        assert_eq!(read.is_ok(), ends, "{row}: {answer:?}");
    }
    assert_eq!(server.ask("GET /health", "").await.status, 200, "the others are served");
    server.stop().await;
}

#[test]
fn an_address_belongs_to_one_face() {
    for (path, expected) in [
        ("/si-dmp-server/v2/services/patient", Face::Soap),
        ("/si-dmp-server", Face::Soap),
        ("/si-dmp-server2", Face::Pages),
        ("/SI-DMP-SERVER/v2", Face::Pages),
        ("/fhir/si-dmp-server", Face::Fhir),
        ("/api/export", Face::Api),
        ("/", Face::Pages),
        ("//si-dmp-server", Face::Pages),
    ] {
        assert_eq!(Face::of(path), expected, "{path}");
    }
}

#[test]
fn every_fault_is_said_in_the_way_of_its_face() {
    for fault in [Fault::SYNTAX, Fault::SLOW, Fault::HOST, Fault::PANIC] {
        for (face, kind) in [
            (Face::Fhir, "application/fhir+json"),
            (Face::Api, "application/problem+json"),
            (Face::Soap, "application/soap+xml"),
            (Face::Pages, "text/html"),
        ] {
            let response = fault.for_face(face);
            assert_eq!(response.status().as_u16(), fault.status);
            let found = response.headers()["content-type"].to_str().unwrap();
            assert!(found.starts_with(kind), "{found}");
        }
    }
}

/// A client that invents who it comes for is counted by where it is; a proxy of ours says it last.
#[test]
fn a_header_does_not_hide_who_tries() {
    let client = |peer: &str, behind_proxy, forwarded: &[&str]| {
        let mut headers = http::HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let found = super::hygiene::client(&headers, peer.parse().unwrap(), behind_proxy);
        found.map(|address| address.to_string()).unwrap_or_default()
    };
    for (peer, behind_proxy, forwarded, counted) in [
        ("203.0.113.7", false, &[][..], "203.0.113.7"),
        ("203.0.113.7", false, &["198.51.100.1"][..], "203.0.113.7"),
        ("127.0.0.1", false, &[], "127.0.0.1"),
        ("127.0.0.1", false, &["198.51.100.1"], ""),
        ("10.0.0.2", true, &["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", true, &["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", true, &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", true, &["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.2", true, &["198.51.100.1, unknown"], ""),
        ("10.0.0.2", true, &[], ""),
    ] {
        assert_eq!(client(peer, behind_proxy, forwarded), counted, "{peer} {behind_proxy} {forwarded:?}");
    }
}
