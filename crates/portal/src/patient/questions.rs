//! The questions of a consent (ux.md 3.6), their answers, and what the answers set. Nothing is answered beforehand.

use dmp_dossier::{
    Authorise, Choice, ChoiceSubject, ConsentProof, Emergency, Grantee, GranteeLabel, NoticeChannel, Notices,
    PsId, Time,
};

/// The text that was read before answering, and its version: kept with each answer.
pub(crate) const INFORMATION: &str = "Information sur le dossier médical partagé, version de novembre 2026";
/// How answers given on these pages were collected.
const MEANS: &str = "formulaire en ligne";

/// A question.
pub(crate) struct Question {
    /// Name of its field.
    pub(crate) field: &'static str,
    pub(crate) subject: ChoiceSubject,
    pub(crate) legend: &'static str,
    pub(crate) hint: &'static str,
    /// Value, words, and what it accepts.
    pub(crate) options: &'static [(&'static str, &'static str, Option<bool>)],
}

const YES_NO: &[(&str, &str, Option<bool>)] = &[("oui", "Oui", Some(true)), ("non", "Non", Some(false))];

/// Asked at an opening only.
pub(crate) const OPENING: Question = Question {
    field: "ouvrir",
    subject: ChoiceSubject::Opening,
    legend: "Ouvrir un dossier",
    hint: "Il réunit les documents de santé. Vous pourrez le fermer.",
    options: YES_NO,
};

/// Asked at an opening, and again at majority.
pub(crate) const QUESTIONS: [Question; 6] = [
    Question {
        field: "samu",
        subject: ChoiceSubject::Samu,
        legend: "En cas d'urgence, le Samu peut lire le dossier",
        hint: "Quand vous appelez le 15, ou que quelqu'un l'appelle pour vous.",
        options: YES_NO,
    },
    Question {
        field: "urgence",
        subject: ChoiceSubject::BrisDeGlace,
        legend: "En cas d'urgence, un autre soignant peut l'ouvrir",
        hint: "Il doit écrire pourquoi. Vous êtes toujours prévenu.",
        options: YES_NO,
    },
    Question {
        field: "masques",
        subject: ChoiceSubject::MaskedInEmergency,
        legend: "En urgence, montrer aussi les documents masqués",
        hint: "Les documents masqués sont ceux que vous cachez à vos soignants.",
        options: YES_NO,
    },
    Question {
        field: "medecin",
        subject: ChoiceSubject::MedecinTraitant,
        legend: "Le médecin traitant",
        hint: "Il lit le dossier, et voit aussi les documents masqués.",
        options: &[("oui", "L'autoriser maintenant", Some(true)), ("tard", "Plus tard", Some(false))],
    },
    Question {
        field: "remboursements",
        subject: ChoiceSubject::Reimbursements,
        legend: "Afficher les soins remboursés depuis 24 mois",
        hint: "La liste vient de l'Assurance maladie.",
        options: YES_NO,
    },
    Question {
        field: "avis",
        subject: ChoiceSubject::Notices,
        legend: "Me prévenir quand un soignant ouvre le dossier",
        hint: "Une urgence est toujours annoncée.",
        options: &[
            ("sms", "Par SMS", Some(true)),
            ("mail", "Par mail", Some(true)),
            ("courrier", "Par courrier", Some(true)),
            ("non", "Non", Some(false)),
        ],
    },
];

/// Fields of a form, as they were posted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// A field, spaces around it left out; empty when it is absent. The first of several counts.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }
}

/// What is wrong: field and words.
pub(crate) type Wrong = (&'static str, &'static str);

impl Question {
    /// What was answered; `None` when nothing that was asked.
    pub(crate) fn answer(
        &self,
        fields: &Fields,
    ) -> Option<&'static (&'static str, &'static str, Option<bool>)> {
        self.options.iter().find(|(value, ..)| *value == fields.get(self.field))
    }

    fn choice(&self, fields: &Fields, proof: &ConsentProof) -> Option<Choice> {
        let (_, words, accepted) = self.answer(fields)?;
        Some(Choice {
            subject: self.subject,
            answer: (*words).to_owned(),
            accepted: *accepted,
            proof: proof.clone(),
        })
    }
}

/// The questions of an opening.
pub(crate) fn of_opening() -> Vec<&'static Question> {
    [&OPENING].into_iter().chain(&QUESTIONS).collect()
}

/// What is left to answer.
pub(crate) fn wrong(fields: &Fields, asked: &[&'static Question]) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    for question in asked {
        if question.answer(fields).is_none() {
            wrong.push((question.field, "Répondez à cette question."));
        }
    }
    if asks_doctor(asked) && fields.get("medecin") == "oui" {
        let name = fields.get("medecin_nom").chars().count();
        if !(2..=80).contains(&name) || fields.get("medecin_nom").chars().any(char::is_control) {
            wrong.push(("medecin_nom", "Écrivez le nom du médecin."));
        }
        if doctor(fields).is_none() {
            wrong.push(("medecin_rpps", "Le numéro RPPS a 11 chiffres. Il est sur ses ordonnances."));
        }
    }
    wrong
}

fn asks_doctor(asked: &[&'static Question]) -> bool {
    asked.iter().any(|question| question.subject == ChoiceSubject::MedecinTraitant)
}

/// Every answer, as it is kept.
pub(crate) fn choices(fields: &Fields, asked: &[&'static Question], proof: &ConsentProof) -> Vec<Choice> {
    asked.iter().filter_map(|question| question.choice(fields, proof)).collect()
}

/// The proof of answers that `collected_by` typed, read with today's text.
pub(crate) fn proof(collected_by: String, at: Time) -> ConsentProof {
    ConsentProof { collected_by, means: MEANS.to_owned(), at, information: Some(INFORMATION.to_owned()) }
}

/// The emergency switches.
pub(crate) fn emergency(fields: &Fields) -> Emergency {
    Emergency {
        samu_opposed: fields.get("samu") != "oui",
        bris_de_glace_opposed: fields.get("urgence") != "oui",
        masked_readable: fields.get("masques") == "oui",
    }
}

/// What the patient is told of.
pub(crate) fn notices(fields: &Fields) -> Notices {
    let by = match fields.get("avis") {
        "sms" => NoticeChannel::Sms,
        "mail" => NoticeChannel::Mail,
        "courrier" => NoticeChannel::Letter,
        _ => NoticeChannel::None,
    };
    Notices { first_access: by != NoticeChannel::None, every_access: false, by }
}

/// The médecin traitant to authorise.
pub(crate) fn medecin_traitant(fields: &Fields, asked: &[&'static Question]) -> Option<Authorise> {
    let is_given = asks_doctor(asked) && fields.get("medecin") == "oui";
    let who = Grantee::Professional(doctor(fields).filter(|_| is_given)?);
    let label = GranteeLabel {
        who: who.clone(),
        name: fields.get("medecin_nom").to_owned(),
        profession: Some("10".to_owned()),
        speciality: None,
    };
    Some(Authorise {
        who,
        label: Some(label),
        until: None,
        medecin_traitant: true,
        profession: Some("10".to_owned()),
    })
}

/// The national identifier of a number RPPS: `8`, then its 11 digits.
fn doctor(fields: &Fields) -> Option<PsId> {
    let number: String = fields.get("medecin_rpps").chars().filter(|c| !c.is_whitespace()).collect();
    let is_rpps = number.len() == 11 && number.bytes().all(|b| b.is_ascii_digit());
    is_rpps.then(|| PsId::parse(&format!("8{number}"))).flatten()
}

/// What a choice is about, on a receipt.
pub(crate) fn subject(subject: ChoiceSubject) -> &'static str {
    let known = [&OPENING].into_iter().chain(&QUESTIONS).find(|q| q.subject == subject);
    known.map_or("", |q| q.legend)
}

/// Names of the fields of the answers, for a form that goes on.
pub(crate) const FIELDS: [&str; 9] = [
    "ouvrir",
    "samu",
    "urgence",
    "masques",
    "medecin",
    "medecin_nom",
    "medecin_rpps",
    "remboursements",
    "avis",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn fields(text: &str) -> Fields {
        let pair = |p: &str| p.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        Fields(text.split('&').map(pair).collect())
    }

    const ALL: &str = "ouvrir=oui&samu=oui&urgence=non&masques=non&medecin=tard&remboursements=oui&avis=mail";

    #[test]
    fn each_question_is_answered_and_by_nothing_else_than_its_options() {
        assert_eq!(wrong(&fields(ALL), &of_opening()), []);
        for field in ["ouvrir", "samu", "urgence", "masques", "medecin", "remboursements", "avis"] {
            for value in ["", "OUI", "peut-être", "<script>"] {
                let text: Vec<String> = ALL
                    .split('&')
                    .map(|p| {
                        if p.starts_with(&format!("{field}=")) {
                            format!("{field}={value}")
                        } else {
                            p.into()
                        }
                    })
                    .collect();
                let found = wrong(&fields(&text.join("&")), &of_opening());
                assert_eq!(found.iter().map(|(f, _)| *f).collect::<Vec<_>>(), [field], "{value}");
            }
        }
    }

    #[test]
    fn answers_set_what_they_say() {
        let asked = fields(ALL);
        let set = emergency(&asked);
        assert!(!set.samu_opposed && set.bris_de_glace_opposed && !set.masked_readable);
        assert_eq!(notices(&asked).by, NoticeChannel::Mail);
        assert!(medecin_traitant(&asked, &of_opening()).is_none());
        let kept = choices(&asked, &of_opening(), &proof("Le patient".into(), samples::now()));
        assert_eq!(kept.len(), 7);
        assert_eq!((kept[0].subject, kept[0].accepted), (ChoiceSubject::Opening, Some(true)));
        assert_eq!(kept[6].answer, "Par mail");
        assert_eq!(choices(&asked, &[&QUESTIONS[0]], &kept[0].proof).len(), 1);
    }

    #[test]
    fn a_medecin_traitant_has_a_name_and_eleven_digits() {
        for (name, rpps, ok) in [
            ("Dr Paul Martin", "10000000001", true),
            ("Dr Paul Martin", "10 000 000 001", true),
            ("Dr Paul Martin", "1000000001", false),
            ("Dr Paul Martin", "1000000000x", false),
            ("", "10000000001", false),
        ] {
            let text = format!("{}&medecin_nom={name}&medecin_rpps={rpps}", ALL.replace("=tard", "=oui"));
            let asked = fields(&text);
            assert_eq!(wrong(&asked, &of_opening()).is_empty(), ok, "{name} {rpps}");
            assert!(
                !ok || medecin_traitant(&asked, &of_opening()).is_some_and(|a| a.who.id() == "810000000001")
            );
        }
    }
}
