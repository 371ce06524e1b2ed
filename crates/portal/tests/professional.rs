//! What professionals do on their pages, and what patients and representatives then see, over HTTP on a real store.
#![allow(clippy::unwrap_used)]

mod world;

use axum::body::Body;
use axum::http::Request;
use dmp_dossier::{Actor, Command, Grantee, Visibility};
use dmp_portal::Viewer;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use world::{
    CSRF, LEO, MARIE, Reply, World, desk, dr_martin, dr_roux, dr_travail, marie, optician, secretary,
};

const PDF: &[u8] =
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj \
    trailer<</Root 1 0 R>>\n%%EOF";

/// Posts a form that carries a file.
async fn deposit(
    world: &World,
    viewer: &Viewer,
    address: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> Reply {
    let mut body = Vec::new();
    let all = [("csrf", CSRF)].into_iter().chain(fields.iter().copied());
    for (name, value) in all {
        body.extend_from_slice(
            format!("--limite\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--limite\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--limite--\r\n");
    world.wait_seconds(1);
    let mut request = Request::post(format!("{address}/depot"))
        .header("content-type", "multipart/form-data; boundary=limite")
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(Some(viewer.clone()));
    let response = world.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Reply { status: parts.status.as_u16(), headers: parts.headers, body, bytes }
}

/// The fields of a report of the 20th of November 2026, visible at once.
const REPORT: [(&str, &str); 5] = [
    ("type", "11488-4"),
    ("date", "2026-11-20"),
    ("titre", "Consultation de suivi"),
    ("visible", "maintenant"),
    ("jeton", "3f1c2a44-0000-4000-8000-000000000001"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> =
        REPORT.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name)).collect();
    fields.extend_from_slice(changes);
    fields
}

/// Identifier of the document that a receipt is about.
fn lid(receipt: &str) -> String {
    receipt.rsplit_once("/depot/").unwrap().1.to_owned()
}

/// Compares pages of two worlds, and shows where they part.
fn assert_same(pages: &[(String, String)], others: &[(String, String)]) {
    assert_eq!(pages.len(), others.len());
    for ((page, one), (_, other)) in pages.iter().zip(others) {
        if one != other {
            let at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            let around = |text: &str| {
                String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(300)..text.len().min(at + 200)])
                    .into_owned()
            };
            panic!("`{page}` shows a mark of it:\n{}\n---\n{}", around(one), around(other));
        }
    }
}

/// Every page of somebody, from the address of a dossier.
async fn look(world: &World, viewer: &Viewer, dossier: &str, pages: &[&str]) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    for page in pages {
        seen.push(((*page).to_owned(), world.get(Some(viewer), &format!("{dossier}{page}")).await.body));
    }
    seen
}

async fn declare(world: &World, doctor: &Viewer, number: &str, team: &str) -> String {
    let address = world.address(doctor, number).await;
    let form = format!("csrf={CSRF}&equipe={team}&moyen=oral&informe=1");
    let done = world.post(Some(doctor), &format!("{address}/consentement"), &form).await;
    assert_eq!(done.location(), address);
    address
}

#[tokio::test]
async fn a_pdf_becomes_a_document_of_its_depositor() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let form = world.get(Some(&doctor), &format!("{address}/depot")).await;
    assert_eq!(form.status, 200);
    for words in ["CR ou fiche de consultation ou de visite", "Jusqu'au 5 décembre 2026", "7,8 Mo au plus"] {
        assert!(form.text().contains(words), "`{words}` is not in {}", form.text());
    }
    assert!(!form.text().contains("représentants verront-ils"), "Marie is of age");
    let receipt = deposit(&world, &doctor, &address, &REPORT, Some(("a.pdf", PDF))).await.location();
    let page = world.get(Some(&doctor), &receipt).await;
    assert!(page.text().contains("Visible par le patient"), "{}", page.text());

    let home = world.home(&marie()).await;
    let seen = world.get(Some(&marie()), &format!("{home}/document/{}", lid(&receipt))).await.text();
    for words in ["Consultation de suivi", "20 novembre 2026", "Paul MARTIN"] {
        assert!(seen.contains(words), "`{words}` is not in {seen}");
    }
    let twice = deposit(&world, &doctor, &address, &REPORT, Some(("a.pdf", PDF))).await;
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains("Il est déjà déposé"), "{}", twice.text());
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_kept() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let cda = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/biologie.xml")).unwrap();
    let of_another = String::from_utf8(cda.clone()).unwrap().replace("284073523811416", "118033523802725");
    let entity = b"<!DOCTYPE a [<!ENTITY b \"c\">]><ClinicalDocument>&b;</ClinicalDocument>".as_slice();
    for (fields, file, says) in [
        (with(&[]), None, "Choisissez un fichier."),
        (with(&[("type", "REMB")]), Some(PDF), "Choisissez un type de document."),
        (with(&[("date", "2026-11-22")]), Some(PDF), "La date de l'acte est dans le futur."),
        (
            with(&[("visible", "annonce"), ("jusquau", "2026-12-06")]),
            Some(PDF),
            "au plus tard le 5 décembre 2026",
        ),
        (with(&[]), Some(b"MZ\0".as_slice()), "ni un PDF ni un CDA"),
        (with(&[]), Some(of_another.as_bytes()), "Il nomme un autre patient que celui du dossier."),
        (with(&[]), Some(entity), "Ce document n'a pas été déposé."),
        (with(&[]), Some(b"<a>".as_slice()), "Ce document n'a pas été déposé."),
    ] {
        let reply = deposit(&world, &doctor, &address, &fields, file.map(|f| ("x", f))).await;
        assert_eq!(reply.status, 422, "{says}");
        assert!(reply.text().contains(says), "`{says}` is not in {}", reply.text());
        assert!(reply.body.contains("Consultation de suivi"), "what was typed is given back");
    }
    let named =
        deposit(&world, &doctor, &address, &with(&[("type", "")]), Some(("irm genou.pdf", PDF))).await;
    assert!(named.text().contains("D'après le nom : « CR d'imagerie médicale »"), "{}", named.text());
    let unread = world.post(Some(&doctor), &format!("{address}/depot"), "csrf=x").await;
    assert_eq!(unread.status, 403, "no form of ours");
    let big = vec![b'x'; 12 << 20];
    assert_eq!(deposit(&world, &doctor, &address, &REPORT, Some(("x", &big))).await.status, 413);
    let home = world.get(Some(&marie()), &world.home(&marie()).await).await;
    assert!(!home.text().contains("Consultation de suivi"));

    let taken = deposit(&world, &doctor, &address, &with(&[("type", "")]), Some(("bio.xml", &cda))).await;
    let page = world.get(Some(&doctor), &taken.location()).await.text();
    assert!(page.contains("CR d'examens biologiques"), "a CDA says its own type: {page}");
}

/// Two worlds that differ by an announced document alone give the same bytes on the patient's pages.
#[tokio::test]
async fn an_announced_document_is_nowhere_until_it_is_announced() {
    const PAGES: [&str; 7] =
        ["", "/documents", "/acces", "/acces?vue=soignants", "/droits", "/sante", "/droits/voir-comme"];
    let mut worlds = Vec::new();
    for file in [Some(("a.pdf", PDF)), None] {
        let world = World::with_marie().await;
        world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, |text| text).await;
        let doctor = dr_martin();
        let address = world.address(&doctor, MARIE).await;
        world.get(Some(&doctor), &address).await;
        let fields = with(&[("visible", "annonce"), ("jusquau", "28/11/2026"), ("type", "60568-3")]);
        let reply = deposit(&world, &doctor, &address, &fields, file).await;
        let home = world.home(&marie()).await;
        let seen = look(&world, &marie(), &home, &PAGES).await;
        worlds.push((world, address, home, reply, seen));
    }
    let [(world, address, home, reply, seen), (.., refused, others)] = &worlds[..] else { unreachable!() };
    assert_eq!(refused.status, 422);
    assert_same(seen, others);
    let (receipt, doctor) = (reply.location(), dr_martin());
    let document = format!("{home}/document/{}", lid(&receipt));
    assert_eq!(world.get(Some(&marie()), &document).await.status, 404);

    let record = world.get(Some(&doctor), address).await;
    assert!(record.text().contains("À annoncer avant le 28 novembre 2026"), "{}", record.text());
    let announce = format!("{address}/depot/{}/annoncer", lid(&receipt));
    assert!(record.body.contains(&announce));
    let ask = world.get(Some(&doctor), &announce).await;
    assert!(ask.text().contains("Le patient verra ce document tout de suite."), "{}", ask.text());
    assert_eq!(world.get(Some(&marie()), &document).await.status, 404, "asking changes nothing");
    assert_eq!(world.post(Some(&doctor), &announce, "csrf=x").await.status, 403);
    let done = world.post(Some(&doctor), &announce, &format!("csrf={CSRF}&version=1")).await;
    assert_eq!(done.location(), format!("{address}/document/{}", lid(&receipt)));
    assert_eq!(world.get(Some(&marie()), &document).await.status, 200);
    assert!(!world.get(Some(&doctor), address).await.text().contains("À annoncer avant"));
}

#[tokio::test]
async fn an_announcement_ends_by_itself_on_its_day() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let fields = with(&[("visible", "annonce"), ("jusquau", "2026-11-28")]);
    let receipt = deposit(&world, &doctor, &address, &fields, Some(("a.pdf", PDF))).await.location();
    let document = format!("{}/document/{}", world.home(&marie()).await, lid(&receipt));
    // The 21st at 11:00 in Paris, then the 27th at 23:59, then the 28th.
    world.wait_seconds(6 * 86_400 + 46_000);
    assert_eq!(world.get(Some(&marie()), &document).await.status, 404);
    world.wait_seconds(1_000);
    assert_eq!(world.get(Some(&marie()), &document).await.status, 200);
}

#[tokio::test]
async fn a_professional_declares_the_agreement_of_the_patient() {
    let world = World::with_marie().await;
    world.publish("synthese.xml", "60591-5", Visibility::VISIBLE, |text| text).await;
    let dentist = dr_roux();
    let address = world.address(&dentist, MARIE).await;
    let page = world.get(Some(&dentist), &address).await;
    assert_eq!(page.status, 403);
    for words in [
        "Déclarer l'accord du patient",
        "Vous n'êtes pas autorisé à consulter ce dossier.",
        "Accès d'urgence…",
    ] {
        assert!(page.text().contains(words), "`{words}` is not in {}", page.text());
    }
    assert!(page.body.contains("DURAND"), "who the patient is");
    assert!(!page.body.contains(" checked"), "nothing is answered beforehand");
    let ask = format!("{address}/consentement");
    for (form, says) in [
        ("moyen=oral&informe=1", "Dites si vous faites partie de l'équipe de soins."),
        ("equipe=membre&informe=1", "Dites comment l'accord a été donné."),
        ("equipe=membre&moyen=telepathie&informe=1", "Dites comment l'accord a été donné."),
        ("equipe=membre&moyen=oral", "Informez le patient, puis cochez cette case."),
    ] {
        let reply = world.post(Some(&dentist), &ask, &format!("csrf={CSRF}&{form}")).await;
        assert_eq!(reply.status, 422, "{form}");
        assert!(reply.text().contains(says), "{form}: {}", reply.text());
    }
    assert_eq!(world.get(Some(&dentist), &address).await.status, 403, "nothing was declared");
    assert_eq!(world.post(Some(&dentist), &ask, "csrf=x&equipe=hors&moyen=oral&informe=1").await.status, 403);
    declare(&world, &dentist, MARIE, "hors").await;
    assert_eq!(world.get(Some(&dentist), &address).await.status, 200);
    // One session: the next day it has expired, and is asked again.
    world.wait_seconds(86_400);
    let expired = world.get(Some(&dentist), &address).await;
    assert!(
        expired.status == 403 && expired.text().contains("Demandez-lui de nouveau"),
        "{}",
        expired.text()
    );
    declare(&world, &dentist, MARIE, "membre").await;
    world.wait_seconds(86_400);
    assert_eq!(world.get(Some(&dentist), &address).await.status, 200, "the care team's lasts");
}

#[tokio::test]
async fn a_blocked_professional_and_one_who_may_not_declare_get_the_words_of_the_rules() {
    let world = World::with_marie().await;
    let dentist = dr_roux();
    let Actor::Professional(p) = &dentist.actor else { unreachable!() };
    let who = Grantee::Professional(p.id.clone());
    world.execute(&marie().actor, MARIE, Command::Block { who, label: None }, Vec::new()).await;
    let address = world.address(&dentist, MARIE).await;
    let refused = world.get(Some(&dentist), &address).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text().contains("Déclarer l'accord"), "{}", refused.text());
    let form = format!("csrf={CSRF}&equipe=membre&moyen=oral&informe=1");
    assert_eq!(world.post(Some(&dentist), &format!("{address}/consentement"), &form).await.status, 403);

    let occupational = dr_travail();
    let address = world.address(&occupational, MARIE).await;
    assert!(!world.get(Some(&occupational), &address).await.text().contains("Déclarer l'accord"));
    assert_eq!(world.get(Some(&occupational), &format!("{address}/consentement")).await.status, 404);
}

#[tokio::test]
async fn a_secret_session_leaves_the_representatives_pages_as_they_were() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = declare(&world, &doctor, LEO, "membre").await;
    let record = world.get(Some(&doctor), &address).await;
    assert!(record.body.contains(&format!("{address}/secrete")), "a minor's dossier offers it");
    let mother = marie();
    let home = world.get(Some(&mother), &world.home(&mother).await).await;
    let child = home.link_containing("Léo Martin");
    let before = look(&world, &mother, &child, &["/documents", "/droits"]).await;
    let enter = format!("{address}/secrete");
    assert!(
        world.get(Some(&doctor), &enter).await.text().contains("Ses représentants ne verront pas vos accès")
    );
    let secret = world.post(Some(&doctor), &enter, &format!("csrf={CSRF}")).await.location();
    let page = world.get(Some(&doctor), &secret).await;
    assert!(page.status == 200 && page.body.contains("in-secret") && page.body.contains("Session secrète."));
    let form = world.get(Some(&doctor), &format!("{secret}/depot")).await;
    assert!(form.text().contains("ce document sera caché aux représentants"), "{}", form.text());
    let fields = with(&[("representants", "visible")]);
    assert_eq!(deposit(&world, &doctor, &secret, &fields, Some(("a.pdf", PDF))).await.status, 422);
    let receipt = deposit(&world, &doctor, &secret, &REPORT, Some(("a.pdf", PDF))).await.location();
    world.get(Some(&doctor), &receipt).await;
    assert_same(&before, &look(&world, &mother, &child, &["/documents", "/droits"]).await);
    assert_eq!(world.get(Some(&mother), &format!("{child}/document/{}", lid(&receipt))).await.status, 404);
    let leo = Viewer { profiles: Vec::new(), actor: Actor::Patient { ins: world::ins(LEO) }, ..marie() };
    let own = world.home(&leo).await;
    assert_eq!(world.get(Some(&leo), &format!("{own}/document/{}", lid(&receipt))).await.status, 200);

    let adult = world.address(&doctor, MARIE).await;
    let refused = world.post(Some(&doctor), &format!("{adult}/secrete"), &format!("csrf={CSRF}")).await;
    assert_eq!(refused.status, 422, "an adult has nobody to keep it from");
}

/// Two worlds, one with a secret visit and a deposit in it: every page of the mother is the same bytes.
#[tokio::test]
async fn a_secret_visit_is_nowhere_on_the_pages_of_a_parent() {
    const PAGES: [&str; 6] = ["", "/documents", "/acces", "/acces?tout=1", "/droits", "/sante"];
    let mut seen = Vec::new();
    for visits in [true, false] {
        let world = World::with_marie().await;
        let doctor = dr_martin();
        let address = declare(&world, &doctor, LEO, "membre").await;
        let number = format!("csrf={CSRF}&ins={LEO}&naissance=12/03/2018&acces=secrete");
        if visits {
            let secret = world.post(Some(&doctor), "/dossier", &number).await.location();
            assert_ne!(secret, address);
            world.get(Some(&doctor), &secret).await;
            let receipt = deposit(&world, &doctor, &secret, &REPORT, Some(("a.pdf", PDF))).await.location();
            world.get(Some(&doctor), &receipt).await;
        } else {
            world.wait_seconds(4);
        }
        let mother = marie();
        let child = world.get(Some(&mother), &world.home(&mother).await).await.link_containing("Léo Martin");
        seen.push(look(&world, &mother, &child, &PAGES).await);
    }
    assert_same(&seen[0], &seen[1]);
}

#[tokio::test]
async fn a_minors_deposit_says_whether_the_representatives_see_it() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = declare(&world, &doctor, LEO, "membre").await;
    let form = world.get(Some(&doctor), &format!("{address}/depot")).await;
    assert!(form.text().contains("Ses représentants verront-ils ce document ?"));
    for value in ["visible", "cache"] {
        let radio = format!("name=\"representants\" value=\"{value}\">");
        assert!(form.body.contains(&radio), "no default");
    }
    let silent = deposit(&world, &doctor, &address, &REPORT, Some(("a.pdf", PDF))).await;
    assert!(
        silent.status == 422 && silent.text().contains("Dites si les représentants verront ce document.")
    );
    let mother = marie();
    let child =
        world.get(Some(&mother), &world.home(&mother).await).await.link_containing("Léo Martin").to_owned();
    for (answer, jeton, status) in [
        ("visible", "3f1c2a44-0000-4000-8000-000000000002", 200),
        ("cache", "3f1c2a44-0000-4000-8000-000000000003", 404),
    ] {
        let fields = with(&[("representants", answer), ("jeton", jeton)]);
        let receipt = deposit(&world, &doctor, &address, &fields, Some(("a.pdf", PDF))).await.location();
        let document = format!("{child}/document/{}", lid(&receipt));
        assert_eq!(world.get(Some(&mother), &document).await.status, status, "{answer}");
    }
}

#[tokio::test]
async fn a_document_is_replaced_archived_masked_and_deleted_by_its_author_only() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let receipt = deposit(&world, &doctor, &address, &REPORT, Some(("a.pdf", PDF))).await.location();
    let first = lid(&receipt);
    let page = world.get(Some(&doctor), &format!("{address}/document/{first}")).await;
    for words in ["Remplacer", "Archiver", "Supprimer", "Masquer à la demande du patient"] {
        assert!(page.text().contains(words), "`{words}` is not in {}", page.text());
    }
    let form = world.get(Some(&doctor), &format!("{address}/depot?remplace={first}")).await;
    assert!(
        form.body.contains("value=\"Consultation de suivi\"")
            && form.text().contains("Remplacer un document")
    );
    let fields = with(&[("remplace", &first), ("jeton", "3f1c2a44-0000-4000-8000-000000000009")]);
    let second = lid(&deposit(&world, &doctor, &address, &fields, Some(("b.pdf", PDF))).await.location());
    let record = world.get(Some(&doctor), &address).await.text();
    assert!(record.contains("1 version remplacée"), "{record}");
    let deed = |word: &str| format!("{address}/depot/{second}/{word}");
    let confirm = format!("csrf={CSRF}");
    for (word, badge) in
        [("archiver", "Archivé"), ("desarchiver", ""), ("masquer", "Masqué"), ("demasquer", "")]
    {
        assert_eq!(world.get(Some(&doctor), &deed(word)).await.status, 200);
        let done = world.post(Some(&doctor), &deed(word), &confirm).await.location();
        let page = world.get(Some(&doctor), &done).await;
        let badges = page.body.split("class=\"badges\"").nth(1).unwrap_or("").split("</ul>").next().unwrap();
        assert_eq!(badges.contains("badge "), !badge.is_empty(), "{word}: {badges}");
        assert!(badges.contains(badge), "{word}");
    }
    let other = dr_roux();
    let theirs = declare(&world, &other, MARIE, "membre").await;
    let page = world.get(Some(&other), &format!("{theirs}/document/{second}")).await;
    assert!(page.status == 200 && !page.text().contains("Supprimer"), "{}", page.text());
    for word in ["supprimer", "archiver"] {
        let refused = world.post(Some(&other), &format!("{theirs}/depot/{second}/{word}"), &confirm).await;
        assert_eq!(refused.status, 403, "{word}");
        assert!(refused.text().contains("Seul l'auteur du document peut faire cela."), "{}", refused.text());
    }
    assert_eq!(world.get(Some(&doctor), &deed("brûler")).await.status, 404);
    assert_eq!(world.post(Some(&doctor), &deed("supprimer"), &confirm).await.location(), address);
    let record = world.get(Some(&doctor), &address).await.text();
    assert!(!record.contains("1 version remplacée"), "what was deleted is on no list: {record}");
}

#[tokio::test]
async fn contextual_addresses_lead_to_the_page_without_the_number() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let dossier = world.address(&doctor, MARIE).await;
    for (page, part) in [
        ("TableauDeBord", ""),
        ("DossierPatient", ""),
        ("GestionDMPPatient", "/informations"),
        ("Documents", "#documents"),
        ("ParcoursDeSoins", "#documents"),
        ("HistoriqueAcces", "/acces"),
        ("VolontesEtDroits", "#s-directives"),
        ("CarnetVaccination", "#s-vaccins"),
    ] {
        let asked = format!("/AccesDirect/{page}/{MARIE}");
        assert_eq!(world.get(Some(&doctor), &asked).await.location(), format!("{dossier}{part}"), "{page}");
        let door = world.get(None, &asked).await.location();
        assert!(!door.contains(MARIE), "the number is in no other address");
        let next = door.strip_prefix("/entrer?next=").unwrap();
        assert_eq!(world.get(Some(&doctor), next).await.location(), format!("{dossier}{part}"), "{page}");
        assert_eq!(world.get(None, next).await.location(), door, "still at the door");
    }
    assert_eq!(world.get(Some(&doctor), "/AccesDirect/TableauDeBord").await.location(), "/");
    assert_eq!(world.get(Some(&doctor), "/AccesDirect/Parametrages").await.location(), "/#reglages");
    let employee = world.get(Some(&secretary()), &format!("/AccesDirect/Documents/{MARIE}")).await.location();
    assert!(employee.ends_with("/informations"));
    assert_eq!(world.get(Some(&marie()), &format!("/AccesDirect/Documents/{MARIE}")).await.location(), "/");
    for odd in [
        "/AccesDirect/Rien",
        "/AccesDirect/Documents/284073523811417",
        "/AccesDirect/Documents/x",
        "/reprendre/Documents/x",
    ] {
        assert_eq!(world.get(Some(&doctor), odd).await.status, 404, "{odd}");
    }
    let unknown = world.get(Some(&doctor), "/AccesDirect/DossierPatient/255069999999934").await;
    let page = match unknown.status {
        303 => world.get(Some(&doctor), &unknown.location()).await,
        _ => unknown,
    };
    assert!(page.status == 404 && page.body.contains("href=\"/\""), "an error page that leads home");
}

#[tokio::test]
async fn an_employee_deposits_for_the_structure_and_reads_nothing() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, |text| text).await;
    let secretary = secretary();
    assert!(world.get(Some(&secretary), "/").await.text().contains("Trouver un dossier"));
    let informations = world.address(&secretary, MARIE).await;
    let address = informations.strip_suffix("/informations").unwrap().to_owned();
    let page = world.get(Some(&secretary), &informations).await;
    assert!(page.status == 200 && page.text().contains("Elle ne montre aucun document."), "{}", page.text());
    assert!(!page.body.contains("Allergies"), "no clinical datum");
    assert_eq!(world.get(Some(&secretary), &address).await.location(), informations);
    let receipt = deposit(&world, &secretary, &address, &REPORT, Some(("a.pdf", PDF))).await.location();
    assert!(world.get(Some(&secretary), &receipt).await.text().contains("Cabinet du Port"));
    let document = format!("{address}/document/{}", lid(&receipt));
    assert_eq!(world.get(Some(&secretary), &document).await.status, 403);
    for word in ["archiver", "masquer"] {
        let deed = format!("{address}/depot/{}/{word}", lid(&receipt));
        assert_eq!(world.post(Some(&secretary), &deed, &format!("csrf={CSRF}")).await.status, 403, "{word}");
    }
    let delete = format!("{address}/depot/{}/supprimer", lid(&receipt));
    let gone = world.post(Some(&secretary), &delete, &format!("csrf={CSRF}")).await.location();
    assert!(world.get(Some(&secretary), &gone).await.text().contains("Document supprimé"));
    for page in ["/consentement", "/secrete", "/urgence"] {
        assert_eq!(world.get(Some(&secretary), &format!("{address}{page}")).await.status, 404, "{page}");
    }
}

#[tokio::test]
async fn a_patient_is_found_by_the_number_with_the_birth_date() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    for (born, status) in
        [("", 303), ("12/07/1984", 303), ("1984-07-12", 303), ("12/07/1985", 422), ("hier", 422)]
    {
        let form = format!("csrf={CSRF}&ins={MARIE}&naissance={born}&acces=normal");
        let reply = world.post(Some(&doctor), "/dossier", &form).await;
        assert_eq!(reply.status, status, "{born}");
        if status == 422 {
            assert!(reply.body.contains(MARIE) && reply.body.contains("id=\"naissance-erreur\""), "{born}");
        }
    }
    let wrong = world.post(Some(&doctor), "/dossier", &format!("csrf={CSRF}&ins=1")).await;
    assert!(wrong.status == 422 && wrong.text().contains("15 caractères"));
}

#[tokio::test]
async fn a_card_opens_the_dossier_of_who_is_chosen_and_chooses_nobody() {
    let world = World::with_marie().await;
    let doctor = dr_martin();
    let home = world.get(Some(&doctor), "/").await;
    assert!(home.text().contains("Carte de DURAND Marie"), "{}", home.text());
    let people = world.get(Some(&doctor), "/patients/carte?carte=card-1").await;
    for words in ["DURAND MARIE née le 12/07/1984, sexe F", "MARTIN LEO né le 12/03/2018, sexe M"] {
        assert!(people.text().contains(words), "`{words}` is not in {}", people.text());
    }
    assert!(!people.body.contains(" checked") && !people.body.contains(MARIE));
    for (form, status) in [
        ("carte=card-1", 422),
        ("carte=card-1&patient=2", 422),
        ("carte=card-1&patient=-1", 422),
        ("carte=card-9&patient=0", 303),
        ("carte=card-1&patient=0", 303),
    ] {
        let reply = world.post(Some(&doctor), "/patients/carte", &format!("csrf={CSRF}&{form}")).await;
        assert_eq!(reply.status, status, "{form}");
    }
    let chosen =
        world.post(Some(&doctor), "/patients/carte", &format!("csrf={CSRF}&carte=card-1&patient=0")).await;
    assert_eq!(chosen.location(), world.address(&doctor, MARIE).await);
    assert_eq!(
        world.post(Some(&doctor), "/patients/carte", "csrf=x&carte=card-1&patient=0").await.status,
        403
    );
    assert_eq!(world.get(Some(&marie()), "/patients/carte?carte=card-1").await.location(), "/");
    assert_eq!(world.get(None, "/patients/carte?carte=card-1").await.location(), "/entrer");
}

/// A bris de glace says what follows, before and after (VEI-1).
#[tokio::test]
async fn an_emergency_says_that_it_is_reviewed() {
    let world = World::with_marie().await;
    let dentist = dr_roux();
    let address = world.address(&dentist, MARIE).await;
    let ask = world.get(Some(&dentist), &format!("{address}/urgence")).await.text();
    assert!(ask.contains("Le référent de votre structure l'examine sous 72 heures."), "{ask}");
}

#[tokio::test]
async fn my_patients_are_those_who_authorise_me() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, |text| text).await;
    let doctor = dr_martin();
    declare(&world, &doctor, LEO, "membre").await;
    for (order, first, second) in
        [("nom", "DURAND MARIE", "MARTIN LEO"), ("document", "DURAND MARIE", "MARTIN LEO")]
    {
        let page = world.get(Some(&doctor), &format!("/patients?tri={order}")).await;
        let text = page.text();
        assert!(text.contains("2 patients"), "{text}");
        assert!(text.find(first).unwrap() < text.find(second).unwrap(), "{order}: {text}");
        assert_eq!(text.matches("Médecin traitant").count(), 1, "{text}");
        assert!(!page.body.contains(MARIE), "no number in an address");
    }
    let none = world.get(Some(&dr_roux()), "/patients").await;
    assert!(none.status == 200 && none.text().contains("Aucun patient pour le moment."));
    assert!(world.get(Some(&optician()), "/patients").await.text().contains("1 patient "));
    assert_eq!(world.get(Some(&marie()), "/patients").await.location(), "/");
    assert_eq!(world.get(Some(&desk()), "/patients").await.location(), "/");
}

#[tokio::test]
async fn these_pages_are_nobody_elses() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let some = "00000000-0000-0000-0000-000000000001";
    for page in ["/depot", "/informations", "/consentement", "/secrete"] {
        assert_eq!(world.get(Some(&marie()), &format!("{home}{page}")).await.status, 404, "{page}");
        assert_eq!(world.get(None, &format!("{home}{page}")).await.location(), "/entrer", "{page}");
    }
    for page in [format!("{home}/depot/{some}"), format!("{home}/depot/{some}/supprimer")] {
        assert_eq!(world.get(Some(&marie()), &page).await.status, 404, "{page}");
    }
    let form = format!("csrf={CSRF}");
    assert_eq!(
        world.post(Some(&marie()), &format!("{home}/depot/{some}/supprimer"), &form).await.status,
        404
    );
    assert_eq!(world.post(None, &format!("{home}/consentement"), &form).await.location(), "/entrer");
}

/// Two dossiers that differ in a masked document: a professional without right to it gets the same bytes.
#[tokio::test]
async fn a_masked_document_changes_no_page_of_a_professional() {
    let world = World::with_marie().await;
    let sight = optician();
    world.publish("biologie.xml", "78513-9", Visibility::VISIBLE, |text| text).await;
    let address = world.address(&sight, MARIE).await;
    world.get(Some(&sight), &address).await;
    let pages = ["", "?periode=1a", "?nouveau=1", "?classe=10", "/informations"];
    let before = look(&world, &sight, &address, &pages).await;
    let masked = Visibility { masked: true, ..Visibility::VISIBLE };
    world.publish("biologie.xml", "78513-9", masked, |text| text).await;
    assert_same(&before, &look(&world, &sight, &address, &pages).await);
}

#[tokio::test]
async fn filters_say_what_they_leave_out() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, |text| text).await;
    let doctor = dr_martin();
    let address = world.address(&doctor, MARIE).await;
    let whole = world.get(Some(&doctor), &address).await;
    assert!(whole.text().contains("1 document , du plus récent"), "{}", whole.text());
    assert!(!whole.body.contains("Nouveau depuis votre visite"), "a first visit has nothing to compare with");
    world.wait_seconds(7200);
    world.publish("ordonnance.xml", "57833-6", Visibility::VISIBLE, |text| text).await;
    let later = world.get(Some(&doctor), &address).await.text();
    assert!(later.contains("Nouveau depuis votre visite du 21 novembre 2026 : 1 ordonnance"), "{later}");
    let fresh = world.get(Some(&doctor), &format!("{address}?nouveau=1")).await.text();
    assert!(fresh.contains("1 document affiché sur 2") && fresh.contains("Effacer les filtres"), "{fresh}");
    for odd in ["?periode=zz", "?nouveau=1&nouveau=2", "?periode=%3Cscript%3E"] {
        let page = world.get(Some(&doctor), &format!("{address}{odd}")).await;
        assert_eq!(page.status, 200, "{odd}");
    }
}
