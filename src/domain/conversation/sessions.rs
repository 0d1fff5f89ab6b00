//! The channel sessions of a conversation: the customer's presence, one session per channel.
//!
//! Invariant: the time since which the customer is disconnected is derived from them exactly as the
//! trigger `change_session` of schema.sql derives it. This module deliberately does not know what a
//! statement requires.

use crate::domain::change::{Change, ChangeKind};
use crate::domain::closed_lists::{Channel, SessionStatus};
use crate::domain::conversation::Conversation;
use crate::domain::moment::Moment;
use crate::domain::value::Value;

/// A channel session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelSession {
    /// The channel.
    pub channel: Channel,
    /// The customer's presence on the channel.
    pub status: SessionStatus,
    /// When the session got this status.
    pub since: Moment,
}

/// The sessions of one conversation.
#[derive(Debug, Clone, Default)]
pub struct Sessions(Vec<ChannelSession>);

impl Sessions {
    /// Creates the list from these sessions.
    pub fn new(sessions: Vec<ChannelSession>) -> Self {
        Sessions(sessions)
    }

    /// Returns all sessions.
    pub fn all(&self) -> &[ChannelSession] {
        &self.0
    }

    /// Returns the customer's presence on a channel, or `None` if they were never there.
    pub fn on(&self, channel: Channel) -> Option<SessionStatus> {
        self.0.iter().find(|session| session.channel == channel).map(|session| session.status)
    }

    /// Returns the sessions with a status, the latest first.
    pub fn with(&self, status: SessionStatus) -> Vec<ChannelSession> {
        let mut found: Vec<ChannelSession> =
            self.0.iter().copied().filter(|session| session.status == status).collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.since));
        found
    }

    /// Returns whether every session has ended.
    pub fn all_ended(&self) -> bool {
        self.0.iter().all(|session| session.status == SessionStatus::Ended)
    }

    fn set(&mut self, channel: Channel, status: SessionStatus, since: Moment) {
        self.0.retain(|session| session.channel != channel);
        self.0.push(ChannelSession { channel, status, since });
        self.0.sort_by_key(|session| session.channel);
    }

    /// Returns since when no session is connected and at least one is disconnected. `before`: the
    /// previous value.
    fn disconnected(&self, before: Option<Moment>, at: Moment) -> Option<Moment> {
        let any = |status: SessionStatus| self.0.iter().any(|session| session.status == status);
        if any(SessionStatus::Connected) || !any(SessionStatus::Disconnected) {
            None
        } else {
            before.or(Some(at))
        }
    }
}

impl Conversation {
    /// Sets a session and updates the customer_timeout accordingly.
    pub fn set_session(
        &mut self,
        sessions: &mut Sessions,
        channel: Channel,
        status: SessionStatus,
        at: Moment,
        plan: &mut Vec<Change>,
    ) {
        plan.push(Change::item(ChangeKind::Session(status), self.id, channel.name(), Value::Null, at));
        sessions.set(channel, status, at);
        self.customer_connects(sessions.disconnected(self.disconnected, at), at, plan);
    }

    /// Ends every session that has not ended. The disconnected ones end first, so that no
    /// customer_timeout is started.
    pub fn end_sessions(&mut self, sessions: &mut Sessions, at: Moment, plan: &mut Vec<Change>) {
        for status in [SessionStatus::Disconnected, SessionStatus::Connected] {
            for session in sessions.with(status) {
                self.set_session(sessions, session.channel, SessionStatus::Ended, at, plan);
            }
        }
    }
}
