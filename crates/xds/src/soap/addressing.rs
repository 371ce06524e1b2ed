//! WS-Addressing 1.0, and the headers that must be understood.
//!
//! Answers go back on the same connection and nowhere else: no address of a message is ever called. The published
//! samples leave `To` empty and write `mustUnderstand` without its namespace: both are taken.
//!
//! Sources: WS-Addressing 1.0 Core 3.2, SOAP Binding 5 and 6.4; SOAP 1.2 part 1 2.4 and 5.2.

use crate::fault::Fault;
use crate::soap::envelope::Envelope;
use crate::soap::{ADDRESSING, ANONYMOUS, SECURITY};
use dmp_xml::Element;
use http::Uri;

/// Longest `MessageID` or `Action`, in bytes; a `urn:uuid` has 45.
const ID_BYTES_MAX: usize = 256;
/// Longest address.
const ADDRESS_BYTES_MAX: usize = 2048;

/// What we know of WS-Addressing.
const UNDERSTOOD: &[&str] = &["Action", "MessageID", "To", "From", "ReplyTo", "FaultTo", "RelatesTo"];

/// Roles of SOAP 1.2 that mean us.
const OUR_ROLES: &[&str] = &[
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

/// The headers of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Addressing {
    /// `wsa:MessageID`.
    pub message_id: String,
    /// `wsa:Action`.
    pub action: String,
}

/// The identifier to relate an answer to, whatever else is wrong with the message.
pub(crate) fn message_id(envelope: &Envelope<'_>) -> Option<String> {
    let id = envelope.header?.child(ADDRESSING, "MessageID")?.trimmed();
    (!id.is_empty() && id.len() <= ID_BYTES_MAX).then(|| id.into_owned())
}

/// Reads and checks the headers. `hosts`: the names that `To` may carry.
///
/// # Errors
/// A header that is not understood, missing, repeated or too long; an address that is not ours, or not anonymous.
pub(crate) fn read(envelope: &Envelope<'_>, hosts: &[String]) -> Result<Addressing, Fault> {
    let required = |name| {
        Fault::addressing("MessageAddressingHeaderRequired", format!("header-missing: no `{name}` header"))
    };
    let header = envelope.header.ok_or_else(|| required("Action"))?;
    check_understood(envelope.namespace(), header)?;
    let action = value(header, "Action", ID_BYTES_MAX)?.ok_or_else(|| required("Action"))?;
    let message_id = value(header, "MessageID", ID_BYTES_MAX)?.ok_or_else(|| required("MessageID"))?;
    if let Some(to) = value(header, "To", ADDRESS_BYTES_MAX)? {
        check_destination(&to, hosts)?;
    }
    for name in ["ReplyTo", "FaultTo"] {
        if let Some(endpoint) = at_most_one(header, name)? {
            check_reply_address(endpoint)?;
        }
    }
    Ok(Addressing { message_id, action })
}

fn check_understood(soap: &str, header: Element<'_>) -> Result<(), Fault> {
    let must = |block: &Element<'_>| {
        matches!(block.attribute_ns(soap, "mustUnderstand").map(str::trim_ascii), Some("true" | "1"))
            && block.attribute_ns(soap, "role").is_none_or(|role| OUR_ROLES.contains(&role.trim_ascii()))
    };
    let understood = |block: &Element<'_>| match block.namespace() {
        Some(ADDRESSING) => UNDERSTOOD.contains(&block.name()),
        Some(SECURITY) => block.name() == "Security",
        _ => false,
    };
    let unknown: Vec<_> = header
        .children()
        .filter(|block| must(block) && !understood(block))
        .map(|block| (block.namespace(), block.name()))
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(Fault::not_understood(&unknown)) }
}

fn at_most_one<'t>(header: Element<'t>, name: &'static str) -> Result<Option<Element<'t>>, Fault> {
    match header.only(ADDRESSING, name) {
        Ok(element) => Ok(Some(element)),
        Err(0) => Ok(None),
        Err(_) => {
            Err(Fault::addressing("InvalidCardinality", format!("header-repeated: several `{name}` headers")))
        }
    }
}

/// The text of a header; `None` when it is absent or empty.
fn value(header: Element<'_>, name: &'static str, bytes_max: usize) -> Result<Option<String>, Fault> {
    let Some(element) = at_most_one(header, name)? else { return Ok(None) };
    let text = element.trimmed();
    if text.len() > bytes_max {
        return Err(Fault::sender(format!("header-too-long: `{name}` of more than {bytes_max} bytes")));
    }
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

fn check_destination(to: &str, hosts: &[String]) -> Result<(), Fault> {
    let ours = to == ANONYMOUS
        || to.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)))
        });
    if ours {
        return Ok(());
    }
    Err(Fault::addressing("DestinationUnreachable", "destination: `To` names another server"))
}

/// Answers go back on the connection of the request: a real address elsewhere is not supported, anything else is no
/// address at all.
fn check_reply_address(endpoint: Element<'_>) -> Result<(), Fault> {
    let address = match endpoint.only(ADDRESSING, "Address") {
        Ok(address) => address.trimmed(),
        Err(_) => {
            return Err(Fault::addressing(
                "InvalidAddress",
                "reply-address: not one `Address` in an endpoint",
            ));
        }
    };
    if address.len() > ADDRESS_BYTES_MAX {
        return Err(Fault::sender(format!(
            "header-too-long: `Address` of more than {ADDRESS_BYTES_MAX} bytes"
        )));
    }
    if address == ANONYMOUS {
        return Ok(());
    }
    let names_a_server = address.parse::<Uri>().is_ok_and(|uri| {
        uri.scheme_str() == Some("https") && uri.host().is_some_and(|host| !is_ip_address(host))
    });
    if names_a_server {
        let reason = "reply-address: answers go back on the connection of the request";
        return Err(Fault::addressing("OnlyAnonymousAddressSupported", reason));
    }
    Err(Fault::addressing("InvalidAddress", "reply-address: not the address of a server"))
}

fn is_ip_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soap::envelope;

    fn outcome(headers: &str) -> String {
        let message = format!(
            "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' xmlns:a='{ADDRESSING}'>\
             <s:Header>{headers}</s:Header><s:Body><x/></s:Body></s:Envelope>"
        );
        let tree = envelope::read(message.as_bytes(), 1000).unwrap();
        let envelope = Envelope::of(&tree, false).unwrap();
        match read(&envelope, &["dmp.example.org".to_owned()]) {
            Ok(_) => "taken".to_owned(),
            Err(fault) => fault.label().to_owned(),
        }
    }

    #[test]
    fn headers_are_taken_or_refused() {
        let both = "<a:Action>urn:x</a:Action><a:MessageID>urn:uuid:1</a:MessageID>";
        let reply = |address: &str| format!("<a:ReplyTo><a:Address>{address}</a:Address></a:ReplyTo>");
        let rows = [
            ("<a:To/>", "taken"),
            ("<a:To> </a:To>", "taken"),
            ("<a:To s:mustUnderstand='1'>https://DMP.example.org:443/x</a:To>", "taken"),
            ("<a:To>http://www.w3.org/2005/08/addressing/anonymous</a:To>", "taken"),
            ("<a:To>https://autre.example.org/x</a:To>", "DestinationUnreachable"),
            ("<a:To>https://dmp.example.org@autre.example.org/</a:To>", "DestinationUnreachable"),
            ("<a:To>dmp.example.org</a:To>", "DestinationUnreachable"),
            ("<a:To/><a:To/>", "InvalidCardinality"),
            ("<a:Action>urn:y</a:Action>", "InvalidCardinality"),
            (&reply(ANONYMOUS), "taken"),
            (&reply("http://169.254.169.254/"), "InvalidAddress"),
            (&reply("https://127.0.0.1/"), "InvalidAddress"),
            (&reply("https://[::1]/"), "InvalidAddress"),
            (&reply("file:///etc/passwd"), "InvalidAddress"),
            (&reply(""), "InvalidAddress"),
            ("<a:ReplyTo/>", "InvalidAddress"),
            (&reply("https://autre.example.org/"), "OnlyAnonymousAddressSupported"),
            (
                &reply("https://autre.example.org/").replace("ReplyTo", "FaultTo"),
                "OnlyAnonymousAddressSupported",
            ),
            ("<x xmlns='urn:x' s:mustUnderstand='true'/>", "MustUnderstand"),
            ("<x xmlns='urn:x' s:mustUnderstand='false'/>", "taken"),
            ("<x xmlns='urn:x' mustUnderstand='true'/>", "taken"),
            ("<x xmlns='urn:x' s:role='urn:autre' s:mustUnderstand='1'/>", "taken"),
            ("<a:Autre s:mustUnderstand='1'/>", "MustUnderstand"),
        ];
        for (headers, expected) in rows {
            assert_eq!(outcome(&format!("{both}{headers}")), expected, "{headers}");
        }
        assert_eq!(outcome("<a:MessageID>1</a:MessageID>"), "MessageAddressingHeaderRequired");
        assert_eq!(outcome("<a:Action>1</a:Action>"), "MessageAddressingHeaderRequired");
        assert_eq!(outcome("<a:Action>1</a:Action><a:MessageID/>"), "MessageAddressingHeaderRequired");
    }

    #[test]
    fn a_message_id_has_256_bytes_at_most() {
        let of = |length: usize| {
            outcome(&format!("<a:Action>x</a:Action><a:MessageID>{}</a:MessageID>", "m".repeat(length)))
        };
        assert_eq!((of(256).as_str(), of(257).as_str()), ("taken", "Sender"));
    }
}
