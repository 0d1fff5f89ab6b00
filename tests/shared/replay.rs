//! Replicas are the file: whatever happened in it, every row of every table is there again.

use std::fs;
use std::path::{Path, PathBuf};

use switchboard::{Context, Moment, OpenOptions, Parameters, SharedOptions, StaleQueries, Switchboard};

use crate::cluster::common;
use crate::host::{Desk, Host, assert_equal, run};
use crate::needs_postgresql;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The input of a script, without the output that is expected, and without FOLLOW, which does not end.
fn input(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a script");
    text.lines()
        .filter(|line| !line.starts_with("--|") && !line.starts_with("FOLLOW"))
        .fold(String::new(), |all, line| all + line + "\n")
}

fn day() -> String {
    input(&fixtures().join("day.script"))
}

#[test]
fn the_day_is_the_same_on_a_host_that_joins_later() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), &day());
    let second = desk.host("b");
    assert_equal(&[&first, &second]);
}

#[test]
fn every_script_is_the_same_on_a_host_that_joins_later() {
    needs_postgresql!();
    let mut scripts: Vec<PathBuf> = fs::read_dir(fixtures().join("scripts"))
        .expect("the scripts")
        .map(|entry| entry.expect("a script").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "script"))
        .collect();
    scripts.sort();
    assert!(scripts.len() > 50, "{}", scripts.len());
    for script in scripts {
        println!("{}", script.display());
        let desk = Desk::new(common());
        let first = Host { file: desk.folder.path().join("a.db"), log: desk.address("postgres") };
        Host { log: String::new(), ..first.clone() }.script(&input(&script));
        if !first.file.exists() {
            continue;
        }
        create(&first);
        let second = desk.host("b");
        assert_equal(&[&first, &second]);
    }
}

/// Puts the journal of a file into the log, whoever its supervisors are.
fn create(host: &Host) {
    let shared = SharedOptions { log: host.log.clone(), stale: StaleQueries::Refused };
    let context = Context::now("maria").expect("a context");
    Switchboard::create_desk(&host.file, &OpenOptions::default(), &shared, &context).expect("a desk");
}

#[test]
fn files_of_every_format_are_the_same_on_a_host_that_joins_later() {
    needs_postgresql!();
    for format in 1..=4 {
        let desk = Desk::new(common());
        let first = Host { file: desk.folder.path().join("a.db"), log: desk.address("postgres") };
        let database = fixtures().join(format!("databases/format-{format}.db"));
        fs::copy(database, &first.file).expect("a copy");
        create(&first);
        let second = desk.host("b");
        assert_equal(&[&first, &second]);
        let context = Context::given(Moment(1_900_000_000_000), "maria");
        second.open().run("CREATE QUEUE afterwards", &Parameters::new(), &context).expect("done");
        assert_equal(&[&first, &second]);
    }
}

#[test]
fn a_host_that_follows_has_the_same_at_every_moment() {
    needs_postgresql!();
    let desk = Desk::new(common());
    let first = Host { file: desk.folder.path().join("a.db"), log: desk.address("postgres") };
    let begin = "@ 2026-03-02T05:00:00Z maria\nCREATE QUEUE begin;\n";
    Host { log: String::new(), ..first.clone() }.script(begin);
    first.done(&[".desk create"]);
    let (second, third) = (desk.host("b"), desk.host("c"));
    let mut follower = third.open();
    let text = day();
    // The day in parts, each on another host; the third one looks after each of them.
    let parts: Vec<&str> = text.split_inclusive("\n@ ").collect();
    let mut rest = String::new();
    for (number, part) in parts.into_iter().enumerate() {
        rest.push_str(part);
        let Some(whole) = rest.strip_suffix("@ ") else { continue };
        let host = if number % 2 == 0 { &first } else { &second };
        host.script(whole);
        run(&mut follower, "SHOW HEAD").expect("it looks");
        rest = "@ ".to_owned();
    }
    second.script(&rest);
    drop(follower);
    assert_equal(&[&first, &second, &third]);
    let entries = first.done(&["SELECT count(*) AS entries FROM journal"]);
    let entries: i64 = entries.lines().nth(1).and_then(|count| count.parse().ok()).expect("a number");
    assert!(entries > 130, "{entries}");
}
