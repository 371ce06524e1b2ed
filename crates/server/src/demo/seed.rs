//! Plays the histories of the population in a store, many at once, each in its own time.

use anyhow::{Context as _, anyhow, bail};
use dmp_cda::{Cda, Intake};
use dmp_dossier::command::{Command, DocumentDraft, Publish};
use dmp_dossier::document::{DeclaredPatient, SubmissionSetMetadata};
use dmp_dossier::time::Dtm;
use dmp_dossier::{
    Actor, AnswerCase, CaseOutcome, Channel, DocumentRef, DocumentUid, Query, RealmPolicy, ReceptionAgent,
    Time, View,
};
use dmp_store::{Content, Keep, Shelf, Store, StoreError, Target};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::cast::Cast;
use super::clock::StoryClock;
use super::population::{Person, population};
use super::scribe::Paper;
use super::tale::{Calendar, Deed, Step, Tale};
use super::{cast_of, everyday, leo, marie, names};

/// Dossiers told at once: enough to fill a group commit, few enough to keep memory small.
const IN_FLIGHT: usize = 32;
/// OID of the sending system of the demo's lots.
const SOURCE: &str = "1.2.250.1.999.2017.1";

/// What to seed.
#[derive(Debug, Clone, Copy)]
pub struct SeedOptions {
    /// How many dossiers, `marie` and `leo` first.
    pub dossiers: usize,
    /// The same seed gives the same people and documents; told in the same week, the same dates.
    pub seed: u64,
    /// Now: the histories end on the Monday before.
    pub now: Time,
}

/// What was seeded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Dossiers.
    pub dossiers: usize,
    /// Openings by channel.
    pub channels: BTreeMap<Channel, usize>,
    /// Documents deposited.
    pub documents: usize,
    /// Changes to rights, visibility and status.
    pub changes: usize,
    /// Reads.
    pub reads: usize,
    /// Refusals.
    pub refusals: usize,
}

impl Summary {
    fn add(&mut self, other: Summary) {
        self.dossiers += other.dossiers;
        for (channel, count) in other.channels {
            *self.channels.entry(channel).or_default() += count;
        }
        self.documents += other.documents;
        self.changes += other.changes;
        self.reads += other.reads;
        self.refusals += other.refusals;
    }
}

/// Makes the histories of the dossiers that are wanted, in the order of the population, one at a time.
pub(super) fn each_history(
    options: SeedOptions,
    wanted: fn(&Person) -> bool,
    each: &mut dyn FnMut(&Person, Vec<Step>),
) {
    let casts = casts(options.seed);
    for (number, person) in population(options.seed, options.dossiers).iter().enumerate() {
        if wanted(person) {
            each(person, history(options, number, person, &casts[person.department]));
        }
    }
}

fn casts(seed: u64) -> Vec<Cast> {
    (0..names::DEPARTMENTS.len()).map(|department| cast_of(department, seed)).collect()
}

fn history(options: SeedOptions, number: usize, person: &Person, cast: &Cast) -> Vec<Step> {
    let calendar = Calendar::before(options.now);
    let tale = Tale::new(options.seed, number, person, cast, calendar);
    match number {
        0 => marie::tell(tale),
        1 => leo::tell(tale),
        _ => everyday::tell(tale, number),
    }
}

/// Seeds an empty store. The store's [`dmp_store::Ambient`] must be this clock (or a clone), and its quotas
/// unlimited: a story puts months of work of one person into a second.
///
/// `progress` is called with the dossiers done and the dossiers asked for.
///
/// # Errors
/// The store fails, or refuses what a story says it permits: a mistake of the demo, named by dossier number and act.
pub async fn seed(
    store: &Store,
    clock: &StoryClock,
    options: &SeedOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Summary> {
    let options = *options;
    let casts = Arc::new(casts(options.seed));
    let mut people = population(options.seed, options.dossiers).into_iter().enumerate();
    let mut under_way = JoinSet::new();
    let mut summary = Summary::default();
    loop {
        while under_way.len() < IN_FLIGHT
            && let Some((number, person)) = people.next()
        {
            let (store, clock, casts) = (store.clone(), clock.clone(), Arc::clone(&casts));
            under_way.spawn(async move {
                let steps = history(options, number, &person, &casts[person.department]);
                let told = clock.story(options.now, play(&store, &clock, &person, steps));
                told.await.with_context(|| format!("dossier {number} of seed {}", options.seed))
            });
        }
        let Some(finished) = under_way.join_next().await else { return Ok(summary) };
        summary.add(finished.context("a story stopped short")??);
        progress(summary.dossiers, options.dossiers);
    }
}

/// Plays one history.
async fn play(
    store: &Store,
    clock: &StoryClock,
    person: &Person,
    steps: Vec<Step>,
) -> anyhow::Result<Summary> {
    let mut summary = Summary { dossiers: 1, ..Summary::default() };
    summary.channels.insert(person.channel, 1);
    for (place, step) in steps.into_iter().enumerate() {
        clock.set(step.at);
        let (refused, at) = (step.refused, step.at);
        let target = Target::Patient(person.ins.clone());
        let outcome = match step.deed {
            Deed::Command(command) => {
                summary.changes += usize::from(!refused);
                if let (Command::Open(_), Actor::ReceptionAgent(agent)) = (&*command, &step.by) {
                    keep_opening(store, agent, person, at).await?;
                }
                store.execute(&step.by, target, *command, Vec::new(), Uuid::new_v4()).await.map(|_| ())
            }
            Deed::Deposit(papers, lot) => {
                summary.documents += papers.len();
                let (command, contents) = publication(papers, lot, at, store.parameters().realm)?;
                store.execute(&step.by, target, command, contents, Uuid::new_v4()).await.map(|_| ())
            }
            Deed::Consult(query) => {
                summary.reads += usize::from(!refused);
                store.consult(&step.by, target, *query, Uuid::new_v4()).await.map(|_| ())
            }
            Deed::AnswerCases(text) => {
                let answered = answer_cases(store, &step.by, &target, text).await;
                answered.map(|count| summary.changes += count)
            }
        };
        match outcome {
            Ok(()) if refused => bail!("step {place} was to be refused and was not"),
            Ok(()) => {}
            Err(StoreError::Refused { .. }) if refused => summary.refusals += 1,
            Err(error) => return Err(error).with_context(|| format!("step {place}")),
        }
    }
    Ok(summary)
}

/// What a desk keeps of an opening, beside the dossier: how long it took, and nobody's name.
async fn keep_opening(
    store: &Store,
    agent: &ReceptionAgent,
    person: &Person,
    at: Time,
) -> Result<(), StoreError> {
    // From 45 seconds to two minutes and a half, the same for the same person.
    let seconds = 45 + person.ins.value().bytes().map(u32::from).sum::<u32>() % 105;
    let kept = serde_json::json!({
        "at_ms": at.millis(),
        "seconds": seconds,
        "channel": agent.channel.as_str(),
        "agent": agent.id,
        "reopened": false,
    });
    let value = kept.to_string().into_bytes();
    let id = Uuid::new_v4().to_string();
    let owner = &agent.organisation;
    let keep = Keep { shelf: Shelf::Opening, owner, id: &id, at, value: &value, from_version: None };
    store.keep(keep).await.map(|_| ())
}

/// Answers every case that waits, and says how many.
async fn answer_cases(store: &Store, by: &Actor, target: &Target, text: &str) -> Result<usize, StoreError> {
    let found = store.consult(by, target.clone(), Query::Cases, Uuid::new_v4()).await?;
    let View::Cases(cases) = found.view else { return Ok(0) };
    let mut answered = 0;
    for case in cases.into_iter().filter(|case| case.answer.is_none()) {
        let outcome = CaseOutcome::Justified;
        let answer = AnswerCase { id: case.id, outcome, text: text.to_owned() };
        let command = Command::AnswerCase(Box::new(answer));
        store.execute(by, target.clone(), command, Vec::new(), Uuid::new_v4()).await?;
        answered += 1;
    }
    Ok(answered)
}

/// A deposit with the metadata that the documents' own headers give, as every face makes it.
fn publication(
    papers: Vec<Paper>,
    lot: DocumentUid,
    at: Time,
    realm: RealmPolicy,
) -> anyhow::Result<(Command, Vec<Content>)> {
    let intake = Intake { now: at, realm };
    let mut documents = Vec::new();
    let mut contents = Vec::new();
    let mut patient_ids = Vec::new();
    let mut defaults = None;
    for paper in papers {
        let xml = paper.document.to_xml();
        let cda = Cda::parse(xml.as_bytes()).context("a document of the demo cannot be read")?;
        let draft = cda.document_entry(&intake).context("a document of the demo is refused")?;
        let patient = draft.patient;
        let ins =
            realm.read(patient.ins.value(), &patient.ins.root).map_err(|error| anyhow!(error.says()))?;
        patient_ids.push(ins.clone());
        defaults.get_or_insert(draft.submission);
        documents.push(DocumentDraft {
            metadata: draft.metadata,
            declared: Some(DeclaredPatient { ins, birth_date: patient.birth_date, sex: patient.sex }),
            visibility: paper.visibility,
            release_at: paper.release_at,
            replaces: paper.replaces.map(DocumentRef::UniqueId),
        });
        let text = cda.text();
        drop(cda);
        contents.push(Content { bytes: xml.into_bytes().into(), text });
    }
    let defaults = defaults.context("a lot of the demo has a document")?;
    let set = SubmissionSetMetadata {
        unique_id: lot,
        source_id: SOURCE.to_owned(),
        submission_time: Dtm::from_time(at),
        content_type: defaults.content_type,
        author: Some(defaults.author),
        title: Some(defaults.title),
        comments: None,
    };
    Ok((Command::Publish(Box::new(Publish { set, documents, signature: false, patient_ids })), contents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest;
    use dmp_dossier::{Dossier, DossierId, Moment, Parameters};
    use dmp_nomenclature::Matrix;
    use std::collections::BTreeSet;

    fn options(seed: u64, dossiers: usize) -> SeedOptions {
        SeedOptions { dossiers, seed, now: Dtm::parse("20261121210000").unwrap().start() }
    }

    /// INS, times, identifiers and bytes of everything that is deposited.
    fn fingerprint(options: SeedOptions) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        each_history(options, |_| true, &mut |person, steps| {
            context.update(person.ins.value().as_bytes());
            for step in &steps {
                context.update(&step.at.millis().to_be_bytes());
                if let Deed::Deposit(papers, lot) = &step.deed {
                    context.update(lot.as_str().as_bytes());
                    for paper in papers {
                        context.update(paper.document.to_xml().as_bytes());
                    }
                }
            }
        });
        context.finish().as_ref().to_vec()
    }

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        assert_eq!(fingerprint(options(3, 12)), fingerprint(options(3, 12)));
        assert_ne!(fingerprint(options(3, 12)), fingerprint(options(4, 12)));
    }

    #[test]
    fn identifiers_do_not_depend_on_the_day() {
        let uids = |now: &str| {
            let mut uids = Vec::new();
            let options = SeedOptions { now: Dtm::parse(now).unwrap().start(), ..options(3, 12) };
            each_history(options, |_| true, &mut |_, steps| uids.extend(uids_of(&steps)));
            uids
        };
        assert_eq!(uids("20261121"), uids("20270301"));
    }

    fn uids_of(steps: &[Step]) -> Vec<DocumentUid> {
        let mut uids = Vec::new();
        for step in steps {
            if let Deed::Deposit(papers, lot) = &step.deed {
                uids.push(lot.clone());
                uids.extend(papers.iter().map(Paper::uid));
            }
        }
        uids
    }

    #[test]
    fn every_identifier_is_used_once_and_every_story_stays_in_its_time() {
        let (options, mut seen) = (options(5, 200), BTreeSet::new());
        let until = Calendar::before(options.now).until();
        each_history(options, |_| true, &mut |_, steps| {
            for uid in uids_of(&steps) {
                assert!(seen.insert(uid.clone()), "{uid} twice");
            }
            assert!(steps.windows(2).all(|pair| pair[0].at <= pair[1].at));
            assert!(steps.iter().all(|step| step.at < until), "{}", steps.len());
        });
        assert!(seen.len() > 1_500, "{}", seen.len());
    }

    /// The rules alone, without a store: what a story says is refused is, and nothing else.
    #[test]
    fn the_rules_permit_and_refuse_what_the_stories_say() {
        // Also years later, when the children of the population have grown up.
        for (seed, now) in [(1, "20261121"), (2017, "20310203")] {
            rehearse(SeedOptions { now: Dtm::parse(now).unwrap().start(), ..options(seed, 130) });
        }
    }

    fn rehearse(options: SeedOptions) {
        let matrix = Matrix::builtin();
        let parameters = Parameters { author_structure: false, ..Parameters::default() };
        let mut number = 0;
        each_history(options, |_| true, &mut |_, steps| {
            let mut dossier = Dossier::unopened(DossierId(Uuid::nil()));
            for (place, step) in steps.into_iter().enumerate() {
                let (seed, refused) = (options.seed, step.refused);
                let outcome = outcome(&mut dossier, step, &matrix, &parameters);
                assert_eq!(
                    outcome.is_err(),
                    refused,
                    "seed {seed}, dossier {number}, step {place}: {outcome:?}"
                );
            }
            number += 1;
        });
    }

    fn outcome(
        dossier: &mut Dossier,
        step: Step,
        matrix: &Matrix,
        parameters: &Parameters,
    ) -> Result<(), dmp_dossier::Refusal> {
        let command = match step.deed {
            Deed::Command(command) => *command,
            Deed::Deposit(papers, lot) => publication(papers, lot, step.at, parameters.realm).unwrap().0,
            Deed::Consult(query) => {
                let moment = Moment { at: step.at, ids: &[], matrix, parameters };
                return dmp_dossier::consult(dossier, &step.by, &query, &moment).map(|_| ());
            }
            // What a read opens by itself is the store's to write.
            Deed::AnswerCases(_) => return Ok(()),
        };
        let count = dmp_dossier::ids_needed(dossier, &command, step.at);
        let ids: Vec<_> = (0..count).map(|_| Uuid::new_v4()).collect();
        let moment = Moment { at: step.at, ids: &ids, matrix, parameters };
        for change in dmp_dossier::decide(dossier, &step.by, &command, &moment)? {
            dossier.apply(&change);
        }
        Ok(())
    }

    #[test]
    fn every_document_passes_the_gate_of_deposit() {
        let options = options(6, 40);
        let realm = Parameters::default().realm;
        each_history(options, |_| true, &mut |_, steps| {
            for step in &steps {
                let Deed::Deposit(papers, _) = &step.deed else { continue };
                for paper in papers {
                    let xml = paper.document.to_xml();
                    let draft =
                        Cda::parse(xml.as_bytes()).unwrap().document_entry(&Intake { now: step.at, realm });
                    let draft = draft.unwrap_or_else(|refusal| panic!("{refusal}: {}", paper.uid()));
                    assert!(!draft.metadata.authors.is_empty());
                    assert_ne!(draft.metadata.title, "");
                }
            }
        });
    }
}
