//! The List of a lot → SubmissionSet.
//!
//! What a List leaves out, or says in another vocabulary, comes from the first document of the lot. A lot without an
//! identifier gets one made of its documents, so that sending it again is the same lot.

use crate::coding::{oid_of_system, read_concept};
use crate::date;
use crate::deposit::Deposit;
use crate::json::Json;
use crate::list::{AUTHOR_ORG, DESIGNATION_TYPE, SOURCE_ID};
use crate::people::read_author;
use crate::pointer;
use aws_lc_rs::digest;
use dmp_dossier::code::is_oid;
use dmp_dossier::{Code, DocumentUid, Dtm, RealmPolicy, SubmissionSetMetadata, Time};
use dmp_nomenclature::content_type;

/// `sourceId` of a lot whose sender gives none (ITI-105): a UUID of ours as an OID (ITU-T X.667).
const UNKNOWN_SOURCE: &str = "2.25.44337840044807836223585544038629419409";

/// Reads the List of a lot.
pub(crate) fn read(
    list: &Json<'_>,
    deposits: &[Deposit],
    realm: &RealmPolicy,
    now: Time,
) -> SubmissionSetMetadata {
    let implied = implied(deposits, now);
    let extension = |url: &str| list.items("extension").iter().find(|e| e.text("url") == Some(url));
    let designation = extension(DESIGNATION_TYPE).and_then(|e| e.get("valueCodeableConcept"));
    let content_type = designation.into_iter().flat_map(read_concept).find_map(|c| known_content_type(&c));
    let source = list.get("source");
    let organization = source
        .into_iter()
        .chain([list])
        .flat_map(|s| s.items("extension"))
        .find(|e| e.text("url") == Some(AUTHOR_ORG))
        .and_then(|e| e.get("valueReference"));
    SubmissionSetMetadata {
        unique_id: unique_id(list).unwrap_or(implied.unique_id),
        source_id: extension(SOURCE_ID)
            .and_then(|e| source_id(e.get("valueIdentifier")?))
            .unwrap_or(implied.source_id),
        submission_time: list.text("date").and_then(date::date_time).unwrap_or(implied.submission_time),
        content_type: content_type.unwrap_or(implied.content_type),
        author: source.and_then(|s| read_author(list, s, organization, realm)).or(implied.author),
        title: list.text("title").map(str::to_owned).or(implied.title),
        comments: list.items("note").first().and_then(|n| n.text("text")).map(str::to_owned),
    }
}

/// What documents that came without a List say of their lot.
pub(crate) fn implied(deposits: &[Deposit], now: Time) -> SubmissionSetMetadata {
    let first = deposits.first().map(|d| &d.defaults);
    let undifferentiated = content_type::of_encounter(None);
    SubmissionSetMetadata {
        unique_id: of_documents(deposits),
        source_id: UNKNOWN_SOURCE.to_owned(),
        submission_time: Dtm::from_time(now),
        content_type: first.map_or_else(
            || Code::new(undifferentiated.code, undifferentiated.system.oid, undifferentiated.label),
            |d| d.content_type.clone(),
        ),
        author: first.map(|d| d.author.clone()),
        title: first.map(|d| d.title.clone()),
        comments: None,
    }
}

/// The identifier marked `usual`, else the first that is not marked `official` (the registry's own entryUUID).
fn unique_id(list: &Json<'_>) -> Option<DocumentUid> {
    let usage = |wanted: Option<&'static str>| move |i: &&Json<'_>| i.text("use") == wanted;
    let identifiers = || list.items("identifier").iter();
    let chosen = identifiers().find(usage(Some("usual"))).or_else(|| identifiers().find(usage(None)));
    chosen.and_then(pointer::unique_id)
}

fn known_content_type(code: &Code) -> Option<Code> {
    content_type::find(&code.system, &code.code)
        .map(|known| Code::new(known.code, known.system.oid, known.label))
}

/// An OID, or an OID and a local value joined by `^`.
fn source_id(identifier: &Json<'_>) -> Option<String> {
    let value = identifier.text("value")?.trim();
    let value = value.strip_prefix("urn:oid:").unwrap_or(value);
    if is_oid(value) {
        return Some(value.to_owned());
    }
    let root = oid_of_system(identifier.text("system")?);
    (is_oid(root) && !value.contains(['^', '|'])).then(|| format!("{root}^{value}"))
}

/// An identifier made of the documents' identifiers and hashes.
fn of_documents(deposits: &[Deposit]) -> DocumentUid {
    uid_of(deposits.iter().flat_map(|d| {
        let metadata = &d.draft.metadata;
        [metadata.unique_id.as_str().as_bytes(), metadata.hash.as_slice()]
    }))
}

/// A UUID made of these parts (RFC 9562 version 8): the same parts give the same one.
pub(crate) fn uid_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> DocumentUid {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    let uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    DocumentUid::parse(&uuid.to_string()).expect("a UUID is a uniqueId")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use dmp_dossier::Realm;

    const REALM: RealmPolicy = RealmPolicy { realm: Realm::Test, accept_production_oid: false };

    /// `List-ExampleSubmissionSet` of PDSm, shortened.
    #[test]
    fn the_example_of_pdsm_is_read() {
        let text = r##"{"resourceType":"List","contained":[
            {"resourceType":"PractitionerRole","id":"r","identifier":[
                {"system":"urn:oid:1.2.250.1.71.4.2.1","value":"810101201234"}],"organization":{"reference":"#o"}},
            {"resourceType":"Organization","id":"o","identifier":[
                {"system":"urn:oid:1.2.250.1.71.4.2.2","value":"2264403106"}],"name":"HOPITAL"}],
          "extension":[
            {"url":"https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType","valueCodeableConcept":{
              "coding":[{"system":"https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite",
              "code":"SA05","display":"Centre de santé"}]}},
            {"url":"https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId",
              "valueIdentifier":{"system":"urn:oid:1.2.250.1.213.1.1.1","value":"SRC-01"}}],
          "identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:11111111-aaaa-bbbb-cccc-222222222222"},
            {"system":"urn:ietf:rfc:3986","value":"urn:uuid:33333333-dddd-eeee-ffff-444444444444"}],
          "title":"Suivi","date":"2025-04-30T14:00:00+01:00","source":{"reference":"#r"},
          "note":[{"text":"Documents regroupés."}]}"##;
        let list = json::read(text.as_bytes(), 10_000).unwrap();
        let set = read(&list, &[], &REALM, Time::default());
        assert_eq!(set.unique_id.as_str(), "11111111-aaaa-bbbb-cccc-222222222222");
        assert_eq!(set.source_id, "1.2.250.1.213.1.1.1^SRC-01");
        assert_eq!(set.submission_time.to_hl7(), "20250430130000");
        assert_eq!(
            (set.content_type.code.as_str(), set.content_type.system.as_str()),
            ("SA05", "1.2.250.1.71.4.2.4")
        );
        let institution = set.author.and_then(|a| a.institution).unwrap();
        assert_eq!(institution.id.unwrap().as_str(), "2264403106");
        assert_eq!(
            (set.title.as_deref(), set.comments.as_deref()),
            (Some("Suivi"), Some("Documents regroupés."))
        );
    }

    #[test]
    fn what_a_list_leaves_out_is_implied() {
        let text = r#"{"resourceType":"List","identifier":[{"use":"official","value":"urn:uuid:x"},
            {"use":"usual","system":"urn:ietf:rfc:3986","value":"urn:oid:1.2.3"}],
            "extension":[{"url":"https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType",
            "valueCodeableConcept":{"coding":[{"system":"http://x","code":"11"}]}}]}"#;
        let list = json::read(text.as_bytes(), 10_000).unwrap();
        let now = Time::from_millis(1_795_000_000_000);
        let set = read(&list, &[], &REALM, now);
        assert_eq!(set.unique_id.as_str(), "1.2.3");
        assert_eq!(set.submission_time, Dtm::from_time(now));
        assert_eq!(set.content_type.code, content_type::UNDIFFERENTIATED);
        assert!(is_oid(&set.source_id));
    }

    #[test]
    fn the_same_parts_give_the_same_identifier() {
        let uid = |parts: &[&str]| uid_of(parts.iter().map(|p| p.as_bytes()));
        assert_eq!(uid(&["a", "b"]), uid(&["a", "b"]));
        assert_ne!(uid(&["a", "b"]), uid(&["ab", ""]));
        assert!(uid(&[]).is_uuid());
    }
}
