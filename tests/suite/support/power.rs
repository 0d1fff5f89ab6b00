//! Power cuts: the disk operations of a job are recorded, and from the record come images of what a
//! disk may hold if the power fails at any point.
//!
//! A test calls [`recorded`] with its own name. That starts the test binary again with this one
//! test. There, the same call makes a recording VFS (`vfs.rs`) the default one of SQLite, runs the
//! job and ends the process. So every file that is opened through SQLite is recorded, and no other
//! test is. The result is the list of writes, truncations, syncs and deletions (`log.rs`), from
//! which `disk.rs` makes the images:
//!
//! ```text
//! let put = |folder: &Path| …;      // the files on the disk before; none of them is open any more
//! let job = |folder: &Path| {
//!     …                             // work with the files in the folder
//!     power::mark(1);               // from here on this must be safe
//! };
//! for image in power::recorded("module::test", put, job).images(100, seed, Syncs::Kept) {
//!     …                             // open the file in `image.path()`; check `image.marked`
//! }
//! ```
//!
//! Invariant: an image contains everything that was synced and any part of the rest, and the same
//! seed makes the same image. This module deliberately does not know Switchboard or the formats of
//! SQLite, and it sees only what goes through SQLite. It does not notice files that the job copies,
//! renames, removes or writes with `std::fs`: such a new file counts as being on the disk, with its
//! content at that time, once SQLite opens it; such a removed file still exists. It does not record
//! files outside the folder, temporary files, or the shared memory, which is rebuilt after a crash.

mod disk;
pub mod log;
pub mod recorder;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use disk::Syncs;
pub use log::Op;
pub use recorder::mark;

use super::alone::alone;
use super::folder;
use super::session::Numbers;
use super::vfs;
use disk::Disk;

/// The disk operations of a job.
pub struct Recording {
    ops: Vec<Op>,
    place: TempDir,
}

/// What the disk holds after a power cut, in a folder of its own.
pub struct Image {
    folder: TempDir,
    /// The last number that the job had marked; None if there was none.
    pub marked: Option<u64>,
    /// The cut and the seed, with which the same image can be made again.
    pub origin: String,
}

/// Runs a job in its own process and records its disk operations in the folder that it gets.
///
/// `put` has put the initial files there before. `test` is the path of the calling test, such as
/// `power_cuts::a_day`; a test can call this only once.
pub fn recorded(test: &str, put: impl FnOnce(&Path), job: impl FnOnce(&Path)) -> Recording {
    let (place, words) = alone(test, |place| {
        std::fs::create_dir(files(place)).expect("a folder in it");
        put(&files(place));
        recorder::begin(&files(place), &log(place));
        vfs::install();
        job(&files(place));
        recorder::finish();
    });
    assert!(log(place.path()).exists(), "{test} as a job: {words}");
    Recording { ops: log::read(&log(place.path())), place }
}

fn files(place: &Path) -> PathBuf {
    place.join("files")
}

fn log(place: &Path) -> PathBuf {
    place.join("log")
}

impl Recording {
    /// The operations, in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The folder with the files as the job left them.
    pub fn left(&self) -> PathBuf {
        files(self.place.path())
    }

    /// Returns images for `most` power cuts, spread evenly: one at random in each of as many
    /// sections of the record.
    pub fn images(&self, most: usize, seed: u64, syncs: Syncs) -> impl Iterator<Item = Image> {
        let mut numbers = Numbers::new(seed);
        // The initial files are on the disk before any cut.
        let is_put = |op: &&Op| matches!(op, Op::Open { content: Some(_), .. });
        let first = self.ops.iter().take_while(is_put).count();
        let cuts = self.ops.len() + 1 - first;
        let stretches = most.min(cuts);
        let start = move |stretch: usize| first + stretch * cuts / stretches;
        (0..stretches).map(move |at| {
            let cut = start(at) + numbers.below(start(at + 1) - start(at));
            self.image(cut, numbers.below(usize::MAX) as u64, syncs)
        })
    }

    /// Returns one of the possible images for a power cut before operation `cut`, chosen by the
    /// seed.
    pub fn image(&self, cut: usize, seed: u64, syncs: Syncs) -> Image {
        let mut disk = Disk::new(syncs);
        for op in &self.ops[..cut] {
            disk.take(op);
        }
        let folder = folder();
        disk.draw(&mut Numbers::new(seed), folder.path());
        let mark = |op: &Op| if let Op::Mark(number) = op { Some(*number) } else { None };
        let marked = self.ops[..cut].iter().rev().find_map(mark);
        let origin = format!("cut before operation {cut} of {}, chosen by {seed}", self.ops.len());
        Image { folder, marked, origin }
    }
}

impl Image {
    /// The folder with the files of the image.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
