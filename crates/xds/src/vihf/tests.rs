//! The rows of bad-inputs that concern one assertion, and who each VIHF makes. Replays (SAML-55) and the patient of the body
//! (SAML-60) are the caller's.
#![allow(clippy::unwrap_used)]

mod actors;
mod claims;
mod draft;
mod rows;
mod samples;
mod wrapping;

use super::*;
use crate::ClientCertificate;
use crate::fault::{Fault, Vocabulary};
use dmp_xml::{Limits, Tree};
use draft::{Pki, pki};

/// 2026-11-21T12:00:00Z
fn now() -> Time {
    Time::from_millis(1_795_262_400_000)
}

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";

/// A server that knows the demo authority.
fn server(parameters: VihfParameters, directory: Box<dyn Directory>) -> Trust {
    Trust::new(pki().anchors(), parameters, directory)
}

fn verify_at(trust: &Trust, message: &str, tls: Option<&[u8]>, at: Time) -> Result<Vihf, Fault> {
    let tree = Tree::parse(message.as_bytes(), &Limits::default()).expect("well-formed");
    let root = tree.root();
    let tls = tls.map(|der| ClientCertificate(der.to_vec().into()));
    trust.verify(root.child(SOAP, "Header"), root, tls.as_ref(), at)
}

fn verify(trust: &Trust, message: &str) -> Result<Vihf, Fault> {
    verify_at(trust, message, None, now())
}

/// `wsse:FailedCheck`, or `ok`.
fn subcode(found: &Result<Vihf, Fault>) -> String {
    match found {
        Ok(_) => "ok".to_owned(),
        Err(Fault { subcode: Some((vocabulary, name)), .. }) => {
            let prefix = match vocabulary {
                Vocabulary::Dmp => "dmp",
                Vocabulary::Addressing => "wsa",
                Vocabulary::Security => "wsse",
                Vocabulary::Utility => "wsu",
            };
            format!("{prefix}:{name}")
        }
        Err(fault) => format!("{fault:?}"),
    }
}

/// Each message and the subcode of its answer.
fn check(cases: &[(&str, String, &str)]) {
    let trust = server(VihfParameters::default(), Box::new(Everyone));
    for (row, message, expected) in cases {
        let found = verify(&trust, message);
        assert_eq!(&subcode(&found), expected, "{row}: {:?}", found.err());
    }
}
