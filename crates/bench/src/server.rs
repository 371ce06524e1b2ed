//! Starts `dmp serve` on a temporary directory, with quotas off, and mints the tokens of the load.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Folder of the sandbox that the load speaks for.
pub const DOCTOR: &str = "medecin";

/// Quotas, switched off: one doctor reads thousands of dossiers here.
const QUOTAS: [&str; 4] = [
    "DMP_QUOTAS_PROFESSIONAL_PATIENTS_PER_HOUR",
    "DMP_QUOTAS_PROFESSIONAL_PATIENTS_PER_DAY",
    "DMP_QUOTAS_STRUCTURE_PATIENTS_PER_HOUR",
    "DMP_QUOTAS_STRUCTURE_PATIENTS_PER_DAY",
];

/// A server started for this run; killed and wiped when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub dir: PathBuf,
    dmp: PathBuf,
}

impl Server {
    /// Starts the release binary that stands beside this one, building it when absent, on a new temporary directory.
    pub fn start() -> Result<Self> {
        Ok(Self::on_new_directory(|dir| Ok((Self::restart(dir)?, ())))?.0)
    }

    /// The same, with the DMP interface, which trusts the authority of a sandbox; one is made when none is given.
    pub fn start_with_interface(sandbox: Option<&Path>) -> Result<(Self, PathBuf)> {
        Self::on_new_directory(|dir| {
            let sandbox = match sandbox {
                Some(given) => given.to_owned(),
                None => {
                    let new = dir.join("sandbox");
                    run(Command::new(binary()?).args(["lps", "sandbox", "--out"]).arg(&new))?;
                    new
                }
            };
            let mut settings = vec![
                ("DMP_XDS_ENABLED", "true".into()),
                ("DMP_XDS_PLAIN_HTTP_ON_LOOPBACK", "true".into()),
                ("DMP_XDS_ANCHORS", absolute(&sandbox.join(DOCTOR).join("ca.pem"))?),
            ];
            // A sandbox of a demo's authority has no list of its own.
            let list = sandbox.join("authority/crl.pem");
            if list.exists() {
                settings.push(("DMP_XDS_CRLS", absolute(&list)?));
            }
            Ok((Self::launch(dir, &settings)?, sandbox))
        })
    }

    fn on_new_directory<T>(start: impl FnOnce(&Path) -> Result<(Self, T)>) -> Result<(Self, T)> {
        let dir = std::env::temp_dir().join(format!("dmp-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        let ready = binary().and_then(|dmp| run(Command::new(dmp).arg("init").arg(&dir)));
        ready.and_then(|_| start(&dir)).inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&dir);
        })
    }

    /// Starts it on a directory that `dmp init` made.
    pub fn restart(dir: &Path) -> Result<Self> {
        Self::launch(dir, &[])
    }

    fn launch(dir: &Path, settings: &[(&str, OsString)]) -> Result<Self> {
        let dmp = binary()?;
        let mut child = Command::new(&dmp)
            .args(["serve", "--config"])
            .arg(dir.join("dmp.toml"))
            .env("DMP_HTTP_LISTEN", "127.0.0.1:0")
            .envs(QUOTAS.map(|name| (name, "none")))
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(dir.join("server.log"))?)
            .spawn()
            .with_context(|| format!("{}", dmp.display()))?;
        let stdout = child.stdout.take().context("stdout was asked for")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.strip_prefix("ready ") {
                let url = url.trim_end_matches('/').to_owned();
                return Ok(Server { child, url, dir: dir.to_owned(), dmp });
            }
        }
        let _ = child.kill();
        bail!("the server stopped before it was ready: {}", log_end(dir))
    }

    /// Kills it with SIGKILL, as a crash would, and leaves the directory.
    pub fn crash(mut self) -> PathBuf {
        let _ = self.child.kill();
        let _ = self.child.wait();
        std::mem::take(&mut self.dir)
    }

    /// `dmp verify` on the directory, beside the running server.
    pub fn verify(&self) -> Result<()> {
        run(Command::new(&self.dmp).arg("verify").arg("--data").arg(&self.dir)).map(|_| ())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A token minted by `dmp token` with these arguments.
    pub fn token(&self, arguments: &[&str]) -> Result<String> {
        let output = run(Command::new(&self.dmp).arg("token").arg("--data").arg(&self.dir).args(arguments))?;
        Ok(output.trim().to_owned())
    }

    /// Bytes of all files, once the write-ahead log is folded into the database: the log is reused, not kept.
    pub fn stored_bytes(&self) -> Result<u64> {
        for entry in std::fs::read_dir(&self.dir)?.flatten() {
            if entry.path().extension().is_some_and(|e| e == "sqlite") {
                let database = rusqlite::Connection::open(entry.path())?;
                database.busy_timeout(std::time::Duration::from_secs(10))?;
                database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
        }
        Ok(crate::stats::directory_bytes(&self.dir))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !self.dir.as_os_str().is_empty() {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

/// The server reads paths from its own directory.
fn absolute(path: &Path) -> Result<OsString> {
    Ok(std::path::absolute(path)?.into_os_string())
}

fn binary() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("dmp");
    if !beside.exists() {
        run(Command::new("cargo").args(["build", "--release", "--package", "dmp-cli"]))?;
    }
    Ok(beside)
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::piped()).output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn log_end(dir: &Path) -> String {
    let log = std::fs::read_to_string(dir.join("server.log")).unwrap_or_default();
    log.lines().rev().take(3).collect::<Vec<_>>().join(" | ")
}
