//! The access journal as people read it: lines of one person, close in time and alike in outcome, are one visit.
//!
//! A visit says first what matters (what was read, changed, refused); every line stays one tap away.

use dmp_dossier::{Act, ActorKind, ActorTrace, Case, Decision, DocumentEntry, ModeKind, Time};
use dmp_store::Line;
use std::collections::HashSet;
use std::sync::Arc;

use crate::french;
use crate::people::{self, Reader};
use crate::rights::report::{self, Followed};
use crate::timeline;

/// Documents named before the rest is counted.
const DOCUMENTS_SHOWN: usize = 3;
/// Lines further apart belong to two visits.
const SAME_VISIT_MINUTES: i64 = 30;

/// Which visits are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    All,
    Emergency,
    Refused,
    Relatives,
    Patient,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] =
        [Kind::All, Kind::Emergency, Kind::Refused, Kind::Relatives, Kind::Patient];

    /// The word in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::All => "",
            Kind::Emergency => "urgence",
            Kind::Refused => "refus",
            Kind::Relatives => "proches",
            Kind::Patient => "patient",
        }
    }

    /// Reads that word; anything else shows all.
    pub(crate) fn parse(text: Option<&str>) -> Kind {
        Kind::ALL.into_iter().find(|k| Some(k.as_str()) == text).unwrap_or(Kind::All)
    }

    /// What the filter says.
    pub(crate) fn label(self, reader: Reader) -> &'static str {
        match (self, reader) {
            (Kind::All, _) => "Tous",
            (Kind::Emergency, _) => "Urgence",
            (Kind::Refused, _) => "Refusés",
            (Kind::Relatives, Reader::Patient) => "Mes proches",
            (Kind::Relatives, _) => "Représentants",
            (Kind::Patient, Reader::Patient) => "Moi",
            (Kind::Patient, _) => "Le patient",
        }
    }

    /// True for the lines this filter shows.
    pub(crate) fn keeps(self, line: &Line) -> bool {
        let trace = &line.entry.actor;
        match self {
            Kind::All => true,
            Kind::Emergency => trace.mode != ModeKind::Normal,
            Kind::Refused => matches!(line.entry.decision, Decision::Refused { .. }),
            Kind::Relatives => trace.kind == ActorKind::Representative,
            Kind::Patient => trace.kind == ActorKind::Patient,
        }
    }
}

/// The visits of one day.
pub(crate) struct DayOfVisits {
    pub(crate) heading: String,
    pub(crate) machine: String,
    pub(crate) visits: Vec<Visit>,
}

/// What one person did in one go.
pub(crate) struct Visit {
    pub(crate) hours: String,
    pub(crate) who: String,
    pub(crate) role: String,
    pub(crate) icon: &'static str,
    pub(crate) tone: &'static str,
    /// `Accès d'urgence`, `Refusé`.
    pub(crate) heading: Option<&'static str>,
    /// Reason written by the professional.
    pub(crate) reason: Option<String>,
    /// Why it was refused.
    pub(crate) refusal: Option<&'static str>,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) lines: Vec<Told>,
    /// Where the reader says that this access is not normal.
    pub(crate) report: Option<String>,
    /// What became of it.
    pub(crate) followed: Vec<Followed>,
}

/// What the patient's own page adds to each visit.
pub(crate) struct Own<'o> {
    /// `/dossier/{reference}`.
    pub(crate) address: &'o str,
    /// Those the reader may know.
    pub(crate) cases: &'o [Case],
}

/// One thing done, with the documents it names: identifier and words.
#[derive(Debug)]
pub(crate) struct Deed {
    pub(crate) text: String,
    pub(crate) documents: Vec<(String, String)>,
    /// Documents beyond those shown; the lines name them all.
    pub(crate) more: usize,
}

/// One line of the journal.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) hour: String,
    pub(crate) act: String,
    pub(crate) documents: String,
}

/// Splits lines, latest first, into visits.
pub(crate) fn split<'l>(lines: impl Iterator<Item = &'l Line>) -> Vec<Vec<&'l Line>> {
    let mut visits: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        match visits.last_mut() {
            Some(visit) if visit.last().is_some_and(|last| is_same_visit(last, line)) => visit.push(line),
            _ => visits.push(vec![line]),
        }
    }
    visits
}

/// Says visits in words, by day; `own` for the patient and who acts for them.
pub(crate) fn by_day(visits: &[Vec<&Line>], reader: Reader, own: Option<&Own<'_>>) -> Vec<DayOfVisits> {
    let mut days: Vec<DayOfVisits> = Vec::new();
    for lines in visits {
        let Some(latest) = lines.first() else { continue };
        let machine = french::machine_day(latest.entry.at);
        let visit = visit(lines, reader, own);
        match days.last_mut() {
            Some(day) if day.machine == machine => day.visits.push(visit),
            _ => days.push(DayOfVisits {
                heading: french::weekday(latest.entry.at),
                machine,
                visits: vec![visit],
            }),
        }
    }
    days
}

fn is_same_visit(later: &Line, earlier: &Line) -> bool {
    let (a, b) = (&later.entry, &earlier.entry);
    let who = |t: &'_ ActorTrace, u: &'_ ActorTrace| {
        t.kind == u.kind && t.id == u.id && t.mode == u.mode && t.structure == u.structure
    };
    who(&a.actor, &b.actor)
        && a.at.millis() - b.at.millis() <= SAME_VISIT_MINUTES * 60_000
        && a.decision == b.decision
        && later.reason == earlier.reason
        && french::same_day(a.at, b.at)
}

fn visit(group: &[&Line], reader: Reader, own: Option<&Own<'_>>) -> Visit {
    let latest = group[0];
    let earliest = group[group.len() - 1];
    let (who, role) = people::actor(&latest.entry.actor, reader);
    let (from, to) = (french::hour(earliest.entry.at), french::hour(latest.entry.at));
    let refused = match &latest.entry.decision {
        Decision::Refused { reason, .. } => Some(*reason),
        Decision::Permitted => None,
    };
    let emergency = latest.entry.actor.mode != ModeKind::Normal;
    let heading = match (refused, latest.entry.actor.mode) {
        (Some(_), ModeKind::Normal) => Some("Refusé"),
        (Some(_), _) => Some("Urgence, refusé"),
        (None, ModeKind::BrisDeGlace) => Some("Accès d'urgence"),
        (None, ModeKind::Centre15) => Some("Accès du Samu"),
        (None, ModeKind::Normal) => None,
    };
    Visit {
        hours: if from == to { to } else { format!("de {from} à {to}") },
        who,
        role,
        icon: match (refused, emergency, latest.entry.actor.kind) {
            (Some(_), _, _) => "ban",
            (_, true, _) => "alert",
            (_, _, ActorKind::Professional) => "carer",
            (_, _, ActorKind::Patient | ActorKind::Representative) => "person",
            _ => "desk",
        },
        tone: match (refused, emergency) {
            (_, true) => "emergency",
            (Some(_), _) => "refused",
            _ => "",
        },
        heading,
        reason: latest.reason.clone(),
        refusal: refused.map(|r| r.answer().french),
        deeds: deeds(group, refused.is_some(), reader),
        lines: group.iter().map(|l| told(l, reader)).collect(),
        report: own
            .filter(|_| report::may_report(&latest.entry.actor, reader))
            .map(|own| report::address(own.address, &latest.entry.actor, latest.entry.at)),
        followed: own.map(|own| report::followed(own.cases, group)).unwrap_or_default(),
    }
}

fn told(line: &Line, reader: Reader) -> Told {
    let act = said(line.entry.act, &line.entry.actor, reader);
    Told { hour: french::hour(line.entry.at), act, documents: documents_of(line) }
}

/// The documents of a line, in words.
pub(crate) fn documents_of(line: &Line) -> String {
    let words: Vec<String> = match line.entry.act {
        // A search shows all there is: naming everything says nothing.
        Act::Search => Vec::new(),
        _ => line.documents.iter().map(|d| document_words(d)).collect(),
    };
    words.join(" ; ")
}

/// What was done: `a lu un document`, and `avez lu un document` after *vous*.
pub(crate) fn said(act: Act, who: &ActorTrace, reader: Reader) -> String {
    conjugated(act.label(), is_reader(who, reader))
}

fn conjugated(text: &str, is_reader: bool) -> String {
    match text.strip_prefix("a ").filter(|_| is_reader) {
        Some(rest) => format!("avez {rest}"),
        None => text.to_owned(),
    }
}

/// True for the lines whose person is called *vous*.
fn is_reader(who: &ActorTrace, reader: Reader) -> bool {
    matches!(
        (who.kind, reader),
        (ActorKind::Patient, Reader::Patient) | (ActorKind::Representative, Reader::Representative)
    )
}

/// What opens the way to a document, or comes with a page, and says little by itself.
fn is_accessory(line: &Line) -> bool {
    match line.entry.act {
        Act::Status
        | Act::ReadAdministrative
        | Act::ReadRights
        | Act::Search
        | Act::FindReference
        | Act::ReadJournal
        | Act::ReadChoices => true,
        // The patient's page of accesses shows what became of those that were reported.
        Act::ReviewAccess => line.entry.actor.kind != ActorKind::Referent,
        _ => false,
    }
}

fn deeds(group: &[&Line], refused: bool, reader: Reader) -> Vec<Deed> {
    let all_accessory = group.iter().all(|l| is_accessory(l));
    let mut told: Vec<Act> = Vec::new();
    for line in group {
        let act = line.entry.act;
        let looked = act == Act::ReviewAccess && is_accessory(line);
        if !told.contains(&act) && (all_accessory || !is_accessory(line)) && !looked {
            told.push(act);
        }
    }
    // A list of documents was looked at before anything else: one word is enough for the whole.
    if all_accessory && told.contains(&Act::Search) && !refused {
        told = vec![Act::Search];
    }
    told.into_iter().map(|act| deed(act, group, reader)).collect()
}

fn deed(act: Act, group: &[&Line], reader: Reader) -> Deed {
    let mut known: HashSet<String> = HashSet::new();
    let documents: Vec<(String, String)> = group
        .iter()
        .filter(|l| l.entry.act == act && act != Act::Search)
        .flat_map(|l| &l.documents)
        .filter_map(|d: &Arc<DocumentEntry>| {
            let lid = d.lid.to_string();
            known.insert(lid.clone()).then(|| (lid, document_words(d)))
        })
        .collect();
    let text = match (act, documents.len()) {
        (Act::Read, n) if n > 1 => format!("a lu {n} documents"),
        (Act::Feed, n) if n > 1 => format!("a déposé {n} documents"),
        _ => act.label().to_owned(),
    };
    let text = conjugated(&text, group.first().is_some_and(|l| is_reader(&l.entry.actor, reader)));
    let more = documents.len().saturating_sub(DOCUMENTS_SHOWN);
    Deed { text, documents: documents.into_iter().take(DOCUMENTS_SHOWN).collect(), more }
}

fn document_words(entry: &DocumentEntry) -> String {
    let day = french::Day::of(timeline::act_date(entry)).short();
    format!("{}, {day}", timeline::name(entry).plain)
}

/// The visit before this one of the reader: what is new is new since then. Lines of the last half hour are this visit.
pub(crate) fn last_visit(lines: &[Line], own: &ActorTrace, now: Time) -> Option<Time> {
    lines
        .iter()
        .filter(|l| l.entry.actor.kind == own.kind && l.entry.actor.id == own.id)
        .filter(|l| matches!(l.entry.act, Act::Search | Act::Read) && l.entry.decision == Decision::Permitted)
        .map(|l| l.entry.at)
        .find(|at| now.millis() - at.millis() > SAME_VISIT_MINUTES * 60_000)
}

/// Who opened a document, the reader apart, latest first: name, role, when.
pub(crate) fn readers_of(
    lines: &[Line],
    document: &DocumentEntry,
    own: &ActorTrace,
    reader: Reader,
) -> Vec<(String, String, String)> {
    let mut told = HashSet::new();
    lines
        .iter()
        .filter(|l| l.entry.act == Act::Read && l.entry.decision == Decision::Permitted)
        .filter(|l| l.documents.iter().any(|d| d.lid == document.lid))
        .filter(|l| (l.entry.actor.kind, &l.entry.actor.id) != (own.kind, &own.id))
        .map(|l| {
            let (who, role) = people::actor(&l.entry.actor, reader);
            (who, role, french::day_and_hour(l.entry.at))
        })
        .filter(|(who, role, _)| told.insert((who.clone(), role.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use crate::viewer::Viewer;
    use dmp_dossier::{Actor, JournalEntry, Mode, Reason};
    use uuid::Uuid;

    fn line(viewer: &Viewer, minutes_ago: i64, act: Act, refused: Option<Reason>, documents: &[u32]) -> Line {
        let (seen, _) = samples::document("biologie.xml", "11502-2");
        let entry = JournalEntry {
            at: Time::from_millis(samples::now().millis() - minutes_ago * 60_000),
            actor: ActorTrace::of(&viewer.actor),
            act,
            decision: refused
                .map_or(Decision::Permitted, |reason| Decision::Refused { reason, rule: "ACC-5".into() }),
            version: 3,
            facts: Vec::new(),
            digests: Vec::new(),
            contents: Vec::new(),
            documents: documents.to_vec(),
            note: None,
            request: Uuid::nil(),
        };
        let document = |n: &u32| samples::seen(*n, seen.entry.metadata.clone()).entry;
        Line { id: Uuid::nil(), entry, documents: documents.iter().map(document).collect(), reason: None }
    }

    fn in_emergency(mut viewer: Viewer) -> Viewer {
        if let Actor::Professional(p) = &mut viewer.actor {
            p.mode = Mode::BrisDeGlace { reason: "inconsciente".to_owned() };
        }
        viewer
    }

    fn days(lines: &[Line], kind: Kind) -> Vec<DayOfVisits> {
        by_day(&split(lines.iter().filter(|l| kind.keeps(l))), Reader::Patient, None)
    }

    fn told(days: &[DayOfVisits]) -> Vec<String> {
        let visit = |v: &Visit| {
            let deeds: Vec<String> =
                v.deeds.iter().map(|d| format!("{} ({})", d.text, d.documents.len())).collect();
            format!("{} {} [{}] {}", v.hours, v.who, v.heading.unwrap_or(""), deeds.join("; "))
        };
        days.iter().flat_map(|d| d.visits.iter().map(visit)).collect()
    }

    #[test]
    fn close_lines_of_one_person_are_one_visit_that_says_what_matters() {
        let doctor = samples::doctor();
        let lines = [
            line(&doctor, 0, Act::Read, None, &[1]),
            line(&doctor, 1, Act::Read, None, &[1, 2]),
            line(&doctor, 2, Act::Search, None, &[1, 2, 3]),
            line(&doctor, 2, Act::ReadAdministrative, None, &[]),
            line(&doctor, 60, Act::Search, None, &[1, 2, 3]),
            line(&doctor, 60, Act::Status, None, &[]),
            line(&samples::patient(), 61, Act::ReadJournal, None, &[]),
        ];
        assert_eq!(
            told(&days(&lines, Kind::All)),
            [
                "de 12 h 58 à 13 h 00 Dr Paul MARTIN [] a lu 2 documents (2)",
                "12 h 00 Dr Paul MARTIN [] a cherché des documents (0)",
                "11 h 59 Vous [] avez lu l'historique des accès (0)",
            ]
        );
    }

    #[test]
    fn refusals_and_emergencies_stand_apart_and_are_filtered() {
        let doctor = samples::doctor();
        let emergency = in_emergency(samples::doctor());
        let mut opened = line(&emergency, 3, Act::Read, None, &[1]);
        opened.reason = Some("patiente inconsciente".to_owned());
        let lines = [
            line(&doctor, 0, Act::Search, Some(Reason::NotAuthorised), &[]),
            line(&doctor, 1, Act::Read, None, &[1]),
            opened,
            line(&samples::patient(), 4, Act::Mask, None, &[1]),
        ];
        let all = days(&lines, Kind::All);
        assert_eq!(
            told(&all),
            [
                "13 h 00 Dr Paul MARTIN [Refusé] a cherché des documents (0)",
                "12 h 59 Dr Paul MARTIN [] a lu un document (1)",
                "12 h 57 Dr Paul MARTIN [Accès d'urgence] a lu un document (1)",
                "12 h 56 Vous [] avez masqué un document aux professionnels (1)",
            ]
        );
        assert_eq!(all[0].visits[0].refusal, Some(Reason::NotAuthorised.answer().french));
        assert_eq!(all[0].visits[2].reason.as_deref(), Some("patiente inconsciente"));
        for (kind, visits) in [
            (Kind::Emergency, 1),
            (Kind::Refused, 1),
            (Kind::Relatives, 0),
            (Kind::Patient, 1),
            (Kind::All, 4),
        ] {
            assert_eq!(told(&days(&lines, kind)).len(), visits, "{kind:?}");
            assert_eq!(Kind::parse(Some(kind.as_str())), kind);
        }
        assert_eq!(Kind::parse(Some("<script>")), Kind::All);
    }

    #[test]
    fn the_last_visit_is_the_readers_own_and_not_this_one() {
        let doctor = samples::doctor();
        let lines = [
            line(&doctor, 5, Act::Search, None, &[]),
            line(&samples::patient(), 40, Act::Search, None, &[]),
            line(&doctor, 45, Act::Status, None, &[]),
            line(&doctor, 50, Act::Search, Some(Reason::NotAuthorised), &[]),
            line(&doctor, 90, Act::Read, None, &[1]),
        ];
        let own = ActorTrace::of(&doctor.actor);
        let found = last_visit(&lines, &own, samples::now());
        assert_eq!(found.map(|at| (samples::now().millis() - at.millis()) / 60_000), Some(90));
        assert_eq!(last_visit(&lines[..1], &own, samples::now()), None);
    }

    #[test]
    fn readers_of_a_document_leave_out_oneself_and_repetition() {
        let lines = [
            line(&samples::doctor(), 1, Act::Read, None, &[1]),
            line(&samples::doctor(), 90, Act::Read, None, &[1, 2]),
            line(&samples::patient(), 91, Act::Read, None, &[1]),
            line(&samples::doctor(), 92, Act::Search, None, &[2]),
        ];
        let (seen, _) = samples::document("biologie.xml", "11502-2");
        let own = ActorTrace::of(&samples::patient().actor);
        let readers = readers_of(&lines, &seen.entry, &own, Reader::Patient);
        assert_eq!(readers.len(), 1);
        assert_eq!(readers[0].0, "Dr Paul MARTIN");
    }
}
