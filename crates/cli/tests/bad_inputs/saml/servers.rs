//! Deployments for what the demo does not show: a directory of structures, client certificates, old algorithms, the
//! production realm.
//!
//! They have no dossier: a VIHF that they take is answered that the patient is unknown.

use crate::case::World;
use crate::common::{Answer, DMP, Demo, fresh_directory};
use crate::message::Sent;
use std::process::Command;

/// Header in which a proxy that did the mutual TLS forwards the certificate of the client.
const HEADER: &str = "x-client-certificate";

/// A deployment behind a proxy, which the test plays.
pub struct Server(Demo);

impl Server {
    /// One that knows these structures and people, of test.
    pub fn directory(w: &World, lines: &str) -> Self {
        Server::start(w, |data| {
            std::fs::write(data.join("structures.txt"), lines).unwrap();
            "structures = \"structures.txt\"\n".to_owned()
        })
    }

    /// One that takes SHA-1 of our software until that day.
    pub fn legacy(w: &World, until: &str) -> Self {
        let more = format!("legacy_sha1_until = \"{until}\"\nlegacy_software = [\"table 1\"]\n");
        Server::start(w, |_| more)
    }

    /// One of production.
    pub fn production(w: &World) -> Self {
        Server::start(w, |data| {
            // Production starts with a directory only; what is refused here is refused before it is asked.
            std::fs::write(data.join("structures.txt"), "").unwrap();
            "structures = \"structures.txt\"\n[rules]\nrealm = \"production\"\n[storage]\naccept_file_custody = true\n"
                .to_owned()
        })
    }

    fn start(w: &World, more: impl FnOnce(&std::path::Path) -> String) -> Self {
        let dir = fresh_directory();
        let data = dir.join("data");
        assert!(Command::new(DMP).arg("init").arg(&data).output().unwrap().status.success());
        let more = more(&data);
        let authority = w.lps.authority.display();
        let config = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\ntls_terminated_by_proxy = true\n\
             [xds]\nenabled = true\nanchors = \"{authority}/ca.pem\"\ncrls = [\"{authority}/crl.pem\"]\n\
             client_certificate_header = \"{HEADER}\"\ntrusted_proxies = [\"127.0.0.1\"]\n{more}"
        );
        let file = data.join("dmp.toml");
        std::fs::write(&file, config).unwrap();
        let mut serve = Command::new(DMP);
        serve.args(["serve", "--config"]).arg(file);
        Server(Demo::spawn(serve, dir))
    }

    /// Sends a message by the connection of who has that certificate (PEM).
    pub fn send(&self, sent: &Sent, certificate: &str) -> Answer {
        let der: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
        self.0.send(&sent.request().header(HEADER, &der))
    }
}
