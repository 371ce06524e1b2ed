//! An answer in one line: what the table says of it.

use crate::common::Answer as Http;
use dmp_lps::answer::{RefusalKind, RegistryError};
use dmp_lps::{Answer, LpsError, Refusal, candidates, registry, retrieve, search};

/// Reads an answer of a transaction: how many things it gives.
type Read = fn(&Answer) -> Result<usize, LpsError>;

/// `success`, `success, nothing found`, `fault STATUS CODE WORD`, `CODE ATTRIBUTE, ATTRIBUTE; CODE …`, or the token of an
/// acknowledgement with its sentence.
pub fn of(http: &Http) -> String {
    let content_type = http.header("content-type").unwrap_or_default();
    let answer = match Answer::read(content_type, http.body.clone().into()) {
        Ok(answer) => answer,
        Err(error) => return format!("no SOAP ({error}): {}", http.brief()),
    };
    let readers: [Read; 4] = [
        |answer| registry::read(answer).map(|_| 1),
        |answer| search::read(answer).map(|found| found.entries.len() + found.identifiers.len()),
        |answer| retrieve::read(answer).map(|found| found.len()),
        |answer| candidates::read(answer).map(|found| found.len()),
    ];
    for read in readers {
        match read(&answer) {
            Ok(0) => return "success, nothing found".to_owned(),
            Ok(_) if http.text().contains("ResponseStatusType:PartialSuccess") => {
                let errors = http.text();
                let code = errors.split("errorCode=\"").nth(1).and_then(|rest| rest.split('"').next());
                let context =
                    errors.split("codeContext=\"").nth(1).and_then(|rest| rest.split([' ', '"']).next());
                return format!(
                    "success, partial: {} {}",
                    code.unwrap_or_default(),
                    context.unwrap_or_default()
                );
            }
            Ok(_) => return "success".to_owned(),
            Err(LpsError::Refused(refusal)) => return refused(http.status, &refusal),
            Err(_) => {}
        }
    }
    format!("not read: {}", http.brief())
}

fn refused(status: u16, refusal: &Refusal) -> String {
    match refusal.kind {
        RefusalKind::Fault => {
            // English reasons, for who writes software, start with a word of the catalogue of bad inputs; French ones
            // are sentences.
            let word = refusal.reason.split(": ").next().unwrap_or_default();
            let said = if word.contains(' ') { &refusal.reason } else { word };
            format!("fault {status} {} {said}", refusal.code)
        }
        RefusalKind::Registry => errors(&refusal.errors),
        _ => {
            // The element is named by its path in the message.
            let path = refusal.reason.split('`').nth(1).unwrap_or(&refusal.reason);
            format!("{} {}", refusal.code, path.rsplit('/').next().unwrap_or_default())
        }
    }
}

/// Each code with the attributes that it is about, each once.
fn errors(errors: &[RegistryError]) -> String {
    let mut codes: Vec<(&str, Vec<&str>)> = Vec::new();
    for error in errors {
        let attribute = attribute(&error.context);
        match codes.iter_mut().find(|(code, _)| *code == error.code) {
            Some((_, attributes)) if attributes.contains(&attribute) => {}
            Some((_, attributes)) => attributes.push(attribute),
            None => codes.push((&error.code, vec![attribute])),
        }
    }
    let of_codes = codes.iter().map(|(code, attributes)| format!("{code} {}", attributes.join(", ")));
    of_codes.collect::<Vec<_>>().join("; ")
}

/// What an error is about; the sentence itself where it is about no attribute.
fn attribute(context: &str) -> &str {
    if let Some(name) = context.strip_prefix("a value of `").and_then(|rest| rest.split('`').next()) {
        return name;
    }
    let named = [" of `", " `", " : "].into_iter().filter_map(|after| context.find(after)).min();
    match named {
        Some(end) if !context[..end].contains(' ') => &context[..end],
        // The rule and its source follow.
        _ => context.split(" : ").next().unwrap_or(context),
    }
}
