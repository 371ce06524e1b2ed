//! Whether a VIHF is of now: 60 minutes from `IssueInstant`, five of tolerance, unless it says less.
//!
//! The published VIHFs carry no `Conditions`; some clients write eight hours: an assertion never lives longer than the
//! server's own bound.
//!
//! Source: SAML 2.0 core 2.5.1; DMPi PRE_TPS (clocks set every 24 hours); security.md SAML row 15.

use super::assertion::Assertion;
use super::trust::VihfParameters;
use crate::fault::Fault;
use dmp_dossier::Time;

/// Until when the VIHF is taken.
pub(super) fn check(
    assertion: &Assertion<'_>,
    parameters: &VihfParameters,
    now: Time,
) -> Result<Time, Fault> {
    let (before, after) = (assertion.not_before, assertion.not_on_or_after);
    if before.zip(after).is_some_and(|(before, after)| before > after) {
        return Err(Fault::wsse("InvalidSecurityToken", "NotBefore est après NotOnOrAfter"));
    }
    let tolerated = now.plus_minutes(parameters.skew_minutes);
    if assertion.issued_at > tolerated || before.is_some_and(|before| before > tolerated) {
        let reason = format!("le VIHF est émis dans le futur ; heure du serveur : {}", now.to_instant());
        return Err(Fault::wsse("FailedCheck", reason));
    }
    let own = assertion.issued_at.plus_minutes(parameters.max_age_minutes);
    let expires_at = after.map_or(own, |after| after.min(own)).plus_minutes(parameters.skew_minutes);
    if now >= expires_at {
        let reason = format!("le VIHF a expiré ; heure du serveur : {}", now.to_instant());
        return Err(Fault::expired(reason));
    }
    Ok(expires_at)
}
