//! A server that trusts the authority of the official caller, and the dossiers that the official answers tell of.

use crate::caller::{OTHER, PATIENT, prepare, signers};
use crate::common::{Answer, DMP, Demo, Request, fresh_directory};
use crate::samples::between;
use dmp_lps::service::Operation;
use dmp_lps::{Message, authorise, lifecycle, patient_access};
use std::process::Command;

/// A deployment of its own directory, as `dmp init` makes it.
pub struct Server {
    demo: Demo,
    pub authority: String,
}

/// The DMP interface, over plain HTTP on the machine itself.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("DMP_HTTP_LISTEN", "127.0.0.1:0"),
    ("DMP_XDS_ENABLED", "true"),
    ("DMP_XDS_PLAIN_HTTP_ON_LOOPBACK", "true"),
];

impl Server {
    /// Starts one, with these more variables of its configuration.
    pub fn start(variables: &[(&str, &str)]) -> Server {
        let dir = fresh_directory();
        let data = dir.join("data");
        assert!(Command::new(DMP).arg("init").arg(&data).output().unwrap().status.success());
        let [ca, crl] = ["ca.pem", "crl.pem"].map(|name| dir.join(name));
        std::fs::write(&ca, &signers().authority).unwrap();
        std::fs::write(&crl, &signers().crl).unwrap();
        let mut serve = Command::new(DMP);
        serve.args(["serve", "--config"]).arg(data.join("dmp.toml"));
        serve.envs(ENVIRONMENT.iter().chain(variables).copied());
        serve.env("DMP_XDS_ANCHORS", ca).env("DMP_XDS_CRLS", crl);
        let demo = Demo::spawn(serve, dir);
        Server { authority: demo.authority.clone(), demo }
    }

    pub fn send(&self, request: &Request) -> Answer {
        self.demo.send(request)
    }

    pub fn log(&self) -> String {
        self.demo.log()
    }

    /// Opens the dossier of the official messages: the person of the official TD1.3a answer, as it stands there, in a
    /// TD1.1 of ours. A birth name and a first name are required to open, which that answer leaves out: they are those
    /// that are used.
    pub fn open_patient(&self, consultation: &str) {
        let person = between(consultation, "<patientPerson ", "</patientPerson>");
        let name = r#"<family qualifier="SP">patb-quatre</family>"#;
        let birth = name.replace("SP", "BR");
        let person = person.replacen(name, &format!("{name}{birth}"), 1);
        self.open(PATIENT, &person);
    }

    /// The other dossier of the list of TD0.4.
    pub fn open_other(&self) {
        self.open(
            OTHER,
            r#"<patientPerson classCode="PSN" determinerCode="INSTANCE"><name><given>DOMINIQUE</given>
            <family qualifier="SP">PAT-TROIS</family><family qualifier="BR">PAT-TROIS</family></name>
            <administrativeGenderCode code="M"/><birthTime value="19790328"/></patientPerson>"#,
        );
    }

    /// TD1.1 with that person, as text.
    pub fn open(&self, patient: &str, person: &str) {
        let opened = prepare(self, patient, |_| Message::plain(Operation::Create, creation(patient, person)));
        lifecycle::read(&opened, Operation::Create).unwrap();
    }

    /// The doctor is authorised, and *médecin traitant* or not.
    pub fn authorise(&self, patient: &str, medecin_traitant: bool) {
        let answer = prepare(self, patient, |session| {
            authorise::message(session, authorise::Action::Add, medecin_traitant).unwrap()
        });
        authorise::read(&answer).unwrap();
    }

    /// The patient has an account on the web, with the two channels of the official TD1.3a answer.
    pub fn open_web_access(&self) {
        let created = prepare(self, PATIENT, |s| patient_access::create(s, "SMS", "0102030405").unwrap());
        patient_access::read_secrets(&created, Operation::CreatePatientAccess).unwrap();
        let added = prepare(self, PATIENT, |s| {
            patient_access::channel(s, "EMAIL", "alain@gmail.com", "AJOUT").unwrap()
        });
        patient_access::read_channel(&added).unwrap();
    }
}

/// The element of TD1.1, by the doctor, with the patient's consent and no opposition.
fn creation(patient: &str, person: &str) -> String {
    let observation = |code: &str, value: bool| {
        format!(
            r#"<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
            <code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/><value xsi:type="BL" value="{value}"/>
            </administrativeObservation></subjectOf>"#
        )
    };
    let device = |root: &str, name: &str| {
        format!(
            r#"<device classCode="DEV" determinerCode="INSTANCE"><id root="{root}"/><softwareName>{name}</softwareName></device>"#
        )
    };
    let observations = [
        observation("CONSENTEMENT_OUVERTURE_DMP", true),
        observation("OPPOSITION_BRIS_DE_GLACE", false),
        observation("OPPOSITION_ACCES_URGENCE", false),
    ];
    format!(
        r#"<PRPA_IN201311UV02 xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">
        <id root="1.3.6.1.4.1.48364.1.1" extension="{patient}"/><creationTime value="20210519174507"/>
        <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201311UV02"/>
        <processingCode code="D"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
        <receiver typeCode="RCV">{receiver}</receiver><sender typeCode="SND">{sender}</sender>
        <controlActProcess classCode="CACT" moodCode="EVN">
        <reasonCode code="CREA_RD" codeSystem="1.2.250.1.213.1.1.4.11"/>
        <subject typeCode="SUBJ" contextConductionInd="false"><registrationRequest classCode="REG" moodCode="RQO">
        <statusCode code="active"/><subject1 typeCode="SBJ"><patient classCode="PAT">
        <id root="1.2.250.1.213.1.4.10" extension="{patient}"/><statusCode code="active"/>
        {person}{observations}</patient></subject1>
        <author typeCode="AUT"><assignedEntity classCode="ASSIGNED">
        <id root="1.2.250.1.71.4.2.1" extension="899900063480"/>
        <assignedPerson classCode="PSN" determinerCode="INSTANCE"><name><family>MAX</family><given>LIBRE</given></name></assignedPerson>
        <representedOrganization classCode="ORG" determinerCode="INSTANCE"><id root="1.2.250.1.71.4.2.2" extension="499900063480001"/>
        <name>CABINET DR LIBRE</name><contactParty classCode="CON"/></representedOrganization>
        </assignedEntity></author></registrationRequest></subject></controlActProcess></PRPA_IN201311UV02>"#,
        receiver = device("1.2.250.1.213.4.1.1.1", "DMP"),
        sender = device("1.3.6.1.4.1.48364", "LPS"),
        observations = observations.concat(),
    )
}
