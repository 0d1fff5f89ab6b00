//! Opens a file: checks that it is a Switchboard file and undamaged, and configures the connection.
//!
//! Invariant: every connection returned by this module is hardened (defensive mode, no trusted
//! schema, no ATTACH), durable (WAL, synchronous FULL) and open on a file with the expected schema.
//! Only SQLite opens the database's own files.

use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::format::Formats;
use super::genesis::write_genesis;
use super::schema::{self, APPLICATION_ID};
use super::sqlite_error::sqlite_fault;
use super::upgrade;
use crate::domain::refusal::{Code, Fault};

/// What to do if the file does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Creation {
    /// Report an error.
    #[default]
    Never,
    /// Create the file.
    IfMissing,
}

/// How to open a file. By default a file that exists is opened for queries and writing.
///
/// Fields may be added, so write `OpenOptions { readonly: true, ..OpenOptions::default() }`.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// What to do if the file does not exist; by default [`Creation::Never`].
    pub creation: Creation,
    /// Allow only queries; `false` by default. Anything else fails with `readonly`.
    pub readonly: bool,
    /// How long a write waits for the write lock before it fails with `busy`; 30 s by default. With
    /// zero it fails at once. Queries never wait for it.
    pub busy_timeout: Duration,
    /// Called before an older file is upgraded, with its path, its format and the new one; `None` by
    /// default. An upgrade takes about a second per 100 MB.
    pub upgrading: Option<fn(&Path, i64, i64)>,
    /// Whether the file is opened with its shared log, so that a replica may be upgraded.
    #[doc(hidden)]
    pub shared: bool,
    /// The known formats; `None`: those of this program. Tests set it to open files as an older or
    /// newer program.
    #[doc(hidden)]
    pub format: Option<&'static Formats>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        OpenOptions {
            creation: Creation::Never,
            readonly: false,
            busy_timeout: BUSY_TIMEOUT,
            upgrading: None,
            shared: false,
            format: None,
        }
    }
}

impl OpenOptions {
    /// Returns the known formats.
    pub(super) fn known(&self) -> &'static Formats {
        self.format.unwrap_or_else(Formats::current)
    }
}

/// The oldest SQLite version that does not corrupt a WAL file when two connections checkpoint at
/// the same time.
const OLDEST_SQLITE: i32 = 3_051_003;
/// The size of the page cache, in KiB.
const CACHE_KIB: i64 = 64 * 1024;
/// The size to which the WAL is truncated after a checkpoint, in bytes.
const JOURNAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;
/// How long a writer waits by default for the write lock, and then for SQLite's own lock, which only
/// programs without the write lock hold meanwhile.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// The smallest page of a database, in bytes.
const SMALLEST_PAGE: u64 = 512;
/// How long to wait before another attempt, where SQLite does not wait by itself.
const RETRY: Duration = Duration::from_millis(2);
/// The longest wait for SQLite's own lock: SQLite counts milliseconds in 31 bits.
const LONGEST_BUSY_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);
/// The maximum length of a value, row or SQL statement, in bytes: ten times what is ever stored. It
/// also limits the results of a SELECT.
const LONGEST_VALUE: i32 = 16 * 1024 * 1024;
/// The number of prepared statements to cache.
const PREPARED: usize = 256;

pub(super) struct Opened {
    pub connection: Connection,
    pub path: PathBuf,
    pub warnings: Vec<String>,
}

pub(super) fn open(path: &Path, options: &OpenOptions) -> Result<Opened, Fault> {
    assert!(rusqlite::version_number() >= OLDEST_SQLITE, "SQLite is too old for the file format");
    let path = resolve(path)?;
    let exists = look_at(&path)?;
    if !exists {
        make(&path, options)?;
    }
    let connection = connect(&path, options)?;
    let fresh = is_empty(&connection)?;
    let mut warnings = Vec::new();
    if fresh && !options.readonly && options.creation == Creation::IfMissing {
        build(&connection, options.known())?;
    } else {
        identify(&connection, &path, options)?;
    }
    let known = options.known();
    let (found, mut besides) = checked(&connection, known)?;
    if !options.readonly {
        write_ahead(&connection)?;
        if found < known.newest.number {
            warnings.extend(upgrade::upgrade(&connection, &path, options)?);
            (_, besides) = checked(&connection, known)?;
        }
    }
    warnings.extend(besides);
    warnings.extend(left_open(&connection)?);
    // Not before: opening may have to wait for a program that creates, upgrades or repairs the file.
    connection.busy_timeout(options.busy_timeout.min(LONGEST_BUSY_TIMEOUT)).map_err(sqlite_fault)?;
    Ok(Opened { connection, path, warnings })
}

/// Returns the file's format, and warnings about objects that are not part of it. Both are read in
/// one transaction, because another program may be upgrading the file. A file that does not match
/// its format is refused before anything in it is changed.
fn checked(connection: &Connection, known: &Formats) -> Result<(i64, Vec<String>), Fault> {
    connection.execute_batch("BEGIN").map_err(sqlite_fault)?;
    let found = upgrade::format_of(connection)
        .and_then(|format| Ok((format, schema::check(connection, known, format)?)));
    let ended = end(connection, "ROLLBACK");
    // What failed first is the reason.
    found.and_then(|found| ended.map(|()| found))
}

/// Ends a transaction, unless an error has already ended it. A rollback is repeated until no stopper
/// interrupts it: otherwise the transaction would stay open.
pub(super) fn end(connection: &Connection, sql: &str) -> Result<(), Fault> {
    let rolls_back = sql.starts_with("ROLLBACK");
    while !connection.is_autocommit() {
        let ended = match sql {
            // Every query ends with it.
            "ROLLBACK" => connection.prepare_cached(sql).and_then(|mut sql| sql.execute([])).map(|_| ()),
            _ => connection.execute_batch(sql),
        };
        match ended {
            Err(error) if rolls_back && is_interrupted(&error) => {}
            ended => return ended.map_err(sqlite_fault),
        }
    }
    Ok(())
}

fn is_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Opens a second, read-only connection to the same file.
pub(super) fn reader(path: &Path) -> Result<Connection, Fault> {
    connect(path, &OpenOptions { readonly: true, ..OpenOptions::default() })
}

/// Resolves the directory but keeps the file name: the path may contain symbolic links, but the
/// file itself must not be one.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Fault> {
    let name = path
        .file_name()
        .ok_or_else(|| Fault::new(Code::NotOurs, format!("{} is not a file name", path.display())))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|error| {
        Fault::new(Code::NotFound, format!("cannot open directory {}: {error}", folder.display()))
    })?;
    Ok(folder.join(name))
}

fn look_at(path: &Path) -> Result<bool, Fault> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => {
            let words = format!("cannot open {}: {error}", path.display());
            return Err(Fault::new(Code::of_io(error.kind()), words));
        }
    };
    let not_ours = |what: &str| Fault::new(Code::NotOurs, format!("{} is {what}", path.display()));
    if metadata.is_dir() {
        return Err(not_ours("a folder").hint("give the name of a file in it"));
    }
    if metadata.is_symlink() {
        return Err(
            not_ours("a link").hint("give the name of the file itself, so that its lock files are beside it")
        );
    }
    if !metadata.is_file() {
        return Err(not_ours("not a regular file"));
    }
    // SQLite takes a file without a whole page for an empty database, and would overwrite it.
    if (1..SMALLEST_PAGE).contains(&metadata.len()) {
        return Err(not_ours("not a Switchboard database")
            .hint("use another name; a CREATE statement creates a new file"));
    }
    if metadata.nlink() > 1 {
        return Err(Fault::new(Code::Damaged, format!("{} has a second name (a hard link)", path.display()))
            .hint("two names would break locking; remove one"));
    }
    Ok(true)
}

fn make(path: &Path, options: &OpenOptions) -> Result<(), Fault> {
    if options.creation == Creation::Never || options.readonly {
        return Err(Fault::new(Code::NotFound, format!("{} does not exist", path.display()))
            .hint("a CREATE statement creates it, e.g. CREATE QUEUE front"));
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => {
            let words = format!("cannot create {}: {error}", path.display());
            Err(Fault::new(Code::of_io(error.kind()), words))
        }
    }
}

fn connect(path: &Path, options: &OpenOptions) -> Result<Connection, Fault> {
    let access =
        if options.readonly { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let flags = access
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| named(sqlite_fault(error), path))?;
    harden(&connection, options.readonly).map_err(|error| named(sqlite_fault(error), path))?;
    Ok(connection)
}

fn named(mut fault: Fault, path: &Path) -> Fault {
    fault.message = fault.message.replacen("the file", &path.display().to_string(), 1);
    fault
}

/// Configures a connection. What is read-only needs no journal.
pub(super) fn harden(connection: &Connection, readonly: bool) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE)?;
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true),
        // The schema has no foreign keys; those of a user's own tables must not refuse our changes.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false),
        // Otherwise plans could depend on bound values and would have to be prepared again for
        // every binding.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(setting, value)?;
    }
    connection.pragma_update(None, "recursive_triggers", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "secure_delete", "FAST")?;
    if !readonly {
        connection.pragma_update(None, "journal_size_limit", JOURNAL_SIZE_LIMIT)?;
    }
    Ok(())
}

fn is_empty(connection: &Connection) -> Result<bool, Fault> {
    let objects: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sqlite_fault)?;
    let id: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sqlite_fault)?;
    Ok(objects == 0 && id == 0)
}

/// Reports an entry that another program began but never closed, after which no writer can
/// continue.
fn left_open(connection: &Connection) -> Result<Option<String>, Fault> {
    let sql = "SELECT (SELECT coalesce(max(seq), 0) + 1 FROM entry),
        max(coalesce((SELECT entry FROM transition ORDER BY seq DESC LIMIT 1), 0), coalesce((SELECT entry FROM message ORDER BY id DESC LIMIT 1), 0),
            coalesce((SELECT entry FROM change ORDER BY seq DESC LIMIT 1), 0), coalesce((SELECT entry FROM text ORDER BY id DESC LIMIT 1), 0),
            coalesce((SELECT entry FROM customer ORDER BY id DESC LIMIT 1), 0), coalesce((SELECT entry FROM opening ORDER BY id DESC LIMIT 1), 0),
            (SELECT coalesce(max(entry), 0) FROM key))";
    let (next, last): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(sqlite_fault)?;
    Ok((last >= next).then(|| format!("another program left entry {next} open; the file is read-only")))
}

/// Switches the file to WAL mode. A copy made with VACUUM INTO is not in this mode; without it a
/// power failure could lose acknowledged changes, and one reader would block all writers.
fn write_ahead(connection: &Connection) -> Result<(), Fault> {
    let switched = || -> rusqlite::Result<String> {
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        match mode.as_str() {
            "wal" => Ok(mode),
            _ => connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)),
        }
    };
    // For this lock SQLite does not wait, because two waiting programs could wait for each other.
    let until = Instant::now() + BUSY_TIMEOUT;
    let mode = loop {
        match switched() {
            Err(error) if is_busy(&error) && Instant::now() < until => std::thread::sleep(RETRY),
            other => break other.map_err(sqlite_fault)?,
        }
    };
    if mode == "wal" {
        return Ok(());
    }
    Err(Fault::new(Code::NotFound, format!("the file system provides {mode} instead of a write-ahead log")))
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Builds the schema. If two programs start at the same time, the second one finds it built.
fn build(connection: &Connection, format: &Formats) -> Result<(), Fault> {
    write_ahead(connection)?;
    connection.execute_batch("BEGIN EXCLUSIVE").map_err(sqlite_fault)?;
    let built = is_empty(connection).and_then(|empty| match empty {
        true => lay_out(connection, format),
        false => Ok(()),
    });
    let ended = end(connection, if built.is_ok() { "COMMIT" } else { "ROLLBACK" });
    built.and(ended)
}

fn lay_out(connection: &Connection, format: &Formats) -> Result<(), Fault> {
    // Defensive mode forbids nothing that the schema does. The schema needs a temporary table
    // besides.
    connection.execute_batch(&format.schema).map_err(sqlite_fault)?;
    write_genesis(connection, format.newest.number)
}

fn identify(connection: &Connection, path: &Path, options: &OpenOptions) -> Result<(), Fault> {
    let id: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sqlite_fault)?;
    if id != APPLICATION_ID {
        return Err(Fault::new(Code::NotOurs, format!("{} is not a Switchboard database", path.display()))
            .hint("use another name; a CREATE statement creates a new file"));
    }
    let (format, newest) = (upgrade::format_of(connection)?, options.known().newest.number);
    if format > newest {
        return Err(newer(path, format, newest));
    }
    if format < newest && options.readonly {
        return Err(Fault::new(
            Code::Readonly,
            format!("{} has format {format}; this version reads format {newest}", path.display()),
        )
        .hint("open it once without --readonly to upgrade it; a copy is kept"));
    }
    Ok(())
}

/// Returns the fault for a file that a newer program has upgraded.
pub(super) fn newer(path: &Path, format: i64, newest: i64) -> Fault {
    Fault::new(
        Code::Newer,
        format!("{} has format {format}; this version supports up to {newest}", path.display()),
    )
    .hint("use a newer version of Switchboard")
}
