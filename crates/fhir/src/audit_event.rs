//! AuditEvent (ITI-81): who did what on a patient's record, as far as its reader may know.
//!
//! The lines come filtered out of the store (CON-2, CON-3, `dossier::lines`); here they only take the form of IHE
//! *Basic Audit Log Patterns* (BALP 1.1.4): `entity:patient` 1..1, the user as an agent, the request in a
//! `transaction` entity. Network addresses are not kept in the journal, so that the `client` and `server` agents of
//! BALP are absent and no BALP profile is claimed. A line's id shows neither its place nor a gap.

mod find;

pub(crate) use find::routes;

use crate::coding::write_coding;
use crate::definitions::{ACTES, MOTIF_BRIS_DE_GLACE};
use crate::parts::{system_of, write_concept, write_named};
use crate::patient;
use crate::write::JsonWriter;
use dmp_dossier::{
    Act, ActorKind, ActorTrace, Decision, Fact, Grantee, Ins, ModeKind, PsId, RightsFact, StructureId,
};
use dmp_nomenclature::access_mode::{BRIS_DE_GLACE, CENTRE_15};
use dmp_nomenclature::oid::A07;
use dmp_nomenclature::profession::PHARMACIST_SECTIONS;
use dmp_nomenclature::{Concept, Profession, speciality};
use dmp_store::Line;

const TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ROLE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const SOURCE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";
const BALP_ENTITY: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

/// `AuditEvent.action` and the RESTful interaction an act is: BALP says `E` for a search, `R` for a read.
fn kind_of(act: Act) -> (&'static str, &'static str) {
    match act {
        Act::Status
        | Act::ListAuthorised
        | Act::SearchByTraits
        | Act::ReadRights
        | Act::Search
        | Act::FindReference
        | Act::ReadJournal
        | Act::ReviewAccess
        | Act::ReadChoices => ("E", "search"),
        Act::ReadAdministrative | Act::Read => ("R", "read"),
        Act::Open | Act::Feed | Act::Replace | Act::InitialConsent | Act::ReportAccess => ("C", "create"),
        Act::WithdrawSelf | Act::Delete => ("D", "delete"),
        Act::RequestCopy | Act::RequestDestruction | Act::Explain | Act::Export => ("E", "operation"),
        Act::DeclareSelf
        | Act::StopMedecinTraitant
        | Act::Reactivate
        | Act::UpdateIdentity
        | Act::WebAccess
        | Act::Close
        | Act::Authorise
        | Act::Block
        | Act::NameMedecinTraitant
        | Act::SetEmergency
        | Act::SetDefaultConfidentiality
        | Act::Mask
        | Act::Unmask
        | Act::MakeVisible
        | Act::Hide
        | Act::Archive
        | Act::ReleaseAnnouncement
        | Act::RecordChoices
        | Act::RefuseOpening => ("U", "update"),
    }
}

/// `AuditEvent.outcome`.
fn outcome_of(line: &Line) -> &'static str {
    match line.entry.decision {
        Decision::Permitted => "0",
        Decision::Refused { .. } => "4",
    }
}

/// Writes a line about the patient with that INS.
fn write(w: &mut JsonWriter, ins: &Ins, line: &Line) {
    let entry = &line.entry;
    let (action, interaction) = kind_of(entry.act);
    w.begin_object().field("resourceType", "AuditEvent").field("id", &line.id.to_string());
    if entry.actor.secret {
        w.key("meta").begin_object().key("security").begin_array();
        write_coding(w, A07.fhir, "INVISIBLE_REPRESENTANTS_LEGAUX", "");
        w.end_array().end_object();
    }
    w.key("type");
    write_coding(w, TYPE, "rest", "Restful Operation");
    w.key("subtype").begin_array();
    write_coding(w, INTERACTION, interaction, interaction);
    write_coding(w, ACTES, entry.act.as_str(), entry.act.label());
    w.end_array();
    w.field("action", action).field("recorded", &entry.at.to_instant());
    w.field("outcome", outcome_of(line));
    if let Decision::Refused { reason, .. } = &entry.decision {
        w.field("outcomeDesc", reason.answer().french);
    }
    w.key("agent").begin_array();
    write_user(w, ins, line);
    write_others(w, &entry.actor);
    w.end_array();
    w.key("source").begin_object().key("observer").begin_object().field("display", "DMP").end_object();
    w.key("type").begin_array();
    write_coding(w, SOURCE_TYPE, "4", "Application Server");
    w.end_array().end_object();
    write_entities(w, ins, line);
    w.end_object();
}

/// Who acted, with role and purpose.
fn write_user(w: &mut JsonWriter, ins: &Ins, line: &Line) {
    let actor = &line.entry.actor;
    w.begin_object();
    if let Some(reason) = &line.reason {
        w.key("extension").begin_array().begin_object();
        w.field("url", MOTIF_BRIS_DE_GLACE).field("valueString", reason);
        w.end_object().end_array();
    }
    w.key("type");
    write_concept(w, PARTICIPATION, "IRCP", "information recipient");
    write_roles(w, actor);
    w.key("who");
    write_who(w, ins, actor);
    w.key("requestor").boolean(true);
    let purpose = match actor.mode {
        ModeKind::Normal => None,
        ModeKind::BrisDeGlace => Some(&BRIS_DE_GLACE),
        ModeKind::Centre15 => Some(&CENTRE_15),
    };
    if let Some(purpose) = purpose {
        w.key("purposeOfUse").begin_array();
        write_concept(w, purpose.system.fhir, purpose.code, purpose.label);
        w.end_array();
    }
    w.end_object();
}

fn write_roles(w: &mut JsonWriter, actor: &ActorTrace) {
    let profession = actor.profession.as_deref().and_then(Profession::find);
    let skill: Option<&Concept> = actor
        .speciality
        .as_deref()
        .and_then(|code| speciality::find(code).or_else(|| PHARMACIST_SECTIONS.find(code)));
    w.key("role").begin_array();
    if let Some(profession) = profession {
        write_concept(w, profession.system.fhir, profession.code(), profession.label);
    }
    if let Some(skill) = skill {
        write_concept(w, skill.system.fhir, skill.code, skill.label);
    }
    w.begin_object().field("text", kind_label(actor.kind)).end_object();
    w.end_array();
}

fn kind_label(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Patient => "Patient",
        ActorKind::Representative => "Représentant légal",
        ActorKind::Professional => "Professionnel",
        ActorKind::Employee => "Personnel de structure",
        ActorKind::Structure => "Structure",
        ActorKind::ReceptionAgent => "Agent d'accueil",
        ActorKind::Insurer => "Assurance maladie",
        ActorKind::Pilot => "Équipe pilote",
        ActorKind::App => "Application",
        ActorKind::Referent => "Référent de la structure",
    }
}

fn write_who(w: &mut JsonWriter, ins: &Ins, actor: &ActorTrace) {
    if actor.kind == ActorKind::Patient {
        patient::write_reference(w, ins);
        return;
    }
    let system = match actor.kind {
        ActorKind::Professional | ActorKind::Employee => PsId::OID,
        ActorKind::Structure => StructureId::OID,
        _ => "",
    };
    let name = actor.name.as_ref().map(|n| format!("{} {}", n.given, n.family));
    let display = name.as_deref().or(actor.structure_name.as_deref()).unwrap_or(kind_label(actor.kind));
    write_named(w, system, &actor.id, display);
}

/// The structure the person acted in, and the software used.
fn write_others(w: &mut JsonWriter, actor: &ActorTrace) {
    let in_structure = actor.structure.as_ref().filter(|_| actor.kind != ActorKind::Structure);
    if let Some(structure) = in_structure {
        w.begin_object().key("type");
        write_concept(w, ROLE_CLASS, "PROV", "healthcare provider");
        w.key("who");
        write_named(w, StructureId::OID, structure, actor.structure_name.as_deref().unwrap_or_default());
        w.key("requestor").boolean(false).end_object();
    }
    if let Some(software) = actor.software.as_deref().filter(|s| !s.is_empty()) {
        w.begin_object().key("type");
        write_concept(w, DCM, "110150", "Application");
        w.key("who").begin_object().field("display", software).end_object();
        w.key("requestor").boolean(false).end_object();
    }
}

fn write_entities(w: &mut JsonWriter, ins: &Ins, line: &Line) {
    w.key("entity").begin_array();
    w.begin_object().key("what");
    patient::write_reference(w, ins);
    write_entity_kind(w, ("1", "Person"), ("1", "Patient"));
    w.end_object();
    for document in &line.documents {
        let metadata = &document.metadata;
        w.begin_object().key("what").begin_object().field("type", "DocumentReference");
        w.key("identifier").begin_object().field("system", "urn:ietf:rfc:3986");
        w.field("value", &metadata.unique_id.to_urn()).end_object().end_object();
        write_entity_kind(w, ("2", "System Object"), ("3", "Report"));
        w.field_if("name", &metadata.title).end_object();
    }
    for who in line.entry.facts.iter().filter_map(grantee_of) {
        w.begin_object().key("what");
        write_named(w, system_of(who), who.id(), "");
        write_entity_kind(w, ("1", "Person"), ("11", "Security User Entity"));
        w.end_object();
    }
    w.begin_object().key("what").begin_object().key("identifier").begin_object();
    w.field("value", &line.entry.request.to_string()).end_object().end_object().key("type");
    write_coding(w, BALP_ENTITY, "XrequestId", "");
    w.end_object().end_array();
}

/// Whom an act on the rights was about. Other facts name documents, which are told by [`Line::documents`] alone.
fn grantee_of(fact: &Fact) -> Option<&Grantee> {
    match fact {
        Fact::Rights(
            RightsFact::Authorised { who, .. }
            | RightsFact::AuthorisationEnded { who }
            | RightsFact::Blocked { who }
            | RightsFact::Unblocked { who }
            | RightsFact::MedecinTraitantDeclared { who }
            | RightsFact::MedecinTraitantEnded { who, .. },
        ) => Some(who),
        _ => None,
    }
}

fn write_entity_kind(w: &mut JsonWriter, kind: (&str, &str), role: (&str, &str)) {
    w.key("type");
    write_coding(w, ENTITY_TYPE, kind.0, kind.1);
    w.key("role");
    write_coding(w, OBJECT_ROLE, role.0, role.1);
}
