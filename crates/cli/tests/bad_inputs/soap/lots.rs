//! Rows SOAP-44 to SOAP-58: lots whose metadata are wrong, about somebody else, or sent before.

use crate::case::{Case, Check, World, case, registry, success};
use crate::common::lot::{ALICE, BRUNE, NOBODY};
use crate::common::{Answer, Document};
use crate::lps::deposit;
use crate::message::{Sent, between, classification, set_unique_id};
use dmp_lps::ebrim::scheme;
use dmp_lps::publish::{self, Sending};

const METADATA: &str = "XDSRepositoryMetadataError";
/// What replaces nothing that the actor may know of: see `bad_inputs_exceptions.txt` of SOAP-57.
const ABSENT: &str = "XDSReplaceFailed";

/// A lot of one document, changed.
fn lot(edit: impl Fn(Sent) -> Sent + 'static) -> impl Fn(&World) -> Answer {
    move |w| edit(w.plain_lot()).send(w)
}

/// A lot with that slot of its document, in place of the one it has.
fn slot(name: &'static str, value: &'static str) -> impl Fn(&World) -> Answer {
    lot(move |sent| {
        let start = format!("<Slot name=\"{name}\">");
        let written = format!("{start}<ValueList><Value>{value}</Value></ValueList></Slot>");
        if sent.text().contains(&start) {
            let piece = between(&sent.text(), &start, "</Slot>");
            sent.edit(&piece, &written)
        } else {
            let first = "<Slot name=\"creationTime\">";
            sent.edit(first, &format!("{written}{first}"))
        }
    })
}

/// A lot without that coded attribute.
fn without(row: &'static str, scheme: &'static str, attribute: &'static str) -> Case {
    let send = lot(move |sent| {
        let piece = classification(&sent.text(), scheme);
        sent.edit(&piece, "")
    });
    case(row, send, registry(METADATA, attribute)).variant(attribute)
}

pub fn cases() -> Vec<Case> {
    [objects(), patients(), identifiers(), replacements()].into_iter().flatten().collect()
}

fn objects() -> Vec<Case> {
    let package = "</RegistryPackage>";
    vec![
        case(
            "SOAP-44",
            lot(|sent| sent.cut("<RegistryPackage ", "</RegistryPackage>")),
            registry(METADATA, "SubmissionSet"),
        ),
        case(
            "SOAP-45",
            lot(move |sent| {
                let set = between(&sent.text(), "<RegistryPackage ", package);
                let other = set.replace("=\"SubmissionSet01\"", "=\"SubmissionSet02\"");
                sent.edit(&set, &format!("{set}{other}"))
            }),
            registry(METADATA, "SubmissionSet"),
        ),
        without("SOAP-46", scheme::CLASS, "classCode"),
        without("SOAP-46", scheme::TYPE, "typeCode"),
        without("SOAP-46", scheme::CONFIDENTIALITY, "confidentialityCode"),
        case(
            "SOAP-47",
            lot(|sent| {
                let old = classification(&sent.text(), scheme::TYPE);
                sent.edit(&old, &old.replace("\"60591-5\"", "\"00000-0\""))
            }),
            registry(METADATA, "00000-0"),
        )
        .and(registry(METADATA, "JDV_J66")),
        case("SOAP-48", slot("creationTime", "20261331"), registry(METADATA, "creationTime")),
        case("SOAP-55", slot("hash", "0123456789012345678901234567890123456789"), registry(METADATA, "hash")),
        case("SOAP-56", slot("size", "17"), registry(METADATA, "size")),
    ]
}

fn patients() -> Vec<Case> {
    const UNKNOWN: &str = "XDSUnknownPatientId";
    let as_unknown: Check = Box::new(|w, answer| {
        let unknown = of_nobody(w).registry_errors();
        let same = answer.registry_errors().iter().all(|error| error[..2] == unknown[0][..2]);
        if same {
            Ok(())
        } else {
            Err(format!("told from unknown: {:?} {unknown:?}", answer.registry_errors()))
        }
    });
    vec![
        case(
            "SOAP-49",
            slot("sourcePatientId", "270019935110259^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"),
            registry("XDSPatientIdDoesNotMatch", "sourcePatientId"),
        ),
        case(
            "SOAP-50",
            lot(|sent| {
                let (head, body) = split_body(&sent);
                sent.body(format!("{head}{}", body.replace(ALICE.ins, "270019935110161")))
            }),
            registry(UNKNOWN, ""),
        )
        .and(as_unknown),
        case("SOAP-51", of_nobody, registry(UNKNOWN, "")),
    ]
}

/// Header and body of an envelope.
fn split_body(sent: &Sent) -> (String, String) {
    let text = sent.text();
    let (head, body) = text.split_once("<soap:Body>").unwrap();
    (format!("{head}<soap:Body>"), body.to_owned())
}

fn of_nobody(w: &World) -> Answer {
    let document = Document::synthese(NOBODY, w.number());
    w.message_of(&w.lps.doctor, NOBODY, |session| deposit(session, &[document], false)).send(w)
}

/// The only error says the identifier that was sent, and nothing more.
fn only_the_identifier() -> Check {
    Box::new(|_, answer| match answer.registry_errors().as_slice() {
        [[_, context, _]] if context.strip_prefix("uniqueId=").is_some_and(|id| !id.contains(' ')) => Ok(()),
        other => Err(format!("the identifier alone expected, got {other:?}")),
    })
}

fn identifiers() -> Vec<Case> {
    vec![
        case(
            "SOAP-52",
            |w| {
                let document = w.synthese();
                w.lot_of(&[document.clone(), document]).send(w)
            },
            registry("XDSRepositoryDuplicateUniqueIdInMessage", "uniqueId=1.2.250.1.999.7."),
        ),
        case(
            "SOAP-53",
            |w| {
                let number = w.number();
                let taken = w.publish(&Document::synthese(BRUNE, number));
                assert_eq!(taken.status, 200, "Brune's own: {}", taken.brief());
                w.lot_of(&[Document::synthese(ALICE, number)]).send(w)
            },
            registry("XDSNonIdenticalHash", "uniqueId=1.2.250.1.999.7."),
        )
        .and(only_the_identifier())
        .stores_of_brune(1),
        case(
            "SOAP-54",
            |w| {
                let first = w.plain_lot();
                assert!(first.send(w).is_success(), "the first lot");
                let second = w.plain_lot();
                let (old, new) = (set_unique_id(&first), set_unique_id(&second));
                second.edit(&new, &old).send(w)
            },
            registry("XDSDuplicateUniqueIdInRegistry", "uniqueId="),
        )
        .and(only_the_identifier())
        .stores_one(),
    ]
}

fn replacements() -> Vec<Case> {
    let alike: Check = Box::new(|w, answer| {
        let absent = replacing(w, "urn:uuid:00000000-0000-4000-8000-0000000000ff").send(w);
        let (this, that) = (answer.registry_errors(), absent.registry_errors());
        if this == that { Ok(()) } else { Err(format!("told from absent: {this:?} {that:?}")) }
    });
    vec![
        case(
            "SOAP-57",
            |w| {
                let of_brune = Document::synthese(BRUNE, w.number());
                let lot = w
                    .message_of(&w.lps.doctor, BRUNE, |s| deposit(s, std::slice::from_ref(&of_brune), false));
                assert!(lot.send(w).is_success(), "Brune's own");
                replacing(w, &of_brune.unique_id).send(w)
            },
            registry(ABSENT, ""),
        )
        .and(alike)
        .stores_of_brune(1),
        case(
            "SOAP-57",
            |w| replacing(w, "urn:uuid:00000000-0000-4000-8000-0000000000ff").send(w),
            registry(ABSENT, ""),
        )
        .variant("absent"),
        case(
            "SOAP-58",
            |w| {
                let first = w.synthese();
                assert!(w.lot_of(std::slice::from_ref(&first)).send(w).is_success(), "the first version");
                let entry = w.entry_uuid(&first.unique_id);
                let second = replacing(w, &entry).send(w);
                assert!(second.is_success(), "the second: {}", second.brief_fault());
                replacing(w, &entry).send(w)
            },
            registry("XDSRegistryDeprecatedDocumentError", ""),
        )
        .stores(2),
        case(
            "SOAP-58",
            |w| {
                let first = w.synthese();
                assert!(w.lot_of(std::slice::from_ref(&first)).send(w).is_success(), "the first version");
                replacing(w, &w.entry_uuid(&first.unique_id)).send(w)
            },
            success(),
        )
        .variant("in force")
        .stores(2),
    ]
}

/// A lot of a fresh document that replaces that one.
fn replacing(w: &World, target: &str) -> Sent {
    let document = w.synthese();
    w.message(|session| {
        let mut read = publish::Document::read(document.bytes.clone().into(), session.now).unwrap();
        read.replaces = Some(target.to_owned());
        publish::message(session, &[read], Sending { signed: false, mtom: false }).unwrap()
    })
}
