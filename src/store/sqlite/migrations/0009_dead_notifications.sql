-- Notifications that are given up, and what remote ends answered. Both tables are made anew, because
-- what a column may hold cannot be changed in place.
CREATE TABLE notifications_anew (
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
                    CHECK (state IN ('ready', 'leased', 'delayed', 'acknowledged', 'dead')),
    due_ms          INTEGER, -- leased: the lease ends; delayed: claimable again; else null
    attempt         INTEGER NOT NULL DEFAULT 0, -- times handed out
    forgiven        INTEGER NOT NULL DEFAULT 0, -- how many of them do not count
    acknowledged_ms INTEGER,
    dead_ms         INTEGER, -- dead: since when, and why
    dead_reason     TEXT,
    body            TEXT    NOT NULL
) STRICT;
INSERT INTO notifications_anew (number, id, recipient, wearer, alert, revision, severity,
        notify_by_ms, decided_ms, state, due_ms, attempt, acknowledged_ms, body)
    SELECT number, id, recipient, wearer, alert, revision, severity,
        notify_by_ms, decided_ms, state, due_ms, attempt, acknowledged_ms, body
    FROM notifications;
-- Numbers of what was let go of are not given again.
DELETE FROM sqlite_sequence WHERE name = 'notifications_anew';
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'notifications_anew', seq FROM sqlite_sequence WHERE name = 'notifications';

CREATE TABLE deliveries_anew (
    notification TEXT    NOT NULL REFERENCES notifications_anew (id),
    attempt      INTEGER NOT NULL,
    consumer     TEXT    NOT NULL,
    claimed_ms   INTEGER NOT NULL,
    lease_ms     INTEGER NOT NULL, -- the lease ends
    outcome      TEXT    CHECK (outcome IN ('acknowledged', 'given_back')),
    settled_ms   INTEGER,
    reason       TEXT,             -- why it was given back
    answer       TEXT,             -- what the remote end said when it took it over
    PRIMARY KEY (notification, attempt)
) STRICT, WITHOUT ROWID;
INSERT INTO deliveries_anew
    SELECT notification, attempt, consumer, claimed_ms, lease_ms, outcome, settled_ms, reason, NULL
    FROM deliveries;

DROP TABLE deliveries;
DROP TABLE notifications;
ALTER TABLE notifications_anew RENAME TO notifications;
ALTER TABLE deliveries_anew RENAME TO deliveries;

CREATE INDEX notifications_ready ON notifications (recipient, number, wearer)
    WHERE state = 'ready';
CREATE INDEX notifications_due ON notifications (recipient, due_ms)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_of_wearer ON notifications (recipient, wearer, number)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_of_decision ON notifications (alert, revision);
CREATE INDEX notifications_waiting ON notifications (recipient, decided_ms, notify_by_ms)
    WHERE state NOT IN ('acknowledged', 'dead');
CREATE INDEX notifications_dead ON notifications (recipient, number) WHERE state = 'dead';
CREATE INDEX notifications_unsettled ON notifications (alert) WHERE state <> 'acknowledged';
