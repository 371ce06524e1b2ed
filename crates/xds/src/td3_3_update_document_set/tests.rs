//! TD3.3 on a record: messages, status, samples; [`metadata`]: confidentiality.

mod metadata;

use super::*;
use crate::ebrim::write::tests::compare;
use crate::td3::world::*;
use dmp_xml::{Limits, Tree};

const APPROVED: &str = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";
const ARCHIVED: &str = "urn:asip:ci-sis:2010:StatusType:Archived";
const DELETED: &str = "urn:asip:ci-sis:2010:StatusType:Deleted";

fn message(patient: &str, objects: &str) -> String {
    format!(
        "<l:SubmitObjectsRequest xmlns:l='urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0' \
         xmlns:rim='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'><rim:RegistryObjectList>\
         <rim:RegistryPackage id='S'><rim:Classification classificationNode='{}' classifiedObject='S' id='c'/>\
         <rim:ExternalIdentifier id='e' identificationScheme='{}' \
         value='{patient}^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH'/></rim:RegistryPackage>{objects}\
         </rim:RegistryObjectList></l:SubmitObjectsRequest>",
        scheme::SUBMISSION_SET,
        scheme::SET_PATIENT_ID
    )
}

fn slot(name: &str, value: &str) -> String {
    format!(
        "<rim:Slot name='{name}'><rim:ValueList><rim:Value>{value}</rim:Value></rim:ValueList></rim:Slot>"
    )
}

fn association(kind: &str, target: &str, slots: &str) -> String {
    format!(
        "<rim:Association associationType='{kind}' id='a' sourceObject='S' targetObject='{target}'>{slots}</rim:Association>"
    )
}

fn change(target: &str, from: &str, to: &str) -> String {
    let slots = slot("OriginalStatus", from) + &slot("NewStatus", to);
    association(scheme::UPDATE_AVAILABILITY_STATUS, target, &slots)
}

pub(crate) fn status(target: &str, from: &str, to: &str) -> String {
    message(PATIENT, &change(target, from, to))
}

/// The request that sends an object back, from a version.
pub(crate) fn update(object: &str, version: &str) -> String {
    let id = between(object, " id=\"", "\"").to_owned();
    let slots = slot("SubmissionSetStatus", "Original") + &slot("PreviousVersion", version);
    message(PATIENT, &(association(scheme::HAS_MEMBER, &id, &slots) + object))
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).unwrap() + start.len();
    &text[from..from + text[from..].find(end).unwrap()]
}

/// The object of a document as a search gives it.
pub(crate) async fn found(world: &World, uid: &str) -> String {
    let id = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
    let answer =
        world.send(&martin(), &query(id, &[("$XDSDocumentEntryUniqueId", &format!("('{uid}')"))])).await;
    format!(
        "<rim:ExtrinsicObject{}</rim:ExtrinsicObject>",
        between(answer.body(), "<rim:ExtrinsicObject", "</rim:ExtrinsicObject>")
    )
}

pub(crate) fn masked(object: &str) -> String {
    let label = format!(
        "<rim:Classification classificationScheme=\"{}\" classifiedObject=\"d\" id=\"m\" nodeRepresentation=\"MASQUE_PS\">{}\
         </rim:Classification><rim:ExternalIdentifier",
        scheme::CONFIDENTIALITY,
        slot("codingScheme", "1.2.250.1.213.1.1.4.13")
    );
    object.replacen("<rim:ExternalIdentifier", &label, 1)
}

async fn world() -> (World, String) {
    let world = World::new().await;
    let uuids = world.deposit(PATIENT, "1.2.9", &[Document::new("1.2.1")]).await;
    (world, uuids[0].to_urn())
}

fn failure(code: &str) -> (String, Vec<String>) {
    ("Failure".to_owned(), vec![code.to_owned()])
}

fn done() -> (String, Vec<String>) {
    ("Success".to_owned(), Vec::new())
}

#[tokio::test]
async fn the_published_request_archives() {
    let (world, uuid) = world().await;
    let Some(text) = sample("dmp-kit/messages/TD3.3d_-_Archiver_un_document_requete.xml") else { return };
    assert_eq!(
        world.send(&martin(), &text).await.errors(),
        failure("XDSDocumentUniqueIdError"),
        "of its own record"
    );
    let text = text.replace("urn:uuid:fe5287a2-ae6a-11eb-8f5d-0050569e422e", &uuid);
    let published = sample("dmp-kit/messages/TD3.3d_-_Archiver_un_document_reponse.xml").unwrap();
    // Twice: what is done already is a success.
    for _ in 0..2 {
        let answer = world.send(&martin(), &text).await;
        compare(answer.body(), &published, "RegistryResponse");
        assert_eq!(world.find(&roux(), Availability::Archived).await.unique_ids(), ["1.2.1"]);
    }
    assert_eq!(world.find(&roux(), Availability::Approved).await.unique_ids(), [""; 0]);
}

#[tokio::test]
async fn statuses_pass_as_allowed() {
    let (world, uuid) = world().await;
    let deprecated = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated";
    for (from, to) in [
        (APPROVED, APPROVED),
        (ARCHIVED, ARCHIVED),
        (DELETED, APPROVED),
        (DELETED, ARCHIVED),
        (deprecated, APPROVED),
        (APPROVED, deprecated),
        (deprecated, DELETED),
        (APPROVED, "x"),
        ("", ARCHIVED),
    ] {
        let answer = world.send(&martin(), &status(&uuid, from, to)).await;
        assert_eq!(answer.errors(), failure("XDSMetadataUpdateOperationError"), "{from} {to}");
        let (_, refused) = world.journal(PATIENT).await[0];
        assert_eq!(refused, Some(Reason::UpdateOperation));
    }
    for (from, to, now) in [
        (APPROVED, ARCHIVED, Availability::Archived),
        (ARCHIVED, APPROVED, Availability::Approved),
        (APPROVED, DELETED, Availability::Deleted),
    ] {
        assert_eq!(world.send(&martin(), &status(&uuid, from, to)).await.errors(), done());
        assert_eq!(world.find(&martin(), now).await.unique_ids(), ["1.2.1"]);
    }
    let answer = world.send(&martin(), &status(&uuid, APPROVED, ARCHIVED)).await;
    assert_eq!(answer.errors(), failure("XDSMetadataUpdateOperationError"), "deleted is the end");
}

#[tokio::test]
async fn who_may_dispose_of_a_document() {
    let (world, uuid) = world().await;
    let archive = status(&uuid, APPROVED, ARCHIVED);
    assert_eq!(world.send(&roux(), &archive).await.errors(), failure("XDSRegistryError"), "not its author");
    assert_eq!(world.send(&structure(CABINET), &archive).await.fault().1, "DMPAccessDeniedByRightsService");
    assert_eq!(world.send(&stranger(), &archive).await.fault().1, "DMPAutorisationInexistante");
    let other = world.deposit(OTHER, "1.2.8", &[Document::new("1.2.4")]).await[0].to_urn();
    for target in [other.as_str(), "urn:uuid:0123e456-0000-7000-8000-000000000001", "Document01"] {
        let answer = world.send(&martin(), &status(target, APPROVED, ARCHIVED)).await;
        assert_eq!(answer.errors(), failure("XDSDocumentUniqueIdError"), "{target}");
    }
    let answer = world.send(&martin(), &message(OTHER, &change(&uuid, APPROVED, ARCHIVED))).await;
    assert_eq!(answer.errors(), failure("XDSPatientIdDoesNotMatch"));
    // A structure finds the reference, then deletes what its own people wrote.
    let by_reference = query_for(
        "ObjectRef",
        "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
        &[("$XDSDocumentEntryUniqueId", "('1.2.1')")],
    );
    let reference = world.send(&structure(CABINET), &by_reference).await.of("ObjectRef", "id");
    assert_eq!(reference, [uuid.as_str()]);
    let delete = status(&reference[0], APPROVED, DELETED);
    let elsewhere = structure("499900000025001");
    assert_eq!(world.send(&elsewhere, &delete).await.fault().1, "DMPAutorisationInexistante");
    assert_eq!(world.send(&structure(CABINET), &delete).await.errors(), done());
}

#[test]
fn the_published_templates_are_read() {
    for (path, masks) in [
        ("dmp-kit/templates/template_archivage.xml", false),
        ("dmp-kit/templates/template_masquage.xml", true),
    ] {
        let Some(text) = sample(path) else { continue };
        // One of them leaves out its namespace.
        let text = text.replace(
            "<SubmitObjectsRequest >",
            "<SubmitObjectsRequest xmlns='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>",
        );
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let objects = read::objects(tree.root().only(RIM, "RegistryObjectList").unwrap()).unwrap();
        match (Update::read(&objects).unwrap(), masks) {
            (Update::Status(change), false) => assert_eq!(change.to, Availability::Archived),
            (Update::Metadata { document, lid, from_version }, true) => {
                assert_eq!(
                    (lid.to_urn().as_str(), from_version),
                    ("urn:uuid:4f196ae8-5549-11e9-9478-0050569e422e", 5)
                );
                let asked = difference::asked(&document.object, BaseConfidentiality::Normal);
                assert_eq!(asked, Ok(Visibility { masked: true, ..Visibility::VISIBLE }));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn samples_of_other_countries_are_refused_for_a_reason() {
    let (world, _) = world().await;
    let Some(text) = sample("ihe-soap-samples/ipf/SubmitObjectsRequest_ebrs30_update.xml") else { return };
    assert_eq!(world.send(&martin(), &text).await.errors(), failure("XDSUnknownPatientId"));
}
