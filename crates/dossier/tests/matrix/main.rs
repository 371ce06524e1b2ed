//! The whole policy, written to `matrix.txt` by asking `dossier` every question: who, in which mode, may do what with
//! which document of which dossier. A change of policy is the diff of that file.
//!
//! `UPDATE_MATRIX=1 cargo test -p dmp-dossier --test matrix` rewrites it (`cargo xtask matrix` does that).

#![allow(clippy::unwrap_used, reason = "a failure here is the test's failure")]

#[path = "../common/mod.rs"]
mod common;
mod readings;
mod setup;

use common::Bench;
use common::cast::person_index;
use common::script::run;
use dmp_dossier::{Act, Reason, functional};
use readings::readings;
use setup::{Column, Condition, columns, grantee_of, setup, signs};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Who comes, in words for the reader of the file.
const ACTORS: [(&str, &str); 36] = [
    ("patient", "le patient"),
    ("mere", "une mère, le patient mineur"),
    ("tuteur", "un tuteur"),
    ("petit", "infirmière (PSnm), mode normal"),
    ("petit/samu", "infirmière, centre 15"),
    ("petit/glace", "infirmière, bris de glace"),
    ("petit/glace-sans-motif", "infirmière, bris de glace sans motif"),
    ("petit/air", "infirmière, AIR"),
    ("petit/air/glace", "infirmière, AIR, bris de glace"),
    ("petit/secret", "infirmière, connexion secrète"),
    ("martin", "médecin, mode normal"),
    ("martin/samu", "médecin, centre 15"),
    ("martin/glace", "médecin, bris de glace"),
    ("martin/air", "médecin, AIR"),
    ("martin/air/samu", "médecin, AIR, centre 15"),
    ("roux", "médecin traitant, mode normal"),
    ("roux/samu", "médecin traitant, centre 15"),
    ("roux/glace", "médecin traitant, bris de glace"),
    ("roux/air", "médecin traitant, AIR"),
    ("travail", "médecin du travail, mode normal"),
    ("travail/glace", "médecin du travail, bris de glace"),
    ("lenoir", "opticien, mode normal"),
    ("etudiant", "étudiant en médecine (CPF)"),
    ("social", "profession du secteur social"),
    ("nobody", "profession inconnue de la matrice"),
    ("martin/indirect", "médecin nommé par le certificat de sa structure (INDIRECTE)"),
    ("cpe0", "employé, carte CPE"),
    ("pe0", "employé, AIR"),
    ("cert0", "certificat de structure"),
    ("cert0/samu", "certificat d'un centre de régulation"),
    ("cpam", "agent d'accueil"),
    ("insurer", "Assurance maladie"),
    ("loader", "chargeur d'un domaine de test"),
    ("system", "dmp lui-même"),
    ("pilot", "équipe pilote"),
    ("referent0", "référent d'une structure"),
];

/// What an act is written as, on a document or on the dossier. `{d}` is the document, `{me}` who the actor is for
/// rights, `{by}` who signs what he deposits.
const ON_DOCUMENTS: [(&str, &str); 16] = [
    ("Search", "search"),
    ("Search, every status", "search status=Approved,Archived,Deprecated,Deleted"),
    ("FindReference", "ref {d}"),
    ("Read", "read {d}"),
    ("SearchText", "text"),
    ("Replace", "publish neuf by={by} replaces={d}"),
    ("Mask", "mask {d}"),
    ("Unmask", "unmask {d}"),
    ("MakeVisible, patient", "announce {d}"),
    ("MakeVisible, reps", "show-reps {d}"),
    ("Hide, patient", "hide {d}"),
    ("Hide, reps", "hide-reps {d}"),
    ("Archive", "archive {d}"),
    ("Archive, undone", "unarchive {d}"),
    ("Delete", "delete {d}"),
    ("Export", "export"),
];

const ON_DOSSIER: [(&str, &str); 43] = [
    ("Status", "status"),
    ("DeclareSelf", "authorise {me}"),
    ("DeclareSelf, MT", "authorise {me} mt"),
    ("WithdrawSelf", "end {me}"),
    ("StopMedecinTraitant", "end-mt {person}"),
    ("Open", "open channel={channel} reps=mere:parent,tuteur:guardian born=20150301"),
    ("Reactivate", "reactivate"),
    ("ReadAdministrative", "administrative"),
    ("UpdateIdentity, contact", "update phone=0600000000"),
    ("UpdateIdentity, traits", "update name=AUTRE"),
    ("UpdateIdentity, INS", "change-ins 118033523802725"),
    ("UpdateIdentity, add rep", "add-rep pere"),
    ("UpdateIdentity, end rep", "end-rep 0"),
    ("Close", "close"),
    ("RequestCopy", "ask-copy"),
    ("RequestDestruction", "ask-destruction"),
    ("ReadRights", "rights"),
    ("Authorise another", "authorise duval"),
    ("Authorise, ended", "end duval"),
    ("NameMedecinTraitant", "authorise kone mt profession=10"),
    ("NameMedecinTraitant, ended", "end-mt kone"),
    ("Block another", "block duval"),
    ("Block, lifted", "unblock duval"),
    ("InitialConsent", "consent {team}"),
    ("InitialConsent, withdrawn", "withdraw 0"),
    ("SetEmergency", "emergency no-glace"),
    ("SetDefaultConfidentiality", "default masked"),
    ("Feed", "publish neuf by={by}"),
    ("ReleaseAnnouncement", "release"),
    ("ReadJournal", "journal"),
    ("Explain", "explain duval"),
    ("SearchByTraits", ""),
    ("ListAuthorised", "list since=20200101"),
    ("ListAuthorised, every date", "list"),
    ("ListAuthorised, another's", "list since=20200101 owner=duval"),
    ("WebAccess", "web-open marie-dupont"),
    ("ReportAccess", "report duval"),
    ("ReviewAccess", "cases"),
    ("ReviewAccess, answered", "answer 0"),
    ("RecordChoices", "choose"),
    ("RecordChoices, notices", "notices every"),
    ("ReadChoices", "choices"),
    ("RefuseOpening", "refuse-opening channel={channel}"),
];

fn line_of(template: &str, actor: &str, document: &str) -> Option<String> {
    let base = actor.split('/').next().unwrap();
    let grantee = grantee_of(actor);
    let person = person_index(base).map(|_| base);
    // Declaring oneself means nothing for who has no such identity.
    if (template.contains("{me}") && grantee.is_none()) || (template.contains("{person}") && person.is_none())
    {
        return None;
    }
    let by = match base {
        "loader" => "kone".to_owned(),
        _ => signs(actor).map_or("kone".to_owned(), |(_, author)| author),
    };
    let channel = match base {
        "patient" | "mere" | "tuteur" => "web",
        "cpam" => "cpam",
        _ if person.is_some() => "ps",
        _ => "etablissement",
    };
    let words = template
        .replace("{d}", document)
        .replace("{me}", grantee.as_deref().unwrap_or_default())
        .replace("{person}", person.unwrap_or_default())
        .replace("{team}", grantee.as_deref().unwrap_or("duval"))
        .replace("{by}", &by)
        .replace("{channel}", channel);
    Some(format!("{actor} {words}"))
}

/// One letter for an outcome.
fn letter(outcome: &str, document: &str) -> char {
    if let Some(refusal) = outcome.strip_prefix("refused ") {
        let reason = refusal.split(' ').next().unwrap();
        let reason = Reason::ALL.iter().find(|r| r.as_str() == reason).unwrap();
        return match reason {
            Reason::AccessDenied => '-',
            Reason::NotAuthorised => 'n',
            Reason::AuthorisationExpired => 'e',
            Reason::Blocked => 'b',
            Reason::DossierClos => 'c',
            Reason::EmergencyOpposed => 'o',
            Reason::EmergencyReasonMissing => '!',
            Reason::UnknownPatient => 'x',
            Reason::UnknownDocument | Reason::ReplaceFailed => '.',
            Reason::NotAuthor => 'a',
            Reason::UpdateOperation => 'u',
            Reason::RegistryMetadata => 'v',
            Reason::AuthorInstitution => 's',
            Reason::InvalidRequest => 'i',
            Reason::DeprecatedDocument => 'p',
            Reason::DossierOpen => '=',
            other => panic!("no letter for {other:?}"),
        };
    }
    let is_list = !["done", "nothing_to_do"].contains(&outcome);
    let shown = outcome.split(' ').any(|name| name == document);
    if is_list && !shown { '.' } else { 'y' }
}

fn section(out: &mut String, actor: &str, title: &str, columns: &[Column]) {
    let mut benches: BTreeMap<u8, Option<Bench>> = BTreeMap::new();
    for column in columns {
        benches.entry(column.condition as u8).or_insert_with(|| setup(actor, column.condition));
    }
    let cell = |template: &str, column: &Column, lists: bool| -> char {
        let Some(bench) = &benches[&(column.condition as u8)] else { return ' ' };
        let unopened = column.condition == Condition::Unopened;
        let exists = bench.dossier.find(&common::script::by_name(column.document)).is_some();
        if lists && !unopened && !exists {
            return ' ';
        }
        let Some(line) = line_of(template, actor, column.document) else { return ' ' };
        let outcome = run(&mut bench.clone(), &line);
        if lists { letter(&outcome, column.document) } else { letter_of_act(&outcome) }
    };
    let mut never = Vec::new();
    let mut rows = Vec::new();
    for (name, template) in ON_DOCUMENTS {
        let cells: Vec<char> = columns.iter().map(|c| cell(template, c, true)).collect();
        rows.push((name, cells));
    }
    for (name, template) in ON_DOSSIER {
        let of_dossier = |c: &Column| c.group == "dossier";
        let cells: Vec<char> = columns
            .iter()
            .map(|c| match (of_dossier(c), name) {
                (false, _) => ' ',
                (true, "SearchByTraits") => searches_by_traits(actor, &benches[&(c.condition as u8)]),
                (true, _) => cell(template, c, false),
            })
            .collect();
        rows.push((name, cells));
    }
    writeln!(out, "\n== {actor}: {title}\n").unwrap();
    let mut groups = String::new();
    let mut letters = String::new();
    let mut last = "";
    for column in columns {
        if column.group != last {
            let width = 28 + letters.len();
            while groups.chars().count() < width {
                groups.push(' ');
            }
            if !last.is_empty() {
                letters.push_str("  ");
                groups.push_str("  ");
            }
            groups.push_str(column.group);
            last = column.group;
        }
        letters.push(' ');
        letters.push(column.letter);
    }
    let mut table = String::new();
    for (name, cells) in rows {
        if cells.iter().all(|c| *c == ' ') {
            continue;
        }
        if cells.iter().all(|c| " -".contains(*c)) {
            never.push(name);
            continue;
        }
        write!(table, "{name:<28}").unwrap();
        let mut group = "";
        for (column, cell) in columns.iter().zip(cells) {
            if column.group != group && !group.is_empty() {
                table.push_str("  ");
            }
            group = column.group;
            table.push(' ');
            table.push(cell);
        }
        while table.ends_with(' ') {
            table.pop();
        }
        table.push('\n');
    }
    if table.is_empty() {
        out.push_str("rien\n");
        return;
    }
    writeln!(out, "{}", groups.trim_end()).unwrap();
    writeln!(out, "{:<28}{letters}", "").unwrap();
    out.push_str(&table);
    let mut line = "jamais (-):".to_owned();
    for (n, name) in never.iter().enumerate() {
        let word = format!(" {name}{}", if n + 1 < never.len() { ";" } else { "" });
        if line.chars().count() + word.chars().count() > 116 {
            writeln!(out, "{line}").unwrap();
            line = " ".repeat(11);
        }
        line.push_str(&word);
    }
    if !never.is_empty() {
        writeln!(out, "{line}").unwrap();
    }
}

/// Of an act on the dossier: permitted, whatever it showed.
fn letter_of_act(outcome: &str) -> char {
    if outcome.starts_with("refused ") { letter(outcome, "") } else { 'y' }
}

/// TD0.5 finds a dossier by traits before there is one to ask: the functional matrix alone decides.
fn searches_by_traits(actor: &str, bench: &Option<Bench>) -> char {
    let Some(bench) = bench else { return ' ' };
    let moment = bench.moment(&[]);
    let seat = functional::seat(&bench.dossier, &common::cast::actor(actor), &moment);
    match seat.map(|seat| functional::cell(seat, Act::SearchByTraits)) {
        Ok(functional::Cell::No) | Err(_) => '-',
        Ok(_) => 'y',
    }
}

const HEADER: &str = "\
La politique d'accès du DMP, tirée des décisions elles-mêmes. Ce fichier est écrit par tests/matrix.rs
(cargo xtask matrix) et relu par ses différences: une case qui change est une règle qui change.

Par acteur: une ligne par acte, une colonne par état du document ou du dossier.

Documents   d'un autre: écrit par un tiers; le sien: il en est l'auteur (pour une structure, quelqu'un d'elle);
            collègue: écrit par quelqu'un de sa structure; du patient: déposé par le patient
États       v visible   m masqué aux professionnels   M masqué, et le patient permet les masqués en urgence
            h à annoncer (caché au patient)   r caché aux représentants   a archivé   p remplacé   d supprimé
Dossier     = autorisé, ouvert   n pas d'autorisation   e autorisation expirée   b bloqué   c fermé
            o opposé au bris de glace et au SAMU   u aucun dossier
            (le document y est visible: celui d'un autre, puis le sien)
            Pro Santé Connect lit les colonnes de la carte: un test compare, ce fichier ne le répète pas
Cases       y permis (ou fait déjà)   . silence: comme si le document n'existait pas   - non, par la matrice ou la règle
            n e b c o refusé pour cet état du dossier   x aucun dossier pour lui   ! motif manquant
            a non-auteur   u passage non permis   v visibilité refusée   s structure de l'auteur   i demande incorrecte
            p déjà remplacé   = un dossier est ouvert
            (vide: sans objet)
";

#[expect(clippy::disallowed_methods, reason = "the test keeps a file, the crate does not")]
#[test]
fn the_policy_is_the_one_in_matrix_txt() {
    let mut policy = HEADER.to_owned();
    let columns = columns();
    for (actor, title) in ACTORS {
        section(&mut policy, actor, title, &columns);
    }
    readings(&mut policy);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix.txt");
    if std::env::var_os("UPDATE_MATRIX").is_some() {
        std::fs::write(&path, &policy).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = kept.lines().zip(policy.lines()).enumerate().find(|(_, (k, p))| k != p);
    assert!(
        kept == policy,
        "the policy changed (UPDATE_MATRIX=1 rewrites tests/matrix.txt): {} lines were {}; first difference: {:#?}",
        policy.lines().count(),
        kept.lines().count(),
        differing
    );
}

/// Pro Santé Connect reads the direct columns.
#[test]
fn pro_sante_connect_has_the_rights_of_the_card() {
    let columns = columns();
    let body = |actor: &str| {
        let mut text = String::new();
        section(&mut text, actor, "", &columns);
        text.replace(actor, "")
    };
    for person in ["petit", "martin", "roux"] {
        assert_eq!(body(person), body(&format!("{person}/psc")), "{person}");
    }
}
