//! Offers: finding the offer that ACCEPT or DECLINE answers, and withdrawing offers.

use crate::domain::change::Change;
use crate::domain::closed_lists::{Event, OfferChange};
use crate::domain::config::Agent;
use crate::domain::conversation::Conversation;
use crate::domain::moment::Moment;
use crate::domain::refusal::{Code, Error, Fault, Refusal};
use crate::statement::Request;
use crate::store::Snapshot;

pub fn offered(request: &Request<'_>) -> Result<(Conversation, Agent), Error> {
    let agent = request.agent()?;
    request.actor.must_be(&agent.named.name).map_err(|refusal| refusal.at("agent"))?;
    let conversation = request.conversation()?;
    if conversation.offer.as_ref().is_some_and(|offer| offer.agent == agent.named) {
        return Ok((conversation, agent));
    }
    let (id, name) = (conversation.id, &agent.named.name);
    let words = match &conversation.offer {
        Some(offer) => format!("conversation {id} is offered to {}, not to {name}", offer.agent.name),
        None => format!("conversation {id} is not offered to {name}; it is {}", conversation.standing()),
    };
    let hint = match conversation.may(Event::Pick) {
        true => format!("use PICK {id} BY {name} to take it without an offer"),
        false => format!("SHOW CONVERSATION {id}"),
    };
    Err(Refusal::new(Code::NotOffered, words).hint(hint).at("conversation").into())
}

/// Withdraws the offers to an agent for which `may_stay` is false.
///
/// # Errors
/// Faults of the file.
pub fn withdraw(
    snapshot: &Snapshot<'_>,
    agent: i64,
    may_stay: impl Fn(&Conversation) -> bool,
    at: Moment,
    plan: &mut Vec<Change>,
) -> Result<(), Fault> {
    for id in snapshot.offered_to(agent)? {
        if let Some(mut conversation) = snapshot.conversation(id)?
            && !may_stay(&conversation)
        {
            conversation.end_offer(OfferChange::Withdrawn, at, plan);
        }
    }
    Ok(())
}
