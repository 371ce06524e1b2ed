//! HTTP/1.1 as small as tests need it: a request as bytes, one connection each, one answer read whole.
//!
//! Nothing here repairs what a test sends wrong on purpose.

use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longest wait for an answer; a row that takes longer fails as unanswered.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// 0 when the connection ended without an answer.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The server closed the connection after its answer.
    pub closed: bool,
    pub took: Duration,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// `issue[0].code` of an OperationOutcome, also inside a Bundle's response.
    pub fn issue_code(&self) -> String {
        self.issue()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// `issue[0].details.text`: the XDS reason.
    pub fn issue_text(&self) -> String {
        self.issue()["details"]["text"].as_str().unwrap_or_default().to_owned()
    }

    /// `issue[0]` of an OperationOutcome.
    pub fn issue(&self) -> Value {
        self.json()["issue"][0].clone()
    }

    /// Id of the first resource of that type that a transaction made.
    pub fn location_of(&self, kind: &str) -> String {
        let json = self.json();
        let entries = json["entry"].as_array().cloned().unwrap_or_default();
        let locations = entries.iter().filter_map(|entry| entry["response"]["location"].as_str());
        let ids = locations.filter_map(|location| location.split(&format!("{kind}/")).nth(1));
        let id = ids.filter_map(|rest| rest.split('/').next()).next();
        id.unwrap_or_else(|| panic!("no {kind} in {}", self.brief())).to_owned()
    }

    /// Id of the document that a transaction published.
    pub fn published_id(&self) -> String {
        self.location_of("DocumentReference")
    }

    /// What must be equal between two answers that must not be told apart: everything but the time and the
    /// correlation identifier.
    pub fn without_time(&self) -> (u16, Vec<(String, String)>, String) {
        let varies = |name: &str| matches!(name, "date" | "x-request-id");
        let headers = self.headers.iter().filter(|(name, _)| !varies(name)).cloned().collect();
        (self.status, headers, self.text())
    }

    /// A page without the token of its session's forms.
    pub fn without_csrf(&self) -> String {
        let text = self.text();
        let mut parts = text.split("name=\"csrf\" value=\"");
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            kept.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
        }
        kept
    }

    /// `errorCode`, `codeContext` and `location` of every RegistryError, as they are written.
    pub fn registry_errors(&self) -> Vec<[String; 3]> {
        let text = self.text();
        let attribute = |element: &str, name: &str| {
            let value = element.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            value.unwrap_or_default().to_owned()
        };
        let elements = text.split("<rs:RegistryError").skip(1).filter(|element| element.starts_with(' '));
        elements.map(|e| ["errorCode", "codeContext", "location"].map(|name| attribute(e, name))).collect()
    }

    /// A `RegistryResponse` of success.
    pub fn is_success(&self) -> bool {
        self.status == 200
            && self.text().contains("\"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success\"")
    }

    /// Nothing of what was asked was done, on whatever face.
    pub fn is_refusal(&self) -> bool {
        self.status >= 400 || self.text().contains("ResponseStatusType:Failure")
    }

    /// The same for a SOAP answer: its body only.
    pub fn brief_fault(&self) -> String {
        let text = self.text();
        let body = ["<soap:Subcode", "<soap:Fault", "<rs:RegistryError ", "Body>"].iter();
        let body = body.filter_map(|start| text.find(start)).min().map_or(text.as_str(), |at| &text[at..]);
        format!("{} {}", self.status, body.chars().take(500).collect::<String>().replace('\n', " "))
    }

    /// A line about it, for the message of a failure.
    pub fn brief(&self) -> String {
        let start: String = self.text().chars().take(300).collect();
        format!("{} {}", self.status, start.replace('\n', " "))
    }
}

/// A request to be sent as it is.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Request { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Request::new("GET", path)
    }

    /// A POST of a FHIR resource.
    pub fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Request::new("POST", path).fhir(body)
    }

    /// With that resource as its body.
    pub fn fhir(self, body: impl Into<Vec<u8>>) -> Self {
        self.body("application/fhir+json", body)
    }

    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", media_type)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Head and body, `Host` and `Content-Length` added.
    pub fn to_bytes(&self, authority: &str) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nHost: {authority}\r\n", self.method, self.path).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").bytes());
        }
        if !self.body.is_empty() || self.method == "POST" {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    pub fn send(&self, authority: &str) -> Answer {
        exchange(authority, self.to_bytes(authority))
    }
}

/// Sends bytes on a fresh connection and reads one answer.
pub fn exchange(authority: &str, bytes: Vec<u8>) -> Answer {
    exchange_stream(authority, move |stream| stream.write_all(&bytes), Duration::ZERO)
}

/// The same, then looks for a moment whether the server closes: who refuses to read on closes at once.
pub fn exchange_and_look(authority: &str, bytes: Vec<u8>) -> Answer {
    exchange_stream(authority, move |stream| stream.write_all(&bytes), Duration::from_millis(50))
}

/// Writes by `send` while the answer is awaited: a server may answer before it has read all.
pub fn exchange_stream<F>(authority: &str, send: F, look: Duration) -> Answer
where
    F: FnOnce(&mut TcpStream) -> std::io::Result<()> + Send + 'static,
{
    let started = Instant::now();
    let mut stream = connect(authority);
    let mut writer = stream.try_clone().expect("a socket has a second handle");
    // A write that fails is a server that has answered and closed: what it answered is what counts.
    let writing = std::thread::spawn(move || send(&mut writer));
    let mut answer = read_answer(&mut stream);
    answer.took = started.elapsed();
    answer.closed = answer.closed || (!look.is_zero() && is_closed(&mut stream, look));
    let _ = stream.shutdown(std::net::Shutdown::Both);
    let _ = writing.join();
    answer
}

fn connect(authority: &str) -> TcpStream {
    let stream = TcpStream::connect(authority).expect("the server listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a valid timeout");
    stream.set_write_timeout(Some(TIMEOUT)).expect("a valid timeout");
    stream
}

/// Nothing more comes, and the other side has closed.
fn is_closed(stream: &mut TcpStream, look: Duration) -> bool {
    stream.set_read_timeout(Some(look)).expect("a valid timeout");
    let mut rest = [0; 4096];
    loop {
        match stream.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut buffer = Vec::new();
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if !read_more(stream, &mut buffer) {
            return Answer { closed: true, ..Answer::default() };
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer { status: status.unwrap_or(0), headers, ..Answer::default() };
    let length = answer.header("content-length").and_then(|l| l.parse::<usize>().ok());
    let chunked = answer.header("transfer-encoding").is_some_and(|e| e.eq_ignore_ascii_case("chunked"));
    if chunked {
        let body = loop {
            if let Some(body) = dechunked(&buffer[head_end..]) {
                break body;
            }
            if !read_more(stream, &mut buffer) {
                break buffer[head_end..].to_vec();
            }
        };
        answer.body = body;
    } else {
        let none = matches!(answer.status, 204 | 304).then_some(0);
        let end = none.or(length).map_or(usize::MAX, |length| head_end + length);
        while buffer.len() < end && read_more(stream, &mut buffer) {}
        answer.body = buffer[head_end..].to_vec();
    }
    answer.closed = answer.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
    answer
}

fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    let mut piece = [0; 64 * 1024];
    match stream.read(&mut piece) {
        Ok(0) | Err(_) => false,
        Ok(read) => {
            buffer.extend_from_slice(&piece[..read]);
            true
        }
    }
}

/// The content of a chunked body; `None` while it is not whole.
fn dechunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..line]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        bytes = &bytes[line + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}

/// Sends the bytes of an HTTP/2 connection, and reads frames up to one that is wanted, which becomes the body.
pub fn exchange_frames(authority: &str, bytes: Vec<u8>, wanted: impl Fn(u8) -> bool) -> Answer {
    let started = Instant::now();
    let mut stream = connect(authority);
    let mut writer = stream.try_clone().expect("a socket has a second handle");
    let writing = std::thread::spawn(move || writer.write_all(&bytes));
    let mut answer = Answer::default();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("24 bits")];
        if stream.read_exact(&mut payload).is_err() {
            break;
        }
        if wanted(head[3]) {
            answer.body = payload;
            break;
        }
    }
    answer.took = started.elapsed();
    let _ = stream.shutdown(std::net::Shutdown::Both);
    let _ = writing.join();
    answer
}
