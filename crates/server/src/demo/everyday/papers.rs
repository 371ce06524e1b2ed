//! What the documents of an ordinary dossier say.

use dmp_cda::clinical::Period;
use dmp_cda::write::{Habit, ProblemDraft, Synthesis};
use dmp_dossier::{Code, Time};
use dmp_nomenclature::oid;

use super::super::cast::Caregiver;
use super::super::clinical::{Condition, PARACETAMOL, day_of};
use super::super::imaging::Imaging;
use super::super::scribe::{french_date, minutes_before};
use super::super::tale::Tale;

/// What was reimbursed over two years.
pub fn reimbursements(tale: &mut Tale<'_>, at: Time) -> String {
    let person = tale.person;
    let mut lines = vec![
        format!("Soins remboursés à {} sur vingt-quatre mois, au {}.", person.name(), french_date(at)),
        " ".to_owned(),
        "Médicaments".to_owned(),
    ];
    let drugs: Vec<_> = person.conditions.iter().flat_map(|c| c.drugs).collect();
    lines.extend(
        drugs.iter().map(|drug| format!("- {} : {} boîtes", drug.name(), 8 + drug.name().len() % 15)),
    );
    if drugs.is_empty() {
        lines.push(format!("- {} : 4 boîtes", PARACETAMOL.name()));
    }
    lines.push("Soins médicaux et dentaires".to_owned());
    let visits = tale.dice.between(1, 9);
    lines.push(format!("- Consultations de médecine générale : {visits}"));
    lines.push(format!("- Soins dentaires : {}", tale.dice.below(4)));
    lines.push("Biologie".to_owned());
    lines.push(format!("- Examens : {}", tale.dice.below(6) + person.conditions.len() as u64));
    lines.push(" ".to_owned());
    lines.push(
        "Ces données viennent des remboursements : elles ne disent rien de ce qui n'a pas été présenté."
            .to_owned(),
    );
    lines.join("\n")
}

/// A visit to the doctor, for a disease or a cold.
pub fn consultation(tale: &mut Tale<'_>, condition: Option<&'static Condition>) -> String {
    let (pressure, weight) = match tale.person.age {
        age @ ..14 => (tale.dice.between(9, 11), 8 + age as u64 * 5 / 2),
        _ => (tale.dice.between(11, 15), tale.dice.between(52, 94)),
    };
    let exam =
        format!("Poids {weight} kg, tension {pressure}/{} cmHg, examen sans particularité.", pressure - 5);
    match condition {
        Some(condition) => format!(
            "Consultation de suivi : {}.\n{exam}\nTraitement bien pris et bien supporté, poursuivi à l'identique.\n{}",
            condition.cim10.1, condition.vigilance
        ),
        None => format!(
            "Consultation pour une infection des voies respiratoires hautes, sans signe de gravité.\n{exam}\nRepos, \
             hydratation, paracétamol si besoin. Reconsulter en cas de fièvre au-delà de trois jours."
        ),
    }
}

/// The synthesis of the médecin traitant.
pub fn synthesis(tale: &mut Tale<'_>, doctor: &Caregiver, at: Time) -> Synthesis {
    let person = tale.person;
    let since = |tale: &mut Tale<'_>| Period {
        start: Some(day_of(minutes_before(at, tale.dice.between(1, 12) as i64 * 525_600))),
        stop: None,
    };
    let mut problems = Vec::new();
    let mut treatments = Vec::new();
    for condition in &person.conditions {
        let period = since(tale);
        problems.push(ProblemDraft { what: condition.concept(), period });
        treatments.extend(condition.drugs.iter().map(|drug| drug.taken(period, Some(condition.concept()))));
    }
    let tobacco = *tale.dice.weighted(&[
        (70, "Non-fumeur."),
        (18, "Sevré depuis plus de cinq ans."),
        (12, "Une demi-boîte par jour."),
    ]);
    let vigilance: Vec<_> = person.conditions.iter().map(|c| c.vigilance).collect();
    let mut header = tale.scribe.header("60591-5", "Synthèse médicale", doctor, at);
    header.authors[0].role = Some(medecin_traitant_role());
    Synthesis {
        header,
        problems,
        history: Vec::new(),
        operations: Vec::new(),
        allergies: Vec::new(),
        habits: vec![Habit {
            what: Code::new("74011-8", oid::LOINC.oid, "Consommation tabagique"),
            found: tobacco.to_owned(),
        }],
        family: Vec::new(),
        vigilance: vigilance.join("\n"),
        treatments,
    }
}

/// Functional role of an author who is médecin traitant.
pub fn medecin_traitant_role() -> Code {
    let role = dmp_nomenclature::author_role::MEDECIN_TRAITANT;
    Code::new(role.code, role.system.oid, role.label)
}

/// After a fall.
pub const WRIST: Imaging = Imaging {
    title: "Radiographie du poignet droit",
    act: ("MDQK001", "Radiographie du poignet selon 1 ou 2 incidences"),
    modality: ("DX", "Radiographie numérique"),
    site: ("74670003", "articulation du poignet"),
    image_class: ("1.2.840.10008.5.1.4.1.1.1.1", "Digital X-Ray Image Storage"),
    indication: "Chute, douleur du poignet droit, recherche de fracture.",
    technique: "Deux incidences, face et profil.",
    findings: "Fracture métaphysaire distale du radius, bascule dorsale modérée. Pas d'atteinte du cubitus.",
    conclusion: "Fracture de l'extrémité inférieure du radius droit, peu déplacée.",
};

/// What patients write or keep: type, title, text.
pub const OWN_WORDS: [(&str, &str, &str); 4] = [
    (
        "EXPPAT_1",
        "Ma personne de confiance",
        "Ma personne de confiance est ma sœur. Elle a accepté et connaît mes souhaits.\nPersonne à prévenir : mon conjoint.",
    ),
    (
        "EXPPAT_3",
        "Mes directives anticipées",
        "Si je ne peux plus m'exprimer, je ne souhaite pas être maintenu en vie par des machines sans espoir de retour.\n\
         Je souhaite que ma douleur soit soulagée.",
    ),
    (
        "DOCPAT02",
        "Ordonnance de lunettes",
        "Copie de mon ordonnance de lunettes de l'an dernier : vision de loin, correction inchangée.",
    ),
    (
        "DOCPAT05",
        "Analyses faites à l'étranger",
        "Analyses faites pendant mon séjour en Espagne : numération normale, glycémie à jeun 0,94 g/L.",
    ),
];
