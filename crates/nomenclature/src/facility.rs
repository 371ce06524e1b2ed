//! healthcareFacilityTypeCode: in what kind of structure the document was produced (JDV_J61), which is also the
//! sector of activity of a professional (R02).

use crate::concept::{Concept, ValueSet};
use crate::oid::{A00, R02};

/// Values the DMP takes.
pub static DMP: ValueSet = ValueSet {
    name: "JDV_J61-HealthcareFacilityTypeCode-DMP",
    oid: "1.2.250.1.213.1.1.5.3",
    edition: "2024-09-27",
    concepts: &FACILITIES,
};

/// Sectors that JDV_J02 of the CI-SIS has and JDV_J61 has not: a professional may act in one, a document of the
/// DMP does not carry it.
pub static CISIS_ONLY: ValueSet = ValueSet {
    name: "JDV_J02-XdsHealthcareFacilityTypeCode-CISIS",
    oid: "1.2.250.1.213.1.1.5.466",
    edition: "TestContenuCDA 3.0 2025-02",
    concepts: &[
        r02("SA66", "Services de Prévention et de Santé au Travail (SPST)"),
        r02("SA67", "Maisons médicales de garde (MMG)"),
    ],
};

/// The value with that code, whether the DMP takes it or not.
pub fn find(code: &str) -> Option<&'static Concept> {
    DMP.find(code).or_else(|| CISIS_ONLY.find(code))
}

/// True for the sectors of occupational health: care in firms, and occupational health services. Whoever acts
/// there feeds the DMP and reads no content (PDT-INF-526, *médecin du travail*).
pub fn is_occupational(sector: &str) -> bool {
    matches!(sector, "SA13" | "SA66")
}

const fn a00(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &A00, label)
}

const fn r02(code: &'static str, label: &'static str) -> Concept {
    Concept::new(code, &R02, label)
}

#[rustfmt::skip] // one row, one line
static FACILITIES: [Concept; 68] = [
    a00("EXP_PATIENT", "Expression personnelle du patient"),
    r02("SA01", "Etablissement public de santé"),
    r02("SA02", "Hôpital militaire du Service de santé des armées"),
    r02("SA03", "Etablissement privé PSPH"),
    r02("SA04", "Etablissement privé non PSPH"),
    r02("SA05", "Centre de santé"),
    r02("SA06", "Autre structure du Service de santé des armées"),
    r02("SA07", "Cabinet individuel"),
    r02("SA08", "Cabinet de groupe"),
    r02("SA09", "Exercice en société"),
    r02("SA10", "Transporteur sanitaire"),
    r02("SA11", "Entreprise d'intérim"),
    r02("SA12", "Etablissement de soins et prévention"),
    r02("SA13", "Prévention et soins en entreprise"),
    r02("SA14", "Etablissements scolaires, universitaires et de formation hors champ FINESS"),
    r02("SA15", "PMI et Planification familiale"),
    r02("SA16", "Etablissement pour personnes handicapées"),
    r02("SA17", "Etablissement pour personnes âgées"),
    r02("SA18", "Etablissement aide à la famille"),
    r02("SA19", "Etablissements FINESS de formation aux professions sanitaires et sociales"),
    r02("SA20", "Etablissement pour la protection de l'enfance"),
    r02("SA21", "Etablissement d'hébergement et de réadaptation"),
    r02("SA22", "Recherche"),
    r02("SA23", "Assurance privée"),
    r02("SA24", "Organisme de sécurité sociale"),
    r02("SA25", "Laboratoire de biologie médicale"),
    r02("SA26", "Ministère ou Service déconcentré"),
    r02("SA27", "Collectivité territoriale"),
    r02("SA28", "Association ou organisme humanitaire"),
    r02("SA29", "Laboratoire d'analyses et de biologie médicale"),
    r02("SA30", "Autre établissement sanitaire"),
    r02("SA31", "Répartition et Distribution de médicaments et dispositifs médicaux"),
    r02("SA32", "Fabrication, Exploitation et Importation de médicaments et dispositifs médicaux"),
    r02("SA33", "Pharmacie d'officine"),
    r02("SA34", "Centre de dialyse"),
    r02("SA35", "Para-pharmacie"),
    r02("SA36", "Centre anti-cancer"),
    r02("SA37", "Centre de transfusion sanguine"),
    r02("SA38", "Pharmacie minière"),
    r02("SA39", "Pharmacie mutualiste"),
    r02("SA40", "Secteur privé, praticien hospitalier temps plein"),
    r02("SA41", "Autre établissement du domaine social ou médico-social"),
    r02("SA42", "Appareillage médical"),
    r02("SA43", "Secteur non défini"),
    r02("SA44", "Recrutement ou Gestion RH"),
    r02("SA45", "Communication, Marketing, Consulting, Média"),
    r02("SA46", "Fabrication, Exploitation, Importation, Répartition, Distribution médicaments et dispositifs médicaux"),
    r02("SA47", "Incendie et secours"),
    r02("SA48", "Entreprise industrielle et tertiaire hors industrie pharmaceutique"),
    r02("SA49", "Entité Outre-Mer"),
    r02("SA50", "Permanence des soins ambulatoires hors cabinet"),
    r02("SA51", "Structure de coopération avec autorisation de soins"),
    r02("SA52", "Maison de santé ou Pôle de santé"),
    r02("SA53", "Siège administratif d'un établissement de santé"),
    r02("SA54", "Centre de dépistage et de prévention"),
    r02("SA55", "Laboratoire pharmaceutique préparant et délivrant des allergènes"),
    r02("SA56", "Propharmacie"),
    r02("SA57", "Structure de coopération avec mission de coordination de soins"),
    r02("SA58", "Entreprise de taxis"),
    r02("SA59", "Laboratoire de biologie médicale hors catégorie standard"),
    r02("SA60", "Centres médicaux SNCF"),
    r02("SA61", "Structure Dispensatrice à domicile d'Oxygène à usage médical"),
    r02("SA63", "Communauté Professionnelle Territoriale de Santé"),
    r02("SA64", "Société de téléconsultation"),
    r02("SA65", "Antenne de pharmacie"),
    r02("SA68", "Services départementaux d'incendie et de secours"),
    r02("SA69", "Maisons de naissance"),
    a00("SNR", "Service numérique référencé"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_is_found_and_known_to_be_occupational_or_not() {
        for (code, in_dmp, known, occupational) in [
            ("SA01", true, true, false),
            ("SA07", true, true, false),
            ("SA13", true, true, true),
            ("SA66", false, true, true),
            ("SA67", false, true, false),
            ("EXP_PATIENT", true, true, false),
            ("SNR", true, true, false),
            ("SA62", false, false, false),
            ("sa01", false, false, false),
        ] {
            assert_eq!(DMP.find(code).is_some(), in_dmp, "{code}");
            assert_eq!(find(code).is_some(), known, "{code}");
            assert_eq!(is_occupational(code), occupational, "{code}");
        }
    }
}
