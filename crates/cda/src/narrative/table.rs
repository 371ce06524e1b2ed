//! Tables of the narrative: every cell has its row, every heading its scope, no text is lost.

use dmp_xml::Node;

use super::Renderer;
use crate::node::Hl7;

/// Widest cell (CDA-54).
const MAX_SPAN: u64 = 100;

impl<'d, 'a> Renderer<'_, 'd, 'a> {
    pub(super) fn table(&mut self, node: Node<'d, 'a>) {
        self.open("table", node, &[]);
        if let Some(caption) = node.child("caption") {
            self.block("caption", caption);
        }
        for child in node.children().filter(Node::is_element) {
            let name = ["thead", "tfoot", "tbody"].into_iter().find(|name| child.is(name));
            match name {
                Some(name) => {
                    self.open(name, child, &[]);
                    for row in child.children().filter(Node::is_element) {
                        self.row(row, name == "thead");
                    }
                    self.html.close();
                }
                // Columns only carry layout.
                None if ["caption", "col", "colgroup"].into_iter().any(|name| child.is(name)) => {}
                None => self.row(child, false),
            }
        }
        self.html.close();
    }

    /// A row; anything else found where a row stands is shown as a row of one cell.
    fn row(&mut self, node: Node<'d, 'a>, in_head: bool) {
        if self.html.is_full() {
            return;
        }
        if !node.is("tr") {
            self.html.open("tr", &[]);
            self.cell(node, in_head);
            self.html.close();
            return;
        }
        self.open("tr", node, &[]);
        // Real tables often have their headings in a first row of `th` without `thead`.
        let is_heading = in_head || !node.children().any(|cell| cell.is("td"));
        for cell in node.children().filter(Node::is_element) {
            self.cell(cell, is_heading);
        }
        self.html.close();
    }

    fn cell(&mut self, node: Node<'d, 'a>, in_heading_row: bool) {
        let span = |attribute| {
            let span: u64 = node.attr(attribute)?.parse().ok()?;
            (span > 1).then(|| span.min(MAX_SPAN).to_string())
        };
        let (columns, rows) = (span("colspan"), span("rowspan"));
        let mut attributes = Vec::new();
        attributes.extend(columns.as_deref().map(|span| ("colspan", span)));
        attributes.extend(rows.as_deref().map(|span| ("rowspan", span)));
        if node.is("th") {
            attributes.push(("scope", if in_heading_row { "col" } else { "row" }));
            self.open("th", node, &attributes);
        } else {
            self.open("td", node, &attributes);
        }
        if node.is("th") || node.is("td") {
            self.styled(node, |renderer| renderer.inside(node));
        } else {
            self.element(node);
        }
        self.html.close();
    }
}
