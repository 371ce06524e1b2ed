//! Golden files: every released schema is still read, and today's values are written byte for byte as they were.
//!
//! `golden/NAME-SCHEMA.hex` holds the bytes of a value that [`samples`] builds; `golden/packed-DICTIONARY.hex` a value as
//! that dictionary packed it. A file of a released schema is never edited. To write those of a new schema:
//! `WRITE_GOLDEN=1 cargo test -p dmp-store golden`.

use super::*;
use dmp_dossier::*;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{name}.hex"))
}

/// The bytes of a golden file; 64 digits a line.
fn golden(name: &str, written_today: &[u8]) -> Vec<u8> {
    let path = path(name);
    if std::env::var_os("WRITE_GOLDEN").is_some() && !path.exists() {
        let digits: String = written_today.iter().map(|byte| format!("{byte:02x}")).collect();
        let lines: Vec<&str> =
            (0..digits.len()).step_by(64).map(|at| &digits[at..digits.len().min(at + 64)]).collect();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// `read` is the reader of every schema, after what it unpacks.
fn check_value<T>(
    name: &str,
    schema: u16,
    value: &T,
    read: fn(u16, &[u8]) -> Result<T, SchemaError>,
    packed: bool,
) where
    T: Serialize + PartialEq + std::fmt::Debug,
{
    let written = encode(value);
    let stored = golden(&format!("{name}-{schema}"), &written);
    assert_eq!(written, stored, "{name}: today's code writes other bytes: raise the schema number");
    let sealed_form = if packed { pack(&stored, Kind::Row) } else { stored };
    assert_eq!(read(schema, &sealed_form).unwrap(), *value, "{name}");
    assert!(read(0, &sealed_form).is_err() && read(schema + 1, &sealed_form).is_err(), "{name}");
    let mut longer = encode(value);
    longer.push(0);
    let longer = if packed { pack(&longer, Kind::Row) } else { longer };
    assert!(matches!(read(schema, &longer), Err(SchemaError::TooLong)), "{name}");
}

#[test]
fn golden_values_are_read_and_written_as_they_were() {
    check_value("state", STATE, &state(), decode_state, true);
    check_value("document", ENTRY, &Row::Document(Arc::new(document())), decode_row, true);
    check_value("set", ENTRY, &Row::Set(Arc::new(set())), decode_row, true);
    for (position, entry) in journal().iter().enumerate() {
        check_value(&format!("journal-{position}"), JOURNAL, entry, decode_journal, false);
    }
}

#[test]
fn a_state_of_the_first_schema_is_read_as_one_without_web_access() {
    let first = State { web_access: None, former_logins: Vec::new(), ..state_of_the_second_schema() };
    let stored = golden("state-1", &[]);
    assert_eq!(decode_state(1, &pack(&stored, Kind::Row)).unwrap(), first);
    assert!(decode_state(2, &pack(&stored, Kind::Row)).is_err());
}

#[test]
fn a_state_of_the_second_schema_is_read_as_one_without_visitors_cases_nor_choices() {
    let stored = golden("state-2", &[]);
    assert_eq!(decode_state(2, &pack(&stored, Kind::Row)).unwrap(), state_of_the_second_schema());
    assert!(decode_state(3, &pack(&stored, Kind::Row)).is_err());
    assert!(matches!(decode_state(1, &pack(&stored, Kind::Row)), Err(SchemaError::TooLong)));
}

#[test]
fn golden_packed_values_still_unpack() {
    let written = encode(&Row::Document(Arc::new(document())));
    for (kind, number) in [(Kind::Row, 1), (Kind::Document, 2)] {
        let packed = pack(&written, kind);
        let stored = golden(&format!("packed-{number}"), &packed);
        assert_eq!(stored[0], number);
        assert_eq!(unpack(&stored, compress::ROW_BYTES_MAX).unwrap(), written, "dictionary {number}");
    }
    // Number 0 is no dictionary, for ever.
    let without = [&[0], zstd::bulk::compress(&written, 3).unwrap().as_slice()].concat();
    assert_eq!(unpack(&without, compress::ROW_BYTES_MAX).unwrap(), written);
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 | number)
}

fn time(days: i64) -> Time {
    Time::from_millis(1_772_442_000_000 + days * 86_400_000)
}

fn ins(value: &str) -> Ins {
    Ins::parse(value, InsOid::Test).unwrap()
}

fn grantee(person: bool) -> Grantee {
    match person {
        true => Grantee::Professional(PsId::parse("899700000017").unwrap()),
        false => Grantee::Structure(StructureId::parse("1350000017").unwrap()),
    }
}

fn proof(days: i64) -> ConsentProof {
    ConsentProof {
        collected_by: "agent de la caisse".to_owned(),
        means: "formulaire signé".to_owned(),
        at: time(days),
        information: Some("v1".to_owned()),
    }
}

fn state() -> State {
    let contact = Contact {
        phone: Some("0600000000".to_owned()),
        mail: Some("marie@example.org".to_owned()),
        address: Some("1 rue de l'Essai, 35000 Rennes".to_owned()),
    };
    State {
        life: Life::Closed { at: time(9), reason: ClosureReason::Death },
        identity: Some(Identity {
            ins: ins("284073523811416"),
            ins_history: vec![(ins("188102B17295165"), time(1))],
            traits: Traits {
                birth_name: "ESSAI".to_owned(),
                given_names: "MARIE CLAIRE".to_owned(),
                birth_date: "19840700".to_owned(),
                sex: Sex::Female,
                birth_place: "35238".to_owned(),
                used_name: Some("D'USAGE".to_owned()),
                used_given: Some("MARION".to_owned()),
            },
            contact: contact.clone(),
            deceased: Some(time(8)),
        }),
        channel: Some(Channel::MedicoSocial),
        opened_at: Some(time(0)),
        closure_text: Some("à la demande de la famille".to_owned()),
        rights: Rights {
            grants: vec![
                Grant {
                    who: grantee(true),
                    authorised: Some((time(0), Some(time(365)), Basis::InitialConsent(uuid(1)))),
                    blocked: None,
                    medecin_traitant: Some(time(2)),
                    last_act: time(3),
                },
                Grant {
                    who: grantee(false),
                    authorised: None,
                    blocked: Some(time(4)),
                    medecin_traitant: None,
                    last_act: time(4),
                },
            ],
            initial_consents: vec![InitialConsent {
                id: uuid(1),
                team: vec![grantee(true), grantee(false)],
                since: time(0),
                withdrawn: Some(time(5)),
            }],
            emergency: Emergency { bris_de_glace_opposed: true, samu_opposed: false, masked_readable: true },
            default_confidentiality: Visibility { masked: true, ..Visibility::VISIBLE },
        },
        representatives: vec![Representative {
            person: Some("compte-7".to_owned()),
            name: "ESSAI".to_owned(),
            given: "PAUL".to_owned(),
            relation: Relation::Guardian,
            contact,
            since: time(0),
            until: Some(time(6)),
        }],
        labels: vec![GranteeLabel {
            who: grantee(true),
            name: "Dr Claude MARTIN".to_owned(),
            profession: Some("10".to_owned()),
            speciality: None,
        }],
        proofs: vec![proof(0)],
        team_proofs: vec![(uuid(1), proof(0))],
        copy_requested: Some(time(7)),
        destruction_requested: None,
        web_access: Some(WebAccess {
            login: "marie123".to_owned(),
            secret_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2Vs$ZXNzYWk".to_owned(),
            channels: vec![
                OtpChannel::Sms("0600000000".to_owned()),
                OtpChannel::Email("marie@example.org".to_owned()),
            ],
            opened_at: time(3),
        }),
        former_logins: vec!["marie122".to_owned()],
        visitors: vec![(PsId::parse("899700000017").unwrap(), time(1))],
        cases: vec![
            Case {
                id: uuid(11),
                kind: CaseKind::BrisDeGlace,
                who: ActorTrace::of(&professional()),
                occurred: time(1),
                reason: Some("urgence".to_owned()),
                report: None,
                opened: time(1),
                due: time(4),
                answer: None,
            },
            Case {
                id: uuid(12),
                kind: CaseKind::Reported,
                who: ActorTrace::of(&professional()),
                occurred: time(1),
                reason: None,
                report: Some("je ne connais pas cette personne".to_owned()),
                opened: time(2),
                due: time(9),
                answer: Some(CaseAnswer {
                    by: ActorTrace::of(&referent()),
                    at: time(3),
                    outcome: CaseOutcome::NotJustified,
                    text: "cet accès n'était pas prévu".to_owned(),
                }),
            },
        ],
        choices: vec![Choice {
            subject: ChoiceSubject::Notices,
            answer: "par courriel".to_owned(),
            accepted: Some(false),
            proof: proof(1),
        }],
        notices: Notices { first_access: false, every_access: true, by: NoticeChannel::Letter },
        opening_refused: Some((time(-1), Channel::Pharmacie)),
    }
}

fn state_of_the_second_schema() -> State {
    State {
        visitors: Vec::new(),
        cases: Vec::new(),
        choices: Vec::new(),
        notices: Notices::default(),
        opening_refused: None,
        ..state()
    }
}

fn author(id: AuthorId) -> Author {
    Author {
        person: Person { id, family: "MARTIN".to_owned(), given: "Claude".to_owned() },
        institution: Some(Institution {
            id: StructureId::parse("1350000017"),
            other_id: Some("local-1".to_owned()),
            name: "Cabinet médical".to_owned(),
        }),
        role: Some(Code::new("PCP", "2.16.840.1.113883.5.88", "Médecin traitant")),
        specialty: Some(Code::new("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin")),
    }
}

fn document() -> DocumentEntry {
    DocumentEntry {
        entry_uuid: EntryUuid(uuid(2)),
        lid: Lid(uuid(3)),
        version: 2,
        status: Availability::Archived,
        visibility: Visibility {
            masked: false,
            hidden_from_patient: true,
            hidden_from_representatives: true,
        },
        release_at: Some(time(7)),
        registered_at: time(0),
        content: 4,
        replaces: Some(EntryUuid(uuid(4))),
        metadata: DocumentMetadata {
            unique_id: DocumentUid::parse("1.2.250.1.213.1.1.9.17^A1").unwrap(),
            mime_type: "application/xslt+xml".to_owned(),
            hash: [7; 20],
            size_bytes: 31_415,
            language: "fr-FR".to_owned(),
            authors: vec![
                author(AuthorId::Professional(PsId::parse("899700000017").unwrap())),
                author(AuthorId::Patient(ins("284073523811416"))),
                author(AuthorId::Other { id: "automate-3".to_owned(), authority: "1.2.3.4".to_owned() }),
            ],
            legal_authenticator: Some(author(AuthorId::Patient(ins("284073523811416"))).person),
            service_start: Dtm::parse("202603"),
            service_stop: Dtm::parse("20260302"),
            creation_time: Dtm::parse("20260302093059").unwrap(),
            title: "Compte rendu".to_owned(),
            comments: Some("à relire".to_owned()),
            class_code: Code::new("10", "1.2.250.1.213.1.1.4.1", "Compte rendu"),
            type_code: Code::new(
                "11488-4",
                "2.16.840.1.113883.6.1",
                "CR ou fiche de consultation ou de visite",
            ),
            format_code: Code::new("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "PDF"),
            facility_type: Code::new("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
            practice_setting: Code::new("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
            event_codes: vec![Code::new("CT", "1.2.840.10008.2.16.4", "Scanner")],
            confidentiality: BaseConfidentiality::Restricted,
            source_patient_id: "284073523811416^^^&1.2.250.1.213.1.4.10&ISO^NH".to_owned(),
            source_patient_info: vec!["PID-5|ESSAI^MARIE".to_owned()],
            reference_ids: vec![ReferenceId {
                value: "A-17".to_owned(),
                authority: "1.2.3".to_owned(),
                kind: "urn:ihe:iti:xds:2013:accession".to_owned(),
            }],
            declared_parent: DocumentUid::parse("1.2.3.4.5"),
            set_id: Some("1.2.3.4.6".to_owned()),
            version_number: Some(2),
        },
    }
}

fn set() -> SubmissionSet {
    let association = |id, kind| Association {
        id: uuid(id),
        kind,
        source: EntryUuid(uuid(5)),
        target: EntryUuid(uuid(2)),
        previous_version: Some(1),
    };
    SubmissionSet {
        entry_uuid: EntryUuid(uuid(5)),
        registered_at: time(0),
        metadata: SubmissionSetMetadata {
            unique_id: DocumentUid::parse("C2AD5D22-4ED9-44D6-AD9B-4292BA64131F").unwrap(),
            source_id: "1.2.250.1.999.1.1.7898".to_owned(),
            submission_time: Dtm::parse("20260302090000").unwrap(),
            content_type: Code::new("04", "1.2.250.1.213.2.2", "Hospitalisation de jour"),
            author: Some(author(AuthorId::Professional(PsId::parse("899700000017").unwrap()))),
            title: Some("Envoi".to_owned()),
            comments: Some("urgent".to_owned()),
        },
        associations: vec![
            association(6, AssociationKind::HasMember),
            association(7, AssociationKind::Replaces),
        ],
    }
}

fn professional() -> Actor {
    Actor::Professional(Box::new(Professional {
        id: PsId::parse("899700000017").unwrap(),
        name: PersonName { family: "MARTIN".to_owned(), given: "Claude".to_owned() },
        profession: "10".to_owned(),
        speciality: Some("SM26".to_owned()),
        structure: StructureId::parse("1350000017"),
        structure_name: Some("Cabinet médical".to_owned()),
        sector: Some("SA07".to_owned()),
        auth: Auth::ReinforcedIndirect,
        card: Card::Cps,
        mode: Mode::BrisDeGlace { reason: "urgence".to_owned() },
        secret: true,
        software: Some("LPS 1.0".to_owned()),
    }))
}

fn referent() -> Actor {
    Actor::Referent(Referent {
        id: "referente-3".to_owned(),
        name: PersonName { family: "NOIR".to_owned(), given: "Anne".to_owned() },
        structure: StructureId::parse("1350000017").unwrap(),
        structure_name: Some("Hôpital d'essai".to_owned()),
    })
}

fn journal() -> [JournalEntry; 4] {
    let refused = JournalEntry {
        at: time(1),
        actor: ActorTrace::of(&professional()),
        act: Act::Read,
        decision: Decision::Refused { reason: Reason::Blocked, rule: "ACC-2".to_owned() },
        version: 3,
        facts: Vec::new(),
        digests: Vec::new(),
        contents: Vec::new(),
        documents: vec![1, 300],
        note: Some((uuid(8), [9; 32])),
        request: uuid(9),
    };
    let facts = every_fact();
    let changed = JournalEntry {
        at: time(0),
        actor: ActorTrace::of(&Actor::Patient { ins: ins("284073523811416") }),
        act: Act::Open,
        decision: Decision::Permitted,
        version: 0,
        facts,
        digests: vec![(RowRef::State, [1; 32]), (RowRef::Entry(300), [2; 32])],
        contents: vec![(300, 4, [3; 32]), (300, 8, [4; 32]), (300, 3, [5; 32])],
        documents: vec![300],
        note: None,
        request: uuid(10),
    };
    let by_web = JournalEntry {
        act: Act::WebAccess,
        facts: vec![
            Fact::WebAccessOpened,
            Fact::WebAccessRenewed,
            Fact::OtpChannelChanged { action: OtpAction::Remove },
        ],
        digests: vec![(RowRef::State, [1; 32])],
        contents: Vec::new(),
        documents: Vec::new(),
        ..changed.clone()
    };
    let watched = JournalEntry {
        actor: ActorTrace::of(&referent()),
        act: Act::RefuseOpening,
        decision: Decision::Refused { reason: Reason::CaseAnswered, rule: "VEI-2".to_owned() },
        facts: vec![
            Fact::Visited { who: PsId::parse("899700000017").unwrap() },
            Fact::CaseOpened { id: uuid(11), kind: CaseKind::Reported },
            Fact::CaseAnswered { id: uuid(11), outcome: CaseOutcome::NotJustified },
            Fact::ChoicesRecorded,
            Fact::NoticesSet(Notices { first_access: true, every_access: false, by: NoticeChannel::None }),
            Fact::OpeningRefused { channel: Channel::Infirmier },
        ],
        ..by_web.clone()
    };
    [changed, refused, by_web, watched]
}

/// One of each of the first release: a moved variant changes the bytes. Those that came later are in an entry of theirs.
fn every_fact() -> Vec<Fact> {
    let who = || grantee(true);
    let rights = [
        RightsFact::Authorised { who: who(), until: Some(time(365)), basis: Basis::Explicit },
        RightsFact::AuthorisationEnded { who: who() },
        RightsFact::Blocked { who: who() },
        RightsFact::Unblocked { who: who() },
        RightsFact::MedecinTraitantDeclared { who: who() },
        RightsFact::MedecinTraitantEnded { who: who(), until: time(365) },
        RightsFact::InitialConsentRecorded { id: uuid(1), team: vec![grantee(false)], since: time(0) },
        RightsFact::InitialConsentWithdrawn { id: uuid(1) },
        RightsFact::EmergencySet(Emergency::default()),
        RightsFact::DefaultConfidentialitySet(Visibility::VISIBLE),
    ];
    let mut facts = vec![
        Fact::Opened { channel: Channel::Web },
        Fact::Closed { reason: ClosureReason::PatientRequest },
        Fact::Reactivated,
        Fact::CopyRequested,
        Fact::DestructionRequested,
        Fact::IdentityUpdated,
        Fact::InsChanged,
        Fact::RepresentativeAdded { index: 0 },
        Fact::RepresentativeEnded { index: 0 },
    ];
    facts.extend(rights.into_iter().map(Fact::Rights));
    facts.extend([
        Fact::DocumentRegistered {
            row: 300,
            entry_uuid: EntryUuid(uuid(2)),
            lid: Lid(uuid(3)),
            version: 1,
            visibility: Visibility::VISIBLE,
            release_at: Some(time(7)),
        },
        Fact::StatusChanged { row: 300, entry_uuid: EntryUuid(uuid(2)), status: Availability::Deleted },
        Fact::SetRegistered { row: 299, entry_uuid: EntryUuid(uuid(5)) },
    ]);
    facts
}
