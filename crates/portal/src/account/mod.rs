//! Pages of accounts: activation, sign-in, recovery, proof of identity, protection; and the mailbox of the demo.
//!
//! The server answers their addresses (`/compte/…`): it holds accounts and sessions. It says here what is to be shown, and
//! these pages show it. Each works without JavaScript; passkeys alone need some.

mod pages;

pub use pages::{
    Activation, Choice, CodeAsked, Confirm, DemoMail, Forgot, LinkFollowed, NewApp, NewChannel, Notice,
    Passkey, Recovery, Security, SignIn,
};

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use crate::Portal;
use crate::answer;
use crate::shell::{Audience, Shell};
use crate::viewer::Viewer;

/// What is wrong with what was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Identifier of the field, for the link of the summary.
    pub field: &'static str,
    /// A sentence.
    pub says: String,
    /// Seconds to wait, for a 429.
    pub wait_seconds: Option<u32>,
}

impl Problem {
    /// Of a field.
    pub fn of(field: &'static str, says: impl Into<String>) -> Self {
        Problem { field, says: says.into(), wait_seconds: None }
    }

    /// Too many tries.
    pub fn wait(field: &'static str, seconds: u32) -> Self {
        let minutes = seconds.div_ceil(60);
        let says = match minutes {
            _ if seconds == 1 => "Trop d'essais. Réessayez dans 1 seconde.".to_owned(),
            0 | 1 if seconds < 60 => format!("Trop d'essais. Réessayez dans {seconds} secondes."),
            1 => "Trop d'essais. Réessayez dans 1 minute.".to_owned(),
            minutes => format!("Trop d'essais. Réessayez dans {minutes} minutes."),
        };
        Problem { field, says, wait_seconds: Some(seconds) }
    }
}

/// Around a page of an account: as large and calm as a patient's, whoever it is.
pub(crate) fn shell(portal: &Portal, viewer: Option<&Viewer>, title: &str, problem: bool) -> Shell {
    let title = if problem { format!("Erreur : {title}") } else { title.to_owned() };
    let mut shell = Shell::new(portal, viewer, &title);
    if viewer.is_none() {
        shell.audience = Audience::Patient;
    }
    shell
}

/// The page, with the status that goes with its problem.
pub(crate) fn shown(page: &impl Template, problem: Option<&Problem>) -> Response<Body> {
    let status = match problem {
        None => StatusCode::OK,
        Some(Problem { wait_seconds: Some(_), .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut response = answer::page(status, page);
    if let Some(seconds) = problem.and_then(|problem| problem.wait_seconds) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Asks for a new proof of identity before a sensitive form, which then goes on by itself.
pub fn ask_step_up(
    portal: &Portal,
    viewer: &Viewer,
    action: &str,
    form: &[(String, String)],
) -> Response<Body> {
    crate::sign_in::step_up::page(portal, Some(viewer), action, form)
}

/// A form that does not carry the token of the session.
pub fn refuse_form(portal: &Portal, viewer: Option<&Viewer>) -> Response<Body> {
    crate::failure::Failure::Form.page(portal, viewer)
}

/// Nobody is signed in.
pub fn ask_sign_in(portal: &Portal) -> Response<Body> {
    crate::failure::Failure::SignIn.page(portal, None)
}

/// Our fault or the disk's.
pub fn failed(portal: &Portal, viewer: Option<&Viewer>) -> Response<Body> {
    crate::failure::Failure::Ours.page(portal, viewer)
}

/// A link as a QR code, to put in a page.
pub fn qr(link: &str) -> String {
    dmp_paper::qr_svg(link)
}

/// True when a form carries the token of the viewer's session.
pub fn is_token(given: &str, viewer: &Viewer) -> bool {
    crate::home::is_token(given, viewer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_words() {
        for (seconds, says) in [
            (1, "Trop d'essais. Réessayez dans 1 seconde."),
            (45, "Trop d'essais. Réessayez dans 45 secondes."),
            (60, "Trop d'essais. Réessayez dans 1 minute."),
            (61, "Trop d'essais. Réessayez dans 2 minutes."),
            (900, "Trop d'essais. Réessayez dans 15 minutes."),
        ] {
            assert_eq!(Problem::wait("code", seconds).says, says);
        }
    }
}
