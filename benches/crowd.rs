//! Eight processes of the program on one queue, compared with one.
//!
//! Printed: how many conversations per second are picked and ended by one process and by eight,
//! each of which waits for every reply before it continues; their ratio; and the longest wait for a
//! reply.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use switchboard::testing::BatchEnd;
use switchboard::{Context, Creation, Moment, OpenOptions, Parameters, Switchboard};

/// The conversations that wait in each file.
const WAITING: i64 = 20_000;
/// How many of them the single process picks.
const ALONE: usize = 5_000;
const CROWD: usize = 8;

fn main() {
    let folder =
        tempfile::Builder::new().prefix("crowd").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("desk.db");
    filled(&path);
    let copy = folder.path().join("alone.db");
    std::fs::copy(&path, &copy).expect("a copy");
    let start = Instant::now();
    let (had, worst) = works(&copy, 1, ALONE);
    let alone = had as f64 / start.elapsed().as_secs_f64();
    println!("one process:     {alone:>8.0} conversations a second, the longest wait {:>6.1} ms", ms(worst));
    let start = Instant::now();
    let all: Vec<(usize, Duration)> = std::thread::scope(|scope| {
        let path = &path;
        let working: Vec<_> =
            (1..=CROWD).map(|number| scope.spawn(move || works(path, number, usize::MAX))).collect();
        working.into_iter().map(|agent| agent.join().expect("an agent")).collect()
    });
    let had: usize = all.iter().map(|(had, _)| had).sum();
    assert_eq!(had as i64, WAITING, "each was picked once");
    let crowd = had as f64 / start.elapsed().as_secs_f64();
    let worst = all.iter().map(|(_, worst)| *worst).max().unwrap_or_default();
    println!("eight processes: {crowd:>8.0} conversations a second, the longest wait {:>6.1} ms", ms(worst));
    println!("eight ÷ one      {:>8.2}", crowd / alone);
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Picks and ends conversations until none waits, or `most` times. Returns how many, and the
/// longest wait for a reply.
fn works(path: &Path, agent: usize, most: usize) -> (usize, Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["--as", "maria", "--accept-clock", "-f", "jsonl"])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let mut replies = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut worst = Duration::ZERO;
    let mut ask = |statement: String| {
        let start = Instant::now();
        let answer = writeln!(stdin, "{statement}").ok().and_then(|()| replies.next()?.ok());
        worst = worst.max(start.elapsed());
        answer
    };
    let mut had = 0;
    while had < most
        && let Some(picked) = ask(format!("PICK NEXT BY agent{agent};"))
    {
        let id = picked.split([':', ',']).nth(1).expect("a conversation").to_owned();
        ask(format!("END {id};")).expect("it is ended");
        had += 1;
    }
    drop(stdin);
    child.wait().expect("it ends");
    (had, worst)
}

fn filled(path: &Path) {
    let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
    let mut desk = Switchboard::open(path, &options).expect("a file");
    let context = Context::given(Moment(1_772_442_000_000), "maria");
    let mut run = |statement: &str| {
        desk.run(statement, &Parameters::new(), &context).expect(statement);
    };
    run("CREATE QUEUE front");
    for number in 1..=CROWD {
        run(&format!("CREATE AGENT agent{number} WITH (capacity = 1) IN front"));
    }
    run("CREATE WORKSTREAM forms WITH (channel = record, lifecycle = omnichannel, queue = front)");
    desk.begin_batch().expect("a batch");
    for number in 0..WAITING {
        let open = format!("OPEN ON forms FOR c{number}");
        desk.run(&open, &Parameters::new(), &context).expect("opened");
    }
    desk.end_batch(BatchEnd::Commit).expect("committed");
}
