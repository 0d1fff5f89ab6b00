//! Layer 2: the statements, one file each. `ls src/statement` lists what the program can do.
//!
//! Invariant: a statement is one definition: its syntax line, summary, example, right, traits,
//! columns and handler drive the parser, errors, completion, HELP and docs/STATEMENTS.md. A handler
//! queries and decides; it cannot write, print or read a clock.

pub mod definition;
pub mod request;
pub mod support;

mod accept;
mod add;
mod add_handle;
mod alter_agent;
mod alter_conversation;
mod alter_customer;
mod alter_queue;
mod alter_service;
mod alter_site;
mod alter_supervisor;
mod alter_workstream;
mod assign;
mod attach;
mod backup;
mod close;
mod consult;
mod create_agent;
mod create_lifecycle;
mod create_queue;
mod create_report;
mod create_service;
mod create_supervisor;
mod create_workstream;
mod decline;
mod detach;
mod disconnect;
mod drop_agent;
mod drop_lifecycle;
mod drop_queue;
mod drop_report;
mod drop_service;
mod drop_supervisor;
mod drop_workstream;
mod end;
mod erase_customer;
mod escalate;
mod explain;
mod export_customer;
mod follow;
mod force_close;
mod help;
mod hold;
mod join;
mod leave;
mod merge_customer;
mod message;
mod message_on;
mod monitor;
mod note;
mod open;
mod pick;
mod purge_closed;
mod reconnect;
mod release;
mod remove;
mod remove_handle;
mod resume;
mod revive;
mod route;
mod script;
mod select;
mod set_presence;
mod show_actions;
mod show_agents;
mod show_candidates;
mod show_conversation;
mod show_customer;
mod show_day;
mod show_head;
mod show_history;
mod show_hosts;
mod show_journal;
mod show_lifecycle;
mod show_lifecycles;
mod show_ongoing;
mod show_queues;
mod show_report;
mod show_reports;
mod show_services;
mod show_site;
mod show_summary;
mod show_supervisors;
mod show_timers;
mod show_times;
mod show_transcript;
mod show_workstreams;
mod sweep;
mod transfer;
mod values;
mod verify_journal;
mod wait;
mod with;

use std::sync::OnceLock;

pub use definition::{
    Call, Chapter, ColumnDef, Columns, Handler, ReadHandler, StatementDef, Traits, WriteHandler,
};
pub use request::{Answer, Decision, Request};
pub use support::acting::returned;
pub use support::actions::{is_refused, leads_nowhere};
pub use support::explanation::{would, would_be_refused};
pub use support::guests::with_departures;
pub use support::lifecycles::definition::{MOST_CLAUSES, MOST_STATES};
pub use support::lifecycles::{gallery, vocabulary};
pub use support::purging::{PurgedCount, purge_of};
pub use support::reports::{of_stored_select, report_parameter};
pub use support::router::explained::left_waiting;
pub use support::router::{Router, Scope};
pub use support::stored::is_the_same;
pub use support::sweep::SWEEP;
pub use support::timers::fire;

use crate::language::catalogue::Catalogue;

/// Every statement, in the order of the manual.
static STATEMENTS: &[&StatementDef] = &[
    &create_queue::DEF,
    &alter_queue::DEF,
    &drop_queue::DEF,
    &add::DEF,
    &remove::DEF,
    &create_agent::DEF,
    &alter_agent::DEF,
    &drop_agent::DEF,
    &set_presence::DEF,
    &create_supervisor::DEF,
    &alter_supervisor::DEF,
    &drop_supervisor::DEF,
    &create_service::DEF,
    &alter_service::DEF,
    &drop_service::DEF,
    &create_workstream::DEF,
    &alter_workstream::DEF,
    &drop_workstream::DEF,
    &create_lifecycle::DEF,
    &drop_lifecycle::DEF,
    &create_report::DEF,
    &drop_report::DEF,
    &alter_site::DEF,
    &alter_conversation::DEF,
    &alter_customer::DEF,
    &add_handle::DEF,
    &remove_handle::DEF,
    &merge_customer::DEF,
    &open::DEF,
    &message::DEF,
    &message_on::DEF,
    &note::DEF,
    &pick::DEF,
    &assign::DEF,
    &transfer::DEF,
    &revive::DEF,
    &release::DEF,
    &accept::DEF,
    &decline::DEF,
    &wait::DEF,
    &hold::DEF,
    &resume::DEF,
    &end::DEF,
    &close::DEF,
    &force_close::DEF,
    &monitor::DEF,
    &join::DEF,
    &consult::DEF,
    &leave::DEF,
    &disconnect::DEF,
    &reconnect::DEF,
    &attach::DEF,
    &detach::DEF,
    &escalate::DEF,
    &script::DEF,
    &route::DEF,
    &show_candidates::DEF,
    &sweep::DEF,
    &show_ongoing::DEF,
    &show_conversation::DEF,
    &show_customer::DEF,
    &show_history::DEF,
    &show_transcript::DEF,
    &show_agents::DEF,
    &show_queues::DEF,
    &show_workstreams::DEF,
    &show_supervisors::DEF,
    &show_services::DEF,
    &show_hosts::DEF,
    &show_timers::DEF,
    &show_site::DEF,
    &show_actions::DEF,
    &show_summary::DEF,
    &show_times::DEF,
    &show_day::DEF,
    &show_reports::DEF,
    &show_report::DEF,
    &show_lifecycles::DEF,
    &show_lifecycle::DEF,
    &show_journal::DEF,
    &show_head::DEF,
    &verify_journal::DEF,
    &follow::DEF,
    &select::DEF,
    &with::DEF,
    &values::DEF,
    &explain::DEF,
    &help::DEF,
    &erase_customer::DEF,
    &export_customer::DEF,
    &purge_closed::DEF,
    &backup::DEF,
];

/// Every statement, in the order of the manual.
pub fn statements() -> &'static [&'static StatementDef] {
    STATEMENTS
}

/// Returns the parsed syntax lines of all statements, in the same order; they are parsed once.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let lines: Vec<&'static str> = statements().iter().map(|definition| definition.syntax).collect();
        Catalogue::new(&lines)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_line_is_right() {
        for definition in 0..statements().len() {
            assert!(catalogue().written(definition).is_some());
        }
    }
}
