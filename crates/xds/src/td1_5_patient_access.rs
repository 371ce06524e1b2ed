//! TD1.5: the patient's own access by internet, opened and mended at the professional's desk.
//!
//! a `createPatientAccess`: login, password and a first channel for one-time codes; b and c `patientOTPUpdate`: the
//! channels; d `updatePatientAccess`: a new login and password. Both secrets are drawn here, answered once to be printed
//! for the patient (EX_1.5-1032), and never stored or logged: the record gets the password derived by Argon2id (RFC 9106),
//! as a PHC string.

use crate::call::{Call, Reply};
use crate::elements::{Wrong, required, text, wrong};
use crate::fault::{Failure, Fault};
use crate::service::{Operation, PATIENTS};
use crate::status::{one_of, patient, reply};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, SaltString};
use aws_lc_rs::rand;
use dmp_dossier::{Command, OtpAction, OtpChannel, Reason, Receipt, WebAccessDraft};
use dmp_store::StoreError;
use dmp_xml::Element;
use tokio::sync::Semaphore;

/// Letters and digits that are not taken for one another on paper: no `0 O o`, `1 l I i`, `5 S s`, `2 Z z`, `8 B`.
const LETTERS: &[u8] = b"abcdefghjkmnpqrtuvwxy";
const DIGITS: &[u8] = b"34679";
const PASSWORD: &[u8] = b"abcdefghjkmnpqrtuvwxyACDEFGHJKLMNPQRTUVWXY34679";

/// 66 bits, beside a one-time code.
const PASSWORD_LENGTH: usize = 12;
/// 21^6 × 5^4 = 5 × 10^10 logins: one that is taken is drawn again.
const LOGIN_LETTERS: usize = 6;
const LOGIN_DIGITS: usize = 4;
const DRAWS_MAX: usize = 5;

/// Passwords derived at once: each takes 19 MiB, asked for by whoever has a VIHF.
static DERIVATIONS: Semaphore = Semaphore::const_new(4);

/// A login and a password, as the patient will type them.
struct Secrets {
    login: String,
    password: String,
}

pub(crate) async fn answer(operation: Operation, call: &Call<'_>) -> Result<Reply, Fault> {
    match operation {
        Operation::CreatePatientAccess => secrets("s:createPatientAccessResponse", create(call).await),
        Operation::UpdatePatientAccess => secrets("s:updatePatientAccessResponse", renew(call).await),
        _ => reply(PATIENTS, "s:patientOTPUpdateResponse", update(call).await, |_, context| {
            Some(context.to_owned())
        }),
    }
}

fn secrets(response: &'static str, result: Result<Secrets, Failure>) -> Result<Reply, Fault> {
    reply(PATIENTS, response, result, |w, secrets| {
        w.open("s:login").text(&secrets.login).close();
        w.open("s:password").text(&secrets.password).close();
        Some(String::new())
    })
}

async fn create(call: &Call<'_>) -> Result<Secrets, Failure> {
    let channel = channel(call.body)?;
    draw(call, |login, secret_hash| {
        Command::OpenWebAccess(Box::new(WebAccessDraft { login, secret_hash, channel: channel.clone() }))
    })
    .await
}

async fn renew(call: &Call<'_>) -> Result<Secrets, Failure> {
    draw(call, |login, secret_hash| Command::RenewWebAccess { login, secret_hash }).await
}

async fn update(call: &Call<'_>) -> Result<&'static str, Failure> {
    let channel = channel(call.body)?;
    let action = one_of(
        required(call.body, "action")?,
        &[
            ("AJOUT", OtpAction::Add),
            ("MODIFICATION", OtpAction::Replace),
            ("SUPPRESSION", OtpAction::Remove),
        ],
    )?;
    let (actor, target) = (&call.vihf.actor, call.target(patient(call)?));
    let command = Command::ChangeOtpChannel { action, channel };
    let receipt = call.xds.store.execute(actor, target, command, Vec::new(), call.request).await?;
    Ok(match receipt {
        Receipt::AlreadyDone => "OTP déjà présent aucune action effectuée",
        _ => "OTP mis à jour",
    })
}

fn channel(body: Element<'_>) -> Result<OtpChannel, Wrong> {
    #[derive(Clone, Copy)]
    enum Kind {
        Sms,
        Email,
    }
    let kind = one_of(required(body, "type")?, &[("SMS", Kind::Sms), ("EMAIL", Kind::Email)])?;
    let element = required(body, "canal")?;
    let value = text(element)?;
    match kind {
        _ if value.is_empty() => Err(wrong(element, "un numéro ou une adresse est attendu")),
        Kind::Sms => Ok(OtpChannel::Sms(value)),
        Kind::Email => Ok(OtpChannel::Email(value)),
    }
}

/// Draws secrets until the login is nobody's, and records them.
async fn draw(call: &Call<'_>, command: impl Fn(String, String) -> Command) -> Result<Secrets, Failure> {
    let target = call.target(patient(call)?);
    for _ in 0..DRAWS_MAX {
        let secrets = Secrets {
            login: drawn(LETTERS, LOGIN_LETTERS) + &drawn(DIGITS, LOGIN_DIGITS),
            password: drawn(PASSWORD, PASSWORD_LENGTH),
        };
        let hash = derived(secrets.password.clone()).await?;
        let command = command(secrets.login.clone(), hash);
        let store = &call.xds.store;
        match store.execute(&call.vihf.actor, target.clone(), command, Vec::new(), call.request).await {
            Ok(_) => return Ok(secrets),
            Err(StoreError::Refused { refusal, .. }) if refusal.reason == Reason::LoginTaken => {}
            Err(error) => return Err(error.into()),
        }
    }
    tracing::error!("every login drawn is taken");
    Err(Fault::ours().into())
}

/// That many characters of an alphabet, each as likely as the others: bytes beyond its last whole multiple are dropped.
fn drawn(alphabet: &[u8], length: usize) -> String {
    let even = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 32];
    while text.len() < length {
        rand::fill(&mut bytes).expect("the system's random generator answers: it seeded the keys at start");
        let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < even);
        text.extend(fair.take(length - text.len()).map(|byte| char::from(alphabet[byte % alphabet.len()])));
    }
    text
}

/// A password derived by Argon2id, salted, as a PHC string: some twenty milliseconds, off the threads of requests.
async fn derived(password: String) -> Result<String, Fault> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).expect("the system's random generator answers: it seeded the keys at start");
    let turn = DERIVATIONS.acquire().await.map_err(|_| Fault::ours())?;
    let hash = tokio::task::spawn_blocking(move || {
        // Held by the work, which goes on when its request is given up.
        let _turn = turn;
        let salt = SaltString::encode_b64(&salt)?;
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    });
    match hash.await {
        Ok(Ok(hash)) => Ok(hash),
        _ => {
            tracing::error!("a password could not be derived");
            Err(Fault::ours())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, World};
    use argon2::password_hash::{PasswordHash, PasswordVerifier};
    use dmp_dossier::Mode;

    fn message(operation: &str, elements: &[(&str, &str)]) -> String {
        let elements: String =
            elements.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
        format!("<{operation} xmlns='urn:si-dmp-patients'>{elements}</{operation}>")
    }

    fn create(kind: &str, canal: &str) -> String {
        message("createPatientAccess", &[("type", kind), ("canal", canal)])
    }

    fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
        text.split_once(before).unwrap().1.split_once(after).unwrap().0
    }

    /// Marie's dossier, and a doctor whom she authorised.
    async fn world() -> World {
        let world = World::new().await;
        world.open_marie().await;
        world.authorise(&world::doctor(), false).await;
        world
    }

    #[tokio::test]
    async fn official_requests_get_official_answers() {
        let world = World::new().await;
        world.open_official().await;
        let doctor = world::official_doctor();
        world.authorise(&doctor, false).await;
        for name in ["TD1.5a_-_Creation_du_compte_internet_patient", "TD1.5b_-_Ajout_d_un_canal_OTP"] {
            let (Some(request), Some(official)) = (
                world::official(&format!("{name}_requete.xml")),
                world::official(&format!("{name}_reponse.xml")),
            ) else {
                return;
            };
            let reply = world.call(&doctor, &request).await.unwrap();
            world::compare(&reply, &official, &[]);
        }
    }

    #[tokio::test]
    async fn secrets_are_told_once_and_change_when_asked() {
        let world = world().await;
        let renew = message("updatePatientAccess", &[]);
        let none = world.call(&world::doctor(), &renew).await.unwrap();
        assert!(none.contains("<s:status>DMPAccesInternetInexistant</s:status>"), "{none}");
        let opened = world.call(&world::doctor(), &create("SMS", "0606060606")).await.unwrap();
        let login = between(&opened, "<s:login>", "</s:login>");
        let password = between(&opened, "<s:password>", "</s:password>");
        assert_eq!((login.len(), password.len()), (10, 12));
        let again = world.call(&world::doctor(), &create("SMS", "0606060606")).await.unwrap();
        assert!(again.contains("<s:status>DMPAccesInternetExistant</s:status>"), "{again}");
        assert!(!again.contains("login") && !again.contains("password"), "{again}");
        let renewed = world.call(&world::doctor(), &renew).await.unwrap();
        assert!(renewed.contains("<s:updatePatientAccessResponse"), "{renewed}");
        assert_ne!(between(&renewed, "<s:login>", "</s:login>"), login);
        assert_ne!(between(&renewed, "<s:password>", "</s:password>"), password);
    }

    /// Action, type, channel, in this order on one dossier -> status, context.
    #[tokio::test]
    async fn channels_follow_the_table() {
        let world = world().await;
        world.call(&world::doctor(), &create("SMS", "0606060606")).await.unwrap();
        for (action, kind, canal, status, context) in [
            ("AJOUT", "SMS", "0606060606", "DMPOk", "OTP déjà présent aucune action effectuée"),
            ("AJOUT", "SMS", "0607070707", "DMPCanalExistant", "Un canal de ce type est déjà enregistré."),
            (
                "SUPPRESSION",
                "SMS",
                "0606060606",
                "DMPDernierCanal",
                "Le dernier canal ne peut pas être supprimé.",
            ),
            ("MODIFICATION", "EMAIL", "a@example.fr", "DMPCanalInexistant", "Ce canal n'est pas enregistré."),
            ("AJOUT", "EMAIL", "a@example.fr", "DMPOk", "OTP mis à jour"),
            ("MODIFICATION", "EMAIL", "b@example.fr", "DMPOk", "OTP mis à jour"),
            ("SUPPRESSION", "EMAIL", "a@example.fr", "DMPCanalInexistant", "Ce canal n'est pas enregistré."),
            ("SUPPRESSION", "SMS", "0606060606", "DMPOk", "OTP mis à jour"),
            ("AJOUT", "SMS", "abc", "DMPDemandeInvalide", "La demande est incomplète ou incorrecte."),
            ("AJOUT", "SMS", "", "DMPDemandeInvalide", "La demande est incomplète ou incorrecte."),
            ("AJOUT", "FAX", "01", "DMPDemandeInvalide", "La demande est incomplète ou incorrecte."),
            ("AUTRE", "SMS", "0606060606", "DMPDemandeInvalide", "La demande est incomplète ou incorrecte."),
        ] {
            let text = message("patientOTPUpdate", &[("type", kind), ("canal", canal), ("action", action)]);
            let reply = world.call(&world::doctor(), &text).await.unwrap();
            let says = format!("<s:status>{status}</s:status><s:context>{context}");
            assert!(reply.contains(&says), "{action} {kind} {canal}: {reply}");
        }
    }

    #[tokio::test]
    async fn who_has_no_right_gets_a_fault_and_no_secret() {
        let world = world().await;
        for actor in [
            world::dentist(),
            world::structure(),
            world::doctor_in(Mode::Centre15),
            world::doctor_in(Mode::BrisDeGlace { reason: "urgence".into() }),
        ] {
            for text in [create("SMS", "0606060606"), message("updatePatientAccess", &[])] {
                assert!(world.call(&actor, &text).await.is_err(), "{:?}", actor.mode());
            }
        }
    }

    #[test]
    fn every_character_is_drawn_and_none_is_a_look_alike() {
        let text = drawn(PASSWORD, 10_000);
        assert_eq!(text.len(), 10_000);
        assert!(PASSWORD.iter().all(|c| text.contains(char::from(*c))));
        assert!(!text.contains(['0', 'O', 'o', '1', 'l', 'I', 'i', '5', 'S', 's', '2', 'Z', 'z', '8', 'B']));
        let most = PASSWORD.iter().map(|c| text.matches(char::from(*c)).count()).max().unwrap();
        assert!(most < 400, "213 of each are expected, {most} of one were drawn");
    }

    #[tokio::test]
    async fn a_password_is_kept_derived_and_salted() {
        let (one, other) = (derived("x".into()).await.unwrap(), derived("x".into()).await.unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$"), "{one}");
        let hash = PasswordHash::new(&one).unwrap();
        assert!(Argon2::default().verify_password(b"x", &hash).is_ok());
        assert!(Argon2::default().verify_password(b"y", &hash).is_err());
    }
}
