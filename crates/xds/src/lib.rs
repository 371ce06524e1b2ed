//! The DMP interface: what a professional's software already speaks.
//!
//! SOAP 1.2 with WS-Addressing, MTOM/XOP and a signed VIHF; IHE XDS.b (ITI-41, 18, 43, 57), HL7 v3 lifecycle and
//! PDQ, the DMP's own services. Bytes become an actor's command or query, views become messages; every decision is the
//! record's. [`router`] expects the server to give each request a [`RequestId`] as extension, and a
//! [`ClientCertificate`] where there was one.
//!
//! Each transaction is a file named for it; [`service`] is the table of them.
//!
//! Sources: SEL-MP-037 (DMPi) as restated in its published annexes and messages; IHE ITI TF-2 3.18, 3.41, 3.43, 3.57,
//! 3.47; PDT-INF-526, 606.

pub mod ebrim;
pub mod fault;
pub mod mtom;
pub mod service;
pub mod soap;
pub mod vihf;

mod call;
mod elements;
mod hl7v3;
mod lot_signature;
mod parametres;
mod registry_response;
mod router;
mod status;
mod td0_0_identity_certification;
mod td0_2_consult;
mod td0_3_set_authorization;
mod td0_4_patient_list;
mod td0_5_find_candidates;
mod td1_1_create;
mod td1_2_reactivate;
mod td1_3b_modify;
mod td1_4_close;
mod td1_5_patient_access;
mod td1_6_list_authorization_by_patient;
mod td2_1_provide_and_register;
mod td3;
mod td3_1_registry_stored_query;
mod td3_2_retrieve_document_set;
mod td3_3_update_document_set;
#[cfg(test)]
mod world;
mod wsdl;

pub use call::{Call, ClientCertificate, Reply, RequestId};
pub use router::{refuse, router};

use dmp_store::Store;

/// Path of the services of the reference system.
pub const SERVICES: &str = "/si-dmp-server/v2/services";

/// Path of the parameter file that software reads.
pub const PARAMETERS: &str = "/si-dmp-server/v2/parametres.xml";

/// OID of the server as a device (`receiver`, `custodian`).
pub const DEVICE: &str = "1.2.250.1.213.4.1.1.1";

/// Root of the identifiers of messages that the server emits.
pub const MESSAGES: &str = "1.2.250.1.213.4.1.1.1.1";

/// `repositoryUniqueId`.
pub const REPOSITORY: &str = "1.2.250.1.213.4.1.1.1.2";

/// The face and what it stands on.
pub struct Xds {
    /// The only door to data.
    pub store: Store,
    /// Whose signatures are taken.
    pub trust: vihf::Trust,
    /// What a deployment decides about this face.
    pub settings: Settings,
}

/// What a deployment decides about this face.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address of the server without a final `/`, such as `https://dmp.example.org`: what WSDLs and the parameter file
    /// name.
    pub base: String,
    /// Names that `wsa:To` may carry.
    pub hosts: Vec<String>,
    /// Each lot must be signed (XAdES).
    pub lot_signature_required: bool,
    /// Messages of LPS as they were before 2021: retired transactions and algorithms.
    pub legacy: bool,
    /// An assertion serves one message, as the catalogue of bad inputs asks (SAML-55), and the same message again. Turned
    /// off, it serves any message until it expires: for software that signs once a session, because a card asks for its
    /// code at each signature. All published samples carry one and the same assertion, which decides nothing.
    pub vihf_single_use: bool,
    /// HTTP status of a fault that is the sender's: 400 (SOAP 1.2 part 2 7.5.2.2), or 500 for clients that read a fault
    /// with no other status, as those of WCF. Statuses that say more (403, 413, 415, 429) stay.
    pub sender_fault_status: u16,
    /// What the parameter file says of the deployment: `TEST`, `PRODUCTION`…
    pub environment: String,
}

impl Xds {
    /// Longest body of a request: a whole lot in base64, and two mebibytes of metadata.
    pub fn body_bytes_max(&self) -> usize {
        let lot = self.store.parameters().lot_bytes_max.div_ceil(3).saturating_mul(4);
        usize::try_from(lot).unwrap_or(usize::MAX).saturating_add(2 << 20)
    }
}
