//! An I/O error at any operation of any statement: it is reported as such, nothing is half done, and the repeated
//! statement makes the same file as one that met no error.
//!
//! The example of every statement runs on the desk of the manual, from opening the file on; besides that an erasure, a
//! purge, a sweep, a new file and an upgrade. `IO_ERRORS` sets how many operations of each fail, `IO_ERRORS=all` takes
//! all of them, in all ways in which they can fail, once and for good.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use switchboard::testing::statement::statements;
use switchboard::{Context, Creation, Failure, Moment, OpenOptions, Parameters, Reply, Switchboard};

use crate::erasing::{WORD, words_left};
use crate::support::alone::alone;
use crate::support::faults::{self, Fault, Kind};
use crate::support::session::{Numbers, seeds};
use crate::support::{World, at, text, writing_into};

/// The operations of each job that fail in a usual run.
const USUALLY: usize = 5;

/// What a failed operation may be reported as.
const CODES: [&str; 5] = ["io_error", "disk_full", "not_found", "readonly", "too_large"];

/// A file and the statements that run on it.
struct Job {
    name: String,
    /// The content of the file; `None`: there is none.
    bytes: Option<Vec<u8>>,
    now: Moment,
    statements: Vec<String>,
    /// Whether the statements are one transaction.
    batch: bool,
    /// Whether what is done depends on the clock, so that no two runs make the same file.
    by_the_clock: bool,
    /// Whether it is committed in parts, so that the repeated statement does only the rest.
    in_parts: bool,
}

/// The end of a job: what every statement answered, and the state of the file.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    replies: Vec<Vec<Vec<String>>>,
    head: String,
}

fn bytes_of(world: World) -> (Vec<u8>, Moment) {
    let (path, now) = (world.path(), world.now);
    drop(world.desk);
    (fs::read(path).expect("the file"), now)
}

fn jobs() -> Vec<Job> {
    let (desk, now) = bytes_of(World::with_desk());
    let job = |name: &str, bytes: &[u8], now: Moment, statements: &[&str]| Job {
        name: name.to_owned(),
        bytes: Some(bytes.to_owned()),
        now,
        statements: statements.iter().map(|statement| (*statement).to_owned()).collect(),
        batch: false,
        by_the_clock: false,
        in_parts: false,
    };
    let mut jobs: Vec<Job> = statements()
        .iter()
        .map(|definition| {
            let parts: Vec<&str> = definition.example.split("; ").collect();
            job(definition.example, &desk, now, &parts)
        })
        .collect();
    let (erasing, at_erasing) = bytes_of(crate::erasing::desk());
    jobs.push(job("erase", &erasing, at_erasing, &[&format!("ERASE CUSTOMER '{WORD}@example.com'")]));
    let (closed, at_purging) = bytes_of(crate::purging::closed(60));
    let purge = ["PURGE CLOSED BEFORE '2026-03-02T12:00:00Z'"];
    jobs.push(Job { in_parts: true, ..job("purge", &closed, at_purging, &purge) });
    jobs.push(job("sweep", &desk, at("2026-03-03T09:00:00Z"), &["SWEEP", "SWEEP"]));
    let notes = ["NOTE 1 'a'", "NOTE 1 'b'", "OPEN ON webchat FOR eve", "NOTE 1 'c'"];
    jobs.push(Job { batch: true, ..job("batch", &desk, now, &notes) });
    jobs.push(Job { bytes: None, ..job("new file", &[], now, &["CREATE QUEUE front", "CREATE QUEUE back"]) });
    let old = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/databases/format-1.db"));
    let old = old.expect("a file of the first format");
    jobs.push(Job {
        by_the_clock: true,
        ..job("upgrade", &old, at("2027-01-01T00:00:00Z"), &["CREATE QUEUE afterwards"])
    });
    jobs
}

/// Runs a job in a folder. The first step that fails is repeated once, without errors.
struct Run<'a> {
    job: &'a Job,
    folder: &'a Path,
    failed: Option<String>,
}

impl Run<'_> {
    fn step<T>(&mut self, what: &str, mut act: impl FnMut() -> Result<T, Failure>) -> Result<T, String> {
        let failure = match act() {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let code = failure.error.code().name();
        if !CODES.contains(&code) {
            return Err(format!("{what}: {failure}"));
        }
        if let Some(before) = self.failed.replace(format!("{code}: {}", failure.message())) {
            return Err(format!("{what} failed again: {failure}, after {before}"));
        }
        faults::end();
        act().map_err(|failure| format!("{what}, repeated: {failure}"))
    }

    fn go(&mut self) -> Result<Outcome, String> {
        let job = self.job;
        let path = self.folder.join("desk.db");
        let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
        let mut desk = self.step("open", || Switchboard::open(&path, &options))?;
        let context = Context::given(job.now, "maria");
        let none = Parameters::new();
        let mut replies = Vec::new();
        let statements: Vec<String> =
            job.statements.iter().map(|statement| writing_into(self.folder, statement)).collect();
        if job.batch {
            let all = |desk: &mut Switchboard| -> Result<(), Failure> {
                let mut batch = desk.transaction()?;
                for statement in &statements {
                    batch.run(statement, &none, &context)?;
                }
                batch.commit()
            };
            self.step("batch", || all(&mut desk))?;
        } else {
            for statement in &statements {
                let reply = self.step(statement, || desk.run(statement, &none, &context))?;
                replies.push(rows(&reply));
            }
        }
        drop(desk);
        faults::end();
        let mut desk = Switchboard::open(&path, &OpenOptions::default())
            .map_err(|failure| format!("it does not open any more: {failure}"))?;
        let mut asked = |statement: &str| {
            desk.run(statement, &none, &context).map_err(|failure| format!("{statement}: {failure}"))
        };
        let verdict = rows(&asked("VERIFY JOURNAL")?);
        if verdict[0].last().map(String::as_str) != Some("whole") {
            return Err(format!("it is not whole: {verdict:?}"));
        }
        let head = format!("{:?}", rows(&asked("SHOW HEAD")?));
        if ["erase", "purge"].contains(&job.name.as_str()) && words_left(&path) > 0 {
            return Err("words are left".to_owned());
        }
        Ok(Outcome { replies, head })
    }
}

fn rows(reply: &Reply) -> Vec<Vec<String>> {
    reply.rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Runs a job with a fault, in a folder of its own. Returns the outcome, what was reported, and what was struck.
fn attempt(
    job: &Job,
    folder: &Path,
    fault: Fault,
) -> (Result<Outcome, String>, Option<String>, faults::Faults) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).expect("a folder");
    if let Some(bytes) = &job.bytes {
        fs::write(folder.join("desk.db"), bytes).expect("a copy of the file");
    }
    faults::plan(fault);
    let mut run = Run { job, folder, failed: None };
    let outcome = run.go();
    (outcome, run.failed, faults::end())
}

/// The faults to try in a job with that many operations.
fn chosen(count: usize, numbers: &mut Numbers) -> Vec<Fault> {
    let each = |at: usize| {
        [(0, false), (0, true), (1, false), (1, true)].map(|(variant, lasts)| Fault { at, variant, lasts })
    };
    match env::var("IO_ERRORS") {
        Ok(all) if all == "all" => (0..count).flat_map(each).collect(),
        _ => (0..USUALLY.min(count)).map(|_| each(numbers.below(count))[numbers.below(4)]).collect(),
    }
}

/// Tries every job, and prints what was struck and reported.
fn try_all(folder: &Path, seed: u64) {
    faults::concern(folder);
    let mut numbers = Numbers::new(seed);
    let (mut faults, mut seen) = (Vec::new(), BTreeMap::<(Kind, String), usize>::new());
    let never = Fault { at: usize::MAX, variant: 0, lasts: false };
    for job in jobs() {
        let folder = folder.join("job");
        let (twin, _, counted) = attempt(&job, &folder, never);
        let twin = twin.unwrap_or_else(|words| panic!("{}: {words}", job.name));
        for fault in chosen(counted.count, &mut numbers) {
            let (outcome, said, struck) = attempt(&job, &folder, fault);
            let context = format!("{}: {fault:?} {:?}", job.name, struck.struck);
            let told = said.unwrap_or_else(|| "done".to_owned());
            match outcome {
                Ok(outcome) if outcome == twin || job.by_the_clock => {}
                Ok(outcome) if job.in_parts && outcome.head == twin.head => {}
                Ok(outcome) => faults.push(format!("{context}: {told}: {outcome:?} instead of {twin:?}")),
                Err(words) => faults.push(format!("{context}: {words}")),
            }
            if let Some(kind) = struck.struck {
                *seen.entry((kind, told)).or_default() += 1;
            }
        }
    }
    for ((kind, told), count) in &seen {
        println!("{count:>6} {kind:?}: {told}");
    }
    println!("{} tried", seen.values().sum::<usize>());
    assert!(faults.is_empty(), "IO_ERRORS_SEED={seed}: {}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn an_io_error_leaves_nothing_half_done_and_can_be_repeated() {
    let test = "io_errors::an_io_error_leaves_nothing_half_done_and_can_be_repeated";
    let seed = seeds("IO_ERRORS", 1).start;
    let (_, words) = alone(test, |folder| try_all(folder, seed));
    println!("{words}");
}
