//! Every query has the same answer before and after an upgrade.
//!
//! Every SHOW statement, for every conversation, now and AS OF an earlier time, and every row of every view are
//! compared. Only the upgrade itself and the lifecycle that it corrects differ. Statements and views are
//! enumerated, so a new one is included.

use std::collections::BTreeMap;

use switchboard::testing::statement::statements;
use switchboard::testing::store::Formats;

use super::fixture::copy;
use super::opened;
use super::pretend::pretend;
use crate::support::{World, at, text};

/// Moments before the upgrade: on the day, in the night, and right before the last statements.
const BEFORE: [&str; 3] = ["2026-03-02T09:16:00Z", "2026-03-03T00:00:00Z", "2026-03-04T09:59:59.999Z"];

/// Every query that needs no more than a conversation.
fn queries(world: &mut World) -> Vec<String> {
    let mut queries = Vec::new();
    for definition in statements().iter().filter(|definition| definition.syntax.starts_with("SHOW ")) {
        let past = if definition.syntax.contains("AS OF") { &BEFORE[..] } else { &[] };
        let ids = if definition.syntax.contains("<conversation>") { 1..=23 } else { 0..=0 };
        for id in ids {
            let words = definition.example.trim_end_matches(';').split(' ');
            let is_id = |word: &str| id > 0 && word.parse::<i64>().is_ok();
            let words: Vec<String> =
                words.map(|word| if is_id(word) { id.to_string() } else { word.to_owned() }).collect();
            let query = words.join(" ");
            queries.extend(past.iter().map(|moment| format!("{query} AS OF '{moment}'")));
            queries.push(query);
        }
    }
    queries.push("SHOW JOURNAL".to_owned());
    queries.push("SHOW JOURNAL AS SCRIPT".to_owned());
    queries.push("FOLLOW ALL SINCE 0".to_owned());
    let views = world.desk.views().expect("views");
    queries.extend(views.iter().map(|(view, columns)| format!("SELECT {} FROM {view}", columns.join(", "))));
    queries
}

/// The answer of each query, or the code of its refusal.
fn answers_of(world: &mut World, queries: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut answers = BTreeMap::new();
    for query in queries {
        let lines = match world.try_run(query) {
            Ok(reply) => reply
                .rows
                .iter()
                .map(|row| row.iter().map(text).collect::<Vec<_>>().join("|"))
                .chain(reply.notes.iter().cloned())
                .collect(),
            Err(failure) => vec![failure.to_string()],
        };
        answers.insert(query.clone(), lines);
    }
    answers
}

/// What a file says after that it did not say before, and the other way round; the order of rows of a view is nobody's.
fn differences(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (query, lines) in before {
        let others = &after[query];
        if query.starts_with("SHOW ") && lines.len() == others.len() && lines != others
            || query.starts_with("SELECT ") && lines.len() > others.len()
        {
            found.push(format!("{query}: not the same lines"));
        }
        let only = |these: &[String], those: &[String], sign: &str| {
            let only = these.iter().filter(|line| !those.contains(line));
            only.map(|line| format!("{sign} {query}: {line}")).collect::<Vec<_>>()
        };
        found.extend(only(lines, others, "-"));
        found.extend(only(others, lines, "+"));
    }
    found
}

/// What the upgrade adds: its entry, and the time of one edge.
fn is_added(line: &str) -> bool {
    let entry = [upgrade_entry!(), "|upgraded|"];
    let edge = "omnichannel|voice|waiting_timeout|Waiting|Closed||";
    let of_last = ["SHOW HEAD: ", "SHOW JOURNAL LAST 3: "];
    entry.iter().any(|words| line.starts_with("+ ") && line.contains(words))
        || line.contains(edge)
        || of_last.iter().any(|query| line.contains(query))
}

#[test]
fn every_query_answers_the_same_before_and_after() {
    let folder = copy();
    let now = at("2026-03-04T10:01:00Z");
    let mut old = opened(&folder, Formats::current());
    old.world.now = now;
    let queries = queries(&mut old.world);
    assert!(queries.len() > 250, "{queries:?}");
    let before = answers_of(&mut old.world, &queries);
    assert_eq!(answers_of(&mut old.world, &queries), before, "a query changes nothing");
    drop(old);
    let mut new = opened(&folder, pretend());
    new.world.now = now;
    let differences = differences(&before, &answers_of(&mut new.world, &queries));
    let unexplained: Vec<&String> = differences.iter().filter(|line| !is_added(line)).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let added = |words: &str| differences.iter().filter(|line| line.contains(words)).count();
    assert_eq!((added(upgrade_entry!()), added("|upgraded|"), added("|waiting_timeout|")), (5, 2, 2));
}

#[test]
fn the_new_view_is_there_and_the_new_column_has_its_default() {
    let folder = copy();
    let mut new = opened(&folder, pretend());
    assert_eq!(new.world.rows("SELECT weight, count(*) FROM weights GROUP BY weight"), ["7|23"]);
    new.world.run("OPEN ON webchat FOR 'new@example.com'");
    assert_eq!(new.world.rows("SELECT weight FROM weights WHERE conversation = 24"), ["7"]);
}
