//! TD3.1 on a record: each query, what it hides, who may ask it; rows SOAP-59, SOAP-60 and SAML-60.

use super::*;
use crate::ebrim::scheme;
use crate::ebrim::write::tests::{compare, entries};
use crate::td3::world::*;
use dmp_dossier::{Availability, Reason};

const FIND_SETS: &str = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9";
const GET_ALL: &str = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3";
const GET_DOCUMENTS: &str = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4";
const GET_ASSOCIATIONS: &str = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155";
const GET_DOCUMENTS_AND_ASSOCIATIONS: &str = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a";
const GET_SETS: &str = "urn:uuid:51224314-5390-4169-9b91-b1980040715a";
const GET_SET_AND_CONTENTS: &str = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83";
const GET_RELATED: &str = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6";

const APPROVED: (&str, &str) =
    ("$XDSDocumentEntryStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')");

/// `1.2.1` and the masked `1.2.2` in a lot, `1.2.3` which replaces `1.2.1` in another; `1.2.4` in another record.
async fn world() -> (World, Vec<String>) {
    let world = World::new().await;
    let first = [Document { event: Some("H33"), ..Document::new("1.2.1") }, Document::masked("1.2.2")];
    let uuids = world.deposit(PATIENT, "1.2.9.1", &first).await;
    let second = Document { replaces: Some(uuids[0]), format: Some("urn:f"), ..Document::new("1.2.3") };
    let replacing = world.deposit(PATIENT, "1.2.9.2", &[second]).await;
    let other = world.deposit(OTHER, "1.2.9.3", &[Document::new("1.2.4")]).await;
    let all = [uuids, replacing, other].concat().into_iter().map(|uuid| uuid.to_urn()).collect();
    (world, all)
}

fn list(ids: &[String]) -> String {
    format!("('{}')", ids.join("','"))
}

#[tokio::test]
async fn the_published_request_finds_the_documents() {
    let (world, uuids) = world().await;
    for path in [
        "dmp-kit/messages/TD3.1_-_Recherche_de_document_requete.xml",
        "dmp-kit/templates/template_FindDocument.xml",
    ] {
        let Some(text) = sample(path) else { continue };
        let answer = world.send(&martin(), &text).await;
        assert_eq!(answer.unique_ids(), ["1.2.2", "1.2.3"], "{path}");
        assert_eq!(answer.of("ExtrinsicObject", "id"), [uuids[1].clone(), uuids[2].clone()]);
        assert_eq!(answer.attributes("totalResultCount"), ["2"]);
        assert_eq!(answer.attributes("startIndex"), ["0"]);
    }
}

#[test]
fn the_answer_is_written_as_the_published_one() {
    let Some(text) = sample("dmp-kit/messages/TD3.1_-_Recherche_de_document_reponse.xml") else { return };
    let seen = |entry| SeenDocument { row: 0, entry: std::sync::Arc::new(entry), replaces: None };
    let documents = entries(&text).into_iter().map(seen).collect();
    let found = response::Found { documents, ..response::Found::default() };
    compare(
        &response::write(&found, Returns::LeafClass, &ins(PATIENT)).unwrap(),
        &text,
        "AdhocQueryResponse",
    );
}

#[tokio::test]
async fn criteria_select_and_what_is_hidden_is_not_counted() {
    let (world, _) = world().await;
    let deprecated = ("$XDSDocumentEntryStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated')");
    let both = (
        "$XDSDocumentEntryStatus",
        "('urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated','urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')",
    );
    let quoted = ("$XDSDocumentEntryTypeCode", "('a'' OR ''1''=''1')");
    for (slots, found) in [
        (vec![APPROVED], vec!["1.2.3"]),
        (vec![deprecated], vec!["1.2.1"]),
        (vec![both], vec!["1.2.1", "1.2.3"]),
        (vec![APPROVED, ("$XDSDocumentEntryTypeCode", "('11502-2^^2.16.840.1.113883.6.1')")], vec!["1.2.3"]),
        (
            vec![APPROVED, ("$XDSDocumentEntryFormatCode", "('urn:f^^1.3.6.1.4.1.19376.1.2.3')")],
            vec!["1.2.3"],
        ),
        (vec![APPROVED, ("$XDSDocumentEntryFormatCode", "('urn:g^^1.3.6.1.4.1.19376.1.2.3')")], vec![]),
        (vec![both, ("$XDSDocumentEntryEventCodeList", "('H33^^2.16.840.1.113883.6.3')")], vec!["1.2.1"]),
        (vec![APPROVED, ("$XDSDocumentEntryAuthorPerson", "'%^max^%'")], vec!["1.2.3"]),
        (vec![APPROVED, ("$XDSDocumentEntryAuthorPerson", "('max')")], vec![]),
        (vec![APPROVED, ("$XDSDocumentEntryServiceStartTimeFrom", "20260302")], vec![]),
        (vec![APPROVED, ("$XDSDocumentEntryServiceStartTimeTo", "'20260302'")], vec!["1.2.3"]),
        (vec![APPROVED, ("$unknown", "whatever")], vec!["1.2.3"]),
        (vec![APPROVED, quoted], vec![]),
    ] {
        let answer = world.send(&roux(), &query(FIND_DOCUMENTS, &slots)).await;
        assert_eq!(answer.unique_ids(), found, "{slots:?}");
        assert_eq!(answer.attributes("totalResultCount"), [found.len().to_string()]);
    }
    let references = world.send(&roux(), &query_for("ObjectRef", FIND_DOCUMENTS, &[both])).await;
    assert_eq!(references.of("ObjectRef", "id").len(), 2);
    assert!(references.unique_ids().is_empty());
}

#[tokio::test]
async fn what_is_no_query_of_the_dmp_is_told() {
    let (world, uuids) = world().await;
    let uuid = list(&uuids[..1]);
    let by_uuid = ("$XDSDocumentEntryEntryUUID", uuid.as_str());
    let by_uid = ("$XDSDocumentEntryUniqueId", "('1.2.1')");
    let rplc = ("$AssociationTypes", "('urn:ihe:iti:2007:AssociationType:RPLC')");
    let set = ("$XDSSubmissionSetUniqueId", "'1.2.9.1'");
    let set_uuid = ("$XDSSubmissionSetEntryUUID", "'urn:uuid:0123e456-0000-7000-8000-000000000001'");
    let many: Vec<String> = (0..51).map(|i| format!("1.2.{i}")).collect();
    let many = list(&many);
    for (id, slots, code) in [
        ("urn:uuid:00000000-0000-0000-0000-000000000000", vec![APPROVED], "XDSUnknownStoredQuery"),
        // FindFolders, GetFolders, GetFolderAndContents, GetFoldersForDocument.
        ("urn:uuid:958f3006-baad-4929-a4de-ff1114824431", vec![], "XDSUnknownStoredQuery"),
        ("urn:uuid:5737b14c-8a1a-4539-b659-e03a34a5e1e4", vec![], "XDSUnknownStoredQuery"),
        ("urn:uuid:b909a503-523d-4517-8acf-8e5834dfc4c7", vec![], "XDSUnknownStoredQuery"),
        ("urn:uuid:10cae35a-c7f9-4cf5-b61e-fc3278ffb578", vec![], "XDSUnknownStoredQuery"),
        (FIND_DOCUMENTS, vec![], "XDSStoredQueryMissingParam"),
        (FIND_SETS, vec![], "XDSStoredQueryMissingParam"),
        (GET_ALL, vec![APPROVED], "XDSStoredQueryMissingParam"),
        (GET_DOCUMENTS, vec![], "XDSStoredQueryMissingParam"),
        (GET_ASSOCIATIONS, vec![], "XDSStoredQueryMissingParam"),
        (GET_SETS, vec![], "XDSStoredQueryMissingParam"),
        (GET_SET_AND_CONTENTS, vec![], "XDSStoredQueryMissingParam"),
        (GET_RELATED, vec![by_uid], "XDSStoredQueryMissingParam"),
        (GET_RELATED, vec![rplc], "XDSStoredQueryMissingParam"),
        (GET_DOCUMENTS, vec![by_uuid, by_uid], "XDSStoredQueryParamNumber"),
        (GET_DOCUMENTS_AND_ASSOCIATIONS, vec![by_uuid, by_uid], "XDSStoredQueryParamNumber"),
        (GET_SET_AND_CONTENTS, vec![set, set_uuid], "XDSStoredQueryParamNumber"),
        (
            GET_RELATED,
            vec![("$XDSDocumentEntryUniqueId", "('1.2.1','1.2.3')"), rplc],
            "XDSStoredQueryParamNumber",
        ),
        (GET_DOCUMENTS, vec![("$XDSDocumentEntryUniqueId", &many)], "XDSStoredQueryParamNumber"),
        (FIND_DOCUMENTS, vec![APPROVED, ("$XDSDocumentEntryTypeCode", "('a")], "XDSRegistryError"),
        (FIND_DOCUMENTS, vec![APPROVED, ("$XDSDocumentEntryCreationTimeFrom", "'x'")], "XDSRegistryError"),
    ] {
        let answer = world.send(&martin(), &query(id, &slots)).await;
        assert_eq!(answer.errors(), ("Failure".to_owned(), vec![code.to_owned()]), "{id} {slots:?}");
        assert_eq!(answer.attributes("totalResultCount"), ["0"]);
    }
    let answer =
        world.send(&martin(), &query_for("LeafClassWithRepositoryItem", FIND_DOCUMENTS, &[APPROVED])).await;
    assert_eq!(answer.errors().1, ["XDSRegistryError"]);
    for body in
        ["<q:AdhocQueryRequest xmlns:q='urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0'/>".to_owned(), {
            let whole = query(FIND_DOCUMENTS, &[]);
            let option = whole.find("<q:ResponseOption").unwrap();
            let end = whole.find("<AdhocQuery").unwrap();
            format!("{}{}", &whole[..option], &whole[end..])
        }]
    {
        assert_eq!(world.send(&martin(), &body).await.fault().0, 400);
    }
}

#[tokio::test]
async fn documents_are_got_by_identifier_as_far_as_they_may_be_seen() {
    let (world, uuids) = world().await;
    let by_uuid = query(GET_DOCUMENTS, &[("$XDSDocumentEntryEntryUUID", &list(&uuids))]);
    assert_eq!(world.send(&martin(), &by_uuid).await.unique_ids(), ["1.2.1", "1.2.2", "1.2.3"]);
    assert_eq!(world.send(&roux(), &by_uuid).await.unique_ids(), ["1.2.1", "1.2.3"]);
    let by_uid =
        query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", "('1.2.2','1.2.3','1.2.4','x','1.2.7')")]);
    assert_eq!(world.send(&roux(), &by_uid).await.unique_ids(), ["1.2.3"]);
    // Masked, absent and of another record: the same bytes.
    let mut told = Vec::new();
    for id in ["1.2.2", "1.2.5", "1.2.4"] {
        let body = query(GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", &format!("('{id}')"))]);
        told.push(world.send(&roux(), &body).await.body().to_owned());
    }
    assert!(told.iter().all(|text| *text == told[0]));
}

#[tokio::test]
async fn who_may_only_find_references_asks_for_them() {
    let (world, uuids) = world().await;
    let slots = [("$XDSDocumentEntryUniqueId", "('1.2.2','1.2.3','1.2.4','1.2.7')")];
    let references = query_for("ObjectRef", GET_DOCUMENTS, &slots);
    for who in [structure(CABINET), secretary()] {
        let answer = world.send(&who, &references).await;
        assert_eq!(answer.of("ObjectRef", "id"), uuids[1..3], "the documents of the cabinet");
        assert_eq!(world.journal(PATIENT).await[0], (Act::FindReference, Some(Reason::UnknownDocument)));
        for body in [query(GET_DOCUMENTS, &slots), query(FIND_DOCUMENTS, &[APPROVED])] {
            assert_eq!(world.send(&who, &body).await.fault().1, "DMPAccessDeniedByRightsService");
        }
    }
    let elsewhere = structure("499900000025001");
    assert_eq!(world.send(&elsewhere, &references).await.of("ObjectRef", "id"), [""; 0]);
    // A professional without authorisation finds his own, whole ones not.
    assert_eq!(world.send(&stranger(), &references).await.of("ObjectRef", "id"), [""; 0]);
    assert_eq!(
        world.send(&stranger(), &query(GET_DOCUMENTS, &slots)).await.fault().1,
        "DMPAutorisationInexistante"
    );
    let body = query_for("ObjectRef", GET_DOCUMENTS, &[("$XDSDocumentEntryUniqueId", "('1.2.4')")]);
    let answer = world.send_for(&martin(), Some(OTHER), &body).await;
    assert_eq!(answer.of("ObjectRef", "id"), uuids[3..], "not authorised there, but the author");
}

#[tokio::test]
async fn a_query_is_about_the_patient_of_the_vihf() {
    let (world, _) = world().await;
    let named = |cx: &str| query(FIND_DOCUMENTS, &[("$XDSDocumentEntryPatientId", cx), APPROVED]);
    let cx = format!("'{PATIENT}^^^&1.2.250.1.213.1.4.10&ISO^NH^^20100907'");
    assert_eq!(world.send(&martin(), &named(&cx)).await.errors().0, "Success");
    let cx = format!("'{OTHER}^^^&1.2.250.1.213.1.4.10&ISO^NH'");
    assert_eq!(world.send(&martin(), &named(&cx)).await.errors().1, ["XDSPatientIdDoesNotMatch"]);
    for patient in [PATIENT, OTHER] {
        assert_eq!(
            world.journal(patient).await[0],
            (Act::Search, Some(Reason::PatientMismatch)),
            "{patient}"
        );
    }
    for cx in ["'c4d77e21d0dd487^^^&1.3.6.1.4.1.21367.2005.3.7&ISO'", "'x'"] {
        assert_eq!(world.send(&martin(), &named(cx)).await.errors().1, ["XDSUnknownPatientId"], "{cx}");
    }
    let answer = world.send_for(&martin(), None, &query(FIND_DOCUMENTS, &[APPROVED])).await;
    assert_eq!(answer.fault(), (400, "InvalidSecurityToken"));
}

#[tokio::test]
async fn lots_lead_to_their_documents_and_back() {
    let (world, uuids) = world().await;
    let status = ("$XDSSubmissionSetStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')");
    let sets = world.send(&roux(), &query(FIND_SETS, &[status])).await;
    let sets = sets.of("RegistryPackage", "id");
    assert_eq!(sets.len(), 2);
    let ties = world.send(&roux(), &query(GET_ASSOCIATIONS, &[("$uuid", &list(&sets))])).await;
    assert_eq!(ties.of("Association", "associationType"), [scheme::HAS_MEMBER, scheme::HAS_MEMBER]);
    assert_eq!(
        ties.of("Association", "targetObject"),
        [uuids[0].clone(), uuids[2].clone()],
        "not the masked one"
    );
    let back = world.send(&roux(), &query(GET_SETS, &[("$uuid", &list(&uuids[1..3]))])).await;
    assert_eq!(back.of("RegistryPackage", "id"), sets[1..]);
    assert_eq!(back.of("Association", "targetObject"), uuids[2..3]);

    let of_lot = |filters: &[(&str, &str)]| {
        query(GET_SET_AND_CONTENTS, &[&[("$XDSSubmissionSetUniqueId", "'1.2.9.1'")], filters].concat())
    };
    let whole = world.send(&martin(), &of_lot(&[])).await;
    assert_eq!(whole.unique_ids(), ["1.2.1", "1.2.2"]);
    assert_eq!(whole.of("Association", "sourceObject"), [sets[0].clone(), sets[0].clone()]);
    assert_eq!(world.send(&roux(), &of_lot(&[])).await.unique_ids(), ["1.2.1"]);
    let masked = ("$XDSDocumentEntryConfidentialityCode", "('MASQUE_PS^^1.2.250.1.213.1.1.4.13')");
    let filtered = world.send(&martin(), &of_lot(&[masked])).await;
    assert_eq!(
        (filtered.unique_ids(), filtered.of("Association", "id").len()),
        (vec!["1.2.2".to_owned()], 1)
    );
    let format = ("$XDSDocumentEntryFormatCode", "('urn:f^^1.3.6.1.4.1.19376.1.2.3')");
    assert!(world.send(&martin(), &of_lot(&[format])).await.unique_ids().is_empty());
    let by_uuid = query(GET_SET_AND_CONTENTS, &[("$XDSSubmissionSetEntryUUID", &format!("'{}'", sets[1]))]);
    let second = world.send(&roux(), &by_uuid).await;
    assert_eq!(second.of("Association", "associationType"), [scheme::HAS_MEMBER, scheme::RPLC]);
    let nothing = query(GET_SET_AND_CONTENTS, &[("$XDSSubmissionSetUniqueId", "'not an identifier'")]);
    assert_eq!(world.send(&roux(), &nothing).await.attributes("totalResultCount"), ["0"]);
}

#[tokio::test]
async fn documents_come_with_what_ties_them() {
    let (world, uuids) = world().await;
    let id = ("$XDSDocumentEntryUniqueId", "('1.2.3')");
    let tied = world.send(&roux(), &query(GET_DOCUMENTS_AND_ASSOCIATIONS, &[id])).await;
    assert_eq!(tied.unique_ids(), ["1.2.3"]);
    assert_eq!(tied.of("Association", "associationType"), [scheme::HAS_MEMBER, scheme::RPLC]);
    let hidden = query(GET_DOCUMENTS_AND_ASSOCIATIONS, &[("$XDSDocumentEntryUniqueId", "('1.2.2')")]);
    assert_eq!(world.send(&roux(), &hidden).await.attributes("totalResultCount"), ["0"]);

    let uuid = format!("'{}'", uuids[0]);
    let related = |kinds: &'static str| {
        query(GET_RELATED, &[("$XDSDocumentEntryEntryUUID", &uuid), ("$AssociationTypes", kinds)])
    };
    let chain = world.send(&roux(), &related("('urn:ihe:iti:2007:AssociationType:RPLC')")).await;
    assert_eq!(chain.unique_ids(), ["1.2.1", "1.2.3"]);
    assert_eq!(chain.of("Association", "sourceObject"), uuids[2..3]);
    let other = world.send(&roux(), &related("('urn:ihe:iti:2007:AssociationType:APND')")).await;
    assert_eq!(other.attributes("totalResultCount"), ["0"]);
}

#[tokio::test]
async fn all_gives_what_is_of_those_statuses() {
    let (world, uuids) = world().await;
    let set = ("$XDSSubmissionSetStatus", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')");
    let none = ("$XDSSubmissionSetStatus", "('urn:asip:ci-sis:2010:StatusType:Archived')");
    let obsolete = format!("('{}','{}')", Availability::Approved.as_urn(), Availability::Deprecated.as_urn());
    let both = ("$XDSDocumentEntryStatus", obsolete.as_str());
    for (slots, documents, sets, associations) in [
        ([APPROVED, set], 1, 2, 1),
        ([both, set], 2, 2, 3),
        // Without their lots, what ties the documents to each other stays.
        ([both, none], 2, 0, 1),
    ] {
        let all = world.send(&roux(), &query(GET_ALL, &slots)).await;
        assert_eq!(all.unique_ids().len(), documents, "{slots:?}");
        assert_eq!(all.of("RegistryPackage", "id").len(), sets, "{slots:?}");
        assert_eq!(all.of("Association", "id").len(), associations, "{slots:?}");
        assert_eq!(all.attributes("totalResultCount"), [(documents + sets + associations).to_string()]);
    }
    assert_eq!(
        world.send(&martin(), &query(GET_ALL, &[both, set])).await.of("ExtrinsicObject", "id"),
        uuids[..3]
    );
}

#[tokio::test]
async fn samples_of_other_countries_are_refused_for_a_reason() {
    let (world, _) = world().await;
    for (path, code) in [
        ("ihe-soap-samples/nist/soap-sq-req.xml", "XDSUnknownPatientId"),
        ("ihe-soap-samples/epr-by-example/ITI-18_request.xml", "XDSUnknownPatientId"),
        // A string without its last apostrophe.
        ("ihe-soap-samples/ipf/iti18request.xml", "XDSRegistryError"),
    ] {
        let Some(text) = sample(path) else { continue };
        assert_eq!(world.send(&martin(), &text).await.errors().1, [code], "{path}");
    }
}
