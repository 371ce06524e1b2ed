//! Objects as senders write them, one row per case.

use super::*;
use crate::ebrim::scheme;
use dmp_xml::{Limits, Tree};

fn list(objects: &str) -> String {
    format!("<RegistryObjectList xmlns=\"{RIM}\">{objects}</RegistryObjectList>")
}

fn problems(inside: &str) -> Vec<String> {
    let text = list(inside);
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    objects(tree.root()).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
}

fn slot(name: &str, values: &[&str]) -> String {
    let values: String = values.iter().map(|v| format!("<Value> {v} </Value>")).collect();
    format!("<Slot name='{name}'><ValueList>{values}</ValueList></Slot>")
}

#[test]
fn objects_are_read_whatever_their_prefix_and_order() {
    let text = format!(
        "<r:RegistryObjectList xmlns:r='{RIM}'>
          <r:Association id='a' associationType='t' sourceObject='s' targetObject='d'>
            <r:Slot name='SubmissionSetStatus'><r:ValueList><r:Value>Original</r:Value></r:ValueList></r:Slot>
          </r:Association>
          <r:ExtrinsicObject id='d' lid='l' status='x' mimeType=' text/xml ' objectType='o'>
            <r:Name><r:LocalizedString value=''/><r:LocalizedString charset='UTF8' xml:lang='FR' value='Titre'/></r:Name>
            <r:Description/>
            <r:VersionInfo versionName='2'/>
            <r:Slot name='hash'><r:ValueList><r:Value/></r:ValueList></r:Slot>
            <r:Slot name='size'><r:ValueList><r:Value>12</r:Value></r:ValueList></r:Slot>
            <r:Classification classificationScheme='{type_code}' nodeRepresentation='11490-0'>
              <r:Slot name='codingScheme'><r:ValueList><r:Value>urn:oid:2.16.840.1.113883.6.1</r:Value></r:ValueList></r:Slot>
              <r:Name><r:LocalizedString value='CR'/></r:Name>
            </r:Classification>
            <r:ExternalIdentifier identificationScheme='{unique_id}' value='1.2.3'/>
          </r:ExtrinsicObject>
          <r:ObjectRef id='urn:uuid:1'/>
          <r:Classification classifiedObject='s' classificationNode='{SUBMISSION_SET}'/>
          <r:RegistryPackage id='s'/>
        </r:RegistryObjectList>",
        type_code = scheme::TYPE,
        unique_id = scheme::UNIQUE_ID,
    );
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let objects = objects(tree.root()).unwrap();
    assert_eq!((objects.submission_sets.len(), objects.folders.len(), objects.references.len()), (1, 0, 1));
    let document = &objects.documents[0];
    assert_eq!(document.mime_type, Some("text/xml"));
    let object = &document.object;
    assert_eq!(
        (object.id, object.lid, object.status, object.version),
        ("d", Some("l"), Some("x"), Some("2"))
    );
    assert_eq!((object.name, object.description), (Some("Titre"), None));
    assert_eq!((object.value("hash"), object.required("size")), (Ok(None), Ok("12")));
    let code = object.code(scheme::TYPE, "typeCode").unwrap();
    assert_eq!(code, Some(Code::new("11490-0", "2.16.840.1.113883.6.1", "CR")));
    assert_eq!(object.identifier(scheme::UNIQUE_ID, "uniqueId"), Ok("1.2.3"));
    let association = &objects.associations[0];
    assert_eq!((association.kind, association.source, association.target), ("t", "s", "d"));
    assert_eq!(association.object.value("SubmissionSetStatus"), Ok(Some("Original")));
}

#[test]
fn what_is_not_of_the_model_is_named() {
    let set = |id: &str| {
        format!(
            "<RegistryPackage id='{id}'><Classification classificationNode='{SUBMISSION_SET}'/></RegistryPackage>"
        )
    };
    for (objects, problem) in [
        ("<Service/>".to_owned(), "RegistryObjectList: `Service`: not an object of the XDS model"),
        ("<x xmlns=''/>".to_owned(), "RegistryObjectList: `x`: not an object of the XDS model"),
        (
            "<RegistryPackage id='p'/>".to_owned(),
            "classificationNode of `p`: a package is a SubmissionSet or a Folder",
        ),
        (
            "<Classification classifiedObject='p' classificationNode='n'/>".to_owned(),
            "Classification of `p`: of no object of the message",
        ),
        (set("s") + &set("s"), "id of `s`: two objects have it"),
        (
            format!("<ExtrinsicObject id='d'>{0}{0}</ExtrinsicObject>", slot("size", &["1"])),
            "size of `d`: the slot is there twice",
        ),
    ] {
        assert_eq!(problems(&objects), [problem]);
    }
}

#[test]
fn counts_are_bounded() {
    let slots: String = (0..=PARTS_MAX).map(|i| slot(&i.to_string(), &["1"])).collect();
    assert_eq!(
        problems(&format!("<ExtrinsicObject id='d'>{slots}</ExtrinsicObject>")),
        ["Slot of `d`: at most 256 is taken"]
    );
    let values = vec!["1"; VALUES_MAX + 1];
    let object = format!("<ExtrinsicObject id='d'>{}</ExtrinsicObject>", slot("x", &values));
    assert_eq!(problems(&object), ["x of `d`: at most 1000 is taken"]);
    let classifications = "<Classification/>".repeat(PARTS_MAX + 1);
    let object = format!("<ExtrinsicObject id='d'>{classifications}</ExtrinsicObject>");
    assert_eq!(problems(&object), ["Classification of `d`: at most 256 is taken"]);
    let objects = "<ObjectRef id='x'/>".repeat(OBJECTS_MAX + 1);
    assert_eq!(problems(&objects), ["RegistryObjectList: at most 1000 is taken"]);
}

#[test]
fn attributes_say_what_is_wrong_with_them() {
    let coded = |scheme: &str, code: &str, slot: &str| {
        format!(
            "<Classification classificationScheme='{scheme}' nodeRepresentation='{code}'>{slot}</Classification>"
        )
    };
    let system = slot("codingScheme", &["1.2.3"]);
    let text = list(&format!(
        "<ExtrinsicObject id='d'>{}{}{}{}{}{}</ExtrinsicObject>",
        slot("creationTime", &["20261331"]),
        slot("size", &["1", "2"]),
        coded(scheme::TYPE, "", &system),
        coded(scheme::CLASS, "10", ""),
        coded(scheme::FORMAT, "a", &system),
        coded(scheme::FORMAT, "b", &system),
    ));
    let tree = Tree::parse(text.as_bytes(), &Limits::default()).unwrap();
    let objects = objects(tree.root()).unwrap();
    let d = &objects.documents[0].object;
    let said = |problem: Option<Problem>| problem.map(|p| p.to_string()).unwrap_or_default();
    assert_eq!(
        said(d.time("creationTime").err()),
        "creationTime of `d`: `20261331` is not a UTC time `YYYY[MM[DD[hhmm[ss]]]]`"
    );
    assert_eq!(said(d.value("size").err()), "size of `d`: at most 1 is taken");
    assert_eq!(said(d.required("hash").err()), "hash of `d`: missing");
    assert_eq!(said(d.code(scheme::TYPE, "typeCode").err()), "typeCode (nodeRepresentation) of `d`: missing");
    assert_eq!(said(d.code(scheme::CLASS, "classCode").err()), "classCode (codingScheme) of `d`: missing");
    assert_eq!(said(d.code(scheme::FORMAT, "formatCode").err()), "formatCode of `d`: at most 1 is taken");
    assert_eq!(said(d.identifier(scheme::UNIQUE_ID, "uniqueId").err()), "uniqueId of `d`: missing");
}

/// Requests of ITI-42 and ITI-57 by another implementation.
#[test]
fn the_requests_of_ipf_are_read() {
    let root = std::env::var_os("DMP_SHARED").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into(),
        std::path::PathBuf::from,
    );
    for name in ["SubmitObjectsRequest_ebrs30.xml", "SubmitObjectsRequest_ebrs30_update.xml"] {
        let Ok(bytes) = std::fs::read(root.join("data/ihe-soap-samples/ipf").join(name)) else {
            println!("skipped: {name} is not at hand (DMP_SHARED)");
            return;
        };
        let tree = Tree::parse(&bytes, &Limits::default()).unwrap();
        let whole = tree.root();
        let list =
            std::iter::once(whole).chain(whole.descendants()).find(|e| e.is(RIM, "RegistryObjectList"));
        let found = objects(list.unwrap()).unwrap();
        let counts = (found.submission_sets.len(), found.documents.len(), found.associations.len());
        assert_eq!(counts, (1, 1, 2), "{name}");
    }
}
