//! Tests with small lifecycles, each with one problem.

use super::*;
use crate::domain::lifecycle::{LifecycleOptions, State};
use crate::domain::moment::Duration;

const QUEUED: usize = 0;
const ACTIVE: usize = 1;
const WRAPUP: usize = 2;
const CLOSING: usize = 3;
const CLOSED: usize = 4;
const PARKED: usize = 5;

const OFF: Switches = Switches { bot: false, wrapup: false };

fn edge(from: Option<usize>, event: Event, to: usize) -> Edge {
    Edge { channel: Channel::Chat, from, event, condition: Condition::Always, to, after: None }
}

fn under(condition: Condition, edge: Edge) -> Edge {
    Edge { condition, ..edge }
}

fn after(ms: i64, edge: Edge) -> Edge {
    Edge { after: Some(Duration(ms)), ..edge }
}

/// Returns a sound lifecycle: queued, active, wrapup, closing, closed. The sixth state has no
/// channel.
fn sound() -> (LifecycleOptions, Vec<State>, Vec<Edge>) {
    let phases = [Phase::Queued, Phase::Active, Phase::Wrapup, Phase::Closing, Phase::Closed, Phase::Parked];
    let state = |phase: Phase| State { name: phase.name().into(), phase, channels: vec![Channel::Chat] };
    let mut states: Vec<State> = phases.map(state).to_vec();
    states[PARKED].channels.clear();
    let edges = vec![
        edge(None, Event::Open, QUEUED),
        edge(Some(QUEUED), Event::Pick, ACTIVE),
        edge(Some(ACTIVE), Event::Release, QUEUED),
        under(Condition::Wrapup, edge(Some(ACTIVE), Event::End, WRAPUP)),
        under(Condition::NoWrapup, edge(Some(ACTIVE), Event::End, CLOSING)),
        edge(Some(WRAPUP), Event::Close, CLOSING),
        edge(Some(QUEUED), Event::CustomerEnd, CLOSING),
        edge(Some(CLOSING), Event::Housekeep, CLOSED),
    ];
    (LifecycleOptions::default(), states, edges)
}

fn check(
    change: impl FnOnce(&mut LifecycleOptions, &mut Vec<State>, &mut Vec<Edge>),
    expected: Option<Unsoundness>,
) {
    let (mut options, mut states, mut edges) = sound();
    change(&mut options, &mut states, &mut edges);
    assert_eq!(fault(&Lifecycle::new(1, "x", options, states, edges)), expected);
}

fn with(more: Edge, expected: Option<fn(EdgeIndex) -> Unsoundness>) {
    check(|_, _, edges| edges.push(more), expected.map(|fault| fault(sound().2.len())));
}

#[test]
fn a_sound_one_passes() {
    check(|_, _, _| {}, None);
    check(|options, _, _| options.ends_by_sessions = true, None);
}

#[test]
fn edges_are_judged_one_by_one() {
    with(edge(Some(CLOSED), Event::Revive, ACTIVE), Some(Unsoundness::LeavesClosed));
    with(edge(None, Event::OpenQueued, CLOSED), Some(Unsoundness::BeginsOver));
    with(edge(None, Event::OpenQueued, CLOSING), Some(Unsoundness::BeginsOver));
    for event in [Event::Pick, Event::Revive, Event::TransferAgent, Event::CustomerReturn] {
        with(edge(Some(WRAPUP), event, CLOSED), Some(Unsoundness::BeginsOver));
        with(edge(Some(WRAPUP), event, CLOSING), Some(Unsoundness::BeginsOver));
    }
    with(after(1000, edge(Some(ACTIVE), Event::Close, CLOSED)), Some(Unsoundness::TimeOfNoTimer));
    check(|_, _, edges| edges[7].after = Some(Duration(1000)), Some(Unsoundness::TimeOfNoTimer(7)));
    with(after(999, edge(Some(ACTIVE), Event::AgentTimeout, QUEUED)), Some(Unsoundness::TooShort));
    with(after(1000, edge(Some(ACTIVE), Event::AgentTimeout, QUEUED)), None);
    with(edge(None, Event::OpenQueued, ACTIVE), Some(Unsoundness::NobodyBrought));
    with(edge(Some(QUEUED), Event::Close, WRAPUP), Some(Unsoundness::NobodyBrought));
    for event in [Event::Push, Event::Assign, Event::Accept, Event::Revive, Event::TransferAgent] {
        with(edge(Some(QUEUED), event, ACTIVE), None);
    }
    for event in [Event::Revive, Event::TransferAgent] {
        with(edge(Some(WRAPUP), event, ACTIVE), None);
    }
}

#[test]
fn timers_start_where_they_start() {
    let cases: [(Event, &[usize]); 9] = [
        (Event::QueueTimeout, &[QUEUED]),
        (Event::CustomerTimeout, &[QUEUED, ACTIVE, WRAPUP]),
        (Event::AgentTimeout, &[ACTIVE, WRAPUP]),
        (Event::ResponseTimeout, &[ACTIVE]),
        (Event::InactivityTimeout, &[QUEUED, ACTIVE, WRAPUP]),
        (Event::HoldTimeout, &[]),
        (Event::WaitingTimeout, &[]),
        (Event::WrapupTimeout, &[WRAPUP]),
        (Event::Housekeep, &[]),
    ];
    for (event, states) in cases {
        for from in [QUEUED, ACTIVE, WRAPUP] {
            let expected =
                (!states.contains(&from)).then_some(Unsoundness::NeverStarts as fn(usize) -> Unsoundness);
            with(edge(Some(from), event, CLOSED), expected);
        }
    }
}

#[test]
fn two_edges_that_could_both_apply() {
    for (first, second, both) in [
        (Condition::Always, Condition::Always, true),
        (Condition::Always, Condition::Bot, true),
        (Condition::Bot, Condition::Wrapup, true),
        (Condition::NoBot, Condition::NoWrapup, true),
        (Condition::Bot, Condition::NoBot, false),
        (Condition::Wrapup, Condition::NoWrapup, false),
    ] {
        let more = [(first, CLOSING), (second, CLOSED)]
            .map(|(condition, to)| under(condition, edge(Some(ACTIVE), Event::CustomerEnd, to)));
        check(
            |_, _, edges| edges.extend(more),
            both.then(|| Unsoundness::Both(sound().2.len(), sound().2.len() + 1)).or_else(|| {
                // These conditions exclude each other, and no other edge tests the switch.
                (first == Condition::Bot).then_some(None).flatten()
            }),
        );
    }
}

#[test]
fn the_whole_must_open_be_reached_and_end() {
    check(
        |options, _, _| options.customer_timeout = Some(Duration(1000)),
        Some(Unsoundness::TimeWithoutSessions),
    );
    check(
        |_, _, edges| edges[0].condition = Condition::Bot,
        Some(Unsoundness::NothingOpens(Channel::Chat, OFF)),
    );
    let bot = Switches { bot: true, wrapup: false };
    check(
        |_, _, edges| edges[0].condition = Condition::NoBot,
        Some(Unsoundness::NothingOpens(Channel::Chat, bot)),
    );
    // A workstream with a bot needs `open`; without one, `open_queued` is enough.
    check(|_, _, edges| edges[0].event = Event::OpenQueued, None);
    check(
        |_, states, _| states[PARKED].channels.push(Channel::Chat),
        Some(Unsoundness::Unreachable(PARKED, Channel::Chat)),
    );
    check(
        |_, states, _| states[CLOSED].channels.push(Channel::Sms),
        Some(Unsoundness::NothingOpens(Channel::Sms, OFF)),
    );
    let wrapup = Switches { bot: false, wrapup: true };
    check(
        |_, _, edges| edges[7].condition = Condition::NoWrapup,
        Some(Unsoundness::NeverHousekept(CLOSING, Channel::Chat, wrapup)),
    );
    check(
        |_, _, edges| edges[5].event = Event::ForceClose,
        Some(Unsoundness::NeverCloses(WRAPUP, Channel::Chat, OFF)),
    );
}

#[test]
fn timeouts_do_not_lead_round_by_themselves() {
    let round = |edges: &[usize]| Some(Unsoundness::Circle(edges.to_vec(), Channel::Chat, OFF));
    let count = sound().2.len();
    check(|_, _, edges| edges.push(edge(Some(QUEUED), Event::InactivityTimeout, QUEUED)), round(&[count]));
    check(
        |_, _, edges| {
            edges.push(edge(Some(ACTIVE), Event::AgentTimeout, QUEUED));
            edges.push(edge(Some(QUEUED), Event::QueueTimeout, CLOSED));
        },
        None,
    );
    check(
        |_, states, edges| {
            states[PARKED].channels.push(Channel::Chat);
            edges.push(edge(Some(ACTIVE), Event::Wait, PARKED));
            edges.push(edge(Some(PARKED), Event::WaitingTimeout, QUEUED));
            edges.push(edge(Some(QUEUED), Event::QueueTimeout, PARKED));
        },
        round(&[count + 1, count + 2]),
    );
}

/// Makes a customer who leaves an active conversation lead to after-work, whose timeout leads back.
fn there_and_back(by_sessions: bool) -> impl FnOnce(&mut LifecycleOptions, &mut Vec<State>, &mut Vec<Edge>) {
    move |options, _, edges| {
        options.ends_by_sessions = by_sessions;
        edges.push(edge(Some(ACTIVE), Event::CustomerLeave, WRAPUP));
        edges.push(edge(Some(WRAPUP), Event::WrapupTimeout, ACTIVE));
    }
}

#[test]
fn silence_that_ends_the_sessions_counts_as_a_timeout() {
    let count = sound().2.len();
    let round = |edges: &[usize]| Some(Unsoundness::Circle(edges.to_vec(), Channel::Chat, OFF));
    check(there_and_back(true), round(&[count, count + 1]));
    check(there_and_back(false), None);
    check(
        |options, states, edges| {
            there_and_back(true)(options, states, edges);
            // With an edge of its own, inactivity_timeout does not cause a customer_leave.
            edges.push(edge(Some(ACTIVE), Event::InactivityTimeout, CLOSING));
        },
        None,
    );
    check(
        |options, _, edges| {
            // A self-loop does not enter a state, so the inactivity timer does not restart.
            options.ends_by_sessions = true;
            edges.push(edge(Some(ACTIVE), Event::CustomerLeave, ACTIVE));
        },
        None,
    );
}

#[test]
fn the_router_and_a_timeout_do_not_move_a_conversation_back_and_forth() {
    let count = sound().2.len();
    let round = |edges: &[usize]| Some(Unsoundness::Circle(edges.to_vec(), Channel::Chat, OFF));
    let pushed = |timeout: Edge| {
        move |_: &mut LifecycleOptions, _: &mut Vec<State>, edges: &mut Vec<Edge>| {
            edges.push(edge(Some(QUEUED), Event::Push, ACTIVE));
            edges.push(timeout);
        }
    };
    let back = |event: Event| edge(Some(ACTIVE), event, QUEUED);
    check(pushed(after(9_999, back(Event::InactivityTimeout))), round(&[count, count + 1]));
    check(pushed(after(1_000, back(Event::ResponseTimeout))), round(&[count, count + 1]));
    check(pushed(after(LEAST_ROUND, back(Event::InactivityTimeout))), None);
    // Off, unless a workstream sets it.
    check(pushed(back(Event::ResponseTimeout)), None);
    // It is not pushed to an agent who is not there.
    check(pushed(after(1_000, back(Event::AgentTimeout))), None);
    let (options, mut states, mut edges) = sound();
    pushed(back(Event::ResponseTimeout))(&mut LifecycleOptions::default(), &mut states, &mut edges);
    let lifecycle = Lifecycle::new(1, "x", options, states, edges);
    let spins = |timer, ms| spins(&lifecycle, Channel::Chat, timer, Duration(ms));
    assert!(spins(Event::ResponseTimeout, 1_000) && !spins(Event::ResponseTimeout, LEAST_ROUND));
    assert!(!spins(Event::AgentTimeout, 1_000) && !spins(Event::QueueTimeout, 1_000));
}
