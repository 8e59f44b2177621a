CREATE TABLE registry (
    revision     bigint  PRIMARY KEY,
    kind         text    NOT NULL,
    id           text    COLLATE "C" NOT NULL,
    version      bigint  NOT NULL,
    wearer       text,
    wearer_crc32 bigint,
    replaced_by  bigint,
    at_ms        bigint  NOT NULL,
    actor        text    NOT NULL,
    reason       text,
    body         text
);
CREATE INDEX registry_versions ON registry (kind, id, revision);
CREATE UNIQUE INDEX registry_newest ON registry (kind, id) WHERE replaced_by IS NULL;
CREATE INDEX registry_of_wearer ON registry (wearer, kind, id) WHERE wearer IS NOT NULL;
COMMENT ON TABLE registry IS 'Every version of every part of the registry: what partitions follow, and what was registered when.';
COMMENT ON COLUMN registry.revision IS 'its place among all changes of the registry, from 1, ascending';
COMMENT ON COLUMN registry.kind IS 'zone, zone_set, place, wearer, activation, order or absence';
COMMENT ON COLUMN registry.id IS 'its id among its kind; of an activation device/wearer/from';
COMMENT ON COLUMN registry.version IS 'counts the versions of the part, from 1; of an order the order''s own version';
COMMENT ON COLUMN registry.wearer IS 'whom it is about, where it is about somebody';
COMMENT ON COLUMN registry.wearer_crc32 IS 'CRC-32 of that: which partition follows it';
COMMENT ON COLUMN registry.replaced_by IS 'revision of the next version; null while it is the newest';
COMMENT ON COLUMN registry.at_ms IS 'when it was registered';
COMMENT ON COLUMN registry.actor IS 'by whom';
COMMENT ON COLUMN registry.reason IS 'the reason they gave';
COMMENT ON COLUMN registry.body IS 'what is registered (JSON); null where this version removed it';

CREATE TABLE registry_references (
    target   text   NOT NULL,
    revision bigint NOT NULL REFERENCES registry (revision) ON DELETE CASCADE,
    PRIMARY KEY (target, revision)
);
CREATE INDEX registry_references_of ON registry_references (revision);
COMMENT ON TABLE registry_references IS 'What each version points at, or is about.';
COMMENT ON COLUMN registry_references.target IS 'kind/id of a part, or device/id, or condition/id';
COMMENT ON COLUMN registry_references.revision IS 'the version that points at it';

CREATE TABLE registry_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint  NOT NULL
);
INSERT INTO registry_head (revision) VALUES (0);
COMMENT ON TABLE registry_head IS 'The registry''s newest revision; its row lock puts amendments in order. Numbers of what was erased are not given again.';
COMMENT ON COLUMN registry_head.only_row IS 'there is one';
COMMENT ON COLUMN registry_head.revision IS 'the newest revision; 0 before the first';
