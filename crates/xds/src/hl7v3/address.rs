//! A postal address: one line in the record, parts in HL7 v3.
//!
//! The line is `number and street, complement, postal code and town`, as the other face writes it; a number alone before
//! a comma belongs to its street (`1, rue du Chat qui pêche`). What cannot be cut is told as a street.

use crate::elements::{Wrong, all, text};
use dmp_xml::{Element, Writer};

/// An address in parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Address {
    street: Option<String>,
    locator: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

impl Address {
    /// Cuts a line.
    pub(crate) fn of_line(line: &str) -> Self {
        let parts: Vec<&str> =
            line.split(['\n', ',']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let Some(town) = parts.iter().rposition(|part| town(part).is_some()) else {
            return Address { street: Some(line.replace('\n', ", ")), ..Address::default() };
        };
        let (before, after) = (&parts[..town], &parts[town + 1..]);
        let numbered = before.first().is_some_and(|part| is_number(part)) && before.len() > 1;
        let (street, locator) = before.split_at(usize::from(numbered).saturating_add(1).min(before.len()));
        let joined = |parts: &[&str]| (!parts.is_empty()).then(|| parts.join(", "));
        let (code, city) = self::town(parts[town]).unwrap_or_default();
        let owned = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Address {
            street: joined(street),
            locator: joined(locator),
            postal_code: owned(code),
            city: owned(city),
            country: joined(after),
        }
    }

    /// One line; `None` when there is nothing.
    pub(crate) fn line(&self) -> Option<String> {
        let town = [&self.postal_code, &self.city];
        let town: Vec<&str> = town.into_iter().flatten().map(String::as_str).collect();
        let town = Some(town.join(" "));
        let parts = [&self.street, &self.locator, &town, &self.country];
        let parts: Vec<&str> =
            parts.into_iter().flatten().map(String::as_str).filter(|part| !part.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Reads an `addr`; a French country is not kept, being that of everybody.
    pub(crate) fn read(addr: Element<'_>) -> Result<Self, Wrong> {
        let all_of = |name: &'static str| {
            let texts = all(addr, name).map(text).collect::<Result<Vec<_>, Wrong>>()?;
            let joined = texts.iter().filter(|t| !t.is_empty()).map(|t| t.replace('\n', " "));
            let joined = joined.collect::<Vec<_>>().join(", ");
            Ok::<_, Wrong>((!joined.is_empty()).then_some(joined))
        };
        Ok(Address {
            street: all_of("streetAddressLine")?,
            locator: all_of("additionalLocator")?,
            postal_code: all_of("postalCode")?,
            city: all_of("city")?,
            country: all_of("country")?
                .filter(|c| !["france", "fr", "fra"].contains(&c.to_lowercase().as_str())),
        })
    }

    /// Postal code and town alone.
    pub(crate) fn town_only(self) -> Self {
        Address { postal_code: self.postal_code, city: self.city, ..Address::default() }
    }

    /// Writes an `addr`; nothing when there is nothing to say.
    pub(crate) fn write(&self, w: &mut Writer) {
        let parts = [
            ("streetAddressLine", &self.street),
            ("additionalLocator", &self.locator),
            ("postalCode", &self.postal_code),
            ("city", &self.city),
            ("country", &self.country),
        ];
        if parts.iter().all(|(_, value)| value.is_none()) {
            return;
        }
        w.open("addr");
        for (name, value) in parts {
            if let Some(value) = value {
                w.open(name).text(value).close();
            }
        }
        w.close();
    }
}

/// Postal code and town of a part that begins with five digits.
fn town(part: &str) -> Option<(&str, &str)> {
    let (code, city) = part.split_once(' ').unwrap_or((part, ""));
    (code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit())).then_some((code, city.trim()))
}

/// A number in a street: `12`, `12 bis`, `12B`.
fn is_number(part: &str) -> bool {
    part.len() <= 8 && part.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_and_put_together_again() {
        for (line, street, locator, code, city, country) in [
            ("1, rue du Chat qui pêche, 75005 Paris", "1, rue du Chat qui pêche", "", "75005", "Paris", ""),
            (
                "3 rue d Amsterdam, Residence du Parc, 59000 LILLE",
                "3 rue d Amsterdam",
                "Residence du Parc",
                "59000",
                "LILLE",
                "",
            ),
            (
                "12 bis, rue A, Bât. B, esc. C, 38000 GRENOBLE",
                "12 bis, rue A",
                "Bât. B, esc. C",
                "38000",
                "GRENOBLE",
                "",
            ),
            (
                "1 rue des Essais, 38000 GRENOBLE, BELGIQUE",
                "1 rue des Essais",
                "",
                "38000",
                "GRENOBLE",
                "BELGIQUE",
            ),
            ("38000 GRENOBLE", "", "", "38000", "GRENOBLE", ""),
            ("75005", "", "", "75005", "", ""),
            ("Lieu-dit Les Essais", "Lieu-dit Les Essais", "", "", "", ""),
            ("", "", "", "", "", ""),
        ] {
            let address = Address::of_line(line);
            let told = |part: &Option<String>| part.clone().unwrap_or_default();
            assert_eq!(
                [
                    told(&address.street),
                    told(&address.locator),
                    told(&address.postal_code),
                    told(&address.city),
                    told(&address.country)
                ],
                [street, locator, code, city, country],
                "{line}"
            );
            assert_eq!(address.line().unwrap_or_default(), line);
        }
    }
}
