//! The table of the DMP's services: path, element of the operation, actions of the request and of the answer.
//!
//! Source: SEL-MP-037 and its WSDLs (Habilitations 1.0.0, PatientsSpecific 1.0.2, GestionDossierPatientPartage), IHE ITI
//! TF-2 3.18, 3.41, 3.43, 3.57, 3.47.

/// Namespace of HL7 v3.
pub const HL7: &str = "urn:hl7-org:v3";
/// Namespace of the lifecycle responses of the CI-SIS.
pub const GDP: &str = "asip:ci-sis:gdp:2010";
/// Namespace of the services about rights.
pub const HABILITATIONS: &str = "urn:si-dmp-habilitations";
/// Namespace of the services about patients.
pub const PATIENTS: &str = "urn:si-dmp-patients";
/// Namespace of ebRS queries.
pub const QUERY: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0";
/// Namespace of ebRS submissions.
pub const LCM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0";
/// Namespace of XDS.b.
pub const XDSB: &str = "urn:ihe:iti:xds-b:2007";

/// A service, by the last segment of its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `patient`: HL7 v3 lifecycle (TD0.2, TD1.1 to TD1.4).
    Patient,
    /// `PatientSpecific`: TD0.4, TD1.5.
    PatientSpecific,
    /// `patientCertif`: TD0.0, closed.
    PatientCertif,
    /// `Habilitation`: TD0.3, TD1.6.
    Habilitation,
    /// `DocumentRegistry_Service`: TD3.1, TD3.3.
    DocumentRegistry,
    /// `DocumentRepository_Service`: TD2.1, TD3.2.
    DocumentRepository,
    /// `PDQ`, alias `PatientDemographicsQuery`: TD0.5.
    Pdq,
}

impl Service {
    /// Every service with the names of its path, the first one being the one that WSDLs give.
    pub const ALL: &[(Service, &[&str])] = &[
        (Service::Patient, &["patient"]),
        (Service::PatientSpecific, &["PatientSpecific"]),
        (Service::PatientCertif, &["patientCertif"]),
        (Service::Habilitation, &["Habilitation"]),
        (Service::DocumentRegistry, &["DocumentRegistry_Service"]),
        (Service::DocumentRepository, &["DocumentRepository_Service"]),
        (Service::Pdq, &["PDQ", "PatientDemographicsQuery"]),
    ];

    /// The last segment of its path.
    pub fn path(self) -> &'static str {
        let names = Self::ALL.iter().find(|(service, _)| *service == self).map(|(_, names)| *names);
        names.and_then(|names| names.first()).copied().unwrap_or_default()
    }

    /// By the last segment of the path.
    pub fn of_path(segment: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, names)| names.contains(&segment)).map(|(service, _)| *service)
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $service:ident, $ns:ident, $element:literal, $action:literal, $answers:literal;)*) => {
        /// An operation of a service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* $name),* }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Operation] = &[$(Operation::$name),*];

            /// Where it is served.
            pub fn service(self) -> Service {
                match self { $(Operation::$name => Service::$service),* }
            }

            /// Namespace and local name of its element.
            pub fn element(self) -> (&'static str, &'static str) {
                match self { $(Operation::$name => ($ns, $element)),* }
            }

            /// `wsa:Action` of its request.
            pub fn action(self) -> &'static str {
                match self { $(Operation::$name => $action),* }
            }

            /// `wsa:Action` of its answer.
            pub fn answer_action(self) -> &'static str {
                match self { $(Operation::$name => $answers),* }
            }

            /// Its name, for logs and figures.
            pub fn as_str(self) -> &'static str {
                match self { $(Operation::$name => stringify!($name)),* }
            }
        }
    };
}

operations! {
    /// TD0.2, TD1.3a: by the reason code.
    Consult: Patient, HL7, "PRPA_IN201307UV02", "urn:hl7-org:v3:PRPA_IN201307UV02", "urn:hl7-org:v3:PRPA_IN201308UV02";
    /// TD1.1.
    Create: Patient, HL7, "PRPA_IN201311UV02", "urn:hl7-org:v3:PRPA_IN201311UV02", "urn:hl7-org:v3:PRPA_IN201311ResponseUV02";
    /// TD1.2, TD1.3b, TD1.4: by the reason code.
    Modify: Patient, HL7, "PRPA_IN201314UV02", "urn:hl7-org:v3:PRPA_IN201314UV02", "urn:hl7-org:v3:PRPA_IN201314ResponseUV02";
    /// TD0.5, ITI-47.
    FindCandidates: Pdq, HL7, "PRPA_IN201305UV02", "urn:hl7-org:v3:PRPA_IN201305UV02", "urn:hl7-org:v3:PRPA_IN201306UV02";
    /// TD0.0.
    IdentityCertification: PatientCertif, PATIENTS, "identityCertification", "urn:si-dmp-patients:PatientCertifEndPoint:identityCertification", "urn:si-dmp-patients:PatientCertifEndPoint:identityCertificationResponse";
    /// TD0.3.
    SetAuthorization: Habilitation, HABILITATIONS, "setAuthorization", "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization", "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorizationResponse";
    /// TD1.6.
    ListAuthorizationByPatient: Habilitation, HABILITATIONS, "listAuthorizationByPatient", "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient", "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatientResponse";
    /// TD0.4.
    PatientList: PatientSpecific, PATIENTS, "patientList", "urn:si-dmp-patients:PatientSpecificEndPoint:patientList", "urn:si-dmp-patients:PatientSpecificEndPoint:patientListResponse";
    /// TD1.5a.
    CreatePatientAccess: PatientSpecific, PATIENTS, "createPatientAccess", "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess", "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccessResponse";
    /// TD1.5b, TD1.5c.
    PatientOtpUpdate: PatientSpecific, PATIENTS, "patientOTPUpdate", "urn:si-dmp-patients:PatientSpecificEndPoint:patientOTPUpdate", "urn:si-dmp-patients:PatientSpecificEndPoint:patientOTPUpdateResponse";
    /// TD1.5d.
    UpdatePatientAccess: PatientSpecific, PATIENTS, "updatePatientAccess", "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccess", "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccessResponse";
    /// TD3.1, ITI-18.
    RegistryStoredQuery: DocumentRegistry, QUERY, "AdhocQueryRequest", "urn:ihe:iti:2007:RegistryStoredQuery", "urn:ihe:iti:2007:RegistryStoredQueryResponse";
    /// TD3.3, ITI-57; the answer's action is the DMP's, the hyphen included.
    UpdateDocumentSet: DocumentRegistry, LCM, "SubmitObjectsRequest", "urn:ihe:iti:2010:UpdateDocumentSet", "urn:ihe:iti:2010:UpdateDocumentSet-Response";
    /// TD2.1, TD2.2, ITI-41.
    ProvideAndRegister: DocumentRepository, XDSB, "ProvideAndRegisterDocumentSetRequest", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse";
    /// TD3.2, ITI-43.
    RetrieveDocumentSet: DocumentRepository, XDSB, "RetrieveDocumentSetRequest", "urn:ihe:iti:2007:RetrieveDocumentSet", "urn:ihe:iti:2007:RetrieveDocumentSetResponse";
}

impl Operation {
    /// `action` that the media type of its request may carry besides [`action`](Self::action): the published WSDL of
    /// the rights gives its operations a `soapAction` in another namespace than their `wsa:Action`.
    pub fn published_soap_action(self) -> Option<&'static str> {
        match self {
            Operation::SetAuthorization => Some("urn:hl7-org:v3:setAuthorization"),
            Operation::ListAuthorizationByPatient => Some("urn:hl7-org:v3:listAuthorizationByPatient"),
            _ => None,
        }
    }

    /// The operation of a service with that element.
    pub fn of(service: Service, namespace: Option<&str>, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|o| {
            let (ns, element) = o.element();
            o.service() == service && namespace == Some(ns) && name == element
        })
    }
}
