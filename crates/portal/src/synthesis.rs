//! The synthesis: allergies, problems, treatments, vaccines and latest results, read from the structured entries of
//! the latest documents that hold them, each with its source and its date.
//!
//! Three silences are told apart (ux.md 3.0): nothing recorded, none known to a professional, not readable now.

use bytes::Bytes;
use dmp_cda::entries::{Allergy, LabResult, Problem, Stage, Treatment, Vaccination};
use dmp_cda::{Cda, Entries};
use dmp_dossier::{Availability, DocumentEntry, DocumentRef, Dtm, SeenDocument, Time};
use std::collections::HashSet;

use crate::french::Day;
use crate::gauge::Gauge;
use crate::people::{self, Reader};
use crate::posology;
use crate::timeline;

/// Which documents a synthesis is read from, and how many of each at most, latest first: *synthèse médicale*,
/// biology, prescriptions, vaccination notes and lists.
const SOURCES: [(&str, usize); 5] =
    [("60591-5", 1), ("11502-2", 2), ("57833-6", 2), ("87273-9", 3), ("11369-6", 1)];
const SUMMARY: &str = "60591-5";
/// LOINC codes of sections about the past: medical, surgical, family history.
const HISTORY_SECTIONS: [&str; 3] = ["11348-0", "47519-4", "10157-6"];
/// SNOMED CT and IPS ways to say that there is no known allergy.
const NO_ALLERGY: [&str; 5] = ["716186003", "716184000", "428607008", "409137002", "no-known-allergies"];
const MEASURES_SHOWN: usize = 6;
const VACCINES_SHOWN: usize = 4;

/// What is known on one subject.
#[derive(Debug)]
pub(crate) enum Block<T> {
    /// Something.
    Known(T),
    /// A professional wrote that there is none.
    NoneKnown(Source),
    /// No document that was read says anything.
    NotRecorded,
    /// The documents could not be read now.
    Unavailable,
}

/// Where a fact comes from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) by: String,
    pub(crate) day: String,
    pub(crate) lid: String,
}

/// Something known.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) text: String,
    /// The end of a long name, after its first comma: shown, less loudly.
    pub(crate) rest: String,
    pub(crate) detail: String,
    pub(crate) since: String,
    /// No longer in force, as its author said.
    pub(crate) is_past: bool,
    pub(crate) source: Source,
}

/// The measures of one laboratory report.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) source: Source,
    pub(crate) measures: Vec<Measure>,
    /// Measures of the report that are not shown.
    pub(crate) more: usize,
}

/// One measure.
#[derive(Debug)]
pub(crate) struct Measure {
    pub(crate) what: String,
    pub(crate) specimen: String,
    pub(crate) value: String,
    pub(crate) range: String,
    pub(crate) flag: Option<Flag>,
    pub(crate) gauge: Option<Gauge>,
}

/// A value outside its range, in words with a sign.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) sign: &'static str,
    pub(crate) text: String,
}

/// One page about a patient.
#[derive(Debug)]
pub(crate) struct Synthesis {
    pub(crate) allergies: Block<Vec<Fact>>,
    pub(crate) problems: Block<Vec<Fact>>,
    pub(crate) history: Block<Vec<Fact>>,
    pub(crate) treatments: Block<Vec<Fact>>,
    pub(crate) vaccines: Block<Vec<Fact>>,
    pub(crate) vigilance: Block<Vec<Fact>>,
    pub(crate) results: Block<Vec<Results>>,
}

/// The documents to read for a synthesis, among those that may be seen.
pub(crate) fn sources(seen: &[SeenDocument]) -> Vec<DocumentRef> {
    let mut current: Vec<&DocumentEntry> =
        seen.iter().map(|s| s.entry.as_ref()).filter(|e| e.status == Availability::Approved).collect();
    current.sort_by_key(|e| std::cmp::Reverse((timeline::act_date(e).start(), e.registered_at)));
    SOURCES
        .iter()
        .flat_map(|(code, at_most)| {
            current.iter().filter(move |e| e.metadata.type_code.code == *code).take(*at_most)
        })
        .map(|e| DocumentRef::Lid(e.lid))
        .collect()
}

impl Synthesis {
    /// When the documents could not be read.
    pub(crate) fn unavailable() -> Self {
        Synthesis {
            allergies: Block::Unavailable,
            problems: Block::Unavailable,
            history: Block::Unavailable,
            treatments: Block::Unavailable,
            vaccines: Block::Unavailable,
            vigilance: Block::Unavailable,
            results: Block::Unavailable,
        }
    }

    /// Reads the documents of [`sources`], with their bytes.
    pub(crate) fn read(documents: &[(SeenDocument, Bytes)], reader: Reader, now: Time) -> Self {
        let mut synthesis = Synthesis {
            allergies: Block::NotRecorded,
            problems: Block::NotRecorded,
            history: Block::NotRecorded,
            treatments: Block::NotRecorded,
            vaccines: Block::NotRecorded,
            vigilance: Block::NotRecorded,
            results: Block::NotRecorded,
        };
        let mut treatments = Vec::new();
        let mut vaccines = Vec::new();
        let mut results = Vec::new();
        for (seen, bytes) in documents {
            let Ok(cda) = Cda::parse(bytes) else { continue };
            let Entries {
                allergies, problems, treatments: medicines, results: measures, vaccinations, ..
            } = cda.entries();
            let source = source_of(&seen.entry, reader);
            if seen.entry.metadata.type_code.code == SUMMARY {
                synthesis.allergies = allergy_block(&allergies, &source);
                synthesis.vigilance = vigilance(&cda, &source);
                let (past, active): (Vec<&Problem>, Vec<&Problem>) =
                    problems.iter().filter(|p| !p.negated).partition(|p| is_past(p, now));
                synthesis.problems = known(active.into_iter().map(|p| problem(p, false, &source)).collect());
                synthesis.history = known(past.into_iter().map(|p| problem(p, true, &source)).collect());
            }
            treatments
                .extend(medicines.iter().filter(|t| is_taken_now(t, now)).map(|t| treatment(t, &source)));
            vaccines.extend(
                vaccinations.iter().filter(|v| !v.negated).map(|v| (v.date, vaccination(v, &source))),
            );
            if !measures.is_empty() {
                results.push(Results {
                    source: source.clone(),
                    more: measures.len().saturating_sub(MEASURES_SHOWN),
                    measures: measures.iter().take(MEASURES_SHOWN).map(measure).collect(),
                });
            }
        }
        synthesis.treatments = known(distinct(treatments, |f| &f.detail));
        vaccines.sort_by_key(|(date, _)| std::cmp::Reverse(date.map(Dtm::start)));
        let mut vaccines = distinct(vaccines.into_iter().map(|(_, fact)| fact).collect(), |f| &f.since);
        vaccines.truncate(VACCINES_SHOWN);
        synthesis.vaccines = known(vaccines);
        synthesis.results = known(results);
        synthesis
    }

    /// For the patient banner: allergies that hold today, in one line; `None` when none is recorded as known.
    pub(crate) fn allergy_line(&self) -> Option<String> {
        let Block::Known(facts) = &self.allergies else { return None };
        let current: Vec<String> = facts
            .iter()
            .filter(|f| !f.is_past)
            .map(|f| if f.detail.is_empty() { f.text.clone() } else { format!("{} ({})", f.text, f.detail) })
            .collect();
        (!current.is_empty()).then(|| current.join(", "))
    }
}

fn known<T>(facts: Vec<T>) -> Block<Vec<T>> {
    if facts.is_empty() { Block::NotRecorded } else { Block::Known(facts) }
}

/// Facts told once: two documents that say the same are one fact, with its first source. `what` tells a fact apart
/// beside its name: a medicine by its dose, so that a change of dose is never hidden; a vaccine by its date.
fn distinct(facts: Vec<Fact>, what: fn(&Fact) -> &str) -> Vec<Fact> {
    let mut told = HashSet::new();
    let key = |f: &Fact| (f.text.to_lowercase(), f.rest.to_lowercase(), what(f).to_owned());
    facts.into_iter().filter(|f| told.insert(key(f))).collect()
}

fn source_of(entry: &DocumentEntry, reader: Reader) -> Source {
    Source {
        name: timeline::name(entry).plain,
        by: entry.metadata.authors.first().map_or(String::new(), |a| people::author_name(a, reader)),
        day: Day::of(timeline::act_date(entry)).long(),
        lid: entry.lid.to_string(),
    }
}

fn since(start: Option<Dtm>) -> String {
    start.map_or(String::new(), |d| Day::of(d).long())
}

fn allergy_block(allergies: &[Allergy], source: &Source) -> Block<Vec<Fact>> {
    let says_none = |a: &Allergy| {
        let codes =
            a.agent.codes.iter().chain(a.description.iter().flat_map(|d| &d.codes)).chain(&a.kind.codes);
        a.negated || codes.map(|c| c.code.as_str()).any(|code| NO_ALLERGY.contains(&code))
    };
    let (none, some): (Vec<&Allergy>, Vec<&Allergy>) = allergies.iter().partition(|a| says_none(a));
    if some.is_empty() && !none.is_empty() {
        return Block::NoneKnown(source.clone());
    }
    known(some.into_iter().map(|a| allergy(a, source)).collect())
}

/// What the author of the synthesis wants to be watched, in the author's words: the model has no entry for it.
fn vigilance(cda: &Cda<'_>, source: &Source) -> Block<Vec<Fact>> {
    match cda.section_text("Points de vigilance").filter(|text| !text.is_empty()) {
        None => Block::NotRecorded,
        Some(text) if text.to_lowercase().starts_with("aucun point de vigilance") => {
            Block::NoneKnown(source.clone())
        }
        Some(text) => Block::Known(vec![Fact {
            text: String::new(),
            rest: String::new(),
            detail: text.chars().take(600).collect(),
            since: String::new(),
            is_past: false,
            source: source.clone(),
        }]),
    }
}

fn allergy(a: &Allergy, source: &Source) -> Fact {
    let words = [&a.agent.text, a.description.as_ref().map_or(&a.kind.text, |d| &d.text), &a.kind.text];
    let reactions: Vec<&str> =
        a.reactions.iter().filter(|r| !r.negated).map(|r| r.what.text.as_str()).collect();
    let status = a.status.as_ref().map(|s| s.text.to_lowercase());
    Fact {
        text: words
            .iter()
            .find(|w| !w.is_empty())
            .map_or("Allergie sans précision".to_owned(), |w| (*w).clone()),
        rest: String::new(),
        detail: reactions.join(", "),
        since: since(a.onset),
        is_past: status.is_some_and(|s| s.starts_with("inacti") || s.starts_with("résol")),
        source: source.clone(),
    }
}

/// `PLAVIX 75 mg` and `, comprimé pelliculé`.
fn name_and_rest(name: &str) -> (String, String) {
    match name.find(", ") {
        Some(comma) => (name[..comma].to_owned(), name[comma..].to_owned()),
        None => (name.to_owned(), String::new()),
    }
}

fn is_past(p: &Problem, now: Time) -> bool {
    let in_history = p.section.as_ref().is_some_and(|s| HISTORY_SECTIONS.contains(&s.code.as_str()));
    in_history || p.period.stop.is_some_and(|stop| stop.end() < now)
}

fn problem(p: &Problem, is_past: bool, source: &Source) -> Fact {
    Fact {
        text: p.what.text.clone(),
        rest: String::new(),
        detail: String::new(),
        since: since(p.period.start),
        is_past,
        source: source.clone(),
    }
}

/// Said to be taken or prescribed, and not over.
fn is_taken_now(t: &Treatment, now: Time) -> bool {
    !t.negated && t.stage != Stage::Dispensed && t.period.stop.is_none_or(|stop| stop.end() >= now)
}

fn treatment(t: &Treatment, source: &Source) -> Fact {
    let reasons: Vec<&str> = t.reasons.iter().map(|r| r.text.as_str()).filter(|r| !r.is_empty()).collect();
    let dose = posology::of(t.dose.as_ref(), t.every.as_ref());
    let (text, rest) = name_and_rest(&t.product.text);
    let why = if reasons.is_empty() { String::new() } else { format!("pour\u{a0}: {}", reasons.join(", ")) };
    Fact {
        text,
        rest,
        detail: people::joined(&[dose, why]),
        since: since(t.period.start),
        is_past: false,
        source: source.clone(),
    }
}

fn vaccination(v: &Vaccination, source: &Source) -> Fact {
    let rank =
        v.rank.map_or(String::new(), |n| if n == 1 { "1re dose".to_owned() } else { format!("{n}e dose") });
    let (text, rest) = name_and_rest(&v.vaccine.text);
    let lot = v.lot.as_ref().map_or(String::new(), |lot| format!("lot {lot}"));
    Fact {
        text,
        rest,
        detail: people::joined(&[rank, lot]),
        since: v.date.map_or("date non renseignée".to_owned(), |d| Day::of(d).long()),
        is_past: false,
        source: source.clone(),
    }
}

fn measure(r: &LabResult) -> Measure {
    let (what, specimen) = loinc_words(&r.what.text);
    let value = r.value.as_ref().map_or("non renseigné".to_owned(), posology::value);
    let ranges: Vec<String> = r.reference_ranges.iter().map(posology::value).collect();
    let code = r.interpretation.as_ref().and_then(|i| i.codes.first()).map_or("", |c| c.code.as_str());
    let sign = match code {
        "H" | "HH" | "HU" => Some("↑"),
        "L" | "LL" | "LU" => Some("↓"),
        "A" | "AA" | "R" | "POS" => Some("!"),
        _ => None,
    };
    Measure {
        what,
        specimen,
        value,
        range: ranges.join(" ou "),
        flag: sign.zip(r.interpretation.as_ref()).map(|(sign, i)| Flag { sign, text: i.text.to_lowercase() }),
        gauge: Gauge::of(r.value.as_ref(), &r.reference_ranges),
    }
}

/// `Glucose [Masse/Volume] Sérum/Plasma ; Numérique` is glucose, in serum or plasma.
fn loinc_words(label: &str) -> (String, String) {
    let Some((what, rest)) = label.split_once(" [") else {
        return (label.to_owned(), String::new());
    };
    let after = rest.split_once("] ").map_or("", |(_, after)| after);
    let specimen = after.split(" ; ").next().unwrap_or("").trim();
    (what.trim().to_owned(), specimen.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn read(files: &[(&str, &str)]) -> Synthesis {
        let documents: Vec<_> = files.iter().map(|(file, code)| samples::document(file, code)).collect();
        Synthesis::read(&documents, Reader::Patient, samples::now())
    }

    fn texts(block: &Block<Vec<Fact>>) -> Vec<String> {
        match block {
            Block::Known(facts) => facts
                .iter()
                .map(|f| format!("{}{}|{}|{}|{}", f.text, f.rest, f.detail, f.since, f.is_past))
                .collect(),
            other => vec![format!("{other:?}").split('(').next().unwrap_or("").to_owned()],
        }
    }

    #[test]
    fn a_summary_gives_allergies_problems_history_and_treatments() {
        let synthesis = read(&[("synthese.xml", "60591-5")]);
        assert_eq!(texts(&synthesis.allergies), ["amoxicilline|Urticaire allergique|3 juin 2018|false"]);
        assert_eq!(
            texts(&synthesis.problems),
            ["Asthme à prédominance allergique||11 août 2019|false", "Migraine||2021|false"]
        );
        assert_eq!(texts(&synthesis.history), ["Pyélonéphrite aiguë||22 avril 2018|true"]);
        assert_eq!(
            texts(&synthesis.treatments),
            [
                "SUMATRIPTAN EXEMPLE 50 mg, comprimé|1 à 2 comprimés par jour · pour\u{a0}: Migraine, sans précision|1er juin 2021|false"
            ]
        );
        assert_eq!(synthesis.allergy_line().unwrap(), "amoxicilline (Urticaire allergique)");
        assert_eq!(texts(&synthesis.vaccines), ["NotRecorded"]);
    }

    #[test]
    fn three_silences_are_told_apart() {
        assert_eq!(texts(&read(&[]).allergies), ["NotRecorded"]);
        assert_eq!(texts(&read(&[("biologie.xml", "11502-2")]).allergies), ["NotRecorded"]);
        assert_eq!(texts(&Synthesis::unavailable().allergies), ["Unavailable"]);
        let none = Allergy { negated: true, ..samples::allergy("") };
        let source =
            Source { name: String::new(), by: String::new(), day: String::new(), lid: String::new() };
        assert_eq!(texts(&allergy_block(&[none], &source)), ["NoneKnown"]);
        let mut coded = samples::allergy("aucune allergie connue");
        coded.agent.codes = vec![dmp_dossier::Code::new("716186003", "2.16.840.1.113883.6.96", "")];
        assert_eq!(texts(&allergy_block(&[coded], &source)), ["NoneKnown"]);
        assert_eq!(texts(&allergy_block(&[], &source)), ["NotRecorded"]);
    }

    #[test]
    fn results_come_with_their_range_and_vaccines_with_their_dose() {
        let synthesis = read(&[("biologie.xml", "11502-2"), ("vaccination.xml", "87273-9")]);
        let Block::Known(results) = &synthesis.results else { panic!("results are known") };
        let first = &results[0].measures[0];
        assert_eq!(
            (first.what.as_str(), first.specimen.as_str(), first.value.as_str(), first.range.as_str()),
            ("Glucose", "Sérum/Plasma", "1,05 g/L", "0,70 à 1,10 g/L")
        );
        assert!(first.flag.is_none() && first.gauge.is_some());
        assert_eq!(
            texts(&synthesis.vaccines),
            ["VACCIN EXEMPLE, suspension injectable|2e dose · lot LOT-42|28 septembre 2023|false"]
        );
    }

    #[test]
    fn the_same_medicine_is_told_once_and_again_when_its_dose_differs() {
        let fact = |text: &str, detail: &str, since: &str| Fact {
            text: text.to_owned(),
            rest: String::new(),
            detail: detail.to_owned(),
            since: since.to_owned(),
            is_past: false,
            source: Source { name: String::new(), by: String::new(), day: String::new(), lid: String::new() },
        };
        let given = vec![
            fact("LEVOTHYROX 75", "1 comprimé par jour", "2015"),
            fact("Levothyrox 75", "1 comprimé par jour", "15 septembre 2026"),
            fact("LEVOTHYROX 75", "2 comprimés par jour", "15 septembre 2026"),
        ];
        assert_eq!(
            texts(&known(distinct(given, |f| &f.detail))),
            [
                "LEVOTHYROX 75|1 comprimé par jour|2015|false",
                "LEVOTHYROX 75|2 comprimés par jour|15 septembre 2026|false"
            ]
        );
    }

    #[test]
    fn a_treatment_that_is_over_is_left_out() {
        assert_eq!(texts(&read(&[("ordonnance.xml", "57833-6")]).treatments), ["NotRecorded"]);
    }
}
