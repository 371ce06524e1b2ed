//! A deployment in mutual TLS, told as the sandbox's README says.

use crate::common::{DMP, Demo};
use crate::office::{BIOLOGY, MARIE, Office};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `dmp serve` on the directory of a demo that has stopped; stopped when dropped.
pub struct Served {
    child: Child,
    /// Where software reaches it.
    pub url: String,
}

impl Served {
    /// Stops the demo and serves its dossiers; `environment` changes the configuration.
    pub fn instead_of(demo: &mut Demo, environment: &[(&str, &str)]) -> Served {
        if demo.is_running() {
            demo.stop();
        }
        let directory = demo.dir.join("deployment");
        if !directory.exists() {
            let made = Command::new(DMP).arg("init").arg(&directory).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            let config = directory.join("dmp.toml");
            let readme = fs::read_to_string(demo.dir.join("sandbox/README.md")).unwrap();
            let text = with_keys_of(&readme, fs::read_to_string(&config).unwrap());
            fs::write(config, text).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(demo.dir.join("serve.log")).unwrap();
        let mut child = Command::new(DMP)
            .args(["serve", "--config"])
            .arg(directory.join("dmp.toml"))
            .env("DMP_HTTP_LISTEN", "127.0.0.1:0")
            .env("DMP_XDS_LISTEN", format!("127.0.0.1:{port}"))
            .env("DMP_STORAGE_DATA", demo.data())
            .env("DMP_STORAGE_KEYS", demo.data().join("keys"))
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let served = Served { child, url: format!("https://localhost:{port}") };
        let ready = lines.find(|line| line.starts_with("ready https://"));
        assert!(ready.is_some(), "{}", fs::read_to_string(demo.dir.join("serve.log")).unwrap());
        served
    }

    /// Stops it as an operator does.
    pub fn stop(mut self) {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(kill).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A configuration with the keys of the README's TOML, each under its section.
fn with_keys_of(readme: &str, mut config: String) -> String {
    let block = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for section in block.split("\n\n") {
        let (title, keys) = section.split_once('\n').unwrap();
        let at = config.find(&format!("\n{title}\n")).unwrap() + title.len() + 2;
        config.insert_str(at, &format!("{}\n", keys.trim_end()));
    }
    config
}

/// An identity made of files of others.
fn identity(office: &Office, name: &str, files: &[(&str, &str)]) {
    let folder = office.path(&format!("sandbox/{name}"));
    fs::create_dir_all(&folder).unwrap();
    for (from, file) in files {
        fs::copy(office.path(&format!("sandbox/{from}/{file}")), folder.join(file)).unwrap();
    }
}

const SIGNATURE: [&str; 4] = ["identity.toml", "ca.pem", "signature.pem", "signature.key"];
const CONNECTION: [&str; 2] = ["authentication.pem", "authentication.key"];

#[test]
fn over_mutual_tls_the_certificate_of_the_connection_counts_and_the_settings_do() {
    let mut office = Office::open();
    let of = |who: &'static str, files: &[&'static str]| -> Vec<(&'static str, &'static str)> {
        files.iter().map(|file| (who, *file)).collect()
    };
    identity(&office, "sans-tls", &of("medecin", &SIGNATURE));
    identity(&office, "sans-autorite", &of("medecin", &["identity.toml", "signature.pem", "signature.key"]));
    let mixed = |who| [of("medecin", &SIGNATURE), of(who, &CONNECTION)].concat();
    for (name, who) in [
        ("tls-infirmiere", "infirmiere"),
        ("tls-expire", "expire"),
        ("tls-revoque", "revoque"),
        ("tls-autre-autorite", "autre-autorite"),
    ] {
        identity(&office, name, &mixed(who));
    }
    let served = Served::instead_of(&mut office.demo, &[]);
    office.url = served.url.clone();
    let exists = format!("--ins {MARIE} exists");
    let foreign = format!("--ca sandbox/autre-autorite/authority/ca.pem {exists}");
    let closed = format!("dmp: `{}`", served.url);
    let (file, uid) = office.synthesis();
    for (who, words, code, starts) in [
        ("medecin", exists.clone(), 0, "active VALIDE medecin_traitant=true"),
        ("medecin", format!("--ca sandbox/cabinet/ca.pem {exists}"), 0, "active "),
        ("cabinet", exists.clone(), 0, "active NON_EXISTE"),
        ("cabinet", format!("--auth INDIRECTE_RENFORCEE {exists}"), 0, "active VALIDE"),
        ("samu", format!("--mode centre_15 --ins {MARIE} search --type 11502-2"), 0, BIOLOGY),
        // A lot, and its life.
        ("medecin", format!("publish {file} --sign-lot"), 0, "published "),
        ("medecin", format!("--ins {MARIE} mask {uid}"), 0, "masked "),
        ("medecin", format!("--ins {MARIE} retrieve {uid} --out back.xml"), 0, "retrieved "),
        ("medecin", format!("--ins {MARIE} archive {uid}"), 0, "archived "),
        // The server is not who it should be.
        ("medecin", foreign, 1, closed.as_str()),
        ("sans-autorite", exists.clone(), 2, "error: --ca is needed"),
        (
            "medecin",
            format!("--ca sandbox/README.md {exists}"),
            1,
            "dmp: the authority of the server is no PEM",
        ),
        // The client is not.
        ("sans-tls", exists.clone(), 1, "refused FailedAuthentication "),
        ("tls-infirmiere", exists.clone(), 1, "refused FailedAuthentication "),
        ("tls-expire", exists.clone(), 1, closed.as_str()),
        ("tls-revoque", exists.clone(), 1, closed.as_str()),
        ("tls-autre-autorite", exists.clone(), 1, closed.as_str()),
        ("expire", exists.clone(), 1, closed.as_str()),
        // Plain HTTP on a port of TLS.
        ("medecin", format!("--url {} {exists}", served.url.replace("https", "http")), 1, "dmp: `http://"),
    ] {
        office.check(who, &words, code, starts);
    }
    assert!(same(&office.path("back.xml"), &office.path(&file)));
    served.stop();
    wants_signed_lots_and_faults_in_500(&mut office);
}

/// The same deployment with other settings.
fn wants_signed_lots_and_faults_in_500(office: &mut Office) {
    let settings = [("DMP_XDS_LOT_SIGNATURE", "required"), ("DMP_XDS_SENDER_FAULT_STATUS", "500")];
    let served = Served::instead_of(&mut office.demo, &settings);
    office.url = served.url.clone();
    let (file, uid) = office.synthesis();
    office.check(
        "medecin",
        &format!("publish {file}"),
        1,
        "refused XDSRepositoryMetadataError signature of ",
    );
    office.check("medecin", &format!("publish {file} --sign-lot"), 0, &format!("published {uid}"));
    // Our own client reads a fault whatever its status.
    office.check(
        "secretaire",
        &format!("--ins {MARIE} search"),
        1,
        "refused DMPAccessDeniedByRightsService ",
    );
}

fn same(a: &Path, b: &Path) -> bool {
    fs::read(a).unwrap() == fs::read(b).unwrap()
}
