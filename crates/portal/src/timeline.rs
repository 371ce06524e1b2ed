//! The documents of a dossier as a list: by month of the act, latest first, replaced versions under the one that
//! replaced them, filtered by class with the count that says so.
//!
//! What the patient wrote stands apart from what professionals wrote (EX_3.1-1040).

use dmp_dossier::{Availability, DocumentEntry, Dtm, EntryUuid, SeenDocument, Time};
use dmp_nomenclature::{ClassCode, TypeCode};
use std::collections::{BTreeMap, HashSet};

use crate::french::Day;
use crate::patient::groups;
use crate::people::{self, Reader};

/// The list, ready to be written.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    pub(crate) total: usize,
    pub(crate) shown: usize,
    pub(crate) chips: Vec<Chip>,
    pub(crate) months: Vec<Month>,
}

impl Timeline {
    /// Adds a row under its heading, which is that of the row before or a new one.
    fn add(&mut self, heading: String, row: Row) {
        match self.months.last_mut() {
            Some(month) if month.heading == heading => month.rows.push(row),
            _ => self.months.push(Month { heading, rows: vec![row] }),
        }
    }
}

/// A filter by class.
#[derive(Debug)]
pub(crate) struct Chip {
    pub(crate) label: &'static str,
    pub(crate) class: &'static str,
    pub(crate) count: usize,
    pub(crate) current: bool,
}

/// Rows under one heading.
#[derive(Debug)]
pub(crate) struct Month {
    pub(crate) heading: String,
    pub(crate) rows: Vec<Row>,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) lid: String,
    pub(crate) icon: &'static str,
    pub(crate) class: String,
    pub(crate) name: Name,
    pub(crate) day: String,
    pub(crate) day_machine: String,
    pub(crate) by: String,
    pub(crate) place: String,
    pub(crate) is_new: bool,
    pub(crate) badges: Vec<Badge>,
    pub(crate) older: Vec<Older>,
}

/// A version that was replaced.
#[derive(Debug)]
pub(crate) struct Older {
    pub(crate) lid: String,
    pub(crate) day: String,
}

/// How a document is called.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// In everyday words, `Lettre de sortie d'hôpital`.
    pub(crate) plain: String,
    /// The official name of the type.
    pub(crate) official: String,
    /// The title its author gave, when it says more.
    pub(crate) title: Option<String>,
}

/// A state of a document, in words with an icon: never a colour alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Badge {
    pub(crate) kind: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) text: String,
}

/// When the documented act took place: its start, else when the document was made. Never when it was sent.
pub(crate) fn act_date(entry: &DocumentEntry) -> Dtm {
    entry.metadata.service_start.unwrap_or(entry.metadata.creation_time)
}

/// The names of a document.
pub(crate) fn name(entry: &DocumentEntry) -> Name {
    let code = &entry.metadata.type_code;
    let (plain, official) = match TypeCode::find(&code.code) {
        Some(known) => (known.plain.to_owned(), known.label.to_owned()),
        None => (code.label.clone(), code.label.clone()),
    };
    let title = entry.metadata.title.trim();
    let says_more =
        !title.is_empty() && ![&plain, &official].iter().any(|n| n.to_lowercase() == title.to_lowercase());
    Name { plain, official, title: says_more.then(|| dmp_cda::visible::visible(title).into_owned()) }
}

/// Icon of a document, by type then class.
pub(crate) fn icon(entry: &DocumentEntry) -> &'static str {
    match entry.metadata.type_code.code.as_str() {
        "11502-2" => return "flask",
        "87273-9" | "11369-6" => return "syringe",
        _ => {}
    }
    match entry.metadata.class_code.code.as_str() {
        "11" => "pulse",
        "31" => "scan",
        "42" => "script",
        "43" | "45" => "pill",
        "44" => "list",
        "52" => "shield",
        "60" => "euro",
        "90" => "person",
        "95" => "folder",
        _ => "report",
    }
}

/// Name of a class on a filter; the official plural is too long for one.
fn class_label(code: &str) -> &'static str {
    match code {
        "10" => "Comptes rendus",
        "11" => "Synthèses",
        "31" => "Imagerie",
        "42" => "Ordonnances",
        "43" => "Médicaments remis",
        "44" => "Plans de soins",
        "45" => "Soins donnés",
        "52" => "Certificats, vaccins",
        "60" => "Remboursements",
        "90" => "Ajouts du patient",
        "95" => "Administratif",
        _ => "Autres",
    }
}

/// In which order a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By the date of the act, latest first.
    Latest,
    /// By the date of the act, oldest first.
    Oldest,
    /// By the day it was received, latest first.
    Received,
}

/// The documents of a list: what was replaced by a document that is seen stands under it.
fn heads(seen: &[SeenDocument]) -> Vec<&SeenDocument> {
    let replaced: HashSet<EntryUuid> =
        seen.iter().filter_map(|s| s.replaces.as_ref()).map(|old| old.entry_uuid).collect();
    let mut heads: Vec<&SeenDocument> =
        seen.iter().filter(|s| !replaced.contains(&s.entry.entry_uuid)).collect();
    heads.sort_by_key(|s| std::cmp::Reverse((act_date(&s.entry).start(), s.entry.registered_at)));
    heads
}

/// How many documents a list holds.
pub(crate) fn total(seen: &[SeenDocument]) -> usize {
    heads(seen).len()
}

/// Makes the list of the patient: kinds in everyday words instead of classes, their own documents at their date.
pub(crate) fn of_patient(
    seen: &[SeenDocument],
    kind: Option<&'static str>,
    order: Order,
    since: Option<Time>,
    reader: Reader,
    now: Time,
) -> Timeline {
    let mut heads = heads(seen);
    match order {
        Order::Latest => {}
        Order::Oldest => heads.reverse(),
        Order::Received => heads.sort_by_key(|s| std::cmp::Reverse(s.entry.registered_at)),
    }
    let count = |wanted: &str| heads.iter().filter(|s| groups::of(&s.entry) == wanted).count();
    // A kind without a document is no filter: nothing may be hidden without saying so.
    let kind = kind.filter(|k| count(k) > 0);
    let chips = groups::ALL.iter().map(|(word, label)| Chip {
        label,
        class: word,
        count: count(word),
        current: kind == Some(*word),
    });
    let mut timeline = Timeline {
        total: heads.len(),
        chips: chips.filter(|chip| chip.count > 0).collect(),
        ..Timeline::default()
    };
    for head in heads {
        let own_kind = groups::of(&head.entry);
        if kind.is_some_and(|wanted| wanted != own_kind) {
            continue;
        }
        timeline.shown += 1;
        let act = Day::of(act_date(&head.entry));
        let day = match order {
            Order::Received => Day::of(Dtm::from_time(head.entry.registered_at)),
            _ => act,
        };
        let mut row = Row { class: own_kind.to_owned(), ..row(head, seen, since, reader, now) };
        (row.day, row.day_machine) = (day.short(), day.machine());
        if groups::is_patients(&head.entry) {
            let text = if reader == Reader::Patient { "Ajouté par vous" } else { "Ajouté par le patient" };
            row.badges.insert(0, Badge { kind: "own", icon: "person", text: text.to_owned() });
        }
        timeline.add(day.month_heading(), row);
    }
    timeline
}

/// What is said of a document besides its name.
pub(crate) fn badges(entry: &DocumentEntry, reader: Reader, now: Time) -> Vec<Badge> {
    let mut badges = Vec::new();
    let mut add = |kind, icon, text: &str| badges.push(Badge { kind, icon, text: text.to_owned() });
    if entry.visibility.masked {
        let text = if reader == Reader::Other { "Masqué" } else { "Masqué aux professionnels" };
        add("masked", "lock", text);
    }
    if entry.is_hidden_from_patient(now) {
        match entry.release_at {
            Some(until) => {
                let text = format!("Non visible par le patient avant le {}", crate::french::day(until));
                add("warning", "eye-off", &text);
            }
            None => add("warning", "eye-off", "Non visible par le patient"),
        }
    }
    if entry.visibility.hidden_from_representatives {
        add("masked", "eye-off", "Caché aux représentants légaux");
    }
    match entry.status {
        Availability::Archived => add("muted", "folder", "Archivé"),
        Availability::Deprecated => add("muted", "versions", "Ancienne version"),
        Availability::Deleted => add("muted", "folder", "Supprimé"),
        Availability::Approved => {}
    }
    badges
}

/// Makes the list. `class` keeps one class; `since` marks what was received after it.
pub(crate) fn build(
    seen: &[SeenDocument],
    class: Option<&str>,
    since: Option<Time>,
    reader: Reader,
    now: Time,
) -> Timeline {
    let heads = heads(seen);
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for head in &heads {
        if let Some(known) = ClassCode::find(&head.entry.metadata.class_code.code) {
            *counts.entry(known.code).or_default() += 1;
        }
    }
    // An unknown class in the address is no filter: nothing may be hidden without saying so.
    let class = class.filter(|c| counts.contains_key(c));
    let chips = counts
        .iter()
        .map(|(code, count)| Chip {
            label: class_label(code),
            class: code,
            count: *count,
            current: class == Some(*code),
        })
        .collect();

    let mut timeline = Timeline { total: heads.len(), chips, ..Timeline::default() };
    let mut own = Vec::new();
    for head in heads {
        let entry = &head.entry;
        let code = entry.metadata.class_code.code.as_str();
        if class.is_some_and(|wanted| wanted != code) {
            continue;
        }
        timeline.shown += 1;
        let day = Day::of(act_date(entry));
        let row = row(head, seen, since, reader, now);
        if code == ClassCode::PATIENT {
            own.push(row);
            continue;
        }
        timeline.add(day.month_heading(), row);
    }
    if !own.is_empty() {
        let heading = if reader == Reader::Patient { "Ajoutés par vous" } else { "Ajoutés par le patient" };
        timeline.months.push(Month { heading: heading.to_owned(), rows: own });
    }
    timeline
}

fn row(head: &SeenDocument, seen: &[SeenDocument], since: Option<Time>, reader: Reader, now: Time) -> Row {
    let entry = &head.entry;
    let day = Day::of(act_date(entry));
    // Under the patient's own documents, the heading gives no month.
    let is_own = entry.metadata.class_code.code == ClassCode::PATIENT;
    let author = entry.metadata.authors.first();
    let (by, place) = author.map(|a| people::author_and_place(a, reader)).unwrap_or_default();
    Row {
        lid: entry.lid.to_string(),
        icon: icon(entry),
        class: entry.metadata.class_code.code.clone(),
        name: name(entry),
        day: if is_own { day.long() } else { day.short() },
        day_machine: day.machine(),
        by,
        place,
        is_new: since.is_some_and(|since| entry.registered_at > since),
        badges: badges(entry, reader, now),
        older: older(head, seen),
    }
}

/// The visible versions that a document replaced, latest first.
fn older(head: &SeenDocument, seen: &[SeenDocument]) -> Vec<Older> {
    let mut versions = Vec::new();
    let mut current = Some(head);
    while let Some(replaced) = current.and_then(|c| c.replaces.as_ref()) {
        versions.push(Older { lid: replaced.lid.to_string(), day: Day::of(act_date(replaced)).long() });
        current = seen.iter().find(|s| s.entry.entry_uuid == replaced.entry_uuid);
        if versions.len() > seen.len() {
            break;
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use std::sync::Arc;

    /// type, class, act date, title.
    fn documents(rows: &[(&str, &str, &str, &str)]) -> Vec<SeenDocument> {
        let (template, _) = samples::document("biologie.xml", "11502-2");
        let make = |(index, (type_code, class, day, title)): (usize, &(&str, &str, &str, &str))| {
            let mut metadata = template.entry.metadata.clone();
            metadata.type_code.code = (*type_code).to_owned();
            metadata.class_code.code = (*class).to_owned();
            metadata.service_start = Dtm::parse(day);
            metadata.title = (*title).to_owned();
            samples::seen(u32::try_from(index).unwrap() + 1, metadata)
        };
        rows.iter().enumerate().map(make).collect()
    }

    fn edited(seen: &mut SeenDocument, edit: impl FnOnce(&mut DocumentEntry)) {
        edit(Arc::make_mut(&mut seen.entry));
    }

    fn written(timeline: &Timeline) -> Vec<String> {
        let month = |m: &Month| {
            let rows: Vec<String> = m.rows.iter().map(|r| format!("{} {}", r.day, r.name.plain)).collect();
            format!("{}: {}", m.heading, rows.join("; "))
        };
        timeline.months.iter().map(month).collect()
    }

    #[test]
    fn documents_stand_by_month_of_the_act_and_the_patients_own_apart() {
        let seen = documents(&[
            ("11502-2", "10", "20261118", ""),
            ("EXPPAT_2", "90", "20261119", "Ma note"),
            ("11490-0", "10", "20261115", ""),
            ("57833-6", "42", "202603", ""),
        ]);
        let timeline = build(&seen, None, None, Reader::Patient, samples::now());
        assert_eq!(
            written(&timeline),
            [
                "novembre 2026: 18 nov. Analyse de sang ou autre analyse; 15 nov. Lettre de sortie d'hôpital",
                "mars 2026: mars Ordonnance de médicaments ou de matériel",
                "Ajoutés par vous: 19 novembre 2026 Note ajoutée par le patient",
            ]
        );
        assert_eq!((timeline.shown, timeline.total), (4, 4));
        let chips: Vec<_> = timeline.chips.iter().map(|c| (c.class, c.count)).collect();
        assert_eq!(chips, [("10", 2), ("42", 1), ("90", 1)]);
    }

    #[test]
    fn a_filter_keeps_the_total_and_an_unknown_one_filters_nothing() {
        let seen = documents(&[("11502-2", "10", "20261118", ""), ("57833-6", "42", "20261101", "")]);
        for (class, shown) in [(Some("42"), 1), (Some("99"), 2), (Some("<script>"), 2), (None, 2)] {
            let timeline = build(&seen, class, None, Reader::Other, samples::now());
            assert_eq!((timeline.shown, timeline.total), (shown, 2), "{class:?}");
        }
    }

    #[test]
    fn a_replaced_version_is_folded_under_its_replacement_only_when_both_are_seen() {
        let mut seen = documents(&[
            ("11502-2", "10", "20261110", ""),
            ("11502-2", "10", "20261110", ""),
            ("11502-2", "10", "20261110", ""),
        ]);
        for replaced in 0..2 {
            edited(&mut seen[replaced], |e| e.status = Availability::Deprecated);
            seen[replaced + 1].replaces = Some(Arc::clone(&seen[replaced].entry));
        }
        let timeline = build(&seen, None, None, Reader::Other, samples::now());
        assert_eq!((timeline.total, timeline.months[0].rows[0].older.len()), (1, 2));
        assert_eq!(timeline.months[0].rows[0].older[0].lid, seen[1].entry.lid.to_string());
        let alone = build(&seen[..1], None, None, Reader::Other, samples::now());
        assert_eq!(alone.months[0].rows[0].badges[0].text, "Ancienne version");
    }

    #[test]
    fn states_are_words_and_new_is_since_the_last_visit() {
        let now = samples::now();
        let mut seen = documents(&[("11502-2", "10", "20261118", "Bilan \u{202e}lipidique")]);
        edited(&mut seen[0], |e| {
            e.visibility.masked = true;
            e.visibility.hidden_from_patient = true;
            e.release_at = Some(now.plus_days(7));
        });
        for (reader, since, texts, is_new) in [
            (
                Reader::Patient,
                Some(now),
                ["Masqué aux professionnels", "Non visible par le patient avant le 28 novembre 2026"],
                false,
            ),
            (
                Reader::Other,
                Some(Time::from_millis(now.millis() - 1)),
                ["Masqué", "Non visible par le patient avant le 28 novembre 2026"],
                true,
            ),
        ] {
            let timeline = build(&seen, None, since, reader, now);
            let row = &timeline.months[0].rows[0];
            assert_eq!(row.badges.iter().map(|b| b.text.as_str()).collect::<Vec<_>>(), texts);
            assert_eq!(row.is_new, is_new);
            assert_eq!(row.name.title.as_deref(), Some("Bilan ⟦U+202E⟧lipidique"));
        }
    }
}
