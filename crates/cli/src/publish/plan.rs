//! In which order files are sent: by time of creation, then name; what replaces a file after that file.

use super::bundle::declared_parent;
use bytes::Bytes;
use dmp_cda::{Header, Identifier};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::PathBuf;

/// A file that was read.
pub struct Ready {
    /// Where it is.
    pub file: PathBuf,
    /// Its bytes.
    pub bytes: Bytes,
    /// `text/xml`, or that of a self-presenting document.
    pub mime_type: &'static str,
    /// What its header says.
    pub header: Header,
}

impl Ready {
    /// `system|INS`, as the header gives them.
    pub fn patient_key(&self) -> String {
        let ins = &self.header.patient.ins;
        format!("urn:oid:{}|{}", ins.root, ins.extension.as_deref().unwrap_or_default())
    }

    /// The document that its header declares to replace.
    pub fn parent(&self) -> Option<&Identifier> {
        declared_parent(&self.header.related_documents)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let created = |one: &Self| one.header.effective_time.start();
        (created(self), &self.file).cmp(&(created(other), &other.file))
    }
}

/// Files in waves: a wave may be sent at once, and starts when the one before has ended.
pub fn waves(mut files: Vec<Ready>) -> Vec<Vec<Ready>> {
    files.sort_by(Ready::compare);
    let by_uid: HashMap<String, usize> =
        files.iter().enumerate().map(|(i, one)| (one.header.id.joined(), i)).collect();
    let parents: Vec<Option<usize>> =
        files.iter().map(|one| by_uid.get(&one.parent()?.joined()).copied()).collect();
    let mut waves: Vec<Vec<Ready>> = Vec::new();
    for (i, one) in files.into_iter().enumerate() {
        let depth = depth(&parents, i);
        waves.resize_with(waves.len().max(depth + 1), Vec::new);
        waves[depth].push(one);
    }
    waves
}

/// How many files go before this one; two that replace each other go by time.
fn depth(parents: &[Option<usize>], start: usize) -> usize {
    let mut seen = vec![start];
    let mut at = start;
    while let Some(parent) = parents[at] {
        if seen.contains(&parent) {
            return 0;
        }
        seen.push(parent);
        at = parent;
    }
    seen.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_goes_after_what_it_replaces() {
        // 0 ← 2 ← 1, 3 apart, 4 and 5 replace each other, 6 replaces itself.
        let parents = [None, Some(2), Some(0), None, Some(5), Some(4), Some(6)];
        let depths: Vec<_> = (0..parents.len()).map(|i| depth(&parents, i)).collect();
        assert_eq!(depths, [0, 2, 1, 0, 0, 0, 0]);
    }
}
