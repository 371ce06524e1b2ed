//! The way into the DMP interface: by which connection a message may come, and with whose certificate.
//!
//! A message comes over mutual TLS on the port of the services, or through a listed proxy that did the mutual TLS, or,
//! where the deployment says so, in plain HTTP from the machine itself. What the certificate entitles to is the face's
//! question; here it is only established. Reading a WSDL or the parameter file asks nothing: they are public.
//!
//! Source: SEL-MP-037 (mutual authentication of every call); spec of security, rows on forwarded certificates.

use super::forwarded::{Forwarded, Unreadable};
use super::listen::{Arrival, Door};
use super::tls::Tls;
use bytes::Bytes;
use dmp_xds::ClientCertificate;
use dmp_xds::fault::Fault;
use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, Method, Request};
use rustls::pki_types::CertificateDer;

/// What a deployment decides about the way in.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Longest body that the face takes.
    pub body_bytes_max: usize,
    /// A message needs a client certificate.
    pub certificate_required: bool,
    /// The machine itself may send messages in plain HTTP, without a certificate.
    pub plain_on_loopback: bool,
    /// Proxies that forward a certificate.
    pub forwarded: Option<Forwarded>,
}

/// A certificate of the connection, or the one that a proxy says.
pub(super) type Presented = Result<Option<Bytes>, Unreadable>;

impl Entry {
    /// The certificate by which a request comes, before headers of proxies are taken away.
    pub(super) fn presented(&self, headers: &HeaderMap, arrival: &Arrival) -> Presented {
        match (arrival.door, &self.forwarded) {
            // Nobody stands between the client and this port.
            (Door::Services, _) => Ok(arrival.certificate.clone()),
            (Door::Main, Some(forwarded)) => forwarded.certificate(headers, arrival.address.ip()),
            (Door::Main, None) => Ok(None),
        }
    }

    /// Lets a request in, with its certificate as an extension.
    ///
    /// # Errors
    /// The fault that refuses it: no certificate, or one that is not taken.
    pub(super) fn admit<B>(
        &self,
        request: &mut Request<B>,
        presented: Presented,
        between: &[CertificateDer<'_>],
        tls: Option<&Tls>,
        from: Origin,
    ) -> Result<(), Fault> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(());
        }
        let refused =
            |reason: &str| Fault { http: 403, ..Fault::wsse("FailedAuthentication", reason).in_french() };
        match presented {
            Ok(Some(der)) => {
                // Of a connection of ours, TLS has seen to it; but that may be long ago.
                let certificate = CertificateDer::from(der.as_ref());
                if tls.is_some_and(|tls| !tls.takes(&certificate, between)) {
                    return Err(refused("le certificat client n'est pas accepté, ou ne l'est plus"));
                }
                request.extensions_mut().insert(ClientCertificate(der));
            }
            Ok(None) if from.itself && self.plain_on_loopback => {}
            Ok(None) if from.encrypted && !self.certificate_required => {}
            Ok(None) => return Err(refused("un certificat client est nécessaire (TLS mutuel)")),
            Err(Unreadable) => return Err(refused("le certificat client transmis est illisible")),
        }
        // Answers go as they are: those that are long hold parts that are compressed already.
        request.headers_mut().remove(ACCEPT_ENCODING);
        Ok(())
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// From the machine itself, for itself.
    pub(super) itself: bool,
    /// Over TLS, ours or a proxy's.
    pub(super) encrypted: bool,
}
