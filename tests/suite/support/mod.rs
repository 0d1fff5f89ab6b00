//! The world of a test: a fresh file in a temporary folder, statements run on it at given moments.

pub mod derived;
pub mod graph;
pub mod power;
pub mod script;
pub mod session;

use std::path::PathBuf;
use std::sync::OnceLock;

use switchboard::{Context, Creation, Failure, Moment, OpenOptions, Parameters, Reply, Switchboard};
use tempfile::TempDir;

/// A fresh file and the moment at which things happen on it.
pub struct World {
    pub desk: Switchboard,
    pub now: Moment,
    pub actor: String,
    folder: TempDir,
}

impl World {
    /// A world with an empty file, at nine in the morning, worked by nobody in particular.
    pub fn new() -> World {
        World::inside(tempfile::tempdir().expect("a temporary folder"))
    }

    /// The same where no disk is waited for, if the system has such a place: for many small commits.
    pub fn in_memory() -> World {
        World::inside(tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| World::new().folder))
    }

    fn inside(folder: TempDir) -> World {
        let path = folder.path().join("desk.db");
        std::fs::write(&path, empty()).expect("a fresh file");
        let options = OpenOptions::default();
        let desk = Switchboard::open(&path, &options).expect("a fresh file");
        World { desk, now: at("2026-03-02T09:00:00Z"), actor: "maria".into(), folder }
    }

    /// A world with the desk of the manual.
    pub fn with_desk() -> World {
        let mut world = World::new();
        world.play(switchboard::testing::statement::support::manual::DESK);
        world
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("desk.db")
    }

    /// Runs one statement.
    pub fn try_run(&mut self, statement: &str) -> Result<Reply, Failure> {
        let context = Context::given(self.now, &self.actor);
        self.desk.run(statement, &Parameters::new(), &context)
    }

    /// Runs one statement that must not be refused.
    pub fn run(&mut self, statement: &str) -> Reply {
        self.try_run(statement).unwrap_or_else(|failure| panic!("{statement}: {failure}"))
    }

    /// Runs one statement that must be refused, and gives the code.
    pub fn refused(&mut self, statement: &str) -> &'static str {
        match self.try_run(statement) {
            Ok(reply) => panic!("{statement} was not refused but answered {:?}", reply.rows),
            Err(failure) => failure.error.code().name(),
        }
    }

    /// Runs a whole script with its moments; nothing in it may be refused.
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

    /// The rows of a SELECT as lines of text, columns parted by a bar.
    pub fn rows(&mut self, select: &str) -> Vec<String> {
        self.run(select).rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
    }
}

/// A file as it is made, byte for byte: thousands of worlds begin with it.
fn empty() -> &'static [u8] {
    static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("desk.db");
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        drop(Switchboard::open(&path, &options).expect("a fresh file"));
        std::fs::read(&path).expect("a fresh file")
    })
}

/// The moment of that text.
pub fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|words| panic!("{words}"))
}

/// A value as text; nothing is empty.
pub fn text(value: &switchboard::Value) -> String {
    match value {
        switchboard::Value::Null => String::new(),
        switchboard::Value::Integer(number) => number.to_string(),
        switchboard::Value::Real(number) => number.to_string(),
        switchboard::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}
