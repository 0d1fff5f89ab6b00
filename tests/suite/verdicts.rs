//! The rule of the lifecycles, once in SQL and once in Rust, tried on every case: both accept, or both refuse
//! with one code.
//!
//! The cases are made from the rows, for every lifecycle, channel, state, event, target, holder, queue and
//! setting that a condition reads, without sampling. What the rule leaves to its caller (capacity, units, whether
//! an agent exists) has legal values. That the comparison can fail is shown by breaking a row, the trigger and
//! the checker in turn.

mod copies;
mod fixture;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use fixture::{BEFORE, Fixture, NOW, Seat, Step, Verdict};
use switchboard::testing::domain::closed_lists::{Channel, Event};
use switchboard::testing::domain::lifecycle::{
    Condition, Lifecycle, Position, Proposal, StateIndex, Switches,
};
use switchboard::testing::store::SCHEMA;

use crate::schema_fixture::schema_with;

const BUILT_IN: [&str; 4] = ["omnichannel", "dispatch", "topic", "unified"];

/// The rule as it is asked in Rust.
type Checker = fn(&Lifecycle, Channel, Switches, &Position, &Proposal) -> Verdict;

fn rule(
    lifecycle: &Lifecycle,
    channel: Channel,
    switches: Switches,
    standing: &Position,
    proposal: &Proposal,
) -> Verdict {
    lifecycle.check(channel, switches, standing, proposal).map(|code| code.name().to_owned())
}

/// What a comparison found.
#[derive(Default)]
struct Comparison {
    /// How often each verdict was given by the trigger.
    counts: BTreeMap<String, usize>,
    /// The trigger's verdicts in the order of the cases.
    verdicts: Vec<Verdict>,
    /// Where the two were not of one mind.
    differences: Vec<String>,
}

impl Comparison {
    fn assert_equal(&self) {
        let count = self.differences.len();
        assert!(count == 0, "{count} differences, such as\n{}", self.differences[0]);
    }
}

const SWITCHES: [Switches; 4] = [
    Switches { bot: false, wrapup: false },
    Switches { bot: false, wrapup: true },
    Switches { bot: true, wrapup: false },
    Switches { bot: true, wrapup: true },
];

/// The shortest way to each state on a channel; none: it is not used there.
fn paths(lifecycle: &Lifecycle, channel: Channel) -> Vec<Option<Vec<Step>>> {
    let mut paths: Vec<Option<Vec<Step>>> = vec![None; lifecycle.states.len()];
    let mut next: VecDeque<(Option<StateIndex>, Vec<Step>)> = VecDeque::from([(None, Vec::new())]);
    while let Some((from, path)) = next.pop_front() {
        for edge in lifecycle.edges().iter().filter(|edge| edge.channel == channel && edge.from == from) {
            if paths[edge.to].is_none() {
                let switches = Switches {
                    bot: edge.condition == Condition::Bot,
                    wrapup: edge.condition == Condition::Wrapup,
                };
                let mut longer = path.clone();
                longer.push(Step { event: edge.event, to: edge.to, switches });
                paths[edge.to] = Some(longer.clone());
                next.push_back((Some(edge.to), longer));
            }
        }
    }
    paths
}

/// Every seat of a lifecycle on a channel: before the first move, and in each state that is used there.
fn seats(fixture: &Fixture, lifecycle: &Lifecycle, channel: Channel, workstream: i64) -> Vec<Seat> {
    let ways = paths(lifecycle, channel);
    for (state, way) in lifecycle.states.iter().zip(&ways) {
        assert_eq!(way.is_some(), state.channels.contains(&channel), "{} on {channel}", state.name);
    }
    ways.iter().flatten().map(|way| fixture.walk(lifecycle, workstream, channel, way)).collect()
}

/// Every proposal to a seat, legal or not.
fn proposals(lifecycle: &Lifecycle, standing: &Position) -> Vec<Proposal> {
    let holder = standing.agent.unwrap_or(1);
    let queue = standing.queue.unwrap_or(1);
    let mut proposals = Vec::new();
    for event in Event::ALL {
        for to in 0..lifecycle.states.len() {
            for agent in [None, Some(holder), Some(3 - holder)] {
                for queue in [queue, 3 - queue] {
                    proposals.push(Proposal { event: *event, to, agent, queue, at: NOW });
                }
            }
        }
    }
    proposals
}

/// Asks the trigger and the checker about every proposal to that seat.
fn compare(fixture: &Fixture, lifecycle: &Lifecycle, seat: &Seat, check: Checker, found: &mut Comparison) {
    for switches in SWITCHES {
        fixture.rehearse(|| {
            fixture.switch(seat.workstream, switches);
            fixture.run("SAVEPOINT one");
            for proposal in proposals(lifecycle, &seat.standing) {
                let sql = fixture.verdict(lifecycle, seat, &proposal);
                if sql.is_none() {
                    fixture.run("ROLLBACK TO one");
                }
                let rust = check(lifecycle, seat.channel, switches, &seat.standing, &proposal);
                if sql != rust {
                    let case = format!("{switches:?} {:?} {proposal:?}", seat.standing);
                    found.differences.push(format!(
                        "{} {}: trigger {sql:?}, check {rust:?}: {case}",
                        lifecycle.name, seat.channel
                    ));
                }
                *found.counts.entry(sql.clone().unwrap_or_else(|| "accepted".to_owned())).or_default() += 1;
                found.verdicts.push(sql);
            }
        });
    }
}

/// Every case of these lifecycles on these channels, on a fixture that is changed by `meddle` before the cases.
fn compared(
    fixture: &Fixture,
    lifecycles: &[Arc<Lifecycle>],
    channels: &[Channel],
    check: Checker,
    meddle: impl FnOnce(&Fixture),
) -> Comparison {
    let mut found = Comparison::default();
    fixture.run("BEGIN IMMEDIATE");
    fixture.people();
    let mut all = Vec::new();
    for lifecycle in lifecycles {
        for channel in channels {
            let workstream = fixture.workstream(lifecycle, *channel);
            let placed = seats(fixture, lifecycle, *channel, workstream);
            all.push((lifecycle, *channel, workstream, placed));
        }
    }
    fixture.entry(NOW);
    meddle(fixture);
    for (lifecycle, channel, workstream, placed) in &all {
        fixture.rehearse(|| {
            let unborn = fixture.open(*workstream, *channel);
            // Between a birth and its first move nothing else may be written but settings.
            compare(fixture, lifecycle, &unborn, check, &mut found);
        });
        for seat in placed {
            compare(fixture, lifecycle, seat, check, &mut found);
        }
    }
    fixture.run("ROLLBACK");
    found
}

fn none(_: &Fixture) {}

#[test]
fn the_trigger_and_the_checker_agree_on_every_case() {
    let fixture = Fixture::new();
    let found = compared(&fixture, &BUILT_IN.map(|name| fixture.lifecycle(name)), Channel::ALL, rule, none);
    println!("{} cases: {:?}", found.verdicts.len(), found.counts);
    found.assert_equal();
    for verdict in
        ["accepted", "final_state", "no_edge", "not_holder", "unknown_agent", "same_agent", "same_queue"]
    {
        assert!(found.counts.contains_key(verdict), "no case gives {verdict}");
    }
}

/// Where nobody serves the queue of a conversation and its workstream has another one now, a customer who comes back
/// waits there; with a member in the old one, they do not.
#[test]
fn a_return_into_another_queue_is_allowed_by_both_or_by_neither() {
    let unserved: Checker = |lifecycle, channel, switches, standing, proposal| {
        let standing = Position { return_queue: Some(2), ..*standing };
        rule(lifecycle, channel, switches, &standing, proposal)
    };
    for (served, check) in [(false, unserved), (true, rule as Checker)] {
        let fixture = Fixture::new();
        let lifecycles = BUILT_IN.map(|name| fixture.lifecycle(name));
        let channels = [Channel::Chat, Channel::Sms, Channel::Voice];
        let found =
            compared(&fixture, &lifecycles, &channels, check, |fixture| fixture.move_workstreams(served));
        found.assert_equal();
    }
    // It can fail: the trigger lets some of them return.
    let found = small(&Fixture::new(), "unified", rule, |fixture| fixture.move_workstreams(false));
    assert!(!found.differences.is_empty());
}

#[test]
fn a_time_before_the_last_move_is_refused_by_both() {
    let fixture = Fixture::new();
    fixture.run("BEGIN IMMEDIATE");
    fixture.people();
    let (mut count, mut differences) = (0, Vec::new());
    for lifecycle in BUILT_IN.map(|name| fixture.lifecycle(name)) {
        for channel in Channel::ALL {
            let workstream = fixture.workstream(&lifecycle, *channel);
            for seat in seats(&fixture, &lifecycle, *channel, workstream) {
                for at in [BEFORE.0 - 1, BEFORE.0] {
                    count += 1;
                    differences.extend(moment_differs(&fixture, &lifecycle, &seat, switchboard::Moment(at)));
                }
            }
        }
    }
    println!("{count} seats and moments");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Every edge that leaves that seat, at that moment, with nothing else wrong.
fn moment_differs(
    fixture: &Fixture,
    lifecycle: &Lifecycle,
    seat: &Seat,
    at: switchboard::Moment,
) -> Vec<String> {
    let mut differences = Vec::new();
    for switches in SWITCHES {
        for event in lifecycle.events_from(seat.channel, switches, seat.standing.state.unwrap_or_default()) {
            let edge = lifecycle.step(seat.channel, switches, seat.standing.state, event);
            let proposal = seat.legal(lifecycle, event, edge.expect("an edge").to, at);
            let rust = rule(lifecycle, seat.channel, switches, &seat.standing, &proposal);
            let sql = fixture.rehearse(|| {
                fixture.switch(seat.workstream, switches);
                fixture.verdict(lifecycle, seat, &proposal)
            });
            if sql != rust {
                differences.push(format!("trigger {sql:?}, check {rust:?}: {seat:?} {proposal:?}"));
            }
        }
    }
    differences
}

/// A small part of the cases, for what has to find a difference.
fn small(fixture: &Fixture, name: &str, check: Checker, meddle: impl FnOnce(&Fixture)) -> Comparison {
    compared(fixture, &[Fixture::new().lifecycle(name)], &[Channel::Sms], check, meddle)
}

#[test]
fn a_changed_row_is_found() {
    let change = |sql: &'static str| {
        move |fixture: &Fixture| {
            let trigger: String = fixture
                .connection
                .query_row("SELECT sql FROM sqlite_schema WHERE name = 'edge_update'", [], |row| row.get(0))
                .expect("the trigger");
            fixture.run("DROP TRIGGER edge_update");
            fixture.run(sql);
            fixture.run(&trigger);
        }
    };
    let nothing = "UPDATE edge SET to_state = to_state";
    assert!(small(&Fixture::new(), "unified", rule, change(nothing)).differences.is_empty());
    let one = "UPDATE edge SET to_state = 'Closed' WHERE lifecycle = -4 AND channel = 'sms' AND event = 'close' AND from_state = 'Active'";
    let found = small(&Fixture::new(), "unified", rule, change(one)).differences;
    assert!(!found.is_empty() && found.iter().all(|case| case.contains("event: Close")), "{found:?}");
}

#[test]
fn a_changed_rule_of_the_trigger_is_found() {
    for (rule_of_sql, broken) in [
        ("THEN RAISE(ABORT, 'final_state: a closed conversation cannot move')", "THEN NULL"),
        ("OR NEW.to_state <> edge.to_state", ""),
        (
            "WHEN (NEW.to_agent IS NOT NULL) IS NOT phase.holds_agent",
            "WHEN NEW.to_agent IS NOT NULL AND phase.holds_agent = 0",
        ),
        (
            "WHEN (NEW.to_agent IS NOT NULL) IS NOT phase.holds_agent",
            "WHEN NEW.to_agent IS NULL AND phase.holds_agent = 1",
        ),
        (
            "WHEN NEW.event = 'transfer_agent' AND NEW.to_agent =",
            "WHEN NEW.event = 'assign' AND NEW.to_agent =",
        ),
        (
            "AND (NEW.event = 'assign_queue' OR NEW.event = 'transfer_queue')",
            "AND (NEW.event = 'assign_queue')",
        ),
        ("AND NEW.event <> 'request_agent'", "AND NEW.event <> 'release'"),
    ] {
        let fixture = Fixture::of_schema(&schema_with(SCHEMA, rule_of_sql, broken));
        let found = small(&fixture, "dispatch", rule, none);
        assert!(!found.differences.is_empty(), "nothing is found where the trigger says {broken}");
    }
    assert!(small(&Fixture::of_schema(SCHEMA), "dispatch", rule, none).differences.is_empty());
}

#[test]
fn a_checker_that_is_wrong_in_one_case_is_found() {
    let erring: Checker = |lifecycle, channel, switches, standing, proposal| {
        let waiting_taken_back = proposal.event == Event::Revive && proposal.agent == Some(2);
        let (right_queue, right_switches) =
            (standing.queue == Some(proposal.queue), !switches.bot && switches.wrapup);
        match rule(lifecycle, channel, switches, standing, proposal) {
            None if waiting_taken_back && right_queue && right_switches => Some("no_edge".to_owned()),
            verdict => verdict,
        }
    };
    let found = small(&Fixture::new(), "unified", erring, none).differences;
    assert_eq!(found.len(), 1, "{found:?}");
}
