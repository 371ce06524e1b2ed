//! TD0.5: patients by traits, over the blind index. Every candidate is decided and traced on the dossier itself.
//!
//! A search that finds nobody costs a durable write like the others, and leaves a trace nowhere: there is no dossier to
//! write it to. A patient who answers the criteria and may not be shown (closed, blocked, opposed) reads in their
//! journal that they were looked for.

use crate::api::StoreError;
use crate::examine::{Examination, refused};
use crate::quota::{QUO_1, QuotaKeeper};
use crate::store::Inner;
use dmp_dossier::candidate::{self, CANDIDATES_MAX, TRT_2};
use dmp_dossier::{Act, Actor, Candidate, Dossier, Moment, Reason, Refusal, TraitsSought};
use futures_util::future::join_all;
use uuid::Uuid;

/// Dossiers of one name and birth that are looked at; beyond, the search is to be made more precise.
const EXAMINED_MAX: u32 = 500;

pub(crate) async fn patients(
    store: &Inner,
    actor: &Actor,
    sought: &TraitsSought,
    request: Uuid,
) -> Result<Vec<Candidate>, StoreError> {
    let at = store.ambient.now();
    candidate::check(actor, sought, &store.moment(at, &[])).map_err(|refusal| refused(refusal, None))?;
    let ask = |quotas: &QuotaKeeper| quotas.admit_search(actor, at);
    store.ask_quotas(actor, at, ask).await.map_err(|exceeded| {
        tracing::warn!(%request, "a quota is exhausted");
        refused(Refusal::new(Reason::Quota, &QUO_1), Some(exceeded.retry_after_seconds))
    })?;
    let keys = store.indexes.of_sought(sought)?;
    let found = store.engine.with_traits(&keys, EXAMINED_MAX + 1).await?;
    let too_many = || refused(Refusal::new(Reason::TooManyResults, &TRT_2), None);
    if found.len() > EXAMINED_MAX as usize {
        store.engine.unknown_target().await?;
        return Err(too_many());
    }
    let examination = Examination { store, actor, act: Act::SearchByTraits, request, traces_refusals: true };
    let decide = |dossier: &Dossier, moment: &Moment<'_>| {
        let decided = candidate::candidate(dossier, actor, sought, moment)?;
        Ok(decided.map(|candidate| (candidate, Vec::new())))
    };
    let mut answering = Vec::new();
    let mut shown = 0;
    for dossier in found {
        match examination.look(dossier, &decide).await? {
            Ok(None) => continue,
            Ok(Some(_)) => shown += 1,
            Err(_) => {}
        }
        answering.push(dossier);
    }
    if answering.is_empty() || shown > CANDIDATES_MAX {
        store.engine.unknown_target().await?;
        return if shown > CANDIDATES_MAX { Err(too_many()) } else { Ok(Vec::new()) };
    }
    let mut candidates = Vec::new();
    for traced in join_all(answering.into_iter().map(|dossier| examination.show(dossier, &decide))).await {
        candidates.extend(traced?.map(|shown| shown.value));
    }
    let name = |c: &Candidate| {
        let traits = &c.identity.traits;
        (traits.birth_name.clone(), traits.given_names.clone(), traits.birth_date.clone())
    };
    candidates.sort_by_key(|c| (std::cmp::Reverse(c.match_percent), name(c)));
    Ok(candidates)
}
