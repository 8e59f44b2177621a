-- The journal as blocks: the readings of a commit in one row, in the order of the journal. What is looked for
-- by wearer or device is filed, a run at a time. Afterwards the rows of readings are put into blocks.

ALTER TABLE partitions
    ADD COLUMN filed_position bigint NOT NULL DEFAULT 0,
    ADD COLUMN unfiled_blocks bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN partitions.filed_position IS 'up to here readings are filed';
COMMENT ON COLUMN partitions.unfiled_blocks IS 'how many blocks come after that';

CREATE TABLE blocks (
    partition        integer NOT NULL,
    last_position    bigint  NOT NULL,
    first_position   bigint  NOT NULL,
    readings         bigint  NOT NULL,
    from_ms          bigint  NOT NULL,
    to_ms            bigint  NOT NULL,
    observed_from_ms bigint  NOT NULL,
    observed_to_ms   bigint  NOT NULL,
    keys             bytea   NOT NULL,
    body             bytea   NOT NULL,
    PRIMARY KEY (partition, last_position)
);
-- Keys are looked at without the body, and neither can be compressed.
ALTER TABLE blocks ALTER COLUMN keys SET STORAGE MAIN, ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX blocks_by_time_observed ON blocks (observed_to_ms, observed_from_ms);
COMMENT ON TABLE blocks IS 'The journal''s readings, those of a commit in a row: with policy_changes the inputs of every engine, the truth everything else can be derived from. Small ones are bound into large ones once they are filed.';
COMMENT ON COLUMN blocks.partition IS 'the partition whose journal it is';
COMMENT ON COLUMN blocks.last_position IS 'place of the last reading in the partition''s journal, which counts from 1, without gaps, together with policy_changes';
COMMENT ON COLUMN blocks.first_position IS 'place of the first';
COMMENT ON COLUMN blocks.readings IS 'how many; of one that was erased its place is left';
COMMENT ON COLUMN blocks.from_ms IS 'engine time at which the first was handed over';
COMMENT ON COLUMN blocks.to_ms IS 'engine time at which the last was handed over';
COMMENT ON COLUMN blocks.observed_from_ms IS 'the earliest time observed; later than observed_to_ms where all were erased';
COMMENT ON COLUMN blocks.observed_to_ms IS 'the latest time observed';
COMMENT ON COLUMN blocks.keys IS 'whose readings it may hold: CRC-32s of wearers and devices, ascending, four bytes each';
COMMENT ON COLUMN blocks.body IS 'the readings, in the store''s own form';

CREATE TABLE runs (
    partition        integer NOT NULL,
    run              bigint  NOT NULL,
    last_position    bigint  NOT NULL,
    from_ms          bigint  NOT NULL,
    to_ms            bigint  NOT NULL,
    observed_from_ms bigint  NOT NULL,
    observed_to_ms   bigint  NOT NULL,
    PRIMARY KEY (partition, run)
);
CREATE INDEX runs_by_time ON runs (partition, to_ms);
CREATE INDEX runs_by_time_observed_to ON runs (observed_to_ms, partition, run);
CREATE INDEX runs_by_time_observed_from ON runs (observed_from_ms, partition, run);
COMMENT ON TABLE runs IS 'Stretches of a journal that are filed. Strips of a run that is not here are of one that was never finished.';
COMMENT ON COLUMN runs.partition IS 'the partition';
COMMENT ON COLUMN runs.run IS 'its first position, by which it goes';
COMMENT ON COLUMN runs.last_position IS 'its last position';
COMMENT ON COLUMN runs.from_ms IS 'engine time of its first reading';
COMMENT ON COLUMN runs.to_ms IS 'engine time of its last reading';
COMMENT ON COLUMN runs.observed_from_ms IS 'the earliest time observed';
COMMENT ON COLUMN runs.observed_to_ms IS 'the latest time observed';

CREATE TABLE strips (
    partition        integer NOT NULL,
    run              bigint  NOT NULL,
    device           text    COLLATE "C" NOT NULL,
    wearer           text    COLLATE "C" NOT NULL,
    first_position   bigint  NOT NULL,
    seq_from         bigint,
    seq_to           bigint,
    observed_from_ms bigint  NOT NULL,
    observed_to_ms   bigint  NOT NULL,
    body             bytea   NOT NULL,
    PRIMARY KEY (partition, run, device, wearer, first_position)
);
ALTER TABLE strips ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE strips IS 'Copies of readings, filed: those of one device and one wearer in a run, side by side.';
COMMENT ON COLUMN strips.partition IS 'the partition';
COMMENT ON COLUMN strips.run IS 'the run';
COMMENT ON COLUMN strips.device IS 'the device that reported them';
COMMENT ON COLUMN strips.wearer IS 'who wore it';
COMMENT ON COLUMN strips.first_position IS 'place of the first in the journal';
COMMENT ON COLUMN strips.seq_from IS 'the least of the device''s running numbers among them, minus 2^63, so that 64 unsigned bits keep their order; null where none has one';
COMMENT ON COLUMN strips.seq_to IS 'the greatest, likewise';
COMMENT ON COLUMN strips.observed_from_ms IS 'the earliest time observed';
COMMENT ON COLUMN strips.observed_to_ms IS 'the latest time observed';
COMMENT ON COLUMN strips.body IS 'the readings, in the store''s own form';

CREATE TABLE seen (
    device    text    COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    seen      text    NOT NULL,
    PRIMARY KEY (device, partition)
) WITH (fillfactor = 50);
CREATE INDEX seen_by_partition ON seen (partition);
COMMENT ON TABLE seen IS 'Which of a device''s readings are filed: what is not among them is new for certain, what is may be and is looked up.';
COMMENT ON COLUMN seen.device IS 'the device';
COMMENT ON COLUMN seen.partition IS 'the partition that journaled them';
COMMENT ON COLUMN seen.seen IS 'runs of its running numbers, and the latest time observed among readings that have none: 1-40 44-44 @1774746000000';

CREATE TABLE worn (
    wearer    text    COLLATE "C" NOT NULL,
    device    text    COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    PRIMARY KEY (wearer, device, partition)
);
COMMENT ON TABLE worn IS 'Whose strips are of which devices.';
COMMENT ON COLUMN worn.wearer IS 'the wearer';
COMMENT ON COLUMN worn.device IS 'a device that reported of them';
COMMENT ON COLUMN worn.partition IS 'the partition that filed it';
