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

/// How many random days there are: what `SHARED_DAYS` says, or a number that keeps the tests short.
fn days() -> u64 {
    std::env::var("SHARED_DAYS").ok().and_then(|words| words.parse().ok()).unwrap_or(3)
}

/// Random numbers that follow from a seed alone.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// Creates a workstream of each lifecycle, with agents.
const FOUR_LIFECYCLES: &str = "@ 2026-03-02T08:00:00Z maria
CREATE QUEUE front; CREATE QUEUE back;
CREATE AGENT anna WITH (presence = available, capacity = 5) IN front;
CREATE AGENT ben WITH (presence = available, capacity = 3) IN front;
CREATE AGENT cleo WITH (presence = available, capacity = 9) IN back;
CREATE WORKSTREAM w0 WITH (channel = chat, lifecycle = omnichannel, queue = front);
CREATE WORKSTREAM w1 WITH (channel = sms, lifecycle = dispatch, queue = front, mode = push, bot = on);
CREATE WORKSTREAM w2 WITH (channel = chat, lifecycle = topic, queue = back, offers = on, mode = push, wrapup = on);
CREATE WORKSTREAM w3 WITH (channel = social, lifecycle = unified, queue = back);
";

/// A statement that is possible now: an opening, a message, time that passes, or an action of a conversation.
fn chosen(random: &mut Random, desk: &mut Switchboard, context: &Context, opened: usize) -> String {
    match random.below(6) {
        0 => format!("OPEN ON w{} FOR 'c{}@example.com'", random.below(4), random.below(9)),
        1 if opened > 0 => {
            format!("MESSAGE {} FROM CUSTOMER 'hello {}'", 1 + random.below(opened), random.below(99))
        }
        2 => "SWEEP TIMEOUTS".to_owned(),
        3 if random.below(20) == 0 => "PURGE CLOSED BEFORE '2026-03-02T09:00:00Z'".to_owned(),
        _ if opened == 0 => "SHOW HEAD".to_owned(),
        _ => {
            let actions = format!("SHOW ACTIONS {}", 1 + random.below(opened));
            let actions = desk.run(&actions, &Parameters::new(), context);
            let actions: Vec<String> = actions.map_or_else(
                |_| Vec::new(),
                |reply| reply.iter().filter_map(|row| row.get("statement").ok()).collect(),
            );
            if actions.is_empty() {
                "SHOW HEAD".to_owned()
            } else {
                actions[random.below(actions.len())].clone()
            }
        }
    }
}

#[test]
fn a_random_day_of_all_lifecycles_on_three_hosts_is_the_same_on_all() {
    needs_postgresql!();
    for seed in 0..days() {
        println!("SHARED_DAYS: seed {seed}");
        let (desk, first) = Desk::after(common(), FOUR_LIFECYCLES);
        let hosts = [first, desk.host("b"), desk.host("c")];
        let mut desks = hosts.each_ref().map(Host::open);
        let (mut random, mut opened, mut done) = (Random(seed), 0, 0);
        // 2026-03-02T08:30:00Z
        let mut now = Moment(1_772_440_200_000);
        for step in 0..400 {
            now = Moment(now.0 + [200, 5_000, 60_000, 600_000][random.below(4)]);
            let context = Context { seed: [(step % 251) as u8; 32], ..Context::given(now, "maria") };
            let desk = &mut desks[random.below(3)];
            let statement = chosen(&mut random, desk, &context, opened);
            if let Ok(reply) = desk.run(&statement, &Parameters::new(), &context) {
                done += usize::from(reply.changed);
                opened += usize::from(reply.changed && statement.starts_with("OPEN"));
            }
        }
        drop(desks);
        assert!(done > 100 && opened > 20, "{done} done, {opened} opened");
        let last = desk.host("d");
        let all: Vec<&Host> = hosts.iter().chain([&last]).collect();
        assert_equal(&all);
    }
}

#[test]
fn the_real_day_is_the_same_on_a_host_that_joins_later() {
    needs_postgresql!();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/bank_day.script");
    let Ok(script) = fs::read_to_string(script) else {
        println!("bank_day.script is not at hand: nothing was compared");
        return;
    };
    let (desk, first) = Desk::after(common(), &script);
    let second = desk.host("b");
    let entries = second.done(&["SELECT count(*) AS entries FROM journal"]);
    let entries: i64 = entries.lines().nth(1).and_then(|count| count.parse().ok()).expect("a number");
    assert!(entries > 8_000, "{entries}");
    assert_equal(&[&first, &second]);
}
