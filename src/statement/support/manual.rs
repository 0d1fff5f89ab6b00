//! docs/STATEMENTS.md, rendered from the definitions, settings, codes and views.
//!
//! Invariant: the file in docs equals this text, and every example runs on the file that
//! `desk.script` sets up; tests check both.

use crate::domain::permissions::Right;
use crate::domain::refusal::Code;
use crate::language::token::{LONGEST_STATEMENT, LONGEST_TEXT, MOST_TOKENS};
use crate::statement::support::help::{described, lists_of, setting_tables, syntax};
use crate::statement::{Chapter, MOST_CLAUSES, MOST_STATES, statements};

/// The script that sets up the file for the examples, which run on it as maria.
pub const DESK: &str = include_str!("desk.script");

/// Returns the text of docs/STATEMENTS.md; `views` are the names of the views with their columns.
pub fn document(views: &[(String, Vec<String>)]) -> String {
    let mut text = String::from(
        "# Statements\n\nRendered from the program; `HELP` shows the same syntax, settings and examples. Keywords may be written\nin any case. `[ ]` is optional, `( | )` is a choice, `, ...` may be repeated. Write a name of several\nwords in double quotes, and text in single quotes. A parameter `:name` may replace any value, name or\nid.\n",
    );
    for chapter in Chapter::ALL {
        text.push_str(&format!("\n## {}\n", chapter.heading()));
        for definition in statements().iter().filter(|definition| definition.chapter == chapter) {
            text.push_str(&format!(
                "\n```\n{}\n```\n\n{} {}\n",
                syntax(definition),
                definition.summary,
                right(definition.right)
            ));
            let tables = setting_tables();
            let table = tables.iter().find(|(first, _)| first.syntax == definition.syntax);
            if let Some((_, table)) = table {
                text.push_str("\n| setting | value and meaning |\n|---|---|\n");
                for setting in *table {
                    text.push_str(&format!("| `{}` | {} |\n", setting.name, described(setting)));
                }
            }
            for list in lists_of(definition) {
                text.push_str(&format!("\n| {} | {} |\n|---|---|\n", list.word, list.about));
                for (word, meaning) in list.words {
                    text.push_str(&format!("| `{word}` | {meaning} |\n"));
                }
            }
            text.push_str(&format!("\nExample: `{};`\n", definition.example));
        }
    }
    text.push_str("\n## Views\n\nThe views that `SELECT` reads. A timestamp is text in UTC with milliseconds; the column `…_ms` beside it is\nthe same in ms since 1970. Durations are in ms. `remaining_ms` of `timers` is the time left on a paused\ntimer, otherwise null.\n\n");
    for (view, columns) in views {
        text.push_str(&format!("- `{view}`: {}\n", columns.join(", ")));
    }
    text.push_str("\n## Limits\n\n| what | limit |\n|---|---|\n");
    for (what, limit) in limits() {
        text.push_str(&format!("| {what} | {limit} |\n"));
    }
    text.push_str("\n## Codes\n\n| code | exit status | when |\n|---|---|---|\n");
    for code in Code::ALL {
        text.push_str(&format!("| `{}` | {} | {} |\n", code.name(), code.exit_status(), code.meaning()));
    }
    text
}

/// What is limited, and to what.
fn limits() -> Vec<(&'static str, String)> {
    let mib = |bytes: usize| format!("{} MiB", bytes >> 20);
    vec![
        ("a statement", format!("{}, and {MOST_TOKENS} words, values and symbols", mib(LONGEST_STATEMENT))),
        (
            "a text (message, note, subject, reason), the `SELECT` of a report, a value of `--param-file`",
            mib(LONGEST_TEXT),
        ),
        ("a name", "64 bytes".to_owned()),
        ("a customer's handle", "255 bytes".to_owned()),
        ("a customer's or an agent's name for display", "200 characters".to_owned()),
        ("a key", "1 to 255 characters".to_owned()),
        ("the skills of an agent or a conversation", "1,000 characters".to_owned()),
        ("a lifecycle", format!("{MOST_STATES} states, {MOST_CLAUSES} clauses")),
        ("the time of a `SELECT`", "60 seconds".to_owned()),
        ("rows of one query", "1,000,000; a warning if there are more".to_owned()),
        ("a value in a query", "2 MiB".to_owned()),
        ("a pattern of `LIKE` or `GLOB` in a query", "256 bytes".to_owned()),
        ("the memory of a query", "256 MiB, and 1 GiB for its rows".to_owned()),
        ("rows of `SHOW REPORT` with actions", "the first 1,000".to_owned()),
        ("a timeout", "1 second to 36,500 days".to_owned()),
        ("capacity, units, priority", "up to 1,000,000".to_owned()),
        ("the wait for the write lock", "30 seconds".to_owned()),
        ("the history of the prompt", "5,000 statements".to_owned()),
    ]
}

/// Says who may run a statement.
pub fn right(right: Right) -> &'static str {
    match right {
        Right::Anybody => "Allowed for everybody.",
        Right::Open => "Allowed for agents, services and supervisors.",
        Right::Work => "Allowed for agents on their own conversations, and for supervisors.",
        Right::Serve => "Allowed for services and supervisors.",
        Right::Supervise => "Allowed for supervisors.",
        Right::Depends => {
            "Allowed for services on behalf of customers and bots, for agents on their own conversations, and for supervisors."
        }
    }
}
