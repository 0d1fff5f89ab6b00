//! The closed lists: channels, phases, events, presences, sentiments, kinds of actor. The same words as in schema.sql.
//!
//! Invariant: a list here and its rows or checks in schema.sql are equal; a test compares them.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $word] $variant,)* }

        impl $name {
            /// Every one, in the order of the documents.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word for it.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The one of that name (in any ASCII case).
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
    /// How customers reach us.
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
    /// Why a conversation moves. The order breaks ties between timers due at the same moment.
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
    /// Whether an agent is there for work. `inactive` is set by the program, never by a person.
    Presence {
        Available "available", Busy "busy", Dnd "dnd", Away "away", Offline "offline", Inactive "inactive",
    }
}

words! {
    /// Whether the customer is there on a channel: connected; gone, but may come back; gone.
    SessionStatus { Connected "connected", Disconnected "disconnected", Ended "ended" }
}

words! {
    /// Who else is in a conversation: asked in or joined; only looking; a bot.
    Role { Consultant "consultant", Monitor "monitor", Bot "bot" }
}

words! {
    /// How a queue chooses among those who fit: whoever has the most free units, was given something of the queue
    /// longest ago, or whose last conversation ended longest ago.
    Method { HighestCapacity "highest_capacity", RoundRobin "round_robin", LeastActive "least_active" }
}

words! {
    /// How the customer feels. The order is that from worst to best.
    Sentiment {
        VeryNegative "very negative", Negative "negative", Neutral "neutral", Positive "positive",
        VeryPositive "very positive",
    }
}

words! {
    /// What is created and dropped by name, and has settings. The site is always there.
    Entity {
        Site "site", Queue "queue", Agent "agent", Supervisor "supervisor", Service "service",
        Workstream "workstream", Lifecycle "lifecycle", Report "report",
    }
}

words! {
    /// What a change says about a conversation itself.
    ConversationChange {
        Subject "subject", Priority "priority", Skills "skills", Sentiment "sentiment", Units "units",
        Archived "archived", Unpacked "unpacked",
    }
}

words! {
    /// What a change says about an agent in a queue.
    MemberChange { Joined "joined", Left "left" }
}

words! {
    /// What a change says about a guest of a conversation.
    ParticipantChange { Joined "joined", Left "left" }
}

words! {
    /// What a change says about an offer.
    OfferChange {
        Made "made", Accepted "accepted", Declined "declined", Missed "missed", Withdrawn "withdrawn",
    }
}

words! {
    /// What a change says about a timer.
    TimerChange { Started "started", Paused "paused", Stopped "stopped" }
}

words! {
    /// Who did something.
    ActorKind {
        Agent "agent", Supervisor "supervisor", Service "service", Customer "customer", Bot "bot",
        Router "router", Timer "timer", Other "other",
    }
}

words! {
    /// What runs until something happens by itself: the timeouts among the events, and what moves nothing. The order
    /// breaks ties as that of the events does.
    TimerKind {
        QueueTimeout "queue_timeout", CustomerTimeout "customer_timeout", AgentTimeout "agent_timeout",
        ResponseTimeout "response_timeout", InactivityTimeout "inactivity_timeout", HoldTimeout "hold_timeout",
        WaitingTimeout "waiting_timeout", WrapupTimeout "wrapup_timeout", Housekeep "housekeep",
        OfferTimeout "offer_timeout", WrapupCapacity "wrapup_capacity",
    }
}

impl TimerKind {
    /// The event that it makes happen; none: it moves nothing.
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
    /// Every channel but record: there is a live customer at the other end.
    pub fn messaging(self) -> bool {
        self != Channel::Record
    }
}

impl Phase {
    /// A conversation in this phase has an agent; in any other it has none.
    pub fn holds_agent(self) -> bool {
        matches!(self, Phase::Active | Phase::Held | Phase::Departed | Phase::Wrapup)
    }

    /// It costs that agent units (in wrapup the workstream may say otherwise).
    pub fn uses_capacity(self) -> bool {
        self.holds_agent()
    }

    /// It waits for an agent.
    pub fn waits(self) -> bool {
        matches!(self, Phase::Queued | Phase::Dispatching)
    }

    /// The customer is through with it, the agent not yet.
    pub fn winds_up(self) -> bool {
        matches!(self, Phase::Departed | Phase::Wrapup)
    }

    /// It is over, or as good as over.
    pub fn is_over(self) -> bool {
        matches!(self, Phase::Closing | Phase::Closed)
    }
}

impl Event {
    /// It makes a conversation.
    pub fn opens(self) -> bool {
        matches!(self, Event::Open | Event::OpenQueued)
    }

    /// It happens by itself when a timer is due.
    pub fn is_timer(self) -> bool {
        TimerKind::ALL.iter().any(|timer| timer.event() == Some(self))
    }

    /// It may put the conversation into another queue.
    pub fn may_change_queue(self) -> bool {
        self.opens() || matches!(self, Event::AssignQueue | Event::TransferQueue | Event::RequestAgent)
    }
}
