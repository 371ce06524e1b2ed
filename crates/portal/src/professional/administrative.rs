//! `/dossier/{reference}/informations`: who the patient is, how to reach them, who acts for them, and whether an emergency
//! may open the dossier. All that an employee reads of a dossier (TD0.9 with a CPE card).

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::identity::{Relation, Representative};
use dmp_dossier::{Actor, AdministrativeView};
use std::sync::Arc;

use super::{administrative, banner, enter};
use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "professional/administrative.html")]
struct Administrative {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    is_employee: bool,
    identity: Vec<(&'static str, String)>,
    contact: Vec<(&'static str, String)>,
    representatives: Vec<(String, String)>,
    samu: bool,
    bris_de_glace: bool,
}

/// `GET`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let page = async {
        let open = enter(&portal, signed_in, &reference)?;
        let view = administrative(&open).await?;
        Ok::<_, Failure>(build(open, &view))
    };
    match page.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

fn build(open: Open, view: &AdministrativeView) -> Administrative {
    let known = |text: &Option<String>| {
        text.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| "Non renseigné".to_owned())
    };
    let traits = &view.identity.traits;
    let mut identity = vec![
        ("Nom de naissance", traits.birth_name.to_uppercase()),
        ("Prénoms de naissance", traits.given_names.clone()),
        ("Date de naissance", french::birth_date(&traits.birth_date)),
        ("Lieu de naissance (code Insee)", known(&Some(traits.birth_place.clone()))),
        ("INS", french::grouped_ins(&view.identity.ins)),
    ];
    if let Some(used) = &traits.used_name {
        identity.insert(2, ("Nom utilisé", used.to_uppercase()));
    }
    let contact = vec![
        ("Téléphone", known(&view.contact.phone)),
        ("Adresse électronique", known(&view.contact.mail)),
        ("Adresse", known(&view.contact.address)),
    ];
    Administrative {
        shell: open.shell("Informations du patient", Part::Administrative),
        banner: banner(&open, view),
        is_employee: matches!(open.actor, Actor::Employee(_)),
        address: open.address,
        identity,
        contact,
        representatives: view.representatives.iter().map(representative).collect(),
        samu: !view.emergency.samu_opposed,
        bris_de_glace: !view.emergency.bris_de_glace_opposed,
    }
}

fn representative(who: &Representative) -> (String, String) {
    let relation = match who.relation {
        Relation::Parent => "parent",
        Relation::Guardian => "tuteur",
    };
    let phone = who.contact.phone.as_deref().map_or(String::new(), |phone| format!(", {phone}"));
    (format!("{} {}", who.given, who.name), format!("{relation}{phone}"))
}
