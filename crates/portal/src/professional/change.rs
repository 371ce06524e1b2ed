//! `/dossier/{reference}/depot/{lid}/{deed}`: what a professional does to a document: mask it because the patient asks,
//! make it visible, archive it, delete it. Each page says what will change, for whom, then asks once (ux.md 3.0).

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::document::AuthorId;
use dmp_dossier::{
    Actor, Availability, ChangeStatus, ChangeVisibility, Command, DocumentEntry, DocumentRef, Lid, Visibility,
};
use serde::Deserialize;
use std::sync::Arc;

use super::deposit::own_or_seen;
use super::{administrative, banner, enter};
use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;
use crate::timeline;

/// Something that can be done to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Mask,
    Unmask,
    Announce,
    Show,
    Archive,
    Unarchive,
    Delete,
}

/// How a deed is told.
struct Told {
    /// In the address.
    word: &'static str,
    icon: &'static str,
    /// Title of the page, and words of the button.
    does: &'static str,
    changes: &'static [&'static str],
    is_grave: bool,
}

impl Deed {
    const ALL: [Deed; 7] =
        [Deed::Announce, Deed::Show, Deed::Mask, Deed::Unmask, Deed::Archive, Deed::Unarchive, Deed::Delete];

    fn told(self) -> Told {
        let told = |word, icon, does, changes, is_grave| Told { word, icon, does, changes, is_grave };
        match self {
            Deed::Mask => told(
                "masquer",
                "lock",
                "Masquer à la demande du patient",
                &[
                    "Les autres professionnels ne le verront plus.",
                    "Le patient, l'auteur et le médecin traitant le verront toujours.",
                    "En urgence, il reste caché, sauf choix contraire du patient.",
                ],
                false,
            ),
            Deed::Unmask => told(
                "demasquer",
                "eye",
                "Ne plus masquer",
                &["Tous les professionnels autorisés dont le métier y donne droit le verront."],
                false,
            ),
            Deed::Announce => told(
                "annoncer",
                "eye",
                "Rendre visible maintenant",
                &[
                    "Le patient verra ce document tout de suite.",
                    "Ses représentants aussi, sauf s'il leur est caché.",
                    "Cela ne s'annule pas. Faites-le une fois l'annonce faite.",
                ],
                false,
            ),
            Deed::Show => told(
                "montrer",
                "eye",
                "Rendre visible aux représentants",
                &["Les représentants légaux verront ce document tout de suite.", "Cela ne s'annule pas."],
                false,
            ),
            Deed::Archive => told(
                "archiver",
                "archive",
                "Archiver",
                &["Le document passe dans les archives.", "Il reste lisible. Vous pourrez le remettre."],
                false,
            ),
            Deed::Unarchive => told(
                "desarchiver",
                "archive",
                "Remettre en vigueur",
                &["Le document sort des archives."],
                false,
            ),
            Deed::Delete => told(
                "supprimer",
                "trash",
                "Supprimer",
                &[
                    "Le document disparaît des listes, pour tous.",
                    "Cela ne s'annule pas. Le journal du dossier en garde la trace.",
                ],
                true,
            ),
        }
    }

    fn of(word: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|deed| deed.told().word == word)
    }

    /// What it asks of the record, for the document as it is.
    fn command(self, entry: &DocumentEntry, open: &Open, from_version: Option<u32>) -> Command {
        let document = DocumentRef::Lid(entry.lid);
        let known =
            Visibility { hidden_from_patient: entry.is_hidden_from_patient(open.now), ..entry.visibility };
        let visible =
            |to| Command::ChangeVisibility(ChangeVisibility { document: document.clone(), to, from_version });
        let status =
            |to| Command::ChangeStatus(ChangeStatus { document: document.clone(), to, from_version });
        match self {
            Deed::Mask => visible(Visibility { masked: true, ..known }),
            Deed::Unmask => visible(Visibility { masked: false, ..known }),
            Deed::Announce => visible(Visibility { hidden_from_patient: false, ..known }),
            Deed::Show => visible(Visibility { hidden_from_representatives: false, ..known }),
            Deed::Archive => status(Availability::Archived),
            Deed::Unarchive => status(Availability::Approved),
            Deed::Delete => status(Availability::Deleted),
        }
    }
}

/// A deed that the page of a document offers.
pub(crate) struct Offered {
    pub(crate) href: String,
    pub(crate) icon: &'static str,
    pub(crate) words: &'static str,
}

/// What makes sense for this document and this person; the rules decide when it is asked.
pub(crate) fn offered(open: &Open, entry: &DocumentEntry) -> Vec<Offered> {
    if open.is_own() || !open.is_normal() || !matches!(open.actor, Actor::Professional(_)) {
        return Vec::new();
    }
    let own = open.actor.professional().is_some_and(|p| {
        entry.metadata.authors.iter().any(|a| a.person.id == AuthorId::Professional(p.id.clone()))
    });
    let is_current = entry.status == Availability::Approved;
    let is_archived = entry.status == Availability::Archived;
    let to_announce = entry.is_hidden_from_patient(open.now);
    let makes_sense = |deed: &Deed| match deed {
        Deed::Announce => to_announce,
        Deed::Show => entry.visibility.hidden_from_representatives && !open.actor.is_secret(),
        Deed::Mask => !entry.visibility.masked && !to_announce,
        // Only its author and the médecin traitant see a masked document.
        Deed::Unmask => entry.visibility.masked,
        Deed::Archive => own && is_current,
        Deed::Unarchive => own && is_archived,
        Deed::Delete => own && (is_current || is_archived),
    };
    let mut offered = Vec::new();
    if own && is_current {
        let href = format!("{}/depot?remplace={}", open.address, entry.lid);
        offered.push(Offered { href, icon: "swap", words: "Remplacer" });
    }
    for deed in Deed::ALL.iter().filter(|_| entry.status != Availability::Deleted).filter(|d| makes_sense(d))
    {
        let told = deed.told();
        let href = format!("{}/depot/{}/{}", open.address, entry.lid, told.word);
        offered.push(Offered { href, icon: told.icon, words: told.does });
    }
    offered
}

#[derive(Template)]
#[template(path = "professional/change.html")]
struct Change {
    shell: Shell,
    banner: Option<Banner>,
    /// Where the form goes, and where one gives up.
    action: String,
    back: String,
    csrf: String,
    version: u32,
    icon: &'static str,
    does: &'static str,
    is_grave: bool,
    changes: &'static [&'static str],
    name: timeline::Name,
    act_day: String,
    badges: Vec<timeline::Badge>,
}

async fn find(open: &Open, lid: &str, word: &str) -> Result<(Deed, Arc<DocumentEntry>), Failure> {
    let deed = Deed::of(word).ok_or(Failure::UnknownAddress)?;
    let lid = Lid::parse(lid).ok_or(Failure::UnknownAddress)?;
    Ok((deed, own_or_seen(open, lid).await?))
}

/// `GET`: what will change.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid, word)): Path<(String, String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let found = async {
        let open = enter(&portal, signed_in, &reference)?;
        let (deed, entry) = find(&open, &lid, &word).await?;
        let patient = administrative(&open).await?;
        let told = deed.told();
        Ok::<_, Failure>(Change {
            shell: open.shell(told.does, Part::Document),
            banner: banner(&open, &patient),
            action: format!("{}/depot/{}/{}", open.address, entry.lid, told.word),
            back: format!("{}/document/{}", open.address, entry.lid),
            csrf: open.viewer.csrf.clone(),
            version: entry.version,
            icon: told.icon,
            does: told.does,
            is_grave: told.is_grave,
            changes: told.changes,
            name: timeline::name(&entry),
            act_day: french::Day::of(timeline::act_date(&entry)).long(),
            badges: timeline::badges(&entry, open.reader, open.now),
        })
    };
    match found.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// The form.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    csrf: String,
    #[serde(default)]
    version: Option<u32>,
}

/// `POST`: does it; back to the document, or to the dossier when there is no document any more.
pub(super) async fn carry_out(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid, word)): Path<(String, String, String)>,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let done = async {
        let open = enter(&portal, signed_in, &reference)?;
        let Ok(Form(form)) = form else { return Err(Failure::Form) };
        if !is_token(&form.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        let (deed, entry) = find(&open, &lid, &word).await?;
        open.execute(deed.command(&entry, &open, form.version), Vec::new()).await?;
        Ok(match (deed, &open.actor) {
            (Deed::Delete, Actor::Professional(_)) => open.address,
            (_, Actor::Employee(_)) => format!("{}/depot/{}", open.address, entry.lid),
            _ => format!("{}/document/{}", open.address, entry.lid),
        })
    };
    match done.await {
        Ok(address) => answer::see_other(&address),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_its_own_word() {
        for deed in Deed::ALL {
            assert_eq!(Deed::of(deed.told().word), Some(deed));
            assert!(!deed.told().changes.is_empty());
        }
        assert_eq!(Deed::of("rien"), None);
    }
}
