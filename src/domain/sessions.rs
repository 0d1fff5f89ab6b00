//! The channel sessions of a conversation: the customer's presence, a channel each.
//!
//! Invariant: since when nobody is connected on the customer's side follows from them exactly as the trigger
//! `change_session` of schema.sql makes it. It deliberately does not know what a statement asks for.

use super::change::{Change, ChangeKind};
use super::closed_lists::{Channel, SessionStatus};
use super::conversation::Conversation;
use super::moment::Moment;
use super::value::Value;

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelSession {
    /// Where.
    pub channel: Channel,
    /// Whether the customer is there.
    pub status: SessionStatus,
    /// Since when.
    pub since: Moment,
}

/// The sessions of one conversation.
#[derive(Debug, Clone, Default)]
pub struct Sessions(Vec<ChannelSession>);

impl Sessions {
    /// These sessions.
    pub fn new(sessions: Vec<ChannelSession>) -> Self {
        Sessions(sessions)
    }

    /// Every one, by channel.
    pub fn all(&self) -> &[ChannelSession] {
        &self.0
    }

    /// Whether the customer is there on that channel; none: he never was.
    pub fn on(&self, channel: Channel) -> Option<SessionStatus> {
        self.0.iter().find(|session| session.channel == channel).map(|session| session.status)
    }

    /// Those of that status, the latest first.
    pub fn with(&self, status: SessionStatus) -> Vec<ChannelSession> {
        let mut found: Vec<ChannelSession> =
            self.0.iter().copied().filter(|session| session.status == status).collect();
        found.sort_by_key(|session| std::cmp::Reverse(session.since));
        found
    }

    /// Whether none is left that could go on.
    pub fn all_ended(&self) -> bool {
        self.0.iter().all(|session| session.status == SessionStatus::Ended)
    }

    fn set(&mut self, channel: Channel, status: SessionStatus, since: Moment) {
        self.0.retain(|session| session.channel != channel);
        self.0.push(ChannelSession { channel, status, since });
        self.0.sort_by_key(|session| session.channel);
    }

    /// Since when nobody is connected and somebody may come back, `before` being what it was.
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
    /// Sets a session; the timer of a disconnected customer follows.
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

    /// Ends every session that has not ended: first those that are disconnected, so that nobody is waited for.
    pub fn end_sessions(&mut self, sessions: &mut Sessions, at: Moment, plan: &mut Vec<Change>) {
        for status in [SessionStatus::Disconnected, SessionStatus::Connected] {
            for session in sessions.with(status) {
                self.set_session(sessions, session.channel, SessionStatus::Ended, at, plan);
            }
        }
    }
}
