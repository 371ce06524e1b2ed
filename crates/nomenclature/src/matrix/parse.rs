//! Reads a matrix file: TOML into rows of bit sets, or the first fault with its line.

use super::{Matrix, MatrixError, Problem, Row, Source, Types};
use crate::profession::Profession;
use crate::type_code::{Status, TypeCode};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    format: Spanned<i64>,
    version: Spanned<String>,
    reference: Spanned<String>,
    #[serde(default)]
    row: Vec<Spanned<RowText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowText {
    id: Spanned<String>,
    professions: Vec<Spanned<String>>,
    source: SourceText,
    reference: Spanned<String>,
    #[serde(default)]
    social_sector: bool,
    #[serde(default)]
    examples_only: bool,
    like: Option<Spanned<String>>,
    only: Option<Vec<Spanned<String>>>,
    except: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SourceText {
    Official,
    Provisional,
}

/// Turns the byte offsets of the TOML reader into lines.
struct Faults<'t>(&'t str);

impl Faults<'_> {
    fn at(&self, offset: usize, problem: Problem) -> MatrixError {
        let before = self.0.as_bytes().iter().take(offset);
        MatrixError { line: 1 + before.filter(|byte| **byte == b'\n').count(), problem }
    }

    fn of<T>(&self, value: &Spanned<T>, problem: Problem) -> MatrixError {
        self.at(value.span().start, problem)
    }

    fn not_empty(&self, name: &'static str, value: &Spanned<String>) -> Result<String, MatrixError> {
        if value.get_ref().trim().is_empty() {
            return Err(self.of(value, Problem::Empty(name)));
        }
        Ok(value.get_ref().clone())
    }
}

pub(super) fn parse(text: &str) -> Result<Matrix, MatrixError> {
    let faults = Faults(text);
    let file: FileText = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        faults.at(offset, Problem::Syntax(error.message().to_owned()))
    })?;
    if *file.format.get_ref() != 1 {
        return Err(faults.of(&file.format, Problem::Format(*file.format.get_ref())));
    }
    let mut matrix = Matrix {
        version: faults.not_empty("version", &file.version)?,
        reference: faults.not_empty("reference", &file.reference)?,
        rows: Vec::with_capacity(file.row.len()),
        professions: Vec::new(),
    };
    if file.row.is_empty() {
        return Err(faults.at(text.len(), Problem::NoRow));
    }
    for row in &file.row {
        let (start, text) = (row.span().start, row.get_ref());
        add_professions(&faults, &mut matrix, start, text)?;
        let row = read_row(&faults, &matrix.rows, start, text)?;
        matrix.rows.push(row);
    }
    Ok(matrix)
}

/// Claims the professions of the row about to be added.
fn add_professions(
    faults: &Faults<'_>,
    matrix: &mut Matrix,
    start: usize,
    row: &RowText,
) -> Result<(), MatrixError> {
    if row.professions.is_empty() {
        return Err(faults.at(start, Problem::NoProfession(row.id.get_ref().clone())));
    }
    for name in &row.professions {
        let key = name.get_ref();
        let Some(profession) = Profession::find(key) else {
            return Err(faults.of(name, Problem::UnknownProfession(key.clone())));
        };
        match matrix.professions.binary_search_by(|(known, _)| (*known).cmp(profession.key)) {
            Ok(_) => return Err(faults.of(name, Problem::DuplicateProfession(key.clone()))),
            Err(place) => matrix.professions.insert(place, (profession.key, matrix.rows.len())),
        }
    }
    Ok(())
}

fn read_row(faults: &Faults<'_>, earlier: &[Row], start: usize, row: &RowText) -> Result<Row, MatrixError> {
    let id = faults.not_empty("id", &row.id)?;
    if earlier.iter().any(|known| known.id == id) {
        return Err(faults.of(&row.id, Problem::DuplicateRow(id)));
    }
    let base = match &row.like {
        None => None,
        Some(name) => match earlier.iter().find(|known| known.id == *name.get_ref()) {
            None => return Err(faults.of(name, Problem::UnknownRow(name.get_ref().clone()))),
            found => found,
        },
    };
    let (named, open) = match (&row.only, &row.except, base) {
        (Some(only), None, None) => {
            let named = read_types(faults, only)?;
            (named, named)
        }
        (None, Some(except), base) => {
            let named = read_types(faults, except)?;
            (named, all_except(named, base))
        }
        (None, None, Some(base)) => (Types::default(), base.open),
        _ => return Err(faults.at(start, Problem::Rule(id))),
    };
    Ok(Row {
        id,
        source: match row.source {
            SourceText::Official => Source::Official,
            SourceText::Provisional => Source::Provisional,
        },
        reference: faults.not_empty("reference", &row.reference)?,
        social_sector: row.social_sector,
        examples_only: row.examples_only,
        named,
        open,
    })
}

fn read_types(faults: &Faults<'_>, names: &[Spanned<String>]) -> Result<Types, MatrixError> {
    let mut types = Types::default();
    for name in names {
        let Some(index) = TypeCode::position(name.get_ref()) else {
            return Err(faults.of(name, Problem::UnknownType(name.get_ref().clone())));
        };
        if types.contains(index) {
            return Err(faults.of(name, Problem::DuplicateType(name.get_ref().clone())));
        }
        types.insert(index);
    }
    Ok(types)
}

/// What an `except` row opens: current types first, then the retired ones by what took their place.
fn all_except(named: Types, base: Option<&Row>) -> Types {
    let may = |index: usize| !named.contains(index) && base.is_none_or(|row| row.open.contains(index));
    let mut open = Types::default();
    for (index, _) in TypeCode::all().iter().enumerate().filter(|(_, t)| t.is_current()) {
        if may(index) {
            open.insert(index);
        }
    }
    let current = open;
    let is_open = |code: &str| TypeCode::position(code).is_some_and(|index| current.contains(index));
    for (index, retired) in TypeCode::all().iter().enumerate().filter(|(_, t)| t.status == Status::Retired) {
        let follows = match retired.replaced_by {
            Some(successor) => is_open(successor),
            None => TypeCode::current().filter(|t| t.class == retired.class).all(|t| is_open(t.code)),
        };
        if follows && may(index) {
            open.insert(index);
        }
    }
    open
}
