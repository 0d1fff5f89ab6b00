//! What sharing the log costs: several hosts and a PostgreSQL server with two standbys, of which one
//! confirms each commit, all on this machine, in one run.
//!
//! Printed: statements per second with their median, 99th percentile and worst time, for a file that
//! stands alone, and for 1, 2, 4 and 8 hosts that write as fast as they can; the same for eight hosts at
//! ten statements a second; how fast a host catches up; a query when there is nothing new; and how long
//! it takes until a follower on another host shows what was written. It needs PostgreSQL's programs:
//!
//!     cargo bench --features shared --bench shared

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/shared/cluster.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod cluster;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use switchboard::{
    Context, Creation, Follow, OpenOptions, Parameters, SharedOptions, StaleQueries, Switchboard,
};

use cluster::Cluster;

/// How long hosts write in one measurement.
const TIME: Duration = Duration::from_secs(5);
/// The entries that a host catches up with.
const AWAY: usize = 10_000;

fn main() {
    if cluster::programs().is_none() {
        return;
    }
    let servers = replicated();
    let folder =
        tempfile::Builder::new().prefix("bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let database = servers[0].database();
    let log = format!("postgres://postgres@127.0.0.1:{}/{database}", servers[0].port);
    let shared = SharedOptions { log, stale: StaleQueries::Refused };
    let alone = folder.path().join("alone.db");
    setup(&alone);
    let files: Vec<PathBuf> = (0..8).map(|number| folder.path().join(format!("{number}.db"))).collect();
    setup(&files[0]);
    let options = OpenOptions::default();
    let context = Context::now("maria").expect("a context");
    Switchboard::create_desk(&files[0], &options, &shared, &context).expect("a desk");
    for file in &files[1..] {
        Switchboard::join_desk(file, &options, &shared, &context).expect("a replica");
    }
    println!("{:<42} {:>12} {:>8} {:>8} {:>8}", "", "statements/s", "p50 ms", "p99 ms", "worst");
    let opened = |file: &Path| Switchboard::open_shared(file, &options, &shared).expect("a replica");
    row("a file that stands alone", contending(vec![Switchboard::open(&alone, &options).expect("it")], None));
    for hosts in [1, 2, 4, 8] {
        let desks = files[..hosts].iter().map(|file| opened(file)).collect();
        let plural = if hosts == 1 { "host" } else { "hosts" };
        row(&format!("{hosts} {plural} as fast as they can"), contending(desks, None));
    }
    let desks = files.iter().map(|file| opened(file)).collect();
    row("8 hosts, 10 statements a second each", contending(desks, Some(Duration::from_millis(100))));
    catching_up(&files, &shared);
    looking(&alone, &files[0], &shared);
    following(&files, &shared);
}

/// Starts a primary with two standbys, with the syncs of a real server.
fn replicated() -> Vec<Cluster> {
    let primary = Cluster::start("fsync = on\nmax_connections = 100");
    let standbys = [primary.standby("s1"), primary.standby("s2")];
    primary.set("synchronous_standby_names", "ANY 1 (s1, s2)");
    let following = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'quorum'";
    while primary.sql("postgres", following).len() < 2 {
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut servers = vec![primary];
    servers.extend(standbys);
    servers
}

fn setup(file: &Path) {
    let options = OpenOptions { creation: Creation::IfMissing, ..OpenOptions::default() };
    let mut desk = Switchboard::open(file, &options).expect("a file");
    for statement in [
        "CREATE QUEUE billing",
        "CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = omnichannel, queue = billing)",
    ] {
        run(&mut desk, statement);
    }
    for number in 0..8 {
        run(
            &mut desk,
            &format!("CREATE AGENT a{number} WITH (presence = available, capacity = 1000000) IN billing"),
        );
    }
}

fn run(desk: &mut Switchboard, statement: &str) -> switchboard::Reply {
    let context = Context::now("maria").expect("a context");
    desk.run(statement, &Parameters::new(), &context)
        .unwrap_or_else(|failure| panic!("{statement}: {failure:?}"))
}

/// Lets hosts work through whole conversations, and returns how long each statement took.
fn contending(desks: Vec<Switchboard>, pace: Option<Duration>) -> (Vec<Duration>, Duration) {
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        let work = |mut desk: Switchboard, agent: usize| {
            let mut times = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let reply = timed(&mut times, pace, || {
                    run(&mut desk, &format!("OPEN ON chat FOR 'eve{agent}@example.com'"))
                });
                let id =
                    reply.value(0, "conversation").and_then(|id| id.as_integer()).expect("a conversation");
                for statement in [
                    format!("PICK {id} BY a{agent}"),
                    format!("MESSAGE {id} FROM AGENT a{agent} 'How can I help you?'"),
                    format!("END {id}"),
                ] {
                    timed(&mut times, pace, || run(&mut desk, &statement));
                }
            }
            times
        };
        let hosts: Vec<_> = desks
            .into_iter()
            .enumerate()
            .map(|(agent, desk)| {
                // Hosts with a pace do not all begin at the same instant.
                std::thread::sleep(Duration::from_millis(if pace.is_some() { 12 } else { 0 }));
                scope.spawn(move || work(desk, agent))
            })
            .collect();
        std::thread::sleep(TIME);
        stop.store(true, Ordering::Relaxed);
        times = hosts.into_iter().flat_map(|host| host.join().expect("a host")).collect();
    });
    (times, begun.elapsed())
}

fn timed<T>(times: &mut Vec<Duration>, pace: Option<Duration>, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    times.push(begun.elapsed());
    if let Some(left) = pace.and_then(|pace| pace.checked_sub(begun.elapsed())) {
        std::thread::sleep(left);
    }
    done
}

fn row(what: &str, (mut times, took): (Vec<Duration>, Duration)) {
    times.sort();
    let ms = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let rate = times.len() as f64 / took.as_secs_f64();
    println!("{what:<42} {rate:>12.0} {:>8.2} {:>8.1} {:>8.1}", ms(0.5), ms(0.99), ms(1.0));
}

fn catching_up(files: &[PathBuf], shared: &SharedOptions) {
    let options = OpenOptions::default();
    let mut writer = Switchboard::open_shared(&files[0], &options, shared).expect("a replica");
    run(&mut Switchboard::open_shared(&files[1], &options, shared).expect("a replica"), "SHOW HEAD");
    let context = Context::now("maria").expect("a context");
    let mut transaction = writer.transaction().expect("the gate");
    for number in 0..AWAY {
        let note = format!("NOTE 1 'note {number} about what was agreed'");
        transaction.run(&note, &Parameters::new(), &context).expect("a note");
    }
    transaction.commit().expect("committed");
    let begun = Instant::now();
    run(&mut Switchboard::open_shared(&files[1], &options, shared).expect("a replica"), "SHOW HEAD");
    println!(
        "a host catches up with {AWAY} notes: {:.0} entries/s",
        AWAY as f64 / begun.elapsed().as_secs_f64()
    );
    let begun = Instant::now();
    let joined = files[0].with_file_name("joined.db");
    let desk = Switchboard::join_desk(&joined, &options, shared, &context).expect("a replica");
    let rate = desk.entries as f64 / begun.elapsed().as_secs_f64();
    println!("a new host joins with {} entries of every kind: {rate:.0} entries/s", desk.entries);
}

fn looking(alone: &Path, file: &Path, shared: &SharedOptions) {
    let options = OpenOptions::default();
    let mut desks = [
        Switchboard::open(alone, &options).expect("a file"),
        Switchboard::open_shared(file, &options, shared).expect("a replica"),
    ];
    let [own, replica] = desks.each_mut().map(|desk| {
        run(desk, "SHOW HEAD");
        let mut times = Vec::new();
        for _ in 0..2_000 {
            timed(&mut times, None, || run(desk, "SHOW HEAD"));
        }
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e3
    });
    println!("a query with nothing new: {replica:.2} ms; in a file that stands alone: {own:.2} ms");
}

fn following(files: &[PathBuf], shared: &SharedOptions) {
    let options = OpenOptions::default();
    let mut writer = Switchboard::open_shared(&files[0], &options, shared).expect("a replica");
    let mut follower = Switchboard::open_shared(&files[1], &options, shared).expect("a replica");
    let mut follow = run(&mut follower, "FOLLOW ALL").follow.expect("it follows");
    let mut times = Vec::new();
    for number in 0..200 {
        follow = seen(&mut follower, follow);
        let version = follower.version().expect("a version");
        run(&mut writer, &format!("NOTE 1 'news {number}'"));
        let begun = Instant::now();
        while follower.version().expect("a version") == version {}
        follow = seen(&mut follower, follow);
        times.push(begun.elapsed());
    }
    times.sort();
    let ms = |place: usize| times[place].as_secs_f64() * 1e3;
    println!("shown on another host after: median {:.1} ms, 99 % {:.1} ms", ms(99), ms(197));
}

fn seen(follower: &mut Switchboard, mut follow: Follow) -> Follow {
    loop {
        let reply = follower.follow(&follow).expect("rows");
        follow = reply.follow.expect("more");
        if !follow.more {
            return follow;
        }
    }
}
