//! What is kept of each opening (its duration, never a name), and the organisation's monthly statement: openings per
//! structure and per day, which is what remuneration schemes ask for.

use askama::Template;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use dmp_dossier::Time;
use dmp_store::{Keep, Record, Shelf};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::draft::{Draft, Outcome};
use super::prints::duration;
use super::{Desk, failure};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::french;
use crate::open::SignedIn;
use crate::shell::Shell;

/// Most openings of one organisation in a month.
const MONTH_MAX: usize = 10_000;

/// How far back links lead; an older month is had by its address.
const MONTHS_SHOWN: i32 = 24;

/// An opening, as it is kept: nothing tells whose dossier it was.
#[derive(Serialize, Deserialize)]
struct Kept {
    at_ms: i64,
    seconds: u32,
    channel: String,
    agent: String,
    /// Reopened rather than opened.
    reopened: bool,
}

/// Keeps an opening that is done; once, however often it is asked.
pub(super) async fn keep(portal: &Portal, desk: &Desk, draft: &Draft) -> Result<(), Failure> {
    if is_kept(portal, desk, draft).await? {
        return Ok(());
    }
    let kept = Kept {
        at_ms: draft.done_at().millis(),
        seconds: draft.seconds,
        channel: desk.channel.as_str().to_owned(),
        agent: desk.agent.clone(),
        reopened: draft.outcome == Some(Outcome::Reopened),
    };
    let value = serde_json::to_vec(&kept).map_err(|_| Failure::Ours)?;
    let keep = Keep {
        shelf: Shelf::Opening,
        owner: &desk.organisation,
        id: &draft.id.to_string(),
        at: draft.done_at(),
        value: &value,
        from_version: None,
    };
    portal.store.keep(keep).await.map(|_| ()).map_err(failure)
}

/// True when that opening was counted.
pub(super) async fn is_kept(portal: &Portal, desk: &Desk, draft: &Draft) -> Result<bool, Failure> {
    let found = portal.store.record(Shelf::Opening, &desk.organisation, &draft.id.to_string()).await;
    Ok(found.map_err(failure)?.is_some())
}

/// Openings of the organisation since midnight.
pub(super) async fn opened_today(portal: &Portal, desk: &Desk) -> Result<usize, Failure> {
    let today = day_of(portal.store.now());
    let (from, to) = (start(today), today.tomorrow().map(start).ok());
    let records = portal.store.records(Shelf::Opening, &desk.organisation, Some(from), to, MONTH_MAX).await;
    Ok(read(&records.map_err(failure)?).iter().filter(|kept| !kept.reopened).count())
}

fn read(records: &[Record]) -> Vec<Kept> {
    records.iter().filter_map(|record| serde_json::from_slice(&record.value).ok()).collect()
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC)
}

fn day_of(at: Time) -> Date {
    jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_zoned(zone()).date()
}

/// The first instant of a day in Paris.
fn start(day: Date) -> Time {
    let zoned = day.to_zoned(zone());
    Time::from_millis(zoned.map_or(0, |midnight| midnight.timestamp().as_millisecond()))
}

/// A month asked for.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    mois: String,
}

/// A line of the statement: a day and an agent.
struct Line {
    day: Date,
    agent: String,
    channel: String,
    opened: usize,
    reopened: usize,
    median: u32,
    p90: u32,
}

struct Month {
    /// Its first day.
    first: Date,
    lines: Vec<Line>,
    opened: usize,
    reopened: usize,
    median: u32,
    p90: u32,
}

impl Month {
    /// `2026-11`.
    fn word(&self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }

    fn neighbour(&self, months: i32) -> Option<Date> {
        self.first.checked_add(jiff::Span::new().months(months)).ok()
    }
}

/// The month of the address, or the current one.
async fn month(portal: &Portal, desk: &Desk, wanted: &str) -> Result<Month, Failure> {
    let today = day_of(portal.store.now());
    let asked = match wanted {
        "" => Some(today.first_of_month()),
        text if text.len() == 7 && text.is_ascii() => format!("{text}-01").parse::<Date>().ok(),
        _ => None,
    };
    let first = asked.filter(|d| (2000..=2100).contains(&d.year())).ok_or(Failure::UnknownAddress)?;
    let next = first.checked_add(jiff::Span::new().months(1)).map_err(|_| Failure::UnknownAddress)?;
    let (from, to) = (Some(start(first)), Some(start(next)));
    let records = portal.store.records(Shelf::Opening, &desk.organisation, from, to, MONTH_MAX).await;
    Ok(counted(first, &read(&records.map_err(failure)?)))
}

fn counted(first: Date, all: &[Kept]) -> Month {
    let mut groups: BTreeMap<(Date, &str, &str), Vec<&Kept>> = BTreeMap::new();
    for kept in all {
        let key = (day_of(Time::from_millis(kept.at_ms)), &*kept.agent, &*kept.channel);
        groups.entry(key).or_default().push(kept);
    }
    let reopened = |group: &[&Kept]| group.iter().filter(|k| k.reopened).count();
    let lines = groups.into_iter().map(|((day, agent, channel), group)| {
        let seconds = opening_seconds(group.iter().copied());
        Line {
            day,
            agent: agent.to_owned(),
            channel: channel.to_owned(),
            opened: group.len() - reopened(&group),
            reopened: reopened(&group),
            median: quantile(&seconds, 50),
            p90: quantile(&seconds, 90),
        }
    });
    let seconds = opening_seconds(all.iter());
    let again = all.iter().filter(|k| k.reopened).count();
    Month {
        first,
        lines: lines.collect(),
        opened: all.len() - again,
        reopened: again,
        median: quantile(&seconds, 50),
        p90: quantile(&seconds, 90),
    }
}

/// Durations of the openings, shortest first; reopenings are another act.
fn opening_seconds<'a>(all: impl Iterator<Item = &'a Kept>) -> Vec<u32> {
    let mut seconds: Vec<u32> = all.filter(|k| !k.reopened).map(|k| k.seconds).collect();
    seconds.sort_unstable();
    seconds
}

/// The value that this share of the values do not exceed (nearest rank); 0 of none.
fn quantile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[derive(Template)]
#[template(path = "desk/releve.html")]
struct Statement {
    shell: Shell,
    organisation: String,
    heading: String,
    month: Month,
    before: Option<String>,
    after: Option<String>,
}

impl Statement {
    fn day(&self, line: &Line) -> String {
        french::weekday(start(line.day))
    }

    fn duration(&self, seconds: &u32, opened: &usize) -> String {
        if *opened == 0 { "–".to_owned() } else { duration(*seconds) }
    }
}

/// `GET /guichet/releve?mois=2026-11`
pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Query(wanted): Query<Wanted>,
) -> Response<Body> {
    let found = async {
        let desk = Desk::of(&portal, viewer.clone())?;
        let month = month(&portal, &desk, &wanted.mois).await?;
        Ok::<_, Failure>((desk, month))
    };
    let (desk, month) = match found.await {
        Ok(found) => found,
        Err(failure) => return failure.page(&portal, viewer.as_ref()),
    };
    let word = |date: Date| date.strftime("%Y-%m").to_string();
    let today = day_of(portal.store.now()).first_of_month();
    let oldest = today.checked_sub(jiff::Span::new().months(MONTHS_SHOWN)).ok();
    let after = month.neighbour(1).filter(|date| *date <= today).map(word);
    let first = french::day(start(month.first));
    // `1er novembre 2026` without its day.
    let heading = first.split_once(' ').map_or(first.as_str(), |(_, rest)| rest).to_owned();
    let page = Statement {
        shell: desk.shell(&portal, "Relevé des ouvertures", "/guichet/releve"),
        organisation: desk.organisation.clone(),
        heading,
        before: month.neighbour(-1).filter(|date| Some(*date) >= oldest).map(word),
        after,
        month,
    };
    answer::page(StatusCode::OK, &page)
}

/// `GET /guichet/releve/csv?mois=2026-11`: for a spreadsheet in French, semicolons, UTF-8 with its mark.
pub(super) async fn csv(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Query(wanted): Query<Wanted>,
) -> Response<Body> {
    let written = async {
        let desk = Desk::of(&portal, viewer.clone())?;
        let month = month(&portal, &desk, &wanted.mois).await?;
        Ok::<_, Failure>((written(&desk.organisation, &month), month.word()))
    };
    match written.await {
        Ok((text, word)) => {
            let mut response =
                answer::file(text, "text/csv; charset=utf-8", &format!("ouvertures-{word}.csv"));
            response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("fr"));
            response
        }
        Err(failure) => failure.page(&portal, viewer.as_ref()),
    }
}

fn written(organisation: &str, month: &Month) -> String {
    let mut text = String::from(
        "\u{feff}structure;jour;agent;canal;ouvertures;reouvertures;duree_mediane_s;duree_p90_s\r\n",
    );
    for line in &month.lines {
        let _ = writeln!(
            text,
            "{};{};{};{};{};{};{};{}\r",
            cell(organisation),
            line.day,
            cell(&line.agent),
            cell(&line.channel),
            line.opened,
            line.reopened,
            line.median,
            line.p90,
        );
    }
    text
}

/// A cell that no spreadsheet takes for a formula, in quotes.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        for (values, p50, p90) in
            [(&[][..], 0, 0), (&[7], 7, 7), (&[1, 2], 1, 2), (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5, 9)]
        {
            assert_eq!((quantile(values, 50), quantile(values, 90)), (p50, p90), "{values:?}");
        }
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, expected) in [
            ("CPAM 35", "\"CPAM 35\""),
            ("=1+1", "\"'=1+1\""),
            ("+33", "\"'+33\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("a\";=1", "\"a\"\";=1\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn days_are_those_of_paris_and_reopenings_are_apart() {
        let kept = |at: &str, seconds, reopened| Kept {
            at_ms: at.parse::<jiff::Timestamp>().unwrap().as_millisecond(),
            seconds,
            channel: "cpam".into(),
            agent: "014".into(),
            reopened,
        };
        let all = [
            kept("2026-11-21T10:00:00Z", 60, false),
            kept("2026-11-21T22:59:00Z", 90, false),
            kept("2026-11-21T23:01:00Z", 40, false),
            kept("2026-11-21T12:00:00Z", 999, true),
        ];
        let month = counted("2026-11-01".parse().unwrap(), &all);
        let days: Vec<_> =
            month.lines.iter().map(|l| (l.day.day(), l.opened, l.reopened, l.median)).collect();
        assert_eq!(days, [(21, 2, 1, 60), (22, 1, 0, 40)]);
        assert_eq!((month.opened, month.reopened, month.median, month.p90), (3, 1, 60, 90));
        let csv = written("=CPAM", &month);
        assert!(csv.contains("\"'=CPAM\";2026-11-21;\"014\";\"cpam\";2;1;60;90\r\n"), "{csv}");
    }
}
