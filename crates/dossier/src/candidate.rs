//! TD0.5: a patient sought by traits, in medical regulation only (`centre_15`).
//!
//! The store finds candidates in a blind index by family name and birth; each is decided here, on the dossier itself.
//! A dossier that is closed, whose patient opposed access by the SAMU or blocked the asker, is no candidate: the
//! asker would be refused all of it, and its existence is part of it. The flag `OPPOSITION_ACCES_URGENCE` of the
//! answer is therefore never true.

use crate::Moment;
use crate::access::{self, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::identity::{Contact, Identity, Sex, Traits};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rights::Emergency;
use crate::rule::rules;
use crate::search::folded;

rules! {
    /// What is asked.
    TRT_1 = "TRT-1", "un patient se cherche par son nom de famille et sa date ou son année de naissance", "SEL-MP-037 TD0.5; ITI TF-2 3.47";
    /// How many.
    TRT_2 = "TRT-2", "une recherche par traits montre dix patients au plus; au-delà, elle est à préciser", "spec 5.9";
    /// Who is no candidate.
    TRT_3 = "TRT-3", "qui ne répond pas à tous les critères n'est pas candidat; une adresse inconnue n'exclut personne", "SEL-MP-037 TD0.5";
}

/// Most candidates of an answer (spec 5.9).
pub const CANDIDATES_MAX: usize = 10;

/// Longest criterion, in bytes.
const TEXT_MAX: usize = 200;

/// When the patient sought was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BirthSought {
    /// `YYYYMMDD`
    Date(String),
    /// A year.
    Year(u16),
}

/// Who is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitsSought {
    /// Family name, of birth or in use, whole.
    pub family: String,
    /// Start of a given name.
    pub given: Option<String>,
    /// Birth.
    pub birth: BirthSought,
    /// Sex.
    pub sex: Option<Sex>,
    /// Town of the address.
    pub city: Option<String>,
    /// Postal code of the address.
    pub postal_code: Option<String>,
}

/// A patient found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub identity: Identity,
    /// How to reach them.
    pub contact: Contact,
    /// Emergency switches.
    pub emergency: Emergency,
    /// How far the criteria tell this patient from others: 100 when each was given and answered.
    pub match_percent: u8,
}

/// A name as it is compared: lower case, accents dropped, anything but letters and digits one space.
pub fn normalised(name: &str) -> String {
    let folded = folded(name);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The family names a patient is found by: of birth and in use, normalised, each once.
pub fn family_names(traits: &Traits) -> Vec<String> {
    let mut names = vec![normalised(&traits.birth_name)];
    names.extend(traits.used_name.as_deref().map(normalised));
    names.retain(|name| !name.is_empty());
    names.dedup();
    names
}

/// What can be said before any dossier is looked at.
///
/// # Errors
/// Functional matrix; a criterion missing or wrong (TRT-1).
pub fn check(actor: &Actor, sought: &TraitsSought, moment: &Moment<'_>) -> Result<(), Refusal> {
    access::door(&Dossier::nobody(), actor, Act::SearchByTraits, moment, &mut Trail::new())?;
    let wrong = |what: &str| Err(Refusal::about(Reason::InvalidRequest, &TRT_1, what));
    let texts =
        [Some(&sought.family), sought.given.as_ref(), sought.city.as_ref(), sought.postal_code.as_ref()];
    if texts.into_iter().flatten().any(|text| text.len() > TEXT_MAX) {
        return wrong("critère trop long");
    }
    if normalised(&sought.family).is_empty() {
        return wrong("nom de famille");
    }
    let born_ok = match &sought.birth {
        BirthSought::Date(date) => date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()),
        BirthSought::Year(year) => (1800..=2999).contains(year),
    };
    if born_ok { Ok(()) } else { wrong("date ou année de naissance") }
}

/// The dossier's patient as a candidate; `None` when it is somebody else, decided before anything is refused.
///
/// # Errors
/// Of a patient who answers the criteria: those of [`check`] and of [`access::enter`] (closed, blocked, opposed).
pub fn candidate(
    dossier: &Dossier,
    actor: &Actor,
    sought: &TraitsSought,
    moment: &Moment<'_>,
) -> Result<Option<Candidate>, Refusal> {
    check(actor, sought, moment)?;
    let Some((identity, match_percent)) = dossier.identity().and_then(|i| Some((i, matching(i, sought)?)))
    else {
        return Ok(None);
    };
    access::enter(dossier, actor, Act::SearchByTraits, moment, &mut Trail::new())?;
    Ok(Some(Candidate {
        identity: identity.clone(),
        contact: identity.contact.clone(),
        emergency: dossier.state.rights.emergency,
        match_percent,
    }))
}

/// How far an identity answers; `None` when a criterion excludes it. Points: name 35, birth 30 (a year alone 15), given
/// name 20 (its start alone 10), sex 5, town 5, postal code 5.
fn matching(identity: &Identity, sought: &TraitsSought) -> Option<u8> {
    let traits = &identity.traits;
    let family = normalised(&sought.family);
    if !family_names(traits).contains(&family) {
        return None;
    }
    let mut points = 35;
    points += match &sought.birth {
        BirthSought::Date(date) if *date == traits.birth_date => 30,
        BirthSought::Year(year) if traits.birth_date.get(..4) == Some(&format!("{year:04}")) => 15,
        _ => return None,
    };
    if let Some(given) = sought.given.as_deref().map(normalised).filter(|given| !given.is_empty()) {
        points += given_name(traits, &given)?;
    }
    match (sought.sex, traits.sex) {
        (None | Some(Sex::Undetermined), _) | (_, Sex::Undetermined) => {}
        (Some(asked), known) if asked == known => points += 5,
        _ => return None,
    }
    let address = identity.contact.address.as_deref().map(normalised);
    for criterion in [&sought.city, &sought.postal_code] {
        let criterion = criterion.as_deref().map(normalised).filter(|text| !text.is_empty());
        match (criterion, &address) {
            (None, _) | (_, None) => {}
            (Some(asked), Some(known)) if has_words(known, &asked) => points += 5,
            _ => return None,
        }
    }
    Some(points)
}

fn given_name(traits: &Traits, asked: &str) -> Option<u8> {
    let all = normalised(&traits.given_names);
    let used = traits.used_given.as_deref().map(normalised);
    let first = normalised(traits.first_given());
    if asked == all || asked == first || used.as_deref() == Some(asked) {
        return Some(20);
    }
    let starts = all.starts_with(asked)
        || all.split(' ').any(|name| name.starts_with(asked))
        || used.is_some_and(|used| used.starts_with(asked));
    starts.then_some(10)
}

/// True when these words stand in the text, whole and in a row.
fn has_words(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Ins, InsOid};

    fn identity() -> Identity {
        Identity {
            ins: Ins::parse("284073523811416", InsOid::Test).unwrap(),
            ins_history: Vec::new(),
            traits: Traits {
                birth_name: "LE GOFF-ŒUVRARD".to_owned(),
                given_names: "MARIE-ANNE JOSÉE".to_owned(),
                birth_date: "19840715".to_owned(),
                sex: Sex::Female,
                birth_place: "35238".to_owned(),
                used_name: Some("D'Hérouville".to_owned()),
                used_given: Some("Manon".to_owned()),
            },
            contact: Contact {
                address: Some("3 rue du Puits, 35000 Rennes".to_owned()),
                ..Contact::default()
            },
            deceased: None,
        }
    }

    /// Family, birth, given, sex, town, postal code -> percent.
    #[test]
    fn criteria_exclude_or_count() {
        for (family, birth, given, sex, city, postal_code, percent) in [
            ("le goff oeuvrard", "19840715", "", "", "", "", Some(65)),
            ("LE GOFF-OEUVRARD", "1984", "", "", "", "", Some(50)),
            ("d herouville", "19840715", "Marie-Anne", "F", "RENNES", "35000", Some(100)),
            ("D'HÉROUVILLE", "19840715", "manon", "F", "rennes", "35000", Some(100)),
            ("D'HÉROUVILLE", "19840715", "marie-anne josée", "U", "", "", Some(85)),
            ("D'HÉROUVILLE", "19840715", "jos", "", "", "", Some(75)),
            ("D'HÉROUVILLE", "19840715", "anne", "", "", "", Some(75)),
            ("D'HÉROUVILLE", "19840715", "paul", "", "", "", None),
            ("D'HÉROUVILLE", "19840715", "", "M", "", "", None),
            ("D'HÉROUVILLE", "19840715", "", "", "Brest", "", None),
            ("D'HÉROUVILLE", "19840715", "", "", "Renn", "", None),
            ("D'HÉROUVILLE", "19840715", "", "", "", "35200", None),
            ("D'HÉROUVILLE", "19840716", "", "", "", "", None),
            ("D'HÉROUVILLE", "1985", "", "", "", "", None),
            ("HEROUVILLE", "19840715", "", "", "", "", None),
            ("LE GOFF", "19840715", "", "", "", "", None),
        ] {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let sought = TraitsSought {
                family: family.to_owned(),
                given: text(given),
                birth: match birth.len() {
                    4 => BirthSought::Year(birth.parse().unwrap()),
                    _ => BirthSought::Date(birth.to_owned()),
                },
                sex: match sex {
                    "F" => Some(Sex::Female),
                    "M" => Some(Sex::Male),
                    "U" => Some(Sex::Undetermined),
                    _ => None,
                },
                city: text(city),
                postal_code: text(postal_code),
            };
            assert_eq!(matching(&identity(), &sought), percent, "{sought:?}");
            let unknown = Identity { contact: Contact::default(), ..identity() };
            assert!(
                percent.is_none() || matching(&unknown, &sought).is_some(),
                "an unknown address excludes nobody"
            );
        }
    }
}
