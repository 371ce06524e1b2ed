//! The leaflet that is given and explained before a dossier is opened (CSP L.1111-14; ux.md 3.6, 3.8).

use crate::PaperError;
use crate::flow::Pdf;

/// Version of the information text, kept with each consent.
pub const INFORMATION_VERSION: &str = "2026-11";

/// The leaflet, one sheet.
///
/// # Errors
/// [`PaperError::Write`].
pub fn leaflet() -> Result<Vec<u8>, PaperError> {
    let foot = format!("Information des patients, version {INFORMATION_VERSION}");
    let mut pdf = Pdf::new("Votre dossier médical partagé", &foot);
    pdf.heading(1, "Votre dossier médical partagé");
    pdf.paragraph(
        "Un dossier en ligne, sécurisé, qui garde vos documents de santé. Il est gratuit. Vous choisissez.",
    );
    pdf.heading(2, "À quoi il sert");
    pdf.list(&[
        "Vos soignants retrouvent vos traitements, allergies et résultats.",
        "Vous évitez de répéter les mêmes examens.",
        "En urgence, on connaît ce qui compte pour vous soigner.",
    ]);
    pdf.heading(2, "Vos droits");
    pdf.list(&[
        "Vous pouvez dire oui ou non. Refuser ne change rien à vos soins ni à vos remboursements.",
        "Vous décidez quels soignants ouvrent votre dossier. Vous pouvez en bloquer.",
        "Vous pouvez masquer un document. Seuls son auteur et votre médecin traitant le voient encore.",
        "Vous voyez qui a ouvert votre dossier, quand et pourquoi.",
        "Votre employeur, votre banque et votre mutuelle n'y entrent jamais.",
    ]);
    pdf.heading(2, "En cas d'urgence");
    pdf.paragraph(
        "Le Samu et les soignants peuvent ouvrir votre dossier si votre vie est en danger. Vous êtes toujours prévenu. \
         Vous pouvez vous y opposer, tout de suite ou plus tard.",
    );
    pdf.heading(2, "Fermer votre dossier");
    pdf.paragraph(
        "Vous pouvez le fermer à tout moment. Il est alors gardé dix ans, puis effacé. Vous pouvez demander une copie, \
         le rouvrir, ou demander sa destruction.",
    );
    pdf.heading(2, "Et ensuite");
    pdf.paragraph(
        "Vous recevez vos codes dans une feuille pliée, ou par message. Ouvrez-la seul. Vous choisissez ensuite votre \
         mot de passe. Vous pourrez changer tous vos choix.",
    );
    pdf.strong("En cas d'urgence, appelez le 15 ou le 112.");
    pdf.finish()
}
