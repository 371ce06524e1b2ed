//! Without a card: the number and the traits, typed from the *attestation* and the identity document. The number itself
//! says sex, year, month and place of birth; what is typed must agree with it.

use dmp_dossier::{InsError, InsOid, Realm, RealmPolicy, Sex, Traits};

use super::draft::Person;
use crate::patient::questions::{Fields, Wrong};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 80;

/// The person of a form.
///
/// # Errors
/// What is wrong, field by field.
pub(super) fn read(fields: &Fields, realm: &RealmPolicy) -> Result<Person, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let number: String =
        fields.get("nir").chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let oid = match realm.realm {
        Realm::Test => InsOid::Test,
        Realm::Production => InsOid::Nir,
    };
    let ins = realm.read(&number, oid.as_str());
    if let Err(error) = &ins {
        wrong.push((
            "nir",
            match error {
                _ if number.is_empty() => "Tapez le numéro de sécurité sociale.",
                InsError::Key => "La clé ne correspond pas : vérifiez chaque chiffre du numéro.",
                _ => "Le numéro a 15 caractères : 13, puis une clé de 2 chiffres.",
            },
        ));
    }
    let birth_name = name(fields.get("nom"));
    if birth_name.is_none() {
        wrong.push(("nom", "Écrivez le nom de naissance, comme sur la pièce d'identité."));
    }
    let given_names = name(fields.get("prenoms"));
    if given_names.is_none() {
        wrong.push(("prenoms", "Écrivez les prénoms, dans l'ordre de la pièce d'identité."));
    }
    let born = date(fields.get("naissance"));
    match &born {
        None => wrong.push(("naissance", "Écrivez la date de naissance, par exemple 04/07/1962.")),
        Some(date) if ins.is_ok() && !agrees(&number, date) => {
            wrong.push(("naissance", "Cette date ne va pas avec le numéro : vérifiez les deux."));
        }
        Some(_) => {}
    }
    match (ins, birth_name, given_names, born) {
        (Ok(ins), Some(birth_name), Some(given_names), Some(birth_date)) if wrong.is_empty() => {
            let sex = match number.as_bytes().first() {
                Some(b'1' | b'3' | b'7') => Sex::Male,
                Some(b'2' | b'4' | b'8') => Sex::Female,
                _ => Sex::Undetermined,
            };
            let birth_place = number.get(5..10).unwrap_or_default().to_owned();
            let traits = Traits {
                birth_name,
                given_names,
                birth_date,
                sex,
                birth_place,
                used_name: None,
                used_given: None,
            };
            Ok(Person { ins, traits })
        }
        _ => Err(wrong),
    }
}

/// A name as the INS writes it: capitals without accents; letters, apostrophes, hyphens and spaces only.
fn name(text: &str) -> Option<String> {
    let mut plain = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars().flat_map(char::to_uppercase) {
        match c {
            'À' | 'Â' | 'Ä' | 'Á' | 'Ã' => plain.push('A'),
            'É' | 'È' | 'Ê' | 'Ë' => plain.push('E'),
            'Î' | 'Ï' | 'Í' => plain.push('I'),
            'Ô' | 'Ö' | 'Ó' | 'Õ' => plain.push('O'),
            'Ù' | 'Û' | 'Ü' | 'Ú' => plain.push('U'),
            'Ç' => plain.push('C'),
            'Ñ' => plain.push('N'),
            'Ÿ' | 'Ý' => plain.push('Y'),
            'Œ' => plain.push_str("OE"),
            'Æ' => plain.push_str("AE"),
            '’' => plain.push('\''),
            other => plain.push(other),
        }
    }
    let fits = plain.chars().all(|c| c.is_ascii_uppercase() || "'- ".contains(c))
        && plain.chars().any(|c| c.is_ascii_uppercase())
        && plain.chars().count() <= NAME_CHARS_MAX;
    fits.then_some(plain)
}

/// `19620704` of `4/7/1962`, `04.07.1962` or `04071962`.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ']).filter(|p| !p.is_empty()).collect();
    let (day, month, year) = match parts.as_slice() {
        [day, month, year] => (*day, *month, *year),
        [all] if all.len() == 8 && all.is_ascii() => (&all[..2], &all[2..4], &all[4..]),
        _ => return None,
    };
    let number = |part: &str, longest: usize| {
        (part.len() <= longest && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<i16>().ok())?
    };
    let (day, month, year) = (number(day, 2)?, number(month, 2)?, number(year, 4)?);
    let civil = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (year >= 1880).then(|| civil.strftime("%Y%m%d").to_string())
}

/// Year and month of birth, where the number gives them (fictitious months are 20 and above).
fn agrees(number: &str, date: &str) -> bool {
    let (Some(year), Some(month)) = (number.get(1..3), number.get(3..5)) else { return false };
    let known = month.parse::<u8>().is_ok_and(|month| (1..=12).contains(&month));
    date.get(2..4) == Some(year) && (!known || date.get(4..6) == Some(month))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

    fn typed(nir: &str, nom: &str, prenoms: &str, naissance: &str) -> Fields {
        let pairs = ["nir", "nom", "prenoms", "naissance"].iter().zip([nir, nom, prenoms, naissance]);
        Fields(pairs.map(|(n, v)| ((*n).to_owned(), v.to_owned())).collect())
    }

    #[test]
    fn a_typed_identity_agrees_with_its_number_or_names_what_is_wrong() {
        for (nir, nom, prenoms, naissance, wrong) in [
            ("2 84 07 35 238 114 16", "Durand", "Marie Jeanne", "12/07/1984", None),
            ("284073523811416", "d’Hérouville-Noël", "zoé", "12.7.1984", None),
            ("284073523811416", "Durand", "Marie", "12071984", None),
            ("284073523811417", "Durand", "Marie", "12/07/1984", Some("nir")),
            ("28407352381141", "Durand", "Marie", "12/07/1984", Some("nir")),
            ("", "Durand", "Marie", "12/07/1984", Some("nir")),
            ("284073523811416", "", "Marie", "12/07/1984", Some("nom")),
            ("284073523811416", "Durand2", "Marie", "12/07/1984", Some("nom")),
            ("284073523811416", "<script>", "Marie", "12/07/1984", Some("nom")),
            ("284073523811416", "Durand", "'", "12/07/1984", Some("prenoms")),
            ("284073523811416", "Durand", "Marie", "12/08/1984", Some("naissance")),
            ("284073523811416", "Durand", "Marie", "12/07/1985", Some("naissance")),
            ("284073523811416", "Durand", "Marie", "31/02/1984", Some("naissance")),
            ("284073523811416", "Durand", "Marie", "é2071984", Some("naissance")),
            ("284073523811416", "Durand", "Marie", "1984", Some("naissance")),
        ] {
            let read = read(&typed(nir, nom, prenoms, naissance), &REALM);
            assert_eq!(read.as_ref().err().map(|w| w[0].0), wrong, "{nir} {nom} {prenoms} {naissance}");
            if let Ok(person) = read {
                assert_eq!(person.traits.birth_date, "19840712");
                assert_eq!((person.traits.sex, &*person.traits.birth_place), (Sex::Female, "35238"));
            }
        }
        assert_eq!(name("d’Hérouville-Noël").as_deref(), Some("D'HEROUVILLE-NOEL"));
    }
}
