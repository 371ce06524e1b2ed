//! `/dossier/{reference}/droits`: people × kinds of documents, blocks, emergency, care teams (ux.md 3.4).

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{ConsentProof, Emergency, InitialConsent, RightsView};
use serde::Deserialize;
use std::sync::Arc;

use super::categories::{self, Cell};
use super::known::{self, Known, Standing};
use super::{Shown, own, settle};
use crate::Portal;
use crate::answer;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::people;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "rights/droits.html")]
struct Overview {
    shell: Shell,
    address: String,
    /// Nothing changed: it was so already.
    is_same: bool,
    columns: Vec<&'static str>,
    people: Vec<Row>,
    blocked: Vec<Mention>,
    over: Vec<Mention>,
    emergency: Vec<(&'static str, bool)>,
    teams: Vec<Team>,
    has_medecin_traitant: bool,
}

/// Somebody who may read.
struct Row {
    key: String,
    name: String,
    role: String,
    is_medecin_traitant: bool,
    until: String,
    /// `None` for a structure, or a profession that is not known.
    cells: Option<Vec<Cell>>,
    is_person: bool,
    is_occupational: bool,
}

/// Somebody of a list, with since when.
struct Mention {
    key: String,
    name: String,
    role: String,
    when: String,
}

/// A care team.
struct Team {
    id: String,
    members: Vec<String>,
    since: String,
    withdrawn: Option<String>,
    proof: Vec<(&'static str, String)>,
}

/// What the address tells.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    deja: Option<String>,
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async { build(own(&portal, signed_in, &reference)?, &wanted).await };
    settle(shown.await, &portal, viewer.as_ref())
}

async fn build(open: Open, wanted: &Wanted) -> Shown {
    let rights = known::rights(&open).await?;
    let known = known::of_rights(&rights);
    let mut people: Vec<Row> = known.iter().filter(|k| k.may_read(open.now)).map(|k| row(&open, k)).collect();
    people.sort_by_key(|row| !row.is_medecin_traitant);
    let mention =
        |k: &Known, when: String| Mention { key: k.key(), name: k.name.clone(), role: k.role(), when };
    let (mut blocked, mut over) = (Vec::new(), Vec::new());
    for k in &known {
        match k.standing(open.now) {
            Standing::Blocked { since } => {
                blocked.push(mention(k, format!("blocage du {}", french::day(since))));
            }
            Standing::Over { at } => over.push(mention(k, format!("fin le {}", french::day(at)))),
            Standing::Nothing => {
                let last = k.grant.as_ref().map_or(open.now, |g| g.last_act);
                over.push(mention(k, format!("arrêt le {}", french::day(last))));
            }
            _ => {}
        }
    }
    // The members of a team have no label of their own: their documents and visits give their names.
    let members = || rights.initial_consents.iter().flat_map(|c| &c.team);
    let named = match members().all(|who| known.iter().any(|k| k.who == *who)) {
        true => known,
        false => known::everybody(&open).await?,
    };
    let teams = rights.initial_consents.iter().rev().map(|c| team(c, &rights, &named)).collect();
    let page = Overview {
        shell: open.shell("Qui peut voir mon dossier", Part::Rights),
        is_same: wanted.deja.is_some(),
        columns: categories::columns(),
        has_medecin_traitant: people.iter().any(|p| p.is_medecin_traitant),
        people,
        blocked,
        over,
        emergency: settings(rights.emergency).into(),
        teams,
        address: open.address,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn row(open: &Open, known: &Known) -> Row {
    let (is_medecin_traitant, until) = match known.standing(open.now) {
        Standing::MedecinTraitant { .. } => (true, "sans date de fin".to_owned()),
        Standing::Authorised { until: Some(until), .. } => {
            (false, format!("jusqu'au {}", french::day(until)))
        }
        _ => (false, String::new()),
    };
    let social_sector = open.portal.store.parameters().social_sector;
    let cells = known
        .profession
        .as_deref()
        .filter(|_| known.is_person() && !known.is_occupational())
        .map(|profession| categories::cells(open.portal.store.matrix(), profession, social_sector));
    Row {
        key: known.key(),
        name: known.name.clone(),
        role: known.role(),
        is_medecin_traitant,
        until,
        cells,
        is_person: known.is_person(),
        is_occupational: known.is_occupational(),
    }
}

/// The three switches, as sentences that are true when the answer is yes.
pub(super) fn settings(emergency: Emergency) -> [(&'static str, bool); 3] {
    [
        ("Le Samu peut lire mon dossier", !emergency.samu_opposed),
        ("Un soignant peut l'ouvrir si ma vie est en danger", !emergency.bris_de_glace_opposed),
        ("Mes documents masqués peuvent alors être lus", emergency.masked_readable),
    ]
}

/// How the consent was collected, word for word.
pub(super) fn proof_words(proof: &ConsentProof) -> Vec<(&'static str, String)> {
    let mut words = vec![
        ("Recueilli par", proof.collected_by.clone()),
        ("Comment", proof.means.clone()),
        ("Quand", french::day_and_hour(proof.at)),
    ];
    words.extend(proof.information.clone().map(|text| ("Texte lu", text)));
    words
}

fn team(consent: &InitialConsent, rights: &RightsView, known: &[Known]) -> Team {
    let member = |who: &dmp_dossier::Grantee| {
        known.iter().find(|k| k.who == *who).map_or_else(|| people::grantee(who, None), |k| k.name.clone())
    };
    let proof = rights.team_proofs.iter().find(|(id, _)| *id == consent.id);
    Team {
        id: consent.id.to_string(),
        members: consent.team.iter().map(member).collect(),
        since: french::day(consent.since),
        withdrawn: consent.withdrawn.map(french::day),
        proof: proof.map(|(_, proof)| proof_words(proof)).unwrap_or_default(),
    }
}
