//! A letter for a window envelope (NF Z 11-001: address on the right, 50 mm from the top).

use crate::PaperError;
use crate::canvas::{Canvas, INK, Kind, Style, WIDTH, mm};
use crate::flow::{Pdf, band};
use crate::font::Weight;

/// A letter. `to` is the address, one line each; the paragraphs of `text` are set apart by an empty line, and the first
/// one is its subject.
///
/// # Errors
/// [`PaperError::Write`].
pub fn letter(to: &str, text: &str) -> Result<Vec<u8>, PaperError> {
    let mut parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let subject = parts.next().unwrap_or("Courrier");
    let mut canvas = Canvas::new(subject);
    band(&mut canvas);
    let style = Style::new(11.5, Weight::Regular, INK);
    let address = canvas.node(None, Kind::Paragraph);
    for (number, line) in to.lines().take(6).enumerate() {
        let y = mm(54.0) + number as f32 * 16.0;
        for line in style.weight.lines(line, style.size, WIDTH - mm(118.0)).iter().take(1) {
            canvas.text(Some(address), (mm(110.0), y), style, &format!("{line} "));
        }
    }
    let mut pdf = Pdf::under(canvas, mm(98.0), "");
    pdf.heading(1, subject);
    for part in parts {
        pdf.paragraph(&part.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    pdf.finish()
}
