//! The columns of the file, and the dossier each of them asks about.

use crate::common::Bench;
use crate::common::cast::person_index;
use crate::common::script::run;

/// A column: its letter, the line of the group it belongs to, the document it is about, what is done first.
pub struct Column {
    pub group: &'static str,
    pub letter: char,
    pub document: &'static str,
    pub condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Authorised,
    MaskedReadable,
    NotAuthorised,
    Expired,
    Blocked,
    Closed,
    Opposed,
    Unopened,
}

pub fn columns() -> Vec<Column> {
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
pub fn grantee_of(actor: &str) -> Option<String> {
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
pub fn signs(actor: &str) -> Option<(String, String)> {
    let base = actor.split('/').next().unwrap().to_owned();
    match base.as_str() {
        "patient" | "mere" | "tuteur" => Some(("patient".to_owned(), "patient".to_owned())),
        "insurer" => Some(("insurer".to_owned(), "amo".to_owned())),
        "cpam" | "loader" | "system" | "pilot" | "referent0" => None,
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
pub fn setup(actor: &str, condition: Condition) -> Option<Bench> {
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
