//! Rows MTOM-01 to MTOM-41: packages, their parts, what includes them. Each is wrong in a lot that is otherwise accepted,
//! its VIHF fresh and signed.

mod documents;
mod retrievals;

use crate::case::{Case, Check, World, case, fault, registry, status, success};
use crate::common::Answer;
use crate::common::http::exchange_stream;
use crate::message::{BOUNDARY, Package, Part, Sent, between};
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

const INCLUDE: &str = "<xop:Include ";
/// End of an `xop:Include`.
const END: &str = "/>";

pub fn cases() -> Vec<Case> {
    let groups = [accepted(), packages(), parts(), inclusions(), lots(), sizes()];
    groups.into_iter().flatten().chain(documents::cases()).chain(retrievals::cases()).collect()
}

/// A lot as a package, changed.
fn package(
    row: &'static str,
    edit: impl Fn(&World, Package) -> Package + 'static,
    says: &'static str,
) -> Case {
    case(row, move |w| edit(w, w.package()).send(w), fault(400, says))
}

/// A lot as a package whose media type is another.
fn typed(row: &'static str, edit: impl Fn(&str) -> String + 'static, check: Check) -> Case {
    case(
        row,
        move |w| {
            let sent = w.package().sent();
            let content_type = edit(&sent.content_type);
            assert_ne!(content_type, sent.content_type);
            sent.typed(&content_type).send(w)
        },
        check,
    )
}

/// A lot whose document's part is another.
fn part(row: &'static str, edit: impl Fn(&mut Part) + 'static, says: &'static str) -> Case {
    package(row, move |_, package| package.part(1, |part| edit(part)), says)
}

/// The same of a header of it.
fn head(row: &'static str, from: &'static str, to: impl Into<String>, says: &'static str) -> Case {
    let to = to.into();
    let edit = move |part: &mut Part| {
        assert!(part.head.contains(from), "{}", part.head);
        part.head = part.head.replace(from, &to);
    };
    part(row, edit, says)
}

/// A lot whose `xop:Include` has other attributes; `ATTACKER` is where nobody may connect.
fn include(row: &'static str, attributes: &'static str, says: &'static str) -> Case {
    let edit = move |w: &World, package: Package| {
        let attributes = attributes.replace("ATTACKER", &w.attacker());
        let other = format!("<xop:Include {XOP} {attributes}/>");
        package.envelope(|sent| including(sent, |_| other))
    };
    package(row, edit, says)
}

/// An envelope whose first `xop:Include` is another.
fn including(sent: Sent, other: impl FnOnce(&str) -> String) -> Sent {
    let old = between(&sent.text(), INCLUDE, END);
    let other = other(&old);
    sent.edit(&old, &other)
}

const XOP: &str = "xmlns:xop=\"http://www.w3.org/2004/08/xop/include\"";

/// The packages that the rows change are accepted; a file that ends with a line break keeps it.
fn accepted() -> Vec<Case> {
    vec![
        case("MTOM-53", |w| w.package().send(w), success()).variant("a package, as it is").stores_one(),
        case("MTOM-53", |w| w.package_of(&[w.synthese(), w.pdf()]).send(w), success())
            .variant("two documents")
            .stores(2),
    ]
}

fn packages() -> Vec<Case> {
    let boundary = format!("boundary=\"{BOUNDARY}\"");
    let without = {
        let boundary = boundary.clone();
        move |t: &str| t.replace(&format!("; {boundary}"), "")
    };
    let long = {
        let boundary = boundary.clone();
        move |t: &str| t.replace(&boundary, &format!("boundary=\"{}\"", "b".repeat(71)))
    };
    let start = |to: &'static str| move |t: &str| t.replace("start=\"<envelope@lps>\"; ", to);
    let closing = format!("\r\n--{BOUNDARY}--\r\n");
    vec![
        typed("MTOM-01", without, fault(400, "boundary-missing")),
        typed("MTOM-02", long, fault(400, "boundary-invalid")),
        typed("MTOM-03", |t| t.replace(BOUNDARY, "autre"), fault(400, "no-root-part")),
        case("MTOM-04", move |w| w.package().sent().edit(&closing, "").send(w), fault(400, "truncated")),
        typed("MTOM-05", start("start=\"<autre@lps>\"; "), fault(400, "no-root-part")),
        typed(
            "MTOM-06",
            |t| t.replace("start-info=\"application/soap+xml\"", "start-info=\"text/xml\""),
            fault(415, "start-info"),
        ),
        typed(
            "MTOM-07",
            |t| t.replace("type=\"application/xop+xml\"", "type=\"text/xml\""),
            fault(415, "media-type"),
        ),
        case(
            "MTOM-08",
            move |w| {
                let mut package = w.package();
                package.parts.swap(0, 1);
                package.content_type = start("")(&package.content_type);
                package.send(w)
            },
            fault(400, "no-root-part"),
        ),
    ]
}

fn parts() -> Vec<Case> {
    let encoding =
        |row, other: &str| head(row, "Encoding: binary", format!("Encoding: {other}"), "transfer-encoding");
    let many: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
    vec![
        package(
            "MTOM-09",
            |_, package| {
                let again = package.parts[1].clone();
                package.and(&again.head, &again.body)
            },
            "duplicate-content-id",
        ),
        part(
            "MTOM-10",
            |part| part.head = part.head.replace("Content-ID: <", "Content-ID: ").replace('>', ""),
            "content-id-syntax",
        ),
        head("MTOM-11", "Content-ID: <", format!("Content-ID: <{}", "c".repeat(5_000)), "header-too-long"),
        head("MTOM-12", "Content-ID", format!("{many}Content-ID"), "too-many-headers (16)"),
        head(
            "MTOM-13",
            "Content-ID",
            format!("X: {}\r\nContent-ID", "x".repeat(64 << 10)),
            "header-too-long",
        ),
        head("MTOM-14", "Content-ID", "X: x;\r\n y\r\nContent-ID", "header-syntax"),
        head("MTOM-15", "\r\nContent-ID", "\nContent-ID", "header-syntax"),
        encoding("MTOM-16", "quoted-printable"),
        encoding("MTOM-17", "base64"),
        encoding("MTOM-18", "x-unknown"),
        package(
            "MTOM-38",
            |_, package| {
                let numbers = 0..1001;
                numbers.fold(package, |package, n| {
                    package.and(&format!("Content-Type: text/xml\r\nContent-ID: <n{n}@lps>"), b"x")
                })
            },
            "too-many-parts (100)",
        ),
        head("MTOM-41", "text/xml", "multipart/mixed; boundary=x", "nested-multipart"),
    ]
}

fn inclusions() -> Vec<Case> {
    // Inside what is signed, and inside its signature.
    let security = |row, after: &'static str| {
        let edit = move |sent: Sent| sent.edit(after, &format!("{after}<xop:Include {XOP} href=\"cid:x\"/>"));
        package(row, move |_, package| package.envelope(edit), "wsse:InvalidSecurity")
    };
    let beside = |row, text: &'static str| {
        let edit = move |sent| including(sent, |old| format!("{text}{old}"));
        package(row, move |_, package| package.envelope(edit), "xop-mixed-content")
    };
    vec![
        include("MTOM-19", "href=\"http://10.0.0.1/secret\"", "xop-href-not-cid"),
        include("MTOM-19", "href=\"http://ATTACKER/secret\"", "xop-href-not-cid").variant("listening"),
        include("MTOM-20", "href=\"file:///etc/shadow\"", "xop-href-not-cid"),
        include("MTOM-22", "href=\"cid:%00x\"", "xop-href-syntax"),
        package(
            "MTOM-23",
            |_, package| {
                let id = package.content_id(1);
                let twice = id.replace('@', "%2540");
                package.envelope(|sent| including(sent, |old| old.replace(&id, &twice)))
            },
            "xop-href-syntax",
        ),
        include("MTOM-24", "", "xop-href-missing"),
        beside("MTOM-25", "texte"),
        security("MTOM-26", "<saml2:Subject>"),
        security("MTOM-27", "<ds:SignatureValue>"),
        include("MTOM-28", "href=\"cid:envelope@lps\"", "xop-root-reference"),
        case(
            "MTOM-29",
            |w| {
                let package = w.package_of(&[w.synthese(), w.pdf()]);
                let (first, second) = (package.content_id(1), package.content_id(2));
                package.envelope(|sent| sent.edit(&second, &first)).send(w)
            },
            fault(400, "part-used-twice"),
        ),
        beside("MTOM-34", "QUJD"),
    ]
}

/// Parts and metadata that do not go together.
fn lots() -> Vec<Case> {
    const NO_METADATA: &str = "XDSMissingDocumentMetadata";
    const NO_DOCUMENT: &str = "XDSMissingDocument";
    let closing = "</ns4:ProvideAndRegisterDocumentSetRequest>";
    let extra = "Content-Type: text/xml\r\nContent-ID: <de-trop@lps>";
    let inline = |row, text: &'static str| {
        let send = move |w: &World| {
            let lot = w.plain_lot();
            let document = between(&lot.text(), "<ns4:Document id=\"Document01\">", "</ns4:Document>");
            lot.edit(&document, &format!("<ns4:Document id=\"Document01\">{text}</ns4:Document>")).send(w)
        };
        case(row, send, fault(400, "base64"))
    };
    vec![
        case(
            "MTOM-21",
            |w| {
                let mut package = w.package();
                let id = package.content_id(1);
                package.parts.truncate(1);
                package.envelope(|sent| sent.edit(&id, "absent")).send(w)
            },
            registry(NO_DOCUMENT, "Document01"),
        ),
        case(
            "MTOM-30",
            move |w| w.package().and(extra, b"<a/>").send(w),
            registry(NO_METADATA, "de-trop@lps"),
        ),
        case(
            "MTOM-31",
            move |w| {
                let document = format!(
                    "<ns4:Document id=\"inconnu\"><xop:Include {XOP} href=\"cid:de-trop@lps\"/></ns4:Document>"
                );
                let package = w.package().and(extra, b"<a/>");
                package.envelope(|sent| sent.edit(closing, &format!("{document}{closing}"))).send(w)
            },
            registry(NO_METADATA, "inconnu"),
        ),
        case(
            "MTOM-32",
            |w| {
                let mut package = w.package();
                package.parts.truncate(1);
                package.envelope(|sent| sent.cut("<ns4:Document ", "</ns4:Document>")).send(w)
            },
            registry(NO_DOCUMENT, "Document01"),
        ),
        case(
            "MTOM-33",
            |w| {
                let package = w.package_of(&[w.synthese(), w.pdf()]);
                let edit = |sent: Sent| {
                    sent.edit("<ns4:Document id=\"Document02\"", "<ns4:Document id=\"Document01\"")
                };
                package.envelope(edit).send(w)
            },
            fault(400, "duplicate-document-id"),
        ),
        inline("MTOM-35", "QUJDRA"),
        inline("MTOM-36", "QU-_"),
        case(
            "MTOM-37",
            |w| w.package().part(1, |part| part.body.clear()).send(w),
            registry("XDSRepositoryMetadataError", "empty document"),
        ),
        case("MTOM-37", empty_inline, registry("XDSRepositoryMetadataError", "empty document"))
            .variant("inline"),
    ]
}

fn empty_inline(w: &World) -> Answer {
    let lot = w.plain_lot();
    let document = between(&lot.text(), "<ns4:Document id=\"Document01\">", "</ns4:Document>");
    lot.edit(&document, "<ns4:Document id=\"Document01\"/>").send(w)
}

/// More than a message may have: read to the limit and no further. The server keeps what it has read, 45 MiB, once.
fn sizes() -> Vec<Case> {
    let small: fn(usize) -> String = |n| {
        let end = if n == 0 { "" } else { "\r\n" };
        format!("{end}--{BOUNDARY}\r\nContent-Type: text/xml\r\nContent-ID: <n{n}@lps>\r\n\r\n")
    };
    let one: fn(usize) -> String = |n| if n == 0 { small_head() } else { String::new() };
    vec![
        case("MTOM-39", move |w| in_pieces(w, 600, one, true), status(413)).variant("announced"),
        case("MTOM-39", move |w| in_pieces(w, 600, one, false), status(413)),
        case("MTOM-40", move |w| in_pieces(w, 501, small, false), status(413)),
    ]
}

fn small_head() -> String {
    format!("--{BOUNDARY}\r\nContent-Type: text/xml\r\nContent-ID: <un@lps>\r\n\r\n")
}

/// A package of so many MiB, each after what `before` writes; its length announced, or in chunks.
fn in_pieces(w: &World, mebibytes: usize, before: fn(usize) -> String, announced: bool) -> Answer {
    let sent = w.package().sent();
    let framing = match announced {
        true => format!("Content-Length: {}", mebibytes << 20),
        false => "Transfer-Encoding: chunked".to_owned(),
    };
    let (path, host, content_type) = (&sent.path, &w.demo.authority, &sent.content_type);
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content_type}\r\n{framing}\r\n\r\n");
    let send = move |stream: &mut TcpStream| {
        stream.write_all(head.as_bytes())?;
        for n in 0..mebibytes {
            let before = before(n);
            if !announced {
                write!(stream, "{:x}\r\n", (1 << 20) + before.len())?;
            }
            stream.write_all(before.as_bytes())?;
            stream.write_all(&[b'x'; 1 << 20])?;
            if !announced {
                stream.write_all(b"\r\n")?;
            }
        }
        Ok(())
    };
    exchange_stream(&w.demo.authority, send, Duration::ZERO)
}
