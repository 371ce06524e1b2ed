//! What the patient takes away, and the end of a dossier, over HTTP, on a real store.
#![allow(clippy::unwrap_used)]

mod world;

use axum::body::Body;
use axum::http::Request;
use dmp_dossier::Visibility;
use dmp_portal::services::MessageKind;
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use tower::ServiceExt;
use world::{CSRF, MARIE, World, dr_martin, marie};

const HIDDEN: Visibility = Visibility { hidden_from_patient: true, ..Visibility::VISIBLE };

fn as_written(text: String) -> String {
    text
}

async fn export(world: &World) -> BTreeMap<String, Vec<u8>> {
    let home = world.home(&marie()).await;
    let mut request = Request::builder()
        .method("POST")
        .uri(format!("{home}/export"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={CSRF}")))
        .unwrap();
    request.extensions_mut().insert(Some(marie()));
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|i| {
            let mut file = archive.by_index(i).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

#[tokio::test]
async fn everything_is_taken_away_and_nothing_tells_of_what_is_to_be_announced() {
    let mut told = Vec::new();
    for hidden in [false, true] {
        let world = World::with_marie().await;
        world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
        match hidden {
            true => drop(world.publish("biologie.xml", "34112-3", HIDDEN, as_written).await),
            false => world.wait_seconds(1),
        }
        let mut files = export(&world).await;
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "IHE_XDM/SUBSET01/DOC00001.XML",
                "IHE_XDM/SUBSET01/METADATA.XML",
                "INDEX.HTM",
                "INDEX.PDF",
                "JOURNAL/ACCES.CSV",
                "JOURNAL/ACCES.JSN",
                "README.TXT",
            ]
        );
        assert!(files["INDEX.PDF"].starts_with(b"%PDF-"));
        let journal = String::from_utf8(files["JOURNAL/ACCES.CSV"].clone()).unwrap();
        assert!(journal.contains("\"avez exporté le dossier\""), "{journal}");
        // Its identity is drawn for each export.
        let metadata = String::from_utf8(files.remove("IHE_XDM/SUBSET01/METADATA.XML").unwrap()).unwrap();
        assert_eq!(metadata.matches("<rim:ExtrinsicObject").count(), 1);
        told.push(files);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_closed_dossier_offers_reopening_a_copy_and_destruction_only() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let home = world.home(&marie()).await;
    let asked = world.get(Some(&marie()), &format!("{home}/fermer")).await;
    assert!(asked.text().contains("Le dossier est gardé dix ans, puis effacé"), "{}", asked.text());
    let long = format!("csrf={CSRF}&raison={}", "x".repeat(501));
    assert_eq!(world.post(Some(&marie()), &format!("{home}/fermer"), &long).await.status, 422);
    let form = format!("csrf={CSRF}&raison=Je+d%C3%A9m%C3%A9nage");
    let closed = world.post(Some(&marie()), &format!("{home}/fermer"), &form).await.location();
    assert_eq!(closed, format!("{home}/rouvrir?fait=fermeture"));
    assert_eq!(world.services.notices(), [MessageKind::Closed]);
    let page = world.get(Some(&marie()), &closed).await;
    for words in [
        "Votre dossier est fermé",
        "Je déménage",
        "Rouvrir le dossier",
        "Demander une copie",
        "Demander la destruction",
    ] {
        assert!(page.text().contains(words), "`{words}` is not in: {}", page.text());
    }
    assert!(!page.body.contains("aria-label=\"Dossier\""), "the places of an open dossier are offered");
    let address = world.address(&dr_martin(), MARIE).await;
    assert_ne!(world.get(Some(&dr_martin()), &address).await.status, 200);
    assert_eq!(
        world.get(Some(&marie()), &format!("{home}/fermer")).await.location(),
        format!("{home}/rouvrir")
    );
    for word in ["copie", "destruction"] {
        assert_eq!(world.get(Some(&marie()), &format!("{home}/{word}")).await.status, 200);
        let sent =
            world.post(Some(&marie()), &format!("{home}/{word}"), &format!("csrf={CSRF}")).await.location();
        let noted = world.get(Some(&marie()), &sent).await.text();
        assert!(noted.contains(&format!("Votre demande de {word} est notée")), "{noted}");
    }
    let unticked = world.post(Some(&marie()), &format!("{home}/rouvrir"), &format!("csrf={CSRF}")).await;
    assert!(unticked.status == 422 && unticked.text().contains("Cochez la case"));
    let form = format!("csrf={CSRF}&accord=oui");
    let reopened = world.post(Some(&marie()), &format!("{home}/rouvrir"), &form).await.location();
    assert!(world.get(Some(&marie()), &reopened).await.text().contains("Dossier rouvert"));
    assert_eq!(world.get(Some(&dr_martin()), &address).await.status, 200, "the former view is back");
    assert_eq!(world.get(Some(&marie()), &format!("{home}/rouvrir")).await.location(), home);
}

#[tokio::test]
async fn a_request_on_an_open_dossier_has_its_receipt() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    for (word, heading) in [("copie", "Copie demandée"), ("destruction", "Destruction demandée")] {
        let sent =
            world.post(Some(&marie()), &format!("{home}/{word}"), &format!("csrf={CSRF}")).await.location();
        let receipt = world.get(Some(&marie()), &sent).await.text();
        assert!(receipt.contains(heading) && receipt.contains("Fait par Vous"), "{receipt}");
    }
}

#[tokio::test]
async fn notices_are_set_and_an_emergency_is_always_told() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let address = format!("{home}/avis");
    let page = world.get(Some(&marie()), &address).await;
    assert!(page.status == 200 && page.text().contains("Un accès d'urgence vous est toujours annoncé"));
    let missing = world.post(Some(&marie()), &address, &format!("csrf={CSRF}&premier=oui&par=pigeon")).await;
    assert!(missing.status == 422 && missing.text().contains("Choisissez comment être prévenu"));
    let form = format!("csrf={CSRF}&premier=non&chaque=oui&par=sms");
    let sent = world.post(Some(&marie()), &address, &form).await.location();
    let receipt = world.get(Some(&marie()), &sent).await.text();
    for words in ["Avis réglés", "Accès d'urgence toujours", "Chaque accès oui", "Par SMS"] {
        assert!(receipt.contains(words), "`{words}` is not in: {receipt}");
    }
    assert!(world.get(Some(&marie()), &address).await.body.contains("value=\"sms\" checked"));
    assert!(world.post(Some(&marie()), &address, &form).await.location().ends_with("/acces"));
}

#[tokio::test]
async fn closing_exporting_and_requests_want_a_recent_proof_the_right_form_and_the_patient() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let own = world.address(&dr_martin(), MARIE).await;
    for word in ["fermer", "rouvrir", "copie", "destruction", "export", "avis"] {
        let (page, form) = (format!("{home}/{word}"), format!("csrf={CSRF}"));
        assert_eq!(world.get(None, &page).await.location(), "/entrer", "{word}");
        assert_eq!(world.get(Some(&dr_martin()), &format!("{own}/{word}")).await.status, 404, "{word}");
        assert_eq!(
            world.post(Some(&dr_martin()), &format!("{own}/{word}"), &form).await.status,
            404,
            "{word}"
        );
        assert_eq!(world.post(Some(&marie()), &page, "csrf=0").await.status, 403, "{word}");
    }
    world.wait_seconds(400);
    for word in ["fermer", "copie", "destruction", "export"] {
        let asked = world.post(Some(&marie()), &format!("{home}/{word}"), &format!("csrf={CSRF}")).await;
        assert!(asked.status == 403 && asked.text().contains("Confirmez que c'est vous"), "{word}");
    }
    assert_eq!(world.get(Some(&marie()), &home).await.status, 200, "nothing was closed");
}
