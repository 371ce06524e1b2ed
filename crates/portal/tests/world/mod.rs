//! The pages on a fresh SQLite store, a clock that tests move, and the people who look.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

pub mod services;

use aws_lc_rs::digest;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use dmp_cda::{Cda, Intake};
use dmp_dossier::{
    Actor, App, AppPurpose, Auth, AuthorId, Authorise, Card, Channel, Command, ConsentProof, Contact,
    DocumentDraft, DocumentRef, DocumentUid, Dtm, Emergency, Employee, Grantee, GranteeLabel, Ins, InsOid,
    Lid, Mode, Open, Parameters, PersonName, Professional, PsId, Publish, Receipt, ReceptionAgent, Relation,
    Representative, Sex, StructureId, SubmissionSetMetadata, Time, Traits, Visibility,
};
use dmp_keys::FileCustody;
use dmp_nomenclature::{Matrix, TypeCode};
use dmp_portal::{Portal, Profile, Viewer};
use dmp_store::{Ambient, Content, Quotas, SqliteEngine, Store, StoreConfig, Target};
use http_body_util::BodyExt;
use services::TestServices;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tower::ServiceExt;
use uuid::Uuid;

pub const MARIE: &str = "284073523811416";
pub const LEO: &str = "118033523802725";
pub const CSRF: &str = "0123456789abcdef";

/// 2026-11-21T10:00:00Z.
const START: i64 = 1_795_255_200_000;

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

pub struct World {
    pub store: Store,
    pub router: Router,
    /// Codes, messages and cards.
    pub services: Arc<TestServices>,
    clock: Arc<Clock>,
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// An answer.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// The body as it was sent.
    pub bytes: Bytes,
}

impl Reply {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Where a redirection goes.
    pub fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.body);
        self.header("location").to_owned()
    }

    /// The text of the page, tags left out and spaces made one.
    pub fn text(&self) -> String {
        let body = self.body.split_once("<main").map_or(self.body.as_str(), |(_, main)| main);
        let mut text = String::new();
        let mut inside = true;
        for c in body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                c if !inside => text.push(c),
                _ => {}
            }
        }
        let text =
            text.replace("&#39;", "'").replace("&#34;", "\"").replace("&nbsp;", " ").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl World {
    pub async fn new() -> World {
        World::with_quotas(Quotas::unlimited()).await
    }

    /// A store that counts, and refuses beyond.
    pub async fn with_quotas(quotas: Quotas) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("dmp-portal-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let clock = Arc::new(Clock { now: AtomicI64::new(START), ids: AtomicU64::new(1) });
        let config = StoreConfig {
            engine: Arc::new(SqliteEngine::open(&directory).unwrap()),
            custody: Arc::new(FileCustody::create(&directory.join("keys")).unwrap()),
            ambient: Arc::clone(&clock) as Arc<dyn Ambient>,
            parameters: Parameters { author_structure: false, ..Parameters::default() },
            matrix: Matrix::builtin(),
            quotas,
        };
        let store = Store::new(config).await.unwrap();
        let services = Arc::new(TestServices::default());
        let portal = Portal::new(store.clone(), &[7; 32], "/entrer", None)
            .with_services(Arc::clone(&services) as Arc<dyn dmp_portal::Services>);
        let router = dmp_portal::router(Arc::new(portal));
        World { store, router, services, clock, directory }
    }

    /// Marie's dossier, opened at a desk, with Dr Martin as médecin traitant and the optician authorised, and Léo's.
    pub async fn with_marie() -> World {
        World::new().await.opened().await
    }

    /// The same dossiers in a store that was just made.
    pub async fn opened(self) -> World {
        let world = self;
        world.open(MARIE, "DURAND", "MARIE JEANNE", "19840712", Sex::Female, None).await;
        world.open(LEO, "MARTIN", "LEO", "20180312", Sex::Male, Some(MARIE)).await;
        for (who, medecin_traitant) in [(dr_martin(), true), (optician(), false)] {
            let Actor::Professional(p) = &who.actor else { unreachable!() };
            let who = Grantee::Professional(p.id.clone());
            let label = GranteeLabel {
                who: who.clone(),
                name: format!("Dr {} {}", p.name.given, p.name.family),
                profession: Some(p.profession.clone()),
                speciality: p.speciality.clone(),
            };
            let authorise = Authorise {
                who,
                label: Some(label),
                until: None,
                medecin_traitant,
                profession: Some(p.profession.clone()),
            };
            world.execute(&marie().actor, MARIE, Command::Authorise(Box::new(authorise)), Vec::new()).await;
        }
        world
    }

    async fn open(
        &self,
        number: &str,
        family: &str,
        given: &str,
        born: &str,
        sex: Sex,
        parent: Option<&str>,
    ) {
        let proof = ConsentProof {
            collected_by: "Agent d'accueil".into(),
            means: "oral".into(),
            at: self.store.now(),
            information: None,
        };
        let representatives = parent.map(|person| Representative {
            person: Some(person.into()),
            name: "DURAND".into(),
            given: "Marie".into(),
            relation: Relation::Parent,
            contact: Contact::default(),
            since: self.store.now(),
            until: None,
        });
        let open = Open {
            ins: ins(number),
            traits: Traits {
                birth_name: family.into(),
                given_names: given.into(),
                birth_date: born.into(),
                sex,
                birth_place: "35238".into(),
                used_name: None,
                used_given: None,
            },
            contact: Contact::default(),
            representatives: representatives.into_iter().collect(),
            consent: Some(proof),
            channel: Channel::Cpam,
            emergency: Emergency::default(),
        };
        self.execute(&desk().actor, number, Command::Open(Box::new(open)), Vec::new()).await;
    }

    pub async fn execute(
        &self,
        actor: &Actor,
        number: &str,
        command: Command,
        contents: Vec<Content>,
    ) -> Receipt {
        self.wait_seconds(1);
        let target = Target::Patient(ins(number));
        self.store.execute(actor, target, command, contents, Uuid::new_v4()).await.unwrap()
    }

    /// Publishes one of our documents in Marie's dossier under a type; its text can be edited first.
    pub async fn publish(
        &self,
        file: &str,
        type_code: &str,
        visibility: Visibility,
        edit: impl FnOnce(String) -> String,
    ) -> Lid {
        let loader = Actor::App(App { name: "chargement".into(), purpose: AppPurpose::Loader });
        self.publish_as(&loader, MARIE, (file, type_code), visibility, None, edit).await
    }

    /// Publishes one of our documents, a file under a type, in a dossier.
    pub async fn publish_as(
        &self,
        actor: &Actor,
        dossier: &str,
        (file, type_code): (&str, &str),
        visibility: Visibility,
        replaces: Option<DocumentRef>,
        edit: impl FnOnce(String) -> String,
    ) -> Lid {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cda").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let intake = Intake { now: self.store.now(), realm: self.store.parameters().realm };
        // The gate of deposit is not what is tested here: it reads the text before it is edited.
        let mut metadata = Cda::parse(text.as_bytes()).unwrap().document_entry(&intake).unwrap().metadata;
        let bytes = Bytes::from(edit(text.clone()));
        let cda = Cda::parse(&bytes).unwrap();
        let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bytes);
        metadata.hash.copy_from_slice(sha1.as_ref());
        metadata.size_bytes = bytes.len() as u64;
        metadata.type_code.code = type_code.into();
        metadata.class_code.code = TypeCode::find(type_code).unwrap().class.into();
        if let Actor::Professional(who) = actor {
            metadata.authors[0].person.id = AuthorId::Professional(who.id.clone());
        }
        let number = self.clock.ids.fetch_add(1, Ordering::Relaxed);
        metadata.unique_id = DocumentUid::parse(&format!("1.2.3.{number}")).unwrap();
        let set = SubmissionSetMetadata {
            unique_id: DocumentUid::parse(&format!("1.2.4.{number}")).unwrap(),
            source_id: "1.2.5".into(),
            submission_time: Dtm::from_time(self.store.now()),
            content_type: metadata.class_code.clone(),
            author: None,
            title: None,
            comments: None,
        };
        let draft = DocumentDraft { metadata, declared: None, visibility, release_at: None, replaces };
        let lot = Publish { set, documents: vec![draft], signature: false, patient_ids: Vec::new() };
        let content = Content { text: cda.text(), bytes: bytes.clone() };
        match self.execute(actor, dossier, Command::Publish(Box::new(lot)), vec![content]).await {
            Receipt::Published { documents, .. } => documents[0].lid,
            other => panic!("{other:?}"),
        }
    }

    /// That minute of the day, with identifiers of its own: what is done there in one world and not in another moves neither
    /// the times nor the identifiers of what comes after.
    pub fn at_minute(&self, minute: u32) {
        self.clock.now.store(START + i64::from(minute) * 60_000, Ordering::Relaxed);
        self.clock.ids.store(u64::from(minute) << 32 | 1, Ordering::Relaxed);
    }

    pub fn wait_seconds(&self, seconds: i64) {
        self.clock.now.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub async fn get(&self, viewer: Option<&Viewer>, address: &str) -> Reply {
        self.send(viewer, "GET", address, String::new()).await
    }

    pub async fn post(&self, viewer: Option<&Viewer>, address: &str, form: &str) -> Reply {
        self.send(viewer, "POST", address, form.to_owned()).await
    }

    async fn send(&self, viewer: Option<&Viewer>, method: &str, address: &str, form: String) -> Reply {
        self.wait_seconds(1);
        let mut request = Request::builder()
            .method(method)
            .uri(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        request.extensions_mut().insert(viewer.cloned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    }

    /// Where a professional finds a dossier by its number.
    pub async fn address(&self, viewer: &Viewer, number: &str) -> String {
        self.post(Some(viewer), "/dossier", &format!("csrf={CSRF}&ins={number}&acces=normal"))
            .await
            .location()
    }

    /// Where a patient finds her dossier.
    pub async fn home(&self, viewer: &Viewer) -> String {
        self.get(Some(viewer), "/").await.location()
    }
}

pub fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

fn viewer(actor: Actor, name: &str) -> Viewer {
    Viewer::new(actor, name, "", CSRF.into(), Time::from_millis(START))
}

pub fn marie() -> Viewer {
    let leo = Actor::Representative { of: ins(LEO), person: MARIE.into() };
    Viewer {
        profiles: vec![Profile { actor: leo, name: "Léo Martin".into() }],
        ..viewer(Actor::Patient { ins: ins(MARIE) }, "Marie Durand")
    }
}

fn professional(id: &str, given: &str, family: &str, profession: &str, speciality: Option<&str>) -> Viewer {
    let actor = Professional {
        id: PsId::parse(id).unwrap(),
        name: PersonName { family: family.into(), given: given.into() },
        profession: profession.into(),
        speciality: speciality.map(str::to_owned),
        structure: None,
        structure_name: Some("Cabinet du Port".into()),
        sector: None,
        auth: Auth::Oidc,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: None,
    };
    viewer(Actor::Professional(Box::new(actor)), &format!("{given} {family}"))
}

pub fn dr_martin() -> Viewer {
    professional("899900000017", "Paul", "MARTIN", "10", Some("SM26"))
}

pub fn dr_roux() -> Viewer {
    professional("899900000025", "Claire", "ROUX", "40", None)
}

pub fn optician() -> Viewer {
    professional("899900000033", "Luc", "LENOIR", "28", None)
}

pub fn dr_travail() -> Viewer {
    professional("899900000041", "Alain", "TRAVAIL", "10", Some("SM25"))
}

pub fn secretary() -> Viewer {
    let actor = Employee {
        id: PsId::parse("499900000017001/SEC01").unwrap(),
        name: PersonName { family: "BLANC".into(), given: "Sacha".into() },
        structure: StructureId::parse("499900000017001").unwrap(),
        structure_name: Some("Cabinet du Port".into()),
        reinforced_indirect: false,
    };
    viewer(Actor::Employee(actor), "Sacha Blanc")
}

pub fn desk() -> Viewer {
    let actor =
        ReceptionAgent { id: "agent-7".into(), organisation: "CPAM 35".into(), channel: Channel::Cpam };
    viewer(Actor::ReceptionAgent(actor), "Agent 7")
}

impl Reply {
    /// The address of the link that holds this text.
    pub fn link_containing(&self, text: &str) -> String {
        let at = self.body.find(text).unwrap_or_else(|| panic!("no `{text}`"));
        let before = &self.body[..at];
        let href = before.rfind("href=\"").unwrap() + 6;
        match before[href..].split('"').next().unwrap() {
            inner if inner.starts_with('#') => {
                let outer = before[..href - 6].rfind("href=\"").unwrap() + 6;
                before[outer..].split('"').next().unwrap().to_owned()
            }
            address => address.to_owned(),
        }
    }

    /// The address of the style sheet.
    pub fn link_to_css(&self) -> String {
        let at = self.body.find("/assets/page.").unwrap();
        self.body[at..].split('"').next().unwrap().to_owned()
    }
}
