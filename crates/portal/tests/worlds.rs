//! Two worlds that differ only in a document hidden from the viewer give the same bytes on every page of that viewer:
//! each address that the pages link to is asked in both, with its status and its headers.
//!
//! The worlds have one clock and draw identifiers minute by minute, so that what is done in one of them moves nothing in
//! the rest. Each case has its control: the same document, shown, is seen at once by the same comparison.
#![allow(clippy::unwrap_used)]

mod world;

use dmp_dossier::{
    Actor, Authorise, Availability, ChangeStatus, Command, DocumentRef, Grantee, Lid, Notices, Query, Time,
    Visibility,
};
use dmp_portal::Viewer;
use dmp_store::Target;
use std::collections::{BTreeSet, VecDeque};
use std::io::{Cursor, Read};
use uuid::Uuid;
use world::{CSRF, LEO, MARIE, Reply, World, dr_martin, dr_roux, ins, marie, optician};

/// A word that only the document of one world has.
const WORD: &str = "zygomatique";
/// No site of the tests has as many addresses: a crawl that goes on is one that turns in circles.
const ADDRESSES_MAX: usize = 600;

/// Why the viewer may not know the document.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Hidden {
    /// To be announced: from Marie.
    Announced,
    /// To be announced: from who acts for Léo.
    AnnouncedOfChild,
    /// Masked: from professionals.
    Masked,
    /// Deposited in a secret session for a minor: from the representatives.
    Secret,
    /// Of a type that opticians do not read.
    OfAnotherProfession,
}

/// What one world has more than the other.
#[derive(Debug, Clone, Copy, PartialEq)]
enum More {
    Nothing,
    /// The document, deposited.
    Deposited(Hidden),
    /// The same, then read, replaced and archived.
    Lived(Hidden),
    /// The same document where everybody may know it: the control.
    Shown(Hidden),
}

fn as_written(text: String) -> String {
    text
}

impl Hidden {
    /// Whose dossier holds the document.
    fn dossier(self) -> &'static str {
        match self {
            Hidden::AnnouncedOfChild | Hidden::Secret => LEO,
            _ => MARIE,
        }
    }

    fn visibility(self) -> Visibility {
        let visible = Visibility::VISIBLE;
        match self {
            Hidden::Announced | Hidden::AnnouncedOfChild => {
                Visibility { hidden_from_patient: true, ..visible }
            }
            Hidden::Masked => Visibility { masked: true, ..visible },
            Hidden::Secret => Visibility { hidden_from_representatives: true, ..visible },
            Hidden::OfAnotherProfession => visible,
        }
    }

    /// Who must not notice.
    fn viewers(self) -> Vec<Viewer> {
        match self {
            Hidden::Announced => vec![marie()],
            Hidden::AnnouncedOfChild | Hidden::Secret => vec![marie(), mother()],
            Hidden::Masked => vec![dr_roux(), optician()],
            Hidden::OfAnotherProfession => vec![optician()],
        }
    }
}

/// Marie, signed in for Léo alone.
fn mother() -> Viewer {
    let marie = marie();
    Viewer { actor: marie.profiles[0].actor.clone(), profiles: Vec::new(), ..marie }
}

/// The doctor, in a secret session when the document is deposited in one.
fn author(secret: bool) -> Actor {
    match dr_martin().actor {
        Actor::Professional(mut professional) => {
            professional.secret = secret;
            Actor::Professional(professional)
        }
        _ => unreachable!(),
    }
}

/// Marie's and Léo's dossiers after a morning, one document more or not.
async fn world_of(more: More) -> World {
    let world = World::with_marie().await;
    world.at_minute(10);
    let authorise = |who: &Viewer| {
        let who = Grantee::Professional(who.actor.professional().unwrap().id.clone());
        Authorise { who, label: None, until: None, medecin_traitant: false, profession: None }
    };
    let consent = Command::Authorise(Box::new(authorise(&dr_roux())));
    world.execute(&marie().actor, MARIE, consent, Vec::new()).await;
    let consent = Command::Authorise(Box::new(authorise(&dr_martin())));
    world.execute(&mother().actor, LEO, consent, Vec::new()).await;
    let told = Notices { every_access: true, ..Notices::default() };
    for (who, number) in [(marie(), MARIE), (mother(), LEO)] {
        world.execute(&who.actor, number, Command::SetNotices(told), Vec::new()).await;
    }
    world.publish("biologie.xml", "11502-2", Visibility::VISIBLE, as_written).await;
    world.publish("ordonnance.xml", "57832-8", Visibility::VISIBLE, as_written).await;
    let loaded = ("vaccination.xml", "87273-9");
    world.publish_as(&author(false), LEO, loaded, Visibility::VISIBLE, None, as_written).await;
    world.at_minute(20);
    let deposited = match more {
        More::Nothing => None,
        More::Deposited(hidden) | More::Lived(hidden) => {
            Some((hidden, deposit(&world, hidden, false, None).await))
        }
        More::Shown(hidden) => Some((hidden, deposit(&world, hidden, true, None).await)),
    };
    world.at_minute(30);
    if let (More::Lived(_), Some((hidden, document))) = (more, deposited) {
        live(&world, hidden, document).await;
    }
    // A doctor who sees it opens the dossiers, as doctors do.
    world.at_minute(40);
    for number in [MARIE, LEO] {
        let address = world.address(&dr_martin(), number).await;
        assert_eq!(world.get(Some(&dr_martin()), &address).await.status, 200);
    }
    world.at_minute(90);
    world
}

/// The document, hidden as the case wants or shown to everybody.
async fn deposit(world: &World, hidden: Hidden, shown: bool, replaces: Option<Lid>) -> Lid {
    // An optician reads this consultation of ophthalmology, and no result of a laboratory.
    let for_opticians = hidden == Hidden::Masked || (shown && hidden == Hidden::OfAnotherProfession);
    let loaded = ("biologie.xml", if for_opticians { "78513-9" } else { "11502-2" });
    let visibility = if shown { Visibility::VISIBLE } else { hidden.visibility() };
    let edit = |text: String| text.replace("Examens du 4 janvier", &format!("Examen {WORD}"));
    let actor = author(visibility.hidden_from_representatives);
    let replaces = replaces.map(DocumentRef::Lid);
    world.publish_as(&actor, hidden.dossier(), loaded, visibility, replaces, edit).await
}

/// The document is read by the doctor, replaced, and archived.
async fn live(world: &World, hidden: Hidden, document: Lid) {
    let actor = author(hidden.visibility().hidden_from_representatives);
    let target = Target::Patient(ins(hidden.dossier()));
    let read = Query::Retrieve(vec![DocumentRef::Lid(document)]);
    world.store.consult(&actor, target, read, Uuid::new_v4()).await.unwrap();
    let document = deposit(world, hidden, false, Some(document)).await;
    let archive =
        ChangeStatus { document: DocumentRef::Lid(document), to: Availability::Archived, from_version: None };
    world.execute(&actor, hidden.dossier(), Command::ChangeStatus(archive), Vec::new()).await;
}

/// What is told apart by its bytes: status, headers, body.
fn told(reply: &Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let header = |name: &str, value: &[u8]| (name.to_owned(), String::from_utf8_lossy(value).into_owned());
    let mut headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| header(name.as_str(), value.as_bytes())).collect();
    // Compressed, what is drawn is longer or shorter.
    headers.retain(|(name, _)| name != "content-length" || !is_archive(reply));
    (reply.status, headers, whole(reply))
}

fn is_archive(reply: &Reply) -> bool {
    reply.header("content-type") == "application/zip"
}

/// The body, without what is drawn at random for each page. Of an archive, its files one after the other.
fn whole(reply: &Reply) -> Vec<u8> {
    if !is_archive(reply) {
        return without_draws(&reply.bytes);
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(&reply.bytes)).unwrap();
    let mut all = Vec::new();
    for number in 0..archive.len() {
        let mut file = archive.by_index(number).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        all.extend_from_slice(name.as_bytes());
        all.extend(without_draws(&bytes));
    }
    all
}

/// Bytes without random UUIDs (version 4), those of the world apart, nor the OIDs made of one (`2.25.…`): a token of a form,
/// the identity of an export.
fn without_draws(bytes: &[u8]) -> Vec<u8> {
    const OF_THE_WORLD: &[u8] = b"01234567-89ab-4def-";
    let is_hex = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    let is_uuid = |part: &[u8]| {
        part.iter().all(is_hex)
            && [8, 13, 18, 23].iter().all(|at| part[*at] == b'-')
            && !part.starts_with(OF_THE_WORLD)
    };
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let drawn = match rest {
            _ if rest.get(..36).is_some_and(is_uuid) => 36,
            _ if rest.starts_with(b"2.25.") => {
                5 + rest[5..].iter().take_while(|b| b.is_ascii_digit()).count()
            }
            _ => 0,
        };
        match drawn {
            0 => kept.push(first),
            _ => kept.extend_from_slice("…".as_bytes()),
        }
        rest = &rest[drawn.max(1)..];
    }
    kept
}

/// The addresses of this site that a page names.
fn links(page: &Reply) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["href=\"", "src=\"", "formaction=\""] {
        for after in page.body.split(name).skip(1) {
            let address = after.split('"').next().unwrap_or_default();
            let address = address.replace("&amp;", "&").replace("&#38;", "&");
            found.push(address.split('#').next().unwrap_or_default().to_owned());
        }
    }
    found.extend(page.headers.get("location").map(|to| to.to_str().unwrap().to_owned()));
    // `/etat` measures how long the server takes; the statement of openings goes back month by month without end.
    let is_left_out = |address: &str| {
        address == "/etat" || address.starts_with("/assets/") || address.starts_with("/guichet/releve?")
    };
    found.retain(|address| address.starts_with('/') && !is_left_out(address));
    found
}

/// The notices that reach somebody: what, when.
async fn notices(world: &World) -> Vec<String> {
    let mut told = Vec::new();
    for notice in world.store.notices(100).await.unwrap() {
        let to = world.store.addressee(&notice).await.unwrap().unwrap();
        if to.contact.is_some() || !to.representatives.is_empty() {
            told.push(format!("{:?} {}", notice.kind, notice.at.millis()));
        }
    }
    told
}

/// Where two worlds give different answers to one viewer, and how many pages were found there.
async fn differences(without: &World, with: &World, viewer: &Viewer) -> (Vec<String>, usize) {
    let viewer =
        Viewer { proved_at: Time::from_millis(without.store.now().millis() + 3_600_000), ..viewer.clone() };
    let mut pages = 0;
    let mut differ = Vec::new();
    let mut compare = |asked: &str, a: &Reply, b: &Reply| {
        let (a, b) = (told(a), told(b));
        if a != b {
            differ.push(format!("{asked}: {}", first_difference(&a, &b)));
        }
    };
    let mut waiting: VecDeque<String> = VecDeque::from(["/".to_owned()]);
    if viewer.actor.professional().is_some() {
        for number in [MARIE, LEO] {
            waiting.push_back(without.address(&viewer, number).await);
            assert_eq!(with.address(&viewer, number).await, *waiting.back().unwrap());
        }
    }
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    while let Some(address) = waiting.pop_front() {
        let (a, b) = (without.get(Some(&viewer), &address).await, with.get(Some(&viewer), &address).await);
        compare(&address, &a, &b);
        pages += usize::from(a.status == 200);
        for link in links(&a).into_iter().chain(links(&b)) {
            if known.insert(link.clone()) {
                assert!(known.len() < ADDRESSES_MAX, "a crawl without end: {known:#?}");
                waiting.push_back(link);
            }
        }
    }
    let is_dossier =
        |address: &&String| address.matches('/').count() == 2 && address.starts_with("/dossier/");
    for home in known.iter().filter(is_dossier).filter(|address| !address.contains('?')) {
        for (part, form) in [
            ("/recherche", format!("mots={WORD}")),
            ("/recherche", "mots=examen".to_owned()),
            ("/export", String::new()),
        ] {
            let (address, form) = (format!("{home}{part}"), format!("csrf={CSRF}&{form}"));
            let a = without.post(Some(&viewer), &address, &form).await;
            let b = with.post(Some(&viewer), &address, &form).await;
            compare(&format!("POST {address} {form}"), &a, &b);
        }
    }
    (differ, pages)
}

/// The first place where they part, for whoever reads the failure.
fn first_difference(
    a: &(u16, Vec<(String, String)>, Vec<u8>),
    b: &(u16, Vec<(String, String)>, Vec<u8>),
) -> String {
    if a.0 != b.0 {
        return format!("{} / {}", a.0, b.0);
    }
    let at = a.2.iter().zip(&b.2).position(|(a, b)| a != b);
    let Some(at) = at else { return format!("{} / {} bytes; {:?} / {:?}", a.2.len(), b.2.len(), a.1, b.1) };
    let around = |bytes: &[u8]| {
        let part = &bytes[at.saturating_sub(120)..bytes.len().min(at + 120)];
        String::from_utf8_lossy(part).replace('\n', " ")
    };
    format!("…{}… / …{}…", around(&a.2), around(&b.2))
}

/// Nobody who may not know the document sees a difference; who is shown it sees one on several pages.
async fn check(hidden: Hidden) {
    for viewer in hidden.viewers() {
        for more in [More::Deposited(hidden), More::Lived(hidden)] {
            let (without, with) = (world_of(More::Nothing).await, world_of(more).await);
            let (differ, asked) = differences(&without, &with, &viewer).await;
            assert!(differ.is_empty(), "{}, {more:?}, of {asked}:\n{}", viewer.name, differ.join("\n"));
            assert!(asked > 20, "{}: {asked} pages are no crawl", viewer.name);
            // A professional gets none.
            if viewer.actor.professional().is_none() {
                let told = notices(&without).await;
                assert!(!told.is_empty(), "nobody is told of a doctor's visit");
                assert_eq!(told, notices(&with).await, "{more:?}");
            }
        }
        let (without, with) = (world_of(More::Nothing).await, world_of(More::Shown(hidden)).await);
        let (differ, _) = differences(&without, &with, &viewer).await;
        assert!(differ.len() >= 5, "{}: shown, it changes {} pages only", viewer.name, differ.len());
        assert!(differ.iter().any(|page| page.contains("POST")), "{}: no form shows it", viewer.name);
    }
}

#[tokio::test]
async fn what_is_to_be_announced_changes_no_byte_for_the_patient() {
    check(Hidden::Announced).await;
}

#[tokio::test]
async fn what_is_to_be_announced_changes_no_byte_for_who_acts_for_a_child() {
    check(Hidden::AnnouncedOfChild).await;
}

#[tokio::test]
async fn what_is_masked_changes_no_byte_for_professionals() {
    check(Hidden::Masked).await;
}

#[tokio::test]
async fn what_a_secret_session_deposits_changes_no_byte_for_the_mother() {
    check(Hidden::Secret).await;
}

#[tokio::test]
async fn what_a_profession_does_not_read_changes_no_byte_for_it() {
    check(Hidden::OfAnotherProfession).await;
}
