//! The router: assigns or offers waiting conversations to the agents who fit, in order, step by
//! step.
//!
//! Invariant: when there is no further step, nothing that could be matched is left waiting. Each
//! step is decided on the file as the previous one left it. Until then, the room of agents only
//! shrinks, so a line for which nobody is left stays blocked.

pub mod candidates;
pub mod explained;

use crate::domain::change::{By, Change};
use crate::domain::closed_lists::{ActorKind, Event, Phase};
use crate::domain::config::Agent;
use crate::domain::conversation::MOST_OFFERS;
use crate::domain::conversation::{Conversation, Move};
use crate::domain::moment::Moment;
use crate::domain::refusal::Error;
use crate::domain::routing::{self, Candidate};
use crate::domain::workstream::Workstream;
use crate::store::{RoutedQueue, Snapshot, WaitingLine, WaitingPosition};
use candidates::candidates;
use candidates::{given_up, has_pool};
use std::collections::HashSet;
use std::sync::Arc;

/// What the router works on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only this queue; None: every queue.
    pub queue: Option<i64>,
    /// Also the conversations in pick workstreams.
    pub every: bool,
    /// The maximum number of conversations to assign or offer; None: no limit.
    pub limit: Option<i64>,
}

/// One step of the router.
#[derive(Debug)]
pub struct RouterStep {
    /// Rows for the log.
    pub changes: Vec<Change>,
    /// The reason, in one sentence.
    pub reason: String,
}

/// A line, as the router works through it.
pub struct Waiting {
    line: WaitingLine,
    queue: usize,
    workstream: Arc<Workstream>,
    /// Its conversations go through the pool first: they are pushed directly only in the last
    /// stage.
    outside_pool: bool,
    head: Option<WaitingPosition>,
}

/// The stages of the router.
///
/// A round fills the pools, then pushes from them. `PassBy` comes last: it pushes conversations
/// outside the pools, past those in them for which nobody fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Requeue,
    Fill,
    Push,
    PassBy,
    Done,
}

/// The router. Each call of `step` returns one step; the caller writes it before the next call.
pub struct Router<'a> {
    snapshot: Snapshot<'a>,
    now: Moment,
    queues: Vec<RoutedQueue>,
    agents: Vec<Agent>,
    waiting: Vec<Waiting>,
    gave_up: Vec<(i64, i64)>,
    online: HashSet<String>,
    /// Indexes of lines whose first conversation has moved; they are read again after the step is
    /// written.
    stale: Vec<usize>,
    stage: Stage,
    pushed: bool,
    left: i64,
}

impl<'a> Router<'a> {
    /// Returns a router for the current state of the file; None if there is nothing for it to do.
    ///
    /// `changes` is what has just happened: an agent who gave up a conversation by it does not get
    /// it back.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn new(
        snapshot: Snapshot<'a>,
        scope: &Scope,
        now: Moment,
        changes: &[&[Change]],
    ) -> Result<Option<Self>, Error> {
        let workstreams = snapshot.routed_workstreams(scope.every)?;
        if workstreams.is_empty() {
            return Ok(None);
        }
        let mut queues = snapshot.routed_queues()?;
        queues.retain(|queue| scope.queue.is_none_or(|only| queue.named.id == only));
        let mut waiting = Vec::new();
        for (index, queue) in queues.iter().enumerate() {
            for (line, head) in snapshot.lines(queue.named.id)? {
                let Some(workstream) = workstreams.iter().find(|known| known.named.id == line.workstream)
                else {
                    continue;
                };
                let outside_pool = line.phase == Phase::Queued && has_pool(workstream);
                waiting.push(Waiting {
                    line,
                    queue: index,
                    workstream: workstream.clone(),
                    outside_pool,
                    head: Some(head),
                });
            }
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        let (agents, online) = (snapshot.agents()?, snapshot.skills_online()?);
        Ok(Some(Router {
            snapshot,
            now,
            queues,
            agents,
            waiting,
            gave_up: given_up(changes),
            online,
            stale: Vec::new(),
            stage: Stage::Requeue,
            pushed: false,
            left: scope.limit.unwrap_or(i64::MAX),
        }))
    }

    /// Returns the next step; None: nothing that can be matched is left.
    ///
    /// # Errors
    /// Faults of the file.
    pub fn step(&mut self) -> Result<Option<RouterStep>, Error> {
        for index in std::mem::take(&mut self.stale) {
            self.waiting[index].head = self.snapshot.head(&self.waiting[index].line, None)?;
        }
        while self.stage != Stage::Done && self.left > 0 {
            let step = match self.stage {
                Stage::Requeue => self.requeue()?,
                Stage::Fill => self.fill()?,
                Stage::Push => self.push(false)?,
                _ => self.push(true)?,
            };
            if step.is_some() {
                return Ok(step);
            }
            self.stage = match self.stage {
                Stage::Requeue => Stage::Fill,
                Stage::Fill => Stage::Push,
                Stage::Push if std::mem::take(&mut self.pushed) => Stage::Fill,
                Stage::Push => Stage::PassBy,
                _ => Stage::Done,
            };
        }
        Ok(None)
    }

    /// If a pool exceeds its limit, moves its last conversation back to the line.
    fn requeue(&mut self) -> Result<Option<RouterStep>, Error> {
        for (queue, workstream) in self.pools() {
            let (count, last) = self.snapshot.pool(self.queues[queue].named.id, workstream.named.id)?;
            if count > self.limit(queue, &workstream)
                && let Some(id) = last
            {
                return self.moved(id, Event::Requeue, queue, &workstream);
            }
        }
        Ok(None)
    }

    /// If a pool has room and a member of the queue is free, moves the first waiting conversation
    /// into it.
    fn fill(&mut self) -> Result<Option<RouterStep>, Error> {
        for (queue, workstream) in self.pools() {
            let (count, _) = self.snapshot.pool(self.queues[queue].named.id, workstream.named.id)?;
            let somebody = self.members(queue).any(|agent| routing::against(agent, &workstream).is_empty());
            if !somebody || count >= self.limit(queue, &workstream) {
                continue;
            }
            let first = self
                .waiting
                .iter()
                .filter(|line| {
                    line.outside_pool && line.queue == queue && Arc::ptr_eq(&line.workstream, &workstream)
                })
                .filter_map(|line| line.head)
                .min();
            if let Some(place) = first
                && let Some(step) = self.moved(place.conversation, Event::Dispatch, queue, &workstream)?
            {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    /// Returns the step for the first conversation in order that an agent can get.
    fn push(&mut self, passing_by: bool) -> Result<Option<RouterStep>, Error> {
        while let Some(index) = self.first(passing_by) {
            let Waiting { queue, ref workstream, head, .. } = self.waiting[index];
            let (workstream, Some(place)) = (workstream.clone(), head) else { return Ok(None) };
            let Some(conversation) = self.snapshot.conversation(place.conversation)? else { return Ok(None) };
            let event = if workstream.offers { Event::Accept } else { Event::Push };
            let found = match conversation.may(event) {
                true => self.find(&conversation, queue)?,
                false => Found::NotThisOne,
            };
            match found {
                Found::Agent(agent, why) => {
                    self.pushed = true;
                    self.left -= 1;
                    self.stale.push(index);
                    return self.give(conversation, agent, queue, why).map(Some);
                }
                Found::NotThisOne => {
                    self.waiting[index].head = self.snapshot.head(&self.waiting[index].line, head)?;
                }
                Found::Nobody => self.waiting[index].head = None,
            }
        }
        Ok(None)
    }

    fn first(&self, passing_by: bool) -> Option<usize> {
        let place = |line: &Waiting| line.head.map(|head| (self.queues[line.queue].priority, head));
        (0..self.waiting.len())
            .filter(|index| self.waiting[*index].outside_pool == passing_by)
            .filter(|index| self.waiting[*index].head.is_some())
            .min_by_key(|index| place(&self.waiting[*index]))
    }

    fn find(&self, conversation: &Conversation, queue: usize) -> Result<Found, Error> {
        let candidates =
            candidates(&self.snapshot, conversation, &self.queues[queue], &self.agents, &self.online)?;
        let somebody = !candidates.is_empty();
        let declined = self.snapshot.declined(conversation.id)?;
        let allowed: Vec<Candidate> = candidates
            .into_iter()
            .filter(|candidate| {
                let id = self.agents[candidate.index].named.id;
                !self.gave_up.contains(&(conversation.id, id))
                    && !declined.iter().any(|(agent, times)| *agent == id && *times >= MOST_OFFERS)
            })
            .collect();
        let method = self.queues[queue].method;
        Ok(match routing::choose(&allowed, method) {
            Some(chosen) => Found::Agent(chosen.index, routing::reason(chosen, &allowed, method)),
            None if somebody => Found::NotThisOne,
            None => Found::Nobody,
        })
    }

    /// Assigns the conversation to the agent, or offers it to them.
    fn give(
        &mut self,
        mut conversation: Conversation,
        agent: usize,
        queue: usize,
        why: &str,
    ) -> Result<RouterStep, Error> {
        let mut plan = Vec::new();
        let agent = &mut self.agents[agent];
        let (id, name, room) = (conversation.id, agent.named.name.clone(), agent.room());
        let verb = if conversation.workstream.offers { "is offered" } else { "goes" };
        if conversation.workstream.offers {
            conversation.make_offer(&agent.named, self.now, &mut plan);
        } else {
            let step = Move::new(Event::Push, By::kind(ActorKind::Router), self.now).with_agent(agent);
            conversation.advance(step, &mut plan)?;
        }
        agent.load += conversation.workstream.units;
        let reason = format!(
            "{id} {verb} to {name}: {why} ({room}), first in line in {}",
            self.queues[queue].named.name
        );
        Ok(RouterStep { changes: plan, reason })
    }

    /// Moves a conversation into the pool or out of it.
    fn moved(
        &mut self,
        id: i64,
        event: Event,
        queue: usize,
        workstream: &Arc<Workstream>,
    ) -> Result<Option<RouterStep>, Error> {
        let Some(mut conversation) = self.snapshot.conversation(id)? else { return Ok(None) };
        if !conversation.may(event) {
            return Ok(None);
        }
        let skills = conversation.skills.clone();
        let mut plan = Vec::new();
        conversation.advance(Move::new(event, By::kind(ActorKind::Router), self.now), &mut plan)?;
        let name = self.queues[queue].named.clone();
        for phase in [Phase::Queued, Phase::Dispatching] {
            let line = WaitingLine {
                queue: name.id,
                workstream: workstream.named.id,
                phase,
                skills: skills.clone(),
            };
            let index = self.waiting.iter().position(|known| known.line == line).unwrap_or_else(|| {
                let (workstream, outside_pool) = (workstream.clone(), phase == Phase::Queued);
                self.waiting.push(Waiting { line, queue, workstream, outside_pool, head: None });
                self.waiting.len() - 1
            });
            self.stale.push(index);
        }
        let reason = match event {
            Event::Dispatch => format!("{id} enters the pool of {}", name.name),
            _ => format!("{id} returns to the line in {}: the pool is smaller now", name.name),
        };
        Ok(Some(RouterStep { changes: plan, reason }))
    }

    /// Returns the pools; each belongs to a queue and a workstream.
    fn pools(&self) -> Vec<(usize, Arc<Workstream>)> {
        let mut pools: Vec<(usize, Arc<Workstream>)> = Vec::new();
        for line in self.waiting.iter().filter(|line| has_pool(&line.workstream)) {
            if !pools
                .iter()
                .any(|(queue, known)| *queue == line.queue && Arc::ptr_eq(known, &line.workstream))
            {
                pools.push((line.queue, line.workstream.clone()));
            }
        }
        pools
    }

    /// Returns the limit of a pool: dispatch_limit times the members who are ready, with or without
    /// room.
    fn limit(&self, queue: usize, workstream: &Workstream) -> i64 {
        let ready = self.members(queue).filter(|agent| routing::is_ready(agent, workstream)).count();
        workstream.dispatch_limit.saturating_mul(ready as i64)
    }

    fn members(&self, queue: usize) -> impl Iterator<Item = &Agent> {
        let members = &self.queues[queue].members;
        self.agents.iter().filter(|agent| members.iter().any(|(member, _)| *member == agent.named.id))
    }
}

pub enum Found {
    /// The index of the chosen agent, and the reason for the choice.
    Agent(usize, &'static str),
    /// An agent fits, but may not get this conversation.
    NotThisOne,
    /// Nobody who fits has room.
    Nobody,
}
