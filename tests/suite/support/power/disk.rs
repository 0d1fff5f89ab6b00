//! A simulated disk, and what may be on it after a power cut.
//!
//! Invariant: what was synced is there. Of the writes to a file after its last sync, any subset is
//! there, each whole or torn at sector boundaries. A name that was created or deleted may have
//! changed or not, until a later sync settles it. The simulation errs on the side of loss: a real
//! disk keeps more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::log::Op;
use crate::support::session::Numbers;

/// The unit that a disk writes atomically, in bytes.
const SECTOR: usize = 512;

/// What a sync does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncs {
    /// Everything written before it is on the disk.
    Kept,
    /// Nothing, as on a disk that lies. This shows whether a test would notice a missing sync.
    Ignored,
}

/// The state of a disk at one point of the record.
pub struct Disk {
    syncs: Syncs,
    files: BTreeMap<usize, Content>,
    names: BTreeMap<PathBuf, Name>,
}

/// The content of a file that is certain, and the changes since then.
#[derive(Default)]
struct Content {
    certain: Vec<u8>,
    since: Vec<Change>,
}

enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { size: usize },
}

/// The files that a name has referred to, in order. Those before index `certain` are no longer
/// possible.
struct Name {
    meant: Vec<Option<usize>>,
    certain: usize,
}

impl Disk {
    pub fn new(syncs: Syncs) -> Disk {
        Disk { syncs, files: BTreeMap::new(), names: BTreeMap::new() }
    }

    pub fn take(&mut self, op: &Op) {
        match op {
            Op::Open { file, name, content: Some(content) } => {
                self.files.insert(*file, Content { certain: content.clone(), since: Vec::new() });
                self.names.insert(name.clone(), Name { meant: vec![Some(*file)], certain: 0 });
            }
            Op::Open { file, name, content: None } => {
                self.files.insert(*file, Content::default());
                self.mean(name, Some(*file));
            }
            Op::Write { file, offset, bytes } => {
                self.change(*file, Change::Write { offset: *offset, bytes: bytes.clone() });
            }
            Op::Truncate { file, size } => self.change(*file, Change::Truncate { size: *size }),
            Op::Sync { file } if self.syncs == Syncs::Kept => self.sync(*file),
            Op::Delete { name, synced } => {
                self.mean(name, None);
                if *synced && self.syncs == Syncs::Kept {
                    self.names.values_mut().for_each(|name| name.certain = name.meant.len() - 1);
                }
            }
            Op::Sync { .. } | Op::Mark(_) | Op::End => {}
        }
    }

    fn mean(&mut self, name: &Path, file: Option<usize>) {
        let nothing = || Name { meant: vec![None], certain: 0 };
        self.names.entry(name.to_owned()).or_insert_with(nothing).meant.push(file);
    }

    fn change(&mut self, file: usize, change: Change) {
        self.files.get_mut(&file).expect("it was opened").since.push(change);
    }

    /// Makes the content and the name of a file certain, and every earlier deletion.
    fn sync(&mut self, file: usize) {
        let content = self.files.get_mut(&file).expect("it was opened");
        for change in std::mem::take(&mut content.since) {
            change.apply(&mut content.certain);
        }
        for name in self.names.values_mut() {
            let settled = name.meant.iter().rposition(|meant| meant.is_none() || *meant == Some(file));
            name.certain = name.certain.max(settled.unwrap_or(0));
        }
    }

    /// Writes one possible state of the disk into a folder.
    pub fn draw(&self, numbers: &mut Numbers, folder: &Path) {
        let luck = Luck::new(numbers);
        for (name, history) in &self.names {
            let open = &history.meant[history.certain..];
            let Some(file) = open[numbers.below(open.len())] else { continue };
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
            std::fs::write(path, self.files[&file].draw(luck, numbers)).expect("a file of the image");
        }
    }
}

impl Content {
    fn draw(&self, luck: Luck, numbers: &mut Numbers) -> Vec<u8> {
        let mut bytes = self.certain.clone();
        for change in &self.since {
            match luck.fate(numbers) {
                Fate::Lost => {}
                Fate::Whole => change.apply(&mut bytes),
                Fate::Torn => change.tear(&mut bytes, numbers),
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Write { offset, bytes } => put(content, *offset, bytes),
            Change::Truncate { size } => content.resize(*size, 0),
        }
    }

    /// Writes some of the sectors. The others keep their content; beyond the old end of the file
    /// they are zero.
    fn tear(&self, content: &mut Vec<u8>, numbers: &mut Numbers) {
        let Change::Write { offset, bytes } = self else { return self.apply(content) };
        content.resize(content.len().max(offset + bytes.len()), 0);
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done;
            let end = bytes.len().min(done + SECTOR - at % SECTOR);
            if numbers.below(2) == 0 {
                put(content, at, &bytes[done..end]);
            }
            done = end;
        }
    }
}

fn put(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    content.resize(content.len().max(end), 0);
    content[offset..end].copy_from_slice(bytes);
}

enum Fate {
    Lost,
    Whole,
    Torn,
}

/// The share of changes that survive in one image.
///
/// `whole` of four changes are written whole, and of the others some are torn. So images in which
/// everything or nothing survives occur, which independent choices would hardly ever produce.
#[derive(Clone, Copy)]
struct Luck {
    whole: usize,
    tears: bool,
}

impl Luck {
    fn new(numbers: &mut Numbers) -> Luck {
        Luck { whole: numbers.below(5), tears: numbers.below(3) > 0 }
    }

    fn fate(self, numbers: &mut Numbers) -> Fate {
        if numbers.below(4) < self.whole {
            Fate::Whole
        } else if self.tears && numbers.below(2) == 0 {
            Fate::Torn
        } else {
            Fate::Lost
        }
    }
}

/// Returns every content that a file may have after these operations; None: the file does not
/// exist.
fn left(ops: &[Op], name: &str) -> BTreeSet<Option<Vec<u8>>> {
    let mut disk = Disk::new(Syncs::Kept);
    ops.iter().for_each(|op| disk.take(op));
    let chosen = (0..200).map(|seed| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        disk.draw(&mut Numbers::new(seed), folder.path());
        std::fs::read(folder.path().join(name)).ok()
    });
    chosen.collect()
}

#[test]
fn what_is_synced_is_certain_and_the_rest_comes_whole_torn_or_not_at_all() {
    let made = Op::Open { file: 0, name: "a".into(), content: None };
    let first = Op::Write { file: 0, offset: 0, bytes: vec![1; 4] };
    let second = Op::Write { file: 0, offset: SECTOR - 1, bytes: vec![2, 2] };
    let gap = |end: [u8; 2]| Some([vec![1; 4], vec![0; SECTOR - 5], end.to_vec()].concat());
    let unsynced = left(&[made.clone(), first.clone()], "a");
    assert_eq!(unsynced, BTreeSet::from([None, Some(vec![]), Some(vec![0; 4]), Some(vec![1; 4])]));
    let synced = left(&[made, first, Op::Sync { file: 0 }, second], "a");
    let expected = [Some(vec![1; 4]), gap([0, 0]), gap([0, 2]), gap([2, 0]), gap([2, 2])];
    assert_eq!(synced, BTreeSet::from(expected));
}

#[test]
fn a_deletion_is_certain_once_anything_is_synced_and_a_new_file_once_it_is() {
    let open = |file: usize, name: &str, content: Option<&[u8]>| Op::Open {
        file,
        name: name.into(),
        content: content.map(<[u8]>::to_vec),
    };
    let delete = |synced: bool| Op::Delete { name: "a".into(), synced };
    let (old, other, again) = (open(0, "a", Some(b"old")), open(1, "b", Some(b"")), open(2, "a", None));
    let (kept, none, empty) = (Some(b"old".to_vec()), None, Some(Vec::new()));
    let mut ops = vec![old.clone(), other, delete(false)];
    assert_eq!(left(&ops, "a"), BTreeSet::from([kept.clone(), none.clone()]));
    assert_eq!(left(&[old, delete(true)], "a"), BTreeSet::from([none.clone()]));
    ops.push(again);
    assert_eq!(left(&ops, "a"), BTreeSet::from([kept, none.clone(), empty.clone()]));
    ops.push(Op::Sync { file: 1 });
    assert_eq!(left(&ops, "a"), BTreeSet::from([none, empty.clone()]));
    ops.push(Op::Sync { file: 2 });
    assert_eq!(left(&ops, "a"), BTreeSet::from([empty]));
}
