//! What the prompt asks before something is done that cannot be undone.
//!
//! Invariant: anything but a clear yes means no, and so do Ctrl-C and a terminal that is gone. It
//! deliberately does not know whether the statement would be refused: then nothing is lost.

use rustyline::Editor;
use rustyline::history::MemHistory;

use super::render::escape::harmless;
use super::session::Session;
use crate::domain::value::Value;
use crate::engine::Prepared;
use crate::language::arguments::ConversationRef;
use crate::language::suggest::quote_text;

/// What somebody says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Do it.
    Yes,
    /// Leave it.
    No,
}

/// Asks at the terminal.
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
        None => Some(format!("{}: continue?", harmless(prepared.text()))),
    }
}

/// `11 (Wrap-up, bob)`; none if there is no such conversation.
fn named(session: &mut Session, conversation: ConversationRef) -> Option<String> {
    let is = match conversation {
        ConversationRef::Id(id) => format!("id = {id}"),
        ConversationRef::Topic(topic) => format!("topic = {}", quote_text(&topic)),
    };
    let select = format!("SELECT id, state, agent FROM conversations WHERE {is}");
    let reply = session.run_text(&select).ok()?;
    let id = reply.value(0, "id").and_then(Value::as_integer)?;
    let words = ["state", "agent"].into_iter().filter_map(|column| reply.value(0, column)?.as_text());
    let standing: Vec<_> = words.map(harmless).collect();
    Some(format!("{id} ({})", standing.join(", ")))
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
