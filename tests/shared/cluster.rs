//! PostgreSQL servers in temporary folders, run by a user without rights, on free ports of this machine.
//!
//! A server ends with the test process, however that ends: a shell waits for the end of its input and then
//! stops the server by its process id.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_postgres::NoTls;

/// The user who runs servers if the tests run as root, which PostgreSQL refuses.
const NOBODY: u32 = 65_534;
/// How long a server may take to start, or to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the folder of PostgreSQL's programs; `None`, which is said, if they are not there.
pub fn programs() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let named = Command::new("pg_config").arg("--bindir").output().ok();
        let named = named.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut places: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
        places.sort();
        named.into_iter().chain(places.into_iter().rev()).find(|place| place.join("initdb").exists())
    });
    if found.is_none() {
        let required = std::env::var("POSTGRESQL").is_ok_and(|wish| wish == "required");
        assert!(!required, "PostgreSQL's programs are not installed");
        println!("left out: PostgreSQL's programs (initdb, postgres) are not installed");
    }
    found.as_deref()
}

/// Ends a test that needs PostgreSQL where it is not installed.
#[macro_export]
macro_rules! needs_postgresql {
    () => {
        if $crate::cluster::programs().is_none() {
            return;
        }
    };
}

fn command(program: &str) -> Command {
    let mut command = Command::new(programs().expect("PostgreSQL").join(program));
    unprivileged(&mut command);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn unprivileged(command: &mut Command) {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/").env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
}

/// Returns a port that nobody uses.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|bound| bound.local_addr()).expect("a free port").port()
}

/// A server.
pub struct Cluster {
    folder: TempDir,
    pub port: u16,
    running: Option<Child>,
}

impl Cluster {
    /// Starts a server with these settings beside the usual ones.
    pub fn start(settings: &str) -> Cluster {
        let cluster = Cluster::prepared();
        let made = command("initdb")
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D"])
            .arg(cluster.data())
            .output()
            .expect("initdb");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.configured(settings)
    }

    fn prepared() -> Cluster {
        let folder = tempfile::tempdir().expect("a folder");
        if is_root() {
            let owned = std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY));
            owned.expect("its owner");
        }
        Cluster { folder, port: free_port(), running: None }
    }

    fn configured(mut self, settings: &str) -> Cluster {
        let (port, folder) = (self.port, self.folder.path().display());
        let usual = format!(
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n\
            fsync = off\nmax_wal_senders = 8\nwal_keep_size = '1GB'\nhot_standby = on\n{settings}\n"
        );
        fs::write(self.data().join("postgresql.auto.conf"), usual).expect("the settings");
        self.run();
        self
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file into the server's folder, as the server's user owns it.
    pub fn place(&self, name: &str, content: &[u8], mode: u32) {
        let path = self.data().join(name);
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
        if is_root() {
            std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY)).expect("its owner");
        }
    }

    /// Starts the server, which is not running.
    pub fn run(&mut self) {
        let script = format!(
            "exec 3>{0}/log; '{1}/postgres' -D {0}/data >&3 2>&3 & p=$!; echo $p; read _; kill -INT $p; wait $p",
            self.folder.path().display(),
            programs().expect("PostgreSQL").display()
        );
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        unprivileged(&mut shell);
        self.running = Some(shell.spawn().expect("a shell"));
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err()
            || self.try_sql("postgres", "SELECT 1").is_err()
        {
            assert!(Instant::now() < until, "the server does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the server wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Kills the server at once, as a power failure of its machine would.
    pub fn kill(&mut self) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().expect("its process id").to_owned();
        let killed = Command::new("/bin/kill").args(["-9", &pid]).status().expect("kill");
        assert!(killed.success(), "{pid}");
        self.stop();
        // Its children notice that they are alone.
        std::thread::sleep(Duration::from_millis(200));
    }

    /// Stops the server, if it runs.
    pub fn stop(&mut self) {
        if let Some(mut shell) = self.running.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }

    /// Starts a standby of this server under a name, with settings of its own.
    pub fn standby(&self, name: &str) -> Cluster {
        let standby = Cluster::prepared();
        let made = command("pg_basebackup")
            .args(["-h", "127.0.0.1", "-U", "postgres", "-c", "fast", "-X", "stream", "-p"])
            .arg(self.port.to_string())
            .arg("-D")
            .arg(standby.data())
            .output()
            .expect("pg_basebackup");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::write(standby.data().join("standby.signal"), "").expect("the signal");
        let readable = fs::Permissions::from_mode(0o644);
        fs::set_permissions(standby.data().join("standby.signal"), readable).expect("its mode");
        let primary = self.port;
        standby.configured(&format!(
            "primary_conninfo = 'host=127.0.0.1 port={primary} user=postgres application_name={name}'\n\
            recovery_target_timeline = 'latest'"
        ))
    }

    /// Makes the standby the primary.
    pub fn promote(&self) {
        self.sql("postgres", "SELECT pg_promote()");
    }

    /// Changes a setting of the running server.
    pub fn set(&self, name: &str, value: &str) {
        self.sql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"));
        self.sql("postgres", "SELECT pg_reload_conf()");
    }

    /// Changes a setting of the server, which is not running.
    pub fn set_before_start(&self, name: &str, value: &str) {
        let path = self.data().join("postgresql.auto.conf");
        let settings = fs::read_to_string(&path).expect("the settings");
        fs::write(path, format!("{settings}\n{name} = '{value}'\n")).expect("the settings");
    }

    /// Creates a database and returns its name.
    pub fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("desk_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Runs SQL as the owner, and returns the first column of each row.
    pub fn sql(&self, database: &str, sql: &str) -> Vec<String> {
        self.try_sql(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The same, which may fail.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<Vec<String>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let address = format!("host=127.0.0.1 port={} user=postgres dbname={database}", self.port);
        let said = |error: tokio_postgres::Error| {
            error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
        };
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&address, NoTls).await.map_err(said)?;
            let connection = tokio::spawn(connection);
            let rows = client.simple_query(sql).await.map_err(said)?;
            drop(client);
            let _ = connection.await;
            Ok(rows
                .into_iter()
                .filter_map(|message| match message {
                    tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("").to_owned()),
                    _ => None,
                })
                .collect())
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The server that tests share which do not disturb it; each of them has a database of its own.
pub fn common() -> &'static Cluster {
    static COMMON: OnceLock<Cluster> = OnceLock::new();
    COMMON.get_or_init(|| Cluster::start("max_connections = 200"))
}

/// Writes to a process and closes its input, in a thread of its own, since the process may not read on
/// before its output is read.
pub fn feed(child: &mut Child, text: &str) {
    let mut input = child.stdin.take().expect("its input");
    let text = text.to_owned();
    std::thread::spawn(move || {
        // A process that has ended does not read on.
        let _ = input.write_all(text.as_bytes());
    });
}
