-- The queue rows of a decision: looked up when what is kept is held against a replay.
CREATE INDEX notifications_of_decision ON notifications (alert, revision);
