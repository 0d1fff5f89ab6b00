//! The subject and the position of FOLLOW.
//!
//! Invariant: the subject is resolved to its id once, so an object that is renamed or dropped
//! meanwhile is followed to its end; and `after` only increases. This module deliberately does not
//! know the file, nor who waits for new entries.

/// The entries that are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// All entries.
    All,
    /// Entries with rows about this conversation.
    Conversation(i64),
    /// Entries with rows about this queue, or about conversations that entered it, left it or were
    /// in it at that time.
    Queue(i64),
}

/// Where to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The entries that are followed.
    pub subject: Subject,
    /// The last entry that was read; the next one has a greater number.
    pub after: i64,
    /// Whether more entries are available than one pass returns. If so, continue at once without
    /// waiting.
    pub more: bool,
}

impl Follow {
    /// Starts after an entry.
    pub fn from(subject: Subject, after: i64) -> Self {
        Follow { subject, after, more: true }
    }
}
