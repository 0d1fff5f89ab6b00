//! Every accepted change takes effect once, at once, and can never be cited again.
//!
//! What matters: after each kind of change the row of the current state carries the change's number (or the change is
//! one that leaves no row), and no forged row or value gets in under that number. The kinds are read from the file, so
//! that a new one is tried from its first day; it deliberately does not know what the triggers look like.

use crate::bare::{Bare, code};
use crate::desk::{Twin, desk};
use rusqlite::types::{Null, Value};

/// A change of the closed list, and the value that it is given here.
struct Kind {
    kind: String,
    name: String,
    value: Value,
}

/// What a change is about, and which row of the state must carry it (none: it leaves no row).
struct Subject {
    id: i64,
    part: Value,
    row: Option<String>,
}

/// A desk with things that nothing needs: queue 4, agent 4, workstream 7, customer 5, lifecycle 7; conversation 8 is
/// closed, 2 in Wrap-up.
fn spare() -> Bare {
    let file = desk();
    file.logged(|file| file.change("queue", 4, Null, "created", "spare".to_owned()));
    file.logged(|file| file.change("agent", 4, Null, "created", "spare".to_owned()));
    file.logged(|file| file.change("workstream", 7, Null, "created", "spare".to_owned()));
    file.logged(|file| file.customer("spare"));
    file.logged(|file| file.transition(&crate::bare::Move::new(8, "close", "Closed", 1)));
    file.logged(|file| file.transition(&crate::bare::Move::new(2, "end", "Wrap-up", 1).with(1, 1)));
    file.logged(|file| file.change("timer", 2, "wrapup_capacity".to_owned(), "started", 1_000));
    file
}

/// All kinds of change with a value that each takes.
fn kinds(file: &Bare) -> Vec<Kind> {
    let sql = "SELECT kind, name, value, minimum, maximum, choices FROM change_kind";
    let mut statement = file.connection.prepare(sql).expect(sql);
    let kinds = statement.query_map([], |row| {
        let (minimum, maximum): (i64, i64) = (row.get(3)?, row.get(4)?);
        let choices: String = row.get(5)?;
        let value = match row.get::<_, String>(2)?.as_str() {
            "none" => Value::Null,
            // What is offered costs what its workstream says.
            "integer" if row.get::<_, String>(0)? == "offer" => Value::Integer(1),
            "integer" => Value::Integer(minimum.max(90_000).min(maximum)),
            "id" => Value::Integer(1),
            "text" => Value::Text("0".repeat(usize::try_from(minimum.max(7)).expect("a length"))),
            _ => Value::Text(choices.rsplit('|').next().unwrap_or_default().to_owned()),
        };
        Ok(Kind { kind: row.get(0)?, name: row.get(1)?, value })
    });
    kinds.expect(sql).collect::<rusqlite::Result<_>>().expect(sql)
}

/// What to try a kind on.
fn subject(file: &Bare, kind: &Kind) -> Subject {
    let next = |table: &str| file.number(&format!("SELECT max(id) + 1 FROM {table}"));
    let thing = |spare: i64| match kind.name.as_str() {
        "created" => next(&kind.kind),
        _ => spare,
    };
    let part = |word: &str| Value::Text(word.to_owned());
    let of = |id: i64, part: Value, row: &str| Subject { id, part, row: Some(row.to_owned()) };
    let own = |id: i64| of(id, Value::Null, &format!("{} WHERE id = {id}", kind.kind));
    let gone = |id: i64| Subject { id, part: Value::Null, row: None };
    match kind.kind.as_str() {
        "queue" | "agent" => own(thing(4)),
        "supervisor" | "service" | "report" => own(thing(2)),
        "workstream" => own(thing(7)),
        // What is drawn changes no more: its options are set while it is.
        "lifecycle" if kind.name == "dropped" => own(7),
        "lifecycle" => own(8),
        "conversation" if matches!(kind.name.as_str(), "archived" | "kept") => own(8),
        // Only after-work whose time is over may cost nothing.
        "conversation" if kind.name == "units" => own(2),
        "offer" if kind.name == "made" => of(1, Value::Integer(1), "offer WHERE conversation = 1"),
        "offer" => Subject { part: Value::Integer(2), ..gone(6) },
        "conversation" => own(1),
        "site" => of(1, Value::Null, "site_setting WHERE id = 1"),
        "member" => of(4, Value::Integer(4), "queue_member WHERE queue = 4 AND agent = 4"),
        "session" => of(5, part("sms"), "channel_session WHERE conversation = 5 AND channel = 'sms'"),
        "participant" => of(5, part("Bob"), "participant WHERE conversation = 5 AND name = 'BOB'"),
        "timer" if kind.name == "stopped" => Subject { part: part("queue_timeout"), ..gone(1) },
        "timer" => of(1, part("queue_timeout"), "timer WHERE conversation = 1 AND timer = 'queue_timeout'"),
        "customer" => gone(5),
        "text" => gone(1),
        "entry" => gone(2),
        other => panic!("{other} is a new kind of change: say what to try it on"),
    }
}

/// What is left of the effect of a change that leaves no row: nothing.
fn vanished(file: &Bare, kind: &Kind) -> bool {
    let sql = match kind.kind.as_str() {
        "timer" => "SELECT count(*) FROM timer WHERE conversation = 1 AND timer = 'queue_timeout'",
        "offer" => "SELECT count(*) FROM offer WHERE conversation = 6",
        "customer" => "SELECT count(coalesce(handle, salt)) FROM customer WHERE id = 5",
        "text" => "SELECT count(coalesce(body, salt)) FROM text WHERE id = 1",
        _ => "SELECT count(statement) FROM entry WHERE seq = 2",
    };
    file.number(sql) == 0
}

/// A statement for every column of every table that cites changes: the cited row, all rows, and rows put in anew.
fn forgeries(file: &Bare) -> Vec<String> {
    let mut forgeries = vec!["DELETE FROM timer WHERE ?1".to_owned()];
    for table in file.tables() {
        let columns = file.columns(&table);
        if !columns.iter().any(|column| column == "change") {
            continue;
        }
        for forged in &columns {
            let value = |column: &String| match column {
                column if column == "change" => "?1".to_owned(),
                column if column == forged => format!(
                    "CASE typeof(\"{column}\") WHEN 'integer' THEN \"{column}\" + 1 WHEN 'text' THEN \"{column}\" || 'x' WHEN 'blob' THEN CAST(\"{column}\" || 'x' AS BLOB) ELSE 1 END"
                ),
                column => format!("\"{column}\""),
            };
            let values: Vec<_> = columns.iter().map(value).collect();
            let set =
                format!("UPDATE OR REPLACE \"{table}\" SET \"{forged}\" = {}, change = ?1", value(forged));
            let set = if forged == "change" { format!("UPDATE \"{table}\" SET change = ?1") } else { set };
            forgeries.push(format!("{set} WHERE change = ?1"));
            forgeries.push(set);
            forgeries.push(format!(
                "INSERT OR REPLACE INTO \"{table}\" SELECT {} FROM \"{table}\"",
                values.join(", ")
            ));
        }
    }
    forgeries
}

/// Makes every forgery and gives their number.
fn assert_unforgeable(file: &Bare, seq: i64, context: &str) -> usize {
    let before = file.dump();
    let forgeries = forgeries(file);
    for forgery in &forgeries {
        let answer = file.forge(forgery, seq);
        let refused = answer.as_ref().map_or_else(|_| code(&answer) == "unlogged", |rows| *rows == 0);
        assert!(refused, "{context}: {forgery}: {answer:?}");
    }
    assert_eq!(file.dump(), before, "{context}: forged");
    forgeries.len()
}

#[test]
fn every_change_takes_effect_and_cannot_be_cited_again() {
    let file = spare();
    let twin = Twin::of(&file);
    let (mut count, mut attempts) = (0, 0);
    for kind in &kinds(&file) {
        let context = format!("{} {} {:?}", kind.kind, kind.name, kind.value);
        file.run("BEGIN").expect("a transaction");
        file.entry(80_000).expect("an entry opens");
        let subject = subject(&file, kind);
        let of_a_new_one = kind.kind == "lifecycle" && kind.name != "created" && kind.name != "dropped";
        if of_a_new_one {
            file.change("lifecycle", 8, Null, "created", "new".to_owned()).expect("a lifecycle");
        }
        let answer =
            file.change(&kind.kind, subject.id, subject.part.clone(), &kind.name, kind.value.clone());
        assert_eq!(answer, Ok(1), "{context}");
        let seq = file.number("SELECT max(seq) FROM change");
        match &subject.row {
            Some(row) => assert_eq!(file.number(&format!("SELECT change FROM {row}")), seq, "{context}"),
            None => assert!(vanished(&file, kind), "{context}: still there"),
        }
        if matches!(kind.kind.as_str(), "session" | "participant" | "timer") {
            let conversation = format!("SELECT change FROM conversation WHERE id = {}", subject.id);
            assert_eq!(file.number(&conversation), seq, "{context}: the conversation cites it, too");
        }
        if kind.name == "archived" {
            assert_eq!(code(&file.seal()), "unlogged", "{context}: sealed without the archive");
            file.archive(subject.id, &[7]).expect("an archive comes after its change");
        }
        attempts += assert_unforgeable(&file, seq, &context);
        if kind.kind == "lifecycle" && subject.id == 8 && kind.name != "drawn" {
            assert_eq!(code(&file.seal()), "unlogged", "{context}: not drawn");
            file.change("lifecycle", 8, Null, "drawn", "0".repeat(64)).expect("it is drawn");
        }
        file.seal().expect("an entry whose rows have taken effect is sealed");
        attempts += assert_unforgeable(&file, seq, &context);
        twin.assert_follows(&file, &context);
        file.run("ROLLBACK").expect("taken back");
        count += 1;
    }
    println!("{count} kinds of change, {attempts} forgeries");
}

#[test]
fn a_timer_goes_with_the_state_that_it_belongs_to() {
    let file = desk();
    let timers = |conversation: i64| {
        file.number(&format!("SELECT count(*) FROM timer WHERE conversation = {conversation}"))
    };
    assert_eq!((timers(1), timers(5), timers(8)), (1, 2, 1));
    let step = crate::bare::Move::new(1, "assign_queue", "Open", 2);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(1), 1, "a self-loop neither leaves nor enters");
    let step = crate::bare::Move::new(5, "resume", "Active", 1).with(2, 1);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(5), 0, "one that runs on is written again for the next visit");
    let step = crate::bare::Move::new(8, "close", "Closed", 1);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(8), 0, "a closed conversation has none");
    Twin::of(&file);
}

#[test]
fn a_participant_is_the_same_in_whatever_letters() {
    let file = desk();
    let since = file.number("SELECT since FROM participant WHERE name = 'bob'");
    file.logged(|file| file.change("participant", 2, "BOB".to_owned(), "joined", "consultant".to_owned()));
    assert_eq!(file.number("SELECT count(*) FROM participant WHERE conversation = 2"), 2);
    assert!(file.number("SELECT since FROM participant WHERE name = 'bob' AND until IS NULL") > since);
    Twin::of(&file);
}
