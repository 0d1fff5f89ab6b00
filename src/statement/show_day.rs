//! SHOW DAY: shows a day hour by hour: arrivals, and the most waiting and busy at the same time.
//!
//! Invariant: days and hours are those of the site's time zone, and hours in the future have no
//! row. This module deliberately does not know how the figures are counted or the bars drawn.

use crate::domain::calendar::Calendar;
use crate::domain::chart::{Chart, ChartPlacement};
use crate::domain::day_report::{COLUMNS, Day};
use crate::domain::permissions::Right;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::reply::{ColumnKind, Reply};
use crate::statement::{Chapter, Columns, Handler, Request, StatementDef, Traits};
use chrono::{Months, NaiveDate};

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Looking,
    syntax: "SHOW DAY [<day:plain>]",
    summary: "Shows a day hour by hour: arrivals, the most conversations waiting and the most agents busy at the same time; as bars at a terminal and in HTML. Without a date: today, up to now.",
    example: "SHOW DAY '2026-03-02'",
    right: Right::Anybody,
    traits: Traits::SHOW,
    columns: Columns { explained: || COLUMNS.to_vec(), narrow: &[] },
    handler: Handler::Read(day),
};

fn day(request: &Request<'_>) -> Result<Reply, Error> {
    let zone = request.snapshot.time_zone()?;
    let calendar = Calendar::of(&zone);
    let date = match request.arguments.text("day") {
        Some(text) => read(text)?,
        None => calendar.date(request.now),
    };
    if !calendar.has(date) {
        return Err(Refusal::new(Code::InvalidValue, format!("{date} does not exist in {zone}"))
            .hint("clocks there went from the day before straight to the day after")
            .at("day")
            .into());
    }
    let (mut begins, end) = calendar.hours(date);
    // Hours in the future have no figures.
    begins.retain(|begin| *begin <= request.now);
    let mut gathered = Day::default();
    let mut names = Vec::new();
    for id in request.snapshot.going_on_in(calendar.begin(date), end)? {
        gathered.add(&request.snapshot.timeline(id, &mut names)?, request.now);
    }
    let mut reply = Reply::with_columns(&["hour", COLUMNS[0].0, COLUMNS[1].0, COLUMNS[2].0]);
    reply.columns[0].kind = ColumnKind::Moment;
    for hour in gathered.hours(&begins, end) {
        let counts = hour.counts.map(Into::into);
        reply.rows.push([hour.begin.to_string().into()].into_iter().chain(counts).collect());
    }
    if begins.is_empty() {
        reply.notes.push(format!("{date} is in the future"));
    }
    reply.chart = Some(Chart {
        title: format!("{date}, {zone}"),
        along: "hour",
        labels: begins.iter().map(|begin| calendar.hour_label(*begin)).collect(),
        bars: &["arrivals", "waiting", "busy"],
        placement: ChartPlacement::InTheirPlace,
    });
    Ok(reply)
}

fn read(text: &str) -> Result<NaiveDate, Refusal> {
    let wrong = || {
        Refusal::new(Code::InvalidValue, format!("'{text}' is not a valid date"))
            .hint("expected e.g. '2026-03-02'")
            .at("day")
    };
    let numbers = || -> Option<(i32, u32)> {
        let mut parts = text.split('-');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    // The month exists, the day does not.
    if text.len() == "2026-03-02".len()
        && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_err()
        && let Some(first) = numbers().and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        && let Some(last) = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt())
        && text[8..].parse::<u32>().is_ok()
    {
        return Err(Refusal::new(Code::InvalidValue, format!("{text} does not exist"))
            .hint(format!("the last day of that month is {last}"))
            .at("day"));
    }
    // chrono also accepts other spellings, such as a missing leading zero; only the canonical one
    // is allowed.
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    if text.len() == "2026-03-02".len() && date.to_string() == text { Ok(date) } else { Err(wrong()) }
}
