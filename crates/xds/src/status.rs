//! Answers of the DMP's own services: `output` with what was asked, a `status` and a `context`.
//!
//! `status` is `DMPOk` or the token of a refusal, `context` a sentence. A missing right is a SOAP fault, as everywhere.
//! The patient is the one that the VIHF names: these messages name nobody.

use crate::call::{Call, Reply};
use crate::elements::{Wrong, wrong};
use crate::fault::{Failure, Fault};
use crate::hl7v3::message::sentence;
use dmp_dossier::{Actor, Grantee, GranteeLabel, Ins, PersonName};
use dmp_xml::{Element, Writer};

/// `status` of what was done.
const OK: &str = "DMPOk";

/// The patient of the session.
///
/// # Errors
/// The VIHF names nobody.
pub(crate) fn patient<'c>(call: &'c Call<'_>) -> Result<&'c Ins, Wrong> {
    let nobody = || Wrong("le VIHF ne nomme pas le patient (`resource-id`)".to_owned());
    call.vihf.patient.as_ref().ok_or_else(nobody)
}

/// An answer: what `done` writes in `output` then `DMPOk` and a context, or the refusal. `response` is a name of the
/// prefix `s`, bound to `namespace`.
///
/// # Errors
/// A fault.
pub(crate) fn reply<T>(
    namespace: &'static str,
    response: &'static str,
    result: Result<T, Failure>,
    done: impl FnOnce(&mut Writer, T) -> Option<String>,
) -> Result<Reply, Fault> {
    let mut w = Writer::new();
    w.open(response).attribute("xmlns:s", namespace).open("s:output");
    let (status, context) = match result {
        Ok(result) => (OK, done(&mut w, result)),
        Err(Failure::Refused(refusal)) => (refusal.reason.answer().dmp, Some(sentence(&refusal))),
        Err(Failure::Fault(fault)) => return Err(fault),
    };
    w.open("s:status").text(status).close();
    if let Some(context) = context {
        w.open("s:context").text(&context).close();
    }
    Ok(Reply::new(w.finish()))
}

/// The value of an element among those it can have.
///
/// # Errors
/// Another one.
pub(crate) fn one_of<T: Copy>(element: Element<'_>, values: &[(&str, T)]) -> Result<T, Wrong> {
    let text = element.trimmed();
    let found = values.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        wrong(element, &format!("une valeur parmi `{}` est attendue", names.join("`, `")))
    })
}

/// Whom a declaration of this actor authorises: himself, or his structure when the person is not authenticated as a
/// professional (PDT-INF-526 note 1); and what people read of them.
pub(crate) fn oneself(actor: &Actor) -> Option<(Grantee, Option<GranteeLabel>)> {
    if let Some(p) = actor.professional() {
        let who = Grantee::Professional(p.id.clone());
        let label = GranteeLabel {
            who: who.clone(),
            name: full(&p.name),
            profession: Some(p.profession.clone()),
            speciality: p.speciality.clone(),
        };
        return Some((who, Some(label)));
    }
    let who = Grantee::Structure(actor.structure()?.clone());
    let name = match actor {
        Actor::Employee(e) => e.structure_name.clone(),
        Actor::Structure(s) => s.name.clone(),
        Actor::Professional(p) => p.structure_name.clone(),
        _ => None,
    };
    let label = name.map(|name| GranteeLabel { who: who.clone(), name, profession: None, speciality: None });
    Some((who, label))
}

fn full(name: &PersonName) -> String {
    format!("{} {}", name.given, name.family).trim().to_owned()
}
