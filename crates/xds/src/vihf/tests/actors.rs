//! Who each VIHF makes.

use super::draft::{
    CABINET, CONFIDENTIALITY, DOCTOR, Draft, EMPLOYEE, HOSPITAL, PURPOSE, ROLE, purpose, roles,
};
use super::*;
use dmp_dossier::{Card, Mode, Professional};

/// An actor in one line.
pub(super) fn line(actor: &Actor) -> String {
    match actor {
        Actor::Professional(p) => {
            let Professional { id, profession, speciality, structure, sector, auth, card, .. } = p.as_ref();
            let structure = structure.as_ref().map_or("-", StructureId::as_str);
            let (speciality, sector) =
                (speciality.as_deref().unwrap_or("-"), sector.as_deref().unwrap_or("-"));
            format!("{auth:?} {card:?} {} {profession}/{speciality} {structure} {sector}", id.as_str())
        }
        Actor::Employee(e) => {
            let by = if e.reinforced_indirect { "AIR" } else { "card" };
            format!("Employee {by} {} {}", e.id.as_str(), e.structure.as_str())
        }
        Actor::Structure(s) => {
            format!("Structure {}{}", s.id.as_str(), if s.regulation { " regulation" } else { "" })
        }
        other => format!("{other:?}"),
    }
}

fn actor(draft: &Draft) -> Result<Actor, Fault> {
    verify(&server(VihfParameters::default(), Box::new(Everyone)), &draft.message()).map(|vihf| vihf.actor)
}

#[test]
fn mode_card_and_role_make_the_actor() {
    let direct = |of: &[&str]| Draft::direct().set(ROLE, &roles(of));
    let air = |id: &str, of: &[&str]| Draft { name_id: id.to_owned(), ..Draft::air().set(ROLE, &roles(of)) };
    let employee = |of: &[&str]| {
        let draft = direct(of).by(&pki().employee).text("Identifiant_Structure", HOSPITAL);
        Draft { name_id: EMPLOYEE.to_owned(), ..draft }
    };
    let student = |of: &[&str]| Draft { name_id: "899900000025".to_owned(), ..direct(of).by(&pki().student) };
    for (draft, expected) in [
        (direct(&["G15/10", "R01/SM26"]), format!("Direct Cps {DOCTOR} 10/SM26 {CABINET} SA07")),
        (direct(&["G15/21", "G05/A"]), format!("Direct Cps {DOCTOR} 21/A {CABINET} SA07")),
        (direct(&["G15/60"]), format!("Direct Cps {DOCTOR} 60/- {CABINET} SA07")),
        (direct(&["G15/60", "R01/SI01"]), format!("Direct Cps {DOCTOR} 60/SI01 {CABINET} SA07")),
        (direct(&["G15/60", "R85/330"]), format!("Direct Cps {DOCTOR} 60/- {CABINET} SA07")),
        (direct(&["R95/93"]), format!("Direct Cps {DOCTOR} 93/- {CABINET} SA07")),
        (student(&["G16/10"]), format!("Direct Cpf 899900000025 G16_10/- {CABINET} SA07")),
        (direct(&["A00/SECRETARIAT_MEDICAL"]), format!("Employee card {DOCTOR} {CABINET}")),
        (employee(&["A00/SECRETARIAT_MEDICAL"]), format!("Employee card {EMPLOYEE} {HOSPITAL}")),
        // The card of an employee is not a professional's, whatever the role says.
        (employee(&["G15/10", "R01/SM26"]), format!("Employee card {EMPLOYEE} {HOSPITAL}")),
        (Draft::indirect(), format!("Structure {HOSPITAL}")),
        (Draft::indirect().set(ROLE, &roles(&["A00/AUTOMATE"])), format!("Structure {HOSPITAL}")),
        (Draft::indirect().set(PURPOSE, &purpose("centre_15")), format!("Structure {HOSPITAL} regulation")),
        (
            air(DOCTOR, &["G15/10", "R01/SM26"]),
            format!("ReinforcedIndirect Cps {DOCTOR} 10/SM26 {HOSPITAL} SA07"),
        ),
        (air(EMPLOYEE, &["A00/SECRETARIAT_MEDICAL"]), format!("Employee AIR {EMPLOYEE} {HOSPITAL}")),
    ] {
        assert_eq!(actor(&draft).map(|actor| line(&actor)), Ok(expected));
    }
    let elsewhere = employee(&["A00/SECRETARIAT_MEDICAL"]).text("Identifiant_Structure", CABINET);
    assert_eq!(actor(&elsewhere).unwrap_err().subcode, Some((Vocabulary::Security, "FailedAuthentication")));
    let emergency = employee(&["A00/SECRETARIAT_MEDICAL"]).set(PURPOSE, &purpose("centre_15"));
    assert_eq!(
        actor(&emergency).unwrap_err().subcode,
        Some((Vocabulary::Dmp, "DMPAccessDeniedByRightsService"))
    );
}

#[test]
fn the_role_is_the_profession_of_the_card() {
    let by_doctor = |of: &[&str]| actor(&Draft::direct().by(&pki().doctor).set(ROLE, &roles(of))).is_ok();
    assert!(by_doctor(&["G15/10", "R01/SM26"]) && by_doctor(&["G15/10", "R01/SM40"]));
    assert!(
        !by_doctor(&["G15/21", "G05/A"])
            && !by_doctor(&["G16/10"])
            && !by_doctor(&["A00/SECRETARIAT_MEDICAL"])
    );
    let student = |of: &[&str]| {
        let draft = Draft::direct().by(&pki().student).set(ROLE, &roles(of));
        actor(&Draft { name_id: "899900000025".to_owned(), ..draft }).is_ok()
    };
    assert!(student(&["G16/10"]) && !student(&["G15/10", "R01/SM26"]), "a student's card is not a doctor's");
}

#[test]
fn access_mode_secret_session_and_names_are_carried() {
    let professional = |draft: Draft| match actor(&draft) {
        Ok(Actor::Professional(p)) => *p,
        other => panic!("{other:?}"),
    };
    let plain = professional(Draft::direct());
    assert_eq!((plain.mode, plain.secret, plain.card), (Mode::Normal, false, Card::Cps));
    assert_eq!((plain.name.family.as_str(), plain.name.given.as_str()), ("DURAND", "MAX"), "as on the card");
    assert_eq!(plain.software.as_deref(), Some("Logiciel de démonstration 1.2"));
    let by_air = professional(Draft::air());
    assert_eq!(
        (by_air.name.family.as_str(), by_air.name.given.as_str()),
        ("LIBRE", "MAX"),
        "as the structure says"
    );

    let glass = Draft::direct().set(PURPOSE, &purpose("bris_de_glace")).text("Mode_Acces_Raison", " coma ");
    assert_eq!(professional(glass).mode, Mode::BrisDeGlace { reason: "coma".to_owned() });
    assert_eq!(professional(Draft::direct().set(PURPOSE, &purpose("centre_15"))).mode, Mode::Centre15);
    let hidden = "INVISIBLE_REPRESENTANTS_LEGAUX";
    let coded = format!(
        "<saml2:AttributeValue><CE xmlns=\"urn:hl7-org:v3\" code=\"{hidden}\"/></saml2:AttributeValue>"
    );
    for draft in [
        Draft::direct().text(CONFIDENTIALITY, hidden),
        Draft::direct().text(CONFIDENTIALITY, &format!("{hidden}^1.2.250.1.213.1.1.4.13")),
        Draft::direct().text("Confidentiality_code", hidden),
        Draft::direct().set(CONFIDENTIALITY, &coded),
    ] {
        assert!(professional(draft).secret);
    }
}

#[test]
fn what_the_caller_needs_is_given_back() {
    let found =
        verify(&server(VihfParameters::default(), Box::new(Everyone)), &Draft::direct().message()).unwrap();
    assert_eq!(
        (found.id.as_str(), found.name_id.as_str(), found.version),
        ("_9f1c", DOCTOR, VihfVersion::V3)
    );
    assert_eq!(found.issued_at.to_instant(), "2026-11-21T11:58:00.000Z");
    assert_eq!(found.expires_at.to_instant(), "2026-11-21T13:03:00.000Z");
    assert_eq!(found.patient.map(|ins| ins.value().to_owned()).as_deref(), Some("277076322082910"));
    assert_eq!((found.structure.as_str(), found.software.approval.as_str()), (CABINET, "DEMO-1"));
}

#[test]
fn no_change_of_one_byte_makes_another_vihf() {
    let trust = server(VihfParameters::default(), Box::new(Everyone));
    let message = Draft::direct().message();
    let original = verify(&trust, &message).unwrap();
    let certificate =
        message.find("<ds:X509Certificate>").unwrap()..message.find("</ds:X509Certificate>").unwrap();
    let mut refused = 0;
    for at in (0..message.len()).filter(|at| !certificate.contains(at) || at % 41 == 0) {
        let mut bytes = message.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else { continue };
        let root = tree.root();
        match trust.verify(root.child(SOAP, "Header"), root, None, now()) {
            Err(_) => refused += 1,
            Ok(found) => {
                assert_eq!(found.actor, original.actor, "byte {at}");
                assert_eq!(
                    (found.id, found.patient, found.expires_at),
                    (original.id.clone(), original.patient.clone(), original.expires_at)
                );
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
