//! Who may see what, *voir comme*, and the journal of accesses, over HTTP, on a real store.
#![allow(clippy::unwrap_used)]

mod world;

use dmp_dossier::{Actor, Mode, Visibility};
use dmp_portal::Viewer;
use dmp_portal::services::MessageKind;
use world::{CSRF, LEO, MARIE, Reply, World, dr_martin, dr_roux, marie, optician};

const MASKED: Visibility = Visibility { masked: true, ..Visibility::VISIBLE };
const HIDDEN: Visibility = Visibility { hidden_from_patient: true, ..Visibility::VISIBLE };

fn as_written(text: String) -> String {
    text
}

/// Sends the form of a page, its hidden fields and those given, where it goes.
async fn submit(world: &World, viewer: &Viewer, page: &Reply, button: &str, fields: &str) -> Reply {
    let at = page.body.find(button).unwrap_or_else(|| panic!("no `{button}` in {}", page.text()));
    let begin = page.body[..at].rfind("<form").unwrap();
    let form = &page.body[begin..at];
    let value = |tag: &str, name: &str| {
        tag.split(&format!("{name}=\""))
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or("")
            .to_owned()
    };
    let action = value(form, "action");
    let mut body = fields.to_owned();
    for input in form.split("<input").skip(1).filter(|i| i.contains("type=\"hidden\"")) {
        body.push_str(&format!("&{}={}", value(input, "name"), value(input, "value").replace(' ', "%20")));
    }
    world.post(Some(viewer), &action, body.trim_start_matches('&')).await
}

/// The address of the link that holds this text.
fn link(page: &Reply, text: &str) -> String {
    page.link_containing(text).replace("&#38;", "&").replace("&amp;", "&")
}

/// The confirm page's button, then the receipt.
async fn confirm(world: &World, viewer: &Viewer, page: &Reply, button: &str) -> String {
    let button = format!("{}</button>", button.replace('\'', "&#39;"));
    let done = submit(world, viewer, page, &button, "").await;
    let receipt = world.get(Some(viewer), &done.location()).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    receipt.text()
}

async fn may_open(world: &World, who: &Viewer) -> bool {
    let address = world.address(who, MARIE).await;
    world.get(Some(who), &address).await.status == 200
}

#[tokio::test]
async fn the_page_says_who_reads_what_until_when_and_why_not() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let text = page.text();
    for words in [
        "Dr Paul MARTIN Médecin généraliste",
        "Médecin traitant Voit aussi les documents masqués",
        "Dr Luc LENOIR Opticien Peut lire jusqu'au 21 novembre 2027",
        "Résultats — non Ordonnances en partie",
        "Vous n'avez bloqué personne",
        "Le Samu peut lire mon dossier : oui",
        "Mes documents masqués peuvent alors être lus : non",
        "Vous n'avez donné votre accord à aucune équipe",
    ] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let person = world.get(Some(&marie()), &page.link_containing("pour Dr Luc LENOIR")).await;
    let text = person.text();
    for words in [
        "Autorisation depuis",
        "Vous avez donné cette autorisation",
        "Noté par Vous",
        "Résultats non, fermé à cette profession",
    ] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    assert!(!page.body.contains("899900000033"), "an address names somebody");
}

#[tokio::test]
async fn a_professional_has_no_such_pages_and_nobody_is_sent_to_the_door() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let doctor = dr_martin();
    let own = world.address(&doctor, MARIE).await;
    for part in [
        "/droits",
        "/droits/personne?qui=x",
        "/droits/autoriser",
        "/droits/bloquer",
        "/droits/traitant",
        "/droits/confirmer?acte=bloquer&qui=x",
        "/droits/urgence",
        "/droits/equipe",
        "/droits/equipe/retrait?id=x",
        "/droits/voir-comme",
        "/recu/1-2",
        "/acces/telecharger",
        "/acces/signaler?quand=1&qui=x",
    ] {
        assert_eq!(world.get(None, &format!("{home}{part}")).await.location(), "/entrer", "{part}");
        assert_eq!(world.get(Some(&doctor), &format!("{own}{part}")).await.status, 404, "{part}");
    }
    for (part, status) in [
        ("/droits/personne", 404),
        ("/droits/personne?qui=%3Cscript%3E", 404),
        ("/droits/confirmer?acte=autoriser", 404),
        ("/droits/confirmer?acte=x&qui=traitant", 404),
        ("/droits/voir-comme?qui=nobody", 404),
        ("/recu/x", 404),
        ("/recu/1795255200000-01234567-89ab-4def-8000-000000000001", 404),
        ("/acces/signaler", 404),
        ("/acces/signaler?quand=-1&qui=x", 404),
        ("/acces/signaler?quand=9223372036854775807&qui=x", 404),
        ("/droits/equipe/retrait?id=x", 404),
    ] {
        assert_eq!(world.get(Some(&marie()), &format!("{home}{part}")).await.status, status, "{part}");
    }
    for form in [
        "/droits/confirmer",
        "/droits/urgence",
        "/droits/equipe",
        "/droits/equipe/retrait",
        "/droits/autoriser",
        "/acces/signaler",
    ] {
        let address = format!("{home}{form}");
        for body in ["", "csrf=fffffffffffffff0&acte=bloquer", "acte=bloquer"] {
            assert_eq!(world.post(Some(&marie()), &address, body).await.status, 403, "{form} {body}");
        }
    }
}

#[tokio::test]
async fn somebody_is_authorised_for_a_time_then_stopped_each_with_its_receipt() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let choose = world.get(Some(&marie()), &format!("{home}/droits/autoriser")).await;
    let wrong =
        submit(&world, &marie(), &choose, "Continuer</button>", "qui=autre&identifiant=12&nom=").await;
    assert_eq!(wrong.status, 422);
    for words in ["11 chiffres", "Écrivez le nom", "Choisissez la profession", "Choisissez une durée"] {
        assert!(wrong.text().contains(words), "{words}");
    }
    assert!(wrong.body.contains("value=\"12\""), "what was typed is kept");
    assert!(!may_open(&world, &dr_roux()).await);
    let typed = "qui=autre&sorte=soignant&identifiant=999%20000%2000025&nom=Dr%20Claire%20Roux&profession=40&duree=3m";
    let asked = submit(&world, &marie(), &choose, "Continuer</button>", typed).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let text = asked.text();
    assert!(
        text.contains("Autoriser Dr Claire ROUX") && text.contains("L'autorisation finit le 20 février 2027"),
        "{text}"
    );
    assert!(!may_open(&world, &dr_roux()).await, "nothing is done before it is confirmed");
    let receipt = confirm(&world, &marie(), &asked, "Autoriser").await;
    for words in [
        "Autorisation enregistrée",
        "Personne autorisée Dr Claire ROUX",
        "20 février 2027",
        "Fait par Vous",
        "Référence au journal",
    ] {
        assert!(receipt.contains(words), "`{words}` is not in: {receipt}");
    }
    assert_eq!(world.services.notices(), [MessageKind::RightsChanged]);
    assert!(may_open(&world, &dr_roux()).await);
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    let person = world.get(Some(&marie()), &page.link_containing("pour Dr Claire ROUX")).await;
    let asked = world.get(Some(&marie()), &link(&person, "Arrêter l&#39;autorisation")).await;
    let receipt = confirm(&world, &marie(), &asked, "Arrêter l'autorisation").await;
    assert!(receipt.contains("Ne peut plus lire Dr Claire ROUX"), "{receipt}");
    assert!(!may_open(&world, &dr_roux()).await);
    let again = submit(&world, &marie(), &asked, "Arrêter l&#39;autorisation</button>", "").await.location();
    assert!(world.get(Some(&marie()), &again).await.text().contains("Rien n'a changé"));
}

#[tokio::test]
async fn a_block_holds_at_once_and_is_lifted_without_giving_anything_back() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    assert!(may_open(&world, &optician()).await);
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    let person = world.get(Some(&marie()), &page.link_containing("pour Dr Luc LENOIR")).await;
    let asked = world.get(Some(&marie()), &link(&person, "Bloquer<")).await;
    assert!(asked.text().contains("même en urgence"));
    assert!(confirm(&world, &marie(), &asked, "Bloquer").await.contains("Personne bloquée Dr Luc LENOIR"));
    assert!(!may_open(&world, &optician()).await);
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    assert!(page.text().contains("blocage du 21 novembre 2026"));
    let person = world.get(Some(&marie()), &page.link_containing("blocage du")).await;
    let asked = world.get(Some(&marie()), &link(&person, "Débloquer")).await;
    assert!(confirm(&world, &marie(), &asked, "Débloquer").await.contains("N'est plus bloquée"));
    assert!(!may_open(&world, &optician()).await);
}

#[tokio::test]
async fn a_medecin_traitant_is_named_and_ended_and_the_plain_authorisation_stays() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let masked = world.publish("biologie.xml", "11502-2", MASKED, as_written).await;
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    let person = world.get(Some(&marie()), &page.link_containing("pour Dr Paul MARTIN")).await;
    let key = person.link_containing("Voir mon dossier comme").split("qui=").nth(1).unwrap().to_owned();
    let asked =
        world.get(Some(&marie()), &format!("{home}/droits/confirmer?acte=fin-traitant&qui={key}")).await;
    assert!(asked.text().contains("Elle peut lire les autres"), "{}", asked.text());
    let receipt = confirm(&world, &marie(), &asked, "Ce n'est plus mon médecin traitant").await;
    assert!(receipt.contains("Peut lire jusqu'au"), "{receipt}");
    let read = |lid| async move { (may_open(&world, &dr_martin()).await, lid, world) };
    let (opens, lid, world) = read(masked).await;
    let document = format!("{}/document/{lid}", world.address(&dr_martin(), MARIE).await);
    assert!(opens && world.get(Some(&dr_martin()), &document).await.status == 404);
    let choose = world.get(Some(&marie()), &format!("{home}/droits/traitant")).await;
    let asked = submit(&world, &marie(), &choose, "Continuer</button>", &format!("qui={key}")).await;
    confirm(&world, &marie(), &asked, "Nommer médecin traitant").await;
    assert_eq!(world.get(Some(&dr_martin()), &document).await.status, 200);
    // To authorise a médecin traitant again would end the role: it is not offered, and not done.
    let form = format!("csrf={CSRF}&acte=autoriser&qui={key}&duree=max");
    let sent = world.post(Some(&marie()), &format!("{home}/droits/confirmer"), &form).await;
    assert!(sent.location().ends_with("deja=1"));
    assert_eq!(world.get(Some(&dr_martin()), &document).await.status, 200);
    let typed = "qui=autre&identifiant=99900000033&nom=Luc%20Lenoir&profession=28";
    let choose = world.get(Some(&marie()), &format!("{home}/droits/traitant")).await;
    let wrong = submit(&world, &marie(), &choose, "Continuer</button>", typed).await;
    assert!(
        wrong.status == 422 && wrong.text().contains("Un médecin traitant est un médecin"),
        "{}",
        wrong.text()
    );
}

#[tokio::test]
async fn the_three_switches_are_answered_confirmed_and_told() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let address = format!("{home}/droits/urgence");
    let missing = world.post(Some(&marie()), &address, &format!("csrf={CSRF}&samu=oui&soignant=x")).await;
    assert!(missing.status == 422 && missing.text().contains("Choisissez oui ou non"));
    let form = format!("csrf={CSRF}&samu=non&soignant=oui&masques=oui");
    let asked = world.post(Some(&marie()), &address, &form).await;
    assert!(asked.text().contains("Le Samu peut lire mon dossier : non, dès maintenant"), "{}", asked.text());
    let receipt = confirm(&world, &marie(), &asked, "Changer ces réglages").await;
    assert!(receipt.contains("Le Samu peut lire mon dossier non"), "{receipt}");
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await.text();
    assert!(page.contains("Le Samu peut lire mon dossier : non") && page.contains("alors être lus : oui"));
    assert!(world.post(Some(&marie()), &address, &form).await.location().ends_with("deja=1"));
}

#[tokio::test]
async fn a_team_is_agreed_to_with_its_proof_and_the_agreement_withdrawn() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let choose = world.get(Some(&marie()), &format!("{home}/droits/equipe")).await;
    let none = submit(&world, &marie(), &choose, "Continuer</button>", "").await;
    assert!(none.status == 422 && none.text().contains("Choisissez au moins une personne"));
    let at = choose.body.find("Dr Luc LENOIR").unwrap();
    let before = &choose.body[..at];
    let key = &before[before.rfind("value=\"").unwrap() + 7..][..16];
    let asked = submit(&world, &marie(), &choose, "Continuer</button>", &format!("membre={key}")).await;
    assert!(
        confirm(&world, &marie(), &asked, "Donner mon accord")
            .await
            .contains("Équipe de soins Dr Luc LENOIR")
    );
    let page = world.get(Some(&marie()), &format!("{home}/droits")).await;
    for words in ["Accord donné le 21 novembre 2026", "Le patient, par internet", "texte de novembre 2026"] {
        assert!(page.text().contains(words), "{words}");
    }
    let asked = world.get(Some(&marie()), &page.link_containing("Arrêter cet accord")).await;
    confirm(&world, &marie(), &asked, "Arrêter cet accord").await;
    assert!(
        world
            .get(Some(&marie()), &format!("{home}/droits"))
            .await
            .text()
            .contains("arrêté le 21 novembre 2026")
    );
}

#[tokio::test]
async fn a_proof_of_identity_older_than_five_minutes_is_asked_again_before_rights_change() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    let person =
        world.get(Some(&marie()), &format!("{home}/droits")).await.link_containing("pour Dr Luc LENOIR");
    let key = person.split("qui=").nth(1).unwrap().to_owned();
    world.wait_seconds(400);
    for (path, form) in [
        ("/droits/confirmer", format!("acte=bloquer&qui={key}")),
        ("/droits/urgence", "samu=non&soignant=non&masques=non&confirme=oui".to_owned()),
        ("/droits/equipe", format!("membre={key}&confirme=oui")),
        ("/droits/equipe/retrait", "id=01234567-89ab-4def-8000-000000000001".to_owned()),
    ] {
        let asked =
            world.post(Some(&marie()), &format!("{home}{path}"), &format!("csrf={CSRF}&{form}")).await;
        assert_eq!(asked.status, 403, "{path}");
        assert!(asked.text().contains("Confirmez que c'est vous"), "{path}: {}", asked.text());
        assert!(asked.body.contains(&format!("{home}{path}")), "the form waits");
    }
    assert!(may_open(&world, &optician()).await, "nothing was done");
}

async fn as_seen_by(world: &World, words: &str) -> String {
    let home = world.home(&marie()).await;
    let page = world.get(Some(&marie()), &format!("{home}/droits/voir-comme?qui={words}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.text()
}

#[tokio::test]
async fn voir_comme_shows_what_they_see_and_why_the_rest_is_hidden() {
    let world = World::with_marie().await;
    let home = world.home(&marie()).await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    world.publish("biologie.xml", "78513-9", Visibility::VISIBLE, as_written).await;
    world.publish("biologie.xml", "57832-8", MASKED, as_written).await;
    world.publish("biologie.xml", "34112-3", HIDDEN, as_written).await;
    let choice = world.get(Some(&marie()), &format!("{home}/droits/voir-comme")).await;
    let sight = world.get(Some(&marie()), &choice.link_containing("Dr Luc LENOIR")).await;
    let text = sight.text();
    for words in [
        "Vous voyez votre dossier comme",
        "1 document visible",
        "Consultation pour les yeux",
        "2 documents non visibles",
        "Les règles nationales ferment ce document à sa profession",
        "Vous avez masqué ce document",
    ] {
        let body = sight.body.contains(words);
        assert!(text.contains(words) || body, "`{words}` is not in: {text}");
    }
    let doctor = as_seen_by(&world, "traitant").await;
    assert!(doctor.contains("3 documents visibles") && !doctor.contains("non visible"), "{doctor}");
    assert!(as_seen_by(&world, "urgences").await.contains("2 documents visibles"));
    assert!(as_seen_by(&world, "samu").await.contains("Vous avez masqué ce document"));
    assert!(as_seen_by(&world, "pharmacie").await.contains("Vous n'avez pas autorisé cet accès"));
    let form = format!("csrf={CSRF}&samu=non&soignant=non&masques=oui&confirme=oui");
    world.post(Some(&marie()), &format!("{home}/droits/urgence"), &form).await;
    for who in ["urgences", "samu"] {
        assert!(as_seen_by(&world, who).await.contains("Vous vous êtes opposé"), "{who}");
    }
    for page in [&choice, &sight] {
        assert!(!page.text().contains("Compte rendu d'hospitalisation"), "what is to be announced is told");
    }
}

/// Every page of these, the clock apart, with a document that waits for its announcement and without it.
#[tokio::test]
async fn a_document_to_be_announced_changes_no_byte_of_these_pages() {
    let mut told: Vec<Vec<String>> = Vec::new();
    for hidden in [false, true] {
        let world = World::with_marie().await;
        world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
        let address = world.address(&dr_martin(), MARIE).await;
        world.get(Some(&dr_martin()), &address).await;
        match hidden {
            true => drop(
                world
                    .publish("biologie.xml", "34112-3", HIDDEN, |text| text.replace("MARTIN", "SECRET"))
                    .await,
            ),
            false => world.wait_seconds(1),
        }
        // A doctor who sees it reads it.
        world.get(Some(&dr_martin()), &address).await;
        let home = world.home(&marie()).await;
        let mut pages = Vec::new();
        for part in [
            "/droits",
            "/droits/autoriser",
            "/droits/bloquer",
            "/droits/equipe",
            "/droits/voir-comme",
            "/droits/voir-comme?qui=traitant",
            "/droits/voir-comme?qui=urgences",
            "/droits/voir-comme?qui=samu",
            "/acces",
            "/acces?vue=refus",
            "/acces/telecharger",
        ] {
            let page = world.get(Some(&marie()), &format!("{home}{part}")).await;
            assert_eq!(page.status, 200, "{part}");
            pages.push(page.body);
        }
        told.push(pages);
    }
    for (without, with) in told[0].iter().zip(&told[1]) {
        assert_eq!(without, with);
    }
}

fn in_emergency() -> Viewer {
    let mut viewer = dr_roux();
    if let Actor::Professional(p) = &mut viewer.actor {
        p.profession = "10".into();
        p.mode = Mode::BrisDeGlace { reason: "=HYPERLINK(\"x\") inconsciente".into() };
    }
    viewer
}

#[tokio::test]
async fn the_journal_is_filtered_downloaded_and_an_access_reported_once() {
    let world = World::with_marie().await;
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    may_open(&world, &optician()).await;
    assert!(may_open(&world, &in_emergency()).await);
    let home = world.home(&marie()).await;
    let page = world.get(Some(&marie()), &format!("{home}/acces")).await;
    let text = page.text();
    assert!(text.contains("Urgence 1") && text.contains("Accès d'urgence Dr Claire ROUX"), "{text}");
    assert!(text.contains("Vous") && text.contains("avez"), "{text}");
    let own = world.get(Some(&marie()), &format!("{home}/acces?vue=patient")).await;
    assert!(!own.text().contains("Ce n'est pas normal"), "nobody reports oneself");
    let table = world.get(Some(&marie()), &page.link_containing("les accès en tableau")).await;
    assert!(table.header("content-disposition").contains("acces-2026-11-21.csv"));
    assert!(
        table.body.starts_with('\u{feff}') && table.body.contains("\"'=HYPERLINK(\"\"x\"\") inconsciente\""),
        "{}",
        table.body
    );
    let line = link(&page, "accès de Luc LENOIR");
    let ask = world.get(Some(&marie()), &line).await;
    assert!(ask.text().contains("Luc LENOIR · opticien"), "{}", ask.text());
    let long = "x".repeat(1001);
    let wrong = submit(&world, &marie(), &ask, "Signaler cet accès</button>", &format!("texte={long}")).await;
    assert_eq!(wrong.status, 422);
    let sent =
        submit(&world, &marie(), &ask, "Signaler cet accès</button>", "texte=Je+ne+le+connais+pas").await;
    let receipt = world.get(Some(&marie()), &sent.location()).await.text();
    for words in [
        "Accès signalé",
        "Accès de Luc LENOIR",
        "Réponse attendue au plus tard le",
        "Je ne le connais pas",
        "Bloquer cette personne",
    ] {
        assert!(receipt.contains(words), "`{words}` is not in: {receipt}");
    }
    let again = submit(&world, &marie(), &ask, "Signaler cet accès</button>", "texte=Encore").await;
    assert!(again.location().ends_with("/acces"));
    let text = world.get(Some(&marie()), &format!("{home}/acces")).await.text();
    assert!(text.contains("Signalé le 21 novembre 2026, réponse attendue le"), "{text}");
    assert!(text.contains("Accès d'urgence examiné par l'établissement"), "{text}");
}

#[tokio::test]
async fn a_secret_visit_of_a_child_leaves_nothing_on_the_parents_pages() {
    let mut told: Vec<Vec<String>> = Vec::new();
    for visited in [false, true] {
        let world = World::with_marie().await;
        let mut doctor = in_emergency();
        if let Actor::Professional(p) = &mut doctor.actor {
            p.secret = true;
        }
        let address = world.address(&doctor, LEO).await;
        match visited {
            true => assert_eq!(world.get(Some(&doctor), &address).await.status, 200),
            false => world.wait_seconds(1),
        }
        let parent = marie();
        let home = world.get(Some(&parent), &world.home(&parent).await).await.link_containing("Léo Martin");
        let mut pages = Vec::new();
        for part in ["/acces", "/acces?vue=urgence", "/acces/telecharger", "/droits", "/droits/bloquer"] {
            pages.push(world.get(Some(&parent), &format!("{home}{part}")).await.body);
        }
        told.push(pages);
    }
    assert_eq!(told[0], told[1]);
}
