//! What each page of an account shows.

use askama::Template;
use axum::body::Body;
use axum::http::Response;
use dmp_dossier::Time;

use super::{Problem, shell, shown};
use crate::Portal;
use crate::french;
use crate::shell::Shell;
use crate::viewer::Viewer;

/// A passkey that a page offers: for which domain.
#[derive(Debug, Clone, Default)]
pub struct Passkey {
    /// The domain that passkeys belong to: elsewhere the button stays hidden.
    pub domain: String,
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident($file:literal, $title:expr) { $($(#[$of:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default)]
        pub struct $name {
            $($(#[$of])* pub $field: $kind,)*
            /// What is wrong, when something is.
            pub problem: Option<Problem>,
        }

        const _: () = {
            #[derive(Template)]
            #[template(path = $file)]
            struct Page<'p> {
                shell: Shell,
                #[allow(dead_code, reason = "not every page has a form of a session")]
                csrf: String,
                p: &'p $name,
            }

            impl $name {
                /// The page.
                pub fn show(&self, portal: &Portal, viewer: Option<&Viewer>) -> Response<Body> {
                    let title: fn(&$name) -> &str = $title;
                    let page = Page {
                        shell: shell(portal, viewer, title(self), self.problem.is_some()),
                        csrf: viewer.map(|viewer| viewer.csrf.clone()).unwrap_or_default(),
                        p: self,
                    };
                    shown(&page, self.problem.as_ref())
                }

                /// What is wrong with a field.
                #[allow(dead_code, reason = "not every page has a field")]
                fn error(&self, field: &str) -> Option<&str> {
                    self.problem.as_ref().filter(|problem| problem.field == field).map(|p| p.says.as_str())
                }
            }
        };
    )*};
}

pages! {
    /// `/compte/connexion`: login and password, or a passkey.
    SignIn("account/connexion.html", |_| "Connexion à votre compte") {
        /// What was typed as a login.
        typed: String,
        /// The passkey that may be used instead.
        passkey: Passkey,
    }

    /// `/compte/activation`: login and sealed secret.
    Activation("account/activation.html", |_| "Activer votre compte") {
        /// What was typed as a login.
        typed: String,
        /// A new link was asked for: it left, if there is one to send.
        link_sent: bool,
    }

    /// The page of a link: going on uses it.
    LinkFollowed("account/lien.html", |_| "Activer votre compte") {
        /// Its token.
        token: String,
    }

    /// A six-digit code is awaited.
    CodeAsked("account/code.html", |page| &page.title) {
        /// Title of the page.
        title: String,
        /// Where the code is, one sentence.
        lead: String,
        /// Where the form goes.
        action: String,
        /// Ticket of the story.
        ticket: String,
        /// Where a new code is asked for; empty when none may be.
        again: String,
        /// Where one goes who gives up.
        back: String,
    }

    /// A password or a passkey is chosen.
    Choice("account/choisir.html", |_| "Choisir votre mot de passe") {
        /// Ticket of the story.
        ticket: String,
        /// The login, for password managers; may be empty.
        login: String,
        /// The passkey that may be made instead; `None` in a recovery.
        passkey: Option<Passkey>,
    }

    /// `/compte/oubli`.
    Forgot("account/oubli.html", |_| "Mot de passe oublié") {
        /// What was typed as a login.
        typed: String,
    }

    /// The code and the second proof of a recovery.
    Recovery("account/retrouver.html", |_| "Retrouver votre compte") {
        /// Ticket of the story.
        ticket: String,
        /// The second proof is a code of an application.
        by_app: bool,
    }

    /// `/compte/confirmer`: who signed in by an account proves it again.
    Confirm("account/confirmer.html", |_| "Confirmez que c'est vous") {
        /// Signs in by password.
        has_password: bool,
        /// The passkey that may be used instead, when they have one.
        passkey: Option<Passkey>,
        /// Word of the place to go on to.
        then: String,
    }

    /// A new channel for codes, or the first one of an account that is made.
    NewChannel("account/canal.html", |page| if page.first { "Créer un compte" } else { "Recevoir les codes ailleurs" }) {
        /// The account is made with it.
        first: bool,
        /// `SMS` rather than a mail.
        sms: bool,
        /// What was typed.
        typed: String,
    }

    /// An application that makes codes is set up.
    NewApp("account/application.html", |_| "Application de codes") {
        /// Ticket of the set-up.
        ticket: String,
        /// The secret, in groups of four.
        secret: String,
        /// `otpauth://…`
        link: String,
        /// The link as a QR code, SVG of ours.
        qr: String,
    }

    /// A page that only says something.
    Notice("account/avis.html", |page| &page.title) {
        /// Its title.
        title: String,
        /// What it says, a paragraph each.
        says: Vec<String>,
        /// Where one goes on: address and words.
        then: Vec<(String, String)>,
    }

    /// `/compte/securite`.
    Security("account/securite.html", |_| "Protection de votre compte") {
        /// The login.
        login: String,
        /// Signs in by password.
        has_password: bool,
        /// An application makes codes.
        has_app: bool,
        /// The passkey that may be made.
        passkey: Passkey,
        /// Passkeys: identifier, name, since, last use.
        passkeys: Vec<(String, String, Time, Option<Time>)>,
        /// Devices: identifier, name, last use, whether it is this one.
        devices: Vec<(String, String, Time, bool)>,
        /// Channels: `SMS` or `EMAIL`, and as their owner knows them again.
        channels: Vec<(String, String)>,
        /// What was just done, one sentence.
        done: Option<&'static str>,
    }

    /// `/demo/courrier`.
    DemoMail("account/courrier.html", |_| "Courrier de la démonstration") {
        /// Messages, latest first: kind of recipient, recipient, when, subject, text.
        messages: Vec<(&'static str, String, Time, String, String)>,
    }
}

/// `21 novembre 2026 à 11 h 02`, on the clock of the people who read it.
fn when(time: &Time) -> String {
    french::day_and_hour(*time)
}
