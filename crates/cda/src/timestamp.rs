//! HL7 v3 times (TS) to the UTC DTM of XDS metadata.
//!
//! The precision given is kept. A value of day precision or less stands for the civil day as written. A value
//! with hours and no offset is read in Europe/Paris: published samples omit it (CI-SIS asks for it).

use dmp_dossier::time::{Dtm, Precision};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Reads `YYYY[MM[DD[hh[mm[ss[.ffff]]]]]][±hhmm]`. Fractions of seconds are dropped; an hour alone counts as its
/// first minute, since XDS metadata of the DMP have no hour precision. `None` when it is anything else.
pub fn read(text: &str) -> Option<Dtm> {
    let text = text.trim();
    let (local, offset) = match text.find(['+', '-']) {
        Some(sign) => (&text[..sign], Some(offset(&text[sign..])?)),
        None => (text, None),
    };
    let digits = match local.split_once('.') {
        Some((digits, fraction)) if digits.len() == 14 && is_digits(fraction) => digits,
        Some(_) => return None,
        None => local,
    };
    let dtm = if digits.len() == 10 { Dtm::parse(&format!("{digits}00"))? } else { Dtm::parse(digits)? };
    if dtm.precision() <= Precision::Day {
        return Some(dtm);
    }
    let zone = match offset {
        Some(offset) => TimeZone::fixed(offset),
        None => TimeZone::get("Europe/Paris").expect("the bundled time zone database has Europe/Paris"),
    };
    let utc = to_utc(dtm.start().civil(), zone)?;
    Some(Dtm::from_civil(utc, dtm.precision()))
}

fn to_utc(local: DateTime, zone: TimeZone) -> Option<DateTime> {
    let zoned = local.to_zoned(zone).ok()?;
    Some(zoned.with_time_zone(TimeZone::UTC).datetime())
}

/// `±hhmm`, `±hh`, and the `±hmm` of a published sample (`+100`).
fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = text.split_at(1);
    if !is_digits(digits) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits, "0"),
        3 | 4 => digits.split_at(digits.len() - 2),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_utc_with_their_precision() {
        for (hl7, utc) in [
            ("20200312111700+0100", Some("20200312101700")),
            ("20200701134745+0200", Some("20200701114745")),
            ("20200701134745", Some("20200701114745")),
            ("20050111103328", Some("20050111093328")),
            ("20210409094914.827+0100", Some("20210409084914")),
            ("201907011649+0100", Some("201907011549")),
            ("2019070116", Some("201907011400")),
            ("20240106113623+100", Some("20240106103623")),
            ("20240106113623-0500", Some("20240106163623")),
            ("20240101003000+0100", Some("20231231233000")),
            ("20240106+0100", Some("20240106")),
            ("20240106", Some("20240106")),
            ("202401", Some("202401")),
            ("2024", Some("2024")),
            ("20210328023000", Some("20210328013000")),
            ("20241306", None),
            ("20240230", None),
            ("2024-01-06", None),
            ("20240106113623+0160", None),
            ("20240106113623+9900", None),
            ("20240106.5", None),
            ("20240106113623Z", None),
            ("", None),
            ("hier", None),
            ("+0100", None),
            ("２０２４", None),
        ] {
            assert_eq!(read(hl7).map(Dtm::to_hl7).as_deref(), utc, "{hl7}");
        }
    }
}
