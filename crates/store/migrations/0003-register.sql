-- What stands beside dossiers, and what a deployment has to do about them.

-- Accounts, openings at a desk, lifted quotas, messages (docs/decisions/0011). owner, record: HMAC-SHA-256 under the index
-- key of that version, cut to 128 bits. at: milliseconds since 1970. wrapped_key: the record's own key, by the custody.
CREATE TABLE register (
    shelf INTEGER NOT NULL,
    owner BLOB NOT NULL,
    record BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (shelf, owner, record)
) WITHOUT ROWID, STRICT;
CREATE INDEX register_by_time ON register (shelf, owner, at);

-- Structures whose people's accesses are looked at, for their référent. open: one waits for an answer. changed_at: last
-- opening or answer, milliseconds since 1970. An index like those of before: rows prove nothing.
CREATE TABLE case_index (
    hmac BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    dossier_id BLOB NOT NULL,
    open INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (hmac, key_version, dossier_id)
) WITHOUT ROWID, STRICT;

-- Notices to send, written in the commit of what they tell, taken away once sent. sealed: what happened.
CREATE TABLE outbox (
    at INTEGER NOT NULL,
    notice_id BLOB NOT NULL,
    dossier_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (at, notice_id)
) WITHOUT ROWID, STRICT;
