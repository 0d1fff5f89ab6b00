//! docs/STATEMENTS.md, rendered from the pages, the settings, the codes and the views; and the desk on which
//! the examples run.
//!
//! Invariant: the document is this text, letter by letter; a test holds them against each other.

use super::help::{described, lists_of, settings_of, syntax};
use super::{Chapter, statements};
use crate::domain::permissions::Right;
use crate::domain::refusal::Code;

/// A small desk in full swing: every example of the manual can be run on it, as maria.
pub const DESK: &str = include_str!("desk.script");

/// The whole document; `views` are the views' names with their columns.
pub fn document(views: &[(String, Vec<String>)]) -> String {
    let mut text = String::from(
        "# Statements\n\nRendered from the program's own pages; `HELP` shows their syntax, settings and examples. Keywords may be written in any case. \
         `[ ]` may be left out, `( | )` is a choice, `, ...` may be repeated. A name of several words stands in double quotes, text in single ones. A parameter `:name` may stand for any value, name or id.\n",
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
            if let Some(table) = settings_of(definition).filter(|_| {
                definition.syntax.starts_with("CREATE") || definition.syntax.starts_with("ALTER SITE")
            }) {
                text.push_str("\n| setting | takes and does |\n|---|---|\n");
                for setting in table {
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
    text.push_str("\n## Views\n\nWhat `SELECT` reads. A moment is text in UTC with milliseconds; its twin `…_ms` is the same in ms since 1970. Durations are in ms. `remaining_ms` of `timers` is what is left where a timer stands still, else null.\n\n");
    for (view, columns) in views {
        text.push_str(&format!("- `{view}`: {}\n", columns.join(", ")));
    }
    text.push_str("\n## Codes\n\n| code | exit status | when |\n|---|---|---|\n");
    for code in Code::ALL {
        text.push_str(&format!("| `{}` | {} | {} |\n", code.name(), code.exit_status(), code.meaning()));
    }
    text
}

fn right(right: Right) -> &'static str {
    match right {
        Right::Anybody => "Anybody may.",
        Right::Open => "Agents, services and supervisors may.",
        Right::Work => "Agents may, on what they have; supervisors on anything.",
        Right::Serve => "Services and supervisors may.",
        Right::Supervise => "Supervisors may.",
        Right::Depends => {
            "Customers' and bots' part is for services, an agent's own for that agent; supervisors may do both."
        }
    }
}
