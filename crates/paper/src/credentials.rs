//! The sealed print: login, one-time secret and activation address, on a sheet folded in three that the patient opens
//! alone. The agent prints it and never reads it: the words are in the middle third, face inside once folded.

use crate::PaperError;
use crate::canvas::{BLUE, Canvas, HEIGHT, INK, Kind, LINE, MUTED, Style, WIDTH, mm};
use crate::font::Weight;

/// What the sheet holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedCredentials {
    /// `DURAND Marie Jeanne`: all that shows outside.
    pub patient: String,
    /// What the patient types first.
    pub login: String,
    /// One-time secret.
    pub secret: String,
    /// Where the account is activated.
    pub address: String,
    /// `22 novembre 2026`.
    pub date: String,
}

const LEFT: f32 = 62.0;

/// The sheet.
///
/// # Errors
/// [`PaperError`].
pub fn sealed_credentials(sealed: &SealedCredentials) -> Result<Vec<u8>, PaperError> {
    let mut canvas = Canvas::new("Codes d'accès, à ouvrir par le patient seul");
    let third = HEIGHT / 3.0;
    let big = Style::new(20.0, Weight::Bold, BLUE);
    let strong = Style::new(12.5, Weight::Bold, INK);
    let body = Style::new(11.5, Weight::Regular, INK);
    let small = Style::new(9.5, Weight::Regular, MUTED);

    // The lower third folds up over the codes, the upper one goes behind: it alone shows.
    canvas.fill((0.0, 0.0), (WIDTH, 9.0), BLUE);
    let heading = Kind::Heading(1, "À ouvrir par le patient seul".to_owned());
    let node = canvas.node(None, heading);
    canvas.text(Some(node), (LEFT, 92.0), big, "À ouvrir par le patient seul");
    for (y, style, text) in [
        (122.0, strong, sealed.patient.as_str()),
        (146.0, body, "Dossier médical partagé : vos codes pour entrer la première fois."),
        (170.0, small, "Repliez le bas sur les codes, puis le haut vers l'arrière : ce texte reste dehors."),
        (186.0, small, "Personne d'autre ne doit lire ces codes, même à l'accueil."),
    ] {
        let node = canvas.node(None, Kind::Paragraph);
        canvas.text(Some(node), (LEFT, y), style, text);
    }
    canvas.line((0.0, third), (WIDTH, third), LINE, true);

    let side = mm(38.0);
    let top = third + 34.0;
    let node = canvas.node(None, Kind::Heading(2, "Vos codes".to_owned()));
    canvas.text(Some(node), (LEFT, top + 10.0), Style::new(15.0, Weight::Bold, BLUE), "Vos codes");
    let code = Style::new(19.0, Weight::Bold, INK);
    for (number, (name, value)) in
        [("Identifiant", &sealed.login), ("Code, valable une fois", &sealed.secret)].into_iter().enumerate()
    {
        let y = top + 44.0 + number as f32 * 52.0;
        let node = canvas.node(None, Kind::Paragraph);
        canvas.text(Some(node), (LEFT, y), small, &format!("{name} "));
        let size = fitting(code, value, WIDTH - 2.0 * LEFT - side - 14.0);
        canvas.text(Some(node), (LEFT, y + 22.0), size, value);
    }
    let node = canvas.node(None, Kind::Paragraph);
    canvas.text(
        Some(node),
        (LEFT, top + 152.0),
        small,
        "Il n'y a ni zéro, ni lettre O, ni chiffre 1, ni lettre I. ",
    );
    canvas.text(Some(node), (LEFT, top + 166.0), small, &format!("Feuille préparée le {}.", sealed.date));
    let figure = canvas.node(None, Kind::Figure(format!("Code QR : ouvre {}", sealed.address)));
    canvas.qr(figure, (WIDTH - LEFT - side, top + 6.0), side, &sealed.address)?;
    let node = canvas.node(None, Kind::Paragraph);
    let words = small.weight.lines("Scannez avec votre téléphone.", small.size, side);
    for (number, line) in words.iter().enumerate() {
        let y = top + side + 20.0 + number as f32 * 13.0;
        canvas.text(Some(node), (WIDTH - LEFT - side + 8.0, y), small, &format!("{line} "));
    }
    canvas.line((0.0, 2.0 * third), (WIDTH, 2.0 * third), LINE, true);

    let top = 2.0 * third + 36.0;
    let node = canvas.node(None, Kind::Heading(2, "Comment faire".to_owned()));
    canvas.text(Some(node), (LEFT, top), Style::new(15.0, Weight::Bold, BLUE), "Comment faire");
    let list = canvas.node(None, Kind::List);
    let steps = [
        format!("Ouvrez {} ou scannez le carré.", sealed.address),
        "Tapez l'identifiant et le code.".to_owned(),
        "Choisissez votre mot de passe, ou une clé d'accès.".to_owned(),
        "Détruisez cette feuille. Le code ne sert plus.".to_owned(),
    ];
    let mut y = top + 24.0;
    for (number, step) in steps.iter().enumerate() {
        let item = canvas.node(Some(list), Kind::Item);
        let label = canvas.node(Some(item), Kind::Label);
        canvas.text(Some(label), (LEFT, y), strong, &format!("{} ", number + 1));
        let node = canvas.node(Some(item), Kind::Body);
        for line in body.weight.lines(step, body.size, WIDTH - 2.0 * LEFT - 20.0) {
            canvas.text(Some(node), (LEFT + 20.0, y), body, &format!("{line} "));
            y += 17.0;
        }
        y += 5.0;
    }
    let node = canvas.node(None, Kind::Paragraph);
    canvas.text(
        Some(node),
        (LEFT, y + 8.0),
        small,
        "Feuille perdue : demandez de nouveaux codes à l'accueil.",
    );
    canvas.finish()
}

/// The style, smaller when the text is too long for a width.
fn fitting(style: Style, text: &str, width: f32) -> Style {
    let wide = style.weight.width(text, style.size);
    if wide <= width { style } else { Style { size: style.size * width / wide, ..style } }
}
