//! `GET AuditEvent` (ITI-81): which lines of the journal are asked for, page by page.
//!
//! Reading the journal adds a line to it. So that pages neither overlap nor skip, all of them go back from the line
//! that the first page begins with (`_from`, in their links).

use super::{kind_of, outcome_of, write};
use crate::Fhir;
use crate::definitions::ACTES;
use crate::outcome::{Outcome, echo};
use crate::request::Caller;
use crate::search::{self, Param, Params, Token, date_tests, is_paging, names_patient, tokens};
use crate::searchset::{SearchParams, searchset};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use dmp_dossier::{ActorKind, Comparison, DateTest, Ins, JournalFilter, Query};
use dmp_store::{Line, Target};
use std::sync::Arc;
use uuid::Uuid;

const FROM: &str = "_from";
const AGENT: [&str; 2] = ["agent.identifier", "agent"];
const TOKENS: [&str; 4] = ["type", "subtype", "action", "outcome"];

pub(crate) fn routes() -> Router<Arc<Fhir>> {
    Router::new().route("/AuditEvent", get(find)).route("/AuditEvent/_search", post(find))
}

async fn find(
    State(fhir): State<Arc<Fhir>>,
    caller: Caller,
    SearchParams(mut params): SearchParams,
) -> Result<Response, Outcome> {
    params.keep(|p| is_known(&p.name) || is_paging(p))?;
    let paging = fhir.pager.read(&params)?;
    let ins = search::patient(&params, &caller.actor, &fhir.store.parameters().realm)?;
    let asked = Asked::read(&params, &ins)?;
    let from = from(&params)?;
    let query = Query::Journal(asked.filter.clone());
    let answer =
        fhir.store.consult(&caller.actor, Target::Patient(ins.clone()), query, caller.request).await?;
    let mut lines: Vec<Line> = answer.lines.into_iter().filter(|line| asked.takes(line)).collect();
    match from {
        Some(id) => match lines.iter().position(|line| line.id == id) {
            Some(position) => drop(lines.drain(..position)),
            None => {
                return Err(Outcome::invalid("the line these pages go back from is not there; search again"));
            }
        },
        None => {
            let first = lines.first().map(|line| line.id.to_string());
            let anchor = |value| Param { name: FROM.into(), modifier: None, sent: FROM.into(), value };
            params.list.extend(first.map(anchor));
        }
    }
    let page = fhir.pager.page(&format!("{}/AuditEvent", fhir.base), &params, &paging, &lines);
    Ok(searchset(&page, |w, line| write(w, &ins, line)))
}

fn is_known(name: &str) -> bool {
    names_patient(name) || AGENT.contains(&name) || TOKENS.contains(&name) || matches!(name, "date" | FROM)
}

/// The line the pages go back from, when the link says it.
fn from(params: &Params) -> Result<Option<Uuid>, Outcome> {
    let wrong = |text: &str| Outcome::value(format!("`{FROM}` is no line: `{}`", echo(text)));
    params.single(FROM)?.map(|text| Uuid::try_parse(text).map_err(|_| wrong(text))).transpose()
}

/// What was asked: part for the store, part compared here with what each line is written as.
#[derive(Debug, Default)]
struct Asked {
    filter: JournalFilter,
    /// Only the patient's own acts.
    by_patient: bool,
    /// For each token parameter: its name, and its alternatives.
    tokens: Vec<(&'static str, Vec<Token>)>,
}

impl Asked {
    fn read(params: &Params, patient: &Ins) -> Result<Self, Outcome> {
        let mut asked = Asked::default();
        for param in &params.list {
            let name = param.name.as_str();
            if name == "date" {
                asked.narrow(date_tests(param)?)?;
            } else if AGENT.contains(&name) {
                asked.by_agent(param, patient)?;
            } else if let Some(name) = TOKENS.into_iter().find(|t| *t == name) {
                asked.tokens.push((name, tokens(&param.value)));
            }
        }
        Ok(asked)
    }

    fn narrow(&mut self, test: DateTest) -> Result<(), Outcome> {
        let (start, end) = (test.value.start(), test.value.end());
        let (from, to) = match test.comparison {
            Comparison::Equal => (Some(start), Some(end)),
            Comparison::GreaterOrEqual | Comparison::From => (Some(start), None),
            Comparison::Greater | Comparison::StartsAfter => (Some(end), None),
            Comparison::LessOrEqual => (None, Some(end)),
            Comparison::Less | Comparison::EndsBefore | Comparison::To => (None, Some(start)),
            Comparison::NotEqual => return Err(Outcome::value("`ne` is not searched in the journal")),
        };
        let filter = &mut self.filter;
        filter.from = filter.from.max(from);
        filter.to = match (filter.to, to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Ok(())
    }

    /// The journal names the patient by no identifier: it knows that it was the patient.
    fn by_agent(&mut self, param: &Param, patient: &Ins) -> Result<(), Outcome> {
        let tokens = tokens(&param.value);
        let ([token], false) = (tokens.as_slice(), self.filter.agent.is_some() || self.by_patient) else {
            return Err(Outcome::invalid(format!("parameter `{}` names one agent", echo(&param.sent))));
        };
        if token.code == patient.value() {
            self.by_patient = true;
        } else {
            self.filter.agent = Some(token.code.clone());
        }
        Ok(())
    }

    fn takes(&self, line: &Line) -> bool {
        (!self.by_patient || line.entry.actor.kind == ActorKind::Patient)
            && self.tokens.iter().all(|(name, wanted)| {
                wanted.iter().any(|token| codings_of(line, name).iter().any(|coding| is(token, *coding)))
            })
    }
}

fn is(token: &Token, (system, code): (&str, &str)) -> bool {
    token.code == code && token.system.as_deref().is_none_or(|s| s == system)
}

/// The codings a line has for a parameter. `type` also finds the act: every line is of the one type `rest`.
fn codings_of(line: &Line, name: &str) -> Vec<(&'static str, &'static str)> {
    let (action, interaction) = kind_of(line.entry.act);
    let subtypes = [(super::INTERACTION, interaction), (ACTES, line.entry.act.as_str())];
    match name {
        "type" => [(super::TYPE, "rest")].into_iter().chain(subtypes).collect(),
        "subtype" => subtypes.to_vec(),
        "action" => vec![("http://hl7.org/fhir/audit-event-action", action)],
        _ => vec![("http://terminology.hl7.org/CodeSystem/audit-event-outcome", outcome_of(line))],
    }
}
