//! Sessions of the pages: a random identifier in a cookie, everything else here.
//!
//! Security.md row 24: a new identifier at each sign-in and each change of role, `HttpOnly`, `SameSite=Lax`, idle for 15
//! minutes (professional) or 30 (patient), 8 hours at most. Sessions are in memory: a restart ends them. What is kept is
//! the SHA-256 of the identifier, so that memory holds no cookie that could be used.
//!
//! A sensitive form waits in its session while the person proves who they are: [`Sessions::park`], then
//! [`Sessions::proved`], then [`Sessions::unpark`].

use aws_lc_rs::digest;
use dmp_dossier::{Actor, Time};
use dmp_keys::random;
use dmp_portal::Viewer;
use http::header::{COOKIE, HeaderMap, HeaderValue};
use moka::Expiry;
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const SESSIONS_MAX: u64 = 100_000;
const LONGEST: Duration = Duration::from_secs(8 * 3600);
const IDLE_PATIENT: Duration = Duration::from_secs(30 * 60);
const IDLE_OTHERS: Duration = Duration::from_secs(15 * 60);

/// Longest form that waits, names and values together, in bytes.
const PARKED_BYTES_MAX: usize = 16 * 1024;

/// By what a session was opened, and is proved again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum OpenedBy {
    /// An account of ours.
    #[default]
    Account,
    /// A provider of the configuration.
    Provider {
        /// Its key.
        key: String,
        /// Its `iss`.
        issuer: String,
        /// Who the person is to it.
        subject: String,
        /// What tells it who leaves (`id_token_hint`).
        id_token: String,
        /// When they proved to it who they are (`auth_time`): it may have remembered them since.
        proved_at: Time,
    },
}

/// A sensitive form that waits for a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Where it goes, a path of ours.
    pub action: String,
    /// What it holds, the token of the session apart.
    pub fields: Vec<(String, String)>,
}

/// Sessions.
pub struct Sessions {
    by_digest: Cache<[u8; 32], Session>,
    /// Behind TLS the cookie is `__Host-`, which a browser takes from `https` alone.
    behind_tls: bool,
}

#[derive(Clone)]
struct Session {
    viewer: Viewer,
    by: OpenedBy,
    parked: Option<Parked>,
    opened: Instant,
}

/// Idle time by kind of viewer, and an end whatever one does.
struct Ends;

impl Ends {
    fn left(session: &Session, now: Instant) -> Duration {
        let idle = match session.viewer.actor {
            Actor::Patient { .. } | Actor::Representative { .. } => IDLE_PATIENT,
            _ => IDLE_OTHERS,
        };
        idle.min(LONGEST.saturating_sub(now.saturating_duration_since(session.opened)))
    }
}

impl Expiry<[u8; 32], Session> for Ends {
    fn expire_after_create(&self, _: &[u8; 32], session: &Session, now: Instant) -> Option<Duration> {
        Some(Self::left(session, now))
    }

    fn expire_after_read(
        &self,
        _: &[u8; 32],
        session: &Session,
        now: Instant,
        _: Option<Duration>,
        _: Instant,
    ) -> Option<Duration> {
        Some(Self::left(session, now))
    }

    fn expire_after_update(
        &self,
        _: &[u8; 32],
        session: &Session,
        now: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::left(session, now))
    }
}

/// The session cookies of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Cookie {
    /// None.
    None,
    /// One, with its identifier.
    One(String),
    /// Several: somebody put one beside ours.
    Several,
}

const PLAIN: &str = "dmp_session";
const SECURE: &str = "__Host-dmp_session";

impl Cookie {
    /// Reads the cookies of a request. Behind TLS only the `__Host-` name counts: a neighbour of the same domain, or
    /// somebody on the network, can plant the other one and so choose in whose session one is.
    fn of(headers: &HeaderMap, behind_tls: bool) -> Cookie {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == if behind_tls { SECURE } else { PLAIN })
            .map(|(_, id)| id.to_owned());
        match (found.next(), found.next()) {
            (None, _) => Cookie::None,
            (Some(id), None) => Cookie::One(id),
            _ => Cookie::Several,
        }
    }
}

impl Sessions {
    /// No session yet.
    pub fn new(behind_tls: bool) -> Self {
        let by_digest = Cache::builder().max_capacity(SESSIONS_MAX).expire_after(Ends);
        // The session idle for longest leaves first: a full house lets the next one in.
        let by_digest = by_digest.eviction_policy(EvictionPolicy::lru()).build();
        Sessions { by_digest, behind_tls }
    }

    /// The session cookies of a request.
    pub fn cookie_of(&self, headers: &HeaderMap) -> Cookie {
        Cookie::of(headers, self.behind_tls)
    }

    /// Signs in somebody who has an account; the value of `Set-Cookie`. `viewer` makes the viewer with the token of their
    /// forms.
    pub fn open(&self, viewer: impl FnOnce(String) -> Option<Viewer>) -> Option<HeaderValue> {
        self.open_by(OpenedBy::Account, viewer)
    }

    /// Signs somebody in, by that.
    pub fn open_by(
        &self,
        by: OpenedBy,
        viewer: impl FnOnce(String) -> Option<Viewer>,
    ) -> Option<HeaderValue> {
        let session = Session { viewer: viewer(fresh())?, by, parked: None, opened: Instant::now() };
        self.keep(session)
    }

    /// Gives a session another role under a new identifier; it ends no later for that. `None` when it is over.
    pub fn turn(&self, id: &str, viewer: impl FnOnce(&Viewer) -> Viewer) -> Option<HeaderValue> {
        let session = self.by_digest.remove(&key(id))?;
        let viewer = Viewer { csrf: fresh(), ..viewer(&session.viewer) };
        self.keep(Session { viewer, parked: None, ..session })
    }

    fn keep(&self, session: Session) -> Option<HeaderValue> {
        let id = fresh();
        self.by_digest.insert(key(&id), session);
        self.cookie(&id, "")
    }

    /// By what a session was opened.
    pub fn opened_by(&self, id: &str) -> Option<OpenedBy> {
        self.by_digest.get(&key(id)).map(|session| session.by)
    }

    /// The person of a session has just proved who they are; false when it is over.
    pub fn proved(&self, id: &str, now: Time) -> bool {
        self.change(id, |session| session.viewer.proved_at = now)
    }

    /// Puts a sensitive form aside; false when the session is over, or the form too long.
    pub fn park(&self, id: &str, parked: Parked) -> bool {
        let bytes: usize = parked.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        bytes + parked.action.len() <= PARKED_BYTES_MAX
            && self.change(id, |session| session.parked = Some(parked))
    }

    /// Takes back the form that was put aside.
    pub fn unpark(&self, id: &str) -> Option<Parked> {
        let mut parked = None;
        self.change(id, |session| parked = session.parked.take());
        parked
    }

    /// In one step, as [`end`](Self::end): a session that ends meanwhile does not come back.
    fn change(&self, id: &str, change: impl FnOnce(&mut Session)) -> bool {
        let done = self.by_digest.entry(key(id)).and_compute_with(|entry| match entry {
            Some(entry) => {
                let mut session = entry.into_value();
                change(&mut session);
                Op::Put(session)
            }
            None => Op::Nop,
        });
        done.into_entry().is_some()
    }

    fn end(&self, digest: [u8; 32]) {
        self.by_digest
            .entry(digest)
            .and_compute_with(|entry| if entry.is_some() { Op::Remove } else { Op::Nop });
    }

    /// Ends the sessions that the account of somebody opened, that one apart: who had stolen one keeps nothing of it once
    /// its owner has changed what protects the account.
    pub fn end_others(&self, of: &Actor, but: Option<&str>) {
        let but = but.map(key);
        self.end_those(|digest, session| {
            session.by == OpenedBy::Account && session.viewer.actor == *of && Some(*digest) != but
        });
    }

    /// Ends every session of somebody, told by their provider.
    pub fn end_all(&self, of_issuer: &str, of_subject: &str) {
        self.end_those(|_, session| {
            matches!(&session.by, OpenedBy::Provider { issuer, subject, .. }
                if issuer == of_issuer && subject == of_subject)
        });
    }

    fn end_those(&self, ends: impl Fn(&[u8; 32], &Session) -> bool) {
        let digests: Vec<_> = self
            .by_digest
            .iter()
            .filter(|(digest, session)| ends(digest, session))
            .map(|(digest, _)| *digest)
            .collect();
        for digest in digests {
            self.end(digest);
        }
    }

    fn cookie(&self, id: &str, age: &str) -> Option<HeaderValue> {
        let (name, secure) = if self.behind_tls { (SECURE, "; Secure") } else { (PLAIN, "") };
        HeaderValue::from_str(&format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")).ok()
    }

    /// Who is signed in by that identifier.
    pub fn viewer(&self, id: &str) -> Option<Viewer> {
        self.by_digest.get(&key(id)).map(|session| session.viewer)
    }

    /// Signs out.
    pub fn close(&self, id: &str) {
        self.end(key(id));
    }

    /// `Set-Cookie` that takes the cookie away.
    pub fn cleared(&self) -> HeaderValue {
        self.cookie("", "; Max-Age=0").unwrap_or(HeaderValue::from_static("dmp_session=; Max-Age=0"))
    }
}

/// 128 random bits, in hexadecimal.
pub(crate) fn fresh() -> String {
    random::random_array::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of what a browser keeps secret.
pub(crate) fn key(id: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest::digest(&digest::SHA256, id.as_bytes()).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::{Ins, InsOid};

    fn viewer(actor: Actor) -> Viewer {
        Viewer::new(actor, "", "", "token".into(), Time::from_millis(0))
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case_after_eight_hours() {
        let patient = Actor::Patient { ins: Ins::parse("284073523811416", InsOid::Test).unwrap() };
        let opened = Instant::now();
        for (actor, minutes_since, minutes_left) in
            [(patient.clone(), 0, 30), (Actor::Pilot, 0, 15), (patient, 470, 10), (Actor::Pilot, 480, 0)]
        {
            let session = Session { viewer: viewer(actor), by: OpenedBy::Account, parked: None, opened };
            let now = opened + Duration::from_secs(minutes_since * 60);
            assert_eq!(Ends::left(&session, now), Duration::from_secs(minutes_left * 60));
        }
    }

    #[test]
    fn a_cookie_opens_its_session_until_it_is_closed() {
        let sessions = Sessions::new(true);
        let cookie = sessions.open(|csrf| Some(Viewer { csrf, ..viewer(Actor::Pilot) })).unwrap();
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-dmp_session=") && cookie.ends_with("; Secure"), "{cookie}");
        let id = cookie.split(['=', ';']).nth(1).unwrap();
        assert_eq!(sessions.viewer(id).unwrap().csrf.len(), 32);
        assert!(sessions.viewer("other").is_none());
        sessions.close(id);
        assert!(sessions.viewer(id).is_none());
        assert!(sessions.open(|_| None).is_none(), "nobody signed in");
    }

    fn id(cookie: &HeaderValue) -> String {
        cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned()
    }

    #[test]
    fn behind_tls_only_the_host_cookie_is_a_session() {
        let of = |text: &str, behind_tls| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, text.parse().unwrap());
            Sessions::new(behind_tls).cookie_of(&headers)
        };
        for (text, behind_tls, expected) in [
            ("__Host-dmp_session=a", true, Cookie::One("a".into())),
            ("dmp_session=planted", true, Cookie::None),
            ("dmp_session=planted; __Host-dmp_session=a", true, Cookie::One("a".into())),
            ("__Host-dmp_session=a; __Host-dmp_session=b", true, Cookie::Several),
            ("dmp_session=a", false, Cookie::One("a".into())),
            ("dmp_session=a; dmp_session=b", false, Cookie::Several),
        ] {
            assert_eq!(of(text, behind_tls), expected, "{text}");
        }
    }

    #[test]
    fn the_other_sessions_of_an_account_end_with_what_protected_them() {
        let sessions = Sessions::new(false);
        let open = |by, actor| id(&sessions.open_by(by, |_| Some(viewer(actor))).unwrap());
        let provider = OpenedBy::Provider {
            key: "fc".into(),
            issuer: "https://fc".into(),
            subject: "a".into(),
            id_token: "t".into(),
            proved_at: Time::from_millis(0),
        };
        let (own, stolen) = (open(OpenedBy::Account, Actor::Pilot), open(OpenedBy::Account, Actor::Pilot));
        let (elsewhere, other) = (open(provider, Actor::Pilot), open(OpenedBy::Account, Actor::Insurer));
        sessions.end_others(&Actor::Pilot, Some(&own));
        assert!(sessions.viewer(&stolen).is_none());
        for kept in [&own, &elsewhere, &other] {
            assert!(sessions.viewer(kept).is_some());
        }
        sessions.end_others(&Actor::Pilot, None);
        assert!(sessions.viewer(&own).is_none());
        assert!(!sessions.proved(&own, Time::from_millis(1)), "what ended does not come back");
    }

    #[test]
    fn a_form_waits_for_a_proof_and_is_taken_back_once() {
        let sessions = Sessions::new(false);
        let id = id(&sessions.open(|_| Some(viewer(Actor::Pilot))).unwrap());
        let form = |length| Parked {
            action: "/dossier/x/droits".to_owned(),
            fields: vec![("motif".to_owned(), "a".repeat(length))],
        };
        assert!(!sessions.park(&id, form(PARKED_BYTES_MAX)), "too long");
        assert!(sessions.park(&id, form(10)) && !sessions.park("other", form(10)));
        assert!(
            sessions.proved(&id, Time::from_millis(7)) && !sessions.proved("other", Time::from_millis(7))
        );
        assert_eq!(sessions.viewer(&id).unwrap().proved_at, Time::from_millis(7));
        assert_eq!(sessions.unpark(&id), Some(form(10)));
        assert_eq!(sessions.unpark(&id), None);
    }

    #[test]
    fn another_role_is_another_identifier_and_a_provider_ends_its_own_sessions() {
        let sessions = Sessions::new(false);
        let by = |subject: &str| OpenedBy::Provider {
            key: "psc".into(),
            issuer: "https://psc".into(),
            subject: subject.into(),
            id_token: "t".into(),
            proved_at: Time::from_millis(0),
        };
        let first = id(&sessions.open_by(by("a"), |_| Some(viewer(Actor::Pilot))).unwrap());
        let turned =
            id(&sessions.turn(&first, |viewer| Viewer { name: "B".into(), ..viewer.clone() }).unwrap());
        assert!(sessions.viewer(&first).is_none() && first != turned);
        assert_eq!(sessions.viewer(&turned).unwrap().name, "B");
        assert_eq!(sessions.opened_by(&turned), Some(by("a")));
        let other = id(&sessions.open_by(by("b"), |_| Some(viewer(Actor::Pilot))).unwrap());
        sessions.end_all("https://psc", "a");
        assert!(sessions.viewer(&turned).is_none() && sessions.viewer(&other).is_some());
    }
}
