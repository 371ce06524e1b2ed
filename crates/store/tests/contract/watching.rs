//! What a read changes by itself is in the line of that read; a refusal of opening is kept and tells nobody anything.

use super::world::*;
use dmp_dossier::*;
use dmp_store::{Line, StoreError};
use uuid::Uuid;

fn facts(line: &Line) -> &[Fact] {
    &line.entry.facts
}

fn glass(number: u64, secret: bool) -> Actor {
    let Actor::Professional(mut p) =
        professional(number, "10", Mode::BrisDeGlace { reason: "patiente inconsciente".to_owned() })
    else {
        panic!("a professional")
    };
    p.secret = secret;
    Actor::Professional(p)
}

async fn cases(world: &World, actor: &Actor, ins: &Ins) -> Result<Vec<Case>, StoreError> {
    match world.consult(actor, ins, Query::Cases).await?.view {
        View::Cases(cases) => Ok(cases),
        other => panic!("not cases: {other:?}"),
    }
}

/// VEI-4: the visit is in the line of the read that it is, and in no other.
pub async fn a_first_visit_is_kept_once_with_its_trace(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    world.publish(&dr, &ins, document(1)).await.unwrap();
    let mut secret = professional(1, "10", Mode::Normal);
    if let Actor::Professional(p) = &mut secret {
        p.secret = true;
    }
    world.consult(&dr, &ins, Query::Status).await.unwrap();
    world.found_by(&secret, &ins).await.unwrap();
    assert!(
        world.journal(&ins).await.iter().all(|line| facts(line).is_empty() || line.entry.act != Act::Search)
    );
    // The bytes come with the permit of the very line that tells of the visit, through the document too.
    let query = Query::Retrieve(vec![by_uid(&document(1).unique_id)]);
    let answer = world.consult(&dr, by_uid(&document(1).unique_id), query).await.unwrap();
    assert_eq!(answer.contents[0], document(1).bytes);
    assert_eq!(world.read(&dr, &ins, &document(1).unique_id).await.unwrap(), document(1).bytes);
    assert_eq!(world.search_text(&dr, &ins, "penicilline").await.unwrap().len(), 1);
    let lines = world.journal(&ins).await;
    let visits: Vec<&Line> =
        lines.iter().filter(|line| facts(line).iter().any(|f| matches!(f, Fact::Visited { .. }))).collect();
    let who = dr.professional().unwrap().id.clone();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].entry.act, Act::Read);
    assert_eq!(facts(visits[0]), [Fact::Visited { who }]);
    assert_eq!(visits[0].documents[0].metadata.unique_id.as_str(), document(1).unique_id);
    let world = world.reopened().await;
    world.found_by(&dr, &ins).await.unwrap();
    assert!(facts(&world.journal(&ins).await[0]).is_empty());
    assert!(world.verified().is_clean());
}

/// Many reads at once are one first visit, and each has its line.
pub async fn first_visits_at_once_are_one(factory: Factory) {
    let world = std::sync::Arc::new(World::new(factory).await);
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    let reads: Vec<_> = (0..16)
        .map(|_| {
            let (world, ins, dr) = (std::sync::Arc::clone(&world), ins.clone(), dr.clone());
            tokio::spawn(async move { world.found_by(&dr, &ins).await.unwrap() })
        })
        .collect();
    for read in reads {
        read.await.unwrap();
    }
    let lines = world.journal(&ins).await;
    let searches: Vec<&Line> = lines.iter().filter(|line| line.entry.act == Act::Search).collect();
    assert_eq!(searches.len(), 16);
    assert_eq!(searches.iter().filter(|line| !facts(line).is_empty()).count(), 1);
    assert!(world.verified().is_clean());
}

/// VEI-1: one review for an hour of one bris de glace, with its reason, and the référent's answer to it.
pub async fn a_bris_de_glace_opens_one_review_an_hour(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), glass(2, false));
    world.open_dossier(&ins).await;
    world.publish(&doctor(1), &ins, document(1)).await.unwrap();
    world.found_by(&dr, &ins).await.unwrap();
    world.read(&dr, &ins, &document(1).unique_id).await.unwrap();
    world.clock.advance_minutes(59);
    world.found_by(&dr, &ins).await.unwrap();
    let first = cases(&world, &patient(&ins), &ins).await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].reason.as_deref(), Some("patiente inconsciente"));
    assert_eq!(first[0].due, first[0].opened.plus_days(3));
    world.clock.advance_minutes(1);
    world.found_by(&dr, &ins).await.unwrap();
    assert_eq!(cases(&world, &patient(&ins), &ins).await.unwrap().len(), 2);
    let referent = |number: u64| {
        Actor::Referent(Referent {
            id: "referente".to_owned(),
            name: PersonName { family: "NOIR".to_owned(), given: "Anne".to_owned() },
            structure: StructureId::parse(&format!("1{:09}", 350_000_000 + number)).unwrap(),
            structure_name: None,
        })
    };
    let answer = AnswerCase {
        id: first[0].id,
        outcome: CaseOutcome::Justified,
        text: "La patiente était aux urgences.".to_owned(),
    };
    let answer = Command::AnswerCase(Box::new(answer));
    assert_eq!(cases(&world, &referent(2), &ins).await.unwrap().len(), 2);
    assert_eq!(cases(&world, &referent(3), &ins).await.unwrap().len(), 0);
    assert_eq!(reason(world.execute(&referent(3), &ins, answer.clone()).await), Reason::InvalidRequest);
    assert_eq!(world.execute(&referent(2), &ins, answer.clone()).await.unwrap(), Receipt::Done);
    assert_eq!(world.execute(&referent(2), &ins, answer).await.unwrap(), Receipt::AlreadyDone);
    let world = world.reopened().await;
    let answered = cases(&world, &patient(&ins), &ins).await.unwrap();
    assert_eq!(answered[0].answer.as_ref().unwrap().text, "La patiente était aux urgences.");
    assert_eq!(answered[1].answer, None);
    assert!(world.verified().is_clean());
}

/// A secret session in emergency has its review, which no representative sees, nor its line.
pub async fn a_secret_review_is_not_a_representatives(factory: Factory) {
    let world = World::new(factory).await;
    let ins = ins(1);
    let Command::Open(mut open) = opening(&ins) else { panic!("not an opening") };
    open.traits.birth_date = "20150301".to_owned();
    open.representatives = vec![Representative {
        person: Some("mere".to_owned()),
        name: "ESSAI".to_owned(),
        given: "Anne".to_owned(),
        relation: Relation::Parent,
        contact: Contact::default(),
        since: Time::from_millis(0),
        until: None,
    }];
    let mother = Actor::Representative { of: ins.clone(), person: "mere".to_owned() };
    world.execute(&mother, &ins, Command::Open(open)).await.unwrap();
    world.found_by(&glass(2, true), &ins).await.unwrap();
    let report = ReportAccess {
        who: ActorTrace::of(&glass(2, true)),
        occurred: world.journal(&ins).await[0].entry.at,
        text: String::new(),
    };
    world.execute(&patient(&ins), &ins, Command::ReportAccess(Box::new(report))).await.unwrap();
    let of_patient = cases(&world, &patient(&ins), &ins).await.unwrap();
    assert_eq!(
        of_patient.iter().map(|c| c.kind).collect::<Vec<_>>(),
        [CaseKind::BrisDeGlace, CaseKind::Reported]
    );
    assert_eq!(cases(&world, &mother, &ins).await.unwrap(), []);
    let query = Query::Journal(JournalFilter::default());
    let lines = world.consult(&mother, &ins, query).await.unwrap().lines;
    let told = |line: &&Line| line.entry.actor.secret || line.entry.act == Act::ReportAccess;
    assert_eq!(lines.iter().filter(told).count(), 0);
    assert!(world.verified().is_clean());
}

/// CHX-3: kept over a restart, told to nobody, over when the person consents.
pub async fn a_refusal_of_opening_is_kept_until_the_person_consents(factory: Factory) {
    let world = World::new(factory).await;
    let (refusing, unknown) = (ins(1), ins(2));
    let agent = Actor::ReceptionAgent(ReceptionAgent {
        id: "agent-1".to_owned(),
        organisation: "Caisse d'essai".to_owned(),
        channel: Channel::Cpam,
    });
    let loader = Actor::App(App { name: "loader".to_owned(), purpose: AppPurpose::Loader });
    let refuse = || Command::RefuseOpening { channel: Channel::Cpam };
    assert_eq!(world.execute(&agent, &refusing, refuse()).await.unwrap(), Receipt::Done);
    assert_eq!(world.execute(&agent, &refusing, refuse()).await.unwrap(), Receipt::AlreadyDone);
    let world = world.reopened().await;
    assert!(world.verified().is_clean());
    // Everybody is answered as for a patient never heard of, in the same words.
    let actors =
        [patient(&refusing), doctor(1), glass(2, false), agent.clone(), loader.clone(), Actor::Pilot];
    for actor in &actors {
        for query in [Query::Status, Query::Choices, Query::Cases, Query::FindDocuments(Box::default())] {
            let told = |answer: Result<dmp_store::Answer, StoreError>| match answer {
                Err(StoreError::Refused { refusal, retry_after_seconds }) => (refusal, retry_after_seconds),
                other => panic!("not refused: {other:?}"),
            };
            let here = told(world.consult(actor, &refusing, query.clone()).await);
            assert_eq!(here, told(world.consult(actor, &unknown, query).await), "{actor:?}");
        }
    }
    let published = world.publish(&doctor(1), &refusing, document(1)).await;
    assert_eq!(reason(published), Reason::UnknownPatient);
    // An application is refused, the person is not; the dossier is then like any other.
    let Command::Open(mut automatic) = opening(&refusing) else { panic!("not an opening") };
    automatic.channel = Channel::Cpam;
    let opened = world.execute(&loader, &refusing, Command::Open(automatic)).await;
    assert_eq!(reason(opened), Reason::OpeningRefused);
    assert_eq!(world.open_dossier(&refusing).await, Receipt::Done);
    assert_eq!(reason(world.execute(&agent, &refusing, refuse()).await), Reason::DossierOpen);
    world.authorise(&refusing, &doctor(1), false).await;
    world.publish(&doctor(1), &refusing, document(1)).await.unwrap();
    assert_eq!(world.found_by(&doctor(1), &refusing).await.unwrap(), [document(1).unique_id]);
    let doctor_of_regulation = professional(9, "10", Mode::Centre15);
    assert_eq!(world.find(&doctor_of_regulation, sought()).await.unwrap().len(), 1);
    assert!(world.verified().is_clean());
    let world = world.reopened().await;
    assert_eq!(world.found_by(&doctor(1), &refusing).await.unwrap(), [document(1).unique_id]);
    assert!(world.verified().is_clean());
}

/// A refusal and an opening at once, whichever comes first, leave one dossier.
pub async fn a_refusal_and_an_opening_at_once_are_one_place(factory: Factory) {
    let world = std::sync::Arc::new(World::new(factory).await);
    for number in 1..=8 {
        let ins = ins(number);
        let agent = Actor::ReceptionAgent(ReceptionAgent {
            id: "agent-1".to_owned(),
            organisation: "Caisse d'essai".to_owned(),
            channel: Channel::Cpam,
        });
        let refusing = tokio::spawn({
            let (world, ins) = (std::sync::Arc::clone(&world), ins.clone());
            async move { world.execute(&agent, &ins, Command::RefuseOpening { channel: Channel::Cpam }).await }
        });
        let opened = world.execute(&patient(&ins), &ins, opening(&ins)).await.unwrap();
        assert_eq!(opened, Receipt::Done);
        match refusing.await.unwrap() {
            Ok(receipt) => assert_eq!(receipt, Receipt::Done),
            refused => assert_eq!(reason(refused), Reason::DossierOpen),
        }
    }
    let report = world.verified();
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!(report.dossiers, 8);
}

/// Choices come back with their receipts, and what the patient wants to be told of.
pub async fn choices_come_back_with_their_receipts(factory: Factory) {
    let world = World::new(factory).await;
    let ins = ins(1);
    world.open_dossier(&ins).await;
    let choice = Choice {
        subject: ChoiceSubject::Samu,
        answer: "Oui, le SAMU peut lire mon dossier.".to_owned(),
        accepted: Some(true),
        proof: ConsentProof {
            collected_by: "la patiente".to_owned(),
            means: "formulaire".to_owned(),
            at: Time::from_millis(0),
            information: Some("2026-11".to_owned()),
        },
    };
    let notices = Notices { first_access: true, every_access: true, by: NoticeChannel::Sms };
    let commands = [Command::RecordChoices(vec![choice.clone()]), Command::SetNotices(notices)];
    for command in commands {
        assert_eq!(world.execute(&patient(&ins), &ins, command.clone()).await.unwrap(), Receipt::Done);
        assert_eq!(world.execute(&patient(&ins), &ins, command).await.unwrap(), Receipt::AlreadyDone);
    }
    let world = world.reopened().await;
    let View::Choices(view) = world.consult(&patient(&ins), &ins, Query::Choices).await.unwrap().view else {
        panic!("not choices")
    };
    assert_eq!((view.choices, view.notices, view.due), (vec![choice], notices, false));
    assert_eq!(view.proofs.len(), 1);
    assert!(world.verified().is_clean());
}

/// The latest lines, and no more than were asked for.
pub async fn a_journal_is_read_up_to_a_number_of_lines(factory: Factory) {
    let world = World::new(factory).await;
    let ins = ins(1);
    world.open_dossier(&ins).await;
    world.authorise(&ins, &doctor(1), false).await;
    for _ in 0..5 {
        world.clock.advance_minutes(1);
        world.found_by(&doctor(1), &ins).await.unwrap();
    }
    for (limit, lines) in [(Some(0), 0), (Some(3), 3), (Some(1_000), 10), (None, 11)] {
        let filter = JournalFilter { limit, ..JournalFilter::default() };
        let target = dmp_store::Target::Patient(ins.clone());
        let query = Query::Journal(filter);
        let read = world.store.consult(&patient(&ins), target, query, Uuid::nil()).await.unwrap().lines;
        assert_eq!(read.len(), lines, "{limit:?}");
        assert!(read.first().is_none_or(|line| line.entry.act == Act::ReadJournal));
        assert!(read.windows(2).all(|pair| pair[0].entry.at >= pair[1].entry.at));
    }
}
