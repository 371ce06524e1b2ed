-- Indexes by something else than an identifier, and the memory of what came in.
--
-- Rows of an index point to dossiers and prove nothing: each dossier is decided again before anything of it is shown.
-- hmac: HMAC-SHA-256 under the index key of that version, cut to 128 bits.

-- Who was ever named by an authorisation or a block (TD0.4). changed_at: last act on it, milliseconds since 1970.
CREATE TABLE grant_index (
    hmac BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    dossier_id BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (hmac, key_version, dossier_id)
) WITHOUT ROWID, STRICT;

-- Family name and birth date, family name and birth year (TD0.5). Rows of a former name stay.
CREATE TABLE trait_index (
    hmac BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    dossier_id BLOB NOT NULL,
    PRIMARY KEY (hmac, key_version, dossier_id)
) WITHOUT ROWID, STRICT;

-- Dossiers that were there before these indexes: their rows are written at the next start.
CREATE TABLE unindexed (
    dossier_id BLOB NOT NULL PRIMARY KEY
) WITHOUT ROWID, STRICT;
INSERT INTO unindexed (dossier_id) SELECT dossier_id FROM head;

-- Messages and assertions that may not be taken twice. id: SHA-256 of kind and identifier, cut to 128 bits; content:
-- SHA-256. In the order of their expiry: what comes in together is written together, and leaves together.
CREATE TABLE seen (
    expires_at INTEGER NOT NULL,
    id BLOB NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (expires_at, id)
) WITHOUT ROWID, STRICT;
