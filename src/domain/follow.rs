//! What FOLLOW follows, and how far it has come.
//!
//! Invariant: the subject is found once, by its number, so that what is renamed or dropped meanwhile is followed to its
//! end; and `after` only grows. It deliberately does not know the file, nor who waits for what comes next.

/// Whose entries are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// All of them.
    All,
    /// Those with rows about that conversation.
    Conversation(i64),
    /// Those with rows about that queue, or about conversations that stood in it, came to it or left it there.
    Queue(i64),
}

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// Whose entries.
    pub subject: Subject,
    /// The last entry that was read: what comes next has a greater number.
    pub after: i64,
    /// There was more than one pass takes: go on at once, without waiting for anything.
    pub more: bool,
}

impl Follow {
    /// From after that entry on.
    pub fn from(subject: Subject, after: i64) -> Self {
        Follow { subject, after, more: true }
    }
}
