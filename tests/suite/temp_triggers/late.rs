//! Effects that another program suppresses by a temporary trigger and then writes itself, after other rows.
//!
//! The rows in between were checked against a state that is out of date by the log. So either they are refused,
//! or the entry never closes, or the log gives the same state when it is written again.

use super::{ROWS, closed, insert};
use crate::log_copy::LogCopy;
use crate::schema_fixture::{Answer, SchemaFixture};

/// A row whose effect is kept away, what keeps it away, and the effect by hand.
struct Late {
    row: &'static str,
    away: &'static str,
    effect: &'static str,
}

/// The effect of the last move, but for what is derived.
const MOVED: &str = "UPDATE conversation SET (transition, state, phase, queue, agent, units, visit)
    = (SELECT seq, to_state, to_phase, to_queue, to_agent, units, iif(to_state = from_state, visit, seq) FROM transition ORDER BY seq DESC LIMIT 1)
    WHERE id = (SELECT conversation FROM transition ORDER BY seq DESC LIMIT 1)";

const LATE: [Late; 8] = [
    Late { row: "pick", away: "BEFORE UPDATE ON main.conversation", effect: MOVED },
    Late { row: "resume", away: "BEFORE UPDATE ON main.conversation", effect: MOVED },
    Late { row: "close", away: "BEFORE UPDATE ON main.conversation", effect: MOVED },
    Late {
        row: "queue",
        away: "BEFORE UPDATE ON main.setting",
        effect: "UPDATE setting SET value = 7, change = (SELECT max(seq) FROM change) WHERE kind = 'queue' AND object = 1 AND name = 'priority'",
    },
    Late {
        row: "priority",
        away: "BEFORE UPDATE ON main.conversation",
        effect: "UPDATE conversation SET priority = 9, change = (SELECT max(seq) FROM change) WHERE id = 1",
    },
    Late {
        row: "session",
        away: "BEFORE UPDATE ON main.channel_session",
        effect: "UPDATE channel_session SET (status, since, change) = (SELECT name, at, seq FROM change ORDER BY seq DESC LIMIT 1)
            WHERE conversation = 1 AND channel = 'chat'",
    },
    Late {
        row: "timer",
        away: "BEFORE UPDATE ON main.timer",
        effect: "INSERT INTO timer SELECT object, item, value, NULL, (SELECT visit FROM conversation WHERE id = 1), seq FROM change WHERE true
            ORDER BY seq DESC LIMIT 1
            ON CONFLICT DO UPDATE SET due_at = excluded.due_at, visit = excluded.visit, change = excluded.change",
    },
    Late {
        row: "no timer",
        away: "BEFORE DELETE ON main.timer",
        effect: "DELETE FROM timer WHERE conversation = 1 AND timer = 'queue_timeout'",
    },
];

/// Other rows that may come between, about the conversations whose moves are kept away.
const MORE: [(&str, &str); 4] = [
    (
        "a timer of 5",
        "change SELECT max(seq) + 1, :entry, 'timer', 5, 'response_timeout', 'started', 99000, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "a session of 8",
        "change SELECT max(seq) + 1, :entry, 'session', 8, 'chat', 'connected', NULL, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "an offer of 1",
        "change SELECT max(seq) + 1, :entry, 'offer', 1, 2, 'made', 1, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
    (
        "a change of another kind",
        "change SELECT max(seq) + 1, :entry, 'queue', 2, NULL, 'priority', 8, 80000, (SELECT max(seq) FROM transition) FROM change",
    ),
];

fn row_of(name: &str) -> &'static str {
    ROWS.iter().find(|(known, _)| *known == name).map_or("", |(_, row)| row)
}

/// The row without its effect, others, the effect by hand, and the end of the entry.
fn late(file: &SchemaFixture, late: &Late, between: &[&str]) -> Answer {
    let trigger = format!("CREATE TEMP TRIGGER away {} BEGIN SELECT RAISE(IGNORE); END", late.away);
    file.connection.execute_batch(&trigger)?;
    let kept_away = insert(file, "INSERT", row_of(late.row));
    file.connection.execute_batch("DROP TRIGGER temp.away")?;
    kept_away?;
    for row in between {
        insert(file, "INSERT", row)?;
    }
    file.run(late.effect)?;
    file.close()
}

#[test]
fn a_late_effect_is_refused_or_follows_from_the_log() {
    let file = closed();
    let twin = LogCopy::of(&file);
    let (mut followed, mut faults) = (0, Vec::new());
    let between: Vec<(&str, &str)> = ROWS.into_iter().chain(MORE).collect();
    for one in &LATE {
        let pairs =
            between.iter().map(|(name, row)| (format!("{name}, then another change"), vec![*row, MORE[3].1]));
        let all = between.iter().map(|(name, row)| ((*name).to_owned(), vec![*row]));
        for (name, rows) in all.chain(pairs) {
            file.run("SAVEPOINT late").expect("a savepoint");
            file.begin(80_000);
            if late(&file, one, &rows).is_ok() {
                match twin.fault(&file) {
                    Some(fault) => faults.push(format!("{} late, after {name}: {fault}", one.row)),
                    None => followed += 1,
                }
            }
            let _ = file.connection.execute_batch("DROP TRIGGER temp.away");
            file.connection.execute_batch("ROLLBACK TO late; RELEASE late").expect("rolled back");
        }
    }
    println!("{followed} late effects that the log says");
    assert!(
        faults.is_empty(),
        "{} entries closed over what the log does not say:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
