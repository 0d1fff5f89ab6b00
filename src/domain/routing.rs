//! Chooses the agent for a conversation: who is eligible, and whose turn it is.
//!
//! Invariant: the choice depends on the candidates alone and is unique: no two candidates ever
//! compare equal. This module deliberately does not know how conversations wait, nor where
//! candidates come from.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::closed_lists::Method;
use super::config::Agent;
use super::skills::Skill;
use super::workstream::Workstream;

/// How far an agent's skills are from the required ones; the smallest distance is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// How many required skills are not met at their level.
    pub unmet: usize,
    /// The sum of the missing levels.
    pub missing: u32,
}

impl Distance {
    /// Computes the distance from an agent's skills to the required ones. A skill required without
    /// a level is met at any level.
    pub fn between(had: &[Skill], asked: &[Skill]) -> Distance {
        let mut distance = Distance { unmet: 0, missing: 0 };
        for wanted in asked {
            let level = wanted.level.unwrap_or(1);
            let has = had.iter().find(|skill| skill.name == wanted.name);
            let has = has.map_or(0, |skill| skill.level.unwrap_or(1));
            distance.unmet += usize::from(has < level);
            distance.missing += u32::from(level.saturating_sub(has));
        }
        distance
    }
}

/// Removes the required skills that no agent who is online has.
pub fn relaxed(asked: &[Skill], online: &HashSet<String>) -> Vec<Skill> {
    asked.iter().filter(|skill| online.contains(&skill.name)).cloned().collect()
}

/// A reason against an agent that does not depend on skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The agent has lost their connection.
    Disconnected,
    /// The workstream does not allow the agent's presence.
    Presence,
    /// The agent has too few free capacity units.
    Capacity,
}

/// Returns the reasons against an agent that do not depend on skills: connection, presence,
/// capacity.
pub fn against(agent: &Agent, workstream: &Workstream) -> Vec<Against> {
    let mut reasons = Vec::new();
    if !agent.connected {
        reasons.push(Against::Disconnected);
    }
    if !workstream.allows(agent.presence) {
        reasons.push(Against::Presence);
    }
    if !agent.has_room(workstream.units, 0) {
        reasons.push(Against::Capacity);
    }
    reasons
}

/// Returns whether an agent counts as ready on a workstream: connected and with an allowed
/// presence, at capacity or not.
pub fn is_ready(agent: &Agent, workstream: &Workstream) -> bool {
    agent.connected && workstream.allows(agent.presence)
}

/// An eligible agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The index of the agent in the caller's list.
    pub index: usize,
    /// The free capacity units.
    pub free: i64,
    /// The capacity units in use, those of open offers included.
    pub used: i64,
    /// How close the agent's skills are.
    pub distance: Distance,
    /// The number of the transition that last assigned them a conversation of this queue; 0: none.
    pub taken: i64,
    /// When their last conversation ended, in ms since 1970 UTC; `None`: never.
    pub ended: Option<i64>,
    /// Their place in the order of joining the queue.
    pub joined: i64,
    /// Whether they are the customer's last agent and the workstream prefers that agent.
    pub preferred: bool,
    /// Whether they released the conversation and nobody has had it since. They are chosen only if
    /// nobody else is eligible.
    pub gave_up: bool,
}

/// Returns the candidate whose turn it is.
pub fn choose(candidates: &[Candidate], method: Method) -> Option<&Candidate> {
    candidates.iter().min_by_key(|candidate| {
        let turn = (candidate.taken, candidate.joined);
        let by_method = match method {
            Method::HighestCapacity => (Reverse(Some(candidate.free)), None),
            Method::RoundRobin => (Reverse(None), None),
            Method::LeastActive => (Reverse(Some(-candidate.used)), candidate.ended),
        };
        (candidate.gave_up, !candidate.preferred, candidate.distance, by_method, turn)
    })
}

/// Returns why it is their turn, in a few words.
pub fn reason(chosen: &Candidate, candidates: &[Candidate], method: Method) -> &'static str {
    match method {
        _ if candidates.len() == 1 => "nobody else fits",
        _ if chosen.preferred => "the customer's last agent",
        _ if candidates.iter().any(|other| other.distance > chosen.distance) => "the closest skills",
        Method::HighestCapacity
            if candidates.iter().filter(|other| other.free == chosen.free).count() == 1 =>
        {
            "most room"
        }
        Method::LeastActive if candidates.iter().filter(|other| other.used == chosen.used).count() == 1 => {
            "fewest units in use"
        }
        Method::LeastActive => "fewest units in use, then longest idle",
        _ => "longest without one of this queue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::skills::parse;

    fn distance(had: &str, asked: &str) -> (usize, u32) {
        let distance = Distance::between(&parse(had).unwrap(), &parse(asked).unwrap());
        (distance.unmet, distance.missing)
    }

    #[test]
    fn a_skill_is_met_at_its_level_and_by_any_where_none_is_asked() {
        for (had, asked, expected) in [
            ("billing:4, spanish", "billing:3", (0, 0)),
            ("spanish", "spanish", (0, 0)),
            ("", "", (0, 0)),
            ("billing:2", "billing:3", (1, 1)),
            ("", "spanish", (1, 1)),
            ("billing:4", "billing:9, french:2", (2, 7)),
        ] {
            assert_eq!(distance(had, asked), expected, "{had} for {asked}");
        }
    }

    fn candidate(index: usize, free: i64, taken: i64, ended: Option<i64>) -> Candidate {
        let distance = Distance { unmet: 0, missing: 0 };
        let joined = index as i64;
        let used = 3 - free;
        Candidate { index, free, used, distance, taken, ended, joined, preferred: false, gave_up: false }
    }

    #[test]
    fn each_method_has_its_own_turn() {
        let all = [candidate(0, 1, 9, Some(50)), candidate(1, 3, 7, Some(70)), candidate(2, 3, 5, None)];
        for (method, expected) in
            [(Method::HighestCapacity, 2), (Method::RoundRobin, 2), (Method::LeastActive, 2)]
        {
            assert_eq!(choose(&all, method).map(|chosen| chosen.index), Some(expected), "{method:?}");
        }
        assert_eq!(choose(&all[..2], Method::HighestCapacity).map(|chosen| chosen.index), Some(1));
        assert_eq!(choose(&all[..2], Method::RoundRobin).map(|chosen| chosen.index), Some(1));
        // Fewest units in use come before the time without a conversation.
        assert_eq!(choose(&all[..2], Method::LeastActive).map(|chosen| chosen.index), Some(1));
        let equal = [candidate(0, 2, 1, Some(70)), candidate(1, 2, 9, Some(50))];
        assert_eq!(choose(&equal, Method::LeastActive).map(|chosen| chosen.index), Some(1));
        assert_eq!(reason(&equal[1], &equal, Method::LeastActive), "fewest units in use, then longest idle");
        assert_eq!(reason(&all[1], &all[..2], Method::LeastActive), "fewest units in use");
    }

    #[test]
    fn skills_come_before_the_turn_and_who_gave_it_up_comes_last() {
        let mut all = [candidate(0, 1, 9, None), candidate(1, 3, 0, None), candidate(2, 2, 0, None)];
        all[1].distance = Distance { unmet: 1, missing: 2 };
        assert_eq!(choose(&all, Method::HighestCapacity).map(|chosen| chosen.index), Some(2));
        all[2].gave_up = true;
        assert_eq!(choose(&all, Method::HighestCapacity).map(|chosen| chosen.index), Some(0));
        all[1].preferred = true;
        assert_eq!(choose(&all, Method::HighestCapacity).map(|chosen| chosen.index), Some(1));
    }
}
