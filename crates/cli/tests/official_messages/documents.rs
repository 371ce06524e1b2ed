//! Documents made of official DocumentEntries: a CDA whose header says what the entry says, and lots of them.

use crate::samples::between;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dmp_lps::service::{LCM, Operation, RIM, XDSB};
use dmp_lps::{Message, Session};
use dmp_xml::{Document, Limits, Node, escape_attribute, escape_text, parse};

/// A document to publish.
pub struct Published {
    pub unique_id: String,
    /// entryUUID in the official answer, a name within its lot here: the registry draws another.
    pub id: String,
    /// The ExtrinsicObject, in the prefix of the official answers (`ns4`).
    entry: String,
    pub bytes: Vec<u8>,
}

/// Every document of an official FindDocuments answer.
pub fn of_answer(answer: &str) -> Vec<Published> {
    let ends = answer.match_indices("</ns4:ExtrinsicObject>");
    let mut from = answer.find("<ns4:ExtrinsicObject ").unwrap();
    ends.map(|(at, end)| {
        let entry = &answer[from..at + end.len()];
        from = at + end.len();
        of_entry(entry.trim())
    })
    .collect()
}

/// The document of an entry. What the registry made of it (hash, size, repository, version) is not its sender's to say.
fn of_entry(entry: &str) -> Published {
    let mut text = entry.to_owned();
    for slot in ["hash", "size", "repositoryUniqueId"] {
        let whole = between(&text, &format!("<ns4:Slot name=\"{slot}\">"), "</ns4:Slot>").to_owned();
        text = text.replacen(&whole, "", 1);
    }
    for attribute in [" lid=\"", " status=\"", " isOpaque=\"", "<ns4:VersionInfo versionName=\""] {
        let whole = if attribute.starts_with('<') { "\"/>" } else { "\"" };
        let start = text.find(attribute).unwrap();
        let value = start + attribute.len();
        let end = value + text[value..].find(whole).unwrap() + whole.len();
        text.replace_range(start..end, "");
    }
    let wrapped = format!("<lot xmlns:ns4=\"{RIM}\">{text}</lot>");
    let document = parse(wrapped.as_bytes(), &Limits::default()).unwrap();
    let told = Told(&document);
    let id = told.entry().attribute("id").unwrap().to_owned();
    let unique_id = told.identifier("urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab");
    let bytes = cda(&told, &unique_id).into_bytes();
    Published { unique_id, id, bytes, entry: text }
}

/// A lot of documents, as a message with its documents inside.
pub fn lot(session: &Session<'_>, unique_id: &str, documents: &[Published]) -> Message {
    let cx = escape_attribute(&session.patient.unwrap().to_cx()).into_owned();
    let set = set(unique_id, &cx);
    let entries: String = documents.iter().map(|document| document.entry.as_str()).collect();
    let members: String = documents.iter().enumerate().map(|(n, document)| {
        format!(
            "<ns4:Association id=\"a{n}\" associationType=\"urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember\" \
             sourceObject=\"Lot\" targetObject=\"{}\"><ns4:Slot name=\"SubmissionSetStatus\"><ns4:ValueList><ns4:Value>\
             Original</ns4:Value></ns4:ValueList></ns4:Slot></ns4:Association>",
            document.id
        )
    }).collect();
    let contents: String = documents
        .iter()
        .map(|d| format!("<x:Document id=\"{}\">{}</x:Document>", d.id, STANDARD.encode(&d.bytes)))
        .collect();
    let body = format!(
        "<x:ProvideAndRegisterDocumentSetRequest xmlns:x=\"{XDSB}\" xmlns:l=\"{LCM}\" xmlns:ns4=\"{RIM}\">\
         <l:SubmitObjectsRequest><ns4:RegistryObjectList>{set}{entries}{members}</ns4:RegistryObjectList>\
         </l:SubmitObjectsRequest>{contents}</x:ProvideAndRegisterDocumentSetRequest>"
    );
    Message::plain(Operation::ProvideAndRegister, body)
}

fn set(unique_id: &str, cx: &str) -> String {
    let slot = |name: &str, value: &str| {
        format!(
            "<ns4:Slot name=\"{name}\"><ns4:ValueList><ns4:Value>{}</ns4:Value></ns4:ValueList></ns4:Slot>",
            escape_text(value)
        )
    };
    let identifier = |n: u32, scheme: &str, value: &str, name: &str| {
        format!(
            "<ns4:ExternalIdentifier id=\"i{n}\" identificationScheme=\"urn:uuid:{scheme}\" registryObject=\"Lot\" \
             value=\"{value}\"><ns4:Name><ns4:LocalizedString value=\"XDSSubmissionSet.{name}\"/></ns4:Name>\
             </ns4:ExternalIdentifier>"
        )
    };
    [
        "<ns4:RegistryPackage id=\"Lot\">".to_owned(),
        slot("submissionTime", "20210604135051"),
        "<ns4:Name><ns4:LocalizedString value=\"Lot\"/></ns4:Name>".to_owned(),
        "<ns4:Classification id=\"c1\" classificationScheme=\"urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d\" \
         classifiedObject=\"Lot\" nodeRepresentation=\"\">"
            .to_owned(),
        slot("authorPerson", "899900063480^MAX^LIBRE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
        slot("authorInstitution", "CABINET DR LIBRE^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499900063480001"),
        "</ns4:Classification><ns4:Classification id=\"c2\" nodeRepresentation=\"04\" classifiedObject=\"Lot\" \
         classificationScheme=\"urn:uuid:aa543740-bdda-424e-8c96-df4873be8500\">"
            .to_owned(),
        slot("codingScheme", "1.2.250.1.213.2.2"),
        "<ns4:Name><ns4:LocalizedString value=\"Hospitalisation de jour\"/></ns4:Name></ns4:Classification>\
         <ns4:Classification id=\"c3\" classificationNode=\"urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd\" \
         classifiedObject=\"Lot\"/>"
            .to_owned(),
        identifier(1, "6b5aea1a-874d-4603-a4bc-96a0a7b38446", cx, "patientId"),
        identifier(2, "554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.1.1.7898", "sourceId"),
        identifier(3, "96fdda7c-d067-4183-912e-bf5ee74998a8", unique_id, "uniqueId"),
        "</ns4:RegistryPackage>".to_owned(),
    ]
    .concat()
}

/// What an ExtrinsicObject says.
struct Told<'d, 'x>(&'d Document<'x>);

impl<'d, 'x> Told<'d, 'x> {
    fn entry(&self) -> Node<'d, 'x> {
        self.0.root_element().first_element_child().unwrap()
    }

    fn named(&self, name: &'static str) -> impl Iterator<Item = Node<'d, 'x>> {
        self.entry().children().filter(move |child| child.tag_name().name() == name)
    }

    /// The values of a slot of the entry, or of one of its classifications.
    fn values(of: Node<'d, 'x>, slot: &str) -> Vec<&'d str> {
        let slot = of.children().find(|child| child.attribute("name") == Some(slot));
        let inside = slot.into_iter().flat_map(|slot| slot.descendants());
        inside.filter(|n| n.tag_name().name() == "Value").filter_map(|n| n.text()).collect()
    }

    fn slot(&self, name: &str) -> &'d str {
        Told::values(self.entry(), name).first().copied().unwrap_or_default()
    }

    fn label(of: Node<'d, 'x>) -> &'d str {
        let mut inside = of.descendants().filter_map(|n| n.attribute("value"));
        inside.next().unwrap_or_default()
    }

    fn title(&self) -> &'d str {
        self.named("Name").next().map(Told::label).unwrap_or_default()
    }

    fn classified(&self, scheme: &str) -> Option<Node<'d, 'x>> {
        self.named("Classification").find(|c| c.attribute("classificationScheme") == Some(scheme))
    }

    /// The first code of a scheme, as attributes of a coded element of CDA.
    fn code(&self, scheme: &str) -> Option<String> {
        let classification = self.classified(scheme)?;
        let system = Told::values(classification, "codingScheme")[0];
        let code = classification.attribute("nodeRepresentation").unwrap();
        Some(coded(code, system, Told::label(classification)))
    }

    fn identifier(&self, scheme: &str) -> String {
        let mut found =
            self.named("ExternalIdentifier").filter(|i| i.attribute("identificationScheme") == Some(scheme));
        found.next().and_then(|i| i.attribute("value")).unwrap().to_owned()
    }

    fn trait_of_patient(&self, line: &str) -> &'d str {
        let lines = Told::values(self.entry(), "sourcePatientInfo");
        lines.into_iter().find_map(|value| value.strip_prefix(line)).unwrap_or_default()
    }
}

fn coded(code: &str, system: &str, label: &str) -> String {
    let [code, system, label] = [code, system, label].map(escape_attribute);
    format!("code=\"{code}\" codeSystem=\"{system}\" displayName=\"{label}\"")
}

const AUTHOR: &str = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d";
const EVENT: &str = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4";
const FORMAT: &str = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d";
const FACILITY: &str = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1";
const SETTING: &str = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead";
const TYPE: &str = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983";

/// A CDA whose header says it.
fn cda(told: &Told<'_, '_>, unique_id: &str) -> String {
    let part = |value: &str, place: usize| value.split('^').nth(place).unwrap_or_default().to_owned();
    let author = told.classified(AUTHOR).unwrap();
    let of_author = |slot: &str| Told::values(author, slot)[0];
    let (person, structure, specialty) =
        (of_author("authorPerson"), of_author("authorInstitution"), of_author("authorSpecialty"));
    let signer = told.slot("legalAuthenticator");
    let [family, given] = [0, 1].map(|place| part(told.trait_of_patient("PID-5|"), place));
    let source = told.slot("sourcePatientId");
    let local_root = source.split('&').nth(1).unwrap();
    let format = told.classified(FORMAT).unwrap().attribute("nodeRepresentation").unwrap();
    let (template, body) = body(format);
    let event = told.code(EVENT).map(|code| format!("<code {code}/>")).unwrap_or_default();
    let name = |xcn: &str| {
        format!(
            "<assignedPerson><name><given>{}</given><family>{}</family></name></assignedPerson>",
            part(xcn, 2),
            part(xcn, 1)
        )
    };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="FR"/>
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.2.8.2.1"/>
<templateId root="1.2.250.1.213.1.1.1.1"/><templateId root="{template}"/><id root="{unique_id}"/><code {kind}/>
<title>{title}</title><effectiveTime value="{created}+0000"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="{language}"/>
<recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="{ins}"/><id root="{local_root}" extension="{local}"/>
<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><patient><name><given>{given}</given><family>{family}</family></name>
<administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="{birth}"/></patient></patientRole></recordTarget>
<author><time value="{created}+0000"/><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="{author_id}"/><code {specialty}/>
{author_name}<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="{structure_id}"/><name>{structure_name}</name></representedOrganization></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2" extension="{structure_id}"/></representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value="{created}+0000"/><signatureCode code="S"/><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{signer_id}"/>{signer_name}</assignedEntity></legalAuthenticator>
<documentationOf><serviceEvent>{event}<effectiveTime><low value="{start}+0000"/><high value="{stop}+0000"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{author_id}"/><representedOrganization><standardIndustryClassCode {setting}/></representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
<componentOf><encompassingEncounter><effectiveTime><low value="{start}+0000"/></effectiveTime><location><healthCareFacility><code {facility}/></healthCareFacility></location></encompassingEncounter></componentOf>
<component>{body}</component></ClinicalDocument>
"#,
        kind = told.code(TYPE).unwrap(),
        title = escape_text(told.title()),
        created = told.slot("creationTime"),
        language = told.slot("languageCode"),
        ins = told.identifier("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427").split('^').next().unwrap(),
        local = part(source, 0),
        sex = told.trait_of_patient("PID-8|"),
        birth = told.trait_of_patient("PID-7|"),
        author_id = part(person, 0),
        specialty = coded(&part(specialty, 0), &part(specialty, 2), &part(specialty, 1)),
        author_name = name(person),
        structure_id = part(structure, 9),
        structure_name = escape_text(&part(structure, 0)),
        signer_id = part(signer, 0),
        signer_name = name(signer),
        start = told.slot("serviceStartTime"),
        stop = told.slot("serviceStopTime"),
        setting = told.code(SETTING).unwrap(),
        facility = told.code(FACILITY).unwrap(),
    )
}

/// A template that leads to a format, and a body of it.
fn body(format: &str) -> (&'static str, String) {
    const SCANNED: &str = "1.3.6.1.4.1.19376.1.2.20";
    let file = |media_type: &str, bytes: &[u8]| {
        let bytes = STANDARD.encode(bytes);
        (
            SCANNED,
            format!(
                "<nonXMLBody><text mediaType=\"{media_type}\" representation=\"B64\">{bytes}</text></nonXMLBody>"
            ),
        )
    };
    match format {
        "urn:ihe:iti:xds-sd:pdf:2008" => file("application/pdf", b"%PDF-1.4\n%%EOF\n"),
        "urn:ihe:iti-fr:xds-sd:rtf:2010" => file("text/rtf", br"{\rtf1 Texte}"),
        "urn:ihe:iti-fr:xds-sd:jpeg:2010" => file("image/jpeg", b"\xff\xd8\xff\xe0JFIF"),
        "urn:ihe:iti-fr:xds-sd:tiff:2010" => file("image/tiff", b"II*\0\x08\0\0\0"),
        "urn:ihe:lab:xd-lab:2008" => {
            let section = "<component><section><title>Texte</title><text>Texte</text></section></component>";
            ("1.3.6.1.4.1.19376.1.3.3", format!("<structuredBody>{section}</structuredBody>"))
        }
        _ => file("text/plain", b"Texte"),
    }
}
