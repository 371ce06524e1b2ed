//! Columns of the matrices: who asks, how they are authenticated, in which access mode.

use crate::common::soap::{Sandbox, Software};
use dmp_lps::{Authentification, Mode};
use std::fmt;

/// What somebody is to the matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    NonDoctor,
    Doctor,
    Occupational,
    MedecinTraitant,
    Employee,
    Certificate,
}

/// Groups of the direct table, in order.
const DIRECT: [Role; 6] = [
    Role::NonDoctor,
    Role::Doctor,
    Role::Occupational,
    Role::MedecinTraitant,
    Role::Employee,
    Role::Certificate,
];
/// Groups of the AIR table.
const AIR: [Role; 4] = [Role::NonDoctor, Role::Doctor, Role::MedecinTraitant, Role::Employee];

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub air: bool,
    pub role: Role,
    /// Place in the table, its groups of three modes one after the other.
    pub place: usize,
}

/// Every column.
pub fn columns() -> Vec<Column> {
    let of = |air: bool, roles: &[Role]| -> Vec<Column> {
        let places = (0..roles.len() * 3).map(|place| Column { air, role: roles[place / 3], place });
        places.collect()
    };
    [of(false, &DIRECT), of(true, &AIR)].concat()
}

impl Column {
    /// Its cell in a row.
    pub fn cell(&self, direct: &str, air: &str) -> char {
        let cells = if self.air { air } else { direct };
        let cells: Vec<char> = cells.chars().filter(|cell| *cell != ' ').collect();
        assert_eq!(cells.len(), 3 * if self.air { AIR.len() } else { DIRECT.len() }, "{direct} {air}");
        cells[self.place]
    }

    pub fn mode(&self) -> Mode {
        match self.place % 3 {
            0 => Mode::Normal,
            1 => Mode::Centre15,
            _ => Mode::BrisDeGlace { reason: "patient inconscient".to_owned() },
        }
    }

    /// True where no VIHF may say so: an emergency is the act of a professional, the régulation that of one or of a
    /// structure.
    pub fn is_no_vihf(&self) -> bool {
        match (self.role, self.mode()) {
            (_, Mode::Normal) => false,
            (Role::Employee, _) | (Role::Certificate, Mode::BrisDeGlace { .. }) => true,
            _ => false,
        }
    }

    /// Who asks: a card, or the certificate of the practice that everybody here works in.
    pub fn software(&self, sandbox: &Sandbox) -> Software {
        let practice = sandbox.software("cabinet");
        let person = sandbox.software(match self.role {
            Role::NonDoctor => "infirmiere",
            Role::Doctor | Role::MedecinTraitant => "medecin",
            Role::Occupational => "medecin-travail",
            Role::Employee => "secretaire",
            Role::Certificate => "cabinet",
        });
        let structure = practice.identity.who.structure.clone();
        let mut software = if self.air {
            let mut by_certificate = practice;
            by_certificate.identity.who.authentification = Authentification::IndirecteRenforcee;
            by_certificate.identity.who.person = person.identity.who.person;
            by_certificate
        } else {
            person
        };
        software.identity.who.structure = structure;
        software.identity.access = self.mode();
        software
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authentication = match (self.air, self.role) {
            (true, _) => "INDIRECTE_RENFORCEE",
            (false, Role::Certificate) => "INDIRECTE",
            (false, _) => "DIRECTE",
        };
        write!(f, "{authentication} {:?} {}", self.role, ["n", "r", "b"][self.place % 3])
    }
}
