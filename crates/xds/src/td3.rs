//! What the transactions on documents share (TD3.1, TD3.2, TD3.3): whose dossier, and how they stop.

use crate::call::Call;
use crate::ebrim::read::hl7::Cx;
use crate::fault::{Failure, Fault};
use crate::registry_response::RegistryError;
use dmp_dossier::{Act, Ins, Reason, Refusal, Rule};
use dmp_store::StoreError;

/// Whose dossier a request is about.
pub(crate) const PATIENT_OF_VIHF: Rule = Rule {
    id: "VIHF-P",
    says: "une demande porte sur le patient que nomme le VIHF",
    source: "SEL-MP-037 RG_3010; bad-inputs SAML-60",
};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A fault instead of an answer.
    Fault(Fault),
    /// An error in the answer.
    Error(RegistryError),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Fault(fault) => Stop::Fault(fault),
            Failure::Refused(refusal) => Stop::Error(RegistryError::refused(&refusal)),
        }
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<RegistryError> for Stop {
    fn from(error: RegistryError) -> Self {
        Stop::Error(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

/// The patient of a request: that of the VIHF. The patients that the message names (CX) must be him; naming another is
/// journalled in both dossiers.
///
/// # Errors
/// No patient in the VIHF, an identifier that is no INS of this deployment, another patient.
pub(crate) async fn patient<'c>(call: &'c Call<'_>, named: &[&str], act: Act) -> Result<&'c Ins, Stop> {
    let Some(patient) = &call.vihf.patient else {
        let reason = "le VIHF ne nomme pas de patient (resource-id)";
        return Err(Fault::wsse("InvalidSecurityToken", reason).in_french().into());
    };
    let realm = &call.xds.store.parameters().realm;
    for cx in named {
        let named = Cx::parse(cx).ok().and_then(|cx| cx.ins(realm).ok());
        if named.as_ref() == Some(patient) {
            continue;
        }
        let reason = if named.is_some() { Reason::PatientMismatch } else { Reason::InvalidIns };
        let refusal = Refusal::about(reason, &PATIENT_OF_VIHF, "patientId");
        for probed in [Some(patient), named.as_ref()].into_iter().flatten() {
            let target = call.target(probed);
            call.xds.store.refuse(&call.vihf.actor, target, act, &refusal, call.request).await?;
        }
        return Err(RegistryError::refused(&refusal).into());
    }
    Ok(patient)
}

/// The record answered another view than the query's: our fault.
pub(crate) fn unexpected() -> Stop {
    tracing::error!("the record answered with another view than the query's");
    Stop::Fault(Fault::ours())
}

#[cfg(test)]
mod matrix;
#[cfg(test)]
pub(crate) mod world;
