//! Consultation: what a read gives back to whom (TD0.2, TD1.3a, TD1.6, TD3.1, TD3.2, journal).
//!
//! Every read passes [`access::enter`], then each document passes [`access::sees`]; hidden documents are absent from
//! lists, counts, associations and lots alike.

use crate::Moment;
use crate::access::{self, Entrance, Trail};
use crate::act::Act;
use crate::actor::Actor;
use crate::change::Life;
use crate::code::{EntryUuid, Lid};
use crate::document::{Association, Availability, DocumentEntry, DocumentRef, SubmissionSet};
use crate::functional::Seat;
use crate::query::{
    AdministrativeView, DocumentFilter, Explanation, JournalFilter, JournalScope, RightsView, SeenDocument,
    SeenSet, SetFilter, SetRef, StatusView, Verdict, View,
};
use crate::reason::{Reason, Refusal};
use crate::record::Dossier;
use crate::rule::rules;
use crate::search;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

rules! {
    /// Status.
    CON_1 = "CON-1", "tout acteur authentifié de la matrice apprend l'état du dossier et sa propre autorisation", "SEL-MP-037 TD0.2";
    /// Journal.
    CON_2 = "CON-2", "le patient et le médecin traitant lisent tout l'historique; un autre professionnel, ses propres traces d'un an ou les cent dernières",
        "PDT-INF-527 §2.6";
    /// Representatives and the journal.
    CON_3 = "CON-3", "les représentants ne lisent ni les sessions secrètes ni les lignes sur un document qui leur est caché", "JDV_J22; EX_0.1-1100";
    /// Explain.
    CON_4 = "CON-4", "voir comme quelqu'un montre ce qu'il voit et que l'on peut soi-même savoir", "design 3, Voir comme";
    /// Reference.
    CON_5 = "CON-5", "retrouver la référence de son document ne demande pas d'autorisation", "PDT-INF-526 note 5; PDSM4DMP transaction_td3.1b";
}

/// The lots of an export whose every document is exported: a signature names all the documents of its lot, and goes with
/// all of them or not at all.
pub fn whole_lots(dossier: &Dossier, exported: &[SeenDocument]) -> Vec<(u32, Arc<SubmissionSet>)> {
    let has = |uuid: EntryUuid| {
        let document = dossier.by_entry_uuid(uuid);
        document.is_some_and(|(_, entry)| exported.iter().any(|seen| seen.entry.lid == entry.lid))
    };
    let is_whole = |set: &SubmissionSet| {
        set.associations.iter().filter(|a| a.source == set.entry_uuid).all(|a| has(a.target))
    };
    dossier.sets().filter(|(_, set)| is_whole(set)).map(|(row, set)| (row, Arc::clone(set))).collect()
}

/// Views one actor's way into one dossier.
pub struct Consultation<'a> {
    /// The dossier.
    pub dossier: &'a Dossier,
    /// Who reads.
    pub actor: &'a Actor,
    /// When, and under which matrix and parameters.
    pub moment: &'a Moment<'a>,
}

impl Consultation<'_> {
    fn enter(&self, act: Act) -> Result<Entrance, Refusal> {
        access::enter(self.dossier, self.actor, act, self.moment, &mut Trail::new())
    }

    fn sees(&self, seat: Seat, entry: &DocumentEntry, reading: bool) -> bool {
        access::sees(self.dossier, self.actor, seat, entry, reading, self.moment).permitted
    }

    fn seen(&self, seat: Seat, row: u32, entry: &Arc<DocumentEntry>) -> SeenDocument {
        let as_seen =
            |e: &Arc<DocumentEntry>| access::as_seen(self.dossier, self.actor, seat, e, self.moment);
        let replaces = self
            .dossier
            .replaced(entry)
            .filter(|(_, old)| self.sees(seat, old, false))
            .map(|(_, old)| as_seen(old));
        SeenDocument { row, entry: as_seen(entry), replaces }
    }

    /// Own documents where an author needs no authorisation; the patient's side has only what it sees.
    fn is_own(&self, entrance: Entrance, entry: &DocumentEntry) -> bool {
        matches!(entrance.seat, Seat::Column(_)) && access::is_own(self.dossier, self.actor, entry)
    }

    /// TD0.2.
    ///
    /// # Errors
    /// Functional matrix, another patient, never opened.
    pub fn status(&self) -> Result<View, Refusal> {
        self.enter(Act::Status)?;
        let state = &self.dossier.state;
        let identity = state.identity.clone().ok_or(Refusal::new(Reason::UnknownPatient, &access::ACC_6))?;
        let closed = match state.life {
            Life::Closed { at, reason } => Some((at, reason, state.closure_text.clone())),
            _ => None,
        };
        Ok(View::Status(Box::new(StatusView {
            identity,
            active: matches!(state.life, Life::Active { .. }),
            closed,
            authorisation: state.rights.authorisation(self.actor, self.moment.at),
            medecin_traitant: state.rights.is_medecin_traitant(self.actor),
            emergency: state.rights.emergency,
            web_access: state.web_access.is_some(),
        })))
    }

    /// TD1.3a.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn administrative(&self) -> Result<View, Refusal> {
        self.enter(Act::ReadAdministrative)?;
        let state = &self.dossier.state;
        let identity = state.identity.clone().ok_or(Refusal::new(Reason::UnknownPatient, &access::ACC_6))?;
        Ok(View::Administrative(Box::new(AdministrativeView {
            contact: identity.contact.clone(),
            identity,
            representatives: state.representatives.iter().filter(|r| r.until.is_none()).cloned().collect(),
            emergency: state.rights.emergency,
            active: matches!(state.life, Life::Active { .. }),
            web_access: state.web_access.as_ref().map(|access| access.channels.clone()),
        })))
    }

    /// TD1.6. A professional who is not médecin traitant reads the same list: the matrix gives it to him.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn rights(&self) -> Result<View, Refusal> {
        self.enter(Act::ReadRights)?;
        let rights = &self.dossier.state.rights;
        Ok(View::Rights(Box::new(RightsView {
            grants: rights.grants.iter().map(|g| (g.clone(), self.dossier.label(&g.who).cloned())).collect(),
            initial_consents: rights.initial_consents.clone(),
            team_proofs: self.dossier.state.team_proofs.clone(),
            emergency: rights.emergency,
            default_confidentiality: rights.default_confidentiality,
        })))
    }

    /// FindDocuments.
    ///
    /// # Errors
    /// Those of the entrance; documents that may not be seen are absent, not refused.
    pub fn find_documents(&self, filter: &DocumentFilter) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        Ok(View::Documents(self.matching(entrance.seat, filter)))
    }

    fn matching(&self, seat: Seat, filter: &DocumentFilter) -> Vec<SeenDocument> {
        self.dossier
            .versions()
            .filter(|(_, entry)| {
                let former = entry.status == Availability::Deprecated && !self.dossier.is_latest(entry);
                (!former || filter.former_versions) && search::matches_document(entry, filter)
            })
            .filter(|(_, entry)| self.sees(seat, self.current_of(entry), false))
            .map(|(row, entry)| self.seen(seat, row, entry))
            .filter(|seen| match filter.statuses.is_empty() {
                true => seen.entry.status != Availability::Deleted,
                false => filter.statuses.contains(&seen.entry.status),
            })
            .filter(|seen| {
                filter.replaces.is_empty()
                    || seen
                        .replaces
                        .as_ref()
                        .is_some_and(|old| filter.replaces.iter().any(|r| old.is_pointed_by(r)))
            })
            .collect()
    }

    /// A former version is seen as its document is today: a mask covers the versions before it.
    fn current_of<'b>(&'b self, entry: &'b Arc<DocumentEntry>) -> &'b DocumentEntry {
        self.dossier.latest(entry.lid).map_or(entry, |(_, latest)| latest)
    }

    /// GetDocuments: those that may be seen; the others do not exist.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn get_documents(&self, references: &[DocumentRef]) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        let found = references
            .iter()
            .filter_map(|r| self.dossier.find(r))
            .filter(|(_, entry)| self.sees(entrance.seat, self.current_of(entry), false))
            .map(|(row, entry)| self.seen(entrance.seat, row, entry))
            .collect();
        Ok(View::Documents(found))
    }

    /// TD3.1b: own documents without authorisation, others as a search would show them.
    ///
    /// # Errors
    /// Entrance; then [`Reason::UnknownDocument`] whatever the cause.
    pub fn find_reference(&self, reference: &DocumentRef) -> Result<View, Refusal> {
        let entrance = self.enter(Act::FindReference)?;
        let unknown = || Refusal::new(Reason::UnknownDocument, &CON_5);
        let (row, entry) = self.dossier.find(reference).ok_or_else(unknown)?;
        let shown = self.is_own(entrance, entry)
            || (access::require_authorisation(self.dossier, self.actor, entrance, self.moment).is_ok()
                && self.sees(entrance.seat, self.current_of(entry), false));
        match shown {
            true => Ok(View::Documents(vec![self.seen(entrance.seat, row, entry)])),
            false => Err(unknown()),
        }
    }

    /// TD3.2: all the documents, or none.
    ///
    /// # Errors
    /// Entrance; then [`Reason::UnknownDocument`] for one that may not be read.
    pub fn retrieve(&self, references: &[DocumentRef]) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Read)?;
        let mut contents = Vec::with_capacity(references.len());
        for reference in references {
            let unknown = || Refusal::new(Reason::UnknownDocument, &access::VIS_10);
            let (row, entry) = self.dossier.find(reference).ok_or_else(unknown)?;
            if !self.sees(entrance.seat, self.current_of(entry), true) {
                return Err(unknown());
            }
            contents.push(self.seen(entrance.seat, row, entry));
        }
        Ok(View::Contents(contents))
    }

    /// Documents whose text may be searched.
    ///
    /// # Errors
    /// Those of reading: who reads no content searches in none.
    pub fn search_text(&self) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Read)?;
        let found = self
            .dossier
            .documents()
            .filter(|(_, e)| e.status != Availability::Deleted && self.sees(entrance.seat, e, true))
            .map(|(row, e)| self.seen(entrance.seat, row, e))
            .collect();
        Ok(View::Contents(found))
    }

    /// The visible documents as they are today, by the entryUUID of each of their versions: an update of metadata
    /// brings no lot of its own, so a lot goes on pointing to the version it brought.
    fn visible_uuids(&self, seat: Seat) -> BTreeMap<EntryUuid, SeenDocument> {
        let latest: BTreeMap<Lid, SeenDocument> = self
            .dossier
            .documents()
            .filter(|(_, entry)| self.sees(seat, entry, false))
            .map(|(row, entry)| (entry.lid, self.seen(seat, row, entry)))
            .collect();
        let versions = self.dossier.versions();
        versions.filter_map(|(_, e)| Some((e.entry_uuid, latest.get(&e.lid)?.clone()))).collect()
    }

    fn seen_set(
        &self,
        set: &Arc<SubmissionSet>,
        visible: &BTreeMap<EntryUuid, SeenDocument>,
    ) -> Option<SeenSet> {
        // The entryUUID of today; `None` for a document that is not to be seen.
        let today = |uuid: EntryUuid| match uuid == set.entry_uuid {
            true => Some(uuid),
            false => visible.get(&uuid).map(|seen| seen.entry.entry_uuid),
        };
        let associations: Vec<Association> = set
            .associations
            .iter()
            .filter_map(|a| Some(Association { source: today(a.source)?, target: today(a.target)?, ..*a }))
            .collect();
        let members: Vec<SeenDocument> = associations
            .iter()
            .filter(|a| a.source == set.entry_uuid)
            .filter_map(|a| visible.get(&a.target).cloned())
            .collect();
        if members.is_empty() {
            return None;
        }
        let archived = members.iter().all(|m| m.entry.status == Availability::Archived);
        let status = if archived { Availability::Archived } else { Availability::Approved };
        let set = match associations == set.associations {
            true => Arc::clone(set),
            false => {
                let associations = associations.clone();
                Arc::new(SubmissionSet { associations, ..SubmissionSet::clone(set) })
            }
        };
        Some(SeenSet { set, associations, members, status })
    }

    /// FindSubmissionSets: lots with at least one visible member.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn find_sets(&self, filter: &SetFilter) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        let visible = self.visible_uuids(entrance.seat);
        let sets = self
            .dossier
            .sets()
            .filter(|(_, set)| search::matches_set(set, filter))
            .filter_map(|(_, set)| self.seen_set(set, &visible))
            .filter(|seen| filter.statuses.is_empty() || filter.statuses.contains(&seen.status))
            .collect();
        Ok(View::Sets(sets))
    }

    /// GetSubmissionSetAndContents.
    ///
    /// # Errors
    /// Those of the entrance; a lot that may not be seen is an empty list.
    pub fn get_set(&self, reference: &SetRef) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        let visible = self.visible_uuids(entrance.seat);
        let sets = self
            .dossier
            .sets()
            .filter(|(_, set)| match reference {
                SetRef::Entry(uuid) => set.entry_uuid == *uuid,
                SetRef::UniqueId(uid) => set.metadata.unique_id == *uid,
            })
            .filter_map(|(_, set)| self.seen_set(set, &visible))
            .collect();
        Ok(View::Sets(sets))
    }

    /// GetAssociations: those whose both ends may be seen.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn get_associations(&self, uuids: &[EntryUuid]) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        let visible = self.visible_uuids(entrance.seat);
        let today = |uuid: &EntryUuid| visible.get(uuid).map_or(*uuid, |seen| seen.entry.entry_uuid);
        let uuids: Vec<EntryUuid> = uuids.iter().map(today).collect();
        let found = self
            .dossier
            .sets()
            .filter_map(|(_, set)| self.seen_set(set, &visible))
            .flat_map(|seen| seen.associations)
            .filter(|a| uuids.contains(&a.source) || uuids.contains(&a.target))
            .collect();
        Ok(View::Associations(found))
    }

    /// GetRelatedDocuments: the chain of replacements a document stands in.
    ///
    /// # Errors
    /// Those of the entrance; a document that may not be seen is an empty list.
    pub fn get_related(&self, reference: &DocumentRef) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Search)?;
        let visible: Vec<SeenDocument> = self
            .dossier
            .documents()
            .filter(|(_, entry)| self.sees(entrance.seat, entry, false))
            .map(|(row, entry)| self.seen(entrance.seat, row, entry))
            .collect();
        let mut chain: BTreeSet<Lid> = BTreeSet::new();
        if let Some((_, start)) = self.dossier.find(reference) {
            chain.insert(start.lid);
        }
        loop {
            let before = chain.len();
            for seen in &visible {
                let Some(old) = &seen.replaces else { continue };
                if chain.contains(&seen.entry.lid) || chain.contains(&old.lid) {
                    chain.extend([seen.entry.lid, old.lid]);
                }
            }
            if chain.len() == before {
                break;
            }
        }
        Ok(View::Documents(visible.into_iter().filter(|seen| chain.contains(&seen.entry.lid)).collect()))
    }

    /// Which lines of the journal the actor reads.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn journal(&self, filter: &JournalFilter) -> Result<JournalScope, Refusal> {
        let entrance = self.enter(Act::ReadJournal)?;
        let own = match entrance.seat {
            Seat::Column(column) if !column.is_medecin_traitant() => {
                let id = self.actor.professional().map(|p| p.id.as_str().to_owned()).unwrap_or_default();
                let days = u64::from(self.moment.parameters.own_traces_days) * 86_400_000;
                let since = self.moment.at.millis().saturating_sub(i64::try_from(days).unwrap_or(i64::MAX));
                Some((id, crate::time::Time::from_millis(since), self.moment.parameters.own_traces_max))
            }
            _ => None,
        };
        Ok(JournalScope { filter: filter.clone(), own, hide_secret: entrance.seat == Seat::Representative })
    }

    /// Why somebody sees what he sees, for documents the asker may know of.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn explain(&self, other: &Actor) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Explain)?;
        let mut trail = Trail::new();
        let entered = access::enter(self.dossier, other, Act::Search, self.moment, &mut trail);
        let search = Verdict { permitted: entered.is_ok(), rules: trail.clone() };
        let mut reading = Trail::new();
        let seat = access::enter(self.dossier, other, Act::Read, self.moment, &mut reading);
        let documents = self
            .dossier
            .documents()
            .filter(|(_, e)| e.status != Availability::Deleted && self.sees(entrance.seat, e, false))
            .map(|(row, e)| self.seen(entrance.seat, row, e))
            .map(|mine| {
                let verdict = match &seat {
                    Err(_) => Verdict { permitted: false, rules: reading.clone() },
                    Ok(entered) => {
                        // Of the document as the asker knows it: the other's rights must not tell of a successor
                        // that is hidden from the asker.
                        let entry = &mine.entry;
                        let seen = access::sees(self.dossier, other, entered.seat, entry, true, self.moment);
                        let rules = reading.iter().copied().chain(seen.rules).collect();
                        Verdict { permitted: seen.permitted, rules }
                    }
                };
                (mine, verdict)
            })
            .collect();
        Ok(View::Explanation(Box::new(Explanation { search, documents })))
    }

    /// *Voir comme*: what the other reads, cut to what the asker may know.
    ///
    /// # Errors
    /// Those of the entrance, for the asker; for the other, an empty list.
    pub fn voir_comme(&self, other: &Actor) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Explain)?;
        let entered = access::enter(self.dossier, other, Act::Search, self.moment, &mut Trail::new());
        let Ok(entered) = entered else {
            return Ok(View::Documents(Vec::new()));
        };
        let found = self
            .dossier
            .documents()
            .filter(|(_, e)| e.status != Availability::Deleted && self.sees(entrance.seat, e, false))
            .map(|(row, e)| self.seen(entrance.seat, row, e))
            .filter(|mine| {
                access::sees(self.dossier, other, entered.seat, &mine.entry, false, self.moment).permitted
            })
            .map(|mine| {
                let theirs = access::as_seen(self.dossier, other, entered.seat, &mine.entry, self.moment);
                self.seen(entrance.seat, mine.row, &theirs)
            })
            .collect();
        Ok(View::Documents(found))
    }

    /// The whole record, with bytes and journal.
    ///
    /// # Errors
    /// Those of the entrance.
    pub fn export(&self) -> Result<View, Refusal> {
        let entrance = self.enter(Act::Export)?;
        let scope = self.journal(&JournalFilter::default())?;
        let documents = self
            .dossier
            .documents()
            .filter(|(_, e)| e.status != Availability::Deleted && self.sees(entrance.seat, e, true))
            .map(|(row, e)| self.seen(entrance.seat, row, e))
            .collect();
        Ok(View::Export(documents, scope))
    }
}
