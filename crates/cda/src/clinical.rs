//! The pieces that coded entries are made of: concepts, quantities, periods, and the narrative they point to.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;

use dmp_dossier::code::Code;
use dmp_dossier::time::Dtm;
use dmp_xml::Node;

use crate::node::Hl7;
use crate::timestamp;

/// Something coded, with the words for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Concept {
    /// The words: the code's label, else the narrative the entry points to, else a translation's label.
    pub text: String,
    /// The code and its translations to other systems, in order; empty when only words were given.
    pub codes: Vec<Code>,
}

impl Concept {
    /// True when there is neither a code nor a word.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.codes.is_empty()
    }
}

/// A period, open where a bound is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// First instant.
    pub start: Option<Dtm>,
    /// Last instant.
    pub stop: Option<Dtm>,
}

/// A number as written, with its UCUM unit (empty when none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// Decimal as written: rounding would invent precision.
    pub value: String,
    /// Unit as written.
    pub unit: String,
}

impl fmt::Display for Quantity {
    /// `1,5 g/L`, with the French decimal comma; UCUM annotations lose their braces (`{tablet}`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.replace('.', ","))?;
        match self.unit.trim_matches(['{', '}']) {
            "" | "1" => Ok(()),
            unit => write!(f, " {unit}"),
        }
    }
}

/// Value of an observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `PQ`, `INT`, `REAL`, `MO`.
    Quantity(Quantity),
    /// `IVL_PQ` and other intervals, either bound may be open.
    Range {
        /// Lower bound.
        low: Option<Quantity>,
        /// Upper bound.
        high: Option<Quantity>,
    },
    /// `CD`, `CE`, `CO`…
    Concept(Concept),
    /// `ST`, `ED`.
    Text(String),
    /// `BL`.
    Boolean(bool),
    /// `TS`, `IVL_TS`.
    Period(Period),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(quantity) => quantity.fmt(f),
            Self::Range { low: Some(low), high: Some(high) } if low == high => low.fmt(f),
            Self::Range { low: Some(low), high: Some(high) } => write!(f, "{low} à {high}"),
            Self::Range { low: Some(low), high: None } => write!(f, "≥ {low}"),
            Self::Range { low: None, high: Some(high) } => write!(f, "≤ {high}"),
            Self::Range { low: None, high: None } => Ok(()),
            Self::Concept(concept) => f.write_str(&concept.text),
            Self::Text(text) => f.write_str(text),
            Self::Boolean(yes) => f.write_str(if *yes { "oui" } else { "non" }),
            Self::Period(period) => f.write_str(&french_period(period)),
        }
    }
}

/// `du 11/08/2019 au 30/04/2020`, `depuis le …`, `jusqu'au …`, or a single date.
pub(crate) fn french_period(period: &Period) -> String {
    match (period.start.map(french_date), period.stop.map(french_date)) {
        (Some(start), Some(stop)) if start == stop => start,
        (Some(start), Some(stop)) => format!("du {start} au {stop}"),
        (Some(start), None) => start,
        (None, Some(stop)) => format!("jusqu'au {stop}"),
        (None, None) => String::new(),
    }
}

/// `11/08/2019`, `08/2019` or `2019`; the hour is left out.
fn french_date(date: Dtm) -> String {
    let digits = date.to_hl7();
    match (digits.get(0..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{day}/{month}/{year}"),
        (Some(year), Some(month), None) => format!("{month}/{year}"),
        _ => digits,
    }
}

/// Longest text taken from narrative for one entry: many entries may point to one long narrative.
const MAX_TEXT_BYTES: usize = 1000;

/// Pieces of narrative by identifier, for the `reference/@value` of entries. Each is read once, when first asked.
pub(crate) struct References<'d, 'a> {
    by_id: HashMap<&'d str, (Node<'d, 'a>, OnceCell<String>)>,
}

impl<'d, 'a> References<'d, 'a> {
    pub(crate) fn of(body: Node<'d, 'a>) -> Self {
        let mut by_id = HashMap::new();
        let texts =
            body.descendants().filter(|node| node.is("section")).filter_map(|node| node.child("text"));
        for node in texts.flat_map(|text| text.descendants()) {
            if let Some(id) = node.attr("ID") {
                by_id.entry(id).or_insert((node, OnceCell::new()));
            }
        }
        Self { by_id }
    }

    /// Words of an element that holds text, or a reference to narrative. A reference to anything else than an
    /// identifier of this document gives nothing.
    pub(crate) fn text(&self, holder: Option<Node<'d, 'a>>) -> String {
        let Some(holder) = holder else {
            return String::new();
        };
        let referenced = holder.child("reference").and_then(|reference| {
            let value = reference.attr("value")?;
            // A few real entries leave the `#` out.
            self.by_id.get(value.strip_prefix('#').unwrap_or(value))
        });
        match referenced {
            Some((narrative, text)) => text.get_or_init(|| narrative.plain_within(MAX_TEXT_BYTES)).clone(),
            None => holder.plain_within(MAX_TEXT_BYTES),
        }
    }

    /// A coded element.
    pub(crate) fn concept(&self, node: Option<Node<'d, 'a>>) -> Concept {
        let Some(node) = node else {
            return Concept::default();
        };
        let codes: Vec<_> =
            node.coded().into_iter().chain(node.each("translation").filter_map(Hl7::coded)).collect();
        let own_label = node.attr("displayName").map(str::to_owned);
        let text = own_label
            .or_else(|| Some(self.text(node.child("originalText"))).filter(|text| !text.is_empty()))
            .or_else(|| codes.iter().map(|code| &code.label).find(|label| !label.is_empty()).cloned())
            .unwrap_or_default();
        Concept { text, codes }
    }

    /// A concept, unless it is empty.
    pub(crate) fn concept_if_any(&self, node: Option<Node<'d, 'a>>) -> Option<Concept> {
        Some(self.concept(node)).filter(|concept| !concept.is_empty())
    }

    /// `value` of an observation, by its `xsi:type`.
    pub(crate) fn value(&self, node: Node<'d, 'a>) -> Option<Value> {
        if node.is_null() {
            // No code fits, but words may have been kept.
            return self.concept_if_any(Some(node)).map(Value::Concept);
        }
        match node.xsi_type().unwrap_or_default() {
            "PQ" | "INT" | "REAL" | "MO" => quantity(node).map(Value::Quantity),
            "IVL_PQ" | "IVL_INT" | "IVL_REAL" | "RTO" => {
                let low = node.child("low").and_then(quantity);
                let high = node.child("high").and_then(quantity);
                (low.is_some() || high.is_some()).then_some(Value::Range { low, high })
            }
            "BL" => node.attr("value").map(|value| Value::Boolean(value == "true")),
            "TS" | "IVL_TS" => Some(period(node)).filter(|p| *p != Period::default()).map(Value::Period),
            "ST" | "ED" => Some(self.text(Some(node))).filter(|text| !text.is_empty()).map(Value::Text),
            _ => self.concept_if_any(Some(node)).map(Value::Concept),
        }
    }
}

pub(crate) fn quantity(node: Node<'_, '_>) -> Option<Quantity> {
    let value = node.attr("value")?.to_owned();
    Some(Quantity { value, unit: node.attr("unit").unwrap_or_default().to_owned() })
}

/// An `effectiveTime`: interval, or a single time as its start.
pub(crate) fn period(time: Node<'_, '_>) -> Period {
    let bound = |name| time.child(name).and_then(|bound| timestamp::read(bound.attr("value")?));
    let start = bound("low").or_else(|| timestamp::read(time.attr("value")?));
    Period { start, stop: bound("high") }
}

/// The first `effectiveTime` that is a time, not a frequency.
pub(crate) fn effective_period(statement: Node<'_, '_>) -> Period {
    let is_time = |time: &Node<'_, '_>| !matches!(time.xsi_type(), Some("PIVL_TS" | "EIVL_TS" | "SXPR_TS"));
    statement.each("effectiveTime").find(is_time).map(period).unwrap_or_default()
}
