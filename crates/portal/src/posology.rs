//! Values, doses and rhythms in French: UCUM and HL7 words stand behind them, `2 tablet` every `24 h`.

use dmp_cda::clinical::{Quantity, Value};

/// `1 à 2 comprimés, toutes les 8 heures`; empty when nothing is given.
pub(crate) fn of(dose: Option<&Value>, every: Option<&Quantity>) -> String {
    let dose = dose.map(dose_words).unwrap_or_default();
    let every = every.map(rhythm).unwrap_or_default();
    match (dose.is_empty(), every.is_empty()) {
        (false, false) => format!("{dose} {every}"),
        _ => format!("{dose}{every}"),
    }
}

fn dose_words(dose: &Value) -> String {
    match dose {
        Value::Quantity(one) => quantity(&one.value, one),
        Value::Range { low: Some(low), high: Some(high) } if low == high => quantity(&low.value, low),
        Value::Range { low: Some(low), high: Some(high) } if low.unit == high.unit => {
            let both = format!("{} à {}", low.value, high.value);
            quantity(&both, high)
        }
        other => value(other),
    }
}

/// A value of an observation: decimal comma, one unit for a range, units as people write them.
pub(crate) fn value(value: &Value) -> String {
    let number = |q: &Quantity| q.value.replace('.', ",");
    match value {
        Value::Quantity(q) => with_unit(&number(q), &q.unit),
        Value::Range { low: Some(low), high: Some(high) } if low.unit == high.unit && low != high => {
            with_unit(&format!("{} à {}", number(low), number(high)), &high.unit)
        }
        Value::Range { low: Some(low), high: None } => with_unit(&format!("≥ {}", number(low)), &low.unit),
        Value::Range { low: None, high: Some(high) } => with_unit(&format!("≤ {}", number(high)), &high.unit),
        other => other.to_string(),
    }
}

fn with_unit(number: &str, ucum: &str) -> String {
    match unit(ucum).as_str() {
        "" => number.to_owned(),
        unit => format!("{number} {unit}"),
    }
}

/// A UCUM unit as it is printed on a report, `umol/L` as `µmol/L`; one that is not known here stays as written.
fn unit(ucum: &str) -> String {
    match ucum {
        "" | "1" => return String::new(),
        "mm[Hg]" => return "mmHg".to_owned(),
        "Cel" => return "°C".to_owned(),
        _ => {}
    }
    let micro = |part: &str| match part.strip_prefix('u') {
        _ if part.starts_with('{') => part.trim_matches(['{', '}']).to_owned(),
        Some("mol" | "g" | "L" | "m" | "kat" | "s") => format!("µ{}", &part[1..]),
        _ => part
            .replace("[IU]", "UI")
            .replace("10*3", "10³")
            .replace("10*6", "10⁶")
            .replace("10*9", "10⁹")
            .replace("10*12", "10¹²"),
    };
    ucum.split('/').map(micro).collect::<Vec<_>>().join("/")
}

/// `value` as shown, then the unit of `q` in the number of its value.
fn quantity(value: &str, q: &Quantity) -> String {
    let one = match q.unit.trim_matches(['{', '}']).to_ascii_lowercase().as_str() {
        "" | "1" => return value.replace('.', ","),
        "tablet" | "tbl" => "comprimé",
        "capsule" | "cap" => "gélule",
        "count" | "unit" | "dose" => "unité",
        "drop" | "[drp]" => "goutte",
        "puff" => "bouffée",
        "sachet" => "sachet",
        _ => return with_unit(&value.replace('.', ","), &q.unit),
    };
    let is_many = q.value.parse::<f64>().is_ok_and(|n| n >= 2.0);
    format!("{} {one}{}", value.replace('.', ","), if is_many { "s" } else { "" })
}

fn rhythm(every: &Quantity) -> String {
    let (one, many) = match every.unit.as_str() {
        "s" => ("chaque seconde", "secondes"),
        "min" => ("chaque minute", "minutes"),
        "h" => ("toutes les heures", "heures"),
        "d" => ("par jour", "jours"),
        "wk" => ("par semaine", "semaines"),
        "mo" => ("par mois", "mois"),
        "a" => ("par an", "ans"),
        _ => return format!("tous les {every}"),
    };
    let feminine = matches!(every.unit.as_str(), "s" | "min" | "h" | "wk");
    match (every.value.as_str(), every.unit.as_str()) {
        ("1", _) => one.to_owned(),
        ("24", "h") => "par jour".to_owned(),
        (n, _) => format!("{} les {} {many}", if feminine { "toutes" } else { "tous" }, n.replace('.', ",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doses_and_rhythms_are_said_in_french() {
        let q = |text: &str| {
            let (value, unit) = text.split_once(' ').unwrap_or((text, ""));
            Quantity { value: value.to_owned(), unit: unit.to_owned() }
        };
        for (dose, every, said) in [
            (Some(Value::Quantity(q("1 tablet"))), Some(q("8 h")), "1 comprimé toutes les 8 heures"),
            (Some(Value::Quantity(q("2 tablet"))), Some(q("1 d")), "2 comprimés par jour"),
            (Some(Value::Quantity(q("0.5 {tablet}"))), Some(q("24 h")), "0,5 comprimé par jour"),
            (
                Some(Value::Range { low: Some(q("1 tablet")), high: Some(q("2 tablet")) }),
                Some(q("2 d")),
                "1 à 2 comprimés tous les 2 jours",
            ),
            (
                Some(Value::Range { low: Some(q("1 {tablet}")), high: Some(q("1 {tablet}")) }),
                Some(q("1 d")),
                "1 comprimé par jour",
            ),
            (Some(Value::Quantity(q("10 mL"))), None, "10 mL"),
            (None, Some(q("1 wk")), "par semaine"),
            (None, None, ""),
        ] {
            assert_eq!(of(dose.as_ref(), every.as_ref()), said);
        }
    }

    #[test]
    fn values_have_one_unit_and_a_decimal_comma() {
        let q = |value: &str, unit: &str| Some(Quantity { value: value.to_owned(), unit: unit.to_owned() });
        let range = |low, high| Value::Range { low, high };
        for (given, shown) in [
            (Value::Quantity(q("1.05", "g/L").unwrap()), "1,05 g/L"),
            (range(q("0.4", "m[IU]/L"), q("4.0", "m[IU]/L")), "0,4 à 4,0 mUI/L"),
            (range(q("45", "umol/L"), q("104", "umol/L")), "45 à 104 µmol/L"),
            (range(None, q("6.0", "%")), "≤ 6,0 %"),
            (range(q("1", "ug/L"), None), "≥ 1 µg/L"),
            (Value::Quantity(q("4.2", "10*9/L").unwrap()), "4,2 10⁹/L"),
            (Value::Quantity(q("12", "mm[Hg]").unwrap()), "12 mmHg"),
            (Value::Quantity(q("3", "{copies}/uL").unwrap()), "3 copies/µL"),
            (Value::Quantity(q("3", "1").unwrap()), "3"),
            (Value::Text("jaune".to_owned()), "jaune"),
        ] {
            assert_eq!(value(&given), shown);
        }
    }
}
