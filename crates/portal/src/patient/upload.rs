//! A form with a file (`multipart/form-data`), read within limits.

use axum::extract::Multipart;
use std::collections::BTreeMap;

/// Largest file taken: once in base64 in its document it must stay below the 10 MiB of a document.
pub(crate) const FILE_BYTES_MAX: usize = 7_000_000;
/// Largest form read. A file beyond its own limit is read, not kept, so that the page can answer which field is wrong.
pub(crate) const FORM_BYTES_MAX: usize = 32 << 20;
/// Largest text field, in bytes.
const TEXT_BYTES_MAX: usize = 2_000;
/// Most fields.
const FIELDS_MAX: usize = 20;

/// What the form held.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    texts: BTreeMap<String, String>,
    /// The bytes of the file; empty when none was chosen.
    pub(crate) file: Vec<u8>,
    /// The file was larger than [`FILE_BYTES_MAX`]; its bytes were not kept.
    pub(crate) too_large: bool,
}

impl Upload {
    /// A text field; empty when it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
}

/// Reads the form; its file is the field `fichier`. The first of several files that is not empty counts: a page without
/// script has one field for the camera and one for files.
///
/// `None` when it is no such form, is cut, or goes beyond its limits.
pub(crate) async fn read(mut form: Multipart) -> Option<Upload> {
    let mut upload = Upload::default();
    let mut fields = 0;
    while let Some(mut field) = form.next_field().await.ok()? {
        fields += 1;
        if fields > FIELDS_MAX {
            return None;
        }
        let name = field.name()?.to_owned();
        let is_file = name == "fichier";
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.ok()? {
            let max = if is_file { FILE_BYTES_MAX } else { TEXT_BYTES_MAX };
            match (bytes.len() + chunk.len() > max, is_file) {
                (false, _) => bytes.extend_from_slice(&chunk),
                (true, true) => upload.too_large = true,
                (true, false) => return None,
            }
        }
        if !is_file {
            upload.texts.insert(name, String::from_utf8(bytes).ok()?);
        } else if upload.file.is_empty() {
            upload.file = bytes;
        }
    }
    if upload.too_large {
        upload.file = Vec::new();
    }
    Some(upload)
}
