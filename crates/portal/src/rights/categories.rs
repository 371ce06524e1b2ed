//! Which kinds of documents the national matrix opens to a profession, kind by kind as patients think of them.

use dmp_nomenclature::type_code::Status;
use dmp_nomenclature::{Matrix, TypeCode};

use crate::patient::groups;

/// What a profession may read of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    All,
    Part,
    Nothing,
}

impl Opening {
    pub(super) fn class(self) -> &'static str {
        match self {
            Opening::All => "yes",
            Opening::Part => "part",
            Opening::Nothing => "no",
        }
    }

    pub(super) fn is_all(self) -> bool {
        self == Opening::All
    }

    pub(super) fn is_part(self) -> bool {
        self == Opening::Part
    }
}

/// A cell of the table.
#[derive(Debug)]
pub(super) struct Cell {
    /// Words of the kind.
    pub(super) kind: &'static str,
    pub(super) opening: Opening,
    /// Types that are open and closed, in patients' words.
    pub(super) open: Vec<&'static str>,
    pub(super) closed: Vec<&'static str>,
}

/// The words of the columns.
pub(super) fn columns() -> Vec<&'static str> {
    groups::ALL.iter().map(|(_, words)| *words).collect()
}

/// Where a type goes: those that only patients write are theirs.
fn group(kind: &TypeCode) -> &'static str {
    match kind.code.starts_with("DOCPAT") || kind.class == dmp_nomenclature::ClassCode::PATIENT {
        true => "moi",
        false => groups::of_type(kind.code, kind.class),
    }
}

/// The row of a profession, of the types in force.
pub(super) fn cells(matrix: &Matrix, profession: &str, social_sector: bool) -> Vec<Cell> {
    let reader = matrix.reader(profession, social_sector);
    let cell = |(word, kind): &(&'static str, &'static str)| {
        let types = TypeCode::all().iter().filter(|t| t.status == Status::Current && group(t) == *word);
        let (open, closed): (Vec<&TypeCode>, Vec<&TypeCode>) =
            types.partition(|t| reader.allows(t.code).allowed);
        let opening = match (open.is_empty(), closed.is_empty()) {
            (true, _) => Opening::Nothing,
            (_, true) => Opening::All,
            _ => Opening::Part,
        };
        let words = |types: Vec<&'static TypeCode>| types.into_iter().map(|t| t.plain).collect();
        Cell { kind, opening, open: words(open), closed: words(closed) }
    };
    groups::ALL.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_types() {
        for cell in cells(&Matrix::builtin(), "10", false) {
            assert!(!cell.open.is_empty(), "{}", cell.kind);
        }
    }

    #[test]
    fn a_row_is_that_of_the_national_matrix() {
        let matrix = Matrix::builtin();
        for (profession, told) in [
            ("10", "yes yes yes yes yes yes yes part yes"),
            ("28", "no part no no no part part no part"),
            ("999", "no no no no no no no no no"),
        ] {
            let row: Vec<&str> =
                cells(&matrix, profession, false).iter().map(|c| c.opening.class()).collect();
            assert_eq!(row.join(" "), told, "{profession}");
        }
    }
}
