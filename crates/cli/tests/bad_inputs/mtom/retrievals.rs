//! Rows MTOM-57 to MTOM-60: ITI-43.

use crate::case::{Case, Check, World, case, fault, registry};
use crate::common::Answer;
use crate::lps::read;
use dmp_lps::retrieve;
use dmp_lps::service::REPOSITORY;
use std::time::Duration;

const UNKNOWN: &str = "XDSDocumentUniqueIdError";
const ABSENT: &str = "1.2.250.1.999.7.999999";

pub fn cases() -> Vec<Case> {
    vec![
        case(
            "MTOM-57",
            |w| {
                let ids: Vec<String> = (0..1000).map(|n| format!("1.2.3.{n}")).collect();
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                w.retrieve_as(&w.lps.doctor, &ids)
            },
            fault(400, "too-many-documents"),
        ),
        case(
            "MTOM-58",
            |w| w.message(|_| retrieve::message(&[ABSENT])).edit(REPOSITORY, "1.2.3.4").send(w),
            registry("XDSUnknownRepositoryId", "1.2.3.4"),
        ),
        case("MTOM-59", masked, registry(UNKNOWN, "uniqueId=")).and(as_absent()).stores_one(),
        case("MTOM-59", |w| w.retrieve_as(&w.lps.colleague, &[ABSENT]), registry(UNKNOWN, "uniqueId="))
            .variant("absent"),
        case(
            "MTOM-60",
            |w| {
                let (shown, hidden) = (w.synthese(), w.synthese());
                assert!(w.lot_of(&[shown.clone(), hidden.clone()]).send(w).is_success(), "the lot");
                w.mask(&hidden.unique_id);
                let ids = [hidden.unique_id.as_str(), shown.unique_id.as_str(), ABSENT];
                w.retrieve_as(&w.lps.colleague, &ids)
            },
            partial(),
        )
        .stores(2),
    ]
}

/// A document that the doctor masked, asked for by the colleague.
fn masked(w: &World) -> Answer {
    let document = w.synthese();
    assert!(w.lot_of(std::slice::from_ref(&document)).send(w).is_success(), "the document");
    assert!(w.retrieve_as(&w.lps.colleague, &[&document.unique_id]).is_success(), "before it is masked");
    w.mask(&document.unique_id);
    w.retrieve_as(&w.lps.colleague, &[&document.unique_id])
}

/// Same words as for a document that is nowhere, but for its identifier, and within the same time.
fn as_absent() -> Check {
    Box::new(|w, answer| {
        let hidden = answer.registry_errors()[0][1].clone();
        let id = hidden.trim_start_matches("uniqueId=").to_owned();
        let absent = w.retrieve_as(&w.lps.colleague, &[ABSENT]);
        if hidden.replace(&id, ABSENT) != absent.registry_errors()[0][1] || absent.status != answer.status {
            return Err(format!("told from absent: {hidden}"));
        }
        // Medians of several, in a debug build on a machine that does other things: an order of magnitude.
        let median = |id: &str| {
            let mut times: Vec<Duration> =
                (0..7).map(|_| w.retrieve_as(&w.lps.colleague, &[id]).took).collect();
            times.sort();
            times[3]
        };
        let (hidden, absent) = (median(&id), median(ABSENT));
        let (short, long) = (hidden.min(absent), hidden.max(absent));
        match long > short * 3 + Duration::from_millis(20) {
            false => Ok(()),
            true => Err(format!("{hidden:?} for a masked document, {absent:?} for none")),
        }
    })
}

/// The readable document, and one error for each of the two others.
fn partial() -> Check {
    Box::new(|_, answer| {
        let errors = answer.registry_errors();
        let alike = errors.len() == 2 && errors.iter().all(|[code, ..]| code == UNKNOWN);
        let found = retrieve::read(&read(answer)).map_err(|error| error.to_string())?;
        let status = answer.text().contains("urn:ihe:iti:2007:ResponseStatusType:PartialSuccess");
        match status && alike && found.len() == 1 {
            true => Ok(()),
            false => Err(format!("{errors:?}, {} documents", found.len())),
        }
    })
}
