//! HL7 v3 as the DMP speaks it: wrappers of messages, the patient's person, the author of a request.
//!
//! [`message`] reads the wrapper of a request and writes that of its answer; [`person`] and [`address`] read and write
//! the patient; [`observation`] the yes or no of consents and oppositions; [`author`] reads who asks; [`registration`]
//! writes the answer to what opens or changes a dossier. What is asked is said by each transaction.
//!
//! Sources: HL7 v3 Normative Edition 2009 (MCCI_MT000300UV01, MFMI_MT700701UV01, 700711, 700721, QUQI_MT021001UV01,
//! PRPA_MT201301UV02 to 201304); order and codes of the official answers of the DMP.

pub(crate) mod address;
pub(crate) mod author;
pub(crate) mod message;
pub(crate) mod observation;
pub(crate) mod person;
pub(crate) mod registration;
mod representative;

#[cfg(test)]
mod mutations;

use crate::call::Call;
use crate::elements::{self, Wrong, wrong};
use crate::fault::Failure;
use dmp_dossier::{Act, Ins, InsOid, Reason, Refusal, Rule};
use dmp_xml::Element;

/// One patient in a session.
pub(crate) const MSG_2: Rule = Rule {
    id: "MSG-2",
    says: "le patient du message est celui que nomme le VIHF (resource-id)",
    source: "SEL-MP-037, VIHF; spec 6.1",
};

/// The INS among identifiers; the others (INS-C, local ones) are not ours to know.
///
/// # Errors
/// None or several; a number that is no INS of this deployment.
pub(crate) fn ins<'t>(
    call: &Call<'_>,
    ids: impl Iterator<Item = Element<'t>>,
    under: Element<'_>,
    name: &str,
) -> Result<Ins, Wrong> {
    let mut found = ids.filter(|id| id.attribute("root").is_some_and(|root| InsOid::parse(root).is_some()));
    let id = match (found.next(), found.next()) {
        (Some(id), None) => id,
        (None, _) => {
            return Err(Wrong(format!("matricule INS attendu : `{}/{name}`", elements::path(under))));
        }
        (_, Some(second)) => return Err(wrong(second, "un seul matricule INS est attendu")),
    };
    let (root, extension) = (elements::attribute(id, "root")?, elements::attribute(id, "extension")?);
    let realm = &call.xds.store.parameters().realm;
    realm.read(extension, root).map_err(|error| wrong(id, error.says()))
}

/// The patient of a request: that of the message, who must be the one of the VIHF.
///
/// # Errors
/// [`Reason::PatientMismatch`], journalled in the dossier that was named, where there is one.
pub(crate) async fn session(call: &Call<'_>, named: Ins, act: Act) -> Result<Ins, Failure> {
    match &call.vihf.patient {
        Some(patient) if *patient == named => Ok(named),
        Some(_) => Err(refuse(call, &named, act, mismatch()).await),
        None => Err(refuse(call, &named, act, nobody()).await),
    }
}

fn mismatch() -> Refusal {
    Refusal::about(
        Reason::PatientMismatch,
        &MSG_2,
        "le patient du message n'est pas celui du VIHF (`resource-id`)",
    )
}

fn nobody() -> Refusal {
    Refusal::about(Reason::InvalidRequest, &MSG_2, "le VIHF ne nomme pas le patient (`resource-id`)")
}

/// A refusal that the store did not decide, journalled in that patient's dossier.
pub(crate) async fn refuse(call: &Call<'_>, ins: &Ins, act: Act, refusal: Refusal) -> Failure {
    let store = &call.xds.store;
    match store.refuse(&call.vihf.actor, call.target(ins), act, &refusal, call.request).await {
        Ok(()) => refusal.into(),
        Err(error) => error.into(),
    }
}
