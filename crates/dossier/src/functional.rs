//! The functional matrix: which act is open to which actor, in which access mode.
//!
//! Decides from authentication, card, profession and mode alone; the dossier only tells whether the actor is a
//! médecin traitant. Source: PDT-INF-526 v1.8 (direct), PDT-INF-606 v1.3 (AIR), read as `spec` 4.2; the rows of
//! TD1.1 to TD1.4, which these tables leave out, are ours and marked so.

use crate::Moment;
use crate::act::Act;
use crate::actor::{Actor, AppPurpose, Auth, Mode, Professional};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rule::rules;

rules! {
    /// The tables.
    FCT_1 = "FCT-1", "la matrice des droits fonctionnels donne l'action à l'acteur selon son authentification, son rôle et son mode d'accès",
        "PDT-INF-526 v1.8; PDT-INF-606 v1.3";
    /// Default deny.
    FCT_2 = "FCT-2", "ce que la matrice ne donne pas est refusé", "security.md 2.5 A16";
    /// Another dossier is unknown to a patient.
    FCT_3 = "FCT-3", "le patient et ses représentants n'accèdent qu'à leur dossier", "CSP L.1111-14";
    /// Representatives.
    FCT_4 = "FCT-4", "un représentant agit jusqu'à la majorité du patient, un tuteur tant que dure la mesure",
        "CSP R.1111-26; spec 2.4";
    /// Occupational doctors.
    FCT_5 = "FCT-5", "le médecin du travail cherche et alimente, il ne lit aucun contenu", "PDT-INF-526 v1.8, colonne MdT";
    /// Insurer and pilot.
    FCT_6 = "FCT-6", "l'Assurance maladie verse et ne lit jamais; l'équipe pilote ne voit que des nombres", "security.md 2.5 A18";
}

/// What a cell of the tables says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// No.
    No,
    /// Yes.
    Yes,
    /// Yes, for the structure (notes 1 and 4).
    ForStructure,
    /// Own documents only, by author (notes 6 and 8).
    Own,
    /// Documents of the structure only (notes 5 and 9).
    OwnStructure,
    /// Only if the patient allowed it (note 7).
    IfAllowed,
    /// Also those of a professional of the same structure (note 2).
    SameStructure,
    /// New authorisations only, from a date (note 3).
    NewOnly,
}

/// Where an actor sits in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seat {
    /// The holder.
    Patient,
    /// Who acts for them, in force.
    Representative,
    /// A column of the tables.
    Column(Column),
    /// A reception agent.
    Agent,
    /// Assurance maladie.
    Insurer,
    /// The pilot team.
    Pilot,
    /// The référent of a structure.
    Referent,
    /// `dmp` itself.
    System,
    /// The loader of a test deployment.
    Loader,
}

/// A column of the tables: table, and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Column {
    /// AIR table instead of the direct one.
    pub air: bool,
    /// Place, as in [`COLUMNS`].
    pub place: usize,
}

/// Columns, in the order of PDT-INF-526: PS non-doctor, doctor, occupational doctor, médecin traitant, CPE,
/// structure certificate; n normal, r regulation, b bris de glace.
pub const COLUMNS: [&str; 12] = [
    "PSnm-n", "PSnm-r", "PSnm-b", "Med-n", "Med-r", "Med-b", "MdT", "MT-n", "MT-b", "CPE-n", "Cert-n",
    "Cert-r",
];
const MDT: usize = 6;
const MT_N: usize = 7;
const MT_B: usize = 8;
const CPE: usize = 9;
const CERT_N: usize = 10;
const CERT_R: usize = 11;

/// One string per act, a letter per column: `y` yes, `-` no, `1` for the structure, `8` own, `9` own structure,
/// `7` if the patient allowed it, `2` of the same structure, `3` new ones only.
fn direct(act: Act) -> &'static str {
    match act {
        Act::Status => "yyyyyyyyyyyy",
        Act::DeclareSelf => "y--y---y-1--",
        Act::WithdrawSelf => "y--y---y----",
        Act::StopMedecinTraitant => "-------y----",
        Act::ListAuthorised => "yyyyyyyyy23-",
        Act::SearchByTraits => "-y--y------y",
        Act::ReadAdministrative => "yyyyyyyyyyyy",
        Act::ReadRights => "y--y--yy----",
        Act::Feed | Act::Replace => "yyyyyyyyy111",
        Act::Search => "yyyyyyyyy---",
        Act::FindReference => "yyyyyyyyy999",
        Act::Read => "yyyyyy-yy---",
        Act::Mask => "y--y--yy----",
        Act::Unmask => "8--8--8y----",
        Act::MakeVisible | Act::Hide => "y--y--yy----",
        Act::Archive => "8--8yy8yy---",
        Act::Delete => "888888888999",
        // Ours: TD1.1 to TD1.5 are historic and outside these tables.
        Act::Open
        | Act::Reactivate
        | Act::Close
        | Act::UpdateIdentity
        | Act::SetEmergency
        | Act::WebAccess => "y--y---y-y--",
        Act::InitialConsent => "y--y---y-1--",
        // A médecin traitant blocks and unblocks (web PS, spec 4.2); no other professional does.
        Act::Block => "-------y----",
        Act::ReadJournal => "y--y--yy----",
        Act::Explain => "-------y----",
        Act::Export => "-------y----",
        Act::Authorise
        | Act::NameMedecinTraitant
        | Act::SetDefaultConfidentiality
        | Act::RequestCopy
        | Act::RequestDestruction
        | Act::ReleaseAnnouncement
        | Act::ReportAccess
        | Act::ReviewAccess
        | Act::ReadChoices => "------------",
        // Ours: who opens a dossier collects the choices, or the refusal.
        Act::RecordChoices | Act::RefuseOpening => "y--y---y-y--",
    }
}

/// The AIR table: as the direct one, but no feeding, no end of médecin traitant, archiving by any doctor in any
/// mode, and its own column for employees (place [`CPE`]), who list new authorisations only.
fn air(act: Act, place: usize) -> u8 {
    match (act, place) {
        (Act::Feed | Act::Replace | Act::StopMedecinTraitant, _) => b'-',
        (Act::Archive, 3..=5) => b'y',
        (Act::ListAuthorised, CPE) => b'3',
        _ => direct(act).as_bytes()[place],
    }
}

impl Column {
    /// What the tables say for an act.
    pub fn cell(self, act: Act) -> Cell {
        let letter = if self.air { air(act, self.place) } else { direct(act).as_bytes()[self.place] };
        match letter {
            b'y' => Cell::Yes,
            b'1' => Cell::ForStructure,
            b'8' => Cell::Own,
            b'9' => Cell::OwnStructure,
            b'7' => Cell::IfAllowed,
            b'2' => Cell::SameStructure,
            b'3' => Cell::NewOnly,
            _ => Cell::No,
        }
    }

    /// True for an emergency column.
    pub fn is_emergency(self) -> bool {
        matches!(self.place, 1 | 2 | 4 | 5 | MT_B | CERT_R)
    }

    /// True for the column of the médecin traitant.
    pub fn is_medecin_traitant(self) -> bool {
        matches!(self.place, MT_N | MT_B)
    }

    /// True for an occupational doctor.
    pub fn is_occupational(self) -> bool {
        self.place == MDT
    }

    /// Its name, for the policy file.
    pub fn name(self) -> String {
        format!("{}{}", if self.air { "AIR " } else { "" }, COLUMNS[self.place])
    }
}

/// True for an occupational doctor, by speciality or by sector (SM25, SCH35, C41; SA13, SA66).
pub(crate) fn is_occupational(p: &Professional) -> bool {
    p.speciality.as_deref().is_some_and(dmp_nomenclature::speciality::is_occupational)
        || p.sector.as_deref().is_some_and(dmp_nomenclature::facility::is_occupational)
}

/// Where the actor sits, if anywhere.
///
/// # Errors
/// A patient or representative of another dossier: [`Reason::UnknownPatient`] (FCT-3). A representative whose role
/// is over (FCT-4), an emergency mode nobody defined for this column: [`Reason::AccessDenied`].
pub fn seat(dossier: &Dossier, actor: &Actor, moment: &Moment<'_>) -> Result<Seat, Refusal> {
    let column = |place| Ok(Seat::Column(Column { air: false, place }));
    let denied = || Err(Refusal::new(Reason::AccessDenied, &FCT_2));
    match actor {
        Actor::Patient { ins } => match dossier.identity() {
            Some(identity) if !identity.has_ins(ins) => Err(Refusal::new(Reason::UnknownPatient, &FCT_3)),
            _ => Ok(Seat::Patient),
        },
        Actor::Representative { of, person } => representative(dossier, of, person, moment),
        Actor::Professional(p) if p.auth == Auth::Indirect => match p.mode {
            Mode::Normal => column(CERT_N),
            Mode::Centre15 => column(CERT_R),
            Mode::BrisDeGlace { .. } => denied(),
        },
        Actor::Professional(p) => professional(dossier, actor, p),
        Actor::Employee(e) => Ok(Seat::Column(Column { air: e.reinforced_indirect, place: CPE })),
        Actor::Structure(s) => column(if s.regulation { CERT_R } else { CERT_N }),
        Actor::ReceptionAgent(_) => Ok(Seat::Agent),
        Actor::Insurer => Ok(Seat::Insurer),
        Actor::Pilot => Ok(Seat::Pilot),
        Actor::Referent(_) => Ok(Seat::Referent),
        Actor::App(app) => Ok(match app.purpose {
            AppPurpose::System => Seat::System,
            AppPurpose::Loader => Seat::Loader,
        }),
    }
}

fn professional(dossier: &Dossier, actor: &Actor, p: &Professional) -> Result<Seat, Refusal> {
    let air = p.auth == Auth::ReinforcedIndirect;
    let occupational = is_occupational(p);
    let medecin_traitant = dossier.state.rights.is_medecin_traitant(actor);
    let place = match (&p.mode, occupational, medecin_traitant, p.is_doctor()) {
        (Mode::Normal, true, _, _) => MDT,
        // The MdT column has no emergency variant: default deny.
        (_, true, _, _) => return Err(Refusal::new(Reason::AccessDenied, &FCT_5)),
        (Mode::Normal, _, true, _) => MT_N,
        (Mode::BrisDeGlace { .. }, _, true, _) => MT_B,
        (Mode::Normal, _, _, doctor) => {
            if doctor {
                3
            } else {
                0
            }
        }
        (Mode::Centre15, _, _, doctor) => {
            if doctor {
                4
            } else {
                1
            }
        }
        (Mode::BrisDeGlace { .. }, _, _, doctor) => {
            if doctor {
                5
            } else {
                2
            }
        }
    };
    Ok(Seat::Column(Column { air, place }))
}

fn representative(
    dossier: &Dossier,
    of: &crate::identity::Ins,
    person: &str,
    moment: &Moment<'_>,
) -> Result<Seat, Refusal> {
    let Some(identity) = dossier.identity() else {
        return Ok(Seat::Representative);
    };
    if !identity.has_ins(of) {
        return Err(Refusal::new(Reason::UnknownPatient, &FCT_3));
    }
    let minor = identity.is_minor(moment.parameters.majority_age_years, moment.at);
    let mut theirs = dossier.state.representatives.iter().filter(|r| r.is_of(person)).peekable();
    // Who never represented this patient must not learn that the dossier exists.
    if theirs.peek().is_none() {
        return Err(Refusal::new(Reason::UnknownPatient, &FCT_3));
    }
    match theirs.any(|r| r.represents(person, minor, moment.at)) {
        true => Ok(Seat::Representative),
        false => Err(Refusal::new(Reason::AccessDenied, &FCT_4)),
    }
}

/// What the rules say of an act for a seat.
pub fn cell(seat: Seat, act: Act) -> Cell {
    use Act as A;
    let yes = match seat {
        Seat::Column(column) => return column.cell(act),
        // Whoever holds the secrets of the patient's access enters as the patient.
        Seat::Representative if act == A::WebAccess => false,
        Seat::Patient | Seat::Representative => !matches!(
            act,
            A::ListAuthorised
                | A::DeclareSelf
                | A::WithdrawSelf
                | A::StopMedecinTraitant
                | A::SearchByTraits
                | A::ReleaseAnnouncement
                | A::RefuseOpening
        ),
        Seat::Referent => matches!(act, A::ReviewAccess),
        Seat::Agent => matches!(
            act,
            A::Status
                | A::Open
                | A::Reactivate
                | A::Close
                | A::ReadAdministrative
                | A::UpdateIdentity
                | A::WebAccess
                | A::RequestCopy
                | A::RequestDestruction
                | A::RecordChoices
                | A::RefuseOpening
        ),
        Seat::Insurer => matches!(act, A::Status | A::Feed | A::Replace),
        Seat::Pilot => false,
        Seat::System => matches!(act, A::ReleaseAnnouncement),
        Seat::Loader => matches!(act, A::Status | A::Open | A::Feed | A::Replace | A::FindReference),
    };
    if yes { Cell::Yes } else { Cell::No }
}

/// The rule that refuses an act to a seat.
pub(crate) fn refusing_rule(seat: Seat) -> &'static crate::rule::Rule {
    match seat {
        Seat::Insurer | Seat::Pilot => &FCT_6,
        Seat::Column(column) if column.is_occupational() => &FCT_5,
        Seat::Column(_) => &FCT_1,
        _ => &FCT_2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_every_column() {
        for act in Act::ALL {
            assert_eq!(direct(*act).len(), COLUMNS.len(), "{act:?}");
        }
    }

    #[test]
    fn air_reads_but_never_feeds() {
        for place in 0..COLUMNS.len() {
            let air = Column { air: true, place };
            assert_eq!(air.cell(Act::Feed), Cell::No, "{}", air.name());
            assert_eq!(air.cell(Act::Read), Column { air: false, place }.cell(Act::Read), "{}", air.name());
        }
        assert_eq!(Column { air: true, place: 3 }.cell(Act::Archive), Cell::Yes);
    }

    #[test]
    fn cards_without_a_professional_never_read() {
        for place in [CPE, CERT_N, CERT_R] {
            for act in [Act::Search, Act::Read, Act::ReadJournal, Act::Export] {
                assert_eq!(Column { air: false, place }.cell(act), Cell::No);
            }
        }
        assert_eq!(Column { air: false, place: MDT }.cell(Act::Read), Cell::No);
    }
}
