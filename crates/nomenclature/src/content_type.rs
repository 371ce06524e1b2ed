//! contentTypeCode of a SubmissionSet: the activity it came from (JDV_J59-ContentTypeCode-DMP, 2026-09-28).
//!
//! JDV_J59 is three lists: types of activity (R209), three forms of activity (R276) and the patient's own
//! expression, restated here; and the sectors of activity of JDV_J61 but `SA01` to `SA04` and `SNR`, for which
//! [`find`] asks [`crate::facility`].
//!
//! A CDA header has no contentTypeCode: it is deduced from `encompassingEncounter/code` (JDV_J142). The mapping
//! of admissions, outpatients and emergencies is the one the CI-SIS proposes for HL7 v2 PV1-2 (I → 03, O and E →
//! 07, R → 19, N → 97); for the encounters PV1-2 does not know it is ours.

use crate::concept::{Concept, ValueSet};
use crate::facility;
use crate::oid::{A00, R02, R209, R276};

/// Types and forms of activity, without the sectors.
pub static ACTIVITIES: ValueSet = ValueSet {
    name: "JDV_J59-ContentTypeCode-DMP",
    oid: "1.2.250.1.213.1.1.5.2",
    edition: "2026-09-28",
    concepts: &ROWS,
};

/// Code of an undifferentiated activity, given where the encounter says nothing.
pub const UNDIFFERENTIATED: &str = "97";

/// CDA `encompassingEncounter/code` → R209.
const ENCOUNTERS: [(&str, &str); 13] = [
    // PV1-2, as proposed by the CI-SIS
    ("IMP", "03"),
    ("ACUTE", "03"),
    ("NONAC", "03"),
    ("AMB", "07"),
    ("EXTERNE", "07"),
    ("EMER", "07"),
    ("PRENC", "07"),
    ("SEANCE", "19"),
    // ours
    ("SS", "04"),
    ("OBSENC", "03"),
    ("HH", "16"),
    ("FLD", UNDIFFERENTIATED),
    ("VR", UNDIFFERENTIATED),
];

/// The contentTypeCode of that code, in that system (OID).
pub fn find(system_oid: &str, code: &str) -> Option<&'static Concept> {
    if system_oid == R02.oid {
        let hospital = matches!(code, "SA01" | "SA02" | "SA03" | "SA04");
        return facility::DMP.find_in(system_oid, code).filter(|_| !hospital);
    }
    ACTIVITIES.find_in(system_oid, code)
}

/// The contentTypeCode of an encounter (JDV_J142, HL7 ActEncounterCode); [`UNDIFFERENTIATED`] for none or an
/// unknown one.
pub fn of_encounter(encounter_code: Option<&str>) -> &'static Concept {
    let code = ENCOUNTERS
        .iter()
        .find(|(encounter, _)| Some(*encounter) == encounter_code)
        .map_or(UNDIFFERENTIATED, |(_, activity)| activity);
    ACTIVITIES.find_in(R209.oid, code).expect("every activity of the mapping is in the table (tested)")
}

const fn r209(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &R209, label)
}

const fn r276(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &R276, label)
}

#[rustfmt::skip] // one row, one line
static ROWS: [Concept; 39] = [
    r209("03", "Hospitalisation complète (non compris hospitalisation de semaine)"),
    r209("04", "Hospitalisation de jour"),
    r276("05", "Hospitalisation à domicile (au domicile du patient)"),
    r209("07", "Consultations soins externes"),
    r209("08", "Bloc opératoire (y compris obstétrical et gynécologique)"),
    r209("09", "Autres unités médico-techniques (anesthésiologie, explor fonct, rééduc et réadapt fonct, pharmacie)"),
    r276("11", "Centre postcure"),
    r209("11", "Hébergement complet ou internat (non compris internat de semaine)"),
    r276("12", "Centre de crise"),
    r209("13", "Semi-internat"),
    r209("14", "Externat"),
    r209("15", "Placement en famille d'accueil (strictement social)"),
    r209("16", "Prestations sur le lieu de vie (non compris placement familial)"),
    r209("17", "Internat de semaine"),
    r209("18", "Hébergement de nuit en structure éclatée"),
    r209("19", "Traitement et cure ambulatoire"),
    r209("20", "Hospitalisation de semaine"),
    r209("21", "Accueil de Jour (sans distinction entre semi-internat et externat)"),
    r209("22", "Accueil de nuit"),
    r209("25", "Accueil temporaire week-end ou vacances"),
    r209("26", "Analyses médicales biologiques"),
    r209("27", "Accueil modulable/séquentiel"),
    r209("28", "Consultations dentaires et soins dentaires"),
    r209("33", "Recherche"),
    r209("37", "Accueil et prise en charge en appartement thérapeutique"),
    r209("40", "Accueil temporaire avec hébergement"),
    r209("42", "Equipe mobile de rue"),
    r209("43", "Tous modes d'accueil avec hébergement"),
    r209("44", "Accueil temporaire de jour"),
    r209("45", "Accueil temporaire (avec et sans hébergement)"),
    r209("46", "Tous modes d'accueil (avec et sans hébergement)"),
    r209("47", "Accueil de jour et accompagnement en milieu ordinaire"),
    r209("48", "Tous modes d'accueil et d'accompagnement"),
    r209("50", "Protection juridique"),
    r209("52", "Accompagnement social personnalisé"),
    r209("54", "Accueil familial"),
    r209("60", "Consultations et actes"),
    r209("97", "Type d'activité indifférencié"),
    Concept::new("EXP_PATIENT", &A00, "Expression personnelle du patient"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encounter_leads_to_an_activity() {
        for (encounter, code, label) in [
            (Some("IMP"), "03", "Hospitalisation complète (non compris hospitalisation de semaine)"),
            (Some("ACUTE"), "03", "Hospitalisation complète (non compris hospitalisation de semaine)"),
            (Some("SS"), "04", "Hospitalisation de jour"),
            (Some("AMB"), "07", "Consultations soins externes"),
            (Some("EXTERNE"), "07", "Consultations soins externes"),
            (Some("EMER"), "07", "Consultations soins externes"),
            (Some("SEANCE"), "19", "Traitement et cure ambulatoire"),
            (Some("HH"), "16", "Prestations sur le lieu de vie (non compris placement familial)"),
            (Some("FLD"), "97", "Type d'activité indifférencié"),
            (Some("VR"), "97", "Type d'activité indifférencié"),
            (Some("UNHEARD_OF"), "97", "Type d'activité indifférencié"),
            (None, "97", "Type d'activité indifférencié"),
        ] {
            let found = of_encounter(encounter);
            assert_eq!((found.code, found.label), (code, label), "{encounter:?}");
            assert_eq!(found.system.oid, "1.2.250.1.213.2.2");
        }
        for (encounter, _) in ENCOUNTERS {
            of_encounter(Some(encounter));
        }
    }

    #[test]
    fn a_content_type_is_found_in_its_own_system() {
        for (system, code, found) in [
            ("1.2.250.1.213.2.2", "04", true),
            ("1.2.250.1.213.1.6.1.128", "05", true),
            ("1.2.250.1.213.2.2", "05", false),
            ("1.2.250.1.213.1.1.4.6", "EXP_PATIENT", true),
            ("1.2.250.1.71.4.2.4", "SA07", true),
            ("1.2.250.1.71.4.2.4", "SA01", false),
            ("1.2.250.1.213.2.2", "SA07", false),
            ("1.2.250.1.71.4.2.4", "SNR", false),
            ("1.2.250.1.213.2.2", "", false),
        ] {
            assert_eq!(find(system, code).is_some(), found, "{system} {code}");
        }
    }
}
