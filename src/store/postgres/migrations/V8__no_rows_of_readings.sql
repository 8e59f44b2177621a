-- What was in them is in blocks; up to where devices reported is seen in those.
DROP TABLE converted_readings;
DROP TABLE devices;
COMMENT ON COLUMN policy_changes.position IS 'place in the partition''s journal, shared with the readings in blocks';
