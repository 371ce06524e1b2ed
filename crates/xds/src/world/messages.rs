//! Messages of invented software about Marie. An attribute `d` marks what a test replaces; nobody reads it.

macro_rules! wrapper {
    ($interaction:literal, $($act:expr),*) => {
        concat!(
            "<", $interaction, " xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ITSVersion=\"XML_1.0\">",
            "<id root=\"1.2.3.4.1\" extension=\"m1\"/><creationTime value=\"20210519174507\"/>",
            "<interactionId root=\"2.16.840.1.113883.1.6\" extension=\"", $interaction, "\"/>",
            "<processingCode code=\"D\"/><processingModeCode code=\"T\"/><acceptAckCode code=\"AL\"/>",
            "<receiver typeCode=\"RCV\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\">",
            "<id root=\"1.2.250.1.213.4.1.1.1\"/><softwareName>DMP</softwareName></device></receiver>",
            "<sender typeCode=\"SND\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\">",
            "<id root=\"1.2.3.4\"/><softwareName>Logiciel d'essai</softwareName></device></sender>",
            "<attentionLine xsi:nil=\"true\"/>",
            "<controlActProcess classCode=\"CACT\" moodCode=\"EVN\">", $($act,)* "</controlActProcess>",
            "</", $interaction, ">"
        )
    };
}

macro_rules! reason {
    ($code:literal) => {
        concat!("<reasonCode code=\"", $code, "\" codeSystem=\"1.2.250.1.213.1.1.4.11\"/>")
    };
}

macro_rules! query {
    ($code:literal) => {
        wrapper!(
            "PRPA_IN201307UV02",
            reason!($code),
            "<queryByParameter><queryId root=\"1.2.3.4.2\" extension=\"q1\"/><statusCode code=\"new\"/>",
            "<parameterList><dataSource xsi:nil=\"true\"/><patientIdentifier>",
            "<value root=\"1.2.250.1.213.1.4.10\" extension=\"284073523811416\"/>",
            "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>"
        )
    };
}

/// TD0.2.
pub(crate) const TEST_EXISTENCE: &str = query!("TEST_EXST");
/// TD1.3a.
pub(crate) const CONSULT: &str = query!("CNSLT_DATA");

macro_rules! registration {
    ($interaction:literal, $reason:literal, $status:literal, [$($patient:literal),*], $after:literal) => {
        wrapper!(
            $interaction,
            reason!($reason),
            "<subject typeCode=\"SUBJ\" contextConductionInd=\"false\">",
            "<registrationRequest classCode=\"REG\" moodCode=\"RQO\"><statusCode code=\"active\"/>",
            "<subject1 typeCode=\"SBJ\"><patient classCode=\"PAT\">",
            "<id root=\"1.2.250.1.213.1.4.10\" extension=\"284073523811416\"/>",
            "<id root=\"1.2.3.4.9\" extension=\"local-42\"/>",
            "<statusCode code=\"", $status, "\"/>", $($patient,)* "</patient></subject1>",
            "<author typeCode=\"AUT\"><assignedEntity classCode=\"ASSIGNED\">",
            "<id root=\"1.2.250.1.71.4.2.1\" extension=\"899900000017\"/>",
            "<assignedPerson classCode=\"PSN\" determinerCode=\"INSTANCE\">",
            "<name><family>MARTIN</family><given>Camille</given></name></assignedPerson>",
            "<representedOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\">",
            "<id root=\"1.2.250.1.71.4.2.2\" extension=\"499900000017001\"/></representedOrganization>",
            "</assignedEntity></author></registrationRequest></subject>",
            $after
        )
    };
}

/// TD1.1.
pub(crate) const CREATE: &str = registration!(
    "PRPA_IN201311UV02",
    "CREA_RD",
    "active",
    [
        "<patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><prefix>MME</prefix>",
        "<family qualifier=\"SP\">BLANC</family><family qualifier=\"BR\">DURAND</family><given>MARIE</given></name>",
        "<telecom use=\"MC\" value=\"tel:0600000000\"/><telecom value=\"mailto:marie@example.fr\"/>",
        "<administrativeGenderCode code=\"F\"/><birthTime value=\"19840712\"/>",
        "<addr><streetAddressLine>1 rue des Essais</streetAddressLine><postalCode>38000</postalCode>",
        "<city>GRENOBLE</city><country>France</country></addr>",
        "<contactParty classCode=\"CON\"><code code=\"CARTE_SESAM_VITALE\" codeSystem=\"1.2.250.1.213.4.1.2.5\"/></contactParty>",
        "<personalRelationship classCode=\"PRS\"><code code=\"RESPRSN\" codeSystem=\"2.16.840.1.113883.1.11.19579\"/>",
        "<telecom use=\"MC\" value=\"tel:0611111111\"/><relationshipHolder1 classCode=\"PSN\" determinerCode=\"INSTANCE\">",
        "<name><given>Anne</given><family>DURAND</family></name></relationshipHolder1></personalRelationship>",
        "<birthPlace classCode=\"BIRTHPL\"><addr><county>38185</county></addr></birthPlace></patientPerson>",
        "<providerOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"1.2.250.1.71.4.2.2\" extension=\"499900000017001\"/>",
        "<contactParty classCode=\"CON\" nullFlavor=\"UNK\"/></providerOrganization>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"CONSENTEMENT_OUVERTURE_DMP\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<effectiveTime value=\"20261121090000\"/><value xsi:type=\"BL\" value=\"true\" d=\"consent\"/>",
        "</administrativeObservation></subjectOf>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"OPPOSITION_BRIS_DE_GLACE\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<value xsi:type=\"BL\" value=\"false\"/></administrativeObservation></subjectOf>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"OPPOSITION_ACCES_URGENCE\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<value xsi:type=\"BL\" value=\"1\"/></administrativeObservation></subjectOf>"
    ],
    ""
);

/// TD1.2.
pub(crate) const REACTIVATE: &str = registration!(
    "PRPA_IN201314UV02",
    "REAC",
    "active",
    [
        "<patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><family qualifier=\"SP\">MARTIN</family></name></patientPerson>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"CONSENTEMENT_REACTIVATION_DMP\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<effectiveTime value=\"20261121090000\"/><value xsi:type=\"BL\" value=\"true\" d=\"consent\"/>",
        "</administrativeObservation></subjectOf>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"OPPOSITION_ACCES_URGENCE\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<value xsi:type=\"BL\" value=\"1\"/></administrativeObservation></subjectOf>"
    ],
    ""
);

/// TD1.3b.
pub(crate) const MODIFY: &str = registration!(
    "PRPA_IN201314UV02",
    "MODIF_DATA",
    "active",
    [
        "<patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><prefix>MME</prefix>",
        "<family qualifier=\"SP\">BLANC</family><given>MARIE</given></name>",
        "<telecom use=\"MC\" value=\"tel:0611111111\"/>",
        "<personalRelationship classCode=\"PRS\"><code code=\"FTH\" codeSystem=\"2.16.840.1.113883.1.11.19579\"/>",
        "<relationshipHolder1 classCode=\"PSN\" determinerCode=\"INSTANCE\">",
        "<name><given>Paul</given><family>DURAND</family></name></relationshipHolder1></personalRelationship></patientPerson>",
        "<subjectOf typeCode=\"SBJ\"><administrativeObservation classCode=\"OBS\" moodCode=\"EVN\">",
        "<code code=\"OPPOSITION_BRIS_DE_GLACE\" codeSystem=\"1.2.250.1.213.4.1.2.3\"/>",
        "<value xsi:type=\"BL\" value=\"true\"/></administrativeObservation></subjectOf>"
    ],
    ""
);

/// TD1.4.
pub(crate) const CLOSE: &str = registration!(
    "PRPA_IN201314UV02",
    "FERM",
    "terminated",
    [
        "<patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><prefix>MME</prefix>",
        "<family qualifier=\"SP\">MARTIN</family><given>MARIE</given></name><deceased/></patientPerson>"
    ],
    "<reasonOf typeCode=\"RSON\"><detectedIssueEvent classCode=\"ALRT\" moodCode=\"EVN\"><code code=\"FERMETURE_DEMANDE_PATIENT\" codeSystem=\"1.2.250.1.213.4.1.2.4\"/><text>Je ne veux plus de DMP</text></detectedIssueEvent></reasonOf>"
);

/// TD0.5.
pub(crate) const FIND: &str = wrapper!(
    "PRPA_IN201305UV02",
    "<code code=\"PRPA_TE201305UV02\" codeSystem=\"2.16.840.1.113883.1.6\"/>",
    "<queryByParameter><queryId root=\"1.2.3.4.2\" extension=\"q1\"/><statusCode code=\"new\"/>",
    "<responseModalityCode code=\"R\"/><responsePriorityCode code=\"I\"/><parameterList>",
    "<livingSubjectAdministrativeGender><value code=\"F\"/><semanticsText>LivingSubject.administrativeGender</semanticsText></livingSubjectAdministrativeGender>",
    "<livingSubjectBirthTime><value value=\"19840712\"/><semanticsText>LivingSubject.birthTime</semanticsText></livingSubjectBirthTime>",
    "<livingSubjectName><value><given>MARIE</given><family>MARTIN</family></value><semanticsText>LivingSubject.name</semanticsText></livingSubjectName>",
    "<patientAddress><value><city>GRENOBLE</city></value><semanticsText>Patient.addr</semanticsText></patientAddress>",
    "</parameterList></queryByParameter>"
);
