//! A page of text as PDF 1.4: enough for the letters of the demo, which are not worth a typesetter.

use std::fmt::Write as _;

/// Most characters on a line.
const COLUMNS: usize = 92;
/// Most lines on the page; what is beyond is left out.
const LINES: usize = 54;

/// One page: a title, then paragraphs, a line each.
pub fn page(title: &str, text: &str) -> Vec<u8> {
    let mut content = String::from("BT /B 15 Tf 56 780 Td 16 TL (");
    content.push_str(&escaped(title));
    content.push_str(") Tj /R 10.5 Tf T* T*\n");
    for line in text.lines().flat_map(wrapped).take(LINES) {
        let _ = writeln!(content, "({}) Tj T*", escaped(&line));
    }
    content.push_str("ET\n");
    let font = |name: &str| format!("<</Type/Font/Subtype/Type1/BaseFont/{name}/Encoding/WinAnsiEncoding>>");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Resources<</Font<</R 4 0 R/B 5 0 R>>>>>>"
            .to_owned(),
        font("Helvetica"),
        font("Helvetica-Bold"),
    ];
    let content = win_ansi(&content);
    let mut pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    offsets.push(pdf.len());
    pdf.extend(format!("6 0 obj\n<</Length {}>>\nstream\n", content.len()).bytes());
    pdf.extend(content);
    pdf.extend(b"endstream\nendobj\n");
    let table = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).bytes());
    for offset in &offsets {
        pdf.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let end = format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", offsets.len() + 1);
    pdf.extend(end.bytes());
    pdf
}

/// Words of a line over as many lines as they need.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if last.chars().count() + word.chars().count() < COLUMNS {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}

/// Windows-1252, the encoding of the fonts.
fn win_ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            '’' => 0x92,
            'œ' => 0x9c,
            'Œ' => 0x8c,
            '–' => 0x96,
            '…' => 0x85,
            '€' => 0x80,
            '≥' | '≤' => b'=',
            c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_where_the_table_says() {
        let pdf = page("Compte rendu (été)", "Première ligne\nSeconde ligne, « entre guillemets »");
        assert!(pdf.starts_with(b"%PDF-1.4") && pdf.ends_with(b"%%EOF\n"));
        let end = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
        let table: usize = end.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        let table = String::from_utf8(pdf[table..].to_vec()).unwrap();
        assert!(table.starts_with("xref\n0 7\n"));
        for (number, row) in table.lines().skip(3).take(6).enumerate() {
            let offset: usize = row[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", number + 1).as_bytes()), "{row}");
        }
        let title = b"(Compte rendu \\(\xe9t\xe9\\)) Tj";
        assert!(pdf.windows(title.len()).any(|window| window == title));
    }

    #[test]
    fn long_lines_are_cut_between_words() {
        let lines = wrapped(&"mot ".repeat(60));
        assert!(lines.len() > 2 && lines.iter().all(|line| line.chars().count() <= COLUMNS));
    }
}
