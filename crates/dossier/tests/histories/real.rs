//! An act of the model as `dossier` is asked it.

use crate::acts::BIRTHS;
use crate::common::cast::{actor, grantee, ps_id};
use crate::common::deposit::{author, lot, metadata};
use crate::common::script::{by_name, name_of, proof};
use crate::common::{Bench, time};
use crate::model::{
    Act, Actor, Auth, AuthorOf, DAY, Draft, Mode, PEOPLE, Seen, Status, T, TYPES, Who, World,
};
use dmp_dossier::{
    Authorise, Availability, ChangeStatus, ChangeVisibility, ClosureReason, Command, DocumentDraft, Dtm,
    Emergency, Query, SeenDocument, Time, Visibility,
};
use std::collections::BTreeMap;

/// What `dossier` is asked.
pub enum Asked {
    Command(Command),
    Query(Query),
}

pub fn name(number: usize) -> String {
    format!("d{number}")
}

/// The actor of `dossier`.
pub fn real_actor(of: &Actor) -> dmp_dossier::Actor {
    let word = match of {
        Actor::Patient => "patient".to_owned(),
        Actor::OtherPatient => "autre".to_owned(),
        Actor::Rep(n) => ["mere", "tuteur", "inconnu"][*n].to_owned(),
        Actor::Ps { who, mode, auth, secret } => {
            let mode = match mode {
                Mode::Normal => "",
                Mode::Glace { reason: true } => "/glace",
                Mode::Glace { reason: false } => "/glace-sans-motif",
                Mode::Samu => "/samu",
            };
            let auth = match auth {
                Auth::Direct => "",
                Auth::Air => "/air",
                Auth::Psc => "/psc",
                Auth::Indirect => "/indirect",
            };
            format!("{}{mode}{auth}{}", PEOPLE[*who].name, if *secret { "/secret" } else { "" })
        }
        Actor::Cpe { structure, air } => format!("{}{structure}", if *air { "pe" } else { "cpe" }),
        Actor::Cert { structure, samu } => format!("cert{structure}{}", if *samu { "/samu" } else { "" }),
        Actor::Desk => "cpam".to_owned(),
        Actor::Insurer => "insurer".to_owned(),
        Actor::Pilot => "pilot".to_owned(),
        Actor::System => "system".to_owned(),
        Actor::Loader => "loader".to_owned(),
    };
    actor(&word)
}

fn real_who(who: Who) -> dmp_dossier::Grantee {
    match who {
        Who::Person(p) => grantee(PEOPLE[p].name),
        Who::Structure(s) => grantee(&format!("s{s}")),
    }
}

fn real_author(of: AuthorOf) -> dmp_dossier::Author {
    author(&match of {
        AuthorOf::Person(p, s) => format!("{}@{s}", PEOPLE[p].name),
        AuthorOf::Patient => "patient".to_owned(),
        AuthorOf::AssuranceMaladie => "amo".to_owned(),
        AuthorOf::Device(s) => format!("device{s}"),
    })
}

pub fn real_visibility(v: Seen) -> Visibility {
    Visibility { masked: v.masked, hidden_from_patient: v.hidden, hidden_from_representatives: v.reps }
}

fn real_status(status: Status) -> Availability {
    match status {
        Status::Approved => Availability::Approved,
        Status::Archived => Availability::Archived,
        Status::Replaced => Availability::Deprecated,
        Status::Deleted => Availability::Deleted,
    }
}

/// Documents shown and their status, by number.
pub fn numbers(seen: &[SeenDocument]) -> BTreeMap<usize, Status> {
    seen.iter()
        .map(|s| {
            let name = name_of(&s.entry.metadata.unique_id);
            let status = match s.entry.status {
                Availability::Approved => Status::Approved,
                Availability::Archived => Status::Archived,
                Availability::Deprecated => Status::Replaced,
                Availability::Deleted => Status::Deleted,
            };
            (name[1..].parse().unwrap(), status)
        })
        .collect()
}

/// The command or query of an act, in this world.
pub fn real(act: &Act, of: &Actor, world: &World, bench: &Bench) -> Asked {
    let command = match act {
        Act::AskStatus => return Asked::Query(Query::Status),
        Act::Administrative => return Asked::Query(Query::Administrative),
        Act::Rights => return Asked::Query(Query::Rights),
        Act::Search => return Asked::Query(Query::FindDocuments(Box::default())),
        Act::Read(docs) => {
            return Asked::Query(Query::Retrieve(docs.iter().map(|n| by_name(&name(*n))).collect()));
        }
        Act::Reference(doc) => return Asked::Query(Query::FindReference(by_name(&name(*doc)))),
        Act::Close => Command::Close { reason: ClosureReason::PatientRequest, text: None, deceased: None },
        Act::Reactivate => Command::Reactivate { consent: Some(proof(bench)) },
        Act::Authorise { who, treating, days } => Command::Authorise(Box::new(Authorise {
            who: real_who(*who),
            label: None,
            // A professional's declaration has no end of its own in the model.
            until: days
                .filter(|_| matches!(of, Actor::Patient | Actor::Rep(_)))
                .map(|d| Time::from_millis(bench.now.millis() + d * DAY * 60_000)),
            medecin_traitant: *treating,
            profession: match who {
                Who::Person(p) => Some(PEOPLE[*p].profession.to_owned()),
                Who::Structure(_) => None,
            },
        })),
        Act::End(who) => Command::EndAuthorisation { who: real_who(*who) },
        Act::Block(who) => Command::Block { who: real_who(*who), label: None },
        Act::Unblock(who) => Command::Unblock { who: real_who(*who) },
        Act::EndTreating(p) => Command::EndMedecinTraitant { who: ps_id(*p) },
        Act::Consent(team) => Command::RecordInitialConsent {
            team: team.iter().map(|w| real_who(*w)).collect(),
            proof: proof(bench),
        },
        Act::WithdrawConsent(n) => {
            let consents = &bench.dossier.state.rights.initial_consents;
            Command::WithdrawInitialConsent { id: consents.get(*n).map_or(uuid::Uuid::nil(), |c| c.id) }
        }
        Act::Emergency { glace, samu, masked } => Command::SetEmergency(Emergency {
            bris_de_glace_opposed: *glace,
            samu_opposed: *samu,
            masked_readable: *masked,
        }),
        Act::Default { masked } => {
            Command::SetDefaultConfidentiality(Visibility { masked: *masked, ..Visibility::VISIBLE })
        }
        Act::Publish(drafts) => publish(drafts, of, world.docs.len(), bench),
        Act::Visibility { doc, to } => Command::ChangeVisibility(ChangeVisibility {
            document: by_name(&name(*doc)),
            to: real_visibility(*to),
            from_version: None,
        }),
        Act::SetStatus { doc, to } => Command::ChangeStatus(ChangeStatus {
            document: by_name(&name(*doc)),
            to: real_status(*to),
            from_version: None,
        }),
        Act::Release => Command::ReleaseAnnouncements,
    };
    Asked::Command(command)
}

/// The lot of these drafts, numbered from here.
pub fn publish(drafts: &[Draft], of: &Actor, first: usize, bench: &Bench) -> Command {
    let documents = drafts
        .iter()
        .zip(first..)
        .map(|(draft, number)| {
            let mut metadata = metadata(&name(number), TYPES[draft.ty], &[], Dtm::from_time(bench.now));
            metadata.authors = vec![real_author(draft.author)];
            DocumentDraft {
                metadata,
                declared: None,
                visibility: real_visibility(draft.visibility),
                release_at: draft
                    .delay_days
                    .map(|d| Time::from_millis(bench.now.millis() + d * DAY * 60_000)),
                replaces: draft.replaces.map(|n| by_name(&name(n))),
            }
        })
        .collect();
    // A lot of the patient's documents carries its sender.
    let patients = drafts.iter().all(|d| d.author == AuthorOf::Patient);
    let sender = match of {
        Actor::Ps { who, .. } => Some(AuthorOf::Person(*who, PEOPLE[*who].structure)),
        Actor::Cpe { structure, .. } | Actor::Cert { structure, .. } => Some(AuthorOf::Device(*structure)),
        _ => None,
    };
    let sender = sender.filter(|_| patients).map(real_author);
    Command::Publish(Box::new(lot(bench, &name(first), sender, documents)))
}

/// When the patient comes of age, in minutes of the model.
pub fn majority(birth: usize, start: Time) -> T {
    let (year, day) = BIRTHS[birth].split_at(4);
    let year: u32 = year.parse().unwrap();
    (time(&format!("{}{day}", year + 18)).millis() - start.millis()) / 60_000
}
