//! Example replies, and their output in each format.
//!
//! Invariant: this is the one place to see what people and programs get. It deliberately tests no
//! details that have tests beside their code.

use super::time::DisplayClock;
use super::{Audience, Color, Format, Quiet, RenderOptions, escape, notes, reply, width};
use crate::domain::chart::{Chart, ChartPlacement};
use crate::domain::moment::Moment;
use crate::domain::reply::{ColumnKind, Reply, Shape};
use crate::domain::value::Value;

/// Returns options for a table at a terminal of this width, without colour.
pub(super) fn at_terminal(width: usize) -> RenderOptions {
    RenderOptions {
        format: Format::Table,
        width,
        color: Color::Off,
        people: Audience::People,
        quiet: Quiet::Off,
        cells: super::SpreadsheetCells::Exact,
        display_clock: DisplayClock::anywhere(),
        statement: String::new(),
    }
}

/// Returns options for a format in a pipe.
pub(super) fn in_pipe(format: Format) -> RenderOptions {
    RenderOptions {
        format,
        width: 0,
        color: Color::On,
        people: Audience::Machines,
        quiet: Quiet::Off,
        cells: super::SpreadsheetCells::Exact,
        display_clock: DisplayClock::anywhere(),
        statement: String::new(),
    }
}

/// Returns what is written for a reply.
pub(super) fn shown(shown: &Reply, options: &RenderOptions) -> String {
    let mut out = Vec::new();
    reply(&mut out, shown, options).unwrap();
    String::from_utf8(out).unwrap()
}

/// Returns one row with everything a malicious customer could send.
pub(super) fn hostile() -> Reply {
    let mut reply = Reply::with_columns(&["id", "body", "agent"]);
    let body = "\x1b[2Ja\rb\nc\td|`\"q\",\u{202e}\\";
    reply.rows.push(vec![Value::Integer(1), Value::from(body), Value::Null]);
    reply
}

/// Conversation, event, from, to, queue, agent.
type MoveRow<'a> = (&'a str, &'a str, Option<&'a str>, &'a str, Option<&'a str>, Option<&'a str>);

/// Returns these transitions, all with the same timestamp.
pub(super) fn moves(rows: &[MoveRow<'_>]) -> Reply {
    let columns = ["conversation", "event", "from_state", "to_state", "queue", "agent", "at"];
    let mut reply = Reply { shape: Shape::Moves, tells_change: true, ..Reply::with_columns(&columns) };
    for (conversation, event, from, to, queue, agent) in rows {
        let number: i64 = conversation.parse().unwrap();
        let at = "2026-03-02T09:14:07.204Z";
        reply.rows.push(vec![
            number.into(),
            (*event).into(),
            (*from).into(),
            (*to).into(),
            (*queue).into(),
            (*agent).into(),
            at.into(),
        ]);
    }
    reply
}

/// Returns the report of ongoing conversations.
fn ongoing() -> Reply {
    let mut reply = Reply::with_columns(&[
        "conversation",
        "subject",
        "state",
        "agent",
        "queue",
        "channel",
        "customer",
        "wait_ms",
        "handle_ms",
        "sentiment",
        "opened_at",
        "opened_at_ms",
    ]);
    let login = "Login does not work since the update";
    let mut add = |start: [Value; 4], customer: &str, wait: i64, handle: Option<i64>| {
        let mut row = Vec::from(start);
        row.extend([
            "billing".into(),
            "chat".into(),
            customer.into(),
            wait.into(),
            handle.into(),
            Value::Null,
        ]);
        row.extend(["2026-03-02T09:10:00.000Z".into(), 1_772_442_600_000_i64.into()]);
        reply.rows.push(row);
    };
    add([12.into(), "Refund".into(), "Open".into(), Value::Null], "ann@example.com", 250_000, None);
    add([9.into(), login.into(), "Active".into(), "alice".into()], "bo@example.com", 12_000, Some(3_900_000));
    reply
}

/// Returns rows with long and short texts.
fn waiting() -> Reply {
    let mut reply = Reply::with_columns(&["conversation", "subject", "customer", "queue", "wait_ms"]);
    let order = "Where is my order, please? I have been waiting for two weeks now";
    let customer = "a-very-long-name-of-a-customer@somewhere.example.com";
    reply.rows.push(vec![
        12.into(),
        "Refund".into(),
        "ann@example.com".into(),
        "billing".into(),
        250_000.into(),
    ]);
    reply.rows.push(vec![15.into(), order.into(), customer.into(), "front".into(), 31_000.into()]);
    reply
}

/// Returns a day in Berlin by the hour: nothing at night, many arrivals in the morning.
pub(super) fn day() -> Reply {
    let arrivals = [0, 0, 0, 0, 0, 0, 1, 3, 9, 14, 12, 10, 7, 8, 11, 9, 6, 5, 3, 2, 1, 1, 0, 0];
    let waiting = [0., 0., 0., 0., 0., 0., 0., 0.1, 1.4, 4.5, 3.2, 1.8, 0.9, 0.7, 2.6, 1.1, 0.4, 0.2];
    let mut reply = Reply::with_columns(&["hour", "arrivals", "waiting", "busy"]);
    reply.columns[0].kind = ColumnKind::Moment;
    for (hour, count) in arrivals.into_iter().enumerate() {
        let begins = Moment(1_772_406_000_000 + 3_600_000 * hour as i64);
        let waited = waiting.get(hour).copied().unwrap_or(0.0);
        let busy = (count as f64 * 0.42).min(4.0);
        reply.rows.push(vec![
            begins.to_string().into(),
            count.into(),
            Value::Real(waited),
            Value::Real(busy),
        ]);
    }
    reply.chart = Some(Chart {
        title: "2026-03-02, Europe/Berlin".to_owned(),
        along: "hour",
        labels: (0..24).map(|hour| format!("{hour:02}")).collect(),
        bars: &["arrivals", "waiting", "busy"],
        placement: ChartPlacement::InTheirPlace,
    });
    reply
}

/// Returns four queues with numbers of different kinds, and a chart beside the rows.
pub(super) fn queues() -> Reply {
    let bars = &["entered", "average_wait_ms", "service_level"];
    let mut reply = Reply::with_columns(&["queue", "entered", "average_wait_ms", "service_level"]);
    for (queue, entered, wait, level) in [
        ("billing", 112, 34_000, 0.91),
        ("front", 240, 95_000, 0.743_123),
        ("returns & complaints", 12, 4_000, 1.0),
        ("spare", 0, 0, 0.0),
    ] {
        reply.rows.push(vec![queue.into(), entered.into(), wait.into(), Value::Real(level)]);
    }
    let label = |row: &Vec<Value>| row[0].as_text().unwrap_or_default().to_owned();
    let labels = reply.rows.iter().map(label).collect();
    let (title, placement) = ("The last 7 days".to_owned(), ChartPlacement::BesideThem);
    reply.chart = Some(Chart { title, along: "queue", labels, bars, placement });
    reply
}

#[test]
fn every_format_has_a_name_that_finds_it() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(&format.name().to_uppercase()), Some(*format));
    }
    assert_eq!(Format::from_name("xml"), None);
}

#[test]
fn wide_terminals_show_everything() {
    assert_eq!(
        shown(&ongoing(), &at_terminal(200)),
        "  #  subject                               state   agent  queue    channel  customer           wait  handle  sentiment  opened at
 ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 12  Refund                                Open    –      billing  chat     ann@example.com  4m 10s       –  –          09:10:00
  9  Login does not work since the update  Active  alice  billing  chat     bo@example.com   0m 12s  1h 05m  –          09:10:00
2 rows
"
    );
}

#[test]
fn at_eighty_columns_the_longest_texts_are_shortened() {
    assert_eq!(
        shown(&waiting(), &at_terminal(80)),
        "  #  subject                      customer                      queue      wait
 ──────────────────────────────────────────────────────────────────────────────
 12  Refund                       ann@example.com               billing  4m 10s
 15  Where is my order, please?…  a-very-long-name-of-a-custo…  front    0m 31s
2 rows
"
    );
}

#[test]
fn at_forty_columns_the_table_lies_on_its_side() {
    assert_eq!(
        shown(&waiting(), &at_terminal(40)),
        "       #: 12
 subject: Refund
customer: ann@example.com
   queue: billing
    wait: 4m 10s

       #: 15
 subject: Where is my order, please? I…
customer: a-very-long-name-of-a-custome…
   queue: front
    wait: 0m 31s
2 rows
"
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let mut long = hostile();
    long.rows.push(vec![Value::Integer(2), "日本語 ".repeat(100_000).into(), "x".repeat(1_000_000).into()]);
    for width in [40, 80, 200] {
        for reply in [&long, &ongoing(), &waiting(), &day()] {
            let text = shown(reply, &at_terminal(width));
            assert!(text.lines().all(|line| width::width(line) <= width), "{width}: {text}");
        }
    }
    assert!(shown(&long, &in_pipe(Format::Table)).len() < 20_000);
}

#[test]
fn a_table_in_a_pipe_is_exact_and_never_coloured() {
    let reply = moves(&[("12", "open", None, "Open", Some("front"), None)]);
    assert_eq!(
        shown(&reply, &in_pipe(Format::Table)),
        " conversation  event  from_state  to_state  queue  agent  at
 ─────────────────────────────────────────────────────────────────────────────────
           12  open   –           Open      front  –      2026-03-02T09:14:07.204Z
"
    );
}

#[test]
fn colour_is_only_around_the_rows() {
    let options = RenderOptions { color: Color::On, ..at_terminal(80) };
    let mut reply = Reply::with_columns(&["agent"]);
    assert_eq!(shown(&reply, &options), "\x1b[2mnothing\x1b[0m\n");
    reply.rows.push(vec!["dana".into()]);
    assert_eq!(shown(&reply, &options), " agent\n \x1b[2m─────\x1b[0m\n dana\n\x1b[2m1 row\x1b[0m\n");
}

#[test]
fn quiet_leaves_out_changes_and_summaries() {
    let quiet = RenderOptions { quiet: Quiet::On, ..at_terminal(80) };
    let changed = moves(&[("12", "open", None, "Open", None, None)]);
    let mut looked = Reply::with_columns(&["agent"]);
    assert_eq!(shown(&looked, &quiet), "");
    looked.rows.push(vec!["dana".into()]);
    assert_eq!(shown(&looked, &quiet), " agent\n ─────\n dana\n");
    for format in Format::ALL {
        assert_eq!(shown(&changed, &RenderOptions { quiet: Quiet::On, ..in_pipe(*format) }), "");
    }
}

#[test]
fn lines_come_as_they_are_except_for_programs_and_terminals() {
    let reply = Reply::lines("line", "OPEN ON chat;\n-- \x1b[2J");
    for format in [Format::Table, Format::Markdown, Format::Tsv, Format::List] {
        assert_eq!(shown(&reply, &in_pipe(format)), "OPEN ON chat;\n-- \x1b[2J\n");
        assert_eq!(
            shown(&reply, &RenderOptions { format, ..at_terminal(80) }),
            "OPEN ON chat;\n-- \\x1b[2J\n"
        );
    }
    assert_eq!(shown(&reply, &in_pipe(Format::Csv)), "line\nOPEN ON chat;\n-- \x1b[2J\n");
    assert_eq!(
        shown(&reply, &in_pipe(Format::Jsonl)),
        "{\"line\":\"OPEN ON chat;\"}\n{\"line\":\"-- \\u001b[2J\"}\n"
    );
}

#[test]
fn prose_is_broken_at_words_where_the_terminal_is_narrow() {
    let text = "HOLD <conversation> [FOR <duration>]\n  Puts a conversation on hold.";
    let reply = Reply::prose("help", text);
    assert_eq!(shown(&reply, &in_pipe(Format::Tsv)), format!("{text}\n"));
    assert_eq!(shown(&reply, &at_terminal(0)), format!("{text}\n"));
    assert_eq!(
        shown(&reply, &at_terminal(26)),
        "HOLD <conversation> [FOR\n    <duration>]\n  Puts a conversation on\n  hold.\n"
    );
}

#[test]
fn a_list_is_exact_and_a_value_is_one_line() {
    assert_eq!(
        shown(&hostile(), &in_pipe(Format::List)),
        "   id: 1\n body: \\x1b[2Ja\\rb\\nc\\td|`\"q\",\\u{202e}\\\\\nagent:\n"
    );
}

#[test]
fn no_format_lets_a_terminal_be_acted_upon() {
    let mut reply = hostile();
    reply.columns[2].name = "\u{9b}2J\u{2066}".to_owned();
    for format in Format::ALL {
        for shape in [Shape::Rows, Shape::Moves, Shape::Events, Shape::Lines, Shape::Prose] {
            reply.shape = shape;
            let text = shown(&reply, &RenderOptions { format: *format, ..at_terminal(80) });
            let acts = |character| escape::acts(character) && !matches!(character, '\n' | '\t');
            assert!(!text.contains(acts), "{}: {text:?}", format.name());
        }
    }
}

#[test]
fn notes_are_harmless_lines() {
    let mut reply = Reply::with_columns(&[]);
    reply.notes.push("2 left out for '\x1b[2J\n'".to_owned());
    let mut out = Vec::new();
    notes(&mut out, &reply, 0).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "2 left out for '\\x1b[2J\\n'\n");
    assert_eq!(shown(&reply, &at_terminal(80)), "");
}

#[test]
fn a_drawing_changes_nothing_but_what_people_see() {
    for reply in [day(), queues()] {
        let plain = Reply { chart: None, ..reply.clone() };
        for format in Format::ALL.iter().filter(|format| **format != Format::Html) {
            assert_eq!(shown(&reply, &in_pipe(*format)), shown(&plain, &in_pipe(*format)));
            if *format != Format::Table {
                let options = RenderOptions { format: *format, ..at_terminal(80) };
                assert_eq!(shown(&reply, &options), shown(&plain, &options));
            }
        }
    }
    let plain = Reply { chart: None, ..queues() };
    assert_eq!(shown(&queues(), &at_terminal(80)), shown(&plain, &at_terminal(80)));
}
