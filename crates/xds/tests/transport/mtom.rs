//! The rows MTOM-01 to MTOM-41 of bad-inputs.tsv that are decided before the VIHF. MTOM-21, 30 to 33 and 37 are answers of
//! ITI-41; MTOM-35 and 36 are with `Parts::bytes_of`.

use crate::world::{World, addressed, envelope};

const ITI_41: &str = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b";
const PACKAGE: &str = "multipart/related; type=\"application/xop+xml\"; start-info=\"application/soap+xml\"; boundary=\"limite\"";
const ROOT: &str = "Content-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n\
                    Content-Transfer-Encoding: binary\r\nContent-ID: <racine@x>";
const DOCUMENT: &str = "Content-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <doc@x>";

/// ITI-41 with this in its body, `xop` being the prefix of XOP.
fn lot(inside: &str) -> String {
    let body = format!(
        "<x:ProvideAndRegisterDocumentSetRequest xmlns:x=\"urn:ihe:iti:xds-b:2007\" \
         xmlns:xop=\"http://www.w3.org/2004/08/xop/include\">{inside}</x:ProvideAndRegisterDocumentSetRequest>"
    );
    envelope(&addressed(ITI_41, "urn:uuid:1"), &body)
}

fn document(inside: &str) -> String {
    format!("<x:Document id=\"D\">{inside}</x:Document>")
}

fn include(href: &str) -> String {
    format!("<xop:Include href=\"{href}\"/>")
}

/// A package of these parts, headers and bytes.
fn package(parts: &[(&str, &str)]) -> String {
    let part = |(headers, bytes): &(&str, &str)| format!("--limite\r\n{headers}\r\n\r\n{bytes}\r\n");
    parts.iter().map(part).chain(["--limite--\r\n".to_owned()]).collect()
}

/// A lot with this in its body, and one document beside it.
fn with(inside: &str) -> String {
    package(&[(ROOT, &lot(inside)), (DOCUMENT, "<a/>")])
}

/// A lot and a document with these headers.
fn headed(headers: &str) -> String {
    package(&[(ROOT, &lot(&document(&include("cid:doc@x")))), (headers, "<a/>")])
}

/// A fine lot, of which something is replaced.
fn fine() -> String {
    headed(DOCUMENT)
}

type Row = (&'static str, String, String, u16, &'static str);

fn of_package() -> Vec<Row> {
    let typed = |id, content_type: &str, status, says| (id, content_type.to_owned(), fine(), status, says);
    let rest = "multipart/related; type=\"application/xop+xml\"; start-info=\"application/soap+xml\"";
    let bodied = |id, body: String, says| (id, PACKAGE.to_owned(), body, 400, says);
    let first = package(&[(DOCUMENT, "<a/>"), (ROOT, &lot(""))]);
    vec![
        typed("MTOM-01", rest, 400, "boundary-missing"),
        typed("MTOM-02", &format!("{rest}; boundary={}", "b".repeat(71)), 400, "boundary-invalid"),
        typed("MTOM-02 empty", &format!("{rest}; boundary=\"\""), 400, "boundary-invalid"),
        typed("MTOM-02 space", &format!("{rest}; boundary=\"limite \""), 400, "boundary-invalid"),
        typed("MTOM-03", &format!("{rest}; boundary=autre"), 400, "no-root-part"),
        bodied("MTOM-03 later", format!("préambule\r\n{}", fine()), "no-root-part"),
        bodied("MTOM-03 no part", "--limite--\r\n".to_owned(), "no-root-part"),
        bodied("MTOM-04", fine().replace("--limite--\r\n", ""), "truncated"),
        bodied("MTOM-04 half", fine().replace("--limite--\r\n", "--limite"), "truncated"),
        bodied("MTOM-04 after", format!("{}suite", fine()), "truncated"),
        typed("MTOM-05", &format!("{PACKAGE}; start=\"<autre@x>\""), 400, "no-root-part"),
        typed("MTOM-05 a document", &format!("{PACKAGE}; start=\"<doc@x>\""), 400, "no-root-part"),
        typed("MTOM-06", &PACKAGE.replace("application/soap+xml", "text/xml"), 415, "media-type"),
        typed("MTOM-07", &PACKAGE.replace("application/xop+xml", "text/xml"), 415, "media-type"),
        typed("MTOM-07 none", "multipart/related; boundary=limite", 415, "media-type"),
        typed("MTOM-07 mixed", &PACKAGE.replace("related", "mixed"), 415, "media-type"),
        bodied("MTOM-08", first, "no-root-part"),
        (
            "MTOM-07 root",
            PACKAGE.to_owned(),
            package(&[(&ROOT.replace("application/soap+xml", "text/xml"), &lot(""))]),
            415,
            "media-type",
        ),
        bodied(
            "root charset",
            package(&[(&ROOT.replace("UTF-8", "UTF-16"), &lot(""))]),
            "encoding-not-supported",
        ),
        bodied("root empty", package(&[(ROOT, "")]), "empty request"),
    ]
}

fn of_parts() -> Vec<Row> {
    let bodied = |id, body: String, says| (id, PACKAGE.to_owned(), body, 400, says);
    let cid = |id: &str| DOCUMENT.replace("<doc@x>", id);
    let encoded = |encoding: &str| DOCUMENT.replace("binary", encoding);
    let headers = |count: usize| {
        let more: String = (0..count).map(|n| format!("X-{n}: x\r\n")).collect();
        format!("{more}{DOCUMENT}")
    };
    let many = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| cid(&format!("<d{n}@x>"))).collect();
        let root = lot("");
        let parts: Vec<(&str, &str)> = std::iter::once((ROOT, root.as_str()))
            .chain(names.iter().map(|name| (name.as_str(), "x")))
            .collect();
        package(&parts)
    };
    vec![
        bodied(
            "MTOM-09",
            package(&[(ROOT, &lot("")), (DOCUMENT, "1"), (DOCUMENT, "2")]),
            "duplicate-content-id",
        ),
        bodied("MTOM-09 root", headed(&cid("<racine@x>")), "duplicate-content-id"),
        bodied("MTOM-10", headed(&cid("doc@x")), "content-id-syntax"),
        bodied("MTOM-10 empty", headed(&cid("<>")), "content-id-syntax"),
        bodied("MTOM-10 inside", headed(&cid("<a b>")), "content-id-syntax"),
        bodied("MTOM-10 none", headed("Content-Type: text/xml"), "content-id-syntax"),
        bodied("MTOM-11", headed(&cid(&format!("<{}>", "c".repeat(5_000)))), "header-too-long"),
        bodied("MTOM-12", headed(&headers(200)), "too-many-headers (16)"),
        bodied("MTOM-12 one", headed(&headers(14)), "too-many-headers (16)"),
        bodied("MTOM-13", headed(&format!("X: {}\r\n{DOCUMENT}", "x".repeat(64 << 10))), "header-too-long"),
        bodied("MTOM-14", headed(&format!("X: x;\r\n y\r\n{DOCUMENT}")), "header-syntax"),
        bodied("MTOM-15", headed(&DOCUMENT.replace("\r\n", "\n")), "header-syntax"),
        bodied("MTOM-15 return", headed(&format!("X: a\rb\r\n{DOCUMENT}")), "header-syntax"),
        bodied("MTOM-15 no name", headed(&format!("x\r\n{DOCUMENT}")), "header-syntax"),
        bodied("MTOM-15 space", headed(&format!("X : x\r\n{DOCUMENT}")), "header-syntax"),
        bodied("MTOM-15 twice", headed(&format!("{DOCUMENT}\r\nContent-ID: <autre@x>")), "header-syntax"),
        bodied("MTOM-16", headed(&encoded("quoted-printable")), "transfer-encoding"),
        bodied("MTOM-17", headed(&encoded("base64")), "transfer-encoding"),
        bodied("MTOM-18", headed(&encoded("x-unknown")), "transfer-encoding"),
        bodied("MTOM-38", many(1_001), "too-many-parts (100)"),
        bodied("MTOM-38 one", many(100), "too-many-parts (100)"),
        bodied(
            "MTOM-41",
            headed(&DOCUMENT.replace("text/xml", "multipart/mixed; boundary=x")),
            "nested-multipart",
        ),
        bodied(
            "MTOM-41 root",
            headed(DOCUMENT).replace("application/xop+xml;", "multipart/mixed;"),
            "nested-multipart",
        ),
    ]
}

fn of_inclusions() -> Vec<Row> {
    let row = |id, inside: String, says| (id, PACKAGE.to_owned(), with(&inside), 400, says);
    let fine = include("cid:doc@x");
    let secured = |inside: &str| {
        let security = format!(
            "<w:Security xmlns:w=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" \
             xmlns:xop=\"http://www.w3.org/2004/08/xop/include\">{inside}</w:Security></s:Header>"
        );
        let message = lot(&document(&fine)).replace("</s:Header>", &security);
        (PACKAGE.to_owned(), package(&[(ROOT, &message), (DOCUMENT, "<a/>")]))
    };
    let assertion =
        secured(&format!("<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">{fine}</Assertion>"));
    let value = secured(&format!(
        "<SignatureValue xmlns=\"http://www.w3.org/2000/09/xmldsig#\">{fine}</SignatureValue>"
    ));
    vec![
        row("MTOM-19", document(&include("http://10.0.0.1/secret")), "xop-href-not-cid"),
        row("MTOM-20", document(&include("file:///etc/shadow")), "xop-href-not-cid"),
        row("MTOM-22", document(&include("cid:%00x")), "xop-href-syntax"),
        row("MTOM-23", document(&include("cid:doc%2540x")), "xop-href-syntax"),
        row("MTOM-24", document("<xop:Include/>"), "xop-href-missing"),
        row("MTOM-25", document(&format!("texte{fine}")), "xop-mixed-content"),
        ("MTOM-26", assertion.0, assertion.1, 400, "wsse:InvalidSecurity"),
        ("MTOM-27", value.0, value.1, 400, "wsse:InvalidSecurity"),
        row("MTOM-28", document(&include("cid:racine@x")), "xop-root-reference"),
        row("MTOM-29", document(&fine).repeat(2), "part-used-twice"),
        row("MTOM-34", document(&format!("QUJD{fine}")), "xop-mixed-content"),
    ]
}

#[tokio::test]
async fn each_row_is_refused_in_its_own_words() {
    let world = World::new().await;
    for (id, content_type, body, status, says) in
        [of_package(), of_parts(), of_inclusions()].into_iter().flatten()
    {
        let reply = world.post("DocumentRepository_Service", &content_type, body).await;
        assert_eq!((reply.status, reply.text.contains(says)), (status, true), "{id}: {}", reply.text);
    }
}

/// What is refused above is refused for what it changes in these messages, which themselves reach the VIHF.
#[tokio::test]
async fn the_packages_that_the_rows_change_reach_the_vihf() {
    let world = World::new().await;
    let base64 = DOCUMENT.replace("binary", "base64");
    let later = package(&[(DOCUMENT, "<a/>"), (ROOT, &lot(&document(&include("cid:doc@x"))))]);
    let started = format!("{PACKAGE}; start=\"<racine@x>\"");
    for (content_type, body) in [
        (PACKAGE, fine()),
        ("Multipart/Related;boundary=limite;type=application/xop+xml", format!("\r\n{}", fine())),
        (PACKAGE, fine().replace("--limite--\r\n", "--limite--")),
        (&format!("{PACKAGE}; action=\"{ITI_41}\""), fine()),
        (&started, later),
        (PACKAGE, with(&document(&include("cid:absent@x")))),
        (PACKAGE, package(&[(ROOT, &lot(&document(&include("cid:doc@x")))), (&base64, "QUJ\r\nD")])),
        (PACKAGE, headed(&format!("X: é\r\n{DOCUMENT}"))),
    ] {
        let reply = world.post("DocumentRepository_Service", content_type, body).await;
        assert!(reply.text.contains("wsse:SecurityTokenUnavailable"), "{}", reply.text);
    }
}

#[tokio::test]
async fn a_package_longer_than_a_lot_is_refused_by_its_length() {
    // MTOM-39, MTOM-40: the sum counts, whatever the parts are.
    let world = World::new().await;
    let part = "x".repeat(1 << 20);
    let names: Vec<String> = (0..50).map(|n| DOCUMENT.replace("doc@x", &format!("d{n}@x"))).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), part.as_str())).collect();
    for body in [package(&many), package(&[(ROOT, &part.repeat(50))])] {
        let reply = world.post("DocumentRepository_Service", PACKAGE, body).await;
        assert_eq!(reply.status, 413, "{}", reply.text);
    }
}
