//! Civil days, as forms write them and as the record wants them: in Paris.

use dmp_dossier::Time;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

/// A day typed as a browser writes it (`2026-11-28`) or by hand (`28/11/2026`).
pub(super) fn read(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() > 10 {
        return None;
    }
    let by_hand = || {
        let mut parts = text.split(['/', '.', ' ']);
        let mut next = || parts.next()?.parse::<i16>().ok();
        let (day, month, year) = (next()?, next()?, next()?);
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let day = text.parse::<Date>().ok().or_else(by_hand)?;
    (1900..=2200).contains(&day.year()).then_some(day)
}

/// Today.
pub(super) fn today(now: Time) -> Date {
    now.civil().to_zoned(TimeZone::UTC).map_or(Date::ZERO, |utc| utc.with_time_zone(paris()).date())
}

/// A day some days later.
pub(super) fn plus_days(day: Date, days: u32) -> Date {
    day.saturating_add(jiff::Span::new().days(i64::from(days.min(10_000))))
}

/// Its first instant.
pub(super) fn start(day: Date) -> Time {
    at(day, 0)
}

/// Its middle: a day that is told without its hour.
pub(super) fn noon(day: Date) -> Time {
    at(day, 12)
}

fn at(day: Date, hour: i8) -> Time {
    let zoned = day.to_datetime(time(hour, 0, 0, 0)).to_zoned(paris());
    zoned.map_or(Time::from_millis(0), |zoned| Time::from_millis(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_in_both_forms_and_nothing_else() {
        for (text, day) in [
            ("2026-11-28", Some("2026-11-28")),
            ("28/11/2026", Some("2026-11-28")),
            (" 1/2/2026", Some("2026-02-01")),
            ("31/02/2026", None),
            ("2026-11-28T10:00", None),
            ("0026-11-28", None),
            ("28/11/26", None),
            ("", None),
            ("28/11", None),
            ("demain", None),
        ] {
            assert_eq!(read(text).map(|d| d.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_paris() {
        let summer = read("2026-07-01").unwrap();
        assert_eq!(start(summer).to_instant(), "2026-06-30T22:00:00.000Z");
        assert_eq!(noon(summer).to_instant(), "2026-07-01T10:00:00.000Z");
        assert_eq!(today(start(summer)), summer);
        assert_eq!(plus_days(read("2026-12-31").unwrap(), 1).to_string(), "2027-01-01");
    }
}
