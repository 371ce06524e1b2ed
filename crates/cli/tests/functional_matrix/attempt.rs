//! How each transaction is asked, and what shows that it was done: an answer that accepts and does nothing fails.

use crate::Act;
use crate::common::lot::BIRTH;
use crate::common::soap::{Software, UNKNOWN};
use crate::place::{Deposited, Place, Whose};
use dmp_dossier::{Contact, Sex, Traits};
use dmp_lps::authorise::Action;
use dmp_lps::candidates::Sought;
use dmp_lps::exists::Existence;
use dmp_lps::lifecycle::{self, Administrative};
use dmp_lps::patients::By;
use dmp_lps::publish::Document as Sent;
use dmp_lps::service::Operation;
use dmp_lps::{
    Answer, Availability, Ins, LpsError, Message, Session, Time, Visibility, administrative, authorisations,
    authorise, candidates, exists, patient_access, patients, update,
};

type Outcome = Result<(), String>;

/// Asks.
pub fn attempt(place: &Place<'_>, act: Act, whose: Whose) -> Outcome {
    let (asker, ins) = (&place.asker, &place.ins);
    let document = || place.document(act, whose).unwrap();
    match act {
        Act::Status => status(asker, ins).map(|found| assert_eq!(found.status, "active")),
        Act::Authorise => {
            declare(place, Action::Add, false)?;
            assert_eq!(authorisation(place), "VALIDE");
            Ok(())
        }
        Act::StopMedecinTraitant => {
            declare(place, Action::Remove, true)?;
            let after = status(asker, ins).unwrap();
            assert!(!after.medecin_traitant && after.authorisation.as_deref() == Some("VALIDE"));
            Ok(())
        }
        Act::Withdraw => {
            declare(place, Action::Remove, false)?;
            assert_eq!(authorisation(place), "NON_EXISTE");
            Ok(())
        }
        Act::List => {
            let message = patients::message(Time::from_millis(0), By::LastAuthorisation);
            let listed = asker.ask(None, |_| Ok(message), patients::read)?;
            let is_listed = listed.iter().any(|row| row.ids.iter().any(|(id, _)| id == place.patient.ins));
            assert_eq!(is_listed, authorisation(place) == "VALIDE", "{}", place.column);
            Ok(())
        }
        Act::Candidates => {
            let birth = BIRTH.replace('-', "");
            let sought = Sought { family: place.patient.family, given: None, birth: &birth, sex: None };
            let message = |session: &Session<'_>| Ok(candidates::message(session, &sought));
            let found = asker.ask(None, message, candidates::read)?;
            let ids: Vec<_> = found.iter().flat_map(|patient| &patient.ids).map(|(id, _)| id).collect();
            assert_eq!(ids, [place.patient.ins]);
            Ok(())
        }
        Act::Administrative => {
            let patient = asker.ask(Some(ins), administrative::message, administrative::read)?;
            assert_eq!(patient.birth_name.as_deref(), Some(place.patient.family));
            Ok(())
        }
        Act::Rights => {
            let message = |session: &Session<'_>| authorisations::message(session, "TOUTE");
            let rows = asker.ask(Some(ins), message, authorisations::read)?;
            assert!(rows.iter().any(|row| row.medecin_traitant), "{rows:?}");
            Ok(())
        }
        Act::Feed => {
            let sent = place.new_document(Whose::Own, Visibility::VISIBLE);
            asker.publish(ins, std::slice::from_ref(&sent))?;
            place.seen(sent.draft.metadata.unique_id.as_str());
            Ok(())
        }
        Act::Replace => {
            let old = document();
            let sent = place.new_document(Whose::Own, Visibility::VISIBLE);
            let sent = Sent { replaces: Some(old.entry.id.clone()), ..sent };
            asker.publish(ins, std::slice::from_ref(&sent))?;
            place.seen(sent.draft.metadata.unique_id.as_str());
            is_now(place, old, Availability::Deprecated);
            Ok(())
        }
        Act::Search => {
            let found = asker.entries(ins)?;
            for whose in [Whose::Own, Whose::Other] {
                let there = place.document(Act::Read, whose).unwrap();
                assert!(found.contains(&there.entry), "{}: {whose:?}", place.column);
            }
            Ok(())
        }
        Act::Reference => match asker.references(ins, &document().unique_id)?.as_slice() {
            [] => Err(UNKNOWN.to_owned()),
            [one] if *one == document().entry.id => Ok(()),
            others => panic!("{others:?}"),
        },
        Act::ReadMasked | Act::ReadHidden => {
            if whose == Whose::OtherAllowed {
                place.allow_masked();
            }
            read(place, document())
        }
        Act::Read | Act::ReadArchived | Act::ReadObsolete | Act::ReadDeleted => read(place, document()),
        Act::Mask => change(place, document(), |to| to.masked = true),
        Act::Unmask => change(place, document(), |to| to.masked = false),
        Act::Reveal => change(place, document(), |to| to.hidden_from_patient = false),
        Act::Archive => set_status(place, document(), Availability::Archived),
        Act::Unarchive => set_status(place, document(), Availability::Approved),
        Act::Delete => set_status(place, document(), Availability::Deleted),
        Act::Create => {
            let nobody = &place.nobody;
            register(place, nobody, Operation::Create, |session| {
                lifecycle::open(session, &administrative_of(&traits(place), &Contact::default()))
            })?;
            assert_eq!(status(asker, nobody).unwrap().status, "active");
            Ok(())
        }
        Act::Modify => {
            let mail = format!("{}@example.org", place.patient.family.to_lowercase());
            let contact = Contact { mail: Some(mail.clone()), ..Contact::default() };
            register(place, ins, Operation::Modify, |session| {
                lifecycle::modify(session, &administrative_of(&traits(place), &contact))
            })?;
            let patient = asker.ask(Some(ins), administrative::message, administrative::read).unwrap();
            assert_eq!(patient.telecoms, [format!("mailto:{mail}")]);
            Ok(())
        }
        Act::OpenAccess => {
            let operation = Operation::CreatePatientAccess;
            let message = |session: &Session<'_>| patient_access::create(session, "SMS", "0612345678");
            let read = |answer: &Answer| patient_access::read_secrets(answer, operation);
            let secrets = asker.ask(Some(ins), message, read)?;
            assert!(!secrets.login.is_empty() && !secrets.password.is_empty());
            Ok(())
        }
        Act::Close => {
            register(place, ins, Operation::Modify, |session| {
                lifecycle::close(session, "FERMETURE_DEMANDE_PATIENT", "à la demande du patient")
            })?;
            assert_eq!(status(asker, ins).unwrap().status, "terminated");
            Ok(())
        }
        Act::Reactivate => {
            register(place, ins, Operation::Modify, |session| lifecycle::reactivate(session, None))?;
            assert_eq!(status(asker, ins).unwrap().status, "active");
            Ok(())
        }
    }
}

/// Asks for a change of the life cycle of a dossier.
fn register(
    place: &Place<'_>,
    patient: &Ins,
    operation: Operation,
    message: impl FnOnce(&Session<'_>) -> Result<Message, LpsError>,
) -> Outcome {
    place.asker.ask(Some(patient), message, |answer| lifecycle::read(answer, operation))
}

/// The patient as the documents name her.
fn traits(place: &Place<'_>) -> Traits {
    Traits {
        birth_name: place.patient.family.to_owned(),
        given_names: place.patient.given.to_owned(),
        birth_date: BIRTH.replace('-', ""),
        sex: Sex::Female,
        birth_place: String::new(),
        used_name: None,
        used_given: None,
    }
}

fn administrative_of<'t>(traits: &'t Traits, contact: &'t Contact) -> Administrative<'t> {
    Administrative { traits, contact, oppositions: None }
}

fn status(asker: &Software, ins: &Ins) -> Result<Existence, String> {
    asker.ask(Some(ins), exists::message, exists::read)
}

/// What the dossier says of who asks.
fn authorisation(place: &Place<'_>) -> String {
    status(&place.asker, &place.ins).unwrap().authorisation.unwrap()
}

fn declare(place: &Place<'_>, action: Action, medecin_traitant: bool) -> Outcome {
    let message = |session: &Session<'_>| authorise::message(session, action, medecin_traitant);
    place.asker.ask(Some(&place.ins), message, authorise::read).map(drop)
}

fn read(place: &Place<'_>, document: &Deposited) -> Outcome {
    let bytes = place.asker.retrieve(&place.ins, &document.unique_id)?;
    assert!(bytes == document.bytes, "{} bytes", bytes.len());
    Ok(())
}

fn change(place: &Place<'_>, document: &Deposited, edit: impl FnOnce(&mut Visibility)) -> Outcome {
    let mut to = update::visibility_of(&document.entry);
    edit(&mut to);
    place.asker.visibility(&place.ins, &document.entry, to)?;
    let after = place.seen(&document.unique_id);
    assert_eq!(update::visibility_of(&after), to);
    assert_ne!((&after.id, &after.version), (&document.entry.id, &document.entry.version));
    assert_eq!(after.lid, document.entry.lid);
    Ok(())
}

fn set_status(place: &Place<'_>, document: &Deposited, to: Availability) -> Outcome {
    place.asker.status(&place.ins, &document.entry, to)?;
    is_now(place, document, to);
    Ok(())
}

fn is_now(place: &Place<'_>, document: &Deposited, status: Availability) {
    assert_eq!(place.seen(&document.unique_id).status.as_deref(), Some(status.as_urn()));
}
