//! A plain model of the router: what a site is told and what moved in, what the router has to do out.
//!
//! What matters: it shares nothing with the source and is naive; every choice searches everything again. Where the
//! product leaves something open, this is what was decided:
//! - Dynamic assignment comes last of all: a conversation outside its pool is looked at when nothing in any pool and in
//!   no workstream without one fits, whatever the priorities of the queues.
//! - What is offered stands where it is: it counts in its pool, but is neither pushed, picked by NEXT nor sent back; so a
//!   pool may be over its limit by what is offered in it.
//! - Declines and misses count for the whole life of a conversation, and three of them speak against a push, too.
//! - Who gave something up is spared at once only, with the housekeeping that follows; any later statement or timer may
//!   bring it back.
//! - Skills are relaxed by their name: who is online with too low a level keeps it asked for.

use std::collections::BTreeMap;

/// What is had, or asked for: the name and the level.
type Skills = Vec<(String, Option<i64>)>;

#[derive(Debug, Default, Clone)]
pub struct Agent {
    pub name: String,
    pub presence: String,
    pub connected: bool,
    pub capacity: i64,
    skills: Skills,
}

#[derive(Debug, Default, Clone)]
pub struct Queue {
    pub name: String,
    priority: i64,
    method: String,
    /// In the order of joining.
    members: Vec<i64>,
}

#[derive(Debug, Default, Clone)]
pub struct Workstream {
    name: String,
    lifecycle: i64,
    push: bool,
    units: i64,
    presences: String,
    closest: bool,
    prefer: bool,
    relaxed: bool,
    offers: bool,
    limit: i64,
    costs_nothing_after: bool,
}

#[derive(Debug, Default, Clone)]
pub struct Conversation {
    workstream: i64,
    customer: String,
    priority: i64,
    skills: Skills,
    pub phase: &'static str,
    queue: i64,
    pub agent: Option<i64>,
    last: Option<i64>,
    arrival: Option<i64>,
    units: i64,
    ended: Option<i64>,
    /// Who is asked, and the units that are kept.
    pub offer: Option<(i64, i64)>,
    gave_up: Vec<i64>,
    declined: BTreeMap<i64, i64>,
}

/// A move that was made by somebody, or by the router.
#[derive(Debug, Clone)]
pub struct Moved {
    pub conversation: i64,
    pub event: String,
    pub to_state: String,
    pub to_agent: Option<String>,
    pub to_queue: String,
    pub at: i64,
}

/// What the router is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Dispatch(i64),
    Requeue(i64),
    Push(i64, i64),
    Offer(i64, i64),
}

/// What is to be routed: every workstream, one queue, so many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    pub every: bool,
    pub queue: Option<i64>,
    pub limit: Option<usize>,
}

/// The whole site.
#[derive(Debug, Default)]
pub struct Model {
    pub agents: BTreeMap<i64, Agent>,
    pub queues: BTreeMap<i64, Queue>,
    workstreams: BTreeMap<i64, Workstream>,
    pub conversations: BTreeMap<i64, Conversation>,
    /// When somebody was last given something of a queue, by count.
    taken: BTreeMap<(i64, i64), usize>,
    takings: usize,
}

fn skills(text: &str) -> Skills {
    let skill = |part: &str| match part.trim().split_once(':') {
        Some((name, level)) => (name.trim().to_owned(), level.trim().parse().ok()),
        None => (part.trim().to_owned(), None),
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(skill).collect()
}

/// The phase of a state, as the product draws the four lifecycles.
fn phase(lifecycle: i64, state: &str) -> &'static str {
    match (lifecycle, state) {
        (_, "Open" | "Inactive") | (-2, "Waiting") => "queued",
        (_, "Dispatching") => "dispatching",
        (_, "Active" | "Processing") => "active",
        (_, "Waiting" | "In-progress") => "parked",
        (_, "Wrap-up") => "wrapup",
        (_, "On Hold") => "held",
        (_, "Customer Left") => "departed",
        (_, "Bot" | "Script" | "Created") => "bot",
        (_, "Closing") => "closing",
        (_, "Closed" | "Finished") => "closed",
        _ => panic!("{state} is in no lifecycle"),
    }
}

fn waits(phase: &str) -> bool {
    phase == "queued" || phase == "dispatching"
}

impl Model {
    fn agent_named(&self, name: &str) -> i64 {
        let named = self.agents.iter().find(|(_, agent)| agent.name == name);
        *named.unwrap_or_else(|| panic!("nobody is called {name}")).0
    }

    fn queue_named(&self, name: &str) -> i64 {
        let named = self.queues.iter().find(|(_, queue)| queue.name == name);
        *named.unwrap_or_else(|| panic!("no queue is called {name}")).0
    }

    /// Takes in a change of the log: kind, object, item, name, value. Gives who has just given up what.
    pub fn change(&mut self, row: &[&str]) -> Option<(i64, i64)> {
        let (kind, name, value) = (row[0], row[3], row[4]);
        let object: i64 = row[1].parse().expect("an object");
        let number = value.parse().unwrap_or(0);
        match kind {
            "agent" => self.agent(object, name, value),
            "queue" => {
                let queue = self.queues.entry(object).or_default();
                match name {
                    "created" => {
                        let (name, method) = (value.to_owned(), "highest_capacity".to_owned());
                        *queue = Queue { name, priority: 100, method, members: Vec::new() };
                    }
                    "priority" => queue.priority = number,
                    "method" => queue.method = value.to_owned(),
                    _ => {}
                }
            }
            "member" => {
                let agent: i64 = row[2].parse().expect("an agent");
                let members = &mut self.queues.get_mut(&object).expect("a queue").members;
                members.retain(|member| *member != agent);
                members.extend((name == "joined").then_some(agent));
            }
            "workstream" => self.workstream(object, name, value),
            "conversation" => {
                let conversation = self.conversations.get_mut(&object).expect("a conversation");
                match name {
                    "priority" => conversation.priority = number,
                    "skills" => conversation.skills = skills(value),
                    "units" => conversation.units = number,
                    _ => {}
                }
            }
            "offer" => {
                let conversation = self.conversations.get_mut(&object).expect("a conversation");
                let (agent, _) = conversation.offer.take().expect("an offer");
                assert_eq!(row[2], agent.to_string(), "an offer ends for whom it was made");
                if name == "declined" || name == "missed" {
                    *conversation.declined.entry(agent).or_default() += 1;
                    conversation.gave_up.push(agent);
                    return Some((object, agent));
                }
            }
            _ => {}
        }
        None
    }

    fn agent(&mut self, id: i64, name: &str, value: &str) {
        let agent = self.agents.entry(id).or_default();
        match name {
            "created" => {
                let (name, presence) = (value.to_owned(), "offline".to_owned());
                *agent = Agent { name, presence, connected: true, capacity: 3, skills: Vec::new() };
            }
            "presence" => agent.presence = value.to_owned(),
            "connected" => agent.connected = value == "on",
            "capacity" => agent.capacity = value.parse().expect("units"),
            "skills" => agent.skills = skills(value),
            _ => {}
        }
    }

    fn workstream(&mut self, id: i64, name: &str, value: &str) {
        let workstream = self.workstreams.entry(id).or_default();
        let on = value == "on";
        match name {
            "created" => {
                let presences = "available, busy".to_owned();
                *workstream = Workstream {
                    name: value.to_owned(),
                    units: 1,
                    presences,
                    limit: 3,
                    ..Workstream::default()
                };
            }
            "lifecycle" => workstream.lifecycle = value.parse().expect("a lifecycle"),
            "mode" => workstream.push = value == "push",
            "units" => workstream.units = value.parse().expect("units"),
            "presences" => workstream.presences = value.to_owned(),
            "skills" => workstream.closest = value == "closest",
            "prefer_last_agent" => workstream.prefer = on,
            "relaxed_skills" => workstream.relaxed = on,
            "offers" => workstream.offers = on,
            "dispatch_limit" => workstream.limit = value.parse().expect("a limit"),
            "wrapup_capacity" => workstream.costs_nothing_after = value == "never",
            _ => {}
        }
    }

    /// Takes in a birth: the id, the workstream, the customer, the priority, the skills.
    pub fn born(&mut self, id: i64, row: &[&str]) {
        let workstream = self.workstreams.iter().find(|(_, known)| known.name == row[0]);
        let conversation = Conversation {
            workstream: *workstream.expect("a workstream").0,
            customer: row[1].to_owned(),
            priority: row[2].parse().expect("a priority"),
            skills: skills(row[3]),
            phase: "bot",
            ..Conversation::default()
        };
        self.conversations.insert(id, conversation);
    }

    /// Takes in a move. Gives who has just given up what.
    pub fn moved(&mut self, moved: &Moved) -> Option<(i64, i64)> {
        let to_agent = moved.to_agent.as_ref().map(|name| self.agent_named(name));
        let queue = self.queue_named(&moved.to_queue);
        let conversation = self.conversations.get_mut(&moved.conversation).expect("a conversation");
        assert_eq!(conversation.offer, None, "{}: an offer is open while it moves", moved.conversation);
        let workstream = &self.workstreams[&conversation.workstream];
        let (before, was) = (conversation.agent, conversation.phase);
        conversation.phase = phase(workstream.lifecycle, &moved.to_state);
        conversation.queue = queue;
        conversation.agent = to_agent;
        conversation.last = to_agent.or(before).or(conversation.last);
        if waits(conversation.phase) && (conversation.arrival.is_none() || moved.event == "customer_return") {
            conversation.arrival = Some(moved.at);
        }
        conversation.units = match conversation.phase {
            _ if to_agent.is_none() => 0,
            "wrapup" if workstream.costs_nothing_after => 0,
            _ if to_agent == before && (was != "wrapup" || conversation.phase == "wrapup") => {
                conversation.units
            }
            _ => workstream.units,
        };
        let over = ["wrapup", "departed", "closing", "closed"].contains(&conversation.phase);
        conversation.ended = if over { conversation.ended.or(Some(moved.at)) } else { None };
        if let Some(agent) = to_agent.filter(|agent| Some(*agent) != before) {
            self.takings += 1;
            self.taken.insert((queue, agent), self.takings);
        }
        let lost = before.filter(|_| to_agent.is_none())?;
        conversation.gave_up = if waits(conversation.phase) { vec![lost] } else { Vec::new() };
        waits(conversation.phase).then_some((moved.conversation, lost))
    }

    /// What an agent has, with what is kept for offers.
    pub fn load(&self, agent: i64) -> i64 {
        let of = |conversation: &Conversation| {
            let held = if conversation.agent == Some(agent) { conversation.units } else { 0 };
            held + conversation.offer.filter(|(asked, _)| *asked == agent).map_or(0, |(_, units)| units)
        };
        self.conversations.values().map(of).sum()
    }
}

mod choice;
