//! TD2.1: the official lot, refused as it is, taken once what contradicts it is aligned.
//!
//! The kit has it as a dump of a package, whose headers of parts lost their carriage returns: they are given back. The
//! envelope is of SOAP 1.1 inside a message of SOAP 1.2, which the legacy profile takes; its type was retired, which the
//! historic profile takes.

use crate::caller::{PATIENT, post, prepare, signed_again, signers};
use crate::compare::same_structure;
use crate::samples::{between, message, pair, replaced};
use crate::server::Server;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::c14n::{C14nMode, canonicalize};
use dmp_lps::search::{self, Filter};
use dmp_lps::{Answer, LpsError, registry};
use dmp_xml::signature::sign_template;

const NAME: &str = "TD2.1_-_Alimentation";
const LEGACY: (&str, &str) = ("DMP_XDS_LEGACY", "true");
const HISTORIC: (&str, &str) = ("DMP_RULES_HISTORIC", "true");

/// The lot and its document, and what the signature of 2019 names.
const LOT: &str = "1.2.250.1.999.1.1.7898.1.1622814651504";
const DOCUMENT: &str = "1.2.250.1.999.1.1.7898.4.9956570902";
const SIGNED_LOT: &str = "1.2.250.1.999.1.1.7898.3.9956570900";

const RETIRED: &str = "typeCode `27899-4^2.16.840.1.113883.6.1` was retired from JDV_J66-TypeCode-DMP";

/// What contradicts the document in the message, and what the document says.
const ALIGNED: &[(&str, &str, &str)] = &[
    ("uniqueId, not the id of the CDA", "1.2.250.1.999.1.1.7898.3.1622814651504", DOCUMENT),
    ("birth date (PID-7), not its birthTime", "PID-7|19070525", "PID-7|19790328"),
    ("creationTime, not its effectiveTime", "20100319194535", "20190221123445"),
    ("serviceStartTime, not that of its serviceEvent", "20100319183244", "20190221"),
    ("serviceStopTime, which would be before", "20100319183344", "20190221"),
    ("facility, not that of its encounter", "\"SA01\"", "\"SA07\""),
];

/// A server with the dossier of whom the document is about: born that day, a woman.
fn opened(variables: &[(&str, &str)]) -> Server {
    let server = Server::start(variables);
    server.open(
        PATIENT,
        r#"<patientPerson classCode="PSN" determinerCode="INSTANCE"><name><given>LAURENCE</given>
        <family qualifier="SP">patb-quatre</family><family qualifier="BR">patb-quatre</family></name>
        <administrativeGenderCode code="F"/><birthTime value="19790328"/></patientPerson>"#,
    );
    server
}

/// Content type and bytes of the package of a dump.
fn package(dump: &str) -> (String, Vec<u8>) {
    let boundary = dump.lines().next().unwrap().strip_prefix("--").unwrap();
    let delimiter = format!("--{boundary}");
    let mut body = Vec::new();
    for part in dump.split(&delimiter).skip(1) {
        body.extend_from_slice(delimiter.as_bytes());
        let Some(part) = part.strip_prefix('\n') else {
            body.extend_from_slice(part.as_bytes());
            break;
        };
        let (headers, content) = part.split_once("\n\n").unwrap();
        let headers: Vec<&str> = headers.lines().collect();
        body.extend_from_slice(format!("\r\n{}\r\n\r\n", headers.join("\r\n")).as_bytes());
        body.extend_from_slice(content.strip_suffix('\n').unwrap().as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let content_type = format!(
        "multipart/related; type=\"application/xop+xml\"; start=\"<rootpart@soapui.org>\"; \
         start-info=\"application/soap+xml\"; boundary=\"{boundary}\""
    );
    (content_type, body)
}

fn send(server: &Server, dump: &str) -> (u16, Answer) {
    let (content_type, body) = package(&signed_again(dump));
    post(server, "DocumentRepository_Service", &content_type, body)
}

/// The lot as the document has it, its signature made again: of the lot and the document that it came with.
fn aligned(dump: &str) -> String {
    let signature = between(dump, "<Signature xmlns=", "</Signature>\n------=_Part");
    let signature = signature.strip_suffix("\n------=_Part").unwrap();
    let document = between(dump, "<ClinicalDocument ", "</ClinicalDocument>\n");
    let mut text = dump.replace(signature, &signed_lot(signature, document));
    for (_, from, to) in ALIGNED {
        text = replaced(&text, from, to);
    }
    text
}

/// The official signature, of these bytes and by the doctor's card; SHA-1 for digests as it had, RSA with SHA-256 to sign.
fn signed_lot(signature: &str, document: &str) -> String {
    let signer = &signers().doctor.signature;
    let sha1 = |bytes: &[u8]| STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes));
    let canonical = canonicalize(document, C14nMode::InclusiveWithComments, None, &[] as &[&str]).unwrap();
    let mut template = replaced(signature, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", signer.key.method());
    template = replaced(&template, SIGNED_LOT, LOT);
    for (within, element, content) in [
        // Filled when it is signed.
        ("URI=\"#IHEManifest\"", "DigestValue", String::new()),
        ("URI=\"#S0-SignedProperties\"", "DigestValue", String::new()),
        ("</SignedInfo>", "SignatureValue", String::new()),
        ("<KeyInfo>", "X509Certificate", STANDARD.encode(&signer.certificate)),
        (&format!("URI=\"urn:oid:{DOCUMENT}\""), "DigestValue", sha1(&canonical)),
        ("<CertDigest>", "DigestValue", sha1(&signer.certificate)),
    ] {
        let open = format!("<{element}>");
        let start = template.find(within).unwrap();
        let start = start + template[start..].find(&open).unwrap() + open.len();
        let end = start + template[start..].find(&format!("</{element}>")).unwrap();
        template.replace_range(start..end, &content);
    }
    sign_template(&template, &signer.key).unwrap()
}

/// Titles of the documents of the dossier.
fn titles(server: &Server) -> Vec<String> {
    server.authorise(PATIENT, true);
    let answer = prepare(server, PATIENT, |s| search::message(s, &Filter::default()).unwrap());
    let found = search::read(&answer).unwrap();
    found.entries.into_iter().filter_map(|entry| entry.title).collect()
}

#[test]
fn td2_1_once_aligned_is_taken() {
    let Some((dump, official)) = pair(NAME) else { return };
    let server = opened(&[LEGACY, HISTORIC, ("DMP_XDS_LOT_SIGNATURE", "required")]);
    let (status, answer) = send(&server, &aligned(&dump));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer.envelope()));
    same_structure(&answer, &dump, &official, &[]);
    assert_eq!(titles(&server), ["Document 1"]);
}

/// Everything that is wrong with the message as it is, in the order of its parts.
#[test]
fn td2_1_as_it_is_is_refused_and_each_contradiction_is_named() {
    let Some(dump) = message(&format!("{NAME}_requete")) else { return };
    let server = opened(&[LEGACY]);
    let (_, answer) = send(&server, &dump);
    let Err(LpsError::Refused(refusal)) = registry::read(&answer) else { panic!("{answer:?}") };
    let errors: Vec<_> = refusal.errors.iter().map(|e| format!("{} {}", e.code, e.context)).collect();
    let metadata = |said: &str| format!("XDSRepositoryMetadataError {said}");
    let lot = |said: &str| metadata(&format!("signature of `Signature01`: {said}"));
    let expected = [
        lot("a certificate that has expired"),
        lot(&format!("the manifest does not name the lot `urn:oid:{LOT}`")),
        lot(&format!("`urn:oid:{SIGNED_LOT}`: the manifest names what is not in the lot")),
        lot(&format!("`urn:oid:{DOCUMENT}`: the manifest names what is not in the lot")),
        metadata(RETIRED),
        metadata("signature of `DocumentME2`: the manifest of the lot does not name the document"),
        metadata("signature of `DocumentME2`: the digest of the manifest is not that of the document"),
        metadata(&format!("uniqueId `1.2.250.1.999.1.1.7898.3.1622814651504` is not `{DOCUMENT}` as in id")),
        metadata(
            "healthcareFacilityTypeCode `SA01^1.2.250.1.71.4.2.4` is not `SA07^1.2.250.1.71.4.2.4` as in \
             encompassingEncounter/location/healthCareFacility/code",
        ),
        metadata("creationTime `20100319194535` is not `20190221123445` as in effectiveTime"),
        metadata("serviceStartTime `20100319183244` is not `20190221` as in serviceEvent/effectiveTime/low"),
        "XDSPatientIdDoesNotMatch sourcePatientInfo PID-7 is not as in recordTarget/patientRole/patient/birthTime"
            .to_owned(),
    ];
    assert_eq!(errors, expected);
    assert_eq!(titles(&server), [""; 0], "nothing is stored");
}

#[test]
fn td2_1_needs_the_profiles_that_it_was_written_for() {
    let Some(dump) = message(&format!("{NAME}_requete")) else { return };
    let current = opened(&[]);
    let (_, answer) = send(&current, &dump);
    let fault = answer.fault().unwrap().expect("a fault");
    assert_eq!(fault.code, "VersionMismatch", "an envelope of SOAP 1.1");
    let legacy = opened(&[LEGACY]);
    let (_, answer) = send(&legacy, &aligned(&dump));
    let Err(LpsError::Refused(refusal)) = registry::read(&answer) else { panic!("{answer:?}") };
    let said: Vec<_> = refusal.errors.iter().map(|error| error.context.as_str()).collect();
    assert_eq!(said, [RETIRED]);
}

/// Each row of [`ALIGNED`] is needed: without it, the lot is refused.
#[test]
fn td2_1_is_refused_for_each_contradiction_alone() {
    let Some(dump) = message(&format!("{NAME}_requete")) else { return };
    let server = opened(&[LEGACY, HISTORIC]);
    let whole = aligned(&dump);
    for (what, from, to) in ALIGNED {
        if what.starts_with("uniqueId") {
            // The document's own id is in the CDA and in the manifest too: only the entry's is put back.
            let value = |id: &str| format!("value=\"{id}\"");
            refused(&server, &replaced(&whole, &value(to), &value(from)), what);
        } else {
            refused(&server, &whole.replace(to, from), what);
        }
    }
    assert_eq!(titles(&server), [""; 0]);
}

fn refused(server: &Server, dump: &str, what: &str) {
    let (_, answer) = send(server, dump);
    assert!(matches!(registry::read(&answer), Err(LpsError::Refused(_))), "{what}");
}
