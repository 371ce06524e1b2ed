//! What the contract suite plays with: a deployment in a directory of its own, a clock that tests move, invented people
//! and documents.

use bytes::Bytes;
use dmp_dossier::*;
use dmp_keys::FileCustody;
use dmp_store::{
    Ambient, Answer, Content, Engine, Hit, ListedDossier, Quotas, Store, StoreConfig, StoreError, Target,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

/// Opens the engine under test on a directory.
pub type Factory = fn(&Path) -> Result<Arc<dyn Engine>, StoreError>;

/// 2026-03-02T09:00:00Z
const START_MS: i64 = 1_772_442_000_000;

/// Time that tests move, identifiers in a row.
pub struct Clock {
    now_ms: AtomicI64,
    drawn: AtomicU64,
}

impl Clock {
    pub fn advance_days(&self, days: i64) {
        self.now_ms.fetch_add(days * 86_400_000, Ordering::SeqCst);
    }

    pub fn advance_minutes(&self, minutes: i64) {
        self.now_ms.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }
}

impl Ambient for Clock {
    fn now(&self) -> Time {
        Time::from_millis(self.now_ms.load(Ordering::SeqCst))
    }

    fn fresh(&self) -> Uuid {
        Uuid::from_u64_pair(
            0xd055_1e50_0000_4000,
            0x8000_0000_0000_0000 | self.drawn.fetch_add(1, Ordering::SeqCst),
        )
    }
}

/// A directory that goes with its test.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("store-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path =
            option_env!("CARGO_TARGET_TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A deployment.
pub struct World {
    pub store: Store,
    pub clock: Arc<Clock>,
    pub custody: Arc<FileCustody>,
    pub factory: Factory,
    pub dir: Directory,
}

impl World {
    pub async fn new(factory: Factory) -> World {
        World::with_quotas(factory, Quotas::unlimited()).await
    }

    pub async fn with_quotas(factory: Factory, quotas: Quotas) -> World {
        let dir = Directory::new();
        let clock = Arc::new(Clock { now_ms: AtomicI64::new(START_MS), drawn: AtomicU64::new(1) });
        let custody = Arc::new(FileCustody::create(&dir.0.join("keys")).unwrap());
        let store = open(factory, &dir.0, &clock, &custody, quotas).await.unwrap();
        World { store, clock, custody, factory, dir }
    }

    /// The same directory, opened again: nothing is left in memory.
    pub async fn reopened(self) -> World {
        let World { store, clock, custody, factory, dir } = self;
        drop(store);
        let store = open(factory, &dir.0, &clock, &custody, Quotas::unlimited()).await.unwrap();
        World { store, clock, custody, factory, dir }
    }

    pub async fn execute(
        &self,
        actor: &Actor,
        target: impl Into<To>,
        command: Command,
    ) -> Result<Receipt, StoreError> {
        self.store.execute(actor, target.into().0, command, Vec::new(), Uuid::nil()).await
    }

    pub async fn consult(
        &self,
        actor: &Actor,
        target: impl Into<To>,
        query: Query,
    ) -> Result<Answer, StoreError> {
        self.store.consult(actor, target.into().0, query, Uuid::nil()).await
    }

    pub async fn search_text(
        &self,
        actor: &Actor,
        target: impl Into<To>,
        words: &str,
    ) -> Result<Vec<Hit>, StoreError> {
        self.store.search_text(actor, target.into().0, words, Uuid::nil()).await
    }

    /// Opens the dossier of a patient.
    pub async fn open_dossier(&self, ins: &Ins) -> Receipt {
        self.execute(&patient(ins), ins, opening(ins)).await.unwrap()
    }

    /// Authorises somebody on a dossier, by its holder.
    pub async fn authorise(&self, ins: &Ins, who: &Actor, medecin_traitant: bool) {
        let who = who.professional().unwrap();
        let command = Authorise {
            who: Grantee::Professional(who.id.clone()),
            label: None,
            until: None,
            medecin_traitant,
            profession: Some(who.profession.clone()),
        };
        self.execute(&patient(ins), ins, Command::Authorise(Box::new(command))).await.unwrap();
    }

    /// Deposits one document.
    pub async fn publish(&self, actor: &Actor, ins: &Ins, document: Document) -> Result<Receipt, StoreError> {
        self.publish_lot(actor, ins, document.lot(actor, ins)).await
    }

    pub async fn publish_lot(
        &self,
        actor: &Actor,
        ins: &Ins,
        (lot, contents): (Publish, Vec<Content>),
    ) -> Result<Receipt, StoreError> {
        let target = Target::Patient(ins.clone());
        self.store.execute(actor, target, Command::Publish(Box::new(lot)), contents, Uuid::nil()).await
    }

    /// uniqueIds of the documents an actor finds.
    pub async fn found_by(&self, actor: &Actor, ins: &Ins) -> Result<Vec<String>, StoreError> {
        let answer = self.consult(actor, ins, Query::FindDocuments(Box::default())).await?;
        let View::Documents(seen) = answer.view else { panic!("not a list of documents") };
        Ok(seen.iter().map(|s| s.entry.metadata.unique_id.as_str().to_owned()).collect())
    }

    /// The bytes of a document, by uniqueId.
    pub async fn read(&self, actor: &Actor, ins: &Ins, unique_id: &str) -> Result<Bytes, StoreError> {
        let query = Query::Retrieve(vec![by_uid(unique_id)]);
        Ok(self.consult(actor, ins, query).await?.contents.remove(0))
    }

    /// Opens the dossier of a patient of that name and birth.
    pub async fn open_named(&self, ins: &Ins, family: &str, born: &str) {
        let Command::Open(mut open) = opening(ins) else { panic!("not an opening") };
        open.traits.birth_name = family.to_owned();
        open.traits.birth_date = born.to_owned();
        self.execute(&patient(ins), ins, Command::Open(open)).await.unwrap();
    }

    pub async fn list(&self, actor: &Actor, asked: ListAsked) -> Result<Vec<ListedDossier>, StoreError> {
        self.store.authorised_dossiers(actor, asked, Uuid::nil()).await
    }

    pub async fn find(&self, actor: &Actor, asked: TraitsSought) -> Result<Vec<Candidate>, StoreError> {
        self.store.find_patients(actor, asked, Uuid::nil()).await
    }

    /// What `verify` finds, beside the running store.
    pub fn verified(&self) -> dmp_store::Report {
        dmp_store::verify(&self.dir.0, self.custody.as_ref(), &mut |_, _| {}).unwrap()
    }

    /// Lines of the journal, as the patient reads them, latest first; the line of that reading left out.
    pub async fn journal(&self, ins: &Ins) -> Vec<dmp_store::Line> {
        let answer =
            self.consult(&patient(ins), ins, Query::Journal(JournalFilter::default())).await.unwrap();
        answer.lines.into_iter().skip(1).collect()
    }
}

pub async fn open(
    factory: Factory,
    dir: &Path,
    clock: &Arc<Clock>,
    custody: &Arc<FileCustody>,
    quotas: Quotas,
) -> Result<Store, StoreError> {
    Store::new(StoreConfig {
        engine: factory(dir)?,
        custody: Arc::clone(custody) as _,
        ambient: Arc::clone(clock) as _,
        parameters: Parameters { author_structure: false, ..Parameters::default() },
        matrix: Matrix::builtin(),
        quotas,
    })
    .await
}

/// A target, from what tests have at hand.
pub struct To(pub Target);

impl From<&Ins> for To {
    fn from(ins: &Ins) -> Self {
        To(Target::Patient(ins.clone()))
    }
}

impl From<DocumentRef> for To {
    fn from(reference: DocumentRef) -> Self {
        To(Target::Document(reference))
    }
}

pub fn by_uid(unique_id: &str) -> DocumentRef {
    DocumentRef::UniqueId(DocumentUid::parse(unique_id).unwrap())
}

/// Invented patients, by number.
pub fn ins(number: u64) -> Ins {
    let value = 2_840_735_000_000 + number;
    Ins::parse(&format!("{value}{:02}", 97 - value % 97), InsOid::Test).unwrap()
}

pub fn patient(ins: &Ins) -> Actor {
    Actor::Patient { ins: ins.clone() }
}

pub fn doctor(number: u64) -> Actor {
    professional(number, "10", Mode::Normal)
}

pub fn professional(number: u64, profession: &str, mode: Mode) -> Actor {
    Actor::Professional(Box::new(Professional {
        id: PsId::parse(&format!("8{:011}", 99_700_000_000 + number)).unwrap(),
        name: PersonName { family: format!("MARTIN{number}"), given: "Claude".to_owned() },
        profession: profession.to_owned(),
        speciality: (profession == "10").then(|| "SM26".to_owned()),
        structure: StructureId::parse(&format!("1{:09}", 350_000_000 + number)),
        structure_name: Some(format!("Cabinet médical {number}")),
        sector: Some("SA07".to_owned()),
        auth: Auth::Oidc,
        card: Card::Cps,
        mode,
        secret: false,
        software: Some("LPS d'essai 1.0".to_owned()),
    }))
}

pub fn opening(ins: &Ins) -> Command {
    Command::Open(Box::new(Open {
        ins: ins.clone(),
        traits: Traits {
            birth_name: "ESSAI".to_owned(),
            given_names: "MARIE CLAIRE".to_owned(),
            birth_date: "19840701".to_owned(),
            sex: Sex::Female,
            birth_place: "35238".to_owned(),
            used_name: None,
            used_given: None,
        },
        contact: Contact::default(),
        representatives: Vec::new(),
        consent: Some(ConsentProof {
            collected_by: "la patiente".to_owned(),
            means: "formulaire".to_owned(),
            at: Time::from_millis(START_MS),
            information: None,
        }),
        channel: Channel::Web,
        emergency: Emergency::default(),
    }))
}

/// The patients that [`opening`] opens.
pub fn sought() -> TraitsSought {
    TraitsSought {
        family: "essai".to_owned(),
        given: None,
        birth: BirthSought::Date("19840701".to_owned()),
        sex: None,
        city: None,
        postal_code: None,
    }
}

pub fn code(code: &str, system: &str, label: &str) -> Code {
    Code::new(code, system, label)
}

/// A document to deposit.
#[derive(Clone)]
pub struct Document {
    pub unique_id: String,
    pub set_id: String,
    pub bytes: Vec<u8>,
    pub text: String,
    pub visibility: Visibility,
    pub replaces: Option<DocumentRef>,
    pub type_code: &'static str,
}

/// A document of that number, of a few hundred bytes.
pub fn document(number: u64) -> Document {
    Document {
        unique_id: format!("1.2.250.1.213.1.1.9.{number}"),
        set_id: format!("1.2.250.1.213.1.1.8.{number}"),
        bytes: format!(
            "<ClinicalDocument><id extension=\"{number}\"/>{}</ClinicalDocument>",
            "texte ".repeat(50)
        )
        .into_bytes(),
        text: format!("Compte rendu {number}. Allergie à la pénicilline. Tension normale."),
        visibility: Visibility::VISIBLE,
        replaces: None,
        type_code: "11488-4",
    }
}

impl Document {
    pub fn masked(self) -> Self {
        Document { visibility: Visibility { masked: true, ..self.visibility }, ..self }
    }

    pub fn hidden_from_patient(self) -> Self {
        Document { visibility: Visibility { hidden_from_patient: true, ..self.visibility }, ..self }
    }

    pub fn draft(&self, actor: &Actor, ins: &Ins) -> DocumentDraft {
        let (class, class_label, label) = match self.type_code {
            "11488-4" => ("10", "Compte rendu", "CR ou fiche de consultation ou de visite"),
            "57828-6" => ("42", "Prescription", "Prescription (autre)"),
            other => panic!("a type that tests do not use: {other}"),
        };
        let p = actor.professional().unwrap();
        let mut hash = [0; 20];
        hash.copy_from_slice(
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.bytes).as_ref(),
        );
        DocumentDraft {
            metadata: DocumentMetadata {
                unique_id: DocumentUid::parse(&self.unique_id).unwrap(),
                mime_type: "text/xml".to_owned(),
                hash,
                size_bytes: self.bytes.len() as u64,
                language: "fr-FR".to_owned(),
                authors: vec![author(p)],
                legal_authenticator: Some(author(p).person),
                service_start: Dtm::parse("20260301"),
                service_stop: None,
                creation_time: Dtm::parse("20260301093000").unwrap(),
                title: "Compte rendu de consultation".to_owned(),
                comments: None,
                class_code: code(class, "1.2.250.1.213.1.1.4.1", class_label),
                type_code: code(self.type_code, "2.16.840.1.113883.6.1", label),
                format_code: code(
                    "urn:ihe:iti:xds-sd:text:2008",
                    "1.3.6.1.4.1.19376.1.2.3",
                    "Document à corps non structuré en texte brut",
                ),
                facility_type: code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
                practice_setting: code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
                event_codes: Vec::new(),
                confidentiality: BaseConfidentiality::Normal,
                source_patient_id: ins.to_cx(),
                source_patient_info: vec![
                    "PID-5|ESSAI^MARIE^^^^^L".to_owned(),
                    "PID-7|19840701".to_owned(),
                    "PID-8|F".to_owned(),
                ],
                reference_ids: Vec::new(),
                declared_parent: None,
                set_id: None,
                version_number: None,
            },
            declared: None,
            visibility: self.visibility,
            release_at: None,
            replaces: self.replaces.clone(),
        }
    }

    pub fn lot(&self, actor: &Actor, ins: &Ins) -> (Publish, Vec<Content>) {
        let lot = Publish {
            set: set_metadata(&self.set_id, actor),
            documents: vec![self.draft(actor, ins)],
            signature: false,
            patient_ids: vec![ins.clone()],
        };
        (lot, vec![self.content()])
    }

    pub fn content(&self) -> Content {
        Content { bytes: Bytes::from(self.bytes.clone()), text: self.text.clone() }
    }
}

pub fn set_metadata(unique_id: &str, actor: &Actor) -> SubmissionSetMetadata {
    SubmissionSetMetadata {
        unique_id: DocumentUid::parse(unique_id).unwrap(),
        source_id: "1.2.250.1.999.1.1.7898".to_owned(),
        submission_time: Dtm::parse("20260302090000").unwrap(),
        content_type: code("04", "1.2.250.1.213.2.2", "Hospitalisation de jour"),
        author: actor.professional().map(author),
        title: None,
        comments: None,
    }
}

fn author(p: &Professional) -> Author {
    Author {
        person: Person {
            id: AuthorId::Professional(p.id.clone()),
            family: p.name.family.clone(),
            given: p.name.given.clone(),
        },
        institution: Some(Institution {
            id: p.structure.clone(),
            other_id: None,
            name: p.structure_name.clone().unwrap_or_default(),
        }),
        role: None,
        specialty: Some(code(
            "G15_10/SM26",
            "1.2.250.1.213.1.1.4.5",
            "Médecin - Qualifié en médecine générale (SM)",
        )),
    }
}

/// The reason of a refusal.
pub fn reason<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Reason {
    match result {
        Err(StoreError::Refused { refusal, .. }) => refusal.reason,
        other => panic!("not refused: {other:?}"),
    }
}
