//! `/dossier/{reference}/recu/{number}`: the receipt of an act, read back from the journal: what changed, for whom, when, by
//! whom. The number is the time of the act and the identity of its request.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Case, Command, Fact, Grantee, JournalFilter, NoticeChannel, Notices, Query, Receipt, RightsFact, Time,
    View,
};
use std::sync::Arc;
use uuid::Uuid;

use super::known::{self, Known};
use super::{Shown, overview, own, settle};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::services::MessageKind;
use crate::shell::Shell;

/// An act is journalled within this time of its request.
const JOURNALLED_MS: i64 = 120_000;

#[derive(Template)]
#[template(path = "rights/recu.html")]
struct Page {
    shell: Shell,
    address: String,
    heading: &'static str,
    facts: Vec<(&'static str, String)>,
    back: (String, &'static str),
    block: Option<String>,
}

/// Does something about the rights or the life of the dossier, tells the patient by their own channel, and goes to the
/// receipt; to `same` when it was done already.
///
/// # Errors
/// The refusal, or a failure of ours.
pub(crate) async fn execute(open: &Open, command: Command, same: &str) -> Shown {
    let contact = match open.consult_part(Query::Administrative).await.map(|answer| answer.view) {
        Some(View::Administrative(view)) => Some(view.contact),
        _ => None,
    };
    let done = open.execute(command, Vec::new()).await?;
    if done == Receipt::AlreadyDone {
        return Ok(answer::see_other(&format!("{}{same}", open.address)));
    }
    if let Some(contact) = contact {
        open.portal.services.tell(&contact, MessageKind::RightsChanged).await;
    }
    Ok(answer::see_other(&address(open)))
}

/// Where the receipt of what this request did is.
pub(crate) fn address(open: &Open) -> String {
    format!("{}/recu/{}-{}", open.address, open.now.millis(), open.request)
}

fn parse(number: &str) -> Option<(Time, Uuid)> {
    let (millis, request) = number.split_once('-')?;
    let millis: i64 = millis.parse().ok().filter(|m| (0..i64::MAX / 2).contains(m))?;
    Some((Time::from_millis(millis), Uuid::try_parse(request).ok()?))
}

/// `GET`
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path((reference, number)): Path<(String, String)>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let (at, request) = parse(&number).ok_or(Failure::UnknownAddress)?;
        build(open, at, request).await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn build(open: Open, at: Time, request: Uuid) -> Shown {
    let filter = JournalFilter {
        from: Some(at),
        to: Some(Time::from_millis(at.millis() + JOURNALLED_MS)),
        ..JournalFilter::default()
    };
    let answer = open.consult(Query::Journal(filter)).await?;
    let of_request: Vec<_> = answer.lines.iter().filter(|l| l.entry.request == request).collect();
    let changed = of_request.iter().find_map(|line| Some((line, line.entry.facts.first()?)));
    let Some((line, fact)) = changed else {
        return match of_request.is_empty() {
            true => Err(Failure::UnknownAddress),
            false => Ok(answer::see_other(&format!("{}/droits?deja=1", open.address))),
        };
    };
    let names = match fact {
        Fact::Rights(_) => known::everybody(&open).await?,
        _ => Vec::new(),
    };
    let case = match fact {
        Fact::CaseOpened { id, .. } => case(&open, *id).await,
        _ => None,
    };
    let (heading, mut facts) = words(fact, &names, case.as_ref(), &open);
    let (who, role) = people::actor(&line.entry.actor, open.reader);
    facts.push(("Fait par", people::joined(&[who, role])));
    facts.push(("Quand", french::day_and_hour(line.entry.at)));
    let digits = request.simple().to_string();
    facts.push(("Référence au journal", digits.get(..12).unwrap_or_default().to_uppercase()));
    let back = match fact {
        Fact::CaseOpened { .. } => (format!("{}/acces", open.address), "Revenir aux accès"),
        Fact::Rights(_) => (format!("{}/droits", open.address), "Qui peut voir mon dossier"),
        _ => (open.address.clone(), "Revenir à l'accueil"),
    };
    let block = case.as_ref().and_then(|c| known::grantee_of(&c.who)).map(|who| known::key(&who));
    let page = Page {
        shell: open.shell(heading, part_of(fact)),
        address: open.address,
        heading,
        facts,
        back,
        block,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn part_of(fact: &Fact) -> Part {
    match fact {
        Fact::Rights(_) => Part::Rights,
        Fact::CaseOpened { .. } | Fact::NoticesSet(_) => Part::Journal,
        _ => Part::Record,
    }
}

async fn case(open: &Open, id: Uuid) -> Option<Case> {
    match open.consult_part(Query::Cases).await?.view {
        View::Cases(cases) => cases.into_iter().find(|c| c.id == id),
        _ => None,
    }
}

/// What a fact says, as a heading and facts.
fn words(
    fact: &Fact,
    names: &[Known],
    case: Option<&Case>,
    open: &Open,
) -> (&'static str, Vec<(&'static str, String)>) {
    let name = |who: &Grantee| {
        names.iter().find(|k| k.who == *who).map_or_else(|| people::grantee(who, None), |k| k.name.clone())
    };
    match fact {
        Fact::Rights(rights) => of_rights(rights, name),
        Fact::CaseOpened { .. } => {
            let mut facts = Vec::new();
            if let Some(case) = case {
                facts.push(("Accès de", people::actor(&case.who, open.reader).0));
                facts.push(("Le", french::day_and_hour(case.occurred)));
                facts.push(("Réponse attendue", format!("au plus tard le {}", french::day(case.due))));
                facts.extend(case.report.clone().map(|text| ("Vous avez écrit", text)));
            }
            ("Accès signalé", facts)
        }
        Fact::CopyRequested => ("Copie demandée", vec![("Demande", "Une copie de votre dossier".into())]),
        Fact::DestructionRequested => {
            ("Destruction demandée", vec![("Demande", "La destruction de votre dossier".into())])
        }
        Fact::Reactivated => {
            ("Dossier rouvert", vec![("Ce qui a changé", "Votre dossier est ouvert".into())])
        }
        Fact::NoticesSet(notices) => ("Avis réglés", notices_words(*notices)),
        _ => ("C'est enregistré", Vec::new()),
    }
}

/// What somebody is told of, and by what.
pub(crate) fn notices_words(notices: Notices) -> Vec<(&'static str, String)> {
    let yes_or_no = |yes: bool| if yes { "oui" } else { "non" }.to_owned();
    vec![
        ("Accès d'urgence", "toujours".to_owned()),
        ("Premier accès d'un soignant", yes_or_no(notices.first_access)),
        ("Chaque accès", yes_or_no(notices.every_access)),
        ("Par", channel_words(notices.by).to_owned()),
    ]
}

/// The channel, in words.
pub(crate) fn channel_words(channel: NoticeChannel) -> &'static str {
    match channel {
        NoticeChannel::Mail => "Mail",
        NoticeChannel::Sms => "SMS",
        NoticeChannel::Letter => "Courrier",
        NoticeChannel::None => "Aucun avis",
    }
}

fn of_rights(
    fact: &RightsFact,
    name: impl Fn(&Grantee) -> String,
) -> (&'static str, Vec<(&'static str, String)>) {
    let until = |at: &Time| ("Jusqu'au", french::day_and_hour(*at));
    match fact {
        RightsFact::Authorised { who, until: end, .. } => {
            let mut facts = vec![("Personne autorisée", name(who))];
            facts.extend(end.as_ref().map(until));
            ("Autorisation enregistrée", facts)
        }
        RightsFact::AuthorisationEnded { who } => {
            ("Autorisation arrêtée", vec![("Ne peut plus lire", name(who))])
        }
        RightsFact::Blocked { who } => ("Blocage enregistré", vec![("Personne bloquée", name(who))]),
        RightsFact::Unblocked { who } => ("Blocage levé", vec![("N'est plus bloquée", name(who))]),
        RightsFact::MedecinTraitantDeclared { who } => {
            ("Médecin traitant enregistré", vec![("Votre médecin traitant", name(who))])
        }
        RightsFact::MedecinTraitantEnded { who, until: end } => (
            "Médecin traitant changé",
            vec![
                ("N'est plus votre médecin traitant", name(who)),
                ("Peut lire jusqu'au", french::day_and_hour(*end)),
            ],
        ),
        RightsFact::InitialConsentRecorded { team, .. } => {
            let members: Vec<String> = team.iter().map(name).collect();
            ("Accord enregistré", vec![("Équipe de soins", members.join(", "))])
        }
        RightsFact::InitialConsentWithdrawn { .. } => (
            "Accord arrêté",
            vec![("Ce qui a changé", "Les autorisations données sur cet accord sont arrêtées".to_owned())],
        ),
        RightsFact::EmergencySet(emergency) => {
            let settings = overview::settings(*emergency);
            let yes_or_no = |yes: bool| if yes { "oui" } else { "non" }.to_owned();
            ("Réglages d'urgence enregistrés", settings.map(|(k, yes)| (k, yes_or_no(yes))).into())
        }
        RightsFact::DefaultConfidentialitySet(_) => ("Réglage enregistré", Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_time_and_a_request() {
        let request = "01234567-89ab-4def-8000-000000000001";
        for (text, reads) in [
            (format!("1795255200000-{request}"), true),
            (format!("-5-{request}"), false),
            (format!("99999999999999999999-{request}"), false),
            (format!("9223372036854775807-{request}"), false),
            ("1795255200000-x".to_owned(), false),
            ("1795255200000".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(parse(&text).is_some(), reads, "{text}");
        }
    }
}
