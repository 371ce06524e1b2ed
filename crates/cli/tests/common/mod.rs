//! What tests of the whole binary share: a demo server of their own, tokens, a tiny HTTP client, lots to publish.
#![allow(dead_code, unused_imports)] // each test file uses a part
#![allow(clippy::unwrap_used)] // a failure here is the test's failure

pub mod browser;
pub mod http;
pub mod lot;
pub mod soap;

pub use browser::Browser;
pub use http::{Answer, Request};
pub use lot::{Document, Lot, Patient};

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The binary under test.
pub const DMP: &str = env!("CARGO_BIN_EXE_dmp");

/// A `dmp demo` on a free port and a directory of its own; stopped and wiped when dropped.
pub struct Demo {
    child: Child,
    pub authority: String,
    pub dir: PathBuf,
}

impl Demo {
    /// Starts it with few dossiers, and waits until it says that it is ready.
    pub fn start() -> Self {
        Demo::start_with(&["--dossiers", "5", "--seed", "1"])
    }

    /// The same with these arguments of `dmp demo`.
    pub fn start_with(arguments: &[&str]) -> Self {
        let dir = fresh_directory();
        Demo::spawn(demo_command(&dir, arguments), dir)
    }

    /// A server of that command, which logs into that directory.
    pub fn spawn(command: Command, dir: PathBuf) -> Self {
        let (child, ready) = started(command, &dir);
        let mut demo = Demo { child, authority: String::new(), dir };
        demo.authority = ready.unwrap_or_else(|| panic!("the server never became ready: {}", demo.log()));
        demo
    }

    /// Stops it as an operator does; its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let sent = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.pid())).status().unwrap();
        assert!(sent.success(), "the server runs");
        self.child.wait().unwrap().code()
    }

    /// Starts it again on its directory.
    pub fn restart(&mut self, arguments: &[&str]) {
        let (child, ready) = started(demo_command(&self.dir, arguments), &self.dir);
        self.child = child;
        self.authority = ready.unwrap_or_else(|| panic!("the server never became ready: {}", self.log()));
    }

    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// What it wrote on stderr.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("stderr")).unwrap_or_default()
    }

    /// A token minted by `dmp token` with these arguments.
    pub fn token(&self, arguments: &[&str]) -> String {
        let output =
            Command::new(DMP).arg("token").arg("--data").arg(self.data()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "dmp token {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn persona(&self, name: &str) -> String {
        self.token(&["--persona", name])
    }

    /// A token for a general practitioner of that national identifier.
    pub fn doctor(&self, id: &str) -> String {
        self.token(&["--professional", id, "--profession", "10", "--speciality", "SM26", "--auth", "direct"])
    }

    /// Signs in on the pages as a persona; the `Cookie` of the session.
    pub fn sign_in(&self, persona: &str) -> String {
        let mut browser = Browser::new(&self.authority);
        let answer = browser.post("/demo/persona", &format!("persona={persona}"));
        let answer = browser.follow(answer);
        browser.session().unwrap_or_else(|| panic!("sign in: {}", answer.brief()))
    }

    pub fn send(&self, request: &Request) -> Answer {
        request.send(&self.authority)
    }

    /// GET with a token.
    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.send(&Request::get(path).bearer(token))
    }

    /// `dmp verify` on its directory, beside it; what it said when it found a fault.
    pub fn verify(&self) -> Result<(), String> {
        let output = Command::new(DMP).arg("verify").arg("--data").arg(self.data()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said).into_owned()) }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// It still runs, as the same process.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// A field of `/proc/<pid>/status` in KiB, such as `VmRSS` or `VmHWM`.
    pub fn memory_kib(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Makes `VmHWM` the memory in use now (proc(5), clear_refs).
    pub fn reset_peak_memory(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A directory that no other test has.
pub fn fresh_directory() -> PathBuf {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("dmp-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn demo_command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(DMP);
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(dir.join("data")).args(arguments);
    command
}

/// The process, and its address once it says that it is ready.
fn started(mut command: Command, dir: &Path) -> (Child, Option<String>) {
    let log = std::fs::File::create(dir.join("stderr")).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let ready = lines.find_map(|line| {
        line.strip_prefix("ready http://").map(|rest| rest.trim_end_matches('/').to_owned())
    });
    // Read on: a process whose stdout nobody reads may block or end.
    std::thread::spawn(move || lines.for_each(drop));
    (child, ready)
}

/// The folder of official data and specifications, when this machine has it.
pub fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let folder = std::env::var_os("DMP_SHARED").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}
