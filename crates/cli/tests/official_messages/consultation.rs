//! TD3.1, TD3.2, TD3.3d: the documents of the official FindDocuments answer, found, read, archived.

use crate::caller::{PATIENT, exchange, prepare};
use crate::canonical::{Ignored, What};
use crate::compare::same_structure;
use crate::documents::{Published, lot, of_answer};
use crate::samples::{message, pair, replaced};
use crate::server::Server;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use dmp_lps::ebrim::Entry;
use dmp_lps::search::{self, Filter};
use dmp_lps::{Availability, LpsError, registry, retrieve};

const HISTORIC: &[(&str, &str)] = &[("DMP_RULES_HISTORIC", "true")];

/// What of the official answer a lot could not bring into the dossier, and what it brings instead.
const ALIGNED: &[(&str, &str, &str)] = &[
    (
        "the record refuses a document about another person: two are, by birth date",
        "PID-7|19760717",
        "PID-7|19070525",
    ),
    ("and by sex", "PID-8|F", "PID-8|M"),
    ("a format that JDV_J60 has no more", "urn:ihe:qrph:hbs:2009", "urn:ihe:iti:xds-sd:text:2008"),
    (
        "its label",
        "Certificat de santé du 8ème jour de l'enfant",
        "Document à corps non structuré en texte brut",
    ),
];

/// The official answer, aligned.
fn aligned(official: &str) -> String {
    ALIGNED.iter().fold(official.to_owned(), |text, (_, from, to)| replaced(&text, from, to))
}

/// A server with these documents, in lots of seven, and where the doctor is *médecin traitant*.
fn published(documents: &[Published]) -> Option<Server> {
    let consultation = message("TD1.3a_-_Consultation_reponse")?;
    let server = Server::start(HISTORIC);
    server.open_patient(&consultation);
    server.authorise(PATIENT, true);
    for (n, some) in documents.chunks(7).enumerate() {
        let unique_id = format!("1.2.250.1.999.1.1.7898.9.{n}");
        let answer = prepare(&server, PATIENT, |session| lot(session, &unique_id, some));
        registry::read(&answer).unwrap();
    }
    Some(server)
}

const fn value(at: &'static str, why: &'static str) -> Ignored {
    Ignored { at, what: What::Value, why }
}

const fn drawn(at: &'static str) -> Ignored {
    value(at, "drawn by the registry")
}

/// What the registry draws, and what the deposits of the test are not those of the official dossier in.
const OF_THE_REGISTRY: &[Ignored] = &[
    value("ExtrinsicObject/@id", "entryUUID, drawn by the registry"),
    drawn("Classification[author]/@id"),
    drawn("Classification[classCode]/@id"),
    drawn("Classification[confidentialityCode]/@id"),
    drawn("Classification[eventCodeList]/@id"),
    drawn("Classification[formatCode]/@id"),
    drawn("Classification[healthcareFacilityTypeCode]/@id"),
    drawn("Classification[practiceSettingCode]/@id"),
    drawn("Classification[typeCode]/@id"),
    drawn("ExternalIdentifier[patientId]/@id"),
    drawn("ExternalIdentifier[uniqueId]/@id"),
    value(
        "Slot[hash]/ValueList/Value",
        "the documents are others than the official ones, which are not published",
    ),
    value("Slot[size]/ValueList/Value", "the same"),
    Ignored {
        at: "ExternalIdentifier[patientId]/@value",
        what: What::Component(6),
        why: "a date (CX-7) that the official answer repeats from each deposit: ours tells the INS of the record",
    },
    Ignored {
        at: "Slot[authorPerson]/ValueList/Value",
        what: What::Component(12),
        why: "the sender wrote `EI` after a national number: ours tells the type that the number has, `IDNPS`",
    },
];

#[test]
fn td3_1_the_documents_of_a_dossier() {
    let Some((request, official)) = pair("TD3.1_-_Recherche_de_document") else { return };
    let official = aligned(&official);
    let documents = of_answer(&official);
    assert_eq!(documents.len(), 21);
    let Some(server) = published(&documents) else { return };
    let answer = exchange(&server, "DocumentRegistry_Service", &request);
    same_structure(&answer, &request, &official, OF_THE_REGISTRY);
    let found = search::read(&answer).unwrap();
    for document in &documents {
        let entry = found.current(&document.unique_id).unwrap();
        let sha1: String = digest(&SHA1_FOR_LEGACY_USE_ONLY, &document.bytes)
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let size = document.bytes.len().to_string();
        assert_eq!((slot(entry, "hash"), slot(entry, "size")), (sha1.as_str(), size.as_str()));
    }
}

fn slot<'e>(entry: &'e Entry, name: &str) -> &'e str {
    let slot = entry.slots.iter().find(|slot| slot.name == name).unwrap();
    &slot.values[0]
}

/// Why [`ALIGNED`] is: the other documents of the official answer are taken as they are told.
#[test]
fn td3_1_documents_that_no_lot_brings_are_refused_for_their_reason() {
    let Some(official) = message("TD3.1_-_Recherche_de_document_reponse") else { return };
    let Some(server) = published(&[]) else { return };
    let mut refused = Vec::new();
    for (n, document) in of_answer(&official).iter().enumerate() {
        let unique_id = format!("1.2.250.1.999.1.1.7898.9.{n}");
        let answer =
            prepare(&server, PATIENT, |session| lot(session, &unique_id, std::slice::from_ref(document)));
        if let Err(LpsError::Refused(refusal)) = registry::read(&answer) {
            let said = refusal.errors.iter().map(|error| format!("{} {}", error.code, error.context));
            refused.push((document.unique_id.clone(), said.collect::<Vec<_>>()));
        }
    }
    // The first of what is wrong with each, without the rule.
    let first = |said: &Vec<String>| said[0].split(" (").next().unwrap().to_owned();
    let said: Vec<_> = refused.iter().map(|(id, said)| (id.as_str(), first(said))).collect();
    let another = "XDSPatientIdDoesNotMatch date de naissance : Le document ne concerne pas ce patient.";
    let format = "XDSRepositoryMetadataError formatCode `urn:ihe:qrph:hbs:2009^1.3.6.1.4.1.19376.1.2.3` is not in \
                  JDV_J60-FormatCode-DMP";
    assert_eq!(
        said,
        [
            (DOCUMENT, another.to_owned()),
            ("1.2.250.1.999.1.1.7898.1.995657301", another.to_owned()),
            ("1.999888777.1.32", format.to_owned()),
        ]
    );
}

/// The document that the official request reads.
const DOCUMENT: &str = "1.2.250.1.999.1.1.7898.1.995657292";
/// The entry that the official request archives: of another author; a *médecin traitant* may (PDT-INF-526).
const ARCHIVED: &str = "urn:uuid:fe5287a2-ae6a-11eb-8f5d-0050569e422e";

/// A server with the only document of the official answer that is wanted.
fn with(is_wanted: impl Fn(&Published) -> bool) -> Option<(Server, Published)> {
    let official = aligned(&message("TD3.1_-_Recherche_de_document_reponse")?);
    let mut documents = of_answer(&official);
    documents.retain(is_wanted);
    let server = published(&documents)?;
    Some((server, documents.remove(0)))
}

#[test]
fn td3_2_the_bytes_of_a_document() {
    let Some((request, official)) = pair("TD3.2_-_Consultation_d_un_document") else { return };
    let Some((server, document)) = with(|document| document.unique_id == DOCUMENT) else { return };
    let answer = exchange(&server, "DocumentRepository_Service", &request);
    let part = value("Document/Include/@href", "a fresh name for each part");
    same_structure(&answer, &request, &official, &[part]);
    let read = retrieve::read(&answer).unwrap();
    assert_eq!(read[0].bytes, document.bytes);
}

#[test]
fn td3_3d_a_document_is_archived() {
    let Some((request, official)) = pair("TD3.3d_-_Archiver_un_document") else { return };
    let Some((server, document)) = with(|document| document.id == ARCHIVED) else { return };
    let found = prepare(&server, PATIENT, |session| search::message(session, &Filter::default()).unwrap());
    let entry = search::read(&found).unwrap().current(&document.unique_id).unwrap().clone();
    let request = replaced(&request, ARCHIVED, &entry.id);
    let answer = exchange(&server, "DocumentRegistry_Service", &request);
    same_structure(&answer, &request, &official, &[]);
    let archived = Filter { statuses: vec![Availability::Archived], ..Filter::default() };
    for (filter, count) in [(Filter::default(), 0), (archived, 1)] {
        let found = prepare(&server, PATIENT, |session| search::message(session, &filter).unwrap());
        assert_eq!(search::read(&found).unwrap().entries.len(), count, "{filter:?}");
    }
}
