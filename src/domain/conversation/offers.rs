//! Offers: a waiting conversation that an agent is asked to take.
//!
//! Invariant: a conversation has at most one open offer. The offer and its timer end before the
//! conversation changes its state.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Event, OfferChange, TimerKind};
use crate::domain::config::Named;
use crate::domain::conversation::{Conversation, Holder, Move, Offer};
use crate::domain::moment::{Duration, Moment};
use crate::domain::timer::TimerRun;
use crate::domain::value::Value;

/// How long an offer stays open, unless the workstream says otherwise.
pub const OFFER_TIMEOUT: Duration = Duration(120_000);

/// After this many declined or missed offers of a conversation, an agent is not asked again.
pub const MOST_OFFERS: i64 = 3;

impl Conversation {
    /// Offers the conversation to an agent.
    pub fn make_offer(&mut self, agent: &Named, at: Moment, plan: &mut Vec<Change>) {
        let units = self.workstream.units;
        plan.push(self.offer_change(agent, OfferChange::Made, Value::Integer(units), at));
        self.offer = Some(Offer { agent: agent.clone(), units });
        if let Some(duration) = self.workstream.timer(TimerKind::OfferTimeout, Some(OFFER_TIMEOUT)) {
            self.set_timer(TimerKind::OfferTimeout, TimerRun::Until(at.plus(duration)), at, plan);
        }
    }

    /// Ends the open offer, if there is one: accepted, declined, missed or withdrawn.
    pub fn end_offer(&mut self, answer: OfferChange, at: Moment, plan: &mut Vec<Change>) {
        if let Some(offer) = self.offer.take() {
            plan.push(self.offer_change(&offer.agent, answer, Value::Null, at));
            self.stop_timer(TimerKind::OfferTimeout, at, plan);
        }
    }

    fn offer_change(&self, agent: &Named, change: OfferChange, value: Value, at: Moment) -> Change {
        Change::item(ChangeKind::Offer(change), self.id, agent.id, value, at)
    }
}

/// Returns whether a transition accepts an offer. Its units stay those that were reserved, whatever
/// capacity and units are now.
pub(super) fn accepts(step: &Move<'_>, offer: &Offer) -> bool {
    let is_asked = matches!(step.holder, Holder::Agent(agent) if agent.named == offer.agent);
    step.event == Event::Accept && is_asked
}
