//! `dmp token`: a signed bearer token of the test realm, for anybody. Reads only the issuer's key, so it works beside a
//! running server.

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args as ClapArgs, ValueEnum};
use dmp_dossier::{
    Actor, App, AppPurpose, Auth, Card, Channel, Employee, Ins, InsOid, Mode, PersonName, Professional, PsId,
    ReceptionAgent, StructureActor, StructureId, Time,
};
use dmp_server::config::{CONFIG_FILE, Config, ConfigError, ISSUER_FILE};
use dmp_server::tokens::{TOKEN_MINUTES, TestIssuer};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// Arguments.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  dmp token --data dmp-demo --persona dr-martin
  dmp token --data dmp-demo --persona dr-roux --mode bris_de_glace --reason \"patient inconscient\"
  dmp token --data dmp-demo --patient 284073523811416
  dmp token --data dmp-demo --representative-of 118033523802725 --person 284073523811416
  dmp token --data dmp-demo --professional 899900063480 --profession 10 --speciality SM26 --structure 499900063480001
  dmp token --data dmp-demo --professional 30B0037750/CPET0001 --card cpe --structure 10B0127189
  dmp token --data dmp-demo --structure 10B0127189
  dmp token --data dmp-demo --agent cpam
  dmp token --data dmp-demo --loader            opens dossiers and publishes for any author, reads nothing")]
pub struct Args {
    /// Directory of the deployment, or of the demo
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    who: Who,
    /// How long it lasts
    #[arg(long, value_name = "MINUTES", default_value_t = TOKEN_MINUTES)]
    minutes: u32,
}

/// Who the bearer is.
#[derive(ClapArgs, Default)]
struct Who {
    /// Somebody of the demo: dr-martin, marie, opticien-lenoir…
    #[arg(long, value_name = "NAME", group = "who")]
    persona: Option<String>,
    /// The patient of this INS (test)
    #[arg(long, value_name = "INS", group = "who")]
    patient: Option<String>,
    /// Somebody who acts for the patient of this INS
    #[arg(long, value_name = "INS", group = "who")]
    representative_of: Option<String>,
    /// Stable identity of that somebody
    #[arg(long, value_name = "ID", requires = "representative_of", default_value = "test")]
    person: String,
    /// A professional by national identifier: 8 and RPPS, 0 and ADELI, 3 and FINESS / internal number…
    #[arg(long, value_name = "ID", group = "who")]
    professional: Option<String>,
    /// Profession: 10 doctor, 21 pharmacist, 40 dentist, 60 nurse… G16_10 for a student
    #[arg(long, value_name = "CODE", requires = "professional")]
    profession: Option<String>,
    /// Savoir-faire (SM26…) or pharmacist section (A…)
    #[arg(long, value_name = "CODE", requires = "professional")]
    speciality: Option<String>,
    /// Name shown to people, family name first
    #[arg(long, value_name = "NAME", requires = "professional")]
    name: Option<String>,
    /// Structure of the professional; alone, the structure itself by its certificate
    #[arg(long, value_name = "ID")]
    structure: Option<String>,
    /// Sector of activity (SA07…)
    #[arg(long, value_name = "SAxx", requires = "professional")]
    sector: Option<String>,
    /// How the professional is authenticated
    #[arg(long, value_enum, requires = "professional")]
    auth: Option<AuthArg>,
    /// `cpe`: an employee of the structure, not a professional
    #[arg(long, value_enum, requires = "professional")]
    card: Option<CardArg>,
    /// Access mode
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
    /// Reason of the bris de glace
    #[arg(long, value_name = "TEXT", requires = "mode")]
    reason: Option<String>,
    /// Connexion secrète: hidden from the representatives of a minor
    #[arg(long)]
    secret: bool,
    /// A reception agent of this channel: web, cpam, pharmacie, ps, etablissement, medico-social, infirmier
    #[arg(long, value_name = "CHANNEL", group = "who")]
    agent: Option<String>,
    /// Loads documents of any author: may open and publish, never reads
    #[arg(long, group = "who")]
    loader: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum AuthArg {
    /// By their card
    Direct,
    /// By the structure's certificate alone
    Indirect,
    /// By the structure's certificate and their identifier
    Air,
    /// By Pro Santé Connect
    Psc,
}

#[derive(Clone, Copy, ValueEnum)]
enum CardArg {
    /// Carte de professionnel de santé
    Cps,
    /// Carte de personnel d'établissement
    Cpe,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeArg {
    /// Ordinary access
    Normal,
    /// Declared emergency, with a reason
    #[value(name = "bris_de_glace")]
    BrisDeGlace,
    /// Medical regulation
    #[value(name = "centre_15")]
    Centre15,
}

/// Prints the token.
pub fn run(args: &Args) -> Result<ExitCode> {
    let issuer = TestIssuer::open(&issuer_file(&args.data)?)?;
    let actor = args.who.actor()?;
    let token = issuer.mint(&actor, now(), args.minutes).context("the system acts without a token")?;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}

/// Now, by the clock of the machine.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The key of the configuration when there is one, else the demo's.
fn issuer_file(data: &Path) -> Result<PathBuf> {
    let config = data.join(CONFIG_FILE);
    if !config.exists() {
        return Ok(data.join(ISSUER_FILE));
    }
    let none =
        || ConfigError(format!("`{}`: no `identity.test_issuer`: no token can be made", config.display()));
    Ok(Config::load(&config)?.identity.test_issuer.ok_or_else(none)?)
}

impl Who {
    fn actor(&self) -> Result<Actor> {
        let structure = self.structure.as_deref().map(structure).transpose()?;
        let mut actor = match self {
            Who { persona: Some(name), .. } => crate::demo::persona(name)?,
            Who { patient: Some(number), .. } => Actor::Patient { ins: ins(number)? },
            Who { representative_of: Some(number), .. } => {
                Actor::Representative { of: ins(number)?, person: self.person.clone() }
            }
            Who { professional: Some(id), card: Some(CardArg::Cpe), .. } => Actor::Employee(Employee {
                id: person(id)?,
                name: self.person_name(),
                structure: structure.clone().context("an employee has a --structure")?,
                structure_name: None,
                reinforced_indirect: matches!(self.auth, Some(AuthArg::Air)),
            }),
            Who { professional: Some(id), .. } => {
                let profession = self.profession.clone().context("a professional has a --profession")?;
                Actor::Professional(Box::new(Professional {
                    id: person(id)?,
                    name: self.person_name(),
                    card: if profession.starts_with("G16_") { Card::Cpf } else { Card::Cps },
                    profession,
                    speciality: self.speciality.clone(),
                    structure: structure.clone(),
                    structure_name: None,
                    sector: self.sector.clone(),
                    auth: match self.auth {
                        None | Some(AuthArg::Direct) => Auth::Direct,
                        Some(AuthArg::Indirect) => Auth::Indirect,
                        Some(AuthArg::Air) => Auth::ReinforcedIndirect,
                        Some(AuthArg::Psc) => Auth::Oidc,
                    },
                    mode: Mode::Normal,
                    secret: false,
                    software: None,
                }))
            }
            Who { agent: Some(channel), .. } => Actor::ReceptionAgent(ReceptionAgent {
                id: format!("agent-{channel}"),
                organisation: "Accueil de test".to_owned(),
                channel: Channel::parse(channel).ok_or_else(|| anyhow!("`{channel}` is not a channel"))?,
            }),
            Who { loader: true, .. } => {
                Actor::App(App { name: "dmp publish".to_owned(), purpose: AppPurpose::Loader })
            }
            _ => Actor::Structure(StructureActor {
                id: structure
                    .context("who? --persona, --patient, --professional, --structure… (see --help)")?,
                name: None,
                regulation: false,
            }),
        };
        self.set_mode(&mut actor)?;
        Ok(actor)
    }

    /// Mode and secret session, over what a persona has.
    fn set_mode(&self, actor: &mut Actor) -> Result<()> {
        match (actor, self.mode) {
            (_, None) if !self.secret => {}
            (Actor::Professional(professional), mode) => {
                professional.secret |= self.secret;
                match mode {
                    None => {}
                    Some(ModeArg::Normal) => professional.mode = Mode::Normal,
                    Some(ModeArg::Centre15) => professional.mode = Mode::Centre15,
                    // Without a reason the record refuses, and journals it.
                    Some(ModeArg::BrisDeGlace) => {
                        professional.mode =
                            Mode::BrisDeGlace { reason: self.reason.clone().unwrap_or_default() };
                    }
                }
            }
            (Actor::Structure(structure), Some(ModeArg::Centre15)) if !self.secret => {
                structure.regulation = true
            }
            (_, Some(ModeArg::Normal)) if !self.secret => {}
            _ => bail!("--mode and --secret are for a professional"),
        }
        Ok(())
    }

    fn person_name(&self) -> PersonName {
        let name = self.name.as_deref().unwrap_or_default();
        let (family, given) = name.split_once(' ').unwrap_or((name, ""));
        PersonName { family: family.to_owned(), given: given.to_owned() }
    }
}

fn ins(number: &str) -> Result<Ins> {
    Ins::parse(number, InsOid::Test).map_err(|error| anyhow!("{}", error.says()))
}

fn person(id: &str) -> Result<PsId> {
    PsId::parse(id).ok_or_else(|| anyhow!("`{id}` is not a national identifier of a professional"))
}

fn structure(id: &str) -> Result<StructureId> {
    StructureId::parse(id).ok_or_else(|| anyhow!("`{id}` is not a national identifier of a structure"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use dmp_dossier::{Realm, RealmPolicy};
    use dmp_server::config::init;
    use dmp_server::identity::Identities;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn read(data: &Path, words: &str) -> Result<Actor> {
        let data = data.display().to_string();
        let line = ["token", "--data", &data].into_iter().chain(words.split_whitespace());
        let args = Line::try_parse_from(line)?.args;
        let issuer = TestIssuer::open(&issuer_file(&args.data)?)?;
        let actor = args.who.actor()?;
        // Through a token and back, as a server reads it.
        let now = Time::from_millis(1_795_000_000_000);
        let token = issuer.mint(&actor, now, args.minutes).unwrap();
        let realm = RealmPolicy { realm: Realm::Test, accept_production_oid: false };
        let identities = Identities::new(vec![issuer.issuer()], realm);
        assert_eq!(*identities.actor(&token, now).unwrap(), actor, "{words}");
        Ok(actor)
    }

    #[test]
    fn each_way_of_naming_somebody_gives_that_actor() {
        let data = std::env::temp_dir().join(format!("dmp-token-{}", uuid::Uuid::new_v4()));
        init(&data).unwrap();
        let doctor = "--professional 899900063480 --profession 10 --structure 499900063480001";
        type Row = (String, fn(&Actor) -> bool);
        let rows: Vec<Row> = vec![
            ("--patient 284073523811416".into(), |a| matches!(a, Actor::Patient { .. })),
            (
                "--representative-of 118033523802725 --person p".into(),
                |a| matches!(a, Actor::Representative { person, .. } if person == "p"),
            ),
            (doctor.into(), |a| {
                a.professional()
                    .is_some_and(|p| p.auth == Auth::Direct && p.mode == Mode::Normal && !p.secret)
            }),
            (format!("{doctor} --speciality SM26 --sector SA07 --name LIBRE"), |a| {
                a.professional().is_some_and(|p| {
                    (p.speciality.as_deref(), p.sector.as_deref()) == (Some("SM26"), Some("SA07"))
                        && p.name.family == "LIBRE"
                })
            }),
            (
                format!("{doctor} --auth indirect"),
                |a| matches!(a, Actor::Professional(p) if p.auth == Auth::Indirect),
            ),
            (format!("{doctor} --auth air"), |a| {
                a.professional().is_some_and(|p| p.auth == Auth::ReinforcedIndirect)
            }),
            (format!("{doctor} --auth psc"), |a| a.professional().is_some_and(|p| p.auth == Auth::Oidc)),
            (format!("{doctor} --secret"), Actor::is_secret),
            (format!("{doctor} --mode centre_15"), |a| *a.mode() == Mode::Centre15),
            (format!("{doctor} --mode bris_de_glace --reason chute"), |a| {
                *a.mode() == Mode::BrisDeGlace { reason: "chute".into() }
            }),
            (format!("{doctor} --mode bris_de_glace"), |a| {
                *a.mode() == Mode::BrisDeGlace { reason: String::new() }
            }),
            ("--professional 899900063480 --profession G16_10".into(), |a| {
                a.professional().is_some_and(|p| p.card == Card::Cpf)
            }),
            (
                "--professional 30B0037750/CPET0001 --card cpe --structure 10B0127189".into(),
                |a| matches!(a, Actor::Employee(e) if !e.reinforced_indirect),
            ),
            (
                "--professional 30B0037750/CPET0001 --card cpe --auth air --structure 10B0127189".into(),
                |a| matches!(a, Actor::Employee(e) if e.reinforced_indirect),
            ),
            ("--structure 10B0127189".into(), |a| matches!(a, Actor::Structure(s) if !s.regulation)),
            (
                "--structure 10B0127189 --mode centre_15".into(),
                |a| matches!(a, Actor::Structure(s) if s.regulation),
            ),
            ("--agent cpam".into(), |a| matches!(a, Actor::ReceptionAgent(r) if r.channel == Channel::Cpam)),
            ("--loader".into(), |a| matches!(a, Actor::App(app) if app.purpose == AppPurpose::Loader)),
        ];
        for (words, expected) in rows {
            let actor = read(&data, &words).unwrap();
            assert!(expected(&actor), "{words}: {actor:?}");
        }
        for words in [
            "",
            "--patient 284073523811417",
            "--patient 284073523811416 --loader",
            "--professional 899900063480",
            "--professional 12 --profession 10",
            "--professional 30B0037750/CPET0001 --card cpe",
            "--profession 10",
            "--agent poste",
            "--loader --mode centre_15",
            "--patient 284073523811416 --secret",
            "--loader --reason x",
        ] {
            assert!(read(&data, words).is_err(), "{words}");
        }
        std::fs::remove_dir_all(data).unwrap();
    }
}
