//! Refusals and faults: a code, a message, and a hint at what to type next.
//!
//! Invariant: the codes are a closed list, the same in messages, JSON, exit statuses and the
//! triggers of schema.sql. A refusal is an expected answer. Faults are not, but their codes are in
//! the same list, so that scripts read one kind of error.

use std::fmt;
use std::io::ErrorKind;
use std::ops::Range;

macro_rules! codes {
    ($($variant:ident $name:literal $exit:literal $meaning:literal;)*) => {
        /// Why a statement was refused, or what failed.
        ///
        /// Most codes are of refusals: answers to a statement that can be corrected, or repeated
        /// when the state of the file allows it. Not refusals but failures of the file, the disk, a
        /// lock or the program are `NotFound`, `NotOurs`, `Newer`, `Damaged`, `DiskFull`,
        /// `IoError`, `Readonly`, `Unlogged`, `Busy`, `Unknown`, `Interrupted` and `Internal`.
        /// [`Failure::is_refusal`](crate::Failure::is_refusal) tells them apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// All codes, in the order in which docs/STATEMENTS.md lists them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// Returns the code as written in messages and JSON.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Returns the exit status of a process that ends with this code.
            pub fn exit_status(self) -> u8 {
                match self { $(Code::$variant => $exit,)* }
            }

            /// Returns one line that says when the code is given.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }

            /// Returns the code with that name.
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
    KeyReused "key_reused" 1 "the key was used by another statement";
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
    IoError "io_error" 3 "reading or writing a file failed";
    Busy "busy" 4 "the write lock was not available in time, or the shared log cannot be reached";
    Unknown "unknown" 4 "whether the shared log has the statement is not known; do not repeat it";
    Interrupted "interrupted" 130 "interrupted by Ctrl-C or a time limit";
    Internal "internal" 70 "a bug in Switchboard; please report it";
}

impl Code {
    /// Returns the code for an error of the operating system.
    pub fn of_io(kind: ErrorKind) -> Code {
        match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Code::DiskFull,
            ErrorKind::ReadOnlyFilesystem => Code::Readonly,
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput => Code::NotFound,
            _ => Code::IoError,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The part of the statement that a refusal is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// The whole statement; its first word is marked.
    #[default]
    Statement,
    /// The argument with that name in the statement definition.
    Argument(&'static str),
    /// The setting with that name in `WITH (…)` or `SET …`.
    Setting(String),
    /// A byte range of the statement's text.
    Span(Range<usize>),
}

/// A refusal: code, message, hint and place. A refused statement has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What to type next.
    pub hint: Option<String>,
    /// The part of the statement that it is about.
    pub place: Place,
}

impl Refusal {
    /// Creates a refusal that is about the whole statement.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), hint: None, place: Place::Statement }
    }

    /// Adds a hint at what to type next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the place to an argument.
    pub fn at(mut self, argument: &'static str) -> Self {
        self.place = Place::Argument(argument);
        self
    }

    /// Sets the place to a setting.
    pub fn at_setting(mut self, setting: impl Into<String>) -> Self {
        self.place = Place::Setting(setting.into());
        self
    }

    /// Sets the place to a byte range of the statement's text.
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

/// A fault of the file, the disk or a lock, or a bug in this program. The statement has changed
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code.
    pub code: Code,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Fault {
    /// Creates a fault without a hint.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Fault { code, message: message.into(), hint: None }
    }

    /// Creates a fault for content of the file that is impossible, unless this program has a bug.
    pub fn contradiction(what: impl fmt::Display) -> Self {
        Fault::new(Code::Damaged, format!("the file contradicts itself: {what}")).hint(
            "nothing was changed; VERIFY JOURNAL shows what is damaged; if it finds nothing, please report this",
        )
    }

    /// Adds a hint at what to do about it.
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

/// Why a statement has no reply: a refusal or a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The statement was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A fault occurred.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// Returns the code.
    pub fn code(&self) -> Code {
        match self {
            Error::Refused(refusal) => refusal.code,
            Error::Fault(fault) => fault.code,
        }
    }

    /// Returns the message.
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

    /// The same error with another hint.
    pub fn with_hint(self, hint: impl Into<String>) -> Error {
        match self {
            Error::Refused(refusal) => refusal.hint(hint).into(),
            Error::Fault(fault) => fault.hint(hint).into(),
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
