//! The people this dossier already knows: who holds a right, who wrote a document the reader may see, who came. There is no
//! national directory here: anybody else is named by their identifier, typed.

use aws_lc_rs::digest;
use dmp_dossier::{
    Actor, ActorKind, ActorTrace, Auth, AuthorId, Authorisation, Basis, Card, Grant, Grantee, GranteeLabel,
    JournalFilter, Mode, PersonName, Professional, PsId, Query, RightsView, SeenDocument, StructureId, Time,
    View,
};
use dmp_nomenclature::{AuthorSpecialty, speciality};
use dmp_store::Line;
use std::fmt::Write as _;

use crate::failure::Failure;
use crate::french;
use crate::open::Open;
use crate::people::{self, Reader};

/// How far back, and how many lines of the journal are looked at for people who came.
const VISITORS_DAYS: i64 = 365;
const VISITORS_LINES: usize = 1000;

/// A person or a structure.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) who: Grantee,
    pub(crate) name: String,
    pub(crate) profession: Option<String>,
    pub(crate) speciality: Option<String>,
    /// Where they act, when the dossier tells.
    pub(crate) structure: Option<StructureId>,
    pub(crate) place: String,
    /// What the dossier holds about them.
    pub(crate) grant: Option<Grant>,
    /// Why they are known, `a écrit un document`.
    pub(crate) how: String,
}

/// What somebody may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    MedecinTraitant { since: Time },
    Authorised { since: Time, until: Option<Time>, basis: Basis },
    Over { at: Time },
    Blocked { since: Time },
    Nothing,
}

impl Known {
    /// Somebody named by an identifier that was typed.
    pub(crate) fn typed(who: Grantee, name: String, profession: Option<String>) -> Known {
        Known {
            who,
            name,
            profession,
            speciality: None,
            structure: None,
            place: String::new(),
            grant: None,
            how: String::new(),
        }
    }

    /// Word for the address: tells a person of this dossier from another, and nothing of who it is.
    pub(crate) fn key(&self) -> String {
        key(&self.who)
    }

    /// `Médecin généraliste · Cabinet du Port`.
    pub(crate) fn role(&self) -> String {
        let label = self.label();
        people::joined(&[people::grantee_role(&self.who, Some(&label)), self.place.clone()])
    }

    /// What the dossier keeps for people to read.
    pub(crate) fn label(&self) -> GranteeLabel {
        GranteeLabel {
            who: self.who.clone(),
            name: self.name.clone(),
            profession: self.profession.clone(),
            speciality: self.speciality.clone(),
        }
    }

    /// True for a doctor in practice, as far as is known.
    pub(crate) fn is_doctor(&self) -> bool {
        self.is_person() && self.profession.as_deref() == Some("10")
    }

    /// True for an occupational doctor, who reads no content (FCT-5).
    pub(crate) fn is_occupational(&self) -> bool {
        self.speciality.as_deref().is_some_and(speciality::is_occupational)
    }

    pub(crate) fn is_person(&self) -> bool {
        matches!(self.who, Grantee::Professional(_))
    }

    /// What they may do at an instant.
    pub(crate) fn standing(&self, now: Time) -> Standing {
        let Some(grant) = &self.grant else { return Standing::Nothing };
        match (grant.at(now), grant.blocked, grant.medecin_traitant, grant.authorised) {
            (Authorisation::Interdit, Some(since), ..) => Standing::Blocked { since },
            (Authorisation::Valide, _, Some(since), _) => Standing::MedecinTraitant { since },
            (Authorisation::Valide, _, None, Some((since, until, basis))) => {
                Standing::Authorised { since, until, basis }
            }
            (Authorisation::Expire, _, _, Some((_, Some(at), _))) => Standing::Over { at },
            _ => Standing::Nothing,
        }
    }

    /// True when they may read now.
    pub(crate) fn may_read(&self, now: Time) -> bool {
        matches!(self.standing(now), Standing::MedecinTraitant { .. } | Standing::Authorised { .. })
    }

    /// The actor they would be, by Pro Santé Connect, in the normal mode; `None` when the profession is not known. A
    /// structure needs a profession of its people.
    pub(crate) fn actor(&self, profession: Option<&str>) -> Option<Actor> {
        let profession = profession.or(self.profession.as_deref())?;
        let (card, profession) = match profession.strip_prefix("G16_") {
            Some(student) => (Card::Cpf, student),
            None => (Card::Cps, profession),
        };
        let (id, structure) = match &self.who {
            Grantee::Professional(id) => (id.clone(), self.structure.clone()),
            Grantee::Structure(id) => (nobody()?, Some(id.clone())),
        };
        Some(Actor::Professional(Box::new(Professional {
            id,
            name: PersonName { family: self.name.clone(), given: String::new() },
            profession: profession.to_owned(),
            speciality: self.speciality.clone(),
            structure,
            structure_name: None,
            sector: None,
            auth: Auth::Oidc,
            card,
            mode: Mode::Normal,
            secret: false,
            software: None,
        })))
    }
}

/// The identifier of nobody: no RPPS is all zeros.
pub(crate) fn nobody() -> Option<PsId> {
    PsId::parse("800000000000")
}

/// Word for the address of a person or structure.
pub(crate) fn key(who: &Grantee) -> String {
    let kind = match who {
        Grantee::Professional(_) => "P",
        Grantee::Structure(_) => "S",
    };
    short_digest(&[kind, who.id()])
}

/// Word for the address of somebody of the journal; that of [`key`] for who can be authorised.
pub(crate) fn trace_key(trace: &ActorTrace) -> String {
    grantee_of(trace)
        .map_or_else(|| short_digest(&[&format!("{:?}", trace.kind), &trace.id]), |who| key(&who))
}

fn short_digest(parts: &[&str]) -> String {
    let digest = digest::digest(&digest::SHA256, parts.join("\0").as_bytes());
    digest.as_ref()[..8].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whom one could authorise or block, of somebody of the journal.
pub(crate) fn grantee_of(trace: &ActorTrace) -> Option<Grantee> {
    match trace.kind {
        ActorKind::Professional => PsId::parse(&trace.id).map(Grantee::Professional),
        ActorKind::Employee | ActorKind::Structure => {
            trace.structure.as_deref().and_then(StructureId::parse).map(Grantee::Structure)
        }
        _ => None,
    }
}

/// The rights of the dossier.
///
/// # Errors
/// The refusal, or a failure of ours.
pub(crate) async fn rights(open: &Open) -> Result<RightsView, Failure> {
    match open.consult(Query::Rights).await?.view {
        View::Rights(view) => Ok(*view),
        _ => Err(Failure::Ours),
    }
}

/// Everybody who holds or held a right, in order of first act.
pub(crate) fn of_rights(view: &RightsView) -> Vec<Known> {
    let known = |(grant, label): &(Grant, Option<GranteeLabel>)| Known {
        who: grant.who.clone(),
        name: people::grantee(&grant.who, label.as_ref()),
        profession: label.as_ref().and_then(|l| l.profession.clone()),
        speciality: label.as_ref().and_then(|l| l.speciality.clone()),
        structure: None,
        place: String::new(),
        grant: Some(grant.clone()),
        how: String::new(),
    };
    view.grants.iter().map(known).collect()
}

/// Everybody the dossier knows: those of [`of_rights`] first, then authors and visitors.
///
/// # Errors
/// The refusal, or a failure of ours; documents and journal that cannot be read are left out.
pub(crate) async fn everybody(open: &Open) -> Result<Vec<Known>, Failure> {
    let from = Time::from_millis(open.now.millis() - VISITORS_DAYS * 86_400_000);
    let journal = JournalFilter { from: Some(from), limit: Some(VISITORS_LINES), ..JournalFilter::default() };
    let (rights, documents, journal) = tokio::join!(
        rights(open),
        open.consult_part(Query::FindDocuments(Box::default())),
        open.consult_part(Query::Journal(journal)),
    );
    let mut known = of_rights(&rights?);
    if let Some(View::Documents(seen)) = documents.map(|answer| answer.view) {
        add_authors(&mut known, &seen);
    }
    if let Some(answer) = journal {
        add_visitors(&mut known, &answer.lines);
    }
    Ok(known)
}

/// Somebody by the word of an address.
///
/// # Errors
/// Nobody of this dossier: [`Failure::UnknownAddress`].
pub(crate) async fn find(open: &Open, wanted: &str) -> Result<Known, Failure> {
    everybody(open).await?.into_iter().find(|k| k.key() == wanted).ok_or(Failure::UnknownAddress)
}

fn add(known: &mut Vec<Known>, found: Known) {
    match known.iter_mut().find(|k| k.who == found.who) {
        None => known.push(found),
        Some(there) => {
            if there.name == there.who.id() {
                there.name = found.name;
            }
            there.structure = there.structure.take().or(found.structure);
            if there.profession.is_none() {
                there.profession = found.profession;
                there.speciality = found.speciality;
            }
            if there.place.is_empty() {
                there.place = found.place;
            }
            if there.how.is_empty() {
                there.how = found.how;
            }
        }
    }
}

fn add_authors(known: &mut Vec<Known>, seen: &[SeenDocument]) {
    for author in seen.iter().rev().flat_map(|s| &s.entry.metadata.authors) {
        let AuthorId::Professional(id) = &author.person.id else { continue };
        let specialty = author.specialty.as_ref().and_then(|code| AuthorSpecialty::parse(&code.code));
        add(
            known,
            Known {
                name: people::author_name(author, Reader::Other),
                profession: specialty.map(|s| s.profession.key.to_owned()),
                speciality: specialty.and_then(|s| s.qualification).map(|q| q.code.to_owned()),
                structure: author.institution.as_ref().and_then(|i| i.id.clone()),
                place: people::author_place(author),
                how: "a écrit un de vos documents".to_owned(),
                ..Known::typed(Grantee::Professional(id.clone()), String::new(), None)
            },
        );
    }
}

fn add_visitors(known: &mut Vec<Known>, lines: &[Line]) {
    for line in lines {
        let trace = &line.entry.actor;
        let Some(who) = grantee_of(trace) else { continue };
        let is_person = matches!(who, Grantee::Professional(_));
        let name = match is_person {
            true => people::actor(trace, Reader::Other).0,
            false => trace.structure_name.clone().unwrap_or_else(|| who.id().to_owned()),
        };
        add(
            known,
            Known {
                profession: trace.profession.clone().filter(|_| is_person),
                speciality: trace.speciality.clone().filter(|_| is_person),
                structure: trace.structure.as_deref().and_then(StructureId::parse),
                place: trace.structure_name.clone().filter(|_| is_person).unwrap_or_default(),
                how: format!("noté dans vos accès le {}", french::day(line.entry.at)),
                ..Known::typed(who, name, None)
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn grant(authorised: Option<(i64, Option<i64>)>, blocked: bool, medecin_traitant: bool) -> Grant {
        let at = |days: i64| Time::from_millis(samples::now().millis() + days * 86_400_000);
        Grant {
            who: Grantee::Professional(nobody().unwrap()),
            authorised: authorised.map(|(from, until)| (at(from), until.map(at), Basis::Patient)),
            blocked: blocked.then(|| at(-1)),
            medecin_traitant: medecin_traitant.then(|| at(-2)),
            last_act: at(-1),
        }
    }

    #[test]
    fn a_grant_is_said_as_one_standing() {
        for (grant, standing) in [
            (grant(None, false, false), "Nothing"),
            (grant(Some((-2, None)), false, true), "MedecinTraitant"),
            (grant(Some((-2, Some(3))), false, false), "Authorised"),
            (grant(Some((-9, Some(-3))), false, false), "Over"),
            (grant(None, true, false), "Blocked"),
        ] {
            let who = grant.who.clone();
            let known = Known { grant: Some(grant), ..Known::typed(who, "X".into(), None) };
            let told = format!("{:?}", known.standing(samples::now()));
            assert!(told.starts_with(standing), "{told}");
            assert_eq!(known.may_read(samples::now()), ["MedecinTraitant", "Authorised"].contains(&standing));
        }
    }

    #[test]
    fn the_word_of_an_address_names_nobody() {
        let doctor = ActorTrace::of(&samples::doctor().actor);
        let word = trace_key(&doctor);
        assert_eq!(word, key(&grantee_of(&doctor).unwrap()));
        assert!(word.len() == 16 && !word.contains(&doctor.id));
        assert_ne!(trace_key(&ActorTrace::of(&samples::patient().actor)), word);
    }
}
