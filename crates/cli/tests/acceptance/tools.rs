//! Running `dmp`, and reading what a server holds.

use crate::common::{DMP, Demo};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// What a run of `dmp` gave.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs `dmp` with these arguments, to its end.
pub fn dmp<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    let output = Command::new(DMP).args(arguments).output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// `dmp verify` of a directory.
pub fn verify(data: &Path) -> Run {
    dmp([OsStr::new("verify"), OsStr::new("--data"), data.as_os_str()])
}

/// Everything verifies, beside the running server and after it has stopped.
pub fn verifies_running_and_stopped(demo: &mut Demo) {
    let beside = verify(&demo.data());
    assert_eq!(beside.code, Some(0), "beside the server: {beside:?}");
    assert_eq!(demo.stop(), Some(0), "{}", demo.log());
    let after = verify(&demo.data());
    assert_eq!(after.code, Some(0), "after it stopped: {after:?}");
    assert!(!demo.log().contains("panicked"), "{}", demo.log());
}

/// The resources that a search finds, page after page.
pub fn resources(demo: &Demo, path: &str, token: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let answer = demo.get(&path, token);
        assert_eq!(answer.status, 200, "{path}: {}", answer.brief());
        let page = answer.json();
        let entries = page["entry"].as_array().cloned().unwrap_or_default();
        found.extend(entries.into_iter().map(|mut entry| entry["resource"].take()));
        let links = page["link"].as_array().cloned().unwrap_or_default();
        let link = links.iter().find(|link| link["relation"] == "next");
        next = link.map(|link| own_path(demo, link["url"].as_str().unwrap()));
    }
    found
}

/// The path of an address of this server.
pub fn own_path(demo: &Demo, url: &str) -> String {
    let path = url.strip_prefix(&format!("http://{}", demo.authority));
    path.unwrap_or_else(|| panic!("`{url}` is another server's")).to_owned()
}

/// The uniqueId of a DocumentReference, as it stands in documents.
pub fn unique_id(reference: &Value) -> String {
    let urn = reference["masterIdentifier"]["value"].as_str().unwrap();
    urn.trim_start_matches("urn:oid:").trim_start_matches("urn:uuid:").to_owned()
}
