//! Rows URL-01 to URL-60 that concern the edge of the server: addresses, hosts, methods, framing, headers.

use crate::case::{Case, World, case, closed, never_says, outcome, says, status};
use crate::common::http::exchange_stream;
use crate::common::{Answer, Request};
use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const METADATA: &str = "/fhir/metadata";

fn get(target: &'static str) -> impl Fn(&World) -> Answer {
    move |w| w.raw_get(target, "Connection: close\r\n")
}

/// GET of what needs nobody, with these headers more.
fn with(headers: impl Into<String>) -> impl Fn(&World) -> Answer {
    let headers = headers.into();
    move |w| w.raw_get(METADATA, &headers)
}

/// A request line and headers in the words of the sender; `@` stands for the server's own host.
fn raw(text: impl Into<String>) -> impl Fn(&World) -> Answer {
    let text = text.into();
    move |w| w.raw(text.replace('@', &w.demo.authority))
}

/// A POST on the base of FHIR with these headers and that body, by nobody: framing is judged before anything else.
fn post(headers: &str, body: &str) -> impl Fn(&World) -> Answer + use<> {
    raw(format!(
        "POST /fhir HTTP/1.1\r\nHost: @\r\nContent-Type: application/fhir+json\r\n{headers}\r\n{body}"
    ))
}

pub fn cases() -> Vec<Case> {
    [addresses(), hosts(), methods(), framing(), headers(), pages()].into_iter().flatten().collect()
}

fn addresses() -> Vec<Case> {
    let many = || (0..1001).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
    vec![
        case("URL-01", get("/%2e%2e/%2e%2e/etc/passwd"), status(404)),
        case("URL-02", get("/static/..%5c..%5cx"), status(404)),
        case("URL-03", get("/a%00.html"), status(400)),
        case("URL-04", get("/%c0%ae%c0%ae/"), status(400)),
        case("URL-05", |w| w.raw_get(&format!("/{}", "a".repeat(20 << 10)), ""), status(414)),
        case("URL-06", |w| w.raw_get(&format!("{METADATA}?a={}", "a".repeat(64 << 10)), ""), status(414)),
        case("URL-07", move |w| w.raw_get(&format!("{METADATA}?{}", many()), ""), status(400)),
        case("URL-08", |w| w.search("&_count=1&_count=2"), status(400)),
        case("URL-09", get("/fhir/%zz"), status(400)),
        case("URL-10", get("/fhir/%ff"), status(400)),
        case("URL-11", get("/%252e%252e/etc/passwd"), status(404)),
        case("URL-12", get("/fhir/metadata;jsessionid=1"), status(404)),
        case("URL-13", get("/fhir/metadata."), status(404)).variant("dot"),
        case("URL-13", get("/fhir/metadata%20"), status(404)).variant("space"),
        case("URL-14", get("/FHIR/patient"), status(404)),
        case("URL-52", get("/fhir/metadata?callback=alert"), status(200)).and(never_says("alert")),
    ]
}

fn hosts() -> Vec<Case> {
    let metadata = "GET /fhir/metadata HTTP/1.1\r\n";
    let forwarded = "X-Forwarded-For: ".to_owned() + &["203.0.113.7"; 1000].join(",") + "\r\n";
    vec![
        case(
            "URL-15",
            raw("GET http://attacker.example/fhir/metadata HTTP/1.1\r\nHost: attacker.example\r\n\r\n"),
            status(421),
        ),
        case("URL-16", raw(format!("{metadata}\r\n")), status(400)),
        case("URL-17", raw(format!("{metadata}Host: @\r\nHost: @\r\n\r\n")), status(400)),
        case("URL-18", raw(format!("{metadata}Host: attacker.example\r\n\r\n")), status(421)),
        case("URL-19", with("X-Forwarded-Host: attacker.example\r\n"), status(200))
            .and(never_says("attacker")),
        case("URL-20", with(forwarded), status(200)),
        case("URL-21", with("X-Original-URL: /nowhere\r\nX-Rewrite-URL: /nowhere\r\n"), status(200))
            .and(says("CapabilityStatement")),
        case("URL-22", with("X-HTTP-Method-Override: DELETE\r\n"), status(200))
            .and(says("CapabilityStatement")),
    ]
}

fn methods() -> Vec<Case> {
    vec![
        case("URL-23", raw("TRACE /fhir/metadata HTTP/1.1\r\nHost: @\r\n\r\n"), status(405)),
        case("URL-24", raw("CONNECT @ HTTP/1.1\r\nHost: @\r\n\r\n"), status(405)),
        case("URL-25", raw("GET\0 /fhir/metadata HTTP/1.1\r\nHost: @\r\n\r\n"), status(400)).variant("NUL"),
        case("URL-25", raw("get /fhir/metadata HTTP/1.1\r\nHost: @\r\n\r\n"), status(400))
            .variant("lower case"),
        case("URL-26", raw("GET /fhir/metadata\r\n\r\n"), status(400)).variant("HTTP/0.9"),
        case("URL-26", raw("GET /fhir/metadata HTTP/3.7\r\nHost: @\r\n\r\n"), status(400))
            .variant("HTTP/3.7"),
    ]
}

fn framing() -> Vec<Case> {
    let chunk = "2\r\n{}\r\n0\r\n\r\n";
    let extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(1 << 20));
    vec![
        case("URL-27", post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", chunk), closed(401)),
        case("URL-28", post("Transfer-Encoding: chunked, chunked\r\n", chunk), closed(400)),
        case("URL-29", post("Transfer-Encoding: xchunked\r\n", chunk), closed(400)),
        case("URL-30", post("Content-Length: +5\r\n", "12345"), closed(400)).variant("+5"),
        case("URL-30", post("Content-Length: 5,5\r\n", "12345"), closed(400)).variant("5,5"),
        case("URL-30", post("Content-Length: -1\r\n", ""), closed(400)).variant("-1"),
        case("URL-31", as_doctor("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n{}"), closed(400))
            .variant("more than 64 bits"),
        case("URL-31", chunk_that_never_comes, status(400)).variant("64 bits, and then nothing"),
        case("URL-32", as_doctor("Transfer-Encoding: chunked\r\n", &extension), closed(400)),
        case("URL-33", with("X-A: a\rb\r\n"), closed(400)),
        case("URL-34", with("X-A : b\r\n"), closed(400)),
        case("URL-35", with("X-A: b\r\n c\r\n"), closed(400)),
    ]
}

/// A size that fits in 64 bits and a client that stops: the body is held to its length and its pace meanwhile.
fn chunk_that_never_comes(w: &World) -> Answer {
    let head = format!(
        "POST /fhir HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/fhir+json\r\n\
         Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{{}}",
        w.demo.authority, w.doctor
    );
    let send = move |stream: &mut TcpStream| {
        stream.write_all(head.as_bytes())?;
        stream.shutdown(Shutdown::Write)
    };
    exchange_stream(&w.demo.authority, send, Duration::ZERO)
}

/// A POST whose body is read: by somebody, its framing broken inside.
fn as_doctor(headers: &str, body: &str) -> impl Fn(&World) -> Answer + use<> {
    let (headers, body) = (headers.to_owned(), body.to_owned());
    move |w| {
        let token = format!("Authorization: Bearer {}\r\n{headers}", w.doctor);
        post(&token, &body)(w)
    }
}

fn headers() -> Vec<Case> {
    let lines = |n: usize| (0..n).map(|i| format!("X-A{i}: 1\r\n")).collect::<String>();
    let cookies = (0..5000).map(|i| format!("c{i}=1")).collect::<Vec<_>>().join("; ");
    let ranges = (0..1000).map(|i| format!("{i}-{i}")).collect::<Vec<_>>().join(",");
    vec![
        case("URL-36", with(lines(101)), status(431)),
        case("URL-37", with(format!("X-A: {}\r\n", "a".repeat(64 << 10))), status(431)),
        case("URL-38", with(format!("Cookie: {cookies}\r\n")), status(431)),
        case("URL-42", binary_range(format!("bytes={ranges}")), status(416)),
        case("URL-43", binary_range("bytes=-99999999999999999999".to_owned()), status(416)),
        case("URL-44", with("If-Modified-Since: garbage\r\n"), status(200)),
        case("URL-45", with(format!("Accept-Language: {}\r\n", "en-GB,".repeat(1700))), status(200)),
        case("URL-46", with("Accept: */*;q=nan\r\n"), status(400)),
        case(
            "URL-47",
            |w| {
                let kind = "application/fhir+json; charset=utf-8; charset=iso-8859-1";
                w.send(Request::new("POST", "/fhir").body(kind, "{}"))
            },
            outcome(415, "not-supported"),
        ),
        case(
            "URL-51",
            |w| {
                let preflight = "OPTIONS /fhir HTTP/1.1\r\nHost: @\r\nOrigin: https://attacker.example\r\nAccess-Control-Request-Method: POST\r\n\r\n";
                w.raw(preflight.replace('@', &w.demo.authority))
            },
            status(403),
        )
        .and(Box::new(|_, answer| match answer.header("access-control-allow-origin") {
            None => Ok(()),
            Some(origin) => Err(format!("allowed origin {origin}")),
        })),
    ]
}

/// ITI-68 of Alice's first document, with a `Range`.
fn binary_range(range: String) -> impl Fn(&World) -> Answer {
    move |w| {
        let found = w.search("&_count=1").json();
        let url =
            found["entry"][0]["resource"]["content"][0]["attachment"]["url"].as_str().unwrap().to_owned();
        let path = &url[url.find("/fhir").unwrap()..];
        w.send(Request::get(path).header("Accept", "text/xml").header("Range", &range))
    }
}

fn pages() -> Vec<Case> {
    vec![case("URL-53", |w| w.demo.send(&Request::get("/admin").bearer(&w.alice)), status(404))]
}
