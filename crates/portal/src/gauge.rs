//! A value against its range, as a small picture beside the figures. It adds nothing that the text does not say.

use dmp_cda::clinical::{Quantity, Value};

/// Width of the picture; the range stands in its middle.
const WIDTH: f64 = 96.0;
const LOW: f64 = 28.0;
const HIGH: f64 = 68.0;
const MARGIN: f64 = 5.0;

/// Positions for the drawing, in its own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gauge {
    /// Left edge of the range.
    pub(crate) from: i32,
    /// Width of the range.
    pub(crate) width: i32,
    /// Where the value stands.
    pub(crate) at: i32,
    /// Outside the range.
    pub(crate) is_out: bool,
}

impl Gauge {
    /// The picture of a number with one range in the same unit; `None` for anything else.
    pub(crate) fn of(value: Option<&Value>, ranges: &[Value]) -> Option<Gauge> {
        let (Some(Value::Quantity(value)), [Value::Range { low, high }]) = (value, ranges) else {
            return None;
        };
        let number =
            |q: &Quantity| q.value.parse::<f64>().ok().filter(|n| n.is_finite() && q.unit == value.unit);
        let v = number(value)?;
        let bound = |q: &Option<Quantity>| match q {
            Some(q) => number(q).map(Some),
            None => Some(None),
        };
        let (from, to, at) = match (bound(low)?, bound(high)?) {
            (Some(low), Some(high)) if low < high => {
                (LOW, HIGH, LOW + (v - low) / (high - low) * (HIGH - LOW))
            }
            (None, Some(high)) if high > 0.0 => (MARGIN, HIGH, MARGIN + v / high * (HIGH - MARGIN)),
            (Some(low), None) if low > 0.0 => (LOW, WIDTH - MARGIN, v / low * LOW),
            _ => return None,
        };
        let pixel = |x: f64| x.clamp(MARGIN, WIDTH - MARGIN).round() as i32;
        Some(Gauge {
            from: pixel(from),
            width: pixel(to) - pixel(from),
            at: pixel(at),
            is_out: at < from || at > to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: &str, unit: &str) -> Quantity {
        Quantity { value: value.to_owned(), unit: unit.to_owned() }
    }

    #[test]
    fn a_value_stands_inside_or_outside_its_range() {
        let range = |low: &str, high: &str| Value::Range {
            low: (!low.is_empty()).then(|| quantity(low, "g/L")),
            high: (!high.is_empty()).then(|| quantity(high, "g/L")),
        };
        for (value, unit, range, drawn) in [
            ("0.90", "g/L", range("0.70", "1.10"), Some((48, false))),
            ("1.10", "g/L", range("0.70", "1.10"), Some((68, false))),
            ("1.20", "g/L", range("0.70", "1.10"), Some((78, true))),
            ("99", "g/L", range("0.70", "1.10"), Some((91, true))),
            ("0.1", "g/L", range("0.70", "1.10"), Some((5, true))),
            ("1", "g/L", range("", "5"), Some((18, false))),
            ("6", "g/L", range("", "5"), Some((81, true))),
            ("1", "g/L", range("2", ""), Some((14, true))),
            ("0.9", "mmol/L", range("0.70", "1.10"), None),
            ("NaN", "g/L", range("0.70", "1.10"), None),
            ("1", "g/L", range("2", "2"), None),
            ("1", "g/L", range("", ""), None),
        ] {
            let gauge = Gauge::of(Some(&Value::Quantity(quantity(value, unit))), &[range]);
            assert_eq!(gauge.map(|g| (g.at, g.is_out)), drawn, "{value}");
        }
        assert_eq!(Gauge::of(None, &[]), None);
    }
}
