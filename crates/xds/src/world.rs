//! What tests of transactions share: a fresh record, the people who call, messages, and the comparison of an answer with
//! an official one. Actors are built by hand: the VIHF has its own tests.

mod messages;
mod skeleton;

pub(crate) use messages::{CLOSE, CONSULT, CREATE, FIND, MODIFY, REACTIVATE, TEST_EXISTENCE};
pub(crate) use skeleton::{compare, official, sample};

use crate::call::Call;
use crate::fault::Fault;
use crate::mtom::Parts;
use crate::router::dispatch;
use crate::service::Operation;
use crate::vihf::{Software, Trust, Vihf, VihfVersion};
use crate::{Settings, Xds};
use dmp_dossier::{
    Actor, Auth, Authorise, Card, Channel, Command, ConsentProof, Contact, Decision, Emergency, Employee,
    Grantee, Ins, InsOid, JournalFilter, Mode, Open, OtpAction, OtpChannel, Parameters, PersonName,
    Professional, PsId, Query, Relation, Representative, Sex, StructureActor, StructureId, Time, Traits,
    View, WebAccessDraft,
};
use dmp_keys::FileCustody;
use dmp_nomenclature::Matrix;
use dmp_store::{Ambient, Quotas, SqliteEngine, Store, StoreConfig};
use dmp_xml::{Limits, Tree};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

pub(crate) const MARIE: &str = "284073523811416";
pub(crate) const LEO: &str = "118033523802725";
/// The patient of the official messages.
const OFFICIAL: &str = "207058575627097";
pub(crate) const DOCTOR: &str = "899900000017";
pub(crate) const DENTIST: &str = "899900000025";
const OFFICIAL_DOCTOR: &str = "899900063480";
const PRACTICE: &str = "499900000017001";

struct Clock {
    now: AtomicI64,
    ids: AtomicU64,
}

impl Ambient for Clock {
    fn now(&self) -> Time {
        Time::from_millis(self.now.load(Ordering::Relaxed))
    }

    fn fresh(&self) -> Uuid {
        Uuid::from_u64_pair(0x0123_4567_89ab_4def, self.ids.fetch_add(1, Ordering::Relaxed) | 1 << 63)
    }
}

/// A face on a fresh record.
pub(crate) struct World {
    pub(crate) xds: Xds,
    clock: Arc<Clock>,
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl World {
    pub(crate) async fn new() -> World {
        World::with(Parameters::default()).await
    }

    pub(crate) async fn with(parameters: Parameters) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("dmp-xds-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        // 2026-11-21T10:00:00Z.
        let clock = Arc::new(Clock { now: AtomicI64::new(1_795_255_200_000), ids: AtomicU64::new(1) });
        let store = Store::new(StoreConfig {
            engine: Arc::new(SqliteEngine::open(&directory).unwrap()),
            custody: Arc::new(FileCustody::create(&directory.join("keys")).unwrap()),
            ambient: Arc::clone(&clock) as Arc<dyn Ambient>,
            parameters,
            matrix: Matrix::builtin(),
            quotas: Quotas::unlimited(),
        })
        .await
        .unwrap();
        let settings = Settings {
            base: "https://dmp.example.org".into(),
            hosts: Vec::new(),
            lot_signature_required: false,
            legacy: false,
            vihf_single_use: true,
            sender_fault_status: 400,
            environment: "TEST".into(),
        };
        World { xds: Xds { store, trust: Trust::default(), settings }, clock, directory }
    }

    /// Sends a message a second after the last one, about the patient of the messages here.
    pub(crate) async fn call(&self, actor: &Actor, message: &str) -> Result<String, Fault> {
        let official = *actor == official_doctor();
        self.call_about(actor, Some(if official { OFFICIAL } else { MARIE }), message).await
    }

    /// Sends a message, the element of the body alone or in its envelope, with the VIHF of that patient.
    pub(crate) async fn call_about(
        &self,
        actor: &Actor,
        patient: Option<&str>,
        message: &str,
    ) -> Result<String, Fault> {
        self.clock.now.fetch_add(1_000, Ordering::Relaxed);
        let tree = Tree::parse(message.as_bytes(), &Limits::default()).unwrap();
        let body = skeleton::body(tree.root());
        let operation = Operation::ALL.iter().copied().find(|operation| {
            let (namespace, name) = operation.element();
            body.is(namespace, name)
        });
        let now = self.xds.store.now();
        let vihf = Vihf {
            id: "_test".into(),
            issued_at: now,
            expires_at: now.plus_minutes(10),
            actor: actor.clone(),
            patient: patient.map(ins),
            structure: actor.structure().cloned().unwrap_or(StructureId::parse(PRACTICE).unwrap()),
            name_id: DOCTOR.into(),
            software: Software::default(),
            version: VihfVersion::V3,
        };
        let parts = Parts::default();
        let request = self.clock.fresh();
        let call = Call { xds: &self.xds, vihf: &vihf, body, parts: &parts, request };
        dispatch(operation.expect("an operation of the DMP"), &call).await.map(|reply| {
            assert!(reply.attachments.is_empty());
            reply.body
        })
    }

    /// A command on the actor's own dossier, or Marie's; it must be taken.
    pub(crate) async fn run(&self, actor: &Actor, command: Command) {
        self.clock.now.fetch_add(1_000, Ordering::Relaxed);
        let target = dmp_store::Target::Patient(own(actor));
        self.xds.store.execute(actor, target, command, Vec::new(), self.clock.fresh()).await.unwrap();
    }

    /// A reading of the actor's own dossier, or of Marie's; it must be given.
    pub(crate) async fn read(&self, actor: &Actor, query: Query) -> View {
        let target = dmp_store::Target::Patient(own(actor));
        self.xds.store.consult(actor, target, query, self.clock.fresh()).await.unwrap().view
    }

    /// Marie's journal: whether each line permitted what it tells, latest first.
    pub(crate) async fn journal(&self) -> Vec<bool> {
        let target = dmp_store::Target::Patient(ins(MARIE));
        let query = Query::Journal(JournalFilter::default());
        let answer = self.xds.store.consult(&marie(), target, query, self.clock.fresh()).await.unwrap();
        answer.lines.iter().map(|line| line.entry.decision == Decision::Permitted).collect()
    }

    /// Opens Marie's dossier.
    pub(crate) async fn open_marie(&self) {
        let emergency = Emergency { masked_readable: true, ..Emergency::default() };
        let contact = Contact {
            mail: Some("marie@example.fr".into()),
            phone: None,
            address: Some("1 rue des Essais, 38000 GRENOBLE".into()),
        };
        let traits = Traits {
            birth_date: "19840712".into(),
            sex: Sex::Female,
            ..traits("DURAND", Some("MARTIN"), "MARIE JEANNE")
        };
        self.run(&marie(), opening(ins(MARIE), traits, contact, Vec::new(), emergency)).await;
    }

    /// Opens the dossier that the official answers tell of.
    pub(crate) async fn open_official(&self) {
        let contact = Contact {
            phone: Some("0102030405".into()),
            mail: Some("alain@gmail.com".into()),
            address: Some("1, rue du Chat qui pêche, 75005 Paris".into()),
        };
        let representative = Representative {
            person: None,
            name: "REPLEG".into(),
            given: "Jean".into(),
            relation: Relation::Parent,
            contact: Contact {
                phone: Some("0601020304".into()),
                mail: Some("replegl@foogentle.com".into()),
                address: Some("3 rue d Amsterdam, Residence du Parc, 59000 LILLE".into()),
            },
            since: Time::default(),
            until: None,
        };
        let traits = traits("patb-quatre", Some("patb-quatre"), "LAURENCE");
        let traits = Traits { birth_date: "19070525".into(), ..traits };
        let open = opening(ins(OFFICIAL), traits, contact, vec![representative], Emergency::default());
        self.run(&official_patient(), open).await;
    }

    /// The official patient's access, with the two channels of the official answer.
    pub(crate) async fn open_web_access(&self) {
        let draft = WebAccessDraft {
            login: "mtef3603".into(),
            secret_hash: "$argon2id$test".into(),
            channel: OtpChannel::Sms("0102030405".into()),
        };
        self.run(&official_patient(), Command::OpenWebAccess(Box::new(draft))).await;
        let channel = OtpChannel::Email("alain@gmail.com".into());
        self.run(&official_patient(), Command::ChangeOtpChannel { action: OtpAction::Add, channel }).await;
    }

    /// The patient of the actor's messages authorises the actor.
    pub(crate) async fn authorise(&self, actor: &Actor, medecin_traitant: bool) {
        let patient = if *actor == official_doctor() { official_patient() } else { marie() };
        let Command::Authorise(mut authorise) = authorise(actor) else { panic!("an authorisation") };
        authorise.medecin_traitant = medecin_traitant;
        self.run(&patient, Command::Authorise(authorise)).await;
    }
}

fn own(actor: &Actor) -> Ins {
    match actor {
        Actor::Patient { ins } => ins.clone(),
        _ => ins(MARIE),
    }
}

fn opening(
    ins: Ins,
    traits: Traits,
    contact: Contact,
    representatives: Vec<Representative>,
    emergency: Emergency,
) -> Command {
    let consent = ConsentProof {
        collected_by: "le patient".into(),
        means: "formulaire".into(),
        at: Time::default(),
        information: None,
    };
    let (consent, channel) = (Some(consent), Channel::Web);
    Command::Open(Box::new(Open { ins, traits, contact, representatives, consent, channel, emergency }))
}

pub(crate) fn traits(birth_name: &str, used_name: Option<&str>, given_names: &str) -> Traits {
    Traits {
        birth_name: birth_name.into(),
        given_names: given_names.into(),
        birth_date: "19790328".into(),
        sex: Sex::Male,
        birth_place: String::new(),
        used_name: used_name.map(str::to_owned),
        used_given: None,
    }
}

pub(crate) fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

pub(crate) fn marie() -> Actor {
    Actor::Patient { ins: ins(MARIE) }
}

fn official_patient() -> Actor {
    Actor::Patient { ins: ins(OFFICIAL) }
}

fn person(id: &str, family: &str, profession: &str, structure: &str) -> Professional {
    Professional {
        id: PsId::parse(id).unwrap(),
        name: PersonName { family: family.into(), given: "Camille".into() },
        profession: profession.into(),
        speciality: (profession == "10").then(|| "SM26".to_owned()),
        structure: StructureId::parse(structure),
        structure_name: Some("Cabinet des Essais".into()),
        sector: Some("SA07".into()),
        auth: Auth::Direct,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: Some("Logiciel d'essai".into()),
    }
}

pub(crate) fn doctor() -> Actor {
    Actor::Professional(Box::new(person(DOCTOR, "MARTIN", "10", PRACTICE)))
}

pub(crate) fn doctor_in(mode: Mode) -> Actor {
    Actor::Professional(Box::new(Professional { mode, ..person(DOCTOR, "MARTIN", "10", PRACTICE) }))
}

pub(crate) fn dentist() -> Actor {
    Actor::Professional(Box::new(person(DENTIST, "ROUX", "40", "499900000025001")))
}

/// The doctor of the official messages.
pub(crate) fn official_doctor() -> Actor {
    Actor::Professional(Box::new(person(OFFICIAL_DOCTOR, "MAX", "10", "499900063480001")))
}

pub(crate) fn secretary() -> Actor {
    Actor::Employee(Employee {
        id: PsId::parse("499900000017001/SEC01").unwrap(),
        name: PersonName { family: "BLANC".into(), given: "Sacha".into() },
        structure: StructureId::parse(PRACTICE).unwrap(),
        structure_name: Some("Cabinet des Essais".into()),
        reinforced_indirect: false,
    })
}

pub(crate) fn structure() -> Actor {
    Actor::Structure(StructureActor {
        id: StructureId::parse("1750100125").unwrap(),
        name: Some("Hôpital des Essais".into()),
        regulation: false,
    })
}

fn grantee(actor: &Actor) -> Grantee {
    match actor.professional() {
        Some(p) => Grantee::Professional(p.id.clone()),
        None => Grantee::Structure(actor.structure().unwrap().clone()),
    }
}

/// The patient authorises somebody.
pub(crate) fn authorise(actor: &Actor) -> Command {
    let label = crate::status::oneself(actor).and_then(|(_, label)| label);
    Command::Authorise(Box::new(Authorise {
        who: grantee(actor),
        label,
        until: None,
        medecin_traitant: false,
        profession: None,
    }))
}

/// The patient blocks somebody.
pub(crate) fn block(actor: &Actor) -> Command {
    Command::Block { who: grantee(actor), label: None }
}

/// The patient opposes every access in an emergency.
pub(crate) fn oppose_emergencies() -> Command {
    Command::SetEmergency(Emergency {
        bris_de_glace_opposed: true,
        samu_opposed: true,
        masked_readable: false,
    })
}
