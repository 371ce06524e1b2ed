//! The screens and the way from one to the next.

use askama::Template;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use dmp_dossier::{
    Channel, Command, Contact, Open as OpenDossier, OtpChannel, Relation, Representative, Sex,
};

use super::{Subject, contact};
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::patient::questions::{self, Fields, Question, Wrong};
use crate::reference::{Reference, Way};
use crate::services::{CodeError, CodePurpose};
use crate::shell::Shell;

/// A screen. The code belongs to the fourth: contact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Identity,
    Information,
    Choices,
    Contact,
    Code,
}

impl Step {
    const ALL: [Step; 5] = [Step::Identity, Step::Information, Step::Choices, Step::Contact, Step::Code];

    /// The word in the form.
    fn as_str(self) -> &'static str {
        match self {
            Step::Identity => "identite",
            Step::Information => "information",
            Step::Choices => "choix",
            Step::Contact => "contact",
            Step::Code => "code",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.as_str() == word)
    }

    fn before(self) -> Step {
        let place = Step::ALL.iter().position(|s| *s == self).unwrap_or(0);
        Step::ALL[place.saturating_sub(1)]
    }

    fn number(self) -> u8 {
        match self {
            Step::Identity => 1,
            Step::Information => 2,
            Step::Choices => 3,
            Step::Contact | Step::Code => 4,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Step::Identity => "Votre identité",
            Step::Information => "Ce qu'il faut savoir",
            Step::Choices => "Vos choix",
            Step::Contact => "Vous joindre",
            Step::Code => "Le code reçu",
        }
    }

    /// Fields that the screen shows, which it therefore does not carry hidden.
    fn shows(self) -> &'static [&'static str] {
        match self {
            Step::Identity => &["identite", "enfant", "autorite"],
            Step::Information => &["information"],
            Step::Choices => &questions::FIELDS,
            Step::Contact => &contact::FIELDS,
            Step::Code => &["code"],
        }
    }
}

/// Every field that travels from screen to screen.
fn travelling() -> impl Iterator<Item = &'static str> {
    ["identite", "enfant", "autorite", "information"]
        .into_iter()
        .chain(questions::FIELDS)
        .chain(contact::FIELDS)
        .chain(["ticket"])
}

#[derive(Template)]
#[template(path = "patient/opening.html")]
pub(super) struct Screen {
    shell: Shell,
    action: &'static str,
    csrf: String,
    step: Step,
    is_child: bool,
    identity: Vec<(&'static str, String)>,
    first_name: String,
    fields: Fields,
    hidden: Vec<(&'static str, String)>,
    errors: Vec<Wrong>,
    /// Where the code went, with its middle left out.
    sent_to: String,
}

impl Screen {
    fn error(&self, field: &str) -> Option<&'static str> {
        self.errors.iter().find(|(f, _)| *f == field).map(|(_, says)| *says)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.fields.get(field) == value
    }

    fn questions(&self) -> Vec<&'static Question> {
        questions::of_opening()
    }
}

/// A screen, with what was typed.
pub(super) fn screen(subject: &Subject, step: Step, fields: &Fields, errors: Vec<Wrong>) -> Screen {
    let traits = &subject.traits;
    let word =
        if subject.parent.is_some() { "Ouvrir le dossier de mon enfant" } else { "Ouvrir mon dossier" };
    let title = if errors.is_empty() { word.to_owned() } else { format!("Erreur : {}", step.title()) };
    let sex = match traits.sex {
        Sex::Female => "Féminin",
        Sex::Male => "Masculin",
        Sex::Undetermined => "Non précisé",
    };
    let mut identity = vec![
        ("Nom de naissance", traits.birth_name.clone()),
        ("Prénoms", traits.given_names.clone()),
        ("Date de naissance", french::birth_date(&traits.birth_date)),
        ("Sexe", sex.to_owned()),
    ];
    if let Some(used) = &traits.used_name {
        identity.insert(1, ("Nom utilisé", used.clone()));
    }
    let hidden = travelling()
        .filter(|name| !step.shows().contains(name))
        .map(|name| (name, fields.get(name).to_owned()))
        .filter(|(_, value)| !value.is_empty() && value.len() <= 500)
        .collect();
    Screen {
        shell: Shell::new(&subject.open.portal, Some(&subject.open.viewer), &title),
        action: if subject.parent.is_some() { "/ouvrir/enfant" } else { "/ouvrir" },
        csrf: subject.open.viewer.csrf.clone(),
        step,
        is_child: subject.parent.is_some(),
        identity,
        first_name: traits.used_given.clone().unwrap_or_else(|| traits.first_given().to_owned()),
        fields: fields.clone(),
        hidden,
        errors,
        sent_to: match fields.get("canal") {
            "sms" => shortened(fields.get("mobile")),
            _ => shortened(fields.get("mail")),
        },
    }
}

/// The screen as an answer.
pub(super) fn shown(screen: &Screen) -> Response<Body> {
    let status = if screen.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    answer::page(status, screen)
}

/// `06 ** ** ** 78`: enough to know it again, not enough to learn it over a shoulder.
fn shortened(text: &str) -> String {
    if let Some((local, domain)) = text.split_once('@') {
        let first: String = local.chars().take(2).collect();
        return format!("{first}…@{domain}");
    }
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0..4 => String::new(),
        n => format!("le numéro qui finit par {}{}", digits[n - 2], digits[n - 1]),
    }
}

#[derive(Template)]
#[template(path = "patient/not_opened.html")]
struct NotOpened {
    shell: Shell,
    is_child: bool,
}

/// Goes from the screen that was sent to the next one, or opens.
pub(super) async fn go(subject: Subject, fields: Fields) -> Result<Response<Body>, Failure> {
    let Some(step) = Step::parse(fields.get("etape")) else { return Err(Failure::Form) };
    if fields.get("aller") == "retour" {
        // A code that was sent is for the address that was typed: back from it, both are asked again.
        return Ok(shown(&screen(&subject, step.before(), &fields, Vec::new())));
    }
    for passed in Step::ALL.into_iter().filter(|s| *s <= step) {
        let wrong = wrong(&subject, passed, &fields);
        if !wrong.is_empty() {
            return Ok(shown(&screen(&subject, passed, &fields, wrong)));
        }
    }
    if step >= Step::Choices && fields.get("ouvrir") == "non" {
        let page = NotOpened {
            shell: Shell::new(&subject.open.portal, Some(&subject.open.viewer), "Aucun dossier ouvert"),
            is_child: subject.parent.is_some(),
        };
        return Ok(answer::page(StatusCode::OK, &page));
    }
    let channel = if step >= Step::Contact { contact::channel(&fields).unwrap_or_default() } else { None };
    match (step, channel) {
        (Step::Identity, _) => Ok(shown(&screen(&subject, Step::Information, &fields, Vec::new()))),
        (Step::Information, _) => Ok(shown(&screen(&subject, Step::Choices, &fields, Vec::new()))),
        (Step::Choices, _) => Ok(shown(&screen(&subject, Step::Contact, &fields, Vec::new()))),
        (Step::Contact | Step::Code, None) => open(&subject, &fields, None).await,
        (Step::Contact, Some(channel)) => send(&subject, fields, channel).await,
        (Step::Code, Some(channel)) if fields.get("aller") == "renvoyer" => {
            send(&subject, fields, channel).await
        }
        (Step::Code, Some(channel)) => check(&subject, fields, channel).await,
    }
}

/// What a screen is still missing.
fn wrong(subject: &Subject, step: Step, fields: &Fields) -> Vec<Wrong> {
    match step {
        Step::Identity if subject.parent.is_some() => {
            let yes = fields.get("autorite") == "oui";
            if yes {
                Vec::new()
            } else {
                vec![("autorite", "Confirmez que vous avez l'autorité parentale.")]
            }
        }
        Step::Identity if fields.get("identite") != "oui" => {
            vec![("identite", "Confirmez que cette identité est la vôtre.")]
        }
        Step::Information if fields.get("information") != "oui" => {
            vec![("information", "Confirmez que vous avez lu ces informations.")]
        }
        Step::Choices => questions::wrong(fields, &questions::of_opening()),
        Step::Contact if fields.get("ouvrir") == "oui" => contact::channel(fields).err().unwrap_or_default(),
        _ => Vec::new(),
    }
}

async fn send(subject: &Subject, mut fields: Fields, channel: OtpChannel) -> Result<Response<Body>, Failure> {
    let field = if matches!(channel, OtpChannel::Sms(_)) { "mobile" } else { "mail" };
    match subject.open.portal.services.send_code(channel, CodePurpose::Contact).await {
        Ok(ticket) => {
            fields.0.retain(|(name, _)| name != "ticket" && name != "code");
            fields.0.push(("ticket".to_owned(), ticket));
            Ok(shown(&screen(subject, Step::Code, &fields, Vec::new())))
        }
        Err(error) => Ok(shown(&screen(subject, Step::Contact, &fields, vec![(field, not_sent(error))]))),
    }
}

fn not_sent(error: CodeError) -> &'static str {
    match error {
        CodeError::Wait { .. } => "Trop de codes demandés. Attendez une minute, puis recommencez.",
        _ => "Le code n'a pas pu partir. Vérifiez ce que vous avez écrit.",
    }
}

async fn check(subject: &Subject, fields: Fields, channel: OtpChannel) -> Result<Response<Body>, Failure> {
    let typed: String = fields.get("code").chars().filter(|c| !c.is_whitespace()).collect();
    if typed.is_empty() || typed.len() > 12 {
        let wrong = vec![("code", "Écrivez le code que vous avez reçu.")];
        return Ok(shown(&screen(subject, Step::Code, &fields, wrong)));
    }
    match subject.open.portal.services.check_code(fields.get("ticket"), &typed).await {
        Ok(proved) if proved == channel => open(subject, &fields, Some(&proved)).await,
        // A ticket of another address proves nothing of this one.
        Ok(_) | Err(CodeError::Over | CodeError::NotSent) => {
            let field = if matches!(channel, OtpChannel::Sms(_)) { "mobile" } else { "mail" };
            let wrong = vec![(field, "Ce code n'est plus valable. Demandez-en un autre.")];
            Ok(shown(&screen(subject, Step::Contact, &fields, wrong)))
        }
        Err(CodeError::Wrong { .. }) => {
            let wrong = vec![("code", "Ce n'est pas le bon code. Vérifiez chaque chiffre.")];
            Ok(shown(&screen(subject, Step::Code, &fields, wrong)))
        }
        Err(CodeError::Wait { .. }) => {
            let wrong = vec![("code", "Trop d'essais. Attendez une minute, puis recommencez.")];
            Ok(shown(&screen(subject, Step::Code, &fields, wrong)))
        }
    }
}

/// Opens, then keeps each answer and what it sets.
async fn open(
    subject: &Subject,
    fields: &Fields,
    proved: Option<&OtpChannel>,
) -> Result<Response<Body>, Failure> {
    let open = &subject.open;
    let collected_by = match &subject.parent {
        Some(parent) => format!("{} {}, représentant légal", parent.given, parent.family),
        None => super::done::ALONE.to_owned(),
    };
    let proof = questions::proof(collected_by, open.now);
    let representative = subject.parent.as_ref().map(|parent| Representative {
        person: Some(parent.person.clone()),
        name: parent.family.clone(),
        given: parent.given.clone(),
        relation: Relation::Parent,
        contact: contact::contact(fields, proved),
        since: open.now,
        until: None,
    });
    let contact = match subject.parent {
        // The contact of the child is that of the parent, kept with the parent.
        Some(_) => Contact::default(),
        None => contact::contact(fields, proved),
    };
    let dossier = OpenDossier {
        ins: open.reference.ins.clone(),
        traits: subject.traits.clone(),
        contact: contact.clone(),
        representatives: representative.into_iter().collect(),
        consent: Some(proof.clone()),
        channel: Channel::Web,
        emergency: questions::emergency(fields),
    };
    open.execute(Command::Open(Box::new(dossier)), Vec::new()).await?;
    let choices = questions::choices(fields, &questions::of_opening(), &proof);
    open.execute(Command::RecordChoices(choices), Vec::new()).await?;
    open.execute(Command::SetNotices(questions::notices(fields)), Vec::new()).await?;
    if let Some(authorise) = questions::medecin_traitant(fields, &questions::of_opening()) {
        open.execute(Command::Authorise(Box::new(authorise)), Vec::new()).await?;
    }
    if let Some(parent) = &subject.parent {
        let traits = &subject.traits;
        let name = format!("{} {}", traits.first_given(), traits.birth_name);
        open.portal.services.remember_profile(&parent.person, &open.reference.ins, &name).await;
    }
    let reference = Reference { ins: open.reference.ins.clone(), way: Way::Session };
    let reference = open.portal.references.seal(&open.viewer, &reference);
    Ok(answer::see_other(&format!("/ouvrir/fait/{reference}")))
}
