//! The documents of a dossier, as a professional filters them: by class, by period, by what is new since the last visit.
//! What a filter leaves out is always said (ux.md 3.0).

use dmp_dossier::{SeenDocument, Time};

use crate::french;
use crate::open::Open;
use crate::timeline::{self, Timeline};

/// Periods: value in the address, words, days.
const PERIODS: [(&str, &str, u32); 3] = [("6m", "6 mois", 183), ("1a", "1 an", 365), ("2a", "2 ans", 730)];

/// One and many of each class, for the line of what is new.
const NAMES: [(&str, &str, &str); 11] = [
    ("10", "compte rendu", "comptes rendus"),
    ("11", "synthèse", "synthèses"),
    ("31", "imagerie", "imageries"),
    ("42", "ordonnance", "ordonnances"),
    ("43", "remise de médicaments", "remises de médicaments"),
    ("44", "plan de soins", "plans de soins"),
    ("45", "soin donné", "soins donnés"),
    ("52", "certificat ou vaccin", "certificats ou vaccins"),
    ("60", "relevé de remboursements", "relevés de remboursements"),
    ("90", "ajout du patient", "ajouts du patient"),
    ("95", "papier administratif", "papiers administratifs"),
];

/// What is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) class: Option<&'a str>,
    pub(crate) period: Option<&'a str>,
    pub(crate) only_new: bool,
}

/// A link of a filter.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    /// Class, for the script that filters without asking again.
    pub(crate) class: &'static str,
    pub(crate) count: usize,
    pub(crate) current: bool,
}

/// The list, with its filters.
pub(crate) struct Documents {
    pub(crate) timeline: Timeline,
    pub(crate) classes: Vec<Link>,
    pub(crate) periods: Vec<Link>,
    pub(crate) only_new: bool,
    /// Nothing is left out: the script of the page may filter by itself.
    pub(crate) is_whole: bool,
    /// Where every filter is off.
    pub(crate) all: String,
}

/// Makes the list.
pub(crate) fn documents(
    seen: &[SeenDocument],
    filter: Filter<'_>,
    since: Option<Time>,
    open: &Open,
) -> Documents {
    let mut timeline = timeline::build(seen, filter.class, since, open.reader, open.now);
    let period = PERIODS.iter().find(|(value, _, _)| Some(*value) == filter.period);
    let only_new = filter.only_new && since.is_some();
    let from = period.map(|(_, _, days)| {
        let days_ms = i64::from(*days) * 86_400_000;
        french::machine_day(Time::from_millis(open.now.millis() - days_ms))
    });
    for month in &mut timeline.months {
        // A month alone (`2026-03`) is kept as long as one of its days may be in the period.
        let is_late =
            |day: &str| from.as_deref().is_none_or(|from| day >= &from[..day.len().min(from.len())]);
        month.rows.retain(|row| is_late(&row.day_machine) && (!only_new || row.is_new));
    }
    timeline.months.retain(|month| !month.rows.is_empty());
    timeline.shown = timeline.months.iter().map(|month| month.rows.len()).sum();

    let current = timeline.chips.iter().find(|chip| chip.current).map(|chip| chip.class);
    let address = |class: Option<&str>, period: Option<&str>| {
        let class = class.map(|class| format!("classe={class}"));
        let period = period.map(|period| format!("periode={period}"));
        let parts: Vec<String> =
            [class, period, only_new.then(|| "nouveau=1".to_owned())].into_iter().flatten().collect();
        let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        format!("{}{query}#documents", open.address)
    };
    let value = period.map(|(value, _, _)| *value);
    let link = |href, label, class, count, current| Link { href, label, class, count, current };
    let mut classes = vec![link(address(None, value), "Tous", "", timeline.total, current.is_none())];
    classes.extend(timeline.chips.iter().map(|chip| {
        link(address(Some(chip.class), value), chip.label, chip.class, chip.count, chip.current)
    }));
    let mut periods: Vec<Link> = PERIODS
        .iter()
        .map(|(word, label, _)| link(address(current, Some(word)), label, "", 0, value == Some(*word)))
        .collect();
    periods.push(link(address(current, None), "Toutes", "", 0, value.is_none()));
    Documents {
        is_whole: timeline.shown == timeline.total,
        all: format!("{}#documents", open.address),
        timeline,
        classes,
        periods,
        only_new,
    }
}

/// `Nouveau depuis votre visite du 12 septembre 2026 : 2 comptes rendus, 1 ordonnance`; `None` when nothing is.
pub(crate) fn fresh(seen: &[SeenDocument], since: Option<Time>) -> Option<String> {
    let since = since?;
    let new: Vec<&str> = seen
        .iter()
        .filter(|s| s.entry.registered_at > since)
        .map(|s| s.entry.metadata.class_code.code.as_str())
        .collect();
    let mut parts: Vec<String> = NAMES
        .iter()
        .filter_map(|(class, one, many)| {
            let count = new.iter().filter(|known| *known == class).count();
            (count > 0).then(|| french::count(count, one, many))
        })
        .collect();
    let others = new.iter().filter(|known| NAMES.iter().all(|(class, _, _)| *known != class)).count();
    if others > 0 {
        parts.push(french::count(others, "autre document", "autres documents"));
    }
    (!parts.is_empty())
        .then(|| format!("Nouveau depuis votre visite du {}\u{a0}: {}", french::day(since), parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use std::sync::Arc;

    #[test]
    fn what_is_new_is_counted_by_class() {
        let (template, _) = samples::document("biologie.xml", "11502-2");
        let since = samples::now();
        let make = |class: &str, after: i64| {
            let mut seen = template.clone();
            let entry = Arc::make_mut(&mut seen.entry);
            entry.metadata.class_code.code = class.to_owned();
            entry.registered_at = Time::from_millis(since.millis() + after);
            seen
        };
        let seen = [make("10", 1), make("10", 2), make("42", 1), make("31", -1), make("zz", 1)];
        assert_eq!(
            fresh(&seen, Some(since)).as_deref(),
            Some(
                "Nouveau depuis votre visite du 21 novembre 2026\u{a0}: 2 comptes rendus, 1 ordonnance, 1 autre document"
            )
        );
        assert_eq!(fresh(&seen[3..4], Some(since)), None);
        assert_eq!(fresh(&seen, None), None);
    }
}
