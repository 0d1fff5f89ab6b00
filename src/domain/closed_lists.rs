//! The closed lists: channels, phases, events, presences, sentiments, kinds of actor and others.
//!
//! Invariant: each list equals its rows or checks in schema.sql; a test compares them.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $word] $variant,)* }

        impl $name {
            /// All values, in the order of the documents.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// Returns the name in the language and in the file.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// Returns the value with that name, in any ASCII case.
            pub fn from_name(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|candidate| candidate.name().eq_ignore_ascii_case(name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

words! {
    /// How customers reach the contact centre.
    Channel { Chat "chat", Sms "sms", Social "social", Email "email", Voice "voice", Record "record" }
}

words! {
    /// What a state means to the program.
    Phase {
        Bot "bot", Queued "queued", Dispatching "dispatching", Active "active", Held "held", Parked "parked",
        Departed "departed", Wrapup "wrapup", Closing "closing", Closed "closed",
    }
}

words! {
    /// Why a conversation changes its state. The order breaks ties between timers due at the same
    /// time.
    Event {
        Open "open", OpenQueued "open_queued", Pick "pick", Accept "accept", Release "release", Wait "wait",
        Close "close", Revive "revive", Hold "hold", Resume "resume", End "end", Assign "assign",
        AssignQueue "assign_queue", TransferAgent "transfer_agent", TransferQueue "transfer_queue",
        ForceClose "force_close", Push "push", Dispatch "dispatch", Requeue "requeue",
        CustomerEnd "customer_end", CustomerLeave "customer_leave", CustomerReturn "customer_return",
        StartScript "start_script", EndScript "end_script", LeaveScript "leave_script",
        RequestAgent "request_agent", BotEnd "bot_end", QueueTimeout "queue_timeout",
        CustomerTimeout "customer_timeout", AgentTimeout "agent_timeout", ResponseTimeout "response_timeout",
        InactivityTimeout "inactivity_timeout", HoldTimeout "hold_timeout", WaitingTimeout "waiting_timeout",
        WrapupTimeout "wrapup_timeout", Housekeep "housekeep",
    }
}

words! {
    /// Whether an agent is available for work. `inactive` is set by the program, never by a person.
    Presence {
        Available "available", Busy "busy", Dnd "dnd", Away "away", Offline "offline", Inactive "inactive",
    }
}

words! {
    /// The customer's presence on a channel: connected; disconnected but may come back; ended.
    SessionStatus { Connected "connected", Disconnected "disconnected", Ended "ended" }
}

words! {
    /// The role of a participant other than the agent: invited or joined; monitoring only; a bot.
    Role { Consultant "consultant", Monitor "monitor", Bot "bot" }
}

words! {
    /// How a queue chooses among the eligible agents: most free capacity units, longest since the
    /// last assignment from this queue, or longest since the last conversation ended.
    Method { HighestCapacity "highest_capacity", RoundRobin "round_robin", LeastActive "least_active" }
}

words! {
    /// How the customer feels, ordered from worst to best.
    Sentiment {
        VeryNegative "very negative", Negative "negative", Neutral "neutral", Positive "positive",
        VeryPositive "very positive",
    }
}

words! {
    /// Objects that are created and dropped by name and have settings. The site always exists.
    Entity {
        Site "site", Queue "queue", Agent "agent", Supervisor "supervisor", Service "service",
        Workstream "workstream", Lifecycle "lifecycle", Report "report",
    }
}

words! {
    /// Properties of a conversation that change.
    ConversationChange {
        Subject "subject", Priority "priority", Skills "skills", Sentiment "sentiment", Units "units",
        Archived "archived", Unpacked "unpacked", Purged "purged",
    }
}

words! {
    /// Changes of a customer: all their handles become those of another customer; a handle no longer
    /// names anybody; their name.
    CustomerChange { Merged "merged", Removed "removed", Name "name" }
}

words! {
    /// What is personal and can be erased.
    Personal { Customer "customer", Text "text", Key "key" }
}

words! {
    /// Changes of an agent's queue membership.
    MemberChange { Joined "joined", Left "left" }
}

words! {
    /// Changes of a participant of a conversation.
    ParticipantChange { Joined "joined", Left "left" }
}

words! {
    /// Changes of an offer.
    OfferChange {
        Made "made", Accepted "accepted", Declined "declined", Missed "missed", Withdrawn "withdrawn",
    }
}

words! {
    /// Changes of a timer.
    TimerChange { Started "started", Paused "paused", Stopped "stopped" }
}

words! {
    /// The kinds of actor that make changes.
    ActorKind {
        Agent "agent", Supervisor "supervisor", Service "service", Customer "customer", Bot "bot",
        Router "router", Timer "timer", Other "other",
    }
}

words! {
    /// The kinds of timer: the timeouts among the events, and those that cause no transition. The
    /// order breaks ties, as that of the events does.
    TimerKind {
        QueueTimeout "queue_timeout", CustomerTimeout "customer_timeout", AgentTimeout "agent_timeout",
        ResponseTimeout "response_timeout", InactivityTimeout "inactivity_timeout", HoldTimeout "hold_timeout",
        WaitingTimeout "waiting_timeout", WrapupTimeout "wrapup_timeout", Housekeep "housekeep",
        OfferTimeout "offer_timeout", WrapupCapacity "wrapup_capacity",
    }
}

impl TimerKind {
    /// Returns the event that the timer causes, or `None` if it causes no transition.
    pub fn event(self) -> Option<Event> {
        match self {
            TimerKind::QueueTimeout => Some(Event::QueueTimeout),
            TimerKind::CustomerTimeout => Some(Event::CustomerTimeout),
            TimerKind::AgentTimeout => Some(Event::AgentTimeout),
            TimerKind::ResponseTimeout => Some(Event::ResponseTimeout),
            TimerKind::InactivityTimeout => Some(Event::InactivityTimeout),
            TimerKind::HoldTimeout => Some(Event::HoldTimeout),
            TimerKind::WaitingTimeout => Some(Event::WaitingTimeout),
            TimerKind::WrapupTimeout => Some(Event::WrapupTimeout),
            TimerKind::Housekeep => Some(Event::Housekeep),
            TimerKind::OfferTimeout | TimerKind::WrapupCapacity => None,
        }
    }
}

impl Channel {
    /// Returns whether a live customer is at the other end: true for every channel except record.
    pub fn messaging(self) -> bool {
        self != Channel::Record
    }
}

impl Phase {
    /// Returns whether conversations in this phase are assigned to an agent. In any other phase
    /// they are not.
    pub fn holds_agent(self) -> bool {
        matches!(self, Phase::Active | Phase::Held | Phase::Departed | Phase::Wrapup)
    }

    /// Returns whether conversations in this phase use the agent's capacity units. For wrapup the
    /// workstream may decide otherwise.
    pub fn uses_capacity(self) -> bool {
        self.holds_agent()
    }

    /// Returns whether conversations in this phase are waiting for an agent.
    pub fn waits(self) -> bool {
        matches!(self, Phase::Queued | Phase::Dispatching)
    }

    /// Returns whether the customer has finished but the agent has not.
    pub fn winds_up(self) -> bool {
        matches!(self, Phase::Departed | Phase::Wrapup)
    }

    /// Returns whether the conversation is over for both sides.
    pub fn is_over(self) -> bool {
        matches!(self, Phase::Closing | Phase::Closed)
    }
}

impl Event {
    /// Returns whether the event creates a conversation.
    pub fn opens(self) -> bool {
        matches!(self, Event::Open | Event::OpenQueued)
    }

    /// Returns whether a timer causes the event.
    pub fn is_timer(self) -> bool {
        TimerKind::ALL.iter().any(|timer| timer.event() == Some(self))
    }

    /// Returns whether the event may put the conversation into another queue.
    pub fn may_change_queue(self) -> bool {
        self.opens() || matches!(self, Event::AssignQueue | Event::TransferQueue | Event::RequestAgent)
    }
}
