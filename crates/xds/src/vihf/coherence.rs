//! That the certificates, the issuer, the person and the structure of a VIHF are the same story.
//!
//! A card's certificate names its holder by national identifier (common name); a structure's names it in an
//! organizational unit. `DIRECTE` wants the first, and the holder is the `NameID`; the indirect modes want the second, and
//! the structure is `Identifiant_Structure` or its legal entity (hospitals since 2023). The TLS certificate is of the same
//! person or the same structure. A card of a structure's employee names its structure too: it speaks for its holder alone. A
//! structure chooses the common name of its certificates: there, an identifier names a person only beside a surname, which
//! such certificates do not have, or when it is of an employee of that very structure. A
//! card also carries its holder's profession, under the OID of the code system: a student's does not sign as a doctor.
//!
//! Source: DMPi, checks TD0.1; DBS EX_GEN-1450, EX_AIR-080; bad-inputs SAML-49.

use super::assertion::{Assertion, AuthenticationMode};
use super::directory::Directory;
use crate::fault::Fault;
use dmp_dossier::{PsId, StructureId};
use dmp_nomenclature::oid;
use dmp_xml::signature::{Certificate, DistinguishedName};

const SURNAME: &str = "2.5.4.4";
const UID: &str = "0.9.2342.19200300.100.1.1";

/// Whom a certificate names.
#[derive(Debug)]
pub(super) struct Bearer {
    pub(super) person: Option<PsId>,
    pub(super) structures: Vec<StructureId>,
}

impl Bearer {
    /// Of its subject.
    pub(super) fn of(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        let structures: Vec<_> = subject.organizational_units().filter_map(StructureId::parse).collect();
        let has_surname = subject.values(SURNAME).next().is_some();
        let is_own = |person: &PsId| employer(person).is_some_and(|own| structures.contains(&own));
        let names = |person: &PsId| has_surname || structures.is_empty() || is_own(person);
        let named = subject.common_names().chain(subject.values(UID)).find_map(PsId::parse).filter(names);
        // A serial number names a person where there is a surname.
        let of_person = || subject.serial_numbers().find_map(PsId::parse).filter(|_| has_surname);
        Bearer { person: named.or_else(of_person), structures }
    }

    /// True when it is a structure's, and speaks for `structure`.
    fn speaks_for(&self, structure: &StructureId, directory: &dyn Directory) -> bool {
        let own = |own: &StructureId| own == structure || directory.belongs(structure, own);
        self.person.is_none() && self.structures.iter().any(own)
    }
}

/// The structure that employs the holder of a CPE or CPA card, told by their identifier: a prefix, the structure's number,
/// `/`, an internal number (dmp.md 1.2).
pub(super) fn employer(person: &PsId) -> Option<StructureId> {
    let (structure, _) = person.as_str().split_once('/')?;
    let (prefix, number) = structure.split_at_checked(1)?;
    let prefix = match prefix {
        "1" => "0",
        "3" => "1",
        "4" => "2",
        "5" => "3",
        "6" => "4",
        _ => return None,
    };
    StructureId::parse(&format!("{prefix}{number}"))
}

/// Refuses a VIHF whose parts disagree.
pub(super) fn check(
    assertion: &Assertion<'_>,
    structure: &StructureId,
    certificate: &Certificate,
    tls: Option<&Certificate>,
    directory: &dyn Directory,
) -> Result<(), Fault> {
    let refused = |reason| Err(Fault::wsse("FailedAuthentication", reason));
    let issuer = DistinguishedName::parse(&assertion.issuer);
    if !issuer.is_ok_and(|issuer| issuer.names(certificate.subject())) {
        return refused("l'émetteur du VIHF n'est pas le porteur du certificat");
    }
    let signer = Bearer::of(certificate);
    let direct = assertion.mode == AuthenticationMode::Direct;
    if direct {
        let Some(person) = signer.person.as_ref().filter(|person| person.as_str() == assertion.name_id)
        else {
            return refused("le certificat n'est pas celui de la personne du VIHF");
        };
        let employer = employer(person);
        if employer.is_some_and(|own| own != *structure && !directory.belongs(structure, &own)) {
            return refused("la carte n'est pas de la structure du VIHF");
        }
        for system in [&oid::G15, &oid::G16] {
            let Some(code) = certificate.extension(system.oid) else { continue };
            if assertion.profession.system != system.oid || assertion.profession.code != code {
                return refused("la profession du VIHF n'est pas celle de la carte");
            }
        }
    } else if !signer.speaks_for(structure, directory) {
        return refused("le certificat n'est pas celui de la structure du VIHF");
    }
    let Some(tls) = tls else { return Ok(()) };
    let client = Bearer::of(tls);
    let same_person = direct && client.person.is_some() && client.person == signer.person;
    let same_structure = client.speaks_for(structure, directory);
    if same_person || same_structure {
        Ok(())
    } else {
        refused("le certificat TLS n'est pas celui de l'émetteur du VIHF")
    }
}

/// True when a certificate is of the person, or of the structure, of a VIHF: another signature of the same message comes
/// from the same hands.
pub(super) fn is_of(
    certificate: &Certificate,
    name_id: &str,
    structure: &StructureId,
    directory: &dyn Directory,
) -> bool {
    let signer = Bearer::of(certificate);
    signer.person.as_ref().is_some_and(|person| person.as_str() == name_id)
        || signer.speaks_for(structure, directory)
}
