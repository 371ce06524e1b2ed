//! The *matrice d'habilitations*: which profession may read which kind of document.
//!
//! Annexed to the arrêté of 26 October 2023 and known here in part: a versioned text file (`data/matrix.toml`,
//! whose header explains its grammar) says each row with its source, and an operator may replace it at start.
//! Default deny: what no row opens is refused. It limits reading only, and is one of several conditions: the
//! dossier decides.
//!
//! A retired type is opened by an `only` row when that row names it. An `except` row opens it with the current
//! type that took its place; without successor, where every current type of its class is open.
//!
//! Asked once per document and per search: rows are bit sets computed once. [`Matrix::reader`] finds the row of
//! a profession once for a whole search.

mod parse;

use crate::profession::Profession;
use crate::type_code::TypeCode;

/// Where a cell comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// Read in a publication of the official matrix.
    Official,
    /// Ours, where the official row was not at hand.
    Provisional,
    /// No row names the profession, or no such type exists: refused.
    Default,
    /// A row of the social sector, held back in this deployment: refused.
    NotInForce,
}

impl Source {
    /// The word for it, in the matrix file and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Official => "official",
            Source::Provisional => "provisional",
            Source::Default => "default",
            Source::NotInForce => "not in force",
        }
    }
}

/// One answer of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'m> {
    /// May the profession read this type?
    pub allowed: bool,
    /// Where that comes from.
    pub source: Source,
    /// Id of the row, `default` where there is none.
    pub row: &'m str,
}

/// Why a matrix file was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("matrix, line {line}: {problem}")]
pub struct MatrixError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What may be wrong with a matrix file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not TOML, a missing or unknown key, a value of another type.
    #[error("{0}")]
    Syntax(String),
    /// Another `format` than the one this version reads.
    #[error("unknown format `{0}`, this version reads `1`")]
    Format(i64),
    /// A text that must not be empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// No row at all: everybody would be refused everything, which no operator means.
    #[error("no row")]
    NoRow,
    /// Neither `only`, `except` nor `like`, or `only` beside one of the others.
    #[error("row `{0}` needs either `only`, or `except` and `like` or one of them")]
    Rule(String),
    /// The id of an earlier row.
    #[error("row `{0}` is there twice")]
    DuplicateRow(String),
    /// `like` names no earlier row.
    #[error("`like` names no earlier row: `{0}`")]
    UnknownRow(String),
    /// A row without profession.
    #[error("row `{0}` has no profession")]
    NoProfession(String),
    /// A key of no profession.
    #[error("unknown profession `{0}`")]
    UnknownProfession(String),
    /// A profession of an earlier row.
    #[error("profession `{0}` has a row already")]
    DuplicateProfession(String),
    /// A code of no document type.
    #[error("unknown typeCode `{0}`")]
    UnknownType(String),
    /// A type named twice in one list.
    #[error("typeCode `{0}` is there twice")]
    DuplicateType(String),
}

/// A set of document types, one bit per row of the type table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Types([u64; Types::WORDS]);

impl Types {
    /// Room for 256 types; a test fails before the table outgrows it.
    const WORDS: usize = 4;

    fn contains(self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }
}

/// One row: what some professions may read, and how that is known.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id in the file.
    pub id: String,
    /// `official` or `provisional`.
    pub source: Source,
    /// Where it comes from, in words.
    pub reference: String,
    /// True for the social sector, held back unless the caller says otherwise.
    pub social_sector: bool,
    examples_only: bool,
    named: Types,
    open: Types,
}

/// The whole matrix.
#[derive(Debug, Clone)]
pub struct Matrix {
    version: String,
    reference: String,
    rows: Vec<Row>,
    /// Profession key and index of its row, in order of key.
    professions: Vec<(&'static str, usize)>,
}

impl Matrix {
    /// The matrix shipped with this crate.
    pub fn builtin() -> Matrix {
        Matrix::parse(include_str!("../data/matrix.toml")).expect("the shipped matrix is readable (tested)")
    }

    /// Reads a matrix file.
    ///
    /// # Errors
    /// [`MatrixError`] with its line: nothing of a faulty file is used.
    pub fn parse(text: &str) -> Result<Matrix, MatrixError> {
        parse::parse(text)
    }

    /// Version of the file, recorded with each decision it takes part in.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where the matrix as a whole comes from.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Its rows, in the order of the file.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The row of a profession (its key: [`Profession::key`]), in force or not.
    pub fn row_of(&self, profession: &str) -> Option<&Row> {
        let index = self.professions.binary_search_by(|(key, _)| (*key).cmp(profession)).ok()?;
        Some(&self.rows[self.professions[index].1])
    }

    /// What a profession may read, found once for a whole search. `social_sector`: are the rows of the social
    /// sector in force?
    pub fn reader(&self, profession: &str, social_sector: bool) -> Reader<'_> {
        Reader { row: self.row_of(profession), social_sector }
    }

    /// May that profession read that type?
    pub fn allows(&self, profession: &str, type_code: &str, social_sector: bool) -> Cell<'_> {
        self.reader(profession, social_sector).allows(type_code)
    }

    /// The professions a row speaks for, in order of key.
    pub fn professions_of(&self, row_id: &str) -> impl Iterator<Item = &'static Profession> {
        self.professions
            .iter()
            .filter(move |(_, index)| self.rows[*index].id == row_id)
            .filter_map(|(key, _)| Profession::find(key))
    }
}

/// What one profession may read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'m> {
    row: Option<&'m Row>,
    social_sector: bool,
}

impl<'m> Reader<'m> {
    /// May it read that type?
    pub fn allows(&self, type_code: &str) -> Cell<'m> {
        let (Some(row), Some(index)) = (self.row, TypeCode::position(type_code)) else {
            return Cell { allowed: false, source: Source::Default, row: "default" };
        };
        if row.social_sector && !self.social_sector {
            return Cell { allowed: false, source: Source::NotInForce, row: &row.id };
        }
        let source =
            if row.examples_only && !row.named.contains(index) { Source::Provisional } else { row.source };
        Cell { allowed: row.open.contains(index), source, row: &row.id }
    }
}

#[cfg(test)]
mod tests;
