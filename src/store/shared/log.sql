-- The shared log: one per database, in the schema `switchboard`.
--
-- An entry is appended once, in order, and never changes; the words of people are beside it and can only be erased, which
-- leaves their digest. Hosts can do nothing but call the functions that are granted to them (`admit`). Each host has a
-- role of its own, by whose name its entries are known.
--
-- `enter` takes the gate, a lock that is held until the transaction ends, so only one host writes at a time. Each statement
-- of a volatile function has a snapshot of its own: what follows the lock sees what its last holder wrote. The functions
-- are PL/pgSQL because their plans are kept for the session.

CREATE SCHEMA switchboard;

-- The log itself: its id, the format and digest with which its chain begins, the format in which hosts write, and the first
-- entry in that format.
CREATE TABLE switchboard.desk (
    id              uuid NOT NULL PRIMARY KEY,
    genesis_format  bigint NOT NULL,
    genesis         bytea NOT NULL CHECK (length(genesis) = 32),
    format          bigint NOT NULL,
    format_since    bigint NOT NULL,
    single          boolean NOT NULL DEFAULT true UNIQUE CHECK (single)
);

CREATE TABLE switchboard.entry (
    seq   bigint NOT NULL PRIMARY KEY,
    hash  bytea NOT NULL CHECK (length(hash) = 32),
    rows  bytea NOT NULL,
    host  name NOT NULL DEFAULT session_user
);

-- What people wrote, and statements: kind c (handle), t (text), k (key) or s (statement).
CREATE TABLE switchboard.word (
    kind    "char" NOT NULL CHECK (kind IN ('c', 't', 'k', 's')),
    id      bigint NOT NULL,
    entry   bigint NOT NULL REFERENCES switchboard.entry (seq),
    salt    bytea,
    body    bytea,
    digest  bytea CHECK (length(digest) = 32),
    PRIMARY KEY (kind, id),
    CHECK ((body IS NULL) = (digest IS NOT NULL) AND (body IS NULL) = (salt IS NULL)),
    CHECK (kind NOT IN ('s', 'k') OR id = entry),
    CHECK (kind <> 's' OR coalesce(length(salt), 0) = 0)
);
CREATE INDEX word_entry ON switchboard.word (entry);

-- The hosts, and how far each of them has come.
CREATE TABLE switchboard.host (
    host  name NOT NULL PRIMARY KEY,
    seen  bigint NOT NULL,
    at    timestamptz NOT NULL
);

-- Entries that an administrator set aside, because no host accepted them.
CREATE TABLE switchboard.rejected (
    seq     bigint NOT NULL,
    hash    bytea NOT NULL,
    rows    bytea NOT NULL,
    host    name NOT NULL,
    reason  text NOT NULL,
    by      name NOT NULL DEFAULT session_user,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION switchboard.entry_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM switchboard.entry) THEN
        RAISE EXCEPTION 'entries are numbered without gaps' USING ERRCODE = 'SB002';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_insert BEFORE INSERT ON switchboard.entry FOR EACH ROW EXECUTE FUNCTION switchboard.entry_insert();

CREATE FUNCTION switchboard.entry_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM switchboard.rejected AS aside WHERE (aside.seq, aside.hash) = (OLD.seq, OLD.hash))
        OR OLD.seq <> (SELECT max(seq) FROM switchboard.entry) THEN
        RAISE EXCEPTION 'an entry cannot be deleted' USING ERRCODE = 'SB002';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER entry_delete BEFORE DELETE ON switchboard.entry FOR EACH ROW EXECUTE FUNCTION switchboard.entry_delete();

CREATE FUNCTION switchboard.never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the log cannot be changed' USING ERRCODE = 'SB002';
END $$;
CREATE TRIGGER entry_update BEFORE UPDATE ON switchboard.entry FOR EACH ROW EXECUTE FUNCTION switchboard.never();
CREATE TRIGGER entry_truncate BEFORE TRUNCATE ON switchboard.entry EXECUTE FUNCTION switchboard.never();
CREATE TRIGGER word_truncate BEFORE TRUNCATE ON switchboard.word EXECUTE FUNCTION switchboard.never();

CREATE FUNCTION switchboard.word_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (NEW.kind, NEW.id, NEW.entry) IS DISTINCT FROM (OLD.kind, OLD.id, OLD.entry)
        OR OLD.body IS NULL OR NEW.body IS NOT NULL OR NEW.digest IS DISTINCT FROM sha256(OLD.salt || OLD.body) THEN
        RAISE EXCEPTION 'words can only be erased' USING ERRCODE = 'SB002';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER word_update BEFORE UPDATE ON switchboard.word FOR EACH ROW EXECUTE FUNCTION switchboard.word_update();

CREATE FUNCTION switchboard.word_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM switchboard.rejected AS aside WHERE aside.seq = OLD.entry) THEN
        RAISE EXCEPTION 'words can only be erased' USING ERRCODE = 'SB002';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER word_delete BEFORE DELETE ON switchboard.word FOR EACH ROW EXECUTE FUNCTION switchboard.word_delete();

-- The timeline of the server: it grows with every promotion of a standby.
CREATE FUNCTION switchboard.timeline() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint $$;

-- What the log has after `head`: first a row about the log as a whole, its last entry and its entry `head` (whose hash is
-- null if the log is shorter), then the next entries, each once per word: at most `most`, and no more after four megabytes.
-- It is stable, so all of it is one snapshot.
CREATE FUNCTION switchboard.newer(head bigint, most integer)
    RETURNS TABLE (seq bigint, hash bytea, rows bytea, host name, kind "char", id bigint, salt bytea, body bytea, digest bytea,
        desk text, clock bigint, timeline bigint, format bigint, format_since bigint, last bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT newer.head, CASE newer.head WHEN 0 THEN desk.genesis ELSE (SELECT e.hash FROM switchboard.entry AS e WHERE e.seq = newer.head) END,
            NULL::bytea, NULL::name, NULL::"char", NULL::bigint, NULL::bytea, NULL::bytea, NULL::bytea,
            desk.id::text, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, switchboard.timeline(), desk.format, desk.format_since,
            (SELECT coalesce(max(e.seq), 0) FROM switchboard.entry AS e)
        FROM switchboard.desk AS desk;
    IF EXISTS (SELECT 1 FROM switchboard.entry AS e WHERE e.seq = newer.head + 1) THEN
        RETURN QUERY SELECT e.seq, e.hash, e.rows, e.host, w.kind, w.id, w.salt, w.body, w.digest,
                NULL::text, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint
            FROM (SELECT next.*, sum(length(next.rows) + next.words) OVER (ORDER BY next.seq) - length(next.rows) - next.words AS before
                FROM (SELECT one.*, (SELECT coalesce(sum(length(own.body)), 0) FROM switchboard.word AS own WHERE own.entry = one.seq) AS words
                    FROM switchboard.entry AS one WHERE one.seq > newer.head AND one.seq <= newer.head + newer.most) AS next) AS e
            LEFT JOIN switchboard.word AS w ON w.entry = e.seq
            WHERE e.before < 4194304 ORDER BY e.seq, w.kind, w.id;
    END IF;
END $$;

-- The same under the gate, which is held until the transaction ends.
CREATE FUNCTION switchboard.enter(head bigint, most integer)
    RETURNS TABLE (seq bigint, hash bytea, rows bytea, host name, kind "char", id bigint, salt bytea, body bytea, digest bytea,
        desk text, clock bigint, timeline bigint, format bigint, format_since bigint, last bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7823);
    RETURN QUERY SELECT * FROM switchboard.newer(head, most);
END $$;

-- Appends an entry with its words, and erases those that it erases.
CREATE FUNCTION switchboard.append(format bigint, seq bigint, hash bytea, rows bytea, kinds "char"[], ids bigint[], salts bytea[],
        bodies bytea[], digests bytea[], erased_kinds "char"[], erased_ids bigint[])
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF append.format <> (SELECT desk.format FROM switchboard.desk AS desk) THEN
        RAISE EXCEPTION 'the log has another format' USING ERRCODE = 'SB001';
    END IF;
    INSERT INTO switchboard.entry (seq, hash, rows) VALUES (append.seq, append.hash, append.rows);
    INSERT INTO switchboard.word (kind, id, entry, salt, body, digest)
        SELECT w.kind, w.id, append.seq, w.salt, w.body, w.digest
        FROM unnest(kinds, ids, salts, bodies, digests) AS w (kind, id, salt, body, digest);
    UPDATE switchboard.word AS w SET salt = NULL, body = NULL, digest = sha256(w.salt || w.body)
        FROM unnest(erased_kinds, erased_ids) AS e (kind, id) WHERE (w.kind, w.id) = (e.kind, e.id) AND w.body IS NOT NULL;
    PERFORM switchboard.seen(append.seq);
    PERFORM pg_notify('switchboard', '');
END $$;

-- Raises the format in which hosts write, beginning with the entry that is appended next: that of the upgrade. It is called
-- behind the gate.
CREATE FUNCTION switchboard.raise(newest bigint)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE switchboard.desk AS d SET format = newest, format_since = (SELECT coalesce(max(e.seq), 0) + 1 FROM switchboard.entry AS e)
        WHERE d.format < newest AND newest <= d.format + 16 $$;

-- Notes how far the host has come.
CREATE FUNCTION switchboard.seen(head bigint)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO switchboard.host AS known (host, seen, at) VALUES (session_user, head, clock_timestamp())
        ON CONFLICT (host) DO UPDATE SET seen = greatest(known.seen, excluded.seen), at = excluded.at $$;

-- Whether the log has that entry, asked under the gate and with a write, so that the answer waits for the standbys as an
-- append does.
CREATE FUNCTION switchboard.settle(wanted bigint, its_hash bytea, head bigint, OUT there boolean, OUT timeline bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7823);
    PERFORM switchboard.seen(head);
    SELECT EXISTS (SELECT 1 FROM switchboard.entry AS e WHERE (e.seq, e.hash) = (wanted, its_hash)), switchboard.timeline()
        INTO there, timeline;
END $$;

-- The hosts and how far each has come.
CREATE FUNCTION switchboard.hosts()
    RETURNS TABLE (host name, seen bigint, last bigint, at bigint, own boolean)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT h.host, h.seen, (SELECT coalesce(max(e.seq), 0) FROM switchboard.entry AS e),
        (extract(epoch FROM h.at) * 1000)::bigint, h.host = session_user
    FROM switchboard.host AS h ORDER BY h.host $$;

-- The log as a whole, for a host that joins: its id, how its chain begins, its format, and its last entry.
CREATE FUNCTION switchboard.about()
    RETURNS TABLE (id text, genesis_format bigint, genesis bytea, format bigint, last bigint, timeline bigint)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.id::text, d.genesis_format, d.genesis, d.format, (SELECT coalesce(max(e.seq), 0) FROM switchboard.entry AS e), switchboard.timeline()
    FROM switchboard.desk AS d $$;

-- For the owner of the log: lets a role be a host, or no longer.
CREATE FUNCTION switchboard.admit(host name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), host);
    EXECUTE format('GRANT USAGE ON SCHEMA switchboard TO %I', host);
    EXECUTE format('GRANT EXECUTE ON FUNCTION switchboard.newer, switchboard.enter, switchboard.append, switchboard.raise, switchboard.seen,
        switchboard.settle, switchboard.hosts, switchboard.about, switchboard.timeline TO %I', host);
END $$;
CREATE FUNCTION switchboard.dismiss(host name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM %I', current_database(), host);
    EXECUTE format('REVOKE ALL ON SCHEMA switchboard FROM %I', host);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA switchboard FROM %I', host);
    EXECUTE format('DELETE FROM switchboard.host AS known WHERE known.host = %L', host);
END $$;

-- For the owner of the log: sets aside an entry that no host accepts, and what follows it, so that the log goes on with
-- the entry before it. Every host is asked first: one that has accepted it diverges.
CREATE FUNCTION switchboard.set_aside(first bigint, why text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    moved bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(7823);
    FOR one IN SELECT e.seq FROM switchboard.entry AS e WHERE e.seq >= first ORDER BY e.seq DESC LOOP
        INSERT INTO switchboard.rejected (seq, hash, rows, host, reason)
            SELECT e.seq, e.hash, e.rows, e.host, why FROM switchboard.entry AS e WHERE e.seq = one;
        DELETE FROM switchboard.word AS w WHERE w.entry = one;
        DELETE FROM switchboard.entry AS e WHERE e.seq = one;
        moved := moved + 1;
    END LOOP;
    UPDATE switchboard.host AS known SET seen = least(known.seen, first - 1);
    PERFORM pg_notify('switchboard', '');
    RETURN moved;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA switchboard FROM PUBLIC;

-- Whoever can connect could hold the gate.
DO $$ BEGIN
    EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$;
