//! TD3.2 on a record, rows MTOM-57 to MTOM-60 among them.

use crate::REPOSITORY;
use crate::ebrim::write::tests::compare;
use crate::td3::world::*;
use dmp_dossier::{Act, Parameters, Reason};

fn request(ids: &[(&str, &str)]) -> String {
    let mut text = "<RetrieveDocumentSetRequest xmlns='urn:ihe:iti:xds-b:2007'>".to_owned();
    for (repository, document) in ids {
        text += &format!(
            "<DocumentRequest><HomeCommunityId>urn:oid:1.2</HomeCommunityId><RepositoryUniqueId>{repository}\
             </RepositoryUniqueId><DocumentUniqueId> {document} </DocumentUniqueId></DocumentRequest>"
        );
    }
    text + "</RetrieveDocumentSetRequest>"
}

fn of(ids: &[&str]) -> String {
    request(&ids.iter().map(|id| (REPOSITORY, *id)).collect::<Vec<_>>())
}

async fn world() -> World {
    let world = World::new().await;
    world
        .deposit(
            PATIENT,
            "1.2.9",
            &[Document::new("1.2.1"), Document::masked("1.2.2"), Document::new("1.2.3")],
        )
        .await;
    world.deposit(OTHER, "1.2.8", &[Document::new("1.2.4")]).await;
    world
}

#[tokio::test]
async fn documents_come_as_deposited() {
    let world = world().await;
    let answer = world.send(&roux(), &of(&["1.2.3", "1.2.1", "1.2.3"])).await;
    assert_eq!(answer.errors(), ("Success".to_owned(), Vec::new()));
    let parts: Vec<_> = answer.attachments().iter().map(|a| a.bytes.to_vec()).collect();
    assert_eq!(parts, [Document::new("1.2.3").bytes(), Document::new("1.2.1").bytes()], "each once");
    for attachment in answer.attachments() {
        assert_eq!(attachment.content_type, "text/xml");
        let id = &attachment.content_id;
        let include = format!("<xop:Include xmlns:xop=\"{}\" href=\"cid:{id}\"/>", crate::soap::XOP);
        assert_eq!(answer.body().matches(&include).count(), 1, "{include}");
    }
    assert_eq!(world.journal(PATIENT).await[..2], [(Act::Read, None), (Act::Read, None)]);
}

#[tokio::test]
async fn the_published_request_has_the_published_answer() {
    let world = World::new().await;
    let published = |what| sample(&format!("dmp-kit/messages/TD3.2_-_Consultation_d_un_document_{what}.xml"));
    let (Some(request), Some(answer)) = (published("requete"), published("reponse")) else { return };
    assert_eq!(world.send(&roux(), &request).await.errors().1, ["XDSDocumentUniqueIdError"]);
    world.deposit(PATIENT, "1.2.9", &[Document::new("1.2.250.1.999.1.1.7898.1.995657292")]).await;
    let ours = world.send(&roux(), &request).await;
    // The Content-ID, in `href`, is not among the attributes compared.
    compare(ours.body(), &answer, "RetrieveDocumentSetResponse");
}

#[tokio::test]
async fn what_may_not_be_read_is_absent_in_the_same_words() {
    let world = world().await;
    let mut told = Vec::new();
    // Masked, absent, of another patient's record.
    for hidden in ["1.2.2", "1.2.5", "1.2.4"] {
        let answer = world.send(&roux(), &of(&[hidden])).await;
        assert_eq!(answer.errors(), ("Failure".to_owned(), vec!["XDSDocumentUniqueIdError".to_owned()]));
        assert!(answer.attachments().is_empty());
        assert_eq!(world.journal(PATIENT).await[0], (Act::Read, Some(Reason::UnknownDocument)));
        told.push(answer.body().replace(hidden, "…"));
    }
    assert!(told.iter().all(|text| *text == told[0]), "{told:?}");
    // Its author reads it.
    assert_eq!(world.send(&martin(), &of(&["1.2.2"])).await.errors().0, "Success");
}

#[tokio::test]
async fn the_readable_ones_come_and_the_others_are_told_one_by_one() {
    let world = world().await;
    let answer = world.send(&roux(), &of(&["1.2.2", "1.2.1", "1.2.5", "no identifier"])).await;
    let (status, errors) = answer.errors();
    assert_eq!((status.as_str(), errors.len()), ("PartialSuccess", 3));
    assert!(errors.iter().all(|code| code == "XDSDocumentUniqueIdError"));
    let places = ["DocumentRequest[1]", "DocumentRequest[3]", "DocumentRequest[4]"];
    assert_eq!(answer.attributes("location"), places);
    assert_eq!(answer.attachments().len(), 1);
}

#[tokio::test]
async fn another_repository_is_unknown() {
    let world = world().await;
    let answer = world.send(&roux(), &request(&[("1.2.250.9", "1.2.1")])).await;
    assert_eq!(answer.errors(), ("Failure".to_owned(), vec!["XDSUnknownRepositoryId".to_owned()]));
    let answer = world.send(&roux(), &request(&[("1.2.250.9", "1.2.1"), (REPOSITORY, "1.2.1")])).await;
    assert_eq!(answer.errors().0, "PartialSuccess");
}

#[tokio::test]
async fn a_request_is_bounded_and_whole() {
    let world = world().await;
    let many: Vec<String> = (0..1_000).map(|i| format!("1.2.3.{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let before = world.journal(PATIENT).await.len();
    for body in [
        of(&many),
        of(&many[..51]),
        of(&[]),
        "<RetrieveDocumentSetRequest xmlns='urn:ihe:iti:xds-b:2007'><DocumentRequest><DocumentUniqueId>1.2.1\
         </DocumentUniqueId></DocumentRequest></RetrieveDocumentSetRequest>"
            .to_owned(),
    ] {
        assert_eq!(world.send(&roux(), &body).await.fault(), (400, ""));
    }
    // Only the two readings of the journal were added.
    assert_eq!(world.journal(PATIENT).await.len(), before + 1);
    assert_eq!(world.send(&roux(), &of(&many[..50])).await.errors().1.len(), 50);
}

#[tokio::test]
async fn who_may_not_read_has_a_fault() {
    let world = world().await;
    for (who, token) in [
        (occupational(), "DMPAccessDeniedByRightsService"),
        (secretary(), "DMPAccessDeniedByRightsService"),
        (structure(CABINET), "DMPAccessDeniedByRightsService"),
        (stranger(), "DMPAutorisationInexistante"),
    ] {
        assert_eq!(world.send(&who, &of(&["1.2.1"])).await.fault().1, token, "{who:?}");
    }
    assert_eq!(world.send_for(&martin(), None, &of(&["1.2.1"])).await.fault(), (400, "InvalidSecurityToken"));
}

#[tokio::test]
async fn an_answer_is_not_larger_than_a_lot() {
    let size = Document::new("1.2.1").bytes().len() as u64;
    let world = World::with(Parameters { lot_bytes_max: size + 1, ..Parameters::default() }).await;
    for (lot, uid) in [("1.2.9.1", "1.2.1"), ("1.2.9.2", "1.2.2"), ("1.2.9.3", "1.2.3")] {
        world.deposit(PATIENT, lot, &[Document::new(uid)]).await;
    }
    let answer = world.send(&roux(), &of(&["1.2.1", "1.2.2", "1.2.3"])).await;
    assert_eq!(
        answer.errors(),
        ("PartialSuccess".to_owned(), vec!["XDSRepositoryOutOfResources".to_owned()])
    );
    assert_eq!((answer.attachments().len(), world.journal(PATIENT).await[0]), (2, (Act::Read, None)));
}

#[tokio::test]
async fn samples_of_other_countries_are_refused_for_a_reason() {
    let world = world().await;
    for (path, documents) in [
        ("ihe-soap-samples/nist/soap-ret-req.xml", 2),
        ("ihe-soap-samples/epr-by-example/ITI-43_request.xml", 1),
    ] {
        let Some(text) = sample(path) else { continue };
        let (status, errors) = world.send(&martin(), &text).await.errors();
        assert_eq!(
            (status.as_str(), errors),
            ("Failure", vec!["XDSUnknownRepositoryId".to_owned(); documents]),
            "{path}"
        );
    }
}
