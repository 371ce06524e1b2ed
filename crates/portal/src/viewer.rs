//! Who looks at the pages: what the server's sessions tell the portal about the person behind a request.
//!
//! The server owns sessions. Before a request reaches [`crate::router`], its middleware inserts an
//! `Option<Viewer>` in the request's extensions; `None` (or nothing) means that nobody is signed in.

use dmp_dossier::{Actor, Ins, Time, Traits};

/// The person signed in.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who acts, in the access mode of the session; a page opened in *bris de glace* changes the mode only.
    pub actor: Actor,
    /// Name shown to the person, `Marie Durand`, `Dr Paul Martin`.
    pub name: String,
    /// What the person is here, `Patiente`, `Médecin généraliste, cabinet du Port`.
    pub role_label: String,
    /// Token of the session that every form carries back.
    pub csrf: String,
    /// Other dossiers the person may act on: children, protected adults.
    pub profiles: Vec<Profile>,
    /// When the person last proved who they are: rights, export and closing want it younger than five minutes
    /// (security.md row 24).
    pub proved_at: Time,
    /// Who the person is by their identity provider, for a patient who opens their own dossier.
    pub traits: Option<Traits>,
}

/// A dossier that the viewer holds for somebody else.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The actor to be for that dossier, an [`Actor::Representative`].
    pub actor: Actor,
    /// Name of the patient, `Léo Durand`.
    pub name: String,
}

impl Viewer {
    /// Somebody who just proved who they are, with nobody else's dossier.
    pub fn new(
        actor: Actor,
        name: impl Into<String>,
        role_label: impl Into<String>,
        csrf: String,
        now: Time,
    ) -> Self {
        Viewer {
            actor,
            name: name.into(),
            role_label: role_label.into(),
            csrf,
            profiles: Vec::new(),
            proved_at: now,
            traits: None,
        }
    }

    /// The actor to be on the dossier of a patient: the viewer's own, or that of the profile that holds it.
    pub(crate) fn actor_for(&self, ins: &Ins) -> Actor {
        let holds =
            |profile: &&Profile| matches!(&profile.actor, Actor::Representative { of, .. } if of == ins);
        let own = !matches!(&self.actor, Actor::Patient { ins: own } if own != ins);
        match self.profiles.iter().find(holds) {
            Some(profile) if !own => profile.actor.clone(),
            _ => self.actor.clone(),
        }
    }

    /// The dossier the viewer is at home in: a patient's own, or that of the person represented.
    pub(crate) fn home(&self) -> Option<&Ins> {
        match &self.actor {
            Actor::Patient { ins } | Actor::Representative { of: ins, .. } => Some(ins),
            _ => None,
        }
    }

    /// True for those who look at patients' dossiers as a profession.
    pub(crate) fn is_professional(&self) -> bool {
        matches!(self.actor, Actor::Professional(_))
    }
}
