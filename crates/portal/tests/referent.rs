//! Watching over use, over HTTP, on a real store: each bris de glace and each « ce n'est pas normal » reaches the référent of
//! the structure, the answer reaches the patient, and a quota that is reached is lifted by a colleague.
#![allow(clippy::unwrap_used)]

mod world;

use dmp_dossier::{Actor, PersonName, Referent, StructureId};
use dmp_portal::Viewer;
use dmp_store::{Limits, Quotas};
use world::{CSRF, LEO, MARIE, Reply, World, dr_martin, dr_roux, dr_travail, marie, optician, secretary};

const HOSPITAL: &str = "1350000019";
const CLINIC: &str = "1350000027";
const TITLE: &str = "Examens du 4 janvier";
const WHY: &str = "Patiente sans connaissance aux urgences";
const ANSWERED: &str = "Vérifié : vous étiez aux urgences ce matin.";

/// The same professional, at work in a structure.
fn at(structure: &str, mut who: Viewer) -> Viewer {
    if let Actor::Professional(professional) = &mut who.actor {
        professional.structure = StructureId::parse(structure);
        professional.structure_name = Some("Hôpital du Port".into());
    }
    who
}

fn referent(structure: &str) -> Viewer {
    let actor = Referent {
        id: format!("{structure}/REF"),
        name: PersonName { family: "VIGIE".into(), given: "Nora".into() },
        structure: StructureId::parse(structure).unwrap(),
        structure_name: Some("Hôpital du Port".into()),
    };
    let martin = dr_martin();
    Viewer { actor: Actor::Referent(actor), name: "Nora Vigie".into(), ..martin }
}

fn encoded(text: &str) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A doctor breaks the glass of a dossier, and sees it.
async fn break_glass(world: &World, who: &Viewer, number: &str) {
    let address = world.address(who, number).await;
    let form = format!("csrf={CSRF}&motif=inconscient&raison={}", encoded(WHY));
    let opened = world.post(Some(who), &format!("{address}/urgence"), &form).await.location();
    let page = world.get(Some(who), &opened).await;
    assert_eq!(page.status, 200, "{}", page.text());
}

async fn world_with_a_document() -> World {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", dmp_dossier::Visibility::VISIBLE, |text| text).await;
    world
}

/// The list of a référent, and the address of the first case.
async fn first_case(world: &World, who: &Viewer) -> (Reply, String) {
    let list = world.get(Some(who), "/referent").await;
    let case = list.link_containing("Examiner<");
    (list, case)
}

async fn journal(world: &World, who: &Viewer, home: &str) -> String {
    let page = world.get(Some(who), &format!("{home}/acces")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.text()
}

#[tokio::test]
async fn a_bris_de_glace_is_examined_where_it_was_done_and_the_patient_reads_the_answer() {
    let world = world_with_a_document().await;
    let doctor = at(HOSPITAL, dr_roux());
    break_glass(&world, &doctor, MARIE).await;
    let (own, other) = (referent(HOSPITAL), referent(CLINIC));
    let (list, case) = first_case(&world, &own).await;
    let text = list.text();
    for words in [
        "1 accès attend votre réponse",
        "Bris de glace",
        "Claire ROUX",
        "DURAND MARIE",
        WHY,
        "encore 71 heures",
    ] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let elsewhere = world.get(Some(&other), "/referent").await;
    assert!(elsewhere.text().contains("Rien n'attend votre réponse"), "{}", elsewhere.text());
    assert_eq!(world.get(Some(&other), &case).await.status, 404);
    let home = world.home(&marie()).await;
    let before = journal(&world, &marie(), &home).await;
    assert!(before.contains(WHY) && before.contains("réponse attendue le 24 novembre 2026"), "{before}");

    let page = world.get(Some(&own), &case).await;
    for page in [&list, &page] {
        assert!(!page.body.contains(TITLE) && !page.body.contains("biolog"), "a document is told");
        assert!(!page.body.contains(MARIE) && !page.body.contains("/dossier/"), "a way to the dossier");
    }
    let wrong = |conclusion: &str, text: &str| {
        format!("csrf={CSRF}&conclusion={conclusion}&reponse={}", encoded(text))
    };
    for (conclusion, text, says, checked) in [
        ("", ANSWERED, "Dites si l'accès était justifié.", false),
        ("x", "", "Dites si l'accès était justifié.", false),
        ("justifie", "court", "Écrivez une réponse au patient, de 10 à 2 000 caractères.", true),
        ("non-justifie", &"x".repeat(2001), "de 10 à 2 000 caractères", true),
        ("justifie", "avec un signal \u{7} dedans", "que l'on ne peut pas garder", true),
    ] {
        let page = world.post(Some(&own), &case, &wrong(conclusion, text)).await;
        assert_eq!(page.status, 422, "{conclusion} {text}");
        assert!(page.text().contains(says), "`{says}` is not in: {}", page.text());
        assert!(page.body.contains(&format!(">{text}</textarea>")), "what was typed is lost: {text}");
        assert_eq!(page.body.contains("checked"), checked, "{conclusion}");
        let field = if checked { "reponse" } else { "conclusion" };
        assert!(
            page.body.contains(&format!("href=\"#{field}\""))
                && page.body.contains(&format!("id=\"{field}\""))
        );
    }
    for form in
        [String::new(), format!("csrf=fffffffffffffff0&conclusion=justifie&reponse={}", encoded(ANSWERED))]
    {
        assert_eq!(world.post(Some(&own), &case, &form).await.status, 403);
    }
    assert_eq!(journal(&world, &marie(), &home).await.matches("Accès justifié").count(), 0);

    let done = world.post(Some(&own), &case, &wrong("justifie", ANSWERED)).await.location();
    let list = world.get(Some(&own), &done).await.text();
    for words in
        ["Votre réponse est enregistrée", "Rien n'attend", "Répondus depuis 90 jours", "Nora VIGIE", ANSWERED]
    {
        assert!(list.contains(words), "`{words}` is not in: {list}");
    }
    let after = journal(&world, &marie(), &home).await;
    for words in ["réponse le 21 novembre 2026", "Accès justifié, selon l'établissement", ANSWERED] {
        assert!(after.contains(words), "`{words}` is not in: {after}");
    }
    assert_eq!(
        world.post(Some(&own), &case, &wrong("justifie", ANSWERED)).await.status,
        303,
        "a button pressed twice is no error"
    );
    let second = world
        .post(Some(&own), &case, &wrong("non-justifie", "Non, personne ne soignait cette patiente."))
        .await;
    assert_eq!(second.status, 409);
    assert!(
        second.text().contains("Une réponse existe déjà") && second.text().contains(ANSWERED),
        "{}",
        second.text()
    );
    assert!(!journal(&world, &marie(), &home).await.contains("Non, personne"));
}

#[tokio::test]
async fn these_pages_are_nobody_elses() {
    let world = world_with_a_document().await;
    break_glass(&world, &at(HOSPITAL, dr_roux()), MARIE).await;
    let (_, case) = first_case(&world, &referent(HOSPITAL)).await;
    let form = format!("csrf={CSRF}&conclusion=justifie&reponse={}", encoded(ANSWERED));
    assert_eq!(world.get(None, "/referent").await.location(), "/entrer");
    assert_eq!(world.get(None, &case).await.location(), "/entrer");
    assert_eq!(world.get(None, "/quotas").await.location(), "/entrer");
    assert_eq!(world.post(None, &case, &form).await.location(), "/entrer");
    for who in [marie(), at(HOSPITAL, dr_roux()), dr_martin(), secretary(), world::desk(), referent(CLINIC)] {
        let name = &who.name;
        assert_eq!(world.get(Some(&who), &case).await.status, 404, "{name}");
        assert_eq!(world.post(Some(&who), &case, &form).await.status, 404, "{name}");
        if !matches!(who.actor, Actor::Referent(_)) {
            assert_eq!(world.get(Some(&who), "/referent").await.status, 404, "{name}");
        }
    }
    for who in [marie(), world::desk()] {
        assert_eq!(world.get(Some(&who), "/quotas").await.status, 404);
        assert_eq!(world.post(Some(&who), "/quotas", &format!("csrf={CSRF}")).await.status, 404);
    }
    let own = referent(HOSPITAL);
    for wrong in ["x", "00000000-0000-4000-8000-000000000000", "%00", "..%2Fquotas"] {
        assert_eq!(world.get(Some(&own), &format!("/referent/{wrong}")).await.status, 404, "{wrong}");
    }
    // Who watches over accesses opens no dossier.
    let sent = world.post(Some(&own), "/dossier", &format!("csrf={CSRF}&ins={MARIE}&acces=normal")).await;
    assert_eq!(sent.location(), "/");
    assert_eq!(world.get(Some(&own), "/").await.location(), "/referent");
}

#[tokio::test]
async fn what_the_patient_finds_abnormal_reaches_the_referent_of_that_place() {
    let world = world_with_a_document().await;
    let doctor = at(CLINIC, dr_martin());
    let address = world.address(&doctor, MARIE).await;
    assert_eq!(world.get(Some(&doctor), &address).await.status, 200);
    let home = world.home(&marie()).await;
    let page = world.get(Some(&marie()), &format!("{home}/acces")).await;
    let at_visit = page.body.find("Dr Paul MARTIN").unwrap();
    let rest = &page.body[at_visit..];
    let ask = format!("{home}/acces/signaler?");
    let ask = rest[rest.find(&ask).unwrap()..].split('"').next().unwrap();
    let ask = ask.replace("&#38;", "&").replace("&amp;", "&");
    assert_eq!(world.get(Some(&marie()), &ask).await.status, 200);
    let line = ask.split_once('?').unwrap().1;
    let told = "Je n'ai pas vu ce médecin ce jour-là.";
    let form = format!("csrf={CSRF}&{line}&texte={}", encoded(told));
    world.post(Some(&marie()), &format!("{home}/acces/signaler"), &form).await.location();
    let own = referent(CLINIC);
    let (list, case) = first_case(&world, &own).await;
    for words in ["Signalé par le patient", "Paul MARTIN", told, "DURAND MARIE", "encore 5 jours"] {
        assert!(list.text().contains(words), "`{words}` is not in: {}", list.text());
    }
    assert!(!list.body.contains(TITLE) && !list.body.contains("Bris de glace"));
    let answer = "Cet accès était une erreur, la personne a été entendue.";
    let form = format!("csrf={CSRF}&conclusion=non-justifie&reponse={}", encoded(answer));
    world.post(Some(&own), &case, &form).await.location();
    let read = journal(&world, &marie(), &home).await;
    assert!(read.contains("Accès non justifié, selon l'établissement") && read.contains(answer), "{read}");
}

/// A case of a secret session is the minor's and the référent's: the mother's pages have not a word of it.
#[tokio::test]
async fn a_case_of_a_secret_session_is_not_told_to_representatives() {
    let mut pages = Vec::new();
    for breaks in [true, false] {
        let world = World::with_marie().await;
        let mut doctor = at(HOSPITAL, dr_roux());
        if let Actor::Professional(professional) = &mut doctor.actor {
            professional.secret = true;
        }
        if breaks {
            break_glass(&world, &doctor, LEO).await;
            let (list, case) = first_case(&world, &referent(HOSPITAL)).await;
            assert!(list.text().contains("MARTIN LEO"), "{}", list.text());
            let form = format!("csrf={CSRF}&conclusion=justifie&reponse={}", encoded(ANSWERED));
            world.post(Some(&referent(HOSPITAL)), &case, &form).await.location();
        }
        world.at_minute(30);
        let home = world.home(&marie()).await;
        let child = world.get(Some(&marie()), &home).await.link_containing("Léo Martin");
        for part in ["", "/acces", "/acces?tout=1", "/acces/telecharger", "/droits"] {
            pages.push(world.get(Some(&marie()), &format!("{child}{part}")).await.body);
        }
        let leo = Viewer { profiles: Vec::new(), actor: Actor::Patient { ins: world::ins(LEO) }, ..marie() };
        let own = journal(&world, &leo, &world.home(&leo).await).await;
        assert_eq!((own.contains(WHY), own.contains(ANSWERED)), (breaks, breaks), "{own}");
    }
    let (with, without) = pages.split_at(pages.len() / 2);
    for (with, without) in with.iter().zip(without) {
        for (with, without) in with.lines().zip(without.lines()) {
            assert_eq!(with, without);
        }
        assert_eq!(with, without);
    }
}

fn small() -> Quotas {
    let limits = Limits { patients_per_hour: Some(1), ..Limits::default() };
    Quotas { professional: limits, structure: Limits::default(), ..Quotas::unlimited() }
}

#[tokio::test]
async fn a_limit_that_is_reached_is_lifted_by_a_colleague_with_a_reason() {
    let world = World::with_quotas(small()).await.opened().await;
    let doctor = at(HOSPITAL, dr_martin());
    let (first, second) = (world.address(&doctor, MARIE).await, world.address(&doctor, LEO).await);
    assert_eq!(world.get(Some(&doctor), &first).await.status, 200);
    assert_eq!(world.get(Some(&doctor), "/quotas").await.status, 200);
    let refused = world.get(Some(&doctor), &second).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((3_000..=3_600).contains(&seconds), "{seconds}");
    assert!(refused.body.contains("href=\"/quotas\""), "no way to a colleague");
    assert!(refused.text().contains("Réessayez dans 60 minutes"), "{}", refused.text());

    let reason = encoded("garde de week-end, trois médecins absents");
    let lift = |who: &str, why: &str| format!("csrf={CSRF}&personne={who}&raison={why}");
    let id = "899900000017";
    // Not for oneself, and not from elsewhere.
    assert!(
        world.get(Some(&doctor), "/quotas").await.text().contains("Personne d'autre dans votre structure")
    );
    assert_eq!(world.post(Some(&doctor), "/quotas", &lift(id, &reason)).await.status, 403);
    for stranger in [at(CLINIC, dr_travail()), referent(CLINIC), optician()] {
        assert!(!world.get(Some(&stranger), "/quotas").await.body.contains("MARTIN"), "{}", stranger.name);
        assert_eq!(world.post(Some(&stranger), "/quotas", &lift(id, &reason)).await.status, 403);
    }
    assert_eq!(world.get(Some(&doctor), &second).await.status, 429, "a refusal lifted the limit");

    let colleague = at(HOSPITAL, dr_travail());
    let page = world.get(Some(&colleague), "/quotas").await;
    assert!(page.text().contains("Paul MARTIN"), "{}", page.text());
    for (who, why, says) in [
        ("", reason.as_str(), "Choisissez la personne."),
        (id, "court", "Écrivez pourquoi, de 10 à 200 caractères."),
        (id, &"x".repeat(201), "Écrivez pourquoi, de 10 à 200 caractères."),
        (id, "garde%07de%20week-end", "que l'on ne peut pas garder"),
    ] {
        let wrong = world.post(Some(&colleague), "/quotas", &lift(who, why)).await;
        assert!(wrong.status == 422 && wrong.text().contains(says), "{who} {why}: {}", wrong.text());
        assert_eq!(wrong.body.contains("checked"), !who.is_empty(), "what was chosen is lost");
        let field = if who.is_empty() { "personne" } else { "raison" };
        assert!(
            wrong.body.contains(&format!("href=\"#{field}\""))
                && wrong.body.contains(&format!("id=\"{field}\""))
        );
    }
    assert_eq!(world.post(Some(&colleague), "/quotas", "personne=x").await.status, 403);
    assert_eq!(world.post(Some(&colleague), "/quotas", &lift("899900000099", &reason)).await.status, 403);
    assert_eq!(world.get(Some(&doctor), &second).await.status, 429);

    let done = world.post(Some(&colleague), "/quotas", &lift(id, &reason)).await.location();
    let done = world.get(Some(&colleague), &done).await.text();
    assert!(done.contains("La limite est levée pour une heure"), "{done}");
    // The limit no longer stands; whether the patient authorised the doctor is another question.
    assert_ne!(world.get(Some(&doctor), &second).await.status, 429);
    let lifts = world.store.lifts(HOSPITAL, dmp_dossier::Time::from_millis(0)).await.unwrap();
    assert_eq!(lifts.len(), 1);
    assert_eq!((lifts[0].of.as_str(), lifts[0].by.as_str()), (id, "899900000041"));
    assert_eq!(lifts[0].reason, "garde de week-end, trois médecins absents");
    world.wait_seconds(3_601);
    assert_eq!(world.get(Some(&doctor), &first).await.status, 200);
    assert_eq!(world.get(Some(&doctor), &second).await.status, 429, "a lift lasts an hour");
}
