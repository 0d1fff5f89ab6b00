//! A network that fails between a host and the server: the host is in a network namespace of its own, whose
//! link is cut while it commits. It needs root and the program `ip`; without them the test is left out,
//! which it says.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::cluster::Cluster;
use crate::history::{History, Told, check};
use crate::host::{Desk, Host, assert_equal};
use crate::needs_postgresql;

/// A namespace with a link to this one; it goes with the value.
struct Namespace {
    name: String,
    link: String,
    number: u32,
}

fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split_whitespace()).output();
    done.is_ok_and(|output| output.status.success())
}

impl Namespace {
    /// Returns a namespace; `None` if this user or machine cannot have one.
    fn new() -> Option<Namespace> {
        let number = std::process::id() % 250;
        let (name, link) = (format!("desk{number}"), format!("desk{number}"));
        if !ip(&format!("netns add {name}")) {
            return None;
        }
        let namespace = Namespace { name, link, number };
        let Namespace { name, link, .. } = &namespace;
        let made = ip(&format!("link add {link} type veth peer name eth0 netns {name}"))
            && ip(&format!("addr add 10.77.{number}.1/30 dev {link}"))
            && ip(&format!("link set {link} up"))
            && ip(&format!("-n {name} addr add 10.77.{number}.2/30 dev eth0"))
            && ip(&format!("-n {name} link set eth0 up"));
        made.then_some(namespace)
    }

    fn cut(&self) {
        assert!(ip(&format!("link set {} down", self.link)));
    }

    fn mend(&self) {
        assert!(ip(&format!("link set {} up", self.link)));
    }

    /// Runs the program in the namespace, and returns what it was told.
    fn note(&self, host: &Host, words: &str) -> Told {
        let inner = host.command();
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(inner.get_program()).args(inner.get_args());
        command.arg(format!("NOTE 1 '{words}'")).env("SWITCHBOARD_AS", "maria");
        let output = command.output().expect("the program");
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Told::Done,
            Some(4) if said.contains("error[unknown]") => Told::Nothing,
            Some(4) if said.contains("error[busy]") => Told::Refused,
            other => panic!("{words}: {other:?} {said}"),
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&format!("link delete {}", self.link));
        ip(&format!("netns delete {}", self.name));
    }
}

#[test]
fn what_was_answered_survives_a_network_that_is_cut() {
    needs_postgresql!();
    let Some(network) = Namespace::new() else {
        println!("left out: network namespaces need root and the program ip");
        return;
    };
    let mut server = Cluster::start("listen_addresses = '*'");
    server.stop();
    let rules = b"local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all 10.77.0.0/16 trust\n";
    server.place("pg_hba.conf", rules, 0o600);
    server.run();
    let setup = "CREATE QUEUE billing; CREATE AGENT anna WITH (presence = available) IN billing;
CREATE WORKSTREAM chat WITH (channel = chat, lifecycle = omnichannel, queue = billing);
OPEN ON chat FOR 'eve@example.com';";
    let (desk, first) = Desk::after(&server, setup);
    let near = desk.host("b");
    let address = near.log.replace("127.0.0.1", &format!("10.77.{}.1", network.number));
    let far = Host { log: format!("{address}?sslmode=disable"), ..near.clone() };
    let stop = AtomicBool::new(false);
    let history = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut history = History::new();
            for number in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let words = format!("far-{number}");
                let told = network.note(&far, &words);
                history.push((words, told));
            }
            history
        });
        // A cut shorter than the deadline of a COMMIT, and one that is longer.
        for seconds in [2, 13] {
            std::thread::sleep(Duration::from_millis(700));
            network.cut();
            std::thread::sleep(Duration::from_secs(seconds));
            first.done(&["NOTE 1 'meanwhile'"]);
            network.mend();
        }
        std::thread::sleep(Duration::from_millis(700));
        stop.store(true, Ordering::Relaxed);
        writer.join().expect("a history")
    });
    let (done, ..) = check(&first, &[history]);
    assert!(done > 0);
    assert_equal(&[&first, &near]);
}
