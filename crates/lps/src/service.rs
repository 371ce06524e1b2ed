//! The table of the DMP's transactions: where each is sent, under which action.
//!
//! Source: SEL-MP-037 and its WSDLs; IHE ITI TF-2 3.18, 3.41, 3.43, 3.57, 3.47.

/// Where the services of the reference system are.
pub const SERVICES: &str = "/si-dmp-server/v2/services";

/// Namespace of HL7 v3.
pub const HL7: &str = "urn:hl7-org:v3";
/// Namespace of the responses of the life cycle.
pub const GDP: &str = "asip:ci-sis:gdp:2010";
/// Namespace of the services about rights.
pub const HABILITATIONS: &str = "urn:si-dmp-habilitations";
/// Namespace of the services about patients.
pub const PATIENTS: &str = "urn:si-dmp-patients";
/// Namespace of ebRS queries.
pub const QUERY: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0";
/// Namespace of ebRS submissions.
pub const LCM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0";
/// Namespace of ebRS responses.
pub const RS: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0";
/// Namespace of ebRIM.
pub const RIM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";
/// Namespace of XDS.b.
pub const XDSB: &str = "urn:ihe:iti:xds-b:2007";

/// OID of the DMP as a device.
pub const DMP_DEVICE: &str = "1.2.250.1.213.4.1.1.1";
/// `repositoryUniqueId` of the DMP.
pub const REPOSITORY: &str = "1.2.250.1.213.4.1.1.1.2";

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident: $service:literal, $action:literal;)*) => {
        /// An operation of a service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* $name),* }

        impl Operation {
            /// Every operation.
            pub const ALL: &[Operation] = &[$(Operation::$name),*];

            /// Last segment of its path.
            pub fn service(self) -> &'static str {
                match self { $(Operation::$name => $service),* }
            }

            /// `wsa:Action` of its request.
            pub fn action(self) -> &'static str {
                match self { $(Operation::$name => $action),* }
            }
        }
    };
}

operations! {
    /// TD0.2, TD1.3a: by the reason code.
    Consult: "patient", "urn:hl7-org:v3:PRPA_IN201307UV02";
    /// TD1.1.
    Create: "patient", "urn:hl7-org:v3:PRPA_IN201311UV02";
    /// TD1.2, TD1.3b, TD1.4: by the reason code.
    Modify: "patient", "urn:hl7-org:v3:PRPA_IN201314UV02";
    /// TD0.3.
    SetAuthorization: "Habilitation", "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization";
    /// TD0.4.
    PatientList: "PatientSpecific", "urn:si-dmp-patients:PatientSpecificEndPoint:patientList";
    /// TD0.5, ITI-47.
    FindCandidates: "PDQ", "urn:hl7-org:v3:PRPA_IN201305UV02";
    /// TD1.5a.
    CreatePatientAccess: "PatientSpecific", "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess";
    /// TD1.5b, TD1.5c.
    PatientOtpUpdate: "PatientSpecific", "urn:si-dmp-patients:PatientSpecificEndPoint:patientOTPUpdate";
    /// TD1.5d.
    UpdatePatientAccess: "PatientSpecific", "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccess";
    /// TD1.6.
    ListAuthorizationByPatient: "Habilitation", "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient";
    /// TD2.1, TD2.2, ITI-41.
    ProvideAndRegister: "DocumentRepository_Service", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b";
    /// TD3.1, ITI-18.
    RegistryStoredQuery: "DocumentRegistry_Service", "urn:ihe:iti:2007:RegistryStoredQuery";
    /// TD3.2, ITI-43.
    RetrieveDocumentSet: "DocumentRepository_Service", "urn:ihe:iti:2007:RetrieveDocumentSet";
    /// TD3.3, ITI-57.
    UpdateDocumentSet: "DocumentRegistry_Service", "urn:ihe:iti:2010:UpdateDocumentSet";
}

impl Operation {
    /// Path on the server.
    pub fn path(self) -> String {
        format!("{SERVICES}/{}", self.service())
    }
}
