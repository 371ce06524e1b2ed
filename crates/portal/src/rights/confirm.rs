//! `/dossier/{reference}/droits/confirmer`: what an act about one person changes, for whom, until when; then the act.

use askama::Template;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{Response, StatusCode};
use dmp_dossier::{Authorise, Command, Grantee, PsId, StructureId, Time};
use dmp_nomenclature::Profession;
use dmp_nomenclature::profession::Kind;
use serde::Deserialize;
use std::sync::Arc;

use super::form::{Fields, Posted, Wrong, one_line};
use super::known::{self, Known, Standing};
use super::{Shown, own, receipt, settle};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::{Open, Part, SignedIn};
use crate::shell::Shell;

/// Longest name that is typed.
const NAME_CHARS_MAX: usize = 100;

/// How long an authorisation may be asked for: word of the form, words, days; the last is the longest there is.
pub(super) const DURATIONS: [(&str, &str, Option<u32>); 4] = [
    ("1m", "Un mois", Some(30)),
    ("3m", "Trois mois", Some(91)),
    ("6m", "Six mois", Some(182)),
    ("max", "Un an, le plus long", None),
];

/// What is done about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Authorise,
    End,
    Block,
    Unblock,
    NameMedecinTraitant,
    EndMedecinTraitant,
}

impl Deed {
    const ALL: [Deed; 6] = [
        Deed::Authorise,
        Deed::End,
        Deed::Block,
        Deed::Unblock,
        Deed::NameMedecinTraitant,
        Deed::EndMedecinTraitant,
    ];

    /// The word in forms and addresses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Deed::Authorise => "autoriser",
            Deed::End => "arreter",
            Deed::Block => "bloquer",
            Deed::Unblock => "debloquer",
            Deed::NameMedecinTraitant => "traitant",
            Deed::EndMedecinTraitant => "fin-traitant",
        }
    }

    fn parse(text: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|deed| deed.as_str() == text)
    }

    /// What is asked.
    fn question(self, name: &str) -> String {
        match self {
            Deed::Authorise => format!("Autoriser {name}"),
            Deed::End => format!("Arrêter l'autorisation de {name}"),
            Deed::Block => format!("Bloquer {name}"),
            Deed::Unblock => format!("Débloquer {name}"),
            Deed::NameMedecinTraitant => format!("Nommer {name} médecin traitant"),
            Deed::EndMedecinTraitant => format!("{name} n'est plus mon médecin traitant"),
        }
    }

    /// What the button says.
    fn verb(self) -> &'static str {
        match self {
            Deed::Authorise => "Autoriser",
            Deed::End => "Arrêter l'autorisation",
            Deed::Block => "Bloquer",
            Deed::Unblock => "Débloquer",
            Deed::NameMedecinTraitant => "Nommer médecin traitant",
            Deed::EndMedecinTraitant => "Ce n'est plus mon médecin traitant",
        }
    }

    /// What changes, in sentences.
    fn changes(self, known: &Known, until: Option<Time>, open: &Open) -> Vec<String> {
        let longest = open.now.plus_days(open.portal.store.parameters().authorisation_days);
        let who = Subject::of(known);
        let mut says: Vec<String> = match self {
            Deed::Authorise => vec![
                format!("{} peut chercher et lire vos documents, selon sa profession.", who.noun),
                format!("{} ne lit pas ceux que vous masquez, sauf les siens.", who.pronoun),
                format!(
                    "L'autorisation finit le {}. Vous pouvez l'arrêter avant.",
                    french::day(until.unwrap_or(longest))
                ),
            ],
            Deed::End => vec![
                format!("{} ne peut plus lire votre dossier, dès maintenant.", who.noun),
                format!("{} peut encore y ajouter un document.", who.pronoun),
                "Une urgence permet encore de l'ouvrir, en écrivant pourquoi. Vous en êtes averti.".into(),
            ],
            Deed::Block => vec![
                format!("{} ne peut plus ouvrir votre dossier, même en urgence.", who.noun),
                "Son autorisation s'arrête, dès maintenant.".into(),
                "Aucun avis ne lui est envoyé. Le blocage dure jusqu'à ce que vous le leviez.".into(),
            ],
            Deed::Unblock => vec![
                "Le blocage est levé, dès maintenant.".into(),
                "Cela ne donne aucune autorisation. Vous pouvez la donner ensuite.".into(),
            ],
            Deed::NameMedecinTraitant => vec![
                format!("{} lit tous vos documents, aussi ceux que vous masquez.", who.noun),
                format!("{} lit tous les accès à votre dossier, et peut bloquer quelqu'un.", who.pronoun),
                "Il n'y a pas de date de fin. Vous pouvez changer à tout moment.".into(),
            ],
            Deed::EndMedecinTraitant => vec![
                format!("{} ne lit plus vos documents masqués, dès maintenant.", who.noun),
                format!("{} peut lire les autres jusqu'au {}.", who.pronoun, french::day(longest)),
                "Cela ne change rien auprès de l'Assurance maladie.".into(),
            ],
        };
        let is_medecin_traitant = matches!(known.standing(open.now), Standing::MedecinTraitant { .. });
        if is_medecin_traitant && matches!(self, Deed::End | Deed::Block) {
            says.push("Ce n'est plus votre médecin traitant dans ce dossier.".into());
        }
        if matches!(self, Deed::Authorise) && matches!(known.standing(open.now), Standing::Blocked { .. }) {
            says.push("Le blocage est levé.".into());
        }
        if !known.is_person() {
            says.push("Cela vaut pour tous les soignants de cet établissement.".into());
        }
        says
    }

    fn command(self, known: &Known, until: Option<Time>) -> Result<Command, Failure> {
        let who = known.who.clone();
        let authorise = |medecin_traitant| {
            Command::Authorise(Box::new(Authorise {
                who: who.clone(),
                label: Some(known.label()),
                until,
                medecin_traitant,
                profession: known.profession.clone(),
            }))
        };
        Ok(match self {
            Deed::Authorise => authorise(false),
            Deed::NameMedecinTraitant => authorise(true),
            Deed::End => Command::EndAuthorisation { who },
            Deed::Block => Command::Block { who, label: Some(known.label()) },
            Deed::Unblock => Command::Unblock { who },
            Deed::EndMedecinTraitant => match who {
                Grantee::Professional(who) => Command::EndMedecinTraitant { who },
                Grantee::Structure(_) => return Err(Failure::UnknownAddress),
            },
        })
    }

    /// True when there is something to do: a médecin traitant is not authorised again, for that would end the role.
    fn fits(self, known: &Known, now: Time) -> bool {
        let standing = known.standing(now);
        match self {
            Deed::Authorise => !matches!(standing, Standing::MedecinTraitant { .. }),
            Deed::End => known.may_read(now),
            Deed::Block => !matches!(standing, Standing::Blocked { .. }),
            Deed::Unblock => matches!(standing, Standing::Blocked { .. }),
            Deed::NameMedecinTraitant => {
                known.is_doctor() && !matches!(standing, Standing::MedecinTraitant { .. })
            }
            Deed::EndMedecinTraitant => matches!(standing, Standing::MedecinTraitant { .. }),
        }
    }
}

/// How somebody is called in a sentence, whose gender nobody told.
struct Subject {
    noun: &'static str,
    pronoun: &'static str,
}

impl Subject {
    fn of(known: &Known) -> Subject {
        match known.is_person() {
            true => Subject { noun: "Cette personne", pronoun: "Elle" },
            false => Subject { noun: "Cet établissement", pronoun: "Il" },
        }
    }
}

#[derive(Template)]
#[template(path = "rights/confirmer.html")]
struct Confirm {
    shell: Shell,
    address: String,
    csrf: String,
    heading: String,
    name: String,
    role: String,
    number: String,
    /// The name was typed, nobody here could check it.
    is_typed: bool,
    changes: Vec<String>,
    verb: &'static str,
    fields: Vec<(String, String)>,
}

/// The page that asks, for somebody chosen; `fields` say it again in the form.
pub(super) fn page(open: Open, deed: Deed, known: &Known, fields: &Fields) -> Shown {
    if !deed.fits(known, open.now) {
        return Ok(answer::see_other(&format!("{}/droits?deja=1", open.address)));
    }
    let until = until(fields.get("duree"), open.now);
    let heading = deed.question(&known.name);
    let kept = ["qui", "sorte", "identifiant", "nom", "profession", "duree"];
    let mut repeated: Vec<(String, String)> =
        fields.repeated().into_iter().filter(|(name, _)| kept.contains(&name.as_str())).collect();
    repeated.push(("acte".to_owned(), deed.as_str().to_owned()));
    let page = Confirm {
        shell: open.shell(&heading, Part::Rights),
        csrf: open.viewer.csrf.clone(),
        changes: deed.changes(known, until, &open),
        name: known.name.clone(),
        role: known.role(),
        number: known.who.id().get(1..).unwrap_or_default().to_owned(),
        is_typed: known.grant.is_none() && known.how.is_empty(),
        verb: deed.verb(),
        fields: repeated,
        address: open.address,
        heading,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// End of an authorisation of that duration; `None` for the longest.
fn until(duration: &str, now: Time) -> Option<Time> {
    let (_, _, days) = DURATIONS.iter().find(|(word, _, _)| *word == duration)?;
    days.map(|days| now.plus_days(days))
}

/// Somebody chosen in a form: known here, or typed.
///
/// # Errors
/// Fields that are missing or wrong.
pub(super) fn chosen(fields: &Fields, known: &[Known]) -> Result<Known, Vec<Wrong>> {
    let wanted = fields.get("qui");
    if !matches!(wanted, "" | "autre") {
        return known
            .iter()
            .find(|k| k.key() == wanted)
            .cloned()
            .ok_or_else(|| vec![("qui", "Choisissez une personne de la liste.")]);
    }
    if wanted.is_empty() && fields.get("identifiant").trim().is_empty() {
        return Err(vec![("qui", "Choisissez une personne, ou tapez un numéro.")]);
    }
    let mut wrong = Vec::new();
    let is_structure = fields.get("sorte") == "etablissement";
    let who = grantee(fields.get("identifiant"), is_structure);
    if who.is_none() {
        wrong.push(match is_structure {
            true => ("identifiant", "Tapez le numéro de l'établissement : 9 chiffres, ou 14."),
            false => ("identifiant", "Tapez le numéro du soignant : 11 chiffres."),
        });
    }
    let name = one_line(fields.get("nom"), NAME_CHARS_MAX).filter(|name| name.chars().count() >= 2);
    if name.is_none() {
        wrong.push(("nom", "Écrivez le nom, en 2 à 100 caractères."));
    }
    let profession = Profession::find(fields.get("profession"))
        .filter(|p| p.kind == Kind::HealthProfessional)
        .map(|p| p.key.to_owned());
    if profession.is_none() && !is_structure {
        wrong.push(("profession", "Choisissez la profession."));
    }
    match (who, name, wrong.is_empty()) {
        (Some(who), Some(name), true) => {
            // Somebody known, by their number: what the dossier knows of them stands.
            let there = known.iter().find(|k| k.who == who).cloned();
            Ok(there.unwrap_or_else(|| Known::typed(who, name, profession.filter(|_| !is_structure))))
        }
        _ => Err(wrong),
    }
}

/// The identifier that a number typed stands for: RPPS, ADELI or a national form; FINESS or SIRET.
fn grantee(typed: &str, is_structure: bool) -> Option<Grantee> {
    let number: String =
        typed.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).take(65).collect();
    let digits = number.bytes().all(|b| b.is_ascii_digit());
    if is_structure {
        let national = match (number.len(), digits) {
            (9, _) => format!("1{number}"),
            (14, true) => format!("3{number}"),
            _ => return None,
        };
        return StructureId::parse(&national).map(Grantee::Structure);
    }
    let national = match (number.len(), digits) {
        (11, true) => format!("8{number}"),
        (9, _) => format!("0{number}"),
        (12, true) if number.starts_with('8') => number,
        _ => return None,
    };
    PsId::parse(&national).map(Grantee::Professional)
}

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    acte: String,
    #[serde(default)]
    qui: String,
}

/// `GET`: asks.
pub(super) async fn ask(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    wanted: Result<Parameters<Wanted>, QueryRejection>,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let wanted = wanted.map(|Parameters(w)| w).unwrap_or_default();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        // The length of an authorisation is chosen on a page before.
        let deed =
            Deed::parse(&wanted.acte).filter(|d| *d != Deed::Authorise).ok_or(Failure::UnknownAddress)?;
        let known = known::find(&open, &wanted.qui).await?;
        page(open, deed, &known, &Fields::none().with("qui", &wanted.qui))
    };
    settle(shown.await, &portal, viewer.as_ref())
}

/// `POST`: does it.
pub(super) async fn act(
    State(portal): State<Arc<Portal>>,
    signed_in: SignedIn,
    Path(reference): Path<String>,
    posted: Posted,
) -> Response<Body> {
    let viewer = signed_in.0.clone();
    let shown = async {
        let open = own(&portal, signed_in, &reference)?;
        let fields = Fields::read(posted, &open)?;
        let deed = Deed::parse(fields.get("acte")).ok_or(Failure::Form)?;
        let duration = fields.get("duree");
        if deed == Deed::Authorise && !DURATIONS.iter().any(|(word, _, _)| *word == duration) {
            return Err(Failure::Form);
        }
        open.step_up(&format!("{}/droits/confirmer", open.address), fields.repeated())?;
        let known = chosen(&fields, &known::everybody(&open).await?).map_err(|_| Failure::Form)?;
        if !deed.fits(&known, open.now) {
            return Ok(answer::see_other(&format!("{}/droits?deja=1", open.address)));
        }
        let command = deed.command(&known, until(duration, open.now))?;
        receipt::execute(&open, command, "/droits?deja=1").await
    };
    settle(shown.await, &portal, viewer.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_typed_is_a_national_identifier_or_nothing() {
        for (typed, is_structure, id) in [
            ("99900000017", false, Some("899900000017")),
            (" 999 000 000 17 ", false, Some("899900000017")),
            ("899900000017", false, Some("899900000017")),
            ("00b280058", false, Some("000B280058")),
            ("9990000001", false, None),
            ("1/<script>", false, None),
            ("", false, None),
            ("350000022", true, Some("1350000022")),
            ("12345678901234", true, Some("312345678901234")),
            ("99900000017", true, None),
        ] {
            let found = grantee(typed, is_structure);
            assert_eq!(found.as_ref().map(Grantee::id), id, "{typed}");
        }
    }

    #[test]
    fn every_deed_is_found_by_its_word() {
        for deed in Deed::ALL {
            assert_eq!(Deed::parse(deed.as_str()), Some(deed));
        }
        assert_eq!(Deed::parse("supprimer"), None);
    }

    #[test]
    fn a_choice_needs_a_person_a_name_and_a_profession() {
        let form = |pairs: &[(&str, &str)]| {
            pairs.iter().fold(Fields::none(), |fields, (name, value)| fields.with(name, value))
        };
        for (pairs, wrong) in [
            (&[][..], "qui"),
            (&[("qui", "0123456789abcdef")], "qui"),
            (&[("qui", "autre")], "identifiant nom profession"),
            (&[("identifiant", "99900000017"), ("nom", "A")], "nom profession"),
            (&[("identifiant", "99900000017"), ("nom", "Dr Roy"), ("profession", "313")], "profession"),
            (&[("identifiant", "350000022"), ("sorte", "etablissement"), ("nom", "CHU")], ""),
            (&[("identifiant", "99900000017"), ("nom", "Dr Roy"), ("profession", "10")], ""),
        ] {
            let told = match chosen(&form(pairs), &[]) {
                Ok(_) => String::new(),
                Err(wrong) => wrong.iter().map(|(field, _)| *field).collect::<Vec<_>>().join(" "),
            };
            assert_eq!(told, wrong, "{pairs:?}");
        }
    }
}
