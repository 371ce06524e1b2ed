//! What goes wrong when somebody signs in: one table of names, statuses and words.
//!
//! Names and statuses are those of the catalogue of bad inputs (rows `OIDC-…`). Nothing of what came from outside is ever
//! repeated on a page.

use dmp_openid::Fault;
use dmp_portal::sign_in::{Door, Notice};
use dmp_store::StoreError;

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The protocol.
    Fault(Fault),
    /// The identity that is needed is missing, or wrong.
    Identity,
    /// The traits are not those of the dossier, or two accounts claim it.
    Differs,
    /// The directory does not know this professional there.
    Inactive,
    /// Nothing is open to this activity.
    Role,
    /// No such provider.
    Unknown,
    /// Our fault or the disk's.
    Ours,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Fault(fault)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = crate::open::one_line(&error), "a sign-in cannot be finished");
        Trouble::Ours
    }
}

impl Trouble {
    /// Its name in the catalogue.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Trouble::Fault(fault) => fault.code(),
            Trouble::Identity => "login-identity",
            Trouble::Differs => "identity-differs",
            Trouble::Inactive => "account-inactive",
            Trouble::Role => "account-role",
            Trouble::Unknown => "not-found",
            Trouble::Ours => "internal",
        }
    }

    /// Its status.
    pub(crate) fn status(self) -> u16 {
        match self {
            Trouble::Fault(fault) => fault.status(),
            Trouble::Identity | Trouble::Differs | Trouble::Inactive | Trouble::Role => 403,
            Trouble::Unknown => 404,
            Trouble::Ours => 500,
        }
    }

    /// What its page says; `again` is where one starts over, `clock` the time of the server.
    pub(crate) fn notice(self, again: String, clock: &str) -> Notice {
        let (heading, mut what, then) = words(self.code());
        let clock_line;
        if self == Trouble::Fault(Fault::Clock) {
            clock_line = format!("{what} Il est {clock} pour nous.");
            what = &clock_line;
        }
        let mut doors = vec![
            Door::new(again, "Recommencer", ""),
            Door::new("/connexion", "Choisir une autre façon de se connecter", ""),
        ];
        if matches!(self, Trouble::Differs | Trouble::Unknown) {
            doors.remove(0);
        }
        Notice {
            status: self.status(),
            code: self.code(),
            heading,
            what: what.to_owned(),
            then,
            doors,
            goes_to: None,
        }
    }
}

/// Heading, what happened, what to do.
#[rustfmt::skip] // one name, one line or two
fn words(code: &str) -> (&'static str, &str, &'static str) {
    match code {
        "login-state" => ("Cette connexion n'est pas la vôtre",
            "Le retour ne correspond à aucune connexion commencée dans ce navigateur.", "Recommencez depuis cet appareil."),
        "login-expired" => ("Cette connexion a trop attendu",
            "Elle a commencé il y a trop longtemps.", "Recommencez : cela prend une minute."),
        "login-request" => ("Cette connexion est incomplète",
            "Le service d'identité nous a renvoyé une adresse incorrecte.", "Recommencez la connexion."),
        "login-code" => ("Cette connexion a déjà servi",
            "Le service d'identité ne reconnaît pas ce retour.", "Recommencez la connexion."),
        "login-cancelled" => ("Vous avez annulé",
            "Vous n'êtes pas connecté. Rien n'a été transmis.", "Vous pouvez recommencer quand vous voulez."),
        "login-issuer" => ("Ce n'est pas le bon service d'identité",
            "La réponse vient d'un autre service que celui choisi.", "Recommencez. Si cela continue, prévenez-nous."),
        "login-provider" => ("Le service d'identité ne répond pas",
            "Il ne donne pas de réponse correcte pour le moment.", "Réessayez dans quelques minutes, ou choisissez une autre façon."),
        "login-clock" => ("Les horloges ne s'accordent pas",
            "La réponse du service d'identité est datée du futur.", "Réessayez dans quelques minutes."),
        "login-level" => ("Cette connexion n'est pas assez sûre",
            "Il faut une connexion en deux étapes.", "Recommencez avec un moyen plus sûr."),
        "login-again" => ("Prouvez de nouveau qui vous êtes",
            "Votre dernière identification est trop ancienne pour cette action.", "Recommencez et identifiez-vous de nouveau."),
        "login-identity" => ("Votre identité est incomplète",
            "Le service d'identité ne donne pas le numéro attendu, ou il est incorrect.",
            "Vérifiez votre compte auprès de ce service. L'aide vous dit qui contacter."),
        "identity-differs" => ("Votre identité ne correspond pas",
            "Les informations reçues ne sont pas celles du dossier. Personne n'est connecté.",
            "Rendez-vous à un accueil avec une pièce d'identité. Nous examinerons aussi cette différence."),
        "account-inactive" => ("Votre exercice n'est pas reconnu",
            "L'annuaire ne vous connaît pas dans cette structure.", "Faites vérifier votre inscription auprès de votre ordre."),
        "account-role" => ("Votre activité n'ouvre pas cet accès",
            "Ce secteur ou cette fonction n'a pas accès au dossier.", "Cette limite vient des règles nationales."),
        "not-found" => ("Cette page n'existe pas",
            "Cette façon de se connecter n'est pas proposée ici.", "Choisissez-en une autre."),
        "internal" => ("Le service ne répond pas",
            "Une erreur est survenue de notre côté. Personne n'est connecté.", "Réessayez dans quelques minutes."),
        // Tokens, audience, nonce: the person can do nothing about any of them.
        _ => ("Nous ne pouvons pas vous connecter",
            "La réponse du service d'identité n'est pas sûre. Nous l'avons refusée.", "Recommencez. Si cela continue, prévenez-nous."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_words_and_a_way_on() {
        let faults = [
            Fault::State,
            Fault::Late,
            Fault::Request,
            Fault::Code,
            Fault::Cancelled,
            Fault::CallbackIssuer,
            Fault::Issuer,
            Fault::Provider(""),
            Fault::Slow,
            Fault::Token(""),
            Fault::Audience,
            Fault::Expired,
            Fault::Clock,
            Fault::Nonce,
            Fault::Level,
            Fault::Again,
            Fault::Subject,
        ];
        let others = [
            Trouble::Identity,
            Trouble::Differs,
            Trouble::Inactive,
            Trouble::Role,
            Trouble::Unknown,
            Trouble::Ours,
        ];
        for trouble in faults.into_iter().map(Trouble::Fault).chain(others) {
            let notice = trouble.notice("/connexion/depart/x".to_owned(), "12:00");
            for text in [notice.heading, &notice.what, notice.then] {
                assert!(!text.is_empty() && !text.contains('!'), "{trouble:?}");
                for sentence in text.split(['.', ':', ',']) {
                    assert!(sentence.split_whitespace().count() <= 15, "{trouble:?}: {sentence}");
                }
            }
            assert!(!notice.doors.is_empty());
        }
        let clock = Trouble::Fault(Fault::Clock).notice(String::new(), "12:00");
        assert!(clock.what.contains("12:00"), "{}", clock.what);
    }
}
