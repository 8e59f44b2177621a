-- What comes before the snapshot of a checkpoint, saved part by part, each in a transaction of its own.
-- Parts of which there is no checkpoint are not finished, or what is left of one that was let go of.
CREATE TABLE checkpoint_parts (
    partition INTEGER NOT NULL,
    position  INTEGER NOT NULL, -- the checkpoint
    number    INTEGER NOT NULL, -- counts its parts from 0
    bytes     BLOB    NOT NULL,
    PRIMARY KEY (partition, position, number)
) STRICT;

-- How many parts come before the snapshot.
ALTER TABLE checkpoints ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
