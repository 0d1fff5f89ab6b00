-- Switchboard: the schema of the file, by subject.
--
-- The log is written; the state follows. Inserting a row into `transition` is the only way to move a conversation:
-- a trigger checks it against the edges of its lifecycle and then updates `conversation`. Every other change is a row
-- of `change`. Rows of the log name the open entry; the row of `entry` is written last, with a hash over these rows
-- and the previous entry, and closes it. So even another SQLite program cannot move a conversation off its graph or
-- change it without a trace.
--
-- Each subject keeps its table, its rules, the triggers that apply the log to it, and its view together. Rules are
-- BEFORE triggers, which refuse; AFTER triggers apply the log to the state. A refusal is a literal, `code: message`,
-- with a code of the language. Columns that only derive from the log and decide nothing (the figures of a
-- conversation) have no rule: VERIFY JOURNAL recomputes every state table from the log and reports any difference.
--
-- Tables have singular names; SELECT may read the views with plural names. Timestamps (`…at`) are integers, ms since
-- 1970 UTC; durations end in `_ms`.

PRAGMA application_id = 1398227524;   -- 'SWBD'
PRAGMA user_version = 4;              -- the format


-- 1. Closed lists ----------------------------------------------------------------------------------------

-- The format in which the file was created and the digest of its built-in rows at that time: the hash that precedes
-- the first entry. The row is written when the file is created; then the table is read-only.
CREATE TABLE genesis (
    format  INTEGER NOT NULL PRIMARY KEY,
    digest  BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

-- How customers reach the contact centre. `record` is a work item without a live customer; all others are messaging.
CREATE TABLE channel (
    channel    TEXT NOT NULL PRIMARY KEY,
    messaging  INTEGER NOT NULL CHECK (messaging IN (0, 1))
) STRICT, WITHOUT ROWID;

INSERT INTO channel (channel, messaging) VALUES
    ('chat', 1), ('sms', 1), ('social', 1), ('email', 1), ('voice', 1), ('record', 0);

-- What a state means to the program.
CREATE TABLE phase (
    phase          TEXT NOT NULL PRIMARY KEY,
    position       INTEGER NOT NULL,
    holds_agent    INTEGER NOT NULL CHECK (holds_agent IN (0, 1)),     -- a conversation in this phase has an agent
    uses_capacity  INTEGER NOT NULL CHECK (uses_capacity IN (0, 1)),   -- and uses units of that agent's capacity
    waits          INTEGER NOT NULL CHECK (waits IN (0, 1)),           -- may be picked
    meaning        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO phase (phase, position, holds_agent, uses_capacity, waits, meaning) VALUES
    ('bot',          1, 0, 0, 0, 'served by a bot or a script'),
    ('queued',       2, 0, 0, 1, 'waiting for an agent'),
    ('dispatching',  3, 0, 0, 1, 'waiting, in the pool that the router takes from'),
    ('active',       4, 1, 1, 0, 'served by an agent'),
    ('held',         5, 1, 1, 0, 'on hold'),
    ('parked',       6, 0, 0, 0, 'set aside until the customer or the agent returns'),
    ('departed',     7, 1, 1, 0, 'the customer has left; the agent is still there'),
    ('wrapup',       8, 1, 1, 0, 'after-work; uses units as set by wrapup_capacity of the workstream'),
    ('closing',      9, 0, 0, 0, 'finished; housekeeping is due immediately'),
    ('closed',      10, 0, 0, 0, 'final; no edge leaves it');

-- Why a conversation moved. The position orders timers that are due at the same time.
CREATE TABLE event (
    event     TEXT NOT NULL PRIMARY KEY,
    position  INTEGER NOT NULL,
    driver    TEXT NOT NULL   -- who causes it
) STRICT, WITHOUT ROWID;

INSERT INTO event (event, position, driver) VALUES
    ('open', 1, 'opening'), ('open_queued', 2, 'opening'),
    ('pick', 3, 'agent'), ('accept', 4, 'agent'), ('release', 5, 'agent'), ('wait', 6, 'agent'), ('close', 7, 'agent'),
    ('revive', 8, 'agent'), ('hold', 9, 'agent'), ('resume', 10, 'agent'), ('end', 11, 'agent'),
    ('assign', 12, 'supervisor'), ('assign_queue', 13, 'supervisor'), ('transfer_agent', 14, 'supervisor'),
    ('transfer_queue', 15, 'supervisor'), ('force_close', 16, 'supervisor'),
    ('push', 17, 'router'), ('dispatch', 18, 'router'), ('requeue', 19, 'router'),
    ('customer_end', 20, 'customer'), ('customer_leave', 21, 'customer'), ('customer_return', 22, 'customer'),
    ('start_script', 23, 'bot'), ('end_script', 24, 'bot'), ('leave_script', 25, 'bot'), ('request_agent', 26, 'bot'),
    ('bot_end', 27, 'bot'),
    ('queue_timeout', 28, 'timer'), ('customer_timeout', 29, 'timer'), ('agent_timeout', 30, 'timer'),
    ('response_timeout', 31, 'timer'), ('inactivity_timeout', 32, 'timer'), ('hold_timeout', 33, 'timer'),
    ('waiting_timeout', 34, 'timer'), ('wrapup_timeout', 35, 'timer'), ('housekeep', 36, 'timer');

-- The kinds of timers: the events that are timeouts, and two that cause no event. The position orders timers that are
-- due at the same time, as that of the events does.
CREATE TABLE timer_kind (
    timer     TEXT NOT NULL PRIMARY KEY,
    position  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO timer_kind (timer, position) SELECT event, position FROM event WHERE driver = 'timer';
INSERT INTO timer_kind (timer, position) VALUES
    ('offer_timeout', 37),      -- an offer was not answered
    ('wrapup_capacity', 38);    -- after-work no longer uses units

-- What a row of `change` may say, its values, and the table that it is applied to. `initial` is the value of a setting
-- until it is set (null: none).
CREATE TABLE change_kind (
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    follows   TEXT NOT NULL,
    item      TEXT NOT NULL,                                 -- what `item` is: agent, channel, timer, person; '' for none
    value     TEXT NOT NULL CHECK (value IN ('none', 'integer', 'text', 'choice', 'id', 'digest')),
    optional  INTEGER NOT NULL CHECK (optional IN (0, 1)),   -- null is allowed
    minimum   INTEGER NOT NULL,                              -- of an integer, or of the length of a text in characters
    maximum   INTEGER NOT NULL,
    choices   TEXT NOT NULL,                                 -- a|b|c; for an integer, words that are allowed instead
    initial   ANY,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

INSERT INTO change_kind (kind, name, follows, item, value, optional, minimum, maximum, choices, initial) VALUES
    ('site',         'time_zone',          'setting', '', 'text',    0, 1, 64, '', 'UTC'),
    ('site',         'retention',          'setting', '', 'integer', 0, 2592000000, 3153600000000, 'off', 'off'),
    ('site',         'upgraded',           'setting', '', 'digest',  0, 32, 32, '', NULL),   -- of the built-in rows of the new format
    ('site',         'left',               'setting', '', 'text',    0, 36, 36, '', NULL),   -- the id of the shared log that the file does not follow any more
    ('queue',        'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('queue',        'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('queue',        'priority',           'setting', '', 'integer', 0, -1000000, 1000000, '', 100),     -- smaller first
    ('queue',        'service_level',      'setting', '', 'integer', 0, 0, 86400000, '', 20000),
    ('queue',        'short_abandon',      'setting', '', 'integer', 0, 0, 86400000, '', 5000),
    ('queue',        'method',             'setting', '', 'choice',  0, 0, 0, 'highest_capacity|round_robin|least_active', 'highest_capacity'),
    ('agent',        'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('agent',        'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('agent',        'name',               'setting', '', 'text',    1, 1, 200, '', NULL),               -- the display name
    ('agent',        'capacity',           'setting', '', 'integer', 0, 0, 1000000, '', 3),              -- in units
    ('agent',        'presence',           'setting', '', 'choice',  0, 0, 0, 'available|busy|dnd|away|offline|inactive', 'offline'),
    ('agent',        'skills',             'setting', '', 'text',    1, 1, 1000, '', NULL),              -- 'billing:4, spanish'
    ('agent',        'login',              'setting', '', 'text',    1, 1, 64, '', NULL),                -- the operating-system user
    ('agent',        'connected',          'setting', '', 'choice',  0, 0, 0, 'on|off', 'on'),
    ('agent',        'offline_at',         'setting', '', 'integer', 1, -62167219200000, 253402300799999, '', NULL),   -- null: not disconnected
    ('supervisor',   'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('supervisor',   'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('supervisor',   'name',               'setting', '', 'text',    1, 1, 200, '', NULL),
    ('supervisor',   'login',              'setting', '', 'text',    1, 1, 64, '', NULL),
    ('service',      'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('service',      'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('service',      'login',              'setting', '', 'text',    1, 1, 64, '', NULL),
    ('report',       'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('report',       'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('report',       'sql',                'setting', '', 'id',      0, 1, 9223372036854775807, '', NULL),   -- the text that holds its SELECT
    ('workstream',   'created',            'object',  '', 'text',    0, 1, 64, '', NULL),
    ('workstream',   'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('workstream',   'channel',            'setting', '', 'choice',  0, 0, 0, 'chat|sms|social|email|voice|record', NULL),   -- fixed once used
    ('workstream',   'lifecycle',          'setting', '', 'id',      0, -9223372036854775807, 9223372036854775807, '', NULL),   -- fixed once used
    ('workstream',   'queue',              'setting', '', 'id',      0, 1, 9223372036854775807, '', NULL),
    ('workstream',   'mode',               'setting', '', 'choice',  0, 0, 0, 'pick|push', 'pick'),
    ('workstream',   'units',              'setting', '', 'integer', 0, 0, 1000000, '', 1),
    ('workstream',   'bot',                'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),
    ('workstream',   'presences',          'setting', '', 'text',    0, 1, 64, '', 'available, busy'),
    ('workstream',   'skills',             'setting', '', 'choice',  0, 0, 0, 'exact|closest', 'exact'),
    ('workstream',   'wrapup',             'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),
    ('workstream',   'wrapup_capacity',    'setting', '', 'integer', 0, 1000, 3153600000000, 'always|never', 'always'),
    ('workstream',   'reconnect',          'setting', '', 'integer', 0, 1000, 3153600000000, 'off', 'off'),
    ('workstream',   'prefer_last_agent',  'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),
    ('workstream',   'relaxed_skills',     'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),
    ('workstream',   'offers',             'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),
    ('workstream',   'dispatch_limit',     'setting', '', 'integer', 0, 0, 1000000, '', 3),
    ('workstream',   'transfer_presences', 'setting', '', 'choice',  1, 0, 0, 'allowed|any', NULL),      -- null: that of the lifecycle
    ('workstream',   'sentiment',          'setting', '', 'choice',  0, 0, 0, 'on|off', 'on'),
    ('workstream',   'queue_timeout',      'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),   -- null: that of the lifecycle, for every timeout
    ('workstream',   'customer_timeout',   'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'agent_timeout',      'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'response_timeout',   'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'inactivity_timeout', 'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'hold_timeout',       'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'waiting_timeout',    'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'wrapup_timeout',     'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('workstream',   'offer_timeout',      'setting', '', 'integer', 1, 1000, 3153600000000, 'off', NULL),
    ('lifecycle',    'created',            'object',  '', 'text',    0, 1, 64, '', NULL),    -- followed by its options, states and edges, and finally
    ('lifecycle',    'digest',             'setting', '', 'digest',  0, 32, 32, '', NULL),   -- their digest
    ('lifecycle',    'dropped',            'object',  '', 'none',    0, 0, 0, '', NULL),
    ('lifecycle',    'one_per_customer',   'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),          -- customers join their open conversation
    ('lifecycle',    'ends_by_sessions',   'setting', '', 'choice',  0, 0, 0, 'off|on', 'off'),          -- the end of the last session is customer_leave
    ('lifecycle',    'customer_timeout',   'setting', '', 'integer', 1, 1000, 3153600000000, '', NULL),  -- in states without such an edge
    ('lifecycle',    'transfer_presences', 'setting', '', 'choice',  0, 0, 0, 'allowed|any', 'allowed'),
    ('member',       'joined',             'queue_member', 'agent', 'none', 0, 0, 0, '', NULL),
    ('member',       'left',               'queue_member', 'agent', 'none', 0, 0, 0, '', NULL),
    ('conversation', 'subject',            'conversation', '', 'id',      1, 1, 9223372036854775807, '', NULL),   -- a text
    ('conversation', 'priority',           'conversation', '', 'integer', 0, -1000000, 1000000, '', NULL),
    ('conversation', 'skills',             'conversation', '', 'text',    1, 1, 1000, '', NULL),
    ('conversation', 'sentiment',          'conversation', '', 'choice',  1, 0, 0, 'very negative|negative|neutral|positive|very positive', NULL),
    ('conversation', 'units',              'conversation', '', 'integer', 0, 0, 0, '', NULL),            -- after-work no longer uses units
    ('conversation', 'archived',           'conversation', '', 'integer', 0, -9223372036854775808, 9223372036854775807, '', NULL),   -- a short digest of the archive
    ('conversation', 'unpacked',           'conversation', '', 'integer', 0, 0, 9223372036854775807, '', NULL),   -- bodies stay in `text`; their bytes
    ('conversation', 'purged',             'conversation', '', 'none',    0, 0, 0, '', NULL),            -- bodies, sessions, guests, statements
    ('session',      'connected',          'channel_session', 'channel', 'none', 0, 0, 0, '', NULL),
    ('session',      'disconnected',       'channel_session', 'channel', 'none', 0, 0, 0, '', NULL),
    ('session',      'ended',              'channel_session', 'channel', 'none', 0, 0, 0, '', NULL),
    ('offer',        'made',               'offer', 'agent', 'integer', 0, 0, 1000000, '', NULL),        -- the units reserved for it
    ('offer',        'accepted',           'offer', 'agent', 'none',    0, 0, 0, '', NULL),
    ('offer',        'declined',           'offer', 'agent', 'none',    0, 0, 0, '', NULL),
    ('offer',        'missed',             'offer', 'agent', 'none',    0, 0, 0, '', NULL),
    ('offer',        'withdrawn',          'offer', 'agent', 'none',    0, 0, 0, '', NULL),
    ('participant',  'joined',             'participant', 'person', 'choice', 0, 0, 0, 'consultant|monitor|bot', NULL),
    ('participant',  'left',               'participant', 'person', 'none',   0, 0, 0, '', NULL),
    ('timer',        'started',            'timer', 'timer', 'integer', 0, -62167219200000, 253402300799999, '', NULL),   -- when it is due
    ('timer',        'paused',             'timer', 'timer', 'integer', 0, 0, 9223372036854775807, '', NULL),   -- the time that was left
    ('timer',        'stopped',            'timer', 'timer', 'none',    0, 0, 0, '', NULL),
    ('text',         'erased',             'text', '', 'digest', 0, 32, 32, '', NULL),       -- the salted digest of the erased text
    ('customer',     'erased',             'customer', '', 'digest', 0, 32, 32, '', NULL),
    ('customer',     'merged',             'handle', '', 'id',     0, 1, 9223372036854775807, '', NULL),   -- all its handles belong to that customer
    ('customer',     'removed',            'handle', '', 'none',   0, 0, 0, '', NULL),         -- the handle no longer names anybody
    ('customer',     'name',               'setting', '', 'id',    1, 1, 9223372036854775807, '', NULL),   -- a text
    ('key',          'erased',             'key', '', 'digest', 0, 32, 32, '', NULL),
    ('entry',        'purged',             'entry', '', 'digest', 0, 32, 32, '', NULL);      -- the digest of the purged statement

CREATE TRIGGER genesis_insert BEFORE INSERT ON genesis WHEN EXISTS (SELECT 1 FROM genesis) BEGIN SELECT RAISE(ABORT, 'unlogged: table genesis is read-only'); END;
CREATE TRIGGER genesis_update BEFORE UPDATE ON genesis BEGIN SELECT RAISE(ABORT, 'unlogged: table genesis is read-only'); END;
CREATE TRIGGER genesis_delete BEFORE DELETE ON genesis BEGIN SELECT RAISE(ABORT, 'unlogged: table genesis is read-only'); END;
CREATE TRIGGER channel_insert BEFORE INSERT ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: table channel is read-only'); END;
CREATE TRIGGER channel_update BEFORE UPDATE ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: table channel is read-only'); END;
CREATE TRIGGER channel_delete BEFORE DELETE ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: table channel is read-only'); END;
CREATE TRIGGER phase_insert BEFORE INSERT ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: table phase is read-only'); END;
CREATE TRIGGER phase_update BEFORE UPDATE ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: table phase is read-only'); END;
CREATE TRIGGER phase_delete BEFORE DELETE ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: table phase is read-only'); END;
CREATE TRIGGER event_insert BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'unlogged: table event is read-only'); END;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'unlogged: table event is read-only'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'unlogged: table event is read-only'); END;
CREATE TRIGGER timer_kind_insert BEFORE INSERT ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table timer_kind is read-only'); END;
CREATE TRIGGER timer_kind_update BEFORE UPDATE ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table timer_kind is read-only'); END;
CREATE TRIGGER timer_kind_delete BEFORE DELETE ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table timer_kind is read-only'); END;
CREATE TRIGGER change_kind_insert BEFORE INSERT ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table change_kind is read-only'); END;
CREATE TRIGGER change_kind_update BEFORE UPDATE ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table change_kind is read-only'); END;
CREATE TRIGGER change_kind_delete BEFORE DELETE ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: table change_kind is read-only'); END;


-- 2. The log: append-only, entry by entry ----------------------------------------------------------------
--
-- Numbers have no gaps and timestamps never decrease, so a timestamp is a position in the log. A row can be added only
-- to the open entry, whose number is one more than that of the last row of `entry`.

-- What one statement changed. `statement` is canonical and contains no handle, text or key: these are in `customer`,
-- `text` and `key` and are cited as :customer_5, :text_17, :key_30. The column `key` is always null; it is of format 1.
-- `hash` is SHA-256 over version, number, timestamp, actor, digest of the statement, changes and the previous hash.
CREATE TABLE entry (
    seq         INTEGER NOT NULL PRIMARY KEY,
    at          INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL CHECK (actor_kind = 'agent' OR actor_kind = 'supervisor' OR actor_kind = 'service' OR actor_kind = 'customer'
        OR actor_kind = 'bot' OR actor_kind = 'router' OR actor_kind = 'timer' OR actor_kind = 'other' OR actor_kind = 'upgrade'),
    actor       TEXT,
    statement   TEXT,                                          -- null once purged
    digest      BLOB CHECK (length(digest) = 32),              -- that of a purged statement
    key         TEXT CHECK (length(key) BETWEEN 1 AND 255),    -- the statement's KEY, by which a retry is recognized
    hash        BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Keys, handles and what people wrote are stored once, outside the chain. The chain covers their salted digests, so they
-- can be erased. The digest is stored when that happens; until then it is computed from salt and text. A purged text names
-- the message through which it was purged, as an archived one does.

-- The KEY of an entry's statement, by which a retry is recognized.
CREATE TABLE key (
    entry   INTEGER NOT NULL PRIMARY KEY,
    salt    BLOB CHECK (length(salt) = 16),                    -- null in entries of format 1, whose hash covers the key itself
    key     TEXT CHECK (length(key) BETWEEN 1 AND 255),
    lookup  BLOB CHECK (length(lookup) = 16),                  -- a digest of the actor's name and the key
    digest  BLOB CHECK (length(digest) = 32)
) STRICT;
CREATE UNIQUE INDEX key_lookup ON key (lookup) WHERE lookup IS NOT NULL;

-- A customer's handle, as it was first written. Whose it is now is in `handle`.
CREATE TABLE customer (
    id      INTEGER NOT NULL PRIMARY KEY,
    entry   INTEGER NOT NULL,
    salt    BLOB CHECK (length(salt) = 16),
    handle  TEXT CHECK (length(handle) BETWEEN 1 AND 255),
    digest  BLOB CHECK (length(digest) = 32)
) STRICT;

CREATE TABLE text (
    id       INTEGER NOT NULL PRIMARY KEY,
    entry    INTEGER NOT NULL,
    salt     BLOB CHECK (length(salt) = 16),
    body     TEXT CHECK (length(CAST(body AS BLOB)) <= 1048576),
    digest   BLOB CHECK (length(digest) = 32),
    message  INTEGER                                           -- once archived: the message whose conversation's archive holds it
) STRICT;

-- The opening of a conversation: what never changes about it. `customer` is the handle that was given.
CREATE TABLE opening (
    id           INTEGER NOT NULL PRIMARY KEY,
    entry        INTEGER NOT NULL,
    topic        BLOB NOT NULL CHECK (length(topic) = 16),    -- the random public id, a UUID
    workstream   INTEGER NOT NULL,
    lifecycle    INTEGER NOT NULL,                             -- that of the workstream at that time
    customer     INTEGER NOT NULL,
    subject      INTEGER,                                      -- a text
    priority     INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000000 AND 1000000),
    skills       TEXT CHECK (length(skills) BETWEEN 1 AND 1000),
    predecessor  INTEGER,                                      -- the conversation that the customer returned from
    at           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX opening_topic ON opening (topic);
CREATE INDEX opening_customer ON opening (customer, workstream, id);

-- A move from the conversation's state, agent and queue to others; the first one has no source.
CREATE TABLE transition (
    seq           INTEGER NOT NULL PRIMARY KEY,
    entry         INTEGER NOT NULL,
    conversation  INTEGER NOT NULL,
    event         TEXT NOT NULL,
    from_state    TEXT,
    to_state      TEXT NOT NULL,
    to_phase      TEXT NOT NULL,
    from_agent    INTEGER,
    to_agent      INTEGER,
    from_queue    INTEGER,
    to_queue      INTEGER NOT NULL,
    units         INTEGER NOT NULL,                            -- units of to_agent that it uses from now on
    actor_kind    TEXT NOT NULL CHECK (actor_kind = 'agent' OR actor_kind = 'supervisor' OR actor_kind = 'service' OR actor_kind = 'customer'
        OR actor_kind = 'bot' OR actor_kind = 'router' OR actor_kind = 'timer' OR actor_kind = 'other'),
    actor         TEXT,
    reason        INTEGER,                                     -- a text
    override      INTEGER NOT NULL DEFAULT 0 CHECK (override IN (0, 1)),
    at            INTEGER NOT NULL                             -- when it takes effect; the entry's timestamp is when it was written
) STRICT;
CREATE INDEX transition_conversation ON transition (conversation, seq);
-- Who was last given a conversation of a queue: whose turn it is.
CREATE INDEX transition_taken ON transition (to_queue, to_agent, seq) WHERE to_agent IS NOT NULL AND from_agent IS NOT to_agent;

-- Messages, notes and system messages of a conversation. An automatic message is nobody's answer.
CREATE TABLE message (
    id            INTEGER NOT NULL PRIMARY KEY,
    entry         INTEGER NOT NULL,
    conversation  INTEGER NOT NULL,
    author_kind   TEXT NOT NULL CHECK (author_kind = 'customer' OR author_kind = 'agent' OR author_kind = 'supervisor' OR author_kind = 'service'
        OR author_kind = 'bot' OR author_kind = 'system' OR author_kind = 'other'),
    author        TEXT,
    kind          TEXT NOT NULL CHECK (kind = 'text' OR kind = 'note' OR kind = 'automatic' OR kind = 'system'),
    text          INTEGER,
    system        TEXT,                                        -- the body of a message of kind system
    at            INTEGER NOT NULL,
    CHECK ((kind = 'system') = (system IS NOT NULL) AND (kind = 'system') = (text IS NULL))
) STRICT;
CREATE INDEX message_conversation ON message (conversation, id);

-- Every other change: one value of an object or, where it has several, of one item of it.
CREATE TABLE change (
    seq               INTEGER NOT NULL PRIMARY KEY,
    entry             INTEGER NOT NULL,
    kind              TEXT NOT NULL,
    object            INTEGER NOT NULL,
    item              ANY,
    name              TEXT NOT NULL,
    value             ANY,
    at                INTEGER NOT NULL,
    after_transition  INTEGER NOT NULL     -- the last transition before it (0: none), which orders the two tables
) STRICT;
CREATE INDEX change_object ON change (object, kind, seq);

-- The last row of `change` while its entry is open and no transition came after it: the only change that may be applied
-- to the state. A later effect is refused, because the log would no longer agree with the state in between.
CREATE VIEW newest_change AS
    SELECT * FROM change WHERE seq = (SELECT max(seq) FROM change) AND entry > (SELECT coalesce(max(seq), 0) FROM entry)
        AND after_transition = (SELECT coalesce(max(seq), 0) FROM transition);

-- Rows of the log that were not applied to the state. Rules ask about the last row only: earlier ones may have been
-- superseded. A temporary trigger can run between a row and its effect, or suppress the effect (RAISE(IGNORE)); then no
-- other row is accepted and the entry cannot be closed.
CREATE VIEW unapplied_transition AS
    SELECT last.seq, last.entry
    FROM transition AS last
    LEFT JOIN conversation ON conversation.id = last.conversation
    WHERE conversation.transition IS NOT last.seq OR EXISTS (SELECT 1 FROM timer
        WHERE timer.conversation = last.conversation AND (timer.visit < conversation.visit OR conversation.phase = 'closed'));
CREATE VIEW unapplied_change AS
    SELECT last.seq, last.entry
    FROM change AS last
    WHERE CASE last.kind
        WHEN 'timer' THEN (SELECT change FROM timer WHERE conversation = last.object AND timer = last.item)
            IS NOT iif(last.name = 'stopped', NULL, last.seq)
            AND (SELECT visit FROM conversation WHERE id = last.object) <= last.after_transition   -- it ended with its state
        WHEN 'session' THEN (SELECT change FROM channel_session WHERE conversation = last.object AND channel = last.item) IS NOT last.seq
        WHEN 'conversation' THEN (SELECT change FROM conversation WHERE id = last.object) IS NOT last.seq
            OR last.name = 'archived' AND (SELECT change FROM archive WHERE conversation = last.object) IS NOT last.seq
            OR last.name = 'purged' AND (EXISTS (SELECT 1 FROM archive WHERE conversation = last.object)
                OR EXISTS (SELECT 1 FROM message JOIN text ON text.id = message.text LEFT JOIN message AS kept ON kept.id = text.message
                    WHERE message.conversation = last.object AND text.salt IS NOT NULL AND coalesce(kept.conversation, last.object) = last.object))
        WHEN 'participant' THEN (SELECT change FROM participant WHERE conversation = last.object AND name = last.item) IS NOT last.seq
        WHEN 'offer' THEN (SELECT change FROM offer WHERE conversation = last.object) IS NOT iif(last.name = 'made', last.seq, NULL)
        WHEN 'member' THEN (SELECT change FROM queue_member WHERE queue = last.object AND agent = last.item) IS NOT last.seq
        WHEN 'text' THEN (SELECT digest FROM text WHERE id = last.object) IS NULL
        WHEN 'customer' THEN CASE last.name
            WHEN 'erased' THEN (SELECT digest FROM customer WHERE id = last.object) IS NULL
                OR (SELECT change FROM handle WHERE id = last.object) IS NOT last.seq
            WHEN 'merged' THEN (SELECT change FROM handle WHERE id = last.object) IS NOT last.seq
                OR EXISTS (SELECT 1 FROM handle WHERE customer = last.object AND customer <> id)
            WHEN 'removed' THEN (SELECT change FROM handle WHERE id = last.object) IS NOT last.seq
            ELSE (SELECT change FROM setting WHERE kind = 'customer' AND object = last.object AND name = last.name) IS NOT last.seq END
        WHEN 'key' THEN (SELECT digest FROM key WHERE entry = last.object) IS NULL
        WHEN 'entry' THEN (SELECT statement FROM entry WHERE seq = last.object) IS NOT NULL
        ELSE CASE WHEN last.name = 'created' OR last.name = 'dropped'
            THEN (SELECT change FROM object WHERE kind = last.kind AND id = last.object) IS NOT last.seq
            ELSE (SELECT change FROM setting WHERE kind = last.kind AND object = last.object AND name = last.name) IS NOT last.seq END END;

-- An entry closes the rows that name it: in order, and no earlier than the last entry and its own rows.
CREATE TRIGGER entry_insert BEFORE INSERT ON entry BEGIN
    SELECT CASE
        WHEN NEW.seq IS NOT coalesce(before.seq, 0) + 1
            THEN RAISE(ABORT, 'unlogged: entry numbers must have no gaps')
        WHEN NEW.at < before.at
            THEN RAISE(ABORT, 'clock: the entry is earlier than the last entry')
        WHEN NEW.at < moved.at OR NEW.at < changed.at OR NEW.at < (SELECT at FROM message ORDER BY id DESC LIMIT 1)
            OR opened.entry = NEW.seq AND NEW.at <> opened.at
            THEN RAISE(ABORT, 'clock: the entry is earlier than its rows')
        WHEN NEW.key IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: a key must be a row of key')
        WHEN (SELECT max(id) FROM customer) IS NOT (SELECT max(id) FROM handle)
            THEN RAISE(ABORT, 'unlogged: the last customer has no handle')
        WHEN NEW.statement IS NULL OR NEW.digest IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: an entry must have a statement')
        WHEN NEW.at NOT BETWEEN -62167219200000 AND 253402300799999
            THEN RAISE(ABORT, 'clock: the timestamp is outside the years 0000 to 9999')
        WHEN moved.entry = NEW.seq AND EXISTS (SELECT 1 FROM unapplied_transition WHERE seq = moved.seq)
            OR changed.entry = NEW.seq AND EXISTS (SELECT 1 FROM unapplied_change WHERE seq = changed.seq)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not been applied')
        WHEN opened.entry = NEW.seq AND NOT EXISTS (SELECT 1 FROM conversation WHERE id = opened.id AND transition > 0)
            THEN RAISE(ABORT, 'unlogged: a conversation needs its first transition in the entry that opens it')
        WHEN changed.entry = NEW.seq AND changed.kind = 'lifecycle' AND changed.name <> 'digest' AND changed.name <> 'dropped'
            THEN RAISE(ABORT, 'unlogged: a lifecycle must be defined in the entry that creates it')
    END
    FROM (SELECT 1)
    LEFT JOIN entry AS before ON before.seq = (SELECT max(seq) FROM entry)
    LEFT JOIN transition AS moved ON moved.seq = (SELECT max(seq) FROM transition)
    LEFT JOIN change AS changed ON changed.seq = (SELECT max(seq) FROM change)
    LEFT JOIN opening AS opened ON opened.id = (SELECT max(id) FROM opening);
END;
-- Only the statement can be purged, and leaves its digest: by a change of its own, or together with a conversation that the
-- entry is about.
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN
    SELECT RAISE(ABORT, 'unlogged: history cannot be changed')
    WHERE (NEW.seq, NEW.at, NEW.actor_kind, NEW.actor, NEW.key, NEW.hash, NEW.statement)
            IS NOT (OLD.seq, OLD.at, OLD.actor_kind, OLD.actor, OLD.key, OLD.hash, NULL)
        OR OLD.statement IS NULL OR NEW.digest IS NULL
        OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.name = 'purged' AND CASE made.kind
            WHEN 'entry' THEN made.object = OLD.seq AND made.value = NEW.digest
            ELSE EXISTS (SELECT 1 FROM opening WHERE id = made.object AND entry = OLD.seq)
                OR EXISTS (SELECT 1 FROM transition WHERE conversation = made.object AND entry = OLD.seq)
                OR EXISTS (SELECT 1 FROM message WHERE conversation = made.object AND entry = OLD.seq)
                OR EXISTS (SELECT 1 FROM change WHERE object = made.object AND entry = OLD.seq
                    AND kind IN ('conversation', 'session', 'timer', 'participant', 'offer')) END);
END;
CREATE TRIGGER opening_update BEFORE UPDATE ON opening BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER transition_update BEFORE UPDATE ON transition BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER message_update BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER change_update BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER key_delete BEFORE DELETE ON key BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER customer_delete BEFORE DELETE ON customer BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER text_delete BEFORE DELETE ON text BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER opening_delete BEFORE DELETE ON opening BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER transition_delete BEFORE DELETE ON transition BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER message_delete BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER change_delete BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;

-- Keys, handles and texts can only be erased.
CREATE TRIGGER key_insert BEFORE INSERT ON key BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a key must belong to the open entry')
        WHEN NEW.key IS NULL OR NEW.salt IS NULL OR NEW.lookup IS NULL OR NEW.digest IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: a key must have a text, a salt and a digest to look it up')
        WHEN EXISTS (SELECT 1 FROM key WHERE lookup = NEW.lookup OR entry = NEW.entry)
            THEN RAISE(ABORT, 'exists: the key is already used')
    END;
END;
CREATE TRIGGER key_update BEFORE UPDATE ON key BEGIN
    SELECT RAISE(ABORT, 'unlogged: history cannot be changed')
    WHERE (NEW.entry, NEW.salt, NEW.key, NEW.lookup) IS NOT (OLD.entry, NULL, NULL, NULL)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE kind = 'key' AND name = 'erased' AND object = OLD.entry AND value = NEW.digest);
END;
CREATE TRIGGER key_erased AFTER INSERT ON change WHEN NEW.kind = 'key' BEGIN
    UPDATE key SET key = NULL, salt = NULL, lookup = NULL, digest = NEW.value WHERE entry = NEW.object;
END;
CREATE TRIGGER customer_insert BEFORE INSERT ON customer BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a customer must belong to the open entry')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM customer)
            THEN RAISE(ABORT, 'unlogged: customer numbers must have no gaps')
        WHEN NEW.handle IS NULL OR NEW.salt IS NULL OR NEW.digest IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: a customer must have a handle and a salt')
        WHEN (SELECT max(id) FROM customer) IS NOT (SELECT max(id) FROM handle)
            THEN RAISE(ABORT, 'unlogged: the last customer has no handle')
    END;
END;
CREATE TRIGGER text_insert BEFORE INSERT ON text BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a text must belong to the open entry')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM text)
            THEN RAISE(ABORT, 'unlogged: text numbers must have no gaps')
        WHEN NEW.body IS NULL OR NEW.salt IS NULL OR NEW.digest IS NOT NULL OR NEW.message IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: a text must have a body and a salt')
    END;
END;
CREATE TRIGGER customer_update BEFORE UPDATE ON customer BEGIN
    SELECT RAISE(ABORT, 'unlogged: history cannot be changed')
    WHERE (NEW.id, NEW.entry, NEW.salt, NEW.handle) IS NOT (OLD.id, OLD.entry, NULL, NULL)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE kind = 'customer' AND name = 'erased' AND object = OLD.id AND value = NEW.digest);
END;
CREATE TRIGGER customer_erased AFTER INSERT ON change WHEN NEW.kind = 'customer' AND NEW.name = 'erased' BEGIN
    UPDATE customer SET handle = NULL, salt = NULL, digest = NEW.value WHERE id = NEW.object;
    UPDATE handle SET compared = NULL, change = NEW.seq WHERE id = NEW.object;
END;
CREATE TRIGGER text_erased AFTER INSERT ON change WHEN NEW.kind = 'text' BEGIN
    UPDATE text SET body = NULL, salt = NULL, digest = NEW.value WHERE id = NEW.object;
END;
CREATE TRIGGER entry_purged AFTER INSERT ON change WHEN NEW.kind = 'entry' BEGIN
    UPDATE entry SET statement = NULL, digest = NEW.value WHERE seq = NEW.object;
END;

-- A change must be one of change_kind, with a valid value, about an object that exists. Further rules for a kind are
-- with its subject; where two rules refuse, either may report it.
CREATE TRIGGER change_insert BEFORE INSERT ON change BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a change must belong to the open entry')
        WHEN last.entry = NEW.entry AND EXISTS (SELECT 1 FROM unapplied_change WHERE seq = last.seq)
            OR EXISTS (SELECT 1 FROM unapplied_transition WHERE seq = NEW.after_transition AND entry = NEW.entry)
            OR (SELECT max(id) FROM opening) IS NOT (SELECT max(id) FROM conversation)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not been applied')
        WHEN NEW.seq IS NOT coalesce(last.seq, 0) + 1
            THEN RAISE(ABORT, 'unlogged: change numbers must have no gaps')
        WHEN NEW.after_transition IS NOT (SELECT coalesce(max(seq), 0) FROM transition)
            THEN RAISE(ABORT, 'unlogged: after_transition must be the last transition')
        WHEN known.kind IS NULL
            THEN RAISE(ABORT, 'invalid_value: the kind of change does not exist')
        WHEN (NEW.item IS NULL) IS NOT (known.item = '')
            THEN RAISE(ABORT, 'invalid_value: the item is missing or not allowed for this kind of change')
        WHEN NEW.value IS NULL AND known.value <> 'none' AND known.optional = 0
            OR NEW.value IS NOT NULL AND NOT CASE known.value
                WHEN 'none' THEN 0
                WHEN 'text' THEN typeof(NEW.value) = 'text' AND length(NEW.value) BETWEEN known.minimum AND known.maximum
                    AND instr(NEW.value, char(0)) = 0
                WHEN 'digest' THEN typeof(NEW.value) = 'blob' AND length(NEW.value) = known.minimum
                ELSE typeof(NEW.value) = 'integer' AND known.value <> 'choice' AND NEW.value BETWEEN known.minimum AND known.maximum
                    OR typeof(NEW.value) = 'text' AND NEW.value <> '' AND instr(NEW.value, '|') = 0
                        AND instr('|' || known.choices || '|', '|' || NEW.value || '|') END
            THEN RAISE(ABORT, 'invalid_value: the value is not valid for this kind of change')
        WHEN NEW.at < last.at
            THEN RAISE(ABORT, 'clock: the change is earlier than the last change')
        WHEN last.kind = 'lifecycle' AND last.name <> 'digest' AND last.name <> 'dropped' AND (NEW.kind, NEW.object) IS NOT (last.kind, last.object)
            THEN RAISE(ABORT, 'unlogged: a lifecycle must be completely defined before anything else changes')
    END
    FROM (SELECT 1)
    LEFT JOIN change_kind AS known ON known.kind = NEW.kind AND known.name = NEW.name
    LEFT JOIN change AS last ON last.seq = (SELECT max(seq) FROM change);
END;
-- Erasures and purges.
CREATE TRIGGER change_insert_erasure BEFORE INSERT ON change
    WHEN NEW.name = 'erased' OR NEW.name = 'purged' AND NEW.kind <> 'conversation' BEGIN
    SELECT CASE
        WHEN NOT CASE NEW.kind
                WHEN 'key' THEN EXISTS (SELECT 1 FROM key WHERE entry = NEW.object AND key IS NOT NULL)
                WHEN 'text' THEN EXISTS (SELECT 1 FROM text WHERE id = NEW.object AND salt IS NOT NULL)
                WHEN 'customer' THEN EXISTS (SELECT 1 FROM customer WHERE id = NEW.object AND handle IS NOT NULL)
                ELSE EXISTS (SELECT 1 FROM entry WHERE seq = NEW.object AND statement IS NOT NULL) END
            THEN RAISE(ABORT, 'invalid_value: there is nothing to erase')
        WHEN NEW.kind = 'customer' AND EXISTS (SELECT 1 FROM handle AS given JOIN handle AS own ON own.id = given.customer
                    OR own.customer = given.customer AND own.customer <> own.id
                JOIN opening ON opening.customer = own.id JOIN conversation ON conversation.id = opening.id
                WHERE given.id = NEW.object AND conversation.phase <> 'closed')
            THEN RAISE(ABORT, 'in_use: the customer has an open conversation')
    END;
END;

CREATE VIEW journal AS
    SELECT seq, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, at AS at_ms, actor_kind, actor, statement, key.key,
        lower(hex(hash)) AS hash
    FROM entry LEFT JOIN key ON key.entry = entry.seq;

CREATE VIEW changes AS
    SELECT seq, entry AS journal, kind, object, item, name, iif(typeof(value) = 'blob', lower(hex(value)), value) AS value,
        strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, at AS at_ms
    FROM change;

-- Whose a handle is. The handles of a customer name the same person; conversations keep the one that was given. A
-- customer is the handle that they were first known by. `compared` is the handle in the form in which handles are compared
-- (src/domain/handle.rs), which only Switchboard can compute; VERIFY JOURNAL computes it again.
CREATE TABLE handle (
    id        INTEGER NOT NULL PRIMARY KEY,                    -- a row of `customer`
    customer  INTEGER NOT NULL,
    compared  TEXT,                                            -- null: removed or erased, it names nobody
    change    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX handle_compared ON handle (compared) WHERE compared IS NOT NULL;
-- The handles of a customer besides the first.
CREATE INDEX handle_other ON handle (customer, id) WHERE customer <> id;

CREATE TRIGGER handle_insert BEFORE INSERT ON handle BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT (SELECT max(id) FROM customer WHERE entry > (SELECT coalesce(max(seq), 0) FROM entry))
            OR EXISTS (SELECT 1 FROM handle WHERE id = NEW.id) OR (NEW.customer, NEW.change) IS NOT (NEW.id, 0) OR NEW.compared IS NULL
            THEN RAISE(ABORT, 'unlogged: a handle is written only with its customer')
        WHEN EXISTS (SELECT 1 FROM handle WHERE compared = NEW.compared)
            THEN RAISE(ABORT, 'exists: the customer already exists')
    END;
END;
CREATE TRIGGER handle_update BEFORE UPDATE ON handle BEGIN
    SELECT RAISE(ABORT, 'unlogged: a handle is changed only by a change')
    WHERE NEW.id IS NOT OLD.id OR NEW.change <= OLD.change
        OR (OLD.customer, OLD.compared, OLD.change) IS NOT (SELECT customer, compared, change FROM handle WHERE id = OLD.id)
        OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.seq = NEW.change AND made.kind = 'customer'
            AND CASE made.name WHEN 'merged' THEN made.object = OLD.customer AND NEW.customer = made.value AND NEW.compared IS OLD.compared
                WHEN 'name' THEN 0 ELSE made.object = OLD.id AND NEW.customer = OLD.customer AND NEW.compared IS NULL END);
END;
CREATE TRIGGER handle_delete BEFORE DELETE ON handle BEGIN SELECT RAISE(ABORT, 'unlogged: a handle cannot be deleted'); END;

-- A customer is merged with all its handles, not while both have an open conversation of a lifecycle that allows one. Two
-- handles that format 1 took for two customers are merged by the upgrade, whatever is open; such a handle has
-- neither `compared` nor a change. The last handle stays.
CREATE TRIGGER change_insert_customer BEFORE INSERT ON change WHEN NEW.kind = 'customer' AND NEW.name <> 'erased' BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM handle WHERE id = NEW.object AND (customer = id OR NEW.name = 'removed'))
            THEN RAISE(ABORT, 'unknown_customer: the customer does not exist')
        WHEN NEW.name = 'name' AND NEW.value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.value)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.name = 'merged' AND (NEW.value = NEW.object OR NOT EXISTS (SELECT 1 FROM handle WHERE id = NEW.value AND customer = id))
            THEN RAISE(ABORT, 'unknown_customer: a customer can be merged only into another customer')
        WHEN NEW.name = 'removed' AND NOT EXISTS (SELECT 1 FROM handle AS removed JOIN handle AS other ON other.id = removed.customer
                    OR other.customer = removed.customer AND other.customer <> other.id
                WHERE removed.id = NEW.object AND other.id <> removed.id AND other.compared IS NOT NULL)
            THEN RAISE(ABORT, 'in_use: the last handle of a customer cannot be removed')
        WHEN NEW.name = 'merged' AND (SELECT compared IS NOT NULL OR change > 0 FROM handle WHERE id = NEW.object)
            AND EXISTS (SELECT 1 FROM handle AS one JOIN opening ON opening.customer = one.id JOIN conversation ON conversation.id = opening.id
                JOIN setting ON setting.kind = 'lifecycle' AND setting.object = opening.lifecycle AND setting.name = 'one_per_customer' AND setting.value = 'on'
                WHERE (one.id = NEW.object OR one.customer = NEW.object AND one.customer <> one.id)
                    AND conversation.phase <> 'closing' AND conversation.phase <> 'closed'
                    AND EXISTS (SELECT 1 FROM handle AS two JOIN opening AS other ON other.customer = two.id
                        JOIN conversation AS also ON also.id = other.id
                        WHERE (two.id = NEW.value OR two.customer = NEW.value AND two.customer <> two.id)
                            AND other.lifecycle = opening.lifecycle AND also.phase <> 'closing' AND also.phase <> 'closed'))
            THEN RAISE(ABORT, 'in_use: both customers have an open conversation of a lifecycle that allows one per customer')
    END;
END;
CREATE TRIGGER customer_merged AFTER INSERT ON change WHEN NEW.kind = 'customer' AND NEW.name = 'merged' BEGIN
    UPDATE handle SET customer = NEW.value, change = NEW.seq WHERE id = NEW.object OR customer = NEW.object AND customer <> id;
END;
CREATE TRIGGER customer_removed AFTER INSERT ON change WHEN NEW.kind = 'customer' AND NEW.name = 'removed' BEGIN
    UPDATE handle SET compared = NULL, change = NEW.seq WHERE id = NEW.object;
END;

-- For each handle, its customer and the handle by which that customer is shown: the first that was not removed.
CREATE VIEW shown_customer AS
    SELECT given.id, given.customer, coalesce((SELECT customer.handle FROM handle AS own JOIN customer ON customer.id = own.id
            WHERE own.id = given.customer AND own.compared IS NOT NULL),
        (SELECT customer.handle FROM handle AS own JOIN customer ON customer.id = own.id
            WHERE own.customer = given.customer AND own.customer <> own.id AND own.compared IS NOT NULL ORDER BY own.id LIMIT 1)) AS handle
    FROM handle AS given;

CREATE VIEW customers AS
    SELECT shown_customer.id, shown_customer.handle AS customer,
        (SELECT body FROM setting JOIN text ON text.id = setting.value
            WHERE setting.kind = 'customer' AND setting.object = shown_customer.id AND setting.name = 'name') AS name,
        (SELECT group_concat(handle, ', ') FROM (SELECT customer.handle FROM handle AS own JOIN customer ON customer.id = own.id
            WHERE (own.id = shown_customer.id OR own.customer = shown_customer.id AND own.customer <> own.id) AND own.compared IS NOT NULL
            ORDER BY own.id)) AS handles,
        (SELECT count(*) FROM handle AS own JOIN opening ON opening.customer = own.id
            WHERE own.id = shown_customer.id OR own.customer = shown_customer.id AND own.customer <> own.id) AS conversations,
        customer.entry AS journal
    FROM shown_customer JOIN customer ON customer.id = shown_customer.id
    WHERE shown_customer.customer = shown_customer.id;


-- 3. Objects and their settings: the site, queues, people, workstreams, lifecycles, reports ---------------
--
-- What is created and dropped by name, and its settings, one row per value. Dropped objects stay, so that history keeps
-- their names; an object created again is a new one. Built-in objects have negative ids and come from no change.

CREATE TABLE object (
    kind     TEXT NOT NULL,
    id       INTEGER NOT NULL,
    name     TEXT NOT NULL COLLATE NOCASE,
    dropped  INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)),
    change   INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX object_name ON object (name, kind) WHERE dropped = 0;

CREATE TABLE setting (
    kind    TEXT NOT NULL,
    object  INTEGER NOT NULL,
    name    TEXT NOT NULL,
    value   ANY,
    change  INTEGER NOT NULL,
    PRIMARY KEY (kind, object, name)
) STRICT, WITHOUT ROWID;
-- When disconnected agents go offline.
CREATE INDEX setting_offline ON setting (value, object) WHERE kind = 'agent' AND name = 'offline_at' AND value IS NOT NULL;
-- The workstreams that the router pushes from.
CREATE INDEX setting_push ON setting (object) WHERE kind = 'workstream' AND name = 'mode' AND value = 'push';

-- Who serves which queue. `change` gives the order of joining.
CREATE TABLE queue_member (
    queue   INTEGER NOT NULL,
    agent   INTEGER NOT NULL,
    member  INTEGER NOT NULL CHECK (member IN (0, 1)),
    change  INTEGER NOT NULL,
    PRIMARY KEY (queue, agent)
) STRICT, WITHOUT ROWID;

INSERT INTO object (kind, id, name, change) VALUES
    ('site', -1, 'site', 0),
    ('lifecycle', -1, 'omnichannel', 0), ('lifecycle', -2, 'dispatch', 0), ('lifecycle', -3, 'topic', 0), ('lifecycle', -4, 'unified', 0);
INSERT INTO setting (kind, object, name, value, change)
    SELECT object.kind, object.id, change_kind.name, change_kind.initial, 0
    FROM object JOIN change_kind USING (kind) WHERE follows = 'setting' AND initial IS NOT NULL;
INSERT OR REPLACE INTO setting (kind, object, name, value, change) VALUES
    ('lifecycle', -2, 'transfer_presences', 'any', 0),
    ('lifecycle', -3, 'one_per_customer', 'on', 0), ('lifecycle', -3, 'ends_by_sessions', 'on', 0), ('lifecycle', -3, 'customer_timeout', 180000, 0);

CREATE TRIGGER object_insert BEFORE INSERT ON object BEGIN
    SELECT RAISE(ABORT, 'unlogged: an object is created only by a change')
    WHERE EXISTS (SELECT 1 FROM object WHERE kind = NEW.kind AND id = NEW.id)
        OR (SELECT count(*) FROM setting WHERE kind = NEW.kind AND object = NEW.id)
            <> (SELECT count(*) FROM change_kind WHERE kind = NEW.kind AND follows = 'setting' AND initial IS NOT NULL)
        OR EXISTS (SELECT 1 FROM object WHERE name = NEW.name AND kind = NEW.kind AND dropped = 0)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = NEW.kind AND object = NEW.id
            AND name = 'created' AND value = NEW.name COLLATE BINARY AND NEW.dropped = 0);
END;
CREATE TRIGGER object_update BEFORE UPDATE ON object BEGIN
    SELECT RAISE(ABORT, 'unlogged: an object is dropped only by a change')
    WHERE NEW.kind IS NOT OLD.kind OR NEW.id IS NOT OLD.id OR NEW.name IS NOT OLD.name COLLATE BINARY OR OLD.dropped = 1
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = NEW.kind AND object = NEW.id
            AND name = 'dropped' AND NEW.dropped = 1);
END;
CREATE TRIGGER object_delete BEFORE DELETE ON object BEGIN SELECT RAISE(ABORT, 'unlogged: an object cannot be deleted'); END;
CREATE TRIGGER setting_insert BEFORE INSERT ON setting BEGIN
    SELECT RAISE(ABORT, 'unlogged: a setting is written only by a change')
    WHERE EXISTS (SELECT 1 FROM setting WHERE kind = NEW.kind AND object = NEW.object AND name = NEW.name AND change >= NEW.change)
        OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.seq = NEW.change AND made.kind = NEW.kind AND made.object = NEW.object
            AND CASE WHEN made.name = NEW.name THEN made.value IS NEW.value AND typeof(made.value) = typeof(NEW.value)
                    AND EXISTS (SELECT 1 FROM change_kind WHERE kind = made.kind AND name = made.name AND follows = 'setting')
                ELSE made.name = 'created' AND EXISTS (SELECT 1 FROM change_kind WHERE kind = NEW.kind AND name = NEW.name
                    AND follows = 'setting' AND initial = NEW.value AND typeof(initial) = typeof(NEW.value)) END);
END;
CREATE TRIGGER setting_update BEFORE UPDATE ON setting BEGIN
    SELECT RAISE(ABORT, 'unlogged: a setting is written only by a change')
    WHERE NEW.kind IS NOT OLD.kind OR NEW.object IS NOT OLD.object OR NEW.name IS NOT OLD.name OR NEW.change <= OLD.change
        OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.seq = NEW.change AND made.kind = NEW.kind AND made.object = NEW.object
            AND made.name = NEW.name AND made.value IS NEW.value AND typeof(made.value) = typeof(NEW.value));
END;
CREATE TRIGGER setting_delete BEFORE DELETE ON setting BEGIN SELECT RAISE(ABORT, 'unlogged: a setting is written only by a change'); END;
CREATE TRIGGER queue_member_insert BEFORE INSERT ON queue_member BEGIN
    SELECT RAISE(ABORT, 'unlogged: a queue member is written only by a change')
    WHERE EXISTS (SELECT 1 FROM queue_member WHERE queue = NEW.queue AND agent = NEW.agent AND change >= NEW.change)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'member' AND object = NEW.queue AND item = NEW.agent
            AND NEW.member = (name = 'joined'));
END;
CREATE TRIGGER queue_member_update BEFORE UPDATE ON queue_member BEGIN
    SELECT RAISE(ABORT, 'unlogged: a queue member is written only by a change')
    WHERE NEW.queue IS NOT OLD.queue OR NEW.agent IS NOT OLD.agent OR NEW.change <= OLD.change
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'member' AND object = NEW.queue AND item = NEW.agent
            AND NEW.member = (name = 'joined'));
END;
CREATE TRIGGER queue_member_delete BEFORE DELETE ON queue_member BEGIN SELECT RAISE(ABORT, 'unlogged: a queue member is written only by a change'); END;

-- Names are unique among objects that are not dropped. A service cannot have the name of an agent or a supervisor; an
-- agent and a supervisor may share one, since one person may be both.
CREATE TRIGGER change_insert_created BEFORE INSERT ON change WHEN NEW.name = 'created' BEGIN
    SELECT CASE
        WHEN NEW.object IS NOT max(0, coalesce((SELECT max(id) FROM object WHERE kind = NEW.kind), 0)) + 1
            THEN RAISE(ABORT, 'unlogged: object numbers must have no gaps')
        WHEN EXISTS (SELECT 1 FROM object WHERE name = NEW.value AND dropped = 0 AND (kind = NEW.kind
                OR kind = 'service' AND (NEW.kind = 'agent' OR NEW.kind = 'supervisor')
                OR NEW.kind = 'service' AND (kind = 'agent' OR kind = 'supervisor')))
            THEN RAISE(ABORT, 'exists: the name already exists')
    END;
END;
CREATE TRIGGER change_insert_object BEFORE INSERT ON change
    WHEN NEW.name <> 'created' AND NEW.item IS NULL AND NEW.kind <> 'conversation' AND NEW.kind <> 'text' AND NEW.kind <> 'customer'
        AND NEW.kind <> 'key' AND NEW.kind <> 'entry' BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM object WHERE kind = NEW.kind AND id = NEW.object AND dropped = 0 AND (id > 0 OR kind = 'site'))
            THEN RAISE(ABORT, 'invalid_value: the object does not exist')
        WHEN NEW.kind = 'lifecycle' AND (NEW.name = 'dropped')
                IS NOT EXISTS (SELECT 1 FROM setting WHERE kind = 'lifecycle' AND object = NEW.object AND name = 'digest')
            THEN RAISE(ABORT, 'unlogged: a lifecycle must be defined in the entry that creates it and can then only be dropped')
        WHEN NEW.kind = 'workstream' AND NEW.name = 'lifecycle' AND NOT EXISTS (SELECT 1 FROM object WHERE kind = 'lifecycle' AND id = NEW.value
                AND dropped = 0 AND (id < 0 OR EXISTS (SELECT 1 FROM setting WHERE kind = 'lifecycle' AND object = NEW.value AND name = 'digest')))
            THEN RAISE(ABORT, 'unknown_lifecycle: the lifecycle does not exist')
        WHEN NEW.kind = 'workstream' AND NEW.name = 'queue' AND NOT EXISTS (SELECT 1 FROM object WHERE kind = 'queue' AND id = NEW.value AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_queue: the queue does not exist')
        -- A built-in lifecycle can be corrected: the new version has the same name.
        WHEN NEW.kind = 'workstream' AND (NEW.name = 'channel' OR NEW.name = 'lifecycle') AND EXISTS (SELECT 1 FROM opening WHERE workstream = NEW.object)
            AND (NEW.name = 'channel' OR (SELECT name FROM object WHERE kind = 'lifecycle' AND id = NEW.value) IS NOT (SELECT object.name
                FROM setting JOIN object ON object.kind = 'lifecycle' AND object.id = setting.value
                WHERE setting.kind = 'workstream' AND setting.object = NEW.object AND setting.name = 'lifecycle'))
            THEN RAISE(ABORT, 'in_use: the channel and lifecycle of a used workstream cannot be changed')
        WHEN NEW.kind = 'report' AND NEW.name = 'sql' AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.value)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.name = 'dropped' AND CASE NEW.kind
                WHEN 'queue' THEN EXISTS (SELECT 1 FROM conversation WHERE queue = NEW.object AND phase <> 'closed')
                    OR EXISTS (SELECT 1 FROM setting JOIN object ON object.kind = 'workstream' AND object.id = setting.object AND dropped = 0
                        WHERE setting.kind = 'workstream' AND setting.name = 'queue' AND setting.value = NEW.object)
                WHEN 'agent' THEN EXISTS (SELECT 1 FROM conversation WHERE agent = NEW.object AND phase <> 'closed')
                    OR EXISTS (SELECT 1 FROM offer WHERE agent = NEW.object)
                WHEN 'workstream' THEN EXISTS (SELECT 1 FROM conversation WHERE workstream = NEW.object AND phase <> 'closed')
                WHEN 'supervisor' THEN (SELECT count(*) FROM object WHERE kind = 'supervisor' AND dropped = 0) = 1
                WHEN 'lifecycle' THEN EXISTS (SELECT 1 FROM setting JOIN object ON object.kind = 'workstream' AND object.id = setting.object AND dropped = 0
                    WHERE setting.kind = 'workstream' AND setting.name = 'lifecycle' AND setting.value = NEW.object) END
            THEN RAISE(ABORT, 'in_use: the object is still needed')
    END;
END;
CREATE TRIGGER change_insert_member BEFORE INSERT ON change WHEN NEW.kind = 'member' BEGIN
    SELECT RAISE(ABORT, 'invalid_value: the object does not exist')
    WHERE NOT (typeof(NEW.item) = 'integer' AND EXISTS (SELECT 1 FROM object WHERE kind = 'queue' AND id = NEW.object AND dropped = 0)
        AND EXISTS (SELECT 1 FROM object WHERE kind = 'agent' AND id = NEW.item AND dropped = 0));
END;

CREATE TRIGGER object_created AFTER INSERT ON change WHEN NEW.name = 'created' BEGIN
    INSERT INTO setting (kind, object, name, value, change)
        SELECT NEW.kind, NEW.object, name, initial, NEW.seq FROM change_kind WHERE kind = NEW.kind AND follows = 'setting' AND initial IS NOT NULL;
    INSERT INTO object (kind, id, name, change) VALUES (NEW.kind, NEW.object, NEW.value, NEW.seq);
END;
CREATE TRIGGER object_dropped AFTER INSERT ON change WHEN NEW.name = 'dropped' BEGIN
    UPDATE object SET dropped = 1, change = NEW.seq WHERE kind = NEW.kind AND id = NEW.object;
END;
CREATE TRIGGER object_set AFTER INSERT ON change WHEN NEW.item IS NULL AND NEW.name <> 'created' AND NEW.name <> 'dropped'
    AND NEW.kind <> 'conversation' AND NEW.kind <> 'text' AND (NEW.kind <> 'customer' OR NEW.name = 'name') AND NEW.kind <> 'key' AND NEW.kind <> 'entry' BEGIN
    INSERT INTO setting (kind, object, name, value, change) VALUES (NEW.kind, NEW.object, NEW.name, NEW.value, NEW.seq)
        ON CONFLICT (kind, object, name) DO UPDATE SET value = excluded.value, change = excluded.change;
END;
CREATE TRIGGER member_changed AFTER INSERT ON change WHEN NEW.kind = 'member' BEGIN
    INSERT INTO queue_member (queue, agent, member, change) VALUES (NEW.object, NEW.item, NEW.name = 'joined', NEW.seq)
        ON CONFLICT (queue, agent) DO UPDATE SET member = excluded.member, change = excluded.change;
END;

CREATE VIEW agents AS
    SELECT object.name AS agent, (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'name') AS name,
        (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'presence') AS presence,
        (SELECT coalesce(sum(units), 0) FROM conversation WHERE agent = object.id AND phase <> 'closed')
            + (SELECT coalesce(sum(units), 0) FROM offer WHERE agent = object.id) AS load,
        (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'capacity') AS capacity,
        (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'skills') AS skills,
        (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'connected') AS connected,
        (SELECT value FROM setting WHERE kind = 'agent' AND object = object.id AND name = 'login') AS login,
        (SELECT group_concat(queue.name, ', ') FROM queue_member JOIN object AS queue ON queue.kind = 'queue' AND queue.id = queue_member.queue
            WHERE queue_member.agent = object.id AND member = 1 AND queue.dropped = 0) AS queues
    FROM object WHERE object.kind = 'agent' AND dropped = 0;

CREATE VIEW supervisors AS
    SELECT object.name AS supervisor, (SELECT value FROM setting WHERE kind = 'supervisor' AND object = object.id AND name = 'name') AS name,
        (SELECT value FROM setting WHERE kind = 'supervisor' AND object = object.id AND name = 'login') AS login
    FROM object WHERE object.kind = 'supervisor' AND dropped = 0;
CREATE VIEW services AS
    SELECT object.name AS service, (SELECT value FROM setting WHERE kind = 'service' AND object = object.id AND name = 'login') AS login
    FROM object WHERE object.kind = 'service' AND dropped = 0;

CREATE VIEW queues AS
    SELECT object.name AS queue, (SELECT value FROM setting WHERE kind = 'queue' AND object = object.id AND name = 'priority') AS priority,
        (SELECT value FROM setting WHERE kind = 'queue' AND object = object.id AND name = 'method') AS method,
        (SELECT value FROM setting WHERE kind = 'queue' AND object = object.id AND name = 'service_level') AS service_level_ms,
        (SELECT value FROM setting WHERE kind = 'queue' AND object = object.id AND name = 'short_abandon') AS short_abandon_ms,
        (SELECT count(*) FROM conversation WHERE queue = object.id AND (phase = 'queued' OR phase = 'dispatching')) AS waiting,
        (SELECT count(*) FROM queue_member JOIN object AS agent ON agent.kind = 'agent' AND agent.id = queue_member.agent
            WHERE queue_member.queue = object.id AND member = 1 AND agent.dropped = 0) AS members
    FROM object WHERE object.kind = 'queue' AND dropped = 0;

CREATE VIEW queue_members AS
    SELECT queue.name AS queue, agent.name AS agent, strftime('%Y-%m-%dT%H:%M:%fZ', change.at / 1000.0, 'unixepoch') AS joined_at, change.at AS joined_at_ms
    FROM queue_member
    JOIN object AS queue ON queue.kind = 'queue' AND queue.id = queue_member.queue AND queue.dropped = 0
    JOIN object AS agent ON agent.kind = 'agent' AND agent.id = queue_member.agent AND agent.dropped = 0
    JOIN change ON change.seq = queue_member.change
    WHERE member = 1;

CREATE VIEW workstreams AS
    SELECT object.name AS workstream, max(setting.value) FILTER (WHERE setting.name = 'channel') AS channel,
        lifecycle.name AS lifecycle, queue.name AS queue,
        max(setting.value) FILTER (WHERE setting.name = 'mode') AS mode,
        max(setting.value) FILTER (WHERE setting.name = 'units') AS units,
        max(setting.value) FILTER (WHERE setting.name = 'bot') AS bot,
        max(setting.value) FILTER (WHERE setting.name = 'presences') AS presences,
        max(setting.value) FILTER (WHERE setting.name = 'skills') AS skills,
        max(setting.value) FILTER (WHERE setting.name = 'wrapup') AS wrapup,
        max(setting.value) FILTER (WHERE setting.name = 'wrapup_capacity') AS wrapup_capacity,
        max(setting.value) FILTER (WHERE setting.name = 'reconnect') AS reconnect,
        max(setting.value) FILTER (WHERE setting.name = 'prefer_last_agent') AS prefer_last_agent,
        max(setting.value) FILTER (WHERE setting.name = 'relaxed_skills') AS relaxed_skills,
        max(setting.value) FILTER (WHERE setting.name = 'offers') AS offers,
        max(setting.value) FILTER (WHERE setting.name = 'dispatch_limit') AS dispatch_limit,
        coalesce(max(setting.value) FILTER (WHERE setting.name = 'transfer_presences'), option.value) AS transfer_presences,
        max(setting.value) FILTER (WHERE setting.name = 'sentiment') AS sentiment,
        max(setting.value) FILTER (WHERE setting.name = 'queue_timeout') AS queue_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'customer_timeout') AS customer_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'agent_timeout') AS agent_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'response_timeout') AS response_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'inactivity_timeout') AS inactivity_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'hold_timeout') AS hold_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'waiting_timeout') AS waiting_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'wrapup_timeout') AS wrapup_timeout,
        max(setting.value) FILTER (WHERE setting.name = 'offer_timeout') AS offer_timeout
    FROM object
    JOIN setting ON setting.kind = 'workstream' AND setting.object = object.id
    LEFT JOIN setting AS chosen ON chosen.kind = 'workstream' AND chosen.object = object.id AND chosen.name = 'lifecycle'
    LEFT JOIN object AS lifecycle ON lifecycle.kind = 'lifecycle' AND lifecycle.id = chosen.value
    LEFT JOIN setting AS option ON option.kind = 'lifecycle' AND option.object = chosen.value AND option.name = 'transfer_presences'
    LEFT JOIN setting AS waiting ON waiting.kind = 'workstream' AND waiting.object = object.id AND waiting.name = 'queue'
    LEFT JOIN object AS queue ON queue.kind = 'queue' AND queue.id = waiting.value
    WHERE object.kind = 'workstream' AND object.dropped = 0
    GROUP BY object.id;

CREATE VIEW reports AS
    SELECT object.name AS report, text.body AS sql
    FROM object
    LEFT JOIN setting ON setting.kind = 'report' AND setting.object = object.id AND setting.name = 'sql'
    LEFT JOIN text ON text.id = setting.value
    WHERE object.kind = 'report' AND object.dropped = 0;

CREATE VIEW site AS
    SELECT max(value) FILTER (WHERE name = 'time_zone') AS time_zone, max(value) FILTER (WHERE name = 'retention' AND value <> 'off') AS retention_ms
    FROM setting WHERE kind = 'site';


-- 4. Lifecycles: state graphs, as rows -------------------------------------------------------------------
--
-- A lifecycle is defined in the entry that creates it: its options, states and edges, and a digest of them, which puts
-- them under the chain. It never changes afterwards; a new version is a new lifecycle.

-- A state, its phase, and a channel on which it is used.
CREATE TABLE state (
    lifecycle  INTEGER NOT NULL,
    state      TEXT NOT NULL,
    channel    TEXT NOT NULL,
    phase      TEXT NOT NULL,
    position   INTEGER NOT NULL,
    PRIMARY KEY (lifecycle, state, channel)
) STRICT, WITHOUT ROWID;

-- An allowed move: from a state ('' for an opening), by an event, on a channel, under a condition of the workstream.
-- `after_ms` is the default duration of a timeout; null: off unless the workstream sets one.
CREATE TABLE edge (
    lifecycle   INTEGER NOT NULL,
    channel     TEXT NOT NULL,
    from_state  TEXT NOT NULL,
    event       TEXT NOT NULL,
    condition   TEXT NOT NULL DEFAULT '' CHECK (condition IN ('', 'bot', 'no bot', 'wrapup', 'no wrapup')),
    to_state    TEXT NOT NULL,
    to_phase    TEXT NOT NULL,                                 -- the phase of that state
    after_ms    INTEGER CHECK (after_ms >= 1000),
    PRIMARY KEY (lifecycle, channel, from_state, event, condition)
) STRICT, WITHOUT ROWID;

-- The built-in lifecycles are written compactly: several channels per line, 'any' for every state that is not closing or
-- closed. Three temporary tables expand them while the file is created.
CREATE TEMP TABLE channel_group (name TEXT, channel TEXT);
INSERT INTO channel_group SELECT channel, channel FROM channel WHERE channel <> 'email';
INSERT INTO channel_group SELECT 'all', channel FROM channel;
INSERT INTO channel_group SELECT 'messaging', channel FROM channel WHERE messaging;
INSERT INTO channel_group SELECT 'messaging but chat', channel FROM channel WHERE messaging AND channel <> 'chat';
INSERT INTO channel_group VALUES ('social', 'email');

CREATE TEMP TABLE written_state (lifecycle TEXT, state TEXT, phase TEXT, channels TEXT);
CREATE TEMP TABLE written_edge (lifecycle TEXT, event TEXT, from_states TEXT, to_state TEXT, channels TEXT, condition TEXT, after TEXT);

-- omnichannel: the 2019 state graph, with the ongoing-conversation report and disconnected chats.
INSERT INTO written_state VALUES
    ('omnichannel', 'Open',        'queued', 'all'),
    ('omnichannel', 'Active',      'active', 'all'),
    ('omnichannel', 'Waiting',     'parked', 'messaging'),
    ('omnichannel', 'In-progress', 'parked', 'sms'),
    ('omnichannel', 'Wrap-up',     'wrapup', 'messaging'),
    ('omnichannel', 'Closed',      'closed', 'all');
INSERT INTO written_edge VALUES
    ('omnichannel', 'open',               '',                'Open',        'all',                 '', NULL),
    ('omnichannel', 'pick',               'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'push',               'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'assign',             'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'accept',             'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'assign_queue',       'Open',            'Open',        'all',                 '', NULL),
    ('omnichannel', 'customer_end',       'Open',            'Closed',      'chat, voice',         '', NULL),   -- the customer leaves, or a caller hangs up
    ('omnichannel', 'customer_timeout',   'Open',            'Closed',      'chat',                '', '3m'),
    ('omnichannel', 'queue_timeout',      'Open',            'Closed',      'all',                 '', NULL),
    ('omnichannel', 'end',                'Active',          'Closed',      'record',              '', NULL),
    ('omnichannel', 'end',                'Active',          'Wrap-up',     'messaging',           '', NULL),
    ('omnichannel', 'customer_end',       'Active',          'Wrap-up',     'messaging',           '', NULL),
    ('omnichannel', 'customer_timeout',   'Active',          'Wrap-up',     'chat',                '', '3m'),
    ('omnichannel', 'close',              'Active',          'Waiting',     'chat, social, voice', '', NULL),   -- closes the session without ending the conversation
    ('omnichannel', 'close',              'Active',          'In-progress', 'sms',                 '', NULL),
    ('omnichannel', 'wait',               'Active',          'Waiting',     'messaging',           '', NULL),
    ('omnichannel', 'release',            'Active',          'Open',        'messaging',           '', NULL),
    ('omnichannel', 'agent_timeout',      'Active',          'Open',        'messaging',           '', '150s'),
    ('omnichannel', 'transfer_agent',     'Active, Waiting', 'Open',        'messaging',           '', NULL),   -- assign follows in the same statement
    ('omnichannel', 'transfer_queue',     'Active, Waiting', 'Open',        'messaging',           '', NULL),
    ('omnichannel', 'revive',             'Waiting',         'Active',      'messaging',           '', NULL),
    ('omnichannel', 'customer_return',    'Waiting',         'Open',        'messaging',           '', NULL),
    ('omnichannel', 'customer_end',       'Waiting',         'Closed',      'messaging',           '', NULL),
    ('omnichannel', 'waiting_timeout',    'Waiting',         'Closed',      'messaging',           '', '1d'),
    ('omnichannel', 'inactivity_timeout', 'In-progress',     'Closed',      'sms',                 '', '1d'),
    ('omnichannel', 'revive',             'In-progress',     'Active',      'sms',                 '', NULL),
    ('omnichannel', 'customer_return',    'In-progress',     'Open',        'sms',                 '', NULL),
    ('omnichannel', 'close',              'Wrap-up',         'Closed',      'messaging',           '', NULL),
    ('omnichannel', 'wrapup_timeout',     'Wrap-up',         'Closed',      'chat',                '', '15m'),
    ('omnichannel', 'wrapup_timeout',     'Wrap-up',         'Closed',      'messaging but chat',  '', '1d'),
    ('omnichannel', 'force_close',        'any',             'Closed',      'all',                 '', NULL);

-- dispatch: a bot first, then a dispatch pool with a limit.
INSERT INTO written_state VALUES
    ('dispatch', 'Bot',         'bot',         'all'),
    ('dispatch', 'Script',      'bot',         'all'),
    ('dispatch', 'Waiting',     'queued',      'all'),
    ('dispatch', 'Dispatching', 'dispatching', 'all'),
    ('dispatch', 'Processing',  'active',      'all'),
    ('dispatch', 'Finished',    'closed',      'all');
INSERT INTO written_edge VALUES
    ('dispatch', 'open',               '',                     'Bot',         'all', 'bot', NULL),
    ('dispatch', 'open_queued',        '',                     'Waiting',     'all', '',    NULL),
    ('dispatch', 'start_script',       'Bot, Script',          'Script',      'all', '',    NULL),
    ('dispatch', 'end_script',         'Script',               'Script',      'all', '',    NULL),   -- the script has finished
    ('dispatch', 'leave_script',       'Script',               'Bot',         'all', '',    NULL),
    ('dispatch', 'request_agent',      'Bot, Script',          'Waiting',     'all', '',    NULL),
    ('dispatch', 'bot_end',            'Bot, Script',          'Finished',    'all', '',    NULL),
    ('dispatch', 'dispatch',           'Waiting',              'Dispatching', 'all', '',    NULL),
    ('dispatch', 'requeue',            'Dispatching',          'Waiting',     'all', '',    NULL),
    ('dispatch', 'pick',               'Waiting, Dispatching', 'Processing',  'all', '',    NULL),
    ('dispatch', 'push',               'Waiting, Dispatching', 'Processing',  'all', '',    NULL),
    ('dispatch', 'assign',             'Waiting, Dispatching', 'Processing',  'all', '',    NULL),
    ('dispatch', 'accept',             'Waiting, Dispatching', 'Processing',  'all', '',    NULL),
    ('dispatch', 'assign_queue',       'Waiting, Dispatching', 'Waiting',     'all', '',    NULL),
    ('dispatch', 'transfer_agent',     'Processing',           'Processing',  'all', '',    NULL),
    ('dispatch', 'transfer_queue',     'Processing',           'Waiting',     'all', '',    NULL),
    ('dispatch', 'release',            'Processing',           'Waiting',     'all', '',    NULL),
    ('dispatch', 'agent_timeout',      'Processing',           'Waiting',     'all', '',    '150s'),
    ('dispatch', 'end',                'Processing',           'Finished',    'all', '',    NULL),
    ('dispatch', 'customer_end',       'any',                  'Finished',    'all', '',    NULL),
    ('dispatch', 'inactivity_timeout', 'any',                  'Finished',    'all', '',    NULL),
    ('dispatch', 'customer_timeout',   'any',                  'Finished',    'all', '',    NULL),
    ('dispatch', 'force_close',        'any',                  'Finished',    'all', '',    NULL);

-- topic: the state depends on who is present.
INSERT INTO written_state VALUES
    ('topic', 'Created',       'bot',      'all'),
    ('topic', 'Active',        'active',   'all'),
    ('topic', 'On Hold',       'held',     'all'),
    ('topic', 'Customer Left', 'departed', 'all'),
    ('topic', 'Wrap-up',       'wrapup',   'all'),
    ('topic', 'Inactive',      'queued',   'all'),   -- the customer is there, without an agent
    ('topic', 'Closing',       'closing',  'all'),
    ('topic', 'Closed',        'closed',   'all');
INSERT INTO written_edge VALUES
    ('topic', 'open',               '',                       'Created',       'all',                'bot',       NULL),
    ('topic', 'open_queued',        '',                       'Inactive',      'all',                '',          NULL),
    ('topic', 'request_agent',      'Created',                'Inactive',      'all',                '',          NULL),
    ('topic', 'pick',               'Created, Inactive',      'Active',        'all',                '',          NULL),
    ('topic', 'assign',             'Created, Inactive',      'Active',        'all',                '',          NULL),
    ('topic', 'push',               'Inactive',               'Active',        'all',                '',          NULL),
    ('topic', 'accept',             'Inactive',               'Active',        'all',                '',          NULL),
    ('topic', 'assign_queue',       'Inactive',               'Inactive',      'all',                '',          NULL),
    ('topic', 'hold',               'Active',                 'On Hold',       'all',                '',          NULL),
    ('topic', 'resume',             'On Hold',                'Active',        'all',                '',          NULL),
    ('topic', 'hold_timeout',       'On Hold',                'Active',        'all',                '',          NULL),   -- set by HOLD … FOR
    ('topic', 'transfer_agent',     'Active, On Hold',        'Active',        'all',                '',          NULL),
    ('topic', 'release',            'Active, On Hold',        'Inactive',      'all',                '',          NULL),
    ('topic', 'transfer_queue',     'Active, On Hold',        'Inactive',      'all',                '',          NULL),
    ('topic', 'agent_timeout',      'Active, On Hold',        'Inactive',      'all',                '',          '150s'),
    ('topic', 'response_timeout',   'Active',                 'Inactive',      'all',                '',          NULL),
    ('topic', 'customer_leave',     'Active, On Hold',        'Wrap-up',       'all',                'wrapup',    NULL),
    ('topic', 'customer_leave',     'Active, On Hold',        'Customer Left', 'all',                'no wrapup', NULL),
    ('topic', 'end',                'Active, On Hold',        'Wrap-up',       'all',                'wrapup',    NULL),
    ('topic', 'end',                'Active, On Hold',        'Closing',       'all',                'no wrapup', NULL),
    ('topic', 'customer_return',    'Customer Left, Wrap-up', 'Active',        'all',                '',          NULL),   -- a new session
    ('topic', 'close',              'Customer Left, Wrap-up', 'Closing',       'all',                '',          NULL),
    ('topic', 'release',            'Customer Left, Wrap-up', 'Closing',       'all',                '',          NULL),
    ('topic', 'agent_timeout',      'Customer Left, Wrap-up', 'Closing',       'all',                '',          '150s'),
    ('topic', 'wrapup_timeout',     'Customer Left, Wrap-up', 'Closing',       'chat',               '',          '15m'),
    ('topic', 'wrapup_timeout',     'Customer Left, Wrap-up', 'Closing',       'messaging but chat, record', '',  '1d'),
    ('topic', 'customer_leave',     'Created, Inactive',      'Closing',       'all',                '',          NULL),
    ('topic', 'bot_end',            'Created',                'Closing',       'all',                '',          NULL),
    ('topic', 'inactivity_timeout', 'Inactive',               'Closing',       'all',                '',          '1d'),
    ('topic', 'housekeep',          'Closing',                'Closed',        'all',                '',          NULL),   -- due immediately
    ('topic', 'force_close',        'any',                    'Closing',       'all',                '',          NULL);

-- unified: the 2025 state graph.
INSERT INTO written_state VALUES
    ('unified', 'Open',    'queued', 'all'),
    ('unified', 'Active',  'active', 'all'),
    ('unified', 'Waiting', 'parked', 'sms, social'),
    ('unified', 'Wrap-up', 'wrapup', 'messaging'),
    ('unified', 'Closed',  'closed', 'all');
INSERT INTO written_edge VALUES
    ('unified', 'open',               '',        'Open',    'all',                '', NULL),
    ('unified', 'pick',               'Open',    'Active',  'all',                '', NULL),
    ('unified', 'push',               'Open',    'Active',  'all',                '', NULL),
    ('unified', 'assign',             'Open',    'Active',  'all',                '', NULL),
    ('unified', 'accept',             'Open',    'Active',  'all',                '', NULL),
    ('unified', 'assign_queue',       'Open',    'Open',    'all',                '', NULL),
    ('unified', 'customer_end',       'Open',    'Closed',  'chat, voice',        '', NULL),
    ('unified', 'customer_timeout',   'Open',    'Closed',  'chat',               '', '3m'),
    ('unified', 'queue_timeout',      'Open',    'Closed',  'chat',               '', '20m'),
    ('unified', 'queue_timeout',      'Open',    'Closed',  'messaging but chat', '', '30d'),
    ('unified', 'transfer_agent',     'Active',  'Active',  'all',                '', NULL),   -- frees the previous agent's capacity immediately
    ('unified', 'transfer_agent',     'Waiting', 'Active',  'sms, social',        '', NULL),
    ('unified', 'transfer_queue',     'Active',  'Open',    'all',                '', NULL),
    ('unified', 'transfer_queue',     'Waiting', 'Open',    'sms, social',        '', NULL),
    ('unified', 'release',            'Active',  'Open',    'all',                '', NULL),
    ('unified', 'agent_timeout',      'Active',  'Open',    'all',                '', '150s'),
    ('unified', 'close',              'Active',  'Open',    'chat, voice',        '', NULL),
    ('unified', 'close',              'Active',  'Waiting', 'sms, social',        '', NULL),
    ('unified', 'wait',               'Active',  'Waiting', 'sms, social',        '', NULL),
    ('unified', 'end',                'Active',  'Wrap-up', 'messaging',          '', NULL),
    ('unified', 'end',                'Active',  'Closed',  'record',             '', NULL),
    ('unified', 'customer_end',       'Active',  'Wrap-up', 'chat, voice',        '', NULL),
    ('unified', 'customer_timeout',   'Active',  'Wrap-up', 'chat',               '', '3m'),
    ('unified', 'inactivity_timeout', 'Active',  'Wrap-up', 'voice',              '', '2h'),
    ('unified', 'inactivity_timeout', 'Active',  'Closed',  'sms, social',        '', '30d'),
    ('unified', 'revive',             'Waiting', 'Active',  'sms, social',        '', NULL),
    ('unified', 'customer_return',    'Waiting', 'Open',    'sms, social',        '', NULL),
    ('unified', 'waiting_timeout',    'Waiting', 'Closed',  'sms, social',        '', '1d'),
    ('unified', 'close',              'Wrap-up', 'Closed',  'messaging',          '', NULL),
    ('unified', 'wrapup_timeout',     'Wrap-up', 'Closed',  'chat',               '', '15m'),
    ('unified', 'wrapup_timeout',     'Wrap-up', 'Closed',  'messaging but chat', '', '1d'),
    ('unified', 'force_close',        'any',     'Closed',  'all',                '', NULL);

-- One row per state and channel, one row per edge and channel.
INSERT INTO state (lifecycle, state, channel, phase, position)
    SELECT DISTINCT object.id, written.state, channel_group.channel, written.phase, written.rowid
    FROM written_state AS written
    JOIN object ON object.kind = 'lifecycle' AND object.name = written.lifecycle
    JOIN channel_group ON instr(', ' || written.channels || ',', ', ' || channel_group.name || ',');
INSERT INTO edge (lifecycle, channel, from_state, event, condition, to_state, to_phase, after_ms)
    SELECT DISTINCT object.id, channel_group.channel, coalesce(source.state, ''), written.event, written.condition, written.to_state, target.phase,
        CASE substr(written.after, -1)
            WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000
        END * CAST(written.after AS INTEGER)
    FROM written_edge AS written
    JOIN object ON object.kind = 'lifecycle' AND object.name = written.lifecycle
    JOIN channel_group ON instr(', ' || written.channels || ',', ', ' || channel_group.name || ',')
    JOIN state AS target ON target.lifecycle = object.id AND target.channel = channel_group.channel AND target.state = written.to_state
    LEFT JOIN state AS source ON source.lifecycle = object.id AND source.channel = channel_group.channel
        AND CASE written.from_states WHEN 'any' THEN source.phase NOT IN ('closing', 'closed')
            ELSE instr(', ' || written.from_states || ',', ', ' || source.state || ',') END
    WHERE written.from_states = '' OR source.state IS NOT NULL;
DROP TABLE channel_group;
DROP TABLE written_state;
DROP TABLE written_edge;

-- The lifecycle that is being defined: the last change created it or set one of its options; its digest is not set yet.
CREATE VIEW open_lifecycle AS
    SELECT object AS lifecycle FROM newest_change WHERE kind = 'lifecycle' AND name <> 'digest' AND name <> 'dropped';

CREATE TRIGGER state_insert BEFORE INSERT ON state BEGIN
    SELECT CASE
        WHEN NEW.lifecycle IS NOT (SELECT lifecycle FROM open_lifecycle)
            THEN RAISE(ABORT, 'unlogged: a lifecycle must be defined in the entry that creates it')
        WHEN EXISTS (SELECT 1 FROM state WHERE lifecycle = NEW.lifecycle AND state = NEW.state AND channel = NEW.channel)
            THEN RAISE(ABORT, 'exists: the state already exists')
        WHEN NOT EXISTS (SELECT 1 FROM channel WHERE channel = NEW.channel) OR NOT EXISTS (SELECT 1 FROM phase WHERE phase = NEW.phase)
            OR length(NEW.state) NOT BETWEEN 1 AND 64 OR instr(NEW.state, char(0))
            THEN RAISE(ABORT, 'invalid_lifecycle: a state must have a name, a phase and a channel')
        WHEN EXISTS (SELECT 1 FROM state WHERE lifecycle = NEW.lifecycle AND CASE
                WHEN state = NEW.state THEN phase <> NEW.phase OR position <> NEW.position
                ELSE state = NEW.state COLLATE NOCASE OR position = NEW.position END)
            THEN RAISE(ABORT, 'invalid_lifecycle: a state must have the same name, phase and position on all its channels')
    END;
END;
CREATE TRIGGER state_update BEFORE UPDATE ON state BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle cannot be changed'); END;
CREATE TRIGGER state_delete BEFORE DELETE ON state BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle cannot be changed'); END;
CREATE TRIGGER edge_insert BEFORE INSERT ON edge BEGIN
    SELECT CASE
        WHEN NEW.lifecycle IS NOT (SELECT lifecycle FROM open_lifecycle)
            THEN RAISE(ABORT, 'unlogged: a lifecycle must be defined in the entry that creates it')
        WHEN EXISTS (SELECT 1 FROM edge WHERE lifecycle = NEW.lifecycle AND channel = NEW.channel AND from_state = NEW.from_state
                AND event = NEW.event AND condition = NEW.condition)
            THEN RAISE(ABORT, 'exists: the edge already exists')
        WHEN EXISTS (SELECT 1 FROM edge WHERE lifecycle = NEW.lifecycle AND channel = NEW.channel AND from_state = NEW.from_state
                AND event = NEW.event AND condition <> 'no ' || NEW.condition AND NEW.condition <> 'no ' || condition)
            THEN RAISE(ABORT, 'invalid_lifecycle: two edges for the same event have overlapping conditions')
        WHEN event.event IS NULL OR target.state IS NULL OR NEW.to_phase IS NOT target.phase
            OR (event.driver = 'opening') IS NOT (NEW.from_state = '') OR NEW.from_state <> '' AND source.state IS NULL
            THEN RAISE(ABORT, 'invalid_lifecycle: an edge must connect two states of its channel, an opening must have no source')
        WHEN source.phase = 'closed'
            THEN RAISE(ABORT, 'invalid_lifecycle: an edge cannot leave a closed state')
        WHEN NEW.from_state = '' AND (target.phase = 'closing' OR target.phase = 'closed')
            THEN RAISE(ABORT, 'invalid_lifecycle: an opening cannot lead to a closing or closed state')
        WHEN NEW.after_ms IS NOT NULL AND (event.driver <> 'timer' OR event.event = 'housekeep')
            THEN RAISE(ABORT, 'invalid_lifecycle: only a timeout has a duration')
    END
    FROM (SELECT 1)
    LEFT JOIN event ON event.event = NEW.event
    LEFT JOIN state AS source ON source.lifecycle = NEW.lifecycle AND source.state = NEW.from_state AND source.channel = NEW.channel
    LEFT JOIN state AS target ON target.lifecycle = NEW.lifecycle AND target.state = NEW.to_state AND target.channel = NEW.channel;
END;
CREATE TRIGGER edge_update BEFORE UPDATE ON edge BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle cannot be changed'); END;
CREATE TRIGGER edge_delete BEFORE DELETE ON edge BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle cannot be changed'); END;

CREATE VIEW lifecycles AS
    SELECT object.name AS lifecycle, (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = object.id AND name = 'one_per_customer') AS one_per_customer,
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = object.id AND name = 'ends_by_sessions') AS ends_by_sessions,
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = object.id AND name = 'customer_timeout') AS customer_timeout_ms,
        (SELECT value FROM setting WHERE kind = 'lifecycle' AND object = object.id AND name = 'transfer_presences') AS transfer_presences,
        (SELECT count(DISTINCT state) FROM state WHERE lifecycle = object.id) AS states,
        (SELECT count(*) FROM (SELECT DISTINCT from_state, event, to_state, condition FROM edge WHERE lifecycle = object.id)) AS edges,
        iif(object.id < 0, 'yes', 'no') AS built_in
    FROM object WHERE object.kind = 'lifecycle' AND dropped = 0;

CREATE VIEW states AS
    SELECT object.name AS lifecycle, state, channel, phase, position
    FROM state JOIN object ON object.kind = 'lifecycle' AND object.id = state.lifecycle WHERE dropped = 0;

CREATE VIEW edges AS
    SELECT object.name AS lifecycle, channel, event, nullif(from_state, '') AS from_state, to_state, nullif(condition, '') AS condition, after_ms
    FROM edge JOIN object ON object.kind = 'lifecycle' AND object.id = edge.lifecycle WHERE dropped = 0;


-- 5. Conversations ---------------------------------------------------------------------------------------

-- The present state of every conversation. Rules bind to the log: what it was opened with, transition, state, phase,
-- queue, agent, units, visit; change, priority, skills, subject, sentiment, archived. The other columns are derived and
-- checked by VERIFY JOURNAL. `archived` is 3 once the conversation is purged.
CREATE TABLE conversation (
    id                 INTEGER NOT NULL PRIMARY KEY,
    workstream         INTEGER NOT NULL,                  -- from its opening, like the next three
    lifecycle          INTEGER NOT NULL,
    customer           INTEGER NOT NULL,
    opened_at          INTEGER NOT NULL,
    channel            TEXT NOT NULL,                     -- that of the workstream; selects the edges
    transition         INTEGER NOT NULL DEFAULT 0,        -- its last transition
    state              TEXT NOT NULL DEFAULT '',
    phase              TEXT NOT NULL DEFAULT '',
    queue              INTEGER,
    agent              INTEGER,
    units              INTEGER NOT NULL DEFAULT 0,        -- units of its agent that it uses now
    visit              INTEGER NOT NULL DEFAULT 0,        -- the transition that entered this state
    change             INTEGER NOT NULL DEFAULT 0,        -- its last change of kind conversation
    priority           INTEGER NOT NULL,                  -- larger first
    skills             TEXT,
    subject            INTEGER,
    sentiment          TEXT,
    archived           INTEGER NOT NULL DEFAULT 0,        -- once closed: 1, the bodies are in `archive`; 2, they stayed in `text`
    last_agent         INTEGER,
    arrival            INTEGER,                           -- its position in line: when it arrived or returned
    entered_at         INTEGER,                           -- when it was first queued or dispatching
    first_assigned_at  INTEGER,
    handled_ms         INTEGER NOT NULL DEFAULT 0,        -- time in active, held and wrapup, up to state_since
    ended_at           INTEGER,
    closed_at          INTEGER,
    state_since        INTEGER NOT NULL,
    touched_at         INTEGER NOT NULL,                  -- last transition or message
    disconnected_at    INTEGER,                           -- since when no session is connected and one is disconnected
    message            INTEGER NOT NULL DEFAULT 0         -- its last message that is not of kind system
) STRICT;
-- The lines: conversations that wait in the same queue and workstream for the same skills, in order. To find the next one,
-- only the heads of the lines are read, however many wait behind them.
CREATE INDEX conversation_waiting ON conversation (queue, workstream, phase, skills, priority DESC, arrival, id)
    WHERE phase = 'queued' OR phase = 'dispatching';
-- When an agent's last conversation ended.
CREATE INDEX conversation_ended ON conversation (last_agent, ended_at) WHERE last_agent IS NOT NULL AND ended_at IS NOT NULL;
-- Open conversations by agent: for an agent's load and the ongoing report.
CREATE INDEX conversation_open ON conversation (agent, units) WHERE phase <> 'closed';
-- Closed conversations that have not been archived yet. One without messages is never in this index.
CREATE INDEX conversation_unarchived ON conversation (closed_at) WHERE closed_at IS NOT NULL AND archived = 0 AND message > 0;
-- Closed conversations that have not been purged yet.
CREATE INDEX conversation_unpurged ON conversation (closed_at) WHERE closed_at IS NOT NULL AND archived < 3;

-- A conversation opens on a workstream that exists, after the previous one had its first transition.
CREATE TRIGGER opening_insert BEFORE INSERT ON opening BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: an opening must belong to the open entry')
        WHEN EXISTS (SELECT 1 FROM unapplied_change WHERE seq = (SELECT max(seq) FROM change) AND entry = NEW.entry)
            OR EXISTS (SELECT 1 FROM unapplied_transition WHERE seq = (SELECT max(seq) FROM transition) AND entry = NEW.entry)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not been applied')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM opening) OR NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM conversation)
            THEN RAISE(ABORT, 'unlogged: conversation numbers must have no gaps')
        WHEN (SELECT transition FROM conversation WHERE id = NEW.id - 1) = 0
            THEN RAISE(ABORT, 'unlogged: a conversation needs its first transition before the next conversation opens')
        WHEN EXISTS (SELECT 1 FROM opening WHERE topic = NEW.topic)
            THEN RAISE(ABORT, 'exists: the topic id is already used')
        WHEN NOT EXISTS (SELECT 1 FROM object WHERE kind = 'workstream' AND id = NEW.workstream AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_workstream: the workstream does not exist')
        WHEN NEW.lifecycle IS NOT (SELECT value FROM setting WHERE kind = 'workstream' AND object = NEW.workstream AND name = 'lifecycle')
            THEN RAISE(ABORT, 'unknown_lifecycle: the lifecycle is not that of the workstream')
        WHEN NOT EXISTS (SELECT 1 FROM customer JOIN handle USING (id) WHERE id = NEW.customer AND compared IS NOT NULL)
            THEN RAISE(ABORT, 'unknown_customer: the customer does not exist')
        WHEN NEW.subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.subject)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.predecessor IS NOT NULL AND NOT EXISTS (SELECT 1 FROM opening JOIN handle ON handle.id = opening.customer
                WHERE opening.id = NEW.predecessor AND handle.customer = (SELECT customer FROM handle WHERE id = NEW.customer))
            THEN RAISE(ABORT, 'unknown_conversation: the predecessor does not exist')
        WHEN NEW.at < (SELECT at FROM entry WHERE seq = NEW.entry - 1)
            OR NEW.at IS NOT coalesce((SELECT at FROM opening WHERE id = NEW.id - 1 AND entry = NEW.entry), NEW.at)
            THEN RAISE(ABORT, 'clock: the opening is earlier than the last entry or differs from its entry')
    END;
END;

-- The rule of the lifecycle. Lifecycle::check is the same rule in Rust; a test compares the two on every case.
CREATE TRIGGER transition_insert BEFORE INSERT ON transition BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a transition must belong to the open entry')
        WHEN last.entry = NEW.entry AND EXISTS (SELECT 1 FROM unapplied_transition WHERE seq = last.seq)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not been applied')
        WHEN NEW.seq IS NOT coalesce(last.seq, 0) + 1
            THEN RAISE(ABORT, 'unlogged: transition numbers must have no gaps')
        WHEN old.id IS NULL
            THEN RAISE(ABORT, 'unknown_conversation: the conversation does not exist')
        WHEN old.phase = 'closed'
            THEN RAISE(ABORT, 'final_state: a closed conversation cannot move')
        WHEN coalesce(NEW.from_state, '') <> old.state OR NEW.from_state = '' OR edge.to_state IS NULL OR NEW.to_state <> edge.to_state OR NEW.to_phase <> edge.to_phase
            THEN RAISE(ABORT, 'no_edge: the lifecycle has no such edge from this state')
        WHEN EXISTS (SELECT 1 FROM offer WHERE offer.conversation = NEW.conversation)
            THEN RAISE(ABORT, 'not_offered: the offer must be answered or withdrawn before the conversation moves')
        WHEN NEW.from_agent IS NOT old.agent OR NEW.from_queue IS NOT old.queue
            THEN RAISE(ABORT, 'unlogged: the transition does not start from the agent and queue of the conversation')
        WHEN (NEW.to_agent IS NOT NULL) IS NOT phase.holds_agent
            THEN CASE phase.holds_agent
                WHEN 1 THEN RAISE(ABORT, 'unknown_agent: a conversation in this phase must have an agent')
                ELSE RAISE(ABORT, 'not_holder: a conversation in this phase cannot have an agent') END
        WHEN NEW.to_agent IS NOT old.agent AND NEW.to_agent IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM object WHERE kind = 'agent' AND id = NEW.to_agent AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_agent: the agent does not exist')
        WHEN NEW.event = 'transfer_agent' AND NEW.to_agent = old.agent
            THEN RAISE(ABORT, 'same_agent: the agent already has the conversation')
        WHEN NEW.to_agent <> old.agent AND NEW.event <> 'transfer_agent'
            THEN RAISE(ABORT, 'not_holder: this event cannot change the agent')
        WHEN NEW.to_queue = old.queue AND (NEW.event = 'assign_queue' OR NEW.event = 'transfer_queue')
            THEN RAISE(ABORT, 'same_queue: the conversation is already in that queue')
        WHEN NEW.to_queue IS NOT old.queue AND NEW.event <> 'open' AND NEW.event <> 'open_queued'
            AND NEW.event <> 'assign_queue' AND NEW.event <> 'transfer_queue' AND NEW.event <> 'request_agent'
            -- Who comes back waits in the workstream's queue if nobody serves the one that they waited in.
            AND NOT (NEW.event = 'customer_return' AND phase.waits = 1
                AND NEW.to_queue = (SELECT value FROM setting WHERE kind = 'workstream' AND object = old.workstream AND name = 'queue')
                AND NOT EXISTS (SELECT 1 FROM queue_member JOIN object ON object.kind = 'agent' AND object.id = queue_member.agent
                    WHERE queue_member.queue = old.queue AND member = 1 AND dropped = 0))
            THEN RAISE(ABORT, 'same_queue: this event cannot change the queue')
        WHEN NEW.to_queue IS NOT old.queue AND NOT EXISTS (SELECT 1 FROM object WHERE kind = 'queue' AND id = NEW.to_queue AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_queue: the queue does not exist')
        WHEN NEW.units <> CASE
                WHEN phase.uses_capacity = 0 THEN 0
                WHEN NEW.to_phase = 'wrapup' AND (SELECT value FROM setting WHERE kind = 'workstream'
                    AND object = old.workstream AND name = 'wrapup_capacity') = 'never' THEN 0
                WHEN old.agent = NEW.to_agent AND (old.phase <> 'wrapup' OR NEW.to_phase = 'wrapup') THEN old.units
                WHEN accepted.seq IS NOT NULL THEN (SELECT value FROM change WHERE object = NEW.conversation AND kind = 'offer' AND seq < accepted.seq
                    ORDER BY seq DESC LIMIT 1)
                ELSE (SELECT value FROM setting WHERE kind = 'workstream' AND object = old.workstream AND name = 'units') END
            THEN RAISE(ABORT, 'at_capacity: the units are not those of the workstream')
        WHEN NEW.units > 0 AND NEW.to_agent IS NOT old.agent AND NEW.override = 0 AND accepted.seq IS NULL
            AND NEW.units + (SELECT coalesce(sum(held.units), 0) FROM conversation AS held WHERE held.agent = NEW.to_agent AND held.phase <> 'closed')
                + (SELECT coalesce(sum(offer.units), 0) FROM offer WHERE offer.agent = NEW.to_agent)
                > coalesce((SELECT value FROM setting WHERE kind = 'agent' AND object = NEW.to_agent AND name = 'capacity'), 0)
            THEN RAISE(ABORT, 'at_capacity: the agent is at capacity')
        WHEN NEW.reason IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.reason)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.at < old.opened_at OR NEW.at < last.at
            THEN RAISE(ABORT, 'clock: the transition is earlier than the last transition')
    END
    FROM (SELECT 1)
    LEFT JOIN transition AS last ON last.seq = (SELECT max(seq) FROM transition)
    LEFT JOIN conversation AS old ON old.id = NEW.conversation
    LEFT JOIN edge ON edge.lifecycle = old.lifecycle AND edge.channel = old.channel AND edge.from_state = old.state AND edge.event = NEW.event
        AND CASE WHEN edge.condition = '' THEN 1 ELSE (SELECT value FROM setting WHERE kind = 'workstream'
                AND object = old.workstream AND name = replace(edge.condition, 'no ', ''))
            = iif(edge.condition = 'bot' OR edge.condition = 'wrapup', 'on', 'off') END
    LEFT JOIN phase ON phase.phase = edge.to_phase
    -- The offer that the agent has just accepted: its units are kept, whatever changed since.
    LEFT JOIN change AS accepted ON NEW.event = 'accept' AND accepted.name = 'accepted' AND accepted.item = NEW.to_agent AND accepted.entry = NEW.entry
        AND accepted.after_transition = last.seq AND accepted.seq = (SELECT max(seq) FROM change WHERE object = NEW.conversation AND kind = 'offer');
END;

CREATE TRIGGER conversation_insert BEFORE INSERT ON conversation BEGIN
    SELECT RAISE(ABORT, 'unlogged: a conversation is created only by its opening')
    WHERE EXISTS (SELECT 1 FROM conversation WHERE id = NEW.id)
        OR (NEW.transition, NEW.state, NEW.phase, NEW.queue, NEW.agent, NEW.units, NEW.visit, NEW.change, NEW.sentiment, NEW.archived)
            IS NOT (0, '', '', NULL, NULL, 0, 0, 0, NULL, 0)
        OR (NEW.id, NEW.workstream, NEW.lifecycle, NEW.customer, NEW.opened_at, NEW.priority, NEW.skills, NEW.subject)
            IS NOT (SELECT id, workstream, lifecycle, customer, at, priority, skills, subject FROM opening
                WHERE id = (SELECT max(id) FROM opening) AND entry > (SELECT coalesce(max(seq), 0) FROM entry))
        OR NEW.channel IS NOT (SELECT value FROM setting WHERE kind = 'workstream' AND object = NEW.workstream AND name = 'channel');
END;
-- SQLite accepts four names for the key.
CREATE TRIGGER conversation_fixed BEFORE UPDATE OF id, rowid, _rowid_, oid, workstream, lifecycle, customer, opened_at, channel ON conversation
    BEGIN SELECT RAISE(ABORT, 'unlogged: what a conversation was opened with cannot be changed'); END;
-- OLD is what SQLite read before a temporary trigger ran: setting a column to itself would undo what that trigger changed.
CREATE TRIGGER conversation_moved BEFORE UPDATE OF transition, state, phase, queue, agent, units, visit ON conversation BEGIN
    SELECT RAISE(ABORT, 'unlogged: a conversation is moved only by a transition')
    WHERE (OLD.transition, OLD.change) IS NOT (SELECT transition, change FROM conversation WHERE id = OLD.id)
        OR NEW.transition IS NOT OLD.transition AND NOT EXISTS (SELECT 1 FROM transition AS moved
            WHERE moved.seq = NEW.transition AND moved.seq > OLD.transition AND moved.conversation = NEW.id
                AND moved.entry > (SELECT coalesce(max(seq), 0) FROM entry)
                AND moved.to_state = NEW.state AND moved.to_phase = NEW.phase AND moved.to_queue = NEW.queue AND moved.to_agent IS NEW.agent
                AND moved.units = NEW.units AND NEW.visit = iif(moved.to_state = moved.from_state, OLD.visit, moved.seq)
                AND moved.seq > coalesce((SELECT after_transition FROM change ORDER BY seq DESC LIMIT 1), 0))
        OR NEW.transition IS OLD.transition AND ((NEW.state, NEW.phase, NEW.queue, NEW.agent, NEW.visit) IS NOT (OLD.state, OLD.phase, OLD.queue, OLD.agent, OLD.visit)
            OR NEW.units IS NOT OLD.units AND NEW.change IS OLD.change);
END;
CREATE TRIGGER conversation_changed BEFORE UPDATE OF change, priority, skills, subject, sentiment, archived ON conversation BEGIN
    SELECT RAISE(ABORT, 'unlogged: a conversation is changed only by a change')
    WHERE (OLD.transition, OLD.change) IS NOT (SELECT transition, change FROM conversation WHERE id = OLD.id)
        OR NEW.change <= OLD.change OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.seq = NEW.change AND made.kind = 'conversation' AND made.object = NEW.id
        AND NEW.subject IS iif(made.name = 'subject', made.value, OLD.subject) AND NEW.priority IS iif(made.name = 'priority', made.value, OLD.priority)
        AND NEW.skills IS iif(made.name = 'skills', made.value, OLD.skills) AND NEW.sentiment IS iif(made.name = 'sentiment', made.value, OLD.sentiment)
        AND NEW.archived IS CASE made.name WHEN 'archived' THEN 1 WHEN 'unpacked' THEN 2 WHEN 'purged' THEN 3 ELSE OLD.archived END
        AND NEW.units IS iif(made.name = 'units', made.value, OLD.units) AND NEW.transition IS OLD.transition);
END;
CREATE TRIGGER conversation_delete BEFORE DELETE ON conversation BEGIN SELECT RAISE(ABORT, 'unlogged: a conversation cannot be deleted'); END;

-- Changes of a conversation, which must not be closed.
CREATE TRIGGER change_insert_conversation BEFORE INSERT ON change
    WHEN NEW.kind = 'conversation' OR NEW.kind = 'session' OR NEW.kind = 'timer' OR NEW.kind = 'participant' OR NEW.kind = 'offer' BEGIN
    SELECT CASE
        WHEN conversation.id IS NULL
            THEN RAISE(ABORT, 'invalid_value: the object does not exist')
        WHEN conversation.phase = 'closed' AND NEW.name <> 'archived' AND NEW.name <> 'unpacked' AND NEW.name <> 'purged'
            THEN RAISE(ABORT, 'final_state: a closed conversation cannot be changed')
        WHEN (NEW.name = 'archived' OR NEW.name = 'unpacked') AND (conversation.phase <> 'closed' OR conversation.archived <> 0)
            THEN RAISE(ABORT, 'invalid_value: only a closed conversation can be archived, and only once')
        WHEN NEW.name = 'purged' AND (conversation.phase <> 'closed' OR conversation.archived = 3)
            THEN RAISE(ABORT, 'invalid_value: only a closed conversation can be purged, and only once')
        WHEN NEW.name = 'subject' AND NEW.value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.value)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.name = 'units' AND (conversation.phase <> 'wrapup' OR NOT EXISTS (SELECT 1 FROM timer
                WHERE timer.conversation = NEW.object AND timer.timer = 'wrapup_capacity' AND timer.due_at <= NEW.at AND timer.visit = conversation.visit))
            THEN RAISE(ABORT, 'at_capacity: wrap-up still costs its units')
        WHEN NEW.kind = 'session' AND NOT EXISTS (SELECT 1 FROM channel WHERE channel = NEW.item AND messaging = 1)
            THEN RAISE(ABORT, 'invalid_value: the channel has no sessions')
        WHEN NEW.kind = 'timer' AND NOT EXISTS (SELECT 1 FROM timer_kind WHERE timer = NEW.item)
            THEN RAISE(ABORT, 'invalid_value: the timer does not exist')
        WHEN NEW.kind = 'participant' AND (typeof(NEW.item) <> 'text' OR length(NEW.item) NOT BETWEEN 1 AND 64 OR instr(NEW.item, char(0)) > 0)
            THEN RAISE(ABORT, 'invalid_value: a participant must have a name of 1 to 64 characters')
    END
    FROM (SELECT 1) LEFT JOIN conversation ON conversation.id = NEW.object;
END;

-- A closed conversation takes no messages.
CREATE TRIGGER message_insert BEFORE INSERT ON message BEGIN
    SELECT CASE
        WHEN NEW.entry IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: a message must belong to the open entry')
        WHEN EXISTS (SELECT 1 FROM unapplied_transition WHERE seq = (SELECT max(seq) FROM transition) AND entry = NEW.entry)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not been applied')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM message)
            THEN RAISE(ABORT, 'unlogged: message numbers must have no gaps')
        WHEN conversation.id IS NULL
            THEN RAISE(ABORT, 'unknown_conversation: the conversation does not exist')
        WHEN conversation.phase = 'closed'
            THEN RAISE(ABORT, 'final_state: a closed conversation takes no messages')
        WHEN NEW.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.text)
            THEN RAISE(ABORT, 'invalid_value: the text does not exist')
        WHEN NEW.at < conversation.opened_at OR NEW.at < (SELECT at FROM message WHERE id = NEW.id - 1)
            THEN RAISE(ABORT, 'clock: the message is earlier than the opening or the last message')
    END
    FROM (SELECT 1) LEFT JOIN conversation ON conversation.id = NEW.conversation;
END;

-- A conversation has no state until its first transition.
CREATE TRIGGER opening_opens AFTER INSERT ON opening BEGIN
    INSERT INTO conversation (id, workstream, lifecycle, customer, opened_at, channel, priority, skills, subject, state_since, touched_at)
        VALUES (NEW.id, NEW.workstream, NEW.lifecycle, NEW.customer, NEW.at,
            (SELECT value FROM setting WHERE kind = 'workstream' AND object = NEW.workstream AND name = 'channel'),
            NEW.priority, NEW.skills, NEW.subject, NEW.at, NEW.at);
END;
CREATE TRIGGER transition_moves AFTER INSERT ON transition BEGIN
    UPDATE conversation SET transition = NEW.seq, state = NEW.to_state, phase = NEW.to_phase, queue = NEW.to_queue, agent = NEW.to_agent, units = NEW.units,
        visit = iif(NEW.to_state = state, visit, NEW.seq),
        last_agent = coalesce(NEW.to_agent, agent, last_agent),
        arrival = CASE WHEN NEW.to_phase <> 'queued' AND NEW.to_phase <> 'dispatching' THEN arrival
            WHEN NEW.event = 'customer_return' THEN NEW.at ELSE coalesce(arrival, NEW.at) END,
        entered_at = coalesce(entered_at, iif(NEW.to_phase = 'queued' OR NEW.to_phase = 'dispatching', NEW.at, NULL)),
        first_assigned_at = coalesce(first_assigned_at, iif(NEW.to_phase = 'active', NEW.at, NULL)),
        handled_ms = handled_ms + iif(NEW.to_state <> state AND (phase = 'active' OR phase = 'held' OR phase = 'wrapup'), NEW.at - state_since, 0),
        ended_at = iif(NEW.to_phase = 'wrapup' OR NEW.to_phase = 'departed' OR NEW.to_phase = 'closing' OR NEW.to_phase = 'closed', coalesce(ended_at, NEW.at), NULL),
        closed_at = iif(NEW.to_phase = 'closed', NEW.at, NULL),
        state_since = iif(NEW.to_state = state, state_since, NEW.at),
        touched_at = max(touched_at, NEW.at)
    WHERE id = NEW.conversation;
END;
-- A message of kind system comes with a transition, which has set touched_at.
CREATE TRIGGER message_touches AFTER INSERT ON message WHEN NEW.kind <> 'system' BEGIN
    UPDATE conversation SET message = NEW.id, touched_at = max(touched_at, NEW.at) WHERE id = NEW.conversation;
END;
CREATE TRIGGER conversation_set AFTER INSERT ON change WHEN NEW.kind = 'conversation' BEGIN
    UPDATE conversation SET change = NEW.seq,
        subject = iif(NEW.name = 'subject', NEW.value, subject),
        priority = iif(NEW.name = 'priority', NEW.value, priority),
        skills = iif(NEW.name = 'skills', NEW.value, skills),
        sentiment = iif(NEW.name = 'sentiment', NEW.value, sentiment),
        units = iif(NEW.name = 'units', NEW.value, units),
        archived = CASE NEW.name WHEN 'archived' THEN 1 WHEN 'unpacked' THEN 2 WHEN 'purged' THEN 3 ELSE archived END
    WHERE id = NEW.object;
END;

CREATE VIEW conversations AS
    SELECT conversation.id,
        lower(hex(substr(topic, 1, 4)) || '-' || hex(substr(topic, 5, 2)) || '-' || hex(substr(topic, 7, 2)) || '-' || hex(substr(topic, 9, 2)) || '-' || hex(substr(topic, 11))) AS topic,
        workstream.name AS workstream, conversation.channel, lifecycle.name AS lifecycle, conversation.state, conversation.phase,
        customer.handle AS customer, text.body AS subject, queue.name AS queue, agent.name AS agent, last.name AS last_agent,
        conversation.priority, conversation.skills, conversation.sentiment,
        strftime('%Y-%m-%dT%H:%M:%fZ', opened_at / 1000.0, 'unixepoch') AS opened_at, opened_at AS opened_at_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', state_since / 1000.0, 'unixepoch') AS state_since, state_since AS state_since_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', first_assigned_at / 1000.0, 'unixepoch') AS first_assigned_at, first_assigned_at AS first_assigned_at_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', ended_at / 1000.0, 'unixepoch') AS ended_at, ended_at AS ended_at_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', closed_at / 1000.0, 'unixepoch') AS closed_at, closed_at AS closed_at_ms,
        opening.predecessor
    FROM conversation
    JOIN opening ON opening.id = conversation.id
    JOIN object AS workstream ON workstream.kind = 'workstream' AND workstream.id = conversation.workstream
    JOIN object AS lifecycle ON lifecycle.kind = 'lifecycle' AND lifecycle.id = conversation.lifecycle
    JOIN shown_customer AS customer ON customer.id = conversation.customer
    JOIN object AS queue ON queue.kind = 'queue' AND queue.id = conversation.queue
    LEFT JOIN object AS agent ON agent.kind = 'agent' AND agent.id = conversation.agent
    LEFT JOIN object AS last ON last.kind = 'agent' AND last.id = conversation.last_agent
    LEFT JOIN text ON text.id = conversation.subject;

-- Since when the customer of an open conversation waits for an answer: from the opening (if the customer began it), a
-- message, a return or the request for an agent, until somebody of the contact centre writes to them; on voice also until
-- an agent takes the call.
CREATE VIEW unanswered AS
    SELECT conversation.id AS conversation, (SELECT min(at) FROM (
        SELECT at FROM message WHERE message.conversation = conversation.id AND id > coalesce(answer.id, 0) AND entry > coalesce(taken.entry, 0)
            AND kind = 'text' AND author_kind = 'customer'
        UNION ALL
        SELECT at FROM transition WHERE transition.conversation = conversation.id AND entry > max(coalesce(answer.entry, 0), coalesce(taken.entry, 0))
            AND (event = 'customer_return' OR event = 'request_agent')
        UNION ALL
        SELECT opening.at FROM opening WHERE opening.id = conversation.id AND answer.id IS NULL AND taken.entry IS NULL
            AND conversation.channel <> 'record' AND NOT EXISTS (SELECT 1 FROM transition
                WHERE transition.conversation = conversation.id AND entry = opening.entry AND event = 'pick'))) AS since
    FROM conversation
    LEFT JOIN message AS answer ON answer.id = (SELECT max(id) FROM message
        WHERE message.conversation = conversation.id AND kind = 'text' AND author_kind <> 'customer')
    LEFT JOIN transition AS taken ON conversation.channel = 'voice' AND taken.seq = (SELECT max(seq) FROM transition
        WHERE transition.conversation = conversation.id AND to_phase = 'active' AND to_agent IS NOT from_agent)
    WHERE conversation.phase <> 'closed' AND conversation.phase <> 'closing';

-- Everything open, at the time of the statement, which only Switchboard can provide.
CREATE VIEW open_conversation AS
    SELECT conversation.id AS conversation, text.body AS subject, conversation.state, agent.name AS agent, queue.name AS queue, conversation.channel,
        customer.handle AS customer,
        -- A wait ends at the first assignment after it began; a conversation that waits again is counted from then.
        iif(conversation.phase = 'queued' OR conversation.phase = 'dispatching', switchboard_now() - state_since,
            coalesce(iif(first_assigned_at > entered_at, first_assigned_at, (SELECT min(at) FROM transition
                WHERE transition.conversation = conversation.id AND to_phase = 'active' AND seq > (SELECT min(seq) FROM transition
                    WHERE transition.conversation = conversation.id AND (to_phase = 'queued' OR to_phase = 'dispatching')))),
                ended_at, switchboard_now()) - entered_at) AS wait_ms,
        iif(first_assigned_at IS NULL, NULL, handled_ms + iif(conversation.phase IN ('active', 'held', 'wrapup'), switchboard_now() - state_since, 0)) AS handle_ms,
        switchboard_now() - (SELECT since FROM unanswered WHERE unanswered.conversation = conversation.id) AS unanswered_ms,
        conversation.sentiment, strftime('%Y-%m-%dT%H:%M:%fZ', opened_at / 1000.0, 'unixepoch') AS opened_at, opened_at AS opened_at_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', touched_at / 1000.0, 'unixepoch') AS touched_at, touched_at AS touched_at_ms,
        (SELECT asked.name FROM offer JOIN object AS asked ON asked.kind = 'agent' AND asked.id = offer.agent WHERE offer.conversation = conversation.id) AS offered_to,
        conversation.phase
    FROM conversation
    JOIN shown_customer AS customer ON customer.id = conversation.customer
    JOIN object AS queue ON queue.kind = 'queue' AND queue.id = conversation.queue
    LEFT JOIN object AS agent ON agent.kind = 'agent'
        AND agent.id = coalesce(conversation.agent, iif(conversation.phase = 'parked', conversation.last_agent, NULL))
    LEFT JOIN text ON text.id = conversation.subject
    WHERE conversation.phase <> 'closed';

-- The report that a supervisor watches.
CREATE VIEW ongoing AS
    SELECT conversation, subject, state, agent, queue, channel, customer, wait_ms, handle_ms, unanswered_ms, sentiment, opened_at, opened_at_ms,
        touched_at, touched_at_ms, offered_to
    FROM open_conversation
    WHERE phase NOT IN ('bot', 'closing') AND channel <> 'record';

CREATE VIEW transitions AS
    SELECT transition.seq, transition.entry AS journal, transition.conversation, event, from_state, to_state,
        from_agent.name AS from_agent, to_agent.name AS to_agent, from_queue.name AS from_queue, to_queue.name AS to_queue,
        transition.actor_kind, transition.actor, text.body AS reason, override,
        strftime('%Y-%m-%dT%H:%M:%fZ', transition.at / 1000.0, 'unixepoch') AS at, transition.at AS at_ms,
        strftime('%Y-%m-%dT%H:%M:%fZ', entry.at / 1000.0, 'unixepoch') AS applied_at, entry.at AS applied_at_ms
    FROM transition
    LEFT JOIN entry ON entry.seq = transition.entry
    LEFT JOIN object AS from_agent ON from_agent.kind = 'agent' AND from_agent.id = transition.from_agent
    LEFT JOIN object AS to_agent ON to_agent.kind = 'agent' AND to_agent.id = transition.to_agent
    LEFT JOIN object AS from_queue ON from_queue.kind = 'queue' AND from_queue.id = transition.from_queue
    LEFT JOIN object AS to_queue ON to_queue.kind = 'queue' AND to_queue.id = transition.to_queue
    LEFT JOIN text ON text.id = transition.reason;


-- 6. Sessions, guests, offers, timers ---------------------------------------------------------------------

-- The customer's presence in a conversation, one row per channel.
CREATE TABLE channel_session (
    conversation  INTEGER NOT NULL,
    channel       TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status = 'connected' OR status = 'disconnected' OR status = 'ended'),
    since         INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, channel)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER channel_session_insert BEFORE INSERT ON channel_session BEGIN
    SELECT RAISE(ABORT, 'unlogged: a session is written only by a change')
    WHERE EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.conversation AND channel = NEW.channel AND change >= NEW.change)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'session' AND object = NEW.conversation AND item = NEW.channel
            AND NEW.status = name AND NEW.since = at);
END;
CREATE TRIGGER channel_session_update BEFORE UPDATE ON channel_session BEGIN
    SELECT RAISE(ABORT, 'unlogged: a session is written only by a change')
    WHERE NEW.conversation IS NOT OLD.conversation OR NEW.channel IS NOT OLD.channel OR NEW.change <= OLD.change
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'session' AND object = NEW.conversation AND item = NEW.channel
            AND NEW.status = name AND NEW.since = at);
END;
CREATE TRIGGER channel_session_delete BEFORE DELETE ON channel_session BEGIN
    SELECT RAISE(ABORT, 'unlogged: a session is deleted only when its conversation is purged')
    WHERE NOT EXISTS (SELECT 1 FROM newest_change WHERE kind = 'conversation' AND name = 'purged' AND object = OLD.conversation);
END;
CREATE TRIGGER session_changed AFTER INSERT ON change WHEN NEW.kind = 'session' BEGIN
    INSERT INTO channel_session (conversation, channel, status, since, change) VALUES (NEW.object, NEW.item, NEW.name, NEW.at, NEW.seq)
        ON CONFLICT (conversation, channel) DO UPDATE SET status = excluded.status, since = excluded.since, change = excluded.change;
    UPDATE conversation SET disconnected_at =
        CASE WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.object AND status = 'connected') THEN NULL
            WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.object AND status = 'disconnected') THEN coalesce(disconnected_at, NEW.at) END
    WHERE id = NEW.object;
END;

CREATE VIEW channel_sessions AS
    SELECT conversation, channel_session.channel, iif(conversation.phase = 'closed', 'ended', status) AS status,
        strftime('%Y-%m-%dT%H:%M:%fZ', since / 1000.0, 'unixepoch') AS since, since AS since_ms
    FROM channel_session JOIN conversation ON conversation.id = channel_session.conversation;

-- The other participants: consultants, monitors, a bot. The assigned agent is in `conversation`.
CREATE TABLE participant (
    conversation  INTEGER NOT NULL,
    name          TEXT NOT NULL COLLATE NOCASE,
    role          TEXT NOT NULL,
    since         INTEGER NOT NULL,
    until         INTEGER,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, name)
) STRICT, WITHOUT ROWID;

-- The row that the newest change makes: a participant who leaves keeps their role and start.
CREATE VIEW participant_made AS
    SELECT made.seq AS change, made.object AS conversation, made.item AS name, coalesce(made.value, before.role, 'monitor') AS role,
        coalesce(iif(made.name = 'left', before.since, NULL), made.at) AS since, iif(made.name = 'left', made.at, NULL) AS until
    FROM newest_change AS made
    LEFT JOIN participant AS before ON before.conversation = made.object AND before.name = made.item
    WHERE made.kind = 'participant';
CREATE TRIGGER participant_insert BEFORE INSERT ON participant BEGIN
    SELECT RAISE(ABORT, 'unlogged: a participant is written only by a change')
    WHERE EXISTS (SELECT 1 FROM participant WHERE conversation = NEW.conversation AND name = NEW.name AND change >= NEW.change)
        OR (NEW.conversation, NEW.name COLLATE BINARY, NEW.role, NEW.since, NEW.until, NEW.change)
            IS NOT (SELECT conversation, name, role, since, until, change FROM participant_made);
END;
CREATE TRIGGER participant_update BEFORE UPDATE ON participant BEGIN
    SELECT RAISE(ABORT, 'unlogged: a participant is written only by a change')
    WHERE NEW.conversation IS NOT OLD.conversation OR NEW.name IS NOT OLD.name OR NEW.change <= OLD.change
        OR (NEW.conversation, NEW.name COLLATE BINARY, NEW.role, NEW.since, NEW.until, NEW.change)
            IS NOT (SELECT conversation, name, role, since, until, change FROM participant_made);
END;
CREATE TRIGGER participant_delete BEFORE DELETE ON participant BEGIN
    SELECT RAISE(ABORT, 'unlogged: a participant is deleted only when their conversation is purged')
    WHERE NOT EXISTS (SELECT 1 FROM newest_change WHERE kind = 'conversation' AND name = 'purged' AND object = OLD.conversation);
END;
CREATE TRIGGER participant_changed AFTER INSERT ON change WHEN NEW.kind = 'participant' BEGIN
    INSERT INTO participant (conversation, name, role, since, until, change)
        SELECT NEW.object, NEW.item, coalesce(NEW.value, before.role, 'monitor'), coalesce(iif(NEW.name = 'left', before.since, NULL), NEW.at),
            iif(NEW.name = 'left', NEW.at, NULL), NEW.seq
        FROM (SELECT 1) LEFT JOIN participant AS before ON before.conversation = NEW.object AND before.name = NEW.item WHERE true
        ON CONFLICT (conversation, name) DO UPDATE SET
            name = excluded.name, role = excluded.role, since = excluded.since, until = excluded.until, change = excluded.change;
END;

CREATE VIEW participants AS
    SELECT conversation.id AS conversation, agent.name, 'primary' AS role,
        strftime('%Y-%m-%dT%H:%M:%fZ', came.at / 1000.0, 'unixepoch') AS since, came.at AS since_ms
    FROM conversation JOIN object AS agent ON agent.kind = 'agent' AND agent.id = conversation.agent
    JOIN transition AS came ON came.seq = (SELECT max(seq) FROM transition
        WHERE transition.conversation = conversation.id AND to_agent IS NOT from_agent)
    UNION ALL
    SELECT participant.conversation, participant.name, role, strftime('%Y-%m-%dT%H:%M:%fZ', since / 1000.0, 'unixepoch'), since
    FROM participant JOIN conversation ON conversation.id = participant.conversation
    LEFT JOIN object AS holder ON holder.kind = 'agent' AND holder.id = conversation.agent
    WHERE until IS NULL AND conversation.phase <> 'closed' AND participant.name IS NOT holder.name;   -- the assigned agent is not a guest

-- A conversation that is offered to an agent: it keeps waiting, and its units are reserved until the agent answers.
CREATE TABLE offer (
    conversation  INTEGER NOT NULL PRIMARY KEY,
    agent         INTEGER NOT NULL,
    units         INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    change        INTEGER NOT NULL
) STRICT;
CREATE INDEX offer_agent ON offer (agent, units);

CREATE TRIGGER change_insert_offer BEFORE INSERT ON change WHEN NEW.kind = 'offer' BEGIN
    SELECT CASE
        WHEN NEW.name <> 'made' AND (typeof(NEW.item) <> 'integer' OR NOT EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.object AND agent = NEW.item))
            THEN RAISE(ABORT, 'not_offered: the conversation is not offered to that agent')
        WHEN NEW.name <> 'made'
            THEN NULL
        WHEN typeof(NEW.item) <> 'integer' OR NOT EXISTS (SELECT 1 FROM object WHERE kind = 'agent' AND id = NEW.item AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_agent: the agent does not exist')
        WHEN EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.object)
            OR NOT EXISTS (SELECT 1 FROM conversation WHERE id = NEW.object AND (phase = 'queued' OR phase = 'dispatching')
                AND NEW.value = (SELECT value FROM setting WHERE kind = 'workstream' AND object = conversation.workstream AND name = 'units'))
            THEN RAISE(ABORT, 'invalid_value: only a waiting conversation can be offered, to one agent, for its units')
        WHEN NEW.value > 0 AND NEW.value + (SELECT coalesce(sum(units), 0) FROM conversation WHERE agent = NEW.item AND phase <> 'closed')
                + (SELECT coalesce(sum(units), 0) FROM offer WHERE agent = NEW.item)
                > coalesce((SELECT value FROM setting WHERE kind = 'agent' AND object = NEW.item AND name = 'capacity'), 0)
            THEN RAISE(ABORT, 'at_capacity: the agent is at capacity')
    END;
END;
CREATE TRIGGER offer_insert BEFORE INSERT ON offer BEGIN
    SELECT RAISE(ABORT, 'unlogged: an offer is written only by a change')
    WHERE EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.conversation)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'offer' AND name = 'made' AND object = NEW.conversation AND item = NEW.agent
            AND value = NEW.units AND at = NEW.since);
END;
CREATE TRIGGER offer_update BEFORE UPDATE ON offer BEGIN SELECT RAISE(ABORT, 'unlogged: an offer is written only by a change'); END;
CREATE TRIGGER offer_delete BEFORE DELETE ON offer BEGIN
    SELECT RAISE(ABORT, 'unlogged: an offer is ended only by a change')
    WHERE NOT EXISTS (SELECT 1 FROM newest_change WHERE seq > OLD.change AND kind = 'offer' AND name <> 'made' AND object = OLD.conversation AND item = OLD.agent);
END;
CREATE TRIGGER offer_made AFTER INSERT ON change WHEN NEW.kind = 'offer' AND NEW.name = 'made' BEGIN
    INSERT INTO offer (conversation, agent, units, since, change) VALUES (NEW.object, NEW.item, NEW.value, NEW.at, NEW.seq);
END;
CREATE TRIGGER offer_ended AFTER INSERT ON change WHEN NEW.kind = 'offer' AND NEW.name <> 'made' BEGIN
    DELETE FROM offer WHERE conversation = NEW.object;
END;

-- Every offer and its answer; an offer without one is open.
CREATE VIEW offers AS
    SELECT made.object AS conversation, agent.name AS agent,
        strftime('%Y-%m-%dT%H:%M:%fZ', made.at / 1000.0, 'unixepoch') AS at, made.at AS at_ms,
        coalesce(answer.name, 'open') AS answer,
        strftime('%Y-%m-%dT%H:%M:%fZ', answer.at / 1000.0, 'unixepoch') AS answered_at, answer.at AS answered_at_ms
    FROM change AS made
    JOIN object AS agent ON agent.kind = 'agent' AND agent.id = made.item
    LEFT JOIN change AS answer ON answer.seq = (SELECT min(seq) FROM change WHERE kind = 'offer' AND object = made.object AND seq > made.seq)
    WHERE made.kind = 'offer' AND made.name = 'made';

-- A time at which something is due. A timer belongs to one visit of a state and ends with it; a timer that continues, or
-- is paused, is written again for the next visit.
CREATE TABLE timer (
    conversation  INTEGER NOT NULL,
    timer         TEXT NOT NULL,
    due_at        INTEGER,                                -- null while paused
    remaining_ms  INTEGER,
    visit         INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, timer)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due_at, conversation, timer) WHERE due_at IS NOT NULL;

CREATE TRIGGER timer_insert BEFORE INSERT ON timer BEGIN
    SELECT RAISE(ABORT, 'unlogged: a timer is written only by a change')
    WHERE EXISTS (SELECT 1 FROM timer WHERE conversation = NEW.conversation AND timer = NEW.timer AND change >= NEW.change)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'timer' AND object = NEW.conversation AND item = NEW.timer
            AND NEW.due_at IS iif(name = 'started', value, NULL) AND NEW.remaining_ms IS iif(name = 'paused', value, NULL) AND name <> 'stopped'
            AND NEW.visit = (SELECT visit FROM conversation WHERE id = NEW.conversation));
END;
CREATE TRIGGER timer_update BEFORE UPDATE ON timer BEGIN
    SELECT RAISE(ABORT, 'unlogged: a timer is written only by a change')
    WHERE NEW.conversation IS NOT OLD.conversation OR NEW.timer IS NOT OLD.timer OR NEW.change <= OLD.change
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'timer' AND object = NEW.conversation AND item = NEW.timer
            AND NEW.due_at IS iif(name = 'started', value, NULL) AND NEW.remaining_ms IS iif(name = 'paused', value, NULL) AND name <> 'stopped'
            AND NEW.visit = (SELECT visit FROM conversation WHERE id = NEW.conversation));
END;
-- A timer ends when it is stopped, when its state is left, and when the conversation closes.
CREATE TRIGGER timer_delete BEFORE DELETE ON timer BEGIN
    SELECT RAISE(ABORT, 'unlogged: a timer is stopped only by a change')
    WHERE OLD.change IS NOT (SELECT change FROM timer WHERE conversation = OLD.conversation AND timer = OLD.timer)
        OR NOT EXISTS (SELECT 1 FROM conversation WHERE id = OLD.conversation AND (phase = 'closed' OR visit > OLD.visit))
        AND NOT EXISTS (SELECT 1 FROM newest_change WHERE seq > OLD.change AND kind = 'timer' AND name = 'stopped'
            AND object = OLD.conversation AND item = OLD.timer);
END;
CREATE TRIGGER timer_set AFTER INSERT ON change WHEN NEW.kind = 'timer' AND NEW.name <> 'stopped' BEGIN
    INSERT INTO timer (conversation, timer, due_at, remaining_ms, visit, change)
        VALUES (NEW.object, NEW.item, iif(NEW.name = 'started', NEW.value, NULL), iif(NEW.name = 'paused', NEW.value, NULL),
            (SELECT visit FROM conversation WHERE id = NEW.object), NEW.seq)
        ON CONFLICT (conversation, timer) DO UPDATE SET
            due_at = excluded.due_at, remaining_ms = excluded.remaining_ms, visit = excluded.visit, change = excluded.change;
END;
CREATE TRIGGER timer_stopped AFTER INSERT ON change WHEN NEW.kind = 'timer' AND NEW.name = 'stopped' BEGIN
    DELETE FROM timer WHERE conversation = NEW.object AND timer = NEW.item;
END;
-- The WHEN avoids starting a DELETE where there are no timers.
CREATE TRIGGER timer_leaves AFTER UPDATE OF visit ON conversation
    WHEN EXISTS (SELECT 1 FROM timer WHERE conversation = NEW.id AND (visit < NEW.visit OR NEW.phase = 'closed')) BEGIN
    DELETE FROM timer WHERE conversation = NEW.id AND (visit < NEW.visit OR NEW.phase = 'closed');
END;

CREATE VIEW timers AS
    SELECT timer.conversation, timer, agent.name AS agent, strftime('%Y-%m-%dT%H:%M:%fZ', due_at / 1000.0, 'unixepoch') AS due_at,
        due_at AS due_at_ms, remaining_ms
    FROM timer JOIN conversation ON conversation.id = timer.conversation
    LEFT JOIN object AS agent ON agent.kind = 'agent' AND agent.id = conversation.agent
    UNION ALL
    SELECT NULL, 'agent_timeout', agent.name, strftime('%Y-%m-%dT%H:%M:%fZ', value / 1000.0, 'unixepoch'), value, NULL
    FROM setting JOIN object AS agent ON agent.kind = 'agent' AND agent.id = setting.object AND agent.dropped = 0
    WHERE setting.kind = 'agent' AND setting.name = 'offline_at' AND value IS NOT NULL;


-- 7. The archive -----------------------------------------------------------------------------------------

-- The bodies of a closed conversation's messages and notes, packed: a format version, then as src/domain/archive.rs
-- defines. Salts stay in `text`; the chain covers the digests that they give with the bodies. A text that is also a
-- subject or a reason stays in `text`.
CREATE TABLE archive (
    conversation  INTEGER NOT NULL PRIMARY KEY,
    bodies        BLOB NOT NULL,
    change        INTEGER NOT NULL
) STRICT;

-- An archive is written once, by the change that names its digest.
CREATE TRIGGER archive_insert BEFORE INSERT ON archive BEGIN
    SELECT RAISE(ABORT, 'unlogged: an archive is written only by a change')
    WHERE EXISTS (SELECT 1 FROM archive WHERE conversation = NEW.conversation)
        OR NOT EXISTS (SELECT 1 FROM newest_change WHERE seq = NEW.change AND kind = 'conversation' AND name = 'archived' AND object = NEW.conversation);
END;
CREATE TRIGGER archive_update BEFORE UPDATE ON archive BEGIN SELECT RAISE(ABORT, 'unlogged: an archive cannot be changed'); END;
-- It is removed when all its bodies are erased.
CREATE TRIGGER archive_delete BEFORE DELETE ON archive BEGIN
    SELECT RAISE(ABORT, 'unlogged: an archive is deleted only when all its texts are erased')
    WHERE NOT coalesce((SELECT max(text.salt IS NOT NULL) = 0 FROM message JOIN text ON text.id = message.text
        WHERE message.conversation = OLD.conversation AND text.message IS NOT NULL), 0);
END;
-- A purge deletes the sessions and guests of the conversation. Bodies and archive are Switchboard's part of it: only it can
-- compute digests.
CREATE TRIGGER conversation_purged AFTER INSERT ON change WHEN NEW.kind = 'conversation' AND NEW.name = 'purged' BEGIN
    DELETE FROM channel_session WHERE conversation = NEW.object;
    DELETE FROM participant WHERE conversation = NEW.object;
END;
-- A body is removed when it is erased, or when the newest change has just archived or purged the conversation of its message.
CREATE TRIGGER text_update BEFORE UPDATE ON text BEGIN
    SELECT RAISE(ABORT, 'unlogged: history cannot be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.entry IS NOT OLD.entry OR NEW.body IS NOT NULL
        OR (OLD.body, OLD.salt, OLD.message) IS NOT (SELECT body, salt, message FROM text WHERE id = OLD.id)
        OR NOT EXISTS (SELECT 1 FROM newest_change AS made WHERE made.kind = 'text' AND made.name = 'erased' AND made.object = OLD.id
            AND NEW.salt IS NULL AND NEW.digest = made.value AND NEW.message IS OLD.message)
        AND NOT EXISTS (SELECT 1 FROM newest_change AS made
            CROSS JOIN archive ON archive.conversation = made.object AND archive.change = made.seq
            CROSS JOIN message ON message.id = NEW.message AND message.conversation = made.object AND message.text = OLD.id
            CROSS JOIN conversation ON conversation.id = made.object
            CROSS JOIN opening ON opening.id = made.object
            WHERE OLD.body IS NOT NULL AND OLD.message IS NULL AND NEW.salt IS OLD.salt AND NEW.digest IS NULL
                AND made.kind = 'conversation' AND made.name = 'archived'
                AND conversation.subject IS NOT OLD.id AND opening.subject IS NOT OLD.id
                AND NOT EXISTS (SELECT 1 FROM transition WHERE transition.conversation = made.object AND transition.reason = OLD.id))
        AND NOT EXISTS (SELECT 1 FROM newest_change AS made
            CROSS JOIN message ON message.id = NEW.message AND message.conversation = made.object AND message.text = OLD.id
            WHERE OLD.salt IS NOT NULL AND (OLD.message IS NULL OR OLD.message = NEW.message) AND NEW.salt IS NULL AND NEW.digest IS NOT NULL
                AND made.kind = 'conversation' AND made.name = 'purged');
END;

-- Bodies are in `text`, or packed in `archive`; only Switchboard can unpack them, so only it can read this view.
CREATE VIEW messages AS
    SELECT message.id, message.conversation, strftime('%Y-%m-%dT%H:%M:%fZ', message.at / 1000.0, 'unixepoch') AS at, message.at AS at_ms,
        message.author_kind, message.author, message.kind, coalesce(message.system, text.body, switchboard_unpacked(archive.bodies, text.id)) AS body
    FROM message
    LEFT JOIN text ON text.id = message.text
    LEFT JOIN message AS moved ON moved.id = text.message
    LEFT JOIN archive ON archive.conversation = moved.conversation;


-- 8. The shared log ---------------------------------------------------------------------------------------

-- Several hosts can share one log, which PostgreSQL keeps. The file of each host is then a replica: it is written only
-- through that log. The row says so; without one the file stands alone. It is about this copy of the file and no part of
-- the journal, so VERIFY JOURNAL does not cover it.
CREATE TABLE replica (
    id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),                      -- one row, or none
    desk          BLOB NOT NULL CHECK (length(desk) = 16),                          -- the id of the shared log, a UUID
    timeline      INTEGER NOT NULL CHECK (timeline > 0),                            -- the latest one of its server
    unknown_seq   INTEGER,                                                          -- an entry of which it is not known
    unknown_hash  BLOB CHECK (length(unknown_hash) = 32)                            -- whether the log has it
) STRICT;
