//! Starts `dmp serve` on a temporary directory, with quotas off, and mints the tokens of the load.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server started for this run; killed and wiped when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub dir: PathBuf,
    dmp: PathBuf,
}

impl Server {
    /// Starts the release binary that stands beside this one, building it when absent.
    pub fn start() -> Result<Self> {
        let dmp = binary()?;
        let dir = std::env::temp_dir().join(format!("dmp-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        run(Command::new(&dmp).arg("init").arg(&dir))?;
        let mut child = Command::new(&dmp)
            .args(["serve", "--config"])
            .arg(dir.join("dmp.toml"))
            .env("DMP_LISTEN", "127.0.0.1:0")
            .env("DMP_QUOTAS_UNLIMITED", "true")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(dir.join("server.log"))?)
            .spawn()
            .with_context(|| format!("{}", dmp.display()))?;
        let stdout = child.stdout.take().context("stdout was asked for")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.strip_prefix("ready ") {
                return Ok(Server { child, url: url.trim_end_matches('/').to_owned(), dir, dmp });
            }
        }
        bail!("the server stopped before it was ready: {}", log_end(&dir))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A token minted by `dmp token` with these arguments.
    pub fn token(&self, arguments: &[&str]) -> Result<String> {
        let output = run(Command::new(&self.dmp).arg("token").arg("--data").arg(&self.dir).args(arguments))?;
        Ok(output.trim().to_owned())
    }

    /// Bytes on disk, after the write-ahead log was folded in.
    pub fn stored_bytes(&self) -> u64 {
        crate::stats::directory_bytes(&self.dir)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
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
