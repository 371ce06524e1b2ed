//! What the patient may do on the page of one document: choose who sees it, delete what is theirs, report a mistake.

use dmp_dossier::{
    Availability, DocumentEntry, DocumentRef, Lid, Query, Reason, Refusal, Rule, SeenDocument, View,
};

use super::{done, groups};
use crate::failure::Failure;
use crate::open::Open;

/// The part of the page that is the patient's.
pub(crate) struct OwnPart {
    pub(crate) csrf: String,
    pub(crate) masked: bool,
    /// What is deleted has no settings any more.
    pub(crate) may_set: bool,
    pub(crate) may_delete: bool,
    /// The patient wrote it: nobody else's mistake.
    pub(crate) is_theirs: bool,
    pub(crate) done: Option<&'static str>,
}

/// The part, for the patient and who acts for them.
pub(crate) fn own_part(open: &Open, entry: &DocumentEntry, done: Option<&str>) -> Option<OwnPart> {
    let is_theirs = groups::is_patients(entry);
    open.is_own().then(|| OwnPart {
        csrf: open.viewer.csrf.clone(),
        masked: entry.visibility.masked,
        may_set: entry.status != Availability::Deleted,
        may_delete: is_theirs && matches!(entry.status, Availability::Approved | Availability::Archived),
        is_theirs,
        done: done::sentence(done),
    })
}

/// The metadata of a document as the patient sees it.
///
/// # Errors
/// What the rules answer; a document that is not seen does not exist. Somebody else than the patient, or who acts for
/// them, has no such page.
pub(crate) async fn seen(open: &Open, lid: &str) -> Result<SeenDocument, Failure> {
    if !open.is_own() {
        return Err(Failure::UnknownAddress);
    }
    let lid = Lid::parse(lid).ok_or_else(absent)?;
    let answer = open.consult(Query::GetDocuments(vec![DocumentRef::Lid(lid)])).await?;
    match answer.view {
        View::Documents(mut found) => found.pop().ok_or_else(absent),
        _ => Err(Failure::Ours),
    }
}

fn absent() -> Failure {
    const NO_SUCH: Rule = Rule { id: "URL", says: "l'adresse ne désigne aucun document", source: "pages" };
    Failure::Refused {
        refusal: Refusal::new(Reason::UnknownDocument, &NO_SUCH),
        retry_after_seconds: None,
        emergency: None,
    }
}
