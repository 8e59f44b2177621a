CREATE TABLE steps (
    event  bigint PRIMARY KEY,
    alert  text   NOT NULL,
    number bigint NOT NULL,
    at_ms  bigint NOT NULL,
    body   text   NOT NULL,
    UNIQUE (alert, number)
);
COMMENT ON TABLE steps IS 'What people did about alerts: only ever added to.';
COMMENT ON COLUMN steps.event IS 'its number in the live stream, of the same count as that of decisions';
COMMENT ON COLUMN steps.alert IS 'the alert';
COMMENT ON COLUMN steps.number IS 'counts the steps about the alert, from 1, without gaps';
COMMENT ON COLUMN steps.at_ms IS 'when it was taken';
COMMENT ON COLUMN steps.body IS 'the step (JSON), with who took it and why';

ALTER TABLE alerts
    ADD COLUMN stage text NOT NULL DEFAULT 'new' CHECK (stage IN ('new', 'acknowledged', 'resolved')),
    ADD COLUMN triage text,
    ADD COLUMN due_ms bigint,
    ADD COLUMN ladder text;
COMMENT ON COLUMN alerts.stage IS 'where the work on it stands';
COMMENT ON COLUMN alerts.triage IS 'the work on it after the newest step (JSON); null before the first';
COMMENT ON COLUMN alerts.due_ms IS 'until when somebody has to acknowledge it; null where nobody has to';
COMMENT ON COLUMN alerts.ladder IS 'the rungs that are left, where nobody does (JSON)';

CREATE INDEX alerts_due ON alerts (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX alerts_by_stage ON alerts (stage, changed_ms, event);
CREATE INDEX notifications_unsettled ON notifications (alert) WHERE state <> 'acknowledged';

ALTER TABLE alerts ADD COLUMN listed_under text;
COMMENT ON COLUMN alerts.listed_under IS 'the alert that gathers it, such as an incident';
CREATE INDEX alerts_listed_under ON alerts (listed_under, changed_ms, event)
    WHERE listed_under IS NOT NULL;

CREATE TABLE held_notifications (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    under  text   NOT NULL,
    alert  text   NOT NULL,
    wearer text   NOT NULL,
    body   text   NOT NULL
);
COMMENT ON TABLE held_notifications IS 'What waits until the alert that gathers it is over.';
COMMENT ON COLUMN held_notifications.number IS 'the order in which they go into their queues';
COMMENT ON COLUMN held_notifications.under IS 'the alert that gathers';
COMMENT ON COLUMN held_notifications.alert IS 'the alert it is about';
COMMENT ON COLUMN held_notifications.wearer IS 'whom that is about';
COMMENT ON COLUMN held_notifications.body IS 'the notification (JSON)';
CREATE INDEX held_notifications_under ON held_notifications (under);
CREATE INDEX held_notifications_of ON held_notifications (alert);
