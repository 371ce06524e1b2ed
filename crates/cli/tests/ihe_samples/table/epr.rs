//! EPR by example: messages of the Swiss record.

use super::{
    AN_ANSWER, ELSEWHERE, NO_HEADER, NO_OPERATION, PDQ, PIX, QUERY, REGISTRY, REPOSITORY, Row, SHA1, SWISS,
    Then,
};
use crate::sample::Change::{
    Carried, Document, LineEnds, MessageId, Package, Patient, Receiver, Repository, To, Vihf, VihfOfSamu,
};

pub const ROWS: &[Row] = &[
    Row {
        file: "epr-by-example/ITI-18_request.xml",
        service: REGISTRY,
        as_it_is: ELSEWHERE,
        why: "to a Swiss registry",
        then: &[
            Then { changes: &[To], answer: SHA1, why: SWISS },
            Then {
                changes: &[
                    To,
                    Vihf,
                    Patient(
                        "7e1c6e78-58f1-4a43-ae88-0d5a5c4ab43e^^^&amp;1.3.6.1.4.1.21367.2017.2.5.45&amp;ISO",
                    ),
                ],
                answer: "success",
                why: "accepted about a patient of ours",
            },
        ],
    },
    Row {
        file: "epr-by-example/ITI-18_response.xml",
        service: REGISTRY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row {
        file: "epr-by-example/ITI-41_request.http.txt",
        service: REPOSITORY,
        as_it_is: "fault 400 Sender no-root-part",
        why: "the headers are those of another hop: their boundary is not the body's",
        then: &[
            Then {
                changes: &[Package, LineEnds, To],
                answer: "fault 400 Sender not-well-formed",
                why: "the prefix of wsse:Security is declared nowhere",
            },
            Then {
                changes: &[
                    Package,
                    LineEnds,
                    To,
                    Vihf,
                    Patient("CHPAM3946^^^&amp;1.3.6.1.4.1.12559.11.20.1&amp;ISO"),
                ],
                answer: "XDSRepositoryMetadataError authorPerson, authorRole, authorSpecialty, contentTypeCode, \
                         serviceStartTime, sourcePatientInfo, legalAuthenticator, confidentialityCode, typeCode, \
                         classCode, formatCode, healthcareFacilityTypeCode, practiceSettingCode, mimeType",
                why: "Swiss metadata of a FHIR document: with French metadata and a CDA it would be taken",
            },
        ],
    },
    Row {
        file: "epr-by-example/ITI-41_response.http.txt",
        service: REPOSITORY,
        as_it_is: "fault 400 Sender header-syntax",
        why: "kept as text: lines of a package end with CR LF",
        then: &[Then {
            changes: &[LineEnds],
            answer: NO_OPERATION,
            why: "an answer, which no operation reads",
        }],
    },
    Row {
        file: "epr-by-example/ITI-43_request.xml",
        service: REPOSITORY,
        as_it_is: ELSEWHERE,
        why: "to a Swiss repository",
        then: &[
            Then {
                changes: &[To],
                answer: SHA1,
                why: "the signature and the certificate were cut out of the assertion",
            },
            Then {
                changes: &[
                    To,
                    Vihf,
                    Repository("1.3.6.1.4.1.21367.2017.2.3.54"),
                    Document("1.3.6.1.4.1.21367.2017.2.1.75.20200922130227623"),
                ],
                answer: "success",
                why: "accepted about a document of ours; HomeCommunityId makes no difference",
            },
        ],
    },
    Row {
        file: "epr-by-example/ITI-43_response.xml",
        service: REPOSITORY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row {
        file: "epr-by-example/ITI-45_request.xml",
        service: PDQ,
        as_it_is: ELSEWHERE,
        why: "to a Swiss manager of identities",
        then: &[Then { changes: &[To, Vihf], answer: NO_OPERATION, why: PIX }],
    },
    Row {
        file: "epr-by-example/ITI-45_response.xml",
        service: PDQ,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row {
        file: "epr-by-example/ITI-47_request.xml",
        service: PDQ,
        as_it_is: ELSEWHERE,
        why: "to a Swiss manager of identities",
        then: &[
            Then {
                changes: &[To, VihfOfSamu],
                answer: "fault 400 Sender élément `PRPA_IN201305UV02/receiver/device/id` : `1.2.250.1.213.4.1.1.1` est attendu",
                why: "the receiver is not the DMP",
            },
            Then {
                changes: &[To, MessageId, VihfOfSamu, Receiver("1.3.6.1.4.1.21367.2017.2.5.97")],
                answer: "DMPDemandeInvalide family",
                why: "a search by identifier: TD0.5 is by name and birth date",
            },
        ],
    },
    Row {
        file: "epr-by-example/ITI-47_response.xml",
        service: PDQ,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row {
        file: "epr-by-example/xua/1_Get_X-User_Assertion_Request-Healthcare_Provider.xml",
        service: REGISTRY,
        as_it_is: NO_OPERATION,
        why: "a request to an issuer of tokens (WS-Trust): the VIHF is made by the software",
        then: &[Then {
            changes: &[Carried(QUERY)],
            answer: "fault 400 FailedCheck signature sans certificat",
            why: "the certificate was cut out of the assertion",
        }],
    },
    Row {
        file: "epr-by-example/xua/1_Get_X-User_Assertion_Response-Healthcare_Provider.xml",
        service: REGISTRY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[Then {
            changes: &[Carried(QUERY)],
            answer: "fault 400 FailedCheck signature sans certificat",
            why: "the certificate was cut out of the assertion",
        }],
    },
    Row {
        file: "epr-by-example/xua/assertion_only.xml",
        service: REGISTRY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[Then {
            changes: &[Carried(QUERY)],
            answer: "fault 400 InvalidSecurityToken certificat illisible",
            why: "a certificate of X.509 version 1, which says nothing of its use",
        }],
    },
];
