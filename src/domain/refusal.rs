//! What a statement is answered that cannot be done: a code, what is, and what to type next.
//!
//! Invariant: the codes are a closed list, the same in messages, JSON, exit statuses and the
//! triggers of schema.sql. A refusal is an answer, not an accident; accidents of the file carry
//! codes of the same list, so that a script reads one kind of error.

use std::fmt;
use std::ops::Range;

macro_rules! codes {
    ($($variant:ident $name:literal $exit:literal $meaning:literal;)*) => {
        /// Why a statement was refused, or what is wrong with the file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// Every code, in the order in which the documents list them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as it is written in messages and JSON.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The process's exit status when this is what stopped it.
            pub fn exit_status(self) -> u8 {
                match self { $(Code::$variant => $exit,)* }
            }

            /// One line that says when it is given.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }

            /// The code of that name.
            pub fn from_name(name: &str) -> Option<Code> {
                match name { $($name => Some(Code::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    NoEdge "no_edge" 1 "the lifecycle has no edge for this event from the current state";
    FinalState "final_state" 1 "the conversation is in a final state";
    UnknownConversation "unknown_conversation" 1 "the conversation does not exist";
    UnknownAgent "unknown_agent" 1 "the agent does not exist";
    UnknownQueue "unknown_queue" 1 "the queue does not exist";
    UnknownWorkstream "unknown_workstream" 1 "the workstream does not exist";
    UnknownLifecycle "unknown_lifecycle" 1 "the lifecycle does not exist";
    UnknownCustomer "unknown_customer" 1 "the customer does not exist";
    UnknownSupervisor "unknown_supervisor" 1 "the supervisor does not exist";
    UnknownService "unknown_service" 1 "the service does not exist";
    UnknownReport "unknown_report" 1 "the report does not exist";
    UnknownParameter "unknown_parameter" 1 "a parameter was used but not set";
    Exists "exists" 1 "the object already exists";
    InUse "in_use" 1 "the object is still needed";
    SameQueue "same_queue" 1 "the conversation is already in that queue";
    SameAgent "same_agent" 1 "the agent already has the conversation";
    AtCapacity "at_capacity" 1 "the agent is at capacity";
    Presence "presence" 1 "the agent's presence does not allow it";
    NotMember "not_member" 1 "the agent is not a member of the queue";
    NotHolder "not_holder" 1 "the conversation is not assigned to that agent";
    NotParticipant "not_participant" 1 "not a participant of the conversation";
    NotOffered "not_offered" 1 "the conversation is not offered to that agent";
    NotAllowed "not_allowed" 1 "the actor may not do this, or not now";
    InvalidValue "invalid_value" 1 "a value of the wrong type or out of range, or a setting that has no effect";
    InvalidLifecycle "invalid_lifecycle" 1 "the lifecycle fails its checks";
    TooLarge "too_large" 1 "a limit is exceeded";
    TooLate "too_late" 1 "the reconnect window is over";
    Sql "sql" 1 "SQLite rejects the SELECT";
    NothingWaiting "nothing_waiting" 5 "no conversation is waiting that could be picked";
    Clock "clock" 1 "the timestamp is earlier than the last entry, or implausible";
    Readonly "readonly" 1 "the file or the session is read-only";
    Unlogged "unlogged" 1 "another program tried to write without the log";
    BrokenChain "broken_chain" 1 "the journal does not verify";
    Syntax "syntax" 2 "the statement does not parse";
    NotFound "not_found" 3 "the file does not exist";
    NotOurs "not_ours" 3 "the file is not a Switchboard database";
    Newer "newer" 3 "the file was written by a newer version";
    Damaged "damaged" 3 "the file is damaged or was tampered with";
    DiskFull "disk_full" 3 "the disk or the quota is full";
    Busy "busy" 4 "the write lock was not available in time";
    Interrupted "interrupted" 130 "interrupted by Ctrl-C or a time limit";
    Internal "internal" 70 "a bug in Switchboard; please report it";
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Where in the statement the fault lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// The statement as a whole: its first word.
    #[default]
    Statement,
    /// The argument of that name on the statement's page.
    Argument(&'static str),
    /// The setting of that name in `WITH (…)` or `SET …`.
    Setting(String),
    /// Bytes of the statement's text.
    Span(Range<usize>),
}

/// A refusal: code, message, hint and place. What a refused statement would have changed is not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// What is: one sentence without a full stop.
    pub message: String,
    /// What to type next.
    pub hint: Option<String>,
    /// Where in the statement.
    pub place: Place,
}

impl Refusal {
    /// A refusal with a message, at the statement as a whole.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), hint: None, place: Place::Statement }
    }

    /// The same, with what to type next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, at the argument of that name.
    pub fn at(mut self, argument: &'static str) -> Self {
        self.place = Place::Argument(argument);
        self
    }

    /// The same, at the setting of that name.
    pub fn at_setting(mut self, setting: impl Into<String>) -> Self {
        self.place = Place::Setting(setting.into());
        self
    }

    /// The same, at these bytes of the statement's text.
    pub fn at_span(mut self, span: Range<usize>) -> Self {
        self.place = Place::Span(span);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

/// An accident: the file, the disk, a lock, or a fault of this program. The statement has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of accident.
    pub code: Code,
    /// What is: one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// An accident of that kind.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Fault { code, message: message.into(), hint: None }
    }

    /// The same, with what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

/// Why a statement has no reply: it was refused, or something broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An answer: the statement cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An accident.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// The code of either.
    pub fn code(&self) -> Code {
        match self {
            Error::Refused(refusal) => refusal.code,
            Error::Fault(fault) => fault.code,
        }
    }

    /// What is.
    pub fn message(&self) -> &str {
        match self {
            Error::Refused(refusal) => &refusal.message,
            Error::Fault(fault) => &fault.message,
        }
    }

    /// The same error with its span moved from byte `from` to byte `to`, for a statement inside a statement.
    pub fn shifted(self, from: usize, to: usize) -> Error {
        let moved = |byte: usize| (byte + to).saturating_sub(from);
        match self {
            Error::Refused(Refusal { place: Place::Span(span), code, message, hint }) => {
                Refusal { code, message, hint, place: Place::Span(moved(span.start)..moved(span.end)) }.into()
            }
            other => other,
        }
    }

    /// What to type next, or what to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Refused(refusal) => refusal.hint.as_deref(),
            Error::Fault(fault) => fault.hint.as_deref(),
        }
    }
}
