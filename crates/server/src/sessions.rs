//! Sessions of the pages: a random identifier in a cookie, everything else here.
//!
//! Security.md row 24: a new identifier at each sign-in, `HttpOnly`, `SameSite=Lax`, idle for 15 minutes (professional)
//! or 30 (patient), 8 hours at most. Sessions are in memory: a restart ends them. What is kept is the SHA-256 of the
//! identifier, so that memory holds no cookie that could be used.

use aws_lc_rs::digest;
use dmp_dossier::Actor;
use dmp_keys::random;
use dmp_portal::Viewer;
use http::header::{COOKIE, HeaderMap, HeaderValue};
use moka::Expiry;
use moka::sync::Cache;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const SESSIONS_MAX: u64 = 100_000;
const LONGEST: Duration = Duration::from_secs(8 * 3600);
const IDLE_PATIENT: Duration = Duration::from_secs(30 * 60);
const IDLE_OTHERS: Duration = Duration::from_secs(15 * 60);

/// Sessions.
pub struct Sessions {
    by_digest: Cache<[u8; 32], Session>,
    /// Behind TLS the cookie is `__Host-`, which a browser takes from `https` alone.
    behind_tls: bool,
}

#[derive(Clone)]
struct Session {
    viewer: Viewer,
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
    /// Reads the cookies of a request.
    pub fn of(headers: &HeaderMap) -> Cookie {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| matches!(*name, PLAIN | SECURE))
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
        let by_digest = Cache::builder().max_capacity(SESSIONS_MAX).expire_after(Ends).build();
        Sessions { by_digest, behind_tls }
    }

    /// Signs somebody in; the value of `Set-Cookie`. `viewer` makes the viewer with the token of their forms.
    pub fn open(&self, viewer: impl FnOnce(String) -> Option<Viewer>) -> Option<HeaderValue> {
        let id = fresh();
        let session = Session { viewer: viewer(fresh())?, opened: Instant::now() };
        self.by_digest.insert(key(&id), session);
        self.cookie(&id, "")
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
        self.by_digest.invalidate(&key(id));
    }

    /// `Set-Cookie` that takes the cookie away.
    pub fn cleared(&self) -> HeaderValue {
        self.cookie("", "; Max-Age=0").unwrap_or(HeaderValue::from_static("dmp_session=; Max-Age=0"))
    }
}

/// 128 random bits.
fn fresh() -> String {
    random::random_array::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn key(id: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest::digest(&digest::SHA256, id.as_bytes()).as_ref());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use dmp_dossier::{Ins, InsOid};

    fn viewer(actor: Actor) -> Viewer {
        Viewer::new(actor, "", "", "token".into(), dmp_dossier::Time::from_millis(0))
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case_after_eight_hours() {
        let patient = Actor::Patient { ins: Ins::parse("284073523811416", InsOid::Test).unwrap() };
        let opened = Instant::now();
        for (actor, minutes_since, minutes_left) in
            [(patient.clone(), 0, 30), (Actor::Pilot, 0, 15), (patient, 470, 10), (Actor::Pilot, 480, 0)]
        {
            let session = Session { viewer: viewer(actor), opened };
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
}
