//! A form that carries a file (`multipart/form-data`), within limits: what passes one is refused whole.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use bytes::Bytes;

/// Most fields of a form, and bytes of one.
const FIELDS_MAX: usize = 40;
const FIELD_BYTES_MAX: usize = 4096;

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Upload {
    fields: Vec<(String, String)>,
    /// Name as sent, and bytes; none where no file was chosen.
    pub(super) file: Option<(String, Bytes)>,
}

/// Why it is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UploadError {
    /// Longer than the page takes.
    TooLarge,
    /// No form of ours.
    Unreadable,
}

impl From<MultipartError> for UploadError {
    fn from(error: MultipartError) -> Self {
        match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => UploadError::TooLarge,
            _ => UploadError::Unreadable,
        }
    }
}

impl Upload {
    /// Reads the whole form.
    ///
    /// # Errors
    /// Too large, or not a form.
    pub(super) async fn read(mut parts: Multipart) -> Result<Upload, UploadError> {
        let mut upload = Upload::default();
        while let Some(part) = parts.next_field().await? {
            let Some(name) = part.name().filter(|name| name.len() <= 64).map(str::to_owned) else {
                return Err(UploadError::Unreadable);
            };
            match part.file_name().map(str::to_owned) {
                Some(file) => {
                    let bytes = part.bytes().await?;
                    if !bytes.is_empty() {
                        upload.file = Some((file, bytes));
                    }
                }
                None => {
                    let bytes = part.bytes().await?;
                    let text = std::str::from_utf8(&bytes).map_err(|_| UploadError::Unreadable)?;
                    if upload.fields.len() >= FIELDS_MAX || text.len() > FIELD_BYTES_MAX {
                        return Err(UploadError::Unreadable);
                    }
                    upload.fields.push((name, text.to_owned()));
                }
            }
        }
        Ok(upload)
    }

    /// A field; empty when it was not sent.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }
}
