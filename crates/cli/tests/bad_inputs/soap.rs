//! Rows SOAP-01 to SOAP-43: envelopes, addressing, XML, framing. What is wrong is wrong in a message that is otherwise
//! accepted, its VIHF fresh and signed.

mod lots;
mod queries;

use crate::case::{Case, Check, World, case, closed, fault, success};
use crate::common::Answer;
use crate::common::http::exchange_stream;
use crate::message::Sent;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

const END: &str = "</ns3:AdhocQueryRequest>";
/// What grows with the square of its input takes minutes here; nothing else takes that long on a busy machine.
const QUICKLY: Duration = Duration::from_secs(3);
const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";

pub fn cases() -> Vec<Case> {
    let groups = [accepted(), envelopes(), addressing(), entities(), bounds(), text(), framing()];
    groups.into_iter().flatten().chain(lots::cases()).chain(queries::cases()).collect()
}

/// A query in which one piece of text is another; `@` in the other stands for where nobody may connect.
fn changed(row: &'static str, from: &'static str, to: impl Into<String>, check: Check) -> Case {
    let to = to.into();
    case(row, move |w| w.query().edit(from, &to.replace('@', &w.attacker())).send(w), check)
}

/// A query with that inside its only element.
fn inside(row: &'static str, text: impl Into<String>, check: Check) -> Case {
    changed(row, END, format!("{}{END}", text.into()), check)
}

/// A query with that header more.
fn headed(row: &'static str, header: impl Into<String>, check: Check) -> Case {
    changed(row, "</soap:Header>", format!("{}</soap:Header>", header.into()), check)
}

/// A query with that before its envelope.
fn before(row: &'static str, text: impl Into<String>, check: Check) -> Case {
    changed(row, "<soap:Envelope", format!("{}<soap:Envelope", text.into()), check)
}

/// A query whose body is those bytes.
fn bytes(row: &'static str, bytes: impl Into<Vec<u8>>, check: Check) -> Case {
    let bytes = bytes.into();
    case(row, move |w| w.query().body(bytes.clone()).send(w), check)
}

/// A query of that media type.
fn typed(row: &'static str, content_type: &'static str, check: Check) -> Case {
    case(row, move |w| w.query().typed(content_type).send(w), check)
}

/// The messages that the rows change are accepted.
fn accepted() -> Vec<Case> {
    vec![
        case("SOAP-15", |w| w.query().send(w), success()).variant("a query, as it is"),
        case("SOAP-15", |w| w.plain_lot().send(w), success()).variant("a lot, as it is").stores_one(),
    ]
}

fn envelopes() -> Vec<Case> {
    let old = "http://schemas.xmlsoap.org/soap/envelope/";
    let headers_only = format!("<s:Envelope xmlns:s='{SOAP}'><s:Header/></s:Envelope>");
    vec![
        bytes("SOAP-01", "", fault(400, "empty request")),
        bytes("SOAP-02", "{\"a\": 1}", fault(400, "not-xml")).and(fault(400, "line 1 column 1")),
        typed("SOAP-03", "text/xml", fault(415, "media-type")),
        changed("SOAP-04", SOAP, old, fault(500, "soap:VersionMismatch")).and(Box::new(|_, answer| {
            match answer.text().contains("<soap:Upgrade>") {
                true => Ok(()),
                false => Err("no Upgrade header".to_owned()),
            }
        })),
        bytes("SOAP-05", "<a/>", fault(400, "not-soap")),
        bytes("SOAP-06", headers_only, fault(400, "body-missing")),
        changed("SOAP-07", "</soap:Envelope>", "<soap:Body/></soap:Envelope>", fault(400, "body-repeated")),
        case(
            "SOAP-08",
            |w| {
                let query = w.query();
                let text = query.text();
                let (start, end) =
                    (text.find("<soap:Body>").unwrap() + 11, text.find("</soap:Body>").unwrap());
                query.edit("</soap:Body>", &format!("{}</soap:Body>", &text[start..end])).send(w)
            },
            fault(400, "one-operation-only"),
        ),
        case(
            "SOAP-09",
            |w| {
                let cut = w.query().cut("<ns3:AdhocQueryRequest", END);
                cut.edit("</soap:Body>", "<x xmlns='urn:x'/></soap:Body>").send(w)
            },
            fault(400, "wsa:ActionNotSupported"),
        ),
    ]
}

fn addressing() -> Vec<Case> {
    let reply_to = |row, address: &str, check| {
        changed(row, "http://www.w3.org/2005/08/addressing/anonymous", address, check)
    };
    vec![
        case(
            "SOAP-10",
            |w| w.query().cut("<Action ", "</Action>").send(w),
            fault(400, "wsa:MessageAddressingHeaderRequired"),
        ),
        typed(
            "SOAP-11",
            "application/soap+xml; charset=UTF-8; action=\"urn:ihe:iti:2007:RetrieveDocumentSet\"",
            fault(400, "wsa:ActionMismatch"),
        ),
        changed(
            "SOAP-12",
            ">urn:ihe:iti:2007:RegistryStoredQuery</Action>",
            ">urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b</Action>",
            fault(400, "wsa:ActionMismatch"),
        ),
        case(
            "SOAP-13",
            |w| {
                let ours = format!(">http://{}/", w.demo.authority);
                w.query().edit(&ours, ">https://attacker.example/").send(w)
            },
            fault(400, "wsa:DestinationUnreachable"),
        ),
        case(
            "SOAP-14",
            |w| w.query().cut("<MessageID ", "</MessageID>").send(w),
            fault(400, "wsa:MessageAddressingHeaderRequired"),
        ),
        case("SOAP-15", other_content, fault(400, "wsa:DuplicateMessageID")).and(fault(400, "replay")),
        case("SOAP-15", same_content, success()).variant("same content"),
        case("SOAP-15", same_lot, success()).variant("same lot").stores_one(),
        changed("SOAP-16", ">urn:uuid:", format!(">{}", "m".repeat(10_000)), fault(400, "header-too-long")),
        reply_to("SOAP-17", "http://169.254.169.254/", fault(400, "wsa:InvalidAddress")),
        reply_to("SOAP-17", "http://@/", fault(400, "wsa:InvalidAddress")).variant("listening"),
        reply_to("SOAP-18", "https://retour.example.org/", fault(400, "wsa:OnlyAnonymousAddressSupported")),
        headed("SOAP-19", "<x xmlns='urn:x' soap:mustUnderstand='true'/>", fault(500, "soap:MustUnderstand"))
            .and(Box::new(|_, answer| match answer.text().contains("<soap:NotUnderstood qname=\"nu:x\"") {
                true => Ok(()),
                false => Err("no NotUnderstood header".to_owned()),
            })),
    ]
}

/// Another query under the MessageID of a first one.
fn other_content(w: &World) -> Answer {
    let first = w.query();
    assert!(first.send(w).is_success(), "the first query");
    let id = |sent: &Sent| crate::message::between(&sent.text(), "<MessageID ", "</MessageID>");
    let second = w.query();
    second.clone().edit(&id(&second), &id(&first)).send(w)
}

/// The same query twice: the answers are equal, but for their own identifier.
fn same_content(w: &World) -> Answer {
    let query = w.query();
    let answers = [query.send(w), query.send(w)];
    let [first, second] = answers.clone().map(|answer| {
        let text = answer.text();
        let own =
            text.find("<MessageID").map(|_| crate::message::between(&text, "<MessageID", "</MessageID>"));
        own.map_or(text.clone(), |own| text.replace(&own, ""))
    });
    assert_eq!(first, second, "the answer of a repeated query");
    answers[1].clone()
}

/// The same lot twice: stored once, and told as stored both times.
fn same_lot(w: &World) -> Answer {
    let lot = w.plain_lot();
    assert!(lot.send(w).is_success(), "the first sending");
    lot.send(w)
}

fn entities() -> Vec<Case> {
    // Expanded, they would take a gigabyte and more; memory itself is taken by pieces of 2 MiB.
    let refused = || fault(400, "doctype-refused");
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let quadratic = format!("<!DOCTYPE x [<!ENTITY q \"{}\">]>", "q".repeat(100 << 10));
    let references = format!("<a>{}</a>", "&q;".repeat(10_000));
    vec![
        before("SOAP-20", "<!DOCTYPE x>", refused()),
        before("SOAP-21", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>", refused()).and(
            Box::new(|_, answer| match answer.text().contains("root:") {
                false => Ok(()),
                true => Err("a file was read".to_owned()),
            }),
        ),
        before("SOAP-22", "<!DOCTYPE x [<!ENTITY % a SYSTEM \"http://@/\"> %a;]>", refused()),
        before("SOAP-22", "<!DOCTYPE x SYSTEM \"http://@/x.dtd\">", refused()).variant("external subset"),
        before("SOAP-23", format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]>"), refused())
            .memory_mib(8)
            .patience(QUICKLY),
        case(
            "SOAP-24",
            move |w| {
                let query = w.query().edit(END, &format!("{references}{END}"));
                query.edit("<soap:Envelope", &format!("{quadratic}<soap:Envelope")).send(w)
            },
            refused(),
        )
        .memory_mib(8),
    ]
}

fn bounds() -> Vec<Case> {
    let many = |write: fn(usize) -> String| (0..100_000).map(write).collect::<String>();
    vec![
        inside("SOAP-25", "<d>".repeat(10_000), fault(400, "too-deep (64)")),
        inside(
            "SOAP-26",
            format!("<d {}/>", many(|n| format!(" a{n}=''"))),
            fault(400, "too-many-attributes (64)"),
        )
        .patience(QUICKLY),
        inside(
            "SOAP-27",
            format!("<d {}/>", many(|n| format!(" xmlns:a{n}='urn:a'"))),
            fault(400, "too-many-namespaces (32)"),
        )
        .patience(QUICKLY),
        inside("SOAP-28", "<d a='1' a='2'/>", fault(400, "not-well-formed")),
        inside(
            "SOAP-29",
            "<d xmlns:p='urn:1' xmlns:q='urn:1' p:a='1' q:a='2'/>",
            fault(400, "not-well-formed"),
        ),
        inside("SOAP-30", "<p:d/>", fault(400, "not-well-formed")),
        inside("SOAP-31", "<d xmlns:xmlns='urn:1'/>", fault(400, "not-well-formed")),
        inside(
            "SOAP-38",
            format!("<Value><![CDATA[{}]]></Value>", "x".repeat(2 << 20)),
            fault(400, "text-too-long"),
        ),
        inside("SOAP-39", format!("<{}/>", "n".repeat(1 << 20)), fault(400, "name-too-long")),
    ]
}

fn text() -> Vec<Case> {
    let declared = |row, encoding: &str, check| {
        changed(row, "encoding=\"UTF-8\"", format!("encoding=\"{encoding}\""), check)
    };
    vec![
        declared("SOAP-32", "UTF-16", fault(400, "encoding")),
        declared("SOAP-33", "UTF-7", fault(400, "encoding-not-supported")).variant("UTF-7"),
        declared("SOAP-33", "ISO-8859-1", fault(400, "encoding-not-supported")).variant("ISO-8859-1"),
        case(
            "SOAP-34",
            |w| {
                let mut lot = w.plain_lot().edit("<Name><LocalizedString charset=\"UTF8\" value=\"", "§");
                let at = lot.body.windows(2).position(|bytes| bytes == "§".as_bytes()).unwrap();
                let title = b"<Name><LocalizedString charset=\"UTF8\" value=\"\xc3\x28";
                lot.body.splice(at..at + 2, title.iter().copied());
                lot.send(w)
            },
            fault(400, "encoding"),
        )
        .and(fault(400, "(byte ")),
        inside("SOAP-35", "<d>&#0;</d>", fault(400, "forbidden-character")).variant("NUL"),
        inside("SOAP-35", "<d>&#1;</d>", fault(400, "forbidden-character")).variant("U+0001"),
        case(
            "SOAP-36",
            |w| {
                let query = w.query().edit(END, &format!("<d>\u{feff}</d>{END}"));
                query.edit("<?xml", "\u{feff}<?xml").send(w)
            },
            fault(400, "forbidden-character"),
        ),
        before("SOAP-37", "<?xml-stylesheet href='http://@/x.xsl'?>", fault(400, "pi-refused")),
    ]
}

fn framing() -> Vec<Case> {
    vec![
        // The server keeps what it has read up to its limit, 45 MiB, once.
        case("SOAP-40", |w| chunks(w, &w.query(), 600), closed(413)),
        case(
            "SOAP-41",
            |w| {
                let query = w.query();
                let head = head(w, &query, &format!("Content-Length: {}\r\n", query.body.len() - 20));
                w.raw([head.into_bytes(), query.body].concat())
            },
            closed(400),
        ),
        case(
            "SOAP-42",
            |w| {
                let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
                let query = w.query().body(bomb);
                w.demo.send(&query.request().header("Content-Encoding", "gzip"))
            },
            fault(415, "content-encoding"),
        ),
        case("SOAP-43", byte_by_byte, fault(408, "")).patience(Duration::from_secs(14)),
    ]
}

/// The head of the request of a message, with these headers.
fn head(w: &World, sent: &Sent, headers: &str) -> String {
    let Sent { path, content_type, .. } = sent;
    let host = &w.demo.authority;
    format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\n{headers}\r\n")
}

/// A message followed by so many MiB of white space, in chunks.
pub fn chunks(w: &World, sent: &Sent, mebibytes: usize) -> Answer {
    let head = head(w, sent, "Transfer-Encoding: chunked\r\n");
    let body = sent.body.clone();
    let send = move |stream: &mut TcpStream| {
        stream.write_all(head.as_bytes())?;
        write!(stream, "{:x}\r\n", body.len())?;
        stream.write_all(&body)?;
        let chunk = [format!("\r\n{:x}\r\n", 1 << 20).into_bytes(), vec![b' '; 1 << 20]].concat();
        for _ in 0..mebibytes {
            stream.write_all(&chunk)?;
        }
        stream.write_all(b"\r\n0\r\n\r\n")
    };
    exchange_stream(&w.demo.authority, send, Duration::from_millis(50))
}

fn byte_by_byte(w: &World) -> Answer {
    let query = w.query();
    let head = head(w, &query, &format!("Content-Length: {}\r\n", query.body.len()));
    let send = move |stream: &mut TcpStream| {
        stream.write_all(head.as_bytes())?;
        for byte in query.body.iter().take(13) {
            stream.write_all(&[*byte])?;
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(())
    };
    exchange_stream(&w.demo.authority, send, Duration::ZERO)
}
