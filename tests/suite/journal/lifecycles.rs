//! A custom lifecycle that was changed outside the program is found by VERIFY JOURNAL.
//!
//! Every column of every table of lifecycles is tried, on a lifecycle that is used and on one that was dropped.

use super::tampering::{Finding, Original, after, columns, execute, primary, without_triggers};

/// Every value of a lifecycle that people have made, of the one that is used and of the one that was dropped.
#[test]
fn every_changed_value_of_a_custom_lifecycle_is_found() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut acts: Vec<String> = Vec::new();
    let mut question =
        connection.prepare("SELECT id FROM object WHERE kind = 'lifecycle' AND id > 0").expect("SQL");
    let made: Vec<i64> = (question.query_map([], |row| row.get(0)).expect("SQL"))
        .collect::<rusqlite::Result<_>>()
        .expect("SQL");
    assert_eq!(made.len(), 2, "one that is used and one that was dropped");
    for id in made {
        let of = |key: &str| match key {
            "lifecycle" => format!("lifecycle = {id}"),
            key => format!("kind = 'lifecycle' AND {key} = {id}"),
        };
        for (table, key) in
            [("object", "id"), ("setting", "object"), ("state", "lifecycle"), ("edge", "lifecycle")]
        {
            let place = primary(&connection, table).join(", ");
            let row = format!("({place}) = (SELECT {place} FROM {table} WHERE {} LIMIT 1)", of(key));
            for (column, _) in columns(&connection, table) {
                // One row, whatever the types: another number, another text, something where there was nothing.
                acts.push(format!(
                    "UPDATE OR REPLACE {table} SET \"{column}\" = CASE typeof(\"{column}\") WHEN 'integer' THEN \"{column}\" + 1
                         WHEN 'null' THEN 5000 WHEN 'blob' THEN zeroblob(32) ELSE \"{column}\" || 'x' END WHERE {row}"
                ));
            }
            acts.push(format!("DELETE FROM {table} WHERE {}", of(key)));
        }
        for option in
            ["one_per_customer", "ends_by_sessions", "customer_timeout", "transfer_presences", "digest"]
        {
            let row = format!("kind = 'lifecycle' AND object = {id} AND name = '{option}'");
            acts.push(format!("INSERT OR REPLACE INTO setting SELECT 'lifecycle', {id}, '{option}', 'x', 1"));
            if option != "customer_timeout" {
                acts.push(format!("UPDATE setting SET value = NULL WHERE {row}"));
                acts.push(format!("UPDATE setting SET change = change + 1 WHERE {row}"));
                acts.push(format!("DELETE FROM setting WHERE {row}"));
            }
        }
        acts.push(format!("UPDATE edge SET after_ms = NULL WHERE lifecycle = {id} AND after_ms IS NOT NULL"));
        acts.push(format!("INSERT INTO state VALUES ({id}, 'New', 'voice', 'queued', 99)"));
        acts.push(format!("INSERT INTO edge SELECT lifecycle, channel, from_state, 'requeue', '', to_state, to_phase, NULL FROM edge WHERE lifecycle = {id} LIMIT 1"));
        acts.push(format!("UPDATE object SET dropped = 1 - dropped WHERE {}", of("id")));
        acts.push(format!("UPDATE object SET name = upper(name) WHERE {}", of("id")));
    }
    acts.push("INSERT INTO state VALUES (99, 'New', 'voice', 'queued', 1)".to_owned());
    acts.push("INSERT INTO edge VALUES (99, 'voice', '', 'open', '', 'New', 'queued', NULL)".to_owned());
    acts.push("INSERT INTO object VALUES ('lifecycle', 99, 'new', 0, 1)".to_owned());
    drop(question);
    drop(connection);
    let mut faults = Vec::new();
    for act in &acts {
        let finding = after(&original, |connection| {
            without_triggers(connection, |connection| execute(connection, act));
        });
        if !matches!(&finding, Finding::Fault(code, _) if code == "broken_chain") {
            faults.push(format!("{act}: {finding:?}"));
        }
    }
    println!("{} things done to lifecycles", acts.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
