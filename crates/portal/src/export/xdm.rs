//! IHE XDM media (ITI TF-2 3.32): a zip with an index for people and, for software, ebXML metadata beside the documents.
//!
//! One submission set holds every document of the export. Names are 8.3 in capitals, as the profile asks. What is beside
//! the media's own directory, the journal first, other software ignores.

use super::{Coded, Exported, ExportedAuthor, ExportedDocument};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::io::{self, Seek, Write};
use uuid::Uuid;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const DIRECTORY: &str = "IHE_XDM/SUBSET01";
const DOCUMENT_ENTRY: &str = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";
const SUBMISSION_SET: &str = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd";
/// OID of this tool as a source, of whose lots the uniqueIds are UUIDs as OIDs (ITU-T X.667).
const SOURCE_ID: &str = "2.25.273508921385027094126433178230962871463";

/// A file beside the media.
pub struct Beside {
    /// `JOURNAL/JOURNAL.CSV`.
    pub name: &'static str,
    /// What it is, for `README.TXT`.
    pub says: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Writes the media: documents, metadata, and what is beside.
///
/// # Errors
/// The output cannot be written; a content that is not base64.
pub fn write<W: Write + Seek>(out: W, exported: &Exported, beside: &[Beside], set: Uuid) -> io::Result<()> {
    let mut zip = ZipWriter::new(out);
    let mut file = |name: &str, bytes: &[u8]| -> io::Result<()> {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(bytes)
    };
    let decoded = |content: &str| STANDARD.decode(content).map_err(io::Error::other);
    file("INDEX.HTM", index(exported).as_bytes())?;
    file("README.TXT", readme(beside).as_bytes())?;
    file(&format!("{DIRECTORY}/METADATA.XML"), metadata(exported, set).as_bytes())?;
    for (i, document) in exported.documents.iter().enumerate() {
        file(&format!("{DIRECTORY}/{}", name_of(i, document)), &decoded(&document.content)?)?;
    }
    for (i, signature) in exported.lot_signatures.iter().enumerate() {
        file(&format!("SIGNATUR/LOT{:05}.XML", i + 1), &decoded(&signature.content)?)?;
    }
    for Beside { name, bytes, .. } in beside {
        file(name, bytes)?;
    }
    zip.finish()?;
    Ok(())
}

fn readme(beside: &[Beside]) -> String {
    let mut text = String::from(
        "Dossier médical partagé : export au format IHE XDM\r\n\
         \r\n\
         INDEX.HTM              liste des documents, à ouvrir dans un navigateur\r\n\
         IHE_XDM/SUBSET01/      documents (DOCnnnnn) et métadonnées XDS (METADATA.XML)\r\n\
         SIGNATUR/              signatures des lots par leurs auteurs (XAdES), quand ils en ont\r\n",
    );
    for Beside { name, says, .. } in beside {
        let _ = write!(text, "{name:<23}{says}\r\n");
    }
    text.push_str(
        "\r\n\
         Ce support contient des données de santé : conservez-le en lieu sûr.\r\n",
    );
    text
}

/// Where the document of that place is, in the media.
pub fn path_of(i: usize, document: &ExportedDocument) -> String {
    format!("{DIRECTORY}/{}", name_of(i, document))
}

fn name_of(i: usize, document: &ExportedDocument) -> String {
    let extension = match document.mime_type.as_str() {
        "text/xml" | "application/xml" | "application/xslt+xml" => "XML",
        "application/pdf" => "PDF",
        "image/jpeg" => "JPG",
        "text/plain" => "TXT",
        _ => "BIN",
    };
    format!("DOC{:05}.{extension}", i + 1)
}

/// A text in HTML or XML.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Other controls are not characters of XML 1.0.
            c if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page of the media; `body` is HTML.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1>\n{body}</body></html>\n"
    )
}

fn index(exported: &Exported) -> String {
    let mut rows = String::from("<table><tr><th>Date</th><th>Type</th><th>Titre</th><th>Fichier</th></tr>\n");
    for (i, document) in exported.documents.iter().enumerate() {
        let file = path_of(i, document);
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><a href=\"{file}\">{file}</a></td></tr>",
            escaped(&document.creation_time),
            escaped(&document.type_code.label),
            escaped(&document.title),
        );
    }
    rows.push_str("</table>\n");
    page("Dossier médical partagé", &rows)
}

/// METADATA.XML: a SubmitObjectsRequest (ebXML RS 3.0), as in ITI-41.
fn metadata(exported: &Exported, set: Uuid) -> String {
    let mut xml = Ebxml { text: String::new(), next: 0 };
    xml.text.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <lcm:SubmitObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" \
         xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:RegistryObjectList>\n",
    );
    for (i, document) in exported.documents.iter().enumerate() {
        xml.document_entry(document, &exported.patient_id, &name_of(i, document));
    }
    xml.submission_set(exported, set);
    let exports = |uuid: &String| exported.documents.iter().any(|document| document.entry_uuid == *uuid);
    for document in &exported.documents {
        let slot = Some(("SubmissionSetStatus", "Original"));
        let member = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember";
        xml.association(member, &set.to_string(), &document.entry_uuid, slot);
        if let Some(old) = document.replaces.as_ref().filter(|old| exports(old)) {
            xml.association("urn:ihe:iti:2007:AssociationType:RPLC", &document.entry_uuid, old, None);
        }
    }
    xml.text.push_str("</rim:RegistryObjectList></lcm:SubmitObjectsRequest>\n");
    xml.text
}

/// ebXML being written; objects without an identity of their own are numbered.
struct Ebxml {
    text: String,
    next: usize,
}

impl Ebxml {
    fn id(&mut self) -> String {
        self.next += 1;
        format!("o{}", self.next)
    }

    fn slot(&mut self, name: &str, values: &[String]) {
        if values.iter().all(String::is_empty) {
            return;
        }
        let _ = write!(self.text, "<rim:Slot name=\"{name}\"><rim:ValueList>");
        for value in values {
            let _ = write!(self.text, "<rim:Value>{}</rim:Value>", escaped(value));
        }
        self.text.push_str("</rim:ValueList></rim:Slot>");
    }

    fn localized(&mut self, element: &str, text: &str) {
        let _ = write!(
            self.text,
            "<rim:{element}><rim:LocalizedString value=\"{}\"/></rim:{element}>",
            escaped(text)
        );
    }

    fn coded(&mut self, object: &str, scheme: &str, code: &Coded) {
        let id = self.id();
        let _ = write!(
            self.text,
            "<rim:Classification id=\"{id}\" classificationScheme=\"urn:uuid:{scheme}\" \
             classifiedObject=\"{object}\" nodeRepresentation=\"{}\">",
            escaped(&code.code)
        );
        self.slot("codingScheme", std::slice::from_ref(&code.system));
        self.localized("Name", &code.label);
        self.text.push_str("</rim:Classification>");
    }

    fn author(&mut self, object: &str, scheme: &str, author: &ExportedAuthor) {
        let id = self.id();
        let _ = write!(
            self.text,
            "<rim:Classification id=\"{id}\" classificationScheme=\"urn:uuid:{scheme}\" \
             classifiedObject=\"{object}\" nodeRepresentation=\"\">"
        );
        let ce = |code: &Option<Coded>| {
            let code = code.as_ref();
            code.map_or_else(String::new, |c| format!("{}^{}^{}", c.code, c.label, c.system))
        };
        self.slot("authorPerson", std::slice::from_ref(&author.author_person));
        self.slot("authorInstitution", &[author.author_institution.clone().unwrap_or_default()]);
        self.slot("authorRole", &[ce(&author.author_role)]);
        self.slot("authorSpecialty", &[ce(&author.author_specialty)]);
        self.text.push_str("</rim:Classification>");
    }

    fn identifier(&mut self, object: &str, scheme: &str, name: &str, value: &str) {
        let id = self.id();
        let _ = write!(
            self.text,
            "<rim:ExternalIdentifier id=\"{id}\" registryObject=\"{object}\" \
             identificationScheme=\"urn:uuid:{scheme}\" value=\"{}\">",
            escaped(value)
        );
        self.localized("Name", name);
        self.text.push_str("</rim:ExternalIdentifier>");
    }

    fn document_entry(&mut self, document: &ExportedDocument, patient_id: &str, file: &str) {
        let object = format!("urn:uuid:{}", document.entry_uuid);
        let _ = write!(
            self.text,
            "<rim:ExtrinsicObject id=\"{object}\" lid=\"urn:uuid:{}\" objectType=\"{DOCUMENT_ENTRY}\" \
             mimeType=\"{}\" status=\"{}\">",
            document.logical_id,
            escaped(&document.mime_type),
            escaped(&document.availability_status),
        );
        let optional = |value: &Option<String>| [value.clone().unwrap_or_default()];
        self.slot("creationTime", std::slice::from_ref(&document.creation_time));
        self.slot("hash", std::slice::from_ref(&document.hash));
        self.slot("languageCode", std::slice::from_ref(&document.language_code));
        self.slot("legalAuthenticator", &optional(&document.legal_authenticator));
        self.slot("serviceStartTime", &optional(&document.service_start_time));
        self.slot("serviceStopTime", &optional(&document.service_stop_time));
        self.slot("size", &[document.size.to_string()]);
        self.slot("sourcePatientId", std::slice::from_ref(&document.source_patient_id));
        self.slot("sourcePatientInfo", &document.source_patient_info);
        self.slot("urn:ihe:iti:xds:2013:referenceIdList", &document.reference_id_list);
        self.slot("URI", &[file.to_owned()]);
        self.localized("Name", &document.title);
        if let Some(comments) = &document.comments {
            self.localized("Description", comments);
        }
        let _ = write!(self.text, "<rim:VersionInfo versionName=\"{}\"/>", document.version);
        for author in &document.author {
            self.author(&object, "93606bcf-9494-43ec-9b4e-a7748d1a838d", author);
        }
        for (scheme, code) in [
            ("41a5887f-8865-4c09-adf7-e362475b143a", &document.class_code),
            ("f0306f51-975f-434e-a61c-c59651d33983", &document.type_code),
            ("a09d5840-386c-46f2-b5ad-9c3699a4309d", &document.format_code),
            ("f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", &document.healthcare_facility_type_code),
            ("cccf5598-8b07-4b77-a05e-ae952c785ead", &document.practice_setting_code),
        ] {
            self.coded(&object, scheme, code);
        }
        for code in &document.confidentiality_code {
            self.coded(&object, "f4f85eac-e6cb-4883-b524-f2705394840f", code);
        }
        for code in &document.event_code_list {
            self.coded(&object, "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", code);
        }
        let patient = "58a6f841-87b3-4a3e-92fd-a8ffeff98427";
        self.identifier(&object, patient, "XDSDocumentEntry.patientId", patient_id);
        let unique = "2e82c1f6-a085-4c72-9da3-8640a32e42ab";
        self.identifier(&object, unique, "XDSDocumentEntry.uniqueId", &document.unique_id);
        self.text.push_str("</rim:ExtrinsicObject>\n");
    }

    fn submission_set(&mut self, exported: &Exported, set: Uuid) {
        let object = format!("urn:uuid:{set}");
        let approved = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved";
        let _ = write!(self.text, "<rim:RegistryPackage id=\"{object}\" status=\"{approved}\">");
        self.slot("submissionTime", std::slice::from_ref(&exported.exported_at));
        self.localized("Name", "Export du dossier médical partagé");
        let id = self.id();
        let _ = write!(
            self.text,
            "<rim:Classification id=\"{id}\" classifiedObject=\"{object}\" \
             classificationNode=\"{SUBMISSION_SET}\"/>"
        );
        self.coded(&object, "aa543740-bdda-424e-8c96-df4873be8500", &exported.content_type_code);
        for (scheme, name, value) in [
            ("6b5aea1a-874d-4603-a4bc-96a0a7b38446", "XDSSubmissionSet.patientId", &*exported.patient_id),
            ("554ac39e-e3fe-47fe-b233-965d2a147832", "XDSSubmissionSet.sourceId", SOURCE_ID),
            (
                "96fdda7c-d067-4183-912e-bf5ee74998a8",
                "XDSSubmissionSet.uniqueId",
                &format!("2.25.{}", set.as_u128()),
            ),
        ] {
            self.identifier(&object, scheme, name, value);
        }
        self.text.push_str("</rim:RegistryPackage>\n");
    }

    fn association(&mut self, kind: &str, source: &str, target: &str, slot: Option<(&str, &str)>) {
        let id = self.id();
        let _ = write!(
            self.text,
            "<rim:Association id=\"{id}\" associationType=\"{kind}\" sourceObject=\"urn:uuid:{source}\" \
             targetObject=\"urn:uuid:{target}\">"
        );
        if let Some((name, value)) = slot {
            self.slot(name, &[value.to_owned()]);
        }
        self.text.push_str("</rim:Association>\n");
    }
}
