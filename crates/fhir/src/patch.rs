//! What a PATCH asks to change, out of JSON Patch (RFC 6902) or FHIRPath Patch (R4 3.1.0.8.1).
//!
//! Only what the DMP changes: `status`, `securityLabel`, the extension `isArchived`; anything else is 405 (PDSm,
//! *Flux 03*). The guides' own examples are taken as they are written: values with a space at the end, booleans in
//! quotes, `extension[url:'…']` with straight or typographic quotes, the URL of the search parameter instead of the
//! extension's.
//!
//! Labels. A document carries `N` first, then whom it is hidden from; the guides instead write one label in place of
//! another at index 0. Both are understood, towards the smaller change where they differ:
//!
//! | operation | effect |
//! |---|---|
//! | replace or add the whole list | exactly the visibility codes it holds |
//! | replace at 0 by a visibility code | that code is added; `N` stays first |
//! | replace at 0 by `N` | visible to all |
//! | replace, add by another confidentiality (`R`, `V`, `restricted`) | none: the DMP keeps the one of the document |
//! | add at the end or anywhere | that code is added |
//! | replace at n | the n-th label leaves, that code is added |
//! | remove at n, remove by code, remove all | those codes leave; `N` stays |

use crate::coding::read_concept;
use crate::document_reference::{IS_ARCHIVED, labels};
use crate::json::Json;
use crate::outcome::{Outcome, echo};
use dmp_dossier::{BaseConfidentiality, Visibility};
use http::StatusCode;

/// URL that the JSON Patch example of PDSm gives to the extension.
const IS_ARCHIVED_PARAMETER: &str =
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/SearchParameter/PDSm-isArchived";
const QUOTES: &[char] = &['\'', '"', '”', '“', '’', '‘', '«', '»'];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Changes {
    /// `DocumentReference.status`.
    pub status: Option<Status>,
    /// Extension `isArchived`.
    pub archived: Option<bool>,
    /// Operations on `securityLabel`, in order.
    pub labels: Vec<LabelChange>,
}

/// A status a document may be asked to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Current,
    Superseded,
    EnteredInError,
}

/// A label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// `N`.
    Normal,
    /// `R`, `V`: another confidentiality.
    OtherBase,
    /// `MASQUE_PS`.
    Masked,
    /// `INVISIBLE_PATIENT`.
    HiddenFromPatient,
    /// `INVISIBLE_REPRESENTANTS_LEGAUX`.
    HiddenFromRepresentatives,
}

/// One operation on the list of labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LabelChange {
    /// The whole list.
    All(Vec<Label>),
    /// One more.
    Add(Label),
    /// One in place of another.
    Replace(usize, Label),
    /// One less, by place.
    RemoveAt(usize),
    /// One less, by code.
    Remove(Label),
}

impl Changes {
    /// The visibility asked for, from the present one.
    pub(crate) fn visibility(&self, from: Visibility) -> Visibility {
        self.labels.iter().fold(from, apply)
    }
}

fn apply(from: Visibility, change: &LabelChange) -> Visibility {
    let at = |n: usize| {
        let label = labels(BaseConfidentiality::Normal, from).nth(n);
        label.and_then(|l| Label::of_code(l.code))
    };
    match change {
        LabelChange::All(labels) => {
            let keeps = !labels.is_empty() && labels.iter().all(|l| *l == Label::OtherBase);
            let start = if keeps { from } else { Visibility::VISIBLE };
            labels.iter().fold(start, |v, l| set(v, *l, true))
        }
        LabelChange::Add(label) => set(from, *label, true),
        LabelChange::Replace(0, Label::Normal) => Visibility::VISIBLE,
        LabelChange::Replace(0, label) => set(from, *label, true),
        LabelChange::Replace(n, label) => set(at(*n).map_or(from, |old| set(from, old, false)), *label, true),
        LabelChange::RemoveAt(n) => at(*n).map_or(from, |old| set(from, old, false)),
        LabelChange::Remove(label) => set(from, *label, false),
    }
}

fn set(visibility: Visibility, label: Label, carried: bool) -> Visibility {
    match label {
        Label::Normal | Label::OtherBase => visibility,
        Label::Masked => Visibility { masked: carried, ..visibility },
        Label::HiddenFromPatient => Visibility { hidden_from_patient: carried, ..visibility },
        Label::HiddenFromRepresentatives => Visibility { hidden_from_representatives: carried, ..visibility },
    }
}

impl Label {
    /// Reads a code, or the English words of HL7 for the three confidentialities.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        match code.trim() {
            "N" | "normal" => Some(Label::Normal),
            "R" | "V" | "restricted" | "very restricted" => Some(Label::OtherBase),
            "MASQUE_PS" => Some(Label::Masked),
            "INVISIBLE_PATIENT" => Some(Label::HiddenFromPatient),
            "INVISIBLE_REPRESENTANTS_LEGAUX" => Some(Label::HiddenFromRepresentatives),
            _ => None,
        }
    }
}

/// Reads a patch: an array is a JSON Patch, a Parameters resource a FHIRPath Patch.
///
/// # Errors
/// 400 `structure` for neither; 405 for an operation on anything else; 422 `value` for a value that cannot be read.
pub(crate) fn read(body: &Json<'_>) -> Result<Changes, Outcome> {
    let mut changes = Changes::default();
    match body {
        Json::Array(operations) => {
            for (i, operation) in operations.iter().enumerate() {
                json_patch(&mut changes, operation).map_err(|o| o.at(&format!("[{i}]")))?;
            }
        }
        body if body.text("resourceType") == Some("Parameters") => {
            let operations = body.items("parameter").iter().filter(|p| p.text("name") == Some("operation"));
            for (i, operation) in operations.enumerate() {
                let place = format!("Parameters.parameter[{i}]");
                fhirpath_patch(&mut changes, operation).map_err(|o| o.at(&place))?;
            }
        }
        _ => return Err(Outcome::structure("a JSON Patch array or a Parameters resource is expected")),
    }
    Ok(changes)
}

fn json_patch(changes: &mut Changes, operation: &Json<'_>) -> Result<(), Outcome> {
    let (Some(op), Some(path)) = (operation.text("op"), operation.text("path")) else {
        return Err(Outcome::structure("an operation has `op` and `path`"));
    };
    let value = operation.get("value");
    let needs_value = || value.ok_or_else(|| Outcome::structure("`value` is missing"));
    let path = path.trim();
    let adds = matches!(op, "add" | "replace");
    let label_path = path.strip_prefix("/securityLabel");
    match (op, label_path) {
        (_, None) if adds && path == "/status" => changes.status = Some(status(needs_value()?)?),
        (_, None) if adds && archives(path) => changes.archived = Some(archived(needs_value()?)?),
        (_, Some("")) if adds => changes.labels.push(LabelChange::All(whole_list(needs_value()?)?)),
        ("remove", Some("")) => changes.labels.push(LabelChange::All(Vec::new())),
        (_, Some(rest)) if adds || op == "remove" => {
            let Some(place) = label_place(rest) else { return Err(not_allowed(path)) };
            changes.labels.push(match (op, place) {
                ("remove", Some(n)) => LabelChange::RemoveAt(n),
                ("replace", Some(n)) => LabelChange::Replace(n, label(needs_value()?)?),
                ("add", _) => LabelChange::Add(label(needs_value()?)?),
                _ => return Err(not_allowed(path)),
            });
        }
        _ => return Err(not_allowed(path)),
    }
    Ok(())
}

/// The place in `/0`, `/-`, `/0/coding/0/code`…: `None` for what is none, `Some(None)` for the end.
fn label_place(rest: &str) -> Option<Option<usize>> {
    let mut parts = rest.strip_prefix('/')?.split('/');
    let place = match parts.next()? {
        "-" => None,
        n => Some(n.parse::<u8>().ok()?.into()),
    };
    let inside: Vec<&str> = parts.collect();
    matches!(inside.as_slice(), [] | ["coding"] | ["coding", "0"] | ["coding", "0", "code"]).then_some(place)
}

/// True for a path to the extension `isArchived`: by its place in what we write (the first), at the end of the list,
/// or by its URL.
fn archives(path: &str) -> bool {
    if matches!(path, "/extension/0/valueBoolean" | "/extension/0" | "/extension/-" | "/extension") {
        return true;
    }
    let Some(selector) = path.strip_prefix("/extension[").and_then(|p| p.strip_suffix("]/valueBoolean"))
    else {
        return false;
    };
    let selector = selector.trim_start_matches("url").trim_start();
    selector.strip_prefix([':', '=']).is_some_and(names_extension)
}

/// True for the URL of the extension, in any quotes.
fn names_extension(text: &str) -> bool {
    let url = text.trim().trim_matches(QUOTES).trim();
    url == IS_ARCHIVED || url == IS_ARCHIVED_PARAMETER
}

fn fhirpath_patch(changes: &mut Changes, operation: &Json<'_>) -> Result<(), Outcome> {
    let part = |name: &str| operation.items("part").iter().find(|p| p.text("name") == Some(name));
    let text = |name: &str| {
        part(name).and_then(|p| p.text("valueCode").or_else(|| p.text("valueString"))).map(str::trim)
    };
    let (Some(op), Some(path)) = (text("type"), text("path")) else {
        return Err(Outcome::structure("an operation has the parts `type` and `path`"));
    };
    // `add` names the element beside the path of its parent.
    let path = match (op, text("name")) {
        ("add", Some(name)) => format!("{path}.{name}"),
        _ => path.to_owned(),
    };
    let value = part("value").and_then(part_value);
    let needs_value = || value.ok_or_else(|| Outcome::structure("the part `value` is missing"));
    let Some(element) = path.strip_prefix("DocumentReference.") else { return Err(not_allowed(&path)) };
    match (op, element) {
        ("add" | "replace", "status") => changes.status = Some(status(needs_value()?)?),
        ("add" | "replace", element) if archives_by_path(element) => {
            changes.archived = Some(archived(needs_value()?)?);
        }
        ("add" | "insert", "securityLabel") => changes.labels.push(LabelChange::Add(label(needs_value()?)?)),
        ("replace", "securityLabel") => changes.labels.push(LabelChange::All(vec![label(needs_value()?)?])),
        ("delete", "securityLabel") => changes.labels.push(LabelChange::All(Vec::new())),
        ("replace", element) if indexed(element).is_some() => {
            let n = indexed(element).unwrap_or_default();
            changes.labels.push(LabelChange::Replace(n, label(needs_value()?)?));
        }
        ("delete", element) => match (indexed(element), label_by_code(element)) {
            (Some(n), _) => changes.labels.push(LabelChange::RemoveAt(n)),
            (None, Some(label)) => changes.labels.push(LabelChange::Remove(label)),
            _ => return Err(not_allowed(&path)),
        },
        _ => return Err(not_allowed(&path)),
    }
    Ok(())
}

/// The `value[x]` of a part, or the parts of a value told piece by piece.
fn part_value<'j, 'a>(part: &'j Json<'a>) -> Option<&'j Json<'a>> {
    part.members().iter().find(|(k, _)| k.starts_with("value")).map(|(_, v)| v)
}

/// `extension.where(url='…').value`, `.valueBoolean`, `.value.as(boolean)`, or `extension` alone.
fn archives_by_path(element: &str) -> bool {
    let Some(rest) = element.strip_prefix("extension") else { return false };
    let Some((selector, tail)) = rest.strip_prefix(".where(").and_then(|r| r.split_once(')')) else {
        return rest.is_empty() || matches!(rest, "[0]" | "[0].value" | "[0].valueBoolean");
    };
    let known = matches!(tail, ".value" | ".valueBoolean" | "" | ".value.as(boolean)" | ".value as boolean");
    let url = selector.trim().strip_prefix("url").map(str::trim_start).and_then(|s| s.strip_prefix('='));
    known && url.is_some_and(names_extension)
}

/// `securityLabel[2]`.
fn indexed(element: &str) -> Option<usize> {
    let inside = element.strip_prefix("securityLabel[")?;
    let index = inside.strip_suffix(']').or_else(|| inside.strip_suffix("].coding[0]"))?;
    index.parse::<u8>().ok().map(usize::from)
}

/// `securityLabel.where(coding.code='MASQUE_PS')`, in the ways it may be written.
fn label_by_code(element: &str) -> Option<Label> {
    let criteria = element.strip_prefix("securityLabel.where(")?;
    let code = criteria.rsplit_once("code")?.1.trim_start().strip_prefix('=')?;
    Label::of_code(code.trim_end_matches(')').trim().trim_matches(QUOTES))
}

fn status(value: &Json<'_>) -> Result<Status, Outcome> {
    match value.as_str().map(str::trim) {
        Some("current") => Ok(Status::Current),
        Some("superseded") => Ok(Status::Superseded),
        Some("entered-in-error") => Ok(Status::EnteredInError),
        _ => Err(wrong_value("status is current, superseded or entered-in-error")),
    }
}

/// A boolean, a boolean in quotes, or the whole extension.
fn archived(value: &Json<'_>) -> Result<bool, Outcome> {
    let extension = match value {
        Json::Array(extensions) => match extensions.as_slice() {
            [only] => Some(only),
            _ => None,
        },
        Json::Object(_) => Some(value),
        _ => None,
    };
    if let Some(extension) = extension {
        if !extension.text("url").is_some_and(names_extension) {
            return Err(not_allowed(extension.text("url").unwrap_or("/extension")));
        }
        return extension.get("valueBoolean").map_or(Err(wrong_value("valueBoolean is missing")), archived);
    }
    match (value, value.as_str().map(str::trim)) {
        (Json::Bool(archived), _) => Ok(*archived),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        _ => Err(wrong_value("isArchived is true or false")),
    }
}

fn whole_list(value: &Json<'_>) -> Result<Vec<Label>, Outcome> {
    match value {
        Json::Array(items) => items.iter().map(label).collect(),
        one => Ok(vec![label(one)?]),
    }
}

/// A label: a CodeableConcept, a list of codings, a Coding, or a code alone.
fn label(value: &Json<'_>) -> Result<Label, Outcome> {
    let code = match value {
        Json::String(code) => Some(code.to_string()),
        Json::Array(codings) => codings.first().and_then(|c| c.text("code")).map(str::to_owned),
        _ => read_concept(value).next().map(|c| c.code).or_else(|| value.text("code").map(str::to_owned)),
    };
    let code = code.unwrap_or_default();
    Label::of_code(&code)
        .ok_or_else(|| wrong_value(&format!("securityLabel `{}` is not in JDV_J08", echo(&code))))
}

fn wrong_value(what: &str) -> Outcome {
    Outcome::new(StatusCode::UNPROCESSABLE_ENTITY, "value", what)
}

fn not_allowed(path: &str) -> Outcome {
    Outcome::method_not_allowed(format!(
        "only status, securityLabel and isArchived are updated, not `{}`",
        echo(path)
    ))
}

#[cfg(test)]
mod tests;
