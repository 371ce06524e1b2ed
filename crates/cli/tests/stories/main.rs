//! What people did on the pages is told in one way: the table that the patient downloads and `GET AuditEvent` (ITI-81) give
//! the same lines, with person, place, act, mode, outcome, reason, documents and time.
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

#[path = "../common/mod.rs"]
mod common;
mod events;
mod table;

use common::browser::csrf;
use common::{Answer, Browser, Demo};
use events::{Event, events};
use table::{Row, table};

const MARIE: &str = "284073523811416";
const CAMILLE: &str = "295062227895007";
const LEO: &str = "118033523802725";
const WHY: &str = "Patiente inconsciente aux urgences";

/// Somebody in front of the pages.
struct Person {
    browser: Browser,
    csrf: String,
}

impl Person {
    fn new(demo: &Demo, persona: &str) -> Self {
        let mut browser = Browser::new(&demo.authority).with(&demo.sign_in(persona));
        let csrf = csrf(&browser.get("/aide").text());
        Person { browser, csrf }
    }

    /// Where the home page leads.
    fn home(&mut self) -> String {
        let home = self.browser.get("/");
        self.browser.next(&home).unwrap_or_else(|| panic!("no dossier: {}", home.brief()))
    }

    fn page(&mut self, path: &str) -> String {
        let page = self.browser.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.brief());
        page.text()
    }

    fn post(&mut self, path: &str, fields: &str) -> Answer {
        self.browser.post(path, &format!("csrf={}&{fields}", self.csrf))
    }

    /// Posts, and where that leads.
    fn done(&mut self, path: &str, fields: &str) -> String {
        let answer = self.post(path, fields);
        self.browser.next(&answer).unwrap_or_else(|| panic!("{path} {fields}: {}", text(&answer.text())))
    }

    /// The dossier of a number, as a professional finds it.
    fn dossier(&mut self, ins: &str) -> String {
        self.done("/dossier", &format!("ins={ins}&acces=normal"))
    }
}

/// The words of a page.
fn text(page: &str) -> String {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    let words = main.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words);
    words.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The addresses of a page that begin so.
fn links(page: &str, start: &str) -> Vec<String> {
    let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = found.map(|address| address.replace("&#38;", "&").replace("&amp;", "&"));
    found.filter(|address| address.starts_with(start)).collect()
}

/// The first document that a page leads to.
fn first_document(page: &str, home: &str) -> String {
    let found = links(page, &format!("{home}/document/"));
    found.into_iter().next().unwrap_or_else(|| panic!("no document: {}", text(page)))
}

/// Marie masks a document and blocks the optician.
fn marie_masks_and_blocks(demo: &Demo) {
    let mut marie = Person::new(demo, "marie");
    let home = marie.home();
    let documents = marie.page(&format!("{home}/documents"));
    let document = first_document(&documents, &home);
    let document = document.split(['?', '#']).next().unwrap().to_owned();
    marie.page(&document);
    marie.done(&format!("{document}/visibilite"), "qui=masque");
    let rights = marie.page(&format!("{home}/droits"));
    let people = links(&rights, &format!("{home}/droits/personne?"));
    let optician =
        people.iter().find(|person| text(&marie.page(person)).to_uppercase().contains("MARC LENOIR"));
    let key = optician.expect("the optician is authorised").split("qui=").nth(1).unwrap();
    let blocked = marie.done(&format!("{home}/droits/confirmer"), &format!("acte=bloquer&qui={key}"));
    assert!(text(&marie.page(&blocked)).to_uppercase().contains("MARC LENOIR"), "no receipt");
}

/// Her doctor reads a document.
fn a_doctor_reads(demo: &Demo) {
    let mut doctor = Person::new(demo, "dr-martin");
    let dossier = doctor.dossier(MARIE);
    let record = doctor.page(&dossier);
    let document = first_document(&record, &dossier);
    doctor.page(document.split(['?', '#']).next().unwrap());
}

/// A doctor of the emergency room breaks the glass, and reads.
fn the_glass_is_broken(demo: &Demo) {
    let mut doctor = Person::new(demo, "dr-simon");
    let dossier = doctor.dossier(MARIE);
    assert_eq!(doctor.browser.get(&dossier).status, 403, "no authorisation");
    let why = WHY.replace(' ', "+");
    let opened = doctor.done(&format!("{dossier}/urgence"), &format!("motif=inconscient&raison={why}"));
    doctor.page(&opened);
}

/// Léo's doctor sees him alone.
fn a_secret_visit(demo: &Demo) {
    let mut doctor = Person::new(demo, "dr-martin");
    let dossier = doctor.dossier(LEO);
    if doctor.browser.get(&dossier).status != 200 {
        doctor.done(&format!("{dossier}/consentement"), "equipe=membre&moyen=oral&informe=1");
    }
    let secret = doctor.done(&format!("{dossier}/secrete"), "");
    doctor.page(&secret);
}

/// The counter of the pharmacy opens Camille's dossier.
fn a_desk_opens(demo: &Demo) {
    let mut agent = Person::new(demo, "agent-pharmacie");
    let draft = agent.done("/guichet/ouvrir", "carte=card-2");
    let draft = agent.done(&format!("{draft}/personne"), "qui=0+cni");
    let after = agent.done(&draft, "information=oui&accord=oui&urgence_choix=tous&sans=oui");
    let last = agent.browser.get(&after);
    let last = agent.browser.follow(last);
    assert!(text(&last.text()).contains("Dossier ouvert"), "{}", text(&last.text()));
}

const READ_JOURNAL: &str = "a lu l'historique des accès";

/// The journal of a dossier, by the page of who is signed in and by a token of the same person: the same lines.
fn agreed(demo: &Demo, person: &mut Person, home: &str, ins: &str, token: &str) -> Vec<Row> {
    let told = table(&person.page(&format!("{home}/acces/telecharger?tout=1")));
    let mut written: Vec<Row> = events(demo, ins, token).into_iter().map(|event| event.row).collect();
    // The table was read when its own line was not written yet.
    while written.len() > told.len() && written[0].act == READ_JOURNAL {
        written.remove(0);
    }
    for (told, written) in told.iter().zip(&written) {
        assert_eq!(told, written);
    }
    assert_eq!(told.len(), written.len());
    told
}

/// The lines that say this of who, where, what and how.
fn count(rows: &[Row], who: &str, place: &str, act: &str, mode: &str) -> usize {
    let is_it =
        |row: &&Row| row.who == who && row.place.contains(place) && row.act == act && row.mode == mode;
    rows.iter().filter(is_it).count()
}

#[test]
fn the_page_and_the_audit_events_tell_a_day_in_the_same_words() {
    let demo = Demo::start();
    let mut marie = Person::new(&demo, "marie");
    let home = marie.home();
    let token = demo.persona("marie");
    let before = agreed(&demo, &mut marie, &home, MARIE, &token);
    marie_masks_and_blocks(&demo);
    a_doctor_reads(&demo);
    the_glass_is_broken(&demo);
    a_secret_visit(&demo);
    a_desk_opens(&demo);

    let all = agreed(&demo, &mut marie, &home, MARIE, &token);
    let day = &all[..all.len() - before.len()];
    for (who, place, act, mode) in [
        ("PATIENT", "", "a masqué un document aux professionnels", "normal"),
        ("PATIENT", "", "a bloqué ou débloqué un accès", "normal"),
        ("PAUL MARTIN", "Cabinet médical du Port", "a lu un document", "normal"),
        ("PAUL MARTIN", "Cabinet médical du Port", "a cherché des documents", "normal"),
        ("ANTOINE SIMON", "Centre hospitalier", "a cherché des documents", "urgence"),
    ] {
        assert!(count(day, who, place, act, mode) > 0, "{who} {place} {act} {mode} is not in {day:#?}");
    }
    let emergency: Vec<&Row> = day.iter().filter(|row| row.mode == "urgence").collect();
    assert!(emergency.iter().all(|row| row.reason.ends_with(WHY)), "{emergency:#?}");
    assert!(
        day.iter().any(|row| row.who == "ANTOINE SIMON" && row.outcome.starts_with("refusé")),
        "{day:#?}"
    );

    let mut camille = Person::new(&demo, "camille");
    let home = camille.home();
    let rows = agreed(&demo, &mut camille, &home, CAMILLE, &demo.persona("camille"));
    assert_eq!(
        count(&rows, "AGENT D'ACCUEIL", "Pharmacie Duval", "a ouvert le dossier", "normal"),
        1,
        "{rows:#?}"
    );

    let mut leo = Person::new(&demo, "leo");
    let home = leo.home();
    agreed(&demo, &mut leo, &home, LEO, &demo.persona("leo"));
    let of_leo = events(&demo, LEO, &demo.persona("leo"));
    let secret = |event: &&Event| event.secret && event.row.who == "PAUL MARTIN";
    assert!(of_leo.iter().filter(secret).count() > 0, "the visit left no line of its own");

    // His mother reads the rest, and nothing of that visit, on her pages and with her token.
    let token = demo.token(&["--representative-of", LEO, "--person", MARIE]);
    let home = marie.home();
    let child = links(&marie.page(&home), "/dossier/").into_iter().find(|to| !to.starts_with(&home)).unwrap();
    let seen = agreed(&demo, &mut marie, &child, LEO, &token);
    assert!(events(&demo, LEO, &token).iter().all(|event| !event.secret));
    let of_others = |rows: &mut dyn Iterator<Item = Row>| -> Vec<Row> {
        rows.filter(|row| row.act != READ_JOURNAL && row.who != "REPRÉSENTANT").collect()
    };
    let rest = of_others(&mut of_leo.into_iter().filter(|event| !event.secret).map(|event| event.row));
    assert_eq!(of_others(&mut seen.into_iter()), rest);
}
