//! NIST: the XDS toolkit.

use super::{AN_ANSWER, NO_HEADER, NO_VIHF, PROVIDE, REGISTRY, REPOSITORY, Row, Then};
use crate::sample::Change::{Action, Document, LineEnds, MessageId, Patient, Repository, Vihf};

pub const ROWS: &[Row] = &[
    Row {
        file: "nist/PnrXop-body.txt",
        service: REPOSITORY,
        as_it_is: "fault 400 Sender header-syntax",
        why: "kept as text: lines of a package end with CR LF",
        then: &[
            Then {
                changes: &[LineEnds],
                answer: NO_VIHF,
                why: "the package is read: what is missing is the VIHF",
            },
            Then {
                changes: &[LineEnds, Vihf, Patient("SR7^^^&amp;1.2.260&amp;ISO")],
                answer: "XDSRepositoryMetadataError authorPerson, authorInstitution, contentTypeCode, \
                         legalAuthenticator, typeCode, classCode, formatCode, healthcareFacilityTypeCode, \
                         practiceSettingCode, mimeType",
                why: "codes of a connectathon, authors without identifier, a text: with French metadata and a CDA it \
                      would be taken",
            },
        ],
    },
    Row {
        file: "nist/http-mtom-pnr.txt",
        service: REPOSITORY,
        as_it_is: "fault 400 Sender header-syntax",
        why: "kept as text: lines of a package end with CR LF",
        then: &[Then {
            changes: &[LineEnds, Vihf, Patient("11^^^&amp;1.1&amp;ISO")],
            answer: "XDSRepositoryMetadataError authorPerson, authorInstitution, contentTypeCode, \
                     legalAuthenticator, confidentialityCode, sourcePatientId, typeCode, classCode, formatCode, \
                     healthcareFacilityTypeCode, practiceSettingCode, mimeType",
            why: "the same, and a sourcePatientId that is no CX",
        }],
    },
    Row {
        file: "nist/soap-noaction-pnr.xml",
        service: REPOSITORY,
        as_it_is: NO_HEADER,
        why: "what the sample is for: no Action",
        then: &[Then {
            changes: &[
                Action(PROVIDE),
                MessageId,
                Vihf,
                Patient("53ff11cb404344e^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO"),
            ],
            answer: "XDSMissingDocument no Document has the id of the ExtrinsicObject",
            why: "metadata of two documents, and no document",
        }],
    },
    Row {
        file: "nist/soap-pnr.xml",
        service: REPOSITORY,
        as_it_is: NO_HEADER,
        why: "no MessageID, which the DMP asks",
        then: &[Then {
            changes: &[MessageId, Vihf, Patient("53ff11cb404344e^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO")],
            answer: "XDSMissingDocument no Document has the id of the ExtrinsicObject",
            why: "metadata of two documents, and no document",
        }],
    },
    Row {
        file: "nist/soap-pnr-resp.xml",
        service: REPOSITORY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row { file: "nist/soap-r-resp.xml", service: REGISTRY, as_it_is: NO_HEADER, why: AN_ANSWER, then: &[] },
    Row {
        file: "nist/soap-ret-req.xml",
        service: REPOSITORY,
        as_it_is: NO_VIHF,
        why: "no VIHF",
        then: &[
            Then {
                changes: &[Vihf],
                answer: "XDSUnknownRepositoryId repositoryUniqueId=1.3.6.1.4...1000",
                why: "a repository that is not ours",
            },
            Then {
                changes: &[MessageId, Vihf, Repository("1.3.6.1.4...1000"), Document("1.3.6.1.4...2300")],
                answer: "success, partial: XDSDocumentUniqueIdError DocumentUniqueId",
                why: "one is given, the other has no OID",
            },
            Then {
                changes: &[
                    MessageId,
                    Vihf,
                    Repository("1.3.6.1.4...1000"),
                    Document("1.3.6.1.4...2300"),
                    Document("1.3.6.1.4...2301"),
                ],
                answer: "success",
                why: "accepted about a document of ours",
            },
        ],
    },
    Row {
        file: "nist/soap-ret-resp.xml",
        service: REPOSITORY,
        as_it_is: NO_HEADER,
        why: AN_ANSWER,
        then: &[],
    },
    Row {
        file: "nist/soap-sq-req.xml",
        service: REGISTRY,
        as_it_is: NO_HEADER,
        why: "RelatesTo where MessageID is meant",
        then: &[
            Then {
                changes: &[MessageId, Vihf],
                answer: "XDSUnknownPatientId Aucun dossier pour ce patient.",
                why: "a patient without INS",
            },
            Then {
                changes: &[
                    MessageId,
                    Vihf,
                    Patient("c4d77e21d0dd487^^^&amp;1.3.6.1.4.1.21367.2005.3.7&amp;ISO"),
                ],
                answer: "success, nothing found",
                why: "accepted: no document has the class `value^^scheme`",
            },
        ],
    },
];
