//! The two fonts: which glyph draws a character, how wide it is, where a line breaks.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::sync::LazyLock;

const REGULAR: &[u8] = include_bytes!("../fonts/AtkinsonHyperlegible-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/AtkinsonHyperlegible-Bold.ttf");

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

struct Face {
    font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| [face(REGULAR), face(BOLD)]);

fn face(bytes: &'static [u8]) -> Face {
    let reference = FontRef::new(bytes).expect("the font is one of ours (tested)");
    Face {
        font: Font::new(bytes.into(), 0).expect("the font is one of ours (tested)"),
        charmap: reference.charmap(),
        // Size 1: widths are parts of the em.
        metrics: reference.glyph_metrics(Size::new(1.0), LocationRef::default()),
    }
}

impl Weight {
    fn face(self) -> &'static Face {
        &FACES[usize::from(self == Weight::Bold)]
    }

    /// For krilla.
    pub(crate) fn font(self) -> Font {
        self.face().font.clone()
    }

    /// Glyphs of a text. A character without a glyph is drawn `?`: an accessible PDF has no blank box.
    pub(crate) fn glyphs(self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let (id, width) = self.glyph(c);
            KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    fn glyph(self, c: char) -> (u32, f32) {
        let face = self.face();
        let drawn = match c {
            '\u{a0}' | '\u{202f}' => ' ',
            '\u{2011}' => '-',
            other => other,
        };
        let found = face.charmap.map(drawn).filter(|id| id.to_u32() != 0);
        let id = found.or_else(|| face.charmap.map('?')).unwrap_or_default();
        (id.to_u32(), face.metrics.advance_width(id).unwrap_or(0.5))
    }

    /// Width of a text, in points at a size.
    pub(crate) fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.glyph(c).1).sum::<f32>() * size
    }

    /// Lines of a text within a width; a word that is wider is cut. Never none.
    pub(crate) fn lines(self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if self.width(&line, size) > width && line.chars().count() > 1 {
                    line.pop();
                    // A path or an address is cut after a `/` where it has one.
                    let rest = line.rfind('/').map(|at| line.split_off(at + 1));
                    lines.push(std::mem::take(&mut line));
                    line = rest.unwrap_or_default();
                    line.push(c);
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_drawn_whole() {
        for weight in [Weight::Regular, Weight::Bold] {
            let question = weight.glyph('?').0;
            for c in "AZaz09àâäçéèêëîïôöùûüÿœæÀÂÇÉÈÊËÎÏÔÙÛÜŸŒÆ«»’'–…•°€²³·×:;!".chars()
            {
                assert_ne!(weight.glyph(c).0, question, "{c}");
            }
            assert_eq!(weight.glyph('\u{4e2d}').0, question);
        }
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text =
            "Le dossier médical partagé vous suit partout : chez le médecin, à la pharmacie, à l'hôpital.";
        let lines = Weight::Regular.lines(text, 11.0, 160.0);
        assert!(
            lines.len() > 2 && lines.iter().all(|l| Weight::Regular.width(l, 11.0) <= 160.0),
            "{lines:?}"
        );
        assert_eq!(lines.join(" "), text);
        let cut = Weight::Bold.lines(&"x".repeat(200), 11.0, 160.0);
        assert_eq!(cut.concat().len(), 200);
        assert_eq!(Weight::Bold.lines("", 11.0, 160.0), [""]);
    }
}
