-- Accounts. A number is never given twice.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    did TEXT NOT NULL UNIQUE,
    handle TEXT UNIQUE,
    email TEXT UNIQUE,
    email_confirmed_at INTEGER,
    password TEXT,
    key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    deactivated_at INTEGER,
    delete_after INTEGER,
    suspended_at INTEGER,
    takedown TEXT
) STRICT;

-- Accounts that were deleted and have left something, and the head of the log at that time: their events up to it do
-- not exist any more.
CREATE TABLE deleted (
    account INTEGER PRIMARY KEY,
    head INTEGER NOT NULL
) STRICT;

-- One row for each account. The block is that of the latest commit.
CREATE TABLE repos (
    account INTEGER PRIMARY KEY,
    records INTEGER NOT NULL DEFAULT 0,
    record_bytes INTEGER NOT NULL DEFAULT 0,
    nodes INTEGER NOT NULL DEFAULT 0,
    node_bytes INTEGER NOT NULL DEFAULT 0,
    blobs INTEGER NOT NULL DEFAULT 0,
    blob_bytes INTEGER NOT NULL DEFAULT 0,
    rev TEXT,
    block BLOB
) STRICT;

CREATE TABLE nodes (
    account INTEGER NOT NULL,
    cid BLOB NOT NULL,
    rev TEXT NOT NULL,
    block BLOB NOT NULL,
    PRIMARY KEY (account, cid)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    account INTEGER NOT NULL,
    path TEXT NOT NULL,
    cid BLOB NOT NULL,
    rev TEXT NOT NULL,
    block BLOB NOT NULL,
    PRIMARY KEY (account, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX records_cid ON records (account, cid);

CREATE TABLE collections (
    account INTEGER NOT NULL,
    collection TEXT NOT NULL,
    PRIMARY KEY (account, collection)
) STRICT, WITHOUT ROWID;
CREATE INDEX collections_collection ON collections (collection, account);

-- Each has an object, or a URL with what is known of it. CIDs are texts here because their order is that of the texts.
CREATE TABLE blobs (
    account INTEGER NOT NULL,
    cid TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    temporary INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    takedown TEXT,
    object TEXT,
    url TEXT,
    checked_at INTEGER,
    gone INTEGER,
    width INTEGER,
    height INTEGER,
    duration INTEGER,
    PRIMARY KEY (account, cid)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_temporary ON blobs (created_at, account, cid) WHERE temporary = 1;
CREATE INDEX blobs_url ON blobs (account, url, created_at, cid) WHERE url IS NOT NULL;

-- Which records refer to which blobs, here or not.
CREATE TABLE blob_refs (
    account INTEGER NOT NULL,
    cid TEXT NOT NULL,
    path TEXT NOT NULL,
    rev TEXT NOT NULL,
    PRIMARY KEY (account, cid, path)
) STRICT, WITHOUT ROWID;

-- Objects that are to be deleted.
CREATE TABLE doomed (
    key TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX doomed_since ON doomed (since, key);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    next TEXT,
    app_password TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires_at ON sessions (expires_at, id);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: the number of the next event, the time of the last one, and whether this file is a copy that was not in use
-- yet: numbers that it does not know of may have been given since it was made.
CREATE TABLE log (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next INTEGER NOT NULL,
    time INTEGER NOT NULL,
    copied INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    account INTEGER NOT NULL,
    frame BLOB NOT NULL
) STRICT;
CREATE INDEX events_account ON events (account);
