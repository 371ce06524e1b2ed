//! `execute`: a command is decided, sealed and appended, and decided again if its dossier moved.

use crate::api::{Content, StoreError, Target};
use crate::engine::{Committed, NewLocator};
use crate::error::failed_because;
use crate::load::Loaded;
use crate::locator::{Locator, locators_of};
use crate::request::{Request, Stop, Written, changed_rows, documents_of, rows_of_document};
use crate::sealing::{DossierKeys, Packed, WrappedKeys, pack_contents, seal_rows};
use crate::store::Inner;
use dmp_dossier::lifecycle::LIF_7;
use dmp_dossier::web_access::login_taken;
use dmp_dossier::{
    Actor, Association, Availability, Change, ChangeStatus, ChangeVisibility, Command, Decision,
    DocumentEntry, DocumentRef, Dossier, DossierId, EntryUuid, Fact, Ins, JournalEntry, Lid, Moment, Payload,
    Publish, Reason, Receipt, Refusal, Row, SubmissionSet, Visibility, access, act_of_command, decide,
    ids_needed, receipt, rows_of_command,
};
use std::sync::Arc;
use uuid::Uuid;

pub(crate) async fn execute(
    store: &Inner,
    actor: &Actor,
    target: &Target,
    command: &Command,
    contents: Vec<Content>,
    id: Uuid,
) -> Result<Receipt, StoreError> {
    check_contents(command, &contents)?;
    let mut contents = Contents { given: Some(contents), packed: Vec::new() };
    let mut request = Request::new(store, actor, target, id);
    loop {
        request.attempt()?;
        let starts = starts(command, target);
        let found = match starts {
            true => request.find_opened_or_refused().await?,
            false => request.find().await?,
        };
        let (loaded, fresh_keys) = match found {
            Some(loaded) => (loaded, None),
            None if starts => {
                let id = DossierId(store.ambient.fresh());
                let (keys, wrapped) = DossierKeys::fresh(store.custody.as_ref(), id)?;
                (Loaded::unopened(id, keys), Some(wrapped))
            }
            None => {
                let act = act_of_command(&Dossier::unopened(DossierId(Uuid::nil())), actor, command);
                return Err(request.nothing_there(act).await);
            }
        };
        match request.decide_and_write(&loaded, fresh_keys, command, &mut contents).await {
            Ok(receipt) => return receipt,
            Err(Stop::Moved) => {}
            Err(Stop::Ends(error)) => return Err(error),
        }
    }
}

/// The bytes of a lot: packed when first needed, once.
struct Contents {
    given: Option<Vec<Content>>,
    packed: Vec<Packed>,
}

impl Contents {
    async fn pack(&mut self) -> Result<&[Packed], StoreError> {
        if let Some(given) = self.given.take() {
            self.packed = pack_contents(given).await?;
        }
        Ok(&self.packed)
    }
}

/// A lot brings the bytes of each of its documents and then of its signature, and no other command brings any: the face
/// sees to it.
fn check_contents(command: &Command, contents: &[Content]) -> Result<(), StoreError> {
    let fits = match command {
        Command::Publish(lot) => {
            lot.documents.len() + usize::from(lot.signature) == contents.len()
                && lot
                    .documents
                    .iter()
                    .zip(contents)
                    .all(|(d, c)| d.metadata.size_bytes == c.bytes.len() as u64)
                && contents.iter().skip(lot.documents.len()).all(|signature| signature.text.is_empty())
        }
        _ => contents.is_empty(),
    };
    match fits {
        true => Ok(()),
        false => Err(failed_because("contents", "the bytes are not those of the documents of the lot")),
    }
}

/// Only an opening makes a dossier, under the INS that it names; a refusal of one is kept where the dossier would be.
fn starts(command: &Command, target: &Target) -> bool {
    match (command, target) {
        (Command::Open(open), Target::Patient(ins)) => open.ins == *ins,
        (Command::RefuseOpening { .. }, Target::Patient(_)) => true,
        _ => false,
    }
}

impl Request<'_> {
    async fn decide_and_write(
        &mut self,
        loaded: &Loaded,
        fresh_keys: Option<WrappedKeys>,
        command: &Command,
        contents: &mut Contents,
    ) -> Result<Result<Receipt, StoreError>, Stop> {
        let store = self.store;
        let dossier = loaded.dossier();
        let at = store.ambient.now();
        let act = act_of_command(dossier, self.actor, command);
        let ids = store.fresh(ids_needed(dossier, command, at));
        let moment = store.moment(at, &ids);
        let decided = match self.admit(act, Some(dossier.id), at).await {
            Err((refusal, seconds)) => Err((refusal, Some(seconds))),
            Ok(()) => self.judge(loaded, command, &moment).await?.map_err(|refusal| (refusal, None)),
        };
        let about = rows_named(loaded, command);
        let changes = match decided {
            // There is no journal to write this refusal to.
            Err((refusal, retry_after_seconds)) if fresh_keys.is_some() => {
                return Ok(Err(StoreError::Refused { refusal, retry_after_seconds }));
            }
            Err(refusal) => return Ok(Err(self.refuse(loaded, act, refusal, about, at).await?)),
            Ok(changes) => changes,
        };
        if changes.is_empty() {
            let entry = self.entry(loaded, act, Decision::Permitted, about, at);
            self.append(loaded, entry, None).await?;
            return Ok(Ok(receipt(dossier, command).repeated()));
        }
        let entry = self.entry(loaded, act, Decision::Permitted, about, at);
        let packed = contents.pack().await?;
        let (after, _) = self.write(loaded, entry, changes, packed, fresh_keys).await?;
        Ok(Ok(receipt(&after, command)))
    }

    /// Decides, with what the dossier alone cannot know: the identifiers that other dossiers hold.
    async fn judge(
        &self,
        loaded: &Loaded,
        command: &Command,
        moment: &Moment<'_>,
    ) -> Result<Result<Vec<Change>, Refusal>, StoreError> {
        if let Some(refusal) = self.refused_at_the_door() {
            return Ok(Err(refusal));
        }
        if let Some(rows) = self.target_rows(loaded)
            && !is_about(loaded, command, &rows)
        {
            return Ok(Err(Refusal::new(Reason::UnknownDocument, &access::VIS_10)));
        }
        let dossier = loaded.dossier();
        let locators = &self.store.locators;
        match command {
            Command::Publish(lot) => match self.with_what_others_hold(dossier, lot).await? {
                None => Ok(decide(dossier, self.actor, command, moment)),
                Some(decoyed) => match decide(&decoyed, self.actor, command, moment) {
                    Ok(changes) if !changes.is_empty() => {
                        Err(failed_because("locator", "an identifier taken elsewhere was not refused"))
                    }
                    decided => Ok(decided),
                },
            },
            Command::ChangeIns { ins } => {
                let decided = decide(dossier, self.actor, command, moment);
                let holder = locators.find(self.store.engine.as_ref(), &Locator::Ins(ins)).await?;
                match (decided, holder) {
                    // One INS, one dossier: two dossiers of one patient are merged, not linked by an identifier.
                    (Ok(changes), Some(other)) if other != dossier.id && !changes.is_empty() => {
                        Ok(Err(Refusal::about(Reason::InvalidRequest, &LIF_7, "INS")))
                    }
                    (decided, _) => Ok(decided),
                }
            }
            Command::RenewWebAccess { login, .. } => {
                self.with_free_login(dossier, login, command, moment).await
            }
            Command::OpenWebAccess(draft) => {
                self.with_free_login(dossier, &draft.login, command, moment).await
            }
            _ => Ok(decide(dossier, self.actor, command, moment)),
        }
    }

    /// Decides what gives the patient a login: refused when it is, or was, somebody's, this patient's former ones included.
    async fn with_free_login(
        &self,
        dossier: &Dossier,
        login: &str,
        command: &Command,
        moment: &Moment<'_>,
    ) -> Result<Result<Vec<Change>, Refusal>, StoreError> {
        let decided = decide(dossier, self.actor, command, moment);
        let kept = dossier.state.web_access.as_ref().is_some_and(|access| access.login == login);
        match decided {
            Ok(changes) if !changes.is_empty() && !kept && self.is_taken(&Locator::Login(login)).await? => {
                Ok(Err(login_taken()))
            }
            decided => Ok(decided),
        }
    }

    /// The dossier as it would be if it held the identifiers of the lot that are taken elsewhere; `None` when none is.
    ///
    /// The decision is then taken by the same rules, in the same order and in the same words as for an identifier taken
    /// in this dossier: nobody learns whose the other document is, nor that it is another's (security.md X4).
    async fn with_what_others_hold(
        &self,
        dossier: &Dossier,
        lot: &Publish,
    ) -> Result<Option<Dossier>, StoreError> {
        let mut rows = Vec::new();
        for draft in &lot.documents {
            let uid = &draft.metadata.unique_id;
            if dossier.by_unique_id(uid).is_none() && self.is_taken(&Locator::UniqueId(uid)).await? {
                let mut metadata = draft.metadata.clone();
                metadata.hash[0] ^= 1;
                rows.push(Row::Document(Arc::new(DocumentEntry {
                    entry_uuid: EntryUuid(Uuid::nil()),
                    lid: Lid(Uuid::nil()),
                    version: 1,
                    status: Availability::Approved,
                    visibility: Visibility::VISIBLE,
                    release_at: None,
                    registered_at: self.store.ambient.now(),
                    content: 0,
                    replaces: None,
                    metadata,
                })));
            }
        }
        let uid = &lot.set.unique_id;
        let held = dossier.sets().any(|(_, set)| set.metadata.unique_id == *uid);
        if !held && self.is_taken(&Locator::UniqueId(uid)).await? {
            rows.push(Row::Set(Arc::new(SubmissionSet {
                entry_uuid: EntryUuid(Uuid::nil()),
                registered_at: self.store.ambient.now(),
                metadata: lot.set.clone(),
                associations: Vec::<Association>::new(),
            })));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let mut decoyed = dossier.clone();
        decoyed.rows.append(&mut rows);
        Ok(Some(decoyed))
    }

    async fn is_taken(&self, locator: &Locator<'_>) -> Result<bool, StoreError> {
        Ok(self.store.locators.find(self.store.engine.as_ref(), locator).await?.is_some())
    }

    /// Seals and appends changes; gives the dossier after them, and the commit.
    pub(crate) async fn write(
        &self,
        loaded: &Loaded,
        mut entry: JournalEntry,
        changes: Vec<Change>,
        packed: &[Packed],
        fresh_keys: Option<WrappedKeys>,
    ) -> Result<(Dossier, Committed), Stop> {
        let mut after = loaded.dossier().clone();
        changes.iter().for_each(|change| after.apply(change));
        after.version += 1;
        let brings = brings_bytes(&changes).chain(brings_signature(&changes));
        let brought: Vec<(u32, &Packed)> = brings.zip(packed).collect();
        let rows = changed_rows(&changes).into_iter();
        let mut sealed = seal_rows(&loaded.keys, &after, rows, &brought, self.store.engine.objects()).await?;
        let locators = self.new_locators(loaded.dossier(), &after)?;
        let index = self.store.indexes.new_rows(loaded.dossier(), &after)?;
        let mut documents = documents_of(&changes);
        documents.extend(&entry.documents);
        entry.documents = documents.into_iter().collect();
        entry.facts = changes.into_iter().map(|change| change.fact).collect();
        entry.digests = std::mem::take(&mut sealed.digests);
        entry.contents = std::mem::take(&mut sealed.contents);
        let written = Written { rows: sealed, locators, index, keys: fresh_keys };
        let committed = self.append(loaded, entry, Some(written)).await?;
        self.store.caches.keep(after.clone(), &loaded.keys);
        Ok((after, committed))
    }

    /// Locators of what changes bring: those of the rows they add, the INS, the login. Where a dossier was refused, it is
    /// found by the INS that the refusal was asked for.
    fn new_locators(&self, before: &Dossier, after: &Dossier) -> Result<Vec<NewLocator>, StoreError> {
        let of_rows = after.rows.iter().skip(before.rows.len()).flat_map(locators_of);
        let asked_for = match self.target {
            Target::Patient(ins) => Some(ins),
            _ => None,
        };
        let leads_already = before.version > 0 && before.identity().is_none();
        let new_ins = after.identity().map(|identity| &identity.ins).or(asked_for);
        let known =
            |ins: &&Ins| leads_already || before.identity().is_some_and(|identity| identity.has_ins(ins));
        let of_patient = new_ins.filter(|ins| !known(ins)).map(Locator::Ins);
        let logins = after.logins().filter(|login| !before.logins().any(|known| known == *login));
        let of_access = logins.map(Locator::Login);
        of_rows
            .chain(of_patient)
            .chain(of_access)
            .map(|locator| self.store.locators.new_row(&locator))
            .collect()
    }
}

/// Rows of the documents that changes bring with their bytes, in the order of the lot.
fn brings_bytes(changes: &[Change]) -> impl Iterator<Item = u32> {
    changes.iter().filter_map(|change| match (&change.fact, &change.payload) {
        (Fact::DocumentRegistered { row, .. }, Payload::Document(entry)) if entry.content == *row => {
            Some(*row)
        }
        _ => None,
    })
}

/// Row of the lot, which brings its signature when more bytes come than documents.
fn brings_signature(changes: &[Change]) -> impl Iterator<Item = u32> {
    changes.iter().filter_map(|change| match change.fact {
        Fact::SetRegistered { row, .. } => Some(row),
        _ => None,
    })
}

/// Rows of the documents a command names, before it is applied: those it replaces or changes, and those that a lot
/// would bring and that are there already.
fn rows_named(loaded: &Loaded, command: &Command) -> Vec<u32> {
    let mut rows = rows_of_command(loaded.dossier(), command);
    if let Command::Publish(lot) = command {
        let known = lot.documents.iter().filter_map(|d| loaded.dossier().by_unique_id(&d.metadata.unique_id));
        rows.extend(known.map(|(row, _)| row));
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// True when a command through a document is about that document.
fn is_about(loaded: &Loaded, command: &Command, target: &[u32]) -> bool {
    let named: &DocumentRef = match command {
        Command::ChangeVisibility(ChangeVisibility { document, .. })
        | Command::ChangeStatus(ChangeStatus { document, .. }) => document,
        _ => return false,
    };
    rows_of_document(loaded, named).iter().any(|row| target.contains(row))
}
