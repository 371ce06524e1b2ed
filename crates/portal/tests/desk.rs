//! The reception desk over HTTP, on a real store: opening, refusing, reopening, what is printed and counted.

mod world;

use dmp_dossier::{
    Actor, Channel, ChoiceSubject, ClosureReason, Command, Emergency, OtpChannel, Professional, Query,
    ReceptionAgent, View,
};
use dmp_portal::Viewer;
use dmp_portal::services::MessageKind;
use dmp_store::Target;
use uuid::Uuid;
use world::services::{CODE, Sent, TOO_OFTEN, UNREACHABLE, alice, jean, zoe};
use world::{CSRF, LEO, MARIE, Reply, World, desk, dr_martin, ins, marie, optician, secretary};

const FULL: &str = "information=oui&accord=oui&urgence_choix=samu&joindre=06+12+34+56+78";

fn post(fields: &str) -> String {
    format!("csrf={CSRF}&{fields}")
}

/// Reads a card, chooses somebody and the document seen: where the opening goes on.
async fn chosen(world: &World, agent: &Viewer, card: &str, who: &str) -> String {
    let start = world.post(Some(agent), "/guichet/ouvrir", &post(&format!("carte={card}"))).await.location();
    let page = world.get(Some(agent), &start).await;
    assert!(page.status == 200 && !page.body.contains("checked") && !page.body.contains("selected"));
    world.post(Some(agent), &format!("{start}/personne"), &post(&format!("qui={who}"))).await.location()
}

/// Answers, the code included when one is asked: the address after.
async fn opened(world: &World, agent: &Viewer, address: &str, fields: &str) -> String {
    let next = world.post(Some(agent), address, &post(fields)).await.location();
    let (next, waits) = next.strip_suffix("#code").map_or((next.as_str(), false), |rest| (rest, true));
    if !waits {
        return next.to_owned();
    }
    world.post(Some(agent), next, &post(&format!("{fields}&code={CODE}"))).await.location()
}

/// The last page, after its redirection.
async fn done(world: &World, agent: &Viewer, address: &str) -> Reply {
    let to = world.get(Some(agent), address).await.location();
    world.get(Some(agent), &to).await
}

async fn view(world: &World, actor: &Actor, number: &str, query: Query) -> Option<View> {
    let target = Target::Patient(ins(number));
    world.store.consult(actor, target, query, Uuid::new_v4()).await.ok().map(|answer| answer.view)
}

fn patient(number: &str) -> Actor {
    Actor::Patient { ins: ins(number) }
}

#[tokio::test]
async fn an_agent_opens_a_dossier_with_what_the_patient_answers() {
    let world = World::new().await;
    let agent = desk();
    let home = world.get(Some(&agent), "/").await;
    assert_eq!(home.location(), "/guichet");
    let home = world.get(Some(&agent), "/guichet").await;
    assert!(home.text().contains("Carte de PETIT Jean") && home.text().contains("aucun dossier ouvert"));

    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let page = world.get(Some(&agent), &address).await;
    assert!(page.status == 200 && !page.body.contains(" checked"), "nothing is answered beforehand");
    assert!(page.text().contains("PETIT") && page.text().contains("05/01/1970"));
    world.wait_seconds(60);
    let after = opened(&world, &agent, &address, &format!("{FULL}&remboursements=oui&avis=sms")).await;
    let page = done(&world, &agent, &after).await;
    assert!(page.text().contains("Dossier ouvert"), "{}", page.text());

    let Some(View::Status(status)) = view(&world, &agent.actor, &jean(), Query::Status).await else {
        panic!()
    };
    let switches = Emergency { bris_de_glace_opposed: true, samu_opposed: false, masked_readable: false };
    assert_eq!((status.active, status.emergency), (true, switches));
    let Some(View::Choices(kept)) = view(&world, &patient(&jean()), &jean(), Query::Choices).await else {
        panic!()
    };
    let subjects: Vec<_> = kept.choices.iter().map(|c| (c.subject, c.accepted)).collect();
    assert_eq!(
        subjects,
        [
            (ChoiceSubject::Opening, Some(true)),
            (ChoiceSubject::Samu, Some(true)),
            (ChoiceSubject::BrisDeGlace, Some(false)),
            (ChoiceSubject::Reimbursements, Some(true)),
            (ChoiceSubject::Notices, Some(true)),
        ]
    );
    assert!(kept.proofs[0].collected_by.contains("CPAM 35, agent agent-7"));
    assert!(kept.proofs[0].means.contains("carte d'identité") && kept.proofs[0].information.is_some());
    assert_eq!(kept.notices.by, dmp_dossier::NoticeChannel::Sms);
    assert_eq!(world.services.notices(), [MessageKind::Opened]);

    let home = world.get(Some(&agent), "/guichet").await.text();
    assert!(home.contains("1 dossier ouvert aujourd'hui"), "{home}");
}

#[tokio::test]
async fn what_is_missing_is_named_and_what_was_given_is_kept() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-2", "0+passeport").await;
    for (fields, wrong) in [
        ("", "Remettez le dépliant"),
        ("information=oui&accord=peut-etre&urgence_choix=tous&sans=oui", "Demandez l'accord"),
        ("information=oui&accord=r0&urgence_choix=tous&sans=oui", "Demandez l'accord"),
        ("information=oui&accord=oui&urgence_choix=x&sans=oui", "en cas d'urgence"),
        ("information=oui&accord=oui&urgence_choix=tous", "Tapez un mobile ou un mail"),
        ("information=oui&accord=oui&urgence_choix=tous&joindre=06", "Tapez un mobile (06"),
        ("information=oui&accord=oui&urgence_choix=tous&joindre=a@b.fr&sans=oui", "Effacez l'adresse"),
        ("information=oui&accord=oui&urgence_choix=tous&sans=oui&avis=sms", "il faut un mobile"),
        (
            "information=oui&accord=oui&urgence_choix=tous&sans=oui&avis=courrier",
            "Choisissez une des réponses",
        ),
        (
            "information=oui&accord=oui&urgence_choix=tous&sans=oui&remboursements=x",
            "Choisissez une des réponses",
        ),
        (&format!("information=oui&accord=oui&urgence_choix=tous&joindre={UNREACHABLE}"), "n'est pas parti"),
        (
            &format!("information=oui&accord=oui&urgence_choix=tous&joindre={TOO_OFTEN}"),
            "Attendez une minute",
        ),
    ] {
        let page = world.post(Some(&agent), &address, &post(fields)).await;
        assert_eq!(page.status, 422, "{fields}");
        assert!(page.text().contains(wrong), "{fields}: {}", page.text());
        if fields.contains("urgence_choix=tous") {
            assert!(page.body.contains("value=\"tous\" checked"), "{fields}");
        }
    }
    assert!(view(&world, &agent.actor, &jean(), Query::Status).await.is_none(), "nothing was opened");
}

#[tokio::test]
async fn a_code_that_is_wrong_opens_nothing_and_a_channel_changed_afterwards_is_proved_anew() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let waiting = world.post(Some(&agent), &address, &post(FULL)).await.location();
    let waiting = waiting.strip_suffix("#code").unwrap().to_owned();
    let shown = world.get(Some(&agent), &waiting).await;
    assert!(shown.text().contains("06 •• •• •• 78") && shown.body.contains("value=\"samu\" checked"));
    for (code, says) in [
        ("", "tape le code"),
        ("000000", "Ce n'est pas ce code"),
        ("000000", "Il reste un essai"),
        ("0", "ne sert plus"),
    ] {
        let page = world.post(Some(&agent), &waiting, &post(&format!("{FULL}&code={code}"))).await;
        assert!(page.status == 422 && page.text().contains(says), "{code}: {}", page.text());
    }
    let other = FULL.replace("06+12+34+56+78", "jean@exemple.fr");
    let again = world.post(Some(&agent), &waiting, &post(&format!("{other}&code={CODE}"))).await.location();
    assert!(again.ends_with("#code"), "the code of another channel proves nothing");
    assert!(view(&world, &agent.actor, &jean(), Query::Status).await.is_none());
    let sent: Vec<_> = world.services.sent();
    assert!(matches!(&sent[1], Sent::Code { to: OtpChannel::Email(mail), .. } if mail == "jean@exemple.fr"));
}

#[tokio::test]
async fn a_minor_is_opened_with_the_agreement_of_who_represents_them() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-3", "1+livret").await;
    let page = world.get(Some(&agent), &address).await;
    assert!(page.text().contains("Oui, MOREAU Alice, parent") && page.text().contains("représentant légal"));
    let own = world.post(Some(&agent), &address, &post(FULL)).await;
    assert!(own.status == 422, "a child does not agree alone");
    let fields = FULL.replace("accord=oui", "accord=r0");
    let after = opened(&world, &agent, &address, &fields).await;
    let page = done(&world, &agent, &after).await;
    assert!(page.text().contains("Un enfant n'a pas de codes") && !page.body.contains("value=\"papier\""));
    let Some(View::Status(status)) = view(&world, &agent.actor, &zoe(), Query::Status).await else {
        panic!()
    };
    assert!(status.active && !status.web_access);
    let parent = Actor::Representative { of: ins(&zoe()), person: alice() };
    assert!(view(&world, &parent, &zoe(), Query::Rights).await.is_some());
    assert!(world.services.sent().iter().any(
        |sent| matches!(sent, Sent::Profile { person, of, .. } if *person == alice() && *of == ins(&zoe()))
    ));
    let refused = world.post(Some(&agent), &format!("{after}/codes"), &post("par=papier")).await;
    assert_eq!(refused.status, 403);

    let address = chosen(&world, &agent, "card-3", "1+livret").await;
    assert!(done(&world, &agent, &address).await.text().contains("Un dossier existe déjà"));
}

#[tokio::test]
async fn another_representative_gives_their_name() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-3", "1+cni").await;
    let fields = "information=oui&accord=autre&urgence_choix=tous&sans=oui";
    let page = world.post(Some(&agent), &address, &post(fields)).await;
    for says in ["nom du représentant", "prénom du représentant", "Choisissez le lien"] {
        assert!(page.status == 422 && page.text().contains(says), "{says}");
    }
    let fields = format!("{fields}&rep_nom=Martin&rep_prenom=Paul&rep_lien=tuteur");
    let after = opened(&world, &agent, &address, &fields).await;
    assert!(done(&world, &agent, &after).await.text().contains("Dossier ouvert"));
    let paper = world.get(Some(&agent), &format!("{after}/accuse")).await;
    assert_eq!((paper.status, paper.header("content-type")), (200, "application/pdf"));
}

#[tokio::test]
async fn a_refusal_is_kept_and_opens_nothing() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let after = world.post(Some(&agent), &address, &post("accord=non")).await.location();
    assert!(done(&world, &agent, &after).await.text().contains("Refus enregistré"));
    assert!(view(&world, &agent.actor, &jean(), Query::Status).await.is_none());
    // Asked again, the person may agree.
    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let after = opened(&world, &agent, &address, FULL).await;
    assert!(done(&world, &agent, &after).await.text().contains("Dossier ouvert"));
}

#[tokio::test]
async fn an_opening_done_twice_is_one_and_a_dossier_that_is_there_is_told() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let fields = post("information=oui&accord=oui&urgence_choix=tous&sans=oui");
    let after = world.post(Some(&agent), &address, &fields).await.location();
    let again = world.post(Some(&agent), &address, &fields).await.location();
    assert!(done(&world, &agent, &again).await.text().contains("Dossier ouvert"));
    let page = done(&world, &agent, &after).await;
    assert!(page.text().contains("Sans mobile ni mail"), "{}", page.text());
    assert!(world.get(Some(&agent), "/guichet").await.text().contains("1 dossier ouvert aujourd'hui"));

    let world = World::with_marie().await;
    let address = chosen(&world, &agent, "card-1", "0+cni").await;
    let page = done(&world, &agent, &address).await;
    assert!(page.text().contains("Un dossier existe déjà"));
    for medical in ["/dossier/", "Martin Paul", "allerg"] {
        assert!(!page.body.contains(medical), "{medical}");
    }
    let posted = world.post(Some(&agent), &address, &post(FULL)).await;
    assert_eq!(posted.location().split('/').nth(2), Some("ouvrir"), "nothing is opened over it");
    let lines = world.get(Some(&marie()), &format!("{}/acces", world.home(&marie()).await)).await;
    assert!(lines.text().contains("CPAM 35"), "the question is in the journal");
}

#[tokio::test]
async fn a_closed_dossier_is_reopened_with_the_agreement() {
    let world = World::with_marie().await;
    let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
    world.execute(&marie().actor, MARIE, close, Vec::new()).await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-1", "0+cni").await;
    let page = world.get(Some(&agent), &address).await;
    assert!(page.text().contains("Rouvrir le dossier") && !page.body.contains("urgence_choix"));
    let refused = world.post(Some(&agent), &address, &post("accord=non")).await.location();
    assert!(done(&world, &agent, &refused).await.text().contains("Refus enregistré"));
    let after = opened(&world, &agent, &address, "information=oui&accord=oui").await;
    assert!(done(&world, &agent, &after).await.text().contains("Dossier rouvert"));
    let Some(View::Status(status)) = view(&world, &agent.actor, MARIE, Query::Status).await else { panic!() };
    assert!(status.active);
}

#[tokio::test]
async fn without_a_card_number_and_document_say_who_it_is() {
    let world = World::new().await;
    let agent = desk();
    let typed = |nir: &str, born: &str| post(&format!("nir={nir}&nom=Petit&prenoms=Jean&naissance={born}"));
    for (nir, born, says) in [
        (jean(), "06/02/1970".to_owned(), "ne va pas avec le numéro"),
        ("170013523800100".to_owned(), "05/01/1970".to_owned(), "clé"),
        (String::new(), String::new(), "Tapez le numéro"),
    ] {
        let page = world.post(Some(&agent), "/guichet/ouvrir", &typed(&nir, &born)).await;
        assert!(page.status == 422 && page.text().contains(says), "{}", page.text());
        assert!(page.body.contains("value=\"Petit\""), "what was typed is kept");
    }
    let start = world.post(Some(&agent), "/guichet/ouvrir", &typed(&jean(), "05/01/1970")).await.location();
    assert!(!start.contains(&jean()[..13]), "no number in an address");
    let address =
        world.post(Some(&agent), &format!("{start}/personne"), &post("qui=0+titre")).await.location();
    let after = opened(&world, &agent, &address, FULL).await;
    assert!(done(&world, &agent, &after).await.text().contains("Dossier ouvert"));
}

#[tokio::test]
async fn the_secret_goes_to_paper_or_to_the_patient_and_to_no_page() {
    let world = World::new().await;
    let agent = desk();
    let address = chosen(&world, &agent, "card-2", "0+cni").await;
    let after = opened(&world, &agent, &address, FULL).await;
    let page = done(&world, &agent, &after).await;
    let paper = world.post(Some(&agent), &format!("{after}/codes"), &post("par=papier")).await;
    assert_eq!((paper.status, paper.header("content-type")), (200, "application/pdf"));
    assert!(paper.header("content-disposition").starts_with("attachment"));
    assert_eq!(paper.header("cache-control"), "no-store");
    let sent = world.post(Some(&agent), &format!("{after}/codes"), &post("par=message")).await.location();
    let told = world.get(Some(&agent), &sent).await;
    assert!(told.text().contains("Les codes sont partis"));
    let secret = world.services.sent().into_iter().find_map(|sent| match sent {
        Sent::Credentials { secret, to, .. } => {
            assert_eq!(to.value(), "06 12 34 56 78");
            Some(secret)
        }
        _ => None,
    });
    let secret = secret.unwrap();
    assert!(!told.body.contains(&secret) && !page.body.contains("SECRET") && !sent.contains("SECRET"));
    let Some(View::Status(status)) = view(&world, &agent.actor, &jean(), Query::Status).await else {
        panic!()
    };
    assert!(status.web_access);
    // Somebody else, or later, gets nothing with that address.
    let other = Viewer {
        actor: Actor::ReceptionAgent(ReceptionAgent {
            id: "agent-8".into(),
            organisation: "CPAM 35".into(),
            channel: Channel::Cpam,
        }),
        ..desk()
    };
    assert_eq!(world.post(Some(&other), &format!("{after}/codes"), &post("par=papier")).await.status, 404);
    world.wait_seconds(31 * 60);
    assert_eq!(world.post(Some(&agent), &format!("{after}/codes"), &post("par=papier")).await.status, 404);
}

#[tokio::test]
async fn the_desk_is_for_who_opens_dossiers_and_leads_to_no_dossier() {
    let world = World::with_marie().await;
    let agent = desk();
    let pages =
        ["/guichet", "/guichet/depliant", "/guichet/releve", "/guichet/releve/csv", "/guichet/ouvrir/x"];
    for page in pages {
        assert_eq!(world.get(None, page).await.location(), "/entrer");
        for other in [marie(), secretary()] {
            assert_eq!(world.get(Some(&other), page).await.status, 404, "{page}");
        }
    }
    for (fields, status) in [("carte=card-9", 422), ("carte=../x", 422)] {
        assert_eq!(world.post(Some(&agent), "/guichet/ouvrir", &post(fields)).await.status, status);
    }
    assert_eq!(world.post(Some(&agent), "/guichet/ouvrir", "csrf=x&carte=card-1").await.status, 403);
    let start = world.post(Some(&agent), "/guichet/ouvrir", &post("carte=card-1")).await.location();
    for who in ["", "9+cni", "0+x", "x", "0"] {
        let chosen = post(&format!("qui={who}"));
        let answer = world.post(Some(&agent), &format!("{start}/personne"), &chosen).await;
        assert_eq!(answer.status, 403, "{who}");
    }
    let home = world.home(&marie()).await;
    assert_eq!(world.get(Some(&agent), &home).await.status, 404);
    let found = world.post(Some(&agent), "/dossier", &post(&format!("ins={MARIE}"))).await;
    assert_eq!(found.location(), "/");
    let refused = view(&world, &agent.actor, LEO, Query::Rights).await;
    assert!(refused.is_none());
}

#[tokio::test]
async fn a_doctor_and_a_pharmacist_open_through_their_own_channel() {
    let world = World::new().await;
    let pharmacist = |mut who: Viewer| {
        if let Actor::Professional(p) = &mut who.actor {
            **p = Professional { profession: "21".into(), ..(**p).clone() };
        }
        who
    };
    for (who, card, place) in [
        (dr_martin(), "card-2", "Consultation"),
        (pharmacist(optician()), "card-3", "Comptoir de la pharmacie"),
    ] {
        let home = world.get(Some(&who), "/guichet").await.text();
        assert!(home.contains(place) && home.contains("Cabinet du Port"), "{home}");
        let address = chosen(&world, &who, card, "0+cni").await;
        let after = opened(&world, &who, &address, FULL).await;
        assert!(done(&world, &who, &after).await.text().contains("Dossier ouvert"));
    }
    let csv = world.get(Some(&dr_martin()), "/guichet/releve/csv").await.body;
    assert!(csv.contains("\"ps\";1;") && csv.contains("\"pharmacie\";1;"), "{csv}");
}

#[tokio::test]
async fn the_statement_counts_acts_by_day_and_names_nobody() {
    let world = World::new().await;
    let agent = desk();
    for (card, who) in [("card-2", "0+cni"), ("card-3", "0+cni")] {
        let address = chosen(&world, &agent, card, who).await;
        world.wait_seconds(80);
        opened(&world, &agent, &address, FULL).await;
    }
    let page = world.get(Some(&agent), "/guichet/releve").await;
    let text = page.text();
    assert!(text.contains("Ouvertures, novembre 2026") && text.contains("samedi 21 novembre 2026"), "{text}");
    assert!(text.contains("1 min 2"), "{text}");
    for name in ["PETIT", "Petit", "MOREAU", "Moreau"] {
        assert!(!page.body.contains(name), "{name}");
    }
    let csv = world.get(Some(&agent), "/guichet/releve/csv?mois=2026-11").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("ouvertures-2026-11.csv"));
    let lines: Vec<_> = csv.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", csv.body);
    assert!(lines[1].starts_with("\"CPAM 35\";2026-11-21;\"agent-7\";\"cpam\";2;0;8"), "{}", lines[1]);
    let before = world.get(Some(&agent), "/guichet/releve?mois=2026-10").await;
    assert!(before.status == 200 && before.text().contains("Aucune ouverture ce mois-ci"));
    for odd in ["2026-13", "2026", "x", "2026-1a", "0001-01", "9999-12", "2026-11-01", "é026-1"] {
        let page = world.get(Some(&agent), &format!("/guichet/releve?mois={odd}")).await;
        assert_eq!(page.status, 404, "{odd}");
    }
}
