//! Parameters of a stored query, and the values that they hold (ITI TF-2 3.18.4.1.2.3.5).
//!
//! The values of a Slot are alternatives, those of a list and those of its `rim:Value` alike; Slots of the
//! same name are all required.
//!
//! Parameters that a query does not define are ignored, as ebRS has it: software sends those of IHE's options.

mod value;

use crate::ebrim::read::cut;
use crate::ebrim::scheme::RIM;
use crate::registry_response::RegistryError;
use dmp_dossier::{AuthorTest, Availability, Comparison, DateTest, Dtm, TokenTest};
use dmp_xml::Element;
use value::{literals, token};

/// Most values of a query.
const VALUES_MAX: usize = 500;
/// Longest value, in bytes: that of the record.
const VALUE_BYTES_MAX: usize = 1_000;
/// Most identifiers looked up by a query (security.md row 9).
const IDS_MAX: usize = 50;
/// Most patterns on authors, and their bytes all together: each is compared with every author of every document.
const PATTERNS_MAX: usize = 50;
const PATTERNS_BYTES_MAX: usize = 4_096;

/// Every parameter that a query of the DMP reads.
const KNOWN: &[&str] = &[
    "$AssociationTypes",
    "$XDSDocumentEntryAuthorPerson",
    "$XDSDocumentEntryClassCode",
    "$XDSDocumentEntryConfidentialityCode",
    "$XDSDocumentEntryCreationTimeFrom",
    "$XDSDocumentEntryCreationTimeTo",
    "$XDSDocumentEntryEntryUUID",
    "$XDSDocumentEntryEventCodeList",
    "$XDSDocumentEntryFormatCode",
    "$XDSDocumentEntryHealthcareFacilityTypeCode",
    "$XDSDocumentEntryPatientId",
    "$XDSDocumentEntryPracticeSettingCode",
    "$XDSDocumentEntryServiceStartTimeFrom",
    "$XDSDocumentEntryServiceStartTimeTo",
    "$XDSDocumentEntryServiceStopTimeFrom",
    "$XDSDocumentEntryServiceStopTimeTo",
    "$XDSDocumentEntryStatus",
    "$XDSDocumentEntryType",
    "$XDSDocumentEntryTypeCode",
    "$XDSDocumentEntryUniqueId",
    "$XDSSubmissionSetAuthorPerson",
    "$XDSSubmissionSetContentType",
    "$XDSSubmissionSetEntryUUID",
    "$XDSSubmissionSetPatientId",
    "$XDSSubmissionSetSourceId",
    "$XDSSubmissionSetStatus",
    "$XDSSubmissionSetSubmissionTimeFrom",
    "$XDSSubmissionSetSubmissionTimeTo",
    "$XDSSubmissionSetUniqueId",
    "$patientId",
    "$uuid",
];

/// A parameter that the query needs is not there.
fn missing(name: &str) -> RegistryError {
    RegistryError::new("XDSStoredQueryMissingParam", format!("`{name}` is required"))
}

/// A parameter has more values than it takes, or excludes another.
fn too_many(name: &str) -> RegistryError {
    RegistryError::new(
        "XDSStoredQueryParamNumber",
        format!("`{name}` is given too often, or beside its alternative"),
    )
}

/// A value is not written as values are.
fn malformed(name: &str) -> RegistryError {
    RegistryError::new("XDSRegistryError", format!("a value of `{}` is malformed", cut(name)))
}

/// The parameters of a query, by Slot.
#[derive(Debug)]
pub(super) struct Parameters {
    slots: Vec<(&'static str, Vec<String>)>,
}

impl Parameters {
    /// Reads the Slots of an AdhocQuery.
    pub(super) fn read(query: Element<'_>) -> Result<Self, RegistryError> {
        let mut slots = Vec::new();
        let mut count = 0;
        for slot in query.named(RIM, "Slot") {
            let name = slot.attribute("name").unwrap_or_default();
            let Some(name) = KNOWN.iter().copied().find(|known| *known == name) else { continue };
            let mut values = Vec::new();
            for value in slot.named(RIM, "ValueList").flat_map(|list| list.named(RIM, "Value")) {
                values.extend(literals(&value.text()).ok_or_else(|| malformed(name))?);
            }
            if values.iter().any(|value| value.len() > VALUE_BYTES_MAX) {
                return Err(malformed(name));
            }
            count += values.len();
            if count > VALUES_MAX {
                return Err(too_many(name));
            }
            if !values.is_empty() {
                slots.push((name, values));
            }
        }
        Ok(Parameters { slots })
    }

    /// The alternatives of each Slot of that name.
    pub(super) fn all<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p [String]> {
        self.slots.iter().filter(move |(slot, _)| *slot == name).map(|(_, values)| values.as_slice())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The only value of a parameter that takes one.
    pub(super) fn single<'p>(&'p self, name: &str) -> Result<Option<&'p str>, RegistryError> {
        let mut values = self.all(name).flatten();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(too_many(name)),
            (value, None) => Ok(value.map(String::as_str)),
        }
    }

    /// The alternatives of a parameter of which an object has one value: those that every Slot gives. `None` without
    /// such a parameter.
    pub(super) fn common<T: PartialEq>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<T, RegistryError>,
    ) -> Result<Option<Vec<T>>, RegistryError> {
        let mut kept: Option<Vec<T>> = None;
        for values in self.all(name) {
            let values = values.iter().map(|value| read(value)).collect::<Result<Vec<T>, RegistryError>>()?;
            kept = Some(match kept {
                None => values,
                Some(before) => before.into_iter().filter(|value| values.contains(value)).collect(),
            });
        }
        Ok(kept)
    }

    /// Identifiers to look up, each once, at most [`IDS_MAX`].
    pub(super) fn ids<'p>(&'p self, name: &str) -> Result<Vec<&'p str>, RegistryError> {
        let mut ids: Vec<&'p str> = Vec::new();
        for id in self.all(name).flatten().map(String::as_str) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.len() > IDS_MAX { Err(too_many(name)) } else { Ok(ids) }
    }

    /// The values of a list that the query needs.
    pub(super) fn required_list<'p>(&'p self, name: &str) -> Result<Vec<&'p str>, RegistryError> {
        let values: Vec<&'p str> = self.all(name).flatten().map(String::as_str).collect();
        if values.is_empty() { Err(missing(name)) } else { Ok(values) }
    }

    /// Which of two parameters the query gives; it must give one, and one only.
    pub(super) fn either<'n>(&self, first: &'n str, second: &'n str) -> Result<&'n str, RegistryError> {
        match (self.has(first), self.has(second)) {
            (true, true) => Err(too_many(second)),
            (true, false) => Ok(first),
            (false, true) => Ok(second),
            (false, false) => Err(missing(first)),
        }
    }

    /// Statuses wanted, at least one asked for. None: no object of the DMP has those (a foreign URN is no error, and finds
    /// nothing).
    pub(super) fn statuses(&self, name: &str) -> Result<Vec<Availability>, RegistryError> {
        let asked = self.common(name, |urn| Ok(urn.to_owned()))?.ok_or_else(|| missing(name))?;
        Ok(asked.iter().filter_map(|urn| Availability::parse(urn)).collect())
    }

    /// Codes, `code^^system`. None: no criterion.
    pub(super) fn codes(&self, name: &str) -> Result<Vec<TokenTest>, RegistryError> {
        let codes = self.common(name, |value| token(value).ok_or_else(|| malformed(name)))?;
        let nothing = || vec![TokenTest { system: Some(String::new()), code: String::new() }];
        Ok(codes.map_or_else(Vec::new, |codes| if codes.is_empty() { nothing() } else { codes }))
    }

    /// Codes of an attribute that has several values: the alternatives of each Slot.
    pub(super) fn codes_of_list(&self, name: &str) -> Result<Vec<Vec<TokenTest>>, RegistryError> {
        let slot = |values: &[String]| {
            values.iter().map(|value| token(value).ok_or_else(|| malformed(name))).collect()
        };
        self.all(name).map(slot).collect()
    }

    /// Patterns on the persons among the authors.
    pub(super) fn authors(&self, name: &str) -> Result<Vec<Vec<AuthorTest>>, RegistryError> {
        let lengths = || self.all(name).flatten().map(String::len);
        if lengths().count() > PATTERNS_MAX || lengths().sum::<usize>() > PATTERNS_BYTES_MAX {
            return Err(too_many(name));
        }
        let slot = |values: &[String]| values.iter().map(|value| AuthorTest::Like(value.clone())).collect();
        Ok(self.all(name).map(slot).collect())
    }

    /// The period that two parameters open and close.
    pub(super) fn period(&self, from: &str, to: &str) -> Result<Vec<DateTest>, RegistryError> {
        let mut tests = Vec::new();
        for (name, comparison) in [(from, Comparison::From), (to, Comparison::To)] {
            if let Some(text) = self.single(name)? {
                let value = Dtm::parse(text).ok_or_else(|| malformed(name))?;
                tests.push(DateTest { comparison, value });
            }
        }
        Ok(tests)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use dmp_xml::{Limits, Tree, escape_text};

    /// Calls with the parameters of a query that has these Slots.
    pub(in crate::td3_1_registry_stored_query) fn with<T>(
        slots: &[(&str, &[&str])],
        test: impl FnOnce(Result<Parameters, RegistryError>) -> T,
    ) -> T {
        let mut text = format!("<AdhocQuery xmlns='{RIM}'>");
        for (name, values) in slots {
            text += &format!("<Slot name='{name}'><ValueList>");
            values.iter().for_each(|v| text += &format!("<Value>{}</Value>", escape_text(v)));
            text += "</ValueList></Slot>";
        }
        text += "</AdhocQuery>";
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        test(Parameters::read(tree.root()))
    }

    #[test]
    fn values_are_alternatives_and_slots_are_all_required() {
        let slots: &[(&str, &[&str])] = &[
            ("$XDSDocumentEntryEventCodeList", &["('a','b')", "('c')"]),
            ("$XDSDocumentEntryEventCodeList", &["('d')"]),
            ("$XDSDocumentEntryTypeCode", &["('x','y')"]),
            ("$XDSDocumentEntryTypeCode", &["('y')"]),
        ];
        with(slots, |p| {
            let p = p.unwrap();
            let codes = p.codes_of_list("$XDSDocumentEntryEventCodeList").unwrap();
            assert_eq!(codes.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
            let common = p.codes("$XDSDocumentEntryTypeCode").unwrap();
            assert_eq!(common.iter().map(|t| t.code.as_str()).collect::<Vec<_>>(), ["y"]);
            assert_eq!(p.codes("$XDSDocumentEntryClassCode").unwrap(), []);
            assert_eq!(p.single("$XDSDocumentEntryTypeCode"), Err(too_many("$XDSDocumentEntryTypeCode")));
            assert_eq!(
                p.either("$XDSDocumentEntryEventCodeList", "$XDSDocumentEntryTypeCode"),
                Err(too_many("$XDSDocumentEntryTypeCode"))
            );
            assert_eq!(
                p.either("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryTypeCode"),
                Ok("$XDSDocumentEntryTypeCode")
            );
            assert_eq!(
                p.either("$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId"),
                Err(missing("$XDSDocumentEntryEntryUUID"))
            );
        });
    }

    #[test]
    fn a_period_takes_dates_quoted_or_not() {
        with(
            &[
                ("$XDSDocumentEntryCreationTimeFrom", &["'20221015151515'"]),
                ("$XDSDocumentEntryCreationTimeTo", &["2023"]),
            ],
            |p| {
                let tests = p
                    .unwrap()
                    .period("$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryCreationTimeTo")
                    .unwrap();
                assert_eq!(
                    tests.iter().map(|t| t.value.to_hl7()).collect::<Vec<_>>(),
                    ["20221015151515", "2023"]
                );
            },
        );
        with(&[("$XDSDocumentEntryCreationTimeFrom", &["'yesterday'"])], |p| {
            assert_eq!(
                p.unwrap().period("$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryCreationTimeTo"),
                Err(malformed("$XDSDocumentEntryCreationTimeFrom"))
            );
        });
    }

    #[test]
    fn lists_are_bounded() {
        let ids: Vec<String> = (0..51).map(|i| format!("'{i}'")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        with(&[("$uuid", &ids)], |p| assert_eq!(p.unwrap().ids("$uuid"), Err(too_many("$uuid"))));
        with(&[("$uuid", &ids[..50]), ("$uuid", &["'1'"])], |p| {
            assert_eq!(p.unwrap().ids("$uuid").unwrap().len(), 50, "repeated ones count once");
        });
        let many = format!("({})", vec!["'x'"; VALUES_MAX + 1].join(","));
        with(&[("$XDSDocumentEntryEventCodeList", &[&many])], |p| {
            assert_eq!(p.map(|_| ()), Err(too_many("$XDSDocumentEntryEventCodeList")))
        });
        const AUTHOR: &str = "$XDSDocumentEntryAuthorPerson";
        with(&[(AUTHOR, &ids[..50])], |p| assert_eq!(p.unwrap().authors(AUTHOR).unwrap()[0].len(), 50));
        with(&[(AUTHOR, &ids)], |p| assert_eq!(p.unwrap().authors(AUTHOR), Err(too_many(AUTHOR))));
        let value = |length: usize| format!("'{}'", "a".repeat(length));
        let long = value(VALUE_BYTES_MAX);
        with(&[(AUTHOR, &[long.as_str(); 5])], |p| {
            assert_eq!(p.unwrap().authors(AUTHOR), Err(too_many(AUTHOR)))
        });
        with(&[(AUTHOR, &[long.as_str(); 4])], |p| {
            assert_eq!(p.unwrap().authors(AUTHOR).unwrap()[0].len(), 4)
        });
        with(&[(AUTHOR, &[&value(VALUE_BYTES_MAX + 1)])], |p| {
            assert_eq!(p.map(|_| ()), Err(malformed(AUTHOR)), "the search would fold it for each document");
        });
    }
}
