//! The lines of FOLLOW for people: one short line per row, `09:14:07     12  Open → Active   dana
//! billing`.
//!
//! Invariant: a line is final once it is written, so column widths do not depend on later rows:
//! they fit typical names. The date is written once, before its first line. This module
//! deliberately does not know when a row arrived, nor whether more will follow.

use std::io::{self, Write};

use super::escape::harmless;
use super::paint::Paint;
use super::{Audience, RenderOptions, StreamState, cells, width, wrap};
use crate::domain::moment::Moment;
use crate::domain::reply::Reply;
use crate::domain::value::Value;

/// The width of a conversation's number: `#99999` and below.
const NUMBER: usize = 6;
/// The width of `Wrap-up → Closed`, and of the names of agents and queues. Longer texts take the
/// room they need.
const MOVE: usize = 18;
const NAME: usize = 7;

/// Writes the lines of one pass.
pub(super) fn write(
    out: &mut dyn Write,
    reply: &Reply,
    options: &RenderOptions,
    stream: &mut StreamState,
) -> io::Result<()> {
    (0..reply.rows.len()).try_for_each(|row| EventLine { reply, row }.write(out, options, stream))
}

struct EventLine<'a> {
    reply: &'a Reply,
    row: usize,
}

impl EventLine<'_> {
    fn write(
        &self,
        out: &mut dyn Write,
        options: &RenderOptions,
        stream: &mut StreamState,
    ) -> io::Result<()> {
        let (at, kind) = (self.known("at"), self.known("kind"));
        let color = options.color_for_rows();
        let local = Moment::parse(&at).ok().map(|moment| options.display_clock.calendar.written(moment));
        let clock = match (options.people, local.as_deref().and_then(|local| local.split_once(' '))) {
            (Audience::People, Some((day, clock))) => {
                if stream.day.as_deref() != Some(day) {
                    writeln!(out, "{}", Paint::Frame.on(day, color))?;
                    stream.day = Some(day.to_owned());
                }
                clock
            }
            _ => &at,
        };
        let number = match kind.as_str() {
            "entry" => format!("#{}", self.known("seq")),
            _ => self.text("conversation").unwrap_or_default(),
        };
        let lead = format!("{clock}  {}  ", width::right(&number, NUMBER));
        let words = self.words(&kind);
        // A message is there to be read, so it is not shortened.
        if kind == "message" && options.people == Audience::People {
            let hang = width::width(&lead);
            let mut lines =
                wrap::wrapped(&words, options.columns().saturating_sub(hang).max(NAME)).into_iter();
            writeln!(out, "{lead}{}", lines.next().unwrap_or_default())?;
            return lines.try_for_each(|line| writeln!(out, "{}{line}", " ".repeat(hang)));
        }
        let line = lead + &words;
        let line = match options.people {
            Audience::People => width::shortened(&line, options.columns()),
            Audience::Machines => line.into(),
        };
        match kind.as_str() {
            "entry" => writeln!(out, "{}", Paint::Frame.on(&line, color)),
            _ => writeln!(out, "{line}"),
        }
    }

    fn words(&self, kind: &str) -> String {
        match kind {
            "entry" => match self.text("statement") {
                Some(statement) => format!("{}: {statement}", self.who("actor", "actor_kind")),
                None => format!("{}: (purged)", self.who("actor", "actor_kind")),
            },
            "transition" => self.moved(),
            "message" => self.said(),
            "participant" | "session" | "offer" | "member" => self.present(kind),
            _ => self.changed(kind),
        }
    }

    fn moved(&self) -> String {
        let by = match (self.text("actor"), self.known("actor_kind").as_str()) {
            (Some(actor), _) => format!(" by {actor}"),
            // The event already says that it was one of these.
            (None, "router" | "timer" | "") => String::new(),
            (None, kind) => format!(" by {kind}"),
        };
        let over = if self.text("override").is_some() { ", override" } else { "" };
        let why = self.text("reason").map_or_else(String::new, |reason| format!(": '{reason}'"));
        // The first transition names the customer.
        let whom = self.text("customer").map_or_else(String::new, |customer| format!("   {customer}"));
        format!(
            "{}   {}   {}   {}{by}{over}{why}{whom}",
            left(&self.way("from_state", "to_state", true), MOVE),
            left(&self.way("from_agent", "agent", false), NAME),
            left(&self.way("from_queue", "queue", false), NAME),
            self.known("event"),
        )
    }

    /// Formats a change: `front → billing`, or only `billing` if nothing changes, unless `moves` is
    /// set.
    fn way(&self, from: &str, to: &str, moves: bool) -> String {
        match (self.text(from), self.text(to)) {
            (None, None) => cells::NOTHING.to_owned(),
            (None, Some(to)) if moves => format!("→ {to}"),
            (None, Some(to)) => to,
            (Some(from), Some(to)) if !moves && from == to => to,
            (from, to) => {
                let words = [from.unwrap_or_default(), "→".to_owned(), to.unwrap_or_default()];
                words.join(" ").trim_end().to_owned()
            }
        }
    }

    fn said(&self) -> String {
        let who = self.who("author", "author_kind");
        let body = self.text("body");
        match (self.known("name").as_str(), body) {
            (_, None) => format!("{who}: (erased)"),
            ("system", Some(body)) => format!("system: {body}"),
            ("automatic", Some(body)) => format!("{who} (automatic): '{body}'"),
            ("note", Some(body)) => format!("{who} notes: '{body}'"),
            (_, Some(body)) => format!("{who}: '{body}'"),
        }
    }

    /// Describes who joins or leaves a conversation or a queue.
    fn present(&self, kind: &str) -> String {
        let (name, part, agent) = (self.known("name"), self.known("item"), self.known("agent"));
        match (kind, name.as_str()) {
            ("participant", "joined") => match self.text("value").as_deref() {
                Some("monitor") => format!("{part} monitors"),
                role => format!("{part} joined as {}", role.unwrap_or_default()),
            },
            ("offer", "made") => format!("offered to {agent}"),
            ("offer", "missed") => format!("{agent} missed the offer"),
            ("offer", "withdrawn") => format!("the offer to {agent} is withdrawn"),
            ("offer", _) => format!("{agent} {name} the offer"),
            ("member", _) => format!("{agent} {name} {}", self.known("queue")),
            _ => format!("{part} {name}"),
        }
    }

    fn changed(&self, kind: &str) -> String {
        let (name, value) = (self.known("name"), self.text("value"));
        let subject = ["agent", "queue", "object"].iter().find_map(|column| self.text(column));
        let value_or_null = value.as_deref().unwrap_or("null");
        match (kind, name.as_str(), &subject) {
            ("agent", "presence", Some(agent)) => format!("{agent} is {value_or_null}"),
            ("agent", "connected", Some(agent)) if value_or_null == "on" => format!("{agent} connected"),
            ("agent", "connected", Some(agent)) => format!("{agent} disconnected"),
            (_, "created" | "dropped" | "drawn" | "erased" | "purged", Some(subject)) => {
                format!("{kind} {subject} {name}")
            }
            // Their value is only a digest or a size.
            ("conversation", "archived" | "unpacked" | "purged", _) => name,
            ("conversation", _, _) => format!("{name} = {value_or_null}"),
            (_, _, Some(subject)) => format!("{kind} {subject}: {name} = {value_or_null}"),
            (_, _, None) => format!("{kind}: {name} = {value_or_null}"),
        }
    }

    fn who(&self, name: &str, kind: &str) -> String {
        self.text(name).unwrap_or_else(|| self.known(kind))
    }

    fn known(&self, column: &str) -> String {
        self.text(column).unwrap_or_default()
    }

    fn text(&self, column: &str) -> Option<String> {
        let value = self.reply.value(self.row, column).filter(|value| **value != Value::Null)?;
        Some(harmless(&cells::exact(value)).into_owned())
    }
}

/// Pads the text with blanks to at least this width.
fn left(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width::width(text))))
}

#[cfg(test)]
#[path = "events/tests.rs"]
mod tests;
