//! The rows of bad-inputs that concern one lot: what is answered, that it is named, that nothing is stored.

use super::*;
use crate::mtom::Part;
use crate::world::LEO;

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_stored() {
    let world = opened().await;
    let mut failed = Vec::new();
    for (row, message, code, named) in rows::rows() {
        let before = world.journal().await.len();
        let errors = deposit(&world, &message).await.unwrap();
        let all_named = named.iter().all(|part| errors.iter().any(|(_, context)| context.contains(part)));
        if errors.len() != named.len() || !all_named || errors.iter().any(|(said, _)| said != code) {
            failed.push(format!("{row}: {errors:#?}"));
        }
        // Reading the journal is a line too.
        let lines = world.journal().await;
        if lines.len() < before + 2 || lines.iter().take(3).all(|permitted| *permitted) {
            failed.push(format!("{row}: not traced"));
        }
    }
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!(documents(&world).await.len(), 0);
}

#[tokio::test]
async fn identifiers_that_are_taken_are_told_by_themselves_alone() {
    let world = opened().await;
    let first = Letter::of(&[&fixture(BIOLOGY)]);
    assert_eq!(deposit(&world, &first.write()).await.unwrap(), []);
    // Other bytes under the same uniqueId.
    let changed = fixture(BIOLOGY).replace("Examens du 4 janvier", "Examens du 5 janvier");
    let other = Letter::of(&[&changed]).named("1.2.250.1.999.1.1.7898.1.2");
    let uid = |uid: &str| format!("uniqueId={uid}");
    assert_eq!(
        deposit(&world, &other.write()).await.unwrap(),
        [("XDSNonIdenticalHash".to_owned(), uid("1.2.250.1.999.1^BIO-2024-1"))],
        "SOAP-53"
    );
    let other = Letter::of(&[&fixture(SYNTHESIS)]);
    assert_eq!(
        deposit(&world, &other.write()).await.unwrap(),
        [("XDSDuplicateUniqueIdInRegistry".to_owned(), uid(&first.set_uid))],
        "SOAP-54"
    );
}

#[tokio::test]
async fn a_session_is_about_one_patient() {
    let world = opened().await;
    let message = Letter::of(&[&fixture(BIOLOGY)]).write();
    let doctor = official_doctor();
    let parts = Parts::default();
    let errors = send(&world, &doctor, Some(LEO), &message, &parts).await.unwrap();
    assert_eq!(errors[0].0, "XDSPatientIdDoesNotMatch", "SAML-60");
    assert_eq!(world.journal().await.iter().filter(|permitted| !**permitted).count(), 1);
    // Without dossier, in the words of a number that is no INS.
    let cda = fixture(BIOLOGY).replace("284073523811416", LEO);
    let mut letter = Letter::of(&[&cda]);
    letter.set = letter.set.replace("284073523811416", LEO);
    letter.entries[0] = letter.entries[0].replace("284073523811416", LEO);
    let errors = send(&world, &doctor, Some(LEO), &letter.write(), &parts).await.unwrap();
    let unknown = ("XDSUnknownPatientId".to_owned(), "Aucun dossier pour ce patient.".to_owned());
    assert_eq!(errors, [unknown], "SOAP-51");
    assert_eq!(send(&world, &doctor, None, &message, &parts).await.unwrap(), []);
}

#[tokio::test]
async fn parts_and_documents_go_together() {
    let world = opened().await;
    let cda = fixture(BIOLOGY);
    let mut letter = Letter::of(&[&cda]);
    let include = "<i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:a\"/>";
    letter.documents[0] = format!("<x:Document id=\"document01\">{include}</x:Document>");
    let part = |id: &str, content_type: &str| Part {
        content_id: id.into(),
        content_type: Some(content_type.into()),
        bytes: cda.clone().into(),
    };
    let doctor = official_doctor();
    for (row, parts, error) in [
        (
            "MTOM-30",
            vec![part("a", "text/xml"), part("b", "text/xml")],
            Some(("XDSMissingDocumentMetadata", "a part of the message")),
        ),
        (
            "MTOM-52",
            vec![part("a", "application/pdf")],
            Some(("XDSRepositoryMetadataError", "Content-Type of its part is `application/pdf`")),
        ),
        ("nothing said", vec![part("a", "application/octet-stream")], None),
        ("the official case of `document01`", vec![part("a", "text/xml")], None),
    ] {
        let message = letter.write();
        let answered = send(&world, &doctor, Some(MARIE), &message, &Parts::new(parts, None)).await.unwrap();
        match error {
            None => assert_eq!(answered, [], "{row}"),
            Some((code, context)) => {
                assert_eq!(answered.len(), 1, "{row}: {answered:?}");
                assert!(answered[0].0 == code && answered[0].1.contains(context), "{row}: {answered:?}");
            }
        }
    }
    let mut letter = Letter::of(&[&cda]);
    letter.documents.push(document("Document01", b"<a/>"));
    let fault = deposit(&world, &letter.write()).await.unwrap_err();
    assert!(fault.http == 400 && fault.reason.contains("two Document elements"), "MTOM-33: {fault:?}");
}

#[tokio::test]
async fn a_lot_keeps_to_its_limits() {
    let mut world = opened().await;
    let cda = fixture(BIOLOGY);
    let parameters = world.xds.store.parameters().clone();
    let eleven: Vec<_> = (0..11).map(|_| cda.as_str()).collect();
    let errors = deposit(&world, &Letter::of(&eleven).write()).await.unwrap();
    assert_eq!(errors[0].0, "XDSRepositoryOutOfResources");
    let long = format!("{cda}{}", " ".repeat(usize::try_from(parameters.document_bytes_max).unwrap()));
    let mut letter = Letter::of(&[&cda]);
    let include = "<i:Include xmlns:i=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:a\"/>";
    letter.documents[0] = format!("<x:Document id=\"Document01\">{include}</x:Document>");
    let part = Part { content_id: "a".into(), content_type: None, bytes: long.into() };
    let parts = Parts::new(vec![part], None);
    let errors = send(&world, &official_doctor(), Some(MARIE), &letter.write(), &parts).await.unwrap();
    assert_eq!(errors[0].0, "XDSRepositoryOutOfResources");

    world.xds.settings.lot_signature_required = true;
    let errors = deposit(&world, &Letter::of(&[&cda]).write()).await.unwrap();
    assert_eq!(errors[0].1, "signature of `Set`: the lot must be signed (XAdES, typeCode E1762)");
}

#[tokio::test]
async fn who_may_not_feed_is_told_by_a_fault() {
    let world = opened().await;
    let message = Letter::of(&[&fixture(BIOLOGY)]).write();
    let elsewhere = crate::world::doctor();
    let fault = send(&world, &elsewhere, Some(MARIE), &message, &Parts::default()).await.unwrap_err();
    assert_eq!(fault.reason, "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF", "CDA-22");
    let Actor::Professional(mut air) = official_doctor() else { panic!("a professional") };
    air.auth = dmp_dossier::Auth::ReinforcedIndirect;
    air.mode = Mode::Normal;
    let air = Actor::Professional(air);
    let fault = send(&world, &air, Some(MARIE), &message, &Parts::default()).await.unwrap_err();
    assert_eq!(fault.subcode.map(|(_, name)| name), Some("DMPAccessDeniedByRightsService"));
    // TD2.2 names the employee.
    let unnamed = message.replace("^LIBRE^Luc^", "^^Luc^");
    let errors = send(&world, &secretary(), Some(MARIE), &unnamed, &Parts::default()).await.unwrap();
    assert!(errors.iter().any(|(_, said)| said.contains("TD2.2 names the employee")), "{errors:?}");
    assert_eq!(documents(&world).await.len(), 0);
}
