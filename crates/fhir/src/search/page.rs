//! Paging: how many hits an answer holds, and the signed cursor that leads to the next ones.
//!
//! A cursor is a position in the same search, signed with a key of this process: one that was changed, or that
//! belongs to another search, is refused. Positions are stable as long as the record does not change; a record that
//! changed may show a hit twice or skip one, as R4 3.1.1.5 allows.

use super::{Param, Params, encode};
use crate::outcome::{Outcome, echo};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Most hits of an answer.
const COUNT_MAX: usize = 100;
/// Hits of an answer when nothing is asked.
const COUNT_DEFAULT: usize = 50;
/// Length of the signature kept in a cursor, in bytes.
const TAG_BYTES: usize = 16;

/// The parameters read here.
const NAMES: [&str; 3] = ["_count", "_cursor", "_total"];

/// What signs cursors: a key of this process.
pub struct Pager {
    key: hmac::Key,
}

/// What was asked of paging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Hits per answer; 0 asks for the number only.
    pub count: usize,
    /// Position of the first one.
    pub offset: usize,
    /// The total is wanted.
    pub total: bool,
}

/// One answer of a search.
pub(crate) struct Page<'a, T> {
    /// Its hits.
    pub hits: &'a [T],
    /// Number of all of them.
    pub total: Option<usize>,
    /// `self`.
    pub own: String,
    /// `next`, when there are more.
    pub next: Option<String>,
}

impl Pager {
    /// A pager with a fresh key.
    ///
    /// # Panics
    /// When the system gives no randomness: nothing is safe then.
    pub fn new() -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random);
        Pager { key: key.expect("the system gives randomness") }
    }

    /// Reads what the parameters ask of paging.
    ///
    /// # Errors
    /// 400 `value` for a count that is no number, `invalid` for a cursor that we did not sign for this search.
    pub(crate) fn read(&self, params: &Params) -> Result<Paging, Outcome> {
        let count = match params.single("_count")? {
            None => COUNT_DEFAULT,
            Some(text) => match text.parse::<u32>() {
                Ok(number) => usize::try_from(number).unwrap_or(COUNT_MAX).min(COUNT_MAX),
                Err(_) => return Err(Outcome::value(format!("`_count` is no number: `{}`", echo(text)))),
            },
        };
        let total = match params.single("_total")? {
            None | Some("accurate" | "estimate") => true,
            Some("none") => false,
            Some(other) => return Err(Outcome::value(format!("`_total` has no value `{}`", echo(other)))),
        };
        let offset = match params.single("_cursor")? {
            None => 0,
            Some(cursor) => self.open(cursor, &query(params)).ok_or_else(|| {
                Outcome::invalid("this page link was changed, or is of another time; search again")
            })?,
        };
        Ok(Paging { count, offset, total })
    }

    /// Cuts the page out of all the hits, and makes its links.
    pub(crate) fn page<'a, T>(
        &self,
        address: &str,
        params: &Params,
        paging: &Paging,
        all: &'a [T],
    ) -> Page<'a, T> {
        let query = query(params);
        let start = paging.offset.min(all.len());
        let end = start.saturating_add(paging.count).min(all.len());
        let link = |offset: usize| {
            let mut link = format!("{address}?{query}");
            if !query.is_empty() {
                link.push('&');
            }
            link += &format!("_count={}", paging.count);
            if offset > 0 {
                link += "&_cursor=";
                link += &self.seal(offset, &query);
            }
            link
        };
        Page {
            hits: &all[start..end],
            total: paging.total.then_some(all.len()),
            own: link(start),
            next: (end < all.len() && paging.count > 0).then(|| link(end)),
        }
    }

    fn tag(&self, offset: u32, query: &str) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&offset.to_be_bytes());
        context.update(query.as_bytes());
        context.sign()
    }

    fn seal(&self, offset: usize, query: &str) -> String {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let tag = self.tag(offset, query);
        let mut bytes = offset.to_be_bytes().to_vec();
        bytes.extend_from_slice(&tag.as_ref()[..TAG_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, cursor: &str, query: &str) -> Option<usize> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (offset, tag) = bytes.split_first_chunk::<4>()?;
        let offset = u32::from_be_bytes(*offset);
        let expected = self.tag(offset, query);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected.as_ref()[..TAG_BYTES], tag).ok()?;
        usize::try_from(offset).ok()
    }
}

impl Default for Pager {
    fn default() -> Self {
        Pager::new()
    }
}

/// True for a parameter read here.
pub(crate) fn is_paging(param: &Param) -> bool {
    NAMES.contains(&param.name.as_str())
}

/// The search itself, without its paging, as the self link repeats it.
fn query(params: &Params) -> String {
    let mut query = String::new();
    for param in params.list.iter().filter(|p| !matches!(p.name.as_str(), "_count" | "_cursor")) {
        if !query.is_empty() {
            query.push('&');
        }
        encode(&mut query, &param.sent);
        query.push('=');
        encode(&mut query, &param.value);
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn read(pager: &Pager, query: &str) -> Result<(Params, Paging), (u16, &'static str)> {
        let params = Params::read(query, &HeaderMap::new()).unwrap();
        let paging = pager.read(&params).map_err(|o| (o.status().as_u16(), o.issues()[0].code))?;
        Ok((params, paging))
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let pager = Pager::new();
        let all: Vec<u32> = (0..250).collect();
        let mut query = "status=current&_count=1000000".to_owned();
        let mut seen = Vec::new();
        loop {
            let (params, paging) = read(&pager, &query).unwrap();
            assert_eq!(paging.count, 100);
            let page = pager.page("http://x/fhir/List", &params, &paging, &all);
            assert!(page.own.starts_with("http://x/fhir/List?status=current&_count=100"), "{}", page.own);
            assert_eq!(page.total, Some(250));
            seen.extend_from_slice(page.hits);
            match page.next {
                Some(next) => query = next.split_once('?').unwrap().1.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_cursor_of_our_own_only() {
        let pager = Pager::new();
        let cursor = pager.seal(50, "status=current");
        assert_eq!(read(&pager, &format!("status=current&_cursor={cursor}")).unwrap().1.offset, 50);
        let mut changed = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        changed[3] ^= 1;
        for query in [
            format!("status=superseded&_cursor={cursor}"),
            format!("status=current&_cursor={}", URL_SAFE_NO_PAD.encode(&changed)),
            format!("status=current&_cursor={}", Pager::new().seal(50, "status=current")),
            format!("status=current&_cursor={}", &cursor[..8]),
            "status=current&_cursor=AAAA".to_owned(),
            "status=current&_cursor=%26".to_owned(),
        ] {
            assert_eq!(read(&pager, &query).unwrap_err(), (400, "invalid"), "{query}");
        }
    }

    #[test]
    fn a_count_is_a_number() {
        let pager = Pager::new();
        for (query, count) in
            [("", Ok(50)), ("_count=0", Ok(0)), ("_count=7", Ok(7)), ("_count=1000000", Ok(100))]
        {
            assert_eq!(read(&pager, query).map(|(_, p)| p.count), count, "{query}");
        }
        for (query, code) in [
            ("_count=-1", "value"),
            ("_count=x", "value"),
            ("_total=x", "value"),
            ("_count=1&_count=2", "invalid"),
        ] {
            assert_eq!(read(&pager, query).unwrap_err(), (400, code), "{query}");
        }
    }
}
