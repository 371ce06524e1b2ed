//! The allowed arrows between our crates (ARCHITECTURE.md): a crate that imports what it may not fails here, in words.
#![allow(clippy::unwrap_used)]
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crate, and what it may import of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("dmp-nomenclature", &[]),
    ("dmp-xml", &[]),
    ("dmp-keys", &[]),
    ("dmp-dossier", &["dmp-nomenclature"]),
    ("dmp-cda", &["dmp-xml", "dmp-dossier", "dmp-nomenclature"]),
    ("dmp-store", &["dmp-dossier", "dmp-keys"]),
    ("dmp-fhir", &["dmp-store", "dmp-dossier", "dmp-nomenclature", "dmp-cda"]),
    ("dmp-xds", &["dmp-store", "dmp-dossier", "dmp-nomenclature", "dmp-cda", "dmp-xml"]),
    ("dmp-paper", &[]),
    ("dmp-openid", &[]),
    ("dmp-accounts", &["dmp-store", "dmp-keys", "dmp-dossier"]),
    ("dmp-portal", &["dmp-store", "dmp-dossier", "dmp-nomenclature", "dmp-cda", "dmp-paper"]),
    (
        "dmp-server",
        &[
            "dmp-fhir",
            "dmp-xds",
            "dmp-portal",
            "dmp-store",
            "dmp-keys",
            "dmp-cda",
            "dmp-dossier",
            "dmp-nomenclature",
            "dmp-xml",
            "dmp-accounts",
            "dmp-openid",
        ],
    ),
    ("dmp-lps", &["dmp-xml", "dmp-cda", "dmp-dossier", "dmp-nomenclature"]),
    ("dmp-cli", &["dmp-server", "dmp-cda", "dmp-lps"]),
    ("dmp-bench", &["dmp-lps"]),
    ("xtask", &["dmp-dossier"]),
];

/// Our crates and what they import of ours, from `cargo metadata`; tests may use what they need.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    let named = |package: &serde_json::Value| {
        let dependencies = package["dependencies"].as_array().unwrap();
        dependencies
            .iter()
            .filter(|d| d["kind"].is_null())
            .map(|d| d["name"].as_str().unwrap())
            .filter(|name| ours.contains(name))
            .map(str::to_owned)
            .collect()
    };
    packages.iter().map(|p| (p["name"].as_str().unwrap().to_owned(), named(p))).collect()
}

#[test]
fn crates_import_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, named) in imports() {
        match allowed.get(name.as_str()) {
            None => wrong.push(format!("{name} is not in the table of arrows: decide what it may import")),
            Some(may) => {
                for other in named.iter().filter(|n| !may.contains(&n.as_str())) {
                    wrong.push(format!("{name} imports {other}, which the table of arrows does not allow"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
