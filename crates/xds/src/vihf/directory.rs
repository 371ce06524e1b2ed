//! Which structures exist, and who works there: what the reference system asks the national directory.
//!
//! Source: DMPi, checks of the VIHF ("Structure introuvable ou inactive", "PS et structure non liés"); certificates of
//! hospitals are those of the legal entity since 2023, their VIHFs name the establishment.

use dmp_dossier::{PsId, StructureId};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of structures and people.
pub trait Directory: Send + Sync {
    /// True for a structure that exists and is open.
    fn is_active(&self, structure: &StructureId) -> bool;
    /// True when that person works in that structure.
    fn are_linked(&self, person: &PsId, structure: &StructureId) -> bool;
    /// True when `structure` is an establishment of the legal entity `entity`.
    fn belongs(&self, structure: &StructureId, entity: &StructureId) -> bool;
    /// True for a centre of medical regulation (SAMU), whose people may act in mode `centre_15`.
    fn regulates(&self, structure: &StructureId) -> bool;
}

/// No directory: every structure exists and may regulate, everyone works everywhere, but no legal entity speaks for another
/// structure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Everyone;

impl Directory for Everyone {
    fn is_active(&self, _: &StructureId) -> bool {
        true
    }

    fn are_linked(&self, _: &PsId, _: &StructureId) -> bool {
        true
    }

    fn belongs(&self, _: &StructureId, _: &StructureId) -> bool {
        false
    }

    fn regulates(&self, _: &StructureId) -> bool {
        true
    }
}

/// A directory in lines of words: `structure <id> [<legal entity>]`, `regulation <id>` (a structure that regulates), `person
/// <id> <structure>…`; `#` begins a comment.
#[derive(Debug, Clone, Default)]
pub struct Table {
    structures: BTreeMap<StructureId, Option<StructureId>>,
    regulation: BTreeSet<StructureId>,
    people: BTreeMap<PsId, BTreeSet<StructureId>>,
}

/// A line that is not one of a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the directory: `{word}` is not expected")]
pub struct TableError {
    /// Its number, from 1.
    pub line: usize,
    /// What was not understood.
    pub word: String,
}

impl Table {
    /// Reads the lines.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut table = Table::default();
        for (index, line) in text.lines().enumerate() {
            let wrong = |word: &str| TableError { line: index + 1, word: word.to_owned() };
            let structure = |word: &str| StructureId::parse(word).ok_or_else(|| wrong(word));
            let words: Vec<_> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                ["structure", id] => {
                    table.structures.insert(structure(id)?, None);
                }
                ["structure", id, entity] => {
                    table.structures.insert(structure(id)?, Some(structure(entity)?));
                }
                ["regulation", id] => {
                    table.regulation.insert(structure(id)?);
                }
                ["person", id, places @ ..] if !places.is_empty() => {
                    let person = PsId::parse(id).ok_or_else(|| wrong(id))?;
                    let places =
                        places.iter().map(|place| structure(place)).collect::<Result<Vec<_>, _>>()?;
                    table.people.entry(person).or_default().extend(places);
                }
                [word, ..] => return Err(wrong(word)),
            }
        }
        Ok(table)
    }
}

impl Directory for Table {
    fn is_active(&self, structure: &StructureId) -> bool {
        self.structures.contains_key(structure)
    }

    fn are_linked(&self, person: &PsId, structure: &StructureId) -> bool {
        self.people.get(person).is_some_and(|places| places.contains(structure))
    }

    fn belongs(&self, structure: &StructureId, entity: &StructureId) -> bool {
        self.structures.get(structure).is_some_and(|of| of.as_ref() == Some(entity))
    }

    fn regulates(&self, structure: &StructureId) -> bool {
        self.regulation.contains(structure)
    }
}
