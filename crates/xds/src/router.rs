//! Routes and dispatch: a message arrives, its transaction answers.
//!
//! A message is looked at in this order, and the first thing wrong is what is said: media type and length, package
//! (MTOM), XML, envelope, inclusions, addressing and operation, VIHF, replay. Only then does a transaction see it. Nothing
//! before the VIHF reads a record, so nothing there can tell of one.
//!
//! A client that sent a package gets a package (IHE ITI TF-2 appendix V); one that sent plain SOAP gets plain SOAP with
//! its documents in base64, unless its `Accept` asks for a package. Faults are plain.

use crate::Xds;
use crate::call::{Call, ClientCertificate, Reply, RequestId};
use crate::fault::Fault;
use crate::mtom::{Parts, split, write};
use crate::service::{Operation, Service};
use crate::soap::addressing::{self, Addressing};
use crate::soap::envelope::{self, Envelope};
use crate::soap::media::MediaType;
use crate::soap::{answer, replay};
use crate::vihf::Vihf;
use crate::{PARAMETERS, SERVICES, parametres, wsdl};
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts as Head;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
const XML: &str = "text/xml; charset=utf-8";

/// Room for the bodies of all requests together, in units: a message is read whole before it says who sends it. The
/// first unit of each is not counted, and holds most messages.
static ROOM: Semaphore = Semaphore::const_new(ROOM_UNITS);
const ROOM_UNITS: usize = 2 * 1024;
const UNIT_BYTES: usize = 256 * 1024;
/// When to come again, where there was no room.
const ROOM_RETRY_SECONDS: u32 = 5;

/// Status of a fault that is the sender's, unless the deployment says another (SOAP 1.2 part 2 7.5.2.2).
const SENDER_FAULT_STATUS: u16 = 400;

/// The face as a service: the paths of the reference system's services, and its parameter file.
pub fn router(xds: Arc<Xds>) -> Router {
    Router::new()
        .route(&format!("{SERVICES}/{{service}}"), get(describe).post(call))
        .route(PARAMETERS, get(parameters))
        .with_state(xds)
}

/// Hands a call to its transaction.
pub(crate) async fn dispatch(operation: Operation, call: &Call<'_>) -> Result<Reply, Fault> {
    match operation {
        Operation::Consult => crate::td0_2_consult::answer(call).await,
        Operation::Create => crate::td1_1_create::answer(call).await,
        Operation::Modify => crate::td1_3b_modify::answer(call).await,
        Operation::FindCandidates => crate::td0_5_find_candidates::answer(call).await,
        Operation::IdentityCertification => crate::td0_0_identity_certification::answer(call).await,
        Operation::SetAuthorization => crate::td0_3_set_authorization::answer(call).await,
        Operation::ListAuthorizationByPatient => {
            crate::td1_6_list_authorization_by_patient::answer(call).await
        }
        Operation::PatientList => crate::td0_4_patient_list::answer(call).await,
        Operation::CreatePatientAccess | Operation::PatientOtpUpdate | Operation::UpdatePatientAccess => {
            crate::td1_5_patient_access::answer(operation, call).await
        }
        Operation::RegistryStoredQuery => crate::td3_1_registry_stored_query::answer(call).await,
        Operation::UpdateDocumentSet => crate::td3_3_update_document_set::answer(call).await,
        Operation::ProvideAndRegister => crate::td2_1_provide_and_register::answer(call).await,
        Operation::RetrieveDocumentSet => crate::td3_2_retrieve_document_set::answer(call).await,
    }
}

/// What is known of a message so far, for its answer, the log and the figures.
#[derive(Default)]
struct Known {
    packaged: bool,
    message_id: Option<String>,
    operation: Option<Operation>,
}

async fn call(State(xds): State<Arc<Xds>>, Path(segment): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let request = head.extensions.get::<RequestId>().map_or(Uuid::nil(), |id| id.0);
    let Some(service) = Service::of_path(&segment) else {
        return refuse(&Fault { http: 404, ..Fault::sender("service: none at this path") }, request, None);
    };
    let mut known = Known::default();
    let outcome = exchange(&xds, service, &head, body, request, &mut known).await;
    let operation = known.operation.map_or("-", Operation::as_str);
    let (response, fault) = match outcome.and_then(|reply| respond(&known, &head.headers, request, reply)) {
        Ok(response) => (response, "-"),
        Err(mut fault) => {
            if fault.http == SENDER_FAULT_STATUS {
                fault.http = xds.settings.sender_fault_status;
            }
            (refuse(&fault, request, known.message_id.as_deref()), fault.label())
        }
    };
    metrics::counter!("dmp_soap_requests_total", "operation" => operation, "fault" => fault).increment(1);
    tracing::info!(target: "dmp::soap", %request, operation, fault);
    response
}

/// From bytes to the answer of a transaction.
async fn exchange(
    xds: &Xds,
    service: Service,
    head: &Head,
    body: Body,
    request: Uuid,
    known: &mut Known,
) -> Result<Reply, Fault> {
    let media = media_type(&head.headers)?;
    let bytes_max = xds.body_bytes_max();
    let (bytes, _room) = whole(body, bytes_max, &ROOM).await?;
    let (envelope_bytes, parts) = if media.essence == PACKAGE {
        known.packaged = true;
        let message = split::split(&media, &bytes)?;
        (message.envelope, message.parts)
    } else {
        (bytes, Parts::default())
    };
    let tree = envelope::read(&envelope_bytes, bytes_max)?;
    let envelope = Envelope::of(&tree, xds.settings.legacy)?;
    known.message_id = addressing::message_id(&envelope);
    parts.check_inclusions(&envelope)?;
    let addressing = addressing::read(&envelope, &hosts(xds))?;
    let operation = operation_of(service, &envelope, &addressing, &media)?;
    known.operation = Some(operation);
    let vihf = verify(xds, &envelope, head)?;
    let content = replay::content(&envelope_bytes, &parts);
    let single_use = xds.settings.vihf_single_use;
    let seen = replay::remember(&xds.store, &addressing.message_id, content, &vihf, single_use).await?;
    let call = Call { xds, vihf: &vihf, body: envelope.operation, parts: &parts, request };
    let reply = dispatch(operation, &call).await;
    // Behind whatever the transaction wrote, this is there already: a crash may not make an answered message new again.
    replay::settled(seen).await?;
    reply
}

const PLAIN: &str = "application/soap+xml";
const PACKAGE: &str = "multipart/related";

fn media_type(headers: &HeaderMap) -> Result<MediaType, Fault> {
    let refused = || Fault::media_type(format!("media-type: {PLAIN} in UTF-8, or {PACKAGE} (MTOM)"));
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Fault::media_type("content-encoding: a compressed request is not taken"));
    }
    // Given twice, two readers might take one each.
    let mut given = headers.get_all(CONTENT_TYPE).iter();
    let written = given.next().and_then(|value| value.to_str().ok()).ok_or_else(refused)?;
    if given.next().is_some() {
        return Err(refused());
    }
    let media = MediaType::parse(written).ok_or_else(refused)?;
    match media.essence.as_str() {
        PACKAGE => Ok(media),
        PLAIN if media.is_utf8() => Ok(media),
        _ => Err(refused()),
    }
}

/// The body in one piece, no longer than `bytes_max`, and the room that it takes while it is held.
async fn whole(
    mut body: Body,
    bytes_max: usize,
    room: &Semaphore,
) -> Result<(Bytes, Option<SemaphorePermit<'_>>), Fault> {
    let too_large = || Fault::too_large(format!("too-large: a message of more than {bytes_max} bytes"));
    let announced = body.size_hint().lower();
    if announced > bytes_max as u64 {
        return Err(too_large());
    }
    let announced = usize::try_from(announced).unwrap_or(bytes_max);
    let mut collected = BytesMut::new();
    let mut taken: Option<SemaphorePermit<'_>> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Fault::sender("truncated: the body was cut short"))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > bytes_max - collected.len() {
            return Err(too_large());
        }
        let units = ((collected.len() + data.len()) / UNIT_BYTES).min(ROOM_UNITS);
        let more = units - taken.as_ref().map_or(0, SemaphorePermit::num_permits);
        if more > 0 {
            let more = room.try_acquire_many(u32::try_from(more).unwrap_or(u32::MAX));
            let more = more.map_err(|_| Fault::busy(ROOM_RETRY_SECONDS))?;
            match &mut taken {
                Some(taken) => taken.merge(more),
                None => taken = Some(more),
            }
        }
        if collected.is_empty() {
            // Nothing is reserved for a length that is only announced.
            collected.reserve(announced.max(data.len()));
        } else if collected.len() >= UNIT_BYTES && data.len() > collected.capacity() - collected.len() {
            // A buffer that doubles holds a long message twice while it grows: room for the longest is asked for once.
            // What is not written to takes no memory.
            collected.reserve(bytes_max - collected.len());
        }
        collected.extend_from_slice(&data);
    }
    Ok((collected.freeze(), taken))
}

/// The names a message may be addressed to.
fn hosts(xds: &Xds) -> Vec<String> {
    let base = xds.settings.base.split_once("://").map_or("", |(_, rest)| rest);
    let authority = base.split('/').next().and_then(|authority| authority.parse::<Authority>().ok());
    let mut hosts = xds.settings.hosts.clone();
    hosts.extend(authority.map(|authority| authority.host().to_owned()));
    hosts
}

/// The operation that the body names, which the actions must name too.
fn operation_of(
    service: Service,
    envelope: &Envelope<'_>,
    addressing: &Addressing,
    media: &MediaType,
) -> Result<Operation, Fault> {
    let element = envelope.operation;
    let operation = Operation::of(service, element.namespace(), element.name()).ok_or_else(|| {
        Fault::addressing("ActionNotSupported", "operation: this service has no operation of that element")
    })?;
    if addressing.action != operation.action() {
        return Err(Fault::addressing(
            "ActionMismatch",
            "action: the Action is not the one of the element in the Body",
        ));
    }
    let announced = media.parameter("action").filter(|action| !action.is_empty());
    let fine = |action| action == operation.action() || Some(action) == operation.published_soap_action();
    if announced.is_some_and(|action| !fine(action)) {
        return Err(Fault::addressing("ActionMismatch", "action: the media type and the Action differ"));
    }
    Ok(operation)
}

/// Who asks.
fn verify(xds: &Xds, envelope: &Envelope<'_>, head: &Head) -> Result<Vihf, Fault> {
    let certificate = head.extensions.get::<ClientCertificate>();
    let started = Instant::now();
    let verified = xds.trust.verify(envelope.header, envelope.root, certificate, xds.store.now());
    metrics::histogram!("dmp_vihf_seconds").record(started.elapsed().as_secs_f64());
    verified
}

fn respond(known: &Known, headers: &HeaderMap, request: Uuid, reply: Reply) -> Result<Response, Fault> {
    let action = known.operation.map(Operation::answer_action).unwrap_or_default();
    let relates_to = known.message_id.as_deref().unwrap_or_default();
    let envelope = answer::of_operation(action, request, relates_to, &reply.body);
    let packaged = known.packaged || (!reply.attachments.is_empty() && accepts_package(headers));
    let written = if packaged {
        write::package(envelope, reply.attachments, request)
    } else {
        write::inline(envelope, reply.attachments).ok_or_else(|| {
            tracing::error!(operation = action, "an answer includes other parts than it has");
            Fault::ours()
        })?
    };
    let headers = [(CONTENT_TYPE, written.content_type), (CONTENT_LENGTH, written.length.to_string())];
    Ok((headers, written.body).into_response())
}

fn accepts_package(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim_ascii();
        essence.eq_ignore_ascii_case(PACKAGE) || essence.eq_ignore_ascii_case("application/xop+xml")
    })
}

/// A fault as an answer: to the request of that identifier, and to the message of that one where it is known. The server
/// says what it refuses before the face in the same way.
pub fn refuse(fault: &Fault, request: Uuid, relates_to: Option<&str>) -> Response {
    let status = StatusCode::from_u16(fault.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = answer::of_fault(fault, request, relates_to);
    let mut response = (status, [(CONTENT_TYPE, write::SOAP_TYPE)], body).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = fault.retry_after_seconds {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        // The rest of the message is not waited for.
        headers.insert(CONNECTION, http::HeaderValue::from_static("close"));
    }
    response
}

/// `?wsdl`, `?xsd=NAME`, or what lives here.
async fn describe(State(xds): State<Arc<Xds>>, Path(segment): Path<String>, uri: Uri) -> Response {
    let Some(service) = Service::of_path(&segment) else { return unknown_service() };
    for parameter in uri.query().unwrap_or_default().split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name.eq_ignore_ascii_case("wsdl") {
            return ([(CONTENT_TYPE, XML)], wsdl::of(service, &xds.settings.base)).into_response();
        }
        if name.eq_ignore_ascii_case("xsd") {
            return match wsdl::schema(value, service) {
                Some(schema) => ([(CONTENT_TYPE, XML)], schema).into_response(),
                None => {
                    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, PLAIN_TEXT)], "Schéma inconnu.\n").into_response()
                }
            };
        }
    }
    let text = format!(
        "Service `{}` du DMP : SOAP 1.2, WS-Addressing, VIHF.\nDescription : {}{SERVICES}/{}?wsdl\n",
        service.path(),
        xds.settings.base,
        service.path(),
    );
    ([(CONTENT_TYPE, PLAIN_TEXT)], text).into_response()
}

async fn parameters(State(xds): State<Arc<Xds>>) -> Response {
    ([(CONTENT_TYPE, XML)], parametres::write(&xds)).into_response()
}

fn unknown_service() -> Response {
    let text = "Il n'y a pas de service du DMP à cette adresse.\n";
    (StatusCode::NOT_FOUND, [(CONTENT_TYPE, PLAIN_TEXT)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_quota_says_how_long_to_wait() {
        let fault =
            Fault { http: 429, retry_after_seconds: Some(90), ..Fault::dmp("DMPQuota", "trop de demandes") };
        let response = refuse(&fault, Uuid::nil(), None);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[RETRY_AFTER], "90");
    }

    #[tokio::test]
    async fn bodies_have_so_much_room_together() {
        let room = Semaphore::new(4);
        let read = |bytes: usize| whole(Body::from(vec![b'x'; bytes]), 1 << 20, &room);
        let small = read(UNIT_BYTES - 1).await.unwrap();
        assert!(small.1.is_none(), "most messages take none");
        let three = read(3 * UNIT_BYTES).await.unwrap();
        assert_eq!((three.0.len(), room.available_permits()), (3 * UNIT_BYTES, 1));
        let refused = read(2 * UNIT_BYTES).await.unwrap_err();
        assert_eq!((refused.http, refused.retry_after_seconds), (503, Some(ROOM_RETRY_SECONDS)));
        assert_eq!(room.available_permits(), 1, "what is refused holds nothing");
        drop(three);
        assert!(read(4 * UNIT_BYTES).await.is_ok());
        let pieces = (0..40).map(|_| Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 16_384])));
        let streamed = Body::from_stream(futures_util::stream::iter(pieces));
        let (bytes, taken) = whole(streamed, 1 << 20, &room).await.unwrap();
        assert_eq!((bytes.len(), taken.map(|taken| taken.num_permits())), (40 * 16_384, Some(2)));
    }

    #[test]
    fn a_client_may_ask_for_a_package() {
        for (accept, expected) in [
            ("multipart/related, application/soap+xml", true),
            ("application/soap+xml, Multipart/Related; type=\"application/xop+xml\"", true),
            ("application/xop+xml", true),
            ("application/soap+xml, multipart/mixed, */*", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepts_package(&headers), expected, "{accept}");
        }
    }
}
