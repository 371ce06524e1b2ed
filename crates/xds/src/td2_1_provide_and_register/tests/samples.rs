//! What is taken; and the published messages, each refused for reasons that are named.

use super::message::INS;
use super::*;
use crate::ebrim::scheme;
use crate::lot_signature::tests::{pki, template_of};
use crate::mtom::Part;
use crate::service::XDSB;
use crate::vihf::{Everyone, Trust, VihfParameters};
use crate::world::traits;
use aws_lc_rs::digest;
use dmp_dossier::{
    Availability, Channel, Command, ConsentProof, Contact, Emergency, Open, Parameters, Sex, Time, Traits,
    Visibility,
};
use dmp_xml::signature::sign_template;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[tokio::test]
async fn a_lot_is_taken_and_told_as_its_sender_says() {
    let world = opened().await;
    let mut letter = Letter::of(&[&fixture(BIOLOGY), &fixture(SYNTHESIS)]);
    let masked = "nodeRepresentation=\"MASQUE_PS\"><Slot name=\"codingScheme\"><ValueList><Value>1.2.250.1.213.1.1.4.13\
                  </Value></ValueList></Slot></Classification>";
    let masked = format!("<Classification classificationScheme=\"{}\" {masked}", scheme::CONFIDENTIALITY);
    letter.entries[1] =
        letter.entries[1].replace("<ExternalIdentifier", &format!("{masked}<ExternalIdentifier"));
    let message = letter.write();
    assert_eq!(deposit(&world, &message).await.unwrap(), []);
    let found = documents(&world).await;
    assert_eq!(found.len(), 2);
    let of = |id: &str| found.iter().find(|d| d.metadata.title == format!("Titre de {id}")).unwrap();
    let (first, second) = (of("Document01"), of("Document02"));
    assert_eq!(first.metadata.unique_id.as_str(), "1.2.250.1.999.1^BIO-2024-1");
    assert_eq!(first.metadata.comments.as_deref(), Some("Un commentaire"));
    assert_eq!(first.metadata.source_patient_info[0], "PID-5|EXEMPLE^MARIE^^^^^L");
    assert_eq!(first.metadata.size_bytes, fixture(BIOLOGY).len() as u64);
    // The sender's speciality, the header's order.
    assert_eq!(first.metadata.authors[0].specialty.as_ref().unwrap().code, "G15_10/SM26");
    assert_eq!(first.metadata.reference_ids[0].value, "2024123456780");
    assert_eq!((first.visibility, first.status), (Visibility::VISIBLE, Availability::Approved));
    assert!(second.visibility.masked);
    // Sent twice, the same answer, and nothing more.
    assert_eq!(deposit(&world, &message).await.unwrap(), []);
    assert_eq!(documents(&world).await, found);
}

#[tokio::test]
async fn a_document_replaces_another_once() {
    let world = opened().await;
    assert_eq!(deposit(&world, &Letter::of(&[&fixture(BIOLOGY)]).write()).await.unwrap(), []);
    let first = documents(&world).await[0].clone();
    let next = fixture(BIOLOGY).replace("BIO-2024-1", "BIO-2024-2");
    let replacing =
        Letter::of(&[&next]).named("1.2.250.1.999.1.1.7898.1.2").replacing(&first.entry_uuid.to_urn());
    assert_eq!(deposit(&world, &replacing.write()).await.unwrap(), []);
    let found = documents(&world).await;
    assert_eq!(found.iter().filter(|d| d.status == Availability::Approved).count(), 1);
    assert!(found.iter().any(|d| d.replaces == Some(first.entry_uuid)));
    let again = fixture(BIOLOGY).replace("BIO-2024-1", "BIO-2024-3");
    let again =
        Letter::of(&[&again]).named("1.2.250.1.999.1.1.7898.1.3").replacing(&first.entry_uuid.to_urn());
    let errors = deposit(&world, &again.write()).await.unwrap();
    assert_eq!(errors[0].0, "XDSRegistryDeprecatedDocumentError", "SOAP-58");
}

#[tokio::test]
async fn a_secretary_feeds_for_the_structure() {
    let world = opened().await;
    let mut message = Letter::of(&[&fixture(BIOLOGY)]).write();
    let Actor::Employee(mut employee) = secretary() else { panic!("an employee") };
    employee.structure = official_doctor().structure().unwrap().clone();
    let employee = Actor::Employee(employee);
    assert_eq!(send(&world, &employee, Some(MARIE), &message, &Parts::default()).await.unwrap(), []);
    message = message.replace("Examens", "x");
    assert_eq!(send(&world, &employee, Some(MARIE), &message, &Parts::default()).await.unwrap(), []);
}

fn shared(path: &str) -> Option<String> {
    let root = std::env::var_os("DMP_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let text = std::fs::read_to_string(root.join("data").join(path)).ok();
    if text.is_none() {
        println!("skipped: {path} is not at hand (DMP_SHARED)");
    }
    text
}

/// The element of the operation and the parts of a dump, whatever its transport.
fn taken_apart(dump: &str) -> (String, Parts) {
    let start = dump.find("ProvideAndRegisterDocumentSetRequest").unwrap();
    let start = dump[..start].rfind('<').unwrap();
    let name = dump[start + 1..].split([' ', '>', '\n', '\r']).next().unwrap();
    let close = format!("</{name}>");
    let end = start + dump[start..].find(&close).unwrap() + close.len();
    let boundary = dump.lines().find(|line| line.starts_with("--")).map(str::trim_end);
    let parts = boundary.into_iter().flat_map(|boundary| dump[end..].split(boundary).skip(1));
    let parts = parts.filter_map(|part| {
        let part = part.trim_start_matches("\r\n").trim_start_matches('\n');
        let (headers, bytes) = part.split_once("\n\n").or_else(|| part.split_once("\r\n\r\n"))?;
        let header = |name: &str| {
            let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
            lines
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        Some(Part {
            content_id: header("Content-ID")?.trim_matches(['<', '>']).to_owned(),
            content_type: header("Content-Type").map(|t| t.split(';').next().unwrap().trim().to_owned()),
            bytes: bytes.trim_end().to_owned().into(),
        })
    });
    (dump[start..end].to_owned(), Parts::new(parts.collect(), None))
}

/// The same message about Marie.
fn about_marie(message: &str) -> String {
    let mut text = message.to_owned();
    for scheme in [scheme::PATIENT_ID, scheme::SET_PATIENT_ID] {
        let mut from = 0;
        while let Some(found) = text[from..].find(&format!("identificationScheme=\"{scheme}\"")) {
            let (start, end) = (text[..from + found].rfind('<').unwrap(), from + found);
            let end = end + text[end..].find('>').unwrap();
            let tag = text[start..end].to_owned();
            let value = tag.find("value=\"").unwrap() + "value=\"".len();
            let close = value + tag[value..].find('"').unwrap();
            let tag = format!("{}{}{}", &tag[..value], INS.replace('&', "&amp;"), &tag[close..]);
            text.replace_range(start..end, &tag);
            from = start + tag.len();
        }
    }
    text
}

async fn of_sample(world: &World, path: &str, patient: &str, of_marie: bool) -> Option<Vec<String>> {
    let (mut message, parts) = taken_apart(&shared(path)?);
    assert!(message.contains(XDSB));
    if of_marie {
        message = about_marie(&message);
    }
    let errors = send(world, &official_doctor(), Some(patient), &message, &parts).await.unwrap();
    Some(errors.into_iter().map(|(code, context)| format!("{code} {context}")).collect())
}

/// The official message contradicts its own document, and the manifest of its own signature (which is of 2019), and uses a
/// retired type.
#[tokio::test]
async fn the_official_message_is_refused_and_each_contradiction_is_named() {
    let mut world = World::new().await;
    world.xds.settings.legacy = true;
    world.open_official().await;
    let path = "dmp-kit/messages/TD2.1_-_Alimentation_requete.xml";
    let Some(errors) = of_sample(&world, path, "207058575627097", false).await else { return };
    let repository = |said: &str| format!("XDSRepositoryMetadataError {said}");
    let lot = "signature of `Signature01`:";
    let expected = [
        repository(&format!("{lot} a certificate that has expired")),
        repository(&format!("{lot} the manifest does not name the lot `urn:oid:1.2.250.1.999.1.1.7898.1.1622814651504`")),
        repository(&format!("{lot} `urn:oid:1.2.250.1.999.1.1.7898.3.9956570900`: the manifest names what is not in the lot")),
        repository(&format!("{lot} `urn:oid:1.2.250.1.999.1.1.7898.4.9956570902`: the manifest names what is not in the lot")),
        repository("typeCode `27899-4^2.16.840.1.113883.6.1` was retired from JDV_J66-TypeCode-DMP"),
        repository("signature of `DocumentME2`: the manifest of the lot does not name the document"),
        repository("signature of `DocumentME2`: the digest of the manifest is not that of the document"),
        repository("uniqueId `1.2.250.1.999.1.1.7898.3.1622814651504` is not `1.2.250.1.999.1.1.7898.4.9956570902` as in id"),
        repository("healthcareFacilityTypeCode `SA01^1.2.250.1.71.4.2.4` is not `SA07^1.2.250.1.71.4.2.4` as in \
                    encompassingEncounter/location/healthCareFacility/code"),
        repository("creationTime `20100319194535` is not `20190221123445` as in effectiveTime"),
        repository("serviceStartTime `20100319183244` is not `20190221` as in serviceEvent/effectiveTime/low"),
        "XDSPatientIdDoesNotMatch sourcePatientInfo PID-7 is not as in recordTarget/patientRole/patient/birthTime".to_owned(),
    ];
    assert_eq!(errors, expected);
}

/// What contradicts the document in the official message, and the document's own value.
const ALIGNED: [(&str, &str); 6] = [
    ("1.2.250.1.999.1.1.7898.3.1622814651504", "1.2.250.1.999.1.1.7898.4.9956570902"),
    ("PID-7|19070525", "PID-7|19790328"),
    ("20100319194535", "20190221123445"),
    ("20100319183244", "20190221"),
    ("20100319183344", "20190221"),
    ("\"SA01\"", "\"SA07\""),
];

/// With its values aligned, a fresh signature, and the profile that takes retired types.
#[tokio::test]
async fn the_official_message_once_aligned_is_taken() {
    let Some(dump) = shared("dmp-kit/messages/TD2.1_-_Alimentation_requete.xml") else { return };
    let mut world = World::with(Parameters { historic: true, ..Parameters::default() }).await;
    world.xds.trust = Trust::new(pki().authority(), VihfParameters::default(), Box::new(Everyone));
    world.xds.settings.lot_signature_required = true;
    let patient = Actor::Patient { ins: ins("207058575627097") };
    world.run(&patient, opening("207058575627097")).await;
    let (mut message, parts) = taken_apart(&dump);
    for (from, to) in ALIGNED {
        assert!(message.contains(from), "{from}");
        message = message.replace(from, to);
    }
    let mut all = parts.all;
    let hash = digest::digest(&digest::SHA256, &all[0].bytes);
    let (set, uid) = ("1.2.250.1.999.1.1.7898.1.1622814651504", ALIGNED[0].1);
    let card = &pki().card;
    let signature = template_of(card, set, uid, hash.as_ref(), "");
    all[1].bytes = sign_template(&signature, &card.key).unwrap().into();
    let parts = Parts::new(all, None);
    let errors = send(&world, &official_doctor(), Some("207058575627097"), &message, &parts).await.unwrap();
    assert_eq!(errors, []);
    let View::Documents(found) = world.read(&patient, Query::FindDocuments(Box::default())).await else {
        panic!()
    };
    let metadata = &found[0].entry.metadata;
    assert_eq!((found.len(), metadata.title.as_str(), metadata.unique_id.as_str()), (1, "Document 1", uid));
    // The header has no practice setting: the sender's is kept.
    assert_eq!(metadata.practice_setting.code, "ETABLISSEMENT");
    assert_eq!(metadata.authors[0].institution.as_ref().unwrap().name, "CABINET DR LIBRE");
}

fn opening(patient: &str) -> Command {
    let consent = ConsentProof {
        collected_by: "le patient".into(),
        means: "formulaire".into(),
        at: Time::default(),
        information: None,
    };
    Command::Open(Box::new(Open {
        ins: ins(patient),
        traits: Traits { sex: Sex::Female, ..traits("patb-quatre", None, "LAURENCE") },
        contact: Contact::default(),
        representatives: Vec::new(),
        consent: Some(consent),
        channel: Channel::Web,
        emergency: Emergency::default(),
    }))
}

/// They are not of the DMP: other patients; and were they Marie's, other vocabularies and other documents.
#[tokio::test]
async fn the_samples_of_ihe_are_refused_for_stated_reasons() {
    let world = opened().await;
    let people = "authorPerson authorInstitution legalAuthenticator";
    let codes = "typeCode classCode formatCode healthcareFacilityTypeCode practiceSettingCode";
    for (path, otherwise) in [
        ("nist/soap-pnr.xml", "no".to_owned()),
        (
            "nist/http-mtom-pnr.txt",
            format!("{people} contentTypeCode confidentialityCode sourcePatientId {codes} mimeType"),
        ),
        ("nist/PnrXop-body.txt", format!("{people} contentTypeCode {codes} mimeType")),
        (
            "epr-by-example/ITI-41_request.http.txt",
            format!(
                "authorPerson authorRole authorSpecialty legalAuthenticator contentTypeCode serviceStartTime \
                 sourcePatientInfo confidentialityCode {codes} mimeType"
            ),
        ),
    ] {
        let path = format!("ihe-soap-samples/{path}");
        let Some(errors) = of_sample(&world, &path, MARIE, false).await else { return };
        assert!(
            errors.iter().any(|e| e == "XDSUnknownPatientId Aucun dossier pour ce patient."),
            "{path}: {errors:#?}"
        );
        let errors = of_sample(&world, &path, MARIE, true).await.unwrap();
        let named: BTreeSet<_> = errors.iter().filter_map(|error| error.split([' ', ':']).nth(1)).collect();
        assert_eq!(named, otherwise.split(' ').collect(), "{path}: {errors:#?}");
    }
}
