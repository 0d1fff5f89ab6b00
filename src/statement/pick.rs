//! PICK: assigns a waiting conversation to an agent, either a given one or the next one that fits.
//!
//! Invariant: PICK NEXT takes the first conversation by queue priority, conversation priority and
//! arrival among those that fit the agent. It reads the heads of lines only, however many
//! conversations wait behind them. This module deliberately does not know how the router chooses an
//! agent.

use crate::domain::closed_lists::Event;
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::eligibility::{self, AssignmentKind};
use crate::domain::permissions::Right;
use crate::domain::reach::Reach;
use crate::domain::refusal::{Code, Error, Refusal};
use crate::domain::routing::Distance;
use crate::statement::support::assignment::{Assignee, take};
use crate::statement::support::router::candidates::{listed, required_skills};
use crate::statement::{Chapter, Columns, Decision, Handler, Request, StatementDef, Traits};
use crate::store::{WaitingLine, WaitingPosition};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub(super) static DEF: StatementDef = StatementDef {
    chapter: Chapter::Conversations,
    syntax: "PICK (NEXT | <conversation>) BY <agent> [FROM <queue>]",
    summary: "Assigns a waiting conversation to an agent: the given one, or the next one that fits.",
    example: "PICK NEXT BY alice",
    right: Right::Work,
    traits: Traits::BY_AGENT,
    columns: Columns::ALL,
    handler: Handler::Write(pick),
};

fn pick(request: &Request<'_>) -> Result<Decision, Error> {
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let queue = request.queue()?;
    let mut plan = Vec::new();
    let mut conversation = if request.has("NEXT") {
        if let Some(queue) = &queue {
            let member = request.snapshot.is_member(queue.id, agent.named.id)?;
            eligibility::check_member(&agent, queue, member).map_err(|refusal| refusal.at("agent"))?;
        }
        next(request, &agent, queue.as_ref().map(|queue| queue.id))?
    } else {
        let conversation = request.conversation()?;
        if let Some(queue) = queue.filter(|queue| conversation.queue.as_ref() != Some(queue)) {
            let words = format!("conversation {} is not waiting in {}", conversation.id, queue.name);
            return Err(Refusal::new(Code::NothingWaiting, words)
                .hint(format!("SHOW CONVERSATION {} shows where it is", conversation.id))
                .at("queue")
                .into());
        }
        conversation
    };
    take(request, &mut conversation, Event::Pick, AssignmentKind::Pick, &Assignee::new(&agent), &mut plan)?;
    Ok(Decision::moves(plan))
}

/// A line and its first conversation, in the order in which queues are served.
type LineHead = Reverse<(i64, WaitingPosition, WaitingLine)>;

/// Returns the first conversations of the lines that fit the agent, and how many lines were read.
///
/// With `leaping`, lines that require skills outside the agent's are not read if the workstream
/// matches skills exactly and never relaxes them.
fn heads_for(
    request: &Request<'_>,
    agent: &Agent,
    queue: Option<i64>,
    leaping: bool,
) -> Result<(Vec<LineHead>, usize), Error> {
    let had = listed(agent.skills.as_deref());
    let reach = Reach::of(&had);
    let (mut heads, mut lines) = (Vec::new(), 0);
    let mut online = None;
    for agent_queue in request.snapshot.queues_of(agent.named.id)? {
        if queue.is_some_and(|only| agent_queue.named.id != only) {
            continue;
        }
        for (id, phase) in request.snapshot.waited_on(agent_queue.named.id)? {
            let Some(workstream) = request.snapshot.workstream_of(id)? else { continue };
            if workstream.relaxed_skills && online.is_none() {
                online = Some(request.snapshot.skills_online()?);
            }
            let leaps = leaping && workstream.exact_skills && !workstream.relaxed_skills;
            let reach = leaps.then_some(&reach);
            for (line, place) in request.snapshot.lines_on(agent_queue.named.id, id, phase, reach)? {
                lines += 1;
                let wanted = required_skills(&workstream, line.skills.as_deref(), online.as_ref());
                if !workstream.exact_skills || Distance::between(&had, &wanted).unmet == 0 {
                    heads.push(Reverse((agent_queue.priority, place, line)));
                }
            }
        }
    }
    Ok((heads, lines))
}

/// Returns the first conversation that fits the agent, by queue, priority and arrival.
///
/// A conversation that the agent gave up comes last.
///
/// # Errors
/// `nothing_waiting`.
fn next(request: &Request<'_>, agent: &Agent, queue: Option<i64>) -> Result<Conversation, Error> {
    let (mut heads, mut waiting) = heads_for(request, agent, queue, true)?;
    if heads.is_empty() {
        // Another program may have written skills in another form, and the refusal has to say
        // whether anything is waiting.
        (heads, waiting) = heads_for(request, agent, queue, false)?;
    }
    let mut heads = BinaryHeap::from(heads);
    let (mut without_room, mut given_up) = (None, None);
    while let Some(Reverse((priority, place, line))) = heads.pop() {
        let Some(conversation) = request.conversation_of(place.conversation)? else { continue };
        let fits = agent.has_room(conversation.workstream.units, 0);
        if !conversation.may(Event::Pick) {
            heads.extend(
                request.snapshot.head(&line, Some(place))?.map(|next| Reverse((priority, next, line))),
            );
        } else if !fits {
            without_room.get_or_insert(conversation);
        } else if request.snapshot.gave_up(conversation.id)?.contains(&agent.named.id) {
            given_up.get_or_insert(conversation);
            heads.extend(
                request.snapshot.head(&line, Some(place))?.map(|next| Reverse((priority, next, line))),
            );
        } else {
            return Ok(conversation);
        }
    }
    // A conversation for which the agent has no room is returned too: taking it is then refused
    // with that reason.
    match given_up.or(without_room) {
        Some(conversation) => Ok(conversation),
        None => {
            let offered = request.snapshot.offered_to(agent.named.id)?;
            Err(nothing_waits(agent, waiting, offered.first().copied()).into())
        }
    }
}

fn nothing_waits(agent: &Agent, waiting: usize, offered: Option<i64>) -> Refusal {
    let name = &agent.named.name;
    let words = match (waiting, agent.skills.as_deref()) {
        (0, _) => format!("no conversation is waiting in the queues of {name}"),
        (_, Some(skills)) => format!("no conversation is waiting that the skills of {name} ({skills}) match"),
        (_, None) => format!("no conversation is waiting that {name}, who has no skills, could pick"),
    };
    let hint = match offered {
        Some(id) => format!("conversation {id} is offered; use ACCEPT {id} BY {name}"),
        None => "SHOW ONGOING lists the open conversations".to_owned(),
    };
    Refusal::new(Code::NothingWaiting, words).hint(hint)
}
