//! What is signed here is taken by xmlsec1, an implementation that nobody here wrote. Skipped, aloud, where it is absent.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Doctor, fixture, now};
use dmp_lps::publish::{self, Document, Sending};
use dmp_lps::vihf;
use std::path::Path;
use std::process::Command;

/// What xmlsec1 thinks of a file, whose identifiers are attributes `(name, namespace:element)`; `None` when absent.
fn taken(folder: &Path, file: &str, ids: &[(&str, &str)]) -> Option<bool> {
    let mut command = Command::new("xmlsec1");
    command.args(["--verify", "--ignore-manifests", "--trusted-pem"]).arg(folder.join("signer.pem"));
    for (attribute, element) in ids {
        command.arg(format!("--id-attr:{attribute}")).arg(element);
    }
    match command.arg(folder.join(file)).output() {
        Ok(output) => Some(output.status.success()),
        Err(_) => {
            println!("skipped: xmlsec1 is absent");
            None
        }
    }
}

#[test]
fn xmlsec1_takes_the_vihf_and_the_signature_of_a_lot() {
    let doctor = Doctor::new();
    let session = doctor.session();
    let folder = std::env::temp_dir().join(format!("dmp-lps-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("signer.pem"), &doctor.certificate).unwrap();
    let document = Document::read(fixture("biologie").into(), now()).unwrap();
    let sending = Sending { signed: true, mtom: true };
    let lot = publish::message(&session, &[document], sending).unwrap();
    let lot = String::from_utf8(lot.attachments[1].bytes.to_vec()).unwrap();
    let assertion = [("ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion")];
    let objects = [
        ("Id", "http://www.w3.org/2000/09/xmldsig#:Manifest"),
        ("Id", "http://uri.etsi.org/01903/v1.1.1#:SignedProperties"),
    ];
    for (file, text, ids, from, to) in [
        ("vihf.xml", vihf::signed(&session).unwrap(), &assertion[..], ">SA07^", ">SA08^"),
        ("lot.xml", lot, &objects[..], ">AA==<", ">AB==<"),
    ] {
        std::fs::write(folder.join(file), &text).unwrap();
        let Some(whole) = taken(&folder, file, ids) else { break };
        assert!(whole, "{file}");
        assert!(text.contains(from), "{file}");
        std::fs::write(folder.join(file), text.replace(from, to)).unwrap();
        assert_eq!(taken(&folder, file, ids), Some(false), "{file}, changed");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
