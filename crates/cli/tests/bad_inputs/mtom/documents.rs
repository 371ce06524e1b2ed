//! Rows MTOM-42 to MTOM-56: what the parts hold, and parts that come half.

use crate::case::{Case, Check, World, case, fault, registry, says, status, success};
use crate::common::{Answer, Document, Request};
use crate::lps::{deposit, read};
use crate::message::{BOUNDARY, Sent, classification};
use crate::viewer::is_a_file_to_keep;
use dmp_lps::ebrim::scheme;
use dmp_lps::retrieve;
use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

const METADATA: &str = "XDSRepositoryMetadataError";

/// A lot whose document is those bytes, under that mimeType in its metadata and in its part.
fn of_type(media_type: &'static str, bytes: &[u8]) -> impl Fn(&World) -> Answer + use<> {
    let bytes = bytes.to_vec();
    move |w| {
        let typed = format!("mimeType=\"{media_type}\"");
        let own = "mimeType=\"text/xml\"";
        let package = w.package().envelope(|sent| if typed == own { sent } else { sent.edit(own, &typed) });
        let edit = |part: &mut crate::message::Part| {
            part.head = part.head.replace("text/xml", media_type);
            part.body.clone_from(&bytes);
        };
        package.part(1, edit).send(w)
    }
}

/// Taken, and given back byte for byte by ITI-43.
fn kept(row: &'static str, make: impl Fn(&World) -> Document + 'static) -> Case {
    let sent = std::rc::Rc::new(std::cell::RefCell::new((String::new(), Vec::new())));
    let remembered = std::rc::Rc::clone(&sent);
    let send = move |w: &World| {
        let document = make(w);
        *sent.borrow_mut() = (document.unique_id.clone(), document.bytes.clone());
        w.package_of(&[document]).send(w)
    };
    let same_bytes: Check = Box::new(move |w, _| {
        let (unique_id, bytes) = &*remembered.borrow();
        let answer = w.retrieve_as(&w.lps.doctor, &[unique_id.as_str()]);
        let found = retrieve::read(&read(&answer)).map_err(|error| error.to_string())?;
        match found.as_slice() {
            [document] if document.bytes == *bytes => Ok(()),
            _ => Err("the bytes given back are not those sent".to_owned()),
        }
    });
    case(row, send, success()).and(same_bytes).stores_one()
}

pub fn cases() -> Vec<Case> {
    [types(), contents(), cuts()].into_iter().flatten().collect()
}

fn types() -> Vec<Case> {
    let bomb = [&b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03"[..], &[0; 2048]].concat();
    let refused =
        |row, media_type, bytes: &[u8]| case(row, of_type(media_type, bytes), registry(METADATA, "mimeType"));
    vec![
        refused("MTOM-42", "message/rfc822", b"From: a@example.org\r\n\r\nx"),
        refused("MTOM-43", "text/html", b"<html/>"),
        refused("MTOM-44", "application/pdf", b"<html><script>alert(1)</script></html>"),
        refused("MTOM-45", "text/xml", b"PK\x03\x04\x14\0\0\0"),
        refused("MTOM-46", "image/jpeg", &bomb),
        refused("MTOM-47", "image/tiff", b"II*\0"),
        case(
            "MTOM-52",
            |w| {
                w.package()
                    .part(1, |part| part.head = part.head.replace("text/xml", "application/pdf"))
                    .send(w)
            },
            registry(METADATA, "Content-Type"),
        ),
    ]
}

fn contents() -> Vec<Case> {
    let pdf = |body: &'static str| move |w: &World| w.pdf().binary_body("application/pdf", body.as_bytes());
    let encrypted = "%PDF-1.4\ntrailer<</Encrypt 5 0 R/Root 1 0 R>>\n%%EOF";
    vec![
        case(
            "MTOM-48",
            |w| {
                // The format of a structured document, on one that holds a PDF.
                let structured = w.lot_of(&[w.synthese()]).text();
                let format = classification(&structured, scheme::FORMAT);
                let lot = w.lot_of(&[w.pdf()]);
                let own = classification(&lot.text(), scheme::FORMAT);
                lot.edit(&own, &format).send(w)
            },
            registry(METADATA, "formatCode"),
        ),
        kept("MTOM-49", pdf(encrypted)),
        case("MTOM-50", script_opened, status(200))
            .and(is_a_file_to_keep())
            .and(says("Ce fichier contient des actions automatiques")),
        kept("MTOM-50", pdf("%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(x)>>>>endobj\n%%EOF"))
            .variant("JavaScript, its bytes"),
        kept("MTOM-50", pdf("%PDF-1.4\n1 0 obj<</A<</S/Launch/F(a.exe)>>>>endobj\n%%EOF")).variant("Launch"),
        kept("MTOM-53", |w| {
            let mut document = w.synthese();
            document.bytes.extend(b"\r\n\r\n");
            document
        })
        .variant("ends with line breaks"),
        case(
            "MTOM-54",
            |w| {
                let package = w.package().part(1, |part| {
                    let middle = part.body.len() / 2;
                    part.body.splice(middle..middle, format!("\r\n--{BOUNDARY}\r\n").bytes());
                });
                package.send(w)
            },
            // What follows is read as the headers of a part.
            fault(400, "header-syntax"),
        ),
        case(
            "MTOM-54",
            |w| {
                let package = w.package().part(1, |part| {
                    let middle = part.body.len() / 2;
                    let end = format!("\r\n--{BOUNDARY}--\r\n");
                    part.body.splice(middle..middle, end.bytes());
                });
                package.send(w)
            },
            fault(400, "truncated"),
        )
        .variant("closing"),
    ]
}

/// A PDF that acts when it is opened, published in Marie's dossier and opened by her.
fn script_opened(w: &World) -> Answer {
    let script = "%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF";
    let document = w.marie.pdf(w.number()).binary_body("application/pdf", script.as_bytes());
    let lot = w.message_of(&w.lps.doctor, document.patient, |session| {
        deposit(session, std::slice::from_ref(&document), true)
    });
    let published = lot.send(w);
    if !published.is_success() {
        return published;
    }
    let path = format!(
        "/fhir/DocumentReference?patient.identifier={}&identifier=urn:ietf:rfc:3986%7Curn:oid:{}",
        document.patient.identifier(),
        document.unique_id
    );
    let found = w.demo.get(&path, &w.demo.persona("marie")).json();
    w.marie_opens(found["entry"][0]["resource"]["id"].as_str().unwrap())
}

fn cuts() -> Vec<Case> {
    vec![
        case(
            "MTOM-55",
            |w| {
                let sent = w.package_of(&[w.synthese(), w.pdf()]).sent();
                let length = sent.body.len();
                broken_off(w, &sent, length - length / 20)
            },
            nothing_heard(),
        ),
        case(
            "MTOM-56",
            |w| {
                let sent = w.package().sent();
                let _ = broken_off(w, &sent, sent.body.len());
                // What was sent is done, whether or not its answer was heard.
                std::thread::sleep(Duration::from_millis(300));
                let again = sent.send(w);
                assert!(again.is_success(), "a second sending: {}", again.brief_fault());
                sent.send(w)
            },
            success(),
        )
        .stores_one(),
    ]
}

/// Sends so much of the body of a message, and hangs up.
fn broken_off(w: &World, sent: &Sent, length: usize) -> Answer {
    let head = Request::new("POST", &sent.path).body(&sent.content_type, sent.body.clone());
    let bytes = head.to_bytes(&w.demo.authority);
    let kept = bytes.len() - sent.body.len() + length;
    let mut stream = TcpStream::connect(&w.demo.authority).unwrap();
    stream.write_all(&bytes[..kept]).unwrap();
    stream.shutdown(Shutdown::Both).unwrap();
    drop(stream);
    std::thread::sleep(Duration::from_millis(100));
    Answer::default()
}

fn nothing_heard() -> Check {
    Box::new(|_, answer| match answer.status {
        0 => Ok(()),
        other => Err(format!("{other}")),
    })
}
