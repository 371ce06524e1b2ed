//! FHIR dates: `date`, `dateTime`, `instant`, and the looser values of searches, read into the record's times.
//!
//! A value with hours must say its zone (R4 2.24.0.1); it is kept in UTC. Fractions of seconds are dropped, as XDS
//! metadata have none. A leap second counts as the second before it.

use dmp_dossier::{Dtm, Precision, Time};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// Reads a `date` or a `dateTime`; `None` when it is neither.
pub fn date_time(text: &str) -> Option<Dtm> {
    read(text, false)
}

/// Reads a `date`: no hours.
pub fn date(text: &str) -> Option<Dtm> {
    read(text, false).filter(|d| d.precision() <= Precision::Day)
}

/// Reads an `instant`: seconds and a zone.
pub fn instant(text: &str) -> Option<Time> {
    read(text, false).filter(|d| d.precision() == Precision::Second).map(Dtm::start)
}

/// Reads a search value: seconds may be left out, and a zone too (then UTC, as XDS metadata are).
pub fn search_value(text: &str) -> Option<Dtm> {
    read(text, true)
}

fn read(text: &str, loose: bool) -> Option<Dtm> {
    if !text.is_ascii() {
        return None;
    }
    let (day, clock) = match text.split_once('T') {
        Some((day, clock)) => (day, Some(clock)),
        None => (text, None),
    };
    let (date, precision) = civil_day(day)?;
    let Some(clock) = clock else {
        return Some(Dtm::from_civil(date.at(0, 0, 0, 0), precision));
    };
    if precision != Precision::Day {
        return None;
    }
    let (local, offset) = split_zone(clock);
    let offset = match offset {
        Some(zone) => zone_offset(zone)?,
        None if loose => Offset::UTC,
        None => return None,
    };
    let whole = match local.split_once('.') {
        Some((whole, fraction)) if whole.len() == 8 && digits(fraction) => whole,
        Some(_) => return None,
        None => local,
    };
    let (hour, minute, second, precision) = match whole.split(':').collect::<Vec<_>>().as_slice() {
        [h, m, s] => (two(h)?, two(m)?, two(s)?, Precision::Second),
        [h, m] if loose => (two(h)?, two(m)?, 0, Precision::Minute),
        _ => return None,
    };
    if second > 60 {
        return None;
    }
    let time = jiff::civil::Time::new(hour, minute, second.min(59), 0).ok()?;
    let zoned = date.to_datetime(time).to_zoned(TimeZone::fixed(offset)).ok()?;
    Some(Dtm::from_civil(zoned.with_time_zone(TimeZone::UTC).datetime(), precision))
}

fn civil_day(text: &str) -> Option<(Date, Precision)> {
    let parts: Vec<&str> = text.split('-').collect();
    let year = parts.first().filter(|y| y.len() == 4 && digits(y))?.parse().ok()?;
    let part = |i: usize| parts.get(i).map_or(Some(1), |p| two(p));
    let date = Date::new(year, part(1)?, part(2)?).ok()?;
    let precision = match parts.len() {
        1 => Precision::Year,
        2 => Precision::Month,
        3 => Precision::Day,
        _ => return None,
    };
    (year > 0).then_some((date, precision))
}

fn split_zone(clock: &str) -> (&str, Option<&str>) {
    match clock.find(['Z', '+', '-']) {
        Some(at) => (&clock[..at], Some(&clock[at..])),
        None => (clock, None),
    }
}

fn zone_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
    let known = hours <= 13 && minutes <= 59 || hours == 14 && minutes == 0;
    known.then(|| Offset::from_seconds(sign * (hours * 60 + minutes) * 60).ok()).flatten()
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn two(text: &str) -> Option<i8> {
    (text.len() == 2 && digits(text)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_utc_with_their_precision() {
        for (text, hl7) in [
            ("2026", Some("2026")),
            ("2026-11", Some("202611")),
            ("2026-11-21", Some("20261121")),
            ("2026-06-12T10:00:00+02:00", Some("20260612080000")),
            ("2026-06-12T10:00:00.123Z", Some("20260612100000")),
            ("2026-12-31T23:30:60-01:00", Some("20270101003059")),
            ("2026-02-30", None),
            ("2026-13", None),
            ("2026-1-1", None),
            ("26-01-01", None),
            ("0000", None),
            ("99999-01-01T00:00:00Z", None),
            ("2026-06-12T10:00:00", None),
            ("2026-06-12T10:00Z", None),
            ("2026-06-12T24:00:00Z", None),
            ("2026-06-12T10:00:61Z", None),
            ("2026-06-12T10:00:00.Z", None),
            ("2026-06-12T10:00:00+15:00", None),
            ("2026-06-12T10:00:00+0200", None),
            ("2026-06-12T10:00:00Zx", None),
            ("2026-06-12 10:00:00Z", None),
            ("2026-06T10:00:00Z", None),
            ("２０２６", None),
            ("", None),
            ("abc", None),
        ] {
            assert_eq!(date_time(text).map(Dtm::to_hl7).as_deref(), hl7, "{text}");
        }
    }

    #[test]
    fn each_type_takes_its_own_precision() {
        assert!(date("2026-11-21").is_some() && date("2026-11-21T10:00:00Z").is_none());
        assert!(instant("2026-11-21T10:00:00.5Z").is_some() && instant("2026-11-21").is_none());
        for (text, hl7) in [
            ("2026-11-21T10:30", Some("202611211030")),
            ("2026-11-21T10:30:00", Some("20261121103000")),
            ("2026-11-21T10:30+01:00", Some("202611210930")),
            ("2026-11-21T10", None),
        ] {
            assert_eq!(search_value(text).map(Dtm::to_hl7).as_deref(), hl7, "{text}");
        }
    }
}
