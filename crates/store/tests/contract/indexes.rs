//! TD0.4 and TD0.5: many dossiers in one request, each decided and traced by itself.

use super::world::*;
use dmp_dossier::*;
use dmp_keys::FileCustody;
use dmp_store::{Limits, ListedDossier, Quotas};
use std::sync::Arc;

fn everything() -> ListAsked {
    ListAsked { since: None, by: ListBy::LastAuthorisation, owner: None }
}

/// INS of the dossiers of a list, in its order.
fn listed(list: &[ListedDossier]) -> Vec<Ins> {
    list.iter().map(|line| line.identity.ins.clone()).collect()
}

fn grantee(actor: &Actor) -> Grantee {
    Grantee::Professional(actor.professional().unwrap().id.clone())
}

fn structure_of(actor: &Actor) -> StructureId {
    actor.structure().unwrap().clone()
}

fn employee(structure: &StructureId) -> Actor {
    Actor::Employee(Employee {
        id: PsId::parse(&format!("3{}/CPE1", &structure.as_str()[1..])).unwrap(),
        name: PersonName::default(),
        structure: structure.clone(),
        structure_name: None,
        reinforced_indirect: false,
    })
}

fn certificate(structure: &StructureId) -> Actor {
    Actor::Structure(StructureActor { id: structure.clone(), name: None, regulation: false })
}

fn samu(number: u64) -> Actor {
    professional(number, "10", Mode::Centre15)
}

pub async fn one_lists_the_dossiers_where_one_is_authorised(factory: Factory) {
    let world = World::new(factory).await;
    let dr = doctor(1);
    for number in 1..=8 {
        world.open_dossier(&ins(number)).await;
        world.clock.advance_minutes(1);
    }
    for number in [1, 2, 4, 5, 6, 7] {
        world.authorise(&ins(number), &dr, number == 2).await;
        world.clock.advance_minutes(1);
    }
    world.authorise(&ins(3), &doctor(2), false).await;
    let end = Command::EndAuthorisation { who: grantee(&dr) };
    world.execute(&patient(&ins(5)), &ins(5), end).await.unwrap();
    let block = Command::Block { who: grantee(&dr), label: None };
    world.execute(&patient(&ins(6)), &ins(6), block).await.unwrap();
    let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
    world.execute(&patient(&ins(7)), &ins(7), close).await.unwrap();
    let list = world.list(&dr, everything()).await.unwrap();
    assert_eq!(listed(&list), [ins(4), ins(2), ins(1)], "the last authorised first");
    assert_eq!(list.iter().map(|line| line.medecin_traitant).collect::<Vec<_>>(), [false, true, false]);
    assert!(list.iter().all(|line| line.last_document.is_none() && line.last_access.is_none()));
    assert_eq!(listed(&world.list(&doctor(2), everything()).await.unwrap()), [ins(3)]);
    assert_eq!(listed(&world.list(&doctor(3), everything()).await.unwrap()), []);
    // Renewed, a dossier is at the head; expired, it is no more on the list.
    world.clock.advance_days(200);
    world.authorise(&ins(1), &dr, false).await;
    assert_eq!(listed(&world.list(&dr, everything()).await.unwrap()), [ins(1), ins(4), ins(2)]);
    world.clock.advance_days(200);
    assert_eq!(listed(&world.list(&dr, everything()).await.unwrap()), [ins(1), ins(2)]);
    let world = world.reopened().await;
    assert_eq!(listed(&world.list(&dr, everything()).await.unwrap()), [ins(1), ins(2)]);
    assert_eq!(reason(world.list(&patient(&ins(1)), everything()).await), Reason::AccessDenied);
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
}

pub async fn a_list_is_journalled_in_each_dossier_it_shows(factory: Factory) {
    let world = World::new(factory).await;
    let dr = doctor(1);
    for number in 1..=3 {
        world.open_dossier(&ins(number)).await;
    }
    world.authorise(&ins(1), &dr, false).await;
    world.authorise(&ins(2), &dr, false).await;
    world.clock.advance_minutes(7);
    let read_at = world.store.now();
    world.found_by(&dr, &ins(1)).await.unwrap();
    assert!(world.consult(&doctor(2), &ins(1), Query::Rights).await.is_err());
    world.clock.advance_minutes(7);
    for _ in 0..2 {
        // The access before the list, and no list before it.
        let list = world.list(&dr, everything()).await.unwrap();
        let last: Vec<_> = list.iter().map(|line| (line.identity.ins.clone(), line.last_access)).collect();
        assert!(last.contains(&(ins(1), Some(read_at))) && last.contains(&(ins(2), None)), "{last:?}");
    }
    for (number, lines) in [(1, 2), (2, 2), (3, 0)] {
        let journal = world.journal(&ins(number)).await;
        let of_list = journal.iter().filter(|line| line.entry.act == Act::ListAuthorised);
        assert_eq!(of_list.count(), lines, "{number}");
    }
    // In an emergency mode the reason of the glass stands in each of them.
    let glass = professional(1, "10", Mode::BrisDeGlace { reason: "tri".to_owned() });
    assert_eq!(world.list(&glass, everything()).await.unwrap().len(), 2);
    assert_eq!(world.journal(&ins(2)).await[0].reason.as_deref(), Some("tri"));
    assert!(world.verified().is_clean());
}

/// Two dossiers that differ only in a document hidden from the reader give him the same list.
pub async fn a_list_is_that_of_its_dates_and_its_documents(factory: Factory) {
    let world = World::new(factory).await;
    let dr = doctor(1);
    for number in 1..=4 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &dr, false).await;
    }
    world.clock.advance_days(1);
    let since = world.store.now();
    let deposited = |number, document: Document| {
        let world = &world;
        async move { world.publish(&doctor(2), &ins(number), document).await.unwrap() }
    };
    deposited(1, document(1)).await;
    world.clock.advance_minutes(1);
    deposited(2, document(2)).await;
    let last = world.store.now();
    world.clock.advance_minutes(1);
    deposited(2, document(3).masked()).await;
    deposited(3, document(4).masked()).await;
    let by_document = ListAsked { since: Some(since), by: ListBy::LastDocument, owner: None };
    let list = world.list(&dr, by_document.clone()).await.unwrap();
    assert_eq!(listed(&list), [ins(2), ins(1)]);
    assert_eq!((list[0].last_document, list[0].last_update), (Some(last), Some(last)));
    let all = world.list(&dr, everything()).await.unwrap();
    let of = |number| all.iter().find(|line| line.identity.ins == ins(number)).unwrap();
    let dates =
        |line: &ListedDossier| (line.authorised_at, line.last_access, line.last_update, line.last_document);
    assert_eq!(dates(of(3)), dates(of(4)), "a masked document changes nothing");
    let by_right = ListAsked { since: Some(since), by: ListBy::LastAuthorisation, owner: None };
    assert_eq!(listed(&world.list(&dr, by_right.clone()).await.unwrap()), []);
    world.authorise(&ins(4), &dr, true).await;
    assert_eq!(listed(&world.list(&dr, by_right).await.unwrap()), [ins(4)]);
    // A document that is announced to the patient later puts the list in no journal of his.
    deposited(4, document(5).hidden_from_patient()).await;
    let before = world.journal(&ins(4)).await.len();
    assert_eq!(listed(&world.list(&dr, by_document).await.unwrap()), [ins(4), ins(2), ins(1)]);
    // The reading of the journal itself.
    assert_eq!(world.journal(&ins(4)).await.len(), before + 1);
    assert!(world.verified().is_clean());
}

pub async fn an_employee_lists_for_the_structure_and_for_those_who_act_in_it(factory: Factory) {
    let world = World::new(factory).await;
    let (dr, structure) = (doctor(1), structure_of(&doctor(1)));
    for number in 1..=3 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &dr, false).await;
    }
    let secretary = employee(&structure);
    let declare = Command::Authorise(Box::new(Authorise {
        who: Grantee::Structure(structure.clone()),
        label: None,
        until: None,
        medecin_traitant: false,
        profession: None,
    }));
    world.clock.advance_minutes(1);
    let since = Some(world.store.now());
    world.execute(&secretary, &ins(3), declare).await.unwrap();
    assert_eq!(listed(&world.list(&secretary, everything()).await.unwrap()), [ins(3)]);
    // The doctor's dossiers, where he acted for this structure.
    let owner = match grantee(&dr) {
        Grantee::Professional(id) => Some(id),
        Grantee::Structure(_) => None,
    };
    let his = ListAsked { owner, ..everything() };
    assert_eq!(listed(&world.list(&secretary, his.clone()).await.unwrap()), []);
    world.found_by(&dr, &ins(2)).await.unwrap();
    assert_eq!(listed(&world.list(&secretary, his.clone()).await.unwrap()), [ins(2)]);
    let elsewhere = employee(&structure_of(&doctor(2)));
    assert_eq!(listed(&world.list(&elsewhere, his.clone()).await.unwrap()), []);
    assert_eq!(reason(world.list(&doctor(2), his).await), Reason::AccessDenied);
    // A certificate has the new authorisations of its structure.
    let certificate = certificate(&structure);
    assert_eq!(reason(world.list(&certificate, everything()).await), Reason::InvalidRequest);
    let new = ListAsked { since, ..everything() };
    assert_eq!(listed(&world.list(&certificate, new.clone()).await.unwrap()), [ins(3)]);
    world.clock.advance_minutes(1);
    let none = ListAsked { since: Some(world.store.now()), ..new };
    assert_eq!(listed(&world.list(&certificate, none).await.unwrap()), []);
}

pub async fn a_list_reaches_no_patient_of_the_quotas(factory: Factory) {
    let quotas = Quotas {
        professional: Limits { patients_per_hour: Some(1), ..Limits::default() },
        ..Quotas::unlimited()
    };
    let world = World::with_quotas(factory, quotas).await;
    for number in 1..=3 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &doctor(1), false).await;
    }
    assert_eq!(world.list(&doctor(1), everything()).await.unwrap().len(), 3);
    world.found_by(&doctor(1), &ins(1)).await.unwrap();
    assert_eq!(world.list(&doctor(1), everything()).await.unwrap().len(), 3);
    assert_eq!(reason(world.found_by(&doctor(1), &ins(2)).await), Reason::Quota);
}

/// Dossiers move while they are listed and found: each is decided again, and every answer has its line.
pub async fn lists_and_searches_hold_while_dossiers_move(factory: Factory) {
    let world = Arc::new(World::new(factory).await);
    for number in 1..=4 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &doctor(1), false).await;
    }
    let lists = (0..8).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.list(&doctor(1), everything()).await.unwrap().len() })
    });
    let searches = (0..8).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.find(&samu(2), sought()).await.unwrap().len() })
    });
    let deposits = (0..16).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            world.publish(&doctor(3), &ins(1 + number % 4), document(number)).await.unwrap();
            0
        })
    });
    let tasks: Vec<_> = lists.chain(searches).chain(deposits).collect();
    let mut shown = 0;
    for task in tasks {
        shown += task.await.unwrap();
    }
    assert_eq!(shown, 16 * 4);
    for number in 1..=4 {
        let journal = world.journal(&ins(number)).await;
        let lines = |act| journal.iter().filter(|line| line.entry.act == act).count();
        assert_eq!((lines(Act::ListAuthorised), lines(Act::SearchByTraits)), (8, 8), "{number}");
    }
    assert!(world.verified().is_clean());
}

pub async fn patients_are_found_by_name_and_birth(factory: Factory) {
    let world = World::new(factory).await;
    for number in 1..=2 {
        world.open_dossier(&ins(number)).await;
    }
    world.open_named(&ins(3), "LE GOFF", "19840701").await;
    let found = |sought: TraitsSought| {
        let world = &world;
        async move {
            let candidates = world.find(&samu(1), sought).await.unwrap();
            candidates.iter().map(|c| (c.identity.ins.clone(), c.match_percent)).collect::<Vec<_>>()
        }
    };
    let mut two = found(sought()).await;
    two.sort();
    let mut expected = vec![(ins(1), 65), (ins(2), 65)];
    expected.sort();
    assert_eq!(two, expected);
    let named =
        |family: &str, birth: BirthSought| TraitsSought { family: family.to_owned(), birth, ..sought() };
    assert_eq!(found(named("le-goff", BirthSought::Date("19840701".to_owned()))).await, [(ins(3), 65)]);
    assert_eq!(found(named("Le Goff", BirthSought::Year(1984))).await, [(ins(3), 50)]);
    assert_eq!(found(named("Le Goff", BirthSought::Year(1985))).await, []);
    assert_eq!(found(named("Goff", BirthSought::Year(1984))).await, []);
    let given = TraitsSought { given: Some("paul".to_owned()), ..sought() };
    assert_eq!(found(given).await, []);
    // Each one shown has its line, nobody else.
    for (number, lines) in [(1, 1), (2, 1), (3, 2)] {
        let journal = world.journal(&ins(number)).await;
        assert_eq!(journal.iter().filter(|l| l.entry.act == Act::SearchByTraits).count(), lines, "{number}");
    }
    for actor in
        [doctor(1), patient(&ins(1)), professional(1, "10", Mode::BrisDeGlace { reason: "r".to_owned() })]
    {
        assert_eq!(reason(world.find(&actor, sought()).await), Reason::AccessDenied);
    }
    let world = world.reopened().await;
    assert_eq!(world.find(&samu(1), sought()).await.unwrap().len(), 2);
    assert!(world.verified().is_clean());
}

pub async fn who_may_not_be_shown_is_no_candidate_and_reads_it(factory: Factory) {
    let world = World::new(factory).await;
    for number in 1..=4 {
        world.open_dossier(&ins(number)).await;
    }
    let opposed = Emergency { samu_opposed: true, ..Emergency::default() };
    world.execute(&patient(&ins(1)), &ins(1), Command::SetEmergency(opposed)).await.unwrap();
    let block = Command::Block { who: grantee(&samu(1)), label: None };
    world.execute(&patient(&ins(2)), &ins(2), block).await.unwrap();
    let close = Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None };
    world.execute(&patient(&ins(3)), &ins(3), close).await.unwrap();
    let candidates = world.find(&samu(1), sought()).await.unwrap();
    assert_eq!(candidates.iter().map(|c| c.identity.ins.clone()).collect::<Vec<_>>(), [ins(4)]);
    for (number, reason) in [(1, Reason::EmergencyOpposed), (2, Reason::Blocked)] {
        let line = &world.journal(&ins(number)).await[0].entry;
        assert_eq!(line.act, Act::SearchByTraits);
        assert!(matches!(line.decision, Decision::Refused { reason: told, .. } if told == reason));
    }
    // Of another name, nobody was asked about.
    let before = world.verified().journal_entries;
    let other = TraitsSought { family: "AUTRE".to_owned(), ..sought() };
    assert_eq!(world.find(&samu(1), other).await.unwrap(), []);
    assert_eq!(world.verified().journal_entries, before);
}

pub async fn too_many_candidates_are_none(factory: Factory) {
    let world = World::new(factory).await;
    for number in 1..=10 {
        world.open_dossier(&ins(number)).await;
    }
    assert_eq!(world.find(&samu(1), sought()).await.unwrap().len(), 10);
    world.open_dossier(&ins(11)).await;
    let before = world.verified().journal_entries;
    assert_eq!(reason(world.find(&samu(1), sought()).await), Reason::TooManyResults);
    assert_eq!(world.verified().journal_entries, before, "nothing was shown of anybody");
    // Who is hidden does not count.
    let opposed = Emergency { samu_opposed: true, ..Emergency::default() };
    world.execute(&patient(&ins(1)), &ins(1), Command::SetEmergency(opposed)).await.unwrap();
    assert_eq!(world.find(&samu(1), sought()).await.unwrap().len(), 10);
}

pub async fn former_names_find_nobody(factory: Factory) {
    let world = World::new(factory).await;
    let (ins, dr) = (ins(1), doctor(1));
    world.open_dossier(&ins).await;
    world.authorise(&ins, &dr, false).await;
    let traits = match opening(&ins) {
        Command::Open(open) => open.traits,
        other => panic!("{other:?}"),
    };
    let renamed = Traits { birth_name: "ESSAY".to_owned(), used_name: Some("D'USAGE".to_owned()), ..traits };
    let contact = Contact { address: Some("1 rue du Puits, 35000 Rennes".to_owned()), ..Contact::default() };
    let update = Command::UpdateIdentity { traits: Box::new(renamed), contact };
    world.execute(&dr, &ins, update).await.unwrap();
    for (family, city, percent) in [
        ("ESSAI", None, None),
        ("essay", None, Some(65)),
        ("d usage", Some("rennes"), Some(70)),
        ("d usage", Some("brest"), None),
    ] {
        let asked = TraitsSought { family: family.to_owned(), city: city.map(str::to_owned), ..sought() };
        let found = world.find(&samu(1), asked).await.unwrap();
        assert_eq!(found.first().map(|c| c.match_percent), percent, "{family}");
    }
    assert!(world.verified().is_clean());
}

pub async fn indexes_follow_a_rotation_of_their_key(factory: Factory) {
    let world = World::new(factory).await;
    let dr = doctor(1);
    for number in 1..=2 {
        world.open_dossier(&ins(number)).await;
        world.authorise(&ins(number), &dr, false).await;
    }
    let mut keys = FileCustody::open(&world.dir.0.join("keys")).unwrap();
    keys.rotate_index().unwrap();
    let world = World { custody: Arc::new(keys), ..world }.reopened().await;
    world.clock.advance_days(1);
    world.open_dossier(&ins(3)).await;
    world.authorise(&ins(3), &dr, false).await;
    world.clock.advance_minutes(1);
    // A row under each key for the same dossier: it is listed once.
    world.authorise(&ins(1), &dr, true).await;
    assert_eq!(listed(&world.list(&dr, everything()).await.unwrap()), [ins(1), ins(3), ins(2)]);
    assert_eq!(world.find(&samu(1), sought()).await.unwrap().len(), 3);
    let report = world.verified();
    assert!(report.is_clean(), "{report:?}");
}
