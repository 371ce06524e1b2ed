//! The resources and datatypes of R4 that this face reads (hl7.org/fhir/R4, 4.0.1), each on its lines:
//! `?` 0..1, `!` 1..1, `*` 0..*, `+` 1..*, `|` one of a choice.
//!
//! Elements that nobody sends to a DMP and that would need datatypes of their own (Timing, Dosage…) are left out.

#![allow(non_upper_case_globals)] // a type has its name of the specification

use super::primitive::Primitive;
use super::{Base, Element as Row, Kind, Shape};

macro_rules! kind {
    (base64Binary) => {
        Kind::Primitive(Primitive::Base64)
    };
    (boolean) => {
        Kind::Primitive(Primitive::Boolean)
    };
    (canonical) => {
        Kind::Primitive(Primitive::Uri)
    };
    (code) => {
        Kind::Primitive(Primitive::Code)
    };
    (date) => {
        Kind::Primitive(Primitive::Date)
    };
    (dateTime) => {
        Kind::Primitive(Primitive::DateTime)
    };
    (decimal) => {
        Kind::Primitive(Primitive::Decimal)
    };
    (id) => {
        Kind::Primitive(Primitive::Id)
    };
    (instant) => {
        Kind::Primitive(Primitive::Instant)
    };
    (integer) => {
        Kind::Primitive(Primitive::Integer)
    };
    (markdown) => {
        Kind::Primitive(Primitive::String)
    };
    (oid) => {
        Kind::Primitive(Primitive::Oid)
    };
    (positiveInt) => {
        Kind::Primitive(Primitive::Positive)
    };
    (string) => {
        Kind::Primitive(Primitive::String)
    };
    (time) => {
        Kind::Primitive(Primitive::Time)
    };
    (unsignedInt) => {
        Kind::Primitive(Primitive::Natural)
    };
    (uri) => {
        Kind::Primitive(Primitive::Uri)
    };
    (url) => {
        Kind::Primitive(Primitive::Uri)
    };
    (uuid) => {
        Kind::Primitive(Primitive::Uuid)
    };
    (xhtml) => {
        Kind::Primitive(Primitive::String)
    };
    (Resource) => {
        Kind::Resource
    };
    ($shape:ident) => {
        Kind::Complex(&$shape)
    };
}

macro_rules! row {
    ($name:ident ? $kind:ident) => { row!($name false false false $kind) };
    ($name:ident ! $kind:ident) => { row!($name true false false $kind) };
    ($name:ident * $kind:ident) => { row!($name false true false $kind) };
    ($name:ident + $kind:ident) => { row!($name true true false $kind) };
    ($name:ident | $kind:ident) => { row!($name false false true $kind) };
    ($name:ident $required:literal $many:literal $choice:literal $kind:ident) => {
        Row { name: stringify!($name), required: $required, many: $many, choice: $choice, kind: kind!($kind) }
    };
}

macro_rules! shapes {
    ($($base:ident $shape:ident $name:literal { $($element:ident $card:tt $kind:ident),* $(,)? })*) => {
        $(
            #[doc = $name]
            pub static $shape: Shape = Shape {
                name: $name,
                base: Base::$base,
                elements: &[$(row!($element $card $kind)),*],
            };
        )*
    };
}

/// What every element has, besides modifierExtension.
pub(super) static ELEMENT: [Row; 2] = [row!(id ? string), row!(extension * Extension)];
/// What every resource has.
pub(super) static RESOURCE: [Row; 4] =
    [row!(id ? id), row!(meta ? Meta), row!(implicitRules ? uri), row!(language ? code)];
/// What every domain resource has, besides modifierExtension.
pub(super) static DOMAIN_RESOURCE: [Row; 7] = [
    row!(id ? id),
    row!(meta ? Meta),
    row!(implicitRules ? uri),
    row!(language ? code),
    row!(text ? Narrative),
    row!(contained * Resource),
    row!(extension * Extension),
];

/// The resources by name.
static RESOURCES: [&Shape; 12] = [
    &Binary,
    &Bundle,
    &Consent,
    &Device,
    &DocumentReference,
    &List,
    &Organization,
    &Parameters,
    &Patient,
    &Practitioner,
    &PractitionerRole,
    &RelatedPerson,
];

/// The resource of that name.
pub fn resource(name: &str) -> Option<&'static Shape> {
    RESOURCES.into_iter().find(|shape| shape.name == name)
}

shapes! {
    Datatype Element "Element" {}
    Datatype Extension "Extension" {
        url! uri,
        valueBase64Binary | base64Binary, valueBoolean | boolean, valueCanonical | canonical, valueCode | code,
        valueDate | date, valueDateTime | dateTime, valueDecimal | decimal, valueId | id, valueInstant | instant,
        valueInteger | integer, valueMarkdown | markdown, valueOid | oid, valuePositiveInt | positiveInt,
        valueString | string, valueTime | time, valueUnsignedInt | unsignedInt, valueUri | uri, valueUrl | url,
        valueUuid | uuid, valueAddress | Address, valueAttachment | Attachment,
        valueCodeableConcept | CodeableConcept, valueCoding | Coding, valueContactPoint | ContactPoint,
        valueHumanName | HumanName, valueIdentifier | Identifier, valueMeta | Meta, valuePeriod | Period,
        valueReference | Reference, valueSignature | Signature,
    }
    Datatype Address "Address" {
        use? code, type? code, text? string, line* string, city? string, district? string, state? string,
        postalCode? string, country? string, period? Period,
    }
    Datatype Annotation "Annotation" {
        authorReference | Reference, authorString | string, time? dateTime, text! markdown,
    }
    Datatype Attachment "Attachment" {
        contentType? code, language? code, data? base64Binary, url? url, size? unsignedInt, hash? base64Binary,
        title? string, creation? dateTime,
    }
    Datatype CodeableConcept "CodeableConcept" { coding* Coding, text? string }
    Datatype Coding "Coding" {
        system? uri, version? string, code? code, display? string, userSelected? boolean,
    }
    Datatype ContactPoint "ContactPoint" {
        system? code, value? string, use? code, rank? positiveInt, period? Period,
    }
    Datatype HumanName "HumanName" {
        use? code, text? string, family? string, given* string, prefix* string, suffix* string, period? Period,
    }
    Datatype Identifier "Identifier" {
        use? code, type? CodeableConcept, system? uri, value? string, period? Period, assigner? Reference,
    }
    Datatype Meta "Meta" {
        versionId? id, lastUpdated? instant, source? uri, profile* canonical, security* Coding, tag* Coding,
    }
    Datatype Narrative "Narrative" { status! code, div! xhtml }
    Datatype Period "Period" { start? dateTime, end? dateTime }
    Datatype Reference "Reference" { reference? string, type? uri, identifier? Identifier, display? string }
    Datatype Signature "Signature" {
        type+ Coding, when! instant, who! Reference, onBehalfOf? Reference, targetFormat? code, sigFormat? code,
        data? base64Binary,
    }

    Resource Binary "Binary" { contentType! code, securityContext? Reference, data? base64Binary }
    Resource Bundle "Bundle" {
        identifier? Identifier, type! code, timestamp? instant, total? unsignedInt, link* BundleLink,
        entry* BundleEntry, signature? Signature,
    }
    Backbone BundleLink "Bundle.link" { relation! string, url! uri }
    Backbone BundleEntry "Bundle.entry" {
        link* BundleLink, fullUrl? uri, resource? Resource, search? BundleSearch, request? BundleRequest,
        response? BundleResponse,
    }
    Backbone BundleSearch "Bundle.entry.search" { mode? code, score? decimal }
    Backbone BundleRequest "Bundle.entry.request" {
        method! code, url! uri, ifNoneMatch? string, ifModifiedSince? instant, ifMatch? string,
        ifNoneExist? string,
    }
    Backbone BundleResponse "Bundle.entry.response" {
        status! string, location? uri, etag? string, lastModified? instant, outcome? Resource,
    }

    Domain DocumentReference "DocumentReference" {
        masterIdentifier? Identifier, identifier* Identifier, status! code, docStatus? code,
        type? CodeableConcept, category* CodeableConcept, subject? Reference, date? instant, author* Reference,
        authenticator? Reference, custodian? Reference, relatesTo* RelatesTo, description? string,
        securityLabel* CodeableConcept, content+ DocumentContent, context? DocumentContext,
    }
    Backbone RelatesTo "DocumentReference.relatesTo" { code! code, target! Reference }
    Backbone DocumentContent "DocumentReference.content" { attachment! Attachment, format? Coding }
    Backbone DocumentContext "DocumentReference.context" {
        encounter* Reference, event* CodeableConcept, period? Period, facilityType? CodeableConcept,
        practiceSetting? CodeableConcept, sourcePatientInfo? Reference, related* Reference,
    }
    Domain List "List" {
        identifier* Identifier, status! code, mode! code, title? string, code? CodeableConcept,
        subject? Reference, encounter? Reference, date? dateTime, source? Reference, orderedBy? CodeableConcept,
        note* Annotation, entry* ListEntry, emptyReason? CodeableConcept,
    }
    Backbone ListEntry "List.entry" { flag? CodeableConcept, deleted? boolean, date? dateTime, item! Reference }

    Resource Parameters "Parameters" { parameter* Parameter }
    Backbone Parameter "Parameters.parameter" {
        name! string, resource? Resource, part* Parameter,
        valueBase64Binary | base64Binary, valueBoolean | boolean, valueCanonical | canonical, valueCode | code,
        valueDate | date, valueDateTime | dateTime, valueDecimal | decimal, valueId | id, valueInstant | instant,
        valueInteger | integer, valueMarkdown | markdown, valueOid | oid, valuePositiveInt | positiveInt,
        valueString | string, valueTime | time, valueUnsignedInt | unsignedInt, valueUri | uri, valueUrl | url,
        valueUuid | uuid, valueAddress | Address, valueAttachment | Attachment,
        valueCodeableConcept | CodeableConcept, valueCoding | Coding, valueContactPoint | ContactPoint,
        valueHumanName | HumanName, valueIdentifier | Identifier, valueMeta | Meta, valuePeriod | Period,
        valueReference | Reference, valueSignature | Signature,
    }

    Domain Patient "Patient" {
        identifier* Identifier, active? boolean, name* HumanName, telecom* ContactPoint, gender? code,
        birthDate? date, deceasedBoolean | boolean, deceasedDateTime | dateTime, address* Address,
        maritalStatus? CodeableConcept, multipleBirthBoolean | boolean, multipleBirthInteger | integer,
        photo* Attachment, contact* PatientContact, communication* PatientCommunication,
        generalPractitioner* Reference, managingOrganization? Reference, link* PatientLink,
    }
    Backbone PatientContact "Patient.contact" {
        relationship* CodeableConcept, name? HumanName, telecom* ContactPoint, address? Address, gender? code,
        organization? Reference, period? Period,
    }
    Backbone PatientCommunication "Patient.communication" { language! CodeableConcept, preferred? boolean }
    Backbone PatientLink "Patient.link" { other! Reference, type! code }
    Domain RelatedPerson "RelatedPerson" {
        identifier* Identifier, active? boolean, patient! Reference, relationship* CodeableConcept,
        name* HumanName, telecom* ContactPoint, gender? code, birthDate? date, address* Address,
        photo* Attachment, period? Period, communication* PatientCommunication,
    }
    Domain Practitioner "Practitioner" {
        identifier* Identifier, active? boolean, name* HumanName, telecom* ContactPoint, address* Address,
        gender? code, birthDate? date, photo* Attachment, qualification* Qualification,
        communication* CodeableConcept,
    }
    Backbone Qualification "Practitioner.qualification" {
        identifier* Identifier, code! CodeableConcept, period? Period, issuer? Reference,
    }
    Domain PractitionerRole "PractitionerRole" {
        identifier* Identifier, active? boolean, period? Period, practitioner? Reference,
        organization? Reference, code* CodeableConcept, specialty* CodeableConcept, location* Reference,
        healthcareService* Reference, telecom* ContactPoint, availabilityExceptions? string,
        endpoint* Reference,
    }
    Domain Organization "Organization" {
        identifier* Identifier, active? boolean, type* CodeableConcept, name? string, alias* string,
        telecom* ContactPoint, address* Address, partOf? Reference, contact* OrganizationContact,
        endpoint* Reference,
    }
    Backbone OrganizationContact "Organization.contact" {
        purpose? CodeableConcept, name? HumanName, telecom* ContactPoint, address? Address,
    }
    Domain Device "Device" {
        identifier* Identifier, status? code, manufacturer? string, manufactureDate? dateTime,
        expirationDate? dateTime, lotNumber? string, serialNumber? string, deviceName* DeviceName,
        modelNumber? string, partNumber? string, type? CodeableConcept, version* DeviceVersion,
        patient? Reference, owner? Reference, contact* ContactPoint, location? Reference, url? uri,
        note* Annotation, parent? Reference,
    }
    Backbone DeviceName "Device.deviceName" { name! string, type! code }
    Backbone DeviceVersion "Device.version" { type? CodeableConcept, component? Identifier, value! string }

    Domain Consent "Consent" {
        identifier* Identifier, status! code, scope! CodeableConcept, category+ CodeableConcept,
        patient? Reference, dateTime? dateTime, performer* Reference, organization* Reference,
        sourceAttachment | Attachment, sourceReference | Reference, policy* ConsentPolicy,
        policyRule? CodeableConcept, verification* ConsentVerification, provision? Provision,
    }
    Backbone ConsentPolicy "Consent.policy" { authority? uri, uri? uri }
    Backbone ConsentVerification "Consent.verification" {
        verified! boolean, verifiedWith? Reference, verificationDate? dateTime,
    }
    Backbone Provision "Consent.provision" {
        type? code, period? Period, actor* ProvisionActor, action* CodeableConcept, securityLabel* Coding,
        purpose* Coding, class* Coding, code* CodeableConcept, dataPeriod? Period, data* ProvisionData,
        provision* Provision,
    }
    Backbone ProvisionActor "Consent.provision.actor" { role! CodeableConcept, reference! Reference }
    Backbone ProvisionData "Consent.provision.data" { meaning! code, reference! Reference }
}
