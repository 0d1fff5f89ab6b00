//! What hosts of one desk see of each other.

use crate::cluster::common;
use crate::host::{Desk, assert_equal, run};
use crate::needs_postgresql;

const SETUP: &str = "@ 2026-03-02T09:00:00Z maria
CREATE QUEUE billing; CREATE AGENT anna WITH (presence = available) IN billing;
CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = omnichannel, queue = billing);
";

#[test]
fn what_one_host_does_the_others_see_at_once() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    first.done(&["OPEN ON chat FOR 'eve@example.com'"]);
    second.done(&["PICK NEXT BY anna"]);
    let shown = first.done(&["SHOW CONVERSATION 1"]);
    assert!(shown.contains("Active"), "{shown}");
    first.done(&["END 1"]);
    assert!(second.refused(&["END 1"], 1).contains("no_edge"));
    assert_equal(&[&first, &second]);
}

#[test]
fn a_key_is_used_once_on_all_hosts() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let open = "OPEN ON chat FOR 'eve@example.com' KEY 'mail-7'";
    first.done(&[open]);
    second.done(&[open]);
    let count = second.done(&["SELECT count(*) AS n FROM conversations"]);
    assert_eq!(count.lines().nth(1), Some("1"), "{count}");
}

#[test]
fn statements_in_one_transaction_are_one_on_every_host() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    first.done(&["--atomic", "CREATE QUEUE one", "CREATE QUEUE two"]);
    first.refused(&["--atomic", "CREATE QUEUE three", "CREATE QUEUE two"], 1);
    let queues = second.done(&["SHOW QUEUES"]);
    assert!(queues.contains("two") && !queues.contains("three"), "{queues}");
    let mut desk = first.open();
    let transaction = desk.transaction().expect("the gate");
    transaction.rollback().expect("left");
    second.done(&["CREATE QUEUE four"]);
    assert_equal(&[&first, &second]);
}

#[test]
fn timers_fire_once_whoever_sweeps() {
    needs_postgresql!();
    let (desk, first) = Desk::after(
        common(),
        &format!(
            "{SETUP}OPEN ON chat FOR 'eve@example.com'; OPEN ON chat FOR 'bob@example.com'; DISCONNECT 1; DISCONNECT 2;"
        ),
    );
    let hosts = [first, desk.host("b"), desk.host("c"), desk.host("d")];
    let mut sweeps: Vec<_> = hosts
        .iter()
        .map(|host| host.command().args(["--accept-clock", "SWEEP TIMEOUTS"]).spawn().expect("the program"))
        .collect();
    for sweep in &mut sweeps {
        assert!(sweep.wait().expect("it ends").success());
    }
    let fired = hosts[1].done(&["SELECT count(*) AS n FROM transitions WHERE event = 'customer_timeout'"]);
    assert_eq!(fired.lines().nth(1), Some("2"), "{fired}");
    assert_equal(&hosts.iter().collect::<Vec<_>>());
}

#[test]
fn the_clock_is_that_of_the_log() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), "CREATE QUEUE billing;");
    let second = desk.host("b");
    // A host whose own clock is ten minutes fast.
    let fast = || switchboard::Moment(1_000 * (60 * 10) + now());
    let mut file = second.open();
    let context = switchboard::Context::live(fast, "maria", [7; 32]);
    file.run("CREATE QUEUE late", &switchboard::Parameters::new(), &context).expect("done");
    let mut other = first.open();
    let reply = run(&mut other, "SHOW HEAD").expect("a head");
    let at: switchboard::Moment = reply.first().expect("a row").get("at").expect("a timestamp");
    let apart = at.0 - now();
    assert!(apart.abs() < 60_000, "{apart} ms");
}

fn now() -> i64 {
    let passed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(passed.as_millis()).expect("a time")
}

#[test]
fn two_programs_can_work_on_one_replica() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let (mut one, mut two, mut far) = (second.open(), second.open(), first.open());
    for number in 0..10 {
        run(&mut far, &format!("CREATE QUEUE far{number}")).expect("done");
        run(&mut one, &format!("CREATE QUEUE one{number}")).expect("done");
        run(&mut two, &format!("CREATE QUEUE two{number}")).expect("done");
        let heads = [&mut one, &mut two, &mut far].map(|desk| {
            run(desk, "SHOW HEAD")
                .expect("a head")
                .value(0, "head")
                .and_then(|head| head.as_text().map(str::to_owned))
        });
        assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
    }
    assert_equal(&[&first, &second]);
}

#[test]
fn a_follower_hears_of_what_other_hosts_do() {
    needs_postgresql!();
    let (desk, first) = Desk::after(common(), SETUP);
    let second = desk.host("b");
    let (mut follower, mut writer) = (second.open(), first.open());
    let begun = run(&mut follower, "FOLLOW ALL").expect("it follows");
    let mut follow = begun.follow.expect("more");
    follow = follower.follow(&follow).expect("nothing").follow.expect("more");
    let version = follower.version().expect("a version");
    run(&mut writer, "OPEN ON chat FOR 'eve@example.com'").expect("done");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while follower.version().expect("a version") == version {
        assert!(std::time::Instant::now() < until, "it hears nothing");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let heard = follower.follow(&follow).expect("rows");
    assert!(!heard.rows.is_empty());
}
