//! What the tests and benchmarks use beyond the public interface. It may change at any time.

#![allow(missing_docs)]

pub use crate::domain::context::Clock;
pub use crate::domain::moment::Duration;
pub use crate::domain::refusal::Error;
pub use crate::engine::BatchEnd;

pub mod domain {
    pub mod archive {
        pub use crate::domain::archive::{pack, unpack};
    }
    pub mod calendar {
        pub use crate::domain::calendar::Calendar;
    }
    pub mod change {
        pub use crate::domain::change::ChangeKind;
    }
    pub mod closed_lists {
        pub use crate::domain::closed_lists::*;
    }
    pub mod journal {
        pub use crate::domain::journal::{
            Changes, Field, Hash, Heading, Table, hex, salted_digest, seal, statement_digest,
        };
    }
    pub mod lifecycle {
        pub use crate::domain::lifecycle::{Condition, Lifecycle, Position, Proposal, StateIndex, Switches};
    }
    pub mod metrics {
        pub use crate::domain::metrics::ServiceTarget;
    }
    pub mod permissions {
        pub use crate::domain::permissions::Right;
    }
    pub mod validation {
        pub use crate::domain::validation::fault;
    }
}

pub mod engine {
    pub use crate::engine::{Prepared, catalogue, definitions, manual};
}

pub mod language {
    pub mod diagnostic {
        pub use crate::language::diagnostic::{Style, locate, render};
    }
    pub mod script {
        pub use crate::language::script::{ScriptItem, Source, Splitter};
    }
    pub mod suggest {
        pub use crate::language::suggest::quote_name;
    }
    pub mod token {
        pub use crate::language::token::{LONGEST_STATEMENT, TokenKind, tokens};
    }
}

pub mod shell {
    pub mod render {
        pub use crate::shell::render::{
            Audience, Color, Format, Quiet, RenderOptions, SpreadsheetCells, reply,
        };
        pub mod time {
            pub use crate::shell::render::time::DisplayClock;
        }
    }
}

pub mod statement {
    pub use crate::statement::{MOST_CLAUSES, MOST_STATES, StatementDef, statements, vocabulary};
    pub mod support {
        pub mod manual {
            pub use crate::statement::support::manual::DESK;
        }
        pub mod settings {
            pub use crate::statement::support::settings::{self, *};
        }
    }
}

pub mod store {
    pub use crate::store::{Formats, Migration, Released, SCHEMA, Store, format_of, tolerate_contradictions};
}
