//! `http.tls_…`: files of the TLS that ends in this process.

use super::{ConfigError, Keys};
use std::path::{Path, PathBuf};

/// Files of the TLS that ends in this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificate of the server with its chain (PEM).
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub key: Option<PathBuf>,
    /// Authorities of clients' certificates (PEM bundle).
    pub client_anchors: Option<PathBuf>,
    /// Their revocation lists (PEM or DER).
    pub client_crls: Vec<PathBuf>,
}

impl Tls {
    pub(super) fn read(keys: &Keys<'_>, base: &Path) -> Result<Self, ConfigError> {
        Ok(Tls {
            certificate: keys.path("http", "tls_certificate", base)?,
            key: keys.path("http", "tls_key", base)?,
            client_anchors: keys.path("http", "tls_client_anchors", base)?,
            client_crls: keys.paths("http", "tls_client_crls", base)?,
        })
    }

    pub(super) fn faults(&self) -> [(bool, &'static str); 2] {
        [
            (
                self.certificate.is_some() != self.key.is_some(),
                "`http.tls_certificate` and `http.tls_key` go together",
            ),
            (
                !self.client_crls.is_empty() && self.client_anchors.is_none(),
                "`http.tls_client_crls` needs `http.tls_client_anchors`",
            ),
        ]
    }
}
