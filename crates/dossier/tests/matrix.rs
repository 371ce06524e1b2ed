//! The whole policy, written to `matrix.txt` by asking `dossier` every question: who, in which mode, may do what with
//! which document of which dossier. A change of policy is the diff of that file.
//!
//! `UPDATE_MATRIX=1 cargo test -p dmp-dossier --test matrix` rewrites it (`cargo xtask matrix` does that).

#![allow(clippy::unwrap_used, reason = "a failure here is the test's failure")]

mod common;

use common::Bench;
use common::cast::person_index;
use common::script::run;
use dmp_dossier::{Act, Moment, Query, Reason, View, consult, functional};
use dmp_nomenclature::{Profession, TypeCode};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Who comes, in words for the reader of the file.
const ACTORS: [(&str, &str); 35] = [
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
];

/// A column: its letter, the line of the group it belongs to, the document it is about, what is done first.
struct Column {
    group: &'static str,
    letter: char,
    document: &'static str,
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Authorised,
    MaskedReadable,
    NotAuthorised,
    Expired,
    Blocked,
    Closed,
    Opposed,
    Unopened,
}

fn columns() -> Vec<Column> {
    use Condition as C;
    let states = |group: &'static str, own: bool, states: &[(char, C)]| -> Vec<Column> {
        let column = |(letter, condition): &(char, C)| Column {
            group,
            letter: *letter,
            document: document_name(group, own, *letter),
            condition: *condition,
        };
        states.iter().map(column).collect()
    };
    let all = [
        ('v', C::Authorised),
        ('m', C::Authorised),
        ('M', C::MaskedReadable),
        ('h', C::Authorised),
        ('r', C::Authorised),
        ('a', C::Authorised),
        ('p', C::Authorised),
        ('d', C::Authorised),
    ];
    let some = |letters: &str| -> Vec<(char, C)> {
        all.iter().copied().filter(|(l, _)| letters.contains(*l)).collect()
    };
    let conditions = [
        ('=', C::Authorised),
        ('n', C::NotAuthorised),
        ('e', C::Expired),
        ('b', C::Blocked),
        ('c', C::Closed),
        ('o', C::Opposed),
        ('u', C::Unopened),
    ];
    [
        states("d'un autre", false, &all),
        states("le sien", true, &all),
        states("collègue", false, &some("vmap")),
        states("du patient", false, &some("vmad")),
        states("dossier", false, &conditions),
        states("dossier, le sien", true, &conditions[..6]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Name of the document in the setup: group and state.
fn document_name(group: &str, own: bool, letter: char) -> &'static str {
    const NAMES: [(&str, [&str; 8]); 4] = [
        (
            "d'un autre",
            ["other-v", "other-m", "other-m", "other-h", "other-r", "other-a", "other-p", "other-d"],
        ),
        ("le sien", ["own-v", "own-m", "own-m", "own-h", "own-r", "own-a", "own-p", "own-d"]),
        ("collègue", ["coll-v", "coll-m", "coll-m", "", "", "coll-a", "coll-p", ""]),
        ("du patient", ["pat-v", "pat-m", "pat-m", "", "", "pat-a", "", "pat-d"]),
    ];
    let place = "vmMhrapd".find(letter);
    let names = NAMES.iter().find(|(g, _)| *g == group);
    match (names, place) {
        (Some((_, names)), Some(place)) => names[place],
        _ if own => "own-v",
        _ => "other-v",
    }
}

/// Who a right names for this actor, where one can be given.
fn grantee_of(actor: &str) -> Option<String> {
    let base = actor.split('/').next().unwrap();
    let indirect = actor.ends_with("/indirect");
    match person_index(base) {
        Some(_) if !indirect => Some(base.to_owned()),
        Some(_) => Some("s0".to_owned()),
        None => base.strip_prefix("cpe").or(base.strip_prefix("pe").or(base.strip_prefix("cert"))).and_then(
            // `petit` begins like an employee, and is a person above.
            |structure| structure.parse::<usize>().ok().map(|s| format!("s{s}")),
        ),
    }
}

/// The author an own document of this actor names, and who deposits it.
fn signs(actor: &str) -> Option<(String, String)> {
    let base = actor.split('/').next().unwrap().to_owned();
    match base.as_str() {
        "patient" | "mere" | "tuteur" => Some(("patient".to_owned(), "patient".to_owned())),
        "insurer" => Some(("insurer".to_owned(), "amo".to_owned())),
        "cpam" | "loader" | "system" | "pilot" => None,
        _ if person_index(&base).is_some() => Some((base.clone(), base)),
        _ => Some(("martin".to_owned(), "martin".to_owned())),
    }
}

/// The documents of a setup: name, what its deposit says, and what is done to it next.
fn deposits(actor: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut publish = |depositor: &str, author: &str, prefix: &str, hides: bool| {
        let line =
            |state: &str, more: &str| format!("{depositor} publish {prefix}-{state} by={author} {more}");
        lines.extend([line("v", ""), line("m", "masked"), line("r", "reps"), line("p", "")]);
        lines.push(format!("{depositor} publish {prefix}-q by={author} replaces={prefix}-p"));
        if hides {
            lines.push(line("h", "hidden"));
        }
        // The insurer writes: it neither archives nor deletes.
        if depositor != "insurer" {
            lines.extend([line("a", ""), line("d", "")]);
            lines.push(format!("{depositor} archive {prefix}-a"));
            lines.push(format!("{depositor} delete {prefix}-d"));
        }
    };
    publish("kone", "kone", "other", true);
    publish("patient", "patient", "pat", false);
    match signs(actor) {
        Some((depositor, author)) if author == "patient" => publish(&depositor, &author, "own", false),
        Some((depositor, author)) => publish(&depositor, &author, "own", depositor != "insurer"),
        None => {}
    }
    let base = actor.split('/').next().unwrap();
    if let Some(colleague) = colleague_of(base) {
        publish(colleague, colleague, "coll", true);
    }
    lines
}

fn colleague_of(base: &str) -> Option<&'static str> {
    match base {
        "petit" => Some("etudiant"),
        "martin" | "roux" | "etudiant" => Some("petit"),
        "lenoir" => Some("pharma"),
        "travail" | "social" => Some("nobody"),
        "nobody" => Some("social"),
        _ => None,
    }
}

/// The dossier of a column; `None` where the condition says nothing of this actor.
fn setup(actor: &str, condition: Condition) -> Option<Bench> {
    use Condition as C;
    let grantee = grantee_of(actor);
    let treating = actor.starts_with("roux");
    let is_column = grantee.is_some();
    if !is_column && matches!(condition, C::NotAuthorised | C::Expired | C::Blocked) {
        return None;
    }
    if treating && matches!(condition, C::NotAuthorised | C::Expired) {
        return None;
    }
    let mut bench = Bench::new();
    if condition == C::Unopened {
        return Some(bench);
    }
    let mut lines = vec![
        "cpam open born=20150301 reps=mere:parent,tuteur:guardian".to_owned(),
        "patient consent duval".to_owned(),
    ];
    let authorise = |more: &str| grantee.iter().map(move |g| format!("patient authorise {g}{more}")).next();
    match condition {
        C::NotAuthorised => {}
        C::Expired => lines.extend(authorise(" days=1").into_iter().chain(["wait 2d".to_owned()])),
        _ if treating => lines.extend(authorise(" mt profession=10")),
        _ => lines.extend(authorise("")),
    }
    lines.extend(deposits(actor));
    match condition {
        C::MaskedReadable => lines.push("patient emergency masked-readable".to_owned()),
        C::Blocked => lines.extend(grantee.iter().map(|g| format!("patient block {g}"))),
        C::Closed => lines.push("patient close".to_owned()),
        C::Opposed => lines.push("patient emergency no-glace no-samu".to_owned()),
        _ => {}
    }
    for line in lines {
        let outcome = run(&mut bench, &line);
        assert!(
            ["done", "nothing_to_do", ""].contains(&outcome.as_str()),
            "{actor}: `{line}` gave `{outcome}`"
        );
    }
    Some(bench)
}

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

const ON_DOSSIER: [(&str, &str); 32] = [
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

/// Every type, one document each, and what each profession finds of them.
fn readings(out: &mut String) {
    let mut bench = Bench::new();
    bench.parameters.historic = true;
    let mut lines = vec!["cpam open".to_owned()];
    for t in TypeCode::all() {
        let patients = t.code.starts_with("EXPPAT_") || t.code.starts_with("DOCPAT") || t.class == "90";
        let (who, by) = match t.code {
            "REMB" => ("insurer", "amo"),
            _ if patients => ("patient", "patient"),
            _ => ("duval", "duval"),
        };
        lines.push(format!("{who} publish {} type={} by={by}", t.code, t.code));
    }
    for line in &lines {
        assert_eq!(run(&mut bench, line), "done", "{line}");
    }
    let mut readers: BTreeMap<Vec<bool>, Vec<&str>> = BTreeMap::new();
    let known = Profession::all().iter().map(|p| p.key);
    for (n, profession) in known.chain(["ZZ"]).enumerate() {
        let row = reading(&bench, profession, n);
        readers.entry(row).or_default().push(profession);
    }
    let mut groups: Vec<(Vec<bool>, Vec<&str>)> = readers.into_iter().collect();
    groups.sort_by_key(|(row, _)| std::cmp::Reverse(row.iter().filter(|r| **r).count()));
    writeln!(out, "\n== Lecture: profession x typeCode\n").unwrap();
    writeln!(out, "Un professionnel autorisé, un document visible de chaque type. Colonnes:\n").unwrap();
    for (letter, (row, professions)) in ('A'..).zip(&groups) {
        let count = row.iter().filter(|r| **r).count();
        let mut line = format!("{letter}  {count:>3} types:");
        for profession in professions {
            if line.chars().count() + profession.len() > 115 {
                writeln!(out, "{line}").unwrap();
                line = " ".repeat(13);
            }
            line.push(' ');
            line.push_str(profession);
        }
        writeln!(out, "{line}").unwrap();
    }
    let letters: Vec<String> = ('A'..).take(groups.len()).map(|l| l.to_string()).collect();
    writeln!(out, "\n{:<18}{}", "", letters.join(" ")).unwrap();
    for (index, t) in TypeCode::all().iter().enumerate() {
        let cells: Vec<&str> = groups.iter().map(|(row, _)| if row[index] { "y" } else { "-" }).collect();
        let retired = if t.is_current() { "" } else { "(retiré) " };
        writeln!(out, "{:<18}{}  {retired}{}", t.code, cells.join(" "), t.label).unwrap();
    }
}

fn reading(bench: &Bench, profession: &str, number: usize) -> Vec<bool> {
    let mut p = common::cast::professional(0);
    p.id = common::cast::ps_id(500 + number);
    p.speciality = None;
    p.structure = None;
    match profession.strip_prefix("G16_") {
        Some(studies) => {
            p.profession = studies.to_owned();
            p.card = dmp_dossier::Card::Cpf;
        }
        None => p.profession = profession.to_owned(),
    }
    let mut bench = bench.clone();
    let authorise = dmp_dossier::Command::Authorise(Box::new(dmp_dossier::Authorise {
        who: dmp_dossier::Grantee::Professional(p.id.clone()),
        label: None,
        until: None,
        medecin_traitant: false,
        profession: None,
    }));
    bench.execute(&common::cast::actor("patient"), &authorise).unwrap();
    let actor = dmp_dossier::Actor::Professional(Box::new(p));
    TypeCode::all()
        .iter()
        .map(|t| {
            let query = Query::Retrieve(vec![common::script::by_name(t.code)]);
            let moment: Moment<'_> = bench.moment(&[]);
            matches!(consult(&bench.dossier, &actor, &query, &moment), Ok(View::Contents(_)))
        })
        .collect()
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
