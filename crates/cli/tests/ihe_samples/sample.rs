//! A sample as an HTTP message: as it stands in its file, and with what a caller of the DMP has to change.
//!
//! Text is edited, never parsed and written again: what is not named in [`Change`] is sent as published.

use crate::common::Request;
use dmp_lps::service::{DMP_DEVICE, QUERY, REPOSITORY, SERVICES};
use dmp_lps::session::{ADDRESSING, SOAP, WSSE};
use dmp_lps::{Identity, Ins, Session, Time, vihf};

const SOAP_TYPE: &str = "application/soap+xml; charset=UTF-8";

/// What stands in the way of a sample, and is taken away.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// A fresh VIHF of ours, of a doctor, in place of the XUA assertion or where there is none.
    Vihf,
    /// The same of a doctor of medical regulation, about no patient.
    VihfOfSamu,
    /// `To` of the sample's server is left empty.
    To,
    /// A `MessageID` of its own, where there is none and where it served already.
    MessageId,
    /// An `Action`, which is absent.
    Action(&'static str),
    /// An envelope of that action around the element that the file is.
    Envelope(&'static str),
    /// The element of ITI-41 around the file's SubmitObjectsRequest, and bytes for its document.
    Provide,
    /// Lines of a dump end as on the wire, and without the spaces that were added.
    LineEnds,
    /// The media type names the boundary and the root part that the body has; what was noted after it is left out.
    Package,
    /// The patient of the sample is ours.
    Patient(&'static str),
    /// The repository of the sample is ours.
    Repository(&'static str),
    /// A document of the sample is one of ours.
    Document(&'static str),
    /// The device that receives is the DMP.
    Receiver(&'static str),
    /// A slip of the sample.
    Text(&'static str, &'static str),
    /// The assertion that the file holds is carried by a message of that action.
    Carried(&'static str),
}

/// Who calls.
pub struct Caller<'a> {
    pub doctor: &'a Identity,
    pub samu: &'a Identity,
    pub patient: &'a Ins,
    /// A document that the doctor may read.
    pub document: &'a str,
    pub server: &'a str,
}

/// An HTTP message: headers of its own, and its body.
pub struct Sample {
    headers: Vec<(String, String)>,
    content_type: String,
    body: String,
}

impl Sample {
    /// A file: a dump of HTTP, the body of one, or XML, which is taken for the body of a SOAP message.
    pub fn read(text: &str) -> Sample {
        let start = text.find("POST /").or_else(|| text.find("HTTP/1.1"));
        if let (Some(start), false) = (start, text.trim_start().starts_with('<')) {
            let (head, body) = text[start..].split_once("\n\n").expect("a dump has an empty line");
            let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
            let headers = headers.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
            let (content, headers): (Vec<_>, _) =
                headers.partition(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
            let content_type = content.into_iter().next().map(|(_, value)| value).unwrap_or_default();
            return Sample { headers, content_type, body: body.to_owned() };
        }
        let package = text.starts_with("--").then(|| package_of(text));
        let content_type = package.unwrap_or_else(|| SOAP_TYPE.to_owned());
        Sample { headers: Vec::new(), content_type, body: text.to_owned() }
    }

    /// The same, changed.
    pub fn changed(mut self, changes: &[Change], caller: &Caller<'_>) -> Sample {
        for change in changes {
            match change {
                Change::Vihf => self.secure(&assertion(caller.doctor, Some(caller.patient), caller)),
                Change::VihfOfSamu => self.secure(&assertion(caller.samu, None, caller)),
                Change::To => self.body = with_text(&self.body, "To", ""),
                Change::MessageId => {
                    let id = format!("urn:uuid:{}", uuid::Uuid::new_v4());
                    if self.body.contains("MessageID>") {
                        self.body = with_text(&self.body, "MessageID", &id);
                    } else {
                        self.add_header(&format!("<MessageID xmlns=\"{ADDRESSING}\">{id}</MessageID>"));
                    }
                }
                Change::Action(action) => {
                    self.add_header(&format!("<Action xmlns=\"{ADDRESSING}\">{action}</Action>"));
                }
                Change::Envelope(action) => self.wrap(action),
                Change::Provide => self.provide(),
                Change::LineEnds => {
                    let lines: Vec<_> = self.body.lines().map(str::trim_end).collect();
                    self.body = lines.join("\r\n");
                }
                Change::Package => {
                    self.content_type = package_of(&self.body);
                    let closing = format!("{}--", self.body.lines().next().unwrap_or_default());
                    let end = self.body.find(&closing).expect("a closing boundary") + closing.len();
                    self.body.truncate(end);
                }
                Change::Patient(cx) => self.replace(cx, &caller.patient.to_cx().replace('&', "&amp;")),
                Change::Repository(oid) => self.replace(oid, REPOSITORY),
                Change::Document(uid) => self.replace(uid, caller.document),
                Change::Receiver(oid) => self.replace(oid, DMP_DEVICE),
                Change::Text(from, to) => self.replace(from, to),
                Change::Carried(action) => self.carry(action),
            }
        }
        self
    }

    /// To that service. Headers of the connection itself are this connection's.
    pub fn request(&self, service: &str) -> Request {
        let path = format!("{SERVICES}/{service}");
        let request = Request::new("POST", &path).body(&self.content_type, self.body.as_bytes());
        let own =
            |name: &str| !["host", "content-length", "connection"].contains(&&*name.to_ascii_lowercase());
        let headers = self.headers.iter().filter(|(name, _)| own(name));
        headers.fold(request, |request, (name, value)| request.header(name, value))
    }

    fn replace(&mut self, from: &str, to: &str) {
        assert!(self.body.contains(from), "`{from}` is not in the sample");
        self.body = self.body.replace(from, to);
    }

    /// Puts an assertion into `wsse:Security`.
    fn secure(&mut self, assertion: &str) {
        let security = format!("<wsse:Security xmlns:wsse=\"{WSSE}\">{assertion}</wsse:Security>");
        let closing = "</wsse:Security>";
        match (self.body.find("<wsse:Security>"), self.body.find(closing)) {
            (Some(start), Some(end)) => self.body.replace_range(start..end + closing.len(), &security),
            _ => self.add_header(&security),
        }
    }

    fn add_header(&mut self, block: &str) {
        let end = self.body.find("Header>").and_then(|at| {
            // The first one may open the header.
            let closes =
                |at: usize| self.body[..at].rfind('<').is_some_and(|lt| self.body[lt..].starts_with("</"));
            if closes(at) { Some(at) } else { self.body[at + 1..].find("Header>").map(|next| at + 1 + next) }
        });
        let end = self.body[..end.expect("a Header")].rfind('<').expect("a tag");
        self.body.insert_str(end, block);
    }

    fn wrap(&mut self, action: &str) {
        let element = element(&self.body);
        let id = uuid::Uuid::new_v4();
        self.body = format!(
            "<s:Envelope xmlns:s=\"{SOAP}\"><s:Header>\
             <Action xmlns=\"{ADDRESSING}\">{action}</Action>\
             <MessageID xmlns=\"{ADDRESSING}\">urn:uuid:{id}</MessageID></s:Header>\
             <s:Body>{element}</s:Body></s:Envelope>"
        );
    }

    fn carry(&mut self, action: &str) {
        let name = ":Assertion";
        let start = self.body.find(name).and_then(|at| self.body[..at].rfind('<')).expect("an assertion");
        let end = self.body.rfind("Assertion>").expect("its end") + "Assertion>".len();
        let assertion = self.body[start..end].to_owned();
        self.body = format!("<AdhocQueryRequest xmlns=\"{QUERY}\"/>");
        self.wrap(action);
        self.secure(&assertion);
        // Prefixes that a file declares around its assertion.
        let declared = "<wsse:Security xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                        xmlns:s=\"http://www.w3.org/2001/XMLSchema\"";
        self.body = self.body.replace("<wsse:Security", declared);
    }

    fn provide(&mut self) {
        let element = element(&self.body);
        self.body = format!(
            "<x:ProvideAndRegisterDocumentSetRequest xmlns:x=\"urn:ihe:iti:xds-b:2007\">{element}\
             <x:Document id=\"Document01\">PGEvPg==</x:Document></x:ProvideAndRegisterDocumentSetRequest>"
        );
    }
}

/// What follows the declaration and the comments of a file.
fn element(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = match rest.strip_prefix("<?").and_then(|r| r.split_once("?>")) {
            Some((_, after)) => after.trim_start(),
            None => match rest.strip_prefix("<!--").and_then(|r| r.split_once("-->")) {
                Some((_, after)) => after.trim_start(),
                None => return rest,
            },
        }
    }
}

/// The media type of a package, as its first lines tell it.
fn package_of(body: &str) -> String {
    let boundary = body.lines().next().and_then(|line| line.trim_end().strip_prefix("--"));
    let root = body.lines().find_map(|line| line.strip_prefix("Content-ID: "));
    let (boundary, root) = (boundary.expect("a boundary"), root.expect("a root part").trim_end());
    format!(
        "multipart/related; type=\"application/xop+xml\"; boundary=\"{boundary}\"; start=\"{root}\"; \
         start-info=\"application/soap+xml\""
    )
}

/// Another text for the first element of that local name.
fn with_text(xml: &str, name: &str, text: &str) -> String {
    let end = xml.match_indices(&format!("{name}>")).find_map(|(at, _)| {
        let lt = xml[..at].rfind('<')?;
        let fine = xml[lt..].starts_with("</") && matches!(xml.as_bytes()[at - 1], b':' | b'/');
        fine.then_some(lt)
    });
    let end = end.unwrap_or_else(|| panic!("no element {name}"));
    let start = xml[..end].rfind('>').expect("a start tag") + 1;
    [&xml[..start], text, &xml[end..]].concat()
}

/// A fresh VIHF.
fn assertion(identity: &Identity, patient: Option<&Ins>, caller: &Caller<'_>) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Time::from_millis(i64::try_from(now.as_millis()).unwrap());
    vihf::signed(&Session { identity, patient, server: caller.server, now }).unwrap()
}
