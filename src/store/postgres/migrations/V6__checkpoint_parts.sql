CREATE TABLE checkpoint_parts (
    partition integer NOT NULL,
    position  bigint  NOT NULL,
    number    integer NOT NULL,
    bytes     bytea   NOT NULL,
    PRIMARY KEY (partition, position, number)
);
COMMENT ON TABLE checkpoint_parts IS 'What comes before the snapshot of a checkpoint, saved part by part. Parts of which there is no checkpoint are not finished, or what is left of one that was let go of.';
COMMENT ON COLUMN checkpoint_parts.partition IS 'the partition';
COMMENT ON COLUMN checkpoint_parts.position IS 'the position of the checkpoint';
COMMENT ON COLUMN checkpoint_parts.number IS 'counts its parts from 0';
COMMENT ON COLUMN checkpoint_parts.bytes IS 'the part';

ALTER TABLE checkpoints ADD COLUMN parts integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN checkpoints.parts IS 'how many parts come before the snapshot';
COMMENT ON COLUMN checkpoints.snapshot IS 'the engine''s own form of its state, or the end of it where parts come before it';
