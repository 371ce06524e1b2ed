//! What the answers of the wizard do: a refusal kept, a dossier opened or reopened, its choices, its duration.

use dmp_dossier::{
    Choice, ChoiceSubject, Command, ConsentProof, Contact, Emergency, Open, Reason, Receipt, Relation,
    Representative,
};
use dmp_store::Target;
use uuid::Uuid;

use super::draft::{Draft, Outcome, Person, Reach, capitals};
use super::wizard::EMERGENCY;
use super::{Desk, contact, failure, statement};
use crate::Portal;
use crate::failure::Failure;
use crate::patient::questions::{self, Fields, OPENING, QUESTIONS, Wrong};
use crate::services::MessageKind;

/// Longest name of a representative, in characters.
const NAME_CHARS_MAX: usize = 80;

/// Adults of the card other than the patient, who may agree for a minor: value and words.
pub(super) fn adults(portal: &Portal, draft: &Draft) -> Vec<(String, String)> {
    let patient = draft.chosen.map(|(index, _)| index);
    let adults = draft
        .people
        .iter()
        .enumerate()
        .filter(|(index, person)| Some(*index) != patient && !person.is_minor(portal));
    adults.map(|(index, person)| (format!("r{index}"), person.name())).collect()
}

/// What is missing or wrong in the answers; a refusal was taken before.
pub(super) fn wrong(portal: &Portal, draft: &Draft, fields: &Fields) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    if fields.get("information") != "oui" {
        wrong.push(("information", "Remettez le dépliant et expliquez, puis cochez."));
    }
    let minor = draft.patient().is_some_and(|(person, _)| person.is_minor(portal));
    let accord = fields.get("accord");
    let known = match accord {
        "oui" => !minor,
        "autre" => minor,
        other => minor && adults(portal, draft).iter().any(|(value, _)| value == other),
    };
    if !known {
        wrong.push(("accord", "Demandez l'accord, puis notez la réponse."));
    }
    if accord == "autre" && minor {
        for (field, says) in [
            ("rep_nom", "Écrivez le nom du représentant."),
            ("rep_prenom", "Écrivez le prénom du représentant."),
        ] {
            let text = fields.get(field);
            if !(1..=NAME_CHARS_MAX).contains(&text.chars().count()) || text.chars().any(char::is_control) {
                wrong.push((field, says));
            }
        }
        if relation(fields).is_none() {
            wrong.push(("rep_lien", "Choisissez le lien avec l'enfant."));
        }
    }
    if draft.closed {
        return wrong;
    }
    if !EMERGENCY.iter().any(|(value, _)| *value == fields.get("urgence_choix")) {
        wrong.push(("urgence_choix", "Demandez ce que le patient choisit en cas d'urgence."));
    }
    for question in QUESTIONS.iter().filter(|q| matches!(q.field, "remboursements" | "avis")) {
        if !fields.get(question.field).is_empty() && question.answer(fields).is_none() {
            wrong.push((question.field, "Choisissez une des réponses."));
        }
    }
    let typed = fields.get("joindre");
    let without = fields.get("sans") == "oui";
    let reach = contact::read(typed);
    match (&reach, typed.is_empty(), without) {
        (_, true, true) | (Some(_), _, false) => {}
        (_, false, true) => {
            wrong.push(("joindre", "Effacez l'adresse, ou décochez « Pas de mobile ni de mail »."))
        }
        (_, true, false) => {
            wrong.push(("joindre", "Tapez un mobile ou un mail, ou cochez qu'il n'y en a pas."))
        }
        (None, false, false) => {
            wrong.push(("joindre", "Tapez un mobile (06 12 34 56 78) ou un mail (nom@exemple.fr)."));
        }
    }
    match (fields.get("avis"), &reach) {
        ("sms", Some(Reach::Sms(_))) | ("mail", Some(Reach::Mail(_))) | ("non" | "", _) => {}
        ("sms", _) => wrong.push(("avis", "Pour un avis par SMS, il faut un mobile.")),
        ("mail", _) => wrong.push(("avis", "Pour un avis par mail, il faut une adresse mail.")),
        _ => wrong.push(("avis", "Choisissez une des réponses.")),
    }
    wrong
}

fn relation(fields: &Fields) -> Option<Relation> {
    match fields.get("rep_lien") {
        "parent" => Some(Relation::Parent),
        "tuteur" => Some(Relation::Guardian),
        _ => None,
    }
}

/// Keeps a refusal; that of a reopening changes nothing.
pub(super) async fn refuse(portal: &Portal, desk: &Desk, draft: &mut Draft) -> Result<(), Failure> {
    draft.outcome = Some(Outcome::Refused);
    if draft.closed {
        return Ok(());
    }
    match execute(portal, desk, draft, Command::RefuseOpening { channel: desk.channel }).await {
        // Opened meanwhile, elsewhere: the page says that a dossier is there.
        Err(Failure::Refused { refusal, .. }) if refusal.reason == Reason::DossierOpen => {
            draft.outcome = Some(Outcome::Exists);
            Ok(())
        }
        other => other.map(|_| ()),
    }
}

async fn execute(portal: &Portal, desk: &Desk, draft: &Draft, command: Command) -> Result<Receipt, Failure> {
    let (person, _) = draft.patient().ok_or(Failure::Form)?;
    let target = Target::Patient(person.ins.clone());
    let done = portal.store.execute(&desk.viewer.actor, target, command, Vec::new(), Uuid::new_v4()).await;
    done.map_err(failure)
}

/// Opens, or reopens, with everything that was answered.
pub(super) async fn open(
    portal: &Portal,
    desk: &Desk,
    draft: &mut Draft,
    fields: &Fields,
) -> Result<(), Failure> {
    let Some((person, piece)) = draft.patient().map(|(person, piece)| (person.clone(), piece)) else {
        return Err(Failure::Form);
    };
    let now = portal.store.now();
    let contact = match &draft.proved {
        Some(Reach::Sms(number)) => Contact { phone: Some(number.clone()), ..Contact::default() },
        Some(Reach::Mail(address)) => Contact { mail: Some(address.clone()), ..Contact::default() },
        None => Contact::default(),
    };
    let representative = representative(portal, draft, fields, &contact);
    let mut means = format!("oral, sur place ; pièce vue : {}", piece.label().to_lowercase());
    if let Some(who) = &representative {
        means.push_str(&format!(" ; accord de {} {}", who.name, who.given));
    }
    let proof = ConsentProof {
        collected_by: desk.collected_by(),
        means,
        at: now,
        information: Some(questions::INFORMATION.to_owned()),
    };
    if draft.closed {
        execute(portal, desk, draft, Command::Reactivate { consent: Some(proof) }).await?;
        return finish(portal, desk, draft, Outcome::Reopened).await;
    }
    let command = Open {
        ins: person.ins.clone(),
        traits: person.traits.clone(),
        contact: contact.clone(),
        representatives: representative.iter().cloned().collect(),
        consent: Some(proof.clone()),
        channel: desk.channel,
        emergency: emergency(fields),
    };
    let receipt = execute(portal, desk, draft, Command::Open(Box::new(command))).await?;
    if receipt == Receipt::AlreadyDone && !statement::is_kept(portal, desk, draft).await? {
        // Opened meanwhile, at another desk or by the patient: theirs stands as they made it.
        draft.outcome = Some(Outcome::Exists);
        return Ok(());
    }
    execute(portal, desk, draft, Command::RecordChoices(choices(fields, &proof))).await?;
    if !fields.get("avis").is_empty() {
        let notices = Command::SetNotices(questions::notices(fields));
        execute(portal, desk, draft, notices).await?;
    }
    if let Some(parent) = representative.as_ref().and_then(|r| r.person.as_deref()) {
        let name =
            format!("{} {}", capitals(person.traits.first_given()), capitals(&person.traits.birth_name));
        portal.services.remember_profile(parent, &person.ins, &name).await;
    }
    portal.services.tell(&contact, MessageKind::Opened).await;
    finish(portal, desk, draft, Outcome::Opened).await
}

async fn finish(portal: &Portal, desk: &Desk, draft: &mut Draft, outcome: Outcome) -> Result<(), Failure> {
    draft.outcome = Some(outcome);
    draft.seconds = draft.elapsed(portal.store.now());
    statement::keep(portal, desk, draft).await
}

/// Who agreed for a minor.
fn representative(
    portal: &Portal,
    draft: &Draft,
    fields: &Fields,
    contact: &Contact,
) -> Option<Representative> {
    let of = |person: Option<String>, name: &str, given: &str, relation| Representative {
        person,
        name: name.to_owned(),
        given: given.to_owned(),
        relation,
        contact: contact.clone(),
        since: portal.store.now(),
        until: None,
    };
    match fields.get("accord") {
        "oui" => None,
        "autre" => Some(of(None, fields.get("rep_nom"), fields.get("rep_prenom"), relation(fields)?)),
        chosen => {
            let index: usize = chosen.strip_prefix('r')?.parse().ok()?;
            let adult: &Person = draft.people.get(index)?;
            let (name, given) = (&adult.traits.birth_name, capitals(adult.traits.first_given()));
            Some(of(Some(adult.ins.value().to_owned()), name, &given, Relation::Parent))
        }
    }
}

/// The two switches of the one question about emergencies.
fn emergency(fields: &Fields) -> Emergency {
    let chosen = fields.get("urgence_choix");
    Emergency {
        samu_opposed: !matches!(chosen, "tous" | "samu"),
        bris_de_glace_opposed: !matches!(chosen, "tous" | "soignants"),
        masked_readable: false,
    }
}

/// The answers that were given, each with its receipt; what was left for later is not an answer.
pub(super) fn choices(fields: &Fields, proof: &ConsentProof) -> Vec<Choice> {
    let switches = emergency(fields);
    let word = |yes: bool| if yes { "oui" } else { "non" };
    let given = [
        ("ouvrir", "oui"),
        ("samu", word(!switches.samu_opposed)),
        ("urgence", word(!switches.bris_de_glace_opposed)),
        ("remboursements", fields.get("remboursements")),
        ("avis", fields.get("avis")),
    ];
    let fields = Fields(given.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
    questions::choices(&fields, &questions::of_opening(), proof)
}

/// Questions and answers for the paper.
pub(super) fn told(fields: &Fields, closed: bool, proof: &ConsentProof) -> Vec<(String, String)> {
    if closed {
        return vec![("Rouvrir le dossier".to_owned(), "Oui".to_owned())];
    }
    let question = |subject: ChoiceSubject| match subject {
        ChoiceSubject::Opening => OPENING.legend,
        other => questions::subject(other),
    };
    choices(fields, proof).into_iter().map(|c| (question(c.subject).to_owned(), c.answer)).collect()
}

/// Who agreed for a minor, in words.
pub(super) fn agreed_by(portal: &Portal, draft: &Draft, fields: &Fields) -> Option<String> {
    let who = representative(portal, draft, fields, &Contact::default())?;
    let tie = match who.relation {
        Relation::Parent => "parent",
        Relation::Guardian => "tuteur",
    };
    Some(format!("{} {}, {tie}", who.name, who.given))
}
