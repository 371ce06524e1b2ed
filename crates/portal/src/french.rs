//! Dates, ages and numbers as pages write them (ux.md 3.0): month in letters and year in four digits in text, the
//! civil form only in the patient banner; hours of Paris.

use dmp_dossier::{Dtm, Ins, Precision, Time, age_years};
use jiff::Zoned;
use jiff::tz::TimeZone;
use std::sync::LazyLock;

static PARIS: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Paris").expect("the time zone database is compiled in"));

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SHORT_MONTHS: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const WEEKDAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

fn paris(at: Time) -> Zoned {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_zoned(PARIS.clone())
}

fn name_of(months: &'static [&'static str; 12], month: i8) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|m| months.get(m)).unwrap_or(&"")
}

/// `1er` or `12`.
fn ordinal(day: i8) -> String {
    if day == 1 { "1er".to_owned() } else { day.to_string() }
}

/// `12 mars 2026`.
pub(crate) fn day(at: Time) -> String {
    let z = paris(at);
    format!("{} {} {}", ordinal(z.day()), name_of(&MONTHS, z.month()), z.year())
}

/// `mercredi 12 mars 2026`.
pub(crate) fn weekday(at: Time) -> String {
    let z = paris(at);
    let name = WEEKDAYS[usize::try_from(z.weekday().to_monday_zero_offset()).unwrap_or(0) % 7];
    format!("{name} {}", day(at))
}

/// `10 h 42`.
pub(crate) fn hour(at: Time) -> String {
    let z = paris(at);
    format!("{} h {:02}", z.hour(), z.minute())
}

/// `12 mars 2026 à 10 h 42`.
pub(crate) fn day_and_hour(at: Time) -> String {
    format!("{} à {}", day(at), hour(at))
}

/// `2026-03-12`, for `<time datetime>`.
pub(crate) fn machine_day(at: Time) -> String {
    paris(at).strftime("%Y-%m-%d").to_string()
}

/// True when both instants are on the same day in Paris.
pub(crate) fn same_day(a: Time, b: Time) -> bool {
    paris(a).date() == paris(b).date()
}

/// A date of partial precision, with the hour left out: what a document tells of its act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
}

impl Day {
    /// The civil day of a value: as written up to the day, in Paris beyond.
    pub(crate) fn of(dtm: Dtm) -> Day {
        let civil = match dtm.precision() {
            Precision::Minute | Precision::Second => paris(dtm.start()).datetime(),
            _ => dtm.start().civil(),
        };
        Day {
            year: civil.year(),
            month: (dtm.precision() >= Precision::Month).then(|| civil.month()),
            day: (dtm.precision() >= Precision::Day).then(|| civil.day()),
        }
    }

    /// `12 mars 2026`, `mars 2026` or `2026`.
    pub(crate) fn long(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{} {} {}", ordinal(day), name_of(&MONTHS, month), self.year),
            (Some(month), None) => format!("{} {}", name_of(&MONTHS, month), self.year),
            _ => self.year.to_string(),
        }
    }

    /// `12 mars`, `mars` or `2026`: for a row under its month.
    pub(crate) fn short(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{} {}", ordinal(day), name_of(&SHORT_MONTHS, month)),
            (Some(month), None) => name_of(&SHORT_MONTHS, month).to_owned(),
            _ => self.year.to_string(),
        }
    }

    /// `mars 2026`, or the year alone.
    pub(crate) fn month_heading(self) -> String {
        match self.month {
            Some(month) => format!("{} {}", name_of(&MONTHS, month), self.year),
            None => format!("{}, mois inconnu", self.year),
        }
    }

    /// `2026-03-12`, `2026-03` or `2026`, for `<time datetime>`.
    pub(crate) fn machine(self) -> String {
        match (self.month, self.day) {
            (Some(month), Some(day)) => format!("{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => format!("{:04}-{month:02}", self.year),
            _ => format!("{:04}", self.year),
        }
    }
}

/// `3 documents`, `1 document`, `aucun document`.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    match n {
        0 => format!("aucun {one}"),
        1 => format!("1 {one}"),
        _ => format!("{n} {many}"),
    }
}

/// `180 ko`, `1,2 Mo`.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..=999 => format!("{bytes} octets"),
        1_000..=999_999 => format!("{} ko", bytes.div_ceil(1000)),
        _ => format!("{},{} Mo", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// A birth date of the traits (`YYYYMMDD`, parts may be unknown) in the civil form of the banner, `04/07/1962`.
pub(crate) fn birth_date(text: &str) -> String {
    let known = |part: Option<&str>| {
        part.filter(|p| *p != "00" && p.bytes().all(|b| b.is_ascii_digit())).map(str::to_owned)
    };
    let Some(year) = known(text.get(0..4)) else {
        return "date inconnue".to_owned();
    };
    match (known(text.get(4..6)), known(text.get(6..8))) {
        (Some(month), Some(day)) => format!("{day}/{month}/{year}"),
        (Some(month), None) => format!("{month}/{year} (jour inconnu)"),
        _ => format!("{year} (jour et mois inconnus)"),
    }
}

/// `64 ans`, `8 mois` under two years; empty when unknown.
pub(crate) fn age(birth: &str, at: Time) -> String {
    let Some(years) = age_years(birth, at).filter(|years| (0..150).contains(years)) else {
        return String::new();
    };
    if years >= 2 {
        return format!("{years} ans");
    }
    let month = birth.get(4..6).and_then(|m| m.parse::<i32>().ok());
    let year = birth.get(0..4).and_then(|y| y.parse::<i32>().ok());
    let Some((year, month)) = year.zip(month).filter(|(_, m)| (1..=12).contains(m)) else {
        return if years == 1 { "1 an".to_owned() } else { String::new() };
    };
    let now = paris(at);
    let before_day = birth.get(6..8).and_then(|d| d.parse::<i8>().ok()).is_some_and(|d| now.day() < d);
    let months = (i32::from(now.year()) - year) * 12 + i32::from(now.month()) - month - i32::from(before_day);
    format!("{} mois", months.max(0))
}

/// The INS as people read it, `2 62 07 35 238 114 | 27`.
pub(crate) fn grouped_ins(ins: &Ins) -> String {
    let v = ins.value();
    let parts = [(0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13)];
    let groups: Vec<&str> = parts.iter().filter_map(|(from, to)| v.get(*from..*to)).collect();
    format!("{} | {}", groups.join(" "), v.get(13..).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::InsOid;

    fn at(dtm: &str) -> Time {
        Dtm::parse(dtm).unwrap().start()
    }

    #[test]
    fn days_have_their_month_in_letters_and_hours_are_those_of_paris() {
        assert_eq!(day_and_hour(at("20261118094200")), "18 novembre 2026 à 10 h 42");
        assert_eq!(day_and_hour(at("20260701223000")), "2 juillet 2026 à 0 h 30");
        assert_eq!(weekday(at("20261101120000")), "dimanche 1er novembre 2026");
        assert!(same_day(at("20260701223000"), at("20260702120000")));
        assert_eq!(machine_day(at("20260701223000")), "2026-07-02");
    }

    #[test]
    fn a_day_shows_no_more_than_what_was_given() {
        for (dtm, long, short, heading, machine) in [
            ("2026", "2026", "2026", "2026, mois inconnu", "2026"),
            ("202603", "mars 2026", "mars", "mars 2026", "2026-03"),
            ("20260301", "1er mars 2026", "1er mars", "mars 2026", "2026-03-01"),
            ("20261118233000", "19 novembre 2026", "19 nov.", "novembre 2026", "2026-11-19"),
        ] {
            let day = Day::of(Dtm::parse(dtm).unwrap());
            assert_eq!(
                (
                    day.long().as_str(),
                    day.short().as_str(),
                    day.month_heading().as_str(),
                    day.machine().as_str()
                ),
                (long, short, heading, machine)
            );
        }
    }

    #[test]
    fn unknown_parts_of_a_birth_date_are_words() {
        for (text, shown) in [
            ("19620704", "04/07/1962"),
            ("19620700", "07/1962 (jour inconnu)"),
            ("19620000", "1962 (jour et mois inconnus)"),
            ("", "date inconnue"),
            ("inconnue", "date inconnue"),
        ] {
            assert_eq!(birth_date(text), shown, "{text}");
        }
    }

    #[test]
    fn ages_are_in_years_and_in_months_under_two() {
        let now = at("20261121120000");
        for (birth, shown) in [
            ("19620704", "64 ans"),
            ("20181121", "8 ans"),
            ("20260321", "8 mois"),
            ("20260322", "7 mois"),
            ("20250101", "22 mois"),
            ("20261121", "0 mois"),
            ("", ""),
        ] {
            assert_eq!(age(birth, now), shown, "{birth}");
        }
    }

    #[test]
    fn an_ins_is_grouped_as_on_the_card() {
        let ins = Ins::parse("284073523811416", InsOid::Test).unwrap();
        assert_eq!(grouped_ins(&ins), "2 84 07 35 238 114 | 16");
    }

    #[test]
    fn counts_agree() {
        assert_eq!(count(0, "document", "documents"), "aucun document");
        assert_eq!(count(1, "document", "documents"), "1 document");
        assert_eq!(count(87, "document", "documents"), "87 documents");
        assert_eq!(
            (size(180), size(29_400), size(1_260_000)),
            ("180 octets".into(), "30 ko".into(), "1,2 Mo".into())
        );
    }
}
