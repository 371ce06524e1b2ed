//! The pages of accounts over their routes: what a browser posts and gets, cookies included.

use super::{AccountServices, Front, routes};
use crate::config::{Config, KEYS_FILE};
use crate::http::Peer;
use crate::open::Deployment;
use crate::sessions::{Cookie, Sessions};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use dmp_accounts::messenger::{DEMO_OWNER, Kept, Post};
use dmp_accounts::{Accounts, AccountsConfig, Cost, Drawn};
use dmp_dossier::{
    Actor, Channel, Command, ConsentProof, Contact, Emergency, Ins, InsOid, Open, OtpChannel, ReceptionAgent,
    Sex, Time, Traits, WebAccessDraft,
};
use dmp_keys::FileCustody;
use dmp_portal::services::{CodeError, CodePurpose};
use dmp_portal::{Portal, Services as _, Viewer};
use dmp_store::{Ambient, Store, Target};
use http_body_util::BodyExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt as _;
use uuid::Uuid;

const PASSWORD: &str = "cheval correct agrafe";

struct Clock(AtomicI64);

impl Ambient for Clock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn fresh(&self) -> Uuid {
        Uuid::new_v4()
    }
}

struct World {
    clock: Arc<Clock>,
    store: Store,
    accounts: Arc<Accounts>,
    sessions: Arc<Sessions>,
    router: Router,
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    fn field(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let rest = self.body.split(&mark).nth(1).unwrap_or_else(|| panic!("no {name} in {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }

    /// The page without what is drawn for each.
    fn without_ticket(&self) -> String {
        let ticket = self.field("billet");
        self.body.replace(&ticket, "")
    }
}

/// A browser: an address and its cookies.
struct Browser<'w> {
    world: &'w World,
    address: [u8; 4],
    cookies: Vec<(String, String)>,
}

fn marie() -> Ins {
    Ins::parse("284073523811416", InsOid::Test).unwrap()
}

impl World {
    async fn new(demo: bool) -> World {
        let directory = std::env::temp_dir().join(format!("dmp-compte-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        FileCustody::create(&directory.join(KEYS_FILE)).unwrap();
        let config = Config::read("", [], &directory).unwrap();
        let clock = Arc::new(Clock(AtomicI64::new(1_795_255_200_000)));
        let ambient = Arc::clone(&clock) as Arc<dyn Ambient>;
        let store = Deployment::open(config).unwrap().store(ambient).await.unwrap();
        let accounts = AccountsConfig {
            store: store.clone(),
            messenger: Arc::new(Post::all_by(Arc::new(Kept::new(store.clone(), DEMO_OWNER)))),
            public_url: "https://dmp.example.org".into(),
            passkey_domain: None,
            cost: Cost::TESTS,
        };
        let accounts = Arc::new(Accounts::new(accounts).unwrap());
        let sessions = Arc::new(Sessions::new(true));
        let portal = Arc::new(Portal::new(store.clone(), &[7; 32], "/connexion", None));
        let front = Front {
            accounts: Arc::clone(&accounts),
            store: store.clone(),
            sessions: Arc::clone(&sessions),
            portal,
            behind_tls: true,
            demo,
        };
        let world = World { clock, store, accounts, sessions, router: routes(front), directory };
        world.open().await;
        world
    }

    async fn open(&self) {
        let desk = Actor::ReceptionAgent(ReceptionAgent {
            id: "agent-1".into(),
            organisation: "Caisse de test".into(),
            channel: Channel::Cpam,
        });
        let proof = ConsentProof {
            collected_by: "Agent d'accueil".into(),
            means: "oral".into(),
            at: self.store.now(),
            information: None,
        };
        let open = Open {
            ins: marie(),
            traits: Traits {
                birth_name: "DURAND".into(),
                given_names: "MARIE".into(),
                birth_date: "19840712".into(),
                sex: Sex::Female,
                birth_place: "35238".into(),
                used_name: None,
                used_given: None,
            },
            contact: Contact::default(),
            representatives: Vec::new(),
            consent: Some(proof),
            channel: Channel::Cpam,
            emergency: Emergency::default(),
        };
        self.execute(&desk, Command::Open(Box::new(open))).await;
    }

    async fn execute(&self, actor: &Actor, command: Command) {
        self.wait(1);
        let target = Target::Patient(marie());
        self.store.execute(actor, target, command, Vec::new(), Uuid::new_v4()).await.unwrap();
    }

    /// An access by internet, whose codes go to a mobile.
    async fn access(&self) -> Drawn {
        let drawn = self.accounts.draw().await.unwrap();
        let draft = WebAccessDraft {
            login: drawn.login.clone(),
            secret_hash: drawn.secret_hash.clone(),
            channel: OtpChannel::Sms("0612345678".into()),
        };
        self.execute(&Actor::Patient { ins: marie() }, Command::OpenWebAccess(Box::new(draft))).await;
        drawn
    }

    fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// The latest code.
    async fn code(&self) -> String {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let kept = Kept::latest(&self.store, DEMO_OWNER, 10).await.unwrap();
        self.wait(1);
        let text = kept.iter().map(|mail| mail.text.as_str()).find(|text| text.contains("code")).unwrap();
        let mut numbers = text.split(|c: char| !c.is_ascii_digit());
        numbers.find(|word| word.len() == 6).unwrap().to_owned()
    }

    fn browser(&self, address: [u8; 4]) -> Browser<'_> {
        Browser { world: self, address, cookies: Vec::new() }
    }
}

impl Browser<'_> {
    async fn ask(&mut self, method: &str, path: &str, kind: &str, body: String) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::USER_AGENT, "Mozilla/5.0 (X11; Linux) Firefox/140.0")
            .header(header::COOKIE, cookies.join("; "))
            .body(Body::from(body))
            .unwrap();
        // What the edge does before a route sees the request.
        let viewer = match self.world.sessions.cookie_of(request.headers()) {
            Cookie::One(id) => self.world.sessions.viewer(&id),
            _ => None,
        };
        request.extensions_mut().insert::<Option<Viewer>>(viewer);
        request.extensions_mut().insert(Peer {
            address: (self.address, 40_000).into(),
            client: Some(self.address.into()),
            proxied: false,
        });
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    async fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, "text/html", String::new()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
        self.ask("POST", path, "application/x-www-form-urlencoded", pairs.join("&")).await
    }

    /// From the sealed secret to a session.
    async fn activate(&mut self, drawn: &Drawn) -> Reply {
        let secret = [("identifiant", drawn.login.as_str()), ("secret", drawn.secret.as_str())];
        let asked = self.post("/compte/activation", &secret).await;
        assert!(asked.body.contains("par SMS au •• •• •• •• 78"), "{}", asked.body);
        let ticket = asked.field("billet");
        let code = self.world.code().await;
        let choice = self.post("/compte/activation/code", &[("billet", &ticket), ("code", &code)]).await;
        assert_eq!(choice.field("billet"), ticket);
        let chosen = [("billet", ticket.as_str()), ("mot-de-passe", PASSWORD), ("encore", PASSWORD)];
        self.post("/compte/choisir", &chosen).await
    }

    fn csrf(&self) -> String {
        let session = self.cookies.iter().find(|(name, _)| name == "__Host-dmp_session").unwrap();
        self.world.sessions.viewer(&session.1).unwrap().csrf
    }
}

#[tokio::test]
async fn a_sealed_secret_leads_to_a_session() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut browser = world.browser([198, 51, 100, 7]);
    let entered = browser.activate(&drawn).await;
    assert_eq!((entered.status, entered.location()), (303, "/"), "{}", entered.body);
    let cookies: Vec<&HeaderValue> = entered.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; HttpOnly; SameSite=Lax; Secure"),
            "{cookie}"
        );
    }
    let page = browser.get("/compte/securite").await;
    assert_eq!(page.status, 200);
    for words in [drawn.login.as_str(), "Marie Durand", "Patiente", "Firefox, Linux", "cet appareil"] {
        assert!(page.body.contains(words), "{words} is not on the page");
    }
    assert!(!page.body.contains("0612345678"), "the number is not shown whole");
    let again = world.browser([198, 51, 100, 8]).get("/compte/securite").await;
    assert_eq!((again.status, again.location()), (303, "/connexion"));
}

#[tokio::test]
async fn a_password_that_is_refused_is_asked_again() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut browser = world.browser([198, 51, 100, 7]);
    let secret = [("identifiant", drawn.login.as_str()), ("secret", drawn.secret.as_str())];
    let ticket = browser.post("/compte/activation", &secret).await.field("billet");
    let code = world.code().await;
    browser.post("/compte/activation/code", &[("billet", &ticket), ("code", &code)]).await;
    for (password, again, status, says) in [
        ("court", "court", 422, "Il faut 12 caractères au moins."),
        ("motdepasse123", "motdepasse123", 422, "trop facile à deviner"),
        (PASSWORD, "cheval correct", 422, "ne sont pas les mêmes"),
        (PASSWORD, PASSWORD, 303, ""),
        (PASSWORD, PASSWORD, 422, "Recommencez depuis le début."),
    ] {
        let fields = [("billet", ticket.as_str()), ("mot-de-passe", password), ("encore", again)];
        let reply = browser.post("/compte/choisir", &fields).await;
        assert_eq!(reply.status, status, "{password}");
        assert!(reply.body.contains(says), "{says}");
        assert!(!reply.body.contains(PASSWORD), "a password is never given back");
    }
}

#[tokio::test]
async fn the_fifth_wrong_code_and_ten_minutes_send_back_to_the_start() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut browser = world.browser([198, 51, 100, 7]);
    browser.activate(&drawn).await;
    let mut browser = world.browser([198, 51, 100, 8]);
    let fields = [("identifiant", drawn.login.as_str()), ("mot-de-passe", PASSWORD)];
    let ticket = browser.post("/compte/connexion", &fields).await.field("billet");
    let code = world.code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for says in ["4 essais", "3 essais", "2 essais", "1 essai."] {
        let reply = browser.post("/compte/connexion/code", &[("billet", &ticket), ("code", wrong)]).await;
        assert_eq!(reply.status, 422);
        assert!(reply.body.contains(says), "{says}");
    }
    for typed in [wrong, code.as_str()] {
        let reply = browser.post("/compte/connexion/code", &[("billet", &ticket), ("code", typed)]).await;
        assert!(reply.status == 422 && reply.body.contains("Recommencez"), "{}", reply.body);
    }
    let ticket = browser.post("/compte/connexion", &fields).await.field("billet");
    let code = world.code().await;
    world.wait(600);
    let late = browser.post("/compte/connexion/code", &[("billet", &ticket), ("code", &code)]).await;
    assert!(late.status == 422 && late.body.contains("Recommencez"), "{}", late.body);
    assert!(browser.cookies.is_empty(), "nobody signed in");
}

/// Bad input URL-59.
#[tokio::test]
async fn too_many_wrong_passwords_are_429_but_not_for_a_device_that_is_known() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut owner = world.browser([198, 51, 100, 7]);
    owner.activate(&drawn).await;
    let wrong = [("identifiant", drawn.login.as_str()), ("mot-de-passe", "un autre mot")];
    let mut statuses = Vec::new();
    for n in 0..12 {
        let reply = world.browser([203, 0, 113, n]).post("/compte/connexion", &wrong).await;
        statuses.push(reply.status);
        if reply.status == 429 {
            assert!(reply.headers.contains_key(header::RETRY_AFTER));
            assert!(reply.body.contains("Trop d&#39;essais.") || reply.body.contains("Trop d'essais."));
        }
    }
    assert_eq!(statuses, [vec![422; 5], vec![429; 7]].concat());
    let right = [("identifiant", drawn.login.as_str()), ("mot-de-passe", PASSWORD)];
    assert_eq!(world.browser([203, 0, 113, 99]).post("/compte/connexion", &right).await.status, 429);
    let reply = owner.post("/compte/connexion", &right).await;
    assert_eq!(reply.status, 200);
    let code = world.code().await;
    let fields = [("billet", reply.field("billet")), ("code", code)];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(owner.post("/compte/connexion/code", &fields).await.status, 303);
}

#[tokio::test]
async fn a_forgotten_password_tells_nothing() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    world.browser([198, 51, 100, 7]).activate(&drawn).await;
    let mut pages = Vec::new();
    for login in [drawn.login.as_str(), "ZZZZZZZZZZ", "personne@example.org"] {
        let mut browser = world.browser([203, 0, 113, 1]);
        let asked = browser.post("/compte/oubli", &[("identifiant", login)]).await;
        let ticket = asked.field("billet");
        let fields = [("billet", ticket.as_str()), ("code", "1"), ("preuve", "courrier"), ("secret", "ABCD")];
        let wrong = browser.post("/compte/oubli/code", &fields).await;
        pages.push((asked.status, asked.without_ticket(), wrong.status, wrong.without_ticket()));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
    assert_eq!((pages[0].0, pages[0].2), (200, 422));
}

#[tokio::test]
async fn protection_wants_a_fresh_proof_and_the_token_of_the_session() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut browser = world.browser([198, 51, 100, 7]);
    browser.activate(&drawn).await;
    let new = "trois autres mots";
    let forged = [("csrf", "0123456789abcdef0123456789abcdef"), ("mot-de-passe", new), ("encore", new)];
    assert_eq!(browser.post("/compte/securite/mot-de-passe", &forged).await.status, 403);
    world.wait(301);
    let stale = browser.get("/compte/securite").await;
    assert_eq!((stale.status, stale.location()), (303, "/compte/confirmer?puis=securite"));
    let csrf = browser.csrf();
    let wrong = [("csrf", csrf.as_str()), ("puis", "securite"), ("mot-de-passe", "non")];
    assert_eq!(browser.post("/compte/confirmer", &wrong).await.status, 422);
    let right = [("csrf", csrf.as_str()), ("puis", "securite"), ("mot-de-passe", PASSWORD)];
    let proved = browser.post("/compte/confirmer", &right).await;
    assert_eq!((proved.status, proved.location()), (303, "/compte/securite"));
    let elsewhere =
        [("csrf", csrf.as_str()), ("puis", "https://attacker.example"), ("mot-de-passe", PASSWORD)];
    assert_eq!(browser.post("/compte/confirmer", &elsewhere).await.location(), "/connexion/suite");
    let change = [("csrf", csrf.as_str()), ("mot-de-passe", new), ("encore", new)];
    let changed = browser.post("/compte/securite/mot-de-passe", &change).await;
    assert_eq!((changed.status, changed.location()), (303, "/compte/securite?fait=mot-de-passe"));
    assert!(browser.get(changed.location()).await.body.contains("Votre mot de passe est changé."));
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_that_the_former_one_opened() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut thief = world.browser([203, 0, 113, 9]);
    thief.activate(&drawn).await;
    assert_eq!(thief.get("/compte/securite").await.status, 200);
    let mut owner = world.browser([198, 51, 100, 7]);
    let right = [("identifiant", drawn.login.as_str()), ("mot-de-passe", PASSWORD)];
    let ticket = owner.post("/compte/connexion", &right).await.field("billet");
    let code = world.code().await;
    owner.post("/compte/connexion/code", &[("billet", &ticket), ("code", &code)]).await;
    let (csrf, new) = (owner.csrf(), "trois autres mots");
    let change = [("csrf", csrf.as_str()), ("mot-de-passe", new), ("encore", new)];
    assert_eq!(owner.post("/compte/securite/mot-de-passe", &change).await.status, 303);
    assert_eq!(owner.get("/compte/securite").await.status, 200, "whoever changed it goes on");
    assert_eq!(thief.get("/compte/securite").await.location(), "/connexion", "the other session is over");

    thief.cookies.clear();
    let forgot = thief.post("/compte/oubli", &[("identifiant", drawn.login.as_str())]).await;
    let (ticket, code) = (forgot.field("billet"), world.code().await);
    let fields = [("billet", &*ticket), ("code", &*code), ("preuve", "courrier"), ("secret", &*drawn.secret)];
    thief.post("/compte/oubli/code", &fields).await;
    let chosen = [("billet", ticket.as_str()), ("mot-de-passe", PASSWORD), ("encore", PASSWORD)];
    assert_eq!(thief.post("/compte/choisir", &chosen).await.status, 303);
    assert_eq!(owner.get("/compte/securite").await.location(), "/connexion", "a recovery ends the others");
}

/// A cookie without the prefix is anybody's who writes cookies for the domain: it makes nobody known nor signed in.
#[tokio::test]
async fn a_planted_cookie_is_neither_a_session_nor_a_device() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut owner = world.browser([198, 51, 100, 7]);
    owner.activate(&drawn).await;
    let mut other = world.browser([203, 0, 113, 9]);
    other.cookies = owner
        .cookies
        .iter()
        .map(|(name, value)| (name.trim_start_matches("__Host-").to_owned(), value.clone()))
        .collect();
    assert_eq!(other.get("/compte/securite").await.location(), "/connexion");
    let wrong = [("identifiant", drawn.login.as_str()), ("mot-de-passe", "un autre mot")];
    for n in 0..5 {
        world.browser([203, 0, 113, n]).post("/compte/connexion", &wrong).await;
    }
    assert_eq!(other.post("/compte/connexion", &wrong).await.status, 429, "the device is not known");
}

#[tokio::test]
async fn a_new_address_for_codes_is_proved_then_kept_by_the_record() {
    let world = World::new(true).await;
    let drawn = world.access().await;
    let mut browser = world.browser([198, 51, 100, 7]);
    browser.activate(&drawn).await;
    let csrf = browser.csrf();
    let crlf = [("csrf", csrf.as_str()), ("par", "mail"), ("adresse", "a@b.fr%0D%0ABcc:x@y.fr")];
    assert_eq!(browser.post("/compte/securite/canal", &crlf).await.status, 422);
    let fields = [("csrf", csrf.as_str()), ("par", "mail"), ("adresse", "marie@example.org")];
    let asked = browser.post("/compte/securite/canal", &fields).await;
    assert!(asked.body.contains("m••••@example.org"), "{}", asked.body);
    let (ticket, code) = (asked.field("billet"), world.code().await);
    let fields = [("csrf", csrf.as_str()), ("billet", &ticket), ("code", &code)];
    let done = browser.post("/compte/securite/canal/code", &fields).await;
    assert_eq!((done.status, done.location()), (303, "/compte/securite?fait=canal"), "{}", done.body);
    let owner = world.store.web_access(&drawn.login).await.unwrap().unwrap();
    assert_eq!(owner.access.channels.len(), 2);
    let told = browser.get("/demo/courrier.json").await;
    let told: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(told[0]["to"], "0612345678");
    assert_eq!((&told[0]["kind"], &told[0]["purpose"]), (&"sms".into(), &"security".into()));
}

#[tokio::test]
async fn what_is_not_a_form_of_ours_is_refused() {
    let world = World::new(false).await;
    let mut browser = world.browser([198, 51, 100, 7]);
    let json = browser.ask("POST", "/compte/connexion", "application/json", "{}".into()).await;
    assert_eq!(json.status, 415);
    let twice = [("identifiant", "a"), ("identifiant", "b")];
    assert_eq!(browser.post("/compte/connexion", &twice).await.status, 400);
    assert_eq!(browser.post("/compte/connexion/code", &[("billet", "x")]).await.status, 422);
    assert_eq!(browser.post("/compte/choisir/defi", &[("billet", "x")]).await.status, 403);
    assert_eq!(browser.get("/compte/activation?lien=x").await.status, 422);
    assert_eq!(browser.get("/demo/courrier").await.status, 404, "the mailbox is the demo's");
    let challenge = browser.post("/compte/cle/defi", &[]).await;
    assert!(challenge.body.contains("\"rpId\":\"dmp.example.org\""), "{}", challenge.body);
}

#[tokio::test]
async fn the_services_of_the_pages_send_codes_and_links() {
    let world = World::new(true).await;
    let services = AccountServices::new(Arc::clone(&world.accounts), world.store.clone(), Vec::new());
    let channel = OtpChannel::Email("marie@example.org".into());
    let ticket = services.send_code(channel.clone(), CodePurpose::Contact).await.unwrap();
    let code = world.code().await;
    assert_eq!(services.check_code(&ticket, &code).await, Ok(channel.clone()));
    assert_eq!(services.check_code(&ticket, &code).await, Err(CodeError::Over));
    let bad = OtpChannel::Email("a@b.fr\r\nBcc: x@y.fr".into());
    assert_eq!(services.send_code(bad, CodePurpose::Contact).await, Err(CodeError::NotSent));
    for _ in 0..4 {
        services.send_code(channel.clone(), CodePurpose::Contact).await.unwrap();
    }
    let full = services.send_code(channel.clone(), CodePurpose::Contact).await;
    assert!(matches!(full, Err(CodeError::Wait { seconds: 3500..=3600 })), "{full:?}");
    let credentials = services.draw_credentials().await;
    services.send_credentials(&channel, &credentials).await.unwrap();
    world.wait(1);
    let kept = Kept::latest(&world.store, DEMO_OWNER, 10).await.unwrap();
    let link = kept.iter().find(|mail| mail.text.contains("lien=")).unwrap();
    assert!(link.text.contains(&credentials.login) && !link.text.contains(&credentials.secret));
}
