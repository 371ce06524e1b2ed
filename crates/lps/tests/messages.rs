//! Messages: the same elements, in the same order, as those that the DMP publishes.
//!
//! What is left out of the comparison, and why:
//! * elements of `xsi:nil="true"` in the published messages: their tool writes what it does not fill;
//! * the content of the assertion: `tests/vihf.rs`;
//! * the patient's name in TD1.4: the INS names the patient, and no rule asks for more;
//! * TD2.1 is compared from its body on (the published one is in a SOAP 1.1 envelope), without what its document has not:
//!   comments of the lot and of the document.
#![allow(clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Doctor, fixture, now, published};
use dmp_lps::authorise::Action;
use dmp_lps::patients::By;
use dmp_lps::publish::{Document, Sending};
use dmp_lps::search::Filter;
use dmp_lps::{
    Answer, Availability, Dtm, Message, administrative, authorise, exists, lifecycle, patient_access,
    patients, publish, retrieve, search, update,
};
use dmp_xml::{Element, Limits, Tree};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Every element, indented by its depth, with what tells one slot or classification from another.
fn skeleton(element: Element<'_>, depth: usize, lines: &mut Vec<String>) {
    let of_patient = element.parent().is_some_and(|parent| parent.name() == "patientPerson");
    let ignored = element.name() == "Description" || (element.name() == "name" && of_patient);
    if element.attribute_ns(XSI, "nil") == Some("true") || ignored {
        return;
    }
    let schemes =
        ["name", "classificationScheme", "classificationNode", "identificationScheme", "associationType"];
    let kind = schemes.into_iter().find_map(|name| element.attribute(name)).unwrap_or_default();
    let namespace = element.namespace().unwrap_or_default();
    lines.push(format!("{:depth$}{{{namespace}}}{} {kind}", "", element.name()));
    if element.name() != "Assertion" {
        element.children().for_each(|child| skeleton(child, depth + 1, lines));
    }
}

fn of_text(text: &str, from: &str) -> Vec<String> {
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let root = tree.root();
    let start = std::iter::once(root).chain(root.descendants()).find(|e| e.name() == from).unwrap();
    let mut lines = Vec::new();
    skeleton(start, 0, &mut lines);
    lines
}

fn assert_same(ours: &[String], official: &[String], name: &str) {
    for (index, (ours, official)) in ours.iter().zip(official).enumerate() {
        assert_eq!(ours, official, "{name}, element {index}");
    }
    assert_eq!(ours.len(), official.len(), "{name}");
}

#[test]
fn requests_have_the_shape_of_the_published_ones() {
    let doctor = Doctor::new();
    let session = doctor.session();
    let since = Dtm::parse("20101010").unwrap().start();
    let (approved, archived) = (Availability::Approved, Availability::Archived);
    let rows: Vec<(&str, Message)> = vec![
        ("TD0.2_-_Test_d_existence", exists::message(&session).unwrap()),
        ("TD0.3_-_Mise_a_jour_de_l_autorisation", authorise::message(&session, Action::Add, false).unwrap()),
        ("TD0.4_-_Liste_des_DMP_autorises", patients::message(since, By::LastDocument)),
        ("TD1.4_-_Fermer", lifecycle::close(&session, "FERMETURE_DEMANDE_PATIENT", "demande").unwrap()),
        ("TD1.3a_-_Consultation", administrative::message(&session).unwrap()),
        (
            "TD1.5a_-_Creation_du_compte_internet_patient",
            patient_access::create(&session, "SMS", "0606060606").unwrap(),
        ),
        (
            "TD1.5b_-_Ajout_d_un_canal_OTP",
            patient_access::channel(&session, "EMAIL", "mon.email@mail.fr", "AJOUT").unwrap(),
        ),
        ("TD3.1_-_Recherche_de_document", search::message(&session, &Filter::default()).unwrap()),
        ("TD3.2_-_Consultation_d_un_document", Message { mtom: false, ..retrieve::message(&["1.2.3"]) }),
        (
            "TD3.3d_-_Archiver_un_document",
            update::status(&session, "urn:uuid:1", approved, archived).unwrap(),
        ),
    ];
    for (name, message) in rows {
        let Some(official) = published(&format!("messages/{name}_requete.xml")) else { return };
        let request = session.request(message).unwrap();
        let ours = String::from_utf8(request.body.to_vec()).unwrap();
        assert_same(&of_text(&ours, "Envelope"), &of_text(&official, "Envelope"), name);
        let action = official.split_once(":Action").or_else(|| official.split_once("<Action")).unwrap().1;
        let action = action.split_once('>').unwrap().1.split_once('<').unwrap().0;
        assert!(request.content_type.contains(action), "{name}: {action}");
        assert!(ours.contains(&format!(">{action}</Action>")), "{name}: {action}");
    }
}

#[test]
fn a_signed_lot_has_the_shape_of_the_published_one() {
    let Some(official) = published("messages/TD2.1_-_Alimentation_requete.xml") else { return };
    let start = official.find("<soap:Envelope").unwrap();
    let end = official.find("</soap:Envelope>").unwrap() + "</soap:Envelope>".len();
    let doctor = Doctor::new();
    let mut document = Document::read(fixture("ordonnance").into(), now()).unwrap();
    // As the published one: an end of the act; no code of it, no order, no role of the author.
    document.draft.metadata.service_stop = document.draft.metadata.service_start;
    document.draft.metadata.event_codes.clear();
    document.draft.metadata.reference_ids.clear();
    document.draft.metadata.authors[0].role = None;
    let session = doctor.session();
    let message = publish::message(&session, &[document], Sending { signed: true, mtom: true }).unwrap();
    let body = "ProvideAndRegisterDocumentSetRequest";
    assert_same(&of_text(&message.body, body), &of_text(&official[start..end], body), "TD2.1");
    assert_eq!(message.attachments.len(), 2);
}

#[test]
fn every_fixture_can_be_published_and_its_bytes_are_untouched() {
    let doctor = Doctor::new();
    let session = doctor.session();
    for name in ["biologie", "imagerie-pdf", "ordonnance", "synthese", "vaccination", "expression-patient"] {
        let bytes = Bytes::from(fixture(name));
        let document = Document::read(bytes.clone(), now()).unwrap();
        for mtom in [true, false] {
            let sending = Sending { signed: false, mtom };
            let message = publish::message(&session, std::slice::from_ref(&document), sending).unwrap();
            let request = session.request(message).unwrap();
            let answer = Answer::read(&request.content_type, request.body).unwrap();
            let sent = match answer.parts() {
                [part] => part.bytes.clone(),
                _ => inline(answer.envelope()),
            };
            assert_eq!(sent, bytes, "{name} mtom {mtom}");
        }
    }
}

fn inline(envelope: &[u8]) -> Bytes {
    use base64::Engine as _;
    let limits = Limits { text_bytes_max: 16 << 20, ..Limits::default() };
    let tree = Tree::parse(envelope, &limits).unwrap();
    let document = tree.root().descendants().find(|e| e.name() == "Document").unwrap();
    base64::engine::general_purpose::STANDARD.decode(&*document.text()).unwrap().into()
}

#[test]
fn what_needs_a_patient_or_a_document_says_so() {
    let doctor = Doctor::new();
    let nobody = dmp_lps::Session { patient: None, ..doctor.session() };
    assert!(exists::message(&nobody).is_err());
    assert!(authorise::message(&nobody, Action::Remove, true).is_err());
    assert!(search::message(&nobody, &Filter::default()).is_err());
    assert!(publish::message(&doctor.session(), &[], Sending { signed: false, mtom: true }).is_err());
    assert!(Document::read(Bytes::from_static(b"<a/>"), now()).is_err());
}

#[test]
fn values_of_a_query_are_quoted() {
    for (values, written) in
        [(vec!["a"], "('a')"), (vec!["a", "b"], "('a','b')"), (vec!["l'un"], "('l''un')"), (vec![], "()")]
    {
        assert_eq!(search::listed(values), written);
    }
}
