//! Changed messages: of two hundred VIHF that were changed in one place after they were signed, those that are accepted say
//! the same as what was signed, and another implementation accepts them as well.
//!
//! Each change is made to a VIHF of its own: one that was used before would be refused for that.

use super::{canonical, replaced, signed_by};
use crate::case::World;
use crate::common::{Answer, fresh_directory};
use crate::message::{Sent, between};
use std::process::Command;

const CHANGES: usize = 200;

#[test]
fn a_changed_vihf_is_refused_or_says_the_same() {
    let mut w = World::new();
    let oracle = Oracle::find(&w);
    if oracle.folder.is_none() {
        println!("skipped: xmlsec1 is not installed, what is accepted is not shown to it");
    }
    for identity in [&w.lps.doctor, &w.lps.colleague, &w.lps.by_ecdsa] {
        let signed = signed_by(identity);
        assert!(is_taken(&send(&w, signed.as_bytes()), 0), "as it is");
        oracle.agrees(signed.as_bytes(), "as it is");
    }
    let mut accepted = 0;
    let mut refused = 0;
    let mut touched = [0; REGIONS.len()];
    for number in 0..CHANGES {
        let signed = signed_by(&w.lps.doctor);
        touched[region(&signed, place(signed.len(), number))] += 1;
        let changed = change(signed.as_bytes(), number);
        let answer = send(&w, &changed);
        if !is_taken(&answer, number) {
            refused += 1;
            continue;
        }
        accepted += 1;
        says_the_same(&signed, &changed, &format!("change {number}"));
        oracle.agrees(&changed, &format!("change {number}"));
    }
    assert!(refused > CHANGES / 2, "{refused} of {CHANGES} were refused, {accepted} accepted");
    assert!(touched.iter().all(|changes| *changes > 2), "{REGIONS:?} {touched:?}");
    for (name, edit) in equivalent() {
        let signed = signed_by(&w.lps.doctor);
        let changed = edit(&signed);
        assert_ne!(changed, signed, "{name}");
        let answer = send(&w, changed.as_bytes());
        assert!(is_taken(&answer, 0), "{name}: {}", answer.brief_fault());
        says_the_same(&signed, changed.as_bytes(), name);
        oracle.agrees(changed.as_bytes(), name);
    }
    assert!(w.demo.is_running(), "the server died: {}", w.demo.log());
    assert!(!w.demo.log().contains("panicked"), "{}", w.demo.log());
    assert_eq!(w.demo.verify(), Ok(()));
}

/// Where each part of an assertion ends, in their order: its head, what is signed of it, the value, by whom, its claims.
const REGIONS: [&str; 7] = [
    "<ds:Signature ",
    "<ds:DigestValue>",
    "</ds:SignedInfo>",
    "</ds:SignatureValue>",
    "</ds:Signature>",
    "<saml2:AttributeStatement>",
    "</saml2:Assertion>",
];

/// The part that a place is in.
fn region(signed: &str, at: usize) -> usize {
    REGIONS.iter().position(|end| signed.find(end).unwrap() + end.len() > at).unwrap()
}

fn place(length: usize, number: usize) -> usize {
    (length * number / CHANGES + number % 7).min(length - 2)
}

/// A change of one place: places are spread over the whole, kinds go round.
fn change(signed: &[u8], number: usize) -> Vec<u8> {
    let at = place(signed.len(), number);
    let mut bytes = signed.to_vec();
    match number % 5 {
        0 => bytes[at] ^= 1 << (number % 7),
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, bytes[at]),
        3 => bytes[at] = b' ',
        _ => bytes.swap(at, at + 1),
    }
    bytes
}

/// What is changed, and how.
type Equivalent = (&'static str, fn(&str) -> String);

/// Changes of writing that canonical form takes away: they are accepted.
fn equivalent() -> [Equivalent; 7] {
    [
        ("quotes", |text| replaced(text, "Version=\"2.0\"", "Version='2.0'")),
        ("white space in a tag", |text| replaced(text, " Version=\"2.0\"", "\n  Version = \"2.0\" ")),
        ("order of attributes", |text| {
            let text = replaced(text, " Version=\"2.0\"", "");
            replaced(&text, " ID=", " Version=\"2.0\" ID=")
        }),
        ("character reference", |text| replaced(text, ">urn:dmp<", ">&#117;rn:dmp<")),
        ("white space in a value in base64", |text| {
            let value = between(text, "<ds:SignatureValue>", "</ds:SignatureValue>");
            replaced(text, &value, &value.replacen('>', ">\n", 1))
        }),
        ("an element closed apart", |text| {
            let method = between(text, "<ds:DigestMethod ", "/>");
            replaced(text, &method, &method.replace("/>", "></ds:DigestMethod>"))
        }),
        ("a namespace declared again", |text| {
            let declared = "<saml2:Subject xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\">";
            replaced(text, "<saml2:Subject>", declared)
        }),
    ]
}

/// A query under these bytes.
fn send(w: &World, assertion: &[u8]) -> Answer {
    let mut query: Sent = w.query_under("§");
    let mark = "§".as_bytes();
    let at = query.body.windows(mark.len()).position(|bytes| bytes == mark).unwrap();
    query.body.splice(at..at + mark.len(), assertion.iter().copied());
    query.send(w)
}

/// Accepted, or refused with a fault.
fn is_taken(answer: &Answer, number: usize) -> bool {
    match answer.status {
        200 => true,
        400 | 500 if answer.text().contains("<soap:Fault") => {
            assert!(
                answer.status == 400 || !answer.text().contains("Receiver"),
                "change {number}: our fault"
            );
            false
        }
        other => panic!("change {number}: {other} {}", answer.brief()),
    }
}

/// What was signed and what was accepted have one canonical form, their signatures apart.
fn says_the_same(signed: &str, changed: &[u8], name: &str) {
    let claims =
        |text: &str| canonical(&text.replace(&between(text, "<ds:Signature ", "</ds:Signature>"), ""));
    let changed = std::str::from_utf8(changed).unwrap();
    let (signed, changed) = (claims(signed).unwrap(), claims(changed).unwrap());
    assert!(signed == changed, "{name}: accepted, and says something else");
}

/// xmlsec1, where it is installed.
struct Oracle {
    folder: Option<std::path::PathBuf>,
    authority: std::path::PathBuf,
}

impl Oracle {
    fn find(w: &World) -> Self {
        let found = Command::new("xmlsec1").arg("--version").output().is_ok();
        Oracle { folder: found.then(fresh_directory), authority: w.lps.authority.join("ca.pem") }
    }

    /// It accepts that assertion too.
    fn agrees(&self, assertion: &[u8], name: &str) {
        let Some(folder) = &self.folder else { return };
        let file = folder.join("assertion.xml");
        std::fs::write(&file, assertion).unwrap();
        let output = Command::new("xmlsec1")
            .args(["--verify", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"])
            .arg("--trusted-pem")
            .arg(&self.authority)
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name}: accepted, and xmlsec1 refuses: {said}");
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.folder.iter().for_each(|folder| drop(std::fs::remove_dir_all(folder)));
    }
}
