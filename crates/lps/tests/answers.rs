//! Answers: those that the DMP publishes are read; an entry goes back as it came, but for what changes.
#![allow(clippy::unwrap_used)]

mod common;

use bytes::Bytes;
use common::{Doctor, fixture, now, published};
use dmp_lps::ebrim::{Entry, scheme};
use dmp_lps::publish::{Document, Sending};
use dmp_lps::service::{Operation, RIM};
use dmp_lps::{
    Answer, LpsError, Visibility, administrative, authorise, exists, lifecycle, patient_access, patients,
    publish, registry, retrieve, search, update,
};
use dmp_xml::signature::{DSIG, SignaturePolicy, verify_document};
use dmp_xml::{Limits, Tree};

fn answer(name: &str) -> Option<Answer> {
    let text = published(&format!("messages/{name}_reponse.xml"))?;
    Some(Answer::read("application/soap+xml", Bytes::from(text)).unwrap())
}

#[test]
fn published_answers_are_read() {
    let Some(td02) = answer("TD0.2_-_Test_d_existence") else { return };
    let existence = exists::read(&td02).unwrap();
    assert_eq!((existence.status.as_str(), existence.authorisation.as_deref()), ("active", Some("VALIDE")));
    assert!(existence.medecin_traitant);
    let patient = existence.patient.unwrap();
    assert_eq!(patient.ids[1], ("207058575627097".to_owned(), "1.2.250.1.213.1.4.10".to_owned()));
    assert_eq!(patient.observations[0], ("COMPTE_INTERNET_OUVERT".to_owned(), true));
    assert_eq!(td02.addressing("Action").unwrap().as_deref(), Some("urn:hl7-org:v3:PRPA_IN201308UV02"));

    let td03 = answer("TD0.3_-_Mise_a_jour_de_l_autorisation").unwrap();
    assert!(authorise::read(&td03).unwrap().starts_with("Autorisation déjà présente"));
    assert!(matches!(exists::read(&td03), Err(LpsError::Answer(_))), "an answer of another transaction");

    let listed = patients::read(&answer("TD0.4_-_Liste_des_DMP_autorises").unwrap()).unwrap();
    let row = (listed.len(), listed[1].medecin_traitant, listed[1].first_name.as_str());
    assert_eq!(row, (2, true, "LAURENCE"));

    let person = administrative::read(&answer("TD1.3a_-_Consultation").unwrap()).unwrap();
    assert_eq!(person.status.as_deref(), Some("active"));

    let td15a = answer("TD1.5a_-_Creation_du_compte_internet_patient").unwrap();
    let secrets = patient_access::read_secrets(&td15a, Operation::CreatePatientAccess).unwrap();
    assert_eq!(secrets.login, "mtef3603");
    assert_eq!(
        patient_access::read_channel(&answer("TD1.5b_-_Ajout_d_un_canal_OTP").unwrap()).unwrap(),
        "OTP mis à jour"
    );

    lifecycle::read(&answer("TD1.4_-_Fermer").unwrap(), Operation::Modify).unwrap();

    assert!(registry::read(&answer("TD2.1_-_Alimentation").unwrap()).unwrap().is_empty());
    assert!(registry::read(&answer("TD3.3d_-_Archiver_un_document").unwrap()).unwrap().is_empty());

    let found = search::read(&answer("TD3.1_-_Recherche_de_document").unwrap()).unwrap();
    assert_eq!(found.entries.len(), 21);
    let entry = found.current("1.2.250.1.999.1.1.7898.1.995657292").unwrap();
    assert_eq!(entry.slot("hash"), Some("af326fb44feb720121d2c277ce10f87407818089"));
    assert_eq!((search::type_code(entry).as_str(), entry.version.as_deref()), ("27899-4", Some("1")));
    assert!(update::visibility_of(entry).hidden_from_patient && !update::visibility_of(entry).masked);

    // The document of this one came in a part that was not published with it.
    let td32 = answer("TD3.2_-_Consultation_d_un_document").unwrap();
    assert!(matches!(retrieve::read(&td32), Err(LpsError::Answer(_))));
}

/// An answer of a registry to a search for this entry, as it would be registered.
fn registered(name: &str) -> Entry {
    let doctor = Doctor::new();
    let document = Document::read(fixture(name).into(), now()).unwrap();
    let sending = Sending { signed: false, mtom: true };
    let message = publish::message(&doctor.session(), &[document], sending).unwrap();
    let mut entry = entry_of(&message.body);
    entry.id = "urn:uuid:b8b0a2a4-0d3a-4b6f-a8b2-000000000001".to_owned();
    entry.lid = Some("urn:uuid:b8b0a2a4-0d3a-4b6f-a8b2-000000000002".to_owned());
    entry.status = Some("urn:oasis:names:tc:ebxml-regrep:StatusType:Approved".to_owned());
    entry.version = Some("5".to_owned());
    entry
}

fn entry_of(body: &str) -> Entry {
    let tree = Tree::parse(body.as_bytes(), &Limits::default()).unwrap();
    Entry::read(tree.root().descendants().find(|e| e.is(RIM, "ExtrinsicObject")).unwrap())
}

#[test]
fn a_change_of_visibility_sends_the_entry_back_but_for_its_codes() {
    let doctor = Doctor::new();
    let session = doctor.session();
    let read = registered("biologie");
    let masked = Visibility { masked: true, hidden_from_patient: true, hidden_from_representatives: false };
    let message = update::visibility(&session, &read, masked).unwrap();
    let sent = entry_of(&message.body);
    let codes: Vec<_> = sent.codes(scheme::CONFIDENTIALITY).map(|code| code.code).collect();
    assert_eq!(codes, ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]);
    assert_eq!(update::visibility_of(&sent), masked);
    assert!(message.body.contains(r#"<Slot name="PreviousVersion"><ValueList><Value>5</Value>"#));

    let message =
        update::visibility(&session, &Entry { id: read.id.clone(), ..sent }, Visibility::VISIBLE).unwrap();
    let back = Entry { id: read.id.clone(), ..entry_of(&message.body) };
    assert_eq!(back, read, "masked, then unmasked");

    let unknown = Entry { version: None, ..read };
    assert!(matches!(update::visibility(&session, &unknown, masked), Err(LpsError::Missing(_))));
}

#[test]
fn the_signature_of_a_lot_holds_and_names_its_documents() {
    let doctor = Doctor::new();
    let documents =
        ["biologie", "ordonnance"].map(|name| Document::read(fixture(name).into(), now()).unwrap());
    let sending = Sending { signed: true, mtom: true };
    let message = publish::message(&doctor.session(), &documents, sending).unwrap();
    let bytes = &message.attachments[2].bytes;
    let tree = Tree::parse(bytes, &Limits::default()).unwrap();
    let policy =
        SignaturePolicy { anchors: &doctor.anchors, at_seconds: now().millis() as u64 / 1000, legacy: false };
    let signed = verify_document(&tree, &policy).unwrap();
    assert_eq!(signed.covered.iter().map(|e| e.name()).collect::<Vec<_>>(), ["Manifest", "SignedProperties"]);
    let named: Vec<_> =
        signed.covered[0].named(DSIG, "Reference").filter_map(|r| r.attribute("URI")).collect();
    let lot = message.body.split("XDSSubmissionSet.uniqueId").next().unwrap();
    let lot = lot.rsplit_once("value=\"2.25.").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(named[0], format!("urn:oid:2.25.{lot}"));
    let uids: Vec<_> = documents.iter().map(|d| d.draft.metadata.unique_id.to_urn()).collect();
    assert_eq!(named[1..], uids);
    let mut other = bytes.to_vec();
    let at = other.windows(4).position(|w| w == b"AA==").unwrap();
    other[at] = b'B';
    let tree = Tree::parse(&other, &Limits::default()).unwrap();
    assert!(verify_document(&tree, &policy).is_err());
}

#[test]
fn a_refusal_of_the_registry_says_every_error() {
    let rs = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0";
    let response = |status: &str, errors: &str| {
        let text = format!(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body><r:RegistryResponse \
             xmlns:r=\"{rs}\" status=\"{status}\">{errors}</r:RegistryResponse></s:Body></s:Envelope>"
        );
        registry::read(&Answer::read("application/soap+xml", Bytes::from(text)).unwrap())
    };
    let error = |severity: &str, code: &str| {
        format!(
            "<r:RegistryError errorCode=\"{code}\" codeContext=\"typeCode `x`\" \
             severity=\"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:{severity}\"/>"
        )
    };
    let list = format!(
        "<r:RegistryErrorList>{}{}</r:RegistryErrorList>",
        error("Warning", "XDSExtraMetadataNotSaved"),
        error("Error", "XDSRegistryMetadataError")
    );
    let status = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType";
    let Err(LpsError::Refused(refusal)) = response(&format!("{status}:Failure"), &list) else { panic!() };
    assert_eq!(
        (refusal.code.as_str(), refusal.reason.as_str()),
        ("XDSRegistryMetadataError", "typeCode `x`")
    );
    assert_eq!(refusal.errors.len(), 2);
    assert_eq!(response(&format!("{status}:Success"), &list).unwrap().len(), 2, "warnings of a success");
    assert!(matches!(response(&format!("{status}:Failure"), ""), Err(LpsError::Refused(_))));
}
