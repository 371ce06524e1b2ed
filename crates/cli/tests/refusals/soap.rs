//! Every operation of the DMP interface refuses who is not proved, before it looks for anybody: in the same words whether
//! the dossier exists or not.

use crate::common::Demo;
use crate::common::lot::{ALICE, AUTHOR, NOBODY};
use crate::common::soap::{DENIED, Sandbox, Software, document, ins, now, to_http, told};
use crate::common::{Document, Request};
use dmp_dossier::{Contact, Sex, Traits};
use dmp_lps::authorise::{self, Action};
use dmp_lps::candidates::{self, Sought};
use dmp_lps::identity::{AUTHENTICATION_FILE, AUTHENTICATION_KEY_FILE};
use dmp_lps::lifecycle::{self, Administrative};
use dmp_lps::patients::{self, By};
use dmp_lps::publish::{self, Sending};
use dmp_lps::search::{self, Filter};
use dmp_lps::{Answer, Availability, Identity, Ins, Message, Session, Time, Visibility};
use dmp_lps::{authorisations, exists, patient_access, retrieve, service, update, vihf};
use dmp_xds::service::{Operation, Service};

/// What an operation is asked about: a patient, and a document of theirs.
struct About {
    ins: Ins,
    entry_uuid: String,
    unique_id: String,
    /// One that is not there yet.
    fresh: publish::Document,
}

/// The message of an operation.
fn message(operation: Operation, session: &Session<'_>, about: &About) -> Message {
    let traits = Traits {
        birth_name: "ESSAI".into(),
        given_names: "ALICE".into(),
        birth_date: "19700115".into(),
        sex: Sex::Female,
        birth_place: String::new(),
        used_name: None,
        used_given: None,
    };
    let administrative = Administrative { traits: &traits, contact: &Contact::default(), oppositions: None };
    let sought = Sought { family: "ESSAI", given: None, birth: "19700115", sex: None };
    let message = match operation {
        Operation::Consult => exists::message(session),
        Operation::Create => lifecycle::open(session, &administrative),
        Operation::Modify => lifecycle::modify(session, &administrative),
        Operation::FindCandidates => Ok(candidates::message(session, &sought)),
        // Closed: no software asks for it. The request is made one of that service below.
        Operation::IdentityCertification => {
            let asked = r#"<identityCertification xmlns="urn:si-dmp-patients"><nirOD>294096322025871</nirOD>
                <rangNaissance>1</rangNaissance></identityCertification>"#;
            Ok(Message::plain(service::Operation::PatientList, asked.to_owned()))
        }
        Operation::SetAuthorization => authorise::message(session, Action::Add, false),
        Operation::ListAuthorizationByPatient => authorisations::message(session, "TOUTE"),
        Operation::PatientList => Ok(patients::message(Time::from_millis(0), By::LastAuthorisation)),
        Operation::CreatePatientAccess => patient_access::create(session, "EMAIL", "alice@example.org"),
        Operation::PatientOtpUpdate => patient_access::channel(session, "SMS", "0612345678", "AJOUT"),
        Operation::UpdatePatientAccess => patient_access::renew(session),
        Operation::RegistryStoredQuery => search::message(session, &Filter::default()),
        Operation::UpdateDocumentSet => {
            let (from, to) = (Availability::Approved, Availability::Archived);
            update::status(session, &about.entry_uuid, from, to)
        }
        Operation::ProvideAndRegister => {
            let sending = Sending { signed: false, mtom: true };
            publish::message(session, std::slice::from_ref(&about.fresh), sending)
        }
        Operation::RetrieveDocumentSet => Ok(retrieve::message(&[&about.unique_id])),
    };
    message.unwrap()
}

/// The request of an operation under an assertion.
fn request(operation: Operation, session: &Session<'_>, about: &About, assertion: &str) -> Request {
    let mut request = session.request_under(message(operation, session, about), assertion);
    if operation == Operation::IdentityCertification {
        let of_service = |text: &str| {
            let text = text.replace(service::Operation::PatientList.action(), operation.action());
            text.replace("/PatientSpecific", "/patientCertif")
        };
        request.path = of_service(&request.path);
        request.content_type = of_service(&request.content_type);
        request.body = of_service(std::str::from_utf8(&request.body).unwrap()).into();
    }
    to_http(&request)
}

/// Ways not to be proved: the name of each, and the assertion that it sends.
fn attempts(sandbox: &Sandbox, doctor: &Software, about: &About) -> Vec<(&'static str, String)> {
    let patient = Some(&about.ins);
    let session = doctor.session(patient);
    let good = || vihf::signed(&session).unwrap();
    let by = |name: &str| vihf::signed(&sandbox.software(name).session(patient)).unwrap();
    let yesterday = Session { now: Time::from_millis(now().millis() - 86_400_000), ..session };
    let other = ins("270019935110259");
    let for_another = vihf::signed(&doctor.session(Some(&other))).unwrap();
    let forged = {
        let good = good();
        let (head, value) = good.split_once("SignatureValue>").unwrap();
        let turned = if value.starts_with('A') { "B" } else { "A" };
        format!("{head}SignatureValue>{turned}{}", &value[1..])
    };
    let not_to_sign = {
        let folder = sandbox.folder("medecin");
        let [certificate, key] = [AUTHENTICATION_FILE, AUTHENTICATION_KEY_FILE].map(|file| folder.join(file));
        let identity = Identity::read_with(&folder, &certificate, &key).unwrap();
        vihf::signed(&Session { identity: &identity, ..session }).unwrap()
    };
    vec![
        ("nobody", String::new()),
        ("a word", "<word xmlns=\"urn:x\"/>".to_owned()),
        ("no signature", vihf::assertion(&doctor.identity, patient, now(), "_unsigned")),
        ("a forged signature", forged),
        ("another patient's VIHF", for_another.replace(other.value(), about.ins.value())),
        ("yesterday's VIHF", vihf::signed(&yesterday).unwrap()),
        ("a certificate of the past", by("expire")),
        ("a revoked certificate", by("revoque")),
        ("another authority", by("autre-autorite")),
        ("a certificate that does not sign", not_to_sign),
        ("two VIHFs", good() + &good()),
    ]
}

#[test]
fn every_operation_refuses_who_is_not_proved_and_says_nothing() {
    let mut demo = Demo::start();
    // Started again, it knows what the sandbox revoked; else it would within a minute.
    let _ = Sandbox::of(&demo);
    assert_eq!(demo.stop(), Some(0), "{}", demo.log());
    demo.restart(&[]);
    ALICE.open(&demo, &demo.token(&["--loader"]));
    let sandbox = Sandbox::of(&demo);
    let doctor = sandbox.software("medecin");
    let here = ins(ALICE.ins);
    ALICE.decide(&demo, &ALICE.token(&demo), &doctor.identity.who.person.id, "permit");
    let who = &doctor.identity.who;
    let written = |patient, number| {
        let synthesis = Document::synthese(patient, number).edit(AUTHOR, &who.person.id);
        document(&synthesis.edit("499900063480001", &who.structure.id), Visibility::VISIBLE)
    };
    let there = written(ALICE, 1);
    doctor.publish(&here, std::slice::from_ref(&there)).unwrap();
    let unique_id = there.draft.metadata.unique_id.as_str().to_owned();
    let entry_uuid = doctor.references(&here, &unique_id).unwrap().remove(0);
    let alice = About { ins: here, entry_uuid, unique_id, fresh: written(ALICE, 2) };
    let absent = About {
        ins: ins(NOBODY.ins),
        entry_uuid: "urn:uuid:00000000-0000-4000-8000-0000000000ff".to_owned(),
        unique_id: "1.2.250.1.999.7.999999".to_owned(),
        fresh: written(NOBODY, 3),
    };
    let mut wrong = Vec::new();
    for operation in Operation::ALL {
        let ask = |about: &About, assertion: &str| {
            let session = doctor.session(Some(&about.ins));
            demo.send(&request(*operation, &session, about, assertion))
        };
        let of_each =
            attempts(&sandbox, &doctor, &alice).into_iter().zip(attempts(&sandbox, &doctor, &absent));
        for ((asker, about_alice), (_, about_nobody)) in of_each {
            let name = format!("{}: {asker}", operation.as_str());
            let (one, other) = (ask(&alice, &about_alice), ask(&absent, &about_nobody));
            let content_type = one.header("content-type").unwrap_or_default();
            let fault = Answer::read(content_type, one.body.clone().into()).and_then(|answer| answer.fault());
            if !matches!(fault, Ok(Some(_))) || !(400..=500).contains(&one.status) {
                wrong.push(format!("{name}: no fault: {}", one.brief()));
            }
            if told(&one, &[]) != told(&other, &[]) {
                wrong.push(format!("{name}: differs from absent: {} / {}", one.text(), other.text()));
            }
            // A year may stand by chance in the identifier of a message.
            let (_, _, said) = told(&one, &[]);
            let secrets = [ALICE.ins, "ESSAI", "19700115", "Synthèse médicale", &alice.unique_id];
            for secret in secrets.into_iter().filter(|secret| said.contains(secret)) {
                wrong.push(format!("{name}: says `{secret}`"));
            }
            if one.text().contains(&alice.entry_uuid) {
                wrong.push(format!("{name}: says the entryUUID"));
            }
        }
        // The control: what was refused above was refused for who asked.
        let session = doctor.session(Some(&alice.ins));
        let proved = ask(&alice, &vihf::signed(&session).unwrap());
        let denied = proved.text().contains(DENIED.split(' ').nth(1).unwrap());
        if !(proved.status == 200 || denied && *operation == Operation::FindCandidates) {
            wrong.push(format!("{}: control: {}", operation.as_str(), proved.brief()));
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    assert!(!demo.log().contains("panicked"), "{}", demo.log());
}

#[test]
fn every_service_describes_itself_and_takes_no_word_for_a_message() {
    let demo = Demo::start();
    for (_, names) in Service::ALL {
        for name in *names {
            let path = format!("{}/{name}", dmp_xds::SERVICES);
            let described = demo.send(&Request::get(&format!("{path}?wsdl")));
            assert_eq!(described.status, 200, "{path}: {}", described.brief());
            assert!(described.text().contains("definitions"), "{path}");
            for (media_type, body) in [
                ("application/soap+xml", ""),
                ("application/soap+xml", "word"),
                ("text/plain", "word"),
                (
                    "application/soap+xml",
                    "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"/>",
                ),
            ] {
                let answer = demo.send(&Request::new("POST", &path).body(media_type, body));
                assert!((400..=500).contains(&answer.status), "{path}: {}", answer.brief());
                assert!(answer.text().contains("Fault"), "{path}: {}", answer.brief());
            }
        }
    }
}
