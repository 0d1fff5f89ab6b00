//! What the columns of the reports are: for HELP, and docs/REPORTS.md, which is rendered from here.
//!
//! Invariant: a figure that is computed in the domain has its definition there, beside it; here it is only looked up.

use crate::domain::day_report;
use crate::domain::metrics::FIGURES;
use crate::statement::statements;
use crate::statement::support::help::{self, syntax};

/// A column, and what it is.
pub type Definition = (&'static str, &'static str);

/// The reports, by the first words of their pages, with the columns that need saying.
fn reports() -> [(&'static str, Vec<Definition>); 5] {
    [
        ("SHOW ONGOING", ONGOING.to_vec()),
        ("SHOW ACTIONS", ACTIONS.to_vec()),
        ("SHOW SUMMARY", FIGURES.iter().map(|figure| (figure.name, figure.definition)).collect()),
        ("SHOW TIMES", TIMES.to_vec()),
        ("SHOW DAY", day_report::COLUMNS.to_vec()),
    ]
}

const ONGOING: [Definition; 4] = [
    ("agent", "the assigned agent; for a conversation that is set aside, the last one"),
    (
        "wait_ms",
        "for a waiting conversation, the time in this state; otherwise the wait as in SHOW SUMMARY, from entering a queue to the first active; empty if it never waited",
    ),
    ("handle_ms", "the time in active, held and wrapup so far, including the current visit"),
    (
        "sentiment",
        "very negative, negative, neutral, positive or very positive: set by hand, or the average of the customer's last six messages",
    ),
];

const ACTIONS: [Definition; 2] = [
    (
        "action",
        "what can be done now: without an agent, assign and force close; with one, or a last one, transfer, monitor and force close",
    ),
    ("statement", "the statement that does it, ready to paste; it would not be refused"),
];

const TIMES: [Definition; 2] = [
    ("visits", "how often the state was entered; a transition from the state to itself is not a new visit"),
    ("total_ms", "the time in the state, up to the end of the conversation or to now"),
];

/// The definitions that belong to a page.
pub fn of(page_syntax: &str) -> Vec<Definition> {
    let found = reports().into_iter().find(|(words, _)| page_syntax.starts_with(words));
    found.map(|(_, definitions)| definitions).unwrap_or_default()
}

/// What is said of that column of a report, or of that setting: each, with where it stands. Tables show people a column
/// without its unit.
pub fn named(name: &str) -> Vec<String> {
    let columns = [name.to_owned(), format!("{name}_ms")];
    let mut found: Vec<String> = columns.iter().flat_map(|column| of_column(column)).collect();
    for definition in statements().iter().filter(|definition| definition.syntax.starts_with("CREATE")) {
        let table = help::settings_of(definition).unwrap_or_default();
        let settings = table.iter().filter(|setting| setting.name.eq_ignore_ascii_case(name));
        let words: Vec<&str> = definition.syntax.split(' ').take(2).collect();
        found.extend(settings.map(|setting| {
            format!("{} ({})\n  {}", setting.name, words.join(" "), help::described(setting))
        }));
    }
    found
}

fn of_column(name: &str) -> Vec<String> {
    let has = |(report, definitions): (&str, Vec<Definition>)| {
        let (column, definition) =
            definitions.into_iter().find(|(column, _)| column.eq_ignore_ascii_case(name))?;
        Some(format!("{column} ({report})\n  {definition}"))
    };
    reports().into_iter().filter_map(has).collect()
}

/// The text of docs/REPORTS.md.
pub fn document() -> String {
    let mut text = String::from(INTRODUCTION);
    for (words, definitions) in reports() {
        let Some(definition) = statements().iter().find(|definition| definition.syntax.starts_with(words))
        else {
            continue;
        };
        text.push_str(&format!(
            "\n## {words}\n\n```\n{}\n```\n\n{}\n",
            syntax(definition),
            definition.summary
        ));
        text.push_str("\n| column | is |\n|---|---|\n");
        for (column, definition) in definitions {
            text.push_str(&format!("| `{column}` | {definition} |\n"));
        }
        text.push_str(&format!("\nExample: `{};`\n", definition.example));
    }
    text
}

const INTRODUCTION: &str = "# Reports

Rendered from the program: `HELP` and the name of a column gives the same words. Every number is computed from the log of moves when it is asked for; nothing is kept beside it that could drift.
Moments are UTC; durations are whole milliseconds; averages are rounded half up to the millisecond, and empty where there is nothing to divide by. Hours and days are those of the site (`ALTER SITE SET time_zone`),
and a row is named by the moment at which its hour or day begins. A window begins with its first moment and ends before its last one.

`AS OF '2026-03-02T14:00:00Z'` after SHOW ONGOING, CONVERSATION, AGENTS, QUEUES, WORKSTREAMS, LIFECYCLES, SUPERVISORS, SERVICES, REPORTS, TIMERS or SITE shows what stood there at that moment, everything that happened at it included.
It is read from the log, by the same rules that make the present; timers that are due now and have not been let happen yet (SWEEP) are shown as they stand.
";
