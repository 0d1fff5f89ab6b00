//! Since when the customer waits for an answer.
//!
//! Invariant: it follows from the log alone. The customer waits from the opening, their message,
//! their return or the request for an agent, until anybody of the contact centre writes to them; on
//! voice also until an agent takes the call. Notes and system messages are no answers.

use crate::domain::change::Change;
use crate::domain::closed_lists::{Channel, Event, Phase, TimerKind};
use crate::domain::conversation::Conversation;
use crate::domain::moment::Moment;
use crate::domain::timer::Before;

impl Conversation {
    /// Returns whether a timer of the lifecycle depends on whether the customer was answered.
    pub fn awaits_answers(&self) -> bool {
        let lifecycle = self.lifecycle();
        let depends = |edge: &crate::domain::lifecycle::Edge| match edge.event {
            Event::ResponseTimeout => true,
            Event::InactivityTimeout => {
                edge.from.is_some_and(|from| lifecycle.states[from].phase != Phase::Parked)
            }
            _ => false,
        };
        lifecycle.options.ends_by_sessions
            || lifecycle.edges().iter().any(|edge| edge.channel == self.workstream.channel && depends(edge))
    }

    /// Updates since when the customer waits for an answer, after a transition.
    pub(super) fn count_answers(&mut self, event: Event, before: &Before, at: Moment) {
        if matches!(event, Event::RequestAgent | Event::CustomerReturn) {
            self.unanswered.get_or_insert(at);
        }
        let taken = self.phase() == Phase::Active && before.agent != self.agent;
        if taken && self.workstream.channel == Channel::Voice {
            self.unanswered = None;
        }
    }

    /// Starts the agent's time to answer and pauses the inactivity timer, because the customer has
    /// written.
    pub fn customer_wrote(&mut self, at: Moment, plan: &mut Vec<Change>) {
        self.unanswered.get_or_insert(at);
        self.restart_inactivity(at, plan);
        self.start_response(at, plan);
    }

    /// Stops the agent's time to answer and restarts the inactivity timer, because somebody of the
    /// contact centre has written to the customer.
    pub fn answered(&mut self, at: Moment, plan: &mut Vec<Change>) {
        self.unanswered = None;
        self.stop_timer(TimerKind::ResponseTimeout, at, plan);
        self.restart_inactivity(at, plan);
    }
}
