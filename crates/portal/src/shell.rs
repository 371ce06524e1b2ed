//! What surrounds every page: who is signed in, on whose dossier, where one may go, and the marks of the profile.

use dmp_dossier::{Actor, Mode};

use crate::assets::ADDRESSES;
use crate::viewer::Viewer;

/// Whose page it is: each has its own header colour and its name beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Patient,
    Relative,
    Professional,
    Staff,
    Nobody,
}

impl Audience {
    pub(crate) fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Patient { .. } => Audience::Patient,
            Actor::Representative { .. } => Audience::Relative,
            Actor::Professional(_) => Audience::Professional,
            _ => Audience::Staff,
        }
    }

    /// Class of `body`.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Audience::Patient => "for-patient",
            Audience::Relative => "for-relative",
            Audience::Professional => "for-professional",
            Audience::Staff => "for-staff",
            Audience::Nobody => "for-nobody",
        }
    }
}

/// A place to go, in the header.
pub(crate) struct Place {
    pub(crate) href: String,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) current: bool,
}

/// An access in emergency that is under way.
pub(crate) struct UnderWay {
    pub(crate) heading: &'static str,
    pub(crate) reason: String,
    pub(crate) until: String,
}

/// What `base.html` needs.
pub(crate) struct Shell {
    pub(crate) title: String,
    pub(crate) audience: Audience,
    /// Name and role of who is signed in.
    pub(crate) who: Option<(String, String)>,
    /// Token of the form that signs out.
    pub(crate) csrf: Option<String>,
    /// The one link beside the name: address and words.
    pub(crate) beside: Option<(&'static str, &'static str)>,
    pub(crate) sign_in: String,
    pub(crate) is_demo: bool,
    pub(crate) places: Vec<Place>,
    pub(crate) under_way: Option<UnderWay>,
    /// A *connexion secrète*: where it is left.
    pub(crate) secret: Option<String>,
    pub(crate) page_css: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

impl Shell {
    /// Around a page of no dossier.
    pub(crate) fn new(portal: &crate::Portal, viewer: Option<&Viewer>, title: &str) -> Self {
        Shell {
            title: title.to_owned(),
            audience: viewer.map_or(Audience::Nobody, |v| Audience::of(&v.actor)),
            who: viewer.map(|v| (v.name.clone(), v.role_label.clone())),
            csrf: viewer.map(|v| v.csrf.clone()),
            beside: viewer.and_then(|v| beside(&v.actor)),
            sign_in: portal.sign_in.clone(),
            is_demo: portal.demo.is_some(),
            places: viewer.map_or_else(Vec::new, |v| places(&v.actor)),
            under_way: None,
            secret: None,
            page_css: ADDRESSES.page_css,
            script: ADDRESSES.script,
            icon: ADDRESSES.icon,
        }
    }

    /// The same, with the place that this page is.
    #[must_use]
    pub(crate) fn at(mut self, here: &str) -> Self {
        for place in &mut self.places {
            place.current = place.href == here;
        }
        self
    }
}

/// The account of who may have one of ours; professionals sign in elsewhere.
fn beside(actor: &Actor) -> Option<(&'static str, &'static str)> {
    match actor {
        Actor::Patient { .. }
        | Actor::Representative { .. }
        | Actor::ReceptionAgent(_)
        | Actor::Referent(_)
        | Actor::Pilot => Some(("/compte/securite", "Mon compte")),
        _ => None,
    }
}

/// Where those who work go, outside any dossier. Only who opens dossiers for others has a desk.
fn places(actor: &Actor) -> Vec<Place> {
    let place = |href: &str, label, icon| Place { href: href.to_owned(), label, icon, current: false };
    let mut places = Vec::new();
    if matches!(actor, Actor::Professional(_) | Actor::Employee(_)) {
        places.push(place("/", "Trouver un dossier", "search"));
        places.push(place("/patients", "Mes patients", "people"));
    }
    match actor {
        Actor::Professional(p) if p.mode == Mode::Normal => places.push(place("/guichet", "Guichet", "desk")),
        Actor::ReceptionAgent(_) => places.push(place("/guichet", "Guichet", "desk")),
        Actor::Referent(_) => places.push(place("/referent", "Accès à examiner", "eye")),
        _ => {}
    }
    match actor {
        Actor::ReceptionAgent(_) => places.push(place("/guichet/releve", "Relevé", "chart")),
        Actor::Professional(_) | Actor::Employee(_) | Actor::Referent(_) => {
            places.push(place("/quotas", "Quotas", "clock"));
        }
        _ => {}
    }
    places
}
