//! A power cut at any point of a day: what was answered is in the file, nothing is half done, and the file opens.
//!
//! An answered statement is durable, whatever the disk had not yet written. To show that the method can fail, a
//! disk that ignores syncs is tried as well: there, answered statements are lost. `POWER_CUTS` sets the number of
//! rounds, each of a hundred images.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use switchboard::{Context, Creation, OpenOptions, Parameters, Reply, Switchboard};

use crate::support::power::{self, Image, Op, Recording, Syncs};
use crate::support::script::{Step, steps};
use crate::support::session::seeds;
use crate::support::{at, text};

const DAY: &str = include_str!("../../fixtures/day.script");
/// Images of a round.
const IMAGES: usize = 100;
/// When so many statements of the day are left there is a break: the file is closed and opened again.
const AFTER_THE_BREAK: usize = 30;
/// So many long notes are written before it, so that SQLite's log is begun again in any case.
const NOTES: usize = 30;

fn open(folder: &Path, creation: Creation) -> Result<Switchboard, String> {
    let options = OpenOptions { creation, ..OpenOptions::default() };
    let opened = Switchboard::open(folder.join("desk.db"), &options);
    opened.map_err(|broken| format!("it does not open: {broken:?}"))
}

/// What that is answered after the day.
fn asked(desk: &mut Switchboard, statement: &str) -> Result<Reply, String> {
    let answer =
        desk.run(statement, &Parameters::new(), &Context::given(at("2026-03-03T00:00:00Z"), "maria"));
    answer.map_err(|failure| format!("{statement}: {failure}"))
}

/// The entries of the journal. The hash of the last one stands for all that was ever done to it.
fn journal(desk: &mut Switchboard) -> Result<Vec<String>, String> {
    let reply = asked(desk, "SHOW JOURNAL")?;
    let entry = |row: usize| {
        let hash = text(reply.value(row, "hash").expect("a column"));
        let statement = text(reply.value(row, "statement").expect("a column"));
        if hash.is_empty() {
            Err(format!("{statement} has no seal"))
        } else {
            Ok(format!("{hash} {statement}"))
        }
    };
    (0..reply.rows.len()).map(entry).collect()
}

/// Works the day; after each answer it marks how many entries there are.
fn work(folder: &Path) {
    let mut desk = open(folder, Creation::IfMissing).expect("a new file");
    power::mark(0);
    let steps = steps(DAY);
    let mut left = steps.iter().filter(|step| matches!(step, Step::Statement(_))).count();
    let (mut now, mut actor) = (at("2026-03-02T07:00:00Z"), "maria".to_owned());
    for step in steps {
        match step {
            Step::Moment(moment, who) => (now, actor) = (at(&moment), who.unwrap_or(actor)),
            Step::Statement(source) => {
                let context = Context::given(now, &actor);
                answer(&mut desk, &source.text, &context);
                left -= 1;
                if left == AFTER_THE_BREAK {
                    let note = format!("NOTE 11 '{}'", "long ".repeat(1_500));
                    let maria = Context::given(now, "maria");
                    (0..NOTES).for_each(|_| answer(&mut desk, &note, &maria));
                    drop(desk);
                    desk = open(folder, Creation::Never).expect("it opens again");
                }
            }
        }
    }
}

fn answer(desk: &mut Switchboard, statement: &str, context: &Context) {
    desk.run(statement, &Parameters::new(), context)
        .unwrap_or_else(|failure| panic!("{failure}: {statement:.200}"));
    power::mark(journal(desk).expect("a journal").len() as u64);
}

/// A day that was worked, its journal, and how many entries there were at each answer.
struct Day {
    recording: Recording,
    journal: Vec<String>,
    answers: BTreeSet<usize>,
}

/// The day, worked once for all tests.
fn day() -> &'static Day {
    static DAY: OnceLock<Day> = OnceLock::new();
    DAY.get_or_init(|| {
        let test = "power_cuts::answered_statements_survive_any_power_cut";
        let recording = power::recorded(test, |_| {}, work);
        let mut desk = open(&recording.left(), Creation::Never).expect("the day");
        let mark = |op: &Op| if let Op::Mark(number) = op { Some(*number as usize) } else { None };
        let answers = recording.ops().iter().filter_map(mark).collect();
        Day { journal: journal(&mut desk).expect("a journal"), answers, recording }
    })
}

/// What is wrong with an image.
struct Fault {
    is_loss: bool,
    words: String,
}

impl From<String> for Fault {
    fn from(words: String) -> Fault {
        Fault { is_loss: false, words }
    }
}

impl Day {
    /// Opens the file of an image, reads all of it and works on.
    fn check(&self, image: &Image) -> Result<(), Fault> {
        // Before the first answer there may be no more than the empty file that is filled next.
        let creation = if image.marked.is_some() { Creation::Never } else { Creation::IfMissing };
        let mut desk = open(image.path(), creation)?;
        let verdict = asked(&mut desk, "VERIFY JOURNAL")?;
        if verdict.value(0, "verdict").map(text).as_deref() != Some("whole") {
            return Err(format!("it is not whole: {:?}", verdict.rows).into());
        }
        let kept = journal(&mut desk)?;
        let (count, answered) = (kept.len(), image.marked.unwrap_or(0));
        if !self.journal.starts_with(&kept) {
            return Err(format!("its {count} entries are not the first of the day").into());
        }
        if !self.answers.contains(&count) {
            return Err(format!("with {count} entries a statement is half done").into());
        }
        if (count as u64) < answered {
            return Err(Fault { is_loss: true, words: format!("{count} entries, {answered} were answered") });
        }
        asked(&mut desk, "CREATE QUEUE afterwards")?;
        Ok(())
    }

    /// The faults in the images of a round.
    fn faults(&self, seed: u64, syncs: Syncs) -> Vec<Fault> {
        let checked = self.recording.images(IMAGES, seed, syncs).filter_map(|image| {
            let fault = self.check(&image).err()?;
            Some(Fault { words: format!("{}: {}", image.origin, fault.words), ..fault })
        });
        checked.collect()
    }
}

/// The words of faults, a line each.
fn said(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n{}", fault.words)).collect()
}

#[test]
fn answered_statements_survive_any_power_cut() {
    for seed in seeds("POWER_CUTS", 3) {
        let faults = day().faults(seed, Syncs::Kept);
        assert!(faults.is_empty(), "POWER_CUTS_SEED={seed}:{}", said(&faults));
    }
}

#[test]
fn answered_statements_are_lost_if_the_disk_ignores_syncs() {
    let faults = day().faults(0, Syncs::Ignored);
    assert!(faults.iter().any(|fault| fault.is_loss), "no loss among the faults:{}", said(&faults));
}

#[test]
fn the_power_cuts_include_every_stage_of_the_write_ahead_log() {
    let day = day();
    assert_eq!(day.answers.last(), Some(&day.journal.len()), "the day is recorded to its end");
    let ops = day.recording.ops();
    let file = |op: &Op| match op {
        Op::Open { file, name, content: None } if name.ends_with("desk.db-wal") => Some(*file),
        _ => None,
    };
    let logs: Vec<usize> = ops.iter().filter_map(file).collect();
    let begun = |log: usize| {
        let is_head = |op: &&Op| matches!(op, Op::Write { file, offset: 0, .. } if *file == log);
        ops.iter().filter(is_head).count()
    };
    // The second log is made only if the first was written back and deleted.
    assert!(logs.len() > 1 && begun(logs[0]) > 1, "{logs:?}, the first begun {} times", begun(logs[0]));
}

#[test]
fn what_was_there_before_is_in_every_image_and_a_copy_once_a_sync_has_followed() {
    let put = |folder: &Path| {
        let mut desk = open(folder, Creation::IfMissing).expect("a new file");
        asked(&mut desk, "CREATE QUEUE front").expect("an answer");
    };
    let job = |folder: &Path| {
        let connection = rusqlite::Connection::open(folder.join("desk.db")).expect("the file");
        std::fs::create_dir(folder.join("copy")).expect("a folder in it");
        let copy = folder.join("copy/desk.db").display().to_string();
        connection.execute("VACUUM INTO ?1", [copy]).expect("a copy");
        // Up to here the journal by which SQLite made the copy might come back, and undo it.
        let mut desk = open(folder, Creation::Never).expect("the file");
        asked(&mut desk, "CREATE QUEUE back").expect("an answer");
        power::mark(2);
    };
    let test = "power_cuts::what_was_there_before_is_in_every_image_and_a_copy_once_a_sync_has_followed";
    let entries = |folder: &Path| journal(&mut open(folder, Creation::Never)?).map(|all| all.len() as u64);
    for image in power::recorded(test, put, job).images(60, 5, Syncs::Kept) {
        let (kept, copied) = (entries(image.path()), entries(&image.path().join("copy")));
        match image.marked {
            None => assert!([Ok(1), Ok(2)].contains(&kept), "{}: {kept:?}", image.origin),
            Some(marked) => assert_eq!((kept, copied), (Ok(marked), Ok(1)), "{}", image.origin),
        }
    }
}

/// Opens a copy that VACUUM INTO made, which is not in WAL mode, and works on it.
#[test]
fn answered_statements_survive_a_power_cut_on_a_vacuumed_copy() {
    let put = |folder: &Path| {
        let original = folder.join("original");
        std::fs::create_dir(&original).expect("a folder");
        let mut desk = open(&original, Creation::IfMissing).expect("a new file");
        asked(&mut desk, "CREATE QUEUE front").expect("an answer");
        drop(desk);
        let connection = rusqlite::Connection::open(original.join("desk.db")).expect("the file");
        let copy = folder.join("desk.db").display().to_string();
        connection.execute("VACUUM INTO ?1", [copy]).expect("a copy");
        drop(connection);
        std::fs::remove_dir_all(original).expect("only the copy is left");
    };
    let job = |folder: &Path| {
        let mut desk = open(folder, Creation::Never).expect("the copy");
        for number in 0..20 {
            asked(&mut desk, &format!("CREATE QUEUE q{number}")).expect("an answer");
            power::mark(number + 2);
        }
    };
    let test = "power_cuts::answered_statements_survive_a_power_cut_on_a_vacuumed_copy";
    let recording = power::recorded(test, put, job);
    let lost = |seed: u64, syncs: Syncs| -> Vec<String> {
        let images = recording.images(IMAGES, seed, syncs);
        let faults = images.filter_map(|image| {
            let kept = open(image.path(), Creation::Never).and_then(|mut desk| journal(&mut desk));
            let answered = image.marked.unwrap_or(1);
            match kept {
                Ok(kept) if kept.len() as u64 >= answered => None,
                other => Some(format!("{}: {:?} of {answered}", image.origin, other.map(|kept| kept.len()))),
            }
        });
        faults.collect()
    };
    for seed in seeds("POWER_CUTS", 1) {
        let lost = lost(seed, Syncs::Kept);
        assert!(lost.is_empty(), "POWER_CUTS_SEED={seed}:\n{}", lost.join("\n"));
    }
    assert!(!lost(0, Syncs::Ignored).is_empty(), "a disk that ignores syncs loses nothing");
}

/// The rename of a backup is not recorded, so what is checked is the content behind it.
#[test]
fn an_answered_backup_is_whole_after_any_power_cut() {
    let put = |folder: &Path| {
        let mut desk = open(folder, Creation::IfMissing).expect("a new file");
        asked(&mut desk, "CREATE QUEUE front").expect("an answer");
    };
    let job = |folder: &Path| {
        let mut desk = open(folder, Creation::Never).expect("the file");
        let backup = folder.join("backup.db").display().to_string();
        asked(&mut desk, &format!("BACKUP TO '{backup}'")).expect("an answer");
        power::mark(1);
        for number in 0..5 {
            asked(&mut desk, &format!("CREATE QUEUE q{number}")).expect("an answer");
        }
    };
    let test = "power_cuts::an_answered_backup_is_whole_after_any_power_cut";
    let mut answered = 0;
    for image in power::recorded(test, put, job).images(IMAGES, 3, Syncs::Kept) {
        let mut desk = open(image.path(), Creation::Never).expect("the file");
        assert_eq!(asked(&mut desk, "VERIFY JOURNAL").expect("it is whole").rows.len(), 1);
        if image.marked.is_none() {
            continue;
        }
        answered += 1;
        let backup = image.path().join("backup");
        std::fs::create_dir(&backup).expect("a folder");
        std::fs::rename(image.path().join("backup.db.partial"), backup.join("desk.db")).expect("the backup");
        let mut backup = open(&backup, Creation::Never).expect("the backup");
        let verdict = asked(&mut backup, "VERIFY JOURNAL").expect("it is whole");
        assert_eq!(text(verdict.value(0, "entries").expect("a column")), "1", "{}", image.origin);
    }
    assert!(answered > 5, "{answered} images with the answered backup");
}
