//! From a configuration to a server that answers: lock, keys, store, identities, faces.
//!
//! Order matters: the address is taken first, since links in answers carry the real port; the database is locked
//! before keys are used, so that two processes never write one deployment.

use crate::accounts::{self, AccountServices, Front};
use crate::config::{CONFIG_FILE, Config, ConfigError, KEYS_FILE};
use crate::files::{Refresh, Stamps};
use crate::http::{Door, Doors, Edge, Figures, Hosts, Limits, ServerHandle, Taken, Tls, layered, serve};
use crate::identity::{Identities, Issuer};
use crate::people::People;
use crate::routes::{self, Own};
use crate::services::{self, Signatures};
use crate::sessions::Sessions;
use crate::sign_in::{self, Given, SignIn};
use crate::tokens::TestIssuer;
use dmp_dossier::Time;
use dmp_fhir::Fhir;
use dmp_keys::{FileCustody, KeyCustody, random};
use dmp_nomenclature::Matrix;
use dmp_portal::Portal;
use dmp_store::{Ambient, Engine, Report, SqliteEngine, Store, StoreConfig, StoreError};
use dmp_xds::vihf::Trust;
use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use uuid::Uuid;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operator's to put right: exit code 78.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address cannot be taken.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system answered.
        source: std::io::Error,
    },
    /// The database cannot be opened, or another process holds it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Everything that is known, in one line.
    pub fn line(&self) -> String {
        one_line(self)
    }
}

/// An error and its causes in one line, each said once.
pub fn one_line(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !line.ends_with(&said) {
            line = format!("{line}: {said}");
        }
        cause = error.source();
    }
    line.replace('\n', " ")
}

/// Clock of the machine, identifiers of the cryptographic generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemAmbient;

impl Ambient for SystemAmbient {
    fn now(&self) -> Time {
        Time::from_millis(jiff::Timestamp::now().as_millisecond())
    }

    fn fresh(&self) -> Uuid {
        uuid::Builder::from_random_bytes(random::random_array()).into_uuid()
    }
}

/// A deployment whose database is locked and whose keys are read.
pub struct Deployment {
    config: Config,
    engine: Arc<dyn Engine>,
    custody: Arc<dyn KeyCustody>,
    matrix: Matrix,
    issuers: Vec<Issuer>,
    tls: Option<Arc<Tls>>,
    /// Of the DMP interface, when it is served.
    trust: Option<(Trust, Stamps)>,
}

impl Deployment {
    /// Locks the database, reads keys, certificates, matrix and issuers.
    ///
    /// # Errors
    /// What is missing or wrong, in one line.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let custody =
            FileCustody::open(&config.storage.keys).map_err(|error| wrong("storage.keys", &error))?;
        let matrix = match &config.matrix {
            None => Matrix::builtin(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| ConfigError(format!("`rules.matrix`: `{}`: {error}", path.display())))?;
                Matrix::parse(&text).map_err(|error| wrong("rules.matrix", &error))?
            }
        };
        let issuers = issuers(&config)?;
        let files = &config.http.tls;
        let needed = files.certificate.is_some() || files.client_anchors.is_some();
        let tls = needed.then(|| Tls::open(files.clone())).transpose()?.map(Arc::new);
        let trust = config.xds.enabled.then(|| services::trust(&config)).transpose()?;
        let engine = SqliteEngine::open(&config.storage.data)?;
        Ok(Deployment {
            config,
            engine: Arc::new(engine),
            custody: Arc::new(custody),
            matrix,
            issuers,
            tls,
            trust,
        })
    }

    /// The configuration it was opened with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The store, living in that time; what a release before left unindexed is indexed first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn store(&self, ambient: Arc<dyn Ambient>) -> Result<Store, StoreError> {
        let store = Store::new(StoreConfig {
            engine: Arc::clone(&self.engine),
            custody: Arc::clone(&self.custody),
            ambient,
            parameters: self.config.parameters.clone(),
            matrix: self.matrix.clone(),
            quotas: self.config.quotas,
        })
        .await?;
        store.reindex().await?;
        Ok(store)
    }

    /// Starts answering from a store of this deployment. With people, the demo's pages are there.
    ///
    /// # Errors
    /// The address cannot be taken.
    pub async fn serve(
        self,
        store: Store,
        people: Option<Arc<dyn People>>,
    ) -> Result<ServerHandle, OpenError> {
        let (http, xds) = (&self.config.http, &self.config.xds);
        let main = taken(http.listen, Door::Main).await?;
        let apart = match xds.listen.filter(|_| xds.enabled) {
            Some(listen) => Some(taken(listen, Door::Services).await?),
            None => None,
        };
        let scheme = if http.tls.certificate.is_some() { "https" } else { "http" };
        let public_url = http.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", main.address));
        let services_url = services::url(xds, &public_url, apart.as_ref().map(|taken| taken.address));
        let hosts = hosts([&public_url, &services_url], &http.hosts, main.address);
        let over_tls = http.tls_terminated_by_proxy || http.tls.certificate.is_some();
        let sessions = Arc::new(Sessions::new(over_tls));
        let fhir = Arc::new(Fhir::new(store.clone(), format!("{public_url}/fhir")));
        let pages = people.clone().map(|people| people as Arc<dyn dmp_portal::Demo>);
        let demo = people.is_some();
        let people_accounts = Arc::new(accounts::opened(&self.config.accounts, &store, &public_url, demo)?);
        let cards = if demo { crate::demo::cards() } else { Vec::new() };
        let beside = AccountServices::new(Arc::clone(&people_accounts), store.clone(), cards);
        let entrance = if demo { routes::DEMO } else { routes::SIGN_IN };
        // References of dossiers in addresses last as long as the process: sessions do too.
        let portal = Portal::new(store.clone(), &random::random_array(), entrance, pages)
            .with_services(Arc::new(beside));
        let portal = Arc::new(portal);
        let front = Front {
            accounts: Arc::clone(&people_accounts),
            store: store.clone(),
            sessions: Arc::clone(&sessions),
            portal: Arc::clone(&portal),
            behind_tls: over_tls,
            demo,
        };
        let mut ways = sign_in::ways(&self.config, &public_url)?;
        if demo {
            ways.extend(sign_in::demo_ways(&public_url)?);
        }
        let given = Given {
            store: store.clone(),
            sessions: Arc::clone(&sessions),
            portal: Arc::clone(&portal),
            people: people.clone(),
            ways,
            directory: services::directory(&self.config)?,
            public_url: public_url.clone(),
            behind_tls: over_tls,
        };
        let sign_in = sign_in::routes(Arc::new(SignIn::new(given)));
        let provider = demo.then(|| crate::demo::openid::routes(&public_url, Arc::clone(&portal)));
        let fhir_body_bytes_max = fhir.body_bytes_max();
        let limits =
            Limits { connections: http.connections_max, per_address: http.connections_per_address_max };
        let mut router = dmp_fhir::router(fhir)
            .merge(routes::own(Own {
                store: store.clone(),
                engine: Arc::clone(&self.engine),
                data: self.config.storage.data.clone(),
                people: people.clone(),
            }))
            .merge(accounts::routes(front))
            .merge(sign_in)
            .merge(provider.unwrap_or_default())
            .merge(dmp_portal::router(portal));
        let mut refreshed: Vec<Arc<dyn Refresh>> = Vec::new();
        refreshed.extend(self.tls.clone().map(|tls| tls as Arc<dyn Refresh>));
        let mut entry = None;
        if let Some((trust, stamps)) = self.trust {
            let face = services::face(&self.config, trust, store.clone(), services_url.clone(), &hosts);
            let face = Arc::new(face);
            entry = Some(services::entry(xds, &face));
            refreshed.push(Arc::new(Signatures::new(xds, Arc::clone(&face), stamps)));
            router = router.merge(dmp_xds::router(face));
        }
        Figures::start();
        let served = entry.is_some().then(|| format!("{services_url}{}", dmp_xds::SERVICES));
        tracing::info!(url = public_url, services = served.as_deref().unwrap_or("none"), "ready to answer");
        let notices = accounts::watch(store.clone(), people_accounts, demo);
        let edge = Edge {
            hosts,
            identities: Identities::new(self.issuers, self.config.parameters.realm),
            sessions,
            store,
            behind_tls: over_tls,
            tls: self.tls,
            fhir_body_bytes_max,
            services: entry,
            router: layered(router),
        };
        let mut handle =
            serve(Doors { main, services: apart, services_url: served, refreshed }, edge, limits);
        handle.accompany(notices);
        Ok(handle)
    }
}

async fn taken(address: SocketAddr, door: Door) -> Result<Taken, OpenError> {
    let taken = TcpListener::bind(address).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok(Taken { listener, address, door })
    });
    taken.map_err(|source| OpenError::Listen { address, source })
}

/// The names of the public addresses, those of the configuration, and on loopback those of the machine itself.
fn hosts(public_urls: [&String; 2], others: &[String], address: SocketAddr) -> Hosts {
    let names = public_urls.into_iter().map(|url| services::authority(url));
    let local: &[&str] = if address.ip().is_loopback() { &["localhost", "127.0.0.1", "[::1]"] } else { &[] };
    Hosts::new(others.iter().map(String::as_str).chain(names).chain(local.iter().copied()))
}

fn issuers(config: &Config) -> Result<Vec<Issuer>, ConfigError> {
    let mut issuers = Vec::new();
    if let Some(path) = &config.identity.test_issuer {
        let own = TestIssuer::open(path).map_err(|error| wrong("identity.test_issuer", &error))?;
        issuers.push(own.issuer());
    }
    for issuer in &config.identity.issuers {
        // Paths were resolved when the file was read.
        let read = Issuer::load(issuer, Path::new(""))
            .map_err(|error| wrong(&format!("identity.issuers: {}", issuer.url), &error))?;
        if issuers.iter().any(|other| other.url() == read.url()) {
            return Err(ConfigError(format!("`identity.issuers`: `{}` is there twice", issuer.url)));
        }
        issuers.push(read);
    }
    Ok(issuers)
}

/// Verifies the deployment of a directory against its journal; a server may be running on it. `progress` is told dossiers
/// done and dossiers to do.
///
/// # Errors
/// The keys or the database cannot be read; what is wrong in it is a finding.
pub fn verify(directory: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, OpenError> {
    let config = directory.join(CONFIG_FILE);
    let (data, keys) = if config.exists() {
        let storage = Config::load(&config)?.storage;
        (storage.data, storage.keys)
    } else {
        (directory.to_owned(), directory.join(KEYS_FILE))
    };
    let custody = FileCustody::open(&keys).map_err(|error| wrong("storage.keys", &error))?;
    Ok(dmp_store::verify(&data, &custody, progress)?)
}

fn wrong(key: &str, error: &dyn Error) -> ConfigError {
    ConfigError(format!("`{key}`: {}", one_line(error)))
}
