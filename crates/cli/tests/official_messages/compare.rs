//! An answer against the official one, and what every comparison leaves out.

use crate::canonical::{Ignored, What, difference, lines};
use crate::samples::between;
use dmp_lps::Answer;

const MESSAGE_ID: Ignored =
    Ignored { at: "Header/MessageID", what: What::Value, why: "a fresh identifier for each answer" };

const RELATES_TO: Ignored = Ignored {
    at: "Header/RelatesTo",
    what: What::Value,
    why: "most official answers are those of other calls than the official requests",
};

/// The answer says what the official one says. Every row is needed: without it, the two would differ.
pub fn same_structure(answer: &Answer, request: &str, official: &str, rows: &[Ignored]) {
    let message_id = between(request, "<MessageID ", "</MessageID>");
    let message_id = message_id.trim_end_matches("</MessageID>").rsplit('>').next().unwrap();
    assert_eq!(answer.addressing("RelatesTo").unwrap().as_deref(), Some(message_id));
    let mut rows = rows.to_vec();
    rows.push(MESSAGE_ID);
    if !official.contains(message_id) {
        rows.push(RELATES_TO);
    }
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
}
