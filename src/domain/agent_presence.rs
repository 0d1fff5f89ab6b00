//! Agents who lose their connection: after a while they are set to offline.
//!
//! Invariant: `offline_at` is set exactly while an agent is disconnected and not offline. This
//! module deliberately does not know the agent's conversations: each has its own agent_timeout.

use super::change::{Change, ChangeKind};
use super::closed_lists::{Entity, Presence};
use super::config::Agent;
use super::moment::{Duration, Moment};
use super::value::Value;

/// How long a disconnected agent without conversations keeps their presence before it is set to
/// offline. The same as the usual agent_timeout of a lifecycle.
pub const ABSENCE: Duration = Duration(150_000);

impl Agent {
    /// Returns the changes for an agent who has lost their connection.
    pub fn loses_connection(&self, at: Moment) -> Vec<Change> {
        let mut plan = vec![self.setting("connected", "off", at)];
        if self.presence != Presence::Offline {
            plan.push(self.setting("offline_at", at.plus(ABSENCE).0, at));
        }
        plan
    }

    /// Returns the changes for an agent who is connected again. `before`: the presence that the
    /// timers replaced, to be restored.
    pub fn comes_back(&self, before: Option<Presence>, at: Moment) -> Vec<Change> {
        let mut plan = vec![self.setting("connected", "on", at)];
        plan.extend(self.offline_at.map(|_| self.setting("offline_at", Value::Null, at)));
        plan.extend(before.map(|presence| self.setting("presence", presence.name(), at)));
        plan
    }

    /// Returns the changes for a presence that is set. The presence that the agent already has is
    /// confirmed if a timer had set it, so that RECONNECT does not replace it.
    pub fn confirms_presence(&self, presence: Presence, by_timer: bool, at: Moment) -> Vec<Change> {
        if presence == self.presence && by_timer {
            return vec![self.setting("presence", presence.name(), at)];
        }
        self.sets_presence(presence, at)
    }

    /// Returns the changes for another presence.
    pub fn sets_presence(&self, presence: Presence, at: Moment) -> Vec<Change> {
        if presence == self.presence {
            return Vec::new();
        }
        let mut plan = vec![self.setting("presence", presence.name(), at)];
        match (presence, self.offline_at) {
            (Presence::Offline, Some(_)) => plan.push(self.setting("offline_at", Value::Null, at)),
            (Presence::Offline, None) | (_, Some(_)) => {}
            (_, None) if self.connected => {}
            (_, None) => plan.push(self.setting("offline_at", at.plus(ABSENCE).0, at)),
        }
        plan
    }

    /// Returns the changes for an agent whose time to reconnect is over. `held_until`: when the
    /// last timer of one of their conversations is due; until then the presence is kept.
    pub fn stays_away(&self, held_until: Option<Moment>, at: Moment) -> Vec<Change> {
        match held_until {
            Some(later) => vec![self.setting("offline_at", later.0, at)],
            // Only a foreign program can leave an offline agent with `offline_at` set. It is
            // cleared, because it would stay due for ever.
            None if self.presence == Presence::Offline => {
                self.offline_at.map(|_| self.setting("offline_at", Value::Null, at)).into_iter().collect()
            }
            None => self.sets_presence(Presence::Offline, at),
        }
    }

    /// Returns the changes for an agent who has left a customer without an answer.
    pub fn leaves_unanswered(&self, at: Moment) -> Vec<Change> {
        match self.presence {
            Presence::Offline => Vec::new(),
            _ => self.sets_presence(Presence::Inactive, at),
        }
    }

    fn setting(&self, name: &'static str, value: impl Into<Value>, at: Moment) -> Change {
        Change::setting(ChangeKind::Set(Entity::Agent, name), self.named.id, value, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::config::Named;

    #[test]
    fn what_is_due_changes_something() {
        let presences = Presence::ALL.iter().copied();
        for (presence, later) in
            presences.flat_map(|presence| [(presence, None), (presence, Some(Moment(9)))])
        {
            let agent = Agent {
                named: Named { id: 1, name: "bob".into() },
                presence,
                capacity: 1,
                load: 0,
                skills: None,
                connected: false,
                offline_at: Some(Moment(5)),
            };
            let plan = agent.stays_away(later, Moment(5));
            let ends = plan.iter().any(|change| {
                matches!(change, Change::Value(setting)
                    if setting.kind.name() == "offline_at" && setting.value == later.map_or(Value::Null, |at| at.0.into()))
            });
            assert!(ends, "{presence}, {later:?}: {plan:?}");
        }
    }
}
