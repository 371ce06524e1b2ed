//! The rows SOAP-01 to SOAP-42 of bad-inputs.tsv. SOAP-15 is in `answers.rs`: it needs a VIHF. SOAP-41 (a length that lies)
//! and SOAP-43 (one byte a second) are the server's, which reads the connection. From SOAP-44 on, transactions answer.

use crate::world::{ADDRESSING, PLAIN, SOAP, World, addressed, envelope};
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ITI_18: &str = "urn:ihe:iti:2007:RegistryStoredQuery";

/// The element of ITI-18, whatever it holds.
fn query(inside: &str) -> String {
    format!(
        "<q:AdhocQueryRequest xmlns:q=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\">{inside}</q:AdhocQueryRequest>"
    )
}

/// A message of ITI-18 with this inside.
fn holding(inside: &str) -> String {
    envelope(&addressed(ITI_18, "urn:uuid:1"), &query(inside))
}

/// One of ITI-18 with these headers besides the two that are always there.
fn with_header(header: &str) -> String {
    envelope(&format!("{}{header}", addressed(ITI_18, "urn:uuid:1")), &query(""))
}

fn reply_to(address: &str) -> String {
    with_header(&format!("<a:ReplyTo><a:Address>{address}</a:Address></a:ReplyTo>"))
}

struct Row {
    id: &'static str,
    content_type: &'static str,
    body: Vec<u8>,
    status: u16,
    says: &'static str,
}

fn row(id: &'static str, body: impl Into<Vec<u8>>, status: u16, says: &'static str) -> Row {
    Row { id, content_type: PLAIN, body: body.into(), status, says }
}

fn rows() -> Vec<Row> {
    let two = format!("{}{}", query(""), query(""));
    let headers = addressed(ITI_18, "urn:uuid:1");
    let fine = holding("");
    let doctype = |declaration: &str| format!("{declaration}{fine}");
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let attributes = |write: fn(usize) -> String| (0..100_000).map(write).collect::<String>();
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{fine}");
    let mut not_utf8 = holding("<title>@@</title>").into_bytes();
    let at = not_utf8.windows(2).position(|w| w == b"@@").unwrap();
    not_utf8[at..at + 2].copy_from_slice(&[0xc3, 0x28]);
    vec![
        row("SOAP-01", "", 400, "empty request"),
        row("SOAP-01 blank", " \r\n", 400, "empty request"),
        row("SOAP-02", "{\"a\": 1}", 400, "not-xml"),
        row("SOAP-02", "{\"a\": 1}", 400, "line 1 column 1"),
        Row { content_type: "text/xml", ..row("SOAP-03", fine.clone(), 415, "media-type") },
        Row { content_type: "", ..row("SOAP-03 none", fine.clone(), 415, "media-type") },
        Row {
            content_type: "application/soap+xml; charset=ISO-8859-1",
            ..row("SOAP-03 charset", fine.clone(), 415, "media-type")
        },
        row(
            "SOAP-04",
            fine.replace(SOAP, "http://schemas.xmlsoap.org/soap/envelope/"),
            500,
            "soap:VersionMismatch",
        ),
        row(
            "SOAP-04",
            fine.replace(SOAP, "http://schemas.xmlsoap.org/soap/envelope/"),
            500,
            "<soap:Upgrade>",
        ),
        row("SOAP-05", "<a/>", 400, "not-soap"),
        row("SOAP-05 no namespace", "<Envelope/>", 400, "not-soap"),
        row("SOAP-06", format!("<s:Envelope xmlns:s='{SOAP}'><s:Header/></s:Envelope>"), 400, "body-missing"),
        row("SOAP-06 empty", format!("<s:Envelope xmlns:s='{SOAP}'/>"), 400, "body-missing"),
        row("SOAP-07", fine.replace("</s:Envelope>", "<s:Body/></s:Envelope>"), 400, "body-repeated"),
        row("SOAP-07 header", fine.replace("<s:Body>", "<s:Header/><s:Body>"), 400, "header-repeated"),
        row("SOAP-07 after", fine.replace("</s:Envelope>", "<x/></s:Envelope>"), 400, "not-soap"),
        row("SOAP-08", envelope(&headers, &two), 400, "one-operation-only"),
        row("SOAP-08 none", envelope(&headers, ""), 400, "one-operation-only"),
        row("SOAP-08 text", envelope(&headers, &format!("x{}", query(""))), 400, "one-operation-only"),
        row("SOAP-09", envelope(&headers, "<x xmlns='urn:x'/>"), 400, "wsa:ActionNotSupported"),
        row(
            "SOAP-10",
            envelope("<a:MessageID>urn:uuid:1</a:MessageID>", &query("")),
            400,
            "wsa:MessageAddressingHeaderRequired",
        ),
        row("SOAP-10 no header", fine.replace(&headers, ""), 400, "wsa:MessageAddressingHeaderRequired"),
        Row {
            content_type: "application/soap+xml; action=\"urn:ihe:iti:2007:RetrieveDocumentSet\"",
            ..row("SOAP-11", fine.clone(), 400, "wsa:ActionMismatch")
        },
        row(
            "SOAP-12",
            fine.replace(ITI_18, "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"),
            400,
            "wsa:ActionMismatch",
        ),
        row(
            "SOAP-13",
            with_header("<a:To>https://autre.example.org/</a:To>"),
            400,
            "wsa:DestinationUnreachable",
        ),
        row(
            "SOAP-14",
            fine.replace("<a:MessageID>urn:uuid:1</a:MessageID>", ""),
            400,
            "wsa:MessageAddressingHeaderRequired",
        ),
        row("SOAP-16", fine.replace("urn:uuid:1", &"m".repeat(10_000)), 400, "header-too-long"),
        row("SOAP-17", reply_to("http://169.254.169.254/"), 400, "wsa:InvalidAddress<"),
        row(
            "SOAP-18",
            reply_to("https://autre.example.org/retour"),
            400,
            "wsa:OnlyAnonymousAddressSupported",
        ),
        row("SOAP-19", with_header("<x xmlns='urn:x' s:mustUnderstand='true'/>"), 500, "soap:MustUnderstand"),
        row(
            "SOAP-19",
            with_header("<x xmlns='urn:x' s:mustUnderstand='1'/>"),
            500,
            "qname=\"nu:x\" xmlns:nu=\"urn:x\"",
        ),
        row("SOAP-20", doctype("<!DOCTYPE x>"), 400, "doctype-refused"),
        row("SOAP-20 case", doctype("<!doctype x>"), 400, "doctype-refused"),
        row(
            "SOAP-21",
            doctype("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"),
            400,
            "doctype-refused",
        ),
        row(
            "SOAP-22",
            doctype("<!DOCTYPE x [<!ENTITY % a SYSTEM \"http://192.0.2.1/\"> %a;]>"),
            400,
            "doctype-refused",
        ),
        row(
            "SOAP-23",
            doctype(&format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]>")),
            400,
            "doctype-refused",
        ),
        row(
            "SOAP-24",
            doctype(&format!("<!DOCTYPE x [<!ENTITY q \"{}\">]>", "q".repeat(100 << 10))),
            400,
            "doctype-refused",
        ),
        row("SOAP-25", holding(&"<d>".repeat(10_000)), 400, "too-deep (64)"),
        row(
            "SOAP-26",
            holding(&format!("<d {}/>", attributes(|n| format!(" a{n}=''")))),
            400,
            "too-many-attributes (64)",
        ),
        row(
            "SOAP-27",
            holding(&format!("<d {}/>", attributes(|n| format!(" xmlns:a{n}='urn:a'")))),
            400,
            "too-many-namespaces (32)",
        ),
        row("SOAP-28", holding("<d a='1' a='2'/>"), 400, "not-well-formed"),
        row(
            "SOAP-29",
            holding("<d xmlns:p='urn:1' xmlns:q='urn:1' p:a='1' q:a='2'/>"),
            400,
            "not-well-formed",
        ),
        row("SOAP-30", holding("<p:d/>"), 400, "not-well-formed"),
        row("SOAP-31", holding("<d xmlns:xmlns='urn:1'/>"), 400, "not-well-formed"),
        row("SOAP-32", declared("UTF-16"), 400, "encoding"),
        row("SOAP-33", declared("ISO-8859-1"), 400, "encoding-not-supported"),
        row("SOAP-33 UTF-7", declared("UTF-7"), 400, "encoding-not-supported"),
        row(
            "SOAP-33 UTF-16",
            fine.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            400,
            "encoding-not-supported",
        ),
        row("SOAP-34", not_utf8.clone(), 400, "encoding"),
        row("SOAP-34", not_utf8, 400, "(byte "),
        row("SOAP-35", holding("<d>&#0;</d>"), 400, "forbidden-character"),
        row("SOAP-35 hexadecimal", holding("<d a='&#x1;'/>"), 400, "forbidden-character"),
        row("SOAP-35 raw", holding("<d>\u{1}</d>"), 400, "forbidden-character"),
        row("SOAP-36", format!("\u{feff}{}", holding("<d>\u{feff}</d>")), 400, "forbidden-character"),
        row("SOAP-36 twice", format!("\u{feff}\u{feff}{fine}"), 400, "forbidden-character"),
        row("SOAP-37", doctype("<?xml-stylesheet href='x'?>"), 400, "pi-refused"),
        row("SOAP-37 inside", holding("<?x y?>"), 400, "pi-refused"),
        row(
            "SOAP-38",
            holding(&format!("<Value><![CDATA[{}]]></Value>", "x".repeat(2 << 20))),
            400,
            "text-too-long",
        ),
        row("SOAP-39", holding(&format!("<{}/>", "n".repeat(1 << 20))), 400, "name-too-long"),
    ]
}

#[tokio::test]
async fn each_row_is_refused_in_its_own_words() {
    let world = World::new().await;
    for row in rows() {
        let reply = world.post("DocumentRegistry_Service", row.content_type, row.body).await;
        let told = (reply.status, reply.text.contains(row.says));
        assert_eq!(told, (row.status, true), "{}: {}", row.id, reply.text);
        assert_eq!(reply.headers["content-type"], PLAIN, "{}", row.id);
        let fault = dmp_xml::parse(reply.text.as_bytes(), &dmp_xml::Limits::default()).unwrap();
        let found = fault.descendants().find(|node| node.has_tag_name((SOAP, "Fault")));
        assert!(found.is_some(), "{}", row.id);
    }
}

/// What is refused above is refused for what it changes in this message, which itself reaches the VIHF.
#[tokio::test]
async fn the_message_that_the_rows_change_reaches_the_vihf() {
    let world = World::new().await;
    for body in [
        holding(""),
        format!("\u{feff}{}", holding("<d>é</d>")),
        format!("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<!-- fin -->{}", holding("")),
        with_header("<a:To s:mustUnderstand='1'>https://dmp.example.org/x</a:To>"),
        with_header("<a:To/>"),
        reply_to("http://www.w3.org/2005/08/addressing/anonymous"),
        holding(&format!("<Document>{}</Document>", "QUJD".repeat(400_000))),
    ] {
        let reply = world.post("DocumentRegistry_Service", PLAIN, body).await;
        assert_eq!(reply.status, 400);
        assert!(reply.text.contains("wsse:SecurityTokenUnavailable"), "{}", reply.text);
        assert!(reply.text.contains(&format!("<RelatesTo xmlns=\"{ADDRESSING}\">urn:uuid:1</RelatesTo>")));
    }
}

#[tokio::test]
async fn a_message_without_end_is_read_to_the_limit_and_no_further() {
    // SOAP-40: 600 MiB in chunks, without a length.
    let world = World::new().await;
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let chunk = Bytes::from(vec![b' '; 1 << 20]);
    let chunks = (0..600).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(chunk.clone())
    });
    let reply =
        world.post("DocumentRepository_Service", PLAIN, Body::from_stream(stream::iter(chunks))).await;
    assert_eq!(reply.status, 413, "{}", reply.text);
    assert_eq!(reply.headers["connection"], "close");
    // 32 MiB in base64 and 2 MiB of metadata.
    assert!(read.load(Ordering::Relaxed) <= 46);
}

#[tokio::test]
async fn what_is_announced_too_long_is_not_read_and_what_is_compressed_is_not_opened() {
    let world = World::new().await;
    let reply = world.post("DocumentRegistry_Service", PLAIN, vec![b' '; 50 << 20]).await;
    assert_eq!(reply.status, 413);
    // SOAP-42.
    let headers = [("content-type", PLAIN), ("content-encoding", "gzip")];
    let reply = world.post_with("DocumentRegistry_Service", &headers, vec![0x1f, 0x8b]).await;
    assert_eq!((reply.status, reply.text.contains("content-encoding")), (415, true));
    let headers = [("content-type", PLAIN), ("content-type", "text/xml")];
    assert_eq!(world.post_with("DocumentRegistry_Service", &headers, holding("")).await.status, 415);
}
