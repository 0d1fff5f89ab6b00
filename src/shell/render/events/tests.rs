//! Tests of the output of FOLLOW: at 80 columns, at 200, and for programs.

use super::super::examples::{at_terminal, in_pipe, shown};
use super::super::{Color, Format, RenderOptions, StreamState, pass};
use crate::domain::reply::{Reply, Shape};
use crate::domain::value::Value;

const COLUMNS: [&str; 23] = [
    "seq",
    "kind",
    "at",
    "conversation",
    "event",
    "from_state",
    "to_state",
    "from_agent",
    "agent",
    "from_queue",
    "queue",
    "author_kind",
    "author",
    "body",
    "reason",
    "override",
    "object",
    "item",
    "name",
    "value",
    "actor_kind",
    "actor",
    "statement",
];

/// Adds a row with this time of day and these values.
fn row(reply: &mut Reply, seq: i64, kind: &str, at: &str, held: &[(&str, Value)]) {
    let known = [("seq", seq.into()), ("kind", kind.into()), ("at", format!("2026-03-{at}.204Z").into())];
    let value = |column: &&str| {
        let found = known.iter().chain(held).find(|(name, _)| name == column);
        found.map_or(Value::Null, |(_, value)| value.clone())
    };
    reply.rows.push(COLUMNS.iter().map(value).collect());
}

fn text<'a>(held: &[(&'a str, &str)]) -> Vec<(&'a str, Value)> {
    let value = |text: &str| text.parse().map_or_else(|_| Value::from(text), Value::Integer);
    held.iter().map(|(name, text)| (*name, value(text))).collect()
}

/// A row: its entry, kind, time of day, and values.
type Happened<'a> = (i64, &'a str, &'a str, &'a [(&'a str, &'a str)]);

fn events(rows: &[Happened<'_>]) -> Reply {
    let mut reply = Reply { shape: Shape::Events, ..Reply::with_columns(&COLUMNS) };
    for (seq, kind, at, held) in rows {
        row(&mut reply, *seq, kind, at, &text(held));
    }
    reply
}

/// Returns the events of an afternoon.
fn afternoon() -> Reply {
    let assigned = [
        ("conversation", "12"),
        ("event", "assign"),
        ("from_state", "Open"),
        ("to_state", "Active"),
        ("agent", "dana"),
        ("from_queue", "billing"),
        ("queue", "billing"),
        ("actor_kind", "supervisor"),
        ("actor", "maria"),
    ];
    let returned = [
        ("conversation", "12"),
        ("event", "agent_timeout"),
        ("from_state", "Active"),
        ("to_state", "Open"),
        ("from_agent", "dana"),
        ("from_queue", "billing"),
        ("queue", "billing"),
        ("actor_kind", "timer"),
    ];
    let opened = [
        ("conversation", "13"),
        ("event", "open"),
        ("to_state", "Open"),
        ("queue", "front"),
        ("actor_kind", "customer"),
    ];
    let forced = [
        ("conversation", "13"),
        ("event", "transfer_queue"),
        ("from_state", "Open"),
        ("to_state", "Open"),
        ("from_queue", "front"),
        ("queue", "billing"),
        ("actor", "omar"),
        ("override", "1"),
        ("reason", "wrong desk"),
    ];
    let said = "It is on its way: we have asked the carrier, and he will call you before noon.";
    events(&[
        (812, "entry", "02T09:14:07", &[("actor", "maria"), ("statement", "ASSIGN 12 TO AGENT dana")]),
        (812, "transition", "02T09:14:07", &assigned),
        (
            813,
            "entry",
            "02T09:14:09",
            &[("actor", "bob"), ("statement", "MESSAGE 12 FROM AGENT dana :text_17")],
        ),
        (
            813,
            "message",
            "02T09:14:09",
            &[("conversation", "12"), ("author", "dana"), ("body", said), ("name", "text")],
        ),
        (814, "entry", "02T23:59:59", &[("actor_kind", "timer"), ("statement", "SWEEP TIMEOUTS")]),
        (814, "transition", "02T23:59:59", &returned),
        (815, "entry", "03T00:00:01", &[("actor", "web")]),
        (815, "transition", "03T00:00:01", &opened),
        (815, "session", "03T00:00:01", &[("conversation", "13"), ("item", "chat"), ("name", "connected")]),
        (816, "transition", "03T00:00:02", &forced),
    ])
}

#[test]
fn following_is_pleasant_at_eighty_columns() {
    assert_eq!(
        shown(&afternoon(), &at_terminal(80)),
        "2026-03-02
09:14:07    #812  maria: ASSIGN 12 TO AGENT dana
09:14:07      12  Open → Active        dana      billing   assign by maria
09:14:09    #813  bob: MESSAGE 12 FROM AGENT dana :text_17
09:14:09      12  dana: 'It is on its way: we have asked the carrier, and he
                  will call you before noon.'
23:59:59    #814  timer: SWEEP TIMEOUTS
23:59:59      12  Active → Open        dana →    billing   agent_timeout
2026-03-03
00:00:01    #815  web: (purged)
00:00:01      13  → Open               –         front     open by customer
00:00:01      13  chat connected
00:00:02      13  Open → Open          –         front → billing   transfer_que…
"
    );
}

#[test]
fn a_wide_terminal_and_a_pipe_show_all_of_it() {
    let wide = shown(&afternoon(), &at_terminal(200));
    assert!(wide.contains("front → billing   transfer_queue by omar, override: 'wrong desk'\n"), "{wide}");
    assert!(wide.contains("he will call you before noon.'\n"), "{wide}");
    let piped = shown(&afternoon(), &in_pipe(Format::Table));
    assert!(piped.starts_with("2026-03-02T09:14:07.204Z    #812  maria: ASSIGN"), "{piped}");
    assert!(piped.contains("he will call you before noon.'\n") && !piped.contains('\x1b'), "{piped}");
}

#[test]
fn whatever_changes_is_a_few_words() {
    for (kind, held, words) in [
        ("participant", [("item", "maria"), ("name", "joined"), ("value", "monitor")], "maria monitors"),
        (
            "participant",
            [("item", "dana"), ("name", "joined"), ("value", "consultant")],
            "dana joined as consultant",
        ),
        ("participant", [("item", "dana"), ("name", "left"), ("agent", "")], "dana left"),
        ("offer", [("agent", "bob"), ("name", "made"), ("value", "1")], "offered to bob"),
        ("offer", [("agent", "bob"), ("name", "declined"), ("item", "")], "bob declined the offer"),
        ("member", [("agent", "bob"), ("name", "joined"), ("queue", "front")], "bob joined front"),
        ("agent", [("agent", "bob"), ("name", "presence"), ("value", "away")], "bob is away"),
        ("agent", [("agent", "bob"), ("name", "connected"), ("value", "off")], "bob disconnected"),
        ("agent", [("agent", "bob"), ("name", "created"), ("value", "bob")], "agent bob created"),
        ("queue", [("queue", "front"), ("name", "priority"), ("value", "10")], "queue front: priority = 10"),
        (
            "workstream",
            [("object", "chats"), ("name", "mode"), ("value", "push")],
            "workstream chats: mode = push",
        ),
        ("conversation", [("conversation", "12"), ("name", "archived"), ("value", "77")], "archived"),
        ("conversation", [("conversation", "12"), ("name", "priority"), ("value", "5")], "priority = 5"),
        ("text", [("object", "17"), ("name", "erased"), ("item", "")], "text 17 erased"),
    ] {
        let reply = events(&[(5, kind, "02T09:14:07", &held)]);
        let line = shown(&reply, &at_terminal(80));
        assert_eq!(line.lines().last().unwrap().get(18..).unwrap(), words);
    }
}

#[test]
fn what_a_customer_writes_stays_words_on_its_line() {
    let body = "a\x1b[2J\r\n\u{202e}#813  maria: FORCE CLOSE 1";
    let held = [("conversation", "12"), ("author_kind", "customer"), ("body", body), ("name", "text")];
    assert_eq!(
        shown(&events(&[(1, "message", "02T09:14:07", &held)]), &at_terminal(80)),
        "2026-03-02\n09:14:07      12  customer: 'a\\x1b[2J\\r\\n\\u{202e}#813  maria: FORCE CLOSE 1'\n"
    );
}

#[test]
fn the_entry_is_faint_and_the_day_stands_once() {
    let options = RenderOptions { color: Color::On, ..at_terminal(80) };
    let one = |seq| events(&[(seq, "entry", "02T09:14:07", &[("actor", "bob"), ("statement", "ROUTE")])]);
    let (mut out, mut stream) = (Vec::new(), StreamState::default());
    for seq in [1, 2] {
        pass(&mut out, &one(seq), &options, &mut stream).unwrap();
    }
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\x1b[2m2026-03-02\x1b[0m\n\x1b[2m09:14:07      #1  bob: ROUTE\x1b[0m\n\x1b[2m09:14:07      #2  bob: ROUTE\x1b[0m\n"
    );
}

#[test]
fn programs_read_one_header_or_an_object_a_row_without_what_it_has_not() {
    let reply = events(&[(1, "entry", "02T09:14:07", &[("actor", "bob"), ("statement", "ROUTE")])]);
    let object = "{\"seq\":1,\"kind\":\"entry\",\"at\":\"2026-03-02T09:14:07.204Z\",\"actor\":\"bob\",\"statement\":\"ROUTE\"}\n";
    for format in [Format::Json, Format::Jsonl] {
        assert_eq!(shown(&reply, &in_pipe(format)), object);
    }
    for format in [Format::Csv, Format::Tsv] {
        let (mut out, mut stream) = (Vec::new(), StreamState::default());
        for reply in [&events(&[]), &reply, &events(&[]), &reply] {
            pass(&mut out, reply, &in_pipe(format), &mut stream).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        assert_eq!((text.lines().count(), text.matches("statement").count()), (3, 1), "{text}");
    }
    for format in [Format::Table, Format::Markdown, Format::List, Format::Json] {
        assert_eq!(shown(&events(&[]), &in_pipe(format)), "", "{}", format.name());
    }
}
