//! What a request of these pages brings: who asks, whence, by which device, and the fields of its form.

use super::{Body, DEVICE, DEVICE_SECURE, Front};
use crate::http::{Face, Fault, Peer};
use crate::sessions::Cookie;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode, header};
use dmp_accounts::Origin;
use dmp_portal::Viewer;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;

/// Longest `User-Agent` that is looked at.
const AGENT_MAX: usize = 512;

/// Who asks.
pub(super) struct Asking {
    /// Who is signed in.
    pub(super) viewer: Option<Viewer>,
    /// The identifier of their session.
    pub(super) session: Option<String>,
    /// Where they are.
    pub(super) origin: Origin,
}

impl FromRequestParts<Arc<Front>> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Infallible> {
        let session = match front.sessions.cookie_of(&parts.headers) {
            Cookie::One(id) => Some(id),
            Cookie::None | Cookie::Several => None,
        };
        let peer = parts.extensions.get::<Peer>();
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let origin = Origin {
            address: peer.and_then(|peer| peer.client),
            user_agent: agent.unwrap_or_default().chars().take(AGENT_MAX).collect(),
            device: device(&parts.headers, front.behind_tls),
        };
        let viewer = parts.extensions.get::<Option<Viewer>>().cloned().flatten();
        Ok(Asking { viewer, session, origin })
    }
}

/// As of sessions, only the `__Host-` name counts behind TLS: whoever plants the other one would know the device.
fn device(headers: &HeaderMap, behind_tls: bool) -> Option<String> {
    let own = if behind_tls { DEVICE_SECURE } else { DEVICE };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == own)
        .map(|(_, value)| value.to_owned())
}

/// Fields of the forms of these pages; a page reads its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Fields {
    pub(super) csrf: String,
    pub(super) identifiant: String,
    pub(super) mot_de_passe: String,
    pub(super) encore: String,
    pub(super) secret: String,
    pub(super) code: String,
    pub(super) billet: String,
    pub(super) reponse: String,
    pub(super) lien: String,
    pub(super) par: String,
    pub(super) preuve: String,
    pub(super) adresse: String,
    pub(super) cle: String,
    pub(super) appareil: String,
    pub(super) puis: String,
}

/// A form of these pages.
pub(super) struct Posted(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response<Body>> {
        let form: Result<Form<Fields>, FormRejection> = Form::from_request(request, state).await;
        match form {
            Ok(Form(fields)) => Ok(Posted(fields)),
            Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Err(Fault::MEDIA_TYPE.for_face(Face::Pages))
            }
            Err(_) => Err(Fault::SYNTAX.for_face(Face::Pages)),
        }
    }
}
