//! Files of a format that was released before, opened by a program of the next one.
//!
//! What matters: whatever happens, a file is of the old format or of the new one, whole in both; what it said before it
//! says after; and the old one stands beside it. The next format is a pretend one (`pretend.rs`), the old file a
//! committed one with everything in it (`fixture.rs`). It deliberately does not know how an upgrade works.

mod fixture;
mod goes_on;
mod kept;
mod looks;
mod pretend;
mod refused;

use std::path::{Path, PathBuf};

use switchboard::store::Format;
use switchboard::{OpenOptions, Switchboard};
use tempfile::TempDir;

use crate::support::{World, at};

/// An open file, and where it is.
pub struct Opened {
    pub world: World,
    pub path: PathBuf,
}

/// Opens the `desk.db` of a folder as a program of those formats.
pub fn open(path: &Path, format: &'static Format) -> Result<Switchboard, switchboard::Error> {
    Switchboard::open(path, &OpenOptions { format: Some(format), ..OpenOptions::default() })
}

/// The same, which must not be refused; some time after all that is in it.
pub fn opened(folder: &TempDir, format: &'static Format) -> Opened {
    let path = folder.path().join("desk.db");
    let mut world = World::new();
    world.desk = open(&path, format).unwrap_or_else(|error| panic!("{error:?}"));
    world.now = at("2026-03-04T10:05:00Z");
    Opened { world, path }
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = std::fs::read_dir(folder).expect("a folder").map(name).collect();
    names.sort();
    names
}
