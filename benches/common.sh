# What instructions.sh and peers.sh share: the program, a file of 20,000 open conversations, the moves that are tried
# on it, and the same by hand: a few tables and triggers for the sqlite3 shell. Sourced, not run.
# Invariant: everything follows from the numbers here, so that two runs do exactly the same work.

export LC_ALL=C
conversations=20000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cargo build --release --quiet --bin switchboard
switchboard=$(cargo metadata --no-deps --format-version 1 |
  sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')/release/switchboard

# A desk with that many open conversations.
desk() {
  echo "CREATE QUEUE front;"
  echo "CREATE AGENT ann WITH (presence = available, capacity = 1000000) IN front;"
  echo "CREATE WORKSTREAM texts WITH (channel = sms, lifecycle = omnichannel, queue = front, waiting_timeout = off);"
  awk -v count="$1" 'BEGIN { for (i = 1; i <= count; i++) print "OPEN ON texts FOR \047customer " i "\047;" }'
}

# Pairs of a conversation's number and what happens to it: drawn ones are picked, then released. The generator is
# written out (it is Lehmer's), since every awk has a rand() of its own.
drawn() {
  awk -v moves="$1" -v conversations="$conversations" 'BEGIN {
    for (seed = 4711; moves > 0; moves -= 2) {
      seed = (seed * 48271) % 2147483647
      id = seed % conversations + 1
      print id, "pick"
      if (moves > 1) print id, "release"
    }
  }'
}

# So many moves as statements.
moves() { drawn "$1" | awk '{ print $2 == "pick" ? "PICK " $1 " BY ann;" : "RELEASE " $1 ";" }'; }

# The same tables by hand: an edge that must exist, a log whose rows move the conversation, four indexes.
by_hand() {
  cat <<SQL
PRAGMA journal_mode = WAL;
CREATE TABLE edge (from_state TEXT NOT NULL, event TEXT NOT NULL, to_state TEXT NOT NULL,
  PRIMARY KEY (from_state, event)) WITHOUT ROWID;
INSERT INTO edge VALUES ('Open', 'pick', 'Active'), ('Active', 'release', 'Open'), ('Active', 'end', 'Closed');
CREATE TABLE conversation (id INTEGER PRIMARY KEY, state TEXT NOT NULL, agent INTEGER, queue INTEGER NOT NULL,
  priority INTEGER NOT NULL, opened_at INTEGER NOT NULL, state_since INTEGER NOT NULL);
CREATE INDEX by_queue ON conversation (queue, priority, opened_at) WHERE state = 'Open';
CREATE INDEX by_agent ON conversation (agent) WHERE agent IS NOT NULL;
CREATE INDEX by_state ON conversation (state, state_since);
CREATE TABLE audit (seq INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversation, event TEXT NOT NULL,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, agent INTEGER, actor TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX by_conversation ON audit (conversation, seq);
CREATE TRIGGER audit_checked BEFORE INSERT ON audit BEGIN
  SELECT CASE
    WHEN (SELECT state FROM conversation WHERE id = NEW.conversation) IS NOT NEW.from_state
      THEN RAISE(ABORT, 'stale: the conversation is in another state')
    WHEN NOT EXISTS (SELECT 1 FROM edge
        WHERE from_state = NEW.from_state AND event = NEW.event AND to_state = NEW.to_state)
      THEN RAISE(ABORT, 'no_edge: that does not happen in this state')
  END;
END;
CREATE TRIGGER audit_followed AFTER INSERT ON audit BEGIN
  UPDATE conversation SET state = NEW.to_state, agent = NEW.agent, state_since = NEW.at WHERE id = NEW.conversation;
END;
WITH RECURSIVE number (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < $1)
  INSERT INTO conversation SELECT id, 'Open', NULL, 1, 0, id, id FROM number;
SQL
}

# The moves for those tables, each as text of its own; the moment is the number of the move.
moves_by_hand() {
  drawn "$1" | awk '{
    change = $2 == "pick" ? "\047Open\047, \047Active\047, 1" : "\047Active\047, \047Open\047, NULL"
    print "INSERT INTO audit (conversation, event, from_state, to_state, agent, actor, at) VALUES (" \
      $1 ", \047" $2 "\047, " change ", \047maria\047, " NR ");"
  }'
}

# One for a program of its own, as PICK 77 BY ann is.
picked_by_hand="INSERT INTO audit (conversation, event, from_state, to_state, agent, actor, at)
  VALUES (77, 'pick', 'Open', 'Active', 1, 'maria', 1);"

# The sqlite3 shell without the user's settings, as durable as the program is.
plain=(-init /dev/null -batch -cmd "PRAGMA synchronous = FULL")
