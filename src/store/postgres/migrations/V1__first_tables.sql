-- Times are milliseconds since 1970-01-01T00:00:00Z (columns ending in _ms). A body is the JSON text
-- of what it stands for, as the documented formats have it: what a court can read. The columns
-- beside it repeat what is searched for.

CREATE TABLE partitions (
    partition     integer PRIMARY KEY,
    epoch         bigint  NOT NULL,
    position      bigint  NOT NULL DEFAULT 0,
    base_position bigint  NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE partitions IS 'Who may write a partition''s journal, and how far it goes. A commit under an older epoch is refused; its row lock puts commits to a partition in order.';
COMMENT ON COLUMN partitions.partition IS 'the partition';
COMMENT ON COLUMN partitions.epoch IS 'counts its owners; the newest one may write';
COMMENT ON COLUMN partitions.position IS 'the last journal position; 0 before the first';
COMMENT ON COLUMN partitions.base_position IS 'where the kept journal begins: the checkpoint of this position comes before it; 0 while all of it is kept';

CREATE TABLE devices (
    device           text PRIMARY KEY,
    newest_seq       bigint,
    newest_moment_ms bigint
) WITH (fillfactor = 50);
COMMENT ON TABLE devices IS 'Up to where each device''s readings are journaled: what is beyond is new for certain, what is not is looked up.';
COMMENT ON COLUMN devices.device IS 'the device';
COMMENT ON COLUMN devices.newest_seq IS 'its greatest sequence number; 64 unsigned bits, so negative from 2^63 on';
COMMENT ON COLUMN devices.newest_moment_ms IS 'the latest time observed among its readings without a sequence number';

CREATE TABLE readings (
    partition   integer NOT NULL,
    position    bigint  NOT NULL,
    at_ms       bigint  NOT NULL,
    kind        text    NOT NULL,
    device      text    NOT NULL,
    seq         bigint,
    observed_ms bigint  NOT NULL,
    wearer      text    NOT NULL,
    lat         double precision,
    lon         double precision,
    accuracy_m  double precision,
    body        text    NOT NULL,
    PRIMARY KEY (partition, position, at_ms)
) PARTITION BY RANGE (at_ms);
CREATE INDEX readings_by_sequence ON readings (device, seq) WHERE seq IS NOT NULL;
CREATE INDEX readings_by_moment ON readings (device, observed_ms, kind) WHERE seq IS NULL;
CREATE INDEX readings_of_wearer ON readings (wearer, at_ms, position);
CREATE INDEX readings_trail ON readings (wearer, observed_ms) WHERE lat IS NOT NULL;
CREATE INDEX readings_observed ON readings (observed_ms) WHERE lat IS NOT NULL;
COMMENT ON TABLE readings IS 'The journal''s readings: with policy_changes the inputs of every engine, the truth everything else can be derived from. In parts by the UTC day of at_ms, readings_<day>.';
COMMENT ON COLUMN readings.partition IS 'the partition whose journal it is';
COMMENT ON COLUMN readings.position IS 'place in the partition''s journal, from 1, without gaps, shared with policy_changes';
COMMENT ON COLUMN readings.at_ms IS 'engine time at which it was handed over';
COMMENT ON COLUMN readings.kind IS 'kind of reading; of an event its code too: event:strap_cut; erased where nothing but its place is left';
COMMENT ON COLUMN readings.device IS 'the device that reported it';
COMMENT ON COLUMN readings.seq IS 'the device''s running number; 64 unsigned bits, so negative from 2^63 on';
COMMENT ON COLUMN readings.observed_ms IS 'when the device says it happened';
COMMENT ON COLUMN readings.wearer IS 'who wore the device at the time observed';
COMMENT ON COLUMN readings.lat IS 'of a position: WGS 84 latitude in degrees';
COMMENT ON COLUMN readings.lon IS 'of a position: WGS 84 longitude in degrees';
COMMENT ON COLUMN readings.accuracy_m IS 'of a position: its reported accuracy in metres';
COMMENT ON COLUMN readings.body IS 'the reading (JSON)';

CREATE TABLE policy_changes (
    partition integer NOT NULL,
    position  bigint  NOT NULL,
    at_ms     bigint  NOT NULL,
    body      text,
    PRIMARY KEY (partition, position)
);
CREATE INDEX policy_changes_by_time ON policy_changes (at_ms, partition, position);
COMMENT ON TABLE policy_changes IS 'The journal''s changes of registry and rules. Kept for ever: directory and profiles are rebuilt from them.';
COMMENT ON COLUMN policy_changes.partition IS 'the partition whose journal it is';
COMMENT ON COLUMN policy_changes.position IS 'place in the partition''s journal, shared with readings';
COMMENT ON COLUMN policy_changes.at_ms IS 'engine time at which it was handed over';
COMMENT ON COLUMN policy_changes.body IS 'the change (JSON); null where it was erased';

CREATE TABLE stream (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    newest_event bigint  NOT NULL
);
INSERT INTO stream (newest_event) VALUES (0);
COMMENT ON TABLE stream IS 'The live stream''s counter. Its row lock, taken last in a commit and held to its end, makes events visible in the order of their numbers.';
COMMENT ON COLUMN stream.only_row IS 'there is one';
COMMENT ON COLUMN stream.newest_event IS 'the number of the newest event; 0 before the first';

CREATE TABLE decisions (
    event        bigint  PRIMARY KEY,
    alert        text    NOT NULL,
    revision     bigint  NOT NULL,
    phase        text    NOT NULL,
    decided_ms   bigint  NOT NULL,
    severity     text    NOT NULL,
    notify_by_ms bigint,
    recipients   text    NOT NULL,
    body         text    NOT NULL,
    UNIQUE (alert, revision)
);
COMMENT ON TABLE decisions IS 'Every decision, in the order of commit.';
COMMENT ON COLUMN decisions.event IS 'its number in the live stream, from 1, ascending';
COMMENT ON COLUMN decisions.alert IS 'the alert it is about';
COMMENT ON COLUMN decisions.revision IS 'counts the decisions about an alert, from 1';
COMMENT ON COLUMN decisions.phase IS 'opened, updated, amended, cleared or withdrawn';
COMMENT ON COLUMN decisions.decided_ms IS 'when it was decided';
COMMENT ON COLUMN decisions.severity IS 'how urgent, as routing had it';
COMMENT ON COLUMN decisions.notify_by_ms IS 'by when the first recipient must have been told';
COMMENT ON COLUMN decisions.recipients IS 'names of the queues it went to (JSON array)';
COMMENT ON COLUMN decisions.body IS 'the decision (JSON)';

CREATE TABLE alerts (
    alert      text   PRIMARY KEY,
    wearer     text   NOT NULL,
    kind       text   NOT NULL,
    state      text   NOT NULL CHECK (state IN ('open', 'cleared', 'withdrawn')),
    opened_ms  bigint NOT NULL,
    changed_ms bigint NOT NULL,
    event      bigint NOT NULL REFERENCES decisions (event)
);
CREATE INDEX alerts_by_change ON alerts (changed_ms, event);
CREATE INDEX alerts_by_state ON alerts (state, changed_ms, event);
CREATE INDEX alerts_by_wearer ON alerts (wearer, changed_ms, event);
CREATE INDEX alerts_by_kind ON alerts (kind, changed_ms, event);
COMMENT ON TABLE alerts IS 'One row per alert, as it stands after its newest decision.';
COMMENT ON COLUMN alerts.alert IS 'the alert';
COMMENT ON COLUMN alerts.wearer IS 'whom it is about';
COMMENT ON COLUMN alerts.kind IS 'what was concluded';
COMMENT ON COLUMN alerts.state IS 'open, cleared or withdrawn';
COMMENT ON COLUMN alerts.opened_ms IS 'decided time of its first decision';
COMMENT ON COLUMN alerts.changed_ms IS 'decided time of its newest decision';
COMMENT ON COLUMN alerts.event IS 'its newest decision';

CREATE TABLE queues (
    recipient    text   PRIMARY KEY,
    acknowledged bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE queues IS 'The queues that ever held something.';
COMMENT ON COLUMN queues.recipient IS 'whose queue';
COMMENT ON COLUMN queues.acknowledged IS 'notifications acknowledged, counted here so that a look need not count a history';

CREATE TABLE notifications (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              text   NOT NULL UNIQUE,
    recipient       text   NOT NULL,
    wearer          text   NOT NULL,
    alert           text   NOT NULL,
    revision        bigint NOT NULL,
    severity        text   NOT NULL,
    notify_by_ms    bigint,
    decided_ms      bigint NOT NULL,
    state           text   NOT NULL DEFAULT 'ready'
                    CHECK (state IN ('ready', 'leased', 'delayed', 'acknowledged')),
    due_ms          bigint,
    attempt         bigint NOT NULL DEFAULT 0,
    acknowledged_ms bigint,
    body            text   NOT NULL
);
CREATE INDEX notifications_ready ON notifications (recipient, number, wearer)
    WHERE state = 'ready';
CREATE INDEX notifications_due ON notifications (recipient, due_ms)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_of_wearer ON notifications (recipient, wearer, number)
    WHERE state IN ('leased', 'delayed');
CREATE INDEX notifications_of_decision ON notifications (alert, revision);
CREATE INDEX notifications_oldest ON notifications (recipient, decided_ms)
    WHERE state <> 'acknowledged';
COMMENT ON TABLE notifications IS 'What waits in the queues, and what was acknowledged.';
COMMENT ON COLUMN notifications.number IS 'the order within a queue';
COMMENT ON COLUMN notifications.id IS 'the notification, derived from alert, revision and recipient';
COMMENT ON COLUMN notifications.recipient IS 'whose queue';
COMMENT ON COLUMN notifications.wearer IS 'whom it is about: one wearer''s are handed out in order';
COMMENT ON COLUMN notifications.alert IS 'the alert';
COMMENT ON COLUMN notifications.revision IS 'which decision about it';
COMMENT ON COLUMN notifications.severity IS 'how urgent';
COMMENT ON COLUMN notifications.notify_by_ms IS 'by when the first recipient must have been told';
COMMENT ON COLUMN notifications.decided_ms IS 'when it was decided';
COMMENT ON COLUMN notifications.state IS 'ready, leased, delayed or acknowledged; past due_ms as good as ready';
COMMENT ON COLUMN notifications.due_ms IS 'leased: the lease ends; delayed: claimable again; else null';
COMMENT ON COLUMN notifications.attempt IS 'times handed out';
COMMENT ON COLUMN notifications.acknowledged_ms IS 'when it was acknowledged';
COMMENT ON COLUMN notifications.body IS 'the notification (JSON)';

CREATE TABLE deliveries (
    notification text   NOT NULL REFERENCES notifications (id),
    attempt      bigint NOT NULL,
    consumer     text   NOT NULL,
    claimed_ms   bigint NOT NULL,
    lease_ms     bigint NOT NULL,
    outcome      text   CHECK (outcome IN ('acknowledged', 'given_back')),
    settled_ms   bigint,
    reason       text,
    PRIMARY KEY (notification, attempt)
);
COMMENT ON TABLE deliveries IS 'Every handing-out: who was given what, when, and what came of it.';
COMMENT ON COLUMN deliveries.notification IS 'the notification handed out';
COMMENT ON COLUMN deliveries.attempt IS 'which handing-out of it, from 1';
COMMENT ON COLUMN deliveries.consumer IS 'who took it';
COMMENT ON COLUMN deliveries.claimed_ms IS 'when';
COMMENT ON COLUMN deliveries.lease_ms IS 'the lease ends';
COMMENT ON COLUMN deliveries.outcome IS 'acknowledged or given_back; null while leased, and after a lease that ran out';
COMMENT ON COLUMN deliveries.settled_ms IS 'when it was settled';
COMMENT ON COLUMN deliveries.reason IS 'why it was given back';

CREATE TABLE checkpoints (
    partition integer NOT NULL,
    position  bigint  NOT NULL,
    at_ms     bigint  NOT NULL,
    snapshot  bytea   NOT NULL,
    PRIMARY KEY (partition, position)
);
COMMENT ON TABLE checkpoints IS 'Snapshots of engines: shortcuts, never the truth.';
COMMENT ON COLUMN checkpoints.partition IS 'the partition';
COMMENT ON COLUMN checkpoints.position IS 'the last journal position covered';
COMMENT ON COLUMN checkpoints.at_ms IS 'engine time of the snapshot';
COMMENT ON COLUMN checkpoints.snapshot IS 'the engine''s own form of its state';

CREATE TABLE dead_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_ms bigint NOT NULL,
    topic       text   NOT NULL,
    reason      text   NOT NULL,
    detail      text   NOT NULL,
    payload     bytea  NOT NULL
);
COMMENT ON TABLE dead_letters IS 'Messages, or parts of them, that could not be used.';
COMMENT ON COLUMN dead_letters.id IS 'counts them';
COMMENT ON COLUMN dead_letters.received_ms IS 'when it was taken in';
COMMENT ON COLUMN dead_letters.topic IS 'the topic it came on';
COMMENT ON COLUMN dead_letters.reason IS 'why it could not be used';
COMMENT ON COLUMN dead_letters.detail IS 'the reason in words';
COMMENT ON COLUMN dead_letters.payload IS 'the bytes of the message, all of them';

CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms   bigint NOT NULL,
    actor   text   NOT NULL,
    action  text   NOT NULL,
    subject text   NOT NULL,
    reason  text
);
COMMENT ON TABLE audit IS 'Who was shown what about whom, and why.';
COMMENT ON COLUMN audit.id IS 'counts the entries';
COMMENT ON COLUMN audit.at_ms IS 'when';
COMMENT ON COLUMN audit.actor IS 'who asked';
COMMENT ON COLUMN audit.action IS 'what they did';
COMMENT ON COLUMN audit.subject IS 'about which alert, wearer or queue';
COMMENT ON COLUMN audit.reason IS 'the reason they gave';
