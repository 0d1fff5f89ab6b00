//! Queries for figures: which conversations belong to a window, and their transitions.
//!
//! Invariant: transitions are read from the log, never derived from the current state. The log's
//! rows are in the order of time, so a window is a contiguous range of rows, found by binary
//! search.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Snapshot, journal};
use crate::domain::closed_lists::{Event, Phase};
use crate::domain::counting::Refused;
use crate::domain::metrics::ServiceTarget;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Fault};
use crate::domain::timeline::{Timeline, TimelineStep};
use crate::store::sqlite_error::sqlite_fault;

/// The service targets of all queues over time.
#[derive(Debug, Default)]
pub struct ServiceTargets {
    /// For each queue and kind (true: short_abandon): the last transition before each change of the
    /// setting, and the new value in ms.
    settings: HashMap<(i64, bool), Vec<(i64, i64)>>,
}

impl ServiceTargets {
    /// Returns the service target of a queue at the time of a transition.
    pub fn at(&self, queue: i64, transition: i64) -> ServiceTarget {
        let last = |short: bool| {
            let changes = self.settings.get(&(queue, short))?;
            changes.iter().rev().find(|(before, _)| *before < transition).map(|(_, value)| *value)
        };
        let default = ServiceTarget::default();
        ServiceTarget {
            service_level: last(false).unwrap_or(default.service_level),
            short_abandon: last(true).unwrap_or(default.short_abandon),
        }
    }
}

const MOVES: &str =
    "SELECT event, to_state, to_phase, from_state IS NOT to_state, to_agent, to_queue, at, seq, entry
    FROM transition WHERE conversation = ?1 ORDER BY seq";
const MOVED: &str = "SELECT DISTINCT conversation FROM transition NOT INDEXED WHERE seq >= ?1 AND seq < ?2";
/// The conversations with a transition in a range of the log, and those that were open throughout.
/// NOT INDEXED makes SQLite read the range by row number; it would otherwise read a whole index in
/// the order of the result.
const GOING_ON: &str = "SELECT conversation FROM transition NOT INDEXED WHERE seq >= ?1 AND seq < ?2
    UNION SELECT id FROM conversation INDEXED BY conversation_open WHERE phase <> 'closed' AND transition < ?1
    UNION SELECT conversation FROM transition NOT INDEXED WHERE seq >= ?2 AND to_phase = 'closed' AND conversation < ?3
    ORDER BY 1";

impl Snapshot<'_> {
    /// Returns the conversations that moved in a window; its end is exclusive.
    pub fn moved_in(&self, from: Moment, to: Moment) -> Result<Vec<i64>, Fault> {
        if from <= Moment::EARLIEST && to >= Moment::LATEST {
            return self.all_conversations();
        }
        let (first, after) = (self.first_at(journal::MOVES, from)?, self.first_at(journal::MOVES, to)?);
        self.many(MOVED, [first, after], |row| row.get(0))
    }

    /// Returns the conversations that were open at some time in a window.
    pub fn going_on_in(&self, from: Moment, to: Moment) -> Result<Vec<i64>, Fault> {
        let (first, after) = (self.first_at(journal::MOVES, from)?, self.first_at(journal::MOVES, to)?);
        let opened_after = self.first_at(journal::OPENINGS, to)?;
        self.many(GOING_ON, [first, after, opened_after], |row| row.get(0))
    }

    /// Returns all conversations.
    pub fn all_conversations(&self) -> Result<Vec<i64>, Fault> {
        self.many("SELECT id FROM conversation ORDER BY id", [], |row| row.get(0))
    }

    /// Returns the timeline of a conversation. `names` caches the names of states across calls.
    pub fn timeline(&self, conversation: i64, names: &mut Vec<Arc<str>>) -> Result<Timeline, Fault> {
        let mut sql = self.connection.prepare_cached(MOVES).map_err(sqlite_fault)?;
        let mut rows = sql.query([conversation]).map_err(sqlite_fault)?;
        let mut timeline = Timeline::default();
        while let Some(row) = rows.next().map_err(sqlite_fault)? {
            let word = |index| row.get_ref(index).and_then(|word| Ok(word.as_str()?)).map_err(sqlite_fault);
            let unknown = |what: &str| {
                Fault::new(Code::Damaged, format!("the log has a transition with an unknown {what}"))
            };
            timeline.steps.push(TimelineStep {
                event: Event::from_name(word(0)?).ok_or_else(|| unknown("event"))?,
                state: kept(names, word(1)?),
                phase: Phase::from_name(word(2)?).ok_or_else(|| unknown("phase"))?,
                enters: row.get(3).map_err(sqlite_fault)?,
                agent: row.get(4).map_err(sqlite_fault)?,
                queue: row.get(5).map_err(sqlite_fault)?,
                at: Moment(row.get(6).map_err(sqlite_fault)?),
                seq: row.get(7).map_err(sqlite_fault)?,
                entry: row.get(8).map_err(sqlite_fault)?,
            });
        }
        Ok(timeline)
    }

    /// Returns the channel of a conversation.
    pub fn channel_of(&self, conversation: i64) -> Result<String, Fault> {
        let sql = "SELECT channel FROM conversation WHERE id = ?1";
        Ok(self.one(sql, [conversation], |row| row.get(0))?.unwrap_or_default())
    }

    /// Returns whether any offer was ever declined or missed.
    pub fn offers_refused(&self) -> Result<bool, Fault> {
        let sql = "SELECT EXISTS (SELECT 1 FROM change WHERE kind = 'offer' AND (name = 'declined' OR name = 'missed'))";
        Ok(self.number(sql, [])? == 1)
    }

    /// Returns the offers of a conversation that were declined or missed, with the agent's id.
    pub fn refused_offers(&self, conversation: i64) -> Result<Vec<Refused>, Fault> {
        let sql = "SELECT item, name = 'declined', after_transition FROM change
            WHERE kind = 'offer' AND object = ?1 AND (name = 'declined' OR name = 'missed') ORDER BY seq";
        self.many(sql, [conversation], |row| {
            Ok(Refused { agent: row.get(0)?, declined: row.get(1)?, after_transition: row.get(2)? })
        })
    }

    /// Returns the service targets of all queues over time.
    pub fn service_targets(&self) -> Result<ServiceTargets, Fault> {
        let sql = "SELECT object, name = 'short_abandon', after_transition, value FROM change
            WHERE kind = 'queue' AND (name = 'service_level' OR name = 'short_abandon') ORDER BY seq";
        let mut service_targets = ServiceTargets::default();
        let rows = self.many(sql, [], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))?;
        for (which, setting) in rows {
            service_targets.settings.entry(which).or_default().push(setting);
        }
        Ok(service_targets)
    }

    /// Returns the site's time zone.
    pub fn time_zone(&self) -> Result<String, Fault> {
        Ok(self.one("SELECT time_zone FROM site", [], |row| row.get(0))?.unwrap_or_default())
    }
}

fn kept(names: &mut Vec<Arc<str>>, name: &str) -> Arc<str> {
    match names.iter().find(|known| &***known == name) {
        Some(known) => known.clone(),
        None => {
            names.push(name.into());
            name.into()
        }
    }
}
