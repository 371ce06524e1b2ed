//! Identity traits: those of FranceConnect, and whether they are those of a dossier.
//!
//! Source: Référentiel national d'identitovigilance (RNIV 1) and Référentiel INS: the five strict traits, written in
//! capitals without accents; a hyphen, a space and an apostrophe separate alike. Nothing else is tolerated: no near name, no missing
//! given name, no date that would be one digit off.

use dmp_dossier::{Ins, Sex, Traits};
use dmp_openid::Claims;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Traits as claims give them; `None` when one of the five is missing or none that we read.
pub(crate) fn of_claims(claims: &Claims) -> Option<Traits> {
    let text = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        (!text.is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control))
            .then_some(text)
    };
    let birth_date: String = text("birthdate")?.split('-').collect();
    let sex = match text("gender")? {
        "female" | "F" => Sex::Female,
        "male" | "M" => Sex::Male,
        _ => return None,
    };
    // Born elsewhere: the code of the country stands for the commune (Référentiel INS).
    let birth_place = text("birthplace").or_else(|| text("birthcountry"))?.to_uppercase();
    let names = (written(text("family_name")?), written(text("given_name")?));
    let fits = birth_date.len() == 8
        && birth_date.bytes().all(|b| b.is_ascii_digit())
        && birth_place.len() == 5
        && birth_place.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| Traits {
        used_name: text("preferred_username").map(written).filter(|used| *used != names.0),
        birth_name: names.0,
        given_names: names.1,
        birth_date,
        sex,
        birth_place,
        used_given: None,
    })
}

/// True when the five strict traits are the same.
pub(crate) fn agree(one: &Traits, other: &Traits) -> bool {
    written(&one.birth_name) == written(&other.birth_name)
        && written(&one.given_names) == written(&other.given_names)
        && one.birth_date == other.birth_date
        && one.sex == other.sex
        && one.birth_place.eq_ignore_ascii_case(&other.birth_place)
}

/// True when an INS may be that of somebody with these traits: sex, year and month of birth, place (NIR, décret 98-1080).
pub(crate) fn fits(ins: &Ins, traits: &Traits) -> bool {
    let part = |from: usize, to: usize| ins.value().get(from..to).unwrap_or_default();
    let born = |from: usize, to: usize| traits.birth_date.get(from..to).unwrap_or_default();
    let sex = match traits.sex {
        Sex::Male => matches!(part(0, 1), "1" | "3" | "7"),
        Sex::Female => matches!(part(0, 1), "2" | "4" | "8"),
        Sex::Undetermined => false,
    };
    // A month beyond 12 is that of somebody whose date was not known when the number was given.
    let month = part(3, 5) == born(4, 6) || part(3, 5) > "12";
    sex && part(1, 3) == born(2, 4) && month && part(5, 10).eq_ignore_ascii_case(&traits.birth_place)
}

/// Capitals without accents; what separates is a space.
fn written(text: &str) -> String {
    let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase).collect();
    let plain = plain.replace('Œ', "OE").replace('Æ', "AE");
    plain.split([' ', '-', '\'', '’', '\u{a0}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::InsOid;
    use serde_json::json;

    fn claims() -> Value {
        json!({
            "family_name": "Le Gall", "given_name": "Marie Claire", "birthdate": "1984-07-12",
            "gender": "female", "birthplace": "35238", "preferred_username": "Durand",
        })
    }

    fn with(name: &str, value: &str) -> Option<Traits> {
        let mut claims = claims();
        claims[name] = value.into();
        of_claims(claims.as_object().unwrap())
    }

    #[test]
    fn the_five_traits_agree_or_do_not() {
        let own = with("x", "").unwrap();
        assert_eq!((own.birth_name.as_str(), own.used_name.as_deref()), ("LE GALL", Some("DURAND")));
        for (name, value, agrees) in [
            ("family_name", "LE-GALL", true),
            ("family_name", "Lé Gâll", true),
            ("family_name", "Le Gal", false),
            ("given_name", "MARIE-CLAIRE", true),
            ("given_name", "Marie", false),
            ("given_name", "Claire Marie", false),
            ("birthdate", "1984-12-07", false),
            ("gender", "male", false),
            ("birthplace", "35237", false),
            ("preferred_username", "Petit", true),
        ] {
            assert_eq!(agree(&own, &with(name, value).unwrap()), agrees, "{name} {value}");
        }
        assert_eq!(written("Bœuf d’Été"), "BOEUF D ETE");
    }

    #[test]
    fn what_is_missing_gives_nobody() {
        for (name, value) in [
            ("birthdate", "1984-07"),
            ("birthdate", ""),
            ("gender", "x"),
            ("birthplace", ""),
            ("family_name", "\u{0}"),
        ] {
            assert!(with(name, value).is_none(), "{name}");
        }
        let mut abroad = claims();
        abroad["birthplace"] = "".into();
        abroad["birthcountry"] = "99109".into();
        assert_eq!(of_claims(abroad.as_object().unwrap()).unwrap().birth_place, "99109");
    }

    #[test]
    fn a_number_says_sex_month_and_place() {
        let marie = Ins::parse("284073523811416", InsOid::Test).unwrap();
        assert!(fits(&marie, &with("x", "").unwrap()));
        for (name, value) in [("gender", "male"), ("birthdate", "1984-08-12"), ("birthplace", "22278")] {
            assert!(!fits(&marie, &with(name, value).unwrap()), "{name}");
        }
    }
}
