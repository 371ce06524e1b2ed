//! What differs between the metadata of an update and those that the registry holds (spec 5.7).
//!
//! The stored ones are written as a search would give them, read back, and compared object to object: whoever sends a
//! found object back with other confidentiality codes changes nothing else. Composite values are compared by what the
//! registry keeps of them; labels, the order of values and `VersionInfo` make no difference, and what the registry
//! itself sets may be left out.

use crate::ebrim::read::hl7::{self, Cx, Xcn, Xon};
use crate::ebrim::read::{self, Classification, ExtrinsicObject, RegistryObject};
use crate::ebrim::{scheme, write};
use crate::fault::Fault;
use dmp_dossier::{Availability, BaseConfidentiality, DocumentEntry, Ins, RealmPolicy, Visibility};
use dmp_nomenclature::confidentiality::{INVISIBLE_PATIENT, INVISIBLE_REPRESENTANTS_LEGAUX, MASQUE_PS};
use dmp_xml::{Limits, Tree, Writer};
use std::collections::BTreeSet;

/// Slots that the registry sets.
const SET_BY_THE_REGISTRY: &[&str] = &["hash", "size", "repositoryUniqueId"];

/// Attributes by the scheme of their classifications, confidentiality left out.
const CLASSIFIED: &[(&str, &str)] = &[
    (scheme::AUTHOR, "author"),
    (scheme::CLASS, "classCode"),
    (scheme::EVENT, "eventCodeList"),
    (scheme::FORMAT, "formatCode"),
    (scheme::FACILITY, "healthcareFacilityTypeCode"),
    (scheme::PRACTICE_SETTING, "practiceSettingCode"),
    (scheme::TYPE, "typeCode"),
];

/// The first attribute that is not as stored.
pub(super) fn first(
    sent: &ExtrinsicObject<'_>,
    stored: &DocumentEntry,
    patient: &Ins,
    realm: &RealmPolicy,
) -> Result<Option<String>, Fault> {
    let mut w = Writer::new();
    write::root(&mut w, "rim:RegistryObjectList");
    write::document_entry(&mut w, stored, patient);
    let text = w.finish();
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).map_err(|_| ours())?;
    let objects = read::objects(tree.root()).map_err(|_| ours())?;
    let written = objects.documents.first().ok_or_else(ours)?;
    Ok(between(sent, written, realm))
}

/// What we wrote is not read back.
fn ours() -> Fault {
    tracing::error!("the metadata of a stored document are not read back");
    Fault::ours()
}

fn between(sent: &ExtrinsicObject<'_>, stored: &ExtrinsicObject<'_>, realm: &RealmPolicy) -> Option<String> {
    let (new, old) = (&sent.object, &stored.object);
    // A registry sets the status: software sends the one it found, or the one of a deposit.
    let status = new.status.is_none_or(|s| Some(s) == old.status || s == Availability::Approved.as_urn());
    let same = [
        ("objectType", new.object_type == old.object_type),
        ("mimeType", sent.mime_type == stored.mime_type),
        ("availabilityStatus", status),
        ("title", new.name == old.name),
        ("comments", new.description == old.description),
    ];
    if let Some((attribute, _)) = same.iter().find(|(_, same)| !same) {
        return Some((*attribute).to_owned());
    }
    let slots: BTreeSet<&str> = new.slots.iter().chain(&old.slots).map(|slot| slot.name).collect();
    if let Some(slot) = slots.into_iter().find(|slot| !same_slot(slot, new, old, realm)) {
        return Some(read::cut(slot));
    }
    let coded = CLASSIFIED.iter().find(|(scheme, _)| kept(new, scheme, realm) != kept(old, scheme, realm));
    if let Some((_, attribute)) = coded {
        return Some((*attribute).to_owned());
    }
    let is_known = |c: &Classification<'_>| {
        c.scheme == scheme::CONFIDENTIALITY || CLASSIFIED.iter().any(|(scheme, _)| *scheme == c.scheme)
    };
    if let Some(foreign) = new.classifications.iter().find(|c| !is_known(c)) {
        return Some(read::cut(if foreign.scheme.is_empty() { "Classification" } else { foreign.scheme }));
    }
    // The patient was compared with that of the VIHF.
    let identifiers = |object: &RegistryObject<'_>| -> Vec<(String, String)> {
        let others = object.identifiers.iter().filter(|i| i.scheme != scheme::PATIENT_ID);
        others.map(|i| (i.scheme.to_owned(), i.value.to_owned())).collect()
    };
    (identifiers(new) != identifiers(old)).then(|| "uniqueId".to_owned())
}

fn same_slot(name: &str, new: &RegistryObject<'_>, old: &RegistryObject<'_>, realm: &RealmPolicy) -> bool {
    let (sent, stored) = (new.values(name), old.values(name));
    if sent.is_empty() && SET_BY_THE_REGISTRY.contains(&name) {
        return true;
    }
    let kept = |values: &[std::borrow::Cow<'_, str>]| -> Vec<String> {
        let mut kept: Vec<String> = values
            .iter()
            .map(|value| match name {
                "legalAuthenticator" => person(value, realm),
                "sourcePatientId" => {
                    Cx::parse(value).map_or_else(|_| value.to_string(), |cx| format!("{cx:?}"))
                }
                "hash" => value.to_ascii_lowercase(),
                write::REFERENCE_ID_LIST => {
                    hl7::reference_id(value).map_or_else(|_| value.to_string(), |id| format!("{id:?}"))
                }
                _ => value.to_string(),
            })
            .collect();
        kept.sort_unstable();
        kept
    };
    kept(sent) == kept(stored)
}

/// What the registry keeps of the classifications of a scheme, in an order of its own.
fn kept(object: &RegistryObject<'_>, scheme: &str, realm: &RealmPolicy) -> Vec<String> {
    let mut kept: Vec<String> = object
        .classified(scheme)
        .map(|c| match scheme {
            scheme::AUTHOR => author(c, realm),
            _ => match c.coded() {
                Ok(code) => format!("{}^{}", code.code, code.system),
                Err(missing) => format!("no {missing}"),
            },
        })
        .collect();
    kept.sort_unstable();
    kept
}

/// What the registry keeps of an author: person, first institution, role, specialty.
fn author(classification: &Classification<'_>, realm: &RealmPolicy) -> String {
    let values = |slot: &str| read::values(&classification.slots, slot);
    let codes = |slot: &str| -> Vec<String> {
        let code = |value: &str| hl7::coded(value).map_or_else(|_| value.to_owned(), |c| c.code);
        values(slot).iter().map(|value| code(value)).collect()
    };
    let institution = |value: &str| {
        Xon::parse(value).map_or_else(|_| value.to_owned(), |xon| format!("{:?}", xon.institution()))
    };
    format!(
        "{:?}",
        (
            values("authorPerson").iter().map(|value| person(value, realm)).collect::<Vec<_>>(),
            values("authorInstitution").iter().map(|value| institution(value)).collect::<Vec<_>>(),
            codes("authorRole"),
            codes("authorSpecialty"),
        )
    )
}

fn person(value: &str, realm: &RealmPolicy) -> String {
    Xcn::parse(value).map_or_else(
        |_| value.to_owned(),
        |xcn| {
            // An INS hides in its own Debug: the identifier is told apart beside it.
            format!("{}{:?}", xcn.id, xcn.person(realm))
        },
    )
}

/// The visibility that the codes of an object ask for; its first code stays.
///
/// # Errors
/// What is wrong.
pub(super) fn asked(
    object: &RegistryObject<'_>,
    base: BaseConfidentiality,
) -> Result<Visibility, &'static str> {
    const CONFIDENTIALITY: &str = "confidentialityCode";
    let codes = object.codes(scheme::CONFIDENTIALITY, CONFIDENTIALITY).map_err(|_| CONFIDENTIALITY)?;
    let first = write::labels(base, Visibility::VISIBLE).next().ok_or(CONFIDENTIALITY)?;
    let mut visibility = Visibility::VISIBLE;
    let mut has_first = false;
    for code in &codes {
        let is =
            |label: &dmp_nomenclature::Concept| label.code == code.code && label.system.oid == code.system;
        match () {
            () if is(first) => has_first = true,
            () if is(&MASQUE_PS) => visibility.masked = true,
            () if is(&INVISIBLE_PATIENT) => visibility.hidden_from_patient = true,
            () if is(&INVISIBLE_REPRESENTANTS_LEGAUX) => visibility.hidden_from_representatives = true,
            () => return Err(CONFIDENTIALITY),
        }
    }
    if has_first { Ok(visibility) } else { Err(CONFIDENTIALITY) }
}
