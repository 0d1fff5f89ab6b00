//! The first line at the prompt: the file, the available agents, the waiting conversations.
//!
//! Invariant: the banner never fails: what cannot be determined is left out. This module
//! deliberately does not know how agents and conversations are stored; it queries the views.

use std::path::Path;

use super::render::escape::harmless;
use super::render::time::age;
use super::session::Session;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

const NUMBERS: &str = "SELECT (SELECT count(*) FROM agents) AS agents, \
    (SELECT count(*) FROM agents WHERE presence = 'available') AS available, \
    (SELECT coalesce(sum(waiting), 0) FROM queues) AS waiting, \
    (SELECT max(wait_ms) FROM ongoing JOIN conversations ON id = conversation \
     WHERE phase IN ('queued', 'dispatching')) AS longest_ms";

/// Whether the file existed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It existed.
    Old,
    /// It has just been created.
    New,
}

/// Returns `Switchboard 0.1 · desk.db · 3 of 4 agents available · 2 waiting (longest 4m 10s) ·
/// HELP; or .help`.
pub fn banner(session: &mut Session, file: Age) -> String {
    let name =
        session.database.path().file_name().map_or_else(String::new, |name| name.display().to_string());
    let made = if file == Age::New { " (new)" } else { "" };
    let mut parts = vec![format!("Switchboard {}", version()), format!("{}{made}", harmless(&name))];
    parts.extend(session.run_text(NUMBERS).ok().and_then(|reply| numbers(&reply)));
    parts.push("HELP; or .help".to_owned());
    parts.join(" · ")
}

/// Returns the text before the input: `maria@desk> `.
pub fn prompt(actor: &str, path: &Path) -> String {
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.display().to_string());
    format!("{}@{}> ", harmless(actor), harmless(&stem))
}

/// Returns the version without its last number, because bug fixes do not change the program's use.
fn version() -> &'static str {
    let version = env!("CARGO_PKG_VERSION");
    version.rsplit_once('.').map_or(version, |(start, _)| start)
}

fn numbers(reply: &Reply) -> Option<String> {
    let number = |column| reply.value(0, column).and_then(Value::as_integer);
    let (agents, available, waiting) = (number("agents")?, number("available")?, number("waiting")?);
    let agents = match agents {
        0 => "no agents yet".to_owned(),
        1 => format!("{available} of 1 agent available"),
        _ => format!("{available} of {agents} agents available"),
    };
    Some(match number("longest_ms").filter(|_| waiting > 0) {
        Some(longest) => format!("{agents} · {waiting} waiting (longest {})", age(longest)),
        None => format!("{agents} · {waiting} waiting"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_said_as_people_say_them() {
        for (agents, available, waiting, longest, said) in [
            (4, 3, 2, Some(250_000), "3 of 4 agents available · 2 waiting (longest 4m 10s)"),
            (1, 0, 0, None, "0 of 1 agent available · 0 waiting"),
            (0, 0, 1, None, "no agents yet · 1 waiting"),
        ] {
            let mut reply = Reply::with_columns(&["agents", "available", "waiting", "longest_ms"]);
            let row = vec![Value::Integer(agents), Value::Integer(available), Value::Integer(waiting)];
            reply.rows.push([row, vec![Value::from(longest)]].concat());
            assert_eq!(numbers(&reply).as_deref(), Some(said));
        }
        assert_eq!(numbers(&Reply::with_columns(&["agents"])), None);
        assert_eq!(prompt("maria", Path::new("/srv/desk.db")), "maria@desk> ");
        assert_eq!(prompt("ma\x1bria", Path::new("desk")), "ma\\x1bria@desk> ");
    }
}
