//! Which endpoints there are: read in the sources of the faces and of the server, compared with `endpoints.txt`.

use std::collections::BTreeSet;
use std::path::Path;

/// A crate that mounts routes, and where its routes begin.
const MOUNTED: &[(&str, &str)] = &[("fhir", "/fhir"), ("portal", ""), ("server", ""), ("xds", "")];
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "any"];

/// `METHOD path` of every `.route(…)` of the sources.
pub fn mounted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, base) in MOUNTED {
        let folder = format!("{}/../{name}/src", env!("CARGO_MANIFEST_DIR"));
        for source in sources(Path::new(&folder)) {
            // Tests mount routes of their own.
            let own = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (at, _) in own.match_indices(".route(") {
                let (before, call) = (&own[..at], &own[at + ".route(".len()..]);
                found.extend(endpoints_of(base, before, call));
            }
        }
    }
    found
}

/// Text of every source file below a folder, those of tests left out.
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                texts.extend(sources(&path));
            }
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    texts
}

/// What follows `.route(`: a path, then the handlers of its methods, or the name that was given to them before.
fn endpoints_of(base: &str, before: &str, call: &str) -> Vec<String> {
    let path = match call.strip_prefix("PARAMETERS") {
        Some(_) => dmp_xds::PARAMETERS,
        None => call.split('"').nth(1).unwrap_or_else(|| panic!("no path in `.route({call}`")),
    };
    let path = path.replace("{SERVICES}", dmp_xds::SERVICES).replace("{{", "{").replace("}}", "}");
    let path = match path.strip_prefix("{prefix}") {
        // The base itself, formatted into the path.
        Some(rest) => format!("{base}{rest}"),
        None if path == "/" && !base.is_empty() => base.to_string(),
        None => format!("{base}{path}"),
    };
    let mut depth = 1;
    let end = call.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    let handlers = &call[..end.expect("parentheses match in a source that compiles")];
    let name = handlers.rsplit(',').find(|part| !part.trim().is_empty()).unwrap_or_default().trim();
    let handlers = match before.rsplit_once(&format!("let {name} =")) {
        Some((_, given)) => given.split(';').next().unwrap_or_default(),
        None => handlers,
    };
    let endpoints: Vec<String> = METHODS
        .iter()
        .filter(|method| {
            let called = format!("{method}(");
            let starts_word =
                |at: usize| !handlers[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            handlers.match_indices(&called).any(|(at, _)| starts_word(at))
        })
        .map(|method| format!("{} {path}", method.to_uppercase()))
        .collect();
    assert!(!endpoints.is_empty(), "no method in `.route({handlers})`: teach this test to read it");
    endpoints
}

/// Who an endpoint answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A bearer token.
    Token,
    /// A session of the pages.
    Session,
    /// A VIHF: asked operation by operation.
    Vihf,
    /// Nobody; the line says why.
    Nobody,
}

/// A line of `endpoints.txt`.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `GET /fhir/Patient`
    pub name: String,
    pub needs: Needs,
    pub why: String,
}

pub fn listed() -> Vec<Endpoint> {
    include_str!("../endpoints.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut parts = line.split('\t');
            let name = parts.next().unwrap().to_owned();
            let needs = match parts.next() {
                Some("token") => Needs::Token,
                Some("session") => Needs::Session,
                Some("vihf") => Needs::Vihf,
                Some("nobody") => Needs::Nobody,
                other => panic!("`{line}`: {other:?} is neither token, session, vihf nor nobody"),
            };
            Endpoint { name, needs, why: parts.next().unwrap_or_default().to_owned() }
        })
        .collect()
}
