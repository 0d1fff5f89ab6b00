//! Programs, sessions and servers that fail while hosts write: nothing that was answered is lost, nothing
//! is there twice, and all replicas are equal afterwards. `KILLS`, `CUTS` set how often.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use switchboard::Code;

use crate::cluster::{Cluster, common};
use crate::history::{History, Killable, Told, check, write};
use crate::host::{Desk, Host, assert_equal, run};
use crate::needs_postgresql;

const SETUP: &str = "@ 2026-03-02T09:00:00Z maria
CREATE QUEUE billing; CREATE AGENT anna WITH (presence = available) IN billing;
CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = omnichannel, queue = billing);
OPEN ON chat FOR 'eve@example.com';
";

/// How often something is done: what a variable says, or a number that keeps the tests short.
fn times(variable: &str, usually: u64) -> u64 {
    std::env::var(variable).ok().and_then(|words| words.parse().ok()).unwrap_or(usually)
}

/// A pause that differs from turn to turn, the same in every run.
fn pause(turn: u64, least: u64, most: u64) -> Duration {
    Duration::from_millis(least + turn.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) % (most - least))
}

/// Lets four hosts write while something happens, and returns what each was told.
fn writing(hosts: &[Host; 4], meanwhile: impl FnOnce()) -> Vec<History> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = hosts
            .iter()
            .zip(["a", "b", "c", "d"])
            .map(|(host, name)| scope.spawn(|| write(host, name, &stop)))
            .collect();
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().expect("a history")).collect()
    })
}

#[test]
fn what_was_answered_survives_the_kill_of_its_program() {
    needs_postgresql!();
    let kills = times("KILLS", 24);
    let (desk, first) = Desk::after(common(), SETUP);
    let hosts = [first, desk.host("b"), desk.host("c"), desk.host("d")];
    let mut writers: Vec<Killable> = hosts
        .iter()
        .zip(["a", "b", "c", "d"])
        .map(|(host, name)| Killable::new(host.clone(), name))
        .collect();
    std::thread::scope(|scope| {
        for (place, writer) in writers.iter_mut().enumerate() {
            scope.spawn(move || {
                for turn in 0..kills / 4 {
                    writer.write_for(pause(turn * 4 + place as u64, 60, 400));
                }
            });
        }
    });
    let histories: Vec<_> = writers.into_iter().map(|writer| writer.history).collect();
    let (done, ..) = check(&hosts[1], &histories);
    assert!(done > 0);
    assert_equal(&hosts.iter().collect::<Vec<_>>());
}

#[test]
fn what_was_answered_survives_the_end_of_its_session() {
    needs_postgresql!();
    let cuts = times("CUTS", 20);
    let (desk, first) = Desk::after(common(), SETUP);
    let hosts = [first, desk.host("b"), desk.host("c"), desk.host("d")];
    let histories = writing(&hosts, || {
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'switchboard'
                AND (query LIKE 'COMMIT%' OR random() < 0.3)",
            desk.database
        );
        for turn in 0..cuts {
            std::thread::sleep(pause(turn, 20, 120));
            desk.server.sql("postgres", &cut);
        }
    });
    let (done, _, unknown) = check(&hosts[2], &histories);
    assert!(done > 0 && unknown == 0, "the log could be asked every time");
    assert_equal(&hosts.iter().collect::<Vec<_>>());
}

/// A primary with two standbys, of which one has to confirm each commit.
struct Replicated {
    servers: Vec<Cluster>,
}

impl Replicated {
    fn start() -> Replicated {
        let primary = Cluster::start("");
        let standbys = [primary.standby("s1"), primary.standby("s2")];
        primary.set("synchronous_standby_names", "ANY 1 (s1, s2)");
        let until = Instant::now() + Duration::from_secs(30);
        while primary.sql("postgres", "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'quorum'").len()
            < 2
        {
            assert!(Instant::now() < until, "the standbys do not follow");
            std::thread::sleep(Duration::from_millis(50));
        }
        let [one, two] = standbys;
        Replicated { servers: vec![primary, one, two] }
    }

    /// The address of a role on all servers, in this order.
    fn address(&self, role: &str, database: &str, order: &[usize]) -> String {
        let servers: Vec<String> =
            order.iter().map(|place| format!("127.0.0.1:{}", self.servers[*place].port)).collect();
        format!("postgres://{role}@{}/{database}", servers.join(","))
    }

    /// Kills a primary, and promotes the standby that has most of its log; the other one follows it.
    fn fail_over(&mut self, from: usize, to: [usize; 2]) -> usize {
        self.servers[from].kill();
        let received = |place: usize| {
            let sql = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint::text";
            self.servers[place].sql("postgres", sql)[0].parse::<i64>().expect("a place in the log")
        };
        let (next, other) = if received(to[0]) >= received(to[1]) { (to[0], to[1]) } else { (to[1], to[0]) };
        self.servers[next].set("synchronous_standby_names", "ANY 1 (s1, s2)");
        let address = format!(
            "host=127.0.0.1 port={} user=postgres application_name=s{other}",
            self.servers[next].port
        );
        self.servers[other].set("primary_conninfo", &address);
        self.servers[next].promote();
        next
    }
}

#[test]
fn what_was_answered_survives_two_failovers_and_an_old_primary() {
    needs_postgresql!();
    let mut cluster = Replicated::start();
    let (database, folder, first) = {
        let (desk, first) = Desk::after(&cluster.servers[0], SETUP);
        (desk.database.clone(), desk.folder, first)
    };
    let host = |name: &str| Host {
        file: folder.path().join(format!("{name}.db")),
        log: cluster.address("postgres", &database, &[0, 1, 2]),
    };
    let hosts = [host("a"), host("b"), host("c"), host("d")];
    assert_eq!(first.file, hosts[0].file);
    for host in &hosts[1..] {
        host.done(&[".desk join"]);
    }
    let mut last = 0;
    let histories = writing(&hosts, || {
        std::thread::sleep(Duration::from_millis(800));
        let next = cluster.fail_over(0, [1, 2]);
        std::thread::sleep(Duration::from_millis(3_000));
        let other = 3 - next;
        cluster.servers[next].kill();
        cluster.servers[other].set("synchronous_standby_names", "");
        cluster.servers[other].promote();
        std::thread::sleep(Duration::from_millis(3_000));
        last = other;
    });
    // Both old primaries come back, before the present one in the list.
    cluster.servers[0].set_before_start("synchronous_standby_names", "");
    cluster.servers[0].run();
    let (done, ..) = check(&hosts[3], &histories);
    assert!(done > 0);
    // Every host goes on to the end.
    for history in &histories {
        assert!(history.iter().rev().take(20).any(|(_, told)| *told == Told::Done), "a host stopped writing");
    }
    assert_equal(&hosts.iter().collect::<Vec<_>>());
    let old = Host { log: cluster.address("postgres", &database, &[0]), ..hosts[0].clone() };
    let said = old.refused(&["SHOW QUEUES"], 4);
    assert!(said.contains("the server is an old primary, on timeline 1, and 3 was seen"), "{said}");
    assert!(cluster.servers[last].sql("postgres", "SELECT 1") == ["1"]);
}

#[test]
fn without_a_standby_a_statement_ends_and_says_that_it_is_not_known() {
    needs_postgresql!();
    let mut cluster = Replicated::start();
    let (_folder, host) = {
        let (desk, host) = Desk::after(&cluster.servers[0], SETUP);
        (desk.folder, host)
    };
    host.done(&["NOTE 1 'before'"]);
    cluster.servers[1].stop();
    cluster.servers[2].stop();
    // A signal ends the program although the server does not answer.
    let child = host.command().args(["--atomic", "NOTE 1 'signalled'"]).spawn().expect("the program");
    std::thread::sleep(Duration::from_secs(2));
    let begun = Instant::now();
    std::process::Command::new("/bin/kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    let output = child.wait_with_output().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(5), "it ended after {:?}", begun.elapsed());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[unknown]: the shared log did not answer: whether it has entry"), "{said}");
    assert!(said.contains("; whether they were done is not known"), "{said}");
    // Queries go on, and say it.
    let output = host.run(&["SHOW HEAD"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("is still not known"), "{said}");
    cluster.servers[1].run();
    let output = host.run(&["NOTE 1 'after'"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(", of which it was not known, is in the shared log"), "{said}");
    let notes = host.done(&["SELECT body FROM messages WHERE kind = 'note'"]);
    assert_eq!(notes.lines().skip(1).collect::<Vec<_>>(), ["before", "signalled", "after"]);
}

#[test]
fn what_was_answered_survives_a_time_without_standbys() {
    needs_postgresql!();
    let mut cluster = Replicated::start();
    let (_folder, first, hosts) = {
        let (desk, first) = Desk::after(&cluster.servers[0], SETUP);
        let hosts = [first.clone(), desk.host("b"), desk.host("c"), desk.host("d")];
        (desk.folder, first, hosts)
    };
    let histories = writing(&hosts, || {
        std::thread::sleep(Duration::from_millis(500));
        cluster.servers[1].stop();
        cluster.servers[2].stop();
        std::thread::sleep(Duration::from_secs(times("WITHOUT_STANDBYS", 2)));
        cluster.servers[1].run();
        std::thread::sleep(Duration::from_millis(1_500));
    });
    let (done, ..) = check(&first, &histories);
    assert!(done > 0);
    assert_equal(&hosts.iter().collect::<Vec<_>>());
}

#[test]
fn a_commit_that_an_administrator_cancels_is_asked_for() {
    needs_postgresql!();
    let mut cluster = Replicated::start();
    let (_folder, host) = {
        let (desk, host) = Desk::after(&cluster.servers[0], SETUP);
        (desk.folder, host)
    };
    cluster.servers[1].stop();
    cluster.servers[2].stop();
    let child = host.command().arg("NOTE 1 'cancelled'").spawn().expect("the program");
    // The server then reports success, with a warning that no standby has it.
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    let until = Instant::now() + Duration::from_secs(20);
    while cluster.servers[0].sql("postgres", cancel).is_empty() {
        assert!(Instant::now() < until, "it does not wait for a standby");
        std::thread::sleep(Duration::from_millis(50));
    }
    cluster.servers[1].run();
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let notes = host.done(&["SELECT body FROM messages WHERE kind = 'note'"]);
    assert_eq!(notes.lines().skip(1).collect::<Vec<_>>(), ["cancelled"]);
}

#[test]
fn a_host_that_stalls_behind_the_gate_loses_it() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let mut stalled = first.open();
    let mut transaction = stalled.transaction().expect("the gate");
    let context = switchboard::Context::now("maria").expect("a context");
    transaction.run("NOTE 1 'stalled'", &switchboard::Parameters::new(), &context).expect("a note");
    let begun = Instant::now();
    let mut desk_of_second = second.open();
    run(&mut desk_of_second, "NOTE 1 'second'").expect("the gate");
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(2) && waited < Duration::from_secs(20), "{waited:?}");
    let failure = transaction.commit().expect_err("it has lost the gate");
    assert_eq!(failure.code(), Code::Busy, "{failure:?}");
    drop((stalled, desk_of_second));
    assert_equal(&[&first, &second]);
}

#[test]
fn a_program_that_is_stopped_behind_the_gate_loses_it() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let mut command = second.command();
    command.arg("--atomic").stdin(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(b"NOTE 1 'stopped';\n").expect("written");
    let holds = format!(
        "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted
            AND usename = '{}_b' AND state = 'idle in transaction'",
        desk.database
    );
    let until = Instant::now() + Duration::from_secs(20);
    while desk.server.sql("postgres", &holds).is_empty() {
        assert!(Instant::now() < until, "it does not take the gate");
        std::thread::sleep(Duration::from_millis(20));
    }
    let signal = |name: &str| {
        std::process::Command::new("/bin/kill").args([name, &child.id().to_string()]).status().expect("kill")
    };
    signal("-STOP");
    let begun = Instant::now();
    first.done(&["NOTE 1 'first'"]);
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(2) && waited < Duration::from_secs(20), "{waited:?}");
    signal("-CONT");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("error[busy]") && said.contains("rolled back, nothing was changed"), "{said}");
    let notes = first.done(&["SELECT body FROM messages WHERE kind = 'note'"]);
    assert_eq!(notes.lines().skip(1).collect::<Vec<_>>(), ["first"]);
    assert_equal(&[&first, &second]);
}

#[test]
fn a_replica_on_a_full_disk_does_not_undo_what_is_in_the_log() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let size = std::fs::metadata(&second.file).expect("the file").len() / 512 + 40;
    let mut command = std::process::Command::new("/bin/sh");
    let words = "a".repeat(4_000);
    let statements: String = (0..40).map(|number| format!("NOTE 1 'n{number} {words}';\n")).collect();
    command
        .arg("-c")
        .arg(format!("ulimit -f {size}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_switchboard"));
    command.arg(&second.file).args(["--log", &second.log, "--as", "maria", "--keep-going"]);
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program");
    crate::cluster::feed(&mut child, &statements);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("error[disk_full]"), "{said}");
    let shown = String::from_utf8_lossy(&output.stdout);
    let done = shown.lines().filter(|line| line.starts_with(char::is_numeric)).count();
    let notes = first.done(&["SELECT count(*) AS notes FROM messages WHERE kind = 'note'"]);
    assert_eq!(notes.lines().nth(1), Some(done.to_string().as_str()), "{shown}\n{said}");
    assert_equal(&[&first, &second]);
}

#[test]
fn a_host_that_was_away_catches_up_in_parts() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let away = times("AWAY", 2_500);
    let statements: String = (0..away).map(|number| format!("NOTE 1 'n{number}';\n")).collect();
    let mut command = first.command();
    command.args(["--atomic", "--quiet"]).stdin(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program");
    crate::cluster::feed(&mut child, &statements);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    second.done(&["NOTE 1 'back'"]);
    assert_equal(&[&first, &second]);
}
