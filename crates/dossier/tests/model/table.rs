//! The functional matrix of PDT-INF-526 v1.8 (direct) and PDT-INF-606 v1.3 (AIR), copied from the digest
//! (`spec/dmp.md` 4.2), as text, so that a reviewer can lay it beside the source.
//!
//! Cells: `y` yes, `-` no, `o` own documents only (8), `s` documents of the structure only (9) (5), `e` only if the
//! patient allowed masked documents in an emergency (7), `a` own masked documents only (6).

use super::{Actor, Auth, Mode, PEOPLE};

/// A column of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    NotDoctorNormal,
    NotDoctorSamu,
    NotDoctorGlace,
    DoctorNormal,
    DoctorSamu,
    DoctorGlace,
    Occupational,
    TreatingNormal,
    TreatingGlace,
    Employee,
    EmployeeAir,
    Certificate,
    CertificateSamu,
}

/// What is asked, as far as the matrix distinguishes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Status,
    Declare,
    WithdrawSelf,
    StopTreating,
    Administrative,
    Rights,
    Feed,
    Search,
    Reference,
    Read,
    ReadMasked,
    Mask,
    Unmask,
    MakeVisible,
    Archive,
    Delete,
}

const ROWS: [Row; 16] = [
    Row::Status,
    Row::Declare,
    Row::WithdrawSelf,
    Row::StopTreating,
    Row::Administrative,
    Row::Rights,
    Row::Feed,
    Row::Search,
    Row::Reference,
    Row::Read,
    Row::ReadMasked,
    Row::Mask,
    Row::Unmask,
    Row::MakeVisible,
    Row::Archive,
    Row::Delete,
];

//       PSnm      Med       MdT MT    CPE PE Cert
//       n  r  b   n  r  b       n  b         n  r
const TABLE: [&str; 16] = [
    "    y  y  y   y  y  y   y   y  y  y  y   y  y", // TD0.2
    "    y  -  -   y  -  -   -   y  -  y  y   -  -", // TD0.3 declare self authorised
    "    y  -  -   y  -  -   -   y  -  -  -   -  -", // TD0.3 remove own authorisation
    "    -  -  -   -  -  -   -   y  -  -  -   -  -", // TD0.3 stop being MT
    "    y  y  y   y  y  y   y   y  y  y  y   y  y", // TD1.3a
    "    y  -  -   y  -  -   y   y  -  -  -   -  -", // TD1.6
    "    y  y  y   y  y  y   y   y  y  y  -   y  y", // TD2.1, TD2.2
    "    y  y  y   y  y  y   y   y  y  -  -   -  -", // TD3.1 search metadata
    "    y  y  y   y  y  y   y   y  y  s  s   s  s", // TD3.1 find a document reference
    "    y  y  y   y  y  y   -   y  y  -  -   -  -", // TD3.2 unmasked documents
    "    a  e  e   a  e  e   -   y  e  -  -   -  -", // TD3.2 documents masked to PS
    "    y  -  -   y  -  -   y   y  -  -  -   -  -", // TD3.3a mask
    "    o  -  -   o  -  -   o   y  -  -  -   -  -", // TD3.3a unmask
    "    y  -  -   y  -  -   y   y  -  -  -   -  -", // TD3.3b make visible
    "    o  -  -   o  y  y   o   y  y  -  -   -  -", // TD3.3d archive, unarchive
    "    o  o  o   o  o  o   o   o  o  s  s   s  s", // TD3.3c delete
];

/// The column an actor stands in; `None` when the matrix has none for him.
///
/// The matrix has no médecin traitant column in regulation: he is a doctor there. It has no occupational doctor in
/// an emergency mode, and no certificate in bris de glace.
pub fn column(actor: &Actor, treating: bool) -> Option<Column> {
    use Column as C;
    match actor {
        Actor::Ps { auth: Auth::Indirect, mode, .. } => match mode {
            Mode::Normal => Some(C::Certificate),
            Mode::Samu => Some(C::CertificateSamu),
            Mode::Glace { .. } => None,
        },
        Actor::Ps { who, mode, .. } => {
            let person = &PEOPLE[*who];
            if person.occupational {
                return (*mode == Mode::Normal).then_some(C::Occupational);
            }
            Some(match (person.profession == "10", mode) {
                (true, Mode::Normal) if treating => C::TreatingNormal,
                (true, Mode::Glace { .. }) if treating => C::TreatingGlace,
                (true, Mode::Normal) => C::DoctorNormal,
                (true, Mode::Samu) => C::DoctorSamu,
                (true, Mode::Glace { .. }) => C::DoctorGlace,
                (false, Mode::Normal) => C::NotDoctorNormal,
                (false, Mode::Samu) => C::NotDoctorSamu,
                (false, Mode::Glace { .. }) => C::NotDoctorGlace,
            })
        }
        Actor::Cpe { air: false, .. } => Some(C::Employee),
        Actor::Cpe { air: true, .. } => Some(C::EmployeeAir),
        Actor::Cert { samu: false, .. } => Some(C::Certificate),
        Actor::Cert { samu: true, .. } => Some(C::CertificateSamu),
        _ => None,
    }
}

/// The cell of a column; AIR professionals take the direct columns but never feed, and have no row to stop being
/// médecin traitant; an AIR doctor archives in every mode (606).
pub fn cell(actor: &Actor, column: Column, row: Row) -> char {
    if let Actor::Ps { auth: Auth::Air, who, .. } = actor {
        match row {
            Row::Feed | Row::StopTreating => return '-',
            Row::Archive if PEOPLE[*who].profession == "10" && !PEOPLE[*who].occupational => return 'y',
            _ => {}
        }
    }
    let line = ROWS.iter().position(|r| *r == row).expect("every row is listed");
    TABLE[line]
        .split_whitespace()
        .nth(column as usize)
        .and_then(|c| c.chars().next())
        .expect("every row has every column")
}
