//! Pages of marks, and the tree that says what the marks are; both become a tagged PDF at the end.
//!
//! Coordinates are points (1/72 inch) from the top left corner. A mark that belongs to no node is an artifact: a line,
//! a background, a page number, which a screen reader leaves out.

use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};
use std::num::NonZeroU16;

use crate::PaperError;
use crate::font::Weight;
use crate::qr::Modules;

/// Width of an A4 page.
pub(crate) const WIDTH: f32 = 595.28;
/// Height of an A4 page.
pub(crate) const HEIGHT: f32 = 841.89;

/// Points of a length in millimetres.
pub(crate) fn mm(length: f32) -> f32 {
    length * 72.0 / 25.4
}

/// Red, green, blue.
pub(crate) type Ink = (u8, u8, u8);
/// Text.
pub(crate) const INK: Ink = (22, 28, 36);
/// Secondary text; 7:1 on white.
pub(crate) const MUTED: Ink = (72, 82, 94);
/// Headings and the band of the service.
pub(crate) const BLUE: Ink = (18, 52, 77);
/// Allergies and emergencies, nothing else.
pub(crate) const RED: Ink = (166, 24, 24);
/// Lines.
pub(crate) const LINE: Ink = (176, 184, 192);

/// A place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(usize);

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Level and text; the text goes in the outline.
    Heading(u16, String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    Row,
    HeaderCell,
    Cell,
    /// With the words that say what is drawn.
    Figure(String),
}

struct Entry {
    kind: Kind,
    children: Vec<Child>,
}

#[derive(Clone, Copy)]
enum Child {
    Node(usize),
    Mark { page: usize, mark: usize },
}

enum Shape {
    Text { x: f32, y: f32, size: f32, weight: Weight, ink: Ink, text: String },
    Fill { x: f32, y: f32, width: f32, height: f32, ink: Ink },
    Line { from: (f32, f32), to: (f32, f32), ink: Ink, dash: bool },
    Qr { x: f32, y: f32, side: f32, modules: Modules },
}

struct Mark {
    shape: Shape,
    tagged: bool,
}

/// Words of one look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    pub(crate) ink: Ink,
}

impl Style {
    pub(crate) const fn new(size: f32, weight: Weight, ink: Ink) -> Style {
        Style { size, weight, ink }
    }
}

/// A document being drawn.
pub(crate) struct Canvas {
    title: String,
    pages: Vec<Vec<Mark>>,
    nodes: Vec<Entry>,
    roots: Vec<usize>,
    /// Headings: text, page, height.
    outline: Vec<(String, usize, f32)>,
}

impl Canvas {
    /// A document of one empty page.
    pub(crate) fn new(title: &str) -> Canvas {
        Canvas {
            title: title.to_owned(),
            pages: vec![Vec::new()],
            nodes: Vec::new(),
            roots: Vec::new(),
            outline: Vec::new(),
        }
    }

    /// Goes on on another page.
    pub(crate) fn next_page(&mut self) {
        self.pages.push(Vec::new());
    }

    /// Pages so far.
    pub(crate) fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// A node, in reading order, inside another or at the top.
    pub(crate) fn node(&mut self, inside: Option<NodeId>, kind: Kind) -> NodeId {
        let id = self.nodes.len();
        self.nodes.push(Entry { kind, children: Vec::new() });
        match inside {
            Some(NodeId(parent)) => self.nodes[parent].children.push(Child::Node(id)),
            None => self.roots.push(id),
        }
        NodeId(id)
    }

    fn mark(&mut self, page: usize, node: Option<NodeId>, shape: Shape) {
        let mark = self.pages[page].len();
        self.pages[page].push(Mark { shape, tagged: node.is_some() });
        if let Some(NodeId(id)) = node {
            self.nodes[id].children.push(Child::Mark { page, mark });
        }
    }

    /// One line of text; `y` is its base line.
    pub(crate) fn text(&mut self, node: Option<NodeId>, (x, y): (f32, f32), style: Style, text: &str) {
        let page = self.pages.len() - 1;
        if let Some(NodeId(id)) = node
            && let Entry { kind: Kind::Heading(_, words), children } = &self.nodes[id]
            && children.is_empty()
        {
            self.outline.push((words.clone(), page, y - style.size));
        }
        let Style { size, weight, ink } = style;
        self.mark(page, node, Shape::Text { x, y, size, weight, ink, text: text.to_owned() });
    }

    /// A line of text at the foot of a page that is already drawn, outside the reading order.
    pub(crate) fn foot(&mut self, page: usize, (x, y): (f32, f32), style: Style, text: &str) {
        let Style { size, weight, ink } = style;
        self.mark(page, None, Shape::Text { x, y, size, weight, ink, text: text.to_owned() });
    }

    /// A filled rectangle.
    pub(crate) fn fill(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        self.mark(self.pages.len() - 1, None, Shape::Fill { x, y, width, height, ink });
    }

    /// A thin line; dashed where one folds or cuts.
    pub(crate) fn line(&mut self, from: (f32, f32), to: (f32, f32), ink: Ink, dash: bool) {
        self.mark(self.pages.len() - 1, None, Shape::Line { from, to, ink, dash });
    }

    /// A QR code with its white margin, within a square.
    ///
    /// # Errors
    /// [`PaperError::QrTooLong`].
    pub(crate) fn qr(
        &mut self,
        node: NodeId,
        (x, y): (f32, f32),
        side: f32,
        text: &str,
    ) -> Result<(), PaperError> {
        let modules = Modules::of(text)?;
        self.mark(self.pages.len() - 1, Some(node), Shape::Qr { x, y, side, modules });
        Ok(())
    }

    /// The PDF.
    ///
    /// # Errors
    /// [`PaperError::Write`].
    pub(crate) fn finish(self) -> Result<Vec<u8>, PaperError> {
        let write = |error: &dyn std::fmt::Debug| PaperError::Write(format!("{error:?}"));
        let accessible = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| write(&error))?;
        let mut document = Document::new_with(SerializeSettings {
            configuration: accessible,
            ..SerializeSettings::default()
        });
        let mut drawn: Vec<Vec<Option<Identifier>>> = Vec::new();
        for marks in &self.pages {
            let settings =
                PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| PaperError::Write("A4".to_owned()))?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            drawn.push(marks.iter().map(|mark| draw(&mut surface, mark)).collect());
            surface.finish();
            page.finish();
        }
        let mut tree = TagTree::new().with_lang(Some("fr".to_owned()));
        for root in &self.roots {
            tree.push(self.group(*root, &mut drawn));
        }
        let mut outline = Outline::new();
        for (text, page, y) in &self.outline {
            let place = XyzDestination::new(*page, Point::from_xy(0.0, *y));
            outline.push_child(OutlineNode::new(text.clone(), place));
        }
        document.set_tag_tree(tree);
        document.set_outline(outline);
        document.set_metadata(
            Metadata::new()
                .title(self.title.clone())
                .language("fr".to_owned())
                .creator("dmp".to_owned())
                .producer("dmp".to_owned()),
        );
        document.finish().map_err(|error| write(&error))
    }

    fn group(&self, node: usize, drawn: &mut [Vec<Option<Identifier>>]) -> TagGroup {
        let entry = &self.nodes[node];
        let mut group = TagGroup::new(tag(&entry.kind));
        for child in &entry.children {
            match child {
                Child::Node(inner) => group.push(self.group(*inner, drawn)),
                Child::Mark { page, mark } => {
                    if let Some(identifier) = drawn[*page][*mark].take() {
                        group.push(Node::Leaf(identifier));
                    }
                }
            }
        }
        group
    }
}

fn tag(kind: &Kind) -> TagKind {
    match kind {
        Kind::Heading(level, text) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::List => Tag::L(ListNumbering::None).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Label => Tag::Lbl.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::HeaderCell => Tag::TH(TableHeaderScope::Column).into(),
        Kind::Cell => Tag::TD.into(),
        Kind::Figure(says) => Tag::Figure(Some(says.clone())).into(),
    }
}

fn fill((red, green, blue): Ink) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

/// Draws a mark; what the tree calls it by, when it belongs there.
fn draw(surface: &mut Surface<'_>, mark: &Mark) -> Option<Identifier> {
    let tag = match (&mark.shape, mark.tagged) {
        (_, false) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        (Shape::Text { .. }, true) => ContentTag::Span(SpanTag::empty()),
        (_, true) => ContentTag::Other,
    };
    let identifier = surface.start_tagged(tag);
    surface.set_stroke(None);
    match &mark.shape {
        Shape::Text { x, y, size, weight, ink, text } => {
            surface.set_fill(Some(fill(*ink)));
            let glyphs = weight.glyphs(text);
            surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, weight.font(), text, *size, false);
        }
        Shape::Fill { x, y, width, height, ink } => {
            surface.set_fill(Some(fill(*ink)));
            rectangles(surface, [(*x, *y, *width, *height)]);
        }
        Shape::Line { from, to, ink: (red, green, blue), dash } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: rgb::Color::new(*red, *green, *blue).into(),
                width: 0.6,
                dash: dash.then(|| StrokeDash { array: vec![4.0, 3.0], offset: 0.0 }),
                ..Stroke::default()
            }));
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Shape::Qr { x, y, side, modules } => {
            surface.set_fill(Some(fill((0, 0, 0))));
            let module = side / (modules.size() + 2 * crate::qr::QUIET) as f32;
            let at = |column: usize| (column + crate::qr::QUIET) as f32 * module;
            let runs = modules.runs();
            let squares = runs.iter().map(|(column, row, length)| {
                (x + at(*column), y + at(*row), *length as f32 * module, module)
            });
            rectangles(surface, squares);
        }
    }
    surface.end_tagged();
    mark.tagged.then_some(identifier)
}

/// As one path.
fn rectangles(surface: &mut Surface<'_>, all: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in all {
        if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rectangle);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
