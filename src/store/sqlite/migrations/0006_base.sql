-- Where a partition's kept journal begins: the checkpoint of this position comes before it. 0 while
-- all of it is kept.
ALTER TABLE partition_owners ADD COLUMN base_position INTEGER NOT NULL DEFAULT 0;
