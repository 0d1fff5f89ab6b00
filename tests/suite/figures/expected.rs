//! The rows of SHOW SUMMARY, computed a second way.

use std::collections::BTreeMap;

use switchboard::Moment;

use super::records::{HANDLED, NotTaken, OVER, Record, waits};

/// The sums of a row, by name.
pub type Sums = BTreeMap<&'static str, i64>;

fn count(sums: &mut Sums, name: &'static str, more: i64) {
    *sums.entry(name).or_default() += more;
}

fn wait(sums: &mut Sums, one: &Record, entered: i64) {
    count(sums, "entered", 1);
    let waited = match (one.got(), one.over()) {
        (Some((at, _)), _) => {
            count(sums, "answered", 1);
            count(sums, "answer", at - entered);
            count(sums, "within", i64::from(at - entered <= 20_000));
            at - entered
        }
        (None, Some(at)) => {
            count(sums, if at - entered < 5_000 { "short" } else { "abandoned" }, 1);
            at - entered
        }
        (None, None) => return,
    };
    count(sums, "waits", 1);
    count(sums, "wait", waited);
    let longest = sums.get("longest").copied().unwrap_or(-1).max(waited);
    sums.insert("longest", longest);
}

fn times(sums: &mut Sums, one: &Record, agent: Option<&str>) {
    count(sums, "served", 1);
    count(sums, "handle", one.spent(&HANDLED, agent));
    count(sums, "hold", one.spent(&["held"], agent));
    count(sums, "wrapup", one.spent(&["wrapup"], agent));
}

/// The rows of a grouping, by what stands first in them.
struct Rows {
    rows: BTreeMap<String, Sums>,
    grouping: String,
    minutes: i64,
    window: (i64, i64),
}

impl Rows {
    /// The row for something at that moment; none: it is outside the window.
    fn at(&mut self, at: i64, queue: &str, agent: &str, channel: &str) -> Option<&mut Sums> {
        if !(self.window.0..self.window.1).contains(&at) {
            return None;
        }
        let begin = |length: i64| {
            let local = at + self.minutes * 60_000;
            Moment(local - local.rem_euclid(length) - self.minutes * 60_000).to_string()
        };
        let key = match self.grouping.as_str() {
            "QUEUE" => queue.to_owned(),
            "AGENT" => agent.to_owned(),
            "CHANNEL" => channel.to_owned(),
            "HOUR" => begin(3_600_000),
            "DAY" => begin(86_400_000),
            _ => String::new(),
        };
        Some(self.rows.entry(key).or_default())
    }
}

pub fn rows(all: &[Record], grouping: &str, minutes: i64, window: (i64, i64)) -> BTreeMap<String, Sums> {
    let mut rows = Rows { rows: BTreeMap::new(), grouping: grouping.to_owned(), minutes, window };
    if grouping.is_empty() {
        rows.rows.insert(String::new(), Sums::new());
    }
    for one in all {
        besides(&mut rows, one);
        match grouping {
            "AGENT" => by_agent(&mut rows, one),
            _ if one.is_outbound() => {}
            "QUEUE" => by_queue(&mut rows, one),
            _ => whole(&mut rows, one),
        }
    }
    rows.rows
}

/// What is counted beside waiting: what the contact centre began, and what a bot ended or handed over.
fn besides(rows: &mut Rows, one: &Record) {
    let spans = &one.spans;
    if one.is_outbound()
        && let Some(sums) = rows.at(spans[0].from, &spans[0].queue, &spans[1].agent, &one.channel)
    {
        count(sums, "outbound", 1);
    }
    if let Some(span) =
        spans.iter().find(|span| span.event == "bot_end" && OVER.contains(&span.phase.as_str()))
        && let Some(sums) = rows.at(span.from, &span.queue, "", &one.channel)
    {
        count(sums, "contained", 1);
    }
    let left = (1..spans.len()).find(|place| {
        let to = &spans[*place];
        spans[place - 1].phase == "bot" && (waits(to) || !to.agent.is_empty())
    });
    if let Some(place) = left {
        let agent = spans[place..].iter().find(|span| !span.agent.is_empty()).map_or("", |span| &span.agent);
        if let Some(sums) = rows.at(spans[place].from, &spans[place].queue, agent, &one.channel) {
            count(sums, "handed_over", 1);
        }
    }
}

fn refused(sums: &mut Sums, not_taken: &NotTaken) {
    match not_taken.answer.as_str() {
        "missed" => count(sums, "missed", 1),
        "declined" => count(sums, "declined", 1),
        _ => {}
    }
}

fn whole(rows: &mut Rows, one: &Record) {
    let Some(entered) = one.entered() else { return };
    let Some(sums) = rows.at(entered, "", "", &one.channel) else { return };
    wait(sums, one, entered);
    if one.got().is_some() {
        times(sums, one, None);
    }
    count(sums, "transfers", one.transfers.len() as i64);
    one.refused.iter().for_each(|not_taken| refused(sums, not_taken));
    for (_, _, lost) in one.later_waits() {
        count(sums, "requeued", 1);
        count(sums, "lost", i64::from(lost));
    }
}

fn by_queue(rows: &mut Rows, one: &Record) {
    let visits = one.visits();
    let later = one.later_waits();
    for (number, (place, visit)) in visits.iter().enumerate() {
        let queue = one.spans[*place].queue.clone();
        let next = visits.get(number + 1).map_or(one.spans.len(), |(next, _)| *next);
        let Some(sums) = rows.at(one.spans[*place].from, &queue, "", "") else { continue };
        // It ends at the first move after it that is not a wait; in another queue, elsewhere.
        let left = one.spans[*place..next]
            .iter()
            .find(|span| !waits(span))
            .or(one.spans.get(next).filter(|_| one.spans[*place..next].iter().all(waits)));
        match left {
            Some(span) if span.phase == "active" || OVER.contains(&span.phase.as_str()) => {
                let mut alone = Record { spans: one.spans[*place..].to_vec(), ..Record::default() };
                alone
                    .spans
                    .truncate(alone.spans.iter().position(|other| other.seq == span.seq).expect("there") + 1);
                wait(sums, &alone, one.spans[*place].from);
                if span.phase == "active" {
                    times(sums, visit, None);
                }
            }
            _ => count(sums, "entered", 1),
        }
        let from = if number == 0 { 0 } else { place + 1 };
        let until = visits.get(number + 1).map_or(one.spans.len(), |(next, _)| next + 1);
        let moves = &one.spans[from..until];
        count(
            sums,
            "transfers",
            moves.iter().filter(|span| span.event.starts_with("transfer_")).count() as i64,
        );
        let last = one.spans.get(next).map_or(i64::MAX, |span| span.seq);
        let first = if number == 0 { 0 } else { one.spans[*place].seq };
        for not_taken in one.refused.iter().filter(|not_taken| (first..last).contains(&not_taken.after)) {
            refused(sums, not_taken);
        }
        // The last later wait that began before or with this visit, if no agent had it since.
        let of = later.iter().rfind(|(begun, ..)| begun <= place);
        if let Some((begun, _, _)) = of.filter(|(begun, ..)| one.spans[*begun..=*place].iter().all(waits)) {
            count(sums, "requeued", 1);
            let ended = left.is_some_and(|span| OVER.contains(&span.phase.as_str()));
            assert!(*begun <= *place);
            count(sums, "lost", i64::from(ended));
        }
    }
}

fn by_agent(rows: &mut Rows, one: &Record) {
    let had = one.spans.iter().find(|span| span.phase == "active").map(|span| span.from);
    let entered = one.entered().filter(|_| !one.is_outbound());
    let begun = if one.is_outbound() { Some(one.spans[0].from) } else { entered.or(had) };
    let Some(begun) = begun else { return };
    let mut add = |agent: &str, sum: &dyn Fn(&mut Sums)| {
        if let Some(sums) = rows.at(begun, "", agent, "") {
            sum(sums);
        }
    };
    if let Some(entered) = entered {
        let first = one.got().map(|(_, agent)| agent).unwrap_or_default();
        add(&first, &|sums| wait(sums, one, entered));
        for (_, agent, lost) in one.later_waits() {
            add(&agent, &|sums| {
                count(sums, "requeued", 1);
                count(sums, "lost", i64::from(lost));
            });
        }
    }
    let mut agents: Vec<&str> =
        one.spans.iter().filter(|span| span.phase == "active").map(|span| &*span.agent).collect();
    agents.sort_unstable();
    agents.dedup();
    for agent in agents {
        add(agent, &|sums| times(sums, one, Some(agent)));
    }
    for agent in &one.transfers {
        add(agent, &|sums| count(sums, "transfers", 1));
    }
    for not_taken in
        one.refused.iter().filter(|not_taken| ["missed", "declined"].contains(&&*not_taken.answer))
    {
        add(&not_taken.agent, &|sums| refused(sums, not_taken));
    }
}
