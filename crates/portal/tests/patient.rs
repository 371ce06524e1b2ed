//! The patient's own pages: home, documents, masking, adding, opening one's dossier alone.
#![allow(clippy::unwrap_used)]

mod world;

use axum::body::Body;
use axum::http::Request;
use dmp_dossier::{Actor, Visibility};
use dmp_portal::Viewer;
use http_body_util::BodyExt;
use tower::ServiceExt;
use world::services::{CODE, Sent, TOO_OFTEN, UNREACHABLE, alice, cards, jean, zoe};
use world::{CSRF, LEO, MARIE, Reply, World, dr_martin, ins, marie, optician};

const HIDDEN: Visibility = Visibility { hidden_from_patient: true, ..Visibility::VISIBLE };

fn as_written(text: String) -> String {
    text
}

/// A JPEG as far as its segments go, with the place where it was taken.
fn photo() -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    };
    [
        vec![0xff, 0xd8],
        segment(0xe1, b"Exif\0\0GPS 48.1173 -1.6778"),
        segment(0xdb, &[1; 20]),
        segment(0xc0, &[2; 9]),
        segment(0xda, &[3; 8]),
        vec![9, 8, 7, 0xff, 0xd9],
    ]
    .concat()
}

async fn send(world: &World, viewer: &Viewer, address: &str, fields: &[(&str, &str)], file: &[u8]) -> Reply {
    world.wait_seconds(1);
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--limite\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(head.into_bytes());
    }
    body.extend(
        b"--limite\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"x.svg\"\r\nContent-Type: image/svg+xml\r\n\r\n",
    );
    body.extend_from_slice(file);
    body.extend(b"\r\n--limite--\r\n");
    let mut request = Request::builder()
        .method("POST")
        .uri(address)
        .header("content-type", "multipart/form-data; boundary=limite")
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(Some(viewer.clone()));
    let (parts, body) = world.router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

const FILLED: [(&str, &str); 6] = [
    ("csrf", CSRF),
    ("envoi", "1"),
    ("genre", "DOCPAT05"),
    ("jour", "2026-03-12"),
    ("titre", "Prise de sang"),
    ("qui", "autorises"),
];

/// The form with one field as given.
fn filled<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    FILLED.iter().map(|(n, v)| if *n == name { (name, value) } else { (*n, *v) }).collect()
}

#[tokio::test]
async fn the_home_says_what_is_new_what_to_do_and_where_to_go() {
    let world = World::with_marie().await;
    let address = world.home(&marie()).await;
    let home = world.get(Some(&marie()), &address).await;
    assert_eq!(home.status, 200);
    for words in [
        "Bonjour Marie Durand",
        "Léo Martin",
        "Donner un mail ou un mobile",
        "Ajouter un document",
        "aucun document",
    ] {
        assert!(home.text().contains(words), "`{words}` is not in: {}", home.text());
    }
    assert!(!home.text().contains("Déclarer un médecin traitant"), "there is one");
    for path in ["/documents", "/ajouter", "/sante", "/droits", "/carte", "/volontes", "/choix"] {
        assert!(home.body.contains(&format!("href=\"{address}{path}\"")), "{path}");
    }
    assert!(!home.body.contains(MARIE) && !home.body.contains(LEO));

    world.wait_seconds(2 * 3600);
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let doctor = dr_martin();
    world.get(Some(&doctor), &world.address(&doctor, MARIE).await).await;
    let again = world.get(Some(&marie()), &address).await.text();
    for words in [
        "1 nouveau document",
        "Depuis votre visite du 21 novembre 2026",
        "Analyse de sang ou autre analyse",
        "Dr Paul MARTIN",
        "1 document",
    ] {
        assert!(again.contains(words), "`{words}` is not in: {again}");
    }
    let child = world
        .get(Some(&marie()), &world.get(Some(&marie()), &address).await.link_containing("Léo Martin"))
        .await;
    assert!(child.body.contains("class=\"for-relative\"") && child.text().contains("Dossier de Léo Martin"));
    assert!(child.text().contains("Déclarer un médecin traitant"), "{}", child.text());
}

#[tokio::test]
async fn documents_are_filtered_by_kinds_of_everyday_and_sorted() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    world
        .publish("ordonnance.xml", "57833-6", Visibility { masked: true, ..Visibility::VISIBLE }, as_written)
        .await;
    let list = format!("{}/documents", world.home(&marie()).await);
    let text = world.get(Some(&marie()), &list).await.text();
    for words in ["Mes documents", "Résultats 1", "Ordonnances 1", "2 documents", "Masqué aux professionnels"]
    {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    assert!(!text.contains("Radios"), "a kind without a document is no filter");
    let one = world.get(Some(&marie()), &format!("{list}?genre=ordonnances&tri=ancien")).await;
    assert!(one.text().contains("1 document affiché sur 2"), "{}", one.text());
    assert!(
        one.body.contains("tri=ancien\" data-class=\"resultats\"")
            || one.body.contains("genre=resultats&amp;tri=ancien")
            || one.body.contains("genre=resultats&#38;tri=ancien")
    );
    for odd in ["?genre=radios", "?genre=%3Cscript%3E", "?tri=x", "?genre=moi&genre=radios", "?fait=x"] {
        let page = world.get(Some(&marie()), &format!("{list}{odd}")).await;
        assert!(page.status == 200 && page.text().contains("2 documents"), "{odd}: {}", page.text());
        assert!(!page.body.contains("<script>"), "{odd}");
    }
    let oldest = world.get(Some(&marie()), &format!("{list}?tri=ancien")).await.text();
    assert!(oldest.contains("Trier : les plus anciens"), "{oldest}");
    let doctor = dr_martin();
    let theirs = world.address(&doctor, MARIE).await;
    assert_eq!(
        world.get(Some(&doctor), &format!("{theirs}/documents")).await.location(),
        format!("{theirs}#documents")
    );
}

#[tokio::test]
async fn a_document_is_masked_and_shown_again_and_a_wrong_form_changes_nothing() {
    let world = World::with_marie().await;
    let document = world.publish("biologie.xml", "78513-9", Visibility::VISIBLE, as_written).await;
    let page = format!("{}/document/{document}", world.home(&marie()).await);
    let sight = optician();
    let theirs = format!("{}/document/{document}", world.address(&sight, MARIE).await);
    assert_eq!(world.get(Some(&sight), &theirs).await.status, 200);
    for wrong in [
        "qui=masque".to_owned(),
        format!("csrf={CSRF}"),
        format!("csrf={CSRF}&qui=tous"),
        "csrf=x&qui=masque".into(),
    ] {
        assert_eq!(
            world.post(Some(&marie()), &format!("{page}/visibilite"), &wrong).await.status,
            403,
            "{wrong}"
        );
    }
    assert_eq!(world.get(Some(&sight), &theirs).await.status, 200);
    for (way, seen, says) in [
        ("masque", 404, "Document masqué."),
        ("masque", 404, "Rien n'a changé"),
        ("autorises", 200, "de nouveau visible"),
    ] {
        let form = format!("csrf={CSRF}&qui={way}");
        let after = world.post(Some(&marie()), &format!("{page}/visibilite"), &form).await.location();
        let shown = world.get(Some(&marie()), &after).await.text();
        assert!(shown.contains(says), "{way}: {shown}");
        assert_eq!(world.get(Some(&sight), &theirs).await.status, seen, "{way}");
    }
    let post =
        world.post(Some(&sight), &format!("{theirs}/visibilite"), &format!("csrf={CSRF}&qui=masque")).await;
    assert_eq!(post.status, 404, "a professional has no such form here");
}

#[tokio::test]
async fn each_person_authorised_sees_it_or_not_with_the_reason() {
    let world = World::with_marie().await;
    let document = world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let page = format!("{}/document/{document}", world.home(&marie()).await);
    let text = world.get(Some(&marie()), &format!("{page}/qui")).await.text();
    assert!(text.contains("Dr Paul MARTIN Médecin généraliste le voit sa profession y a droit"), "{text}");
    assert!(text.contains("Dr Luc LENOIR Opticien ne le voit pas sa profession n'y a pas droit"), "{text}");
    world.post(Some(&marie()), &format!("{page}/visibilite"), &format!("csrf={CSRF}&qui=masque")).await;
    let masked = world.get(Some(&marie()), &format!("{page}/qui")).await.text();
    assert!(masked.contains("Médecin généraliste le voit est votre médecin traitant"), "{masked}");
    let absent = format!("{}/document/00000000-0000-0000-0000-000000000001/qui", world.home(&marie()).await);
    assert_eq!(world.get(Some(&marie()), &absent).await.status, 404);
}

#[tokio::test]
async fn a_photograph_is_added_read_at_once_and_carries_no_place() {
    let world = World::with_marie().await;
    let address = world.home(&marie()).await;
    let add = format!("{address}/ajouter");
    let form = world.get(Some(&marie()), &add).await;
    assert!(form.status == 200 && !form.body.contains(" checked"), "nothing is chosen beforehand");
    let page = send(&world, &marie(), &add, &FILLED, &photo()).await.location();
    let shown = world.get(Some(&marie()), &page).await;
    for words in [
        "Votre document est dans votre dossier.",
        "« Prise de sang »",
        "12 mars 2026",
        "Supprimer ce document",
    ] {
        assert!(shown.text().contains(words), "`{words}` is not in: {}", shown.text());
    }
    let document = page.split('?').next().unwrap();
    let frame = world.get(Some(&marie()), &format!("{document}/lecture")).await;
    assert!(
        frame.status == 200 && frame.body.contains("<img src=\"data:image/jpeg;base64,"),
        "{}",
        frame.body
    );
    let file = world.get(Some(&marie()), &format!("{document}/fichier/1")).await;
    assert_eq!(file.header("content-type"), "image/jpeg");
    assert!(!file.body.contains("GPS") && file.header("content-disposition").starts_with("attachment"));
    let list = world.get(Some(&marie()), &format!("{address}/documents?genre=moi")).await.text();
    assert!(list.contains("Ajouté par vous") && list.contains("« Prise de sang »"), "{list}");

    assert_eq!(
        send(&world, &marie(), &add, &FILLED, &photo()).await.location(),
        page,
        "sent twice it is one document"
    );
    let pdf = send(&world, &marie(), &add, &filled("qui", "masque"), b"%PDF-1.7 un fichier").await.location();
    assert!(world.get(Some(&marie()), &pdf).await.text().contains("Masqué aux professionnels"));
    let doctor = dr_martin();
    let theirs = world.get(Some(&doctor), &world.address(&doctor, MARIE).await).await.text();
    assert!(theirs.contains("« Prise de sang »"), "{theirs}");
}

#[tokio::test]
async fn what_is_no_photograph_nor_pdf_or_lacks_an_answer_is_said_and_nothing_is_kept() {
    let world = World::with_marie().await;
    let address = world.home(&marie()).await;
    let add = format!("{address}/ajouter");
    let photo = photo();
    let big = [b"%PDF-1.7".to_vec(), vec![b' '; 7_000_001]].concat();
    let rows: [(&str, &str, &[u8], &str); 13] = [
        ("titre", "t", b"", "Prenez une photo, ou choisissez un fichier."),
        (
            "titre",
            "t",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            "ni une photo JPEG, ni un PDF",
        ),
        ("titre", "t", b"<html>%PDF-1.7", "ni une photo JPEG, ni un PDF"),
        ("titre", "t", b"\x89PNG\r\n\x1a\n", "Enregistrez-la en JPEG ou en PDF."),
        ("titre", "t", &photo[..30], "abîmée ou incomplète"),
        ("titre", "t", &big, "dépasse 7 Mo"),
        ("genre", "11502-2", &photo, "Choisissez le genre de document."),
        ("genre", "", &photo, "Choisissez le genre de document."),
        ("jour", "", &photo, "Donnez la date du document."),
        ("jour", "2027-01-01", &photo, "dans le futur"),
        ("jour", "31/12/2025", &photo, "année-mois-jour"),
        ("qui", "", &photo, "Choisissez qui pourra voir ce document."),
        ("titre", "a\u{0}b", &photo, "caractère qui ne peut pas être gardé"),
    ];
    for (field, value, file, says) in rows {
        let reply = send(&world, &marie(), &add, &filled(field, value), file).await;
        assert!(reply.status == 422 && reply.text().contains(says), "{field}={value}: {}", reply.text());
        assert!(reply.body.contains("<title>Erreur"), "{field}={value}");
    }
    let kept = send(&world, &marie(), &add, &filled("jour", ""), &photo).await;
    assert!(
        kept.body.contains("value=\"Prise de sang\"") && kept.body.contains("value=\"DOCPAT05\" checked")
    );
    for (field, value) in [("csrf", ""), ("csrf", "x")] {
        assert_eq!(send(&world, &marie(), &add, &filled(field, value), &photo).await.status, 403);
    }
    assert_eq!(world.post(Some(&marie()), &add, &format!("csrf={CSRF}&genre=DOCPAT05")).await.status, 403);
    let doctor = dr_martin();
    let theirs = format!("{}/ajouter", world.address(&doctor, MARIE).await);
    assert_eq!(send(&world, &doctor, &theirs, &FILLED, &photo).await.status, 404);
    assert!(
        world.get(Some(&marie()), &format!("{address}/documents")).await.text().contains("Aucun document")
    );
}

#[tokio::test]
async fn a_patient_deletes_what_is_theirs_and_reports_a_mistake_in_the_rest() {
    let world = World::with_marie().await;
    let address = world.home(&marie()).await;
    let report = world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    let report = format!("{address}/document/{report}");
    assert_eq!(world.get(Some(&marie()), &format!("{report}/supprimer")).await.status, 404);
    let refused = world.post(Some(&marie()), &format!("{report}/supprimer"), &format!("csrf={CSRF}")).await;
    assert!(refused.status >= 400, "{}", refused.status);
    let mistake = world.get(Some(&marie()), &format!("{report}/erreur")).await.text();
    assert!(mistake.contains("Seul l'auteur d'un document peut le corriger."), "{mistake}");

    let own = send(&world, &marie(), &format!("{address}/ajouter"), &FILLED, &photo()).await.location();
    let own = own.split('?').next().unwrap();
    let ask = world.get(Some(&marie()), &format!("{own}/supprimer")).await.text();
    assert!(ask.contains("Vous ne pourrez pas le rétablir."), "{ask}");
    assert_eq!(world.post(Some(&marie()), &format!("{own}/supprimer"), "csrf=x").await.status, 403);
    let after =
        world.post(Some(&marie()), &format!("{own}/supprimer"), &format!("csrf={CSRF}")).await.location();
    let list = world.get(Some(&marie()), &after).await.text();
    assert!(
        list.contains("Document supprimé.") && !list.contains("Prise de sang") && list.contains("1 document"),
        "{list}"
    );
}

#[tokio::test]
async fn the_default_of_future_documents_is_set_and_the_identity_is_asked_again_when_old() {
    let world = World::with_marie().await;
    let setting = format!("{}/documents/reglage", world.home(&marie()).await);
    let form = format!("csrf={CSRF}&qui=masque");
    let after = world.post(Some(&marie()), &setting, &form).await.location();
    let text = world.get(Some(&marie()), &after).await.text();
    assert!(text.contains("Il vaut pour les documents à venir."), "{text}");
    let document = world.publish("biologie.xml", "78513-9", Visibility::VISIBLE, as_written).await;
    let sight = optician();
    let theirs = format!("{}/document/{document}", world.address(&sight, MARIE).await);
    assert_eq!(world.get(Some(&sight), &theirs).await.status, 404);
    world.wait_seconds(600);
    let again = world.post(Some(&marie()), &setting, &format!("csrf={CSRF}&qui=autorises")).await;
    assert!(again.status == 403 && again.text().contains("Confirmez que c'est vous"), "{}", again.text());
}

/// Somebody of the cards, signed in, with the identity that a provider gives.
fn person(card: usize) -> Viewer {
    let holder = cards().swap_remove(card).beneficiaries.swap_remove(0);
    let name = format!("{} {}", holder.traits.given_names, holder.traits.birth_name);
    let actor = Actor::Patient { ins: holder.ins };
    Viewer { traits: Some(holder.traits), ..Viewer::new(actor, name, "", CSRF.into(), marie().proved_at) }
}

const CHOSEN: &str = "identite=oui&autorite=oui&information=oui&ouvrir=oui&samu=oui&urgence=non&masques=non&medecin=oui\
    &medecin_nom=Dr+Paul+Martin&medecin_rpps=99900000017&remboursements=oui&avis=mail";

fn step(step: &str, rest: &str) -> String {
    format!("csrf={CSRF}&etape={step}&aller=suite&{rest}")
}

#[tokio::test]
async fn a_patient_opens_a_dossier_alone_in_five_screens() {
    let world = World::new().await;
    let jean_viewer = person(1);
    let home = world.home(&jean_viewer).await;
    assert_eq!(world.get(Some(&jean_viewer), &home).await.location(), "/ouvrir");
    let first = world.get(Some(&jean_viewer), "/ouvrir").await;
    assert!(first.text().contains("Étape 1 sur 5") && first.text().contains("PETIT"), "{}", first.text());
    assert!(!first.body.contains(" checked") && !first.body.contains(&jean()));

    let post = async |form: String| world.post(Some(&jean_viewer), "/ouvrir", &form).await;
    let second = post(step("identite", "identite=oui")).await;
    assert!(
        second.text().contains("Étape 2 sur 5") && second.text().contains("Ni un employeur"),
        "{}",
        second.text()
    );
    let third = post(step("information", "identite=oui&information=oui")).await;
    assert!(third.text().contains("Étape 3 sur 5"), "{}", third.text());
    assert!(!third.body.contains(" checked"), "nothing is ticked beforehand");
    let fourth = post(step("choix", CHOSEN)).await;
    assert!(
        fourth.text().contains("Étape 4 sur 5 ") && fourth.text().contains("Comment vous joindre"),
        "{}",
        fourth.text()
    );
    assert!(fourth.body.contains("name=\"samu\" value=\"oui\""), "answers travel with the form");
    let contact = format!("{CHOSEN}&canal=mail&mail=jean%40exemple.fr");
    let code = post(step("contact", &contact)).await;
    assert!(code.text().contains("Code reçu") && code.text().contains("je…@exemple.fr"), "{}", code.text());
    assert!(
        matches!(world.services.sent().as_slice(), [Sent::Code { to, .. }] if to.value() == "jean@exemple.fr")
    );

    let wrong = post(step("code", &format!("{contact}&ticket=ticket-0&code=000000"))).await;
    assert!(wrong.status == 422 && wrong.text().contains("Ce n'est pas le bon code."), "{}", wrong.text());
    let other = format!("{CHOSEN}&canal=mail&mail=autre%40exemple.fr&ticket=ticket-0&code={CODE}");
    let stolen = post(step("code", &other)).await;
    assert!(
        stolen.status == 422 && stolen.text().contains("Ce code n'est plus valable."),
        "a code proves its own address"
    );
    let resent = post(format!("csrf={CSRF}&etape=code&aller=renvoyer&{contact}&ticket=ticket-0")).await;
    assert!(resent.body.contains("value=\"ticket-1\""), "{}", resent.body);
    let done = post(step("code", &format!("{contact}&ticket=ticket-1&code={CODE}"))).await.location();
    let receipt = world.get(Some(&jean_viewer), &done).await;
    for words in ["Étape 5 sur 5", "Votre dossier est ouvert", "vous-même"] {
        assert!(receipt.text().contains(words), "`{words}` is not in: {}", receipt.text());
    }
    let leaflet = world.get(Some(&jean_viewer), "/ouvrir/depliant").await;
    assert!(leaflet.header("content-type") == "application/pdf" && leaflet.body.starts_with("%PDF-"));
    let dossier = world.get(Some(&jean_viewer), &home).await;
    assert!(
        dossier.status == 200 && !dossier.text().contains("À faire"),
        "contact and doctor are there: {}",
        dossier.text()
    );
    assert_eq!(world.get(Some(&jean_viewer), "/ouvrir").await.location(), "/", "no second opening");
    let again = post(step("code", &format!("{contact}&ticket=ticket-1&code={CODE}"))).await;
    assert_eq!(again.location(), "/");
}

#[tokio::test]
async fn a_screen_cannot_be_jumped_and_each_error_stands_by_its_field() {
    let world = World::new().await;
    let viewer = person(1);
    let post = async |form: String| world.post(Some(&viewer), "/ouvrir", &form).await;
    let mail = "canal=mail&mail=jean%40exemple.fr";
    for (form, says) in [
        (step("identite", ""), "Confirmez que cette identité est la vôtre."),
        (step("information", "identite=oui"), "Confirmez que vous avez lu ces informations."),
        (step("choix", &CHOSEN.replace("samu=oui", "samu=")), "Répondez à cette question."),
        (step("choix", &CHOSEN.replace("99900000017", "12")), "Le numéro RPPS a 11 chiffres."),
        (step("code", &format!("{mail}&ticket=t&code={CODE}")), "Confirmez que cette identité est la vôtre."),
        (
            step("code", &format!("identite=oui&information=oui&{mail}&ticket=t&code={CODE}")),
            "Répondez à cette question.",
        ),
        (step("contact", CHOSEN), "Choisissez comment vous joindre."),
        (
            step("contact", &format!("{CHOSEN}&canal=sms&mobile=0612345678")),
            "Vous voulez être prévenu par mail",
        ),
        (step("contact", &format!("{CHOSEN}&canal=mail&mail=jean")), "Écrivez une adresse mail"),
        (
            step("contact", &format!("{CHOSEN}&canal=mail&mail={}", UNREACHABLE.replace('@', "%40"))),
            "Le code n'a pas pu partir.",
        ),
        (
            step(
                "contact",
                &format!(
                    "{}&canal=sms&mobile={}",
                    CHOSEN.replace("avis=mail", "avis=sms"),
                    TOO_OFTEN.replace(' ', "+")
                ),
            ),
            "Trop de codes demandés.",
        ),
        (step("code", &format!("{CHOSEN}&{mail}&ticket=inconnu&code={CODE}")), "Ce code n'est plus valable."),
        (step("code", &format!("{CHOSEN}&{mail}&ticket=t&code=")), "Écrivez le code que vous avez reçu."),
    ] {
        let reply = post(form.clone()).await;
        assert!(reply.status == 422 && reply.text().contains(says), "{form}: {}", reply.text());
    }
    for odd in ["", "csrf=x&etape=identite", &format!("csrf={CSRF}"), &format!("csrf={CSRF}&etape=fin")] {
        assert_eq!(post((*odd).to_owned()).await.status, 403, "{odd}");
    }
    let refused = post(step("choix", &CHOSEN.replace("ouvrir=oui", "ouvrir=non"))).await;
    assert!(
        refused.status == 200 && refused.text().contains("Rien n'est gardé sur vous."),
        "{}",
        refused.text()
    );
    let back = post(format!("csrf={CSRF}&etape=contact&aller=retour&{CHOSEN}")).await;
    assert!(
        back.text().contains("Étape 3 sur 5") && back.body.contains("name=\"samu\" value=\"oui\" checked")
    );
    assert_eq!(world.get(Some(&viewer), "/ouvrir").await.status, 200, "nothing was opened");
    let mut nameless = person(1);
    nameless.traits = None;
    let page = world.get(Some(&nameless), "/ouvrir").await;
    assert!(
        page.status == 403 && page.text().contains("Votre identité n'est pas arrivée"),
        "{}",
        page.text()
    );
    assert_eq!(world.get(Some(&dr_martin()), "/ouvrir").await.location(), "/");
    assert_eq!(world.get(None, "/ouvrir").await.location(), "/entrer");
}

#[tokio::test]
async fn a_parent_opens_the_dossier_of_a_child_of_the_card_and_of_no_other() {
    let world = World::new().await;
    let mother = person(2);
    let list = world.get(Some(&mother), "/ouvrir/enfant").await;
    assert!(list.text().contains("ZOE MOREAU") && !list.body.contains(" checked"), "{}", list.text());
    let post = async |form: String| world.post(Some(&mother), "/ouvrir/enfant", &form).await;
    for odd in ["", "&enfant=1", "&enfant=-1", "&enfant=x"] {
        let reply = post(format!("csrf={CSRF}{odd}")).await;
        assert!(
            reply.status == 422 && reply.text().contains("Choisissez un enfant."),
            "{odd}: {}",
            reply.text()
        );
    }
    let first = post(format!("csrf={CSRF}&enfant=0")).await;
    assert!(first.text().contains("Étape 1 sur 5") && first.text().contains("ZOE"), "{}", first.text());
    let unsure = post(step("identite", "enfant=0")).await;
    assert!(unsure.status == 422 && unsure.text().contains("autorité parentale"), "{}", unsure.text());
    let contact = format!("enfant=0&{CHOSEN}&canal=mail&mail=alice%40exemple.fr");
    assert!(post(step("contact", &contact)).await.text().contains("Code reçu"));
    let done = post(step("code", &format!("{contact}&ticket=ticket-0&code={CODE}"))).await.location();
    let receipt = world.get(Some(&mother), &done).await;
    assert!(receipt.text().contains("Le dossier de votre enfant est ouvert"), "{}", receipt.text());
    let remembered = world.services.sent().into_iter().any(
        |s| matches!(s, Sent::Profile { person, of, name } if person == alice() && of == ins(&zoe()) && name == "ZOE MOREAU"),
    );
    assert!(remembered, "the next session holds the child");
    let stranger = person(1);
    assert_eq!(world.get(Some(&stranger), &done).await.status, 404);
    let alone = world.get(Some(&stranger), "/ouvrir/enfant").await.text();
    assert!(alone.contains("Aucun enfant n'est inscrit"), "{alone}");
    let again = post(format!("csrf={CSRF}&enfant=0")).await;
    assert!(again.text().contains("Cet enfant a déjà un dossier."), "{}", again.text());
}

#[tokio::test]
async fn choices_leave_a_receipt_and_are_asked_again_at_majority_with_the_people_to_keep_or_stop() {
    let world = World::with_marie().await;
    let home = world.get(Some(&marie()), &world.home(&marie()).await).await;
    let child = home.link_containing("Léo Martin");
    let answers = "samu=oui&urgence=oui&masques=non&medecin=oui&medecin_nom=Dr+Paul+Martin\
        &medecin_rpps=99900000017&remboursements=non&avis=courrier";
    let form = format!("csrf={CSRF}&{answers}");
    let wrong =
        world.post(Some(&marie()), &format!("{child}/choix/revoir"), &form.replace("samu=oui", "")).await;
    assert!(wrong.status == 422 && wrong.text().contains("Répondez à cette question."), "{}", wrong.text());
    let after = world.post(Some(&marie()), &format!("{child}/choix/revoir"), &form).await.location();
    let receipt = world.get(Some(&marie()), &after).await.text();
    for words in
        ["Vos choix sont enregistrés.", "Par courrier", "Recueilli par Marie Durand, représentant légal"]
    {
        assert!(receipt.contains(words), "`{words}` is not in: {receipt}");
    }

    world.wait_seconds(10 * 366 * 86_400);
    let actor = Actor::Patient { ins: ins(LEO) };
    let leo = Viewer::new(actor, "Léo Martin", "", CSRF.into(), world.store.now());
    let address = world.home(&leo).await;
    let page = world.get(Some(&leo), &address).await.text();
    assert!(page.contains("Vous êtes majeur : refaites vos choix"), "{page}");
    let again = format!("{address}/choix/revoir");
    let asked = world.get(Some(&leo), &again).await;
    assert!(
        asked.text().contains("Dr Paul Martin Médecin, médecin traitant Garder Arrêter"),
        "{}",
        asked.text()
    );
    assert!(!asked.body.contains(" checked"), "nothing is ticked beforehand");
    let form = format!("csrf={CSRF}&samu=oui&urgence=non&masques=non&remboursements=non&avis=non");
    let unsure = world.post(Some(&leo), &again, &form).await;
    assert!(
        unsure.status == 422 && unsure.text().contains("Choisissez pour chaque soignant."),
        "{}",
        unsure.text()
    );
    let after = world.post(Some(&leo), &again, &format!("{form}&p.899900000017=arreter")).await.location();
    let receipt = world.get(Some(&leo), &after).await.text();
    assert!(receipt.contains("Recueilli par vous-même"), "{receipt}");
    let home = world.get(Some(&leo), &address).await.text();
    assert!(!home.contains("Vous êtes majeur") && home.contains("Déclarer un médecin traitant"), "{home}");
}

/// design 3: what is hidden from the patient changes no byte of the patient's pages.
#[tokio::test]
async fn two_worlds_that_differ_in_a_hidden_document_are_one_to_the_patient() {
    let mut pages: Vec<Vec<String>> = Vec::new();
    for is_there in [true, false] {
        let world = World::with_marie().await;
        world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, as_written).await;
        match is_there {
            true => drop(world.publish("biologie.xml", "11502-2", HIDDEN, as_written).await),
            false => world.wait_seconds(1),
        }
        let address = world.home(&marie()).await;
        let mut bytes = Vec::new();
        for path in [
            "",
            "/documents",
            "/documents?genre=resultats",
            "/documents?tri=recu",
            "/documents/reglage",
            "/choix",
            "/choix/revoir",
            "/ajouter",
        ] {
            bytes.push(world.get(Some(&marie()), &format!("{address}{path}")).await.body);
        }
        for words in ["glucose", "asthme"] {
            let form = format!("csrf={CSRF}&mots={words}");
            bytes.push(world.post(Some(&marie()), &format!("{address}/recherche"), &form).await.body);
        }
        pages.push(bytes);
    }
    for (one, other) in pages[0].iter().zip(&pages[1]) {
        assert_eq!(one, other);
    }
    assert!(pages[0].iter().all(|page| page.contains("<main")));
}
