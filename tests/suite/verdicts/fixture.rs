//! A file on which every lifecycle has conversations in every state, moved there by plain INSERTs.
//!
//! The connection is plain, so the verdict on a move is the trigger's alone. What the rule of the graph leaves to
//! its caller (units, capacity, whether agents and queues exist) has legal values.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, params};
use switchboard::testing::domain::closed_lists::{Channel, Event};
use switchboard::testing::domain::lifecycle::{Lifecycle, Position, Proposal, StateIndex, Switches};
use switchboard::testing::store::Store;
use switchboard::{Creation, Moment, OpenOptions};
use tempfile::TempDir;

/// The moment of everything that happens before the cases.
pub const BEFORE: Moment = Moment(1000);
/// The moment of the cases.
pub const NOW: Moment = Moment(2000);

/// What became of a proposed move: the code of its refusal, none if it was accepted.
pub type Verdict = Option<String>;

/// The file.
pub struct Fixture {
    pub connection: Connection,
    /// The moment of the open entry.
    moment: Cell<Moment>,
    path: PathBuf,
    _folder: Option<TempDir>,
}

/// A conversation and how it stands.
#[derive(Debug, Clone)]
pub struct Seat {
    pub conversation: i64,
    pub workstream: i64,
    pub channel: Channel,
    pub standing: Position,
}

impl Fixture {
    /// A file that the program itself has made.
    pub fn new() -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("desk.db");
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        drop(Store::open(&path, &options).expect("a new file"));
        Fixture { connection: plain(&path), moment: Cell::new(BEFORE), path, _folder: Some(folder) }
    }

    /// A file that a test has made, without what is open there.
    pub fn at(path: PathBuf) -> Fixture {
        Fixture { connection: plain(&path), moment: Cell::new(BEFORE), path, _folder: None }
    }

    /// A file with another schema, which the program itself would not open.
    pub fn of_schema(schema: &str) -> Fixture {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("desk.db");
        let connection = plain(&path);
        connection.execute_batch(schema).expect("a schema");
        Fixture { connection, moment: Cell::new(BEFORE), path, _folder: Some(folder) }
    }

    /// The lifecycle of that name, as the program loads it from the file's rows.
    pub fn lifecycle(&self, name: &str) -> Arc<Lifecycle> {
        let mut store = Store::open(&self.path, &OpenOptions::default()).expect("one of our files");
        let found = store.read(|look| Ok(look.lifecycle_named(name)?)).expect("a query");
        found.unwrap_or_else(|| panic!("lifecycle {name} does not exist"))
    }

    /// Queues 1 and 2, agents 1 and 2 with room for everything, customer 1, in an entry that stays open.
    pub fn people(&self) {
        self.entry(BEFORE);
        for (kind, names) in [("queue", ["billing", "front"]), ("agent", ["alice", "bob"])] {
            for (id, name) in (1..).zip(names) {
                self.change(kind, id, "created", name);
                if kind == "agent" {
                    self.change(kind, id, "capacity", 1_000_000);
                }
            }
        }
        self.run(
            "INSERT INTO customer SELECT 1, coalesce(max(seq), 0) + 1, zeroblob(16), 'ann', NULL FROM entry",
        );
        self.run("INSERT INTO handle VALUES (1, 1, 'ann', 0)");
    }

    /// Runs one statement that must not fail.
    pub fn run(&self, sql: &str) {
        let mut statement = self.connection.prepare_cached(sql).expect(sql);
        statement.execute([]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// One number.
    pub fn number(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).expect(sql)
    }

    /// Begins an entry at that moment, closing the one before it, if anything is in it.
    pub fn entry(&self, at: Moment) {
        let before = self.moment.replace(at);
        if self.number("SELECT count(*) FROM change WHERE entry > (SELECT coalesce(max(seq), 0) FROM entry)")
            > 0
        {
            self.connection
                .execute(
                    "INSERT INTO entry (seq, at, actor_kind, actor, statement, key, hash) SELECT coalesce(max(seq), 0) + 1, ?1, 'other', 'x', 'SHOW', NULL, zeroblob(32) FROM entry",
                    [before.0],
                )
                .expect("an entry");
        }
    }

    fn change(&self, kind: &str, object: i64, name: &str, value: impl rusqlite::ToSql) {
        // Compiled once: behind it stand the triggers of every kind of change.
        let mut insert = self
            .connection
            .prepare_cached(
                "INSERT INTO change VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM change), (SELECT coalesce(max(seq), 0) + 1 FROM entry),
                     ?1, ?2, NULL, ?3, ?4, ?5, (SELECT coalesce(max(seq), 0) FROM transition))",
            )
            .expect("a change");
        insert.execute(params![kind, object, name, value, self.moment.get().0]).expect("a change");
    }

    /// A workstream of that lifecycle on that channel, one unit a conversation.
    pub fn workstream(&self, lifecycle: &Lifecycle, channel: Channel) -> i64 {
        let id = self.number("SELECT coalesce(max(id), 0) + 1 FROM object WHERE kind = 'workstream'");
        self.change("workstream", id, "created", format!("workstream {id}"));
        self.change("workstream", id, "channel", channel.name());
        self.change("workstream", id, "lifecycle", lifecycle.id);
        self.change("workstream", id, "queue", 1);
        id
    }

    /// Gives every workstream the other queue; `served`: the old one has a member.
    pub fn move_workstreams(&self, served: bool) {
        for workstream in 1..=self.number("SELECT max(id) FROM object WHERE kind = 'workstream'") {
            self.change("workstream", workstream, "queue", 2);
        }
        if served {
            self.run(&format!(
                "INSERT INTO change SELECT max(seq) + 1, (SELECT max(seq) + 1 FROM entry), 'member', 1, 1, 'joined', NULL, {},
                     (SELECT coalesce(max(seq), 0) FROM transition) FROM change",
                self.moment.get().0
            ));
        }
    }

    /// Sets what the conditions of edges test.
    pub fn switch(&self, workstream: i64, switches: Switches) {
        let word = |on: bool| if on { "on" } else { "off" };
        self.change("workstream", workstream, "bot", word(switches.bot));
        self.change("workstream", workstream, "wrapup", word(switches.wrapup));
    }

    /// A conversation that is about to make its first move.
    pub fn open(&self, workstream: i64, channel: Channel) -> Seat {
        let conversation = self.number("SELECT coalesce(max(id), 0) + 1 FROM opening");
        self.connection
            .execute(
                "INSERT INTO opening SELECT ?1, (SELECT coalesce(max(seq), 0) + 1 FROM entry), CAST(printf('%016d', ?1) AS BLOB), ?2, value,
                     1, NULL, 0, NULL, NULL, ?3
                 FROM setting WHERE kind = 'workstream' AND object = ?2 AND name = 'lifecycle'",
                [conversation, workstream, self.moment.get().0],
            )
            .expect("an opening");
        let since = self.moment.get();
        let standing =
            Position { state: None, agent: None, queue: None, units: 0, since, return_queue: None };
        Seat { conversation, workstream, channel, standing }
    }

    /// A conversation in the state to which these moves lead.
    pub fn walk(&self, lifecycle: &Lifecycle, workstream: i64, channel: Channel, path: &[Step]) -> Seat {
        let mut seat = self.open(workstream, channel);
        for step in path {
            self.switch(workstream, step.switches);
            let proposal = seat.legal(lifecycle, step.event, step.to, seat.standing.since);
            let verdict = self.verdict(lifecycle, &seat, &proposal);
            assert_eq!(verdict, None, "{} {channel}: {:?} of {path:?}", lifecycle.name, step.event);
            seat.standing = Position {
                state: Some(step.to),
                agent: proposal.agent,
                queue: Some(proposal.queue),
                units: units(lifecycle, step.to),
                since: proposal.at,
                return_queue: None,
            };
        }
        seat
    }

    /// What the trigger says; the row stays if it says nothing.
    pub fn verdict(&self, lifecycle: &Lifecycle, seat: &Seat, proposal: &Proposal) -> Verdict {
        let state = |index: StateIndex| &*lifecycle.states[index].name;
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO transition SELECT (SELECT coalesce(max(seq), 0) + 1 FROM transition), (SELECT coalesce(max(seq), 0) + 1 FROM entry),
                    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'other', NULL, NULL, 0, ?11",
            )
            .expect("a move")
            .execute(params![
                seat.conversation,
                proposal.event.name(),
                seat.standing.state.map(state),
                state(proposal.to),
                lifecycle.states[proposal.to].phase.name(),
                seat.standing.agent,
                proposal.agent,
                seat.standing.queue,
                proposal.queue,
                units(lifecycle, proposal.to),
                proposal.at.0,
            ]);
        match inserted {
            Ok(_) => None,
            Err(rusqlite::Error::SqliteFailure(failure, Some(words))) if failure.extended_code == 1811 => {
                Some(words.split(':').next().unwrap_or_default().to_owned())
            }
            Err(error) => panic!("not a trigger's answer to {seat:?} {proposal:?}: {error}"),
        }
    }

    /// Does something and takes it back.
    pub fn rehearse<T>(&self, act: impl FnOnce() -> T) -> T {
        self.run("SAVEPOINT rehearsal");
        let answer = act();
        self.run("ROLLBACK TO rehearsal");
        self.run("RELEASE rehearsal");
        answer
    }
}

/// What a conversation costs in a state: its workstream says one unit.
fn units(lifecycle: &Lifecycle, state: StateIndex) -> i64 {
    i64::from(lifecycle.states[state].phase.uses_capacity())
}

/// One move of a path, and the settings under which its edge applies.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub event: Event,
    pub to: StateIndex,
    pub switches: Switches,
}

impl Seat {
    /// A move along an edge with nothing wrong about it.
    pub fn legal(&self, lifecycle: &Lifecycle, event: Event, to: StateIndex, at: Moment) -> Proposal {
        let holds = lifecycle.states[to].phase.holds_agent();
        let agent = match self.standing.agent {
            _ if !holds => None,
            Some(agent) if event == Event::TransferAgent => Some(3 - agent),
            Some(agent) => Some(agent),
            None => Some(1),
        };
        let queue = match self.standing.queue {
            Some(queue) if matches!(event, Event::AssignQueue | Event::TransferQueue) => 3 - queue,
            Some(queue) => queue,
            None => 1,
        };
        Proposal { event, to, agent, queue, at }
    }
}

fn plain(path: &PathBuf) -> Connection {
    let connection = Connection::open(path).expect("the file opens");
    connection.set_prepared_statement_cache_capacity(100);
    // What SQLite keeps in order to roll back a failed statement would go into a file, case by case.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY").expect("a setting");
    connection
}
