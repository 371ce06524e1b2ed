//! Errors of this face: an OperationOutcome and its HTTP status.
//!
//! Refusals of the record are said by the one table of reasons ([`dmp_dossier::Reason::answer`]): the XDS reason
//! stands in `issue.details.text`, the French sentence in `issue.diagnostics`. What this face refuses by itself
//! (syntax, shape, negotiation) has no XDS reason. An outcome repeats what the sender sent, cut short, and never
//! health data, a stack, a path or a statement. Nothing in its bytes differs between two requests that must not be
//! told apart: the correlation identifier travels in the `X-Request-Id` header.

use crate::media;
use crate::write::JsonWriter;
use axum::response::{IntoResponse, Response};
use dmp_dossier::{Reason, Refusal};
use dmp_store::StoreError;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};

/// Longest part of a value of the sender that is repeated, in characters.
const ECHO_CHARS: usize = 60;

/// One thing that is wrong (`OperationOutcome.issue`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// IssueType, such as `structure` or `not-found`.
    pub code: &'static str,
    /// `details.text`: the XDS reason, when there is one.
    pub text: Option<&'static str>,
    /// What was wrong, in a sentence.
    pub diagnostics: String,
    /// FHIRPath of the element.
    pub expression: Option<String>,
}

impl Issue {
    /// An issue without place.
    pub fn new(code: &'static str, diagnostics: impl Into<String>) -> Self {
        Issue { code, text: None, diagnostics: diagnostics.into(), expression: None }
    }

    /// The same, at that place.
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }
}

/// An error answer: at least one issue, and a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    status: StatusCode,
    issues: Vec<Issue>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Outcome {
    /// An answer of one issue.
    pub fn new(status: StatusCode, code: &'static str, diagnostics: impl Into<String>) -> Self {
        Outcome::of(status, vec![Issue::new(code, diagnostics)])
    }

    /// An answer of several issues, the first one deciding.
    pub fn of(status: StatusCode, issues: Vec<Issue>) -> Self {
        Outcome { status, issues, headers: Vec::new() }
    }

    /// 400 `structure`: not what FHIR's JSON looks like.
    pub fn structure(diagnostics: impl Into<String>) -> Self {
        Outcome::new(StatusCode::BAD_REQUEST, "structure", diagnostics)
    }

    /// 400 `value`: a value that its type does not allow.
    pub fn value(diagnostics: impl Into<String>) -> Self {
        Outcome::new(StatusCode::BAD_REQUEST, "value", diagnostics)
    }

    /// 400 `invalid`: well-formed, but not what this request may say.
    pub fn invalid(diagnostics: impl Into<String>) -> Self {
        Outcome::new(StatusCode::BAD_REQUEST, "invalid", diagnostics)
    }

    /// 404 `not-found`, the one voice for what is absent and for what may not be known of.
    pub fn not_found() -> Self {
        Outcome::from(Reason::UnknownDocument)
    }

    /// 401 `login`: nobody acts.
    pub fn login() -> Self {
        Outcome::new(StatusCode::UNAUTHORIZED, "login", "Une authentification est nécessaire.")
            .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 405 `not-supported`.
    pub fn method_not_allowed(diagnostics: impl Into<String>) -> Self {
        Outcome::new(StatusCode::METHOD_NOT_ALLOWED, "not-supported", diagnostics)
    }

    /// The same, each issue without a place taking this one.
    pub fn at(mut self, expression: &str) -> Self {
        for issue in self.issues.iter_mut().filter(|i| i.expression.is_none()) {
            issue.expression = Some(expression.to_owned());
        }
        self
    }

    /// The same, its places now below that prefix (`Bundle.entry[1].resource` and `List.date`).
    pub fn under(mut self, prefix: &str) -> Self {
        for issue in &mut self.issues {
            issue.expression = Some(match &issue.expression {
                Some(path) => format!("{prefix}.{}", path.split_once('.').map_or(path.as_str(), |(_, p)| p)),
                None => prefix.to_owned(),
            });
        }
        self
    }

    /// The same, its first issue also saying what was wrong in the request.
    pub fn saying(mut self, context: &str) -> Self {
        if let Some(issue) = self.issues.first_mut() {
            issue.diagnostics = format!("{} ({context})", issue.diagnostics);
        }
        self
    }

    /// The same with a header more.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its issues.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// The resource.
    pub fn to_json(&self) -> String {
        let mut w = JsonWriter::with_capacity(256);
        self.write(&mut w);
        w.finish()
    }

    /// Writes the resource, as an entry of a Bundle does.
    pub fn write(&self, w: &mut JsonWriter) {
        w.begin_object();
        w.field("resourceType", "OperationOutcome");
        w.key("issue").begin_array();
        for issue in &self.issues {
            w.begin_object();
            w.field("severity", "error").field("code", issue.code);
            if let Some(text) = issue.text {
                w.key("details").begin_object().field("text", text).end_object();
            }
            w.field("diagnostics", &issue.diagnostics);
            if let Some(expression) = &issue.expression {
                w.key("expression").begin_array().string(expression).end_array();
            }
            w.end_object();
        }
        w.end_array().end_object();
    }
}

/// A value of the sender, short enough to be repeated.
pub fn echo(value: &str) -> String {
    let mut cut: String =
        value.chars().take(ECHO_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if value.chars().nth(ECHO_CHARS).is_some() {
        cut.push('…');
    }
    cut
}

impl From<Reason> for Outcome {
    fn from(reason: Reason) -> Self {
        let answer = reason.answer();
        let issue = Issue {
            code: answer.issue,
            text: Some(answer.xds),
            diagnostics: answer.french.to_owned(),
            expression: None,
        };
        let status = StatusCode::from_u16(answer.http).expect("the table of reasons holds HTTP statuses");
        Outcome::of(status, vec![issue])
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        let outcome = Outcome::from(refusal.reason);
        match refusal.context {
            Some(context) => outcome.saying(&echo(&context)),
            None => outcome,
        }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused { refusal, retry_after_seconds } => {
                let outcome = Outcome::from(refusal);
                match retry_after_seconds {
                    Some(seconds) => outcome.with_header(RETRY_AFTER, HeaderValue::from(seconds)),
                    None => outcome,
                }
            }
            StoreError::Failed { place, source } => {
                tracing::error!(place, error = &*source as &dyn std::error::Error, "storage failed");
                Outcome::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "exception",
                    "Une erreur est survenue : la demande n'a pas été traitée.",
                )
            }
        }
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media::FHIR_JSON));
        headers.extend(self.headers.iter().cloned());
        (self.status, headers, self.to_json()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::access::VIS_10;

    #[test]
    fn a_refusal_is_said_by_the_table_of_reasons() {
        for reason in Reason::ALL {
            let outcome = Outcome::from(Refusal::about(*reason, &VIS_10, "typeCode `x`"));
            let (answer, issue) = (reason.answer(), &outcome.issues()[0]);
            assert_eq!(outcome.status().as_u16(), answer.http, "{reason:?}");
            assert_eq!((issue.code, issue.text), (answer.issue, Some(answer.xds)), "{reason:?}");
            assert!(issue.diagnostics.starts_with(answer.french), "{reason:?}");
            assert!(issue.diagnostics.contains("typeCode `x`"), "{reason:?}");
        }
    }

    #[test]
    fn a_quota_says_when_to_come_back() {
        let error = StoreError::Refused {
            refusal: Refusal::new(Reason::Quota, &VIS_10),
            retry_after_seconds: Some(12),
        };
        let response = Outcome::from(error).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[RETRY_AFTER], "12");
        assert_eq!(response.headers()[CONTENT_TYPE], media::FHIR_JSON);
    }

    #[test]
    fn a_failure_tells_nothing_of_the_inside() {
        let error = StoreError::Failed { place: "entry", source: "no such table: entry".into() };
        let outcome = Outcome::from(error);
        assert_eq!(outcome.status(), 500);
        assert!(!outcome.to_json().contains("entry"));
    }

    #[test]
    fn a_long_value_is_cut_and_control_characters_are_not_repeated() {
        assert_eq!(echo("abc"), "abc");
        assert_eq!(echo("a\u{0}b\n"), "a\u{fffd}b\u{fffd}");
        assert_eq!(echo(&"x".repeat(100)), format!("{}…", "x".repeat(60)));
    }

    #[test]
    fn places_are_moved_below_an_entry() {
        let outcome = Outcome::structure("x").at("List.date").under("Bundle.entry[0].resource");
        assert_eq!(
            outcome.to_json(),
            r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"structure","diagnostics":"x","expression":["Bundle.entry[0].resource.date"]}]}"#
        );
    }
}
