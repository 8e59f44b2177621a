-- What was in it is in blocks and policy_changes.
DROP TABLE journal;
