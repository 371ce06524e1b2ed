//! What is to be done: short, each line one task and the page where it is done.

use dmp_dossier::{Actor, Query, View};

use crate::banner;
use crate::open::Open;

/// A task.
pub(crate) struct ToDo {
    pub(crate) icon: &'static str,
    pub(crate) what: &'static str,
    pub(crate) why: &'static str,
    pub(crate) href: String,
}

/// The tasks of this dossier today, the most pressing first.
pub(crate) async fn list(open: &Open) -> Vec<ToDo> {
    let (choices, administrative, rights) = tokio::join!(
        open.consult_part(Query::Choices),
        open.consult_part(Query::Administrative),
        open.consult_part(Query::Rights),
    );
    let add = |icon, what, why, path: &str| ToDo { icon, what, why, href: format!("{}{path}", open.address) };
    let mut tasks = Vec::new();
    if let Some(View::Choices(view)) = choices.map(|a| a.view)
        && view.due
    {
        tasks.push(add(
            "star",
            "Vous êtes majeur : refaites vos choix",
            "Vos représentants n'ont plus accès à votre dossier.",
            "/choix/revoir",
        ));
    }
    if let Some(View::Administrative(view)) = administrative.map(|a| a.view) {
        let reached = view.contact.phone.is_some()
            || view.contact.mail.is_some()
            || view.web_access.is_some_and(|channels| !channels.is_empty());
        if !reached {
            tasks.push(add(
                "mail",
                "Donner un mail ou un mobile",
                "Nous pourrons vous prévenir des accès à votre dossier.",
                "/avis",
            ));
        }
    }
    if let Some(View::Rights(view)) = rights.map(|a| a.view)
        && banner::medecins_traitants(&view).is_empty()
    {
        let why = match open.actor {
            Actor::Patient { .. } => "Il pourra lire votre dossier, et vous aider à le tenir.",
            _ => "Il pourra lire ce dossier, et vous aider à le tenir.",
        };
        tasks.push(add("carer", "Déclarer un médecin traitant", why, "/droits"));
    }
    tasks
}
