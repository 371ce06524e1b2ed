//! The WSDL of each service and the schemas it imports, for the tools that build clients from them.
//!
//! Written from the table of [`service`](crate::service), so that what is described is what is served. The names of
//! services, port types and operations are those of the reference system's WSDLs: a client built from those and one built
//! from these look alike. The schemas say what this server reads and writes; HL7 v3 and ebRIM allow far more. Where HL7
//! is vast (`controlActProcess`) they leave the content open.
//!
//! Source: WSDL 1.1 with its SOAP 1.2 binding; WS-Addressing 1.0 Metadata; WS-MTOMPolicy.

use crate::SERVICES;
use crate::service::{GDP, HABILITATIONS, HL7, LCM, Operation, PATIENTS, QUERY, Service, XDSB};
use dmp_xml::escape_attribute;
use std::fmt::Write as _;

/// Namespace of ebRS answers.
const RS: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0";

/// Name, namespace and text of each schema; `{service}` stands for the path of the service that is asked for it.
const SCHEMAS: &[(&str, &str, &str)] = &[
    ("hl7v3", HL7, include_str!("wsdl/hl7v3.xsd")),
    ("gdp", GDP, include_str!("wsdl/gdp.xsd")),
    ("habilitations", HABILITATIONS, include_str!("wsdl/habilitations.xsd")),
    ("patients", PATIENTS, include_str!("wsdl/patients.xsd")),
    ("rim", "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0", include_str!("wsdl/rim.xsd")),
    ("rs", RS, include_str!("wsdl/rs.xsd")),
    ("query", QUERY, include_str!("wsdl/query.xsd")),
    ("lcm", LCM, include_str!("wsdl/lcm.xsd")),
    ("xdsb", XDSB, include_str!("wsdl/xdsb.xsd")),
];

/// The answer of `?xsd=name`.
pub(crate) fn schema(name: &str, service: Service) -> Option<String> {
    let (.., text) = SCHEMAS.iter().find(|(known, ..)| *known == name)?;
    Some(text.replace("{service}", service.path()))
}

/// How a service is named in its WSDL: target namespace, name, port type.
fn named(service: Service) -> (&'static str, &'static str, &'static str) {
    match service {
        Service::Patient => (GDP, "GDP_Service", "GDP_PortType"),
        Service::PatientSpecific => {
            (PATIENTS, "PatientSpecificEndPointImplService", "PatientSpecificEndPoint")
        }
        Service::PatientCertif => {
            (PATIENTS, "PatientCertificationEndPointImplService", "PatientCertificationEndPoint")
        }
        Service::Habilitation => (HABILITATIONS, "HabilitationsEndPointImplService", "HabilitationsEndPoint"),
        Service::DocumentRegistry => (XDSB, "DocumentRegistry_Service", "DocumentRegistry_PortType"),
        Service::DocumentRepository => (XDSB, "DocumentRepository_Service", "DocumentRepository_PortType"),
        Service::Pdq => ("urn:ihe:iti:pdqv3:2007", "PDSupplier_Service", "PDSupplier_PortType"),
    }
}

/// How an operation is named in a WSDL, and the element of its answer.
fn described(operation: Operation) -> (&'static str, (&'static str, &'static str)) {
    match operation {
        Operation::Consult => ("PatientGetDemographics_PRPA_IN201307UV02", (HL7, "PRPA_IN201308UV02")),
        Operation::Create => ("PatientAdd_PRPA_IN201311UV02", (GDP, "PRPA_IN201311UV02_Response")),
        Operation::Modify => ("PatientRevise_PRPA_IN201314UV02", (GDP, "PRPA_IN201314UV02_Response")),
        Operation::FindCandidates => ("findCandidatesQuery", (HL7, "PRPA_IN201306UV02")),
        Operation::IdentityCertification => {
            ("identityCertification", (PATIENTS, "identityCertificationResponse"))
        }
        Operation::SetAuthorization => ("setAuthorization", (HABILITATIONS, "setAuthorizationResponse")),
        Operation::ListAuthorizationByPatient => {
            ("listAuthorizationByPatient", (HABILITATIONS, "listAuthorizationByPatientResponse"))
        }
        Operation::PatientList => ("patientList", (PATIENTS, "patientListResponse")),
        Operation::CreatePatientAccess => ("createPatientAccess", (PATIENTS, "createPatientAccessResponse")),
        Operation::PatientOtpUpdate => ("patientOTPUpdate", (PATIENTS, "patientOTPUpdateResponse")),
        Operation::UpdatePatientAccess => ("updatePatientAccess", (PATIENTS, "updatePatientAccessResponse")),
        Operation::RegistryStoredQuery => {
            ("DocumentRegistry_RegistryStoredQuery", (QUERY, "AdhocQueryResponse"))
        }
        Operation::UpdateDocumentSet => ("DocumentRegistry_UpdateDocumentSet", (RS, "RegistryResponse")),
        Operation::ProvideAndRegister => {
            ("DocumentRepository_ProvideAndRegisterDocumentSet-b", (RS, "RegistryResponse"))
        }
        Operation::RetrieveDocumentSet => {
            ("DocumentRepository_RetrieveDocumentSet", (XDSB, "RetrieveDocumentSetResponse"))
        }
    }
}

/// The answer of `?wsdl`. `base` is the address of the server.
pub(crate) fn of(service: Service, base: &str) -> String {
    let (namespace, name, port_type) = named(service);
    let operations: Vec<Operation> =
        Operation::ALL.iter().copied().filter(|operation| operation.service() == service).collect();
    let elements = |operation: &Operation| [operation.element(), described(*operation).1];
    let mut namespaces: Vec<&str> = Vec::new();
    for (namespace, _) in operations.iter().flat_map(elements) {
        if !namespaces.contains(&namespace) {
            namespaces.push(namespace);
        }
    }
    // Writing to a String does not fail.
    let mut wsdl = String::new();
    let _ = write!(
        wsdl,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <wsdl:definitions name=\"{name}\" targetNamespace=\"{namespace}\" xmlns:tns=\"{namespace}\"\n    \
         xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\"\n    \
         xmlns:wsam=\"http://www.w3.org/2007/05/addressing/metadata\" xmlns:wsp=\"http://www.w3.org/ns/ws-policy\"\n    \
         xmlns:wsoma=\"http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization\"\n    \
         xmlns:wsu=\"{}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"",
        crate::soap::UTILITY
    );
    for (n, namespace) in namespaces.iter().enumerate() {
        let _ = write!(wsdl, "\n    xmlns:m{n}=\"{namespace}\"");
    }
    wsdl.push_str(">\n");
    policy(&mut wsdl, service);
    wsdl.push_str("  <wsdl:types>\n    <xsd:schema>\n");
    for namespace in &namespaces {
        for (name, ..) in SCHEMAS.iter().filter(|(_, described, _)| described == namespace) {
            let location = format!("{}?xsd={name}", service.path());
            let _ =
                writeln!(wsdl, "      <xsd:import namespace=\"{namespace}\" schemaLocation=\"{location}\"/>");
        }
    }
    wsdl.push_str("    </xsd:schema>\n  </wsdl:types>\n");
    for operation in &operations {
        for (suffix, (namespace, element)) in ["", "Response"].iter().zip(elements(operation)) {
            let (name, _) = described(*operation);
            let prefix = namespaces.iter().position(|known| *known == namespace).unwrap_or_default();
            let _ = writeln!(
                wsdl,
                "  <wsdl:message name=\"{name}{suffix}_Message\"><wsdl:part name=\"body\" \
                 element=\"m{prefix}:{element}\"/></wsdl:message>"
            );
        }
    }
    let _ = writeln!(wsdl, "  <wsdl:portType name=\"{port_type}\">");
    for operation in &operations {
        let (name, _) = described(*operation);
        let _ = writeln!(
            wsdl,
            "    <wsdl:operation name=\"{name}\">\n      \
             <wsdl:input message=\"tns:{name}_Message\" wsam:Action=\"{}\"/>\n      \
             <wsdl:output message=\"tns:{name}Response_Message\" wsam:Action=\"{}\"/>\n    \
             </wsdl:operation>",
            operation.action(),
            operation.answer_action()
        );
    }
    let _ = write!(
        wsdl,
        "  </wsdl:portType>\n  <wsdl:binding name=\"{name}_Soap12\" type=\"tns:{port_type}\">\n    \
         <wsp:PolicyReference URI=\"#transport\"/>\n    \
         <soap12:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n"
    );
    for operation in &operations {
        let (name, _) = described(*operation);
        let _ = writeln!(
            wsdl,
            "    <wsdl:operation name=\"{name}\">\n      \
             <soap12:operation soapAction=\"{}\" soapActionRequired=\"false\" style=\"document\"/>\n      \
             <wsdl:input><soap12:body use=\"literal\"/></wsdl:input>\n      \
             <wsdl:output><soap12:body use=\"literal\"/></wsdl:output>\n    </wsdl:operation>",
            operation.action()
        );
    }
    let address = escape_attribute(base);
    let path = service.path();
    let _ = write!(
        wsdl,
        "  </wsdl:binding>\n  <wsdl:service name=\"{name}\">\n    \
         <wsdl:port name=\"{name}_Port\" binding=\"tns:{name}_Soap12\">\n      \
         <soap12:address location=\"{address}{SERVICES}/{path}\"/>\n    \
         </wsdl:port>\n  </wsdl:service>\n</wsdl:definitions>\n"
    );
    wsdl
}

/// WS-Addressing is required; packages are taken where documents travel.
fn policy(wsdl: &mut String, service: Service) {
    let mtom = match service {
        Service::DocumentRepository => "<wsoma:OptimizedMimeSerialization wsp:Optional=\"true\"/>",
        _ => "",
    };
    let _ = writeln!(
        wsdl,
        "  <wsp:Policy wsu:Id=\"transport\"><wsp:All><wsam:Addressing><wsp:Policy/></wsam:Addressing>{mtom}\
         </wsp:All></wsp:Policy>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_xml::{Limits, parse};

    /// Every reference of a WSDL leads somewhere: schemas that exist, elements that a schema declares.
    #[test]
    fn what_a_wsdl_names_exists() {
        for (service, _) in Service::ALL {
            let wsdl = of(*service, "https://dmp.example.org");
            let document = parse(wsdl.as_bytes(), &Limits::default()).unwrap();
            let mut imports = Vec::new();
            for node in document.descendants().filter(|node| node.has_tag_name("import")) {
                let name = node.attribute("schemaLocation").unwrap().split('=').nth(1).unwrap();
                imports.push(schema(name, *service).unwrap());
            }
            for part in document.descendants().filter(|node| node.tag_name().name() == "part") {
                let (prefix, element) = part.attribute("element").unwrap().split_once(':').unwrap();
                let namespace = part.lookup_namespace_uri(Some(prefix)).unwrap();
                let declared = imports.iter().any(|schema| {
                    schema.contains(&format!("targetNamespace=\"{namespace}\""))
                        && schema.contains(&format!("<xs:element name=\"{element}\""))
                });
                assert!(declared, "{element}");
            }
        }
    }

    #[test]
    fn a_schema_imports_by_the_service_that_was_asked() {
        for (name, namespace, _) in SCHEMAS {
            let text = schema(name, Service::DocumentRepository).unwrap();
            let document = parse(text.as_bytes(), &Limits::default()).unwrap();
            assert_eq!(document.root_element().attribute("targetNamespace"), Some(*namespace), "{name}");
            for import in document.descendants().filter(|node| node.tag_name().name() == "import") {
                let location = import.attribute("schemaLocation").unwrap();
                let imported = location.strip_prefix("DocumentRepository_Service?xsd=").unwrap();
                assert!(schema(imported, Service::DocumentRepository).is_some(), "{location}");
            }
        }
        assert!(schema("../../etc/passwd", Service::Patient).is_none());
    }
}
