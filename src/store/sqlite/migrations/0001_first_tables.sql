-- Times are milliseconds since 1970-01-01T00:00:00Z (columns ending in _ms).
-- A body is the JSON text of what it stands for, as the documented formats have it: what a court
-- can read. The columns beside it repeat what is searched for.

-- Who may write a partition. A commit under an older epoch is refused.
CREATE TABLE partition_owners (
    partition INTEGER PRIMARY KEY,
    epoch     INTEGER NOT NULL
) STRICT;

-- The inputs of every engine, in order: the truth everything else can be derived from.
CREATE TABLE journal (
    partition   INTEGER NOT NULL,
    position    INTEGER NOT NULL, -- from 1, without gaps
    at_ms       INTEGER NOT NULL, -- engine time
    kind        TEXT    NOT NULL, -- a kind of reading, or 'policy'
    device      TEXT,             -- this and the next two: readings only
    seq         INTEGER,          -- 64 unsigned bits; negative from 2^63 on
    observed_ms INTEGER,
    body        TEXT    NOT NULL,
    PRIMARY KEY (partition, position)
) STRICT, WITHOUT ROWID;

-- A reading is known by its device and running number or, lacking one, by device, kind and time.
CREATE UNIQUE INDEX journal_reading_by_sequence ON journal (device, seq)
    WHERE seq IS NOT NULL;
CREATE UNIQUE INDEX journal_reading_by_moment ON journal (device, kind, observed_ms)
    WHERE device IS NOT NULL AND seq IS NULL;
CREATE INDEX journal_policy ON journal (at_ms, partition, position)
    WHERE kind = 'policy';

-- Every decision, in the order of commit: `event` numbers the live stream.
CREATE TABLE decisions (
    event        INTEGER PRIMARY KEY AUTOINCREMENT,
    alert        TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    phase        TEXT    NOT NULL,
    decided_ms   INTEGER NOT NULL,
    severity     TEXT    NOT NULL,
    notify_by_ms INTEGER,
    recipients   TEXT    NOT NULL, -- JSON array of queue names
    body         TEXT    NOT NULL,
    UNIQUE (alert, revision)
) STRICT;

-- One row per alert, as it stands after its newest decision.
CREATE TABLE alerts (
    alert      TEXT    PRIMARY KEY,
    wearer     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'cleared', 'withdrawn')),
    opened_ms  INTEGER NOT NULL, -- decided time of its first decision
    changed_ms INTEGER NOT NULL, -- decided time of its newest decision
    event      INTEGER NOT NULL REFERENCES decisions (event) -- the newest decision
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_by_change ON alerts (changed_ms, event);
CREATE INDEX alerts_by_state ON alerts (state, changed_ms, event);
CREATE INDEX alerts_by_wearer ON alerts (wearer, changed_ms, event);
CREATE INDEX alerts_by_kind ON alerts (kind, changed_ms, event);

-- The queues that ever held something.
CREATE TABLE queues (
    recipient    TEXT    PRIMARY KEY,
    acknowledged INTEGER NOT NULL DEFAULT 0 -- counted here, or every look would count a history
) STRICT, WITHOUT ROWID;

-- What waits in the queues, and what was acknowledged. `number` is the order within a queue.
CREATE TABLE notifications (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT    NOT NULL UNIQUE,
    recipient       TEXT    NOT NULL,
    wearer          TEXT    NOT NULL,
    alert           TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    severity        TEXT    NOT NULL,
    notify_by_ms    INTEGER,
    decided_ms      INTEGER NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'ready'
                    CHECK (state IN ('ready', 'leased', 'delayed', 'acknowledged')),
    due_ms          INTEGER, -- leased: the lease ends; delayed: claimable again; else null
    attempt         INTEGER NOT NULL DEFAULT 0, -- times handed out
    acknowledged_ms INTEGER,
    body            TEXT    NOT NULL
) STRICT;

CREATE INDEX notifications_ready ON notifications (recipient, number, wearer)
    WHERE state = 'ready';
CREATE INDEX notifications_due ON notifications (recipient, due_ms)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_of_wearer ON notifications (recipient, wearer, number)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_oldest ON notifications (recipient, decided_ms)
    WHERE state <> 'acknowledged';

-- Every handing-out: who was given what, when, and what came of it.
CREATE TABLE deliveries (
    notification TEXT    NOT NULL REFERENCES notifications (id),
    attempt      INTEGER NOT NULL,
    consumer     TEXT    NOT NULL,
    claimed_ms   INTEGER NOT NULL,
    lease_ms     INTEGER NOT NULL, -- the lease ends
    outcome      TEXT    CHECK (outcome IN ('acknowledged', 'given_back')),
    settled_ms   INTEGER,
    reason       TEXT,             -- why it was given back
    PRIMARY KEY (notification, attempt)
) STRICT, WITHOUT ROWID;

-- Snapshots of engines: shortcuts, never the truth.
CREATE TABLE checkpoints (
    partition INTEGER NOT NULL,
    position  INTEGER NOT NULL, -- the last journal position covered
    at_ms     INTEGER NOT NULL,
    snapshot  BLOB    NOT NULL,
    PRIMARY KEY (partition, position)
) STRICT;

-- Messages, or parts of them, that could not be used.
CREATE TABLE dead_letters (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_ms INTEGER NOT NULL,
    topic       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    payload     BLOB    NOT NULL
) STRICT;

-- Who was shown what about whom, and why.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms   INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    reason  TEXT
) STRICT;
