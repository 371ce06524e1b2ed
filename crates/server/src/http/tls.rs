//! TLS in the process: the server's certificate, the authorities of its clients' certificates, revocation lists.
//!
//! TLS 1.3 and 1.2 with ECDHE and AES-GCM or ChaCha20: the list of the LPS (PDT-INF-579) without its one CBC suite. The
//! hybrid key exchange comes first: what is recorded today must stay closed for long. A certificate is asked on the port
//! of the services only, where no browser goes, and need not be given: what is done without one is the edge's decision.
//!
//! Files that changed are read again, so that a certificate that is revoked stops being taken without a restart; sessions
//! that could be resumed end with the former files. A file that cannot be read then leaves what was in force.

use super::listen::Door;
use crate::config::{ConfigError, Tls as Files};
use crate::files::{Refresh, Stamps};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

const CERTIFICATE: &str = "http.tls_certificate";
const KEY: &str = "http.tls_key";
const ANCHORS: &str = "http.tls_client_anchors";
const CRLS: &str = "http.tls_client_crls";

/// Best first.
const KEY_EXCHANGES: [&dyn SupportedKxGroup; 4] =
    [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];

/// What TLS stands on, as its files said it last.
pub struct Tls {
    files: Files,
    current: RwLock<Current>,
}

struct Current {
    stamps: Stamps,
    material: Material,
}

#[derive(Clone)]
struct Material {
    /// Of the pages and of FHIR: asks no certificate.
    main: Option<Arc<ServerConfig>>,
    /// Of the services: asks one.
    services: Option<Arc<ServerConfig>>,
    /// Whose certificates are taken.
    clients: Option<Arc<dyn ClientCertVerifier>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// What is missing or wrong, in one line that names the key.
    pub fn open(files: Files) -> Result<Self, ConfigError> {
        let stamps = stamps(&files);
        let material = Material::read(&files)?;
        Ok(Tls { files, current: RwLock::new(Current { stamps, material }) })
    }

    /// What takes the connections of a port; `None` when it speaks plain HTTP.
    pub fn acceptor(&self, door: Door) -> Option<TlsAcceptor> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let config = match door {
            Door::Main => &current.material.main,
            Door::Services => &current.material.services,
        };
        config.clone().map(TlsAcceptor::from)
    }

    /// A certificate that a proxy forwards is one that our own authorities would let in; without any, the proxy has
    /// decided. One that opened a connection is still one: it may be revoked while the connection lasts. `between`: what
    /// came with it.
    pub fn takes(&self, certificate: &CertificateDer<'_>, between: &[CertificateDer<'_>]) -> bool {
        let clients = self.current.read().unwrap_or_else(PoisonError::into_inner).material.clients.clone();
        clients
            .is_none_or(|clients| clients.verify_client_cert(certificate, between, UnixTime::now()).is_ok())
    }
}

impl Refresh for Tls {
    fn refresh(&self) -> Result<bool, ConfigError> {
        let stamps = stamps(&self.files);
        if self.current.read().unwrap_or_else(PoisonError::into_inner).stamps == stamps {
            return Ok(false);
        }
        let material = Material::read(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Current { stamps, material };
        Ok(true)
    }
}

impl Material {
    fn read(files: &Files) -> Result<Self, ConfigError> {
        let clients = match &files.client_anchors {
            Some(anchors) => Some(verifier(anchors, &files.client_crls)?),
            None => None,
        };
        let (Some(certificate), Some(key)) = (&files.certificate, &files.key) else {
            return Ok(Material { main: None, services: None, clients });
        };
        let chain = certificates(CERTIFICATE, certificate)?;
        refuse_expired(&chain, certificate)?;
        let key = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| wrong(KEY, key, &format!("no private key can be read: {error}")))?;
        let config = |clients: Option<&Arc<dyn ClientCertVerifier>>| {
            let builder = ServerConfig::builder_with_provider(provider())
                .with_protocol_versions(&[&TLS13, &TLS12])
                .map_err(|error| wrong(CERTIFICATE, certificate, &error.to_string()))?;
            let builder = match clients {
                Some(clients) => builder.with_client_cert_verifier(Arc::clone(clients)),
                None => builder.with_no_client_auth(),
            };
            let mut config = builder
                .with_single_cert(chain.clone(), key.clone_key())
                .map_err(|error| wrong(CERTIFICATE, certificate, &error.to_string()))?;
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(Arc::new(config))
        };
        Ok(Material {
            main: Some(config(None)?),
            services: clients.as_ref().map(|clients| config(Some(clients))).transpose()?,
            clients,
        })
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { kx_groups: KEY_EXCHANGES.to_vec(), ..default_provider() })
}

/// A certificate that an authority of the bundle issued, that is not revoked. With lists, each authority of a chain must
/// have one in force: a list that does not come must not open the door that it was there to close.
fn verifier(anchors: &Path, crls: &[PathBuf]) -> Result<Arc<dyn ClientCertVerifier>, ConfigError> {
    let mut roots = RootCertStore::empty();
    for anchor in certificates(ANCHORS, anchors)? {
        roots.add(anchor).map_err(|error| wrong(ANCHORS, anchors, &error.to_string()))?;
    }
    let mut lists = Vec::new();
    for path in crls {
        lists.extend(revocation_lists(path)?);
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .with_crls(lists)
        .enforce_revocation_expiration()
        .allow_unauthenticated()
        .build()
        .map_err(|error| ConfigError(format!("`{ANCHORS}`, `{CRLS}`: {error}")))
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let bytes = read(key, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong(key, path, "no certificate in PEM can be read")),
    }
}

/// In PEM, one or several, or in DER, as authorities publish them.
fn revocation_lists(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, ConfigError> {
    let bytes = read(CRLS, path)?;
    // DER starts with a SEQUENCE.
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateRevocationListDer::from(bytes)]);
    }
    let found: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong(CRLS, path, "no revocation list in PEM or DER can be read")),
    }
}

/// A server whose certificate is over would be refused by every client, one after another.
fn refuse_expired(chain: &[CertificateDer<'_>], path: &Path) -> Result<(), ConfigError> {
    for certificate in chain {
        let read = Certificate::from_der(certificate)
            .map_err(|_| wrong(CERTIFICATE, path, "a certificate of the chain cannot be read"))?;
        if read.tbs_certificate.validity.not_after.to_system_time() < SystemTime::now() {
            return Err(wrong(CERTIFICATE, path, "a certificate of the chain has expired"));
        }
    }
    Ok(())
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| wrong(key, path, &error.to_string()))
}

fn wrong(key: &str, path: &Path, problem: &str) -> ConfigError {
    ConfigError(format!("`{key}`: `{}`: {problem}", path.display()))
}

fn stamps(files: &Files) -> Stamps {
    let one = [&files.certificate, &files.key, &files.client_anchors];
    Stamps::of(one.into_iter().flatten().chain(&files.client_crls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_those_of_the_lps_and_nothing_older() {
        let suites: Vec<String> =
            provider().cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
        for suite in &suites {
            let aead = suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_");
            assert!(aead && (suite.starts_with("TLS13_") || suite.starts_with("TLS_ECDHE_")), "{suite}");
        }
        for lps in ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"] {
            for family in ["TLS13", "TLS_ECDHE_RSA_WITH", "TLS_ECDHE_ECDSA_WITH"] {
                assert!(suites.contains(&format!("{family}_{lps}")), "{family}_{lps}");
            }
        }
    }
}
