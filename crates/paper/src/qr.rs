//! QR codes (ISO/IEC 18004), error correction level M: a scratched card still reads.

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

use crate::PaperError;

/// Modules of white around the code (ISO/IEC 18004 §9.1).
pub(crate) const QUIET: usize = 4;

/// Dark modules, row by row; a square.
pub(crate) struct Modules {
    size: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// # Errors
    /// [`PaperError::QrTooLong`].
    pub(crate) fn of(text: &str) -> Result<Modules, PaperError> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| PaperError::QrTooLong(text.len()))?;
        let size = code.size;
        let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).map(|(x, y)| code[y][x].value());
        Ok(Modules { size, dark: dark.collect() })
    }

    /// Modules on a side.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Runs of dark modules: column, row, length.
    pub(crate) fn runs(&self) -> Vec<(usize, usize, usize)> {
        let mut runs: Vec<(usize, usize, usize)> = Vec::new();
        for (at, dark) in self.dark.iter().enumerate() {
            let (x, y) = (at % self.size, at / self.size);
            match runs.last_mut() {
                _ if !dark => {}
                Some((from, row, length)) if *row == y && *from + *length == x => *length += 1,
                _ => runs.push((x, y, 1)),
            }
        }
        runs
    }
}

/// A QR code as an SVG to put in a page: no style inside, a title that says what it opens, black on white in any theme.
/// Empty when the text is longer than a code can hold (2,331 bytes).
pub fn qr_svg(text: &str) -> String {
    let Ok(modules) = Modules::of(text) else { return String::new() };
    let side = modules.size() + 2 * QUIET;
    let mut svg = format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         shape-rendering=\"crispEdges\"><title>Code QR : {}</title><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path fill=\"#000\" d=\"",
        escaped(text)
    );
    for (x, y, length) in modules.runs() {
        let _ = write!(svg, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
    }
    svg.push_str("\"/></svg>");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_its_three_corners() {
        let modules = Modules::of("https://dmp.example.org/compte/activer").unwrap();
        let n = modules.size();
        let dark = |x: usize, y: usize| modules.dark[y * n + x];
        for (x, y) in [(0, 0), (n - 7, 0), (0, n - 7)] {
            assert!(dark(x, y) && dark(x + 6, y + 6) && dark(x + 3, y + 3) && !dark(x + 1, y + 1));
        }
        let drawn: usize = modules.runs().iter().map(|run| run.2).sum();
        assert_eq!(drawn, modules.dark.iter().filter(|d| **d).count());
    }

    #[test]
    fn an_svg_says_what_it_opens_and_carries_no_style() {
        let svg = qr_svg("https://x.example/?a=1&b=<script>\"");
        assert!(svg.contains("<title>Code QR : https://x.example/?a=1&amp;b=&lt;script&gt;&quot;</title>"));
        assert!(!svg.contains("style") && !svg.contains("<script"));
        assert_eq!(svg, qr_svg("https://x.example/?a=1&b=<script>\""));
        assert_eq!(qr_svg(&"x".repeat(3000)), "");
    }
}
