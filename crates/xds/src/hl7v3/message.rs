//! The wrapper of a message: who sends it, what it answers, which event it is about.
//!
//! A request is read from its `interactionId` to its `controlActProcess`; its answer carries the sender as receiver, the
//! identifiers of the request and of its query, and a time in UTC. Order and codes are those of the official answers:
//! `processingCode` is `P` whatever the request says, an answer asks for no acknowledgement.

use crate::call::Call;
use crate::elements::{Wrong, all, attribute, missing, optional, required, text_of, wrong};
use crate::hl7v3::observation::instant;
use crate::service::HL7;
use crate::{DEVICE, MESSAGES};
use aws_lc_rs::rand;
use dmp_dossier::{Dtm, Refusal, Time};
use dmp_xml::{Element, Writer};
use uuid::Uuid;

/// Names of HL7 interactions.
const INTERACTIONS: &str = "2.16.840.1.113883.1.6";
/// Reasons of an interaction, of the CI-SIS.
const REASONS: &str = "1.2.250.1.213.1.1.4.11";

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $display:literal;)*) => {
        /// Why a message is sent: which transaction it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum MessageReason { $($(#[$doc])* $name),* }

        impl MessageReason {
            const ALL: &[MessageReason] = &[$(MessageReason::$name),*];

            fn code(self) -> &'static str {
                match self { $(MessageReason::$name => $code),* }
            }

            fn display(self) -> &'static str {
                match self { $(MessageReason::$name => $display),* }
            }
        }
    };
}

reasons! {
    /// TD0.2.
    TestExistence = "TEST_EXST", "Test d'existence de dossier";
    /// TD1.1.
    Create = "CREA_RD", "Création de dossier";
    /// TD1.2.
    Reactivate = "REAC", "Réactivation de dossier";
    /// TD1.3a.
    Consult = "CNSLT_DATA", "Consultation des données de gestion de dossier";
    /// TD1.3b.
    Modify = "MODIF_DATA", "Modification des données de gestion de dossier";
    /// TD1.4.
    Close = "FERM", "Fermeture de dossier";
}

/// An instance identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id {
    root: String,
    extension: Option<String>,
}

impl Id {
    fn read(id: Element<'_>) -> Result<Self, Wrong> {
        let extension = id.attribute("extension").map(|_| attribute(id, "extension")).transpose()?;
        Ok(Id { root: attribute(id, "root")?.to_owned(), extension: extension.map(str::to_owned) })
    }

    fn write(&self, w: &mut Writer, name: &'static str) {
        w.open(name);
        if let Some(extension) = &self.extension {
            w.attribute("extension", extension);
        }
        w.attribute("root", &self.root).close();
    }
}

/// A request whose wrapper was read.
#[derive(Debug)]
pub(crate) struct Received<'t> {
    id: Id,
    sender: Vec<Id>,
    software: Option<String>,
    /// `controlActProcess`.
    pub(crate) act: Element<'t>,
}

/// Most identifiers of a sender that are sent back.
const SENDER_IDS_MAX: usize = 10;

impl<'t> Received<'t> {
    /// Reads the wrapper of a message.
    ///
    /// # Errors
    /// An element missing or wrong: a message that cannot be answered in its own words.
    pub(crate) fn read(body: Element<'t>) -> Result<Self, Wrong> {
        let id = Id::read(required(body, "id")?)?;
        let created = required(body, "creationTime")?;
        if instant(attribute(created, "value")?).is_none() {
            return Err(wrong(created, "date attendue, `AAAAMMJJhhmmss`"));
        }
        let interaction = required(body, "interactionId")?;
        if attribute(interaction, "extension")? != body.name()
            || attribute(interaction, "root")? != INTERACTIONS
        {
            return Err(wrong(interaction, &format!("`{}` de `{INTERACTIONS}` est attendu", body.name())));
        }
        for (name, codes) in [
            ("processingCode", &["D", "P", "T"][..]),
            ("processingModeCode", &["T"]),
            ("acceptAckCode", &["AL", "ER", "NE"]),
        ] {
            let element = required(body, name)?;
            if !codes.contains(&attribute(element, "code")?) {
                return Err(wrong(element, &format!("un code parmi `{}` est attendu", codes.join("`, `"))));
            }
        }
        let mut receivers = all(body, "receiver").filter_map(|r| required(r, "device").ok()).peekable();
        if receivers.peek().is_none() {
            return Err(missing(body, "receiver/device"));
        }
        if !receivers.any(|device| all(device, "id").any(|id| id.attribute("root") == Some(DEVICE))) {
            return Err(Wrong(format!(
                "élément `{}/receiver/device/id` : `{DEVICE}` est attendu",
                body.name()
            )));
        }
        let device = required(required(body, "sender")?, "device")?;
        let sender = all(device, "id").take(SENDER_IDS_MAX).map(Id::read).collect::<Result<Vec<_>, _>>()?;
        if sender.is_empty() {
            return Err(missing(device, "id"));
        }
        Ok(Received {
            id,
            sender,
            software: text_of(device, "softwareName")?,
            act: required(body, "controlActProcess")?,
        })
    }

    /// The reason of the message, among those of its operation.
    pub(crate) fn reason(&self, taken: &[MessageReason]) -> Result<MessageReason, Wrong> {
        let element = required(self.act, "reasonCode")?;
        let code = attribute(element, "code")?;
        if attribute(element, "codeSystem")? != REASONS {
            return Err(wrong(element, &format!("le système des motifs est `{REASONS}`")));
        }
        let known = MessageReason::ALL.iter().copied().find(|reason| reason.code() == code);
        known.filter(|reason| taken.contains(reason)).ok_or_else(|| {
            let codes: Vec<&str> = taken.iter().map(|reason| reason.code()).collect();
            wrong(element, &format!("un motif parmi `{}` est attendu", codes.join("`, `")))
        })
    }

    /// `queryByParameter` and its identifier.
    pub(crate) fn query(&self) -> Result<(Element<'t>, Id), Wrong> {
        let query = required(self.act, "queryByParameter")?;
        Ok((query, Id::read(required(query, "queryId")?)?))
    }

    /// The patient of a request that changes a dossier, and the request: `subject/registrationRequest`.
    pub(crate) fn registration(&self) -> Result<(Element<'t>, Element<'t>), Wrong> {
        let request = required(required(self.act, "subject")?, "registrationRequest")?;
        let patient = required(required(request, "subject1")?, "patient")?;
        Ok((request, patient))
    }

    /// Opens the answer `interaction` as the element of the body.
    pub(crate) fn open(&self, w: &mut Writer, call: &Call<'_>, interaction: &'static str) {
        w.open(interaction).attribute("xmlns", HL7).attribute("xmlns:xsi", crate::elements::XSI);
        w.attribute("ITSVersion", "XML_1.0");
        w.open("id").attribute("root", &fresh().to_string()).close();
        self.head(w, call, interaction);
    }

    /// Opens the answer `interaction` inside the response `response` of the CI-SIS.
    pub(crate) fn open_in(
        &self,
        w: &mut Writer,
        call: &Call<'_>,
        response: &'static str,
        interaction: &'static str,
    ) {
        w.open(response).attribute("xmlns:gdp", crate::service::GDP).attribute("xmlns", HL7);
        w.attribute("xmlns:xsi", crate::elements::XSI);
        w.open(interaction).attribute("ITSVersion", "XML_1.0");
        let extension = fresh().to_string();
        Id { root: MESSAGES.to_owned(), extension: Some(extension) }.write(w, "id");
        self.head(w, call, interaction);
    }

    fn head(&self, w: &mut Writer, call: &Call<'_>, interaction: &'static str) {
        w.open("creationTime").attribute("value", &hl7_time(call.xds.store.now())).close();
        w.open("interactionId").attribute("extension", interaction).attribute("root", INTERACTIONS).close();
        for (name, code) in [("processingCode", "P"), ("processingModeCode", "T"), ("acceptAckCode", "NE")] {
            w.open(name).attribute("code", code).close();
        }
        w.open("receiver").attribute("typeCode", "RCV");
        device(w, &self.sender, self.software.as_deref());
        w.close().open("sender").attribute("typeCode", "SND");
        device(w, &[Id { root: DEVICE.to_owned(), extension: None }], Some("DMP"));
        w.close();
    }

    /// Writes the acknowledgement: `AA`, or `AE` with what was refused.
    pub(crate) fn acknowledge(&self, w: &mut Writer, refusal: Option<&Refusal>) {
        w.open("acknowledgement");
        w.attribute("typeCode", if refusal.is_none() { "AA" } else { "AE" });
        w.open("targetMessage");
        self.id.write(w, "id");
        w.close();
        if let Some(refusal) = refusal {
            w.open("acknowledgementDetail").attribute("typeCode", "E");
            w.open("code").attribute("code", refusal.reason.answer().dmp).close();
            w.open("text").text(&sentence(refusal)).close().close();
        }
        w.close();
    }
}

fn device(w: &mut Writer, ids: &[Id], software: Option<&str>) {
    w.open("device").attribute("classCode", "DEV").attribute("determinerCode", "INSTANCE");
    for id in ids {
        id.write(w, "id");
    }
    if let Some(software) = software {
        w.open("softwareName").text(software).close();
    }
    w.close();
}

/// A refusal in a sentence: that of its reason, then what was wrong.
pub(crate) fn sentence(refusal: &Refusal) -> String {
    let french = refusal.reason.answer().french;
    match &refusal.context {
        Some(context) => format!("{french} ({context})"),
        None => french.to_owned(),
    }
}

/// Opens `controlActProcess` with the reason of the request.
pub(crate) fn open_act(w: &mut Writer, reason: MessageReason) {
    w.open("controlActProcess").attribute("classCode", "CACT").attribute("moodCode", "EVN");
    w.open("reasonCode").attribute("code", reason.code()).attribute("codeSystem", REASONS);
    w.attribute("displayName", reason.display()).close();
}

/// Opens `subject/registrationEvent/subject1/patient`.
pub(crate) fn open_event(w: &mut Writer, event_status: &str) {
    w.open("subject").attribute("contextConductionInd", "false").attribute("typeCode", "SUBJ");
    w.open("registrationEvent").attribute("classCode", "REG").attribute("moodCode", "EVN");
    w.open("statusCode").attribute("code", event_status).close();
    w.open("subject1").attribute("typeCode", "SBJ").open("patient").attribute("classCode", "PAT");
}

/// Closes what [`open_event`] opened, with the keeper of the dossier.
pub(crate) fn close_event(w: &mut Writer) {
    w.close().close();
    w.open("custodian").attribute("typeCode", "CST");
    w.open("assignedEntity").attribute("classCode", "ASSIGNED");
    w.open("id").attribute("root", DEVICE).close();
    w.close().close().close().close();
}

/// Writes `queryAck`, with how many results when they are counted.
pub(crate) fn query_ack(w: &mut Writer, query: &Id, response: &str, results: Option<usize>) {
    w.open("queryAck");
    query.write(w, "queryId");
    w.open("queryResponseCode").attribute("code", response).close();
    if let Some(results) = results {
        for (name, count) in [
            ("resultTotalQuantity", results),
            ("resultCurrentQuantity", results),
            ("resultRemainingQuantity", 0),
        ] {
            w.open(name).attribute("value", &count.to_string()).close();
        }
    }
    w.close();
}

/// Writes `queryId`.
pub(crate) fn query_id(w: &mut Writer, query: &Id) {
    query.write(w, "queryId");
}

/// A technical date: `YYYYMMDDhhmmss` in UTC.
pub(crate) fn hl7_time(at: Time) -> String {
    Dtm::from_time(at).to_hl7()
}

/// Identifier of a message of ours.
fn fresh() -> Uuid {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("the system's random generator answers: it seeded the keys at start");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// True when an optional element, such as `statusCode`, has that code.
pub(crate) fn has_code(under: Element<'_>, name: &str, code: &str) -> Result<bool, Wrong> {
    Ok(match optional(under, name)? {
        Some(element) => attribute(element, "code")? == code,
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::TEST_EXISTENCE;
    use dmp_xml::{Limits, Tree};

    fn read(text: &str) -> Result<MessageReason, Wrong> {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
        let received = Received::read(tree.root())?;
        received.query()?;
        received.reason(&[MessageReason::TestExistence, MessageReason::Consult])
    }

    #[test]
    fn a_wrapper_is_read_or_says_what_it_lacks() {
        assert_eq!(read(TEST_EXISTENCE), Ok(MessageReason::TestExistence));
        for (from, to, says) in [
            (
                " extension=\"PRPA_IN201307UV02\"",
                "",
                "élément attendu : `PRPA_IN201307UV02/interactionId/@extension`",
            ),
            (
                "extension=\"PRPA_IN201307UV02\"",
                "extension=\"X\"",
                "élément `PRPA_IN201307UV02/interactionId` : `PRPA_IN201307UV02` de `2.16.840.1.113883.1.6` est attendu",
            ),
            (
                "20210519174507",
                "hier",
                "élément `PRPA_IN201307UV02/creationTime` : date attendue, `AAAAMMJJhhmmss`",
            ),
            ("<processingCode code=\"D\"/>", "", "élément attendu : `PRPA_IN201307UV02/processingCode`"),
            (
                "<processingCode code=\"D\"/>",
                "<processingCode code=\"X\"/>",
                "élément `PRPA_IN201307UV02/processingCode` : un code parmi `D`, `P`, `T` est attendu",
            ),
            (
                "<id root=\"1.2.250.1.213.4.1.1.1\"/>",
                "<id root=\"1.2.3\"/>",
                "élément `PRPA_IN201307UV02/receiver/device/id` : `1.2.250.1.213.4.1.1.1` est attendu",
            ),
            ("<id root=\"1.2.3.4\"/>", "", "élément attendu : `PRPA_IN201307UV02/sender/device/id`"),
            (
                "TEST_EXST",
                "FERM",
                "élément `PRPA_IN201307UV02/controlActProcess/reasonCode` : un motif parmi `TEST_EXST`, `CNSLT_DATA` est attendu",
            ),
            (
                "1.2.250.1.213.1.1.4.11",
                "1.2.3",
                "élément `PRPA_IN201307UV02/controlActProcess/reasonCode` : le système des motifs est `1.2.250.1.213.1.1.4.11`",
            ),
            (
                "<queryId root=\"1.2.3.4.2\" extension=\"q1\"/>",
                "",
                "élément attendu : `PRPA_IN201307UV02/controlActProcess/queryByParameter/queryId`",
            ),
        ] {
            let text = TEST_EXISTENCE.replacen(from, to, 1);
            assert_ne!(text, TEST_EXISTENCE, "{from}");
            assert_eq!(read(&text), Err(Wrong(says.to_owned())), "{to}");
        }
    }

    #[test]
    fn fresh_identifiers_are_random_ones() {
        let (one, other) = (fresh(), fresh());
        assert_ne!(one, other);
        assert_eq!(one.get_version_num(), 4);
    }
}
