-- Notifications that are given up, and what remote ends answered.
ALTER TABLE notifications DROP CONSTRAINT notifications_state_check;
ALTER TABLE notifications ADD CONSTRAINT notifications_state_check
    CHECK (state IN ('ready', 'leased', 'delayed', 'acknowledged', 'dead'));
ALTER TABLE notifications ADD COLUMN forgiven bigint NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN dead_ms bigint;
ALTER TABLE notifications ADD COLUMN dead_reason text;
CREATE INDEX notifications_waiting ON notifications (recipient, decided_ms, notify_by_ms)
    WHERE state NOT IN ('acknowledged', 'dead');
CREATE INDEX notifications_dead ON notifications (recipient, number) WHERE state = 'dead';
ALTER TABLE deliveries ADD COLUMN answer text;
COMMENT ON COLUMN notifications.state IS 'ready, leased, delayed, acknowledged or dead; leased or delayed past due_ms as good as ready';
COMMENT ON COLUMN notifications.forgiven IS 'how many times handed out do not count against the bound on attempts';
COMMENT ON COLUMN notifications.dead_ms IS 'dead: since when';
COMMENT ON COLUMN notifications.dead_reason IS 'dead: why';
COMMENT ON COLUMN deliveries.answer IS 'what the remote end said when it took the notification over';
