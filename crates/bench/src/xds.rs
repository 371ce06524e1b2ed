//! The calls of the load over the DMP interface: ITI-41, ITI-18 and ITI-43, under VIHF signed before.
//!
//! Everything else of a message (reading the document, metadata, envelope, package) is made while the clock runs, as a
//! professional's software would; the latency is that of the exchange alone. Source: [`dmp_lps`].

use crate::assertions::{Assertions, Signed, now};
use crate::client::Reply;
use crate::documents::{Doctor, Patient};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use dmp_lps::publish::{self, Document, Sending};
use dmp_lps::search::{self, Filter};
use dmp_lps::{Answer, Identity, Ins, InsOid, LpsError, Request, Session, registry, retrieve, vihf};
use memchr::memmem;

/// A professional's software, with what it signed ahead.
pub struct Software {
    identity: Identity,
    server: String,
    patients: Vec<Ins>,
    pub assertions: Assertions,
}

/// What is asked for the patient of a VIHF.
pub enum Ask<'a> {
    /// ITI-41 of this CDA, alone in its lot, as MTOM.
    Publish(Bytes),
    /// ITI-18 FindDocuments, approved ones, whole objects.
    Search,
    /// ITI-43 of this uniqueId, as MTOM.
    Retrieve(&'a str),
}

/// Who an identity makes of the doctor of the load.
pub fn doctor(identity: &Identity) -> Doctor {
    let who = &identity.who;
    Doctor {
        id: who.person.id.clone(),
        profession: who.person.profession.clone(),
        speciality: who.person.speciality.clone(),
        structure: who.structure.id.clone(),
        sector: who.sector.clone(),
    }
}

impl Software {
    /// With `count` VIHF signed.
    pub fn new(identity: Identity, server: &str, patients: &[Patient], count: usize) -> Result<Self> {
        let ins = |patient: &Patient| match Ins::parse(&patient.ins, InsOid::Test) {
            Ok(ins) => Ok(ins),
            Err(error) => bail!("{}", error.says()),
        };
        let patients = patients.iter().map(ins).collect::<Result<Vec<_>>>()?;
        let assertions = Assertions::sign(&identity, server, &patients, count)?;
        Ok(Software { identity, server: server.to_owned(), patients, assertions })
    }

    /// The request, under that VIHF.
    pub fn request(&self, signed: &Signed, ask: Ask<'_>) -> Result<Request> {
        let session = self.session(signed.patient);
        let message = match ask {
            Ask::Publish(document) => {
                let document = Document::read(document, session.now)?;
                publish::message(&session, &[document], Sending { signed: false, mtom: true })?
            }
            Ask::Search => search::message(&session, &Filter::default())?,
            Ask::Retrieve(unique_id) => retrieve::message(&[unique_id]),
        };
        Ok(session.request_under(message, &signed.assertion))
    }

    /// A VIHF beside those of the run, for the first patient.
    pub fn spare(&self) -> Result<Signed> {
        Ok(Signed { patient: 0, assertion: vihf::signed(&self.session(0))? })
    }

    fn session(&self, patient: usize) -> Session<'_> {
        let patient = self.patients.get(patient);
        Session { identity: &self.identity, patient, server: &self.server, now: now() }
    }
}

/// That an answer is a success, by its text: cheap enough for every one. A refusal is the error, in the server's words.
pub fn check(reply: &Reply) -> Result<()> {
    if reply.status == 200 && memmem::find(&reply.body, b"ResponseStatusType:Success\"").is_some() {
        return Ok(());
    }
    let answer = answer(reply)?;
    let reads = [registry::read(&answer).err(), search::read(&answer).err(), retrieve::read(&answer).err()];
    match reads.into_iter().flatten().find(|error| matches!(error, LpsError::Refused(_))) {
        Some(refusal) => bail!("the server answered {}: {refusal}", reply.status),
        None => bail!("the server answered {} without a success", reply.status),
    }
}

/// That a publication was registered.
pub fn check_published(reply: &Reply) -> Result<()> {
    registry::read(&answer(reply)?)?;
    Ok(())
}

/// That a search found at least `hits` documents.
pub fn check_found(reply: &Reply, hits: usize) -> Result<()> {
    let found = search::read(&answer(reply)?)?.entries.len();
    if found < hits {
        bail!("a search found {found} documents where {hits} were deposited");
    }
    Ok(())
}

/// That the document of that uniqueId came, byte for byte.
pub fn check_retrieved(reply: &Reply, unique_id: &str, document: &str) -> Result<()> {
    match retrieve::read(&answer(reply)?)?.as_slice() {
        [one] if one.unique_id == unique_id && one.bytes == document.as_bytes() => Ok(()),
        _ => bail!("a retrieve gave another document than {unique_id}"),
    }
}

fn answer(reply: &Reply) -> Result<Answer> {
    Answer::read(&reply.content_type, reply.body.clone())
        .with_context(|| format!("the server answered {}", reply.status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents;
    use dmp_lps::Authentification;
    use dmp_lps::identity::{self, Person, Structure, Who};
    use rcgen::{CertificateParams, KeyPair};
    use std::collections::BTreeSet;

    fn identity() -> Identity {
        let folder = std::env::temp_dir().join(format!("dmp-bench-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::default().self_signed(&key).unwrap();
        let who = Who {
            authentification: Authentification::Directe,
            vihf_version: "3.0".into(),
            sector: "SA07".into(),
            person: Person {
                id: "899900900018".into(),
                local_id: None,
                family: "Martin".into(),
                given: "Paul".into(),
                profession: "10".into(),
                speciality: Some("SM26".into()),
            },
            structure: Structure { id: "499900900018001".into(), name: "Cabinet".into() },
            software: identity::Software {
                id: "1".into(),
                name: "essai".into(),
                version: "1".into(),
                approval: "SANS".into(),
                oid: "1.2.250.1.999.1".into(),
            },
        };
        for (name, text) in [
            (identity::IDENTITY_FILE, who.to_toml()),
            (identity::SIGNATURE_FILE, certificate.pem()),
            (identity::SIGNATURE_KEY_FILE, key.serialize_pem()),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let read = Identity::read(&folder).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        read
    }

    fn software(count: usize) -> (Software, Vec<Patient>) {
        let patients: Vec<_> = (0..3).map(|i| documents::patient(1, i)).collect();
        (Software::new(identity(), "http://127.0.0.1:1", &patients, count).unwrap(), patients)
    }

    fn contains(bytes: &[u8], text: &str) -> bool {
        memmem::find(bytes, text.as_bytes()).is_some()
    }

    #[test]
    fn each_vihf_is_of_its_patient_serves_once_and_their_number_is_the_one_asked() {
        let (software, patients) = software(7);
        let mut seen = BTreeSet::new();
        while let Some(signed) = software.assertions.take() {
            let request = software.request(signed, Ask::Search).unwrap();
            let ins = &patients[signed.patient].ins;
            assert_eq!(memmem::find_iter(&request.body, ins.as_bytes()).count(), 2, "VIHF and query");
            let id = signed.assertion.split("ID=\"").nth(1).unwrap().split('"').next().unwrap();
            seen.insert(id.to_owned());
        }
        assert_eq!(seen.len(), 7);
        assert_eq!(software.assertions.count(), 7);
        assert!(software.assertions.take().is_none());
    }

    #[test]
    fn a_publication_is_a_package_with_the_document_and_a_retrieve_names_it() {
        let (software, patients) = software(1);
        let signed = software.assertions.take().unwrap();
        let doctor = doctor(&identity());
        let text = documents::numbered(&patients[signed.patient], &doctor, 5, 6, 30_000);
        let publish = software.request(signed, Ask::Publish(Bytes::from(text.clone()))).unwrap();
        assert!(publish.content_type.starts_with("multipart/related"));
        for part in [&text, &signed.assertion, "2.25.5.6.1", &doctor.structure] {
            assert!(contains(&publish.body, part));
        }
        let retrieve = software.request(&software.spare().unwrap(), Ask::Retrieve("2.25.5.6.1")).unwrap();
        assert!(contains(&retrieve.body, ">2.25.5.6.1<"));
        assert!(!contains(&retrieve.body, &signed.assertion));
    }

    #[test]
    fn only_a_success_is_counted_and_a_refusal_is_told() {
        let envelope = |body: &str| {
            format!(
                "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body>{body}</s:Body></s:Envelope>"
            )
        };
        let response = |status: &str| {
            envelope(&format!(
                "<RegistryResponse xmlns=\"urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0\" status=\"{status}\"/>"
            ))
        };
        let fault = envelope(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>non</s:Text></s:Reason></s:Fault>",
        );
        let success = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success";
        let failure = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure";
        for (status, body, told) in [
            (200, response(success), None),
            (500, response(success), Some("without a success")),
            (200, response(failure), Some("XDSRegistryError")),
            (400, fault, Some("answered 400: Sender non")),
            (502, "<html/>".to_owned(), Some("answered 502 without a success")),
        ] {
            let reply = Reply { status, content_type: "application/soap+xml".into(), body: body.into() };
            let checked = check(&reply).map_err(|error| format!("{error:#}"));
            match told {
                None => assert_eq!(checked, Ok(())),
                Some(told) => assert!(checked.as_ref().is_err_and(|e| e.contains(told)), "{checked:?}"),
            }
        }
    }
}
