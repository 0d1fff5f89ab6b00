//! What several statements share: settings, assignment, transitions, sessions, the router, timers,
//! the manual.
//!
//! Invariant: nothing in here is a statement; a helper that only one statement needs is in that
//! statement's file.

pub mod acting;
pub mod actions;
pub mod agents;
pub mod assignment;
pub mod automatic;
pub mod cited;
pub mod columns;
pub mod customers;
pub mod explanation;
pub mod guests;
pub mod help;
pub mod lifecycles;
pub mod manual;
pub mod messages;
pub mod moves;
pub mod objects;
pub mod offers;
pub mod opening;
pub mod people;
pub mod purging;
pub mod queries;
pub mod reports;
pub mod router;
pub mod sessions;
pub mod settings;
pub mod stored;
pub mod summary;
pub mod sweep;
pub mod timers;
pub mod values;
pub mod workstreams;
