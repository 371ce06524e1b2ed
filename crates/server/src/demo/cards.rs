//! Cartes Vitale of the demo's simulated reader: Marie's, with Léo; Camille's; and people who have no dossier yet.
//!
//! Their numbers of birth start at 901: the invented population never draws one from 900.

use dmp_dossier::{Ins, InsOid, Sex, Traits};
use dmp_portal::services::{Beneficiary, VitaleCard};

use super::personas;
use super::population::{self, Person};

/// Someone without a dossier: number without its key, names, birth date, sex.
type Invented = (&'static str, &'static str, &'static str, &'static str, Sex);

/// Holder first, then who is covered by the card.
const WITHOUT_DOSSIER: [&[Invented]; 4] = [
    &[
        ("2860322278901", "THERY", "JULIE ANNE", "19860314", Sex::Female),
        ("2170522278902", "MORVAN", "NINA", "20170509", Sex::Female),
        ("1200922278903", "MORVAN", "HUGO", "20200921", Sex::Male),
    ],
    &[("1510635238904", "PREVOST", "ALAIN HENRI", "19510602", Sex::Male)],
    &[("2991122278905", "TRAORE", "AMINATA", "19991130", Sex::Female)],
    &[("1780822278906", "LE BIHAN", "YANN", "19780817", Sex::Male)],
];

/// The cards, always the same.
pub fn cards() -> Vec<VitaleCard> {
    let known = [vec![of(&population::marie()), of(&population::leo())], vec![of(&personas::camille())]];
    let invented = WITHOUT_DOSSIER.iter().map(|people| people.iter().map(beneficiary).collect());
    let card = |(number, beneficiaries): (usize, Vec<Beneficiary>)| VitaleCard {
        key: format!("card-{}", number + 1),
        label: beneficiaries.first().map(label).unwrap_or_default(),
        beneficiaries,
    };
    known.into_iter().chain(invented).enumerate().map(card).collect()
}

fn label(holder: &Beneficiary) -> String {
    let name = holder.traits.used_name.as_ref().unwrap_or(&holder.traits.birth_name);
    format!("Carte de {name} {}", super::names::sentence_case(holder.traits.first_given()))
}

fn of(person: &Person) -> Beneficiary {
    Beneficiary { ins: person.ins.clone(), traits: person.traits.clone() }
}

fn beneficiary((number, family, given, born, sex): &Invented) -> Beneficiary {
    let value: u64 = number.parse().expect("thirteen digits (tested)");
    let ins = Ins::parse(&format!("{number}{:02}", 97 - value % 97), InsOid::Test);
    Beneficiary {
        ins: ins.expect("a test INS with its key (tested)"),
        traits: Traits {
            birth_name: (*family).to_owned(),
            given_names: (*given).to_owned(),
            birth_date: (*born).to_owned(),
            sex: *sex,
            birth_place: number[5..10].to_owned(),
            used_name: None,
            used_given: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::population::population;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn who_has_no_dossier_is_nobody_of_the_population() {
        let cards = cards();
        let mut seen = BTreeSet::new();
        for card in &cards {
            for person in &card.beneficiaries {
                let value = person.ins.value();
                assert!(seen.insert(value.to_owned()), "{}", card.label);
                assert_eq!(value[1..5], person.traits.birth_date[2..6]);
                assert_eq!(value[5..10], person.traits.birth_place);
            }
        }
        assert_eq!(seen.len(), 9);
        let people = population(2017, 2_000);
        let taken: Vec<_> =
            people.iter().filter(|p| seen.contains(p.ins.value())).map(Person::name).collect();
        assert_eq!(taken, ["DURAND Marie", "DURAND Leo"]);
        assert_eq!(cards[0].label, "Carte de DURAND Marie");
        assert_eq!(cards[2].beneficiaries.len(), 3);
    }
}
