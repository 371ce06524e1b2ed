//! *Accusé de création*: what the patient takes home after an opening (ux.md 3.6: each choice, the text, the date, who
//! collected it).

use crate::PaperError;
use crate::flow::Pdf;

/// What was done, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// `DURAND Marie Jeanne`.
    pub patient: String,
    /// `12/07/1984`.
    pub born: String,
    /// `22 novembre 2026 à 10 h 42`.
    pub at: String,
    /// Who opened it, `CPAM 35, agent 014`.
    pub by: String,
    /// `Accueil d'une caisse d'assurance maladie`.
    pub channel: String,
    /// For a minor, who agreed, `MARTIN Claire, parent`.
    pub representative: Option<String>,
    /// Questions and answers.
    pub choices: Vec<(String, String)>,
    /// Version of the text that was given.
    pub text_version: String,
}

/// The receipt.
///
/// # Errors
/// [`PaperError::Write`].
pub fn acknowledgement(done: &Acknowledgement) -> Result<Vec<u8>, PaperError> {
    let mut pdf = Pdf::new("Accusé de création", "À conserver par le patient");
    pdf.heading(1, "Votre dossier est ouvert");
    pdf.paragraph("Ce papier rappelle ce que vous avez choisi. Vous pourrez tout changer.");
    let mut facts = vec![
        ("Patient", done.patient.as_str()),
        ("Né(e) le", &done.born),
        ("Ouvert le", &done.at),
        ("Par", &done.by),
        ("Où", &done.channel),
    ];
    if let Some(who) = &done.representative {
        facts.push(("Accord donné par", who));
    }
    facts.push(("Texte d'information", &done.text_version));
    pdf.facts(&facts);
    pdf.heading(2, "Vos choix");
    let rows: Vec<Vec<&str>> =
        done.choices.iter().map(|(question, answer)| vec![question.as_str(), answer.as_str()]).collect();
    if rows.is_empty() {
        pdf.paragraph("Aucun choix particulier.");
    } else {
        pdf.table(&["Question", "Réponse"], &[0.66, 0.34], &rows);
    }
    pdf.heading(2, "Vos droits");
    pdf.paragraph(
        "Vous pouvez voir qui ouvre votre dossier, masquer un document, bloquer une personne et fermer le dossier. \
         Demandez de l'aide à l'accueil ou en ligne.",
    );
    pdf.finish()
}
