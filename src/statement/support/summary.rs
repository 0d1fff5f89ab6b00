//! The window, the rows and the chart of SHOW SUMMARY.
//!
//! Invariant: this module decides which row a conversation is counted in. It deliberately does not
//! know how a figure is computed; `domain::figures` does.

use crate::domain::calendar::Calendar;
use crate::domain::chart::{Chart, ChartPlacement};
use crate::domain::counting::Share;
use crate::domain::metrics::{FIGURES, Totals};
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{Column, ColumnKind, Reply};
use crate::domain::value::Value;
use crate::statement::Request;
use std::collections::BTreeMap;

/// What the rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Whole,
    Queue,
    Agent,
    Channel,
    Hour,
    Day,
}

impl Grouping {
    /// Returns the column that names the rows; None if there is only one row.
    fn column(self) -> Option<(&'static str, ColumnKind)> {
        match self {
            Grouping::Whole => None,
            Grouping::Queue => Some(("queue", ColumnKind::Plain)),
            Grouping::Agent => Some(("agent", ColumnKind::Plain)),
            Grouping::Channel => Some(("channel", ColumnKind::Plain)),
            Grouping::Hour => Some(("hour", ColumnKind::Moment)),
            Grouping::Day => Some(("day", ColumnKind::Moment)),
        }
    }
}

/// The maximum number of rows with gaps filled; 41 days of hours.
pub const MOST_FILLED: usize = 1_000;

/// The sort key of a row: whether it has no name (those come last), its name, its number.
pub type Key = (bool, String, i64);

/// Adds empty rows for hours or days without conversations, so that a chart has no gaps.
///
/// Nothing is added if there would be too many.
pub fn fill_gaps(rows: &mut BTreeMap<Key, (Value, Totals)>, grouping: Grouping, calendar: Calendar) {
    let next = |begin: &Moment| match grouping {
        Grouping::Hour => calendar.next_hour(*begin),
        Grouping::Day => calendar.next_day(*begin),
        _ => None,
    };
    let ends = rows.keys().next().zip(rows.keys().next_back()).map(|(first, last)| (first.2, last.2));
    let Some((first, last)) = ends else { return };
    let all = std::iter::successors(Some(Moment(first)), next).take_while(|begin| begin.0 < last);
    let all: Vec<Moment> = all.take(MOST_FILLED + 1).collect();
    if all.len() > MOST_FILLED || next(&Moment(first)).is_none() {
        return;
    }
    for begin in all {
        let (key, label) = begun(begin);
        rows.entry(key).or_insert_with(|| (label, Totals::default()));
    }
}

/// Returns the key and the label of the hour or day that begins then.
pub fn begun(begin: Moment) -> (Key, Value) {
    ((false, String::new(), begin.0), Value::from(begin.to_string()))
}

pub fn window(request: &Request<'_>) -> Result<(Moment, Moment), Refusal> {
    if let Some(last) = request.arguments.duration("duration") {
        return Ok((Moment(request.now.0.saturating_sub(last.0)), Moment::LATEST));
    }
    let (from, to) = (request.arguments.moment("from"), request.arguments.moment("to"));
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        let words = if from == to { "the window is empty" } else { "the window ends before it begins" };
        return Err(Refusal::new(Code::InvalidValue, words)
            .hint("use FROM the earlier time TO the later one, which is excluded")
            .at("to"));
    }
    Ok((from.unwrap_or(Moment::EARLIEST), to.unwrap_or(Moment::LATEST)))
}

pub fn grouping(request: &Request<'_>) -> Grouping {
    let groupings = [
        ("QUEUE", Grouping::Queue),
        ("AGENT", Grouping::Agent),
        ("CHANNEL", Grouping::Channel),
        ("HOUR", Grouping::Hour),
        ("DAY", Grouping::Day),
    ];
    groupings
        .into_iter()
        .find(|(word, _)| request.has(word))
        .map_or(Grouping::Whole, |(_, grouping)| grouping)
}

/// Returns the row to which a share of a conversation belongs: its key and its label.
///
/// # Errors
/// Faults of the file.
pub fn row(
    request: &Request<'_>,
    grouping: Grouping,
    calendar: Calendar,
    id: i64,
    share: &Share,
) -> Result<(Key, Value), Error> {
    let named = |name: String, id: i64| ((false, name.to_lowercase(), id), Value::from(name.as_str()));
    Ok(match grouping {
        Grouping::Whole => ((false, String::new(), 0), Value::Null),
        Grouping::Agent => match share.agent {
            Some(agent) => named(request.snapshot.agent_label(agent)?, agent),
            None => ((true, String::new(), 0), Value::Null),
        },
        Grouping::Queue => named(request.snapshot.queue_name(share.queue)?, share.queue),
        Grouping::Channel => named(request.snapshot.channel_of(id)?, 0),
        Grouping::Hour => begun(calendar.hour(share.at)),
        Grouping::Day => begun(calendar.day(share.at)),
    })
}

pub fn answer(grouping: Grouping, calendar: Calendar, rows: BTreeMap<Key, (Value, Totals)>) -> Reply {
    let names: Vec<&str> = FIGURES.iter().map(|figure| figure.name).collect();
    let mut reply = Reply::with_columns(&names);
    for column in reply.columns.iter_mut().filter(|column| column.name == "service_level") {
        column.kind = ColumnKind::Share;
    }
    let Some((along, kind)) = grouping.column() else {
        reply.rows.extend(rows.into_values().map(|(_, tally)| tally.values().collect()));
        return reply;
    };
    reply.columns.insert(0, Column { name: along.to_owned(), kind });
    let mut labels = Vec::new();
    for ((_, _, number), (value, tally)) in rows {
        labels.push(match (grouping, value.as_text()) {
            (Grouping::Hour, _) => calendar.moment_label(Moment(number)),
            (Grouping::Day, _) => calendar.day_label(Moment(number)),
            (_, name) => name.unwrap_or("–").to_owned(),
        });
        reply.rows.push([value].into_iter().chain(tally.values()).collect());
    }
    let bars = &["entered", "served", "abandoned", "average_wait_ms"];
    reply.chart =
        Some(Chart { title: String::new(), along, labels, bars, placement: ChartPlacement::BesideThem });
    reply
}
