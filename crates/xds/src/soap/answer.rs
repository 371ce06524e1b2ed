//! The envelope of an answer or of a fault, as the reference system writes it.

use crate::fault::Fault;
use crate::soap::{ADDRESSING, ANONYMOUS, SOAP};
use dmp_xml::escape_text;
use uuid::Uuid;

/// The envelope of an answer. `request` is the identifier of the request, which the answer's `MessageID` takes up: what a
/// client logs is what our log says.
pub(crate) fn of_operation(action: &str, request: Uuid, relates_to: &str, body: &str) -> String {
    envelope(action, request, Some(relates_to), "", body)
}

/// The envelope of a fault.
pub(crate) fn of_fault(fault: &Fault, request: Uuid, relates_to: Option<&str>) -> String {
    let blocks = fault.header.as_deref().unwrap_or_default();
    envelope(fault.action(), request, relates_to, blocks, &fault.body())
}

fn envelope(action: &str, request: Uuid, relates_to: Option<&str>, blocks: &str, body: &str) -> String {
    let relates_to = relates_to
        .map(|id| format!("<RelatesTo xmlns=\"{ADDRESSING}\">{}</RelatesTo>", escape_text(id)))
        .unwrap_or_default();
    format!(
        "<soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Header>\
         <Action xmlns=\"{ADDRESSING}\">{action}</Action>\
         <MessageID xmlns=\"{ADDRESSING}\">urn:uuid:{request}</MessageID>\
         <To xmlns=\"{ADDRESSING}\">{ANONYMOUS}</To>{relates_to}{blocks}\
         </soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}
