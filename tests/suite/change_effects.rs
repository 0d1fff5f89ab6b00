//! Every accepted change takes effect once, immediately, and can never be cited again.
//!
//! After each kind of change, the row of the current state carries the number of the change (or the change leaves
//! no row), and no forged row or value is accepted under that number. The kinds are read from the file, so a new
//! one is included.

use crate::desk_fixture::desk;
use crate::log_copy::LogCopy;
use crate::schema_fixture::{SchemaFixture, code, digest};
use rusqlite::types::{Null, Value};

/// A change of the closed list, and the value that it is given here.
pub struct Kind {
    pub kind: String,
    pub name: String,
    value: Value,
}

/// What a change is about, and which row of the state must carry it (none: it leaves no row).
pub struct Subject {
    pub id: i64,
    pub item: Value,
    row: Option<String>,
}

/// A desk with things that nothing needs: queue 4, agent 4, workstream 7, customer 5 with the handle 6, lifecycle 3; conversation 8 is
/// closed, 2 in Wrap-up.
pub fn spare() -> SchemaFixture {
    let file = desk();
    file.logged(|file| file.change("queue", 4, Null, "created", "spare".to_owned()));
    file.logged(|file| file.change("agent", 4, Null, "created", "spare".to_owned()));
    file.logged(|file| file.change("workstream", 7, Null, "created", "spare".to_owned()));
    file.logged(|file| file.customer("spare"));
    file.logged(|file| {
        file.customer("another")?;
        file.change("customer", 6, Null, "merged", 5)
    });
    file.logged(|file| file.transition(&crate::schema_fixture::Move::new(8, "close", "Closed", 1)));
    file.logged(|file| file.transition(&crate::schema_fixture::Move::new(2, "end", "Wrap-up", 1).with(1, 1)));
    file.logged(|file| file.change("timer", 2, "wrapup_capacity".to_owned(), "started", 1_000));
    file
}

/// All kinds of change with a value that each takes.
pub fn kinds(file: &SchemaFixture) -> Vec<Kind> {
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
            "digest" => Value::Blob(digest(7)),
            "text" => Value::Text("0".repeat(usize::try_from(minimum.max(7)).expect("a length"))),
            _ => Value::Text(choices.rsplit('|').next().unwrap_or_default().to_owned()),
        };
        Ok(Kind { kind: row.get(0)?, name: row.get(1)?, value })
    });
    kinds.expect(sql).collect::<rusqlite::Result<_>>().expect(sql)
}

/// What to try a kind on.
pub fn subject(file: &SchemaFixture, kind: &Kind) -> Subject {
    let next = format!("SELECT max(id) + 1 FROM object WHERE kind = '{}'", kind.kind);
    let word = |word: &str| Value::Text(word.to_owned());
    let of = |id: i64, item: Value, row: &str| Subject { id, item, row: Some(row.to_owned()) };
    let own = |spare: i64| {
        let id = if kind.name == "created" { file.number(&next) } else { spare };
        let row = match kind.name.as_str() {
            "created" | "dropped" => format!("object WHERE kind = '{}' AND id = {id}", kind.kind),
            name => format!("setting WHERE kind = '{}' AND object = {id} AND name = '{name}'", kind.kind),
        };
        of(id, Value::Null, &row)
    };
    let conversation = |id: i64| of(id, Value::Null, &format!("conversation WHERE id = {id}"));
    let gone = |id: i64| Subject { id, item: Value::Null, row: None };
    match kind.kind.as_str() {
        "queue" | "agent" => own(4),
        "supervisor" | "service" | "report" => own(2),
        "workstream" => own(7),
        // What is defined changes no more: its options are set while it is.
        "lifecycle" if kind.name == "dropped" => own(3),
        "lifecycle" => own(4),
        "site" => own(-1),
        "conversation" if matches!(kind.name.as_str(), "archived" | "unpacked" | "purged") => conversation(8),
        // Only after-work whose time is over may cost nothing.
        "conversation" if kind.name == "units" => conversation(2),
        "conversation" => conversation(1),
        "offer" if kind.name == "made" => of(1, Value::Integer(1), "offer WHERE conversation = 1"),
        "offer" => Subject { item: Value::Integer(2), ..gone(6) },
        "member" => of(4, Value::Integer(4), "queue_member WHERE queue = 4 AND agent = 4"),
        "session" => of(5, word("sms"), "channel_session WHERE conversation = 5 AND channel = 'sms'"),
        "participant" => of(5, word("Bob"), "participant WHERE conversation = 5 AND name = 'BOB'"),
        "timer" if kind.name == "stopped" => Subject { item: word("queue_timeout"), ..gone(1) },
        "timer" => of(1, word("queue_timeout"), "timer WHERE conversation = 1 AND timer = 'queue_timeout'"),
        "customer" => match kind.name.as_str() {
            "erased" => gone(5),
            "merged" => of(5, Value::Null, "handle WHERE id = 6"),
            "removed" => of(6, Value::Null, "handle WHERE id = 6"),
            name => of(
                5,
                Value::Null,
                &format!("setting WHERE kind = 'customer' AND object = 5 AND name = '{name}'"),
            ),
        },
        "key" => gone(file.number("SELECT entry FROM key")),
        "text" => gone(1),
        "entry" => gone(2),
        other => panic!("{other} is a new kind of change: say what to try it on"),
    }
}

/// What a kind of change comes after: what is defined was created in the same entry.
pub fn begun(file: &SchemaFixture, kind: &Kind) {
    if kind.kind == "lifecycle" && kind.name != "created" && kind.name != "dropped" {
        file.change("lifecycle", 4, Null, "created", "new".to_owned()).expect("a lifecycle");
    }
}

/// What is left of the effect of a change that leaves no row: nothing, or the digest that it carries.
fn vanished(file: &SchemaFixture, kind: &Kind) -> bool {
    let sql = match kind.kind.as_str() {
        "timer" => "SELECT count(*) FROM timer WHERE conversation = 1 AND timer = 'queue_timeout'",
        "offer" => "SELECT count(*) FROM offer WHERE conversation = 6",
        "customer" => "SELECT count(coalesce(handle, salt)) + (digest IS NOT ?1) FROM customer WHERE id = 5",
        "key" => "SELECT count(coalesce(key, salt, lookup)) + (digest IS NOT ?1) FROM key",
        "text" => "SELECT count(coalesce(body, salt)) + (digest IS NOT ?1) FROM text WHERE id = 1",
        _ => "SELECT count(statement) FROM entry WHERE seq = 2",
    };
    let left = sql.replace("?1", "(SELECT value FROM change ORDER BY seq DESC LIMIT 1)");
    file.number(&left) == 0
}

/// A statement for every column of every table that cites changes: the cited row, all rows, and rows put in again.
fn forgeries(file: &SchemaFixture) -> Vec<String> {
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
fn assert_unforgeable(file: &SchemaFixture, seq: i64, context: &str) -> usize {
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
    let twin = LogCopy::of(&file);
    let (mut count, mut attempts) = (0, 0);
    for kind in &kinds(&file) {
        let context = format!("{} {} {:?}", kind.kind, kind.name, kind.value);
        file.run("BEGIN").expect("a transaction");
        file.begin(80_000);
        let subject = subject(&file, kind);
        begun(&file, kind);
        let of_conversations =
            "SELECT group_concat(change) FROM (SELECT change FROM conversation ORDER BY id)";
        let cited: String =
            file.connection.query_row(of_conversations, [], |row| row.get(0)).expect(of_conversations);
        let answer =
            file.change(&kind.kind, subject.id, subject.item.clone(), &kind.name, kind.value.clone());
        assert_eq!(answer, Ok(1), "{context}");
        let seq = file.number("SELECT max(seq) FROM change");
        match &subject.row {
            Some(row) => assert_eq!(file.number(&format!("SELECT change FROM {row}")), seq, "{context}"),
            None => assert!(vanished(&file, kind), "{context}: still there"),
        }
        if kind.kind != "conversation" {
            let now: String =
                file.connection.query_row(of_conversations, [], |row| row.get(0)).expect(of_conversations);
            assert_eq!(now, cited, "{context}: only what is about a conversation itself is cited by it");
        }
        if kind.name == "created" {
            assert_initial(&file, kind, &subject, seq);
        }
        if kind.name == "archived" {
            assert_eq!(code(&file.close()), "unlogged", "{context}: closed over without the archive");
            file.archive(subject.id, &[7]).expect("an archive comes after its change");
        }
        attempts += assert_unforgeable(&file, seq, &context);
        if kind.kind == "lifecycle" && subject.id == 4 && kind.name != "digest" {
            assert_eq!(code(&file.close()), "unlogged", "{context}: not defined");
            file.change("lifecycle", 4, Null, "digest", digest(0)).expect("it is defined");
        }
        file.close().expect("an entry whose rows have taken effect is closed");
        attempts += assert_unforgeable(&file, seq, &context);
        twin.assert_follows(&file, &context);
        file.run("ROLLBACK").expect("rolled back");
        count += 1;
    }
    println!("{count} kinds of change, {attempts} forgeries");
}

/// What is created has the settings that its kinds of change begin with, under the change that created it, and no more.
fn assert_initial(file: &SchemaFixture, kind: &Kind, subject: &Subject, seq: i64) {
    let made = format!(
        "SELECT count(*) FROM setting WHERE kind = '{}' AND object = {} AND change = {seq}",
        kind.kind, subject.id
    );
    let known = format!(
        "SELECT count(*) FROM change_kind JOIN setting USING (kind, name)
         WHERE kind = '{}' AND object = {} AND change = {seq} AND setting.value IS initial",
        kind.kind, subject.id
    );
    let expected =
        format!("SELECT count(*) FROM change_kind WHERE kind = '{}' AND initial IS NOT NULL", kind.kind);
    let expected = file.number(&expected);
    assert_eq!((file.number(&made), file.number(&known)), (expected, expected), "{}", kind.kind);
}

#[test]
fn a_timer_ends_with_its_state() {
    let file = desk();
    let timers = |conversation: i64| {
        file.number(&format!("SELECT count(*) FROM timer WHERE conversation = {conversation}"))
    };
    assert_eq!((timers(1), timers(5), timers(8)), (1, 2, 1));
    let step = crate::schema_fixture::Move::new(1, "assign_queue", "Open", 2);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(1), 1, "a self-loop neither leaves nor enters");
    let step = crate::schema_fixture::Move::new(5, "resume", "Active", 1).with(2, 1);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(5), 0, "one that runs on is written again for the next visit");
    let step = crate::schema_fixture::Move::new(8, "close", "Closed", 1);
    file.logged(|file| file.transition(&step));
    assert_eq!(timers(8), 0, "a closed conversation has none");
    LogCopy::of(&file);
}

#[test]
fn participants_are_compared_without_case() {
    let file = desk();
    let since = file.number("SELECT since FROM participant WHERE name = 'bob'");
    file.logged(|file| file.change("participant", 2, "BOB".to_owned(), "joined", "consultant".to_owned()));
    assert_eq!(file.number("SELECT count(*) FROM participant WHERE conversation = 2"), 2);
    assert!(file.number("SELECT since FROM participant WHERE name = 'bob' AND until IS NULL") > since);
    LogCopy::of(&file);
}
