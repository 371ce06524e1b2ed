//! Which lines of the journal a reader sees, and how much of each.
//!
//! A line about a document its reader may not see is absent until he may; a line about several documents keeps
//! those he may see. A search keeps its line whatever it found: it would be there without the hidden document too.

use crate::Moment;
use crate::access;
use crate::act::Act;
use crate::actor::Actor;
use crate::functional;
use crate::journal::JournalEntry;
use crate::query::JournalScope;
use crate::record::{Dossier, Row};

/// The line as its reader sees it; `None` when it is not his to read.
pub fn line_for(
    dossier: &Dossier,
    actor: &Actor,
    scope: &JournalScope,
    entry: &JournalEntry,
    moment: &Moment<'_>,
) -> Option<JournalEntry> {
    let filter = &scope.filter;
    if filter.from.is_some_and(|from| entry.at < from) || filter.to.is_some_and(|to| entry.at >= to) {
        return None;
    }
    let is_agent = |id: &String| entry.actor.id == *id || entry.actor.structure.as_ref() == Some(id);
    if !filter.agent.as_ref().is_none_or(is_agent) {
        return None;
    }
    if let Some((own, since, _)) = &scope.own
        && (entry.actor.id != *own || entry.at < *since)
    {
        return None;
    }
    if scope.hide_secret && entry.actor.secret {
        return None;
    }
    let seat = functional::seat(dossier, actor, moment).ok()?;
    let mut line = entry.clone();
    line.documents.retain(|row| match dossier.rows.get(*row as usize) {
        Some(Row::Document(document)) => {
            let current = dossier.latest(document.lid).map_or(document, |(_, latest)| latest);
            access::sees(dossier, actor, seat, current, false, moment).permitted
        }
        _ => false,
    });
    let about_hidden_only = line.documents.is_empty() && !entry.documents.is_empty();
    let searches = matches!(entry.act, Act::Search | Act::ReadJournal | Act::Explain | Act::Export);
    (!about_hidden_only || searches).then_some(line)
}
