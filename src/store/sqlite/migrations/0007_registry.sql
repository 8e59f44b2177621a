-- Every version of every part of the registry: what partitions follow, and what was registered when.
CREATE TABLE registry (
    revision     INTEGER PRIMARY KEY, -- its place among all changes, from 1
    kind         TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    version      INTEGER NOT NULL,    -- counts the versions of the part, from 1
    wearer       TEXT,                -- whom it is about, where it is about somebody
    wearer_crc32 INTEGER,
    replaced_by  INTEGER,             -- revision of the next version; null while it is the newest
    at_ms        INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    reason       TEXT,
    body         TEXT                 -- null: removed
) STRICT;

CREATE INDEX registry_versions ON registry (kind, id, revision);
CREATE UNIQUE INDEX registry_newest ON registry (kind, id) WHERE replaced_by IS NULL;
CREATE INDEX registry_of_wearer ON registry (wearer, kind, id) WHERE wearer IS NOT NULL;

-- What each version points at.
CREATE TABLE registry_references (
    target   TEXT    NOT NULL,
    revision INTEGER NOT NULL REFERENCES registry (revision) ON DELETE CASCADE,
    PRIMARY KEY (target, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX registry_references_of ON registry_references (revision);

-- The registry's newest revision: numbers of what was erased are not given again.
CREATE TABLE registry_head (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO registry_head (only_row, revision) VALUES (1, 0);
