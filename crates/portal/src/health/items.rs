//! The lines of a health profile: their kinds, how they read, how one is added from a form and taken away.

use dmp_cda::clinical::Quantity;
use dmp_cda::write::{AllergyDraft, AllergyKind, MeasureDraft, ProblemDraft, StatedTreatment};
use dmp_dossier::{DocumentEntry, Dtm, Time};

use super::own::{Profile, loinc, since, words};
use crate::french::Day;
use crate::rights::form::{Fields, Wrong, one_line};

/// A kind of line, as the address and the form name it.
pub(super) struct Kind {
    pub(super) word: &'static str,
    pub(super) title: &'static str,
    pub(super) one: &'static str,
    pub(super) icon: &'static str,
    /// What the second field asks; empty when there is none.
    pub(super) detail: &'static str,
}

/// Measures have a page of their own.
pub(super) const MEASURE: &str = "mesure";

/// The kinds, in the order of the page.
pub(super) const KINDS: [Kind; 5] = [
    Kind {
        word: "allergie",
        title: "Mes allergies",
        one: "Ajouter une allergie",
        icon: "alert",
        detail: "Ce qui se passe",
    },
    Kind {
        word: "traitement",
        title: "Mes traitements",
        one: "Ajouter un traitement",
        icon: "pill",
        detail: "Comment vous le prenez",
    },
    Kind {
        word: "probleme",
        title: "Mes problèmes de santé",
        one: "Ajouter un problème de santé",
        icon: "pulse",
        detail: "",
    },
    Kind {
        word: "antecedent",
        title: "Mes antécédents",
        one: "Ajouter un antécédent",
        icon: "clock",
        detail: "",
    },
    Kind { word: MEASURE, title: "Mes mesures", one: "Ajouter une mesure", icon: "chart", detail: "" },
];

/// Most lines of one kind.
const LINES_MAX: usize = 100;
/// Longest text of a line, in characters.
const CHARS_MAX: usize = 200;

/// What is measured: word, LOINC, label, UCUM unit, unit shown, lowest and highest plausible value.
pub(super) const MEASURES: [(&str, &str, &str, &str, &str, f64, f64); 8] = [
    ("poids", "29463-7", "Poids", "kg", "kg", 0.5, 400.0),
    ("taille", "8302-2", "Taille", "cm", "cm", 20.0, 260.0),
    ("systolique", "8480-6", "Tension, chiffre du haut", "mm[Hg]", "mmHg", 40.0, 300.0),
    ("diastolique", "8462-4", "Tension, chiffre du bas", "mm[Hg]", "mmHg", 20.0, 200.0),
    ("pouls", "8867-4", "Fréquence cardiaque", "/min", "battements/min", 20.0, 250.0),
    ("glycemie", "2339-0", "Glycémie", "g/L", "g/L", 0.1, 10.0),
    ("temperature", "8310-5", "Température", "Cel", "°C", 25.0, 45.0),
    ("saturation", "59408-5", "Saturation en oxygène", "%", "%", 30.0, 100.0),
];

/// A line as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    /// Its place among those of its kind.
    pub(super) index: usize,
    pub(super) text: String,
    pub(super) detail: String,
    pub(super) since: String,
}

/// The lines of a profile, measures left out.
pub(super) fn of(profile: &Profile) -> Vec<Item> {
    let day = |start: Option<Dtm>| start.map_or(String::new(), |start| Day::of(start).long());
    let mut items = Vec::new();
    for (index, a) in profile.allergies.iter().enumerate() {
        let detail = a.reactions.iter().map(|(what, _)| what.text.clone()).collect::<Vec<_>>().join(", ");
        let (text, since) = (a.agent.text.clone(), day(a.onset));
        items.push(Item { kind: "allergie", index, text, detail, since });
    }
    for (index, t) in profile.treatments.iter().enumerate() {
        let (text, detail, since) = (t.product.clone(), t.posology.clone(), day(t.since));
        items.push(Item { kind: "traitement", index, text, detail, since });
    }
    for (kind, list) in [("probleme", &profile.problems), ("antecedent", &profile.history)] {
        for (index, p) in list.iter().enumerate() {
            let (text, since) = (p.what.text.clone(), day(p.period.start));
            items.push(Item { kind, index, text, detail: String::new(), since });
        }
    }
    items
}

/// Which version a form was shown on; empty when there was none.
pub(super) fn version(entry: Option<&DocumentEntry>) -> String {
    entry.map_or(String::new(), |entry| entry.entry_uuid.0.to_string())
}

/// Adds what a form says.
///
/// # Errors
/// The fields that are wrong, each with its sentence.
pub(super) fn add(profile: &mut Profile, kind: &Kind, fields: &Fields, now: Time) -> Result<(), Vec<Wrong>> {
    if kind.word == MEASURE {
        return add_measure(profile, fields, now);
    }
    let mut errors = Vec::new();
    let line = |field| one_line(fields.get(field), CHARS_MAX);
    let what = line("quoi").filter(|text| !text.is_empty());
    if what.is_none() {
        errors.push(("quoi", "Écrivez de quoi il s'agit, en 200 caractères au plus."));
    }
    let detail = line("detail");
    if detail.is_none() {
        errors.push(("detail", "Écrivez 200 caractères au plus."));
    }
    let start = match fields.get("depuis").trim() {
        "" => Ok(None),
        text => read_since(text, now).map(Some).ok_or(()),
    };
    if start.is_err() {
        errors.push(("depuis", "Écrivez une année, par exemple 2019, ou un mois et une année, 03/2019."));
    }
    let allergy = match fields.get("genre") {
        "medicament" => Some(AllergyKind::Medicine),
        "aliment" => Some(AllergyKind::Food),
        "autre" => Some(AllergyKind::Environment),
        _ => None,
    };
    if kind.word == "allergie" && allergy.is_none() {
        errors.push(("genre", "Choisissez à quoi vous êtes allergique."));
    }
    let (Some(what), Some(detail), Ok(start), true) = (what, detail, start, errors.is_empty()) else {
        return Err(errors);
    };
    let full = Err(vec![("quoi", "La liste est pleine : retirez d'abord une ligne.")]);
    match (kind.word, allergy) {
        ("allergie", Some(allergy)) => {
            if profile.allergies.len() >= LINES_MAX {
                return full;
            }
            let reactions = if detail.is_empty() { Vec::new() } else { vec![(words(&detail), None)] };
            profile.allergies.push(AllergyDraft {
                agent: words(&what),
                kind: allergy,
                onset: start,
                reactions,
            });
        }
        ("traitement", _) => {
            if profile.treatments.len() >= LINES_MAX {
                return full;
            }
            profile.treatments.push(StatedTreatment { product: what, posology: detail, since: start });
        }
        (word, _) => {
            let list = if word == "probleme" { &mut profile.problems } else { &mut profile.history };
            if list.len() >= LINES_MAX {
                return full;
            }
            list.push(ProblemDraft { what: words(&what), period: since(start) });
        }
    }
    Ok(())
}

/// `2019`, `03/2019` or `12/03/2019`, not in the future.
fn read_since(text: &str, now: Time) -> Option<Dtm> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let digits = parts.iter().all(|p| !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit()));
    let hl7 = match parts[..] {
        [year] if year.len() == 4 => year.to_owned(),
        [month, year] if year.len() == 4 => format!("{year}{month:0>2}"),
        [day, month, year] if year.len() == 4 => format!("{year}{month:0>2}{day:0>2}"),
        _ => return None,
    };
    let read = Dtm::parse(&hl7).filter(|_| digits)?;
    (read.start() <= now && hl7.as_str() >= "1900").then_some(read)
}

fn add_measure(profile: &mut Profile, fields: &Fields, now: Time) -> Result<(), Vec<Wrong>> {
    let found = MEASURES.iter().find(|(word, ..)| *word == fields.get("mesure"));
    let Some((_, code, label, unit, _, low, high)) = found else {
        return Err(vec![("mesure", "Choisissez ce que vous avez mesuré.")]);
    };
    let typed = fields.get("valeur").trim().replace(',', ".");
    let plain = typed.len() <= 8 && typed.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value = typed.parse::<f64>().ok().filter(|v| plain && (*low..=*high).contains(v));
    if value.is_none() {
        return Err(vec![("valeur", "Cette valeur n'est pas possible : vérifiez le nombre et l'unité.")]);
    }
    let at = match fields.get("jour") {
        "" => Some(now),
        day if day.len() == 10 => Dtm::parse(&day.replace('-', "")).map(Dtm::start).filter(|at| *at <= now),
        _ => None,
    };
    let Some(at) = at else {
        return Err(vec![("jour", "Choisissez un jour passé, ou aujourd'hui.")]);
    };
    if profile.measures.len() >= LINES_MAX * 5 {
        return Err(vec![("valeur", "La liste est pleine : retirez d'abord une mesure.")]);
    }
    let value = Quantity { value: typed, unit: (*unit).to_owned() };
    profile.measures.push(MeasureDraft { what: loinc(code, label), value, at });
    profile.measures.sort_by_key(|measure| measure.at);
    Ok(())
}

/// Takes a line away; false when it is not there.
pub(super) fn remove(profile: &mut Profile, kind: &str, index: usize) -> bool {
    fn take<T>(list: &mut Vec<T>, index: usize) -> bool {
        let there = index < list.len();
        if there {
            list.remove(index);
        }
        there
    }
    match kind {
        "allergie" => take(&mut profile.allergies, index),
        "traitement" => take(&mut profile.treatments, index),
        "probleme" => take(&mut profile.problems, index),
        "antecedent" => take(&mut profile.history, index),
        MEASURE => take(&mut profile.measures, index),
        _ => false,
    }
}

/// What was just done, said on the page that follows.
pub(super) fn sentence(word: Option<&str>) -> Option<&'static str> {
    match word? {
        "ajoute" => Some("C'est ajouté. Vos soignants autorisés le voient, marqué comme écrit par vous."),
        "retire" => Some("C'est retiré. La version d'avant reste dans vos documents."),
        "ecrit" => Some("C'est enregistré. La version d'avant reste lisible."),
        "ailleurs" => Some("Cette page a changé entre-temps. Voici la dernière version : recommencez."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_a_year_a_month_or_a_day_of_the_past() {
        let now = Dtm::parse("20261122120000").unwrap().start();
        for (text, read) in [
            ("2019", Some("2019")),
            ("3/2019", Some("201903")),
            ("12/03/2019", Some("20190312")),
            ("2031", None),
            ("13/2019", None),
            ("hier", None),
            ("1/2/3/4", None),
            ("", None),
        ] {
            assert_eq!(read_since(text, now).map(|d| d.to_hl7()), read.map(str::to_owned), "{text}");
        }
    }
}
