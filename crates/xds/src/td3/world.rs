//! A record with documents, and people who ask: for the tests of TD3.1 to TD3.3.

use crate::call::{Attachment, Call, Reply};
use crate::fault::Fault;
use crate::mtom::Parts;
use crate::vihf::{Software, Vihf, VihfVersion};
pub(crate) use crate::world::ins;
use dmp_dossier::*;
use dmp_store::{Content, Target};
use dmp_xml::{Limits, Tree};
use uuid::Uuid;

/// The patient of the published samples, invented.
pub(crate) const PATIENT: &str = "207058575627097";
/// Somebody else.
pub(crate) const OTHER: &str = "284073523811416";
pub(crate) const CABINET: &str = "499900063480001";

/// 2026-03-02T09:00:00Z
const START_MS: i64 = 1_772_442_000_000;

/// The shared record of tests, with documents.
pub(crate) struct World(crate::world::World);

/// What a transaction gave back.
#[derive(Debug)]
pub(crate) enum Answer {
    Fault(Fault),
    Reply(Reply),
}

impl Answer {
    pub(crate) fn body(&self) -> &str {
        match self {
            Answer::Reply(reply) => &reply.body,
            Answer::Fault(fault) => panic!("a fault: {fault:?}"),
        }
    }

    pub(crate) fn attachments(&self) -> &[Attachment] {
        match self {
            Answer::Reply(reply) => &reply.attachments,
            Answer::Fault(fault) => panic!("a fault: {fault:?}"),
        }
    }

    /// HTTP status and local name of the subcode.
    pub(crate) fn fault(&self) -> (u16, &'static str) {
        match self {
            Answer::Fault(fault) => (fault.http, fault.subcode.map_or("", |(_, name)| name)),
            Answer::Reply(reply) => panic!("no fault: {}", reply.body),
        }
    }

    /// Last part of the status, and the codes of the errors.
    pub(crate) fn errors(&self) -> (String, Vec<String>) {
        let statuses = self.attributes("status");
        let response = statuses.iter().find(|status| status.contains("ResponseStatusType")).unwrap();
        (response.rsplit(':').next().unwrap().to_owned(), self.attributes("errorCode"))
    }

    /// Values of an attribute, wherever it stands, in order.
    pub(crate) fn attributes(&self, name: &str) -> Vec<String> {
        let tree = Tree::parse(self.body().as_bytes(), &Limits::default()).unwrap();
        let all = std::iter::once(tree.root()).chain(tree.root().descendants());
        all.filter_map(|element| element.attribute(name).map(str::to_owned)).collect()
    }

    /// Values of an attribute of the elements of that name, in order.
    pub(crate) fn of(&self, element: &str, attribute: &str) -> Vec<String> {
        let tree = Tree::parse(self.body().as_bytes(), &Limits::default()).unwrap();
        let named = tree.root().descendants().filter(|e| e.name() == element);
        named.filter_map(|e| e.attribute(attribute).map(str::to_owned)).collect()
    }

    /// uniqueIds of the documents, in order.
    pub(crate) fn unique_ids(&self) -> Vec<String> {
        let tree = Tree::parse(self.body().as_bytes(), &Limits::default()).unwrap();
        let identifiers = tree
            .root()
            .descendants()
            .filter(|e| e.attribute("identificationScheme") == Some(crate::ebrim::scheme::UNIQUE_ID));
        identifiers.filter_map(|e| e.attribute("value").map(str::to_owned)).collect()
    }
}

impl World {
    /// A dossier for each of the two patients; Dr Martin and the dentist Roux are authorised on the first.
    pub(crate) async fn new() -> World {
        World::with(Parameters::default()).await
    }

    pub(crate) async fn with(parameters: Parameters) -> World {
        let world = World(crate::world::World::with(parameters).await);
        for patient in [PATIENT, OTHER] {
            world.open(patient).await;
        }
        world.authorise(&martin()).await;
        world.authorise(&roux()).await;
        world
    }

    async fn open(&self, patient: &str) {
        let open = Open {
            ins: ins(patient),
            traits: crate::world::traits("ESSAI", None, "CLAUDE"),
            contact: Contact::default(),
            representatives: Vec::new(),
            consent: Some(ConsentProof {
                collected_by: "la patiente".to_owned(),
                means: "formulaire".to_owned(),
                at: Time::from_millis(START_MS),
                information: None,
            }),
            channel: Channel::Web,
            emergency: Emergency::default(),
        };
        self.0.run(&holder(patient), Command::Open(Box::new(open))).await;
    }

    async fn authorise(&self, who: &Actor) {
        self.name(who, false).await;
    }

    pub(crate) async fn name_medecin_traitant(&self, who: &Actor) {
        self.name(who, true).await;
    }

    async fn name(&self, who: &Actor, medecin_traitant: bool) {
        let who = who.professional().unwrap();
        let command = Authorise {
            who: Grantee::Professional(who.id.clone()),
            label: None,
            until: None,
            medecin_traitant,
            profession: Some(who.profession.clone()),
        };
        self.0.run(&holder(PATIENT), Command::Authorise(Box::new(command))).await;
    }

    /// Deposits a lot of documents by Dr Martin, in the dossier of a patient; gives their entryUUIDs.
    pub(crate) async fn deposit(&self, patient: &str, lot: &str, documents: &[Document]) -> Vec<EntryUuid> {
        let contents = documents.iter().map(|d| Content { bytes: d.bytes().into(), text: String::new() });
        let publish = Publish {
            set: SubmissionSetMetadata {
                unique_id: uid(lot),
                source_id: "1.2.250.1.999.1.1.7898".to_owned(),
                submission_time: Dtm::parse("20260302090000").unwrap(),
                content_type: Code::new("04", "1.2.250.1.213.2.2", "Hospitalisation de jour"),
                author: Some(author()),
                title: Some("Compte rendu".to_owned()),
                comments: None,
            },
            documents: documents.iter().map(Document::draft).collect(),
            signature: false,
            patient_ids: vec![ins(patient)],
        };
        let target = Target::Patient(ins(patient));
        let command = Command::Publish(Box::new(publish));
        let contents = contents.collect();
        let receipt =
            self.0.xds.store.execute(&martin(), target, command, contents, Uuid::nil()).await.unwrap();
        let Receipt::Published { documents, .. } = receipt else { panic!("not published") };
        documents.iter().map(|entry| entry.entry_uuid).collect()
    }

    /// Sends the element of an operation, with a VIHF for the first patient.
    pub(crate) async fn send(&self, actor: &Actor, body: &str) -> Answer {
        self.send_for(actor, Some(PATIENT), body).await
    }

    /// The same, with a VIHF for that patient.
    pub(crate) async fn send_for(&self, actor: &Actor, patient: Option<&str>, body: &str) -> Answer {
        let tree = Tree::parse(body.as_bytes(), &Limits::default()).unwrap();
        // A whole envelope, or the element of the operation alone.
        let soap = "http://www.w3.org/2003/05/soap-envelope";
        let operation = tree.root().child(soap, "Body").and_then(|body| body.children().next());
        let vihf = Vihf {
            id: "_1".to_owned(),
            issued_at: Time::from_millis(START_MS),
            expires_at: Time::from_millis(START_MS).plus_minutes(60),
            actor: actor.clone(),
            patient: patient.map(ins),
            structure: StructureId::parse(CABINET).unwrap(),
            name_id: "899900063480".to_owned(),
            software: Software::default(),
            version: VihfVersion::V3,
        };
        let call = Call {
            xds: &self.0.xds,
            vihf: &vihf,
            body: operation.unwrap_or_else(|| tree.root()),
            parts: &Parts::default(),
            request: Uuid::from_u128(7),
        };
        let answered = match call.body.name() {
            "AdhocQueryRequest" => crate::td3_1_registry_stored_query::answer(&call).await,
            "RetrieveDocumentSetRequest" => crate::td3_2_retrieve_document_set::answer(&call).await,
            _ => crate::td3_3_update_document_set::answer(&call).await,
        };
        answered.map_or_else(Answer::Fault, Answer::Reply)
    }

    /// FindDocuments of that status, whole.
    pub(crate) async fn find(&self, actor: &Actor, status: Availability) -> Answer {
        let status = format!("('{}')", status.as_urn());
        self.send(actor, &query(FIND_DOCUMENTS, &[("$XDSDocumentEntryStatus", &status)])).await
    }

    /// A document as the holder of the record sees it, if at all.
    pub(crate) async fn seen_by_holder(&self, patient: &str, unique_id: &str) -> Option<SeenDocument> {
        let query = Query::GetDocuments(vec![DocumentRef::UniqueId(uid(unique_id))]);
        let target = Target::Patient(ins(patient));
        let answer = self.0.xds.store.consult(&holder(patient), target, query, Uuid::nil()).await.unwrap();
        let View::Documents(seen) = answer.view else { panic!("no documents") };
        seen.into_iter().next()
    }

    /// What the journal says of the last requests, latest first: act, and reason of a refusal.
    pub(crate) async fn journal(&self, patient: &str) -> Vec<(Act, Option<Reason>)> {
        let query = Query::Journal(JournalFilter::default());
        let target = Target::Patient(ins(patient));
        let answer = self.0.xds.store.consult(&holder(patient), target, query, Uuid::nil()).await.unwrap();
        let told = answer.lines.into_iter().skip(1).map(|line| match line.entry.decision {
            Decision::Refused { reason, .. } => (line.entry.act, Some(reason)),
            Decision::Permitted => (line.entry.act, None),
        });
        told.collect()
    }
}

pub(crate) const FIND_DOCUMENTS: &str = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d";

/// A stored query for whole objects, by its identifier and parameters.
pub(crate) fn query(id: &str, slots: &[(&str, &str)]) -> String {
    query_for("LeafClass", id, slots)
}

/// The same, for objects as asked.
pub(crate) fn query_for(returns: &str, id: &str, slots: &[(&str, &str)]) -> String {
    let mut text = format!(
        "<q:AdhocQueryRequest xmlns:q='urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0' \
         xmlns='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>\
         <q:ResponseOption returnComposedObjects='true' returnType='{returns}'/><AdhocQuery id='{id}'>"
    );
    for (name, value) in slots {
        let value = dmp_xml::escape_text(value);
        text += &format!("<Slot name='{name}'><ValueList><Value>{value}</Value></ValueList></Slot>");
    }
    text + "</AdhocQuery></q:AdhocQueryRequest>"
}

/// A document to deposit.
#[derive(Default)]
pub(crate) struct Document {
    pub uid: &'static str,
    pub masked: bool,
    pub hidden_from_patient: bool,
    pub replaces: Option<EntryUuid>,
    pub format: Option<&'static str>,
    pub event: Option<&'static str>,
}

impl Document {
    pub(crate) fn new(uid: &'static str) -> Self {
        Document { uid, ..Document::default() }
    }

    pub(crate) fn masked(uid: &'static str) -> Self {
        Document { uid, masked: true, ..Document::default() }
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        format!("<ClinicalDocument>{}</ClinicalDocument>", self.uid).into_bytes()
    }

    fn draft(&self) -> DocumentDraft {
        let code = |code: &str, system: &str, label: &str| Code::new(code, system, label);
        let bytes = self.bytes();
        let at = Dtm::parse("20260301101500").unwrap();
        let metadata = DocumentMetadata {
            unique_id: uid(self.uid),
            mime_type: "text/xml".to_owned(),
            hash: [0xa7; 20],
            size_bytes: bytes.len() as u64,
            language: "fr-FR".to_owned(),
            authors: vec![author()],
            legal_authenticator: Some(author().person),
            service_start: Some(at),
            service_stop: Some(at),
            creation_time: at,
            title: "CR d'examens \"biologiques\" <1>".to_owned(),
            comments: Some("commentaire & suite".to_owned()),
            class_code: code("10", "1.2.250.1.213.1.1.4.1", "Compte rendu"),
            type_code: code("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques"),
            format_code: code(
                self.format.unwrap_or("urn:ihe:iti:xds-sd:text:2008"),
                "1.3.6.1.4.1.19376.1.2.3",
                "Texte",
            ),
            facility_type: code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
            practice_setting: code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
            event_codes: self.event.map(|e| code(e, "2.16.840.1.113883.6.3", "Acte")).into_iter().collect(),
            confidentiality: BaseConfidentiality::Normal,
            source_patient_id: "0456789999^^^&1.2.250.1.999.1.1.7898.2&ISO^PI".to_owned(),
            source_patient_info: vec!["PID-5|ESSAI^Claude^^^^^L".to_owned(), "PID-8|F".to_owned()],
            reference_ids: Vec::new(),
            declared_parent: None,
            set_id: None,
            version_number: None,
        };
        DocumentDraft {
            metadata,
            declared: None,
            visibility: Visibility {
                masked: self.masked,
                hidden_from_patient: self.hidden_from_patient,
                ..Visibility::VISIBLE
            },
            release_at: None,
            replaces: self.replaces.map(DocumentRef::Entry),
        }
    }
}

fn author() -> Author {
    Author {
        person: Person {
            id: AuthorId::Professional(PsId::parse("899900063480").unwrap()),
            family: "MAX".to_owned(),
            given: "Libre".to_owned(),
        },
        institution: Some(Institution {
            id: StructureId::parse(CABINET),
            other_id: None,
            name: "CABINET DR LIBRE".to_owned(),
        }),
        role: Some(Code::new("PCP", "2.16.840.1.113883.5.88", "Médecin traitant")),
        specialty: Some(Code::new("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Médecine générale")),
    }
}

fn uid(text: &str) -> DocumentUid {
    DocumentUid::parse(text).unwrap()
}

fn holder(patient: &str) -> Actor {
    Actor::Patient { ins: ins(patient) }
}

fn professional(id: &str, profession: &str, structure: &str) -> Professional {
    Professional {
        id: PsId::parse(id).unwrap(),
        name: PersonName { family: "MAX".to_owned(), given: "Libre".to_owned() },
        profession: profession.to_owned(),
        speciality: None,
        structure: StructureId::parse(structure),
        structure_name: None,
        sector: None,
        auth: Auth::Direct,
        card: Card::Cps,
        mode: Mode::Normal,
        secret: false,
        software: None,
    }
}

/// The doctor who writes, of the cabinet.
pub(crate) fn martin() -> Actor {
    Actor::Professional(Box::new(professional("899900063480", "10", CABINET)))
}

/// A dentist of elsewhere.
pub(crate) fn roux() -> Actor {
    Actor::Professional(Box::new(professional("899900000025", "40", "499900000025001")))
}

/// An occupational doctor, not authorised yet.
pub(crate) fn occupational() -> Actor {
    let mut p = professional("899900063480", "10", CABINET);
    p.speciality = Some("SM25".to_owned());
    Actor::Professional(Box::new(p))
}

/// A nurse whom nobody authorised.
pub(crate) fn stranger() -> Actor {
    Actor::Professional(Box::new(professional("899900000033", "60", "499900000033001")))
}

/// A secretary of the cabinet, by a CPE card.
pub(crate) fn secretary() -> Actor {
    Actor::Employee(Employee {
        id: PsId::parse("499900063480001/SEC01").unwrap(),
        name: PersonName { family: "BLANC".to_owned(), given: "Sacha".to_owned() },
        structure: StructureId::parse(CABINET).unwrap(),
        structure_name: None,
        reinforced_indirect: false,
    })
}

/// The certificate of the cabinet, or of elsewhere.
pub(crate) fn structure(id: &str) -> Actor {
    Actor::Structure(StructureActor { id: StructureId::parse(id).unwrap(), name: None, regulation: false })
}

/// A published sample; `None` where they are not at hand.
pub(crate) fn sample(path: &str) -> Option<String> {
    crate::world::sample(&format!("data/{path}"))
}
