//! Cases of a référent's structure, and notices to the patient.

use super::world::*;
use dmp_dossier::*;
use dmp_store::{Notice, NoticeKind, ReferredCase};
use uuid::Uuid;

fn glass(number: u64) -> Actor {
    professional(number, "10", Mode::BrisDeGlace { reason: "malaise, patiente inconsciente".to_owned() })
}

/// The référent of the structure where that doctor works.
fn referent_of(number: u64) -> Actor {
    Actor::Referent(Referent {
        id: format!("referent-{number}"),
        name: PersonName { family: "BLIN".to_owned(), given: "Anne".to_owned() },
        structure: doctor(number).structure().unwrap().clone(),
        structure_name: Some("Centre hospitalier".to_owned()),
    })
}

async fn cases(world: &World, actor: &Actor) -> Vec<ReferredCase> {
    world.store.cases(actor, Uuid::nil()).await.unwrap()
}

async fn answer(world: &World, by: &Actor, referred: &ReferredCase) {
    let (id, outcome) = (referred.case.id, CaseOutcome::Justified);
    let text = "Le service des urgences vous a reçue ce jour-là.".to_owned();
    let command = Command::AnswerCase(Box::new(AnswerCase { id, outcome, text }));
    world.execute(by, &referred.identity.ins, command).await.unwrap();
}

async fn kinds(world: &World) -> Vec<NoticeKind> {
    world.store.notices(100).await.unwrap().into_iter().map(|notice| notice.kind).collect()
}

/// The notices, which are then sent.
async fn sent(world: &World) -> Vec<Notice> {
    let notices = world.store.notices(100).await.unwrap();
    for notice in &notices {
        world.store.noticed(notice).await.unwrap();
    }
    assert!(kinds(world).await.is_empty());
    notices
}

async fn set_notices(world: &World, ins: &Ins, every_access: bool) {
    let notices = Notices { every_access, ..Notices::default() };
    world.execute(&patient(ins), ins, Command::SetNotices(notices)).await.unwrap();
}

pub async fn a_referent_sees_the_cases_of_their_structure(factory: Factory) {
    let world = World::new(factory).await;
    for number in 1..=4 {
        world.open_dossier(&ins(number)).await;
    }
    for (doctor, patient) in [(1, 1), (1, 2), (2, 3)] {
        world.found_by(&glass(doctor), &ins(patient)).await.unwrap();
        world.clock.advance_minutes(1);
    }
    let listed = cases(&world, &referent_of(1)).await;
    let patients: Vec<&Ins> = listed.iter().map(|referred| &referred.identity.ins).collect();
    assert_eq!(patients, [&ins(1), &ins(2)], "the soonest due first");
    assert!(listed.iter().all(|referred| referred.case.kind == CaseKind::BrisDeGlace));
    assert_eq!(cases(&world, &referent_of(2)).await.len(), 1);
    assert_eq!(cases(&world, &referent_of(3)).await, []);
    for nobody in [doctor(1), patient(&ins(1)), Actor::Pilot] {
        assert_eq!(reason(world.store.cases(&nobody, Uuid::nil()).await), Reason::AccessDenied);
    }
    // Each list is a line in each dossier that it shows, and in no other.
    let looks =
        |lines: Vec<dmp_store::Line>| lines.iter().filter(|line| line.entry.act == Act::ReviewAccess).count();
    assert_eq!(looks(world.journal(&ins(1)).await), 1);
    assert_eq!(looks(world.journal(&ins(3)).await), 1);
    assert_eq!(looks(world.journal(&ins(4)).await), 0);
    // Answered, it goes below, and away after ninety days.
    answer(&world, &referent_of(1), &listed[0]).await;
    let listed = cases(&world, &referent_of(1)).await;
    let patients: Vec<&Ins> = listed.iter().map(|referred| &referred.identity.ins).collect();
    assert_eq!(patients, [&ins(2), &ins(1)]);
    world.clock.advance_days(91);
    assert_eq!(cases(&world, &referent_of(1)).await.len(), 1, "what waits stays");
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    let world = world.reopened().await;
    assert_eq!(cases(&world, &referent_of(1)).await.len(), 1);
}

pub async fn first_accesses_emergencies_and_answers_are_told_once(factory: Factory) {
    let world = World::new(factory).await;
    world.open_dossier(&ins(1)).await;
    for who in [doctor(1), professional(4, "10", Mode::Normal)] {
        world.authorise(&ins(1), &who, false).await;
    }
    world.consult(&doctor(1), &ins(1), Query::Status).await.unwrap();
    assert_eq!(kinds(&world).await, [], "nothing was read");
    world.found_by(&doctor(1), &ins(1)).await.unwrap();
    world.found_by(&doctor(1), &ins(1)).await.unwrap();
    world.clock.advance_minutes(1);
    world.found_by(&glass(2), &ins(1)).await.unwrap();
    world.found_by(&glass(2), &ins(1)).await.unwrap();
    world.clock.advance_minutes(1);
    let samu = professional(3, "10", Mode::Centre15);
    world.found_by(&samu, &ins(1)).await.unwrap();
    world.found_by(&samu, &ins(1)).await.unwrap();
    use NoticeKind::*;
    assert_eq!(kinds(&world).await, [FirstAccess, Emergency, Emergency]);
    // Not lost by a restart, and gone once sent.
    let world = world.reopened().await;
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(sent(&world).await.len(), 3);
    // The regulation centre again, another day.
    world.clock.advance_minutes(61);
    world.found_by(&samu, &ins(1)).await.unwrap();
    assert_eq!(sent(&world).await[0].kind, Emergency);
    let listed = cases(&world, &referent_of(2)).await;
    answer(&world, &referent_of(2), &listed[0]).await;
    assert_eq!(sent(&world).await[0].kind, CaseAnswered);
    // The patient is not told of their own acts, nor of what was refused.
    world.found_by(&patient(&ins(1)), &ins(1)).await.unwrap();
    assert!(world.found_by(&doctor(9), &ins(1)).await.is_err());
    assert_eq!(kinds(&world).await, []);
}

pub async fn every_access_is_told_to_who_asks(factory: Factory) {
    let world = World::new(factory).await;
    world.open_dossier(&ins(1)).await;
    let dr = doctor(1);
    world.authorise(&ins(1), &dr, false).await;
    world.publish(&dr, &ins(1), document(1).hidden_from_patient()).await.unwrap();
    world.publish(&dr, &ins(1), document(2)).await.unwrap();
    world.found_by(&dr, &ins(1)).await.unwrap();
    sent(&world).await;
    world.clock.advance_minutes(61);
    world.found_by(&dr, &ins(1)).await.unwrap();
    assert_eq!(kinds(&world).await, [], "not asked for");
    set_notices(&world, &ins(1), true).await;
    // A document that the patient may not know of leaves no notice.
    world.read(&dr, &ins(1), &document(1).unique_id).await.unwrap();
    assert_eq!(kinds(&world).await, []);
    world.read(&dr, &ins(1), &document(2).unique_id).await.unwrap();
    world.found_by(&dr, &ins(1)).await.unwrap();
    assert_eq!(sent(&world).await.iter().map(|n| n.kind).collect::<Vec<_>>(), [NoticeKind::Access]);
    world.found_by(&dr, &ins(1)).await.unwrap();
    assert_eq!(kinds(&world).await, [], "one an hour");
    world.clock.advance_minutes(61);
    world.found_by(&dr, &ins(1)).await.unwrap();
    assert_eq!(kinds(&world).await, [NoticeKind::Access]);
}

/// The contact of a person, by telephone.
fn by_phone(phone: &str) -> Contact {
    Contact { phone: Some(phone.to_owned()), ..Contact::default() }
}

async fn open_with_parent(world: &World, ins: &Ins, born: &str, relation: Relation) {
    let Command::Open(mut open) = opening(ins) else { panic!("not an opening") };
    open.traits.birth_date = born.to_owned();
    open.contact = by_phone("0600000001");
    open.representatives = vec![Representative {
        person: Some("parent".to_owned()),
        name: "ESSAI".to_owned(),
        given: "Jean".to_owned(),
        relation,
        contact: by_phone("0600000002"),
        since: world.store.now(),
        until: None,
    }];
    let agent = Actor::ReceptionAgent(ReceptionAgent {
        id: "agent".to_owned(),
        organisation: "CPAM 35".to_owned(),
        channel: Channel::Cpam,
    });
    open.channel = Channel::Cpam;
    world.execute(&agent, ins, Command::Open(open)).await.unwrap();
}

pub async fn a_notice_goes_to_the_patient_or_to_who_acts_for_them(factory: Factory) {
    let world = World::new(factory).await;
    open_with_parent(&world, &ins(1), "20150701", Relation::Parent).await;
    world.open_dossier(&ins(2)).await;
    for number in [1, 2] {
        world.found_by(&glass(1), &ins(number)).await.unwrap();
    }
    let notices = world.store.notices(100).await.unwrap();
    let of_child = world.store.addressee(&notices[0]).await.unwrap().unwrap();
    assert_eq!((of_child.contact, of_child.representatives), (None, vec![by_phone("0600000002")]));
    let secret = Notice { secret: true, ..notices[0].clone() };
    let of_secret = world.store.addressee(&secret).await.unwrap().unwrap();
    assert_eq!((of_secret.contact, of_secret.representatives), (None, Vec::new()));
    let of_adult = world.store.addressee(&notices[1]).await.unwrap().unwrap();
    assert_eq!((of_adult.contact, of_adult.representatives), (Some(Contact::default()), Vec::new()));
    // Of age, the child is told, and the parent no more.
    world.clock.advance_days(366 * 18);
    let of_age = world.store.addressee(&notices[0]).await.unwrap().unwrap();
    assert_eq!((of_age.contact, of_age.representatives), (Some(by_phone("0600000001")), Vec::new()));
}

pub async fn a_secret_bris_de_glace_is_told_as_secret(factory: Factory) {
    let world = World::new(factory).await;
    open_with_parent(&world, &ins(1), "20150701", Relation::Parent).await;
    let secret = match glass(1) {
        Actor::Professional(p) => Actor::Professional(Box::new(Professional { secret: true, ..*p })),
        other => other,
    };
    world.found_by(&secret, &ins(1)).await.unwrap();
    let listed = cases(&world, &referent_of(1)).await;
    answer(&world, &referent_of(1), &listed[0]).await;
    let told: Vec<(NoticeKind, bool)> =
        world.store.notices(100).await.unwrap().into_iter().map(|n| (n.kind, n.secret)).collect();
    assert_eq!(told, [(NoticeKind::Emergency, true), (NoticeKind::CaseAnswered, true)]);
}
