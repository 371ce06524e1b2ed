//! How each endpoint is asked, about a dossier that is there or about none.

use crate::common::browser::{Browser, csrf};
use crate::common::lot::{A07, ALICE, AUTHOR, BIRTH, BRUNE, INS, NOBODY, simplified};
use crate::common::{Answer, Demo, Document, Lot, Patient, Request};
use serde_json::{Value, json};

pub const ABSENT: &str = "00000000-0000-4000-8000-0000000000ff";

/// Tokens of those who ask.
#[derive(Clone)]
pub struct Tokens {
    pub alice: String,
    /// The author of the document, whom Alice authorised.
    pub doctor: String,
    /// May open and publish.
    pub loader: String,
    pub expired: String,
    pub pilot: String,
}

/// What a request is about.
#[derive(Clone)]
pub struct Target {
    pub patient: Patient,
    pub tokens: Tokens,
    document: Document,
    /// Of DocumentReference, List, Consent and Binary.
    ids: [String; 4],
    unique_id: String,
}

impl Target {
    /// Alice's dossier with a document, a lot and a consent to a care team; and the token of another patient.
    pub fn of_alice(demo: &Demo) -> (Self, String) {
        let loader = demo.token(&["--loader"]);
        for patient in [ALICE, BRUNE] {
            patient.open(demo, &loader);
        }
        let alice = ALICE.token(demo);
        ALICE.decide(demo, &alice, AUTHOR, "permit");
        let document = Document::synthese(ALICE, 1);
        let doctor = demo.doctor(AUTHOR);
        let published = Lot::of(std::slice::from_ref(&document)).send(demo, &doctor);
        assert_eq!(published.status, 200, "{}", published.brief());
        let first = |path: &str| {
            let found = demo.get(&format!("{path}?patient.identifier={}", ALICE.identifier()), &alice).json();
            found["entry"][0]["resource"].clone()
        };
        let id =
            |resource: &Value| resource["id"].as_str().unwrap_or_else(|| panic!("{resource}")).to_owned();
        let reference = first("/fhir/DocumentReference");
        let url = reference["content"][0]["attachment"]["url"].as_str().unwrap();
        let binary = url.rsplit('/').next().unwrap().to_owned();
        let consent = Request::post("/fhir/Consent", ALICE.team_consent(AUTHOR).to_string()).bearer(&alice);
        let consent = demo.send(&consent);
        assert_eq!(consent.status, 201, "{}", consent.brief());
        let ids = [id(&reference), id(&first("/fhir/List")), id(&consent.json()), binary];
        let (expired, pilot) = (expired(demo), demo.persona("pilote"));
        let tokens = Tokens { alice, doctor, loader, expired, pilot };
        let unique_id = document.unique_id.clone();
        (Target { patient: ALICE, tokens, document, ids, unique_id }, BRUNE.token(demo))
    }

    /// The same questions about a patient who has no dossier.
    pub fn absent(&self) -> Self {
        let absent = |id: &String| {
            // A Binary may be named by more than a UUID.
            if id.len() > 36 { id.replace(&id[..36], ABSENT) } else { ABSENT.to_owned() }
        };
        Target {
            patient: NOBODY,
            tokens: self.tokens.clone(),
            document: Document::synthese(NOBODY, 2),
            ids: self.ids.each_ref().map(absent),
            unique_id: "1.2.250.1.999.7.999999".to_owned(),
        }
    }

    /// What no refusal may say: what its reader did not send, and what no refusal repeats.
    pub fn secrets(&self) -> Vec<String> {
        // Not the year alone: four digits also come by chance in the identifier of a request.
        ["ESSAI", "Synthèse médicale", "1970-01", "197001", "15/01/1970", "LIBRE"].map(str::to_owned).into()
    }

    /// An answer without what the sender named.
    pub fn told(&self, answer: &Answer) -> (u16, String) {
        let named = self.ids.iter().map(String::as_str).chain([
            self.patient.ins,
            self.patient.given,
            &self.unique_id,
            &self.document.unique_id,
        ]);
        let text = named.fold(answer.text(), |text, name| text.replace(name, "…"));
        (answer.status, text)
    }
}

/// A token of Alice's that was good yesterday, by the demo's own issuer.
fn expired(demo: &Demo) -> String {
    use dmp_server::tokens::TestIssuer;
    let issuer = TestIssuer::open(&demo.data().join(dmp_server::config::ISSUER_FILE)).unwrap();
    let ins = dmp_dossier::Ins::parse(ALICE.ins, dmp_dossier::InsOid::Test).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let yesterday = i64::try_from(now.as_millis()).unwrap() - 86_400_000;
    let at = dmp_dossier::Time::from_millis(yesterday);
    issuer.mint(&dmp_dossier::Actor::Patient { ins }, at, 60).unwrap()
}

/// The claims of a good token under `alg: none`.
pub fn unsigned(token: &str) -> String {
    use base64::Engine as _;
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{head}.{}.", token.split('.').nth(1).unwrap())
}

/// The request of an endpoint that answers to a token.
pub fn with_token(endpoint: &str, target: &Target) -> Request {
    let Target { patient, ids: [document, list, consent, binary], .. } = target;
    let of_patient = format!("patient.identifier={}", patient.identifier());
    let actor = format!("{of_patient}&actor.identifier=urn:oid:1.2.250.1.71.4.2.1%7C{AUTHOR}");
    let form =
        |path: &str, form: &str| Request::new("POST", path).body("application/x-www-form-urlencoded", form);
    let operation = |path: &str, parameters: Value| {
        let ins =
            json!({"name": "patient-identifier", "valueIdentifier": {"system": INS, "value": patient.ins}});
        let mut all = vec![ins];
        all.extend(parameters.as_array().cloned().unwrap_or_default());
        Request::post(path, json!({"resourceType": "Parameters", "parameter": all}).to_string())
    };
    let patch = |path: &str| {
        let mask = json!([{
            "op": "add",
            "path": "/securityLabel/-",
            "value": {"coding": [{"system": A07, "code": "MASQUE_PS"}]},
        }]);
        Request::new("PATCH", path).body("application/json-patch+json", mask.to_string())
    };
    let (method, path) = endpoint.split_once(' ').unwrap();
    match endpoint {
        "POST /fhir" => Lot::of(std::slice::from_ref(&target.document)).to_request(),
        "POST /fhir/" => Request::post(path, Lot::of(std::slice::from_ref(&target.document)).0.to_string()),
        "GET /fhir/DocumentReference" | "GET /fhir/List" | "GET /fhir/AuditEvent" | "GET /fhir/Consent" => {
            Request::get(&format!("{path}?{of_patient}"))
        }
        "POST /fhir/DocumentReference/_search"
        | "POST /fhir/List/_search"
        | "POST /fhir/AuditEvent/_search"
        | "POST /fhir/Consent/_search" => form(path, &of_patient),
        "GET /fhir/Patient" => Request::get(&format!("{path}?identifier={}", patient.identifier())),
        "POST /fhir/Patient/_search" => form(path, &format!("identifier={}", patient.identifier())),
        "POST /fhir/DocumentReference" => Request::post(path, simplified(&target.document).to_string()),
        "PATCH /fhir/DocumentReference" => {
            patch(&format!("{path}?{of_patient}&identifier=urn:ietf:rfc:3986%7Curn:oid:{}", target.unique_id))
        }
        "GET /fhir/DocumentReference/{id}" => Request::get(&path.replace("{id}", document)),
        "PATCH /fhir/DocumentReference/{id}" => patch(&path.replace("{id}", document)),
        "GET /fhir/List/{id}" => Request::get(&path.replace("{id}", list)),
        "GET /fhir/Binary/{id}" => Request::get(&path.replace("{id}", binary)).header("Accept", "text/xml"),
        "PUT /fhir/Consent" => Request::new(method, &format!("{path}?{actor}"))
            .fhir(patient.consent(AUTHOR, "permit").to_string()),
        "DELETE /fhir/Consent" => Request::new(method, &format!("{path}?{actor}")),
        "POST /fhir/Consent" => Request::post(path, patient.team_consent(AUTHOR).to_string()),
        "DELETE /fhir/Consent/{id}" => {
            Request::new(method, &format!("{}?{of_patient}", path.replace("{id}", consent)))
        }
        "POST /fhir/Patient/$open" => Request::post(path, patient.opening().to_string()),
        "POST /fhir/Patient/$set-oppositions" => {
            operation(path, json!([{"name": "opposition-bris-de-glace", "valueBoolean": true}]))
        }
        "POST /fhir/Patient/$close" => {
            operation(path, json!([{"name": "reason", "valueCode": "FERMETURE_DEMANDE_PATIENT"}]))
        }
        "POST /fhir/Patient/$reactivate" => {
            let text = |name: &str, value: &str| json!({"name": name, "valueString": value});
            operation(
                path,
                json!([
                    {"name": "consent", "valueBoolean": true},
                    text("consent-collected-by", "accueil"),
                    text("consent-means", "oral"),
                ]),
            )
        }
        "POST /api/explain" => {
            let question = json!({"ins": patient.ins, "as": "dr-martin"});
            Request::new(method, path).body("application/json", question.to_string())
        }
        "POST /api/export" => {
            Request::new(method, path).body("application/json", json!({"ins": patient.ins}).to_string())
        }
        other => panic!("{other}: say here how it is asked"),
    }
}

/// Marie's pages, and sessions of others.
pub struct Pages {
    /// Reference of her dossier in addresses.
    pub dossier: String,
    /// Id of one of her documents, which holds a file.
    pub document: String,
    pub pilot: String,
    pub other: String,
    pub token: String,
    /// Who may, on this or that page: the cookie, and the reference that Marie's dossier has for them.
    pub cast: Vec<(String, String)>,
}

impl Pages {
    pub fn of_marie(demo: &Demo) -> Self {
        let cookie = demo.sign_in("marie");
        let home = demo.send(&Request::get("/").header("Cookie", &cookie));
        let address = home.header("location").unwrap_or_else(|| panic!("no dossier: {}", home.brief()));
        let token = demo.persona("marie");
        let marie = Patient { ins: "284073523811416", family: "", given: "" };
        let found = demo.get(&format!("/fhir/Patient?identifier={}", marie.identifier()), &token).json();
        let birth = found["entry"][0]["resource"]["birthDate"].as_str().unwrap().replace('-', "");
        let report = Document::pdf(marie, 3).edit(&BIRTH.replace('-', ""), &birth);
        let published = Lot::of(&[report]).send(demo, &demo.doctor(AUTHOR));
        let document = published.published_id();
        let cast = vec![
            (cookie, address.strip_prefix("/dossier/").unwrap().to_owned()),
            of_professional(demo, "dr-martin"),
            (demo.sign_in("referente-hopital"), String::new()),
            (demo.sign_in("agent-pharmacie"), String::new()),
            (demo.sign_in("camille"), String::new()),
        ];
        Pages {
            dossier: address.strip_prefix("/dossier/").unwrap().to_owned(),
            document,
            pilot: demo.sign_in("pilote"),
            other: demo.sign_in("dr-roux"),
            token,
            cast,
        }
    }

    /// What no refusal may say.
    pub fn secrets(&self) -> Vec<String> {
        // Not the year alone: four digits also come by chance in the token of a session.
        ["284073523811416", "12/07/1984", "juillet 1984"].map(str::to_owned).into()
    }

    /// A page without what the sender named and without the token of its session's forms.
    pub fn told(&self, answer: &Answer) -> (u16, String) {
        let mut kept = answer.without_csrf();
        for name in [self.dossier.as_str(), &self.document, "AAAAAAAAAAAA", ABSENT] {
            kept = kept.replace(name, "…");
        }
        (answer.status, kept)
    }
}

/// The session of a professional, and Marie's dossier as they find it.
fn of_professional(demo: &Demo, persona: &str) -> (String, String) {
    let mut browser = Browser::new(&demo.authority).with(&demo.sign_in(persona));
    let csrf = csrf(&browser.get("/").text());
    let found = browser.post("/dossier", &format!("csrf={csrf}&ins=284073523811416&acces=normal"));
    let address = browser.next(&found).unwrap_or_else(|| panic!("no dossier: {}", found.brief()));
    (browser.session().unwrap(), address.strip_prefix("/dossier/").unwrap().to_owned())
}

/// The request of a page.
pub fn with_session(endpoint: &str, dossier: &str, document: &str, demo: &Demo) -> Request {
    let (method, path) = endpoint.split_once(' ').unwrap();
    let named = [
        ("{reference}", dossier),
        ("{lid}", document),
        ("{number}", "1"),
        ("{kind}", "allergie"),
        ("{deed}", "masquer"),
        ("{draft}", ABSENT),
        ("{case}", ABSENT),
        ("{page}", "Documents"),
        ("{ins}", "284073523811416"),
        ("{waiting}", "AAAA"),
    ];
    let path = named.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    let request = Request::new(method, &path);
    match method {
        "GET" => request,
        _ => request
            .body("application/x-www-form-urlencoded", "csrf=x&ins=284073523811416&mots=asthme&motif=test")
            .header("Origin", &format!("http://{}", demo.authority)),
    }
}
