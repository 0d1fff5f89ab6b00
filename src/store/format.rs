//! The formats of the file: the one that this program writes, those that were released before it, and the way from one
//! to the next.
//!
//! Invariant: a released format never changes: `formats/<number>.txt` keeps the digest of each of its objects and that
//! of its built-in rows. It deliberately does not know how a file is opened or upgraded.

use std::sync::OnceLock;

use crate::domain::journal::{Hash, hex};

/// A released format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// Its number.
    pub number: i64,
    /// The digest of all of its objects, in hexadecimal.
    pub fingerprint: String,
    /// The digest of its built-in rows, in hexadecimal.
    pub built_in: String,
    /// A line for each object: its type, its name, and its digest.
    objects: String,
}

/// What leads a file from the format before to this one: its tables, columns, indexes and built-in rows. Triggers and
/// views are created anew from the schema, and settings that are new get their initial values.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The format that it leads to.
    pub to: i64,
    /// Its SQL; triggers and views are not there while it runs.
    pub sql: String,
    /// Tables whose columns change: after the SQL they are created anew as the schema has them, with the rows that they
    /// had. A new column has its default.
    pub rebuilt: Vec<String>,
}

/// What a program knows of formats.
#[derive(Debug)]
pub struct Formats {
    /// The schema of the newest one, as it makes a new file.
    pub schema: String,
    /// The one that this program writes.
    pub newest: Released,
    /// Those before it.
    pub older: Vec<Released>,
    /// The migrations, in order.
    pub migrations: Vec<Migration>,
    /// A file in memory, empty and without rules, that copies begin as.
    pub(super) copy: OnceLock<Vec<u8>>,
}

/// The whole schema, as it makes a new file.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// The format that this program writes.
const NEWEST: &str = include_str!("formats/1.txt");

impl Formats {
    /// A program's formats.
    pub fn new(
        schema: String,
        newest: Released,
        older: Vec<Released>,
        migrations: Vec<Migration>,
    ) -> Formats {
        Formats { schema, newest, older, migrations, copy: OnceLock::new() }
    }

    /// The formats of this program.
    pub fn current() -> &'static Formats {
        static CURRENT: OnceLock<Formats> = OnceLock::new();
        CURRENT
            .get_or_init(|| Formats::new(SCHEMA.to_owned(), Released::read(NEWEST), Vec::new(), Vec::new()))
    }

    /// The released format of that number.
    pub fn released(&self, number: i64) -> Option<&Released> {
        std::iter::once(&self.newest).chain(&self.older).find(|format| format.number == number)
    }

    /// Whether some released format has built-in rows of that digest.
    pub fn knows(&self, built_in: &Hash) -> bool {
        let digest = hex(built_in);
        std::iter::once(&self.newest).chain(&self.older).any(|format| format.built_in == digest)
    }
}

impl Released {
    /// A format with these objects: type, name and digest of each.
    pub fn new(
        number: i64,
        fingerprint: String,
        built_in: String,
        objects: impl Iterator<Item = (String, String, String)>,
    ) -> Released {
        let objects = objects.map(|(kind, name, digest)| format!("\n{kind} {name} {digest}")).collect();
        Released { number, fingerprint, built_in, objects }
    }

    /// Reads a format as [`Released::written`] writes it.
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

    /// The format as a text of lines.
    pub fn written(&self) -> String {
        format!(
            "format {}\nfingerprint {}\nbuilt-in {}{}\n",
            self.number, self.fingerprint, self.built_in, self.objects
        )
    }

    /// Whether it has an object of that type and name.
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.objects.contains(&format!("\n{kind} {name} "))
    }

    /// Its objects: type, name, digest.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.objects.lines().filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?, words.next()?, words.next()?))
        })
    }
}
