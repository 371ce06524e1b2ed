//! A dose and its rhythm in French: UCUM and HL7 words stand behind them, `2 tablet` every `24 h`.

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
        Value::Range { low: Some(low), high: Some(high) } if low.unit == high.unit && low != high => {
            let both = format!("{} à {}", low.value, high.value);
            quantity(&both, high)
        }
        other => other.to_string(),
    }
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
        _ => return format!("{} {}", value.replace('.', ","), q.unit.trim_matches(['{', '}'])),
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
            (Some(Value::Quantity(q("10 mL"))), None, "10 mL"),
            (None, Some(q("1 wk")), "par semaine"),
            (None, None, ""),
        ] {
            assert_eq!(of(dose.as_ref(), every.as_ref()), said);
        }
    }
}
