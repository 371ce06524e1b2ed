//! `GET …/document/{lid}/qui`: for each person that the patient authorised, whether they see this document, and why.
//!
//! The answer is the rules' own ([`Query::Explain`]), asked for each person as they would come by day.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Actor, Auth, Authorisation, Card, Explanation, Grant, Grantee, GranteeLabel, Lid, Mode, PersonName,
    Professional, Query, View, access,
};
use futures_util::future::join_all;
use std::sync::Arc;

use super::document;
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::shell::Shell;
use crate::timeline;

/// Most people asked about: the others are on the page of rights.
const PEOPLE_MAX: usize = 40;

#[derive(Template)]
#[template(path = "patient/who.html")]
struct Who {
    shell: Shell,
    dossier: String,
    address: String,
    name: String,
    masked: bool,
    people: Vec<Told>,
    structures: Vec<String>,
    more: bool,
}

/// Somebody, and the answer.
struct Told {
    name: String,
    role: String,
    sees: bool,
    why: &'static str,
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, lid)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let page = async {
        let open = Open::new(&portal, signed_in, &reference)?;
        build(open, &lid).await
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

async fn build(open: Open, lid: &str) -> Result<Who, Failure> {
    let seen = document::seen(&open, lid).await?;
    let lid = seen.entry.lid;
    let View::Rights(rights) = open.consult(Query::Rights).await?.view else { return Err(Failure::Ours) };
    let known: Vec<&(Grant, Option<GranteeLabel>)> =
        rights.grants.iter().filter(|(grant, _)| grant.at(open.now) != Authorisation::NonExiste).collect();
    let persons = known.iter().filter_map(|(grant, label)| Some((grant, as_actor(grant, label.as_ref())?)));
    let asked: Vec<_> = persons.collect();
    let more = asked.len() > PEOPLE_MAX;
    let answers = join_all(asked.into_iter().take(PEOPLE_MAX).map(|(grant, actor)| {
        let open = &open;
        async move { (grant, open.consult_part(Query::Explain(Box::new(actor))).await) }
    }));
    let mut people: Vec<Told> = Vec::new();
    for (grant, answer) in answers.await {
        let Some(View::Explanation(explanation)) = answer.map(|a| a.view) else { continue };
        let label = known.iter().find(|(g, _)| g.who == grant.who).and_then(|(_, label)| label.as_ref());
        let (sees, why) = told(&explanation, lid, grant.at(open.now));
        let name = people::grantee(&grant.who, label);
        people.push(Told { name, role: people::grantee_role(&grant.who, label), sees, why });
    }
    people.sort_by_key(|p| !p.sees);
    let structures = known
        .iter()
        .filter(|(g, _)| matches!(g.who, Grantee::Structure(_)) && g.at(open.now) == Authorisation::Valide)
        .map(|(g, label)| people::grantee(&g.who, label.as_ref()))
        .collect();
    Ok(Who {
        shell: open.shell("Qui voit ce document", Part::Document),
        address: format!("{}/document/{lid}", open.address),
        name: timeline::name(&seen.entry).plain,
        masked: seen.entry.visibility.masked,
        dossier: open.address,
        people,
        structures,
        more,
    })
}

/// The person as they would come to the dossier on an ordinary day; a structure is no person.
fn as_actor(grant: &Grant, label: Option<&GranteeLabel>) -> Option<Actor> {
    let Grantee::Professional(id) = &grant.who else { return None };
    Some(Actor::Professional(Box::new(Professional {
        id: id.clone(),
        name: PersonName { family: String::new(), given: String::new() },
        profession: label?.profession.clone()?,
        speciality: label.and_then(|l| l.speciality.clone()),
        structure: None,
        structure_name: None,
        sector: None,
        auth: Auth::Oidc,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: None,
    })))
}

/// The verdict on one document, and the rule behind it in words.
fn told(explanation: &Explanation, lid: Lid, authorisation: Authorisation) -> (bool, &'static str) {
    let found = explanation.documents.iter().find(|(seen, _)| seen.entry.lid == lid);
    let Some((_, verdict)) = found else { return (false, "ce document n'est plus en cours") };
    let rule = verdict.rules.last().map_or("", |rule| rule.id);
    let why = match (verdict.permitted, authorisation) {
        (true, _) if rule == access::VIS_2.id => "l'a écrit",
        (true, _) if rule == access::VIS_3.id => "est votre médecin traitant",
        (true, _) => "sa profession y a droit",
        (false, Authorisation::Interdit) => "vous l'avez bloqué",
        (false, Authorisation::Expire) => "son autorisation est terminée",
        (false, _) if rule == access::VIS_1.id => "sa profession n'y a pas droit",
        (false, _) if rule == access::VIS_3.id => "ce document est masqué",
        (false, _) => "sa fonction ne lit pas les documents",
    };
    (verdict.permitted, why)
}
