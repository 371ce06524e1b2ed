//! What came in and has not expired, in memory as on disk: the writer's alone, so that looking and remembering are one.
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

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct Memory {
    live: Live,
    swept_at_ms: i64,
}

/// What a transaction adds, until it is durable.
#[derive(Debug, Default)]
pub(super) struct Pending {
    new: Live,
    sweep_ms: Option<i64>,
}

/// What becomes of a set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// These are new.
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

    /// Judges a set, with what the transaction adds already.
    pub(super) fn judge(&self, pending: &Pending, set: &[SeenRow], now_ms: i64) -> Judged {
        let known = |row: &SeenRow| {
            let found = pending.new.get(&row.id).or_else(|| self.live.get(&row.id));
            found.filter(|(_, expires_at_ms)| *expires_at_ms > now_ms).map(|(content, _)| *content)
        };
        let mut new: Vec<SeenRow> = Vec::new();
        for row in set {
            let other = |content: Digest| content != row.content;
            let twice = new.iter().find(|known| known.id == row.id).map(|known| known.content);
            match known(row).or(twice) {
                Some(content) if other(content) => return Judged::Known(Remembered::Replayed(row.kind)),
                Some(_) => {}
                None => new.push(*row),
            }
        }
        if new.is_empty() {
            return Judged::Known(Remembered::Repeated);
        }
        match self.live.len() + pending.new.len() + new.len() > LIVE_MAX {
            true => Judged::Full,
            false => Judged::New(new),
        }
    }

    /// True when what has expired is to be put away.
    pub(super) fn is_to_sweep(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.swept_at_ms) >= SWEEP_MS
    }

    /// The transaction is durable.
    pub(super) fn keep(&mut self, pending: Pending) {
        self.live.extend(pending.new);
        if let Some(now_ms) = pending.sweep_ms {
            self.live.retain(|_, (_, expires_at_ms)| *expires_at_ms > now_ms);
            self.swept_at_ms = now_ms;
        }
    }
}

impl Pending {
    pub(super) fn add(&mut self, row: &SeenRow) {
        self.new.insert(row.id, (row.content, row.expires_at_ms));
    }

    /// What has expired by then leaves with the transaction; true the first time.
    pub(super) fn sweep(&mut self, now_ms: i64) -> bool {
        let first = self.sweep_ms.is_none();
        self.sweep_ms = Some(self.sweep_ms.unwrap_or(now_ms));
        first
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
        let mut memory = Memory::default();
        let mut pending = Pending::default();
        pending.add(&row(Message, 1, 1));
        memory.keep(std::mem::take(&mut pending));
        pending.add(&row(Assertion, 2, 2));
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
            assert_eq!(memory.judge(&pending, &set, now_ms), judged, "{set:?} at {now_ms}");
        }
        memory.keep(pending);
        let mut sweep = Pending::default();
        assert!(sweep.sweep(100) && !sweep.sweep(101));
        memory.keep(sweep);
        assert!(
            memory.live.is_empty()
                && !memory.is_to_sweep(100 + SWEEP_MS - 1)
                && memory.is_to_sweep(100 + SWEEP_MS)
        );
    }
}
