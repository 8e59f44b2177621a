CREATE TABLE tokens (
    id           text    PRIMARY KEY,
    hash         bytea   NOT NULL,
    name         text    NOT NULL,
    role         text    NOT NULL,
    specials     boolean NOT NULL,
    created_ms   bigint  NOT NULL,
    created_by   text    NOT NULL,
    expires_ms   bigint,
    revoked_ms   bigint,
    last_used_ms bigint
);
COMMENT ON TABLE tokens IS 'What programs and people show to say who they are.';
COMMENT ON COLUMN tokens.id IS 'its public part';
COMMENT ON COLUMN tokens.hash IS 'SHA-256 of its secret, which is kept nowhere';
COMMENT ON COLUMN tokens.name IS 'whose it is';
COMMENT ON COLUMN tokens.role IS 'operator, police/FORCE, probation/REGION, desk/QUEUE, auditor or admin';
COMMENT ON COLUMN tokens.specials IS 'whether it shows the people whom only those named may see';
COMMENT ON COLUMN tokens.created_ms IS 'when it was made';
COMMENT ON COLUMN tokens.created_by IS 'by whom';
COMMENT ON COLUMN tokens.expires_ms IS 'from when on it is worth nothing';
COMMENT ON COLUMN tokens.revoked_ms IS 'when it was revoked';
COMMENT ON COLUMN tokens.last_used_ms IS 'when it was used last, to the minute';
