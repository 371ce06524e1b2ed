//! The client certificate that a proxy forwards in a header.
//!
//! Read only when the header is configured and the connection comes from a listed proxy: anybody can write a header, and
//! this one says who somebody is. Otherwise the header is taken away unread, as every other header of that kind is.
//!
//! Forms: PEM percent-encoded (nginx `$ssl_client_escaped_cert`), PEM on one line (Apache), base64 of the DER (HAProxy
//! `ssl_c_der,base64`), and `:base64:` (RFC 9440).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName};
use std::net::IpAddr;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// Longest value that is read: a certificate is some two thousand bytes.
const BYTES_MAX: usize = 16 * 1024;

/// Which header, and from whom.
#[derive(Debug, Clone)]
pub struct Forwarded {
    /// The header.
    pub header: HeaderName,
    /// Proxies that may write it.
    pub proxies: Vec<IpAddr>,
}

/// A header of a proxy that holds something else than one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl Forwarded {
    /// The certificate (DER) that a proxy forwards; `None` when it is not one of ours, or says that there was none.
    ///
    /// # Errors
    /// [`Unreadable`]: two certificates, or none that can be read.
    pub fn certificate(&self, headers: &HeaderMap, from: IpAddr) -> Result<Option<Bytes>, Unreadable> {
        if !self.proxies.contains(&from.to_canonical()) {
            return Ok(None);
        }
        let mut values = headers.get_all(&self.header).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let text = value.to_str().map_err(|_| Unreadable)?.trim();
        if values.next().is_some() || text.len() > BYTES_MAX {
            return Err(Unreadable);
        }
        match text {
            // What proxies write when the client gave none.
            "" | "-" | "(null)" => Ok(None),
            text => read(text).map(Some).ok_or(Unreadable),
        }
    }
}

fn read(text: &str) -> Option<Bytes> {
    let decoded;
    let text = if text.contains('%') {
        decoded = percent_decoded(text)?;
        decoded.trim()
    } else {
        text
    };
    let base64 = match text.strip_prefix("-----BEGIN CERTIFICATE-----") {
        Some(rest) => rest.strip_suffix("-----END CERTIFICATE-----")?,
        None => match text.strip_prefix(':') {
            Some(rest) => rest.strip_suffix(':')?,
            None => text,
        },
    };
    let base64: String = base64.split_ascii_whitespace().collect();
    let der = STANDARD.decode(base64).ok()?;
    Certificate::from_der(&der).ok()?;
    Some(Bytes::from(der))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let value = digit()? * 16 + digit()?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_certificate_is_read_in_every_form_and_from_listed_proxies_only() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
        let pem = certificate.pem().replace("\r\n", "\n").trim_end().to_owned();
        let base64 = STANDARD.encode(certificate.der());
        let escaped: String = pem
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        let forwarded = Forwarded {
            header: HeaderName::from_static("x-ssl-client-cert"),
            proxies: vec![[192, 0, 2, 1].into()],
        };
        let (listed, other): (IpAddr, IpAddr) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        let found = Ok(Some(Bytes::copy_from_slice(certificate.der())));
        let folded = pem.replace('\n', " ");
        let rfc_9440 = format!(":{base64}:");
        let cut = &base64[..base64.len() - 8];
        let two = format!("{folded} {folded}");
        for (row, from, values, expected) in [
            ("nginx", listed, vec![&*escaped], &found),
            ("Apache", listed, vec![&*folded], &found),
            ("HAProxy", listed, vec![&*base64], &found),
            ("RFC 9440", listed, vec![&*rfc_9440], &found),
            ("the proxy by its other address", mapped, vec![&*base64], &found),
            ("somebody else", other, vec![&*base64], &Ok(None)),
            ("no header", listed, vec![], &Ok(None)),
            ("an empty header", listed, vec![""], &Ok(None)),
            ("Apache without a certificate", listed, vec!["(null)"], &Ok(None)),
            ("two headers", listed, vec![&*base64, &*base64], &Err(Unreadable)),
            ("two certificates", listed, vec![&*two], &Err(Unreadable)),
            ("cut", listed, vec![cut], &Err(Unreadable)),
            ("half an escape", listed, vec!["%2"], &Err(Unreadable)),
            ("no certificate at all", listed, vec!["bWFyaWU="], &Err(Unreadable)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-ssl-client-cert", HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(&forwarded.certificate(&headers, from), expected, "{row}");
        }
    }
}
