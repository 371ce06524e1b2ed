//! Coded values and identifiers as XDS metadata carries them.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A coded value: code, coding system (OID, or `URN`/`ASTM` where XDS has no OID) and label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    /// The code, as its system writes it.
    pub code: String,
    /// OID of the coding system, without `urn:oid:`.
    pub system: String,
    /// Label given with it, shown to people.
    pub label: String,
}

impl Code {
    /// A coded value from its three parts.
    pub fn new(code: impl Into<String>, system: impl Into<String>, label: impl Into<String>) -> Self {
        Code { code: code.into(), system: system.into(), label: label.into() }
    }
}

/// `DocumentEntry.uniqueId` or `SubmissionSet.uniqueId`: an OID (`1.2.3`, at most 128 characters) or a UUID as
/// its producer wrote it (ITI TF-3 4.2.3.2.26). Compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentUid(String);

impl DocumentUid {
    /// Longest accepted identifier, in bytes: 128 for an OID and its extension (ITI TF-3 4.2.3.2.26).
    pub const MAX: usize = 128;

    /// Reads an OID (optionally `^extension`), or a UUID; a leading `urn:oid:` or `urn:uuid:` is dropped.
    /// `None` when it is neither, or longer than [`Self::MAX`].
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("urn:oid:").or_else(|| text.strip_prefix("urn:uuid:")).unwrap_or(text);
        if text.is_empty() || text.len() > Self::MAX {
            return None;
        }
        let (root, extension) = text.split_once('^').map_or((text, None), |(r, e)| (r, Some(e)));
        let extension_is_plain = extension.is_none_or(|e| {
            !e.is_empty() && e.bytes().all(|b| b.is_ascii_graphic() && b != b'^' && b != b'|')
        });
        let is_uuid = extension.is_none() && root.len() == 36 && Uuid::try_parse(root).is_ok();
        ((is_oid(root) && extension_is_plain) || is_uuid).then(|| DocumentUid(text.to_owned()))
    }

    /// As its producer wrote it, without URN prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for a UUID, false for an OID.
    pub fn is_uuid(&self) -> bool {
        self.0.len() == 36 && Uuid::try_parse(&self.0).is_ok()
    }

    /// `urn:oid:…` or `urn:uuid:…`, the form of FHIR `masterIdentifier`.
    pub fn to_urn(&self) -> String {
        if self.is_uuid() { format!("urn:uuid:{}", self.0) } else { format!("urn:oid:{}", self.0) }
    }
}

impl fmt::Display for DocumentUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// True for a dotted OID: digits and single dots, first arc 0 to 2, no leading zero in an arc.
pub fn is_oid(text: &str) -> bool {
    let mut arcs = text.split('.');
    let first_ok = matches!(arcs.next(), Some("0" | "1" | "2"));
    let mut count = 1;
    let rest_ok = arcs.all(|arc| {
        count += 1;
        !arc.is_empty()
            && arc.bytes().all(|b| b.is_ascii_digit())
            && (arc.len() == 1 || !arc.starts_with('0'))
    });
    first_ok && rest_ok && count >= 2
}

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads a UUID, with or without `urn:uuid:`.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
                (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map($name)
            }

            /// `urn:uuid:…`.
            pub fn to_urn(self) -> String {
                format!("urn:uuid:{}", self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_type! {
    /// `DocumentEntry.entryUUID`: one version of the metadata of a document; changes at every update.
    EntryUuid
}
uuid_type! {
    /// `DocumentEntry.logicalId`: the document over its metadata versions; changes at a replacement.
    Lid
}
uuid_type! {
    /// Identity of a dossier for life, 128 random bits. Never shown to a patient or a professional.
    DossierId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_id_is_an_oid_or_a_uuid_kept_as_given() {
        for (text, kept) in [
            ("1.2.250.1.213.1.1.1.41.2022.1.1", Some("1.2.250.1.213.1.1.1.41.2022.1.1")),
            ("urn:oid:1.2.3", Some("1.2.3")),
            ("1.2.3^A7", Some("1.2.3^A7")),
            ("C2AD5D22-4ED9-44D6-AD9B-4292BA64131F", Some("C2AD5D22-4ED9-44D6-AD9B-4292BA64131F")),
            ("urn:uuid:c2ad5d22-4ed9-44d6-ad9b-4292ba64131f", Some("c2ad5d22-4ed9-44d6-ad9b-4292ba64131f")),
            ("1.2.03", None),
            ("1..2", None),
            ("3.1", None),
            ("1", None),
            ("", None),
            ("1.2.3^", None),
            ("1.2.3^a b", None),
            ("' OR 1=1--", None),
        ] {
            assert_eq!(DocumentUid::parse(text).as_ref().map(DocumentUid::as_str), kept, "{text}");
        }
        assert_eq!(DocumentUid::parse(&format!("1.{}", "1".repeat(127))), None);
    }
}
