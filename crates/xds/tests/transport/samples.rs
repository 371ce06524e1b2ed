//! Published messages, as they are: taken as far as the VIHF, or refused for the reason said here.

use crate::world::{World, addressed, envelope};
use dmp_dossier::Parameters;
use std::path::PathBuf;

/// The shared samples, when they are there.
#[allow(clippy::print_stdout)] // a test that tests nothing says so
fn shared() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("DMP_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    if shared.join("data/dmp-kit/messages").is_dir() {
        return Some(shared.join("data"));
    }
    println!("skipped: no shared samples (DMP_SHARED)");
    None
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the dump of a message lost: line breaks of MIME.
fn mime(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

const PLAIN: &str = "application/soap+xml";

/// Signed in 2019, and not by an authority of this world.
const VIHF: &str = "<soap:Value>wsse:";

#[tokio::test]
async fn the_published_dmp_requests_reach_the_vihf() {
    let Some(data) = shared() else { return };
    let world = World::new().await;
    for (file, service) in [
        ("TD0.2_-_Test_d_existence_requete.xml", "patient"),
        ("TD0.3_-_Mise_a_jour_de_l_autorisation_requete.xml", "Habilitation"),
        ("TD0.4_-_Liste_des_DMP_autorises_requete.xml", "PatientSpecific"),
        ("TD1.3a_-_Consultation_requete.xml", "patient"),
        ("TD1.4_-_Fermer_requete.xml", "patient"),
        ("TD1.5a_-_Creation_du_compte_internet_patient_requete.xml", "PatientSpecific"),
        ("TD1.5b_-_Ajout_d_un_canal_OTP_requete.xml", "PatientSpecific"),
        ("TD3.1_-_Recherche_de_document_requete.xml", "DocumentRegistry_Service"),
        ("TD3.2_-_Consultation_d_un_document_requete.xml", "DocumentRepository_Service"),
        ("TD3.3d_-_Archiver_un_document_requete.xml", "DocumentRegistry_Service"),
    ] {
        let message = read(data.join("dmp-kit/messages").join(file));
        let reply = world.post(service, PLAIN, message).await;
        assert!(reply.text.contains(VIHF), "{file}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_published_lot_is_of_soap_1_1_which_only_the_legacy_profile_takes() {
    let Some(data) = shared() else { return };
    let message = mime(&read(data.join("dmp-kit/messages/TD2.1_-_Alimentation_requete.xml")));
    let package = "multipart/related; type=\"application/xop+xml\"; start=\"<rootpart@soapui.org>\"; \
                   start-info=\"application/soap+xml\"; action=\"urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b\"; \
                   boundary=\"----=_Part_9_20030738.1554380517598\"";
    for (legacy, expected) in [(false, "soap:VersionMismatch"), (true, VIHF)] {
        let world = World::with(Parameters::default(), |settings| settings.legacy = legacy).await;
        let reply = world.post("DocumentRepository_Service", package, message.clone()).await;
        assert!(reply.text.contains(expected), "{legacy}: {}", reply.text);
    }
}

/// Content type and body of a dump that starts with the headers of HTTP.
fn dumped(text: &str) -> (String, String) {
    let (head, body) = text.split_once("\n\n").unwrap();
    let content_type = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap();
    (content_type.trim().to_owned(), mime(body))
}

#[tokio::test]
async fn the_ihe_messages_reach_the_vihf_or_are_refused_for_a_stated_reason() {
    let Some(data) = shared() else { return };
    let ours = ["localhost", "epd-test.ith-icoserve.com", "epd-test.com", "ehealthsuisse.ihe-europe.net"];
    let world =
        World::with(Parameters::default(), |settings| settings.hosts = ours.map(String::from).to_vec()).await;
    let none = "wsse:SecurityTokenUnavailable";
    for (file, service, expected) in [
        ("nist/http-mtom-pnr.txt", "DocumentRepository_Service", none),
        // The boundary of the header is not the boundary of the body.
        ("epr-by-example/ITI-41_request.http.txt", "DocumentRepository_Service", "no-root-part"),
        ("nist/soap-ret-req.xml", "DocumentRepository_Service", none),
        // RelatesTo where MessageID should be, or nothing.
        ("nist/soap-sq-req.xml", "DocumentRegistry_Service", "wsa:MessageAddressingHeaderRequired"),
        ("nist/soap-pnr.xml", "DocumentRepository_Service", "wsa:MessageAddressingHeaderRequired"),
        ("nist/soap-noaction-pnr.xml", "DocumentRepository_Service", "wsa:MessageAddressingHeaderRequired"),
        ("epr-by-example/ITI-18_request.xml", "DocumentRegistry_Service", VIHF),
        ("epr-by-example/ITI-43_request.xml", "DocumentRepository_Service", VIHF),
        ("epr-by-example/ITI-47_request.xml", "PDQ", VIHF),
        ("epr-by-example/ITI-47_request.xml", "patient", "wsa:ActionNotSupported"),
    ] {
        let text = read(data.join("ihe-soap-samples").join(file));
        let (content_type, body) =
            if file.ends_with(".txt") { dumped(&text.replace('\r', "")) } else { (PLAIN.to_owned(), text) };
        let reply = world.post(service, &content_type, body).await;
        assert!(reply.text.contains(expected), "{file}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_ihe_bodies_reach_the_vihf_inside_an_envelope() {
    let Some(data) = shared() else { return };
    let world = World::new().await;
    for (file, service, action) in [
        ("iti18request.xml", "DocumentRegistry_Service", "urn:ihe:iti:2007:RegistryStoredQuery"),
        ("SubmitObjectsRequest_ebrs30.xml", "DocumentRegistry_Service", "urn:ihe:iti:2010:UpdateDocumentSet"),
        (
            "SubmitObjectsRequest_ebrs30_update.xml",
            "DocumentRegistry_Service",
            "urn:ihe:iti:2010:UpdateDocumentSet",
        ),
        ("PDQ.xml", "PDQ", "urn:hl7-org:v3:PRPA_IN201305UV02"),
        ("PDQ_Maximal_Query.xml", "PatientDemographicsQuery", "urn:hl7-org:v3:PRPA_IN201305UV02"),
    ] {
        let text = read(data.join("ihe-soap-samples/ipf").join(file));
        let bare = world.post(service, PLAIN, text.clone()).await;
        assert!(bare.text.contains("not-soap"), "{file}: {}", bare.text);
        let body = text.split_once("?>").map_or(text.as_str(), |(_, body)| body);
        let reply = world.post(service, PLAIN, envelope(&addressed(action, "urn:uuid:1"), body)).await;
        assert!(reply.text.contains("wsse:SecurityTokenUnavailable"), "{file}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_swiss_lot_reaches_the_vihf_once_its_dump_is_mended() {
    let Some(data) = shared() else { return };
    let dump = read(data.join("ihe-soap-samples/epr-by-example/ITI-41_request.http.txt")).replace('\r', "");
    let (_, body) = dumped(&dump);
    // The headers are those of another hop than the body, and something of the tool follows the last boundary.
    let boundary = "uuid:df997b05-d075-415b-9cc8-0f68c74cd993";
    let package = format!(
        "multipart/related; type=\"application/xop+xml\"; boundary=\"{boundary}\"; \
         start=\"<root.message@cxf.apache.org>\"; start-info=\"application/soap+xml\""
    );
    let world = World::with(Parameters::default(), |settings| {
        settings.hosts = vec!["ehealthsuisse.ihe-europe.net".to_owned()];
    })
    .await;
    let reply = world.post("DocumentRepository_Service", &package, body.clone()).await;
    assert!(reply.text.contains("truncated"), "{}", reply.text);
    let end = body.rfind(boundary).unwrap() + boundary.len() + 2;
    let reply = world.post("DocumentRepository_Service", &package, body[..end].to_owned()).await;
    assert!(
        reply.text.contains("not-well-formed: prefix without namespace, line 10 column 12"),
        "{}",
        reply.text
    );
    let declared = "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\">";
    let mended = body[..end].replace("<wsse:Security>", declared);
    let reply = world.post("DocumentRepository_Service", &package, mended).await;
    assert!(reply.text.contains(VIHF), "{}", reply.text);
}
