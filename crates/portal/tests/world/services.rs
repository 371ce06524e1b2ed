//! What the server does for the pages, in memory: every code is `123456`, every message is kept for the test to read.

use dmp_dossier::{Contact, Ins, InsOid, OtpChannel, Sex, Traits};
use dmp_portal::Services;
use dmp_portal::services::{Beneficiary, CodeError, CodePurpose, Credentials, MessageKind, VitaleCard};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The code of every message.
pub const CODE: &str = "123456";
/// Typing another one counts these down, then the ticket is void.
const TRIES: u8 = 3;
/// An address where no message arrives.
pub const UNREACHABLE: &str = "injoignable@example.org";
/// A number to which codes were asked too often.
pub const TOO_OFTEN: &str = "06 99 99 99 99";

/// Something that left.
#[derive(Clone)]
pub enum Sent {
    /// A one-time code.
    Code { to: OtpChannel, purpose: CodePurpose },
    /// Login and secret.
    Credentials { to: OtpChannel, login: String, secret: String },
    /// A notice.
    Notice { to: Contact, kind: MessageKind },
    /// Not a message: a profile that was remembered.
    Profile { person: String, of: Ins, name: String },
}

/// Services of the tests.
#[derive(Default)]
pub struct TestServices {
    tickets: Mutex<BTreeMap<String, (OtpChannel, u8)>>,
    sent: Mutex<Vec<Sent>>,
    drawn: AtomicU64,
}

impl TestServices {
    /// Everything that left so far, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Notices told so far.
    pub fn notices(&self) -> Vec<MessageKind> {
        let notice = |sent: Sent| match sent {
            Sent::Notice { kind, .. } => Some(kind),
            _ => None,
        };
        self.sent().into_iter().filter_map(notice).collect()
    }

    fn keep(&self, sent: Sent) {
        self.sent.lock().unwrap().push(sent);
    }
}

impl Services for TestServices {
    fn send_code(&self, to: OtpChannel, purpose: CodePurpose) -> BoxFuture<'_, Result<String, CodeError>> {
        Box::pin(async move {
            match to.value() {
                UNREACHABLE => return Err(CodeError::NotSent),
                TOO_OFTEN => return Err(CodeError::Wait { seconds: 60 }),
                _ => {}
            }
            let ticket = format!("ticket-{}", self.drawn.fetch_add(1, Ordering::Relaxed));
            self.tickets.lock().unwrap().insert(ticket.clone(), (to.clone(), TRIES));
            self.keep(Sent::Code { to, purpose });
            Ok(ticket)
        })
    }

    fn check_code<'a>(
        &'a self,
        ticket: &'a str,
        typed: &'a str,
    ) -> BoxFuture<'a, Result<OtpChannel, CodeError>> {
        Box::pin(async move {
            let mut tickets = self.tickets.lock().unwrap();
            let Some((to, tries)) = tickets.get_mut(ticket) else { return Err(CodeError::Over) };
            if typed == CODE {
                let to = to.clone();
                tickets.remove(ticket);
                return Ok(to);
            }
            *tries -= 1;
            let tries_left = *tries;
            if tries_left == 0 {
                tickets.remove(ticket);
                return Err(CodeError::Over);
            }
            Err(CodeError::Wrong { tries_left })
        })
    }

    fn draw_credentials(&self) -> BoxFuture<'_, Credentials> {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            Credentials {
                login: format!("ABCD-{number:04}"),
                secret: format!("SECRET-{number:04}"),
                secret_hash: format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA{number:04}"),
            }
        })
    }

    fn send_credentials<'a>(
        &'a self,
        to: &'a OtpChannel,
        credentials: &'a Credentials,
    ) -> BoxFuture<'a, Result<(), CodeError>> {
        Box::pin(async move {
            if to.value() == UNREACHABLE {
                return Err(CodeError::NotSent);
            }
            let (login, secret) = (credentials.login.clone(), credentials.secret.clone());
            self.keep(Sent::Credentials { to: to.clone(), login, secret });
            Ok(())
        })
    }

    fn tell<'a>(&'a self, to: &'a Contact, kind: MessageKind) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.keep(Sent::Notice { to: to.clone(), kind }) })
    }

    fn cards(&self) -> Vec<VitaleCard> {
        cards()
    }

    fn remember_profile<'a>(&'a self, person: &'a str, of: &'a Ins, name: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.keep(Sent::Profile { person: person.into(), of: of.clone(), name: name.into() })
        })
    }
}

/// Nobody of these has a dossier, but those of the first card.
pub fn cards() -> Vec<VitaleCard> {
    let card = |key: &str, label: &str, beneficiaries| VitaleCard {
        key: key.into(),
        label: label.into(),
        beneficiaries,
    };
    vec![
        card(
            "card-1",
            "Carte de DURAND Marie",
            vec![
                person(super::MARIE, "DURAND", "MARIE JEANNE", "19840712", Sex::Female),
                person(super::LEO, "MARTIN", "LEO", "20180312", Sex::Male),
            ],
        ),
        card("card-2", "Carte de PETIT Jean", vec![person(&jean(), "PETIT", "JEAN", "19700105", Sex::Male)]),
        card(
            "card-3",
            "Carte de MOREAU Alice",
            vec![
                person(&alice(), "MOREAU", "ALICE", "19880420", Sex::Female),
                person(&zoe(), "MOREAU", "ZOE", "20190602", Sex::Female),
            ],
        ),
    ]
}

/// INS of an adult without a dossier.
pub fn jean() -> String {
    with_key("1700135238001")
}

/// INS of a mother without a dossier.
pub fn alice() -> String {
    with_key("2880435238002")
}

/// INS of her daughter.
pub fn zoe() -> String {
    with_key("2190635238003")
}

fn with_key(number: &str) -> String {
    let value: u64 = number.parse().unwrap();
    format!("{number}{:02}", 97 - value % 97)
}

fn person(number: &str, family: &str, given: &str, born: &str, sex: Sex) -> Beneficiary {
    Beneficiary {
        ins: Ins::parse(number, InsOid::Test).unwrap(),
        traits: Traits {
            birth_name: family.into(),
            given_names: given.into(),
            birth_date: born.into(),
            sex,
            birth_place: "35238".into(),
            used_name: None,
            used_given: None,
        },
    }
}
