//! A lifecycle that people have made, changed behind the program's back: VERIFY JOURNAL says so.
//!
//! What matters: every column of every table of lifecycles is tried, on one that is used and on one that was dropped.

use super::tampering::{Finding, Original, after, columns, execute, without_triggers};

/// Every value of a lifecycle that people have made, of the one that is used and of the one that was dropped.
#[test]
fn every_value_of_a_lifecycle_that_people_made_is_held_against_its_drawing() {
    let original = Original::new();
    let (_, connection) = original.copy();
    let mut acts: Vec<String> = Vec::new();
    let mut question = connection.prepare("SELECT id FROM lifecycle WHERE journal IS NOT NULL").expect("SQL");
    let made: Vec<i64> = (question.query_map([], |row| row.get(0)).expect("SQL"))
        .collect::<rusqlite::Result<_>>()
        .expect("SQL");
    assert_eq!(made.len(), 2, "one that is used and one that was dropped");
    for id in made {
        for (table, key) in [("lifecycle", "id"), ("state", "lifecycle"), ("edge", "lifecycle")] {
            for (column, _) in columns(&connection, table) {
                // One row, whatever the types: another number, another text, something where there was nothing.
                let place = if table == "lifecycle" { "rowid" } else { "(lifecycle, channel)" };
                let row = format!(
                    "(SELECT {} FROM {table} WHERE {key} = {id} LIMIT 1)",
                    place.trim_matches(['(', ')'])
                );
                acts.push(format!(
                    "UPDATE OR REPLACE {table} SET \"{column}\" = CASE typeof(\"{column}\") WHEN 'integer' THEN \"{column}\" + 1
                         WHEN 'null' THEN {} ELSE \"{column}\" || 'x' END WHERE {place} = {row}",
                    if column == "drawn" { "'x'" } else { "5000" }
                ));
            }
            acts.push(format!("DELETE FROM {table} WHERE {key} = {id}"));
        }
        acts.push(format!("UPDATE edge SET after_ms = NULL WHERE lifecycle = {id} AND after_ms IS NOT NULL"));
        acts.push(format!("INSERT INTO state VALUES ({id}, 'New', 'voice', 'queued', 99)"));
        acts.push(format!("INSERT INTO edge SELECT lifecycle, channel, from_state, 'requeue', '', to_state, NULL FROM edge WHERE lifecycle = {id} LIMIT 1"));
        acts.push(format!("UPDATE lifecycle SET dropped = 1 - dropped WHERE id = {id}"));
        acts.push(format!("UPDATE lifecycle SET name = upper(name) WHERE id = {id}"));
    }
    acts.push("INSERT INTO state VALUES (99, 'New', 'voice', 'queued', 1)".to_owned());
    acts.push("INSERT INTO edge VALUES (99, 'voice', '', 'open', '', 'New', NULL)".to_owned());
    acts.push("INSERT INTO lifecycle (id, name, journal) VALUES (99, 'new', 1)".to_owned());
    drop(question);
    drop(connection);
    let mut faults = Vec::new();
    for act in &acts {
        let finding = after(&original, |connection| {
            without_triggers(connection, |connection| execute(connection, act));
        });
        if !matches!(&finding, Finding::Broken(code, _) if code == "broken_chain") {
            faults.push(format!("{act}: {finding:?}"));
        }
    }
    println!("{} things done to lifecycles", acts.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
