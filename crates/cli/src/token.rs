//! `dmp token`: a signed bearer token of the test realm, for anybody. Reads only the issuer's key, so it works beside a
//! running server.

use anyhow::Result;
use clap::{Args as ClapArgs, ValueEnum};
use dmp_server::identity::claims::AuthWord;
use dmp_server::tokens::{TOKEN_MINUTES, token_of};
use dmp_server::who::{ModeWord, Who};
use std::path::PathBuf;
use std::process::ExitCode;

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
    who: WhoArgs,
    /// How long it lasts
    #[arg(long, value_name = "MINUTES", default_value_t = TOKEN_MINUTES)]
    minutes: u32,
}

/// Who the bearer is.
#[derive(ClapArgs)]
struct WhoArgs {
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
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
pub fn run(args: Args) -> Result<ExitCode> {
    let token = token_of(&args.data, &args.who.into(), args.minutes)?;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}

impl From<WhoArgs> for Who {
    fn from(args: WhoArgs) -> Who {
        Who {
            persona: args.persona,
            patient: args.patient,
            representative_of: args.representative_of,
            person: args.person,
            professional: args.professional,
            profession: args.profession,
            speciality: args.speciality,
            name: args.name,
            structure: args.structure,
            sector: args.sector,
            auth: args.auth.map(|auth| match auth {
                AuthArg::Direct => AuthWord::Direct,
                AuthArg::Indirect => AuthWord::Indirect,
                AuthArg::Air => AuthWord::Air,
                AuthArg::Psc => AuthWord::Psc,
            }),
            employee: args.card == Some(CardArg::Cpe),
            mode: args.mode.map(|mode| match mode {
                ModeArg::Normal => ModeWord::Normal,
                ModeArg::BrisDeGlace => ModeWord::BrisDeGlace,
                ModeArg::Centre15 => ModeWord::Centre15,
            }),
            reason: args.reason,
            secret: args.secret,
            agent: args.agent,
            loader: args.loader,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use dmp_dossier::{Actor, AppPurpose, Auth, Card, Channel, Mode, Realm, RealmPolicy, Time};
    use dmp_server::config::{ISSUER_FILE, init};
    use dmp_server::identity::Identities;
    use dmp_server::tokens::TestIssuer;
    use std::path::Path;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    /// Through a token and back, as a server reads it.
    fn read(data: &Path, words: &str) -> Result<Actor> {
        let shown = data.display().to_string();
        let line = ["token", "--data", &shown].into_iter().chain(words.split_whitespace());
        let args = Line::try_parse_from(line)?.args;
        let token = token_of(&args.data, &args.who.into(), args.minutes)?;
        let issuer = TestIssuer::open(&data.join(ISSUER_FILE))?;
        let realm = RealmPolicy { realm: Realm::Test, accept_production_oid: false };
        let identities = Identities::new(vec![issuer.issuer()], realm);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        let now = Time::from_millis(i64::try_from(now.as_millis())?);
        Ok(Actor::clone(&*identities.actor(&token, now)?))
    }

    #[test]
    fn each_way_of_naming_somebody_gives_that_actor() {
        let data = std::env::temp_dir().join(format!("dmp-token-{}", uuid::Uuid::new_v4()));
        init(&data).unwrap();
        let doctor = "--professional 899900063480 --profession 10 --structure 499900063480001";
        type Row = (String, fn(&Actor) -> bool);
        let rows: Vec<Row> = vec![
            ("--persona marie".into(), |a| matches!(a, Actor::Patient { .. })),
            ("--persona dr-martin".into(), |a| a.professional().is_some_and(|p| p.profession == "10")),
            ("--persona dr-roux --mode bris_de_glace --reason chute".into(), |a| {
                *a.mode() == Mode::BrisDeGlace { reason: "chute".into() }
            }),
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
            "--persona dr-nobody",
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
