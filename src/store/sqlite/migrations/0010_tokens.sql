-- What programs and people show to say who they are.
CREATE TABLE tokens (
    id           TEXT    PRIMARY KEY, -- its public part
    hash         BLOB    NOT NULL,    -- SHA-256 of its secret, which is kept nowhere
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,    -- operator, police/staffordshire, desk/home-office
    specials     INTEGER NOT NULL,    -- 1: shows the people whom only those named may see
    created_ms   INTEGER NOT NULL,
    created_by   TEXT    NOT NULL,
    expires_ms   INTEGER,
    revoked_ms   INTEGER,
    last_used_ms INTEGER              -- to the minute
) STRICT, WITHOUT ROWID;
