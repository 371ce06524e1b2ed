//! ITI-67 Find Document References (TD3.1): `GET /DocumentReference?…`, `POST /DocumentReference/_search`.
//!
//! Parameters of PDSm, MHD and PDSM4DMP become one [`DocumentFilter`]; the record finds and hides. Two searches are
//! told apart. TD3.1a lists documents. TD3.1b finds the reference of one document by its identifier: it is what an
//! employee, a structure or a loader may ask, and what a professional without authorisation may ask about his own;
//! its answer names the document and tells nothing of it.

use crate::document_reference::{self, Told};
use crate::outcome::Outcome;
use crate::request::Caller;
use crate::search::{self, Param, Params, date_tests, is_paging, names_patient, tokens};
use crate::searchset::{SearchParams, searchset_at, unexpected};
use crate::{Fhir, pointer};
use axum::extract::State;
use axum::response::Response;
use dmp_dossier::{
    Actor, Auth, AuthorTest, Availability, Comparison, DocumentFilter, DocumentRef, Ins, Lid, Query, Reason,
    SeenDocument, TokenTest, View,
};
use dmp_store::{StoreError, Target};
use http::StatusCode;
use std::sync::Arc;
use uuid::Uuid;

/// Every parameter read here, besides the patient and paging.
const KNOWN: &[&str] = &[
    "_id",
    "_lastUpdated",
    "_sort",
    "author",
    "author.family",
    "author.given",
    "author.identifier",
    "author.name",
    "author.practitioner.family",
    "author.practitioner.given",
    "author.practitioner.identifier",
    "author.practitioner.name",
    "category",
    "creation",
    "date",
    "event",
    "facility",
    "format",
    "identifier",
    "isArchived",
    "period",
    "period-end",
    "period-start",
    "related",
    "related.identifier",
    "relatesto",
    "relatesTo",
    "relatesto.identifier",
    "security-label",
    "setting",
    "status",
    "type",
];

/// The search, by GET or by POST.
pub(crate) async fn search(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    SearchParams(mut params): SearchParams,
) -> Result<Response, Outcome> {
    params.keep(|p| KNOWN.contains(&p.name.as_str()) || names_patient(&p.name) || is_paging(p))?;
    let paging = fhir.pager.read(&params)?;
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    let wanted = Wanted::read(&params)?;
    let (mut found, only_references) = find(&fhir, &caller, &ins, &wanted).await?;
    wanted.sort.apply(&mut found);
    let address = format!("{}/DocumentReference", fhir.base);
    let page = fhir.pager.page(&address, &params, &paging, &found);
    let url = |seen: &SeenDocument| Some(format!("{address}/{}", seen.entry.lid));
    Ok(searchset_at(&page, url, |w, seen| {
        let told = Told { entry: &seen.entry, replaces: seen.replaces.as_deref(), patient: Some(&ins) };
        match only_references {
            true => document_reference::write_reference_only(w, &told),
            false => document_reference::write(w, &fhir.base, &told),
        }
    }))
}

/// The documents that a condition of another request finds (`If-None-Exist`), and whose they are.
///
/// # Errors
/// Those of the search.
pub(crate) async fn matching(
    fhir: &Fhir,
    caller: &Caller,
    mut condition: Params,
) -> Result<(Vec<SeenDocument>, Ins), Outcome> {
    // A condition that is not understood would create what it was to prevent.
    condition.strict = true;
    condition.keep(|p| KNOWN.contains(&p.name.as_str()) || names_patient(&p.name))?;
    let ins = search::patient(&condition, &caller.actor, &fhir.store.parameters().realm)?;
    let wanted = Wanted::read(&condition)?;
    let (found, _) = find(fhir, caller, &ins, &wanted).await?;
    Ok((found, ins))
}

/// What a search asks for.
#[derive(Debug, Default)]
struct Wanted {
    filter: DocumentFilter,
    /// The search is by identifier, with nothing else but a status: TD3.1b.
    references_only: bool,
    sort: Sort,
}

/// The documents found, and whether only their references may be told.
async fn find(
    fhir: &Fhir,
    caller: &Caller,
    ins: &Ins,
    wanted: &Wanted,
) -> Result<(Vec<SeenDocument>, bool), Outcome> {
    if wanted.references_only && has_references_only(&caller.actor) {
        return Ok((find_references(fhir, caller, ins, wanted).await?, true));
    }
    let query = Query::FindDocuments(Box::new(wanted.filter.clone()));
    let target = Target::Patient(ins.clone());
    match fhir.store.consult(&caller.actor, target, query, caller.request).await {
        Ok(answer) => match answer.view {
            View::Documents(found) => Ok((found, false)),
            _ => Err(unexpected()),
        },
        Err(StoreError::Refused { refusal, .. })
            if wanted.references_only
                && matches!(refusal.reason, Reason::NotAuthorised | Reason::AuthorisationExpired) =>
        {
            Ok((find_references(fhir, caller, ins, wanted).await?, true))
        }
        Err(error) => Err(error.into()),
    }
}

/// TD3.1b: the first of the references that leads somewhere; none is an empty answer.
async fn find_references(
    fhir: &Fhir,
    caller: &Caller,
    ins: &Ins,
    wanted: &Wanted,
) -> Result<Vec<SeenDocument>, Outcome> {
    for reference in &wanted.filter.references {
        let query = Query::FindReference(reference.clone());
        let target = Target::Patient(ins.clone());
        match fhir.store.consult(&caller.actor, target, query, caller.request).await {
            Ok(answer) => match answer.view {
                View::Documents(mut found) => {
                    found.retain(|seen| {
                        let statuses = &wanted.filter.statuses;
                        statuses.is_empty() || statuses.contains(&seen.entry.status)
                    });
                    return Ok(found);
                }
                _ => return Err(unexpected()),
            },
            Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::UnknownDocument => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Vec::new())
}

/// Who searches by reference only: the tables give them no other search (PDT-INF-526, TD3.1).
pub(crate) fn has_references_only(actor: &Actor) -> bool {
    match actor {
        Actor::Professional(p) => p.auth == Auth::Indirect,
        Actor::Employee(_) | Actor::Structure(_) | Actor::App(_) => true,
        _ => false,
    }
}

impl Wanted {
    fn read(params: &Params) -> Result<Self, Outcome> {
        let mut wanted = Wanted::default();
        let mut statuses: Vec<Vec<Availability>> = Vec::new();
        let mut identifiers = 0;
        let mut others = 0;
        for param in params.list.iter().filter(|p| !names_patient(&p.name) && !is_paging(p)) {
            match param.name.as_str() {
                "status" => {
                    let any = tokens(&param.value);
                    statuses.push(any.iter().flat_map(|t| with_status(&t.code)).copied().collect());
                }
                "isArchived" => statuses.push(archived(param)?),
                "identifier" => {
                    identifiers += 1;
                    let references: Vec<_> =
                        tokens(&param.value).iter().flat_map(pointer::documents).collect();
                    all_of(&mut wanted.filter.references, references);
                }
                "_id" => {
                    others += 1;
                    let lids = tokens(&param.value).into_iter().filter_map(|t| pointer::id(&t.code).ok());
                    all_of(&mut wanted.filter.references, lids.map(|id| DocumentRef::Lid(Lid(id))).collect());
                }
                "_sort" => wanted.sort = Sort::read(param, params.strict)?,
                _ => {
                    others += 1;
                    wanted.filter.add(param)?;
                }
            }
        }
        wanted.references_only = identifiers == 1 && others == 0;
        if let Some(first) = statuses.first().cloned() {
            wanted.filter.statuses =
                first.into_iter().filter(|s| statuses.iter().all(|any| any.contains(s))).collect();
            if wanted.filter.statuses.is_empty() {
                wanted.filter.references = vec![NOTHING];
            }
        }
        Ok(wanted)
    }
}

/// A reference to no document: what a criterion that nothing can meet becomes.
const NOTHING: DocumentRef = DocumentRef::Lid(Lid(Uuid::nil()));

/// Keeps the references that are also among these; none left matches nothing.
fn all_of(kept: &mut Vec<DocumentRef>, also: Vec<DocumentRef>) {
    let both: Vec<_> = match kept.is_empty() {
        true => also,
        false => also.into_iter().filter(|r| kept.contains(r)).collect(),
    };
    *kept = if both.is_empty() { vec![NOTHING] } else { both };
}

fn with_status(code: &str) -> &'static [Availability] {
    match code.trim() {
        "current" => &[Availability::Approved, Availability::Archived],
        "superseded" => &[Availability::Deprecated],
        "entered-in-error" => &[Availability::Deleted],
        _ => &[],
    }
}

fn archived(param: &Param) -> Result<Vec<Availability>, Outcome> {
    match param.value.trim() {
        "true" => Ok(vec![Availability::Archived]),
        "false" => Ok(vec![Availability::Approved, Availability::Deprecated, Availability::Deleted]),
        _ => Err(Outcome::value(format!("`{}` is true or false", param.sent))),
    }
}

trait Criteria {
    fn add(&mut self, param: &Param) -> Result<(), Outcome>;
}

impl Criteria for DocumentFilter {
    fn add(&mut self, param: &Param) -> Result<(), Outcome> {
        let tests =
            || -> Vec<TokenTest> { tokens(&param.value).iter().map(search::Token::to_test).collect() };
        match param.name.as_str() {
            "type" => restrict(&mut self.types, tests()),
            "category" => restrict(&mut self.classes, tests()),
            "format" => restrict(&mut self.formats, tests()),
            "facility" => restrict(&mut self.facilities, tests()),
            "setting" => restrict(&mut self.settings, tests()),
            "event" => self.events.push(tests()),
            "security-label" => self.confidentialities.push(tests()),
            "related" | "related.identifier" => restrict(&mut self.reference_ids, tests()),
            "date" | "creation" => self.creation.push(date_tests(param)?),
            "period" => self.period.push(date_tests(param)?),
            "period-start" => self.service_start.push(date_tests(param)?),
            "period-end" => self.service_stop.push(date_tests(param)?),
            "_lastUpdated" => {
                let test = date_tests(param)?;
                let since = match test.comparison {
                    Comparison::GreaterOrEqual => test.value.start(),
                    Comparison::Greater | Comparison::StartsAfter => test.value.end(),
                    _ => {
                        let what = "`_lastUpdated` takes the prefixes ge, gt and sa";
                        return Err(Outcome::new(StatusCode::BAD_REQUEST, "not-supported", what));
                    }
                };
                self.registered_since = self.registered_since.max(Some(since));
            }
            "relatesto" | "relatesTo" | "relatesto.identifier" => {
                let targets: Vec<_> = tokens(&param.value)
                    .iter()
                    .flat_map(|t| match t.code.rsplit_once('/') {
                        Some((_, id)) => {
                            pointer::documents(&search::Token { system: None, code: id.to_owned() })
                        }
                        None => pointer::documents(t),
                    })
                    .collect();
                all_of(&mut self.replaces, targets);
            }
            name => self.authors.push(author_tests(name, param)),
        }
        Ok(())
    }
}

/// A second parameter of the same name must be met too: a document has one type, so the common ones remain.
fn restrict(kept: &mut Vec<TokenTest>, also: Vec<TokenTest>) {
    let nothing = TokenTest { system: Some(String::new()), code: String::new() };
    let both: Vec<_> = match kept.is_empty() {
        true => also,
        false => also.into_iter().filter(|t| kept.contains(t)).collect(),
    };
    *kept = if both.is_empty() { vec![nothing] } else { both };
}

/// `author.family`, `author.identifier`…, `author` alone being an identifier or the end of a reference.
fn author_tests(name: &str, param: &Param) -> Vec<AuthorTest> {
    let part = name.rsplit('.').next().unwrap_or(name);
    tokens(&param.value)
        .into_iter()
        .map(|t| match part {
            "family" => AuthorTest::Family(t.code),
            "given" => AuthorTest::Given(t.code),
            "name" => AuthorTest::Name(t.code),
            _ => AuthorTest::Id(t.code.rsplit_once('/').map_or(t.code.clone(), |(head, id)| {
                // A structure's internal number holds a `/` too: only a type before it makes it a reference.
                if head.chars().all(|c| c.is_ascii_alphabetic()) && !head.is_empty() {
                    id.to_owned()
                } else {
                    t.code.clone()
                }
            })),
        })
        .collect()
}

/// Order of an answer; the most recent creation first unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sort {
    #[default]
    NewestFirst,
    OldestFirst,
    LastUpdatedFirst,
    LastUpdatedLast,
}

impl Sort {
    fn read(param: &Param, strict: bool) -> Result<Self, Outcome> {
        match param.value.trim() {
            "-date" | "-creation" => Ok(Sort::NewestFirst),
            "date" | "creation" => Ok(Sort::OldestFirst),
            "-_lastUpdated" => Ok(Sort::LastUpdatedFirst),
            "_lastUpdated" => Ok(Sort::LastUpdatedLast),
            _ if !strict => Ok(Sort::default()),
            _ => Err(Outcome::new(
                StatusCode::BAD_REQUEST,
                "not-supported",
                "`_sort` takes date, creation or _lastUpdated",
            )),
        }
    }

    fn apply(self, found: &mut [SeenDocument]) {
        let created = |s: &SeenDocument| (s.entry.metadata.creation_time.start(), s.row);
        let updated = |s: &SeenDocument| (s.entry.registered_at, s.row);
        match self {
            Sort::NewestFirst => found.sort_by_key(|s| std::cmp::Reverse(created(s))),
            Sort::OldestFirst => found.sort_by_key(created),
            Sort::LastUpdatedFirst => found.sort_by_key(|s| std::cmp::Reverse(updated(s))),
            Sort::LastUpdatedLast => found.sort_by_key(updated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::DocumentUid;
    use http::HeaderMap;

    fn wanted(query: &str) -> Result<Wanted, Outcome> {
        Wanted::read(&Params::read(query, &HeaderMap::new()).unwrap())
    }

    fn filter(query: &str) -> DocumentFilter {
        wanted(query).unwrap().filter
    }

    #[test]
    fn status_and_archiving_meet() {
        use Availability::{Approved, Archived, Deleted, Deprecated};
        for (query, statuses) in [
            ("", vec![]),
            ("status=current", vec![Approved, Archived]),
            ("status=current&isArchived=false", vec![Approved]),
            ("status=current&isArchived=true", vec![Archived]),
            ("isArchived=true", vec![Archived]),
            ("status=superseded", vec![Deprecated]),
            ("status=current,superseded", vec![Approved, Archived, Deprecated]),
            ("status=entered-in-error", vec![Deleted]),
            ("status=http://hl7.org/fhir/document-reference-status|current", vec![Approved, Archived]),
        ] {
            assert_eq!(filter(query).statuses, statuses, "{query}");
            assert_eq!(filter(query).references, vec![], "{query}");
        }
        for query in
            ["status=superseded&isArchived=true", "status=unknown", "status=current&status=superseded"]
        {
            assert_eq!(filter(query).references, [NOTHING], "{query}");
        }
        assert_eq!(wanted("isArchived=x").unwrap_err().issues()[0].code, "value");
    }

    #[test]
    fn every_parameter_is_a_criterion() {
        let empty = DocumentFilter::default();
        for name in KNOWN.iter().filter(|n| !matches!(**n, "status" | "_sort")) {
            let value = match *name {
                "date" | "creation" | "period" | "period-start" | "period-end" => "2024",
                "_lastUpdated" => "ge2024",
                "isArchived" => "true",
                _ => "x",
            };
            assert_ne!(filter(&format!("{name}={value}")), empty, "{name}");
        }
    }

    #[test]
    fn criteria_are_read() {
        let token = |system: &str, code: &str| TokenTest { system: Some(system.into()), code: code.into() };
        let f =
            filter("type=http://loinc.org|11488-4,http://loinc.org|18748-4&event=a&event=b&security-label=N");
        assert_eq!(
            f.types,
            [token("2.16.840.1.113883.6.1", "11488-4"), token("2.16.840.1.113883.6.1", "18748-4")]
        );
        assert_eq!((f.events.len(), f.confidentialities.len()), (2, 1));
        let f = filter("type=a,b&type=b,c");
        assert_eq!(f.types, [TokenTest { system: None, code: "b".into() }]);
        assert!(filter("type=a&type=b").types[0].code.is_empty());
        let f =
            filter("author:PractitionerRole.practitioner.family=Martin&author.identifier=urn:oid:1.2|8999");
        assert_eq!(
            f.authors,
            [vec![AuthorTest::Family("Martin".into())], vec![AuthorTest::Id("8999".into())]]
        );
        let f = filter("author=Practitioner/8999&author.identifier=3750100125/1453");
        assert_eq!(
            f.authors,
            [vec![AuthorTest::Id("8999".into())], vec![AuthorTest::Id("3750100125/1453".into())]]
        );
        let f = filter("date=ge2024-01-01&date=lt2025&_lastUpdated=gt2024");
        assert_eq!((f.creation.len(), f.registered_since.is_some()), (2, true));
        let old = "c2ad5d22-4ed9-44d6-ad9b-4292ba64131f";
        let f = filter(&format!("relatesto=DocumentReference/{old}"));
        assert!(f.replaces.contains(&DocumentRef::Lid(Lid(Uuid::try_parse(old).unwrap()))));
        assert_eq!(wanted("date=abc").unwrap_err().issues()[0].code, "value");
        assert_eq!(wanted("_lastUpdated=lt2024").unwrap_err().issues()[0].code, "not-supported");
    }

    #[test]
    fn a_search_by_identifier_alone_is_for_a_reference() {
        let unique = DocumentRef::UniqueId(DocumentUid::parse("1.2.3").unwrap());
        for (query, references_only) in [
            ("identifier=urn:oid:1.2.3", true),
            ("identifier=urn:oid:1.2.3&status=current", true),
            ("identifier=urn:oid:1.2.3&type=x", false),
            ("status=current", false),
        ] {
            assert_eq!(wanted(query).unwrap().references_only, references_only, "{query}");
        }
        assert_eq!(filter("identifier=urn:oid:1.2.3").references, [unique]);
        assert_eq!(filter("identifier=urn:oid:1.2.3&identifier=urn:oid:1.2.4").references, [NOTHING]);
        assert_eq!(filter("identifier=ZZZ|' OR 1=1--").references, [NOTHING]);
        assert_eq!(filter("_id=../x").references, [NOTHING]);
    }
}
