//! Answers of messages that get through, seen-before messages, and what a service says of itself.

use crate::world::{ADDRESSING, PLAIN, REQUEST, SOAP, World, addressed, envelope};
use dmp_dossier::Parameters;

/// TD0.0: the one transaction that answers everybody the same.
const ACTION: &str = "urn:si-dmp-patients:PatientCertifEndPoint:identityCertification";

fn body(nir: &str) -> String {
    format!(
        "<identityCertification xmlns=\"urn:si-dmp-patients\"><nirOD>{nir}</nirOD></identityCertification>"
    )
}

fn message(world: &World, message_id: &str, assertion: &str, nir: &str) -> String {
    let headers = format!("{}{}", addressed(ACTION, message_id), world.security(assertion));
    envelope(&headers, &body(nir))
}

#[tokio::test]
async fn an_answer_relates_to_its_request_and_names_its_action() {
    let world = World::new().await;
    let reply = world.post("patientCertif", PLAIN, message(&world, "urn:uuid:a&amp;b", "_1", "1")).await;
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (200, &PLAIN.parse().unwrap()),
        "{}",
        reply.text
    );
    assert_eq!(reply.headers["content-length"], reply.text.len().to_string().as_str());
    let header = format!(
        "<soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Header><Action xmlns=\"{ADDRESSING}\">{ACTION}Response</Action>\
         <MessageID xmlns=\"{ADDRESSING}\">urn:uuid:{REQUEST}</MessageID>\
         <To xmlns=\"{ADDRESSING}\">http://www.w3.org/2005/08/addressing/anonymous</To>\
         <RelatesTo xmlns=\"{ADDRESSING}\">urn:uuid:a&amp;b</RelatesTo></soap:Header><soap:Body>"
    );
    assert!(reply.text.starts_with(&header), "{}", reply.text);
    assert!(reply.text.contains("DMPIdentityCertificationFailure"));
}

#[tokio::test]
async fn a_package_is_answered_by_a_package() {
    let world = World::new().await;
    let package = format!(
        "--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <r>\r\n\r\n{}\r\n--b--",
        message(&world, "urn:uuid:1", "_1", "1")
    );
    let content_type = "multipart/related; type=\"application/xop+xml\"; boundary=b";
    let reply = world.post("patientCertif", content_type, package).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let expected = format!(
        "multipart/related; type=\"application/xop+xml\"; boundary=\"uuid:{REQUEST}\"; start=\"<root.message@dmp>\"; \
         start-info=\"application/soap+xml\""
    );
    assert_eq!(reply.headers["content-type"], expected.as_str());
    let head = format!(
        "--uuid:{REQUEST}\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
         Content-Transfer-Encoding: binary\r\nContent-ID: <root.message@dmp>\r\n\r\n<soap:Envelope "
    );
    assert!(reply.text.starts_with(&head), "{}", reply.text);
    assert!(reply.text.ends_with(&format!("</soap:Envelope>\r\n--uuid:{REQUEST}--\r\n")), "{}", reply.text);
}

#[tokio::test]
async fn a_message_again_is_answered_again_and_another_one_in_its_name_is_not() {
    // SOAP-15, SAML-55.
    let world = World::new().await;
    let said = async |message: String| {
        let reply = world.post("patientCertif", PLAIN, message).await;
        (reply.status, reply.text)
    };
    let first = message(&world, "urn:uuid:1", "_1", "1");
    let answered = said(first.clone()).await;
    assert_eq!(answered.0, 200);
    assert_eq!(said(first).await, answered);
    let (status, text) = said(message(&world, "urn:uuid:1", "_2", "2")).await;
    assert_eq!(status, 400);
    assert!(text.contains("wsa:DuplicateMessageID") && text.contains("replay"), "{text}");
    let (status, text) = said(message(&world, "urn:uuid:3", "_1", "1")).await;
    assert_eq!(status, 400);
    assert!(text.contains("wsse:FailedCheck") && text.contains("replay"), "{text}");
}

#[tokio::test]
async fn a_vihf_serves_a_session_where_the_deployment_says_so() {
    let world = World::with(Parameters::default(), |settings| settings.vihf_single_use = false).await;
    for id in ["urn:uuid:1", "urn:uuid:2"] {
        let reply = world.post("patientCertif", PLAIN, message(&world, id, "_1", id)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let reply = world.post("patientCertif", PLAIN, message(&world, "urn:uuid:2", "_1", "autre")).await;
    assert!(reply.text.contains("wsa:DuplicateMessageID"), "{}", reply.text);
}

#[tokio::test]
async fn a_fault_of_the_sender_has_the_status_that_the_deployment_says() {
    for (status, wrong) in [(400, "text"), (500, "text"), (400, "type"), (500, "type")] {
        let world =
            World::with(Parameters::default(), |settings| settings.sender_fault_status = status).await;
        let kind = if wrong == "type" { "text/xml" } else { PLAIN };
        let reply = world.post("patientCertif", kind, "<x/>").await;
        let expected = if wrong == "type" { 415 } else { status };
        assert_eq!(reply.status, expected, "{}", reply.text);
        assert!(reply.text.contains("<soap:Value>soap:Sender</soap:Value>"), "{}", reply.text);
    }
}

#[tokio::test]
async fn the_published_soap_action_of_rights_is_taken_beside_the_action() {
    let world = World::new().await;
    let action = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization";
    let message = envelope(
        &addressed(action, "urn:uuid:1"),
        "<setAuthorization xmlns=\"urn:si-dmp-habilitations\"><action>AJOUT</action></setAuthorization>",
    );
    for (announced, expected) in [
        ("urn:hl7-org:v3:setAuthorization", "wsse:SecurityTokenUnavailable"),
        (action, "wsse:SecurityTokenUnavailable"),
        ("", "wsse:SecurityTokenUnavailable"),
        ("urn:hl7-org:v3:listAuthorizationByPatient", "wsa:ActionMismatch"),
    ] {
        let content_type = format!("application/soap+xml; action=\"{announced}\"");
        let reply = world.post("Habilitation", &content_type, message.clone()).await;
        assert!(reply.text.contains(expected), "{announced}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_service_describes_itself_and_takes_messages_only() {
    let world = World::new().await;
    let services = dmp_xds::SERVICES;
    for path in ["patient?wsdl", "patient?WSDL", "patient?wsdl&a=b", "patient?x&wsdl=1"] {
        let reply = world.get(&format!("{services}/{path}")).await;
        let address = "location=\"https://dmp.example.org:8443/si-dmp-server/v2/services/patient\"";
        assert_eq!((reply.status, reply.text.contains(address)), (200, true), "{path}: {}", reply.text);
    }
    let alias = world.get(&format!("{services}/PatientDemographicsQuery?wsdl")).await;
    assert!(alias.text.contains("/services/PDQ\""), "{}", alias.text);
    let schema = world.get(&format!("{services}/patient?xsd=gdp")).await;
    assert!(schema.text.contains("schemaLocation=\"patient?xsd=hl7v3\""), "{}", schema.text);
    for (method, path, status) in [
        ("GET", "patient", 200),
        ("GET", "patient?xsd=autre", 404),
        ("GET", "autre", 404),
        ("POST", "autre", 404),
        ("PUT", "patient", 405),
        ("DELETE", "patient", 405),
    ] {
        let reply = world.send(method, &format!("{services}/{path}"), &[], Vec::new().into()).await;
        assert_eq!(reply.status, status, "{method} {path}");
        if status == 405 {
            assert_eq!(reply.headers["allow"], "GET,HEAD,POST");
        }
    }
}

#[tokio::test]
async fn the_parameter_file_says_what_the_deployment_decided() {
    let mut parameters = Parameters { cumul: true, majority_age_years: 17, ..Parameters::default() };
    parameters.creation.opt_out = true;
    let world = World::with(parameters, |settings| settings.lot_signature_required = true).await;
    let file = world.get(dmp_xds::PARAMETERS).await;
    assert_eq!(file.headers["content-type"], "text/xml; charset=utf-8");
    let document = dmp_xml::parse(file.text.as_bytes(), &dmp_xml::Limits::default()).unwrap();
    let value = |name: &str| document.descendants().find(|n| n.has_tag_name(name)).and_then(|n| n.text());
    for (name, expected) in [
        ("environnement", "TEST"),
        ("horloge", "2026-11-21T10:00:00.000Z"),
        ("age-majorite", "17"),
        ("cumul-invisible_patient-masque_ps", "true"),
        ("fonctions-gestion-mineurs", "true"),
        ("document-octets-max", "10485760"),
        ("signature-lot", "obligatoire"),
        ("vihf-usage-unique", "true"),
        ("repositoryUniqueId", "1.2.250.1.213.4.1.1.1.2"),
    ] {
        assert_eq!(value(name), Some(expected), "{name}");
    }
    assert!(file.text.contains("<creation ouvert=\"false\"/>"), "{}", file.text);
    assert!(file.text.contains("adresse=\"https://dmp.example.org:8443/si-dmp-server/v2/services/PDQ\""));
}
