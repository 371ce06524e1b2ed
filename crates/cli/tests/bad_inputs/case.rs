//! A case of the catalogue: what is sent, what must come back, and what must not have happened.

use crate::common::http::exchange_and_look;
use crate::common::lot::{ALICE, AUTHOR, BRUNE, CLAIRE};
use crate::common::{Answer, Demo, Document, Lot, Request};
use crate::lps::{COLLEAGUE, Lps};
use crate::oidc::Relying;
use crate::reader::Reader;
use std::cell::{Cell, OnceCell};
use std::net::TcpListener;
use std::time::Duration;

/// The server and those who speak to it.
pub struct World {
    pub demo: Demo,
    /// Author of the fixtures, authorised by Alice, Brune and Claire.
    pub doctor: String,
    /// A professional nobody authorised.
    pub stranger: String,
    pub alice: String,
    pub brune: String,
    pub marie: Reader,
    /// The software of a professional, on the DMP interface.
    pub lps: Lps,
    /// Nobody may ever connect here: hostile documents name it.
    trap: TcpListener,
    /// A server that takes people from a hostile provider, started by the first row that needs it.
    relying: OnceCell<Relying>,
    number: Cell<u32>,
}

impl World {
    /// Opens the dossiers and deposits what some cases need to find.
    pub fn new() -> Self {
        let demo = Demo::start();
        let lps = Lps::new(&demo);
        let loader = demo.token(&["--loader"]);
        let (alice, brune) = (ALICE.token(&demo), BRUNE.token(&demo));
        let doctor = demo.doctor(AUTHOR);
        for (patient, token) in [(ALICE, &alice), (BRUNE, &brune), (CLAIRE, &CLAIRE.token(&demo))] {
            patient.open(&demo, &loader);
            patient.decide(&demo, token, AUTHOR, "permit");
        }
        ALICE.decide(&demo, &alice, COLLEAGUE, "permit");
        let stranger = demo.doctor("899900000019");
        let marie = Reader::marie(&demo);
        let trap = TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let (relying, number) = (OnceCell::new(), Cell::new(0));
        let world = World { demo, doctor, stranger, alice, brune, marie, lps, trap, relying, number };
        for patient in [ALICE, ALICE, ALICE, BRUNE, CLAIRE] {
            let answer = world.publish(&Document::synthese(patient, world.number()));
            assert_eq!(answer.status, 200, "a plain deposit: {}", answer.brief());
        }
        world
    }

    /// The server that takes people from a hostile provider.
    pub fn relying(&self) -> &Relying {
        self.relying.get_or_init(Relying::start)
    }

    /// Host and port that nobody may connect to.
    pub fn attacker(&self) -> String {
        self.trap.local_addr().unwrap().to_string()
    }

    /// The document, whatever of it led to `attacker.example` now leading to the trap.
    pub fn lure(&self, document: &Document) -> Document {
        let mut document = document.clone();
        if let Ok(text) = std::str::from_utf8(&document.bytes) {
            document.bytes = text.replace("attacker.example", &self.attacker()).into_bytes();
        }
        document
    }

    /// Somebody connected there.
    pub fn was_lured(&self) -> bool {
        self.trap.accept().is_ok()
    }

    /// A number no other document has.
    pub fn number(&self) -> u32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// A fresh, acceptable document of Alice.
    pub fn synthese(&self) -> Document {
        Document::synthese(ALICE, self.number())
    }

    /// A fresh, acceptable imaging report of Alice.
    pub fn pdf(&self) -> Document {
        Document::pdf(ALICE, self.number())
    }

    /// A lot of one fresh document of Alice.
    pub fn lot(&self) -> Lot {
        Lot::of(&[self.synthese()])
    }

    /// Publishes as the doctor.
    pub fn publish(&self, document: &Document) -> Answer {
        Lot::of(&[self.lure(document)]).send(&self.demo, &self.doctor)
    }

    /// Publishes a lot as the doctor.
    pub fn send_lot(&self, lot: &Lot) -> Answer {
        lot.send(&self.demo, &self.doctor)
    }

    /// POST of a body on the base of the FHIR face, as the doctor.
    pub fn post(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send(Request::post("/fhir", body))
    }

    /// Sends as the doctor.
    pub fn send(&self, request: Request) -> Answer {
        self.demo.send(&request.bearer(&self.doctor))
    }

    /// GET as the doctor.
    pub fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path))
    }

    /// ITI-67 on Alice's dossier as the doctor, with these parameters more.
    pub fn search(&self, parameters: &str) -> Answer {
        self.get(&format!("/fhir/DocumentReference?patient.identifier={}{parameters}", ALICE.identifier()))
    }

    /// Sends bytes as they are, and looks whether the server closes.
    pub fn raw(&self, bytes: impl Into<Vec<u8>>) -> Answer {
        exchange_and_look(&self.demo.authority, bytes.into())
    }

    /// A request line and headers after a `Host`, then nothing.
    pub fn raw_get(&self, target: &str, headers: &str) -> Answer {
        self.raw(format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.demo.authority))
    }

    /// How many documents each of them sees in her own dossier.
    pub fn documents(&self) -> [u64; 2] {
        [(ALICE, &self.alice), (BRUNE, &self.brune)].map(|(patient, token)| {
            let path = format!(
                "/fhir/DocumentReference?patient.identifier={}&_count=0&_total=accurate",
                patient.identifier()
            );
            let answer = self.demo.get(&path, token);
            answer.json()["total"].as_u64().unwrap_or_else(|| panic!("no total: {}", answer.brief()))
        })
    }

    /// The bytes of a published document, as the doctor gets them by ITI-68.
    pub fn stored_bytes(&self, published: &Answer) -> Vec<u8> {
        let reference = self.get(&format!("/fhir/DocumentReference/{}", published.published_id()));
        let url = reference.json()["content"][0]["attachment"]["url"].as_str().unwrap_or_default().to_owned();
        let path = url.find("/fhir/").map_or("/fhir/?", |at| &url[at..]).to_owned();
        self.send(Request::get(&path).header("Accept", "text/xml, application/xslt+xml")).body
    }
}

/// Longest wait for an answer in a debug build on a busy machine; the catalogue says one second.
const PATIENCE: Duration = Duration::from_secs(8);

/// What an answer must be; says what is wrong.
pub type Check = Box<dyn Fn(&World, &Answer) -> Result<(), String>>;

/// A case of a row.
pub struct Case {
    /// Row of the catalogue.
    pub row: &'static str,
    /// Which of the row's inputs, when it has several.
    pub variant: &'static str,
    pub send: Box<dyn Fn(&World) -> Answer>,
    pub checks: Vec<Check>,
    /// Documents that it leaves in Alice's dossier.
    pub stores: u64,
    /// And in Brune's.
    pub stores_of_brune: u64,
    /// How much the server's memory may grow meanwhile, in MiB.
    pub memory_mib: u64,
    /// How long the answer may take.
    pub patience: Duration,
}

/// A case that stores nothing.
pub fn case(row: &'static str, send: impl Fn(&World) -> Answer + 'static, check: Check) -> Case {
    Case {
        row,
        variant: "",
        send: Box::new(send),
        checks: vec![check],
        stores: 0,
        stores_of_brune: 0,
        memory_mib: 64,
        patience: PATIENCE,
    }
}

impl Case {
    pub fn variant(self, variant: &'static str) -> Self {
        Case { variant, ..self }
    }

    pub fn and(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// A document is published by this case.
    pub fn stores_one(self) -> Self {
        self.stores(1)
    }

    /// So many are.
    pub fn stores(self, stores: u64) -> Self {
        Case { stores, ..self }
    }

    /// So many in Brune's dossier.
    pub fn stores_of_brune(self, stores_of_brune: u64) -> Self {
        Case { stores_of_brune, ..self }
    }

    /// The row is about an answer that comes late.
    pub fn patience(self, patience: Duration) -> Self {
        Case { patience, ..self }
    }

    /// Allows more memory than the 64 MiB of the others; the caller says why.
    pub fn memory_mib(self, memory_mib: u64) -> Self {
        Case { memory_mib, ..self }
    }
}

/// An answer with that status.
pub fn status(expected: u16) -> Check {
    Box::new(move |_, answer| match answer.status {
        status if status == expected => Ok(()),
        _ => Err(format!("{expected} expected, got {}", answer.brief())),
    })
}

/// That status, then the connection closed.
pub fn closed(expected: u16) -> Check {
    Box::new(move |world, answer| {
        status(expected)(world, answer)?;
        if answer.closed { Ok(()) } else { Err("the connection was left open".to_owned()) }
    })
}

/// An OperationOutcome of that status and IssueType (`O n code` in the catalogue).
pub fn outcome(expected: u16, code: &'static str) -> Check {
    Box::new(move |_, answer| {
        if (answer.status, answer.issue_code().as_str()) == (expected, code) {
            return Ok(());
        }
        Err(format!("{expected} {code} expected, got {}", answer.brief()))
    })
}

/// An XDS reason over FHIR (`RE x` in the catalogue).
pub fn xds(reason: &'static str) -> Check {
    Box::new(move |_, answer| {
        let got = (answer.status, answer.issue_code(), answer.issue_text());
        if (got.0, got.1.as_str(), got.2.as_str()) == (422, "invalid", reason) {
            return Ok(());
        }
        Err(format!("422 invalid {reason} expected, got {}", answer.brief()))
    })
}

/// The answer says that.
pub fn says(text: &'static str) -> Check {
    Box::new(move |_, answer| match answer.text().contains(text) {
        true => Ok(()),
        false => Err(format!("`{text}` expected in {}", answer.brief())),
    })
}

/// The answer does not say that, in its headers or its body.
pub fn never_says(text: &'static str) -> Check {
    Box::new(move |_, answer| {
        let headers = answer.headers.iter().any(|(_, value)| value.contains(text));
        match headers || answer.text().contains(text) {
            false => Ok(()),
            true => Err(format!("`{text}` repeated in {}", answer.brief())),
        }
    })
}

/// The answer repeats no address that the document led to.
pub fn never_says_attacker() -> Check {
    Box::new(|world, answer| match answer.text().contains(&world.attacker()) {
        false => Ok(()),
        true => Err(format!("the attacker's address repeated in {}", answer.brief())),
    })
}

/// A SOAP fault of that status: a word of its reason, or the name of its code or subcode with its prefix, `wsse:FailedCheck`
/// (`S400` and `W x` in the catalogue).
pub fn fault(expected: u16, says: &'static str) -> Check {
    Box::new(move |_, answer| {
        let text = answer.text();
        let sender = expected == 500 || text.contains("<soap:Value>soap:Sender</soap:Value>");
        let named = match says.split_once(':') {
            Some(("soap" | "wsa" | "wsse" | "wsu", _)) => {
                text.contains(&format!("<soap:Value>{says}</soap:Value>"))
            }
            _ => text.split("<soap:Text").nth(1).is_some_and(|reason| reason.contains(says)),
        };
        let soap = answer.header("content-type").is_some_and(|t| t.starts_with("application/soap+xml"));
        if answer.status == expected && soap && sender && named {
            return Ok(());
        }
        Err(format!("fault {expected} `{says}` expected, got {}", answer.brief_fault()))
    })
}

/// A SOAP fault of the security of the message (`W x` in the catalogue).
pub fn wsse(says: &'static str) -> Check {
    fault(400, says)
}

/// A `RegistryResponse` of failure whose errors are all of that code, one of them saying that or about that object (`RE x` in the
/// catalogue).
pub fn registry(code: &'static str, says: &'static str) -> Check {
    Box::new(move |_, answer| {
        let errors = answer.registry_errors();
        let failure = answer.text().contains("ResponseStatusType:Failure");
        let severe = answer.text().matches("ErrorSeverityType:Error\"").count() == errors.len() + 1;
        let named = errors.iter().any(|[_, context, place]| context.contains(says) || place == says);
        let alike = errors.iter().all(|[found, ..]| found == code);
        if answer.status == 200 && failure && severe && alike && named {
            return Ok(());
        }
        Err(format!("RegistryError {code} `{says}` expected, got {} {errors:?}", answer.brief_fault()))
    })
}

/// Done, or found.
pub fn success() -> Check {
    Box::new(move |_, answer| match answer.is_success() {
        true => Ok(()),
        false => Err(format!("Success expected, got {}", answer.brief_fault())),
    })
}
