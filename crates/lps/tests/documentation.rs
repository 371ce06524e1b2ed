//! `docs/lps.md` says every action of the library and every reason of the record, as they are.
#![allow(clippy::unwrap_used)]

mod common;

use dmp_dossier::Reason;
use dmp_lps::service::Operation;

fn page() -> String {
    std::fs::read_to_string(common::workspace().join("docs/lps.md")).unwrap()
}

#[test]
fn the_table_of_errors_is_the_record_s() {
    let row = |reason: &Reason| {
        let answer = reason.answer();
        format!("| `{}` | `{}` | {} |", answer.dmp, answer.xds, answer.french)
    };
    let page = page();
    let table = page.split("| DMP token | `errorCode` | sentence |\n|---|---|---|\n").nth(1).unwrap();
    let written: Vec<_> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let expected: Vec<_> = Reason::ALL.iter().map(row).collect();
    assert_eq!(written, expected, "the table should be:\n{}", expected.join("\n"));
}

#[test]
fn every_operation_is_in_the_table_of_transactions() {
    let page = page();
    for operation in Operation::ALL {
        let row = format!("| `{}` | `{}`", operation.service(), operation.action());
        assert!(page.contains(&row), "{row}");
    }
}
