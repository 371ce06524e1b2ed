//! IPF: test resources of a Java library, those of FHIR too.

use super::{
    AN_ELEMENT, FHIR, FIND, NO_OPERATION, NO_SOAP, PATIENT, PDQ, PIX, PROVIDE, QUERY, REGISTRY, REPOSITORY,
    Row, SHA1, SWISS, Then, UPDATE,
};
use crate::sample::Change::{Carried, Envelope, Patient, Provide, Receiver, Text, Vihf, VihfOfSamu};

pub const ROWS: &[Row] = &[
    Row {
        file: "ipf/xua-assertion.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: "an assertion alone",
        then: &[Then { changes: &[Carried(QUERY)], answer: SHA1, why: SWISS }],
    },
    Row {
        file: "ipf/07_PIXQuery1Response.xml",
        service: PDQ,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201310UV02"), Vihf],
            answer: NO_OPERATION,
            why: PIX,
        }],
    },
    Row {
        file: "ipf/Ack.xml",
        service: PATIENT,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:MCCI_IN000002UV01"), Vihf],
            answer: NO_OPERATION,
            why: "an acknowledgement, which asks nothing",
        }],
    },
    Row {
        file: "ipf/NistPixpdq_Mesa10501-04_Example_01.xml",
        service: PDQ,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201309UV02"), Vihf],
            answer: NO_OPERATION,
            why: PIX,
        }],
    },
    Row {
        file: "ipf/PDQ.xml",
        service: PDQ,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[
            Then {
                changes: &[Envelope(FIND), Vihf, Receiver("1.2.840.114350.1.13.99999.4567")],
                answer: "fault 400 DMPAccessDeniedByRightsService Votre profession, votre carte ou votre mode d'accès ne permet \
                         pas cette action.",
                why: "searching without INS is for medical regulation",
            },
            Then {
                changes: &[Envelope(FIND), VihfOfSamu, Receiver("1.2.840.114350.1.13.99999.4567")],
                answer: "success, nothing found",
                why: "accepted: nobody of that name was born that day",
            },
        ],
    },
    Row {
        file: "ipf/PDQ_Maximal_Query.xml",
        service: PDQ,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope(FIND), VihfOfSamu, Receiver("1.2.840.114350.1.13.99999.4567")],
            answer: "DMPDemandeInvalide livingSubjectName",
            why: "two family names, of which TD0.5 takes one",
        }],
    },
    Row {
        file: "ipf/PDQ_Response.xml",
        service: PDQ,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201306UV02"), Vihf],
            answer: NO_OPERATION,
            why: "an answer, which no operation reads",
        }],
    },
    Row {
        file: "ipf/PIX_FEED_MERGE_Maximal_Request.xml",
        service: PATIENT,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201304UV02"), Vihf],
            answer: NO_OPERATION,
            why: PIX,
        }],
    },
    Row {
        file: "ipf/PIX_FEED_REG_Maximal_Request.xml",
        service: PATIENT,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201301UV02"), Vihf],
            answer: NO_OPERATION,
            why: PIX,
        }],
    },
    Row {
        file: "ipf/PIX_FEED_REV_Maximal_Request.xml",
        service: PATIENT,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[Then {
            changes: &[Envelope("urn:hl7-org:v3:PRPA_IN201302UV02"), Vihf],
            answer: NO_OPERATION,
            why: PIX,
        }],
    },
    Row {
        file: "ipf/SubmitObjectsRequest_ebrs30.xml",
        service: REPOSITORY,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[
            Then {
                changes: &[
                    Provide,
                    Envelope(PROVIDE),
                    Vihf,
                    Patient("SELF-5^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO"),
                ],
                answer: "XDSRepositoryMetadataError associationType, patientId",
                why: "IsSnapshotOf is of on-demand documents; the identifiers of four schemes are cut by a space",
            },
            Then {
                changes: &[
                    Provide,
                    Envelope(PROVIDE),
                    Vihf,
                    Patient("SELF-5^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO"),
                    Text("- ", "-"),
                    Text(
                        "urn:ihe:iti:2010:AssociationType:IsSnapshotOf",
                        "urn:ihe:iti:2007:AssociationType:RPLC",
                    ),
                ],
                answer: "XDSRepositoryMetadataError authorInstitution, sourceId, contentTypeCode, legalAuthenticator, \
                         confidentialityCode, typeCode, classCode, formatCode, healthcareFacilityTypeCode, \
                         practiceSettingCode; InvalidDocumentContent root is neither ClinicalDocument nor an \
                         xsl:stylesheet that holds exactly one",
                why: "codes of a connectathon, and a document that is no CDA: with French metadata and a CDA it would be taken",
            },
        ],
    },
    Row {
        file: "ipf/SubmitObjectsRequest_ebrs30_update.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[
            Then {
                changes: &[Envelope(UPDATE), Vihf],
                answer: "XDSUnknownPatientId Aucun dossier pour ce patient.",
                why: "a patient without INS",
            },
            Then {
                changes: &[
                    Envelope(UPDATE),
                    Vihf,
                    Patient("714f4004f80540c^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO"),
                ],
                answer: "XDSMetadataUpdateOperationError Association",
                why: "updates several documents at once: the DMP takes one a message",
            },
        ],
    },
    Row {
        file: "ipf/iti18request.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: AN_ELEMENT,
        then: &[
            Then {
                changes: &[Envelope(QUERY), Vihf],
                answer: "XDSRegistryError $XDSDocumentEntryPatientId",
                why: "what the sample is for: SQL after a quote, here a text that never ends",
            },
            Then {
                changes: &[
                    Envelope(QUERY),
                    Vihf,
                    Patient("593603^^^&amp;2.16.756.5.33.2.5.1.5.1&amp;ISO"),
                    Text("''%20and%20611%3d611--%20", "'"),
                ],
                answer: "success, nothing found",
                why: "accepted: nothing was created that day; one date is quoted, the other is not",
            },
        ],
    },
    Row {
        file: "ipf-fhir/FindDocumentReferencesResponse.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: FHIR,
        then: &[],
    },
    Row {
        file: "ipf-fhir/FindSubmissionSetsResponse-v421.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: FHIR,
        then: &[],
    },
    Row {
        file: "ipf-fhir/atna-record-1.xml",
        service: REGISTRY,
        as_it_is: NO_SOAP,
        why: "a record of an audit repository, which asks nothing",
        then: &[],
    },
];
