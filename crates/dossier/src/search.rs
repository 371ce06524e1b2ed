//! Matching: whether a document or a lot answers a filter. In memory, by the same code for every face and every
//! database.

use crate::document::{Author, AuthorId, BaseConfidentiality, DocumentEntry, SubmissionSet};
use crate::query::{AuthorTest, Comparison, DateTest, DocumentFilter, SetFilter, TokenTest};
use crate::time::{Dtm, Time};

/// OID of the first confidentiality code (HL7).
const HL7_CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
/// OID of the visibility codes (TRE_A07).
const TRE_A07: &str = "1.2.250.1.213.1.1.4.13";

/// True when the document answers every criterion; statuses and versions are the caller's.
pub fn matches_document(entry: &DocumentEntry, filter: &DocumentFilter) -> bool {
    let m = &entry.metadata;
    let start = m.service_start;
    (filter.references.is_empty() || filter.references.iter().any(|r| entry.is_pointed_by(r)))
        && token(&filter.types, &m.type_code.code, &m.type_code.system)
        && token(&filter.classes, &m.class_code.code, &m.class_code.system)
        && token(&filter.formats, &m.format_code.code, &m.format_code.system)
        && token(&filter.facilities, &m.facility_type.code, &m.facility_type.system)
        && token(&filter.settings, &m.practice_setting.code, &m.practice_setting.system)
        && filter
            .events
            .iter()
            .all(|any| any.iter().any(|t| m.event_codes.iter().any(|c| one_token(t, &c.code, &c.system))))
        && filter.confidentialities.iter().all(|any| any.iter().any(|t| has_confidentiality(entry, t)))
        && filter.authors.iter().all(|any| any.iter().any(|t| m.authors.iter().any(|a| is_author(a, t))))
        && all_dates(&filter.creation, Some((m.creation_time, m.creation_time)))
        && all_dates(&filter.service_start, start.map(|d| (d, d)))
        && all_dates(&filter.service_stop, m.service_stop.map(|d| (d, d)))
        && all_dates(&filter.period, start.map(|d| (d, m.service_stop.unwrap_or(d))))
        && (filter.reference_ids.is_empty()
            || filter
                .reference_ids
                .iter()
                .any(|t| m.reference_ids.iter().any(|r| one_token(t, &r.value, &r.authority))))
        && filter.registered_since.is_none_or(|since| entry.registered_at >= since)
}

/// True when the lot answers every criterion but its status.
pub fn matches_set(set: &SubmissionSet, filter: &SetFilter) -> bool {
    let m = &set.metadata;
    let authors: Vec<&Author> = m.author.iter().collect();
    all_dates(&filter.submission, Some((m.submission_time, m.submission_time)))
        && (filter.source_ids.is_empty() || filter.source_ids.contains(&m.source_id))
        && token(&filter.content_types, &m.content_type.code, &m.content_type.system)
        && filter.authors.iter().all(|any| any.iter().any(|t| authors.iter().any(|a| is_author(a, t))))
        && (filter.unique_ids.is_empty() && filter.entry_uuids.is_empty()
            || filter.unique_ids.contains(&m.unique_id)
            || filter.entry_uuids.contains(&set.entry_uuid))
        && filter.title.as_deref().is_none_or(|part| m.title.as_deref().is_some_and(|t| contains(t, part)))
}

fn token(tests: &[TokenTest], code: &str, system: &str) -> bool {
    tests.is_empty() || tests.iter().any(|t| one_token(t, code, system))
}

fn one_token(test: &TokenTest, code: &str, system: &str) -> bool {
    test.code == code && test.system.as_deref().is_none_or(|s| s == system)
}

fn has_confidentiality(entry: &DocumentEntry, test: &TokenTest) -> bool {
    let base = match entry.metadata.confidentiality {
        BaseConfidentiality::Normal => "N",
        BaseConfidentiality::Restricted => "R",
        BaseConfidentiality::VeryRestricted => "V",
    };
    let v = entry.visibility;
    one_token(test, base, HL7_CONFIDENTIALITY)
        || (v.masked && one_token(test, "MASQUE_PS", TRE_A07))
        || (v.hidden_from_patient && one_token(test, "INVISIBLE_PATIENT", TRE_A07))
        || (v.hidden_from_representatives && one_token(test, "INVISIBLE_REPRESENTANTS_LEGAUX", TRE_A07))
}

fn is_author(author: &Author, test: &AuthorTest) -> bool {
    match test {
        AuthorTest::Id(id) => {
            let person = match &author.person.id {
                AuthorId::Professional(ps) => ps.as_str() == id,
                AuthorId::Patient(ins) => ins.value() == id,
                AuthorId::Other { id: other, .. } => other == id,
            };
            let structure = author.institution.as_ref().is_some_and(|i| {
                i.id.as_ref().is_some_and(|s| s.as_str() == id) || i.other_id.as_ref() == Some(id)
            });
            person || structure
        }
        AuthorTest::Name(part) => {
            contains(&author.person.family, part) || contains(&author.person.given, part)
        }
        AuthorTest::Family(part) => contains(&author.person.family, part),
        AuthorTest::Given(part) => contains(&author.person.given, part),
        AuthorTest::Like(pattern) => is_like(&author.person.to_xcn(), pattern),
    }
}

/// True when the text contains the part, letters compared without case and without the accents of French.
pub fn contains(text: &str, part: &str) -> bool {
    folded(text).contains(&folded(part))
}

/// Lower case, accents of French dropped.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'â' | 'ä' | 'á' | 'ã' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'î' | 'ï' | 'í' => out.push('i'),
            'ô' | 'ö' | 'ó' | 'õ' => out.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => out.push('u'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            'ÿ' | 'ý' => out.push('y'),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
    out
}

/// SQL LIKE: `%` stands for any characters or none, `_` for one; case and accents of French do not count.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (folded(text).chars().collect(), folded(pattern).chars().collect());
    let (mut t, mut p) = (0, 0);
    // Where the last `%` stands, and what it covers so far: the only place to come back to.
    let mut any: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                any = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '_' || c == text[t] => {
                t += 1;
                p += 1;
            }
            _ => match any {
                Some((at, covered)) => {
                    any = Some((at, covered + 1));
                    t = covered + 1;
                    p = at + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}

fn all_dates(tests: &[DateTest], range: Option<(Dtm, Dtm)>) -> bool {
    tests.iter().all(|test| range.is_some_and(|(from, to)| date(test, from.start(), to.end())))
}

/// FHIR search on a range of instants (R4 3.1.1.4.6): `start` inclusive, `end` exclusive.
fn date(test: &DateTest, start: Time, end: Time) -> bool {
    let (low, high) = (test.value.start(), test.value.end());
    match test.comparison {
        Comparison::Equal => low <= start && end <= high,
        Comparison::NotEqual => !(low <= start && end <= high),
        Comparison::Greater => end > high,
        Comparison::Less => start < low,
        Comparison::GreaterOrEqual => end > high || start >= low,
        Comparison::LessOrEqual => start < low || end <= high,
        Comparison::StartsAfter => start >= high,
        Comparison::EndsBefore => end <= low,
        Comparison::From => start >= low,
        Comparison::To => start < low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_compare_as_ranges() {
        use Comparison::*;
        let value = Dtm::parse("20240115103000").unwrap();
        for (comparison, with, expected) in [
            (Equal, "2024", true),
            (Equal, "20240115", true),
            (Equal, "20240116", false),
            (NotEqual, "20240116", true),
            (Greater, "20240114", true),
            (Greater, "20240115", false),
            (GreaterOrEqual, "20240115", true),
            (GreaterOrEqual, "20240116", false),
            (Less, "20240116", true),
            (Less, "20240115", false),
            (LessOrEqual, "20240115", true),
            (StartsAfter, "20240114", true),
            (StartsAfter, "20240115", false),
            (EndsBefore, "20240116", true),
            (EndsBefore, "20240115", false),
            (From, "20240115103000", true),
            (To, "20240115103000", false),
            (To, "20240115103001", true),
        ] {
            let test = DateTest { comparison, value: Dtm::parse(with).unwrap() };
            assert_eq!(all_dates(&[test], Some((value, value))), expected, "{comparison:?} {with}");
            assert!(!all_dates(&[test], None), "an absent date answers no criterion");
        }
    }

    #[test]
    fn names_are_compared_without_accents() {
        assert!(contains("GÉRARD-ŒUVRARD", "gerard-oeuv"));
        assert!(contains("Françoise", "francoise"));
        assert!(!contains("Martin", "%"));
    }

    #[test]
    fn patterns_match_the_whole_text() {
        let xcn = "899900000017^GÉRARD^Zoé^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS";
        for (pattern, expected) in [
            ("%", true),
            ("", false),
            ("899900000017%", true),
            ("899900000017", false),
            ("%^gerard^%", true),
            ("%^g_rard^zo_^%IDNPS", true),
            ("%^GERARD", false),
            ("%IDNPS", true),
            ("%I%D%N%P%S%%", true),
            ("_899900000017%", false),
            ("%'' OR ''1''=''1%", false),
        ] {
            assert_eq!(is_like(xcn, pattern), expected, "{pattern}");
        }
        assert!(is_like("", "%") && is_like("", ""));
        assert!(!is_like(&"a".repeat(2000), &format!("{}b", "%a".repeat(300))), "no pattern is slow");
    }
}
