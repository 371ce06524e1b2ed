//! `/demo/courrier`: every message of the demo, for people, and in JSON for tests. Mounted in a demo alone.

use super::request::Asking;
use super::{Body, Front};
use axum::Json;
use axum::extract::State;
use axum::http::Response;
use axum::response::IntoResponse as _;
use dmp_accounts::messenger::{DEMO_OWNER, Kept};
use dmp_portal::account::DemoMail;
use serde_json::json;
use std::sync::Arc;

/// Messages shown.
const SHOWN: usize = 100;

/// `GET /demo/courrier`
pub(super) async fn page(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    match Kept::latest(&front.store, DEMO_OWNER, SHOWN).await {
        Ok(messages) => {
            let messages = messages.into_iter().map(|message| {
                let to = message.to.value().to_owned();
                (message.to.kind(), to, message.at, message.subject, message.text)
            });
            let page = DemoMail { messages: messages.collect(), problem: None };
            page.show(&front.portal, asking.viewer.as_ref())
        }
        Err(error) => front.broken(&asking, &error),
    }
}

/// `GET /demo/courrier.json`: `[{"to", "kind", "purpose", "at", "subject", "text"}]`, latest first.
pub(super) async fn json(State(front): State<Arc<Front>>, asking: Asking) -> Response<Body> {
    match Kept::latest(&front.store, DEMO_OWNER, SHOWN).await {
        Ok(messages) => {
            let messages: Vec<_> = messages
                .into_iter()
                .map(|message| {
                    json!({
                        "to": message.to.value(),
                        "kind": message.to.kind(),
                        "purpose": message.kind,
                        "at": message.at.to_instant(),
                        "subject": message.subject,
                        "text": message.text,
                    })
                })
                .collect();
            Json(messages).into_response()
        }
        Err(error) => front.broken(&asking, &error),
    }
}
