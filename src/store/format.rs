//! The file formats: the one this program writes, those released before it, and the migrations
//! between them.
//!
//! Invariant: a released format never changes: `formats/<number>.txt` contains the digests of each
//! of its objects and of its built-in rows. This module deliberately does not know how a file is
//! opened or upgraded.

mod to_2;
mod to_3;
mod to_4;

use std::sync::OnceLock;

use rusqlite::Connection;

use crate::domain::change::Change;
use crate::domain::journal::{Hash, hex};
use crate::domain::moment::Moment;
use crate::domain::refusal::Fault;

/// A released format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// The number of the format.
    pub number: i64,
    /// The digest of all its objects, in hexadecimal.
    pub fingerprint: String,
    /// The digest of its built-in rows, in hexadecimal.
    pub built_in: String,
    /// One line per object: type, name and digest.
    objects: String,
}

/// Fills tables with what SQL cannot compute.
pub type Compute = fn(&Connection) -> Result<(), Fault>;

/// Returns the changes of the entry of an upgrade at a time.
pub type Record = fn(&Connection, Moment) -> Result<Vec<Change>, Fault>;

/// A migration of tables, columns, indexes and built-in rows from the previous format. Triggers and
/// views are created again from the schema, and new settings get their initial values.
#[derive(Debug, Clone, Default)]
pub struct Migration {
    /// The format that it leads to.
    pub to: i64,
    /// New tables, which are created from the schema, with their indexes.
    pub created: Vec<String>,
    /// The SQL; triggers and views do not exist while it runs.
    pub sql: String,
    /// What SQL cannot compute. It runs after the SQL.
    pub computed: Option<Compute>,
    /// Tables whose columns change. After the SQL they are created again from the schema, and their
    /// rows are copied. A new column gets its default.
    pub rebuilt: Vec<String>,
    /// Returns the changes that the entry of the upgrade records, at that time.
    pub changes: Option<Record>,
}

/// The formats that a program knows.
#[derive(Debug)]
pub struct Formats {
    /// The schema of the newest format, from which new files are created.
    pub schema: String,
    /// The format that the program writes.
    pub newest: Released,
    /// The earlier formats.
    pub older: Vec<Released>,
    /// The migrations, in order.
    pub migrations: Vec<Migration>,
    /// The bytes of an empty file without validating triggers, from which copies in memory are
    /// made.
    pub(super) copy: OnceLock<Vec<u8>>,
}

/// The complete schema, from which new files are created.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The format that this program writes.
const NEWEST: &str = include_str!("formats/4.txt");

/// The formats before it, the oldest first.
const OLDER: [&str; 3] =
    [include_str!("formats/1.txt"), include_str!("formats/2.txt"), include_str!("formats/3.txt")];

/// What leads from each of them to the next.
fn migrations() -> Vec<Migration> {
    vec![to_2::migration(), to_3::migration(), to_4::migration()]
}

impl Formats {
    /// Creates the formats of a program.
    pub fn new(
        schema: String,
        newest: Released,
        older: Vec<Released>,
        migrations: Vec<Migration>,
    ) -> Formats {
        Formats { schema, newest, older, migrations, copy: OnceLock::new() }
    }

    /// Returns the formats of this program.
    pub fn current() -> &'static Formats {
        static CURRENT: OnceLock<Formats> = OnceLock::new();
        CURRENT.get_or_init(|| {
            let older = OLDER.iter().map(|text| Released::read(text)).collect();
            Formats::new(SCHEMA.to_owned(), Released::read(NEWEST), older, migrations())
        })
    }

    /// Returns the released format with this number.
    pub fn released(&self, number: i64) -> Option<&Released> {
        std::iter::once(&self.newest).chain(&self.older).find(|format| format.number == number)
    }

    /// Returns whether the built-in rows of a released format have this digest.
    pub fn knows(&self, built_in: &Hash) -> bool {
        let digest = hex(built_in);
        std::iter::once(&self.newest).chain(&self.older).any(|format| format.built_in == digest)
    }
}

impl Released {
    /// Creates a format from the type, name and digest of each of its objects.
    pub fn new(
        number: i64,
        fingerprint: String,
        built_in: String,
        objects: impl Iterator<Item = (String, String, String)>,
    ) -> Released {
        let objects = objects.map(|(kind, name, digest)| format!("\n{kind} {name} {digest}")).collect();
        Released { number, fingerprint, built_in, objects }
    }

    /// Parses a format in the form that [`Released::written`] writes.
    pub fn read(text: &str) -> Released {
        let mut lines = text.splitn(4, '\n');
        let mut word = |before: &str| {
            let line = lines.next().unwrap_or_default();
            line.strip_prefix(before).unwrap_or_default().trim().to_owned()
        };
        let (number, fingerprint, built_in) = (word("format "), word("fingerprint "), word("built-in "));
        let objects = format!("\n{}", lines.next().unwrap_or_default().trim_end());
        Released { number: number.parse().unwrap_or_default(), fingerprint, built_in, objects }
    }

    /// Returns the format as text.
    pub fn written(&self) -> String {
        format!(
            "format {}\nfingerprint {}\nbuilt-in {}{}\n",
            self.number, self.fingerprint, self.built_in, self.objects
        )
    }

    /// Returns whether the format has an object with this type and name.
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.objects.contains(&format!("\n{kind} {name} "))
    }

    /// Returns the type, name and digest of each object.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.objects.lines().filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?, words.next()?))
        })
    }
}
