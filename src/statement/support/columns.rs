//! The explanations of columns and settings, for HELP and docs/REPORTS.md.
//!
//! Invariant: a column is explained in the definition of its statement, a figure beside its
//! function in the domain; this module only looks them up.

use crate::statement::support::help::{self, syntax};
use crate::statement::{StatementDef, statements};

/// Returns the statements whose columns need an explanation.
fn reports() -> impl Iterator<Item = &'static StatementDef> {
    statements().iter().copied().filter(|definition| !(definition.columns.explained)().is_empty())
}

/// Returns the explanations of the columns and settings of that name, each with its statement.
///
/// Tables at a terminal omit the unit of a column, so the name matches with and without `_ms`.
pub fn named(name: &str) -> Vec<String> {
    let columns = [name.to_owned(), format!("{name}_ms")];
    let mut found: Vec<String> = columns.iter().flat_map(|column| of_column(column)).collect();
    for (definition, table) in help::setting_tables() {
        let settings = table.iter().filter(|setting| setting.name.eq_ignore_ascii_case(name));
        found.extend(settings.map(|setting| {
            format!("{} ({})\n  {}", setting.name, definition.name(), help::described(setting))
        }));
    }
    found
}

fn of_column(name: &str) -> Vec<String> {
    let has = |report: &'static StatementDef| {
        let mut columns = (report.columns.explained)().into_iter();
        let (column, explanation) = columns.find(|(column, _)| column.eq_ignore_ascii_case(name))?;
        Some(format!("{column} ({})\n  {explanation}", report.name()))
    };
    reports().filter_map(has).collect()
}

/// Returns the text of docs/REPORTS.md.
pub fn document() -> String {
    let mut text = String::from(INTRODUCTION);
    for report in reports() {
        text.push_str(&format!(
            "\n## {}\n\n```\n{}\n```\n\n{}\n",
            report.name(),
            syntax(report),
            report.summary
        ));
        text.push_str("\n| column | meaning |\n|---|---|\n");
        for (column, explanation) in (report.columns.explained)() {
            text.push_str(&format!("| `{column}` | {explanation} |\n"));
        }
        text.push_str(&format!("\nExample: `{};`\n", report.example));
    }
    text
}

const INTRODUCTION: &str = "# Reports

Rendered from the program; `HELP` and the name of a column shows the same explanation. Every figure is
computed from the log when it is requested. Timestamps are UTC, durations are whole milliseconds.
Averages are rounded half up to the millisecond, and empty if there is nothing to divide by. Hours and
days are those of the site (`ALTER SITE SET time_zone`), and a row is named by the time at which its
hour or day begins. A window includes its start and excludes its end.

`AS OF '2026-03-02T14:00:00Z'` after SHOW ONGOING, CONVERSATION, AGENTS, QUEUES, WORKSTREAMS,
LIFECYCLES, SUPERVISORS, SERVICES, REPORTS, TIMERS or SITE shows the state at that time, including
everything that happened at it. It is read from the log, by the rules that make the present state.
Timers that were due but not fired yet (SWEEP) are shown as they were.
";
