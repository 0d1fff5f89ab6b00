//! SELECT reads the views and nothing else, however it is written.
//!
//! The attempts are made for every table of the file, so a new one is included. A refusal has the code `sql`, and
//! the file is unchanged.

mod bounds;
mod parameters;

use switchboard::{Context, Parameters, Value};

use crate::schema_fixture::SchemaFixture;
use crate::support::World;

/// The views that serve the triggers.
const INTERNAL: [&str; 3] = ["conversation_fixed", "conversation_moved", "unapplied_change"];

/// Tables that SQLite itself has, or would have with other options.
const BUILT_IN: [&str; 9] = [
    "sqlite_schema",
    "sqlite_master",
    "sqlite_temp_schema",
    "sqlite_temp_master",
    "sqlite_stat1",
    "sqlite_sequence",
    "sqlite_dbpage",
    "dbstat",
    "sqlite_stmt",
];

/// Ways to read a table; `T` stands for it, `C` for one of its columns.
const WAYS: [&str; 58] = [
    "SELECT * FROM T",
    "SELECT C FROM T",
    "SELECT count(*) FROM T",
    "SELECT 1 FROM T",
    "SELECT C FROM \"T\"",
    "SELECT C FROM [T]",
    "SELECT C FROM `T`",
    "SELECT C FROM 'T'",
    "SELECT count(*) FROM 'T'",
    "SELECT count(*) FROM main.T",
    "SELECT count(*) FROM \"main\".[T]",
    "SELECT count(*) FROM/* */main/**/./**/T",
    "SELECT count(*) FROM -- x\n T",
    "SELECT count(*) FROM (T)",
    "SELECT count(*) FROM((T))",
    "SELECT count(*) FROM (SELECT C FROM T)",
    "SELECT count(*) FROM (SELECT 1 FROM T)",
    "SELECT count(*) FROM T AS conversations",
    "SELECT count(*) FROM T conversations",
    "SELECT C FROM T AS messages",
    "SELECT * FROM (SELECT C FROM T) AS messages",
    "SELECT * FROM (SELECT C FROM T) messages, messages AS other",
    "SELECT (SELECT count(*) FROM T)",
    "SELECT (SELECT C FROM T LIMIT 1) FROM conversations",
    "SELECT id FROM conversations WHERE EXISTS (SELECT 1 FROM T)",
    "SELECT id FROM conversations WHERE EXISTS (SELECT 1 FROM T WHERE T.C = conversations.id)",
    "SELECT id FROM conversations WHERE id IN (SELECT C FROM T)",
    "SELECT 1 FROM conversations ORDER BY (SELECT count(*) FROM T)",
    "SELECT count(*) FROM conversations GROUP BY (SELECT count(*) FROM T)",
    "SELECT count(*) FROM conversations, T",
    "SELECT count(*) FROM conversations JOIN T",
    "SELECT count(*) FROM conversations LEFT JOIN T ON 1",
    "SELECT count(*) FROM conversations NATURAL JOIN T",
    "SELECT count(*) FROM T CROSS JOIN conversations",
    "SELECT 1 UNION SELECT count(*) FROM T",
    "SELECT 1 UNION ALL SELECT C FROM T",
    "SELECT 1 EXCEPT SELECT C FROM T",
    "VALUES ((SELECT count(*) FROM T))",
    "WITH x AS (SELECT C FROM T) SELECT * FROM x",
    "WITH x AS (SELECT count(*) AS n FROM T) SELECT n FROM x",
    "WITH x AS (SELECT 1 FROM T) SELECT count(*) FROM x",
    "WITH x AS MATERIALIZED (SELECT 1 FROM T) SELECT count(*) FROM x, x AS y",
    "WITH x AS (WITH y AS (SELECT count(*) AS n FROM T) SELECT n FROM y) SELECT n FROM x",
    "WITH RECURSIVE x (n) AS (SELECT count(*) FROM T UNION SELECT n FROM x) SELECT n FROM x",
    "SELECT sum(n) OVER () FROM (SELECT count(*) AS n FROM T)",
    "SELECT rowid FROM T",
    "SELECT count(*) FROM (SELECT 1 AS C) NATURAL JOIN T",
    "SELECT C FROM (SELECT NULL AS C) FULL JOIN T USING (C)",
    "SELECT count(*) FROM T WINDOW T AS (ORDER BY 1)",
    "SELECT (SELECT count(*) FROM T) FROM (WITH T AS (SELECT 1) SELECT * FROM T)",
    "SELECT 1 WHERE 1 IN T",
    "SELECT count(*) FROM conversations window, T",
    "SELECT count(*) FROM conversations AS window JOIN T",
    "SELECT count(*) FROM conversations with, T",
    "SELECT count(*) FROM conversations AS \"where\", T",
    "SELECT count(*) FROM conversations recursive, T AS materialized",
    "EXPLAIN SELECT count(*) FROM conversations AS over, T",
    "SELECT 1 WHERE 1 NOT IN main.T",
];

/// Ways in which a table expression may take the name of a view; `V` stands for the view, `T` for a table.
const POSES: [&str; 16] = [
    "WITH V AS (SELECT * FROM T) SELECT * FROM V",
    "WITH \"V\" AS (SELECT * FROM T) SELECT * FROM V",
    "WITH [V] AS (SELECT * FROM T) SELECT * FROM V",
    "WITH `V` AS (SELECT * FROM T) SELECT * FROM V",
    "WITH 'V' AS (SELECT * FROM T) SELECT * FROM V",
    "wItH/**/V/* as x */aS/**/(SELECT * FROM T) SELECT * FROM V",
    "WITH V -- AS (SELECT 1)\n AS (SELECT * FROM T) SELECT * FROM V",
    "WITH V (a, b) AS (SELECT 1, count(*) FROM T) SELECT * FROM V",
    "WITH V (\"a)\", [b)]) AS (SELECT 1, count(*) FROM T) SELECT * FROM V",
    "WITH V AS NOT MATERIALIZED (SELECT * FROM T) SELECT * FROM V",
    "WITH V AS MATERIALIZED (SELECT * FROM T) SELECT * FROM V",
    "WITH x AS (SELECT 1), V AS (SELECT * FROM T) SELECT * FROM V",
    "WITH RECURSIVE V AS (SELECT * FROM T) SELECT * FROM V",
    "SELECT * FROM (WITH V AS (SELECT * FROM T) SELECT * FROM V)",
    "SELECT (WITH V AS (SELECT count(*) AS n FROM T) SELECT n FROM V)",
    "WITH x AS (WITH V AS (SELECT * FROM T) SELECT * FROM V) SELECT * FROM x",
];

/// What must be refused in any case.
const NEVER: [&str; 39] = [
    "WITH x AS (SELECT 1) INSERT INTO text SELECT * FROM text",
    "WITH x AS (SELECT 1) UPDATE conversation SET state = 'Closed'",
    "WITH x AS (SELECT 1) UPDATE conversation SET state = 'Closed' RETURNING *",
    "WITH x AS (SELECT 1) DELETE FROM entry",
    "WITH x AS (SELECT 1) DELETE FROM entry RETURNING *",
    "WITH x AS (SELECT 1) REPLACE INTO text VALUES (1, 1, 1, 1, 1)",
    "SELECT 1 INTO x",
    "SELECT 1 INTO OUTFILE 'x'",
    "SELECT load_extension('x')",
    "SELECT LOAD_EXTENSION('x', 'y')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('x', 'y')",
    "SELECT edit('x')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT sqlite_compileoption_get(1)",
    "SELECT sqlite_compileoption_used('THREADSAFE')",
    "SELECT randomblob(1000)",
    "SELECT hex(\"RandomBlob\"(4))",
    "SELECT * FROM pragma_table_info('text')",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM pragma_compile_options",
    "SELECT * FROM pragma_function_list",
    "SELECT * FROM pragma_module_list",
    "SELECT * FROM pragma_user_version",
    "SELECT * FROM pragma_wal_checkpoint",
    "SELECT * FROM conversations, pragma_table_list",
    "SELECT name FROM main.sqlite_schema",
    "SELECT * FROM main.pragma_journal_mode",
    "SELECT * FROM bytecode('SELECT 1')",
    "SELECT * FROM tables_used('SELECT 1')",
    "SELECT * FROM generate_series(1, 2)",
    "SELECT * FROM fts3tokenize('simple', 'a b')",
    "SELECT no_such_function(1)",
    "SELECT 1 LIMIT 'x'",
    "SELECT abs(-9223372036854775808)",
    "SELECT json('{')",
    "SELECT body FROM messages WHERE text MATCH 'x'",
    "SELECT * FROM conversations FOR UPDATE",
];

fn tables() -> Vec<(String, String)> {
    let file = SchemaFixture::new();
    let mut tables: Vec<(String, String)> =
        file.tables().into_iter().map(|table| (table.clone(), file.columns(&table)[0].clone())).collect();
    tables.extend(INTERNAL.map(|view| (view.to_owned(), "*".to_owned())));
    tables.extend(BUILT_IN.map(|table| (table.to_owned(), "rowid".to_owned())));
    tables
}

/// Why an answer is not the refusal that it should be; none: it is.
fn unrefused(world: &mut World, select: &str) -> Option<String> {
    match world.try_run(select) {
        Err(failure) if failure.error.code().name() == "sql" => None,
        Err(failure) => Some(format!("{select}: {failure}")),
        Ok(reply) => Some(format!("{select}: answered {:?}", reply.rows.first())),
    }
}

#[test]
fn no_table_can_be_read_under_any_name() {
    let mut world = World::with_desk();
    let (mut faults, mut count) = (Vec::new(), 0);
    for (table, column) in tables() {
        for way in WAYS {
            count += 1;
            faults.extend(unrefused(&mut world, &in_place(way, &table, &column)));
        }
    }
    println!("{count} ways to read a table");
    assert!(faults.is_empty(), "{} of {count}:\n{}", faults.len(), faults.join("\n"));
}

/// The way with its table and column in place, where `T` and `C` stand as words of their own.
fn in_place(way: &str, table: &str, column: &str) -> String {
    let mut text = String::new();
    let bytes = way.as_bytes();
    let in_word = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    for (at, character) in way.char_indices() {
        let alone = !in_word(at.checked_sub(1)) && !in_word(Some(at + 1));
        match character {
            'T' if alone => text.push_str(table),
            'C' if alone => text.push_str(column),
            other => text.push(other),
        }
    }
    text
}

#[test]
fn no_table_expression_is_taken_for_a_view() {
    let mut world = World::with_desk();
    let views: Vec<String> = world.desk.views().expect("views").into_iter().map(|(view, _)| view).collect();
    let (mut faults, mut count) = (Vec::new(), 0);
    for view in &views {
        for pose in POSES {
            for name in [view.clone(), view.to_uppercase()] {
                count += 1;
                faults.extend(unrefused(&mut world, &in_place(&pose.replace('V', &name), "text", "body")));
            }
        }
    }
    println!("{count} poses");
    assert!(faults.is_empty(), "{} of {count}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_only_looks_like_a_select_is_refused() {
    let mut world = World::with_desk();
    let head = world.rows("SHOW HEAD");
    let mut faults: Vec<String> = NEVER.iter().filter_map(|select| unrefused(&mut world, select)).collect();
    for statement in ["EXPLAIN SELECT * FROM text", "EXPLAIN WITH x AS (SELECT * FROM text) SELECT * FROM x"]
    {
        faults.extend(unrefused(&mut world, statement));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for several in
        ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE entry", "VALUES (1); ATTACH 'x.db' AS x", "SELECT 1;; x"]
    {
        assert_eq!(world.refused(several), "syntax", "{several}");
    }
    assert_eq!(world.rows("SHOW HEAD"), head);
}

#[test]
fn what_reports_need_is_allowed() {
    let mut world = World::with_desk();
    for select in [
        "SELECT json_group_array(id) FROM conversations",
        "SELECT value FROM json_each('[1,2]')",
        "SELECT key FROM json_tree('{\"a\":1}')",
        "SELECT count(agent), max(queue) FROM conversations WHERE agent IS NOT NULL AND (agent) IN ('bob', 'alice')",
        "SELECT id FROM conversations WHERE agent IS DISTINCT FROM last_agent",
        "SELECT sum(i) OVER w FROM (SELECT 1 AS i) WINDOW w AS (ORDER BY i)",
        "SELECT n.i, c.state FROM (SELECT 1 AS i) AS n, conversations AS c WHERE c.id = n.i",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n",
        "SELECT 'SELECT body FROM text' AS words, \"text\".id FROM conversations AS \"text\" LIMIT 1",
        "SELECT rank() OVER (ORDER BY opened_at_ms) FROM conversations",
        "SELECT strftime('%H', opened_at), count(*) FROM conversations GROUP BY 1 HAVING count(*) > 0",
        "SELECT * FROM conversations NATURAL JOIN conversations LIMIT 1",
        "SELECT c.id, m.body FROM conversations AS c LEFT JOIN messages AS m ON m.conversation = c.id ORDER BY 1, 2",
        "SELECT count(*) FROM \"conversations\"",
        "SELECT count(*) FROM main.[Transitions]",
        "SELECT 1 WHERE 2 IN (SELECT id FROM conversations)",
        "SELECT COUNT(*) FROM CONVERSATIONS JOIN Messages ON 1",
        "SELECT State, Agent FROM Conversations WHERE Queue = 'billing'",
        "WITH x AS (SELECT id FROM conversations) SELECT count(*) FROM x",
        "WITH x (a) AS (VALUES (1), (2)) SELECT count(*) FROM x, x AS y",
        "VALUES (1, 'one'), (2, NULL)",
    ] {
        let answer = world.try_run(select);
        assert!(answer.is_ok(), "{select}: {:?}", answer.err());
    }
}

#[test]
fn every_column_of_every_view_is_read_alone_and_beside_every_other_view() {
    let mut world = World::with_desk();
    let views = world.desk.views().expect("views");
    let mut count = 0;
    for (view, columns) in &views {
        for column in columns {
            for select in [
                format!("SELECT {column} FROM {view}"),
                format!("SELECT count({column}) FROM {view} WHERE {column} IS NOT NULL"),
            ] {
                world.run(&select);
                count += 1;
            }
        }
        for (other, _) in &views {
            world.run(&format!("SELECT a.*, b.* FROM {view} AS a, {other} AS b LIMIT 3"));
            world.run(&format!("SELECT count(*) FROM {view} LEFT JOIN {other} AS b ON 1"));
            count += 2;
        }
    }
    println!("{count} queries of {} views", views.len());
}

#[test]
fn the_ends_of_time_show_exactly() {
    let mut world = World::new();
    for moment in [
        "0000-01-01T00:00:00.000Z",
        "0000-01-01T00:00:00.001Z",
        "1582-10-10T12:00:00.500Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00.000Z",
        "2026-03-01T09:00:00.001Z",
        "9999-12-31T23:59:59.999Z",
    ] {
        world.now = crate::support::at(moment);
        let name = moment.replace([':', '.', '-'], "_");
        world.run(&format!("CREATE QUEUE q{name}"));
        world.run(&format!("CREATE AGENT a{name} IN q{name}"));
        world.run(&format!(
            "CREATE WORKSTREAM w{name} WITH (channel = chat, lifecycle = omnichannel, queue = q{name})"
        ));
        world.run(&format!("OPEN ON w{name} FOR x BY a{name}"));
        let last = world.rows("SELECT max(id) FROM conversations")[0].clone();
        for (select, columns) in [
            (format!("FROM conversations WHERE id = {last}"), "opened_at state_since first_assigned_at"),
            (format!("FROM transitions WHERE conversation = {last}"), "at applied_at"),
            ("FROM journal ORDER BY seq DESC LIMIT 1".to_owned(), "at"),
            ("FROM changes ORDER BY seq DESC LIMIT 1".to_owned(), "at"),
            (format!("FROM ongoing WHERE conversation = {last}"), "opened_at touched_at"),
            (format!("FROM participants WHERE conversation = {last}"), "since"),
            (format!("FROM channel_sessions WHERE conversation = {last}"), "since"),
            (format!("FROM queue_members WHERE queue = 'q{name}'"), "joined_at"),
        ] {
            for column in columns.split(' ') {
                let found = world.rows(&format!("SELECT {column}, {column}_ms {select}"));
                assert!(!found.is_empty(), "{column} {select}");
                for row in found {
                    assert_eq!(row, format!("{moment}|{}", world.now.0), "{column} {select}");
                }
            }
        }
    }
}

#[test]
fn whole_numbers_bind_as_such_and_nothing_else_does() {
    let mut world = World::with_desk();
    let context = Context::given(world.now, "maria");
    for (text, kind) in [
        ("12", "integer"),
        ("-5", "integer"),
        ("0", "integer"),
        ("9223372036854775807", "integer"),
        ("-9223372036854775808", "integer"),
        ("9223372036854775808", "text"),
        ("012", "text"),
        ("+1", "text"),
        (" 1", "text"),
        ("1.5", "text"),
        ("-0", "text"),
        ("", "text"),
        ("x", "text"),
    ] {
        let mut parameters = Parameters::new();
        parameters.insert("given", text);
        let reply = world.desk.run("SELECT :given, typeof(:given)", &parameters, &context).expect(text);
        assert_eq!(crate::support::text(&reply.rows[0][0]), text);
        assert_eq!(reply.rows[0][1], Value::from(kind), "{text}");
    }
    let mut parameters = Parameters::new();
    parameters.insert("id", "2");
    let found = world.desk.run("SELECT id FROM conversations WHERE id = :id", &parameters, &context);
    assert_eq!(found.expect("a query").rows, [[Value::Integer(2)]]);
    let unknown = world.desk.run("SELECT :other", &parameters, &context).expect_err("it was not given");
    assert_eq!(unknown.error.code().name(), "unknown_parameter");
    for foreign in ["SELECT ?", "SELECT ?1", "SELECT @id", "SELECT $id"] {
        assert!(world.desk.run(foreign, &parameters, &context).is_err(), "{foreign}");
    }
}
