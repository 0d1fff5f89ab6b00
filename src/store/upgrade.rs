//! Upgrades an older file to the format of this program, in one transaction.
//!
//! Invariant: a file has either the old format or the new one, never something in between. Before
//! anything is changed, a complete copy of the old file is written beside it and synced. The
//! upgrade is an entry of the journal, covered by the hash chain. If two programs start at the same
//! time, the second one finds the file upgraded.

mod copy;

use std::path::Path;

use rusqlite::Connection;

use super::file::{OpenOptions, end};
use super::format::{Formats, Released};
use super::genesis::{Genesis, built_in_digest, write_again};
use super::replica::Replica;
use super::schema::{self, Object, objects};
use super::snapshot::{Cache, read_head, read_older_head};
use super::sqlite_error::sqlite_fault;
use super::writer::{NewEntry, Writer};
use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::Entity;
use crate::domain::config::SITE;
use crate::domain::journal::hex;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Fault};
use crate::domain::value::Value;

/// Gives settings that a format adds their initial values, linked to the change that created their
/// object.
const NEW_SETTINGS: &str = "INSERT INTO setting (kind, object, name, value, change)
    SELECT object.kind, object.id, known.name, known.initial, coalesce((SELECT min(seq) FROM change
        WHERE change.object = object.id AND change.kind = object.kind AND change.name = 'created'), 0)
    FROM object JOIN change_kind AS known ON known.kind = object.kind AND known.follows = 'setting' AND known.initial IS NOT NULL
    WHERE NOT EXISTS (SELECT 1 FROM setting WHERE setting.kind = object.kind AND setting.object = object.id AND setting.name = known.name)";

/// Returns the format number stored in a file.
pub fn format_of(connection: &Connection) -> Result<i64, Fault> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sqlite_fault)
}

/// Upgrades the file and returns a message to report, if any.
///
/// # Errors
/// `damaged` if the file does not match its old format; `disk_full` and other faults of the file.
/// The file is then unchanged.
pub fn upgrade(connection: &Connection, path: &Path, options: &OpenOptions) -> Result<Option<String>, Fault> {
    let format = options.known();
    connection.execute_batch("BEGIN IMMEDIATE").map_err(sqlite_fault)?;
    let done = match upgradable(connection, options).and_then(|()| format_of(connection)) {
        Ok(from) if from < format.newest.number => {
            if let Some(tell) = options.upgrading {
                tell(path, from, format.newest.number);
            }
            let journal = if options.shared { Journal::Shared } else { Journal::Own };
            step(connection, path, format, from, journal).map(Some)
        }
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    match done {
        Ok(told) => match connection.execute_batch("COMMIT") {
            Ok(()) => Ok(told),
            Err(error) => Err(rolled_back(connection, sqlite_fault(error))),
        },
        Err(error) => Err(rolled_back(connection, error)),
    }
}

/// Where the entry of an upgrade is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Journal {
    /// Into the file, with the upgrade.
    Own,
    /// Into the shared log, by the first host that has caught up; the others play it.
    Shared,
}

/// Checks that a replica is upgraded only with its log, since the upgrade is an entry of it.
fn upgradable(connection: &Connection, options: &OpenOptions) -> Result<(), Fault> {
    let is_known: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'replica')", [], |row| row.get(0))
        .map_err(sqlite_fault)?;
    match if is_known { Replica::read(connection)? } else { None } {
        Some(replica) if !options.shared => Err(replica.without_log()),
        _ => Ok(()),
    }
}

fn rolled_back(connection: &Connection, error: Fault) -> Fault {
    // A failed ROLLBACK means that SQLite has already rolled back (as it does on a full disk).
    let _ = end(connection, "ROLLBACK");
    error
}

fn step(
    connection: &Connection,
    path: &Path,
    format: &'static Formats,
    from: i64,
    journal: Journal,
) -> Result<String, Fault> {
    schema::check(connection, format, from)?;
    let Some(old) = format.released(from) else {
        return Err(Fault::new(Code::Damaged, format!("format {from} was never released")));
    };
    let to = format.newest.number;
    let head = read_older_head(connection)?;
    if head.left_open {
        return Err(Fault::new(
            Code::Unlogged,
            format!("another program left entry {} open", head.entry + 1),
        )
        .hint("the file cannot be upgraded; restore a backup"));
    }
    if hex(&built_in_digest(connection)?) != old.built_in {
        return Err(Fault::new(Code::Damaged, format!("the built-in rows are not those of format {from}"))
            .hint("restore a backup, and check who can write to the file"));
    }
    let copy = copy::keep(path, from, &head.hash)?;
    let reference = objects(&schema::fresh(&format.schema)?)?;
    let ours = |object: &&Object| {
        old.has(&object.kind, &object.name) && (object.kind == "trigger" || object.kind == "view")
    };
    let run = |sql: &str| connection.execute_batch(sql).map_err(sqlite_fault);
    for object in objects(connection)?.iter().filter(ours) {
        run(&format!("DROP {} \"{}\"", object.kind, object.name))?;
    }
    // Keeps the references of a site's own objects to a table while the table is renamed.
    run("PRAGMA legacy_alter_table = ON")?;
    for migration in format.migrations.iter().filter(|migration| migration.to > from && migration.to <= to) {
        for table in &migration.created {
            let of_table =
                |object: &&Object| object.table == *table && matches!(&*object.kind, "table" | "index");
            reference.iter().filter(of_table).map(|object| &object.sql).rev().try_for_each(|sql| run(sql))?;
        }
        run(&migration.sql)?;
        if let Some(compute) = migration.computed {
            compute(connection)?;
        }
        for table in &migration.rebuilt {
            rebuild(connection, table, old, &reference)?;
        }
    }
    run(NEW_SETTINGS)?;
    for object in reference.iter().filter(|object| object.kind == "trigger" || object.kind == "view") {
        run(&object.sql)?;
    }
    run(&format!("PRAGMA user_version = {to}"))?;
    schema::check(connection, format, to)?;
    let digest = built_in_digest(connection)?;
    if hex(&digest) != format.newest.built_in {
        return Err(Fault::new(
            Code::Internal,
            format!("the upgrade to format {to} does not produce its built-in rows"),
        ));
    }
    match journal {
        Journal::Own => enter(connection, format, from, digest.to_vec())?,
        Journal::Shared => {}
    }
    Ok(format!(
        "the file was upgraded from format {from} to {to}; {} is a copy of the old file",
        copy.display()
    ))
}

/// Creates a table again from the schema, with its indexes and rows. Indexes that a site has added
/// are created again, too.
fn rebuild(connection: &Connection, table: &str, from: &Released, reference: &[Object]) -> Result<(), Fault> {
    let run = |sql: &str| connection.execute_batch(sql).map_err(sqlite_fault);
    let found = objects(connection)?;
    let added = found.iter().filter(|object| {
        let is_known = |known: &Object| known.kind == object.kind && known.name == object.name;
        !from.has(&object.kind, &object.name) && !reference.iter().any(is_known)
    });
    let create = |kind: &str| {
        let of_table = |object: &&Object| object.table == table && object.kind == kind;
        let sql = reference.iter().chain(added.clone()).filter(of_table).map(|object| object.sql.clone());
        sql.collect::<Vec<_>>()
    };
    let columns: Vec<String> = connection
        .prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
        .and_then(|mut columns| columns.query_map([table], |row| row.get(0))?.collect())
        .map_err(sqlite_fault)?;
    let columns = columns.join(", ");
    run(&format!("ALTER TABLE {table} RENAME TO {table}_before"))?;
    create("table").iter().try_for_each(|sql| run(sql))?;
    run(&format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before; DROP TABLE {table}_before"
    ))?;
    create("index").iter().try_for_each(|sql| run(sql))
}

/// Writes the entry of the upgrade. A journal without entries proves nothing yet, so its genesis is
/// written again instead.
fn enter(connection: &Connection, format: &'static Formats, from: i64, digest: Vec<u8>) -> Result<(), Fault> {
    let head = read_head(connection)?;
    let Some(at) = head.at else {
        let to = format.newest.number;
        let digest = built_in_digest(connection)?;
        return write_again(connection, &Genesis { format: to, digest });
    };
    let cache = Cache::default();
    let mut writer = Writer::new(connection, &cache, format, head);
    write_entry(&mut writer, at, from, digest)
}

/// Writes the entry of an upgrade to the format of this program.
pub(super) fn write_entry(
    writer: &mut Writer<'_>,
    at: Moment,
    from: i64,
    digest: Vec<u8>,
) -> Result<(), Fault> {
    let snapshot = writer.snapshot();
    let (connection, format) = (snapshot.connection(), snapshot.format());
    let to = format.newest.number;
    let statement = format!("UPGRADE FROM {from} TO {to}");
    let entry = NewEntry { at, actor_kind: "upgrade", actor: None, statement: &statement };
    writer.open()?;
    let upgraded = ChangeKind::Set(Entity::Site, "upgraded");
    let change = Change::setting(upgraded, SITE, Value::Blob(digest), at);
    writer.record(&change, || [0; 16])?;
    for migration in format.migrations.iter().filter(|migration| migration.to > from && migration.to <= to) {
        let Some(changes) = migration.changes else { continue };
        changes(connection, at)?.iter().try_for_each(|change| writer.record(change, || [0; 16]))?;
    }
    writer.seal(&entry)
}
