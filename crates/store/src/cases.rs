//! The cases of a référent's structure, from the index of cases. Each dossier is decided by itself, and the look at its
//! cases traced in its journal, before anything of it is shown.

use crate::api::StoreError;
use crate::examine::{AT_ONCE, Examination, refused};
use crate::store::Inner;
use crate::watch::ReferredCase;
use dmp_dossier::watching::VEI_3;
use dmp_dossier::{
    Act, Actor, Case, Dossier, Moment, Query, Reason, Refusal, Time, View, consult as decide_query,
};
use futures_util::future::join_all;
use uuid::Uuid;

/// How long an answered case is still shown, in days.
const ANSWERED_DAYS: i64 = 90;
/// Dossiers looked at for a list: those that wait for an answer first.
const EXAMINED_MAX: u32 = 1_000;

pub(crate) async fn of_structure(
    store: &Inner,
    actor: &Actor,
    request: Uuid,
) -> Result<Vec<ReferredCase>, StoreError> {
    let Actor::Referent(referent) = actor else {
        return Err(refused(Refusal::new(Reason::AccessDenied, &VEI_3), None));
    };
    let since = Time::from_millis(store.ambient.now().millis() - ANSWERED_DAYS * 86_400_000);
    let keys = store.indexes.of_reviewed(referent.structure.as_str())?;
    let found = store.engine.with_cases(&keys, since.millis(), EXAMINED_MAX).await?;
    let examination = Examination { store, actor, act: Act::ReviewAccess, request, traces_refusals: false };
    let decide = |dossier: &Dossier, moment: &Moment<'_>| {
        let View::Cases(mut cases) = decide_query(dossier, actor, &Query::Cases, moment)? else {
            return Ok(None);
        };
        cases.retain(|case| case.answer.as_ref().is_none_or(|answer| answer.at >= since));
        let Some(identity) = dossier.identity().filter(|_| !cases.is_empty()) else {
            return Ok(None);
        };
        let shown = |case: Case| ReferredCase { dossier: dossier.id, identity: identity.clone(), case };
        Ok(Some((cases.into_iter().map(shown).collect(), Vec::new())))
    };
    let mut shown = Vec::new();
    for some in found.chunks(AT_ONCE) {
        for one in join_all(some.iter().map(|dossier| examination.show(*dossier, &decide))).await {
            let cases: Option<Vec<ReferredCase>> = one?.map(|shown| shown.value);
            shown.extend(cases.into_iter().flatten());
        }
    }
    shown.sort_by_key(|shown| order(&shown.case));
    Ok(shown)
}

/// Those that wait by the day they are due, then the answered ones, the latest first.
fn order(case: &Case) -> (bool, i64, Uuid) {
    match &case.answer {
        None => (false, case.due.millis(), case.id),
        Some(answer) => (true, -answer.at.millis(), case.id),
    }
}
