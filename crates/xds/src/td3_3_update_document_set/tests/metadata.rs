//! Confidentiality: masking, unmasking, making visible; that nothing else changes; what a request may not be.

use super::*;
use dmp_dossier::{Actor, Mode};

#[tokio::test]
async fn a_document_is_masked_and_unmasked() {
    let (world, uuid) = world().await;
    let plain = found(&world, "1.2.1").await;
    assert_eq!(
        world.send(&roux(), &update(&masked(&plain), "1")).await.errors(),
        done(),
        "any professional masks"
    );
    assert_eq!(world.find(&roux(), Availability::Approved).await.unique_ids(), [""; 0]);
    let now = found(&world, "1.2.1").await;
    assert!(now.contains("versionName=\"2\"") && now.contains("MASQUE_PS"), "{now}");
    assert!(!now.contains(&format!(" id=\"{uuid}\"")), "a version has an entryUUID of its own");
    assert!(now.contains(between(&plain, " lid=\"", "\"")), "and the lid of its document");

    // The same request again: stale, and applied with equal values.
    assert_eq!(world.send(&martin(), &update(&masked(&plain), "1")).await.errors(), done());
    assert!(found(&world, "1.2.1").await.contains("versionName=\"2\""));
    // Stale, and asking for something else.
    assert_eq!(
        world.send(&martin(), &update(&plain, "1")).await.errors(),
        failure("XDSMetadataVersionError")
    );
    let unmasked = now.replace(label(&now, "MASQUE_PS"), "");
    assert_eq!(world.send(&martin(), &update(&unmasked, "2")).await.errors(), done());
    let last = found(&world, "1.2.1").await;
    assert!(last.contains("versionName=\"3\"") && !last.contains("MASQUE_PS"));
    // What was the metadata before is obsolete, not gone.
    assert_eq!(world.find(&martin(), Availability::Deprecated).await.unique_ids(), ["1.2.1", "1.2.1"]);
    let old = world.send(&martin(), &status(&uuid, APPROVED, ARCHIVED)).await;
    assert_eq!(old.errors(), failure("XDSMetadataVersionError"));
}

/// The classification with that code, in an object that we wrote.
fn label<'t>(object: &'t str, code: &str) -> &'t str {
    let at = object.find(&format!("nodeRepresentation=\"{code}\"")).unwrap();
    let start = object[..at].rfind("<rim:Classification").unwrap();
    let end = at + object[at..].find("</rim:Classification>").unwrap() + "</rim:Classification>".len();
    &object[start..end]
}

#[tokio::test]
async fn nothing_else_of_a_document_changes() {
    let (world, _) = world().await;
    let object = masked(&found(&world, "1.2.1").await);
    let with = |from: &str, to: &str| {
        assert!(object.contains(from), "{from} in {object}");
        update(&object.replacen(from, to, 1), "1")
    };
    let author = "<rim:Slot name=\"authorPerson\"><rim:ValueList><rim:Value>8999000";
    for (body, attribute) in [
        (with("mimeType=\"text/xml\"", "mimeType=\"text/plain\""), "mimeType"),
        (with("7edca82f-054d-47f2-a032-9b2a5b5186c1", "34268e47-fdf5-41a6-ba33-82133c465248"), "objectType"),
        (with("<rim:Value>a7a7", "<rim:Value>a7a8"), "hash"),
        (with("fr-FR", "en-US"), "languageCode"),
        (with("value=\"commentaire", "value=\"autre"), "comments"),
        (with("value=\"CR d&#39;examens", "value=\"Autre"), "title"),
        (with("20260301101500", "20260301101501"), "creationTime"),
        (with("PID-8|F", "PID-8|M"), "sourcePatientInfo"),
        (with("0456789999", "0456789998"), "sourcePatientId"),
        (with("<rim:Value>1.2.250.1.213.4.1.1.1.2<", "<rim:Value>1.2.3<"), "repositoryUniqueId"),
        (with("nodeRepresentation=\"11502-2\"", "nodeRepresentation=\"34112-3\""), "typeCode"),
        (with("nodeRepresentation=\"10\"", "nodeRepresentation=\"11\""), "classCode"),
        (with("nodeRepresentation=\"SA07\"", "nodeRepresentation=\"SA01\""), "healthcareFacilityTypeCode"),
        (with("nodeRepresentation=\"AMBULATOIRE\"", "nodeRepresentation=\"SAD\""), "practiceSettingCode"),
        (with("urn:ihe:iti:xds-sd:text:2008", "urn:ihe:iti:xds-sd:pdf:2008"), "formatCode"),
        (with(author, &author.replace(">8", ">7")), "author"),
        (with("PCP^M", "CORRE^M"), "author"),
        (with("value=\"1.2.1\"", "value=\"1.2.2\""), "uniqueId"),
        (with(APPROVED, DELETED), "availabilityStatus"),
        (with("<rim:Slot name=\"size\">", "<rim:Slot name=\"URI\">"), "URI"),
        (with("<rim:Name>", &(slot("documentAvailability", "x") + "<rim:Name>")), "documentAvailability"),
    ] {
        let answer = world.send(&martin(), &body).await;
        assert_eq!(answer.errors(), failure("XDSMetadataUpdateOperationError"), "{attribute}");
        let context = answer.attributes("codeContext");
        assert!(context[0].starts_with(attribute), "{attribute}: {context:?}");
        assert_eq!(
            world.journal(PATIENT).await[0],
            (Act::Mask, Some(Reason::UpdateOperation)),
            "{attribute}"
        );
    }
}

#[tokio::test]
async fn what_says_the_same_in_other_words_is_the_same() {
    let (world, _) = world().await;
    let object = masked(&found(&world, "1.2.1").await);
    let hash = between(&object, "<rim:Slot name=\"hash\">", "</rim:Slot>");
    let without = |slot: &str| {
        let inside = between(&object, &format!("<rim:Slot name=\"{slot}\">"), "</rim:Slot>");
        object.replacen(&format!("<rim:Slot name=\"{slot}\">{inside}</rim:Slot>"), "", 1)
    };
    let objects = [
        object.replacen("versionName=\"1\"", "versionName=\"9\"", 1),
        object.replacen("Cabinet individuel", "Cabinet", 1),
        object.replacen(
            "<rim:Value>PID-5|ESSAI^Claude^^^^^L</rim:Value><rim:Value>PID-8|F</rim:Value>",
            "<rim:Value>PID-8|F</rim:Value><rim:Value>PID-5|ESSAI^Claude^^^^^L</rim:Value>",
            1,
        ),
        object.replacen("&amp;ISO^D^^^IDNPS", "&amp;ISO", 1),
        object.replacen(
            hash,
            &hash
                .to_ascii_uppercase()
                .replace("RIM:VALUELIST", "rim:ValueList")
                .replace("RIM:VALUE", "rim:Value"),
            1,
        ),
        object.replacen("&amp;ISO^NH\"", "&amp;ISO^NH^^20190402151411\"", 1),
        object.replacen(&format!("status=\"{APPROVED}\""), "", 1),
        object.replacen(between(&object, " id=\"", "\""), "Document01", 1),
        without("hash"),
        without("size"),
        without("repositoryUniqueId"),
    ];
    for (place, other) in objects.iter().enumerate() {
        assert_ne!(*other, object, "{place} changes something");
        assert_eq!(world.send(&martin(), &update(other, "1")).await.errors(), done(), "{place}");
        assert!(found(&world, "1.2.1").await.contains("MASQUE_PS"));
    }
}

#[tokio::test]
async fn confidentiality_is_of_its_value_set() {
    let (world, _) = world().await;
    let object = masked(&found(&world, "1.2.1").await);
    for (from, to) in [
        ("nodeRepresentation=\"MASQUE_PS\"", "nodeRepresentation=\"MASQUE\""),
        ("1.2.250.1.213.1.1.4.13", "1.2.250.1.213.1.1.4.14"),
        ("nodeRepresentation=\"N\"", "nodeRepresentation=\"R\""),
        ("nodeRepresentation=\"N\"", "nodeRepresentation=\"MASQUE_PS\""),
    ] {
        let answer = world.send(&martin(), &update(&object.replacen(from, to, 1), "1")).await;
        assert_eq!(answer.errors(), failure("XDSRegistryMetadataError"), "{from} {to}");
        assert!(answer.attributes("codeContext")[0].starts_with("confidentialityCode"));
    }
    let both =
        object.replacen("nodeRepresentation=\"MASQUE_PS\"", "nodeRepresentation=\"INVISIBLE_PATIENT\"", 1);
    let answer = world.send(&martin(), &update(&both, "1")).await;
    assert_eq!(
        answer.errors(),
        failure("XDSMetadataUpdateOperationError"),
        "what is visible is not hidden again"
    );
}

#[tokio::test]
async fn a_request_updates_one_document_from_a_version() {
    let (world, uuid) = world().await;
    let object = masked(&found(&world, "1.2.1").await);
    let id = between(&object, " id=\"", "\"").to_owned();
    let version = slot("PreviousVersion", "1");
    let member = association(scheme::HAS_MEMBER, &id, &version);
    let archive = change(&uuid, APPROVED, ARCHIVED);
    let two = archive.clone() + &archive.replace("id='a'", "id='b'");
    let operation = "XDSMetadataUpdateOperationError";
    let stale = "XDSMetadataVersionError";
    for (objects, code) in [
        (String::new(), operation),
        (two, operation),
        (archive.clone() + &object, operation),
        (member.clone() + &archive.replace("id='a'", "id='b'") + &object, operation),
        (member.clone(), operation),
        (member.replace(&id, "elsewhere") + &object, operation),
        (member.replace("sourceObject='S'", "sourceObject='T'") + &object, operation),
        (member.replace(scheme::HAS_MEMBER, scheme::RPLC) + &object, operation),
        (
            association(scheme::HAS_MEMBER, &id, &(slot("SubmissionSetStatus", "Reference") + &version))
                + &object,
            operation,
        ),
        (member.clone() + &object.replacen(" lid=", " other=", 1), operation),
        (association(scheme::HAS_MEMBER, &id, "") + &object, stale),
        (association(scheme::HAS_MEMBER, &id, &slot("PreviousVersion", "one")) + &object, stale),
        (association(scheme::HAS_MEMBER, &id, &slot("PreviousVersion", "2")) + &object, stale),
        (association(scheme::HAS_MEMBER, &id, &slot("PreviousVersion", "0")) + &object, stale),
        (
            member.clone() + &object.replacen(" lid=\"urn:uuid:", " lid=\"urn:uuid:f", 1),
            "XDSDocumentUniqueIdError",
        ),
        (
            member.clone() + &with_lid(&object, "urn:uuid:0123e456-0000-7000-8000-000000000001"),
            "XDSDocumentUniqueIdError",
        ),
    ] {
        let answer = world.send(&martin(), &message(PATIENT, &objects)).await;
        assert_eq!(answer.errors(), failure(code), "{objects}");
        assert!(world.journal(PATIENT).await[0].1.is_some(), "{objects}");
    }
    assert!(found(&world, "1.2.1").await.contains("versionName=\"1\""));
    let none = "<l:SubmitObjectsRequest xmlns:l='urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0'/>";
    assert_eq!(world.send(&martin(), none).await.fault().0, 400);
}

#[tokio::test]
async fn who_may_mask() {
    let (world, _) = world().await;
    let body = update(&masked(&found(&world, "1.2.1").await), "1");
    assert_eq!(world.send(&stranger(), &body).await.fault().1, "DMPAutorisationInexistante");
    assert_eq!(world.send(&structure(CABINET), &body).await.fault().1, "DMPAccessDeniedByRightsService");
    assert_eq!(world.send(&secretary(), &body).await.fault().1, "DMPAccessDeniedByRightsService");
    // What is hidden from somebody is unknown to them; unmasking is its author's.
    assert_eq!(world.send(&martin(), &body).await.errors(), done());
    assert_eq!(world.send(&roux(), &body).await.errors(), failure("XDSDocumentUniqueIdError"));
    // In an emergency nobody unmasks: the matrix says so before it is told whether the document exists.
    let shown = found(&world, "1.2.1").await;
    let shown = shown.replace(label(&shown, "MASQUE_PS"), "");
    let Actor::Professional(mut emergency) = roux() else { panic!("a professional") };
    emergency.mode = Mode::Centre15;
    let emergency = Actor::Professional(emergency);
    for object in [&shown, &with_lid(&shown, "urn:uuid:0123e456-0000-7000-8000-000000000001")] {
        let answer = world.send(&emergency, &update(object, "2")).await;
        assert_eq!(answer.fault().1, "DMPAccessDeniedByRightsService");
    }
}

/// The object with another `lid`; its first version has it as `id` too.
fn with_lid(object: &str, lid: &str) -> String {
    let own = between(object, " lid=\"", "\"");
    object.replacen(&format!(" lid=\"{own}\""), &format!(" lid=\"{lid}\""), 1)
}

#[tokio::test]
async fn an_author_needs_no_authorisation_for_his_own() {
    let (world, _) = world().await;
    let object = masked(&found(&world, "1.2.1").await);
    world.deposit(OTHER, "1.2.8", &[Document::new("1.2.5")]).await;
    let lid = world.seen_by_holder(OTHER, "1.2.5").await.unwrap().entry.lid.to_urn();
    let object = with_lid(&object, &lid);
    let object = object.replacen("value=\"1.2.1\"", "value=\"1.2.5\"", 1);
    let body = update(&object, "1").replace(PATIENT, OTHER);
    let answer = world.send_for(&roux(), Some(OTHER), &body).await;
    assert_eq!(answer.fault().1, "DMPAutorisationInexistante");
    assert_eq!(world.send_for(&martin(), Some(OTHER), &body).await.errors(), done());
    assert!(world.seen_by_holder(OTHER, "1.2.5").await.unwrap().entry.visibility.masked);
}

#[tokio::test]
async fn what_was_hidden_from_the_patient_is_made_visible() {
    let world = World::new().await;
    world
        .deposit(PATIENT, "1.2.9", &[Document { hidden_from_patient: true, ..Document::new("1.2.1") }])
        .await;
    assert_eq!(world.seen_by_holder(PATIENT, "1.2.1").await, None);
    let object = found(&world, "1.2.1").await;
    let shown = object.replace(label(&object, "INVISIBLE_PATIENT"), "");
    assert_eq!(world.send(&roux(), &update(&shown, "1")).await.errors(), done());
    let seen = world.seen_by_holder(PATIENT, "1.2.1").await.unwrap();
    assert_eq!((seen.entry.version, seen.entry.visibility), (2, Visibility::VISIBLE));
}
