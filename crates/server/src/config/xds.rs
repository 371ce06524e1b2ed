//! `[xds]`: what a deployment decides about the DMP interface, and by which ways its messages may come.

use super::{Config, ConfigError, Keys};
use dmp_dossier::Realm;
use http::HeaderName;
use jiff::civil::Date;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The DMP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xds {
    /// It is served.
    pub enabled: bool,
    /// A port of its own, in mutual TLS.
    pub listen: Option<SocketAddr>,
    /// Address by which software reaches it, without a final `/`.
    pub public_url: Option<String>,
    /// A message must come with a client certificate.
    pub require_client_certificate: bool,
    /// Header in which a proxy gives the client's certificate.
    pub client_certificate_header: Option<HeaderName>,
    /// Proxies whose header is read.
    pub trusted_proxies: Vec<IpAddr>,
    /// Messages in plain HTTP from the machine itself.
    pub plain_http_on_loopback: bool,
    /// Authorities of the certificates that sign (PEM bundle).
    pub anchors: Option<PathBuf>,
    /// Their revocation lists (PEM or DER).
    pub crls: Vec<PathBuf>,
    /// Oldest VIHF that is taken.
    pub vihf_max_age_minutes: u32,
    /// How far the clock of a software may be off.
    pub vihf_skew_minutes: u32,
    /// A VIHF serves once.
    pub vihf_single_use: bool,
    /// HTTP status of a fault that is the sender's.
    pub sender_fault_status: u16,
    /// Approval numbers that are taken; empty: any.
    pub approvals: Vec<String>,
    /// Directory of structures and of who works there.
    pub structures: Option<PathBuf>,
    /// Whether a lot must be signed.
    pub lot_signature: LotSignature,
    /// Retired transactions.
    pub legacy: bool,
    /// Last day of signatures with SHA-1.
    pub legacy_sha1_until: Option<Date>,
    /// Who may still sign with SHA-1.
    pub legacy_software: Vec<LegacySoftware>,
}

/// Whether a lot must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LotSignature {
    /// Verified when it is there.
    Optional,
    /// A lot without one is refused.
    Required,
}

/// A software that may still sign with SHA-1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacySoftware {
    /// `LPS_Nom`.
    pub name: String,
    /// `LPS_Version`.
    pub version: String,
}

impl Xds {
    pub(super) fn read(keys: &Keys<'_>, base: &Path) -> Result<Self, ConfigError> {
        let section = "xds";
        let header: Option<String> = keys.maybe(section, "client_certificate_header")?;
        let header = header.map(|name| {
            name.parse()
                .map_err(|_| ConfigError(format!("`xds.client_certificate_header`: `{name}` is no header")))
        });
        let proxies: Vec<String> = keys.one(section, "trusted_proxies")?;
        let proxies = proxies.iter().map(|address| {
            let wrong = || ConfigError(format!("`xds.trusted_proxies`: `{address}` is no address"));
            address.parse().map(|address: IpAddr| address.to_canonical()).map_err(|_| wrong())
        });
        let until: Option<String> = keys.maybe(section, "legacy_sha1_until")?;
        let until = until.map(|day| {
            day.parse().map_err(|_| ConfigError(format!("`xds.legacy_sha1_until`: `{day}` is no day")))
        });
        let software: Vec<String> = keys.one(section, "legacy_software")?;
        let software = software.iter().map(|text| {
            let (name, version) = text.rsplit_once(' ').ok_or_else(|| {
                ConfigError(format!("`xds.legacy_software`: `{text}` is no name followed by a version"))
            })?;
            Ok(LegacySoftware { name: name.trim().to_owned(), version: version.to_owned() })
        });
        Ok(Xds {
            enabled: keys.one(section, "enabled")?,
            listen: keys.maybe(section, "listen")?,
            public_url: keys.maybe(section, "public_url")?,
            require_client_certificate: keys.one(section, "require_client_certificate")?,
            client_certificate_header: header.transpose()?,
            trusted_proxies: proxies.collect::<Result<_, _>>()?,
            plain_http_on_loopback: keys.one(section, "plain_http_on_loopback")?,
            anchors: keys.path(section, "anchors", base)?,
            crls: keys.paths(section, "crls", base)?,
            vihf_max_age_minutes: keys.one(section, "vihf_max_age_minutes")?,
            vihf_skew_minutes: keys.one(section, "vihf_skew_minutes")?,
            vihf_single_use: keys.one(section, "vihf_single_use")?,
            sender_fault_status: keys.one(section, "sender_fault_status")?,
            approvals: keys.one(section, "approvals")?,
            structures: keys.path(section, "structures", base)?,
            lot_signature: keys.one(section, "lot_signature")?,
            legacy: keys.one(section, "legacy")?,
            legacy_sha1_until: until.transpose()?,
            legacy_software: software.collect::<Result<_, _>>()?,
        })
    }

    /// What does not go together; of a face that is not served, only its shapes count.
    pub(super) fn faults(&self, config: &Config) -> impl Iterator<Item = (bool, &'static str)> {
        let http = &config.http;
        let test = config.parameters.realm.realm == Realm::Test;
        let url = self.public_url.as_deref().unwrap_or("https://localhost");
        let over_tls = http.tls.certificate.is_some() || http.tls_terminated_by_proxy;
        // A proxy on the machine would lend its own address to whoever it speaks for.
        let behind_proxy = http.tls_terminated_by_proxy || self.client_certificate_header.is_some();
        let way_in = self.listen.is_some()
            || self.client_certificate_header.is_some()
            || self.plain_http_on_loopback
            || (over_tls && !self.require_client_certificate);
        let faults = [
            (self.anchors.is_none(), "`xds.enabled` needs `xds.anchors`: whose signatures of VIHF are taken"),
            (
                self.listen.is_some()
                    && (http.tls.certificate.is_none() || http.tls.client_anchors.is_none()),
                "`xds.listen` needs `http.tls_certificate` and `http.tls_client_anchors`",
            ),
            (
                self.client_certificate_header.is_some() == self.trusted_proxies.is_empty(),
                "`xds.client_certificate_header` and `xds.trusted_proxies` go together",
            ),
            (
                self.plain_http_on_loopback && !(test && http.listen.ip().is_loopback() && !behind_proxy),
                "`xds.plain_http_on_loopback` is for the test realm on a loopback address, with no proxy in front",
            ),
            (
                !test && !self.require_client_certificate,
                "the production realm needs `xds.require_client_certificate`",
            ),
            (
                // A card says who somebody is and not where: the VIHF alone would give the rights of any structure.
                !test && self.structures.is_none(),
                "the production realm needs `xds.structures`: no certificate of a person tells their structure",
            ),
            (
                !way_in,
                "`xds.enabled`: no message could come in: set `xds.listen`, or `xds.client_certificate_header` behind a \
                 proxy",
            ),
            (
                !(url.starts_with("https://") || url.starts_with("http://")) || url.ends_with('/'),
                "`xds.public_url` must start with http:// or https://, and not end with /",
            ),
            (self.vihf_max_age_minutes == 0, "`xds.vihf_max_age_minutes` must be at least 1"),
            (
                !matches!(self.sender_fault_status, 400 | 500),
                "`xds.sender_fault_status` is 400, or 500 for clients that read no fault with another status",
            ),
            (
                self.legacy_sha1_until.is_some() == self.legacy_software.is_empty(),
                "`xds.legacy_sha1_until` and `xds.legacy_software` go together",
            ),
        ];
        let enabled = self.enabled;
        faults.into_iter().filter(move |_| enabled)
    }
}
