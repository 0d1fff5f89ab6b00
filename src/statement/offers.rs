//! Offers: ACCEPT and DECLINE, and what withdraws an offer.

use super::taking::{self, Taker};
use super::{Act, Answer, Asked, Chapter, Decision, Page};
use crate::domain::change::Change;
use crate::domain::conversation::Conversation;
use crate::domain::guard::Way;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Broken, Code, Error, Refusal};
use crate::domain::rights::Right;
use crate::domain::site::Agent;
use crate::domain::words::{Event, OfferChange};
use crate::store::{Look, Report};

pub(super) const PAGES: &[Page] = &[
    Page {
        chapter: Chapter::Conversations,
        syntax: "ACCEPT <conversation> BY <agent>",
        summary: "An agent takes a conversation that is offered to him.",
        example: "ACCEPT 9 BY dana",
        right: Right::Work,
        act: Act::Change(accept),
    },
    Page {
        chapter: Chapter::Conversations,
        syntax: "DECLINE <conversation> BY <agent>",
        summary: "An agent does not take a conversation that is offered to him: it is offered to the next one. After three times he is not asked again.",
        example: "DECLINE 9 BY dana",
        right: Right::Work,
        act: Act::Change(decline),
    },
];

fn offered(asked: &Asked<'_>) -> Result<(Conversation, Agent), Error> {
    let agent = asked.agent()?;
    asked.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let conversation = asked.conversation()?;
    if conversation.offer.as_ref().is_some_and(|offer| offer.agent == agent.named) {
        return Ok((conversation, agent));
    }
    let (id, name) = (conversation.id, &agent.named.name);
    let words = match &conversation.offer {
        Some(offer) => format!("conversation {id} is offered to {}, not to {name}", offer.agent.name),
        None => format!("conversation {id} is not offered to {name}: it is {}", conversation.standing()),
    };
    let hint = match conversation.may(Event::Pick) {
        true => format!("PICK {id} BY {name} takes it without an offer"),
        false => format!("SHOW CONVERSATION {id}"),
    };
    Err(Refusal::new(Code::NotOffered, words).hint(hint).at("conversation").into())
}

fn accept(asked: &Asked<'_>) -> Result<Decision, Error> {
    let (mut conversation, agent) = offered(asked)?;
    let mut plan = Vec::new();
    taking::take(asked, &mut conversation, Event::Accept, Way::Accept, &Taker::new(&agent), &mut plan)?;
    Ok(Decision::moves(plan))
}

fn decline(asked: &Asked<'_>) -> Result<Decision, Error> {
    let (mut conversation, _) = offered(asked)?;
    let mut plan = Vec::new();
    conversation.end_offer(OfferChange::Declined, asked.now, &mut plan);
    let answer = Answer::Row(Report::Conversation, vec![conversation.id.into()]);
    Ok(Decision { changes: plan, answer, notes: Vec::new() })
}

/// Takes back what is offered to an agent and may not be his any more.
///
/// # Errors
/// Accidents of the file.
pub(super) fn withdraw(
    look: &Look<'_>,
    agent: i64,
    may_stay: impl Fn(&Conversation) -> bool,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Broken> {
    for id in look.offered_to(agent)? {
        if let Some(mut conversation) = look.conversation(id)?
            && !may_stay(&conversation)
        {
            conversation.end_offer(OfferChange::Withdrawn, at, plan);
        }
    }
    Ok(())
}
