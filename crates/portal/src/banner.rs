//! The patient banner of professionals (ux.md 3.7 and 3.11; NHS CUI): name, birth, sex, number, in that order, never
//! cut, and below it what must be known before anything else.

use dmp_dossier::{Actor, AdministrativeView, Authorisation, InsOid, RightsView, Sex, Time};

use crate::french;
use crate::people;

/// The banner, ready to be written.
pub(crate) struct Banner {
    pub(crate) birth_name: String,
    pub(crate) first_given: String,
    pub(crate) born: &'static str,
    pub(crate) birth_date: String,
    pub(crate) age: String,
    pub(crate) sex: &'static str,
    pub(crate) used: Option<String>,
    pub(crate) ins: String,
    /// An invented patient, by the OID of the number.
    pub(crate) is_fictional: bool,
    pub(crate) deceased: Option<String>,
    pub(crate) more: Vec<(&'static str, String)>,
    pub(crate) medecins_traitants: Vec<String>,
    pub(crate) authorised_until: Option<String>,
}

impl Banner {
    /// From what was read; rights only where they were.
    pub(crate) fn of(
        view: &AdministrativeView,
        rights: Option<&RightsView>,
        actor: &Actor,
        now: Time,
    ) -> Self {
        let traits = &view.identity.traits;
        let used_name = traits.used_name.as_deref().map(str::to_uppercase);
        let used = (used_name.is_some() || traits.used_given.is_some()).then(|| {
            let family = used_name.unwrap_or_else(|| traits.birth_name.to_uppercase());
            format!("{family} {}", traits.used_given.as_deref().unwrap_or(traits.first_given()))
        });
        let unknown = || "non renseigné".to_owned();
        let or_unknown =
            |text: &Option<String>| text.clone().filter(|t| !t.is_empty()).unwrap_or_else(unknown);
        let place = if traits.birth_place.is_empty() { unknown() } else { traits.birth_place.clone() };
        Banner {
            birth_name: traits.birth_name.to_uppercase(),
            first_given: traits.first_given().to_owned(),
            born: match traits.sex {
                Sex::Female => "née le",
                Sex::Male => "né le",
                Sex::Undetermined => "né(e) le",
            },
            birth_date: french::birth_date(&traits.birth_date),
            age: french::age(&traits.birth_date, now),
            sex: match traits.sex {
                Sex::Female => "F",
                Sex::Male => "M",
                Sex::Undetermined => "indéterminé",
            },
            used,
            ins: french::grouped_ins(&view.identity.ins),
            is_fictional: matches!(view.identity.ins.oid(), InsOid::Test | InsOid::Demo),
            deceased: view.identity.deceased.map(french::day),
            more: vec![
                ("Prénoms de naissance", traits.given_names.clone()),
                ("Lieu de naissance (code Insee)", place),
                ("Téléphone", or_unknown(&view.contact.phone)),
                ("Adresse", or_unknown(&view.contact.address)),
            ],
            medecins_traitants: rights.map(medecins_traitants).unwrap_or_default(),
            authorised_until: rights.and_then(|r| authorised_until(r, actor, now)),
        }
    }
}

/// Names of the *médecins traitants*.
pub(crate) fn medecins_traitants(rights: &RightsView) -> Vec<String> {
    let declared = rights.grants.iter().filter(|(grant, _)| grant.medecin_traitant.is_some());
    declared.map(|(grant, label)| people::grantee(&grant.who, label.as_ref())).collect()
}

/// Until when the reader is authorised; `None` when it does not end (*médecin traitant*) or is not told.
fn authorised_until(rights: &RightsView, actor: &Actor, now: Time) -> Option<String> {
    let own = actor.professional().map(|p| p.id.as_str());
    let structure = actor.structure().map(|s| s.as_str());
    rights
        .grants
        .iter()
        .map(|(grant, _)| grant)
        .filter(|g| g.at(now) == Authorisation::Valide)
        .filter(|g| Some(g.who.id()) == own || Some(g.who.id()) == structure)
        .filter_map(|g| g.authorised.and_then(|(_, until, _)| until))
        .max()
        .map(french::day)
}
