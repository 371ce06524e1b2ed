//! The allowed arrows between our crates (ARCHITECTURE.md): a crate that imports what it may not fails here, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Crate, and what it may import of ours.
const ARROWS: &[(&str, &[&str])] = &[
    ("dmp-nomenclature", &[]),
    ("dmp-xml", &[]),
    ("dmp-keys", &[]),
    ("dmp-dossier", &["dmp-nomenclature"]),
    ("dmp-cda", &["dmp-xml", "dmp-dossier", "dmp-nomenclature"]),
    ("dmp-store", &["dmp-dossier", "dmp-keys"]),
    ("dmp-fhir", &["dmp-store", "dmp-dossier", "dmp-nomenclature", "dmp-cda"]),
    ("dmp-portal", &["dmp-store", "dmp-dossier", "dmp-nomenclature", "dmp-cda"]),
    (
        "dmp-server",
        &["dmp-fhir", "dmp-portal", "dmp-store", "dmp-keys", "dmp-cda", "dmp-dossier", "dmp-nomenclature"],
    ),
    ("dmp-cli", &["dmp-server", "dmp-cda"]),
    ("dmp-bench", &[]),
    ("xtask", &[]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace").to_owned()
}

/// Our crates and what their manifests name of ours, `[dependencies]` only: tests may use what they need.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let root = root();
    let members = std::fs::read_dir(root.join("crates"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .chain([root.join("xtask")]);
    members
        .map(|dir| {
            let text = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap();
            let name =
                text.lines().find_map(|l| l.strip_prefix("name = ")).unwrap().trim_matches('"').to_owned();
            let mut section = "";
            let mut named = BTreeSet::new();
            for line in text.lines().map(str::trim) {
                if line.starts_with('[') {
                    section = line;
                } else if section == "[dependencies]" && line.starts_with("dmp-") {
                    named.insert(line.split(['.', ' ', '=']).next().unwrap().to_owned());
                }
            }
            (name, named)
        })
        .collect()
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
