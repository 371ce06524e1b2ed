//! The patient's person as a request tells it; [`write`] has how an answer does.
//!
//! Names: `family` SP is the *nom d'usage*, the literal `NON RENSEIGNE` when there is none (REC_0.2-1020); BR, or one
//! without qualifier, the *nom de naissance*.

pub(crate) mod write;

use crate::elements::{Wrong, all, attribute, missing, optional, required, text, text_of, wrong};
use crate::hl7v3::address::Address;
use crate::hl7v3::observation::time;
use crate::hl7v3::representative;
use dmp_dossier::{Contact, Representative, Sex, Time, Traits};
use dmp_xml::Element;

/// What the reference system answers for a missing *nom d'usage*.
const NO_USED_NAME: &str = "NON RENSEIGNE";

/// Most representatives that a message brings.
const REPRESENTATIVES_MAX: usize = 10;

/// What a request says of a person; `None` where it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) birth_name: Option<String>,
    pub(crate) used_name: Option<String>,
    pub(crate) given_names: Option<String>,
    pub(crate) sex: Option<Sex>,
    pub(crate) birth_date: Option<String>,
    pub(crate) birth_place: Option<String>,
    pub(crate) telecoms: Telecoms,
    pub(crate) address: Option<Address>,
    pub(crate) deceased: Option<Time>,
    pub(crate) representatives: Vec<Representative>,
}

/// Ways to reach somebody; an empty value removes what was there.
#[derive(Debug, Default)]
pub(crate) struct Telecoms {
    phone: Option<String>,
    mail: Option<String>,
}

impl Telecoms {
    /// The first telephone, a mobile before another one, and the first mail address.
    pub(crate) fn read(under: Element<'_>) -> Result<Self, Wrong> {
        let mut telecoms = Telecoms::default();
        let mut mobile = false;
        for telecom in all(under, "telecom") {
            let value = telecom.attribute("value").ok_or_else(|| missing(telecom, "@value"))?;
            if value.len() > 1_000 || value.chars().any(char::is_control) {
                return Err(wrong(telecom, "valeur trop longue ou caractère de contrôle"));
            }
            let is_mobile = telecom.attribute("use").is_some_and(|u| u.split(' ').any(|u| u == "MC"));
            match value.split_once(':') {
                Some(("mailto", address)) if telecoms.mail.is_none() => {
                    telecoms.mail = Some(address.trim().to_owned());
                }
                Some(("tel", number)) if telecoms.phone.is_none() || (is_mobile && !mobile) => {
                    telecoms.phone = Some(number.trim().to_owned());
                    mobile = is_mobile;
                }
                Some(_) => {}
                None => return Err(wrong(telecom, "`tel:` ou `mailto:` est attendu")),
            }
        }
        Ok(telecoms)
    }

    /// A contact with what is told changed.
    pub(crate) fn applied_to(&self, was: Contact) -> Contact {
        let told = |told: &Option<String>, was: Option<String>| match told {
            Some(value) => Some(value.clone()).filter(|v| !v.is_empty()),
            None => was,
        };
        Contact {
            phone: told(&self.phone, was.phone),
            mail: told(&self.mail, was.mail),
            address: was.address,
        }
    }
}

/// Reads a `patientPerson`.
///
/// # Errors
/// A value that cannot be read, by its element. Whether they suffice is said by the transaction, and by the record.
pub(crate) fn read(person: Element<'_>) -> Result<Told, Wrong> {
    let mut told = Told {
        sex: optional(person, "administrativeGenderCode")?.map(sex).transpose()?,
        birth_date: optional(person, "birthTime")?.map(birth_date).transpose()?,
        telecoms: Telecoms::read(person)?,
        address: all(person, "addr").next().map(Address::read).transpose()?,
        deceased: optional(person, "deceasedTime")?.map(time).transpose()?,
        representatives: all(person, "personalRelationship")
            .map(representative::read)
            .collect::<Result<_, _>>()?,
        ..Told::default()
    };
    if let Some(extra) = all(person, "personalRelationship").nth(REPRESENTATIVES_MAX) {
        return Err(wrong(extra, &format!("{REPRESENTATIVES_MAX} au plus sont attendus")));
    }
    if let Some(place) = optional(person, "birthPlace")?
        && let Some(addr) = optional(place, "addr")?
    {
        told.birth_place = text_of(addr, "county")?;
    }
    for name in all(person, "name") {
        for family in all(name, "family") {
            let value = Some(text(family)?).filter(|value| !value.is_empty() && value != NO_USED_NAME);
            let of = match family.attribute("qualifier") {
                Some("SP") => &mut told.used_name,
                Some("BR") | None => &mut told.birth_name,
                Some(_) => continue,
            };
            *of = of.take().or(value);
        }
        let given = all(name, "given").map(text).collect::<Result<Vec<_>, _>>()?.join(" ");
        let given = Some(given.trim().to_owned()).filter(|given| !given.is_empty());
        told.given_names = told.given_names.take().or(given);
    }
    Ok(told)
}

/// `administrativeGenderCode` of HL7: `M`, `F`, `U`.
pub(crate) fn sex(element: Element<'_>) -> Result<Sex, Wrong> {
    match attribute(element, "code")? {
        "M" => Ok(Sex::Male),
        "F" => Ok(Sex::Female),
        "U" | "UN" => Ok(Sex::Undetermined),
        _ => Err(wrong(element, "`M`, `F` ou `U` est attendu")),
    }
}

/// The eight digits of a birth date, which can be lunar.
fn birth_date(element: Element<'_>) -> Result<String, Wrong> {
    let value = attribute(element, "value")?;
    let date = value.get(..8).filter(|date| date.bytes().all(|b| b.is_ascii_digit()));
    date.map(str::to_owned).ok_or_else(|| wrong(element, "`AAAAMMJJ` est attendu"))
}

impl Told {
    /// The strict traits of a new dossier.
    ///
    /// # Errors
    /// The first one that is missing.
    pub(crate) fn traits(&self, person: Element<'_>) -> Result<Traits, Wrong> {
        let name = required(person, "name")?;
        let birth_name = self.birth_name.clone().ok_or_else(|| missing(name, "family[@qualifier='BR']"))?;
        Ok(Traits {
            given_names: self.given_names.clone().ok_or_else(|| missing(name, "given"))?,
            birth_date: self.birth_date.clone().ok_or_else(|| missing(person, "birthTime"))?,
            sex: self.sex.ok_or_else(|| missing(person, "administrativeGenderCode"))?,
            birth_place: self.birth_place.clone().unwrap_or_default(),
            // Kept where it is the birth name: the official answer to TD0.2 tells such a name alone, where one who uses no
            // other is told `NON RENSEIGNE`.
            used_name: self.used_name.clone(),
            used_given: None,
            birth_name,
        })
    }

    /// Traits with what is told changed. A given name that is already the one in use, or the first one, says nothing new
    /// of the others.
    pub(crate) fn traits_from(&self, was: &Traits) -> Traits {
        let told = |told: &Option<String>, was: &String| told.clone().unwrap_or_else(|| was.clone());
        let known = [was.first_given(), was.used_given.as_deref().unwrap_or_default(), &was.given_names];
        let given = self.given_names.as_ref().filter(|given| !known.contains(&given.as_str()));
        let birth_name = told(&self.birth_name, &was.birth_name);
        let used_name = match &self.used_name {
            Some(used) if *used == birth_name && was.used_name.as_ref() != Some(used) => None,
            Some(used) => Some(used.clone()),
            None => was.used_name.clone(),
        };
        Traits {
            given_names: given.unwrap_or(&was.given_names).clone(),
            birth_date: told(&self.birth_date, &was.birth_date),
            sex: self.sex.unwrap_or(was.sex),
            birth_place: told(&self.birth_place, &was.birth_place),
            used_given: was.used_given.clone().filter(|_| given.is_none()),
            used_name,
            birth_name,
        }
    }

    /// A contact with what is told changed.
    pub(crate) fn contact_from(&self, was: Contact) -> Contact {
        let address = match &self.address {
            Some(told) => told.line(),
            None => was.address.clone(),
        };
        Contact { address, ..self.telecoms.applied_to(was) }
    }
}

/// Representatives of a request that are not known yet.
pub(crate) fn new_representatives(told: &Told, known: &[Representative]) -> Vec<Representative> {
    let unknown = |r: &&Representative| !known.iter().any(|k| representative::same(k, r));
    told.representatives.iter().filter(unknown).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_xml::{Limits, Tree};

    const PERSON: &str = r#"<patientPerson xmlns="urn:hl7-org:v3">
        <name><prefix>MME</prefix><family qualifier="SP">MARTIN</family><family qualifier="BR">DURAND</family><given>MARIE</given><given>JEANNE</given></name>
        <telecom value="tel:0100000000" use="HP"/><telecom value="tel:0600000000" use="MC"/><telecom value="mailto:marie@example.fr"/>
        <administrativeGenderCode code="F"/><birthTime value="19840712"/>
        <addr><streetAddressLine>1 rue des Essais</streetAddressLine><postalCode>38000</postalCode><city>GRENOBLE</city></addr>
        <personalRelationship classCode="PRS"><code code="MTH"/><relationshipHolder1><name><given>Anne</given><family>DURAND</family></name></relationshipHolder1></personalRelationship>
        <birthPlace><addr><county>38185</county></addr></birthPlace></patientPerson>"#;

    fn with(from: &str, to: &str) -> Result<Traits, Wrong> {
        let text = PERSON.replace(from, to);
        assert!(from.is_empty() || text != PERSON, "{from}");
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        read(tree.root())?.traits(tree.root())
    }

    #[test]
    fn a_person_is_read_whole() {
        let traits = with("", "").unwrap();
        assert_eq!(traits.birth_name, "DURAND");
        assert_eq!(traits.used_name.as_deref(), Some("MARTIN"));
        assert_eq!(traits.given_names, "MARIE JEANNE");
        assert_eq!((traits.sex, traits.birth_date.as_str()), (Sex::Female, "19840712"));
        assert_eq!(traits.birth_place, "38185");
        assert_eq!(with("MARTIN", "DURAND").unwrap().used_name.as_deref(), Some("DURAND"), "kept as told");
        assert_eq!(with("MARTIN", "NON RENSEIGNE").unwrap().used_name, None);
        let tree = Tree::parse(PERSON.as_bytes(), &Limits::default()).unwrap();
        let told = read(tree.root()).unwrap();
        let contact = told.contact_from(Contact::default());
        assert_eq!(contact.phone.as_deref(), Some("0600000000"));
        assert_eq!(contact.mail.as_deref(), Some("marie@example.fr"));
        assert_eq!(contact.address.as_deref(), Some("1 rue des Essais, 38000 GRENOBLE"));
        assert_eq!(told.representatives[0].name, "DURAND");
        assert!(new_representatives(&told, &told.representatives).is_empty());
        assert_eq!(told.traits_from(&traits), traits, "what was read and sent again changes nothing");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (from, to, says) in [
            (
                "<family qualifier=\"BR\">DURAND</family>",
                "",
                "élément attendu : `patientPerson/name/family[@qualifier='BR']`",
            ),
            ("<given>MARIE</given><given>JEANNE</given>", "", "élément attendu : `patientPerson/name/given`"),
            ("<birthTime value=\"19840712\"/>", "", "élément attendu : `patientPerson/birthTime`"),
            ("19840712", "1984", "élément `patientPerson/birthTime` : `AAAAMMJJ` est attendu"),
            (
                "code=\"F\"",
                "code=\"X\"",
                "élément `patientPerson/administrativeGenderCode` : `M`, `F` ou `U` est attendu",
            ),
            (
                "tel:0100000000",
                "0100000000",
                "élément `patientPerson/telecom` : `tel:` ou `mailto:` est attendu",
            ),
            (
                "<family>DURAND</family>",
                "",
                "élément attendu : `patientPerson/personalRelationship/relationshipHolder1/name/family`",
            ),
            (
                "MTH",
                "C",
                "élément `patientPerson/personalRelationship/code` : ce lien n'est pas celui d'un représentant légal",
            ),
        ] {
            assert_eq!(with(from, to), Err(Wrong(says.to_owned())), "{to}");
        }
    }

    #[test]
    fn representatives_are_few() {
        let one = PERSON.split_once("<personalRelationship").unwrap().1;
        let one = one.split_once("</personalRelationship>").unwrap().0;
        let one = format!("<personalRelationship{one}</personalRelationship>");
        assert!(with("</addr>\n", &format!("</addr>{}", one.repeat(9))).is_ok());
        let more = with("</addr>\n", &format!("</addr>{}", one.repeat(10)));
        let says = "élément `patientPerson/personalRelationship` : 10 au plus sont attendus";
        assert_eq!(more, Err(Wrong(says.to_owned())));
    }

    #[test]
    fn an_update_keeps_what_it_does_not_tell() {
        let was = with("", "").unwrap();
        for (person, names) in [
            ("<name><family qualifier='SP'>BLANC</family></name>", ["DURAND", "BLANC", "MARIE JEANNE"]),
            (
                "<name><family qualifier='SP'>NON RENSEIGNE</family></name>",
                ["DURAND", "MARTIN", "MARIE JEANNE"],
            ),
            ("<name><family qualifier='SP'>DURAND</family></name>", ["DURAND", "", "MARIE JEANNE"]),
            ("<name><given>MARIE</given></name>", ["DURAND", "MARTIN", "MARIE JEANNE"]),
            ("<name><given>ANNE</given></name>", ["DURAND", "MARTIN", "ANNE"]),
            ("<name/>", ["DURAND", "MARTIN", "MARIE JEANNE"]),
        ] {
            let text = format!("<patientPerson xmlns='urn:hl7-org:v3'>{person}</patientPerson>");
            let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
            let traits = read(tree.root()).unwrap().traits_from(&was);
            let used = traits.used_name.unwrap_or_default();
            assert_eq!([traits.birth_name, used, traits.given_names], names, "{person}");
        }
        let telecom = "<patientPerson xmlns='urn:hl7-org:v3'><telecom value='mailto:'/></patientPerson>";
        let tree = Tree::parse(telecom.as_bytes(), &Limits::default()).unwrap();
        let contact = Contact { mail: Some("a@example.fr".into()), phone: Some("01".into()), address: None };
        let contact = read(tree.root()).unwrap().contact_from(contact);
        assert_eq!((contact.mail, contact.phone.as_deref()), (None, Some("01")));
    }
}
