-- Checkpoints that are saved beside the work, in parts: their snapshot is that of all parts, in order. Parts
-- without a checkpoint of their position are of one that was never finished.
CREATE TABLE checkpoint_parts (
    partition INTEGER NOT NULL,
    position  INTEGER NOT NULL, -- the last journal position covered
    number    INTEGER NOT NULL, -- from 0
    bytes     BLOB    NOT NULL,
    PRIMARY KEY (partition, position, number)
) STRICT;
