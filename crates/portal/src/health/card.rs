//! `/dossier/{reference}/carte`: the emergency card, on screen and as a PDF to cut and fold. The patient chooses what stands
//! on it; its square leads to this site's sign-in and holds no health data.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use dmp_cda::entries::PersonRole;
use dmp_dossier::{Query, View};
use dmp_paper::{CardContact, CardSection, EmergencyCard};
use std::sync::Arc;

use super::own::{self, DIRECTIVES, PERSONS, PROFILE, Profile};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::record::read_synthesis;
use crate::rights::{own as own_dossier, settle};
use crate::shell::Shell;
use crate::synthesis::{Block, Fact};

/// What may stand on the card: word, heading.
const PARTS: [(&str, &str); 5] = [
    ("allergies", "Allergies"),
    ("traitements", "Traitements"),
    ("problemes", "Problèmes de santé"),
    ("directives", "Directives anticipées"),
    ("personnes", "Personnes à prévenir"),
];
/// Most lines of a part: a card is small.
const LINES_MAX: usize = 8;

#[derive(Template)]
#[template(path = "health/carte.html")]
struct Page {
    shell: Shell,
    address: String,
    parts: Vec<(&'static str, &'static str, bool)>,
    card: EmergencyCard,
    qr: String,
    query: String,
}

/// `GET`: with nothing chosen, everything there is stands on it.
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let chosen = chosen(query.as_deref());
        let card = card(&open, &chosen, &site(&headers)).await?;
        let page = Page {
            shell: open.shell("Ma carte d'urgence", Part::Health),
            address: open.address.clone(),
            parts: PARTS.iter().map(|(word, label)| (*word, *label, chosen.contains(word))).collect(),
            qr: dmp_paper::qr_svg(&card.address),
            query: chosen.iter().map(|word| format!("montrer={word}")).collect::<Vec<_>>().join("&"),
            card,
        };
        Ok(answer::page(StatusCode::OK, &page))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `GET …/carte/pdf`
pub(super) async fn pdf(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own_dossier(&portal, signed_in, &reference)?;
        let card = card(&open, &chosen(query.as_deref()), &site(&headers)).await?;
        let made = tokio::task::spawn_blocking(move || dmp_paper::emergency_card(&card)).await;
        let bytes = made.ok().and_then(Result::ok).ok_or(Failure::Ours)?;
        Ok(answer::file(bytes, "application/pdf", "carte-urgence.pdf"))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// The parts wanted; all of them when nothing is said.
fn chosen(query: Option<&str>) -> Vec<&'static str> {
    let query = query.unwrap_or_default();
    let wanted = |word: &str| query.split('&').any(|pair| pair.strip_prefix("montrer=") == Some(word));
    let words: Vec<_> = PARTS.iter().map(|(word, _)| *word).filter(|word| wanted(word)).collect();
    if query.contains("montrer=") { words } else { PARTS.iter().map(|(word, _)| *word).collect() }
}

/// Where professionals sign in: the address by which the page was asked, which the server checked.
fn site(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let local = host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
    format!("{}://{host}/AccesDirect/TableauDeBord", if local { "http" } else { "https" })
}

async fn card(open: &Open, chosen: &[&str], site: &str) -> Result<EmergencyCard, Failure> {
    let seen = own::seen(open).await?;
    let View::Administrative(view) = open.consult(Query::Administrative).await?.view else {
        return Err(Failure::Ours);
    };
    let synthesis = read_synthesis(open, &seen).await;
    let held = own::held(open, &seen, &[PROFILE, PERSONS, DIRECTIVES]).await?;
    let [profile, persons, directives] = &held[..] else { return Err(Failure::Ours) };
    let written = Profile::of(&profile.entries);
    let section = |word: &str, heading: &str, lines: Vec<String>, alert| CardSection {
        heading: heading.to_owned(),
        lines: if chosen.contains(&word) { distinct(lines) } else { Vec::new() },
        alert,
    };
    let said = |block: &Block<Vec<Fact>>| match block {
        Block::Known(facts) => facts.iter().filter(|f| !f.is_past).map(|f| f.text.clone()).collect(),
        _ => Vec::new(),
    };
    let allergies =
        [said(&synthesis.allergies), written.allergies.iter().map(|a| a.agent.text.clone()).collect()]
            .concat();
    let treatments =
        [said(&synthesis.treatments), written.treatments.iter().map(|t| t.product.clone()).collect()]
            .concat();
    let problems =
        [said(&synthesis.problems), written.problems.iter().map(|p| p.what.text.clone()).collect()].concat();
    let wishes = directives
        .entry
        .as_ref()
        .map(|entry| format!("écrites le {}, dans le dossier", french::day(entry.registered_at)));
    let contacts = persons.entries.persons.iter().filter(|_| chosen.contains(&"personnes")).map(|p| {
        let role = if p.role == PersonRole::Trusted { "personne de confiance" } else { p.tie.as_str() };
        let name = if role.is_empty() { p.name.clone() } else { format!("{} ({role})", p.name) };
        CardContact { name, phone: p.phone.clone() }
    });
    let traits = &view.identity.traits;
    Ok(EmergencyCard {
        name: format!("{} {}", traits.birth_name.to_uppercase(), traits.first_given()),
        born: french::birth_date(&traits.birth_date),
        sections: vec![
            section("allergies", "Allergies", allergies, true),
            section("traitements", "Traitements", treatments, false),
            section("problemes", "Problèmes de santé", problems, false),
            section("directives", "Directives anticipées", wishes.into_iter().collect(), false),
        ],
        contacts: contacts.collect(),
        address: site.to_owned(),
        date: french::day(open.now),
    })
}

/// Each line once, case apart, as many as a card holds.
fn distinct(lines: Vec<String>) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for line in lines {
        if told.len() < LINES_MAX && !told.iter().any(|known| known.to_lowercase() == line.to_lowercase()) {
            told.push(line);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn what_stands_on_the_card_is_what_was_chosen() {
        assert_eq!(chosen(None).len(), 5);
        assert_eq!(chosen(Some("montrer=allergies&montrer=personnes")), ["allergies", "personnes"]);
        assert_eq!(chosen(Some("montrer=autre")), [""; 0]);
    }
}
