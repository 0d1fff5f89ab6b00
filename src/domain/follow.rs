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

/// What is followed, and where to continue.
///
/// It comes from the reply of a FOLLOW statement (which alone can follow a queue, by its name) or
/// from a constructor. To continue in another process, store `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The entries that are followed.
    #[doc(hidden)]
    pub subject: Subject,
    /// The last entry that was read; the next one has a greater number.
    pub after: i64,
    /// Whether more entries are available than one pass returns. If so, continue at once without
    /// waiting.
    pub more: bool,
}

impl Follow {
    /// Follows all entries, beginning after the entry with that number; 0 begins with the first.
    pub fn all(after: i64) -> Self {
        Follow::from(Subject::All, after)
    }

    /// Follows the entries about the conversation with that id, beginning after the entry with that
    /// number; 0 begins with the first.
    pub fn conversation(conversation: i64, after: i64) -> Self {
        Follow::from(Subject::Conversation(conversation), after)
    }

    /// Begins after an entry.
    pub(crate) fn from(subject: Subject, after: i64) -> Self {
        Follow { subject, after, more: true }
    }
}
