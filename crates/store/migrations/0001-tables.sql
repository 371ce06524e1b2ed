-- The tables of a deployment on SQLite (design 4, "Storage").
--
-- Rows that are found by their dossier are clustered by it (WITHOUT ROWID). What only grows (journal, contents, keys of
-- documents, texts) is appended: pages fill up, and a group of commits touches few of them. The journal of a dossier is
-- then walked from its head, latest first, each entry naming the one before.
--
-- grant_index, outbox and counter_event come with what will read them.

-- Where a dossier is found: HMAC-SHA-256 of the value under the index key of that version, cut to 128 bits; for 3 and 4
-- it starts with the time of the identifier. kind: 1 INS, 2 uniqueId of a document or of a submission set, 3 entryUUID,
-- 4 lid.
CREATE TABLE locator (
    kind INTEGER NOT NULL,
    hmac BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    dossier_id BLOB NOT NULL,
    PRIMARY KEY (kind, hmac, key_version)
) WITHOUT ROWID, STRICT;

-- The only contended row of a dossier. version: changes committed. seq, digest, entry_number: its last journal entry.
CREATE TABLE head (
    dossier_id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entry_number INTEGER NOT NULL,
    digest BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- status: 1 active, 2 closed. Times in milliseconds since 1970. sealed: identity, rights, representatives, proofs.
CREATE TABLE dossier (
    dossier_id BLOB NOT NULL PRIMARY KEY,
    status INTEGER NOT NULL,
    opened_at INTEGER,
    closed_at INTEGER,
    sealed BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- Wrapped by the custody.
CREATE TABLE dossier_key (
    dossier_id BLOB NOT NULL PRIMARY KEY,
    content_key BLOB NOT NULL,
    journal_key BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- One row per version of a document's metadata, one per submission set. content_number: the bytes it brought.
CREATE TABLE entry (
    dossier_id BLOB NOT NULL,
    entry_no INTEGER NOT NULL,
    content_number INTEGER,
    sealed BLOB NOT NULL,
    PRIMARY KEY (dossier_id, entry_no)
) WITHOUT ROWID, STRICT;

-- Sealed bytes of a document, or the name of an object and the SHA-256 of what it must hold.
CREATE TABLE content (
    content_number INTEGER PRIMARY KEY,
    object TEXT,
    sealed BLOB NOT NULL
) STRICT;

-- Sealed text of a document, for search; absent when it has none.
CREATE TABLE search_text (
    content_number INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

-- Key of a document, wrapped by its dossier's content key.
CREATE TABLE document_key (
    content_number INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

-- kind: 1 change, 2 trace. time: milliseconds since 1970. entry_id: random, bound to the sealed entry.
-- previous: entry_number of the entry before in this dossier, 0 for the first.
CREATE TABLE journal (
    entry_number INTEGER PRIMARY KEY,
    dossier_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    time INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    entry_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Free text named by a journal entry (reason of a bris de glace), erasable alone.
CREATE TABLE note (
    dossier_id BLOB NOT NULL,
    note_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (dossier_id, note_id)
) WITHOUT ROWID, STRICT;

-- Requests about a target that does not exist: counted on disk, so that they wait as long as the others.
CREATE TABLE unknown_target (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    requests INTEGER NOT NULL
) STRICT;
INSERT INTO unknown_target (id, requests) VALUES (1, 0);
