//! `dmp lps sandbox`: an identity of each kind, by the demo's authority, and wrong ones to see refusals with.
//!
//! People are those of the demo where it has them: what the sandbox publishes is seen on the demo's pages under the same
//! names.

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;
use dmp_lps::Authentification;
use dmp_lps::identity::{
    AUTHENTICATION_FILE, AUTHENTICATION_KEY_FILE, AUTHORITY_FILE, IDENTITY_FILE, Person, SIGNATURE_FILE,
    SIGNATURE_KEY_FILE, Software, Structure, Who,
};
use dmp_server::demo::authority::{self, Authority, Issued, Purpose, Subject, Validity};
use dmp_server::demo::{Who as Persona, personas};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments.
#[derive(ClapArgs)]
#[command(after_help = "Examples:
  dmp lps sandbox --out sandbox --authority dmp-demo/authority     trusted by that demo
  dmp lps sandbox --out sandbox                                    a new authority, in sandbox/authority
  dmp lps sandbox --out sandbox --server dmp.local --server 127.0.0.1

sandbox/README.md says what each identity is for, and how a server is told to trust them.")]
pub struct Args {
    /// Folder to make
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Folder of the authority that signs: `authority` in the data of a demo; a new one when not given
    #[arg(long, value_name = "DIR")]
    authority: Option<PathBuf>,
    /// Name or address of a server, for its TLS certificate; several may be given
    #[arg(long = "server", value_name = "NAME", default_values = ["localhost", "127.0.0.1"])]
    servers: Vec<String>,
}

/// What a folder is for.
struct Identity {
    folder: &'static str,
    says: &'static str,
    who: Who,
    kind: Kind,
}

/// By what an identity is proved.
enum Kind {
    /// A card; profession in words.
    Card(&'static str),
    /// The certificates of the structure.
    Structure,
}

/// A student of medicine, an intern of the hospital of the demo: the demo's stories have none.
const STUDENT: (&str, &str, &str) = ("899900900087", "Robert", "Inès");

/// Makes the folders.
pub fn run(args: &Args) -> Result<ExitCode> {
    let shown = args.out.display();
    if args.out.exists() && std::fs::read_dir(&args.out)?.next().is_some() {
        bail!("`{shown}` is not empty: name another directory");
    }
    std::fs::create_dir_all(&args.out).with_context(|| format!("`{shown}`"))?;
    let directory = args.authority.clone().unwrap_or_else(|| args.out.join("authority"));
    let mut authority = Authority::open_or_create(&directory)?;
    let identities = identities()?;
    for identity in &identities {
        let folder = args.out.join(identity.folder);
        write_identity(&folder, &identity.who, &authority)?;
        let [signature, authentication] = pair(&authority, identity, Validity::Current)?;
        write_pair(&folder, &signature, &authentication)?;
    }
    let doctor = &identities[0];
    let wrong = |name: &str| -> Result<PathBuf> {
        let folder = args.out.join(name);
        write_identity(&folder, &doctor.who, &authority)?;
        Ok(folder)
    };
    let (expired, revoked, foreign) = (wrong("expire")?, wrong("revoque")?, wrong("autre-autorite")?);
    let [signature, authentication] = pair(&authority, doctor, Validity::Past)?;
    write_pair(&expired, &signature, &authentication)?;
    let other = Authority::open_or_create(&foreign.join("authority"))?;
    let [signature, authentication] = pair(&other, doctor, Validity::Current)?;
    write_pair(&foreign, &signature, &authentication)?;
    let [signature, authentication] = pair(&authority, doctor, Validity::Current)?;
    write_pair(&revoked, &signature, &authentication)?;
    authority.revoke(&signature)?;
    authority.revoke(&authentication)?;
    let server = args.out.join("serveur");
    std::fs::create_dir_all(&server)?;
    let issued = authority.issue(&Subject::Server(&args.servers), Purpose::Server, Validity::Current)?;
    write(&server.join("tls.pem"), &issued.certificate)?;
    write_secret(&server.join("tls.key"), &issued.key)?;
    write(&args.out.join("README.md"), &readme(&identities, &args.out, &directory))?;
    println!("{}", args.out.join("README.md").display());
    Ok(ExitCode::SUCCESS)
}

/// The two certificates of an identity: the one that signs, the one that connects.
fn pair(authority: &Authority, identity: &Identity, validity: Validity) -> Result<[Issued; 2]> {
    let Who { person, structure, .. } = &identity.who;
    let subject = match identity.kind {
        Kind::Card(profession) => {
            Subject::Card { id: &person.id, family: &person.family, given: &person.given, profession }
        }
        Kind::Structure => Subject::Structure { id: &structure.id, name: &structure.name },
    };
    let issue = |purpose| authority.issue(&subject, purpose, validity);
    Ok([issue(Purpose::Signature)?, issue(Purpose::Authentication)?])
}

fn identities() -> Result<Vec<Identity>> {
    let card = |folder, says, key: &str, profession| -> Result<Identity> {
        Ok(Identity { folder, says, who: persona(key)?, kind: Kind::Card(profession) })
    };
    let structure = |folder, says, key: &str| -> Result<Identity> {
        let mut who = persona(key)?;
        who.authentification = Authentification::Indirecte;
        who.person.local_id = Some(who.person.family.to_lowercase());
        Ok(Identity { folder, says, who, kind: Kind::Structure })
    };
    let mut identities = vec![
        card("medecin", "general practitioner, CPS card: reads and feeds", "dr-martin", "Médecin")?,
        card("infirmiere", "nurse in town, CPS card", "ide-petit", "Infirmier")?,
        card("pharmacien", "pharmacist, CPS card", "pharma-duval", "Pharmacien")?,
        card(
            "dentiste",
            "dentist, CPS card: reads most types of documents",
            "dr-roux",
            "Chirurgien-Dentiste",
        )?,
        card(
            "opticien",
            "optician, CPS card: reads twelve types of documents",
            "opticien-lenoir",
            "Opticien-Lunetier",
        )?,
        card(
            "medecin-travail",
            "occupational doctor, CPS card: lists and feeds, reads no content",
            "dr-travail",
            "Médecin",
        )?,
        card(
            "samu",
            "regulation doctor of the SAMU, CPS card: reads with `--mode centre_15`",
            "dr-kone",
            "Médecin",
        )?,
        card(
            "secretaire",
            "secretary of the doctor's practice, CPE card: feeds, reads nothing",
            "secretaire-blanc",
            "Secrétaire",
        )?,
        structure(
            "cabinet",
            "certificates of the doctor's practice: INDIRECTE feeds; with `--auth INDIRECTE_RENFORCEE`, reads",
            "dr-martin",
        )?,
        structure("hopital", "certificates of a hospital: the same", "dr-kone")?,
    ];
    let mut student = persona("dr-kone")?;
    let (id, family, given) = STUDENT;
    student.person = Person {
        id: id.to_owned(),
        local_id: None,
        family: family.to_owned(),
        given: given.to_owned(),
        profession: "G16_10".to_owned(),
        speciality: None,
    };
    let says = "student of medicine in the hospital, CPF card";
    identities.push(Identity {
        folder: "etudiant",
        says,
        who: student,
        kind: Kind::Card("Etudiant médecin"),
    });
    Ok(identities)
}

/// Somebody of the demo, as `identity.toml` describes them.
fn persona(key: &str) -> Result<Who> {
    let personas = personas();
    let found = personas.iter().find(|persona| persona.key == key);
    let (person, structure, sector) = match &found.with_context(|| format!("the demo has no `{key}`"))?.who {
        Persona::Professional(who, _) => (
            Person {
                id: who.id.as_str().to_owned(),
                local_id: None,
                family: who.family.clone(),
                given: who.given.clone(),
                profession: who.profession.to_owned(),
                speciality: who.speciality.map(str::to_owned),
            },
            Structure { id: who.structure.id.as_str().to_owned(), name: who.structure.name.clone() },
            who.structure.sector,
        ),
        Persona::Employee(who) => (
            Person {
                id: who.id.as_str().to_owned(),
                local_id: None,
                family: who.name.family.clone(),
                given: who.name.given.clone(),
                profession: "SECRETARIAT_MEDICAL".to_owned(),
                speciality: None,
            },
            Structure {
                id: who.structure.as_str().to_owned(),
                name: who.structure_name.clone().unwrap_or_default(),
            },
            "SA08",
        ),
        _ => bail!("`{key}` has no card"),
    };
    Ok(Who {
        authentification: Authentification::Directe,
        vihf_version: "3.0".to_owned(),
        sector: sector.to_owned(),
        person,
        structure,
        software: Software {
            id: "01.01.01.01".to_owned(),
            name: "dmp lps".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            approval: "SANS-HOMOLOGATION".to_owned(),
            // An arc of examples, as the demo's own documents have.
            oid: "1.2.250.1.999.2017.9".to_owned(),
        },
    })
}

fn write_identity(folder: &Path, who: &Who, authority: &Authority) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("`{}`", folder.display()))?;
    write(&folder.join(IDENTITY_FILE), &who.to_toml())?;
    write(&folder.join(AUTHORITY_FILE), authority.certificate())
}

fn write_pair(folder: &Path, signature: &Issued, authentication: &Issued) -> Result<()> {
    write(&folder.join(SIGNATURE_FILE), &signature.certificate)?;
    write_secret(&folder.join(SIGNATURE_KEY_FILE), &signature.key)?;
    write(&folder.join(AUTHENTICATION_FILE), &authentication.certificate)?;
    write_secret(&folder.join(AUTHENTICATION_KEY_FILE), &authentication.key)
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("`{}`", path.display()))
}

/// A file that its owner alone reads.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("`{}`", path.display()))
}

fn readme(identities: &[Identity], out: &Path, authority: &Path) -> String {
    let mut rows = String::new();
    for Identity { folder, says, who, .. } in identities {
        let Who { person, structure, .. } = who;
        rows.push_str(&format!(
            "| `{folder}` | {} {}, {} | {} | {says} |\n",
            person.given, person.family, person.id, structure.id
        ));
    }
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (authority, tls) = (absolute(authority), absolute(out).join("serveur/tls"));
    let (anchors, crls) = (authority.join(authority::CERTIFICATE_FILE), authority.join(authority::CRL_FILE));
    format!(
        "# Sandbox of the DMP interface

Invented people. Each folder is an identity for `dmp lps --certificate FOLDER`: `identity.toml` (who), `signature.pem`
and `.key` (sign the VIHF), `authentication.pem` and `.key` (open the TLS connection), `ca.pem` (authority).

| folder | who | structure | what for |
|---|---|---|---|
{rows}
A structure's certificates speak for any of its people:
`dmp lps --certificate cabinet --person secretaire --auth INDIRECTE_RENFORCEE …`.

Wrong ones, each of them the doctor's, each refused:

| folder | what is wrong |
|---|---|
| `expire` | certificates of the past |
| `revoque` | certificates that `crl.pem` names; a server that runs reads it again within a minute |
| `autre-autorite` | certificates of another authority of the same name, in `autre-autorite/authority` |

So is the authentication certificate where the signature one is expected (`DMPInvalidCertificate`):
`dmp lps --certificate medecin/authentication.pem --key medecin/authentication.key …`.

## A server that trusts them

`dmp demo` trusts the `authority` of its own data directory, over plain HTTP. A deployment is told, in `dmp.toml`, and
its software connects in mutual TLS (`https://localhost:8443`):

```toml
[http]
tls_certificate = \"{tls}.pem\"
tls_key = \"{tls}.key\"
tls_client_anchors = \"{anchors}\"
tls_client_crls = [\"{crls}\"]

[xds]
enabled = true
listen = \"127.0.0.1:8443\"
anchors = \"{anchors}\"
crls = [\"{crls}\"]
```
",
        tls = tls.display(),
        anchors = anchors.display(),
        crls = crls.display(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_lps::{Identity as Read, Ins, InsOid, Session, Time, vihf};

    #[test]
    fn every_folder_is_an_identity_that_signs() {
        let out = std::env::temp_dir().join(format!("dmp-sandbox-{}", uuid::Uuid::new_v4()));
        run(&Args {
            out: out.clone(),
            authority: None,
            servers: vec!["localhost".into(), "127.0.0.1".into()],
        })
        .unwrap();
        let ins = Ins::parse("284073523811416", InsOid::Test).unwrap();
        let readme = std::fs::read_to_string(out.join("README.md")).unwrap();
        let mut folders = 0;
        for folder in std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap()) {
            let name = folder.file_name().into_string().unwrap();
            if !folder.path().join(IDENTITY_FILE).exists() {
                continue;
            }
            folders += 1;
            assert!(readme.contains(&format!("| `{name}` |")), "{name} is in README.md");
            let identity = Read::read(&folder.path()).unwrap();
            assert!(identity.authentication.is_some() && identity.authority.is_some(), "{name}");
            let now = Time::from_millis(1_795_000_000_000);
            let session =
                Session { identity: &identity, patient: Some(&ins), server: "http://localhost", now };
            assert!(vihf::signed(&session).unwrap().contains("SignatureValue>"), "{name}");
        }
        assert_eq!(folders, 14);
        assert!(run(&Args { out: out.clone(), authority: None, servers: Vec::new() }).is_err(), "not empty");
        std::fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn openssl_takes_the_certificates_and_refuses_the_wrong_ones() {
        use std::process::Command;
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl is absent");
            return;
        }
        let out = std::env::temp_dir().join(format!("dmp-sandbox-{}", uuid::Uuid::new_v4()));
        run(&Args { out: out.clone(), authority: None, servers: vec!["localhost".into()] }).unwrap();
        let verify = |file: &str, purpose: &str| {
            let authority = out.join("authority");
            let status = Command::new("openssl")
                .args(["verify", "-x509_strict", "-crl_check", "-purpose", purpose])
                .arg("-CAfile")
                .arg(authority.join(authority::CERTIFICATE_FILE))
                .arg("-CRLfile")
                .arg(authority.join(authority::CRL_FILE))
                .arg(out.join(file))
                .output()
                .unwrap();
            status.status.success()
        };
        for (file, purpose, taken) in [
            ("medecin/signature.pem", "smimesign", true),
            ("medecin/authentication.pem", "sslclient", true),
            ("medecin/signature.pem", "sslclient", false),
            ("medecin/authentication.pem", "smimesign", false),
            ("cabinet/signature.pem", "smimesign", true),
            ("cabinet/authentication.pem", "sslclient", true),
            ("serveur/tls.pem", "sslserver", true),
            ("expire/signature.pem", "smimesign", false),
            ("revoque/signature.pem", "smimesign", false),
            ("revoque/authentication.pem", "sslclient", false),
            ("autre-autorite/signature.pem", "smimesign", false),
        ] {
            assert_eq!(verify(file, purpose), taken, "{file} {purpose}");
        }
        std::fs::remove_dir_all(out).unwrap();
    }
}
