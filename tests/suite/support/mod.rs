//! The world of a test: a file in a temporary folder, and statements that run on it at given times.

pub mod alone;
pub mod derived;
pub mod faults;
pub mod graph;
pub mod power;
pub mod script;
pub mod session;
mod vfs;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use switchboard::{Context, Creation, Failure, Moment, OpenOptions, Parameters, Reply, Switchboard};
use tempfile::TempDir;

/// A file, and the time and the actor of the next statement.
pub struct World {
    pub desk: Switchboard,
    pub now: Moment,
    pub actor: String,
    folder: TempDir,
}

/// A database that is built once and copied for each test that starts with it.
struct Prepared {
    bytes: Vec<u8>,
    now: Moment,
    actor: String,
}

impl World {
    /// Returns a world with an empty file, at nine in the morning.
    pub fn new() -> World {
        static EMPTY: OnceLock<Prepared> = OnceLock::new();
        World::copy_of(EMPTY.get_or_init(|| {
            let folder = folder();
            let path = folder.path().join("desk.db");
            let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
            drop(Switchboard::open(&path, &options).expect("a new file"));
            let bytes = std::fs::read(&path).expect("a new file");
            Prepared { bytes, now: at("2026-03-02T09:00:00Z"), actor: "maria".into() }
        }))
    }

    /// Returns a world with the file for the examples of the manual.
    pub fn with_desk() -> World {
        static DESK: OnceLock<Prepared> = OnceLock::new();
        World::copy_of(DESK.get_or_init(|| {
            let mut world = World::new();
            world.play(switchboard::testing::statement::support::manual::DESK);
            world.prepared()
        }))
    }

    fn copy_of(prepared: &Prepared) -> World {
        let folder = folder();
        let path = folder.path().join("desk.db");
        std::fs::write(&path, &prepared.bytes).expect("a copy of the file");
        let desk = Switchboard::open(&path, &OpenOptions::default()).expect("a copy of the file");
        World { desk, now: prepared.now, actor: prepared.actor.clone(), folder }
    }

    /// Returns a world with a copy of this file, including the write-ahead log.
    pub fn copy(&self) -> World {
        let folder = folder();
        for name in ["desk.db", "desk.db-wal"] {
            let from = self.folder.path().join(name);
            if from.exists() {
                std::fs::copy(from, folder.path().join(name)).expect("a copy of the file");
            }
        }
        let path = folder.path().join("desk.db");
        let desk = Switchboard::open(&path, &OpenOptions::default()).expect("a copy of the file");
        World { desk, now: self.now, actor: self.actor.clone(), folder }
    }

    /// Closes the file, which moves the write-ahead log into the database, and reads it.
    fn prepared(self) -> Prepared {
        let path = self.path();
        drop(self.desk);
        Prepared { bytes: std::fs::read(path).expect("the file"), now: self.now, actor: self.actor }
    }

    /// The path of the file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("desk.db")
    }

    pub fn try_run(&mut self, statement: &str) -> Result<Reply, Failure> {
        let context = Context::given(self.now, &self.actor);
        self.desk.run(statement, &Parameters::new(), &context)
    }

    /// Runs one statement that must not be refused.
    pub fn run(&mut self, statement: &str) -> Reply {
        self.try_run(statement).unwrap_or_else(|failure| panic!("{statement}: {failure}"))
    }

    /// Runs the statements that the example of a statement begins with, and returns the last one. A file that it
    /// writes is in the folder of the world.
    pub fn example(&mut self, example: &str) -> String {
        let example = writing_into(self.folder.path(), example);
        let Some((before, last)) = example.rsplit_once("; ") else { return example };
        for statement in before.split("; ") {
            // Where several examples share a world, it may be done already.
            let _ = self.try_run(statement);
        }
        last.to_owned()
    }

    /// Runs one statement that must be refused, and returns the code.
    pub fn refused(&mut self, statement: &str) -> &'static str {
        match self.try_run(statement) {
            Ok(reply) => panic!("{statement} was not refused but answered {:?}", reply.rows),
            Err(failure) => failure.error.code().name(),
        }
    }

    /// Runs a whole script with its times and actors. No statement may be refused.
    pub fn play(&mut self, script: &str) {
        for step in script::steps(script) {
            match step {
                script::Step::Moment(moment, actor) => {
                    self.now = at(&moment);
                    self.actor = actor.unwrap_or_else(|| self.actor.clone());
                }
                script::Step::Statement(source) => {
                    let reply = self.try_run(&source.text);
                    reply
                        .unwrap_or_else(|failure| panic!("line {}: {}: {failure}", source.line, source.text));
                }
            }
        }
    }

    /// Returns the rows of a SELECT as lines, with columns separated by a bar.
    pub fn rows(&mut self, select: &str) -> Vec<String> {
        self.run(select).rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
    }
}

/// Returns an example of the manual whose files are in that folder.
pub fn writing_into(folder: &Path, example: &str) -> String {
    ["backup.db", "ann.json"].iter().fold(example.to_owned(), |example, written| {
        example.replace(written, &folder.join(written).display().to_string())
    })
}

/// Creates a temporary folder, in memory if possible, so that commits do not wait for a disk.
pub fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

/// Parses a timestamp.
pub fn at(text: &str) -> Moment {
    text.parse().unwrap_or_else(|failure| panic!("{failure}"))
}

/// Returns a value as text; null is empty.
pub fn text(value: &switchboard::Value) -> String {
    match value {
        switchboard::Value::Null => String::new(),
        switchboard::Value::Integer(number) => number.to_string(),
        switchboard::Value::Real(number) => number.to_string(),
        switchboard::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}
