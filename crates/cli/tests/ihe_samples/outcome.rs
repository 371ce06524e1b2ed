//! An answer in one line: what the table says of it.

use crate::common::Answer as Http;
use dmp_lps::answer::RefusalKind;
use dmp_lps::{Answer, LpsError, Refusal, candidates, registry, retrieve, search};

/// `success N`, `fault STATUS CODE WORD`, `CODE ATTRIBUTE, ATTRIBUTE; CODE …`, or an acknowledgement's code.
pub fn of(http: &Http) -> String {
    let content_type = http.header("content-type").unwrap_or_default();
    let answer = match Answer::read(content_type, http.body.clone().into()) {
        Ok(answer) => answer,
        Err(error) => return format!("no SOAP ({error}): {}", http.brief()),
    };
    let readers: [fn(&Answer) -> Result<usize, LpsError>; 4] = [
        |answer| registry::read(answer).map(|_| 0),
        |answer| search::read(answer).map(|found| found.entries.len() + found.identifiers.len()),
        |answer| retrieve::read(answer).map(|found| found.len()),
        |answer| candidates::read(answer).map(|found| found.len()),
    ];
    for read in readers {
        match read(&answer) {
            Ok(count) => return format!("success {count}"),
            Err(LpsError::Refused(refusal)) => return refused(http.status, &refusal),
            Err(_) => {}
        }
    }
    format!("not read: {}", http.brief())
}

fn refused(status: u16, refusal: &Refusal) -> String {
    match refusal.kind {
        RefusalKind::Fault => {
            let word = refusal.reason.split_once(':').map_or("", |(word, _)| word);
            let word = if word.contains(' ') || word.is_empty() { refusal.reason.as_str() } else { word };
            format!("fault {status} {} {word}", refusal.code).trim_end().to_owned()
        }
        RefusalKind::Registry => {
            let mut lines: Vec<String> = Vec::new();
            for error in &refusal.errors {
                let line = format!("{} {}", error.code, error.context);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
            lines.join("\n        ")
        }
        _ => format!("{} {}", refusal.code, refusal.reason),
    }
}
