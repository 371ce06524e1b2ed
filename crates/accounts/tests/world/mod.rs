//! Accounts on a fresh SQLite store, a clock that tests move, and a mailbox that they read.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use dmp_accounts::messenger::{DEMO_OWNER, Kept, KeptMessage, Post};
use dmp_accounts::{Accounts, AccountsConfig, Cost, Drawn, Entered, Fault, Origin, Step};
use dmp_dossier::{
    Actor, Channel, Command, ConsentProof, Contact, Emergency, Ins, InsOid, Open, OtpChannel, Parameters,
    ReceptionAgent, Sex, Time, Traits, WebAccessDraft,
};
use dmp_keys::FileCustody;
use dmp_nomenclature::Matrix;
use dmp_store::{Ambient, Quotas, SqliteEngine, Store, StoreConfig, Target};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;

const MARIE: &str = "284073523811416";
pub const PASSWORD: &str = "cheval correct agrafe";

struct Clock(AtomicI64);

impl Ambient for Clock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn fresh(&self) -> Uuid {
        Uuid::new_v4()
    }
}

pub struct World {
    pub store: Store,
    pub accounts: Accounts,
    clock: Arc<Clock>,
    directory: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

pub fn marie() -> Ins {
    Ins::parse(MARIE, InsOid::Test).unwrap()
}

pub fn patient() -> Actor {
    Actor::Patient { ins: marie() }
}

pub fn sms() -> OtpChannel {
    OtpChannel::Sms("0612345678".into())
}

/// A request from an address, by a browser that has that cookie.
pub fn from(address: [u8; 4], device: Option<&str>) -> Origin {
    Origin {
        address: Some(address.into()),
        user_agent: "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0".into(),
        device: device.map(str::to_owned),
    }
}

pub fn home() -> Origin {
    from([198, 51, 100, 7], None)
}

impl World {
    /// Marie's dossier is open, without an access by internet.
    pub async fn new() -> World {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("dmp-accounts-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        // 2026-11-21T10:00:00Z
        let clock = Arc::new(Clock(AtomicI64::new(1_795_255_200_000)));
        let config = StoreConfig {
            engine: Arc::new(SqliteEngine::open(&directory).unwrap()),
            custody: Arc::new(FileCustody::create(&directory.join("keys")).unwrap()),
            ambient: Arc::clone(&clock) as Arc<dyn Ambient>,
            parameters: Parameters::default(),
            matrix: Matrix::builtin(),
            quotas: Quotas::unlimited(),
        };
        let store = Store::new(config).await.unwrap();
        let config = AccountsConfig {
            store: store.clone(),
            messenger: Arc::new(Post::all_by(Arc::new(Kept::new(store.clone(), DEMO_OWNER)))),
            public_url: "https://dmp.example.org".into(),
            passkey_domain: None,
            cost: Cost::TESTS,
        };
        let accounts = Accounts::new(config).unwrap();
        let world = World { store, accounts, clock, directory };
        let proof = ConsentProof {
            collected_by: "Agent d'accueil".into(),
            means: "oral".into(),
            at: world.store.now(),
            information: None,
        };
        let open = Open {
            ins: marie(),
            traits: Traits {
                birth_name: "DURAND".into(),
                given_names: "MARIE JEANNE".into(),
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
        let desk = Actor::ReceptionAgent(agent());
        world.execute(&desk, Command::Open(Box::new(open))).await;
        world
    }

    /// The same, with an access by internet whose secret is sealed.
    pub async fn with_access() -> (World, Drawn) {
        let world = World::new().await;
        let drawn = world.accounts.draw().await.unwrap();
        let draft = WebAccessDraft {
            login: drawn.login.clone(),
            secret_hash: drawn.secret_hash.clone(),
            channel: sms(),
        };
        world.execute(&patient(), Command::OpenWebAccess(Box::new(draft))).await;
        (world, drawn)
    }

    /// The same, with an account that has a password; the device that activated it.
    pub async fn with_account() -> (World, Drawn, String) {
        let (world, drawn) = World::with_access().await;
        let step = world.accounts.activate(&drawn.login, &drawn.secret, &home()).await.unwrap();
        let code = world.code().await;
        world.accounts.activation_code(&step.ticket, &code).unwrap();
        let entered = world.accounts.choose_password(&step.ticket, PASSWORD, &home()).await.unwrap();
        world.wait(1);
        (world, drawn, entered.device)
    }

    pub async fn execute(&self, actor: &Actor, command: Command) {
        self.wait(1);
        let target = Target::Patient(marie());
        self.store.execute(actor, target, command, Vec::new(), Uuid::new_v4()).await.unwrap();
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub async fn mails(&self) -> Vec<KeptMessage> {
        // One message is not waited for by who asked for it.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        // What is sent from now on is later than what is read here.
        self.wait(1);
        Kept::latest(&self.store, DEMO_OWNER, 100).await.unwrap()
    }

    /// The latest code that was sent.
    pub async fn code(&self) -> String {
        let mails = self.mails().await;
        let text = mails.iter().map(|mail| mail.text.as_str()).find(|text| text.contains("code")).unwrap();
        let digits: Vec<&str> =
            text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 6).collect();
        digits[0].to_owned()
    }

    pub async fn sign_in(&self, login: &str, password: &str, origin: &Origin) -> Result<Step, Fault> {
        self.wait(1);
        self.accounts.sign_in(login, password, origin).await
    }

    /// Sign-in to the end.
    pub async fn enter(&self, login: &str, origin: &Origin) -> Entered {
        let step = self.sign_in(login, PASSWORD, origin).await.unwrap();
        let code = self.code().await;
        self.accounts.second_proof(&step.ticket, &code, origin).await.unwrap()
    }
}

pub fn agent() -> ReceptionAgent {
    ReceptionAgent { id: "agent-1".into(), organisation: "Caisse de test".into(), channel: Channel::Cpam }
}
