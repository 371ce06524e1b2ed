//! The emergency card: what a rescuer must know, in the size of a bank card (ISO/IEC 7810 ID-1, 85.6 × 54 mm), to cut and
//! fold.

use crate::PaperError;
use crate::canvas::{BLUE, Canvas, INK, Ink, Kind, LINE, MUTED, RED, Style, WIDTH, mm};
use crate::font::Weight;

/// A part of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSection {
    /// `Allergies`.
    pub heading: String,
    /// Short lines; an empty list leaves the part out.
    pub lines: Vec<String>,
    /// In red: allergies, and nothing else.
    pub alert: bool,
}

/// Whom to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardContact {
    /// `Paul Durand (époux)`.
    pub name: String,
    /// `06 00 00 00 00`.
    pub phone: String,
}

/// The card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyCard {
    /// `DURAND Marie`.
    pub name: String,
    /// `12/07/1984`.
    pub born: String,
    /// Parts, the most important first.
    pub sections: Vec<CardSection>,
    /// Whom to call.
    pub contacts: Vec<CardContact>,
    /// Where a professional opens the dossier; no health data and no INS in it.
    pub address: String,
    /// `22 novembre 2026`: how fresh all this is.
    pub date: String,
}

const CARD: (f32, f32) = (85.6, 54.0);

/// A sheet with the card, both faces side by side: cut around, fold in the middle.
///
/// # Errors
/// [`PaperError`].
pub fn emergency_card(card: &EmergencyCard) -> Result<Vec<u8>, PaperError> {
    let mut canvas = Canvas::new("Carte d'urgence");
    let (width, height) = (mm(CARD.0), mm(CARD.1));
    let left = (WIDTH - 2.0 * width) / 2.0;
    let top = mm(60.0);
    let body = Style::new(11.5, Weight::Regular, INK);
    let node = canvas.node(None, Kind::Heading(1, "Carte d'urgence".to_owned()));
    canvas.text(Some(node), (left, mm(28.0)), Style::new(23.0, Weight::Bold, BLUE), "Carte d'urgence");
    for (number, words) in [
        "Découpez le contour, pliez au milieu, gardez la carte avec votre carte Vitale.",
        "Imprimez-la de nouveau quand vos informations changent.",
    ]
    .into_iter()
    .enumerate()
    {
        let node = canvas.node(None, Kind::Paragraph);
        canvas.text(Some(node), (left, mm(38.0) + number as f32 * 17.0), body, words);
    }
    frame(&mut canvas, (left, top), (2.0 * width, height));
    canvas.line((left + width, top), (left + width, top + height), LINE, true);
    front(&mut canvas, card, (left, top), (width, height));
    back(&mut canvas, card, (left + width, top), (width, height))?;
    canvas.finish()
}

fn frame(canvas: &mut Canvas, (x, y): (f32, f32), (width, height): (f32, f32)) {
    let (right, bottom) = (x + width, y + height);
    for (from, to) in [
        ((x, y), (right, y)),
        ((right, y), (right, bottom)),
        ((right, bottom), (x, bottom)),
        ((x, bottom), (x, y)),
    ] {
        canvas.line(from, to, LINE, false);
    }
}

/// Name, then the parts, as many lines as fit.
fn front(canvas: &mut Canvas, card: &EmergencyCard, (x, y): (f32, f32), (width, height): (f32, f32)) {
    canvas.fill((x, y), (width, 16.0), BLUE);
    let white = Style::new(8.0, Weight::Bold, (255, 255, 255));
    canvas.text(None, (x + 9.0, y + 11.0), white, "URGENCE : 15 ou 112");
    let node = canvas.node(None, Kind::Heading(2, card.name.clone()));
    let name = Style::new(11.0, Weight::Bold, INK);
    let shown = name.weight.lines(&card.name, name.size, width - 18.0);
    canvas.text(Some(node), (x + 9.0, y + 31.0), name, &format!("{} ", shown[0]));
    let node = canvas.node(None, Kind::Paragraph);
    let born = format!("Né(e) le {}. Informations du {}.", card.born, card.date);
    canvas.text(Some(node), (x + 9.0, y + 42.0), Style::new(7.5, Weight::Regular, MUTED), &born);
    let mut line = Writer { canvas, x: x + 9.0, y: y + 46.0, width: width - 18.0, bottom: y + height - 5.0 };
    for section in card.sections.iter().filter(|s| !s.lines.is_empty()) {
        let ink = if section.alert { RED } else { BLUE };
        line.write(
            Style::new(8.0, Weight::Bold, ink),
            &format!("{} : ", section.heading),
            &section.lines.join(" ; "),
        );
    }
}

/// Whom to call, and the code that opens the dossier.
fn back(
    canvas: &mut Canvas,
    card: &EmergencyCard,
    (x, y): (f32, f32),
    (width, height): (f32, f32),
) -> Result<(), PaperError> {
    let side = mm(30.0);
    let mut line =
        Writer { canvas, x: x + 9.0, y: y + 8.0, width: width - side - 20.0, bottom: y + height - 5.0 };
    for contact in &card.contacts {
        line.write(
            Style::new(8.0, Weight::Bold, BLUE),
            "Prévenir : ",
            &format!("{}, {}", contact.name, contact.phone),
        );
    }
    line.write(
        Style::new(8.0, Weight::Bold, BLUE),
        "Soignants : ",
        "le carré ouvre le dossier, après votre identification. Chaque accès est noté.",
    );
    let figure = line.canvas.node(None, Kind::Figure(format!("Code QR : ouvre {}", card.address)));
    line.canvas.qr(figure, (x + width - side - 6.0, y + 8.0), side, &card.address)?;
    let node = line.canvas.node(None, Kind::Paragraph);
    let small = Style::new(7.0, Weight::Regular, MUTED);
    line.canvas.text(Some(node), (x + width - side, y + side + 16.0), small, &format!("au {}", card.date));
    Ok(())
}

/// Writes small lines until the card is full.
struct Writer<'a> {
    canvas: &'a mut Canvas,
    x: f32,
    y: f32,
    width: f32,
    bottom: f32,
}

impl Writer<'_> {
    fn write(&mut self, label: Style, name: &str, text: &str) {
        let words = Style::new(8.0, Weight::Regular, INK as Ink);
        if self.y + 10.5 > self.bottom {
            return;
        }
        let node = self.canvas.node(None, Kind::Paragraph);
        self.y += 10.5;
        self.canvas.text(Some(node), (self.x, self.y), label, name);
        let mut left = label.weight.width(name, label.size);
        // The first line starts after the name; words go on below, over the whole width.
        let mut rest: Vec<&str> = text.split(' ').collect();
        while !rest.is_empty() {
            let room = self.width - left;
            let fits = |count: usize| words.weight.width(&rest[..count].join(" "), words.size) <= room;
            let count = (1..=rest.len()).rev().find(|count| fits(*count));
            let count = match count {
                Some(count) => count,
                None if left > 0.0 => 0,
                None => 1,
            };
            let line: String = rest.drain(..count).collect::<Vec<_>>().join(" ");
            if count > 0 {
                self.canvas.text(Some(node), (self.x + left, self.y), words, &format!("{line} "));
            }
            left = 0.0;
            if !rest.is_empty() {
                if self.y + 10.0 > self.bottom {
                    self.canvas.text(Some(node), (self.x + self.width - 6.0, self.y), words, "…");
                    return;
                }
                self.y += 10.0;
            }
        }
    }
}
