//! Writers whose history is checked afterwards: what was answered is there once, what was refused is not
//! there, and of what is not known there is at most one.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use switchboard::{Code, Switchboard};

use crate::host::{Host, run};

/// What a writer was told about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was done.
    Done,
    /// It was not done.
    Refused,
    /// Nothing, or that it is not known.
    Nothing,
}

/// The words that a writer has written, with what it was told about each.
pub type History = Vec<(String, Told)>;

/// Writes notes to conversation 1 until it is told to stop.
pub fn write(host: &Host, name: &str, stop: &AtomicBool) -> History {
    let mut history = History::new();
    let mut desk: Option<Switchboard> = None;
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let words = format!("{name}-{number}");
        let open = desk.get_or_insert_with(|| host.open());
        let told = match run(open, &format!("NOTE 1 '{words}'")) {
            Ok(_) => Told::Done,
            Err(failure) if failure.code() == Code::Unknown => Told::Nothing,
            Err(failure) => {
                let known = matches!(failure.code(), Code::Busy);
                assert!(known, "{words}: {failure:?}");
                std::thread::sleep(Duration::from_millis(20));
                Told::Refused
            }
        };
        history.push((words, told));
    }
    history
}

/// A program that writes notes and can be killed.
pub struct Killable {
    host: Host,
    name: String,
    number: usize,
    running: Option<Child>,
    pub history: History,
}

impl Killable {
    pub fn new(host: Host, name: &str) -> Killable {
        Killable { host, name: name.to_owned(), number: 0, running: None, history: History::new() }
    }

    /// Writes until the program is killed, which another thread does after a while.
    pub fn write_for(&mut self, time: Duration) {
        let mut command = self.host.command();
        command.args(["-f", "jsonl"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = self.running.insert(command.spawn().expect("the program"));
        let mut input = child.stdin.take().expect("its input");
        let mut output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let pid = child.id().to_string();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(time);
            std::process::Command::new("/bin/kill").args(["-9", &pid]).status().expect("kill");
        });
        loop {
            let words = format!("{}-{}", self.name, self.number);
            self.number += 1;
            if input.write_all(format!("NOTE 1 '{words}';\n").as_bytes()).is_err() {
                break;
            }
            let answered = output.next().is_some_and(|line| line.is_ok_and(|line| line.ends_with('}')));
            self.history.push((words, if answered { Told::Done } else { Told::Nothing }));
            if !answered {
                break;
            }
        }
        killer.join().expect("killed");
        if let Some(mut child) = self.running.take() {
            let _ = child.wait();
        }
    }
}

/// Checks histories against what a host has.
pub fn check(host: &Host, histories: &[History]) -> (usize, usize, usize) {
    host.done(&["SHOW HEAD"]);
    let file = rusqlite::Connection::open(&host.file).expect("the file");
    let sql = "SELECT body, count(*) FROM message JOIN text ON text.id = message.text GROUP BY body";
    let mut notes = file.prepare(sql).expect(sql);
    let notes = notes.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect(sql);
    let notes: BTreeMap<String, i64> = notes.collect::<rusqlite::Result<_>>().expect(sql);
    let (mut done, mut refused, mut unknown) = (0, 0, 0);
    for (words, told) in histories.iter().flatten() {
        let times = notes.get(words).copied().unwrap_or(0);
        match told {
            Told::Done => {
                assert_eq!(times, 1, "{words} was answered");
                done += 1;
            }
            Told::Refused => {
                assert_eq!(times, 0, "{words} was refused");
                refused += 1;
            }
            Told::Nothing => {
                assert!(times <= 1, "{words} is there {times} times");
                unknown += 1;
            }
        }
    }
    println!("{done} done, {refused} refused, {unknown} not known");
    (done, refused, unknown)
}
