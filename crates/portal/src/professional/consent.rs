//! `/dossier/{reference}/consentement`: a professional declares that the patient agrees (TD0.3). A member of the care team
//! rests on the patient's initial consent, which is recorded once; anybody else asks at each consultation (R.1111-46).

use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    AdministrativeView, Authorise, Command, ConsentProof, Grantee, GranteeLabel, Professional, Reason,
};
use dmp_nomenclature::{facility, speciality};
use serde::Deserialize;
use std::sync::Arc;

use super::{administrative, banner, enter};
use crate::Portal;
use crate::answer;
use crate::banner::Banner;
use crate::failure::Failure;
use crate::home::is_token;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

/// Version of what the patient is told, kept with the consent.
const INFORMATION: &str = "Accès d'un professionnel au dossier, texte de novembre 2026";

/// How a consent is collected: value posted, and words, which are kept with it.
const MEANS: [(&str, &str); 4] = [
    ("oral", "De vive voix, par le patient"),
    ("ecrit", "Par écrit, signé du patient"),
    ("confiance", "Par la personne de confiance"),
    ("representant", "Par un représentant légal"),
];

#[derive(Template)]
#[template(path = "professional/consent.html")]
struct Consent {
    shell: Shell,
    banner: Option<Banner>,
    address: String,
    csrf: String,
    /// Why one is here: the words of the refusal.
    because: Option<&'static str>,
    is_expired: bool,
    form: Declared,
    errors: Vec<(&'static str, &'static str)>,
    is_doctor: bool,
    structure: Option<String>,
    session_hours: u32,
}

impl Consent {
    fn means(&self) -> &'static [(&'static str, &'static str)] {
        &MEANS
    }

    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }
}

/// A professional who may declare: in normal mode, and no occupational doctor (PDT-INF-526 TD0.3).
fn declarant(open: &Open) -> Option<&Professional> {
    let professional = open.actor.professional().filter(|_| open.is_normal())?;
    let occupational = professional.speciality.as_deref().is_some_and(speciality::is_occupational)
        || professional.sector.as_deref().is_some_and(facility::is_occupational);
    (!occupational).then_some(professional)
}

/// The page in place of a dossier that is not authorised; `None` where declaring would change nothing.
pub(crate) async fn instead(open: &Open, failure: &Failure) -> Option<Response<Body>> {
    let Failure::Refused { refusal, .. } = failure else { return None };
    let reason = refusal.reason;
    if !matches!(reason, Reason::NotAuthorised | Reason::AuthorisationExpired) {
        return None;
    }
    declarant(open)?;
    let view = administrative(open).await.ok()?;
    let page = page(open, &view, Some(reason), Declared::default(), Vec::new())?;
    Some(answer::page(StatusCode::FORBIDDEN, &page))
}

fn page(
    open: &Open,
    view: &AdministrativeView,
    reason: Option<Reason>,
    form: Declared,
    errors: Vec<(&'static str, &'static str)>,
) -> Option<Consent> {
    let professional = declarant(open)?;
    let title =
        if errors.is_empty() { "Déclarer l'accord du patient" } else { "Erreur : l'accord du patient" };
    Some(Consent {
        shell: open.shell(title, Part::Record),
        banner: banner(open, view),
        address: open.address.clone(),
        csrf: open.viewer.csrf.clone(),
        because: reason.map(|reason| reason.answer().french),
        is_expired: reason == Some(Reason::AuthorisationExpired),
        form,
        errors,
        is_doctor: professional.is_doctor(),
        structure: professional.structure.as_ref().and(professional.structure_name.clone()),
        session_hours: open.portal.store.parameters().session_minutes / 60,
    })
}

/// `GET`: the form.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let found = async {
        let open = enter(&portal, signed_in, &reference)?;
        let view = administrative(&open).await?;
        page(&open, &view, None, Declared::default(), Vec::new()).ok_or(Failure::UnknownAddress)
    };
    match found.await {
        Ok(page) => answer::page(StatusCode::OK, &page),
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

/// What is declared.
#[derive(Deserialize, Default)]
pub(crate) struct Declared {
    csrf: String,
    /// `membre` or `hors`.
    #[serde(default)]
    equipe: String,
    #[serde(default)]
    moyen: String,
    #[serde(default)]
    informe: String,
    #[serde(default)]
    traitant: String,
}

/// `POST`: records it; then the dossier opens.
pub(super) async fn declare(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    form: Result<Form<Declared>, FormRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let declared = async {
        let open = enter(&portal, signed_in, &reference)?;
        let Ok(Form(form)) = form else { return Err(Failure::Form) };
        if !is_token(&form.csrf, &open.viewer) {
            return Err(Failure::Form);
        }
        let errors = check(&form);
        if !errors.is_empty() {
            let view = administrative(&open).await?;
            let page = page(&open, &view, None, form, errors).ok_or(Failure::UnknownAddress)?;
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        record(&open, &form).await?;
        Ok(answer::see_other(&open.address))
    };
    match declared.await {
        Ok(response) => response,
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

fn check(form: &Declared) -> Vec<(&'static str, &'static str)> {
    let mut errors = Vec::new();
    if !matches!(form.equipe.as_str(), "membre" | "hors") {
        errors.push(("equipe", "Dites si vous faites partie de l'équipe de soins."));
    }
    if MEANS.iter().all(|(value, _)| *value != form.moyen) {
        errors.push(("moyen", "Dites comment l'accord a été donné."));
    }
    if form.informe.is_empty() {
        errors.push(("informe", "Informez le patient, puis cochez cette case."));
    }
    if !form.traitant.is_empty() && form.equipe == "hors" {
        errors.push(("traitant", "Un médecin traitant fait partie de l'équipe de soins."));
    }
    errors
}

async fn record(open: &Open, form: &Declared) -> Result<(), Failure> {
    let professional = declarant(open).ok_or(Failure::UnknownAddress)?;
    let who = Grantee::Professional(professional.id.clone());
    if form.equipe == "membre" {
        let means = MEANS.iter().find(|(value, _)| *value == form.moyen).map_or("", |(_, words)| words);
        let proof = ConsentProof {
            collected_by: open.viewer.name.clone(),
            means: means.to_owned(),
            at: open.now,
            information: Some(INFORMATION.to_owned()),
        };
        let structure = professional.structure.clone().map(Grantee::Structure);
        let team = std::iter::once(who.clone()).chain(structure).collect();
        open.execute(Command::RecordInitialConsent { team, proof }, Vec::new()).await?;
    }
    let label = GranteeLabel {
        who: who.clone(),
        name: open.viewer.name.clone(),
        profession: Some(professional.profession.clone()),
        speciality: professional.speciality.clone(),
    };
    let command = |medecin_traitant| {
        Command::Authorise(Box::new(Authorise {
            who: who.clone(),
            label: Some(label.clone()),
            until: None,
            medecin_traitant,
            profession: Some(professional.profession.clone()),
        }))
    };
    let medecin_traitant = !form.traitant.is_empty() && professional.is_doctor();
    open.execute(command(medecin_traitant), Vec::new()).await?;
    Ok(())
}
