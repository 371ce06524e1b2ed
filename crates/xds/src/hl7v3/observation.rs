//! Yes or no about a dossier: consents, oppositions, the patient's own access (`administrativeObservation`).

use crate::elements::{Wrong, all, attribute, missing, optional, required, wrong};
use dmp_dossier::{Dtm, Emergency, Time};
use dmp_xml::{Element, Writer};

/// Consents and oppositions.
pub(crate) const CONSENTS: &str = "1.2.250.1.213.4.1.2.3";
/// The patient's own access by internet.
const INTERNET: &str = "1.2.250.1.213.4.1.2.9";

/// The patient consents to the opening (TD1.1).
pub(crate) const OPENING: &str = "CONSENTEMENT_OUVERTURE_DMP";
/// The patient consents to the reopening (TD1.2).
pub(crate) const REOPENING: &str = "CONSENTEMENT_REACTIVATION_DMP";
/// Opposition to the bris de glace.
pub(crate) const BRIS_DE_GLACE: &str = "OPPOSITION_BRIS_DE_GLACE";
/// Opposition to access by a regulation centre.
pub(crate) const ACCES_URGENCE: &str = "OPPOSITION_ACCES_URGENCE";

/// An answer to one of these questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    /// Yes or no.
    pub(crate) yes: bool,
    /// When it was said.
    pub(crate) at: Option<Time>,
}

/// What a `patient` says under a code of [`CONSENTS`], if anything.
///
/// # Errors
/// Said twice; without a value, or with one that is no boolean; a date that is none.
pub(crate) fn said(patient: Element<'_>, code: &str) -> Result<Option<Said>, Wrong> {
    let mut found = None;
    for subject in all(patient, "subjectOf") {
        let observation = required(subject, "administrativeObservation")?;
        let named = required(observation, "code")?;
        if attribute(named, "code")? != code {
            continue;
        }
        if attribute(named, "codeSystem")? != CONSENTS {
            return Err(wrong(named, &format!("le système de `{code}` est `{CONSENTS}`")));
        }
        if found.is_some() {
            return Err(wrong(observation, "un seul est attendu pour ce code"));
        }
        let value = required(observation, "value")?;
        let yes = match attribute(value, "value")? {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(wrong(value, "`true` ou `false` est attendu")),
        };
        let at = optional(observation, "effectiveTime")?.map(time).transpose()?;
        found = Some(Said { yes, at });
    }
    Ok(found)
}

/// The instant of an element with a `value`.
pub(crate) fn time(element: Element<'_>) -> Result<Time, Wrong> {
    let text = match element.attribute("value") {
        None => match optional(element, "low")? {
            Some(low) => return time(low),
            None => return Err(missing(element, "@value")),
        },
        Some(text) => text,
    };
    instant(text).ok_or_else(|| wrong(element, "date attendue, `AAAAMMJJ[hhmm[ss]]` en temps universel"))
}

/// `YYYYMMDD[hhmm[ss[.f]]][+hhmm]`: without a zone, in UTC as every technical date of the DMP.
pub(crate) fn instant(text: &str) -> Option<Time> {
    let (local, minutes) = match text.rfind(['+', '-']) {
        Some(at) => {
            let (local, zone) = text.split_at(at);
            let digits = zone.get(1..).filter(|z| z.len() == 4 && z.bytes().all(|b| b.is_ascii_digit()))?;
            let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
            let east = hours * 60 + minutes;
            (local, if zone.starts_with('-') { -east } else { east })
        }
        None => (text, 0),
    };
    let whole = match local.split_once('.') {
        Some((whole, fraction)) if whole.len() == 14 && fraction.bytes().all(|b| b.is_ascii_digit()) => whole,
        Some(_) => return None,
        None => local,
    };
    let dtm = Some(whole).filter(|w| w.len() >= 8).and_then(Dtm::parse)?;
    Some(Time::from_millis(dtm.start().millis() - minutes * 60_000))
}

/// The emergency switches that a `patient` sets, those not told as they were. The third switch, masked documents in an
/// emergency, has no code in the DMP's messages.
pub(crate) fn emergency(patient: Element<'_>, was: Emergency) -> Result<Emergency, Wrong> {
    let told = |code: &str, was: bool| Ok::<_, Wrong>(said(patient, code)?.map_or(was, |said| said.yes));
    Ok(Emergency {
        bris_de_glace_opposed: told(BRIS_DE_GLACE, was.bris_de_glace_opposed)?,
        samu_opposed: told(ACCES_URGENCE, was.samu_opposed)?,
        masked_readable: was.masked_readable,
    })
}

/// Writes the two oppositions (TD1.3a).
pub(crate) fn write_oppositions(w: &mut Writer, emergency: Emergency) {
    write(
        w,
        "subjectOf",
        BRIS_DE_GLACE,
        CONSENTS,
        Some("opposition au mode bris de glace"),
        emergency.bris_de_glace_opposed,
    );
    write_samu(w, "subjectOf", emergency);
}

/// Writes the opposition to access by a regulation centre, under `subject`.
pub(crate) fn write_samu(w: &mut Writer, subject: &'static str, emergency: Emergency) {
    let display = Some("opposition à l'accès au mode urgence");
    write(w, subject, ACCES_URGENCE, CONSENTS, display, emergency.samu_opposed);
}

/// Writes what TD0.2 says of the patient's own access: the account of the DMP, and that no *espace numérique de santé*
/// stands behind this dossier.
pub(crate) fn write_accounts(w: &mut Writer, web_access: bool) {
    write(w, "subjectOf", "COMPTE_INTERNET_OUVERT", INTERNET, None, web_access);
    let display = Some("information de rattachement du DMP à un ENS");
    write(w, "subjectOf", "RATTACHEMENT_ENS", CONSENTS, display, false);
}

fn write(
    w: &mut Writer,
    subject: &'static str,
    code: &str,
    system: &str,
    display: Option<&str>,
    value: bool,
) {
    w.open(subject).attribute("typeCode", "SBJ");
    w.open("administrativeObservation").attribute("classCode", "OBS").attribute("moodCode", "EVN");
    w.open("code").attribute("code", code).attribute("codeSystem", system);
    if let Some(display) = display {
        w.attribute("displayName", display);
    }
    w.close();
    w.open("value").attribute("xsi:type", "BL").attribute("value", if value { "true" } else { "false" });
    w.close().close().close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_with_its_zone_or_in_utc() {
        for (text, read) in [
            ("20210519174507", Some("2021-05-19T17:45:07.000Z")),
            ("20210519174507.123", Some("2021-05-19T17:45:07.000Z")),
            ("20210519174507+0200", Some("2021-05-19T15:45:07.000Z")),
            ("20210519174507-0130", Some("2021-05-19T19:15:07.000Z")),
            ("20210519", Some("2021-05-19T00:00:00.000Z")),
            ("202105", None),
            ("20210532", None),
            ("20210519174507+2", None),
            ("2021-05-19", None),
            ("20210519.5", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(Time::to_instant).as_deref(), read, "{text}");
        }
    }
}
