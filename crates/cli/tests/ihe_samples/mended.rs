//! What the table says of the lots: with French metadata and a CDA they would be taken. Shown on one of them, the package
//! of NIST's toolkit: its values change, its elements, their order, its headers and its parts do not.

use crate::common::soap::Sandbox;
use crate::common::{Demo, shared};
use crate::sample::Change::{LineEnds, Patient, Vihf};
use crate::sample::{Caller, Sample};
use crate::{PATIENT, outcome};
use dmp_lps::{Ins, InsOid};

/// A medical synthesis of the patient, of this project.
const CDA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/synthese.xml");
const UID: &str = "1.2.250.1.999.1.1";
const AUTHOR: &str = "899900063480^LIBRE^Luc^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS";
const INSTITUTION: &str = "Cabinet du Dr Libre^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^499900063480001";
const SPECIALTY: &str = "G15_10/SM26^Médecin - Qualifié en médecine générale (SM)^1.2.250.1.213.1.1.4.5";

/// Each value of the sample, in the order in which they stand, and what it becomes; a value of ebRIM whole.
fn values() -> Vec<(&'static str, String)> {
    let value = |value: &str| format!("<rim:Value>{value}</rim:Value>");
    let signer = format!(
        "<rim:Slot name=\"legalAuthenticator\"><rim:ValueList>{}</rim:ValueList></rim:Slot>\n<rim:Name>",
        value(AUTHOR)
    );
    let author = |name: &'static str, elsewhere: &'static str, role: &'static str| {
        [
            (name, AUTHOR.to_owned()),
            ("Cleveland Clinic", INSTITUTION.to_owned()),
            (elsewhere, String::new()),
            (role, "PCP^Médecin traitant^2.16.840.1.113883.5.88".to_owned()),
            ("Orthopedic", SPECIALTY.to_owned()),
        ]
    };
    let (parma, berea) = ("<rim:Value>Parma Community</rim:Value>", "<rim:Value>Berea Community</rim:Value>");
    let dopplemeyer = || author("^Dopplemeyer^Sherry^^^", berea, "Primary Surgon");
    let mut values = vec![
        ("text/plain", "text/xml".to_owned()),
        ("20051224", "20240312084500".to_owned()),
        ("en-us", "fr-FR".to_owned()),
        ("200412230800<", "20240312081500<".to_owned()),
        ("200412230801", "20240312084500".to_owned()),
        ("<rim:Value>PID-3|pid1^^^&amp;1.2.3&amp;ISO</rim:Value>", String::new()),
        ("Doe^John^^^", "EXEMPLE^MARIE^^^^^L".to_owned()),
        ("19560527", "19840712".to_owned()),
        ("PID-8|M", "PID-8|F".to_owned()),
        ("<rim:Name>", signer),
    ];
    values.extend(author("^Smitty^Gerald^^^", parma, "Attending"));
    values.extend(dopplemeyer());
    for (from, to) in [
        ("DEMO-Ext Summary", "11"),
        ("1.3.6.1.4.1.21367.100.1", "1.2.250.1.213.1.1.4.1"),
        ("nodeRepresentation=\"V\"", "nodeRepresentation=\"N\""),
        ("urn:ihe:rad:TEXT", "urn:asip:ci-sis:vsm:2012"),
        ("1.3.6.1.4.1.19376.1.2.3", "1.2.250.1.213.1.1.4.2.282"),
        ("Outpatient", "SA07"),
        ("Connect-a-thon healthcareFacilityTypeCodes", "1.2.250.1.71.4.2.4"),
        ("General Medicine", "AMBULATOIRE"),
        ("Connect-a-thon practiceSettingCodes", "1.2.250.1.213.1.1.4.9"),
        ("XTHM-WD TYPECODE", "60591-5"),
        ("1.3.6.1.4.1.21367.100.1", "2.16.840.1.113883.6.1"),
        ("1.42.20160705093311.6", UID),
        ("20041225235050", "20240312090000"),
    ] {
        values.push((from, to.to_owned()));
    }
    values.extend(dopplemeyer());
    values.push(("34133-9", "07".to_owned()));
    values.push(("2.16.840.1.113883.6.1<", "1.2.250.1.213.2.2<".to_owned()));
    values.push(("text/plain", "text/xml".to_owned()));
    values
}

#[test]
fn a_lot_of_the_toolkit_is_taken_once_its_values_are_french() {
    let Some(folder) = shared() else {
        eprintln!("skipped: no IHE samples on this machine (DMP_SHARED)");
        return;
    };
    let text = std::fs::read_to_string(folder.join("data/ihe-soap-samples/nist/PnrXop-body.txt")).unwrap();
    let (mut mended, mut rest) = (String::new(), text.as_str());
    for (from, to) in values() {
        let (before, after) =
            rest.split_once(from).unwrap_or_else(|| panic!("`{from}` is not there, or before"));
        mended += before;
        mended += &to;
        rest = after;
    }
    mended += rest;
    let document = "This is my document.\n\nIt is great!\n\n\n";
    assert!(mended.contains(document));
    let cda = std::fs::read_to_string(CDA).unwrap();
    let mended = mended.replace(document, &cda);

    let demo = Demo::start();
    let sandbox = Sandbox::of(&demo);
    let doctor = sandbox.software("medecin");
    let patient = Ins::parse(PATIENT, InsOid::Test).unwrap();
    let caller = Caller {
        doctor: &doctor.identity,
        samu: &doctor.identity,
        patient: &patient,
        document: UID,
        server: &format!("http://{}", demo.authority),
    };
    let changes = [LineEnds, Vihf, Patient("SR7^^^&amp;1.2.260&amp;ISO")];
    let sample = Sample::read(&mended).changed(&changes, &caller);
    assert_eq!(outcome::of(&demo.send(&sample.request("DocumentRepository_Service"))), "success");
    let entry = doctor.entry(&patient, UID).unwrap().unwrap();
    assert_eq!(entry.title.as_deref(), Some("Physical"));
    assert_eq!(entry.slot("serviceStartTime"), Some("20240312081500"));
}
