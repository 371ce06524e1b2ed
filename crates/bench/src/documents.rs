//! Documents to publish: discharge letters in CDA level 3, all distinct, of a given size.
//!
//! Seeded: the same seed gives the same documents. The text is made of short French sentences with numbers, so that
//! it compresses about as real structured CDA does (ratio near 8, printed by the run).

use std::fmt::Write as _;

/// A small deterministic generator (SplitMix64): reproducible runs need no more.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }
}

/// An invented patient of the test domain.
#[derive(Clone)]
pub struct Patient {
    pub ins: String,
    pub name: String,
    pub given: String,
    pub birth: String,
    pub male: bool,
}

const NAMES: &[&str] = &[
    "ABGRALL", "BOISSEAU", "CARADEC", "DELAUNE", "ESNAULT", "FOUCHER", "GICQUEL", "HERVIEU", "ICARD",
    "JOUAN", "KERBRAT", "LEMOINE", "MAZURIER", "NEDELEC", "OLLIVRO", "PRIGENT", "QUERE", "RENAULT", "SALAUN",
    "TANGUY",
];
const GIVEN: &[&str] =
    &["Alix", "Camille", "Dominique", "Claude", "Sacha", "Morgane", "Yael", "Lou", "Eden", "Noa"];

/// Patient number `i` of a seed, with a valid key.
pub fn patient(seed: u64, i: usize) -> Patient {
    let mut random = Random::new(seed ^ (i as u64).wrapping_mul(0x51_7cc1_b727_220a));
    let male = random.below(2) == 0;
    let (year, month, day) = (30 + random.below(70), 1 + random.below(12), 1 + random.below(28));
    let number = format!(
        "{}{year:02}{month:02}{:02}{:03}{:03}",
        if male { 1 } else { 2 },
        1 + random.below(19),
        1 + i / 999 % 999,
        1 + i % 999
    );
    let key = 97 - number.parse::<u64>().unwrap_or(0) % 97;
    Patient {
        ins: format!("{number}{key:02}"),
        name: NAMES[random.below(NAMES.len())].to_owned(),
        given: GIVEN[random.below(GIVEN.len())].to_owned(),
        birth: format!("19{year:02}{month:02}{day:02}"),
        male,
    }
}

const SENTENCES: &[&str] = &[
    "La tension artérielle est à {} mmHg au repos",
    "Le poids de sortie est de {} kg",
    "La créatininémie est à {} µmol/l",
    "L'hémoglobine est à {} g/l",
    "Le traitement est poursuivi à la dose de {} mg par jour",
    "La saturation en air ambiant est de {} %",
    "Le prochain rendez-vous est prévu dans {} jours",
    "La fréquence cardiaque est à {} par minute",
    "Le périmètre de marche atteint {} mètres",
    "La surveillance biologique aura lieu dans {} jours",
    "La protéine C réactive est à {} mg/l",
    "Le patient a reçu {} séances de kinésithérapie",
    "La fraction d'éjection est estimée à {} %",
    "La cicatrice est propre au {}e jour",
];

/// The doctor of the load: opens the dossiers, is authorised, writes the documents, deposits and reads them.
#[derive(Clone)]
pub struct Doctor {
    pub id: String,
    pub profession: String,
    pub speciality: Option<String>,
    pub structure: String,
    pub sector: String,
}

impl Doctor {
    /// Where no identity of a sandbox says who it is.
    pub fn of_the_load() -> Self {
        Doctor {
            id: "899900000019".to_owned(),
            profession: "10".to_owned(),
            speciality: Some("SM04".to_owned()),
            structure: "499900000019001".to_owned(),
            sector: "SA01".to_owned(),
        }
    }

    /// What `dmp token` is told.
    pub fn token_arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["--professional", &self.id, "--profession", &self.profession];
        arguments.extend(["--structure", &self.structure, "--sector", &self.sector, "--auth", "psc"]);
        arguments.extend(self.speciality.iter().flat_map(|speciality| ["--speciality", speciality]));
        arguments
    }
}

/// uniqueId of document number `n` of a run, under the OID of UUIDs (ITU-T X.667).
pub fn unique_id(run: u64, n: u64) -> String {
    format!("2.25.{run}.{n}.1")
}

/// Document number `n` of a run: the same numbers give the same document.
pub fn numbered(patient: &Patient, doctor: &Doctor, run: u64, n: u64, size: usize) -> String {
    let mut random = Random::new(run ^ n.wrapping_mul(0x2545_f491_4f6c_dd1d));
    document(patient, doctor, &unique_id(run, n), &mut random, size)
}

/// A document of about `size` bytes.
pub fn document(patient: &Patient, doctor: &Doctor, uid: &str, random: &mut Random, size: usize) -> String {
    let mut cda = String::with_capacity(size + 4096);
    let day = format!("202{}{:02}{:02}", 4 + random.below(2), 1 + random.below(12), 1 + random.below(28));
    let (ins, name, given, birth) = (&patient.ins, &patient.name, &patient.given, &patient.birth);
    let (author, structure) = (&doctor.id, &doctor.structure);
    let sex = if patient.male { "M" } else { "F" };
    let _ = write!(
        cda,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="1.2.250.1.213.1.1.1.29"/><id root="{uid}"/><code code="11490-0" codeSystem="2.16.840.1.113883.6.1" displayName="Lettre de liaison à la sortie"/><title>Lettre de liaison à la sortie</title><effectiveTime value="{day}103000+0100"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/><setId root="{uid}"/><versionNumber value="1"/><recordTarget><patientRole><id extension="{ins}" root="1.2.250.1.213.1.4.10"/><patient><name><family qualifier="BR">{name}</family><given>{given}</given></name><administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{birth}"/></patient></patientRole></recordTarget><author><time value="{day}103000+0100"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="{author}"/><code code="G15_10/SM04" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - Cardiologie"/><assignedPerson><name><family>ESSAI</family><given>Charge</given></name></assignedPerson><representedOrganization><id root="1.2.250.1.71.4.2.2" extension="{structure}"/><name>Centre hospitalier d'essai</name></representedOrganization></assignedAuthor></author><custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2" extension="{structure}"/></representedCustodianOrganization></assignedCustodian></custodian><legalAuthenticator><time value="{day}103000+0100"/><signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{author}"/><assignedPerson><name><family>ESSAI</family><given>Charge</given></name></assignedPerson></assignedEntity></legalAuthenticator><documentationOf><serviceEvent><code code="IMP" codeSystem="2.16.840.1.113883.5.4"/><effectiveTime><low value="{day}083000+0100"/></effectiveTime><performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{author}"/><representedOrganization><standardIndustryClassCode code="ETABLISSEMENT" codeSystem="1.2.250.1.213.1.1.4.9" displayName="Etablissement de santé"/></representedOrganization></assignedEntity></performer></serviceEvent></documentationOf><componentOf><encompassingEncounter><code code="IMP" codeSystem="2.16.840.1.113883.5.4"/><effectiveTime><low value="{day}083000+0100"/></effectiveTime><location><healthCareFacility><code code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="Etablissement public de santé"/></healthCareFacility></location></encompassingEncounter></componentOf><component><structuredBody>"#
    );
    const TAIL: &str = "</structuredBody></component></ClinicalDocument>\n";
    let mut section = 0;
    while cda.len() + TAIL.len() + 1500 < size {
        section += 1;
        let _ = write!(
            cda,
            r#"<component><section><templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.5"/><code code="8648-8" codeSystem="2.16.840.1.113883.6.1" displayName="Évolution"/><title>Évolution, jour {section}</title><text><table border="0"><tbody>"#
        );
        for line in 0..5 {
            let (sentence, value) = (SENTENCES[random.below(SENTENCES.len())], 10 + random.below(190));
            let _ = write!(
                cda,
                r#"<tr ID="r{section}-{line}"><td>{}</td><td>{}.</td></tr>"#,
                line + 1,
                sentence.replace("{}", &value.to_string())
            );
        }
        let _ = write!(cda, "</tbody></table></text>");
        for line in 0..1 {
            let _ = write!(
                cda,
                r##"<entry><observation classCode="OBS" moodCode="EVN"><templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/><id root="{}"/><code code="8480-6" codeSystem="2.16.840.1.113883.6.1" displayName="Mesure"><originalText><reference value="#r{section}-{line}"/></originalText></code><statusCode code="completed"/><effectiveTime value="{day}0{}3000+0100"/><value xsi:type="PQ" value="{}" unit="1"/></observation></entry>"##,
                uuid::Uuid::from_u64_pair(random.next(), random.next()),
                random.below(10),
                50 + random.below(150),
            );
        }
        cda.push_str("</section></component>");
    }
    while cda.len() + TAIL.len() + 20 < size {
        cda.push_str("<!-- fin de page -->");
    }
    cda.push_str(TAIL);
    cda
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_distinct_of_the_size_asked_and_compress_like_real_ones() {
        let patient = patient(1, 7);
        let make = |n| numbered(&patient, &Doctor::of_the_load(), 3, n, 30_000);
        let (one, two) = (make(1), make(2));
        assert_ne!(one, two);
        assert_eq!(one, make(1));
        assert!((29_900..=30_100).contains(&one.len()), "{}", one.len());
        let packed = zstd::encode_all(one.as_bytes(), 3).unwrap().len();
        let ratio = one.len() as f64 / packed as f64;
        assert!((7.0..=9.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn patients_have_a_valid_key() {
        for i in 0..2000 {
            let ins = patient(1, i).ins;
            assert_eq!(ins.len(), 15);
            let number: u64 = ins[..13].parse().unwrap();
            assert_eq!(ins[13..].parse::<u64>().unwrap(), 97 - number % 97);
        }
    }
}
