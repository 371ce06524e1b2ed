//! The invented patients: who they are, where they live, what they have. All of it follows from the seed.
//!
//! Birth dates count back from a fixed year, so that a seed gives the same people whenever the demo is run.

use dmp_cda::write::PatientDraft;
use dmp_dossier::{Channel, Contact, Ins, InsOid, Relation, Representative, Sex, Time, Traits, age_years};
use std::collections::BTreeSet;

use super::clinical::{CONDITIONS, Condition};
use super::names::{DEPARTMENTS, FAMILY, GIVEN_FEMALE, GIVEN_MALE, STREETS, sentence_case};
use super::random::Dice;

/// The year ages are counted in.
pub const REFERENCE_YEAR: i32 = 2026;

/// The INS of `marie`.
pub const MARIE: &str = "284073523811416";
/// The INS of `leo`.
pub const LEO: &str = "118033523802725";

/// A patient.
#[derive(Debug, Clone)]
pub struct Person {
    /// INS.
    pub ins: Ins,
    /// Traits.
    pub traits: Traits,
    /// How to reach them.
    pub contact: Contact,
    /// Age in the reference year.
    pub age: i32,
    /// Department they live in, as a position in [`DEPARTMENTS`].
    pub department: usize,
    /// Who acts for them.
    pub representatives: Vec<Representative>,
    /// Where the dossier was opened.
    pub channel: Channel,
    /// What they have.
    pub conditions: Vec<&'static Condition>,
}

impl Person {
    /// Them, as documents name them.
    pub fn draft(&self) -> PatientDraft {
        PatientDraft {
            ins: self.ins.clone(),
            traits: self.traits.clone(),
            contact: self.contact.clone(),
            local_id: None,
        }
    }

    /// True when they are not of age at that time: before it they were not either.
    pub fn is_minor(&self, at: Time) -> bool {
        age_years(&self.traits.birth_date, at).is_some_and(|age| age < 18)
    }

    /// `LE GALL Marie`.
    pub fn name(&self) -> String {
        let family = self.traits.used_name.as_ref().unwrap_or(&self.traits.birth_name);
        format!("{family} {}", sentence_case(self.traits.first_given()))
    }
}

/// Ages and how many in a hundred have them (INSEE, 2025, rounded).
const AGES: [(u64, (u64, u64)); 7] = [
    // Nobody is born in the year ages are counted in: a dossier never precedes its patient.
    (10, (2, 9)),
    (10, (10, 17)),
    (14, (18, 29)),
    (18, (30, 44)),
    (20, (45, 59)),
    (18, (60, 74)),
    (10, (75, 96)),
];

/// Where dossiers were opened at the height of the opt-in years (November 2018): pharmacy 39 %, web 39 %, insurer's
/// desk 18 %, professionals and hospitals 4 %.
pub const CHANNELS: [(u64, Channel); 7] = [
    (390, Channel::Pharmacie),
    (390, Channel::Web),
    (180, Channel::Cpam),
    (16, Channel::Ps),
    (10, Channel::Etablissement),
    (9, Channel::Infirmier),
    (5, Channel::MedicoSocial),
];

/// The patients of a seed: `marie`, `leo`, then the others.
pub fn population(seed: u64, dossiers: usize) -> Vec<Person> {
    let mut taken = BTreeSet::new();
    (0..dossiers)
        .map(|number| {
            let mut person = match number {
                0 => marie(),
                1 => leo(),
                _ => invented(seed, number, 0),
            };
            // Two people of one month and one town may draw one number: draw again.
            for attempt in 1.. {
                if taken.insert(person.ins.clone()) {
                    break;
                }
                person = invented(seed, number, attempt);
            }
            person
        })
        .collect()
}

/// The patient whose dossier shows everything.
pub fn marie() -> Person {
    Person {
        ins: test_ins(MARIE),
        traits: Traits {
            birth_name: "LE GALL".to_owned(),
            given_names: "MARIE CLAIRE".to_owned(),
            birth_date: "19840712".to_owned(),
            sex: Sex::Female,
            birth_place: "35238".to_owned(),
            used_name: Some("DURAND".to_owned()),
            used_given: None,
        },
        contact: Contact {
            phone: Some("06 39 98 12 34".to_owned()),
            mail: Some("marie.durand@exemple.fr".to_owned()),
            address: Some("12 rue du Port, 22000 Saint-Brieuc".to_owned()),
        },
        age: 42,
        department: 0,
        representatives: Vec::new(),
        channel: Channel::Cpam,
        conditions: Vec::new(),
    }
}

/// Her child.
pub fn leo() -> Person {
    let mother = marie();
    Person {
        ins: test_ins(LEO),
        traits: Traits {
            birth_name: "DURAND".to_owned(),
            given_names: "LEO".to_owned(),
            birth_date: "20180314".to_owned(),
            sex: Sex::Male,
            birth_place: "35238".to_owned(),
            used_name: None,
            used_given: None,
        },
        contact: mother.contact.clone(),
        age: 8,
        department: 0,
        representatives: vec![Representative {
            person: Some(MARIE.to_owned()),
            name: "DURAND".to_owned(),
            given: "MARIE".to_owned(),
            relation: Relation::Parent,
            contact: mother.contact,
            // The record notes when the tie was told to it.
            since: Time::default(),
            until: None,
        }],
        channel: Channel::Web,
        conditions: Vec::new(),
    }
}

fn test_ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).expect("a test INS with its key (tested)")
}

fn invented(seed: u64, number: usize, attempt: u64) -> Person {
    let mut dice = Dice::stream(seed ^ (attempt << 48), number as u64);
    // Every department of the pilot, in turn.
    let department = number % DEPARTMENTS.len();
    let (town, _, postal) = *dice.pick(DEPARTMENTS[department].communes);
    let (low, high) = *dice.weighted(&AGES);
    let age = dice.between(low, high) as i32;
    let female = dice.percent(52);
    let year = REFERENCE_YEAR - age;
    let (month, day) = (dice.between(1, 12), dice.between(1, 28));
    let traits = traits(&mut dice, female, year, month, day, department);
    let ins = ins(&mut dice, &traits, year, month);
    let house = dice.between(1, 120);
    let address = format!("{house} {}, {postal} {town}", dice.pick(&STREETS));
    let phone = format!("06 39 98 {:02} {:02}", dice.below(100), dice.below(100));
    let contact = Contact {
        phone: dice.percent(85).then_some(phone),
        mail: dice.percent(60).then(|| mail(&traits, number)),
        address: Some(address),
    };
    let representatives = representatives(&mut dice, &traits, age, &contact);
    let channel = *dice.weighted(&CHANNELS);
    Person {
        ins,
        conditions: conditions(&mut dice, age),
        traits,
        contact,
        age,
        department,
        representatives,
        channel,
    }
}

fn traits(dice: &mut Dice, female: bool, year: i32, month: u64, day: u64, department: usize) -> Traits {
    let generation = if year < 1955 { 0 } else { usize::from(year >= 1990) + 1 };
    let names = if female { GIVEN_FEMALE[generation] } else { GIVEN_MALE[generation] };
    let first = dice.pick(names);
    let given_names = match dice.pick(names) {
        second if second != first && dice.percent(60) => format!("{first} {second}"),
        _ => (*first).to_owned(),
    };
    // Most were born where they live.
    let born_in = if dice.percent(80) { department } else { dice.below(DEPARTMENTS.len() as u64) as usize };
    let (_, birth_place, _) = *dice.pick(DEPARTMENTS[born_in].communes);
    let married = female && year < REFERENCE_YEAR - 28 && dice.percent(45);
    Traits {
        birth_name: dice.word(&FAMILY).to_owned(),
        given_names,
        birth_date: format!("{year:04}{month:02}{day:02}"),
        sex: if female { Sex::Female } else { Sex::Male },
        birth_place: birth_place.to_owned(),
        used_name: married.then(|| dice.word(&FAMILY).to_owned()),
        used_given: None,
    }
}

/// Thirteen digits of the NIR as INSEE composes it, and its key.
fn ins(dice: &mut Dice, traits: &Traits, year: i32, month: u64) -> Ins {
    let sex = if traits.sex == Sex::Female { 2 } else { 1 };
    let order = dice.between(1, 899);
    let number = format!("{sex}{:02}{month:02}{}{order:03}", year % 100, traits.birth_place);
    let value: u64 = number.parse().expect("digits: no department of the pilot is in Corsica");
    test_ins(&format!("{number}{:02}", 97 - value % 97))
}

fn mail(traits: &Traits, number: usize) -> String {
    let plain = |text: &str| text.to_lowercase().replace([' ', '\''], "");
    format!("{}.{}{number}@exemple.fr", plain(traits.first_given()), plain(&traits.birth_name))
}

/// Parents of a child; a guardian of one very old person in eight.
fn representatives(dice: &mut Dice, traits: &Traits, age: i32, contact: &Contact) -> Vec<Representative> {
    let relation = match age {
        ..18 => Relation::Parent,
        85.. if dice.percent(12) => Relation::Guardian,
        _ => return Vec::new(),
    };
    let count = if relation == Relation::Parent && dice.percent(60) { 2 } else { 1 };
    (0..count)
        .map(|n| Representative {
            person: None,
            name: if n == 0 { traits.birth_name.clone() } else { dice.word(&FAMILY).to_owned() },
            given: (*dice.pick(if n == 0 { GIVEN_FEMALE[1] } else { GIVEN_MALE[1] })).to_owned(),
            relation,
            contact: contact.clone(),
            since: Time::default(),
            until: None,
        })
        .collect()
}

fn conditions(dice: &mut Dice, age: i32) -> Vec<&'static Condition> {
    CONDITIONS
        .iter()
        .filter(|c| (c.ages.0..=c.ages.1).contains(&age) && dice.percent(c.percent))
        .take(4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_people() {
        let names = |seed| {
            population(seed, 60)
                .iter()
                .map(|p| (p.ins.value().to_owned(), p.name(), p.traits.birth_date.clone(), p.contact.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(7), names(7));
        assert_ne!(names(7)[2..], names(8)[2..]);
        assert_eq!(names(7)[..2], names(8)[..2]);
    }

    #[test]
    fn more_dossiers_add_people_and_change_none() {
        let (few, many) = (population(7, 30), population(7, 60));
        for (few, many) in few.iter().zip(&many) {
            assert_eq!((&few.ins, &few.traits), (&many.ins, &many.traits));
        }
    }

    #[test]
    fn every_ins_is_valid_unique_and_says_what_the_traits_say() {
        let people = population(2017, 2_000);
        let mut seen = BTreeSet::new();
        for person in &people {
            let (value, traits) = (person.ins.value(), &person.traits);
            assert!(Ins::parse(value, InsOid::Test).is_ok());
            assert!(seen.insert(value.to_owned()));
            let sex = if value.starts_with('2') { Sex::Female } else { Sex::Male };
            assert_eq!(traits.sex, sex);
            assert_eq!(value[1..5], traits.birth_date[2..6]);
            assert_eq!(value[5..10], traits.birth_place);
        }
    }

    #[test]
    fn marie_and_leo_are_who_they_say() {
        for (person, value, age) in [(marie(), MARIE, 42), (leo(), LEO, 8)] {
            assert_eq!(person.ins.value(), value);
            assert_eq!(value[1..5], person.traits.birth_date[2..6]);
            assert_eq!(value[5..10], person.traits.birth_place);
            assert_eq!(REFERENCE_YEAR - person.traits.birth_date[..4].parse::<i32>().unwrap(), age);
        }
        assert_eq!(leo().representatives[0].person.as_deref(), Some(MARIE));
    }

    #[test]
    fn all_ages_all_departments_and_the_channels_of_the_time() {
        let people = population(1, 3_000);
        for (low, high) in AGES.iter().map(|(_, ages)| ages) {
            assert!(people.iter().any(|p| (*low..=*high).contains(&(p.age as u64))));
        }
        for department in 0..DEPARTMENTS.len() {
            assert!(people.iter().filter(|p| p.department == department).count() > 300);
        }
        let total: u64 = CHANNELS.iter().map(|(weight, _)| weight).sum();
        for (weight, channel) in CHANNELS {
            let share = people.iter().filter(|p| p.channel == channel).count() as u64 * total / 3_000;
            assert!(share.abs_diff(weight) < 30, "{channel:?}: {share} for {weight}");
        }
        for child in people.iter().filter(|p| p.age < 18) {
            assert!(!child.representatives.is_empty());
        }
    }
}
