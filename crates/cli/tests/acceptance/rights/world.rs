//! The demo, who acts in it, and every line that their acts leave in Marie's journal.

use super::story::{id_of, journal, line, pages, told};
use crate::common::lot::{AUTHOR, BIRTH, INS, PS, REFERENCE};
use crate::common::{Answer, Demo, Document, Lot, Patient, Request};
use crate::tools::{dmp, resources, unique_id};
use dmp_dossier::{Act, Reason, Time};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub const MARIE: &str = "284073523811416";
pub const LEO: &str = "118033523802725";
const VISIBILITY: &str =
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument";

/// Somebody with a token.
pub struct Caller {
    /// National identifier, as the journal names them; `patient` for the patient, whom it names by no identifier.
    pub id: String,
    /// Access mode of the session.
    mode: &'static str,
    /// Reason of a bris de glace.
    reason: &'static str,
    pub token: String,
}

impl Caller {
    /// Somebody whose acts are not looked for in Marie's journal.
    pub fn of(token: String) -> Self {
        Caller { id: String::new(), mode: "", reason: "", token }
    }
}

/// A document that a test deposited.
pub struct Deposited {
    pub ins: &'static str,
    /// Of the DocumentReference and of the Binary.
    pub id: String,
    pub unique_id: String,
    pub bytes: Vec<u8>,
}

/// What somebody gets of one document: by searching its dossier, by its address, and of its bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Sight {
    /// Found, read, and its bytes given.
    Whole,
    /// Found and read, its bytes not found.
    Metadata,
    /// The search finds nothing; read and bytes are not found.
    Absent,
    /// The search is refused, with that sentence; read and bytes are not found, or refused with the same one.
    Refused(String),
    /// The three do not agree.
    Torn(String),
}

/// The sight of who is refused the dossier.
pub fn refused(reason: Reason) -> Sight {
    Sight::Refused(reason.answer().french.to_owned())
}

pub struct World {
    pub demo: Demo,
    pub marie: Caller,
    /// Author of the documents that tests deposit, authorised by Marie.
    pub author: Caller,
    /// Médecin traitant of Marie and of Léo.
    pub martin: Caller,
    /// A nurse and a dentist, authorised by Marie.
    pub petit: Caller,
    pub roux: Caller,
    /// Identifiers of the personas, by key.
    personas: Value,
    number: Cell<u32>,
    /// Lines of Marie's journal before the tests.
    before: BTreeSet<String>,
    /// Lines that the acts of the tests must have left in it, the oldest first.
    expected: RefCell<Vec<String>>,
}

impl World {
    pub fn new() -> Self {
        let demo = Demo::start_with(&["--dossiers", "20", "--seed", "1"]);
        let personas = demo.send(&Request::get("/demo/personas.json")).json();
        let marie = patient(&demo, MARIE);
        let author = Caller { id: AUTHOR.to_owned(), mode: "", reason: "", token: demo.doctor(AUTHOR) };
        let before = journal(&demo, &marie.token).iter().map(id_of).collect();
        let of = |key: &str| persona_of(&demo, &personas, key, &[]);
        let (martin, petit, roux) = (of("dr-martin"), of("ide-petit"), of("dr-roux"));
        let world = World {
            demo,
            marie,
            author,
            martin,
            petit,
            roux,
            personas,
            number: Cell::new(0),
            before,
            expected: RefCell::default(),
        };
        // Reading the journal is an act as well: its first page tells of itself, the others came after.
        for _ in 1..pages(world.before.len()) {
            world.expect(&world.marie, Act::ReadJournal, true, &[]);
        }
        for caller in [&world.author, &world.petit, &world.roux] {
            world.marie_permits(&caller.id);
        }
        world
    }

    /// A persona, with more arguments of `dmp token`.
    pub fn persona(&self, key: &str, arguments: &[&'static str]) -> Caller {
        persona_of(&self.demo, &self.personas, key, arguments)
    }

    /// The national identifier of a persona.
    pub fn id(&self, key: &str) -> String {
        id_of_persona(&self.personas, key)
    }

    pub fn patient(&self, ins: &'static str) -> Caller {
        patient(&self.demo, ins)
    }

    /// A general practitioner of that identifier.
    pub fn doctor(&self, id: &str) -> Caller {
        Caller { id: id.to_owned(), mode: "", reason: "", token: self.demo.doctor(id) }
    }

    /// A number that no other document of the tests has.
    pub fn number(&self) -> u32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// A synthesis of Marie.
    pub fn synthese(&self) -> Document {
        let marie = Patient { ins: MARIE, family: "", given: "" };
        Document::synthese(marie, self.number()).edit(&BIRTH.replace('-', ""), "19840712")
    }

    /// Deposits a document as its author does, with a visibility or none (`""`).
    pub fn deposit(&self, by: &Caller, document: &Document, visibility: &str) -> Deposited {
        let mut lot = Lot::of(std::slice::from_ref(document));
        if !visibility.is_empty() {
            let normal = lot.0["entry"][REFERENCE]["resource"]["securityLabel"][0].clone();
            lot = lot.set(REFERENCE, "/securityLabel", json!([normal, label(visibility)]));
        }
        let answer = lot.send(&self.demo, &by.token);
        assert_eq!(answer.status, 200, "deposit: {}", answer.brief());
        let location = answer.json()["entry"][REFERENCE]["response"]["location"].as_str().unwrap().to_owned();
        let id = location.split("DocumentReference/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let deposited = Deposited {
            ins: document.patient.ins,
            id,
            unique_id: document.unique_id.clone(),
            bytes: document.bytes.clone(),
        };
        if deposited.ins == MARIE {
            self.expect(by, Act::Feed, true, &[&deposited.unique_id]);
        }
        deposited
    }

    /// Deposits a document that a patient wrote, with `dmp publish`.
    pub fn publish_own(&self, by: &Caller, document: &Document) -> Deposited {
        let file = self.demo.dir.join("own.xml");
        std::fs::write(&file, &document.bytes).unwrap();
        let url = format!("http://{}", self.demo.authority);
        let run = dmp(["publish", "--url", &url, "--token", &by.token, file.to_str().unwrap()]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let path = format!("/fhir/DocumentReference?identifier=urn:oid:{}", document.unique_id);
        let found = resources(&self.demo, &path, &by.token);
        Deposited {
            ins: document.patient.ins,
            id: found[0]["id"].as_str().unwrap().to_owned(),
            unique_id: unique_id(&found[0]),
            bytes: document.bytes.clone(),
        }
    }

    /// Deposits a synthesis of Marie by its author.
    pub fn deposited(&self) -> Deposited {
        self.deposit(&self.author, &self.synthese(), "")
    }

    /// A synthesis of Marie, deposited by its author and masked by her.
    pub fn masked(&self) -> Deposited {
        let document = self.deposited();
        self.marie_patches(&document, Act::Mask);
        document
    }

    /// Marie masks or unmasks.
    pub fn marie_patches(&self, document: &Deposited, act: Act) {
        let patch = match act {
            Act::Mask => json!([{"op": "add", "path": "/securityLabel/-", "value": label("MASQUE_PS")}]),
            _ => json!([{"op": "remove", "path": "/securityLabel/1"}]),
        };
        let request = Request::new("PATCH", &format!("/fhir/DocumentReference/{}", document.id))
            .body("application/json-patch+json", patch.to_string());
        let answer = self.demo.send(&request.bearer(&self.marie.token));
        assert_eq!(answer.status, 200, "{act:?}: {}", answer.brief());
        let masked = answer.json()["securityLabel"].as_array().unwrap().len() == 2;
        assert_eq!(masked, act == Act::Mask, "{}", answer.brief());
        self.expect(&self.marie, Act::FindReference, true, &[&document.unique_id]);
        self.expect(&self.marie, act, true, &[&document.unique_id]);
    }

    /// Marie's Consent about a professional, `provision` being what it gives: `{"type": "permit"}`…
    pub fn marie_decides(&self, professional: &str, provision: Value) {
        let marie = Patient { ins: MARIE, family: "", given: "" };
        let path = format!(
            "/fhir/Consent?patient.identifier={}&actor.identifier={PS}%7C{professional}",
            marie.identifier()
        );
        let denied = provision["type"] == "deny";
        let mut consent = marie.consent(professional, "permit");
        for (key, value) in provision.as_object().unwrap() {
            consent["provision"][key] = value.clone();
        }
        let request = Request::new("PUT", &path).fhir(consent.to_string());
        let answer = self.demo.send(&request.bearer(&self.marie.token));
        assert!(matches!(answer.status, 200 | 201), "{provision}: {}", answer.brief());
        let act = if denied { Act::Block } else { Act::Authorise };
        self.expect(&self.marie, act, true, &[professional]);
    }

    pub fn marie_permits(&self, professional: &str) {
        self.marie_decides(professional, json!({"type": "permit"}));
    }

    pub fn marie_denies(&self, professional: &str) {
        self.marie_decides(professional, json!({"type": "deny"}));
    }

    /// Marie takes an authorisation back.
    pub fn marie_ends(&self, professional: &str) {
        let path = format!(
            "/fhir/Consent?patient.identifier={INS}%7C{MARIE}&actor.identifier={PS}%7C{professional}"
        );
        let answer = self.demo.send(&Request::new("DELETE", &path).bearer(&self.marie.token));
        assert_eq!(answer.status, 204, "{}", answer.brief());
        self.expect(&self.marie, Act::ReadRights, true, &[]);
        self.expect(&self.marie, Act::Authorise, true, &[professional]);
    }

    /// Marie's three switches: opposed to bris de glace, to the SAMU; masked documents in emergency.
    pub fn marie_sets(&self, bris_de_glace_opposed: bool, samu_opposed: bool, masked_readable: bool) {
        let parameter = |name: &str, value: bool| json!({"name": name, "valueBoolean": value});
        let body = json!({"resourceType": "Parameters", "parameter": [
            parameter("opposition-bris-de-glace", bris_de_glace_opposed),
            parameter("opposition-acces-urgence", samu_opposed),
            parameter("masques-en-urgence", masked_readable),
        ]});
        let path = format!("/fhir/Patient/$set-oppositions?identifier={INS}%7C{MARIE}");
        let answer = self.demo.send(&Request::post(&path, body.to_string()).bearer(&self.marie.token));
        assert_eq!(answer.status, 200, "$set-oppositions: {}", answer.brief());
        self.expect(&self.marie, Act::SetEmergency, true, &[]);
    }

    /// What somebody gets of a document.
    pub fn sight(&self, who: &Caller, document: &Deposited) -> Sight {
        let get = |path: &str| self.demo.send(&Request::get(path).bearer(&who.token).header("Accept", "*/*"));
        let search = get(&format!(
            "/fhir/DocumentReference?patient.identifier={INS}%7C{}&_id={}",
            document.ins, document.id
        ));
        let read = get(&format!("/fhir/DocumentReference/{}", document.id));
        let bytes = get(&format!("/fhir/Binary/{}", document.id));
        let sight = sight(document, &search, &read, &bytes);
        if document.ins == MARIE {
            let about = [document.unique_id.as_str()];
            let found = search.json()["total"] == 1;
            self.expect(who, Act::Search, search.status == 200, if found { &about } else { &[] });
            self.expect(who, Act::Search, read.status == 200, &about);
            self.expect(who, Act::Read, bytes.status == 200, &about);
        }
        sight
    }

    /// Everything somebody finds in a dossier.
    pub fn found(&self, who: &Caller, ins: &str) -> Vec<Value> {
        let path = format!("/fhir/DocumentReference?patient.identifier={INS}%7C{ins}&_count=100");
        let found = resources(&self.demo, &path, &who.token);
        if ins == MARIE {
            let ids: Vec<String> = found.iter().map(unique_id).collect();
            let about: Vec<&str> = ids.iter().map(String::as_str).collect();
            for _ in 0..pages(found.len()) {
                self.expect(who, Act::Search, true, &about);
            }
        }
        found
    }

    /// The same, by uniqueId.
    pub fn found_ids(&self, who: &Caller, ins: &str) -> BTreeSet<String> {
        self.found(who, ins).iter().map(unique_id).collect()
    }

    /// Notes a line that Marie must find in her journal, about documents or a person.
    pub fn expect(&self, who: &Caller, act: Act, permitted: bool, about: &[&str]) {
        let line = line(&who.id, who.mode, who.reason, act.as_str(), permitted, about.to_vec());
        self.expected.borrow_mut().push(line);
    }

    /// Marie reads her journal: what the tests did is there, line by line, and nothing else.
    pub fn journal_tells_everything(&self) {
        let lines = journal(&self.demo, &self.marie.token);
        let mut told: Vec<String> =
            lines.iter().filter(|line| !self.before.contains(&id_of(line))).map(told).collect();
        told.reverse();
        // The reading itself, page after page.
        told.truncate(told.len() - 1);
        let expected = self.expected.borrow();
        for (place, (told, expected)) in told.iter().zip(expected.iter()).enumerate() {
            assert_eq!(told, expected, "line {place}");
        }
        assert_eq!(told.len(), expected.len());
    }
}

fn sight(document: &Deposited, search: &Answer, read: &Answer, bytes: &Answer) -> Sight {
    let statuses = (search.status, read.status, bytes.status);
    let found = search.json()["entry"].as_array().map_or(0, Vec::len);
    let same = read.json()["id"] == *document.id;
    match (statuses, found) {
        ((200, 200, 200), 1) if same && bytes.body == document.bytes => Sight::Whole,
        ((200, 200, 404), 1) if same => Sight::Metadata,
        ((200, 404, 404), 0) => Sight::Absent,
        ((403, _, _), 0)
            if [read, bytes].iter().all(|other| silent(other) || says(other) == says(search)) =>
        {
            Sight::Refused(says(search))
        }
        _ => Sight::Torn(format!("{} / {} / {}", search.brief(), read.brief(), bytes.brief())),
    }
}

/// The one answer about what is absent or may not be known of.
fn silent(answer: &Answer) -> bool {
    answer.status == 404 && says(answer) == Reason::UnknownDocument.answer().french
}

/// The sentence of a refusal.
fn says(answer: &Answer) -> String {
    answer.issue()["diagnostics"].as_str().unwrap_or_default().to_owned()
}

pub fn label(code: &str) -> Value {
    json!({"coding": [{"system": VISIBILITY, "code": code}]})
}

pub fn patient(demo: &Demo, ins: &'static str) -> Caller {
    Caller { id: "patient".to_owned(), mode: "", reason: "", token: demo.token(&["--patient", ins]) }
}

fn persona_of(demo: &Demo, personas: &Value, key: &str, arguments: &[&'static str]) -> Caller {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| *argument == name);
        at.map_or("", |at| arguments[at + 1])
    };
    let token = demo.token(&[&["--persona", key], arguments].concat());
    let mode = match value("--mode") {
        "normal" => "",
        "" if key == "dr-kone" => "centre_15",
        mode => mode,
    };
    Caller { id: id_of_persona(personas, key), mode, reason: value("--reason").trim(), token }
}

fn id_of_persona(personas: &Value, key: &str) -> String {
    let persona = personas.as_array().unwrap().iter().find(|persona| persona["name"] == key).unwrap();
    persona["id"].as_str().unwrap().to_owned()
}

/// An instant that many milliseconds from now, as FHIR writes it.
pub fn in_ms(milliseconds: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_millis(i64::try_from(now.as_millis()).unwrap() + milliseconds).to_instant()
}

pub fn wait_ms(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}
