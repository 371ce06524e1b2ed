//! An answer against the official one, and what every comparison leaves out.

use crate::canonical::{Ignored, What, difference, lines};
use dmp_lps::Answer;

/// Headers of the envelope: they are of one call.
pub const HEADERS: &[Ignored] = &[
    Ignored {
        at: "Header/MessageID",
        what: What::Value,
        why: "a fresh identifier for each answer",
    },
    Ignored {
        at: "Header/RelatesTo",
        what: What::Value,
        why: "the official answers are of other calls than the official requests; that ours relates to its request is \
              checked apart",
    },
];

/// The answer says what the official one says. Every row is needed: without it, the two would differ.
pub fn same_structure(answer: &Answer, request: &str, official: &str, rows: &[&[Ignored]]) {
    let rows: Vec<Ignored> = std::iter::once(HEADERS).chain(rows.iter().copied()).flatten().copied().collect();
    let ours = lines(answer.envelope(), &rows);
    let theirs = lines(official.as_bytes(), &rows);
    assert!(theirs.len() > 12, "nothing to compare: {theirs:?}");
    if let Some(difference) = difference(&ours, &theirs) {
        panic!("the answer is not as the official one (-):\n{difference}");
    }
    for (place, row) in rows.iter().enumerate() {
        let mut others = rows.clone();
        others.remove(place);
        let needed = lines(answer.envelope(), &others) != lines(official.as_bytes(), &others);
        assert!(needed, "`{}` need not be ignored ({})", row.at, row.why);
    }
    let message_id = crate::samples::between(request, "<MessageID ", "</MessageID>");
    let message_id = message_id.trim_end_matches("</MessageID>").rsplit('>').next().unwrap();
    assert_eq!(answer.addressing("RelatesTo").unwrap().as_deref(), Some(message_id));
}
