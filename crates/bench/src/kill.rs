//! Kills a publishing server again and again, and looks for every document it had acknowledged.
//!
//! A kill proves nothing about power loss (unsynced data survives in the page cache): it proves that no acknowledged
//! document depends on memory of the process, that none is half there, and that the journal stays whole.

use crate::client::Client;
use crate::documents::{self, Doctor, Random};
use crate::server::Server;
use crate::{Options, fhir};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server had acknowledged: path of a search by identifier, and the bytes.
struct Acknowledged {
    search: String,
    uid: String,
    document: Bytes,
}

/// Runs `kills` rounds; checks everything acknowledged every 50 rounds and at the end.
pub async fn run(kills: u32, options: &Options) -> Result<()> {
    let patients: Vec<_> =
        (0..options.dossiers.clamp(1, 50)).map(|i| documents::patient(options.seed, i)).collect();
    let mut server = Server::start()?;
    let doctor = Doctor::of_the_load();
    let token = server.token(&doctor.token_arguments())?;
    let mut client = Client::new(&server.url, &token)?;
    for patient in &patients {
        client.fhir("POST", "/fhir/Patient/$open", fhir::open(patient), &[200, 201]).await?;
        let (path, body) = fhir::consent(patient, &doctor);
        client.fhir("PUT", &path, body, &[200, 201]).await?;
    }
    let patients = Arc::new(patients);
    let run = u64::from(std::process::id());
    let mut random = Random::new(options.seed);
    let pending: Arc<Mutex<Vec<Acknowledged>>> = Arc::default();
    let mut checked = 0;
    for kill in 1..=kills {
        let tasks: Vec<_> = (0..options.clients.min(8))
            .map(|c| {
                let (url, token, doctor) = (server.url.clone(), token.clone(), doctor.clone());
                let (patients, pending) = (Arc::clone(&patients), Arc::clone(&pending));
                let size = options.size;
                tokio::spawn(async move {
                    let Ok(mut client) = Client::new(&url, &token) else { return };
                    for n in 0.. {
                        let number = (u64::from(kill) << 32) | ((c as u64) << 24) | n;
                        let patient = &patients[usize::try_from(number % patients.len() as u64).unwrap_or(0)];
                        let deposit = fhir::deposit(patient, &doctor, run, number, size);
                        let uid = documents::unique_id(run, number);
                        // A broken connection is the kill itself; only a 200 is an acknowledgement.
                        if client.fhir("POST", "/fhir", deposit.bundle, &[200]).await.is_err() {
                            return;
                        }
                        let search = format!("{}&identifier=urn:oid:{uid}", fhir::search(patient));
                        let done = Acknowledged { search, uid, document: deposit.document };
                        pending.lock().expect("no task panics holding it").push(done);
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(random.next() % 200)).await;
        let dir = server.crash();
        for task in tasks {
            task.await?;
        }
        server = Server::restart(&dir)?;
        if kill % 50 == 0 || kill == kills {
            let acknowledged = std::mem::take(&mut *pending.lock().expect("no task panics holding it"));
            check(&server, &token, &acknowledged).await?;
            checked += acknowledged.len();
            println!("{kill} kills, {checked} acknowledged documents found again, journal verified");
        }
    }
    Ok(())
}

async fn check(server: &Server, token: &str, acknowledged: &[Acknowledged]) -> Result<()> {
    let mut client = Client::new(&server.url, token)?;
    for one in acknowledged {
        let found = client.fhir("GET", &one.search, Bytes::new(), &[200]).await?;
        let binaries = fhir::binaries(&found.body);
        let Some((path, _)) = binaries.iter().find(|(_, uid)| *uid == one.uid) else {
            bail!("the acknowledged document {} is lost", one.uid);
        };
        let reply = client.send("GET", path, "", "text/xml", Bytes::new()).await?;
        if reply.status != 200 || reply.body != one.document {
            bail!("the acknowledged document {} came back changed ({})", one.uid, reply.status);
        }
    }
    server.verify().context("after the kills")
}
