//! Invented people and documents for the tests of this crate.

use dmp_dossier::{Actor, Auth, Card, Ins, InsOid, Mode, PersonName, Professional, PsId, StructureId};

use crate::viewer::Viewer;

pub(crate) fn ins() -> Ins {
    Ins::parse("284073523811416", InsOid::Test).unwrap()
}

fn viewer(actor: Actor, name: &str) -> Viewer {
    Viewer::new(actor, name, "", "jeton".to_owned(), now())
}

pub(crate) fn patient() -> Viewer {
    viewer(Actor::Patient { ins: ins() }, "Marie Durand")
}

pub(crate) fn doctor() -> Viewer {
    let professional = Professional {
        id: PsId::parse("899900000011").unwrap(),
        name: PersonName { family: "Martin".to_owned(), given: "Paul".to_owned() },
        profession: "10".to_owned(),
        speciality: Some("SM26".to_owned()),
        structure: StructureId::parse("499900000011001"),
        structure_name: Some("Cabinet du Port".to_owned()),
        sector: Some("SA07".to_owned()),
        auth: Auth::Oidc,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: None,
    };
    viewer(Actor::Professional(Box::new(professional)), "Dr Paul Martin")
}

/// The time of the tests.
pub(crate) fn now() -> dmp_dossier::Time {
    dmp_dossier::Dtm::parse("20261121120000").unwrap().start()
}

/// An allergy to something, nothing more.
pub(crate) fn allergy(to: &str) -> dmp_cda::entries::Allergy {
    use dmp_cda::clinical::Concept;
    dmp_cda::entries::Allergy {
        agent: Concept { text: to.to_owned(), codes: Vec::new() },
        kind: Concept::default(),
        description: None,
        reactions: Vec::new(),
        status: None,
        criticality: None,
        certainty: None,
        onset: None,
        negated: false,
        section: None,
        narrative_id: None,
    }
}

/// One of our documents as a professional would see it, with its bytes, under that type.
pub(crate) fn document(file: &str, type_code: &str) -> (dmp_dossier::SeenDocument, bytes::Bytes) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cda").join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let realm = dmp_dossier::RealmPolicy { realm: dmp_dossier::Realm::Test, accept_production_oid: false };
    let cda = dmp_cda::Cda::parse(&bytes).unwrap();
    let mut metadata = cda.document_entry(&dmp_cda::Intake { now: now(), realm }).unwrap().metadata;
    metadata.type_code.code = type_code.to_owned();
    (seen(1, metadata), bytes::Bytes::from(bytes))
}

/// A document as seen, its identifiers made from a number.
pub(crate) fn seen(number: u32, metadata: dmp_dossier::DocumentMetadata) -> dmp_dossier::SeenDocument {
    let id = uuid::Uuid::from_u128(u128::from(number));
    let entry = dmp_dossier::DocumentEntry {
        entry_uuid: dmp_dossier::EntryUuid(id),
        lid: dmp_dossier::Lid(id),
        version: 1,
        status: dmp_dossier::Availability::Approved,
        visibility: dmp_dossier::Visibility::VISIBLE,
        release_at: None,
        registered_at: now(),
        content: number,
        replaces: None,
        metadata,
    };
    dmp_dossier::SeenDocument { row: number, entry: std::sync::Arc::new(entry), replaces: None }
}
