//! What the VIHF says, and of when it is: one row of bad-inputs, one message, one subcode.

use super::draft::{
    CABINET, CONFIDENTIALITY, DOCTOR, Draft, ENTITY, HOSPITAL, PURPOSE, RESOURCE, ROLE, purpose, roles,
};
use super::*;
use dmp_dossier::{Realm, RealmPolicy};

#[test]
fn production_refuses_what_is_of_test() {
    let realm = RealmPolicy { realm: Realm::Production, accept_production_oid: false };
    let trust = server(VihfParameters { realm, ..VihfParameters::default() }, Box::new(Everyone));
    trust.reload(pki().anchors_with_test());
    let tls = Some(pki().card_auth.der.as_slice());
    let found = verify_at(&trust, &Draft::direct().by(&pki().igc_test).message(), tls, now());
    assert_eq!(subcode(&found), "wsse:InvalidSecurityToken", "SAML-48");
    let real =
        Draft::direct().text(RESOURCE, "277076322082910^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH").message();
    assert_eq!(subcode(&verify_at(&trust, &real, tls, now())), "ok");
    assert_eq!(subcode(&verify(&trust, &real)), "wsse:FailedAuthentication", "no client certificate");
    let of_test = verify_at(&trust, &Draft::direct().message(), tls, now());
    assert_eq!(subcode(&of_test), "wsse:InvalidSecurityToken", "a patient of test");

    let trust = server(VihfParameters::default(), Box::new(Everyone));
    assert_eq!(subcode(&verify(&trust, &Draft::direct().by(&pki().igc_test).message())), "wsse:FailedCheck");
    trust.reload(pki().anchors_with_test());
    assert_eq!(
        subcode(&verify(&trust, &Draft::direct().by(&pki().igc_test).message())),
        "ok",
        "a server of test"
    );
}

#[test]
fn of_when_it_is() {
    let issued = |issued: &str| Draft { issued: issued.to_owned(), ..Draft::direct() };
    let until = |conditions: &str| {
        let conditions = format!("<saml2:Conditions {conditions}</saml2:Conditions>");
        Draft { conditions, ..issued("2026-11-21T11:00:00Z") }.message()
    };
    let audience = |audience: &str| {
        until(&format!(
            "><saml2:AudienceRestriction><saml2:Audience>{audience}</saml2:Audience></saml2:AudienceRestriction>"
        ))
    };
    check(&[
        ("SAML-50", issued("2026-11-21T10:54:59Z").message(), "wsu:MessageExpired"),
        ("SAML-50 at the bound", issued("2026-11-21T10:55:01Z").message(), "ok"),
        ("SAML-50 NotOnOrAfter", until("NotOnOrAfter=\"2026-11-21T11:54:00Z\">"), "wsu:MessageExpired"),
        ("SAML-50 other zone", issued("2026-11-21T12:58:00+01:00").message(), "ok"),
        ("SAML-51", issued("2026-11-21T12:05:01Z").message(), "wsse:FailedCheck"),
        ("SAML-51 at the bound", issued("2026-11-21T12:05:00Z").message(), "ok"),
        ("SAML-51 NotBefore", until("NotBefore=\"2026-11-21T12:06:00Z\">"), "wsse:FailedCheck"),
        ("SAML-52", until("NotBefore=\"2026-11-21T11:00:00Z\" NotOnOrAfter=\"2026-11-21T19:00:00Z\">"), "ok"),
        (
            "SAML-53",
            until("NotBefore=\"2026-11-21T11:59:00Z\" NotOnOrAfter=\"2026-11-21T11:58:00Z\">"),
            "wsse:InvalidSecurityToken",
        ),
        ("SAML-54", audience("urn:other"), "wsse:FailedAuthentication"),
        ("SAML-54 ours", audience("urn:dmp"), "ok"),
        (
            "SAML-54 resource",
            Draft::direct().text("Ressource_URN", "urn:other").message(),
            "wsse:FailedAuthentication",
        ),
        ("unknown condition", until("><saml2:ProxyRestriction/>"), "wsse:InvalidSecurityToken"),
        ("no zone", issued("2026-11-21T11:58:00").message(), "wsse:InvalidSecurityToken"),
        ("not a time", issued("hier").message(), "wsse:InvalidSecurityToken"),
    ]);
    let trust = server(VihfParameters::default(), Box::new(Everyone));
    let says = verify(&trust, &issued("2026-11-21T13:00:00Z").message()).unwrap_err().reason;
    assert!(says.contains("2026-11-21T12:00:00.000Z"), "SAML-51 tells the server's time: {says}");
    for late in ["2026-11-21T19:00:00Z", "2036-11-21T11:00:00Z"] {
        let found = verify(&trust, &until(&format!("NotOnOrAfter=\"{late}\">"))).unwrap();
        assert_eq!(
            found.expires_at.to_instant(),
            "2026-11-21T12:05:00.000Z",
            "SAML-52: 60 minutes and tolerance"
        );
    }
}

#[test]
fn what_it_says() {
    let direct = Draft::direct;
    let mut cases: Vec<(&str, String, &str)> = Vec::new();
    for name in [
        "VIHF_Version",
        "Authentification_mode",
        ROLE,
        "Secteur_Activite",
        PURPOSE,
        "Identifiant_Structure",
        "LPS_ID_HOMOLOGATION_DMP",
        "Ressource_URN",
    ] {
        cases.push(("SAML-56", direct().without(name).message(), "wsse:InvalidSecurityToken"));
    }
    for name in ["VIHF_Version", "Secteur_Activite", "LPS_ID_HOMOLOGATION_DMP"] {
        cases.push(("SAML-56 empty", direct().text(name, " ").message(), "wsse:InvalidSecurityToken"));
    }
    let glass = || direct().set(PURPOSE, &purpose("bris_de_glace"));
    cases.extend([
        ("SAML-56 no patient", direct().without(RESOURCE).message(), "ok"),
        ("SAML-57", glass().message(), "wsse:InvalidSecurityToken"),
        ("SAML-57 empty", glass().text("Mode_Acces_Raison", " \n ").message(), "wsse:InvalidSecurityToken"),
        ("SAML-57 too long", glass().text("Mode_Acces_Raison", &"x".repeat(1025)).message(), "wsse:InvalidSecurityToken"),
        ("with its reason", glass().text("Mode_Acces_Raison", "coma").message(), "ok"),
        ("SAML-58", direct().set(ROLE, &roles(&["G15/11"])).message(), "wsse:FailedAuthentication"),
        ("SAML-58 system", direct().set(ROLE, &roles(&["1.2.3/10", "R01/SM26"])).message(), "wsse:FailedAuthentication"),
        ("SAML-58 speciality", direct().set(ROLE, &roles(&["G15/10", "R01/SM999"])).message(), "wsse:FailedAuthentication"),
        ("SAML-58 section of a doctor", direct().set(ROLE, &roles(&["G15/10", "G05/A"])).message(), "wsse:FailedAuthentication"),
        ("SAML-58 structure", direct().text("Identifiant_Structure", "chez moi").message(), "wsse:FailedAuthentication"),
        ("SAML-59", direct().again("LPS_Nom", "autre").message(), "wsse:InvalidSecurity"),
        ("SAML-59 case", direct().again("Authentification_Mode", "INDIRECTE").message(), "wsse:InvalidSecurity"),
        ("SAML-59 two values", direct().set("LPS_Nom", "<saml2:AttributeValue>a</saml2:AttributeValue><saml2:AttributeValue>b</saml2:AttributeValue>").message(), "wsse:InvalidSecurity"),
        ("SAML-59 three roles", direct().set(ROLE, &roles(&["G15/10", "R01/SM26", "R01/SM25"])).message(), "wsse:InvalidSecurity"),
        ("SAML-59 doctor", direct().set(ROLE, &roles(&["G15/10"])).message(), "wsse:InvalidSecurity"),
        ("SAML-59 pharmacist", direct().set(ROLE, &roles(&["G15/21"])).message(), "wsse:InvalidSecurity"),
        ("the other spelling", direct().without("Authentification_mode").text("Authentification_Mode", "DIRECTE").message(), "ok"),
        ("version 4.0", direct().text("VIHF_Version", "4.0").message(), "ok"),
        ("version 1.0", direct().text("VIHF_Version", "1.0").message(), "wsse:InvalidSecurityToken"),
        ("mode", direct().text("Authentification_mode", "AUTRE").message(), "wsse:InvalidSecurityToken"),
        ("sector", direct().text("Secteur_Activite", "SA07").message(), "wsse:InvalidSecurityToken"),
        ("purpose", direct().set(PURPOSE, &purpose("curiosite")).message(), "wsse:InvalidSecurityToken"),
        ("purpose as text", direct().text(PURPOSE, "normal").message(), "wsse:InvalidSecurityToken"),
        ("patient key", direct().text(RESOURCE, "277076322082911^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH").message(), "wsse:InvalidSecurityToken"),
        ("patient realm", direct().text(RESOURCE, "277076322082910^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH").message(), "wsse:InvalidSecurityToken"),
        ("patient not CX", direct().text(RESOURCE, "277076322082910").message(), "wsse:InvalidSecurityToken"),
        ("confidentiality", direct().text(CONFIDENTIALITY, "V").message(), "wsse:InvalidSecurityToken"),
        ("bris de glace of nobody", Draft::indirect().set(PURPOSE, &purpose("bris_de_glace")).text("Mode_Acces_Raison", "coma").message(), "dmp:DMPAccessDeniedByRightsService"),
        ("NameID of AIR", Draft { name_id: "jdupont".to_owned(), ..Draft::air() }.message(), "wsse:FailedAuthentication"),
    ]);
    check(&cases);
    let trust = server(VihfParameters::default(), Box::new(Everyone));
    for (message, says) in [
        (direct().without("Secteur_Activite").message(), "Secteur_Activite"),
        (direct().set(ROLE, &roles(&["G15/10"])).message(), "Aucune spécialité dans le vihf"),
        (direct().again("LPS_Nom", "x").message(), "LPS_Nom"),
    ] {
        assert!(verify(&trust, &message).unwrap_err().reason.contains(says), "{says}");
    }
}

#[test]
fn the_directory_tells_structures_and_people() {
    let table = format!(
        "# démonstration\nstructure {HOSPITAL} {ENTITY}\nstructure {CABINET}\nperson {DOCTOR} {CABINET}\n"
    );
    let trust = server(VihfParameters::default(), Box::new(Table::parse(&table).unwrap()));
    let refused = |draft: Draft| match verify(&trust, &draft.message()) {
        Ok(_) => "ok".to_owned(),
        Err(fault) => fault.reason,
    };
    assert_eq!(refused(Draft::direct()), "ok");
    assert_eq!(refused(Draft::direct().text("Identifiant_Structure", HOSPITAL)), "PS et structure non liés");
    assert_eq!(
        refused(Draft::direct().text("Identifiant_Structure", ENTITY)),
        "Structure introuvable ou inactive"
    );
    assert_eq!(refused(Draft::indirect()), "ok");
    assert_eq!(refused(Draft::indirect().by(&pki().entity)), "ok", "legal entity for its establishment");
    assert_eq!(refused(Draft::air()), "PS et structure non liés");
    let regulating = |draft: Draft| refused(draft.set(PURPOSE, &purpose("centre_15")));
    let of_others = "ce mode d'accès est celui des centres de régulation";
    assert_eq!(regulating(Draft::direct()), of_others, "a practice");
    assert_eq!(regulating(Draft::indirect()), of_others, "a hospital without SAMU");
    let table = format!("{table}regulation {HOSPITAL}\n");
    let trust = server(VihfParameters::default(), Box::new(Table::parse(&table).unwrap()));
    let samu = Draft::indirect().set(PURPOSE, &purpose("centre_15"));
    assert_eq!(subcode(&verify(&trust, &samu.message())), "ok");
    assert_eq!(
        subcode(&verify(&trust, &Draft::direct().set(PURPOSE, &purpose("centre_15")).message())),
        "dmp:DMPAccessDeniedByRightsService"
    );
    let alone = server(VihfParameters::default(), Box::new(Everyone));
    let found = verify(&alone, &Draft::indirect().by(&pki().entity).message());
    assert_eq!(subcode(&found), "wsse:FailedAuthentication", "no directory says that they are one");
    for (line, word) in
        [("structure x", "x"), ("person 1", "person"), ("place 1", "place"), ("person x 1", "x")]
    {
        assert_eq!(Table::parse(line).unwrap_err(), TableError { line: 1, word: word.to_owned() });
    }
}

#[test]
fn software_is_approved_and_old_algorithms_are_for_a_list() {
    let approvals = Some(["DEMO-2".to_owned()].into());
    let trust = server(VihfParameters { approvals, ..VihfParameters::default() }, Box::new(Everyone));
    assert_eq!(subcode(&verify(&trust, &Draft::direct().message())), "wsse:FailedAuthentication");
    assert_eq!(
        subcode(&verify(&trust, &Draft::direct().text("LPS_ID_HOMOLOGATION_DMP", "DEMO-2").message())),
        "ok"
    );

    let software = |version: &str| Software {
        name: "Ancien".to_owned(),
        version: version.to_owned(),
        ..Software::default()
    };
    let listed = LegacySoftware { name: "Ancien".to_owned(), version: "1".to_owned(), until: now() };
    let trust =
        server(VihfParameters { legacy_sha1: vec![listed], ..VihfParameters::default() }, Box::new(Everyone));
    assert!(trust.legacy(&software("1"), now()) && !trust.legacy(&software("2"), now()));
    assert!(!trust.legacy(&software("1"), now().plus_minutes(1)), "the date is past");
    let old = |name: &str| {
        let draft = Draft::direct().by(&pki().rsa).text("LPS_Nom", name).text("LPS_Version", "1");
        draft.message().replace(
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        )
    };
    // The value is of SHA-256: with the list it is computed, and wrong; without it is not looked at.
    assert_eq!(subcode(&verify(&trust, &old("Ancien"))), "wsse:FailedCheck");
    assert_eq!(subcode(&verify(&trust, &old("Autre"))), "wsse:UnsupportedAlgorithm");
}
