-- Switchboard: the file, from top to bottom.
--
-- One idea: the log is written, the state follows. Inserting a row into `transition` is the only way to move
-- a conversation; a trigger checks it against the rows of its lifecycle and only then updates `conversation`.
-- Everything else that changes is a row of `change`. Log rows belong to an entry; an entry, once sealed by a
-- hash over all of it and its predecessor, takes no more rows. So even another SQLite program on this file can
-- neither move a conversation off its graph nor change it without a trace.
--
-- Words are those of the statement language. Moments (`…at`) are integer ms since 1970 UTC, durations `…_ms`.
-- Tables are named in the singular; the views of the same name in the plural are what SELECT may read.

PRAGMA application_id = 1398227524;   -- 'SWBD'
PRAGMA user_version = 1;              -- the schema's version


-- 1. Closed lists ----------------------------------------------------------------------------------------

-- How customers reach us. `record` is a work item without a live customer; "messaging" is every other one.
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
    holds_agent    INTEGER NOT NULL CHECK (holds_agent IN (0, 1)),     -- a conversation in it has an agent, else it has none
    uses_capacity  INTEGER NOT NULL CHECK (uses_capacity IN (0, 1)),   -- and costs that agent units
    waits          INTEGER NOT NULL CHECK (waits IN (0, 1)),           -- may be picked
    meaning        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO phase (phase, position, holds_agent, uses_capacity, waits, meaning) VALUES
    ('bot',          1, 0, 0, 0, 'served by a bot or a script'),
    ('queued',       2, 0, 0, 1, 'waits for an agent'),
    ('dispatching',  3, 0, 0, 1, 'waits, and is in the pool that the router draws from'),
    ('active',       4, 1, 1, 0, 'an agent serves'),
    ('held',         5, 1, 1, 0, 'on hold'),
    ('parked',       6, 0, 0, 0, 'set aside until the customer or the agent comes back'),
    ('departed',     7, 1, 1, 0, 'the customer has left, the agent is still there'),
    ('wrapup',       8, 1, 1, 0, 'after-work; what it costs, the workstream says (wrapup_capacity)'),
    ('closing',      9, 0, 0, 0, 'over; housekeeping is due at once'),
    ('closed',      10, 0, 0, 0, 'final; nothing leaves it');

-- Why a conversation moved. The position breaks ties between timers that are due at the same moment.
CREATE TABLE event (
    event     TEXT NOT NULL PRIMARY KEY,
    position  INTEGER NOT NULL,
    driver    TEXT NOT NULL   -- who makes it happen
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

-- What runs until something happens by itself: the timeouts among the events, and what moves nothing. The position
-- breaks ties as that of the events does.
CREATE TABLE timer_kind (
    timer     TEXT NOT NULL PRIMARY KEY,
    position  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO timer_kind (timer, position) SELECT event, position FROM event WHERE driver = 'timer';
INSERT INTO timer_kind (timer, position) VALUES
    ('offer_timeout', 37),      -- an offer has not been answered
    ('wrapup_capacity', 38);    -- after-work costs its units no longer


-- 2. Lifecycles: state graphs, as rows -------------------------------------------------------------------

-- A state graph and its options. It is made in one entry and never changes after; a new version is a new name.
CREATE TABLE lifecycle (
    id                   INTEGER NOT NULL PRIMARY KEY,
    name                 TEXT NOT NULL COLLATE NOCASE,
    one_per_customer     TEXT NOT NULL DEFAULT 'off' CHECK (one_per_customer IN ('off', 'on')),   -- a customer joins his open conversation
    ends_by_sessions     TEXT NOT NULL DEFAULT 'off' CHECK (ends_by_sessions IN ('off', 'on')),   -- the last channel session's end is customer_leave
    customer_timeout_ms  INTEGER CHECK (customer_timeout_ms >= 1000),                             -- where no edge gives it a meaning
    transfer_presences   TEXT NOT NULL DEFAULT 'allowed' CHECK (transfer_presences IN ('allowed', 'any')),
    journal              INTEGER,                                                                 -- the entry that made it; none: built in
    drawn                TEXT,                                                                    -- the digest of its options, states and edges
    dropped              INTEGER NOT NULL DEFAULT 0 CHECK (dropped IN (0, 1)),
    change               INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX lifecycle_name ON lifecycle (name) WHERE dropped = 0;

-- A state of a lifecycle, its phase, and the channels on which it is used.
CREATE TABLE state (
    lifecycle  INTEGER NOT NULL REFERENCES lifecycle (id),
    state      TEXT NOT NULL,
    channel    TEXT NOT NULL REFERENCES channel (channel),
    phase      TEXT NOT NULL REFERENCES phase (phase),
    position   INTEGER NOT NULL,
    PRIMARY KEY (lifecycle, state, channel)
) STRICT, WITHOUT ROWID;

-- A move that is allowed: from a state ('' is the creation), by an event, on a channel, under a condition of
-- the workstream. A timeout's `after_ms` is its default duration; none: off unless the workstream sets one.
CREATE TABLE edge (
    lifecycle   INTEGER NOT NULL REFERENCES lifecycle (id),
    channel     TEXT NOT NULL REFERENCES channel (channel),
    from_state  TEXT NOT NULL,
    event       TEXT NOT NULL REFERENCES event (event),
    condition   TEXT NOT NULL DEFAULT '' CHECK (condition IN ('', 'bot', 'no bot', 'wrapup', 'no wrapup')),
    to_state    TEXT NOT NULL,
    after_ms    INTEGER CHECK (after_ms >= 1000),
    PRIMARY KEY (lifecycle, channel, from_state, event, condition)
) STRICT, WITHOUT ROWID;

-- The built-in lifecycles are written below as people draw them: several channels a line, 'any' for every state
-- that is not closing or closed. Three tables that last only while the file is made spell them out.
CREATE TEMP TABLE channel_group (name TEXT, channel TEXT);
INSERT INTO channel_group SELECT channel, channel FROM channel WHERE channel <> 'email';
INSERT INTO channel_group SELECT 'all', channel FROM channel;
INSERT INTO channel_group SELECT 'messaging', channel FROM channel WHERE messaging;
INSERT INTO channel_group SELECT 'messaging but chat', channel FROM channel WHERE messaging AND channel <> 'chat';
INSERT INTO channel_group VALUES ('social', 'email');

CREATE TEMP TABLE drawn_state (lifecycle TEXT, state TEXT, phase TEXT, channels TEXT);
CREATE TEMP TABLE drawn_edge (lifecycle TEXT, event TEXT, from_states TEXT, to_state TEXT, channels TEXT, condition TEXT, after TEXT);

INSERT INTO lifecycle (id, name) VALUES (1, 'omnichannel');
INSERT INTO lifecycle (id, name, transfer_presences) VALUES (2, 'dispatch', 'any');
INSERT INTO lifecycle (id, name, one_per_customer, ends_by_sessions, customer_timeout_ms) VALUES (3, 'topic', 'on', 'on', 180000);
INSERT INTO lifecycle (id, name) VALUES (4, 'unified');

-- omnichannel: the 2019 state graph, with the ongoing-conversation report and disconnected chats.
INSERT INTO drawn_state VALUES
    ('omnichannel', 'Open',        'queued', 'all'),
    ('omnichannel', 'Active',      'active', 'all'),
    ('omnichannel', 'Waiting',     'parked', 'messaging'),
    ('omnichannel', 'In-progress', 'parked', 'sms'),
    ('omnichannel', 'Wrap-up',     'wrapup', 'messaging'),
    ('omnichannel', 'Closed',      'closed', 'all');
INSERT INTO drawn_edge VALUES
    ('omnichannel', 'open',               '',                'Open',        'all',                 '', NULL),
    ('omnichannel', 'pick',               'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'push',               'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'assign',             'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'accept',             'Open',            'Active',      'all',                 '', NULL),
    ('omnichannel', 'assign_queue',       'Open',            'Open',        'all',                 '', NULL),
    ('omnichannel', 'customer_end',       'Open',            'Closed',      'chat, voice',         '', NULL),   -- the customer leaves, a caller hangs up
    ('omnichannel', 'customer_timeout',   'Open',            'Closed',      'chat',                '', '3m'),
    ('omnichannel', 'queue_timeout',      'Open',            'Closed',      'all',                 '', NULL),
    ('omnichannel', 'end',                'Active',          'Closed',      'record',              '', NULL),
    ('omnichannel', 'end',                'Active',          'Wrap-up',     'messaging',           '', NULL),
    ('omnichannel', 'customer_end',       'Active',          'Wrap-up',     'messaging',           '', NULL),
    ('omnichannel', 'customer_timeout',   'Active',          'Wrap-up',     'chat',                '', '3m'),
    ('omnichannel', 'close',              'Active',          'Waiting',     'chat, social, voice', '', NULL),   -- closes the session without ending it
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
INSERT INTO drawn_state VALUES
    ('dispatch', 'Bot',         'bot',         'all'),
    ('dispatch', 'Script',      'bot',         'all'),
    ('dispatch', 'Waiting',     'queued',      'all'),
    ('dispatch', 'Dispatching', 'dispatching', 'all'),
    ('dispatch', 'Processing',  'active',      'all'),
    ('dispatch', 'Finished',    'closed',      'all');
INSERT INTO drawn_edge VALUES
    ('dispatch', 'open',               '',                     'Bot',         'all', 'bot', NULL),
    ('dispatch', 'open_queued',        '',                     'Waiting',     'all', '',    NULL),
    ('dispatch', 'start_script',       'Bot, Script',          'Script',      'all', '',    NULL),
    ('dispatch', 'end_script',         'Script',               'Script',      'all', '',    NULL),   -- it has run to its end
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

-- topic: the states follow from who is present.
INSERT INTO drawn_state VALUES
    ('topic', 'Created',       'bot',      'all'),
    ('topic', 'Active',        'active',   'all'),
    ('topic', 'On Hold',       'held',     'all'),
    ('topic', 'Customer Left', 'departed', 'all'),
    ('topic', 'Wrap-up',       'wrapup',   'all'),
    ('topic', 'Inactive',      'queued',   'all'),   -- no agent, the customer is there
    ('topic', 'Closing',       'closing',  'all'),
    ('topic', 'Closed',        'closed',   'all');
INSERT INTO drawn_edge VALUES
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
    ('topic', 'hold_timeout',       'On Hold',                'Active',        'all',                '',          NULL),   -- its time comes with HOLD … FOR
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
    ('topic', 'housekeep',          'Closing',                'Closed',        'all',                '',          NULL),   -- due at once
    ('topic', 'force_close',        'any',                    'Closing',       'all',                '',          NULL);

-- unified: the 2025 state graph.
INSERT INTO drawn_state VALUES
    ('unified', 'Open',    'queued', 'all'),
    ('unified', 'Active',  'active', 'all'),
    ('unified', 'Waiting', 'parked', 'sms, social'),
    ('unified', 'Wrap-up', 'wrapup', 'messaging'),
    ('unified', 'Closed',  'closed', 'all');
INSERT INTO drawn_edge VALUES
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
    ('unified', 'transfer_agent',     'Active',  'Active',  'all',                '', NULL),   -- the old agent's capacity is free at once
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

-- Spelled out: one row a state and channel, one row an edge and channel.
INSERT INTO state (lifecycle, state, channel, phase, position)
    SELECT DISTINCT lifecycle.id, drawn.state, channel_group.channel, drawn.phase, drawn.rowid
    FROM drawn_state AS drawn
    JOIN lifecycle ON lifecycle.name = drawn.lifecycle
    JOIN channel_group ON instr(', ' || drawn.channels || ',', ', ' || channel_group.name || ',');
INSERT INTO edge (lifecycle, channel, from_state, event, condition, to_state, after_ms)
    SELECT DISTINCT lifecycle.id, channel_group.channel, coalesce(state.state, ''), drawn.event, drawn.condition, drawn.to_state,
        CASE substr(drawn.after, -1)
            WHEN 's' THEN 1000 WHEN 'm' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000
        END * CAST(drawn.after AS INTEGER)
    FROM drawn_edge AS drawn
    JOIN lifecycle ON lifecycle.name = drawn.lifecycle
    JOIN channel_group ON instr(', ' || drawn.channels || ',', ', ' || channel_group.name || ',')
    LEFT JOIN state ON state.lifecycle = lifecycle.id AND state.channel = channel_group.channel
        AND CASE drawn.from_states WHEN 'any' THEN state.phase NOT IN ('closing', 'closed')
            ELSE instr(', ' || drawn.from_states || ',', ', ' || state.state || ',') END
    WHERE drawn.from_states = '' OR state.state IS NOT NULL;
DROP TABLE channel_group;
DROP TABLE drawn_state;
DROP TABLE drawn_edge;


-- 3. The log: append-only, entry by entry ----------------------------------------------------------------
--
-- In each of its tables numbers have no gaps and moments never go back, so a moment is a place in it.

-- What one statement changed. Opened first; its changes follow; a seal closes it. `statement` is canonical and
-- names no customer and no text: those stand in `customer` and `text` and are cited as :customer_5, :text_17.
CREATE TABLE entry (
    seq         INTEGER NOT NULL PRIMARY KEY,
    at          INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL CHECK (actor_kind = 'agent' OR actor_kind = 'supervisor' OR actor_kind = 'service' OR actor_kind = 'customer'
        OR actor_kind = 'bot' OR actor_kind = 'router' OR actor_kind = 'timer' OR actor_kind = 'other'),
    actor       TEXT,
    statement   TEXT,                                          -- null once purged
    key         TEXT CHECK (length(key) BETWEEN 1 AND 255)     -- the statement's KEY: a retry answers the first result
) STRICT;
CREATE UNIQUE INDEX entry_key ON entry (key) WHERE key IS NOT NULL;

-- Closes an entry: SHA-256 over version, seq, at, actor, statement, changes and the hash before. The first one's
-- predecessor is the digest of the built-in lifecycles, so that they are under the chain, too.
CREATE TABLE seal (
    seq   INTEGER NOT NULL PRIMARY KEY REFERENCES entry (seq),
    hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- A customer. The handle stands here and nowhere else; the chain holds only its salted digest, so that it can be erased.
CREATE TABLE customer (
    id       INTEGER NOT NULL PRIMARY KEY,
    journal  INTEGER NOT NULL REFERENCES entry (seq),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    salt     BLOB CHECK (length(salt) = 16),
    handle   TEXT CHECK (length(handle) BETWEEN 1 AND 255)
) STRICT;
CREATE UNIQUE INDEX customer_handle ON customer (handle) WHERE handle IS NOT NULL;

-- What people wrote: subjects, bodies, reasons. Like handles: once, beside the chain, erasable.
CREATE TABLE text (
    id       INTEGER NOT NULL PRIMARY KEY,
    journal  INTEGER NOT NULL REFERENCES entry (seq),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    salt     BLOB CHECK (length(salt) = 16),
    body     TEXT CHECK (length(CAST(body AS BLOB)) <= 65536),
    message  INTEGER                                           -- once archived: the message in whose conversation's archive it stands
) STRICT;

-- The birth of a conversation: what never changes about it. Its first transition makes the row of `conversation`.
CREATE TABLE opening (
    id           INTEGER NOT NULL PRIMARY KEY,
    journal      INTEGER NOT NULL REFERENCES entry (seq),
    topic        BLOB NOT NULL CHECK (length(topic) = 16),    -- the random public id, a UUID
    workstream   INTEGER NOT NULL REFERENCES workstream (id),
    customer     INTEGER NOT NULL REFERENCES customer (id),
    subject      INTEGER REFERENCES text (id),
    priority     INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN -1000000 AND 1000000),
    skills       TEXT CHECK (length(skills) BETWEEN 1 AND 1000),
    predecessor  INTEGER REFERENCES opening (id),              -- the conversation that the customer came back from
    at           INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX opening_topic ON opening (topic);
CREATE INDEX opening_customer ON opening (customer, workstream, id);

-- A move. From nothing (the creation) or from the state, agent and queue in which the conversation is.
CREATE TABLE transition (
    seq           INTEGER NOT NULL PRIMARY KEY,
    journal       INTEGER NOT NULL REFERENCES entry (seq),
    conversation  INTEGER NOT NULL REFERENCES opening (id),
    event         TEXT NOT NULL,
    from_state    TEXT,
    to_state      TEXT NOT NULL,
    to_phase      TEXT NOT NULL,
    from_agent    INTEGER,
    to_agent      INTEGER,
    from_queue    INTEGER,
    to_queue      INTEGER NOT NULL,
    units         INTEGER NOT NULL,                            -- what it costs to_agent from now on
    actor_kind    TEXT NOT NULL CHECK (actor_kind = 'agent' OR actor_kind = 'supervisor' OR actor_kind = 'service' OR actor_kind = 'customer'
        OR actor_kind = 'bot' OR actor_kind = 'router' OR actor_kind = 'timer' OR actor_kind = 'other'),
    actor         TEXT,
    reason        INTEGER REFERENCES text (id),
    override      INTEGER NOT NULL DEFAULT 0 CHECK (override IN (0, 1)),
    at            INTEGER NOT NULL                             -- when it counts; when it was written is the entry's moment
) STRICT;
CREATE INDEX transition_conversation ON transition (conversation, seq);
-- Who was given something of a queue, and when last: whose turn it is.
CREATE INDEX transition_taken ON transition (to_queue, to_agent, seq) WHERE to_agent IS NOT NULL AND from_agent IS NOT to_agent;

-- What was said, noted, or told by the system in a conversation.
CREATE TABLE message (
    id            INTEGER NOT NULL PRIMARY KEY,
    journal       INTEGER NOT NULL REFERENCES entry (seq),
    conversation  INTEGER NOT NULL REFERENCES opening (id),
    author_kind   TEXT NOT NULL CHECK (author_kind = 'customer' OR author_kind = 'agent' OR author_kind = 'supervisor' OR author_kind = 'service'
        OR author_kind = 'bot' OR author_kind = 'system' OR author_kind = 'other'),
    author        TEXT,
    kind          TEXT NOT NULL CHECK (kind = 'text' OR kind = 'note' OR kind = 'system'),
    text          INTEGER REFERENCES text (id),
    system        TEXT,                                        -- the program's own words, in messages of kind system
    at            INTEGER NOT NULL,
    CHECK ((kind = 'system') = (system IS NOT NULL) AND (kind = 'system') = (text IS NULL))
) STRICT;
CREATE INDEX message_conversation ON message (conversation, id);

-- Everything else that changes, one value at a time: the table `change_kind` says what there is.
CREATE TABLE change (
    seq      INTEGER NOT NULL PRIMARY KEY,
    journal  INTEGER NOT NULL REFERENCES entry (seq),
    kind     TEXT NOT NULL,
    subject  INTEGER NOT NULL,    -- the id of what changes
    part     ANY,                 -- which part of it: the member of a queue, the channel of a session, the timer
    name     TEXT NOT NULL,
    value    ANY,
    at       INTEGER NOT NULL,
    moved    INTEGER NOT NULL     -- the last transition before it (0: none), so that the two tables have one order
) STRICT;
CREATE INDEX change_subject ON change (kind, subject, seq);

-- The closed list of those changes and the values they take. Settings of the language are among them.
CREATE TABLE change_kind (
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL CHECK (value IN ('none', 'integer', 'text', 'choice', 'id')),
    optional  INTEGER NOT NULL CHECK (optional IN (0, 1)),   -- null is a value, too
    minimum   INTEGER NOT NULL,                              -- of an integer; the length of a text in characters
    maximum   INTEGER NOT NULL,
    choices   TEXT NOT NULL,                                 -- a|b|c; beside an integer: words it may be instead
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

INSERT INTO change_kind (kind, name, value, optional, minimum, maximum, choices) VALUES
    ('site',         'time_zone',          'text',    0, 1, 64, ''),
    ('queue',        'created',            'text',    0, 1, 64, ''),
    ('queue',        'dropped',            'none',    0, 0, 0, ''),
    ('queue',        'priority',           'integer', 0, -1000000, 1000000, ''),
    ('queue',        'service_level',      'integer', 0, 0, 86400000, ''),
    ('queue',        'short_abandon',      'integer', 0, 0, 86400000, ''),
    ('queue',        'method',             'choice',  0, 0, 0, 'highest_capacity|round_robin|least_active'),
    ('member',       'joined',             'none',    0, 0, 0, ''),        -- part: the agent
    ('member',       'left',               'none',    0, 0, 0, ''),
    ('agent',        'created',            'text',    0, 1, 64, ''),
    ('agent',        'dropped',            'none',    0, 0, 0, ''),
    ('agent',        'name',               'text',    1, 1, 200, ''),
    ('agent',        'capacity',           'integer', 0, 0, 1000000, ''),
    ('agent',        'presence',           'choice',  0, 0, 0, 'available|busy|dnd|away|offline|inactive'),
    ('agent',        'skills',             'text',    1, 1, 1000, ''),
    ('agent',        'login',              'text',    1, 1, 64, ''),
    ('agent',        'connected',          'choice',  0, 0, 0, 'on|off'),
    ('agent',        'offline_at',         'integer', 1, -62167219200000, 253402300799999, ''),   -- null: no longer
    ('supervisor',   'created',            'text',    0, 1, 64, ''),
    ('supervisor',   'dropped',            'none',    0, 0, 0, ''),
    ('supervisor',   'name',               'text',    1, 1, 200, ''),
    ('supervisor',   'login',              'text',    1, 1, 64, ''),
    ('service',      'created',            'text',    0, 1, 64, ''),
    ('service',      'dropped',            'none',    0, 0, 0, ''),
    ('service',      'login',              'text',    1, 1, 64, ''),
    ('workstream',   'created',            'text',    0, 1, 64, ''),
    ('workstream',   'dropped',            'none',    0, 0, 0, ''),
    ('workstream',   'channel',            'choice',  0, 0, 0, 'chat|sms|social|email|voice|record'),
    ('workstream',   'lifecycle',          'id',      0, 1, 9223372036854775807, ''),
    ('workstream',   'queue',              'id',      0, 1, 9223372036854775807, ''),
    ('workstream',   'mode',               'choice',  0, 0, 0, 'pick|push'),
    ('workstream',   'units',              'integer', 0, 0, 1000000, ''),
    ('workstream',   'bot',                'choice',  0, 0, 0, 'off|on'),
    ('workstream',   'presences',          'text',    0, 1, 64, ''),
    ('workstream',   'skills',             'choice',  0, 0, 0, 'exact|closest'),
    ('workstream',   'wrapup',             'choice',  0, 0, 0, 'off|on'),
    ('workstream',   'wrapup_capacity',    'integer', 0, 1000, 3153600000000, 'always|never'),
    ('workstream',   'reconnect',          'integer', 0, 1000, 3153600000000, 'off'),
    ('workstream',   'prefer_last_agent',  'choice',  0, 0, 0, 'off|on'),
    ('workstream',   'relaxed_skills',     'choice',  0, 0, 0, 'off|on'),
    ('workstream',   'offers',             'choice',  0, 0, 0, 'off|on'),
    ('workstream',   'dispatch_limit',     'integer', 0, 0, 1000000, ''),
    ('workstream',   'transfer_presences', 'choice',  1, 0, 0, 'allowed|any'),   -- null: the lifecycle's
    ('workstream',   'sentiment',          'choice',  0, 0, 0, 'on|off'),
    ('workstream',   'queue_timeout',      'integer', 1, 1000, 3153600000000, 'off'),   -- of a timer null is the lifecycle's default
    ('workstream',   'customer_timeout',   'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'agent_timeout',      'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'response_timeout',   'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'inactivity_timeout', 'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'hold_timeout',       'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'waiting_timeout',    'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'wrapup_timeout',     'integer', 1, 1000, 3153600000000, 'off'),
    ('workstream',   'offer_timeout',      'integer', 1, 1000, 3153600000000, 'off'),
    ('conversation', 'subject',            'id',      1, 1, 9223372036854775807, ''),   -- of a text
    ('conversation', 'priority',           'integer', 0, -1000000, 1000000, ''),
    ('conversation', 'skills',             'text',    1, 1, 1000, ''),
    ('conversation', 'sentiment',          'choice',  1, 0, 0, 'very negative|negative|neutral|positive|very positive'),
    ('conversation', 'units',              'integer', 0, 0, 0, ''),        -- after-work costs nothing any more
    ('conversation', 'archived',           'integer', 0, -9223372036854775808, 9223372036854775807, ''),   -- closed, its bodies packed; value: a short digest of the archive
    ('conversation', 'kept',               'integer', 0, 0, 9223372036854775807, ''),   -- closed, its bodies stay; value: their bytes
    ('session',      'connected',          'none',    0, 0, 0, ''),        -- part: the channel
    ('session',      'disconnected',       'none',    0, 0, 0, ''),
    ('session',      'ended',              'none',    0, 0, 0, ''),
    ('offer',        'made',               'integer', 0, 0, 1000000, ''),  -- part: the agent; value: the units that are kept for it
    ('offer',        'accepted',           'none',    0, 0, 0, ''),
    ('offer',        'declined',           'none',    0, 0, 0, ''),
    ('offer',        'missed',             'none',    0, 0, 0, ''),
    ('offer',        'withdrawn',          'none',    0, 0, 0, ''),
    ('participant',  'joined',             'choice',  0, 0, 0, 'consultant|monitor|bot'),   -- part: the name
    ('participant',  'left',               'none',    0, 0, 0, ''),
    ('timer',        'started',            'integer', 0, -62167219200000, 253402300799999, ''),   -- part: the timer; value: when it is due
    ('timer',        'paused',             'integer', 0, 0, 9223372036854775807, ''),             -- value: what was left
    ('timer',        'stopped',            'none',    0, 0, 0, ''),
    ('lifecycle',    'created',            'text',    0, 1, 64, ''),        -- then its options, its states and edges, and at last:
    ('lifecycle',    'drawn',              'text',    0, 64, 64, ''),       -- the digest of all of them
    ('lifecycle',    'dropped',            'none',    0, 0, 0, ''),
    ('lifecycle',    'one_per_customer',   'choice',  0, 0, 0, 'off|on'),
    ('lifecycle',    'ends_by_sessions',   'choice',  0, 0, 0, 'off|on'),
    ('lifecycle',    'customer_timeout',   'integer', 1, 1000, 3153600000000, ''),
    ('lifecycle',    'transfer_presences', 'choice',  0, 0, 0, 'allowed|any'),
    ('report',       'created',            'text',    0, 1, 64, ''),
    ('report',       'question',           'id',      0, 1, 9223372036854775807, ''),   -- the text of its SELECT
    ('report',       'dropped',            'none',    0, 0, 0, ''),
    ('text',         'erased',             'none',    0, 0, 0, ''),
    ('customer',     'erased',             'none',    0, 0, 0, ''),
    ('entry',        'purged',             'text',    0, 64, 64, '');      -- value: the digest of the statement that went


-- 4. How things stand: follows from the log ---------------------------------------------------------------

-- The site's settings: one row.
CREATE TABLE site_setting (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    time_zone  TEXT NOT NULL DEFAULT 'UTC',
    change     INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO site_setting (id) VALUES (1);

-- Where conversations wait. Dropped ones stay, so that history keeps its names; made again it is a new one.
CREATE TABLE queue (
    id                INTEGER NOT NULL PRIMARY KEY,
    queue             TEXT NOT NULL COLLATE NOCASE,
    priority          INTEGER NOT NULL DEFAULT 100,       -- smaller first
    service_level_ms  INTEGER NOT NULL DEFAULT 20000,
    short_abandon_ms  INTEGER NOT NULL DEFAULT 5000,
    method            TEXT NOT NULL DEFAULT 'highest_capacity',
    dropped           INTEGER NOT NULL DEFAULT 0,
    change            INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX queue_name ON queue (queue) WHERE dropped = 0;

-- Agents, supervisors and services share one namespace; one person may be agent and supervisor.
CREATE TABLE agent (
    id         INTEGER NOT NULL PRIMARY KEY,
    agent      TEXT NOT NULL COLLATE NOCASE,
    name       TEXT,
    capacity   INTEGER NOT NULL DEFAULT 3,                -- in units
    presence   TEXT NOT NULL DEFAULT 'offline',
    skills     TEXT,                                      -- 'billing:4, spanish'
    login      TEXT,                                      -- the operating-system user who may act as this one
    connected  TEXT NOT NULL DEFAULT 'on',
    offline_at INTEGER,                                   -- when who is disconnected becomes offline
    dropped    INTEGER NOT NULL DEFAULT 0,
    change     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX agent_name ON agent (agent) WHERE dropped = 0;
CREATE INDEX agent_offline ON agent (offline_at, id) WHERE offline_at IS NOT NULL;

CREATE TABLE supervisor (
    id          INTEGER NOT NULL PRIMARY KEY,
    supervisor  TEXT NOT NULL COLLATE NOCASE,
    name        TEXT,
    login       TEXT,
    dropped     INTEGER NOT NULL DEFAULT 0,
    change      INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX supervisor_name ON supervisor (supervisor) WHERE dropped = 0;

-- A script that speaks for customers, bots and the router.
CREATE TABLE service (
    id       INTEGER NOT NULL PRIMARY KEY,
    service  TEXT NOT NULL COLLATE NOCASE,
    login    TEXT,
    dropped  INTEGER NOT NULL DEFAULT 0,
    change   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX service_name ON service (service) WHERE dropped = 0;

-- A site's own report: a SELECT over the views. Its words may name people, so they stand in `text`.
CREATE TABLE report (
    id        INTEGER NOT NULL PRIMARY KEY,
    report    TEXT NOT NULL COLLATE NOCASE,
    question  INTEGER REFERENCES text (id),
    dropped   INTEGER NOT NULL DEFAULT 0,
    change    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_name ON report (report) WHERE dropped = 0;

-- Who serves which queue. `change` is in the order of joining.
CREATE TABLE queue_member (
    queue   INTEGER NOT NULL REFERENCES queue (id),
    agent   INTEGER NOT NULL REFERENCES agent (id),
    member  INTEGER NOT NULL CHECK (member IN (0, 1)),
    change  INTEGER NOT NULL,
    PRIMARY KEY (queue, agent)
) STRICT, WITHOUT ROWID;

-- How one kind of contact is handled. Of a timer: null is the lifecycle's default, 'off' is off.
CREATE TABLE workstream (
    id                     INTEGER NOT NULL PRIMARY KEY,
    workstream             TEXT NOT NULL COLLATE NOCASE,
    channel                TEXT REFERENCES channel (channel),      -- its edges are those of this channel; fixed once used
    lifecycle              INTEGER REFERENCES lifecycle (id),      -- fixed once used
    queue                  INTEGER REFERENCES queue (id),
    mode                   TEXT NOT NULL DEFAULT 'pick',
    units                  INTEGER NOT NULL DEFAULT 1,
    bot                    TEXT NOT NULL DEFAULT 'off',
    presences              TEXT NOT NULL DEFAULT 'available, busy',
    skills                 TEXT NOT NULL DEFAULT 'exact',
    wrapup                 TEXT NOT NULL DEFAULT 'off',
    wrapup_capacity        ANY NOT NULL DEFAULT 'always',          -- or ms
    reconnect              ANY NOT NULL DEFAULT 'off',             -- or ms
    prefer_last_agent      TEXT NOT NULL DEFAULT 'off',
    relaxed_skills         TEXT NOT NULL DEFAULT 'off',
    offers                 TEXT NOT NULL DEFAULT 'off',
    dispatch_limit         INTEGER NOT NULL DEFAULT 3,
    transfer_presences     TEXT,
    sentiment              TEXT NOT NULL DEFAULT 'on',
    queue_timeout          ANY,
    customer_timeout       ANY,
    agent_timeout          ANY,
    response_timeout       ANY,
    inactivity_timeout     ANY,
    hold_timeout           ANY,
    waiting_timeout        ANY,
    wrapup_timeout         ANY,
    offer_timeout          ANY,
    dropped                INTEGER NOT NULL DEFAULT 0,
    change                 INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX workstream_name ON workstream (workstream) WHERE dropped = 0;
CREATE INDEX workstream_pushed ON workstream (id, change) WHERE dropped = 0 AND mode = 'push';

-- Where every conversation is. Only the triggers of `transition`, `message` and `change` write it.
CREATE TABLE conversation (
    id                 INTEGER NOT NULL PRIMARY KEY REFERENCES opening (id),
    workstream         INTEGER NOT NULL,                  -- as in its opening, and so are:
    customer           INTEGER NOT NULL,
    opened_at          INTEGER NOT NULL,
    state              TEXT NOT NULL,
    phase              TEXT NOT NULL REFERENCES phase (phase),
    queue              INTEGER NOT NULL REFERENCES queue (id),
    agent              INTEGER REFERENCES agent (id),
    last_agent         INTEGER REFERENCES agent (id),
    units              INTEGER NOT NULL,                  -- what it costs its agent now
    priority           INTEGER NOT NULL,                  -- bigger first
    skills             TEXT,
    subject            INTEGER REFERENCES text (id),
    sentiment          TEXT,
    arrival            INTEGER,                           -- its place in line: when it came, or came back
    entered_at         INTEGER,                           -- first in queued or dispatching
    first_assigned_at  INTEGER,
    handled_ms         INTEGER NOT NULL DEFAULT 0,        -- in active, held and wrapup, up to state_since
    ended_at           INTEGER,
    closed_at          INTEGER,
    state_since        INTEGER NOT NULL,
    touched_at         INTEGER NOT NULL,                  -- the last move or message
    disconnected_at    INTEGER,                           -- since when no channel session is connected, one disconnected
    transition         INTEGER NOT NULL,                  -- its last transition
    visit              INTEGER NOT NULL,                  -- the transition that entered this state
    message            INTEGER NOT NULL DEFAULT 0,        -- its last message, the system's apart
    change             INTEGER NOT NULL DEFAULT 0,        -- its last change
    archived           INTEGER NOT NULL DEFAULT 0         -- once closed: 1, its bodies are in `archive`; 2, they were left where they are
) STRICT;
-- The lines: who waits in a queue on a workstream for the same skills, in order. Whoever looks for the next one looks at
-- the heads of the lines alone, however many wait behind them.
CREATE INDEX conversation_waiting ON conversation (queue, workstream, phase, skills, priority DESC, arrival, id)
    WHERE phase = 'queued' OR phase = 'dispatching';
-- When an agent's last conversation ended.
CREATE INDEX conversation_ended ON conversation (last_agent, ended_at) WHERE last_agent IS NOT NULL AND ended_at IS NOT NULL;
-- What goes on, by who has it: an agent's load, and the ongoing report. A closed one is in neither index.
CREATE INDEX conversation_open ON conversation (agent, units) WHERE phase <> 'closed';
-- Closed ones that nobody has looked at for the archive yet. One in which nothing was said never comes into it.
CREATE INDEX conversation_unarchived ON conversation (closed_at) WHERE closed_at IS NOT NULL AND archived = 0 AND message > 0;

-- The bodies of a closed conversation's messages and notes, packed: first the format's version, then as its rules
-- (src/domain/archive.rs) say. Digests and salts stay in `text`, and so does the chain. A text that serves as a
-- subject or a reason, too, stays where it is.
CREATE TABLE archive (
    conversation  INTEGER NOT NULL PRIMARY KEY REFERENCES conversation (id),
    bodies        BLOB NOT NULL,
    change        INTEGER NOT NULL
) STRICT;

-- The customer's presence in a conversation, a row per channel.
CREATE TABLE channel_session (
    conversation  INTEGER NOT NULL REFERENCES conversation (id),
    channel       TEXT NOT NULL REFERENCES channel (channel),
    status        TEXT NOT NULL CHECK (status = 'connected' OR status = 'disconnected' OR status = 'ended'),
    since         INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, channel)
) STRICT, WITHOUT ROWID;

-- Who else is in it: consultants, monitors, a bot. The agent who has it stands in `conversation`.
CREATE TABLE participant (
    conversation  INTEGER NOT NULL REFERENCES conversation (id),
    name          TEXT NOT NULL COLLATE NOCASE,
    role          TEXT NOT NULL,
    since         INTEGER NOT NULL,
    until         INTEGER,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, name)
) STRICT, WITHOUT ROWID;

-- A conversation that an agent is asked to take: it waits on, and its units are kept for him until he has answered.
CREATE TABLE offer (
    conversation  INTEGER NOT NULL PRIMARY KEY REFERENCES conversation (id),
    agent         INTEGER NOT NULL REFERENCES agent (id),
    units         INTEGER NOT NULL,
    since         INTEGER NOT NULL,
    change        INTEGER NOT NULL
) STRICT;
CREATE INDEX offer_agent ON offer (agent, units);

-- A due time at which something happens by itself. It belongs to a visit of a state and goes with it; one that runs
-- on, or stands still for a while, is written again for the next visit.
CREATE TABLE timer (
    conversation  INTEGER NOT NULL REFERENCES conversation (id),
    timer         TEXT NOT NULL REFERENCES timer_kind (timer),
    due_at        INTEGER,                                -- null while paused
    remaining_ms  INTEGER,
    visit         INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (conversation, timer)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due_at, conversation, timer) WHERE due_at IS NOT NULL;


-- What the first move makes of an opening, and a later one of its conversation as it stands: said once, for the
-- triggers that do it and for the guards that let nothing else through. CROSS JOIN: from one row to the next.
CREATE VIEW conversation_born AS
    SELECT transition.seq AS transition, opening.id, opening.workstream, to_state AS state, to_phase AS phase, to_queue AS queue, to_agent AS agent,
        units, opening.priority, opening.skills, opening.subject, opening.customer, opening.at AS opened_at,
        iif(to_phase = 'queued' OR to_phase = 'dispatching', transition.at, NULL) AS arrival,
        iif(to_phase = 'queued' OR to_phase = 'dispatching', transition.at, NULL) AS entered_at,
        iif(to_phase = 'active', transition.at, NULL) AS first_assigned_at, transition.at AS state_since
    FROM transition
    CROSS JOIN opening ON opening.id = transition.conversation
    WHERE from_state IS NULL;
CREATE VIEW conversation_moved AS
    SELECT new.seq AS transition, old.id, new.to_state AS state, new.to_phase AS phase, new.to_queue AS queue, new.to_agent AS agent,
        coalesce(new.to_agent, new.from_agent, old.last_agent) AS last_agent, new.units,
        CASE WHEN new.to_phase <> 'queued' AND new.to_phase <> 'dispatching' THEN old.arrival
            WHEN new.event = 'customer_return' THEN new.at ELSE coalesce(old.arrival, new.at) END AS arrival,
        coalesce(old.entered_at, iif(new.to_phase = 'queued' OR new.to_phase = 'dispatching', new.at, NULL)) AS entered_at,
        coalesce(old.first_assigned_at, iif(new.to_phase = 'active', new.at, NULL)) AS first_assigned_at,
        old.handled_ms + iif(new.to_state <> old.state AND (old.phase = 'active' OR old.phase = 'held' OR old.phase = 'wrapup'),
            new.at - old.state_since, 0) AS handled_ms,
        iif(new.to_phase = 'wrapup' OR new.to_phase = 'departed' OR new.to_phase = 'closing' OR new.to_phase = 'closed',
            coalesce(old.ended_at, new.at), NULL) AS ended_at,
        iif(new.to_phase = 'closed', new.at, NULL) AS closed_at,
        iif(new.to_state = old.state, old.state_since, new.at) AS state_since,
        iif(new.to_state = old.state, old.visit, new.seq) AS visit,
        max(old.touched_at, new.at) AS touched_at
    FROM transition AS new
    CROSS JOIN conversation AS old ON old.id = new.conversation
    WHERE new.from_state IS NOT NULL;

-- The last row of each log table, where the state has not followed it. A temporary trigger can run between a row
-- and its effect, or keep the effect away (RAISE(IGNORE)); then no other row comes, and no seal.
CREATE VIEW log_unfollowed AS
    SELECT last.journal
    FROM transition AS last
    LEFT JOIN conversation ON conversation.id = last.conversation
    WHERE last.seq = (SELECT max(seq) FROM transition)
        AND (conversation.transition IS NOT last.seq OR EXISTS (SELECT 1 FROM timer
            WHERE timer.conversation = last.conversation AND (timer.visit < conversation.visit OR conversation.phase = 'closed')))
    UNION ALL
    SELECT last.journal
    FROM message AS last
    LEFT JOIN conversation ON conversation.id = last.conversation
    WHERE last.id = (SELECT max(id) FROM message) AND conversation.message IS NOT last.id AND last.kind <> 'system'
    UNION ALL
    SELECT last.journal
    FROM change AS last
    WHERE last.seq = (SELECT max(seq) FROM change) AND CASE last.kind
        WHEN 'site' THEN (SELECT site_setting.change FROM site_setting) IS NOT last.seq
        WHEN 'queue' THEN (SELECT queue.change FROM queue WHERE queue.id = last.subject) IS NOT last.seq
        WHEN 'member' THEN (SELECT queue_member.change FROM queue_member WHERE queue = last.subject AND agent = last.part) IS NOT last.seq
        WHEN 'agent' THEN (SELECT agent.change FROM agent WHERE agent.id = last.subject) IS NOT last.seq
        WHEN 'supervisor' THEN (SELECT supervisor.change FROM supervisor WHERE supervisor.id = last.subject) IS NOT last.seq
        WHEN 'service' THEN (SELECT service.change FROM service WHERE service.id = last.subject) IS NOT last.seq
        WHEN 'report' THEN (SELECT report.change FROM report WHERE report.id = last.subject) IS NOT last.seq
        WHEN 'workstream' THEN (SELECT workstream.change FROM workstream WHERE workstream.id = last.subject) IS NOT last.seq
        WHEN 'offer' THEN (SELECT offer.change FROM offer WHERE offer.conversation = last.subject) IS NOT iif(last.name = 'made', last.seq, NULL)
        WHEN 'text' THEN (SELECT coalesce(body, salt) FROM text WHERE text.id = last.subject) IS NOT NULL
        WHEN 'customer' THEN (SELECT coalesce(handle, salt) FROM customer WHERE customer.id = last.subject) IS NOT NULL
        WHEN 'entry' THEN (SELECT statement FROM entry WHERE entry.seq = last.subject) IS NOT NULL
        WHEN 'lifecycle' THEN (SELECT lifecycle.change FROM lifecycle WHERE lifecycle.id = last.subject) IS NOT last.seq
        ELSE (SELECT conversation.change FROM conversation WHERE conversation.id = last.subject) IS NOT last.seq
            OR last.name = 'archived' AND (SELECT archive.change FROM archive WHERE archive.conversation = last.subject) IS NOT last.seq END;


-- 5. What cannot be done: one BEFORE trigger per table and event, its rules in order of precedence ---------
--
-- Messages are literals, `code: words`, the codes being those of the language. INSERT OR REPLACE and UPDATE OR
-- REPLACE slip past DELETE triggers, so every unique key is guarded before the insert and identities never change.

-- The closed lists are frozen.
CREATE TRIGGER channel_insert BEFORE INSERT ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: channel is frozen'); END;
CREATE TRIGGER channel_update BEFORE UPDATE ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: channel is frozen'); END;
CREATE TRIGGER channel_delete BEFORE DELETE ON channel BEGIN SELECT RAISE(ABORT, 'unlogged: channel is frozen'); END;
CREATE TRIGGER phase_insert BEFORE INSERT ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: phase is frozen'); END;
CREATE TRIGGER phase_update BEFORE UPDATE ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: phase is frozen'); END;
CREATE TRIGGER phase_delete BEFORE DELETE ON phase BEGIN SELECT RAISE(ABORT, 'unlogged: phase is frozen'); END;
CREATE TRIGGER event_insert BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'unlogged: event is frozen'); END;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'unlogged: event is frozen'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'unlogged: event is frozen'); END;
CREATE TRIGGER timer_kind_insert BEFORE INSERT ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: timer_kind is frozen'); END;
CREATE TRIGGER timer_kind_update BEFORE UPDATE ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: timer_kind is frozen'); END;
CREATE TRIGGER timer_kind_delete BEFORE DELETE ON timer_kind BEGIN SELECT RAISE(ABORT, 'unlogged: timer_kind is frozen'); END;
CREATE TRIGGER change_kind_insert BEFORE INSERT ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: change_kind is frozen'); END;
CREATE TRIGGER change_kind_update BEFORE UPDATE ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: change_kind is frozen'); END;
CREATE TRIGGER change_kind_delete BEFORE DELETE ON change_kind BEGIN SELECT RAISE(ABORT, 'unlogged: change_kind is frozen'); END;

-- A lifecycle is drawn in the entry that makes it: created, its options, its states, its edges, and the digest of
-- all of them. After that it is only dropped. Those that are built in have no entry, and stay as they are.
CREATE TRIGGER lifecycle_insert BEFORE INSERT ON lifecycle BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.id OR name = NEW.name AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'lifecycle' AND name = 'created' AND subject = NEW.id AND value = NEW.name
                AND journal = NEW.journal AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.one_per_customer, NEW.ends_by_sessions, NEW.customer_timeout_ms, NEW.transfer_presences, NEW.drawn, NEW.dropped)
                IS NOT ('off', 'off', NULL, 'allowed', NULL, 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER lifecycle_update BEFORE UPDATE ON lifecycle BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.name IS NOT OLD.name COLLATE BINARY OR NEW.journal IS NOT OLD.journal OR OLD.journal IS NULL
            OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'lifecycle' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.drawn IS iif(name = 'drawn', value, OLD.drawn)
                AND NEW.one_per_customer IS iif(name = 'one_per_customer', value, OLD.one_per_customer)
                AND NEW.ends_by_sessions IS iif(name = 'ends_by_sessions', value, OLD.ends_by_sessions)
                AND NEW.customer_timeout_ms IS iif(name = 'customer_timeout', value, OLD.customer_timeout_ms)
                AND NEW.transfer_presences IS iif(name = 'transfer_presences', value, OLD.transfer_presences))
            THEN RAISE(ABORT, 'unlogged: a lifecycle never changes')
    END;
END;
CREATE TRIGGER lifecycle_delete BEFORE DELETE ON lifecycle BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER state_insert BEFORE INSERT ON state BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.lifecycle AND drawn IS NULL AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: a lifecycle is drawn in the entry that makes it')
        WHEN EXISTS (SELECT 1 FROM state WHERE lifecycle = NEW.lifecycle AND state = NEW.state AND channel = NEW.channel)
            THEN RAISE(ABORT, 'exists: that state is drawn')
        WHEN NOT EXISTS (SELECT 1 FROM channel WHERE channel = NEW.channel) OR NOT EXISTS (SELECT 1 FROM phase WHERE phase = NEW.phase)
            OR length(NEW.state) NOT BETWEEN 1 AND 64 OR instr(NEW.state, char(0))
            THEN RAISE(ABORT, 'invalid_lifecycle: a state has a name, a phase and a channel')
        WHEN EXISTS (SELECT 1 FROM state WHERE lifecycle = NEW.lifecycle AND CASE
                WHEN state = NEW.state THEN phase <> NEW.phase OR position <> NEW.position
                ELSE state = NEW.state COLLATE NOCASE OR position = NEW.position END)
            THEN RAISE(ABORT, 'invalid_lifecycle: a state has one name, one phase and one place on all its channels')
    END;
END;
CREATE TRIGGER state_update BEFORE UPDATE ON state BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle never changes'); END;
CREATE TRIGGER state_delete BEFORE DELETE ON state BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle never changes'); END;
CREATE TRIGGER edge_insert BEFORE INSERT ON edge BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.lifecycle AND drawn IS NULL AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: a lifecycle is drawn in the entry that makes it')
        WHEN EXISTS (SELECT 1 FROM edge WHERE lifecycle = NEW.lifecycle AND channel = NEW.channel AND from_state = NEW.from_state
                AND event = NEW.event AND condition = NEW.condition)
            THEN RAISE(ABORT, 'exists: that edge is drawn')
        WHEN EXISTS (SELECT 1 FROM edge WHERE lifecycle = NEW.lifecycle AND channel = NEW.channel AND from_state = NEW.from_state
                AND event = NEW.event AND condition <> 'no ' || NEW.condition AND NEW.condition <> 'no ' || condition)
            THEN RAISE(ABORT, 'invalid_lifecycle: two edges could both apply')
        WHEN event.event IS NULL OR target.state IS NULL OR (event.driver = 'opening') IS NOT (NEW.from_state = '')
            OR NEW.from_state <> '' AND source.state IS NULL
            THEN RAISE(ABORT, 'invalid_lifecycle: an edge leads from a state to a state of its channel, an opening from none')
        WHEN source.phase = 'closed'
            THEN RAISE(ABORT, 'invalid_lifecycle: nothing leaves a closed state')
        WHEN NEW.from_state = '' AND (target.phase = 'closing' OR target.phase = 'closed')
            THEN RAISE(ABORT, 'invalid_lifecycle: nothing begins where it is over')
        WHEN NEW.after_ms IS NOT NULL AND (event.driver <> 'timer' OR event.event = 'housekeep')
            THEN RAISE(ABORT, 'invalid_lifecycle: only a timeout has a time')
    END
    FROM (SELECT 1)
    LEFT JOIN event ON event.event = NEW.event
    LEFT JOIN state AS source ON source.lifecycle = NEW.lifecycle AND source.state = NEW.from_state AND source.channel = NEW.channel
    LEFT JOIN state AS target ON target.lifecycle = NEW.lifecycle AND target.state = NEW.to_state AND target.channel = NEW.channel;
END;
CREATE TRIGGER edge_update BEFORE UPDATE ON edge BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle never changes'); END;
CREATE TRIGGER edge_delete BEFORE DELETE ON edge BEGIN SELECT RAISE(ABORT, 'unlogged: a lifecycle never changes'); END;

-- An entry may be opened only when the last one is sealed, in order, and not before it.
CREATE TRIGGER entry_insert BEFORE INSERT ON entry BEGIN
    SELECT CASE
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
            THEN RAISE(ABORT, 'unlogged: entries are numbered without gaps')
        WHEN (SELECT coalesce(max(seq), 0) FROM seal) IS NOT NEW.seq - 1
            THEN RAISE(ABORT, 'unlogged: the last entry is not sealed')
        WHEN NEW.at < (SELECT at FROM entry WHERE seq = NEW.seq - 1)
            THEN RAISE(ABORT, 'clock: an entry cannot be earlier than the last one')
        WHEN NEW.key IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)
            THEN RAISE(ABORT, 'exists: that key was used')
        WHEN NEW.statement IS NULL
            THEN RAISE(ABORT, 'invalid_value: an entry has a statement until it is purged')
        WHEN NEW.at NOT BETWEEN -62167219200000 AND 253402300799999
            THEN RAISE(ABORT, 'clock: a moment is in the years 0000 to 9999')
    END;
END;
-- Only PURGE takes something away: the words of the statement, under a change that keeps their digest.
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN
    SELECT CASE
        WHEN NEW.seq IS NOT OLD.seq OR NEW.at IS NOT OLD.at OR NEW.actor_kind IS NOT OLD.actor_kind
            OR NEW.actor IS NOT OLD.actor OR NEW.key IS NOT OLD.key OR NEW.statement IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND kind = 'entry' AND name = 'purged' AND subject = OLD.seq AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: history cannot be changed')
    END;
END;

-- A seal closes the open entry.
CREATE TRIGGER seal_insert BEFORE INSERT ON seal BEGIN
    SELECT CASE
        WHEN NEW.seq IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.seq)
            THEN RAISE(ABORT, 'unlogged: only the open entry can be sealed')
        WHEN EXISTS (SELECT 1 FROM log_unfollowed)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not taken effect')
        WHEN (SELECT max(id) FROM opening) IS NOT (SELECT max(id) FROM conversation)
            THEN RAISE(ABORT, 'unlogged: a conversation makes its first move in the entry that opens it')
        WHEN EXISTS (SELECT 1 FROM lifecycle WHERE id = (SELECT max(id) FROM lifecycle) AND drawn IS NULL AND journal IS NOT NULL)
            THEN RAISE(ABORT, 'unlogged: a lifecycle is drawn in the entry that makes it')
    END;
END;
CREATE TRIGGER seal_update BEFORE UPDATE ON seal BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER opening_update BEFORE UPDATE ON opening BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER transition_update BEFORE UPDATE ON transition BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER message_update BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER change_update BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be changed'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER seal_delete BEFORE DELETE ON seal BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER customer_delete BEFORE DELETE ON customer BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER text_delete BEFORE DELETE ON text BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER opening_delete BEFORE DELETE ON opening BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER transition_delete BEFORE DELETE ON transition BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER message_delete BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;
CREATE TRIGGER change_delete BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'unlogged: history cannot be deleted'); END;

-- Handles and texts: added under the open entry, and nothing about them changes but that they are erased, and that a
-- body goes into the archive of its message's conversation, which the newest change has just made.
CREATE TRIGGER customer_insert BEFORE INSERT ON customer BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a customer belongs to the open entry')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM customer)
            THEN RAISE(ABORT, 'unlogged: customers are numbered without gaps')
        WHEN NEW.handle IS NULL OR NEW.salt IS NULL
            THEN RAISE(ABORT, 'invalid_value: a customer has a handle and a salt')
        WHEN EXISTS (SELECT 1 FROM customer WHERE handle = NEW.handle)
            THEN RAISE(ABORT, 'exists: that customer is known')
    END;
END;
CREATE TRIGGER text_insert BEFORE INSERT ON text BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a text belongs to the open entry')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM text)
            THEN RAISE(ABORT, 'unlogged: texts are numbered without gaps')
        WHEN NEW.body IS NULL OR NEW.salt IS NULL OR NEW.message IS NOT NULL
            THEN RAISE(ABORT, 'invalid_value: a text has a body and a salt')
    END;
END;
CREATE TRIGGER customer_update BEFORE UPDATE ON customer BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.journal IS NOT OLD.journal OR NEW.digest IS NOT OLD.digest
            OR NEW.salt IS NOT NULL OR NEW.handle IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND kind = 'customer' AND name = 'erased' AND subject = OLD.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: history cannot be changed')
    END;
END;
CREATE TRIGGER text_update BEFORE UPDATE ON text BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.journal IS NOT OLD.journal OR NEW.digest IS NOT OLD.digest OR NEW.body IS NOT NULL
            THEN RAISE(ABORT, 'unlogged: history cannot be changed')
        WHEN OLD.body IS NOT NULL AND OLD.message IS NULL AND NEW.salt IS OLD.salt AND EXISTS (SELECT 1 FROM change
            CROSS JOIN archive ON archive.conversation = change.subject AND archive.change = change.seq
            CROSS JOIN message ON message.id = NEW.message AND message.conversation = change.subject AND message.text = OLD.id
            CROSS JOIN conversation ON conversation.id = change.subject
            CROSS JOIN opening ON opening.id = change.subject
            WHERE change.seq = (SELECT max(seq) FROM change) AND change.journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND change.kind = 'conversation' AND change.name = 'archived'
                AND conversation.subject IS NOT OLD.id AND opening.subject IS NOT OLD.id
                AND NOT EXISTS (SELECT 1 FROM transition WHERE transition.conversation = change.subject AND transition.reason = OLD.id))
            THEN NULL
        WHEN NEW.salt IS NOT NULL OR NEW.message IS NOT OLD.message
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND kind = 'text' AND name = 'erased' AND subject = OLD.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: history cannot be changed')
    END;
END;

-- A conversation is born on a workstream that is ready, and the one before it has made its first move.
CREATE TRIGGER opening_insert BEFORE INSERT ON opening BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a conversation belongs to the open entry')
        WHEN EXISTS (SELECT 1 FROM log_unfollowed)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not taken effect')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM opening) OR NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM conversation)
            THEN RAISE(ABORT, 'unlogged: conversations are numbered without gaps')
        WHEN EXISTS (SELECT 1 FROM opening WHERE topic = NEW.topic)
            THEN RAISE(ABORT, 'exists: that topic id was used')
        WHEN NOT EXISTS (SELECT 1 FROM workstream WHERE id = NEW.workstream AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_workstream: there is no such workstream')
        WHEN NOT EXISTS (SELECT 1 FROM customer WHERE id = NEW.customer AND handle IS NOT NULL)
            THEN RAISE(ABORT, 'unknown_customer: there is no such customer')
        WHEN NEW.subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.subject)
            THEN RAISE(ABORT, 'invalid_value: there is no such text')
        WHEN NEW.predecessor IS NOT NULL AND NOT EXISTS (SELECT 1 FROM opening WHERE id = NEW.predecessor AND customer = NEW.customer)
            THEN RAISE(ABORT, 'unknown_conversation: there is no such predecessor')
        WHEN NEW.at IS NOT (SELECT at FROM entry WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'clock: a conversation opens at its entry''s moment')
    END;
END;

-- The lifecycle's rule. The same rule stands in Rust as Lifecycle::check; both are tried on every case.
CREATE TRIGGER transition_insert BEFORE INSERT ON transition BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a transition belongs to the open entry')
        WHEN EXISTS (SELECT 1 FROM log_unfollowed)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not taken effect')
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM transition)
            THEN RAISE(ABORT, 'unlogged: transitions are numbered without gaps')
        WHEN opening.id IS NULL
            THEN RAISE(ABORT, 'unknown_conversation: there is no such conversation')
        WHEN conversation.phase = 'closed'
            THEN RAISE(ABORT, 'final_state: nothing leaves a closed state')
        WHEN NEW.from_state IS NOT conversation.state OR edge.to_state IS NULL OR NEW.to_state IS NOT edge.to_state
            OR NEW.to_phase IS NOT state.phase
            THEN RAISE(ABORT, 'no_edge: the lifecycle has no such move from here')
        WHEN EXISTS (SELECT 1 FROM offer WHERE offer.conversation = NEW.conversation)
            THEN RAISE(ABORT, 'not_offered: an offer is answered or withdrawn before the conversation moves')
        WHEN NEW.from_agent IS NOT conversation.agent OR NEW.from_queue IS NOT conversation.queue
            THEN RAISE(ABORT, 'unlogged: a move starts from the agent and the queue that the conversation has')
        WHEN NEW.to_agent IS NOT NULL AND target.holds_agent = 0
            THEN RAISE(ABORT, 'not_holder: nobody has a conversation in this phase')
        WHEN NEW.to_agent IS NULL AND target.holds_agent = 1
            THEN RAISE(ABORT, 'unknown_agent: a conversation in this phase has an agent')
        WHEN NEW.to_agent IS NOT NULL AND NOT EXISTS (SELECT 1 FROM agent WHERE id = NEW.to_agent AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_agent: there is no such agent')
        WHEN NEW.event = 'transfer_agent' AND NEW.to_agent = conversation.agent
            THEN RAISE(ABORT, 'same_agent: that agent has it already')
        WHEN NEW.event <> 'transfer_agent' AND NEW.to_agent IS NOT NULL AND conversation.agent IS NOT NULL AND NEW.to_agent <> conversation.agent
            THEN RAISE(ABORT, 'not_holder: this event does not change the agent')
        WHEN NEW.event IN ('assign_queue', 'transfer_queue') AND NEW.to_queue = conversation.queue
            THEN RAISE(ABORT, 'same_queue: it is in that queue already')
        WHEN NEW.to_queue IS NOT conversation.queue AND NEW.event <> 'open' AND NEW.event <> 'open_queued'
            AND NEW.event <> 'assign_queue' AND NEW.event <> 'transfer_queue' AND NEW.event <> 'request_agent'
            THEN RAISE(ABORT, 'same_queue: this event does not change the queue')
        WHEN NEW.to_queue IS NOT conversation.queue AND NOT EXISTS (SELECT 1 FROM queue WHERE id = NEW.to_queue AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_queue: there is no such queue')
        WHEN NEW.units IS NOT CASE
                WHEN target.uses_capacity = 0 THEN 0
                WHEN target.phase = 'wrapup' AND workstream.wrapup_capacity = 'never' THEN 0
                WHEN conversation.agent = NEW.to_agent AND (conversation.phase <> 'wrapup' OR target.phase = 'wrapup') THEN conversation.units
                ELSE workstream.units END
            THEN RAISE(ABORT, 'at_capacity: these are not the units that it costs')
        WHEN NEW.units > 0 AND NEW.to_agent IS NOT conversation.agent AND NEW.override = 0
            AND NEW.units + (SELECT coalesce(sum(held.units), 0) FROM conversation AS held WHERE held.agent = NEW.to_agent AND held.phase <> 'closed')
                + (SELECT coalesce(sum(offer.units), 0) FROM offer WHERE offer.agent = NEW.to_agent)
                > (SELECT capacity FROM agent WHERE id = NEW.to_agent)
            THEN RAISE(ABORT, 'at_capacity: the agent has no room for it')
        WHEN NEW.reason IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.reason)
            THEN RAISE(ABORT, 'invalid_value: there is no such text')
        WHEN NEW.at < max(coalesce((SELECT at FROM transition WHERE seq = NEW.seq - 1), opening.at), opening.at)
            OR NEW.at > (SELECT at FROM entry WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'clock: a move is not before the last one of all and not after its entry')
    END
    FROM (SELECT 1)
    LEFT JOIN opening ON opening.id = NEW.conversation
    LEFT JOIN conversation ON conversation.id = NEW.conversation
    LEFT JOIN workstream ON workstream.id = opening.workstream
    LEFT JOIN edge ON edge.lifecycle = workstream.lifecycle AND edge.channel = workstream.channel
        AND edge.from_state = coalesce(conversation.state, '') AND edge.event = NEW.event
        AND CASE edge.condition
            WHEN '' THEN 1
            WHEN 'bot' THEN workstream.bot = 'on' WHEN 'no bot' THEN workstream.bot = 'off'
            WHEN 'wrapup' THEN workstream.wrapup = 'on' WHEN 'no wrapup' THEN workstream.wrapup = 'off' END
    LEFT JOIN state ON state.lifecycle = edge.lifecycle AND state.state = edge.to_state AND state.channel = edge.channel
    LEFT JOIN phase AS target ON target.phase = state.phase;
END;

-- Nobody writes into a closed conversation.
CREATE TRIGGER message_insert BEFORE INSERT ON message BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a message belongs to the open entry')
        WHEN EXISTS (SELECT 1 FROM log_unfollowed)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not taken effect')
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM message)
            THEN RAISE(ABORT, 'unlogged: messages are numbered without gaps')
        WHEN conversation.id IS NULL
            THEN RAISE(ABORT, 'unknown_conversation: there is no such conversation')
        WHEN conversation.phase = 'closed'
            THEN RAISE(ABORT, 'final_state: nothing is written into a closed conversation')
        WHEN NEW.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.text)
            THEN RAISE(ABORT, 'invalid_value: there is no such text')
        WHEN NEW.at < opening.at OR NEW.at < (SELECT at FROM message WHERE id = NEW.id - 1)
            OR NEW.at > (SELECT at FROM entry WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'clock: a message is not before the opening, nor before the last message of all, and not after its entry')
    END
    FROM (SELECT 1)
    LEFT JOIN opening ON opening.id = NEW.conversation
    LEFT JOIN conversation ON conversation.id = NEW.conversation;
END;

-- A change is one of the closed list, with a value of its kind, about something that is there.
CREATE TRIGGER change_insert BEFORE INSERT ON change BEGIN
    SELECT CASE
        WHEN NEW.journal IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE seq = NEW.journal)
            THEN RAISE(ABORT, 'unlogged: a change belongs to the open entry')
        WHEN EXISTS (SELECT 1 FROM log_unfollowed)
            THEN RAISE(ABORT, 'unlogged: the last row of the log has not taken effect')
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM change)
            THEN RAISE(ABORT, 'unlogged: changes are numbered without gaps')
        WHEN NEW.moved IS NOT (SELECT coalesce(max(seq), 0) FROM transition)
            THEN RAISE(ABORT, 'unlogged: a change names the last transition before it')
        WHEN known.kind IS NULL
            THEN RAISE(ABORT, 'invalid_value: there is no such change')
        WHEN (NEW.kind = 'member' OR NEW.kind = 'session' OR NEW.kind = 'participant' OR NEW.kind = 'timer' OR NEW.kind = 'offer')
                IS NOT (NEW.part IS NOT NULL)
            THEN RAISE(ABORT, 'invalid_value: this change names a part, or must not')
        WHEN NEW.value IS NULL AND known.value <> 'none' AND known.optional = 0
            OR NEW.value IS NOT NULL AND NOT CASE known.value
                WHEN 'none' THEN 0
                WHEN 'text' THEN typeof(NEW.value) = 'text' AND length(NEW.value) BETWEEN known.minimum AND known.maximum
                    AND instr(NEW.value, char(0)) = 0
                WHEN 'choice' THEN typeof(NEW.value) = 'text' AND NEW.value <> '' AND instr(NEW.value, '|') = 0
                    AND instr('|' || known.choices || '|', '|' || NEW.value || '|')
                ELSE typeof(NEW.value) = 'integer' AND NEW.value BETWEEN known.minimum AND known.maximum
                    OR typeof(NEW.value) = 'text' AND NEW.value <> '' AND instr(NEW.value, '|') = 0
                        AND instr('|' || known.choices || '|', '|' || NEW.value || '|') END
            THEN RAISE(ABORT, 'invalid_value: this change does not take that value')
        WHEN NEW.at > (SELECT at FROM entry WHERE seq = NEW.journal) OR NEW.at < (SELECT at FROM change WHERE seq = NEW.seq - 1)
            THEN RAISE(ABORT, 'clock: a change is not before the last one of all and not after its entry')
        WHEN NEW.name = 'created' AND NEW.subject IS NOT CASE NEW.kind
                WHEN 'queue' THEN (SELECT coalesce(max(id), 0) + 1 FROM queue)
                WHEN 'agent' THEN (SELECT coalesce(max(id), 0) + 1 FROM agent)
                WHEN 'supervisor' THEN (SELECT coalesce(max(id), 0) + 1 FROM supervisor)
                WHEN 'service' THEN (SELECT coalesce(max(id), 0) + 1 FROM service)
                WHEN 'report' THEN (SELECT coalesce(max(id), 0) + 1 FROM report)
                WHEN 'workstream' THEN (SELECT coalesce(max(id), 0) + 1 FROM workstream)
                WHEN 'lifecycle' THEN (SELECT coalesce(max(id), 0) + 1 FROM lifecycle) END
            THEN RAISE(ABORT, 'unlogged: things are numbered without gaps')
        WHEN NEW.name = 'created' AND CASE NEW.kind
                WHEN 'queue' THEN EXISTS (SELECT 1 FROM queue WHERE queue = NEW.value AND dropped = 0)
                WHEN 'workstream' THEN EXISTS (SELECT 1 FROM workstream WHERE workstream = NEW.value AND dropped = 0)
                WHEN 'report' THEN EXISTS (SELECT 1 FROM report WHERE report = NEW.value AND dropped = 0)
                WHEN 'service' THEN EXISTS (SELECT 1 FROM service WHERE service = NEW.value AND dropped = 0)
                    OR EXISTS (SELECT 1 FROM agent WHERE agent = NEW.value AND dropped = 0)
                    OR EXISTS (SELECT 1 FROM supervisor WHERE supervisor = NEW.value AND dropped = 0)
                WHEN 'agent' THEN EXISTS (SELECT 1 FROM agent WHERE agent = NEW.value AND dropped = 0)
                    OR EXISTS (SELECT 1 FROM service WHERE service = NEW.value AND dropped = 0)
                WHEN 'supervisor' THEN EXISTS (SELECT 1 FROM supervisor WHERE supervisor = NEW.value AND dropped = 0)
                    OR EXISTS (SELECT 1 FROM service WHERE service = NEW.value AND dropped = 0)
                WHEN 'lifecycle' THEN EXISTS (SELECT 1 FROM lifecycle WHERE lifecycle.name = NEW.value AND dropped = 0) END
            THEN RAISE(ABORT, 'exists: that name is taken')
        WHEN NEW.name <> 'created' AND NOT CASE NEW.kind
                WHEN 'conversation' THEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject)
                WHEN 'session' THEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject)
                WHEN 'timer' THEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject)
                WHEN 'participant' THEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject)
                WHEN 'offer' THEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject)
                WHEN 'queue' THEN EXISTS (SELECT 1 FROM queue WHERE id = NEW.subject AND dropped = 0)
                WHEN 'agent' THEN EXISTS (SELECT 1 FROM agent WHERE id = NEW.subject AND dropped = 0)
                WHEN 'supervisor' THEN EXISTS (SELECT 1 FROM supervisor WHERE id = NEW.subject AND dropped = 0)
                WHEN 'service' THEN EXISTS (SELECT 1 FROM service WHERE id = NEW.subject AND dropped = 0)
                WHEN 'report' THEN EXISTS (SELECT 1 FROM report WHERE id = NEW.subject AND dropped = 0)
                WHEN 'workstream' THEN EXISTS (SELECT 1 FROM workstream WHERE id = NEW.subject AND dropped = 0)
                WHEN 'member' THEN EXISTS (SELECT 1 FROM queue WHERE id = NEW.subject AND dropped = 0)
                    AND typeof(NEW.part) = 'integer' AND EXISTS (SELECT 1 FROM agent WHERE id = NEW.part AND dropped = 0)
                WHEN 'site' THEN NEW.subject = 1
                WHEN 'text' THEN EXISTS (SELECT 1 FROM text WHERE id = NEW.subject AND body IS NOT NULL)
                WHEN 'customer' THEN EXISTS (SELECT 1 FROM customer WHERE id = NEW.subject AND handle IS NOT NULL)
                WHEN 'entry' THEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.subject AND seq < NEW.journal AND statement IS NOT NULL)
                WHEN 'lifecycle' THEN EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.subject AND dropped = 0 AND journal IS NOT NULL)
                ELSE 0 END
            THEN RAISE(ABORT, 'invalid_value: there is nothing of that id to change')
        WHEN NEW.kind = 'lifecycle' AND CASE NEW.name
                WHEN 'created' THEN EXISTS (SELECT 1 FROM lifecycle WHERE drawn IS NULL AND journal IS NOT NULL)
                WHEN 'dropped' THEN EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.subject AND drawn IS NULL)
                ELSE EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.subject AND drawn IS NOT NULL) END
            THEN RAISE(ABORT, 'unlogged: a lifecycle is drawn in the entry that makes it, and after that only dropped')
        WHEN (NEW.kind = 'conversation' OR NEW.kind = 'session' OR NEW.kind = 'timer' OR NEW.kind = 'participant' OR NEW.kind = 'offer')
            AND NEW.name <> 'archived' AND NEW.name <> 'kept' AND (SELECT phase FROM conversation WHERE id = NEW.subject) = 'closed'
            THEN RAISE(ABORT, 'final_state: nothing changes about a closed conversation')
        WHEN (NEW.name = 'archived' OR NEW.name = 'kept')
            AND NOT EXISTS (SELECT 1 FROM conversation WHERE id = NEW.subject AND phase = 'closed' AND archived = 0)
            THEN RAISE(ABORT, 'invalid_value: only a closed conversation goes into the archive, and once')
        WHEN NEW.kind = 'offer' AND NEW.name <> 'made' AND NOT EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.subject AND agent = NEW.part)
            THEN RAISE(ABORT, 'not_offered: it is not offered to that agent')
        WHEN NEW.kind = 'offer' AND NEW.name = 'made' AND (typeof(NEW.part) <> 'integer'
                OR NOT EXISTS (SELECT 1 FROM agent WHERE id = NEW.part AND dropped = 0))
            THEN RAISE(ABORT, 'unknown_agent: there is no such agent')
        WHEN NEW.kind = 'offer' AND NEW.name = 'made' AND (EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.subject)
                OR NOT EXISTS (SELECT 1 FROM conversation JOIN workstream ON workstream.id = conversation.workstream
                    WHERE conversation.id = NEW.subject AND (phase = 'queued' OR phase = 'dispatching') AND workstream.units = NEW.value))
            THEN RAISE(ABORT, 'invalid_value: only what waits is offered, to one agent, for its units')
        WHEN NEW.kind = 'offer' AND NEW.name = 'made' AND NEW.value > 0
            AND NEW.value + (SELECT coalesce(sum(units), 0) FROM conversation WHERE agent = NEW.part AND phase <> 'closed')
                + (SELECT coalesce(sum(units), 0) FROM offer WHERE agent = NEW.part) > (SELECT capacity FROM agent WHERE id = NEW.part)
            THEN RAISE(ABORT, 'at_capacity: the agent has no room for it')
        WHEN NEW.kind = 'session' AND NOT EXISTS (SELECT 1 FROM channel WHERE channel = NEW.part AND messaging = 1)
            THEN RAISE(ABORT, 'invalid_value: there are no sessions on that channel')
        WHEN NEW.kind = 'timer' AND NOT EXISTS (SELECT 1 FROM timer_kind WHERE timer = NEW.part)
            THEN RAISE(ABORT, 'invalid_value: there is no such timer')
        WHEN NEW.kind = 'participant' AND (typeof(NEW.part) <> 'text' OR length(NEW.part) NOT BETWEEN 1 AND 64 OR instr(NEW.part, char(0)) > 0)
            THEN RAISE(ABORT, 'invalid_value: a participant has a name')
        WHEN NEW.kind = 'workstream' AND NEW.name = 'lifecycle'
            AND NOT EXISTS (SELECT 1 FROM lifecycle WHERE id = NEW.value AND dropped = 0 AND (drawn IS NOT NULL OR journal IS NULL))
            THEN RAISE(ABORT, 'unknown_lifecycle: there is no such lifecycle')
        WHEN NEW.kind = 'workstream' AND NEW.name = 'queue' AND NOT EXISTS (SELECT 1 FROM queue WHERE id = NEW.value AND dropped = 0)
            THEN RAISE(ABORT, 'unknown_queue: there is no such queue')
        WHEN NEW.kind = 'workstream' AND NEW.name IN ('channel', 'lifecycle') AND EXISTS (SELECT 1 FROM opening WHERE workstream = NEW.subject)
            THEN RAISE(ABORT, 'in_use: channel and lifecycle of a used workstream are fixed')
        WHEN (NEW.kind = 'conversation' AND NEW.name = 'subject' AND NEW.value IS NOT NULL OR NEW.kind = 'report' AND NEW.name = 'question')
            AND NOT EXISTS (SELECT 1 FROM text WHERE id = NEW.value)
            THEN RAISE(ABORT, 'invalid_value: there is no such text')
        WHEN NEW.kind = 'conversation' AND NEW.name = 'units' AND NOT EXISTS (SELECT 1 FROM timer
                WHERE conversation = NEW.subject AND timer = 'wrapup_capacity' AND due_at <= NEW.at)
            THEN RAISE(ABORT, 'at_capacity: the time for which after-work costs its units is not over')
        WHEN NEW.kind = 'customer' AND EXISTS (SELECT 1 FROM opening JOIN conversation USING (id)
                WHERE opening.customer = NEW.subject AND conversation.phase <> 'closed')
            THEN RAISE(ABORT, 'in_use: the customer has an open conversation')
        WHEN NEW.name = 'dropped' AND CASE NEW.kind
                WHEN 'queue' THEN EXISTS (SELECT 1 FROM workstream WHERE queue = NEW.subject AND dropped = 0)
                    OR EXISTS (SELECT 1 FROM conversation WHERE queue = NEW.subject AND phase <> 'closed')
                WHEN 'agent' THEN EXISTS (SELECT 1 FROM conversation WHERE agent = NEW.subject AND phase <> 'closed')
                    OR EXISTS (SELECT 1 FROM offer WHERE agent = NEW.subject)
                WHEN 'workstream' THEN EXISTS (SELECT 1 FROM conversation JOIN opening USING (id)
                    WHERE opening.workstream = NEW.subject AND conversation.phase <> 'closed')
                WHEN 'supervisor' THEN (SELECT count(*) FROM supervisor WHERE dropped = 0) = 1
                WHEN 'lifecycle' THEN EXISTS (SELECT 1 FROM workstream WHERE lifecycle = NEW.subject AND dropped = 0) END
            THEN RAISE(ABORT, 'in_use: something open needs it')
    END
    FROM (SELECT 1)
    LEFT JOIN change_kind AS known ON known.kind = NEW.kind AND known.name = NEW.name;
END;

-- How things stand is written by the triggers of section 6 alone: each row cites the log row it follows from,
-- the newest there is, and no log row serves twice. A temporary program in between only makes the whole fail.
CREATE TRIGGER conversation_insert BEFORE INSERT ON conversation BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM conversation WHERE id = NEW.id)
            OR NOT EXISTS (SELECT 1 FROM transition WHERE seq = (SELECT max(seq) FROM transition)
                AND seq = NEW.transition AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.id, NEW.workstream, NEW.state, NEW.phase, NEW.queue, NEW.agent, NEW.units, NEW.priority, NEW.skills, NEW.subject, NEW.arrival,
                    NEW.entered_at, NEW.first_assigned_at, NEW.state_since, NEW.touched_at, NEW.visit, NEW.customer, NEW.opened_at)
                IS NOT (SELECT id, workstream, state, phase, queue, agent, units, priority, skills, subject, arrival, entered_at,
                    first_assigned_at, state_since, state_since, transition, customer, opened_at FROM conversation_born WHERE transition = NEW.transition)
            OR (NEW.last_agent, NEW.sentiment, NEW.handled_ms, NEW.ended_at, NEW.closed_at, NEW.disconnected_at, NEW.message, NEW.change, NEW.archived)
                IS NOT (NULL, NULL, 0, NULL, NULL, NULL, 0, 0, 0)
            THEN RAISE(ABORT, 'unlogged: a conversation comes from its first transition')
    END;
END;
CREATE TRIGGER conversation_update BEFORE UPDATE ON conversation BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.workstream IS NOT OLD.workstream OR NEW.customer IS NOT OLD.customer OR NEW.opened_at IS NOT OLD.opened_at
            THEN RAISE(ABORT, 'unlogged: a conversation keeps what it was opened with')
        WHEN NEW.transition > OLD.transition AND (SELECT journal FROM transition WHERE seq = NEW.transition) > (SELECT coalesce(max(seq), 0) FROM seal)
            AND (NEW.id, NEW.state, NEW.phase, NEW.queue, NEW.agent, NEW.last_agent, NEW.units, NEW.arrival, NEW.entered_at, NEW.first_assigned_at,
                    NEW.handled_ms, NEW.ended_at, NEW.closed_at, NEW.state_since, NEW.visit, NEW.touched_at)
                IS (SELECT id, state, phase, queue, agent, last_agent, units, arrival, entered_at, first_assigned_at,
                    handled_ms, ended_at, closed_at, state_since, visit, touched_at FROM conversation_moved WHERE transition = NEW.transition)
            AND (NEW.priority, NEW.skills, NEW.subject, NEW.sentiment, NEW.disconnected_at, NEW.message, NEW.change, NEW.archived)
                IS (OLD.priority, OLD.skills, OLD.subject, OLD.sentiment, OLD.disconnected_at, OLD.message, OLD.change, OLD.archived)
            THEN NULL
        WHEN NEW.transition IS NOT OLD.transition OR NEW.state IS NOT OLD.state OR NEW.phase IS NOT OLD.phase OR NEW.queue IS NOT OLD.queue
            OR NEW.agent IS NOT OLD.agent OR NEW.last_agent IS NOT OLD.last_agent OR NEW.visit IS NOT OLD.visit
            OR NEW.arrival IS NOT OLD.arrival OR NEW.entered_at IS NOT OLD.entered_at OR NEW.first_assigned_at IS NOT OLD.first_assigned_at
            OR NEW.handled_ms IS NOT OLD.handled_ms OR NEW.ended_at IS NOT OLD.ended_at OR NEW.closed_at IS NOT OLD.closed_at
            OR NEW.state_since IS NOT OLD.state_since
            THEN RAISE(ABORT, 'unlogged: a conversation moves by a transition')
        WHEN NEW.message > OLD.message AND NEW.change = OLD.change AND NEW.units = OLD.units
            AND NEW.priority IS OLD.priority AND NEW.skills IS OLD.skills AND NEW.subject IS OLD.subject
            AND NEW.sentiment IS OLD.sentiment AND NEW.disconnected_at IS OLD.disconnected_at AND NEW.archived = OLD.archived
            AND EXISTS (SELECT 1 FROM message WHERE id = NEW.message AND conversation = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.touched_at = max(OLD.touched_at, at))
            THEN NULL
        WHEN NEW.change > OLD.change AND NEW.message = OLD.message AND NEW.touched_at = OLD.touched_at
            AND EXISTS (SELECT 1 FROM change WHERE seq = NEW.change AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.subject IS iif(name = 'subject', value, OLD.subject) AND NEW.priority IS iif(name = 'priority', value, OLD.priority)
                AND NEW.skills IS iif(name = 'skills', value, OLD.skills) AND NEW.sentiment IS iif(name = 'sentiment', value, OLD.sentiment)
                AND NEW.units IS iif(name = 'units', value, OLD.units)
                AND NEW.archived IS CASE name WHEN 'archived' THEN 1 WHEN 'kept' THEN 2 ELSE OLD.archived END
                AND NEW.disconnected_at IS CASE
                    WHEN kind <> 'session' THEN OLD.disconnected_at
                    WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.id AND status = 'connected') THEN NULL
                    WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.id AND status = 'disconnected') THEN coalesce(OLD.disconnected_at, at) END
                AND CASE kind
                    WHEN 'conversation' THEN 1
                    WHEN 'session' THEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.id AND channel = part AND channel_session.change = seq)
                    WHEN 'participant' THEN EXISTS (SELECT 1 FROM participant WHERE conversation = NEW.id AND participant.name = part AND participant.change = seq)
                    WHEN 'timer' THEN (name = 'stopped') IS NOT EXISTS (SELECT 1 FROM timer WHERE conversation = NEW.id AND timer = part
                        AND (timer.change = seq OR change.name = 'stopped'))
                    ELSE 0 END)
            THEN NULL
        ELSE RAISE(ABORT, 'unlogged: a conversation changes by a row of the log')
    END;
END;
CREATE TRIGGER conversation_delete BEFORE DELETE ON conversation BEGIN SELECT RAISE(ABORT, 'unlogged: conversations are never deleted'); END;
-- An archive is written once, right after the change that names its digest.
CREATE TRIGGER archive_insert BEFORE INSERT ON archive BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM archive WHERE conversation = NEW.conversation)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'conversation' AND name = 'archived' AND subject = NEW.conversation AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: an archive comes from a change')
    END;
END;
CREATE TRIGGER archive_update BEFORE UPDATE ON archive BEGIN SELECT RAISE(ABORT, 'unlogged: an archive never changes'); END;
CREATE TRIGGER archive_delete BEFORE DELETE ON archive BEGIN SELECT RAISE(ABORT, 'unlogged: an archive is never deleted'); END;

CREATE TRIGGER queue_insert BEFORE INSERT ON queue BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM queue WHERE id = NEW.id OR queue = NEW.queue AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'queue' AND name = 'created' AND subject = NEW.id AND value = NEW.queue AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.priority, NEW.service_level_ms, NEW.short_abandon_ms, NEW.method, NEW.dropped)
                IS NOT (100, 20000, 5000, 'highest_capacity', 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER queue_update BEFORE UPDATE ON queue BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.queue IS NOT OLD.queue COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'queue' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.priority IS iif(name = 'priority', value, OLD.priority)
                AND NEW.service_level_ms IS iif(name = 'service_level', value, OLD.service_level_ms)
                AND NEW.short_abandon_ms IS iif(name = 'short_abandon', value, OLD.short_abandon_ms) AND NEW.method IS iif(name = 'method', value, OLD.method))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER queue_delete BEFORE DELETE ON queue BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER agent_insert BEFORE INSERT ON agent BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM agent WHERE id = NEW.id OR agent = NEW.agent AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'agent' AND name = 'created' AND subject = NEW.id AND value = NEW.agent AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.name, NEW.capacity, NEW.presence, NEW.skills, NEW.login, NEW.connected, NEW.offline_at, NEW.dropped)
                IS NOT (NULL, 3, 'offline', NULL, NULL, 'on', NULL, 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER agent_update BEFORE UPDATE ON agent BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.agent IS NOT OLD.agent COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'agent' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.name IS iif(name = 'name', value, OLD.name)
                AND NEW.capacity IS iif(name = 'capacity', value, OLD.capacity) AND NEW.presence IS iif(name = 'presence', value, OLD.presence)
                AND NEW.skills IS iif(name = 'skills', value, OLD.skills) AND NEW.login IS iif(name = 'login', value, OLD.login)
                AND NEW.connected IS iif(name = 'connected', value, OLD.connected)
                AND NEW.offline_at IS iif(name = 'offline_at', value, OLD.offline_at))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER agent_delete BEFORE DELETE ON agent BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER supervisor_insert BEFORE INSERT ON supervisor BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM supervisor WHERE id = NEW.id OR supervisor = NEW.supervisor AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'supervisor' AND name = 'created' AND subject = NEW.id AND value = NEW.supervisor AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.name, NEW.login, NEW.dropped)
                IS NOT (NULL, NULL, 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER supervisor_update BEFORE UPDATE ON supervisor BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.supervisor IS NOT OLD.supervisor COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'supervisor' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.name IS iif(name = 'name', value, OLD.name) AND NEW.login IS iif(name = 'login', value, OLD.login))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER supervisor_delete BEFORE DELETE ON supervisor BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER service_insert BEFORE INSERT ON service BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM service WHERE id = NEW.id OR service = NEW.service AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'service' AND name = 'created' AND subject = NEW.id AND value = NEW.service AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.login, NEW.dropped)
                IS NOT (NULL, 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER service_update BEFORE UPDATE ON service BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.service IS NOT OLD.service COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'service' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.login IS iif(name = 'login', value, OLD.login))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER service_delete BEFORE DELETE ON service BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER report_insert BEFORE INSERT ON report BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM report WHERE id = NEW.id OR report = NEW.report AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'report' AND name = 'created' AND subject = NEW.id AND value = NEW.report AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.question, NEW.dropped)
                IS NOT (NULL, 0)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER report_update BEFORE UPDATE ON report BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.report IS NOT OLD.report COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'report' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.question IS iif(name = 'question', value, OLD.question))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER report_delete BEFORE DELETE ON report BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER workstream_insert BEFORE INSERT ON workstream BEGIN
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM workstream WHERE id = NEW.id OR workstream = NEW.workstream AND dropped = 0)
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'workstream' AND name = 'created' AND subject = NEW.id AND value = NEW.workstream AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR (NEW.channel, NEW.lifecycle, NEW.queue, NEW.mode, NEW.units, NEW.bot, NEW.presences, NEW.skills, NEW.wrapup, NEW.wrapup_capacity, NEW.reconnect, NEW.prefer_last_agent)
                IS NOT (NULL, NULL, NULL, 'pick', 1, 'off', 'available, busy', 'exact', 'off', 'always', 'off', 'off')
            OR (NEW.relaxed_skills, NEW.offers, NEW.dispatch_limit, NEW.transfer_presences, NEW.sentiment, NEW.dropped)
                IS NOT ('off', 'off', 3, NULL, 'on', 0)
            OR (NEW.queue_timeout, NEW.customer_timeout, NEW.agent_timeout, NEW.response_timeout, NEW.inactivity_timeout, NEW.hold_timeout, NEW.waiting_timeout, NEW.wrapup_timeout, NEW.offer_timeout)
                IS NOT (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            THEN RAISE(ABORT, 'unlogged: what is made comes from a change')
    END;
END;
CREATE TRIGGER workstream_update BEFORE UPDATE ON workstream BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.workstream IS NOT OLD.workstream COLLATE BINARY OR OLD.dropped = 1 OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'workstream' AND name <> 'created' AND subject = NEW.id AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.dropped = (name = 'dropped') AND NEW.channel IS iif(name = 'channel', value, OLD.channel)
                AND NEW.lifecycle IS iif(name = 'lifecycle', value, OLD.lifecycle) AND NEW.queue IS iif(name = 'queue', value, OLD.queue)
                AND NEW.mode IS iif(name = 'mode', value, OLD.mode) AND NEW.units IS iif(name = 'units', value, OLD.units)
                AND NEW.bot IS iif(name = 'bot', value, OLD.bot) AND NEW.presences IS iif(name = 'presences', value, OLD.presences)
                AND NEW.skills IS iif(name = 'skills', value, OLD.skills) AND NEW.wrapup IS iif(name = 'wrapup', value, OLD.wrapup)
                AND NEW.wrapup_capacity IS iif(name = 'wrapup_capacity', value, OLD.wrapup_capacity)
                AND NEW.reconnect IS iif(name = 'reconnect', value, OLD.reconnect)
                AND NEW.prefer_last_agent IS iif(name = 'prefer_last_agent', value, OLD.prefer_last_agent)
                AND NEW.relaxed_skills IS iif(name = 'relaxed_skills', value, OLD.relaxed_skills) AND NEW.offers IS iif(name = 'offers', value, OLD.offers)
                AND NEW.dispatch_limit IS iif(name = 'dispatch_limit', value, OLD.dispatch_limit)
                AND NEW.transfer_presences IS iif(name = 'transfer_presences', value, OLD.transfer_presences)
                AND NEW.sentiment IS iif(name = 'sentiment', value, OLD.sentiment) AND NEW.queue_timeout IS iif(name = 'queue_timeout', value, OLD.queue_timeout)
                AND NEW.customer_timeout IS iif(name = 'customer_timeout', value, OLD.customer_timeout)
                AND NEW.agent_timeout IS iif(name = 'agent_timeout', value, OLD.agent_timeout)
                AND NEW.response_timeout IS iif(name = 'response_timeout', value, OLD.response_timeout)
                AND NEW.inactivity_timeout IS iif(name = 'inactivity_timeout', value, OLD.inactivity_timeout)
                AND NEW.hold_timeout IS iif(name = 'hold_timeout', value, OLD.hold_timeout)
                AND NEW.waiting_timeout IS iif(name = 'waiting_timeout', value, OLD.waiting_timeout)
                AND NEW.wrapup_timeout IS iif(name = 'wrapup_timeout', value, OLD.wrapup_timeout)
                AND NEW.offer_timeout IS iif(name = 'offer_timeout', value, OLD.offer_timeout))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER workstream_delete BEFORE DELETE ON workstream BEGIN SELECT RAISE(ABORT, 'unlogged: what was made stays in history'); END;
CREATE TRIGGER site_setting_insert BEFORE INSERT ON site_setting BEGIN SELECT RAISE(ABORT, 'unlogged: there is one site'); END;
CREATE TRIGGER site_setting_update BEFORE UPDATE ON site_setting BEGIN
    SELECT CASE
        WHEN NEW.id IS NOT OLD.id OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'site' AND value = NEW.time_zone AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: settings follow from changes')
    END;
END;
CREATE TRIGGER site_setting_delete BEFORE DELETE ON site_setting BEGIN SELECT RAISE(ABORT, 'unlogged: there is one site'); END;
CREATE TRIGGER queue_member_insert BEFORE INSERT ON queue_member BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'member' AND subject = NEW.queue AND part = NEW.agent AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.member = (name = 'joined'))
            OR EXISTS (SELECT 1 FROM queue_member WHERE queue = NEW.queue AND agent = NEW.agent AND change >= NEW.change)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER queue_member_update BEFORE UPDATE ON queue_member BEGIN
    SELECT CASE
        WHEN NEW.queue IS NOT OLD.queue OR NEW.agent IS NOT OLD.agent OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'member' AND subject = NEW.queue AND part = NEW.agent AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.member = (name = 'joined'))
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER queue_member_delete BEFORE DELETE ON queue_member BEGIN SELECT RAISE(ABORT, 'unlogged: how things stand follows from changes'); END;
CREATE TRIGGER channel_session_insert BEFORE INSERT ON channel_session BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'session' AND subject = NEW.conversation AND part = NEW.channel AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.status = name AND NEW.since = at)
            OR EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.conversation AND channel = NEW.channel AND change >= NEW.change)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER channel_session_update BEFORE UPDATE ON channel_session BEGIN
    SELECT CASE
        WHEN NEW.conversation IS NOT OLD.conversation OR NEW.channel IS NOT OLD.channel OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'session' AND subject = NEW.conversation AND part = NEW.channel AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.status = name AND NEW.since = at)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER channel_session_delete BEFORE DELETE ON channel_session BEGIN SELECT RAISE(ABORT, 'unlogged: how things stand follows from changes'); END;
CREATE TRIGGER participant_insert BEFORE INSERT ON participant BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'participant' AND subject = NEW.conversation AND part = NEW.name AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.until IS iif(change.name = 'left', at, NULL)
                AND NEW.role = coalesce(value, (SELECT role FROM participant WHERE conversation = NEW.conversation AND name = NEW.name), 'monitor')
                AND NEW.since = coalesce(iif(change.name = 'left', (SELECT since FROM participant WHERE conversation = NEW.conversation AND name = NEW.name), NULL), at))
            OR EXISTS (SELECT 1 FROM participant WHERE conversation = NEW.conversation AND name = NEW.name AND change >= NEW.change)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER participant_update BEFORE UPDATE ON participant BEGIN
    SELECT CASE
        WHEN NEW.conversation IS NOT OLD.conversation OR NEW.name IS NOT OLD.name OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'participant' AND subject = NEW.conversation AND part = NEW.name AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND NEW.until IS iif(change.name = 'left', at, NULL)
                AND NEW.role = coalesce(value, (SELECT role FROM participant WHERE conversation = NEW.conversation AND name = NEW.name), 'monitor')
                AND NEW.since = coalesce(iif(change.name = 'left', (SELECT since FROM participant WHERE conversation = NEW.conversation AND name = NEW.name), NULL), at))
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER participant_delete BEFORE DELETE ON participant BEGIN SELECT RAISE(ABORT, 'unlogged: how things stand follows from changes'); END;
CREATE TRIGGER offer_insert BEFORE INSERT ON offer BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'offer' AND name = 'made' AND subject = NEW.conversation AND part = NEW.agent
                AND value = NEW.units AND at = NEW.since AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            OR EXISTS (SELECT 1 FROM offer WHERE conversation = NEW.conversation)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER offer_update BEFORE UPDATE ON offer BEGIN SELECT RAISE(ABORT, 'unlogged: how things stand follows from changes'); END;
CREATE TRIGGER offer_delete BEFORE DELETE ON offer BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change) AND seq > OLD.change
            AND kind = 'offer' AND name <> 'made' AND subject = OLD.conversation AND part = OLD.agent AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: an offer ends by a change')
    END;
END;
CREATE TRIGGER timer_insert BEFORE INSERT ON timer BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'timer' AND subject = NEW.conversation AND part = NEW.timer AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND name <> 'stopped'
                AND NEW.due_at IS iif(name = 'started', value, NULL) AND NEW.remaining_ms IS iif(name = 'paused', value, NULL)
                AND NEW.visit = (SELECT visit FROM conversation WHERE id = NEW.conversation))
            OR EXISTS (SELECT 1 FROM timer WHERE conversation = NEW.conversation AND timer = NEW.timer AND change >= NEW.change)
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
CREATE TRIGGER timer_update BEFORE UPDATE ON timer BEGIN
    SELECT CASE
        WHEN NEW.conversation IS NOT OLD.conversation OR NEW.timer IS NOT OLD.timer OR NEW.change <= OLD.change
            OR NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change)
                AND seq = NEW.change AND kind = 'timer' AND subject = NEW.conversation AND part = NEW.timer AND journal > (SELECT coalesce(max(seq), 0) FROM seal)
                AND name <> 'stopped'
                AND NEW.due_at IS iif(name = 'started', value, NULL) AND NEW.remaining_ms IS iif(name = 'paused', value, NULL)
                AND NEW.visit = (SELECT visit FROM conversation WHERE id = NEW.conversation))
            THEN RAISE(ABORT, 'unlogged: how things stand follows from changes')
    END;
END;
-- A timer goes when it is stopped, when the state that it belongs to is left, and when the conversation closes.
CREATE TRIGGER timer_delete BEFORE DELETE ON timer BEGIN
    SELECT CASE
        WHEN NOT EXISTS (SELECT 1 FROM conversation WHERE id = OLD.conversation AND (phase = 'closed' OR visit > OLD.visit))
            AND NOT EXISTS (SELECT 1 FROM change WHERE seq = (SELECT max(seq) FROM change) AND seq > OLD.change
                AND kind = 'timer' AND name = 'stopped' AND subject = OLD.conversation AND part = OLD.timer AND journal > (SELECT coalesce(max(seq), 0) FROM seal))
            THEN RAISE(ABORT, 'unlogged: a timer is stopped by a change')
    END;
END;


-- 6. How the state follows --------------------------------------------------------------------------------

CREATE TRIGGER transition_opens AFTER INSERT ON transition WHEN NEW.from_state IS NULL BEGIN
    INSERT INTO conversation (id, workstream, customer, opened_at, state, phase, queue, agent, units, priority, skills, subject, arrival, entered_at,
            first_assigned_at, state_since, touched_at, transition, visit)
        SELECT id, workstream, customer, opened_at, state, phase, queue, agent, units, priority, skills, subject, arrival, entered_at,
            first_assigned_at, state_since, state_since, transition, transition
        FROM conversation_born WHERE transition = NEW.seq;
END;
CREATE TRIGGER transition_moves AFTER INSERT ON transition WHEN NEW.from_state IS NOT NULL BEGIN
    UPDATE conversation SET
        (transition, state, phase, queue, agent, last_agent, units, arrival, entered_at, first_assigned_at,
            handled_ms, ended_at, closed_at, state_since, visit, touched_at)
        = (SELECT transition, state, phase, queue, agent, last_agent, units, arrival, entered_at, first_assigned_at,
            handled_ms, ended_at, closed_at, state_since, visit, touched_at FROM conversation_moved WHERE transition = NEW.seq)
    WHERE id = NEW.conversation;
END;
-- Timers of the state that was left go with it, all of them with the last state. Where there are none, no DELETE is begun.
CREATE TRIGGER conversation_leaves AFTER UPDATE OF visit ON conversation
    WHEN EXISTS (SELECT 1 FROM timer WHERE conversation = NEW.id AND (visit < NEW.visit OR NEW.phase = 'closed')) BEGIN
    DELETE FROM timer WHERE conversation = NEW.id AND (visit < NEW.visit OR NEW.phase = 'closed');
END;
-- What the system tells goes with a move, which has touched the conversation already.
CREATE TRIGGER message_touches AFTER INSERT ON message WHEN NEW.kind <> 'system' BEGIN
    UPDATE conversation SET message = NEW.id, touched_at = max(touched_at, NEW.at) WHERE id = NEW.conversation;
END;

CREATE TRIGGER change_site AFTER INSERT ON change WHEN NEW.kind = 'site' BEGIN
    UPDATE site_setting SET change = NEW.seq, time_zone = NEW.value WHERE id = NEW.subject;
END;
CREATE TRIGGER change_queue_made AFTER INSERT ON change WHEN NEW.kind = 'queue' AND NEW.name = 'created' BEGIN
    INSERT INTO queue (id, queue, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_queue AFTER INSERT ON change WHEN NEW.kind = 'queue' AND NEW.name <> 'created' BEGIN
    UPDATE queue SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        priority = iif(NEW.name = 'priority', NEW.value, priority),
        service_level_ms = iif(NEW.name = 'service_level', NEW.value, service_level_ms),
        short_abandon_ms = iif(NEW.name = 'short_abandon', NEW.value, short_abandon_ms),
        method = iif(NEW.name = 'method', NEW.value, method)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_agent_made AFTER INSERT ON change WHEN NEW.kind = 'agent' AND NEW.name = 'created' BEGIN
    INSERT INTO agent (id, agent, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_agent AFTER INSERT ON change WHEN NEW.kind = 'agent' AND NEW.name <> 'created' BEGIN
    UPDATE agent SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        name = iif(NEW.name = 'name', NEW.value, name),
        capacity = iif(NEW.name = 'capacity', NEW.value, capacity),
        presence = iif(NEW.name = 'presence', NEW.value, presence),
        skills = iif(NEW.name = 'skills', NEW.value, skills),
        login = iif(NEW.name = 'login', NEW.value, login),
        connected = iif(NEW.name = 'connected', NEW.value, connected),
        offline_at = iif(NEW.name = 'offline_at', NEW.value, offline_at)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_supervisor_made AFTER INSERT ON change WHEN NEW.kind = 'supervisor' AND NEW.name = 'created' BEGIN
    INSERT INTO supervisor (id, supervisor, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_supervisor AFTER INSERT ON change WHEN NEW.kind = 'supervisor' AND NEW.name <> 'created' BEGIN
    UPDATE supervisor SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        name = iif(NEW.name = 'name', NEW.value, name),
        login = iif(NEW.name = 'login', NEW.value, login)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_service_made AFTER INSERT ON change WHEN NEW.kind = 'service' AND NEW.name = 'created' BEGIN
    INSERT INTO service (id, service, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_service AFTER INSERT ON change WHEN NEW.kind = 'service' AND NEW.name <> 'created' BEGIN
    UPDATE service SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        login = iif(NEW.name = 'login', NEW.value, login)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_report_made AFTER INSERT ON change WHEN NEW.kind = 'report' AND NEW.name = 'created' BEGIN
    INSERT INTO report (id, report, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_report AFTER INSERT ON change WHEN NEW.kind = 'report' AND NEW.name <> 'created' BEGIN
    UPDATE report SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        question = iif(NEW.name = 'question', NEW.value, question)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_workstream_made AFTER INSERT ON change WHEN NEW.kind = 'workstream' AND NEW.name = 'created' BEGIN
    INSERT INTO workstream (id, workstream, change) VALUES (NEW.subject, NEW.value, NEW.seq);
END;
CREATE TRIGGER change_workstream AFTER INSERT ON change WHEN NEW.kind = 'workstream' AND NEW.name <> 'created' BEGIN
    UPDATE workstream SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        channel = iif(NEW.name = 'channel', NEW.value, channel),
        lifecycle = iif(NEW.name = 'lifecycle', NEW.value, lifecycle),
        queue = iif(NEW.name = 'queue', NEW.value, queue),
        mode = iif(NEW.name = 'mode', NEW.value, mode),
        units = iif(NEW.name = 'units', NEW.value, units),
        bot = iif(NEW.name = 'bot', NEW.value, bot),
        presences = iif(NEW.name = 'presences', NEW.value, presences),
        skills = iif(NEW.name = 'skills', NEW.value, skills),
        wrapup = iif(NEW.name = 'wrapup', NEW.value, wrapup),
        wrapup_capacity = iif(NEW.name = 'wrapup_capacity', NEW.value, wrapup_capacity),
        reconnect = iif(NEW.name = 'reconnect', NEW.value, reconnect),
        prefer_last_agent = iif(NEW.name = 'prefer_last_agent', NEW.value, prefer_last_agent),
        relaxed_skills = iif(NEW.name = 'relaxed_skills', NEW.value, relaxed_skills),
        offers = iif(NEW.name = 'offers', NEW.value, offers),
        dispatch_limit = iif(NEW.name = 'dispatch_limit', NEW.value, dispatch_limit),
        transfer_presences = iif(NEW.name = 'transfer_presences', NEW.value, transfer_presences),
        sentiment = iif(NEW.name = 'sentiment', NEW.value, sentiment),
        queue_timeout = iif(NEW.name = 'queue_timeout', NEW.value, queue_timeout),
        customer_timeout = iif(NEW.name = 'customer_timeout', NEW.value, customer_timeout),
        agent_timeout = iif(NEW.name = 'agent_timeout', NEW.value, agent_timeout),
        response_timeout = iif(NEW.name = 'response_timeout', NEW.value, response_timeout),
        inactivity_timeout = iif(NEW.name = 'inactivity_timeout', NEW.value, inactivity_timeout),
        hold_timeout = iif(NEW.name = 'hold_timeout', NEW.value, hold_timeout),
        waiting_timeout = iif(NEW.name = 'waiting_timeout', NEW.value, waiting_timeout),
        wrapup_timeout = iif(NEW.name = 'wrapup_timeout', NEW.value, wrapup_timeout),
        offer_timeout = iif(NEW.name = 'offer_timeout', NEW.value, offer_timeout)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_lifecycle_made AFTER INSERT ON change WHEN NEW.kind = 'lifecycle' AND NEW.name = 'created' BEGIN
    INSERT INTO lifecycle (id, name, journal, change) VALUES (NEW.subject, NEW.value, NEW.journal, NEW.seq);
END;
CREATE TRIGGER change_lifecycle AFTER INSERT ON change WHEN NEW.kind = 'lifecycle' AND NEW.name <> 'created' BEGIN
    UPDATE lifecycle SET
        change = NEW.seq,
        dropped = (NEW.name = 'dropped'),
        drawn = iif(NEW.name = 'drawn', NEW.value, drawn),
        one_per_customer = iif(NEW.name = 'one_per_customer', NEW.value, one_per_customer),
        ends_by_sessions = iif(NEW.name = 'ends_by_sessions', NEW.value, ends_by_sessions),
        customer_timeout_ms = iif(NEW.name = 'customer_timeout', NEW.value, customer_timeout_ms),
        transfer_presences = iif(NEW.name = 'transfer_presences', NEW.value, transfer_presences)
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_member AFTER INSERT ON change WHEN NEW.kind = 'member' BEGIN
    INSERT INTO queue_member (queue, agent, member, change) VALUES (NEW.subject, NEW.part, NEW.name = 'joined', NEW.seq)
        ON CONFLICT (queue, agent) DO UPDATE SET member = excluded.member, change = excluded.change;
END;
CREATE TRIGGER change_conversation AFTER INSERT ON change WHEN NEW.kind = 'conversation' BEGIN
    UPDATE conversation SET
        change = NEW.seq,
        subject = iif(NEW.name = 'subject', NEW.value, subject),
        priority = iif(NEW.name = 'priority', NEW.value, priority),
        skills = iif(NEW.name = 'skills', NEW.value, skills),
        sentiment = iif(NEW.name = 'sentiment', NEW.value, sentiment),
        units = iif(NEW.name = 'units', NEW.value, units),
        archived = CASE NEW.name WHEN 'archived' THEN 1 WHEN 'kept' THEN 2 ELSE archived END
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_session AFTER INSERT ON change WHEN NEW.kind = 'session' BEGIN
    INSERT INTO channel_session (conversation, channel, status, since, change) VALUES (NEW.subject, NEW.part, NEW.name, NEW.at, NEW.seq)
        ON CONFLICT (conversation, channel) DO UPDATE SET status = excluded.status, since = excluded.since, change = excluded.change;
    UPDATE conversation SET change = NEW.seq, disconnected_at =
        CASE WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.subject AND status = 'connected') THEN NULL
            WHEN EXISTS (SELECT 1 FROM channel_session WHERE conversation = NEW.subject AND status = 'disconnected') THEN coalesce(disconnected_at, NEW.at) END
    WHERE id = NEW.subject;
END;
CREATE TRIGGER change_participant AFTER INSERT ON change WHEN NEW.kind = 'participant' BEGIN
    INSERT INTO participant (conversation, name, role, since, until, change) VALUES (NEW.subject, NEW.part,
            coalesce(NEW.value, (SELECT role FROM participant WHERE conversation = NEW.subject AND name = NEW.part), 'monitor'),
            coalesce(iif(NEW.name = 'left', (SELECT since FROM participant WHERE conversation = NEW.subject AND name = NEW.part), NULL), NEW.at),
            iif(NEW.name = 'left', NEW.at, NULL), NEW.seq)
        ON CONFLICT (conversation, name) DO UPDATE SET
            name = excluded.name, role = excluded.role, since = excluded.since, until = excluded.until, change = excluded.change;
    UPDATE conversation SET change = NEW.seq WHERE id = NEW.subject;
END;
CREATE TRIGGER change_offer AFTER INSERT ON change WHEN NEW.kind = 'offer' BEGIN
    INSERT INTO offer (conversation, agent, units, since, change)
        SELECT NEW.subject, NEW.part, NEW.value, NEW.at, NEW.seq WHERE NEW.name = 'made';
    DELETE FROM offer WHERE conversation = NEW.subject AND NEW.name <> 'made';
END;
CREATE TRIGGER change_timer AFTER INSERT ON change WHEN NEW.kind = 'timer' AND NEW.name <> 'stopped' BEGIN
    INSERT INTO timer (conversation, timer, due_at, remaining_ms, visit, change)
        VALUES (NEW.subject, NEW.part, iif(NEW.name = 'started', NEW.value, NULL), iif(NEW.name = 'paused', NEW.value, NULL),
            (SELECT visit FROM conversation WHERE id = NEW.subject), NEW.seq)
        ON CONFLICT (conversation, timer) DO UPDATE SET
            due_at = excluded.due_at, remaining_ms = excluded.remaining_ms, visit = excluded.visit, change = excluded.change;
    UPDATE conversation SET change = NEW.seq WHERE id = NEW.subject;
END;
CREATE TRIGGER change_timer_stopped AFTER INSERT ON change WHEN NEW.kind = 'timer' AND NEW.name = 'stopped' BEGIN
    DELETE FROM timer WHERE conversation = NEW.subject AND timer = NEW.part;
    UPDATE conversation SET change = NEW.seq WHERE id = NEW.subject;
END;
CREATE TRIGGER change_erases AFTER INSERT ON change WHEN NEW.kind = 'text' OR NEW.kind = 'customer' OR NEW.kind = 'entry' BEGIN
    UPDATE text SET body = NULL, salt = NULL WHERE NEW.kind = 'text' AND id = NEW.subject;
    UPDATE customer SET handle = NULL, salt = NULL WHERE NEW.kind = 'customer' AND id = NEW.subject;
    UPDATE entry SET statement = NULL WHERE NEW.kind = 'entry' AND seq = NEW.subject;
END;


-- 7. What SELECT may read: moments as text, each with its twin in ms --------------------------------------

CREATE VIEW conversations AS
    SELECT conversation.id,
        lower(hex(substr(topic, 1, 4)) || '-' || hex(substr(topic, 5, 2)) || '-' || hex(substr(topic, 7, 2)) || '-' || hex(substr(topic, 9, 2)) || '-' || hex(substr(topic, 11))) AS topic,
        workstream.workstream, workstream.channel, lifecycle.name AS lifecycle, conversation.state, conversation.phase,
        customer.handle AS customer, text.body AS subject, queue.queue, agent.agent, last.agent AS last_agent,
        conversation.priority, conversation.skills, conversation.sentiment,
        strftime('%Y-%m-%dT%H:%M:%S', opening.at / 1000 - (opening.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (opening.at % 1000 + 1000) % 1000) AS opened_at, opening.at AS opened_at_ms,
        strftime('%Y-%m-%dT%H:%M:%S', state_since / 1000 - (state_since % 1000 < 0), 'unixepoch') || printf('.%03dZ', (state_since % 1000 + 1000) % 1000) AS state_since, state_since AS state_since_ms,
        strftime('%Y-%m-%dT%H:%M:%S', first_assigned_at / 1000 - (first_assigned_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (first_assigned_at % 1000 + 1000) % 1000) AS first_assigned_at, first_assigned_at AS first_assigned_at_ms,
        strftime('%Y-%m-%dT%H:%M:%S', ended_at / 1000 - (ended_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (ended_at % 1000 + 1000) % 1000) AS ended_at, ended_at AS ended_at_ms,
        strftime('%Y-%m-%dT%H:%M:%S', closed_at / 1000 - (closed_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (closed_at % 1000 + 1000) % 1000) AS closed_at, closed_at AS closed_at_ms,
        opening.predecessor
    FROM conversation
    JOIN opening ON opening.id = conversation.id
    JOIN workstream ON workstream.id = opening.workstream
    JOIN lifecycle ON lifecycle.id = workstream.lifecycle
    JOIN customer ON customer.id = opening.customer
    JOIN queue ON queue.id = conversation.queue
    LEFT JOIN agent ON agent.id = conversation.agent
    LEFT JOIN agent AS last ON last.id = conversation.last_agent
    LEFT JOIN text ON text.id = conversation.subject;

-- The report that a supervisor watches; as of the statement's moment, which only our program can tell.
CREATE VIEW ongoing AS
    SELECT conversation.id AS conversation, text.body AS subject, conversation.state, agent.agent, queue.queue, workstream.channel,
        customer.handle AS customer,
        -- Who waits again, waits from then; who had an agent before he waited, up to the first one after it; who never waited, not.
        iif(conversation.phase = 'queued' OR conversation.phase = 'dispatching', switchboard_now() - state_since,
            coalesce(iif(first_assigned_at > entered_at, first_assigned_at, (SELECT min(at) FROM transition
                WHERE transition.conversation = conversation.id AND to_phase = 'active' AND seq > (SELECT min(seq) FROM transition
                    WHERE transition.conversation = conversation.id AND (to_phase = 'queued' OR to_phase = 'dispatching')))),
                ended_at, switchboard_now()) - entered_at) AS wait_ms,
        iif(first_assigned_at IS NULL, NULL, handled_ms + iif(conversation.phase IN ('active', 'held', 'wrapup'), switchboard_now() - state_since, 0)) AS handle_ms,
        conversation.sentiment, strftime('%Y-%m-%dT%H:%M:%S', opened_at / 1000 - (opened_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (opened_at % 1000 + 1000) % 1000) AS opened_at, conversation.opened_at AS opened_at_ms,
        strftime('%Y-%m-%dT%H:%M:%S', touched_at / 1000 - (touched_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (touched_at % 1000 + 1000) % 1000) AS touched_at, touched_at AS touched_at_ms,
        (SELECT asked.agent FROM offer JOIN agent AS asked ON asked.id = offer.agent WHERE offer.conversation = conversation.id) AS offered_to
    FROM conversation
    JOIN workstream ON workstream.id = conversation.workstream
    JOIN customer ON customer.id = conversation.customer
    JOIN queue ON queue.id = conversation.queue
    LEFT JOIN agent ON agent.id = coalesce(conversation.agent, iif(conversation.phase = 'parked', conversation.last_agent, NULL))
    LEFT JOIN text ON text.id = conversation.subject
    WHERE conversation.phase <> 'closed' AND conversation.phase NOT IN ('bot', 'closing') AND workstream.channel <> 'record';

CREATE VIEW customers AS
    SELECT customer.id, handle AS customer, (SELECT count(*) FROM opening WHERE opening.customer = customer.id) AS conversations,
        journal FROM customer;

CREATE VIEW agents AS
    SELECT agent.agent, name, presence, (SELECT coalesce(sum(units), 0) FROM conversation WHERE conversation.agent = agent.id AND phase <> 'closed')
            + (SELECT coalesce(sum(units), 0) FROM offer WHERE offer.agent = agent.id) AS load, capacity,
        skills, connected, login,
        (SELECT group_concat(queue.queue, ', ') FROM queue_member JOIN queue ON queue.id = queue_member.queue
            WHERE queue_member.agent = agent.id AND member = 1 AND queue.dropped = 0) AS queues
    FROM agent WHERE dropped = 0;

CREATE VIEW supervisors AS SELECT supervisor, name, login FROM supervisor WHERE dropped = 0;
CREATE VIEW services AS SELECT service, login FROM service WHERE dropped = 0;

CREATE VIEW queues AS
    SELECT queue.queue, priority, method, service_level_ms, short_abandon_ms,
        (SELECT count(*) FROM conversation WHERE conversation.queue = queue.id AND (phase = 'queued' OR phase = 'dispatching')) AS waiting,
        (SELECT count(*) FROM queue_member JOIN agent ON agent.id = queue_member.agent
            WHERE queue_member.queue = queue.id AND member = 1 AND agent.dropped = 0) AS members
    FROM queue WHERE dropped = 0;

CREATE VIEW queue_members AS
    SELECT queue.queue, agent.agent, strftime('%Y-%m-%dT%H:%M:%S', change.at / 1000 - (change.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (change.at % 1000 + 1000) % 1000) AS joined_at, change.at AS joined_at_ms
    FROM queue_member
    JOIN queue ON queue.id = queue_member.queue AND queue.dropped = 0
    JOIN agent ON agent.id = queue_member.agent AND agent.dropped = 0
    JOIN change ON change.seq = queue_member.change
    WHERE member = 1;

CREATE VIEW workstreams AS
    SELECT workstream, channel, lifecycle.name AS lifecycle, queue.queue, mode, units, bot, presences, skills, wrapup, wrapup_capacity, reconnect,
        prefer_last_agent, relaxed_skills, offers, dispatch_limit,
        coalesce(workstream.transfer_presences, lifecycle.transfer_presences) AS transfer_presences, sentiment,
        queue_timeout, customer_timeout, agent_timeout, response_timeout, inactivity_timeout, hold_timeout, waiting_timeout, wrapup_timeout, offer_timeout
    FROM workstream
    LEFT JOIN lifecycle ON lifecycle.id = workstream.lifecycle
    LEFT JOIN queue ON queue.id = workstream.queue
    WHERE workstream.dropped = 0;

CREATE VIEW lifecycles AS
    SELECT lifecycle.name AS lifecycle, one_per_customer, ends_by_sessions, customer_timeout_ms, transfer_presences,
        (SELECT count(DISTINCT state) FROM state WHERE state.lifecycle = lifecycle.id) AS states,
        (SELECT count(*) FROM (SELECT DISTINCT from_state, event, to_state, condition FROM edge WHERE edge.lifecycle = lifecycle.id)) AS edges,
        iif(journal IS NULL, 'yes', 'no') AS built_in
    FROM lifecycle WHERE dropped = 0;

CREATE VIEW states AS
    SELECT lifecycle.name AS lifecycle, state, channel, phase, position FROM state JOIN lifecycle ON lifecycle.id = state.lifecycle
    WHERE dropped = 0;

CREATE VIEW edges AS
    SELECT lifecycle.name AS lifecycle, channel, event, nullif(from_state, '') AS from_state, to_state, nullif(condition, '') AS condition, after_ms
    FROM edge JOIN lifecycle ON lifecycle.id = edge.lifecycle WHERE dropped = 0;

CREATE VIEW timers AS
    SELECT timer.conversation, timer, agent.agent, strftime('%Y-%m-%dT%H:%M:%S', due_at / 1000 - (due_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (due_at % 1000 + 1000) % 1000) AS due_at, due_at AS due_at_ms, remaining_ms
    FROM timer JOIN conversation ON conversation.id = timer.conversation LEFT JOIN agent ON agent.id = conversation.agent
    UNION ALL
    SELECT NULL, 'agent_timeout', agent, strftime('%Y-%m-%dT%H:%M:%S', offline_at / 1000 - (offline_at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (offline_at % 1000 + 1000) % 1000), offline_at, NULL
    FROM agent WHERE offline_at IS NOT NULL AND dropped = 0;

CREATE VIEW transitions AS
    SELECT transition.seq, transition.journal, transition.conversation, event, from_state, to_state,
        from_agent.agent AS from_agent, to_agent.agent AS to_agent, from_queue.queue AS from_queue, to_queue.queue AS to_queue,
        transition.actor_kind, transition.actor, text.body AS reason, override,
        strftime('%Y-%m-%dT%H:%M:%S', transition.at / 1000 - (transition.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (transition.at % 1000 + 1000) % 1000) AS at, transition.at AS at_ms, strftime('%Y-%m-%dT%H:%M:%S', entry.at / 1000 - (entry.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (entry.at % 1000 + 1000) % 1000) AS applied_at, entry.at AS applied_at_ms
    FROM transition
    JOIN entry ON entry.seq = transition.journal
    LEFT JOIN agent AS from_agent ON from_agent.id = transition.from_agent
    LEFT JOIN agent AS to_agent ON to_agent.id = transition.to_agent
    LEFT JOIN queue AS from_queue ON from_queue.id = transition.from_queue
    LEFT JOIN queue AS to_queue ON to_queue.id = transition.to_queue
    LEFT JOIN text ON text.id = transition.reason;

CREATE VIEW journal AS
    SELECT entry.seq, strftime('%Y-%m-%dT%H:%M:%S', at / 1000 - (at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (at % 1000 + 1000) % 1000) AS at, at AS at_ms, actor_kind, actor, statement, key, lower(hex(hash)) AS hash
    FROM entry LEFT JOIN seal ON seal.seq = entry.seq;

CREATE VIEW changes AS
    SELECT seq, journal, kind, subject, part, name, value, strftime('%Y-%m-%dT%H:%M:%S', at / 1000 - (at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (at % 1000 + 1000) % 1000) AS at, at AS at_ms FROM change;

-- Bodies stand in `text`, or packed in `archive`: then only our program can read them, and no other one this view.
CREATE VIEW messages AS
    SELECT message.id, message.conversation, strftime('%Y-%m-%dT%H:%M:%S', message.at / 1000 - (message.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (message.at % 1000 + 1000) % 1000) AS at, message.at AS at_ms,
        message.author_kind, message.author, message.kind, coalesce(message.system, text.body, switchboard_unpacked(archive.bodies, text.id)) AS body
    FROM message
    LEFT JOIN text ON text.id = message.text
    LEFT JOIN message AS moved ON moved.id = text.message
    LEFT JOIN archive ON archive.conversation = moved.conversation;

-- Every offer that was made, and what became of it; one that stands is open.
CREATE VIEW offers AS
    SELECT made.subject AS conversation, agent.agent,
        strftime('%Y-%m-%dT%H:%M:%S', made.at / 1000 - (made.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (made.at % 1000 + 1000) % 1000) AS at, made.at AS at_ms,
        coalesce(answer.name, 'open') AS answer,
        strftime('%Y-%m-%dT%H:%M:%S', answer.at / 1000 - (answer.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (answer.at % 1000 + 1000) % 1000) AS answered_at, answer.at AS answered_at_ms
    FROM change AS made
    JOIN agent ON agent.id = made.part
    LEFT JOIN change AS answer ON answer.seq = (SELECT min(seq) FROM change WHERE kind = 'offer' AND subject = made.subject AND seq > made.seq)
    WHERE made.kind = 'offer' AND made.name = 'made';

CREATE VIEW participants AS
    SELECT conversation.id AS conversation, agent.agent AS name, 'primary' AS role, strftime('%Y-%m-%dT%H:%M:%S', came.at / 1000 - (came.at % 1000 < 0), 'unixepoch') || printf('.%03dZ', (came.at % 1000 + 1000) % 1000) AS since, came.at AS since_ms
    FROM conversation JOIN agent ON agent.id = conversation.agent
    JOIN transition AS came ON came.seq = (SELECT max(seq) FROM transition
        WHERE transition.conversation = conversation.id AND to_agent IS NOT from_agent)
    UNION ALL
    SELECT participant.conversation, participant.name, role, strftime('%Y-%m-%dT%H:%M:%S', since / 1000 - (since % 1000 < 0), 'unixepoch') || printf('.%03dZ', (since % 1000 + 1000) % 1000), since
    FROM participant JOIN conversation ON conversation.id = participant.conversation
    LEFT JOIN agent AS holder ON holder.id = conversation.agent
    WHERE until IS NULL AND conversation.phase <> 'closed' AND participant.name IS NOT holder.agent;   -- who has it is no guest of his own

CREATE VIEW channel_sessions AS
    SELECT conversation, channel, iif(conversation.phase = 'closed', 'ended', status) AS status, strftime('%Y-%m-%dT%H:%M:%S', since / 1000 - (since % 1000 < 0), 'unixepoch') || printf('.%03dZ', (since % 1000 + 1000) % 1000) AS since, since AS since_ms
    FROM channel_session JOIN conversation ON conversation.id = channel_session.conversation;

CREATE VIEW reports AS
    SELECT report.report, text.body AS question FROM report LEFT JOIN text ON text.id = report.question WHERE dropped = 0;

CREATE VIEW site AS SELECT time_zone FROM site_setting;
