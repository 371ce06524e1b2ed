//! What is written is compared with the published answer of FindDocuments: its objects are read into entries, written,
//! and must be the same objects.
//!
//! Left out of the comparison, and why: the identifiers of classifications and external identifiers (drawn by the
//! server), CX-7 of patientId (a date that the reference system adds and that means nothing), XCN-13 of one author (`EI`
//! beside a national identifier: the record keeps the identifier and its authority, which say the same), labels of visibility
//! (those of the value set, which changed since).

use super::*;
use crate::ebrim::read::hl7::{Xcn, Xon, coded};
use crate::ebrim::read::{self, ExtrinsicObject};
use crate::td3::world::{ins, sample};
use dmp_dossier::{
    Code, DocumentMetadata, DocumentUid, Dtm, EntryUuid, Lid, Realm, RealmPolicy, SubmissionSet,
    SubmissionSetMetadata, Time,
};
use dmp_xml::{Element, Limits, Tree};
use std::sync::Arc;

const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

/// The entries that the published answer tells.
pub(crate) fn entries(answer: &str) -> Vec<DocumentEntry> {
    let tree = Tree::parse(answer.as_bytes(), &Limits::default()).unwrap();
    let list = tree.root().descendants().find(|e| e.is(scheme::RIM, "RegistryObjectList")).unwrap();
    read::objects(list).unwrap().documents.iter().map(entry).collect()
}

/// The entry that an object of the sample tells.
fn entry(document: &ExtrinsicObject<'_>) -> DocumentEntry {
    let o = &document.object;
    let text = |slot: &str| o.required(slot).unwrap().to_owned();
    let code = |scheme: &str| o.code(scheme, "code").unwrap().unwrap();
    let authors = o.classified(scheme::AUTHOR).map(|c| {
        let first = |slot: &str| read::values(&c.slots, slot).first().map(ToString::to_string);
        Author {
            person: Xcn::parse(&first("authorPerson").unwrap()).unwrap().person(&REALM),
            institution: first("authorInstitution").map(|xon| Xon::parse(&xon).unwrap().institution()),
            role: None,
            specialty: first("authorSpecialty").map(|value| coded(&value).unwrap()),
        }
    });
    let labels: Vec<&str> = o.classified(scheme::CONFIDENTIALITY).map(|c| c.code).collect();
    let hash = text("hash");
    let hash: Vec<u8> = (0..20).map(|i| u8::from_str_radix(&hash[2 * i..2 * i + 2], 16).unwrap()).collect();
    DocumentEntry {
        entry_uuid: EntryUuid::parse(o.id).unwrap(),
        lid: Lid::parse(o.lid.unwrap()).unwrap(),
        version: o.version.unwrap().parse().unwrap(),
        status: Availability::parse(o.status.unwrap()).unwrap(),
        visibility: Visibility {
            masked: labels.contains(&"MASQUE_PS"),
            hidden_from_patient: labels.contains(&"INVISIBLE_PATIENT"),
            hidden_from_representatives: labels.contains(&"INVISIBLE_REPRESENTANTS_LEGAUX"),
        },
        release_at: None,
        registered_at: Time::from_millis(0),
        content: 0,
        replaces: None,
        metadata: DocumentMetadata {
            unique_id: DocumentUid::parse(o.identifier(scheme::UNIQUE_ID, "uniqueId").unwrap()).unwrap(),
            mime_type: document.mime_type.unwrap().to_owned(),
            hash: hash.try_into().unwrap(),
            size_bytes: text("size").parse().unwrap(),
            language: text("languageCode"),
            authors: authors.collect(),
            legal_authenticator: Some(Xcn::parse(&text("legalAuthenticator")).unwrap().person(&REALM)),
            service_start: o.time("serviceStartTime").unwrap(),
            service_stop: o.time("serviceStopTime").unwrap(),
            creation_time: o.time("creationTime").unwrap().unwrap(),
            title: o.name.unwrap().to_owned(),
            comments: o.description.map(str::to_owned),
            class_code: code(scheme::CLASS),
            type_code: code(scheme::TYPE),
            format_code: code(scheme::FORMAT),
            facility_type: code(scheme::FACILITY),
            practice_setting: code(scheme::PRACTICE_SETTING),
            event_codes: o.codes(scheme::EVENT, "eventCodeList").unwrap(),
            confidentiality: BaseConfidentiality::Normal,
            source_patient_id: text("sourcePatientId"),
            source_patient_info: o.values("sourcePatientInfo").iter().map(ToString::to_string).collect(),
            reference_ids: Vec::new(),
            declared_parent: None,
            set_id: None,
            version_number: None,
        },
    }
}

/// An element and what it holds, prefixes and insignificant white space apart, one line each.
fn canonical(element: Element<'_>, depth: usize, lines: &mut Vec<String>) {
    let drawn = matches!(element.name(), "Classification" | "ExternalIdentifier");
    let names = [
        "associationType",
        "charset",
        "classificationNode",
        "classificationScheme",
        "classifiedObject",
        "id",
        "identificationScheme",
        "isOpaque",
        "lid",
        "mimeType",
        "name",
        "nodeRepresentation",
        "objectType",
        "registryObject",
        "sourceObject",
        "startIndex",
        "status",
        "targetObject",
        "totalResultCount",
        "value",
        "versionName",
    ];
    let attributes = names.iter().filter(|name| !(drawn && **name == "id"));
    let attributes = attributes.filter_map(|name| Some(format!(" {name}={:?}", element.attribute(name)?)));
    let attributes: String = attributes.collect();
    let attributes =
        attributes.replace("&ISO^NH^^20100907", "&ISO^NH").replace("&ISO^NH^^20101001", "&ISO^NH");
    let lang = element.attribute_ns("http://www.w3.org/XML/1998/namespace", "lang");
    let lang = lang.map(|lang| format!(" xml:lang={lang:?}")).unwrap_or_default();
    let text = if element.has_own_text() { format!(" {:?}", element.trimmed()) } else { String::new() };
    let text = text.replace("1.2.250.1.71.4.2.1&ISO^D^^^EI", "1.2.250.1.71.4.2.1&ISO^D^^^IDNPS");
    let namespace = element.namespace().unwrap_or_default();
    lines.push(format!("{}{{{namespace}}}{}{attributes}{lang}{text}", " ".repeat(depth), element.name()));
    element.children().for_each(|child| canonical(child, depth + 1, lines));
}

/// Compares an answer with the published one, from this element on.
pub(crate) fn compare(ours: &str, published: &str, from: &str) {
    let lines = |text: &str| {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let mut lines = Vec::new();
        let all = std::iter::once(tree.root()).chain(tree.root().descendants());
        all.filter(|e| e.name() == from).for_each(|element| canonical(element, 0, &mut lines));
        lines.retain(|line| !line.contains("par le patient") && !line.contains("professionnels de sant"));
        lines
    };
    let (ours, published) = (lines(ours), lines(published));
    for (ours, published) in ours.iter().zip(&published) {
        assert_eq!(ours, published);
    }
    assert_eq!(ours.len(), published.len());
    assert!(!ours.is_empty(), "there is a {from}");
}

fn written(write: impl FnOnce(&mut Writer)) -> String {
    let mut w = Writer::new();
    root(&mut w, "rim:RegistryObjectList");
    write(&mut w);
    w.finish()
}

#[test]
fn objects_are_written_as_the_reference_system_does() {
    let Some(text) = sample("dmp-kit/messages/TD3.1_-_Recherche_de_document_reponse.xml") else { return };
    let entries = entries(&text);
    assert_eq!(entries.len(), 21);
    let ours = written(|w| {
        entries.iter().for_each(|entry| document_entry(w, entry, &ins("207058575627097")));
    });
    compare(&ours, &text, "RegistryObjectList");
}

fn entry_of_our_own() -> DocumentEntry {
    let code = |code: &str| Code::new(code, "1.2.3", "Libellé <&> \"x\"");
    let person = |id: &str| dmp_dossier::Person {
        id: dmp_dossier::AuthorId::Other { id: id.to_owned(), authority: "1.2.9".to_owned() },
        family: "O^NEIL".to_owned(),
        given: String::new(),
    };
    let at = Dtm::parse("202601").unwrap();
    DocumentEntry {
        entry_uuid: EntryUuid::parse("0123e456-0000-7000-8000-00000000000f").unwrap(),
        lid: Lid::parse("0123e456-0000-7000-8000-0000000000aa").unwrap(),
        version: 3,
        status: Availability::Archived,
        visibility: Visibility {
            masked: true,
            hidden_from_patient: false,
            hidden_from_representatives: true,
        },
        release_at: None,
        registered_at: Time::from_millis(0),
        content: 0,
        replaces: None,
        metadata: DocumentMetadata {
            unique_id: DocumentUid::parse("1.2.3^A").unwrap(),
            mime_type: "text/xml".to_owned(),
            hash: [0xab; 20],
            size_bytes: 12,
            language: "fr-FR".to_owned(),
            authors: vec![Author {
                person: person("1"),
                institution: Some(Institution { id: None, other_id: Some("44".into()), name: "A&B".into() }),
                role: Some(code("PCP")),
                specialty: None,
            }],
            legal_authenticator: None,
            service_start: None,
            service_stop: None,
            creation_time: at,
            title: "Titre".to_owned(),
            comments: None,
            class_code: code("10"),
            type_code: code("11502-2"),
            format_code: code("f"),
            facility_type: code("SA07"),
            practice_setting: code("AMBULATOIRE"),
            event_codes: Vec::new(),
            confidentiality: BaseConfidentiality::Restricted,
            source_patient_id: "1^^^&1.2&ISO^PI".to_owned(),
            source_patient_info: Vec::new(),
            reference_ids: vec![ReferenceId {
                value: "1.2.840.1".to_owned(),
                authority: String::new(),
                kind: "urn:ihe:iti:xds:2016:studyInstanceUID".to_owned(),
            }],
            declared_parent: None,
            set_id: None,
            version_number: None,
        },
    }
}

#[test]
fn what_is_written_is_read_back() {
    let entry = entry_of_our_own();
    let text = written(|w| document_entry(w, &entry, &ins("284073523811416")));
    assert_eq!(
        text,
        written(|w| document_entry(w, &entry, &ins("284073523811416"))),
        "always the same bytes"
    );
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let objects = read::objects(tree.root()).unwrap();
    let o = &objects.documents[0].object;
    let labels: Vec<&str> = o.classified(scheme::CONFIDENTIALITY).map(|c| c.code).collect();
    assert_eq!(labels, ["R", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"]);
    assert_eq!((o.version, o.status), (Some("3"), Some(Availability::Archived.as_urn())));
    for absent in ["legalAuthenticator", "serviceStartTime", "serviceStopTime", "sourcePatientInfo"] {
        assert!(o.values(absent).is_empty(), "{absent}");
    }
    assert_eq!(o.description, None);
    let m = &entry.metadata;
    assert_eq!(o.code(scheme::TYPE, "typeCode").unwrap().as_ref(), Some(&m.type_code));
    let author = o.classified(scheme::AUTHOR).next().unwrap();
    let value = |slot: &str| read::values(&author.slots, slot)[0].to_string();
    assert_eq!(Xcn::parse(&value("authorPerson")).unwrap().person(&REALM), m.authors[0].person);
    assert_eq!(
        Xon::parse(&value("authorInstitution")).unwrap().institution(),
        m.authors[0].institution.clone().unwrap()
    );
    assert_eq!(coded(&value("authorRole")).unwrap(), *m.authors[0].role.as_ref().unwrap());
    let study = read::hl7::reference_id(&o.values(REFERENCE_ID_LIST)[0]).unwrap();
    assert_eq!(study, m.reference_ids[0]);
    // Identifiers of parts differ from each other and from the object's.
    let mut ids: Vec<String> =
        tree.root().descendants().filter_map(|e| e.attribute("id").map(str::to_owned)).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn lots_and_associations_have_their_attributes() {
    let set = SubmissionSet {
        entry_uuid: EntryUuid::parse("0123e456-0000-7000-8000-000000000001").unwrap(),
        registered_at: Time::from_millis(0),
        metadata: SubmissionSetMetadata {
            unique_id: DocumentUid::parse("1.2.9").unwrap(),
            source_id: "1.2.8".to_owned(),
            submission_time: Dtm::parse("20260101000000").unwrap(),
            content_type: Code::new("04", "1.2.250.1.213.2.2", "Hospitalisation de jour"),
            author: None,
            title: Some("Lot".to_owned()),
            comments: Some("note".to_owned()),
        },
        associations: Vec::new(),
    };
    let seen = SeenSet {
        set: Arc::new(set),
        associations: Vec::new(),
        members: Vec::new(),
        status: Availability::Archived,
    };
    let member = Association {
        id: Uuid::from_u128(1),
        kind: AssociationKind::HasMember,
        source: seen.set.entry_uuid,
        target: EntryUuid(Uuid::from_u128(2)),
        previous_version: Some(4),
    };
    let replaces = Association { kind: AssociationKind::Replaces, previous_version: None, ..member };
    let text = written(|w| {
        submission_set(w, &seen, &ins("284073523811416"));
        association(w, &member);
        association(w, &replaces);
        object_ref(w, Uuid::from_u128(2));
    });
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let objects = read::objects(tree.root()).unwrap();
    let [set] = objects.submission_sets.as_slice() else { panic!("one lot") };
    assert_eq!(set.required("submissionTime").unwrap(), "20260101000000");
    assert_eq!((set.name, set.description), (Some("Lot"), Some("note")));
    assert_eq!(set.status, Some(Availability::Archived.as_urn()));
    for (scheme, value) in [
        (scheme::SET_UNIQUE_ID, "1.2.9"),
        (scheme::SET_SOURCE_ID, "1.2.8"),
        (scheme::SET_PATIENT_ID, "284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH"),
    ] {
        assert_eq!(set.identifier(scheme, scheme).unwrap(), value);
    }
    let [member, replaces] = objects.associations.as_slice() else { panic!("two associations") };
    assert_eq!((member.kind, replaces.kind), (scheme::HAS_MEMBER, scheme::RPLC));
    assert_eq!(member.object.values("SubmissionSetStatus"), ["Original"]);
    assert_eq!(member.object.values("PreviousVersion"), ["4"]);
    assert!(replaces.object.slots.is_empty());
    assert_eq!(objects.references, ["urn:uuid:00000000-0000-0000-0000-000000000002"]);
}
