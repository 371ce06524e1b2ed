//! What a sender's metadata may not contradict in the document's own header (SEL-MP-037, CI-SIS table
//! *Correspondance entête CDA / métadonnées XD\**). The patient is compared with the dossier, not here.

use dmp_dossier::document::DocumentMetadata;
use dmp_dossier::time::Precision;

use crate::metadata::DocumentDraft;
use crate::refusal::CdaRefusal;

impl DocumentDraft {
    /// Compares metadata received beside the document with those read from it: identifier, type, format, media
    /// type, hash, size, and the time of creation down to the precision both give.
    ///
    /// # Errors
    /// [`CdaRefusal::Incoherent`] naming the first attribute that differs.
    pub fn check(&self, declared: &DocumentMetadata) -> Result<(), CdaRefusal> {
        let own = &self.metadata;
        let same_code = |a: &dmp_dossier::code::Code, b: &dmp_dossier::code::Code| {
            a.code == b.code && a.system == b.system
        };
        let precision = own.creation_time.precision().min(declared.creation_time.precision());
        // A value of day precision stands for a civil day: it is compared with no instant.
        let same_creation = precision <= Precision::Day || {
            let minute = |time: dmp_dossier::time::Dtm| time.start().millis().div_euclid(60_000);
            match precision {
                Precision::Second => own.creation_time.start() == declared.creation_time.start(),
                _ => minute(own.creation_time) == minute(declared.creation_time),
            }
        };
        let compared = [
            ("uniqueId", own.unique_id == declared.unique_id),
            ("typeCode", same_code(&own.type_code, &declared.type_code)),
            ("formatCode", same_code(&own.format_code, &declared.format_code)),
            ("mimeType", own.mime_type == declared.mime_type),
            ("hash", own.hash == declared.hash),
            ("size", own.size_bytes == declared.size_bytes),
            ("creationTime", same_creation),
        ];
        match compared.into_iter().find(|(_, agrees)| !agrees) {
            Some((attribute, _)) => Err(CdaRefusal::Incoherent { attribute }),
            None => Ok(()),
        }
    }
}
