-- What people do about alerts. Steps are added and never changed. `event` is of the same count as that of
-- decisions: both make up the live stream.
CREATE TABLE steps (
    event  INTEGER PRIMARY KEY,
    alert  TEXT    NOT NULL,
    number INTEGER NOT NULL, -- from 1, without gaps
    at_ms  INTEGER NOT NULL,
    body   TEXT    NOT NULL,
    UNIQUE (alert, number)
) STRICT;

-- Where the work on an alert stands, and until when somebody has to acknowledge it.
ALTER TABLE alerts ADD COLUMN stage TEXT NOT NULL DEFAULT 'new'
    CHECK (stage IN ('new', 'acknowledged', 'resolved'));
ALTER TABLE alerts ADD COLUMN triage TEXT;    -- null: as it is before the first step
ALTER TABLE alerts ADD COLUMN due_ms INTEGER; -- null: nobody waits for anybody
ALTER TABLE alerts ADD COLUMN ladder TEXT;    -- JSON: the rungs that are left

CREATE INDEX alerts_due ON alerts (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX alerts_by_stage ON alerts (stage, changed_ms, event);
CREATE INDEX notifications_unsettled ON notifications (alert) WHERE state <> 'acknowledged';

-- An alert that another one gathers, such as an incident, is listed under it. What it says is held until the
-- other one is over, unless it was told on its own.
ALTER TABLE alerts ADD COLUMN listed_under TEXT;
CREATE INDEX alerts_listed_under ON alerts (listed_under, changed_ms, event)
    WHERE listed_under IS NOT NULL;

CREATE TABLE held_notifications (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    under  TEXT    NOT NULL, -- the alert that gathers
    alert  TEXT    NOT NULL,
    wearer TEXT    NOT NULL,
    body   TEXT    NOT NULL
) STRICT;
CREATE INDEX held_notifications_under ON held_notifications (under);
CREATE INDEX held_notifications_of ON held_notifications (alert);
