//! Power cuts: what a job has its disk do is recorded, and from the record come images of what a disk may hold when
//! the power goes at any point.
//!
//! A test calls [`recorded`] with its own name. The test binary is then started again with that one test in it, and there
//! the same call makes a recording VFS (`vfs.rs`) SQLite's own, runs the job and ends the process; so whatever opens
//! a file by SQLite is recorded, and no other test is. What comes back is the list of writes, truncations, syncs and
//! deletions (`log.rs`), of which `disk.rs` makes the images:
//!
//! ```text
//! let put = |folder: &Path| …;      // the files that are on the disk before, none of them open any more
//! let job = |folder: &Path| {
//!     …                             // work on the files in the folder
//!     power::mark(1);               // from here on this is held to be safe
//! };
//! for image in power::recorded("some_module::some_test", put, job).images(100, seed, Syncs::Kept) {
//!     …                             // open what is in `image.path()`; `image.marked` has to be in it
//! }
//! ```
//!
//! What matters: an image holds all that was synced and any choice of the rest, and the same seed makes the same one.
//! It deliberately knows neither Switchboard nor SQLite's formats, and sees nothing but what goes through SQLite: what
//! the job copies, renames, removes or writes by `std::fs` it does not hear of. A file that has come so counts as
//! being on the disk from the moment when SQLite opens it, as it is then; one that has gone so is still there. Nor
//! does it record files outside the folder, temporary ones, and the shared memory, which is made again after a crash.

mod disk;
mod log;
mod recorder;
mod vfs;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};

use tempfile::TempDir;

pub use disk::Syncs;
pub use log::Op;
pub use recorder::mark;

use super::session::Numbers;
use disk::Disk;

/// Which job the process is to do, by the name of its test.
const JOB: &str = "POWER_JOB";
/// Where it works.
const PLACE: &str = "POWER_PLACE";

/// What a job had the disk do.
pub struct Recording {
    ops: Vec<Op>,
    place: TempDir,
}

/// What the disk holds after a cut: a folder of its own.
pub struct Image {
    folder: TempDir,
    /// The last number that the job had marked.
    pub marked: Option<u64>,
    /// Before which operation of how many the power went, and the seed: the same ones make it again.
    pub origin: String,
}

/// A folder where no disk is waited for, if the system has such a place: what is synced is known from the record.
fn folder() -> TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

/// Does a job in a process of its own and records what it has the disk do in the folder that it is given, and into which
/// `put` has put what was there before. `test` is the path of a test that comes to this very call, such as
/// `power_cuts::a_day`; no test can come to two of them.
pub fn recorded(test: &str, put: impl FnOnce(&Path), job: impl FnOnce(&Path)) -> Recording {
    if let Some(name) = env::var_os(JOB) {
        assert_eq!(name, test, "a test that is run again comes to the call that started it");
        let place = PathBuf::from(env::var_os(PLACE).expect("with the job comes its place"));
        put(&files(&place));
        vfs::record(&files(&place), &log(&place));
        job(&files(&place));
        recorder::finish();
        exit(0);
    }
    let place = folder();
    std::fs::create_dir(files(place.path())).expect("a folder in it");
    let again = Command::new(env::current_exe().expect("the test binary"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(JOB, test)
        // SQLite resolves links before it opens a file.
        .env(PLACE, place.path().canonicalize().expect("it is there"))
        .output()
        .expect("the test binary starts again");
    let words = [again.stdout, again.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let is_done = again.status.success() && log(place.path()).exists();
    assert!(is_done, "{test} as a job: {}", words.join("\n"));
    Recording { ops: log::read(&log(place.path())), place }
}

fn files(place: &Path) -> PathBuf {
    place.join("files")
}

fn log(place: &Path) -> PathBuf {
    place.join("log")
}

impl Recording {
    /// What was done, in order.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The files as the job left them.
    pub fn left(&self) -> PathBuf {
        files(self.place.path())
    }

    /// The disk after a cut at so many points, each one out of each of as many equal stretches of the record.
    pub fn images(&self, most: usize, seed: u64, syncs: Syncs) -> impl Iterator<Item = Image> {
        let mut numbers = Numbers::new(seed);
        // What was put there is there from the start.
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

    /// What the disk may hold when the power goes before the operation of that number: one possibility of many, by the seed.
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
    /// The folder with its files.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
