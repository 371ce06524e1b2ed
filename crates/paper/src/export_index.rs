//! What an export holds, as a PDF that one can read without any software (design 3; issue: zip, XDM and PDF index).

use crate::PaperError;
use crate::flow::Pdf;

/// A document of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Date of the act, `12 mars 2026`.
    pub date: String,
    /// Title.
    pub title: String,
    /// Kind, `Compte rendu d'imagerie`.
    pub kind: String,
    /// Author and structure.
    pub author: String,
    /// Its file in the archive.
    pub file: String,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportIndex {
    /// `DURAND Marie Jeanne`.
    pub patient: String,
    /// `12/07/1984`.
    pub born: String,
    /// `22 novembre 2026 à 10 h 42`.
    pub at: String,
    /// Its documents, latest first.
    pub rows: Vec<ExportRow>,
}

/// The index.
///
/// # Errors
/// [`PaperError::Write`].
pub fn index_of_export(export: &ExportIndex) -> Result<Vec<u8>, PaperError> {
    let mut pdf = Pdf::new("Copie de votre dossier", &format!("Copie du {}", export.at));
    pdf.heading(1, "Copie de votre dossier");
    let count = match export.rows.len() {
        0 => "aucun document".to_owned(),
        1 => "1 document".to_owned(),
        n => format!("{n} documents"),
    };
    pdf.facts(&[
        ("Patient", export.patient.as_str()),
        ("Né(e) le", &export.born),
        ("Copie faite le", &export.at),
        ("Contenu", &count),
    ]);
    if !export.rows.is_empty() {
        pdf.heading(2, "Documents");
        let rows: Vec<Vec<&str>> = export
            .rows
            .iter()
            .map(|row| vec![&*row.date, &*row.title, &*row.kind, &*row.author, &*row.file])
            .collect();
        pdf.table(&["Date", "Titre", "Sorte", "Auteur", "Fichier"], &[0.15, 0.26, 0.15, 0.22, 0.22], &rows);
    }
    pdf.small("Ces fichiers contiennent des informations de santé. Gardez-les en lieu sûr.");
    pdf.finish()
}
