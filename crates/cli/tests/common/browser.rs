//! A browser as small as tests need it: cookies, and redirections on the server's own site.

use super::http::{Answer, Request};
use std::collections::BTreeMap;

const FORM: &str = "application/x-www-form-urlencoded";

/// Cookies of one person in front of one server.
pub struct Browser {
    pub authority: String,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(authority: &str) -> Self {
        Browser { authority: authority.to_owned(), cookies: BTreeMap::new() }
    }

    /// The same, with that cookie already.
    pub fn with(mut self, cookie: &str) -> Self {
        if let Some((name, value)) = cookie.split_once('=') {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// One request; keeps the cookies of its answer.
    pub fn send(&mut self, request: Request) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            if cookies.is_empty() { request } else { request.header("Cookie", &cookies.join("; ")) };
        let answer = request.send(&self.authority);
        for (_, set) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = set.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path))
    }

    /// A form of one of our pages.
    pub fn post(&mut self, path: &str, form: &str) -> Answer {
        let origin = format!("http://{}", self.authority);
        self.send(Request::new("POST", path).body(FORM, form).header("Origin", &origin))
    }

    /// Where an answer redirects on this site; `None` when it does not.
    pub fn next(&self, answer: &Answer) -> Option<String> {
        let to = answer.header("location").filter(|_| matches!(answer.status, 302 | 303 | 307))?;
        let path = to.strip_prefix(&format!("http://{}", self.authority)).unwrap_or(to);
        path.starts_with('/').then(|| path.to_owned())
    }

    /// Follows redirections on this site, `/` apart: what is there depends on who came.
    pub fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            match self.next(&answer).filter(|path| path != "/") {
                Some(path) => answer = self.get(&path),
                None => return answer,
            }
        }
        panic!("redirections without end: {}", answer.brief())
    }

    /// The session's cookie, as a header has it.
    pub fn session(&self) -> Option<String> {
        self.cookies.get("dmp_session").map(|id| format!("dmp_session={id}"))
    }
}

/// The token that the forms of a page carry.
pub fn csrf(page: &str) -> String {
    let after = page.split("name=\"csrf\" value=\"").nth(1);
    after.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}
