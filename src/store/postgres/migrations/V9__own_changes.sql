-- The newest rules, and the newest loss of the broker's, are asked for at each start: they are few among many changes.
CREATE INDEX own_changes ON policy_changes (partition, position)
    WHERE "left"(body, 7) IN ('{"rules', '{"broke');
