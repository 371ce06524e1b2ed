//! What came in and has not expired, in memory as on disk. Looking and remembering are one, under one lock; the rows then
//! go through the writer's queue, before whatever the request goes on to write.
//!
//! On disk, rows stand in the order of their expiry and are never looked up: a look-up by identifier would need an index
//! where each row falls on a page of its own. In memory an entry takes about 80 bytes.

use crate::api::Remembered;
use crate::replay::SeenRow;
use dmp_keys::digest::Digest;
use rusqlite::Connection;
use std::collections::HashMap;

/// Most entries at once, about 200 MB: beyond, nothing new is taken before some expire.
const LIVE_MAX: usize = 2_500_000;
/// How often what has expired is put away.
const SWEEP_MS: i64 = 60_000;

/// Content and expiry, by identifier.
type Live = HashMap<[u8; 16], (Digest, i64)>;

/// What is remembered: on disk, or on its way there.
#[derive(Debug, Default)]
pub(super) struct Memory {
    live: Live,
    swept_at_ms: i64,
}

/// What becomes of a set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// These are new: remembered from now on, and to be written.
    New(Vec<SeenRow>),
    /// Nothing is to be written.
    Known(Remembered),
    /// There is no room.
    Full,
}

impl Memory {
    /// As it was left.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare("SELECT id, content, expires_at FROM seen")?;
        let mut live = Live::new();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Digest>(1)?, row.get(2)?)))?;
        for row in rows {
            let (id, content, expires_at_ms): ([u8; 16], Digest, i64) = row?;
            // Seen again after it had expired: the later one stands.
            if live.get(&id).is_none_or(|(_, known)| *known < expires_at_ms) {
                live.insert(id, (content, expires_at_ms));
            }
        }
        Ok(Memory { live, swept_at_ms: i64::MIN })
    }

    /// Judges a set, and takes what is new of it.
    pub(super) fn take(&mut self, set: &[SeenRow], now_ms: i64) -> Judged {
        let mut new: Vec<SeenRow> = Vec::new();
        for row in set {
            let known = self.live.get(&row.id).filter(|(_, expires_at_ms)| *expires_at_ms > now_ms);
            let twice = new.iter().find(|known| known.id == row.id).map(|known| known.content);
            match known.map(|(content, _)| *content).or(twice) {
                Some(content) if content != row.content => {
                    return Judged::Known(Remembered::Replayed(row.kind));
                }
                Some(_) => {}
                None => new.push(*row),
            }
        }
        if new.is_empty() {
            return Judged::Known(Remembered::Repeated);
        }
        if self.live.len() + new.len() > LIVE_MAX {
            return Judged::Full;
        }
        self.live.extend(new.iter().map(|row| (row.id, (row.content, row.expires_at_ms))));
        Judged::New(new)
    }

    /// These were not written: they were never seen.
    pub(super) fn forget(&mut self, rows: &[SeenRow]) {
        for row in rows {
            if self.live.get(&row.id) == Some(&(row.content, row.expires_at_ms)) {
                self.live.remove(&row.id);
            }
        }
    }

    /// Puts away what has expired, once a minute; true when the rows are to be put away too.
    pub(super) fn sweep(&mut self, now_ms: i64) -> bool {
        if now_ms.saturating_sub(self.swept_at_ms) < SWEEP_MS {
            return false;
        }
        self.live.retain(|_, (_, expires_at_ms)| *expires_at_ms > now_ms);
        self.swept_at_ms = now_ms;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::SeenKind::{self, Assertion, Message};

    fn row(kind: SeenKind, id: u8, content: u8) -> SeenRow {
        SeenRow { kind, id: [id; 16], content: [content; 32], expires_at_ms: 100 }
    }

    #[test]
    fn a_set_is_new_repeated_or_replayed() {
        let (message, assertion) = (row(Message, 1, 1), row(Assertion, 2, 2));
        let new = |rows: &[SeenRow]| Judged::New(rows.to_vec());
        for (set, now_ms, judged) in [
            (vec![message, assertion], 99, Judged::Known(Remembered::Repeated)),
            (vec![row(Message, 3, 3), assertion], 99, new(&[row(Message, 3, 3)])),
            (vec![row(Message, 1, 9), assertion], 99, Judged::Known(Remembered::Replayed(Message))),
            (
                vec![row(Message, 3, 3), row(Assertion, 2, 9)],
                99,
                Judged::Known(Remembered::Replayed(Assertion)),
            ),
            (vec![row(Message, 3, 3), row(Message, 3, 4)], 99, Judged::Known(Remembered::Replayed(Message))),
            (vec![row(Message, 3, 3), row(Message, 3, 3)], 99, new(&[row(Message, 3, 3)])),
            (vec![row(Message, 1, 9)], 100, new(&[row(Message, 1, 9)])),
            (vec![], 99, Judged::Known(Remembered::Repeated)),
        ] {
            let mut memory = Memory::default();
            assert_eq!(memory.take(&[message, assertion], 0), new(&[message, assertion]));
            assert_eq!(memory.take(&set, now_ms), judged, "{set:?} at {now_ms}");
            let again = matches!(judged, Judged::New(_)).then_some(Judged::Known(Remembered::Repeated));
            assert_eq!(memory.take(&set, 99), again.unwrap_or(judged), "{set:?} again");
        }
    }

    #[test]
    fn what_was_not_written_was_never_seen() {
        let mut memory = Memory::default();
        let (kept, lost) = (row(Message, 1, 1), row(Message, 2, 2));
        memory.take(&[kept, lost], 0);
        memory.forget(&[lost, row(Message, 1, 9)]);
        assert_eq!(memory.take(&[row(Message, 2, 3)], 0), Judged::New(vec![row(Message, 2, 3)]));
        assert_eq!(memory.take(&[kept], 0), Judged::Known(Remembered::Repeated));
    }

    #[test]
    fn what_expired_is_put_away_once_a_minute() {
        let mut memory = Memory::default();
        let at = 10 * SWEEP_MS;
        memory.take(&[SeenRow { expires_at_ms: at + 1, ..row(Message, 1, 1) }], at);
        assert!(memory.sweep(at) && !memory.live.is_empty());
        assert!(!memory.sweep(at + SWEEP_MS - 1));
        assert!(memory.sweep(at + SWEEP_MS) && memory.live.is_empty());
    }
}
