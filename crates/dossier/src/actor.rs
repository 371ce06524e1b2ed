//! Who acts now. A request without an [`Actor`] cannot reach a dossier: nothing here builds one from thin air,
//! the faces' identity layer does, from a verified token, card or session.

use crate::identity::Ins;
use serde::{Deserialize, Serialize};

/// National identifier of a professional (`PS_IdNat`, OID `1.2.250.1.71.4.2.1`): a prefix digit and a number,
/// `8` + RPPS (11), `0` + ADELI (9), `1`/`3`/`4`/`5`/`6` + structure + `/` + internal number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PsId(String);

impl PsId {
    /// OID of the identifiers of professionals.
    pub const OID: &'static str = "1.2.250.1.71.4.2.1";

    /// Reads the national form. `None` when the prefix or the shape is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, number) = (text.chars().next()?, text.get(1..)?);
        let alnum = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric());
        let internal = || {
            number.split_once('/').is_some_and(|(structure, own)| {
                alnum(structure) && !own.is_empty() && own.bytes().all(|b| b.is_ascii_graphic() && b != b'|')
            })
        };
        let fits = match prefix {
            '8' => number.len() == 11 && number.bytes().all(|b| b.is_ascii_digit()),
            '0' => number.len() == 9 && alnum(number),
            '1' | '3' | '4' | '5' | '6' => internal(),
            _ => false,
        };
        (fits && text.len() <= 64).then(|| PsId(text.to_owned()))
    }

    /// The national form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// National identifier of a structure (`Struct_IdNat`, OID `1.2.250.1.71.4.2.2`): `0` ADELI practice, `1` +
/// FINESS (9), `2` + SIREN (9), `3` + SIRET (14), `4` + RPPS and rank (14).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StructureId(String);

impl StructureId {
    /// OID of the identifiers of structures.
    pub const OID: &'static str = "1.2.250.1.71.4.2.2";

    /// Reads the national form. `None` when the prefix or the shape is unknown.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.get(1..)?;
        let fits = match text.chars().next()? {
            '0' | '1' | '2' => number.len() == 9 || (text.starts_with('0') && number.len() == 11),
            '3' | '4' => number.len() == 14,
            _ => false,
        };
        (fits && number.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| StructureId(text.to_owned()))
    }

    /// The national form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How the person was authenticated (VIHF `Authentification_Mode`, or Pro Santé Connect).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Auth {
    /// `DIRECTE`: by their card.
    Direct,
    /// `INDIRECTE`: the structure's certificate only; a person's name carries no right.
    Indirect,
    /// `INDIRECTE_RENFORCEE` (AIR): certificate and the person's national identifier; reads, never feeds.
    ReinforcedIndirect,
    /// Pro Santé Connect; reads the *direct* columns.
    Oidc,
}

/// The card behind a direct authentication, where one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Card {
    /// *Carte de professionnel de santé* (or its electronic form).
    Cps,
    /// *Carte de professionnel en formation*.
    Cpf,
}

/// Access mode (TRE_R248).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    /// `normal`.
    Normal,
    /// `bris_de_glace`, with the reason typed by the professional.
    BrisDeGlace {
        /// Why; must not be empty (security.md 2.5 A3).
        reason: String,
    },
    /// `centre_15`: medical regulation, SAMU.
    Centre15,
}

/// Name of a person as shown to people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
}

/// A health professional, or a person authenticated as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Professional {
    /// National identifier.
    pub id: PsId,
    /// Name shown to people.
    pub name: PersonName,
    /// Profession code (G15, or G16 with [`Card::Cpf`], or a role table for the social sector).
    pub profession: String,
    /// *Savoir-faire* (R01) or pharmacist section (G05).
    pub speciality: Option<String>,
    /// Structure they act in.
    pub structure: Option<StructureId>,
    /// Name of that structure, shown to people.
    pub structure_name: Option<String>,
    /// Sector of activity (R02, `SAxx`).
    pub sector: Option<String>,
    /// How they were authenticated.
    pub auth: Auth,
    /// Their card.
    pub card: Card,
    /// Access mode of this request.
    pub mode: Mode,
    /// *Connexion secrète* for a minor: traces and deposits hidden from representatives.
    pub secret: bool,
    /// Software they use, as it names itself.
    pub software: Option<String>,
}

impl Professional {
    /// True for a doctor in practice: profession `10`, not a student's card.
    pub fn is_doctor(&self) -> bool {
        self.profession == "10" && self.card == Card::Cps
    }
}

/// An employee of a structure, by CPE card or AIR as a non-professional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// National identifier, structure + `/` + internal number.
    pub id: PsId,
    /// Name shown to people.
    pub name: PersonName,
    /// Structure they work for; it carries the liability.
    pub structure: StructureId,
    /// Name of that structure, shown to people.
    pub structure_name: Option<String>,
    /// True when authenticated by the structure's certificate (AIR), false with a CPE card.
    pub reinforced_indirect: bool,
}

/// A structure by its certificate, no person authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructureActor {
    /// National identifier.
    pub id: StructureId,
    /// Name shown to people.
    pub name: Option<String>,
    /// True for a regulation centre's software (`centre_15`).
    pub regulation: bool,
}

/// Where a dossier can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    /// `web`: by the patient alone.
    Web,
    /// `cpam`: at a desk of the Assurance maladie.
    Cpam,
    /// `pharmacie`.
    Pharmacie,
    /// `ps`: by a professional in consultation.
    Ps,
    /// `etablissement`: at a hospital's or a laboratory's admission desk.
    Etablissement,
    /// `medico-social`.
    MedicoSocial,
    /// `infirmier`.
    Infirmier,
}

impl Channel {
    /// Every channel, in the order of the pilot's tables.
    pub const ALL: [Channel; 7] = [
        Channel::Web,
        Channel::Cpam,
        Channel::Pharmacie,
        Channel::Ps,
        Channel::Etablissement,
        Channel::MedicoSocial,
        Channel::Infirmier,
    ];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::Cpam => "cpam",
            Channel::Pharmacie => "pharmacie",
            Channel::Ps => "ps",
            Channel::Etablissement => "etablissement",
            Channel::MedicoSocial => "medico-social",
            Channel::Infirmier => "infirmier",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        Channel::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// A reception agent: opens dossiers, sees no medical content, ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceptionAgent {
    /// Identity of the agent in their organisation.
    pub id: String,
    /// Organisation, shown to people.
    pub organisation: String,
    /// The channel of their desk.
    pub channel: Channel,
}

/// The *référent* of a structure: watches over emergency and reported accesses of its people, sees no document, ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referent {
    /// Identity of the person in their structure.
    pub id: String,
    /// Name shown to people.
    pub name: PersonName,
    /// The structure they watch over.
    pub structure: StructureId,
    /// Name of that structure, shown to people.
    pub structure_name: Option<String>,
}

/// A registered application acting by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub purpose: AppPurpose,
}

/// What an application was registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppPurpose {
    /// `dmp` itself: acts that fall due, such as the end of an announcement delay.
    System,
    /// Loads documents of any author into a test deployment: may open and publish, never reads.
    Loader,
}

/// Who acts now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The holder of the dossier.
    Patient {
        /// Their INS; any other dossier is unknown to them.
        ins: Ins,
    },
    /// A person who legally acts for the patient.
    Representative {
        /// INS of the patient they act for.
        of: Ins,
        /// Their own stable identity.
        person: String,
    },
    /// A health professional.
    Professional(Box<Professional>),
    /// An employee of a structure.
    Employee(Employee),
    /// A structure, by its certificate.
    Structure(StructureActor),
    /// A reception agent.
    ReceptionAgent(ReceptionAgent),
    /// Assurance maladie: writes reimbursement histories, never reads.
    Insurer,
    /// The team that runs the pilot: figures only.
    Pilot,
    /// A registered application.
    App(App),
    /// The référent of a structure.
    Referent(Referent),
}

impl Actor {
    /// The professional, when it is one authenticated as a person: an `INDIRECTE` name carries no right.
    pub fn professional(&self) -> Option<&Professional> {
        match self {
            Actor::Professional(p) if p.auth != Auth::Indirect => Some(p),
            _ => None,
        }
    }

    /// The structure the actor acts in, if any.
    pub fn structure(&self) -> Option<&StructureId> {
        match self {
            Actor::Professional(p) => p.structure.as_ref(),
            Actor::Employee(e) => Some(&e.structure),
            Actor::Structure(s) => Some(&s.id),
            Actor::Referent(r) => Some(&r.structure),
            _ => None,
        }
    }

    /// True for a *connexion secrète*.
    pub fn is_secret(&self) -> bool {
        matches!(self, Actor::Professional(p) if p.secret)
    }

    /// The access mode.
    pub fn mode(&self) -> &Mode {
        match self {
            Actor::Professional(p) => &p.mode,
            Actor::Structure(s) if s.regulation => &Mode::Centre15,
            _ => &Mode::Normal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_identifiers_have_their_prefix() {
        for (id, ok) in [
            ("899900063480", true),
            ("00B2800585", true),
            ("3750100125/1453", true),
            ("30B0037750/CPET0001", true),
            ("5123456789/12", true),
            ("799900063480", false),
            ("89990006348", false),
            ("3750100125", false),
            ("", false),
            ("8é9900063480", false),
        ] {
            assert_eq!(PsId::parse(id).is_some(), ok, "{id}");
        }
        for (id, ok) in [
            ("10B0127189", true),
            ("499900063480001", true),
            ("312345678901234", true),
            ("1750100125", true),
            ("9750100125", false),
            ("1", false),
            ("1750 00125", false),
        ] {
            assert_eq!(StructureId::parse(id).is_some(), ok, "{id}");
        }
    }
}
