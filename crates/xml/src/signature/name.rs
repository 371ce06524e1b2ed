//! Names of certificates: read from DER, or from the text that an `Issuer` holds, and compared attribute by attribute.
//!
//! The text is written in many ways: last RDN first (RFC 4514) or not, several attributes in one RDN, values in hexadecimal
//! DER (`2.5.4.4=#14045452414c`), `OID.` before an OID, spaces around separators. The published VIHFs carry `M?decin` where
//! the certificate has `Médecin`: their writer went through ASCII. So in a text `?` (or U+FFFD) stands for one character
//! that is not ASCII. Nothing rests on it: who signed is told by the certificate itself, its chain and its bytes.
//!
//! Sources: RFC 4514; RFC 5280, 7.1 (comparison); X.520.

use x509_cert::der::asn1::BmpString;
use x509_cert::der::{Any, Decode, Encode, Tag, Tagged};
use x509_cert::name::Name;

/// Bytes of a name in text.
const TEXT_MAX: usize = 2048;
/// Attributes of a name.
const ATTRIBUTES_MAX: usize = 32;

const KEYWORDS: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SURNAME", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("S", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("T", "2.5.4.12"),
    ("TITLE", "2.5.4.12"),
    ("GN", "2.5.4.42"),
    ("G", "2.5.4.42"),
    ("GIVENNAME", "2.5.4.42"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("E", "1.2.840.113549.1.9.1"),
    ("EMAIL", "1.2.840.113549.1.9.1"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a distinguished name")]
pub struct NameError;

/// A distinguished name: RDNs in the order of the certificate, each one of attributes (OID, value).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(Vec<Vec<(String, String)>>);

impl DistinguishedName {
    pub(super) fn of(name: &Name) -> Self {
        let attribute = |a: &x509_cert::attr::AttributeTypeAndValue| (a.oid.to_string(), value_of(&a.value));
        DistinguishedName(name.0.iter().map(|rdn| rdn.0.iter().map(attribute).collect()).collect())
    }

    /// Reads a text, in the order it is written.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > TEXT_MAX {
            return Err(NameError);
        }
        let mut count = 0;
        let mut rdns = Vec::new();
        for rdn in split(text, ',')? {
            let mut attributes = Vec::new();
            for attribute in split(rdn, '+')? {
                count += 1;
                let (keyword, value) = attribute.split_once('=').ok_or(NameError)?;
                if count > ATTRIBUTES_MAX {
                    return Err(NameError);
                }
                attributes.push((oid_of(keyword.trim())?, unescape(value.trim())?));
            }
            rdns.push(attributes);
        }
        Ok(DistinguishedName(rdns))
    }

    /// The values of an attribute, by OID.
    pub fn values<'n>(&'n self, oid: &'n str) -> impl Iterator<Item = &'n str> {
        self.0.iter().flatten().filter(move |(found, _)| found == oid).map(|(_, value)| value.as_str())
    }

    /// Common names.
    pub fn common_names(&self) -> impl Iterator<Item = &str> {
        self.values("2.5.4.3")
    }

    /// Organizational units.
    pub fn organizational_units(&self) -> impl Iterator<Item = &str> {
        self.values("2.5.4.11")
    }

    /// Serial numbers (of the name, not of the certificate).
    pub fn serial_numbers(&self) -> impl Iterator<Item = &str> {
        self.values("2.5.4.5")
    }

    /// True when this text names the holder of that name, in its order or the reverse.
    pub fn names(&self, holder: &DistinguishedName) -> bool {
        let len = self.0.len();
        let same = |text: &Vec<(String, String)>, rdn: &Vec<(String, String)>| {
            let matches = |a: &(String, String), b: &(String, String)| a.0 == b.0 && same_value(&a.1, &b.1);
            text.len() == rdn.len()
                && text.iter().all(|a| rdn.iter().any(|b| matches(a, b)))
                && rdn.iter().all(|b| text.iter().any(|a| matches(a, b)))
        };
        len == holder.0.len()
            && (self.0.iter().zip(&holder.0).all(|(a, b)| same(a, b))
                || self.0.iter().rev().zip(&holder.0).all(|(a, b)| same(a, b)))
    }
}

/// Case and repeated spaces do not count (caseIgnoreMatch).
fn same_value(text: &str, value: &str) -> bool {
    let fold = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (text, value) = (fold(text), fold(value));
    let mut characters = value.chars();
    let all = text.chars().all(|t| {
        characters.next().is_some_and(|v| t == v || (matches!(t, '?' | '\u{fffd}') && !v.is_ascii()))
    });
    all && characters.next().is_none()
}

/// The pieces between separators that are neither escaped nor quoted.
fn split(text: &str, separator: char) -> Result<Vec<&str>, NameError> {
    let (mut pieces, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                pieces.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if quoted || escaped {
        return Err(NameError);
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

fn oid_of(keyword: &str) -> Result<String, NameError> {
    let upper = keyword.to_ascii_uppercase();
    if let Some((_, oid)) = KEYWORDS.iter().find(|(known, _)| *known == upper) {
        return Ok((*oid).to_owned());
    }
    let oid = upper.strip_prefix("OID.").unwrap_or(&upper);
    let arcs = oid.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()));
    if arcs && oid.contains('.') { Ok(oid.to_owned()) } else { Err(NameError) }
}

/// A value as written: `#` and hexadecimal DER, between quotes, or with escapes (RFC 4514, 2.4).
fn unescape(value: &str) -> Result<String, NameError> {
    if let Some(hexadecimal) = value.strip_prefix('#') {
        let bytes = hex(hexadecimal).ok_or(NameError)?;
        return Any::from_der(&bytes).map(|any| value_of(&any)).map_err(|_| NameError);
    }
    let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let next = rest.next().ok_or(NameError)?;
        if next.is_ascii_hexdigit() {
            let pair = [next, rest.next().ok_or(NameError)?];
            let pair = std::str::from_utf8(&pair).ok().and_then(hex).ok_or(NameError)?;
            bytes.extend(pair);
        } else {
            bytes.push(next);
        }
    }
    String::from_utf8(bytes).map_err(|_| NameError)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    (pairs.remainder().is_empty() && !digits.is_empty()).then(|| pairs.map(|p| p[0] << 4 | p[1]).collect())
}

/// The characters of a value; what is no string stays `#` and hexadecimal, which equals nothing else.
pub(super) fn value_of(value: &Any) -> String {
    let bytes = value.value();
    let read = match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(bytes).ok().map(str::to_owned)
        }
        // Written as Latin-1 by those who write it (cards of before 2012).
        Tag::TeletexString => Some(bytes.iter().map(|b| char::from(*b)).collect()),
        Tag::BmpString => BmpString::from_ucs2(bytes).ok().map(|text| text.to_string()),
        _ => None,
    };
    read.unwrap_or_else(|| {
        let der = value.to_der().unwrap_or_default();
        std::iter::once("#".to_owned()).chain(der.iter().map(|b| format!("{b:02x}"))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(rdns: &[&[(&str, &str)]]) -> DistinguishedName {
        let rdn =
            |rdn: &&[(&str, &str)]| rdn.iter().map(|(o, v)| ((*o).to_owned(), (*v).to_owned())).collect();
        DistinguishedName(rdns.iter().map(rdn).collect())
    }

    #[test]
    fn a_text_names_a_holder_however_it_is_written() {
        let card = name(&[
            &[("2.5.4.6", "FR")],
            &[("2.5.4.10", "TEST")],
            &[("2.5.4.11", "Médecin")],
            &[("2.5.4.3", "899900038839"), ("2.5.4.4", "TRBAL"), ("2.5.4.42", "ADEMIS")],
        ]);
        for (text, names) in [
            ("CN=899900038839+SN=TRBAL+GN=ADEMIS,OU=Médecin,O=TEST,C=FR", true),
            ("CN=899900038839+2.5.4.4=#14055452424141,OU=Médecin,O=TEST,C=FR", false),
            (
                "CN=899900038839+2.5.4.4=#1405545242414c+2.5.4.42=#140641444 54d4953,OU=M?decin,O=TEST,C=FR",
                false,
            ),
            (
                "CN=899900038839+2.5.4.4=#1405545242414c+2.5.4.42=#14064144454d4953,OU=M?decin,O=TEST,C=FR",
                true,
            ),
            ("C=FR, O=test, OU=M\\C3\\A9decin, OID.2.5.4.42=ADEMIS + SURNAME=TRBAL + CN=899900038839", true),
            ("CN=899900038839+SN=TRBAL+GN=ADEMIS,OU=\"Médecin\",O=TEST,C=FR", true),
            ("CN=899900038839+SN=TRBAL+GN=ADEMIS,OU=Médecin,C=FR,O=TEST", false),
            ("CN=899900038839+SN=TRBAL,OU=Médecin,O=TEST,C=FR", false),
            ("CN=899900038839+SN=TRBAL+GN=ADEMIS,OU=Médecin,O=TEST,C=FR,C=FR", false),
            ("CN=8999000?8839+SN=TRBAL+GN=ADEMIS,OU=Médecin,O=TEST,C=FR", false),
            ("CN=899900038839+SN=TRBAL+GN=ADEMIS,OU=M??decin,O=TEST,C=FR", false),
        ] {
            let read = DistinguishedName::parse(text);
            assert_eq!(read.is_ok_and(|read| read.names(&card)), names, "{text}");
        }
        let odd = name(&[&[("2.5.4.10", "a,b+c=\"d\"\\")]]);
        assert!(DistinguishedName::parse(r#"O=a\,b\+c\=\"d\"\\"#).unwrap().names(&odd));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "", "FR", "=FR", "XX=1", "1=2", "1..2=3", "CN=a,", "CN=\"a", "CN=a\\", "CN=\\4", "CN=#", "CN=#1",
            "CN=#0c05",
        ] {
            assert_eq!(DistinguishedName::parse(text), Err(NameError), "{text}");
        }
        assert_eq!(DistinguishedName::parse(&format!("CN={}", "x".repeat(TEXT_MAX))), Err(NameError));
        assert_eq!(DistinguishedName::parse(&["CN=a"; ATTRIBUTES_MAX + 1].join(",")), Err(NameError));
    }
}
