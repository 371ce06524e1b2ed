//! `--trace DIR`: what was said, as it was said, for the eyes and for `curl`.
//!
//! A VIHF serves again for the very same message: what is kept may be sent again while it is young.

use anyhow::{Context as _, Result};
use dmp_lps::Request;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of exchanges.
pub struct Trace {
    folder: PathBuf,
    exchanges: AtomicU32,
}

/// An exchange whose answer is awaited.
pub struct Traced(PathBuf);

impl Trace {
    /// A folder, made when absent.
    pub fn new(folder: PathBuf) -> Result<Trace> {
        std::fs::create_dir_all(&folder).with_context(|| format!("`{}`", folder.display()))?;
        Ok(Trace { folder, exchanges: AtomicU32::new(0) })
    }

    /// Keeps a request: `01-request.xml`, and `01-request.curl` for `curl --config`.
    pub fn request(&self, root: &str, request: &Request) -> Result<Traced> {
        let number = self.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        let file = |name: &str| self.folder.join(format!("{number:02}-{name}"));
        let body = file("request.xml");
        write(&body, &request.body)?;
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let curl = format!(
            "url = \"{}{}\"\nheader = \"Content-Type: {}\"\ndata-binary = \"@{}\"\n",
            quoted(root),
            quoted(&request.path),
            quoted(&request.content_type),
            quoted(&body.to_string_lossy()),
        );
        write(&file("request.curl"), curl.as_bytes())?;
        Ok(Traced(file("answer.xml")))
    }
}

impl Traced {
    /// Keeps the answer: `01-answer.xml`.
    pub fn answer(&self, body: &[u8]) -> Result<()> {
        write(&self.0, body)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("`{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_curl_needs_is_written() {
        let folder = std::env::temp_dir().join(format!("dmp-trace-{}", uuid::Uuid::new_v4()));
        let trace = Trace::new(folder.clone()).unwrap();
        let request = Request {
            path: "/services/patient".into(),
            content_type: "application/soap+xml; action=\"urn:a\"".into(),
            message_id: "urn:uuid:1".into(),
            body: "<e/>".into(),
        };
        for number in ["01", "02"] {
            trace.request("http://127.0.0.1", &request).unwrap().answer(b"<a/>").unwrap();
            let text = |name: &str| std::fs::read_to_string(folder.join(format!("{number}-{name}"))).unwrap();
            assert_eq!((text("request.xml").as_str(), text("answer.xml").as_str()), ("<e/>", "<a/>"));
            let curl = text("request.curl");
            assert!(curl.starts_with("url = \"http://127.0.0.1/services/patient\"\n"), "{curl}");
            assert!(
                curl.contains(r#"header = "Content-Type: application/soap+xml; action=\"urn:a\"""#),
                "{curl}"
            );
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
