CREATE TABLE checkpoint_parts (
    partition integer NOT NULL,
    position  bigint  NOT NULL,
    number    integer NOT NULL,
    bytes     bytea   NOT NULL,
    PRIMARY KEY (partition, position, number)
);
-- They are compressed.
ALTER TABLE checkpoint_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE checkpoint_parts IS 'Checkpoints that are saved beside the work: their snapshot is that of all parts, in order. Parts without a checkpoint of their position are of one that was never finished.';
COMMENT ON COLUMN checkpoint_parts.partition IS 'the partition';
COMMENT ON COLUMN checkpoint_parts.position IS 'the last journal position covered';
COMMENT ON COLUMN checkpoint_parts.number IS 'from 0';
COMMENT ON COLUMN checkpoint_parts.bytes IS 'a part of the engine''s own form of its state, compressed';
