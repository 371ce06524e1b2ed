//! Text that flows down A4 pages: headings, paragraphs, lists, facts, tables, a QR code.

use crate::PaperError;
use crate::canvas::{BLUE, Canvas, HEIGHT, INK, Kind, LINE, MUTED, NodeId, Style, WIDTH, mm};
use crate::font::Weight;

const LEFT: f32 = 62.0;
const RIGHT: f32 = WIDTH - 62.0;
const TOP: f32 = 104.0;
const BOTTOM: f32 = HEIGHT - 72.0;
const LEADING: f32 = 1.42;

const BODY: Style = Style::new(11.5, Weight::Regular, INK);
const STRONG: Style = Style::new(11.5, Weight::Bold, INK);
const SMALL: Style = Style::new(9.5, Weight::Regular, MUTED);

/// A document whose parts are added one after the other; pages break by themselves.
pub struct Pdf {
    canvas: Canvas,
    y: f32,
    /// Words at the foot of each page.
    foot: String,
}

impl Pdf {
    /// An empty document under the band of the service. `foot` stands at the foot of each page, with its number.
    pub fn new(title: &str, foot: &str) -> Pdf {
        let mut pdf = Pdf { canvas: Canvas::new(title), y: TOP, foot: foot.to_owned() };
        band(&mut pdf.canvas);
        pdf
    }

    /// Goes on under what is drawn already.
    pub(crate) fn under(canvas: Canvas, y: f32, foot: &str) -> Pdf {
        Pdf { canvas, y, foot: foot.to_owned() }
    }

    /// Room for that height, on this page or the next.
    fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.canvas.next_page();
            self.y = mm(22.0);
        }
    }

    /// Lines of one node from a left edge, each on the page that has room for it.
    fn lines(&mut self, node: NodeId, (left, width): (f32, f32), style: Style, text: &str) {
        let lines = style.weight.lines(text, style.size, width);
        for (number, line) in lines.iter().enumerate() {
            self.need(style.size * LEADING);
            self.y += style.size * LEADING;
            // A word break is a space, for who copies or hears the text.
            let space = if number + 1 < lines.len() { " " } else { "" };
            self.canvas.text(Some(node), (left, self.y), style, &format!("{line}{space}"));
        }
    }

    /// A heading; level 1 is the title of the document.
    pub fn heading(&mut self, level: u16, text: &str) {
        let (style, before, after) = match level {
            0 | 1 => (Style::new(23.0, Weight::Bold, BLUE), 0.0, 10.0),
            2 => (Style::new(14.5, Weight::Bold, BLUE), 16.0, 3.0),
            _ => (Style::new(12.0, Weight::Bold, INK), 10.0, 1.0),
        };
        // A heading stays with what it announces.
        self.need(before + style.size * LEADING + 40.0);
        self.y += before;
        let node = self.canvas.node(None, Kind::Heading(level.max(1), text.to_owned()));
        self.lines(node, (LEFT, RIGHT - LEFT), style, text);
        self.y += after;
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.styled(BODY, text);
    }

    /// A paragraph that stands out.
    pub fn strong(&mut self, text: &str) {
        self.styled(STRONG, text);
    }

    /// A paragraph in small letters.
    pub fn small(&mut self, text: &str) {
        self.styled(SMALL, text);
    }

    fn styled(&mut self, style: Style, text: &str) {
        let node = self.canvas.node(None, Kind::Paragraph);
        self.lines(node, (LEFT, RIGHT - LEFT), style, text);
        self.y += style.size * 0.55;
    }

    /// A list.
    pub fn list<T: AsRef<str>>(&mut self, items: &[T]) {
        if items.is_empty() {
            return;
        }
        let list = self.canvas.node(None, Kind::List);
        for item in items {
            self.need(BODY.size * LEADING);
            let entry = self.canvas.node(Some(list), Kind::Item);
            let label = self.canvas.node(Some(entry), Kind::Label);
            self.canvas.text(Some(label), (LEFT + 4.0, self.y + BODY.size * LEADING), BODY, "• ");
            let body = self.canvas.node(Some(entry), Kind::Body);
            self.lines(body, (LEFT + 18.0, RIGHT - LEFT - 18.0), BODY, item.as_ref());
            self.y += 2.5;
        }
        self.y += 5.0;
    }

    /// Names and values, side by side.
    pub fn facts<T: AsRef<str>>(&mut self, facts: &[(T, T)]) {
        if facts.is_empty() {
            return;
        }
        let rows: Vec<[&str; 2]> = facts.iter().map(|(n, v)| [n.as_ref(), v.as_ref()]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(<[_; 2]>::as_slice).collect();
        self.rows(&["", ""], &[0.34, 0.66], &rows, false);
    }

    /// A table: names of the columns, their parts of the width (their sum is 1), rows. The names come again on each page.
    pub fn table<T: AsRef<str>>(&mut self, columns: &[&str], parts: &[f32], rows: &[Vec<T>]) {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(AsRef::as_ref).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        self.rows(columns, parts, &rows, true);
    }

    fn rows(&mut self, columns: &[&str], parts: &[f32], rows: &[&[&str]], named: bool) {
        let table = self.canvas.node(None, Kind::Table);
        let names = Style::new(9.5, Weight::Bold, MUTED);
        let cells = Style::new(10.5, Weight::Regular, INK);
        if named {
            self.need(70.0);
            self.row(table, columns, parts, names, |_| Kind::HeaderCell);
        }
        for row in rows {
            let page = self.canvas.page_count();
            self.need(self.row_height(row, parts, cells));
            if named && self.canvas.page_count() > page {
                self.repeated(columns, parts, names);
            }
            // The first cell of a fact names the second.
            self.row(table, row, parts, cells, |column| {
                if !named && column == 0 { Kind::HeaderCell } else { Kind::Cell }
            });
        }
        self.y += 8.0;
    }

    fn row_height(&self, row: &[&str], parts: &[f32], style: Style) -> f32 {
        let lines = |(cell, part): (&&str, &f32)| {
            style.weight.lines(cell, style.size, part * (RIGHT - LEFT) - 8.0).len() as f32
        };
        row.iter().zip(parts).map(lines).fold(1.0, f32::max) * style.size * LEADING + 7.0
    }

    fn row(
        &mut self,
        table: NodeId,
        row: &[&str],
        parts: &[f32],
        style: Style,
        kind: impl Fn(usize) -> Kind,
    ) {
        let height = self.row_height(row, parts, style);
        let entry = self.canvas.node(Some(table), Kind::Row);
        let mut left = LEFT;
        for (column, (cell, part)) in row.iter().zip(parts).enumerate() {
            let node = self.canvas.node(Some(entry), kind(column));
            let inner = self.canvas.node(Some(node), Kind::Paragraph);
            let lines = style.weight.lines(cell, style.size, part * (RIGHT - LEFT) - 8.0);
            for (number, line) in lines.iter().enumerate() {
                let y = self.y + (number + 1) as f32 * style.size * LEADING;
                self.canvas.text(Some(inner), (left, y), style, &format!("{line} "));
            }
            left += part * (RIGHT - LEFT);
        }
        self.y += height;
        self.canvas.line((LEFT, self.y), (RIGHT, self.y), LINE, false);
    }

    /// Names of the columns again, on the next page, for the eye only.
    fn repeated(&mut self, columns: &[&str], parts: &[f32], style: Style) {
        let mut left = LEFT;
        for (name, part) in columns.iter().zip(parts) {
            self.canvas.text(None, (left, self.y + style.size * LEADING), style, name);
            left += part * (RIGHT - LEFT);
        }
        self.y += style.size * LEADING + 7.0;
        self.canvas.line((LEFT, self.y), (RIGHT, self.y), LINE, false);
    }

    /// A QR code, with what it opens written beside it.
    ///
    /// # Errors
    /// [`PaperError::QrTooLong`].
    pub fn qr(&mut self, address: &str, says: &str) -> Result<(), PaperError> {
        let side = mm(32.0);
        self.need(side + 12.0);
        let top = self.y + 6.0;
        let figure = self.canvas.node(None, Kind::Figure(format!("Code QR : {says} {address}")));
        self.canvas.qr(figure, (LEFT - 8.0, top), side, address)?;
        self.y = top + 12.0;
        let words = (LEFT + side + 6.0, RIGHT - LEFT - side - 6.0);
        let node = self.canvas.node(None, Kind::Paragraph);
        self.lines(node, words, STRONG, says);
        let node = self.canvas.node(None, Kind::Paragraph);
        self.lines(node, words, SMALL, address);
        self.y = self.y.max(top + side) + 6.0;
        Ok(())
    }

    /// White space.
    pub fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`PaperError::Write`].
    pub fn finish(mut self) -> Result<Vec<u8>, PaperError> {
        let count = self.canvas.page_count();
        for page in 0..count {
            let number = format!("page {} sur {count}", page + 1);
            let y = HEIGHT - mm(14.0);
            let width = SMALL.weight.width(&number, SMALL.size);
            self.canvas.foot(page, (LEFT, y), SMALL, &self.foot);
            self.canvas.foot(page, (RIGHT - width, y), SMALL, &number);
        }
        self.canvas.finish()
    }
}

/// The name of the service over a first page.
pub(crate) fn band(canvas: &mut Canvas) {
    canvas.fill((0.0, 0.0), (WIDTH, 9.0), BLUE);
    let name = Style::new(11.0, Weight::Bold, BLUE);
    canvas.text(None, (LEFT, 46.0), name, "Dossier médical partagé");
    canvas.line((LEFT, 58.0), (RIGHT, 58.0), LINE, false);
}
