//! A face on a fresh SQLite store, a clock that tests move, and the people who call.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use axum::Router;
use axum::body::Body;
use dmp_dossier::{
    Actor, Auth, Card, Channel, Employee, Ins, InsOid, Mode, Parameters, PersonName, Professional, PsId,
    ReceptionAgent, StructureId, Time,
};
use dmp_fhir::{Fhir, RequestId};
use dmp_keys::FileCustody;
use dmp_nomenclature::Matrix;
use dmp_store::{Ambient, Quotas, SqliteEngine, Store, StoreConfig};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tower::ServiceExt;
use uuid::Uuid;

pub const INS_SYSTEM: &str = "urn:oid:1.2.250.1.213.1.4.10";
pub const MARIE: &str = "284073523811416";
pub const LEO: &str = "118033523802725";
pub const MARTIN: &str = "899900000017";
pub const ROUX: &str = "899900000025";
pub const CABINET: &str = "499900000017001";

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
    router: Router,
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
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// `issue.code` and `details.text` of an OperationOutcome.
    pub fn issue(&self) -> (String, String) {
        let json = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&json["issue"][0]["code"]), text(&json["issue"][0]["details"]["text"]))
    }
}

impl World {
    pub async fn new() -> World {
        World::with(Parameters::default()).await
    }

    pub async fn with(parameters: Parameters) -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("dmp-fhir-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let clock = Arc::new(Clock { now: AtomicI64::new(START), ids: AtomicU64::new(1) });
        let config = StoreConfig {
            engine: Arc::new(SqliteEngine::open(&directory).unwrap()),
            custody: Arc::new(FileCustody::create(&directory.join("keys")).unwrap()),
            ambient: Arc::clone(&clock) as Arc<dyn Ambient>,
            parameters,
            matrix: Matrix::builtin(),
            quotas: Quotas::unlimited(),
        };
        let store = Store::new(config).await.unwrap();
        let fhir = Fhir::new(store, "http://127.0.0.1:8080/fhir");
        World { router: dmp_fhir::router(Arc::new(fhir)), clock, directory }
    }

    /// Lets time pass.
    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.now.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    /// Sends a request a second after the last one; a JSON body goes as FHIR.
    pub async fn send(&self, actor: &Actor, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let content_type = body.map(|_| "application/fhir+json");
        let bytes = body.map(Value::to_string).unwrap_or_default();
        self.send_as(Some(actor), method, path, content_type, bytes).await
    }

    /// A search whose unknown parameters are errors.
    pub async fn get_strictly(&self, actor: &Actor, path: &str) -> Reply {
        let mut request = Request::get(format!("/fhir{path}")).header("prefer", "handling=strict");
        request.extensions_mut().unwrap().insert(actor.clone());
        self.answer(request.body(Body::empty()).unwrap()).await
    }

    pub async fn send_as(
        &self,
        actor: Option<&Actor>,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        body: String,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/fhir{path}"));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        if let Some(actor) = actor {
            request.extensions_mut().insert(actor.clone());
        }
        self.answer(request).await
    }

    /// A request with these headers and bytes.
    pub async fn request(
        &self,
        actor: &Actor,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/fhir{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(actor.clone());
        self.answer(request).await
    }

    async fn answer(&self, mut request: Request<Body>) -> Reply {
        self.clock.now.fetch_add(1_000, Ordering::Relaxed);
        request.extensions_mut().insert(RequestId(self.clock.fresh()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub async fn get(&self, actor: &Actor, path: &str) -> Reply {
        self.send(actor, "GET", path, None).await
    }

    pub async fn post(&self, actor: &Actor, path: &str, body: &Value) -> Reply {
        self.send(actor, "POST", path, Some(body)).await
    }

    /// Opens Marie's record, by a reception desk.
    pub async fn open_marie(&self) {
        let reply = self.post(&desk(), "/Patient/$open", &opening(marie())).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
}

pub fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

pub fn patient(value: &str) -> Actor {
    Actor::Patient { ins: ins(value) }
}

fn person(id: &str, family: &str, profession: &str, structure: Option<&str>) -> Professional {
    Professional {
        id: PsId::parse(id).unwrap(),
        name: PersonName { family: family.into(), given: "Camille".into() },
        profession: profession.into(),
        speciality: None,
        structure: structure.map(|s| StructureId::parse(s).unwrap()),
        structure_name: structure.map(|_| "Cabinet des Essais".into()),
        sector: None,
        auth: Auth::Direct,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: Some("Logiciel d'essai".into()),
    }
}

pub fn dr_martin() -> Actor {
    let mut p = person(MARTIN, "MARTIN", "10", Some(CABINET));
    p.speciality = Some("SM54".into());
    Actor::Professional(Box::new(p))
}

pub fn dr_roux() -> Actor {
    Actor::Professional(Box::new(person(ROUX, "ROUX", "40", None)))
}

/// Dr Roux in an emergency.
pub fn dr_roux_in(mode: Mode) -> Actor {
    let mut p = person(ROUX, "ROUX", "40", None);
    p.mode = mode;
    Actor::Professional(Box::new(p))
}

pub fn secretary() -> Actor {
    Actor::Employee(Employee {
        id: PsId::parse("499900000017001/SEC01").unwrap(),
        name: PersonName { family: "BLANC".into(), given: "Sacha".into() },
        structure: StructureId::parse(CABINET).unwrap(),
        structure_name: Some("Cabinet des Essais".into()),
        reinforced_indirect: false,
    })
}

pub fn desk() -> Actor {
    Actor::ReceptionAgent(ReceptionAgent {
        id: "agent-7".into(),
        organisation: "CPAM de l'Isère".into(),
        channel: Channel::Cpam,
    })
}

/// Marie as `$open` receives her.
pub fn marie() -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": INS_SYSTEM, "value": MARIE}],
        "name": [{"use": "official", "family": "DURAND", "given": ["MARIE", "JEANNE"]},
                 {"use": "usual", "family": "MARTIN"}],
        "gender": "female",
        "birthDate": "1984-07-12",
        "telecom": [{"system": "email", "value": "marie@example.fr"}]
    })
}

/// Leo, eight years old, whom Marie acts for.
pub fn leo() -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": INS_SYSTEM, "value": LEO}],
        "name": [{"use": "official", "family": "MARTIN", "given": ["LEO"]}],
        "gender": "male",
        "birthDate": "2018-03-12",
        "contact": [{
            "extension": [{
                "url": "https://interop.esante.gouv.fr/ig/fhir/dmp/StructureDefinition/dmp-identifiant-personne",
                "valueIdentifier": {"system": INS_SYSTEM, "value": MARIE}
            }],
            "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}]}],
            "name": {"family": "DURAND", "given": ["MARIE"]}
        }]
    })
}

/// Parameters of `$open`, consent given at a desk of the CPAM.
pub fn opening(patient: Value) -> Value {
    json!({
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "resource": patient},
            {"name": "consent", "valueBoolean": true},
            {"name": "consent-collected-by", "valueString": "Agent d'accueil"},
            {"name": "consent-means", "valueString": "oral"},
            {"name": "channel", "valueCode": "cpam"}
        ]
    })
}

/// Parameters without a Patient: name and value[x].
pub fn parameters(values: &[(&str, &str, Value)]) -> Value {
    let parameter: Vec<Value> =
        values.iter().map(|(name, key, value)| json!({"name": name, *key: value})).collect();
    json!({"resourceType": "Parameters", "parameter": parameter})
}

/// `system|value` of an INS, percent-encoded.
pub fn by_ins(value: &str) -> String {
    format!("{INS_SYSTEM}%7C{value}")
}

/// The extension with that last part of its URL.
pub fn extension<'v>(resource: &'v Value, end: &str) -> Option<&'v Value> {
    let all = resource["extension"].as_array()?;
    all.iter().find(|e| e["url"].as_str().is_some_and(|url| url.ends_with(end)))
}
