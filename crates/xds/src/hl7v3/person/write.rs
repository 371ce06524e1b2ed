//! The patient's person as an answer tells it.
//!
//! A *nom de naissance* that is the *nom d'usage* is left out, as the official answers do; the civility is that of the sex,
//! which is all that the record knows. Order of the elements: official answers to TD0.2, TD1.3a.

use crate::hl7v3::address::Address;
use crate::hl7v3::person::NO_USED_NAME;
use crate::hl7v3::representative;
use dmp_dossier::{AdministrativeView, Contact, Dtm, Identity, Ins, OtpChannel, Precision, Sex, Traits};
use dmp_xml::{Element, Writer};

/// Writes the `id` of a patient.
pub(crate) fn ins(w: &mut Writer, ins: &Ins) {
    w.open("id").attribute("extension", ins.value()).attribute("root", ins.oid().as_str()).close();
}

/// Writes `name`.
pub(crate) fn name(w: &mut Writer, traits: &Traits) {
    w.open("name");
    let civility = match traits.sex {
        Sex::Male => Some("M"),
        Sex::Female => Some("MME"),
        Sex::Undetermined => None,
    };
    if let Some(civility) = civility {
        w.open("prefix").text(civility).close();
    }
    let given = traits.used_given.as_deref().unwrap_or(traits.first_given());
    w.open("given").text(given).close();
    let used = traits.used_name.as_deref();
    w.open("family").attribute("qualifier", "SP").text(used.unwrap_or(NO_USED_NAME)).close();
    if used != Some(traits.birth_name.as_str()) {
        w.open("family").attribute("qualifier", "BR").text(&traits.birth_name).close();
    }
    w.close();
}

/// Writes the `name` of a request again, part by part.
pub(crate) fn same_name(w: &mut Writer, name: Element<'_>) {
    w.open("name");
    for part in name.children().filter(|part| part.namespace() == name.namespace()) {
        let known = ["prefix", "given", "family", "suffix"].into_iter().find(|known| *known == part.name());
        if let Some(known) = known {
            w.open(known);
            if let Some(qualifier) = part.attribute("qualifier") {
                w.attribute("qualifier", qualifier);
            }
            w.text(&part.trimmed()).close();
        }
    }
    w.close();
}

/// Writes sex and birth.
pub(crate) fn sex_and_birth(w: &mut Writer, traits: &Traits) {
    let sex = match traits.sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Undetermined => "U",
    };
    w.open("administrativeGenderCode").attribute("code", sex).close();
    w.open("birthTime").attribute("value", &traits.birth_date).close();
}

/// Writes the telecoms, the mail address first for the patient, last for a representative, as the reference system does.
/// The record keeps one telephone, a mobile before another: it is told as a mobile.
pub(crate) fn telecoms(w: &mut Writer, contact: &Contact, mail_first: bool) {
    let mail = |w: &mut Writer| {
        if let Some(mail) = &contact.mail {
            w.open("telecom").attribute("value", &format!("mailto:{mail}")).close();
        }
    };
    if mail_first {
        mail(w);
    }
    if let Some(phone) = &contact.phone {
        w.open("telecom").attribute("use", "MC").attribute("value", &format!("tel:{phone}")).close();
    }
    if !mail_first {
        mail(w);
    }
}

/// Opens a `patientPerson`.
pub(crate) fn open(w: &mut Writer) {
    w.open("patientPerson").attribute("classCode", "PSN").attribute("determinerCode", "INSTANCE");
}

/// Writes the `patientPerson` of TD0.2.
pub(crate) fn status(w: &mut Writer, identity: &Identity) {
    open(w);
    name(w, &identity.traits);
    telecoms(w, &identity.contact, true);
    sex_and_birth(w, &identity.traits);
    w.close();
}

/// Writes the `patientPerson` of TD1.3a; where one-time codes go is told after how to reach the patient.
pub(crate) fn administrative(w: &mut Writer, view: &AdministrativeView) {
    let AdministrativeView { identity, contact, representatives, web_access, .. } = view;
    open(w);
    name(w, &identity.traits);
    telecoms(w, contact, true);
    for channel in web_access.iter().flatten() {
        match channel {
            OtpChannel::Sms(number) => {
                w.open("telecom").attribute("use", "MC").attribute("value", &format!("tel:{number}")).close()
            }
            OtpChannel::Email(mail) => {
                w.open("telecom").attribute("value", &format!("mailto:{mail}")).close()
            }
        };
    }
    sex_and_birth(w, &identity.traits);
    let deceased = identity.deceased.is_some();
    w.open("deceasedInd").attribute("value", if deceased { "true" } else { "false" }).close();
    if let Some(at) = identity.deceased {
        let day = Dtm::from_civil(at.civil(), Precision::Day).to_hl7();
        w.open("deceasedTime").attribute("value", &day).close();
    }
    if let Some(line) = &contact.address {
        Address::of_line(line).write(w);
    }
    for representative in representatives {
        representative::write(w, representative);
    }
    w.open("birthPlace").attribute("classCode", "BIRTHPL").open("addr");
    if !identity.traits.birth_place.is_empty() {
        w.open("county").text(&identity.traits.birth_place).close();
    }
    w.close().close().close();
}
