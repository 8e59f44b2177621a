-- Whose reading it is: what is known of a wearer is read back when evidence comes late, and when
-- somebody looks at their trail.
ALTER TABLE journal ADD COLUMN wearer TEXT; -- readings only
UPDATE journal SET wearer = json_extract(body, '$.wearer') WHERE device IS NOT NULL;
CREATE INDEX journal_of_wearer ON journal (wearer, partition, at_ms)
    WHERE wearer IS NOT NULL;
