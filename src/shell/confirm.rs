//! The prompt's confirmation before something that cannot be undone.
//!
//! Invariant: everything except a clear yes means no, including Ctrl-C and a closed terminal. This
//! module deliberately does not know whether the statement would be refused; asking does no harm
//! then.

use rustyline::Editor;
use rustyline::history::MemHistory;

use super::render::escape::harmless;
use super::session::Session;
use crate::domain::value::Value;
use crate::engine::Prepared;
use crate::language::arguments::ConversationRef;
use crate::language::suggest::quote_text;

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Run the statement.
    Yes,
    /// Do not run it.
    No,
}

/// Asks a question at the terminal.
pub fn ask(question: &str) -> Confirmation {
    let Ok(mut editor) =
        Editor::<(), MemHistory>::with_history(rustyline::Config::default(), MemHistory::new())
    else {
        return Confirmation::No;
    };
    editor.readline(&format!("{question} [y/N] ")).map_or(Confirmation::No, |line| understood(&line))
}

/// What the statement will do, as a question; none if there is nothing that it could do.
pub fn question(session: &mut Session, prepared: &Prepared) -> Option<String> {
    match prepared.arguments().conversation("conversation") {
        Some(conversation) => {
            let which = named(session, conversation)?;
            Some(format!("Close {which}, also for the customer?"))
        }
        None => Some(format!("{}. This cannot be undone. Continue?", consequence(session, prepared)?)),
    }
}

/// Describes what a statement would do, as EXPLAIN does. Returns `None` if it would be refused or
/// change nothing.
fn consequence(session: &mut Session, prepared: &Prepared) -> Option<String> {
    let reply = session.run_text(&format!("EXPLAIN {}", prepared.text())).ok()?;
    let lines: Vec<_> = (0..reply.rows.len())
        .filter_map(|row| reply.value(row, "explanation")?.as_text().map(harmless))
        .collect();
    lines.first().filter(|line| line.contains(" would be ")).map(ToString::to_string)
}

/// Describes a conversation: `11 (Wrap-up, bob)`. Returns `None` if it does not exist.
fn named(session: &mut Session, conversation: ConversationRef) -> Option<String> {
    let is = match conversation {
        ConversationRef::Id(id) => format!("id = {id}"),
        ConversationRef::Topic(topic) => format!("topic = {}", quote_text(&topic)),
    };
    let select = format!("SELECT id, state, agent FROM conversations WHERE {is}");
    let reply = session.run_text(&select).ok()?;
    let id = reply.value(0, "id").and_then(Value::as_integer)?;
    let words = ["state", "agent"].into_iter().filter_map(|column| reply.value(0, column)?.as_text());
    let state: Vec<_> = words.map(harmless).collect();
    Some(format!("{id} ({})", state.join(", ")))
}

fn understood(answer: &str) -> Confirmation {
    let yes = ["y", "yes"].iter().any(|word| answer.trim().eq_ignore_ascii_case(word));
    if yes { Confirmation::Yes } else { Confirmation::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (line, answer) in [
            ("y", Confirmation::Yes),
            (" YES ", Confirmation::Yes),
            ("", Confirmation::No),
            ("n", Confirmation::No),
            ("yep", Confirmation::No),
        ] {
            assert_eq!(understood(line), answer, "{line:?}");
        }
    }
}
