//! The decisions of the model's router: rounds of pools and pushes, and PICK NEXT.
//!
//! A definition of the match that can be compared with the manual line by line; it searches all agents and all
//! conversations each time.

use std::cmp::Reverse;

use super::{Agent, Choice, Conversation, Model, Scope, Workstream, waits};

impl Model {
    fn workstream_of(&self, conversation: i64) -> &Workstream {
        &self.workstreams[&self.conversations[&conversation].workstream]
    }

    /// Ready: connected and with an allowed presence, full or not.
    fn ready(&self, agent: &Agent, workstream: &Workstream) -> bool {
        agent.connected && workstream.presences.split(", ").any(|presence| presence == agent.presence)
    }

    fn room(&self, id: i64, workstream: &Workstream) -> bool {
        workstream.units == 0 || self.load(id) + workstream.units <= self.agents[&id].capacity
    }

    /// How many of the asked skills are not met, and the levels that are missing.
    fn lack(&self, agent: &Agent, conversation: &Conversation) -> (usize, i64) {
        let relaxed = self.workstreams[&conversation.workstream].relaxed;
        let (mut unmet, mut missing) = (0, 0);
        for (name, asked) in &conversation.skills {
            let online = |other: &Agent| {
                other.connected
                    && other.presence != "offline"
                    && other.skills.iter().any(|(known, _)| known == name)
            };
            if relaxed && !self.agents.values().any(online) {
                continue;
            }
            let had = agent.skills.iter().find(|(known, _)| known == name);
            let (had, asked) = (had.map_or(0, |(_, level)| level.unwrap_or(1)), asked.unwrap_or(1));
            if had < asked {
                unmet += 1;
                missing += asked - had;
            }
        }
        (unmet, missing)
    }

    fn fits(&self, agent: i64, conversation: &Conversation) -> bool {
        let closest = self.workstreams[&conversation.workstream].closest;
        closest || self.lack(&self.agents[&agent], conversation).0 == 0
    }

    /// Who is to have it, if anybody: the first of all to whom it could be given.
    pub fn partner(&self, id: i64, just: &[(i64, i64)]) -> Option<i64> {
        let conversation = &self.conversations[&id];
        let (workstream, queue) = (self.workstream_of(id), &self.queues[&conversation.queue]);
        let preferred = workstream.prefer.then(|| self.last_agent(conversation)).flatten();
        let mut partners = Vec::new();
        for (place, agent) in queue.members.iter().copied().enumerate() {
            let asked_enough = conversation.declined.get(&agent).is_some_and(|times| *times >= 3);
            if !self.ready(&self.agents[&agent], workstream)
                || !self.room(agent, workstream)
                || !self.fits(agent, conversation)
                || asked_enough
                || just.contains(&(id, agent))
            {
                continue;
            }
            let turn = (self.taken.get(&(conversation.queue, agent)).copied(), place);
            let by_method = match queue.method.as_str() {
                "highest_capacity" => (self.load(agent) - self.agents[&agent].capacity, None),
                "least_active" => (self.load(agent), self.last_ended(agent)),
                _ => (0, None),
            };
            let lack = self.lack(&self.agents[&agent], conversation);
            let gave_up = conversation.gave_up.contains(&agent);
            partners.push(((gave_up, preferred != Some(agent), lack, by_method, turn), agent));
        }
        partners.sort();
        partners.first().map(|(_, agent)| *agent)
    }

    /// Who had the customer's last conversation on that workstream that anybody had.
    fn last_agent(&self, conversation: &Conversation) -> Option<i64> {
        let same = |other: &&Conversation| {
            other.customer == conversation.customer && other.workstream == conversation.workstream
        };
        self.conversations.values().rev().filter(same).find_map(|other| other.last)
    }

    fn last_ended(&self, agent: i64) -> Option<i64> {
        let own = self.conversations.values().filter(|conversation| conversation.last == Some(agent));
        own.filter_map(|conversation| conversation.ended).max()
    }

    /// Whatever waits for somebody and is offered to nobody, in order.
    fn line(&self, wanted: impl Fn(&Conversation) -> bool) -> Vec<i64> {
        let mut line: Vec<_> = self
            .conversations
            .iter()
            .filter(|(_, waiting)| waits(waiting.phase) && waiting.offer.is_none() && wanted(waiting))
            .map(|(id, waiting)| {
                let first = self.queues[&waiting.queue].priority;
                ((first, Reverse(waiting.priority), waiting.arrival, *id), *id)
            })
            .collect();
        line.sort();
        line.into_iter().map(|(_, id)| id).collect()
    }

    /// The pools: queue and workstream, by the queues' priority.
    fn pools(&self, scope: Scope) -> Vec<(i64, i64)> {
        let mut pools = Vec::new();
        for (queue, settings) in &self.queues {
            for (workstream, _) in self.workstreams.iter().filter(|(_, known)| pooled(known)) {
                if scope.queue.is_none_or(|only| only == *queue) {
                    pools.push((settings.priority, *queue, *workstream));
                }
            }
        }
        pools.sort_unstable();
        pools.into_iter().map(|(_, queue, workstream)| (queue, workstream)).collect()
    }

    /// How many stand in a pool, and how many may.
    fn pool(&self, (queue, workstream): (i64, i64)) -> (i64, i64) {
        let inside = self.conversations.values().filter(|conversation| {
            (conversation.queue, conversation.workstream) == (queue, workstream)
                && conversation.phase == "dispatching"
        });
        let settings = &self.workstreams[&workstream];
        let members = &self.queues[&queue].members;
        let ready = members.iter().filter(|agent| self.ready(&self.agents[agent], settings)).count();
        (inside.count() as i64, settings.limit * ready as i64)
    }

    /// Does what the router has to do, and tells it.
    pub fn route(&mut self, scope: Scope, just: &[(i64, i64)]) -> Vec<Choice> {
        let mut choices = Vec::new();
        let mut left = scope.limit.unwrap_or(usize::MAX);
        for pool in self.pools(scope) {
            let inside =
                |one: &Conversation| (one.queue, one.workstream) == pool && one.phase == "dispatching";
            while self.pool(pool).0 > self.pool(pool).1
                && let Some(last) = self.line(inside).last()
            {
                self.conversations.get_mut(last).expect("it waits").phase = "queued";
                choices.push(Choice::Requeue(*last));
            }
        }
        loop {
            let before = left;
            self.fill(scope, &mut choices);
            while left > 0 && self.give(scope, false, just, &mut choices) {
                left -= 1;
            }
            if left == 0 || left == before {
                break;
            }
        }
        while left > 0 && self.give(scope, true, just, &mut choices) {
            left -= 1;
        }
        choices
    }

    fn fill(&mut self, scope: Scope, choices: &mut Vec<Choice>) {
        for pool in self.pools(scope) {
            let outside = |one: &Conversation| (one.queue, one.workstream) == pool && one.phase == "queued";
            let settings = &self.workstreams[&pool.1];
            let free = |agent: &i64| self.ready(&self.agents[agent], settings) && self.room(*agent, settings);
            if !self.queues[&pool.0].members.iter().any(free) {
                continue;
            }
            while self.pool(pool).0 < self.pool(pool).1
                && let Some(first) = self.line(outside).first()
            {
                self.conversations.get_mut(first).expect("it waits").phase = "dispatching";
                choices.push(Choice::Dispatch(*first));
            }
        }
    }

    /// Gives the first in line for whom there is somebody; false: there is none.
    fn give(
        &mut self,
        scope: Scope,
        passing_by: bool,
        just: &[(i64, i64)],
        choices: &mut Vec<Choice>,
    ) -> bool {
        let wanted = |waiting: &Conversation| {
            let workstream = &self.workstreams[&waiting.workstream];
            let outside = pooled(workstream) && waiting.phase == "queued";
            (workstream.push || scope.every)
                && scope.queue.is_none_or(|only| only == waiting.queue)
                && outside == passing_by
        };
        let found = self.line(wanted).into_iter().find_map(|id| Some((id, self.partner(id, just)?)));
        let Some((id, agent)) = found else { return false };
        let (offers, units) = (self.workstream_of(id).offers, self.workstream_of(id).units);
        let conversation = self.conversations.get_mut(&id).expect("it waits");
        if offers {
            conversation.offer = Some((agent, units));
            choices.push(Choice::Offer(id, agent));
            return true;
        }
        conversation.phase = "active";
        (conversation.agent, conversation.last) = (Some(agent), Some(agent));
        conversation.units = units;
        self.takings += 1;
        self.taken.insert((conversation.queue, agent), self.takings);
        choices.push(Choice::Push(id, agent));
        true
    }

    /// What PICK NEXT gives that agent, or the code of its refusal.
    pub fn next(&self, agent: i64, queue: Option<i64>) -> Result<i64, &'static str> {
        if queue.is_some_and(|only| !self.queues[&only].members.contains(&agent)) {
            return Err("not_member");
        }
        let own = |waiting: &Conversation| {
            queue.is_none_or(|only| only == waiting.queue)
                && self.queues[&waiting.queue].members.contains(&agent)
                && self.fits(agent, waiting)
        };
        let line = self.line(own);
        let room: Vec<i64> =
            line.iter().copied().filter(|id| self.room(agent, self.workstream_of(*id))).collect();
        let fresh = room.iter().find(|id| !self.conversations[id].gave_up.contains(&agent));
        match (fresh.or(room.first()), line.is_empty()) {
            (Some(id), _) => Ok(*id),
            (None, false) => Err("at_capacity"),
            (None, true) => Err("nothing_waiting"),
        }
    }

    /// What must not be: a match that is left unmade, an offer to who may not have it, a pool that is too full.
    pub fn faults(&self, just: &[(i64, i64)]) -> Vec<String> {
        let mut faults = Vec::new();
        for id in self.line(|waiting| self.workstreams[&waiting.workstream].push) {
            let agent = self.partner(id, just);
            faults.extend(agent.map(|agent| format!("{id} waits, and {agent} could have it")));
        }
        for pool in self.pools(Scope::default()) {
            let inside =
                |one: &Conversation| (one.queue, one.workstream) == pool && one.phase == "dispatching";
            if self.pool(pool).0 > self.pool(pool).1 && !self.line(inside).is_empty() {
                faults.push(format!("the pool {pool:?} is too full: {:?}", self.pool(pool)));
            }
        }
        for (id, offered) in &self.conversations {
            let Some((agent, _)) = offered.offer else { continue };
            let there = self.ready(&self.agents[&agent], self.workstream_of(*id));
            if !there || !self.queues[&offered.queue].members.contains(&agent) || !waits(offered.phase) {
                faults.push(format!("{id} is offered to {agent}, who may not have it"));
            }
        }
        faults
    }
}

/// Pushed, in the lifecycle that has a pool.
fn pooled(workstream: &Workstream) -> bool {
    workstream.push && workstream.lifecycle == -2
}
