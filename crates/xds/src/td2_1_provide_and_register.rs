//! ITI-41 Provide and Register Document Set-b: feeding a dossier (TD2.1; TD2.2 by an employee), replacement included.
//!
//! The lot is all or nothing, and sent twice it gets the same answer. In order: the message and its parts ([`lot`]), the
//! patient, the lot's own metadata ([`submission_set`]), its signature ([`crate::lot_signature`]), each document
//! ([`entry`] for its metadata, then its bytes and its header), then the record decides. What is wrong is named, all of
//! it, one `RegistryError` each; the refusal is traced in the dossier of the patient that the message, else the VIHF,
//! names.
//!
//! Sources: ITI TF-2 3.41; SEL-MP-037 TD2.1, TD2.2; bad-inputs SOAP-44..58, MTOM-21..54, SAML-60.

mod entry;
mod lot;
mod submission_set;

use crate::call::{Call, Reply};
use crate::ebrim::read::hl7::Cx;
use crate::ebrim::read::{Problem, Wrong, cut};
use crate::ebrim::scheme;
use crate::fault::{Failure, Fault};
use crate::lot_signature::{self, Manifest};
use crate::registry_response::{self, RegistryError};
use aws_lc_rs::digest;
use bytes::Bytes;
use dmp_cda::{CONTENT, Cda, CdaRefusal, DocumentDraft, Intake, Sent, contradictions};
use dmp_dossier::publication::{PUB_1, PUB_9, PUB_11};
use dmp_dossier::{Act, Actor, Command, Ins, Publish, Reason, Receipt, Refusal, Rule, SubmissionSetMetadata};
use dmp_store::{Content, StoreError, Target};
use dmp_xml::Limits;
use dmp_xml::signature::SignatureError;
use entry::Entry;
use lot::{Item, Lot};

/// The metadata of a lot.
pub(crate) static METADATA: Rule = Rule {
    id: "XDS-1",
    says: "un lot est décrit selon le modèle XDS du DMP : objets, attributs, cardinalités, jeux de valeurs",
    source: "ITI TF-3 4.2; SEL-MP-037, modèle publié par PDSM4DMP",
};

/// Documents larger than this are read apart, so that others need not wait.
const READ_APART_BYTES: usize = 256 * 1024;

/// Why a lot is not taken.
#[derive(Debug)]
enum Stop {
    /// No answer but a fault.
    Fault(Fault),
    /// Everything that is wrong, and the reason that the journal keeps.
    Errors(Reason, Vec<RegistryError>),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

/// What is wrong so far.
#[derive(Debug, Default)]
struct Errors(Vec<(Reason, RegistryError)>);

impl Errors {
    fn push(&mut self, reason: Reason, said: impl Into<String>, object: &str) {
        self.0.push((reason, RegistryError::of(reason, said).at(object)));
    }

    /// Something wrong with the metadata of an object. The repository tells it, whatever the rule.
    fn problem(&mut self, problem: &Problem) {
        self.push(Reason::RepositoryMetadata, problem.to_string(), &problem.object);
    }

    fn refused(&mut self, refusal: &Refusal, object: &str) {
        self.0.push((refusal.reason, RegistryError::refused(refusal).at(object)));
    }

    /// The value, or a place among the errors.
    fn take<T>(&mut self, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.problem(&problem)).ok()
    }

    /// Goes on when nothing is wrong.
    fn check(&mut self) -> Result<(), Stop> {
        if self.0.is_empty() { Ok(()) } else { Err(self.stop()) }
    }

    /// Ends here. The journal keeps the reason of the first error.
    fn stop(&mut self) -> Stop {
        let errors = std::mem::take(&mut self.0);
        let reason = errors.first().map_or(Reason::RepositoryMetadata, |(reason, _)| *reason);
        Stop::Errors(reason, errors.into_iter().map(|(_, error)| error).collect())
    }
}

/// Where a refusal is traced.
struct Trace {
    patient: Option<Ins>,
    act: Act,
}

/// The deposit.
pub(crate) async fn answer(call: &Call<'_>) -> Result<Reply, Fault> {
    let mut trace = Trace { patient: call.vihf.patient.clone(), act: Act::Feed };
    let (publish, contents) = match prepare(call, &mut trace).await {
        Ok(ready) => ready,
        Err(Stop::Fault(fault)) => return Err(fault),
        Err(Stop::Errors(reason, errors)) => {
            refuse(call, trace, reason).await?;
            return Ok(registry_response::of(&errors));
        }
    };
    let target = Target::Patient(publish.patient_ids[0].clone());
    let command = Command::Publish(Box::new(publish));
    let store = &call.xds.store;
    match store.execute(&call.vihf.actor, target, command, contents, call.request).await {
        Ok(Receipt::Published { .. }) => Ok(registry_response::success()),
        Ok(_) => Err(Fault::ours()),
        Err(error) => refused(error),
    }
}

/// Traces what the record did not decide.
async fn refuse(call: &Call<'_>, trace: Trace, reason: Reason) -> Result<(), Fault> {
    let Some(patient) = trace.patient else { return Ok(()) };
    let rule = match reason {
        Reason::PatientMismatch | Reason::InvalidIns => &PUB_1,
        Reason::DuplicateUniqueIdInMessage => &PUB_9,
        Reason::TooLarge => &PUB_11,
        Reason::InvalidContent => &CONTENT,
        _ => &METADATA,
    };
    let refusal = Refusal::new(reason, rule);
    let store = &call.xds.store;
    match store.refuse(&call.vihf.actor, Target::Patient(patient), trace.act, &refusal, call.request).await {
        Ok(()) => Ok(()),
        Err(error) => refused(error).map(|_| ()),
    }
}

/// A refusal of the record. A structure that is not one of the authors' is a fault, as on the reference system.
fn refused(error: StoreError) -> Result<Reply, Fault> {
    match Failure::from(error) {
        Failure::Fault(fault) => Err(fault),
        Failure::Refused(refusal) if refusal.reason == Reason::AuthorInstitution => {
            Err(Fault::refused(&refusal))
        }
        Failure::Refused(refusal) => Ok(registry_response::failure(&refusal)),
    }
}

/// From the message to what the record decides.
async fn prepare(call: &Call<'_>, trace: &mut Trace) -> Result<(Publish, Vec<Content>), Stop> {
    let mut errors = Errors::default();
    let lot = lot::read(call, &mut errors)?;
    if lot.documents.iter().any(|d| d.replaces.is_some()) {
        trace.act = Act::Replace;
    }
    let patient_ids = patients(call, &lot, &mut errors);
    if let [only] = patient_ids.as_slice() {
        trace.patient = Some(only.clone());
    }
    errors.check()?;
    check_patient(call, &lot, &patient_ids, &mut errors);
    errors.check()?;

    let realm = &call.xds.store.parameters().realm;
    let set = submission_set::read(&lot.set, realm, &mut errors);
    if let (Actor::Employee(_), Some(set)) = (&call.vihf.actor, &set) {
        submission_set::check_employee(&lot.set, set, &mut errors);
    }
    let manifest = set.as_ref().and_then(|set| signature(call, &lot, set, &mut errors));
    let mut documents = Vec::with_capacity(lot.documents.len());
    let mut contents = Vec::with_capacity(lot.documents.len() + 1);
    for item in &lot.documents {
        if let Some((draft, content)) =
            document(call, item, &patient_ids, manifest.as_ref(), &mut errors).await?
        {
            documents.push(draft);
            contents.push(content);
        }
    }
    errors.check()?;
    let set = set.ok_or_else(Fault::ours)?;
    let signed = lot.signature.map(|item| Content { bytes: item.bytes, text: String::new() });
    let signature = signed.is_some();
    contents.extend(signed);
    Ok((Publish { set, documents, signature, patient_ids }, contents))
}

/// The patients that the objects of the lot name, each once.
fn patients(call: &Call<'_>, lot: &Lot<'_>, errors: &mut Errors) -> Vec<Ins> {
    let realm = &call.xds.store.parameters().realm;
    let documents = lot.documents.iter().chain(&lot.signature);
    let objects = documents.map(|item| (&item.entry.object, scheme::PATIENT_ID));
    let mut named: Vec<Ins> = Vec::new();
    for (object, scheme) in std::iter::once((&lot.set, scheme::SET_PATIENT_ID)).chain(objects) {
        let value = object.identifier(scheme, "patientId");
        let cx = value.and_then(|value| Cx::parse(value).map_err(|wrong| object.problem("patientId", wrong)));
        match errors.take(cx).map(|cx| cx.ins(realm)) {
            Some(Ok(ins)) if !named.contains(&ins) => named.push(ins),
            // In the words of a patient without dossier.
            Some(Err(_)) => errors.refused(&Refusal::new(Reason::InvalidIns, &METADATA), object.id),
            Some(Ok(_)) | None => {}
        }
    }
    named
}

/// A lot is about one patient, the one of the session (security.md X2).
fn check_patient(call: &Call<'_>, lot: &Lot<'_>, named: &[Ins], errors: &mut Errors) {
    let mut mismatch = |said: &str| errors.push(Reason::PatientMismatch, said, lot.set.id);
    match (named, &call.vihf.patient) {
        ([only], Some(session)) if only != session => {
            mismatch("patientId is not the patient of the VIHF (resource-id)");
        }
        ([_], _) => {}
        _ => mismatch("patientId: the objects of a lot name one patient"),
    }
}

/// Verifies the signature of the lot, where there is one or must be one; gives its manifest.
fn signature(
    call: &Call<'_>,
    lot: &Lot<'_>,
    set: &SubmissionSetMetadata,
    errors: &mut Errors,
) -> Option<Manifest> {
    let Some(item) = &lot.signature else {
        if call.xds.settings.lot_signature_required {
            let rule = Wrong::rule("", "the lot must be signed (XAdES, typeCode E1762)");
            errors.problem(&lot.set.problem("signature", rule));
        }
        return None;
    };
    let signature = lot_signature::read(call, &item.bytes, &set.unique_id);
    let mut wrong = |value: &str, rule: &str| {
        errors.problem(&item.entry.object.problem("signature", Wrong::rule(value, rule)));
    };
    signature.wrong.iter().for_each(|rule| wrong("", rule));
    let documents: Vec<_> =
        lot.documents.iter().filter_map(|d| entry::unique_id(&d.entry.object).ok()).collect();
    let named: Vec<_> = std::iter::once(&set.unique_id).chain(&documents).collect();
    signature.manifest.others(&named).for_each(|uri| wrong(uri, "the manifest names what is not in the lot"));
    Some(signature.manifest)
}

/// One document: what its sender says, its bytes, its header.
async fn document(
    call: &Call<'_>,
    item: &Item<'_>,
    patients: &[Ins],
    manifest: Option<&Manifest>,
    errors: &mut Errors,
) -> Result<Option<(dmp_dossier::DocumentDraft, Content)>, Stop> {
    let parameters = call.xds.store.parameters();
    let object = &item.entry.object;
    let before = errors.0.len();
    let entry = entry::read(&item.entry, &parameters.realm, errors);
    entry.check_source(patients, object, errors);
    for outside in entry.sent.outside(parameters.historic) {
        errors.push(Reason::RepositoryMetadata, outside.to_string(), object.id);
    }
    if !check_bytes(item, &entry, errors) {
        return Ok(None);
    }
    let intake = Intake { now: call.xds.store.now(), realm: parameters.realm };
    let opened = open(&item.bytes, intake, &entry.sent, manifest.cloned()).await?;
    for rule in opened.signature {
        errors.problem(&object.problem("signature", Wrong::rule("", rule)));
    }
    let (own, text) = match opened.read {
        Ok(read) => read,
        Err(refusal) => {
            errors.refused(&refusal.into(), object.id);
            return Ok(None);
        }
    };
    for contradiction in contradictions(&entry.sent, &own) {
        errors.push(contradiction.reason(), contradiction.to_string(), object.id);
    }
    let declared = match own.patient.declared(&parameters.realm) {
        Ok(declared) => declared,
        Err(_) => {
            errors.refused(&Refusal::new(Reason::InvalidIns, &METADATA), object.id);
            return Ok(None);
        }
    };
    if errors.0.len() > before {
        return Ok(None);
    }
    let visibility = entry.visibility;
    let draft = dmp_dossier::DocumentDraft {
        metadata: entry.kept(own.metadata),
        declared: Some(declared),
        visibility,
        release_at: None,
        replaces: item.replaces.clone(),
    };
    Ok(Some((draft, Content { bytes: item.bytes.clone(), text })))
}

/// The bytes against what is said of them, before they are read: bytes that are not those that were meant explain
/// whatever else would be said of them. False when something is wrong.
fn check_bytes(item: &Item<'_>, entry: &Entry, errors: &mut Errors) -> bool {
    let object = &item.entry.object;
    let before = errors.0.len();
    let mut wrong = |attribute: &str, value: &str, rule: &str| {
        errors.problem(&object.problem(attribute, Wrong::rule(value, rule)));
    };
    let mime_type = item.entry.mime_type.unwrap_or_default();
    let start = item.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&item.bytes).trim_ascii_start();
    if item.bytes.is_empty() {
        wrong("size", "0", "empty document");
    } else if ![dmp_cda::MIME_CDA, dmp_cda::MIME_SELF_PRESENTING].contains(&mime_type) {
        wrong("mimeType", mime_type, "not accepted, a document of the DMP is a CDA: `text/xml`");
    } else if !matches!(start, [b'<' | 0, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        // UTF-16 goes on: the reading of the document says how to convert it.
        wrong("mimeType", mime_type, "the bytes are not XML");
    } else if let Some(part) = item.contrary_part_type() {
        wrong("mimeType", mime_type, &format!("the Content-Type of its part is `{}`", cut(part)));
    }
    if let Some(sent) = entry.sent.hash
        && digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &item.bytes).as_ref() != sent
    {
        let sent: String = sent.iter().map(|byte| format!("{byte:02x}")).collect();
        wrong("hash", &sent, "not the SHA-1 of the bytes");
    }
    if let Some(sent) = entry.sent.size_bytes.filter(|sent| *sent != item.bytes.len() as u64) {
        wrong("size", &sent.to_string(), &format!("the document has {} bytes", item.bytes.len()));
    }
    errors.0.len() == before
}

/// What the reading of a document gives.
struct Opened {
    /// What it says of itself, and its words.
    read: Result<(DocumentDraft, String), CdaRefusal>,
    /// What the signature of the lot says otherwise.
    signature: Vec<String>,
}

/// Passes the bytes of a document through the gate of deposit.
async fn open(
    bytes: &Bytes,
    intake: Intake,
    sent: &Sent,
    manifest: Option<Manifest>,
) -> Result<Opened, Fault> {
    if bytes.len() <= READ_APART_BYTES {
        return Ok(open_now(bytes, &intake, sent, manifest.as_ref()));
    }
    let (bytes, sent) = (bytes.clone(), sent.clone());
    let reading = move || open_now(&bytes, &intake, &sent, manifest.as_ref());
    tokio::task::spawn_blocking(reading).await.map_err(|_| Fault::ours())
}

fn open_now(bytes: &[u8], intake: &Intake, sent: &Sent, manifest: Option<&Manifest>) -> Opened {
    let read = Cda::parse(bytes).and_then(|cda| Ok((cda.document_entry_beside(intake, sent)?, cda.text())));
    let own = read.as_ref().ok().map(|(own, _)| &own.metadata.unique_id);
    let mut signature = Vec::new();
    if let Some(manifest) = manifest {
        if sent.unique_id.as_ref().is_some_and(|id| manifest.of(&[id]).is_none()) {
            signature.push("the manifest of the lot does not name the document".to_owned());
        }
        // Where the sender misnamed it, by the name it has itself.
        let ids: Vec<_> = sent.unique_id.iter().chain(own).collect();
        let checked = manifest.of(&ids).map(|reference| reference.check(bytes, &Limits::hl7v3()));
        if let Some(Err(error)) = checked {
            signature.push(match error {
                SignatureError::Mismatch => {
                    "the digest of the manifest is not that of the document".to_owned()
                }
                error => error.to_string(),
            });
        }
    }
    Opened { read, signature }
}

#[cfg(test)]
mod tests;
