//! Questions about workstreams and lifecycles.

use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::Look;
use crate::domain::lifecycle::{Condition, Edge, Lifecycle, Options, State, Switches};
use crate::domain::moment::Duration;
use crate::domain::refusal::{Broken, Code};
use crate::domain::site::{Named, TimerSetting, Workstream, WrapupCapacity};
use crate::domain::words::{Channel, Event, Phase, Presence, TimerKind};

/// The timers that a workstream sets, in the order of its columns.
const TIMERS: [TimerKind; 9] = [
    TimerKind::QueueTimeout,
    TimerKind::CustomerTimeout,
    TimerKind::AgentTimeout,
    TimerKind::ResponseTimeout,
    TimerKind::InactivityTimeout,
    TimerKind::HoldTimeout,
    TimerKind::WaitingTimeout,
    TimerKind::WrapupTimeout,
    TimerKind::OfferTimeout,
];

const WORKSTREAM: &str = "SELECT id, workstream, channel, lifecycle, queue, units, bot, wrapup, presences, wrapup_capacity,
        reconnect, transfer_presences, skills, queue_timeout, customer_timeout, agent_timeout, response_timeout,
        inactivity_timeout, hold_timeout, waiting_timeout, wrapup_timeout, offer_timeout, mode, offers, prefer_last_agent, relaxed_skills, dispatch_limit, sentiment
    FROM workstream WHERE id = ?1";

struct Stored {
    named: Named,
    channel: String,
    lifecycle: i64,
    queue: i64,
    units: i64,
    switches: Switches,
    presences: String,
    wrapup_capacity: TimerSetting,
    reconnect: TimerSetting,
    transfer_presences: Option<String>,
    exact_skills: bool,
    timers: Vec<(TimerKind, TimerSetting)>,
    push: bool,
    offers: bool,
    prefer_last_agent: bool,
    relaxed_skills: bool,
    dispatch_limit: i64,
    sentiment: bool,
}

/// A setting that is a time in ms, a word ('off', 'never': off), or nothing ('always': the default).
fn time_setting(row: &Row<'_>, index: usize) -> rusqlite::Result<TimerSetting> {
    Ok(match row.get_ref(index)? {
        ValueRef::Integer(ms) => TimerSetting::For(Duration(ms)),
        ValueRef::Text(b"off" | b"never") => TimerSetting::Off,
        _ => TimerSetting::Default,
    })
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let on = |index: usize| row.get::<_, String>(index).map(|word| word == "on");
    let timers = TIMERS.iter().enumerate().map(|(place, kind)| Ok((*kind, time_setting(row, 13 + place)?)));
    Ok(Stored {
        named: Named { id: row.get(0)?, name: row.get::<_, String>(1)?.into() },
        channel: row.get(2)?,
        lifecycle: row.get(3)?,
        queue: row.get(4)?,
        units: row.get(5)?,
        switches: Switches { bot: on(6)?, wrapup: on(7)? },
        presences: row.get(8)?,
        wrapup_capacity: time_setting(row, 9)?,
        reconnect: time_setting(row, 10)?,
        transfer_presences: row.get(11)?,
        exact_skills: row.get::<_, String>(12)? == "exact",
        timers: timers.collect::<rusqlite::Result<_>>()?,
        push: row.get::<_, String>(22)? == "push",
        offers: on(23)?,
        prefer_last_agent: on(24)?,
        relaxed_skills: on(25)?,
        dispatch_limit: row.get(26)?,
        sentiment: on(27)?,
    })
}

impl Look<'_> {
    /// The workstream of that name.
    pub fn workstream(&self, name: &str) -> Result<Option<Arc<Workstream>>, Broken> {
        let question = "SELECT id, change FROM workstream WHERE workstream = ?1 AND dropped = 0";
        match self.one(question, [name], |row| Ok((row.get(0)?, row.get(1)?)))? {
            Some((id, change)) => self.workstream_as_of(id, change),
            None => Ok(None),
        }
    }

    /// The workstream of that id, whose last change is that one.
    pub(super) fn workstream_as_of(&self, id: i64, change: i64) -> Result<Option<Arc<Workstream>>, Broken> {
        if let Some((kept, workstream)) = self.cache.workstreams.borrow().get(&id)
            && *kept == change
        {
            return Ok(Some(workstream.clone()));
        }
        let Some(stored) = self.one(WORKSTREAM, [id], stored)? else { return Ok(None) };
        let workstream = Arc::new(self.built(stored)?);
        self.cache.workstreams.borrow_mut().insert(id, (change, workstream.clone()));
        Ok(Some(workstream))
    }

    fn built(&self, stored: Stored) -> Result<Workstream, Broken> {
        let missing = || {
            Broken::new(
                Code::Damaged,
                format!("workstream {} stands on something that is not there", stored.named.name),
            )
        };
        let lifecycle = self.lifecycle(stored.lifecycle)?.ok_or_else(missing)?;
        let presences =
            stored.presences.split(',').filter_map(|word| Presence::from_name(word.trim())).collect();
        Ok(Workstream {
            channel: Channel::from_name(&stored.channel).ok_or_else(missing)?,
            queue: self.named_queue(Some(stored.queue))?.ok_or_else(missing)?,
            units: stored.units,
            switches: stored.switches,
            presences,
            wrapup_capacity: match stored.wrapup_capacity {
                TimerSetting::Default => WrapupCapacity::Always,
                TimerSetting::Off => WrapupCapacity::Never,
                TimerSetting::For(duration) => WrapupCapacity::For(duration),
            },
            transfer_to_any_presence: stored
                .transfer_presences
                .map_or(lifecycle.options.transfer_to_any_presence, |word| word == "any"),
            reconnect: stored.reconnect.over(None),
            exact_skills: stored.exact_skills,
            push: stored.push,
            offers: stored.offers,
            prefer_last_agent: stored.prefer_last_agent,
            relaxed_skills: stored.relaxed_skills,
            dispatch_limit: stored.dispatch_limit,
            sentiment: stored.sentiment,
            timers: stored.timers,
            lifecycle,
            named: stored.named,
        })
    }

    /// The id of the lifecycle of that name.
    pub fn lifecycle_named(&self, name: &str) -> Result<Option<Arc<Lifecycle>>, Broken> {
        let question = "SELECT id FROM lifecycle WHERE name = ?1 AND dropped = 0";
        match self.one(question, [name], |row| row.get(0))? {
            Some(id) => self.lifecycle(id),
            None => Ok(None),
        }
    }

    /// The lifecycles that are built in, in their order.
    pub fn built_in_lifecycles(&self) -> Result<Vec<Arc<Lifecycle>>, Broken> {
        let ids: Vec<i64> =
            self.many("SELECT id FROM lifecycle WHERE journal IS NULL ORDER BY id", [], |row| row.get(0))?;
        let mut lifecycles = Vec::new();
        for id in ids {
            lifecycles.extend(self.lifecycle(id)?);
        }
        Ok(lifecycles)
    }

    /// Whether any conversation was opened on that workstream.
    pub fn is_used(&self, workstream: i64) -> Result<bool, Broken> {
        Ok(self.number("SELECT EXISTS (SELECT 1 FROM opening WHERE workstream = ?1)", [workstream])? == 1)
    }

    /// The lifecycle of that id, from its rows.
    pub fn lifecycle(&self, id: i64) -> Result<Option<Arc<Lifecycle>>, Broken> {
        if let Some(kept) = self.cache.lifecycles.borrow().get(&id) {
            return Ok(Some(kept.clone()));
        }
        let head = self.one(
            "SELECT name, one_per_customer, ends_by_sessions, customer_timeout_ms, transfer_presences FROM lifecycle WHERE id = ?1",
            [id],
            |row| {
                let options = Options {
                    one_per_customer: row.get::<_, String>(1)? == "on",
                    ends_by_sessions: row.get::<_, String>(2)? == "on",
                    customer_timeout: row.get::<_, Option<i64>>(3)?.map(Duration),
                    transfer_to_any_presence: row.get::<_, String>(4)? == "any",
                };
                Ok((row.get::<_, String>(0)?, options))
            },
        )?;
        let Some((name, options)) = head else { return Ok(None) };
        let states = self.states(id)?;
        let edges = self.edges(id, &states)?;
        let lifecycle = Arc::new(Lifecycle::new(id, &name, options, states, edges));
        self.cache.lifecycles.borrow_mut().insert(id, lifecycle.clone());
        Ok(Some(lifecycle))
    }

    fn states(&self, lifecycle: i64) -> Result<Vec<State>, Broken> {
        let rows: Vec<(String, String, String)> = self.many(
            "SELECT state, phase, channel FROM state JOIN channel USING (channel) WHERE lifecycle = ?1 ORDER BY position, channel",
            [lifecycle],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut states: Vec<State> = Vec::new();
        for (name, phase, channel) in rows {
            let (Some(phase), Some(channel)) = (Phase::from_name(&phase), Channel::from_name(&channel))
            else {
                return Err(Broken::new(
                    Code::Damaged,
                    format!("state {name} has a phase or a channel that is not known"),
                ));
            };
            match states.last_mut() {
                Some(last) if *last.name == *name => last.channels.push(channel),
                _ => states.push(State { name: name.into(), phase, channels: vec![channel] }),
            }
        }
        Ok(states)
    }

    fn edges(&self, lifecycle: i64, states: &[State]) -> Result<Vec<Edge>, Broken> {
        let rows: Vec<[Option<String>; 5]> = self.many(
            "SELECT channel, from_state, event, condition, to_state FROM edge WHERE lifecycle = ?1
                ORDER BY lifecycle, channel, from_state, event, condition",
            [lifecycle],
            |row| Ok([0, 1, 2, 3, 4].map(|index| row.get(index).ok())),
        )?;
        let afters: Vec<Option<i64>> = self.many(
            "SELECT after_ms FROM edge WHERE lifecycle = ?1 ORDER BY lifecycle, channel, from_state, event, condition",
            [lifecycle],
            |row| row.get(0),
        )?;
        let index = |name: &str| states.iter().position(|state| &*state.name == name);
        let edge = |([channel, from, event, condition, to], after): ([Option<String>; 5], Option<i64>)| {
            let from = from?;
            Some(Edge {
                channel: Channel::from_name(&channel?)?,
                from: if from.is_empty() { None } else { Some(index(&from)?) },
                event: Event::from_name(&event?)?,
                condition: Condition::from_name(&condition?)?,
                to: index(&to?)?,
                after: after.map(Duration),
            })
        };
        rows.into_iter()
            .zip(afters)
            .map(|row| {
                edge(row).ok_or_else(|| {
                    Broken::new(Code::Damaged, "an edge of a lifecycle has a word that is not known")
                })
            })
            .collect()
    }
}
