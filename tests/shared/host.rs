//! Hosts: each a role of the server and a file of its own, worked by the program or in this process.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use switchboard::{
    Context, Failure, OpenOptions, Parameters, Reply, SharedOptions, StaleQueries, Switchboard,
};
use tempfile::TempDir;

use crate::cluster::{Cluster, feed};

/// A desk: a database of a server, and a folder for the files of its hosts.
pub struct Desk<'a> {
    pub server: &'a Cluster,
    pub database: String,
    pub folder: TempDir,
}

/// A host of it.
#[derive(Debug, Clone)]
pub struct Host {
    pub file: PathBuf,
    pub log: String,
}

impl<'a> Desk<'a> {
    /// Prepares an empty database.
    pub fn new(server: &'a Cluster) -> Desk<'a> {
        Desk { server, database: server.database(), folder: tempfile::tempdir().expect("a folder") }
    }

    /// Prepares a desk whose first host `a` has run a script.
    pub fn after(server: &'a Cluster, script: &str) -> (Desk<'a>, Host) {
        let desk = Desk::new(server);
        let host = Host { file: desk.folder.path().join("a.db"), log: desk.address("postgres") };
        let alone = Host { log: String::new(), ..host.clone() };
        alone.script(script);
        host.done(&[".desk create"]);
        (desk, host)
    }

    /// Returns the address for a role.
    pub fn address(&self, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{}", self.server.port, self.database)
    }

    /// Returns a host with a role of its own, which has joined.
    pub fn host(&self, name: &str) -> Host {
        let host = self.role(name);
        host.done(&[".desk join"]);
        host
    }

    /// Returns a host with a role of its own, which has no file yet.
    pub fn role(&self, name: &str) -> Host {
        let role = format!("{}_{name}", self.database);
        self.server.sql(&self.database, &format!("CREATE ROLE {role} LOGIN"));
        self.server.sql(&self.database, &format!("SELECT switchboard.admit('{role}')"));
        Host { file: self.folder.path().join(format!("{name}.db")), log: self.address(&role) }
    }
}

impl Host {
    /// Returns the program for this host.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.arg(&self.file).env_clear().env("HOME", "/nonexistent").env("SWITCHBOARD_AS", "maria");
        if !self.log.is_empty() {
            command.args(["--log", &self.log]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs statements by the program.
    pub fn run(&self, statements: &[&str]) -> Output {
        self.command().args(statements).output().expect("the program")
    }

    /// The same, which must succeed; returns the output.
    pub fn done(&self, statements: &[&str]) -> String {
        let output = self.run(statements);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statements:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// The same, which must be refused; returns what it says, and checks the exit status.
    pub fn refused(&self, statements: &[&str], status: i32) -> String {
        let output = self.run(statements);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(status), "{statements:?}: {said}");
        said
    }

    /// Replays a script by the program.
    pub fn script(&self, script: &str) {
        let mut command = self.command();
        command.args(["--replay", "--quiet", "--keep-going"]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().expect("the program");
        feed(&mut child, script);
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|status| status <= 5), "{said}");
    }

    /// Opens the file in this process.
    pub fn open(&self) -> Switchboard {
        let shared = SharedOptions { log: self.log.clone(), stale: StaleQueries::Refused };
        Switchboard::open_shared(&self.file, &OpenOptions::default(), &shared).expect("a replica")
    }
}

/// Runs a statement as maria, now.
pub fn run(desk: &mut Switchboard, statement: &str) -> Result<Reply, Failure> {
    desk.run(statement, &Parameters::new(), &Context::now("maria")?)
}

/// Checks that all hosts have the same rows, and that the journal of each is whole.
pub fn assert_equal(hosts: &[&Host]) {
    for host in hosts {
        let verdict = host.done(&["VERIFY JOURNAL"]);
        assert!(verdict.contains("whole"), "{verdict}");
    }
    for pair in hosts.windows(2) {
        let names = format!("{} and {}", pair[0].file.display(), pair[1].file.display());
        crate::equality::assert_equal(&pair[0].file, &pair[1].file, &names);
    }
}
