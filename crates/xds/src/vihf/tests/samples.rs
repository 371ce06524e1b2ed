//! The VIHFs of the published messages are read as what they say. Most are not signed there, none is of a certificate that
//! still is: here only what is read after the signature is tried.
#![allow(clippy::print_stdout)] // a test that is skipped says so

use super::actors::line;
use super::*;
use crate::vihf::assertion::Assertion;
use dmp_xml::signature::DistinguishedName;
use std::path::{Path, PathBuf};

#[test]
fn published_vihfs_are_read() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let kit = std::env::var_os("DMP_SHARED").map_or_else(beside, PathBuf::from).join("data/dmp-kit");
    let direct = "Direct Cps 899900063480 10/SM26 499900063480001 SA07";
    let mut read = 0;
    for folder in ["vihf", "messages"] {
        let Ok(files) = std::fs::read_dir(kit.join(folder)) else {
            println!("skipped: {folder} is not here (DMP_SHARED)");
            return;
        };
        for path in files.map(|file| file.unwrap().path()) {
            // Two of them mix encodings, in a label.
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            // Answers carry none; one request is a whole multipart body.
            if !text.contains("VIHF_Version") || !text.trim_start().starts_with('<') {
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            let root = tree.root();
            let mut all = std::iter::once(root).chain(root.descendants());
            let element = all.find(|element| element.is(header::SAML, "Assertion")).unwrap();
            let assertion = Assertion::read(element).unwrap();
            let issuer = DistinguishedName::parse(&assertion.issuer).unwrap();
            let structure = StructureId::parse(&assertion.structure).unwrap();
            let person = actor::person(&assertion).unwrap();
            let made = actor::of(&assertion, &structure, person, &issuer).unwrap();
            let expected = if name.contains("INDIRECTE") { "Structure 339172288100052" } else { direct };
            assert_eq!(line(&made), expected, "{name}");
            assert_eq!(assertion.version, VihfVersion::V3);
            if name.contains("INDIRECTE_signe") {
                assert!(verify(&Trust::default(), &draft::envelope(&text)).is_err(), "{name}");
            }
            read += 1;
        }
    }
    assert!(read > 10, "{read}");
}
