//! Code systems and identifier systems: the OID that XDS and CDA write, the URL that FHIR writes, and the way
//! between them. One list, so that a code published on one face is found on the other.

/// A code system, or the assigning authority of identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeSystem {
    /// OID without `urn:oid:`; `URN` and `ASTM` where XDS has no OID (the lot's signature).
    pub oid: &'static str,
    /// FHIR `system`: the published URL, `urn:oid:…` where none is published.
    pub fhir: &'static str,
    /// Name it is known by.
    pub name: &'static str,
    /// Other URLs met for the same system; read, never written.
    pub aliases: &'static [&'static str],
}

const fn system(oid: &'static str, fhir: &'static str, name: &'static str) -> CodeSystem {
    CodeSystem { oid, fhir, name, aliases: &[] }
}

macro_rules! nos {
    ($oid:literal, $name:literal, $id:literal) => {
        system($oid, concat!("https://mos.esante.gouv.fr/NOS/", $name, "/FHIR/", $id), $name)
    };
}

macro_rules! identifiers {
    ($oid:literal, $name:literal) => {
        system($oid, concat!("urn:oid:", $oid), $name)
    };
}

/// LOINC.
pub static LOINC: CodeSystem = CodeSystem {
    aliases: &["https://mos.esante.gouv.fr/NOS/TRE_A04-Loinc/FHIR/TRE-A04-Loinc"],
    ..system("2.16.840.1.113883.6.1", "http://loinc.org", "LOINC")
};
/// Producers of documents that are no health professionals.
pub static A00: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.6", "TRE_A00-ProducteurDocNonPS", "TRE-A00-ProducteurDocNonPS");
/// practiceSettingCode.
pub static A01: CodeSystem = nos!("1.2.250.1.213.1.1.4.9", "TRE_A01-CadreExercice", "TRE-A01-CadreExercice");
/// authorSpecialty, `G15_10/SM26`.
pub static A02: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.5", "TRE_A02-ProfessionSavFaire-CISIS", "TRE-A02-ProfessionSavFaire-CISIS");
/// classCode.
pub static A03: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.1", "TRE_A03-ClasseDocument", "TRE-A03-ClasseDocument");
/// typeCode where LOINC has none.
pub static A05: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.12", "TRE_A05-TypeDocComplementaire", "TRE-A05-TypeDocComplementaire");
/// formatCode of the CI-SIS.
pub static A06: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.2.282", "TRE_A06-FormatCodeComplementaire", "TRE-A06-FormatCodeComplementaire");
/// Visibility of a document. The examples of PDSm also write `Status` for `Statut`.
pub static A07: CodeSystem = CodeSystem {
    aliases: &[
        "https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument",
    ],
    ..nos!("1.2.250.1.213.1.1.4.13", "TRE_A07-StatutVisibiliteDocument", "TRE-A07-StatutVisibiliteDocument")
};
/// HL7 Confidentiality. PDSM4DMP writes the HL7 URL, the value sets the TRE_A08 one.
pub static CONFIDENTIALITY: CodeSystem = CodeSystem {
    aliases: &["https://mos.esante.gouv.fr/NOS/TRE_A08-HL7Confidentiality/FHIR/TRE-A08-HL7Confidentiality"],
    ..system(
        "2.16.840.1.113883.5.25",
        "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "HL7 Confidentiality",
    )
};
/// DICOM unique identifiers, as formatCode of a KOS.
pub static A09: CodeSystem =
    nos!("1.2.840.10008.2.6.1", "TRE_A09-DICOMuidRegistry", "TRE-A09-DICOMuidRegistry");
/// URN, the classCode of the lot's signature.
pub static A10: CodeSystem = nos!("URN", "TRE_A10-NomenclatureURN", "TRE-A10-NomenclatureURN");
/// formatCode of IHE. The examples of PDSM4DMP write the URL of IHE's own code system.
pub static A11: CodeSystem = CodeSystem {
    aliases: &["http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode"],
    ..nos!("1.3.6.1.4.1.19376.1.2.3", "TRE_A11-IheFormatCode", "TRE-A11-IheFormatCode")
};
/// ASTM, the typeCode of the lot's signature.
pub static A12: CodeSystem = nos!("ASTM", "TRE_A12-NomenclatureASTM", "TRE-A12-NomenclatureASTM");
/// Health professions.
pub static G15: CodeSystem = nos!("1.2.250.1.71.1.2.7", "TRE_G15-ProfessionSante", "TRE-G15-ProfessionSante");
/// Professions in training.
pub static G16: CodeSystem =
    nos!("1.2.250.1.71.1.2.8", "TRE_G16-ProfessionFormation", "TRE-G16-ProfessionFormation");
/// Sections of the order of pharmacists.
pub static G05: CodeSystem =
    nos!("1.2.250.1.71.4.2.6", "TRE_G05-SousSectionTableauCNOP", "TRE-G05-SousSectionTableauCNOP");
/// *Savoir-faire*: specialities and qualifications.
pub static R01: CodeSystem =
    nos!("1.2.250.1.71.4.2.5", "TRE_R01-EnsembleSavoirFaire-CISIS", "TRE-R01-EnsembleSavoirFaire-CISIS");
/// Sectors of activity, `SAxx`.
pub static R02: CodeSystem = nos!("1.2.250.1.71.4.2.4", "TRE_R02-SecteurActivite", "TRE-R02-SecteurActivite");
/// Roles in care outside the health professions.
pub static R85: CodeSystem =
    nos!("1.2.250.1.213.1.6.1.107", "TRE_R85-RolePriseCharge", "TRE-R85-RolePriseCharge");
/// Social professions.
pub static R94: CodeSystem =
    nos!("1.2.250.1.213.1.6.1.4", "TRE_R94-ProfessionSocial", "TRE-R94-ProfessionSocial");
/// Users of a protected professional title.
pub static R95: CodeSystem = nos!("1.2.250.1.213.1.6.1.109", "TRE_R95-UsagerTitre", "TRE-R95-UsagerTitre");
/// Types of activity, the main system of contentTypeCode.
pub static R209: CodeSystem = nos!("1.2.250.1.213.2.2", "TRE_R209-TypeActivite", "TRE-R209-TypeActivite");
/// Forms of activity, a few of which are contentTypeCodes.
pub static R276: CodeSystem =
    nos!("1.2.250.1.213.1.6.1.128", "TRE_R276-FormeActivite", "TRE-R276-FormeActivite");
/// Access modes of the VIHF.
pub static R248: CodeSystem = nos!("1.2.250.1.213.1.1.4.248", "TRE_R248-ModeAcces", "TRE-R248-ModeAcces");
/// Relations in care, author roles of the CI-SIS.
pub static R258: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.2.280", "TRE_R258-RelationPriseCharge", "TRE-R258-RelationPriseCharge");
/// Encounter types that HL7 has not.
pub static R305: CodeSystem =
    nos!("1.2.250.1.213.1.1.4.2.291", "TRE_R305-TypeRencontre", "TRE-R305-TypeRencontre");
/// Types of `referenceIdList`.
pub static R342: CodeSystem = nos!(
    "1.2.250.1.213.1.1.4.347",
    "TRE_R342-XdsTypesIdentifiantsReferenceId",
    "TRE-R342-XdsTypesIdentifiantsReferenceId"
);
/// HL7 ActCode, encounter classes.
pub static ACT_CODE: CodeSystem =
    system("2.16.840.1.113883.5.4", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "HL7 ActCode");
/// HL7 ParticipationFunction, author roles.
pub static PARTICIPATION_FUNCTION: CodeSystem = system(
    "2.16.840.1.113883.5.88",
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction",
    "HL7 ParticipationFunction",
);
/// Closure reasons of the DMP.
pub static CLOSURE: CodeSystem = system(
    "1.2.250.1.213.4.1.2.4",
    "https://interop.esante.gouv.fr/ig/fhir/dmp/CodeSystem/dmp-motif-fermeture",
    "motif de fermeture du DMP",
);
/// Consents and oppositions of the DMP.
pub static CONSENT: CodeSystem = identifiers!("1.2.250.1.213.4.1.2.3", "consentements et oppositions du DMP");
/// CCAM, medical acts.
pub static CCAM: CodeSystem = CodeSystem {
    aliases: &["urn:oid:1.2.250.1.215.300.1"],
    ..system("1.2.250.1.213.2.5", "https://smt.esante.gouv.fr/terminologie-ccam", "CCAM")
};
/// CIM-10, diagnoses.
pub static CIM10: CodeSystem = CodeSystem {
    aliases: &["https://smt.esante.gouv.fr/terminologie-cim-10"],
    ..system("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10", "CIM-10")
};
/// National identifiers of professionals (`PS_IdNat`).
pub static PS_ID: CodeSystem = identifiers!("1.2.250.1.71.4.2.1", "PS_IdNat");
/// National identifiers of structures (`Struct_IdNat`).
pub static STRUCTURE_ID: CodeSystem = identifiers!("1.2.250.1.71.4.2.2", "Struct_IdNat");
/// INS-NIR, production.
pub static INS_NIR: CodeSystem = identifiers!("1.2.250.1.213.1.4.8", "INS-NIR");
/// INS-NIA, production.
pub static INS_NIA: CodeSystem = identifiers!("1.2.250.1.213.1.4.9", "INS-NIA");
/// INS-NIR, test.
pub static INS_NIR_TEST: CodeSystem = identifiers!("1.2.250.1.213.1.4.10", "INS-NIR de test");
/// INS-NIR, demonstration.
pub static INS_NIR_DEMO: CodeSystem = identifiers!("1.2.250.1.213.1.4.11", "INS-NIR de démonstration");
/// INS-C, the calculated identifier of before 2017.
pub static INS_C: CodeSystem = identifiers!("1.2.250.1.213.1.4.2", "INS-C");

/// Every system above, in order of OID.
#[rustfmt::skip]
pub static ALL: [&CodeSystem; 40] = [
    &A03, &A05, &A07, &R258, &A06, &R305, &R248, &R342,
    &A02, &A00, &A01, &INS_NIR_TEST, &INS_NIR_DEMO, &INS_C, &INS_NIR, &INS_NIA,
    &R85, &R95, &R276, &R94, &R209, &CCAM, &CONSENT, &CLOSURE,
    &G15, &G16, &PS_ID, &STRUCTURE_ID, &R02, &R01, &G05, &A09,
    &A11, &CONFIDENTIALITY, &ACT_CODE, &PARTICIPATION_FUNCTION, &LOINC, &CIM10, &A12, &A10,
];

/// The system of an OID, with or without `urn:oid:`.
pub fn by_oid(oid: &str) -> Option<&'static CodeSystem> {
    let oid = oid.strip_prefix("urn:oid:").unwrap_or(oid);
    let index = ALL.binary_search_by(|system| system.oid.cmp(oid)).ok()?;
    Some(ALL[index])
}

/// The system of a FHIR `system`: its URL, one of its aliases, or `urn:oid:` and its OID.
pub fn by_fhir(url: &str) -> Option<&'static CodeSystem> {
    if let Some(oid) = url.strip_prefix("urn:oid:")
        && let Some(system) = by_oid(oid)
    {
        return Some(system);
    }
    ALL.into_iter().find(|system| system.fhir == url || system.aliases.contains(&url))
}

#[cfg(test)]
pub(crate) fn is_oid(text: &str) -> bool {
    text.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oid_and_url_lead_to_each_other() {
        for system in ALL {
            assert_eq!(by_oid(system.oid), Some(system));
            assert_eq!(by_oid(&format!("urn:oid:{}", system.oid)), Some(system));
            assert_eq!(by_fhir(system.fhir), Some(system));
            assert_eq!(by_fhir(&format!("urn:oid:{}", system.oid)), Some(system));
            for alias in system.aliases {
                assert_eq!(by_fhir(alias), Some(system), "{alias}");
            }
            assert!(is_oid(system.oid) || ["URN", "ASTM"].contains(&system.oid), "{}", system.name);
        }
    }

    #[test]
    fn no_two_systems_share_an_oid_or_a_url() {
        let mut seen = std::collections::BTreeSet::new();
        for system in ALL {
            for name in [system.oid, system.fhir].iter().chain(system.aliases) {
                assert!(seen.insert(*name), "{name}");
            }
        }
    }

    #[test]
    fn the_urls_are_those_of_the_guides() {
        for (oid, url) in [
            ("2.16.840.1.113883.6.1", "http://loinc.org"),
            (
                "1.2.250.1.213.1.1.4.12",
                "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire",
            ),
            (
                "1.2.250.1.213.1.1.4.13",
                "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",
            ),
            ("2.16.840.1.113883.5.25", "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"),
            (
                "1.2.250.1.71.4.2.4",
                "https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
            ),
            ("1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.1"),
            ("1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.10"),
        ] {
            assert_eq!(by_oid(oid).map(|s| s.fhir), Some(url));
        }
        for unknown in ["", "urn:oid:", "1.2.3", "http://loinc.org/", "urn:oid:1.2.3"] {
            assert_eq!(by_fhir(unknown), None, "{unknown}");
        }
    }
}
