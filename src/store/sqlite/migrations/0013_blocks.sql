-- The journal as blocks: the readings of a commit in one row, in the order of the journal, and changes of
-- policy in a table of their own. What is looked for by wearer or device is filed, a run at a time.

ALTER TABLE partition_owners ADD COLUMN position INTEGER NOT NULL DEFAULT 0; -- the last; 0 before the first
ALTER TABLE partition_owners ADD COLUMN filed_position INTEGER NOT NULL DEFAULT 0; -- up to here readings are filed
ALTER TABLE partition_owners ADD COLUMN unfiled_blocks INTEGER NOT NULL DEFAULT 0; -- how many blocks come after that

CREATE TABLE blocks (
    partition        INTEGER NOT NULL,
    last_position    INTEGER NOT NULL,
    first_position   INTEGER NOT NULL,
    readings         INTEGER NOT NULL,
    from_ms          INTEGER NOT NULL, -- engine time
    to_ms            INTEGER NOT NULL,
    observed_from_ms INTEGER NOT NULL, -- later than observed_to_ms where all were erased
    observed_to_ms   INTEGER NOT NULL,
    keys             BLOB    NOT NULL, -- before body, which is not read where the keys say enough
    body             BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX blocks_in_order ON blocks (partition, last_position);
CREATE INDEX blocks_by_time_observed ON blocks (observed_to_ms, observed_from_ms);

CREATE TABLE policy_changes (
    partition INTEGER NOT NULL,
    position  INTEGER NOT NULL, -- shared with readings
    at_ms     INTEGER NOT NULL,
    body      TEXT,             -- null: erased
    PRIMARY KEY (partition, position)
) STRICT;
CREATE INDEX policy_changes_in_time ON policy_changes (at_ms, partition, position);

CREATE TABLE runs (
    partition        INTEGER NOT NULL,
    run              INTEGER NOT NULL, -- its first position
    last_position    INTEGER NOT NULL,
    from_ms          INTEGER NOT NULL,
    to_ms            INTEGER NOT NULL,
    observed_from_ms INTEGER NOT NULL,
    observed_to_ms   INTEGER NOT NULL,
    PRIMARY KEY (partition, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE strips (
    partition        INTEGER NOT NULL,
    run              INTEGER NOT NULL,
    device           TEXT    NOT NULL,
    wearer           TEXT    NOT NULL,
    first_position   INTEGER NOT NULL,
    seq_from         INTEGER,          -- minus 2^63, so that they keep their order
    seq_to           INTEGER,
    observed_from_ms INTEGER NOT NULL,
    observed_to_ms   INTEGER NOT NULL,
    body             BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX strips_in_order ON strips (partition, run, device, wearer, first_position);

CREATE TABLE seen (
    device    TEXT    NOT NULL,
    partition INTEGER NOT NULL,
    seen      TEXT    NOT NULL,
    PRIMARY KEY (device, partition)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_partition ON seen (partition);

CREATE TABLE worn (
    wearer    TEXT    NOT NULL,
    device    TEXT    NOT NULL,
    partition INTEGER NOT NULL,
    PRIMARY KEY (wearer, device, partition)
) STRICT, WITHOUT ROWID;
