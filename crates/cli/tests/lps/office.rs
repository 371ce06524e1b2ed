//! A practice with its software: a demo, the sandbox of its authority, documents to publish.

use crate::common::{DMP, Demo};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Marie, of the demo, whose médecin traitant is the doctor of the sandbox.
pub const MARIE: &str = "284073523811416";
/// A patient of the test realm without dossier.
pub const NOBODY: &str = "270019935110457";
/// A biology report of hers.
pub const BIOLOGY: &str = "1.2.250.1.999.2017.2017.0.205";

/// A demo and its sandbox, in a directory where commands run.
pub struct Office {
    pub demo: Demo,
    /// Where commands are sent.
    pub url: String,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Said {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Said {
            code: output.status.code().expect("it ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Its lines on standard output.
    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Office {
    /// The office that tests share while any of them runs: keys of a sandbox take their time. Each test has documents of
    /// its own there.
    pub fn shared() -> Arc<Office> {
        static OPEN: Mutex<Weak<Office>> = Mutex::new(Weak::new());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.upgrade().unwrap_or_else(|| {
            let office = Arc::new(Office::open());
            *open = Arc::downgrade(&office);
            office
        })
    }

    /// A demo of few dossiers, and its sandbox.
    pub fn open() -> Office {
        Office::of(Demo::start_with(&["--dossiers", "5"]))
    }

    pub fn of(demo: Demo) -> Office {
        let url = format!("http://{}", demo.authority);
        let office = Office { demo, url };
        let authority = office.demo.data().join("authority");
        let made =
            office.dmp(&["lps", "sandbox", "--out", "sandbox", "--authority", authority.to_str().unwrap()]);
        assert_eq!((made.code, made.out.as_str()), (0, "sandbox/README.md\n"), "{made:?}");
        office
    }

    /// The directory that commands run in.
    pub fn dir(&self) -> &Path {
        &self.demo.dir
    }

    /// A command of the binary.
    pub fn dmp(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(DMP);
        command.args(arguments).current_dir(self.dir()).env("DMP_URL", &self.url);
        Said::of(command.output().unwrap())
    }

    /// `dmp lps` of somebody of the sandbox: words apart by spaces.
    pub fn lps(&self, who: &str, words: &str) -> Said {
        let certificate = format!("sandbox/{who}");
        let mut arguments = vec!["lps", "--certificate", &certificate];
        arguments.extend(words.split_whitespace());
        self.dmp(&arguments)
    }

    /// The same about Marie.
    pub fn marie(&self, who: &str, words: &str) -> Said {
        self.lps(who, &format!("--ins {MARIE} {words}"))
    }

    /// The same, which must be accepted; its lines.
    pub fn done(&self, who: &str, words: &str) -> Vec<String> {
        let said = self.marie(who, words);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{who} {words}: {said:?}");
        said.out.lines().map(str::to_owned).collect()
    }

    /// Runs a row: exit code, and how what is said starts. What is refused is an answer, on standard output; a wrong
    /// command line and a failure are told on standard error.
    pub fn check(&self, who: &str, words: &str, code: i32, starts: &str) {
        let said = self.lps(who, words);
        let (on, other) = match starts.starts_with("error: ") || starts.starts_with("dmp: ") {
            true => (&said.err, &said.out),
            false => (&said.out, &said.err),
        };
        let fine = said.code == code && other.is_empty() && on.starts_with(starts);
        assert!(fine, "{who} {words}: {starts} is expected with {code}: {said:?}");
        assert_eq!(
            said.out.starts_with("refused "),
            code == 1 && said.err.is_empty(),
            "{who} {words}: {said:?}"
        );
    }

    /// The line that a search tells of a document; none when it is not seen.
    pub fn line_of(&self, who: &str, uid: &str, words: &str) -> Option<String> {
        let lines = self.done(who, &format!("search {words}"));
        lines.into_iter().find(|line| line.split('\t').next() == Some(uid))
    }

    /// A medical synthesis of Marie by the doctor, with identifiers of its own; its file, and its uniqueId.
    pub fn synthesis(&self) -> (String, String) {
        static WRITTEN: AtomicU32 = AtomicU32::new(1);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/cda/synthese.xml");
        let mut text = std::fs::read_to_string(fixture).unwrap();
        let uid = format!("1.2.250.1.999.7.{number}");
        for (from, to) in [
            (r#"<id root="1.2.250.1.999.1.1"/>"#, format!(r#"<id root="{uid}"/>"#)),
            (r#"<setId root="1.2.250.1.999.1"/>"#, format!(r#"<setId root="1.2.250.1.999.8.{number}"/>"#)),
            ("499900063480001", "499900900012001".to_owned()),
            ("899900063480", "899900900012".to_owned()),
        ] {
            assert!(text.contains(from), "`{from}` is not in the fixture");
            text = text.replace(from, &to);
        }
        let file = format!("synthesis-{number}.xml");
        std::fs::write(self.dir().join(&file), text).unwrap();
        (file, uid)
    }

    /// A file of the directory that commands run in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }
}
