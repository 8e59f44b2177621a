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
