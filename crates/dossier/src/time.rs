//! Times of the record: instants in UTC and DTM values of partial precision.
//!
//! No clock here: every instant comes from the caller ([`crate::Moment`]).

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Time(i64);

impl Time {
    /// From milliseconds since the epoch. Values beyond the calendar (years -9999..9999) are clamped.
    pub fn from_millis(millis: i64) -> Self {
        const MAX: i64 = 253_402_207_200_000;
        Time(millis.clamp(-62_135_596_800_000, MAX))
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// This instant moved by whole days of 24 hours.
    pub fn plus_days(self, days: u32) -> Self {
        Self::from_millis(self.0.saturating_add(i64::from(days) * 86_400_000))
    }

    /// This instant moved by whole minutes.
    pub fn plus_minutes(self, minutes: u32) -> Self {
        Self::from_millis(self.0.saturating_add(i64::from(minutes) * 60_000))
    }

    /// This instant moved by whole working days: Saturdays and Sundays in UTC are skipped, public holidays are not.
    pub fn plus_working_days(self, days: u32) -> Self {
        use jiff::civil::Weekday::{Saturday, Sunday};
        let mut moved = self;
        let mut left = days;
        while left > 0 {
            moved = moved.plus_days(1);
            left -= u32::from(!matches!(moved.civil().weekday(), Saturday | Sunday));
        }
        moved
    }

    /// The civil date and time in UTC.
    pub fn civil(self) -> DateTime {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .datetime()
    }

    /// Milliseconds precision, `2026-11-21T19:00:00.000Z` (FHIR `instant`).
    pub fn to_instant(self) -> String {
        let c = self.civil();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            c.year(),
            c.month(),
            c.day(),
            c.hour(),
            c.minute(),
            c.second(),
            self.0.rem_euclid(1000)
        )
    }
}

/// How much of a [`Dtm`] was given (HL7 DTM truncates on the right).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Precision {
    /// `YYYY`
    Year,
    /// `YYYYMM`
    Month,
    /// `YYYYMMDD`
    Day,
    /// `YYYYMMDDhhmm`
    Minute,
    /// `YYYYMMDDhhmmss`
    Second,
}

/// An HL7 DTM in UTC with its precision, as XDS metadata carries it (ITI TF-3 table 4.2.3.1.7-2, DTM).
///
/// A value of day precision or less has no time zone: it stands for the civil day as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dtm {
    /// Seconds since the epoch of the first instant the value covers.
    start: i64,
    /// How much of it was given.
    precision: Precision,
}

impl Dtm {
    /// A value of second precision from an instant; milliseconds are dropped.
    pub fn from_time(time: Time) -> Self {
        Dtm { start: time.0.div_euclid(1000), precision: Precision::Second }
    }

    /// From a civil date and time in UTC; what the precision leaves out is ignored.
    pub fn from_civil(at: DateTime, precision: Precision) -> Self {
        let month = if precision >= Precision::Month { at.month() } else { 1 };
        let day = if precision >= Precision::Day { at.day() } else { 1 };
        let (hour, minute) = if precision >= Precision::Minute { (at.hour(), at.minute()) } else { (0, 0) };
        let second = if precision >= Precision::Second { at.second() } else { 0 };
        let date = Date::new(at.year(), month, day).unwrap_or(at.date());
        let cut = date.at(hour, minute, second, 0);
        let start = cut.to_zoned(TimeZone::UTC).map(|z| z.timestamp().as_second()).unwrap_or(0);
        Dtm { start, precision }
    }

    /// Reads `YYYY[MM[DD[hhmm[ss]]]]` in UTC, the form of XDS metadata. `None` when it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<i16>().ok());
        let precision = match text.len() {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            12 => Precision::Minute,
            14 => Precision::Second,
            _ => return None,
        };
        let small = |from: usize, default: i16| {
            if text.len() > from { part(from, from + 2) } else { Some(default) }
                .and_then(|v| i8::try_from(v).ok())
        };
        let date = Date::new(part(0, 4)?, small(4, 1)?, small(6, 1)?).ok()?;
        let time = jiff::civil::Time::new(small(8, 0)?, small(10, 0)?, small(12, 0)?, 0).ok()?;
        Some(Dtm::from_civil(DateTime::from_parts(date, time), precision))
    }

    /// The first instant covered.
    pub fn start(self) -> Time {
        Time::from_millis(self.start.saturating_mul(1000))
    }

    /// The instant just after the last one covered.
    pub fn end(self) -> Time {
        let c = self.start().civil();
        let next = match self.precision {
            Precision::Year => Date::new(c.year() + 1, 1, 1).ok(),
            Precision::Month if c.month() == 12 => Date::new(c.year() + 1, 1, 1).ok(),
            Precision::Month => Date::new(c.year(), c.month() + 1, 1).ok(),
            Precision::Day => return Time::from_millis((self.start + 86_400) * 1000),
            Precision::Minute => return Time::from_millis((self.start + 60) * 1000),
            Precision::Second => return Time::from_millis((self.start + 1) * 1000),
        };
        next.and_then(|d| d.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).ok())
            .map_or(self.start(), |z| Time::from_millis(z.timestamp().as_millisecond()))
    }

    /// How much of it was given.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The XDS form, `YYYY[MM[DD[hhmm[ss]]]]` in UTC.
    pub fn to_hl7(self) -> String {
        let c = self.start().civil();
        let mut text = format!("{:04}", c.year());
        let two = |value: i8| format!("{value:02}");
        if self.precision >= Precision::Month {
            text += &two(c.month());
        }
        if self.precision >= Precision::Day {
            text += &two(c.day());
        }
        if self.precision >= Precision::Minute {
            text += &two(c.hour());
            text += &two(c.minute());
        }
        if self.precision >= Precision::Second {
            text += &two(c.second());
        }
        text
    }

    /// The FHIR `dateTime` form: `2026`, `2026-11`, `2026-11-21` or `2026-11-21T19:00:00Z`.
    pub fn to_fhir(self) -> String {
        let c = self.start().civil();
        match self.precision {
            Precision::Year => format!("{:04}", c.year()),
            Precision::Month => format!("{:04}-{:02}", c.year(), c.month()),
            Precision::Day => format!("{:04}-{:02}-{:02}", c.year(), c.month(), c.day()),
            Precision::Minute | Precision::Second => format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                c.year(),
                c.month(),
                c.day(),
                c.hour(),
                c.minute(),
                c.second()
            ),
        }
    }
}

/// Whole years between a birth date written `YYYYMMDD` and an instant, by the civil calendar.
///
/// Birth dates are text because they can be lunar (day or month `00`, or beyond the calendar): such a part
/// counts as the last day of what is known, so that nobody is held of age a day too soon. `None` when even the
/// year is not readable.
pub fn age_years(birth_date: &str, at: Time) -> Option<i32> {
    let year: i32 = birth_date.get(0..4)?.parse().ok()?;
    let month: i32 =
        birth_date.get(4..6).and_then(|m| m.parse().ok()).filter(|m| (1..=12).contains(m)).unwrap_or(12);
    let day: i32 =
        birth_date.get(6..8).and_then(|d| d.parse().ok()).filter(|d| (1..=31).contains(d)).unwrap_or(31);
    let now = at.civil();
    let had_birthday = (i32::from(now.month()), i32::from(now.day())) >= (month, day);
    Some(i32::from(now.year()) - year - i32::from(!had_birthday))
}

/// The first instant at which [`age_years`] gives that age. `None` when even the year of birth is not readable.
pub fn comes_of_age(birth_date: &str, years: u8) -> Option<Time> {
    let year: i16 = birth_date.get(0..4)?.parse().ok()?;
    let part = |from: usize, most: i8, unknown: i8| {
        let read = birth_date.get(from..from + 2).and_then(|part| part.parse().ok());
        read.filter(|part| (1..=most).contains(part)).unwrap_or(unknown)
    };
    let (year, month, day) = (year + i16::from(years), part(4, 12, 12), part(6, 31, 31));
    // A day that this month does not have, 29 February among them, is the first of the next one; December has them all.
    let date = Date::new(year, month, day).or_else(|_| Date::new(year, month + 1, 1)).ok()?;
    let zoned = date.at(0, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Time::from_millis(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dtm_keeps_its_precision_in_both_forms() {
        for (hl7, fhir, seconds) in [
            ("2024", "2024", 31_622_400),
            ("202402", "2024-02", 29 * 86_400),
            ("202412", "2024-12", 31 * 86_400),
            ("20240229", "2024-02-29", 86_400),
            ("202401121030", "2024-01-12T10:30:00Z", 60),
            ("20240112103059", "2024-01-12T10:30:59Z", 1),
        ] {
            let dtm = Dtm::parse(hl7).unwrap();
            assert_eq!((dtm.to_hl7().as_str(), dtm.to_fhir().as_str()), (hl7, fhir));
            assert_eq!((dtm.end().millis() - dtm.start().millis()) / 1000, seconds, "{hl7}");
        }
        for bad in
            ["", "20", "20240230", "2024-01-01", "20241301", "2024010125", "202401012560", "2024010110303"]
        {
            assert_eq!(Dtm::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn age_counts_lunar_dates_late() {
        let at = |text: &str| Dtm::parse(text).unwrap().start();
        for (birth, now, age) in [
            ("20081121", "20261121", Some(18)),
            ("20081122", "20261121", Some(17)),
            ("20080000", "20261121", Some(17)),
            ("20080000", "20261231", Some(18)),
            ("20083500", "20261231", Some(18)),
            ("xxxx", "20261231", None),
        ] {
            assert_eq!(age_years(birth, at(now)), age, "{birth} at {now}");
        }
    }
    #[test]
    fn one_comes_of_age_on_the_first_day_that_counts() {
        for (birth, day) in [
            ("20081121", Some("20261121")),
            ("20080229", Some("20260301")),
            ("20080431", Some("20260501")),
            ("20080000", Some("20261231")),
            ("20083500", Some("20261231")),
            ("xxxx", None),
        ] {
            let of_age = comes_of_age(birth, 18);
            assert_eq!(of_age, day.map(|day| Dtm::parse(day).unwrap().start()), "{birth}");
            let Some(of_age) = of_age else { continue };
            assert_eq!(age_years(birth, of_age), Some(18), "{birth}");
            assert_eq!(age_years(birth, Time::from_millis(of_age.millis() - 1)), Some(17), "{birth}");
        }
    }

    #[test]
    fn working_days_skip_the_ends_of_weeks() {
        for (from, days, to) in [
            // A Monday, a Friday, a Saturday.
            ("202706071200", 5, "202706141200"),
            ("202706111200", 1, "202706141200"),
            ("202706121200", 5, "202706181200"),
            ("202706071200", 0, "202706071200"),
        ] {
            let at = |text| Dtm::parse(text).unwrap().start();
            assert_eq!(at(from).plus_working_days(days), at(to), "{from} + {days}");
        }
    }
}
